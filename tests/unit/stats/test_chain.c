/* Closed forms of use against counting them out, and what they say outside their domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "near.h"

#include <math.h>

#include "onus/stats_chain.h"

static void a_chain_is_its_links_followed_one_by_one(void **state) {
    (void)state;
    const double c = 0.7;
    const double w = 0.2;
    double on = 1; /* still on the person, and linked */
    double off = 0;
    double right_links = 0;
    for (uint32_t k = 1; k <= 12; k++) {
        off = (off + on) * (c + w) - on * c;
        on *= c;
        const onus_chain got = onus_chain_after(c, w, k);
        assert_near(got.pure.value, on, 1e-15);
        assert_near(got.reach.value, on + off, 1e-15);
        assert_near(got.on_target.value, on / (on + off), 1e-14);
        assert_near(got.any_wrong.value, off / (on + off), 1e-14);
        right_links += pow(c / (c + w), k);
        assert_near(got.purity.value, right_links / k, 1e-14);
        assert_near(got.bystanders.value, k * w / (c + w), 1e-14);
    }
}

static void a_chain_of_nothing_says_so(void **state) {
    (void)state;
    const onus_chain never = onus_chain_after(0, 0, 3);
    assert_true(never.reach.value == 0.0 && isnan(never.purity.value));
    assert_string_equal(never.purity.reason, "nothing is ever linked");
    assert_true(isnan(onus_chain_after(0.9, 0.2, 3).pure.value));
    assert_true(isnan(onus_chain_after(0.9, 0.1, 0).pure.value));
    assert_true(isnan(onus_chain_after(NAN, 0.1, 1).pure.value));
    const onus_chain sure = onus_chain_after(1, 0, 1000);
    assert_true(sure.pure.value == 1.0 && sure.any_wrong.value == 0.0 && sure.purity.value == 1.0);
}

static void small_rates_keep_their_digits(void **state) {
    (void)state;
    /* 1 - (1 - 1e-18)^5 is 5e-18; computed as written it is 0 */
    assert_near(onus_fpir_of(1e-18, 5).value, 5e-18, 1e-30);
    assert_true(onus_fpir_of(1, 5).value == 1.0 && onus_fpir_of(0, 5).value == 0.0);
    assert_true(onus_fpir_bound(1e-3, 1e5).value == 1.0);
    assert_near(onus_merge_critical(1e9, 10).value * 1e11, 1.0, 1e-8);
}

static void rescaling_a_list_goes_there_and_back(void **state) {
    (void)state;
    const double there = onus_fpir_rescale(0.01, 1000, 5000).value;
    assert_near(there, 1 - pow(0.99, 5), 1e-15);
    assert_near(onus_fpir_rescale(there, 5000, 1000).value, 0.01, 1e-15);
    assert_near(onus_fpir_rescale(onus_fpir_of(1e-5, 1000).value, 1000, 70).value,
                onus_fpir_of(1e-5, 70).value, 1e-16);
    for (double n = 1; n < 1e7; n *= 10) {
        assert_true(onus_fpir_of(1e-5, n).value <= onus_fpir_bound(1e-5, n).value);
    }
}

static void wrong_people_are_those_of_each_hop(void **state) {
    (void)state;
    const onus_hop hop = onus_hop_of(1000, 1e-3, 0.1, 0.8);
    assert_near(hop.wrong.value, 1.0, 1e-15);
    assert_near(hop.right.value, 0.72, 1e-15);
    assert_near(hop.precision.value, 1.0 - 1.0 / 1.72, 1e-15);
    assert_near(onus_hop_wrong_after(1000, 1e-3, 0.1, 0.8, 3).value, 1 + 1.72 + 1.72 * 1.72, 1e-13);
    const onus_hop one = onus_hop_of(1000, hop.fmr_for_one.value, 0.1, 0.8);
    assert_near(one.branching.value, 1.0, 1e-15);
    assert_near(onus_hop_wrong_after(1000, hop.fmr_for_one.value, 0.1, 0.8, 7).value, 7 * 0.28,
                1e-14);
    assert_true(isnan(onus_hop_wrong_after(1e6, 1, 0, 1, 100000).value));
    assert_true(isnan(onus_hop_of(0, 0.1, 0.1, 1).wrong.value));
    assert_true(isnan(onus_hop_of(5, 1.1, 0.1, 1).wrong.value));
    assert_true(isnan(onus_hop_of(5, 0, 1, 1).precision.value));
}

static void merging_rises_with_every_argument(void **state) {
    (void)state;
    const double at = onus_merge_share(10000, 10, 1e-6).value;
    assert_near(at, 0.632, 5e-4); /* 63 per cent of people merged */
    assert_true(onus_merge_share(20000, 10, 1e-6).value > at);
    assert_true(onus_merge_share(10000, 11, 1e-6).value > at);
    assert_true(onus_merge_share(10000, 10, 2e-6).value > at);
    assert_near(onus_merge_share(10000, 10, onus_merge_critical(10000, 10).value).value,
                1 - exp(-1), 1e-13);
    assert_true(isnan(onus_merge_critical(1, 10).value) &&
                isnan(onus_merge_share(0, 1, 0.1).value));
    assert_true(isnan(onus_merge_share(10, 1, -0.1).value));
}

static void alerts_are_right_as_often_as_counted(void **state) {
    (void)state;
    /* a million faces, 10 on the list, 9 of them seen; 100 of the others raise an alert */
    const double fpir = 100.0 / 999990.0;
    assert_near(onus_ppv(1e-5, 0.9, fpir).value, 9.0 / 109.0, 1e-15);
    assert_near(onus_false_per_true(1e-5, 0.9, fpir).value, 100.0 / 9.0, 1e-12);
    assert_true(isnan(onus_ppv(0, 0.9, 0).value) && isnan(onus_false_per_true(0, 1, 1).value));
    assert_true(isnan(onus_ppv(1.5, 0.9, 0).value) &&
                isnan(onus_false_per_true(0.1, NAN, 1).value));
    assert_true(onus_ppv(0, 0.9, 0.1).value == 0.0);
    assert_true(isnan(onus_fpir_rescale(0.1, 0, 5).value) && isnan(onus_fpir_bound(-1, 5).value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_its_links_followed_one_by_one),
        cmocka_unit_test(a_chain_of_nothing_says_so),
        cmocka_unit_test(small_rates_keep_their_digits),
        cmocka_unit_test(rescaling_a_list_goes_there_and_back),
        cmocka_unit_test(wrong_people_are_those_of_each_hop),
        cmocka_unit_test(merging_rises_with_every_argument),
        cmocka_unit_test(alerts_are_right_as_often_as_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
