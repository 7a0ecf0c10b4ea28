/* The board's questions that accuracy answers: 1 to 5, 9 in part, and 11.
 *
 * Each answer is read off the measures (n of N, chance and plain counting beside it), at the first
 * level of the case; the others stand in the tables. Question 3 is graded by the interval against
 * the strongest plain method: a product that beats chance and loses to counting is no good. What
 * the case lacks is named. Called by questions.c. Never says where anything would have been
 * flagged. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/text.h"

#define NOT_TESTABLE "not testable"
#define ANSWERED "answered"

typedef struct reply {
    onus_text text;
    onus_array measures; /* size_t */
    onus_status status;
} reply;

static reply begin(void) {
    return (reply){.measures = ONUS_ARRAY_OF(size_t)};
}

static void refer(reply *r, size_t index) {
    if (r->status == ONUS_OK && index != SIZE_MAX) {
        r->status = onus_array_push(&r->measures, &index);
    }
}

static onus_status give(place_trial *t, int n, const char *grade, reply *r) {
    onus_status status = r->status;
    char *text = onus_text_take(&r->text);
    if (status == ONUS_OK) {
        status = onus_result_question(t->result, n, place_ask(n), grade, text, r->measures.items,
                                      r->measures.n_items);
    } else {
        onus_free(text);
    }
    onus_array_clear(&r->measures);
    return status;
}

static onus_status cannot(place_trial *t, int n, const char *why) {
    reply r = begin();
    onus_text_addf(&r.text, "Not testable: %s.", why);
    return give(t, n, NOT_TESTABLE, &r);
}

/* ---- finding measures ---- */

/* Does the scope of m hold exactly the items of the wanted one? */
static bool same_scope(const onus_scope *a, const onus_scope *b) {
    if (a->n_items != b->n_items) {
        return false;
    }
    for (size_t i = 0; i < a->n_items; i++) {
        const char *x = a->items[i].text;
        const char *y = b->items[i].text;
        if (strcmp(a->items[i].key, b->items[i].key) != 0 || (x == NULL) != (y == NULL) ||
            (x != NULL ? strcmp(x, y) != 0 : a->items[i].number != b->items[i].number)) {
            return false;
        }
    }
    return true;
}

static size_t find(const place_trial *t, const onus_measure *wanted) {
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        if (m->def == wanted->def && same_scope(&m->scope, &wanted->scope)) {
            return d;
        }
    }
    return SIZE_MAX;
}

/* The measure of a slice at the first level, with up to one key more. */
static size_t at_first(const place_trial *t, const acc_slice *slice, const char *id,
                       const char *key, const char *text) {
    onus_measure wanted = place_draft_of(id);
    acc_scope(t->accuracy, &wanted, slice, 0);
    if (key != NULL) {
        onus_scope_set_text(&wanted.scope, key, text);
    }
    return find(t, &wanted);
}

static const onus_measure *shown(const place_trial *t, size_t index) {
    const onus_measure *m = index == SIZE_MAX ? NULL : place_drafted(t, index);
    return m != NULL && m->has_value && !m->withheld ? m : NULL;
}

static void add_number(reply *r, double value) {
    char text[32];
    if (value == floor(value) && fabs(value) < 1e15) {
        (void)onus_format_count((int64_t)value, text);
        onus_text_add(&r->text, text);
    } else {
        onus_text_addf(&r->text, "%.1f", value);
    }
}

static void add_of(reply *r, const onus_measure *m) {
    add_number(r, m->num);
    onus_text_add(&r->text, " of ");
    add_number(r, m->den);
}

static void add_interval(reply *r, const onus_measure *m, double unit, const char *suffix) {
    if (m->interval.given && isfinite(m->interval.low) && isfinite(m->interval.high)) {
        onus_text_addf(&r->text, " (interval %.3g%s to %.3g%s%s)", unit * m->interval.low, suffix,
                       unit * m->interval.high, suffix, m->interval.weak ? ", weak" : "");
    } else {
        onus_text_add(&r->text, " (no interval)");
    }
}

