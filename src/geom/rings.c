/* Area and centroid of polygons, and the sign with which each ring counts.
 *
 * Layers disagree about which way a shell or a hole runs, so direction is not trusted. A ring
 * counts positively if an even number of the polygon's other rings surround it and negatively
 * otherwise: shell +, hole -, island in the hole +. Surrounding is decided at a point well inside
 * the ring, taken from the widest span of a level line, against rings of larger area only (a
 * smaller one cannot surround it; of two equal ones the earlier surrounds the later, so that
 * duplicates cancel, as they do under the even-odd rule). Most polygons have one ring and skip all
 * this.
 *
 * Rings must not cross themselves or each other; the layer reader sees to that. Sums are taken
 * relative to the ring's first vertex, so that large projected coordinates lose no digits.
 * Called by every kernel of this folder that measures areas. Allocates nothing but onus_ring_signs'
 * result.
 */
#include "rings.h"

#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/sum.h"

/* Twice the signed area and six times its moments, relative to the first vertex. */
typedef struct ring_shape {
    double doubled_area;
    double moment_x;
    double moment_y;
    double min_x;
    double min_y;
    double max_x;
    double max_y;
} ring_shape;

static ring_shape shape_of(const double *x, const double *y, size_t n) {
    ring_shape shape = {
        .min_x = INFINITY, .min_y = INFINITY, .max_x = -INFINITY, .max_y = -INFINITY};
    onus_sum area = {0.0, 0.0};
    onus_sum moment_x = {0.0, 0.0};
    onus_sum moment_y = {0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        const size_t next = i + 1 < n ? i + 1 : 0;
        const double xa = x[i] - x[0];
        const double ya = y[i] - y[0];
        const double xb = x[next] - x[0];
        const double yb = y[next] - y[0];
        const double cross = xa * yb - xb * ya;
        onus_sum_add(&area, cross);
        onus_sum_add(&moment_x, (xa + xb) * cross);
        onus_sum_add(&moment_y, (ya + yb) * cross);
        shape.min_x = fmin(shape.min_x, x[i]);
        shape.max_x = fmax(shape.max_x, x[i]);
        shape.min_y = fmin(shape.min_y, y[i]);
        shape.max_y = fmax(shape.max_y, y[i]);
    }
    shape.doubled_area = onus_sum_get(&area);
    shape.moment_x = onus_sum_get(&moment_x);
    shape.moment_y = onus_sum_get(&moment_y);
    return shape;
}

/* Parity of crossings of the ring with the level line to the left of (px, py). */
static bool ring_surrounds(const double *x, const double *y, size_t n, double px, double py) {
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        const size_t next = i + 1 < n ? i + 1 : 0;
        if ((y[i] <= py) != (y[next] <= py)) {
            inside ^= x[i] + (py - y[i]) / (y[next] - y[i]) * (x[next] - x[i]) < px;
        }
    }
    return inside;
}

/* The crossing of the ring with the level line that is next to the right of `after`. */
static double next_crossing(const double *x, const double *y, size_t n, double py, double after) {
    double best = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const size_t next = i + 1 < n ? i + 1 : 0;
        if ((y[i] <= py) != (y[next] <= py)) {
            const double at = x[i] + (py - y[i]) / (y[next] - y[i]) * (x[next] - x[i]);
            if (at > after && at < best) {
                best = at;
            }
        }
    }
    return best;
}

/* A point inside the ring: the middle of the first span, on a level between two vertices. */
static void inner_point(const double *x, const double *y, size_t n, const ring_shape *shape,
                        double *px, double *py) {
    const double middle = 0.5 * (shape->min_y + shape->max_y);
    double below = shape->min_y;
    double above = shape->max_y;
    for (size_t i = 0; i < n; i++) {
        if (y[i] <= middle) {
            below = fmax(below, y[i]);
        } else {
            above = fmin(above, y[i]);
        }
    }
    *py = 0.5 * (below + above);
    double best_width = -1.0;
    double from = -INFINITY;
    *px = 0.5 * (shape->min_x + shape->max_x);
    for (;;) {
        from = next_crossing(x, y, n, *py, from);
        const double until = next_crossing(x, y, n, *py, from);
        if (!(until < INFINITY)) {
            return;
        }
        if (until - from > best_width) {
            best_width = until - from;
            *px = 0.5 * (from + until);
        }
        from = until;
    }
}

