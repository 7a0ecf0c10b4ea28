/* The feedback urn without luck: its exact law against all paths and against simulation, limits
 * against long courses, speeds against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../fault.h"
#include "../random.h"
#include "urn.h"

static const onus_context one_thread = {.n_threads = 1};

static double random_entry(uint64_t *state) {
    return (double)random_below(state, 8) / 4;
}

/* ---- the exact law ---- */
typedef struct all_paths {
    const onus_urn *urn;
    double mean;
    double square;
    double above;
    double bound;
} all_paths;

static void walk(all_paths *paths, double a, double b, double p, int n_left) {
    const double share = a / (a + b);
    if (n_left == 0) {
        paths->mean += p * share;
        paths->square += p * share * share;
        paths->above += share > paths->bound ? p : 0;
        return;
    }
    const double *m = paths->urn->increments;
    const double *start = paths->urn->start_balls;
    const double x =
        paths->urn->attention == ONUS_URN_OPEN ? start[0] / (start[0] + start[1]) : share;
    walk(paths, a + m[0], b + m[1], p * x, n_left - 1);
    walk(paths, a + m[2], b + m[3], p * (1 - x), n_left - 1);
}

static void the_law_is_that_of_all_paths(void **state) {
    (void)state;
    uint64_t random = 3;
    for (int trial = 0; trial < test_mult(200); trial++) {
        const double balls[2] = {1 + random_entry(&random), 1 + random_entry(&random)};
        double rows[4];
        for (size_t k = 0; k < 4; k++) {
            rows[k] = random_entry(&random);
        }
        onus_urn urn = urn_of(2, balls, rows);
        urn.attention = trial % 4 == 0 ? ONUS_URN_OPEN : ONUS_URN_CLOSED;
        const int n = (int)random_below(&random, 11);
        all_paths paths = {.urn = &urn, .bound = 0.5 + 1e-9};
        walk(&paths, balls[0], balls[1], 1, n);
        onus_urn_law law;
        assert_int_equal(onus_urn_law_new(&urn, (uint64_t)n, &law, NULL), ONUS_OK);
        assert_int_equal(law.n_atoms, n + 1);
        assert_true(fabs(onus_urn_law_mean(&law) - paths.mean) < 1e-13);
        const double sd = sqrt(fmax(paths.square - paths.mean * paths.mean, 0));
        assert_true(fabs(onus_urn_law_sd(&law) - sd) < 1e-7);
        assert_true(fabs(onus_urn_law_above(&law, paths.bound) - paths.above) < 1e-13);
        for (size_t k = 1; k < law.n_atoms; k++) {
            assert_true(law.share_frac[k] >= law.share_frac[k - 1] - 1e-15);
        }
        onus_urn_law_clear(&law);
    }
}

/* Swapping the areas turns every share into one less it. */
static void the_law_of_swapped_areas_is_mirrored(void **state) {
    (void)state;
    const double balls[2] = {6.09, 3.79};
    const double swapped_balls[2] = {3.79, 6.09};
    const double rows[4] = {3.7, 0.3, 0.6, 2.8};
    const double swapped_rows[4] = {2.8, 0.6, 0.3, 3.7};
    const onus_urn urn = urn_of(2, balls, rows);
    const onus_urn swapped = urn_of(2, swapped_balls, swapped_rows);
    onus_urn_law a;
    onus_urn_law b;
    assert_int_equal(onus_urn_law_new(&urn, 500, &a, NULL), ONUS_OK);
    assert_int_equal(onus_urn_law_new(&swapped, 500, &b, NULL), ONUS_OK);
    assert_true(fabs(onus_urn_law_mean(&a) + onus_urn_law_mean(&b) - 1) < 1e-13);
    assert_true(fabs(onus_urn_law_sd(&a) - onus_urn_law_sd(&b)) < 1e-13);
    for (size_t k = 0; k < a.n_atoms; k++) {
        assert_true(fabs(a.share_frac[k] + b.share_frac[500 - k] - 1) < 1e-13);
        assert_true(fabs(a.probability[k] - b.probability[500 - k]) < 1e-13);
    }
    assert_true(isnan(onus_urn_law_quantile(&a, 0)) && isnan(onus_urn_law_quantile(&a, 1)));
    onus_urn_law_clear(&a);
    onus_urn_law_clear(&b);
}

