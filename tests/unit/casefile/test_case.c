/* Case files: what is read, what is refused, and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"
#include "onus/case.h"
#include "onus/text.h"

#define HEAD "onus: 1\ntitle: T\nkind: place\n"
#define BOXES                                                                                      \
    "predictions: {form: counted_boxes, file: b.csv, lon: lon, lat: lat, count: n, size: 150 m}\n"
#define AREAS "areas: {file: a.geojson, id: geoid}\n"
#define PEOPLE                                                                                     \
    "people: {file: p.csv, id: geoid, universes: [{name: residents, total: t, groups: {A: a, B: "  \
    "b}}]}\n"

static const char whole[] =
    "onus: 1\n"
    "title: \"Boxes: a test\"\n"
    "kind: place\n"
    "region: {file: r.geojson, crs: EPSG:4326}\n"
    "areas: {file: a.gpkg, layer: tracts, id: geoid, where: {state: [\"06\", \"07\"], year: "
    "2018}}\n"
    "people:\n"
    "  file: p.csv\n"
    "  id: geoid\n"
    "  delimiter: tab\n"
    "  header: [geoid, t, a, b, hh]\n"
    "  invalid: exclude\n"
    "  universes:\n"
    "    - name: residents\n"
    "      total: t\n"
    "      groups: {A: a, \"Group B\": b}\n"
    "    - {name: households, total: hh, groups: {\"under $45k\": lt45}}\n"
    "  margins: {a: a_moe, t: t_moe}\n"
    "  benchmarks: [{name: daytime people, column: day}]\n"
    "outcomes:\n"
    "  file: o.csv.gz\n"
    "  time: {column: when, format: \"%d/%m/%Y %H:%M\", zone: UTC}\n"
    "  x: x\n"
    "  y: y\n"
    "  crs: EPSG:2263\n"
    "  type: kind\n"
    "  types: {burglary: [B1, B2], robbery: R}\n"
    "  source: {officer: [D1]}\n"
    "predictions:\n"
    "  form: boxes\n"
    "  file: b.csv\n"
    "  lon: lon\n"
    "  lat: lat\n"
    "  size: 500 ft\n"
    "  from: {column: start}\n"
    "  lasts: 12 h\n"
    "  type: crime\n"
    "  assign: centre\n"
    "grid: {cell: 0.15 km, crs: auto}\n"
    "period: {from: 2018-02-25, until: 2018-12-18}\n"
    "protocol:\n"
    "  budget: [0.5 %, 1 %, 0.05]\n"
    "  top_cells: 20\n"
    "  conventions: [onus, markup-2021]\n"
    "  baselines: [uniform, kde]\n"
    "  resample: {unit: area, replicates: 500, level: 0.9}\n"
    "  top: 10 %\n"
    "  sensitivity: {box: [500 ft, 600 ft], shift: true}\n"
    "  seed: 20181218\n"
    "  suppress_below: 11\n"
    "  max_excluded: 0.1\n"
    "feedback: {models: [grid, urn], patrols: 15, discovery: [0, 0.5], reported: {column: rate},\n"
    "           urn: {rates: [3.6, 2.8], matrix: [[3.6, 0], [0, 2.8]]}}\n"
    "claims:\n"
    "  - say: \"objective\"\n"
    "    measure: burden.ratio\n"
    "    scope: {universe: residents, group: Group B, top: 1 %, decile: 3, year: \"2018\"}\n"
    "    at_most: 1.25\n"
    "  - {say: both, measure: burden.share, at_least: 5 %, at_most: 0.5}\n";

static onus_status parse(const char *text, onus_case *c, onus_problems *problems) {
    memset(problems, 0, sizeof *problems);
    return onus_case_parse(text, strlen(text), "dir/case.yaml", NULL, c, problems);
}

/* The text is refused with exactly these messages, one a line, each without its "dir/case.yaml:".
 */
static void refused(const char *text, const char *expected) {
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(text, &c, &problems), ONUS_ERR_DATA);
    assert_null(c.title); /* a refused case is empty */
    onus_text all = {0};
    for (size_t i = 0; i < problems.n_full; i++) {
        char buf[1200];
        (void)onus_error_format(&problems.full[i], buf, sizeof buf);
        assert_true(onus_text_starts(buf, "dir/case.yaml:"));
        onus_text_add(&all, buf + strlen("dir/case.yaml:"));
        onus_text_add(&all, "\n");
    }
    char *got = onus_text_take(&all);
    assert_non_null(got);
    if (strcmp(got, expected) != 0) {
        fail_msg("for\n%s\nexpected\n%s\ngot\n%s", text, expected, got);
    }
    onus_free(got);
}

static void accepted(const char *text) {
    onus_case c;
    onus_problems problems;
    const onus_status status = parse(text, &c, &problems);
    if (status != ONUS_OK) {
        char buf[1200];
        fail_msg("%s\n%s", onus_error_format(&problems.full[0], buf, sizeof buf), text);
    }
    onus_case_clear(&c);
}

