/* Binomial intervals: every row of the shared 40-digit reference, and the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/scalar.h"
#include "onus/stats_dyadic.h"
#include "onus/stats_interval.h"

/* One record of numbers; returns how many, 0 at the end. Lines that begin with no digit are none.
 */
static int next_row(FILE *file, double *row, int cap) {
    char line[1024];
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] < '0' || line[0] > '9') {
            continue;
        }
        int n = 0;
        line[strcspn(line, "\r\n")] = '\0';
        for (char *at = line; at != NULL && n < cap; n++) {
            char *comma = strchr(at, ',');
            const size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at);
            assert_true(onus_parse_double(at, len, &row[n]));
            at = comma != NULL ? comma + 1 : NULL;
        }
        return n;
    }
    return 0;
}

static FILE *open_shared(const char *name) {
    const char *root = getenv("ONUS_SHARED");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared", name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        skip();
    }
    return file;
}

static void check(const char *what, const double *row, double got, double wanted) {
    const double miss = fabs(got - wanted);
    if (!(miss <= 1e-12 * fabs(wanted))) {
        fail_msg("%s of %.0f of %.0f at %g: %.17g, not %.17g (%.2g)", what, row[0], row[1], row[2],
                 got, wanted, miss / fabs(wanted));
    }
}

static void every_row_of_the_reference_to_twelve_digits(void **state) {
    (void)state;
    FILE *file = open_shared("expected/match/ci/intervals.csv");
    double row[13];
    int n_rows = 0;
    while (next_row(file, row, 13) == 13) {
        const onus_limits limits[] = {
            onus_wilson(row[0], row[1], row[2]), onus_clopper_pearson(row[0], row[1], row[2]),
            onus_jeffreys(row[0], row[1], row[2]), onus_agresti_coull(row[0], row[1], row[2])};
        const char *const names[] = {"Wilson", "Clopper-Pearson", "Jeffreys", "Agresti-Coull"};
        for (int k = 0; k < 4; k++) {
            check(names[k], row, limits[k].low, row[4 + 2 * k]);
            check(names[k], row, limits[k].high, row[5 + 2 * k]);
        }
        check("upper limit", row, onus_clopper_pearson_upper(row[0], row[1], row[2]), row[12]);
        n_rows++;
    }
    (void)fclose(file);
    assert_int_equal(n_rows, 68);
}

static void no_errors_of_many_by_rule_and_exactly(void **state) {
    (void)state;
    FILE *file = open_shared("expected/match/ci/rules.csv");
    double row[3];
    int n_rows = 0;
    while (next_row(file, row, 3) == 3) {
        assert_true(fabs(onus_rule_of_three(row[0]) - row[1]) <= 1e-15 * row[1]);
        assert_true(fabs(onus_zero_bound(row[0], 0.95) - row[2]) <= 1e-12 * row[2]);
        n_rows++;
    }
    (void)fclose(file);
    assert_int_equal(n_rows, 10);
    assert_true(onus_rule_of_three(2.0) == 1.0);
    assert_true(isnan(onus_rule_of_three(0.0)));
    assert_true(isnan(onus_zero_bound(0.0, 0.95)));
}

/* I_x(k, n - k + 1) = P(at least k of n): sums of binomial terms. */
static double at_least(int k, int n, double x) {
    double sum = 0.0;
    for (int i = k; i <= n; i++) {
        sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(x) +
                   (n - i) * log1p(-x));
    }
    return sum;
}

static void limits_are_where_the_tails_are_what_they_should_be(void **state) {
    (void)state;
    for (int n = 1; n <= 40; n += 3) {
        for (int k = 1; k <= n; k++) {
            const onus_limits limits = onus_clopper_pearson(k, n, 0.95);
            assert_true(fabs(at_least(k, n, limits.low) - 0.025) < 1e-12);
            if (k < n) {
                assert_true(fabs(1.0 - at_least(k + 1, n, limits.high) - 0.025) < 1e-12);
            }
        }
    }
}

static void an_interval_and_its_mirror_image(void **state) {
    (void)state;
    const double n[] = {7, 1000, 123456, 1e8};
    const double share[] = {0.0, 0.01, 0.3, 0.5};
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            const double k = floor(share[j] * n[i]);
            const onus_limits a = onus_clopper_pearson(k, n[i], 0.9);
            const onus_limits b = onus_clopper_pearson(n[i] - k, n[i], 0.9);
            const onus_limits c = onus_jeffreys(k, n[i], 0.9);
            assert_true(fabs(a.low - (1.0 - b.high)) < 1e-14);
            assert_true(fabs(a.high - (1.0 - b.low)) < 1e-14);
            assert_true(a.low <= c.low && c.high <= a.high); /* Jeffreys lies inside */
        }
    }
}

static void closed_forms_of_beta_quantiles(void **state) {
    (void)state;
    for (double p = 1e-12; p < 1.0; p = p * 7.0 + 1e-3) {
        assert_true(fabs(onus_beta_quantile(p, 1.0, 1.0) - p) <= 1e-13 * p);
        const double first = pow(p, 1.0 / 3.5);
        assert_true(fabs(onus_beta_quantile(p, 3.5, 1.0) - first) <= 1e-12 * first);
        const double second = -expm1(log1p(-p) / 400.0);
        assert_true(fabs(onus_beta_quantile(p, 1.0, 400.0) - second) <= 1e-13 * second);
        const double arc = pow(sin(0.5 * M_PI * p), 2.0);
        assert_true(fabs(onus_beta_quantile(p, 0.5, 0.5) - arc) <= 1e-13 * arc);
    }
    assert_true(onus_beta_quantile(0.0, 2.0, 3.0) == 0.0);
    assert_true(onus_beta_quantile(1.0, 2.0, 3.0) == 1.0);
}

static void outside_the_domain_there_is_none(void **state) {
    (void)state;
    const double bad[][3] = {{-1, 5, 0.95}, {6, 5, 0.95},   {1, 0, 0.95},   {1, 5, 0.0},
                             {1, 5, 1.0},   {NAN, 5, 0.95}, {1, NAN, 0.95}, {1, INFINITY, 0.95}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double *b = bad[i];
        assert_true(isnan(onus_clopper_pearson(b[0], b[1], b[2]).low));
        assert_true(isnan(onus_jeffreys(b[0], b[1], b[2]).high));
        assert_true(isnan(onus_agresti_coull(b[0], b[1], b[2]).low));
        assert_true(isnan(onus_clopper_pearson_upper(b[0], b[1], b[2])));
    }
    assert_true(isnan(onus_beta_quantile(0.5, 0.0, 1.0)));
    assert_true(isnan(onus_beta_quantile(0.5, 1.0, INFINITY)));
    assert_true(isnan(onus_beta_quantile(1.5, 1.0, 1.0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_reference_to_twelve_digits),
        cmocka_unit_test(no_errors_of_many_by_rule_and_exactly),
        cmocka_unit_test(limits_are_where_the_tails_are_what_they_should_be),
        cmocka_unit_test(an_interval_and_its_mirror_image),
        cmocka_unit_test(closed_forms_of_beta_quantiles),
        cmocka_unit_test(outside_the_domain_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