/* Kolmogorov's distance of 20,000 runs from the law; 1.95 / sqrt(n) has p = 0.001. */
static void runs_follow_the_law(void **state) {
    (void)state;
    enum { RUNS = 20000 };
    const double balls[2] = {6, 4};
    const double rows[4] = {3, 1, 1, 2};
    const onus_urn urn = urn_of(2, balls, rows);
    const uint64_t horizon = 50;
    double *out = simulate(&urn, &horizon, 1, RUNS, &one_thread);
    onus_urn_law law;
    assert_int_equal(onus_urn_law_new(&urn, horizon, &law, NULL), ONUS_OK);
    double below = 0;
    for (size_t k = 0; k < law.n_atoms; k++) {
        below += law.probability[k];
        size_t seen = 0;
        for (size_t r = 0; r < RUNS; r++) {
            seen += out[3 * r] <= law.share_frac[k] + 1e-12;
        }
        assert_true(fabs((double)seen / RUNS - below) < 1.95 / sqrt(RUNS));
    }
    free(out);
    onus_urn_law_clear(&law);
}

/* An open urn that only discovers draws area A a binomial number of times. */
static void an_open_urn_has_a_binomial_law(void **state) {
    (void)state;
    const double balls[2] = {3, 1};
    const double rows[4] = {1, 0, 0, 1};
    onus_urn urn = urn_of(2, balls, rows);
    urn.attention = ONUS_URN_OPEN;
    onus_urn_law law;
    assert_int_equal(onus_urn_law_new(&urn, 100, &law, NULL), ONUS_OK);
    assert_true(fabs(onus_urn_law_mean(&law) - 0.75) < 1e-14);
    assert_true(fabs(onus_urn_law_sd(&law) - sqrt(100 * 0.75 * 0.25) / 104) < 1e-14);
    onus_urn_law_clear(&law);
}

static void urns_without_an_exact_law_are_refused_with_the_reason(void **state) {
    (void)state;
    const double balls[3] = {1, 1, 1};
    const double rows[9] = {1, 0, 0, 1, 0, 0, 0, 0, 1};
    onus_urn_law law;
    onus_error err = ONUS_ERROR_INIT;
    const char *said[] = {"more than two areas", "random", "repaired", "decay", "100000 or less"};
    for (int k = 0; k < 5; k++) {
        onus_urn urn = urn_of(k == 0 ? 3 : 2, balls, rows);
        urn.noise = k == 1 ? ONUS_URN_POISSON : ONUS_URN_FIXED;
        urn.repair = k == 2 ? ONUS_URN_REPAIR_REJECT : ONUS_URN_REPAIR_NONE;
        urn.decay_frac = k == 3 ? 0.1 : 0;
        const uint64_t n_draws = k == 4 ? 100001 : 5;
        assert_int_equal(onus_urn_law_new(&urn, n_draws, &law, &err), ONUS_ERR_DOMAIN);
        assert_non_null(strstr(err.text, said[k]));
        assert_int_equal(law.n_atoms, 0);
    }
}

/* ---- limits ---- */
static onus_urn_limit limit_of(const onus_urn *urn) {
    onus_urn_limit limit;
    assert_int_equal(onus_urn_limit_of(urn, &limit, NULL), ONUS_OK);
    return limit;
}

/* The expected course of a light urn comes near the root in which the push on it vanishes. */
static void expected_courses_end_at_the_stable_root(void **state) {
    (void)state;
    uint64_t random = 9;
    size_t n_tried = 0;
    for (int trial = 0; trial < test_mult(200); trial++) {
        const double balls[2] = {0.1, 0.1};
        double rows[4];
        for (size_t k = 0; k < 4; k++) {
            rows[k] = random_entry(&random);
        }
        const double a = rows[0];
        const double b = rows[1];
        const double c = rows[2];
        const double d = rows[3];
        const onus_urn urn = urn_of(2, balls, rows);
        const onus_urn_limit limit = limit_of(&urn);
        if (limit.kind != ONUS_URN_LIMIT_POINT) {
            assert_true(b == 0 && c == 0 && a == d);
            continue;
        }
        const double x = limit.share_frac;
        assert_true(x >= 0 && x <= 1);
        assert_true(fabs((c + d - a - b) * x * x + (a - 2 * c - d) * x + c) < 1e-13);
        /* courses near a double root creep: these are left to the identity above */
        const double slope = 2 * (c + d - a - b) * x + (a - 2 * c - d);
        const double grown = x * (a + b) + (1 - x) * (c + d);
        if (slope > -0.4 * grown) {
            continue;
        }
        const uint64_t horizon = 200000;
        double out[3];
        assert_int_equal(onus_urn_mean_field(&urn, &horizon, 1, out, NULL), ONUS_OK);
        assert_true(fabs(out[0] - x) < 0.02);
        n_tried++;
    }
    assert_true(n_tried > 100);
}

