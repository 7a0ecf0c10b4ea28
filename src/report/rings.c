/* Shells and holes. A layer keeps an area as a set of rings under the even-odd rule; GeoPackage and
 * SVG want each hole beside the ring that holds it. A ring's depth is the number of rings of the
 * same area around it: even depth is a shell, odd depth a hole of the smallest ring around it.
 *
 *     +-----------+    depth 0: shell
 *     |  +-----+  |    depth 1: hole of the first
 *     |  | +-+ |  |    depth 2: shell again (an island)
 *
 * Rings are valid, so they may touch but never cross: the first vertex of one that is not on the
 * border of the other tells on which side it lies. Called by gpkg.c and map.c. Most areas have one
 * ring and cost nothing. */
#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"
#include "report_internal.h"

typedef struct ring_view {
    const double *x;
    const double *y;
    size_t n; /* the last point repeats the first */
} ring_view;

enum side { SIDE_OUT, SIDE_IN, SIDE_BORDER };

static enum side side_of(const ring_view *ring, double x, double y) {
    bool inside = false;
    for (size_t i = 0; i + 1 < ring->n; i++) {
        const double ax = ring->x[i];
        const double ay = ring->y[i];
        const double bx = ring->x[i + 1];
        const double by = ring->y[i + 1];
        const double cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
        if (cross == 0.0 && x >= fmin(ax, bx) && x <= fmax(ax, bx) && y >= fmin(ay, by) &&
            y <= fmax(ay, by)) {
            return SIDE_BORDER;
        }
        if ((ay > y) != (by > y) && ((cross > 0.0) == (by > ay))) {
            inside = !inside;
        }
    }
    return inside ? SIDE_IN : SIDE_OUT;
}

/* Twice the signed area; differences first, since degrees are large beside a block's width. */
static double twice_area(const ring_view *ring) {
    double total = 0.0;
    double carry = 0.0;
    for (size_t i = 0; i + 1 < ring->n; i++) {
        const double ax = ring->x[i] - ring->x[0];
        const double ay = ring->y[i] - ring->y[0];
        const double bx = ring->x[i + 1] - ring->x[0];
        const double by = ring->y[i + 1] - ring->y[0];
        const double term = (ax * by - bx * ay) - carry;
        const double next = total + term;
        carry = (next - total) - term;
        total = next;
    }
    return total;
}

static bool holds(const ring_view *outer, const ring_view *inner) {
    for (size_t i = 0; i + 1 < inner->n; i++) {
        const enum side side = side_of(outer, inner->x[i], inner->y[i]);
        if (side != SIDE_BORDER) {
            return side == SIDE_IN;
        }
    }
    /* every vertex lies on the border of the other: inside if the middle of its first edge is */
    if (inner->n < 2) {
        return false;
    }
    return side_of(outer, (inner->x[0] + inner->x[1]) / 2.0, (inner->y[0] + inner->y[1]) / 2.0) ==
           SIDE_IN;
}

double onus_report_ring_area(const onus_layer *layer, size_t ring) {
    const size_t from = layer->ring_points[ring];
    const ring_view view = {layer->lon_deg + from, layer->lat_deg + from,
                            layer->ring_points[ring + 1] - from};
    return twice_area(&view) / 2.0;
}

onus_status onus_report_ring_parents(const onus_layer *layer, size_t area, int32_t *parents) {
    const size_t first = layer->area_rings[area];
    const size_t n = layer->area_rings[area + 1] - first;
    for (size_t i = 0; i < n; i++) {
        parents[i] = -1;
    }
    if (n < 2) {
        return ONUS_OK;
    }
    onus_status status = ONUS_ERR_NOMEM;
    ring_view *views = onus_alloc_n(n, sizeof *views);
    double *areas = onus_alloc_n(n, sizeof *areas);
    if (views == NULL || areas == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t from = layer->ring_points[first + i];
        views[i] = (ring_view){layer->lon_deg + from, layer->lat_deg + from,
                               layer->ring_points[first + i + 1] - from};
        areas[i] = fabs(twice_area(&views[i]));
    }
    for (size_t i = 0; i < n; i++) {
        size_t depth = 0;
        int32_t smallest = -1;
        for (size_t j = 0; j < n; j++) {
            if (j != i && areas[j] > areas[i] && holds(&views[j], &views[i])) {
                depth++;
                if (smallest < 0 || areas[j] < areas[smallest]) {
                    smallest = (int32_t)j;
                }
            }
        }
        parents[i] = depth % 2 == 1 ? smallest : -1;
    }
    status = ONUS_OK;
out:
    onus_free(views);
    onus_free(areas);
    return status;
}
