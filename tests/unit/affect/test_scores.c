/* Scores and repeats of a made product. */
#include "made.h"

#include "../stats/near.h"

static void give_scores(made *w, size_t row, const double *scores) {
    const size_t q = w->e.affect.domain.n_labels;
    w->e.affect.said.scores = w->scores;
    memcpy(&w->scores[row * q], scores, q * sizeof *scores);
}

static void brier_and_calibration_are_those_by_hand(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 20; p++) { /* says 0.8 and is right in 3 of 4 */
        for (int k = 0; k < 4; k++) {
            const size_t i = made_item(w, p, 0);
            made_report(w, i, k == p % 4 ? 1 : 0);
            give_scores(w, i, (const double[]){0.8, 0.2});
        }
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.brier", "against=self_report");
    assert_near(m->value, 0.75 * 2 * 0.04 + 0.25 * 2 * 0.64, 1e-14);
    assert_true(m->den == 80);
    assert_near(made_value(w, "affect.ece", "against=self_report binning=equal_width"), 0.05,
                1e-14);
    assert_near(made_value(w, "affect.ece", "against=self_report binning=equal_mass"), 0.05, 1e-14);
    /* 80 items of .75: the spread of the share alone is larger than the error found */
    assert_near(made_value(w, "affect.ece", "against=self_report binning=debiased"),
                sqrt(fmax(0, 0.0025 - 0.75 * 0.25 / 79)), 1e-12);
    assert_near(made_cell(w, "reliability", 0, "right")->number, 0.75, 1e-15);
    assert_near(made_cell(w, "reliability", 0, "n")->number, 80, 0);
    made_free(w);
}

static void soft_votes_and_the_commonest_vote_are_both_asked(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) {
        const size_t i = made_item(w, p, 0);
        made_votes(w, i, p % 2 == 0 ? (const double[]){3, 1} : (const double[]){2, 2});
        give_scores(w, i, (const double[]){0.75, 0.25});
    }
    made_try(w);
    assert_near(made_value(w, "affect.brier", "against=raters"), (0 + 2 * 0.0625) / 2, 1e-14);
    const onus_measure *hard = made_find(w, "affect.brier", "against=raters raters=plurality");
    assert_near(hard->value, 2 * 0.0625, 1e-14);
    assert_true(hard->den == 6); /* ties are nobody's answer */
    made_free(w);
}

static void abstentions_have_no_calibration_but_a_score(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) {
        const size_t i = made_item(w, p, p % 2 == 0 ? 0 : -1);
        made_report(w, i, 0);
        give_scores(w, i, (const double[]){0.6, 0.4});
    }
    made_try(w);
    assert_true(made_find(w, "affect.brier", "against=self_report")->den == 12);
    assert_near(made_cell(w, "reliability", 0, "n")->number, 6, 0);
    made_free(w);
}

static void scores_that_are_no_shares_are_refused(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) {
        const size_t i = made_item(w, p, 0);
        made_report(w, i, 0);
        give_scores(w, i, (const double[]){80, 20});
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.ece", "against=self_report");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "not between 0 and 1"));
    assert_non_null(made_warning(w, "scores_not_of_one"));
    made_free(w);
}

static void items_without_scores_are_no_items(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) {
        const size_t i = made_item(w, p, 0);
        made_report(w, i, 0);
        give_scores(w, i, (const double[]){NAN, NAN});
    }
    made_try(w);
    assert_string_equal(made_find(w, "affect.brier", "against=self_report")->reason,
                        "no item that is compared has a score for every label");
    assert_string_equal(made_find(w, "affect.ece", "against=self_report binning=debiased")->reason,
                        "no item has a score");
    made_free(w);
}

/* ---- again ---- */

static void add_repeat(made *w, size_t item, int32_t label, int32_t repeat) {
    onus_said *said = &w->e.affect.said;
    said->repeat = w->said_repeat;
    said->n_repeats = 4;
    w->said_item[said->n_rows] = (int32_t)item;
    w->said_label[said->n_rows] = label;
    w->said_repeat[said->n_rows++] = repeat;
}

