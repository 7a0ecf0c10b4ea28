/* The grid loop against the same rules played naively: every count kept by day and cell, every
 * score summed up anew every day, and the same draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fault.h"
#include "../../random.h"
#include "grid_internal.h"

enum { N_X = 9, N_Y = 7, N = N_X * N_Y, WINDOW = 20, HISTORY = 26, DAYS = 60, PATROLS = 6 };
#define SIDE_M 150.0

typedef struct town {
    double truth[N];
    double rho[N];
    double x_m[N];
    double y_m[N];
    uint32_t rank[N];
    int32_t history[HISTORY * N];
    double weight[2 * N];
    feedback_world world;
    feedback_policy policy;
    feedback_plan plan;
} town;

static void town_init(town *t) {
    memset(t, 0, sizeof *t);
    uint64_t seed = 5;
    for (size_t i = 0; i < N; i++) {
        t->truth[i] = 0.02 * (double)random_below(&seed, 10);
        t->rho[i] = i % 2 == 0 ? 1.0 : 0.3;
        t->x_m[i] = SIDE_M * (double)(i % N_X);
        t->y_m[i] = SIDE_M * (double)(i / N_X);
        t->rank[i] = (uint32_t)(N - 1 - i);
        t->weight[i] = 1.0 / N;
        t->weight[N + i] = i < 10 ? 0.1 : 0.0;
    }
    for (size_t k = 0; k < (size_t)HISTORY * N; k++) {
        t->history[k] = random_below(&seed, 30) == 0 ? 1 + (int32_t)random_below(&seed, 2) : 0;
    }
    t->world = (feedback_world){.n_cells = N,
                                .truth_per_day = t->truth,
                                .x_m = t->x_m,
                                .y_m = t->y_m,
                                .n_history_days = HISTORY,
                                .history = t->history,
                                .n_groups = 2,
                                .group_weight = t->weight};
    t->policy = (feedback_policy)FEEDBACK_POLICY_INIT;
    t->policy.patrols = PATROLS;
    t->policy.window_days = WINDOW;
    t->policy.discovery_frac = 0.7;
    t->policy.reported_frac = 0.6;
    t->policy.bandwidth_m = 200.0;
    t->policy.cell_side_m = SIDE_M;
    t->plan = (feedback_plan){.n_runs = 3, .n_horizons = 2, .horizon_days = {25, DAYS}, .seed = 9};
}

/* ---- the naive simulation ---- */

typedef struct naive {
    double counted[2][WINDOW + DAYS + 1]
                  [N];                  /* reported, found; by day (day 1 at WINDOW) and cell */
    double score[2][N];                 /* of reports, of finds */
    double fitted[FEEDBACK_N_LOOPS][N]; /* self_exciting */
    uint32_t visits[FEEDBACK_N_LOOPS][N];
    double added[FEEDBACK_N_LOOPS];
    double recorded[FEEDBACK_N_LOOPS];
} naive;

static double spread_of(const town *t, size_t from, size_t to) {
    const double dx = t->x_m[from] - t->x_m[to];
    const double dy = t->y_m[from] - t->y_m[to];
    const double d = sqrt(dx * dx + dy * dy);
    switch (t->policy.score) {
    case FEEDBACK_KDE: {
        if (d > 4.0 * t->policy.bandwidth_m) {
            return 0.0;
        }
        double all = 0.0;
        for (size_t i = 0; i < N; i++) {
            const double e = hypot(t->x_m[from] - t->x_m[i], t->y_m[from] - t->y_m[i]);
            all += e <= 4.0 * t->policy.bandwidth_m
                       ? exp(-0.5 * e * e / (t->policy.bandwidth_m * t->policy.bandwidth_m))
                       : 0.0;
        }
        return exp(-0.5 * d * d / (t->policy.bandwidth_m * t->policy.bandwidth_m)) / all;
    }
    case FEEDBACK_NEAR_REPEAT:
        return d > 400.0 ? 0.0 : 1.0 / (1.0 + floor(d / (0.5 * SIDE_M)));
    default:
        return from == to ? 1.0 : 0.0;
    }
}

