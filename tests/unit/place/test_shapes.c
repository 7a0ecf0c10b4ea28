/* Drawn polygons: the same as boxes where they are boxes, and what brute force finds where not. */
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

/* Metres of a degree at the equator. */
#define DEG_X_M 111319.49
#define DEG_Y_M 110574.28

static const char SHAPES[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat}\n"
    "predictions: {form: polygons, file: shapes.geojson, from: {column: start, zone: UTC}, lasts: "
    "%s}\n"
    "grid: {cell: 400 m}\nperiod: {from: 2025-01-01, until: 2025-02-01}\n"
    "protocol: {window: 12 h, baselines: [uniform], history: 10 d, resample: {unit: day, "
    "replicates: 20}, seed: 1}\n";

static const char SAME_BOXES[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat}\n"
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 400 m, from: {column: "
    "start, zone: UTC}, lasts: 12 h}\n"
    "grid: {cell: 400 m}\nperiod: {from: 2025-01-01, until: 2025-02-01}\n"
    "protocol: {window: 12 h, baselines: [uniform], history: 10 d, resample: {unit: day, "
    "replicates: 20}, seed: 1}\n";

static void write_records(uint32_t *random, int n) {
    FILE *file = file_for("records.csv");
    fputs("when,lon,lat\n", file);
    for (int i = 0; i < n; i++) {
        const unsigned day = 1 + next_random(random) % 31;
        const unsigned hour = next_random(random) % 24;
        const double lon_deg = 0.0001 + 0.0398 * uniform(random);
        const double lat_deg = 0.0001 + 0.0398 * uniform(random);
        fprintf(file, "2025-01-%02u %02u:15,%.6f,%.6f\n", day, hour, lon_deg, lat_deg);
    }
    fclose(file);
}

static void shape(FILE *file, int i, const char *start, const double *x_deg, const double *y_deg,
                  int n) {
    fprintf(file,
            "%s{\"type\":\"Feature\",\"properties\":{\"start\":\"%s\"},\"geometry\":{\"type\":"
            "\"Polygon\",\"coordinates\":[[",
            i == 0 ? "" : ",\n", start);
    for (int k = 0; k <= n; k++) {
        fprintf(file, "%s[%.9f,%.9f]", k == 0 ? "" : ",", x_deg[k % n], y_deg[k % n]);
    }
    fputs("]]}}", file);
}

static void boxes_drawn_as_polygons_score_as_boxes(void **state) {
    (void)state;
    enum { N = 120 };
    uint32_t random = 5;
    write_text("town.geojson", TOWN);
    write_records(&random, 300);
    FILE *boxes = file_for("boxes.csv");
    FILE *shapes = file_for("shapes.geojson");
    fputs("lon,lat,start\n", boxes);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[\n", shapes);
    for (int i = 0; i < N; i++) {
        char start[32];
        const double lon = 0.04 * uniform(&random);
        const double lat = 0.04 * uniform(&random);
        const unsigned day = 1 + next_random(&random) % 6; /* crowded: many overlap */
        (void)snprintf(start, sizeof start, "2025-01-%02u %s:00", day,
                       next_random(&random) % 2 == 0 ? "00" : "06");
        const double w = 200 / DEG_X_M;
        const double h = 200 / DEG_Y_M;
        const double x[] = {lon - w, lon + w, lon + w, lon - w};
        const double y[] = {lat - h, lat - h, lat + h, lat + h};
        fprintf(boxes, "%.9f,%.9f,%s\n", lon, lat, start);
        shape(shapes, i, start, x, y, 4);
    }
    fputs("]}\n", shapes);
    fclose(boxes);
    fclose(shapes);
    trial box;
    trial drawn;
    char text[2048];
    (void)snprintf(text, sizeof text, SHAPES, "12 h");
    try_text(&box, SAME_BOXES);
    try_text(&drawn, text);
    static const char *const IDS[] = {"place.hit_rate", "place.hit_rate_chance",
                                      "place.area_share"};
    for (size_t k = 0; k < 3; k++) {
        const onus_measure *a = trial_find(&box, IDS[k], "");
        const onus_measure *b = trial_find(&drawn, IDS[k], "");
        assert_true(a->value > 0.0);
        /* a degree is not the same length everywhere in the projection */
        assert_true(fabs(b->value / a->value - 1) < 2e-4);
        assert_true(a->den == b->den || fabs(b->den / a->den - 1) < 1e-12);
    }
    trial_clear(&box);
    trial_clear(&drawn);
}

static bool in_triangle(const double *x, const double *y, double px, double py) {
    double side[3];
    for (int k = 0; k < 3; k++) {
        const int n = (k + 1) % 3;
        side[k] = (x[n] - x[k]) * (py - y[k]) - (y[n] - y[k]) * (px - x[k]);
    }
    return (side[0] > 0 && side[1] > 0 && side[2] > 0) ||
           (side[0] < 0 && side[1] < 0 && side[2] < 0);
}

/* Triangles, some twice; centres of area tried on a lattice over the town. */
static void chance_and_ground_of_triangles_are_what_brute_force_finds(void **state) {
    (void)state;
    enum { N = 24, LATTICE = 160 };
    uint32_t random = 11;
    char text[2048];
    trial t;
    write_text("town.geojson", TOWN);
    write_records(&random, 250);
    FILE *file = file_for("shapes.geojson");
    fputs("{\"type\":\"FeatureCollection\",\"features\":[\n", file);
    double x[3];
    double y[3];
    for (int i = 0; i < N; i++) {
        if (i % 3 != 2) { /* every third is the one before again */
            const double lon = 0.04 * uniform(&random);
            const double lat = 0.04 * uniform(&random);
            const double size = 0.004 + 0.01 * uniform(&random);
            x[0] = lon;
            x[1] = lon + size;
            x[2] = lon + 0.3 * size;
            y[0] = lat;
            y[1] = lat + 0.2 * size;
            y[2] = lat + size;
        }
        shape(file, i, i % 2 == 0 ? "2025-01-05 00:00" : "2025-01-06 00:00", x, y, 3);
    }
    fputs("]}\n", file);
    fclose(file);
    (void)snprintf(text, sizeof text, SHAPES, "24 h");
    try_text(&t, text);
    const onus_flags *f = &t.evidence.flags;
    const onus_outcomes *o = &t.evidence.outcomes;
    const onus_layer *town = &t.evidence.region;
    double chance = 0.0;
    double covered = 0.0;
    double n_inside = 0.0;
    for (int a = 0; a < LATTICE; a++) {
        for (int b = 0; b < LATTICE; b++) {
            /* the town is a rectangle to within 1e-5 of its side */
            const double u = (a + 0.5) / LATTICE;
            const double v = (b + 0.5) / LATTICE;
            const double px = town->x_m[0] + u * (town->x_m[2] - town->x_m[0]);
            const double py = town->y_m[0] + v * (town->y_m[2] - town->y_m[0]);
            bool on[2] = {false, false};
            n_inside += 1.0;
            for (size_t r = 0; r < f->n_flags; r++) {
                const double *tx = f->shapes.x_m + f->shapes.ring_points[r];
                const double *ty = f->shapes.y_m + f->shapes.ring_points[r];
                const double cx = (tx[0] + tx[1] + tx[2]) / 3;
                const double cy = (ty[0] + ty[1] + ty[2]) / 3;
                bool hit = false;
                on[r % 2] = on[r % 2] || in_triangle(tx, ty, px, py);
                for (size_t i = 0; i < o->n_outcomes && !hit; i++) {
                    hit = o->unix_s[i] >= f->from_unix_s[r] && o->unix_s[i] < f->until_unix_s[r] &&
                          in_triangle(tx, ty, o->x_m[i] - px + cx, o->y_m[i] - py + cy);
                }
                chance += hit ? 1.0 : 0.0;
            }
            covered += (on[0] ? 1.0 : 0.0) + (on[1] ? 1.0 : 0.0);
        }
    }
    const onus_measure *by_chance = trial_find(&t, "place.hit_rate_chance", "");
    const onus_measure *share = trial_find(&t, "place.area_share", "");
    assert_true(by_chance->num > 0.5);
    /* a lattice of 160 errs by the cells on the shapes' edges: some 1 % of their area */
    assert_true(fabs(by_chance->num / (chance / n_inside) - 1) < 0.01);
    /* each triangle holds for 24 of 31 * 24 hours */
    assert_true(fabs(share->value / (covered / n_inside / 31) - 1) < 0.01);
    trial_clear(&t);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the tables of the town are written with printf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_drawn_as_polygons_score_as_boxes),
        cmocka_unit_test(chance_and_ground_of_triangles_are_what_brute_force_finds),
    };
    return cmocka_run_group_tests_name("shapes", tests, make_temp_dir, remove_temp_dir);
}
