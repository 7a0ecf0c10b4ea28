/* Exact disclosure control: which withheld counts a reader could work out from the published sums,
 * and which further ones must be withheld so that none can be. */
#ifndef ONUS_STATS_DISCLOSURE_H
#define ONUS_STATS_DISCLOSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

/** Counts of people in cells, and sums of cells that are published too (totals, shares' numerators,
 *  deciles ...): sum s adds up cells[starts[s] .. starts[s + 1] - 1], each cell at most once. */
typedef struct onus_disclosure {
    size_t n_cells;
    const int64_t *values; /* n_cells, >= 0 */
    const uint8_t *hidden; /* n_cells or NULL; nonzero: no table prints this cell (the residents of
                              no named group), yet it is part of sums */
    size_t n_sums;
    const size_t *starts; /* n_sums + 1 */
    const int32_t *cells;
} onus_disclosure;

/**
 * Which withheld cells the published cells and sums determine exactly. Cell j is determined if and
 * only if its unit vector lies in the row space of the published sums restricted to withheld cells;
 * that is so if and only if every vector of the null space is 0 at j. One random vector of the null
 * space modulo the prime 2^61 - 1 decides it: an undetermined cell is called recoverable with
 * probability 2^-61 (the safe side).
 *
 * @param[in]  cell_withheld  n_cells; nonzero: not published
 * @param[in]  sum_withheld   n_sums, or NULL: every sum is published
 * @param[out] recoverable    n_cells; 1 where a withheld cell can be worked out, else 0
 * @param[out] sum_recoverable  n_sums or NULL; the same for withheld sums
 * @return ONUS_OK; ONUS_ERR_DOMAIN for a cell out of range; ONUS_ERR_NOMEM
 * Exact linear recovery only: bounds that follow from counts being non-negative are not looked at.
 */
onus_status onus_disclosure_recoverable(const onus_disclosure *table, const uint8_t *cell_withheld,
                                        const uint8_t *sum_withheld, uint8_t *recoverable,
                                        uint8_t *sum_recoverable, onus_error *err) ONUS_MUST_USE;

typedef enum onus_withheld {
    ONUS_WITHHELD_NOT = 0,
    ONUS_WITHHELD_SMALL = 1, /* 0 < count < threshold */
    ONUS_WITHHELD_MATE = 2,  /* would give a small one back by subtraction */
    ONUS_WITHHELD_PINNED =
        3 /* small, and sums that keep_sums keeps give it away: the caller must act */
} onus_withheld;

typedef struct onus_disclosure_account {
    size_t n_small;  /* cells and sums below the threshold */
    size_t n_mates;  /* further cells and sums withheld to protect them */
    size_t n_pinned; /* small cells and sums that stay recoverable under keep_sums */
} onus_disclosure_account;

/**
 * Withholds every count from 1 to threshold - 1, in cells and in sums (0 shows no person and is
 * published), then further ones until no small count is determined exactly and no published sum,
 * less its published cells, leaves a remainder from 1 to threshold - 1 or a single withheld cell: a
 * mate (the smallest positive count of the sum), or the cheapest ring of four cells along which
 * people could be moved without any published sum noticing. Where no cell is left to add, a sum is
 * withheld, unless keep_sums. Hidden cells are never printed; small ones among them are protected
 * like the others (they come back as SMALL), others as NOT.
 *
 * @param[in]  keep_sums    true: sums above the threshold are published whatever happens
 * @param[out] cells, sums  n_cells and n_sums (onus_withheld); caller's buffers
 * threshold 0 or 1 withholds nothing. Deterministic. Greedy: protects, but not with the fewest
 * cells.
 */
onus_status onus_disclosure_withhold(const onus_disclosure *table, uint32_t threshold,
                                     bool keep_sums, uint8_t *cells, uint8_t *sums,
                                     onus_disclosure_account *account,
                                     onus_error *err) ONUS_MUST_USE;

#endif
