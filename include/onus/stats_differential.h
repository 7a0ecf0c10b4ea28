/* How unequal error rates are between groups: the summary figures that vendors and standards print.
 *
 * Every figure is undefined (NaN, with the reason) where a rate is, and where it divides by a rate
 * that is 0: an infinite disparity is not a number, and a disparity from a rate of 0 that was seen
 * in few comparisons is not a fact. */
#ifndef ONUS_STATS_DIFFERENTIAL_H
#define ONUS_STATS_DIFFERENTIAL_H

#include <stddef.h>

#include "onus/stats_number.h"
#include "onus/status.h"

/** Of n rates in [0, 1], at least two. */
typedef struct onus_differential {
    onus_number max;
    onus_number min;
    onus_number max_minus_min;
    onus_number mean; /* of the groups, each counting once */
    onus_number geomean;
    onus_number max_over_min;
    onus_number max_over_mean;
    onus_number max_over_geomean; /* Grother 2021, NISTIR 8429: undefined where a rate is 0 */
    onus_number log10_sd;         /* standard deviation of log10 rate, over the groups */
    onus_number gini;             /* sum_ij |x_i - x_j| / (2 n^2 mean) */
    onus_number gini_corrected; /* n / (n - 1) gini: 1 where one group has all (ISO/IEC 19795-10) */
    size_t at_max;              /* index of the (first) largest; SIZE_MAX if undefined */
    size_t at_min;
} onus_differential;

/** @return ONUS_OK; ONUS_ERR_DOMAIN for a rate outside [0, 1] (NaN is not known, and legal);
 *  ONUS_ERR_NOMEM. O(n log n). */
onus_status onus_differential_of(const double *rates, size_t n,
                                 onus_differential *out) ONUS_MUST_USE;

/** Figures that join false matches and misses; alpha in [0, 1] weighs false matches. */
typedef struct onus_differential_joint {
    onus_number garbe;    /* alpha gini_corrected(FMR) + (1 - alpha) gini_corrected(FNMR): Howard et
                             al.    (2022) */
    onus_number fdr;      /* 1 - (alpha range(FMR) + (1 - alpha) range(FNMR)): de Freitas Pereira &
                             Marcel      (2021) */
    onus_number inequity; /* (max/min FMR)^alpha (max/min FNMR)^(1 - alpha): Grother (2021) */
} onus_differential_joint;

onus_differential_joint onus_differential_join(const onus_differential *fmr,
                                               const onus_differential *fnmr, double alpha);

#endif
