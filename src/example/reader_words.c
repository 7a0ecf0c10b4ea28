/* The texts of the made-up label product: the case that teaches, how to run it, the planted answer.
 *
 * The case is meant to be read: every block says in a comment what it is for and what happens
 * without it. Its claims come out every way a claim can, and the tests hold the tool to that.
 *
 * Called by affect.c. */
#include "claims.h"
#include "reader_internal.h"
#include "words.h"

static const example_claim CLAIMS[] = {
    {"Over 90 % accurate", "affect.accuracy", "{against: self_report}",
     "{\"against\": \"self_report\"}", "at_least: 90 %", "\"at_least\": 0.9", "contradicted",
     "7 in 10 of its labels are what people reported, and always saying neutral would be right "
     "more often"},
    {"Right more often than not", "affect.accuracy", "{against: self_report}",
     "{\"against\": \"self_report\"}", "at_least: 50 %", "\"at_least\": 0.5", "supported",
     "which says little: in 72 of 100 clips people reported nothing in particular"},
    {"Works the same for everyone", "affect.gap", "{by: group, group: Bremmer}",
     "{\"by\": \"group\", \"group\": \"Bremmer\"}", "at_least: -0.05", "\"at_least\": -0.05",
     "contradicted",
     "on equal labels it is 17 points worse for Bremmer residents; counted crudely it looks "
     "better"},
    {"Recognises 36 in 100 of those who are sad", "affect.recall",
     "{against: self_report, label: sad}", "{\"against\": \"self_report\", \"label\": \"sad\"}",
     "at_least: 0.36", "\"at_least\": 0.36", "not shown",
     "the planted share is so near to the bound that this evidence cannot tell"},
    {"Works for teenagers", "affect.accuracy", "{against: self_report, group: Teenagers}",
     "{\"against\": \"self_report\", \"group\": \"Teenagers\"}", "at_least: 70 %",
     "\"at_least\": 0.7", "not testable",
     "the table of people says nothing of age: the evidence is missing, and the report names it"},
};
enum { N_CLAIMS = sizeof CLAIMS / sizeof CLAIMS[0] };

double reader_accuracy(reader_group group) {
    const double neutral = (double)READER_NEUTRAL_CLIPS[group] / READER_CLIPS_EACH;
    return neutral * READER_RECALL[group][1] + (1.0 - neutral) * READER_RECALL[group][0];
}

/* Each label counting alike. */
static double gap_on_equal_labels(void) {
    const double others = READER_RECALL[READER_BREMMER][0] - READER_RECALL[READER_ALDISH][0];
    const double neutral = READER_RECALL[READER_BREMMER][1] - READER_RECALL[READER_ALDISH][1];
    return ((READER_N_LABELS - 1) * others + neutral) / READER_N_LABELS;
}

static int clips_neutral(void) {
    return READER_ALDISH_PEOPLE * READER_NEUTRAL_CLIPS[READER_ALDISH] +
           READER_BREMMER_PEOPLE * READER_NEUTRAL_CLIPS[READER_BREMMER];
}

void reader_write_case(const reader *r, onus_text *out) {
    onus_text_add(
        out,
        "# A case puts claims on trial. This one is a teaching example: neither the product nor "
        "its\n"
        "# people exist, and ANSWER.md says what was planted. Try it first, then look.\n"
        "#   onus check case.yaml      reads everything, reports every problem, runs nothing\n"
        "#   onus try case.yaml        writes case-report/index.html\n"
        "#   onus explain KEY          explains any key of this file\n"
        "onus: 1\n"
        "title: Does the Merrow product read what people feel?\n"
        "kind: affect\n"
        "\n"
        "# What the product said of each clip. An empty label: it abstained, and stays in every\n"
        "# denominator.\n"
        "labels:\n"
        "  file: labels.csv\n"
        "  item: clip\n"
        "  label: label\n"
        "  scores: {anger: p_anger, fear: p_fear, happy: p_happy, neutral: p_neutral, sad: p_sad}\n"
        "\n"
        "# Whom each clip shows, and their groups. Without people every row counts as a person of "
        "its\n"
        "# own, and every interval is too narrow.\n"
        "items: {file: clips.csv, id: clip, person: person}\n"
        "people: {file: people.csv, id: person, groups: {group: group}}\n"
        "\n"
        "# What people themselves reported. Without it a report can only say whether the product\n"
        "# agrees with onlookers.\n"
        "self_report: {file: felt.csv, item: clip, label: felt}\n"
        "\n"
        "# What five onlookers said of each clip: how well people do at the same task.\n"
        "raters: {file: votes.csv, item: clip, counts: {anger: anger, fear: fear, happy: happy, "
        "neutral: neutral, sad: sad}}\n"
        "\n"
        "# All labels there are, those that never occur included.\n"
        "domain: {labels: [anger, fear, happy, neutral, sad], scale: nominal}\n"
        "\n"
        "# How the evidence came about.\n"
        "setting: {expression: spontaneous, choice: forced, raters_blind: yes, place: a waiting "
        "room}\n"
        "\n"
        "# How it is tried, fixed before anybody looks. People are resampled as a whole, because "
        "clips\n"
        "# of one person resemble one another.\n"
        "protocol:\n"
        "  resample: {unit: person, replicates: 2000, level: 0.95}\n");
    onus_text_addf(out, "  seed: %llu\n", (unsigned long long)r->seed);
    onus_text_add(out, "  suppress_below: 10\n"
                       "\n"
                       "# What was said, and the bound that decides it.\n");
    example_claims_case(CLAIMS, N_CLAIMS, out);
}

