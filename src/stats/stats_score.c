/* Proper scores of forecast counts, summed over every cell of every window.
 *
 * Nearly all cell-windows have no outcomes, and there every score has a short closed form; the few
 * with outcomes take the full one. The CRPS of a Poisson forecast has a closed form too (a sum over
 * counts, as found elsewhere, never ends at a mean of 800), with the exponentially scaled Bessel
 * functions; for small means, where 1 - exp(-2m)(I0 + I1) would cancel, its power series stands in.
 * Called by the place trial, window by window. Never skips a cell: a rate that cannot be scored
 * makes the whole score undefined. */
#include "onus/stats_score.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_bessel.h>

#include "stats_capture_internal.h"

static const double LOG_2_PI = 1.83787706640934548356;

static bool rate_is_fit(double rate) {
    return rate >= 0.0 && rate <= ONUS_RATE_MAX;
}

static bool fit(double rate, double count) {
    return rate_is_fit(rate) && count >= 0.0 && isfinite(count) && floor(count) == count;
}

/* count log(count / rate) + rate - count for count, rate > 0 (Loader 2000, bd0): by a series in
 * (count - rate) / (count + rate) where the two are near each other and the terms would cancel. */
static double half_deviance(double count, double rate) {
    const double off = count - rate;
    if (fabs(off) >= 0.1 * (count + rate)) {
        return count * log(count / rate) - off;
    }
    const double v = off / (count + rate);
    double sum = off * v;
    double term = 2.0 * count * v;
    for (int k = 3;; k += 2) {
        term *= v * v;
        const double next = sum + term / k;
        if (next == sum) {
            return next;
        }
        sum = next;
    }
}

/* log n! - log(sqrt(2 pi n) (n / e)^n), n > 15 (Loader 2000, eq. 4). */
static double stirling_error(double n) {
    const double nn = n * n;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) /
           n;
}

double onus_poisson_log_pmf(double rate, double count) {
    if (!fit(rate, count)) {
        return NAN;
    }
    if (rate == 0.0) {
        return count == 0.0 ? 0.0 : -INFINITY;
    }
    if (count > 15.0) {
        return -stirling_error(count) - half_deviance(count, rate) - 0.5 * (LOG_2_PI + log(count));
    }
    int sign = 0; /* lgamma itself writes a global */
    return count == 0.0 ? -rate : count * log(rate) - rate - lgamma_r(count + 1.0, &sign);
}

double onus_poisson_cdf(double rate, double count) {
    if (!rate_is_fit(rate) || isnan(count)) {
        return NAN;
    }
    if (count < 0.0) {
        return 0.0;
    }
    if (rate == 0.0 || isinf(count)) {
        return 1.0;
    }
    return gsl_cdf_gamma_Q(rate, floor(count) + 1.0, 1.0);
}

double onus_score_log(double rate, double count) {
    return 0.0 - onus_poisson_log_pmf(rate, count); /* no minus zero */
}

double onus_score_deviance(double rate, double count) {
    if (!fit(rate, count)) {
        return NAN;
    }
    if (count == 0.0) {
        return 2.0 * rate;
    }
    return rate == 0.0 ? INFINITY : 2.0 * half_deviance(count, rate);
}

double onus_score_brier(double rate, double count) {
    if (!fit(rate, count)) {
        return NAN;
    }
    const double miss = count > 0.0 ? exp(-rate) : -expm1(-rate);
    return miss * miss;
}

/* ---- CRPS ---- */

static const double SERIES_BELOW_MEAN = 0.25;
static const double SHORT_SERIES_BELOW_MEAN = 1.0 / 64;

/* (1 - M(1/2; 2; -w)) / w, M Kummer's function: exp(-2m)(I0(2m) + I1(2m)) = M(1/2; 2; -4m). Term k
 * is (1/2)_(k+1) / ((2)_(k+1) (k+1)!) (-w)^k; 18 of them leave 1e-18 at w = 1, 9 of them 1e-17 at
 * 1/16. */
static double kummer(double w) {
    const double low =
        0.25 + w * (-0.0625 +
                    w * (0.013020833333333334 +
                         w * (-0.0022786458333333335 +
                              w * (0.000341796875 + w * (-4.475911458333333e-05 +
                                                         w * (5.195254371279762e-06 +
                                                              w * (-5.411723303416418e-07 +
                                                                   w * 5.111072008782173e-08)))))));
    if (w <= 4.0 * SHORT_SERIES_BELOW_MEAN) {
        return low;
    }
    const double high = -4.41410764394824e-09 +
                        w * (3.511221989504282e-10 +
                             w * (-2.5884008255961055e-11 +
                                  w * (1.777747819777545e-12 +
                                       w * (-1.1428378841427074e-13 +
                                            w * (6.904645550028858e-15 +
                                                 w * (-3.9346325744649743e-16 +
                                                      w * (2.1216156038781724e-17 +
                                                           w * -1.0856220195283045e-18)))))));
    const double w3 = w * w * w;
    return low + w3 * w3 * w3 * high;
}

