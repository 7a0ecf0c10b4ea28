/* Areas of the intersections of polygons with polygons: onus_overlap_polygons, by GEOS.
 *
 * Layers give rings, GEOS wants shells and holes. Instead of sorting rings into shells, each ring
 * becomes a plain polygon and the even-odd rule is applied to areas: a polygon is the signed sum of
 * its rings (shell +, hole -, island +), so the area of A and B is the sum over pairs of rings of
 * sign * sign * area of the rings' intersection. Rings of the areas go into an STR-tree; a prepared
 * test tells apart rings that miss each other, hold each other or really cross. Only the latter
 * pay for an intersection.
 *
 * Called where flags are polygons (boxes have boxes.c). GEOS is used through its reentrant
 * interface with a handle of our own, whose messages end in the caller's error.
 */
#include <geos_c.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/geom.h"
#include "rings.h"
#include "sparse.h"

/* As in boxes.c: below this share of the smaller ring an overlap is rounding. */
#define NOISE_SHARE 1e-12

enum { TREE_NODE = 10, MESSAGE_MAX = 256 };

typedef struct ring_item {
    int32_t area;
    double sign;
    double size; /* its area */
    GEOSGeometry *geometry;
    const GEOSPreparedGeometry *prepared; /* made when first needed */
} ring_item;

typedef struct ring_set {
    ring_item *items;
    size_t n_items;
} ring_set;

typedef struct overlaps {
    GEOSContextHandle_t geos;
    char message[MESSAGE_MAX];
    onus_array found; /* ring_item *: what the tree yields for one ring */
    bool out_of_memory;
} overlaps;

static void keep_message(const char *text, void *state) {
    overlaps *o = state;
    const size_t len = strlen(text);
    const size_t kept = len < MESSAGE_MAX - 1 ? len : MESSAGE_MAX - 1;
    memcpy(o->message, text, kept);
    o->message[kept] = '\0';
}

static void keep_item(void *item, void *state) {
    overlaps *o = state;
    if (onus_array_push(&o->found, &item) != ONUS_OK) {
        o->out_of_memory = true;
    }
}

static void ring_set_clear(overlaps *o, ring_set *set) {
    for (size_t i = 0; i < set->n_items; i++) {
        if (set->items[i].prepared != NULL) {
            GEOSPreparedGeom_destroy_r(o->geos, set->items[i].prepared);
        }
        if (set->items[i].geometry != NULL) {
            GEOSGeom_destroy_r(o->geos, set->items[i].geometry);
        }
    }
    onus_free(set->items);
    set->items = NULL;
    set->n_items = 0;
}

/* A GEOS polygon of one ring, closed if its owner left it open; NULL if GEOS refuses. */
static GEOSGeometry *ring_geometry(overlaps *o, const double *x, const double *y, size_t n) {
    const bool open = x[0] != x[n - 1] || y[0] != y[n - 1];
    GEOSCoordSequence *points = GEOSCoordSeq_create_r(o->geos, (unsigned)(n + open), 2);
    if (points == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n + open; i++) {
        const size_t from = i < n ? i : 0;
        if (GEOSCoordSeq_setXY_r(o->geos, points, (unsigned)i, x[from], y[from]) == 0) {
            GEOSCoordSeq_destroy_r(o->geos, points);
            return NULL;
        }
    }
    GEOSGeometry *shell = GEOSGeom_createLinearRing_r(o->geos, points); /* owns points */
    return shell == NULL ? NULL : GEOSGeom_createPolygon_r(o->geos, shell, NULL, 0);
}

static onus_status ring_set_init(overlaps *o, ring_set *set, const onus_polygons *p,
                                 const char *what, onus_error *err) {
    onus_status status = ONUS_OK;
    double *signs = NULL;
    const size_t n_rings = p->n_areas == 0 ? 0 : p->area_rings[p->n_areas];
    if (p->n_areas >= (size_t)INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "more than 2^31 polygons");
    }
    ONUS_TRY(onus_polygons_check_finite(p, err));
    ONUS_TRY(onus_ring_signs(p, &signs, err));
    set->items = onus_alloc_n(n_rings, sizeof *set->items);
    if (set->items == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t a = 0; a < p->n_areas; a++) {
        for (size_t r = p->area_rings[a]; r < p->area_rings[a + 1]; r++) {
            const size_t start = p->ring_points[r];
            const size_t n = p->ring_points[r + 1] - start;
            if (signs[r] == 0.0) {
                continue; /* no area, no overlap */
            }
            ring_item *item = &set->items[set->n_items];
            item->area = (int32_t)a;
            item->geometry = ring_geometry(o, p->x + start, p->y + start, n);
            if (item->geometry == NULL || GEOSArea_r(o->geos, item->geometry, &item->size) == 0) {
                status = onus_fail_plain(err, ONUS_ERR_DATA, "a ring of %s %zu is no polygon: %s",
                                         what, a, o->message);
                set->n_items += item->geometry != NULL;
                goto out;
            }
            /* signs[r] includes the ring's direction; the area of a plain polygon has none. */
            const onus_polygons alone = {.n_areas = 1,
                                         .area_rings = (const size_t[]){0, 1},
                                         .ring_points = (const size_t[]){start, start + n},
                                         .x = p->x,
                                         .y = p->y};
            item->sign = signs[r] * onus_ring_sign(&alone, 0, 0);
            set->n_items++;
        }
    }
