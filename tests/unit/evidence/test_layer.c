/* Layers: rings, repair, coordinate systems, projection; each bad layer with its message. */
#include "../fault.h"

#include <math.h>

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "layer_internal.h"
#include "temp_files.h"

typedef struct reading {
    onus_layer layer;
    onus_input input;
    onus_array warnings;
    onus_problems problems;
    onus_status status;
} reading;

static reading *read_layer(const onus_source *source, const onus_layer_opts *opts) {
    reading *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->input.role = "areas";
    r->warnings = (onus_array)ONUS_ARRAY_OF(onus_load_warning);
    r->status = onus_layer_read(source, temp_dir, opts, NULL, &r->layer, &r->input, &r->warnings,
                                &r->problems);
    if (r->status == ONUS_OK) {
        assert_int_equal(r->problems.n_all, 0);
        assert_true(onus_input_adds_up(&r->input));
        assert_int_equal(r->input.used, r->layer.n_areas);
        assert_int_equal(r->layer.area_rings[r->layer.n_areas], r->layer.n_rings);
        assert_int_equal(r->layer.ring_points[r->layer.n_rings], r->layer.n_points);
        for (size_t k = 0; k < r->layer.n_rings; k++) { /* closed, in every system */
            const size_t first = r->layer.ring_points[k];
            const size_t last = r->layer.ring_points[k + 1] - 1;
            assert_true(r->layer.source_x[first] == r->layer.source_x[last]);
            assert_true(r->layer.y_m[first] == r->layer.y_m[last]);
        }
    } else {
        assert_null(r->layer.ids);
    }
    return r;
}

static void done(reading *r) {
    onus_load_warning *warnings = r->warnings.items;
    for (size_t i = 0; i < r->warnings.n_items; i++) {
        onus_free(warnings[i].text);
    }
    onus_array_clear(&r->warnings);
    onus_layer_clear(&r->layer);
    onus_input_clear(&r->input);
    free(r);
}

static const char *warning(const reading *r, size_t k) {
    assert_true(k < r->warnings.n_items);
    return ((const onus_load_warning *)r->warnings.items)[k].text;
}

static void assert_problem(const reading *r, size_t k, const char *expected) {
    char text[1200];
    assert_true(k < r->problems.n_full);
    assert_string_equal(onus_error_format(&r->problems.full[k], text, sizeof text), expected);
}

/* {"id": "a", geometry} features joined into a collection. */
static void write_geojson(const char *name, const char *const *ids, const char *const *geometries,
                          size_t n) {
    onus_text text = {0};
    onus_text_add(&text, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < n; i++) {
        onus_text_addf(&text,
                       "%s{\"type\":\"Feature\",\"properties\":{\"geoid\":%s%s%s,\"town\":\"%s\"},"
                       "\"geometry\":%s}",
                       i == 0 ? "" : ",", ids[i] != NULL ? "\"" : "",
                       ids[i] != NULL ? ids[i] : "null", ids[i] != NULL ? "\"" : "",
                       i % 2 == 0 ? "even" : "odd", geometries[i]);
    }
    onus_text_add(&text, "]}");
    assert_false(text.failed);
    write_text(name, text.data);
    onus_text_clear(&text);
}

static reading *read_geojson(const char *const *ids, const char *const *geometries, size_t n) {
    write_geojson("a.geojson", ids, geometries, n);
    const onus_source source = {.file = "a.geojson"};
    const onus_layer_opts opts = {.id = "geoid"};
    return read_layer(&source, &opts);
}

#define SQUARE(x0, y0, x1, y1)                                                                     \
    "{\"type\":\"Polygon\",\"coordinates\":[[[" #x0 "," #y0 "],[" #x1 "," #y0 "],[" #x1 "," #y1    \
    "],[" #x0 "," #y1 "],[" #x0 "," #y0 "]]]}"

static double ring_area(const double *x, const double *y, size_t n) {
    double twice = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        twice += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    }
    return twice / 2;
}

