/* Maximum likelihood of the gridded self-exciting process by EM. Private to src/place/baselines. */
#ifndef ONUS_EXCITING_EM_H
#define ONUS_EXCITING_EM_H

#include <stddef.h>

/**
 * Events by cell and time. Of cell n: from[n] .. until[n] - 1, times strictly ascending (events of
 * one cell at one instant are one entry with their joint count: none can have set off another).
 * All within [begin_days, end_days).
 */
typedef struct exciting_events {
    size_t n_cells;
    const size_t *from;
    const size_t *until;
    const double *time_days;
    const double *count; /* > 0 */
    double begin_days;
    double end_days;
} exciting_events;

/** rate_n(t) = mu_n + sum over earlier events i of cell n of theta omega exp(-omega (t - t_i)). */
typedef struct exciting_rates {
    double theta;         /* events that one event sets off in the same cell, in [0, 1] */
    double omega_per_day; /* > 0 */
    double *mu_per_day;   /* n_cells, > 0 where the cell has events */
} exciting_rates;

/**
 * One step of EM, in place.
 *
 *   E   p_ij = theta omega exp(-omega (t_j - t_i)) / rate(t_j),  p_j = mu / rate(t_j)
 *   M   theta = sum p_ij / N,  omega = sum p_ij / sum p_ij (t_j - t_i),  mu_n = sum p_j / T
 *
 * The double sums are one pass: with a_j = sum_i exp(-omega (t_j - t_i)) and b_j the same sum times
 * (t_j - t_i), a gap of g gives a' = e^(-omega g) (a + 1), b' = e^(-omega g) (b + g (a + 1)).
 *
 * @return objective before the step: sum log rate(t_j) - T sum mu - N theta. It never falls from
 *         one step to the next (the published steps are exact for it: every event is taken to have
 *         set off all that it will, so that the last days count a little too few). 0 without
 *         events.
 * Cost: one exponential, one logarithm and one division an entry.
 * Source: Mohler et al. (2015), JASA 110(512), 1399-1411; the recursion of Ogata (1981).
 */
double exciting_em_step(const exciting_events *events, exciting_rates *rates);

#endif
