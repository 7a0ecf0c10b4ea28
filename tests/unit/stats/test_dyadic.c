/* Rates over pairs of people against their definitions, row by row, and by trying all choices. */
#include "../fault.h"
#include "dyads.h"
#include "near.h"

#include <math.h>

#include "onus/stats_dyadic.h"
#include "onus/stats_interval.h"

/* ---- the same facts the long way ---- */

static bool share_somebody(const onus_dyad *a, const onus_dyad *b) {
    return a->i == b->i || a->i == b->j || a->j == b->i || a->j == b->j;
}

/* Sum over all pairs of pairs that share somebody of the product of their deviations. */
static double variance_by_pairs(const onus_dyads *d) {
    const double rate = (double)d->n_errors / (double)d->n_comparisons;
    double sum = 0;
    for (size_t a = 0; a < d->n_pairs; a++) {
        for (size_t b = 0; b < d->n_pairs; b++) {
            if (share_somebody(&d->pairs[a], &d->pairs[b])) {
                sum += ((double)d->pairs[a].n_errors - rate * (double)d->pairs[a].n_comparisons) *
                       ((double)d->pairs[b].n_errors - rate * (double)d->pairs[b].n_comparisons);
            }
        }
    }
    return fmax(0, sum) / (double)d->n_comparisons / (double)d->n_comparisons;
}

/* Largest number of disjoint pairs among pairs[from ..], people in `used` taken. */
static size_t most_disjoint(const onus_dyads *d, size_t from, uint32_t used) {
    if (from == d->n_pairs) {
        return 0;
    }
    const uint32_t ends = 1U << d->pairs[from].i | 1U << d->pairs[from].j;
    size_t best = most_disjoint(d, from + 1, used);
    if ((used & ends) == 0) {
        const size_t with = 1 + most_disjoint(d, from + 1, used | ends);
        best = with > best ? with : best;
    }
    return best;
}

static void variance_is_the_sum_over_pairs_that_share_somebody(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int trial = 0; trial < test_mult(200); trial++) {
        dyads_made made;
        dyads_make(&seed, 2 + (int32_t)random_below(&seed, 10), 60, trial % 2, &made);
        double got = -1;
        size_t n_people = 99;
        assert_int_equal(onus_dyadic_variance(&made.dyads, &got, &n_people), ONUS_OK);
        if (made.dyads.n_comparisons == 0) {
            assert_true(isnan(got) && n_people == 0);
            continue;
        }
        assert_near(got, variance_by_pairs(&made.dyads), 1e-14);
        assert_true(n_people >= 1 && n_people <= made.dyads.n_people);
    }
}

static void pairs_of_one_person_each_vary_as_clusters(void **state) {
    (void)state;
    onus_dyad pairs[] = {{0, 0, 10, 2}, {1, 1, 10, 0}, {3, 3, 20, 2}};
    const onus_dyads d = {
        .n_people = 5, .pairs = pairs, .n_pairs = 3, .n_comparisons = 40, .n_errors = 4};
    double variance = 0;
    size_t n_people = 0;
    assert_int_equal(onus_dyadic_variance(&d, &variance, &n_people), ONUS_OK);
    assert_near(variance, (1.0 * 1.0 + 1.0 * 1.0 + 0.0) / 1600.0, 1e-18);
    assert_int_equal(n_people, 3);
}

/* ---- disjoint pairs ---- */

static size_t disjoint(const onus_dyads *d) {
    size_t n = 0;
    bool is_maximum = false;
    assert_int_equal(onus_dyads_disjoint(d, UINT64_MAX, &n, &is_maximum), ONUS_OK);
    assert_true(is_maximum);
    return n;
}

static void no_choice_has_more_disjoint_pairs(void **state) {
    (void)state;
    uint64_t seed = 12;
    for (int trial = 0; trial < test_mult(150); trial++) {
        dyads_made made;
        dyads_make(&seed, 2 + (int32_t)random_below(&seed, 7), 15 + (int)random_below(&seed, 30),
                   trial % 3 == 0, &made);
        assert_int_equal(disjoint(&made.dyads), most_disjoint(&made.dyads, 0, 0));
    }
}

