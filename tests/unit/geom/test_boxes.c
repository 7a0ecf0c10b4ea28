/* onus_overlap_boxes: against GEOS, and against what must hold whatever the shapes. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <geos_c.h>

#include "onus/geom.h"
#include "support.h"

/* ---- the same by GEOS: one polygon with its rings as shell and holes, one box ---- */

static GEOSGeometry *geos_ring(GEOSContextHandle_t geos, const shapes *s, size_t ring) {
    const size_t start = s->ring_points[ring];
    const size_t n = s->ring_points[ring + 1] - start;
    GEOSCoordSequence *points = GEOSCoordSeq_create_r(geos, (unsigned)n + 1, 2);
    for (size_t i = 0; i <= n; i++) {
        const size_t at = start + i % n;
        assert_int_equal(GEOSCoordSeq_setXY_r(geos, points, (unsigned)i, s->x[at], s->y[at]), 1);
    }
    return GEOSGeom_createLinearRing_r(geos, points);
}

static GEOSGeometry *geos_polygon(GEOSContextHandle_t geos, const shapes *s, size_t area) {
    const size_t first = s->area_rings[area];
    const size_t n_holes = s->area_rings[area + 1] - first - 1;
    GEOSGeometry *holes[8];
    assert_true(n_holes <= 8);
    for (size_t h = 0; h < n_holes; h++) {
        holes[h] = geos_ring(geos, s, first + 1 + h);
    }
    GEOSGeometry *shell = geos_ring(geos, s, first);
    return GEOSGeom_createPolygon_r(geos, shell, holes, (unsigned)n_holes);
}

static double geos_overlap(GEOSContextHandle_t geos, const GEOSGeometry *polygon, double x,
                           double y, double width, double height) {
    GEOSGeometry *box = GEOSGeom_createRectangle_r(geos, x - 0.5 * width, y - 0.5 * height,
                                                   x + 0.5 * width, y + 0.5 * height);
    GEOSGeometry *both = GEOSIntersection_r(geos, polygon, box);
    double area = -1.0;
    assert_int_equal(GEOSArea_r(geos, both, &area), 1);
    GEOSGeom_destroy_r(geos, both);
    GEOSGeom_destroy_r(geos, box);
    return area;
}

static double value_at(const onus_sparse *s, size_t row, size_t column) {
    for (size_t k = s->starts[row]; k < s->starts[row + 1]; k++) {
        if (s->columns[k] == (int32_t)column) {
            return s->values[k];
        }
    }
    return 0.0;
}

static void check_rows(const onus_sparse *s) {
    for (size_t r = 0; r < s->n_rows; r++) {
        for (size_t k = s->starts[r]; k < s->starts[r + 1]; k++) {
            assert_true(s->values[k] > 0.0);
            assert_true(k == s->starts[r] || s->columns[k - 1] < s->columns[k]);
        }
    }
}

static void areas_agree_with_geos(void **state) {
    (void)state;
    GEOSContextHandle_t geos = GEOS_init_r();
    size_t n_compared = 0;
    for (int k = 0; k < test_mult(12); k++) {
        dice d = {(uint64_t)k};
        shapes s = {.n_areas = 0};
        enum { N_AREAS = 12, N_BOXES = 60 };
        const double shift = k % 3 == 0 ? 0.0 : 1000.0 * k;
        for (int a = 0; a < N_AREAS; a++) {
            const double x = shift + 100.0 * dice_uniform(&d);
            const double y = shift + 100.0 * dice_uniform(&d);
            const double size = 3.0 + 40.0 * dice_uniform(&d);
            shapes_star(&s, &d, x, y, 0.6 * size, size, a % 4 == 0 ? 400 : 9, 0.0);
            if (a % 3 == 0) {
                shapes_star(&s, &d, x, y, 0.1 * size, 0.4 * size, 12, 0.0);
            }
            shapes_end_area(&s);
        }
        double x[N_BOXES];
        double y[N_BOXES];
        const double width = 1.0 + 15.0 * dice_uniform(&d);
        const double height = 1.0 + 15.0 * dice_uniform(&d);
        for (int b = 0; b < N_BOXES; b++) {
            x[b] = shift + 110.0 * dice_uniform(&d) - 5.0;
            y[b] = shift + 110.0 * dice_uniform(&d) - 5.0;
        }
        const onus_polygons p = shapes_view(&s);
        onus_sparse got = {.n_rows = 0};
        assert_int_equal(onus_overlap_boxes(&p, x, y, N_BOXES, width, height, NULL, &got, NULL),
                         ONUS_OK);
        check_rows(&got);
        for (size_t a = 0; a < N_AREAS; a++) {
            GEOSGeometry *polygon = geos_polygon(geos, &s, a);
            for (size_t b = 0; b < N_BOXES; b++) {
                const double want = geos_overlap(geos, polygon, x[b], y[b], width, height);
                /* slivers: GEOS's own corners are rounded to 1e-16 of the coordinates */
                assert_near(value_at(&got, b, a), want, 1e-9 * want + 1e-14 * (1 + shift) * width);
                n_compared += want > 0.0;
            }
            GEOSGeom_destroy_r(geos, polygon);
        }
        onus_sparse_clear(&got);
        shapes_clear(&s);
    }
    assert_true(n_compared > 1000);
    GEOS_finish_r(geos);
}

