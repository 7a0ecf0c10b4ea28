/* The vendors of the teaching city, each tried whole: is what was planted what comes out?
 *
 * A trial of dated boxes fits every method of comparison to a year of records and resamples it, one
 * to two seconds a vendor: too long for a unit test, which tests/unit/example/test_city.c is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/example/teaching.h"

/* The planted verdict of every claim of a vendor's case, or what came out instead. */
static void a_vendor_comes_out_as_planted(size_t vendor, const char *name) {
    teaching t;
    onus_error err = ONUS_ERROR_INIT;
    assert_true(teaching_begin(&t));
    if (teaching_try_case(&t, 1, name, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    json_t *trial = json_array_get(json_object_get(t.answer, "trials"), vendor);
    json_t *told = json_object_get(trial, "verdicts");
    assert_string_equal(json_string_value(json_object_get(trial, "case")), name);
    assert_true(t.result.n_claims > 0);
    assert_int_equal(t.result.n_claims, json_array_size(told));
    for (size_t i = 0; i < t.result.n_claims; i++) {
        const onus_claim *claim = &t.result.claims[i];
        json_t *item = json_array_get(told, i);
        assert_string_equal(json_string_value(json_object_get(item, "say")), claim->ref->say);
        const char *planted = json_string_value(json_object_get(item, "verdict"));
        if (strcmp(onus_verdict_text(claim->verdict), planted) != 0) {
            fail_msg("'%s' is %s, not %s: %s", claim->ref->say, onus_verdict_text(claim->verdict),
                     planted, claim->sentence);
        }
    }
    teaching_end(&t);
}

static void a_vendor_that_counts_is_not_taken_for_a_better_one(void **state) {
    (void)state;
    a_vendor_comes_out_as_planted(0, "case_even.yaml");
}

static void a_better_vendor_is_seen_to_beat_every_method(void **state) {
    (void)state;
    a_vendor_comes_out_as_planted(1, "case_better.yaml");
}

static void a_vendor_that_saw_the_answers_gets_no_verdict_for_them(void **state) {
    (void)state;
    a_vendor_comes_out_as_planted(2, "case_leaking.yaml");
}

static const onus_area_column *column_named(const teaching *t, const char *name) {
    for (size_t k = 0; k < t->result.areas.n_columns; k++) {
        if (strcmp(t->result.areas.columns[k].name, name) == 0) {
            return &t->result.areas.columns[k];
        }
    }
    return NULL;
}

static double measured(const teaching *t, const char *id) {
    for (size_t i = 0; i < onus_result_n_measures(&t->result); i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        if (strcmp(m->def->id, id) == 0 && m->scope.n_items == 0) {
            return m->value;
        }
    }
    fail_msg("no %s", id);
    return NAN;
}

/* What the table of areas shows of records and flagged ground, with what it hides added up. */
static void few_records_of_an_area_are_withheld(void **state) {
    (void)state;
    teaching t;
    onus_error err = ONUS_ERROR_INIT;
    assert_true(teaching_begin(&t));
    assert_int_equal(teaching_try_case(&t, 2, "case_even.yaml", &err), ONUS_OK);
    const onus_area_column *outcomes = column_named(&t, "outcomes");
    const onus_area_column *flagged = column_named(&t, "flagged_km2_days");
    assert_non_null(outcomes);
    assert_non_null(flagged);
    size_t n_hidden = 0;
    double shown = 0.0;
    double km2_days = 0.0;
    for (size_t i = 0; i < t.result.areas.n_areas; i++) {
        const double n = outcomes->values[i];
        if (outcomes->known[i] == ONUS_WITHHELD) {
            n_hidden++;
            assert_true(n == 0.0); /* nothing is kept that is not shown */
        } else {
            assert_true(n == 0.0 || n >= 10.0);
            shown += n;
        }
        km2_days += flagged->values[i];
    }
    const double hidden = measured(&t, "place.outcomes") - shown;
    assert_true(n_hidden >= 2 && hidden >= 20.0);
    const double inside = measured(&t, "burden.flags") - measured(&t, "burden.flags_outside");
    assert_true(fabs(km2_days - inside * 0.15 * 0.15) < 1e-6 * km2_days); /* 150 m, one day */
    teaching_end(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vendor_that_counts_is_not_taken_for_a_better_one),
        cmocka_unit_test(a_better_vendor_is_seen_to_beat_every_method),
        cmocka_unit_test(a_vendor_that_saw_the_answers_gets_no_verdict_for_them),
        cmocka_unit_test(few_records_of_an_area_are_withheld),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
