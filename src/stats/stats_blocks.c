/* Resampling what varies together.
 *
 * Neighbouring areas, and weeks that follow each other, resemble each other; drawing them one by
 * one would promise a precision that is not there. So areas are cut into compact blocks, weeks into
 * overlapping runs, and whole blocks are drawn. A replicate only adds up the blocks' sums of what
 * the statistic needs, so its cost does not depend on the number of rows. Which units replicate r
 * draws is a function of (seed, r) alone, and can be asked for again where a statistic needs the
 * rows. Called by the place trial and by stats_ratio.c. Never draws a single row. */
#include "onus/stats_blocks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_sort.h"

/* ---- cutting a city into blocks ---- */

typedef struct cutter {
    const double *x;
    const double *y;
    int32_t *block;
    double *along;   /* scratch, n */
    size_t *swapped; /* scratch, n */
    int32_t next;
} cutter;

/* Areas index[0 .. n - 1] into n_blocks blocks. Depth is log2(n_blocks) + 1. */
static onus_status cut(cutter *c, size_t *index, size_t n, size_t n_blocks) {
    if (n_blocks == 1) {
        for (size_t i = 0; i < n; i++) {
            c->block[index[i]] = c->next;
        }
        c->next++;
        return ONUS_OK;
    }
    assert(n_blocks >= 2);
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        low[0] = fmin(low[0], c->x[index[i]]);
        high[0] = fmax(high[0], c->x[index[i]]);
        low[1] = fmin(low[1], c->y[index[i]]);
        high[1] = fmax(high[1], c->y[index[i]]);
    }
    const double *axis = high[0] - low[0] >= high[1] - low[1] ? c->x : c->y;
    for (size_t i = 0; i < n; i++) {
        c->along[i] = axis[index[i]];
    }
    onus_sorted *order = NULL;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_sort_pairs(c->along, n, &order));
    for (size_t i = 0; i < n; i++) {
        c->swapped[i] = index[order[i].index];
    }
    memcpy(index, c->swapped, n * sizeof *index);
    onus_free(order);
    order = NULL;
    const size_t left_blocks = n_blocks / 2;
    /* shares of the areas as equal as whole numbers allow; each side keeps one area per block */
    size_t n_left = (2 * n * left_blocks + n_blocks) / (2 * n_blocks);
    n_left = n_left < left_blocks ? left_blocks : n_left;
    n_left = n - n_left < n_blocks - left_blocks ? n - (n_blocks - left_blocks) : n_left;
    ONUS_TRY(cut(c, index, n_left, left_blocks));
    ONUS_TRY(cut(c, index + n_left, n - n_left, n_blocks - left_blocks));
out:
    onus_free(order);
    return status;
}

onus_status onus_blocks_make(const double *x_m, const double *y_m, size_t n_areas, size_t n_blocks,
                             int32_t *block) {
    if (n_blocks < 1 || n_blocks > n_areas || n_areas > INT32_MAX) {
        return ONUS_ERR_DOMAIN;
    }
    for (size_t i = 0; i < n_areas; i++) {
        if (!isfinite(x_m[i]) || !isfinite(y_m[i])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    onus_status status = ONUS_ERR_NOMEM;
    cutter c = {.x = x_m, .y = y_m, .block = block};
    c.along = onus_alloc_n(n_areas, sizeof *c.along);
    c.swapped = onus_alloc_n(n_areas, sizeof *c.swapped);
    size_t *index = onus_alloc_n(n_areas, sizeof *index);
    if (c.along != NULL && c.swapped != NULL && index != NULL) {
        for (size_t i = 0; i < n_areas; i++) {
            index[i] = i;
        }
        status = cut(&c, index, n_areas, n_blocks);
    }
    onus_free(c.along);
    onus_free(c.swapped);
    onus_free(index);
    return status;
}

onus_status onus_block_sums(const int32_t *block, size_t n_areas, size_t n_blocks,
                            const double *const *columns, size_t n_columns, double *out) {
    for (size_t i = 0; i < n_areas; i++) {
        if (block[i] < 0 || (size_t)block[i] >= n_blocks) {
            return ONUS_ERR_DOMAIN;
        }
    }
    onus_sum *sums = onus_alloc_n(n_blocks, sizeof *sums);
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_columns; k++) {
        memset(sums, 0, n_blocks * sizeof *sums);
        for (size_t i = 0; i < n_areas; i++) {
            onus_sum_add(&sums[block[i]], columns[k][i]);
        }
        for (size_t b = 0; b < n_blocks; b++) {
            out[b * n_columns + k] = onus_sum_get(&sums[b]);
        }
    }
    onus_free(sums);
    return ONUS_OK;
}

/* ---- drawing ---- */

void onus_block_times(uint64_t seed, uint64_t replicate, size_t n_units, uint32_t *times) {
    memset(times, 0, n_units * sizeof *times);
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_BURDEN_SPACE, replicate, 0);
    for (size_t i = 0; i < n_units; i++) {
        times[onus_rng_below(&rng, (uint32_t)n_units)]++;
    }
}

