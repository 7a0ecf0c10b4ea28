/* The cells of the accuracy half: those of the grid layer, or squares laid over the region.
 *
 *      +---+---+---+        squares start at the south-west corner of the region's bounds; what the
 *      | __|_  |   |        border cuts off does not count: a cell's area is that inside the region
 *      |/  | \_|   |        (exact), and a cell without any is none
 *      +---+---+---+
 *
 * The region is the one given, else the union of the areas, else the convex hull of the outcomes
 * (said in a warning). Where areas overlap one another a cell counts once. A point belongs to the
 * cell [west, east) x [south, north); on cells from a layer edges count as inside and the lowest id
 * wins. Called by accuracy.c first. Never looks at a flag. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/sum.h"

/* Cells whose areas differ by less than this share are ranked as if they were equal. */
#define ALIKE_SHARE 0.01
/* A square that lacks less than this share of its area is whole: the rest is rounding. */
#define WHOLE_SHARE 1e-9
/* Without a size of boxes or cells to go by. */
#define DEFAULT_CELL_M 150.0

enum { CELLS_MAX = 50000000 };

/* ---- the order of ids ---- */

typedef struct numbered {
    const char *id;
    int64_t number;
    int32_t cell;
} numbered;

static int by_number(const void *a, const void *b) {
    const numbered *x = a;
    const numbered *y = b;
    if (x->number != y->number) {
        return x->number < y->number ? -1 : 1;
    }
    return (x->cell > y->cell) - (x->cell < y->cell);
}

static int by_text(const void *a, const void *b) {
    const numbered *x = a;
    const numbered *y = b;
    const int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->cell > y->cell) - (x->cell < y->cell);
}

/* Whole numbers in order of their value ("9" before "10"), anything else as text. */
static onus_status rank_ids(place_trial *t, char *const *ids, size_t n, int32_t **rank) {
    numbered *list = onus_alloc_n(n, sizeof *list);
    *rank = place_keep(t, onus_alloc_n(n, sizeof **rank));
    if (list == NULL || *rank == NULL) {
        onus_free(list);
        return ONUS_ERR_NOMEM;
    }
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        list[i] = (numbered){.id = ids == NULL ? "" : ids[i], .cell = (int32_t)i};
        whole = whole && onus_parse_int64(list[i].id, strlen(list[i].id), &list[i].number);
    }
    if (ids != NULL) {
        qsort(list, n, sizeof *list, whole ? by_number : by_text);
    }
    for (size_t k = 0; k < n; k++) {
        (*rank)[list[k].cell] = (int32_t)k;
    }
    onus_free(list);
    return ONUS_OK;
}

static onus_polygons polygons_of(const onus_layer *layer) {
    return (onus_polygons){.n_areas = layer->n_areas,
                           .area_rings = layer->area_rings,
                           .ring_points = layer->ring_points,
                           .x = layer->x_m,
                           .y = layer->y_m};
}

static void finish(accuracy *a) {
    onus_frame_cells *cells = &a->cells;
    double least = INFINITY;
    double most = 0.0;
    onus_sum sum = {0};
    for (size_t i = 0; i < cells->n_cells; i++) {
        least = fmin(least, cells->area_m2[i]);
        most = fmax(most, cells->area_m2[i]);
        onus_sum_add(&sum, cells->area_m2[i]);
    }
    cells->region_m2 = onus_sum_get(&sum);
    cells->by_density = most > least * (1.0 + ALIKE_SHARE);
}

/* ---- cells as a layer ---- */

static onus_status from_layer(place_trial *t, accuracy *a) {
    const onus_layer *grid = &t->evidence->grid;
    onus_frame_cells *cells = &a->cells;
    const size_t n = grid->n_areas;
    double *area_m2 = place_doubles(t, n);
    double *x = place_doubles(t, n);
    double *y = place_doubles(t, n);
    int32_t *rank = NULL;
    onus_status status = ONUS_OK;
    if (area_m2 == NULL || x == NULL || y == NULL) {
        return ONUS_ERR_NOMEM;
    }
    a->cell_polygons = polygons_of(grid);
    a->region = a->cell_polygons;
    onus_polygons_area(&a->cell_polygons, area_m2, x, y);
    for (size_t i = 0; i < n; i++) {
        if (!(area_m2[i] > 0.0)) {
            return onus_fail(t->err, ONUS_ERR_DATA, t->c->grid.source.file, 0, 0,
                             "cell '%s' has no area", grid->ids[i]);
        }
    }
    ONUS_TRY(rank_ids(t, grid->ids, n, &rank));
    *cells = (onus_frame_cells){.n_cells = n,
                                .ids = grid->ids,
                                .id_rank = rank,
                                .x_m = x,
                                .y_m = y,
                                .area_m2 = area_m2,
                                .polygons = &a->cell_polygons};
    finish(a);
out:
    return status;
}

/* ---- the region ---- */

typedef struct corner {
    double x;
    double y;
} corner;

