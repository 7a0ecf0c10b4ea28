/* Scores of forecasts over bins, and the account of what they were given.
 *
 * Every score is one pass over the bins. Before any of them the rates are looked at: a rate that is
 * negative or not finite, or an event in a bin of rate 0, leaves a likelihood undefined, and the
 * reason is handed back in its place. The published program leaves such bins out, so that a
 * forecast gains by setting a bin to 0; nothing is left out here. Called by the place trial and the
 * tests beside. Never looks at where a bin lies. */
#include "onus/stats_csep.h"

#include <math.h>

#include "csep_internal.h"
#include "onus/alloc.h"
#include "onus/sum.h"

static const char bad_rates[] = "a rate is negative or not a number";
static const char all_zero[] = "no rate is above 0";
static const char impossible[] = "events were recorded where the forecast's rate is 0";
static const char no_events[] = "no events were recorded";

static const double whole_below = 0x1p53;

/* ---- data ---- */

onus_csep_account csep_account_of(const double *rates, const double *counts, size_t n) {
    onus_csep_account account = {0};
    onus_sum forecast = {0};
    onus_sum events = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&events, counts[i]);
        if (!(rates[i] >= 0) || isinf(rates[i])) {
            account.n_bad_rates++;
            continue;
        }
        onus_sum_add(&forecast, rates[i]);
        if (rates[i] == 0) {
            account.n_zero_rates++;
            account.n_impossible += (uint64_t)counts[i];
        }
    }
    account.n_events = onus_sum_get(&events);
    account.n_forecast = account.n_bad_rates > 0 ? NAN : onus_sum_get(&forecast);
    if (account.n_bad_rates > 0 || isinf(account.n_forecast)) {
        account.reason = bad_rates;
    } else if (account.n_forecast == 0) {
        account.reason = all_zero;
    } else if (account.n_impossible > 0) {
        account.reason = impossible;
    }
    return account;
}

onus_status onus_csep_check(const onus_csep_data *data, onus_csep_account *out, onus_error *err) {
    size_t n = 0;
    if (data->n_cells == 0 || data->n_marks == 0 ||
        __builtin_mul_overflow(data->n_cells, data->n_marks, &n)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a forecast without cells or marks");
    }
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        const double count = data->counts[i];
        if (!(count >= 0) || count != floor(count)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "the count of a bin is not a whole number of 0 or more");
        }
        total += count;
    }
    if (!(total < whole_below)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more events than can be counted");
    }
    *out = csep_account_of(data->rates, data->counts, n);
    return ONUS_OK;
}

onus_status onus_csep_bin(const int32_t *cell, const int32_t *mark, const double *weight,
                          size_t n_events, size_t n_cells, size_t n_marks, double *counts,
                          onus_csep_binned *out, onus_error *err) {
    onus_csep_binned binned = {0};
    for (size_t e = 0; e < n_events; e++) {
        const double w = weight == NULL ? 1 : weight[e];
        if (!(w >= 0 && w < whole_below) || w != floor(w)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "an event counts for something other than a whole number");
        }
    }
    for (size_t i = 0; i < n_cells * n_marks; i++) {
        counts[i] = 0;
    }
    for (size_t e = 0; e < n_events; e++) {
        const double w = weight == NULL ? 1 : weight[e];
        const int32_t m = mark == NULL ? 0 : mark[e];
        if (cell[e] < 0 || (size_t)cell[e] >= n_cells) {
            binned.n_outside_cells += (uint64_t)w;
        } else if (m < 0 || (size_t)m >= n_marks) {
            binned.n_outside_marks += (uint64_t)w;
        } else {
            binned.n_inside += (uint64_t)w;
            counts[(size_t)cell[e] * n_marks + (size_t)m] += w;
        }
    }
    *out = binned;
    return ONUS_OK;
}

/* ---- the bins of a test ---- */

/* Eight running sums per block of at most 128, blocks halved on multiples of 8. */
double csep_pairwise_sum(const double *values, size_t n) {
    if (n < 8) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += values[i];
        }
        return sum;
    }
    if (n <= 128) {
        double r[8];
        for (size_t k = 0; k < 8; k++) {
            r[k] = values[k];
        }
        size_t i = 8;
        for (; i + 8 <= n; i += 8) {
            for (size_t k = 0; k < 8; k++) {
                r[k] += values[i + k];
            }
        }
        double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        for (; i < n; i++) {
            sum += values[i];
        }
        return sum;
    }
    const size_t half = n / 2 - n / 2 % 8;
    return csep_pairwise_sum(values, half) + csep_pairwise_sum(values + half, n - half);
}

