/* Printed indices: made again to their last digit, and held against each other. */
#include "../fault.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../reference/trial.h"
#include "../evidence/temp_files.h"

static const char CASE[] =
    "onus: 1\ntitle: T\nkind: place\n"
    "published: {file: scores.csv, captured: n, outcomes: all, area: a, of_area: whole, pai: pai, "
    "by: [crime, time], who: team, table: book}\n"
    "claims: [{say: all come out, measure: place.pai_recomputed, at_least: 1}]\n";

/* PAI = (n / all) / (a / whole) = 5 in the first row. */
static const char GOOD[] = "n,all,a,whole,pai,crime,time,team,book\n"
                           "10,100,2,100,5.00,burglary,1W,A,first\n"
                           "1,3,1,7,2.3,burglary,2W,B,first\n"
                           "0,3,1,7,0.0,burglary,2W,A,second\n";

static void try_scores(trial *t, const char *table) {
    write_text("scores.csv", table);
    onus_problems problems = {0};
    memset(t, 0, sizeof *t);
    const onus_status status =
        onus_case_parse(CASE, strlen(CASE), "case", temp_dir, &t->c, &problems);
    trial_try(t, "case", status, &problems);
}

static const char *warning(const trial *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

static void an_index_agrees_to_one_step_of_its_last_digit(void **state) {
    (void)state;
    trial t;
    try_scores(&t, GOOD); /* 7/3 = 2.33.. is printed 2.3 */
    const onus_measure *again = trial_find(&t, "place.pai_recomputed", "");
    assert_true(again->num == 3.0 && again->den == 3.0);
    assert_true(again->interval.exact);
    assert_true(fabs(trial_find(&t, "place.pai_difference", "")->value - (7.0 / 3.0 - 2.3)) <
                1e-15);
    assert_true(trial_find(&t, "place.published_names", "")->value == 2.0);
    assert_int_equal(t.result.claims[0].verdict, ONUS_VERDICT_SUPPORTED);
    assert_null(warning(&t, "pai_not_recomputed"));
    assert_null(warning(&t, "inconsistent_denominators"));
    trial_clear(&t);
    try_scores(&t, "n,all,a,whole,pai,crime,time,team,book\n"
                   "1,3,1,7,2.31,burglary,2W,B,first\n" /* two steps of 0.01 away */
                   "1,3,1,7,2.3e0,burglary,2W,B,first\n"
                   "1,3,1,7,2,burglary,2W,B,first\n");
    assert_true(trial_find(&t, "place.pai_recomputed", "")->num == 2.0);
    assert_non_null(warning(&t, "pai_not_recomputed"));
    assert_int_equal(t.result.claims[0].verdict, ONUS_VERDICT_CONTRADICTED);
    trial_clear(&t);
}

static void rows_that_cannot_be_made_again_do_not_agree(void **state) {
    (void)state;
    trial t;
    try_scores(&t, "n,all,a,whole,pai,crime,time,team,book\n"
                   "0,0,1,7,0.0,burglary,1W,A,first\n"
                   "1,3,0,7,9.0,burglary,2W,A,first\n"
                   "4,3,1,7,9.3,burglary,2W,A,first\n"); /* more captured than there were */
    const onus_measure *again = trial_find(&t, "place.pai_recomputed", "");
    assert_true(again->num == 0.0 && again->den == 3.0);
    assert_non_null(strstr(warning(&t, "pai_without_counts"), "2 of 3"));
    assert_non_null(strstr(warning(&t, "impossible_counts"), "1 of 3"));
    trial_clear(&t);
}

static void rows_that_count_the_same_must_have_one_number(void **state) {
    (void)state;
    trial t;
    try_scores(&t, "n,all,a,whole,pai,crime,time,team,book\n"
                   "10,1000,2,100,0.5,theft,1W,A,first\n"
                   "10,1500,2,100,0.3,theft,1W,B,second\n"
                   "10,1000,2,100,0.5,theft,1W,C,third\n"
                   "10,100,2,100,5.0,theft,2W,A,first\n");
    const onus_measure *sets = trial_find(&t, "place.inconsistent_denominators", "");
    assert_true(sets->num == 1.0 && sets->den == 2.0);
    assert_true(trial_find(&t, "place.denominator_gap", "rows=theft, 1W")->value == 500.0);
    assert_non_null(strstr(warning(&t, "inconsistent_denominators"),
                           "theft, 1W: 1,000 (first, third) and 1,500 (second)"));
    trial_clear(&t);
}

static void question_14_tells_what_comes_out(void **state) {
    (void)state;
    trial t;
    onus_error err = ONUS_ERROR_INIT;
    try_scores(&t, GOOD);
    assert_int_equal(onus_place_answer(&t.result, &err), ONUS_OK);
    const onus_question *questions = t.result.questions.items;
    for (size_t q = 0; q < t.result.questions.n_items; q++) {
        if (questions[q].n == 14) {
            assert_non_null(strstr(questions[q].answer,
                                   "Of 3 printed accuracy indices 3 come out of the counts"));
            trial_clear(&t);
            return;
        }
    }
    fail_msg("question 14 has no answer");
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    write_text("scores.csv", GOOD);
    onus_problems problems = {0};
    trial t = {0};
    const onus_context context = {.n_threads = 1};
    assert_int_equal(onus_case_parse(CASE, strlen(CASE), "case", temp_dir, &t.c, &problems),
                     ONUS_OK);
    FAULT_EACH(fault) {
        onus_error err = ONUS_ERROR_INIT;
        problems = (onus_problems){0};
        onus_status status = onus_evidence_load(&t.c, &context, &t.evidence, &problems);
        if (status == ONUS_OK) {
            onus_result_init(&t.result, &t.c, &t.evidence);
            status = onus_place_try(&t.c, &t.evidence, &context, &t.result, &err);
            onus_result_clear(&t.result);
        }
        fault_expect(&fault, status);
        onus_evidence_clear(&t.evidence);
    }
    onus_case_clear(&t.c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_agrees_to_one_step_of_its_last_digit),
        cmocka_unit_test(rows_that_cannot_be_made_again_do_not_agree),
        cmocka_unit_test(rows_that_count_the_same_must_have_one_number),
        cmocka_unit_test(question_14_tells_what_comes_out),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
