/* Private to stats: which rows and columns belong together so that the most is gained. */
#ifndef ONUS_STATS_ASSIGN_H
#define ONUS_STATS_ASSIGN_H

#include <stddef.h>
#include <stdint.h>

#include "onus/status.h"

#define ONUS_ASSIGN_NONE UINT32_MAX

/** What each row gains with the columns that it may take; any may stay alone and gain nothing. */
typedef struct onus_gains {
    size_t n_rows;
    size_t n_cols;
    const size_t *start; /* n_rows + 1 */
    const uint32_t *col; /* at most once a row */
    const double *gain;  /* > 0, finite */
} onus_gains;

/** Room for graphs of up to so many rows and columns; one may serve many small ones. */
typedef struct onus_assigner {
    double *row_price;
    double *col_price;
    double *distance;
    uint32_t *row_of;
    uint32_t *reached_from;
    uint32_t *place;   /* in the heap */
    uint32_t *heap;    /* columns by distance */
    uint32_t *settled; /* columns, in order */
} onus_assigner;

/** @return ONUS_OK; ONUS_ERR_NOMEM (cleared). */
onus_status onus_assigner_make(size_t n_rows, size_t n_cols, onus_assigner *out) ONUS_MUST_USE;
void onus_assigner_clear(onus_assigner *room);

/**
 * The assignment of the greatest total gain (one of them where several are equal, the same every
 * time).
 * @param[out] col_of  n_rows: a column, or ONUS_ASSIGN_NONE
 * Cost: O(rows * e log c) at worst, e and c the edges and columns of one connected part; near
 * O(edges) where few compete. Exact for whole numbers up to 2^53.
 */
void onus_assign(onus_assigner *room, const onus_gains *gains, uint32_t *col_of);

#endif
