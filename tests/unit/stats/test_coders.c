#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "near.h"
#include "onus/exec.h"
#include "onus/stats_coders.h"
#include "onus/stats_icc.h"

static onus_coders measure(const double *table, size_t q) {
    onus_coders out;
    assert_int_equal(onus_coders_measure(table, q, NULL, &out, NULL), ONUS_OK);
    return out;
}

/* ---- two coders ---- */

static void r_k_of_two_labels_is_matthews(void **state) {
    (void)state;
    static const double TABLE[] = {50, 7, 12, 31};
    const double tp = 50, fn = 7, fp = 12, tn = 31;
    const double want = (tp * tn - fp * fn) / sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
    assert_near(measure(TABLE, 2).mcc.value, want, 1e-14);
}

static void a_coder_of_one_label_has_no_correlation(void **state) {
    (void)state;
    static const double ALWAYS_FIRST[] = {10, 0, 5, 0};
    static const double BOTH_ALWAYS[] = {15, 0, 0, 0};
    static const double NOTHING[] = {0, 0, 0, 0};
    const onus_coders one = measure(ALWAYS_FIRST, 2);
    assert_near(one.cohen.value, 0.0, 1e-15);
    assert_true(isnan(one.mcc.value) && strstr(one.mcc.reason, "single label") != NULL);
    const onus_coders both = measure(BOTH_ALWAYS, 2);
    assert_true(isnan(both.cohen.value) && isnan(both.scott.value) && isnan(both.cohen_var));
    assert_non_null(strstr(both.cohen.reason, "nothing to agree"));
    assert_near(both.ac1.value, 1.0, 0);
    const onus_coders none = measure(NOTHING, 2);
    assert_true(isnan(none.percent) && isnan(none.ac1.value));
    assert_non_null(strstr(none.ac1.reason, "no unit in common"));
}

/* The large-sample variance against the spread of kappa over tables drawn from these shares. */
static void the_variance_of_kappa_is_its_spread(void **state) {
    (void)state;
    enum { RUNS = 3000, N = 300 };
    static const double TABLE[] = {60, 20, 10, 15, 80, 25, 10, 20, 60};
    const onus_coders all = measure(TABLE, 3);
    onus_rng rng;
    double sum = 0.0;
    double square = 0.0;
    for (uint64_t r = 0; r < RUNS; r++) {
        onus_rng_init(&rng, 9, ONUS_STREAM_TEST, r, 0);
        double drawn[9] = {0};
        for (int i = 0; i < N; i++) {
            double at = (double)onus_rng_below(&rng, N);
            size_t cell = 0;
            while (at >= TABLE[cell]) {
                at -= TABLE[cell++];
            }
            drawn[cell] += 1.0;
        }
        double values[ONUS_N_CODERS];
        onus_coders_values(drawn, 3, NULL, values);
        const double off = values[ONUS_CODERS_COHEN] - all.cohen.value;
        sum += off;
        square += off * off;
    }
    const double spread = sqrt(square / RUNS - sum / RUNS * (sum / RUNS));
    assert_true(fabs(spread / sqrt(all.cohen_var) - 1.0) < 0.06);
}

