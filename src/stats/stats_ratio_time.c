/* How far a ratio of exposures could be an accident of when flags fell.
 *
 * People are fixed; weeks (or days) vary, and weeks that follow each other resemble each other.
 * With u_t = s_t / sum s - r_t / sum r, log T moves by sum u_t, and the circular moving-block
 * bootstrap gives that sum the variance sum_k S_k^2 / l, S_k the sum of the block of l units that
 * starts at k: the value that infinitely many replicates would reach, without their noise. n / (n -
 * l) makes up for taking deviations from the sample's own mean; few blocks mean few degrees of
 * freedom. Called by the place trial. Never treats one flag, or one day, as a unit that varies
 * alone. */
#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/stats_blocks.h"
#include "onus/sum.h"
#include "stats_ratio_internal.h"

/* A log standard error below this is rounding: shares of the total carry about 1e-16 each. */
static const double SE_ROUNDING = 1e-12;

enum { UNITS_MIN = 8 }; /* docs/statistics.md, "Where a verdict is refused" */

/* Sum of S_k^2 over the n circular blocks of len units. Each S_k is summed afresh: n * len
 * additions, but no drift as a running sum would have. */
static double squared_blocks(const double *u, size_t n, size_t len) {
    onus_sum squares = {0};
    for (size_t k = 0; k < n; k++) {
        onus_sum block = {0};
        for (size_t j = 0; j < len; j++) {
            onus_sum_add(&block, u[(k + j) % n]);
        }
        const double sum = onus_sum_get(&block);
        onus_sum_add(&squares, sum * sum);
    }
    return onus_sum_get(&squares);
}

onus_status onus_ratio_time(const double *sums, const double *ref_sums, size_t n_units,
                            double ratio, onus_ratio *out) {
    const size_t n = n_units;
    if (!(ratio >= 0.0) || !isfinite(ratio)) {
        *out = onus_ratio_none(NAN, "the ratio itself is undefined");
        return ONUS_OK;
    }
    const double all = onus_sum_of(sums, n);
    const double ref_all = ref_sums == NULL ? 0.0 : onus_sum_of(ref_sums, n);
    if (!(all > 0.0) || (ref_sums != NULL && !(ref_all > 0.0))) {
        *out = onus_ratio_none(ratio, "no flags where one of the groups lives");
        return ONUS_OK;
    }
    if (n < 2) {
        *out = onus_ratio_none(ratio, "a single unit of time");
        return ONUS_OK;
    }
    double *u = onus_alloc_n(n, sizeof *u);
    if (u == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t t = 0; t < n; t++) {
        u[t] = sums[t] / all - (ref_sums == NULL ? 1.0 / (double)n : ref_sums[t] / ref_all);
    }
    const size_t len = onus_time_block_len(n);
    const double blocks = (double)n / (double)len;
    const double variance =
        squared_blocks(u, n, len) / (double)len * ((double)n / (double)(n - len));
    onus_free(u);
    *out = (onus_ratio){
        .ratio = ratio,
        .log_se = sqrt(variance),
        .df = blocks - 1.0,
        .n_units = n / len,
        .trusted = n >= UNITS_MIN,
        .reason = n >= UNITS_MIN ? NULL : "too few blocks to trust: fewer than 8 units of time"};
    if (out->log_se < SE_ROUNDING) {
        /* a case made of one pattern repeated: it has not varied, which is not the same as certain
         */
        *out = onus_ratio_none(ratio, "the ratio is the same in every unit of time");
    }
    return ONUS_OK;
}
