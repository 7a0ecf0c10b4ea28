/* Private to stats: how alike two areas are, by how far apart they lie. */
#ifndef ONUS_STATS_AUTOCOV_H
#define ONUS_STATS_AUTOCOV_H

#include <stddef.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

/** Sums of products of pairs by distance class, for several columns at once. */
typedef struct onus_autocov {
    size_t n; /* areas */
    size_t n_columns;
    size_t n_classes;
    double *n_pairs; /* n_classes: unordered pairs i < j */
    double *sums;    /* n_classes * n_columns: sum over those pairs of v_i v_j */
    double *squares; /* n_columns: sum of v_i^2 */
} onus_autocov;

/**
 * One pass over all pairs. Columns are taken as they are: centre them first where that is meant.
 * @param[in]  columns  n_columns columns of n finite values
 * @param[out] out      untouched on failure
 * Cost: O(n^2 (4 + n_columns) / 2). Same bytes for any number of threads.
 */
onus_status onus_autocov_new(const double *x_m, const double *y_m, size_t n,
                             const double *const *columns, size_t n_columns,
                             const onus_context *context, onus_autocov *out,
                             onus_error *err) ONUS_MUST_USE;
void onus_autocov_clear(onus_autocov *autocov);

/** Sum over all ordered pairs (i, j), i = j included, of C_a(d_ij) C_b(d_ij), C the mean product of
 * a class: the variance of sum_i a_i b_i if the two vary independently (Clifford et al. 1989). */
double onus_autocov_product(const onus_autocov *autocov, size_t a, size_t b);

/** 1 + n^2 C_a(0) C_b(0) / onus_autocov_product, at most n (and n where the product is not
 * positive: estimated negative dependence is never credited). n if a column is 0 throughout. */
double onus_autocov_n_effective(const onus_autocov *autocov, size_t a, size_t b);

#endif
