/* Bounds on who lives on flagged ground, by hand; flags as polygons; towns too small for most
 * figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/exec.h"
#include "town.h"

static town *one_area(void) {
    town *t = town_new(1, 1, 1);
    t->total[0] = 100.0;
    t->people[0][0] = 80.0;
    return t;
}

static void a_quarter_of_the_land_holds_a_quarter_of_the_people(void **state) {
    (void)state;
    town *t = one_area();
    town_flag(t, 50.0, 50.0, 3.0); /* 50 m by 50 m of 100 m by 100 m */
    assert_int_equal(town_try(t), ONUS_OK);
    /* 25 people: at least 80 - 75 of the group, at most 25 */
    assert_true(
        town_near(town_value(t, "burden.flagged_ground", "bound=low group=g0"), 5.0 / 80.0));
    assert_true(
        town_near(town_value(t, "burden.flagged_ground", "bound=high group=g0"), 25.0 / 80.0));
    town_free(t);
}

static void a_box_flagged_twice_covers_its_land_once(void **state) {
    (void)state;
    town *t = one_area();
    town_flag(t, 50.0, 50.0, 3.0);
    town_flag(t, 50.0, 50.0, 4.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(
        town_near(town_value(t, "burden.flagged_ground", "bound=high group=g0"), 25.0 / 80.0));
    town_free(t);
}

static void overlapping_boxes_are_bounded_and_two_of_them_exactly_below(void **state) {
    (void)state;
    town *t = one_area();
    town_flag(t, 40.0, 50.0, 1.0);
    town_flag(t, 60.0, 50.0, 1.0); /* together 70 m by 50 m; their sum is 100 m by 50 m */
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.flagged_ground", "bound=low group=g0"),
                          (80.0 - 65.0) / 80.0));
    assert_true(
        town_near(town_value(t, "burden.flagged_ground", "bound=high group=g0"), 50.0 / 80.0));
    town_free(t);
}

/* For boxes anywhere, people spread evenly and groups as mixed as can be, the share on flagged
 * ground (by a fine grid of points) lies between the bounds. */
static void the_even_share_lies_between_the_bounds(void **state) {
    (void)state;
    enum { POINTS = 60 };
    for (uint64_t seed = 1; seed <= 10; seed++) {
        onus_rng rng;
        onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 11, 0);
        town *t = town_new(3, 3, 1);
        for (size_t i = 0; i < 9; i++) {
            t->total[i] = 500.0;
            t->people[0][i] = (double)onus_rng_below(&rng, 500);
        }
        for (int k = 0; k < 20; k++) {
            const double x_m = 300.0 * onus_rng_uniform(&rng); /* one draw a statement */
            const double y_m = 300.0 * onus_rng_uniform(&rng);
            town_flag(t, x_m, y_m, 1.0);
        }
        assert_int_equal(town_try(t), ONUS_OK);
        double inside = 0.0;
        double all = 0.0;
        for (int a = 0; a < 3 * POINTS; a++) {
            for (int b = 0; b < 3 * POINTS; b++) {
                const double x = 100.0 * (a + 0.5) / POINTS;
                const double y = 100.0 * (b + 0.5) / POINTS;
                const double people = t->people[0][3 * (b / POINTS) + a / POINTS];
                bool on = false;
                for (size_t k = 0; k < t->n_flags && !on; k++) {
                    on = fabs(t->flag_x[k] - x) <= 25.0 && fabs(t->flag_y[k] - y) <= 25.0;
                }
                inside += on ? people : 0.0;
                all += people;
            }
        }
        const double low = town_value(t, "burden.flagged_ground", "bound=low group=g0");
        const double high = town_value(t, "burden.flagged_ground", "bound=high group=g0");
        assert_true(low <= inside / all + 0.01 && inside / all <= high + 0.01);
        town_free(t);
    }
}

/* One polygon flag: a square of 40 m by 40 m about (x, y), as a layer beside the town's own. */
typedef struct square {
    size_t area_rings[2];
    size_t ring_points[2];
    double x[5];
    double y[5];
} square;

