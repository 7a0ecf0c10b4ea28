/* For tests of loading: a case of four areas, three boxes and one group, and what loading it gave.
 */
#ifndef ONUS_TEST_SMALL_CASE_H
#define ONUS_TEST_SMALL_CASE_H

#include "../fault.h"

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

static inline loaded *new_case(void) {
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

static inline void load(loaded *l) {
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

static inline void done(loaded *l) {
    onus_evidence_clear(&l->evidence);
    free(l);
}

static inline void assert_problem(const loaded *l, size_t k, const char *expected) {
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

#endif
