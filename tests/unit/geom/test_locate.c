/* onus_locate against the definition: even-odd over all edges, edges inside, first in order wins.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "onus/geom.h"
#include "support.h"

/* ---- the definition, slowly: integers, one polygon, one point ---- */

static bool on_segment(int64_t ax, int64_t ay, int64_t bx, int64_t by, int64_t px, int64_t py) {
    const int64_t cross = (bx - ax) * (py - ay) - (by - ay) * (px - ax);
    return cross == 0 && (px - ax) * (px - bx) <= 0 && (py - ay) * (py - by) <= 0;
}

static bool holds(const onus_polygons *p, size_t a, double lattice, double x, double y) {
    const int64_t px = lrint(x / lattice);
    const int64_t py = lrint(y / lattice);
    bool inside = false;
    for (size_t r = p->area_rings[a]; r < p->area_rings[a + 1]; r++) {
        const size_t start = p->ring_points[r];
        const size_t n = p->ring_points[r + 1] - start;
        for (size_t i = 0; i < n; i++) {
            const size_t j = (i + 1) % n;
            const int64_t ax = lrint(p->x[start + i] / lattice);
            const int64_t ay = lrint(p->y[start + i] / lattice);
            const int64_t bx = lrint(p->x[start + j] / lattice);
            const int64_t by = lrint(p->y[start + j] / lattice);
            if (on_segment(ax, ay, bx, by, px, py)) {
                return true;
            }
            if ((ay <= py) != (by <= py)) {
                /* crossing x < px, multiplied out */
                const int64_t left = (py - ay) * (bx - ax);
                const int64_t right = (px - ax) * (by - ay);
                inside ^= by > ay ? left < right : left > right;
            }
        }
    }
    return inside;
}

static int32_t slow_locate(const onus_polygons *p, const int32_t *order, double lattice, double x,
                           double y) {
    int32_t best = -1;
    for (size_t a = 0; a < p->n_areas; a++) {
        const bool earlier = best < 0 || (order != NULL && order[a] < order[(size_t)best]);
        if (earlier && holds(p, a, lattice, x, y)) {
            best = (int32_t)a;
        }
    }
    return best;
}

/* ---- random polygons, crowded on few lattice points so that every degeneracy occurs ---- */

static void random_areas(dice *d, shapes *s, int n_areas, int span) {
    for (int a = 0; a < n_areas; a++) {
        const int n_rings = dice_below(d, 8) == 0 ? 0 : 1 + dice_below(d, 3);
        for (int r = 0; r < n_rings; r++) {
            const int kind = dice_below(d, 4);
            if (kind == 0) {
                const int x = dice_below(d, span);
                const int y = dice_below(d, span);
                shapes_rectangle(s, x, y, x + dice_below(d, span), y + dice_below(d, span),
                                 dice_below(d, 2) == 0);
                continue;
            }
            const size_t first = s->n_points;
            const int n = 1 + dice_below(d, kind == 1 ? 3 : 12);
            for (int i = 0; i < n; i++) {
                shapes_point(s, dice_below(d, span), dice_below(d, span));
            }
            if (dice_below(d, 4) != 0) { /* now and then left open */
                shapes_point(s, s->x[first], s->y[first]);
            }
            shapes_end_ring(s);
        }
        shapes_end_area(s);
    }
}

