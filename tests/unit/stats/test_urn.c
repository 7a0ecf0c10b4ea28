/* The feedback urn by simulation: its counts against their law, loops that must not differ,
 * permuted areas, degenerate urns, values outside the domain. (Draw by draw: test_urn_plain.c.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../fault.h"
#include "urn.h"

static const onus_context one_thread = {.n_threads = 1};

/* ---- counts ---- */
/* Mean and variance of the balls of a one-draw urn over runs, beside what they should be. */
static void check_count(const onus_urn *urn, double mean, double variance, double fourth) {
    enum { RUNS = 10000 };
    const uint64_t one = 1;
    double *out = simulate(urn, &one, 1, RUNS, &one_thread);
    double sum = 0;
    double squares = 0;
    for (size_t r = 0; r < RUNS; r++) {
        const double off = out[3 * r + 2] - mean;
        sum += off;
        squares += off * off;
    }
    free(out);
    assert_true(fabs(sum / RUNS) <= 4 * sqrt(variance / RUNS));
    assert_true(fabs(squares / RUNS - variance) <= 4 * sqrt((fourth - variance * variance) / RUNS));
}

static void poisson_counts_have_their_moments(void **state) {
    (void)state;
    static const double means[] = {0.01, 0.3, 3.685, 40, 700, 1e6};
    for (size_t k = 0; k < sizeof means / sizeof *means; k++) {
        const double m = means[k];
        const double balls[2] = {1, 0};
        const double rows[4] = {m, 0, 0, 0};
        onus_urn urn = urn_of(2, balls, rows);
        urn.noise = ONUS_URN_POISSON;
        check_count(&urn, 1 + m, m, m + 3 * m * m);
    }
}

/* Small and large numbers of balls; few, half and nearly all of them forgotten: all four ways in
 * which a count is found. */
static void forgotten_balls_have_their_moments(void **state) {
    (void)state;
    static const double cases[][2] = {{200, 0.01}, {1000, 0.03}, {5000, 0.001}, {5000, 0.2},
                                      {1e6, 0.01}, {300, 0.9},   {1e6, 0.97},   {5000, 0.9999},
                                      {60, 0.5},   {1e7, 0.3},   {1e12, 1e-9}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const double n = cases[k][0];
        const double p = cases[k][1];
        const double balls[2] = {n, 0};
        const double rows[4] = {0, 0, 0, 0};
        onus_urn urn = urn_of(2, balls, rows);
        urn.decay_frac = p;
        urn.min_balls = 1e-9; /* the empty area holds this much */
        const double v = n * p * (1 - p);
        check_count(&urn, n * (1 - p), v, 3 * v * v + v * (1 - 6 * p * (1 - p)));
    }
}

/* The distribution and not only its moments, where no table reaches: 5,000 balls. */
static void forgotten_balls_past_the_tables_have_their_law(void **state) {
    (void)state;
    enum { RUNS = 20000, LOW = 30, HIGH = 70 };
    const double n = 5000;
    const double p = 0.01;
    const double balls[2] = {n, 0};
    const double rows[4] = {0, 0, 0, 0};
    onus_urn urn = urn_of(2, balls, rows);
    urn.decay_frac = p;
    urn.min_balls = 1e-9;
    const uint64_t one = 1;
    double *out = simulate(&urn, &one, 1, RUNS, &one_thread);
    double seen[HIGH + 1] = {0};
    for (size_t r = 0; r < RUNS; r++) {
        const double k = n - round(out[3 * r + 2]);
        seen[(size_t)fmin(fmax(k, LOW), HIGH)]++;
    }
    free(out);
    double chi2 = 0;
    double term = exp(n * log1p(-p));
    double expected[HIGH + 1] = {0};
    for (int k = 0; k <= 5000; k++) {
        expected[k < LOW ? LOW : k > HIGH ? HIGH : k] += RUNS * term;
        term *= (n - k) / (k + 1) * (p / (1 - p));
    }
    for (int k = LOW; k <= HIGH; k++) {
        chi2 += (seen[k] - expected[k]) * (seen[k] - expected[k]) / expected[k];
    }
    assert_true(chi2 < 77); /* 40 degrees of freedom: 77.0 has p = 4e-4 */
}

