/* The loop gain of a black box: how many predictions one more recorded incident brings about, times
 * how many incidents a prediction gets recorded. Above 1 the loop runs away. */
#ifndef ONUS_STATS_LOOP_GAIN_H
#define ONUS_STATS_LOOP_GAIN_H

#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

typedef struct onus_loop_gain_opts {
    size_t n_lags;         /* windows after a record in which it may bring predictions, >= 1 */
    double discovery;      /* incidents recorded because of one prediction, >= 0 */
    double level;          /* of the intervals */
    uint64_t n_replicates; /* of the bootstrap */
    uint64_t seed;
} onus_loop_gain_opts;

#define ONUS_LOOP_GAIN_OPTS_INIT                                                                   \
    { .n_lags = 1, .discovery = 1.0, .level = 0.95, .n_replicates = 999 }

typedef struct onus_loop_gain {
    onus_number per_incident; /* extra predictions in the same cell, per extra recorded incident */
    onus_limits per_incident_limits;
    onus_number gain; /* per_incident x discovery */
    onus_limits gain_limits;
    double everywhere; /* by injection: the same, in all cells; NaN otherwise. What a product with a
                        * fixed number of predictions gives one cell it takes from others: 0 here */
    double before;     /* by injection: mean absolute difference of the two runs of the product in
                        * cell-windows before anything was injected: 0 for one that is repeatable */
    size_t n_units;    /* resampled: windows, or cells with an injection */
    double n_incidents; /* recorded (within the windows used), or injected */
    size_t block_len;   /* windows to a block of the bootstrap; 0 by injection */
} onus_loop_gain;

/**
 * By experiment: the product was run twice on the same records, once with incidents injected.
 *
 *   per incident = sum over injected cells, over windows after an injection there, of
 *                  (predicted with - predicted without) / incidents injected
 *
 * A window counts for a cell from the one after its first injection until n_lags after its last.
 * The difference is caused by the injection: nothing else differs. Interval: the cells that
 * had an injection, each a unit, are drawn anew; Student's t on one degree of freedom fewer than
 * there are of them, on the standard deviation of the replicates (times sqrt(n / (n - 1))).
 *
 * @param[in]  without, with  n_windows x n_cells predictions (flags, or expected counts), finite
 * @param[in]  injected       n_windows x n_cells incidents added to the records of a window, >= 0
 * @param[out] out            without an injection: NaN with the reason; with fewer than 8 cells
 *                            injected: no interval
 * @return ONUS_OK; ONUS_ERR_DOMAIN (a value that is not finite, an injection < 0, options);
 *         ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Cost: O(cells x windows + replicates x injected cells).
 */
onus_status onus_loop_gain_injected(const double *without, const double *with,
                                    const double *injected, size_t n_cells, size_t n_windows,
                                    const onus_loop_gain_opts *opts, const onus_context *context,
                                    onus_loop_gain *out, onus_error *err) ONUS_MUST_USE;

/**
 * By what was observed: predictions regressed on what was recorded in the same cell before.
 *
 *   predicted(i, w) = a_i + g_w + sum over l = 1 .. n_lags of b_l recorded(i, w - l) + rest
 *   per incident    = sum of b_l
 *
 * a_i takes out where predictions always are, g_w when there are more of them. It is an
 * association: whatever moves records and predictions of a cell together for a while, other than
 * the records themselves (a season of one cell, another source of the vendor's, patrols that were
 * there already) is in it, and without an injection it cannot be told apart. Lags must cover what
 * the product looks back on; what lies beyond is missing. With few windows, records that
 * predictions have brought about bias the estimate by the order of n_lags / n_windows.
 *
 * Interval: sums over cells of a window are the units; circular blocks of onus_time_block_len
 * windows are drawn, the normal equations solved anew, and the limits are Student's t with as many
 * degrees of freedom as there are blocks, less one, on the standard deviation of the replicates.
 *
 * @param[in]  predicted, recorded  n_windows x n_cells, finite
 * @param[out] out  NaN with the reason where nothing varies, or with fewer than 8 blocks no
 * interval
 * @return as onus_loop_gain_injected; ONUS_ERR_TOO_FEW: n_lags + 8 windows or fewer, or one cell
 * Cost: O(cells x windows x lags^2 + replicates x (windows x lags^2 + lags^3)); memory: cells x
 * lags and windows x lags^2, no copy of the tables.
 */
onus_status onus_loop_gain_observed(const double *predicted, const double *recorded, size_t n_cells,
                                    size_t n_windows, const onus_loop_gain_opts *opts,
                                    const onus_context *context, onus_loop_gain *out,
                                    onus_error *err) ONUS_MUST_USE;

#endif
