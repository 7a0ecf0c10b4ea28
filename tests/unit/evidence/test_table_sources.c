/* Tables from other sources than a plain text: packed, spreadsheets, layers, folders, nowhere. The
 * same table and the same messages. */
#include "reading.h"

#include <gdal.h>
#include <ogr_api.h>

static void missing_files_and_folders_are_no_input(void **state) {
    (void)state;
    const onus_source absent = {.file = "absent.csv"};
    reading *r = read_source(&absent, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_NOINPUT);
    assert_int_equal(onus_problems_status(&r->problems), ONUS_ERR_NOINPUT);
    assert_non_null(strstr(r->problems.full[0].text, "cannot be opened: No such file"));
    assert_string_equal(r->problems.full[0].path, "absent.csv");
    done(r);
    const onus_source folder = {.file = "."};
    r = read_source(&folder, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_NOINPUT);
    assert_problem(r, 0, ".: error: is a folder, not a table");
    done(r);
    const onus_source url = {.file = "/vsicurl/http://localhost:1/x.geojson"};
    r = read_source(&url, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_NOINPUT);
    done(r);
}

static void packed_tables_read_as_plain_ones_and_say_when_they_are_cut(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "lon,lat\n");
    for (int i = 0; i < 5000; i++) {
        onus_text_addf(&text, "%d.%04d,%d.5\n", i % 180, i, i % 90);
    }
    write_gzip("g.csv.gz", text.data, text.len);
    write_zstd("z.csv.zst", text.data, text.len);
    reading *plain = read_text("p.csv", text.data, lon_lat, 2);
    assert_int_equal(plain->table.n_rows, 5000);
    static const char *const names[] = {"g.csv.gz", "z.csv.zst"};
    for (size_t i = 0; i < 2; i++) {
        const onus_source source = {.file = (char *)(uintptr_t)names[i]};
        reading *r = read_source(&source, lon_lat, 2);
        assert_int_equal(r->status, ONUS_OK);
        assert_int_equal(r->table.n_rows, 5000);
        assert_memory_equal(r->table.columns[0].numbers, plain->table.columns[0].numbers,
                            5000 * sizeof(double));
        char whole[65];
        assert_int_equal(onus_sha256_file(temp_path(names[i]), whole, NULL), ONUS_OK);
        assert_string_equal(r->input.sha256, whole);
        done(r);
        struct stat info;
        assert_int_equal(stat(temp_path(names[i]), &info), 0);
        assert_int_equal(truncate(temp_path(names[i]), info.st_size / 2), 0);
        r = read_source(&source, lon_lat, 2);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_non_null(strstr(r->problems.full[0].text, "is truncated"));
        done(r);
    }
    done(plain);
    write_text("fake.csv.gz", "lon,lat\n1,2\n");
    const onus_source fake = {.file = "fake.csv.gz"};
    reading *r = read_source(&fake, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "fake.csv.gz: error: is named .gz but is not a gzip file");
    done(r);
    onus_text_clear(&text);
}

static void a_raised_flag_stops_the_reading(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "lon,lat\n");
    for (int i = 0; i < 10000; i++) {
        onus_text_add(&text, "1,2\n");
    }
    write_text("t.csv", text.data);
    onus_text_clear(&text);
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop};
    const onus_source source = {.file = "t.csv"};
    reading *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->status = onus_table_read(&source, temp_dir, lon_lat, 2, &context, &r->table, &r->input,
                                &r->problems);
    assert_int_equal(r->status, ONUS_ERR_INTERRUPTED);
    assert_int_equal(r->problems.n_all, 0);
    done(r);
}