static void add_level(const place_trial *t, reply *r) {
    const acc_level *level = &t->accuracy->levels[0];
    if (level->kind == ACC_BUDGET) {
        onus_text_addf(&r->text, "At %.3g %% of the area: ", 100.0 * level->number);
    } else if (level->kind == ACC_TOP) {
        onus_text_addf(&r->text, "At the %.0f highest cells of each window: ", level->number);
    }
}

/* The method of comparison that captured the most; SIZE_MAX: none could be fitted. */
static size_t strongest(const accuracy *a) {
    size_t best = SIZE_MAX;
    double most = -1.0;
    for (size_t b = 0; b < a->n_baselines; b++) {
        const double captured =
            acc_total(a, &a->slices[0], acc_at_baseline(a, 0, b, ONUS_TIE_ASKED));
        if (a->no_baseline[b] == NULL && captured > most) {
            most = captured;
            best = b;
        }
    }
    return best;
}

/* ---- 1 and 2 ---- */

static onus_status question_1(place_trial *t) {
    const accuracy *a = t->accuracy;
    const acc_slice *all = &a->slices[0];
    const size_t rate_at = at_first(t, all, "place.hit_rate", NULL, NULL);
    const size_t lift_at = at_first(t, all, "place.hit_lift", NULL, NULL);
    const onus_measure *rate = shown(t, rate_at);
    const onus_measure *lift = shown(t, lift_at);
    reply r = begin();
    if (rate == NULL) {
        onus_text_clear(&r.text);
        return cannot(t, 1, "nothing was flagged");
    }
    add_level(t, &r);
    onus_text_add(&r.text,
                  a->by_cells ? "of the flagged cells and windows, " : "Of the predictions, ");
    add_of(&r, rate);
    onus_text_addf(&r.text, " (%.3g %%) had a recorded outcome%s in their place and time",
                   100.0 * rate->value, a->n_slices > 1 ? " of their type" : "");
    if (lift != NULL) {
        onus_text_add(&r.text, "; as many, laid anywhere, would have come true ");
        onus_text_addf(&r.text, "%s times, so they came true %.3g times as often as by chance",
                       place_count(lift->den).text, lift->value);
        add_interval(&r, lift, 1.0, "");
    }
    onus_text_add(&r.text, ".");
    refer(&r, rate_at);
    refer(&r, lift_at);
    onus_measure other = place_draft_of("place.hit_rate");
    onus_scope_set_text(&other.scope, "rule", "any_type");
    const size_t other_at = find(t, &other);
    const onus_measure *any = shown(t, other_at);
    if (any != NULL) {
        onus_text_add(&r.text, " Counting outcomes of any type: ");
        add_of(&r, any);
        onus_text_addf(&r.text, " (%.3g %%).", 100.0 * any->value);
        refer(&r, other_at);
    }
    return give(t, 1, ANSWERED, &r);
}

static onus_status question_2(place_trial *t) {
    const accuracy *a = t->accuracy;
    const acc_slice *all = &a->slices[0];
    const size_t rate_at = at_first(t, all, "place.capture_rate", NULL, NULL);
    const size_t share_at = at_first(t, all, "place.area_share", NULL, NULL);
    const onus_measure *rate = shown(t, rate_at);
    const onus_measure *share = shown(t, share_at);
    reply r = begin();
    if (rate == NULL || share == NULL) {
        return cannot(t, 2, "no outcomes of predicted types were recorded in the windows");
    }
    add_level(t, &r);
    add_of(&r, rate);
    onus_text_addf(&r.text, " recorded outcomes (%.3g %%) lay in flagged place and time",
                   100.0 * rate->value);
    add_interval(&r, rate, 100.0, " %");
    onus_text_addf(&r.text, ", on %.3g %% of %s.", 100.0 * share->value,
                   a->levels[0].kind == ACC_TOP ? "all cells and windows" : "all area and time");
    if (a->account.n_outside > 0.0) {
        onus_text_add(&r.text, " Not counted: ");
        add_number(&r, a->account.n_outside);
        onus_text_add(&r.text, " records outside the region.");
    }
    refer(&r, rate_at);
    refer(&r, share_at);
    return give(t, 2, ANSWERED, &r);
}

/* ---- 3 and 4 ---- */

