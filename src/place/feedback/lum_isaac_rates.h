/* THE WALL. Rates by cell of the open loop, for tests against the published ones. Nothing in src/
 * but lum_isaac.c includes this: the trial sees lum_isaac.h only. */
#ifndef ONUS_LUM_ISAAC_RATES_H
#define ONUS_LUM_ISAAC_RATES_H

#include "lum_isaac.h"

/**
 * The rates that lum_isaac_run would flag by if nothing were added, for n_days days.
 *
 * @param[in]  observed      n_days x n_cells
 * @param[out] rate_per_day  n_days x n_cells
 * @param[out] n_steps       of EM, all days together; may be NULL
 * @return as lum_isaac_run
 */
onus_status lum_isaac_rates(const feedback_world *world, const int32_t *observed, size_t n_days,
                            const lum_isaac_opts *opts, double *rate_per_day, size_t *n_steps,
                            onus_error *err) ONUS_MUST_USE;

#endif
