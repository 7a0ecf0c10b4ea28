/* The texts of the made-up product: the case that teaches, how to run it, and the planted answer.
 *
 * The case is meant to be read: every block says in a comment what it is for and what happens
 * without it. Its claims come out every way a claim can, and the tests hold the tool to that.
 *
 * Called by match.c after the tables, whose counts it names. */
#include "claims.h"
#include "product_internal.h"
#include "words.h"

static const example_claim CLAIMS[] = {
    {"Fewer than 1 false match in 100, for everyone", "match.fmr",
     "{pairs: cross_camera, group: any}", "{\"group\": \"any\", \"pairs\": \"cross_camera\"}",
     "at_most: 1 %", "\"at_most\": 0.01", "contradicted",
     "of two Bremmer residents 2 in 100 comparisons match, ten times as many as of two Aldish"},
    {"At most 1 false match in 10", "match.fmr", "{pairs: cross_camera}",
     "{\"pairs\": \"cross_camera\"}", "at_most: 10 %", "\"at_most\": 0.1", "supported",
     "over everybody together about 1 in 200 comparisons of two people match"},
    {"It recognises 3 of 4 people across cameras", "match.fnmr", "{pairs: cross_camera}",
     "{\"pairs\": \"cross_camera\"}", "at_most: 25 %", "\"at_most\": 0.25", "not shown",
     "the planted share of misses across cameras is just that quarter: no test can tell"},
    {"99 of 100 trails are of one person", "match.mixed_trails", NULL, "{}", "at_most: 1 %",
     "\"at_most\": 0.01", "contradicted",
     "10 of 40 trails hold two people, though hardly a frame is wrong"},
    {"Children are not mistaken for one another", "match.fmr",
     "{pairs: cross_camera, group: Children}",
     "{\"group\": \"Children\", \"pairs\": \"cross_camera\"}", "at_most: 1 %", "\"at_most\": 0.01",
     "not testable",
     "no sighting says who is a child: the evidence is missing, and the report "
     "names it"},
};
enum { N_CLAIMS = sizeof CLAIMS / sizeof CLAIMS[0] };

void product_write_case(const product *p, onus_text *out) {
    onus_text_add(
        out,
        "# A case puts claims on trial. This one is a teaching example: neither the product nor "
        "its\n"
        "# people exist, and ANSWER.md says what was planted. Try it first, then look.\n"
        "#   onus check case.yaml      reads everything, reports every problem, runs nothing\n"
        "#   onus try case.yaml        writes case-report/index.html\n"
        "#   onus explain KEY          explains any key of this file\n"
        "onus: 1\n"
        "title: Does the Merrow camera product take one person for another?\n"
        "kind: match\n"
        "\n"
        "# The product's score for every pair of sightings, one row each. An empty score is a "
        "failure\n"
        "# to acquire and stays in the account: a product that answers only easy questions looks "
        "good.\n"
        "comparisons:\n"
        "  file: comparisons.csv\n"
        "  score: score\n"
        "  higher_is: same\n"
        "  probe: probe\n"
        "  reference: reference\n"
        "\n"
        "# Who was truly seen, and where. Without people, rows are all there is to count; without\n"
        "# cameras, easy comparisons of one camera with itself cannot be told from hard ones; "
        "without\n"
        "# groups nobody can say for whom it is worse.\n"
        "sightings: {file: sightings.csv, id: sighting, person: person, camera: camera, groups: "
        "{group: group}}\n"
        "\n"
        "# What searches of a list answered. Some people searched for are on the list, some are "
        "not:\n"
        "# with the latter alone can false alarms be counted.\n"
        "searches: {file: candidates.csv, probe: probe, reference: entry, score: score}\n"
        "gallery: {file: gallery.csv, id: entry, person: person, groups: {group: group}}\n"
        "\n"
        "# Who truly walked where, and the trails that the product made of it.\n"
        "tracks:\n"
        "  truth: {file: walks.csv, camera: camera, frame: frame, person: id, box: {x: x, y: y, w: "
        "w, h: h}}\n"
        "  output: {file: trails.csv, camera: camera, frame: frame, person: id, box: {x: x, y: y, "
        "w: w, h: h}}\n"
        "\n"
        "# A score of 0.62 or more is a match: the vendor's own setting.\n"
        "threshold: {value: 0.62, from: vendor}\n"
        "\n"
        "# The use that is meant: what the measured errors come to in people and days.\n"
        "deployment: {searches_per_day: 2000, people_on_list: 200, prevalence: 1e-3, hops: 6, "
        "people: 500, sightings_each: 4}\n"
        "\n"
        "# How it is tried, fixed before anybody looks. People are resampled as a whole, because "
        "all\n"
        "# comparisons of one person resemble one another.\n"
        "protocol:\n"
        "  pairs: [all, cross_camera, same_camera]\n"
        "  fmr_at: [1e-2, 1e-3]\n"
        "  resample: {unit: person, replicates: 2000, level: 0.95}\n");
    onus_text_addf(out, "  seed: %llu\n", (unsigned long long)p->seed);
    onus_text_add(out, "  suppress_below: 10\n"
                       "\n"
                       "# What was said, and the bound that decides it.\n");
    example_claims_case(CLAIMS, N_CLAIMS, out);
}