/* A plane cut up by random vertical strips of jagged polygons that share all edges. */
static void add_partition(dice *d, shapes *s, int n_cols, int n_rows, double step) {
    double corner_x[40][40];
    double corner_y[40][40];
    for (int row = 0; row <= n_rows; row++) {
        for (int col = 0; col <= n_cols; col++) {
            const bool edge = row == 0 || col == 0 || row == n_rows || col == n_cols;
            corner_x[row][col] = step * (col + (edge ? 0.0 : 0.7 * dice_uniform(d) - 0.35));
            corner_y[row][col] = step * (row + (edge ? 0.0 : 0.7 * dice_uniform(d) - 0.35));
        }
    }
    for (int row = 0; row < n_rows; row++) {
        for (int col = 0; col < n_cols; col++) {
            const int at[4][2] = {{row, col}, {row, col + 1}, {row + 1, col + 1}, {row + 1, col}};
            for (int k = 0; k < 4; k++) {
                shapes_point(s, corner_x[at[k][0]][at[k][1]], corner_y[at[k][0]][at[k][1]]);
            }
            shapes_end_ring(s);
            shapes_end_area(s);
        }
    }
}

static void a_partition_of_the_plane_gives_each_box_its_whole_area(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(20); k++) {
        dice d = {(uint64_t)k};
        shapes s = {.n_areas = 0};
        enum { N_BOXES = 300 };
        add_partition(&d, &s, 20, 15, 100.0);
        double x[N_BOXES];
        double y[N_BOXES];
        const double side = 10.0 + 150.0 * dice_uniform(&d);
        for (int b = 0; b < N_BOXES; b++) {
            x[b] = 100.0 + 1800.0 * dice_uniform(&d);
            y[b] = 100.0 + 1300.0 * dice_uniform(&d);
        }
        const onus_polygons p = shapes_view(&s);
        onus_sparse got = {.n_rows = 0};
        assert_int_equal(onus_overlap_boxes(&p, x, y, N_BOXES, side, side, NULL, &got, NULL),
                         ONUS_OK);
        check_rows(&got);
        for (size_t b = 0; b < N_BOXES; b++) {
            double sum = 0.0;
            for (size_t j = got.starts[b]; j < got.starts[b + 1]; j++) {
                sum += got.values[j];
            }
            assert_near(sum, side * side, 1e-12 * side * side);
        }
        onus_sparse_clear(&got);
        shapes_clear(&s);
    }
}

static void moving_and_scaling_everything_changes_nothing(void **state) {
    (void)state;
    for (int k = 0; k < 10; k++) {
        dice d = {(uint64_t)(50 + k)};
        shapes s = {.n_areas = 0};
        shapes t = {.n_areas = 0};
        enum { N_BOXES = 200 };
        /* steps that doubles represent, so that moving is exact and results can be compared */
        const double scale = ldexp(1.0, k - 5);
        const double move = 4096.0 * k;
        for (int a = 0; a < 9; a++) {
            shapes_star(&s, &d, 10.0 * a, 5.0 * a, 6.0, 12.0, 40, 0.0);
            shapes_end_area(&s);
        }
        for (size_t i = 0; i < s.n_points; i++) {
            s.x[i] = rint(s.x[i] * 1024.0) / 1024.0;
            s.y[i] = rint(s.y[i] * 1024.0) / 1024.0;
            shapes_point(&t, scale * s.x[i] + move, scale * s.y[i] - move);
        }
        onus_polygons p = shapes_view(&s);
        onus_polygons q = shapes_view(&s);
        q.x = t.x;
        q.y = t.y;
        double at[4][N_BOXES];
        for (int b = 0; b < N_BOXES; b++) {
            at[0][b] = rint(100.0 * dice_uniform(&d) * 64.0) / 64.0;
            at[1][b] = rint(60.0 * dice_uniform(&d) * 64.0) / 64.0;
            at[2][b] = scale * at[0][b] + move;
            at[3][b] = scale * at[1][b] - move;
        }
        onus_sparse one = {.n_rows = 0};
        onus_sparse two = {.n_rows = 0};
        assert_int_equal(onus_overlap_boxes(&p, at[0], at[1], N_BOXES, 6, 4, NULL, &one, NULL),
                         ONUS_OK);
        assert_int_equal(
            onus_overlap_boxes(&q, at[2], at[3], N_BOXES, 6 * scale, 4 * scale, NULL, &two, NULL),
            ONUS_OK);
        assert_true(one.starts[N_BOXES] > 50);
        assert_memory_equal(one.starts, two.starts, (N_BOXES + 1) * sizeof *one.starts);
        assert_memory_equal(one.columns, two.columns, one.starts[N_BOXES] * sizeof *one.columns);
        for (size_t j = 0; j < one.starts[N_BOXES]; j++) {
            assert_near(two.values[j], scale * scale * one.values[j],
                        1e-12 * scale * scale * (24.0 + one.values[j]));
        }
        onus_sparse_clear(&one);
        onus_sparse_clear(&two);
        shapes_clear(&s);
        shapes_clear(&t);
    }
}

