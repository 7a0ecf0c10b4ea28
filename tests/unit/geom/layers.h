/* Layers for the geometry tests, read with OGR and kept as shapes. */
#ifndef ONUS_TEST_GEOM_LAYERS_H
#define ONUS_TEST_GEOM_LAYERS_H

#include "support.h"

/** Polygons of a GeoJSON file in its order. Aborts if it cannot be read. */
void layer_read(const char *path, shapes *out);

/** Adds the area that a WKT polygon or multipolygon describes. Aborts if it is neither. */
void shapes_add_wkt(shapes *out, const char *wkt);

#endif