bool csep_is_scaled(onus_csep_test test) {
    return test == ONUS_CSEP_S || test == ONUS_CSEP_M;
}

bool csep_is_conditional(onus_csep_test test) {
    return test != ONUS_CSEP_L;
}

const char *onus_csep_test_name(onus_csep_test test) {
    static const char *const names[] = {"s", "cl", "l", "m"};
    return (unsigned)test < ONUS_CSEP_TESTS ? names[test] : "unknown";
}

static void fold(const double *bins, const onus_csep_data *data, onus_csep_test test,
                 double *folded) {
    const size_t n_marks = data->n_marks;
    for (size_t c = 0; c < data->n_cells; c++) {
        const double *row = bins + c * n_marks;
        if (test == ONUS_CSEP_S) {
            folded[c] = csep_pairwise_sum(row, n_marks);
        } else if (test == ONUS_CSEP_M) {
            for (size_t m = 0; m < n_marks; m++) {
                folded[m] += row[m];
            }
        } else {
            for (size_t m = 0; m < n_marks; m++) {
                folded[c * n_marks + m] = row[m];
            }
        }
    }
}

onus_status csep_bins_of(const onus_csep_data *data, onus_csep_test test, csep_bins *out) {
    *out = (csep_bins){.n = test == ONUS_CSEP_S   ? data->n_cells
                            : test == ONUS_CSEP_M ? data->n_marks
                                                  : data->n_cells * data->n_marks};
    out->rates = onus_alloc_n(out->n, sizeof *out->rates);
    out->counts = onus_alloc_n(out->n, sizeof *out->counts);
    if (out->rates == NULL || out->counts == NULL) {
        csep_bins_clear(out);
        return ONUS_ERR_NOMEM;
    }
    fold(data->rates, data, test, out->rates);
    fold(data->counts, data, test, out->counts);
    out->total = csep_pairwise_sum(out->rates, out->n);
    return ONUS_OK;
}

void csep_bins_clear(csep_bins *bins) {
    onus_free(bins->rates);
    onus_free(bins->counts);
    *bins = (csep_bins){0};
}

/* ---- scores ---- */

static double log_factorial(double count) {
    int sign = 0; /* lgamma itself writes a global */
    return lgamma_r(count + 1, &sign);
}

onus_number onus_csep_log_likelihood(const double *rates, const double *counts, size_t n,
                                     double factor) {
    const onus_csep_account account = csep_account_of(rates, counts, n);
    if (account.reason != NULL) {
        return onus_number_none(account.reason);
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        if (counts[i] > 0) {
            onus_sum_add(&sum, counts[i] * log(rates[i] * factor));
            onus_sum_add(&sum, -log_factorial(counts[i]));
        }
    }
    onus_sum_add(&sum, -account.n_forecast * factor);
    return onus_number_of(onus_sum_get(&sum));
}

onus_number onus_csep_binary_log_likelihood(const double *rates, const double *counts, size_t n,
                                            double factor) {
    const onus_csep_account account = csep_account_of(rates, counts, n);
    if (account.reason != NULL) {
        return onus_number_none(account.reason);
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        const double rate = rates[i] * factor;
        onus_sum_add(&sum, counts[i] > 0 ? log(-expm1(-rate)) : -rate);
    }
    return onus_number_of(onus_sum_get(&sum));
}

onus_number onus_csep_brier(const double *rates, const double *counts, size_t n) {
    const onus_csep_account account = csep_account_of(rates, counts, n);
    if (account.n_bad_rates > 0) {
        return onus_number_none(account.reason);
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        const double off = -expm1(-rates[i]) - (counts[i] > 0 ? 1 : 0);
        onus_sum_add(&sum, off * off);
    }
    return onus_number_of(-2 * onus_sum_get(&sum) / (double)n);
}

onus_number onus_csep_information(const double *rates, const double *counts, const double *area,
                                  size_t n) {
    const onus_csep_account account = csep_account_of(rates, counts, n);
    if (account.reason != NULL) {
        return onus_number_none(account.reason);
    }
    if (account.n_events == 0) {
        return onus_number_none(no_events);
    }
    const double even = account.n_forecast / onus_sum_of(area, n);
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        if (!(area[i] > 0) || isinf(area[i])) {
            return onus_number_none("a cell has no area");
        }
        if (counts[i] > 0) {
            onus_sum_add(&sum, counts[i] * log2(rates[i] / area[i] / even));
        }
    }
    return onus_number_of(onus_sum_get(&sum) / account.n_events);
}
