/* Verdicts: the rule, its corners, its words, and that p and interval never disagree. */
#include "claims_bench.h"

/* One claim on one measure with one interval. */
static onus_verdict simple(bool has_least, double least, bool has_most, double most, double low,
                           double high) {
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    if (has_least) {
        at_least(ref, least);
    }
    if (has_most) {
        at_most(ref, most);
    }
    const onus_measure m = plain(isnan(low)    ? high - 0.1
                                 : isnan(high) ? low + 0.1
                                               : (low + high) / 2,
                                 low, high);
    add(&b, &m);
    const onus_verdict verdict = judged(&b)->verdict;
    onus_result_clear(&b.result);
    return verdict;
}

static void the_whole_interval_decides(void **state) {
    (void)state;
    static const struct {
        double low;
        double high;
        onus_verdict at_most_1;
        onus_verdict at_least_1;
    } rows[] = {
        {0.5, 0.9, ONUS_VERDICT_SUPPORTED, ONUS_VERDICT_CONTRADICTED},
        {1.1, 1.9, ONUS_VERDICT_CONTRADICTED, ONUS_VERDICT_SUPPORTED},
        {0.5, 1.9, ONUS_VERDICT_NOT_SHOWN, ONUS_VERDICT_NOT_SHOWN},
        /* a bound that is met is on the claim's side */
        {0.5, 1.0, ONUS_VERDICT_SUPPORTED, ONUS_VERDICT_NOT_SHOWN},
        {1.0, 1.5, ONUS_VERDICT_NOT_SHOWN, ONUS_VERDICT_SUPPORTED},
        /* unbounded limits prove nothing on their side */
        {NAN, 0.9, ONUS_VERDICT_SUPPORTED, ONUS_VERDICT_CONTRADICTED},
        {1.1, NAN, ONUS_VERDICT_CONTRADICTED, ONUS_VERDICT_SUPPORTED},
        {0.5, NAN, ONUS_VERDICT_NOT_SHOWN, ONUS_VERDICT_NOT_SHOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(simple(false, 0, true, 1, rows[i].low, rows[i].high), rows[i].at_most_1);
        assert_int_equal(simple(true, 1, false, 0, rows[i].low, rows[i].high), rows[i].at_least_1);
    }
    assert_int_equal(simple(true, 0.8, true, 1.25, 0.9, 1.1), ONUS_VERDICT_SUPPORTED);
    assert_int_equal(simple(true, 0.8, true, 1.25, 1.3, 1.5), ONUS_VERDICT_CONTRADICTED);
    assert_int_equal(simple(true, 0.8, true, 1.25, 0.2, 0.7), ONUS_VERDICT_CONTRADICTED);
    assert_int_equal(simple(true, 0.8, true, 1.25, 0.7, 1.1), ONUS_VERDICT_NOT_SHOWN);
    assert_int_equal(simple(true, 0.8, true, 1.25, 0.1, 5.0), ONUS_VERDICT_NOT_SHOWN);
}

static void nothing_to_judge_by_is_not_testable_and_says_what_is_missing(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "place.hit_rate"), 0.1); /* no such measure */
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    scope(ref, "group", "Hispanic");
    at_most(ref, 1);
    ref = claim(&b, "burden.ratio");
    scope(ref, "camera", "7");
    at_most(ref, 1);
    ref = claim(&b, "burden.ratio"); /* a value, no interval */
    scope(ref, "group", "A");
    at_most(ref, 1);
    ref = claim(&b, "burden.ratio"); /* no value */
    scope(ref, "group", "B");
    at_most(ref, 1);
    onus_measure m = plain(1.4, 1.2, 1.6);
    m.interval.given = false;
    m.reason = "no times in the predictions";
    add_keyed(&b, m, "group", "A");
    m.has_value = false;
    m.reason = "nobody of the group lives here";
    add_keyed(&b, m, "group", "B");
    const onus_claim *claims = judged(&b);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(claims[i].verdict, ONUS_VERDICT_NOT_TESTABLE);
        assert_false(claims[i].has_p);
        assert_false(claims[i].has_detectable);
    }
    assert_string_equal(claims[0].why, "What is missing: this trial yields no place.hit_rate.");
    assert_string_equal(
        claims[1].why,
        "What is missing: there is no group 'Hispanic' in the results; there is A, B.");
    assert_string_equal(claims[2].why, "What is missing: burden.ratio is not measured by 'camera'; "
                                       "it is measured by group (A, B).");
    assert_string_equal(claims[3].why, "What is missing: no times in the predictions.");
    assert_true(claims[3].has_value);
    assert_string_equal(claims[4].why, "What is missing: nobody of the group lives here.");
    assert_false(claims[4].has_value);
    assert_string_equal(claims[0].sentence,
                        "Whether it is at most 0.1 cannot be tested with this evidence: this trial "
                        "yields no place.hit_rate.");
    onus_result_clear(&b.result);
}

