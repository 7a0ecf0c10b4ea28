/* Capture over area: when does each recorded outcome fall within what is flagged?
 *
 * As a budget grows, cells are flagged from the highest score down. The cell of an outcome goes
 * from out to in while the budget grows from one area to another; these two numbers per outcome
 * hold every budget, the whole curve and its area in closed form. To find them nothing need be
 * sorted but the few cells with outcomes: one pass drops every other cell into the gap between two
 * of them. Cells of equal score form a block; who comes first in it is the tie rule's business, and
 * what the least and the most lucky order would have captured is kept beside. Called by the place
 * trial for products and baselines alike. Never says which cells a budget flags. */
#include "onus/stats_capture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_capture_internal.h"

/* ---- counts by cell ---- */

typedef struct cell_event {
    int32_t cell;
    double count;
} cell_event;

static int by_cell(const void *left, const void *right) {
    const cell_event *a = left;
    const cell_event *b = right;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

onus_status onus_cell_counts_gather(const int32_t *cell, const double *count, size_t n_events,
                                    int32_t *out_cell, double *out_count, size_t *n_out) {
    cell_event *events = onus_alloc_n(n_events, sizeof *events);
    if (events == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n = 0;
    for (size_t i = 0; i < n_events; i++) {
        const double k = count == NULL ? 1.0 : count[i];
        if (cell[i] < 0 || !(k >= 0.0) || !isfinite(k) || floor(k) != k) {
            onus_free(events);
            return ONUS_ERR_DOMAIN;
        }
        if (k > 0.0) {
            events[n++] = (cell_event){.cell = cell[i], .count = k};
        }
    }
    if (n > 1) {
        qsort(events, n, sizeof *events, by_cell);
    }
    size_t n_cells = 0;
    for (size_t i = 0; i < n; i++) { /* whole numbers: the order of equals changes no sum */
        if (n_cells > 0 && out_cell[n_cells - 1] == events[i].cell) {
            out_count[n_cells - 1] += events[i].count;
        } else {
            out_cell[n_cells] = events[i].cell;
            out_count[n_cells++] = events[i].count;
        }
    }
    onus_free(events);
    *n_out = n_cells;
    return ONUS_OK;
}

onus_status onus_cell_counts_check(const onus_cell_counts *counts, size_t n_cells,
                                   onus_error *err) {
    for (size_t i = 0; i < counts->n; i++) {
        const bool ascending = i == 0 || counts->cell[i] > counts->cell[i - 1];
        if (!ascending || counts->cell[i] < 0 || (size_t)counts->cell[i] >= n_cells) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "cells with outcomes are not ascending and in range");
        }
        const double k = counts->count[i];
        if (!(k > 0.0) || !isfinite(k) || floor(k) != k) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a count of outcomes is not a whole number above 0");
        }
    }
    return ONUS_OK;
}

onus_status onus_ranked_check(const onus_ranked *cells, onus_error *err) {
    for (size_t c = 0; c < cells->n_cells; c++) {
        const double area = onus_ranked_area(cells, c);
        if (!(area > 0.0) || !isfinite(area)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the area of a cell is not above 0");
        }
        if (!isfinite(onus_ranked_key(cells, c))) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the score of a cell is not finite");
        }
    }
    return ONUS_OK;
}

/* ---- ranking one window ---- */

/* A cell with outcomes. Events are sorted by key, highest first, then by order. */
typedef struct event {
    double key;
    double area;
    double count;
    int32_t order;
    size_t group;
    size_t source; /* index into the counts */
} event;

/* Sizes in both units: area, and how many. */
typedef struct bin {
    onus_sum area;
    size_t n;
} bin;

/* What ties: the events from `first` to `first + n_events - 1`, and cells without outcomes. */
typedef struct group {
    double key;
    size_t first;
    size_t n_events;
    bin before; /* cells below the group above and above this one */
    bin tied;   /* the group's cells, with outcomes or without */
    double above[ONUS_CAPTURE_N_UNITS];
} group;

