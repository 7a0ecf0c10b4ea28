/* Queen contiguity on the lattice: onus_contiguity.
 *
 * Two areas are neighbours if their boundaries have a point in common once coordinates are rounded
 * to the lattice: a shared vertex, a vertex of one on an edge of the other (a T-junction, which
 * vertex matching alone misses), a shared piece of an edge, or a crossing. Edges are dealt to the
 * cells of a grid about as fine as the edges are long; two edges that meet do so in some cell that
 * both touch, so only edges of one cell are compared, with exact integer signs. Near-linear in the
 * number of edges as long as edges are not all crowded into a few cells.
 *
 * Called where a measure needs to know who borders whom (Moran's I, Clifford-Richardson). Says
 * nothing about distance.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lattice.h"
#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/geom.h"

enum {
    CELLS_PER_EDGE = 4,
    CELLS_MIN = 64,
    CELLS_MAX = 1 << 24,
    PAIRS_SQUEEZE_MIN = 1 << 16, /* pairs gathered before duplicates are first removed */
};

typedef struct area_pair {
    int32_t low;
    int32_t high;
} area_pair;

/* Which edges touch each cell: cell c has edges[starts[c] .. starts[c + 1] - 1], ascending. */
typedef struct cell_edges {
    size_t *starts;
    uint32_t *edges;
} cell_edges;

static int by_pair(const void *left, const void *right) {
    const area_pair *a = left;
    const area_pair *b = right;
    if (a->low != b->low) {
        return a->low < b->low ? -1 : 1;
    }
    return (a->high > b->high) - (a->high < b->high);
}

static void squeeze(onus_array *pairs) {
    area_pair *items = pairs->items;
    size_t n = 0;
    if (pairs->n_items == 0) {
        return;
    }
    qsort(items, pairs->n_items, sizeof *items, by_pair);
    for (size_t i = 0; i < pairs->n_items; i++) {
        if (n == 0 || by_pair(&items[n - 1], &items[i]) != 0) {
            items[n++] = items[i];
        }
    }
    pairs->n_items = n;
}

static bool within(int64_t value, int64_t a, int64_t b) {
    return a <= b ? a <= value && value <= b : b <= value && value <= a;
}

/* true if the closed segments have a point in common */
static bool edges_meet(const onus_lattice_edge *p, const onus_lattice_edge *q) {
    const int64_t p_low = p->xa < p->xb ? p->xa : p->xb;
    const int64_t p_high = p->xa < p->xb ? p->xb : p->xa;
    const int64_t q_low = q->xa < q->xb ? q->xa : q->xb;
    const int64_t q_high = q->xa < q->xb ? q->xb : q->xa;
    if (p_high < q_low || q_high < p_low || p->yb < q->ya || q->yb < p->ya) {
        return false;
    }
    const int a = onus_lattice_side(p, q->xa, q->ya);
    const int b = onus_lattice_side(p, q->xb, q->yb);
    const int c = onus_lattice_side(q, p->xa, p->ya);
    const int d = onus_lattice_side(q, p->xb, p->yb);
    if (a * b < 0 && c * d < 0) {
        return true;
    }
    return (a == 0 && within(q->xa, p->xa, p->xb) && within(q->ya, p->ya, p->yb)) ||
           (b == 0 && within(q->xb, p->xa, p->xb) && within(q->yb, p->ya, p->yb)) ||
           (c == 0 && within(p->xa, q->xa, q->xb) && within(p->ya, q->ya, q->yb)) ||
           (d == 0 && within(p->xb, q->xa, q->xb) && within(p->yb, q->ya, q->yb));
}

