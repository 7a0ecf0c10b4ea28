/* See layers.h. The library's own reader belongs to another room; tests here use OGR directly. */
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_api.h>

static void add_polygon(shapes *out, OGRGeometryH polygon) {
    for (int r = 0; r < OGR_G_GetGeometryCount(polygon); r++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, r);
        for (int i = 0; i < OGR_G_GetPointCount(ring); i++) {
            shapes_point(out, OGR_G_GetX(ring, i), OGR_G_GetY(ring, i));
        }
        shapes_end_ring(out);
    }
}

static void add_geometry(shapes *out, OGRGeometryH geometry) {
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (type == wkbPolygon) {
        add_polygon(out, geometry);
    } else if (type == wkbMultiPolygon) {
        for (int k = 0; k < OGR_G_GetGeometryCount(geometry); k++) {
            add_polygon(out, OGR_G_GetGeometryRef(geometry, k));
        }
    } else {
        abort();
    }
    shapes_end_area(out);
}

void layer_read(const char *path, shapes *out) {
    GDALAllRegister();
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    if (dataset == NULL) {
        abort();
    }
    OGRLayerH layer = GDALDatasetGetLayer(dataset, 0);
    OGR_L_ResetReading(layer);
    for (;;) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        if (feature == NULL) {
            break;
        }
        add_geometry(out, OGR_F_GetGeometryRef(feature));
        OGR_F_Destroy(feature);
    }
    GDALClose(dataset);
}

void shapes_add_wkt(shapes *out, const char *wkt) {
    OGRGeometryH geometry = NULL;
    char *copy = strdup(wkt);
    char *cursor = copy;
    if (copy == NULL || OGR_G_CreateFromWkt(&cursor, NULL, &geometry) != OGRERR_NONE) {
        abort();
    }
    add_geometry(out, geometry);
    OGR_G_DestroyGeometry(geometry);
    free(copy);
}