static void limits_of_special_urns(void **state) {
    (void)state;
    double balls[2] = {3, 5};
    double rows[4] = {2, 0, 0, 2};
    onus_urn urn = urn_of(2, balls, rows);
    onus_urn_limit limit = limit_of(&urn);
    assert_int_equal(limit.kind, ONUS_URN_LIMIT_BETA);
    assert_true(limit.alpha == 1.5 && limit.beta == 2.5);
    balls[0] = 0; /* an area that is empty and never fed */
    assert_true(limit_of(&urn).kind == ONUS_URN_LIMIT_POINT && limit_of(&urn).share_frac == 0);
    rows[0] = 9;
    assert_true(limit_of(&urn).share_frac == 0);
    balls[0] = 1;
    assert_true(limit_of(&urn).share_frac == 1);
    balls[1] = 0;
    rows[0] = 1;
    assert_true(limit_of(&urn).share_frac == 1);
    balls[1] = 1;
    assert_true(limit_of(&urn).share_frac == 0);
    urn.repair = ONUS_URN_REPAIR_REJECT;
    assert_true(fabs(limit_of(&urn).share_frac - 1.0 / 3) < 1e-15);
    urn.attention = ONUS_URN_OPEN;
    urn.repair = ONUS_URN_REPAIR_NONE;
    assert_true(fabs(limit_of(&urn).share_frac - 1.0 / 3) < 1e-15);
}

static void limits_that_nobody_knows_have_a_reason(void **state) {
    (void)state;
    const double balls[3] = {1, 1, 1};
    const double rows[9] = {1, 0, 0, 1, 0, 0, 0, 0, 1};
    const double none[4] = {0, 0, 0, 0};
    for (int k = 0; k < 5; k++) {
        onus_urn urn = urn_of(k == 0 ? 3 : 2, balls, k == 4 ? none : rows);
        urn.decay_frac = k == 1 ? 0.1 : 0;
        urn.noise = k == 2 ? ONUS_URN_POISSON : ONUS_URN_FIXED;
        urn.repair = k == 3 ? ONUS_URN_REPAIR_REJECT : ONUS_URN_REPAIR_NONE;
        urn.rejected = rows;
        const onus_urn_limit limit = limit_of(&urn);
        assert_int_equal(limit.kind, ONUS_URN_LIMIT_NONE);
        assert_non_null(limit.reason);
        assert_true(isnan(limit.share_frac) && isnan(limit.sd));
    }
}

/* ---- the expected course ---- */
static const onus_urn_pair oakland = {609, 379, 3.68511, 2.816466};

static void days_and_shares_are_inverse(void **state) {
    (void)state;
    static const double shares[] = {0.617, 0.65, 0.9, 0.999, 0.9999};
    for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
        const onus_number days = onus_urn_days_to_share(&oakland, shares[k]);
        assert_null(days.reason);
        const onus_number share = onus_urn_share_after(&oakland, days.value);
        assert_true(fabs(share.value - shares[k]) < 1e-12);
    }
    assert_true(onus_urn_share_after(&oakland, 0).value == 609.0 / 988);
    const onus_urn_pair even = {3, 1, 2, 2};
    assert_true(onus_urn_share_after(&even, 1e6).value == 0.75);
    assert_true(onus_urn_days_to_share(&even, 0.75).value == 0);
}

/* Draw by draw is Euler's method: with the same urn a hundred times as full, the course of a
 * hundred times as many draws is nearer to the curve. */
static void the_curve_is_the_course_of_ever_fuller_urns(void **state) {
    (void)state;
    double last = 1;
    static const double fills[] = {0.01, 0.1, 1, 10};
    for (size_t k = 0; k < sizeof fills / sizeof *fills; k++) {
        const double full = fills[k];
        const double balls[2] = {609 * full, 379 * full};
        const double rows[4] = {3.68511, 0, 0, 2.816466};
        const onus_urn urn = urn_of(2, balls, rows);
        const uint64_t horizon = (uint64_t)(1000 * full);
        double out[3];
        assert_int_equal(onus_urn_mean_field(&urn, &horizon, 1, out, NULL), ONUS_OK);
        const double gap = fabs(out[0] - onus_urn_share_after(&oakland, 1000).value);
        assert_true(gap < 0.2 * last);
        last = gap;
    }
    assert_true(last < 1e-5);
}

