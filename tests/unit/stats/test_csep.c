/* The CSEP tests: properties and small cases by hand; published figures are in
 * tests/reference/csep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "onus/stats_csep.h"
#include "onus/sum.h"

static const double tight = 1e-12;

/* ---- number ---- */

static void number_tails_overlap_in_the_recorded_number(void **state) {
    (void)state;
    const double means[] = {0.01, 1, 9.325, 64.5, 1000};
    for (size_t m = 0; m < 5; m++) {
        for (double k = 0; k < 40; k += 3) {
            const onus_csep_number n = onus_csep_number_test(means[m], k, NAN);
            const double pmf = exp(k * log(means[m]) - means[m] - lgamma(k + 1));
            assert_near(n.delta1.value + n.delta2.value, 1 + pmf, tight);
        }
    }
}

static void number_tails_are_plain_sums(void **state) {
    (void)state;
    double below = 0; /* negative binomial by its recurrence from 0 */
    const double mean = 7.5;
    const double variance = 30;
    const double r = mean * mean / (variance - mean);
    double term = pow(r / (r + mean), r);
    for (double k = 0; k < 60; k++) {
        const onus_csep_number n = onus_csep_number_test(mean, k, variance);
        assert_near(n.delta1.value, 1 - below, tight);
        below += term;
        assert_near(n.delta2.value, below, tight);
        assert_near(n.p.value, fmin(1, 2 * fmin(n.delta1.value, n.delta2.value)), tight);
        term *= mean / (r + mean) * (r + k) / (k + 1);
    }
}

static void number_keeps_its_digits_far_out_and_high_up(void **state) {
    (void)state;
    /* the ratio of neighbouring tails is that of their sums, far below 1e-16 too */
    const onus_csep_number far = onus_csep_number_test(1, 60, NAN);
    const onus_csep_number next = onus_csep_number_test(1, 61, NAN);
    assert_near((far.delta1.value - next.delta1.value) / exp(-1 - lgamma(61)), 1, 1e-10);
    const onus_csep_number many = onus_csep_number_test(1e8, 1e8, NAN);
    assert_near(many.delta1.value, 0.5, 1e-4);
    assert_near(many.delta1.value + many.delta2.value - 1, 1 / sqrt(2 * acos(-1) * 1e8), 1e-12);
}

static void negative_binomial_with_little_spread_is_poisson(void **state) {
    (void)state;
    const onus_csep_number a = onus_csep_number_test(50, 61, NAN);
    const onus_csep_number b = onus_csep_number_test(50, 61, 50 * (1 + 1e-9));
    assert_near(a.delta1.value, b.delta1.value, 1e-8);
    assert_non_null(onus_csep_number_test(50, 61, 50).p.reason);
    assert_non_null(onus_csep_number_test(0, 1, NAN).p.reason);
    assert_non_null(onus_csep_number_test(NAN, 1, NAN).p.reason);
    assert_non_null(onus_csep_number_test(5, 1.5, NAN).p.reason);
    assert_non_null(onus_csep_number_test(5, -1, NAN).p.reason);
}

static void spread_of_records_before_widens_the_number_test(void **state) {
    (void)state;
    const double totals[] = {10, 30, 20, 60, 5};
    const onus_number variance = onus_csep_variance(totals, 5);
    assert_near(variance.value, 475, tight);
    assert_true(onus_csep_number_test(25, 45, variance.value).p.value >
                onus_csep_number_test(25, 45, NAN).p.value);
    assert_non_null(onus_csep_variance(totals, 1).reason);
}

static void cluster_size_undoes_the_spread_that_clusters_make(void **state) {
    (void)state;
    for (double m = 1; m < 6; m += 0.5) { /* one cell, two windows, variance / mean = m + 1 - 1/m */
        const double d = m + 1 - 1 / m;
        const double mean = 10;
        const double half = sqrt(d * mean / 2);
        const double sum = 2 * mean;
        const double squares = (mean - half) * (mean - half) + (mean + half) * (mean + half);
        assert_near(onus_csep_cluster_size(&sum, &squares, 1, 2).value, m, 1e-9);
    }
    const double even = 10;
    const double even_squares = 50; /* 5 and 5: less spread than Poisson */
    assert_near(onus_csep_cluster_size(&even, &even_squares, 1, 2).value, 1, tight);
    const double none = 0;
    assert_non_null(onus_csep_cluster_size(&none, &none, 1, 2).reason);
    assert_non_null(onus_csep_cluster_size(&even, &even_squares, 1, 1).reason);
}

/* ---- scores and accounts ---- */

