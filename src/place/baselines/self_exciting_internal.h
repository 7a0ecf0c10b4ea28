/* The two forms of the self-exciting baseline. Private to src/place/baselines. */
#ifndef ONUS_SELF_EXCITING_INTERNAL_H
#define ONUS_SELF_EXCITING_INTERNAL_H

#include "baselines_internal.h"

extern const onus_baseline_methods self_exciting_grid;   /* self_exciting_grid.c */
extern const onus_baseline_methods self_exciting_kernel; /* self_exciting_kernel.c */

/** The two numbers that a fit ends with, for tests of what was planted; no cell, no place. */
void self_exciting_grid_fitted(const void *state, double *theta, double *omega_per_day);
/** Events set off per event, their mean delay and their mean distance. */
void self_exciting_kernel_fitted(const void *state, double *theta, double *delay_days,
                                 double *distance_m);

#endif
