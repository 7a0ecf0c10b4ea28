/* How unequal error rates are between groups: max over min, Gini, GARBE, FDR, inequity ratio.
 *
 * Each figure of a summary is carried as a number with a reason, because a rate of 0 makes some of
 * them undefined and others (FDR, Gini) not, and a table that hides this misleads. Called by the
 * match trial's groups, on measured rates and on replicates of them. Never judges whether a
 * difference is more than noise: that is what intervals are for. */
#include "onus/stats_differential.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "onus/stats_inequality.h"
#include "onus/sum.h"

static const char FEW[] = "fewer than two groups";
static const char UNKNOWN[] = "the rate of a group is not known";
static const char NO_ERRORS[] = "no group has an error";
static const char ZERO[] = "the rate of a group is 0: no error was seen in it";

static onus_differential undefined(const char *reason) {
    const onus_number none = onus_number_none(reason);
    return (onus_differential){.max = none,
                               .min = none,
                               .max_minus_min = none,
                               .mean = none,
                               .geomean = none,
                               .max_over_min = none,
                               .max_over_mean = none,
                               .max_over_geomean = none,
                               .log10_sd = none,
                               .gini = none,
                               .gini_corrected = none,
                               .at_max = SIZE_MAX,
                               .at_min = SIZE_MAX};
}

static double mean_of(const double *rates, size_t n, double (*part)(double)) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, part(rates[i]));
    }
    return onus_sum_get(&sum) / (double)n;
}

static double itself(double x) {
    return x;
}

/* Figures that take the logarithm of every rate. */
static void set_logs(const double *rates, size_t n, onus_differential *out) {
    const double mean = mean_of(rates, n, log);
    onus_sum squares = {0};
    for (size_t i = 0; i < n; i++) {
        const double gap = log(rates[i]) - mean;
        onus_sum_add(&squares, gap * gap);
    }
    out->geomean = onus_number_of(exp(mean));
    out->max_over_geomean = onus_number_of(out->max.value / exp(mean));
    out->log10_sd = onus_number_of(sqrt(onus_sum_get(&squares) / (double)n) / log(10.0));
}

onus_status onus_differential_of(const double *rates, size_t n, onus_differential *out) {
    bool is_known = true;
    for (size_t i = 0; i < n; i++) {
        is_known = is_known && !isnan(rates[i]);
        if (!isnan(rates[i]) && !(rates[i] >= 0.0 && rates[i] <= 1.0)) {
            return ONUS_ERR_DOMAIN;
        }
    }
    if (n < 2 || !is_known) {
        *out = undefined(n < 2 ? FEW : UNKNOWN);
        return ONUS_OK;
    }
    onus_number gini;
    const onus_status status = onus_gini(rates, NULL, n, &gini);
    if (status != ONUS_OK) {
        return status;
    }
    onus_differential found = undefined(ZERO);
    found.at_max = 0;
    found.at_min = 0;
    for (size_t i = 1; i < n; i++) {
        found.at_max = rates[i] > rates[found.at_max] ? i : found.at_max;
        found.at_min = rates[i] < rates[found.at_min] ? i : found.at_min;
    }
    const double max = rates[found.at_max];
    const double min = rates[found.at_min];
    const double mean = mean_of(rates, n, itself);
    found.max = onus_number_of(max);
    found.min = onus_number_of(min);
    found.max_minus_min = onus_number_of(max - min);
    found.mean = onus_number_of(mean);
    found.gini = found.gini_corrected = found.max_over_mean = onus_number_none(NO_ERRORS);
    if (max > 0.0) {
        found.gini = gini;
        found.gini_corrected = onus_number_of((double)n / ((double)n - 1.0) * gini.value);
        found.max_over_mean = onus_number_of(max / mean);
    }
    found.geomean = onus_number_of(0.0);
    if (min > 0.0) {
        found.max_over_min = onus_number_of(max / min);
        set_logs(rates, n, &found);
    }
    *out = found;
    return ONUS_OK;
}

/* The first of the reasons why there is no number. */
static const char *why_not(const onus_number *a, const onus_number *b) {
    return isnan(a->value) ? a->reason : b->reason;
}

static onus_number weighed(const onus_number *fmr, const onus_number *fnmr, double alpha) {
    return isnan(fmr->value) || isnan(fnmr->value)
               ? onus_number_none(why_not(fmr, fnmr))
               : onus_number_of(alpha * fmr->value + (1.0 - alpha) * fnmr->value);
}

onus_differential_joint onus_differential_join(const onus_differential *fmr,
                                               const onus_differential *fnmr, double alpha) {
    onus_differential_joint out;
    if (!(alpha >= 0.0 && alpha <= 1.0)) {
        out.garbe = out.fdr = out.inequity = onus_number_none("alpha lies outside [0, 1]");
        return out;
    }
    out.garbe = weighed(&fmr->gini_corrected, &fnmr->gini_corrected, alpha);
    out.fdr = weighed(&fmr->max_minus_min, &fnmr->max_minus_min, alpha);
    if (!isnan(out.fdr.value)) {
        out.fdr.value = 1.0 - out.fdr.value;
    }
    const onus_number *a = &fmr->max_over_min;
    const onus_number *b = &fnmr->max_over_min;
    out.inequity = isnan(a->value) || isnan(b->value)
                       ? onus_number_none(why_not(a, b))
                       : onus_number_of(pow(a->value, alpha) * pow(b->value, 1.0 - alpha));
    return out;
}
