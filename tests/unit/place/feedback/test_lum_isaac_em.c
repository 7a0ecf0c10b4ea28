/* The refitted algorithm's EM: against the published loops over events and pairs, written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "exciting_em.h"
#include "lum_isaac_em.h"

enum { CELLS = 12, WINDOW = 40, RECORDS = CELLS * WINDOW, EVENTS = 6 * WINDOW };

typedef struct window {
    lum_isaac_record records[RECORDS]; /* by day */
    size_t n_records;
    uint32_t count[WINDOW][CELLS];
} window;

/* Records of about `busy` in 100 cells and days, counts of 1 to most; some cells have none. */
static void make_window(uint64_t *seed, window *w, uint64_t busy, uint64_t most) {
    memset(w, 0, sizeof *w);
    uint64_t busy_of[CELLS];
    for (size_t c = 0; c < CELLS; c++) {
        busy_of[c] = random_below(seed, 4) == 0 ? 0 : random_below(seed, 2 * busy);
    }
    for (size_t day = 0; day < WINDOW; day++) {
        for (size_t c = 0; c < CELLS; c++) {
            if (random_below(seed, 100) < busy_of[c]) {
                const uint32_t count = 1 + (uint32_t)random_below(seed, most);
                w->count[day][c] = count;
                w->records[w->n_records++] =
                    (lum_isaac_record){.day = (int32_t)day, .cell = (uint32_t)c, .count = count};
            }
        }
    }
}

static lum_isaac_fit fit_window(const window *w, lum_isaac_formula formula, double *rate) {
    void *memory = malloc(lum_isaac_em_size(CELLS, RECORDS, WINDOW));
    assert_non_null(memory);
    lum_isaac_em em;
    lum_isaac_em_lay(&em, CELLS, RECORDS, WINDOW, memory);
    const lum_isaac_fit fit =
        lum_isaac_em_fit(&em, w->records, w->n_records, WINDOW, formula, rate);
    free(memory);
    return fit;
}

/* ---- the published code's way: single events, all pairs ---- */

typedef struct brute {
    double theta;
    double omega;
    double mu[CELLS];
    double change[3]; /* of the last step: omega, theta, mu */
    size_t n_steps;
    double rate[CELLS];
} brute;

static size_t list_events(const window *w, size_t cell, int *day_of) {
    size_t n = 0;
    for (int day = 0; day < WINDOW; day++) {
        for (uint32_t k = 0; k < w->count[day][cell]; k++) {
            day_of[n++] = day;
        }
    }
    return n;
}

typedef struct brute_sums {
    double set_off;
    double waited;
    double n_events;
} brute_sums;

/* One cell: adds its pairs to *sums and returns the new mu. */
static double brute_cell(const window *w, size_t cell, const brute *b, lum_isaac_formula formula,
                         brute_sums *sums) {
    int t[EVENTS];
    double d[EVENTS]; /* rate at the event */
    const size_t n = list_events(w, cell, t);
    double background = n > 0 ? 1.0 : 0.0; /* the first */
    for (size_t i = 0; i < n; i++) {
        d[i] = b->mu[cell];
        for (size_t j = 0; j < i; j++) {
            d[i] += t[i] > t[j] ? b->theta * b->omega * exp(-b->omega * (t[i] - t[j])) : 0.0;
        }
        background += i > 0 ? b->mu[cell] / d[i] : 0.0;
    }
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i && t[j] < t[i]; j++) {
            const double p = b->theta * b->omega * exp(-b->omega * (t[i] - t[j])) /
                             (formula == LUM_ISAAC_PUBLISHED ? d[j + 1] : d[i]);
            sums->set_off += p;
            sums->waited += p * (t[i] - t[j]);
        }
    }
    sums->n_events += (double)n;
    return background / WINDOW;
}

static void brute_fit(const window *w, lum_isaac_formula formula, brute *b) {
    *b = (brute){.theta = 1.0, .omega = 1.0};
    for (size_t c = 0; c < CELLS; c++) {
        b->mu[c] = 1.0;
    }
    do {
        brute next = *b;
        brute_sums sums = {0};
        next.change[2] = 0.0;
        for (size_t c = 0; c < CELLS; c++) {
            next.mu[c] = brute_cell(w, c, b, formula, &sums);
            next.change[2] += next.mu[c] > 0.0 ? fabs(next.mu[c] - b->mu[c]) : 0.0;
        }
        next.omega = sums.set_off / sums.waited;
        next.theta = sums.set_off / sums.n_events;
        next.change[0] = fabs(next.omega - b->omega);
        next.change[1] = fabs(next.theta - b->theta);
        next.n_steps++;
        *b = next;
    } while (b->change[0] > 1e-5 && b->change[1] > 1e-5 && b->change[2] > 1e-4);
    for (size_t c = 0; c < CELLS; c++) {
        b->rate[c] = b->mu[c];
        for (int day = 0; day < WINDOW; day++) {
            b->rate[c] += w->count[day][c] * b->theta * b->omega * exp(-b->omega * (WINDOW - day));
        }
    }
}

