/* Planar geometry on many polygons at once: where points fall, how boxes and cells overlap areas,
 * who borders whom. Pure kernels: arrays in, arrays out. Polygons are sets of closed rings under
 * the even-odd rule. */
#ifndef ONUS_GEOM_H
#define ONUS_GEOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

/**
 * n_areas polygons, borrowed: the same shape as onus_layer. A ring that is not closed is taken as
 * if it were. Where areas are measured, rings must not cross themselves or each other (the layer
 * reader sees to that); which way they run does not matter.
 */
typedef struct onus_polygons {
    size_t n_areas;
    const size_t *area_rings;  /* n_areas + 1 */
    const size_t *ring_points; /* n_rings + 1 */
    const double *x;
    const double *y;
} onus_polygons;

/** Sparse rows: row i has entries starts[i] .. starts[i + 1] - 1, columns ascending. */
typedef struct onus_sparse {
    size_t n_rows;
    size_t *starts; /* n_rows + 1 */
    int32_t *columns;
    double *values; /* NULL where only the pattern counts */
} onus_sparse;
void onus_sparse_clear(onus_sparse *sparse);

/** Area and centroid of each polygon; any output may be NULL. Centroid of an empty polygon: NaN.
 *  O(points); for a polygon of k rings O(k points). */
void onus_polygons_area(const onus_polygons *polygons, double *area, double *centre_x,
                        double *centre_y);

/**
 * Which polygon holds each point: edges count as inside, and of several polygons the one that comes
 * first in `order` wins. Exact: coordinates are rounded to multiples of `lattice` (1e-9 degree,
 * 1e-6 m) and compared as integers.
 *
 * @param[in]  order    n_areas ranks (0 first), or NULL for the order of the polygons
 * @param[out] area     n_points: index of the polygon or -1
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a coordinate is beyond 2^40 lattice steps; ONUS_ERR_NOMEM;
 *         ONUS_ERR_INTERRUPTED
 */
onus_status onus_locate(const onus_polygons *polygons, const int32_t *order, double lattice,
                        const double *x, const double *y, size_t n_points,
                        const onus_context *context, int32_t *area, onus_error *err) ONUS_MUST_USE;

/**
 * Area of the intersection of axis-parallel boxes with polygons: out row b, column a, value in the
 * square of the coordinates' unit. Touches are left out, as is anything below 1e-12 of a box.
 * @param[in]  width, height  one value for all boxes, positive
 * @param[out] out  untouched on failure; the caller clears it
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a size, a centre or a vertex is not finite; ONUS_ERR_NOMEM;
 *         ONUS_ERR_INTERRUPTED
 * Cost: per box, the edges of the polygons near it. Same bytes for any number of threads.
 */
onus_status onus_overlap_boxes(const onus_polygons *polygons, const double *centre_x,
                               const double *centre_y, size_t n_boxes, double width, double height,
                               const onus_context *context, onus_sparse *out,
                               onus_error *err) ONUS_MUST_USE;

/** The same for rectangles of any size, by their corners: each low below its high. */
onus_status onus_overlap_rectangles(const onus_polygons *polygons, const double *low_x,
                                    const double *low_y, const double *high_x, const double *high_y,
                                    size_t n_rectangles, const onus_context *context,
                                    onus_sparse *out, onus_error *err) ONUS_MUST_USE;

/** A rectangle with area. */
typedef struct onus_rectangle {
    double low_x;
    double low_y;
    double high_x;
    double high_y;
} onus_rectangle;

/**
 * Disjoint rectangles that cover the same ground as n rectangles that may overlap: horizontal
 * strips between their edges, cut where nothing covers. Rectangles that overlap no other stay
 * whole.
 * @param[out] out  array of onus_rectangle, appended to
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a rectangle is not finite or has no area; ONUS_ERR_NOMEM
 * Cost: O(n log n) where none overlap; a cluster of k that do costs O(k^2).
 */
onus_status onus_rectangles_union(const onus_rectangle *rectangles, size_t n,
                                  onus_array *out) ONUS_MUST_USE;

/** The same for arbitrary polygons against polygons (GEOS): out row = flag, column = polygon.
 *  ONUS_ERR_DATA, with GEOS's words, if two of them cannot be intersected (not valid). */
onus_status onus_overlap_polygons(const onus_polygons *polygons, const onus_polygons *flags,
                                  const onus_context *context, onus_sparse *out,
                                  onus_error *err) ONUS_MUST_USE;

/** A polygon moved, (x, y) to (x0 + x, y0 + y), or turned by half a turn and moved, to (x0 - x, y0
 * - y), where x0, y0 are the fields x and y. */
typedef struct onus_polygon_copy {
    size_t polygon;
    size_t row; /* copies of one row are merged */
    double x;
    double y;
    bool turned;
} onus_polygon_copy;

/**
 * Area inside a region of the ground that copies of polygons cover, row by row; what several copies
 * of a row cover counts once, and so does what several polygons of the region cover.
 * @param[in]  copies  n_copies, ascending by row; a row without any has area 0
 * @param[out] area    n_rows values; untouched on failure
 * @return ONUS_OK; ONUS_ERR_DATA, with GEOS's words, if polygons cannot be merged (not valid);
 *         ONUS_ERR_DOMAIN if a vertex is not finite; ONUS_ERR_BUG for copies out of order;
 *         ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Cost: a cascaded union of each row's copies; the region is merged once.
 */
onus_status onus_union_areas(const onus_polygons *region, const onus_polygons *shapes,
                             const onus_polygon_copy *copies, size_t n_copies, size_t n_rows,
                             const onus_context *context, double *area,
                             onus_error *err) ONUS_MUST_USE;

/** A regular grid, row 0 at the bottom. */
typedef struct onus_grid {
    double x0;
    double y0;
    double cell;
    size_t n_x;
    size_t n_y;
} onus_grid;

/**
 * Areal weighting: mass of each polygon spread evenly over its area and summed by grid cell.
 * Mass outside the grid, and that of polygons without area, is returned in *outside, so that
 * sum(out) + *outside = sum(mass). Coverage is exact to 1e-13 of a cell; a cell that no polygon
 * touches has exactly 0.
 * @param[out] out  n_x * n_y values, row by row; caller's buffer; untouched on failure
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a mass, a vertex or the grid is not finite; ONUS_ERR_NOMEM;
 *         ONUS_ERR_INTERRUPTED
 * Cost: O(edge-cell crossings + covered cells). Deterministic for any thread count.
 */
onus_status onus_areal_weight(const onus_polygons *polygons, const double *mass,
                              const onus_grid *grid, const onus_context *context, double *out,
                              double *outside, onus_error *err) ONUS_MUST_USE;

/**
 * Queen contiguity: polygons whose boundaries share at least one point once coordinates are rounded
 * to the lattice: vertices, vertices that lie on another's edge, pieces of edges, crossings.
 * Symmetric pattern, no self-neighbours; a polygon without neighbours has an empty row.
 * @param[out] out  values is NULL; untouched on failure; the caller clears it
 * @return as onus_locate
 * Cost: near-linear in the number of edges unless they crowd into few places.
 */
onus_status onus_contiguity(const onus_polygons *polygons, double lattice,
                            const onus_context *context, onus_sparse *out,
                            onus_error *err) ONUS_MUST_USE;

#endif