static void the_jackknife_of_people_leaves_out_all_rows_of_one(void **state) {
    (void)state;
    /* person 2 has no row; rows of one person do not stand together */
    static const onus_coded ROWS[] = {{0, 0, 0, 4}, {3, 0, 0, 6}, {1, 1, 1, 5}, {0, 0, 1, 1},
                                      {1, 0, 0, 2}, {3, 1, 0, 1}, {0, 1, 1, 3}, {1, 0, 1, 2},
                                      {1, 1, 0, 1}, {3, 1, 1, 2}};
    enum { N = sizeof ROWS / sizeof ROWS[0] };
    onus_jackknife got[ONUS_N_CODERS];
    size_t n = 0;
    assert_int_equal(onus_coders_jackknife(ROWS, N, 4, 2, NULL, 0.95, got, &n), ONUS_OK);
    assert_int_equal(n, 3);
    static const int32_t WITH[] = {0, 1, 3, -1};
    double without[4];
    for (size_t p = 0; p < 4; p++) {
        double table[4] = {0};
        double values[ONUS_N_CODERS];
        for (size_t i = 0; i < N; i++) {
            table[ROWS[i].first * 2 + ROWS[i].second] +=
                ROWS[i].person == WITH[p] ? 0.0 : ROWS[i].times;
        }
        onus_coders_values(table, 2, NULL, values);
        without[p] = values[ONUS_CODERS_COHEN];
    }
    const onus_jackknife want = onus_jackknife_make(without[3], without, 1, NULL, 3, 0.95);
    assert_near(got[ONUS_CODERS_COHEN].se, want.se, 1e-14);
    assert_near(got[ONUS_CODERS_COHEN].limits.high, want.limits.high, 1e-14);
    static const onus_coded OUTSIDE[] = {{0, 0, 2, 1}, {4, 0, 0, 1}, {0, -1, 0, 1}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(onus_coders_jackknife(&OUTSIDE[i], 1, 4, 2, NULL, 0.95, got, &n),
                         ONUS_ERR_DOMAIN);
    }
}

static void broken_tables_and_weights_are_refused(void **state) {
    (void)state;
    static const double GOOD[] = {1, 2, 3, 4};
    static const double NEGATIVE[] = {1, -2, 3, 4};
    static const double HALF[] = {1, 0.5, 3, 4};
    static const double SKEW[] = {1, 0.5, 0.4, 1};
    onus_coders out;
    assert_int_equal(onus_coders_measure(NEGATIVE, 2, NULL, &out, NULL), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_coders_measure(HALF, 2, NULL, &out, NULL), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_coders_measure(GOOD, 2, SKEW, &out, NULL), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_coders_measure(GOOD, 0, NULL, &out, NULL), ONUS_ERR_DOMAIN);
}

/* ---- intraclass correlations ---- */

static void a_raters_own_level_costs_agreement_but_not_consistency(void **state) {
    (void)state;
    onus_named_score scores[12];
    for (int32_t i = 0; i < 12; i++) { /* the second rater is 10 higher, the third 20 */
        scores[i] = (onus_named_score){i / 3, i % 3, (double)(i / 3) + 10.0 * (double)(i % 3)};
    }
    onus_icc icc;
    assert_int_equal(onus_icc_two_way(scores, 12, 4, 3, 0.95, &icc, NULL), ONUS_OK);
    assert_near(icc.forms[ONUS_ICC_3].value.value, 1.0, 1e-12);
    assert_near(icc.cronbach.value, 1.0, 1e-12);
    assert_true(icc.forms[ONUS_ICC_2].value.value < 0.05);
    assert_true(icc.forms[ONUS_ICC_1].value.value < 0.0);
}

static void units_that_a_rater_left_out_are_counted_and_left_out(void **state) {
    (void)state;
    static const onus_named_score SCORES[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 4}, {1, 1, 4},
                                              {2, 0, 9}, {3, 0, 6}, {3, 1, 8}};
    onus_icc icc;
    assert_int_equal(onus_icc_two_way(SCORES, 7, 4, 2, 0.95, &icc, NULL), ONUS_OK);
    assert_int_equal(icc.n_units, 3);
    assert_int_equal(icc.n_left_out, 1);
    assert_true(icc.forms[ONUS_ICC_2].limits.low < icc.forms[ONUS_ICC_2].value.value);
    const onus_named_score twice[] = {{0, 0, 1}, {0, 0, 2}};
    assert_int_equal(onus_icc_two_way(twice, 2, 1, 2, 0.95, &icc, NULL), ONUS_ERR_DOMAIN);
    const onus_named_score outside[] = {{0, 2, 1}};
    assert_int_equal(onus_icc_two_way(outside, 1, 1, 2, 0.95, &icc, NULL), ONUS_ERR_DOMAIN);
}

