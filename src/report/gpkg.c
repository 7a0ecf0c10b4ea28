/* areas.gpkg: the areas with their figures, layer `areas`, WGS 84, for QGIS and other GIS programs.
 *
 * GDAL writes the GeoPackage into memory (/vsimem) and files.c writes its bytes: so no journal file
 * is ever left beside it, nothing waits for the disk, and a full disk is noticed where every other
 * file notices it. The date that the format wants is fixed, since the same case gives the same
 * bytes. Withheld and undefined values are NULL, and the field `withheld` names the columns.
 *
 * Called by report.c. Never writes a withheld value. */
#include <assert.h>
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <inttypes.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "onus/alloc.h"
#include "report_internal.h"

typedef struct gpkg {
    GDALDatasetH dataset;
    OGRLayerH layer;
    int *fields; /* index of each column's field */
    int withheld_field;
} gpkg;

static onus_status gdal_failed(onus_error *err, const char *doing) {
    return onus_fail(err, ONUS_ERR_IO, "areas.gpkg", 0, 0, "%s: %s", doing, CPLGetLastErrorMsg());
}

static OGRGeometryH ring_geometry(const onus_layer *layer, size_t ring) {
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLinearRing);
    const size_t from = layer->ring_points[ring];
    const size_t n = layer->ring_points[ring + 1] - from;
    OGR_G_SetPoints(line, (int)n, layer->lon_deg + from, (int)sizeof(double), layer->lat_deg + from,
                    (int)sizeof(double), NULL, 0);
    return line;
}

/* One polygon per shell, each with its holes. */
static onus_status area_geometry(const onus_layer *layer, size_t area, OGRGeometryH *out) {
    const size_t first = layer->area_rings[area];
    const size_t n = layer->area_rings[area + 1] - first;
    int32_t *parents = onus_alloc_n(n, sizeof *parents);
    if (parents == NULL || onus_report_ring_parents(layer, area, parents) != ONUS_OK) {
        onus_free(parents);
        return ONUS_ERR_NOMEM;
    }
    OGRGeometryH many = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (size_t i = 0; i < n; i++) {
        if (parents[i] >= 0) {
            continue;
        }
        OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
        (void)OGR_G_AddGeometryDirectly(polygon, ring_geometry(layer, first + i));
        for (size_t j = 0; j < n; j++) {
            if (parents[j] == (int32_t)i) {
                (void)OGR_G_AddGeometryDirectly(polygon, ring_geometry(layer, first + j));
            }
        }
        (void)OGR_G_AddGeometryDirectly(many, polygon);
    }
    onus_free(parents);
    *out = many;
    return ONUS_OK;
}

static onus_status add_field(gpkg *file, const char *name, const char *title, OGRFieldType type,
                             int *index, onus_error *err) {
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    if (title != NULL) {
        OGR_Fld_SetAlternativeName(field, title);
    }
    const OGRErr failed = OGR_L_CreateField(file->layer, field, TRUE);
    OGR_Fld_Destroy(field);
    if (failed != OGRERR_NONE) {
        return gdal_failed(err, "cannot add a field");
    }
    *index = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(file->layer)) - 1;
    return ONUS_OK;
}

static onus_status create(const onus_area_table *areas, const char *path, gpkg *file,
                          onus_error *err) {
    onus_status status = ONUS_OK;
    OGRSpatialReferenceH wgs84 = NULL;
    char *no_options[] = {NULL};
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    if (driver == NULL) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, "areas.gpkg", 0, 0,
                           "this GDAL has no GeoPackage driver");
        goto out;
    }
    file->fields = onus_alloc_n(areas->n_columns, sizeof *file->fields);
    if (file->fields == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    file->dataset = GDALCreate(driver, path, 0, 0, 0, GDT_Unknown, no_options);
    wgs84 = OSRNewSpatialReference(NULL);
    if (file->dataset == NULL || OSRSetWellKnownGeogCS(wgs84, "EPSG:4326") != OGRERR_NONE) {
        status = gdal_failed(err, "cannot make the file");
        goto out;
    }
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    file->layer =
        GDALDatasetCreateLayer(file->dataset, "areas", wgs84, wkbMultiPolygon, no_options);
    if (file->layer == NULL) {
        status = gdal_failed(err, "cannot make the layer");
        goto out;
    }
    int id_field = 0;
    ONUS_TRY(add_field(file, "id", NULL, OFTString, &id_field, err));
    for (size_t k = 0; k < areas->n_columns; k++) {
        const onus_area_column *column = &areas->columns[k];
        ONUS_TRY(add_field(file, column->name, column->title, OFTReal, &file->fields[k], err));
    }
    ONUS_TRY(
        add_field(file, "withheld", "Columns withheld", OFTString, &file->withheld_field, err));
out:
    if (wgs84 != NULL) {
        OSRRelease(wgs84);
    }
    return status;
}

