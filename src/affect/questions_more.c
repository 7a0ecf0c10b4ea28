/* Questions 7 to 12 of an affect trial: does the label stay, do scores mean what they say, for whom
 * is it wrong, how often does it abstain, what is the evidence, and is there enough of it.
 *
 * Called by questions.c. */
#include <math.h>
#include <string.h>

#include "onus/scalar.h"
#include "questions_internal.h"

static bool is(const onus_measure *m, const char *id) {
    return strcmp(m->def->id, id) == 0;
}

static bool has(const onus_measure *m, const char *key) {
    return onus_scope_text(&m->scope, key) != NULL;
}

/* Held against the main reference. (Gaps stand a second time without naming it.) */
static bool about_main(const affect_trial *t, const onus_measure *m) {
    const char *against = onus_scope_text(&m->scope, "against");
    return against != NULL && t->main != NULL && strcmp(against, t->main->name) == 0 &&
           onus_text_equal(onus_scope_text(&m->scope, "stratum"), t->main->stratum);
}

static void put_points(onus_text *out, double share) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format(text, sizeof text, "%+.1f points", 100.0 * share);
    onus_text_add(out, text);
}

static void put_size(onus_text *out, double share) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format(text, sizeof text, "%.1f points", 100.0 * share);
    onus_text_add(out, text);
}

/* ---- 7: does it stay ---- */

onus_status affect_question_7(affect_trial *t) {
    const onus_said *said = &t->a->said;
    affect_saying s = affect_new_saying();
    size_t n = 0;
    if (said->repeat == NULL && said->n_versions < 2) {
        return affect_cannot(t, 7,
                             "no item was labelled twice. It takes re-tests or frames of one item "
                             "(labels.repeat) or a second version (labels.version)");
    }
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = affect_drafted(t, i);
        if (!is(m, "affect.flip_rate") || !affect_shown(m) || has(m, "label") || has(m, "group")) {
            continue;
        }
        const char *between = onus_scope_text(&m->scope, "between");
        n++;
        affect_refer(&s, i);
        onus_text_addf(&s.text, "Between %s the label changed in ",
                       between != NULL ? between
                       : said->retest  ? "re-tests"
                                       : "frames");
        affect_put_share(&s.text, m, "pairs");
        onus_text_add(&s.text, ". ");
    }
    if (n == 0) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 7, "no item has two labels that can be compared");
    }
    return affect_give(t, 7, AFFECT_ANSWERED, &s);
}

/* ---- 8: scores ---- */

onus_status affect_question_8(affect_trial *t) {
    affect_saying s = affect_new_saying();
    size_t n = 0;
    if (t->a->said.scores == NULL) {
        return affect_cannot(t, 8, "the case gives no scores of the product (labels.scores)");
    }
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = affect_drafted(t, i);
        if (!is(m, "affect.ece") || !affect_shown(m) || has(m, "label") || has(m, "raters") ||
            !about_main(t, m)) {
            continue;
        }
        const char *binning = onus_scope_text(&m->scope, "binning");
        if (n++ == 0) {
            onus_text_add(&s.text, "Held against ");
            affect_put_reference(&s.text, t->main);
            onus_text_add(&s.text, ", a score and how often it is right differ on average by ");
        }
        affect_refer(&s, i);
        onus_text_add(&s.text, n > 1 ? ", " : "");
        affect_put_percent(&s.text, m->value);
        if (binning != NULL) {
            onus_text_addf(&s.text, " (%s)",
                           strcmp(binning, "equal_width") == 0  ? "bins of equal width"
                           : strcmp(binning, "equal_mass") == 0 ? "bins of as many items"
                                                                : binning);
        }
    }
    if (n == 0) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 8, "no item has both a score and something to hold it against");
    }
    onus_text_add(&s.text, ".");
    return affect_give(t, 8, AFFECT_ANSWERED, &s);
}

/* ---- 9: groups ---- */

/* "Female against Male (sex)" */
static void put_pair(onus_text *out, const onus_measure *m) {
    const char *by = onus_scope_text(&m->scope, "by");
    const char *group = onus_scope_text(&m->scope, "group");
    const char *reference = onus_scope_text(&m->scope, "reference");
    onus_text_addf(out, "%s against %s", group != NULL ? group : "one group",
                   reference != NULL ? reference : "the others");
    if (by != NULL) {
        onus_text_addf(out, " (%s)", by);
    }
}

/* A difference beyond what people drawn anew could show, after Benjamini and Hochberg over all
 * pairs of groups; of a few people only, it carries no verdict. */
static bool stands_out(const affect_trial *t, const onus_measure *m) {
    const size_t p = onus_draft_find(&t->drafts, "affect.gap_p_adjusted", &m->scope);
    const double error = 1.0 - t->c->protocol.level;
    return m->interval.given && !m->interval.weak && p != SIZE_MAX &&
           affect_shown(affect_drafted(t, p)) && affect_drafted(t, p)->value <= error;
}