static double sign_of_shape(const onus_polygons *polygons, size_t area, size_t ring,
                            const ring_shape *shape) {
    const size_t first = polygons->area_rings[area];
    const size_t end = polygons->area_rings[area + 1];
    const size_t start = polygons->ring_points[ring];
    const size_t n = polygons->ring_points[ring + 1] - start;
    const double size = fabs(shape->doubled_area);
    if (!(size > 0.0)) {
        return 0.0;
    }
    double sign = shape->doubled_area > 0.0 ? 1.0 : -1.0;
    if (end - first == 1) {
        return sign;
    }
    double px = 0.0;
    double py = 0.0;
    inner_point(polygons->x + start, polygons->y + start, n, shape, &px, &py);
    for (size_t other = first; other < end; other++) {
        const size_t from = polygons->ring_points[other];
        const size_t m = polygons->ring_points[other + 1] - from;
        if (other == ring || !ring_surrounds(polygons->x + from, polygons->y + from, m, px, py)) {
            continue;
        }
        const ring_shape outer = shape_of(polygons->x + from, polygons->y + from, m);
        const double outer_size = fabs(outer.doubled_area);
        if (outer_size > size || (!(outer_size < size) && other < ring)) {
            sign = -sign;
        }
    }
    return sign;
}

double onus_ring_sign(const onus_polygons *polygons, size_t area, size_t ring) {
    const size_t start = polygons->ring_points[ring];
    const size_t n = polygons->ring_points[ring + 1] - start;
    const ring_shape shape = shape_of(polygons->x + start, polygons->y + start, n);
    return sign_of_shape(polygons, area, ring, &shape);
}

onus_status onus_ring_signs(const onus_polygons *polygons, double **signs, onus_error *err) {
    const size_t n_rings = polygons->n_areas == 0 ? 0 : polygons->area_rings[polygons->n_areas];
    double *made = onus_alloc_n(n_rings, sizeof *made);
    if (made == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t a = 0; a < polygons->n_areas; a++) {
        for (size_t r = polygons->area_rings[a]; r < polygons->area_rings[a + 1]; r++) {
            made[r] = onus_ring_sign(polygons, a, r);
        }
    }
    *signs = made;
    return ONUS_OK;
}

onus_status onus_polygons_check_finite(const onus_polygons *polygons, onus_error *err) {
    const size_t n_rings = polygons->n_areas == 0 ? 0 : polygons->area_rings[polygons->n_areas];
    const size_t n_points = n_rings == 0 ? 0 : polygons->ring_points[n_rings];
    for (size_t i = 0; i < n_points; i++) {
        if (!isfinite(polygons->x[i]) || !isfinite(polygons->y[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "vertex %zu of a polygon is not finite",
                                   i);
        }
    }
    return ONUS_OK;
}

void onus_polygons_area(const onus_polygons *polygons, double *area, double *centre_x,
                        double *centre_y) {
    for (size_t a = 0; a < polygons->n_areas; a++) {
        const size_t first = polygons->area_rings[a];
        onus_sum doubled = {0.0, 0.0};
        onus_sum moment_x = {0.0, 0.0};
        onus_sum moment_y = {0.0, 0.0};
        for (size_t r = first; r < polygons->area_rings[a + 1]; r++) {
            const size_t start = polygons->ring_points[r];
            const double *x = polygons->x + start;
            const double *y = polygons->y + start;
            const size_t n = polygons->ring_points[r + 1] - start;
            if (n == 0) {
                continue;
            }
            const ring_shape shape = shape_of(x, y, n);
            const double sign = sign_of_shape(polygons, a, r, &shape);
            const double size = sign * shape.doubled_area;
            /* Moments are moved to the first vertex of the polygon, which all rings share. */
            const size_t origin = polygons->ring_points[first];
            onus_sum_add(&doubled, size);
            onus_sum_add(&moment_x,
                         sign * shape.moment_x + 3.0 * size * (x[0] - polygons->x[origin]));
            onus_sum_add(&moment_y,
                         sign * shape.moment_y + 3.0 * size * (y[0] - polygons->y[origin]));
        }
        const double size = onus_sum_get(&doubled);
        if (area != NULL) {
            area[a] = 0.5 * size;
        }
        if (centre_x != NULL) {
            centre_x[a] = NAN;
        }
        if (centre_y != NULL) {
            centre_y[a] = NAN;
        }
        if (!(size > 0.0)) {
            continue;
        }
        const size_t origin = polygons->ring_points[first];
        if (centre_x != NULL) {
            centre_x[a] = polygons->x[origin] + onus_sum_get(&moment_x) / (3.0 * size);
        }
        if (centre_y != NULL) {
            centre_y[a] = polygons->y[origin] + onus_sum_get(&moment_y) / (3.0 * size);
        }
    }
}