static void other_sources_give_the_same_table(void **state) {
    (void)state;
    static const onus_column_ask asks[] = {
        {.name = "geoid", .type = ONUS_COLUMN_ID},
        {.name = "n", .type = ONUS_COLUMN_COUNT},
        {.name = "x", .type = ONUS_COLUMN_NUMBER, .may_be_missing = true},
        {.name = "t", .type = ONUS_COLUMN_TIME, .time = &new_york}};
    reading *csv = read_text("t.csv",
                             "geoid,n,x,t\n007,3,0.1,2018-02-25T23:30:00\n"
                             "8,12345678901,,2018-07-01T00:00:00\n",
                             asks, 4);
    assert_int_equal(csv->status, ONUS_OK);
    reading *json = read_text(
        "t.geojson",
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"geoid\":\"007\",\"n\":3,"
        "\"x\":0.1,\"t\":\"2018-02-25T23:30:00\"}},"
        "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"geoid\":\"8\","
        "\"n\":12345678901,\"x\":null,\"t\":\"2018-07-01T00:00:00\"}}]}",
        asks, 4);
    assert_int_equal(json->status, ONUS_OK);
    assert_int_equal(json->table.n_rows, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(onus_table_text(&json->table, 0, i),
                            onus_table_text(&csv->table, 0, i));
        assert_true(json->table.columns[1].numbers[i] == csv->table.columns[1].numbers[i]);
        assert_true(json->table.columns[3].numbers[i] == csv->table.columns[3].numbers[i]);
        assert_int_equal(json->table.columns[3].local_day[i], csv->table.columns[3].local_day[i]);
    }
    assert_true(json->table.columns[2].numbers[0] == 0.1);
    assert_true(__builtin_isnan(json->table.columns[2].numbers[1]));
    assert_int_equal(json->table.lines[1], 2);
    done(csv);
    done(json);
}

static void other_sources_have_the_same_messages(void **state) {
    (void)state;
    static const onus_column_ask count = {.name = "n", .type = ONUS_COLUMN_COUNT};
    static const onus_column_ask typo = {.name = "nn", .type = ONUS_COLUMN_COUNT};
    static const char text[] =
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"n\":3.5}},"
        "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"n\":-3}}]}";
    reading *r = read_text("t.geojson", text, &count, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "t.geojson:2: error: column 'n' is '-3', not a count (0 or more)");
    done(r);
    r = read_text("t.geojson", text, &typo, 1);
    assert_problem(r, 0, "t.geojson: error: no column 'nn'; did you mean 'n'?");
    done(r);
    r = read_text("broken.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{", &count, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_non_null(strstr(r->problems.full[0].text, "cannot be read as GeoJSON"));
    done(r);
    r = read_text("void.xlsx", "", &count, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "void.xlsx: error: is empty");
    done(r);
}

/* Text cells only: GDAL left alone would take the first row for data. */
static void write_sheet(const char *driver, const char *name) {
    static const char *const cells[][2] = {{"geoid", "town"}, {"007", "a"}, {"008", "b"}};
    GDALAllRegister();
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName(driver), temp_path(name), 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(dataset);
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "sheet", NULL, wkbNone, NULL);
    assert_non_null(layer);
    for (int k = 0; k < 2; k++) {
        OGRFieldDefnH field = OGR_Fld_Create(cells[0][k], OFTString);
        assert_int_equal(OGR_L_CreateField(layer, field, TRUE), OGRERR_NONE);
        OGR_Fld_Destroy(field);
    }
    for (int i = 1; i < 3; i++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(feature, 0, cells[i][0]);
        OGR_F_SetFieldString(feature, 1, cells[i][1]);
        assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    (void)GDALClose(dataset);
}

static void the_first_row_of_a_spreadsheet_is_its_header(void **state) {
    (void)state;
    static const onus_column_ask ask = {.name = "geoid", .type = ONUS_COLUMN_ID};
    static const struct {
        const char *driver;
        const char *name;
    } sheets[] = {{"XLSX", "s.xlsx"}, {"ODS", "s.ods"}};
    for (size_t i = 0; i < 2; i++) {
        write_sheet(sheets[i].driver, sheets[i].name);
        onus_source source = {.file = (char *)(uintptr_t)sheets[i].name};
        reading *r = read_source(&source, &ask, 1);
        assert_int_equal(r->status, ONUS_OK);
        assert_int_equal(r->table.n_rows, 2);
        assert_string_equal(onus_table_text(&r->table, 0, 0), "007");
        assert_int_equal(r->table.lines[1], 3); /* the row that the spreadsheet shows */
        done(r);
        char *names[] = {"geoid", "place"};
        source.header = (onus_strings){.items = names, .n = 2};
        r = read_source(&source, &ask, 1);
        assert_int_equal(r->status, ONUS_OK);
        assert_int_equal(r->table.n_rows, 3);
        assert_string_equal(onus_table_text(&r->table, 0, 0), "geoid");
        assert_int_equal(r->table.lines[1], 2);
        done(r);
        source.header.n = 1;
        r = read_source(&source, &ask, 1);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_string_equal(r->problems.full[0].text, "has 2 columns, the case's `header` names 1");
        done(r);
    }
}

static void numbers_that_are_not_finite_are_refused_from_any_source(void **state) {
    (void)state;
    GDALAllRegister();
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("FlatGeobuf"), temp_path("n.fgb"), 0, 0,
                                      0, GDT_Unknown, NULL);
    assert_non_null(dataset);
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "n", NULL, wkbPoint, NULL);
    assert_non_null(layer);
    OGRFieldDefnH field = OGR_Fld_Create("v", OFTReal);
    assert_int_equal(OGR_L_CreateField(layer, field, TRUE), OGRERR_NONE);
    OGR_Fld_Destroy(field);
    static const double values[] = {1.5, __builtin_inf(), -__builtin_inf(), __builtin_nan("")};
    for (size_t i = 0; i < 4; i++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldDouble(feature, 0, values[i]);
        OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
        OGR_G_AddPoint_2D(point, (double)i, 0);
        assert_int_equal(OGR_F_SetGeometryDirectly(feature, point), OGRERR_NONE);
        assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    (void)GDALClose(dataset);
    const onus_source source = {.file = "n.fgb"};
    const onus_column_ask ask = {.name = "v", .type = ONUS_COLUMN_NUMBER};
    reading *r = read_source(&source, &ask, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_int_equal(r->problems.n_all, 3);
    size_t n_found = 0; /* the format orders its features by place, not as they were written */
    static const char *const shown[] = {"'inf'", "'-inf'", "'nan'"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++) {
            n_found += strstr(r->problems.full[k].text, shown[i]) != NULL;
        }
    }
    assert_int_equal(n_found, 3);
    done(r);
}

