/* THE WALL. The grid loop: patrols sent by what was recorded, recording what they come upon.
 * Private to src/place: what a run hands on is numbers of the whole city (feedback_internal.h).
 *
 * Every day of a run:
 *
 *   score_i      what the policy makes of the records of the last window_days days, + 1e-9
 *   patrols      proportional: Multinomial(patrols, score / sum of scores)
 *                top: one in each of the cells of highest score
 *   discovered   Poisson(delta lambda_i visits_i)   [repaired: recorded as that divided by
 *                max(patrols x score_i / sum, 1e-3)]
 *   reported     Poisson(rho_i lambda_i)
 *
 * and what was discovered (closed loop only) and reported is in the record of the next day.
 * Reporting by area (after Akpinar, De-Arteaga and Chouldechova 2021) is world->reported_frac: the
 * rho_i differ, the truth does not know of it. */
#ifndef ONUS_FEEDBACK_GRID_H
#define ONUS_FEEDBACK_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "feedback_internal.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef struct feedback_grid feedback_grid; /* opaque */

/**
 * Prepares what all runs share. world's arrays are borrowed until close; policy and plan are
 * copied.
 *
 * Under FEEDBACK_TOP a flagged cell is visited for certain, so that a repair has nothing to divide
 * by: `repaired` then changes nothing. FEEDBACK_SELF_EXCITING takes no repair (it fits whole
 * incidents), and is fitted anew every day: thirty times the cost of counts.
 *
 * @return ONUS_OK; ONUS_ERR_DOMAIN (world, policy or plan, with the rule); ONUS_ERR_LIMIT (a
 *         kernel that reaches too many pairs of cells); ONUS_ERR_NOMEM
 */
onus_status feedback_grid_open(const feedback_world *world, const feedback_policy *policy,
                               const feedback_plan *plan, feedback_grid **grid,
                               onus_error *err) ONUS_MUST_USE;
void feedback_grid_close(feedback_grid *grid);

/**
 * All runs, each in both loops on common random numbers: what is reported is the same in both, a
 * cell's luck in being found out on a day is the same in both, and a patrol that either loop sends
 * after the same record goes to the same place. Where nothing can be discovered both loops are the
 * same to the last bit.
 *
 * @param[out] out  n_runs x feedback_width; the open loop's values are NaN if plan->closed_only
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 *
 * Cost: linear in runs, days and in cells + patrols + records a day; memory a worker: records of
 * one window, and 60 bytes a cell. Same bytes for any number of threads.
 * Checked against: tests/reference/feedback.
 */
onus_status feedback_grid_run(const feedback_grid *grid, const onus_context *context, double *out,
                              onus_error *err) ONUS_MUST_USE;

#endif
