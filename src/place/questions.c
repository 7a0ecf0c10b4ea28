/* The board's fifteen questions of a place trial, each answered from the measures or graded "not
 * testable" with what is missing.
 *
 * Burden answers 6, 7, 8 and 15, 9 where records say who made them, and 14 once the claims are
 * judged (answer.c); accuracy answers 1 to 5 and 11 (accuracy_questions.c), simulations of feedback
 * 10 and the rest of 9 (feedback/answers.c). The others are listed all the same, with the evidence
 * that the case would need, so that nobody reads their absence as a clean bill.
 *
 * Answers are one or two plain sentences with n of N. Rules of thumb come as context with the law
 * they belong to, never as a verdict. Called by trial.c. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/text.h"
#include "place_internal.h"

#define NOT_TESTABLE "not testable"
#define ANSWERED "answered"

static const char *const ASKS[] = {
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): every text names its number
    [1] = "Of what it flagged, how much came true (same type, place, shift), and how much under "
          "another fair rule?",
    [2] = "Of what happened, how much did it flag, for how much area and time?",
    [3] = "Better than last year's count, the analysts' map, chance?",
    [4] = "How sure, and could this sample show a difference at all?",
    [5] = "Does it hold in each district, type, shift and quarter?",
    [6] = "Who lives in the flagged places, how heavy and how constant is the load?",
    [7] = "Do recorded crimes explain the difference in load; where load exceeds crime, for whom?",
    [8] = "Does it miss crimes against some groups more often?",
    [9] = "Which records are police-made, and what changes without them or if reporting differs?",
    [10] = "Does it feed on its own patrols?",
    [11] = "Was it used (visits, minutes)?",
    [12] = "Can any effect on crime be claimed from this use?",
    [13] =
        "What followed for people (stops, arrests, force), per head with the right denominators?",
    [14] = "What did the vendor promise, in what words, and does that number come out of the same "
           "data?",
    [15] = "Can somebody else repeat it?",
};

const char *place_ask(int n) {
    return ASKS[n];
}

typedef struct answer {
    onus_text text;
    onus_array measures; /* size_t */
    onus_status status;
} answer;

static void refer(answer *a, size_t index) {
    if (a->status == ONUS_OK) {
        a->status = onus_array_push(&a->measures, &index);
    }
}

static void add_count(answer *a, double value) {
    char text[32];
    (void)onus_format_count((int64_t)llround(value), text);
    onus_text_add(&a->text, text);
}

/* Hands the answer to the result; takes its storage. */
static onus_status give(place_trial *t, int n, const char *grade, answer *a) {
    onus_status status = a->status;
    char *text = onus_text_take(&a->text);
    if (status == ONUS_OK) {
        status = onus_result_question(t->result, n, ASKS[n], grade, text, a->measures.items,
                                      a->measures.n_items);
    } else {
        onus_free(text);
    }
    onus_array_clear(&a->measures);
    return status;
}

static answer new_answer(void) {
    return (answer){.measures = ONUS_ARRAY_OF(size_t)};
}

static onus_status cannot(place_trial *t, int n, const char *text) {
    answer a = new_answer();
    onus_text_add(&a.text, text);
    return give(t, n, NOT_TESTABLE, &a);
}

static onus_status cannot_for(place_trial *t, int n, const char *missing) {
    answer a = new_answer();
    onus_text_addf(&a.text, "Not testable: %s.", missing);
    return give(t, n, NOT_TESTABLE, &a);
}

/* ---- finding measures ---- */

static bool shown(const onus_measure *m) {
    return m->has_value && !m->withheld;
}

static bool has_text(const onus_measure *m, const char *key, const char *text) {
    const char *value = onus_scope_text(&m->scope, key);
    return text == NULL ? value == NULL : value != NULL && strcmp(value, text) == 0;
}

/* First shown measure of the group with this id and (key, text), under convention onus, measured
 * against people; SIZE_MAX if there is none. */
static size_t find(const place_trial *t, const char *id, const place_group *g, const char *key,
                   const char *text) {
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        if (strcmp(m->def->id, id) == 0 && shown(m) && has_text(m, "universe", g->universe) &&
            has_text(m, "group", g->name) && has_text(m, "benchmark", NULL) &&
            has_text(m, "by", NULL) &&
            (has_text(m, "convention", NULL) || has_text(m, "convention", "onus")) &&
            (key == NULL || has_text(m, key, text))) {
            return d;
        }
    }
    return SIZE_MAX;
}

