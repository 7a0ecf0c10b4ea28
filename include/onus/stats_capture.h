/* How much of what was recorded lies in the cells that a score ranks highest: capture over area,
 * the most that any choice of the same area could have captured, and how flags come and go. */
#ifndef ONUS_STATS_CAPTURE_H
#define ONUS_STATS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** Recorded outcomes of one window by cell: only cells that had any, ascending, each once. */
typedef struct onus_cell_counts {
    size_t n;
    const int32_t *cell;
    const double *count; /* whole numbers > 0 */
} onus_cell_counts;

/**
 * Gathers events into counts by cell.
 * @param[in]  cell, count  n_events; count NULL: each event counts once; events of count 0 vanish
 * @param[out] out_cell, out_count  room for n_events; ascending; *n_out cells
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a count is negative or not a whole number, or a cell is
 * negative; ONUS_ERR_NOMEM. O(n log n).
 */
onus_status onus_cell_counts_gather(const int32_t *cell, const double *count, size_t n_events,
                                    int32_t *out_cell, double *out_count,
                                    size_t *n_out) ONUS_MUST_USE;

/** Cells of one window and what they are ranked by, highest first. All borrowed. */
typedef struct onus_ranked {
    size_t n_cells;
    const double *score;   /* finite */
    const double *area_m2; /* > 0, finite; NULL: all cells are alike, each of area 1 */
    bool by_density;       /* rank by score / area_m2 instead of score */
    const int32_t *order;  /* who comes first among equals (all different); NULL: the index */
} onus_ranked;

/** What a budget is measured in. A budget of area may end within a cell, which then counts by its
 *  share: the same area is flagged whatever is ranked. */
typedef enum onus_capture_unit {
    ONUS_CAPTURE_AREA, /* square metres */
    ONUS_CAPTURE_CELLS,
    ONUS_CAPTURE_N_UNITS
} onus_capture_unit;

typedef enum onus_tie_rule {
    /* cells of equal score are one block; a budget that ends within it captures the block's
     * outcomes in proportion (linear in the area, or in the number of cells, that fits). For equal
     * cells this is the exact expectation over random orders of the block. */
    ONUS_TIE_EXPECTED,
    ONUS_TIE_ORDER, /* lowest `order` first: the lowest id, or the first in the file */
} onus_tie_rule;

/** The rule asked for; beside it the least and the most that any order among equals captures. */
typedef enum onus_tie_variant {
    ONUS_TIE_ASKED,
    ONUS_TIE_WORST,
    ONUS_TIE_BEST,
    ONUS_TIE_N_VARIANTS
} onus_tie_variant;

/** From how much flagged until how much flagged an outcome's cell goes from out to in. */
typedef struct onus_capture_span {
    double from;
    double until; /* > from */
} onus_capture_span;

/** Everything that budgets and curves of one window need. Owned: onus_capture_clear. */
typedef struct onus_capture {
    size_t n; /* cells with outcomes */
    double *count;
    onus_capture_span *span[ONUS_CAPTURE_N_UNITS][ONUS_TIE_N_VARIANTS]; /* n each */
    double all[ONUS_CAPTURE_N_UNITS]; /* area of all cells; number of cells */
    double n_outcomes;
    void *storage;
} onus_capture;

/**
 * Ranks one window. No full sort: only the cells with outcomes are sorted, every other cell is
 * counted into the gap between two of them.
 *
 * @param[out] out  to be cleared; empty but clearable on failure
 * @return ONUS_OK; ONUS_ERR_DOMAIN (a score or area that is not finite, an area <= 0, a cell out of
 *         range or not ascending, a count that is not a whole number > 0); ONUS_ERR_NOMEM
 * Cost: O(n_cells log(cells with outcomes)).
 */
onus_status onus_capture_make(const onus_ranked *cells, const onus_cell_counts *counts,
                              onus_tie_rule rule, onus_capture *out, onus_error *err) ONUS_MUST_USE;
void onus_capture_clear(onus_capture *capture);

/** Outcomes captured by a budget (square metres or cells; <= 0: none, above all: all). O(n). */
double onus_captured(const onus_capture *capture, onus_capture_unit unit, onus_tie_variant variant,
                     double budget);

/**
 * Area under the capture curve (share of outcomes over share of area) from 0 to alpha, exact:
 * random = alpha^2 / 2, alpha = 1: the whole area. Undefined: no outcomes. O(n).
 */
onus_number onus_capture_auc(const onus_capture *capture, onus_tie_variant variant, double alpha);
/** What chance gets: alpha^2 / 2. */
double onus_capture_auc_random(double alpha);

/** What a budget flags, expected over the order among equals. */
typedef struct onus_flagged {
    double area_m2;
    double n_cells;
    double score; /* sum of the scores of what is flagged: predicted counts where scores are such */
} onus_flagged;

/** The same linear share as ONUS_TIE_EXPECTED. O(n_cells) on average.
 *  @return as onus_capture_make */
onus_status onus_flagged_expected(const onus_ranked *cells, onus_capture_unit unit, double budget,
                                  onus_flagged *out, onus_error *err) ONUS_MUST_USE;

