/* What recorded outcomes explain if not everybody reports alike.
 *
 * Fewer reports where people trust the police less make an area's outcomes look fewer than they
 * were, and its load look unexplained. Two ways to ask:
 *
 *   a rate by area   (feedback.reported.column): each area's outcomes over its rate, and the excess
 *                    anew, with its interval (burden_outcomes.c)
 *   a range          (outcomes.reporting: {low, high}): every area may have any rate within it. The
 *                    excess is a ratio of two sums that are linear in 1 / rate, so it is greatest
 *                    where areas with fewer of the group than some number have the lowest rate and
 *                    the others the highest, and least the other way round; all such numbers are
 *                    tried. Exact bounds, without an interval.
 *
 * Where records tell which of them police made (outcomes.source), the rates are of the public's
 * alone. Called by burden_outcomes.c. Never says what was not reported. */
#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

static const double *publics(const place_trial *t) {
    const place_outcomes *o = &t->outcomes;
    return o->by_area_citizen != NULL ? o->by_area_citizen : o->by_area;
}

onus_status burden_as_committed(place_trial *t, const double **by_area) {
    const double *rate = t->evidence->people.reported_frac;
    const double *recorded = publics(t);
    *by_area = NULL;
    if (rate == NULL) {
        return ONUS_OK;
    }
    size_t n_without = 0;
    for (size_t i = 0; i < t->n; i++) {
        n_without += recorded[i] > 0.0 && !(rate[i] > 0.0) ? 1 : 0;
    }
    if (n_without > 0) {
        return onus_result_warn(t->result, "no_reporting_rate",
                                "in %zu areas with recorded outcomes the reporting rate is missing "
                                "or 0, so burden.excess was not made anew by it",
                                n_without);
    }
    double *out = place_doubles(t, t->n);
    if (out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        out[i] = recorded[i] > 0.0 ? recorded[i] / rate[i] : 0.0;
    }
    *by_area = out;
    return ONUS_OK;
}

/* ---- any rate within a range ---- */

typedef struct weighed {
    double people;
    double outcomes;
} weighed;

static int by_people(const void *a, const void *b) {
    const weighed *x = a;
    const weighed *y = b;
    return (x->people > y->people) - (x->people < y->people);
}

/* The greatest mean of people over outcomes each counted between `least` and `most` times: those
 * with the most people count the most times. Negated people: the least mean, negated. */
static double greatest_mean(weighed *all, size_t n, double least, double most) {
    onus_sum weight = {0};
    onus_sum sum = {0};
    qsort(all, n, sizeof *all, by_people);
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&weight, most * all[i].outcomes);
        onus_sum_add(&sum, most * all[i].outcomes * all[i].people);
    }
    double best = onus_sum_get(&sum) / onus_sum_get(&weight);
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&weight, (least - most) * all[i].outcomes);
        onus_sum_add(&sum, (least - most) * all[i].outcomes * all[i].people);
        best = fmax(best, onus_sum_get(&sum) / onus_sum_get(&weight));
    }
    return best;
}

static onus_status add_bounds(place_trial *t, const place_group *g, weighed *work) {
    const double *recorded = publics(t);
    const onus_outcomes_ref *ref = &t->c->outcomes;
    const double flags = onus_sum_of(t->flags.by_area, t->n);
    const double load = onus_sum_dot(g->people, t->flags.by_area, t->n) / flags;
    onus_status status = ONUS_OK;
    for (int high = 0; high < 2; high++) {
        /* the excess is greatest where the expected load is least */
        const double sign = high != 0 ? -1.0 : 1.0;
        for (size_t i = 0; i < t->n; i++) {
            work[i] = (weighed){.people = sign * g->people[i], .outcomes = recorded[i]};
        }
        const double expected = sign * greatest_mean(work, t->n, 1.0 / ref->reporting_high_frac,
                                                     1.0 / ref->reporting_low_frac);
        onus_measure m = place_draft_of("burden.excess");
        place_scope_group(&m, g);
        onus_scope_set_text(&m.scope, "records",
                            t->outcomes.by_area_citizen != NULL ? "without_officer" : "all");
        onus_scope_set_text(&m.scope, "reporting", "range");
        onus_scope_set_text(&m.scope, "bound", high != 0 ? "high" : "low");
        onus_draft_set_number(
            &m, g->undefined != NULL ? onus_number_none(g->undefined)
                : expected > 0.0
                    ? onus_number_of(load / expected - 1.0)
                    : onus_number_none("no outcome is recorded where the group lives"));
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

onus_status burden_reporting(place_trial *t) {
    onus_status status = ONUS_OK;
    if (!(t->c->outcomes.reporting_low_frac > 0.0) || !(onus_sum_of(publics(t), t->n) > 0.0) ||
        !(onus_sum_of(t->flags.by_area, t->n) > 0.0)) {
        return ONUS_OK;
    }
    weighed *work = onus_alloc_n(t->n, sizeof *work);
    if (work == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_groups; k++) {
        ONUS_TRY(add_bounds(t, &t->groups[k], work));
    }
out:
    onus_free(work);
    return status;
}
