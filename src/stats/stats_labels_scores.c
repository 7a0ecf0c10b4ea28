/* Scores beside labels, and labels of the same item again.
 *
 * A score of 0.8 is calibrated if four in five of the labels that carry it are right. Bins show it
 * but cannot prove it: with few items the plain error of any binning is above 0 for a product
 * without fault, hence the debiased form beside. Flips are held against what the item's own labels
 * would give in any order: a product may be unsure of an item (that is in its score) and still not
 * change its mind from one frame to the next. Called by the affect trial. Never decides which label
 * an item should have. */
#include "onus/stats_labels_scores.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_sort.h"

double onus_brier_multi(const double *scores, const double *truth, size_t n_labels) {
    onus_sum sum = {0};
    for (size_t l = 0; l < n_labels; l++) {
        const double off = scores[l] - truth[l];
        onus_sum_add(&sum, off * off);
    }
    return onus_sum_get(&sum);
}

double onus_gini_impurity(const double *shares, size_t n_labels) {
    onus_sum sum = {0};
    for (size_t l = 0; l < n_labels; l++) {
        onus_sum_add(&sum, shares[l] * shares[l]);
    }
    return 1.0 - onus_sum_get(&sum);
}

/* ---- reliability ---- */

void onus_reliability_clear(onus_reliability *r) {
    onus_free(r->bins);
    *r = (onus_reliability){0};
}

static bool is_share(double value) {
    return value >= 0.0 && value <= 1.0;
}

/* The first bin whose upper edge is not below the value; edges are b / n_bins. */
static size_t bin_of(double value, size_t n_bins) {
    size_t bin = (size_t)(value * (double)n_bins);
    bin = bin < n_bins ? bin : n_bins - 1;
    while (bin > 0 && value <= (double)bin / (double)n_bins) {
        bin--;
    }
    while (bin + 1 < n_bins && value > (double)(bin + 1) / (double)n_bins) {
        bin++;
    }
    return bin;
}

/* One bin from sorted items [from, until). */
static onus_reliability_bin bin_from(const onus_sorted *sorted, const double *right, size_t from,
                                     size_t until) {
    onus_sum confidence = {0};
    onus_sum share = {0};
    for (size_t k = from; k < until; k++) {
        onus_sum_add(&confidence, sorted[k].value);
        onus_sum_add(&share, right[sorted[k].index]);
    }
    const double n = (double)(until - from);
    return (onus_reliability_bin){.low = sorted[from].value,
                                  .high = sorted[until - 1].value,
                                  .confidence = onus_sum_get(&confidence) / n,
                                  .right = onus_sum_get(&share) / n,
                                  .n = n};
}

/* Where the bin that begins at `from` ends. */
static size_t end_of(const onus_sorted *sorted, size_t n, size_t from, onus_binning binning,
                     size_t n_bins, size_t n_made) {
    size_t until = from + 1;
    if (binning == ONUS_BINS_EQUAL_WIDTH) {
        const size_t bin = bin_of(sorted[from].value, n_bins);
        while (until < n && bin_of(sorted[until].value, n_bins) == bin) {
            until++;
        }
        return until;
    }
    /* what is left, evenly over the bins that are left; the last takes the rest */
    const size_t left = n_bins > n_made ? n_bins - n_made : 1;
    until = from + (n - from + left - 1) / left;
    while (until < n && sorted[until].value == sorted[until - 1].value) {
        until++;
    }
    return until;
}

onus_status onus_reliability_of(const double *confidence, const double *right, size_t n,
                                onus_binning binning, size_t n_bins, onus_reliability *out) {
    onus_status status = ONUS_OK;
    onus_sorted *sorted = NULL;
    *out = (onus_reliability){
        .binning = binning, .ece = NAN, .debiased = NAN, .n = (double)n, .reason = NULL};
    if (n_bins < 1) {
        return ONUS_ERR_DOMAIN;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_share(confidence[i]) || !is_share(right[i])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    if (n == 0) {
        out->reason = "no item has a score";
        return ONUS_OK;
    }
    ONUS_TRY(onus_sort_pairs(confidence, n, &sorted));
    out->bins = onus_alloc_n(n_bins, sizeof *out->bins);
    if (out->bins == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    onus_sum ece = {0};
    onus_sum squares = {0};
    double n_squares = 0.0;
    for (size_t from = 0; from < n;) {
        const size_t until = end_of(sorted, n, from, binning, n_bins, out->n_bins);
        onus_reliability_bin bin = bin_from(sorted, right, from, until);
        if (binning == ONUS_BINS_EQUAL_WIDTH) {
            const double index = (double)bin_of(sorted[from].value, n_bins);
            bin.low = index / (double)n_bins;
            bin.high = (index + 1.0) / (double)n_bins;
        }
        const double off = bin.right - bin.confidence;
        onus_sum_add(&ece, bin.n * fabs(off));
        if (bin.n >= 2.0) {
            onus_sum_add(&squares,
                         bin.n * (off * off - bin.right * (1.0 - bin.right) / (bin.n - 1.0)));
            n_squares += bin.n;
        }
        out->bins[out->n_bins++] = bin;
        from = until;
    }
    out->ece = onus_sum_get(&ece) / (double)n;
    out->debiased = n_squares > 0.0 ? sqrt(fmax(0.0, onus_sum_get(&squares) / n_squares)) : NAN;
out:
    onus_free(sorted);
    return status;
}

/* ---- flips ---- */

void onus_flips_add(onus_flips *flips, const int32_t *labels, size_t n, size_t n_labels,
                    size_t *scratch) {
    if (n < 2) {
        return;
    }
    memset(scratch, 0, (n_labels + 1) * sizeof *scratch);
    double changed = 0.0;
    for (size_t t = 0; t < n; t++) {
        scratch[labels[t] < 0 ? n_labels : (size_t)labels[t]]++;
        changed += t > 0 && labels[t] != labels[t - 1] ? 1.0 : 0.0;
    }
    double same = 0.0;
    for (size_t l = 0; l <= n_labels; l++) {
        same += (double)scratch[l] * ((double)scratch[l] - 1.0);
    }
    const double pairs = (double)n - 1.0;
    const double stationary = pairs * (1.0 - same / ((double)n * ((double)n - 1.0)));
    flips->flips += changed;
    flips->pairs += pairs;
    flips->stationary += stationary;
    if (n >= 3) {
        flips->ordered_flips += changed;
        flips->ordered_pairs += pairs;
        flips->ordered_stationary += stationary;
    }
}
