/* What nearness does to numbers.
 *
 * Moran's I says how alike neighbours are. With row-standardised weights of a symmetric pattern its
 * numerator is a sum over undirected pairs, (1/d_i + 1/d_j) z_i z_j, so a permutation costs one
 * visit per pair; the variables of one area lie side by side and share the visit. The correlation
 * of two variables over areas is judged with the number of independent pairs it is worth (Clifford
 * et al. 1989), from stats_autocov.c. Called by the place trial. Never reads a polygon: who borders
 * whom comes from geom. */
#include "onus/stats_spatial.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/sum.h"
#include "stats_autocov.h"

/* ---- Moran's I ---- */

typedef struct edge {
    uint32_t i;
    uint32_t j;
    double weight; /* 1/degree_i + 1/degree_j */
} edge;

typedef struct moran_job {
    const edge *edges;
    size_t n_edges;
    const double *values; /* n rows of n_vars centred values */
    size_t n;
    size_t n_vars;
    uint64_t seed;
} moran_job;

/* I times the sum of squares over n, for every variable; `order` NULL: as observed. With n areas
 * that all have neighbours the weights add up to n, so that I = numerator / sum of squares. */
static void moran_numerator(const moran_job *job, const uint32_t *order, double *slot) {
    const size_t n_vars = job->n_vars;
    /* Neumaier per variable would double the cost of every permutation; a few thousand bounded
     * terms lose at most 1e-12 of their magnitude, and observed and permuted go the same way. */
    for (size_t v = 0; v < n_vars; v++) {
        slot[v] = 0.0;
    }
    for (size_t e = 0; e < job->n_edges; e++) {
        const edge *at = job->edges + e;
        const size_t i = order[at->i];
        const size_t j = order[at->j];
        const double *restrict a = job->values + i * n_vars;
        const double *restrict b = job->values + j * n_vars;
        for (size_t v = 0; v < n_vars; v++) {
            slot[v] += at->weight * a[v] * b[v];
        }
    }
}

/* Replicate 0 is the observed arrangement, so that observed and permuted share every rounding. */
static void permute_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const moran_job *job = shared;
    uint32_t *order = scratch;
    for (size_t i = 0; i < job->n; i++) {
        order[i] = (uint32_t)i;
    }
    if (replicate > 0) {
        onus_rng rng;
        onus_rng_init(&rng, job->seed, ONUS_STREAM_MORAN, replicate - 1, 0);
        for (size_t i = job->n - 1; i > 0; i--) { /* Fisher-Yates */
            const uint32_t k = onus_rng_below(&rng, (uint32_t)i + 1);
            const uint32_t kept = order[i];
            order[i] = order[k];
            order[k] = kept;
        }
    }
    moran_numerator(job, order, slot);
}

/* Marks the areas that take part: every variable known, and a neighbour that takes part. */
static void choose_areas(const onus_neighbours *neighbours, const double *const *values,
                         size_t n_vars, bool *known, bool *used, size_t *n_used,
                         size_t *n_islands) {
    const size_t n = neighbours->n_areas;
    for (size_t i = 0; i < n; i++) {
        known[i] = true;
        for (size_t v = 0; v < n_vars; v++) {
            known[i] = known[i] && isfinite(values[v][i]);
        }
    }
    *n_used = 0;
    *n_islands = 0;
    for (size_t i = 0; i < n; i++) {
        used[i] = false;
        for (size_t k = neighbours->starts[i]; known[i] && k < neighbours->starts[i + 1]; k++) {
            const size_t j = (size_t)neighbours->columns[k];
            used[i] = used[i] || (j != i && known[j]);
        }
        *n_used += used[i];
        *n_islands += known[i] && !used[i];
    }
}