/* Adds the three sources of one value; a NaN low: that source has no interval. */
static void add_sources(bench *b, onus_measure base, const double limits[3][2], bool weak_space) {
    static const char *const sources[] = {"flags", "census", "space"};
    for (size_t s = 0; s < 3; s++) {
        onus_measure m = base;
        m.interval.given = !isnan(limits[s][0]);
        m.interval.low = limits[s][0];
        m.interval.high = limits[s][1];
        if (!m.interval.given) {
            m.interval.low = m.interval.high = 0;
            m.reason = "it was not given";
        } else if (s == 2 && weak_space) {
            m.interval.weak = true;
            m.interval.weak_reason = "too few blocks";
        }
        add_keyed(b, m, "source", sources[s]);
    }
}

static onus_verdict by_sources(const double limits[3][2], bool weak_space, const char *expected) {
    bench b;
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 1);
    add_sources(&b, plain(1.27, 1, 2), limits, weak_space);
    const onus_claim *c = judged(&b);
    if (strstr(c->why, expected) == NULL) {
        fail_msg("'%s' is not in '%s'", expected, c->why);
    }
    const onus_verdict verdict = c->verdict;
    onus_result_clear(&b.result);
    return verdict;
}

static void the_three_sources_of_uncertainty_must_agree(void **state) {
    (void)state;
    const double all[3][2] = {{1.17, 1.38}, {1.10, 1.46}, {1.05, 1.60}};
    assert_int_equal(by_sources(all, false, "flags 1.17 to 1.38"), ONUS_VERDICT_CONTRADICTED);
    /* the worked case of the methods: the third source holds the bound */
    const double split[3][2] = {{1.17, 1.38}, {1.10, 1.46}, {0.54, 4.77}};
    assert_int_equal(by_sources(split, false, "They do not all lie on the same side"),
                     ONUS_VERDICT_NOT_SHOWN);
    const double one[3][2] = {{NAN, NAN}, {NAN, NAN}, {1.05, 1.60}};
    assert_int_equal(by_sources(one, false,
                                "1 of the 3 sources of uncertainty could be had. Not available - "
                                "flags: it was not given. census: it was not given."),
                     ONUS_VERDICT_NOT_SHOWN);
    const double two[3][2] = {{0.9, 0.95}, {NAN, NAN}, {0.8, 0.99}};
    assert_int_equal(by_sources(two, false, "2 of the 3 sources of uncertainty could be had."),
                     ONUS_VERDICT_NOT_SHOWN);
    const double none[3][2] = {{NAN, NAN}, {NAN, NAN}, {NAN, NAN}};
    assert_int_equal(by_sources(none, false, "it was not given"), ONUS_VERDICT_NOT_TESTABLE);
    assert_int_equal(
        by_sources(all, true, "The interval by space must not carry a verdict: too few blocks."),
        ONUS_VERDICT_NOT_SHOWN);
}

static void a_missing_source_is_said_in_the_sentence(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 1);
    const double limits[3][2] = {{NAN, NAN}, {1.2, 1.3}, {1.05, 1.60}};
    add_sources(&b, plain(1.27, 1, 2), limits, false);
    const onus_claim *c = judged(&b);
    assert_int_equal(c->verdict_raw, ONUS_VERDICT_NOT_SHOWN);
    assert_non_null(strstr(c->sentence, "As far as it could be examined that would contradict the "
                                        "claim of at most 1, but only 2 of 3 sources"));
    onus_result_clear(&b.result);
}