static bool has_pair(const window *w) {
    for (size_t c = 0; c < CELLS; c++) {
        size_t n_days = 0;
        for (size_t day = 0; day < WINDOW; day++) {
            n_days += w->count[day][c] > 0;
        }
        if (n_days > 1) {
            return true;
        }
    }
    return false;
}

static void fits_are_those_of_all_pairs(void **state) {
    (void)state;
    uint64_t seed = 4;
    static window w;
    static brute b;
    size_t n_stopped_by[3] = {0};
    for (int trial = 0; trial < test_mult(60); trial++) {
        make_window(&seed, &w, 1 + random_below(&seed, 60), 1 + random_below(&seed, 4));
        if (!has_pair(&w)) {
            continue;
        }
        for (int f = 0; f < 2; f++) {
            double rate[CELLS];
            brute_fit(&w, (lum_isaac_formula)f, &b);
            const lum_isaac_fit fit = fit_window(&w, (lum_isaac_formula)f, rate);
            assert_int_equal(fit.n_steps, b.n_steps);
            assert_true(fabs(fit.omega_per_day / b.omega - 1.0) < 1e-11);
            assert_true(fabs(fit.theta / b.theta - 1.0) < 1e-11);
            for (size_t c = 0; c < CELLS; c++) {
                assert_true(fabs(rate[c] - b.rate[c]) <= 1e-11 * b.rate[c]);
            }
            n_stopped_by[0] += b.change[0] <= 1e-5;
            n_stopped_by[1] += b.change[1] <= 1e-5;
            n_stopped_by[2] += b.change[2] <= 1e-4;
        }
    }
    /* each of the three is what ended some fit: none of them is idle in this test */
    print_message("# ended by omega %zu, theta %zu, mu %zu\n", n_stopped_by[0], n_stopped_by[1],
                  n_stopped_by[2]);
    assert_true(n_stopped_by[0] > 0 && n_stopped_by[1] > 0 && n_stopped_by[2] > 0);
}

static void the_formulas_are_two(void **state) {
    (void)state;
    uint64_t seed = 9;
    static window w;
    double corrected[CELLS];
    double published[CELLS];
    make_window(&seed, &w, 30, 2);
    (void)fit_window(&w, LUM_ISAAC_CORRECTED, corrected);
    (void)fit_window(&w, LUM_ISAAC_PUBLISHED, published);
    double far = 0.0;
    for (size_t c = 0; c < CELLS; c++) {
        far = fmax(far, fabs(corrected[c] - published[c]));
    }
    assert_true(far > 1e-6);
}

/* The same model by the EM of the methods of comparison, as many steps from the same start. */
static void corrected_steps_are_those_of_the_method_of_comparison(void **state) {
    (void)state;
    uint64_t seed = 21;
    static window w;
    make_window(&seed, &w, 30, 3);
    double rate[CELLS];
    const lum_isaac_fit fit = fit_window(&w, LUM_ISAAC_CORRECTED, rate);
    assert_true(fit.n_steps > 5);
    size_t from[CELLS];
    size_t until[CELLS];
    double time[RECORDS];
    double count[RECORDS];
    double mu[CELLS];
    size_t n = 0;
    for (size_t c = 0; c < CELLS; c++) {
        from[c] = n;
        mu[c] = 1.0;
        for (int day = 0; day < WINDOW; day++) {
            if (w.count[day][c] > 0) {
                time[n] = day;
                count[n++] = w.count[day][c];
            }
        }
        until[c] = n;
    }
    const exciting_events events = {CELLS, from, until, time, count, 0.0, WINDOW};
    exciting_rates rates = {.theta = 1.0, .omega_per_day = 1.0, .mu_per_day = mu};
    for (size_t step = 0; step < fit.n_steps; step++) {
        (void)exciting_em_step(&events, &rates);
    }
    assert_true(fabs(fit.omega_per_day / rates.omega_per_day - 1.0) < 1e-11);
    assert_true(fabs(fit.theta / rates.theta - 1.0) < 1e-11);
    for (size_t c = 0; c < CELLS; c++) {
        double expected = mu[c];
        for (size_t j = from[c]; j < until[c]; j++) {
            expected += rates.theta * rates.omega_per_day * count[j] *
                        exp(-rates.omega_per_day * (WINDOW - time[j]));
        }
        assert_true(fabs(rate[c] - expected) <= 1e-11 * expected);
    }
}

