/* Do the scores beside labels mean what they say, and does the same item get the same label again?
 */
#ifndef ONUS_STATS_LABELS_SCORES_H
#define ONUS_STATS_LABELS_SCORES_H

#include <stddef.h>
#include <stdint.h>

#include "onus/stats_number.h"
#include "onus/status.h"

/**
 * Brier's score of one item: sum over labels of (score - truth)^2, 0 to 2; truth is one label or
 * the shares of votes. NaN if a score is not a number. (Brier 1950.)
 */
double onus_brier_multi(const double *scores, const double *truth, size_t n_labels);
/** What no forecast of vote shares can undercut where each vote is held against it: 1 - sum p^2. */
double onus_gini_impurity(const double *shares, size_t n_labels);

typedef enum onus_binning {
    ONUS_BINS_EQUAL_WIDTH, /* (low, high]: a confidence on an edge belongs to the bin below */
    ONUS_BINS_EQUAL_MASS,  /* items in order of confidence, nearly as many in each; equal
                              confidences are never parted */
} onus_binning;

typedef struct onus_reliability_bin {
    double low;
    double high;
    double confidence; /* mean */
    double right;      /* share */
    double n;
} onus_reliability_bin;

typedef struct onus_reliability {
    onus_binning binning;
    size_t n_bins;              /* that hold items */
    onus_reliability_bin *bins; /* owned: onus_reliability_clear */
    double ece;      /* sum n_b / n |right - confidence| (Naeini, Cooper & Hauskrecht 2015) */
    double debiased; /* sqrt of max(0, sum n_b / n ((right - confidence)^2 - right (1 - right) /
                        (n_b - 1))) (Kumar, Liang & Ma 2019): 0 for a calibrated product whatever
                        the number of items; bins of one item are left out of it */
    double n;
    const char *reason; /* n = 0 */
} onus_reliability;
void onus_reliability_clear(onus_reliability *r);

/**
 * @param[in] confidence  n in [0, 1]: the score of the label that was given
 * @param[in] right       n in [0, 1]: was it right; or the share of votes for it
 * @return ONUS_OK (n = 0: reason); ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. O(n log n).
 */
onus_status onus_reliability_of(const double *confidence, const double *right, size_t n,
                                onus_binning binning, size_t n_bins,
                                onus_reliability *out) ONUS_MUST_USE;

/** Labels of one item in order of time; abstaining (-1) is a label of its own. */
typedef struct onus_flips {
    double flips;         /* neighbours that differ */
    double pairs;         /* neighbours */
    double stationary;    /* expected flips among the same neighbours if order did not matter: pairs
                             times 1 - sum p^2 of the item's own labels, without replacement
                             (sum n_l (n_l - 1) / (n (n - 1))). Two repeats cannot tell: equal. */
    double ordered_pairs; /* neighbours of items with three repeats or more, which can */
    double ordered_flips;
    double ordered_stationary;
} onus_flips;
/** Adds one item. O(n + n_labels). scratch: n_labels + 1 counts. */
void onus_flips_add(onus_flips *flips, const int32_t *labels, size_t n, size_t n_labels,
                    size_t *scratch);

#endif