/* ---- loops ---- */
static const double oakland_balls[] = {609, 379};
static const double oakland_rates[] = {3.68511, 2.816466};
static const double nothing[] = {0, 0};

/* Residents report wherever patrols go: then there is no loop, run by run and to the last bit. */
static void reported_incidents_alone_make_no_loop(void **state) {
    (void)state;
    double rows[4];
    onus_urn_mix(nothing, oakland_rates, 2, rows, NULL);
    onus_urn urn = urn_of(2, oakland_balls, rows);
    urn.noise = ONUS_URN_POISSON;
    urn.decay_frac = 0.01;
    const uint64_t horizon[] = {10, 500};
    double *closed = simulate(&urn, horizon, 2, 50, &one_thread);
    urn.attention = ONUS_URN_OPEN;
    double *open = simulate(&urn, horizon, 2, 50, &one_thread);
    assert_memory_equal(closed, open, 50 * 6 * sizeof *open);
    free(closed);
    free(open);
}

static double mean_share(const onus_urn *urn, uint64_t n_draws, uint64_t n_runs, double *sd) {
    double *out = simulate(urn, &n_draws, 1, n_runs, &one_thread);
    const onus_urn_column column = {
        .runs = out, .n_runs = n_runs, .width = urn->n_areas + 1, .k = 0};
    onus_urn_summary of = {0};
    assert_int_equal(onus_urn_summarise(&column, NAN, NULL, 0, &of, NULL), ONUS_OK);
    assert_int_equal(of.n_runaway, 0);
    free(out);
    *sd = of.sd;
    return of.mean;
}

static void discoveries_feed_themselves_and_repairs_end_it(void **state) {
    (void)state;
    enum { RUNS = 1000 };
    double rows[4];
    onus_urn_mix(oakland_rates, nothing, 2, rows, NULL);
    const double truth = oakland_rates[0] / (oakland_rates[0] + oakland_rates[1]);
    onus_urn urn = urn_of(2, oakland_balls, rows);
    urn.noise = ONUS_URN_POISSON;
    urn.decay_frac = 0.01;
    double sd = 0;
    assert_true(mean_share(&urn, 1000, RUNS, &sd) > truth + 0.3);
    urn.repair = ONUS_URN_REPAIR_WEIGH;
    const double weighed = mean_share(&urn, 1000, RUNS, &sd);
    assert_true(fabs(weighed - truth) < 0.01);
    const double weighed_sd = sd;
    urn.repair = ONUS_URN_REPAIR_REJECT;
    assert_true(fabs(mean_share(&urn, 1000, RUNS, &sd) - truth) < 0.01);
    assert_true(weighed_sd < sd); /* a coin adds noise of its own */
}

/* With three areas, a repaired urn of any start comes to hold them as the truth does. */
static void a_repaired_urn_of_three_areas_finds_the_truth(void **state) {
    (void)state;
    enum { RUNS = 200 };
    const double balls[3] = {50, 5, 20};
    const double rates[3] = {2, 4, 6};
    const double none[3] = {0, 0, 0};
    double rows[9];
    onus_urn_mix(rates, none, 3, rows, NULL);
    onus_urn urn = urn_of(3, balls, rows);
    urn.noise = ONUS_URN_POISSON;
    urn.repair = ONUS_URN_REPAIR_REJECT;
    const uint64_t horizon = 10000;
    double *out = simulate(&urn, &horizon, 1, RUNS, &one_thread);
    for (size_t i = 0; i < 3; i++) {
        double sum = 0;
        double squares = 0;
        for (size_t r = 0; r < RUNS; r++) {
            sum += out[4 * r + i];
            squares += out[4 * r + i] * out[4 * r + i];
        }
        const double mean = sum / RUNS;
        const double se = sqrt((squares / RUNS - mean * mean) / RUNS);
        /* and what is left of the start: 75 balls among some 10,000 draws of a sixth of 12 */
        assert_true(fabs(mean - rates[i] / 12) < 4 * se + 75.0 / 10000);
    }
    free(out);
}

