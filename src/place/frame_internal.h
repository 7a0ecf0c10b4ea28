/* The frame of the accuracy half: cells, windows, and recorded events on both. Private to
 * src/place.
 *
 *   cells     the ground, parted: flags, forecasts and baselines are all laid over the same cells
 *   windows   half-open [from, until), ascending, none overlapping another
 *   events    what was recorded, sorted by time; those before the first window are history
 *
 * One frame holds events of one kind (all types together, or one predicted type), so that whoever
 * works on a frame need not ask about types. Cells and windows are shared between the frames of a
 * trial. Everything is borrowed from the trial and read only; nothing here knows a product. */
#ifndef ONUS_PLACE_FRAME_INTERNAL_H
#define ONUS_PLACE_FRAME_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/geom.h"

/** The cells, in the order of the file that names them (of the lattice: row by row from the south-
 *  west). Invariant: n_cells > 0, every area_m2 > 0, coordinates finite. */
typedef struct onus_frame_cells {
    size_t n_cells;
    char *const *ids;       /* NULL for a lattice that has no ids of its own */
    const int32_t *id_rank; /* place of the cell in the order of the ids; whole numbers by value */
    const double *x_m;      /* centroid */
    const double *y_m;
    const double *area_m2;         /* inside the region */
    double region_m2;              /* sum of area_m2 */
    const onus_polygons *polygons; /* n_areas == n_cells, or NULL where shapes are not known */
    /* A square lattice: cell c is column[c], row[c], its south-west corner at
     * (x0_m + column side_m, y0_m + row side_m). at[row n_columns + column] is the cell or -1.
     * side_m = 0: the cells are no lattice of ours. */
    double side_m;
    double x0_m;
    double y0_m;
    size_t n_columns;
    size_t n_rows;
    const int32_t *column;
    const int32_t *row;
    const int32_t *at;
    /* true: a score is ranked by score / area (cells of unequal area); false: areas differ by less
     * than 1 %, scores are ranked as they are */
    bool by_density;
} onus_frame_cells;

/** A window. Invariant: until_s > from_s, and from_s >= until_s of the one before. */
typedef struct onus_frame_window {
    double from_s;  /* unix seconds; an event at from_s is inside */
    double until_s; /* an event at until_s is not */
    int32_t day;    /* local calendar day on which it begins, days since 1970 */
    int32_t unit;   /* what is resampled: 0 .. n_units - 1, ascending */
} onus_frame_window;

/** Recorded events on cells, ascending by time (equal times in file order). Invariant: cell in
 *  [0, n_cells), time and place finite, count >= 0. Events outside every cell or without a time are
 *  not here; the trial has counted them. */
typedef struct onus_frame_events {
    size_t n_events;
    const int32_t *cell;
    const double *x_m; /* of the event; of its cell where only cells were recorded */
    const double *y_m;
    const double *unix_s;  /* when it happened; in a frame for methods of comparison when its record
                              came to exist, where that is known */
    const int32_t *day;    /* local calendar day of unix_s */
    const int32_t *window; /* in which it happened: index, or -1: before the first or between two */
    const double *count;
    const uint8_t *by_officer; /* or NULL */
    const int32_t *record;     /* index among the records of the trial */
} onus_frame_events;

typedef struct onus_frame {
    const onus_frame_cells *cells;
    const onus_frame_window *windows;
    size_t n_windows;
    size_t n_units;
    onus_frame_events events;
} onus_frame;

/** First event at or after time_s (binary search): events before it are strictly earlier. */
size_t onus_frame_first_at(const onus_frame *frame, double time_s);

#endif
