/* Paired comparison: the published statistic, and what decides. */
#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "shared.h"

#include <string.h>

#include "onus/stats_interval.h"
#include "onus/stats_paired.h"

static void diebold_mariano_is_that_of_r(void **state) {
    (void)state;
    json_t *root = shared_json("expected/place/diebold_mariano.json");
    if (root == NULL) {
        skip();
    }
    double e1[64];
    double e2[64];
    const size_t n = json_numbers(root, "e_ets", e1, 64);
    assert_int_equal(json_numbers(root, "e_arima", e2, 64), n);
    const json_t *results = json_object_get(root, "results");
    assert_int_equal(json_object_size(results), 8);
    const char *key = NULL;
    const json_t *want = NULL;
    json_object_foreach((json_t *)(uintptr_t)results, key, want) {
        int horizon = 0;
        int power = 0;
        assert_int_equal(sscanf(key, "h=%d,power=%d", &horizon, &power), 2);
        double d[64];
        for (size_t t = 0; t < n; t++) {
            d[t] = pow(fabs(e1[t]), power) - pow(fabs(e2[t]), power);
        }
        const onus_dm dm = onus_diebold_mariano(d, n, (size_t)horizon, ONUS_HAC_RECTANGULAR);
        assert_near(dm.statistic, json_number(want, "stat_HLN"), 1e-9);
        assert_near(dm.p_value, json_number(want, "p_two_sided"), 1e-9);
        assert_false(dm.bartlett);
    }
    json_decref(root);
}

static void horizon_one_is_a_t_test_of_the_mean(void **state) {
    (void)state;
    uint64_t seed = 61;
    for (int trial = 0; trial < test_mult(100); trial++) {
        double d[30];
        const size_t n = 2 + (size_t)random_below(&seed, 28);
        double mean = 0;
        double squares = 0;
        for (size_t t = 0; t < n; t++) {
            d[t] = (double)random_between(&seed, -50, 50) + (t == 0 ? 0.5 : 0);
            mean += d[t] / (double)n;
        }
        for (size_t t = 0; t < n; t++) {
            squares += (d[t] - mean) * (d[t] - mean);
        }
        const onus_dm dm = onus_diebold_mariano(d, n, 1, ONUS_HAC_RECTANGULAR);
        assert_near(dm.statistic, mean / sqrt(squares / (double)(n - 1) / (double)n), 1e-10);
        assert_true(dm.df == (double)n - 1);
        const onus_dm same = onus_diebold_mariano(d, n, 1, ONUS_HAC_BARTLETT);
        assert_true(same.statistic == dm.statistic);
    }
}

static void a_negative_variance_is_replaced_and_said_so(void **state) {
    (void)state;
    /* alternating: the autocovariance at lag 1 is nearly minus the variance */
    double d[20];
    for (size_t t = 0; t < 20; t++) {
        d[t] = (t % 2 == 0 ? 1.0 : -1.0) + 0.01 * (double)t;
    }
    const onus_dm dm = onus_diebold_mariano(d, 20, 2, ONUS_HAC_RECTANGULAR);
    assert_true(dm.bartlett && dm.horizon == 2 && isfinite(dm.statistic));
    const onus_dm asked = onus_diebold_mariano(d, 20, 2, ONUS_HAC_BARTLETT);
    assert_true(asked.statistic == dm.statistic);
}

static void what_cannot_be_tested_says_why(void **state) {
    (void)state;
    const double same[] = {2, 2, 2, 2};
    const double bad[] = {1, NAN, 2, 3};
    const double two[] = {1, 2};
    assert_non_null(onus_diebold_mariano(same, 4, 1, ONUS_HAC_RECTANGULAR).reason);
    assert_non_null(onus_diebold_mariano(bad, 4, 1, ONUS_HAC_RECTANGULAR).reason);
    assert_non_null(onus_diebold_mariano(two, 1, 1, ONUS_HAC_RECTANGULAR).reason);
    assert_non_null(onus_diebold_mariano(two, 2, 2, ONUS_HAC_RECTANGULAR).reason);
    assert_non_null(onus_diebold_mariano(two, 2, 0, ONUS_HAC_RECTANGULAR).reason);
    assert_non_null(onus_diebold_mariano(NULL, 0, 1, ONUS_HAC_RECTANGULAR).reason);
    assert_true(isnan(onus_diebold_mariano(same, 4, 1, ONUS_HAC_RECTANGULAR).p_value));
}

static void windows_group_into_units(void **state) {
    (void)state;
    const double sums[] = {1, 10, 2, 20, 3, 30, 4, 40};
    const int32_t unit[] = {0, 0, 2, 2};
    double out[8];
    assert_int_equal(onus_windows_group(sums, 4, 2, unit, 4, out), ONUS_OK);
    const double want[] = {3, 30, 0, 0, 7, 70, 0, 0};
    assert_memory_equal(out, want, sizeof want);
    const int32_t back[] = {1, 0, 2, 2};
    const int32_t beyond[] = {0, 1, 2, 4};
    const int32_t below[] = {-1, 1, 2, 3};
    assert_int_equal(onus_windows_group(sums, 4, 2, back, 4, out), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_windows_group(sums, 4, 2, beyond, 4, out), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_windows_group(sums, 4, 2, below, 4, out), ONUS_ERR_DOMAIN);
}

