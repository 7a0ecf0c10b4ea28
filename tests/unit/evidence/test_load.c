/* The whole evidence of a case: joins, accounts, what is refused and what is only said. */
#include "../fault.h"

#include <dirent.h>
#include <math.h>

#include <gdal.h>

#include "onus/evidence.h"
#include "onus/text.h"
#include "temp_files.h"

/* Four areas of 0.01 degrees in a row, ids "0601" .. "0604"; town odd or even. */
static const char four_areas[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"geoid\":\"0601\"},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[4.30,52.00],[4.31,52.00],[4.31,52.01],[4.30,52.01],[4.30,52.00]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"geoid\":\"0602\"},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[4.31,52.00],[4.32,52.00],[4.32,52.01],[4.31,52.01],[4.31,52.00]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"geoid\":\"0603\"},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[4.32,52.00],[4.33,52.00],[4.33,52.01],[4.32,52.01],[4.32,52.00]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"geoid\":\"0604\"},\"geometry\":{\"type\":\"Polygon\","
    "\"coordinates\":[[[4.33,52.00],[4.34,52.00],[4.34,52.01],[4.33,52.01],[4.33,52.00]]]}}]}";

static const char people_text[] = "geoid,all,a,a_moe,day\n"
                                  "0602,200,50,12,90\n"
                                  "0601,100,40,,80\n"
                                  "0603,0,0,5,0\n"
                                  "0604,10,10,4,1\n";

static const char boxes_text[] = "lon,lat,n\n4.305,52.005,3\n4.315,52.005,0\n9.9,52.0,7\n";

typedef struct loaded {
    onus_case c;
    onus_group_ref group;
    onus_universe_ref universe;
    onus_benchmark_ref benchmark;
    onus_evidence evidence;
    onus_problems problems;
    onus_status status;
} loaded;

static loaded *new_case(void) {
    loaded *l = calloc(1, sizeof *l);
    assert_non_null(l);
    write_text("areas.geojson", four_areas);
    write_text("people.csv", people_text);
    write_text("boxes.csv", boxes_text);
    l->group = (onus_group_ref){.name = "A", .column = "a", .margin = "a_moe"};
    l->universe = (onus_universe_ref){
        .name = "residents", .total = "all", .groups = &l->group, .n_groups = 1};
    l->benchmark = (onus_benchmark_ref){.name = "daytime", .column = "day"};
    onus_case *c = &l->c;
    c->path = "case.yaml";
    c->data_dir = temp_dir;
    c->protocol.max_excluded_frac = 0.05;
    c->areas.source.file = "areas.geojson";
    c->areas.id = "geoid";
    c->people.source.file = "people.csv";
    c->people.id = "geoid";
    c->people.universes = &l->universe;
    c->people.n_universes = 1;
    c->people.benchmarks = &l->benchmark;
    c->people.n_benchmarks = 1;
    c->predictions.source.file = "boxes.csv";
    c->predictions.form = ONUS_FORM_COUNTED_BOXES;
    c->predictions.point.lon = "lon";
    c->predictions.point.lat = "lat";
    c->predictions.count = "n";
    return l;
}

static void load(loaded *l) {
    onus_evidence_clear(&l->evidence);
    l->problems = (onus_problems){0};
    l->status = onus_evidence_load(&l->c, NULL, &l->evidence, &l->problems);
    if (l->status == ONUS_OK) {
        assert_int_equal(l->problems.n_all, 0);
        const onus_input *inputs = l->evidence.inputs.items;
        for (size_t i = 0; i < l->evidence.inputs.n_items; i++) {
            assert_true(onus_input_adds_up(&inputs[i]));
        }
    } else {
        assert_int_equal(l->evidence.inputs.n_items, 0);
        assert_int_equal(l->evidence.areas.n_areas, 0);
    }
}

static void done(loaded *l) {
    onus_evidence_clear(&l->evidence);
    free(l);
}

static void assert_problem(const loaded *l, size_t k, const char *expected) {
    char text[1200];
    assert_true(k < l->problems.n_full);
    assert_string_equal(onus_error_format(&l->problems.full[k], text, sizeof text), expected);
}

static const char *warning(const loaded *l, const char *code) {
    const onus_load_warning *warnings = l->evidence.warnings.items;
    for (size_t i = 0; i < l->evidence.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

static const onus_input *input(const loaded *l, const char *role) {
    const onus_input *inputs = l->evidence.inputs.items;
    for (size_t i = 0; i < l->evidence.inputs.n_items; i++) {
        if (strcmp(inputs[i].role, role) == 0) {
            return &inputs[i];
        }
    }
    fail_msg("no input %s", role);
    return NULL;
}

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

static void the_period_is_half_open_and_chosen(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("boxes.csv", "lon,lat,start,kind\n"
                            "4.305,52.005,2018-02-24 23:59,b\n"
                            "4.305,52.005,2018-02-25 00:00,a\n"
                            "4.315,52.005,2018-03-01 12:00,b\n"
                            "4.315,52.005,2018-03-02 00:00,c\n");
    onus_predictions_ref *p = &l->c.predictions;
    p->form = ONUS_FORM_BOXES;
    p->count = NULL;
    p->from = (onus_time_ref){.column = "start", .zone = "Europe/Amsterdam"};
    p->lasts_s = 12 * 3600;
    p->type = "kind";
    l->c.has_period = true;
    l->c.period_from = "2018-02-25";
    l->c.period_until = "2018-03-02";
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_flags *flags = &l->evidence.flags;
    assert_int_equal(flags->n_flags, 2);
    assert_int_equal(input(l, "predictions")->rows, 4);
    assert_string_equal(input(l, "predictions")->excluded[0].reason, "outside period");
    assert_true(input(l, "predictions")->excluded[0].by_choice);
    assert_int_equal(flags->day[0], 17587);
    assert_true(flags->from_unix_s[0] == 17587 * 86400.0 - 3600);
    assert_true(flags->until_unix_s[0] - flags->from_unix_s[0] == 43200);
    assert_true(flags->counts[0] == 1);
    assert_int_equal(flags->n_types, 2);
    assert_string_equal(flags->types[flags->type[0]], "a");
    assert_string_equal(flags->types[flags->type[1]], "b");
    l->c.period_from = "2019-01-01";
    l->c.period_until = "2019-02-01";
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0,
                   "boxes.csv: error: no row lies in the period from 2019-01-01 until 2019-02-01");
    done(l);
}

static void flags_that_end_before_they_begin_are_problems(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("boxes.csv", "lon,lat,start,end,issued\n"
                            "4.305,52.005,2018-02-24T10:00Z,2018-02-24T12:00Z,2018-02-24T11:00Z\n"
                            "4.305,52.005,2018-02-25T10:00Z,2018-02-25T09:00Z,2018-02-24T11:00Z\n");
    onus_predictions_ref *p = &l->c.predictions;
    p->form = ONUS_FORM_BOXES;
    p->count = NULL;
    p->from.column = "start";
    p->until.column = "end";
    p->issued.column = "issued";
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0, "boxes.csv:3: error: the flag ends before it begins");
    write_text("boxes.csv", "lon,lat,start,end,issued\n"
                            "4.305,52.005,2018-02-24T10:00Z,2018-02-24T12:00Z,2018-02-24T11:00Z\n");
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_string_equal(warning(l, "issued_late"),
                        "boxes.csv: 1 of 1 flags were issued after the time they are for");
    done(l);
}

static void drawn_flags_keep_their_attributes_beside_them(void **state) {
    (void)state;
    loaded *l = new_case();
    static const char *const days[] = {"2018-01-01", "2018-01-02", "", "2018-01-04", "2018-01-05"};
    onus_text text = {0};
    onus_text_add(&text, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < 5; i++) {
        onus_text_addf(
            &text,
            "%s{\"type\":\"Feature\",\"properties\":{\"t\":\"%s\",\"kind\":\"%s\"},"
            "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[4.3%d,52],[4.3%d5,52],"
            "[4.3%d5,52.005],[4.3%d,52]]]}}",
            i == 0 ? "" : ",", days[i], i == 3 ? "other" : "wanted", i, i, i, i);
    }
    onus_text_add(&text, "]}");
    write_text("flags.geojson", text.data);
    onus_text_clear(&text);
    char *values[] = {"wanted"};
    onus_where where = {.column = "kind", .values = {.items = values, .n = 1}};
    l->c.protocol.max_excluded_frac = 0.3;
    l->c.predictions =
        (onus_predictions_ref){.source = {.file = "flags.geojson", .where = &where, .n_where = 1},
                               .form = ONUS_FORM_POLYGONS,
                               .from = {.column = "t", .zone = "UTC"}};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_flags *flags = &l->evidence.flags;
    assert_int_equal(flags->n_flags, 3);
    assert_int_equal(flags->shapes.n_areas, 3);
    static const double west[] = {4.30, 4.31, 4.34};
    static const int32_t day[] = {17532, 17533, 17536};
    for (size_t i = 0; i < 3; i++) {
        const size_t first = flags->shapes.ring_points[flags->shapes.area_rings[i]];
        assert_true(fabs(flags->shapes.lon_deg[first] - west[i]) < 1e-9);
        assert_int_equal(flags->day[i], day[i]);
    }
    assert_string_equal(flags->shapes.projection, l->evidence.areas.projection);
    assert_int_equal(input(l, "predictions")->rows, 5);
    assert_int_equal(input(l, "predictions")->used, 3);
    done(l);
}

static void drawn_flags_without_a_shape_take_their_row_along(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("flags.geojson",
               "{\"type\":\"FeatureCollection\",\"features\":["
               "{\"type\":\"Feature\",\"properties\":{\"t\":\"2018-01-01\"},\"geometry\":null},"
               "{\"type\":\"Feature\",\"properties\":{\"t\":\"2018-01-02\"},\"geometry\":{\"type\":"
               "\"Polygon\",\"coordinates\":[[[4.31,52],[4.315,52],[4.315,52.005],[4.31,52]]]}}]}");
    l->c.protocol.max_excluded_frac = 0.5;
    l->c.predictions =
        (onus_predictions_ref){.source = {.file = "flags.geojson", .invalid = ONUS_INVALID_EXCLUDE},
                               .form = ONUS_FORM_POLYGONS,
                               .from = {.column = "t", .zone = "UTC"}};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_int_equal(l->evidence.flags.n_flags, 1);
    assert_int_equal(l->evidence.flags.shapes.n_areas, 1);
    assert_int_equal(l->evidence.flags.day[0], 17533);
    assert_int_equal(input(l, "predictions")->rows, 2);
    assert_string_equal(input(l, "predictions")->excluded[0].reason, "no geometry");
    done(l);
}

static void outcomes_by_cell_without_a_grid_are_said(void **state) {
    (void)state;
    loaded *l = new_case();
    l->c.outcomes.source.file = "no-such.csv";
    l->c.outcomes.cell = "bin";
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    assert_non_null(warning(l, "not_read"));
    assert_int_equal(l->evidence.outcomes.n_outcomes, 0);
    done(l);
}

/* The four areas as cells; rates by day, one missing; records by cell before and in the period. */
static void name_cells(loaded *l) {
    write_text("counts.csv", "bin,day,n\n"
                             "0602,2018-02-24,5\n0601,2018-02-25,1\n0604,2018-02-26,2\n"
                             "0603,2018-02-20,4\n0601,2018-02-28,9\n");
    l->c.grid.source.file = "areas.geojson";
    l->c.grid.id = "geoid";
    l->c.areas = (onus_areas_ref){0};
    l->c.people = (onus_people_ref){0};
    l->c.outcomes = (onus_outcomes_ref){.source = {.file = "counts.csv"},
                                        .time = {.column = "day", .zone = "Europe/Amsterdam"},
                                        .cell = "bin",
                                        .count = "n"};
    l->c.has_period = true;
    l->c.period_from = "2018-02-25";
    l->c.period_until = "2018-02-27";
    l->c.protocol.window_s = 86400;
    static char *baselines[] = {"moving_count"};
    l->c.protocol.baselines = (onus_strings){.items = baselines, .n = 1};
}

static void rates_of_a_wide_forecast_are_found_by_cell_and_day(void **state) {
    (void)state;
    loaded *l = new_case();
    name_cells(l);
    write_text("rates.csv", "geoid,note,2018-02-26,2018-02-25,2018-02-27\n"
                            "0604,x,4,3,9\n0601,y,,1,9\n0602,z,0.5,2,9\n");
    l->c.predictions = (onus_predictions_ref){
        .source = {.file = "rates.csv"}, .form = ONUS_FORM_RISK, .cell = "geoid", .wide = "date"};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_forecast *f = &l->evidence.forecast;
    assert_int_equal(f->n_cells, 4);
    assert_int_equal(f->n_windows, 2);
    assert_int_equal(f->n_outside, 1);
    assert_int_equal(f->n_missing, 3);
    assert_true(f->rates[0] == 1 && f->rates[1] == 2 && isnan(f->rates[2]) && f->rates[3] == 3);
    assert_true(isnan(f->rates[4]) && f->rates[5] == 0.5 && f->rates[7] == 4);
    assert_int_equal(f->day[0], 17587);
    assert_true(f->from_unix_s[0] == 17587 * 86400.0 - 3600);
    assert_true(f->until_unix_s[0] == f->from_unix_s[1]);
    assert_int_equal(f->file_order[3], 0);
    assert_int_equal(f->file_order[2], INT32_MAX);
    assert_non_null(warning(l, "missing_rates"));
    assert_non_null(warning(l, "windows_outside"));
    done(l);
}

static void rates_of_a_long_forecast_are_the_same(void **state) {
    (void)state;
    loaded *l = new_case();
    name_cells(l);
    write_text("rates.csv", "geoid,day,rate\n0604,2018-02-26,4\n0604,2018-02-25,3\n"
                            "0601,2018-02-25,1\n0602,2018-02-25,2\n0602,2018-02-26,0.5\n"
                            "0601,2018-02-26,\n0602,2018-02-27,9\n");
    l->c.predictions =
        (onus_predictions_ref){.source = {.file = "rates.csv"},
                               .form = ONUS_FORM_RISK,
                               .cell = "geoid",
                               .rate = "rate",
                               .from = {.column = "day", .zone = "Europe/Amsterdam"}};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_forecast *f = &l->evidence.forecast;
    assert_int_equal(f->n_windows, 2);
    assert_int_equal(f->n_missing, 3);
    assert_true(f->rates[0] == 1 && f->rates[1] == 2 && isnan(f->rates[2]) && f->rates[3] == 3);
    assert_true(f->rates[5] == 0.5 && f->rates[7] == 4);
    assert_true(f->until_unix_s[0] == f->from_unix_s[1]);
    write_text("rates.csv", "geoid,day,rate\n0604,2018-02-26,4\n0604,2018-02-26,3\n"
                            "0699,2018-02-26,3\n0601,2018-02-26,-1\n");
    load(l);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_problem(l, 0, "rates.csv:5: error: column 'rate' is '-1', not a count (0 or more)");
    write_text("rates.csv",
               "geoid,day,rate\n0604,2018-02-26,4\n0604,2018-02-26,3\n0699,2018-02-26,3\n");
    load(l);
    assert_int_equal(l->problems.n_all, 2);
    assert_problem(l, 0, "rates.csv:3: error: cell '0604' occurs twice in one window");
    assert_problem(l, 1, "rates.csv:4: error: id '0699' is in no cell of the grid");
    done(l);
}

static void records_from_before_the_period_stand_behind_the_others(void **state) {
    (void)state;
    loaded *l = new_case();
    name_cells(l);
    write_text("rates.csv", "geoid,2018-02-25\n0604,4\n");
    l->c.predictions = (onus_predictions_ref){
        .source = {.file = "rates.csv"}, .form = ONUS_FORM_RISK, .cell = "geoid", .wide = "date"};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_outcomes *o = &l->evidence.outcomes;
    assert_int_equal(o->n_outcomes, 2);
    assert_int_equal(o->n_history, 2);
    static const int32_t cells[] = {0, 3, 1, 2};
    static const double counts[] = {1, 2, 5, 4};
    assert_memory_equal(o->cell, cells, sizeof cells);
    assert_memory_equal(o->counts, counts, sizeof counts);
    assert_int_equal(o->day[2], 17586);
    assert_int_equal(input(l, "outcomes")->used, 2);
    assert_int_equal(input(l, "outcomes")->n_excluded, 2);
    assert_true(input(l, "outcomes")->excluded[1].by_choice);
    l->c.protocol.baselines.n = 0; /* nobody looks back */
    load(l);
    assert_int_equal(l->evidence.outcomes.n_history, 0);
    assert_int_equal(l->evidence.outcomes.n_outcomes, 2);
    assert_int_equal(input(l, "outcomes")->n_excluded, 1);
    done(l);
}

static void records_without_a_place_are_counted_by_type_and_day(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("incidents.csv", "lon,lat,t,kind\n4.305,52.005,2018-02-25,THEFT\n"
                                ",,2018-02-26,DRUGS\n4.306,,2018-02-27,THEFT\n"
                                ",,2017-02-27,THEFT\n4.307,52.005,2017-02-25,ARSON\n");
    l->c.outcomes = (onus_outcomes_ref){.source = {.file = "incidents.csv"},
                                        .time = {.column = "t", .zone = "UTC"},
                                        .point = {.lon = "lon", .lat = "lat"},
                                        .type = "kind"};
    l->c.protocol.max_excluded_frac = 0.9;
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_outcomes *o = &l->evidence.outcomes;
    assert_int_equal(o->n_outcomes, 2);
    assert_int_equal(o->n_missing, 3);
    assert_int_equal(o->n_types, 3);
    assert_string_equal(o->types[o->missing_type[0]], "DRUGS");
    assert_string_equal(o->types[o->type[1]], "ARSON");
    assert_int_equal(o->missing_day[1], 17589);
    assert_int_equal(input(l, "outcomes")->excluded[0].rows, 3);
    done(l);
}

static void visits_and_the_region_are_read(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("visits.csv", "lon,lat,a,b\n4.305,52.005,2018-02-25 10:00,2018-02-25 10:20\n"
                             "4.305,52.005,2018-02-25 11:00,\n");
    l->c.patrols = (onus_patrols_ref){.source = {.file = "visits.csv"},
                                      .point = {.lon = "lon", .lat = "lat"},
                                      .from = {.column = "a", .zone = "UTC"},
                                      .until = {.column = "b", .zone = "UTC"}};
    l->c.region.source.file = "areas.geojson";
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_patrols *p = &l->evidence.patrols;
    assert_int_equal(p->n_visits, 2);
    assert_true(p->until_unix_s[0] - p->from_unix_s[0] == 1200);
    assert_true(isnan(p->until_unix_s[1]));
    assert_int_equal(l->evidence.region.n_areas, 4);
    assert_string_equal(l->evidence.region.projection, l->evidence.projection);
    assert_int_equal(l->evidence.warnings.n_items, 0);
    done(l);
}

static void outcomes_know_who_made_the_record(void **state) {
    (void)state;
    loaded *l = new_case();
    write_text("incidents.csv", "lon,lat,t,kind,k\n"
                                "4.305,52.005,2018-10-28 02:30,THEFT,1\n"
                                "4.306,52.005,2018-02-25 02:30,DRUGS,2\n"
                                "4.307,52.005,2018-02-25 02:30,,3\n"
                                "50,10,2018-02-25 02:30,THEFT,1\n");
    char *officer[] = {"DRUGS", "LOITERING"};
    onus_mapping made_by = {.name = "officer", .values = {.items = officer, .n = 2}};
    l->c.outcomes = (onus_outcomes_ref){.source = {.file = "incidents.csv"},
                                        .time = {.column = "t", .zone = "Europe/Amsterdam"},
                                        .point = {.lon = "lon", .lat = "lat"},
                                        .count = "k",
                                        .type = "kind",
                                        .made_by = &made_by,
                                        .n_made_by = 1};
    load(l);
    assert_int_equal(l->status, ONUS_OK);
    const onus_outcomes *o = &l->evidence.outcomes;
    assert_int_equal(o->n_outcomes, 4);
    static const uint8_t by_officer[] = {0, 1, 0, 0};
    assert_memory_equal(o->by_officer, by_officer, 4);
    assert_true(o->counts[2] == 3);
    assert_int_equal(o->day[1], 17587);
    assert_non_null(o->x_m);
    assert_string_equal(warning(l, "unused_value"),
                        "incidents.csv: source.officer names 'LOITERING', which no record has in "
                        "column 'kind'");
    assert_string_equal(warning(l, "clock_change"),
                        "incidents.csv: in column 't', 1 local times occur twice and 0 never in "
                        "Europe/Amsterdam (clock change); the earlier instant was taken");
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
        cmocka_unit_test(the_period_is_half_open_and_chosen),
        cmocka_unit_test(flags_that_end_before_they_begin_are_problems),
        cmocka_unit_test(drawn_flags_keep_their_attributes_beside_them),
        cmocka_unit_test(drawn_flags_without_a_shape_take_their_row_along),
        cmocka_unit_test(outcomes_by_cell_without_a_grid_are_said),
        cmocka_unit_test(rates_of_a_wide_forecast_are_found_by_cell_and_day),
        cmocka_unit_test(rates_of_a_long_forecast_are_the_same),
        cmocka_unit_test(records_from_before_the_period_stand_behind_the_others),
        cmocka_unit_test(records_without_a_place_are_counted_by_type_and_day),
        cmocka_unit_test(visits_and_the_region_are_read),
        cmocka_unit_test(outcomes_know_who_made_the_record),
        cmocka_unit_test(points_in_feet_land_where_their_degrees_do),
        cmocka_unit_test(the_files_of_a_shapefile_are_all_named),
        cmocka_unit_test(a_raised_flag_stops_the_loading),
        cmocka_unit_test(the_published_jurisdictions_load_without_a_word),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("load", tests, make_temp_dir, remove_temp_dir);
}
