/* Scores against thresholds: small sets by hand, and what other tools get wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../fault.h"
#include "onus/stats_roc.h"

#define N(array) (sizeof(array) / sizeof(array)[0])

static onus_roc make(const double *genuine, size_t n_genuine, const double *impostor,
                     size_t n_impostor, bool lower_is_same, const onus_roc_ask *ask) {
    const onus_scores scores = {.genuine = genuine,
                                .n_genuine = n_genuine,
                                .impostor = impostor,
                                .n_impostor = n_impostor,
                                .lower_is_same = lower_is_same};
    onus_roc roc;
    assert_int_equal(onus_roc_make(&scores, ask, NULL, &roc), ONUS_OK);
    return roc;
}

static const double GENUINE[] = {0.9, 0.8, NAN, 0.5, 0.5};
static const double IMPOSTOR[] = {0.1, 0.5, 0.6, NAN, 0.2, NAN};
static const double THRESHOLDS[] = {0.5, 0.55, 2.0, -1.0};
static const onus_roc_ask COUNTS = {.thresholds = THRESHOLDS, .n_thresholds = 4};

static void a_score_at_the_threshold_matches(void **state) {
    (void)state;
    onus_roc roc = make(GENUINE, N(GENUINE), IMPOSTOR, N(IMPOSTOR), false, &COUNTS);
    assert_int_equal(roc.totals.n_genuine, 4);
    assert_int_equal(roc.totals.n_impostor, 4);
    assert_int_equal(roc.at[0].false_match, 2);
    assert_int_equal(roc.at[0].false_nonmatch, 0);
    assert_int_equal(roc.at[1].false_match, 1);
    assert_int_equal(roc.at[1].false_nonmatch, 2);
    assert_int_equal(roc.at[2].false_match, 0);
    assert_int_equal(roc.at[2].false_nonmatch, 4);
    assert_int_equal(roc.at[3].false_match, 4);
    assert_int_equal(roc.at[3].false_nonmatch, 0);
    onus_roc_clear(&roc);
}

static void distances_are_scores_upside_down(void **state) {
    (void)state;
    const double genuine[] = {-0.9, -0.8, -NAN, -0.5, -0.5};
    const double impostor[] = {-0.1, -0.5, -0.6, NAN, -0.2, NAN};
    const double thresholds[] = {-0.5, -0.55, -2.0, 1.0};
    const double fmr_at[] = {0.3};
    const onus_roc_ask up = {
        .thresholds = THRESHOLDS, .n_thresholds = 4, .fmr_at = fmr_at, .n_fmr_at = 1, .auc = true};
    onus_roc_ask down = up;
    down.thresholds = thresholds;
    onus_roc a = make(GENUINE, N(GENUINE), IMPOSTOR, N(IMPOSTOR), false, &up);
    onus_roc b = make(genuine, N(genuine), impostor, N(impostor), true, &down);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(a.at[i].false_match, b.at[i].false_match);
        assert_int_equal(a.at[i].false_nonmatch, b.at[i].false_nonmatch);
        assert_true(b.at[i].threshold == thresholds[i]);
    }
    assert_int_equal(a.auc.num2, b.auc.num2);
    assert_true(a.fnmr_at[0].at.threshold == 0.6 && b.fnmr_at[0].at.threshold == -0.6);
    onus_roc_clear(&a);
    onus_roc_clear(&b);
}

static void failures_to_acquire_count_under_three_conventions(void **state) {
    (void)state;
    onus_roc roc = make(GENUINE, N(GENUINE), IMPOSTOR, N(IMPOSTOR), false, &COUNTS);
    const onus_roc_counts *at = &roc.at[1]; /* 1 of 4 impostors and 2 failures; 2 of 4 and 1 */
    const uint64_t wanted[3][4] = {{1, 4, 2, 4}, {1, 6, 3, 5}, {3, 6, 2, 5}};
    for (int c = 0; c < ONUS_FTA_N_CONVENTIONS; c++) {
        const onus_share fmr = onus_roc_fmr(at, (onus_fta_convention)c);
        const onus_share fnmr = onus_roc_fnmr(at, (onus_fta_convention)c);
        assert_int_equal(fmr.num, wanted[c][0]);
        assert_int_equal(fmr.den, wanted[c][1]);
        assert_int_equal(fnmr.num, wanted[c][2]);
        assert_int_equal(fnmr.den, wanted[c][3]);
    }
    /* FAR = FMR (1 - FTA), FRR = FTA + FNMR (1 - FTA), each with its own class's failures */
    const double fmr = onus_share_value(onus_roc_fmr(at, ONUS_FTA_ACQUIRED)).value;
    const double fnmr = onus_share_value(onus_roc_fnmr(at, ONUS_FTA_ACQUIRED)).value;
    const double far = onus_share_value(onus_roc_fmr(at, ONUS_FTA_AS_NONMATCH)).value;
    const double frr = onus_share_value(onus_roc_fnmr(at, ONUS_FTA_AS_NONMATCH)).value;
    assert_true(fabs(fmr * (1.0 - 2.0 / 6.0) - far) < 1e-15);
    assert_true(fabs(1.0 / 5.0 + fnmr * (1.0 - 1.0 / 5.0) - frr) < 1e-15);
    const onus_share fta = onus_roc_fta(at);
    assert_int_equal(fta.num, 3);
    assert_int_equal(fta.den, 11);
    onus_roc_clear(&roc);
}