static void equal_histories_have_equal_rates_to_the_bit(void **state) {
    (void)state;
    uint64_t seed = 2;
    static window w;
    for (int trial = 0; trial < test_mult(20); trial++) {
        make_window(&seed, &w, 25, 3);
        window twins = {0};
        for (size_t r = 0; r < w.n_records; r++) { /* cell 0's history in cells 0, 5 and 11 */
            lum_isaac_record record = w.records[r];
            if (record.cell == 5 || record.cell == 11) {
                continue;
            }
            twins.records[twins.n_records++] = record;
            if (record.cell == 0) {
                record.cell = 11;
                twins.records[twins.n_records++] = record;
                record.cell = 5;
                twins.records[twins.n_records++] = record;
            }
        }
        double rate[CELLS];
        (void)fit_window(&twins, trial % 2 == 0 ? LUM_ISAAC_CORRECTED : LUM_ISAAC_PUBLISHED, rate);
        assert_memory_equal(&rate[0], &rate[5], sizeof rate[0]);
        assert_memory_equal(&rate[0], &rate[11], sizeof rate[0]);
    }
}

static void an_empty_window_has_no_rate(void **state) {
    (void)state;
    static window w;
    double rate[CELLS];
    memset(rate, 0xff, sizeof rate);
    memset(&w, 0, sizeof w);
    const lum_isaac_fit fit = fit_window(&w, LUM_ISAAC_PUBLISHED, rate);
    assert_int_equal(fit.n_steps, 0);
    for (size_t c = 0; c < CELLS; c++) {
        assert_true(rate[c] == 0.0);
    }
}

/* The published code divides 0 by 0 here. */
static void without_pairs_all_is_background_after_one_step(void **state) {
    (void)state;
    static window w;
    for (int f = 0; f < 2; f++) {
        double rate[CELLS];
        memset(&w, 0, sizeof w);
        w.records[0] = (lum_isaac_record){.day = 3, .cell = 7, .count = 4}; /* one day: no pair */
        w.records[1] = (lum_isaac_record){.day = 9, .cell = 2, .count = 1};
        w.n_records = 2;
        const lum_isaac_fit fit = fit_window(&w, (lum_isaac_formula)f, rate);
        assert_int_equal(fit.n_steps, 1);
        assert_true(fit.theta == 0.0 && fit.omega_per_day == 1.0);
        assert_true(rate[7] == 4.0 / WINDOW && rate[2] == 1.0 / WINDOW && rate[0] == 0.0);
    }
}

/* Two days g apart in one cell: every pair waits g days, so that omega is 1 / g after any step. */
static void one_cell_with_two_days_waits_their_gap(void **state) {
    (void)state;
    static window w;
    for (int32_t gap = 1; gap < WINDOW; gap++) {
        for (int f = 0; f < 2; f++) {
            double rate[CELLS];
            memset(&w, 0, sizeof w);
            w.records[0] = (lum_isaac_record){.day = 0, .cell = 0, .count = 2};
            w.records[1] = (lum_isaac_record){.day = gap, .cell = 0, .count = 1};
            w.n_records = 2;
            const lum_isaac_fit fit = fit_window(&w, (lum_isaac_formula)f, rate);
            assert_true(fabs(fit.omega_per_day * gap - 1.0) < 1e-15);
            assert_true(fit.theta > 0.0 && fit.theta <= 1.0 && rate[0] > 0.0 && rate[1] == 0.0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_are_those_of_all_pairs),
        cmocka_unit_test(the_formulas_are_two),
        cmocka_unit_test(corrected_steps_are_those_of_the_method_of_comparison),
        cmocka_unit_test(equal_histories_have_equal_rates_to_the_bit),
        cmocka_unit_test(an_empty_window_has_no_rate),
        cmocka_unit_test(without_pairs_all_is_background_after_one_step),
        cmocka_unit_test(one_cell_with_two_days_waits_their_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