static void shuffle(dice *d, int32_t *order, int n) {
    for (int i = 0; i < n; i++) {
        order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
        const int j = dice_below(d, i + 1);
        const int32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

/* Vertices at multiples of `unit`, points at multiples of unit / 2 or of the lattice step, which is
 * unit / fine: with a fine lattice many points and whole edges share a cell of the index. */
static void check_random(uint64_t seed, int n_areas, int span, double unit, double shift,
                         int fine) {
    const double lattice = unit / fine;
    dice d = {seed};
    shapes s = {.n_areas = 0};
    random_areas(&d, &s, n_areas, span);
    for (size_t i = 0; i < s.n_points; i++) {
        s.x[i] = (s.x[i] + shift) * unit;
        s.y[i] = (s.y[i] - shift) * unit;
    }
    const onus_polygons p = shapes_view(&s);
    int32_t order[64];
    shuffle(&d, order, n_areas);
    const int32_t *asked = dice_below(&d, 2) == 0 ? NULL : order;
    enum { N_POINTS = 600 };
    double x[N_POINTS];
    double y[N_POINTS];
    int32_t got[N_POINTS];
    for (int i = 0; i < N_POINTS; i++) {
        const int steps = i % 2 == 0 || fine == 1 ? 1 : fine;
        const int from = fine == 1 || i % 4 == 0 ? 1 : 2;
        x[i] = dice_below(&d, (2 * span + 4) * steps) / (double)(steps == 1 ? from : steps);
        y[i] = dice_below(&d, (2 * span + 4) * steps) / (double)(steps == 1 ? from : steps);
        x[i] = (x[i] - 2 + shift) * unit;
        y[i] = (y[i] - 2 - shift) * unit;
    }
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_locate(&p, asked, lattice, x, y, N_POINTS, NULL, got, &err), ONUS_OK);
    for (int i = 0; i < N_POINTS; i++) {
        const int32_t want = slow_locate(&p, asked, lattice, x[i], y[i]);
        if (want != got[i]) {
            print_message("seed %llu point %d (%g, %g): %d, not %d\n", (unsigned long long)seed, i,
                          x[i], y[i], got[i], want);
        }
        assert_int_equal(got[i], want);
    }
    shapes_clear(&s);
}

static void agrees_with_the_definition_on_crowded_polygons(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(400); k++) {
        check_random((uint64_t)k, 1 + k % 9, 3 + k % 11, 1.0, 0.0, 1);
        check_random((uint64_t)(50000 + k), 1 + k % 9, 3 + k % 11, 1.0, 0.0, 2 << k % 10);
    }
}

static void agrees_with_the_definition_on_wide_polygons(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(60); k++) {
        check_random((uint64_t)(100000 + k), 1 + k % 40, 1000 + k, 1.0, 0.0, 1);
        check_random((uint64_t)(200000 + k), 1 + k % 40, 1000 + k, 0.25, -4096.0, 8);
        check_random((uint64_t)(300000 + k), 2, 30000, 1.0, 1e9, 1);
    }
}

static void a_fine_lattice_on_degrees_is_exact(void **state) {
    (void)state;
    /* 5-decimal vertices and 4-decimal points, as published maps have them; a diagonal edge that
     * passes through points exactly. */
    shapes s = {.n_areas = 0};
    shapes_point(&s, -118.66800, 33.70000);
    shapes_point(&s, -118.15500, 33.70000);
    shapes_point(&s, -118.15500, 34.21300);
    shapes_point(&s, -118.66800, 33.70000);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    shapes_point(&s, -118.66800, 33.70000);
    shapes_point(&s, -118.15500, 34.21300);
    shapes_point(&s, -118.66800, 34.21300);
    shapes_point(&s, -118.66800, 33.70000);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const int32_t reversed[2] = {1, 0};
    for (int i = 0; i <= 513; i++) {
        const double x[3] = {-118.668 + i * 0.001, -118.668 + i * 0.001, -118.668 + i * 0.001};
        const double y[3] = {33.7 + i * 0.001, 33.7 + i * 0.001 - 1e-9, 33.7 + i * 0.001 + 1e-9};
        int32_t area[3];
        assert_int_equal(onus_locate(&p, NULL, 1e-9, x, y, 3, NULL, area, NULL), ONUS_OK);
        assert_int_equal(area[0], 0);
        assert_int_equal(area[1], i == 0 ? -1 : 0);
        assert_int_equal(area[2], i == 513 ? -1 : 1);
        assert_int_equal(onus_locate(&p, reversed, 1e-9, x, y, 3, NULL, area, NULL), ONUS_OK);
        assert_int_equal(area[0], 1);
    }
    shapes_clear(&s);
}

static void a_hole_is_outside_but_its_edge_is_inside(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 9, 9, false);
    shapes_rectangle(&s, 3, 3, 6, 6, false); /* same direction: the even-odd rule decides */
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const double x[] = {1, 4, 3, 6, 4.5, 9, 10};
    const double y[] = {1, 4, 4, 6, 3.0, 0, 0};
    const int32_t want[] = {0, -1, 0, 0, 0, 0, -1};
    int32_t area[7];
    assert_int_equal(onus_locate(&p, NULL, 1e-6, x, y, 7, NULL, area, NULL), ONUS_OK);
    assert_memory_equal(area, want, sizeof want);
    shapes_clear(&s);
}

