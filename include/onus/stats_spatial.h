/* What nearness does to numbers: Moran's I, and correlations whose neighbours resemble each other.
 */
#ifndef ONUS_STATS_SPATIAL_H
#define ONUS_STATS_SPATIAL_H

#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** Who borders whom: row i has columns[starts[i] .. starts[i + 1] - 1]; symmetric, no self.
 * Borrowed. */
typedef struct onus_neighbours {
    size_t n_areas;
    const size_t *starts; /* n_areas + 1 */
    const int32_t *columns;
} onus_neighbours;

typedef struct onus_moran {
    double value;     /* NaN with a reason */
    double expected;  /* -1 / (n_used - 1) */
    double p_value;   /* two-sided, by permutation */
    size_t n_used;    /* areas with a value and at least one neighbour with a value */
    size_t n_islands; /* areas with a value that were left out for want of a neighbour */
    const char *reason;
} onus_moran;

/**
 * Moran's I of several variables with row-standardised weights (Moran 1950; Cliff & Ord 1981), with
 * p by permutation: (1 + #{|I_r - E| >= |I - E|}) / (1 + n_permutations), E = -1/(n - 1). All
 * variables share one set of areas and one permutation per replicate.
 *
 * Areas where a variable is NaN are left out for all variables, and so are areas that then have no
 * neighbour (islands: a row-standardised weight does not exist for them); both are counted.
 * Undefined for a variable: fewer than 3 areas left; constant.
 *
 * @param[in]  values  n_vars columns of n_areas values each
 * @param[out] out     n_vars
 * @return ONUS_OK; ONUS_ERR_DOMAIN for a column out of range; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Cost: O(n_permutations * neighbour pairs * n_vars). Stream: ONUS_STREAM_MORAN.
 */
onus_status onus_moran_test(const onus_neighbours *neighbours, const double *const *values,
                            size_t n_vars, uint64_t seed, uint32_t n_permutations,
                            const onus_context *context, onus_moran *out,
                            onus_error *err) ONUS_MUST_USE;

/** A correlation of two variables over areas, judged as what it is: few independent pairs. */
typedef struct onus_area_correlation {
    double r;           /* NaN with a reason */
    double n_effective; /* independent areas it is worth; at most n */
    double t;           /* r sqrt((n_effective - 2) / (1 - r^2)) */
    double p_value;     /* two-sided, Student with n_effective - 2 degrees of freedom */
    onus_limits limits; /* Fisher's z with n_effective */
    size_t n;           /* areas used */
    const char *reason; /* why r, or everything but r, is missing */
} onus_area_correlation;

/**
 * Correlation of one variable with several others over areas, with the effective sample size of
 * Clifford, Richardson & Hemon (1989), from autocovariances in 30 distance classes. (Dutilleul's
 * form of 1993 was tried: its size is the same or up to 5 points worse where patterns are wide.)
 * Hand over mid-ranks for Spearman's, values for Pearson's.
 *
 * Areas where `a` or any of `b` is NaN are left out. Undefined: n < 5; a constant; n_effective <= 3
 * (r is given, its p and limits are not). An estimate above n counts as n.
 *
 * @param[in]  x_m, y_m  n_areas centroids, projected, metres
 * @param[in]  b         n_b columns of n_areas values each
 * @param[out] out       n_b
 * Cost: O(n^2 n_b / 2) once for all variables, in parallel. Same bytes for any number of threads.
 */
onus_status onus_area_correlations(const double *x_m, const double *y_m, size_t n_areas,
                                   const double *a, const double *const *b, size_t n_b,
                                   double level, const onus_context *context,
                                   onus_area_correlation *out, onus_error *err) ONUS_MUST_USE;

#endif
