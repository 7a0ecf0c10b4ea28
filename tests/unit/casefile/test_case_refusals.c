/* Case files: what is refused, in which words, at which line and column. */
#include "case_text.h"

#define WORLD                                                                                      \
    "outcomes: {file: o, lon: x, lat: y, time: {column: t}}\n"                                     \
    "grid: {cell: 200 m}\n"                                                                        \
    "period: {from: 2018-01-01, until: 2018-12-31}\n"

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
    refused(HEAD "feedback: {models: urn, urn: {rates: [1,1,1,1,1,1,1,1,1,1,1,1,1]}}\n",
            "4:38: error: 'feedback.urn.rates' has 13 areas; an urn is a model of a few districts, "
            "at most 12, and not of cells\n");
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
    refused(HEAD, "1:1: error: missing key 'predictions'; expected block, or 'feedback' or "
                  "'published', which try no product\n");
    refused(HEAD BOXES "areas: {id: geoid}\n",
            "5:8: error: missing key 'areas.file'; expected file\n");
    refused(HEAD AREAS BOXES "people: {file: p, id: i, universes: [{name: r, groups: {A: a}}]}\n",
            "6:38: error: missing key 'people.universes[].total'; expected column name\n");
    refused(HEAD BOXES PEOPLE,
            "5:9: error: 'people' needs 'areas: {file, id}', the places they live in\n");
    refused("onus: 1\ntitle: T\nkind: match\n", "1:1: error: missing key 'comparisons', 'scores', "
                                                "'searches', 'tracks' or 'field': a match case "
                                                "has at least one\n");
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
    refused(HEAD "grid: {file: g, id: i}\npredictions: {form: risk, file: b, cell: c, wide: date, "
                 "type: k}\n",
            "5:63: error: 'predictions.type' is not read for form 'risk', whose rates are of one "
            "kind of outcome; take the rows of one type with 'where', and make a case of each\n");
}

static void squares_are_laid_in_one_projection_only(void **state) {
    (void)state;
    refused(HEAD BOXES "grid: {cell: 150 m, crs: EPSG:2263}\n",
            "5:26: error: 'grid.crs' is 'EPSG:2263', but square cells are laid in a local "
            "equal-area projection, so that all have one size; take it out, or give the cells as a "
            "layer (grid.file)\n");
    accepted(HEAD BOXES "grid: {cell: 150 m, crs: auto}\n");
    accepted(HEAD BOXES "grid: {file: g, id: i, crs: EPSG:2263}\n");
}

static void printed_figures_need_no_predictions(void **state) {
    (void)state;
    accepted(HEAD "published: {file: s, captured: n, outcomes: N, area: a, of_area: A, pai: p, by: "
                  "[crime, time], who: team, table: t}\n");
    refused(HEAD "published: {file: s, captured: n, outcomes: N, area: a, of_area: A}\n",
            "4:12: error: missing key 'published.pai'; expected column name\n");
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_with_five_faults_reports_all_five),
        cmocka_unit_test(keys_that_are_unknown_get_the_best_guess),
        cmocka_unit_test(repeated_keys_are_refused_with_the_line_of_the_first),
        cmocka_unit_test(values_of_the_wrong_type_are_refused),
        cmocka_unit_test(feedback_that_cannot_be_simulated_is_refused),
        cmocka_unit_test(numbers_with_trailing_junk_are_refused),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(missing_keys_are_named_at_their_block),
        cmocka_unit_test(each_form_of_predictions_asks_for_its_own_keys),
        cmocka_unit_test(squares_are_laid_in_one_projection_only),
        cmocka_unit_test(printed_figures_need_no_predictions),
        cmocka_unit_test(margins_must_belong_to_a_column_that_counts_people),
        cmocka_unit_test(anchors_aliases_tags_and_second_documents_are_refused),
        cmocka_unit_test(texts_that_are_not_yaml_are_refused_at_their_place),
        cmocka_unit_test(depth_and_size_have_an_end),
        cmocka_unit_test(claims_are_checked_against_the_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