static const char *grade_of(const onus_measure *ratio) {
    if (!ratio->interval.given || ratio->interval.weak) {
        return "not shown";
    }
    return ratio->interval.low > 1.0    ? "supported"
           : ratio->interval.high < 1.0 ? "contradicted"
                                        : "not shown";
}

/* What patrols may have done to the records, and how much of it the comparison stands. */
static void tell_bounds(place_trial *t, reply *r, const char *baseline) {
    const onus_measure_def *bound_def = place_measure("place.capture_ratio_bound");
    onus_measure flip = place_draft_of("place.flip_delta");
    acc_scope(t->accuracy, &flip, &t->accuracy->slices[0], 0);
    onus_scope_set_text(&flip.scope, "baseline", baseline);
    onus_scope_set_number(&flip.scope, "than", 1.0);
    const size_t flip_at = find(t, &flip);
    for (size_t k = 0; k < t->c->patrols.delta.n && flip_at != SIZE_MAX; k++) {
        const double delta = t->c->patrols.delta.items[k];
        size_t at[2] = {SIZE_MAX, SIZE_MAX};
        for (int high = 0; high < 2; high++) {
            onus_measure wanted = {.def = bound_def};
            acc_scope(t->accuracy, &wanted, &t->accuracy->slices[0], 0);
            onus_scope_set_text(&wanted.scope, "baseline", baseline);
            onus_scope_set_text(&wanted.scope, "bound", high != 0 ? "high" : "low");
            onus_scope_set_number(&wanted.scope, "delta", delta);
            at[high] = find(t, &wanted);
            refer(r, at[high]);
        }
        const onus_measure *low = shown(t, at[0]);
        const onus_measure *high = shown(t, at[1]);
        if (low != NULL && high != NULL) {
            onus_text_addf(&r->text,
                           " If patrols had changed by %.3g %% what was recorded where they were: "
                           "%.3g to %.3g times.",
                           100.0 * delta, low->value, high->value);
        }
    }
    if (flip_at != SIZE_MAX) {
        const onus_measure *m = place_drafted(t, flip_at);
        if (m->has_value) {
            onus_text_addf(&r->text, " At a change of %.3g %% the verdict would turn.",
                           100.0 * m->value);
        } else {
            onus_text_addf(&r->text, " Whether it would turn: %s.", m->reason);
        }
        refer(r, flip_at);
    }
}

static onus_status question_3(place_trial *t) {
    const accuracy *a = t->accuracy;
    const size_t best = strongest(a);
    reply r = begin();
    if (best == SIZE_MAX) {
        return cannot(t, 3,
                      "the case names no method to compare with (protocol.baselines), or none "
                      "could be fitted");
    }
    const size_t best_at = at_first(t, &a->slices[0], "place.capture_ratio", "baseline",
                                    onus_baseline_name(a->baselines[best]));
    const onus_measure *ratio = shown(t, best_at);
    if (ratio == NULL) {
        return cannot(t, 3, "no method of comparison captured anything");
    }
    add_level(t, &r);
    onus_text_addf(&r.text, "The strongest plain method, %s, captured ",
                   onus_method_words(onus_baseline_name(a->baselines[best])));
    add_number(&r, ratio->den);
    onus_text_add(&r.text, " on the same area in the same windows, the product ");
    add_number(&r, ratio->num);
    onus_text_addf(&r.text, ": %.3g times as many", ratio->value);
    add_interval(&r, ratio, 1.0, "");
    onus_text_add(&r.text, ".");
    refer(&r, best_at);
    size_t n_others = 0;
    for (size_t b = 0; b < a->n_baselines; b++) {
        const size_t at = at_first(t, &a->slices[0], "place.capture_ratio", "baseline",
                                   onus_baseline_name(a->baselines[b]));
        const onus_measure *m = shown(t, at);
        if (b != best && m != NULL) {
            onus_text_addf(&r.text, "%s%s: %.3g times",
                           n_others++ == 0 ? " Against the others: " : "; ",
                           onus_method_words(onus_baseline_name(a->baselines[b])), m->value);
            refer(&r, at);
        }
    }
    onus_text_add(&r.text, n_others > 0 ? "." : "");
    tell_bounds(t, &r, onus_baseline_name(a->baselines[best]));
    onus_text_add(&r.text, " No analysts' map is given to compare with.");
    if (a->leak != NULL) {
        onus_text_addf(&r.text, " None of this can be trusted: %s.", a->leak);
    }
    return give(t, 3, grade_of(ratio), &r);
}

