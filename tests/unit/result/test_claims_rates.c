/* Claims on error rates over people: p at the bound, the worst group, the people it takes. */
#include "claims_bench.h"

static const onus_measure_def fmr_def = {
    .id = "match.fmr", .title = "False match rate", .unit = "share"};
static const onus_measure_def fnmr_def = {
    .id = "match.fnmr", .title = "False non-match rate", .unit = "share"};

/* Wilson's interval on n trials with the quantile of t (normal where df is 0). */
static onus_limits wilson_of(double p, double n, double df) {
    const double z = onus_t_quantile(0.975, df > 0.0 ? df : INFINITY);
    const double middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    const double half = z / (1.0 + z * z / n) * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    return (onus_limits){.low = fmax(0.0, middle - half), .high = fmin(1.0, middle + half)};
}

static onus_measure rate_of(const onus_measure_def *def, double num, double den, double n_effective,
                            double df) {
    onus_measure m = {.def = def,
                      .has_value = true,
                      .value = num / den,
                      .has_fraction = true,
                      .num = num,
                      .den = den,
                      .df = df};
    const onus_limits limits = num > 0.0 ? wilson_of(m.value, n_effective, df)
                                         : (onus_limits){0.0, -expm1(log(0.05) / n_effective)};
    m.interval = (onus_interval){.given = true,
                                 .level = 0.95,
                                 .low = limits.low,
                                 .high = limits.high,
                                 .method = "wilson",
                                 .resampled = "person",
                                 .n_effective = n_effective,
                                 .people_each = def == &fmr_def ? 2 : 1};
    return m;
}

static double p_at_bound(onus_measure m, double bound, bool most) {
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, m.def->id);
    if (most) {
        at_most(ref, bound);
    } else {
        at_least(ref, bound);
    }
    add(&b, &m);
    const onus_claim *c = judged(&b);
    assert_true(c->has_p);
    const double p = c->p_value;
    const bool excluded = m.interval.high < bound || m.interval.low > bound;
    if (fabs(p - 0.05) > 1e-9) {
        assert_int_equal(c->verdict != ONUS_VERDICT_NOT_SHOWN, excluded);
        assert_int_equal(p < 0.05, excluded);
    }
    onus_result_clear(&b.result);
    return p;
}

static void an_interval_on_effective_trials_ends_where_p_is_its_error(void **state) {
    (void)state;
    static const double n_effective[] = {7.5, 60.0, 492.0};
    static const double dfs[] = {0.0, 7.0, 39.0};
    for (size_t n = 0; n < 3; n++) {
        for (size_t d = 0; d < 3; d++) {
            const onus_measure m = rate_of(&fmr_def, 657, 15095, n_effective[n], dfs[d]);
            assert_true(m.interval.low > 0.0);
            assert_float_equal(p_at_bound(m, m.interval.high, true), 0.05, 1e-9);
            assert_float_equal(p_at_bound(m, m.interval.low, false), 0.05, 1e-9);
            for (double bound = 0.005; bound < 0.6; bound *= 1.3) {
                (void)p_at_bound(m, bound, true); /* verdict and p agree on both sides */
            }
        }
    }
}

/* What people add grows with the odds at the bound, not at the value. */
static void p_takes_the_variance_of_people_at_the_bound(void **state) {
    (void)state;
    onus_measure m = rate_of(&fmr_def, 657, 15095, 492, 39);
    m.interval.logit_variance = 0.04;
    const double bound = 0.06;
    const double each = bound * (1.0 - bound);
    const double se = sqrt(each / 15095 + 0.04 * each * each);
    assert_float_equal(p_at_bound(m, bound, true), onus_t_p((m.value - bound) / se, 39), 1e-12);
}

/* Were the comparisons taken for independent, the bound would lie outside. */
static void p_is_taken_on_what_the_comparisons_are_worth(void **state) {
    (void)state;
    onus_measure worth = rate_of(&fmr_def, 657, 15095, 492, 0);
    onus_measure naive = worth;
    naive.interval.n_effective = 0.0;
    naive.interval.low = 0.0404;
    naive.interval.high = 0.0469;
    assert_true(p_at_bound(worth, 0.05, true) > 0.4);
    assert_true(p_at_bound(naive, 0.05, true) < 0.001);
}

static void without_an_error_p_is_the_chance_of_none(void **state) {
    (void)state;
    const onus_measure m = rate_of(&fmr_def, 0, 15095, 20, 0);
    assert_float_equal(m.interval.high, 0.1391, 1e-4); /* about 3 / 20 */
    assert_float_equal(p_at_bound(m, m.interval.high, true), 0.05, 1e-12);
    assert_float_equal(p_at_bound(m, 0.01, true), pow(0.99, 20), 1e-15);
    onus_measure all = rate_of(&fnmr_def, 10, 10, 10, 0);
    all.interval.low = exp(log(0.05) / 10.0);
    all.interval.high = 1.0;
    assert_float_equal(p_at_bound(all, all.interval.low, false), 0.05, 1e-12);
}