size_t onus_time_block_len(size_t n_units) {
    /* the least whole number whose cube reaches n: no rounding of a root */
    size_t len = 1;
    while (len * len * len < n_units) {
        len++;
    }
    len = 2 * len < n_units / 2 ? 2 * len : n_units / 2;
    return len > 1 ? len : 1;
}

void onus_time_times(uint64_t seed, uint64_t replicate, size_t n_units, size_t block_len,
                     uint32_t *times) {
    memset(times, 0, n_units * sizeof *times);
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_BURDEN_FLAGS, replicate, 0);
    for (size_t n_drawn = 0; n_drawn < n_units;) {
        const size_t start = onus_rng_below(&rng, (uint32_t)n_units);
        for (size_t k = 0; k < block_len && n_drawn < n_units; k++, n_drawn++) {
            times[(start + k) % n_units]++;
        }
    }
}

typedef struct draw_job {
    const double *sums;
    size_t n_units;
    size_t n_sums;
    size_t block_len; /* 0: single units (blocks of areas) */
    uint64_t seed;
} draw_job;

/* One replicate: how often each unit is drawn, then the totals. The scratch holds the counts and
 * one compensated sum per column. */
static void draw_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const draw_job *job = shared;
    onus_sum *totals = scratch;
    uint32_t *times = (uint32_t *)(totals + job->n_sums);
    if (job->block_len == 0) {
        onus_block_times(job->seed, replicate, job->n_units, times);
    } else {
        onus_time_times(job->seed, replicate, job->n_units, job->block_len, times);
    }
    memset(totals, 0, job->n_sums * sizeof *totals);
    for (size_t u = 0; u < job->n_units; u++) {
        if (times[u] == 0) {
            continue;
        }
        const double *row = job->sums + u * job->n_sums;
        for (size_t k = 0; k < job->n_sums; k++) {
            onus_sum_add(&totals[k], (double)times[u] * row[k]);
        }
    }
    for (size_t k = 0; k < job->n_sums; k++) {
        slot[k] = onus_sum_get(&totals[k]);
    }
}

static onus_status draw_all(const draw_job *draw, uint64_t n_replicates, const char *stage,
                            const onus_context *context, double *out, onus_error *err) {
    if (draw->n_units == 0 || draw->n_units > UINT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_TOO_FEW, "there is no block to draw");
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw_once;
    job.shared = draw;
    job.n_replicates = n_replicates;
    job.width = draw->n_sums;
    job.scratch_size = draw->n_sums * sizeof(onus_sum) + draw->n_units * sizeof(uint32_t);
    job.stage = stage;
    job.steps = (double)draw->n_units * (8.0 + 2.0 * (double)draw->n_sums);
    return onus_replicates_run(&job, context, out, err);
}

onus_status onus_block_bootstrap(const double *sums, size_t n_units, size_t n_sums, uint64_t seed,
                                 uint64_t n_replicates, const onus_context *context, double *out,
                                 onus_error *err) {
    const draw_job draw = {.sums = sums, .n_units = n_units, .n_sums = n_sums, .seed = seed};
    return draw_all(&draw, n_replicates, "spatial blocks", context, out, err);
}

onus_status onus_time_bootstrap(const double *sums, size_t n_units, size_t n_sums, size_t block_len,
                                uint64_t seed, uint64_t n_replicates, const onus_context *context,
                                double *out, onus_error *err) {
    if (block_len == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a moving block must be at least 1 unit long");
    }
    const draw_job draw = {
        .sums = sums, .n_units = n_units, .n_sums = n_sums, .block_len = block_len, .seed = seed};
    return draw_all(&draw, n_replicates, "time blocks", context, out, err);
}