static onus_status question_4(place_trial *t) {
    const accuracy *a = t->accuracy;
    const size_t best = strongest(a);
    const char *name = best == SIZE_MAX ? "" : onus_baseline_name(a->baselines[best]);
    const size_t gain_at = best == SIZE_MAX
                               ? SIZE_MAX
                               : at_first(t, &a->slices[0], "place.capture_gain", "baseline", name);
    const size_t least_at =
        best == SIZE_MAX ? SIZE_MAX
                         : at_first(t, &a->slices[0], "place.detectable_gain", "baseline", name);
    const onus_measure *gain = shown(t, gain_at);
    const onus_measure *least = shown(t, least_at);
    reply r = begin();
    if (gain == NULL || least == NULL) {
        return cannot(t, 4, "there are too few windows, or no method to compare with");
    }
    add_level(t, &r);
    onus_text_addf(&r.text, "%s windows in %s %ss with ", place_count((double)a->n_windows).text,
                   place_count((double)a->n_units).text, a->unit);
    add_number(&r, gain->den);
    onus_text_addf(&r.text,
                   " outcomes could show a difference from %s of %.3g points of capture with 80 %% "
                   "power; the difference found is %+.3g points",
                   onus_method_words(name), 100.0 * least->value, 100.0 * gain->value);
    add_interval(&r, gain, 100.0, "");
    onus_text_add(&r.text, ". Smaller differences may be there and cannot be seen in this sample.");
    refer(&r, gain_at);
    refer(&r, least_at);
    return give(t, 4, ANSWERED, &r);
}

/* ---- 5 ---- */

static void tell_types(place_trial *t, reply *r, size_t best) {
    const accuracy *a = t->accuracy;
    size_t n = 0;
    size_t n_better = 0;
    for (size_t s = 1; s < a->n_slices; s++) {
        const size_t at = at_first(t, &a->slices[s], "place.capture_ratio", "baseline",
                                   onus_baseline_name(a->baselines[best]));
        const onus_measure *m = shown(t, at);
        if (m != NULL) {
            n++;
            n_better += m->value > 1.0 ? 1 : 0;
            refer(r, at);
        }
    }
    if (n > 0) {
        onus_text_addf(&r->text, " By type: more than %s for %zu of %zu types.",
                       onus_method_words(onus_baseline_name(a->baselines[best])), n_better, n);
    }
}

/* By district or shift: for how many, and for how many it is shown when all are judged together. */
static void tell_parts(place_trial *t, reply *r, size_t best, const char *key, const char *words) {
    const accuracy *a = t->accuracy;
    const place_draft *drafts = t->drafts.items;
    const onus_measure_def *def = place_measure("place.capture_ratio");
    const char *name = onus_baseline_name(a->baselines[best]);
    size_t n_all = 0;
    size_t n = 0;
    size_t n_more = 0;
    size_t n_shown[2] = {0, 0}; /* more, fewer */
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        const char *baseline = onus_scope_text(&m->scope, "baseline");
        if (m->def != def || onus_scope_text(&m->scope, key) == NULL || baseline == NULL ||
            strcmp(baseline, name) != 0) {
            continue;
        }
        n_all++;
        if (shown(t, d) == NULL) {
            continue;
        }
        n++;
        n_more += m->value > 1.0 ? 1 : 0;
        if (m->has_p && m->p_value <= 1.0 - t->c->protocol.level) {
            n_shown[m->value > 1.0 ? 0 : 1]++;
        }
        refer(r, d);
    }
    if (n_all == 0) {
        return;
    }
    onus_text_addf(&r->text, " By %s: more than %s in %zu of %zu %s", key, onus_method_words(name),
                   n_more, n, words);
    if (n < n_all) {
        onus_text_addf(&r->text, " (%zu more are too small to say)", n_all - n);
    }
    onus_text_addf(&r->text, "; judged together, more is shown for %zu and fewer for %zu of them.",
                   n_shown[0], n_shown[1]);
}

