/* onus_areal_weight: against a reference made elsewhere, against clipping polygon by cell, and
 * against what must hold whatever the shapes. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layers.h"
#include "onus/geom.h"
#include "onus/sum.h"
#include "support.h"

enum { REFERENCE_SIDE = 200, LINE_MAX_LEN = 1 << 16 };
/* The areas fill 20 km x 20 km; 200 x 200 values, row by row from the bottom: cells of 100 m. */
static const double REFERENCE_CELL = 100.0;

static void a_reference_of_5000_areas_and_40000_cells_is_met(void **state) {
    (void)state;
    char *source = shared_path("expected/burden/areal_5000_to_40000/source_5000.csv");
    char *wanted = shared_path("expected/burden/areal_5000_to_40000/ref_grid40000_pop.csv");
    if (source == NULL || wanted == NULL) {
        free(source);
        free(wanted);
        skip();
    }
    enum { N = REFERENCE_SIDE * REFERENCE_SIDE, N_SOURCE = 5000 };
    static char line[LINE_MAX_LEN];
    static double mass[N_SOURCE];
    static double want[N];
    static double got[N];
    shapes s = {.n_areas = 0};
    FILE *file = fopen(source, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "id,pop,wkt\n");
    while (fgets(line, sizeof line, file) != NULL) {
        size_t id = 0;
        int at = 0;
        assert_true(s.n_areas < N_SOURCE);
        assert_int_equal(sscanf(line, "%zu,%lf,\"%n", &id, &mass[s.n_areas], &at), 2);
        assert_int_equal(id, s.n_areas);
        shapes_add_wkt(&s, line + at);
    }
    (void)fclose(file);
    file = fopen(wanted, "r");
    assert_non_null(file);
    for (int c = 0; c < N; c++) {
        assert_int_equal(fscanf(file, "%lf", &want[c]), 1);
    }
    (void)fclose(file);
    free(source);
    free(wanted);

    const onus_polygons p = shapes_view(&s);
    const onus_grid grid = {0.0, 0.0, REFERENCE_CELL, REFERENCE_SIDE, REFERENCE_SIDE};
    double outside = -1.0;
    assert_int_equal(onus_areal_weight(&p, mass, &grid, NULL, got, &outside, NULL), ONUS_OK);
    double worst = 0.0;
    for (int c = 0; c < N; c++) {
        /* five cells have no residents, and must have exactly none */
        worst = fmax(worst, got[c] == want[c] ? 0.0 : fabs(got[c] - want[c]) / fabs(want[c]));
    }
    const double total = onus_sum_of(mass, s.n_areas);
    print_message("# worst cell %.2g relative, mass off by %.2g of %.0f, outside %.2g\n", worst,
                  onus_sum_of(got, N) + outside - total, total, outside);
    assert_true(worst <= 1e-9);
    assert_near(onus_sum_of(got, N) + outside, total, 1e-9);
    shapes_clear(&s);
}

/* ---- polygon x cell, slowly: Sutherland-Hodgman against four sides, then the shoelace ---- */

typedef struct loop {
    double x[4096];
    double y[4096];
    size_t n;
} loop;

static void cut(const loop *in, loop *out, double nx, double ny, double limit) {
    out->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        const size_t j = (i + 1) % in->n;
        const double a = nx * in->x[i] + ny * in->y[i] - limit;
        const double b = nx * in->x[j] + ny * in->y[j] - limit;
        if (a <= 0.0) {
            out->x[out->n] = in->x[i];
            out->y[out->n++] = in->y[i];
        }
        if ((a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0)) {
            const double t = a / (a - b);
            out->x[out->n] = in->x[i] + t * (in->x[j] - in->x[i]);
            out->y[out->n++] = in->y[i] + t * (in->y[j] - in->y[i]);
        }
    }
}

