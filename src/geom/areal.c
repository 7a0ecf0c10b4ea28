/* Areal weighting: the mass of each polygon spread evenly over its area and summed by grid cell.
 *
 * Exact coverage as a font rasteriser computes it (Green's theorem): walk each edge through the
 * cells it crosses; in each, the edge covers everything to its right within the cell (`part`) and a
 * strip of its height in all cells further right (`strip`). Summing along a row gives each cell's
 * covered share, at a cost that depends on the outline and the result, not on polygons times cells.
 *
 *      row   |    |  / |    |          part  of the cell with the edge: right of the edge
 *            |    | /##|####|          strip of the cells to its right: the edge's height
 *
 * The sums along a row would gather rounding errors; they cannot here, because heights are rounded
 * to multiples of 2^-44 of a cell (for a 150 m cell 1e-11 m, the spacing of doubles at 60 km) and
 * their sums are then exact. So a cell outside has exactly 0 and a cell inside exactly 1, and a row
 * of any length ends as it began. Two polygons that share an edge compute the same numbers for it.
 *
 * Called to lay census areas over a grid. Serial: the order of additions is that of the polygons.
 * Never leaves mass out: what has no place in the grid is handed back beside the cells.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/geom.h"
#include "onus/sum.h"
#include "rings.h"

#define HEIGHT_STEPS 0x1p44
#define STRIP_CELLS_MAX ((size_t)1 << 20) /* cells held at once for one polygon */
#define GRID_SIDE_MAX ((size_t)1 << 30)

/* A strip of rows of the bounding box of one polygon, in cells of the grid. */
typedef struct window {
    size_t col;
    size_t row;
    size_t n_cols;
    size_t n_rows;
    double *part;
    double *strip;
} window;

typedef struct bounds {
    double min_u;
    double max_u;
    double min_v;
    double max_v;
} bounds;

static double to_height_step(double v) {
    return rint(v * HEIGHT_STEPS) / HEIGHT_STEPS;
}

/* One piece of an edge within one row: from (u0, f0) up to (u1, f1), u within column `col`. */
static void add_piece(window *w, size_t row, double col, double u0, double f0, double u1, double f1,
                      double weight) {
    const size_t at = row * w->n_cols + (size_t)(col - (double)w->col);
    const double height = weight * (f1 - f0);
    w->part[at] += height * (1.0 - 0.5 * ((u0 - col) + (u1 - col)));
    w->strip[at] += height;
}

/* The part of an edge within one row, from (u0, f0) up to (u1, f1); f is the height in the row. */
static void walk_row(window *w, size_t row, double u0, double f0, double u1, double f1,
                     double weight) {
    const double left = (double)w->col;
    const double right = left + (double)w->n_cols;
    const double slope = u1 == u0 ? 0.0 : (f1 - f0) / (u1 - u0);
    const double towards = u1 > u0 ? 1.0 : -1.0;
    double u = u0;
    double f = f0;
    while (f < f1) {
        /* the next column side on the way, or the end */
        double col = floor(u);
        double side = towards > 0.0 ? col + 1.0 : (u > col ? col : col - 1.0);
        col = towards > 0.0 || u > col ? col : col - 1.0;
        if (u < left || (u <= left && towards < 0.0)) { /* left of the grid: covers all of it */
            side = towards > 0.0 ? left : u1;
            col = left;
        } else if (u > right || (u >= right && towards > 0.0)) { /* right of it: covers nothing */
            side = towards > 0.0 ? u1 : right;
            col = right;
        }
        const bool last = towards > 0.0 ? side >= u1 : side <= u1;
        const double next_u = last ? u1 : side;
        double next_f = last ? f1 : to_height_step(f0 + (side - u0) * slope);
        next_f = next_f < f ? f : next_f;
        next_f = next_f > f1 ? f1 : next_f;
        if (col < right) {
            add_piece(w, row, col, u < left ? left : u, f, next_u < left ? left : next_u, next_f,
                      weight);
        }
        if (last) {
            return;
        }
        u = next_u;
        f = next_f;
    }
}

/* An edge in cell units, v0 < v1; weight is the coverage gained to its right. */
static void walk_edge(window *w, double u0, double v0, double u1, double v1, double weight) {
    const double bottom = (double)w->row;
    const double top = bottom + (double)w->n_rows;
    if (v1 <= bottom || v0 >= top) {
        return;
    }
    const double slope = (u1 - u0) / (v1 - v0);
    const double low_u = u0 < u1 ? u0 : u1;
    const double high_u = u0 < u1 ? u1 : u0;
    double v = v0 < bottom ? bottom : v0;
    double u = v0 < bottom ? u0 + (bottom - v0) * slope : u0;
    const double end = v1 < top ? v1 : top;
    while (v < end) {
        const double row = floor(v);
        double next_v = row + 1.0;
        double next_u = u0 + (next_v - v0) * slope;
        if (next_v >= v1) {
            next_v = v1;
            next_u = u1;
        }
        next_u = next_u < low_u ? low_u : next_u;
        next_u = next_u > high_u ? high_u : next_u;
        walk_row(w, (size_t)(row - bottom), u, v - row, next_u, next_v - row, weight);
        u = next_u;
        v = next_v;
    }
}

