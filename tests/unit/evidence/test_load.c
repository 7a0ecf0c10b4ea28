/* The whole evidence of a case: joins, accounts, what is refused and what is only said. */
#include "small_case.h"

#include <dirent.h>
#include <math.h>

#include <gdal.h>

static void people_are_joined_by_id_whatever_their_order(void **state) {
    (void)state;
    loaded *l = new_case();
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_universe *u = &l->evidence.people.universes[0];
    static const double totals[] = {100, 200, 0, 10};
    static const double groups[] = {40, 50, 0, 10};
    assert_memory_equal(u->total, totals, sizeof totals);
    assert_memory_equal(u->groups[0], groups, sizeof groups);
    assert_null(u->total_margin);
    assert_true(isnan(u->margins[0][0]));
    assert_true(u->margins[0][1] == 12);
    assert_true(l->evidence.people.benchmarks[0].values[3] == 1);
    assert_int_equal(l->evidence.people.n_areas_without_row, 0);
    assert_int_equal(l->evidence.warnings.n_items, 0);
    assert_int_equal(l->evidence.inputs.n_items, 3);
    assert_int_equal(input(l, "people")->used, 4);
    done(l);
}

static void flags_outside_every_area_stay(void **state) {
    (void)state;
    loaded *l = new_case();
    load(l);
    const onus_flags *flags = &l->evidence.flags;
    assert_int_equal(flags->n_flags, 3);
    assert_int_equal(input(l, "predictions")->used, 3);
    assert_true(flags->counts[1] == 0 && flags->counts[2] == 7);
    assert_true(flags->source_x[2] == 9.9 && flags->lon_deg[2] == 9.9);
    /* the middle of the first area lies where the projected corners have their middle */
    const onus_layer *areas = &l->evidence.areas;
    double x = 0;
    double y = 0;
    for (size_t i = 0; i < 4; i++) {
        x += areas->x_m[i] / 4;
        y += areas->y_m[i] / 4;
    }
    assert_true(hypot(flags->x_m[0] - x, flags->y_m[0] - y) < 0.05);
    assert_null(flags->day);
    assert_null(flags->area);
    done(l);
}

static void an_id_of_the_people_that_no_area_has_is_a_problem(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("people.csv", "geoid,all,a,a_moe,day\n0601,1,1,1,1\n0609900,1,1,1,1\n604,1,1,1,1\n");
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_int_equal(l->problems.n_all, 2);
    assert_problem(l, 0, "people.csv:3: error: id '0609900' is in no area");
    assert_problem(l, 1,
                   "people.csv:4: error: id '604' is in no area; '0604' is one: has its leading "
                   "zero been lost?");
    l->c.people.source.invalid = ONUS_INVALID_EXCLUDE;
    l->c.protocol.max_excluded_frac = 0.7;
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_int_equal(input(l, "people")->used, 1);
    assert_string_equal(input(l, "people")->excluded[0].reason, "id in no area");
    assert_int_equal(input(l, "people")->excluded[0].rows, 2);
    done(l);
}

static void an_id_that_occurs_twice_is_a_problem(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("people.csv", "geoid,all,a,a_moe,day\n0601,1,1,1,1\n0602,1,1,1,1\n0601,2,1,1,1\n");
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0, "people.csv:4: error: id '0601' occurs twice (also in line 2)");
    done(l);
}

static void areas_without_people_are_counted_and_named(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("people.csv", "geoid,all,a,a_moe,day\n0602,5,9,1,1\n");
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_people *people = &l->evidence.people;
    assert_int_equal(people->n_areas_without_row, 3);
    assert_int_equal(people->has_row[0], 0);
    assert_int_equal(people->has_row[1], 1);
    assert_true(isnan(people->universes[0].total[0]));
    assert_true(isnan(people->benchmarks[0].values[3]));
    assert_string_equal(warning(l, "areas_without_row"),
                        "people.csv: 3 of 4 areas have no row in it: '0601', '0603', '0604'");
    assert_string_equal(warning(l, "group_over_total"),
                        "people.csv: in 1 areas the group 'A' has more residents than the total");
    done(l);
}

