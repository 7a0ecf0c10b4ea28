/* Ground under copies of polygons inside a region: onus_union_areas, by GEOS.
 *
 * Every shape is built once (rings under the even-odd rule: the symmetric difference of what each
 * ring holds) and copied by moving, or turning about and moving, its vertices. The copies of a row
 * are merged by a cascaded union, so that ground under several counts once; the region's polygons
 * are merged once for all rows. A prepared test spares the intersection where the region holds all
 * of it or none. Called where flags are polygons; boxes have rectangles.c, which is faster. */
#include <geos_c.h>
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/geom.h"
#include "rings.h"

enum { MESSAGE_MAX = 256 };

typedef struct merging {
    GEOSContextHandle_t geos;
    char message[MESSAGE_MAX];
    GEOSGeometry *region;
    const GEOSPreparedGeometry *prepared; /* of region; owned beside it */
    GEOSGeometry **shapes;                /* made when first needed */
    size_t n_shapes;
} merging;

static void keep_message(const char *text, void *state) {
    merging *m = state;
    const size_t len = strlen(text);
    const size_t kept = len < MESSAGE_MAX - 1 ? len : MESSAGE_MAX - 1;
    memcpy(m->message, text, kept);
    m->message[kept] = '\0';
}

/* What one ring holds. NULL if GEOS refuses. */
static GEOSGeometry *ring_geometry(const merging *m, const double *x, const double *y, size_t n) {
    const bool open = x[0] != x[n - 1] || y[0] != y[n - 1];
    GEOSCoordSequence *points = GEOSCoordSeq_create_r(m->geos, (unsigned)(n + open), 2);
    if (points == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n + open; i++) {
        const size_t from = i < n ? i : 0;
        if (GEOSCoordSeq_setXY_r(m->geos, points, (unsigned)i, x[from], y[from]) == 0) {
            GEOSCoordSeq_destroy_r(m->geos, points);
            return NULL;
        }
    }
    GEOSGeometry *shell = GEOSGeom_createLinearRing_r(m->geos, points); /* owns points */
    return shell == NULL ? NULL : GEOSGeom_createPolygon_r(m->geos, shell, NULL, 0);
}

/* One polygon under the even-odd rule; empty if none of its rings has area. */
static GEOSGeometry *polygon_geometry(const merging *m, const onus_polygons *p, size_t area) {
    GEOSGeometry *whole = NULL;
    for (size_t r = p->area_rings[area]; r < p->area_rings[area + 1]; r++) {
        const size_t start = p->ring_points[r];
        if (onus_ring_sign(p, area, r) == 0.0) {
            continue;
        }
        GEOSGeometry *ring =
            ring_geometry(m, p->x + start, p->y + start, p->ring_points[r + 1] - start);
        if (ring == NULL) {
            GEOSGeom_destroy_r(m->geos, whole);
            return NULL;
        }
        if (whole == NULL) {
            whole = ring;
            continue;
        }
        GEOSGeometry *both = GEOSSymDifference_r(m->geos, whole, ring);
        GEOSGeom_destroy_r(m->geos, whole);
        GEOSGeom_destroy_r(m->geos, ring);
        whole = both;
        if (whole == NULL) {
            return NULL;
        }
    }
    return whole != NULL ? whole : GEOSGeom_createEmptyPolygon_r(m->geos);
}

/* Merges n geometries, which it takes even on failure. NULL if GEOS refuses. */
static GEOSGeometry *merge(const merging *m, GEOSGeometry **parts, size_t n) {
    GEOSGeometry *all = GEOSGeom_createCollection_r(m->geos, GEOS_GEOMETRYCOLLECTION, parts,
                                                    (unsigned)n); /* owns the parts, not the list */
    if (all == NULL) {
        return NULL;
    }
    GEOSGeometry *whole = GEOSUnaryUnion_r(m->geos, all);
    GEOSGeom_destroy_r(m->geos, all);
    return whole;
}

static onus_status refused(const merging *m, const char *what, size_t i, onus_error *err) {
    return onus_fail_plain(err, ONUS_ERR_DATA, "%s %zu cannot be merged with others: %s", what, i,
                           m->message);
}

static void drop_parts(const merging *m, GEOSGeometry **parts, size_t n) {
    for (size_t i = 0; parts != NULL && i < n; i++) {
        GEOSGeom_destroy_r(m->geos, parts[i]);
    }
    onus_free(parts);
}

static onus_status make_region(merging *m, const onus_polygons *p, onus_error *err) {
    GEOSGeometry **parts = onus_alloc_n(p->n_areas, sizeof *parts);
    if (parts == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t a = 0; a < p->n_areas; a++) {
        parts[a] = polygon_geometry(m, p, a);
        if (parts[a] == NULL) {
            drop_parts(m, parts, a);
            return refused(m, "area", a, err);
        }
    }
    m->region = merge(m, parts, p->n_areas);
    onus_free(parts);
    m->prepared = m->region == NULL ? NULL : GEOSPrepare_r(m->geos, m->region);
    return m->prepared == NULL ? refused(m, "area", 0, err) : ONUS_OK;
}