/* Ratio of the group to everyone else; NULL if there is none to show. */
static const place_load *ratio_to_rest(const place_trial *t, const place_group *g,
                                       place_definition definition) {
    const place_load *ratios = t->loads.items;
    for (size_t k = t->n_exposures; k < t->loads.n_items; k++) {
        if (ratios[k].group == g && ratios[k].definition == definition &&
            ratios[k].yardstick->name == NULL && strcmp(ratios[k].reference->name, "rest") == 0) {
            return shown(place_drafted(t, ratios[k].index)) ? &ratios[k] : NULL;
        }
    }
    return NULL;
}

/* Of the groups of a universe, the one whose exposure exceeds everyone else's the most. */
static const place_load *heaviest(const place_trial *t, size_t universe) {
    const place_load *best = NULL;
    for (size_t k = 0; k < t->n_groups; k++) {
        if (t->groups[k].universe_index != universe) {
            continue;
        }
        const place_load *load = ratio_to_rest(t, &t->groups[k], PLACE_EXPOSURE);
        best =
            load != NULL && (best == NULL || load->value.value > best->value.value) ? load : best;
    }
    return best;
}

/* ---- 6: who, how heavy, how constant ---- */

static void tell_set(place_trial *t, const place_group *g, answer *a) {
    const size_t most = find(t, "burden.share", g, "set", "most");
    const size_t all = find(t, "burden.share", g, "set", "all");
    if (most == SIZE_MAX || all == SIZE_MAX) {
        return;
    }
    const onus_measure *m = place_drafted(t, most);
    onus_text_addf(&a->text, "In the most flagged %.4g %% of areas %.1f %% of %s are %s (",
                   100.0 * t->c->protocol.top_frac, 100.0 * m->value, g->universe, g->name);
    add_count(a, m->num);
    onus_text_add(&a->text, " of ");
    add_count(a, m->den);
    onus_text_addf(&a->text, "), in all areas %.1f %%. ", 100.0 * place_drafted(t, all)->value);
    refer(a, most);
    refer(a, all);
}

static void tell_ratio(place_trial *t, const place_load *load, answer *a) {
    const place_load *other = ratio_to_rest(t, load->group, PLACE_ATTRIBUTED);
    const place_source widest = burden_widest(t, load);
    onus_text_addf(&a->text,
                   "Of the groups given among %s the load is heaviest for %s: %.2f times the flags "
                   "of everyone else (%.4g against %.4g per head",
                   load->group->universe, load->group->name, load->value.value, load->num,
                   load->den);
    if (widest != PLACE_N_SOURCES) {
        const onus_limits limits =
            onus_ratio_interval(&load->by_source[widest], t->c->protocol.level);
        onus_text_addf(&a->text, "; widest interval %.2f to %.2f, %s", limits.low, limits.high,
                       place_source_text(widest));
    }
    onus_text_add(&a->text, ")");
    for (size_t s = 0; s < PLACE_N_SOURCES; s++) {
        refer(a, load->index + s);
    }
    if (other != NULL) {
        onus_text_addf(&a->text, ", or %.2f times if flags are shared out among residents",
                       other->value.value);
        refer(a, other->index);
    }
    onus_text_add(&a->text, ". ");
}

/* The four-fifths rule, because it will be asked for: with its legal scope, and not as a verdict.
 */
static void tell_four_fifths(place_trial *t, size_t universe, answer *a) {
    const place_load *loads = t->loads.items;
    double low = INFINITY;
    double high = -INFINITY;
    size_t n = 0;
    for (size_t k = 0; k < t->n_exposures; k++) {
        if (loads[k].group->universe_index == universe && loads[k].yardstick->name == NULL &&
            loads[k].definition == PLACE_EXPOSURE && shown(place_drafted(t, loads[k].index))) {
            low = fmin(low, loads[k].value.value);
            high = fmax(high, loads[k].value.value);
            n++;
        }
    }
    if (n >= 2 && high > 0.0) {
        onus_text_addf(
            &a->text,
            "The least exposed group given carries %.2f of the most exposed one's; the four-fifths "
            "rule sometimes put beside such a figure is a guideline of the US EEOC for selection "
            "in employment (29 CFR 1607.4) and decides nothing here. ",
            low / high);
    }
}

