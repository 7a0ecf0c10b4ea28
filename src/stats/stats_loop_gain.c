/* The loop gain of a product that nobody may look into, from its predictions and the records.
 *
 * One more recorded incident brings more predictions of the same cell; a prediction sends somebody
 * there, who records more incidents. The product of the two is how many records a record begets:
 * above 1 they multiply. The first factor is measured here, in two ways: from an experiment (two
 * runs of the product, one on records with incidents injected), which is cause; and from what was
 * observed (a regression with a constant for every cell and every window), which is association.
 * The second, the discovery rate, is given. Called by the place trial's feedback half. Never says
 * anything about one cell. */
#include "onus/stats_loop_gain.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

enum { UNITS_MIN = 8, LAGS_MAX = 64 }; /* docs/statistics.md, "Where a verdict is refused" */

/* A pivot below this share of its own sum of squares is rounding: a lag is a sum of others. */
static const double PIVOT_ROUNDING = 1e-10;

static onus_status check(const double *const *tables, size_t n_tables, size_t n_values,
                         const onus_loop_gain_opts *opts, onus_error *err) {
    if (opts->n_lags < 1 || opts->n_lags > LAGS_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "lags are between 1 and %d windows", LAGS_MAX);
    }
    if (!(opts->discovery >= 0.0 && isfinite(opts->discovery)) ||
        !(opts->level > 0.0 && opts->level < 1.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a discovery rate is 0 or more, a level between 0 and 1");
    }
    for (size_t t = 0; t < n_tables; t++) {
        for (size_t k = 0; k < n_values; k++) {
            if (!isfinite(tables[t][k])) {
                return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a count is not a finite number");
            }
        }
    }
    return ONUS_OK;
}

static void start(onus_loop_gain *out) {
    *out = (onus_loop_gain){.per_incident = onus_number_none("nothing was injected"),
                            .per_incident_limits = onus_limits_none(),
                            .everywhere = NAN,
                            .before = NAN};
}

static void finish(const onus_loop_gain_opts *opts, onus_loop_gain *out) {
    out->gain = out->per_incident;
    out->gain.value *= opts->discovery;
    out->gain_limits = (onus_limits){opts->discovery * out->per_incident_limits.low,
                                     opts->discovery * out->per_incident_limits.high};
}

static onus_limits limits_of(const double *replicates, size_t n, double value, double df,
                             double level) {
    onus_sum sum = {0};
    for (size_t r = 0; r < n; r++) {
        if (isnan(replicates[r])) {
            return onus_limits_none();
        }
        onus_sum_add(&sum, replicates[r]);
    }
    const double mean = onus_sum_get(&sum) / (double)n;
    onus_sum square = {0};
    for (size_t r = 0; r < n; r++) {
        onus_sum_add(&square, (replicates[r] - mean) * (replicates[r] - mean));
    }
    return onus_se_interval(value, sqrt(onus_sum_get(&square) / (double)(n - 1)), df, level);
}

/* ---- by experiment ---- */

/* Sums of one cell: extra predictions after its first injection, and what was injected. */
static void sum_cell(const double *without, const double *with, const double *injected,
                     size_t n_cells, size_t n_windows, size_t cell, size_t n_lags, double *sums) {
    onus_sum extra = {0};
    onus_sum all = {0};
    size_t left = 0; /* windows for which the latest injection still counts */
    for (size_t w = 0; w < n_windows; w++) {
        const size_t k = w * n_cells + cell;
        if (left > 0) {
            onus_sum_add(&extra, with[k] - without[k]);
            left--;
        }
        if (injected[k] > 0.0) {
            left = n_lags;
            onus_sum_add(&all, injected[k]);
        }
    }
    sums[0] = onus_sum_get(&extra);
    sums[1] = onus_sum_get(&all);
}