/* The first ring of a single polygon minus the others. */
static double holed_area(const onus_layer *layer, size_t area, const double *x, const double *y) {
    double sum = 0;
    for (size_t k = layer->area_rings[area]; k < layer->area_rings[area + 1]; k++) {
        const size_t start = layer->ring_points[k];
        const double a = fabs(ring_area(x + start, y + start, layer->ring_points[k + 1] - start));
        sum += k == layer->area_rings[area] ? a : -a;
    }
    return sum;
}

static void holes_and_parts_come_in_as_closed_rings(void **state) {
    (void)state;
    static const char *const ids[] = {"with hole", "two parts"};
    static const char *const geometries[] = {
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,2],[2,2],"
        "[2,1],[1,1]]]}",
        "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[5,0],[6,0],[6,1],[5,0]]],[[[7,0],[8,0],[8,"
        "1,"
        "55],[7,0]]]]}"};
    reading *r = read_geojson(ids, geometries, 2);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->layer.n_areas, 2);
    assert_int_equal(r->layer.n_rings, 4);
    assert_int_equal(r->layer.n_points, 5 + 5 + 4 + 4);
    assert_int_equal(r->layer.area_rings[1], 2);
    assert_string_equal(r->layer.ids[0], "with hole");
    assert_string_equal(r->layer.source_crs, "EPSG:4326");
    assert_true(r->layer.source_is_degrees);
    assert_int_equal(r->layer.n_repaired, 0);
    assert_int_equal(r->warnings.n_items, 0);
    assert_memory_equal(r->layer.lon_deg, r->layer.source_x, r->layer.n_points * sizeof(double));
    assert_true(holed_area(&r->layer, 0, r->layer.source_x, r->layer.source_y) == 15);
    assert_string_equal(r->layer.projection,
                        "+proj=laea +lat_0=2.0000 +lon_0=4.0000 +datum=WGS84 +units=m +no_defs");
    char digest[65];
    assert_int_equal(onus_sha256_file(temp_path("a.geojson"), digest, NULL), ONUS_OK);
    assert_string_equal(r->input.sha256, digest);
    done(r);
}

/* Area between two parallels and two meridians on the ellipsoid, in closed form (Snyder 1987,
 * eq. 3-12), against the planar area of the projected square. */
static void projected_areas_are_true_areas(void **state) {
    (void)state;
    static const char *const ids[] = {"s", "n", "far"};
    static const char *const geometries[] = {SQUARE(-118.3, 33.70, -118.29, 33.71),
                                             SQUARE(-118.3, 34.30, -118.29, 34.31),
                                             SQUARE(-117.0, 34.00, -116.99, 34.01)};
    static const double south[] = {33.70, 34.30, 34.00};
    reading *r = read_geojson(ids, geometries, 3);
    assert_int_equal(r->status, ONUS_OK);
    const double a = 6378137.0;
    const double f = 1 / 298.257223563;
    const double e = sqrt(f * (2 - f));
    const double rad = acos(-1.0) / 180;
    for (size_t i = 0; i < 3; i++) {
        double q[2];
        for (int k = 0; k < 2; k++) {
            const double s = sin((south[i] + 0.01 * k) * rad);
            q[k] =
                (1 - e * e) * (s / (1 - e * e * s * s) - log((1 - e * s) / (1 + e * s)) / (2 * e));
        }
        const double expected = a * a * (q[1] - q[0]) / 2 * 0.01 * rad;
        const size_t start = r->layer.ring_points[i];
        const double planar = ring_area(r->layer.x_m + start, r->layer.y_m + start, 5);
        assert_true(fabs(planar / expected - 1) < 1e-7); /* straight edges against parallels */
    }
    done(r);
}

