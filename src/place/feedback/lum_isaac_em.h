/* EM of the gridded self-exciting algorithm on whole days, as published and corrected. Private to
 * src/place/feedback (THE WALL: rates by cell). */
#ifndef ONUS_LUM_ISAAC_EM_H
#define ONUS_LUM_ISAAC_EM_H

#include <stddef.h>
#include <stdint.h>

/** Whose denominator a pair's share is divided by. */
typedef enum lum_isaac_formula {
    LUM_ISAAC_CORRECTED, /* the later event's: the shares of an event add up to 1 */
    LUM_ISAAC_PUBLISHED  /* that of the event which follows the earlier one in its cell */
} lum_isaac_formula;

/** What was recorded in one cell on one day: count >= 1. */
typedef struct lum_isaac_record {
    int32_t day;
    uint32_t cell;
    uint32_t count;
} lum_isaac_record;

typedef struct lum_isaac_fit {
    double theta;         /* by the published formula it may exceed 1 */
    double omega_per_day; /* in (0, 1]: no two days are closer than one */
    size_t n_steps;       /* of EM; 0 without records */
} lum_isaac_fit;

/* What one day of a cell adds to a step of EM. */
typedef struct lum_isaac_entry {
    double count;
    double gap_days; /* since the cell's entry before; 0: the first */
    size_t gap;      /* the same, as an index */
} lum_isaac_entry;

/* A cell with two days or more: the others need no step. */
typedef struct lum_isaac_repeater {
    double mu_per_day;
    size_t from; /* entries */
    size_t until;
    size_t cell;
} lum_isaac_repeater;

/** Working memory of a fit: lum_isaac_em_lay parts a block of the caller's. */
typedef struct lum_isaac_em {
    size_t n_cells;
    size_t window_days;
    double *kept; /* window_days + 1: e^(-omega k) */
    lum_isaac_entry *entries;
    lum_isaac_repeater *repeaters;
    size_t *from;      /* n_cells + 2: the cell's entries are from[n] .. from[n + 1] - 1 */
    int32_t *last_day; /* n_cells: of its entries */
} lum_isaac_em;

/** Bytes for windows of at most n_records records. The records themselves are in memory: no
 *  overflow. */
size_t lum_isaac_em_size(size_t n_cells, size_t n_records, size_t window_days);
/** memory: lum_isaac_em_size bytes, aligned as malloc's; borrowed for as long as *em is used. */
void lum_isaac_em_lay(lum_isaac_em *em, size_t n_cells, size_t n_records, size_t window_days,
                      void *memory);

/**
 * Fits theta, omega and every cell's mu to one window, from theta = omega = mu = 1, and gives every
 * cell's rate on a day after it.
 *
 *   rate_n(t) = mu_n + sum over events i of cell n on earlier days
 *                      of theta omega e^(-omega (t - t_i))
 *   E   p_ij = theta omega e^(-omega (t_i - t_j)) / d, for t_j < t_i. Corrected: d = rate(t_i).
 *       Published: d = rate(t_(j+1)), the rate at the event after j among the cell's own (which may
 *       be of j's day). A pair of one day has no p_ij.
 *   M   S = sum p_ij,  omega = S / sum p_ij (t_i - t_j),  theta = S / number of events,
 *       mu_n = (1 + sum over the cell's events but the first of mu_n / rate) / window_days
 *
 * until ANY of |change of omega| < 1e-5, |change of theta| < 1e-5, sum |change of mu| < 1e-4.
 *
 * Degenerate: without records every rate is 0. Without a cell of two days there is no p_ij: theta
 * = 0 and omega stays at 1 (0 / 0 in the published code), which ends the fit after one step.
 *
 * @param[in]  records  ascending by day, at most one a cell and day, all within the window_days
 *                      days before `day`
 * @param[out] rate_per_day  n_cells values; 0 where the cell has no record
 *
 * Cost: O(records + cells) and, a step, one division an entry of the cells that have two days or
 * more; exponentials are powers of one. Rounding: below 1e-13 relative.
 * Source: Mohler et al. (2015), JASA 110(512), 1399-1411; Lum and Isaac (2016), Significance 13(5),
 * 14-19, and the code published with it. Checked against: tests/reference/feedback.
 */
lum_isaac_fit lum_isaac_em_fit(lum_isaac_em *em, const lum_isaac_record *records, size_t n_records,
                               int32_t day, lum_isaac_formula formula, double *rate_per_day);

#endif
