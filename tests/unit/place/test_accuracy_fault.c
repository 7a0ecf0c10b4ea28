/* Out of memory anywhere in the accuracy half: an error, nothing leaked, nothing half-done.
 *
 * Four towns, one a form of prediction (boxes, shapes, rates, CSEP), each small but with every
 * stage that the form has. The files are read once; the trial, its answers and its verdicts run
 * again and again, each time with another allocation refused (FAULT_SPREAD says which: all of the
 * first, then ever so many apart; ONUS_TEST_MULT brings them closer together). */
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

enum { FIRST_DAYS = 12, DAYS = 18 };

#define RECORDS                                                                                    \
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, recorded: {column: made, "     \
    "zone: UTC}, lon: lon, lat: lat, type: kind, types: {theft: [THEFT, SHOPLIFT], arson: "        \
    "ARSON}}\n"
#define HEAD "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n" RECORDS
#define PERIOD "period: {from: 2025-01-13, until: 2025-01-19}\n"
#define PEOPLE                                                                                     \
    "areas: {file: town.geojson, id: id}\n"                                                        \
    "people: {file: people.csv, id: id, universes: [{name: residents, total: all, groups: {A: "    \
    "a}}]}\n"
#define CLAIMS                                                                                     \
    "claims:\n"                                                                                    \
    "  - {say: beats them, measure: place.capture_ratio, scope: {baseline: any}, at_least: 1}\n"   \
    "  - {say: hits, measure: place.hit_rate, at_least: 5 %}\n"