static void invalid_polygons_are_repaired_and_named(void **state) {
    (void)state;
    static const char *const ids[] = {"fine",    "bow tie", "hole outside",
                                      "overlap", "open",    "holes overlap"};
    static const char *const geometries[] = {
        SQUARE(0, 0, 1, 1),
        "{\"type\":\"Polygon\",\"coordinates\":[[[2,0],[3,1],[3,0],[2,1],[2,0]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[4,0],[5,0],[5,1],[4,1],[4,0]],[[6,0],[7,0],[7,1],"
        "[6,0]]]}",
        "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[8,0],[10,0],[10,1],[8,1],[8,0]]],[[[9,0],"
        "[11,0],[11,1],[9,1],[9,0]]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[12,0],[13,0],[13,1],[12,1]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[20,0],[24,0],[24,4],[20,4],[20,0]],[[21,1],[22,1]"
        ","
        "[22,2],[21,2],[21,1]],[[21.5,1.5],[23,1.5],[23,3],[21.5,3],[21.5,1.5]]]}"};
    reading *r = read_geojson(ids, geometries, 6);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->layer.n_areas, 6);
    assert_int_equal(r->layer.n_repaired, 5);
    assert_int_equal(r->warnings.n_items, 1);
    assert_non_null(strstr(warning(r, 0), "5 of 6 polygons were not valid and were repaired"));
    assert_non_null(strstr(warning(r, 0), "'bow tie' (Self-intersection"));
    assert_non_null(strstr(warning(r, 0), "'open' (ring not closed)"));
    assert_null(strstr(warning(r, 0), "'fine'"));
    /* a hole outside its shell is a part of its own; what is in two holes is in none of the land */
    assert_int_equal(r->layer.area_rings[3] - r->layer.area_rings[2], 2);
    assert_int_equal(r->layer.area_rings[6] - r->layer.area_rings[5], 2);
    assert_true(fabs(holed_area(&r->layer, 5, r->layer.source_x, r->layer.source_y) - 13) < 1e-12);
    /* the overlap is united: 3 by 1, and not the even-odd 2 by 1 */
    const size_t start = r->layer.ring_points[r->layer.area_rings[3]];
    const size_t n = r->layer.ring_points[r->layer.area_rings[3] + 1] - start;
    assert_int_equal(r->layer.area_rings[4] - r->layer.area_rings[3], 1);
    assert_true(fabs(fabs(ring_area(r->layer.source_x + start, r->layer.source_y + start, n)) - 3) <
                1e-12);
    done(r);
}

static void each_bad_layer_has_its_message(void **state) {
    (void)state;
    static const char *const a[] = {"a", "b", "c"};
    static const char *const twice[] = {"a", "b", "a"};
    static const char *const no_id[] = {"a", NULL, "c"};
    static const struct {
        const char *const *ids;
        const char *geometries[3];
        size_t n;
        const char *message;
    } cases[] = {
        {a, {NULL}, 0, "a.geojson: error: is an empty layer: it has no features"},
        {twice,
         {SQUARE(0, 0, 1, 1), SQUARE(1, 0, 2, 1), SQUARE(2, 0, 3, 1)},
         3,
         "a.geojson: error: id 'a' occurs twice (features 1 and 3)"},
        {no_id,
         {SQUARE(0, 0, 1, 1), SQUARE(1, 0, 2, 1), SQUARE(2, 0, 3, 1)},
         3,
         "a.geojson: error: feature 2 has no id (column 'geoid' is empty)"},
        {a,
         {SQUARE(0, 0, 1, 1), "null", SQUARE(2, 0, 3, 1)},
         3,
         "a.geojson: error: feature 2 ('b') has no geometry"},
        {a,
         {SQUARE(0, 0, 1, 1), "{\"type\":\"Polygon\",\"coordinates\":[]}", SQUARE(2, 0, 3, 1)},
         3,
         "a.geojson: error: feature 2 ('b') has no geometry"},
        {a,
         {SQUARE(0, 0, 1, 1), "{\"type\":\"Point\",\"coordinates\":[1,2]}", SQUARE(2, 0, 3, 1)},
         3,
         "a.geojson: error: feature 2 ('b') is a Point, not a polygon"},
        {a,
         {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,0]]]}"},
         1,
         "a.geojson: error: feature 1 ('a') has a ring with fewer than three corners"},
        {a,
         {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[2,2],[0,0]]]}"},
         1,
         "a.geojson: error: feature 1 ('a') is not a valid polygon and cannot be repaired: "
         "Self-intersection[1 1]"},
        {a,
         {SQUARE(34.0, -118.1, 34.1, -118.0)},
         1,
         "a.geojson: error: longitude and latitude look swapped: 5 of 5 points are places only "
         "with "
         "the two exchanged (the first is 34, -118.1)"},
        {a,
         {SQUARE(6412000, 2100000, 6413000, 2101000)},
         1,
         "a.geojson: error: 5 of 5 points are no longitude and latitude in degrees (the first is "
         "6412000, 2100000); if the layer is in another system, name it in the case with `crs:`"},
        {a,
         {SQUARE(-179, 50, 179, 51)},
         1,
         "a.geojson: error: 'a' spans more than 180 degrees of longitude; cut it at the "
         "antimeridian "
         "(RFC 7946, 3.1.9)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading *r = read_geojson(cases[i].ids, cases[i].geometries, cases[i].n);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_int_equal(r->problems.n_all, 1);
        assert_problem(r, 0, cases[i].message);
        done(r);
    }
}