static void a_failure_to_acquire_does_not_turn_the_equal_error_rate_into_one(void **state) {
    (void)state;
    const onus_roc_ask ask = {.eer = true, .auc = true};
    const double genuine[] = {NAN, 0.8, 0.9, NAN};
    const double impostor[] = {0.1, NAN, 0.2};
    onus_roc roc = make(genuine, N(genuine), impostor, N(impostor), false, &ask);
    for (int c = 0; c < ONUS_EER_N_CONVENTIONS; c++) {
        assert_null(roc.eer[c].rate.reason);
        assert_true(roc.eer[c].rate.value == 0.0);
        assert_true(roc.eer[c].at.threshold == 0.8);
    }
    assert_int_equal(roc.auc.num2, 8);
    assert_int_equal(roc.auc.den2, 8);
    onus_roc_clear(&roc);
}

static void constant_scores_tell_nothing_and_say_so(void **state) {
    (void)state;
    const double fmr_at[] = {0.5, 1.0};
    const onus_roc_ask ask = {
        .eer = true, .auc = true, .fmr_at = fmr_at, .n_fmr_at = 2, .n_det = 10};
    const double same[] = {0.7, 0.7, 0.7, 0.7};
    onus_roc roc = make(same, 4, same, 2, false, &ask);
    for (int c = 0; c < ONUS_EER_N_CONVENTIONS; c++) {
        assert_true(roc.eer[c].rate.value == 0.5);
    }
    assert_int_equal(2 * roc.auc.num2, roc.auc.den2);
    assert_true(isinf(roc.fnmr_at[0].at.threshold));
    assert_true(roc.fnmr_at[0].pessimistic.value == 1.0);
    assert_true(roc.fnmr_at[0].optimistic.value == 0.0);
    /* one of two impostors may match: in a random order 2/3 of the genuine come before the second
     */
    assert_true(fabs(roc.fnmr_at[0].expected.value - 1.0 / 3.0) < 1e-15);
    assert_true(roc.fnmr_at[1].pessimistic.value == 0.0);
    assert_true(roc.fnmr_at[1].at.threshold == 0.7);
    assert_int_equal(roc.n_det, 2);
    onus_roc_clear(&roc);
}

/* All orders of the tied: genuine scores before the impostor that breaks the bound. */
static void expected_rate_among_ties_is_the_mean_over_their_orders(void **state) {
    (void)state;
    enum { N_GENUINE = 3, N_IMPOSTOR = 4, N_TIED = N_GENUINE + N_IMPOSTOR };
    const double genuine[] = {1, 1, 1, 2, 0}; /* three tied */
    const double impostor[] = {1, 1, 1, 1, 2, 0, 0, 0, 0, 0};
    const double fmr_at[] = {0.35}; /* 3 of 10: the one above, and two of the tied */
    const onus_roc_ask ask = {.fmr_at = fmr_at, .n_fmr_at = 1};
    double sum = 0;
    double n = 0;
    for (unsigned order = 0; order < 1u << N_TIED; order++) { /* bit set: a genuine score */
        if (__builtin_popcount(order) != N_GENUINE) {
            continue;
        }
        int n_impostors = 0;
        int n_before = 0;
        for (int k = 0; k < N_TIED && n_impostors < 3; k++) {
            const int is_genuine = (int)(order >> k & 1u);
            n_before += is_genuine;
            n_impostors += 1 - is_genuine;
        }
        sum += (4.0 - n_before) / 5.0; /* one is below all, three are tied */
        n++;
    }
    onus_roc roc = make(genuine, N(genuine), impostor, N(impostor), false, &ask);
    assert_true(fabs(roc.fnmr_at[0].expected.value - sum / n) < 1e-15);
    assert_true(roc.fnmr_at[0].pessimistic.value == 0.8);
    assert_true(roc.fnmr_at[0].optimistic.value == 0.2);
    assert_true(roc.fnmr_at[0].at.threshold == 2.0);
    assert_int_equal(roc.fnmr_at[0].at.false_match, 1);
    onus_roc_clear(&roc);
}