static double age_of(const town *t, int days) {
    if (t->policy.score == FEEDBACK_NEAR_REPEAT) {
        return 1.0 / (1.0 + floor(days / 7.0));
    }
    return 1.0;
}

static void naive_scores(const town *t, const double spread[N][N], naive *m, int day) {
    memset(m->score, 0, sizeof m->score);
    for (int kind = 0; kind < 2; kind++) {
        for (int age = 1; age <= WINDOW; age++) {
            for (size_t i = 0; i < N; i++) {
                const double c = m->counted[kind][WINDOW + day - 1 - age][i] * age_of(t, age);
                for (size_t j = 0; c > 0.0 && j < N; j++) {
                    m->score[kind][j] += c * spread[i][j];
                }
            }
        }
    }
}

/* The rates of one loop, by the fit that is tested in test_lum_isaac_em.c. */
static void naive_fit(naive *m, int day, bool closed) {
    static lum_isaac_record records[WINDOW * N];
    size_t n = 0;
    for (int d = day - WINDOW; d < day; d++) {
        for (size_t i = 0; i < N; i++) {
            const double c = m->counted[0][WINDOW + d - 1][i] +
                             (closed ? m->counted[1][WINDOW + d - 1][i] : 0.0);
            if (c > 0.0) {
                records[n++] = (lum_isaac_record){d, (uint32_t)i, (uint32_t)c};
            }
        }
    }
    lum_isaac_em em;
    void *memory = malloc(lum_isaac_em_size(N, n + 1, WINDOW));
    lum_isaac_em_lay(&em, N, n + 1, WINDOW, memory);
    double *rate = m->fitted[closed ? FEEDBACK_CLOSED : FEEDBACK_OPEN];
    (void)lum_isaac_em_fit(&em, records, n, day, LUM_ISAAC_CORRECTED, rate);
    free(memory);
}

static onus_rng rng_at(const town *t, uint64_t run, uint32_t entity, uint32_t block) {
    onus_rng rng;
    onus_rng_init(&rng, t->plan.seed, ONUS_STREAM_FEEDBACK_GRID, run, entity);
    rng.counter[3] = block;
    return rng;
}

static size_t at_share(const double *score, double u) {
    double all = 0.0;
    for (size_t i = 0; i < N; i++) {
        all += score[i];
    }
    double sum = 0.0;
    size_t last = 0;
    for (size_t i = 0; i < N; i++) {
        sum += score[i];
        if (score[i] > 0.0) {
            last = i;
        }
        if (sum > u * all) {
            return i;
        }
    }
    return last;
}

static double sum_of(const double *v) {
    double all = 0.0;
    for (size_t i = 0; i < N; i++) {
        all += v[i];
    }
    return all;
}

static void naive_proportional(const town *t, const naive *m, uint64_t run, int day, bool closed,
                               uint32_t *sent) {
    const bool is_fitted = t->policy.score == FEEDBACK_SELF_EXCITING;
    const double *first =
        is_fitted ? m->fitted[closed ? FEEDBACK_CLOSED : FEEDBACK_OPEN] : m->score[0];
    onus_rng rng = rng_at(t, run, UINT32_C(1) << 31 | (uint32_t)day, 0);
    const double reported = sum_of(first);
    const double found = closed && !is_fitted ? sum_of(m->score[1]) : 0.0;
    for (size_t k = 0; k < t->policy.patrols; k++) {
        const double what = onus_rng_uniform(&rng) * (reported + found + N * 1e-9);
        const double which = onus_rng_uniform(&rng);
        if (what < reported) {
            sent[at_share(first, which)]++;
        } else if (what < reported + found) {
            sent[at_share(m->score[1], which)]++;
        } else {
            sent[(size_t)(which * N)]++;
        }
    }
}

static double rounded(double score) {
    return floor(score * 1e7 + 0.5); /* sums in another order: ties are ties */
}