static void full_and_two_sided_designs_have_half_and_the_smaller_side(void **state) {
    (void)state;
    uint64_t seed = 13;
    dyads_made made;
    for (int32_t n = 2; n <= DYADS_PEOPLE_MAX; n++) {
        dyads_make(&seed, n, 100, 0, &made);
        assert_int_equal(disjoint(&made.dyads), n / 2);
    }
    /* 3 probes against 9 other references */
    made.dyads.n_pairs = 0;
    for (int32_t i = 0; i < 3; i++) {
        for (int32_t j = 3; j < 12; j++) {
            made.pairs[made.dyads.n_pairs++] = (onus_dyad){i, j, 1, 0};
        }
    }
    assert_int_equal(disjoint(&made.dyads), 3);
}

static void an_odd_ring_with_tails_needs_a_blossom(void **state) {
    (void)state;
    /* 0-1-2-3-4-0 with a tail at 2 and one at 4: all but none of 7 people paired off */
    onus_dyad pairs[] = {{0, 1, 1, 0}, {0, 4, 1, 0}, {1, 2, 1, 0}, {2, 3, 1, 0},
                         {2, 5, 1, 0}, {3, 4, 1, 0}, {4, 6, 1, 0}};
    const onus_dyads d = {.n_people = 7, .pairs = pairs, .n_pairs = 7, .n_comparisons = 7};
    assert_int_equal(disjoint(&d), 3);
}

static void a_search_cut_short_still_counts_disjoint_pairs(void **state) {
    (void)state;
    uint64_t seed = 14;
    for (int trial = 0; trial < 50; trial++) {
        dyads_made made;
        dyads_make(&seed, 12, 12, 0, &made);
        size_t n = 0;
        assert_int_equal(onus_dyads_disjoint(&made.dyads, 0, &n, NULL), ONUS_OK);
        assert_true(n <= disjoint(&made.dyads));
    }
}

/* ---- the estimate ---- */

static onus_dyadic estimate(const onus_dyads *d) {
    onus_dyadic out;
    assert_int_equal(onus_dyadic_estimate(d, 0.95, &out), ONUS_OK);
    return out;
}

static void without_excess_the_interval_is_wilsons_with_students_t(void **state) {
    (void)state;
    /* 20 people in 10 pairs of their own: nothing is shared, so that only t differs */
    onus_dyad pairs[10];
    onus_dyads d = {.n_people = 20, .pairs = pairs, .n_pairs = 10};
    for (int32_t k = 0; k < 10; k++) {
        const uint64_t n_errors = k % 2 == 0 ? 1 : 0;
        pairs[k] = (onus_dyad){2 * k, 2 * k + 1, 1, n_errors};
        d.n_comparisons++;
        d.n_errors += n_errors;
    }
    const onus_dyadic got = estimate(&d);
    assert_near(got.variance, 0.25 / 10.0, 1e-15);
    assert_near(got.n_effective, 10.0, 1e-12);
    const onus_limits wilson = onus_wilson(5, 10, 0.95);
    assert_near(got.wilson.low, wilson.low, 1e-12);
    assert_near(got.df, 19.0, 1e-9);
    const double t = onus_t_quantile(0.975, got.df);
    /* Wilson's formula with t in the place of z */
    const double half = t * sqrt((0.25 + 0.25 * t * t / 10) / 10) / (1 + t * t / 10);
    assert_near(got.limits.low, 0.5 - half, 1e-12);
    assert_near(got.limits.high, 0.5 + half, 1e-12);
    assert_false(got.weak);
}