static void scores_that_differ_only_as_doubles_are_no_ties(void **state) {
    (void)state;
    const double low = 0.9;
    const double high = nextafter(low, 1.0);
    assert_true((float)low == (float)high);
    const onus_roc_ask ask = {.eer = true, .auc = true};
    onus_roc roc = make(&high, 1, &low, 1, false, &ask);
    assert_int_equal(roc.auc.num2, 2);
    assert_int_equal(roc.auc.den2, 2);
    assert_true(roc.eer[ONUS_EER_CROSSING].rate.value == 0.0);
    onus_roc_clear(&roc);
}

static void both_zeros_are_one_score(void **state) {
    (void)state;
    const double genuine[] = {-0.0, 0.0};
    const double impostor[] = {0.0, -0.0};
    const double thresholds[] = {0.0, -0.0};
    const onus_roc_ask ask = {.thresholds = thresholds, .n_thresholds = 2, .auc = true};
    for (int lower = 0; lower < 2; lower++) {
        onus_roc roc = make(genuine, 2, impostor, 2, lower == 1, &ask);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(roc.at[i].false_match, 2);
            assert_int_equal(roc.at[i].false_nonmatch, 0);
        }
        assert_int_equal(2 * roc.auc.num2, roc.auc.den2);
        onus_roc_clear(&roc);
    }
}

static void rates_of_a_class_without_scores_are_undefined_with_a_reason(void **state) {
    (void)state;
    const double fmr_at[] = {0.1};
    const double failed[] = {NAN, NAN};
    const onus_roc_ask ask = {.thresholds = THRESHOLDS,
                              .n_thresholds = 1,
                              .fmr_at = fmr_at,
                              .n_fmr_at = 1,
                              .eer = true,
                              .auc = true,
                              .n_det = 5};
    for (int which = 0; which < 3; which++) {
        const size_t n_genuine = which == 1 ? N(GENUINE) : 2;
        const size_t n_impostor = which == 0 ? N(IMPOSTOR) : 2;
        onus_roc roc = make(which == 1 ? GENUINE : failed, n_genuine,
                            which == 0 ? IMPOSTOR : failed, n_impostor, false, &ask);
        for (int c = 0; c < ONUS_EER_N_CONVENTIONS; c++) {
            assert_non_null(roc.eer[c].rate.reason);
            assert_true(isnan(roc.eer[c].rate.value));
        }
        assert_int_equal(roc.auc.den2, 0);
        assert_non_null(roc.fnmr_at[0].pessimistic.reason);
        assert_int_equal(roc.n_det, 0);
        const onus_number fmr = onus_share_value(onus_roc_fmr(&roc.at[0], ONUS_FTA_ACQUIRED));
        assert_int_equal(fmr.reason == NULL, which == 0);
        onus_roc_clear(&roc);
    }
    onus_roc roc = make(NULL, 0, NULL, 0, false, &ask);
    assert_int_equal(onus_roc_fta(&roc.totals).den, 0);
    onus_roc_clear(&roc);
}

static void equal_error_rates_of_a_hand_made_set(void **state) {
    (void)state;
    const double genuine[] = {2, 4, 6, 6, 7};
    const double impostor[] = {1, 2, 3, 5};
    const onus_roc_ask ask = {.eer = true, .n_det = 100};
    onus_roc roc = make(genuine, N(genuine), impostor, N(impostor), false, &ask);
    /* at 4: 1/4 and 1/5; at 5: 1/4 and 2/5 */
    assert_true(fabs(roc.eer[ONUS_EER_CROSSING].rate.value - 0.225) < 1e-15);
    assert_true(roc.eer[ONUS_EER_CROSSING].at.threshold == 4.0);
    assert_true(roc.eer[ONUS_EER_CROSSING].low == 0.2);
    assert_true(roc.eer[ONUS_EER_CROSSING].high == 0.25);
    assert_true(fabs(roc.eer[ONUS_EER_NEAREST].rate.value - 0.225) < 1e-15);
    assert_true(fabs(roc.eer[ONUS_EER_INTERPOLATED].rate.value - 0.25) < 1e-15);
    assert_int_equal(roc.n_det, 8); /* seven distinct scores, and past all of them */
    assert_true(isinf(roc.det[7].threshold));
    onus_roc_clear(&roc);
}