static void equal_numbers_have_no_icc(void **state) {
    (void)state;
    onus_named_score same[6];
    int32_t unit[6];
    double scores[6];
    for (int32_t i = 0; i < 6; i++) {
        same[i] = (onus_named_score){i / 2, i % 2, 0.1};
        unit[i] = i / 2;
        scores[i] = 0.1;
    }
    onus_icc icc;
    onus_icc_value one;
    assert_int_equal(onus_icc_two_way(same, 6, 3, 2, 0.95, &icc, NULL), ONUS_OK);
    assert_non_null(strstr(icc.forms[ONUS_ICC_2].value.reason, "all numbers are equal"));
    assert_int_equal(onus_icc_one_way(unit, scores, 6, 3, 0.95, &one, NULL), ONUS_OK);
    assert_non_null(strstr(one.value.reason, "all numbers are equal"));
    assert_int_equal(onus_icc_two_way(same, 2, 1, 2, 0.95, &icc, NULL), ONUS_OK);
    assert_non_null(strstr(icc.cronbach.reason, "every rater scored"));
    assert_int_equal(onus_icc_two_way(NULL, 0, 0, 0, 0.95, &icc, NULL), ONUS_OK);
    assert_non_null(strstr(icc.cronbach.reason, "two raters"));
    assert_int_equal(onus_icc_one_way(NULL, NULL, 0, 0, 0.95, &one, NULL), ONUS_OK);
    assert_non_null(one.value.reason);
}

/* Unequal numbers of ratings: unbiased under the model it stands on. Units' own spread 2, raters'
 * 1: the true value is 0.8. */
static void one_way_form_with_unequal_numbers_finds_the_planted_value(void **state) {
    (void)state;
    enum { GROUPS = 400 };
    static int32_t unit[GROUPS * 6];
    static double scores[GROUPS * 6];
    onus_rng rng;
    onus_rng_init(&rng, 11, ONUS_STREAM_TEST, 0, 0);
    size_t n = 0;
    for (int32_t u = 0; u < GROUPS; u++) {
        const double own = 2.0 * onus_rng_normal(&rng);
        for (int32_t k = 0; k <= u % 6; k++) {
            unit[n] = u;
            scores[n++] = own + onus_rng_normal(&rng);
        }
    }
    onus_icc_value one;
    assert_int_equal(onus_icc_one_way(unit, scores, n, GROUPS, 0.95, &one, NULL), ONUS_OK);
    assert_true(fabs(one.value.value - 0.8) < 0.03);
    assert_true(one.limits.low < 0.8 && one.limits.high > 0.8);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const onus_coded ROWS[] = {{0, 0, 0, 4}, {1, 0, 1, 2}, {1, 1, 1, 3}};
    static const onus_named_score SCORES[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 4}, {1, 1, 5}};
    static const int32_t UNIT[] = {0, 0, 1, 1};
    static const double PLAIN[] = {1, 2, 4, 5};
    FAULT_EACH(fault) {
        onus_jackknife j[ONUS_N_CODERS];
        onus_icc icc;
        onus_icc_value one;
        size_t n = 0;
        onus_status status = onus_coders_jackknife(ROWS, 3, 2, 2, NULL, 0.95, j, &n);
        if (status == ONUS_OK) {
            status = onus_icc_two_way(SCORES, 4, 2, 2, 0.95, &icc, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_icc_one_way(UNIT, PLAIN, 4, 2, 0.95, &one, NULL);
        }
        fault_expect(&fault, status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_k_of_two_labels_is_matthews),
        cmocka_unit_test(a_coder_of_one_label_has_no_correlation),
        cmocka_unit_test(the_variance_of_kappa_is_its_spread),
        cmocka_unit_test(the_jackknife_of_people_leaves_out_all_rows_of_one),
        cmocka_unit_test(broken_tables_and_weights_are_refused),
        cmocka_unit_test(a_raters_own_level_costs_agreement_but_not_consistency),
        cmocka_unit_test(units_that_a_rater_left_out_are_counted_and_left_out),
        cmocka_unit_test(equal_numbers_have_no_icc),
        cmocka_unit_test(one_way_form_with_unequal_numbers_finds_the_planted_value),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