static void the_expected_course_follows_the_names_of_areas(void **state) {
    (void)state;
    const double balls[3] = {5, 2, 9};
    const double rows[9] = {3, 1, 0, 0, 4, 0.5, 1, 0, 2};
    const double moved_balls[3] = {9, 5, 2};
    const double moved_rows[9] = {2, 1, 0, 0, 3, 1, 0.5, 0, 4};
    const uint64_t horizon[] = {1, 77};
    double a[8];
    double b[8];
    for (int repair = 0; repair < 3; repair++) {
        onus_urn urn = urn_of(3, balls, rows);
        urn.repair = (onus_urn_repair)repair;
        urn.decay_frac = 0.01;
        assert_int_equal(onus_urn_mean_field(&urn, horizon, 2, a, NULL), ONUS_OK);
        urn.start_balls = moved_balls;
        urn.increments = moved_rows;
        assert_int_equal(onus_urn_mean_field(&urn, horizon, 2, b, NULL), ONUS_OK);
        for (size_t h = 0; h < 2; h++) {
            assert_true(fabs(a[4 * h] - b[4 * h + 1]) < 1e-13);
            assert_true(fabs(a[4 * h + 1] - b[4 * h + 2]) < 1e-13);
            assert_true(fabs(a[4 * h + 2] - b[4 * h]) < 1e-13);
            assert_true(fabs(a[4 * h + 3] - b[4 * h + 3]) < 1e-10);
        }
    }
}

/* Once the start is forgotten and while shares are near even, odds grow by e per balls / gap. */
static void odds_double_in_the_doubling_time(void **state) {
    (void)state;
    const double p = 1e-4;
    const double rate_a = 3.01;
    const double rate_b = 2.99;
    const double all = (rate_a + rate_b) / 2 / p;
    const double balls[2] = {all / 2, all / 2};
    const double rows[4] = {rate_a, 0, 0, rate_b};
    onus_urn urn = urn_of(2, balls, rows);
    urn.decay_frac = p;
    const double days = onus_urn_doubling_days(rate_a, rate_b, p).value;
    const uint64_t horizon = (uint64_t)llround(days);
    double out[3];
    assert_int_equal(onus_urn_mean_field(&urn, &horizon, 1, out, NULL), ONUS_OK);
    assert_true(fabs(out[0] / out[1] - 2) < 0.01);
    assert_true(onus_urn_doubling_days(rate_b, rate_a, p).value == days);
}

static void speeds_that_do_not_exist_have_a_reason(void **state) {
    (void)state;
    const onus_urn_pair even = {3, 1, 2, 2};
    const onus_urn_pair empty = {0, 1, 2, 2};
    const onus_urn_pair close = {1, 1, 2, 2 - 1e-9};
    const onus_number none[] = {
        onus_urn_days_to_share(&even, 0.9),       onus_urn_days_to_share(&oakland, 0.5),
        onus_urn_days_to_share(&oakland, 1),      onus_urn_days_to_share(&oakland, NAN),
        onus_urn_days_to_share(&empty, 0.5),      onus_urn_days_to_share(&close, 0.9),
        onus_urn_share_after(&empty, 1),          onus_urn_share_after(&oakland, -1),
        onus_urn_share_after(&oakland, INFINITY), onus_urn_doubling_days(2, 2, 0.1),
        onus_urn_doubling_days(2, 1, 0),          onus_urn_doubling_days(2, 1, 1),
        onus_urn_doubling_days(-2, 1, 0.1),
    };
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        assert_true(isnan(none[k].value));
        assert_non_null(none[k].reason);
    }
}

static void memory_that_ends_leaves_nothing_behind(void **state) {
    (void)state;
    const double balls[2] = {6, 4};
    const double rows[4] = {3, 1, 1, 2};
    const onus_urn urn = urn_of(2, balls, rows);
    const uint64_t horizon = 5;
    FAULT_EACH(fault) {
        onus_urn_law law;
        fault_expect(&fault, onus_urn_law_new(&urn, 9, &law, NULL));
        onus_urn_law_clear(&law);
    }
    double out[3];
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_urn_mean_field(&urn, &horizon, 1, out, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_is_that_of_all_paths),
        cmocka_unit_test(the_law_of_swapped_areas_is_mirrored),
        cmocka_unit_test(runs_follow_the_law),
        cmocka_unit_test(an_open_urn_has_a_binomial_law),
        cmocka_unit_test(urns_without_an_exact_law_are_refused_with_the_reason),
        cmocka_unit_test(expected_courses_end_at_the_stable_root),
        cmocka_unit_test(limits_of_special_urns),
        cmocka_unit_test(limits_that_nobody_knows_have_a_reason),
        cmocka_unit_test(days_and_shares_are_inverse),
        cmocka_unit_test(the_curve_is_the_course_of_ever_fuller_urns),
        cmocka_unit_test(the_expected_course_follows_the_names_of_areas),
        cmocka_unit_test(odds_double_in_the_doubling_time),
        cmocka_unit_test(speeds_that_do_not_exist_have_a_reason),
        cmocka_unit_test(memory_that_ends_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
