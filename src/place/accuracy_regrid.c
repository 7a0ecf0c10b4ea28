/* The product's own flags, as cells of a changed grid.
 *
 *   box      -> the cell that holds its centre
 *   polygon  -> every cell whose middle lies in it; none: the cell that holds its first ring's mean
 *
 * for as long as the flag holds. A cell flagged twice at once counts once, so the flagged ground is
 * that of the cells, and the methods of comparison flag as much. What the product then captures is
 * what it owes to where its boxes lie to the metre. Called by accuracy_run.c in a second run;
 * turned with the ground if that is. Never looks at a method of comparison. */
#include <math.h>
#include <stdlib.h>

#include "accuracy_parts.h"
#include "onus/alloc.h"
#include "onus/array.h"

typedef struct stay {
    int32_t cell;
    double from_s;
    double until_s;
} stay;

static int by_cell(const void *a, const void *b) {
    const stay *x = a;
    const stay *y = b;
    if (x->cell != y->cell) {
        return x->cell < y->cell ? -1 : 1;
    }
    if (x->from_s != y->from_s) {
        return x->from_s < y->from_s ? -1 : 1;
    }
    return (x->until_s > y->until_s) - (x->until_s < y->until_s);
}

static onus_status push(const onus_flags *f, size_t flag, int32_t cell, onus_array *stays) {
    const stay one = {
        .cell = cell, .from_s = f->from_unix_s[flag], .until_s = f->until_unix_s[flag]};
    return cell < 0 ? ONUS_OK : onus_array_push(stays, &one);
}

/* ---- boxes ---- */

static onus_status cells_of_boxes(place_trial *t, const accuracy *a, int32_t *cell) {
    const onus_flags *f = &t->evidence->flags;
    const double angle = a->change.turn_rad;
    double *x = onus_alloc_n(f->n_flags, sizeof *x);
    double *y = onus_alloc_n(f->n_flags, sizeof *y);
    onus_status status = x == NULL || y == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    for (size_t r = 0; r < f->n_flags; r++) {
        x[r] = cos(angle) * f->x_m[r] - sin(angle) * f->y_m[r];
        y[r] = sin(angle) * f->x_m[r] + cos(angle) * f->y_m[r];
    }
    ONUS_TRY(acc_cells_of(t, a, x, y, f->n_flags, cell));
out:
    onus_free(x);
    onus_free(y);
    return status;
}

/* ---- polygons ---- */

/* Cells whose middles lie in the shape, looked for among those of its bounds. */
static onus_status push_polygon(place_trial *t, const accuracy *a, size_t flag, onus_array *stays) {
    const onus_flags *f = &t->evidence->flags;
    const onus_layer *shapes = &f->shapes;
    const onus_frame_cells *cells = &a->cells;
    const double turn_x = cos(a->change.turn_rad);
    const double turn_y = sin(a->change.turn_rad);
    const size_t first = shapes->ring_points[shapes->area_rings[flag]];
    const size_t end = shapes->ring_points[shapes->area_rings[flag + 1]];
    const size_t end_of_ring = shapes->ring_points[shapes->area_rings[flag] + 1];
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {-INFINITY, -INFINITY};
    double mean[2] = {0.0, 0.0};
    const size_t before = stays->n_items;
    onus_status status = ONUS_OK;
    for (size_t k = first; k < end; k++) {
        const double x = turn_x * shapes->x_m[k] - turn_y * shapes->y_m[k];
        const double y = turn_y * shapes->x_m[k] + turn_x * shapes->y_m[k];
        low[0] = fmin(low[0], (x - cells->x0_m) / cells->side_m);
        high[0] = fmax(high[0], (x - cells->x0_m) / cells->side_m);
        low[1] = fmin(low[1], (y - cells->y0_m) / cells->side_m);
        high[1] = fmax(high[1], (y - cells->y0_m) / cells->side_m);
        if (k + 1 < end_of_ring) { /* the last point of a ring is its first */
            mean[0] += x / (double)(end_of_ring - 1 - first);
            mean[1] += y / (double)(end_of_ring - 1 - first);
        }
    }
    const int64_t last_row = (int64_t)floor(fmax(fmin(high[1], (double)cells->n_rows - 1.0), -1.0));
    const int64_t last_column =
        (int64_t)floor(fmax(fmin(high[0], (double)cells->n_columns - 1.0), -1.0));
    for (int64_t row = (int64_t)fmax(low[1], 0.0); row <= last_row; row++) {
        for (int64_t column = (int64_t)fmax(low[0], 0.0); column <= last_column; column++) {
            const double x = cells->x0_m + ((double)column + 0.5) * cells->side_m;
            const double y = cells->y0_m + ((double)row + 0.5) * cells->side_m;
            if (place_polygon_holds(shapes, flag, turn_x * x + turn_y * y,
                                    turn_x * y - turn_y * x)) {
                const size_t at = (size_t)row * cells->n_columns + (size_t)column;
                ONUS_TRY(push(f, flag, cells->at[at], stays));
            }
        }
    }
    if (stays->n_items == before) {
        int32_t cell = -1;
        ONUS_TRY(acc_cells_of(t, a, &mean[0], &mean[1], 1, &cell));
        status = push(f, flag, cell, stays);
    }
out:
    return status;
}

