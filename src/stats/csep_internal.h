/* Private to the CSEP tests: the bins that a test looks at, and tables to draw from them. */
#ifndef ONUS_CSEP_INTERNAL_H
#define ONUS_CSEP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "onus/exec.h"
#include "onus/stats_csep.h"

/** The bins of one test: cells (S), cells x marks (CL, L) or marks (M). */
typedef struct csep_bins {
    size_t n;
    double *rates;
    double *counts;
    double total; /* of rates, added as numpy does */
} csep_bins;

/** Sums over marks or cells in numpy's order. ERR_NOMEM; *out is empty but clearable then. */
onus_status csep_bins_of(const onus_csep_data *data, onus_csep_test test,
                         csep_bins *out) ONUS_MUST_USE;
void csep_bins_clear(csep_bins *bins);
/** true for S and M: the forecast is scaled to the number recorded. */
bool csep_is_scaled(onus_csep_test test);
/** true for all but L: as many events are drawn as were recorded. */
bool csep_is_conditional(onus_csep_test test);

/** Sum in numpy's order (numpy/core/src/umath, pairwise summation in blocks of 128). */
double csep_pairwise_sum(const double *values, size_t n);

/** The account of n bins; counts are taken to be whole. */
onus_csep_account csep_account_of(const double *rates, const double *counts, size_t n);

/* ---- drawing a bin (Walker 1977, built as Vose 1991) ---- */
typedef struct csep_alias {
    uint64_t keep; /* the slot's own bin below it, of 2^64 */
    uint32_t other;
} csep_alias;

/** Bins with probability rates[i] / sum; every rate > 0; 1 <= n < 2^32. NULL: out of memory. */
csep_alias *csep_alias_new(const double *rates, size_t n);

/* ---- drawing a count: Poisson by inversion of 64 bits, eight of which mostly suffice ---- */
enum {
    CSEP_GUIDE = 256, /* one entry for every first byte: the least count that it allows, */
    CSEP_UNSURE = 128 /* plus this where the byte does not settle the count */
};

typedef struct csep_counts {
    size_t n;        /* bins */
    uint8_t *guides; /* n * CSEP_GUIDE */
    size_t *starts;  /* n + 1: first threshold of each bin */
    uint64_t *cdf;   /* 2^64 P(X <= k), k = 0, 1, ...; the last is UINT64_MAX */
} csep_counts;

/** means[i] in [0, CSEP_COUNT_MEAN_MAX]. ERR_NOMEM. */
onus_status csep_counts_new(const double *means, size_t n, csep_counts *out) ONUS_MUST_USE;
void csep_counts_clear(csep_counts *counts);
/** Above this mean a count has too many likely values for a byte to settle. */
#define CSEP_COUNT_MEAN_MAX 64.0

static inline uint64_t csep_word64(onus_rng *rng) {
    const uint64_t high = onus_rng_u32(rng);
    return high << 32 | onus_rng_u32(rng);
}

/** Slot by the high half of word * n, kept or not by the low half: 64 bits settle both. */
static inline size_t csep_alias_draw(const csep_alias *table, size_t n, onus_rng *rng) {
    const uint64_t word = csep_word64(rng);
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)word * n;
    const size_t slot = (size_t)(product >> 64);
    return (uint64_t)product < table[slot].keep ? slot : table[slot].other;
}

/** The count whose share of [0, 2^64) holds u, which is known to be at least `least`. */
static inline uint32_t csep_count_at(const uint64_t *cdf, size_t n_cdf, uint64_t u,
                                     uint32_t least) {
    uint32_t k = least;
    while (k + 1 < n_cdf && u >= cdf[k]) {
        k++;
    }
    return k;
}

#endif
