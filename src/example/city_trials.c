/* The texts of the three accuracy trials of the teaching city: a case for each vendor, and what was
 * planted in its boxes.
 *
 * The cases differ in a file's name and in what was claimed, so that a reader sees the same
 * protocol tell three vendors apart: one that counts, one that knows more, one that saw the
 * answers.
 *
 * Called by place.c and city_words.c after the tables, whose counts are named. */
#include "claims.h"
#include "example_internal.h"
#include "words.h"

enum { CLAIMS_MAX = 3 };

#define COUNTING "{baseline: moving_count}"
#define COUNTING_JSON "{\"baseline\": \"moving_count\"}"

const char *const CITY_VENDOR_NAMES[CITY_N_VENDORS] = {[CITY_VENDOR_EVEN] = "even",
                                                       [CITY_VENDOR_BETTER] = "better",
                                                       [CITY_VENDOR_LEAKING] = "leaking"};

static const struct {
    const char *file;
    const char *title;
    const char *product; /* comment in the case */
    const char *planted;
    example_claim claims[CLAIMS_MAX];
} VENDORS[CITY_N_VENDORS] = {
    [CITY_VENDOR_EVEN] =
        {"vendor_even.csv",
         "Does Evenbeat find more break-ins than counting does?",
         "# Evenbeat: twenty boxes of 150 m for every day, issued two hours before it.\n",
         "counts the break-ins of the last 180 days on a grid of its own, of those entered before "
         "it issues, and nothing else",
         {{"Evenbeat finds at least a quarter more break-ins than counting them would",
           "place.capture_ratio", COUNTING, COUNTING_JSON, "at_least: 1.25", "\"at_least\": 1.25",
           "contradicted", "it is a count: on the same ground it captures what a count captures"},
          {"Evenbeat finds more than counting does", "place.capture_ratio", COUNTING, COUNTING_JSON,
           "at_least: 1", "\"at_least\": 1", "not shown",
           "the true ratio is about 1, so no amount of such data puts the interval on one side"},
          {"Boxes of Evenbeat come true four times as often as boxes placed by chance",
           "place.hit_lift", NULL, "{}", "at_least: 4", "\"at_least\": 4", "supported",
           "so do those of any count: better than chance is not better than counting"}}},
    [CITY_VENDOR_BETTER] =
        {"vendor_better.csv",
         "Does Surewatch find more break-ins than counting does?",
         "# Surewatch: twenty boxes of 150 m for every day, issued two hours before it.\n",
         "knows where the city's own places stand that day, to 20 m, the drifting ones as soon as "
         "they are born; it has seen no record",
         {{"Surewatch finds at least half as many break-ins again as counting them would",
           "place.capture_ratio", COUNTING, COUNTING_JSON, "at_least: 1.5", "\"at_least\": 1.5",
           "supported", "a count finds a drifting place when it is almost over"},
          {"Surewatch finds at least a tenth more than any usual method does",
           "place.capture_ratio", "{baseline: any}", "{\"baseline\": \"any\"}", "at_least: 1.1",
           "\"at_least\": 1.1", "supported",
           "methods that learn from records need some in the place first"},
          {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}}},
    [CITY_VENDOR_LEAKING] =
        {"vendor_leaking.csv",
         "Did Foreglow predict the break-ins?",
         "# Foreglow: twenty boxes of 150 m for every day. Look at the column `issued`.\n",
         "half of the day's own break-ins, the rest by counting",
         {{"Foreglow finds at least twice as many break-ins as counting them would",
           "place.capture_ratio", COUNTING, COUNTING_JSON, "at_least: 2", "\"at_least\": 2",
           "not shown",
           "its figures are far above 2, and no verdict may rest on boxes of which some were "
           "issued "
           "when the answer was known"},
          {"Foreglow issues its boxes before the day they are for", "place.issued_late", NULL, "{}",
           "at_most: 0.01", "\"at_most\": 0.01", "contradicted",
           "the column `issued` says so itself"},
          {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}}},
};

/* Sentences hold no character that YAML, JSON or Markdown would want otherwise. */
static size_t n_claims(city_vendor vendor) {
    size_t n = 0;
    while (n < CLAIMS_MAX && VENDORS[vendor].claims[n].say != NULL) {
        n++;
    }
    return n;
}