static void every_key_of_a_place_case_reaches_its_field(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(whole, &c, &problems), ONUS_OK);
    assert_int_equal(problems.n_all, 0);
    assert_string_equal(c.path, "dir/case.yaml");
    assert_string_equal(c.data_dir, "dir");
    assert_int_equal(strlen(c.sha256), 64);
    assert_string_equal(c.title, "Boxes: a test");
    assert_int_equal(c.kind, ONUS_KIND_PLACE);
    assert_string_equal(c.region.crs, "EPSG:4326");
    assert_string_equal(c.areas.source.layer, "tracts");
    assert_int_equal(c.areas.source.at.line, 5);
    assert_int_equal(c.areas.source.n_where, 2);
    assert_string_equal(c.areas.source.where[0].column, "state");
    assert_int_equal(c.areas.source.where[0].values.n, 2);
    assert_string_equal(c.areas.source.where[0].values.items[1], "07");
    assert_string_equal(c.areas.source.where[1].values.items[0], "2018");
    assert_int_equal(c.people.source.delimiter, '\t');
    assert_int_equal(c.people.source.header.n, 5);
    assert_int_equal(c.people.source.invalid, ONUS_INVALID_EXCLUDE);
    assert_int_equal(c.areas.source.invalid, ONUS_INVALID_STOP);
    assert_int_equal(c.people.n_universes, 2);
    const onus_universe_ref *residents = &c.people.universes[0];
    assert_string_equal(residents->total_margin, "t_moe");
    assert_int_equal(residents->n_groups, 2);
    assert_string_equal(residents->groups[0].margin, "a_moe");
    assert_string_equal(residents->groups[1].name, "Group B");
    assert_null(residents->groups[1].margin);
    assert_int_equal(residents->groups[1].at.line, 15);
    assert_string_equal(c.people.universes[1].groups[0].name, "under $45k");
    assert_string_equal(c.people.benchmarks[0].column, "day");
    assert_string_equal(c.outcomes.time.format, "%d/%m/%Y %H:%M");
    assert_string_equal(c.outcomes.point.crs, "EPSG:2263");
    assert_int_equal(c.outcomes.n_types, 2);
    assert_string_equal(c.outcomes.types[0].values.items[1], "B2");
    assert_string_equal(c.outcomes.made_by[0].name, "officer");
    assert_int_equal(c.predictions.form, ONUS_FORM_BOXES);
    assert_true(c.predictions.width_m == 500 * 0.3048);
    assert_true(c.predictions.height_m == c.predictions.width_m);
    assert_true(c.predictions.lasts_s == 43200);
    assert_string_equal(c.predictions.from.column, "start");
    assert_int_equal(c.predictions.from.at.line, 34);
    assert_int_equal(c.predictions.assign, ONUS_ASSIGN_CENTRE);
    assert_true(c.grid.cell_m == 150);
    assert_true(c.has_period);
    assert_string_equal(c.period_until, "2018-12-18");
    const onus_protocol *p = &c.protocol;
    assert_int_equal(p->budget_frac.n, 3);
    assert_true(p->budget_frac.items[0] == 0.005 && p->budget_frac.items[2] == 0.05);
    assert_int_equal(p->top_cells.n, 1);
    assert_true(p->top_cells.items[0] == 20);
    assert_true(p->conventions[ONUS_CONVENTION_ONUS] &&
                p->conventions[ONUS_CONVENTION_MARKUP_2021]);
    assert_string_equal(p->baselines.items[1], "kde");
    assert_int_equal(p->unit, ONUS_UNIT_AREA);
    assert_int_equal(p->n_replicates, 500);
    assert_true(p->level == 0.9 && p->top_frac == 0.1 && p->max_excluded_frac == 0.1);
    assert_int_equal(p->seed, 20181218);
    assert_int_equal(p->suppress_below, 11);
    assert_true(p->sensitivity_shift && !p->sensitivity_rotate);
    assert_int_equal(p->sensitivity_box_m.n, 2);
    assert_true(c.has_feedback);
    const onus_feedback_ref *f = &c.feedback;
    assert_true(f->models[ONUS_FEEDBACK_GRID] && f->models[ONUS_FEEDBACK_URN]);
    assert_false(f->models[ONUS_FEEDBACK_LUM_ISAAC]);
    assert_true(f->rules[ONUS_FEEDBACK_TOP] && !f->rules[ONUS_FEEDBACK_PROPORTIONAL]);
    assert_int_equal(f->n_patrols, 15);
    assert_int_equal(f->discovery.n, 2);
    assert_true(f->discovery.items[1] == 0.5);
    assert_string_equal(f->reported_column, "rate");
    assert_true(f->urn.given && f->urn.matrix.n == 4 && f->urn.matrix.items[3] == 2.8);
    assert_int_equal(f->n_days, 0);
    assert_true(f->window_s == 180.0 * 86400.0 && f->repair && f->bound_frac == 0.1);
    assert_int_equal(c.n_claims, 2);
    assert_true(c.claims[0].has_at_most && !c.claims[0].has_at_least);
    assert_true(c.claims[0].at_most == 1.25);
    assert_int_equal(c.claims[0].n_scope, 5);
    assert_string_equal(c.claims[0].scope[1].text, "Group B");
    assert_false(c.claims[0].scope[1].is_number);
    assert_true(c.claims[0].scope[2].is_number && c.claims[0].scope[2].number == 0.01);
    assert_true(c.claims[0].scope[3].is_number && c.claims[0].scope[3].number == 3);
    assert_false(c.claims[0].scope[4].is_number); /* quoted: a text */
    assert_true(c.claims[1].at_least == 0.05 && c.claims[1].at_most == 0.5);
    assert_int_equal(c.claims[1].at.line, 58);
    onus_case_clear(&c);
    onus_case_clear(&c); /* clearing twice is legal */
}

static void a_case_with_five_faults_reports_all_five(void **state) {
    (void)state;
    refused("onus: 1\n"
            "title: Five faults\n"
            "kind: place\n"
            "areas: {file: a.geojson, id: geoid}\n"
            "protocol:\n"
            "  seed: 42abc\n"
            "  replicats: 200\n"
            "  resample: {level: 1.5}\n"
            "predictions: {form: counted_boxes, file: b.csv, lon: lon, lat: lat, count: n, "
            "size: 250}\n"
            "claims:\n"
            "  - {say: fair, measure: burden.ratio}\n",
            "6:9: error: 'protocol.seed' is '42abc', not a whole number\n"
            "7:3: error: unknown key 'protocol.replicats'; did you mean 'replicates'?\n"
            "8:21: error: 'protocol.resample.level' is '1.5'; it must be above 0 and below 1\n"
            "9:85: error: 'predictions.size' is '250', not a length with its unit, such as '150 m' "
            "or '500 ft'\n"
            "11:5: error: missing key 'claims[].at_least' or 'at_most': a claim has a bound that "
            "was fixed beforehand\n");
}