static void the_widest_interval_is_the_one_printed(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 1);
    const double limits[3][2] = {{1.17, 1.38}, {0.9, 1.9}, {1.05, 1.60}};
    add_sources(&b, plain(1.27, 1, 2), limits, false);
    const onus_claim *c = judged(&b);
    assert_true(c->interval.low == 0.9 && c->interval.high == 1.9);
    assert_int_equal(c->n_measures, 3);
    onus_result_clear(&b.result);
}

static onus_verdict by_definitions(double exposure, double attributed, const char *named) {
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    at_most(ref, 1.4);
    if (named != NULL) {
        scope(ref, "definition", named);
    }
    add_keyed(&b, plain(exposure, exposure - 0.1, exposure + 0.1), "definition", "exposure");
    add_keyed(&b, plain(attributed, attributed - 0.1, attributed + 0.1), "definition",
              "attributed");
    const onus_verdict verdict = judged(&b)->verdict;
    onus_result_clear(&b.result);
    return verdict;
}

static void definitions_that_the_claim_leaves_open_must_agree(void **state) {
    (void)state;
    assert_int_equal(by_definitions(1.2, 1.25, NULL), ONUS_VERDICT_SUPPORTED);
    assert_int_equal(by_definitions(1.6, 1.8, NULL), ONUS_VERDICT_CONTRADICTED);
    assert_int_equal(by_definitions(1.27, 1.68, NULL), ONUS_VERDICT_NOT_SHOWN);
    assert_int_equal(by_definitions(1.27, 1.68, "exposure"), ONUS_VERDICT_SUPPORTED);
    assert_int_equal(by_definitions(1.27, 1.68, "attributed"), ONUS_VERDICT_CONTRADICTED);
}

/* For groups with these verdicts, the verdict of a claim on `any` group. */
static onus_verdict worst_of(const onus_verdict *groups, size_t n) {
    static const char *const names[] = {"A", "B", "C", "D"};
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    scope(ref, "group", "any");
    at_most(ref, 1);
    for (size_t i = 0; i < n; i++) {
        onus_measure m = groups[i] == ONUS_VERDICT_SUPPORTED      ? plain(0.5, 0.49, 0.51)
                         : groups[i] == ONUS_VERDICT_CONTRADICTED ? plain(1.5, 1.49, 1.51)
                                                                  : plain(1.1, 0.9, 1.3);
        if (groups[i] == ONUS_VERDICT_NOT_TESTABLE) {
            m.interval.given = false;
            m.reason = "no interval here";
        }
        add_keyed(&b, m, "group", names[i]);
    }
    const onus_verdict verdict = judged(&b)->verdict;
    onus_result_clear(&b.result);
    return verdict;
}

static void of_any_group_the_worst_decides(void **state) {
    (void)state;
    const onus_verdict s = ONUS_VERDICT_SUPPORTED;
    const onus_verdict c = ONUS_VERDICT_CONTRADICTED;
    const onus_verdict n = ONUS_VERDICT_NOT_SHOWN;
    const onus_verdict t = ONUS_VERDICT_NOT_TESTABLE;
    assert_int_equal(worst_of((onus_verdict[]){s, s, s}, 3), s);
    assert_int_equal(worst_of((onus_verdict[]){s, c, s}, 3), c);
    assert_int_equal(worst_of((onus_verdict[]){s, n, c, t}, 4), c);
    assert_int_equal(worst_of((onus_verdict[]){t, n, s}, 3), n);
    assert_int_equal(worst_of((onus_verdict[]){s, t}, 2), t);
    assert_int_equal(worst_of((onus_verdict[]){t, t}, 2), t);
}