void reader_write_readme(onus_text *out) {
    onus_text_addf(
        out,
        "# A product that labels emotions and does not exist\n\n"
        "Everything here is made up: labels drawn from a seed. No face, voice or person stands "
        "behind "
        "them.\nWhat is real is the question: does the label mean what the vendor says it "
        "means?\n\n"
        "    onus try case.yaml\n\n"
        "writes `case-report/`: open `index.html` in a browser. Everything a program needs is in "
        "`results.json`.\n"
        "`ANSWER.md` says what was planted; `answer.json` says it to programs.\n\n"
        "| file | what it is |\n|---|---|\n"
        "| case.yaml | what is on trial, with comments |\n"
        "| labels.csv | the product's label of %d clips, and how sure it says it is |\n"
        "| clips.csv | whom each clip shows |\n"
        "| people.csv | %d people and their groups |\n"
        "| felt.csv | what each person reported of each clip |\n"
        "| votes.csv | what %d onlookers said of each clip, as counts |\n\n"
        "Things to try: take the block `self_report` out, or `items`, or `raters`: a question can "
        "no "
        "longer be answered,\nand the report says which. Change a bound. Misspell a key.\n",
        READER_CLIPS, READER_PEOPLE, READER_RATERS);
}

void reader_write_answer(const reader *r, onus_text *out) {
    onus_text_addf(out,
                   "# What was planted (seed %llu)\n\n"
                   "Each share is exactly the chance of one clip; clips of one person resemble one "
                   "another.\n\n"
                   "| planted | Aldish (%d people) | Bremmer (%d people) |\n|---|---|---|\n"
                   "| clips in which people reported \"neutral\" | %d of %d | %d of %d |\n",
                   (unsigned long long)r->seed, READER_ALDISH_PEOPLE, READER_BREMMER_PEOPLE,
                   READER_NEUTRAL_CLIPS[READER_ALDISH], READER_CLIPS_EACH,
                   READER_NEUTRAL_CLIPS[READER_BREMMER], READER_CLIPS_EACH);
    static const char *const rows[] = {"right where anything else was reported",
                                       "right where \"neutral\" was reported"};
    for (int k = 0; k < 2; k++) {
        onus_text_addf(out, "| %s | ", rows[k]);
        example_put_share(out, READER_RECALL[READER_ALDISH][k]);
        onus_text_add(out, " | ");
        example_put_share(out, READER_RECALL[READER_BREMMER][k]);
        onus_text_add(out, " |\n");
    }
    onus_text_add(out, "| right over all, which follows | ");
    example_put_share(out, reader_accuracy(READER_ALDISH));
    onus_text_add(out, " | ");
    example_put_share(out, reader_accuracy(READER_BREMMER));
    onus_text_addf(
        out,
        " |\n\n**A base-rate trick**: whoever says \"neutral\" of everybody is right in %d of %d "
        "clips, "
        "more often than the product.\n**A group gap**: on equal labels the product is worse for "
        "Bremmer residents by ",
        clips_neutral(), READER_CLIPS);
    example_put_share(out, -gap_on_equal_labels());
    onus_text_add(out,
                  " (each label\ncounting alike). **A Simpson reversal**: counted over all clips "
                  "it is better for them by ");
    example_put_share(out, reader_accuracy(READER_BREMMER) - reader_accuracy(READER_ALDISH));
    onus_text_addf(out,
                   ", because they were\nmostly filmed neutral. It also says that it is %d %% sure "
                   "of whatever it "
                   "says.\n",
                   READER_SCORE_E2);
    example_claims_answer(CLAIMS, N_CLAIMS, out);
    onus_text_add(out, "\nWith another seed the planted shares are the same, and a claim near its "
                       "bound can come out otherwise.\n");
}

void reader_write_answer_json(const reader *r, onus_text *out) {
    static const char all[] = "{\"against\": \"self_report\"}";
    static const char pair[] =
        "{\"by\": \"group\", \"group\": \"Bremmer\", \"reference\": \"Aldish\"}";
    const double of_all = (READER_ALDISH_PEOPLE * reader_accuracy(READER_ALDISH) +
                           READER_BREMMER_PEOPLE * reader_accuracy(READER_BREMMER)) /
                          READER_PEOPLE;
    onus_text_addf(out, "{\"schema\": \"onus.answer/1\",\n \"seed\": %llu,\n \"planted\": [\n",
                   (unsigned long long)r->seed);
    example_put_planted(out, "affect.accuracy", all, of_all, false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "affect.commonest", all, (double)clips_neutral() / READER_CLIPS, true);
    onus_text_add(out, ",\n");
    example_put_planted(out, "affect.gap", pair, gap_on_equal_labels(), false);
    onus_text_add(out, ",\n");
    example_put_planted(out, "affect.gap_crude", pair,
                        reader_accuracy(READER_BREMMER) - reader_accuracy(READER_ALDISH), false);
    onus_text_add(out, "\n ],\n \"warnings\": [\"base_rate\"],\n");
    example_claims_json(CLAIMS, N_CLAIMS, out);
    onus_text_add(out, "\n}\n");
}
