/* Where flags fall: edges, corners, parts of boxes, what is outside; mass is conserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "town.h"

static double flags_on(const town *t, size_t area) {
    assert_string_equal(t->result.areas.columns[0].name, "flags");
    return t->result.areas.columns[0].values[area];
}

static double flags_inside(const town *t) {
    double sum = 0.0;
    for (size_t i = 0; i < t->n_areas; i++) {
        sum += flags_on(t, i);
    }
    return sum;
}

static void a_centre_on_a_shared_edge_goes_to_the_lowest_id(void **state) {
    (void)state;
    town *t = town_new(2, 2, 0);
    town_flag(t, 100.0, 50.0, 3.0);  /* between 0 and 1 */
    town_flag(t, 150.0, 100.0, 5.0); /* between 1 and 3 */
    town_flag(t, 100.0, 100.0, 7.0); /* where all four meet */
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(flags_on(t, 0) == 10.0);
    assert_true(flags_on(t, 1) == 5.0);
    assert_true(flags_on(t, 2) == 0.0 && flags_on(t, 3) == 0.0);
    town_free(t);
}

static void lowest_id_is_by_text_not_by_place_in_the_file(void **state) {
    (void)state;
    town *t = town_new(2, 1, 0);
    snprintf(t->id_text[0], sizeof t->id_text[0], "z");
    town_flag(t, 100.0, 50.0, 3.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(flags_on(t, 0) == 0.0);
    assert_true(flags_on(t, 1) == 3.0);
    town_free(t);
}

static void a_box_on_a_corner_is_divided_by_area(void **state) {
    (void)state;
    town *t = town_new(2, 2, 0);
    t->c.predictions.assign = ONUS_ASSIGN_OVERLAP;
    town_flag(t, 100.0, 100.0, 8.0);
    town_flag(t, 110.0, 50.0, 10.0); /* 85 .. 135 by 25 .. 75: 15/50 on 0, 35/50 on 1 */
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(flags_on(t, 0), 2.0 + 3.0));
    assert_true(town_near(flags_on(t, 1), 2.0 + 7.0));
    assert_true(town_near(flags_on(t, 2), 2.0));
    assert_true(town_near(flags_on(t, 3), 2.0));
    town_free(t);
}

static void what_lies_on_no_area_is_outside_and_nothing_is_lost(void **state) {
    (void)state;
    town *t = town_new(2, 2, 0);
    t->c.predictions.assign = ONUS_ASSIGN_OVERLAP;
    town_flag(t, 0.0, 100.0, 6.0);   /* half of it west of the town */
    town_flag(t, 1000.0, 50.0, 4.0); /* far away */
    town_flag(t, 60.0, 60.0, 1.0 / 3.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.flags", ""), 10.0 + 1.0 / 3.0));
    assert_true(town_near(town_value(t, "burden.flags_outside", ""), 7.0));
    assert_true(town_near(flags_inside(t) + town_value(t, "burden.flags_outside", ""),
                          town_value(t, "burden.flags", "")));
    t->c.predictions.assign = ONUS_ASSIGN_CENTRE;
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_value(t, "burden.flags_outside", "") == 4.0);
    town_free(t);
}

static void areas_that_overlap_do_not_count_a_box_twice(void **state) {
    (void)state;
    town *t = town_new(2, 1, 0);
    for (size_t k = 0; k < 5; k++) {
        t->x[5 + k] -= TOWN_SIDE_M; /* area 1 now lies on area 0 */
    }
    t->c.predictions.assign = ONUS_ASSIGN_OVERLAP;
    town_flag(t, 50.0, 50.0, 6.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(flags_inside(t), 6.0));
    assert_true(town_near(flags_on(t, 0), 3.0));
    bool warned = false;
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t k = 0; k < t->result.warnings.n_items; k++) {
        warned = warned || strcmp(warnings[k].code, "areas_overlap") == 0;
    }
    assert_true(warned);
    town_free(t);
}

static void rows_that_repeat_a_box_add_up(void **state) {
    (void)state;
    town *t = town_new(3, 3, 0);
    for (int k = 0; k < 7; k++) {
        town_flag_area(t, 4, 2.0);
        town_flag_area(t, 8, 1.0);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(flags_on(t, 4) == 14.0 && flags_on(t, 8) == 7.0);
    assert_true(town_value(t, "burden.flags_most", "") == 14.0);
    assert_true(town_value(t, "burden.areas_unflagged", "") == 7.0);
    assert_true(town_value(t, "burden.areas", "") == 9.0);
    town_free(t);
}

static void counted_areas_need_no_geometry_of_flags(void **state) {
    (void)state;
    town *t = town_new(2, 2, 0);
    t->c.predictions.form = ONUS_FORM_COUNTED_AREAS;
    town_flag_area(t, 3, 5.0);
    town_flag_area(t, 1, 2.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(flags_on(t, 3) == 5.0 && flags_on(t, 1) == 2.0 && flags_on(t, 0) == 0.0);
    town_free(t);
}

static void rates_without_a_budget_flag_nothing_and_it_is_said(void **state) {
    (void)state;
    town *t = town_new(2, 2, 1);
    t->c.predictions.form = ONUS_FORM_RISK;
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(isnan(town_value(t, "burden.flags", "")));
    const onus_warning *warnings = t->result.warnings.items;
    assert_string_equal(warnings[0].code, "no_flags");
    assert_int_equal(t->result.questions.n_items, 14);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_centre_on_a_shared_edge_goes_to_the_lowest_id),
        cmocka_unit_test(lowest_id_is_by_text_not_by_place_in_the_file),
        cmocka_unit_test(a_box_on_a_corner_is_divided_by_area),
        cmocka_unit_test(what_lies_on_no_area_is_outside_and_nothing_is_lost),
        cmocka_unit_test(areas_that_overlap_do_not_count_a_box_twice),
        cmocka_unit_test(rows_that_repeat_a_box_add_up),
        cmocka_unit_test(counted_areas_need_no_geometry_of_flags),
        cmocka_unit_test(rates_without_a_budget_flag_nothing_and_it_is_said),
    };
    return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
