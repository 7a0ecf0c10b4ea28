/* Days of refitting and adding: against the same days lived through with plain tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fault.h"
#include "../../random.h"
#include "lum_isaac_rates.h"
#include "onus/exec.h"

enum { CELLS = 30, HISTORY = 25, WINDOW = 20, DAYS = 70, FLAGGED = 4, RUNS = 6, GROUPS = 2 };

typedef struct town {
    int32_t history[HISTORY * CELLS];
    int32_t observed[DAYS * CELLS];
    double truth[CELLS];
    double weight[GROUPS * CELLS];
    uint32_t rank[CELLS];
    feedback_world world;
} town;

static void make_town(town *t, uint64_t seed) {
    memset(t, 0, sizeof *t);
    for (size_t c = 0; c < CELLS; c++) {
        const uint64_t busy = 1 + random_below(&seed, c < 10 ? 30 : 6);
        for (size_t d = 0; d < HISTORY + DAYS; d++) {
            int32_t *count =
                d < HISTORY ? &t->history[d * CELLS + c] : &t->observed[(d - HISTORY) * CELLS + c];
            *count = random_below(&seed, 100) < busy ? (int32_t)(1 + random_below(&seed, 2)) : 0;
        }
        t->truth[c] = (double)busy / 100.0;
        t->weight[c] = 1.0 / CELLS;
        t->weight[CELLS + c] = c == 2 ? 0.5 : 0.0;
        t->rank[c] = (uint32_t)((c * 7 + 3) % CELLS); /* 7 and 30 share no factor */
    }
    t->world = (feedback_world){.n_cells = CELLS,
                                .truth_per_day = t->truth,
                                .rank_by_id = t->rank,
                                .n_history_days = HISTORY,
                                .history = t->history,
                                .n_groups = GROUPS,
                                .group_weight = t->weight};
}

static const lum_isaac_opts opts_of_town = {.formula = LUM_ISAAC_PUBLISHED,
                                            .highest_id_first = true,
                                            .flagged = FLAGGED,
                                            .window_days = WINDOW,
                                            .discovery_frac = 0.4};
static const feedback_plan plan_of_town = {
    .n_runs = RUNS, .n_horizons = 3, .horizon_days = {1, 30, DAYS}, .seed = 77};

