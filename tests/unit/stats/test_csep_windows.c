/* CL and L window by window: the same tests as with all bins at hand, within Monte Carlo error. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "onus/stats_csep.h"

enum { N_CELLS = 40, N_WINDOWS = 12, N_BINS = N_CELLS * N_WINDOWS, N_SIMULATIONS = 3000 };

typedef struct scene {
    double rates[N_BINS];
    double counts[N_BINS];
    int32_t cell[N_CELLS];
    double count[N_CELLS];
} scene;

static onus_status window_at(void *state, size_t w, onus_csep_window *out) {
    scene *s = state;
    *out = (onus_csep_window){.rates = s->rates + w * N_CELLS, .cell = s->cell, .count = s->count};
    for (size_t c = 0; c < N_CELLS; c++) {
        if (s->counts[w * N_CELLS + c] > 0) {
            s->cell[out->n] = (int32_t)c;
            s->count[out->n++] = s->counts[w * N_CELLS + c];
        }
    }
    return ONUS_OK;
}

/* One window without any rate, some cells without; events where rates are, about as many. */
static void make(scene *s, uint64_t seed, double clump) {
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < N_BINS; i++) {
        const double u = (double)(random_u64(&seed) >> 11) * 0x1p-53;
        const double v = (double)(random_u64(&seed) >> 11) * 0x1p-53;
        s->rates[i] = i / N_CELLS == 5 || i % 7 == 0 ? 0.0 : 0.02 + 0.6 * u * u;
        s->counts[i] = v < s->rates[i] / clump ? clump : 0.0;
    }
}

static onus_csep_result by_windows(scene *s, onus_csep_test test, double cluster_size,
                                   int n_threads) {
    const onus_csep_windows data = {
        .n_cells = N_CELLS, .n_windows = N_WINDOWS, .window = window_at, .state = s};
    const onus_csep_options options = {
        .seed = 9, .n_simulations = N_SIMULATIONS, .cluster_size = cluster_size};
    const onus_context context = {.n_threads = n_threads};
    onus_csep_result out = {0};
    assert_int_equal(onus_csep_simulate_windows(&data, test, &options, &context, &out, NULL),
                     ONUS_OK);
    return out;
}

static void figures_are_those_of_all_bins_at_hand(void **state) {
    (void)state;
    static const onus_csep_test TESTS[] = {ONUS_CSEP_CL, ONUS_CSEP_L};
    static const double SIZES[] = {1.0, 1.7};
    scene s;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        make(&s, seed, seed == 2 ? 2.0 : 1.0);
        const onus_csep_data data = {N_BINS, 1, s.rates, s.counts};
        for (size_t t = 0; t < 2; t++) {
            for (size_t c = 0; c < 2; c++) {
                const onus_csep_options options = {
                    .seed = 3, .n_simulations = N_SIMULATIONS, .cluster_size = SIZES[c]};
                onus_csep_result whole = {0};
                assert_int_equal(
                    onus_csep_simulate(&data, TESTS[t], &options, NULL, &whole, NULL, NULL),
                    ONUS_OK);
                const onus_csep_result got = by_windows(&s, TESTS[t], SIZES[c], 1);
                assert_near(got.score.value, whole.score.value, 1e-12);
                assert_true(got.n_simulations == N_SIMULATIONS);
                /* two quantiles of 3,000 each: six standard errors of their difference */
                const double q = whole.quantile.value;
                const double se = sqrt(2.0 * fmax(q * (1.0 - q), 0.001) / N_SIMULATIONS);
                assert_true(fabs(got.quantile.value - q) < 6.0 * se);
                assert_true(got.p.value > 0.0 && got.p.value <= 1.0);
            }
        }
    }
}

/* Large clusters on few events: the one that is cut matters. */
static void a_single_window_is_the_same_test(void **state) {
    (void)state;
    scene s;
    make(&s, 4, 1.0);
    memset(s.rates + N_CELLS, 0, (N_BINS - N_CELLS) * sizeof *s.rates);
    memset(s.counts + N_CELLS, 0, (N_BINS - N_CELLS) * sizeof *s.counts);
    const onus_csep_data data = {N_CELLS, 1, s.rates, s.counts};
    const onus_csep_options options = {
        .seed = 5, .n_simulations = N_SIMULATIONS, .cluster_size = 3.0};
    onus_csep_result whole = {0};
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_CL, &options, NULL, &whole, NULL, NULL),
                     ONUS_OK);
    const onus_csep_result got = by_windows(&s, ONUS_CSEP_CL, 3.0, 1);
    const double q = whole.quantile.value;
    assert_true(fabs(got.quantile.value - q) <
                6.0 * sqrt(2.0 * fmax(q * (1.0 - q), 0.001) / N_SIMULATIONS));
}

static void threads_change_nothing(void **state) {
    (void)state;
    scene s;
    make(&s, 6, 1.0);
    const onus_csep_result one = by_windows(&s, ONUS_CSEP_CL, 1.5, 1);
    const onus_csep_result seven = by_windows(&s, ONUS_CSEP_CL, 1.5, 7);
    assert_true(one.n_at_or_below == seven.n_at_or_below);
    assert_true(one.n_at_or_above == seven.n_at_or_above);
}

static void what_cannot_be_tested_says_why(void **state) {
    (void)state;
    scene s;
    make(&s, 7, 1.0);
    s.counts[0] = 1.0; /* where the rate is 0 */
    onus_csep_result got = by_windows(&s, ONUS_CSEP_L, 1.0, 1);
    assert_non_null(strstr(got.quantile.reason, "rate is 0"));
    assert_true(got.account.n_impossible == 1);
    s.rates[3] = NAN;
    got = by_windows(&s, ONUS_CSEP_L, 1.0, 1);
    assert_non_null(strstr(got.quantile.reason, "not a number"));
    make(&s, 7, 1.0);
    memset(s.counts, 0, sizeof s.counts);
    got = by_windows(&s, ONUS_CSEP_CL, 1.0, 1);
    assert_non_null(strstr(got.quantile.reason, "no events"));
    assert_null(by_windows(&s, ONUS_CSEP_L, 1.0, 1).quantile.reason);
    const onus_csep_windows data = {
        .n_cells = N_CELLS, .n_windows = N_WINDOWS, .window = window_at, .state = &s};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    assert_int_equal(onus_csep_simulate_windows(&data, ONUS_CSEP_S, &options, NULL, &got, NULL),
                     ONUS_ERR_DOMAIN);
    options.cluster_size = 0.5;
    assert_int_equal(onus_csep_simulate_windows(&data, ONUS_CSEP_L, &options, NULL, &got, NULL),
                     ONUS_ERR_DOMAIN);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    scene s;
    make(&s, 8, 1.0);
    const onus_csep_windows data = {
        .n_cells = N_CELLS, .n_windows = N_WINDOWS, .window = window_at, .state = &s};
    const onus_csep_options options = {.seed = 1, .n_simulations = 5, .cluster_size = 1.5};
    const onus_context context = {.n_threads = 1};
    FAULT_EACH(fault) {
        onus_csep_result got = {0};
        fault_expect(&fault, onus_csep_simulate_windows(&data, ONUS_CSEP_CL, &options, &context,
                                                        &got, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_all_bins_at_hand),
        cmocka_unit_test(a_single_window_is_the_same_test),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(what_cannot_be_tested_says_why),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("csep_windows", tests, NULL, NULL);
}
