/* Parts of what was recorded: their columns in the rows by window, and who fills them. Private to
 * src/place. */
#ifndef ONUS_PLACE_ACCURACY_PARTS_H
#define ONUS_PLACE_ACCURACY_PARTS_H

#include "accuracy_internal.h"

/** Column of what a method (0: the product, 1 + b: baseline b) captured of a part. */
size_t acc_at_part(const accuracy *a, size_t part, size_t level, size_t method);
size_t acc_at_part_outcomes(const accuracy *a, size_t part);

/** accuracy_events.c: the cell that holds each point, or -1. */
onus_status acc_cells_of(place_trial *t, const accuracy *a, const double *x_m, const double *y_m,
                         size_t n, int32_t *cell) ONUS_MUST_USE;
/** accuracy_windows.c: first window that ends after the instant. */
size_t acc_window_behind(const accuracy *a, double unix_s);
/** accuracy_patrols.c: column[record] = part for records inside a flag that was visited. */
onus_status acc_mark_visited(place_trial *t, const accuracy *a, int32_t *column,
                             int32_t part) ONUS_MUST_USE;

#endif
