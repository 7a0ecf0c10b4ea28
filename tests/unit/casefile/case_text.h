/* For tests of case files: texts to begin from, and what reading them says. */
#ifndef ONUS_TEST_CASE_TEXT_H
#define ONUS_TEST_CASE_TEXT_H

#include "../fault.h"

#include <stdio.h>
#include <string.h>

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

static inline onus_status parse(const char *text, onus_case *c, onus_problems *problems) {
    memset(problems, 0, sizeof *problems);
    return onus_case_parse(text, strlen(text), "dir/case.yaml", NULL, c, problems);
}

/* The text is refused with exactly these messages, one a line, each without its "dir/case.yaml:".
 */
static inline void refused(const char *text, const char *expected) {
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

static inline void accepted(const char *text) {
    onus_case c;
    onus_problems problems;
    const onus_status status = parse(text, &c, &problems);
    if (status != ONUS_OK) {
        char buf[1200];
        fail_msg("%s\n%s", onus_error_format(&problems.full[0], buf, sizeof buf), text);
    }
    onus_case_clear(&c);
}

#endif