/* ---- shape ---- */
/* Two areas have a loop of their own; a third that is empty and never fed changes nothing. */
static void an_empty_third_area_changes_no_bit(void **state) {
    (void)state;
    const double two[4] = {3, 0.5, 0.25, 2};
    const double three[9] = {3, 0.5, 0, 0.25, 2, 0, 1, 1, 1};
    const double balls[3] = {6, 3, 0};
    const uint64_t horizon[] = {5, 300};
    onus_urn urn = urn_of(2, balls, two);
    urn.noise = ONUS_URN_FIXED;
    double *of_two = simulate(&urn, horizon, 2, 30, &one_thread);
    urn.n_areas = 3;
    urn.increments = three;
    double *of_three = simulate(&urn, horizon, 2, 30, &one_thread);
    for (size_t k = 0; k < 60; k++) {
        assert_true(of_two[3 * k] == of_three[4 * k]);
        assert_true(of_two[3 * k + 1] == of_three[4 * k + 1]);
        assert_true(of_three[4 * k + 2] == 0);
        assert_true(of_two[3 * k + 2] == of_three[4 * k + 3]);
    }
    free(of_two);
    free(of_three);
}

static void areas_may_be_named_in_any_order(void **state) {
    (void)state;
    enum { RUNS = 4000, N = 3 };
    static const size_t order[N] = {2, 0, 1};
    const double balls[N] = {20, 30, 10};
    const double rows[N * N] = {3, 0.5, 0, 0, 2, 1, 0.3, 0, 4};
    double moved_balls[N];
    double moved_rows[N * N];
    for (size_t i = 0; i < N; i++) {
        moved_balls[i] = balls[order[i]];
        for (size_t j = 0; j < N; j++) {
            moved_rows[i * N + j] = rows[order[i] * N + order[j]];
        }
    }
    onus_urn urn = urn_of(N, balls, rows);
    urn.noise = ONUS_URN_POISSON;
    urn.decay_frac = 0.02;
    const uint64_t horizon = 60;
    double *a = simulate(&urn, &horizon, 1, RUNS, &one_thread);
    urn.start_balls = moved_balls;
    urn.increments = moved_rows;
    double *b = simulate(&urn, &horizon, 1, RUNS, &one_thread);
    for (size_t i = 0; i < N; i++) {
        const onus_urn_column of_a = {.runs = a, .n_runs = RUNS, .width = N + 1, .k = order[i]};
        const onus_urn_column of_b = {.runs = b, .n_runs = RUNS, .width = N + 1, .k = i};
        onus_urn_summary as_named;
        onus_urn_summary as_moved;
        assert_int_equal(onus_urn_summarise(&of_a, 0.5, NULL, 0, &as_named, NULL), ONUS_OK);
        assert_int_equal(onus_urn_summarise(&of_b, 0.5, NULL, 0, &as_moved, NULL), ONUS_OK);
        const double se = sqrt((as_named.sd * as_named.sd + as_moved.sd * as_moved.sd) / RUNS);
        assert_true(fabs(as_named.mean - as_moved.mean) < 4 * se);
    }
    free(a);
    free(b);
}

static void a_run_depends_on_nothing_but_its_number(void **state) {
    (void)state;
    double rows[4];
    onus_urn_mix(oakland_rates, nothing, 2, rows, NULL);
    onus_urn urn = urn_of(2, oakland_balls, rows);
    urn.noise = ONUS_URN_POISSON;
    urn.decay_frac = 0.01;
    const uint64_t horizon[] = {3, 200, 301};
    double *all = simulate(&urn, horizon, 3, 23, &one_thread);
    for (uint64_t n = 0; n < 23; n++) { /* however many others, on however many threads */
        const onus_context team = {.n_threads = (int)(n % 7) + 1};
        double *some = simulate(&urn, horizon, 3, n, &team);
        assert_memory_equal(some, all, n * 9 * sizeof *all);
        free(some);
    }
    double *alone = simulate(&urn, horizon + 1, 1, 23, &one_thread); /* whatever else is asked */
    for (size_t r = 0; r < 23; r++) {
        assert_memory_equal(alone + 3 * r, all + 9 * r + 3, 3 * sizeof *all);
    }
    free(alone);
    free(all);
}