/* ---- what decides ---- */

static void all_waves_together_are_the_sample_variance(void **state) {
    (void)state;
    uint64_t seed = 62;
    for (size_t n = 2; n < 40; n++) {
        double v[40];
        double mean = 0;
        double squares = 0;
        for (size_t t = 0; t < n; t++) {
            v[t] = (double)random_between(&seed, -9, 9) + (t == 0 ? 0.25 : 0);
            mean += v[t] / (double)n;
        }
        for (size_t t = 0; t < n; t++) {
            squares += (v[t] - mean) * (v[t] - mean);
        }
        /* the cosines are an orthogonal basis of what has no mean (Parseval) */
        const double want = sqrt((double)n * squares / (double)(n - 1));
        assert_near(onus_waves_se(v, n, n - 1), want, 1e-12);
        assert_true(isnan(onus_waves_se(v, n, n)));
    }
    assert_true(isnan(onus_waves_se(NULL, 1, 1)));
}

static void waves_follow_the_rule(void **state) {
    (void)state;
    for (size_t n = 2; n < 3000; n++) {
        const double want = ceil(0.4 * pow((double)n, 2.0 / 3) - 1e-9);
        const double got = (double)onus_n_waves(n);
        assert_true(got == fmin(want, (double)n - 1));
    }
    assert_int_equal(onus_n_waves(125), 10); /* 0.4 * 25, exactly */
}

static void fill(double *sums, size_t n, size_t n_columns, uint64_t *seed) {
    for (size_t i = 0; i < n * n_columns; i++) {
        sums[i] = (double)random_between(seed, 0, 12);
    }
}

static void both_sides_of_a_pair_mirror_each_other(void **state) {
    (void)state;
    uint64_t seed = 63;
    enum { N = 26, K = 4 };
    double sums[N * K];
    fill(sums, N, K, &seed);
    const onus_pair pairs[] = {{0, 1}, {1, 0}, {2, 2}, {3, 1}};
    onus_paired out[4];
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 200;
    opts.seed = 5;
    assert_int_equal(onus_paired_compare(sums, N, K, pairs, 4, &opts, NULL, out, NULL), ONUS_OK);
    assert_near(out[0].ratio * out[1].ratio, 1, 1e-14);
    assert_near(out[0].ratio_limits.low * out[1].ratio_limits.high, 1, 1e-12);
    assert_near(out[0].difference_limits.low, -out[1].difference_limits.high, 1e-12);
    assert_near(out[0].difference_bootstrap.low, -out[1].difference_bootstrap.high, 1e-12);
    assert_near(out[0].log_se, out[1].log_se, 1e-13);
    assert_near(onus_paired_ratio_p(&out[0], 1.25), onus_paired_ratio_p(&out[1], 0.8), 1e-12);
    assert_true(out[2].ratio == 1 && isnan(out[2].log_se) && out[2].reason != NULL &&
                out[2].ratio_reason != NULL && isnan(onus_paired_ratio_p(&out[2], 1)));
    /* the p at a limit is what the level leaves */
    for (size_t k = 0; k < 4; k += 3) {
        assert_near(onus_paired_ratio_p(&out[k], out[k].ratio_limits.low), 0.05, 1e-9);
        assert_near(onus_paired_difference_p(&out[k], out[k].difference_limits.high), 0.05, 1e-9);
        assert_true(out[k].ratio_bootstrap.low < out[k].ratio &&
                    out[k].ratio < out[k].ratio_bootstrap.high);
        assert_near(out[k].ratio_bootstrap.low * out[k].ratio_bootstrap.high,
                    out[k].ratio * out[k].ratio, 1e-12);
        assert_true(out[k].trusted && out[k].df == 4 && out[k].block_len == 4);
        assert_true(out[k].detectable_ratio > 1 && out[k].detectable_difference > 0);
    }
    /* counting everything twice moves no ratio */
    for (size_t i = 0; i < N * K; i++) {
        sums[i] *= 2;
    }
    onus_paired twice[4];
    assert_int_equal(onus_paired_compare(sums, N, K, pairs, 4, &opts, NULL, twice, NULL), ONUS_OK);
    assert_near(twice[0].ratio_limits.low, out[0].ratio_limits.low, 1e-12);
    assert_near(twice[0].difference_se, 2 * out[0].difference_se, 1e-12);
    assert_near(twice[0].ratio_bootstrap.high, out[0].ratio_bootstrap.high, 1e-12);
}

static void repeating_outcomes_makes_nothing_surer(void **state) {
    (void)state;
    /* pyCSEP: repeating 20 events five times moves t from 0.98 to 2.24 */
    uint64_t seed = 64;
    enum { N = 20 };
    double sums[2 * N];
    double d[N];
    fill(sums, N, 2, &seed);
    for (size_t t = 0; t < N; t++) {
        d[t] = sums[2 * t] - sums[2 * t + 1];
    }
    const onus_dm once = onus_diebold_mariano(d, N, 1, ONUS_HAC_RECTANGULAR);
    for (size_t t = 0; t < N; t++) {
        d[t] *= 5;
    }
    const onus_dm often = onus_diebold_mariano(d, N, 1, ONUS_HAC_RECTANGULAR);
    assert_near(once.statistic, often.statistic, 1e-13);
}