void product_write_readme(const product *p, onus_text *out) {
    onus_text_addf(
        out,
        "# A camera-matching product that does not exist\n\n"
        "Everything here is made up: numbers drawn from a seed. No camera, picture or person "
        "stands behind them.\n"
        "What is real is the question: how often is it the wrong person, for whom, and how "
        "far does an error travel?\n\n"
        "    onus try case.yaml\n\n"
        "writes `case-report/`: open `index.html` in a browser. Everything a program needs is "
        "in `results.json`.\n"
        "`ANSWER.md` says what was planted; `answer.json` says it to programs.\n\n"
        "| file | what it is |\n|---|---|\n"
        "| case.yaml | what is on trial, with comments |\n"
        "| sightings.csv | %d sightings of %d people on %d cameras |\n"
        "| comparisons.csv | ",
        PRODUCT_SIGHTINGS, PRODUCT_PEOPLE, PRODUCT_CAMERAS);
    example_put_count(out, (size_t)PRODUCT_SIGHTINGS * (PRODUCT_SIGHTINGS - 1) / 2);
    onus_text_addf(
        out,
        " scores: every sighting with every other |\n"
        "| gallery.csv | a list of %d entries |\n"
        "| candidates.csv | what %d searches of it answered, every entry with its score |\n"
        "| walks.csv | who truly walked past %d cameras: ",
        PRODUCT_ENTRIES, PRODUCT_SEARCHES, PRODUCT_WALK_CAMERAS);
    example_put_count(out, p->n_boxes);
    onus_text_add(out, " boxes |\n| trails.csv | the trails that the product made of it: ");
    example_put_count(out, p->n_boxes_said);
    onus_text_add(
        out, " boxes |\n\n"
             "Things to try: take `camera: camera` out of `sightings`, or `groups`, or "
             "`people_on_list` out of\n`deployment`: a question can no longer be answered, and the "
             "report says which. Change a bound.\nMisspell a key.\n");
}

static void put_planted(onus_text *out, const char *what, double share) {
    onus_text_addf(out, "| %s | ", what);
    example_put_share(out, share);
    onus_text_add(out, " |\n");
}

void product_write_answer(const product *p, onus_text *out) {
    onus_text_addf(
        out,
        "# What was planted (seed %llu)\n\n"
        "Each share below is exactly the chance of one comparison at the threshold of 0.62. "
        "Comparisons of one person\nresemble one another, so that a report's figures differ from "
        "these by more than the number of rows suggests;\nits intervals are wide enough for "
        "that.\n\n"
        "| planted | share |\n|---|---|\n",
        (unsigned long long)p->seed);
    put_planted(out, "false matches of two Aldish residents", PRODUCT_FMR[PRODUCT_ALDISH]);
    put_planted(out, "false matches of two Bremmer residents: **a group differential**",
                PRODUCT_FMR[PRODUCT_BREMMER]);
    put_planted(out, "false matches across the two groups", PRODUCT_FMR_ACROSS);
    put_planted(out, "misses where both pictures are of one camera: **a same-camera shortcut**",
                PRODUCT_FNMR_SAME_CAMERA);
    put_planted(out, "misses across cameras", PRODUCT_FNMR_CROSS_CAMERA);
    onus_text_addf(out,
                   "\n**A duplicated gallery**: %d of the %d entries of the list are copies of "
                   "another one, under an "
                   "id of their own;\ntheir scores are the same in every search. **Mixed trails**: "
                   "%d of %d trails "
                   "hold two people each, from the third\ncamera on; per frame nothing shows it. "
                   "Sightings that "
                   "give no score: %d of %d of Aldish residents, %d of %d of\nBremmer residents.\n",
                   PRODUCT_COPIES, PRODUCT_ENTRIES, PRODUCT_MIXED, PRODUCT_WALKERS,
                   PRODUCT_FAILED_ALDISH, PRODUCT_ALDISH_PEOPLE * PRODUCT_SIGHTINGS_EACH,
                   PRODUCT_FAILED_BREMMER, PRODUCT_BREMMER_PEOPLE * PRODUCT_SIGHTINGS_EACH);
    example_claims_answer(CLAIMS, N_CLAIMS, out);
    onus_text_add(out, "\nWith another seed the planted shares are the same, and a claim near its "
                       "bound can come out otherwise.\n");
}

void product_write_answer_json(const product *p, onus_text *out) {
    onus_text_addf(out, "{\"schema\": \"onus.answer/1\",\n \"seed\": %llu,\n \"planted\": [\n",
                   (unsigned long long)p->seed);
    example_put_planted(out, "match.fmr", "{\"group\": \"Aldish\", \"pairs\": \"all\"}",
                        PRODUCT_FMR[PRODUCT_ALDISH], false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "match.fmr", "{\"group\": \"Bremmer\", \"pairs\": \"all\"}",
                        PRODUCT_FMR[PRODUCT_BREMMER], false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "match.fnmr", "{\"pairs\": \"same_camera\"}", PRODUCT_FNMR_SAME_CAMERA,
                        false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "match.fnmr", "{\"pairs\": \"cross_camera\"}",
                        PRODUCT_FNMR_CROSS_CAMERA, false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "match.mixed_trails", "{}",
                        (double)PRODUCT_MIXED / (double)PRODUCT_WALKERS, true);
    onus_text_add(out, ",\n");
    example_put_planted(out, "match.people_per_trail", "{}",
                        (double)(PRODUCT_WALKERS + PRODUCT_MIXED) / (double)PRODUCT_WALKERS, true);
    onus_text_add(out, "\n ],\n \"warnings\": [\"duplicates\", \"impostors_not_matched\", "
                       "\"mota_over_mixed_trails\", \"same_camera\"],\n");
    example_claims_json(CLAIMS, N_CLAIMS, out);
    onus_text_add(out, "\n}\n");
}
