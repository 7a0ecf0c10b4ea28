/* Intervals and p-values from counts, standard errors, replicates and families of claims.
 *
 * Distributions come from GSL, called only inside their domain, so that GSL's error handler (which
 * ends the process by default) is never reached. p-values by simulation are counts of whole
 * numbers, (1 + k) / (1 + R), and never 0. Called by the trials and by the judge of claims. Never
 * decides a verdict: it only says what is compatible with the data. */
#include "onus/stats_interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/stats_rank.h"
#include "stats_sort.h"

/* Beyond this many degrees of freedom Student's t and the normal agree to better than 1e-6. */
static const double DF_NORMAL = 1e6;

static bool is_level(double level) {
    return level > 0.0 && level < 1.0;
}

double onus_normal_quantile(double p) {
    if (!(p > 0.0 && p < 1.0)) {
        return p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : NAN;
    }
    return gsl_cdf_ugaussian_Pinv(p);
}

double onus_normal_cdf(double z) {
    return isnan(z) ? NAN : 0.5 * erfc(-z / sqrt(2.0));
}

double onus_t_quantile(double p, double df) {
    if (!(df > 0.0) || !(p >= 0.0 && p <= 1.0)) {
        return NAN;
    }
    if (df > DF_NORMAL || p == 0.0 || p == 1.0) {
        return onus_normal_quantile(p);
    }
    return gsl_cdf_tdist_Pinv(p, df);
}

double onus_t_p(double t, double df) {
    if (isnan(t) || !(df > 0.0)) {
        return NAN;
    }
    if (isinf(t)) {
        return 0.0;
    }
    if (df > DF_NORMAL) {
        return erfc(fabs(t) / sqrt(2.0));
    }
    return fmin(1.0, 2.0 * gsl_cdf_tdist_Q(fabs(t), df));
}

onus_limits onus_wilson(double k, double n, double level) {
    if (!is_level(level) || !(n > 0.0) || !(k >= 0.0 && k <= n) || !isfinite(n)) {
        return onus_limits_none();
    }
    const double z = onus_normal_quantile(0.5 + 0.5 * level);
    const double share = k / n;
    const double z2n = z * z / n;
    const double centre = share + 0.5 * z2n;
    const double half = z * sqrt((share * (1.0 - share) + 0.25 * z2n) / n);
    /* at k = 0 and k = n the limit is exactly 0 or 1; rounding must not move it */
    return (onus_limits){
        .low = k == 0.0 ? 0.0 : fmax(0.0, (centre - half) / (1.0 + z2n)),
        .high = k == n ? 1.0 : fmin(1.0, (centre + half) / (1.0 + z2n)),
    };
}

onus_status onus_percentile_interval(const double *replicates, size_t n, double level,
                                     onus_limits *out) {
    *out = onus_limits_none();
    if (!is_level(level) || n == 0) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    double *sorted = NULL;
    double *known = onus_alloc_n(n, sizeof *known);
    if (known == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(replicates[i])) {
            known[n_known++] = replicates[i];
        }
    }
    if (n_known == 0) {
        goto out;
    }
    /* undefined replicates at the far end of the side that is looked at */
    for (size_t i = n_known; i < n; i++) {
        known[i] = -INFINITY;
    }
    ONUS_TRY(onus_sort_values(known, n, &sorted));
    const double low = onus_quantile_sorted(sorted, n, 0.5 - 0.5 * level);
    onus_free(sorted);
    sorted = NULL;
    for (size_t i = n_known; i < n; i++) {
        known[i] = INFINITY;
    }
    ONUS_TRY(onus_sort_values(known, n, &sorted));
    *out = (onus_limits){.low = low, .high = onus_quantile_sorted(sorted, n, 0.5 + 0.5 * level)};
out:
    onus_free(sorted);
    onus_free(known);
    return status;
}

double onus_simulation_p(uint64_t n_as_extreme, uint64_t n_replicates) {
    return (1.0 + (double)n_as_extreme) / (1.0 + (double)n_replicates);
}