/* Differences that may carry a verdict first, then the larger one. */
static bool is_worse(const onus_measure *m, const onus_measure *than) {
    const bool weak = !m->interval.given || m->interval.weak;
    const bool than_weak = !than->interval.given || than->interval.weak;
    return weak != than_weak ? than_weak : fabs(m->value) > fabs(than->value);
}

typedef struct gaps {
    size_t n;         /* that have a value */
    size_t n_shown;   /* of these, beyond chance */
    size_t n_weak;    /* of these, of few people */
    size_t n_refused; /* without a value, or withheld */
    size_t worst;
} gaps;

static gaps count_gaps(affect_trial *t, affect_saying *s) {
    gaps g = {.worst = SIZE_MAX};
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = affect_drafted(t, i);
        if (!is(m, "affect.gap") || !about_main(t, m) || has(m, "label")) {
            continue;
        }
        if (!affect_shown(m)) {
            g.n_refused++;
            continue;
        }
        g.n++;
        g.n_shown += stands_out(t, m);
        g.n_weak += m->interval.weak;
        affect_refer(s, i);
        if (g.worst == SIZE_MAX || is_worse(m, affect_drafted(t, g.worst))) {
            g.worst = i;
        }
    }
    return g;
}

onus_status affect_question_9(affect_trial *t) {
    affect_saying s = affect_new_saying();
    if (t->n_groupings == 0) {
        return affect_cannot(t, 9,
                             "the case names no groups of people (people: {file, id, groups})");
    }
    const gaps g = count_gaps(t, &s);
    if (g.n == 0) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 9,
                             g.n_refused > 0
                                 ? "no two groups have items of the same labels, or they "
                                   "are too few people; the gaps name each reason"
                                 : "no two groups of people could be compared");
    }
    onus_text_add(&s.text, "Held against ");
    affect_put_reference(&s.text, t->main);
    onus_text_addf(&s.text,
                   " on the same labels, %zu of %zu comparisons of groups show a difference beyond "
                   "what drawing other people could show, all comparisons looked at together",
                   g.n_shown, g.n);
    if (g.n_weak > 0) {
        onus_text_addf(&s.text, " (%zu rest on few people and carry no verdict)", g.n_weak);
    }
    onus_text_add(&s.text, ". The largest: ");
    const onus_measure *m = affect_drafted(t, g.worst);
    put_pair(&s.text, m);
    onus_text_add(&s.text, " ");
    put_points(&s.text, m->value);
    const size_t crude = onus_draft_find(&t->drafts, "affect.gap_crude", &m->scope);
    if (crude != SIZE_MAX && affect_shown(affect_drafted(t, crude))) {
        affect_refer(&s, crude);
        onus_text_add(&s.text, "; without matching on the label it would read ");
        put_points(&s.text, affect_drafted(t, crude)->value);
    }
    onus_text_add(&s.text, ". ");
    if (g.n_refused > 0) {
        onus_text_addf(&s.text,
                       "%zu further comparisons are refused or withheld, each with its reason: a "
                       "group that lacks a label, or of too few people.",
                       g.n_refused);
    }
    return affect_give(t, 9, AFFECT_ANSWERED, &s);
}

/* ---- 10: abstentions ---- */

onus_status affect_question_10(affect_trial *t) {
    affect_saying s = affect_new_saying();
    const onus_measure *all = affect_cite(t, &s, "affect.abstained", NULL, NULL, NULL);
    size_t most = SIZE_MAX;
    size_t least = SIZE_MAX;
    if (!affect_shown(all)) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 10, "the product was asked about no item");
    }
    onus_text_add(&s.text, "It gave no label for ");
    affect_put_share(&s.text, all, "items");
    onus_text_add(&s.text, ". ");
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = affect_drafted(t, i);
        if (!is(m, "affect.abstained") || !has(m, "group") || !affect_shown(m)) {
            continue;
        }
        most = most == SIZE_MAX || m->value > affect_drafted(t, most)->value ? i : most;
        least = least == SIZE_MAX || m->value < affect_drafted(t, least)->value ? i : least;
    }
    if (most != SIZE_MAX && most != least) {
        affect_refer(&s, most);
        affect_refer(&s, least);
        onus_text_addf(&s.text, "Most often for %s: ",
                       onus_scope_text(&affect_drafted(t, most)->scope, "group"));
        affect_put_share(&s.text, affect_drafted(t, most), "items");
        onus_text_addf(&s.text, ", least often for %s: ",
                       onus_scope_text(&affect_drafted(t, least)->scope, "group"));
        affect_put_share(&s.text, affect_drafted(t, least), "items");
        onus_text_add(&s.text, ".");
    } else if (t->n_groupings == 0) {
        onus_text_add(&s.text, "For whom cannot be said: the case names no groups of people.");
    }
    return affect_give(t, 10, AFFECT_ANSWERED, &s);
}