/* One polygon, its vertices in cell units. */
typedef struct outline {
    const onus_polygons *polygons;
    const double *signs;
    const onus_grid *grid;
    size_t area;
} outline;

static double unit_u(const outline *o, size_t point) {
    return (o->polygons->x[point] - o->grid->x0) / o->grid->cell;
}

static double unit_v(const outline *o, size_t point) {
    return to_height_step((o->polygons->y[point] - o->grid->y0) / o->grid->cell);
}

static void walk_outline(const outline *o, window *w) {
    const onus_polygons *p = o->polygons;
    for (size_t r = p->area_rings[o->area]; r < p->area_rings[o->area + 1]; r++) {
        const size_t start = p->ring_points[r];
        const size_t end = p->ring_points[r + 1];
        if (end == start) {
            continue;
        }
        double u0 = unit_u(o, end - 1);
        double v0 = unit_v(o, end - 1);
        for (size_t i = start; i < end; i++) {
            const double u1 = unit_u(o, i);
            const double v1 = unit_v(o, i);
            /* A counter-clockwise outline comes down on its left side and goes up on its right. */
            if (v0 < v1) {
                walk_edge(w, u0, v0, u1, v1, -o->signs[r]);
            } else if (v1 < v0) {
                walk_edge(w, u1, v1, u0, v0, o->signs[r]);
            }
            u0 = u1;
            v0 = v1;
        }
    }
}

static bounds bounds_of(const outline *o) {
    const onus_polygons *p = o->polygons;
    bounds b = {.min_u = INFINITY, .max_u = -INFINITY, .min_v = INFINITY, .max_v = -INFINITY};
    const size_t first = p->ring_points[p->area_rings[o->area]];
    const size_t end = p->ring_points[p->area_rings[o->area + 1]];
    for (size_t i = first; i < end; i++) {
        const double u = unit_u(o, i);
        const double v = unit_v(o, i);
        b.min_u = u < b.min_u ? u : b.min_u;
        b.max_u = u > b.max_u ? u : b.max_u;
        b.min_v = v < b.min_v ? v : b.min_v;
        b.max_v = v > b.max_v ? v : b.max_v;
    }
    return b;
}

/* First cell and number of cells of [low, high] within 0 .. n - 1. false if there are none. */
static bool cells_between(double low, double high, size_t n, size_t *first, size_t *count) {
    const double from = low > 0.0 ? floor(low) : 0.0;
    const double until = high < (double)n ? ceil(high) : (double)n;
    if (!(until > from)) {
        return false;
    }
    *first = (size_t)from;
    *count = (size_t)(until - from);
    return true;
}

/* The cells under way: sums with their carries, and what lay outside. */
typedef struct spread {
    double *out;
    double *carry;
    onus_sum outside;
} spread;

static void add_to_cell(spread *s, size_t cell, double value) {
    onus_sum sum = {.total = s->out[cell], .carry = s->carry[cell]};
    onus_sum_add(&sum, value);
    s->out[cell] = sum.total;
    s->carry[cell] = sum.carry;
}

/* Coverage of the window's cells; adds mass * coverage / total to them. total 0: the coverage
 * itself (all of the polygon is in this window). Returns the coverage. */
static double spread_window(spread *s, const window *w, size_t n_x, double mass, double total,
                            double *scratch) {
    onus_sum covered = {0.0, 0.0};
    for (size_t row = 0; row < w->n_rows; row++) {
        double from_left = 0.0;
        for (size_t col = 0; col < w->n_cols; col++) {
            const size_t at = row * w->n_cols + col;
            scratch[at] = from_left + w->part[at];
            from_left += w->strip[at];
            onus_sum_add(&covered, scratch[at]);
        }
    }
    const double sum = onus_sum_get(&covered);
    const double by = total > 0.0 ? total : sum;
    for (size_t row = 0; by > 0.0 && row < w->n_rows; row++) {
        const size_t base = (w->row + row) * n_x + w->col;
        for (size_t col = 0; col < w->n_cols; col++) {
            const double share = scratch[row * w->n_cols + col];
            if (share != 0.0) {
                add_to_cell(s, base + col, mass * (share / by));
            }
        }
    }
    return sum;
}