static void naive_top(const town *t, const naive *m, uint64_t run, int day, bool closed,
                      uint32_t *sent) {
    double score[N];
    double sorted[N];
    for (size_t i = 0; i < N; i++) {
        score[i] = rounded(m->score[0][i] + (closed ? m->score[1][i] : 0.0));
        if (t->policy.score == FEEDBACK_SELF_EXCITING) { /* ties are of whole units */
            score[i] = floor(
                m->fitted[closed ? FEEDBACK_CLOSED : FEEDBACK_OPEN][i] * FEEDBACK_UNITS + 0.5);
        }
        sorted[i] = score[i];
    }
    for (size_t i = 1; i < N; i++) { /* falling */
        for (size_t j = i; j > 0 && sorted[j - 1] < sorted[j]; j--) {
            const double s = sorted[j];
            sorted[j] = sorted[j - 1];
            sorted[j - 1] = s;
        }
    }
    const double least = sorted[t->policy.patrols - 1];
    size_t tied[N];
    size_t n_tied = 0;
    size_t wanted = t->policy.patrols;
    for (size_t i = 0; i < N; i++) {
        if (score[i] > least) {
            sent[i]++;
            wanted--;
        } else if (score[i] == least) {
            tied[n_tied++] = i;
        }
    }
    onus_rng day_rng = rng_at(t, run, UINT32_C(1) << 31 | (uint32_t)day, 0);
    const bool many = n_tied > 2 * t->policy.patrols;
    for (size_t k = 0; k < wanted; k++) {
        size_t best = 0;
        uint64_t best_key = UINT64_MAX;
        for (size_t c = 0; c < n_tied; c++) {
            onus_rng rng = rng_at(t, run, (uint32_t)tied[c], (uint32_t)day * 256);
            (void)onus_rng_uniform(&rng);
            uint64_t key = (uint64_t)onus_rng_u32(&rng) << 32;
            key |= onus_rng_u32(&rng);
            if (t->policy.ties == FEEDBACK_TIES_ID) {
                key = t->world.rank_by_id != NULL ? t->world.rank_by_id[tied[c]] : tied[c];
            }
            if (key < best_key) {
                best_key = key;
                best = c;
            }
        }
        if (t->policy.ties == FEEDBACK_TIES_RANDOM && n_tied + k > wanted && many) {
            best = onus_rng_below(&day_rng, (uint32_t)n_tied); /* the first takes its place */
            sent[tied[best]]++;
            tied[best] = tied[0];
            n_tied--;
            memmove(tied, tied + 1, n_tied * sizeof *tied);
            continue;
        }
        sent[tied[best]]++;
        memmove(tied + best, tied + best + 1, (n_tied - best - 1) * sizeof *tied);
        n_tied--;
    }
}

static void naive_run(const town *t, uint64_t run, naive *m) {
    static double spread[N][N];
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            spread[i][j] = spread_of(t, i, j);
        }
        for (int d = 0; d < WINDOW; d++) {
            m->counted[0][d][i] = t->history[(HISTORY - WINDOW + d) * N + (int)i];
        }
    }
    double reported[N];
    for (size_t i = 0; i < N; i++) {
        reported[i] = t->truth[i] * (t->world.reported_frac != NULL ? t->world.reported_frac[i]
                                                                    : t->policy.reported_frac);
    }
    feedback_alias alias = {0};
    if (sum_of(reported) > 0.0) {
        assert_int_equal(feedback_alias_make(reported, N, &alias, NULL), ONUS_OK);
    }
    for (int day = 1; day <= DAYS; day++) {
        const size_t row = (size_t)(WINDOW + day - 1);
        naive_scores(t, (const double(*)[N])spread, m, day);
        for (int l = 0; l < FEEDBACK_N_LOOPS; l++) {
            const bool closed = l == FEEDBACK_CLOSED;
            uint32_t sent[N] = {0};
            if (t->policy.score == FEEDBACK_SELF_EXCITING) {
                naive_fit(m, day, closed);
            }
            if (t->policy.rule == FEEDBACK_TOP) {
                naive_top(t, m, run, day, closed, sent);
            } else {
                naive_proportional(t, m, run, day, closed, sent);
            }
            const double total =
                sum_of(m->score[0]) + (closed ? sum_of(m->score[1]) : 0.0) + N * 1e-9;
            for (size_t i = 0; i < N; i++) {
                m->visits[l][i] += sent[i];
                onus_rng rng = rng_at(t, run, (uint32_t)i, (uint32_t)day * 256);
                double u = onus_rng_uniform(&rng);
                const double mean = t->policy.discovery_frac * t->truth[i] * sent[i];
                int n = 0;
                for (double p = exp(-mean); u >= p && n < 100; p *= mean / ++n) {
                    u -= p;
                }
                m->added[l] += n;
                if (closed && n > 0) {
                    m->recorded[l] += n;
                    const double share = (m->score[0][i] + m->score[1][i] + 1e-9) / total;
                    const bool repaired =
                        t->policy.repaired && t->policy.rule == FEEDBACK_PROPORTIONAL;
                    m->counted[1][row][i] =
                        n / (repaired ? fmax((double)t->policy.patrols * share, 1e-3) : 1.0);
                }
            }
        }
        if (alias.n > 0) {
            onus_rng rng = rng_at(t, run, UINT32_C(1) << 30 | (uint32_t)day, 0);
            const int64_t n = onus_rng_poisson(&rng, sum_of(reported));
            for (int64_t k = 0; k < n; k++) {
                m->counted[0][row][feedback_alias_at(&alias, onus_rng_uniform(&rng))] += 1.0;
            }
            m->recorded[FEEDBACK_CLOSED] += (double)n;
            m->recorded[FEEDBACK_OPEN] += (double)n;
        }
    }
    feedback_alias_clear(&alias);
}

