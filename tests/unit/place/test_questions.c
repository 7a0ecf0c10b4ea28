/* The fifteen questions, the catalogue, and what is warned of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/alloc.h"
#include "town.h"

static town *plain_town(void) {
    town *t = town_new(6, 6, 2);
    for (size_t i = 0; i < 36; i++) {
        t->people[0][i] = 20.0 + (double)(i % 7) * 10.0;
        t->people[1][i] = 90.0 - (double)(i % 5) * 10.0;
        t->total[i] = t->people[0][i] + t->people[1][i];
        town_flag_area(t, i, (double)((i * 7) % 11));
    }
    return t;
}

static const onus_question *question(const town *t, int n) {
    const onus_question *questions = t->result.questions.items;
    for (size_t k = 0; k < t->result.questions.n_items; k++) {
        if (questions[k].n == n) {
            return &questions[k];
        }
    }
    return NULL;
}

static void there_are_fifteen_in_order_once_claims_are_judged(void **state) {
    (void)state;
    town *t = plain_town();
    assert_int_equal(town_try(t), ONUS_OK);
    assert_null(question(t, 14));
    assert_int_equal(onus_place_answer(&t->result, NULL), ONUS_OK);
    assert_int_equal(onus_place_answer(&t->result, NULL), ONUS_OK); /* twice is once */
    assert_int_equal(t->result.questions.n_items, 15);
    const onus_question *questions = t->result.questions.items;
    for (int n = 1; n <= 15; n++) {
        assert_int_equal(questions[n - 1].n, n);
        assert_true(strlen(questions[n - 1].answer) > 20);
        assert_non_null(questions[n - 1].ask);
        for (size_t k = 0; k < questions[n - 1].n_measures; k++) {
            assert_non_null(onus_result_measure(&t->result, questions[n - 1].measures[k]));
        }
    }
    town_free(t);
}

static void what_cannot_be_tested_names_what_is_missing(void **state) {
    (void)state;
    static const struct {
        int n;
        const char *missing;
    } MISSING[] = {{1, "outcomes"},          {1, "no times"},        {2, "outcomes"},
                   {3, "analysts' map"},     {7, "outcomes"},        {8, "outcomes"},
                   {9, "outcomes"},          {10, "patrols"},        {11, "patrols"},
                   {12, "before and after"}, {13, "stops, arrests"}, {14, "claims"}};
    town *t = plain_town();
    assert_int_equal(town_try(t), ONUS_OK);
    assert_int_equal(onus_place_answer(&t->result, NULL), ONUS_OK);
    for (size_t k = 0; k < sizeof MISSING / sizeof MISSING[0]; k++) {
        const onus_question *q = question(t, MISSING[k].n);
        assert_string_equal(q->grade, "not testable");
        assert_non_null(strstr(q->answer, MISSING[k].missing));
    }
    town_free(t);
}

static void six_tells_n_of_n_and_the_law_of_the_four_fifths(void **state) {
    (void)state;
    town *t = plain_town();
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_question *q = question(t, 6);
    assert_string_equal(q->grade, "answered");
    const onus_measure *most = NULL;
    for (size_t k = 0; k < q->n_measures; k++) {
        const onus_measure *m = onus_result_measure(&t->result, q->measures[k]);
        const char *set = onus_scope_text(&m->scope, "set");
        most = set != NULL && strcmp(set, "most") == 0 ? m : most;
    }
    assert_non_null(most);
    char fraction[64];
    snprintf(fraction, sizeof fraction, "%.0f of %.0f", most->num, most->den);
    assert_non_null(strstr(q->answer, fraction));
    assert_non_null(strstr(q->answer, "29 CFR 1607.4"));
    assert_null(strstr(q->answer, "discriminat"));
    town_free(t);
}

