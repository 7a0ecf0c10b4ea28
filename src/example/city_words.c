/* The texts of the teaching city: the case that teaches, how to run it, and the planted answer.
 *
 * The case is meant to be read: every block says in a comment what it is for and what happens
 * without it. The four claims come out one each way, and the tests hold the tool to that.
 *
 * Called by place.c after the tables, whose counts it names. */
#include "claims.h"
#include "example_internal.h"
#include "words.h"

/* One claim of each verdict; the case, the answer and the tests are made from these. */
static const example_claim CLAIMS[] = {
    {"No community carries more than a tenth above another", "burden.ratio",
     "{universe: residents, group: Bremmer, reference: Aldish, definition: exposure}",
     "{\"definition\": \"exposure\", \"group\": \"Bremmer\", \"reference\": \"Aldish\", "
     "\"universe\": \"residents\"}",
     "at_most: 1.1", "\"at_most\": 1.1", "contradicted",
     "the boxes were drawn so that Bremmer residents live with 1.8 times as many"},
    {"Corvan residents see nowhere near twice the flags of Aldish residents", "burden.ratio",
     "{universe: residents, group: Corvan, reference: Aldish, definition: exposure}",
     "{\"definition\": \"exposure\", \"group\": \"Corvan\", \"reference\": \"Aldish\", "
     "\"universe\": \"residents\"}",
     "at_most: 2", "\"at_most\": 2", "supported",
     "nothing draws boxes to Corvan residents, and the data are enough to exclude 2"},
    {"Poorer households are flagged at most 5 % more than the rest", "burden.ratio",
     "{universe: households, group: low income, reference: rest, definition: exposure}",
     "{\"definition\": \"exposure\", \"group\": \"low income\", \"reference\": \"rest\", "
     "\"universe\": \"households\"}",
     "at_most: 1.05", "\"at_most\": 1.05", "not shown",
     "the true ratio is so near to the bound that one town and one year cannot tell"},
    {"Children are not flagged more than adults", "burden.ratio",
     "{universe: residents, group: Children, reference: Aldish, definition: exposure}",
     "{\"definition\": \"exposure\", \"group\": \"Children\", \"reference\": \"Aldish\", "
     "\"universe\": \"residents\"}",
     "at_most: 1.1", "\"at_most\": 1.1", "not testable",
     "the census table counts no children: the evidence is missing, and the report names it"},
};
enum { N_CLAIMS = sizeof CLAIMS / sizeof CLAIMS[0] };