static void town_flag_square(town *t, square *s, double x, double y) {
    static const double DX[] = {-20, 20, 20, -20, -20};
    static const double DY[] = {-20, -20, 20, 20, -20};
    for (size_t k = 0; k < 5; k++) {
        s->x[k] = x + DX[k];
        s->y[k] = y + DY[k];
    }
    s->area_rings[0] = s->ring_points[0] = 0;
    s->area_rings[1] = 1;
    s->ring_points[1] = 5;
    town_flag(t, x, y, 6.0);
}

static onus_status try_square(town *t, square *s) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_context context = {.n_threads = 1};
    t->c.predictions.form = ONUS_FORM_POLYGONS;
    town_wire(t);
    t->evidence.flags = (onus_flags){.n_flags = 1,
                                     .counts = t->flag_count,
                                     .shapes = {.n_areas = 1,
                                                .n_rings = 1,
                                                .n_points = 5,
                                                .area_rings = s->area_rings,
                                                .ring_points = s->ring_points,
                                                .x_m = s->x,
                                                .y_m = s->y}};
    onus_result_clear(&t->result);
    onus_result_init(&t->result, &t->c, &t->evidence);
    return onus_place_try(&t->c, &t->evidence, &context, &t->result, &err);
}

static void polygons_are_divided_by_area_or_fall_by_their_centre(void **state) {
    (void)state;
    town *t = town_new(2, 1, 2);
    square s;
    for (size_t i = 0; i < 2; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = 60.0;
        t->people[1][i] = 40.0;
    }
    town_flag_square(t, &s, 110.0, 50.0); /* 10 m on area 0, 30 m on area 1 */
    town_outcome(t, 105.0, 50.0);
    town_outcome(t, 10.0, 50.0);
    t->c.predictions.assign = ONUS_ASSIGN_OVERLAP;
    assert_int_equal(try_square(t, &s), ONUS_OK);
    assert_true(fabs(t->result.areas.columns[0].values[0] - 1.5) < 1e-9);
    assert_true(fabs(t->result.areas.columns[0].values[1] - 4.5) < 1e-9);
    /* one outcome of each area; the one on area 1 is inside the polygon */
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0"), 0.0));
    t->c.predictions.assign = ONUS_ASSIGN_CENTRE;
    assert_int_equal(try_square(t, &s), ONUS_OK);
    assert_true(t->result.areas.columns[0].values[1] == 6.0);
    town_free(t);
}

static void the_smallest_towns_are_tried_and_say_what_they_lack(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        onus_rng rng;
        onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 12, 0);
        town *t = town_new(1 + onus_rng_below(&rng, 3), 1 + onus_rng_below(&rng, 2), 2);
        t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
        t->c.protocol.suppress_below = 10;
        t->has_times = onus_rng_below(&rng, 2) == 0;
        for (size_t i = 0; i < t->n_areas; i++) {
            for (size_t g = 0; g < 2; g++) {
                t->people[g][i] = (double)(onus_rng_below(&rng, 3) * onus_rng_below(&rng, 40));
                t->total[i] += t->people[g][i];
            }
            t->flag_day[t->n_flags] = (int32_t)onus_rng_below(&rng, 30);
            town_flag_area(t, i, (double)onus_rng_below(&rng, 3));
            if (onus_rng_below(&rng, 2) == 0) {
                town_outcome_area(t, i);
            }
        }
        assert_int_equal(town_try(t), ONUS_OK);
        assert_int_equal(onus_place_answer(&t->result, NULL), ONUS_OK);
        assert_int_equal(t->result.questions.n_items, 15);
        town_free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_of_the_land_holds_a_quarter_of_the_people),
        cmocka_unit_test(a_box_flagged_twice_covers_its_land_once),
        cmocka_unit_test(overlapping_boxes_are_bounded_and_two_of_them_exactly_below),
        cmocka_unit_test(the_even_share_lies_between_the_bounds),
        cmocka_unit_test(polygons_are_divided_by_area_or_fall_by_their_centre),
        cmocka_unit_test(the_smallest_towns_are_tried_and_say_what_they_lack),
    };
    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
