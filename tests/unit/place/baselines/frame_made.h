/* For tests of the baselines: a made-up frame of square cells, daily windows and random events that
 * crowd around a few places. Nothing of it is real. */
#ifndef ONUS_TEST_FRAME_MADE_H
#define ONUS_TEST_FRAME_MADE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "baselines_internal.h"

#define MADE_DAY_S 86400.0

typedef struct made {
    onus_frame frame;
    onus_frame_cells cells;
    onus_frame_window *windows;
    int32_t *column, *row, *at, *rank;
    double *x_m, *y_m, *area_m2;
    /* a square for each cell */
    onus_polygons squares;
    size_t *area_rings, *ring_points;
    double *corner_x, *corner_y;
    /* events */
    int32_t *cell, *day, *window;
    double *event_x, *event_y, *unix_s, *count;
    uint64_t seed;
} made;

static inline double made_uniform(made *m) {
    return (double)(random_u64(&m->seed) >> 11) * 0x1p-53;
}

static inline double made_normal(made *m) {
    const double u = 1.0 - made_uniform(m);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * made_uniform(m));
}

/* A lattice of n_columns x n_rows cells without its north-east corner (a third of each side), the
 * cells of the first column clipped to six tenths. */
static inline void made_cells(made *m, size_t n_columns, size_t n_rows, double side_m) {
    const size_t n = n_columns * n_rows;
    m->column = calloc(n, sizeof *m->column);
    m->row = calloc(n, sizeof *m->row);
    m->at = calloc(n, sizeof *m->at);
    m->rank = calloc(n, sizeof *m->rank);
    m->x_m = calloc(n, sizeof *m->x_m);
    m->y_m = calloc(n, sizeof *m->y_m);
    m->area_m2 = calloc(n, sizeof *m->area_m2);
    m->area_rings = calloc(n + 1, sizeof *m->area_rings);
    m->ring_points = calloc(n + 1, sizeof *m->ring_points);
    m->corner_x = calloc(5 * n, sizeof *m->corner_x);
    m->corner_y = calloc(5 * n, sizeof *m->corner_y);
    m->cells = (onus_frame_cells){.side_m = side_m,
                                  .x0_m = 1000.0,
                                  .y0_m = -500.0,
                                  .n_columns = n_columns,
                                  .n_rows = n_rows,
                                  .column = m->column,
                                  .row = m->row,
                                  .at = m->at,
                                  .id_rank = m->rank,
                                  .x_m = m->x_m,
                                  .y_m = m->y_m,
                                  .area_m2 = m->area_m2,
                                  .by_density = true};
    size_t c = 0;
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t k = 0; k < n_columns; k++) {
            if (3 * k >= 2 * n_columns && 3 * r >= 2 * n_rows) {
                m->at[r * n_columns + k] = -1;
                continue;
            }
            const double cut = k == 0 ? 0.4 : 0.0;
            const double west = m->cells.x0_m + side_m * ((double)k + cut);
            const double east = m->cells.x0_m + side_m * (double)(k + 1);
            const double south = m->cells.y0_m + side_m * (double)r;
            const double north = south + side_m;
            m->at[r * n_columns + k] = (int32_t)c;
            m->column[c] = (int32_t)k;
            m->row[c] = (int32_t)r;
            m->rank[c] = (int32_t)c;
            m->x_m[c] = 0.5 * (west + east);
            m->y_m[c] = 0.5 * (south + north);
            m->area_m2[c] = (east - west) * side_m;
            m->cells.region_m2 += m->area_m2[c];
            const double xs[] = {west, east, east, west, west};
            const double ys[] = {south, south, north, north, south};
            memcpy(m->corner_x + 5 * c, xs, sizeof xs);
            memcpy(m->corner_y + 5 * c, ys, sizeof ys);
            c++;
            m->area_rings[c] = c;
            m->ring_points[c] = 5 * c;
        }
    }
    m->cells.n_cells = c;
    m->squares = (onus_polygons){c, m->area_rings, m->ring_points, m->corner_x, m->corner_y};
    m->frame.cells = &m->cells;
}

