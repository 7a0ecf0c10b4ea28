/* Exact plane geometry on an integer lattice: what onus_locate and onus_contiguity share. */
#ifndef ONUS_GEOM_LATTICE_H
#define ONUS_GEOM_LATTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/geom.h"
#include "onus/status.h"

/* Lattice coordinates are kept DOUBLED: vertices and points are even, so the sides of the search
 * grid can be odd and no vertex ever lies on one. |value| <= 2^41, a cross product < 2^86. */
enum { ONUS_LATTICE_MAX_BITS = 40 };

/** An edge, pointing up (ya < yb) or, if horizontal, to the right (xa <= xb). */
typedef struct onus_lattice_edge {
    int64_t xa;
    int64_t ya;
    int64_t xb;
    int64_t yb;
} onus_lattice_edge;

typedef struct onus_lattice_edges {
    size_t n_areas;
    size_t n_edges;
    size_t *area_edges; /* n_areas + 1 */
    onus_lattice_edge *edges;
    int64_t min_x; /* of all edges; min > max if there are none */
    int64_t min_y;
    int64_t max_x;
    int64_t max_y;
} onus_lattice_edges;

/** Doubled lattice coordinate of a value; false if it is not finite or too large. */
static inline bool onus_lattice_snap(double value, double lattice, int64_t *out) {
    const double steps = value / lattice;
    if (!(__builtin_fabs(steps) <= (double)((int64_t)1 << ONUS_LATTICE_MAX_BITS))) {
        return false;
    }
    *out = 2 * (int64_t)__builtin_lrint(steps);
    return true;
}

/** Sign of the cross product (b - a) x (p - a): 1 if p is left of the edge, 0 if on its line. */
static inline int onus_lattice_side(const onus_lattice_edge *edge, int64_t x, int64_t y) {
    __extension__ typedef __int128 wide;
    const wide left = (wide)(edge->xb - edge->xa) * (wide)(y - edge->ya);
    const wide right = (wide)(edge->yb - edge->ya) * (wide)(x - edge->xa);
    return (left > right) - (left < right);
}

/** All edges of all polygons; edges without length are left out, but a ring that is a single point
 *  keeps one. `out` must be cleared. */
onus_status onus_lattice_edges_init(onus_lattice_edges *out, const onus_polygons *polygons,
                                    double lattice, onus_error *err) ONUS_MUST_USE;
void onus_lattice_edges_clear(onus_lattice_edges *edges);

/** A grid of 2^shift wide square cells with odd sides; column = (x - x0) >> shift. */
typedef struct onus_lattice_grid {
    int64_t x0;
    int64_t y0;
    int shift;
    size_t n_x;
    size_t n_y;
} onus_lattice_grid;

/** The finest grid over the edges with at most n_cells_max cells. */
onus_lattice_grid onus_lattice_grid_over(const onus_lattice_edges *edges, size_t n_cells_max);

static inline size_t onus_lattice_cell_of(int64_t value, int64_t origin, int shift) {
    return (size_t)((value - origin) >> shift);
}

/**
 * Columns of one row of cells that an edge may touch: a superset of those it does touch.
 * `row` must lie between the rows of the edge's ends.
 */
void onus_lattice_edge_columns(const onus_lattice_grid *grid, const onus_lattice_edge *edge,
                               size_t row, size_t *first, size_t *last);

#endif