static onus_status spread_area(spread *s, const outline *o, double mass, double area, window *w,
                               size_t *cells_cap, onus_error *err) {
    const onus_grid *grid = o->grid;
    const bounds b = bounds_of(o);
    size_t col = 0;
    size_t row = 0;
    size_t n_cols = 0;
    size_t n_rows = 0;
    const double area_cells = area / (grid->cell * grid->cell);
    if (!(area_cells > 0.0) || !cells_between(b.min_u, b.max_u, grid->n_x, &col, &n_cols) ||
        !cells_between(b.min_v, b.max_v, grid->n_y, &row, &n_rows)) {
        onus_sum_add(&s->outside, mass);
        return ONUS_OK;
    }
    const size_t strip_rows = n_cols >= STRIP_CELLS_MAX ? 1 : STRIP_CELLS_MAX / n_cols;
    const bool whole = strip_rows >= n_rows && b.min_u >= 0.0 && b.min_v >= 0.0 &&
                       b.max_u <= (double)grid->n_x && b.max_v <= (double)grid->n_y;
    const size_t cells = n_cols * (strip_rows < n_rows ? strip_rows : n_rows);
    if (w->part == NULL || cells > *cells_cap) {
        double *bigger = onus_realloc_n(w->part, 3 * cells, sizeof *bigger);
        if (bigger == NULL) {
            return onus_fail_nomem(err);
        }
        w->part = bigger;
        *cells_cap = cells;
    }
    assert(w->part != NULL); /* cells >= 1 */
    onus_sum inside = {0.0, 0.0};
    for (size_t done = 0; done < n_rows; done += strip_rows) {
        w->col = col;
        w->row = row + done;
        w->n_cols = n_cols;
        w->n_rows = n_rows - done < strip_rows ? n_rows - done : strip_rows;
        w->strip = w->part + cells;
        memset(w->part, 0, 2 * cells * sizeof *w->part);
        walk_outline(o, w);
        onus_sum_add(&inside, spread_window(s, w, grid->n_x, mass, whole ? 0.0 : area_cells,
                                            w->part + 2 * cells));
    }
    const double covered = onus_sum_get(&inside);
    if (whole && !(covered > 0.0)) {
        onus_sum_add(&s->outside, mass); /* thinner than a height step */
    } else if (!whole && covered < area_cells) {
        onus_sum_add(&s->outside, mass * (1.0 - covered / area_cells));
    }
    return ONUS_OK;
}

static onus_status check_grid(const onus_grid *grid, onus_error *err) {
    if (!(grid->cell > 0.0) || !isfinite(grid->cell) || !isfinite(grid->x0) ||
        !isfinite(grid->y0) || grid->n_x > GRID_SIDE_MAX || grid->n_y > GRID_SIDE_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a grid needs a finite origin, a positive cell and at most 2^30 "
                               "cells a side");
    }
    return ONUS_OK;
}

onus_status onus_areal_weight(const onus_polygons *polygons, const double *mass,
                              const onus_grid *grid, const onus_context *context, double *out,
                              double *outside, onus_error *err) {
    onus_status status = ONUS_OK;
    double *signs = NULL;
    double *areas = NULL;
    window w = {.part = NULL};
    size_t cells_cap = 0;
    spread s = {.out = NULL, .outside = {0.0, 0.0}};
    ONUS_TRY(check_grid(grid, err));
    const size_t n_cells = grid->n_x * grid->n_y;
    ONUS_TRY(onus_polygons_check_finite(polygons, err));
    ONUS_TRY(onus_ring_signs(polygons, &signs, err));
    areas = onus_alloc_n(polygons->n_areas, sizeof *areas);
    s.out = onus_alloc_n(n_cells, sizeof *s.out);
    s.carry = onus_alloc_n(n_cells, sizeof *s.carry);
    if (areas == NULL || s.out == NULL || s.carry == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    onus_polygons_area(polygons, areas, NULL, NULL);
    for (size_t a = 0; a < polygons->n_areas; a++) {
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        if (!isfinite(mass[a])) {
            status =
                onus_fail_plain(err, ONUS_ERR_DOMAIN, "the mass of polygon %zu is not finite", a);
            goto out;
        }
        const outline o = {.polygons = polygons, .signs = signs, .grid = grid, .area = a};
        ONUS_TRY(spread_area(&s, &o, mass[a], areas[a], &w, &cells_cap, err));
    }
    for (size_t c = 0; c < n_cells; c++) {
        out[c] = s.out[c] + s.carry[c];
    }
    *outside = onus_sum_get(&s.outside);
out:
    onus_free(signs);
    onus_free(areas);
    onus_free(w.part);
    onus_free(s.out);
    onus_free(s.carry);
    return status;
}
