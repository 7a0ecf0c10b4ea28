/* THE WALL. Does it feed itself? Simulations of acting on predictions, for an auditor.
 *
 * A simulated plan leaves the process nowhere: this header is private to src/place, what a run
 * hands on is a summary of whole cities over whole horizons (struct feedback_layout), and no
 * function here or behind it logs, prints, or puts a cell or a place into an error message.
 *
 * What the rooms of this folder share: the world that is simulated, how patrols are sent in it, and
 * what is kept of a run.
 *
 *   record --> score --> patrols --> discovered --> record     closed loop
 *   record --> score --> patrols --> discovered                open loop: what patrols find stays
 *      ^                                                        out of the record
 *      +---- reported without any patrol
 *
 * Both loops of a run draw the same random numbers: their difference is what feeding back does, and
 * neither noise nor a start that was skewed already. */
#ifndef ONUS_PLACE_FEEDBACK_INTERNAL_H
#define ONUS_PLACE_FEEDBACK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/status.h"

/* ---- the world ---- */

/** What is true and what was recorded before the first simulated day. All arrays borrowed. */
typedef struct feedback_world {
    size_t n_cells;              /* >= 1 */
    const double *truth_per_day; /* n_cells: incidents that happen (lambda), finite, >= 0 */
    const double *reported_frac; /* n_cells: recorded without any patrol, per incident (rho), >= 0;
                                  * NULL: policy->reported_frac everywhere */
    const double *x_m;           /* n_cells: centres, projected; NULL where no score looks at */
    const double *y_m;           /* places */
    const uint32_t *rank_by_id;  /* n_cells: a permutation; ties go by it where they go by id;
                                  * NULL: the cell's index */
    size_t n_history_days;       /* days recorded before the first simulated one, >= 0 */
    const int32_t *history;      /* n_history_days x n_cells counts >= 0, oldest day first */
    size_t n_groups;             /* 0: no load by group */
    const double *group_weight;  /* n_groups x n_cells: the part of the group's people that lives
                                  * in the cell; a row adds up to at most 1 */
} feedback_world;

/** ERR_DOMAIN with the rule that is broken (no cell is named). O(n_cells (n_history_days + G)). */
onus_status feedback_world_check(const feedback_world *world, onus_error *err) ONUS_MUST_USE;

/* ---- the policy ---- */

typedef enum feedback_rule {
    FEEDBACK_TOP,         /* one patrol in each of the `patrols` cells of highest score */
    FEEDBACK_PROPORTIONAL /* patrols ~ Multinomial(score / sum of scores) */
} feedback_rule;

typedef enum feedback_score {
    FEEDBACK_COUNTS,       /* records of the window */
    FEEDBACK_KDE,          /* the same, spread by a Gaussian over the centres */
    FEEDBACK_NEAR_REPEAT,  /* Bowers, Johnson and Pease (2004) */
    FEEDBACK_SELF_EXCITING /* Mohler et al. (2015), cell by cell */
} feedback_score;

typedef enum feedback_ties { FEEDBACK_TIES_RANDOM, FEEDBACK_TIES_ID } feedback_ties;

typedef struct feedback_policy {
    feedback_rule rule;
    feedback_score score;
    feedback_ties ties;    /* of FEEDBACK_TOP */
    size_t patrols;        /* a day, >= 1; as many as there are cells at most for FEEDBACK_TOP */
    double discovery_frac; /* recorded per incident and visit (delta), >= 0 */
    double reported_frac;  /* where world->reported_frac is NULL */
    bool repaired;         /* what a patrol discovers is divided by how likely its visit was
                            * (Horvitz-Thompson): max(patrols x share of score, 1e-3) */
    size_t window_days;    /* records that a score looks back on, >= 1 */
    double bandwidth_m;    /* kde; 0: by rule */
    double cell_side_m;    /* near_repeat: the width of a cell; 0: from the centres */
} feedback_policy;

#define FEEDBACK_POLICY_INIT                                                                       \
    { .patrols = 20, .reported_frac = 1.0, .window_days = 180 }

/** Name as in the case file ("near_repeat"). Static. */
const char *feedback_rule_name(feedback_rule rule);
const char *feedback_score_name(feedback_score score);

/* ---- what is kept of a run ---- */

enum { FEEDBACK_HORIZONS_MAX = 64, FEEDBACK_DAYS_MAX = 1000000 };

/** Which runs, and at which days they are looked at. */
typedef struct feedback_plan {
    size_t n_runs;
    size_t n_horizons;                            /* 1 .. FEEDBACK_HORIZONS_MAX */
    uint32_t horizon_days[FEEDBACK_HORIZONS_MAX]; /* strictly ascending, >= 1; a run ends with the
                                                   * last */
    size_t n_top; /* cells of the top set (concentration); 0: as many as there are patrols a day */
    uint64_t seed;
    bool closed_only; /* the open loop is not played: its values are NaN */
} feedback_plan;