static void expect_naive(const town *t) {
    feedback_grid *grid = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(feedback_grid_open(&t->world, &t->policy, &t->plan, &grid, &err), ONUS_OK);
    double *slot = calloc(feedback_width(&t->world, &t->plan), sizeof *slot);
    naive *m = malloc(sizeof *m);
    assert_non_null(m);
    uint32_t visits[FEEDBACK_N_LOOPS][N];
    for (uint64_t run = 0; run < t->plan.n_runs; run++) {
        assert_int_equal(feedback_grid_replicate(grid, run, &visits[0][0], slot), ONUS_OK);
        naive_run(t, run, m);
        assert_memory_equal(visits, m->visits, sizeof visits);
        for (int l = 0; l < FEEDBACK_N_LOOPS; l++) {
            const double *last = slot + feedback_slot(&t->world, 1, (feedback_loop)l, 0);
            assert_true(last[FEEDBACK_ADDED] == m->added[l]);
            assert_true(last[FEEDBACK_RECORDED] == m->recorded[l]);
        }
    }
    free(m);
    free(slot);
    feedback_grid_close(grid);
}

/* ---- the tests ---- */

static void every_policy_is_that_of_the_naive_simulation(void **state) {
    (void)state;
    const feedback_score scores[] = {FEEDBACK_COUNTS, FEEDBACK_KDE, FEEDBACK_NEAR_REPEAT};
    for (size_t s = 0; s < sizeof scores / sizeof scores[0]; s++) {
        for (int variant = 0; variant < 4; variant++) {
            town t;
            town_init(&t);
            t.policy.score = scores[s];
            t.policy.rule = variant < 2 ? FEEDBACK_PROPORTIONAL : FEEDBACK_TOP;
            t.policy.repaired = variant == 1;
            t.policy.ties = variant == 3 ? FEEDBACK_TIES_ID : FEEDBACK_TIES_RANDOM;
            expect_naive(&t);
        }
    }
}

static void a_fitted_score_is_that_of_the_naive_simulation(void **state) {
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        town t;
        town_init(&t);
        t.policy.score = FEEDBACK_SELF_EXCITING;
        t.policy.rule = (feedback_rule)rule;
        t.policy.discovery_frac = 3.0;
        expect_naive(&t);
    }
}

