/* Which polygon holds each point, exactly and fast: onus_locate.
 *
 * Polygons enter a uniform grid in their order of precedence. A cell that no edge of a polygon
 * touches lies wholly inside or wholly outside it: inside means the cell has an owner, and whatever
 * comes later in the order need not be looked at there. A cell that some edges touch keeps a
 * record: the polygon, those edges, and whether the cell's lower left corner is inside. A point in
 * such a cell is decided by walking from the corner to the point, up the cell's left side and then
 * right, and counting the edges crossed:
 *
 *        |          q         Both legs run a hair (eps) above the corner and the point, so that
 *        +----------+---      passing exactly through a vertex is never ambiguous. The left side
 *        |   edges            has an odd x, where no vertex can lie. An edge through the corner of
 *      corner                 the walk itself is decided by its slope.
 *
 * Most points fall into owned cells and cost one look-up. Called by the trials to give each flag
 * its area. Never guesses: all decisions are integer signs.
 */
#include <stdlib.h>
#include <string.h>

#include "lattice.h"
#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/geom.h"

enum {
    POINTS_PER_BLOCK = 4096,
    CELLS_PER_EDGE = 16,
    CELLS_MIN = 1024,
    CELLS_MAX = 1 << 22,
};

/* What to look at in a cell, and after a record: an area that covers the whole cell (>= 0), nothing
 * (-1), or the record number -2 - look. */
enum { LOOK_NOWHERE = -1, LOOK_RECORD = -2 };

/* Edges of one polygon in one cell. */
typedef struct cell_record {
    int32_t area;
    int32_t next; /* where to look if the point is not in this area */
    uint32_t first;
    uint32_t n_edges;
    bool corner_inside;
} cell_record;

enum { TAIL_OWNED = -2 }; /* an area covers the whole cell: nothing can come after it */

typedef struct locator {
    onus_lattice_edges lattice;
    onus_lattice_grid grid;
    int32_t *cells; /* where to look first */
    int32_t *tails; /* while building: last record of each cell, -1 if none, or TAIL_OWNED */
    cell_record *records;
    size_t n_records;
    size_t records_cap;
    uint32_t *edge_ids; /* grouped by record */
    size_t n_edge_ids;
    size_t edge_ids_cap;
    /* per polygon, while building: cells of its bounding box */
    uint32_t *counts;    /* edges in the cell */
    unsigned char *flip; /* parity changes at the left side of this cell */
    size_t box_cap;
    uint64_t *pairs; /* cell of the box << 32 | edge */
    size_t n_pairs;
    size_t pairs_cap;
} locator;

static void locator_clear(locator *loc) {
    onus_lattice_edges_clear(&loc->lattice);
    onus_free(loc->cells);
    onus_free(loc->tails);
    onus_free(loc->records);
    onus_free(loc->edge_ids);
    onus_free(loc->counts);
    onus_free(loc->flip);
    onus_free(loc->pairs);
    memset(loc, 0, sizeof *loc);
}

/* Room for `need` items of one of the growing arrays. */
static onus_status grow(void **items, size_t *cap, size_t need, size_t size, onus_error *err) {
    if (need <= *cap) {
        return ONUS_OK;
    }
    const size_t wanted = need + need / 2 + 64;
    void *bigger = onus_realloc_n(*items, wanted, size);
    if (bigger == NULL) {
        return onus_fail_nomem(err);
    }
    *items = bigger;
    *cap = wanted;
    return ONUS_OK;
}

/* ---- building ---- */

/* Cells of a polygon's bounding box. */
typedef struct cell_box {
    size_t col;
    size_t row;
    size_t n_cols;
    size_t n_rows;
} cell_box;

static cell_box box_of(const locator *loc, size_t from, size_t until) {
    const onus_lattice_grid *grid = &loc->grid;
    int64_t min_x = INT64_MAX;
    int64_t max_x = INT64_MIN;
    int64_t min_y = INT64_MAX;
    int64_t max_y = INT64_MIN;
    for (size_t e = from; e < until; e++) {
        const onus_lattice_edge *edge = &loc->lattice.edges[e];
        const int64_t low_x = edge->xa < edge->xb ? edge->xa : edge->xb;
        const int64_t high_x = edge->xa < edge->xb ? edge->xb : edge->xa;
        min_x = low_x < min_x ? low_x : min_x;
        max_x = high_x > max_x ? high_x : max_x;
        min_y = edge->ya < min_y ? edge->ya : min_y;
        max_y = edge->yb > max_y ? edge->yb : max_y;
    }
    cell_box box = {.col = onus_lattice_cell_of(min_x, grid->x0, grid->shift),
                    .row = onus_lattice_cell_of(min_y, grid->y0, grid->shift)};
    box.n_cols = onus_lattice_cell_of(max_x, grid->x0, grid->shift) - box.col + 1;
    box.n_rows = onus_lattice_cell_of(max_y, grid->y0, grid->shift) - box.row + 1;
    return box;
}

