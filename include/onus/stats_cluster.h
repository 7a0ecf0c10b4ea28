/* Intervals where people vary, not rows: a statistic of sums per person, resampled by person.
 *
 * Rows of one person resemble each other, so that thousands of rows can be worth a few dozen
 * observations. Every statistic here is a function of column totals; what is drawn are persons, by
 * multinomial weights on their sums, so that the cost does not depend on the number of rows. */
#ifndef ONUS_STATS_CLUSTER_H
#define ONUS_STATS_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/exec.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/**
 * The statistics from column totals. Must depend on nothing but shared and totals; writes exactly
 * n_values doubles, NaN where one is undefined. Called with the totals of all persons, of all but
 * one, and of drawn ones: never with an estimate of anything else.
 */
typedef void (*onus_cluster_fn)(const void *shared, const double *totals, double *values);

typedef struct onus_cluster_data {
    const double *sums; /* n_clusters * n_sums, person by person */
    size_t n_clusters;
    size_t n_sums;
    const int32_t *stratum; /* n_clusters, in [0, n_strata): persons are drawn within their stratum
                               (their group), so that group sizes stay; NULL: one stratum */
    size_t n_strata;        /* 1 where stratum is NULL */
} onus_cluster_data;

typedef struct onus_cluster_opts {
    double level;
    uint64_t seed;
    uint64_t n_replicates; /* 0: the jackknife alone */
    onus_limits range;     /* limits end here: {0, 1} for shares; NaN: no end */
} onus_cluster_opts;

#define ONUS_CLUSTER_OPTS_INIT                                                                     \
    {                                                                                              \
        .level = 0.95, .n_replicates = 2000, .range = {(double)NAN, (double)NAN }                  \
    }

typedef struct onus_cluster_estimate {
    double value;           /* of all persons; NaN: undefined */
    double se;              /* jackknife over persons */
    double df;              /* Satterthwaite over strata; n_clusters - 1 for one stratum */
    onus_limits limits;     /* what decides: the bootstrap's, stretched for few persons */
    onus_limits percentile; /* of the same replicates, unstretched: for comparison */
    onus_limits jackknife;  /* value -+ t(df) se */
    size_t n_clusters;
    bool trusted;       /* at least ONUS_CLUSTERS_MIN persons in every stratum */
    const char *reason; /* why there is no value, no interval, or no trust; else NULL */
} onus_cluster_estimate;

/** Fewer persons than this carry no verdict (docs/statistics.md). */
enum { ONUS_CLUSTERS_MIN = 10 };

/**
 * Estimates with intervals for all values of fn at once, from one set of draws.
 *
 * The limits: quantiles of the replicates, each as far from the estimate as the percentile lies
 * times sqrt(n / (n - 1)) t(df) / z: a plain percentile interval is too short by both factors
 * (Efron & Tibshirani 1993, ch. 12; Hesterberg 2015). With strata the first factor is that of the
 * whole variance. Undefined replicates count as infinitely far on both sides.
 *
 * @param[out] out  n_values; caller's
 * @return ONUS_OK (a single person: no intervals, with the reason); ONUS_ERR_DOMAIN for a stratum
 *         out of range, a sum that is not finite or a level outside (0, 1); ONUS_ERR_TOO_FEW
 *         without persons; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Cost: O((n_replicates + n_clusters) (n_clusters n_sums + cost of fn)). Same bytes for any number
 * of threads and ranks. Stream: ONUS_STREAM_AFFECT_PEOPLE.
 */
onus_status onus_cluster_estimates(const onus_cluster_data *data, onus_cluster_fn fn,
                                   const void *shared, size_t n_values,
                                   const onus_cluster_opts *opts, const onus_context *context,
                                   onus_cluster_estimate *out, onus_error *err) ONUS_MUST_USE;

/**
 * Limits of a share: those of the estimate, but nowhere inside Wilson's on p (1 - p) / se^2
 * observations, which knows that next to 0 or 1 the few misses of a sample show too little spread.
 * Where nobody differs: Wilson's with one observation a person. None where the value is undefined.
 */
onus_limits onus_cluster_share_limits(const onus_cluster_estimate *e, double level);

/** How often replicate r draws each person; for statistics that need more than totals. stratum as
 *  in onus_cluster_data. ONUS_OK or ONUS_ERR_NOMEM. */
onus_status onus_cluster_times(uint64_t seed, uint64_t replicate, const int32_t *stratum,
                               size_t n_clusters, size_t n_strata, uint32_t *times) ONUS_MUST_USE;

/**
 * Limits of a share of rows that belong to people: the score interval (Wilson 1927, Student's
 * quantile with e->df) on the independent trials that the rows are worth, value (1 - value) / se^2,
 * at most the rows. Where all rows are alike there is no spread to see: the exact one-sided bound
 * with people as trials. Holds rare shares where quantiles of replicates end too early
 * (docs/statistics.md, tests/stat/searches.c).
 *
 * @param[in]  e  of k / n, drawn by person
 * @param[out] n_effective  those trials; 0 where there are no limits
 * Undefined (NaN): n = 0, a single person.
 */
onus_limits onus_share_limits(const onus_cluster_estimate *e, double k, double n, size_t n_people,
                              double level, double *n_effective);

/** Design effect: how many rows are worth one independent one, (se / se_rows)^2. NaN if se_rows is
 *  not positive. */
double onus_design_effect(double se, double se_rows);

/**
 * Is a value constant within its clusters (one number copied to every row)? Counts clusters of at
 * least two rows, and how many of these hold one value alone. cluster < 0: the row is not looked
 * at. O(n_rows + n_clusters).
 */
typedef struct onus_constancy {
    size_t n_rows;
    size_t n_clusters; /* with a row: the number of values that there really are, if constant */
    size_t n_repeated; /* clusters of two rows or more */
    size_t n_constant; /* of these, with one value */
    bool copied;       /* n_repeated > 0 and every one of them is constant */
} onus_constancy;
onus_status onus_constant_within(const double *values, const int32_t *cluster, size_t n_rows,
                                 size_t n_clusters, onus_constancy *out) ONUS_MUST_USE;

#endif
