/* Autocovariances over areas, for everything that must know how few independent areas a city has.
 *
 * One pass over the n (n - 1) / 2 pairs serves all columns: the pair's distance class is found
 * once, and per row the neighbours' values are added up class by class (values of one area lie side
 * by side), to be multiplied by the row's own value at the end. Classes get wider with distance,
 * class = floor(30 sqrt(d / d_max)): near pairs decide, and a city whose areas crowd in its centre
 * would have all of them in one class of equal width. Rows are dealt to a fixed number of chunks,
 * chunks are joined in order. Called by stats_spatial.c and stats_ratio_space.c. Never stores a
 * pair. */
#include "stats_autocov.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/sum.h"

enum {
    N_CLASSES = 30,
    N_CHUNKS = 64, /* part of the result: another number joins the sums in another order */
    LANES = 4,     /* columns are padded to a multiple, so that the inner loop has no remainder */
    TILE = 512,    /* pairs whose classes are found before their values are added */
};

typedef struct shared_pairs {
    const double *x;
    const double *y;
    const double *values; /* n rows of stride */
    size_t n;
    size_t stride;
    double inv_width; /* N_CLASSES^4 / d_max^2, so that class = (d^2 inv_width)^(1/4) */
} shared_pairs;

/* Longest extent over a fan of 16 directions: at most 0.5 % short of the true diameter; pairs
 * beyond fall in the last class. Only sqrt, so that classes are the same on every machine. */
static double diameter(const double *x, const double *y, size_t n) {
    static const double fan[][2] = {{1, 0},  {5, 1},  {5, 2},  {3, 2},  {1, 1},  {2, 3},
                                    {2, 5},  {1, 5},  {0, 1},  {-1, 5}, {-2, 5}, {-2, 3},
                                    {-1, 1}, {-3, 2}, {-5, 2}, {-5, 1}};
    double longest = 0.0;
    for (size_t k = 0; k < sizeof fan / sizeof *fan; k++) {
        const double norm = sqrt(fan[k][0] * fan[k][0] + fan[k][1] * fan[k][1]);
        double low = INFINITY;
        double high = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            const double along = (x[i] * fan[k][0] + y[i] * fan[k][1]) / norm;
            low = fmin(low, along);
            high = fmax(high, along);
        }
        longest = fmax(longest, high - low);
    }
    return longest;
}

/* Classes of the pairs (i, from .. from + n_tile - 1). Plain loops: the compiler makes vectors. */
static void classify(const shared_pairs *pairs, size_t i, size_t from, size_t n_tile,
                     int *class_of) {
    double at[TILE];
    for (size_t k = 0; k < n_tile; k++) {
        const double dx = pairs->x[from + k] - pairs->x[i];
        const double dy = pairs->y[from + k] - pairs->y[i];
        at[k] = (dx * dx + dy * dy) * pairs->inv_width;
    }
    for (size_t k = 0; k < n_tile; k++) {
        at[k] = sqrt(sqrt(at[k]));
    }
    for (size_t k = 0; k < n_tile; k++) {
        const int c = (int)at[k];
        class_of[k] = c < N_CLASSES ? c : N_CLASSES - 1;
    }
}

/* Replicate of the engine: rows chunk, chunk + 64, ... Slot: pair counts, then sums class by class.
 * A bin of one row holds at most n plain additions; rows and chunks are joined with compensation
 * where it matters (below), which keeps the relative error of a class far under 1e-12. */
static void add_chunk(const void *shared, uint64_t chunk, void *scratch, double *slot) {
    const shared_pairs *pairs = shared;
    const size_t stride = pairs->stride;
    double *row = scratch;
    int class_of[TILE];
    memset(slot, 0, N_CLASSES * (1 + stride) * sizeof *slot);
    double *sums = slot + N_CLASSES;
    for (size_t i = (size_t)chunk; i + 1 < pairs->n; i += N_CHUNKS) {
        size_t counts[N_CLASSES] = {0};
        memset(row, 0, N_CLASSES * stride * sizeof *row);
        for (size_t from = i + 1; from < pairs->n; from += TILE) {
            const size_t n_tile = pairs->n - from < TILE ? pairs->n - from : TILE;
            classify(pairs, i, from, n_tile, class_of);
            for (size_t k = 0; k < n_tile; k++) {
                const double *restrict value = pairs->values + (from + k) * stride;
                double *restrict bin = row + (size_t)class_of[k] * stride;
                counts[class_of[k]]++;
                for (size_t v = 0; v < stride; v += LANES) {
                    bin[v] += value[v];
                    bin[v + 1] += value[v + 1];
                    bin[v + 2] += value[v + 2];
                    bin[v + 3] += value[v + 3];
                }
            }
        }
        const double *own = pairs->values + i * stride;
        for (size_t c = 0; c < N_CLASSES; c++) {
            slot[c] += (double)counts[c];
            for (size_t v = 0; v < stride; v++) {
                sums[c * stride + v] += own[v] * row[c * stride + v];
            }
        }
    }
}

