/* Accuracy: what a trial says of small made-up towns, held against counting by hand and by brute
 * force. Files are written to a folder of their own and read as any case is. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_trial.h"
#include "onus/stats_calibration.h"
#include "onus/stats_csep.h"

/* ---- boxes ---- */

static const char BOXES[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat, type: "
    "kind, "
    "types: {theft: [THEFT, SHOPLIFT], arson: ARSON}}\n"
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 400 m, from: {column: "
    "start, zone: UTC}, lasts: 12 h, type: kind}\n"
    "grid: {cell: 400 m}\nperiod: {from: 2025-01-01, until: 2025-02-01}\n"
    "protocol: {window: 12 h, baselines: [uniform, moving_count], history: 10 d, resample: {unit: "
    "day, replicates: 50}, sensitivity: {box: [200 m, 400 m]}, seed: 1}\n";

static void write_random_town(uint32_t seed) {
    static const char *const KINDS[] = {"THEFT", "SHOPLIFT", "ARSON", "OTHER"};
    uint32_t random = seed;
    FILE *file = file_for("records.csv");
    fputs("when,lon,lat,kind\n", file);
    for (int i = 0; i < 600; i++) {
        const unsigned day = 1 + next_random(&random) % 31;
        const unsigned hour = next_random(&random) % 24;
        /* Off the town's very edge, where the projection's rounding decides who is inside. */
        const double spread = i % 2 == 0 ? 0.0398 : 0.01;
        const double lon_deg = 0.0001 + uniform(&random) * spread;
        const double lat_deg = 0.0001 + uniform(&random) * spread;
        fprintf(file, "2025-01-%02u %02u:15,%.6f,%.6f,%s\n", day, hour, lon_deg, lat_deg,
                KINDS[next_random(&random) % 4]);
    }
    fclose(file);
    file = file_for("boxes.csv");
    fputs("lon,lat,start,kind\n", file);
    for (int i = 0; i < 250; i++) {
        /* One draw a statement: the order of a call's arguments is the compiler's. */
        const double lon_deg = uniform(&random) * 0.015;
        const double lat_deg = uniform(&random) * 0.015;
        const unsigned day = 1 + next_random(&random) % 31;
        const char *start = next_random(&random) % 2 == 0 ? "00:00" : "12:00";
        const char *kind = next_random(&random) % 3 == 0 ? "arson" : "theft";
        fprintf(file, "%.6f,%.6f,2025-01-%02u %s,%s\n", lon_deg, lat_deg, day, start, kind);
    }
    fclose(file);
    write_text("town.geojson", TOWN);
}

static bool stands_for(const char *recorded, const char *predicted) {
    return strcmp(predicted, "arson") == 0
               ? strcmp(recorded, "ARSON") == 0
               : strcmp(recorded, "THEFT") == 0 || strcmp(recorded, "SHOPLIFT") == 0;
}

static void hits_and_capture_are_what_brute_force_finds(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        trial t;
        write_random_town(seed);
        try_text(&t, BOXES);
        const onus_flags *f = &t.evidence.flags;
        const onus_outcomes *o = &t.evidence.outcomes;
        double hits[2] = {0, 0};
        double captured[2] = {0, 0};
        double outcomes[2] = {0, 0};
        double smaller = 0;
        for (size_t k = 0; k < 2; k++) {
            const char *type = k == 0 ? "theft" : "arson";
            for (size_t i = 0; i < o->n_outcomes; i++) {
                bool caught = false;
                if (!stands_for(o->types[o->type[i]], type)) {
                    continue;
                }
                outcomes[k] += 1;
                for (size_t r = 0; r < f->n_flags && !caught; r++) {
                    caught =
                        strcmp(f->types[f->type[r]], type) == 0 &&
                        o->unix_s[i] >= f->from_unix_s[r] && o->unix_s[i] < f->until_unix_s[r] &&
                        fabs(o->x_m[i] - f->x_m[r]) <= 200 && fabs(o->y_m[i] - f->y_m[r]) <= 200;
                }
                captured[k] += caught;
            }
            for (size_t r = 0; r < f->n_flags; r++) {
                bool hit = false;
                bool hit_smaller = false;
                for (size_t i = 0; i < o->n_outcomes; i++) {
                    const bool in = strcmp(f->types[f->type[r]], type) == 0 &&
                                    stands_for(o->types[o->type[i]], type) &&
                                    o->unix_s[i] >= f->from_unix_s[r] &&
                                    o->unix_s[i] < f->until_unix_s[r];
                    const double off =
                        fmax(fabs(o->x_m[i] - f->x_m[r]), fabs(o->y_m[i] - f->y_m[r]));
                    hit = hit || (in && off <= 200);
                    hit_smaller = hit_smaller || (in && off <= 100);
                }
                hits[k] += hit;
                smaller += hit_smaller;
            }
        }
        assert_true(trial_find(&t, "place.hit_rate", "")->num == hits[0] + hits[1]);
        assert_true(trial_find(&t, "place.hit_rate", "type=theft")->num == hits[0]);
        assert_true(trial_find(&t, "place.hit_rate", "type=arson")->num == hits[1]);
        assert_true(trial_find(&t, "place.capture_rate", "")->num == captured[0] + captured[1]);
        assert_true(trial_find(&t, "place.capture_rate", "type=arson")->num == captured[1]);
        assert_true(trial_find(&t, "place.capture_rate", "")->den == outcomes[0] + outcomes[1]);
        assert_true(trial_find(&t, "place.hit_rate", "box_m=200")->num == smaller);
        assert_true(trial_find(&t, "place.hit_rate", "box_m=400")->num == hits[0] + hits[1]);
        assert_true(trial_find(&t, "place.hit_rate", "rule=any_type")->num >= hits[0] + hits[1]);
        assert_true(trial_find(&t, "place.windows", "")->value == 62);
        trial_clear(&t);
    }
}

/* Hits by chance: the centre laid on a fine lattice over the region, every place tried. */
static void chance_is_the_share_of_places_that_would_have_hit(void **state) {
    (void)state;
    enum { N = 120 };
    trial t;
    write_random_town(4);
    try_text(&t, BOXES);
    const onus_flags *f = &t.evidence.flags;
    const onus_outcomes *o = &t.evidence.outcomes;
    const onus_layer *region = &t.evidence.region;
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {-INFINITY, -INFINITY};
    for (size_t k = 0; k < region->n_points; k++) {
        low[0] = fmin(low[0], region->x_m[k]);
        high[0] = fmax(high[0], region->x_m[k]);
        low[1] = fmin(low[1], region->y_m[k]);
        high[1] = fmax(high[1], region->y_m[k]);
    }
    double expected = 0;
    size_t *due = onus_alloc_n(o->n_outcomes, sizeof *due);
    assert_non_null(due);
    for (size_t r = 0; r < f->n_flags; r++) {
        double hit = 0;
        size_t n_due = 0; /* of its types and times */
        for (size_t i = 0; i < o->n_outcomes; i++) {
            if (stands_for(o->types[o->type[i]], f->types[f->type[r]]) &&
                o->unix_s[i] >= f->from_unix_s[r] && o->unix_s[i] < f->until_unix_s[r]) {
                due[n_due++] = i;
            }
        }
        for (int a = 0; a < N; a++) {
            for (int b = 0; b < N; b++) {
                const double x = low[0] + (a + 0.5) / N * (high[0] - low[0]);
                const double y = low[1] + (b + 0.5) / N * (high[1] - low[1]);
                bool any = false;
                for (size_t d = 0; d < n_due && !any; d++) {
                    any = fabs(o->x_m[due[d]] - x) <= 200 && fabs(o->y_m[due[d]] - y) <= 200;
                }
                hit += any;
            }
        }
        expected += hit / (N * N);
    }
    const onus_measure *m = trial_find(&t, "place.hit_rate_chance", "");
    assert_true(fabs(m->num / expected - 1) < 0.01);
    onus_free(due);
    trial_clear(&t);
}

/* Two boxes on the same ground and time count once, one that reaches out of the region by half. */
static void flagged_ground_counts_once_and_only_inside(void **state) {
    (void)state;
    trial t;
    write_text("town.geojson", TOWN);
    write_text("records.csv", "when,lon,lat,kind\n2025-01-31 13:00,0.02,0.02,THEFT\n"
                              "2025-01-05 03:00,0.02,0.02,THEFT\n");
    write_text("boxes.csv", "lon,lat,start,kind\n0.02,0.02,2025-01-05,theft\n"
                            "0.02,0.02,2025-01-05,theft\n0,0.02,2025-01-06,theft\n");
    try_text(&t, BOXES);
    const onus_measure *share = trial_find(&t, "place.area_share", "type=theft");
    const onus_measure *cells = trial_find(&t, "place.cells", "");
    const double region_m2 = share->den / (62 * 43200.0);
    assert_true(cells->value > 100);
    assert_true(fabs(region_m2 / (0.04 * 111319.5 * 0.04 * 110574.0) - 1) < 0.01);
    assert_true(fabs(share->num / (1.5 * 400 * 400 * 43200) - 1) < 1e-4);
    trial_clear(&t);
}

/* Four outcomes around a corner of the grid: one box holds them, four cells do not hold more than
 * one each. The best of as many boxes is what the box is held against, and it never does better. */
static void boxes_are_held_against_the_best_boxes(void **state) {
    (void)state;
    trial t;
    write_text("town.geojson", TOWN);
    write_text("records.csv", "when,lon,lat,kind\n2025-01-05 03:00,0.0199,0.0199,THEFT\n"
                              "2025-01-05 03:00,0.0201,0.0199,THEFT\n"
                              "2025-01-05 04:00,0.0199,0.0201,THEFT\n"
                              "2025-01-05 05:00,0.0201,0.0201,THEFT\n"
                              "2025-01-05 05:00,0.0301,0.0201,THEFT\n"
                              "2025-01-31 13:00,0.01,0.01,ARSON\n");
    write_text("boxes.csv", "lon,lat,start,kind\n0.02,0.02,2025-01-05,theft\n");
    try_text(&t, BOXES);
    const onus_measure *pei = trial_find(&t, "place.pei_star", "type=theft");
    assert_true(pei->num == 4 && pei->den == 4);
    trial_clear(&t);
    write_text("boxes.csv", "lon,lat,start,kind\n0.02,0.02,2025-01-05,theft\n"
                            "0.02,0.02,2025-01-05,theft\n" /* the same again: still one box */
                            "0.005,0.005,2025-01-05,theft\n");
    try_text(&t, BOXES);
    pei = trial_find(&t, "place.pei_star", "type=theft");
    assert_true(pei->num == 4 && pei->den == 5);
    trial_clear(&t);
    for (uint32_t seed = 1; seed <= 3; seed++) {
        write_random_town(seed);
        try_text(&t, BOXES);
        for (size_t i = 0; i < onus_result_n_measures(&t.result); i++) {
            const onus_measure *m = onus_result_measure(&t.result, i);
            if (strcmp(m->def->id, "place.pei_star") == 0 && m->has_value) {
                assert_true(m->value >= 0.0 && m->value <= 1.0);
            }
        }
        trial_clear(&t);
    }
}

/* [from, until): an outcome at the first moment is in, one at the end is out; edges of a box are
 * in.
 */
static void time_is_half_open_and_edges_are_inside(void **state) {
    (void)state;
    trial t;
    write_text("town.geojson", TOWN);
    write_text("boxes.csv", "lon,lat,start,kind\n0.02,0.02,2025-01-05 00:00,theft\n");
    write_text("records.csv", "when,lon,lat,kind\n2025-01-05 00:00,0.02,0.02,THEFT\n"
                              "2025-01-05 12:00,0.02,0.02,THEFT\n2025-01-04 23:59,0.02,0.02,THEFT\n"
                              "2025-01-05 06:00,0.02,0.02,OTHER\n2025-01-31 12:00,0.03,0.03,ARSON\n"
                              "2025-01-07 06:00,0.05,0.02,THEFT\n");
    try_text(&t, BOXES);
    assert_true(trial_find(&t, "place.capture_rate", "type=theft")->num == 1);
    assert_true(trial_find(&t, "place.capture_rate", "type=theft")->den == 3);
    assert_true(trial_find(&t, "place.outcomes", "")->num == 3);
    assert_true(trial_find(&t, "place.outcomes", "")->den == 6);
    trial_clear(&t);
}

static void patrols_are_told_apart(void **state) {
    (void)state;
    char text[2048];
    trial t;
    write_text("town.geojson", TOWN);
    write_text("boxes.csv",
               "lon,lat,start,kind\n0.02,0.02,2025-01-05,theft\n0.01,0.01,2025-01-05,theft\n"
               "0.02,0.02,2025-01-06,theft\n0.03,0.03,2025-01-07,theft\n");
    write_text("records.csv",
               "when,lon,lat,kind\n2025-01-05 03:00,0.02,0.02,THEFT\n"
               "2025-01-07 03:00,0.03,0.03,THEFT\n2025-01-31 13:00,0.01,0.01,ARSON\n");
    write_text("visits.csv", "lon,lat,a,b\n0.02,0.02,2025-01-05 01:00,2025-01-05 01:30\n"
                             "0.02,0.02,2025-01-05 11:50,2025-01-05 12:30\n"
                             "0.02,0.02,2025-01-06 11:00,\n0.01,0.01,2025-01-05 12:00,\n");
    snprintf(text, sizeof text,
             "%spatrols: {file: visits.csv, lon: lon, lat: lat, from: {column: a, zone: UTC}, "
             "until: {column: b, zone: UTC}}\n",
             BOXES);
    try_text(&t, text);
    assert_true(trial_find(&t, "place.patrolled", "")->num == 2);
    assert_true(trial_find(&t, "place.patrolled", "")->den == 4);
    assert_true(fabs(trial_find(&t, "place.patrol_minutes", "")->num - 40) < 1e-9);
    assert_true(trial_find(&t, "place.hit_rate", "patrolled=yes")->value == 0.5);
    assert_true(trial_find(&t, "place.hit_rate", "patrolled=no")->value == 0.5);
    assert_true(fabs(trial_find(&t, "place.hit_rate_bound", "bound=high delta=0.2")->num - 2.2) <
                1e-12);
    trial_clear(&t);
}

/* ---- forecasts of rates ---- */

enum { SIDE = 6, DAYS = 40, FIRST = 15 };

static const char RATES[] =
    "onus: 1\ntitle: T\nkind: place\ngrid: {file: grid.geojson, id: id}\n"
    "outcomes: {file: records.csv, time: {column: day, zone: UTC}, cell: cell, count: n}\n"
    "predictions: {form: risk, file: rates.csv, cell: cell, rate: rate, time: {column: day, zone: "
    "UTC}}\n"
    "period: {from: 2025-01-16, until: 2025-02-10}\n"
    "protocol: {window: 1 d, top_cells: [3, 8], baselines: [previous_window, moving_count, "
    "long_run], history: 7 d, ties: lowest_id, sensitivity: {shift: true}, resample: {unit: day, "
    "replicates: 50}, csep: {simulations: 200}, seed: 1}\n";

static void day_text(int day, char *out, size_t size) {
    snprintf(out, size, "2025-%02d-%02d", day < 31 ? 1 : 2, day < 31 ? day + 1 : day - 30);
}

static void write_rates(uint32_t seed, double rate[DAYS][SIDE * SIDE],
                        double count[DAYS][SIDE * SIDE]) {
    char day[32];
    uint32_t random = seed;
    FILE *grid = file_for("grid.geojson");
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", grid);
    for (int c = 0; c < SIDE * SIDE; c++) {
        const double x = 0.002 * (c % SIDE);
        const double y = 0.002 * (c / SIDE);
        fprintf(grid,
                "%s{\"type\":\"Feature\",\"properties\":{\"id\":%d},\"geometry\":{\"type\":"
                "\"Polygon\",\"coordinates\":[[[%.3f,%.3f],[%.3f,%.3f],[%.3f,%.3f],[%.3f,%.3f],["
                "%.3f,%.3f]]]}}",
                c > 0 ? "," : "", c + 1, x, y, x + 0.002, y, x + 0.002, y + 0.002, x, y + 0.002, x,
                y);
    }
    fputs("]}", grid);
    fclose(grid);
    FILE *rates = file_for("rates.csv");
    FILE *records = file_for("records.csv");
    fputs("cell,day,rate\n", rates);
    fputs("cell,day,n\n", records);
    for (int d = 0; d < DAYS; d++) {
        day_text(d, day, sizeof day);
        for (int c = 0; c < SIDE * SIDE; c++) {
            rate[d][c] = (double)(next_random(&random) % 5) / 4;
            count[d][c] = next_random(&random) % 4 == 0 ? (double)(next_random(&random) % 4) : 0;
            if (d == DAYS - 1 && c == 0) {
                count[d][c] = 1; /* the last day has a record */
            }
            if (d >= FIRST) {
                fprintf(rates, "%d,%s,%g\n", c + 1, day, rate[d][c]);
            }
            if (count[d][c] > 0) {
                fprintf(records, "%d,%s,%g\n", c + 1, day, count[d][c]);
            }
        }
    }
    fclose(rates);
    fclose(records);
}

/* Outcomes in the k highest cells, equals by lowest id: a plain sort. */
static double highest(const double *score, const double *count, int k) {
    bool taken[SIDE * SIDE] = {false};
    double sum = 0;
    for (int n = 0; n < k; n++) {
        int best = -1;
        for (int c = 0; c < SIDE * SIDE; c++) {
            if (!taken[c] && (best < 0 || score[c] > score[best])) {
                best = c;
            }
        }
        taken[best] = true;
        sum += count[best];
    }
    return sum;
}

static void capture_is_what_a_plain_sort_finds(void **state) {
    (void)state;
    static double rate[DAYS][SIDE * SIDE];
    static double count[DAYS][SIDE * SIDE];
    static const int TOPS[] = {3, 8};
    for (uint32_t seed = 11; seed <= 14; seed++) {
        trial t;
        write_rates(seed, rate, count);
        try_text(&t, RATES);
        for (int k = 0; k < 2; k++) {
            double product = 0;
            double theirs[3] = {0, 0, 0};
            char scope[64];
            for (int d = FIRST; d < DAYS; d++) {
                double score[3][SIDE * SIDE] = {{0}};
                for (int c = 0; c < SIDE * SIDE; c++) {
                    for (int e = 0; e < d; e++) {
                        score[0][c] += e == d - 1 ? count[e][c] : 0;
                        score[1][c] += e >= d - 7 ? count[e][c] : 0;
                        score[2][c] += count[e][c];
                    }
                }
                product += highest(rate[d], count[d], TOPS[k]);
                for (int b = 0; b < 3; b++) {
                    theirs[b] += highest(score[b], count[d], TOPS[k]);
                }
            }
            snprintf(scope, sizeof scope, "top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.capture_rate", scope)->num == product);
            snprintf(scope, sizeof scope, "baseline=previous_window top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.baseline_capture", scope)->num == theirs[0]);
            snprintf(scope, sizeof scope, "baseline=moving_count top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.baseline_capture", scope)->num == theirs[1]);
            assert_true(trial_find(&t, "place.capture_ratio", scope)->den == theirs[1]);
            snprintf(scope, sizeof scope, "baseline=long_run top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.baseline_capture", scope)->num == theirs[2]);
            snprintf(scope, sizeof scope, "ties=worst top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.capture_rate", scope)->num <= product);
            snprintf(scope, sizeof scope, "ties=best top=%d", TOPS[k]);
            assert_true(trial_find(&t, "place.capture_rate", scope)->num >= product);
        }
        const double score = trial_find(&t, "place.brier", "")->value;
        assert_true(fabs(trial_find(&t, "place.mcb", "")->value -
                         trial_find(&t, "place.dsc", "")->value +
                         trial_find(&t, "place.unc", "")->value - score) < 1e-12);
        const onus_measure *fixed =
            trial_find(&t, "place.sensitivity",
                       "baseline=moving_count bound=low change=shift of=capture_ratio");
        assert_false(fixed->has_value);
        assert_non_null(strstr(fixed->reason, "cannot be moved"));
        trial_clear(&t);
    }
}

