/* THE WALL. Plain methods to compare a product with, fitted inside the process to records strictly
 * before each window, scored, and dropped.
 *
 * What a method would flag leaves the process nowhere: this header is private to src/place; scores
 * by cell are given only to the accuracy trial, which hands on sums over a whole window and nothing
 * smaller; no function here or behind it logs, prints, or puts a cell, a place or a score into an
 * error message. A window is only asked about if its outcomes are recorded: onus_baseline_score
 * refuses any index beyond the frame, and the trial makes no window that ends after the last
 * record.
 *
 * Every method is incremental: windows are asked for in ascending order, each once, and a method
 * keeps what it needs of the past as it goes. */
#ifndef ONUS_PLACE_BASELINES_INTERNAL_H
#define ONUS_PLACE_BASELINES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_internal.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef enum onus_baseline_kind {
    ONUS_BASELINE_UNIFORM,         /* the area of the cell */
    ONUS_BASELINE_PREVIOUS_WINDOW, /* count within the length of one window before its start */
    ONUS_BASELINE_MOVING_COUNT,    /* count within `history_s` before the window's start */
    ONUS_BASELINE_LONG_RUN,        /* count of everything recorded before the window's start */
    ONUS_BASELINE_KDE,
    ONUS_BASELINE_NEAR_REPEAT,
    ONUS_BASELINE_SELF_EXCITING,
    ONUS_BASELINE_N
} onus_baseline_kind;

/** "moving_count": as in protocol.baselines. Static. */
const char *onus_baseline_name(onus_baseline_kind kind);
/** ONUS_BASELINE_N if there is none of that name. */
onus_baseline_kind onus_baseline_find(const char *name);

/* self_exciting */
typedef enum onus_self_exciting_form {
    ONUS_SELF_EXCITING_GRID,  /* Mohler et al. 2015: cells excite only themselves */
    ONUS_SELF_EXCITING_KERNEL /* Mohler et al. 2011: events excite what is near them */
} onus_self_exciting_form;

/* kde: by what the bandwidth was set */
typedef enum onus_kde_rule {
    ONUS_KDE_PAST,  /* the one that would have captured most of the history's later part */
    ONUS_KDE_SCOTT, /* Scott (1992) */
    ONUS_KDE_CASE   /* the case says it */
} onus_kde_rule;

typedef struct onus_baseline_opts {
    double history_s;    /* how far back all but the counts look; <= 0: all; near_repeat never
                          * looks back more than the two months that it was published with */
    double bandwidth_m;  /* kde: 0: by the rule */
    onus_kde_rule rule;  /* kde: past or Scott's */
    double share;        /* kde, rule past: of the ground, flagged by the product; 0: not known, so
                          * Scott's rule */
    bool edge_corrected; /* kde */
    onus_self_exciting_form form;
    /* a length in the frame's own unit of time for moving counts: 0 unix seconds, else calendar
     * days, so that a day of 23 or 25 hours counts as one */
    int32_t history_days; /* > 0: used instead of history_s by the counting methods */
} onus_baseline_opts;

#define ONUS_BASELINE_OPTS_INIT                                                                    \
    { .edge_corrected = true }

typedef struct onus_baseline onus_baseline; /* opaque */

/**
 * @param[in]  frame  borrowed until close
 * @return ONUS_OK; ONUS_ERR_DOMAIN (a method that this frame cannot carry, with the reason);
 *         ONUS_ERR_NOMEM
 */
onus_status onus_baseline_open(onus_baseline_kind kind, const onus_frame *frame,
                               const onus_baseline_opts *opts, const onus_context *context,
                               onus_baseline **out, onus_error *err) ONUS_MUST_USE;

/**
 * Scores every cell for window w from events strictly before windows[w].from_s (an event at that
 * very instant is not used).
 *
 * @param[in]  w              ascending between calls
 * @param[out] score_by_cell  n_cells values, finite, >= 0: the expected count in the cell, up to
 * one factor for the whole window; the caller ranks them (by density where cells->by_density)
 */
onus_status onus_baseline_score(onus_baseline *baseline, size_t w, double *score_by_cell,
                                onus_error *err) ONUS_MUST_USE;
/** The bandwidth of kde at the last window scored, and by what it was set; NaN: another method, or
 *  nothing recorded before any window. One number for the whole region: no cell, no place. */
double onus_baseline_bandwidth_m(const onus_baseline *baseline, onus_kde_rule *rule);
void onus_baseline_close(onus_baseline *baseline);

/* ---- one method's own functions; baseline.c dispatches ---- */
typedef struct onus_baseline_methods {
    onus_status (*open)(onus_baseline_kind kind, const onus_frame *frame,
                        const onus_baseline_opts *opts, const onus_context *context, void **state,
                        onus_error *err);
    onus_status (*score)(void *state, size_t w, double *score_by_cell, onus_error *err);
    void (*close)(void *state);
} onus_baseline_methods;

extern const onus_baseline_methods onus_baseline_counts;        /* counts.c: the first four */
extern const onus_baseline_methods onus_baseline_kde;           /* kde.c */
extern const onus_baseline_methods onus_baseline_near_repeat;   /* near_repeat.c */
extern const onus_baseline_methods onus_baseline_self_exciting; /* self_exciting.c */

#endif
