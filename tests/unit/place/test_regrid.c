/* The product's flags as cells of a grid: by hand, on four by four cells of 100 m. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"

#define QUARTER_TURN_RAD 1.57079632679489661923

enum { SIDE = 4, N_CELLS = SIDE * SIDE, N_WINDOWS = 2, N_COLUMNS = 40, N_EVENTS = 5 };

typedef struct ground {
    accuracy a;
    acc_slice slice;
    acc_level level;
    place_trial t;
    onus_case c;
    onus_evidence e;
    onus_frame_window windows[N_WINDOWS];
    double area[N_CELLS];
    int32_t column[N_CELLS], row[N_CELLS], at[N_CELLS];
    size_t area_rings[2], ring_points[2];
    double ring_x[5], ring_y[5];
    double rows[N_WINDOWS * N_COLUMNS];
    int32_t event_cell[N_EVENTS], event_window[N_EVENTS];
    double event_s[N_EVENTS], event_count[N_EVENTS];
} ground;

/* Windows [0, 100) and [100, 200); the region is [0, 400] both ways, turned if asked. */
static void make(ground *g, double turn_rad) {
    memset(g, 0, sizeof *g);
    const double xs[] = {0, 400, 400, 0, 0};
    const double ys[] = {0, 0, 400, 400, 0};
    for (int k = 0; k < 5; k++) {
        g->ring_x[k] = cos(turn_rad) * xs[k] - sin(turn_rad) * ys[k];
        g->ring_y[k] = sin(turn_rad) * xs[k] + cos(turn_rad) * ys[k];
    }
    g->area_rings[1] = 1;
    g->ring_points[1] = 5;
    for (int c = 0; c < N_CELLS; c++) {
        g->column[c] = c % SIDE;
        g->row[c] = c / SIDE;
        g->at[c] = c;
        g->area[c] = 1e4;
    }
    for (int w = 0; w < N_WINDOWS; w++) {
        g->windows[w] = (onus_frame_window){.from_s = 100.0 * w, .until_s = 100.0 * (w + 1)};
    }
    g->slice.flag_type = -1;
    g->slice.rows = g->rows;
    g->slice.frame.events = (onus_frame_events){.n_events = N_EVENTS,
                                                .cell = g->event_cell,
                                                .unix_s = g->event_s,
                                                .window = g->event_window,
                                                .count = g->event_count};
    g->a = (accuracy){.change = {.turn_rad = turn_rad, .scale = 1.0},
                      .region = {1, g->area_rings, g->ring_points, g->ring_x, g->ring_y},
                      .cells = {.n_cells = N_CELLS,
                                .area_m2 = g->area,
                                .side_m = 100.0,
                                .x0_m = turn_rad == 0.0 ? 0.0 : -400.0,
                                .n_columns = SIDE,
                                .n_rows = SIDE,
                                .column = g->column,
                                .row = g->row,
                                .at = g->at},
                      .windows = g->windows,
                      .n_windows = N_WINDOWS,
                      .n_levels = 1,
                      .levels = &g->level,
                      .n_columns = N_COLUMNS,
                      .slices = &g->slice,
                      .n_slices = 1};
    g->t = (place_trial){.c = &g->c, .evidence = &g->e};
}

static void event(ground *g, size_t i, int32_t cell, double unix_s, double count) {
    g->event_cell[i] = cell;
    g->event_s[i] = unix_s;
    g->event_window[i] = (int32_t)(unix_s / 100.0);
    g->event_count[i] = count;
}

static double at(const ground *g, size_t w, acc_column column) {
    return g->rows[w * N_COLUMNS + acc_at(&g->a, 0, column)];
}