/* Records that came to exist only later are nothing a method could have counted. */
static void methods_see_a_record_only_once_it_exists(void **state) {
    (void)state;
    static const char WITH[] =
        "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
        "outcomes: {file: records.csv, time: {column: when, zone: UTC}, recorded: {column: made, "
        "zone: UTC}, lon: lon, lat: lat}\n"
        "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 400 m, from: "
        "{column: start, zone: UTC}, lasts: 24 h}\n"
        "grid: {cell: 400 m}\nperiod: {from: 2025-01-10, until: 2025-01-20}\n"
        "protocol: {window: 1 d, baselines: [moving_count, long_run], history: 5 d, resample: "
        "{unit: day, replicates: 50}, seed: 1}\n";
    double captured[3];
    write_text("town.geojson", TOWN);
    FILE *boxes = file_for("boxes.csv");
    fputs("lon,lat,start\n", boxes);
    for (int d = 10; d < 20; d++) {
        fprintf(boxes, "0.005,0.005,2025-01-%02d\n", d);
    }
    fclose(boxes);
    for (int late = 0; late < 3; late++) { /* at once, after three days, after a year */
        trial t;
        FILE *records = file_for("records.csv");
        fputs("when,made,lon,lat\n", records);
        for (int d = 1; d < 20; d++) {
            fprintf(records, "2025-01-%02d 09:00,%d-01-%02d 09:00,0.03,0.03\n", d,
                    late == 2 ? 2026 : 2025, late == 1 ? d + 3 : d);
        }
        fclose(records);
        try_text(&t, WITH);
        captured[late] = trial_find(&t, "place.baseline_capture", "baseline=moving_count")->num;
        assert_true(fabs(trial_find(&t, "place.baseline_capture", "baseline=long_run")->num -
                         captured[late]) < 1e-9);
        assert_true(trial_find(&t, "place.recorded_late", "")->num == (late == 0 ? 0 : 10));
        trial_clear(&t);
    }
    assert_true(captured[0] > 9.9 && fabs(captured[1] - captured[0]) < 1e-9);
    assert_true(captured[2] < 0.2);
}