static void keys_that_are_unknown_get_the_best_guess(void **state) {
    (void)state;
    refused(HEAD BOXES "claim: []\n", "5:1: error: unknown key 'claim'; did you mean 'claims'?\n");
    refused(HEAD BOXES "protocol: {level: 0.9}\n",
            "5:12: error: unknown key 'protocol.level'; it belongs under 'protocol.resample'\n");
    refused(
        HEAD BOXES "labels: {file: x}\n",
        "5:1: error: key 'labels' belongs to cases of kind affect; this one is of kind place\n");
    refused(HEAD BOXES "areas.file: x\n",
            "5:1: error: unknown key 'areas.file'; a key within a block is written 'block: {key: "
            "value}'\n");
    refused(HEAD BOXES "zzzzzzzz: 1\n", "5:1: error: unknown key 'zzzzzzzz'\n");
    refused(HEAD BOXES "outcomes: {file: o.csv, lon: x, lat: y, type: t, source: {press: [A]}}\n",
            "5:59: error: unknown key 'outcomes.source.press'; expected citizen, officer\n");
}

static void repeated_keys_are_refused_with_the_line_of_the_first(void **state) {
    (void)state;
    refused(HEAD BOXES "title: U\n",
            "5:1: error: key 'title' is given twice; the first is on line 2\n");
    refused(HEAD AREAS BOXES
            "people: {file: p, id: i, universes: [{name: r, total: t, groups: {A: a, A: b}}]}\n",
            "6:73: error: key 'A' is given twice; the first is on line 6\n");
}

static void values_of_the_wrong_type_are_refused(void **state) {
    (void)state;
    refused("onus: 2\ntitle: T\nkind: place\n" BOXES,
            "1:7: error: 'onus' is '2'; it must be at least 1 and at most 1\n");
    refused("onus: 1\ntitle: T\nkind: plase\n" BOXES,
            "3:7: error: 'kind' is 'plase', not one of place, match, affect; did you mean "
            "'place'?\n");
    refused("onus: 1\ntitle:\nkind: place\n" BOXES, "2:7: error: 'title' has no value; expected a "
                                                    "text\n");
    refused("onus: 1\ntitle: {a: b}\nkind: place\n" BOXES,
            "2:8: error: 'title' is a block of keys, not a text\n");
    refused("onus: 1\ntitle: [a]\nkind: place\n" BOXES, "2:8: error: 'title' is a list, not a "
                                                        "text\n");
    refused(HEAD BOXES "areas: a.geojson\n",
            "5:8: error: 'areas' is 'a.geojson', not a block of keys\n");
    refused(HEAD BOXES "claims: fair\n", "5:9: error: 'claims' is 'fair', not a list of blocks\n");
    refused(HEAD BOXES "claims: [fair]\n",
            "5:10: error: 'claims' is 'fair', not a block of keys in this list\n");
    refused(HEAD BOXES "protocol: {seed: \"7\"}\n",
            "5:18: error: 'protocol.seed' is '7', not a bare value: take the quotes away\n");
    refused(HEAD BOXES "protocol: {seed: 1.5}\n",
            "5:18: error: 'protocol.seed' is '1.5', not a whole number\n");
    refused(HEAD BOXES "protocol: {sensitivity: {shift: maybe}}\n",
            "5:33: error: 'protocol.sensitivity.shift' is 'maybe', not true or false\n");
    refused(HEAD BOXES "protocol: {window: 1}\n",
            "5:20: error: 'protocol.window' is '1', not a span with its unit, such as '7 d' or '12 "
            "h'\n");
    refused(HEAD BOXES "protocol: {top: 5 m}\n",
            "5:17: error: 'protocol.top' is '5 m', not a number or a share such as '5 %'\n");
    refused(HEAD BOXES "protocol: {budget: []}\n",
            "5:20: error: 'protocol.budget' is an empty list; leave the key out or name "
            "something\n");
    refused(HEAD BOXES "protocol: {budget: {a: 1}}\n",
            "5:20: error: 'protocol.budget' is a block of keys, not a list\n");
    refused(HEAD BOXES "protocol: {conventions: [onus, markup-2022]}\n",
            "5:32: error: 'protocol.conventions' is 'markup-2022', not one of onus, markup-2021; "
            "did you mean 'markup-2021'?\n");
    refused(HEAD BOXES "areas: {file: a, id: i, delimiter: \"|\"}\n",
            "5:36: error: 'areas.delimiter' is '|', not one of ',', ';', tab, space\n");
    refused(HEAD BOXES "feedback: {models: urn, urn: {rates: [1, 2], matrix: [[1, 2], [3]]}}\n",
            "5:63: error: row 2 of 'feedback.urn.matrix' is not a list of 2 numbers; the matrix is "
            "square\n");
    refused(HEAD BOXES "feedback: {models: urn, urn: {rates: [1, 2], matrix: [[1, 2], [3, -1]]}}\n",
            "5:67: error: 'feedback.urn.matrix' is '-1'; it must be at least 0 and at most "
            "1000000\n");
    refused(HEAD BOXES "period: {from: 2018-02-30, until: 2018-03-01}\n",
            "5:16: error: 'period.from' is '2018-02-30', not an ISO 8601 date or time, such as "
            "2018-02-25\n");
    refused(HEAD BOXES "outcomes: {file: o, lon: x, lat: y, time: {column: t, format: \"%Q\"}}\n",
            "5:63: error: 'outcomes.time.format' is '%Q'; '%Q' is not a letter that is known: %Y "
            "%m %d %H %M %S %y %b %p %I %z %T %D %F\n");
}