static int by_rank(const void *left, const void *right) {
    const event *a = left;
    const event *b = right;
    if (a->key != b->key) {
        return a->key > b->key ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static inline void put(bin *b, double area) {
    onus_sum_add(&b->area, area);
    b->n++;
}

/* Index of the first group whose key is not above `key`: the number of groups ranked before it. */
static inline size_t n_above(const double *keys, size_t n, double key) {
    size_t base = 0;
    while (n > 1) {
        const size_t half = n / 2;
        base += keys[base + half - 1] > key ? half : 0;
        n -= half;
    }
    return base + (keys[base] > key ? 1 : 0);
}

/* First event of the group that comes after `order`; the group's end if none does. */
static size_t first_after(const event *events, const group *g, int32_t order) {
    size_t low = g->first;
    size_t high = g->first + g->n_events;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (events[middle].order > order) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

typedef struct ranking {
    const onus_ranked *cells;
    event *events;
    group *groups;
    double *keys; /* of the groups, once more: the search reads nothing else */
    bin *ahead;   /* by event: cells of its group that come after the event before and before
                     this one in the order */
    size_t n_events;
    size_t n_groups;
} ranking;

/* Every cell into its gap or its group. A cell below all groups is of no consequence. */
static void place_cells(ranking *r, bool by_order) {
    const onus_ranked *cells = r->cells;
    const double lowest = r->keys[r->n_groups - 1];
    for (size_t c = 0; c < cells->n_cells; c++) {
        const double key = onus_ranked_key(cells, c);
        if (key < lowest) {
            continue;
        }
        const size_t g = n_above(r->keys, r->n_groups, key);
        const double area = onus_ranked_area(cells, c);
        if (r->keys[g] != key) {
            put(&r->groups[g].before, area);
            continue;
        }
        put(&r->groups[g].tied, area);
        if (by_order) {
            const size_t e = first_after(r->events, &r->groups[g], onus_ranked_order(cells, c));
            if (e < r->groups[g].first + r->groups[g].n_events) {
                put(&r->ahead[e], area);
            }
        }
    }
}

static double size_of(const bin *b, onus_capture_unit unit) {
    return unit == ONUS_CAPTURE_AREA ? onus_sum_get(&b->area) : (double)b->n;
}

static double event_size(const event *e, onus_capture_unit unit) {
    return unit == ONUS_CAPTURE_AREA ? e->area : 1.0;
}

/* Poorest first; equals by their order. */
static int by_density_area(const void *left, const void *right) {
    const event *a = *(const event *const *)left;
    const event *b = *(const event *const *)right;
    const double x = a->count * b->area; /* a's density against b's, without dividing */
    const double y = b->count * a->area;
    if (x != y) {
        return x < y ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static int by_count(const void *left, const void *right) {
    const event *a = *(const event *const *)left;
    const event *b = *(const event *const *)right;
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

/* Spans of one group in one unit for the least lucky order (cells without outcomes first, then the
 * poorest) and for the luckiest (the richest first). */
static void span_extremes(const ranking *r, const group *g, onus_capture_unit unit,
                          const event **sorted, onus_capture *out) {
    onus_sum rich = {0};
    for (size_t i = 0; i < g->n_events; i++) {
        sorted[i] = &r->events[g->first + i];
        onus_sum_add(&rich, event_size(sorted[i], unit));
    }
    qsort(sorted, g->n_events, sizeof *sorted,
          unit == ONUS_CAPTURE_AREA ? by_density_area : by_count);
    const double tied = size_of(&g->tied, unit);
    onus_sum at = {0};
    onus_sum_add(&at, g->above[unit]);
    /* all tied cells have outcomes: nothing comes before, not even the rounding of a difference */
    onus_sum_add(&at, g->tied.n == g->n_events ? 0.0 : fmax(0.0, tied - onus_sum_get(&rich)));
    for (size_t i = 0; i < g->n_events; i++) {
        const double from = onus_sum_get(&at);
        onus_sum_add(&at, event_size(sorted[i], unit));
        out->span[unit][ONUS_TIE_WORST][sorted[i]->source] =
            (onus_capture_span){.from = from, .until = onus_sum_get(&at)};
    }
    at = (onus_sum){0};
    onus_sum_add(&at, g->above[unit]);
    for (size_t i = g->n_events; i-- > 0;) {
        const double from = onus_sum_get(&at);
        onus_sum_add(&at, event_size(sorted[i], unit));
        out->span[unit][ONUS_TIE_BEST][sorted[i]->source] =
            (onus_capture_span){.from = from, .until = onus_sum_get(&at)};
    }
}

/* Spans of one group under the rule asked for. */
static void span_asked(const ranking *r, const group *g, onus_capture_unit unit, bool by_order,
                       onus_capture *out) {
    onus_sum at = {0};
    onus_sum_add(&at, g->above[unit]);
    for (size_t i = g->first; i < g->first + g->n_events; i++) {
        onus_capture_span span = {.from = g->above[unit],
                                  .until = g->above[unit] + size_of(&g->tied, unit)};
        if (by_order) {
            onus_sum_add(&at, size_of(&r->ahead[i], unit));
            span.from = onus_sum_get(&at);
            span.until = span.from + event_size(&r->events[i], unit);
        }
        out->span[unit][ONUS_TIE_ASKED][r->events[i].source] = span;
    }
}

static onus_status take_storage(onus_capture *out, size_t n) {
    const size_t n_spans = (size_t)ONUS_CAPTURE_N_UNITS * ONUS_TIE_N_VARIANTS;
    onus_capture_span *spans =
        onus_alloc_n(n + 1, n_spans * sizeof(onus_capture_span) + sizeof(double));
    if (spans == NULL) {
        return ONUS_ERR_NOMEM;
    }
    out->storage = spans;
    for (size_t u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
        for (size_t v = 0; v < ONUS_TIE_N_VARIANTS; v++) {
            out->span[u][v] = spans;
            spans += n;
        }
    }
    out->count = (double *)(void *)spans;
    out->n = n;
    return ONUS_OK;
}

static onus_status open_ranking(ranking *r, const onus_cell_counts *counts) {
    const size_t n = counts->n;
    r->events = onus_alloc_n(n, sizeof *r->events);
    r->groups = onus_alloc_n(n, sizeof *r->groups);
    r->keys = onus_alloc_n(n, sizeof *r->keys);
    r->ahead = onus_alloc_n(n, sizeof *r->ahead);
    if (r->events == NULL || r->groups == NULL || r->keys == NULL || r->ahead == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t c = (size_t)counts->cell[i];
        r->events[i] = (event){.key = onus_ranked_key(r->cells, c),
                               .area = onus_ranked_area(r->cells, c),
                               .count = counts->count[i],
                               .order = onus_ranked_order(r->cells, c),
                               .source = i};
    }
    qsort(r->events, n, sizeof *r->events, by_rank);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || r->events[i].key != r->events[i - 1].key) {
            r->keys[r->n_groups] = r->events[i].key;
            r->groups[r->n_groups++] = (group){.key = r->events[i].key, .first = i};
        }
        r->groups[r->n_groups - 1].n_events++;
    }
    r->n_events = n;
    return ONUS_OK;
}

onus_status onus_capture_make(const onus_ranked *cells, const onus_cell_counts *counts,
                              onus_tie_rule rule, onus_capture *out, onus_error *err) {
    onus_status status = ONUS_OK;
    *out = (onus_capture){0};
    ranking r = {.cells = cells};
    const event **sorted = NULL;
    ONUS_TRY(onus_ranked_check(cells, err));
    ONUS_TRY(onus_cell_counts_check(counts, cells->n_cells, err));
    ONUS_TRY(take_storage(out, counts->n));
    bin all = {0};
    for (size_t c = 0; c < cells->n_cells; c++) {
        put(&all, onus_ranked_area(cells, c));
    }
    for (size_t u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
        out->all[u] = size_of(&all, (onus_capture_unit)u);
    }
    for (size_t i = 0; i < counts->n; i++) {
        out->count[i] = counts->count[i];
        out->n_outcomes += counts->count[i];
    }
    if (counts->n == 0) {
        goto out;
    }
    ONUS_TRY(open_ranking(&r, counts));
    sorted = onus_alloc_n(counts->n, sizeof *sorted);
    if (sorted == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    const bool by_order = rule == ONUS_TIE_ORDER;
    place_cells(&r, by_order);
    bin above = {0};
    for (size_t i = 0; i < r.n_groups; i++) {
        group *g = &r.groups[i];
        onus_sum_add(&above.area, onus_sum_get(&g->before.area));
        above.n += g->before.n;
        for (size_t u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
            g->above[u] = size_of(&above, (onus_capture_unit)u);
            span_asked(&r, g, (onus_capture_unit)u, by_order, out);
            span_extremes(&r, g, (onus_capture_unit)u, sorted, out);
        }
        onus_sum_add(&above.area, onus_sum_get(&g->tied.area));
        above.n += g->tied.n;
    }
out:
    onus_free(r.events);
    onus_free(r.groups);
    onus_free(r.keys);
    onus_free(r.ahead);
    onus_free(sorted);
    if (status != ONUS_OK) {
        onus_capture_clear(out);
        if (status == ONUS_ERR_NOMEM) {
            return onus_fail_nomem(err);
        }
    }
    return status;
}

void onus_capture_clear(onus_capture *capture) {
    onus_free(capture->storage);
    *capture = (onus_capture){0};
}

/* ---- what is read off ---- */

double onus_captured(const onus_capture *capture, onus_capture_unit unit, onus_tie_variant variant,
                     double budget) {
    if (budget >= capture->all[unit]) {
        return capture->n_outcomes;
    }
    const onus_capture_span *spans = capture->span[unit][variant];
    onus_sum captured = {0};
    for (size_t i = 0; i < capture->n; i++) {
        if (budget >= spans[i].until) {
            onus_sum_add(&captured, capture->count[i]);
        } else if (budget > spans[i].from) {
            onus_sum_add(&captured, capture->count[i] * ((budget - spans[i].from) /
                                                         (spans[i].until - spans[i].from)));
        }
    }
    return onus_sum_get(&captured);
}

onus_number onus_capture_auc(const onus_capture *capture, onus_tie_variant variant, double alpha) {
    if (!(alpha > 0.0 && alpha <= 1.0)) {
        return onus_number_none("the budget of the curve is not a share");
    }
    if (!(capture->n_outcomes > 0.0)) {
        return onus_number_none("no outcomes");
    }
    /* Each outcome adds the integral of its own ramp from 0 to 1. */
    const double all = capture->all[ONUS_CAPTURE_AREA];
    onus_sum area = {0};
    for (size_t i = 0; i < capture->n; i++) {
        const onus_capture_span *span = &capture->span[ONUS_CAPTURE_AREA][variant][i];
        const double from = span->from / all;
        const double until = span->until / all;
        if (alpha >= until) {
            onus_sum_add(&area, capture->count[i] * (alpha - 0.5 * (from + until)));
        } else if (alpha > from) {
            onus_sum_add(&area, capture->count[i] * 0.5 * (alpha - from) * (alpha - from) /
                                    (until - from));
        }
    }
    return onus_number_of(onus_sum_get(&area) / capture->n_outcomes);
}

double onus_capture_auc_random(double alpha) {
    return 0.5 * alpha * alpha;
}

onus_number onus_pai(double n, double n_all, double area, double area_all) {
    if (!(n >= 0.0) || !(n <= n_all) || !isfinite(n_all) || !(area >= 0.0) || !isfinite(area_all) ||
        !(area <= area_all * (1.0 + ONUS_AREA_ROUNDING))) {
        return onus_number_none("captured or flagged is more than there is, or not a number");
    }
    if (n_all == 0.0) {
        return onus_number_none("no outcomes");
    }
    if (area == 0.0) {
        return onus_number_none("nothing is flagged");
    }
    return onus_number_of((n / n_all) / (area / area_all));
}

onus_number onus_rri(double predicted, double observed) {
    if (!(predicted >= 0.0) || !isfinite(predicted) || !(observed >= 0.0) || !isfinite(observed)) {
        return onus_number_none("predicted or observed is not a count");
    }
    return observed == 0.0 ? onus_number_none("nothing was recorded in what was flagged")
                           : onus_number_of(predicted / observed);
}
