/* What records from before a forecast say about how events scatter and cluster.
 *
 * The time before the period is cut, backwards from its start, into windows as long as the period;
 * the first record must not come after a window's start, so that no window is half empty:
 *
 *     first record
 *        |..|--window--|--window--|--window--|==period==|
 *
 * The variance of the windows' totals makes the negative binomial null; the variance within cells
 * over windows, pooled, gives the mean size of clusters (stats_csep.h). Called by accuracy_csep.c.
 * Never looks at the forecast. */
#include <math.h>
#include <stdlib.h>

#include "accuracy_csep.h"
#include "onus/alloc.h"
#include "onus/stats_csep.h"

static const char NO_RECORDS[] =
    "it takes records from before the forecast to learn how events cluster (outcomes.time and a "
    "period that begins after the first of them)";
static const char TOO_FEW[] =
    "the records from before the forecast do not reach back two of its periods";

enum { WINDOWS_MAX = 100000 };

/* One event: cell and window. */
typedef struct placed {
    size_t cell;
    size_t window;
    double count;
} placed;

static int by_cell_and_window(const void *a, const void *b) {
    const placed *p = a;
    const placed *q = b;
    if (p->cell != q->cell) {
        return p->cell < q->cell ? -1 : 1;
    }
    return (p->window > q->window) - (p->window < q->window);
}

/* Sums of counts, and of the squares of a cell's count in a window. */
static void add_up(const placed *events, size_t n, double *sum, double *squares) {
    for (size_t i = 0; i < n;) {
        double count = 0;
        size_t end = i;
        while (end < n && by_cell_and_window(&events[end], &events[i]) == 0) {
            count += events[end++].count;
        }
        sum[events[i].cell] += count;
        squares[events[i].cell] += count * count;
        i = end;
    }
}

static size_t count_windows(const onus_csep_grid *g, double length_s) {
    double first = g->from_unix_s;
    for (size_t i = 0; i < g->n_before; i++) {
        first = fmin(first, g->before_unix_s[i]);
    }
    const double n = floor((g->from_unix_s - first) / length_s);
    return n > WINDOWS_MAX ? WINDOWS_MAX : (size_t)n;
}

onus_status acc_csep_before(place_trial *t, acc_before *out) {
    const onus_csep_grid *g = &t->evidence->csep;
    const double length_s = g->until_unix_s - g->from_unix_s;
    onus_status status = ONUS_OK;
    *out = (acc_before){.variance = onus_number_none(NO_RECORDS),
                        .cluster_size = onus_number_none(NO_RECORDS)};
    if (g->n_before == 0 || !isfinite(length_s) || !(length_s > 0)) {
        return ONUS_OK;
    }
    out->n_windows = count_windows(g, length_s);
    if (out->n_windows < 2) {
        out->variance = out->cluster_size = onus_number_none(TOO_FEW);
        return ONUS_OK;
    }
    placed *events = onus_alloc_n(g->n_before, sizeof *events);
    double *totals = onus_alloc_n(out->n_windows, sizeof *totals);
    double *sum = onus_alloc_n(g->n_cells, sizeof *sum);
    double *squares = onus_alloc_n(g->n_cells, sizeof *squares);
    if (events == NULL || totals == NULL || sum == NULL || squares == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    size_t n = 0;
    for (size_t i = 0; i < g->n_before; i++) {
        const double back = ceil((g->from_unix_s - g->before_unix_s[i]) / length_s);
        if (g->before_cell[i] < 0 || back > (double)out->n_windows) {
            continue;
        }
        const size_t window = (size_t)back - 1; /* [from - back L, from - (back - 1) L) */
        events[n++] = (placed){
            .cell = (size_t)g->before_cell[i], .window = window, .count = g->before_count[i]};
        totals[window] += g->before_count[i];
    }
    qsort(events, n, sizeof *events, by_cell_and_window);
    add_up(events, n, sum, squares);
    out->variance = onus_csep_variance(totals, out->n_windows);
    out->cluster_size = onus_csep_cluster_size(sum, squares, g->n_cells, out->n_windows);
out:
    onus_free(events);
    onus_free(totals);
    onus_free(sum);
    onus_free(squares);
    return status;
}