/* true if (x, y + eps) lies right of the edge, which the line at y + eps crosses. */
static bool right_of(const onus_lattice_edge *edge, int64_t x, int64_t y) {
    const int side = onus_lattice_side(edge, x, y);
    return side < 0 || (side == 0 && edge->xb < edge->xa);
}

/* First column of the box whose left side lies right of the edge at the bottom of `row`. */
static size_t first_column_right_of(const locator *loc, const cell_box *box,
                                    const onus_lattice_edge *edge, size_t row) {
    const onus_lattice_grid *grid = &loc->grid;
    const int64_t y = grid->y0 + ((int64_t)row << grid->shift);
    const double x = (double)edge->xa + (double)(edge->xb - edge->xa) * (double)(y - edge->ya) /
                                            (double)(edge->yb - edge->ya);
    const double guess = (x - (double)grid->x0) / (double)((int64_t)1 << grid->shift);
    size_t col = guess < (double)box->col ? box->col : (size_t)guess + 1;
    const size_t end = box->col + box->n_cols;
    col = col > end ? end : col;
    while (col > box->col && right_of(edge, grid->x0 + ((int64_t)(col - 1) << grid->shift), y)) {
        col--;
    }
    while (col < end && !right_of(edge, grid->x0 + ((int64_t)col << grid->shift), y)) {
        col++;
    }
    return col - box->col;
}

/* Notes in which cells of the box the edge lies and where it changes the parity of cell corners. */
static onus_status scan_edge(locator *loc, const cell_box *box, size_t e, onus_error *err) {
    onus_status status = ONUS_OK;
    const onus_lattice_grid *grid = &loc->grid;
    const onus_lattice_edge *edge = &loc->lattice.edges[e];
    const size_t row_a = onus_lattice_cell_of(edge->ya, grid->y0, grid->shift);
    const size_t row_b = onus_lattice_cell_of(edge->yb, grid->y0, grid->shift);
    for (size_t row = row_a; row <= row_b; row++) {
        size_t first = 0;
        size_t last = 0;
        onus_lattice_edge_columns(grid, edge, row, &first, &last);
        ONUS_TRY(grow((void **)&loc->pairs, &loc->pairs_cap, loc->n_pairs + (last - first + 1),
                      sizeof *loc->pairs, err));
        const size_t base = (row - box->row) * box->n_cols;
        for (size_t col = first; col <= last; col++) {
            const size_t cell = base + (col - box->col);
            loc->counts[cell]++;
            loc->pairs[loc->n_pairs++] = (uint64_t)cell << 32 | (uint64_t)e;
        }
        if (row > row_a) {
            const size_t col = first_column_right_of(loc, box, edge, row);
            if (col < box->n_cols) {
                loc->flip[base + col] ^= 1;
            }
        }
    }
out:
    return status;
}

/* Where the next thing to look at in a cell is to be written. */
static int32_t *end_of_cell(locator *loc, size_t cell) {
    const int32_t tail = loc->tails[cell];
    return tail >= 0 ? &loc->records[tail].next : &loc->cells[cell];
}

/* Appends a record for `cell`, with room for its edges; *first is where they go. */
static onus_status add_record(locator *loc, size_t cell, int32_t area, uint32_t n_edges,
                              bool corner_inside, onus_error *err) {
    onus_status status = ONUS_OK;
    ONUS_TRY(grow((void **)&loc->records, &loc->records_cap, loc->n_records + 1,
                  sizeof *loc->records, err));
    if (loc->n_edge_ids + n_edges > UINT32_MAX || loc->n_records >= (size_t)INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "the polygons have too many edges");
    }
    loc->records[loc->n_records] = (cell_record){.area = area,
                                                 .next = LOOK_NOWHERE,
                                                 .first = (uint32_t)loc->n_edge_ids,
                                                 .n_edges = n_edges,
                                                 .corner_inside = corner_inside};
    loc->n_edge_ids += n_edges;
    const int32_t index = (int32_t)loc->n_records++;
    *end_of_cell(loc, cell) = LOOK_RECORD - index;
    loc->tails[cell] = index;
out:
    return status;
}

