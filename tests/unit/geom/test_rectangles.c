/* The union of rectangles, held against counting unit squares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "onus/geom.h"

enum { SIDE = 24 };

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

static void the_union_covers_the_same_squares_and_each_once(void **state) {
    (void)state;
    uint32_t random = 7;
    for (int round = 0; round < 400; round++) {
        onus_rectangle list[12];
        int wanted[SIDE][SIDE] = {{0}};
        int got[SIDE][SIDE] = {{0}};
        const size_t n = next_random(&random) % 12;
        for (size_t i = 0; i < n; i++) {
            const int x = (int)(next_random(&random) % (SIDE - 8));
            const int y = (int)(next_random(&random) % (SIDE - 8));
            const int w = 1 + (int)(next_random(&random) % 8);
            const int h = 1 + (int)(next_random(&random) % 8);
            list[i] = (onus_rectangle){x, y, x + w, y + h};
            for (int r = y; r < y + h; r++) {
                for (int c = x; c < x + w; c++) {
                    wanted[r][c] = 1;
                }
            }
        }
        onus_array out = ONUS_ARRAY_OF(onus_rectangle);
        assert_int_equal(onus_rectangles_union(list, n, &out), ONUS_OK);
        const onus_rectangle *pieces = out.items;
        for (size_t k = 0; k < out.n_items; k++) {
            for (int r = (int)pieces[k].low_y; r < (int)pieces[k].high_y; r++) {
                for (int c = (int)pieces[k].low_x; c < (int)pieces[k].high_x; c++) {
                    got[r][c]++;
                }
            }
        }
        assert_memory_equal(got, wanted, sizeof got);
        onus_array_clear(&out);
    }
}

static void rectangles_apart_stay_whole_and_bad_ones_are_refused(void **state) {
    (void)state;
    const onus_rectangle apart[] = {{0, 0, 1, 1}, {1, 0, 2, 1}, {5, 5, 6, 7}};
    const onus_rectangle flat[] = {{0, 0, 1, 0}};
    const onus_rectangle wild[] = {{0, 0, (double)INFINITY, 1}};
    onus_array out = ONUS_ARRAY_OF(onus_rectangle);
    assert_int_equal(onus_rectangles_union(apart, 3, &out), ONUS_OK);
    assert_int_equal(out.n_items, 3);
    assert_memory_equal(out.items, apart, sizeof apart);
    assert_int_equal(onus_rectangles_union(flat, 1, &out), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_rectangles_union(wild, 1, &out), ONUS_ERR_DOMAIN);
    assert_int_equal(out.n_items, 3);
    onus_array_clear(&out);
}

static void rectangles_of_any_size_overlap_as_boxes_of_one_size_do(void **state) {
    (void)state;
    static const double xs[] = {0, 10, 10, 0, 0};
    static const double ys[] = {0, 0, 10, 10, 0};
    static const size_t areas[] = {0, 1};
    static const size_t rings[] = {0, 5};
    const onus_polygons square = {
        .n_areas = 1, .area_rings = areas, .ring_points = rings, .x = xs, .y = ys};
    const double cx[] = {0, 5, 9.5, 30};
    const double cy[] = {0, 5, 2, 30};
    double low_x[4];
    double low_y[4];
    double high_x[4];
    double high_y[4];
    for (int i = 0; i < 4; i++) {
        low_x[i] = cx[i] - 1;
        high_x[i] = cx[i] + 1;
        low_y[i] = cy[i] - 2;
        high_y[i] = cy[i] + 2;
    }
    onus_sparse boxes = {0};
    onus_sparse rectangles = {0};
    assert_int_equal(onus_overlap_boxes(&square, cx, cy, 4, 2, 4, NULL, &boxes, NULL), ONUS_OK);
    assert_int_equal(
        onus_overlap_rectangles(&square, low_x, low_y, high_x, high_y, 4, NULL, &rectangles, NULL),
        ONUS_OK);
    assert_int_equal(rectangles.starts[4], 3);
    assert_memory_equal(boxes.starts, rectangles.starts, 5 * sizeof *boxes.starts);
    assert_memory_equal(boxes.values, rectangles.values, 3 * sizeof *boxes.values);
    assert_true(rectangles.values[0] == 2 && rectangles.values[1] == 8 &&
                rectangles.values[2] == 6);
    high_x[1] = low_x[1];
    onus_sparse none = {0};
    assert_int_equal(
        onus_overlap_rectangles(&square, low_x, low_y, high_x, high_y, 4, NULL, &none, NULL),
        ONUS_ERR_DOMAIN);
    onus_sparse_clear(&boxes);
    onus_sparse_clear(&rectangles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_union_covers_the_same_squares_and_each_once),
        cmocka_unit_test(rectangles_apart_stay_whole_and_bad_ones_are_refused),
        cmocka_unit_test(rectangles_of_any_size_overlap_as_boxes_of_one_size_do),
    };
    return cmocka_run_group_tests_name("rectangles", tests, NULL, NULL);
}
