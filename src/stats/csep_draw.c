/* Tables to draw from: a bin by Walker's alias method, a count by inversion.
 *
 * Alias (Walker 1977; built in O(n) as Vose 1991): n slots of equal width, each shared by at most
 * two bins. One 64-bit word chooses the slot (word * n, high half) and the bin in it (low half).
 *
 * Counts: the distribution function of every bin's Poisson count, as 64-bit thresholds. The first
 * byte of the word that is inverted settles the count wherever a 1/256 of [0, 1) lies between two
 * thresholds, which for a mean of 4 is 96 % of it; the guide says which count, or that the other 56
 * bits must be drawn and from which count to go on. So a count costs eight random bits and one
 * look-up, and is as exact as if all 64 had been drawn.
 *
 *     cdf     0--------T0------------T1---------T2----T3-...   2^64
 *     guide   |  0  | ? |  1  |  1  | ?  |  2  | ?  | ?  |     ?: draw the rest
 *
 * Called by csep_simulate.c. Never draws by itself. */
#include "csep_internal.h"

#include <math.h>

#include "onus/alloc.h"
#include "onus/sum.h"

/* ---- bins ---- */

/* p in [0, 1) of 2^64; p >= 1: all of it. */
static uint64_t share64(double p) {
    return p >= 1 ? UINT64_MAX : (uint64_t)ldexp(p, 64);
}

csep_alias *csep_alias_new(const double *rates, size_t n) {
    csep_alias *table = onus_alloc_n(n, sizeof *table);
    double *left = onus_alloc_n(n, sizeof *left);         /* of a bin, in slots */
    uint32_t *stack = onus_alloc_n(n, sizeof *stack);     /* under-full from the bottom, */
    if (table == NULL || left == NULL || stack == NULL) { /* over-full from the top */
        onus_free(table);
        table = NULL;
        goto out;
    }
    const double total = onus_sum_of(rates, n);
    size_t n_under = 0;
    size_t n_over = 0;
    for (size_t i = 0; i < n; i++) {
        left[i] = rates[i] * ((double)n / total);
        if (left[i] < 1) {
            stack[n_under++] = (uint32_t)i;
        } else {
            stack[n - ++n_over] = (uint32_t)i;
        }
    }
    while (n_under > 0 && n_over > 0) {
        const uint32_t small = stack[--n_under];
        const uint32_t large = stack[n - n_over];
        table[small] = (csep_alias){.keep = share64(left[small]), .other = large};
        left[large] = (left[large] + left[small]) - 1;
        if (left[large] < 1) {
            n_over--;
            stack[n_under++] = large;
        }
    }
    /* what is left is full, up to rounding */
    while (n_under > 0) {
        const uint32_t i = stack[--n_under];
        table[i] = (csep_alias){.keep = UINT64_MAX, .other = i};
    }
    for (; n_over > 0; n_over--) {
        const uint32_t i = stack[n - n_over];
        table[i] = (csep_alias){.keep = UINT64_MAX, .other = i};
    }
out:
    onus_free(left);
    onus_free(stack);
    return table;
}

/* ---- counts ---- */

/* Counts past this one have less than 2^-60 left between them; for mean 64 it is below 160. */
static size_t n_counts(double mean) {
    double term = exp(-mean);
    size_t k = 0;
    while ((double)k < mean || term > 0x1p-60) {
        k++;
        term *= mean / (double)k;
    }
    return k + 1;
}

static void fill_cdf(double mean, uint64_t *cdf, size_t n) {
    double term = exp(-mean);
    onus_sum sum = {0};
    for (size_t k = 0; k + 1 < n; k++) {
        onus_sum_add(&sum, term);
        cdf[k] = share64(onus_sum_get(&sum));
        term *= mean / (double)(k + 1);
    }
    cdf[n - 1] = UINT64_MAX;
}

static void fill_guide(const uint64_t *cdf, size_t n, uint8_t *guide) {
    uint32_t k = 0; /* of the first word with this byte */
    for (uint32_t byte = 0; byte < CSEP_GUIDE; byte++) {
        const uint64_t first = (uint64_t)byte << 56;
        k = csep_count_at(cdf, n, first, k);
        const bool settled = csep_count_at(cdf, n, first | (UINT64_MAX >> 8), k) == k;
        const uint32_t least = k < CSEP_UNSURE ? k : CSEP_UNSURE - 1;
        guide[byte] = (uint8_t)(settled && least == k ? k : least | CSEP_UNSURE);
    }
}

onus_status csep_counts_new(const double *means, size_t n, csep_counts *out) {
    *out = (csep_counts){.n = n};
    out->guides = onus_alloc_n(n, CSEP_GUIDE);
    out->starts = onus_alloc_n(n + 1, sizeof *out->starts);
    if (out->guides == NULL || out->starts == NULL) {
        csep_counts_clear(out);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        out->starts[i + 1] = out->starts[i] + n_counts(means[i]);
    }
    out->cdf = onus_alloc_n(out->starts[n], sizeof *out->cdf);
    if (out->cdf == NULL) {
        csep_counts_clear(out);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t *cdf = out->cdf + out->starts[i];
        const size_t n_cdf = out->starts[i + 1] - out->starts[i];
        fill_cdf(means[i], cdf, n_cdf);
        fill_guide(cdf, n_cdf, out->guides + i * CSEP_GUIDE);
    }
    return ONUS_OK;
}

void csep_counts_clear(csep_counts *counts) {
    onus_free(counts->guides);
    onus_free(counts->starts);
    onus_free(counts->cdf);
    *counts = (csep_counts){0};
}