static onus_measure from_se(double value, onus_scale scale, double se, double df, double level) {
    const double d = df > 0 ? df : INFINITY;
    onus_measure m = plain(value, 0, 0);
    m.scale = scale;
    m.se = se;
    m.df = df;
    onus_limits limits = {0, 0};
    switch (scale) {
    case ONUS_SCALE_LOG:
        limits = onus_log_interval(log(value), se, d, level);
        break;
    case ONUS_SCALE_FISHER_Z: {
        const onus_limits z = onus_se_interval(atanh(value), se, d, level);
        limits = (onus_limits){tanh(z.low), tanh(z.high)};
        break;
    }
    default:
        limits = onus_se_interval(value, se, d, level);
        break;
    }
    m.interval.low = limits.low;
    m.interval.high = limits.high;
    m.interval.level = level;
    return m;
}

/* p below the error rate exactly where the interval excludes the bound, on every scale. */
static void p_and_interval_never_disagree(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < test_mult(2000); i++) {
        const double u = (double)random_below(&seed, 1000) / 1000.0;
        const onus_scale scale = (onus_scale)random_below(&seed, 4);
        const double value = scale == ONUS_SCALE_FISHER_Z ? 1.8 * u - 0.9 : 0.2 + 2 * u;
        const double bound = scale == ONUS_SCALE_FISHER_Z
                                 ? 1.8 * (double)random_below(&seed, 1000) / 1000.0 - 0.9
                                 : 0.2 + 2 * (double)random_below(&seed, 1000) / 1000.0;
        const double se = 0.01 + (double)random_below(&seed, 100) / 200.0;
        const double df = (double)random_below(&seed, 3) * 5; /* 0: normal */
        const double level = random_below(&seed, 2) == 0 ? 0.95 : 0.8;
        bench b;
        bench_init(&b);
        b.c.protocol.level = level;
        onus_measure m = from_se(value, scale == ONUS_SCALE_NONE ? ONUS_SCALE_LINEAR : scale, se,
                                 scale == ONUS_SCALE_NONE ? 0 : df, level);
        m.scale = scale; /* NONE: p has to be read off the interval */
        at_most(claim(&b, "burden.ratio"), bound);
        add(&b, &m);
        const onus_claim *c = judged(&b);
        const bool excluded = m.interval.high < bound || m.interval.low > bound;
        assert_true(c->has_p);
        if ((c->p_value < 1 - level) != excluded && fabs(c->p_value - (1 - level)) > 1e-9) {
            fail_msg("value %g bound %g se %g scale %d: p %g, interval %g to %g", value, bound, se,
                     (int)scale, c->p_value, m.interval.low, m.interval.high);
        }
        assert_int_equal(c->verdict != ONUS_VERDICT_NOT_SHOWN, excluded);
        assert_int_equal(c->verdict, c->verdict_raw); /* a family of one changes nothing */
        onus_result_clear(&b.result);
    }
}

static void the_p_of_wilsons_interval_is_the_score_test(void **state) {
    (void)state;
    for (int k = 0; k <= 40; k += 4) {
        for (double bound = 0.05; bound < 1; bound += 0.05) {
            bench b;
            bench_init(&b);
            const onus_limits w = onus_wilson(k, 40, 0.95);
            onus_measure m = plain(k / 40.0, w.low, w.high);
            m.def = &rate_def;
            m.has_fraction = true;
            m.num = k;
            m.den = 40;
            m.interval.method = "wilson";
            at_least(claim(&b, "place.hit_rate"), bound);
            add(&b, &m);
            const onus_claim *c = judged(&b);
            assert_int_equal(c->p_value < 0.05, w.high < bound || w.low > bound);
            onus_result_clear(&b.result);
        }
    }
}