static onus_status question_5(place_trial *t) {
    const accuracy *a = t->accuracy;
    const size_t best = strongest(a);
    const place_draft *drafts = t->drafts.items;
    const onus_measure_def *def = place_measure("place.capture_ratio");
    size_t n = 0;
    size_t n_better = 0;
    reply r = begin();
    if (best == SIZE_MAX) {
        return cannot(t, 5, "no method to compare with could be fitted");
    }
    add_level(t, &r);
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        const char *baseline = onus_scope_text(&m->scope, "baseline");
        if (m->def == def && onus_scope_text(&m->scope, "period") != NULL && shown(t, d) != NULL &&
            baseline != NULL && strcmp(baseline, onus_baseline_name(a->baselines[best])) == 0) {
            n++;
            n_better += m->value > 1.0 ? 1 : 0;
            refer(&r, d);
        }
    }
    onus_text_addf(&r.text, "The product captured more than %s in %zu of %zu quarters.",
                   onus_method_words(onus_baseline_name(a->baselines[best])), n_better, n);
    tell_types(t, &r, best);
    tell_parts(t, &r, best, "district", "districts");
    tell_parts(t, &r, best, "shift", "shifts");
    onus_text_add(&r.text, " Slices are small and their intervals wide: they show where to look, "
                           "not a verdict each.");
    if (a->part_of[ACC_PART_DISTRICT] == NULL || a->part_of[ACC_PART_SHIFT] == NULL) {
        onus_text_addf(&r.text, " The case gives no %s.",
                       a->part_of[ACC_PART_DISTRICT] != NULL ? "shifts (protocol.shifts)"
                       : a->part_of[ACC_PART_SHIFT] != NULL
                           ? "districts (districts)"
                           : "districts (districts) and no shifts (protocol.shifts)");
    }
    return give(t, 5, n + a->n_slices + a->n_parts > 2 ? ANSWERED : NOT_TESTABLE, &r);
}

/* ---- 9, in part ---- */

/* The same measure of the run on the public's records. */
static size_t of_citizens(const place_trial *t, const char *id, const char *baseline) {
    onus_measure wanted = place_draft_of(id);
    acc_scope(t->accuracy->citizen, &wanted, &t->accuracy->slices[0], 0);
    if (baseline != NULL) {
        onus_scope_set_text(&wanted.scope, "baseline", baseline);
    }
    return find(t, &wanted);
}

static void tell_hits_of_citizens(const place_trial *t, reply *r) {
    const size_t hits_at = of_citizens(t, "place.hit_rate", NULL);
    const size_t lift_at = of_citizens(t, "place.hit_lift", NULL);
    const size_t capture_at = of_citizens(t, "place.capture_rate", NULL);
    const onus_measure *hits = shown(t, hits_at);
    const onus_measure *lift = shown(t, lift_at);
    const onus_measure *capture = shown(t, capture_at);
    if (hits == NULL || capture == NULL) {
        onus_text_add(&r->text, "Nothing was flagged, or the public recorded nothing. ");
        return;
    }
    onus_text_add(&r->text, "On the records that the public made alone, ");
    add_of(r, hits);
    onus_text_add(&r->text, t->accuracy->by_cells ? " flagged cells and windows" : " predictions");
    onus_text_addf(&r->text, " came true (%.3g %%", 100.0 * hits->value);
    if (lift != NULL) {
        onus_text_addf(&r->text, ", %.3g times chance", lift->value);
    }
    onus_text_add(&r->text, "), and ");
    add_of(r, capture);
    onus_text_addf(&r->text, " outcomes (%.3g %%) were captured. ", 100.0 * capture->value);
    refer(r, hits_at);
    refer(r, lift_at);
    refer(r, capture_at);
}

