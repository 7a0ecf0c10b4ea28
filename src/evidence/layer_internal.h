/* One feature's polygons on their way into a layer, and the mender of invalid ones. */
#ifndef ONUS_EVIDENCE_LAYER_INTERNAL_H
#define ONUS_EVIDENCE_LAYER_INTERNAL_H

#include "evidence_internal.h"

typedef struct onus_ring {
    size_t start;
    size_t n; /* points, the first repeated at the end */
    bool is_hole;
} onus_ring;

/** Rings of one feature: each shell is followed by its holes. */
typedef struct onus_shape {
    onus_array x; /* double */
    onus_array y;
    onus_ring *rings;
    size_t n_rings;
    size_t rings_cap;
} onus_shape;

#define ONUS_SHAPE_INIT                                                                            \
    { .x = ONUS_ARRAY_OF(double), .y = ONUS_ARRAY_OF(double) }

/** Room for a ring of n points, to be filled in by the caller. */
onus_status onus_shape_add_ring(onus_shape *shape, size_t n, bool is_hole, double **x,
                                double **y) ONUS_MUST_USE;
/** No rings; keeps its storage. */
void onus_shape_empty(onus_shape *shape);
void onus_shape_clear(onus_shape *shape);

typedef struct onus_mender onus_mender;
typedef enum onus_mended {
    ONUS_MENDED_WAS_VALID,
    ONUS_MENDED_REPAIRED,
    ONUS_MENDED_BEYOND_REPAIR
} onus_mended;

onus_mender *onus_mender_new(void) ONUS_MUST_USE;
/** Checks the shape and mends it in place. *why (the mender's, until the next call) says what was
 *  wrong with it. */
onus_status onus_mend(onus_mender *mender, onus_shape *shape, onus_mended *result,
                      const char **why) ONUS_MUST_USE;
void onus_mender_free(onus_mender *mender);

/** The CRS of a layer (OGRLayerH): `wanted` or, where that is NULL, its own. Sets layer->source_crs
 * and source_is_degrees; *crs is what PROJ is to open, the caller's to free. */
onus_status onus_layer_crs(const onus_source *source, const char *wanted, void *ogr_layer,
                           onus_layer *layer, char **crs, onus_error *err) ONUS_MUST_USE;

#endif