static void tell_runs(place_trial *t, const place_group *g, answer *a) {
    const size_t longest = find(t, "burden.days_in_a_row", g, "statistic", "longest");
    if (longest == SIZE_MAX) {
        onus_text_add(&a->text,
                      "How constant the load is cannot be said: the flags have no times.");
        return;
    }
    onus_text_addf(&a->text,
                   "Its longest run of flagged days was %.1f on average, in a period of %zu days.",
                   place_drafted(t, longest)->value, t->flags.n_days);
    refer(a, longest);
}

static onus_status question_6(place_trial *t) {
    answer a = new_answer();
    const place_load *load = t->n_groups > 0 ? heaviest(t, t->groups[0].universe_index) : NULL;
    if (load == NULL) {
        return cannot(
            t, 6,
            t->n_groups == 0
                ? "Not testable: the case does not say who lives in the areas (people)."
                : "Not testable: no group can be compared with everyone else in these areas.");
    }
    tell_set(t, load->group, &a);
    tell_ratio(t, load, &a);
    tell_four_fifths(t, load->group->universe_index, &a);
    tell_runs(t, load->group, &a);
    return give(t, 6, ANSWERED, &a);
}

/* ---- 7, 8, 9: beside recorded outcomes ---- */

/* Shown measure of this id with the greatest (sign 1) or least (sign -1) value; SIZE_MAX if none.
 */
static size_t extreme(const place_trial *t, const char *id, const char *key, const char *text,
                      double sign) {
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < t->n_groups; k++) {
        const size_t at = find(t, id, &t->groups[k], key, text);
        if (at != SIZE_MAX && (best == SIZE_MAX || sign * place_drafted(t, at)->value >
                                                       sign * place_drafted(t, best)->value)) {
            best = at;
        }
    }
    return best;
}

/* "supported": load beyond outcomes is shown; the interval decides, a weak one cannot. */
static const char *grade_above_0(const onus_measure *m) {
    if (!m->interval.given || m->interval.weak) {
        return "not shown";
    }
    return m->interval.low > 0.0 || m->interval.high < 0.0 ? ANSWERED : "not shown";
}

static void tell_interval(const onus_measure *m, double unit, answer *a) {
    if (m->interval.given) {
        onus_text_addf(&a->text, " (interval %+.2f to %+.2f%s)", unit * m->interval.low,
                       unit * m->interval.high, m->interval.weak ? ", weak" : "");
    } else {
        onus_text_add(&a->text, " (no interval)");
    }
}

static onus_status question_7(place_trial *t) {
    const size_t at = extreme(t, "burden.excess", "records", "all", 1.0);
    if (at == SIZE_MAX) {
        return cannot(t, 7,
                      "Not testable: the case gives no recorded outcomes (outcomes) by place, so "
                      "nothing can be said about how much of the load they explain.");
    }
    const onus_measure *m = place_drafted(t, at);
    answer a = new_answer();
    onus_text_addf(
        &a.text,
        "If the flags had followed the recorded outcomes (%s of %s lie in the areas), the "
        "group %s would live with %.4g flags a head; it lives with %.4g, %+.1f %%",
        place_count(t->outcomes.total - t->outcomes.outside).text,
        place_count(t->outcomes.total).text, onus_scope_text(&m->scope, "group"), m->den,
        m->den + m->num, 100.0 * m->value);
    tell_interval(m, 100.0, &a);
    onus_text_add(&a.text,
                  ". No other group given exceeds its outcomes by more; recorded outcomes are not "
                  "all crimes, and say who reports and who is watched.");
    for (size_t k = 0; k < t->n_groups; k++) {
        const size_t each = find(t, "burden.excess", &t->groups[k], "records", "all");
        if (each != SIZE_MAX) {
            refer(&a, each);
        }
    }
    return give(t, 7, grade_above_0(m), &a);
}

