/* Out of memory anywhere in the simulations of feedback: an error, nothing leaked, nothing
 * half-done.
 *
 * One town with records and people, so that every stage has something to do: the grid loop by both
 * rules and with differing reporting, the algorithm refitted daily, groups, the loop gain of dated
 * boxes, and an urn that has an exact law. The files are read once; the trial, its answers and its
 * verdicts run again and again, each time with another allocation refused (refused_trial.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refused_trial.h"

enum { FIRST_DAYS = 9, DAYS = 15 };

#define HEAD                                                                                       \
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"                               \
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat}\n"         \
    "areas: {file: town.geojson, id: id}\n"                                                        \
    "people: {file: people.csv, id: id, universes: [{name: residents, total: all, groups: {A: a, " \
    "B: b}}]}\n"                                                                                   \
    "grid: {cell: 900 m}\nperiod: {from: 2025-01-10, until: 2025-01-16}\n"                         \
    "protocol: {suppress_below: 10, seed: 1, resample: {unit: day, replicates: 5}}\n"
#define BOXES                                                                                      \
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 900 m, from: {column: " \
    "start, zone: UTC}, lasts: 24 h}\n"

static const char cells[] =
    HEAD "feedback: {models: [grid, lum_isaac], rules: [top, proportional], patrols: 3, runs: 3, "
         "window: 7 d, discovery: [0, 0.5], reported: {column: told}, horizons: [2, 6]}\n"
         "claims: [{say: stays, measure: feedback.amplification, scope: {horizon_days: 6}, "
         "at_most: 1 %}]\n";

static const char scores[] =
    HEAD "feedback: {models: [grid], rules: [top, proportional], scores: [kde, near_repeat, "
         "self_exciting], patrols: 3, runs: 2, window: 7 d, discovery: [0.5], horizons: [3]}\n";

static const char urn[] =
    HEAD BOXES "feedback: {models: [urn], runs: 3, horizons: [5, 20], discovery: [0.5], urn: "
               "{rates: [3, 2], start: [6, 4], draws: 20, increments: deterministic}}\n";

static const char gain[] =
    HEAD BOXES "feedback: {models: [grid], patrols: 3, runs: 2, window: 7 d, discovery: [0.5], "
               "truth: flat}\n";

static void put_square(FILE *file, int id, double x, double side) {
    fprintf(file,
            "%s{\"type\":\"Feature\",\"properties\":{\"id\":\"%d\"},\"geometry\":{\"type\":"
            "\"Polygon\",\"coordinates\":[[[%.3f,0],[%.3f,0],[%.3f,0.04],[%.3f,0.04],[%.3f,0]]]}}",
            id > 1 ? "," : "", id, x, x + side, x + side, x, x);
}

static int write_town(void **state) {
    (void)make_temp_dir(state);
    uint32_t random = 8;
    FILE *town = file_for("town.geojson");
    FILE *records = file_for("records.csv");
    FILE *boxes = file_for("boxes.csv");
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", town);
    put_square(town, 1, 0.0, 0.02);
    put_square(town, 2, 0.02, 0.02);
    fputs("]}", town);
    write_text("people.csv", "id,all,a,b,told\n1,1000,400,600,0.8\n2,800,700,100,0.4\n");
    fputs("when,lon,lat\n", records);
    fputs("lon,lat,start\n", boxes);
    for (unsigned d = 1; d <= DAYS; d++) {
        for (int i = 0; i < 5; i++) {
            const double lon = 0.002 + uniform(&random) * uniform(&random) * 0.036;
            const double lat = 0.002 + uniform(&random) * uniform(&random) * 0.036;
            fprintf(records, "2025-01-%02u 09:00,%.4f,%.4f\n", d, lon, lat);
        }
        if (d > FIRST_DAYS) {
            const double lon = 0.004 + uniform(&random) * 0.03;
            fprintf(boxes, "%.4f,0.02,2025-01-%02u\n", lon, d);
        }
    }
    fclose(town);
    fclose(records);
    fclose(boxes);
    return 0;
}

static void patrols_over_cells_with_differing_reporting(void **state) {
    (void)state;
    survives(cells, "feedback.load");
}

static void every_other_score(void **state) {
    (void)state;
    survives(scores, "feedback.amplification");
}

static void an_urn_with_an_exact_law(void **state) {
    (void)state;
    survives(urn, "feedback.share");
}

static void loop_gain_of_dated_boxes(void **state) {
    (void)state;
    survives(gain, "feedback.loop_gain");
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the tables of the town are written with printf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patrols_over_cells_with_differing_reporting),
        cmocka_unit_test(every_other_score),
        cmocka_unit_test(an_urn_with_an_exact_law),
        cmocka_unit_test(loop_gain_of_dated_boxes),
    };
    return cmocka_run_group_tests_name("feedback_fault", tests, write_town, remove_temp_dir);
}
