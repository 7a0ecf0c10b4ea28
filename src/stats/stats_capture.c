/* Capture over area: when does each recorded outcome fall within what is flagged?
 *
 * As a budget grows, cells are flagged from the highest score down. The cell of an outcome goes
 * from out to in while the budget grows from one area to another; these two numbers per outcome
 * hold every budget, the whole curve and its area in closed form. To find them nothing need be
 * sorted but the few cells with outcomes: one pass drops every other cell into the gap between two
 * of them, which a table of their keys' first bits finds. Cells of equal score form a block; who
 * comes first in it is the tie rule's business, and what the least and the most lucky order would
 * have captured is kept beside. Called by the place trial for products and baselines alike. Never
 * says which cells a budget flags. */
#include "onus/stats_capture.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
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

/* Sizes in both units. Areas are kept as whole multiples of a power of two so fine that all of them
 * together just fit 62 bits: sums are then exact, in any order, and cost one addition. */
typedef struct size {
    int64_t area;
    int64_t n;
} size;

/* A cell with outcomes. Events are sorted by key, highest first, then by order. */
typedef struct event {
    double key;
    double count;
    size size;
    int32_t order;
    size_t source; /* index into the counts */
} event;

/* What ties: the events from `first` to `first + n_events - 1`, and cells without outcomes. */
typedef struct group {
    size_t first;
    size_t n_events;
    size above; /* cells that are ranked higher */
    size tied;  /* the group's cells, with outcomes or without */
} group;

typedef struct ranking {
    const onus_ranked *cells;
    double scale; /* of areas */
    event *events;
    group *groups;
    double *keys; /* of the groups, once more: the search reads nothing else; and -INFINITY */
    size *bins;   /* N_SUMS times 2 n_groups + 1: before group g, tied with it, ..., below all */
    size *ahead;  /* by event: cells of its group that come after the event before and before this
                     one in the order */
    size_t n_events;
    size_t n_groups;
} ranking;

