/* The most that any choice of cells of the same area could have captured: an exact 0/1 knapsack.
 *
 * Cells differ in area where the region's edge cuts them, so taking the densest cells first is not
 * the best choice, and a PEI made with it can exceed 1 or flatter. Outcomes are whole numbers, and
 * few: the least area that yields each count is found by dynamic programming over counts, exactly.
 * Before that, Dantzig's relaxed bound settles most cells: one whose removal (or addition) would
 * push the bound down to what is known already need not be tried (Dembo & Hammer 1980). What is
 * left is small. Where even that is too much, branch and bound with a cap; then a lower and an
 * upper bound are handed back and said to be such. Called by the place trial. Never hands out the
 * cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_capture_internal.h"

static const uint64_t STEPS_CAP = UINT64_C(100000000);

typedef struct item {
    double count;
    double area;
    int32_t cell;
} item;

static int by_density(const void *left, const void *right) {
    const item *a = left;
    const item *b = right;
    const double x = a->count * b->area;
    const double y = b->count * a->area;
    if (x != y) {
        return x > y ? -1 : 1;
    }
    return (a->cell > b->cell) - (a->cell < b->cell);
}

/* A whole number that a bound computed in floating point allows: rounding must not take one away.
 */
static double whole(double bound) {
    return floor(bound + ONUS_AREA_ROUNDING * fmax(1.0, bound));
}

typedef struct knapsack {
    item *items; /* densest first */
    size_t n;
    double room;    /* budget with its tolerance */
    double greedy;  /* densest first, passing over what does not fit */
    double relaxed; /* the last cell cut */
    size_t cut;     /* the cell that is cut; n if all fit */
} knapsack;

/* Greedy and relaxed values. Sums of areas are taken in the order of the items. */
static void bounds(knapsack *k) {
    onus_sum used = {0};
    onus_sum greedy = {0};
    onus_sum whole_cells = {0};
    k->cut = k->n;
    double left_at_cut = 0.0;
    for (size_t i = 0; i < k->n; i++) {
        onus_sum next = used;
        onus_sum_add(&next, k->items[i].area);
        if (onus_sum_get(&next) <= k->room) {
            used = next;
            onus_sum_add(&greedy, k->items[i].count);
            if (k->cut == k->n) {
                onus_sum_add(&whole_cells, k->items[i].count);
            }
        } else if (k->cut == k->n) {
            k->cut = i;
            left_at_cut = k->room - onus_sum_get(&used);
        }
    }
    k->greedy = onus_sum_get(&greedy);
    k->relaxed = onus_sum_get(&whole_cells);
    if (k->cut < k->n) {
        k->relaxed += left_at_cut * (k->items[k->cut].count / k->items[k->cut].area);
    }
}

/* What is left once cells whose place the bound settles are taken out. */
typedef struct core {
    item *items; /* densest first */
    size_t n;
    double room;
    double taken; /* count of the cells that are in for certain */
} core;

static onus_status settle(const knapsack *k, double low, core *out) {
    *out = (core){.room = k->room};
    out->items = onus_alloc_n(k->n, sizeof *out->items);
    if (out->items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const double price = k->items[k->cut].count / k->items[k->cut].area;
    onus_sum used = {0};
    onus_sum taken = {0};
    for (size_t i = 0; i < k->n; i++) {
        /* by how much the relaxed bound falls if this cell goes the other way */
        const double loss = fabs(k->items[i].count - price * k->items[i].area);
        if (i == k->cut || whole(k->relaxed - loss) > low) {
            out->items[out->n++] = k->items[i];
        } else if (i < k->cut) {
            onus_sum_add(&used, k->items[i].area);
            onus_sum_add(&taken, k->items[i].count);
        }
    }
    out->room = k->room - onus_sum_get(&used);
    out->taken = onus_sum_get(&taken);
    return ONUS_OK;
}

/* The highest count up to n_counts - 1 that fits: least[c] is the least area that yields exactly c.
 */
static double by_counts(const core *c, double *least, size_t n_counts) {
    least[0] = 0.0;
    for (size_t k = 1; k < n_counts; k++) {
        least[k] = INFINITY;
    }
    size_t reach = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->items[i].count > (double)(n_counts - 1)) {
            continue; /* more than can fit */
        }
        const size_t count = (size_t)c->items[i].count;
        reach = reach + count < n_counts - 1 ? reach + count : n_counts - 1;
        for (size_t k = reach; k >= count; k--) {
            const double area = least[k - count] + c->items[i].area;
            if (area < least[k] && area <= c->room) {
                least[k] = area;
            }
        }
    }
    size_t best = n_counts - 1;
    while (best > 0 && !(least[best] <= c->room)) {
        best--;
    }
    return (double)best;
}