static double *simulate(const town *t, const lum_isaac_opts *opts, const feedback_plan *plan,
                        int n_threads) {
    const onus_context context = {.n_threads = n_threads};
    onus_error err = ONUS_ERROR_INIT;
    double *out = calloc(plan->n_runs * lum_isaac_width(&t->world, plan), sizeof *out);
    assert_non_null(out);
    if (lum_isaac_run(&t->world, t->observed, opts, plan, &context, out, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    return out;
}

/* ---- the same by plain tables ---- */

typedef struct lived {
    uint32_t record[HISTORY + DAYS][CELLS];
    bool flagged[DAYS][CELLS];
    double rate[DAYS][CELLS];
    double added[DAYS];
    double recorded[DAYS];
} lived;

static void live(const town *t, const lum_isaac_opts *opts, uint64_t seed, uint64_t run,
                 bool closed, lived *l) {
    void *memory = malloc(lum_isaac_em_size(CELLS, WINDOW * CELLS, WINDOW));
    lum_isaac_em em;
    lum_isaac_em_lay(&em, CELLS, WINDOW * CELLS, WINDOW, memory);
    memset(l, 0, sizeof *l);
    for (size_t d = 0; d < HISTORY; d++) {
        for (size_t c = 0; c < CELLS; c++) {
            l->record[d][c] = (uint32_t)t->history[d * CELLS + c];
        }
    }
    for (size_t d = 0; d < DAYS; d++) {
        lum_isaac_record records[WINDOW * CELLS];
        size_t n = 0;
        for (size_t past = d + HISTORY - WINDOW; past < d + HISTORY; past++) {
            for (uint32_t c = 0; c < CELLS; c++) {
                if (l->record[past][c] > 0) {
                    records[n++] = (lum_isaac_record){(int32_t)past, c, l->record[past][c]};
                }
            }
        }
        (void)lum_isaac_em_fit(&em, records, n, (int32_t)(d + HISTORY), opts->formula, l->rate[d]);
        for (size_t c = 0; c < CELLS; c++) {
            size_t n_before = 0;
            for (size_t o = 0; o < CELLS; o++) {
                const bool tie =
                    l->rate[d][o] == l->rate[d][c] &&
                    (opts->highest_id_first ? t->rank[o] > t->rank[c] : t->rank[o] < t->rank[c]);
                n_before += l->rate[d][o] > l->rate[d][c] || tie;
            }
            l->flagged[d][c] = n_before < opts->flagged && l->rate[d][c] > 0.0;
            const uint32_t count = (uint32_t)t->observed[d * CELLS + c];
            uint32_t more = 0;
            onus_rng rng;
            onus_rng_init(&rng, seed, ONUS_STREAM_FEEDBACK_LUM, run, (uint32_t)(d * CELLS + c));
            for (uint32_t k = 0; l->flagged[d][c] && k < count + 1; k++) {
                more += onus_rng_uniform(&rng) < opts->discovery_frac;
            }
            l->added[d] += more;
            l->record[d + HISTORY][c] = count + (closed ? more : 0);
            l->recorded[d] += l->record[d + HISTORY][c];
        }
    }
    free(memory);
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-12 * fmax(1.0, fabs(b));
}

static void expect_summary(const town *t, const lived *l, size_t n_days, const double *values) {
    double visits[CELLS] = {0};
    double n_ever = 0.0;
    double n_always = 0.0;
    double entered = 0.0;
    double added = 0.0;
    double recorded = 0.0;
    double all = 0.0;
    double truth = 0.0;
    double on_the_day = 0.0;
    for (size_t d = 0; d < n_days; d++) {
        for (size_t c = 0; c < CELLS; c++) {
            visits[c] += l->flagged[d][c];
            entered += d > 0 && l->flagged[d][c] && !l->flagged[d - 1][c];
        }
        added += l->added[d];
        recorded += l->recorded[d];
    }
    for (size_t c = 0; c < CELLS; c++) {
        n_ever += visits[c] > 0.0;
        n_always += visits[c] == (double)n_days;
        all += visits[c];
        truth += t->truth[c];
        on_the_day += l->flagged[n_days - 1][c];
    }
    double tv = 0.0;
    double tv_day = 0.0;
    double in_group = 0.0;
    for (size_t c = 0; c < CELLS; c++) {
        tv += 0.5 * fabs(visits[c] / all - t->truth[c] / truth);
        tv_day += 0.5 * fabs((double)l->flagged[n_days - 1][c] / on_the_day - t->truth[c] / truth);
        in_group += t->weight[CELLS + c] * visits[c] / (double)n_days;
    }
    assert_true(near(values[FEEDBACK_TV], tv));
    assert_true(near(values[FEEDBACK_TV_DAY], tv_day));
    assert_true(values[FEEDBACK_CELLS_EVER] == n_ever);
    assert_true(values[FEEDBACK_CELLS_ALWAYS] == n_always);
    assert_true(n_days == 1 ? isnan(values[FEEDBACK_TURNOVER])
                            : near(values[FEEDBACK_TURNOVER], entered / (double)(n_days - 1)));
    assert_true(values[FEEDBACK_ADDED] == added);
    assert_true(values[FEEDBACK_RECORDED] == recorded);
    assert_true(near(values[FEEDBACK_N_FIELDS], all / CELLS / (double)n_days));
    assert_true(near(values[FEEDBACK_N_FIELDS + 1], in_group));
    double top = 0.0; /* as many as there are patrols a day */
    for (size_t k = 0; k < FLAGGED; k++) {
        size_t best = 0;
        for (size_t c = 1; c < CELLS; c++) {
            best = visits[c] > visits[best] ? c : best;
        }
        top += visits[best];
        visits[best] = -1.0;
    }
    assert_true(near(values[FEEDBACK_CONCENTRATION], top / all));
}

static void expect_edges(const lived *l, const double *values) {
    double expected[LUM_ISAAC_N_FIELDS] = {0};
    for (size_t d = 0; d < DAYS; d++) {
        double in_all = 0.0;
        double in_flagged = 0.0;
        double n_flagged = 0.0;
        for (size_t c = 0; c < CELLS; c++) {
            in_all += l->rate[d][c];
            in_flagged += l->flagged[d][c] ? l->rate[d][c] : 0.0;
            n_flagged += l->flagged[d][c];
        }
        if (d < 30) {
            expected[LUM_ISAAC_RATE_SHARE_FIRST] += in_flagged / in_all / 30;
        }
        if (d + 30 >= DAYS) {
            expected[LUM_ISAAC_RATE_SHARE_LAST] += in_flagged / in_all / 30;
            expected[LUM_ISAAC_RATE_FLAGGED_LAST] += in_flagged / n_flagged / 30;
            expected[LUM_ISAAC_RATE_OTHER_LAST] += (in_all - in_flagged) / (CELLS - n_flagged) / 30;
        }
    }
    for (size_t f = 0; f < LUM_ISAAC_N_FIELDS; f++) {
        assert_true(near(values[f], expected[f]));
    }
}

static void runs_are_those_of_plain_tables(void **state) {
    (void)state;
    static town t;
    static lived l;
    make_town(&t, 5);
    for (int variant = 0; variant < 4; variant++) {
        lum_isaac_opts opts = opts_of_town;
        opts.formula = variant % 2 == 0 ? LUM_ISAAC_CORRECTED : LUM_ISAAC_PUBLISHED;
        opts.highest_id_first = variant < 2;
        double *out = simulate(&t, &opts, &plan_of_town, 1);
        for (uint64_t run = 0; run < RUNS; run += 3) {
            const double *slot = out + run * lum_isaac_width(&t.world, &plan_of_town);
            for (int loop = 0; loop < FEEDBACK_N_LOOPS; loop++) {
                live(&t, &opts, plan_of_town.seed, run, loop == FEEDBACK_CLOSED, &l);
                for (size_t h = 0; h < plan_of_town.n_horizons; h++) {
                    expect_summary(&t, &l, plan_of_town.horizon_days[h],
                                   slot + feedback_slot(&t.world, h, (feedback_loop)loop, 0));
                }
                expect_edges(
                    &l, slot + lum_isaac_slot(&t.world, &plan_of_town, (feedback_loop)loop, 0));
            }
        }
        free(out);
    }
}

static double value(const town *t, const double *out, size_t run, size_t horizon,
                    feedback_loop loop, size_t field) {
    return out[run * lum_isaac_width(&t->world, &plan_of_town) +
               feedback_slot(&t->world, horizon, loop, field)];
}

static void with_nothing_found_the_loops_are_one(void **state) {
    (void)state;
    static town t;
    make_town(&t, 8);
    lum_isaac_opts opts = opts_of_town;
    opts.discovery_frac = 0.0;
    double *out = simulate(&t, &opts, &plan_of_town, 1);
    double observed = 0.0;
    for (size_t i = 0; i < DAYS * CELLS; i++) {
        observed += t.observed[i];
    }
    for (size_t run = 0; run < RUNS; run++) {
        for (size_t h = 0; h < 3; h++) {
            for (size_t f = 0; f < feedback_n_values(&t.world); f++) {
                const double closed = value(&t, out, run, h, FEEDBACK_CLOSED, f);
                const double open = value(&t, out, run, h, FEEDBACK_OPEN, f);
                assert_memory_equal(&closed, &open, sizeof open);
            }
        }
        assert_true(value(&t, out, run, 2, FEEDBACK_CLOSED, FEEDBACK_RECORDED) == observed);
        assert_true(value(&t, out, run, 2, FEEDBACK_CLOSED, FEEDBACK_ADDED) == 0.0);
    }
    free(out);
}

static void the_loops_draw_the_same_numbers(void **state) {
    (void)state;
    static town t;
    make_town(&t, 3);
    lum_isaac_opts opts = opts_of_town;
    double *little = simulate(&t, &opts, &plan_of_town, 1);
    opts.discovery_frac = 0.7;
    double *much = simulate(&t, &opts, &plan_of_town, 1);
    size_t n_more = 0;
    bool some_differ = false;
    for (size_t run = 0; run < RUNS; run++) {
        /* both loops flag the same cells on the first day */
        const double first = value(&t, little, run, 0, FEEDBACK_CLOSED, FEEDBACK_ADDED);
        assert_true(first == value(&t, little, run, 0, FEEDBACK_OPEN, FEEDBACK_ADDED));
        assert_true(first <= value(&t, much, run, 0, FEEDBACK_CLOSED, FEEDBACK_ADDED));
        assert_true(value(&t, little, run, 2, FEEDBACK_OPEN, FEEDBACK_ADDED) <
                    value(&t, much, run, 2, FEEDBACK_OPEN, FEEDBACK_ADDED));
        n_more += value(&t, little, run, 2, FEEDBACK_CLOSED, FEEDBACK_CONCENTRATION) >
                  value(&t, little, run, 2, FEEDBACK_OPEN, FEEDBACK_CONCENTRATION);
        some_differ =
            some_differ || first != value(&t, little, 0, 0, FEEDBACK_CLOSED, FEEDBACK_ADDED);
    }
    assert_int_equal(n_more, RUNS); /* attention narrows */
    assert_true(some_differ);       /* runs are not one run */
    free(little);
    free(much);
}

/* Chance 1: each flagged cell adds its count and one. */
static void certain_discovery_doubles_the_count_and_adds_one(void **state) {
    (void)state;
    static town t;
    static lived l;
    make_town(&t, 12);
    lum_isaac_opts opts = opts_of_town;
    opts.discovery_frac = 1.0;
    double *out = simulate(&t, &opts, &plan_of_town, 1);
    live(&t, &opts, plan_of_town.seed, 0, false, &l);
    double expected = 0.0;
    for (size_t d = 0; d < DAYS; d++) {
        for (size_t c = 0; c < CELLS; c++) {
            expected += l.flagged[d][c] ? t.observed[d * CELLS + c] + 1 : 0;
        }
    }
    for (size_t run = 0; run < RUNS; run++) {
        assert_true(value(&t, out, run, 2, FEEDBACK_OPEN, FEEDBACK_ADDED) == expected);
    }
    free(out);
}

/* Two cells alike in everything; one is flagged. */
static void equal_rates_go_by_id(void **state) {
    (void)state;
    static town t;
    make_town(&t, 1);
    memset(t.history, 0, sizeof t.history);
    memset(t.observed, 0, sizeof t.observed);
    memset(t.weight, 0, sizeof t.weight);
    for (size_t d = 5; d < HISTORY; d += 3) {
        t.history[d * CELLS + 2] = 1;
        t.history[d * CELLS + 4] = 1;
    }
    t.weight[2] = 1.0;         /* group 0 lives in cell 2 */
    t.weight[CELLS + 4] = 1.0; /* group 1 in cell 4 */
    const feedback_plan plan = {.n_runs = 1, .n_horizons = 1, .horizon_days = {3}, .seed = 1};
    lum_isaac_opts opts = opts_of_town;
    opts.flagged = 1;
    opts.discovery_frac = 0.0;
    for (int variant = 0; variant < 4; variant++) {
        t.world.rank_by_id = variant < 2 ? t.rank : NULL; /* rank of 2 is 17, of 4 is 1 */
        opts.highest_id_first = variant % 2 == 0;
        const bool second =
            t.world.rank_by_id == NULL ? opts.highest_id_first : !opts.highest_id_first;
        double *out = simulate(&t, &opts, &plan, 1);
        assert_true(out[FEEDBACK_N_FIELDS] == (second ? 0.0 : 1.0));
        assert_true(out[FEEDBACK_N_FIELDS + 1] == (second ? 1.0 : 0.0));
        free(out);
    }
}

static void cells_without_a_record_are_never_flagged(void **state) {
    (void)state;
    static town t;
    make_town(&t, 1);
    memset(t.history, 0, sizeof t.history);
    memset(t.observed, 0, sizeof t.observed);
    t.history[(HISTORY - 1) * CELLS + 6] = 1; /* leaves the window after WINDOW days */
    lum_isaac_opts opts = opts_of_town;
    opts.discovery_frac = 0.0;
    double *out = simulate(&t, &opts, &plan_of_town, 1);
    assert_true(value(&t, out, 0, 2, FEEDBACK_OPEN, FEEDBACK_CELLS_EVER) == 1.0);
    assert_true(value(&t, out, 0, 2, FEEDBACK_OPEN, FEEDBACK_CELLS_ALWAYS) == 0.0);
    assert_true(value(&t, out, 0, 0, FEEDBACK_OPEN, FEEDBACK_TV_DAY) > 0.0);
    assert_true(isnan(value(&t, out, 0, 2, FEEDBACK_OPEN, FEEDBACK_TV_DAY))); /* nothing to send */
    const size_t edges = lum_isaac_slot(&t.world, &plan_of_town, FEEDBACK_OPEN, 0);
    assert_true(out[edges + LUM_ISAAC_RATE_SHARE_FIRST] != 1.0); /* NaN: ten days without a rate */
    assert_true(isnan(out[edges + LUM_ISAAC_RATE_SHARE_LAST]));
    free(out);
    double *rate = calloc(DAYS * CELLS, sizeof *rate);
    assert_int_equal(lum_isaac_rates(&t.world, t.observed, DAYS, &opts, rate, NULL, NULL), ONUS_OK);
    for (size_t d = 0; d < DAYS; d++) {
        assert_true(d < WINDOW ? rate[d * CELLS + 6] > 0.0 : rate[d * CELLS + 6] == 0.0);
    }
    free(rate);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static town t;
    make_town(&t, 30);
    double *one = simulate(&t, &opts_of_town, &plan_of_town, 1);
    for (int n_threads = 2; n_threads <= 3; n_threads++) {
        double *many = simulate(&t, &opts_of_town, &plan_of_town, n_threads);
        assert_memory_equal(one, many,
                            RUNS * lum_isaac_width(&t.world, &plan_of_town) * sizeof *one);
        free(many);
    }
    free(one);
}

static void what_cannot_be_simulated_is_refused(void **state) {
    (void)state;
    static town t;
    make_town(&t, 1);
    double *out = calloc(RUNS * lum_isaac_width(&t.world, &plan_of_town), sizeof *out);
    const struct {
        size_t flagged;
        size_t window_days;
        double discovery_frac;
    } wrong[] = {{0, WINDOW, 0.5},      {CELLS + 1, WINDOW, 0.5}, {1, 0, 0.5},
                 {1, HISTORY + 1, 0.5}, {1, WINDOW, -0.1},        {1, WINDOW, 1.1},
                 {1, WINDOW, NAN}};
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        onus_error err = ONUS_ERROR_INIT;
        const lum_isaac_opts opts = {.flagged = wrong[k].flagged,
                                     .window_days = wrong[k].window_days,
                                     .discovery_frac = wrong[k].discovery_frac};
        assert_int_equal(lum_isaac_run(&t.world, t.observed, &opts, &plan_of_town, NULL, out, &err),
                         ONUS_ERR_DOMAIN);
        assert_true(err.text[0] != '\0');
    }
    t.observed[17] = -1;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(
        lum_isaac_run(&t.world, t.observed, &opts_of_town, &plan_of_town, NULL, out, &err),
        ONUS_ERR_DOMAIN);
    assert_null(strstr(err.text, "17")); /* no cell is named */
    free(out);
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    static town t;
    make_town(&t, 6);
    volatile sig_atomic_t stop = 0;
    const onus_context context = {.stop = &stop, .n_threads = 1};
    const feedback_plan plan = {.n_runs = 1, .n_horizons = 1, .horizon_days = {3}, .seed = 1};
    double *out = calloc(lum_isaac_width(&t.world, &plan), sizeof *out);
    double *rate = calloc(DAYS * CELLS, sizeof *rate);
    FAULT_EACH(fault) {
        fault_expect(
            &fault, lum_isaac_run(&t.world, t.observed, &opts_of_town, &plan, &context, out, NULL));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault,
                     lum_isaac_rates(&t.world, t.observed, 3, &opts_of_town, rate, NULL, NULL));
    }
    stop = 1;
    assert_int_equal(lum_isaac_run(&t.world, t.observed, &opts_of_town, &plan, &context, out, NULL),
                     ONUS_ERR_INTERRUPTED);
    free(rate);
    free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_those_of_plain_tables),
        cmocka_unit_test(with_nothing_found_the_loops_are_one),
        cmocka_unit_test(the_loops_draw_the_same_numbers),
        cmocka_unit_test(certain_discovery_doubles_the_count_and_adds_one),
        cmocka_unit_test(equal_rates_go_by_id),
        cmocka_unit_test(cells_without_a_record_are_never_flagged),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(what_cannot_be_simulated_is_refused),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