static int by_corner(const void *a, const void *b) {
    const corner *p = a;
    const corner *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

static double turn(const corner *o, const corner *a, const corner *b) {
    return (a->x - o->x) * (b->y - o->y) - (a->y - o->y) * (b->x - o->x);
}

/* Andrew's monotone chain (1979). */
static onus_status hull_of_outcomes(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    size_t n = 0;
    corner *points = onus_alloc_n(o->n_outcomes, sizeof *points);
    corner *hull = onus_alloc_n(2 * o->n_outcomes + 2, sizeof *hull);
    size_t *starts = place_keep(t, onus_alloc_n(4, sizeof *starts));
    onus_status status =
        points == NULL || hull == NULL || starts == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t i = 0; i < o->n_outcomes && status == ONUS_OK; i++) {
        if (isfinite(o->x_m[i]) && isfinite(o->y_m[i])) {
            points[n++] = (corner){.x = o->x_m[i], .y = o->y_m[i]};
        }
    }
    if (status != ONUS_OK || n < 3) {
        goto out;
    }
    qsort(points, n, sizeof *points, by_corner);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        while (k >= 2 && turn(&hull[k - 2], &hull[k - 1], &points[i]) <= 0.0) {
            k--;
        }
        hull[k++] = points[i];
    }
    const size_t lower = k + 1;
    for (size_t i = n - 1; i-- > 0;) {
        while (k >= lower && turn(&hull[k - 2], &hull[k - 1], &points[i]) <= 0.0) {
            k--;
        }
        hull[k++] = points[i];
    }
    double *x = place_doubles(t, k);
    double *y = place_doubles(t, k);
    if (x == NULL || y == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < k; i++) {
        x[i] = hull[i].x;
        y[i] = hull[i].y;
    }
    starts[1] = 1; /* one area of one ring */
    starts[3] = k;
    a->region = (onus_polygons){
        .n_areas = 1, .area_rings = starts, .ring_points = starts + 2, .x = x, .y = y};
    a->region_is_hull = true;
    status = onus_result_warn(t->result, "no_region",
                              "no region is given: the study area is the convex hull of the "
                              "recorded outcomes, which flatters whatever flags its edges least");
out:
    onus_free(points);
    onus_free(hull);
    return status;
}

static onus_status find_region(place_trial *t, accuracy *a) {
    const onus_evidence *e = t->evidence;
    if (e->region.n_areas > 0) {
        a->region = polygons_of(&e->region);
    } else if (e->areas.n_areas > 0) {
        a->region = polygons_of(&e->areas);
    } else if (e->outcomes.x_m != NULL) {
        return hull_of_outcomes(t, a);
    }
    return ONUS_OK;
}

/* ---- square cells ---- */

static double side_of(const place_trial *t) {
    if (t->c->grid.cell_m > 0.0) {
        return t->c->grid.cell_m;
    }
    return t->c->predictions.width_m > 0.0 ? t->c->predictions.width_m : DEFAULT_CELL_M;
}

typedef struct lattice {
    double side;
    double x0;
    double y0;
    size_t n_x;
    size_t n_y;
} lattice;

static onus_status lay(const place_trial *t, const accuracy *a, lattice *out) {
    const onus_polygons *region = &a->region;
    const double side = side_of(t) * (a->change.scale > 0.0 ? a->change.scale : 1.0);
    double low_x = INFINITY;
    double low_y = INFINITY;
    double high_x = -INFINITY;
    double high_y = -INFINITY;
    const size_t n = region->ring_points[region->area_rings[region->n_areas]];
    for (size_t i = 0; i < n; i++) {
        low_x = fmin(low_x, region->x[i]);
        high_x = fmax(high_x, region->x[i]);
        low_y = fmin(low_y, region->y[i]);
        high_y = fmax(high_y, region->y[i]);
    }
    low_x -= a->change.east * side; /* one more column, the first one cut off */
    low_y -= a->change.north * side;
    const double columns = ceil((high_x - low_x) / side);
    const double rows = ceil((high_y - low_y) / side);
    if (!(columns >= 1.0) || !(rows >= 1.0) || !(columns * rows <= (double)CELLS_MAX)) {
        return onus_fail_plain(t->err, ONUS_ERR_DATA,
                               "cells of %.4g m over this region make a lattice of %.0f by %.0f; "
                               "give a larger grid.cell (at most %d cells)",
                               side, columns, rows, (int)CELLS_MAX);
    }
    *out = (lattice){
        .side = side, .x0 = low_x, .y0 = low_y, .n_x = (size_t)columns, .n_y = (size_t)rows};
    return ONUS_OK;
}

