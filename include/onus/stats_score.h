/* Proper scores of forecasts of counts: log score, Poisson deviance, Brier score, CRPS. Lower is
 * better in all four. */
#ifndef ONUS_STATS_SCORE_H
#define ONUS_STATS_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_capture.h"
#include "onus/stats_number.h"
#include "onus/status.h"
#include "onus/sum.h"

typedef enum onus_score {
    ONUS_SCORE_LOG,      /* -log P(count | Poisson of the rate) */
    ONUS_SCORE_DEVIANCE, /* 2 (count log(count / rate) - (count - rate)) */
    ONUS_SCORE_BRIER,    /* (1 - exp(-rate) - [count > 0])^2 */
    ONUS_SCORE_CRPS,     /* of the Poisson distribution */
    ONUS_SCORE_N
} onus_score;

/** The largest rate that is scored: beyond it a cell-window is no cell-window. */
#define ONUS_RATE_MAX 1e6

/** Scores of one count. 0 <= rate <= ONUS_RATE_MAX, count a whole number >= 0; anything else is
 * NaN. Log score and deviance of rate 0 are 0 for count 0 and INFINITY else. */
double onus_score_log(double rate, double count);
double onus_score_deviance(double rate, double count);
double onus_score_brier(double rate, double count);
/**
 * CRPS of a Poisson forecast in closed form (Wei & Held 2014):
 *   (k - m)(2 F(k) - 1) + 2 m f(k) - m exp(-2m) (I0(2m) + I1(2m))
 * No sum over counts, so that a large mean costs no more than a small one.
 */
double onus_score_crps(double rate, double count);
/** Log of the Poisson probability by Loader's saddle point (2000), which does not lose digits at
 *  large means. -INFINITY where the probability is 0. */
double onus_poisson_log_pmf(double rate, double count);
/** P(X <= count); count < 0: 0. */
double onus_poisson_cdf(double rate, double count);

/** What is added up over cell-windows. A zeroed struct is empty. Plain data. */
typedef struct onus_scores {
    uint64_t n_cell_windows;
    uint64_t n_windows;
    double n_outcomes;
    uint64_t n_impossible; /* cell-windows with outcomes where the rate is 0 */
    uint64_t n_bad;        /* rates outside [0, ONUS_RATE_MAX], or not a number */
    onus_sum rate;         /* all that was forecast */
    onus_sum sum[ONUS_SCORE_N];
} onus_scores;

/**
 * Adds one window: every cell counts, with outcomes or without.
 *
 * Cells without outcomes go in by closed form. Nothing is skipped: one rate outside
 * [0, ONUS_RATE_MAX], anywhere, leaves every mean undefined; an outcome where the rate is 0 leaves
 * log score and deviance undefined (they are infinite). The sums then say how many such cells there
 * were.
 *
 * @param[in]  rate    n_cells expected counts in this window
 * @param[out] window  NULL, or this window's means over its cells (ONUS_SCORE_N), for paired tests;
 *                     NaN or INFINITY where undefined
 * @return ONUS_OK (bad rates too: see n_bad); ONUS_ERR_DOMAIN for counts that are not whole, > 0,
 *         ascending and in range, or n_cells = 0; then nothing is added
 * Cost: O(n_cells), one exp a cell. The order of addition is that of the cells: same bytes always.
 */
onus_status onus_scores_add(onus_scores *scores, const double *rate, size_t n_cells,
                            const onus_cell_counts *counts, double *window,
                            onus_error *err) ONUS_MUST_USE;

/** Mean per cell-window, or why there is none. */
onus_number onus_scores_mean(const onus_scores *scores, onus_score which);
/** Static: "log_score", "poisson_deviance", "brier", "crps". */
const char *onus_score_name(onus_score which);

#endif