/* The same over all cells at once, and how far the runs differ before the first injection. */
static void sum_everywhere(const double *without, const double *with, const double *injected,
                           size_t n_cells, size_t n_windows, size_t n_lags, double *extra,
                           double *before) {
    onus_sum after = {0};
    onus_sum apart = {0};
    size_t n_before = 0;
    size_t left = 0;
    bool begun = false;
    for (size_t w = 0; w < n_windows; w++) {
        bool any = false;
        for (size_t k = w * n_cells; k < (w + 1) * n_cells; k++) {
            if (!begun) {
                onus_sum_add(&apart, fabs(with[k] - without[k]));
                n_before++;
            } else if (left > 0) {
                onus_sum_add(&after, with[k] - without[k]);
            }
            any = any || injected[k] > 0.0;
        }
        left -= left > 0;
        if (any) {
            begun = true;
            left = n_lags;
        }
    }
    *extra = onus_sum_get(&after);
    *before = onus_sum_get(&apart) / (double)n_before;
}

onus_status onus_loop_gain_injected(const double *without, const double *with,
                                    const double *injected, size_t n_cells, size_t n_windows,
                                    const onus_loop_gain_opts *opts, const onus_context *context,
                                    onus_loop_gain *out, onus_error *err) {
    onus_status status = ONUS_OK;
    double *sums = NULL;
    double *totals = NULL;
    ONUS_TRY(
        check((const double *const[]){without, with, injected}, 3, n_cells * n_windows, opts, err));
    start(out);
    sums = onus_alloc_n(n_cells, 2 * sizeof *sums);
    totals = onus_alloc_n(opts->n_replicates, 2 * sizeof *totals);
    if (sums == NULL || totals == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    onus_sum extra = {0};
    onus_sum all = {0};
    for (size_t i = 0; i < n_cells; i++) {
        double *here = sums + 2 * out->n_units;
        for (size_t w = 0; w < n_windows; w++) {
            if (injected[w * n_cells + i] < 0.0) {
                status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "fewer than no incidents injected");
                goto out;
            }
        }
        sum_cell(without, with, injected, n_cells, n_windows, i, opts->n_lags, here);
        if (here[1] > 0.0) {
            onus_sum_add(&extra, here[0]);
            onus_sum_add(&all, here[1]);
            out->n_units++;
        }
    }
    out->n_incidents = onus_sum_get(&all);
    if (out->n_units > 0) {
        double everywhere = 0.0;
        out->per_incident = onus_number_of(onus_sum_get(&extra) / out->n_incidents);
        sum_everywhere(without, with, injected, n_cells, n_windows, opts->n_lags, &everywhere,
                       &out->before);
        out->everywhere = everywhere / out->n_incidents;
    }
    if (out->n_units >= UNITS_MIN && opts->n_replicates > 1) {
        ONUS_TRY(onus_block_bootstrap(sums, out->n_units, 2, opts->seed, opts->n_replicates,
                                      context, totals, err));
        for (uint64_t r = 0; r < opts->n_replicates; r++) {
            totals[r] = totals[2 * r] / totals[2 * r + 1]; /* every unit has an injection */
        }
        const double n = (double)out->n_units;
        const double mean = out->per_incident.value;
        for (uint64_t r = 0; r < opts->n_replicates; r++) {
            totals[r] = mean + (totals[r] - mean) * sqrt(n / (n - 1.0)); /* a draw of n from n */
        }
        out->per_incident_limits =
            limits_of(totals, (size_t)opts->n_replicates, mean, n - 1.0, opts->level);
    }
    finish(opts, out);
out:
    onus_free(sums);
    onus_free(totals);
    return status;
}

/* ---- by what was observed ---- */

/* One table seen from n_used windows, `lag` windows back: what is left of a value when the means of
 * its window and of its cell are taken out and the whole mean is put back. Exact for a panel
 * without gaps. */
typedef struct seen {
    const double *rows;      /* of the first window used, that many windows back */
    const double *row_means; /* likewise */
    double *cell_means;      /* n_cells: of values less their row's mean */
    double *row;             /* n_cells: of the window that is looked at */
} seen;

