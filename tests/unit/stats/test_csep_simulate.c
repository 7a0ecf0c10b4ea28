/* The CSEP tests over many bins: the distribution of what is simulated, replays from given
 * uniforms, two forecasts compared; published figures are in tests/reference/csep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "onus/stats_csep.h"
#include "onus/sum.h"

static const double tight = 1e-12;

/* ---- simulation ---- */

enum { BINS_MAX = 4000, SIMULATIONS = 4000 };

static double rates[BINS_MAX];
static double counts[BINS_MAX];
static double scores[SIMULATIONS];

static double share(void *of) { /* uniform on (0, 1] */
    return (double)((random_u64(of) >> 11) + 1) * 0x1p-53;
}

/* Mean and variance of the score of n events dealt to bins: for the Poisson null of L they are sums
 * over independent bins; the conditional ones by brute force over the binomial margins. */
static double mean_score(size_t n_bins, double n_events, double total) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n_bins; i++) {
        const double p = rates[i] / total;
        const double log_rate = log(rates[i] * n_events / total);
        for (double k = 1; k <= n_events && k < 400; k++) {
            const double log_p = lgamma(n_events + 1) - lgamma(k + 1) - lgamma(n_events - k + 1) +
                                 k * log(p) + (n_events - k) * log1p(-p);
            onus_sum_add(&sum, exp(log_p) * (k * log_rate - lgamma(k + 1)));
        }
    }
    return onus_sum_get(&sum) - n_events;
}

static void simulated_scores_have_the_exact_mean(void **state) {
    (void)state;
    /* by event (few events), by bin (many), by bin with some means above the look-up's */
    const size_t n_bins[] = {2000, 600, 40};
    const size_t n_events[] = {60, 900, 2000};
    for (size_t c = 0; c < 3; c++) {
        uint64_t random = 11 + c;
        memset(counts, 0, sizeof counts);
        for (size_t i = 0; i < n_bins[c]; i++) {
            rates[i] = pow(share(&random), 3);
        }
        const double total = onus_sum_of(rates, n_bins[c]);
        for (size_t e = 0; e < n_events[c]; e++) {
            counts[random_below(&random, n_bins[c])]++;
        }
        const onus_csep_data data = {n_bins[c], 1, rates, counts};
        onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
        options.n_simulations = SIMULATIONS;
        onus_csep_result r;
        assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, scores, NULL),
                         ONUS_OK);
        const double mean = onus_sum_of(scores, SIMULATIONS) / SIMULATIONS;
        double squares = 0;
        for (size_t s = 0; s < SIMULATIONS; s++) {
            squares += (scores[s] - mean) * (scores[s] - mean);
        }
        const double se = sqrt(squares / SIMULATIONS / SIMULATIONS);
        const double off = (mean - mean_score(n_bins[c], (double)n_events[c], total)) / se;
        if (!(fabs(off) < 4)) { /* one seed, fixed: 4 standard errors are 6e-5 */
            fail_msg("mean of %zu events on %zu bins is off by %.1f standard errors", n_events[c],
                     n_bins[c], off);
        }
    }
}

/* All 4^5 outcomes of five events in four bins, by their score. */
static void small_case_has_the_exact_distribution(void **state) {
    (void)state;
    const double p[] = {1, 2, 3, 4};
    const double recorded[] = {2, 0, 1, 2};
    double at_or_below = 0;
    double at_or_above = 0;
    const double own = 2 * log(1) + log(3) + 2 * log(4) - 2 * log(2);
    for (int outcome = 0; outcome < 1024; outcome++) {
        double k[4] = {0};
        double chance = 1;
        for (int e = 0, left = outcome; e < 5; e++, left /= 4) {
            k[left % 4]++;
            chance *= p[left % 4] / 10;
        }
        double score = 0;
        for (int i = 0; i < 4; i++) {
            score += k[i] * log(p[i]) - lgamma(k[i] + 1);
        }
        at_or_below += score <= own + 1e-9 ? chance : 0;
        at_or_above += score >= own - 1e-9 ? chance : 0;
    }
    const onus_csep_data data = {4, 1, p, recorded};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 40000;
    onus_csep_result r;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_CL, &options, NULL, &r, NULL, NULL),
                     ONUS_OK);
    assert_near((double)r.n_at_or_below / 40000, at_or_below, 0.01); /* 4 standard errors */
    assert_near((double)r.n_at_or_above / 40000, at_or_above, 0.01);
}