/* n_windows days from day first_day on. */
static inline void made_windows(made *m, size_t n_windows, int32_t first_day) {
    m->windows = calloc(n_windows, sizeof *m->windows);
    for (size_t w = 0; w < n_windows; w++) {
        const int32_t day = first_day + (int32_t)w;
        m->windows[w] = (onus_frame_window){.from_s = MADE_DAY_S * day,
                                            .until_s = MADE_DAY_S * (day + 1),
                                            .day = day,
                                            .unit = (int32_t)w};
    }
    m->frame.windows = m->windows;
    m->frame.n_windows = n_windows;
    m->frame.n_units = n_windows;
}

static inline void made_room(made *m, size_t n) {
    m->cell = calloc(n, sizeof *m->cell);
    m->day = calloc(n, sizeof *m->day);
    m->window = calloc(n, sizeof *m->window);
    m->event_x = calloc(n, sizeof *m->event_x);
    m->event_y = calloc(n, sizeof *m->event_y);
    m->unix_s = calloc(n, sizeof *m->unix_s);
    m->count = calloc(n, sizeof *m->count);
    m->frame.events = (onus_frame_events){.cell = m->cell,
                                          .x_m = m->event_x,
                                          .y_m = m->event_y,
                                          .unix_s = m->unix_s,
                                          .day = m->day,
                                          .window = m->window,
                                          .count = m->count};
}

/* Adds an event where it falls on a cell; false elsewhere. Times must ascend between calls. */
static inline bool made_event(made *m, double x_m, double y_m, double time_s, double count) {
    const onus_frame_cells *c = &m->cells;
    const double k = floor((x_m - c->x0_m) / c->side_m);
    const double r = floor((y_m - c->y0_m) / c->side_m);
    if (k < 0.0 || r < 0.0 || k >= (double)c->n_columns || r >= (double)c->n_rows) {
        return false;
    }
    const int32_t cell = m->at[(size_t)r * c->n_columns + (size_t)k];
    if (cell < 0 || x_m < m->corner_x[5 * (size_t)cell]) {
        return false;
    }
    const size_t e = m->frame.events.n_events++;
    m->cell[e] = cell;
    m->event_x[e] = x_m;
    m->event_y[e] = y_m;
    m->unix_s[e] = time_s;
    m->day[e] = (int32_t)floor(time_s / MADE_DAY_S);
    m->window[e] = -1;
    m->count[e] = count;
    return true;
}

/* n events between two days, half of them around five places, whole hours so that many tie. */
static inline void made_events(made *m, size_t n, double from_day, double until_day) {
    const onus_frame_cells *c = &m->cells;
    const double wide = c->side_m * (double)c->n_columns;
    const double high = c->side_m * (double)c->n_rows;
    made_room(m, n);
    for (size_t tries = 0; m->frame.events.n_events < n; tries++) {
        const double share = (double)m->frame.events.n_events / (double)n;
        const double day = from_day + (until_day - from_day) * share;
        double x = c->x0_m + wide * made_uniform(m);
        double y = c->y0_m + high * made_uniform(m);
        if (tries % 2 == 0) {
            const double place = (double)random_below(&m->seed, 5);
            x = c->x0_m + wide * (0.1 + 0.11 * place) + c->side_m * made_normal(m);
            y = c->y0_m + high * (0.6 - 0.1 * place) + c->side_m * made_normal(m);
        }
        made_event(m, x, y, 3600.0 * floor(24.0 * day), 1.0);
    }
}

/* The same ground as cells of which only the middle and the area are known. */
static inline void made_forget_lattice(made *m, bool keep_shapes) {
    m->cells.side_m = 0.0;
    m->cells.column = NULL;
    m->cells.row = NULL;
    m->cells.at = NULL;
    m->cells.polygons = keep_shapes ? &m->squares : NULL;
}