/* Depth first, densest first, the relaxed bound in every node (Horowitz & Sahni 1974).
 * *best rises from what is known; false if the nodes ran out. */
static bool by_branches(const core *c, uint8_t *in, uint64_t nodes, double *best) {
    memset(in, 0, c->n);
    double room = c->room;
    double got = 0.0;
    size_t at = 0;
    for (;;) {
        /* the bound of everything from here on */
        double bound = got;
        double left = room;
        for (size_t i = at; i < c->n; i++) {
            if (nodes-- == 0) {
                return false;
            }
            if (c->items[i].area > left) {
                bound += left * (c->items[i].count / c->items[i].area);
                break;
            }
            left -= c->items[i].area;
            bound += c->items[i].count;
        }
        if (whole(bound) > *best) {
            /* worth it: take what fits */
            for (; at < c->n && c->items[at].area <= room; at++) {
                in[at] = 1;
                room -= c->items[at].area;
                got += c->items[at].count;
            }
            *best = fmax(*best, got);
            if (at < c->n) {
                at++; /* leave this one out and look again */
                continue;
            }
        }
        /* back to the last cell that is in; without it now */
        size_t last = at;
        while (last > 0 && in[last - 1] == 0) {
            last--;
        }
        if (last == 0) {
            return true;
        }
        at = last;
        in[at - 1] = 0;
        room += c->items[at - 1].area;
        got -= c->items[at - 1].count;
    }
}

/* Exact where it can be. out->low holds greedy's value. */
static onus_status search(const knapsack *k, double high, uint64_t steps_cap, onus_best *out) {
    onus_status status = ONUS_ERR_NOMEM;
    double *least = NULL;
    uint8_t *in = NULL;
    core c = {0};
    if (settle(k, out->low, &c) != ONUS_OK) {
        goto out;
    }
    const double n_counts = high - c.taken + 1.0; /* >= 1: high >= low >= taken */
    if (n_counts * (double)c.n <= (double)steps_cap) {
        least = onus_alloc_n((size_t)n_counts, sizeof *least);
        if (least == NULL) {
            goto out;
        }
        out->low = fmax(out->low, c.taken + by_counts(&c, least, (size_t)n_counts));
        out->high = out->low;
        out->exact = true;
    } else {
        in = onus_alloc_n(c.n, sizeof *in);
        if (in == NULL) {
            goto out;
        }
        double best = out->low - c.taken;
        out->exact = by_branches(&c, in, steps_cap, &best);
        out->low = fmax(out->low, c.taken + best);
        out->high = out->exact ? out->low : high;
        out->exact = out->exact || out->low == high;
    }
    out->reason = out->exact ? NULL : "too many cells and outcomes to search; bounds instead";
    status = ONUS_OK;
out:
    onus_free(c.items);
    onus_free(least);
    onus_free(in);
    return status;
}

onus_status onus_capture_best(const onus_cell_counts *counts, const double *area_m2, size_t n_cells,
                              double budget_m2, uint64_t steps_cap, onus_best *out,
                              onus_error *err) {
    *out = (onus_best){.exact = true};
    if (!(budget_m2 >= 0.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a budget of area is not a number >= 0");
    }
    onus_status status = onus_cell_counts_check(counts, n_cells, err);
    if (status != ONUS_OK) {
        return status;
    }
    knapsack k = {.room = budget_m2 * (1.0 + ONUS_AREA_ROUNDING)};
    k.items = onus_alloc_n(counts->n, sizeof *k.items);
    if (k.items == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t i = 0; i < counts->n; i++) {
        const double area = area_m2 == NULL ? 1.0 : area_m2[counts->cell[i]];
        if (!(area > 0.0) || !isfinite(area)) {
            onus_free(k.items);
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the area of a cell is not above 0");
        }
        if (area <= k.room) { /* others fit in no choice */
            k.items[k.n++] =
                (item){.count = counts->count[i], .area = area, .cell = counts->cell[i]};
        }
    }
    if (k.n > 1) {
        qsort(k.items, k.n, sizeof *k.items, by_density);
    }
    bounds(&k);
    out->greedy = k.greedy;
    out->low = k.greedy;
    out->relaxed = k.relaxed;
    const double high = whole(k.relaxed);
    out->high = out->low;
    if (high > out->low && k.cut < k.n) {
        status = search(&k, high, steps_cap == 0 ? STEPS_CAP : steps_cap, out);
    }
    onus_free(k.items);
    return status == ONUS_OK ? ONUS_OK : onus_fail_nomem(err);
}

onus_limits onus_pei(double n, const onus_best *best) {
    if (!(best->low > 0.0) || !(n >= 0.0)) {
        return onus_limits_none();
    }
    return (onus_limits){.low = n / best->high, .high = n / best->low};
}
