/* From the runs of a simulation to a value with its interval: what a verdict may rest on.
 *
 * The value is the mean over runs. The interval says where one further run of the model would end:
 * the k-th smallest and the k-th largest of R runs hold the next one with probability 1 - 2k/(R+1)
 * whatever the distribution, so k = floor((1 - level)/2 (R + 1)). A city lives through one run and
 * not through their mean, so a claim is judged by that spread; with fewer runs than 2/(1 - level) -
 * 1 the extremes stand there and carry no verdict. The Monte Carlo error of the mean, which more
 * runs make as small as one likes, is said beside it and judges nothing.
 *
 * Called by the sources of this folder. Never looks at a cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feedback_trial.h"
#include "onus/result.h"
#include "onus/sum.h"

static const double SHOWN[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
/* Days that are always looked at, where they are simulated. */
static const uint32_t USUAL_DAYS[] = {30, 90, 180, 365};
enum { N_USUAL = sizeof USUAL_DAYS / sizeof *USUAL_DAYS, FAN_POINTS = 24 };
/* Past this many numbers the fan is left out: only the stated horizons are kept. */
static const double FAN_RUNS_MAX = 5000.0;

const char *fb_model_name(onus_feedback_model model) {
    static const char *const names[] = {[ONUS_FEEDBACK_GRID] = "grid",
                                        [ONUS_FEEDBACK_URN] = "urn",
                                        [ONUS_FEEDBACK_LUM_ISAAC] = "lum_isaac"};
    return names[model];
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

void fb_summarise(const double *values, size_t n, double level, double *scratch, fb_summary *out) {
    onus_sum sum = {0};
    *out = (fb_summary){.mean = NAN, .se = NAN, .low = NAN, .high = NAN};
    for (size_t i = 0; i < 5; i++) {
        out->quantile[i] = NAN;
    }
    for (size_t r = 0; r < n; r++) {
        if (isfinite(values[r])) {
            scratch[out->n++] = values[r];
            onus_sum_add(&sum, values[r]);
        }
    }
    if (out->n == 0) {
        return;
    }
    const double m = (double)out->n;
    qsort(scratch, out->n, sizeof *scratch, by_value);
    const bool all_equal = !(scratch[0] < scratch[out->n - 1]);
    out->mean = all_equal ? scratch[0] : onus_sum_get(&sum) / m;
    onus_sum squares = {0};
    for (size_t r = 0; r < out->n; r++) {
        onus_sum_add(&squares, (scratch[r] - out->mean) * (scratch[r] - out->mean));
    }
    out->se = out->n > 1 ? sqrt(onus_sum_get(&squares) / (m - 1.0) / m) : (double)NAN;
    /* a product that is a whole number but for rounding is that number */
    const double k = floor((1.0 - level) / 2.0 * (m + 1.0) + 1e-9);
    out->too_few = k < 1.0;
    const size_t at = out->too_few ? 1 : (size_t)k;
    out->low = scratch[at - 1];
    out->high = scratch[out->n - at];
    for (size_t i = 0; i < 5; i++) {
        const double place = SHOWN[i] * (m - 1.0);
        const size_t low = (size_t)place;
        const size_t high = low + 1 < out->n ? low + 1 : low;
        out->quantile[i] = scratch[low] + (place - (double)low) * (scratch[high] - scratch[low]);
    }
}

void fb_runs(const place_feedback *f, const fb_scenario *s, size_t horizon, int loop, size_t field,
             double *values) {
    const size_t closed = feedback_slot(&f->world, horizon, FEEDBACK_CLOSED, field);
    const size_t open = feedback_slot(&f->world, horizon, FEEDBACK_OPEN, field);
    const bool is_load = field >= FEEDBACK_N_FIELDS;
    for (size_t r = 0; r < f->plan.n_runs; r++) {
        const double *row = s->out + r * s->width;
        const double more = row[closed] - row[open];
        values[r] = loop == FEEDBACK_CLOSED ? row[closed]
                    : loop == FEEDBACK_OPEN ? row[open]
                    : !is_load              ? more
                    : row[open] > 0.0       ? more / row[open]
                                            : (double)NAN;
    }
}

/* Nothing is drawn in the published algorithm without discoveries, and without them both loops of
 * any model are one. */
bool fb_is_fixed(const fb_scenario *s, int loop, size_t field) {
    const bool none = !(s->discovery > 0.0);
    if (loop == FEEDBACK_N_LOOPS) {
        return none;
    }
    return s->model == ONUS_FEEDBACK_LUM_ISAAC &&
           (none || (loop == FEEDBACK_OPEN && field != FEEDBACK_ADDED));
}

onus_status fb_set(place_trial *t, onus_measure *m, const fb_summary *summary, bool fixed,
                   const char *undefined) {
    const double level = t->c->protocol.level;
    m->has_value = isfinite(summary->mean);
    if (!m->has_value) {
        m->reason = undefined;
        return ONUS_OK;
    }
    m->value = summary->mean;
    if (summary->n < 2 && !fixed) {
        m->reason = "one run has no spread (feedback.runs)";
        return ONUS_OK;
    }
    m->interval = (onus_interval){.given = true,
                                  .level = level,
                                  .low = summary->low,
                                  .high = summary->high,
                                  .resampled = fixed ? NULL : "run"};
    m->interval.exact = fixed;
    const bool flat = !fixed && !(summary->low < summary->high);
    m->interval.method =
        fixed ? "nothing is drawn: every run is the same"
              : onus_result_text(t->result,
                                 "quantiles of %zu runs; Monte Carlo error of the mean %.2g",
                                 summary->n, summary->se);
    if (summary->too_few && !fixed) {
        m->interval.weak = true;
        m->interval.weak_reason = onus_result_text(
            t->result, "%zu runs cannot hold a further one with probability %.4g: it takes %.0f",
            summary->n, level, ceil(2.0 / (1.0 - level) - 1e-9) - 1.0);
        if (m->interval.weak_reason == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    if (flat) { /* every run drawn came out alike: a bound off it is missed beyond doubt */
        m->scale = ONUS_SCALE_LINEAR;
        m->se = 1e-12 * fmax(1.0, fabs(m->value));
    }
    return m->interval.method == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

void fb_scope(const fb_scenario *s, double horizon_days, onus_measure *m) {
    onus_scope_set_text(&m->scope, "model", fb_model_name(s->model));
    onus_scope_set_text(&m->scope, "policy", s->policy);
    onus_scope_set_number(&m->scope, "horizon_days", horizon_days);
    if (!isnan(s->discovery)) {
        onus_scope_set_number(&m->scope, "discovery", s->discovery);
    }
    if (s->reporting != NULL) {
        onus_scope_set_text(&m->scope, "reporting", s->reporting);
    }
    if (s->formula != NULL) {
        onus_scope_set_text(&m->scope, "formula", s->formula);
    }
    if (s->repaired) {
        onus_scope_set_text(&m->scope, "repair", "yes");
    }
}

static bool same_scope(const onus_scope *a, const onus_scope *b) {
    bool same = a->n_items == b->n_items; /* keys are sorted */
    for (size_t i = 0; i < a->n_items && same; i++) {
        const char *x = a->items[i].text;
        const char *y = b->items[i].text;
        same = strcmp(a->items[i].key, b->items[i].key) == 0 && (x == NULL) == (y == NULL) &&
               (x != NULL ? strcmp(x, y) == 0
                          : !(a->items[i].number < b->items[i].number) &&
                                !(a->items[i].number > b->items[i].number));
    }
    return same;
}

size_t fb_find(const place_trial *t, const fb_scenario *s, const char *id, double horizon_days,
               const char *loop, const place_group *group) {
    onus_measure wanted = {0};
    fb_scope(s, horizon_days, &wanted);
    if (loop != NULL) {
        onus_scope_set_text(&wanted.scope, "loop", loop);
    }
    if (group != NULL) {
        place_scope_group(&wanted, group);
    }
    if (strcmp(id, "feedback.runaway_share") == 0) {
        onus_scope_set_number(&wanted.scope, "bound", t->c->feedback.bound_frac);
    }
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        if (strcmp(drafts[d].measure.def->id, id) == 0 &&
            same_scope(&drafts[d].measure.scope, &wanted.scope)) {
            return d;
        }
    }
    return SIZE_MAX;
}

static void put(uint64_t day, bool is_stated, uint64_t *days, bool *stated, size_t *n) {
    size_t at = *n;
    for (size_t i = 0; i < *n; i++) {
        if (days[i] == day) {
            stated[i] = stated[i] || is_stated;
            return;
        }
    }
    if (*n == FEEDBACK_HORIZONS_MAX) {
        return;
    }
    for (; at > 0 && days[at - 1] > day; at--) {
        days[at] = days[at - 1];
        stated[at] = stated[at - 1];
    }
    days[at] = day;
    stated[at] = is_stated;
    (*n)++;
}

void fb_horizons(const onus_feedback_ref *ref, size_t n_runs, uint64_t n_last, uint64_t *days,
                 bool *stated, size_t *n) {
    *n = 0;
    put(n_last, ref->horizon_days.n == 0, days, stated, n);
    for (size_t h = 0; h < ref->horizon_days.n && h < FEEDBACK_HORIZONS_MAX - FAN_POINTS - 2; h++) {
        put((uint64_t)ref->horizon_days.items[h], true, days, stated, n);
    }
    for (size_t h = 0; h < N_USUAL && ref->horizon_days.n == 0; h++) {
        if (USUAL_DAYS[h] < n_last) {
            put(USUAL_DAYS[h], true, days, stated, n);
        }
    }
    for (uint64_t k = 0; k < FAN_POINTS && (double)n_runs <= FAN_RUNS_MAX; k++) {
        const uint64_t day = k == 0 ? 1 : (n_last * k + FAN_POINTS / 2) / FAN_POINTS;
        if (day >= 1 && day <= n_last) {
            put(day, false, days, stated, n);
        }
    }
}