static void reporting_by_area_and_ranks_are_heeded(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.world.reported_frac = t.rho;
    t.world.rank_by_id = t.rank;
    expect_naive(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.ties = FEEDBACK_TIES_ID;
    expect_naive(&t);
}

static void an_empty_record_is_patrolled_evenly(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.world.n_history_days = 0;
    t.policy.reported_frac = 0.0;
    t.policy.rule = FEEDBACK_TOP; /* most days are ties of nearly all cells */
    memset(t.history, 0, sizeof t.history);
    t.world.n_history_days = HISTORY;
    expect_naive(&t);
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    expect_naive(&t);
}

static double *played(const town *t, int n_threads) {
    feedback_grid *grid = NULL;
    assert_int_equal(feedback_grid_open(&t->world, &t->policy, &t->plan, &grid, NULL), ONUS_OK);
    double *out = calloc(t->plan.n_runs * feedback_width(&t->world, &t->plan), sizeof *out);
    const onus_context context = {.n_threads = n_threads};
    assert_int_equal(feedback_grid_run(grid, &context, out, NULL), ONUS_OK);
    feedback_grid_close(grid);
    return out;
}

static void without_discovery_both_loops_are_one(void **state) {
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        town t;
        town_init(&t);
        t.policy.rule = (feedback_rule)rule;
        t.policy.discovery_frac = 0.0;
        t.plan.n_runs = 20;
        double *out = played(&t, 1);
        const size_t n_values = feedback_n_values(&t.world);
        for (size_t r = 0; r < t.plan.n_runs; r++) {
            for (size_t h = 0; h < t.plan.n_horizons; h++) {
                const double *slot = out + r * feedback_width(&t.world, &t.plan);
                assert_memory_equal(slot + feedback_slot(&t.world, h, FEEDBACK_CLOSED, 0),
                                    slot + feedback_slot(&t.world, h, FEEDBACK_OPEN, 0),
                                    n_values * sizeof *slot);
            }
        }
        free(out);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.plan.n_runs = 200;
    t.policy.repaired = true;
    const size_t size = t.plan.n_runs * feedback_width(&t.world, &t.plan) * sizeof(double);
    double *one = played(&t, 1);
    for (int n = 2; n <= 7; n += 5) {
        double *more = played(&t, n);
        assert_memory_equal(one, more, size);
        free(more);
    }
    free(one);
}

static void a_patrol_for_every_cell_goes_everywhere(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.patrols = N;
    double *out = played(&t, 1);
    const double *last = out + feedback_slot(&t.world, 1, FEEDBACK_CLOSED, 0);
    assert_true(last[FEEDBACK_CELLS_EVER] == N && last[FEEDBACK_CELLS_ALWAYS] == N);
    assert_true(last[FEEDBACK_TURNOVER] == 0.0 && last[FEEDBACK_CONCENTRATION] == 1.0);
    assert_true(fabs(last[FEEDBACK_N_FIELDS] - 1.0) < 1e-12); /* one patrol a day for everybody */
    free(out);
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    t.policy.patrols = 3 * N;
    free(played(&t, 1));
}

static void without_any_truth_there_is_no_distance_from_it(void **state) {
    (void)state;
    town t;
    town_init(&t);
    memset(t.truth, 0, sizeof t.truth);
    double *out = played(&t, 1);
    for (int l = 0; l < FEEDBACK_N_LOOPS; l++) {
        const double *last = out + feedback_slot(&t.world, 1, (feedback_loop)l, 0);
        assert_true(isnan(last[FEEDBACK_TV]) && isnan(last[FEEDBACK_TV_DAY]));
        assert_true(last[FEEDBACK_ADDED] == 0.0 && last[FEEDBACK_RECORDED] == 0.0);
    }
    free(out);
}

static void a_repair_has_nothing_to_divide_by_under_top(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    double *without = played(&t, 1);
    t.policy.repaired = true;
    double *with = played(&t, 1);
    assert_memory_equal(without, with,
                        t.plan.n_runs * feedback_width(&t.world, &t.plan) * sizeof *with);
    free(without);
    free(with);
}

static void the_open_loop_is_left_out_when_asked(void **state) {
    (void)state;
    town t;
    town_init(&t);
    double *both = played(&t, 1);
    t.plan.closed_only = true;
    double *closed = played(&t, 1);
    const size_t n_values = feedback_n_values(&t.world);
    assert_memory_equal(both, closed, n_values * sizeof *both);
    assert_true(isnan(closed[feedback_slot(&t.world, 0, FEEDBACK_OPEN, FEEDBACK_TV)]));
    free(both);
    free(closed);
}

static void an_alias_table_is_its_weights(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int trial = 0; trial < test_mult(300); trial++) {
        double weight[40];
        double got[40] = {0};
        const size_t n = 1 + (size_t)random_below(&seed, 40);
        double all = 0.0;
        for (size_t i = 0; i < n; i++) {
            weight[i] = random_below(&seed, 3) == 0 ? 0.0 : (double)random_below(&seed, 1000);
            all += weight[i];
        }
        if (all == 0.0) {
            continue;
        }
        feedback_alias alias = {0};
        assert_int_equal(feedback_alias_make(weight, n, &alias, NULL), ONUS_OK);
        for (size_t i = 0; i < n; i++) {
            got[i] += alias.kept_frac[i] / (double)n;
            got[alias.other[i]] += (1.0 - alias.kept_frac[i]) / (double)n;
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(got[i] - weight[i] / all) < 1e-13);
        }
        feedback_alias_clear(&alias);
    }
}

