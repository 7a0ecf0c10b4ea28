/* Is the label right: a made case by hand, and the ways in which an accuracy flatters. */
#include "made.h"

#include "../stats/near.h"

/* 12 people of 2 items each, two labels: 8 people report joy... (2) twice, 4 anger once each. */
static made *small_case(void) {
    made *w = made_new(3);
    for (int32_t p = 0; p < 12; p++) {
        for (int32_t k = 0; k < 2; k++) {
            const int32_t truth = p < 8 ? 2 : k;
            /* right on the first item, abstains on the second of every third person, else anger */
            const int32_t said = k == 0 ? truth : p % 3 == 0 ? -1 : 0;
            const size_t i = made_item(w, p, said);
            made_report(w, i, truth);
        }
    }
    return w;
}

static void accuracy_recall_and_precision_are_those_by_hand(void **state) {
    (void)state;
    made *w = small_case();
    made_try(w);
    /* 12 right first items; second items: none right (p >= 8, k = 1 reports fear, said anger) */
    const onus_measure *m = made_find(w, "affect.accuracy", "against=self_report");
    assert_true(m->num == 12 && m->den == 24 && m->value == 0.5);
    /* one of two of everybody: nobody differs, and 12 people are 12 people */
    assert_true(m->interval.given && m->interval.resampled == NULL);
    assert_string_equal(m->interval.method, "wilson on people, who do not differ");
    m = made_find(w, "affect.accuracy", "abstentions=left_out against=self_report");
    assert_true(m->num == 12 && m->den == 20);
    assert_near(made_value(w, "affect.recall", "against=self_report label=joy"), 0.5, 1e-15);
    assert_near(made_value(w, "affect.recall", "against=self_report label=fear"), 0, 1e-15);
    /* anger said of 4 first items and of 8 second ones */
    m = made_find(w, "affect.precision", "against=self_report label=anger");
    assert_true(m->num == 4 && m->den == 12);
    m = made_find(w, "affect.label_given_not", "against=self_report label=anger");
    assert_true(m->num == 8 && m->den == 20);
    assert_near(made_value(w, "affect.balanced_accuracy", "against=self_report"), (1 + 0 + 0.5) / 3,
                1e-15);
    assert_near(made_value(w, "affect.commonest", "against=self_report"), 16.0 / 24, 1e-15);
    assert_near(made_value(w, "affect.skill", "against=self_report"), (0.5 - 16.0 / 24) * 3, 1e-14);
    made_free(w);
}

static void looking_at_nothing_beats_the_product_and_the_ladder_says_so(void **state) {
    (void)state;
    made *w = small_case();
    made_try(w);
    const onus_measure *gain =
        made_find(w, "affect.gain", "against=self_report baseline=commonest");
    assert_near(gain->value, 12.0 / 24 - 16.0 / 24, 1e-15);
    assert_true(made_find(w, "affect.gain", "against=self_report baseline=chance")->value > 0);
    const onus_measure *human = made_find(w, "affect.one_human", "against=self_report");
    assert_false(human->has_value);
    assert_string_equal(human->reason, "the case has no onlookers (raters)");
    assert_string_equal(made_cell(w, "ladder", 4, "rung")->text, "product");
    assert_near(made_cell(w, "ladder", 1, "value")->number, 16.0 / 24, 1e-15);
    made_free(w);
}

static void chance_deals_labels_within_people(void **state) {
    (void)state;
    made *w = small_case();
    made_try(w);
    /* per person of 2 items: sum over labels of said times reported / 2. People 0..7 report joy
     * twice: joy was said once: 1 each. 8..11 report anger and fear, said anger and anger (or
     * abstained, p = 9): 1 each, of the abstainer 1/2. */
    const onus_measure *m = made_find(w, "affect.chance", "against=self_report");
    assert_near(m->num, 8 + 3 + 0.5, 1e-14);
    assert_true(m->has_p && m->p_value > 0.05);
    made_free(w);
}

static void votes_count_as_shares_and_ties_are_left_out_of_pluralities(void **state) {
    (void)state;
    made *w = made_new(3);
    for (int32_t p = 0; p < 15; p++) {
        const size_t i = made_item(w, p, 2);
        const double votes[][3] = {{1, 0, 3}, {2, 0, 2}, {4, 0, 0}};
        made_votes(w, i, votes[p % 3]);
    }
    made_try(w);
    assert_near(made_value(w, "affect.accuracy", "against=raters"), (0.75 + 0.5 + 0) / 3, 1e-14);
    const onus_measure *m = made_find(w, "affect.accuracy", "against=raters raters=plurality");
    assert_true(m->num == 5 && m->den == 10); /* five ties left out */
    /* pairs: 1/2, 1/3, 1; against the others: (3 of 4 find 2-1, the fourth 0-3), ... */
    assert_near(made_value(w, "affect.one_human", "against=raters"), (0.5 + 1.0 / 3 + 1) / 3,
                1e-14);
    assert_near(made_value(w, "affect.human_ceiling", "against=raters"), (0.75 + 0 + 1) / 3, 1e-14);
    made_free(w);
}