static void bad_rates_and_impossible_events_leave_every_score_undefined(void **state) {
    (void)state;
    const double counts[] = {1, 0, 2};
    const double area[] = {1, 1, 1};
    const double good[] = {1, 1, 1};
    const double bad[][3] = {{1, -1, 1}, {1, NAN, 1}, {1, INFINITY, 1}, {0, 1, 1}, {0, 0, 0}};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 10;
    for (size_t k = 0; k < 5; k++) {
        assert_non_null(onus_csep_log_likelihood(bad[k], counts, 3, 1).reason);
        assert_non_null(onus_csep_binary_log_likelihood(bad[k], counts, 3, 1).reason);
        assert_non_null(onus_csep_information(bad[k], counts, area, 3).reason);
        assert_non_null(onus_csep_t_test(bad[k], good, counts, 3, 1, 0.95).t.reason);
        assert_non_null(onus_csep_t_test(good, bad[k], counts, 3, 1, 0.95).t.reason);
        onus_csep_w w;
        assert_int_equal(onus_csep_w_test(good, bad[k], counts, 3, &w), ONUS_OK);
        assert_non_null(w.z.reason);
        const onus_csep_data data = {3, 1, bad[k], counts};
        for (int test = 0; test < ONUS_CSEP_TESTS; test++) {
            onus_csep_result r;
            double scores[10];
            assert_int_equal(
                onus_csep_simulate(&data, (onus_csep_test)test, &options, NULL, &r, scores, NULL),
                ONUS_OK);
            if (k == 3 && test == ONUS_CSEP_M) {
                assert_null(r.quantile.reason); /* the mark itself is possible */
                continue;
            }
            assert_non_null(r.quantile.reason);
            assert_non_null(r.score.reason);
            assert_non_null(r.p.reason);
            assert_true(isnan(scores[9]));
        }
    }
    assert_non_null(onus_csep_brier(bad[0], counts, 3).reason);
}

static void a_rate_of_0_without_events_is_no_fault(void **state) {
    (void)state;
    const double rates[] = {2, 0, 1};
    const double counts[] = {1, 0, 2};
    assert_near(onus_csep_log_likelihood(rates, counts, 3, 1).value,
                log(2) + 2 * log(1) - log(2) - 3, tight);
    const onus_csep_data data = {3, 1, rates, counts};
    onus_csep_account account;
    assert_int_equal(onus_csep_check(&data, &account, NULL), ONUS_OK);
    assert_null(account.reason);
    assert_int_equal(account.n_zero_rates, 1);
    assert_int_equal(account.n_impossible, 0);
}

static void events_outside_are_counted_and_in_no_bin(void **state) {
    (void)state;
    const int32_t cell[] = {0, -1, 1, 2, 1, 7};
    const int32_t mark[] = {0, 0, 1, 1, 2, 0};
    const double weight[] = {1, 2, 3, 1, 4, 5};
    double counts[6];
    onus_csep_binned binned;
    assert_int_equal(onus_csep_bin(cell, mark, weight, 6, 3, 2, counts, &binned, NULL), ONUS_OK);
    assert_int_equal(binned.n_inside, 5);
    assert_int_equal(binned.n_outside_cells, 7);
    assert_int_equal(binned.n_outside_marks, 4);
    assert_near(onus_sum_of(counts, 6), 5, tight);
    const double part[] = {1, 1, 1, 1, 1, 0.5};
    assert_int_equal(onus_csep_bin(cell, mark, part, 6, 3, 2, counts, &binned, NULL),
                     ONUS_ERR_DOMAIN);
}

static void data_outside_the_domain_are_refused(void **state) {
    (void)state;
    const double rates[] = {1, 1};
    const double part[] = {1, 0.5};
    const double negative[] = {1, -1};
    const double whole[] = {1, 1};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    onus_csep_result r;
    onus_error err = ONUS_ERROR_INIT;
    onus_csep_data data = {2, 1, rates, part};
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, &err),
                     ONUS_ERR_DOMAIN);
    data.counts = negative;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, &err),
                     ONUS_ERR_DOMAIN);
    data.counts = whole;
    data.n_cells = 0;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, &err),
                     ONUS_ERR_DOMAIN);
    data.n_cells = 2;
    options.cluster_size = 0.5;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, &err),
                     ONUS_ERR_DOMAIN);
    options.cluster_size = 1;
    options.n_simulations = 0;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, &err),
                     ONUS_ERR_DOMAIN);
}

/* ---- memory ---- */

static void every_refused_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    const double r[] = {1, 2, 100, 0};
    const double c[] = {1, 0, 120, 0};
    const onus_csep_data data = {4, 1, r, c};
    const onus_context one = {.n_threads = 1};
    for (int clustered = 0; clustered < 2; clustered++) {
        FAULT_EACH(fault) {
            onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
            options.n_simulations = 40;
            options.cluster_size = clustered ? 1.5 : 1;
            onus_csep_result result;
            fault_expect(&fault, onus_csep_simulate(&data, ONUS_CSEP_S, &options, &one, &result,
                                                    NULL, NULL));
        }
    }
    FAULT_EACH(fault) {
        onus_csep_replay *replay = NULL;
        fault_expect(&fault, onus_csep_replay_new(&data, ONUS_CSEP_L, &replay, NULL));
        onus_csep_replay_free(replay);
    }
    FAULT_EACH(fault) {
        const double other[] = {2, 2, 50, 1};
        onus_csep_w w;
        fault_expect(&fault, onus_csep_w_test(r, other, c, 4, &w));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_tails_overlap_in_the_recorded_number),
        cmocka_unit_test(number_tails_are_plain_sums),
        cmocka_unit_test(number_keeps_its_digits_far_out_and_high_up),
        cmocka_unit_test(negative_binomial_with_little_spread_is_poisson),
        cmocka_unit_test(spread_of_records_before_widens_the_number_test),
        cmocka_unit_test(cluster_size_undoes_the_spread_that_clusters_make),
        cmocka_unit_test(bad_rates_and_impossible_events_leave_every_score_undefined),
        cmocka_unit_test(a_rate_of_0_without_events_is_no_fault),
        cmocka_unit_test(events_outside_are_counted_and_in_no_bin),
        cmocka_unit_test(data_outside_the_domain_are_refused),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