static void no_error_leaves_the_bound_of_disjoint_pairs(void **state) {
    (void)state;
    uint64_t seed = 15;
    dyads_made made;
    dyads_make(&seed, 12, 100, 0, &made);
    made.dyads.n_errors = 0;
    for (size_t k = 0; k < made.dyads.n_pairs; k++) {
        made.pairs[k].n_errors = 0;
    }
    onus_dyadic got = estimate(&made.dyads);
    assert_int_equal(got.n_disjoint, 6);
    assert_true(got.rate == 0.0 && got.variance == 0.0 && isnan(got.n_effective));
    assert_true(got.limits.low == 0.0);
    assert_near(got.limits.high, 1.0 - pow(0.05, 1.0 / 6.0), 1e-15);
    assert_near(got.by_comparisons.high, 1.0 - pow(0.05, 1.0 / (double)made.dyads.n_comparisons),
                1e-15);
    /* one error in one pair: not surer than none at all */
    made.pairs[5].n_errors = 1;
    made.dyads.n_errors = 1;
    const onus_dyadic one = estimate(&made.dyads);
    assert_true(one.limits.high >= got.limits.high && one.limits.low > 0.0);
    assert_int_equal(one.n_people_in_error, 2);
    /* all of them errors */
    made.dyads.n_errors = made.dyads.n_comparisons;
    for (size_t k = 0; k < made.dyads.n_pairs; k++) {
        made.pairs[k].n_errors = made.pairs[k].n_comparisons;
    }
    got = estimate(&made.dyads);
    assert_true(got.rate == 1.0 && got.limits.high == 1.0);
    assert_near(got.limits.low, pow(0.05, 1.0 / 6.0), 1e-15);
}

static void one_person_behind_all_errors_leaves_one_degree_of_freedom(void **state) {
    (void)state;
    uint64_t seed = 16;
    dyads_made made;
    dyads_make(&seed, 12, 100, 0, &made);
    made.dyads.n_errors = 0;
    for (size_t k = 0; k < made.dyads.n_pairs; k++) {
        made.pairs[k].n_comparisons = 10;
        made.pairs[k].n_errors = made.pairs[k].i == 0 ? 5 : 0;
        made.dyads.n_errors += made.pairs[k].n_errors;
    }
    made.dyads.n_comparisons = 660;
    const onus_dyadic got = estimate(&made.dyads);
    assert_true(got.df < 1.5);
    /* 55 errors of 660, but one person's: sum S^2 - sum W^2 = 2291.7 - 229.2 */
    assert_near(got.n_effective, 55.0 * 605.0 / 2062.5, 1e-12);
    assert_true(got.limits.high - got.limits.low > 0.5);
    assert_true(got.wilson.high < got.limits.high);
}

static void few_people_are_weak_and_nobody_is_nothing(void **state) {
    (void)state;
    onus_dyad pairs[] = {{0, 1, 100, 3}, {0, 2, 100, 5}};
    onus_dyads d = {
        .n_people = 3, .pairs = pairs, .n_pairs = 2, .n_comparisons = 200, .n_errors = 8};
    assert_true(estimate(&d).weak);
    const onus_dyads none = {.n_people = 3};
    const onus_dyadic got = estimate(&none);
    assert_true(isnan(got.rate) && isnan(got.limits.low) && got.n_disjoint == 0);
    onus_dyadic out;
    assert_int_equal(onus_dyadic_estimate(&d, 1.0, &out), ONUS_ERR_DOMAIN);
    pairs[1].j = 3;
    assert_int_equal(onus_dyadic_estimate(&d, 0.95, &out), ONUS_ERR_DOMAIN);
}

/* All pairs of n people 10 times; each pair errs twice where both are among the first half. */
static onus_dyadic half_err(int32_t n, bool of_two) {
    static onus_dyad pairs[40 * 39 / 2];
    onus_dyads d = {.n_people = (size_t)n, .pairs = pairs};
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = of_two ? i + 1 : i; j < (of_two ? n : i + 1); j++) {
            const uint64_t n_errors = j < n / 2 ? 2 : 0;
            pairs[d.n_pairs++] = (onus_dyad){i, j, 10, n_errors};
            d.n_comparisons += 10;
            d.n_errors += n_errors;
        }
    }
    return estimate(&d);
}