static void the_ceiling_against_self_reports_is_the_raters_plurality(void **state) {
    (void)state;
    made *w = made_new(3);
    for (int32_t p = 0; p < 12; p++) {
        const size_t i = made_item(w, p, 0);
        const double votes[][3] = {{3, 1, 0}, {2, 2, 0}};
        made_report(w, i, p % 4 == 3 ? 2 : 0);
        made_votes(w, i, votes[p % 2]);
    }
    made_try(w);
    /* p % 4: 0 right, 1 tied: half, 2 right, 3 wrong */
    assert_near(made_value(w, "affect.human_ceiling", "against=self_report"), 2.5 / 4, 1e-14);
    assert_near(made_value(w, "affect.one_human", "against=self_report"), (0.75 + 0.5 + 0.75) / 4,
                1e-14);
    assert_near(made_value(w, "affect.gain", "against=self_report baseline=human_ceiling"),
                0.75 - 2.5 / 4, 1e-14);
    made_free(w);
}

static void people_who_do_not_differ_get_an_interval_by_their_number(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 20; p++) {
        for (int k = 0; k < 50; k++) {
            made_report(w, made_item(w, p, k % 2), k % 2);
        }
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.accuracy", "against=self_report");
    assert_true(m->value == 1 && m->interval.high == 1);
    assert_true(m->interval.low > 0.8 && m->interval.low < 0.85); /* Wilson 20 of 20, not 1,000 */
    made_free(w);
}

static void items_of_nobody_known_carry_no_verdict(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int k = 0; k < 60; k++) {
        made_report(w, made_item(w, -1, k % 2), k % 3 == 0 ? 0 : 1);
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.accuracy", "against=self_report");
    assert_true(m->interval.given && m->interval.weak);
    assert_string_equal(m->interval.resampled, "item");
    m = made_find(w, "affect.design_effect", "against=self_report");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "does not say whom the items show"));
    /* and labels are dealt out over all items, since no person has two */
    m = made_find(w, "affect.chance", "against=self_report");
    assert_near(m->value, (30.0 * 20 + 30.0 * 40) / 60 / 60, 1e-14);
    assert_non_null(strstr(m->interval.method, "over all items"));
    made_free(w);
}

static void clusters_make_the_design_effect_and_the_interval_wide(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) {
        for (int k = 0; k < 50; k++) { /* of half the people nearly all is right, of half little */
            const bool right = p % 2 == 0 ? k % 10 != 0 : k % 10 == 0;
            made_report(w, made_item(w, p, right ? k % 2 : 1 - k % 2), k % 2);
        }
    }
    made_try(w);
    assert_true(made_value(w, "affect.design_effect", "against=self_report") > 20);
    const onus_measure *m = made_find(w, "affect.accuracy", "against=self_report");
    assert_string_equal(m->interval.resampled, "person");
    assert_true(m->interval.high - m->interval.low > 0.2); /* rows alone: 0.044 */
    assert_near(made_cell(w, "intervals", 0, "low")->number, m->interval.low, 0);
    const double by_items =
        made_cell(w, "intervals", 3, "high")->number - made_cell(w, "intervals", 3, "low")->number;
    assert_true(by_items < 0.045);
    made_free(w);
}

static void a_label_copied_to_all_items_of_a_person_is_warned(void **state) {
    (void)state;
    made *w = made_new(3);
    for (int32_t p = 0; p < 12; p++) {
        for (int k = 0; k < 5; k++) {
            made_report(w, made_item(w, p, p % 3), k % 3);
        }
    }
    made_try(w);
    const onus_warning *warning = made_warning(w, "constant_within_person");
    assert_non_null(warning);
    assert_non_null(strstr(warning->text, "60 items hold 12 values"));
    made_free(w);
    w = small_case();
    made_try(w);
    assert_null(made_warning(w, "constant_within_person"));
    made_free(w);
}

/* ---- criteria ---- */

static void without_self_reports_validity_is_not_testable(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 30; p++) {
        for (int k = 0; k < 4; k++) {
            made_intend(w, made_item(w, p, k % 2), p == 0 ? 1 - k % 2 : k % 2);
        }
    }
    made_try(w);
    static const char *const criteria[] = {"reliability", "specificity", "generalisability",
                                           "validity"};
    for (size_t k = 0; k < 4; k++) {
        assert_string_equal(made_cell(w, "criteria", k, "criterion")->text, criteria[k]);
    }
    assert_string_equal(made_cell(w, "criteria", 0, "grade")->text, "strong");
    assert_string_equal(made_cell(w, "criteria", 2, "why")->text,
                        "the case names no groups of people");
    assert_string_equal(made_cell(w, "criteria", 3, "grade")->text, "not testable");
    assert_non_null(strstr(made_cell(w, "criteria", 3, "why")->text, "nobody was asked"));
    made_free(w);
}