static void a_layer_without_features_or_files_is_told(void **state) {
    (void)state;
    write_text("e.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}");
    const onus_source empty = {.file = "e.geojson"};
    const onus_layer_opts plain = {0};
    reading *r = read_layer(&empty, &plain);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "e.geojson: error: is an empty layer: it has no features");
    done(r);
    const onus_source absent = {.file = "absent.geojson"};
    r = read_layer(&absent, &plain);
    assert_int_equal(r->status, ONUS_ERR_NOINPUT);
    done(r);
    write_text("t.csv", "a,b\n");
    const onus_source table = {.file = "t.csv"};
    r = read_layer(&table, &plain);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_non_null(strstr(r->problems.full[0].text, "is no layer that is known by its ending"));
    done(r);
}

static void a_misspelt_id_column_gets_a_suggestion(void **state) {
    (void)state;
    static const char *const ids[] = {"a"};
    static const char *const geometries[] = {SQUARE(0, 0, 1, 1)};
    write_geojson("a.geojson", ids, geometries, 1);
    const onus_source source = {.file = "a.geojson"};
    const onus_layer_opts opts = {.id = "geo_id"};
    reading *r = read_layer(&source, &opts);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "a.geojson: error: no column 'geo_id'; did you mean 'geoid'?");
    done(r);
}

static void where_and_records_choose_features(void **state) {
    (void)state;
    static const char *const ids[] = {"a", "b", "c", "d"};
    static const char *const geometries[] = {SQUARE(0, 0, 1, 1), SQUARE(1, 0, 2, 1),
                                             SQUARE(2, 0, 3, 1), SQUARE(3, 0, 4, 1)};
    write_geojson("a.geojson", ids, geometries, 4);
    char *values[] = {"odd"};
    onus_where where = {.column = "town", .values = {.items = values, .n = 1}};
    const onus_source chosen = {.file = "a.geojson", .where = &where, .n_where = 1};
    const onus_layer_opts by_id = {.id = "geoid"};
    reading *r = read_layer(&chosen, &by_id);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->layer.n_areas, 2);
    assert_string_equal(r->layer.ids[1], "d");
    assert_int_equal(r->input.rows, 4);
    assert_int_equal(r->input.excluded[0].rows, 2);
    assert_true(r->input.excluded[0].by_choice);
    done(r);
    const onus_source all = {.file = "a.geojson"};
    static const int64_t records[] = {1, 3};
    const onus_layer_opts by_record = {.records = records, .n_records = 2};
    r = read_layer(&all, &by_record);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->layer.n_areas, 2);
    assert_string_equal(r->layer.ids[0], "1");
    assert_string_equal(r->layer.ids[1], "3");
    assert_true(r->layer.source_x[5] == 2);
    done(r);
}