static void find_cell_means(seen *s, size_t n_cells, size_t n_used) {
    for (size_t w = 0; w < n_used; w++) {
        for (size_t i = 0; i < n_cells; i++) {
            s->cell_means[i] += (s->rows[w * n_cells + i] - s->row_means[w]) / (double)n_used;
        }
    }
}

static void look_at(seen *s, size_t n_cells, size_t w) {
    for (size_t i = 0; i < n_cells; i++) {
        s->row[i] = s->rows[w * n_cells + i] - s->row_means[w] - s->cell_means[i];
    }
}

static void find_row_means(const double *table, size_t n_cells, size_t n_windows, double *means) {
    for (size_t w = 0; w < n_windows; w++) {
        means[w] = onus_sum_of(table + w * n_cells, n_cells) / (double)n_cells;
    }
}

/* Sums that one window adds to the normal equations: n_lags (n_lags + 1) / 2 of pairs of lags, row
 * by row from the diagonal, then n_lags with what is predicted. */
static size_t n_sums_of(size_t n_lags) {
    return n_lags * (n_lags + 1) / 2 + n_lags;
}

/* Solves the normal equations; the sum of the coefficients, NaN where they are not determined. */
static double solve_sum(const double *sums, size_t n_lags) {
    double a[LAGS_MAX][LAGS_MAX];
    double b[LAGS_MAX];
    double scale[LAGS_MAX];
    size_t k = 0;
    for (size_t i = 0; i < n_lags; i++) {
        for (size_t j = i; j < n_lags; j++) {
            a[i][j] = a[j][i] = sums[k++];
        }
        scale[i] = a[i][i];
    }
    for (size_t i = 0; i < n_lags; i++) {
        b[i] = sums[k++];
    }
    for (size_t i = 0; i < n_lags; i++) { /* elimination; positive definite: no pivoting */
        if (!(a[i][i] > PIVOT_ROUNDING * scale[i])) {
            return NAN;
        }
        for (size_t r = i + 1; r < n_lags; r++) {
            const double factor = a[r][i] / a[i][i];
            for (size_t c = i; c < n_lags; c++) {
                a[r][c] -= factor * a[i][c];
            }
            b[r] -= factor * b[i];
        }
    }
    double sum = 0.0;
    for (size_t i = n_lags; i-- > 0;) {
        for (size_t c = i + 1; c < n_lags; c++) {
            b[i] -= a[i][c] * b[c];
        }
        b[i] /= a[i][i];
        sum += b[i];
    }
    return sum;
}

/* tables[0]: predictions, tables[l]: records l windows before. */
static void sum_window(seen *tables, size_t n_lags, size_t n_cells, size_t w, double *sums) {
    size_t k = 0;
    for (size_t l = 0; l <= n_lags; l++) {
        look_at(&tables[l], n_cells, w);
    }
    for (size_t i = 1; i <= n_lags; i++) {
        for (size_t j = i; j <= n_lags; j++) {
            sums[k++] = onus_sum_dot(tables[i].row, tables[j].row, n_cells);
        }
    }
    for (size_t i = 1; i <= n_lags; i++) {
        sums[k++] = onus_sum_dot(tables[0].row, tables[i].row, n_cells);
    }
}

/* Is more than rounding left of the records, once the means are out? */
static bool varies(const double *table, const double *row_means, size_t n_cells, size_t n_windows,
                   const double *all, size_t n_lags) {
    onus_sum square = {0};
    for (size_t w = 0; w < n_windows; w++) {
        for (size_t i = 0; i < n_cells; i++) {
            const double d = table[w * n_cells + i] - row_means[w];
            onus_sum_add(&square, d * d);
        }
    }
    for (size_t i = 0, k = 0; i < n_lags; k += n_lags - i, i++) {
        if (!(all[k] > PIVOT_ROUNDING * onus_sum_get(&square))) {
            return false;
        }
    }
    return true;
}

