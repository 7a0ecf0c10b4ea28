/* Compensated sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "../random.h"
#include "onus/sum.h"

static void sum_survives_cancellation(void **state) {
    (void)state;
    /* Peters' example: Kahan's sum loses both ones, Neumaier's keeps them. */
    const double terms[] = {1.0, 1e100, 1.0, -1e100};
    assert_true(onus_sum_of(terms, 4) == 2.0);
    const double swapped[] = {1e100, 1.0, -1e100, 1.0};
    assert_true(onus_sum_of(swapped, 4) == 2.0);
}

static void a_million_tenths_are_a_hundred_thousand(void **state) {
    (void)state;
    onus_sum sum = {0};
    double naive = 0;
    for (int i = 0; i < 1000000; i++) {
        onus_sum_add(&sum, 0.1);
        naive += 0.1;
    }
    assert_true(fabs(onus_sum_get(&sum) - 100000.0) <= 1.5e-11); /* one unit in the last place */
    assert_true(fabs(naive - 100000.0) > 1e-7);                  /* what it saves us from */
}

static void sum_agrees_with_integers(void **state) {
    (void)state;
    /* Multiples of 2^-20 below 2^40: their exact sum fits 64 bits. */
    uint64_t seed = 21;
    double terms[500];
    for (int round = 0; round < test_mult(200); round++) {
        int64_t exact = 0;
        for (size_t i = 0; i < 500; i++) {
            const int64_t value = random_between(&seed, -(INT64_C(1) << 52), INT64_C(1) << 52) >>
                                  random_below(&seed, 52);
            exact += value;
            terms[i] = (double)value * 0x1p-20;
        }
        const double want = (double)exact * 0x1p-20;
        const double got = onus_sum_of(terms, 500);
        /* 500 terms of at most 2^32: the carry itself is rounded at 2^-73 of their sum of sizes. */
        assert_true(fabs(got - want) <= fabs(want) * 0x1p-52 + 0x1p-60);
    }
}

static void empty_and_single_sums(void **state) {
    (void)state;
    assert_true(onus_sum_of(NULL, 0) == 0.0);
    assert_true(onus_sum_of(&(double){-0.3}, 1) == -0.3);
    assert_true(onus_sum_dot(NULL, NULL, 0) == 0.0);
}

static void dot_is_the_sum_of_products(void **state) {
    (void)state;
    const double a[] = {1e60, 3.0, -1e60, 0.5};
    const double b[] = {1e40, 2.0, 1e40, 4.0};
    assert_true(onus_sum_dot(a, b, 4) == 8.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sum_survives_cancellation),
        cmocka_unit_test(a_million_tenths_are_a_hundred_thousand),
        cmocka_unit_test(sum_agrees_with_integers),
        cmocka_unit_test(empty_and_single_sums),
        cmocka_unit_test(dot_is_the_sum_of_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