/* A square of 0.01 degrees in Plainfield, written by GDAL in another format and system. */
static void write_other(const char *driver, const char *name, const char *crs, const char *layer) {
    GDALAllRegister();
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName(driver), temp_path(name), 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(dataset);
    OGRSpatialReferenceH srs = NULL;
    OGRCoordinateTransformationH transform = NULL;
    if (crs != NULL) {
        srs = OSRNewSpatialReference(NULL);
        assert_int_equal(OSRSetFromUserInput(srs, crs), OGRERR_NONE);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
        OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL);
        assert_int_equal(OSRImportFromEPSG(wgs84, 4326), OGRERR_NONE);
        OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
        transform = OCTNewCoordinateTransformation(wgs84, srs);
        assert_non_null(transform);
        OSRDestroySpatialReference(wgs84);
    }
    OGRLayerH out = GDALDatasetCreateLayer(dataset, layer, srs, wkbPolygon, NULL);
    assert_non_null(out);
    OGRFieldDefnH field = OGR_Fld_Create("geoid", OFTString);
    assert_int_equal(OGR_L_CreateField(out, field, TRUE), OGRERR_NONE);
    OGR_Fld_Destroy(field);
    static const double x[] = {-74.42, -74.41, -74.41, -74.42, -74.42};
    static const double y[] = {40.61, 40.61, 40.62, 40.62, 40.61};
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    for (int i = 0; i < 5; i++) {
        OGR_G_AddPoint_2D(ring, x[i], y[i]);
    }
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    assert_int_equal(OGR_G_AddGeometryDirectly(polygon, ring), OGRERR_NONE);
    if (transform != NULL) {
        assert_int_equal(OGR_G_Transform(polygon, transform), OGRERR_NONE);
        OCTDestroyCoordinateTransformation(transform);
    }
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(out));
    OGR_F_SetFieldString(feature, 0, "340390388001");
    assert_int_equal(OGR_F_SetGeometryDirectly(feature, polygon), OGRERR_NONE);
    assert_int_equal(OGR_L_CreateFeature(out, feature), OGRERR_NONE);
    OGR_F_Destroy(feature);
    (void)GDALClose(dataset);
    if (srs != NULL) {
        OSRDestroySpatialReference(srs);
    }
}