/* ---- 11: the setting ---- */

onus_status affect_question_11(affect_trial *t) {
    const onus_setting_ref *set = &t->c->affect.setting;
    affect_saying s = affect_new_saying();
    const bool told = t->a->intended.given;
    switch (set->expression) {
    case ONUS_EXPRESSION_ACTED:
        onus_text_add(&s.text, "No: the expressions were acted. ");
        break;
    case ONUS_EXPRESSION_SPONTANEOUS:
        onus_text_add(&s.text, "The expressions were spontaneous, says the case. ");
        break;
    default:
        onus_text_add(&s.text, told ? "No: people were told what to show, so the expressions were "
                                      "acted. "
                                    : "Whether they were acted or spontaneous is not said "
                                      "(setting.expression). ");
        break;
    }
    if (set->place != NULL) {
        onus_text_addf(&s.text, "Recorded in: %s. ", set->place);
    } else {
        onus_text_add(&s.text, "Where it was recorded is not said (setting.place). ");
    }
    onus_text_add(&s.text, set->choice == ONUS_CHOICE_FORCED
                               ? "Labels were chosen from a list (forced choice). "
                           : set->choice == ONUS_CHOICE_FREE
                               ? "Labels were free to choose. "
                               : "Whether labels had to be chosen from a list is not said "
                                 "(setting.choice). ");
    const onus_measure *people = affect_cite(t, &s, "affect.people", NULL, NULL, NULL);
    if (affect_shown(people)) {
        onus_text_add(&s.text, "It shows ");
        affect_put_count(&s.text, people->value);
        onus_text_add(&s.text, " people; whether they are like those whom the product will be used "
                               "on, no table can say.");
    }
    const bool said = set->expression != ONUS_EXPRESSION_UNSAID || told;
    const bool acted = set->expression == ONUS_EXPRESSION_ACTED ||
                       (told && set->expression == ONUS_EXPRESSION_UNSAID);
    return affect_give(t, 11,
                       acted  ? "contradicted"
                       : said ? AFFECT_ANSWERED
                              : AFFECT_NOT_TESTABLE,
                       &s);
}

/* ---- 12: how much evidence ---- */

onus_status affect_question_12(affect_trial *t) {
    affect_saying s = affect_new_saying();
    size_t n_gaps = 0;
    double least = INFINITY;
    double most = 0.0;
    const onus_measure *people = affect_cite(t, &s, "affect.people", NULL, NULL, NULL);
    const onus_measure *items = affect_cite(t, &s, "affect.items", NULL, NULL, NULL);
    affect_put_count(&s.text, affect_shown(items) ? items->value : 0.0);
    onus_text_add(&s.text, " items show ");
    if (affect_shown(people)) {
        affect_put_count(&s.text, people->value);
        onus_text_add(&s.text, " people. ");
    } else {
        onus_text_add(&s.text, t->knows_people ? "so few people that their number is withheld. "
                                               : "nobody knows how many people (items.person). ");
    }
    const onus_measure *effect =
        t->main == NULL ? NULL : affect_cite(t, &s, "affect.design_effect", t->main, NULL, NULL);
    if (affect_shown(effect)) {
        char text[ONUS_DOUBLE_TEXT_MAX];
        (void)onus_format(text, sizeof text, "%.1f", effect->value);
        onus_text_addf(&s.text, "%s items are worth one independent one. ", text);
    }
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = affect_drafted(t, i);
        if (is(m, "affect.detectable_gap") && affect_shown(m) && about_main(t, m) &&
            has(m, "against")) {
            n_gaps++;
            affect_refer(&s, i);
            least = fmin(least, m->value);
            most = fmax(most, m->value);
        }
    }
    if (n_gaps > 0) {
        onus_text_add(&s.text, "The smallest difference between groups that could have been seen "
                               "(4 times of 5) is ");
        put_size(&s.text, least);
        if (n_gaps > 1) {
            onus_text_add(&s.text, " for the best measured of ");
            affect_put_count(&s.text, (double)n_gaps);
            onus_text_add(&s.text, " comparisons, ");
            put_size(&s.text, most);
            onus_text_add(&s.text, " for the worst");
        }
        onus_text_add(&s.text, ": a smaller harm would not have been seen. ");
    } else {
        onus_text_add(&s.text, "How large a difference between groups could have been seen cannot "
                               "be said: no two groups could be compared. ");
    }
    return affect_give(t, 12, t->knows_people ? AFFECT_ANSWERED : AFFECT_NOT_TESTABLE, &s);
}
