/* areas.gpkg, opened again through GDAL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/files.h"
#include "../../../src/report/report_internal.h"
#include "fixture.h"

static char base[64];

static int write_gpkg(void **state) {
    (void)state;
    (void)snprintf(base, sizeof base, "test_gpkg.XXXXXX");
    if (mkdtemp(base) == NULL) {
        return -1;
    }
    fixture *f = fixture_new();
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_report_gpkg(&f->result, NULL, base, &err);
    fixture_free(f);
    return status == ONUS_OK ? 0 : -1;
}

static int remove_gpkg(void **state) {
    (void)state;
    onus_report_remove(base);
    return 0;
}

static GDALDatasetH opened(void) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/areas.gpkg", base);
    GDALAllRegister();
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    assert_non_null(dataset);
    return dataset;
}

static void layer_is_areas_in_wgs84(void **state) {
    (void)state;
    GDALDatasetH dataset = opened();
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "areas");
    assert_non_null(layer);
    assert_int_equal(OGR_L_GetFeatureCount(layer, TRUE), 108);
    OGRSpatialReferenceH crs = OGR_L_GetSpatialRef(layer);
    assert_non_null(crs);
    assert_string_equal(OSRGetAuthorityCode(crs, NULL), "4326");
    OGREnvelope box;
    assert_int_equal(OGR_L_GetExtent(layer, &box, TRUE), OGRERR_NONE);
    assert_true(box.MinX > -122.0 && box.MaxX < -120.0); /* x is the longitude */
    GDALClose(dataset);
}

static void values_come_back_and_withheld_ones_are_null(void **state) {
    (void)state;
    fixture *f = fixture_new();
    GDALDatasetH dataset = opened();
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "areas");
    const onus_area_table *areas = &f->result.areas;
    OGR_L_ResetReading(layer);
    for (size_t i = 0; i < areas->n_areas; i++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        assert_non_null(feature);
        const int id = OGR_F_GetFieldIndex(feature, "id");
        assert_string_equal(OGR_F_GetFieldAsString(feature, id), areas->layer->ids[i]);
        for (size_t k = 0; k < areas->n_columns; k++) {
            const onus_area_column *column = &areas->columns[k];
            const int field = OGR_F_GetFieldIndex(feature, column->name);
            assert_true(field >= 0);
            if (column->known[i] == ONUS_KNOWN) {
                assert_true(OGR_F_GetFieldAsDouble(feature, field) == column->values[i]);
            } else {
                assert_true(OGR_F_IsFieldNull(feature, field));
            }
        }
        OGR_F_Destroy(feature);
    }
    GDALClose(dataset);
    fixture_free(f);
}

static void holes_and_islands_keep_their_area(void **state) {
    (void)state;
    fixture *f = fixture_new();
    GDALDatasetH dataset = opened();
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "areas");
    const onus_layer *source = &f->evidence.areas;
    OGR_L_ResetReading(layer);
    for (size_t i = 0; i < source->n_areas; i++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(layer);
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        assert_true(OGR_G_IsValid(geometry));
        /* even-odd: outer minus hole plus island, whatever way round the rings run */
        double expected = 0.0;
        double sign = 1.0;
        for (size_t r = source->area_rings[i]; r < source->area_rings[i + 1]; r++) {
            expected += sign * fabs(onus_report_ring_area(source, r));
            sign = -sign;
        }
        assert_true(fabs(OGR_G_Area(geometry) - expected) <= 1e-12 * expected + 1e-15);
        const size_t n_rings = source->area_rings[i + 1] - source->area_rings[i];
        assert_int_equal(OGR_G_GetGeometryCount(geometry), n_rings == 3 ? 2 : 1);
        OGR_F_Destroy(feature);
    }
    GDALClose(dataset);
    fixture_free(f);
}

static void same_result_gives_the_same_bytes(void **state) {
    (void)state;
    char path[128];
    static char bytes[2][400000];
    size_t len[2];
    for (size_t k = 0; k < 2; k++) {
        (void)snprintf(path, sizeof path, "%s/areas.gpkg", base);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        len[k] = fread(bytes[k], 1, sizeof bytes[k], file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(remove(path), 0);
        fixture *f = fixture_new();
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_report_gpkg(&f->result, NULL, base, &err), ONUS_OK);
        fixture_free(f);
    }
    assert_int_equal(len[0], len[1]);
    assert_memory_equal(bytes[0], bytes[1], len[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_is_areas_in_wgs84),
        cmocka_unit_test(values_come_back_and_withheld_ones_are_null),
        cmocka_unit_test(holes_and_islands_keep_their_area),
        cmocka_unit_test(same_result_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, write_gpkg, remove_gpkg);
}
