/* The run without officer-made records is the trial of a case that never held them. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_trial.h"

static const char CASE[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: %s, time: {column: when, zone: UTC}, lon: lon, lat: lat, type: kind, "
    "types: {any: [THEFT, STOP]}, source: {citizen: [THEFT], officer: [STOP]}}\n"
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 400 m, from: {column: "
    "start, zone: UTC}, lasts: 1 d}\n"
    "grid: {cell: 200 m}\nperiod: {from: 2025-01-15, until: 2025-02-01}\n"
    "protocol: {window: 1 d, baselines: [moving_count, kde, near_repeat], history: 14 d, "
    "resample: {unit: day, replicates: 50}, seed: 1}\n";

/* Thefts anywhere, stops where the product flags: what patrols find. */
static void write_town(void) {
    uint32_t random = 21;
    FILE *all = file_for("all.csv");
    FILE *citizen = file_for("citizen.csv");
    FILE *boxes = file_for("boxes.csv");
    fputs("when,lon,lat,kind\n", all);
    fputs("when,lon,lat,kind\n", citizen);
    fputs("lon,lat,start\n", boxes);
    for (unsigned day = 1; day <= 31; day++) {
        for (unsigned i = 0; i < 30; i++) {
            const bool stop = i % 3 == 0;
            const double x = uniform(&random);
            const double y = uniform(&random);
            const double lon_deg = stop ? 0.019 + 0.002 * x : 0.001 + 0.038 * x;
            const double lat_deg = stop ? 0.019 + 0.002 * y : 0.001 + 0.038 * y * y;
            char line[96];
            (void)snprintf(line, sizeof line, "2025-01-%02u %02u:30,%.6f,%.6f,%s\n", day, i % 24,
                           lon_deg, lat_deg, stop ? "STOP" : "THEFT");
            fputs(line, all);
            if (!stop) {
                fputs(line, citizen);
            }
        }
        fprintf(boxes, "0.020,0.020,2025-01-%02u\n0.010,0.004,2025-01-%02u\n", day, day);
    }
    fclose(all);
    fclose(citizen);
    fclose(boxes);
    write_text("town.geojson", TOWN);
}

static void try_file(trial *t, const char *file) {
    char text[2048];
    (void)snprintf(text, sizeof text, CASE, file);
    try_text(t, text);
}

static void it_is_the_trial_of_the_publics_records(void **state) {
    (void)state;
    static const struct {
        const char *id;
        const char *with;
        const char *without;
    } same[] = {
        {"place.hit_rate", "records=citizen", ""},
        {"place.hit_rate_chance", "records=citizen", ""},
        {"place.hit_lift", "records=citizen", ""},
        {"place.capture_rate", "records=citizen", ""},
        {"place.pai", "records=citizen", ""},
        {"place.capture_ratio", "baseline=moving_count records=citizen", "baseline=moving_count"},
        {"place.capture_ratio", "baseline=kde records=citizen", "baseline=kde"},
        {"place.capture_gain", "baseline=near_repeat records=citizen", "baseline=near_repeat"},
        {"place.dm", "baseline=kde records=citizen score=captured", "baseline=kde score=captured"},
    };
    trial all;
    trial citizen;
    try_file(&all, "all.csv");
    try_file(&citizen, "citizen.csv");
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        const onus_measure *a = trial_find(&all, same[k].id, same[k].with);
        const onus_measure *b = trial_find(&citizen, same[k].id, same[k].without);
        assert_true(a != NULL && b != NULL && a->has_value);
        assert_true(a->value == b->value && a->num == b->num && a->den == b->den);
        assert_true(a->interval.low == b->interval.low && a->interval.high == b->interval.high);
    }
    /* where nothing is officer-made there is nothing to leave out */
    for (size_t i = 0; i < onus_result_n_measures(&citizen.result); i++) {
        const onus_measure *m = onus_result_measure(&citizen.result, i);
        assert_true(strncmp(m->def->id, "place.", 6) != 0 ||
                    onus_scope_text(&m->scope, "records") == NULL);
    }
    /* and it matters here: the stops lie where the product sends patrols */
    assert_true(trial_find(&all, "place.capture_rate", "")->value >
                2.0 * trial_find(&all, "place.capture_rate", "records=citizen")->value);
    trial_clear(&all);
    trial_clear(&citizen);
}

static void question_nine_says_what_remains(void **state) {
    (void)state;
    trial t;
    try_file(&t, "all.csv");
    const onus_question *questions = t.result.questions.items;
    bool found = false;
    for (size_t q = 0; q < t.result.questions.n_items; q++) {
        if (questions[q].n == 9) {
            found = true;
            assert_string_equal(questions[q].grade, "answered");
            assert_non_null(strstr(questions[q].answer, "records that the public made alone"));
            assert_true(questions[q].n_measures >= 3);
        }
    }
    assert_true(found);
    trial_clear(&t);
}

static int make_files(void **state) {
    if (make_temp_dir(state) != 0) {
        return -1;
    }
    write_town();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_trial_of_the_publics_records),
        cmocka_unit_test(question_nine_says_what_remains),
    };
    (void)setlocale(LC_NUMERIC, "C");
    return cmocka_run_group_tests_name("citizen", tests, make_files, remove_temp_dir);
}