static void a_bound_on_false_matches_is_met_whatever_its_rounding(void **state) {
    (void)state;
    /* 0.29 * 100 rounds below 29, though 29 of 100 is 0.29; a number just below 0.9, times 10,
     * rounds to 9, though 9 of 10 is more */
    double impostor[100];
    for (int i = 0; i < 100; i++) {
        impostor[i] = i;
    }
    const double hundredths = 0.29;
    const double tenths = nextafter(0.9, 0.0);
    assert_true(hundredths * 100 < 29 && tenths * 10 == 9);
    onus_roc roc = make(impostor, 100, impostor, 100, false,
                        &(onus_roc_ask){.fmr_at = &hundredths, .n_fmr_at = 1});
    assert_int_equal(roc.fnmr_at[0].at.false_match, 29);
    onus_roc_clear(&roc);
    roc =
        make(impostor, 10, impostor, 10, false, &(onus_roc_ask){.fmr_at = &tenths, .n_fmr_at = 1});
    assert_int_equal(roc.fnmr_at[0].at.false_match, 8);
    onus_roc_clear(&roc);
}

static void what_cannot_be_asked_is_refused(void **state) {
    (void)state;
    const double bad_threshold[] = {INFINITY};
    const double bad_fmr[] = {1.5};
    const onus_scores scores = {.genuine = GENUINE, .n_genuine = 2};
    const onus_scores huge = {.n_impostor = ONUS_SCORES_MAX + 1};
    const onus_roc_ask a = {.thresholds = bad_threshold, .n_thresholds = 1};
    const onus_roc_ask b = {.fmr_at = bad_fmr, .n_fmr_at = 1};
    onus_roc roc;
    assert_int_equal(onus_roc_make(&scores, &a, NULL, &roc), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_roc_make(&scores, &b, NULL, &roc), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_roc_make(&huge, &(onus_roc_ask){0}, NULL, &roc), ONUS_ERR_LIMIT);
    onus_roc_clear(&roc);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    const double fmr_at[] = {0.1};
    const onus_context context = {.n_threads = 1};
    const onus_roc_ask ask = {.thresholds = THRESHOLDS,
                              .n_thresholds = 4,
                              .fmr_at = fmr_at,
                              .n_fmr_at = 1,
                              .eer = true,
                              .auc = true,
                              .n_det = 3};
    const onus_scores scores = {.genuine = GENUINE,
                                .n_genuine = N(GENUINE),
                                .impostor = IMPOSTOR,
                                .n_impostor = N(IMPOSTOR)};
    FAULT_EACH(fault) {
        onus_roc roc;
        fault_expect(&fault, onus_roc_make(&scores, &ask, &context, &roc));
        onus_roc_clear(&roc);
    }
}

static void probits_of_none_and_all_are_infinite(void **state) {
    (void)state;
    assert_true(onus_probit((onus_share){0, 5}) == -INFINITY);
    assert_true(onus_probit((onus_share){5, 5}) == INFINITY);
    assert_true(onus_probit((onus_share){1, 2}) == 0.0);
    assert_true(isnan(onus_probit((onus_share){0, 0})));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_at_the_threshold_matches),
        cmocka_unit_test(distances_are_scores_upside_down),
        cmocka_unit_test(failures_to_acquire_count_under_three_conventions),
        cmocka_unit_test(a_failure_to_acquire_does_not_turn_the_equal_error_rate_into_one),
        cmocka_unit_test(constant_scores_tell_nothing_and_say_so),
        cmocka_unit_test(expected_rate_among_ties_is_the_mean_over_their_orders),
        cmocka_unit_test(scores_that_differ_only_as_doubles_are_no_ties),
        cmocka_unit_test(both_zeros_are_one_score),
        cmocka_unit_test(rates_of_a_class_without_scores_are_undefined_with_a_reason),
        cmocka_unit_test(equal_error_rates_of_a_hand_made_set),
        cmocka_unit_test(a_bound_on_false_matches_is_met_whatever_its_rounding),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(probits_of_none_and_all_are_infinite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
