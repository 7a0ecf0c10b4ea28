/* Intervals, p-values and families against R 4.2, definitions and corner cases. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include "onus/stats_interval.h"

static void quantiles_are_those_of_r(void **state) {
    (void)state;
    assert_near(onus_normal_quantile(0.975), 1.9599639845400536, 1e-12);
    assert_near(onus_normal_quantile(1e-9), -5.9978070150076865, 1e-12);
    const double df[] = {1, 2, 3.7, 9, 40.5, 1e5};
    const double want[] = {12.706204736174694, 4.3026527297494619, 2.8675207071911917,
                           2.2621571627982049, 2.0202984281854333, 1.9599877075346088};
    for (int k = 0; k < 6; k++) {
        assert_near(onus_t_quantile(0.975, df[k]), want[k], 1e-9);
        assert_near(onus_t_p(want[k], df[k]), 0.05, 1e-8);
    }
    assert_near(onus_t_quantile(0.975, INFINITY), 1.9599639845400536, 1e-12);
    assert_near(onus_t_p(-2.3, 3.7), 0.088303400688409084, 1e-9);
    assert_near(onus_t_p(2.3, 40.5), 0.026677518186689963, 1e-9);
}

static void nothing_outside_the_domain_reaches_gsl(void **state) {
    (void)state; /* GSL would end the process */
    const double odd[] = {NAN, -1, 0, 2, INFINITY, -INFINITY};
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
            (void)onus_t_quantile(odd[i], odd[j]);
            (void)onus_t_p(odd[i], odd[j]);
            (void)onus_normal_quantile(odd[i]);
            (void)onus_normal_cdf(odd[i]);
        }
    }
    assert_true(isnan(onus_t_quantile(0.5, -1)) && isnan(onus_t_p(NAN, 4)));
    assert_true(onus_t_p(INFINITY, 4) == 0.0 && onus_normal_quantile(1) == INFINITY);
}

static void wilson_is_that_of_r(void **state) {
    (void)state;
    onus_limits got = onus_wilson(7, 23, 0.95);
    assert_near(got.low, 0.15604024453214027, 1e-12);
    assert_near(got.high, 0.50865756268759199, 1e-12);
    got = onus_wilson(1, 9, 0.9);
    assert_near(got.low, 0.025191472713157002, 1e-12);
    assert_near(got.high, 0.37680126453554247, 1e-12);
    assert_true(onus_wilson(0, 5, 0.95).low == 0.0 && onus_wilson(5, 5, 0.95).high == 1.0);
    assert_true(isnan(onus_wilson(0, 0, 0.95).low) && isnan(onus_wilson(3, 2, 0.95).low));
    assert_true(isnan(onus_wilson(1, 2, 1.0).low) && isnan(onus_wilson(1, 2, NAN).high));
}

static void percentile_interval_takes_quantiles_and_undefined_replicates_widen_it(void **state) {
    (void)state;
    double r[101];
    for (int i = 0; i < 101; i++) {
        r[(i * 37) % 101] = i;
    }
    onus_limits got;
    assert_int_equal(onus_percentile_interval(r, 101, 0.9, &got), ONUS_OK);
    assert_near(got.low, 5, 1e-12);
    assert_near(got.high, 95, 1e-12);
    r[0] = r[1] = NAN; /* 0 and the value at 1 are gone; two at both ends instead */
    onus_limits wider;
    assert_int_equal(onus_percentile_interval(r, 101, 0.9, &wider), ONUS_OK);
    assert_true(wider.low <= got.low && wider.high >= got.high);
    for (int i = 0; i < 20; i++) {
        r[i] = NAN;
    }
    assert_int_equal(onus_percentile_interval(r, 101, 0.9, &wider), ONUS_OK);
    assert_true(wider.low == -INFINITY && wider.high == INFINITY);
    const double none[] = {NAN, NAN};
    assert_int_equal(onus_percentile_interval(none, 2, 0.9, &got), ONUS_OK);
    assert_true(isnan(got.low) && isnan(got.high));
}

static void bootstrap_p_is_a_count_and_never_0(void **state) {
    (void)state;
    double r[99];
    for (int i = 0; i < 99; i++) {
        r[i] = i + 1;
    }
    assert_true(onus_bootstrap_p(r, 99, 0) == 2.0 / 100.0);
    assert_true(onus_bootstrap_p(r, 99, 1000) == 2.0 / 100.0);
    assert_true(onus_bootstrap_p(r, 99, 50) == 1.0);
    assert_true(onus_bootstrap_p(r, 99, 3) == 2.0 * 4.0 / 100.0);
    r[50] = NAN; /* on both sides */
    assert_true(onus_bootstrap_p(r, 99, 3) == 2.0 * 5.0 / 100.0);
    assert_true(isnan(onus_bootstrap_p(r, 0, 3)) && isnan(onus_bootstrap_p(r, 9, NAN)));
    assert_true(onus_simulation_p(0, 999) == 0.001);
}

static void interval_and_p_agree_at_the_limits(void **state) {
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < test_mult(200); trial++) {
        const double value = (double)random_between(&seed, -50, 50) / 10.0;
        const double se = (double)random_between(&seed, 1, 50) / 10.0;
        const double df = (double)random_between(&seed, 1, 60);
        const double level = (double)random_between(&seed, 1, 99) / 100.0;
        const onus_limits got = onus_se_interval(value, se, df, level);
        assert_near(onus_se_p(value, se, df, got.low), 1.0 - level, 1e-7);
        assert_near(onus_se_p(value, se, df, got.high), 1.0 - level, 1e-7);
        const onus_limits logs = onus_log_interval(value, se, df, level);
        assert_near(log(logs.low), got.low, 1e-9);
    }
    assert_true(onus_se_p(1, 0, 5, 1) == 1.0 && onus_se_p(1, 0, 5, 2) == 0.0);
    assert_true(isnan(onus_se_p(1, NAN, 5, 2)) && isnan(onus_se_interval(1, -1, 5, 0.95).low));
}