double onus_bootstrap_p(const double *replicates, size_t n, double bound) {
    if (n == 0 || isnan(bound)) {
        return NAN;
    }
    uint64_t n_at_most = 0;
    uint64_t n_at_least = 0;
    for (size_t i = 0; i < n; i++) {
        /* negated, so that NaN counts on both sides */
        n_at_most += !(replicates[i] > bound);
        n_at_least += !(replicates[i] < bound);
    }
    const uint64_t n_few = n_at_most < n_at_least ? n_at_most : n_at_least;
    return fmin(1.0, 2.0 * onus_simulation_p(n_few, n));
}

onus_limits onus_se_interval(double value, double se, double df, double level) {
    if (!is_level(level) || isnan(value) || !(se >= 0.0) || !(df > 0.0)) {
        return onus_limits_none();
    }
    const double half = se == 0.0 ? 0.0 : se * onus_t_quantile(0.5 + 0.5 * level, df);
    return (onus_limits){.low = value - half, .high = value + half};
}

onus_limits onus_log_interval(double log_value, double log_se, double df, double level) {
    const onus_limits limits = onus_se_interval(log_value, log_se, df, level);
    return (onus_limits){.low = exp(limits.low), .high = exp(limits.high)};
}

double onus_se_p(double value, double se, double df, double bound) {
    if (isnan(value) || isnan(bound) || !(se >= 0.0) || !(df > 0.0)) {
        return NAN;
    }
    if (se == 0.0) {
        return value == bound ? 1.0 : 0.0;
    }
    return onus_t_p((value - bound) / se, df);
}

onus_limits onus_fisher_interval(double r, double n_effective, double level) {
    if (!is_level(level) || !(fabs(r) <= 1.0) || !(n_effective > 3.0)) {
        return onus_limits_none();
    }
    if (fabs(r) == 1.0) {
        return (onus_limits){.low = r, .high = r};
    }
    const double half = onus_normal_quantile(0.5 + 0.5 * level) / sqrt(n_effective - 3.0);
    return (onus_limits){.low = tanh(atanh(r) - half), .high = tanh(atanh(r) + half)};
}

onus_status onus_holm(const double *p, size_t n, double *adjusted) {
    onus_status status = ONUS_OK;
    onus_sorted *order = NULL;
    double *known = onus_alloc_n(n, sizeof *known);
    size_t *place = onus_alloc_n(n, sizeof *place);
    if (known == NULL || place == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i])) {
            continue;
        }
        if (!(p[i] >= 0.0 && p[i] <= 1.0)) {
            status = ONUS_ERR_DOMAIN;
            goto out;
        }
        known[n_known] = p[i];
        place[n_known++] = i;
    }
    ONUS_TRY(onus_sort_pairs(known, n_known, &order));
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = isnan(p[i]) ? NAN : p[i];
    }
    double highest = 0.0;
    for (size_t j = 0; j < n_known; j++) {
        highest = fmax(highest, fmin(1.0, (double)(n - j) * order[j].value));
        adjusted[place[order[j].index]] = highest;
    }
out:
    onus_free(order);
    onus_free(known);
    onus_free(place);
    return status;
}

double onus_detectable_difference(onus_limits limits, double level, double power) {
    const double half = 0.5 * (limits.high - limits.low);
    if (!is_level(level) || !(power > 0.0 && power < 1.0) || !isfinite(half) || half < 0.0) {
        return NAN;
    }
    const double z = onus_normal_quantile(0.5 + 0.5 * level);
    return (z + onus_normal_quantile(power)) * half / z;
}

double onus_detectable_ratio(onus_limits limits, double level, double power) {
    if (!(limits.low > 0.0) || !isfinite(limits.high)) {
        return NAN;
    }
    const onus_limits logs = {.low = log(limits.low), .high = log(limits.high)};
    return exp(onus_detectable_difference(logs, level, power));
}

double onus_evalue(double ratio) {
    if (!(ratio > 0.0) || !isfinite(ratio)) {
        return NAN;
    }
    const double up = ratio < 1.0 ? 1.0 / ratio : ratio;
    return up + sqrt(up * (up - 1.0));
}

double onus_evalue_limits(onus_limits limits) {
    if (!(limits.low >= 0.0) || !(limits.high >= limits.low)) {
        return NAN;
    }
    if (limits.low > 1.0) {
        return onus_evalue(limits.low);
    }
    return limits.high < 1.0 ? onus_evalue(limits.high) : 1.0;
}
