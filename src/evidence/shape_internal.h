/* OGR's geometry as an onus_shape. */
#ifndef ONUS_EVIDENCE_SHAPE_INTERNAL_H
#define ONUS_EVIDENCE_SHAPE_INTERNAL_H

#include "layer_internal.h"

typedef struct onus_shape_fault {
    const char *what;  /* "has no geometry", ...; NULL: none */
    size_t n_unclosed; /* rings that had to be closed */
    char text[96];
} onus_shape_fault;

/** Rings of a polygon or multipolygon (OGRGeometryH, may be NULL). */
onus_status onus_shape_of(void *ogr_geometry, onus_shape *shape,
                          onus_shape_fault *fault) ONUS_MUST_USE;

#endif