static void holm_over_the_case_is_the_verdict_printed(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    static const char *const groups[] = {"A", "B", "C"};
    /* p at the bound 1: 0.0027, 0.03, 0.04; adjusted over 4 claims (one not testable): 0.0108,
     * 0.09, 0.09 */
    const double z[] = {3.0, 2.17009037758456, 2.05374891063182};
    for (size_t i = 0; i < 3; i++) {
        onus_claim_ref *ref = claim(&b, "burden.ratio");
        scope(ref, "group", groups[i]);
        at_most(ref, 1);
        add_keyed(&b, from_se(exp(0.1 * z[i]), ONUS_SCALE_LOG, 0.1, 0, 0.95), "group", groups[i]);
    }
    at_most(claim(&b, "burden.gini"), 1); /* stays in the family, so the others do not gain by it */
    const onus_claim *c = judged(&b);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c[i].verdict_raw, ONUS_VERDICT_CONTRADICTED);
    }
    assert_true(fabs(c[0].p_value - 0.0026998) < 1e-6);
    assert_true(fabs(c[0].p_holm - 4 * 0.0026998) < 1e-5);
    assert_true(fabs(c[1].p_value - 0.03) < 1e-9);
    assert_true(fabs(c[1].p_holm - 0.09) < 1e-9);
    assert_true(fabs(c[2].p_holm - 0.09) < 1e-9); /* never below the one before */
    assert_int_equal(c[0].verdict, ONUS_VERDICT_CONTRADICTED);
    assert_int_equal(c[1].verdict, ONUS_VERDICT_NOT_SHOWN);
    assert_int_equal(c[2].verdict, ONUS_VERDICT_NOT_SHOWN);
    assert_int_equal(c[3].verdict, ONUS_VERDICT_NOT_TESTABLE);
    assert_true(c[1].has_detectable);
    assert_non_null(strstr(c[1].why, "Alone p = 0.030; among the 4 claims of the case p = 0.090 "
                                     "(Holm), so what alone would be contradicted counts as not "
                                     "shown."));
    onus_result_clear(&b.result);
}

/* Five chances to look wrong: the p of the one that does is multiplied. */
static void a_counterexample_among_many_pays_for_the_search(void **state) {
    (void)state;
    static const char *const groups[] = {"A", "B", "C", "D", "E"};
    for (int strong = 0; strong < 2; strong++) {
        bench b;
        bench_init(&b);
        onus_claim_ref *ref = claim(&b, "burden.ratio");
        scope(ref, "group", "any");
        at_most(ref, 1);
        for (size_t i = 0; i < 5; i++) {
            const double z = i < 4 ? -3.0 : strong ? 3.5 : 2.17009037758456;
            add_keyed(&b, from_se(exp(0.1 * z), ONUS_SCALE_LOG, 0.1, 0, 0.95), "group", groups[i]);
        }
        const onus_claim *c = judged(&b);
        assert_int_equal(c->verdict_raw, ONUS_VERDICT_CONTRADICTED);
        assert_int_equal(c->verdict, strong ? ONUS_VERDICT_CONTRADICTED : ONUS_VERDICT_NOT_SHOWN);
        if (!strong) {
            assert_true(fabs(c->p_value - 0.15) < 1e-9);
        }
        assert_int_equal(c->n_measures, 1);
        onus_result_clear(&b.result);
    }
}

static void the_overall_value_and_our_own_convention_are_meant_unless_named(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 1.4);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    at_most(ref, 1.4);
    scope(ref, "type", "burglary");
    ref = claim(&b, "burden.ratio");
    at_most(ref, 1.4);
    scope(ref, "convention", "markup-2021");
    onus_measure m = plain(1.2, 1.15, 1.25);
    onus_scope_set_text(&m.scope, "convention", "onus");
    add(&b, &m);
    m = plain(1.8, 1.75, 1.85);
    onus_scope_set_text(&m.scope, "convention", "onus");
    add_keyed(&b, m, "type", "burglary");
    m = plain(1.9, 1.85, 1.95);
    add_keyed(&b, m, "convention", "markup-2021");
    const onus_claim *c = judged(&b);
    assert_int_equal(c[0].verdict, ONUS_VERDICT_SUPPORTED);
    assert_non_null(strstr(c[0].why, "The claim names no type, so the value over all is judged"));
    assert_int_equal(c[1].verdict, ONUS_VERDICT_CONTRADICTED);
    assert_int_equal(c[2].verdict, ONUS_VERDICT_CONTRADICTED);
    onus_result_clear(&b.result);
}