out:
    onus_free(signs);
    return status;
}

/* Area of the intersection of two rings; negative if GEOS fails. */
static double common_area(overlaps *o, ring_item *flag, const ring_item *area) {
    if (flag->prepared == NULL) {
        flag->prepared = GEOSPrepare_r(o->geos, flag->geometry);
        if (flag->prepared == NULL) {
            return -1.0;
        }
    }
    const char meets = GEOSPreparedIntersects_r(o->geos, flag->prepared, area->geometry);
    if (meets != 1) {
        return meets == 0 ? 0.0 : -1.0;
    }
    const char holds = GEOSPreparedContains_r(o->geos, flag->prepared, area->geometry);
    if (holds != 0) {
        return holds == 1 ? area->size : -1.0;
    }
    GEOSGeometry *both = GEOSIntersection_r(o->geos, flag->geometry, area->geometry);
    double size = -1.0;
    if (both == NULL || GEOSArea_r(o->geos, both, &size) == 0) {
        size = -1.0;
    }
    if (both != NULL) {
        GEOSGeom_destroy_r(o->geos, both);
    }
    return size;
}

/* All overlaps of one ring of a flag, added to the flag's row. */
static onus_status overlap_ring(overlaps *o, GEOSSTRtree *tree, ring_item *flag,
                                onus_array *entries, onus_error *err) {
    o->found.n_items = 0;
    GEOSSTRtree_query_r(o->geos, tree, flag->geometry, keep_item, o);
    if (o->out_of_memory) {
        return onus_fail_nomem(err);
    }
    ring_item **found = o->found.items;
    for (size_t k = 0; k < o->found.n_items; k++) {
        const double size = common_area(o, flag, found[k]);
        if (size < 0.0) {
            return onus_fail_plain(err, ONUS_ERR_DATA,
                                   "flag %d and area %d cannot be intersected: %s", (int)flag->area,
                                   (int)found[k]->area, o->message);
        }
        if (size > 0.0 && onus_sparse_add(entries, (size_t)flag->area, found[k]->area,
                                          flag->sign * found[k]->sign * size) != ONUS_OK) {
            return onus_fail_nomem(err);
        }
    }
    return ONUS_OK;
}

/* Entries that are rounding: a touch, or a hole that a shell gave back. */
static void drop_noise(onus_array *entries, const double *flag_area, const double *area) {
    onus_sparse_entry *items = entries->items;
    size_t n = 0;
    for (size_t i = 0; i < entries->n_items; i++) {
        const double smaller = fmin(flag_area[items[i].row], area[items[i].column]);
        if (items[i].value > NOISE_SHARE * smaller) {
            items[n++] = items[i];
        }
    }
    entries->n_items = n;
}

onus_status onus_overlap_polygons(const onus_polygons *polygons, const onus_polygons *flags,
                                  const onus_context *context, onus_sparse *out, onus_error *err) {
    onus_status status = ONUS_OK;
    overlaps o = {.found = ONUS_ARRAY_OF(ring_item *)};
    ring_set areas = {.items = NULL};
    ring_set marks = {.items = NULL};
    onus_array entries = ONUS_ARRAY_OF(onus_sparse_entry);
    GEOSSTRtree *tree = NULL;
    double *area_size = NULL;
    double *flag_size = NULL;

    o.geos = GEOS_init_r();
    if (o.geos == NULL) {
        return onus_fail_nomem(err);
    }
    (void)GEOSContext_setErrorMessageHandler_r(o.geos, keep_message, &o);
    (void)GEOSContext_setNoticeMessageHandler_r(o.geos, NULL, NULL);
    ONUS_TRY(ring_set_init(&o, &areas, polygons, "area", err));
    ONUS_TRY(ring_set_init(&o, &marks, flags, "flag", err));
    tree = GEOSSTRtree_create_r(o.geos, TREE_NODE);
    area_size = onus_alloc_n(polygons->n_areas, sizeof *area_size);
    flag_size = onus_alloc_n(flags->n_areas, sizeof *flag_size);
    if (tree == NULL || area_size == NULL || flag_size == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    onus_polygons_area(polygons, area_size, NULL, NULL);
    onus_polygons_area(flags, flag_size, NULL, NULL);
    for (size_t i = 0; i < areas.n_items; i++) {
        GEOSSTRtree_insert_r(o.geos, tree, areas.items[i].geometry, &areas.items[i]);
    }
    for (size_t i = 0; areas.n_items > 0 && i < marks.n_items; i++) {
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        ONUS_TRY(overlap_ring(&o, tree, &marks.items[i], &entries, err));
    }
    drop_noise(&entries, flag_size, area_size);
    ONUS_TRY(onus_sparse_join(&entries, 1, flags->n_areas, out, err));
out:
    if (tree != NULL) {
        GEOSSTRtree_destroy_r(o.geos, tree);
    }
    ring_set_clear(&o, &areas);
    ring_set_clear(&o, &marks);
    onus_array_clear(&entries);
    onus_array_clear(&o.found);
    onus_free(area_size);
    onus_free(flag_size);
    GEOS_finish_r(o.geos);
    return status;
}