#define WORLD                                                                                      \
    "outcomes: {file: o, lon: x, lat: y, time: {column: t}}\n"                                     \
    "grid: {cell: 200 m}\n"                                                                        \
    "period: {from: 2018-01-01, until: 2018-12-31}\n"

static void feedback_that_cannot_be_simulated_is_refused(void **state) {
    (void)state;
    refused(HEAD "feedback: {models: [grid]}\n",
            "4:20: error: model 'grid' needs 'outcomes': what it simulates is drawn from the "
            "records\n"
            "4:20: error: model 'grid' needs 'period': it starts from the records of the window "
            "before it\n"
            "4:20: error: model 'grid' needs 'grid': {file, id} or {cell}, the places that are "
            "patrolled\n");
    refused(HEAD WORLD "feedback: {days: 90, horizons: [30, 91]}\n",
            "7:32: error: 'feedback.horizons' has 91, but 'feedback.days' is 90\n");
    refused(HEAD WORLD "feedback: {horizons: [90, 30]}\n",
            "7:22: error: 'feedback.horizons' is not in ascending order\n");
    refused(HEAD WORLD "feedback: {discovery: [0.2, 0, 0.2]}\n",
            "7:23: error: 'feedback.discovery' has 0.2 twice\n");
    refused(HEAD WORLD "feedback: {models: lum_isaac, discovery: [0, 1.5], rules: [top, "
                       "proportional], scores: kde, truth: flat}\n",
            "7:42: error: 'feedback.discovery' is a share for model 'lum_isaac': at most 1\n"
            "7:59: error: 'feedback.rules: proportional' means nothing for model 'lum_isaac', "
            "which flags the highest cells\n"
            "7:88: error: 'feedback.scores' can only be self_exciting for model 'lum_isaac'\n"
            "7:100: error: 'feedback.truth' means nothing for model 'lum_isaac', which adds to the "
            "records as they are\n");
    refused(HEAD WORLD "feedback: {reported: {column: rate}}\n",
            "7:31: error: 'feedback.reported.column' is a column of the people table, and the case "
            "has no 'people'\n");
    refused(HEAD "feedback: {models: urn}\n",
            "4:20: error: model 'urn' needs 'feedback.urn: {rates}', the incidents a draw in each "
            "area\n");
    refused(HEAD "feedback: {models: urn, urn: {rates: 3}}\n",
            "4:38: error: 'feedback.urn.rates' has 1 area; an urn is drawn from two or more\n");
    refused(HEAD
            "feedback: {models: urn, urn: {rates: [3, 2], start: [1, 1, 1], names: [A], matrix: "
            "[[1]]}}\n",
            "4:53: error: 'feedback.urn.start' has 3 areas and 'feedback.urn.rates' 2\n"
            "4:71: error: 'feedback.urn.names' has 1 areas and 'feedback.urn.rates' 2\n"
            "4:84: error: 'feedback.urn.matrix' has 1 areas and 'feedback.urn.rates' 2\n");
    refused(HEAD "feedback: {models: urn, urn: {rates: [0, 0], start: [0, 0]}}\n",
            "4:38: error: 'feedback.urn.rates' is 0 everywhere\n"
            "4:53: error: 'feedback.urn.start' is 0 everywhere: nothing could be drawn\n");
    refused(HEAD WORLD "feedback: {urn: {rates: [1, 2]}}\n",
            "7:17: error: 'feedback.urn' means nothing without 'urn' among 'feedback.models'\n");
    refused(HEAD WORLD "feedback: {runs: 0, bound: 200 %, reported: 1.5, window: 3 h}\n",
            "7:18: error: 'feedback.runs' is '0'; it must be at least 1 and at most 1000000\n"
            "7:28: error: 'feedback.bound' is '200 %'; it must be above 0 and at most 1\n"
            "7:45: error: 'feedback.reported' is '1.5'; it must be at least 0 and at most 1\n"
            "7:58: error: 'feedback.window' is '3 h'; it must be at least 86400 and at most "
            "3155760000\n");
}

static void numbers_with_trailing_junk_are_refused(void **state) {
    (void)state;
    static const char *const junk[] = {"42abc", "250km", "1e",  "0x10",
                                       "1_000", "1,5",   "nan", "inf"};
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++) {
        char text[512];
        char message[256];
        (void)snprintf(text, sizeof text, HEAD BOXES "protocol:\n  suppress_below: %s\n", junk[i]);
        (void)snprintf(message, sizeof message,
                       "6:19: error: 'protocol.suppress_below' is '%s', not a whole number\n",
                       junk[i]);
        refused(text, message);
        (void)snprintf(text, sizeof text,
                       HEAD BOXES "claims:\n  - {say: s, measure: m,\n     at_most: \"%s\"}\n",
                       junk[i]);
        (void)snprintf(
            message, sizeof message,
            "7:15: error: 'claims[].at_most' is '%s', not a number or a share such as '5 "
            "%%'\n",
            junk[i]);
        refused(text, message);
    }
}