static void ties_stay_ties_in_any_order(void **state) {
    (void)state;
    /* 40 bins of one rate, 1 event: every simulation is the recorded one under another name */
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < 40; i++) {
        rates[i] = 0.1;
    }
    counts[7] = 1;
    const onus_csep_data data = {40, 1, rates, counts};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 500;
    onus_csep_result r;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL),
                     ONUS_OK);
    assert_int_equal(r.n_at_or_below, 500);
    assert_int_equal(r.n_at_or_above, 500);
    assert_near(r.p.value, 1, 0);
}

static void p_is_never_0_where_the_published_quantile_is(void **state) {
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        rates[i] = i == 0 ? 1e-6 : 1;
        counts[i] = i == 0 ? 50 : 0;
    }
    const onus_csep_data data = {100, 1, rates, counts};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 999;
    onus_csep_result r;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL),
                     ONUS_OK);
    assert_near(r.quantile.value, 0, 0);
    assert_near(r.p_low.value, 0.001, tight);
    assert_near(r.p.value, 0.002, tight);
    assert_near(r.p_high.value, 1, tight);
}

static void same_numbers_for_any_number_of_threads(void **state) {
    (void)state;
    uint64_t random = 5;
    static double first[333];
    static double again[333];
    for (int c = 0; c < 3; c++) {
        for (size_t i = 0; i < 300; i++) {
            rates[i] = share(&random);
            counts[i] = (double)random_below(&random, c == 0 ? 2 : 9) * (c == 0 && i > 20 ? 0 : 1);
        }
        for (int test = 0; test < ONUS_CSEP_TESTS; test++) {
            const onus_csep_data data = {100, 3, rates, counts};
            onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
            options.n_simulations = 333;
            options.cluster_size = c == 2 ? 2 : 1;
            onus_csep_result a;
            onus_csep_result b;
            const onus_context one = {.n_threads = 1};
            const onus_context seven = {.n_threads = 7};
            assert_int_equal(
                onus_csep_simulate(&data, (onus_csep_test)test, &options, &one, &a, first, NULL),
                ONUS_OK);
            assert_int_equal(
                onus_csep_simulate(&data, (onus_csep_test)test, &options, &seven, &b, again, NULL),
                ONUS_OK);
            assert_memory_equal(first, again, sizeof first);
            assert_int_equal(a.n_at_or_below, b.n_at_or_below);
            /* more simulations continue the same ones */
            options.n_simulations = 100;
            assert_int_equal(
                onus_csep_simulate(&data, (onus_csep_test)test, &options, &one, &a, again, NULL),
                ONUS_OK);
            assert_memory_equal(first, again, 100 * sizeof *first);
        }
    }
}

/* Events in clusters of mean 2 by the forecast's own rates: nothing is wrong with the forecast. */
static void clusters_reject_a_right_forecast_unless_the_null_has_them(void **state) {
    (void)state;
    uint64_t random = 3;
    int poisson = 0;
    int clustered = 0;
    enum { TRIALS = 60 };
    for (int t = 0; t < TRIALS; t++) {
        memset(counts, 0, sizeof counts);
        for (size_t i = 0; i < 400; i++) {
            rates[i] = 1;
        }
        for (int c = 0; c < 150; c++) {
            const uint64_t cell = random_below(&random, 400);
            counts[cell]++;
            double left = exp(-1); /* 1 + Poisson(1) */
            for (double u = share(&random); u > left; u *= share(&random)) {
                counts[cell]++;
            }
        }
        const onus_csep_data data = {400, 1, rates, counts};
        onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
        options.n_simulations = 199;
        options.seed = (uint64_t)t;
        onus_csep_result r;
        assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL),
                         ONUS_OK);
        poisson += r.p.value <= 0.05;
        options.cluster_size = 2;
        assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL),
                         ONUS_OK);
        clustered += r.p.value <= 0.05;
    }
    assert_true(poisson >= TRIALS - 2);
    assert_true(clustered <= 8); /* 3 expected; 9 or more: 0.4 % */
}

