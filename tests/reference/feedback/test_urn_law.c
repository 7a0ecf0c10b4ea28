/* The urn without luck: every figure of urn_exact.json and meanfield.json (exact laws of 15 urns,
 * their limits; expected courses, days to a share, doubling time). Prints how many were looked at.
 * Reads the records from ONUS_SHARED and skips where they are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "onus/stats_urn.h"
#include "urn_inputs.h"

static const double tolerance = 1e-12; /* absolute for shares, relative for what is larger than 1 */

static size_t n_figures;
static size_t n_agreed;

static void agree(const char *of, const char *what, double got, double want) {
    n_figures++;
    if (fabs(got - want) <= tolerance * fmax(1, fabs(want))) {
        n_agreed++;
    } else {
        print_error("%s, %s: %.17g, reference %.17g\n", of, what, got, want);
    }
}

/* A Beta's mean and sd are in limit_mean_sd, its parameters in words in limit. */
static void check_beta(const char *name, json_t *want, const onus_urn_limit *limit) {
    assert_int_equal(limit->kind, ONUS_URN_LIMIT_BETA);
    double alpha = 0;
    double beta = 0;
    assert_int_equal(
        sscanf(json_string_value(json_object_get(want, "limit")), "Beta(%lf,%lf)", &alpha, &beta),
        2);
    agree(name, "limit alpha", limit->alpha, alpha);
    agree(name, "limit beta", limit->beta, beta);
    json_t *pair = json_object_get(want, "limit_mean_sd");
    agree(name, "limit mean", limit->share_frac, json_number_value(json_array_get(pair, 0)));
    agree(name, "limit sd", limit->sd, json_number_value(json_array_get(pair, 1)));
}

/* P(k of n) of Polya's urn is beta-binomial: in closed form, beside the recursion. */
static double largest_gap_to_beta_binomial(const onus_urn_law *law, double alpha, double beta) {
    const double n = (double)(law->n_atoms - 1);
    double gap = 0;
    for (size_t i = 0; i < law->n_atoms; i++) {
        const double k = (double)i;
        const double p = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + lgamma(k + alpha) +
                             lgamma(n - k + beta) - lgamma(n + alpha + beta) +
                             lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta));
        gap = fmax(gap, fabs(p - law->probability[i]));
    }
    return gap;
}

static void check_urn(const char *name, json_t *want) {
    const double balls[2] = {number(want, "nA"), number(want, "nB")};
    const double rows[4] = {number(want, "a"), number(want, "b"), number(want, "c"),
                            number(want, "d")};
    onus_urn urn = ONUS_URN_INIT;
    urn.n_areas = 2;
    urn.start_balls = balls;
    urn.increments = rows;
    onus_urn_law law;
    assert_int_equal(onus_urn_law_new(&urn, (uint64_t)number(want, "draws"), &law, NULL), ONUS_OK);
    agree(name, "mean", onus_urn_law_mean(&law), number(want, "mean"));
    agree(name, "sd", onus_urn_law_sd(&law), number(want, "sd"));
    double all = 0;
    for (size_t k = 0; k < law.n_atoms; k++) {
        all += law.probability[k];
    }
    agree(name, "sum_p", all, number(want, "sum_p"));
    const char *p = NULL;
    json_t *value = NULL;
    json_object_foreach(json_object_get(want, "quantiles"), p, value) {
        agree(name, p, onus_urn_law_quantile(&law, strtod(p, NULL)), json_number_value(value));
    }
    onus_urn_limit limit;
    assert_int_equal(onus_urn_limit_of(&urn, &limit, NULL), ONUS_OK);
    if (json_is_number(json_object_get(want, "renlund_limit"))) {
        assert_int_equal(limit.kind, ONUS_URN_LIMIT_POINT);
        agree(name, "renlund_limit", limit.share_frac, number(want, "renlund_limit"));
    } else {
        check_beta(name, want, &limit);
        agree(name, "beta-binomial", largest_gap_to_beta_binomial(&law, limit.alpha, limit.beta),
              number(want, "max_abs_diff_betabinom"));
    }
    onus_urn_law_clear(&law);
}

static void exact_laws_and_limits_are_the_reference_s_to_1e_12(void **state) {
    (void)state;
    json_t *root = read_reference("urn_exact.json");
    n_figures = n_agreed = 0;
    const char *name = NULL;
    json_t *want = NULL;
    json_object_foreach(root, name, want) {
        check_urn(name, want);
    }
    print_message("# %zu of %zu figures of %zu exact laws agree to 1e-12\n", n_agreed, n_figures,
                  json_object_size(root));
    assert_int_equal(json_object_size(root), 15);
    assert_int_equal(n_agreed, n_figures);
    json_decref(root);
}

static const onus_urn_pair top_two = {609, 379, 3.68511, 2.816466};

static void the_expected_course_is_the_reference_s_to_1e_12(void **state) {
    (void)state;
    json_t *root = read_reference("meanfield.json");
    n_figures = n_agreed = 0;
    agree("no decay", "1000 days", onus_urn_share_after(&top_two, 1000).value,
          number(root, "diag_meanfield_top2_strong_1000"));
    agree("no decay", "10000 days", onus_urn_share_after(&top_two, 10000).value,
          number(root, "..._10000"));
    agree("no decay", "days to 90 %", onus_urn_days_to_share(&top_two, 0.9).value,
          number(root, "days_to_90pct"));
    agree("no decay", "days to 99 %", onus_urn_days_to_share(&top_two, 0.99).value,
          number(root, "days_to_99pct"));
    agree("decay", "doubling", onus_urn_doubling_days(3.68511, 2.816466, 0.01).value,
          number(root, "decay_odds_doubling_days_steady"));

    const double balls[2] = {609, 379};
    const double rows[4] = {3.68511, 0, 0, 2.816466};
    onus_urn urn = ONUS_URN_INIT;
    urn.n_areas = 2;
    urn.start_balls = balls;
    urn.increments = rows;
    urn.decay_frac = 0.01;
    const char *days = NULL;
    json_t *value = NULL;
    json_object_foreach(json_object_get(root, "decay_meanfield"), days, value) {
        const uint64_t horizon = strtoull(days, NULL, 10);
        double out[3];
        assert_int_equal(onus_urn_mean_field(&urn, &horizon, 1, out, NULL), ONUS_OK);
        agree("decay", days, out[0], json_number_value(value));
    }
    print_message("# %zu of %zu figures of the expected course agree to 1e-12\n", n_agreed,
                  n_figures);
    assert_int_equal(n_figures, 11);
    assert_int_equal(n_agreed, n_figures);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_laws_and_limits_are_the_reference_s_to_1e_12),
        cmocka_unit_test(the_expected_course_is_the_reference_s_to_1e_12),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