onus_status onus_moran_test(const onus_neighbours *neighbours, const double *const *values,
                            size_t n_vars, uint64_t seed, uint32_t n_permutations,
                            const onus_context *context, onus_moran *out, onus_error *err) {
    onus_status status = ONUS_OK;
    const size_t n_areas = neighbours->n_areas;
    const size_t n_entries = n_areas == 0 ? 0 : neighbours->starts[n_areas];
    bool *known = onus_alloc_n(n_areas, sizeof *known);
    bool *used = onus_alloc_n(n_areas, sizeof *used);
    uint32_t *row_of = onus_alloc_n(n_areas, sizeof *row_of);
    double *degree = onus_alloc_n(n_areas, sizeof *degree);
    edge *edges = onus_alloc_n(n_entries, sizeof *edges);
    double *centred = onus_alloc_n(n_areas * n_vars, sizeof *centred);
    double *squares = onus_alloc_n(n_vars, sizeof *squares);
    double *column = onus_alloc_n(n_areas, sizeof *column);
    double *slots = NULL;
    if (known == NULL || used == NULL || row_of == NULL || degree == NULL || edges == NULL ||
        centred == NULL || squares == NULL || column == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t k = 0; k < n_entries; k++) {
        if (neighbours->columns[k] < 0 || (size_t)neighbours->columns[k] >= n_areas) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "a neighbour outside the areas");
            goto out;
        }
    }
    size_t n = 0;
    size_t n_islands = 0;
    choose_areas(neighbours, values, n_vars, known, used, &n, &n_islands);
    size_t next = 0;
    for (size_t i = 0; i < n_areas; i++) {
        row_of[i] = (uint32_t)next;
        next += used[i];
        for (size_t k = neighbours->starts[i]; used[i] && k < neighbours->starts[i + 1]; k++) {
            const size_t j = (size_t)neighbours->columns[k];
            degree[i] += j != i && used[j];
        }
    }
    size_t n_edges = 0;
    for (size_t i = 0; i < n_areas; i++) {
        for (size_t k = neighbours->starts[i]; used[i] && k < neighbours->starts[i + 1]; k++) {
            const size_t j = (size_t)neighbours->columns[k];
            if (j > i && used[j]) {
                edges[n_edges++] = (edge){row_of[i], row_of[j], 1.0 / degree[i] + 1.0 / degree[j]};
            }
        }
    }
    for (size_t v = 0; v < n_vars; v++) {
        size_t m = 0;
        for (size_t i = 0; i < n_areas; i++) {
            if (used[i]) {
                column[m++] = values[v][i];
            }
        }
        const double mean = n > 0 ? onus_sum_of(column, n) / (double)n : 0.0;
        bool varies = false;
        for (size_t i = 0; i < n; i++) {
            varies = varies || column[i] != column[0];
            column[i] -= mean;
            centred[i * n_vars + v] = column[i];
        }
        squares[v] = varies ? onus_sum_dot(column, column, n) : 0.0;
    }
    for (size_t v = 0; v < n_vars; v++) {
        out[v] = (onus_moran){.value = NAN,
                              .expected = n > 1 ? -1.0 / (double)(n - 1) : NAN,
                              .p_value = NAN,
                              .n_used = n,
                              .n_islands = n_islands};
        if (n < 3) {
            out[v].reason = "fewer than 3 areas with a neighbour";
        } else if (!(squares[v] > 0.0)) {
            out[v].reason = "it is the same in all areas";
        }
    }
    if (n < 3) {
        goto out;
    }
    const uint64_t n_all = (uint64_t)n_permutations + 1;
    slots = onus_alloc_n((size_t)n_all * n_vars, sizeof *slots);
    if (slots == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    const moran_job moran = {.edges = edges,
                             .n_edges = n_edges,
                             .values = centred,
                             .n = n,
                             .n_vars = n_vars,
                             .seed = seed};
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = permute_once;
    job.shared = &moran;
    job.n_replicates = n_all;
    job.width = n_vars;
    job.scratch_size = n * sizeof(uint32_t);
    job.stage = "permutations";
    job.steps = 10.0 * (double)n + 2.0 * (double)n_edges * (double)n_vars;
    ONUS_TRY(onus_replicates_run(&job, context, slots, err));
    for (size_t v = 0; v < n_vars; v++) {
        if (out[v].reason != NULL) {
            continue;
        }
        out[v].value = slots[v] / squares[v];
        const double far = fabs(out[v].value - out[v].expected);
        uint64_t n_as_extreme = 0;
        for (uint64_t r = 1; r < n_all; r++) {
            n_as_extreme += fabs(slots[r * n_vars + v] / squares[v] - out[v].expected) >= far;
        }
        out[v].p_value = n_permutations > 0 ? onus_simulation_p(n_as_extreme, n_permutations) : NAN;
    }
out:
    onus_free(known);
    onus_free(used);
    onus_free(row_of);
    onus_free(degree);
    onus_free(edges);
    onus_free(centred);
    onus_free(squares);
    onus_free(column);
    onus_free(slots);
    return status;
}

