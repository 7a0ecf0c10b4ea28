/* THE WALL. What the trial's side of the feedback simulation shares: which simulations a case asks
 * for, the one world that all of them run in, and the runs' summaries. Private to src/place.
 *
 *   the case and its records -> world (world.c) -> scenarios, each run (scenarios.c, urn.c)
 *   -> measures (measures.c), series (series.c), questions 9 and 10 (answers.c)
 *
 * A scenario's numbers are those of feedback_internal.h: whole cities at horizons, no cell. */
#ifndef ONUS_PLACE_FEEDBACK_TRIAL_H
#define ONUS_PLACE_FEEDBACK_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedback_internal.h"
#include "lum_isaac.h"
#include "onus/stats_loop_gain.h"
#include "onus/stats_urn.h"
#include "place_internal.h"

/** One simulation: a model and all that it was run with. */
typedef struct fb_scenario {
    onus_feedback_model model;
    const char *policy;    /* "top_counts", "urn" */
    const char *reporting; /* "by_area", "equal"; NULL: everywhere alike, as the case says */
    const char *formula;   /* lum_isaac: "corrected", "published"; else NULL */
    double discovery;      /* NAN: the model has none (urn) */
    bool repaired;
    feedback_policy how;    /* grid */
    lum_isaac_opts opts;    /* lum_isaac */
    const double *reported; /* by cell; NULL: how.reported_frac */
    double *out;            /* n_runs x width, laid out by feedback_slot */
    size_t width;
} fb_scenario;

/** Value of a measure over runs. */
typedef struct fb_summary {
    size_t n;    /* runs where it is defined */
    double mean; /* NaN: in none */
    double se;   /* Monte Carlo error of the mean; NaN for one run */
    double low;  /* the case's level of further runs lies between: order statistics */
    double high;
    bool too_few;       /* ... but there are too few runs for that: low and high are the extremes */
    double quantile[5]; /* 5, 25, 50, 75, 95 %, type 7 */
} fb_summary;

/** The urn: shares of attention by area and draw, closed and open, with and without repair. */
typedef struct fb_urn {
    size_t n_areas;
    size_t n_simulations;
    const char **names;
    double *truth; /* n_areas: share of the incidents */
    size_t n_horizons;
    uint64_t draws[FEEDBACK_HORIZONS_MAX];
    bool stated[FEEDBACK_HORIZONS_MAX];
    double
        *out[2];  /* [repaired], closed loop: n_runs x n_horizons x (n_areas + 1); NULL: not run */
    double *open; /* n_areas: attention in the open loop, drawn by the start for ever */
    onus_urn urn; /* closed, without repair */
    double *increments;
    double *rejected;
    double *start;
} fb_urn;

typedef struct place_feedback place_feedback;
struct place_feedback {
    const char *missing; /* why nothing was simulated over cells, or NULL */
    feedback_world world;
    double truth_total;
    double truth_top;        /* share of what happens in the cells where most does */
    const int32_t *observed; /* n_days x n_cells: the record of the simulated days; NULL: shorter */
    size_t n_period_days;
    double n_records; /* of the period, in the cells */
    double n_history;
    feedback_plan plan;
    bool stated[FEEDBACK_HORIZONS_MAX]; /* measures are given for it; the others are for the fan */
    const place_group **groups;         /* world.n_groups */
    const double *reported_equal;       /* by cell, where reporting differs: its mean everywhere */
    double reported_low;                /* of areas, where reporting differs */
    double reported_high;
    fb_scenario *scenarios;
    size_t n_scenarios;
    fb_urn urn; /* n_areas = 0: not asked for */
};

/* one stage each, in the order of feedback.c */
onus_status fb_world(place_trial *t, place_feedback *f) ONUS_MUST_USE;        /* world.c */
onus_status fb_scenarios(place_trial *t, place_feedback *f) ONUS_MUST_USE;    /* scenarios.c */
onus_status fb_urn_run(place_trial *t, place_feedback *f) ONUS_MUST_USE;      /* urn.c */
onus_status fb_measures(place_trial *t, place_feedback *f) ONUS_MUST_USE;     /* measures.c */
onus_status fb_urn_measures(place_trial *t, place_feedback *f) ONUS_MUST_USE; /* urn.c */
onus_status fb_gain(place_trial *t) ONUS_MUST_USE;                            /* gain.c */
onus_status fb_injection(place_trial *t) ONUS_MUST_USE;                       /* injection.c */
onus_status fb_series(place_trial *t, place_feedback *f) ONUS_MUST_USE;       /* series.c */

/* gain.c: what both forms of the loop gain share */
/** Value and interval of a loop gain: `discovery` times the gain per incident; `too_few` is the
 * reason where it has no interval. gain.c and injection.c say with `method` what the interval rests
 * on. */
void fb_gain_value(const place_trial *t, const onus_loop_gain *gain, double discovery,
                   const char *method, const char *too_few, onus_measure *m);
/** Why predictions cannot be laid over cells and windows, or NULL. */
const char *fb_gain_why_not(const place_trial *t);
/** Windows of the week in which a record may bring predictions. */
size_t fb_gain_lags(const place_trial *t);
/** The window that an instant lies in, or -1. */
int64_t fb_gain_window(const place_trial *t, double unix_s);
/** Adds what was predicted to n_windows x n_cells zeros; *reason: a rate is missing. */
onus_status fb_gain_lay(place_trial *t, const onus_flags *flags, const onus_forecast *forecast,
                        double *predicted, const char **reason) ONUS_MUST_USE;
/* injection.c */
/** Adds a sentence on what the injection showed, if the case has one, and its grade where the
 *  simulations have none. */
onus_status fb_injection_answer(place_trial *t, onus_text *text, onus_array *measures,
                                const char **grade) ONUS_MUST_USE;

/* summary.c */
/** Of n values, NaN where undefined. scratch: n doubles. O(n log n). */
void fb_summarise(const double *values, size_t n, double level, double *scratch, fb_summary *out);
/** Value of every run of a scenario at a horizon; loop FEEDBACK_N_LOOPS: closed minus open, of a
 *  load over the open one (NaN where that is 0). */
void fb_runs(const place_feedback *f, const fb_scenario *s, size_t horizon, int loop, size_t field,
             double *values);
/** Value, interval and Monte Carlo error of a measure; `fixed`: nothing in it is random. */
onus_status fb_set(place_trial *t, onus_measure *m, const fb_summary *summary, bool fixed,
                   const char *undefined) ONUS_MUST_USE;
/** Horizons up to n_last: those of the case (or the usual ones), and enough between for a fan. */
void fb_horizons(const onus_feedback_ref *ref, size_t n_runs, uint64_t n_last, uint64_t *days,
                 bool *stated, size_t *n);
/** The scope keys of a scenario at a horizon. */
void fb_scope(const fb_scenario *s, double horizon_days, onus_measure *m);
/** The drafted measure of a scenario at a horizon; loop and group may be NULL. SIZE_MAX: none. */
size_t fb_find(const place_trial *t, const fb_scenario *s, const char *id, double horizon_days,
               const char *loop, const place_group *group);
bool fb_is_fixed(const fb_scenario *s, int loop, size_t field);
const char *fb_model_name(onus_feedback_model model);

#endif
