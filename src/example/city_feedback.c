/* The texts of the teaching city's feedback trial: does it feed on its own patrols?
 *
 * The planted answer: what happens is the same on every square metre (`truth: flat`), and the
 * record of the half year before was made by officers who stood where the product's boxes were,
 * that is, more where Bremmer residents live. With nothing to discover both loops are one and
 * feeding back adds exactly 0; with discoveries whoever was over-recorded at the start gains,
 * although nothing about the truth says so.
 *
 * Called by place.c and city_words.c. The tables are those of the first trial. */
#include "claims.h"
#include "example_internal.h"

static const example_claim CLAIMS[] = {
    {"Patrols that learn from what they find stay where crime is", "feedback.amplification",
     "{policy: top_counts, discovery: 1, horizon_days: 182}",
     "{\"policy\": \"top_counts\", \"discovery\": 1, \"horizon_days\": 182}", "at_most: 0.01",
     "\"at_most\": 0.01", "contradicted",
     "a place that was visited has more on record, and is visited again"},
    {"No community sees more patrols because of what patrols find", "feedback.amplification",
     "{policy: top_counts, discovery: 1, horizon_days: 182, group: Bremmer}",
     "{\"policy\": \"top_counts\", \"discovery\": 1, \"horizon_days\": 182, \"group\": "
     "\"Bremmer\"}",
     "at_most: 0.01", "\"at_most\": 0.01", "contradicted",
     "the record began where Bremmer residents live, and feeds on itself; what happens is the same "
     "everywhere"},
    {"Where patrols find nothing, nothing is fed back", "feedback.amplification",
     "{discovery: 0, horizon_days: 182}", "{\"discovery\": 0, \"horizon_days\": 182}",
     "at_most: 0.001", "\"at_most\": 0.001", "supported",
     "both loops are then one and the same: exactly 0 in every run"},
    {"Spread in proportion to the record, patrols hardly drift", "feedback.amplification",
     "{policy: proportional_counts, discovery: 1, horizon_days: 182}",
     "{\"policy\": \"proportional_counts\", \"discovery\": 1, \"horizon_days\": 182}",
     "at_most: 0.01", "\"at_most\": 0.01", "supported",
     "many places see a patrol now and then, so finds do not pile up in a few within half a year"},
};
enum { N_CLAIMS = sizeof CLAIMS / sizeof CLAIMS[0] };

void city_write_feedback(const city *c, onus_text *out) {
    onus_text_addf(
        out,
        "# Feedback on trial: does it feed on its own patrols? Merrow does not exist; ANSWER.md "
        "says what was\n"
        "# planted. No product is tried here: what follows if patrols go where the record points "
        "is simulated,\n"
        "# on the records themselves, twice on the same luck: with what patrols find fed back, and "
        "without.\n"
        "#   onus try case_feedback.yaml\n"
        "onus: 1\n"
        "title: Does it feed on its own patrols in Merrow?\n"
        "kind: place\n"
        "areas: {file: areas.geojson, id: geoid}\n"
        "people:\n"
        "  file: residents.csv\n"
        "  id: geoid\n"
        "  universes:\n"
        "    - {name: residents, total: total, groups: {Aldish: aldish, Bremmer: bremmer, Corvan: "
        "corvan}}\n"
        "\n"
        "# Records that exist because an officer was there. The first half of the year is what the "
        "simulation\n"
        "# starts from, the second what it runs through.\n"
        "outcomes:\n"
        "  file: incidents.csv\n"
        "  where: {type: [DRUGS, DISORDER]}\n"
        "  time: {column: when, zone: UTC}\n"
        "  lon: lon\n"
        "  lat: lat\n"
        "period: {from: 2025-07-07, until: 2026-01-05}\n"
        "grid: {cell: 400 m}\n"
        "\n"
        "feedback:\n"
        "  models: [grid, urn]\n"
        "  rules: [top, proportional]        # to the places with most on record, or in "
        "proportion\n"
        "  scores: [counts]\n"
        "  patrols: 20                       # a day\n"
        "  runs: 200\n"
        "  window: 180 d                     # what the score looks back on\n"
        "  discovery: [0, 1]                 # recorded per incident and visit\n"
        "  reported: 5 %%                     # recorded without any patrol\n"
        "  truth: flat                       # what happens is the same on every square metre\n"
        "  horizons: [30, 90, 182]\n"
        "  # a textbook model beside it: one of two districts is patrolled each day\n"
        "  urn: {names: [Harbour, Upper town], rates: [3, 2], start: [60, 40], draws: 365}\n"
        "protocol: {seed: %llu, suppress_below: 10}\n"
        "\n",
        (unsigned long long)c->seed);
    example_claims_case(CLAIMS, N_CLAIMS, out);
}

void city_write_feedback_answer(onus_text *out) {
    onus_text_add(
        out,
        "\n# Feeding on its own patrols\n\n"
        "In `case_feedback.yaml` what happens is the same on every square metre, and the record "
        "that patrols start\nfrom was made where the product's boxes were: more where Bremmer "
        "residents live. With nothing to discover\nfeeding back adds exactly 0. With discoveries "
        "Bremmer residents gain patrols, and nothing they do differs.\n");
    example_claims_answer(CLAIMS, N_CLAIMS, out);
}

void city_write_feedback_json(onus_text *out) {
    onus_text_add(out, ",\n \"feedback\": {\"case\": \"case_feedback.yaml\", \"gains\": "
                       "\"Bremmer\", \"verdicts\": [\n");
    example_claims_rows(CLAIMS, N_CLAIMS, "    ", out);
    onus_text_add(out, "]}\n");
}
