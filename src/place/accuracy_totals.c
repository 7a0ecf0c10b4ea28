/* Are the windows' totals spread as the forecast says? PIT and Kolmogorov-Smirnov, and CSEP's tests
 * of all windows together; forecasts of rates only.
 *
 *   total of window w   forecast Lambda_w (sum of its rates), recorded n_w
 *   PIT                 where n_w falls in the forecast's distribution: even if the forecast is
 *                       calibrated, piled up at the ends if it is too sure of itself
 *   KS                  how far the windows' values are from even (randomised, because counts are
 *                       lumps: onus_pit_random)
 *
 * Twice: Poisson, as rates are meant; and negative binomial with the dispersion (variance by mean)
 * of windows of the same length before the first, because totals of crimes scatter more than
 * Poisson. Called by accuracy.c. Takes windows as independent of one another, and says so. */
#include <math.h>

#include "accuracy_csep.h"
#include "onus/alloc.h"
#include "onus/sum.h"

static const char *const NULLS[ACC_N_NULLS] = {"poisson", "negbin"};
static const char TOO_FEW[] =
    "it takes records from before the first window that reach back two windows or more";

enum { WINDOWS_MAX = 100000 };

/* ---- before the first window ---- */

static onus_status gather_history(const accuracy *a, acc_history *out, double *totals, double *sum,
                                  double *squares) {
    const onus_frame *frame = &a->slices[0].frame;
    const onus_frame_events *e = &frame->events;
    const double length_s = a->windows[0].until_s - a->windows[0].from_s;
    const size_t n_all = onus_frame_first_at(frame, a->windows[0].from_s);
    int32_t *cell = onus_alloc_n(n_all, sizeof *cell);
    double *count = onus_alloc_n(n_all, sizeof *count);
    onus_status status = cell == NULL || count == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t w = 0; w < out->n_windows && status == ONUS_OK; w++) {
        const double until = a->windows[0].from_s - (double)w * length_s;
        const size_t first = onus_frame_first_at(frame, until - length_s);
        const size_t end = onus_frame_first_at(frame, until);
        size_t n = 0;
        ONUS_TRY(onus_cell_counts_gather(e->cell + first, e->count + first, end - first, cell,
                                         count, &n));
        for (size_t k = 0; k < n; k++) {
            totals[w] += count[k];
            sum[cell[k]] += count[k];
            squares[cell[k]] += count[k] * count[k];
        }
    }
out:
    onus_free(cell);
    onus_free(count);
    return status;
}

