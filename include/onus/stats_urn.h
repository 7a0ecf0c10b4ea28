/* The urn of Ensign, Friedler, Neville, Scheidegger and Venkatasubramanian (2018), "Runaway
 * Feedback Loops in Predictive Policing" (FAT* 81:160-171): where a patrol goes is drawn like a
 * ball from an urn, and what it records there is thrown back in as balls. The simplest model in
 * which acting on records changes the records; it says how fast attention parts from the truth, and
 * what a repair does about it.
 *
 * One draw is one patrolled day. Area i is drawn with probability balls_i / all balls. Every area j
 * then gets increments[i][j] balls, as they stand or as Poisson counts with these means; last, each
 * ball is forgotten with a fixed probability. The model has a handful of areas and nothing else:
 * there are no cells in it that anybody could patrol. Everything by horizon is for that many draws
 * and not for "in the end": limits mislead (docs/feedback.md). */
#ifndef ONUS_STATS_URN_H
#define ONUS_STATS_URN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/* ---- the model ---- */
typedef enum onus_urn_noise {
    ONUS_URN_FIXED,   /* the balls of a row are added as they stand, fractions too */
    ONUS_URN_POISSON, /* independent Poisson counts with these means */
} onus_urn_noise;

typedef enum onus_urn_attention {
    ONUS_URN_CLOSED, /* areas are drawn by what is recorded so far: the loop */
    ONUS_URN_OPEN,   /* areas are drawn by the starting balls for ever: no loop */
} onus_urn_attention;

/* Both weigh what is found in the drawn area i by w_i = (fewest balls of any area) / balls_i, so
 * that P(i drawn) w_i is the same for every area and records grow as the truth does. For two areas
 * w_i = min(1, balls of the other / balls_i), as in Ensign et al. */
typedef enum onus_urn_repair {
    ONUS_URN_REPAIR_NONE,
    ONUS_URN_REPAIR_REJECT, /* by a coin: `increments` with probability w_i, else `rejected` */
    ONUS_URN_REPAIR_WEIGH,  /* importance weights: w_i of `increments`, 1 - w_i of `rejected` */
} onus_urn_repair;

/**
 * Borrows its arrays. Invariant (onus_urn_check): n_areas >= 2; start_balls >= 0 and finite, not
 * all 0, and all > 0 with a repair; entries of both matrices in [0, ONUS_URN_MAX_INCREMENT];
 * 0 <= decay_frac < 1. With decay, min_balls > 0, so that the urn never runs empty, and no area
 * starts above ONUS_URN_MAX_DECAYING balls.
 */
typedef struct onus_urn {
    size_t n_areas;
    const double *start_balls; /* n_areas: recorded before the first draw */
    const double *increments;  /* n_areas x n_areas: row = drawn, column = gets the balls */
    const double *rejected;    /* same shape, for the repairs; NULL: nothing */
    onus_urn_noise noise;      /* of increments */
    onus_urn_noise rejected_noise;
    onus_urn_attention attention;
    onus_urn_repair repair;
    double decay_frac; /* probability that a ball is forgotten at a draw, after the increments */
    double min_balls;  /* what decay leaves of an area at least (published: 1); not without decay */
} onus_urn;

#define ONUS_URN_MAX_INCREMENT 1e6 /* balls; a Poisson table of this mean has 20,000 entries */
#define ONUS_URN_MAX_DECAYING 1e12 /* balls; forgetting among n of them takes sqrt(n) steps */

#define ONUS_URN_INIT                                                                              \
    { .min_balls = 1 }

/** ERR_DOMAIN with the field that breaks the invariant. O(n_areas^2). */
onus_status onus_urn_check(const onus_urn *urn, onus_error *err) ONUS_MUST_USE;

/**
 * Rows for incidents that patrols discover in the drawn area and incidents that residents report
 * from every area: increments[i][j] = discovered[j] (i == j) + reported[j]. The incidents
 * "discovered" of Ensign et al. have reported = 0, "reported" discovered = 0, "mixed" both.
 *
 * @param[in]  discovered_per_draw, reported_per_draw  n_areas means, >= 0
 * @param[out] increments  n_areas x n_areas
 * @param[out] rejected    the same without what was discovered: with ONUS_URN_REPAIR_REJECT only
 *                         discoveries are filtered ("partial surprise" of the published code); may
 *                         be NULL
 */
void onus_urn_mix(const double *discovered_per_draw, const double *reported_per_draw,
                  size_t n_areas, double *increments, double *rejected);