static void grades_rest_on_the_lower_limit(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) { /* label 1 is found in 9 of 12: .75, but of 12 people */
        made_report(w, made_item(w, p, p < 9 ? 1 : 0), 1);
        made_report(w, made_item(w, p, 0), 0);
    }
    made_try(w);
    assert_near(made_cell(w, "criteria", 4, "value")->number, 0.75, 1e-15);
    assert_string_equal(made_cell(w, "criteria", 4, "grade_of_value")->text, "strong");
    assert_string_equal(made_cell(w, "criteria", 4, "grade")->text, "moderate");
    assert_string_equal(made_cell(w, "criteria", 7, "grade")->text, "moderate"); /* the lower */
    made_free(w);
}

/* ---- groups of few ---- */

static void a_group_of_which_two_people_reported_is_withheld(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) {
        made_person(w, p, p < 20 ? 0 : 1, -1);
        for (int k = 0; k < 3; k++) {
            const size_t i = made_item(w, p, k % 2);
            if (p < 2 || p >= 20) { /* of the women only two were asked */
                made_report(w, i, p % 2);
            }
            made_intend(w, i, p % 2);
        }
    }
    made_try(w);
    assert_true(made_find(w, "affect.accuracy", "against=self_report group=women")->withheld);
    assert_true(made_find(w, "affect.accuracy", "against=self_report group=men")->withheld);
    assert_false(made_find(w, "affect.accuracy", "against=intended group=women")->withheld);
    made_free(w);
}

static void of_two_people_nothing_is_said_at_all(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 30; p++) {
        for (int k = 0; k < 4; k++) {
            const size_t i = made_item(w, p, k % 2);
            if (p < 2) {
                made_report(w, i, 0);
            }
            made_intend(w, i, p % 2);
        }
    }
    made_try(w);
    size_t n_self_report = 0;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        const char *against = onus_scope_text(&m->scope, "against");
        if (against != NULL && strcmp(against, "self_report") == 0) {
            n_self_report++;
            assert_true(m->withheld || !m->has_value);
        }
    }
    assert_true(n_self_report >= 1);
    for (size_t row = 0; made_cell(w, "confusion", row, "against") != NULL; row++) {
        assert_string_equal(made_cell(w, "confusion", row, "against")->text, "intended");
    }
    made_free(w);
}

/* ---- the same bytes, and no memory ---- */

static void any_number_of_threads_finds_the_same(void **state) {
    (void)state;
    made *w = small_case();
    made_try(w);
    const onus_measure first = *made_find(w, "affect.accuracy", "against=self_report");
    const size_t n = onus_result_n_measures(&w->r);
    double *before = calloc(2 * n, sizeof *before);
    assert_non_null(before);
    for (size_t i = 0; i < n; i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        before[2 * i] = m->value;
        before[2 * i + 1] = m->interval.low;
    }
    assert_int_equal(made_run(w, 7, NULL), ONUS_OK);
    assert_int_equal(onus_result_n_measures(&w->r), n);
    for (size_t i = 0; i < n; i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        assert_memory_equal(&m->value, &before[2 * i], sizeof m->value);
        assert_memory_equal(&m->interval.low, &before[2 * i + 1], sizeof m->value);
    }
    assert_true(first.interval.given);
    free(before);
    made_free(w);
}

static void running_out_of_memory_is_said(void **state) {
    (void)state;
    made *w = small_case();
    w->c.protocol.n_replicates = 10;
    for (int32_t p = 0; p < 12; p++) {
        made_person(w, p, p % 2, -1);
    }
    for (size_t i = 0; i < w->e.affect.items.n_items; i++) {
        made_votes(w, i, (const double[]){1, 2, 2});
    }
    made_survives(w, "affect.accuracy");
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accuracy_recall_and_precision_are_those_by_hand),
        cmocka_unit_test(looking_at_nothing_beats_the_product_and_the_ladder_says_so),
        cmocka_unit_test(chance_deals_labels_within_people),
        cmocka_unit_test(votes_count_as_shares_and_ties_are_left_out_of_pluralities),
        cmocka_unit_test(the_ceiling_against_self_reports_is_the_raters_plurality),
        cmocka_unit_test(people_who_do_not_differ_get_an_interval_by_their_number),
        cmocka_unit_test(items_of_nobody_known_carry_no_verdict),
        cmocka_unit_test(clusters_make_the_design_effect_and_the_interval_wide),
        cmocka_unit_test(a_label_copied_to_all_items_of_a_person_is_warned),
        cmocka_unit_test(without_self_reports_validity_is_not_testable),
        cmocka_unit_test(grades_rest_on_the_lower_limit),
        cmocka_unit_test(a_group_of_which_two_people_reported_is_withheld),
        cmocka_unit_test(of_two_people_nothing_is_said_at_all),
        cmocka_unit_test(any_number_of_threads_finds_the_same),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
