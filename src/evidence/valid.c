/* Is a polygon valid, and if not, can it be mended? GEOS answers both.
 *
 * Validity is that of OGC Simple Features: no ring crosses itself or another, holes lie inside. A
 * bow tie or overlapping holes counted under the even-odd rule would give people and flags to the
 * wrong side, so such a polygon is rebuilt with GEOS' "structure" method: shells are united, holes
 * are taken out of them, and a hole that lies outside becomes a part of its own (the older
 * "linework" method makes land of what lies in two holes). Lines and points that remain of
 * collapsed parts are dropped: they have no area. Called by layer.c, polygon by polygon, in source
 * coordinates. Never changes a polygon that is valid. */
#include <geos_c.h>
#include <stdio.h>
#include <string.h>

#include "layer_internal.h"
#include "onus/alloc.h"

struct onus_mender {
    GEOSContextHandle_t context;
    GEOSMakeValidParams *params;
    char said[200];
};

static void catch_message(const char *text, void *state) {
    onus_mender *mender = state;
    (void)snprintf(mender->said, sizeof mender->said, "%s", text);
}

onus_mender *onus_mender_new(void) {
    onus_mender *mender = onus_alloc(sizeof *mender);
    if (mender == NULL) {
        return NULL;
    }
    mender->context = GEOS_init_r();
    if (mender->context == NULL) {
        onus_free(mender);
        return NULL;
    }
    (void)GEOSContext_setErrorMessageHandler_r(mender->context, catch_message, mender);
    (void)GEOSContext_setNoticeMessageHandler_r(mender->context, catch_message, mender);
    mender->params = GEOSMakeValidParams_create_r(mender->context);
    if (mender->params == NULL) {
        onus_mender_free(mender);
        return NULL;
    }
    (void)GEOSMakeValidParams_setMethod_r(mender->context, mender->params,
                                          GEOS_MAKE_VALID_STRUCTURE);
    (void)GEOSMakeValidParams_setKeepCollapsed_r(mender->context, mender->params, 0);
    return mender;
}

void onus_mender_free(onus_mender *mender) {
    if (mender == NULL) {
        return;
    }
    if (mender->params != NULL) {
        GEOSMakeValidParams_destroy_r(mender->context, mender->params);
    }
    GEOS_finish_r(mender->context);
    onus_free(mender);
}

static GEOSGeometry *make_ring(const onus_mender *mender, const onus_shape *shape, size_t ring) {
    const size_t start = shape->rings[ring].start;
    const double *x = (const double *)shape->x.items + start;
    const double *y = (const double *)shape->y.items + start;
    GEOSCoordSequence *line = GEOSCoordSeq_copyFromArrays_r(mender->context, x, y, NULL, NULL,
                                                            (unsigned)shape->rings[ring].n);
    return line == NULL ? NULL : GEOSGeom_createLinearRing_r(mender->context, line);
}

/* The shape's polygons as GEOS has them; NULL if GEOS cannot (said) or memory ran out. */
static GEOSGeometry *make_geometry(onus_mender *mender, const onus_shape *shape) {
    GEOSContextHandle_t context = mender->context;
    GEOSGeometry **parts = onus_alloc_n(shape->n_rings, sizeof *parts);
    GEOSGeometry **holes = onus_alloc_n(shape->n_rings, sizeof *holes);
    GEOSGeometry *whole = NULL;
    GEOSGeometry *shell = NULL;
    unsigned n_parts = 0;
    unsigned n_holes = 0;
    if (parts == NULL || holes == NULL) {
        goto out;
    }
    for (size_t r = 0; r < shape->n_rings;) {
        shell = make_ring(mender, shape, r);
        if (shell == NULL) {
            goto out;
        }
        for (r++; r < shape->n_rings && shape->rings[r].is_hole; r++) {
            holes[n_holes] = make_ring(mender, shape, r);
            if (holes[n_holes] == NULL) {
                goto out;
            }
            n_holes++;
        }
        parts[n_parts] = GEOSGeom_createPolygon_r(context, shell, holes, n_holes);
        shell = NULL; /* GEOS owns the rings now, also where it fails */
        n_holes = 0;
        if (parts[n_parts] == NULL) {
            goto out;
        }
        n_parts++;
    }
    if (n_parts == 1) {
        whole = parts[0];
    } else {
        whole = GEOSGeom_createCollection_r(context, GEOS_MULTIPOLYGON, parts, n_parts);
    }
    n_parts = 0;
out:
    GEOSGeom_destroy_r(context, shell);
    for (unsigned i = 0; i < n_holes; i++) {
        GEOSGeom_destroy_r(context, holes[i]);
    }
    for (unsigned i = 0; i < n_parts; i++) {
        GEOSGeom_destroy_r(context, parts[i]);
    }
    onus_free(parts);
    onus_free(holes);
    return whole;
}