/* ---- simulation ---- */
/** What is common to all runs: tables, sizes. Read only once made; holds copies of everything. */
typedef struct onus_urn_plan onus_urn_plan;

typedef struct onus_urn_runs {
    uint64_t seed;
    size_t n_horizons;
    const uint64_t *horizon_draws; /* strictly increasing, >= 1 */
} onus_urn_runs;

/**
 * Prepares runs of an urn. *out is the caller's, freed by onus_urn_plan_free; NULL on failure.
 * @return ONUS_OK; ONUS_ERR_DOMAIN (onus_urn_check; horizons that do not rise; more draws than a
 * run has random numbers for, 2^33 words of 64 bits); ONUS_ERR_NOMEM Cost: O(n_areas^2 + sum of
 * sqrt(mean) over distinct Poisson means); with decay about 1 ms and 0.5 MB of tables besides.
 */
onus_status onus_urn_plan_new(const onus_urn *urn, const onus_urn_runs *runs, onus_urn_plan **out,
                              onus_error *err) ONUS_MUST_USE;
/** NULL is legal. */
void onus_urn_plan_free(onus_urn_plan *plan);

/** Doubles per run: n_horizons * (n_areas + 1). */
size_t onus_urn_plan_width(const onus_urn_plan *plan);
/** Bytes of a worker's scratch. */
size_t onus_urn_plan_scratch_size(const onus_urn_plan *plan);

/**
 * One run: an onus_replicate_fn, `shared` is the plan. For horizon h and area i,
 * slot[h * (n_areas + 1) + i] is the area's share of all balls after horizon_draws[h] draws, and
 * slot[h * (n_areas + 1) + n_areas] the number of balls.
 *
 * Draw d of run r takes its random numbers from the same places whatever the urn holds by then
 * (stream ONUS_STREAM_FEEDBACK_URN): a closed and an open loop with one seed meet the same luck, so
 * their difference run by run is the loop's own doing and not noise.
 * Cost: O(draws * (n_areas + Poisson counts)), 30 ns a draw of two areas; with decay an area of
 * more than some 1,000 balls costs O(sqrt(balls * decay_frac)) a draw. No memory.
 * Checked against: tests/unit/stats/test_urn_plain.c, tests/reference/feedback/test_urn.c.
 */
void onus_urn_replicate(const void *plan, uint64_t replicate, void *scratch, double *slot);

/**
 * All runs on the replicate engine: out[r * width + k] as above, n_runs * width doubles. Same bytes
 * for any number of threads, and as onus_urn_replicate run by run; two areas go four runs at a
 * time. ERR_INTERRUPTED, ERR_NOMEM.
 */
onus_status onus_urn_simulate(const onus_urn_plan *plan, uint64_t n_runs,
                              const onus_context *context, double *out,
                              onus_error *err) ONUS_MUST_USE;

/** Value k of every run. Borrows. */
typedef struct onus_urn_column {
    const double *runs; /* n_runs x width */
    uint64_t n_runs;
    size_t width;
    size_t k;
} onus_urn_column;

/** One share over all runs. */
typedef struct onus_urn_summary {
    double mean;
    double sd;                 /* divisor n - 1; NaN for one run */
    uint64_t n_runaway;        /* runs whose share is above the bound */
    double runaway_share_frac; /* of all runs */
} onus_urn_summary;

/**
 * Mean, sd, runs beyond a bound and quantiles (type 7) of one value of the runs.
 *
 * @param[in]  runaway_bound  a share; NaN: none is counted
 * @param[in]  p              n_p probabilities, or NULL
 * @param[out] quantiles      n_p shares, or NULL
 * @return ONUS_OK; ONUS_ERR_TOO_FEW if n_runs is 0; ONUS_ERR_NOMEM. O(n_runs log n_runs).
 */
onus_status onus_urn_summarise(const onus_urn_column *column, double runaway_bound, const double *p,
                               size_t n_p, onus_urn_summary *out, double *quantiles) ONUS_MUST_USE;

/* ---- the exact law of two areas ---- */
/**
 * Distribution of the first area's share after a number of draws, for fixed increments, no repair
 * and no decay: how often the first area was drawn is then all that matters, and its distribution
 * follows by recursion over draws. Atoms in ascending order of share; equal shares stay apart.
 */
typedef struct onus_urn_law {
    size_t n_atoms;
    double *share_frac;
    double *probability;
} onus_urn_law;