static void flips_stand_beside_what_any_order_would_give(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) { /* 0 0 1 1: one flip of three; any order gives 2 */
        const size_t i = made_item(w, p, 0);
        made_report(w, i, 0);
    }
    for (size_t i = 0; i < 12; i++) { /* rows in no order of time */
        add_repeat(w, i, 1, 3);
        add_repeat(w, i, 0, 1);
        add_repeat(w, i, 1, 2);
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.flip_rate", "");
    assert_true(m->num == 12 && m->den == 36);
    assert_near(made_value(w, "affect.flip_rate", "expected=any_order"), 2.0 / 3, 1e-14);
    assert_near(made_value(w, "affect.flip_rate", "expected=any_item"), 0.5, 1e-14);
    assert_near(made_value(w, "affect.flip_ratio", ""), 0.5, 1e-14);
    /* what is held against the reference is the first repeat, once an item */
    assert_true(made_find(w, "affect.accuracy", "against=self_report")->den == 12);
    made_free(w);
}

static void two_repeats_cannot_tell_their_order(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 12; p++) {
        (void)made_item(w, p, 0);
    }
    for (size_t i = 0; i < 12; i++) {
        add_repeat(w, i, i % 3 == 0 ? -1 : 0, 1); /* to stop answering is a change */
    }
    made_try(w);
    assert_near(made_value(w, "affect.flip_rate", ""), 1.0 / 3, 1e-14);
    const onus_measure *m = made_find(w, "affect.flip_ratio", "");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "two cannot tell"));
    made_free(w);
}

static void versions_are_compared_item_by_item(void **state) {
    (void)state;
    static char *versions[] = {(char *)(uintptr_t) "1", (char *)(uintptr_t) "2"};
    made *w = made_new(2);
    onus_said *said = &w->e.affect.said;
    for (int32_t p = 0; p < 20; p++) {
        const size_t i = made_item(w, p, 0);
        made_report(w, i, 1);
        w->said_version[i] = 0;
    }
    said->version = w->said_version;
    said->versions = versions;
    said->n_versions = 2;
    for (int32_t p = 0; p < 15; p++) { /* the new one dropped five items, and changed five more */
        w->said_item[said->n_rows] = p;
        w->said_label[said->n_rows] = p < 5 ? 1 : 0;
        w->said_version[said->n_rows++] = 1;
    }
    made_try(w);
    const onus_measure *m = made_find(w, "affect.flip_rate", "from=1 to=2");
    assert_true(m->num == 5 && m->den == 15);
    /* the last version is on trial */
    m = made_find(w, "affect.accuracy", "against=self_report");
    assert_true(m->num == 5 && m->den == 15);
    made_free(w);
}

static void running_out_of_memory_is_said(void **state) {
    (void)state;
    made *w = made_new(2);
    w->c.protocol.n_replicates = 10;
    for (int32_t p = 0; p < 6; p++) {
        const size_t i = made_item(w, p, p % 2);
        made_report(w, i, 0);
        made_votes(w, i, (const double[]){2, 1});
        give_scores(w, i, (const double[]){0.6, 0.4});
    }
    for (size_t i = 0; i < 6; i++) {
        give_scores(w, w->e.affect.said.n_rows, (const double[]){0.5, 0.5});
        add_repeat(w, i, 1, 1);
    }
    made_survives(w, "affect.flip_rate");
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brier_and_calibration_are_those_by_hand),
        cmocka_unit_test(soft_votes_and_the_commonest_vote_are_both_asked),
        cmocka_unit_test(abstentions_have_no_calibration_but_a_score),
        cmocka_unit_test(scores_that_are_no_shares_are_refused),
        cmocka_unit_test(items_without_scores_are_no_items),
        cmocka_unit_test(flips_stand_beside_what_any_order_would_give),
        cmocka_unit_test(two_repeats_cannot_tell_their_order),
        cmocka_unit_test(versions_are_compared_item_by_item),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
