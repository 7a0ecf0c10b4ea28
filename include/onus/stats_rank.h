/* Ranks and what is made of them: mid-ranks, quantiles, medians, Spearman's correlation. */
#ifndef ONUS_STATS_RANK_H
#define ONUS_STATS_RANK_H

#include <stddef.h>

#include "onus/stats_number.h"
#include "onus/status.h"

/**
 * Mid-ranks: 1 for the smallest, ties share the mean of the ranks they take up.
 *
 * @param[in]  values  n values, none NaN
 * @param[out] ranks   n values; multiples of 0.5; caller's buffer
 * @return ONUS_OK (n = 0 too); ONUS_ERR_DOMAIN if a value is NaN; ONUS_ERR_NOMEM
 * Cost: O(n log n). Deterministic.
 */
onus_status onus_rank_mid(const double *values, size_t n, double *ranks) ONUS_MUST_USE;

/**
 * Quantile of type 7 (Hyndman & Fan 1996, the default of R and NumPy): linear between order
 * statistics at 1 + (n - 1) p.
 *
 * @param[in] sorted  n values in ascending order, none NaN
 * Undefined (NaN): n = 0, or p outside [0, 1].
 */
double onus_quantile_sorted(const double *sorted, size_t n, double p);

/** The same for n_p quantiles of values in any order. ERR_DOMAIN: a NaN among values. O(n log n).
 */
onus_status onus_quantiles(const double *values, size_t n, const double *p, size_t n_p,
                           double *out) ONUS_MUST_USE;

/** Quantile 0.5 of type 7; NaN if n = 0. */
onus_status onus_median(const double *values, size_t n, double *out) ONUS_MUST_USE;

/**
 * Weighted quantile: the smallest value at which the cumulated weight reaches p of all weight (the
 * inverse of the weighted distribution function, type 1; where it is reached exactly, the midpoint
 * to the next value of positive weight). Values of weight 0 do not count. Undefined: no positive
 * weight. ERR_DOMAIN: NaN, or a negative or infinite weight.
 */
onus_status onus_quantile_weighted(const double *values, const double *weights, size_t n, double p,
                                   onus_number *out) ONUS_MUST_USE;

/**
 * Pearson's correlation (two-pass). Undefined: n < 3; one of the two is constant.
 * Values must be finite (NaN gives an undefined result with that reason). O(n).
 */
onus_number onus_pearson(const double *a, const double *b, size_t n);

/**
 * Spearman's correlation with mid-ranks: Pearson's correlation of the mid-ranks (Kendall 1945).
 * Undefined: n < 3; one of the two is constant; a NaN. O(n log n).
 * @return ONUS_OK or ONUS_ERR_NOMEM
 */
onus_status onus_spearman(const double *a, const double *b, size_t n,
                          onus_number *out) ONUS_MUST_USE;

#endif