static void fisher_interval_is_the_textbook_one(void **state) {
    (void)state;
    const onus_limits got = onus_fisher_interval(0.5, 28, 0.95);
    assert_near(got.low, tanh(atanh(0.5) - 1.9599639845400536 / 5.0), 1e-12);
    assert_near(got.high, tanh(atanh(0.5) + 1.9599639845400536 / 5.0), 1e-12);
    assert_true(isnan(onus_fisher_interval(0.5, 3, 0.95).low));
    assert_true(onus_fisher_interval(-1, 9, 0.95).high == -1.0);
}

static void holm_is_that_of_r_and_keeps_untestable_claims_in_the_family(void **state) {
    (void)state;
    const double p[] = {0.01, 0.02, 0.02, 0.5, 0.04};
    const double want[] = {0.05, 0.08, 0.08, 0.5, 0.08};
    double got[5];
    assert_int_equal(onus_holm(p, 5, got), ONUS_OK);
    for (int i = 0; i < 5; i++) {
        assert_near(got[i], want[i], 1e-15);
    }
    const double gap[] = {0.01, NAN, 0.02};
    assert_int_equal(onus_holm(gap, 3, got), ONUS_OK);
    assert_near(got[0], 0.03, 1e-15); /* times 3, not times 2 */
    assert_true(isnan(got[1]));
    assert_near(got[2], 0.04, 1e-15);
    assert_int_equal(onus_holm((double[]){0.2, 1.2}, 2, got), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_holm(p, 0, got), ONUS_OK);
}

static void holm_rejects_what_the_step_down_definition_rejects(void **state) {
    (void)state;
    uint64_t seed = 6;
    for (int trial = 0; trial < test_mult(300); trial++) {
        double p[7];
        double got[7];
        bool rejected[7] = {false};
        for (int i = 0; i < 7; i++) {
            p[i] = (double)random_between(&seed, 0, 40) / 1000.0;
        }
        /* step down: the least remaining p against 0.05 over the number remaining */
        for (int left = 7; left > 0; left--) {
            int least = -1;
            for (int i = 0; i < 7; i++) {
                if (!rejected[i] && (least < 0 || p[i] < p[least])) {
                    least = i;
                }
            }
            if (p[least] * left > 0.05) {
                break;
            }
            rejected[least] = true;
        }
        assert_int_equal(onus_holm(p, 7, got), ONUS_OK);
        for (int i = 0; i < 7; i++) {
            assert_true((got[i] <= 0.05) == rejected[i] || fabs(got[i] - 0.05) < 1e-12);
        }
    }
}

static void detectable_difference_is_2_80_standard_errors(void **state) {
    (void)state;
    const double z = onus_normal_quantile(0.975);
    const onus_limits limits = {10 - z * 3, 10 + z * 3};
    assert_near(onus_detectable_difference(limits, 0.95, 0.8), (z + 0.84162123357291441) * 3,
                1e-12);
    const onus_limits ratio = {2 / exp(z * 0.1), 2 * exp(z * 0.1)};
    assert_near(onus_detectable_ratio(ratio, 0.95, 0.8), exp((z + 0.84162123357291441) * 0.1),
                1e-12);
    assert_true(isnan(onus_detectable_ratio((onus_limits){0, 2}, 0.95, 0.8)));
    assert_true(isnan(onus_detectable_difference((onus_limits){0, INFINITY}, 0.95, 0.8)));
}

static void evalue_is_the_published_one(void **state) {
    (void)state;
    assert_near(onus_evalue(3.9), 7.263034, 1e-6); /* VanderWeele & Ding 2017: RR 3.9 gives 7.26 */
    assert_true(onus_evalue(1) == 1.0);
    assert_near(onus_evalue(0.25), onus_evalue(4), 1e-14);
    assert_true(isnan(onus_evalue(0)) && isnan(onus_evalue(INFINITY)));
    assert_near(onus_evalue_limits((onus_limits){1.8, 8.7}), 3.0, 1e-12); /* ibid.: 1.8 gives 3.0 */
    assert_true(onus_evalue_limits((onus_limits){0.8, 1.2}) == 1.0);
    assert_near(onus_evalue_limits((onus_limits){0.1, 0.5}), onus_evalue(2), 1e-14);
    assert_true(isnan(onus_evalue_limits(onus_limits_none())));
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    const double p[] = {0.1, 0.2, NAN};
    double got[3];
    onus_limits limits;
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_holm(p, 3, got));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_percentile_interval(p, 3, 0.9, &limits));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_r),
        cmocka_unit_test(nothing_outside_the_domain_reaches_gsl),
        cmocka_unit_test(wilson_is_that_of_r),
        cmocka_unit_test(percentile_interval_takes_quantiles_and_undefined_replicates_widen_it),
        cmocka_unit_test(bootstrap_p_is_a_count_and_never_0),
        cmocka_unit_test(interval_and_p_agree_at_the_limits),
        cmocka_unit_test(fisher_interval_is_the_textbook_one),
        cmocka_unit_test(holm_is_that_of_r_and_keeps_untestable_claims_in_the_family),
        cmocka_unit_test(holm_rejects_what_the_step_down_definition_rejects),
        cmocka_unit_test(detectable_difference_is_2_80_standard_errors),
        cmocka_unit_test(evalue_is_the_published_one),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