static void an_urn_to_which_nothing_is_added_stays_as_it_is(void **state) {
    (void)state;
    const double balls[2] = {3, 1};
    const double rows[4] = {0, 0, 0, 0};
    const onus_urn urn = urn_of(2, balls, rows);
    const uint64_t horizon = 1000;
    double *out = simulate(&urn, &horizon, 1, 5, &one_thread);
    for (size_t r = 0; r < 5; r++) {
        assert_true(out[3 * r] == 0.75 && out[3 * r + 1] == 0.25 && out[3 * r + 2] == 4);
    }
    free(out);
}

static void summaries_are_those_of_the_runs(void **state) {
    (void)state;
    const double runs[] = {0.1, 9, 0.2, 9, 0.6, 9, 0.995, 9, 0.999, 9};
    const double p[] = {0, 0.5, 1};
    double q[3];
    onus_urn_summary of;
    onus_urn_column column = {.runs = runs, .n_runs = 5, .width = 2, .k = 0};
    assert_int_equal(onus_urn_summarise(&column, 0.99, p, 3, &of, q), ONUS_OK);
    assert_true(fabs(of.mean - 0.5788) < 1e-15);
    assert_true(fabs(of.sd - 0.4251408) < 1e-6);
    assert_int_equal(of.n_runaway, 2);
    assert_true(of.runaway_share_frac == 0.4);
    assert_true(q[0] == 0.1 && q[1] == 0.6 && q[2] == 0.999);
    column.n_runs = 1;
    assert_int_equal(onus_urn_summarise(&column, 0.99, NULL, 0, &of, NULL), ONUS_OK);
    assert_true(of.mean == 0.1 && isnan(of.sd));
    column.n_runs = 0;
    assert_int_equal(onus_urn_summarise(&column, 0.99, NULL, 0, &of, NULL), ONUS_ERR_TOO_FEW);
}

/* ---- the domain ---- */
static void expect_domain_error(const onus_urn *urn, const char *says) {
    const uint64_t horizon = 1;
    const onus_urn_runs runs = {.seed = 1, .n_horizons = 1, .horizon_draws = &horizon};
    onus_urn_plan *plan = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_urn_plan_new(urn, &runs, &plan, &err), ONUS_ERR_DOMAIN);
    assert_null(plan);
    if (strstr(err.text, says) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, says);
    }
}

static void what_is_no_urn_is_refused_by_name(void **state) {
    (void)state;
    double balls[2] = {1, 1};
    double rows[4] = {1, 0, 0, 1};
    onus_urn urn = urn_of(1, balls, rows);
    expect_domain_error(&urn, "1 areas");
    urn.n_areas = 2;
    urn.decay_frac = 1;
    expect_domain_error(&urn, "decay is '1'");
    urn.decay_frac = NAN;
    expect_domain_error(&urn, "decay is");
    urn.decay_frac = 0.5;
    urn.min_balls = 0;
    expect_domain_error(&urn, "run empty");
    urn.min_balls = 1;
    balls[1] = 2e12;
    expect_domain_error(&urn, "too many to forget");
    urn.decay_frac = 0;
    balls[1] = -1;
    expect_domain_error(&urn, "area 1 starts with '-1'");
    balls[1] = INFINITY;
    expect_domain_error(&urn, "area 1 starts with 'inf'");
    balls[0] = balls[1] = 0;
    expect_domain_error(&urn, "'0' balls in all");
    balls[0] = 1;
    urn.repair = ONUS_URN_REPAIR_REJECT;
    expect_domain_error(&urn, "nothing to weigh");
    balls[1] = 1;
    rows[2] = -0.5;
    expect_domain_error(&urn, "of area 1 to area 0 is '-0.5'");
    rows[2] = NAN;
    expect_domain_error(&urn, "of area 1 to area 0");
    rows[2] = 2e6;
    expect_domain_error(&urn, "expected 0 to 1e+06");
    rows[2] = 0;
    const double rejected[4] = {0, 0, 0, -1};
    urn.rejected = rejected;
    expect_domain_error(&urn, "of a rejected draw");
}