/**
 * Whole cells that a budget flags, in the order of the ranking, equals by `order`. A cell that does
 * not fit any more is passed over, later ones that fit are taken (areas are compared with the
 * relative tolerance ONUS_AREA_ROUNDING).
 *
 * @param[out] cell  room for n_cells; the flagged ones in the order of the ranking
 * @return as onus_capture_make. O(n log n) for areas, O(n + k log k) for k cells.
 */
onus_status onus_flag_whole(const onus_ranked *cells, onus_capture_unit unit, double budget,
                            int32_t *cell, size_t *n_flagged, onus_error *err) ONUS_MUST_USE;

/** Sums of the same areas in another order differ by less than this share. */
#define ONUS_AREA_ROUNDING 1e-9

/** PAI = (n / N) / (a / A) (Chainey et al. 2008). Undefined: no outcomes; nothing flagged; a
 *  negative or non-finite argument; n > N; a > A. */
onus_number onus_pai(double n, double n_all, double area, double area_all);
/** RRI = predicted / observed, in what was flagged. Undefined: nothing observed there. */
onus_number onus_rri(double predicted, double observed);

/** The most that any choice of cells of the same area could have captured (n*). */
typedef struct onus_best {
    double low;     /* a choice is known that captures this much */
    double high;    /* none captures more; low == high: exact */
    double greedy;  /* densest first, passing over what does not fit: never above low */
    double relaxed; /* if cells could be cut (Dantzig 1957): never below high */
    bool exact;
    const char *reason; /* why not exact; else NULL */
} onus_best;

/**
 * 0/1 knapsack over the cells with outcomes (Kellerer, Pferschy & Pisinger 2004): exact at once
 * where greedy meets the relaxed bound rounded down; else cells whose place is settled by the bound
 * are taken out (Dembo & Hammer 1980) and the rest is solved by dynamic programming over counts
 * (least area for each count); past `steps_cap` steps by branch and bound of as many nodes, and
 * past those the bounds are what there is.
 *
 * @param[in] area_m2    by cell; NULL: each is 1
 * @param[in] budget_m2  >= 0; compared with the tolerance ONUS_AREA_ROUNDING
 * @param[in] steps_cap  0: 1e8
 * @return ONUS_OK; ONUS_ERR_DOMAIN as onus_capture_make; ONUS_ERR_NOMEM
 */
onus_status onus_capture_best(const onus_cell_counts *counts, const double *area_m2, size_t n_cells,
                              double budget_m2, uint64_t steps_cap, onus_best *out,
                              onus_error *err) ONUS_MUST_USE;

/** Places with whole counts above 0, borrowed. */
typedef struct onus_points_counted {
    size_t n;
    const double *x; /* metres */
    const double *y;
    const double *count;
} onus_points_counted;

/**
 * The most that n_boxes axis-parallel boxes of one size (edges inside, to a micrometre), laid
 * anywhere, could hold: low is known to be reached, none holds more than high; equal where the two
 * meet. Method and proof: stats_capture_boxes.c.
 * @return ONUS_OK; ONUS_ERR_DOMAIN for sizes, numbers or counts that are none; ONUS_ERR_NOMEM
 * Cost: O(n s log s) with s points within a box's width of another, times the boxes laid where the
 * bounds do not meet at once.
 * Source: Nemhauser, Wolsey & Fisher (1978) for the lower bound.
 */
onus_status onus_boxes_best(const onus_points_counted *points, double width, double height,
                            double n_boxes, onus_limits *out, onus_error *err) ONUS_MUST_USE;

/** PEI* = n / n*: limits from n* (low = n / high); low == high where n* is exact. None (NaN) where
 *  n* is 0: nothing could have been captured. */
onus_limits onus_pei(double n, const onus_best *best);

/** Flags of consecutive windows, streamed: who was ever flagged, who always, for how long on end.
 *  Owned: onus_flag_runs_clear. */
typedef struct onus_flag_runs {
    size_t n_cells;
    uint64_t n_windows;
    uint64_t n_flags;
    uint64_t n_runs; /* a run: windows one after the other in which the cell is flagged */
    double *times;   /* n_cells: windows in which the cell is flagged */
    uint64_t *last;  /* n_cells: 1 + the last window in which it was; 0: never */
} onus_flag_runs;

onus_status onus_flag_runs_init(onus_flag_runs *runs, size_t n_cells) ONUS_MUST_USE;
void onus_flag_runs_clear(onus_flag_runs *runs);
/** The next window; a cell named twice counts once. ERR_DOMAIN: a cell out of range (nothing is
 *  counted then). */
onus_status onus_flag_runs_add(onus_flag_runs *runs, const int32_t *cell,
                               size_t n_flagged) ONUS_MUST_USE;
/** Flags per run. Undefined: no flags. */
onus_number onus_flag_runs_mean(const onus_flag_runs *runs);
size_t onus_flag_runs_ever(const onus_flag_runs *runs);
/** Cells flagged in every window; 0 if there was none. */
size_t onus_flag_runs_always(const onus_flag_runs *runs);
/** Gini coefficient of flags over all cells (onus_gini, unweighted). */
onus_status onus_flag_runs_gini(const onus_flag_runs *runs, onus_number *out) ONUS_MUST_USE;

#endif
