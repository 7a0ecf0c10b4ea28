/* THE WALL. The published self-exciting algorithm, refitted every day to what it led to. Private
 * to src/place: what a run hands on is numbers of the whole city. */
#ifndef ONUS_LUM_ISAAC_H
#define ONUS_LUM_ISAAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedback_internal.h"
#include "lum_isaac_em.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef struct lum_isaac_opts {
    lum_isaac_formula formula;
    bool highest_id_first; /* equal rates: the last by world->rank_by_id is flagged first */
    size_t flagged;        /* cells a day, 1 .. n_cells */
    size_t window_days;    /* that a fit looks back on, 1 .. world->n_history_days */
    double discovery_frac; /* p, in [0, 1] */
} lum_isaac_opts;

/** As published. */
#define LUM_ISAAC_OPTS_INIT                                                                        \
    { .formula = LUM_ISAAC_PUBLISHED, .highest_id_first = true, .flagged = 20, .window_days = 180 }

/** What the publication prints of a run besides feedback_field; over the run's first or last
 *  LUM_ISAAC_EDGE_DAYS days (all of them in a shorter run). */
typedef enum lum_isaac_field {
    LUM_ISAAC_RATE_SHARE_FIRST, /* mean over days of: flagged cells' rates / all cells' rates */
    LUM_ISAAC_RATE_SHARE_LAST,
    LUM_ISAAC_RATE_FLAGGED_LAST, /* mean over days of: mean rate of the flagged cells */
    LUM_ISAAC_RATE_OTHER_LAST,   /* the same of all others; NaN where all are flagged */
    LUM_ISAAC_N_FIELDS
} lum_isaac_field;

enum { LUM_ISAAC_EDGE_DAYS = 30 };

/** Doubles a run: those of feedback_width, then LUM_ISAAC_N_FIELDS of each loop. */
static inline size_t lum_isaac_width(const feedback_world *world, const feedback_plan *plan) {
    return feedback_width(world, plan) + (size_t)FEEDBACK_N_LOOPS * LUM_ISAAC_N_FIELDS;
}
static inline size_t lum_isaac_slot(const feedback_world *world, const feedback_plan *plan,
                                    feedback_loop loop, lum_isaac_field field) {
    return feedback_width(world, plan) + (size_t)loop * LUM_ISAAC_N_FIELDS + (size_t)field;
}

/**
 * Simulates plan->n_runs years of: fit the last window_days days of the record, flag the cells of
 * highest rate, and add Binomial(count + 1, p) incidents of the day in each of them, count being
 * what was recorded there without any patrol. Closed loop: what is added joins the record. Open
 * loop: it is found and stays out of it, so that the fits are those of the record alone.
 *
 * Both loops of a run, and runs of equal number at any p, draw the same uniform for the same day,
 * cell and incident. A cell without a record in the window has no rate and is never flagged: fewer
 * than `flagged` cells may be.
 *
 * @param[in]  world     history: the record before the first simulated day; truth_per_day: what
 *                       distances from truth are measured against; reported_frac, x_m, y_m unused
 * @param[in]  observed  D x n_cells counts >= 0, the record of the simulated days, first day first;
 *                       D is the plan's last horizon
 * @param[out] out       n_runs x lum_isaac_width; FEEDBACK_RECORDED is observed and, in the closed
 *                       loop, added; rate fields are of the whole run
 * @return ONUS_OK; ONUS_ERR_DOMAIN (world, plan or options, with the rule); ONUS_ERR_NOMEM;
 *         ONUS_ERR_INTERRUPTED
 *
 * Cost: a run is D fits (lum_isaac_em_fit); the open loop is fitted once for all runs. Memory: the
 * record as a list, and per worker a list and a window of it. Same bytes for any number of threads.
 * Source: Lum and Isaac (2016). Checked against: tests/reference/feedback.
 */
onus_status lum_isaac_run(const feedback_world *world, const int32_t *observed,
                          const lum_isaac_opts *opts, const feedback_plan *plan,
                          const onus_context *context, double *out, onus_error *err) ONUS_MUST_USE;

#endif