static void threads_do_not_change_the_answer(void **state) {
    (void)state;
    enum { N = 250000 };
    dice d = {7};
    shapes s = {.n_areas = 0};
    random_areas(&d, &s, 60, 5000);
    const onus_polygons p = shapes_view(&s);
    double *x = calloc(N, sizeof *x);
    double *y = calloc(N, sizeof *y);
    int32_t *one = calloc(N, sizeof *one);
    int32_t *many = calloc(N, sizeof *many);
    assert_true(x != NULL && y != NULL && one != NULL && many != NULL);
    for (int i = 0; i < N; i++) {
        x[i] = 10000.0 * dice_uniform(&d);
        y[i] = 10000.0 * dice_uniform(&d);
    }
    onus_context context = {.n_threads = 1};
    assert_int_equal(onus_locate(&p, NULL, 1e-6, x, y, N, &context, one, NULL), ONUS_OK);
    const int counts[] = {2, 3, 7};
    for (int k = 0; k < 3; k++) {
        context.n_threads = counts[k];
        memset(many, 0x55, N * sizeof *many);
        assert_int_equal(onus_locate(&p, NULL, 1e-6, x, y, N, &context, many, NULL), ONUS_OK);
        assert_memory_equal(one, many, N * sizeof *one);
    }
    free(x);
    free(y);
    free(one);
    free(many);
    shapes_clear(&s);
}

static void what_has_no_place_on_the_lattice_is_refused(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 1, 1, false);
    shapes_end_area(&s);
    onus_polygons p = shapes_view(&s);
    const double bad[] = {NAN, INFINITY, -INFINITY, 2e6, -2e6};
    for (int k = 0; k < 5; k++) {
        const double zero = 0.5;
        int32_t area = 0;
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_locate(&p, NULL, 1e-6, &bad[k], &zero, 1, NULL, &area, &err),
                         ONUS_ERR_DOMAIN);
        assert_int_equal(onus_locate(&p, NULL, 1e-6, &zero, &bad[k], 1, NULL, &area, &err),
                         ONUS_ERR_DOMAIN);
        assert_non_null(strstr(err.text, "point 0"));
    }
    s.x[1] = NAN;
    const double half = 0.5;
    int32_t area = 0;
    assert_int_equal(onus_locate(&p, NULL, 1e-6, &half, &half, 1, NULL, &area, NULL),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_locate(&p, NULL, 0.0, &half, &half, 1, NULL, &area, NULL),
                     ONUS_ERR_DOMAIN);
    shapes_clear(&s);
}

static void nothing_is_found_in_no_polygons(void **state) {
    (void)state;
    const size_t none = 0;
    const onus_polygons p = {.n_areas = 0, .area_rings = &none, .ring_points = &none};
    const double at = 1.0;
    int32_t area = 5;
    assert_int_equal(onus_locate(&p, NULL, 1.0, &at, &at, 1, NULL, &area, NULL), ONUS_OK);
    assert_int_equal(area, -1);
    assert_int_equal(onus_locate(&p, NULL, 1.0, NULL, NULL, 0, NULL, NULL, NULL), ONUS_OK);
}

static void a_raised_stop_flag_ends_the_call(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 1, 1, false);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop, .n_threads = 1};
    const double at = 0.5;
    int32_t area = 0;
    assert_int_equal(onus_locate(&p, NULL, 1e-6, &at, &at, 1, &context, &area, NULL),
                     ONUS_ERR_INTERRUPTED);
    shapes_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_definition_on_crowded_polygons),
        cmocka_unit_test(agrees_with_the_definition_on_wide_polygons),
        cmocka_unit_test(a_fine_lattice_on_degrees_is_exact),
        cmocka_unit_test(a_hole_is_outside_but_its_edge_is_inside),
        cmocka_unit_test(threads_do_not_change_the_answer),
        cmocka_unit_test(what_has_no_place_on_the_lattice_is_refused),
        cmocka_unit_test(nothing_is_found_in_no_polygons),
        cmocka_unit_test(a_raised_stop_flag_ends_the_call),
    };
    return cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