/* ---- rows ---- */

/* Stays of one cell that touch or overlap become one; ascending by cell and start. */
static void merge(onus_array *stays) {
    stay *all = stays->items;
    size_t n = 0;
    if (stays->n_items == 0) {
        return;
    }
    qsort(all, stays->n_items, sizeof *all, by_cell);
    for (size_t k = 1; k < stays->n_items; k++) {
        if (all[k].cell == all[n].cell && all[k].from_s <= all[n].until_s) {
            all[n].until_s = fmax(all[n].until_s, all[k].until_s);
        } else {
            all[++n] = all[k];
        }
    }
    stays->n_items = n + 1;
}

static bool flagged(const onus_array *stays, int32_t cell, double unix_s) {
    const stay *all = stays->items;
    size_t low = 0;
    size_t high = stays->n_items;
    while (low < high) { /* the last stay that begins at or before the instant */
        const size_t middle = low + (high - low) / 2;
        if (all[middle].cell < cell || (all[middle].cell == cell && all[middle].from_s <= unix_s)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && all[low - 1].cell == cell && unix_s < all[low - 1].until_s;
}

static void add_up(const accuracy *a, acc_slice *slice, const onus_array *stays) {
    const stay *all = stays->items;
    const onus_frame_events *e = &slice->frame.events;
    for (size_t k = 0; k < stays->n_items; k++) {
        for (size_t w = acc_window_behind(a, all[k].from_s);
             w < a->n_windows && a->windows[w].from_s < all[k].until_s; w++) {
            slice->rows[w * a->n_columns + acc_at(a, 0, ACC_AREA_S)] +=
                a->cells.area_m2[all[k].cell] * (fmin(all[k].until_s, a->windows[w].until_s) -
                                                 fmax(all[k].from_s, a->windows[w].from_s));
        }
    }
    for (size_t i = 0; i < e->n_events; i++) {
        if (e->window[i] >= 0 && flagged(stays, e->cell[i], e->unix_s[i])) {
            slice->rows[(size_t)e->window[i] * a->n_columns + acc_at(a, 0, ACC_CAPTURED)] +=
                e->count[i];
        }
    }
}

onus_status acc_regrid(place_trial *t, accuracy *a) {
    const onus_flags *f = &t->evidence->flags;
    const bool boxes = t->c->predictions.form == ONUS_FORM_BOXES;
    onus_array stays = ONUS_ARRAY_OF(stay);
    int32_t *cell = onus_alloc_n(f->n_flags, sizeof *cell);
    onus_status status = cell == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    if (boxes) {
        ONUS_TRY(cells_of_boxes(t, a, cell));
    }
    for (size_t s = a->n_slices == 1 ? 0 : 1; s < a->n_slices; s++) {
        acc_slice *slice = &a->slices[s];
        stays.n_items = 0;
        for (size_t r = 0; r < f->n_flags; r++) {
            if (slice->flag_type >= 0 && f->type[r] != (uint32_t)slice->flag_type) {
                continue;
            }
            ONUS_TRY(boxes ? push(f, r, cell[r], &stays) : push_polygon(t, a, r, &stays));
        }
        merge(&stays);
        add_up(a, slice, &stays);
    }
out:
    onus_array_clear(&stays);
    onus_free(cell);
    return status;
}