onus_status feedback_plan_check(const feedback_plan *plan, onus_error *err) ONUS_MUST_USE;

typedef enum feedback_loop { FEEDBACK_CLOSED, FEEDBACK_OPEN, FEEDBACK_N_LOOPS } feedback_loop;

/** One number of a loop at a horizon; all patrols since the first simulated day unless it says
 *  "that day". NaN: undefined. After these follow the loads, one a group. */
typedef enum feedback_field {
    FEEDBACK_TV,            /* half the sum of |share of patrols - share of truth| over cells */
    FEEDBACK_TV_DAY,        /* the same for where that day's patrols were meant to go */
    FEEDBACK_CONCENTRATION, /* share of patrols in the n_top cells that had most of them */
    FEEDBACK_CELLS_EVER,    /* cells that had a patrol */
    FEEDBACK_CELLS_ALWAYS,  /* cells that had one on every day */
    FEEDBACK_TURNOVER,      /* cells a day that had a patrol and had none the day before */
    FEEDBACK_RECORDED,      /* records: reported and, in the closed loop, discovered */
    FEEDBACK_ADDED,         /* what patrols discovered, before any repair; in the open loop it is
                             * found and stays out of the record */
    FEEDBACK_N_FIELDS
} feedback_field;

/**
 * A run's slot: out[((run * n_horizons + h) * FEEDBACK_N_LOOPS + loop) * n_values + field], field
 * FEEDBACK_N_FIELDS + g: the load of group g, patrols a day in the cell where a member of the group
 * lives, on average over its members (sum over cells of patrols a day x group_weight).
 */
static inline size_t feedback_n_values(const feedback_world *world) {
    return FEEDBACK_N_FIELDS + world->n_groups;
}
static inline size_t feedback_width(const feedback_world *world, const feedback_plan *plan) {
    return plan->n_horizons * FEEDBACK_N_LOOPS * feedback_n_values(world);
}
static inline size_t feedback_slot(const feedback_world *world, size_t horizon, feedback_loop loop,
                                   size_t field) {
    return (horizon * FEEDBACK_N_LOOPS + (size_t)loop) * feedback_n_values(world) + field;
}

/** Share of values in their n_top highest; NaN where all are 0. scratch: n
 * values. O(n) on average. */
double feedback_top_share(const double *values, size_t n, size_t n_top, double *scratch);

/** Load of each group if each day's patrols went where `share` says (share adds up to 1). */
void feedback_group_loads(const feedback_world *world, const double *share, double patrols,
                          double *load);

/* ---- the tally of one loop of one run ---- */

/** Days and patrols so far, by cell. The caller's storage, zeroed to begin with. */
typedef struct feedback_tally {
    uint32_t *visits;       /* n_cells: patrols */
    uint32_t *days_visited; /* n_cells: days with at least one */
    uint32_t *last_day;     /* n_cells: the latest such day, from 1; 0: none */
    uint32_t n_days;
    uint64_t n_patrols;
    uint64_t n_entered; /* cells with a patrol that had none the day before, from day 2 */
    size_t n_ever;
    double recorded;
    double added;
} feedback_tally;

/** Adds one patrol of day `day` (from 1, ascending). O(1). */
static inline void feedback_tally_visit(feedback_tally *tally, uint32_t day, size_t cell) {
    tally->visits[cell]++;
    tally->n_patrols++;
    const uint32_t last = tally->last_day[cell];
    if (last == day) {
        return;
    }
    tally->last_day[cell] = day;
    tally->n_ever += last == 0;
    tally->days_visited[cell]++;
    tally->n_entered += day > 1 && last != day - 1;
}

/**
 * Fills the values of one loop at one horizon, all but FEEDBACK_TV_DAY (NaN; feedback_tv_of gives
 * it). tally->n_days days have passed.
 *
 * @param[in]  truth_total  sum of truth_per_day; 0: the distances from truth are NaN
 * @param[in]  scratch      n_cells doubles
 * @param[out] values       feedback_n_values
 * Cost: O(n_cells (1 + n_groups)).
 */
void feedback_summarise(const feedback_world *world, const feedback_tally *tally, size_t n_top,
                        double truth_total, double *scratch, double *values);

/** Half the sum of |weight_i / total - truth_i / truth_total|; NaN where a total is not > 0. */
double feedback_tv_of(const feedback_world *world, const double *weight, double total,
                      double truth_total);

/**
 * Share of runs in which the closed loop's concentration at a horizon exceeds the open loop's by
 * more than `bound` (for example 0.1): the runs that run away. Runs without a difference that is
 * defined are not counted; NaN if there are none.
 *
 * @param[out] n_counted  may be NULL
 */
double feedback_runaway_share(const feedback_world *world, const feedback_plan *plan,
                              const double *out, size_t horizon, double bound, size_t *n_counted);

#endif