void city_write_case(const city *c, onus_text *out) {
    onus_text_add(
        out,
        "# A case puts claims on trial. This one is a teaching example: the town of Merrow does "
        "not\n"
        "# exist, and ANSWER.md says what was planted in its data. Try it first, then look.\n"
        "#   onus check case.yaml      reads everything, reports every problem, runs nothing\n"
        "#   onus try case.yaml        writes case-report/index.html\n"
        "#   onus explain KEY          explains any key of this file\n"
        "onus: 1\n"
        "title: Who carries the flags in Merrow?\n"
        "kind: place\n"
        "\n"
        "# The census areas. Ids are text: the leading 0 matters.\n"
        "areas: {file: areas.geojson, id: geoid}\n"
        "\n"
        "# Who lives in them. Only counts by area, never persons. Without groups there is nobody "
        "to\n"
        "# ask about; without margins the census's own error goes unmeasured, and the report says "
        "so.\n"
        "people:\n"
        "  file: residents.csv\n"
        "  id: geoid\n"
        "  universes:\n"
        "    - {name: residents, total: total, groups: {Aldish: aldish, Bremmer: bremmer, Corvan: "
        "corvan}}\n"
        "    - {name: households, total: households, groups: {low income: "
        "households_low_income}}\n"
        "  margins: {total: total_moe, aldish: aldish_moe, bremmer: bremmer_moe, corvan: "
        "corvan_moe}\n"
        "  # another yardstick than where people sleep: where they are by day\n"
        "  benchmarks:\n"
        "    - {name: daytime people, column: daytime}\n"
        "\n"
        "# What the police recorded. Not what happened: records of type DRUGS and DISORDER exist\n"
        "# because officers were there, so they follow the product's flags around.\n"
        "outcomes:\n"
        "  file: incidents.csv\n"
        "  time: {column: when, zone: UTC}\n"
        "  recorded: {column: entered, zone: UTC}\n"
        "  lon: lon\n"
        "  lat: lat\n"
        "  type: type\n"
        "  # what the product calls a burglary is recorded under two names\n"
        "  types: {burglary: [BURGLARY_HOME, BURGLARY_SHOP], vehicle theft: [VEHICLE_THEFT]}\n"
        "  source: {citizen: [BURGLARY_HOME, BURGLARY_SHOP, VEHICLE_THEFT, ROBBERY], officer: "
        "[DRUGS, DISORDER]}\n"
        "\n"
        "# The vendor's product: boxes of 150 m, each for a shift of twelve hours. A box counts "
        "for\n"
        "# the area that holds its centre; `assign: overlap` would share it out by area instead.\n"
        "predictions:\n"
        "  form: boxes\n"
        "  file: predictions.csv\n"
        "  lon: lon\n"
        "  lat: lat\n"
        "  size: 150 m\n"
        "  issued: {column: issued, zone: UTC}\n"
        "  from: {column: start, zone: UTC}\n"
        "  until: {column: end, zone: UTC}\n"
        "  type: crime\n"
        "  assign: centre\n"
        "\n"
        "# 52 weeks; the end is not included.\n"
        "period: {from: 2025-01-06, until: 2026-01-05}\n"
        "\n"
        "# How it is tried, fixed before anybody looks. Weeks are resampled as a whole, because "
        "boxes\n"
        "# of one week resemble one another.\n"
        "protocol:\n"
        "  resample: {unit: week, replicates: 2000, level: 0.95}\n"
        "  top: 5 %\n");
    onus_text_addf(out, "  seed: %llu\n", (unsigned long long)c->seed);
    onus_text_add(out,
                  "  suppress_below: 10\n"
                  "\n"
                  "# What was said, and the bound that decides it. One of these comes out each "
                  "way.\n");
    example_claims_case(CLAIMS, N_CLAIMS, out);
}

void city_write_readme(const city *c, onus_text *out) {
    onus_text_add(out,
                  "# Merrow, a teaching city\n\n"
                  "Everything here is made up: the town lies in the open Atlantic, its people "
                  "and their names do not exist.\n"
                  "What is real is the question: who carries the flags of a product that "
                  "predicts where crime will happen?\n\n"
                  "    onus try case.yaml\n\n"
                  "writes `case-report/`: open `index.html` in a browser. Everything a program "
                  "needs is in `results.json`.\n"
                  "`ANSWER.md` says what was planted; `answer.json` says it to programs.\n\n"
                  "| file | what it is |\n|---|---|\n"
                  "| case.yaml | what is on trial, with comments |\n| areas.geojson | ");
    example_put_count(out, c->n_areas);
    onus_text_add(out,
                  " census areas; one is a park without residents, one has a hole, one has two "
                  "parts |\n"
                  "| residents.csv | who lives in them, as a sample census would publish it, "
                  "with 90 % margins of error |\n"
                  "| incidents.csv | ");
    example_put_count(out, c->n_incidents);
    onus_text_add(out, " recorded incidents of 2025; about 1 in 100 has no position |\n"
                       "| predictions.csv | ");
    example_put_count(out, c->n_boxes);
    onus_text_add(out, " boxes of 150 m, each for a shift of twelve hours; ");
    example_put_count(out, c->n_boxes_outside);
    onus_text_add(out, " lie in the sea |\n");
    city_write_trials_readme(c, out);
    onus_text_add(out, "| case_feedback.yaml | does it feed on its own patrols? On incidents.csv; "
                       "simulated |\n");
    onus_text_add(out, "\n"
                       "Things to try: take the `margins` line out, or `from` and `until` together "
                       "with `form: boxes`\n"
                       "(`counted_boxes` and a column of counts remain): a source of uncertainty "
                       "goes, and the report\n"
                       "says what its verdicts now rest on. Change a bound. Misspell a key.\n");
}

