/* onus_overlap_polygons: against onus_overlap_boxes, which works another way, and on plain figures.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "onus/geom.h"
#include "support.h"

static void boxes_drawn_as_polygons_overlap_the_same(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(8); k++) {
        dice d = {(uint64_t)k};
        shapes areas = {.n_areas = 0};
        shapes flags = {.n_areas = 0};
        enum { N_AREAS = 15, N_BOXES = 80 };
        for (int a = 0; a < N_AREAS; a++) {
            const double x = 100.0 * dice_uniform(&d);
            const double y = 100.0 * dice_uniform(&d);
            shapes_star(&areas, &d, x, y, 15.0, 25.0, 30, 0.0);
            if (a % 2 == 0) {
                shapes_star(&areas, &d, x, y, 8.0, 12.0, 12, 0.0);
            }
            if (a % 4 == 0) {
                shapes_star(&areas, &d, x, y, 2.0, 5.0, 8, 0.0);
            }
            shapes_end_area(&areas);
        }
        double x[N_BOXES];
        double y[N_BOXES];
        for (int b = 0; b < N_BOXES; b++) {
            x[b] = 100.0 * dice_uniform(&d);
            y[b] = 100.0 * dice_uniform(&d);
            shapes_rectangle(&flags, x[b] - 3, y[b] - 2, x[b] + 3, y[b] + 2, b % 2 == 0);
            shapes_end_area(&flags);
        }
        const onus_polygons p = shapes_view(&areas);
        const onus_polygons f = shapes_view(&flags);
        onus_sparse one = {.n_rows = 0};
        onus_sparse two = {.n_rows = 0};
        assert_int_equal(onus_overlap_boxes(&p, x, y, N_BOXES, 6, 4, NULL, &one, NULL), ONUS_OK);
        assert_int_equal(onus_overlap_polygons(&p, &f, NULL, &two, NULL), ONUS_OK);
        assert_int_equal(two.n_rows, N_BOXES);
        assert_memory_equal(one.starts, two.starts, (N_BOXES + 1) * sizeof *one.starts);
        assert_memory_equal(one.columns, two.columns, one.starts[N_BOXES] * sizeof *one.columns);
        for (size_t j = 0; j < one.starts[N_BOXES]; j++) {
            assert_near(two.values[j], one.values[j], 1e-9 * one.values[j] + 1e-12);
        }
        onus_sparse_clear(&one);
        onus_sparse_clear(&two);
        shapes_clear(&areas);
        shapes_clear(&flags);
    }
}

static void who_is_flag_and_who_is_area_does_not_matter(void **state) {
    (void)state;
    dice d = {4};
    shapes sets[2] = {{.n_areas = 0}, {.n_areas = 0}};
    for (int k = 0; k < 60; k++) {
        shapes *s = &sets[k % 2];
        const double x = 60.0 * dice_uniform(&d);
        const double y = 60.0 * dice_uniform(&d);
        shapes_star(s, &d, x, y, 6.0, 10.0, 20, 0.0);
        if (k % 3 == 0) {
            shapes_star(s, &d, x, y, 2.0, 4.0, 8, 0.0);
        }
        shapes_end_area(s);
    }
    const onus_polygons a = shapes_view(&sets[0]);
    const onus_polygons b = shapes_view(&sets[1]);
    onus_sparse ab = {.n_rows = 0};
    onus_sparse ba = {.n_rows = 0};
    assert_int_equal(onus_overlap_polygons(&a, &b, NULL, &ab, NULL), ONUS_OK);
    assert_int_equal(onus_overlap_polygons(&b, &a, NULL, &ba, NULL), ONUS_OK);
    double table[30][30] = {{0.0}};
    assert_true(ab.starts[30] > 100);
    assert_int_equal(ab.starts[30], ba.starts[30]);
    for (size_t r = 0; r < 30; r++) {
        for (size_t k = ab.starts[r]; k < ab.starts[r + 1]; k++) {
            table[r][ab.columns[k]] = ab.values[k];
        }
    }
    for (size_t r = 0; r < 30; r++) {
        for (size_t k = ba.starts[r]; k < ba.starts[r + 1]; k++) {
            assert_near(ba.values[k], table[ba.columns[k]][r], 1e-9);
        }
    }
    onus_sparse_clear(&ab);
    onus_sparse_clear(&ba);
    shapes_clear(&sets[0]);
    shapes_clear(&sets[1]);
}

static void touches_and_empty_polygons_have_no_entry(void **state) {
    (void)state;
    shapes areas = {.n_areas = 0};
    shapes flags = {.n_areas = 0};
    shapes_end_area(&areas); /* empty */
    shapes_rectangle(&areas, 0, 0, 10, 10, false);
    shapes_rectangle(&areas, 2, 2, 8, 8, false);
    shapes_end_area(&areas);
    shapes_rectangle(&areas, 5, 5, 5, 9, false); /* no width */
    shapes_end_area(&areas);
    shapes_rectangle(&flags, 10, 0, 20, 10, true); /* touches a side */
    shapes_end_area(&flags);
    shapes_rectangle(&flags, 2, 2, 8, 8, true); /* fills the hole */
    shapes_end_area(&flags);
    shapes_end_area(&flags);
    shapes_rectangle(&flags, 1, 1, 9, 9, true);
    shapes_end_area(&flags);
    const onus_polygons a = shapes_view(&areas);
    const onus_polygons f = shapes_view(&flags);
    onus_sparse got = {.n_rows = 0};
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_overlap_polygons(&a, &f, NULL, &got, &err), ONUS_OK);
    assert_int_equal(got.starts[3], 0);
    assert_int_equal(got.starts[4], 1);
    assert_int_equal(got.columns[0], 1);
    assert_near(got.values[0], 64 - 36, 1e-12);
    onus_sparse_clear(&got);
    areas.x[0] = NAN;
    assert_int_equal(onus_overlap_polygons(&a, &f, NULL, &got, &err), ONUS_ERR_DOMAIN);
    shapes_clear(&areas);
    shapes_clear(&flags);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_drawn_as_polygons_overlap_the_same),
        cmocka_unit_test(who_is_flag_and_who_is_area_does_not_matter),
        cmocka_unit_test(touches_and_empty_polygons_have_no_entry),
    };
    return cmocka_run_group_tests_name("overlap", tests, NULL, NULL);
}
