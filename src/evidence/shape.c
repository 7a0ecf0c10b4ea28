/* The rings of one feature: from OGR's geometry into plain arrays, and the growth of those arrays.
 *
 * Curves are followed by straight pieces (OGR's default of 4 degrees); heights and measures are
 * dropped; a ring that does not end where it began is closed. Called by layer.c for each feature
 * and by valid.c for what GEOS made of it. Never judges a shape: that is valid.c's business. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gdal_internal.h"
#include "layer_internal.h"
#include "onus/alloc.h"
#include "shape_internal.h"

enum { RING_POINTS_MIN = 4 };

onus_status onus_shape_add_ring(onus_shape *shape, size_t n, bool is_hole, double **x, double **y) {
    if (shape->n_rings == shape->rings_cap) {
        const size_t cap = shape->rings_cap == 0 ? 8 : 2 * shape->rings_cap;
        onus_ring *rings = onus_realloc_n(shape->rings, cap, sizeof *rings);
        if (rings == NULL) {
            return ONUS_ERR_NOMEM;
        }
        shape->rings = rings;
        shape->rings_cap = cap;
    }
    /* one more than n: the caller may close the ring */
    if (onus_array_reserve(&shape->x, n + 1) != ONUS_OK ||
        onus_array_reserve(&shape->y, n + 1) != ONUS_OK) {
        return ONUS_ERR_NOMEM;
    }
    const size_t start = shape->x.n_items;
    shape->rings[shape->n_rings++] = (onus_ring){.start = start, .n = n, .is_hole = is_hole};
    shape->x.n_items += n;
    shape->y.n_items += n;
    *x = (double *)shape->x.items + start;
    *y = (double *)shape->y.items + start;
    return ONUS_OK;
}

void onus_shape_empty(onus_shape *shape) {
    shape->x.n_items = 0;
    shape->y.n_items = 0;
    shape->n_rings = 0;
}

void onus_shape_clear(onus_shape *shape) {
    onus_array_clear(&shape->x);
    onus_array_clear(&shape->y);
    onus_free(shape->rings);
    shape->rings = NULL;
    shape->n_rings = 0;
    shape->rings_cap = 0;
}

static onus_status add_polygon(OGRGeometryH polygon, onus_shape *shape, onus_shape_fault *fault) {
    const int n_rings = OGR_G_GetGeometryCount(polygon);
    for (int r = 0; r < n_rings; r++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, r);
        const size_t n = (size_t)OGR_G_GetPointCount(ring);
        if (n == 0) {
            if (r == 0) {
                return ONUS_OK; /* POLYGON EMPTY inside a collection */
            }
            continue;
        }
        double *x = NULL;
        double *y = NULL;
        const onus_status status = onus_shape_add_ring(shape, n, r > 0, &x, &y);
        if (status != ONUS_OK) {
            return status;
        }
        (void)OGR_G_GetPoints(ring, x, sizeof *x, y, sizeof *y, NULL, 0);
        size_t n_closed = n;
        if (x[0] != x[n - 1] || y[0] != y[n - 1]) { /* room was reserved */
            x[n] = x[0];
            y[n] = y[0];
            n_closed = n + 1;
            shape->x.n_items++;
            shape->y.n_items++;
            shape->rings[shape->n_rings - 1].n = n_closed;
            fault->n_unclosed++;
        }
        for (size_t i = 0; i < n; i++) {
            if (!isfinite(x[i]) || !isfinite(y[i])) {
                fault->what = "has a coordinate that is no finite number";
            }
        }
        if (n_closed < RING_POINTS_MIN) {
            fault->what = "has a ring with fewer than three corners";
        }
    }
    return ONUS_OK;
}

onus_status onus_shape_of(void *ogr_geometry, onus_shape *shape, onus_shape_fault *fault) {
    onus_status status = ONUS_OK;
    OGRGeometryH geometry = ogr_geometry;
    OGRGeometryH linear = NULL;
    onus_shape_empty(shape);
    *fault = (onus_shape_fault){0};
    if (geometry == NULL || OGR_G_IsEmpty(geometry)) {
        fault->what = "has no geometry";
        return ONUS_OK;
    }
    if (OGR_G_HasCurveGeometry(geometry, FALSE)) {
        linear = OGR_G_GetLinearGeometry(geometry, 0, NULL);
        if (linear == NULL) {
            return ONUS_ERR_NOMEM;
        }
        geometry = linear;
    }
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (type == wkbPolygon) {
        ONUS_TRY(add_polygon(geometry, shape, fault));
    } else if (type == wkbMultiPolygon) {
        const int n = OGR_G_GetGeometryCount(geometry);
        for (int i = 0; i < n; i++) {
            ONUS_TRY(add_polygon(OGR_G_GetGeometryRef(geometry, i), shape, fault));
        }
    } else {
        (void)snprintf(fault->text, sizeof fault->text, "is a %s, not a polygon",
                       OGRGeometryTypeToName(type));
        fault->what = fault->text;
    }
    if (fault->what == NULL && shape->n_rings == 0) {
        fault->what = "has no geometry";
    }
out:
    OGR_G_DestroyGeometry(linear);
    return status;
}