static void marks_and_cells_are_tested_on_their_sums(void **state) {
    (void)state;
    const double bins[] = {1, 2, 3, 4};
    const double recorded[] = {1, 0, 2, 1};
    const double cells[] = {3, 7};
    const double by_cell[] = {1, 3};
    const double marks[] = {4, 6};
    const double by_mark[] = {3, 1};
    const onus_csep_data both = {2, 2, bins, recorded};
    const onus_csep_data only_cells = {2, 1, cells, by_cell};
    const onus_csep_data only_marks = {1, 2, marks, by_mark};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 200;
    onus_csep_result a;
    onus_csep_result b;
    assert_int_equal(onus_csep_simulate(&both, ONUS_CSEP_S, &options, NULL, &a, NULL, NULL), 0);
    assert_int_equal(onus_csep_simulate(&only_cells, ONUS_CSEP_S, &options, NULL, &b, NULL, NULL),
                     0);
    assert_near(a.score.value, b.score.value, tight);
    assert_int_equal(a.n_at_or_below, b.n_at_or_below);
    assert_int_equal(onus_csep_simulate(&both, ONUS_CSEP_M, &options, NULL, &a, NULL, NULL), 0);
    assert_int_equal(onus_csep_simulate(&only_marks, ONUS_CSEP_M, &options, NULL, &b, NULL, NULL),
                     0);
    assert_near(a.score.value, b.score.value, tight);
    assert_int_equal(a.n_at_or_below, b.n_at_or_below);
}

/* ---- replay ---- */

static void replay_puts_a_uniform_where_a_plain_search_does(void **state) {
    (void)state;
    uint64_t random = 9;
    for (int trial = 0; trial < test_mult(20); trial++) {
        const size_t n = 1 + random_below(&random, 300);
        double total = 0;
        for (size_t i = 0; i < n; i++) {
            rates[i] = random_below(&random, 4) == 0 ? 0 : pow(share(&random), 6);
            counts[i] = 0;
        }
        rates[n / 2] = 1;
        counts[n / 2] = 1;
        total = onus_sum_of(rates, n);
        const onus_csep_data data = {n, 1, rates, counts};
        onus_csep_replay *replay = NULL;
        assert_int_equal(onus_csep_replay_new(&data, ONUS_CSEP_CL, &replay, NULL), ONUS_OK);
        for (int k = 0; k < 50; k++) {
            const double u = k == 0 ? 1 - 0x1p-53 : 1 - share(&random);
            double running = 0;
            size_t bin = n;
            size_t last = 0;
            for (size_t i = 0; i < n; i++) {
                running += rates[i];
                last = rates[i] > 0 ? i : last;
                if (bin == n && running / total > u) {
                    bin = i;
                }
            }
            bin = bin == n ? last : bin;
            assert_near(onus_csep_replay_score(replay, &u, 1), log(rates[bin]) - total, 1e-9);
        }
        onus_csep_replay_free(replay);
    }
}

static void replay_and_simulation_agree_on_the_recorded_score(void **state) {
    (void)state;
    const double bins[] = {1, 2, 3, 4, 0, 0.5};
    const double recorded[] = {1, 0, 2, 1, 0, 0};
    const onus_csep_data data = {3, 2, bins, recorded};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 1;
    for (int test = 0; test < ONUS_CSEP_TESTS; test++) {
        onus_csep_replay *replay = NULL;
        onus_csep_result r;
        assert_int_equal(onus_csep_replay_new(&data, (onus_csep_test)test, &replay, NULL), 0);
        assert_int_equal(
            onus_csep_simulate(&data, (onus_csep_test)test, &options, NULL, &r, NULL, NULL), 0);
        assert_near(onus_csep_replay_observed(replay), r.score.value, tight);
        onus_csep_replay_free(replay);
    }
}

/* ---- comparison ---- */

static void repeating_every_event_moves_t_and_not_the_gain(void **state) {
    (void)state;
    uint64_t random = 21;
    double a[20];
    double b[20];
    double once[20];
    double five[20];
    for (int i = 0; i < 20; i++) {
        a[i] = share(&random);
        b[i] = share(&random);
        once[i] = 1;
        five[i] = 5;
    }
    const double total_a = onus_sum_of(a, 20);
    const double total_b = onus_sum_of(b, 20);
    for (int i = 0; i < 20; i++) { /* equal totals, so that the gain is per event */
        b[i] *= total_a / total_b;
    }
    const onus_csep_t t1 = onus_csep_t_test(a, b, once, 20, 1, 0.95);
    const onus_csep_t t5 = onus_csep_t_test(a, b, five, 20, 1, 0.95);
    assert_near(t5.gain.value, t1.gain.value, tight);
    assert_near(t5.t.value / t1.t.value, sqrt(99.0 / 19), 1e-10);
    assert_near(0.980894195087636 * sqrt(99.0 / 19), 2.239045717472491, 1e-10); /* as published */
    assert_true(strstr(ONUS_CSEP_ASSUMES, "independent") != NULL);
}

