/* Differentials between groups against their definitions, and what a rate of 0 leaves of them. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <math.h>
#include <string.h>

#include "onus/stats_differential.h"

static onus_differential of(const double *rates, size_t n) {
    onus_differential out;
    assert_int_equal(onus_differential_of(rates, n, &out), ONUS_OK);
    return out;
}

static void figures_follow_their_definitions(void **state) {
    (void)state;
    uint64_t seed = 31;
    for (int trial = 0; trial < test_mult(100); trial++) {
        double x[8];
        const size_t n = 2 + (size_t)random_below(&seed, 7);
        double apart = 0;
        double sum = 0;
        double logs = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)(1 + random_below(&seed, 1000)) / 2000.0;
            sum += x[i];
            logs += log(x[i]);
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                apart += fabs(x[i] - x[j]);
            }
        }
        const double nn = (double)n;
        const onus_differential d = of(x, n);
        assert_near(d.gini.value, apart / (2 * nn * sum), 1e-14);
        assert_near(d.gini_corrected.value, apart / (2 * (nn - 1) * sum), 1e-14);
        assert_near(d.geomean.value, exp(logs / nn), 1e-14);
        assert_true(d.max.value == x[d.at_max] && d.min.value == x[d.at_min]);
        assert_near(d.max_over_mean.value, d.max.value / (sum / nn), 1e-12);
    }
}

static void one_group_with_all_errors_has_a_corrected_gini_of_one(void **state) {
    (void)state;
    const double x[] = {0, 0, 0.1, 0};
    const onus_differential d = of(x, 4);
    assert_near(d.gini_corrected.value, 1.0, 1e-15);
    assert_true(d.at_max == 2 && d.at_min == 0);
}

static void a_rate_of_zero_leaves_no_ratio(void **state) {
    (void)state;
    const double some[] = {0, 0.1};
    const double none[] = {0, 0};
    const onus_differential a = of(some, 2);
    assert_true(isnan(a.max_over_min.value) && a.max_over_min.reason != NULL);
    assert_true(isnan(a.max_over_geomean.value) && isnan(a.log10_sd.value));
    assert_true(a.geomean.value == 0.0 && a.max_minus_min.value == 0.1);
    const onus_differential b = of(none, 2);
    assert_true(isnan(b.gini.value) && isnan(b.max_over_mean.value) && b.max.value == 0.0);
    const onus_differential_joint joint = onus_differential_join(&a, &b, 0.5);
    assert_true(isnan(joint.garbe.value) && isnan(joint.inequity.value));
    assert_string_equal(joint.garbe.reason, "no group has an error");
    assert_near(joint.fdr.value, 0.95, 1e-15);
}

static void unknown_and_single_groups_leave_nothing(void **state) {
    (void)state;
    const double x[] = {0.1, NAN};
    assert_true(isnan(of(x, 2).max.value) && of(x, 2).max.reason != NULL);
    assert_true(isnan(of(x, 1).gini.value) && of(x, 1).at_max == SIZE_MAX);
    const double wrong[] = {0.1, 1.1};
    onus_differential out;
    assert_int_equal(onus_differential_of(wrong, 2, &out), ONUS_ERR_DOMAIN);
}

static void alpha_weighs_false_matches(void **state) {
    (void)state;
    const double fmr[] = {0.01, 0.04};
    const double fnmr[] = {0.2, 0.1};
    const onus_differential a = of(fmr, 2);
    const onus_differential b = of(fnmr, 2);
    assert_near(onus_differential_join(&a, &b, 1).inequity.value, 4.0, 1e-13);
    assert_near(onus_differential_join(&a, &b, 0).inequity.value, 2.0, 1e-14);
    assert_near(onus_differential_join(&a, &b, 0.5).fdr.value, 1 - 0.5 * 0.03 - 0.5 * 0.1, 1e-15);
    assert_near(onus_differential_join(&a, &b, 0.5).garbe.value, 0.5 * 0.6 + 0.5 / 3.0, 1e-15);
    assert_true(isnan(onus_differential_join(&a, &b, 1.1).fdr.value));
}

static void every_allocation_may_be_refused(void **state) {
    (void)state;
    const double x[] = {0.1, 0.2, 0.3};
    FAULT_EACH(fault) {
        onus_differential out;
        fault_expect(&fault, onus_differential_of(x, 3, &out));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_follow_their_definitions),
        cmocka_unit_test(one_group_with_all_errors_has_a_corrected_gini_of_one),
        cmocka_unit_test(a_rate_of_zero_leaves_no_ratio),
        cmocka_unit_test(unknown_and_single_groups_leave_nothing),
        cmocka_unit_test(alpha_weighs_false_matches),
        cmocka_unit_test(every_allocation_may_be_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