/* CRPS of count 0: m (1 - exp(-2m) (I0(2m) + I1(2m))). */
static double crps_none(double mean) {
    if (mean <= SERIES_BELOW_MEAN) {
        return 4.0 * mean * mean * kummer(4.0 * mean);
    }
    return mean * (1.0 - gsl_sf_bessel_I0_scaled(2.0 * mean) - gsl_sf_bessel_I1_scaled(2.0 * mean));
}

double onus_score_crps(double rate, double count) {
    if (!fit(rate, count)) {
        return NAN;
    }
    if (count == 0.0) {
        return crps_none(rate);
    }
    if (rate == 0.0) {
        return count;
    }
    /* the formula of the header less that of count 0 is (k - m)(2F - 1) + 2 m f - m */
    return (count - rate) * (2.0 * onus_poisson_cdf(rate, count) - 1.0) +
           2.0 * rate * exp(onus_poisson_log_pmf(rate, count)) - rate + crps_none(rate);
}

/* ---- sums over windows ---- */

static const char *const NAMES[ONUS_SCORE_N] = {
    [ONUS_SCORE_LOG] = "log_score",
    [ONUS_SCORE_DEVIANCE] = "poisson_deviance",
    [ONUS_SCORE_BRIER] = "brier",
    [ONUS_SCORE_CRPS] = "crps",
};

const char *onus_score_name(onus_score which) {
    return (unsigned)which < ONUS_SCORE_N ? NAMES[which] : "unknown";
}

static void add_cell(onus_scores *s, double rate, double count) {
    onus_sum_add(&s->rate, rate);
    if (count == 0.0) {
        const double p = -expm1(-rate);
        onus_sum_add(&s->sum[ONUS_SCORE_BRIER], p * p);
        onus_sum_add(&s->sum[ONUS_SCORE_CRPS], crps_none(rate));
        onus_sum_add(&s->sum[ONUS_SCORE_LOG], rate);
        onus_sum_add(&s->sum[ONUS_SCORE_DEVIANCE], 2.0 * rate);
        return;
    }
    onus_sum_add(&s->sum[ONUS_SCORE_BRIER], onus_score_brier(rate, count));
    onus_sum_add(&s->sum[ONUS_SCORE_CRPS], onus_score_crps(rate, count));
    if (rate == 0.0) {
        s->n_impossible++; /* infinite: adding it would only hide how often */
        return;
    }
    onus_sum_add(&s->sum[ONUS_SCORE_LOG], onus_score_log(rate, count));
    onus_sum_add(&s->sum[ONUS_SCORE_DEVIANCE], onus_score_deviance(rate, count));
}

static double window_mean(const onus_scores *s, onus_score which) {
    if (s->n_bad > 0) {
        return NAN;
    }
    if (s->n_impossible > 0 && (which == ONUS_SCORE_LOG || which == ONUS_SCORE_DEVIANCE)) {
        return INFINITY;
    }
    return onus_sum_get(&s->sum[which]) / (double)s->n_cell_windows;
}

/* Joins the sums of one window to those of the windows before. */
static void join(onus_sum *into, const onus_sum *part) {
    onus_sum_add(into, part->total);
    onus_sum_add(into, part->carry);
}

onus_status onus_scores_add(onus_scores *scores, const double *rate, size_t n_cells,
                            const onus_cell_counts *counts, double *window, onus_error *err) {
    if (n_cells == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a forecast has no cells");
    }
    const onus_status status = onus_cell_counts_check(counts, n_cells, err);
    if (status != ONUS_OK) {
        return status;
    }
    onus_scores one = {.n_cell_windows = n_cells, .n_windows = 1};
    size_t next = 0;
    for (size_t c = 0; c < n_cells; c++) {
        double count = 0.0;
        if (next < counts->n && (size_t)counts->cell[next] == c) {
            count = counts->count[next++];
            one.n_outcomes += count;
        }
        if (rate_is_fit(rate[c])) {
            add_cell(&one, rate[c], count);
        } else {
            one.n_bad++;
        }
    }
    scores->n_cell_windows += one.n_cell_windows;
    scores->n_windows++;
    scores->n_outcomes += one.n_outcomes;
    scores->n_impossible += one.n_impossible;
    scores->n_bad += one.n_bad;
    join(&scores->rate, &one.rate);
    for (size_t k = 0; k < ONUS_SCORE_N; k++) {
        join(&scores->sum[k], &one.sum[k]);
        if (window != NULL) {
            window[k] = window_mean(&one, (onus_score)k);
        }
    }
    return ONUS_OK;
}

onus_number onus_scores_mean(const onus_scores *scores, onus_score which) {
    if (scores->n_cell_windows == 0) {
        return onus_number_none("no window was scored");
    }
    if (scores->n_bad > 0) {
        return onus_number_none("a forecast rate is negative, too large or not a number");
    }
    if (scores->n_impossible > 0 && (which == ONUS_SCORE_LOG || which == ONUS_SCORE_DEVIANCE)) {
        return onus_number_none(
            "outcomes were recorded where the forecast rate is zero: the score is infinite");
    }
    return onus_number_of(onus_sum_get(&scores->sum[which]) / (double)scores->n_cell_windows);
}