onus_status onus_loop_gain_observed(const double *predicted, const double *recorded, size_t n_cells,
                                    size_t n_windows, const onus_loop_gain_opts *opts,
                                    const onus_context *context, onus_loop_gain *out,
                                    onus_error *err) {
    onus_status status = ONUS_OK;
    const size_t n_lags = opts->n_lags;
    seen tables[LAGS_MAX + 1];
    double *by_cell = NULL; /* cell_means and row of each table */
    double *row_means = NULL;
    double *sums = NULL;
    double *totals = NULL;
    ONUS_TRY(
        check((const double *const[]){predicted, recorded}, 2, n_cells * n_windows, opts, err));
    if (n_cells < 2 || n_windows < n_lags + UNITS_MIN + 1) {
        status = onus_fail_plain(err, ONUS_ERR_TOO_FEW,
                                 "%zu cells and %zu windows; a loop gain over %zu windows back "
                                 "needs 2 cells and %zu windows",
                                 n_cells, n_windows, n_lags, n_lags + UNITS_MIN + 1);
        goto out;
    }
    start(out);
    const size_t n_used = n_windows - n_lags;
    const size_t n_sums = n_sums_of(n_lags);
    by_cell = onus_alloc_n(n_cells, 2 * (n_lags + 1) * sizeof *by_cell);
    row_means = onus_alloc_n(n_windows, 2 * sizeof *row_means);
    sums = onus_alloc_n(n_used + 1, n_sums * sizeof *sums); /* the last row: of all windows */
    totals = onus_alloc_n(opts->n_replicates, n_sums * sizeof *totals);
    if (by_cell == NULL || row_means == NULL || sums == NULL || totals == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    find_row_means(predicted, n_cells, n_windows, row_means);
    find_row_means(recorded, n_cells, n_windows, row_means + n_windows);
    for (size_t l = 0; l <= n_lags; l++) {
        const size_t first = n_lags - l;
        tables[l] = (seen){.rows = (l == 0 ? predicted : recorded) + first * n_cells,
                           .row_means = row_means + (l == 0 ? 0 : n_windows) + first,
                           .cell_means = by_cell + 2 * l * n_cells,
                           .row = by_cell + (2 * l + 1) * n_cells};
        find_cell_means(&tables[l], n_cells, n_used);
    }
    double *all = sums + n_used * n_sums;
    for (size_t w = 0; w < n_used; w++) {
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        sum_window(tables, n_lags, n_cells, w, sums + w * n_sums);
    }
    for (size_t k = 0; k < n_sums; k++) {
        onus_sum sum = {0};
        for (size_t w = 0; w < n_used; w++) {
            onus_sum_add(&sum, sums[w * n_sums + k]);
        }
        all[k] = onus_sum_get(&sum);
    }
    out->n_units = n_used;
    out->n_incidents = onus_sum_of(recorded, n_cells * n_windows);
    out->block_len = onus_time_block_len(n_used);
    const double value = varies(recorded, row_means + n_windows, n_cells, n_windows, all, n_lags)
                             ? solve_sum(all, n_lags)
                             : (double)NAN;
    out->per_incident =
        isnan(value) ? onus_number_none("records of a cell do not vary enough over the windows")
                     : onus_number_of(value);
    const double n_blocks = (double)n_used / (double)out->block_len;
    if (!isnan(value) && n_blocks >= UNITS_MIN && opts->n_replicates > 1) {
        ONUS_TRY(onus_time_bootstrap(sums, n_used, n_sums, out->block_len, opts->seed,
                                     opts->n_replicates, context, totals, err));
        for (uint64_t r = 0; r < opts->n_replicates; r++) {
            totals[r] = solve_sum(totals + r * n_sums, n_lags); /* never ahead of what is read */
        }
        out->per_incident_limits =
            limits_of(totals, (size_t)opts->n_replicates, value, n_blocks - 1.0, opts->level);
    }
    finish(opts, out);
out:
    onus_free(by_cell);
    onus_free(row_means);
    onus_free(sums);
    onus_free(totals);
    return status;
}