static void the_seventh_is_answered_from_outcomes(void **state) {
    (void)state;
    town *t = plain_town();
    for (size_t i = 0; i < 36; i++) {
        town_outcome_area(t, i);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_question *q = question(t, 7);
    assert_true(strcmp(q->grade, "not testable") != 0);
    assert_int_equal(q->n_measures, 2);
    assert_true(strcmp(question(t, 8)->grade, "not testable") != 0);
    assert_string_equal(question(t, 9)->grade, "not testable"); /* no source of records */
    town_free(t);
}

static void fourteen_repeats_the_verdicts_in_the_vendors_words(void **state) {
    (void)state;
    town *t = plain_town();
    char say[] = "fair to everyone";
    char measure[] = "burden.ratio";
    const onus_claim_ref ref = {.say = say, .measure = measure};
    assert_int_equal(town_try(t), ONUS_OK);
    t->result.claims = onus_alloc_n(2, sizeof *t->result.claims);
    t->result.n_claims = 2;
    t->result.claims[0] = (onus_claim){.ref = &ref, .verdict = ONUS_VERDICT_CONTRADICTED};
    t->result.claims[1] = (onus_claim){.ref = &ref, .verdict = ONUS_VERDICT_NOT_SHOWN};
    assert_int_equal(onus_place_answer(&t->result, NULL), ONUS_OK);
    const onus_question *q = question(t, 14);
    assert_string_equal(q->grade, "answered");
    assert_non_null(strstr(q->answer, "Of 2 claims: 0 supported, 1 contradicted, 1 not shown"));
    assert_non_null(strstr(q->answer, "\"fair to everyone\": contradicted"));
    town_free(t);
}

static void every_id_of_the_contract_is_in_the_table_once(void **state) {
    (void)state;
    static const char *const IDS[] = {"burden.areas",
                                      "burden.areas_unflagged",
                                      "burden.flags",
                                      "burden.flags_outside",
                                      "burden.share",
                                      "burden.above_median",
                                      "burden.below_median",
                                      "burden.rank_correlation",
                                      "burden.composition",
                                      "burden.exposure",
                                      "burden.attributed",
                                      "burden.ratio",
                                      "burden.excess",
                                      "burden.capture_gap",
                                      "burden.gini",
                                      "burden.theil",
                                      "burden.delta",
                                      "burden.moran",
                                      "burden.dissimilarity",
                                      "burden.isolation",
                                      "burden.days_in_a_row",
                                      "burden.evalue",
                                      "burden.flags_most",
                                      "burden.areas_without_people",
                                      "feedback.amplification",
                                      "feedback.concentration",
                                      "feedback.tv",
                                      "feedback.cells_ever",
                                      "feedback.cells_always",
                                      "feedback.turnover",
                                      "feedback.runaway_share",
                                      "feedback.doubling_days"};
    size_t n = 0;
    const onus_measure_def *table = onus_place_measures(&n);
    for (size_t k = 0; k < sizeof IDS / sizeof IDS[0]; k++) {
        size_t n_found = 0;
        for (size_t d = 0; d < n; d++) {
            n_found += strcmp(table[d].id, IDS[k]) == 0 ? 1 : 0;
        }
        assert_int_equal(n_found, 1);
    }
    for (size_t d = 0; d < n; d++) {
        assert_true(strlen(table[d].title) > 3 && strlen(table[d].definition) > 20);
        assert_true(strlen(table[d].unit) > 0 && strlen(table[d].interval) > 3);
        assert_true(strlen(table[d].reference) > 0 && table[d].scope_keys != NULL);
    }
}

/* A key that a measure carries and its row does not name would be a secret. */
static void scope_keys_are_those_of_the_table(void **state) {
    (void)state;
    town *t = plain_town();
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    t->has_benchmark = true;
    t->has_times = true;
    t->outcomes_have_source = true;
    for (size_t i = 0; i < 36; i++) {
        t->benchmark[i] = 5.0;
        t->flag_day[i] = (int32_t)(3 * i);
        town_outcome_area(t, i);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const onus_measure *m = onus_result_measure(&t->result, k);
        for (size_t i = 0; i < m->scope.n_items; i++) {
            assert_non_null(strstr(m->def->scope_keys, m->scope.items[i].key));
        }
        assert_true(m->has_value || m->withheld || m->reason != NULL);
        assert_true(m->interval.given || m->reason != NULL || strcmp(m->def->unit, "count") == 0 ||
                    strcmp(m->def->unit, "flags") == 0);
    }
    town_free(t);
}

static bool warns(const town *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t k = 0; k < t->result.warnings.n_items; k++) {
        if (strcmp(warnings[k].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void warnings_come_with_their_causes(void **state) {
    (void)state;
    town *t = plain_town();
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(warns(t, "ecological"));
    assert_false(warns(t, "flags_outside") || warns(t, "areas_without_people") ||
                 warns(t, "few_areas") || warns(t, "group_exceeds_total"));
    town_flag(t, -500.0, 0.0, 2.0);
    t->total[3] = t->people[0][3] = t->people[1][3] = NAN;
    t->people[0][4] = t->total[4] + 5.0;
    t->n_areas = 24;
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(warns(t, "flags_outside") && warns(t, "areas_without_people") &&
                warns(t, "few_areas") && warns(t, "group_exceeds_total"));
    /* everyone else cannot be counted where a group outnumbers the total */
    const onus_measure *m =
        town_find(t, "burden.ratio", "definition=exposure group=g0 reference=rest source=space");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "outnumbers"));
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_fifteen_in_order_once_claims_are_judged),
        cmocka_unit_test(what_cannot_be_tested_names_what_is_missing),
        cmocka_unit_test(six_tells_n_of_n_and_the_law_of_the_four_fifths),
        cmocka_unit_test(the_seventh_is_answered_from_outcomes),
        cmocka_unit_test(fourteen_repeats_the_verdicts_in_the_vendors_words),
        cmocka_unit_test(every_id_of_the_contract_is_in_the_table_once),
        cmocka_unit_test(scope_keys_are_those_of_the_table),
        cmocka_unit_test(warnings_come_with_their_causes),
    };
    return cmocka_run_group_tests_name("questions", tests, NULL, NULL);
}