/* Two passes over the edges: count per cell, then fill. */
static onus_status deal_edges(const onus_lattice_edges *lattice, const onus_lattice_grid *grid,
                              cell_edges *out, onus_error *err) {
    const size_t n_cells = grid->n_x * grid->n_y;
    out->starts = onus_alloc_n(n_cells + 2, sizeof *out->starts);
    if (out->starts == NULL) {
        return onus_fail_nomem(err);
    }
    /* starts is shifted by one while filling, so that it ends up in place. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t e = 0; e < lattice->n_edges; e++) {
            const onus_lattice_edge *edge = &lattice->edges[e];
            const size_t row_a = onus_lattice_cell_of(edge->ya, grid->y0, grid->shift);
            const size_t row_b = onus_lattice_cell_of(edge->yb, grid->y0, grid->shift);
            for (size_t row = row_a; row <= row_b; row++) {
                size_t first = 0;
                size_t last = 0;
                onus_lattice_edge_columns(grid, edge, row, &first, &last);
                for (size_t col = first; col <= last; col++) {
                    const size_t cell = row * grid->n_x + col;
                    if (pass == 0) {
                        out->starts[cell + 2]++;
                    } else {
                        out->edges[out->starts[cell + 1]++] = (uint32_t)e;
                    }
                }
            }
        }
        if (pass == 0) {
            for (size_t c = 0; c < n_cells; c++) {
                out->starts[c + 2] += out->starts[c + 1];
            }
            out->edges = onus_alloc_n(out->starts[n_cells + 1], sizeof *out->edges);
            if (out->edges == NULL) {
                return onus_fail_nomem(err);
            }
        }
    }
    return ONUS_OK;
}

/* Adds the pairs of areas whose edges meet in one cell; `seen` says which pairs it already added.
 */
static onus_status pairs_of_cell(const onus_lattice_edges *lattice, const int32_t *area_of,
                                 const uint32_t *edges, size_t n, onus_array *pairs,
                                 onus_error *err) {
    const size_t n_before = pairs->n_items;
    for (size_t i = 0; i < n; i++) {
        const int32_t a = area_of[edges[i]];
        for (size_t j = i + 1; j < n; j++) {
            const int32_t b = area_of[edges[j]];
            if (a == b) {
                continue;
            }
            /* Edges ascend and areas with them: a < b. Most repeats are of the last few pairs. */
            bool known = false;
            const area_pair *items = pairs->items;
            for (size_t k = pairs->n_items; !known && k > n_before && k + 8 > pairs->n_items; k--) {
                known = items[k - 1].low == a && items[k - 1].high == b;
            }
            if (!known && edges_meet(&lattice->edges[edges[i]], &lattice->edges[edges[j]])) {
                const area_pair pair = {.low = a, .high = b};
                if (onus_array_push(pairs, &pair) != ONUS_OK) {
                    return onus_fail_nomem(err);
                }
            }
        }
    }
    return ONUS_OK;
}

static onus_status pattern_from_pairs(const onus_array *pairs, size_t n_areas, onus_sparse *out,
                                      onus_error *err) {
    const area_pair *items = pairs->items;
    onus_sparse made = {.n_rows = n_areas};
    /* One slot more than rows: starts is shifted by one while the columns are filled in. */
    made.starts = onus_alloc_n(n_areas + 2, sizeof *made.starts);
    made.columns = onus_alloc_n(2 * pairs->n_items, sizeof *made.columns);
    if (made.starts == NULL || made.columns == NULL) {
        onus_sparse_clear(&made);
        return onus_fail_nomem(err);
    }
    for (size_t i = 0; i < pairs->n_items; i++) {
        made.starts[(size_t)items[i].low + 2]++;
        made.starts[(size_t)items[i].high + 2]++;
    }
    for (size_t a = 0; a < n_areas; a++) {
        made.starts[a + 2] += made.starts[a + 1];
    }
    /* Pairs ascend by low, then high. A row's lower neighbours must come before its higher ones. */
    for (size_t i = 0; i < pairs->n_items; i++) {
        made.columns[made.starts[(size_t)items[i].high + 1]++] = items[i].low;
    }
    for (size_t i = 0; i < pairs->n_items; i++) {
        made.columns[made.starts[(size_t)items[i].low + 1]++] = items[i].high;
    }
    *out = made;
    return ONUS_OK;
}

onus_status onus_contiguity(const onus_polygons *polygons, double lattice,
                            const onus_context *context, onus_sparse *out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_lattice_edges edges = {.n_edges = 0};
    cell_edges cells = {.starts = NULL, .edges = NULL};
    onus_array pairs = ONUS_ARRAY_OF(area_pair);
    int32_t *area_of = NULL;
    size_t squeeze_at = PAIRS_SQUEEZE_MIN;

    ONUS_TRY(onus_lattice_edges_init(&edges, polygons, lattice, err));
    area_of = onus_alloc_n(edges.n_edges, sizeof *area_of);
    if (area_of == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t a = 0; a < edges.n_areas; a++) {
        for (size_t e = edges.area_edges[a]; e < edges.area_edges[a + 1]; e++) {
            area_of[e] = (int32_t)a;
        }
    }
    size_t n_cells = edges.n_edges * CELLS_PER_EDGE;
    n_cells = n_cells < CELLS_MIN ? CELLS_MIN : n_cells;
    n_cells = n_cells > CELLS_MAX ? CELLS_MAX : n_cells;
    const onus_lattice_grid grid = onus_lattice_grid_over(&edges, n_cells);
    ONUS_TRY(deal_edges(&edges, &grid, &cells, err));
    for (size_t c = 0; c < grid.n_x * grid.n_y; c++) {
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        ONUS_TRY(pairs_of_cell(&edges, area_of, cells.edges + cells.starts[c],
                               cells.starts[c + 1] - cells.starts[c], &pairs, err));
        if (pairs.n_items >= squeeze_at) {
            squeeze(&pairs);
            squeeze_at = 2 * pairs.n_items + PAIRS_SQUEEZE_MIN;
        }
    }
    squeeze(&pairs);
    ONUS_TRY(pattern_from_pairs(&pairs, polygons->n_areas, out, err));
out:
    onus_lattice_edges_clear(&edges);
    onus_free(cells.starts);
    onus_free(cells.edges);
    onus_free(area_of);
    onus_array_clear(&pairs);
    return status;
}