static void values_out_of_range_are_refused(void **state) {
    (void)state;
    refused(HEAD BOXES "protocol: {resample: {level: 1}}\n",
            "5:30: error: 'protocol.resample.level' is '1'; it must be above 0 and below 1\n");
    refused(HEAD BOXES "protocol: {resample: {replicates: 0}}\n",
            "5:35: error: 'protocol.resample.replicates' is '0'; it must be at least 1 and at most "
            "1000000\n");
    refused(HEAD BOXES "protocol: {seed: -1}\n",
            "5:18: error: 'protocol.seed' is '-1'; it must be at least 0\n");
    refused(HEAD BOXES "protocol: {top: 105 %}\n",
            "5:17: error: 'protocol.top' is '105 %'; it must be above 0 and at most 1\n");
    refused(HEAD BOXES "grid: {cell: -5 m}\n",
            "5:14: error: 'grid.cell' is '-5 m'; it must be above 0 m and at most 1000000 m\n");
    refused(HEAD BOXES "period: {from: 2018-03-01, until: 2018-03-01}\n",
            "5:35: error: 'period.until' is '2018-03-01', not after 'period.from', which is "
            "'2018-03-01'\n");
    refused(HEAD BOXES "claims: [{say: s, measure: m, at_least: 2, at_most: 1}]\n",
            "5:10: error: 'at_least' is above 'at_most': no value could meet both\n");
}

static void missing_keys_are_named_at_their_block(void **state) {
    (void)state;
    refused("kind: place\n" BOXES, "1:1: error: missing key 'onus'; expected the number 1\n"
                                   "1:1: error: missing key 'title'; expected text\n");
    refused("{}\n", "1:1: error: missing key 'onus'; expected the number 1\n"
                    "1:1: error: missing key 'title'; expected text\n"
                    "1:1: error: missing key 'kind'; expected one of place, match, affect\n");
    refused(HEAD, "1:1: error: missing key 'predictions'; expected block, or 'feedback', which "
                  "tries no product\n");
    refused(HEAD BOXES "areas: {id: geoid}\n",
            "5:8: error: missing key 'areas.file'; expected file\n");
    refused(HEAD AREAS BOXES "people: {file: p, id: i, universes: [{name: r, groups: {A: a}}]}\n",
            "6:38: error: missing key 'people.universes[].total'; expected column name\n");
    refused(HEAD BOXES PEOPLE,
            "5:9: error: 'people' needs 'areas: {file, id}', the places they live in\n");
    refused("onus: 1\ntitle: T\nkind: match\n",
            "1:1: error: missing key 'comparisons', 'searches' or 'tracks': a match case has at "
            "least one\n");
    refused("onus: 1\ntitle: T\nkind: affect\nlabels: {file: p, item: i, label: l}\n",
            "1:1: error: missing key 'self_report', 'raters' or 'intended': an affect case has at "
            "least one\n");
}

static void each_form_of_predictions_asks_for_its_own_keys(void **state) {
    (void)state;
    refused(
        HEAD "predictions: {form: boxes, file: b}\n",
        "4:14: error: missing key 'predictions.lon' and 'lat' (or x, y and crs)\n"
        "4:14: error: missing key 'predictions.size'; form 'boxes' needs the side of its boxes, "
        "for example 'size: 500 ft'\n"
        "4:14: error: missing key 'predictions.from'; form 'boxes' needs the start of its "
        "windows (counted_boxes does without)\n"
        "4:14: error: missing key 'predictions.until'; form 'boxes' needs the end of its "
        "windows, or 'lasts: 12 h'\n");
    refused(HEAD "predictions: {form: counted_boxes, file: b, lon: x, assign: centre}\n",
            "4:14: error: 'predictions.lon' needs 'lat' beside it\n"
            "4:14: error: missing key 'predictions.count'; form 'counted_boxes' needs the column "
            "that says how often a place was flagged\n");
    refused(
        HEAD AREAS "predictions: {form: counted_areas, file: b, size: 1 m}\n",
        "5:14: error: missing key 'predictions.area'; form 'counted_areas' needs the column "
        "with the area's name\n"
        "5:14: error: missing key 'predictions.count'; form 'counted_areas' needs the column "
        "that says how often a place was flagged\n"
        "5:45: error: 'predictions.size' means nothing for form 'counted_areas'; take it out or "
        "change the form\n");
    refused(HEAD "predictions: {form: risk, file: b, cell: c, rate: r}\n",
            "4:14: error: missing key 'predictions.time'; form 'risk' needs time and rate, or "
            "wide\n"
            "4:14: error: form 'risk' needs 'grid: {file, id}', the layer of its cells\n");
    refused(HEAD "predictions: {form: boxes, file: b, x: x, y: y, width: 1 m, from: {column: a}, "
                 "until: {column: b}, lasts: 1 h}\n",
            "4:14: error: 'predictions.x' and 'y' need 'crs' beside them, for example 'crs: "
            "EPSG:2263'\n"
            "4:14: error: 'predictions.width' needs 'height' beside it\n"
            "4:14: error: 'predictions.until' and 'predictions.lasts' are both given; give one\n");
    accepted(HEAD AREAS "predictions: {form: counted_areas, file: b, id: geoid, count: n}\n");
    accepted(HEAD "predictions: {form: counted_boxes, file: b, lon: x, lat: y, count: n, assign: "
                  "centre}\n");
    accepted(HEAD "predictions: {form: polygons, file: b, from: {column: a}, lasts: 1 d}\n");
    accepted(HEAD
             "grid: {file: g, id: i}\npredictions: {form: risk, file: b, cell: c, wide: date}\n");
    accepted(HEAD "grid: {file: g, id: i}\npredictions: {form: risk, file: b, cell: c, rate: r, "
                  "time: {column: t}}\n");
}

