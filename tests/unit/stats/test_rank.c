/* Ranks, quantiles and correlations against R 4.2 and against brute force. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include "onus/stats_rank.h"

static const double X[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
static const double Y[] = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8};
enum { N = 10 };

static void ties_share_the_mean_of_their_ranks(void **state) {
    (void)state;
    const double want[] = {4.5, 1.5, 6, 1.5, 7.5, 10, 3, 9, 7.5, 4.5};
    double ranks[N];
    assert_int_equal(onus_rank_mid(X, N, ranks), ONUS_OK);
    assert_memory_equal(ranks, want, sizeof want);
    assert_int_equal(onus_rank_mid(X, 0, ranks), ONUS_OK);
    const double bad[] = {1, NAN};
    assert_int_equal(onus_rank_mid(bad, 2, ranks), ONUS_ERR_DOMAIN);
}

static void midranks_equal_counting(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < test_mult(200); trial++) {
        double values[40];
        double ranks[40];
        const size_t n = (size_t)random_below(&seed, 41);
        for (size_t i = 0; i < n; i++) {
            values[i] = (double)random_between(&seed, -4, 4);
        }
        assert_int_equal(onus_rank_mid(values, n, ranks), ONUS_OK);
        for (size_t i = 0; i < n; i++) {
            double below = 0;
            double equal = 0;
            for (size_t j = 0; j < n; j++) {
                below += values[j] < values[i];
                equal += values[j] == values[i];
            }
            assert_true(ranks[i] == below + 0.5 * (equal + 1.0));
        }
    }
}

static void quantiles_are_those_of_r_type_7(void **state) {
    (void)state;
    const double p[] = {0.1, 0.33, 0.5, 0.95, 0, 1};
    const double want[] = {1, 2.97, 3.5, 7.65, 1, 9};
    double got[6];
    assert_int_equal(onus_quantiles(X, N, p, 6, got), ONUS_OK);
    for (int k = 0; k < 6; k++) {
        assert_near(got[k], want[k], 1e-15);
    }
    double median = 0;
    assert_int_equal(onus_median(X, N, &median), ONUS_OK);
    assert_true(median == 3.5);
    assert_int_equal(onus_median(X, 0, &median), ONUS_OK);
    assert_true(isnan(median));
    assert_true(isnan(onus_quantile_sorted(X, N, 1.5)) && isnan(onus_quantile_sorted(X, N, NAN)));
    const double ends[] = {-INFINITY, -INFINITY, 1, INFINITY};
    assert_true(onus_quantile_sorted(ends, 4, 0.1) == -INFINITY);
}

static void weighted_quantile_equals_repeating_each_value(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int trial = 0; trial < test_mult(300); trial++) {
        double values[8];
        double weights[8];
        double repeated[40];
        size_t n_repeated = 0;
        for (size_t i = 0; i < 8; i++) {
            values[i] = (double)random_between(&seed, 0, 9);
            weights[i] = (double)random_between(&seed, 0, 4);
        }
        for (int v = 0; v <= 9; v++) {
            for (size_t i = 0; i < 8; i++) {
                for (double k = 0; values[i] == v && k < weights[i]; k++) {
                    repeated[n_repeated++] = v;
                }
            }
        }
        onus_number got = {0};
        assert_int_equal(onus_quantile_weighted(values, weights, 8, 0.5, &got), ONUS_OK);
        if (n_repeated == 0) {
            assert_true(isnan(got.value) && got.reason != NULL);
        } else { /* at one half, type 1 with midpoints is the usual median */
            assert_true(got.value ==
                        0.5 * (repeated[(n_repeated - 1) / 2] + repeated[n_repeated / 2]));
        }
    }
    onus_number got;
    assert_int_equal(onus_quantile_weighted((double[]){1}, (double[]){-1}, 1, 0.5, &got),
                     ONUS_ERR_DOMAIN);
}

static void correlations_are_those_of_r(void **state) {
    (void)state;
    onus_number got = {0};
    assert_int_equal(onus_spearman(X, Y, N, &got), ONUS_OK);
    assert_near(got.value, 0.13471506281091269, 1e-14);
    assert_near(onus_pearson(X, Y, N).value, 0.10492284287735879, 1e-14);
}

static void spearman_without_ties_is_the_sum_of_squared_differences(void **state) {
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < test_mult(100); trial++) {
        enum { M = 25 };
        double a[M];
        double b[M];
        for (size_t i = 0; i < M; i++) {
            a[i] = b[i] = (double)i;
        }
        for (size_t i = M - 1; i > 0; i--) {
            const size_t k = (size_t)random_below(&seed, i + 1);
            const double kept = b[i];
            b[i] = b[k];
            b[k] = kept;
        }
        double d2 = 0;
        for (size_t i = 0; i < M; i++) {
            d2 += (a[i] - b[i]) * (a[i] - b[i]);
        }
        onus_number got = {0};
        assert_int_equal(onus_spearman(a, b, M, &got), ONUS_OK);
        assert_near(got.value, 1.0 - 6.0 * d2 / (M * (M * M - 1.0)), 1e-13);
    }
}

static void correlation_is_undefined_with_a_reason_where_it_is_degenerate(void **state) {
    (void)state;
    const double flat[] = {2, 2, 2, 2};
    const double hole[] = {1, NAN, 3, 4};
    onus_number got = {0};
    assert_int_equal(onus_spearman(X, flat, 4, &got), ONUS_OK);
    assert_true(isnan(got.value) && got.reason != NULL);
    assert_int_equal(onus_spearman(X, hole, 4, &got), ONUS_OK);
    assert_true(isnan(got.value) && got.reason != NULL);
    assert_int_equal(onus_spearman(X, Y, 2, &got), ONUS_OK);
    assert_true(isnan(got.value) && got.reason != NULL);
    assert_true(isnan(onus_pearson(X, flat, 4).value));
    assert_true(onus_pearson(X, X, N).value == 1.0);
    const double tiny[] = {1e-200, 2e-200, 3e-200};
    assert_true(isnan(onus_pearson(tiny, tiny, 3).value) ||
                onus_pearson(tiny, tiny, 3).value == 1.0);
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    double ranks[N];
    onus_number got;
    const double p = 0.5;
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_spearman(X, Y, N, &got));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_rank_mid(X, N, ranks));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_quantiles(X, N, &p, 1, ranks));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_quantile_weighted(X, Y, N, 0.5, &got));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_share_the_mean_of_their_ranks),
        cmocka_unit_test(midranks_equal_counting),
        cmocka_unit_test(quantiles_are_those_of_r_type_7),
        cmocka_unit_test(weighted_quantile_equals_repeating_each_value),
        cmocka_unit_test(correlations_are_those_of_r),
        cmocka_unit_test(spearman_without_ties_is_the_sum_of_squared_differences),
        cmocka_unit_test(correlation_is_undefined_with_a_reason_where_it_is_degenerate),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