static void what_cannot_be_simulated_is_refused(void **state) {
    (void)state;
    town t;
    feedback_grid *grid = NULL;
    onus_error err = ONUS_ERROR_INIT;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.patrols = N + 1;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.discovery_frac = -0.1;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.score = FEEDBACK_KDE;
    t.world.x_m = NULL;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.score = FEEDBACK_SELF_EXCITING; /* fits whole incidents */
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    t.policy.repaired = true;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.window_days = 0;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.truth[3] = 1e9; /* more than a window can hold */
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err), ONUS_ERR_LIMIT);
    assert_null(grid);
    town_init(&t); /* and what only a run finds out */
    t.policy.reported_frac = 0.0;
    t.policy.discovery_frac = 1e9;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err), ONUS_OK);
    double *out = calloc(t.plan.n_runs * feedback_width(&t.world, &t.plan), sizeof *out);
    assert_int_equal(feedback_grid_run(grid, NULL, out, &err), ONUS_ERR_LIMIT);
    free(out);
    feedback_grid_close(grid);
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    for (int score = 0; score <= FEEDBACK_SELF_EXCITING; score++) {
        town t;
        town_init(&t);
        t.policy.score = (feedback_score)score;
        t.policy.discovery_frac = 40.0; /* more records than the first room for them */
        double *out = calloc(t.plan.n_runs * feedback_width(&t.world, &t.plan), sizeof *out);
        FAULT_EACH(fault) {
            const onus_context context = {.n_threads = 1};
            feedback_grid *grid = NULL;
            onus_status status = feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, NULL);
            if (status == ONUS_OK) {
                status = feedback_grid_run(grid, &context, out, NULL);
            }
            fault_expect(&fault, status);
            feedback_grid_close(grid);
        }
        volatile sig_atomic_t stop = 1;
        const onus_context stopped = {.n_threads = 1, .stop = &stop};
        feedback_grid *grid = NULL;
        assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, NULL), ONUS_OK);
        assert_int_equal(feedback_grid_run(grid, &stopped, out, NULL), ONUS_ERR_INTERRUPTED);
        feedback_grid_close(grid);
        free(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_is_that_of_the_naive_simulation),
        cmocka_unit_test(a_fitted_score_is_that_of_the_naive_simulation),
        cmocka_unit_test(reporting_by_area_and_ranks_are_heeded),
        cmocka_unit_test(an_empty_record_is_patrolled_evenly),
        cmocka_unit_test(without_discovery_both_loops_are_one),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(a_patrol_for_every_cell_goes_everywhere),
        cmocka_unit_test(without_any_truth_there_is_no_distance_from_it),
        cmocka_unit_test(a_repair_has_nothing_to_divide_by_under_top),
        cmocka_unit_test(the_open_loop_is_left_out_when_asked),
        cmocka_unit_test(an_alias_table_is_its_weights),
        cmocka_unit_test(what_cannot_be_simulated_is_refused),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