/* Area of each square inside the region, squares row by row. */
static onus_status areas_of(place_trial *t, const accuracy *a, const lattice *l, double *area_m2) {
    const size_t n = l->n_x * l->n_y;
    double *x = onus_alloc_n(n, sizeof *x);
    double *y = onus_alloc_n(n, sizeof *y);
    onus_sparse on = {0};
    onus_status status = ONUS_ERR_NOMEM;
    if (x == NULL || y == NULL) {
        goto out;
    }
    for (size_t r = 0; r < l->n_y; r++) {
        for (size_t c = 0; c < l->n_x; c++) {
            x[r * l->n_x + c] = l->x0 + ((double)c + 0.5) * l->side;
            y[r * l->n_x + c] = l->y0 + ((double)r + 0.5) * l->side;
        }
    }
    ONUS_TRY(onus_overlap_boxes(&a->region, x, y, n, l->side, l->side, t->context, &on, t->err));
    const double whole = l->side * l->side;
    for (size_t i = 0; i < n; i++) {
        onus_sum sum = {0};
        for (size_t k = on.starts[i]; k < on.starts[i + 1]; k++) {
            onus_sum_add(&sum, on.values[k]);
        }
        const double inside = onus_sum_get(&sum);
        area_m2[i] = inside > whole * (1.0 - WHOLE_SHARE) ? whole : inside;
    }
    status = ONUS_OK;
out:
    onus_free(x);
    onus_free(y);
    onus_sparse_clear(&on);
    return status;
}

/* A second run turns everything about the origin of the projection. */
static onus_status turn_region(place_trial *t, accuracy *a) {
    const double angle = a->change.turn_rad;
    const size_t n = a->region.ring_points[a->region.area_rings[a->region.n_areas]];
    if (angle == 0.0) {
        return ONUS_OK;
    }
    double *x = place_doubles(t, n);
    double *y = place_doubles(t, n);
    if (x == NULL || y == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = cos(angle) * a->region.x[i] - sin(angle) * a->region.y[i];
        y[i] = sin(angle) * a->region.x[i] + cos(angle) * a->region.y[i];
    }
    a->region.x = x;
    a->region.y = y;
    return ONUS_OK;
}

static onus_status from_squares(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    lattice l = {0};
    double *inside = NULL;
    onus_frame_cells *cells = &a->cells;
    ONUS_TRY(lay(t, a, &l));
    const size_t n = l.n_x * l.n_y;
    inside = onus_alloc_n(n, sizeof *inside);
    int32_t *at = place_keep(t, onus_alloc_n(n, sizeof *at));
    if (inside == NULL || at == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(areas_of(t, a, &l, inside));
    size_t n_cells = 0;
    for (size_t i = 0; i < n; i++) {
        at[i] = inside[i] > 0.0 ? (int32_t)n_cells++ : -1;
    }
    if (n_cells == 0) {
        status = onus_fail_plain(t->err, ONUS_ERR_DATA, "the region has no area to lay cells over");
        goto out;
    }
    double *area_m2 = place_doubles(t, n_cells);
    double *x = place_doubles(t, n_cells);
    double *y = place_doubles(t, n_cells);
    int32_t *column = place_keep(t, onus_alloc_n(n_cells, sizeof *column));
    int32_t *row = place_keep(t, onus_alloc_n(n_cells, sizeof *row));
    int32_t *rank = NULL;
    if (area_m2 == NULL || x == NULL || y == NULL || column == NULL || row == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (at[i] < 0) {
            continue;
        }
        const size_t k = (size_t)at[i];
        area_m2[k] = inside[i];
        column[k] = (int32_t)(i % l.n_x);
        row[k] = (int32_t)(i / l.n_x);
        x[k] = l.x0 + ((double)column[k] + 0.5) * l.side;
        y[k] = l.y0 + ((double)row[k] + 0.5) * l.side;
    }
    ONUS_TRY(rank_ids(t, NULL, n_cells, &rank));
    *cells = (onus_frame_cells){.n_cells = n_cells,
                                .id_rank = rank,
                                .x_m = x,
                                .y_m = y,
                                .area_m2 = area_m2,
                                .side_m = l.side,
                                .x0_m = l.x0,
                                .y0_m = l.y0,
                                .n_columns = l.n_x,
                                .n_rows = l.n_y,
                                .column = column,
                                .row = row,
                                .at = at};
    finish(a);
out:
    onus_free(inside);
    return status;
}

onus_status acc_cells(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    if (t->evidence->grid.n_areas > 0) {
        return from_layer(t, a);
    }
    if (a->base == NULL) {
        ONUS_TRY(find_region(t, a));
    }
    if (a->region.n_areas == 0) {
        a->missing = "no region is given and none can be drawn around the recorded outcomes";
        return ONUS_OK;
    }
    if (!(t->c->grid.cell_m > 0.0) && a->base == NULL) {
        ONUS_TRY(onus_result_warn(t->result, "no_grid",
                                  "no grid is given: methods of comparison flag squares of %.4g m",
                                  side_of(t)));
    }
    ONUS_TRY(turn_region(t, a));
    ONUS_TRY(from_squares(t, a));
out:
    return status;
}