static void horizons_rise_and_end_before_the_random_numbers(void **state) {
    (void)state;
    const double balls[2] = {1, 1};
    const double rows[4] = {1, 0, 0, 1};
    const onus_urn urn = urn_of(2, balls, rows);
    static const uint64_t bad[][2] = {{0, 5}, {5, 5}, {5, 4}, {5, UINT64_C(1) << 33}};
    onus_urn_plan *plan = NULL;
    onus_urn_runs runs = {.seed = 1, .n_horizons = 2};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        runs.horizon_draws = bad[k];
        /* 2^33 draws of one 64-bit word are the 2^34 words of a run exactly */
        const bool fits = k == 3;
        assert_int_equal(onus_urn_plan_new(&urn, &runs, &plan, NULL),
                         fits ? ONUS_OK : ONUS_ERR_DOMAIN);
        onus_urn_plan_free(plan);
    }
    static const uint64_t too_far[] = {5, (UINT64_C(1) << 33) + 1};
    runs.horizon_draws = too_far;
    assert_int_equal(onus_urn_plan_new(&urn, &runs, &plan, NULL), ONUS_ERR_DOMAIN);
    runs.n_horizons = 0;
    assert_int_equal(onus_urn_plan_new(&urn, &runs, &plan, NULL), ONUS_ERR_DOMAIN);
    assert_null(plan);
}

static void memory_that_ends_leaves_nothing_behind(void **state) {
    (void)state;
    const double rejected[4] = {1, 0.5, 0, 1};
    const double rows[4] = {3, 0.5, 0.5, 2};
    onus_urn urn = urn_of(2, oakland_balls, rows);
    urn.noise = urn.rejected_noise = ONUS_URN_POISSON;
    urn.repair = ONUS_URN_REPAIR_REJECT;
    urn.rejected = rejected;
    urn.decay_frac = 0.2;
    const uint64_t horizon = 5;
    const onus_urn_runs runs = {.seed = 1, .n_horizons = 1, .horizon_draws = &horizon};
    double out[6 * 3];
    FAULT_EACH(fault) {
        onus_urn_plan *plan = NULL;
        onus_status status = onus_urn_plan_new(&urn, &runs, &plan, NULL);
        if (status == ONUS_OK) {
            status = onus_urn_simulate(plan, 6, &one_thread, out, NULL);
        }
        fault_expect(&fault, status);
        onus_urn_plan_free(plan);
    }
    const onus_urn_column column = {.runs = out, .n_runs = 6, .width = 3, .k = 0};
    const double p = 0.5;
    double q = 0;
    onus_urn_summary of;
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_urn_summarise(&column, 0.9, &p, 1, &of, &q));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poisson_counts_have_their_moments),
        cmocka_unit_test(forgotten_balls_have_their_moments),
        cmocka_unit_test(forgotten_balls_past_the_tables_have_their_law),
        cmocka_unit_test(reported_incidents_alone_make_no_loop),
        cmocka_unit_test(discoveries_feed_themselves_and_repairs_end_it),
        cmocka_unit_test(a_repaired_urn_of_three_areas_finds_the_truth),
        cmocka_unit_test(an_empty_third_area_changes_no_bit),
        cmocka_unit_test(areas_may_be_named_in_any_order),
        cmocka_unit_test(a_run_depends_on_nothing_but_its_number),
        cmocka_unit_test(an_urn_to_which_nothing_is_added_stays_as_it_is),
        cmocka_unit_test(summaries_are_those_of_the_runs),
        cmocka_unit_test(what_is_no_urn_is_refused_by_name),
        cmocka_unit_test(horizons_rise_and_end_before_the_random_numbers),
        cmocka_unit_test(memory_that_ends_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