onus_status onus_autocov_new(const double *x_m, const double *y_m, size_t n,
                             const double *const *columns, size_t n_columns,
                             const onus_context *context, onus_autocov *out, onus_error *err) {
    onus_status status = ONUS_OK;
    const size_t stride = (n_columns + LANES - 1) / LANES * LANES;
    const size_t width = N_CLASSES * (1 + stride);
    onus_autocov made = {.n = n, .n_columns = n_columns, .n_classes = N_CLASSES};
    double *values = onus_alloc_n(n * stride, sizeof *values);
    double *slots = onus_alloc_n(N_CHUNKS * width, sizeof *slots);
    made.n_pairs = onus_alloc_n(N_CLASSES, sizeof *made.n_pairs);
    made.sums = onus_alloc_n(N_CLASSES * n_columns, sizeof *made.sums);
    made.squares = onus_alloc_n(n_columns, sizeof *made.squares);
    if (values == NULL || slots == NULL || made.n_pairs == NULL || made.sums == NULL ||
        made.squares == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t v = 0; v < n_columns; v++) {
        for (size_t i = 0; i < n; i++) {
            values[i * stride + v] = columns[v][i];
        }
        made.squares[v] = onus_sum_dot(columns[v], columns[v], n);
    }
    const double d_max = diameter(x_m, y_m, n);
    const shared_pairs pairs = {
        .x = x_m,
        .y = y_m,
        .values = values,
        .n = n,
        .stride = stride,
        /* all areas in one place: every pair is in class 0 */
        .inv_width = d_max > 0.0 ? pow(N_CLASSES, 4) / (d_max * d_max) : 0.0,
    };
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = add_chunk;
    job.shared = &pairs;
    job.n_replicates = N_CHUNKS;
    job.width = width;
    job.scratch_size = N_CLASSES * stride * sizeof(double);
    job.stage = "autocovariance";
    job.steps = (double)n * (double)n / (2.0 * N_CHUNKS) * (double)(stride + 4);
    ONUS_TRY(onus_replicates_run(&job, context, slots, err));
    for (size_t c = 0; c < N_CLASSES; c++) {
        for (size_t chunk = 0; chunk < N_CHUNKS; chunk++) {
            made.n_pairs[c] += slots[chunk * width + c]; /* whole numbers: exact */
        }
        for (size_t v = 0; v < n_columns; v++) {
            onus_sum sum = {0};
            for (size_t chunk = 0; chunk < N_CHUNKS; chunk++) {
                onus_sum_add(&sum, slots[chunk * width + N_CLASSES + c * stride + v]);
            }
            made.sums[c * n_columns + v] = onus_sum_get(&sum);
        }
    }
    *out = made;
    memset(&made, 0, sizeof made);
out:
    onus_autocov_clear(&made);
    onus_free(values);
    onus_free(slots);
    return status;
}

void onus_autocov_clear(onus_autocov *autocov) {
    onus_free(autocov->n_pairs);
    onus_free(autocov->sums);
    onus_free(autocov->squares);
    memset(autocov, 0, sizeof *autocov);
}

double onus_autocov_product(const onus_autocov *autocov, size_t a, size_t b) {
    onus_sum sum = {0};
    onus_sum_add(&sum, autocov->squares[a] * autocov->squares[b] / (double)autocov->n);
    for (size_t c = 0; c < autocov->n_classes; c++) {
        if (autocov->n_pairs[c] > 0.0) {
            const double *sums = autocov->sums + c * autocov->n_columns;
            onus_sum_add(&sum, 2.0 * sums[a] * sums[b] / autocov->n_pairs[c]);
        }
    }
    return onus_sum_get(&sum);
}

double onus_autocov_n_effective(const onus_autocov *autocov, size_t a, size_t b) {
    const double n = (double)autocov->n;
    const double alone = autocov->squares[a] * autocov->squares[b]; /* n^2 C_a(0) C_b(0) */
    const double product = onus_autocov_product(autocov, a, b);
    if (!(product > 0.0) || !(alone > 0.0)) {
        return n;
    }
    return fmin(n, 1.0 + alone / product);
}
