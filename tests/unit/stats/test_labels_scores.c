/* Scores beside labels: bins by hand, the bias of plain calibration error, and flips. */
#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "shared.h"

#include "onus/stats_labels_scores.h"

static void brier_of_labels_and_of_vote_shares(void **state) {
    (void)state;
    const double scores[] = {0.7, 0.2, 0.1};
    assert_near(onus_brier_multi(scores, (const double[]){1, 0, 0}, 3), 0.09 + 0.04 + 0.01, 1e-15);
    assert_near(onus_brier_multi(scores, (const double[]){0.5, 0.5, 0}, 3), 0.04 + 0.09 + 0.01,
                1e-15);
    assert_near(onus_brier_multi((const double[]){1, 0, 0}, (const double[]){0, 0, 1}, 3), 2, 0);
    assert_true(isnan(onus_brier_multi((const double[]){NAN, 1, 0}, scores, 3)));
    assert_near(onus_gini_impurity((const double[]){0.5, 0.25, 0.25}, 3), 0.625, 1e-15);
    /* twice the binary score */
    assert_near(onus_brier_multi((const double[]){0.6, 0.4}, (const double[]){0, 1}, 2), 2 * 0.36,
                1e-15);
}

static void a_confidence_on_an_edge_belongs_to_the_bin_below(void **state) {
    (void)state;
    const double confidence[] = {0.5, 0.50001, 0.25, 0, 1};
    const double right[] = {1, 0, 1, 0, 1};
    onus_reliability r;
    assert_int_equal(onus_reliability_of(confidence, right, 5, ONUS_BINS_EQUAL_WIDTH, 4, &r),
                     ONUS_OK);
    assert_int_equal(r.n_bins, 4);
    assert_true(r.bins[0].n == 2 && r.bins[1].n == 1 && r.bins[2].n == 1 && r.bins[3].n == 1);
    assert_true(r.bins[1].low == 0.25 && r.bins[1].high == 0.5 && r.bins[1].confidence == 0.5);
    assert_near(r.ece, (2 * 0.375 + 0.5 + 0.50001 + 0) / 5, 1e-15);
    onus_reliability_clear(&r);
}

static void bins_of_equal_mass_never_part_equal_confidences(void **state) {
    (void)state;
    const double confidence[] = {0.1, 0.2, 0.2, 0.2, 0.9, 0.95};
    const double right[] = {0, 0, 1, 0, 1, 1};
    onus_reliability r;
    assert_int_equal(onus_reliability_of(confidence, right, 6, ONUS_BINS_EQUAL_MASS, 3, &r),
                     ONUS_OK);
    assert_int_equal(r.n_bins, 3);
    assert_true(r.bins[0].n == 4 && r.bins[1].n == 1 && r.bins[2].n == 1);
    assert_near(r.bins[0].right, 0.25, 1e-15);
    onus_reliability_clear(&r);
    assert_int_equal(onus_reliability_of(confidence, right, 6, ONUS_BINS_EQUAL_MASS, 1, &r),
                     ONUS_OK);
    assert_true(r.n_bins == 1 && r.bins[0].n == 6);
    onus_reliability_clear(&r);
}

static void few_items_look_uncalibrated_to_the_plain_error_alone(void **state) {
    (void)state;
    uint64_t seed = 23;
    double confidence[300];
    double right[300];
    double plain = 0;
    double debiased = 0;
    const int rounds = 200;
    for (int round = 0; round < rounds; round++) {
        for (size_t i = 0; i < 300; i++) { /* right exactly as often as it says */
            confidence[i] = (double)random_below(&seed, 1000) / 1000;
            right[i] = (double)random_below(&seed, 1000) < 1000 * confidence[i] ? 1 : 0;
        }
        onus_reliability r;
        assert_int_equal(onus_reliability_of(confidence, right, 300, ONUS_BINS_EQUAL_MASS, 15, &r),
                         ONUS_OK);
        plain += r.ece / rounds;
        debiased += r.debiased * r.debiased / rounds;
        onus_reliability_clear(&r);
    }
    assert_true(plain > 0.05);     /* mean |error| of 20 items a bin */
    assert_true(debiased < 0.002); /* of squares, cut off at 0 */
}