static onus_status look_back(const accuracy *a, acc_history *out) {
    const onus_frame *frame = &a->slices[0].frame;
    const double from_s = a->windows[0].from_s;
    const double length_s = a->windows[0].until_s - from_s;
    onus_status status = ONUS_OK;
    *out = (acc_history){.dispersion = onus_number_none(TOO_FEW),
                         .cluster_size = onus_number_none(TOO_FEW)};
    if (onus_frame_first_at(frame, from_s) == 0) {
        return ONUS_OK;
    }
    /* no window may be half empty */
    const double n = floor((from_s - frame->events.unix_s[0]) / length_s);
    out->n_windows = n > WINDOWS_MAX ? WINDOWS_MAX : (size_t)n;
    if (out->n_windows < 2) {
        return ONUS_OK;
    }
    double *totals = onus_alloc_n(out->n_windows, sizeof *totals);
    double *sum = onus_alloc_n(a->cells.n_cells, sizeof *sum);
    double *squares = onus_alloc_n(a->cells.n_cells, sizeof *squares);
    if (totals == NULL || sum == NULL || squares == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(gather_history(a, out, totals, sum, squares));
    const onus_number variance = onus_csep_variance(totals, out->n_windows);
    const double mean = onus_sum_of(totals, out->n_windows) / (double)out->n_windows;
    out->dispersion = variance.reason != NULL ? variance
                      : mean > 0.0            ? onus_number_of(variance.value / mean)
                                              : onus_number_none(TOO_FEW);
    out->cluster_size = onus_csep_cluster_size(sum, squares, a->cells.n_cells, out->n_windows);
out:
    onus_free(totals);
    onus_free(sum);
    onus_free(squares);
    return status;
}

/* ---- PIT and KS ---- */

typedef struct lumps {
    size_t n;
    double *low; /* P(X < n_w) */
    double *high;
    double *value;
} lumps;

/* P(X < count), P(X <= count); a reason why there is none, or NULL. dispersion 0: Poisson. */
static const char *lump_of(double forecast, double count, double dispersion, double *low,
                           double *high) {
    if (forecast == 0.0) {
        *low = 0.0;
        *high = 1.0; /* nothing can happen: a count of 0 is the whole distribution */
        return count == 0.0 ? NULL : "events were recorded where the forecast's total is 0";
    }
    const onus_csep_number test = onus_csep_number_test(
        forecast, count, dispersion > 0.0 ? dispersion * forecast : (double)NAN);
    if (test.delta1.reason != NULL || test.delta2.reason != NULL) {
        return test.delta1.reason != NULL ? test.delta1.reason : test.delta2.reason;
    }
    *high = fmin(fmax(test.delta2.value, 0.0), 1.0);
    *low = fmin(fmax(1.0 - test.delta1.value, 0.0), *high);
    return NULL;
}

static onus_status add_ks(place_trial *t, accuracy *a, const double *totals, int null,
                          onus_number dispersion, lumps *l) {
    onus_measure m = place_draft_of("place.pit_ks");
    onus_ks ks = {0};
    acc_slice *all = &a->slices[0];
    const char *reason = dispersion.reason;
    onus_status status = ONUS_OK;
    onus_scope_set_text(&m.scope, "null", NULLS[null]);
    for (int b = 0; b < ACC_N_PIT; b++) {
        all->pit[null][b] = (double)NAN;
    }
    if (null == 1 && reason == NULL && !(dispersion.value > 1.0)) {
        reason = "the windows before scatter no more than Poisson says: see null poisson";
    }
    for (size_t w = 0; w < l->n && reason == NULL; w++) {
        const double count = all->rows[w * a->n_columns + acc_at_common(a, ACC_OUTCOMES)];
        reason = isnan(totals[w])
                     ? "a rate is missing: a window's total is of all cells or of none"
                     : lump_of(totals[w], count, dispersion.value, &l->low[w], &l->high[w]);
    }
    if (reason != NULL) {
        onus_draft_set_number(&m, onus_number_none(reason));
        return place_add(t, &m, NULL);
    }
    ONUS_TRY(onus_pit_histogram(l->low, l->high, l->n, ACC_N_PIT, all->pit[null]));
    ONUS_TRY(onus_pit_random(l->low, l->high, l->n, t->c->protocol.seed, l->value));
    ONUS_TRY(onus_ks_uniform(l->value, l->n, &ks));
    onus_draft_set_number(&m, onus_number_of(ks.statistic));
    m.has_p = true;
    m.p_value = fmin(fmax(ks.p_value, 0.0), 1.0);
    ONUS_TRY(place_add(t, &m, NULL));
out:
    return status;
}

static onus_status add_calibration(place_trial *t, accuracy *a, const double *totals,
                                   const acc_history *history) {
    const size_t n = a->n_windows;
    lumps l = {.n = n,
               .low = onus_alloc_n(n, sizeof *l.low),
               .high = onus_alloc_n(n, sizeof *l.high),
               .value = onus_alloc_n(n, sizeof *l.value)};
    onus_status status =
        l.low == NULL || l.high == NULL || l.value == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    ONUS_TRY(add_ks(t, a, totals, 0, onus_number_of(0.0), &l));
    ONUS_TRY(add_ks(t, a, totals, 1, history->dispersion, &l));
    onus_measure m = place_draft_of("place.dispersion");
    onus_draft_set_number(&m, history->dispersion);
    ONUS_TRY(place_add(t, &m, NULL));
out:
    onus_free(l.low);
    onus_free(l.high);
    onus_free(l.value);
    return status;
}

onus_status acc_totals(place_trial *t, accuracy *a) {
    const onus_forecast *f = &t->evidence->forecast;
    onus_status status = ONUS_OK;
    acc_history history;
    if (!a->by_cells) {
        return ONUS_OK;
    }
    double *totals = place_doubles(t, a->n_windows);
    if (totals == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t w = 0; w < a->n_windows; w++) { /* NaN where a rate is missing */
        totals[w] = onus_sum_of(f->rates + w * a->cells.n_cells, a->cells.n_cells);
    }
    ONUS_TRY(look_back(a, &history));
    ONUS_TRY(add_calibration(t, a, totals, &history));
    ONUS_TRY(acc_csep_windows(t, a, totals, &history));
out:
    return status;
}
