/* Polygons as integer edges, and the grid of cells that finds the edges near a place.
 *
 * Coordinates are rounded once to a lattice; from then on every predicate is an integer comparison
 * and therefore exact, so "on the edge" means on the edge. Cell sides lie at odd (doubled)
 * coordinates and vertices at even ones, which removes the usual special cases of a point or a
 * vertex on a cell's side. Which cells an edge touches is computed in floating point with a margin
 * of one lattice step on either side: a superset is always right, because whoever reads a cell's
 * list tests the edges exactly.
 *
 * Called by locate.c and contiguity.c. Knows nothing of areas' meaning and draws nothing at random.
 */
#include "lattice.h"

#include <string.h>

#include "onus/alloc.h"

void onus_lattice_edges_clear(onus_lattice_edges *edges) {
    onus_free(edges->area_edges);
    onus_free(edges->edges);
    memset(edges, 0, sizeof *edges);
}

static onus_lattice_edge upward(int64_t xa, int64_t ya, int64_t xb, int64_t yb) {
    if (ya < yb || (ya == yb && xa <= xb)) {
        return (onus_lattice_edge){xa, ya, xb, yb};
    }
    return (onus_lattice_edge){xb, yb, xa, ya};
}

static void add_edge(onus_lattice_edges *out, int64_t xa, int64_t ya, int64_t xb, int64_t yb) {
    const onus_lattice_edge edge = upward(xa, ya, xb, yb);
    const int64_t low_x = xa < xb ? xa : xb;
    const int64_t high_x = xa < xb ? xb : xa;
    out->min_x = low_x < out->min_x ? low_x : out->min_x;
    out->max_x = high_x > out->max_x ? high_x : out->max_x;
    out->min_y = edge.ya < out->min_y ? edge.ya : out->min_y;
    out->max_y = edge.yb > out->max_y ? edge.yb : out->max_y;
    out->edges[out->n_edges++] = edge;
}

static onus_status add_ring(onus_lattice_edges *out, const double *x, const double *y, size_t n,
                            double lattice, onus_error *err) {
    const size_t n_before = out->n_edges;
    int64_t first_x = 0;
    int64_t first_y = 0;
    int64_t last_x = 0;
    int64_t last_y = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t px = 0;
        int64_t py = 0;
        if (!onus_lattice_snap(x[i], lattice, &px) || !onus_lattice_snap(y[i], lattice, &py)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a polygon's vertex (%.17g, %.17g) is not within 2^%d steps of "
                                   "%g from the origin",
                                   x[i], y[i], (int)ONUS_LATTICE_MAX_BITS, lattice);
        }
        if (i == 0) {
            first_x = px;
            first_y = py;
        } else if (px != last_x || py != last_y) {
            add_edge(out, last_x, last_y, px, py);
        }
        last_x = px;
        last_y = py;
    }
    /* A ring that its owner left open is closed here. */
    if (n > 0 && (last_x != first_x || last_y != first_y)) {
        add_edge(out, last_x, last_y, first_x, first_y);
    }
    if (n > 0 && out->n_edges == n_before) {
        add_edge(out, first_x, first_y, first_x, first_y);
    }
    return ONUS_OK;
}

onus_status onus_lattice_edges_init(onus_lattice_edges *out, const onus_polygons *polygons,
                                    double lattice, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_lattice_edges made = {.min_x = INT64_MAX,
                               .min_y = INT64_MAX,
                               .max_x = INT64_MIN,
                               .max_y = INT64_MIN,
                               .n_areas = polygons->n_areas};
    const size_t n_rings = polygons->n_areas == 0 ? 0 : polygons->area_rings[polygons->n_areas];
    const size_t n_points = n_rings == 0 ? 0 : polygons->ring_points[n_rings];
    if (!(lattice > 0.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a lattice step must be positive");
    }
    if (n_points >= (size_t)INT32_MAX || polygons->n_areas >= (size_t)INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "more than 2^31 vertices in one layer");
    }
    made.area_edges = onus_alloc_n(polygons->n_areas + 1, sizeof *made.area_edges);
    /* At most one edge per vertex: an open ring of n points has n, a closed one n - 1. */
    made.edges = onus_alloc_n(n_points, sizeof *made.edges);
    if (made.area_edges == NULL || made.edges == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t a = 0; a < polygons->n_areas; a++) {
        for (size_t r = polygons->area_rings[a]; r < polygons->area_rings[a + 1]; r++) {
            const size_t start = polygons->ring_points[r];
            const size_t n = polygons->ring_points[r + 1] - start;
            ONUS_TRY(add_ring(&made, polygons->x + start, polygons->y + start, n, lattice, err));
        }
        made.area_edges[a + 1] = made.n_edges;
    }
    *out = made;
    return ONUS_OK;
out:
    onus_lattice_edges_clear(&made);
    return status;
}

onus_lattice_grid onus_lattice_grid_over(const onus_lattice_edges *edges, size_t n_cells_max) {
    onus_lattice_grid grid = {.x0 = 0, .y0 = 0, .shift = 1, .n_x = 0, .n_y = 0};
    if (edges->n_edges == 0) {
        return grid;
    }
    grid.x0 = edges->min_x - 1;
    grid.y0 = edges->min_y - 1;
    for (int shift = 1;; shift++) {
        const size_t n_x = onus_lattice_cell_of(edges->max_x, grid.x0, shift) + 1;
        const size_t n_y = onus_lattice_cell_of(edges->max_y, grid.y0, shift) + 1;
        if (n_y <= n_cells_max && n_x <= n_cells_max / n_y) {
            grid.shift = shift;
            grid.n_x = n_x;
            grid.n_y = n_y;
            return grid;
        }
    }
}

void onus_lattice_edge_columns(const onus_lattice_grid *grid, const onus_lattice_edge *edge,
                               size_t row, size_t *first, size_t *last) {
    const int64_t low_x = edge->xa < edge->xb ? edge->xa : edge->xb;
    const int64_t high_x = edge->xa < edge->xb ? edge->xb : edge->xa;
    int64_t from = low_x;
    int64_t until = high_x;
    const int64_t bottom = grid->y0 + ((int64_t)row << grid->shift);
    const int64_t top = bottom + ((int64_t)1 << grid->shift);
    if (edge->xa != edge->xb && (edge->ya < bottom || edge->yb > top)) {
        /* All operands are below 2^53, the quotient's error far below one step: floor and ceil
         * with one more step on either side enclose the true piece. */
        const double slope = (double)(edge->xb - edge->xa) / (double)(edge->yb - edge->ya);
        const double at_bottom = edge->ya < bottom
                                     ? (double)edge->xa + slope * (double)(bottom - edge->ya)
                                     : (double)edge->xa;
        const double at_top =
            edge->yb > top ? (double)edge->xa + slope * (double)(top - edge->ya) : (double)edge->xb;
        const int64_t low = (int64_t)__builtin_floor(at_bottom < at_top ? at_bottom : at_top) - 1;
        const int64_t high = (int64_t)__builtin_ceil(at_bottom < at_top ? at_top : at_bottom) + 1;
        from = low > from ? low : from;
        until = high < until ? high : until;
    }
    *first = onus_lattice_cell_of(from, grid->x0, grid->shift);
    *last = onus_lattice_cell_of(until, grid->x0, grid->shift);
}