static void below_a_bound_for_everyone_is_judged_by_the_worst_group(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "match.fmr");
    scope(ref, "group", "any");
    scope(ref, "pairs", "cross_camera");
    at_most(ref, 0.02);
    static const struct {
        const char *group;
        double num, den, n_effective;
    } groups[] = {{"A", 61, 3867, 2000}, {"B", 47, 1511, 70}, {"C", 36, 345, 90}};
    for (size_t g = 0; g < 3; g++) {
        onus_measure m = rate_of(&fmr_def, groups[g].num, groups[g].den, groups[g].n_effective, 0);
        onus_scope_set_text(&m.scope, "group", groups[g].group);
        onus_scope_set_text(&m.scope, "pairs", "cross_camera");
        add(&b, &m);
    }
    onus_measure pooled = rate_of(&fmr_def, 220, 15095, 400, 0);
    add_keyed(&b, pooled, "pairs", "cross_camera");
    const onus_claim *c = judged(&b);
    assert_int_equal(c->verdict, ONUS_VERDICT_CONTRADICTED);
    assert_true(c->has_fraction && c->num == 36.0 && c->den == 345.0);
    assert_int_equal(c->n_measures, 1);
    assert_string_equal(c->sentence,
                        "Worst of 3 comparisons: in 36 of 345 comparisons of two different people, "
                        "both of group C, at two cameras, the product took them for one: 10.4 %; "
                        "with 95 % confidence, 5.66 % to 18.4 %. That contradicts the claim of at "
                        "most 2 %.");
    onus_result_clear(&b.result);
}

static void what_is_not_shown_names_the_people_it_takes(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "match.fmr"), 1e-4);
    onus_claim_ref *ref = claim(&b, "match.fnmr");
    scope(ref, "group", "C");
    at_most(ref, 0.01);
    onus_measure m = rate_of(&fmr_def, 0, 15095, 20, 0);
    add(&b, &m);
    add_keyed(&b, rate_of(&fnmr_def, 0, 62, 8, 0), "group", "C");
    const onus_claim *c = judged(&b);
    assert_int_equal(c[0].verdict, ONUS_VERDICT_NOT_SHOWN);
    assert_non_null(strstr(c[0].why,
                           "Without a single such error it would still take 59,912 people "
                           "(29,956 pairs of whom no two share a person) before it could "
                           "be shown."));
    assert_int_equal(c[1].verdict, ONUS_VERDICT_NOT_SHOWN);
    assert_non_null(strstr(c[1].why, "it would still take 299 people of this group before"));
    onus_result_clear(&b.result);
    bench_init(&b); /* shown: nothing is needed any more; another measure: no people */
    at_most(claim(&b, "match.fmr"), 0.9);
    add(&b, &m);
    assert_null(strstr(judged(&b)->why, "people"));
    onus_result_clear(&b.result);
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 0.5);
    onus_measure other = plain(0.45, 0.4, 0.6);
    add(&b, &other);
    c = judged(&b);
    assert_int_equal(c->verdict, ONUS_VERDICT_NOT_SHOWN);
    assert_null(strstr(c->why, "people"));
    onus_result_clear(&b.result);
}

static void slices_are_said_in_words(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "match.fnmr"), 0.01);
    onus_measure m = rate_of(&fnmr_def, 8, 391, 391, 0);
    onus_scope_set_text(&m.scope, "pairs", "same_camera");
    onus_scope_set_number(&m.scope, "threshold", 0.45);
    onus_scope_set_text(&m.scope, "by", "sex");
    onus_scope_set_text(&m.scope, "probe_group", "F");
    onus_scope_set_text(&m.scope, "reference_group", "M");
    add(&b, &m);
    assert_non_null(
        strstr(judged(&b)->sentence,
               "In 8 of 391 comparisons of two sightings of one person, at one camera, one "
               "of sex F, one of sex M, at threshold 0.45, the product took them for "
               "two: 2.05 %"));
    onus_result_clear(&b.result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_on_effective_trials_ends_where_p_is_its_error),
        cmocka_unit_test(p_takes_the_variance_of_people_at_the_bound),
        cmocka_unit_test(p_is_taken_on_what_the_comparisons_are_worth),
        cmocka_unit_test(without_an_error_p_is_the_chance_of_none),
        cmocka_unit_test(below_a_bound_for_everyone_is_judged_by_the_worst_group),
        cmocka_unit_test(what_is_not_shown_names_the_people_it_takes),
        cmocka_unit_test(slices_are_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