static void counted_areas_must_be_areas(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("counts.csv", "id,n\n0603,5\n0699,1\n0601,2\n0603,1\n");
    l->c.predictions = (onus_predictions_ref){.source = {.file = "counts.csv"},
                                              .form = ONUS_FORM_COUNTED_AREAS,
                                              .area = "id",
                                              .count = "n"};
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0, "counts.csv:3: error: id '0699' is in no area");
    l->c.predictions.source.invalid = ONUS_INVALID_EXCLUDE;
    l->c.protocol.max_excluded_frac = 0.25;
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_flags *flags = &l->evidence.flags;
    assert_int_equal(flags->n_flags, 3);
    assert_int_equal(flags->area[0], 2);
    assert_int_equal(flags->area[1], 0);
    assert_int_equal(flags->area[2], 2);
    assert_true(flags->counts[1] == 2);
    assert_null(flags->x_m);
    l->c.protocol.max_excluded_frac = 0.2;
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0,
                   "counts.csv: error: 1 of 4 rows could not be used (1 id in no area): 25 %, more "
                   "than the 20 % that protocol.max_excluded allows");
    done(l);
}

static void swapped_points_are_told_against_the_areas(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("boxes.csv", "lat,lon,n\n4.305,52.005,3\n4.315,52.005,1\n");
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0,
                   "boxes.csv: error: longitude and latitude look swapped, here or in the areas: "
                   "none of 2 points lies within the bounds of the areas, 2 do with the two "
                   "exchanged");
    write_text("boxes.csv", "lat,lon,n\n40,-74,3\n");
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_string_equal(warning(l, "all_outside"),
                        "boxes.csv: none of 1 points lies within the bounds of the areas");
    done(l);
}

static void all_inputs_are_looked_at_before_giving_up(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("areas.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}");
    write_text("boxes.csv", "lon,lat,n\n4.3,52,-3\n");
    l->c.outcomes.source.file = "absent.csv";
    l->c.outcomes.point.lon = "lon";
    l->c.outcomes.point.lat = "lat";
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_int_equal(l->problems.n_all, 3);
    assert_string_equal(l->problems.full[0].path, "areas.geojson");
    assert_string_equal(l->problems.full[1].path, "absent.csv");
    assert_problem(l, 2, "boxes.csv:2: error: column 'n' is '-3', not a count (0 or more)");
    done(l);
    l = new_case();
    assert_int_equal(unlink(temp_path("people.csv")), 0);
    load(l);
    assert_int_equal(l->status, ONUS_ERR_NOINPUT); /* nothing but a missing file */
    done(l);
}

static void points_in_feet_land_where_their_degrees_do(void **state) {
    (void)state;
    loaded *l = new_case();
    l->c.areas.source.file = NULL;
    l->c.people.source.file = NULL;
    write_text("boxes.csv", "x,y,n\n503000,633000,1\n503500,633000,1\n");
    l->c.predictions.point = (onus_point_ref){.x = "x", .y = "y", .crs = "EPSG:3424"};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_flags *flags = &l->evidence.flags;
    assert_true(flags->source_x[1] == 503500);
    assert_true(flags->lon_deg[0] > -75 && flags->lon_deg[0] < -74);
    assert_true(flags->lat_deg[0] > 40 && flags->lat_deg[0] < 41);
    assert_true(fabs(hypot(flags->x_m[1] - flags->x_m[0], flags->y_m[1] - flags->y_m[0]) - 152.4) <
                0.1);
    l->c.predictions.point.crs = "EPSG:0";
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0, "boxes.csv: error: 'EPSG:0' is no coordinate system that is known");
    done(l);
}

static void the_files_of_a_shapefile_are_all_named(void **state) {
    (void)state;
    loaded *l = new_case();
    load(l);
    GDALAllRegister();
    GDALDatasetH from = GDALOpenEx(temp_path("areas.geojson"), GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(from);
    GDALDatasetH to = GDALCreate(GDALGetDriverByName("ESRI Shapefile"), temp_path("areas.shp"), 0,
                                 0, 0, GDT_Unknown, NULL);
    assert_non_null(to);
    assert_non_null(GDALDatasetCopyLayer(to, GDALDatasetGetLayer(from, 0), "areas", NULL));
    (void)GDALClose(to);
    (void)GDALClose(from);
    l->c.areas.source.file = "areas.shp";
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_int_equal(l->evidence.areas.n_areas, 4);
    char dbf[65];
    assert_int_equal(onus_sha256_file(temp_path("areas.dbf"), dbf, NULL), ONUS_OK);
    assert_non_null(strstr(warning(l, "companion_files"), dbf));
    done(l);
}

static void a_raised_flag_stops_the_loading(void **state) {
    (void)state;
    loaded *l = new_case();
    onus_text text = {0};
    onus_text_add(&text, boxes_text);
    for (int i = 0; i < 9000; i++) {
        onus_text_add(&text, "4.3,52,1\n");
    }
    write_text("boxes.csv", text.data);
    onus_text_clear(&text);
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop};
    assert_int_equal(onus_evidence_load(&l->c, &context, &l->evidence, &l->problems),
                     ONUS_ERR_INTERRUPTED);
    done(l);
}

