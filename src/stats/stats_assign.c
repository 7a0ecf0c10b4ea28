/* Assignment in a sparse graph, by shortest augmenting paths with prices (Kuhn 1955; Edmonds & Karp
 * 1972; Jonker & Volgenant 1987), minimising minus the gain.
 *
 * Rows enter one by one. A new row searches, by Dijkstra over prices, the cheapest way to be
 * placed: through a column that nobody has, or by letting some row on the way go alone (every row
 * may, at price 0). A search never leaves its connected part of the graph, and the prices keep it
 * short, so nothing of size rows x columns is ever made.
 *
 *   root row --col--> row that has it --col--> ... --col that is free
 *                                             \--- or this row goes alone
 *
 * Called by the identity, CLEAR and HOTA measures. Prices of whole numbers are whole, hence exact.
 */
#include "stats_assign.h"

#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"

static const uint32_t UNSEEN = UINT32_MAX;      /* not reached in this search */
static const uint32_t SETTLED = UINT32_MAX - 1; /* left the heap */

void onus_assigner_clear(onus_assigner *room) {
    onus_free(room->row_price);
    onus_free(room->col_price);
    onus_free(room->distance);
    onus_free(room->row_of);
    onus_free(room->reached_from);
    onus_free(room->place);
    onus_free(room->heap);
    onus_free(room->settled);
    *room = (onus_assigner){0};
}

onus_status onus_assigner_make(size_t n_rows, size_t n_cols, onus_assigner *out) {
    *out = (onus_assigner){
        .row_price = onus_alloc_n(n_rows, sizeof(double)),
        .col_price = onus_alloc_n(n_cols, sizeof(double)),
        .distance = onus_alloc_n(n_cols, sizeof(double)),
        .row_of = onus_alloc_n(n_cols, sizeof(uint32_t)),
        .reached_from = onus_alloc_n(n_cols, sizeof(uint32_t)),
        .place = onus_alloc_n(n_cols, sizeof(uint32_t)),
        .heap = onus_alloc_n(n_cols, sizeof(uint32_t)),
        .settled = onus_alloc_n(n_cols, sizeof(uint32_t)),
    };
    if (out->row_price == NULL || out->col_price == NULL || out->distance == NULL ||
        out->row_of == NULL || out->reached_from == NULL || out->place == NULL ||
        out->heap == NULL || out->settled == NULL) {
        onus_assigner_clear(out);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

/* ---- a heap of columns, nearest first, ties by index ---- */

static bool is_nearer(const onus_assigner *room, uint32_t a, uint32_t b) {
    const double to_a = room->distance[a];
    const double to_b = room->distance[b];
    return to_a < to_b || (to_a == to_b && a < b);
}

static void put(onus_assigner *room, uint32_t at, uint32_t col) {
    room->heap[at] = col;
    room->place[col] = at;
}

static void rise(onus_assigner *room, uint32_t col) {
    uint32_t at = room->place[col];
    while (at > 0 && is_nearer(room, col, room->heap[(at - 1) / 2])) {
        put(room, at, room->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(room, at, col);
}

static uint32_t take_nearest(onus_assigner *room, uint32_t *n_heap) {
    const uint32_t nearest = room->heap[0];
    const uint32_t col = room->heap[--*n_heap];
    uint32_t at = 0;
    for (uint32_t child = 1; child < *n_heap; child = 2 * at + 1) {
        child += child + 1 < *n_heap && is_nearer(room, room->heap[child + 1], room->heap[child]);
        if (!is_nearer(room, room->heap[child], col)) {
            break;
        }
        put(room, at, room->heap[child]);
        at = child;
    }
    if (*n_heap > 0) {
        put(room, at, col);
    }
    room->place[nearest] = SETTLED;
    return nearest;
}

/* ---- one row ---- */

typedef struct search_end {
    uint32_t col;   /* free column, or ONUS_ASSIGN_NONE: */
    uint32_t alone; /* this row goes alone */
    double length;
    uint32_t n_settled;
    uint32_t n_heap; /* columns reached and not settled */
} search_end;

static search_end cheapest_way(onus_assigner *room, const onus_gains *gains, uint32_t root) {
    search_end end = {.col = ONUS_ASSIGN_NONE, .alone = root, .length = (double)INFINITY};
    uint32_t row = root;
    double at = 0.0; /* distance of row */
    for (;;) {
        const double alone = at - room->row_price[row];
        if (alone < end.length) {
            end.length = alone;
            end.alone = row;
        }
        for (size_t e = gains->start[row]; e < gains->start[row + 1]; e++) {
            const uint32_t col = gains->col[e];
            if (room->place[col] == SETTLED) {
                continue;
            }
            const double step = -gains->gain[e] - room->row_price[row] - room->col_price[col];
            const double distance = at + (step > 0.0 ? step : 0.0); /* rounding may leave -1e-17 */
            if (room->place[col] == UNSEEN) {
                room->place[col] = end.n_heap++;
            } else if (!(distance < room->distance[col])) {
                continue;
            }
            room->distance[col] = distance;
            room->reached_from[col] = row;
            rise(room, col);
        }
        if (end.n_heap == 0 || room->distance[room->heap[0]] >= end.length) {
            return end;
        }
        const uint32_t col = take_nearest(room, &end.n_heap);
        room->settled[end.n_settled++] = col;
        at = room->distance[col];
        row = room->row_of[col];
        if (row == ONUS_ASSIGN_NONE) {
            end.col = col;
            end.length = at;
            return end;
        }
    }
}

static void place_row(onus_assigner *room, const onus_gains *gains, uint32_t root,
                      uint32_t *col_of) {
    double price = 0.0;
    for (size_t e = gains->start[root]; e < gains->start[root + 1]; e++) {
        const double offer = -gains->gain[e] - room->col_price[gains->col[e]];
        price = offer < price ? offer : price;
    }
    room->row_price[root] = price;
    const search_end end = cheapest_way(room, gains, root);
    /* prices: what is on the way becomes as dear as the way */
    for (uint32_t i = 0; i < end.n_settled; i++) {
        const uint32_t col = room->settled[i];
        const double by = end.length - room->distance[col];
        room->col_price[col] -= by;
        if (room->row_of[col] != ONUS_ASSIGN_NONE) {
            room->row_price[room->row_of[col]] += by;
        }
        room->place[col] = UNSEEN;
    }
    for (uint32_t i = 0; i < end.n_heap; i++) {
        room->place[room->heap[i]] = UNSEEN;
    }
    room->row_price[root] += end.length;
    /* everybody on the way moves up by one */
    uint32_t col = end.col;
    if (col == ONUS_ASSIGN_NONE) {
        col = col_of[end.alone];
        col_of[end.alone] = ONUS_ASSIGN_NONE;
        if (end.alone == root) {
            return;
        }
    }
    for (;;) {
        const uint32_t row = room->reached_from[col];
        const uint32_t before = col_of[row];
        col_of[row] = col;
        room->row_of[col] = row;
        if (row == root) {
            return;
        }
        col = before;
    }
}

void onus_assign(onus_assigner *room, const onus_gains *gains, uint32_t *col_of) {
    for (size_t c = 0; c < gains->n_cols; c++) {
        room->col_price[c] = 0.0;
        room->row_of[c] = ONUS_ASSIGN_NONE;
        room->place[c] = UNSEEN;
    }
    for (uint32_t r = 0; r < gains->n_rows; r++) {
        col_of[r] = ONUS_ASSIGN_NONE;
    }
    for (uint32_t r = 0; r < gains->n_rows; r++) {
        place_row(room, gains, r, col_of);
    }
}
