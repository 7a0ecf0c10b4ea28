/* A Gaussian on a regular grid: separable, cut off, the same bytes whatever the machine's threads.
 * Knows nothing of cells, windows or events. Private to src/place/baselines. */
#ifndef ONUS_KDE_GRID_H
#define ONUS_KDE_GRID_H

#include <stddef.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

/* Where the Gaussian ends: what lies further out would have had a weight below exp(-6.5^2 / 2) =
 * 6.7e-10 of the weight in the middle. */
#define KDE_CUT_BANDWIDTHS 6.5

/** Half of a symmetric filter: weight[0] in the middle, weight[radius] the last that counts. All
 *  weights of the full filter add up to one. */
typedef struct kde_taps {
    size_t radius;
    double *weight;
} kde_taps;

/**
 * @param[in]  bandwidth_steps  standard deviation in steps of the grid, > 0
 * @param[in]  longest          a filter need not be longer than the grid; weights then add up to
 *                              one over what is kept
 * @param[out] out              untouched on failure; kde_taps_clear
 * @return ONUS_OK; ONUS_ERR_NOMEM
 */
onus_status kde_taps_make(double bandwidth_steps, size_t longest, kde_taps *out,
                          onus_error *err) ONUS_MUST_USE;
void kde_taps_clear(kde_taps *taps);

/** Doubles of scratch that kde_smooth needs. */
size_t kde_scratch_size(size_t n_x, size_t n_y, size_t radius);

/**
 * Smooths n_y rows of n_x values; beyond the edge all is 0. out may be in.
 * @return ONUS_OK; ONUS_ERR_INTERRUPTED
 * Cost: n_x n_y (2 radius + 2) multiplications. Sums are plain: every term has the sign of its
 * value, so that for values of one sign the relative error is below (4 radius + 4) 2^-53.
 */
onus_status kde_smooth(const kde_taps *taps, const double *in, size_t n_x, size_t n_y,
                       const onus_context *context, double *scratch, double *out,
                       onus_error *err) ONUS_MUST_USE;

#endif