static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    uint64_t seed = 65;
    enum { N = 52, K = 3 };
    double sums[N * K];
    fill(sums, N, K, &seed);
    const onus_pair pairs[] = {{0, 1}, {0, 2}};
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.seed = 9;
    opts.n_replicates = 500;
    onus_paired first[2];
    for (int threads = 1; threads <= 7; threads += 3) {
        const onus_context context = {.n_threads = threads};
        onus_paired out[2] = {{0}};
        assert_int_equal(onus_paired_compare(sums, N, K, pairs, 2, &opts, &context, out, NULL),
                         ONUS_OK);
        if (threads == 1) {
            memcpy(first, out, sizeof out);
        }
        for (size_t k = 0; k < 2; k++) {
            assert_memory_equal(&first[k].ratio_bootstrap, &out[k].ratio_bootstrap,
                                sizeof out[k].ratio_bootstrap);
            assert_true(first[k].log_se == out[k].log_se);
        }
    }
}

static void nothing_captured_has_no_ratio(void **state) {
    (void)state;
    enum { N = 10 };
    double sums[3 * N];
    for (size_t t = 0; t < N; t++) {
        sums[3 * t] = (double)(t % 4);
        sums[3 * t + 1] = 0;
        sums[3 * t + 2] = t == 3 ? 1 : 0;
    }
    const onus_pair pairs[] = {{0, 1}, {1, 0}, {0, 2}};
    onus_paired out[3];
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 100;
    assert_int_equal(onus_paired_compare(sums, N, 3, pairs, 3, &opts, NULL, out, NULL), ONUS_OK);
    assert_true(isnan(out[0].ratio) && out[0].ratio_reason != NULL);
    assert_true(isfinite(out[0].difference_limits.low));
    assert_true(out[1].ratio == 0 && isnan(out[1].ratio_limits.low));
    assert_non_null(out[1].ratio_reason);
    /* replicates in which the one outcome was not drawn are unbounded */
    assert_true(isinf(out[2].ratio_bootstrap.high) && out[2].ratio_bootstrap.low == 0);
}

static void few_units_are_not_trusted(void **state) {
    (void)state;
    const double sums[] = {1, 2, 3, 5, 2, 2, 4, 1, 3, 3, 1, 0, 6, 2};
    const onus_pair pair = {0, 1};
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 50;
    onus_paired out;
    assert_int_equal(onus_paired_compare(sums, 7, 2, &pair, 1, &opts, NULL, &out, NULL), ONUS_OK);
    assert_true(!out.trusted && out.reason != NULL && isfinite(out.log_se));
    for (size_t n = 0; n <= 1; n++) {
        assert_int_equal(onus_paired_compare(sums, n, 2, &pair, 1, &opts, NULL, &out, NULL),
                         ONUS_OK);
        assert_true(!out.trusted && out.reason != NULL && isnan(out.log_se));
    }
}

static void what_cannot_be_compared_is_refused(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    const double bad[] = {1, -1, 2, 3};
    const double good[] = {1, 1, 2, 3};
    const onus_pair pair = {0, 1};
    const onus_pair beyond = {0, 2};
    onus_paired out;
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    assert_int_equal(onus_paired_compare(bad, 2, 2, &pair, 1, &opts, NULL, &out, &err),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_paired_compare(good, 2, 2, &beyond, 1, &opts, NULL, &out, &err),
                     ONUS_ERR_BUG);
    opts.level = 1;
    assert_int_equal(onus_paired_compare(good, 2, 2, &pair, 1, &opts, NULL, &out, &err),
                     ONUS_ERR_DOMAIN);
}

static void every_refused_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t seed = 66;
    double sums[2 * 12];
    fill(sums, 12, 2, &seed);
    const onus_pair pair = {0, 1};
    const onus_context context = {.n_threads = 1};
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 20;
    FAULT_EACH(fault) {
        onus_paired out;
        fault_expect(&fault,
                     onus_paired_compare(sums, 12, 2, &pair, 1, &opts, &context, &out, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diebold_mariano_is_that_of_r),
        cmocka_unit_test(horizon_one_is_a_t_test_of_the_mean),
        cmocka_unit_test(a_negative_variance_is_replaced_and_said_so),
        cmocka_unit_test(what_cannot_be_tested_says_why),
        cmocka_unit_test(windows_group_into_units),
        cmocka_unit_test(all_waves_together_are_the_sample_variance),
        cmocka_unit_test(waves_follow_the_rule),
        cmocka_unit_test(both_sides_of_a_pair_mirror_each_other),
        cmocka_unit_test(repeating_outcomes_makes_nothing_surer),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(nothing_captured_has_no_ratio),
        cmocka_unit_test(few_units_are_not_trusted),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
