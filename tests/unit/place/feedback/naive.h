/* The grid loop played naively, for tests: every count kept by day and cell, every score summed up
 * anew every day, the same draws. A town of 63 cells that both sides are given. */
#ifndef ONUS_TEST_FEEDBACK_NAIVE_H
#define ONUS_TEST_FEEDBACK_NAIVE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static inline void town_init(town *t) {
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

static inline double spread_of(const town *t, size_t from, size_t to) {
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

static inline double age_of(const town *t, int days) {
    if (t->policy.score == FEEDBACK_NEAR_REPEAT) {
        return 1.0 / (1.0 + floor(days / 7.0));
    }
    return 1.0;
}

static inline void naive_scores(const town *t, const double spread[N][N], naive *m, int day) {
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
static inline void naive_fit(naive *m, int day, bool closed) {
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

static inline onus_rng rng_at(const town *t, uint64_t run, uint32_t entity, uint32_t block) {
    onus_rng rng;
    onus_rng_init(&rng, t->plan.seed, ONUS_STREAM_FEEDBACK_GRID, run, entity);
    rng.counter[3] = block;
    return rng;
}

static inline size_t at_share(const double *score, double u) {
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

static inline double sum_of(const double *v) {
    double all = 0.0;
    for (size_t i = 0; i < N; i++) {
        all += v[i];
    }
    return all;
}

static inline void naive_proportional(const town *t, const naive *m, uint64_t run, int day,
                                      bool closed, uint32_t *sent) {
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

static inline double rounded(double score) {
    return floor(score * 1e7 + 0.5); /* sums in another order: ties are ties */
}

static inline void naive_top(const town *t, const naive *m, uint64_t run, int day, bool closed,
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

static inline void naive_run(const town *t, uint64_t run, naive *m) {
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

static inline void expect_naive(const town *t) {
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

#endif