static void boxes_become_the_cells_of_their_centres(void **state) {
    (void)state;
    ground g;
    make(&g, 0.0);
    g.c.predictions.form = ONUS_FORM_BOXES;
    /* two in cell 5 that overlap in time, one in cell 2 over both windows, one outside */
    double x[] = {110, 190, 250, 900};
    double y[] = {110, 150, 50, 50};
    double from[] = {0, 40, 80, 0};
    double until[] = {50, 60, 130, 200};
    g.e.flags =
        (onus_flags){.n_flags = 4, .x_m = x, .y_m = y, .from_unix_s = from, .until_unix_s = until};
    event(&g, 0, 5, 0.0, 2.0);   /* in */
    event(&g, 1, 5, 59.0, 1.0);  /* in, by the second alone */
    event(&g, 2, 5, 60.0, 10.0); /* at the end: out */
    event(&g, 3, 2, 129.0, 1.0); /* in, second window */
    event(&g, 4, 6, 50.0, 10.0); /* beside it */
    assert_int_equal(acc_regrid(&g.t, &g.a), ONUS_OK);
    assert_true(at(&g, 0, ACC_CAPTURED) == 3.0);
    assert_true(at(&g, 1, ACC_CAPTURED) == 1.0);
    assert_true(at(&g, 0, ACC_AREA_S) == 1e4 * (60.0 + 20.0)); /* twice at once counts once */
    assert_true(at(&g, 1, ACC_AREA_S) == 1e4 * 30.0);
}

static void shapes_become_the_cells_whose_middles_they_hold(void **state) {
    (void)state;
    ground g;
    make(&g, 0.0);
    g.c.predictions.form = ONUS_FORM_POLYGONS;
    /* one over the middles of cells 0, 1, 4 and 5; one too small for any, in cell 15 */
    double x[] = {20, 180, 180, 20, 20, 310, 330, 330, 310, 310};
    double y[] = {20, 20, 180, 180, 20, 310, 310, 330, 330, 310};
    size_t area_rings[] = {0, 1, 2};
    size_t ring_points[] = {0, 5, 10};
    double from[] = {0, 100};
    double until[] = {100, 200};
    g.e.flags = (onus_flags){.n_flags = 2,
                             .from_unix_s = from,
                             .until_unix_s = until,
                             .shapes = {.n_areas = 2,
                                        .area_rings = area_rings,
                                        .ring_points = ring_points,
                                        .x_m = x,
                                        .y_m = y}};
    event(&g, 0, 4, 10.0, 1.0);
    event(&g, 1, 6, 10.0, 10.0);
    event(&g, 2, 15, 150.0, 1.0);
    event(&g, 3, 15, 50.0, 10.0);
    event(&g, 4, 0, 150.0, 10.0);
    assert_int_equal(acc_regrid(&g.t, &g.a), ONUS_OK);
    assert_true(at(&g, 0, ACC_CAPTURED) == 1.0 && at(&g, 1, ACC_CAPTURED) == 1.0);
    assert_true(at(&g, 0, ACC_AREA_S) == 4e4 * 100.0 && at(&g, 1, ACC_AREA_S) == 1e4 * 100.0);
}

/* By a quarter turn (x, y) lies at (-y, x): the second row's first cell becomes the last but one
 * of the first. */
static void flags_turn_with_the_ground(void **state) {
    (void)state;
    for (int polygons = 0; polygons < 2; polygons++) {
        ground g;
        make(&g, QUARTER_TURN_RAD);
        g.c.predictions.form = polygons != 0 ? ONUS_FORM_POLYGONS : ONUS_FORM_BOXES;
        double x[] = {50, 90, 10, 50, 50};
        double y[] = {110, 190, 190, 110, 110};
        double centre_x[] = {50};
        double centre_y[] = {150};
        size_t area_rings[] = {0, 1};
        size_t ring_points[] = {0, 4};
        double from[] = {0};
        double until[] = {100};
        x[3] = x[0];
        y[3] = y[0];
        g.e.flags = (onus_flags){.n_flags = 1,
                                 .x_m = centre_x,
                                 .y_m = centre_y,
                                 .from_unix_s = from,
                                 .until_unix_s = until,
                                 .shapes = {.n_areas = 1,
                                            .area_rings = area_rings,
                                            .ring_points = ring_points,
                                            .x_m = x,
                                            .y_m = y}};
        event(&g, 0, 2, 10.0, 1.0); /* column 2: x from -200 to -100; row 0 */
        event(&g, 1, 4, 10.0, 10.0);
        assert_int_equal(acc_regrid(&g.t, &g.a), ONUS_OK);
        assert_true(at(&g, 0, ACC_CAPTURED) == 1.0);
        assert_true(at(&g, 0, ACC_AREA_S) == 1e4 * 100.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_become_the_cells_of_their_centres),
        cmocka_unit_test(shapes_become_the_cells_whose_middles_they_hold),
        cmocka_unit_test(flags_turn_with_the_ground),
    };
    return cmocka_run_group_tests_name("regrid", tests, NULL, NULL);
}
