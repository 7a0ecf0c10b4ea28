/* THE WALL. What the sources of the grid loop share: cells by cell, so for them and for tests
 * only. Nothing in src/ but grid*.c includes this: the trial sees grid.h. */
#ifndef ONUS_FEEDBACK_GRID_INTERNAL_H
#define ONUS_FEEDBACK_GRID_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "feedback_internal.h"
#include "grid.h"
#include "lum_isaac_em.h"
#include "onus/exec.h"

/* Scores are whole numbers of units: what was added and taken away leaves nothing behind, ties are
 * ties, and no result depends on the order of adding. One incident is UNITS of them, 2520^3: 2520
 * is divided by every number up to 10, so that the fractions of near repeats add up exactly. The
 * floor of a score (1e-9 incidents) is FLOOR_UNITS, 2e-4 of it too low; a sum holds 5.7e8
 * incidents. */
#define FEEDBACK_UNITS 16003008000.0
enum { FEEDBACK_FLOOR_UNITS = 16 };
#define FEEDBACK_WEIGHT_MAX 2e8 /* that one window's reports, or its discoveries, may add up to */

/* ---- draws (grid_draw.c) ---- */

/** Draws cells in proportion to weights in one step (Walker 1977, as built by Vose 1991). */
typedef struct feedback_alias {
    size_t n;
    double *kept_frac; /* n: how much of slot i stays with i */
    uint32_t *other;   /* n: who has the rest */
} feedback_alias;

/** weight: n >= 1 values >= 0, their sum > 0. */
onus_status feedback_alias_make(const double *weight, size_t n, feedback_alias *out,
                                onus_error *err) ONUS_MUST_USE;
void feedback_alias_clear(feedback_alias *alias);

/** u in [0, 1). */
static inline size_t feedback_alias_at(const feedback_alias *alias, double u) {
    const double scaled = u * (double)alias->n;
    size_t slot = (size_t)scaled;
    slot = slot < alias->n ? slot : alias->n - 1;
    return scaled - (double)slot < alias->kept_frac[slot] ? slot : alias->other[slot];
}

/**
 * Moves the `wanted` of n cells with the smallest keys to the front, in any order; equal keys by
 * cell. O(n) on average.
 */
typedef struct feedback_keyed {
    uint64_t key;
    uint32_t cell;
} feedback_keyed;
void feedback_bring_smallest(feedback_keyed *keyed, size_t n, size_t wanted);

/* ---- scores that are sums over records (grid_kernel.c) ---- */

/**
 * score_c = sum over records of weight x by_age[age] x share of the record's cell in c.
 * Of cell i: starts[i] .. starts[i + 1] - 1. Counts: every record stays in its cell.
 */
typedef struct feedback_kernel {
    size_t *starts; /* n_cells + 1; NULL: a record stays in its cell with all its weight */
    uint32_t *cell;
    double *share;
    size_t n_changes; /* ages at which by_age changes, ascending: the first is 1 */
    uint32_t *change_age;
    double *before; /* by_age of a day less */
    double *after;  /* and from this age on; 0 in the end */
    double most;    /* that a record of weight 1 adds to all scores together */
} feedback_kernel;

onus_status feedback_kernel_make(const feedback_world *world, const feedback_policy *policy,
                                 feedback_kernel *out, onus_error *err) ONUS_MUST_USE;
void feedback_kernel_clear(feedback_kernel *kernel);

/** Scores by cell, their sums by blocks of 2^shift neighbouring cells, and their sum. Blocks are
 *  about as many as cells in one, so that a cell is found by its share in sqrt(cells) steps. */
typedef struct feedback_scores {
    int64_t *units; /* n_cells */
    int64_t *block; /* feedback_n_blocks */
    int64_t total;
    unsigned shift;
} feedback_scores;

unsigned feedback_block_shift(size_t n_cells);
static inline size_t feedback_n_blocks(size_t n_cells, unsigned shift) {
    return ((n_cells - 1) >> shift) + 1;
}

static inline void feedback_scores_add(feedback_scores *scores, uint32_t cell, int64_t more) {
    scores->units[cell] += more;
    scores->block[cell >> scores->shift] += more;
    scores->total += more;
}

/** The cell at a share u in [0, 1) of the total, which is > 0. */
size_t feedback_scores_at(const feedback_scores *scores, double u);

/** A record of this cell and weight counts `after` from now on and counted `before` until now. */
void feedback_kernel_move(const feedback_kernel *kernel, uint32_t cell, double weight,
                          double before, double after, feedback_scores *scores);

/* ---- records (grid_records.c) ---- */

/** What is in the record, by day; days that no score looks back on any more are let go. */
typedef struct feedback_records {
    uint32_t *cell;
    double *weight; /* NULL: 1 each */
    size_t n;
    size_t cap;
    size_t *day_from; /* n_days_kept + 1, a ring: where each day's records begin */
    size_t n_days_kept;
    int64_t today; /* the day that is being written; its records go on until n */
} feedback_records;

/** days: that are looked back on; the first day to be written is `first_day`. */
onus_status feedback_records_open(feedback_records *records, size_t days, int64_t first_day,
                                  bool weighted) ONUS_MUST_USE;
/** A copy to write on. */
onus_status feedback_records_copy(const feedback_records *records,
                                  feedback_records *out) ONUS_MUST_USE;
void feedback_records_clear(feedback_records *records);
/** false: out of memory. */
bool feedback_records_add(feedback_records *records, uint32_t cell, double weight);
/** The records of `day`: *from .. *until - 1; none for a day that is not kept. */
void feedback_records_of(const feedback_records *records, int64_t day, size_t *from, size_t *until);
/** Ends the day. */
void feedback_records_next(feedback_records *records);

/* ---- the score that is fitted (grid_fit.c) ---- */

typedef struct feedback_fit {
    size_t n_cells;
    size_t window_days;
    size_t cap; /* records that there is room for */
    lum_isaac_em em;
    void *memory; /* em's */
    lum_isaac_record *records;
    double *rate_per_day; /* n_cells */
    size_t *at;           /* n_cells: the cell's latest of records[] */
} feedback_fit;

onus_status feedback_fit_open(feedback_fit *fit, size_t n_cells, size_t window_days) ONUS_MUST_USE;
void feedback_fit_clear(feedback_fit *fit);
/** Scores of today: rates by a fit to the window before it. finds NULL: the open loop's. */
onus_status feedback_fit_day(feedback_fit *fit, const feedback_records *reports,
                             const feedback_records *finds, feedback_scores *scores) ONUS_MUST_USE;

/* ---- what all runs share (grid.c) ---- */

struct feedback_grid {
    feedback_world world;
    feedback_policy policy;
    feedback_plan plan;
    size_t n_top;
    double truth_total;
    double reported_per_day; /* sum of rho_i lambda_i */
    feedback_alias reported; /* by rho_i lambda_i; n = 0 if nothing is ever reported */
    double *undiscovered;    /* n_cells: exp(-delta lambda_i) */
    uint64_t *rank_key;      /* n_cells: for ties by id */
    feedback_kernel kernel;
    feedback_scores start;    /* of the history, at the first day */
    feedback_records history; /* of the last window_days of it */
};

/**
 * One run.
 *
 * @param[out] visits  NULL, or FEEDBACK_N_LOOPS x n_cells patrols over all days, for tests
 * @param[out] slot    feedback_width
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_LIMIT (more is discovered than scores can hold)
 */
onus_status feedback_grid_replicate(const feedback_grid *grid, uint64_t run, uint32_t *visits,
                                    double *slot) ONUS_MUST_USE;

#endif