static void comparisons_change_sign_with_the_order(void **state) {
    (void)state;
    uint64_t random = 33;
    for (size_t i = 0; i < 60; i++) {
        rates[i] = share(&random);
        rates[60 + i] = share(&random);
        counts[i] = (double)random_below(&random, 3);
    }
    const onus_csep_t ab = onus_csep_t_test(rates, rates + 60, counts, 60, 1, 0.9);
    const onus_csep_t ba = onus_csep_t_test(rates + 60, rates, counts, 60, 1, 0.9);
    assert_near(ab.t.value, -ba.t.value, tight);
    assert_near(ab.interval.low, -ba.interval.high, tight);
    onus_csep_w w_ab;
    onus_csep_w w_ba;
    assert_int_equal(onus_csep_w_test(rates, rates + 60, counts, 60, &w_ab), ONUS_OK);
    assert_int_equal(onus_csep_w_test(rates + 60, rates, counts, 60, &w_ba), ONUS_OK);
    assert_near(w_ab.z.value, w_ba.z.value, tight);
    assert_int_equal(w_ab.direction, -w_ba.direction);
}

static void signed_ranks_by_hand(void **state) {
    (void)state;
    /* log ratios 0.1, 0.2, -0.3, 0.2, 0 (equal totals make the middle 0): sizes 0.1, 0.2, 0.2, 0.3
     * have ranks 1, 2.5, 2.5, 4; plus 6, minus 4 */
    const double x[] = {0.1, 0.2, -0.3, 0.2, 0};
    double a[6];
    double b[6];
    const double recorded[] = {1, 1, 1, 1, 1, 0};
    for (int i = 0; i < 5; i++) {
        b[i] = 1;
        a[i] = exp(x[i]);
    }
    b[5] = 1 + onus_sum_of(a, 5) - 5;
    a[5] = 1;
    /* totals are equal up to rounding, which would make 0 a tiny difference: take the middle off */
    onus_csep_w w;
    const double gap = onus_sum_of(a, 6) - onus_sum_of(b, 6);
    b[5] += gap;
    assert_int_equal(onus_csep_w_test(a, b, recorded, 6, &w), ONUS_OK);
    assert_int_equal(w.n_zero + w.n_used, 5);
    assert_true(w.n_is_small);
    assert_int_equal(w.direction, 1);
    if (w.n_zero == 1) {
        assert_near(w.z.value, (4 - 5) / sqrt((4.0 * 5 * 9 - 0.5 * 6) / 24), 1e-9);
    }
}

static void two_equal_forecasts_cannot_be_told_apart(void **state) {
    (void)state;
    const double same[] = {1, 2, 3};
    const double recorded[] = {2, 1, 0};
    const onus_csep_t t = onus_csep_t_test(same, same, recorded, 3, 1, 0.95);
    assert_near(t.gain.value, 0, 0);
    assert_non_null(t.t.reason);
    onus_csep_w w;
    assert_int_equal(onus_csep_w_test(same, same, recorded, 3, &w), ONUS_OK);
    assert_non_null(w.z.reason);
    assert_int_equal(w.n_zero, 3);
    const double one[] = {1, 0, 0};
    assert_non_null(onus_csep_t_test(same, same, one, 3, 1, 0.95).gain.reason);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simulated_scores_have_the_exact_mean),
        cmocka_unit_test(small_case_has_the_exact_distribution),
        cmocka_unit_test(ties_stay_ties_in_any_order),
        cmocka_unit_test(p_is_never_0_where_the_published_quantile_is),
        cmocka_unit_test(same_numbers_for_any_number_of_threads),
        cmocka_unit_test(clusters_reject_a_right_forecast_unless_the_null_has_them),
        cmocka_unit_test(marks_and_cells_are_tested_on_their_sums),
        cmocka_unit_test(replay_puts_a_uniform_where_a_plain_search_does),
        cmocka_unit_test(replay_and_simulation_agree_on_the_recorded_score),
        cmocka_unit_test(repeating_every_event_moves_t_and_not_the_gain),
        cmocka_unit_test(comparisons_change_sign_with_the_order),
        cmocka_unit_test(signed_ranks_by_hand),
        cmocka_unit_test(two_equal_forecasts_cannot_be_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
