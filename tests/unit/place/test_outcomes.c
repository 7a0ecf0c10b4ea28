/* Load beside recorded outcomes: what they explain, whose the flags were on, and without
 * police-made ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "town.h"

/* Areas 0 and 1; g0 lives on 0, g1 on 1 (and a few across). */
static town *two_areas(void) {
    town *t = town_new(2, 1, 2);
    t->total[0] = 100.0;
    t->total[1] = 100.0;
    t->people[0][0] = 80.0;
    t->people[1][0] = 20.0;
    t->people[0][1] = 20.0;
    t->people[1][1] = 80.0;
    return t;
}

static void flags_that_follow_outcomes_leave_no_excess(void **state) {
    (void)state;
    town *t = two_areas();
    town_flag_area(t, 0, 12.0);
    town_flag_area(t, 1, 4.0);
    for (int k = 0; k < 3; k++) {
        town_outcome_area(t, 0);
    }
    town_outcome_area(t, 1);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(fabs(town_value(t, "burden.excess", "group=g0 records=all")) < 1e-12);
    assert_true(fabs(town_value(t, "burden.excess", "group=g1 records=all")) < 1e-12);
    town_free(t);
}

static void excess_by_hand(void **state) {
    (void)state;
    town *t = two_areas();
    town_flag_area(t, 0, 12.0);
    town_flag_area(t, 1, 4.0);
    town_outcome_area(t, 0);
    town_outcome_area(t, 1);
    assert_int_equal(town_try(t), ONUS_OK);
    /* g0: (80 * 12 + 20 * 4) / 100 = 10.4; expected 8 flags on each area */
    const onus_measure *m = town_find(t, "burden.excess", "group=g0 records=all");
    assert_true(town_near(m->value, 10.4 / 8.0 - 1.0));
    assert_true(town_near(m->den, 8.0) && town_near(m->num, 2.4));
    town_free(t);
}

static void without_officer_made_records_the_expectation_changes(void **state) {
    (void)state;
    town *t = two_areas();
    t->outcomes_have_source = true;
    town_flag_area(t, 0, 12.0);
    town_flag_area(t, 1, 4.0);
    for (int k = 0; k < 3; k++) {
        town_outcome_area(t, 0);
    }
    town_outcome_area(t, 1);
    t->outcome_officer[0] = 1;
    t->outcome_officer[1] = 1; /* two of three on area 0 */
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(fabs(town_value(t, "burden.excess", "group=g0 records=all")) < 1e-12);
    assert_true(town_near(town_value(t, "burden.excess", "group=g0 records=without_officer"),
                          10.4 / 8.0 - 1.0));
    town_free(t);
}

static void capture_gap_by_hand_edges_inside(void **state) {
    (void)state;
    town *t = two_areas();
    town_flag(t, 50.0, 50.0, 1.0); /* box 25 .. 75 */
    town_outcome(t, 75.0, 75.0);   /* its corner: captured */
    town_outcome(t, 76.0, 50.0);   /* missed, area 0 */
    town_outcome(t, 150.0, 50.0);  /* missed, area 1 */
    assert_int_equal(town_try(t), ONUS_OK);
    /* g0: 0.8 of 0.8 + 0.8 + 0.2; g1: 0.2 of 0.2 + 0.2 + 0.8 */
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0"), 0.8 / 1.8 - 0.2 / 1.2));
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g1"), 0.2 / 1.2 - 0.8 / 1.8));
    town_free(t);
}

static void where_both_have_times_the_hour_must_fit(void **state) {
    (void)state;
    town *t = two_areas();
    t->has_times = true;
    t->outcomes_have_times = true;
    t->flag_day[0] = 10;
    town_flag(t, 50.0, 50.0, 1.0);       /* day 10, first half */
    t->outcome_s[0] = 10.0 * TOWN_DAY_S; /* the very start: inside */
    town_outcome(t, 50.0, 50.0);
    t->outcome_s[1] = 10.5 * TOWN_DAY_S; /* the end: not inside */
    town_outcome(t, 50.0, 50.0);
    t->outcome_s[2] = 10.0 * TOWN_DAY_S;
    town_outcome(t, 150.0, 50.0);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0"), 0.8 / 1.8 - 0.2 / 1.2));
    town_free(t);
}

static void counted_areas_capture_what_lies_on_them(void **state) {
    (void)state;
    town *t = two_areas();
    t->c.predictions.form = ONUS_FORM_COUNTED_AREAS;
    town_flag_area(t, 0, 5.0);
    town_flag_area(t, 1, 0.0);
    town_outcome_area(t, 0);
    town_outcome_area(t, 1);
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0"), 0.8 - 0.2));
    town_free(t);
}

static void recorded_outcomes_serve_as_a_yardstick(void **state) {
    (void)state;
    town *t = two_areas();
    town_flag_area(t, 0, 12.0);
    town_flag_area(t, 1, 4.0);
    for (int k = 0; k < 3; k++) {
        town_outcome_area(t, 0);
    }
    town_outcome_area(t, 1);
    assert_int_equal(town_try(t), ONUS_OK);
    /* flags are 4 an outcome everywhere: attributed per outcome is 4 for both */
    assert_true(
        town_near(town_value(t, "burden.attributed", "benchmark=recorded outcomes group=g0"), 4.0));
    assert_true(town_near(
        town_value(t, "burden.ratio",
                   "benchmark=recorded outcomes definition=attributed group=g0 reference=g1 "
                   "source=space"),
        1.0));
    town_free(t);
}

static void without_outcomes_nothing_is_said_about_them(void **state) {
    (void)state;
    town *t = two_areas();
    town_flag_area(t, 0, 12.0);
    assert_int_equal(town_try(t), ONUS_OK);
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const char *id = onus_result_measure(&t->result, k)->def->id;
        assert_true(strcmp(id, "burden.excess") != 0 && strcmp(id, "burden.capture_gap") != 0);
    }
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_that_follow_outcomes_leave_no_excess),
        cmocka_unit_test(excess_by_hand),
        cmocka_unit_test(without_officer_made_records_the_expectation_changes),
        cmocka_unit_test(capture_gap_by_hand_edges_inside),
        cmocka_unit_test(where_both_have_times_the_hour_must_fit),
        cmocka_unit_test(counted_areas_capture_what_lies_on_them),
        cmocka_unit_test(recorded_outcomes_serve_as_a_yardstick),
        cmocka_unit_test(without_outcomes_nothing_is_said_about_them),
    };
    return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}
