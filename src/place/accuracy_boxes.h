/* Dated flags with a place of their own, one predicted type at a time: what accuracy_boxes.c and
 * accuracy_shapes.c share. */
#ifndef ONUS_PLACE_ACCURACY_BOXES_H
#define ONUS_PLACE_ACCURACY_BOXES_H

#include "accuracy_internal.h"

/** Ground and what its area counts for. */
typedef struct acc_piece {
    size_t row;     /* window (flagged ground) or flag group (chance) */
    double seconds; /* 1 for chance */
    size_t ground;  /* polygons: which union; boxes: the rectangle of the same index */
} acc_piece;

typedef struct acc_boxing {
    place_trial *t;
    accuracy *a;
    acc_slice *slice;
    int32_t *rows; /* flags of the slice, ascending by start */
    size_t n_rows;
    uint8_t *hit;     /* by position in rows */
    uint8_t *caught;  /* by event */
    onus_array rects; /* onus_rectangle */
    onus_array pieces;
    double *chance;    /* by position in rows */
    onus_array copies; /* polygons: onus_polygon_copy, by union */
    size_t n_grounds;  /* unions so far */
    int32_t *last;     /* flags of the last union of flagged ground */
    size_t n_last;
} acc_boxing;

/** Index of the window in which an instant lies; n_windows: in none. */
size_t acc_window_at(const accuracy *a, double unix_s);
/** accuracy_best.c: fills the columns that PEI* is made of; hits and captured outcomes are known.
 */
onus_status acc_boxes_best(acc_boxing *b) ONUS_MUST_USE;

/* accuracy_shapes.c */
/** Flags that hold together for so long, in this window. */
onus_status acc_shapes_lay(acc_boxing *b, size_t window, double seconds, const int32_t *flags,
                           size_t n) ONUS_MUST_USE;
/** Adds up area inside the region times seconds by window. */
onus_status acc_shapes_measure(acc_boxing *b, double *area_s) ONUS_MUST_USE;
/** Fills b->chance. Overwrites what was laid. */
onus_status acc_shapes_chance(acc_boxing *b) ONUS_MUST_USE;

#endif
