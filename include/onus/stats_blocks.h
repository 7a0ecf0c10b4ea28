/* Resampling what varies together: blocks of neighbouring areas, blocks of consecutive weeks. */
#ifndef ONUS_STATS_BLOCKS_H
#define ONUS_STATS_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/exec.h"
#include "onus/status.h"

/**
 * Cuts areas into compact blocks of nearly equal numbers of areas: recursive bisection across the
 * longer side of the bounding box, ties by index (a k-d tree; Bentley 1975).
 *
 * @param[in]  x_m, y_m  n_areas centroids, finite
 * @param[in]  n_blocks  1 <= n_blocks <= n_areas
 * @param[out] block     n_areas numbers 0 .. n_blocks - 1; sizes differ by at most 1 per level of
 * cut
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. O(n log^2 n). Deterministic.
 */
onus_status onus_blocks_make(const double *x_m, const double *y_m, size_t n_areas, size_t n_blocks,
                             int32_t *block) ONUS_MUST_USE;

/**
 * Sums of several columns by block: out[b * n_columns + k], Neumaier, in the order of the areas.
 * @param[in] columns  n_columns columns of n_areas values each
 */
onus_status onus_block_sums(const int32_t *block, size_t n_areas, size_t n_blocks,
                            const double *const *columns, size_t n_columns,
                            double *out) ONUS_MUST_USE;

/**
 * Bootstrap over units (blocks of areas): replicate r draws n_units units with replacement and adds
 * up their sums. Costs O(n_replicates * n_units * n_sums), whatever the number of rows.
 *
 * @param[in]  sums  n_units * n_sums, unit by unit
 * @param[out] out   n_replicates * n_sums totals
 * @return ONUS_OK; ONUS_ERR_TOO_FEW if n_units = 0; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Stream: ONUS_STREAM_BURDEN_SPACE.
 */
onus_status onus_block_bootstrap(const double *sums, size_t n_units, size_t n_sums, uint64_t seed,
                                 uint64_t n_replicates, const onus_context *context, double *out,
                                 onus_error *err) ONUS_MUST_USE;

/** How often replicate r of onus_block_bootstrap draws each unit, for statistics that need the
 * rows. */
void onus_block_times(uint64_t seed, uint64_t replicate, size_t n_units, uint32_t *times);

/** Length of a moving block for n consecutive time units: twice n^(1/3) rounded up (the order is
 * that of Kunsch 1989 and Hall, Horowitz & Jing 1995; twice, because simulated coverage with one
 * n^(1/3) falls short at weekly autocorrelations of 0.6: docs/statistics.md), at most n / 2, at
 * least 1. */
size_t onus_time_block_len(size_t n_units);

/**
 * Circular moving-block bootstrap over consecutive time units (Politis & Romano 1992): blocks of
 * block_len units, starting anywhere, running over the end to the beginning, until n_units are
 * drawn (the last block is cut off). Units with nothing in them belong in the series, as zeros.
 * Stream: ONUS_STREAM_BURDEN_FLAGS. Otherwise as onus_block_bootstrap.
 */
onus_status onus_time_bootstrap(const double *sums, size_t n_units, size_t n_sums, size_t block_len,
                                uint64_t seed, uint64_t n_replicates, const onus_context *context,
                                double *out, onus_error *err) ONUS_MUST_USE;

/** As onus_block_times for onus_time_bootstrap. */
void onus_time_times(uint64_t seed, uint64_t replicate, size_t n_units, size_t block_len,
                     uint32_t *times);

#endif
