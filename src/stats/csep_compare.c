/* Which of two forecasts: the paired T-test and the W-test of CSEP.
 *
 * Both look at the forecasts only where events fell: x = log(a) - log(b) at every event, a bin with
 * k events giving x k times. T asks whether the mean of x, less the difference of the totals per
 * event, is 0 (Rhoades et al. 2011); W asks the same of its middle by signed ranks. Bins without
 * events enter through the totals. Called by the place trial, beside the paired tests over windows
 * that decide. Never treats repeated events as one: that they count as independent is the flaw of
 * these tests, and is flagged wherever they are shown. */
#include "onus/stats_csep.h"

#include <math.h>

#include "csep_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "stats_sort.h"

/* Why nothing can be compared; NULL: it can. */
static const char *check_pair(const onus_csep_account *a, const onus_csep_account *b) {
    if (a->reason != NULL || b->reason != NULL) {
        return a->reason != NULL ? a->reason : b->reason;
    }
    return a->n_events == 0 ? "no events were recorded" : NULL;
}

onus_csep_t onus_csep_t_test(const double *a, const double *b, const double *counts, size_t n,
                             double factor, double level) {
    const onus_csep_account in_a = csep_account_of(a, counts, n);
    const onus_csep_account in_b = csep_account_of(b, counts, n);
    onus_csep_t out = {.t_critical = NAN, .interval = onus_limits_none(), .df = NAN};
    const char *reason = check_pair(&in_a, &in_b);
    const double n_events = in_a.n_events;
    if (reason == NULL && n_events < 2) {
        reason = "fewer than two events were recorded";
    }
    if (reason != NULL) {
        out.gain = out.t = out.p = onus_number_none(reason);
        return out;
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        if (counts[i] > 0) {
            onus_sum_add(&sum, counts[i] * (log(a[i]) - log(b[i])));
        }
    }
    const double mean = onus_sum_get(&sum) / n_events;
    onus_sum squares = {0};
    for (size_t i = 0; i < n; i++) {
        if (counts[i] > 0) {
            const double off = log(a[i]) - log(b[i]) - mean;
            onus_sum_add(&squares, counts[i] * (off * off));
        }
    }
    const double gain = mean - factor * (in_a.n_forecast - in_b.n_forecast) / n_events;
    const double se = sqrt(onus_sum_get(&squares) / (n_events - 1) / n_events);
    out.gain = onus_number_of(gain);
    out.df = n_events - 1;
    out.t_critical = onus_t_quantile((1 + level) / 2, out.df);
    if (!(se > 0)) {
        out.t = out.p = onus_number_none("the gain is the same at every event");
        return out;
    }
    out.t = onus_number_of(gain / se);
    out.interval = onus_se_interval(gain, se, out.df, level);
    out.p = onus_number_of(onus_t_p(gain / se, out.df));
    return out;
}

typedef struct ranks {
    double plus;
    double minus;
    double ties; /* sum of k^3 - k over runs of equal size */
} ranks;

/* Midranks of |x - middle|, every difference weighed by its events. */
static ranks rank_signed(const onus_sorted *size, size_t n, const double *difference,
                         const double *weight) {
    onus_sum plus = {0};
    onus_sum minus = {0};
    onus_sum ties = {0};
    double before = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double run = 0;
        while (end < n && size[end].value == size[i].value) {
            run += weight[size[end].index];
            end++;
        }
        const double rank = before + (run + 1) / 2;
        for (; i < end; i++) {
            const size_t at = size[i].index;
            onus_sum_add(difference[at] > 0 ? &plus : &minus, rank * weight[at]);
        }
        onus_sum_add(&ties, run * (run * run - 1));
        before += run;
    }
    return (ranks){
        .plus = onus_sum_get(&plus), .minus = onus_sum_get(&minus), .ties = onus_sum_get(&ties)};
}

onus_status onus_csep_w_test(const double *a, const double *b, const double *counts, size_t n,
                             onus_csep_w *out) {
    onus_status status = ONUS_OK;
    const onus_csep_account in_a = csep_account_of(a, counts, n);
    const onus_csep_account in_b = csep_account_of(b, counts, n);
    const char *reason = check_pair(&in_a, &in_b);
    onus_csep_w made = {0};
    onus_sorted *sorted = NULL;
    double *difference = onus_alloc_n(n, sizeof *difference);
    double *weight = onus_alloc_n(n, sizeof *weight);
    double *size = onus_alloc_n(n, sizeof *size);
    if (difference == NULL || weight == NULL || size == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    const double middle = (in_a.n_forecast - in_b.n_forecast) / in_a.n_events;
    size_t n_kept = 0;
    double used = 0;
    for (size_t i = 0; reason == NULL && i < n; i++) {
        if (counts[i] > 0) {
            const double x = log(a[i]) - log(b[i]) - middle;
            if (x == 0) {
                made.n_zero += (uint64_t)counts[i];
                continue;
            }
            difference[n_kept] = x;
            size[n_kept] = fabs(x);
            weight[n_kept++] = counts[i];
            used += counts[i];
        }
    }
    if (reason == NULL && n_kept == 0) {
        reason = "the forecasts are the same at every event";
    }
    made.n_used = (uint64_t)used;
    made.n_is_small = used < 10;
    if (reason != NULL) {
        made.z = made.p = onus_number_none(reason);
        *out = made;
        goto out;
    }
    ONUS_TRY(onus_sort_pairs(size, n_kept, &sorted));
    const ranks r = rank_signed(sorted, n_kept, difference, weight);
    const double mean = used * (used + 1) / 4;
    const double se = sqrt((used * (used + 1) * (2 * used + 1) - 0.5 * r.ties) / 24);
    const double z = (fmin(r.plus, r.minus) - mean) / se;
    made.direction = r.plus > r.minus ? 1 : r.plus < r.minus ? -1 : 0;
    made.z = onus_number_of(z);
    made.p = onus_number_of(fmin(1.0, 2 * onus_normal_cdf(z)));
    *out = made;
out:
    onus_free(sorted);
    onus_free(difference);
    onus_free(weight);
    onus_free(size);
    return status;
}