static int move_vertex(double *x, double *y, void *state) {
    const onus_polygon_copy *copy = state;
    *x = copy->turned ? copy->x - *x : copy->x + *x;
    *y = copy->turned ? copy->y - *y : copy->y + *y;
    return 1;
}

static GEOSGeometry *copy_of(merging *m, const onus_polygons *shapes, onus_polygon_copy copy) {
    GEOSGeometry **shape = &m->shapes[copy.polygon];
    if (*shape == NULL) {
        *shape = polygon_geometry(m, shapes, copy.polygon);
    }
    return *shape == NULL ? NULL : GEOSGeom_transformXY_r(m->geos, *shape, move_vertex, &copy);
}

/* Area of a geometry inside the region; negative if GEOS refuses. */
static double inside(const merging *m, const GEOSGeometry *ground) {
    double size = -1.0;
    const char meets = GEOSPreparedIntersects_r(m->geos, m->prepared, ground);
    if (meets != 1) {
        return meets == 0 ? 0.0 : -1.0;
    }
    const char holds = GEOSPreparedContains_r(m->geos, m->prepared, ground);
    if (holds == 1) {
        return GEOSArea_r(m->geos, ground, &size) == 1 ? size : -1.0;
    }
    GEOSGeometry *both = holds == 0 ? GEOSIntersection_r(m->geos, ground, m->region) : NULL;
    if (both == NULL || GEOSArea_r(m->geos, both, &size) == 0) {
        size = -1.0;
    }
    GEOSGeom_destroy_r(m->geos, both);
    return size;
}

/* Copies [first, end) of one row. */
static onus_status measure_row(merging *m, const onus_polygons *shapes,
                               const onus_polygon_copy *copies, size_t n, double *area,
                               onus_error *err) {
    GEOSGeometry **parts = onus_alloc_n(n, sizeof *parts);
    if (parts == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t k = 0; k < n; k++) {
        parts[k] = copy_of(m, shapes, copies[k]);
        if (parts[k] == NULL) {
            drop_parts(m, parts, k);
            return refused(m, "flag", copies[k].polygon, err);
        }
    }
    GEOSGeometry *ground = n == 1 ? parts[0] : merge(m, parts, n);
    onus_free(parts);
    *area = ground == NULL ? -1.0 : inside(m, ground);
    GEOSGeom_destroy_r(m->geos, ground);
    return *area < 0.0 ? refused(m, "flag", copies[0].polygon, err) : ONUS_OK;
}

onus_status onus_union_areas(const onus_polygons *region, const onus_polygons *shapes,
                             const onus_polygon_copy *copies, size_t n_copies, size_t n_rows,
                             const onus_context *context, double *area, onus_error *err) {
    onus_status status = ONUS_OK;
    merging m = {.n_shapes = shapes->n_areas};
    double *made = NULL;
    m.geos = GEOS_init_r();
    if (m.geos == NULL) {
        return onus_fail_nomem(err);
    }
    (void)GEOSContext_setErrorMessageHandler_r(m.geos, keep_message, &m);
    (void)GEOSContext_setNoticeMessageHandler_r(m.geos, NULL, NULL);
    ONUS_TRY(onus_polygons_check_finite(region, err));
    ONUS_TRY(onus_polygons_check_finite(shapes, err));
    m.shapes = onus_alloc_n(m.n_shapes, sizeof *m.shapes);
    made = onus_alloc_n(n_rows, sizeof *made);
    if (m.shapes == NULL || made == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t k = 0; k < n_copies; k++) {
        if (copies[k].polygon >= shapes->n_areas || copies[k].row >= n_rows ||
            !isfinite(copies[k].x) || !isfinite(copies[k].y) ||
            (k > 0 && copies[k].row < copies[k - 1].row)) {
            status = onus_bug(err, "a copy of no polygon, or out of order");
            goto out;
        }
    }
    ONUS_TRY(make_region(&m, region, err));
    for (size_t k = 0; k < n_copies;) {
        size_t end = k;
        while (end < n_copies && copies[end].row == copies[k].row) {
            end++;
        }
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        ONUS_TRY(measure_row(&m, shapes, copies + k, end - k, &made[copies[k].row], err));
        k = end;
    }
    if (n_rows > 0) {
        memcpy(area, made, n_rows * sizeof *area);
    }
out:
    for (size_t i = 0; m.shapes != NULL && i < m.n_shapes; i++) {
        GEOSGeom_destroy_r(m.geos, m.shapes[i]);
    }
    onus_free(m.shapes);
    onus_free(made);
    if (m.prepared != NULL) {
        GEOSPreparedGeom_destroy_r(m.geos, m.prepared);
    }
    GEOSGeom_destroy_r(m.geos, m.region);
    GEOS_finish_r(m.geos);
    return status;
}