static onus_status add_ring(const onus_mender *mender, const GEOSGeometry *ring, bool is_hole,
                            onus_shape *shape) {
    GEOSContextHandle_t context = mender->context;
    const GEOSCoordSequence *line = GEOSGeom_getCoordSeq_r(context, ring);
    unsigned n = 0;
    if (line == NULL || GEOSCoordSeq_getSize_r(context, line, &n) == 0 || n == 0) {
        return line == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    }
    double *x = NULL;
    double *y = NULL;
    const onus_status status = onus_shape_add_ring(shape, n, is_hole, &x, &y);
    if (status != ONUS_OK) {
        return status;
    }
    return GEOSCoordSeq_copyToArrays_r(context, line, x, y, NULL, NULL) != 0 ? ONUS_OK
                                                                             : ONUS_ERR_NOMEM;
}

/* Appends the polygons of any geometry to the shape; other parts are left out. */
static onus_status add_geometry(const onus_mender *mender, const GEOSGeometry *geometry,
                                onus_shape *shape) {
    onus_status status = ONUS_OK;
    GEOSContextHandle_t context = mender->context;
    const int type = GEOSGeomTypeId_r(context, geometry);
    if (type == GEOS_POLYGON) {
        if (GEOSisEmpty_r(context, geometry) != 0) {
            return ONUS_OK;
        }
        ONUS_TRY(add_ring(mender, GEOSGetExteriorRing_r(context, geometry), false, shape));
        const int n_holes = GEOSGetNumInteriorRings_r(context, geometry);
        for (int i = 0; i < n_holes; i++) {
            ONUS_TRY(add_ring(mender, GEOSGetInteriorRingN_r(context, geometry, i), true, shape));
        }
    } else if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        const int n = GEOSGetNumGeometries_r(context, geometry);
        for (int i = 0; i < n; i++) {
            ONUS_TRY(add_geometry(mender, GEOSGetGeometryN_r(context, geometry, i), shape));
        }
    }
out:
    return status;
}

onus_status onus_mend(onus_mender *mender, onus_shape *shape, onus_mended *result,
                      const char **why) {
    onus_status status = ONUS_OK;
    GEOSContextHandle_t context = mender->context;
    GEOSGeometry *mended = NULL;
    mender->said[0] = '\0';
    *why = mender->said;
    *result = ONUS_MENDED_BEYOND_REPAIR;
    GEOSGeometry *geometry = make_geometry(mender, shape);
    if (geometry == NULL) {
        status = mender->said[0] != '\0' ? ONUS_OK : ONUS_ERR_NOMEM;
        goto out;
    }
    const char valid = GEOSisValid_r(context, geometry);
    if (valid == 1) {
        *result = ONUS_MENDED_WAS_VALID;
        goto out;
    }
    char *reason = GEOSisValidReason_r(context, geometry);
    mended = GEOSMakeValidWithParams_r(context, geometry, mender->params);
    (void)snprintf(mender->said, sizeof mender->said, "%s", reason != NULL ? reason : "not valid");
    GEOSFree_r(context, reason);
    if (mended == NULL) {
        goto out;
    }
    onus_shape_empty(shape);
    ONUS_TRY(add_geometry(mender, mended, shape));
    double area = 0;
    if (shape->n_rings > 0 && GEOSArea_r(context, mended, &area) == 1 && area > 0) {
        *result = ONUS_MENDED_REPAIRED;
    }
out:
    GEOSGeom_destroy_r(context, geometry);
    GEOSGeom_destroy_r(context, mended);
    return status;
}