static inline void made_clear(made *m) {
    void *all[] = {m->column,   m->row,     m->at,         m->rank,        m->x_m,
                   m->y_m,      m->area_m2, m->area_rings, m->ring_points, m->corner_x,
                   m->corner_y, m->windows, m->cell,       m->day,         m->window,
                   m->event_x,  m->event_y, m->unix_s,     m->count};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        free(all[k]);
    }
    *m = (made){0};
}

/* Scores of every window in turn, one after the other; the caller frees them. */
static inline double *made_scores(const onus_baseline_methods *methods, const made *m,
                                  const onus_baseline_opts *opts) {
    const size_t n = m->cells.n_cells;
    double *all = calloc(n * m->frame.n_windows, sizeof *all);
    void *state = NULL;
    assert_int_equal(methods->open(ONUS_BASELINE_N, &m->frame, opts, NULL, &state, NULL), ONUS_OK);
    for (size_t w = 0; w < m->frame.n_windows; w++) {
        assert_int_equal(methods->score(state, w, all + w * n, NULL), ONUS_OK);
    }
    methods->close(state);
    for (size_t k = 0; k < n * m->frame.n_windows; k++) {
        assert_true(isfinite(all[k]) && all[k] >= 0.0);
    }
    return all;
}

/* No method may know of what lies at or after the start of a window: events there are moved, and
 * made many, and every score must keep its bytes. One event stands at the start exactly. */
static inline void made_expect_no_leak(const onus_baseline_methods *methods, made *m,
                                       const onus_baseline_opts *opts) {
    const size_t n = m->cells.n_cells;
    const size_t n_windows = m->frame.n_windows;
    for (size_t w = 0; w < n_windows; w += n_windows / 3) {
        m->frame.n_windows = w + 1;
        double *before = made_scores(methods, m, opts);
        const size_t n_events = m->frame.events.n_events;
        size_t first = 0;
        while (first < n_events && m->unix_s[first] < m->windows[w].from_s) {
            first++;
        }
        assert_true(first < n_events); /* else nothing is tested */
        int32_t *const cell = malloc(n_events * sizeof *cell);
        double *const kept = malloc(4 * n_events * sizeof *kept);
        memcpy(cell, m->cell, n_events * sizeof *cell);
        memcpy(kept, m->unix_s, n_events * sizeof *kept);
        memcpy(kept + n_events, m->event_x, n_events * sizeof *kept);
        memcpy(kept + 2 * n_events, m->event_y, n_events * sizeof *kept);
        memcpy(kept + 3 * n_events, m->count, n_events * sizeof *kept);
        for (size_t e = first; e < n_events; e++) {
            const size_t c = (size_t)random_below(&m->seed, n);
            m->cell[e] = (int32_t)c;
            m->event_x[e] = m->x_m[c];
            m->event_y[e] = m->y_m[c];
            m->count[e] = 50.0;
            m->unix_s[e] =
                e < first + 20 ? m->windows[w].from_s : fmax(m->unix_s[e], m->windows[w].from_s);
        }
        double *after = made_scores(methods, m, opts);
        assert_memory_equal(before, after, n * (w + 1) * sizeof *before);
        free(before);
        free(after);
        /* and one that is an instant earlier is used */
        memcpy(m->cell, cell, n_events * sizeof *cell);
        memcpy(m->unix_s, kept, n_events * sizeof *kept);
        memcpy(m->event_x, kept + n_events, n_events * sizeof *kept);
        memcpy(m->event_y, kept + 2 * n_events, n_events * sizeof *kept);
        memcpy(m->count, kept + 3 * n_events, n_events * sizeof *kept);
        before = made_scores(methods, m, opts);
        m->unix_s[first] = nextafter(m->windows[w].from_s, 0.0) - 1.0;
        m->count[first] = 50.0;
        after = made_scores(methods, m, opts);
        assert_memory_not_equal(before + n * w, after + n * w, n * sizeof *before);
        m->unix_s[first] = kept[first];
        m->count[first] = kept[3 * n_events + first];
        free(before);
        free(after);
        free(kept);
        free(cell);
    }
    m->frame.n_windows = n_windows;
}

#endif