static void calibration_of_the_reference_comes_out(void **state) {
    (void)state;
    json_t *root = shared_json("expected/affect/reference_values.json");
    if (root == NULL) {
        skip();
    }
    const json_t *calibration = json_object_get(root, "calibration");
    static double confidence[1000];
    static double right[1000];
    const size_t n = json_numbers(calibration, "conf", confidence, 1000);
    assert_int_equal(json_numbers(calibration, "correct", right, 1000), n);
    const struct {
        const char *key;
        size_t n_bins;
    } widths[] = {{"ece15", 15}, {"ece10", 10}};
    for (int k = 0; k < 2; k++) {
        onus_reliability r;
        assert_int_equal(
            onus_reliability_of(confidence, right, n, ONUS_BINS_EQUAL_WIDTH, widths[k].n_bins, &r),
            ONUS_OK);
        assert_near(r.ece, json_number(calibration, widths[k].key), 1e-12);
        onus_reliability_clear(&r);
    }
    double brier = 0; /* of being right, binary: half the two-label score */
    for (size_t i = 0; i < n; i++) {
        brier += onus_brier_multi((const double[]){confidence[i], 1 - confidence[i]},
                                  (const double[]){right[i], 1 - right[i]}, 2) /
                 2 / (double)n;
    }
    assert_near(brier, json_number(calibration, "brier"), 1e-12);
    json_decref(root);
}

static void odd_scores_are_refused_and_none_have_a_reason(void **state) {
    (void)state;
    onus_reliability r;
    const double confidence[] = {0.5, 1.5};
    const double right[] = {1, 0};
    assert_int_equal(onus_reliability_of(confidence, right, 2, ONUS_BINS_EQUAL_WIDTH, 10, &r),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_reliability_of(right, confidence, 2, ONUS_BINS_EQUAL_WIDTH, 10, &r),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_reliability_of(right, right, 2, ONUS_BINS_EQUAL_WIDTH, 0, &r),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_reliability_of(right, right, 0, ONUS_BINS_EQUAL_WIDTH, 10, &r), ONUS_OK);
    assert_true(isnan(r.ece) && r.reason != NULL);
    onus_reliability_clear(&r);
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_reliability_of(right, right, 2, ONUS_BINS_EQUAL_MASS, 10, &r));
        onus_reliability_clear(&r);
    }
}

/* ---- flips ---- */

static void flips_are_held_against_any_order_of_the_same_labels(void **state) {
    (void)state;
    size_t scratch[4];
    /* every order of a a b c: the mean number of flips is the stationary expectation */
    int32_t labels[] = {0, 0, 1, 2};
    double sum = 0;
    double n = 0;
    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            for (int c = 0; c < 4; c++) {
                const int d = 6 - a - b - c;
                if (a == b || a == c || b == c || d < 0 || d > 3 || d == a || d == b || d == c) {
                    continue;
                }
                onus_flips one = {0};
                onus_flips_add(&one, (const int32_t[]){labels[a], labels[b], labels[c], labels[d]},
                               4, 3, scratch);
                sum += one.flips;
                n += 1;
                assert_near(one.stationary, 3 * (1 - 2.0 / 12), 1e-15);
            }
        }
    }
    assert_true(n == 24);
    assert_near(sum / n, 3 * (1 - 2.0 / 12), 1e-14);
}

static void a_drifting_label_flips_less_and_two_repeats_cannot_tell(void **state) {
    (void)state;
    size_t scratch[3];
    onus_flips flips = {0};
    onus_flips_add(&flips, (const int32_t[]){0, 0, 0, 1, 1, 1}, 6, 2, scratch);
    assert_true(flips.flips == 1 && flips.ordered_stationary > 2.9);
    onus_flips_add(&flips, (const int32_t[]){0, -1}, 2, 2, scratch); /* to an abstention */
    assert_true(flips.flips == 2 && flips.pairs == 6 && flips.ordered_pairs == 5);
    assert_true(flips.ordered_flips == 1);
    onus_flips_add(&flips, (const int32_t[]){1}, 1, 2, scratch);
    assert_true(flips.pairs == 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brier_of_labels_and_of_vote_shares),
        cmocka_unit_test(a_confidence_on_an_edge_belongs_to_the_bin_below),
        cmocka_unit_test(bins_of_equal_mass_never_part_equal_confidences),
        cmocka_unit_test(few_items_look_uncalibrated_to_the_plain_error_alone),
        cmocka_unit_test(calibration_of_the_reference_comes_out),
        cmocka_unit_test(odd_scores_are_refused_and_none_have_a_reason),
        cmocka_unit_test(flips_are_held_against_any_order_of_the_same_labels),
        cmocka_unit_test(a_drifting_label_flips_less_and_two_repeats_cannot_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
