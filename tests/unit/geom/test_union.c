/* onus_union_areas: against disjoint rectangles, which are cut another way, and on plain figures.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/geom.h"
#include "support.h"

/* Area of the union of rectangles inside a region of polygons that do not overlap. */
static double by_rectangles(const onus_polygons *region, const onus_rectangle *list, size_t n) {
    onus_array parts = ONUS_ARRAY_OF(onus_rectangle);
    onus_sparse on = {.n_rows = 0};
    assert_int_equal(onus_rectangles_union(list, n, &parts), ONUS_OK);
    const onus_rectangle *r = parts.items;
    double sum = 0.0;
    for (size_t k = 0; k < parts.n_items; k++) {
        assert_int_equal(onus_overlap_rectangles(region, &r[k].low_x, &r[k].low_y, &r[k].high_x,
                                                 &r[k].high_y, 1, NULL, &on, NULL),
                         ONUS_OK);
        for (size_t q = 0; q < on.starts[1]; q++) {
            sum += on.values[q];
        }
        onus_sparse_clear(&on);
    }
    onus_array_clear(&parts);
    return sum;
}

static void rectangles_drawn_as_polygons_cover_the_same(void **state) {
    (void)state;
    enum { N_ROWS = 4, N_EACH = 12, N = N_ROWS * N_EACH };
    for (int k = 0; k < test_mult(6); k++) {
        dice d = {(uint64_t)k};
        shapes region = {.n_areas = 0};
        shapes flags = {.n_areas = 0};
        onus_rectangle list[N];
        onus_polygon_copy copies[N];
        shapes_star(&region, &d, 50, 50, 30.0, 45.0, 25, 0.0);
        shapes_star(&region, &d, 50, 50, 5.0, 10.0, 9, 0.0); /* a hole */
        shapes_end_area(&region);
        for (size_t i = 0; i < N; i++) {
            const double x = 100.0 * dice_uniform(&d);
            const double y = 100.0 * dice_uniform(&d);
            const double w = 1.0 + 15.0 * dice_uniform(&d);
            const double h = 1.0 + 15.0 * dice_uniform(&d);
            shapes_rectangle(&flags, -w, -h, w, h, i % 2 == 0);
            shapes_end_area(&flags);
            list[i] = (onus_rectangle){x - w, y - h, x + w, y + h};
            copies[i] = (onus_polygon_copy){
                .polygon = i, .row = i / N_EACH, .x = x, .y = y, .turned = i % 3 == 0};
        }
        const onus_polygons r = shapes_view(&region);
        const onus_polygons f = shapes_view(&flags);
        double area[N_ROWS];
        assert_int_equal(onus_union_areas(&r, &f, copies, N, N_ROWS, NULL, area, NULL), ONUS_OK);
        for (size_t row = 0; row < N_ROWS; row++) {
            const double want = by_rectangles(&r, list + row * N_EACH, N_EACH);
            assert_near(area[row], want, 1e-8 * want + 1e-9);
        }
        shapes_clear(&region);
        shapes_clear(&flags);
    }
}

/* A right triangle of legs 4, with a square hole of side 1, turned about the origin and moved. */
static void copies_turn_by_half_a_turn_and_keep_their_holes(void **state) {
    (void)state;
    shapes region = {.n_areas = 0};
    shapes flags = {.n_areas = 0};
    shapes_rectangle(&region, 0, 0, 10, 10, false);
    shapes_end_area(&region);
    shapes_rectangle(&region, 5, 0, 10, 10, false); /* again: counts once */
    shapes_end_area(&region);
    shapes_point(&flags, 0, 0);
    shapes_point(&flags, 4, 0);
    shapes_point(&flags, 0, 4);
    shapes_end_ring(&flags);
    shapes_rectangle(&flags, 0.5, 0.5, 1.5, 1.5, true);
    shapes_end_area(&flags);
    const onus_polygons r = shapes_view(&region);
    const onus_polygons f = shapes_view(&flags);
    const onus_polygon_copy copies[] = {
        {.polygon = 0, .row = 0, .x = 4, .y = 4},                  /* wholly inside */
        {.polygon = 0, .row = 1, .x = 4, .y = 4},                  /* a square but for two holes, */
        {.polygon = 0, .row = 1, .x = 8, .y = 8, .turned = true},  /* which lie apart */
        {.polygon = 0, .row = 3, .x = 0, .y = 10, .turned = true}, /* x <= 0: outside */
        {.polygon = 0, .row = 4, .x = 8, .y = 2},                  /* x > 10 is cut off */
    };
    double area[5];
    assert_int_equal(onus_union_areas(&r, &f, copies, 5, 5, NULL, area, NULL), ONUS_OK);
    assert_near(area[0], 7, 1e-12);
    assert_near(area[1], 14, 1e-12);
    assert_near(area[2], 0, 0);
    assert_near(area[3], 0, 0);
    assert_near(area[4], 5, 1e-12); /* 8 - 2 * 2 / 2 - 1 */
    shapes_clear(&region);
    shapes_clear(&flags);
}

static void what_cannot_be_merged_is_said(void **state) {
    (void)state;
    shapes region = {.n_areas = 0};
    shapes flags = {.n_areas = 0};
    shapes_rectangle(&region, 0, 0, 10, 10, false);
    shapes_end_area(&region);
    shapes_end_area(&flags); /* empty */
    shapes_rectangle(&flags, 1, 1, 2, 2, false);
    shapes_end_area(&flags);
    const onus_polygons r = shapes_view(&region);
    const onus_polygons f = shapes_view(&flags);
    onus_polygon_copy copies[] = {{.polygon = 0, .row = 0}, {.polygon = 1, .row = 1}};
    onus_error err = ONUS_ERROR_INIT;
    double area[2] = {-1, -1};
    assert_int_equal(onus_union_areas(&r, &f, copies, 2, 2, NULL, area, &err), ONUS_OK);
    assert_near(area[0], 0, 0);
    assert_near(area[1], 1, 1e-15);
    copies[1].row = 2;
    assert_int_equal(onus_union_areas(&r, &f, copies, 2, 2, NULL, area, &err), ONUS_ERR_BUG);
    copies[1] = (onus_polygon_copy){.polygon = 2, .row = 1};
    assert_int_equal(onus_union_areas(&r, &f, copies, 2, 2, NULL, area, &err), ONUS_ERR_BUG);
    region.x[0] = NAN;
    assert_int_equal(onus_union_areas(&r, &f, copies, 1, 2, NULL, area, &err), ONUS_ERR_DOMAIN);
    shapes_clear(&region);
    shapes_clear(&flags);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_drawn_as_polygons_cover_the_same),
        cmocka_unit_test(copies_turn_by_half_a_turn_and_keep_their_holes),
        cmocka_unit_test(what_cannot_be_merged_is_said),
    };
    return cmocka_run_group_tests_name("union", tests, NULL, NULL);
}