bool acc_tell_citizen(place_trial *t, onus_text *text, onus_array *measures, onus_status *status) {
    const accuracy *a = t->accuracy;
    if (*status != ONUS_OK || a == NULL || a->missing != NULL || a->citizen == NULL) {
        return false;
    }
    reply r = begin();
    tell_hits_of_citizens(t, &r);
    const size_t best = strongest(a->citizen);
    if (best != SIZE_MAX) {
        const char *name = onus_baseline_name(a->baselines[best]);
        const size_t ratio_at = of_citizens(t, "place.capture_ratio", name);
        const size_t gain_at = of_citizens(t, "place.capture_gain", name);
        const onus_measure *ratio = shown(t, ratio_at);
        const onus_measure *all =
            shown(t, at_first(t, &a->slices[0], "place.capture_ratio", "baseline", name));
        if (ratio != NULL) {
            onus_text_addf(&r.text,
                           "Against the strongest plain method on them, %s, that is %.3g "
                           "times as many",
                           onus_method_words(name), ratio->value);
            add_interval(&r, ratio, 1.0, "");
            if (all != NULL) {
                onus_text_addf(&r.text, "; with every record it was %.3g times", all->value);
            }
            onus_text_add(&r.text, ". ");
            refer(&r, ratio_at);
            refer(&r, gain_at);
        }
    }
    char *said = onus_text_take(&r.text);
    if (said != NULL) {
        onus_text_add(text, said);
    }
    onus_free(said);
    const size_t *refs = r.measures.items;
    for (size_t k = 0; k < r.measures.n_items && r.status == ONUS_OK; k++) {
        r.status = onus_array_push(measures, &refs[k]);
    }
    *status = r.status;
    onus_array_clear(&r.measures);
    return true;
}

/* ---- 11 ---- */

static onus_status question_11(place_trial *t) {
    const accuracy *a = t->accuracy;
    reply r = begin();
    if (t->c->patrols.source.file == NULL) {
        return cannot(t, 11, "the case gives no record of visits or minutes (patrols)");
    }
    const size_t share_at =
        a->missing != NULL ? SIZE_MAX : at_first(t, &a->slices[0], "place.patrolled", NULL, NULL);
    const size_t minutes_at = a->missing != NULL
                                  ? SIZE_MAX
                                  : at_first(t, &a->slices[0], "place.patrol_minutes", NULL, NULL);
    const onus_measure *share = shown(t, share_at);
    const onus_measure *minutes = shown(t, minutes_at);
    if (share == NULL || minutes == NULL) {
        return cannot(t, 11, "patrols are given, but no dated flags to hold them against");
    }
    add_of(&r, share);
    onus_text_addf(
        &r.text,
        " predictions (%.3g %%) were visited in their place and time, %.3g minutes each "
        "on average over all predictions. What is not in the records of patrols does not "
        "count here.",
        100.0 * share->value, minutes->value);
    refer(&r, share_at);
    refer(&r, minutes_at);
    return give(t, 11, ANSWERED, &r);
}

/* Everything that the case would have to give, not only the first thing it lacks. */
static onus_status nothing_scored(place_trial *t, int n) {
    const onus_case *c = t->c;
    reply r = begin();
    onus_text_add(&r.text, "Not testable: ");
    if (c->outcomes.source.file == NULL) {
        onus_text_add(&r.text, "the case gives no recorded outcomes (outcomes); ");
    } else if (c->outcomes.time.column == NULL && c->predictions.form != ONUS_FORM_CSEP) {
        onus_text_add(&r.text, "the recorded outcomes have no times (outcomes.time); ");
    }
    if (t->evidence->flags.n_flags > 0 && t->evidence->flags.from_unix_s == NULL) {
        onus_text_add(&r.text, "the flags have no times (predictions.from, until); ");
    }
    if (n == 3) {
        onus_text_add(&r.text, "no analysts' map is given; ");
    }
    onus_text_addf(&r.text, "%s.", t->accuracy->missing);
    return give(t, n, NOT_TESTABLE, &r);
}

onus_status acc_question(place_trial *t, int n) {
    if (n == 11) {
        return question_11(t);
    }
    if (t->accuracy->missing != NULL) {
        return nothing_scored(t, n);
    }
    switch (n) {
    case 1:
        return question_1(t);
    case 2:
        return question_2(t);
    case 3:
        return question_3(t);
    case 4:
        return question_4(t);
    default:
        return question_5(t);
    }
}