static void margins_must_belong_to_a_column_that_counts_people(void **state) {
    (void)state;
    refused(HEAD AREAS BOXES
            "people: {file: p, id: i, universes: [{name: r, total: total, groups: {A: pop_a}}],\n"
            "  margins: {pop_b: m}}\n",
            "7:13: error: 'people.margins.pop_b': no total or group is counted by column 'pop_b'; "
            "did you mean 'pop_a'?\n");
    refused(HEAD AREAS BOXES
            "people: {file: p, id: i, universes: [{name: r, total: t, groups: {any: a}}]}\n",
            "6:67: error: a group cannot be called 'any'; in a claim's scope that word stands for "
            "every group in turn\n");
    refused(HEAD AREAS BOXES
            "people: {file: p, id: i, universes: [{name: r, total: t, groups: {A: a}},\n"
            "  {name: r, total: t, groups: {A: a}}]}\n",
            "7:3: error: universe 'r' is named twice\n");
}

static void anchors_aliases_tags_and_second_documents_are_refused(void **state) {
    (void)state;
    refused("onus: 1\ntitle: &t T\nkind: place\n" BOXES
            "claims:\n  - {say: *t, measure: m, at_most: "
            "1}\n",
            "2:8: error: anchor '&t': a case file has no anchors; write the value where it is "
            "needed\n"
            "6:11: error: alias '*t': a case file has no aliases; write the value out\n");
    refused("onus: 1\ntitle: !!str T\nkind: place\n" BOXES,
            "2:8: error: tag 'tag:yaml.org,2002:str': a case file has no tags; write the plain "
            "value\n");
    refused(HEAD BOXES "---\nonus: 1\n",
            "5:1: error: a second document begins here; one case to a file\n");
    /* a billion laughs: refused at its first anchors, without growing */
    refused("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
            "1:1: error: unknown key 'a'\n"
            "1:1: error: missing key 'onus'; expected the number 1\n"
            "1:1: error: missing key 'title'; expected text\n"
            "1:1: error: missing key 'kind'; expected one of place, match, affect\n"
            "1:4: error: anchor '&a': a case file has no anchors; write the value where it is "
            "needed\n"
            "2:1: error: unknown key 'b'\n"
            "2:4: error: anchor '&b': a case file has no anchors; write the value where it is "
            "needed\n"
            "2:8: error: alias '*a': a case file has no aliases; write the value out\n"
            "2:12: error: alias '*a': a case file has no aliases; write the value out\n"
            "3:1: error: unknown key 'c'\n"
            "3:4: error: anchor '&c': a case file has no anchors; write the value where it is "
            "needed\n"
            "3:8: error: alias '*b': a case file has no aliases; write the value out\n"
            "3:12: error: alias '*b': a case file has no aliases; write the value out\n");
}

static void texts_that_are_not_yaml_are_refused_at_their_place(void **state) {
    (void)state;
    refused("onus: 1\ntitle: [a\nkind: place\n",
            "3:5: error: not YAML: did not find expected ',' or ']' while parsing a flow sequence "
            "that began on line 2\n");
    refused("onus: 1\ntitle: caf\xE9\n",
            "2:11: error: byte '\\xe9' is not UTF-8; save the case file as UTF-8\n");
    refused("", "1:1: error: the case file is empty; it begins with 'onus: 1'\n");
    refused("- a\n", "1:1: error: a case file is a block of keys that begins with 'onus: 1'\n");
    refused("? [a]\n: b\n" HEAD BOXES,
            "1:3: error: a key must be plain text, not a list or a block\n");
    refused("onus: 1\ntitle: \"a\\0b\"\nkind: place\n" BOXES,
            "2:8: error: a text holds a NUL character\n");
    onus_case c;
    onus_problems problems = {0};
    static const char nul[] = "onus: 1\nti\0tle: T\n";
    assert_int_equal(onus_case_parse(nul, sizeof nul - 1, "c", NULL, &c, &problems), ONUS_ERR_DATA);
    assert_string_equal(problems.full[0].text, "a NUL byte: this is not a text file");
    assert_int_equal(problems.full[0].line, 2);
    assert_int_equal(problems.full[0].col, 3);
}

static void depth_and_size_have_an_end(void **state) {
    (void)state;
    char deep[400] = "a: ";
    memset(deep + 3, '[', 300);
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(deep, &c, &problems), ONUS_ERR_DATA);
    assert_string_equal(problems.full[0].text, "blocks and lists are nested more than 24 deep");
    const size_t len = (1 << 20) + 1;
    char *large = malloc(len);
    memset(large, '#', len);
    memset(&problems, 0, sizeof problems);
    assert_int_equal(onus_case_parse(large, len, "c", NULL, &c, &problems), ONUS_ERR_DATA);
    assert_non_null(strstr(problems.full[0].text, "larger than 1048576 bytes"));
    free(large);
}

static void a_byte_order_mark_and_windows_line_ends_say_nothing(void **state) {
    (void)state;
    accepted("\xEF\xBB\xBFonus: 1\r\ntitle: T\r\nkind: place\r\npredictions:\r\n  form: csep\r\n  "
             "file: f.dat\r\n");
}

static void a_missing_file_is_a_missing_input(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems = {0};
    assert_int_equal(onus_case_read("no/such/case.yaml", NULL, &c, &problems), ONUS_ERR_NOINPUT);
    assert_int_equal(onus_problems_status(&problems), ONUS_ERR_NOINPUT);
    assert_string_equal(problems.full[0].text, "cannot be opened: No such file or directory");
    memset(&problems, 0, sizeof problems);
    assert_int_equal(onus_case_read("/", NULL, &c, &problems), ONUS_ERR_NOINPUT);
    onus_case_clear(&c);
}

