/* The teaching city's feedback trial finds what was planted: nothing fed back adds exactly nothing,
 * and who was over-recorded at the start gains. The urn and the second rule are left out here: the
 * whole case is tried, and what it prints compared, where docs/feedback.md is tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/alloc.h"
#include "onus/text.h"
#include "teaching.h"

static teaching city;

static int try_city(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    if (!teaching_begin(&city) || onus_example_place(city.dir, 1, &err) != ONUS_OK ||
        teaching_read(&city, "case_feedback.yaml", &err) != ONUS_OK) {
        return -1;
    }
    city.c.feedback.rules[ONUS_FEEDBACK_PROPORTIONAL] = false;
    city.c.feedback.models[ONUS_FEEDBACK_URN] = false;
    return teaching_judge(&city, &err) == ONUS_OK ? 0 : -1;
}

static int leave_city(void **state) {
    (void)state;
    teaching_end(&city);
    return 0;
}

static double number_of(const onus_measure *m, const char *key) {
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (strcmp(m->scope.items[i].key, key) == 0) {
            return m->scope.items[i].number;
        }
    }
    return -1.0;
}

static const onus_measure *amplification(double discovery, double days, const char *group) {
    for (size_t i = 0; i < onus_result_n_measures(&city.result); i++) {
        const onus_measure *m = onus_result_measure(&city.result, i);
        if (strcmp(m->def->id, "feedback.amplification") == 0 &&
            number_of(m, "discovery") == discovery && number_of(m, "horizon_days") == days &&
            onus_text_equal(onus_scope_text(&m->scope, "group"), group)) {
            return m;
        }
    }
    fail_msg("no amplification at discovery %g", discovery);
    return NULL;
}

static void nothing_discovered_adds_exactly_nothing(void **state) {
    (void)state;
    static const char *const groups[] = {NULL, "Aldish", "Bremmer", "Corvan"};
    static const double days[] = {30, 90, 182};
    for (size_t g = 0; g < 4; g++) {
        for (size_t d = 0; d < 3; d++) {
            const onus_measure *m = amplification(0, days[d], groups[g]);
            assert_true(m->has_value && m->value == 0.0);
            assert_true(m->interval.exact && m->interval.low == 0.0 && m->interval.high == 0.0);
        }
    }
}

static void the_group_over_recorded_at_the_start_gains(void **state) {
    (void)state;
    const onus_measure *bremmer = amplification(1, 182, "Bremmer");
    assert_true(bremmer->interval.given && !bremmer->interval.weak);
    assert_true(bremmer->interval.low > 0.0);
    assert_true(bremmer->value > amplification(1, 182, "Aldish")->value);
    assert_true(bremmer->value > amplification(1, 182, "Corvan")->value);
    assert_true(amplification(1, 182, NULL)->interval.low > 0.0);
}

static void the_verdicts_are_those_that_were_planted(void **state) {
    (void)state;
    json_t *told = json_object_get(json_object_get(city.answer, "feedback"), "verdicts");
    assert_int_equal(json_array_size(told), 4);
    for (size_t i = 0; i < 3; i++) { /* the fourth is about the rule that is left out */
        assert_string_equal(onus_verdict_text(city.result.claims[i].verdict),
                            json_string_value(json_object_get(json_array_get(told, i), "verdict")));
    }
    assert_int_equal(city.result.claims[3].verdict, ONUS_VERDICT_NOT_TESTABLE);
    assert_non_null(strstr(city.result.claims[0].sentence, "% of runs"));
    assert_non_null(strstr(city.result.claims[2].sentence, "the same in every run"));
}

static void the_tenth_question_is_answered_and_names_who_gains(void **state) {
    (void)state;
    const onus_question *questions = city.result.questions.items;
    for (size_t i = 0; i < city.result.questions.n_items; i++) {
        if (questions[i].n == 10) {
            assert_string_equal(questions[i].grade, "answered");
            assert_non_null(strstr(questions[i].answer, "it does."));
            assert_non_null(strstr(questions[i].answer, "Bremmer"));
            assert_non_null(strstr(questions[i].answer, "the case does not show"));
            assert_true(questions[i].n_measures >= 5);
            return;
        }
    }
    fail_msg("question 10 is missing");
}

/* Less is reported where Bremmer residents live: each simulation comes as given and with the mean
 * everywhere, and the ninth question tells the difference. */
static void differing_reporting_is_held_against_its_own_mean(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    teaching_clear(&city);
    assert_int_equal(teaching_read(&city, "case_feedback.yaml", &err), ONUS_OK);
    city.c.feedback.models[ONUS_FEEDBACK_URN] = false;
    city.c.feedback.rules[ONUS_FEEDBACK_TOP] = false;
    city.c.feedback.repair = false;
    city.c.feedback.n_runs = 40;
    const size_t n = city.evidence.areas.n_areas;
    const onus_universe *residents = &city.evidence.people.universes[0];
    double *share = onus_alloc_n(n, sizeof *share);
    assert_non_null(share);
    for (size_t i = 0; i < n; i++) { /* groups: Aldish, Bremmer, Corvan */
        share[i] = 0.8 - 0.6 * residents->groups[1][i] / (residents->total[i] + 1.0);
    }
    city.evidence.people.reported_frac = share;
    assert_int_equal(teaching_judge(&city, &err), ONUS_OK);
    size_t n_by_area = 0;
    size_t n_equal = 0;
    for (size_t i = 0; i < onus_result_n_measures(&city.result); i++) {
        const onus_measure *m = onus_result_measure(&city.result, i);
        if (strcmp(m->def->id, "feedback.tv") == 0) {
            n_by_area += onus_text_equal(onus_scope_text(&m->scope, "reporting"), "by_area");
            n_equal += onus_text_equal(onus_scope_text(&m->scope, "reporting"), "equal");
        }
    }
    assert_true(n_by_area > 0 && n_by_area == n_equal);
    const onus_question *questions = city.result.questions.items;
    for (size_t i = 0; i < city.result.questions.n_items; i++) {
        if (questions[i].n == 9) {
            assert_non_null(strstr(questions[i].answer, "reported everywhere alike"));
            assert_true(questions[i].n_measures >= 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_discovered_adds_exactly_nothing),
        cmocka_unit_test(the_group_over_recorded_at_the_start_gains),
        cmocka_unit_test(the_verdicts_are_those_that_were_planted),
        cmocka_unit_test(the_tenth_question_is_answered_and_names_who_gains),
        cmocka_unit_test(differing_reporting_is_held_against_its_own_mean),
    };
    return cmocka_run_group_tests_name("city_feedback", tests, try_city, leave_city);
}