static const char boxes[] = HEAD PEOPLE PERIOD
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 900 m, from: {column: "
    "start, zone: UTC}, issued: {column: issued, zone: UTC}, lasts: 24 h, type: kind}\n"
    "patrols: {file: visits.csv, lon: lon, lat: lat, from: {column: a, zone: UTC}, until: {column: "
    "b, zone: UTC}}\n"
    "grid: {cell: 900 m}\n"
    "protocol: {window: 1 d, baselines: [uniform, previous_window, moving_count, long_run, kde, "
    "near_repeat, self_exciting], history: 6 d, resample: {unit: day, replicates: 5}, "
    "sensitivity: {box: [600 m], shift: true, rotate: true}, suppress_below: 10, seed: 1}\n" CLAIMS;

static const char shapes[] = HEAD PERIOD
    "predictions: {form: polygons, file: shapes.geojson, from: {column: start, zone: UTC}, "
    "lasts: 24 h}\n"
    "grid: {cell: 900 m}\n"
    "protocol: {window: 1 d, baselines: [moving_count], history: 6 d, resample: {unit: day, "
    "replicates: 5}, seed: 1}\n" CLAIMS;

static const char rates[] =
    "onus: 1\ntitle: T\nkind: place\ngrid: {file: cells.geojson, id: id}\n"
    "outcomes: {file: counts.csv, time: {column: day, zone: UTC}, cell: cell, count: n}\n"
    "predictions: {form: risk, file: rates.csv, cell: cell, rate: rate, time: {column: day, zone: "
    "UTC}}\n" PERIOD
    "protocol: {window: 1 d, budget: [20 %], top_cells: [2], baselines: [uniform, previous_window, "
    "moving_count, long_run, kde, near_repeat, self_exciting], history: 6 d, resample: {unit: day, "
    "replicates: 5}, sensitivity: {shift: true}, seed: 1}\n"
    "claims: [{say: captures, measure: place.capture_rate, scope: {top: 2}, at_least: 5 %}]\n";

static const char csep[] =
    "onus: 1\ntitle: T\nkind: place\n"
    "outcomes: {file: events.csv, lon: x, lat: y, count: n, time: {column: t, format: "
    "'%Y-%m-%d'}}\n"
    "predictions: {form: csep, file: a.dat, rivals: [{name: B, file: b.dat}]}\n"
    "period: {from: 2020-03-02, until: 2020-03-09}\n"
    "protocol: {csep: {simulations: 20}, seed: 3}\n";

static void write_square(FILE *file, const char *properties, double x, double y, double side) {
    fprintf(file,
            "{\"type\":\"Feature\",\"properties\":{%s},\"geometry\":{\"type\":\"Polygon\","
            "\"coordinates\":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}}",
            properties, x, y, x + side, y, x + side, y + side, x, y + side, x, y);
}

static void write_town(void) {
    static const char *const KINDS[] = {"THEFT", "SHOPLIFT", "ARSON", "OTHER"};
    static const char collection[] = "{\"type\":\"FeatureCollection\",\"features\":[";
    uint32_t random = 5;
    FILE *town = file_for("town.geojson");
    FILE *shape = file_for("shapes.geojson");
    FILE *records = file_for("records.csv");
    FILE *box = file_for("boxes.csv");
    fputs(collection, town);
    write_square(town, "\"id\":\"1\"", 0, 0, 0.04);
    fputs("]}", town);
    write_text("people.csv", "id,all,a\n1,1000,400\n");
    write_text("visits.csv", "lon,lat,a,b\n0.02,0.02,2025-01-14 01:00,2025-01-14 01:30\n"
                             "0.01,0.01,2025-01-15 12:00,\n");
    fputs(collection, shape);
    fputs("when,made,lon,lat,kind\n", records);
    fputs("lon,lat,start,issued,kind\n", box);
    for (unsigned d = 1; d <= DAYS; d++) {
        for (int i = 0; i < 4; i++) {
            const double lon = 0.002 + uniform(&random) * 0.036;
            const double lat = 0.002 + uniform(&random) * 0.036;
            const unsigned kind = next_random(&random) % 4;
            fprintf(records, "2025-01-%02u 09:00,2025-01-%02u 12:00,%.4f,%.4f,%s\n", d, d, lon, lat,
                    KINDS[kind]);
        }
        if (d > FIRST_DAYS) {
            const double lon = 0.004 + uniform(&random) * 0.03;
            char properties[64];
            fprintf(box, "%.4f,0.02,2025-01-%02u,2025-01-%02u 00:0%d,theft\n", lon, d, d, d % 2);
            fprintf(box, "0.03,%.4f,2025-01-%02u,2025-01-%02u 00:00,arson\n", lon, d, d);
            (void)snprintf(properties, sizeof properties, "\"start\":\"2025-01-%02u\"", d);
            fputs(d > FIRST_DAYS + 1 ? "," : "", shape);
            write_square(shape, properties, lon, 0.015, 0.009);
        }
    }
    fputs("]}", shape);
    fclose(town);
    fclose(shape);
    fclose(records);
    fclose(box);
}

enum { SIDE = 4 };

static void write_rates(void) {
    uint32_t random = 6;
    FILE *cells = file_for("cells.geojson");
    FILE *rate = file_for("rates.csv");
    FILE *counts = file_for("counts.csv");
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", cells);
    fputs("cell,day,rate\n", rate);
    fputs("cell,day,n\n", counts);
    for (int c = 0; c < SIDE * SIDE; c++) {
        char properties[32];
        (void)snprintf(properties, sizeof properties, "\"id\":\"%d\"", c + 1);
        fputs(c > 0 ? "," : "", cells);
        write_square(cells, properties, 0.002 * (c % SIDE), 0.002 * (c / SIDE), 0.002);
        for (unsigned d = 1; d <= DAYS; d++) {
            const double chance = uniform(&random);
            const bool any = uniform(&random) < 0.3;
            if (d > FIRST_DAYS) {
                fprintf(rate, "%d,2025-01-%02u,%.2f\n", c + 1, d, chance);
            }
            if (any || (c == 0 && d == DAYS)) {
                fprintf(counts, "%d,2025-01-%02u,1\n", c + 1, d);
            }
        }
    }
    fputs("]}", cells);
    fclose(cells);
    fclose(rate);
    fclose(counts);
}

static void write_bins(void) {
    write_text("events.csv", "x,y,n,t\n0.5,50.5,3,2020-03-02\n0.5,51.5,2,2020-03-08\n"
                             "0.5,50.5,4,2020-03-01\n1.5,51.5,15,2020-02-20\n"
                             "0.5,51.5,5,2020-02-17\n0.5,51.5,1,2020-02-10\n");
    write_text("a.dat", "0 1 50 51 0 30 0 10 2 1\n1 2 50 51 0 30 0 10 1 1\n"
                        "0 1 51 52 0 30 0 10 4 1\n1 2 51 52 0 30 0 10 3 1\n");
    write_text("b.dat", "0 1 50 51 0 30 0 10 1 1\n1 2 50 51 0 30 0 10 1 1\n"
                        "0 1 51 52 0 30 0 10 1 1\n1 2 51 52 0 30 0 10 1 1\n");
}

static void boxes_with_every_method_patrols_and_other_rules(void **state) {
    (void)state;
    write_town();
    survives(boxes, "place.patrolled");
}

static void drawn_shapes(void **state) {
    (void)state;
    write_town();
    survives(shapes, "place.capture_ratio");
}

static void rates_for_every_cell(void **state) {
    (void)state;
    write_rates();
    survives(rates, "place.brier");
}

static void forecasts_in_bins(void **state) {
    (void)state;
    write_bins();
    survives(csep, "place.csep_t");
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the tables of the town are written with printf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_with_every_method_patrols_and_other_rules),
        cmocka_unit_test(drawn_shapes),
        cmocka_unit_test(rates_for_every_cell),
        cmocka_unit_test(forecasts_in_bins),
    };
    return cmocka_run_group_tests_name("accuracy_fault", tests, make_temp_dir, remove_temp_dir);
}