static void put_row(onus_text *out, const city *c, const char *name, city_group group) {
    onus_text_addf(out, "| %s | ", name);
    int64_t people = 0;
    for (size_t i = 0; i < c->n_areas; i++) {
        people += c->areas[i].people[group];
    }
    example_put_count(out, (size_t)people);
    onus_text_add(out, " | ");
    example_put_number(out, city_exposure(c, group, CITY_EXPECTED));
    onus_text_add(out, " | ");
    example_put_number(out, city_attributed(c, group, CITY_EXPECTED));
    onus_text_add(out, " |\n");
}

void city_write_answer(const city *c, onus_text *out) {
    onus_text_addf(
        out,
        "# What was planted (seed %llu)\n\n"
        "The expected number of boxes on each area was set so that the exposure of "
        "Bremmer residents is\nexactly **1.8** times that of Aldish residents. The boxes "
        "of the table are a draw from it: Poisson\ncounts by area and week, with weeks "
        "that differ. The published census is a sample of the true one.\nSo the figures "
        "of a report differ from these by chance, and its intervals say by how much.\n\n"
        "| group | truly live here | expected flags a year an average member lives with "
        "(exposure) | expected flags per head, shared out (attributed) |\n"
        "|---|---|---|---|\n",
        (unsigned long long)c->seed);
    put_row(out, c, "Aldish", CITY_ALDISH);
    put_row(out, c, "Bremmer", CITY_BREMMER);
    put_row(out, c, "Corvan", CITY_CORVAN);
    onus_text_add(out,
                  "\nEach of the three intervals answers its own question. Those by flags and by "
                  "space aim at the planted 1.8:\nwhat would other weeks, or a city laid out "
                  "otherwise, have shown? The one by census aims at the ratio\nof these very "
                  "boxes, had everybody been counted, which is ");
    example_put_number(out, city_exposure(c, CITY_BREMMER, CITY_DRAWN) /
                                city_exposure(c, CITY_ALDISH, CITY_DRAWN));
    onus_text_add(out, ".\nAt 95 % each of them misses its aim once in twenty cities.\n");
    example_claims_answer(CLAIMS, N_CLAIMS, out);
    onus_text_add(
        out,
        "\nWith another seed the planted ratio is the same, and a claim near its bound can come "
        "out otherwise. The city\nand its claims were designed so that seed 1 shows each "
        "of the four verdicts: that seed teaches what a report\nlooks like, it is no "
        "evidence of how often the intervals are right (docs/statistics.md is).\n");
    city_write_trials_answer(c, out);
    city_write_feedback_answer(out);
}

typedef double (*city_load)(const city *c, city_group group, city_truth truth);

/* value: what the intervals by flags and space aim at; drawn: what the one by census aims at. */
static void put_ratio(onus_text *out, const city *c, const char *definition, city_load load,
                      const char *name, city_group group) {
    onus_text_addf(
        out,
        "  {\"measure\": \"burden.ratio\", \"scope\": {\"definition\": \"%s\", \"group\": "
        "\"%s\", \"reference\": \"Aldish\", \"universe\": \"residents\"}, \"value\": ",
        definition, name);
    example_put_number(out, load(c, group, CITY_EXPECTED) / load(c, CITY_ALDISH, CITY_EXPECTED));
    onus_text_add(out, ", \"drawn\": ");
    example_put_number(out, load(c, group, CITY_DRAWN) / load(c, CITY_ALDISH, CITY_DRAWN));
    onus_text_add(out, "}");
}

void city_write_answer_json(const city *c, onus_text *out) {
    onus_text_addf(out, "{\"schema\": \"onus.answer/1\",\n \"seed\": %llu,\n \"planted\": [\n",
                   (unsigned long long)c->seed);
    put_ratio(out, c, "exposure", city_exposure, "Bremmer", CITY_BREMMER);
    onus_text_add(out, ",\n");
    put_ratio(out, c, "exposure", city_exposure, "Corvan", CITY_CORVAN);
    onus_text_add(out, ",\n");
    put_ratio(out, c, "attributed", city_attributed, "Bremmer", CITY_BREMMER);
    onus_text_add(out, ",\n");
    put_ratio(out, c, "attributed", city_attributed, "Corvan", CITY_CORVAN);
    onus_text_add(out, "\n ],\n");
    example_claims_json(CLAIMS, N_CLAIMS, out);
    onus_text_add(out, ",\n");
    city_write_trials_json(c, out);
    city_write_feedback_json(out);
    onus_text_add(out, "}\n");
}
