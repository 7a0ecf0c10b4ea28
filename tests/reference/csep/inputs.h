/* For the reference tests of CSEP: the shared forecasts, events and uniforms. */
#ifndef ONUS_TEST_CSEP_INPUTS_H
#define ONUS_TEST_CSEP_INPUTS_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/stats_csep.h"

static const double tolerance = 1e-9; /* relative, of 1 and more: expected/csep/README */

static inline bool close_to(double got, double want) {
    return fabs(got - want) <= tolerance * fmax(1, fabs(want));
}

static const char *folder; /* of the reference runs */

static inline FILE *open_input(const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("cannot open %s", path);
    }
    return file;
}

static inline double *read_doubles(const char *name, size_t n) {
    FILE *file = open_input(name);
    double *values = calloc(n, sizeof *values);
    assert_non_null(values);
    assert_int_equal(fread(values, sizeof *values, n, file), n);
    fclose(file);
    return values;
}

/* Column `column` of each of n rows after the header (none if `header` is false). */
static inline double *read_column(const char *name, size_t n, int column, bool header) {
    FILE *file = open_input(name);
    double *values = calloc(n, sizeof *values);
    assert_non_null(values);
    char line[256];
    if (header) {
        assert_non_null(fgets(line, sizeof line, file));
    }
    for (size_t i = 0; i < n; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        char *at = line;
        for (int c = 0; c < column; c++) {
            at = strchr(at, ',') + 1;
        }
        values[i] = strtod(at, NULL);
    }
    fclose(file);
    return values;
}

enum { FORECASTS_MAX = 3 };

typedef struct set {
    const char *name;
    size_t n_cells;
    size_t n_marks;
    size_t n_bins;
    size_t n_events;
    bool has_events;
    double *rates[FORECASTS_MAX]; /* A, B, T; NULL: none */
    double *counts;               /* n_bins; NULL without events */
    double *cell_rates[FORECASTS_MAX];
    double *cell_counts;
    double *area; /* n_cells */
} set;

static const char forecasts[] = "ABT";

static inline double *sum_marks(const set *s, const double *bins) {
    double *cells = calloc(s->n_cells, sizeof *cells);
    assert_non_null(cells);
    for (size_t i = 0; i < s->n_bins; i++) {
        cells[i / s->n_marks] += bins[i];
    }
    return cells;
}

/* Cells on the sphere of 6,371 km, as pyCSEP has them. */
static inline double *areas_of(const char *name, size_t n) {
    char path[128];
    snprintf(path, sizeof path, "inputs/%s_cells.csv", name);
    double *y = read_column(path, n, 2, true);
    double *dx = read_column(path, n, 3, true);
    double *dy = read_column(path, n, 4, true);
    const double rad = acos(-1) / 180;
    for (size_t i = 0; i < n; i++) {
        y[i] = rad * 6371 * 6371 * dx[i] * fabs(sin(rad * y[i]) - sin(rad * (y[i] + dy[i])));
    }
    free(dx);
    free(dy);
    return y;
}

static inline void count_events(set *s) {
    char path[128];
    snprintf(path, sizeof path, "inputs/%s_events_%zu.csv", s->name, s->n_events);
    double *cell = read_column(path, s->n_events, 4, true);
    double *mark = read_column(path, s->n_events, 5, true);
    int32_t *cells = calloc(s->n_events, sizeof *cells);
    int32_t *marks = calloc(s->n_events, sizeof *marks);
    s->counts = calloc(s->n_bins, sizeof *s->counts);
    assert_true(cells != NULL && marks != NULL && s->counts != NULL);
    for (size_t e = 0; e < s->n_events; e++) {
        cells[e] = (int32_t)cell[e];
        marks[e] = (int32_t)mark[e];
    }
    onus_csep_binned binned;
    assert_int_equal(onus_csep_bin(cells, marks, NULL, s->n_events, s->n_cells, s->n_marks,
                                   s->counts, &binned, NULL),
                     ONUS_OK);
    assert_int_equal(binned.n_inside, s->n_events);
    s->cell_counts = sum_marks(s, s->counts);
    free(cell);
    free(mark);
    free(cells);
    free(marks);
}

static inline void load_set(set *s, json_t *of_set, const char *events, json_t *of_events) {
    s->n_cells = (size_t)json_integer_value(json_object_get(of_set, "cells"));
    s->n_marks = (size_t)json_integer_value(json_object_get(of_set, "bins"));
    s->n_bins = s->n_cells * s->n_marks;
    s->n_events = (size_t)atoi(events + strlen("events_"));
    s->has_events = s->n_events <= 1000;
    const double times = json_number_value(json_object_get(of_events, "forecast_multiplier"));
    for (int f = 0; f < FORECASTS_MAX; f++) {
        if (forecasts[f] == 'T' && strcmp(s->name, "tiny") == 0) {
            continue;
        }
        char path[128];
        snprintf(path, sizeof path, "inputs/%s_forecast_%c.f64", s->name, forecasts[f]);
        s->rates[f] = read_doubles(path, s->n_bins);
        for (size_t i = 0; i < s->n_bins; i++) {
            s->rates[f][i] *= times;
        }
        s->cell_rates[f] = sum_marks(s, s->rates[f]);
    }
    if (s->has_events) {
        count_events(s);
        s->area = areas_of(s->name, s->n_cells);
    }
}

static inline void clear_set(set *s) {
    for (int f = 0; f < FORECASTS_MAX; f++) {
        free(s->rates[f]);
        free(s->cell_rates[f]);
    }
    free(s->counts);
    free(s->cell_counts);
    free(s->area);
}

static inline bool find_folder(void) {
    static char path[1024];
    const char *shared = getenv("ONUS_SHARED");
    snprintf(path, sizeof path, "%s/expected/csep", shared == NULL ? "../shared" : shared);
    folder = path;
    char probe[1100];
    snprintf(probe, sizeof probe, "%s/results/expected.json", path);
    FILE *file = fopen(probe, "rb");
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

/* The published program writes NaN and Infinity, which JSON has not: neither is looked at. */
static inline json_t *read_json(const char *name) {
    static char text[1 << 20];
    FILE *file = open_input(name);
    const size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len < sizeof text - 1);
    text[len] = '\0';
    static const char *const words[] = {"-Infinity", "NaN"};
    for (size_t w = 0; w < 2; w++) {
        for (char *at = strstr(text, words[w]); at != NULL; at = strstr(at, words[w])) {
            memset(at, ' ', strlen(words[w]));
            memcpy(at, w == 0 ? "null" : "-1 ", w == 0 ? 4 : 3);
        }
    }
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    return root;
}

#endif