static onus_status question_8(place_trial *t) {
    const size_t at = extreme(t, "burden.capture_gap", NULL, NULL, -1.0);
    if (at == SIZE_MAX) {
        return cannot(
            t, 8,
            "Not testable: it takes recorded outcomes (outcomes) by place, and flagged ground to "
            "hold them against.");
    }
    const onus_measure *m = place_drafted(t, at);
    answer a = new_answer();
    onus_text_addf(
        &a.text,
        "%s of %s recorded outcomes%s in the areas lie on flagged ground%s. The widest gap is "
        "for %s: %+.2f points against everyone else",
        place_count(t->outcomes.n_captured).text, place_count(t->outcomes.n_asked_for).text,
        t->outcomes.n_types > 0 ? " of the predicted types" : "",
        t->outcomes.in_time ? " at the flagged time"
                            : " (times are not given for both, so at any time)",
        onus_scope_text(&m->scope, "group"), 100.0 * m->value);
    tell_interval(m, 100.0, &a);
    onus_text_add(&a.text,
                  t->outcomes.n_types > 0
                      ? ". Outcomes are given to groups by who lives in the area; the victims are "
                        "not known."
                      : ". Outcomes are given to groups by who lives in the area; the victims are "
                        "not known, and neither is the type of crime a flag was for.");
    for (size_t k = 0; k < t->n_groups; k++) {
        const size_t each = find(t, "burden.capture_gap", &t->groups[k], NULL, NULL);
        if (each != SIZE_MAX) {
            refer(&a, each);
        }
    }
    return give(t, 8, grade_above_0(m), &a);
}

/* Which records police activity itself makes, and the load without them. false: nothing was said.
 */
static bool tell_officers(place_trial *t, answer *a, const char **grade) {
    const size_t without = extreme(t, "burden.excess", "records", "without_officer", 1.0);
    if (!t->outcomes.given || without == SIZE_MAX) {
        return false;
    }
    const onus_measure *m = place_drafted(t, without);
    double citizen = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        citizen += t->outcomes.by_area_citizen[i];
        all += t->outcomes.by_area[i];
    }
    onus_text_addf(
        &a->text,
        "%s of %s recorded outcomes in the areas are made by police activity. Without them "
        "the load of %s exceeds its outcomes by %+.1f %%",
        place_count(all - citizen).text, place_count(all).text, onus_scope_text(&m->scope, "group"),
        100.0 * m->value);
    tell_interval(m, 100.0, a);
    onus_text_add(&a->text, ". ");
    for (size_t k = 0; k < t->n_groups; k++) {
        const size_t with = find(t, "burden.excess", &t->groups[k], "records", "all");
        const size_t less = find(t, "burden.excess", &t->groups[k], "records", "without_officer");
        if (with != SIZE_MAX && less != SIZE_MAX) {
            refer(a, with);
            refer(a, less);
        }
    }
    *grade = grade_above_0(m);
    return true;
}

/* What the excess of a group would be if reporting differed from area to area: of the group whose
 * load exceeds its outcomes the most. false: nothing says how it does. */
static bool tell_reporting(place_trial *t, answer *a) {
    const place_draft *drafts = t->drafts.items;
    const char *records = t->outcomes.by_area_citizen != NULL ? "without_officer" : "all";
    const size_t most = extreme(t, "burden.excess", "records", records, 1.0);
    size_t low = SIZE_MAX;
    size_t high = SIZE_MAX;
    size_t column = SIZE_MAX;
    if (!t->outcomes.given || most == SIZE_MAX) {
        return false;
    }
    const char *group = onus_scope_text(&place_drafted(t, most)->scope, "group");
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        if (strcmp(m->def->id, "burden.excess") != 0 || !shown(m) || !has_text(m, "group", group)) {
            continue;
        }
        column = column == SIZE_MAX && has_text(m, "reporting", "column") ? d : column;
        low = low == SIZE_MAX && has_text(m, "bound", "low") ? d : low;
        high = high == SIZE_MAX && has_text(m, "bound", "high") ? d : high;
    }
    if (column != SIZE_MAX) {
        const onus_measure *m = place_drafted(t, column);
        onus_text_addf(&a->text,
                       "By the reporting rates of the areas the load of %s would exceed its "
                       "outcomes by %+.1f %%",
                       group, 100.0 * m->value);
        tell_interval(m, 100.0, a);
        onus_text_add(&a->text, ". ");
        refer(a, column);
    }
    if (low != SIZE_MAX && high != SIZE_MAX) {
        onus_text_addf(
            &a->text,
            "If the public reported anywhere between %.3g %% and %.3g %% of what happened, the "
            "load of %s would exceed its outcomes by between %+.1f %% and %+.1f %%. ",
            100.0 * t->c->outcomes.reporting_low_frac, 100.0 * t->c->outcomes.reporting_high_frac,
            group, 100.0 * place_drafted(t, low)->value, 100.0 * place_drafted(t, high)->value);
        refer(a, low);
        refer(a, high);
    }
    return column != SIZE_MAX || low != SIZE_MAX;
}