static void a_password_is_in_no_message(void **state) {
    (void)state;
    static const struct {
        const char *written;
        const char *shown;
    } cases[] = {
        {"PG:host=localhost port=1 dbname=x", "PG:host=localhost port=1 dbname=x"},
        {"PG:dbname=x password=secret port=1", "PG:dbname=x password=*** port=1"},
        {"PG:dbname=x password='s e\\'t' port=1", "PG:dbname=x password=***"},
        {"postgresql://me:secret@localhost:1/x", "postgresql://me:***@localhost:1/x"},
        {"postgresql://localhost:1/x?password=secret&a=b",
         "postgresql://localhost:1/x?password=***&a=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *shown = onus_source_name(cases[i].written);
        assert_string_equal(shown, cases[i].shown);
        onus_free(shown);
    }
    const onus_source closed = {.file = "PG:host=127.0.0.1 port=1 dbname=x password=secret"};
    reading *r = read_source(&closed, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_NOINPUT);
    assert_null(strstr(r->problems.full[0].path, "secret"));
    assert_null(strstr(r->problems.full[0].text, "secret"));
    assert_string_equal(r->input.file, "PG:host=127.0.0.1 port=1 dbname=x password=***");
    done(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_files_and_folders_are_no_input),
        cmocka_unit_test(packed_tables_read_as_plain_ones_and_say_when_they_are_cut),
        cmocka_unit_test(a_raised_flag_stops_the_reading),
        cmocka_unit_test(other_sources_give_the_same_table),
        cmocka_unit_test(other_sources_have_the_same_messages),
        cmocka_unit_test(the_first_row_of_a_spreadsheet_is_its_header),
        cmocka_unit_test(numbers_that_are_not_finite_are_refused_from_any_source),
        cmocka_unit_test(a_password_is_in_no_message),
    };
    return cmocka_run_group_tests_name("table_sources", tests, make_temp_dir, remove_temp_dir);
}
