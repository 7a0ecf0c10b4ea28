/* How unevenly something is spread: over residents (weights) or over areas (weights NULL). */
#ifndef ONUS_STATS_INEQUALITY_H
#define ONUS_STATS_INEQUALITY_H

#include <stddef.h>

#include "onus/stats_number.h"
#include "onus/status.h"

/* In this header `values` are what one resident (or one area) carries, all >= 0 and finite, and
 * `weights` the number of residents who carry it, all >= 0 and finite; NULL: each counts once.
 * Entries of weight 0 do not count. Anything else is ERR_DOMAIN.
 *
 * Two ways to spread x_i flags over the P_i residents of area i:
 *   values = x_i,       weights = P_i   what a resident lives with (each meets all flags of the
 * area) values = x_i / P_i, weights = P_i   flags shared out among the residents (leave P_i = 0
 * out) */

/**
 * Gini coefficient: mean absolute difference over twice the mean, sum_ij w_i w_j |v_i - v_j| /
 * (2 W^2 mu), from the sorted values (Gini 1912; weighted: Lerman & Yitzhaki 1989). 0 = all alike;
 * at most 1 - 1/n unweighted. The population's own value, without the n/(n-1) correction for
 * samples. Undefined: no weight; all values 0. O(n log n).
 */
onus_status onus_gini(const double *values, const double *weights, size_t n,
                      onus_number *out) ONUS_MUST_USE;

/**
 * Theil's T: sum w_i (v_i/mu) ln(v_i/mu) / W, with 0 ln 0 = 0 (Theil 1967, ch. 4). 0 = all alike;
 * at most ln(W / smallest weight). Undefined: no weight; all values 0. O(n).
 */
onus_number onus_theil(const double *values, const double *weights, size_t n);

/** One point of a Lorenz curve: the least burdened `people` share carries the `load` share. */
typedef struct onus_lorenz_point {
    double people;
    double load;
} onus_lorenz_point;

/**
 * Lorenz curve: from (0, 0) to (1, 1), one point per distinct value, least burdened first.
 * @param[out] points    room for n + 1
 * @param[out] n_points  0 where undefined (no weight; all values 0)
 */
onus_status onus_lorenz(const double *values, const double *weights, size_t n,
                        onus_lorenz_point *points, size_t *n_points) ONUS_MUST_USE;

/**
 * Half the sum of |a_i / A - b_i / B|, A and B the sums; one formula with three names:
 *   dissimilarity D   a = one group, b = another, by area (Duncan & Duncan 1955): the share of the
 *                     group that would have to move for both to be spread alike
 *   Hoover            a = flags, b = residents (Hoover 1936)
 *   delta             a = flags, b = land area (Duncan, Cuzzort & Duncan 1961)
 * In [0, 1]. Undefined: A = 0 or B = 0; a negative or non-finite entry. O(n).
 */
onus_number onus_dissimilarity(const double *a, const double *b, size_t n);

/**
 * Isolation xPx*: sum (g_i / G) (g_i / t_i): the share of the own group among the neighbours of a
 * member (Lieberson 1981; Massey & Denton 1988 eq. 6). Areas with t_i = 0 must have g_i = 0 and do
 * not count. Undefined: G = 0; g_i > 0 where t_i = 0; a negative or non-finite entry. O(n).
 */
onus_number onus_isolation(const double *group, const double *total, size_t n);

#endif