/* Three parts, each of which the case may lack: the load and the accuracy without the records that
 * police activity makes, and differing reporting. */
static onus_status question_9(place_trial *t) {
    const char *grade = ANSWERED;
    answer a = new_answer();
    bool differs = false;
    const bool load = t->flags.missing == NULL && tell_officers(t, &a, &grade);
    const bool accuracy = acc_tell_citizen(t, &a.text, &a.measures, &a.status);
    if (!load && !accuracy) {
        onus_text_add(&a.text, "Which records police activity itself makes the case does not say "
                               "(outcomes.source), or nothing can be held against them. ");
    }
    if (a.status == ONUS_OK) {
        a.status = place_feedback_reporting(t, &a.text, &a.measures, &differs);
    }
    differs = (t->flags.missing == NULL && tell_reporting(t, &a)) || differs;
    if (a.status == ONUS_OK && !load && !accuracy && !differs) { /* no figure: what is missing */
        onus_text_clear(&a.text);
        onus_array_clear(&a.measures);
        return t->flags.missing != NULL
                   ? cannot_for(t, 9, t->flags.missing)
                   : cannot(t, 9,
                            !t->outcomes.given ? "Not testable: it takes recorded outcomes "
                                                 "(outcomes) that say which of them police "
                                                 "activity makes (outcomes.source), and "
                                                 "reporting rates."
                                               : "Not testable: the outcomes do not say which "
                                                 "of them police activity makes "
                                                 "(outcomes.source), and no reporting rates "
                                                 "are given.");
    }
    if (!differs && load) {
        onus_text_add(&a.text, "What changes if reporting differs cannot be tested: no reporting "
                               "rates are given.");
    }
    return give(t, 9, grade, &a);
}

/* ---- 10: does it feed itself? ---- */

static onus_status question_10(place_trial *t) {
    const char *grade = NOT_TESTABLE;
    answer a = new_answer();
    a.status = place_feedback_answer(t, &a.text, &a.measures, &grade);
    return give(t, 10, grade, &a);
}

/* ---- 15: repeatable? ---- */

static onus_status question_15(place_trial *t) {
    const onus_input *inputs = t->evidence->inputs.items;
    size_t n_digests = 0;
    for (size_t k = 0; k < t->evidence->inputs.n_items; k++) {
        n_digests += inputs[k].sha256[0] != '\0' ? 1 : 0;
    }
    const size_t n_inputs = t->evidence->inputs.n_items;
    answer a = new_answer();
    onus_text_addf(
        &a.text,
        "Whoever has the same files can: the case and %zu of %zu inputs are named with their "
        "SHA-256, every row left out is counted, and the random numbers follow from seed %llu "
        "alone, so the same program gives the same bytes. ",
        n_digests, n_inputs, (unsigned long long)t->c->protocol.seed);
    onus_text_add(&a.text,
                  n_digests == n_inputs
                      ? "Whether the vendor's own system can be run again is not in this "
                        "evidence."
                      : "An input without a digest is a live connection and may have changed.");
    return give(t, 15, ANSWERED, &a);
}

/* ---- the others: what is missing, by name ---- */

onus_status place_questions(place_trial *t) {
    onus_status status = ONUS_OK;
    for (int n = 1; n <= 5; n++) {
        ONUS_TRY(acc_question(t, n));
    }
    if (t->flags.missing != NULL) {
        for (int n = 6; n <= 8; n++) {
            ONUS_TRY(cannot_for(t, n, t->flags.missing));
        }
    } else {
        ONUS_TRY(question_6(t));
        ONUS_TRY(question_7(t));
        ONUS_TRY(question_8(t));
    }
    ONUS_TRY(question_9(t));
    ONUS_TRY(question_10(t));
    ONUS_TRY(acc_question(t, 11));
    ONUS_TRY(
        cannot(t, 12,
               "Not testable: an effect on crime takes places or periods where the flags were "
               "deliberately not acted on (a trial, or a rule that switches it off), with outcomes "
               "before and after; the case gives none."));
    ONUS_TRY(
        cannot(t, 13,
               "Not testable: it takes tables of stops, arrests and uses of force by place, time "
               "and group, with the people present as denominators; case files have no key for "
               "them yet."));
    ONUS_TRY(question_15(t));
out:
    return status;
}