static int by_rank(const void *left, const void *right) {
    const event *a = left;
    const event *b = right;
    if (a->key != b->key) {
        return a->key > b->key ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static inline void add(size *into, size more) {
    into->area += more.area;
    into->n += more.n;
}

static inline size size_of_cell(const ranking *r, size_t c) {
    const double area = onus_ranked_area(r->cells, c) * r->scale;
    return (size){.area = (int64_t)(area > 1.0 ? area : 1.0), .n = 1};
}

static double in_unit(const ranking *r, size s, onus_capture_unit unit) {
    return unit == ONUS_CAPTURE_AREA ? (double)s.area / r->scale : (double)s.n;
}

/* Where the groups' keys lie: what they exceed the lowest by, in pieces of a 64th of its power of
 * two (the first bits of the double), for scores crowd at the lower end. A cell's piece says how
 * many groups are ranked before it, give or take those in the piece itself: mostly none or one,
 * which one comparison settles. Pieces with more are looked through (search). */
enum {
    CHUNK = 512,
    LANES = 16,
    N_SUMS = 4,
    OCTAVES = 16, /* below 2^-16 of the keys' range all is one piece */
    PIECES_BITS = 6,
    N_BUCKETS = OCTAVES << PIECES_BITS,
    SHIFT = 52 - PIECES_BITS
};

typedef struct bucket {
    double key;       /* the first that may not be ranked before its cells */
    uint32_t bin;     /* twice the groups in higher pieces */
    uint32_t crowded; /* 1: two keys or more */
} bucket;

typedef struct buckets {
    double low;    /* the lowest key */
    double first;  /* the first piece's width, 2^-16 of the range */
    int64_t start; /* its bits */
    bucket at[N_BUCKETS];
} buckets;

/* Monotone in the key: every step is. */
static inline int32_t bucket_of(const buckets *b, double key) {
    const double above = key - b->low;
    const double value = (above > 0.0 ? above : 0.0) + b->first;
    int64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    const int32_t at = (int32_t)((bits >> SHIFT) - b->start);
    return at < N_BUCKETS - 1 ? at : N_BUCKETS - 1;
}

static void fill_buckets(buckets *b, const double *keys, size_t n_groups) {
    uint32_t in[N_BUCKETS] = {0};
    const double width = n_groups == 0 ? 0.0 : keys[0] - keys[n_groups - 1];
    b->low = n_groups == 0 ? 0.0 : keys[n_groups - 1];
    b->first = width > 0.0 && width <= DBL_MAX ? ldexp(width, -OCTAVES) : 1.0;
    b->first = b->first >= DBL_MIN ? b->first : DBL_MIN;
    memcpy(&b->start, &b->first, sizeof b->start);
    b->start >>= SHIFT;
    for (size_t g = 0; g < n_groups; g++) {
        in[bucket_of(b, keys[g])]++;
    }
    size_t before = 0;
    for (size_t k = N_BUCKETS; k-- > 0;) {
        b->at[k] = (bucket){
            .key = keys[before], .bin = (uint32_t)(2 * before), .crowded = in[k] > 1 ? 1 : 0};
        before += in[k];
    }
}

/* The bin of a cell: how many groups are ranked before its key, by halving. */
static uint32_t search(const double *keys, size_t n_groups, double key) {
    size_t base = 0;
    for (size_t n = n_groups; n > 1;) {
        const size_t half = n / 2;
        base += keys[base + half - 1] > key ? half : 0;
        n -= half;
    }
    base += keys[base] > key ? 1 : 0;
    return (uint32_t)(2 * base + (keys[base] == key ? 1 : 0));
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

/* Cells [from, from + n) into their gaps and groups. Neighbours go to different copies of the bins,
 * for one sum after the other into the same place would wait. */
static void place_chunk(const ranking *r, const buckets *b, size_t from, size_t n, bool by_order) {
    double key[CHUNK];
    int32_t piece[CHUNK];
    uint32_t bin_of[CHUNK];
    uint32_t crowded[CHUNK];
    size_t n_crowded = 0;
    const size_t n_bins = 2 * r->n_groups + 1;
    for (size_t i = 0; i < n; i++) {
        key[i] = onus_ranked_key(r->cells, from + i);
    }
    for (size_t i = 0; i < n; i++) {
        piece[i] = bucket_of(b, key[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const bucket *at = &b->at[piece[i]];
        bin_of[i] = at->bin + (at->key > key[i] ? 1U : 0U) + (at->key >= key[i] ? 1U : 0U);
        crowded[n_crowded] = (uint32_t)i;
        n_crowded += at->crowded != 0 ? 1 : 0;
    }
    for (size_t i = 0; i < n_crowded; i++) {
        bin_of[crowded[i]] = search(r->keys, r->n_groups, key[crowded[i]]);
    }
    for (size_t i = 0; i < n; i++) {
        add(&r->bins[(i % N_SUMS) * n_bins + bin_of[i]], size_of_cell(r, from + i));
    }
    for (size_t i = 0; by_order && i < n; i++) {
        if (bin_of[i] % 2 == 1) {
            const group *g = &r->groups[bin_of[i] / 2];
            const size_t e = first_after(r->events, g, onus_ranked_order(r->cells, from + i));
            if (e < g->first + g->n_events) {
                add(&r->ahead[e], size_of_cell(r, from + i));
            }
        }
    }
}

/* Every cell. Returns the size of all. */
static size place_cells(const ranking *r, bool by_order) {
    const size_t n = r->cells->n_cells;
    const size_t n_bins = 2 * r->n_groups + 1;
    buckets b;
    fill_buckets(&b, r->keys, r->n_groups);
    for (size_t from = 0; from < n; from += CHUNK) {
        place_chunk(r, &b, from, n - from < CHUNK ? n - from : CHUNK, by_order);
    }
    size above = {0};
    for (size_t k = 0; k < n_bins; k++) {
        const size before = above;
        for (size_t copy = 0; copy < N_SUMS; copy++) {
            add(&above, r->bins[copy * n_bins + k]);
        }
        if (k % 2 == 1) {
            r->groups[k / 2].above = before;
            r->groups[k / 2].tied =
                (size){.area = above.area - before.area, .n = above.n - before.n};
        }
    }
    return above;
}

/* Poorest first; equals by their order. */
static int by_density(const void *left, const void *right) {
    const event *a = *(const event *const *)left;
    const event *b = *(const event *const *)right;
    const double x = a->count * (double)b->size.area; /* a's density, without dividing */
    const double y = b->count * (double)a->size.area;
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

static void set_span(const ranking *r, onus_capture *out, onus_capture_unit unit,
                     onus_tie_variant variant, const event *e, size from, size length) {
    size until = from;
    add(&until, length);
    out->span[unit][variant][e->source] =
        (onus_capture_span){.from = in_unit(r, from, unit), .until = in_unit(r, until, unit)};
}

/* Spans of one group in one unit for the least lucky order (cells without outcomes first, then the
 * poorest) and for the luckiest (the richest first). */
static void span_extremes(const ranking *r, const group *g, onus_capture_unit unit,
                          const event **sorted, onus_capture *out) {
    size worst = g->above;
    add(&worst, g->tied);
    for (size_t i = 0; i < g->n_events; i++) {
        sorted[i] = &r->events[g->first + i];
        worst.area -= sorted[i]->size.area;
        worst.n -= sorted[i]->size.n;
    }
    if (g->n_events > 1) {
        qsort(sorted, g->n_events, sizeof *sorted,
              unit == ONUS_CAPTURE_AREA ? by_density : by_count);
    }
    for (size_t i = 0; i < g->n_events; i++) {
        set_span(r, out, unit, ONUS_TIE_WORST, sorted[i], worst, sorted[i]->size);
        add(&worst, sorted[i]->size);
    }
    size best = g->above;
    for (size_t i = g->n_events; i-- > 0;) {
        set_span(r, out, unit, ONUS_TIE_BEST, sorted[i], best, sorted[i]->size);
        add(&best, sorted[i]->size);
    }
}

/* Spans of one group under the rule asked for. */
static void span_asked(const ranking *r, const group *g, onus_capture_unit unit, bool by_order,
                       onus_capture *out) {
    size at = g->above;
    for (size_t i = g->first; i < g->first + g->n_events; i++) {
        const event *e = &r->events[i];
        if (by_order) {
            add(&at, r->ahead[i]);
            set_span(r, out, unit, ONUS_TIE_ASKED, e, at, e->size);
        } else {
            set_span(r, out, unit, ONUS_TIE_ASKED, e, g->above, g->tied);
        }
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

/* Refuses what cannot be ranked; finds the scale of areas. Plain loops without an exit, of which
 * the compiler makes vectors. */
static onus_status read_cells(ranking *r, onus_error *err) {
    const onus_ranked *cells = r->cells;
    const size_t n = cells->n_cells;
    double largest = 1.0;
    double smallest = 1.0;
    int unfit = 0;
    if (cells->area_m2 != NULL && n > 0) {
        /* one chain of maxima would wait for itself: LANES of them side by side */
        double most[LANES];
        double least[LANES];
        int odd[LANES] = {0};
        for (size_t l = 0; l < LANES; l++) {
            most[l] = cells->area_m2[0];
            least[l] = cells->area_m2[0];
        }
        size_t c = 0;
        for (; c + LANES <= n; c += LANES) {
            for (size_t l = 0; l < LANES; l++) {
                const double a = cells->area_m2[c + l];
                most[l] = a > most[l] ? a : most[l];
                least[l] = a < least[l] ? a : least[l];
                odd[l] |= a != a;
            }
        }
        for (size_t l = 0; c < n; c++, l++) {
            const double a = cells->area_m2[c];
            most[l] = a > most[l] ? a : most[l];
            least[l] = a < least[l] ? a : least[l];
            odd[l] |= a != a;
        }
        largest = most[0];
        smallest = least[0];
        for (size_t l = 0; l < LANES; l++) {
            largest = most[l] > largest ? most[l] : largest;
            smallest = least[l] < smallest ? least[l] : smallest;
            unfit |= odd[l];
        }
    }
    if (unfit != 0 || !(smallest > 0.0) || !isfinite(largest)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the area of a cell is not above 0");
    }
    for (size_t c = 0; c < n; c++) {
        unfit |= !(fabs(cells->score[c]) <= DBL_MAX);
    }
    for (size_t c = 0; unfit == 0 && cells->by_density && c < n; c++) {
        unfit |= !(fabs(onus_ranked_key(cells, c)) <= DBL_MAX);
    }
    if (unfit != 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the score of a cell is not finite");
    }
    int exponent = 0; /* largest * n < 2^exponent */
    (void)frexp(largest * (double)n, &exponent);
    r->scale = ldexp(1.0, 62 - exponent);
    return ONUS_OK;
}

static onus_status open_ranking(ranking *r, const onus_cell_counts *counts) {
    const size_t n = counts->n;
    r->events = onus_alloc_n(n, sizeof *r->events);
    r->groups = onus_alloc_n(n, sizeof *r->groups);
    r->keys = onus_alloc_n(n + 1, sizeof *r->keys);
    r->ahead = onus_alloc_n(n, sizeof *r->ahead);
    r->bins = onus_alloc_n(N_SUMS * (2 * n + 1), sizeof *r->bins);
    if (r->events == NULL || r->groups == NULL || r->keys == NULL || r->ahead == NULL ||
        r->bins == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t c = (size_t)counts->cell[i];
        r->events[i] = (event){.key = onus_ranked_key(r->cells, c),
                               .count = counts->count[i],
                               .size = size_of_cell(r, c),
                               .order = onus_ranked_order(r->cells, c),
                               .source = i};
    }
    if (n > 1) {
        qsort(r->events, n, sizeof *r->events, by_rank);
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || r->events[i].key != r->events[i - 1].key) {
            r->keys[r->n_groups] = r->events[i].key;
            r->groups[r->n_groups++] = (group){.first = i};
        }
        r->groups[r->n_groups - 1].n_events++;
    }
    r->keys[r->n_groups] = -INFINITY;
    r->n_events = n;
    return ONUS_OK;
}

onus_status onus_capture_make(const onus_ranked *cells, const onus_cell_counts *counts,
                              onus_tie_rule rule, onus_capture *out, onus_error *err) {
    onus_status status = ONUS_OK;
    *out = (onus_capture){0};
    ranking r = {.cells = cells};
    const event **sorted = NULL;
    if (cells->n_cells > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "too many cells");
    }
    ONUS_TRY(onus_cell_counts_check(counts, cells->n_cells, err));
    ONUS_TRY(read_cells(&r, err));
    ONUS_TRY(take_storage(out, counts->n));
    for (size_t i = 0; i < counts->n; i++) {
        out->count[i] = counts->count[i];
        out->n_outcomes += counts->count[i];
    }
    ONUS_TRY(open_ranking(&r, counts));
    sorted = onus_alloc_n(counts->n, sizeof *sorted);
    if (sorted == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    const bool by_order = rule == ONUS_TIE_ORDER;
    const size all = place_cells(&r, by_order);
    for (size_t u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
        const onus_capture_unit unit = (onus_capture_unit)u;
        out->all[u] = in_unit(&r, all, unit);
        for (size_t i = 0; i < r.n_groups; i++) {
            span_asked(&r, &r.groups[i], unit, by_order, out);
            span_extremes(&r, &r.groups[i], unit, sorted, out);
        }
    }
out:
    onus_free(r.events);
    onus_free(r.groups);
    onus_free(r.keys);
    onus_free(r.ahead);
    onus_free(r.bins);
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