void city_write_trial(const city *c, city_vendor vendor, onus_text *out) {
    onus_text_addf(out,
                   "# Accuracy on trial: does it work? Merrow does not exist; ANSWER.md says what "
                   "was planted.\n"
                   "#   onus try case_%s.yaml\n"
                   "onus: 1\n"
                   "title: %s\n"
                   "kind: place\n"
                   "\n"
                   "# The city: where something could have been flagged.\n"
                   "areas: {file: areas.geojson, id: geoid}\n"
                   "\n"
                   "# Recorded break-ins. They begin 26 weeks before the period, so that counting "
                   "has something to\n"
                   "# count; `recorded` is when the record came to exist.\n"
                   "outcomes:\n"
                   "  file: breakins.csv\n"
                   "  time: {column: when, zone: UTC}\n"
                   "  recorded: {column: entered, zone: UTC}\n"
                   "  lon: lon\n"
                   "  lat: lat\n"
                   "\n"
                   "%s"
                   "predictions:\n"
                   "  form: boxes\n"
                   "  file: %s\n"
                   "  lon: lon\n"
                   "  lat: lat\n"
                   "  size: %d m\n"
                   "  issued: {column: issued, zone: UTC}\n"
                   "  from: {column: start, zone: UTC}\n"
                   "  until: {column: end, zone: UTC}\n"
                   "\n"
                   "# Cells for the methods it is compared with. They flag as much ground as the "
                   "product does, day by\n"
                   "# day, from records before that day. Which ground stays inside the program.\n"
                   "grid: {cell: %d m}\n"
                   "period: {from: 2025-01-06, until: 2026-01-05}\n"
                   "protocol:\n"
                   "  window: 1 d\n"
                   "  baselines: [uniform, previous_window, moving_count, long_run, kde, "
                   "near_repeat, self_exciting]\n"
                   "  history: 180 d\n"
                   "  resample: {unit: week, replicates: 2000, level: 0.95}\n"
                   "  sensitivity: {box: [100 m, 200 m], shift: true}\n"
                   "  seed: %llu\n"
                   "  suppress_below: 10\n"
                   "\n",
                   CITY_VENDOR_NAMES[vendor], VENDORS[vendor].title, VENDORS[vendor].product,
                   VENDORS[vendor].file, CITY_BOX_M, CITY_BOX_M, (unsigned long long)c->seed);
    example_claims_case(VENDORS[vendor].claims, n_claims(vendor), out);
}

void city_write_trials_readme(const city *c, onus_text *out) {
    onus_text_add(out, "| breakins.csv | ");
    example_put_count(out, c->n_breakins);
    onus_text_add(out,
                  " recorded break-ins, 26 weeks before 2025 and the year; for the three cases "
                  "below |\n");
    for (int v = 0; v < CITY_N_VENDORS; v++) {
        onus_text_addf(out, "| case_%s.yaml, %s | does it work? ", CITY_VENDOR_NAMES[v],
                       VENDORS[v].file);
        example_put_count(out, c->vendors[v].n);
        onus_text_add(out, " boxes of a vendor, twenty for every day |\n");
    }
}

void city_write_trials_answer(const city *c, onus_text *out) {
    onus_text_add(
        out, "\n# Three vendors of dated boxes\n\n"
             "Break-ins come from four things: 25 places where much happens all the time, about "
             "twelve hot spots at\na time that live for three weeks and drift by 10 m a day, a "
             "background, and repeats within days of\none another. Each vendor issues twenty "
             "boxes a day.\n\n| vendor | boxes | what it does |\n|---|---|---|\n");
    for (int v = 0; v < CITY_N_VENDORS; v++) {
        onus_text_addf(out, "| `%s` | ", VENDORS[v].file);
        example_put_count(out, c->vendors[v].n);
        onus_text_addf(out, " | %s |\n", VENDORS[v].planted);
    }
    onus_text_add(out, "\nOf the boxes of `vendor_leaking.csv`, ");
    example_put_count(out, c->vendors[CITY_VENDOR_LEAKING].n_late);
    onus_text_add(out, " lie on a break-in that had been entered already, and their time\nof issue "
                       "says so: it is after the start of their day. Another ");
    example_put_count(out, c->vendors[CITY_VENDOR_LEAKING].n_backdated);
    onus_text_add(
        out, " lie on break-ins that were\nentered days later, with a time of issue that looks "
             "clean. Nothing in the table betrays these: a trial\ncan say that the vendor does "
             "too well for what is known, not how. Predictions that are sealed on the day\nthey "
             "are made leave no such doubt.\n");
    onus_text_add(out, "\n| case | claim | verdict | because |\n|---|---|---|---|\n");
    for (city_vendor v = 0; v < CITY_N_VENDORS; v++) {
        for (size_t i = 0; i < n_claims(v); i++) {
            const example_claim *claim = &VENDORS[v].claims[i];
            onus_text_addf(out, "| case_%s.yaml | %s | %s | %s |\n", CITY_VENDOR_NAMES[v],
                           claim->say, claim->verdict, claim->because);
        }
    }
}

void city_write_trials_json(const city *c, onus_text *out) {
    onus_text_add(out, " \"trials\": [\n");
    for (city_vendor v = 0; v < CITY_N_VENDORS; v++) {
        onus_text_addf(out,
                       "%s  {\"case\": \"case_%s.yaml\", \"boxes\": %zu, \"issued_late\": %zu, "
                       "\"backdated\": %zu, \"verdicts\": [\n",
                       v == 0 ? "" : ",\n", CITY_VENDOR_NAMES[v], c->vendors[v].n,
                       c->vendors[v].n_late, c->vendors[v].n_backdated);
        example_claims_rows(VENDORS[v].claims, n_claims(v), "    ", out);
        onus_text_add(out, "]}");
    }
    onus_text_add(out, "\n ]");
}