/**
 * @return ONUS_OK; ONUS_ERR_DOMAIN unless n_areas is 2, noise ONUS_URN_FIXED, repair
 *         ONUS_URN_REPAIR_NONE, decay_frac 0 and n_draws at most 1e5; ONUS_ERR_NOMEM. *out is
 *         cleared by onus_urn_law_clear and empty on error.
 * Cost: O(n_draws^2) time, of which probabilities under 1e-300 take none; O(n_draws) memory.
 * Checked against: tests/reference/feedback (urn_exact.json, 1e-12).
 */
onus_status onus_urn_law_new(const onus_urn *urn, uint64_t n_draws, onus_urn_law *out,
                             onus_error *err) ONUS_MUST_USE;
void onus_urn_law_clear(onus_urn_law *law);
double onus_urn_law_mean(const onus_urn_law *law);
double onus_urn_law_sd(const onus_urn_law *law);
/** Smallest share that at least p of the probability lies at or below. NaN outside 0 < p < 1. */
double onus_urn_law_quantile(const onus_urn_law *law, double p);
/** P(share > bound). */
double onus_urn_law_above(const onus_urn_law *law, double bound);

/* ---- limits and speeds in closed form ---- */
typedef enum onus_urn_limit_kind {
    ONUS_URN_LIMIT_NONE,  /* none is known in closed form; `reason` says why */
    ONUS_URN_LIMIT_POINT, /* every run ends at one share */
    ONUS_URN_LIMIT_BETA,  /* every run ends at a share of its own, drawn from a Beta distribution */
} onus_urn_limit_kind;

typedef struct onus_urn_limit {
    onus_urn_limit_kind kind;
    double share_frac; /* the point, or the mean of the Beta */
    double sd;         /* 0, or that of the Beta */
    double alpha;      /* of the Beta, else NaN */
    double beta;
    const char *reason; /* static; NULL unless NONE */
} onus_urn_limit;

/**
 * Where the first of two areas' share goes as draws go to infinity. For rows (a, b), (c, d):
 * a = d = s, b = c = 0, fixed: Beta(n_A / s, n_B / s) (Polya). Otherwise the stable root in [0, 1]
 * of (c + d - a - b) x^2 + (a - 2c - d) x + c (Renlund 2010, arXiv:1002.3716). With a repair and
 * nothing added by rejected draws, (a + c) / (a + b + c + d). None with decay (the share never
 * settles), for Poisson a = d, b = c = 0 (no known law), and with three or more areas.
 * ERR_DOMAIN as onus_urn_check.
 */
onus_status onus_urn_limit_of(const onus_urn *urn, onus_urn_limit *out,
                              onus_error *err) ONUS_MUST_USE;

/**
 * Expected course, draw by draw, with the randomness left out: balls_j += sum_i share_i
 * increments[i][j], then balls_j = max(min_balls, (1 - decay) balls_j); with a repair shares are
 * weighed as above. No mean over runs, but near it where the urn is full; the difference is that
 * of a nonlinear map (docs/feedback.md shows how large).
 *
 * @param[out] out  n_horizons * (n_areas + 1), laid out as a run's slot
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. O(draws * n_areas^2).
 */
onus_status onus_urn_mean_field(const onus_urn *urn, const uint64_t *horizon_draws,
                                size_t n_horizons, double *out, onus_error *err) ONUS_MUST_USE;

/** Two areas that only discover, no decay; draws as continuous time. */
typedef struct onus_urn_pair {
    double start_a; /* balls, > 0 */
    double start_b;
    double rate_a; /* balls a draw of the area adds, > 0 */
    double rate_b;
} onus_urn_pair;

/**
 * Share of area A after t days of the expected course: t = n_A (e^{aT} - 1) / a + n_B (e^{bT} - 1)
 * / b, odds = n_A / n_B e^{(a - b) T}. None outside the domain or for t < 0.
 */
onus_number onus_urn_share_after(const onus_urn_pair *pair, double days);

/**
 * Days until the share of area A passes `share_frac` on that course; 0 if it stands there. None if
 * it never does (rates equal, or the course leads away).
 */
onus_number onus_urn_days_to_share(const onus_urn_pair *pair, double share_frac);

/**
 * Days in which the odds of the area with the higher rate double once decay has emptied the start
 * from the urn: ln 2 (mean rate / decay) / |rate_a - rate_b|, for shares near even. None for equal
 * rates or decay outside (0, 1): without decay odds double ever more slowly.
 */
onus_number onus_urn_doubling_days(double rate_a, double rate_b, double decay_frac);

#endif