static void numbers_in_a_scope_are_numbers(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    ref->scope[0] = (onus_scope_item){.key = (char *)(uintptr_t) "budget",
                                      .text = (char *)(uintptr_t) "1 %",
                                      .is_number = true,
                                      .number = 1.0 / 100.0};
    ref->n_scope = 1;
    at_most(ref, 1);
    for (int i = 1; i <= 5; i++) {
        onus_measure m = i == 1 ? plain(0.5, 0.4, 0.6) : plain(2, 1.9, 2.1);
        onus_scope_set_number(&m.scope, "budget", i * 0.01);
        add(&b, &m);
    }
    const onus_claim *c = judged(&b);
    assert_int_equal(c->verdict, ONUS_VERDICT_SUPPORTED);
    assert_int_equal(c->n_measures, 1);
    onus_result_clear(&b.result);
}

/* By the formula: (z_0.975 + z_0.8) standard errors from the bound, on the measure's scale. */
static void the_smallest_detectable_difference_is_named(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    at_most(claim(&b, "burden.ratio"), 1.25);
    const onus_measure m = from_se(1.3, ONUS_SCALE_LOG, 0.2, 0, 0.95);
    add(&b, &m);
    const onus_claim *c = judged(&b);
    assert_int_equal(c->verdict, ONUS_VERDICT_NOT_SHOWN);
    const double step = (1.959963984540054 + 0.8416212335729143) * 0.2;
    assert_true(c->has_detectable);
    assert_true(fabs(c->detectable - (1.25 * exp(step) - 1.25)) < 1e-9);
    assert_non_null(strstr(c->why, "With 80 % power this evidence could tell only a true value "
                                   "above 2.19 from the bound."));
    onus_result_clear(&b.result);
}

static void a_case_without_claims_has_no_verdicts(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_claims_judge(&b.result, &err), ONUS_OK);
    assert_int_equal(b.result.n_claims, 0);
    onus_result_clear(&b.result);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const double limits[3][2] = {{1.17, 1.38}, {NAN, NAN}, {0.54, 4.77}};
    FAULT_EACH(fault) {
        bench b;
        bench_init(&b);
        onus_claim_ref *ref = claim(&b, "burden.ratio");
        at_most(ref, 1);
        ref = claim(&b, "burden.ratio");
        scope(ref, "group", "A");
        at_most(ref, 1);
        onus_status status = ONUS_OK;
        static const char *const sources[] = {"flags", "census", "space"};
        for (size_t s = 0; s < 3 && status == ONUS_OK; s++) {
            onus_measure m = plain(1.27, limits[s][0], limits[s][1]);
            m.interval.given = s != 1;
            m.reason = s == 1 ? "none" : NULL;
            onus_scope_set_text(&m.scope, "source", sources[s]);
            status = onus_result_add(&b.result, &m, NULL);
        }
        onus_error err = ONUS_ERROR_INIT;
        if (status == ONUS_OK) {
            status = onus_claims_judge(&b.result, &err);
        }
        fault_expect(&fault, status);
        onus_result_clear(&b.result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_interval_decides),
        cmocka_unit_test(nothing_to_judge_by_is_not_testable_and_says_what_is_missing),
        cmocka_unit_test(the_three_sources_of_uncertainty_must_agree),
        cmocka_unit_test(a_missing_source_is_said_in_the_sentence),
        cmocka_unit_test(the_widest_interval_is_the_one_printed),
        cmocka_unit_test(definitions_that_the_claim_leaves_open_must_agree),
        cmocka_unit_test(of_any_group_the_worst_decides),
        cmocka_unit_test(p_and_interval_never_disagree),
        cmocka_unit_test(the_p_of_wilsons_interval_is_the_score_test),
        cmocka_unit_test(holm_over_the_case_is_the_verdict_printed),
        cmocka_unit_test(a_counterexample_among_many_pays_for_the_search),
        cmocka_unit_test(the_overall_value_and_our_own_convention_are_meant_unless_named),
        cmocka_unit_test(numbers_in_a_scope_are_numbers),
        cmocka_unit_test(the_smallest_detectable_difference_is_named),
        cmocka_unit_test(a_case_without_claims_has_no_verdicts),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