static void a_box_that_only_touches_has_no_entry(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 10, 10, false);
    shapes_end_area(&s);
    shapes_point(&s, 10, 0); /* an arch: legs left and right of a box between them */
    shapes_point(&s, 12, 0);
    shapes_point(&s, 12, 8);
    shapes_point(&s, 18, 8);
    shapes_point(&s, 18, 0);
    shapes_point(&s, 20, 0);
    shapes_point(&s, 20, 10);
    shapes_point(&s, 10, 10);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    shapes_rectangle(&s, 30, 0, 40, 10, false); /* a frame around a box */
    shapes_rectangle(&s, 32, 2, 38, 8, false);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const double x[] = {11, 15, 35, 5, 10, 45};
    const double y[] = {12, 5, 5, 5, 5, 5};
    onus_sparse got = {.n_rows = 0};
    assert_int_equal(onus_overlap_boxes(&p, x, y, 6, 4, 4, NULL, &got, NULL), ONUS_OK);
    const size_t starts[] = {0, 0, 0, 0, 1, 3, 3};
    assert_memory_equal(got.starts, starts, sizeof starts);
    assert_near(got.values[0], 16.0, 1e-14);
    assert_near(got.values[1], 8.0, 1e-14);
    assert_near(got.values[2], 8.0, 1e-14);
    onus_sparse_clear(&got);
    shapes_clear(&s);
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    enum { N_BOXES = 30000 };
    dice d = {9};
    shapes s = {.n_areas = 0};
    add_partition(&d, &s, 30, 30, 10.0);
    const onus_polygons p = shapes_view(&s);
    double *x = calloc(N_BOXES, sizeof *x);
    double *y = calloc(N_BOXES, sizeof *y);
    assert_true(x != NULL && y != NULL);
    for (int b = 0; b < N_BOXES; b++) {
        x[b] = 300.0 * dice_uniform(&d);
        y[b] = 300.0 * dice_uniform(&d);
    }
    onus_sparse one = {.n_rows = 0};
    onus_context context = {.n_threads = 1};
    assert_int_equal(onus_overlap_boxes(&p, x, y, N_BOXES, 5, 5, &context, &one, NULL), ONUS_OK);
    const int counts[] = {2, 7};
    for (int k = 0; k < 2; k++) {
        onus_sparse many = {.n_rows = 0};
        context.n_threads = counts[k];
        assert_int_equal(onus_overlap_boxes(&p, x, y, N_BOXES, 5, 5, &context, &many, NULL),
                         ONUS_OK);
        const size_t n = one.starts[N_BOXES];
        assert_memory_equal(one.starts, many.starts, (N_BOXES + 1) * sizeof *one.starts);
        assert_memory_equal(one.columns, many.columns, n * sizeof *one.columns);
        assert_memory_equal(one.values, many.values, n * sizeof *one.values);
        onus_sparse_clear(&many);
    }
    onus_sparse_clear(&one);
    free(x);
    free(y);
    shapes_clear(&s);
}

static void what_is_no_box_is_refused(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 1, 1, false);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    const double at[] = {0.5, NAN};
    onus_sparse got = {.n_rows = 0};
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_overlap_boxes(&p, at, at, 1, 0, 1, NULL, &got, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_overlap_boxes(&p, at, at, 1, 1, INFINITY, NULL, &got, &err),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_overlap_boxes(&p, at, at, 2, 1, 1, NULL, &got, &err), ONUS_ERR_DOMAIN);
    assert_non_null(strstr(err.text, "box 1"));
    assert_null(got.starts);
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop, .n_threads = 1};
    assert_int_equal(onus_overlap_boxes(&p, at, at, 1, 1, 1, &context, &got, &err),
                     ONUS_ERR_INTERRUPTED);
    assert_null(got.starts);
    shapes_clear(&s);
}

static void no_areas_and_no_boxes_give_empty_rows(void **state) {
    (void)state;
    const size_t none = 0;
    const onus_polygons p = {.n_areas = 0, .area_rings = &none, .ring_points = &none};
    const double at = 0.5;
    onus_sparse got = {.n_rows = 9};
    assert_int_equal(onus_overlap_boxes(&p, &at, &at, 1, 1, 1, NULL, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_rows, 1);
    assert_int_equal(got.starts[1], 0);
    onus_sparse_clear(&got);
    assert_int_equal(onus_overlap_boxes(&p, NULL, NULL, 0, 1, 1, NULL, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_rows, 0);
    onus_sparse_clear(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_agree_with_geos),
        cmocka_unit_test(a_partition_of_the_plane_gives_each_box_its_whole_area),
        cmocka_unit_test(moving_and_scaling_everything_changes_nothing),
        cmocka_unit_test(a_box_that_only_touches_has_no_entry),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(what_is_no_box_is_refused),
        cmocka_unit_test(no_areas_and_no_boxes_give_empty_rows),
    };
    return cmocka_run_group_tests_name("boxes", tests, NULL, NULL);
}
