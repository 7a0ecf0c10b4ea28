/* Private to stats: how a ranked cell is read, and the checks that every kernel of capture makes.
 */
#ifndef ONUS_STATS_CAPTURE_INTERNAL_H
#define ONUS_STATS_CAPTURE_INTERNAL_H

#include "onus/stats_capture.h"

static inline double onus_ranked_area(const onus_ranked *cells, size_t c) {
    return cells->area_m2 == NULL ? 1.0 : cells->area_m2[c];
}

static inline double onus_ranked_key(const onus_ranked *cells, size_t c) {
    return cells->by_density && cells->area_m2 != NULL ? cells->score[c] / cells->area_m2[c]
                                                       : cells->score[c];
}

static inline int32_t onus_ranked_order(const onus_ranked *cells, size_t c) {
    return cells->order == NULL ? (int32_t)c : cells->order[c];
}

/** Every area above 0, every key finite. */
onus_status onus_ranked_check(const onus_ranked *cells, onus_error *err) ONUS_MUST_USE;
/** Ascending cells in range, whole counts above 0. */
onus_status onus_cell_counts_check(const onus_cell_counts *counts, size_t n_cells,
                                   onus_error *err) ONUS_MUST_USE;

#endif
