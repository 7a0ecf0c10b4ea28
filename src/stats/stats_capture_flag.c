/* What a budget flags, and how flags come and go from window to window.
 *
 * The score down to which a budget reaches is found by selection (Hoare's quickselect with
 * weights), not by sorting 27,000 cells; sums are then taken over the cells in their own order, so
 * that they do not depend on how the selection went. Runs of flags are streamed: one number per
 * cell remembers the last window in which it was flagged. Called by the place trial for what a
 * product flagged. Never keeps the flags of a window. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_inequality.h"
#include "onus/sum.h"
#include "stats_capture_internal.h"

typedef struct weighted {
    double key;
    double weight;
} weighted;

static inline void swap(weighted *a, weighted *b) {
    const weighted t = *a;
    *a = *b;
    *b = t;
}

/* The highest key k such that the weight of keys >= k reaches `budget`; the lowest key if nothing
 * does. Reorders items. A pivot from a fixed sequence: O(n) on average for any data not made
 * against it, and for such data still right. */
static double threshold(weighted *items, size_t n, double budget) {
    uint64_t state = 1;
    double key = items[0].key;
    double left = budget;
    while (n > 0) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const double pivot = items[(size_t)((state >> 33) % n)].key;
        /* [0, above) > pivot, [above, at) == pivot, [under, n) < pivot */
        size_t above = 0;
        size_t at = 0;
        size_t under = n;
        onus_sum higher = {0};
        onus_sum equal = {0};
        while (at < under) {
            if (items[at].key > pivot) {
                onus_sum_add(&higher, items[at].weight);
                swap(&items[at++], &items[above++]);
            } else if (items[at].key == pivot) {
                onus_sum_add(&equal, items[at++].weight);
            } else {
                swap(&items[at], &items[--under]);
            }
        }
        key = pivot;
        if (above > 0 && onus_sum_get(&higher) >= left) {
            n = above;
            continue;
        }
        left -= onus_sum_get(&higher) + onus_sum_get(&equal);
        if (left <= 0.0) {
            break;
        }
        items += under;
        n -= under;
    }
    return key;
}

/* As threshold, for the cells' keys; weight 1 for cells. */
static onus_status find_threshold(const onus_ranked *cells, onus_capture_unit unit, double budget,
                                  double *key) {
    weighted *items = onus_alloc_n(cells->n_cells, sizeof *items);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t c = 0; c < cells->n_cells; c++) {
        items[c] =
            (weighted){.key = onus_ranked_key(cells, c),
                       .weight = unit == ONUS_CAPTURE_AREA ? onus_ranked_area(cells, c) : 1.0};
    }
    *key = threshold(items, cells->n_cells, budget);
    onus_free(items);
    return ONUS_OK;
}

onus_status onus_flagged_expected(const onus_ranked *cells, onus_capture_unit unit, double budget,
                                  onus_flagged *out, onus_error *err) {
    if (isnan(budget)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a budget is not a number");
    }
    onus_status status = onus_ranked_check(cells, err);
    if (status != ONUS_OK) {
        return status;
    }
    if (cells->n_cells == 0 || budget <= 0.0) {
        *out = (onus_flagged){0};
        return ONUS_OK;
    }
    double key = 0.0;
    if (find_threshold(cells, unit, budget, &key) != ONUS_OK) {
        return onus_fail_nomem(err);
    }
    onus_sum area[2] = {{0, 0}, {0, 0}}; /* above the key, at it */
    onus_sum score[2] = {{0, 0}, {0, 0}};
    double n[2] = {0};
    for (size_t c = 0; c < cells->n_cells; c++) {
        const double k = onus_ranked_key(cells, c);
        if (k >= key) {
            const size_t i = k == key ? 1 : 0;
            onus_sum_add(&area[i], onus_ranked_area(cells, c));
            onus_sum_add(&score[i], cells->score[c]);
            n[i]++;
        }
    }
    const double tied = unit == ONUS_CAPTURE_AREA ? onus_sum_get(&area[1]) : n[1];
    const double before = unit == ONUS_CAPTURE_AREA ? onus_sum_get(&area[0]) : n[0];
    const double share = fmin(1.0, fmax(0.0, (budget - before) / tied));
    *out = (onus_flagged){
        .area_m2 = onus_sum_get(&area[0]) + share * onus_sum_get(&area[1]),
        .n_cells = n[0] + share * n[1],
        .score = onus_sum_get(&score[0]) + share * onus_sum_get(&score[1]),
    };
    return ONUS_OK;
}

/* ---- whole cells ---- */

typedef struct ranked_cell {
    double key;
    int32_t order;
    int32_t cell;
} ranked_cell;

