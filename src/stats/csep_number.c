/* How many events: the number test, and what records from before say about its spread.
 *
 * Both tails are sums of probabilities outward from the number recorded, each term made from its
 * neighbour by the ratio of the two, so that a tail of 1e-300 has as many digits as one of 0.3. The
 * first term comes from Loader's saddle point ("Fast and accurate computation of binomial
 * probabilities", 2000), which keeps 1e-14 where the plain lgamma form loses all its digits at 1e12
 * events. Called by the place trial. Never told which events: only how many. */
#include "onus/stats_csep.h"

#include <math.h>

#include "onus/sum.h"

static const double log_two_pi = 1.8378770664093454836;

/* log(x!) minus Stirling's formula, x > 0. Series: error below 1e-16 from 16 on. */
static double stirling_error(double x) {
    if (x < 16) {
        int sign = 0; /* lgamma itself writes a global */
        return lgamma_r(x + 1, &sign) - (x + 0.5) * log(x) + x - log_two_pi / 2;
    }
    const double xx = x * x;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / xx) / xx) / xx) / xx) /
           x;
}

/* x log(x / m) + m - x without cancellation near x = m. */
static double deviance_part(double x, double m) {
    if (fabs(x - m) < 0.1 * (x + m)) {
        const double v = (x - m) / (x + m);
        double sum = (x - m) * v;
        double term = 2 * x * v;
        for (int j = 1; j < 1000; j++) {
            term *= v * v;
            const double next = sum + term / (2 * j + 1);
            if (next == sum) {
                break;
            }
            sum = next;
        }
        return sum;
    }
    return x * log(x / m) + m - x;
}

static double poisson_pmf(double k, double mean) {
    if (k == 0) {
        return exp(-mean);
    }
    return exp(-stirling_error(k) - deviance_part(k, mean) - (log_two_pi + log(k)) / 2);
}

/* r: size (may be fractional), mean m: P(k) = r / (r + k) times the binomial density of r in r + k
 * with p = r / (r + m). */
static double negative_binomial_pmf(double k, double mean, double r) {
    if (k == 0) {
        return exp(-r * log1p(mean / r));
    }
    const double n = r + k;
    const double p = r / (r + mean);
    const double q = mean / (r + mean);
    const double log_density = stirling_error(n) - stirling_error(r) - stirling_error(k) -
                               deviance_part(r, n * p) - deviance_part(k, n * q) -
                               (log_two_pi + log(r) + log(k) - log(n)) / 2;
    return r / n * exp(log_density);
}

/* P(k + 1) / P(k); r infinite: Poisson. */
static double step_up(double k, double mean, double r) {
    return isinf(r) ? mean / (k + 1) : mean / (r + mean) * (r + k) / (k + 1);
}

static const double negligible = 0x1p-70; /* of the sum so far */

/* Sum over j <= k (down) or j >= k (up), starting from P(k) = at. Where the ratio of neighbours is
 * below 1 it only falls on the way down, and on the way up it stays below the larger of itself and
 * its limit mean / (r + mean); what follows a term is then less than term * most / (1 - most). */
static double tail(double k, double mean, double r, double at, bool up) {
    onus_sum sum = {0};
    double term = at;
    double j = k;
    for (;;) {
        onus_sum_add(&sum, term);
        if (!up && j == 0) {
            break;
        }
        const double ratio = up ? step_up(j, mean, r) : 1 / step_up(j - 1, mean, r);
        const double most = up && !isinf(r) ? fmax(ratio, mean / (r + mean)) : ratio;
        if (most < 1 && term * most <= (1 - most) * onus_sum_get(&sum) * negligible) {
            break;
        }
        term *= ratio;
        j += up ? 1 : -1;
    }
    return fmin(1.0, onus_sum_get(&sum));
}

static onus_csep_number none(const char *reason) {
    const onus_number n = onus_number_none(reason);
    return (onus_csep_number){.delta1 = n, .delta2 = n, .p = n};
}

static const double spread_max = 1e6; /* variance / mean: bounds the terms of a tail */
static const double events_max = 1e12;

onus_csep_number onus_csep_number_test(double n_forecast, double n_events, double variance) {
    if (!(n_forecast > 0) || n_forecast > events_max) {
        return none("the forecast's number of events is not positive, or not a number");
    }
    if (!(n_events >= 0) || n_events != floor(n_events) || n_events > events_max) {
        return none("the number of events is not a whole number");
    }
    double r = INFINITY;
    if (!isnan(variance)) {
        if (!(variance > n_forecast)) {
            return none("the variance from before is not above the forecast's number: a negative "
                        "binomial cannot have it");
        }
        if (variance > spread_max * n_forecast) {
            return none("the variance from before is too large for the forecast's number");
        }
        r = n_forecast * (n_forecast / (variance - n_forecast));
    }
    const double at = isinf(r) ? poisson_pmf(n_events, n_forecast)
                               : negative_binomial_pmf(n_events, n_forecast, r);
    /* The shorter way out is summed, the other tail is what it leaves. */
    double low = 0;
    double high = 0;
    if (n_events <= n_forecast) {
        low = tail(n_events, n_forecast, r, at, false);
        high = fmin(1.0, 1 - (low - at));
    } else {
        high = tail(n_events, n_forecast, r, at, true);
        low = fmin(1.0, 1 - (high - at));
    }
    return (onus_csep_number){.delta1 = onus_number_of(high),
                              .delta2 = onus_number_of(low),
                              .p = onus_number_of(fmin(1.0, 2 * fmin(low, high)))};
}

/* ---- from records before ---- */

onus_number onus_csep_variance(const double *totals, size_t n) {
    if (n < 2) {
        return onus_number_none("fewer than two windows before the trial");
    }
    const double mean = onus_sum_of(totals, n) / (double)n;
    onus_sum squares = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&squares, (totals[i] - mean) * (totals[i] - mean));
    }
    const double variance = onus_sum_get(&squares) / (double)(n - 1);
    return isfinite(variance) ? onus_number_of(variance)
                              : onus_number_none("a window's total is not a number");
}

onus_number onus_csep_cluster_size(const double *sum, const double *squares, size_t n_cells,
                                   size_t n_windows) {
    if (n_windows < 2) {
        return onus_number_none("fewer than two windows before the trial");
    }
    const double w = (double)n_windows;
    onus_sum means = {0};
    onus_sum variances = {0};
    for (size_t i = 0; i < n_cells; i++) {
        onus_sum_add(&means, sum[i] / w);
        onus_sum_add(&variances, (squares[i] - sum[i] * sum[i] / w) / (w - 1));
    }
    const double mean = onus_sum_get(&means);
    if (!(mean > 0)) {
        return onus_number_none("no events before the trial");
    }
    /* m + 1 - 1/m = D: the positive root of m^2 - (D - 1) m - 1 = 0 */
    const double over = onus_sum_get(&variances) / mean - 1;
    if (isnan(over)) {
        return onus_number_none("a count before the trial is not a number");
    }
    return onus_number_of(over <= 0 ? 1.0 : (over + sqrt(over * over + 4)) / 2);
}
