/* Areas and centroids: closed forms, directions, holes, islands, shifts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "onus/geom.h"
#include "support.h"

static void check_area(const shapes *s, double area, double x, double y) {
    const onus_polygons p = shapes_view(s);
    double got[3] = {0.0, 0.0, 0.0};
    assert_int_equal(p.n_areas, 1);
    onus_polygons_area(&p, &got[0], &got[1], &got[2]);
    assert_near(got[0], area, 1e-9 * area);
    assert_near(got[1], x, 1e-9 * (1.0 + fabs(x)));
    assert_near(got[2], y, 1e-9 * (1.0 + fabs(y)));
}

static void direction_of_rings_does_not_matter(void **state) {
    (void)state;
    for (int bits = 0; bits < 8; bits++) {
        shapes s = {.n_areas = 0};
        /* shell 10 x 10, hole 6 x 6, island in the hole 2 x 2, all around (5, 5) */
        shapes_rectangle(&s, 0, 0, 10, 10, (bits & 1) != 0);
        shapes_rectangle(&s, 2, 2, 8, 8, (bits & 2) != 0);
        shapes_rectangle(&s, 4, 4, 6, 6, (bits & 4) != 0);
        shapes_end_area(&s);
        check_area(&s, 100 - 36 + 4, 5, 5);
        shapes_clear(&s);
    }
}

static void order_of_rings_does_not_matter(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 20, 0, 24, 4, false);
    shapes_rectangle(&s, 1, 1, 3, 3, false); /* the hole before its shell */
    shapes_rectangle(&s, 0, 0, 4, 4, true);
    shapes_end_area(&s);
    check_area(&s, 16 - 4 + 16, (2.0 * 12 + 22.0 * 16) / 28, 2);
    shapes_clear(&s);
}

static void a_hole_may_touch_its_shell(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 6, 6, false);
    shapes_point(&s, 0, 3); /* touches the left side and shares no area outside */
    shapes_point(&s, 3, 1);
    shapes_point(&s, 6, 3); /* and the right side */
    shapes_point(&s, 3, 5);
    shapes_point(&s, 0, 3);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    check_area(&s, 36 - 12, 3, 3);
    shapes_clear(&s);
}

static void large_coordinates_lose_no_digits(void **state) {
    (void)state;
    for (int k = 0; k < 20; k++) {
        shapes s = {.n_areas = 0};
        const double x = ldexp(1.0, 2 * k);
        shapes_point(&s, x, -x);
        shapes_point(&s, x + 3, -x);
        shapes_point(&s, x, -x + 6);
        shapes_end_ring(&s); /* left open: closed by the kernel */
        shapes_end_area(&s);
        check_area(&s, 9, x + 1, -x + 2);
        shapes_clear(&s);
    }
}

static void an_empty_polygon_has_no_centroid(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_end_area(&s);
    shapes_rectangle(&s, 1, 1, 1, 5, false); /* no width */
    shapes_end_area(&s);
    shapes_rectangle(&s, 0, 0, 2, 2, false); /* drawn twice: cancels under the even-odd rule */
    shapes_rectangle(&s, 0, 0, 2, 2, true);
    shapes_end_area(&s);
    s.ring_points = s.ring_points == NULL ? calloc(1, sizeof(size_t)) : s.ring_points;
    const onus_polygons p = shapes_view(&s);
    double area[3];
    double x[3];
    double y[3];
    onus_polygons_area(&p, area, x, y);
    for (int a = 0; a < 3; a++) {
        assert_near(area[a], 0.0, 0.0);
        assert_true(isnan(x[a]) && isnan(y[a]));
    }
    shapes_clear(&s);
}

static void the_parts_add_up_to_the_whole(void **state) {
    (void)state;
    dice d = {11};
    for (int k = 0; k < test_mult(300); k++) {
        shapes parts = {.n_areas = 0};
        shapes whole = {.n_areas = 0};
        /* shell, k % 4 holes in it, an island in each hole, a second shell: stars in bands */
        const int n_holes = k % 4;
        dice again = d;
        shapes_star(&parts, &d, 0, 0, 40, 50, 5 + dice_below(&d, 30), 0.0);
        shapes_end_area(&parts);
        for (int h = 0; h < n_holes; h++) {
            shapes_star(&parts, &d, 18 * cos(2.1 * h), 18 * sin(2.1 * h), 6, 10, 5 + h, 0.0);
            shapes_end_area(&parts);
            shapes_star(&parts, &d, 18 * cos(2.1 * h), 18 * sin(2.1 * h), 1, 3, 4 + h, 0.0);
            shapes_end_area(&parts);
        }
        shapes_star(&parts, &d, 200, 0, 10, 50, 9, 0.0);
        shapes_end_area(&parts);
        d = again;
        shapes_star(&whole, &d, 0, 0, 40, 50, 5 + dice_below(&d, 30), 0.0);
        for (int h = 0; h < n_holes; h++) {
            shapes_star(&whole, &d, 18 * cos(2.1 * h), 18 * sin(2.1 * h), 6, 10, 5 + h, 0.0);
            shapes_star(&whole, &d, 18 * cos(2.1 * h), 18 * sin(2.1 * h), 1, 3, 4 + h, 0.0);
        }
        shapes_star(&whole, &d, 200, 0, 10, 50, 9, 0.0);
        shapes_end_area(&whole);
        double area[16];
        double x[16];
        const onus_polygons p = shapes_view(&parts);
        onus_polygons_area(&p, area, x, NULL);
        double sum = 0.0;
        double moment = 0.0;
        for (size_t a = 0; a < p.n_areas; a++) {
            const double sign = a == 0 || a % 2 == 0 || a + 1 == p.n_areas ? 1.0 : -1.0;
            assert_true(area[a] > 0.0);
            sum += sign * area[a];
            moment += sign * area[a] * x[a];
        }
        const onus_polygons w = shapes_view(&whole);
        double got = 0.0;
        double centre = 0.0;
        onus_polygons_area(&w, &got, &centre, NULL);
        assert_near(got, sum, 1e-10 * sum);
        assert_near(centre, moment / sum, 1e-8);
        shapes_clear(&parts);
        shapes_clear(&whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_of_rings_does_not_matter),
        cmocka_unit_test(order_of_rings_does_not_matter),
        cmocka_unit_test(a_hole_may_touch_its_shell),
        cmocka_unit_test(large_coordinates_lose_no_digits),
        cmocka_unit_test(an_empty_polygon_has_no_centroid),
        cmocka_unit_test(the_parts_add_up_to_the_whole),
    };
    return cmocka_run_group_tests_name("rings", tests, NULL, NULL);
}