static void claims_are_checked_against_the_catalogue(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(HEAD BOXES "claims:\n  - {say: s, measure: burden.ration, at_most: 1}\n"
                                      "  - {say: s, measure: burden.gini, at_most: 1}\n"
                                      "  - {say: s, measure: place.pai, at_most: 1}\n"
                                      "  - {say: s, measure: burdon.gini, at_most: 1}\n"
                                      "  - {say: s, measure: speed, at_most: 1}\n",
                           &c, &problems),
                     ONUS_OK);
    static const char *const ids[] = {"burden.gini", "burden.ratio"};
    onus_case_check_claims(&c, ids, 2, &problems);
    assert_int_equal(problems.n_all, 3);
    assert_string_equal(problems.full[1].text,
                        "unknown measure 'burdon.gini'; did you mean 'burden.gini'?");
    assert_string_equal(problems.full[2].text,
                        "unknown measure 'speed'; 'onus explain' lists them");
    assert_string_equal(problems.full[0].text,
                        "unknown measure 'burden.ration'; did you mean 'burden.ratio'?");
    assert_int_equal(problems.full[0].line, 6);
    onus_case_clear(&c);
}

/* A default written out is the default left out: the whole protocol, compared as bytes. */
static void defaults_survive_being_written_out(void **state) {
    (void)state;
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    onus_text text = {0};
    onus_text_add(&text, HEAD BOXES "protocol:\n");
    size_t n_defaults = 0;
    for (size_t i = 0; i < n_keys; i++) {
        const char *name = keys[i].path + strlen("protocol.");
        if (keys[i].dfault == NULL || !onus_text_starts(keys[i].path, "protocol.") ||
            strstr(keys[i].kinds, "place") == NULL || strchr(name, '.') != NULL) {
            continue;
        }
        onus_text_addf(&text, "  %s: %s\n", name, keys[i].dfault);
        n_defaults++;
    }
    onus_text_add(&text, "  resample: {unit: week, replicates: 2000, level: 0.95}\n"
                         "  csep: {simulations: 10000}\n"
                         "  sensitivity: {shift: false, rotate: false}\n");
    assert_true(n_defaults >= 7);
    char *written = onus_text_take(&text);
    assert_non_null(written);
    onus_case a;
    onus_case b;
    onus_problems problems;
    assert_int_equal(parse(HEAD BOXES, &a, &problems), ONUS_OK);
    assert_int_equal(parse(written, &b, &problems), ONUS_OK);
    assert_memory_equal(&a.protocol, &b.protocol, sizeof a.protocol);
    assert_int_equal(a.protocol.seed, 1);
    assert_int_equal(a.protocol.n_replicates, 2000);
    assert_int_equal(a.protocol.suppress_below, 10);
    assert_true(a.protocol.level == 0.95 && a.protocol.top_frac == 0.05);
    assert_true(a.protocol.max_excluded_frac == 0.05);
    assert_true(a.protocol.conventions[ONUS_CONVENTION_ONUS]);
    assert_false(a.protocol.conventions[ONUS_CONVENTION_MARKUP_2021]);
    onus_case_clear(&a);
    onus_case_clear(&b);
    onus_free(written);
}

static void every_row_of_the_schema_is_whole(void **state) {
    (void)state;
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        const size_t doc_len = strlen(keys[i].doc);
        if (doc_len < 5 || keys[i].doc[doc_len - 1] != '.' || keys[i].type[0] == '\0' ||
            (keys[i].required && keys[i].dfault != NULL) || keys[i].rule == NULL) {
            fail_msg("row '%s' is not whole", keys[i].path);
        }
        for (size_t j = 0; j < i; j++) { /* one row for a path and kind */
            static const char *const kinds[] = {"place", "match", "affect"};
            for (size_t k = 0; k < 3 && strcmp(keys[i].path, keys[j].path) == 0; k++) {
                if (strstr(keys[i].kinds, kinds[k]) != NULL &&
                    strstr(keys[j].kinds, kinds[k]) != NULL) {
                    fail_msg("'%s' has two rows for %s", keys[i].path, kinds[k]);
                }
            }
        }
        char parent[128];
        (void)snprintf(parent, sizeof parent, "%s", keys[i].path);
        char *dot = strrchr(parent, '.');
        if (dot == NULL) {
            continue;
        }
        *dot = '\0';
        if (dot - parent > 2 && strcmp(dot - 2, "[]") == 0) {
            dot[-2] = '\0';
        }
        bool found = false;
        for (size_t j = 0; j < n_keys && !found; j++) {
            found = strcmp(keys[j].path, parent) == 0;
        }
        if (!found) {
            fail_msg("'%s' stands in no block", keys[i].path);
        }
    }
}

static char *read_all(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    onus_text text = {0};
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        onus_text_add_len(&text, chunk, n);
    }
    (void)fclose(file);
    return onus_text_take(&text);
}

static void the_committed_json_schema_is_the_one_the_table_makes(void **state) {
    (void)state;
    const char *source = getenv("ONUS_SOURCE");
    if (source == NULL) {
        print_message("ONUS_SOURCE is not set: the committed schema is not compared\n");
        skip();
    }
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/schemas/case.schema.json", source);
    char *committed = read_all(path);
    char *made = onus_case_json_schema();
    assert_non_null(committed);
    assert_non_null(made);
    const bool same = strcmp(committed, made) == 0;
    onus_free(committed);
    onus_free(made);
    if (!same) {
        fail_msg("schemas/case.schema.json is out of date: onus explain --schema > it");
    }
}

static void all_worked_cases_read_without_a_problem(void **state) {
    (void)state;
    static const char *const names[] = {"merrow-by-overlap", "predpol"};
    const char *source = getenv("ONUS_SOURCE");
    if (source == NULL) {
        print_message("ONUS_SOURCE is not set: the worked cases are not read\n");
        skip();
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/cases/%s.yaml", source, names[i]);
        onus_case c;
        onus_problems problems = {0};
        if (onus_case_read(path, "elsewhere", &c, &problems) != ONUS_OK) {
            fail_msg("%s: %s", path, problems.full[0].text);
        }
        assert_string_equal(c.data_dir, "elsewhere");
        onus_case_clear(&c);
    }
}