static void windows_after_the_last_record_are_refused(void **state) {
    (void)state;
    static double rate[DAYS][SIDE * SIDE];
    static double count[DAYS][SIDE * SIDE];
    onus_error err = ONUS_ERROR_INIT;
    trial t;
    write_rates(21, rate, count);
    write_text("records.csv", "cell,day,n\n3,2025-01-20,1\n");
    assert_int_equal(try_in(&t, RATES, &err), ONUS_ERR_DATA);
    assert_non_null(strstr(err.text, "20 of 25 windows begin after the last recorded outcome "
                                     "(2025-01-20)"));
    assert_int_equal(onus_result_n_measures(&t.result), 0);
    trial_clear(&t);
}

static void a_missing_rate_fails_the_scores_and_ranks_last(void **state) {
    (void)state;
    static double rate[DAYS][SIDE * SIDE];
    static double count[DAYS][SIDE * SIDE];
    trial t;
    write_rates(31, rate, count);
    FILE *file = file_for("rates.csv");
    fputs("cell,day,rate\n", file);
    for (int d = FIRST; d < DAYS; d++) {
        char day[32];
        day_text(d, day, sizeof day);
        for (int c = 0; c < SIDE * SIDE; c++) {
            if (c % 2 == 0) {
                fprintf(file, "%d,%s,0.5\n", c + 1, day);
            }
        }
    }
    fclose(file);
    try_text(&t, RATES);
    assert_false(trial_find(&t, "place.brier", "")->has_value);
    assert_false(trial_find(&t, "place.mcb", "")->has_value);
    assert_non_null(strstr(trial_find(&t, "place.pit_ks", "null=poisson")->reason, "missing"));
    assert_false(trial_find(&t, "place.csep_l", "null=poisson")->has_value);
    assert_false(trial_find(&t, "place.csep_n", "null=poisson tail=low")->has_value);
    assert_true(trial_find(&t, "place.predictions", "")->num == 25 * 18);
    double product = 0;
    for (int d = FIRST; d < DAYS; d++) {
        for (int c = 0; c < 6; c += 2) {
            product += count[d][c];
        }
    }
    assert_true(trial_find(&t, "place.capture_rate", "top=3")->num == product);
    assert_true(has_warning(&t, "not_issued"));
    trial_clear(&t);
}