static double clipped_area(const shapes *s, size_t ring, double x0, double y0, double cell) {
    static loop a;
    static loop b;
    a.n = 0;
    for (size_t i = s->ring_points[ring]; i < s->ring_points[ring + 1]; i++) {
        a.x[a.n] = s->x[i] - x0;
        a.y[a.n++] = s->y[i] - y0;
    }
    cut(&a, &b, -1, 0, 0);
    cut(&b, &a, 1, 0, cell);
    cut(&a, &b, 0, -1, 0);
    cut(&b, &a, 0, 1, cell);
    double doubled = 0.0;
    for (size_t i = 0; i < a.n; i++) {
        const size_t j = (i + 1) % a.n;
        doubled += a.x[i] * a.y[j] - a.x[j] * a.y[i];
    }
    return fabs(0.5 * doubled);
}

static void coverage_agrees_with_clipping_each_cell(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(120); k++) {
        dice d = {(uint64_t)k};
        shapes s = {.n_areas = 0};
        const double size = 0.3 * (1 + k % 40);
        const double x = 12.0 * dice_uniform(&d) - 1.0; /* some reach out of the grid */
        const double y = 12.0 * dice_uniform(&d) - 1.0;
        shapes_star(&s, &d, x, y, 0.55 * size, size, 7 + dice_below(&d, 40), 1.0);
        const bool holed = size > 4.0 && k % 2 == 0;
        if (holed) {
            shapes_star(&s, &d, x, y, 0.1 * size, 0.3 * size, 9 + dice_below(&d, 9), 1.0);
        }
        shapes_end_area(&s);
        const onus_polygons p = shapes_view(&s);
        enum { N_X = 10, N_Y = 8 };
        const onus_grid grid = {0.0, 0.0, 1.0, N_X, N_Y};
        double out[N_X * N_Y];
        double outside = 0.0;
        double area = 0.0;
        onus_polygons_area(&p, &area, NULL, NULL);
        /* mass = area: each cell then holds its covered area */
        assert_int_equal(onus_areal_weight(&p, &area, &grid, NULL, out, &outside, NULL), ONUS_OK);
        double sum = 0.0;
        for (int c = 0; c < N_X * N_Y; c++) {
            double want = clipped_area(&s, 0, c % N_X, c / N_X, 1.0);
            want -= holed ? clipped_area(&s, 1, c % N_X, c / N_X, 1.0) : 0.0;
            assert_near(out[c], want, 1e-11);
            sum += out[c];
        }
        assert_near(sum + outside, area, 1e-12 * (1.0 + area));
        shapes_clear(&s);
    }
}

static void a_cell_inside_has_exactly_one_and_a_cell_outside_exactly_nothing(void **state) {
    (void)state;
    dice d = {3};
    shapes s = {.n_areas = 0};
    shapes_star(&s, &d, 500.0, 500.0, 300.0, 480.0, 700, 1.0);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    enum { SIDE = 1000 };
    const onus_grid grid = {0.0, 0.0, 1.0, SIDE, SIDE};
    double *out = calloc((size_t)SIDE * SIDE, sizeof *out);
    assert_non_null(out);
    double area = 0.0;
    double outside = 0.0;
    onus_polygons_area(&p, &area, NULL, NULL);
    assert_int_equal(onus_areal_weight(&p, &area, &grid, NULL, out, &outside, NULL), ONUS_OK);
    for (int row = 0; row < SIDE; row++) {
        for (int col = 0; col < SIDE; col++) {
            const double r = hypot(col + 0.5 - 500.0, row + 0.5 - 500.0);
            const double here = out[row * SIDE + col];
            if (r > 482.0) {
                assert_true(here == 0.0);
            } else if (r < 290.0) {
                assert_near(here, 1.0, 1e-12); /* area / coverage may differ in the last digit */
                assert_true(here == out[500 * SIDE + 500]);
            }
        }
    }
    assert_near(onus_sum_of(out, (size_t)SIDE * SIDE), area, 1e-9);
    free(out);
    shapes_clear(&s);
}

