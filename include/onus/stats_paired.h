/* Two methods on the same windows: is one better than the other, and could these windows tell? */
#ifndef ONUS_STATS_PAIRED_H
#define ONUS_STATS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

typedef enum onus_hac {
    ONUS_HAC_RECTANGULAR, /* all autocovariances up to horizon - 1 count in full */
    ONUS_HAC_BARTLETT,    /* they count 1 - k / horizon: never negative */
} onus_hac;

typedef struct onus_dm {
    double mean;      /* of the differences */
    double se;        /* of the mean, before the small-sample factor */
    double statistic; /* with the factor of Harvey, Leybourne & Newbold (1997) */
    double df;        /* n - 1 */
    double p_value;   /* two-sided, Student */
    size_t n;
    size_t horizon;
    bool bartlett;      /* used: asked for, or because the rectangular variance was not positive */
    const char *reason; /* why statistic is NaN; else NULL */
} onus_dm;

/**
 * Diebold-Mariano on differences of scores, one per window (1995), with the variance from
 * autocovariances (divisor n) to lag horizon - 1 and the factor sqrt((n + 1 - 2h + h(h-1)/n) / n).
 * Where the rectangular variance is not positive the Bartlett one stands in (flagged), never a
 * shorter horizon.
 *
 * @param[in] difference  n values, in order of time
 * @param[in] horizon     1 <= horizon
 * Undefined (reason): n < 2, horizon >= n, a difference that is not finite, all differences equal.
 * O(n horizon).
 */
onus_dm onus_diebold_mariano(const double *difference, size_t n, size_t horizon, onus_hac hac);

/**
 * Adds up consecutive windows into units (weeks): out[u * n_sums + k].
 * @param[in]  sums  n_windows * n_sums
 * @param[in]  unit  n_windows, ascending, in [0, n_units)
 * Units without windows are zeros. ERR_DOMAIN: not ascending or out of range.
 */
onus_status onus_windows_group(const double *sums, size_t n_windows, size_t n_sums,
                               const int32_t *unit, size_t n_units, double *out) ONUS_MUST_USE;

/** Which column is judged against which. */
typedef struct onus_pair {
    size_t product;
    size_t baseline;
} onus_pair;

typedef struct onus_paired_opts {
    size_t block_len; /* units; 0: 1.25 n^(1/3) rounded up */
    uint64_t seed;
    uint64_t n_replicates; /* 0: no bootstrap, the closed form alone */
    double level;
    double power;
} onus_paired_opts;

#define ONUS_PAIRED_OPTS_INIT                                                                      \
    { .n_replicates = 2000, .level = 0.95, .power = 0.8 }

/**
 * Standard error of a sum over units of time that may resemble their neighbours, by the first
 * n_waves cosines (equal-weighted cosine estimator: Muller 2004; Lazarus, Lewis, Stock & Watson
 * 2018): each gives one nearly independent look at the variance at low frequency, so Student's t on
 * n_waves degrees of freedom is the right reference, exactly so for independent normal units.
 *
 * @param[in] values   n, finite, in order of time; their mean is of no consequence
 * @param[in] n_waves  1 <= n_waves < n; 0: onus_n_waves(n)
 * NaN where n < 2. O(n n_waves).
 */
double onus_waves_se(const double *values, size_t n, size_t n_waves);
/** 0.4 n^(2/3) rounded up (ibid.: loses least to either side, size or power), below n. */
size_t onus_n_waves(size_t n);

/** Totals of two methods over the same units of time, compared. */
typedef struct onus_paired {
    double product; /* totals */
    double baseline;
    double difference;
    double ratio; /* NaN (ratio_reason) where the baseline captured nothing */
    /* onus_waves_se, on the log of the ratio and on the difference; these decide */
    onus_limits ratio_limits;
    onus_limits difference_limits;
    double log_se;
    double difference_se;
    double df; /* waves */
    /* of the moving-block bootstrap, beside them; none without replicates */
    onus_limits ratio_bootstrap;
    onus_limits difference_bootstrap;
    double detectable_ratio;      /* factor from 1 that would be shown with the power; NaN: none */
    double detectable_difference; /* in totals */
    size_t n_units;
    size_t block_len;
    bool trusted; /* false: too few units for a verdict (reason) */
    const char *reason;
    const char *ratio_reason;
} onus_paired;

/**
 * Compares columns of sums per unit of time (outcomes captured by each method at each budget, or
 * summed scores). One bootstrap serves all pairs: replicates draw units, never methods.
 *
 * Which interval decides was settled by simulation (tests/stat/paired.c, docs/statistics.md): with
 * clustered outcomes that run on into the next unit, independent units and the percentile bootstrap
 * reject too often, longer blocks too seldom; the cosines hold the nominal rate.
 *
 * The bootstrap's limits are at equal distance from the estimate (for a ratio: of its logarithm):
 * what the level's share of replicates is not further away than (Hall 1988), times
 * sqrt(n / (n - l)) t / z, as blocks of l units drawn from n vary less than n / l new ones would. A
 * replicate without a ratio is infinitely far away.
 *
 * @param[in]  sums   n_units * n_columns, finite and >= 0, in order of time, empty units as zeros
 * @param[out] out    n_pairs
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 */
onus_status onus_paired_compare(const double *sums, size_t n_units, size_t n_columns,
                                const onus_pair *pairs, size_t n_pairs,
                                const onus_paired_opts *opts, const onus_context *context,
                                onus_paired *out, onus_error *err) ONUS_MUST_USE;

/** Two-sided p of "the true ratio is `bound`" (> 0), of "the true difference is `bound`"; NaN where
 *  there is no interval. */
double onus_paired_ratio_p(const onus_paired *paired, double bound);
double onus_paired_difference_p(const onus_paired *paired, double bound);

#endif