/* Totals of windows, and all cells and windows together: what the kernels say of the same numbers.
 */
static void totals_are_tested_as_the_kernels_test_them(void **state) {
    (void)state;
    enum { N = DAYS - FIRST, BINS = N * SIDE * SIDE };
    static double rate[DAYS][SIDE * SIDE];
    static double count[DAYS][SIDE * SIDE];
    static double rates[BINS];
    static double counts[BINS];
    double forecast[N] = {0};
    double total[N] = {0};
    double before[FIRST] = {0};
    double by_cell[2][SIDE * SIDE] = {{0}};
    trial t;
    write_rates(41, rate, count);
    FILE *file = file_for("rates.csv");
    fputs("cell,day,rate\n", file);
    for (int d = 0; d < DAYS; d++) {
        char day[32];
        day_text(d, day, sizeof day);
        for (int c = 0; c < SIDE * SIDE; c++) {
            const int bin = (d - FIRST) * SIDE * SIDE + c;
            if (d < FIRST) {
                before[d] += count[d][c];
                continue;
            }
            rates[bin] = 0.125 * (1 + (7 * c + 3 * d) % 5);
            counts[bin] = count[d][c];
            forecast[d - FIRST] += rates[bin];
            total[d - FIRST] += counts[bin];
            by_cell[0][c] += rates[bin];
            by_cell[1][c] += counts[bin];
            fprintf(file, "%d,%s,%g\n", c + 1, day, rates[bin]);
        }
    }
    fclose(file);
    try_text(&t, RATES);
    double sums[3] = {0};
    for (int d = 0; d < N; d++) {
        sums[0] += forecast[d];
        sums[1] += total[d];
    }
    for (int d = 0; d < FIRST; d++) {
        sums[2] += before[d];
    }
    const double dispersion = onus_csep_variance(before, FIRST).value / (sums[2] / FIRST);
    assert_true(fabs(trial_find(&t, "place.dispersion", "")->value - dispersion) < 1e-12);
    assert_true(dispersion > 1);
    const onus_csep_number number = onus_csep_number_test(sums[0], sums[1], NAN);
    assert_true(fabs(trial_find(&t, "place.csep_n", "null=poisson tail=low")->value -
                     number.delta2.value) < 1e-12);
    const onus_csep_number spread = onus_csep_number_test(sums[0], sums[1], dispersion * sums[0]);
    assert_true(fabs(trial_find(&t, "place.csep_n", "null=negbin tail=high")->value -
                     spread.delta1.value) < 1e-9);
    const double joint = onus_csep_log_likelihood(rates, counts, BINS, 1).value;
    assert_true(fabs(trial_find(&t, "place.csep_l_score", "")->value - joint) < 1e-9);
    assert_true(fabs(trial_find(&t, "place.csep_cl_score", "")->value - joint) < 1e-9);
    const double space =
        onus_csep_log_likelihood(by_cell[0], by_cell[1], SIDE * SIDE, sums[1] / sums[0]).value;
    assert_true(fabs(trial_find(&t, "place.csep_s_score", "")->value - space) < 1e-9);
    assert_true(trial_find(&t, "place.csep_cl", "null=clustered")->has_value);
    assert_true(trial_find(&t, "place.csep_l", "null=poisson")->has_p);
    double low[N];
    double high[N];
    double value[N];
    onus_ks ks;
    assert_int_equal(onus_pit_poisson(forecast, total, N, low, high), ONUS_OK);
    assert_int_equal(onus_pit_random(low, high, N, 1, value), ONUS_OK);
    assert_int_equal(onus_ks_uniform(value, N, &ks), ONUS_OK);
    const onus_measure *poisson = trial_find(&t, "place.pit_ks", "null=poisson");
    assert_true(fabs(poisson->value - ks.statistic) < 1e-9);
    assert_true(poisson->has_p && fabs(poisson->p_value - ks.p_value) < 1e-9);
    assert_true(trial_find(&t, "place.pit_ks", "null=negbin")->p_value >= poisson->p_value);
    assert_true(has_warning(&t, "independent_events"));
    trial_clear(&t);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the tables of the town are written with printf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_and_capture_are_what_brute_force_finds),
        cmocka_unit_test(chance_is_the_share_of_places_that_would_have_hit),
        cmocka_unit_test(flagged_ground_counts_once_and_only_inside),
        cmocka_unit_test(boxes_are_held_against_the_best_boxes),
        cmocka_unit_test(time_is_half_open_and_edges_are_inside),
        cmocka_unit_test(patrols_are_told_apart),
        cmocka_unit_test(capture_is_what_a_plain_sort_finds),
        cmocka_unit_test(methods_see_a_record_only_once_it_exists),
        cmocka_unit_test(windows_after_the_last_record_are_refused),
        cmocka_unit_test(totals_are_tested_as_the_kernels_test_them),
        cmocka_unit_test(a_missing_rate_fails_the_scores_and_ranks_last),
    };
    return cmocka_run_group_tests_name("accuracy", tests, make_temp_dir, remove_temp_dir);
}
