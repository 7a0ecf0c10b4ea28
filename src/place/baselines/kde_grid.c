/* A Gaussian on a regular grid.
 *
 * The two-dimensional Gaussian is the product of two of one dimension, so that smoothing is a pass
 * along the rows and one along the columns. Both passes work on strips: LANES rows (or columns)
 * interleaved in a buffer with a margin of zeros at each end, so that the innermost loop is the
 * same eight sums for every step of the filter and the compiler keeps them in registers. The
 * filter is symmetric: the two values at one distance are added before they are weighted. A strip
 * of zeros (much of a city is empty) is not worked on.
 *
 * Every output is summed in the order of the distance, whatever its place in a strip. Called by
 * kde.c and by its benchmark. Never knows what is counted. */
#include "kde_grid.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"

enum { LANES = 8 };

onus_status kde_taps_make(double bandwidth_steps, size_t longest, kde_taps *out, onus_error *err) {
    const double reach = ceil(KDE_CUT_BANDWIDTHS * bandwidth_steps);
    const size_t radius = reach < (double)longest ? (size_t)reach : longest;
    double *weight = onus_alloc_n(radius + 1, sizeof *weight);
    if (weight == NULL) {
        return onus_fail_nomem(err);
    }
    onus_sum side = {0};
    for (size_t k = radius; k > 0; k--) { /* the small ones first */
        const double z = (double)k / bandwidth_steps;
        weight[k] = exp(-0.5 * z * z);
        onus_sum_add(&side, weight[k]);
    }
    const double all = 1.0 + 2.0 * onus_sum_get(&side);
    weight[0] = 1.0;
    for (size_t k = 0; k <= radius; k++) {
        weight[k] /= all;
    }
    *out = (kde_taps){radius, weight};
    return ONUS_OK;
}

void kde_taps_clear(kde_taps *taps) {
    onus_free(taps->weight);
    *taps = (kde_taps){0};
}

size_t kde_scratch_size(size_t n_x, size_t n_y, size_t radius) {
    const size_t longer = n_x > n_y ? n_x : n_y;
    return LANES * (longer + 2 * radius) + LANES * longer;
}

/* strip: LANES sequences of n values, interleaved, with `radius` zeros before and after. */
static void smooth_strip(const kde_taps *taps, const double *restrict strip, size_t n,
                         double *restrict out) {
    const double *restrict weight = taps->weight;
    const size_t radius = taps->radius;
    for (size_t i = 0; i < n; i++) {
        const double *const middle = strip + (i + radius) * LANES;
        double sum[LANES];
        for (int l = 0; l < LANES; l++) {
            sum[l] = weight[0] * middle[l];
        }
        const double *before = middle;
        const double *after = middle;
        for (size_t k = 1; k <= radius; k++) {
            before -= LANES;
            after += LANES;
            const double w = weight[k];
            for (int l = 0; l < LANES; l++) {
                sum[l] += w * (before[l] + after[l]);
            }
        }
        memcpy(out + i * LANES, sum, sizeof sum);
    }
}

/* Along one axis: n_lines sequences of n values; value i of line j at j line_step + i step. */
static onus_status smooth_lines(const kde_taps *taps, const double *in, size_t n_lines,
                                size_t line_step, size_t n, size_t step,
                                const onus_context *context, double *scratch, double *out,
                                onus_error *err) {
    const size_t margin = taps->radius * LANES;
    double *const strip = scratch;
    double *const result = scratch + LANES * n + 2 * margin;
    memset(strip, 0, (LANES * n + 2 * margin) * sizeof *strip);
    for (size_t j0 = 0; j0 < n_lines; j0 += LANES) {
        const size_t width = n_lines - j0 < LANES ? n_lines - j0 : LANES;
        bool empty = true;
        if (onus_stopped(context)) {
            return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t l = 0; l < width; l++) {
                const double value = in[(j0 + l) * line_step + i * step];
                strip[margin + i * LANES + l] = value;
                empty = empty && value == 0.0;
            }
            for (size_t l = width; l < LANES; l++) { /* left over from the strip before */
                strip[margin + i * LANES + l] = 0.0;
            }
        }
        if (empty) {
            memset(result, 0, LANES * n * sizeof *result);
        } else {
            smooth_strip(taps, strip, n, result);
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t l = 0; l < width; l++) {
                out[(j0 + l) * line_step + i * step] = result[i * LANES + l];
            }
        }
    }
    return ONUS_OK;
}

onus_status kde_smooth(const kde_taps *taps, const double *in, size_t n_x, size_t n_y,
                       const onus_context *context, double *scratch, double *out, onus_error *err) {
    onus_status status = ONUS_OK;
    ONUS_TRY(smooth_lines(taps, in, n_y, n_x, n_x, 1, context, scratch, out, err));
    ONUS_TRY(smooth_lines(taps, out, n_x, 1, n_y, n_x, context, scratch, out, err));
out:
    return status;
}