static void other_formats_and_systems_land_in_the_same_place(void **state) {
    (void)state;
    static const struct {
        const char *driver;
        const char *name;
        const char *crs;
        const char *layer;
        const char *shown;
        bool is_degrees;
    } cases[] = {{"GPKG", "g.gpkg", "EPSG:4326", "areas", "EPSG:4326", true},
                 {"GPKG", "feet.gpkg", "EPSG:3424", "areas", "EPSG:3424", false},
                 {"ESRI Shapefile", "s.shp", "EPSG:26918", "s", "EPSG:26918", false},
                 {"FlatGeobuf", "f.fgb", "EPSG:32618", "f", "EPSG:32618", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_other(cases[i].driver, cases[i].name, cases[i].crs, cases[i].layer);
        const onus_source source = {.file = (char *)(uintptr_t)cases[i].name};
        const onus_layer_opts opts = {.id = "geoid"};
        reading *r = read_layer(&source, &opts);
        assert_int_equal(r->status, ONUS_OK);
        assert_string_equal(r->layer.source_crs, cases[i].shown);
        assert_int_equal(r->layer.source_is_degrees, cases[i].is_degrees);
        assert_string_equal(r->layer.ids[0], "340390388001");
        double west = INFINITY;
        double north = -INFINITY;
        for (size_t k = 0; k < r->layer.n_points; k++) {
            west = fmin(west, r->layer.lon_deg[k]);
            north = fmax(north, r->layer.lat_deg[k]);
        }
        assert_true(fabs(west - -74.42) < 3e-8 && fabs(north - 40.62) < 3e-8); /* 3 mm */
        const double area = fabs(ring_area(r->layer.x_m, r->layer.y_m, r->layer.n_points));
        assert_true(fabs(area / 939630.0 - 1) < 1e-3);
        done(r);
    }
}

static void a_missing_coordinate_system_is_a_problem_until_the_case_names_it(void **state) {
    (void)state;
    write_other("ESRI Shapefile", "bare.shp", NULL, "bare");
    (void)unlink(temp_path("bare.prj"));
    write_other("GPKG", "bare.gpkg", NULL, "bare");
    static const char *const names[] = {"bare.shp", "bare.gpkg"};
    for (size_t i = 0; i < 2; i++) {
        const onus_source source = {.file = (char *)(uintptr_t)names[i]};
        onus_layer_opts opts = {.id = "geoid"};
        reading *r = read_layer(&source, &opts);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_string_equal(
            r->problems.full[0].text,
            "names no coordinate reference system; name it in the case, for example "
            "`crs: EPSG:4326` for longitude and latitude");
        done(r);
        opts.crs = "EPSG:4326";
        r = read_layer(&source, &opts);
        assert_int_equal(r->status, ONUS_OK);
        assert_true(r->layer.source_is_degrees);
        done(r);
        opts.crs = "EPSG:999999";
        r = read_layer(&source, &opts);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_string_equal(r->problems.full[0].text,
                            "crs: 'EPSG:999999' is no coordinate system that is known");
        done(r);
    }
}

static void layers_of_one_file_are_told_apart(void **state) {
    (void)state;
    write_other("GPKG", "two.gpkg", "EPSG:4326", "areas");
    GDALDatasetH dataset =
        GDALOpenEx(temp_path("two.gpkg"), GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    assert_non_null(dataset);
    assert_non_null(GDALDatasetCreateLayer(dataset, "other", NULL, wkbPolygon, NULL));
    (void)GDALClose(dataset);
    onus_source source = {.file = "two.gpkg"};
    const onus_layer_opts opts = {.id = "geoid"};
    reading *r = read_layer(&source, &opts);
    assert_problem(r, 0,
                   "two.gpkg: error: has 2 layers; name one with `layer:` ('areas', 'other')");
    done(r);
    source.layer = "araes";
    r = read_layer(&source, &opts);
    assert_problem(r, 0, "two.gpkg: error: no layer 'araes'; it has 'areas', 'other'");
    done(r);
    source.layer = "areas";
    r = read_layer(&source, &opts);
    assert_int_equal(r->status, ONUS_OK);
    done(r);
}

static void areas_on_both_sides_of_the_antimeridian_lie_side_by_side(void **state) {
    (void)state;
    static const char *const ids[] = {"east", "west"};
    static const char *const geometries[] = {SQUARE(179.99, -17.01, 180, -17),
                                             SQUARE(-180, -17.01, -179.99, -17)};
    reading *r = read_geojson(ids, geometries, 2);
    assert_int_equal(r->status, ONUS_OK);
    assert_string_equal(
        r->layer.projection,
        "+proj=laea +lat_0=-17.0050 +lon_0=180.0000 +datum=WGS84 +units=m +no_defs");
    for (size_t i = 0; i < r->layer.n_points; i++) {
        assert_true(fabs(r->layer.x_m[i]) < 1100 && fabs(r->layer.y_m[i]) < 600);
    }
    done(r);
}

static void points_are_converted_with_their_own_system(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    onus_geo *geo = NULL;
    char *projection = onus_geo_local_projection(-74.4149, 40.615);
    assert_string_equal(projection,
                        "+proj=laea +lat_0=40.6150 +lon_0=-74.4149 +datum=WGS84 +units=m +no_defs");
    double x = -74.4149;
    double y = 40.615;
    double x_m = 1;
    double y_m = 1;
    assert_int_equal(onus_geo_open(NULL, projection, &geo, &err), ONUS_OK);
    assert_int_equal(onus_geo_project(geo, &x, &y, 1, &x_m, &y_m, &err), ONUS_OK);
    assert_true(fabs(x_m) < 1e-6 && fabs(y_m) < 1e-6);
    y = 95; /* no latitude: NaN, not an error of the whole */
    assert_int_equal(onus_geo_project(geo, &x, &y, 1, &x_m, &y_m, &err), ONUS_OK);
    assert_true(isnan(x_m) && isnan(y_m));
    onus_geo_close(geo);
    geo = NULL;
    /* 500 US survey feet along the grid of New Jersey are 152.4 m on the ground, to the scale */
    const double feet_x[] = {503000, 503500};
    const double feet_y[] = {633000, 633000};
    double east[2];
    double north[2];
    assert_int_equal(onus_geo_open("EPSG:3424", projection, &geo, &err), ONUS_OK);
    assert_int_equal(onus_geo_project(geo, feet_x, feet_y, 2, east, north, &err), ONUS_OK);
    assert_true(fabs(hypot(east[1] - east[0], north[1] - north[0]) / 152.4003 - 1) < 2e-4);
    onus_geo_close(geo);
    geo = NULL;
    assert_int_equal(onus_geo_open("EPSG:42abc", projection, &geo, &err), ONUS_ERR_DATA);
    assert_non_null(strstr(err.text, "'EPSG:42abc' is no coordinate system that is known"));
    assert_null(geo);
    onus_free(projection);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    static const char *const ids[] = {"a", "b"};
    static const char *const geometries[] = {
        "{\"type\":\"Polygon\",\"coordinates\":[[[2,0],[3,1],[3,0],[2,1],[2,0]]]}",
        SQUARE(4, 0, 5, 1)};
    write_geojson("a.geojson", ids, geometries, 2);
    char *values[] = {"even", "odd"};
    onus_where where = {.column = "town", .values = {.items = values, .n = 2}};
    const onus_source source = {.file = "a.geojson", .where = &where, .n_where = 1};
    const onus_layer_opts opts = {.id = "geoid"};
    static onus_problems problems;
    FAULT_EACH(fault) {
        onus_layer layer;
        onus_input input = {.role = "areas"};
        onus_array warnings = ONUS_ARRAY_OF(onus_load_warning);
        problems = (onus_problems){0};
        const onus_status status =
            onus_layer_read(&source, temp_dir, &opts, NULL, &layer, &input, &warnings, &problems);
        fault_expect(&fault, status);
        for (size_t i = 0; i < warnings.n_items; i++) {
            onus_free(((onus_load_warning *)warnings.items)[i].text);
        }
        onus_array_clear(&warnings);
        onus_layer_clear(&layer);
        onus_input_clear(&input);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_and_parts_come_in_as_closed_rings),
        cmocka_unit_test(projected_areas_are_true_areas),
        cmocka_unit_test(invalid_polygons_are_repaired_and_named),
        cmocka_unit_test(each_bad_layer_has_its_message),
        cmocka_unit_test(a_layer_without_features_or_files_is_told),
        cmocka_unit_test(a_misspelt_id_column_gets_a_suggestion),
        cmocka_unit_test(where_and_records_choose_features),
        cmocka_unit_test(other_formats_and_systems_land_in_the_same_place),
        cmocka_unit_test(a_missing_coordinate_system_is_a_problem_until_the_case_names_it),
        cmocka_unit_test(layers_of_one_file_are_told_apart),
        cmocka_unit_test(areas_on_both_sides_of_the_antimeridian_lie_side_by_side),
        cmocka_unit_test(points_are_converted_with_their_own_system),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("layer", tests, make_temp_dir, remove_temp_dir);
}