/* ---- correlation over areas ---- */

enum { AREAS_MIN = 5 }; /* below, distance classes hold next to nothing */

static void judge_correlation(onus_area_correlation *out, double n_effective, double level) {
    out->n_effective = n_effective;
    if (!(n_effective > 3.0)) {
        out->reason = "worth fewer than 3 independent areas";
        return;
    }
    const double df = n_effective - 2.0;
    const double left = (1.0 - out->r) * (1.0 + out->r);
    out->t = left > 0.0 ? out->r * sqrt(df / left) : copysign(INFINITY, out->r);
    out->p_value = onus_t_p(out->t, df);
    out->limits = onus_fisher_interval(out->r, n_effective, level);
}

static void centre(double *values, size_t n) {
    const double mean = onus_sum_of(values, n) / (double)n;
    for (size_t i = 0; i < n; i++) {
        values[i] -= mean;
    }
}

onus_status onus_area_correlations(const double *x_m, const double *y_m, size_t n_areas,
                                   const double *a, const double *const *b, size_t n_b,
                                   double level, const onus_context *context,
                                   onus_area_correlation *out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_autocov autocov = {0};
    const size_t n_columns = n_b + 1;
    double *x = onus_alloc_n(n_areas, sizeof *x);
    double *y = onus_alloc_n(n_areas, sizeof *y);
    double *kept = onus_alloc_n(n_areas * n_columns, sizeof *kept);
    const double **columns = onus_alloc_n(n_columns, sizeof *columns);
    if (x == NULL || y == NULL || kept == NULL || columns == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    size_t n = 0;
    for (size_t i = 0; i < n_areas; i++) {
        bool known = isfinite(a[i]);
        for (size_t k = 0; k < n_b; k++) {
            known = known && isfinite(b[k][i]);
        }
        if (!known) {
            continue;
        }
        if (!isfinite(x_m[i]) || !isfinite(y_m[i])) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "an area has no centroid");
            goto out;
        }
        x[n] = x_m[i];
        y[n] = y_m[i];
        kept[n] = a[i];
        for (size_t k = 0; k < n_b; k++) {
            kept[(k + 1) * n_areas + n] = b[k][i];
        }
        n++;
    }
    for (size_t k = 0; k < n_columns; k++) {
        columns[k] = kept + k * n_areas;
    }
    for (size_t k = 0; k < n_b; k++) {
        const onus_number r = n < AREAS_MIN ? onus_number_none("fewer than 5 areas to correlate")
                                            : onus_pearson(columns[0], columns[k + 1], n);
        out[k] = (onus_area_correlation){.r = r.value,
                                         .n_effective = NAN,
                                         .t = NAN,
                                         .p_value = NAN,
                                         .limits = onus_limits_none(),
                                         .n = n,
                                         .reason = r.reason};
    }
    if (n < AREAS_MIN) {
        goto out;
    }
    for (size_t k = 0; k < n_columns; k++) {
        centre(kept + k * n_areas, n);
    }
    ONUS_TRY(onus_autocov_new(x, y, n, columns, n_columns, context, &autocov, err));
    for (size_t k = 0; k < n_b; k++) {
        if (out[k].reason == NULL) {
            judge_correlation(&out[k], onus_autocov_n_effective(&autocov, 0, k + 1), level);
        }
    }
out:
    onus_autocov_clear(&autocov);
    onus_free(x);
    onus_free(y);
    onus_free(kept);
    onus_free(columns);
    return status;
}