static onus_status add_area(locator *loc, int32_t area, onus_error *err) {
    onus_status status = ONUS_OK;
    const size_t from = loc->lattice.area_edges[area];
    const size_t until = loc->lattice.area_edges[area + 1];
    if (from == until) {
        return ONUS_OK;
    }
    const cell_box box = box_of(loc, from, until);
    const size_t n_cells = box.n_cols * box.n_rows;
    if (n_cells > loc->box_cap) {
        size_t cap = loc->box_cap;
        ONUS_TRY(grow((void **)&loc->counts, &cap, n_cells, sizeof *loc->counts, err));
        cap = loc->box_cap;
        ONUS_TRY(grow((void **)&loc->flip, &cap, n_cells, sizeof *loc->flip, err));
        loc->box_cap = cap;
    }
    memset(loc->counts, 0, n_cells * sizeof *loc->counts);
    memset(loc->flip, 0, n_cells);
    loc->n_pairs = 0;
    for (size_t e = from; e < until; e++) {
        ONUS_TRY(scan_edge(loc, &box, e, err));
    }
    ONUS_TRY(grow((void **)&loc->edge_ids, &loc->edge_ids_cap, loc->n_edge_ids + loc->n_pairs,
                  sizeof *loc->edge_ids, err));
    for (size_t row = 0; row < box.n_rows; row++) {
        bool inside = false;
        for (size_t col = 0; col < box.n_cols; col++) {
            const size_t here = row * box.n_cols + col;
            const size_t cell = (box.row + row) * loc->grid.n_x + box.col + col;
            const uint32_t n_edges = loc->counts[here];
            inside ^= loc->flip[here] != 0;
            loc->counts[here] = UINT32_MAX; /* from here on: where the next edge goes */
            if (loc->tails[cell] == TAIL_OWNED) {
                continue;
            }
            if (n_edges > 0) {
                loc->counts[here] = (uint32_t)loc->n_edge_ids;
                ONUS_TRY(add_record(loc, cell, area, n_edges, inside, err));
            } else if (inside) {
                *end_of_cell(loc, cell) = area;
                loc->tails[cell] = TAIL_OWNED;
            }
        }
    }
    for (size_t i = 0; i < loc->n_pairs; i++) {
        uint32_t *place = &loc->counts[loc->pairs[i] >> 32];
        if (*place != UINT32_MAX) {
            loc->edge_ids[(*place)++] = (uint32_t)loc->pairs[i];
        }
    }
out:
    return status;
}

typedef struct ranked {
    int32_t rank;
    int32_t area;
} ranked;

static int by_rank(const void *left, const void *right) {
    const ranked *a = left;
    const ranked *b = right;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return (a->area > b->area) - (a->area < b->area);
}

