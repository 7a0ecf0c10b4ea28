/* Inequality against the definitions by brute force, and known corner values. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_inequality.h"

static const double X[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
static const double W[] = {1, 2, 3, 4, 1, 2, 3, 4, 1, 2};
enum { N = 10 };

static double gini_by_pairs(const double *v, const double *w, size_t n) {
    double all = 0;
    double load = 0;
    double apart = 0;
    for (size_t i = 0; i < n; i++) {
        all += w[i];
        load += w[i] * v[i];
        for (size_t j = 0; j < n; j++) {
            apart += w[i] * w[j] * fabs(v[i] - v[j]);
        }
    }
    return apart / (2.0 * all * load);
}

static void known_values_are_met(void **state) {
    (void)state;
    onus_number got = {0};
    assert_int_equal(onus_gini(X, W, N, &got), ONUS_OK);
    assert_near(got.value, 0.36214833759590792, 1e-14);
    assert_int_equal(onus_gini(X, NULL, N, &got), ONUS_OK);
    assert_near(got.value, 0.33076923076923076, 1e-14);
    assert_near(onus_theil(X, W, N).value, 0.21435560405856999, 1e-14);
}

static void gini_is_half_the_relative_mean_difference(void **state) {
    (void)state;
    uint64_t seed = 4;
    for (int trial = 0; trial < test_mult(300); trial++) {
        double v[30];
        double w[30];
        const size_t n = 1 + (size_t)random_below(&seed, 30);
        double load = 0;
        for (size_t i = 0; i < n; i++) {
            v[i] = (double)random_between(&seed, 0, 5);
            w[i] = (double)random_between(&seed, 0, 1000);
            load += v[i] * w[i];
        }
        onus_number got = {0};
        assert_int_equal(onus_gini(v, w, n, &got), ONUS_OK);
        if (load == 0) {
            assert_true(isnan(got.value) && got.reason != NULL);
        } else {
            assert_near(got.value, gini_by_pairs(v, w, n), 1e-13);
        }
    }
}

static void all_alike_is_0_and_one_carries_all_is_the_most(void **state) {
    (void)state;
    const double alike[] = {7, 7, 7, 7};
    const double one[] = {0, 0, 0, 5};
    onus_number got = {0};
    assert_int_equal(onus_gini(alike, NULL, 4, &got), ONUS_OK);
    assert_true(got.value == 0.0);
    assert_true(onus_theil(alike, NULL, 4).value == 0.0);
    assert_int_equal(onus_gini(one, NULL, 4, &got), ONUS_OK);
    assert_near(got.value, 0.75, 1e-15);
    assert_near(onus_theil(one, NULL, 4).value, log(4.0), 1e-15);
}

static void neither_scale_nor_splitting_an_area_changes_anything(void **state) {
    (void)state;
    double scaled[N];
    double split[N + 1];
    double split_w[N + 1];
    for (size_t i = 0; i < N; i++) {
        scaled[i] = 1e6 * X[i];
        split[i] = X[i];
        split_w[i] = W[i];
    }
    split_w[0] = 0.25;
    split[N] = X[0];
    split_w[N] = 0.75;
    onus_number a = {0};
    onus_number b = {0};
    onus_number c = {0};
    assert_int_equal(onus_gini(X, W, N, &a), ONUS_OK);
    assert_int_equal(onus_gini(scaled, W, N, &b), ONUS_OK);
    assert_int_equal(onus_gini(split, split_w, N + 1, &c), ONUS_OK);
    assert_near(a.value, b.value, 1e-14);
    assert_near(a.value, c.value, 1e-14);
    assert_near(onus_theil(split, split_w, N + 1).value, onus_theil(X, W, N).value, 1e-14);
}

static void lorenz_rises_from_0_0_to_1_1_below_the_diagonal(void **state) {
    (void)state;
    onus_lorenz_point p[N + 1];
    size_t n = 0;
    assert_int_equal(onus_lorenz(X, W, N, p, &n), ONUS_OK);
    assert_int_equal(n, 8); /* seven distinct values */
    assert_true(p[0].people == 0 && p[0].load == 0 && p[n - 1].people == 1 && p[n - 1].load == 1);
    for (size_t k = 1; k < n; k++) {
        assert_true(p[k].people > p[k - 1].people && p[k].load >= p[k - 1].load);
        assert_true(p[k].load <= p[k].people + 1e-15);
    }
    assert_near(p[1].people, 6.0 / 23.0, 1e-15); /* the two areas with value 1 */
    const double none[] = {0, 0};
    assert_int_equal(onus_lorenz(none, NULL, 2, p, &n), ONUS_OK);
    assert_int_equal(n, 0);
}

static void dissimilarity_is_the_share_that_would_have_to_move(void **state) {
    (void)state;
    const double a[] = {10, 0, 0};
    const double b[] = {0, 5, 5};
    const double c[] = {2, 1, 1};
    assert_true(onus_dissimilarity(a, b, 3).value == 1.0);
    assert_true(onus_dissimilarity(c, c, 3).value == 0.0);
    assert_near(onus_dissimilarity(a, c, 3).value, 0.5, 1e-15);
    assert_true(isnan(onus_dissimilarity(a, (double[]){0, 0, 0}, 3).value));
    assert_true(isnan(onus_dissimilarity(a, (double[]){1, -1, 3}, 3).value));
    assert_true(isnan(onus_dissimilarity(a, b, 0).value));
}

static void isolation_is_the_own_share_among_neighbours(void **state) {
    (void)state;
    const double group[] = {30, 10, 0, 0};
    const double total[] = {60, 100, 50, 0};
    assert_near(onus_isolation(group, total, 4).value, 0.75 * 0.5 + 0.25 * 0.1, 1e-15);
    assert_near(onus_isolation(total, total, 4).value, 1.0, 1e-15);
    assert_true(isnan(onus_isolation((double[]){1}, (double[]){0}, 1).value));
    assert_true(isnan(onus_isolation((double[]){0}, (double[]){9}, 1).value));
}

static void entries_outside_the_domain_are_refused(void **state) {
    (void)state;
    onus_number got = {0};
    assert_int_equal(onus_gini((double[]){1, -1}, NULL, 2, &got), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_gini((double[]){1, NAN}, NULL, 2, &got), ONUS_ERR_DOMAIN);
    assert_true(isnan(onus_theil((double[]){1, INFINITY}, NULL, 2).value));
    assert_int_equal(onus_gini(X, NULL, 0, &got), ONUS_OK);
    assert_true(isnan(got.value) && strlen(got.reason) > 0);
    assert_true(isnan(onus_theil(X, NULL, 0).value));
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    onus_number got;
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_gini(X, W, N, &got));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_are_met),
        cmocka_unit_test(gini_is_half_the_relative_mean_difference),
        cmocka_unit_test(all_alike_is_0_and_one_carries_all_is_the_most),
        cmocka_unit_test(neither_scale_nor_splitting_an_area_changes_anything),
        cmocka_unit_test(lorenz_rises_from_0_0_to_1_1_below_the_diagonal),
        cmocka_unit_test(dissimilarity_is_the_share_that_would_have_to_move),
        cmocka_unit_test(isolation_is_the_own_share_among_neighbours),
        cmocka_unit_test(entries_outside_the_domain_are_refused),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