static const char *shared(void) {
    const char *dir = getenv("ONUS_SHARED");
    return dir == NULL ? "../shared" : dir;
}

static void all_shared_cases_read_without_a_problem(void **state) {
    (void)state;
    static const char *const names[] = {"affect-cremad",  "csep-grid27k", "match-reference",
                                        "match-tracks",   "oakland",      "oakland-feedback",
                                        "predpol-modesto"};
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/design/cases/%s.yaml", shared(), names[i]);
        onus_case c;
        onus_problems problems = {0};
        const onus_status status = onus_case_read(path, NULL, &c, &problems);
        if (status == ONUS_ERR_NOINPUT) {
            continue;
        }
        if (status != ONUS_OK) {
            fail_msg("%s: %s", path, problems.full[0].text);
        }
        n_read++;
        onus_case_clear(&c);
    }
    if (n_read == 0) {
        print_message("the shared folder is absent: its cases are not read\n");
        skip();
    }
    assert_int_equal(n_read, 7);
}

static void the_examples_of_the_case_contract_read_without_a_problem(void **state) {
    (void)state;
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/design/CASE.md", shared());
    char *text = read_all(path);
    if (text == NULL) {
        print_message("the shared folder is absent: its examples are not read\n");
        skip();
    }
    size_t n = 0;
    for (const char *at = strstr(text, "```yaml\n"); at != NULL; at = strstr(at, "```yaml\n")) {
        at += strlen("```yaml\n");
        const char *end = strstr(at, "```");
        assert_non_null(end);
        onus_case c;
        onus_problems problems = {0};
        const onus_status status =
            onus_case_parse(at, (size_t)(end - at), "CASE.md", NULL, &c, &problems);
        if (status != ONUS_OK) {
            fail_msg("example %zu, line %lld: %s", n + 1, (long long)problems.full[0].line,
                     problems.full[0].text);
        }
        onus_case_clear(&c);
        at = end + 3;
        n++;
    }
    onus_free(text);
    assert_int_equal(n, 3);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_case c;
        onus_problems problems;
        fault_expect(&fault, parse(whole, &c, &problems));
        onus_case_clear(&c);
    }
}

/* Bytes of a good case changed, dropped and doubled: read or refused with a reason, never anything
 * else; sanitizers watch. */
static void damaged_cases_are_read_or_refused_with_a_reason(void **state) {
    (void)state;
    uint64_t seed = 20260711;
    const size_t len = sizeof whole - 1;
    size_t n_ok = 0;
    const int n_trials = test_mult(3000);
    for (int i = 0; i < n_trials; i++) {
        char *text = malloc(2 * len);
        memcpy(text, whole, len);
        size_t n = len;
        for (uint64_t k = 0; k <= random_below(&seed, 3); k++) {
            const size_t at = (size_t)random_below(&seed, n);
            switch (random_below(&seed, 3)) {
            case 0:
                text[at] = (char)random_below(&seed, 256);
                break;
            case 1:
                memmove(text + at, text + at + 1, n - at - 1);
                n--;
                break;
            default:
                memmove(text + at + 1, text + at, n - at);
                text[at] = "{}[],:&*!|>'\"%@`#- \n"[random_below(&seed, 20)];
                n++;
                break;
            }
        }
        onus_case c;
        onus_problems problems = {0};
        const onus_status status = onus_case_parse(text, n, "c", NULL, &c, &problems);
        if (status == ONUS_OK) {
            assert_int_equal(problems.n_all, 0);
            n_ok++;
        } else {
            assert_int_equal(status, ONUS_ERR_DATA);
            assert_true(problems.n_all > 0);
        }
        onus_case_clear(&c);
        free(text);
    }
    assert_true(n_ok > 0); /* a changed letter of a title is still a case */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_place_case_reaches_its_field),
        cmocka_unit_test(a_case_with_five_faults_reports_all_five),
        cmocka_unit_test(keys_that_are_unknown_get_the_best_guess),
        cmocka_unit_test(repeated_keys_are_refused_with_the_line_of_the_first),
        cmocka_unit_test(values_of_the_wrong_type_are_refused),
        cmocka_unit_test(feedback_that_cannot_be_simulated_is_refused),
        cmocka_unit_test(numbers_with_trailing_junk_are_refused),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(missing_keys_are_named_at_their_block),
        cmocka_unit_test(each_form_of_predictions_asks_for_its_own_keys),
        cmocka_unit_test(margins_must_belong_to_a_column_that_counts_people),
        cmocka_unit_test(anchors_aliases_tags_and_second_documents_are_refused),
        cmocka_unit_test(texts_that_are_not_yaml_are_refused_at_their_place),
        cmocka_unit_test(depth_and_size_have_an_end),
        cmocka_unit_test(a_byte_order_mark_and_windows_line_ends_say_nothing),
        cmocka_unit_test(a_missing_file_is_a_missing_input),
        cmocka_unit_test(claims_are_checked_against_the_catalogue),
        cmocka_unit_test(defaults_survive_being_written_out),
        cmocka_unit_test(every_row_of_the_schema_is_whole),
        cmocka_unit_test(the_committed_json_schema_is_the_one_the_table_makes),
        cmocka_unit_test(all_worked_cases_read_without_a_problem),
        cmocka_unit_test(all_shared_cases_read_without_a_problem),
        cmocka_unit_test(the_examples_of_the_case_contract_read_without_a_problem),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(damaged_cases_are_read_or_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
