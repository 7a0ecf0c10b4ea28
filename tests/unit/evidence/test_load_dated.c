/* Evidence with dates: the period, flags, forecasts and records before, in and after it. */
#include "small_case.h"

#include <math.h>

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

int main(void) {
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests_name("load_dated", tests, make_temp_dir, remove_temp_dir);
}