static void few_people_refute_and_leave_room_for_whom_they_lack(void **state) {
    (void)state;
    const double bound = 1.0 - pow(0.05, 1.0 / 6.0);
    const onus_dyadic few = half_err(12, true);
    assert_true(few.n_people_in_error >= 5 && few.widened && !few.weak);
    assert_near(few.limits.high, bound, 1e-15);
    assert_true(few.limits.low > 0.001);
    const onus_dyadic many = half_err(36, true); /* the first size that stands on its own */
    assert_false(many.widened);
    assert_true(many.limits.high < 1.0 - pow(0.05, 1.0 / 18.0));
    const onus_dyadic almost = half_err(35, true);
    assert_near(almost.limits.high, 1.0 - pow(0.05, 1.0 / 17.0), 1e-15);
    assert_false(half_err(20, false).widened); /* misses weigh each person once */
    assert_true(half_err(5, true).weak == false && half_err(4, true).weak);
}

/* ---- jackknife, differences, bounds ---- */

static void the_jackknife_leaves_out_one_person_at_a_time(void **state) {
    (void)state;
    uint64_t seed = 17;
    dyads_made made;
    dyads_make(&seed, 8, 70, 1, &made);
    double rates[8];
    assert_int_equal(onus_dyadic_jackknife(&made.dyads, rates), ONUS_OK);
    for (int32_t p = 0; p < 8; p++) {
        double n = 0;
        double k = 0;
        for (size_t d = 0; d < made.dyads.n_pairs; d++) {
            if (made.pairs[d].i != p && made.pairs[d].j != p) {
                n += (double)made.pairs[d].n_comparisons;
                k += (double)made.pairs[d].n_errors;
            }
        }
        assert_near(rates[p], k / n, 1e-15);
    }
    const double four[] = {1, 2, NAN, 3};
    assert_near(onus_jackknife_se(four, 4), sqrt(2.0 / 3.0 * 2.0), 1e-15);
    assert_true(isnan(onus_jackknife_se(four, 1)));
}

static void a_rate_does_not_differ_from_itself(void **state) {
    (void)state;
    uint64_t seed = 18;
    dyads_made made;
    dyads_make(&seed, 12, 90, 0, &made);
    const onus_dyadic of = estimate(&made.dyads);
    onus_dyadic_gap gap;
    assert_int_equal(onus_dyadic_difference(&made.dyads, &of, &made.dyads, &of, &gap), ONUS_OK);
    assert_near(gap.correlation, 1.0, 1e-12);
    assert_near(gap.se, 0.0, 1e-9);
    assert_true(gap.difference == 0.0 && gap.ratio == 1.0);
    assert_true(gap.limits.low <= 0.0 && gap.limits.high >= 0.0);
}

static void groups_that_share_nobody_are_independent(void **state) {
    (void)state;
    uint64_t seed = 19;
    dyads_made a;
    dyads_made b;
    dyads_make(&seed, 6, 100, 0, &a);
    dyads_make(&seed, 6, 100, 0, &b);
    a.dyads.n_people = b.dyads.n_people = 12;
    for (size_t d = 0; d < b.dyads.n_pairs; d++) {
        b.pairs[d].i += 6;
        b.pairs[d].j += 6;
    }
    const onus_dyadic of_a = estimate(&a.dyads);
    const onus_dyadic of_b = estimate(&b.dyads);
    onus_dyadic_gap gap;
    assert_int_equal(onus_dyadic_difference(&a.dyads, &of_a, &b.dyads, &of_b, &gap), ONUS_OK);
    assert_true(gap.correlation == 0.0);
    assert_near(gap.se, sqrt(of_a.variance + of_b.variance), 1e-15);
    assert_near(gap.limits.low,
                gap.difference - hypot(of_a.rate - of_a.limits.low, of_b.limits.high - of_b.rate),
                1e-14);
    a.dyads.n_people = 11;
    assert_int_equal(onus_dyadic_difference(&a.dyads, &of_a, &b.dyads, &of_b, &gap),
                     ONUS_ERR_DOMAIN);
}