static void strips_of_a_large_polygon_join_without_a_seam(void **state) {
    (void)state;
    /* wider than one strip's memory: several strips, compared with a slanted half plane */
    enum { WIDE = 3000, HIGH = 900 };
    shapes s = {.n_areas = 0};
    shapes_point(&s, -10, -10);
    shapes_point(&s, WIDE, 0);
    shapes_point(&s, WIDE, HIGH);
    shapes_point(&s, 0, HIGH);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const onus_grid grid = {0.0, 0.0, 1.0, WIDE, HIGH};
    double *out = calloc((size_t)WIDE * HIGH, sizeof *out);
    assert_non_null(out);
    double area = 0.0;
    double outside = 0.0;
    onus_polygons_area(&p, &area, NULL, NULL);
    assert_int_equal(onus_areal_weight(&p, &area, &grid, NULL, out, &outside, NULL), ONUS_OK);
    for (int row = 1; row < HIGH; row++) {
        assert_near(out[row * WIDE + 2 * row], 1.0, 1e-12);
        assert_near(out[row * WIDE], 1.0, 1e-9);
    }
    assert_near(onus_sum_of(out, (size_t)WIDE * HIGH) + outside, area, 1e-6);
    assert_true(outside > 0.0);
    free(out);
    shapes_clear(&s);
}

static void mass_without_a_place_is_handed_back(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, -3, -3, -1, -1, false); /* beside the grid */
    shapes_end_area(&s);
    shapes_rectangle(&s, -1, 0, 1, 1, true); /* half in it */
    shapes_end_area(&s);
    shapes_end_area(&s);                     /* nowhere */
    shapes_rectangle(&s, 1, 1, 1, 2, false); /* no area */
    shapes_end_area(&s);
    shapes_rectangle(&s, 2, 0, 9, 9, false); /* all but one cell of it beyond */
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const double mass[] = {1, 10, 100, 1000, 63};
    const onus_grid grid = {0.0, 0.0, 1.0, 3, 1};
    double out[3];
    double outside = 0.0;
    assert_int_equal(onus_areal_weight(&p, mass, &grid, NULL, out, &outside, NULL), ONUS_OK);
    assert_near(out[0], 5.0, 1e-12);
    assert_true(out[1] == 0.0);
    assert_near(out[2], 1.0, 1e-12);
    assert_near(outside, 1 + 5 + 100 + 1000 + 62, 1e-9);
    shapes_clear(&s);
}

static void what_cannot_be_spread_is_refused(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 1, 1, false);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    double mass = 1.0;
    double out = 7.0;
    double outside = 7.0;
    onus_grid grid = {0.0, 0.0, 0.0, 1, 1};
    assert_int_equal(onus_areal_weight(&p, &mass, &grid, NULL, &out, &outside, NULL),
                     ONUS_ERR_DOMAIN);
    grid.cell = 1.0;
    mass = NAN;
    assert_int_equal(onus_areal_weight(&p, &mass, &grid, NULL, &out, &outside, NULL),
                     ONUS_ERR_DOMAIN);
    mass = 1.0;
    s.y[2] = INFINITY;
    assert_int_equal(onus_areal_weight(&p, &mass, &grid, NULL, &out, &outside, NULL),
                     ONUS_ERR_DOMAIN);
    assert_true(out == 7.0 && outside == 7.0);
    shapes_clear(&s);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the readers of the reference files below use scanf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_of_5000_areas_and_40000_cells_is_met),
        cmocka_unit_test(coverage_agrees_with_clipping_each_cell),
        cmocka_unit_test(a_cell_inside_has_exactly_one_and_a_cell_outside_exactly_nothing),
        cmocka_unit_test(strips_of_a_large_polygon_join_without_a_seam),
        cmocka_unit_test(mass_without_a_place_is_handed_back),
        cmocka_unit_test(what_cannot_be_spread_is_refused),
    };
    return cmocka_run_group_tests_name("areal", tests, NULL, NULL);
}