static onus_status add_area(const onus_area_table *areas, size_t i, const gpkg *file,
                            onus_error *err) {
    onus_text withheld = {0};
    OGRGeometryH geometry = NULL;
    if (area_geometry(areas->layer, i, &geometry) != ONUS_OK) {
        return onus_fail_nomem(err);
    }
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(file->layer));
    OGR_F_SetFieldString(feature, 0, areas->layer->ids[i]);
    assert(file->fields != NULL);
    for (size_t k = 0; k < areas->n_columns; k++) {
        const onus_area_column *column = &areas->columns[k];
        if (column->known[i] == ONUS_KNOWN) {
            OGR_F_SetFieldDouble(feature, file->fields[k], column->values[i]);
        } else {
            OGR_F_SetFieldNull(feature, file->fields[k]);
        }
        if (column->known[i] == ONUS_WITHHELD) {
            onus_text_addf(&withheld, "%s%s", withheld.len == 0 ? "" : ";", column->name);
        }
    }
    if (withheld.len > 0) {
        OGR_F_SetFieldString(feature, file->withheld_field, withheld.data);
    } else {
        OGR_F_SetFieldNull(feature, file->withheld_field);
    }
    (void)OGR_F_SetGeometryDirectly(feature, geometry);
    onus_status status = ONUS_OK;
    if (withheld.failed) {
        status = onus_fail_nomem(err);
    } else if (OGR_L_CreateFeature(file->layer, feature) != OGRERR_NONE) {
        status = gdal_failed(err, "cannot write an area");
    }
    onus_text_clear(&withheld);
    OGR_F_Destroy(feature);
    return status;
}

static onus_status fill(const onus_result *result, const onus_context *context, const char *path,
                        onus_error *err) {
    const onus_area_table *areas = &result->areas;
    onus_status status = ONUS_OK;
    gpkg file = {0};
    ONUS_TRY(create(areas, path, &file, err));
    if (GDALDatasetStartTransaction(file.dataset, FALSE) != OGRERR_NONE) {
        status = gdal_failed(err, "cannot write the file");
        goto out;
    }
    for (size_t i = 0; i < areas->n_areas; i++) {
        if (i % 1024 == 0 && onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        ONUS_TRY(add_area(areas, i, &file, err));
    }
    if (GDALDatasetCommitTransaction(file.dataset) != OGRERR_NONE) {
        status = gdal_failed(err, "cannot write the file");
        goto out;
    }
    CPLErrorReset();
    GDALClose(file.dataset);
    file.dataset = NULL;
    if (CPLGetLastErrorType() >= CE_Failure) {
        status = gdal_failed(err, "cannot close the file");
    }
out:
    if (file.dataset != NULL) {
        GDALClose(file.dataset);
    }
    onus_free(file.fields);
    return status;
}

onus_status onus_report_gpkg(const onus_result *result, const onus_context *context,
                             const char *dir, onus_error *err) {
    onus_status status = ONUS_OK;
    char path[64];
    /* one name per result in this process: two reports may be written at once */
    (void)snprintf(path, sizeof path, "/vsimem/onus-%" PRIxPTR ".gpkg", (uintptr_t)result);
    GDALAllRegister();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "1970-01-01T00:00:00.000Z");
    ONUS_TRY(fill(result, context, path, err));
    vsi_l_offset len = 0;
    const GByte *bytes = VSIGetMemFileBuffer(path, &len, FALSE);
    if (bytes == NULL) {
        status = gdal_failed(err, "cannot write the file");
        goto out;
    }
    ONUS_TRY(onus_report_file(dir, "areas.gpkg", (const char *)bytes, (size_t)len, err));
out:
    (void)VSIUnlink(path);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    CPLPopErrorHandler();
    return status;
}