static void a_ratio_to_nothing_seen_is_open_above(void **state) {
    (void)state;
    onus_dyad a[] = {{0, 1, 50, 5}, {1, 2, 50, 4}, {2, 3, 50, 6}};
    onus_dyad b[] = {{4, 5, 50, 0}, {5, 6, 50, 0}};
    const onus_dyads of_a = {
        .n_people = 7, .pairs = a, .n_pairs = 3, .n_comparisons = 150, .n_errors = 15};
    const onus_dyads of_b = {.n_people = 7, .pairs = b, .n_pairs = 2, .n_comparisons = 100};
    const onus_dyadic est_a = estimate(&of_a);
    const onus_dyadic est_b = estimate(&of_b);
    onus_dyadic_gap gap;
    assert_int_equal(onus_dyadic_difference(&of_a, &est_a, &of_b, &est_b, &gap), ONUS_OK);
    assert_true(isnan(gap.ratio) && isnan(gap.ratio_limits.low));
    assert_int_equal(onus_dyadic_difference(&of_b, &est_b, &of_a, &est_a, &gap), ONUS_OK);
    assert_true(gap.ratio == 0.0 && gap.ratio_limits.low == 0.0 && gap.ratio_limits.high > 1.0);
}

static void the_rule_of_three_is_exact(void **state) {
    (void)state;
    assert_near(onus_zero_bound(300, 0.95), 0.0099359, 1e-6);
    assert_near(pow(1.0 - onus_zero_bound(1e6, 0.95), 1e6), 0.05, 1e-9);
    assert_true(onus_zero_needed(1e-4, 0.95) == 29956.0);
    assert_true(onus_zero_bound(29956, 0.95) <= 1e-4 && onus_zero_bound(29955, 0.95) > 1e-4);
    assert_true(isnan(onus_zero_bound(0, 0.95)) && isnan(onus_zero_needed(0, 0.95)));
}

static void every_allocation_may_be_refused(void **state) {
    (void)state;
    uint64_t seed = 20;
    dyads_made made;
    dyads_make(&seed, 9, 30, 0, &made);
    onus_dyadic of;
    assert_int_equal(onus_dyadic_estimate(&made.dyads, 0.95, &of), ONUS_OK);
    FAULT_EACH(fault) {
        onus_dyadic out;
        fault_expect(&fault, onus_dyadic_estimate(&made.dyads, 0.95, &out));
    }
    FAULT_EACH(fault) {
        onus_dyadic_gap gap;
        fault_expect(&fault, onus_dyadic_difference(&made.dyads, &of, &made.dyads, &of, &gap));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variance_is_the_sum_over_pairs_that_share_somebody),
        cmocka_unit_test(pairs_of_one_person_each_vary_as_clusters),
        cmocka_unit_test(no_choice_has_more_disjoint_pairs),
        cmocka_unit_test(full_and_two_sided_designs_have_half_and_the_smaller_side),
        cmocka_unit_test(an_odd_ring_with_tails_needs_a_blossom),
        cmocka_unit_test(a_search_cut_short_still_counts_disjoint_pairs),
        cmocka_unit_test(without_excess_the_interval_is_wilsons_with_students_t),
        cmocka_unit_test(no_error_leaves_the_bound_of_disjoint_pairs),
        cmocka_unit_test(one_person_behind_all_errors_leaves_one_degree_of_freedom),
        cmocka_unit_test(few_people_are_weak_and_nobody_is_nothing),
        cmocka_unit_test(few_people_refute_and_leave_room_for_whom_they_lack),
        cmocka_unit_test(the_jackknife_leaves_out_one_person_at_a_time),
        cmocka_unit_test(a_rate_does_not_differ_from_itself),
        cmocka_unit_test(groups_that_share_nobody_are_independent),
        cmocka_unit_test(a_ratio_to_nothing_seen_is_open_above),
        cmocka_unit_test(the_rule_of_three_is_exact),
        cmocka_unit_test(every_allocation_may_be_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