static onus_status locator_init(locator *loc, const onus_polygons *polygons, const int32_t *order,
                                double lattice, size_t n_points, const onus_context *context,
                                onus_error *err) {
    onus_status status = ONUS_OK;
    ranked *ranks = NULL;
    ONUS_TRY(onus_lattice_edges_init(&loc->lattice, polygons, lattice, err));
    size_t n_cells = loc->lattice.n_edges * CELLS_PER_EDGE + n_points / 4;
    n_cells = n_cells < CELLS_MIN ? CELLS_MIN : n_cells;
    n_cells = n_cells > CELLS_MAX ? CELLS_MAX : n_cells;
    loc->grid = onus_lattice_grid_over(&loc->lattice, n_cells);
    n_cells = loc->grid.n_x * loc->grid.n_y;
    loc->cells = onus_alloc_n(n_cells, sizeof *loc->cells);
    loc->tails = onus_alloc_n(n_cells, sizeof *loc->tails);
    ranks = onus_alloc_n(polygons->n_areas, sizeof *ranks);
    if (loc->cells == NULL || loc->tails == NULL || ranks == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    memset(loc->cells, 0xff, n_cells * sizeof *loc->cells); /* all -1 */
    memset(loc->tails, 0xff, n_cells * sizeof *loc->tails);
    for (size_t a = 0; a < polygons->n_areas; a++) {
        ranks[a] = (ranked){.rank = order == NULL ? 0 : order[a], .area = (int32_t)a};
    }
    if (order != NULL) {
        qsort(ranks, polygons->n_areas, sizeof *ranks, by_rank);
    }
    for (size_t k = 0; k < polygons->n_areas; k++) {
        if (onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        ONUS_TRY(add_area(loc, ranks[k].area, err));
    }
out:
    onus_free(ranks);
    return status;
}

/* ---- asking ---- */

/* true if (x, y) in the cell with the given lower left corner is inside or on the record's area. */
static bool record_holds(const locator *loc, const cell_record *record, int64_t corner_x,
                         int64_t corner_y, int64_t x, int64_t y) {
    bool inside = record->corner_inside;
    const uint32_t *ids = loc->edge_ids + record->first;
    for (uint32_t i = 0; i < record->n_edges; i++) {
        const onus_lattice_edge *edge = &loc->lattice.edges[ids[i]];
        const bool level = edge->ya <= y && y <= edge->yb;
        int side = 0;
        if (level) {
            side = onus_lattice_side(edge, x, y);
            if (side == 0 && (edge->ya != edge->yb || (edge->xa <= x && x <= edge->xb))) {
                return true;
            }
        }
        /* the leg to the right: crosses the edge between the left side and the point */
        const bool leg_right = level && y < edge->yb && side < 0;
        if ((edge->xa < corner_x) == (edge->xb < corner_x)) {
            inside ^= leg_right && edge->xa > corner_x;
            continue;
        }
        const int turn = onus_lattice_side(edge, corner_x, y);
        const bool rising = edge->xb > edge->xa;
        inside ^= leg_right && (turn > 0 || (turn == 0 && rising));
        /* the leg up: the edge meets the left side above the corner and not above y + eps */
        const int start = onus_lattice_side(edge, corner_x, corner_y);
        inside ^= rising ? (turn >= 0 && start < 0) : (turn <= 0 && start > 0);
    }
    return inside;
}

static int32_t area_at(const locator *loc, int64_t x, int64_t y) {
    const onus_lattice_edges *all = &loc->lattice;
    if (x < all->min_x || x > all->max_x || y < all->min_y || y > all->max_y) {
        return -1;
    }
    const onus_lattice_grid *grid = &loc->grid;
    const size_t col = onus_lattice_cell_of(x, grid->x0, grid->shift);
    const size_t row = onus_lattice_cell_of(y, grid->y0, grid->shift);
    int32_t look = loc->cells[row * grid->n_x + col];
    while (look <= LOOK_RECORD) {
        const cell_record *record = &loc->records[LOOK_RECORD - look];
        if (record_holds(loc, record, grid->x0 + ((int64_t)col << grid->shift),
                         grid->y0 + ((int64_t)row << grid->shift), x, y)) {
            return record->area;
        }
        look = record->next;
    }
    return look;
}

/* What blocks of points share; area[from..until) is a block's own. */
typedef struct locate_job {
    const locator *loc;
    double lattice;
    const double *x;
    const double *y;
    size_t n_points;
    int32_t *area;
} locate_job;

static bool snap(const locate_job *job, size_t i, int64_t *x, int64_t *y) {
    return onus_lattice_snap(job->x[i], job->lattice, x) &&
           onus_lattice_snap(job->y[i], job->lattice, y);
}

static onus_status locate_block(void *shared, size_t block) {
    const locate_job *job = shared;
    const size_t from = block * POINTS_PER_BLOCK;
    const size_t n_left = job->n_points - from;
    const size_t until = n_left < POINTS_PER_BLOCK ? job->n_points : from + POINTS_PER_BLOCK;
    onus_status status = ONUS_OK;
    for (size_t i = from; i < until; i++) {
        int64_t x = 0;
        int64_t y = 0;
        job->area[i] = -1;
        if (snap(job, i, &x, &y)) {
            job->area[i] = area_at(job->loc, x, y);
        } else {
            status = ONUS_ERR_DOMAIN;
        }
    }
    return status;
}

/* Names the first point that has no place on the lattice. */
static onus_status off_the_lattice(const locate_job *job, onus_error *err) {
    size_t bad = 0;
    int64_t x = 0;
    int64_t y = 0;
    while (bad + 1 < job->n_points && snap(job, bad, &x, &y)) {
        bad++;
    }
    return onus_fail_plain(
        err, ONUS_ERR_DOMAIN,
        "point %zu (%.17g, %.17g) is not within 2^%d steps of %g from the origin", bad, job->x[bad],
        job->y[bad], (int)ONUS_LATTICE_MAX_BITS, job->lattice);
}

onus_status onus_locate(const onus_polygons *polygons, const int32_t *order, double lattice,
                        const double *x, const double *y, size_t n_points,
                        const onus_context *context, int32_t *area, onus_error *err) {
    onus_status status = ONUS_OK;
    locator loc = {.cells = NULL};
    ONUS_TRY(locator_init(&loc, polygons, order, lattice, n_points, context, err));
    locate_job job = {&loc, lattice, x, y, n_points, area};
    const size_t n_blocks = (n_points + POINTS_PER_BLOCK - 1) / POINTS_PER_BLOCK;
    status = onus_exec_blocks(locate_block, &job, n_blocks, "areas of points", context);
    if (status == ONUS_ERR_INTERRUPTED) {
        status = onus_fail_plain(err, status, "interrupted");
    } else if (status == ONUS_ERR_DOMAIN) {
        status = off_the_lattice(&job, err);
    } else if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
    }
out:
    locator_clear(&loc);
    return status;
}