static int by_rank(const void *left, const void *right) {
    const ranked_cell *a = left;
    const ranked_cell *b = right;
    if (a->key != b->key) {
        return a->key > b->key ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

onus_status onus_flag_whole(const onus_ranked *cells, onus_capture_unit unit, double budget,
                            int32_t *cell, size_t *n_flagged, onus_error *err) {
    if (isnan(budget) || cells->n_cells > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a budget is not a number, or too many cells");
    }
    onus_status status = onus_ranked_check(cells, err);
    if (status != ONUS_OK) {
        return status;
    }
    *n_flagged = 0;
    if (cells->n_cells == 0 || budget <= 0.0) {
        return ONUS_OK;
    }
    /* For a number of cells nothing below the threshold can be flagged; an area may still have room
     * for a small cell further down. */
    double lowest = -INFINITY;
    ranked_cell *sorted = NULL;
    if (unit == ONUS_CAPTURE_CELLS) {
        ONUS_TRY(find_threshold(cells, unit, floor(budget), &lowest));
    }
    sorted = onus_alloc_n(cells->n_cells, sizeof *sorted);
    if (sorted == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    size_t n = 0;
    for (size_t c = 0; c < cells->n_cells; c++) {
        const double key = onus_ranked_key(cells, c);
        if (key >= lowest) {
            sorted[n++] =
                (ranked_cell){.key = key, .order = onus_ranked_order(cells, c), .cell = (int32_t)c};
        }
    }
    qsort(sorted, n, sizeof *sorted, by_rank);
    const double limit = unit == ONUS_CAPTURE_AREA ? budget * (1.0 + ONUS_AREA_ROUNDING) : budget;
    onus_sum used = {0};
    for (size_t i = 0; i < n; i++) {
        const double size =
            unit == ONUS_CAPTURE_AREA ? onus_ranked_area(cells, (size_t)sorted[i].cell) : 1.0;
        onus_sum next = used;
        onus_sum_add(&next, size);
        if (onus_sum_get(&next) <= limit) {
            used = next;
            cell[(*n_flagged)++] = sorted[i].cell;
        }
    }
out:
    onus_free(sorted);
    return status == ONUS_OK ? ONUS_OK : onus_fail_nomem(err);
}

/* ---- runs ---- */

onus_status onus_flag_runs_init(onus_flag_runs *runs, size_t n_cells) {
    *runs = (onus_flag_runs){.n_cells = n_cells};
    runs->times = onus_alloc_n(n_cells, sizeof *runs->times);
    runs->last = onus_alloc_n(n_cells, sizeof *runs->last);
    if (runs->times == NULL || runs->last == NULL) {
        onus_flag_runs_clear(runs);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

void onus_flag_runs_clear(onus_flag_runs *runs) {
    onus_free(runs->times);
    onus_free(runs->last);
    *runs = (onus_flag_runs){0};
}

onus_status onus_flag_runs_add(onus_flag_runs *runs, const int32_t *cell, size_t n_flagged) {
    for (size_t i = 0; i < n_flagged; i++) {
        if (cell[i] < 0 || (size_t)cell[i] >= runs->n_cells) {
            return ONUS_ERR_DOMAIN;
        }
    }
    const uint64_t now = ++runs->n_windows;
    for (size_t i = 0; i < n_flagged; i++) {
        const size_t c = (size_t)cell[i];
        if (runs->last[c] == now) {
            continue;
        }
        if (runs->last[c] == 0 || runs->last[c] != now - 1) {
            runs->n_runs++;
        }
        runs->last[c] = now;
        runs->times[c]++;
        runs->n_flags++;
    }
    return ONUS_OK;
}

onus_number onus_flag_runs_mean(const onus_flag_runs *runs) {
    return runs->n_runs == 0 ? onus_number_none("nothing was flagged")
                             : onus_number_of((double)runs->n_flags / (double)runs->n_runs);
}

size_t onus_flag_runs_ever(const onus_flag_runs *runs) {
    size_t n = 0;
    for (size_t c = 0; c < runs->n_cells; c++) {
        n += runs->last[c] > 0;
    }
    return n;
}

size_t onus_flag_runs_always(const onus_flag_runs *runs) {
    size_t n = 0;
    for (size_t c = 0; c < runs->n_cells; c++) {
        n += runs->n_windows > 0 && runs->times[c] == (double)runs->n_windows;
    }
    return n;
}

onus_status onus_flag_runs_gini(const onus_flag_runs *runs, onus_number *out) {
    return onus_gini(runs->times, NULL, runs->n_cells, out);
}