static void the_published_jurisdictions_load_without_a_word(void **state) {
    (void)state;
    const char *shared = getenv("ONUS_SHARED");
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s/data/predpol/boxes",
                   shared != NULL ? shared : "../shared");
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        print_message("# %s is absent: not tested\n", folder);
        skip();
    }
    (void)snprintf(folder, sizeof folder, "%s/data", shared != NULL ? shared : "../shared");
    size_t n = 0;
    size_t n_areas = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        char name[64];
        char areas[128];
        char boxes[128];
        if (sscanf(entry->d_name, "%60[a-z].csv", name) != 1) {
            continue;
        }
        (void)snprintf(areas, sizeof areas, "predpol/geometry/%s.geojson", name);
        (void)snprintf(boxes, sizeof boxes, "predpol/boxes/%s.csv", name);
        loaded *l = new_case();
        char *values[] = {name};
        onus_where where = {.column = "department", .values = {.items = values, .n = 1}};
        l->c.data_dir = folder;
        l->c.areas.source.file = areas;
        l->c.people.source =
            (onus_source){.file = "predpol/block_groups.csv", .where = &where, .n_where = 1};
        l->universe.total = "pop_total";
        l->group = (onus_group_ref){.name = "Latino", .column = "pop_latino"};
        l->c.people.n_benchmarks = 0;
        l->c.predictions.source.file = boxes;
        l->c.predictions.count = "pred_count";
        load(l);
        assert_int_equal(l->status, ONUS_OK);
        assert_int_equal(l->evidence.warnings.n_items, 0);
        assert_int_equal(input(l, "people")->used, l->evidence.areas.n_areas);
        n_areas += l->evidence.areas.n_areas;
        n++;
        done(l);
    }
    (void)closedir(dir);
    assert_int_equal(n, 30);
    assert_int_equal(n_areas, 4414);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("people.csv", "geoid,all,a,a_moe,day\n0602,5,9,1,1\n");
    write_text("boxes.csv", "lon,lat,start,kind\n4.305,52.005,2018-02-24 23:59,b\n"
                            "4.305,52.005,2018-02-25 00:00,a\n");
    onus_predictions_ref *p = &l->c.predictions;
    p->form = ONUS_FORM_BOXES;
    p->count = NULL;
    p->from = (onus_time_ref){.column = "start", .zone = "Europe/Amsterdam"};
    p->lasts_s = 60;
    p->type = "kind";
    l->c.outcomes = (onus_outcomes_ref){.source = {.file = "boxes.csv"},
                                        .time = {.column = "start", .zone = "Europe/Amsterdam"},
                                        .point = {.lon = "lon", .lat = "lat"},
                                        .type = "kind"};
    l->c.has_period = true;
    l->c.period_from = "2018-02-25";
    l->c.period_until = "2018-03-02";
    FAULT_EACH(fault) {
        l->problems = (onus_problems){0};
        l->status = onus_evidence_load(&l->c, NULL, &l->evidence, &l->problems);
        fault_expect(&fault, l->status);
        onus_evidence_clear(&l->evidence);
    }
    done(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_joined_by_id_whatever_their_order),
        cmocka_unit_test(flags_outside_every_area_stay),
        cmocka_unit_test(an_id_of_the_people_that_no_area_has_is_a_problem),
        cmocka_unit_test(an_id_that_occurs_twice_is_a_problem),
        cmocka_unit_test(areas_without_people_are_counted_and_named),
        cmocka_unit_test(counted_areas_must_be_areas),
        cmocka_unit_test(swapped_points_are_told_against_the_areas),
        cmocka_unit_test(all_inputs_are_looked_at_before_giving_up),
        cmocka_unit_test(points_in_feet_land_where_their_degrees_do),
        cmocka_unit_test(the_files_of_a_shapefile_are_all_named),
        cmocka_unit_test(a_raised_flag_stops_the_loading),
        cmocka_unit_test(the_published_jurisdictions_load_without_a_word),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("load", tests, make_temp_dir, remove_temp_dir);
}
