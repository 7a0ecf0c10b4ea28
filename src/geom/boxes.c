/* Exact area of the intersection of axis-parallel boxes with polygons: onus_overlap_boxes.
 *
 * By Green's theorem the area of a polygon is the sum over its edges of the integral of x dy; the
 * part of it inside a box is the same sum with y cut to the box's height and x clamped to its
 * width:
 *
 *      +-------------+      an edge left of the box counts 0, one right of it counts the full
 *      |        ____/|      width over its height, one that crosses counts piece by piece
 *      |   ____/     |
 *      +--/----------+      so no clipped polygon is ever built, and holes and islands need no
 *        /                  special case: their rings carry a sign
 *
 * All lengths are relative to the box's lower left corner, so large coordinates lose no digits.
 * Which polygons to look at comes from a grid over their bounding boxes; a polygon of many edges
 * has them sorted into horizontal bands, of which a box needs one or two. Boxes are worked off in
 * blocks of fixed size, joined in order: any number of threads gives the same bytes.
 * Called to share flags out among areas. Never rounds a share to 0 or 1 except for noise.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/exec.h"
#include "onus/geom.h"
#include "onus/sum.h"
#include "rings.h"
#include "sparse.h"

/* An overlap below this share of the box is rounding: sums of a few hundred terms of the size of
 * the box, each exact to 1e-16. A touch along a side computes as something like 1e-17. */
#define NOISE_SHARE 1e-12

enum {
    BOXES_PER_BLOCK = 4096,
    CELLS_PER_AREA = 4,
    CELLS_MAX = 1 << 22,
    EDGES_PER_BAND = 8,
    BAND_COPIES_MAX = 4, /* an edge is in at most about this many bands on average */
};

typedef struct edge {
    double xa;
    double ya; /* ya < yb */
    double xb;
    double yb;
    double weight; /* +1 or -1: what x dy counts upwards */
} edge;

/* One polygon: edges, bounding box, bands. Band b of the polygon lists edge numbers. */
typedef struct area_index {
    size_t first_edge;
    size_t n_edges;
    double min_x;
    double min_y;
    double max_x;
    double max_y;
    size_t n_bands;    /* at least 1; with 1 the list is not kept */
    size_t first_band; /* in band_starts */
} area_index;

typedef struct box_index {
    size_t n_areas;
    edge *edges;
    area_index *areas;
    size_t *band_starts; /* for each polygon n_bands + 1 offsets into band_edges */
    uint32_t *band_edges;
    /* the grid: cell c lists cell_areas[cell_starts[c] .. cell_starts[c + 1] - 1] */
    double x0;
    double y0;
    double cell_x;
    double cell_y;
    size_t n_x;
    size_t n_y;
    size_t *cell_starts;
    int32_t *cell_areas;
} box_index;

static void index_clear(box_index *index) {
    onus_free(index->edges);
    onus_free(index->areas);
    onus_free(index->band_starts);
    onus_free(index->band_edges);
    onus_free(index->cell_starts);
    onus_free(index->cell_areas);
    memset(index, 0, sizeof *index);
}

/* Number of the interval of `size` that holds value, in 0 .. n - 1. Monotone in value. */
static size_t interval_of(double value, double origin, double size, size_t n) {
    const double at = (value - origin) / size;
    if (!(at > 0.0)) {
        return 0;
    }
    return at >= (double)n ? n - 1 : (size_t)at;
}

/* ---- edges and bands ---- */

static void add_ring(box_index *index, area_index *area, const double *x, const double *y, size_t n,
                     double sign) {
    for (size_t i = 0; i < n; i++) {
        const size_t j = i + 1 < n ? i + 1 : 0;
        area->min_x = fmin(area->min_x, x[i]);
        area->max_x = fmax(area->max_x, x[i]);
        area->min_y = fmin(area->min_y, y[i]);
        area->max_y = fmax(area->max_y, y[i]);
        edge *next = &index->edges[area->first_edge + area->n_edges];
        if (y[i] < y[j]) {
            *next = (edge){x[i], y[i], x[j], y[j], sign};
            area->n_edges++;
        } else if (y[j] < y[i]) {
            *next = (edge){x[j], y[j], x[i], y[i], -sign};
            area->n_edges++;
        }
    }
}

static onus_status index_edges(box_index *index, const onus_polygons *p, onus_error *err) {
    onus_status status = ONUS_OK;
    double *signs = NULL;
    const size_t n_rings = p->n_areas == 0 ? 0 : p->area_rings[p->n_areas];
    const size_t n_points = n_rings == 0 ? 0 : p->ring_points[n_rings];
    if (n_points >= (size_t)INT32_MAX || p->n_areas >= (size_t)INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "more than 2^31 vertices in one layer");
    }
    ONUS_TRY(onus_ring_signs(p, &signs, err));
    index->n_areas = p->n_areas;
    index->edges = onus_alloc_n(n_points, sizeof *index->edges);
    index->areas = onus_alloc_n(p->n_areas, sizeof *index->areas);
    if (index->edges == NULL || index->areas == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    size_t n_edges = 0;
    for (size_t a = 0; a < p->n_areas; a++) {
        area_index *area = &index->areas[a];
        *area = (area_index){.first_edge = n_edges,
                             .min_x = INFINITY,
                             .min_y = INFINITY,
                             .max_x = -INFINITY,
                             .max_y = -INFINITY};
        for (size_t r = p->area_rings[a]; r < p->area_rings[a + 1]; r++) {
            const size_t start = p->ring_points[r];
            add_ring(index, area, p->x + start, p->y + start, p->ring_points[r + 1] - start,
                     signs[r]);
        }
        n_edges += area->n_edges;
    }
out:
    onus_free(signs);
    return status;
}

static size_t band_of(const area_index *area, double y) {
    return interval_of(y, area->min_y, (area->max_y - area->min_y) / (double)area->n_bands,
                       area->n_bands);
}

/* As many bands as keep both the lists short and the copies few. */
static size_t choose_bands(const box_index *index, const area_index *area) {
    double climbs = 0.0; /* how often the outline spans the polygon's height */
    for (size_t e = 0; e < area->n_edges; e++) {
        const edge *here = &index->edges[area->first_edge + e];
        climbs += here->yb - here->ya;
    }
    climbs /= area->max_y - area->min_y;
    const double by_copies = BAND_COPIES_MAX * (double)area->n_edges / (climbs + 1.0);
    const size_t by_length = area->n_edges / EDGES_PER_BAND;
    const size_t n = by_copies < (double)by_length ? (size_t)by_copies : by_length;
    return n < 1 ? 1 : n;
}

static onus_status index_bands(box_index *index, onus_error *err) {
    size_t n_starts = 0;
    for (size_t a = 0; a < index->n_areas; a++) {
        area_index *area = &index->areas[a];
        area->n_bands = area->n_edges == 0 ? 1 : choose_bands(index, area);
        area->first_band = n_starts;
        n_starts += area->n_bands + 1;
    }
    index->band_starts = onus_alloc_n(n_starts + 1, sizeof *index->band_starts);
    if (index->band_starts == NULL) {
        return onus_fail_nomem(err);
    }
    /* Count, add up, fill; starts run one ahead while filling and end in place. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t a = 0; a < index->n_areas; a++) {
            const area_index *area = &index->areas[a];
            for (size_t e = 0; area->n_bands > 1 && e < area->n_edges; e++) {
                const edge *here = &index->edges[area->first_edge + e];
                const size_t last = band_of(area, here->yb);
                for (size_t b = band_of(area, here->ya); b <= last; b++) {
                    size_t *start = &index->band_starts[area->first_band + b + 1];
                    if (pass == 0) {
                        (*start)++;
                    } else {
                        index->band_edges[(*start)++] = (uint32_t)(area->first_edge + e);
                    }
                }
            }
        }
        if (pass == 0) {
            size_t total = 0;
            for (size_t s = 0; s <= n_starts; s++) {
                const size_t count = index->band_starts[s];
                index->band_starts[s] = total;
                total += count;
            }
            index->band_edges = onus_alloc_n(total, sizeof *index->band_edges);
            if (index->band_edges == NULL) {
                return onus_fail_nomem(err);
            }
        }
    }
    return ONUS_OK;
}

/* ---- the grid over bounding boxes ---- */

typedef struct cell_span {
    size_t col;
    size_t row;
    size_t last_col;
    size_t last_row;
} cell_span;

static cell_span span_of(const box_index *index, double min_x, double min_y, double max_x,
                         double max_y) {
    return (cell_span){.col = interval_of(min_x, index->x0, index->cell_x, index->n_x),
                       .row = interval_of(min_y, index->y0, index->cell_y, index->n_y),
                       .last_col = interval_of(max_x, index->x0, index->cell_x, index->n_x),
                       .last_row = interval_of(max_y, index->y0, index->cell_y, index->n_y)};
}

static void size_grid(box_index *index) {
    double min_x = INFINITY;
    double min_y = INFINITY;
    double max_x = -INFINITY;
    double max_y = -INFINITY;
    for (size_t a = 0; a < index->n_areas; a++) {
        min_x = fmin(min_x, index->areas[a].min_x);
        min_y = fmin(min_y, index->areas[a].min_y);
        max_x = fmax(max_x, index->areas[a].max_x);
        max_y = fmax(max_y, index->areas[a].max_y);
    }
    index->n_x = 1;
    index->n_y = 1;
    index->cell_x = 1.0;
    index->cell_y = 1.0;
    if (!(max_x > min_x) || !(max_y > min_y)) {
        return; /* nothing has an area */
    }
    index->x0 = min_x;
    index->y0 = min_y;
    const double wanted = fmin((double)index->n_areas * CELLS_PER_AREA, CELLS_MAX);
    const double aspect = (max_x - min_x) / (max_y - min_y);
    const double n_x = fmin(fmax(ceil(sqrt(wanted * aspect)), 1.0), wanted);
    index->n_x = (size_t)n_x;
    index->n_y = (size_t)fmax(ceil(wanted / n_x), 1.0);
    index->cell_x = (max_x - min_x) / (double)index->n_x;
    index->cell_y = (max_y - min_y) / (double)index->n_y;
}

static onus_status index_cells(box_index *index, onus_error *err) {
    size_grid(index);
    const size_t n_cells = index->n_x * index->n_y;
    index->cell_starts = onus_alloc_n(n_cells + 2, sizeof *index->cell_starts);
    if (index->cell_starts == NULL) {
        return onus_fail_nomem(err);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t a = 0; a < index->n_areas; a++) {
            const area_index *area = &index->areas[a];
            if (area->n_edges == 0) {
                continue;
            }
            const cell_span span =
                span_of(index, area->min_x, area->min_y, area->max_x, area->max_y);
            for (size_t row = span.row; row <= span.last_row; row++) {
                for (size_t col = span.col; col <= span.last_col; col++) {
                    const size_t cell = row * index->n_x + col;
                    if (pass == 0) {
                        index->cell_starts[cell + 2]++;
                    } else {
                        index->cell_areas[index->cell_starts[cell + 1]++] = (int32_t)a;
                    }
                }
            }
        }
        if (pass == 0) {
            for (size_t c = 0; c < n_cells; c++) {
                index->cell_starts[c + 2] += index->cell_starts[c + 1];
            }
            index->cell_areas =
                onus_alloc_n(index->cell_starts[n_cells + 1], sizeof *index->cell_areas);
            if (index->cell_areas == NULL) {
                return onus_fail_nomem(err);
            }
        }
    }
    return ONUS_OK;
}

/* ---- one box ---- */

typedef struct box {
    double x;
    double y;
    double width;
    double height;
} box;

/* Integral over y from ya to yb of x clamped to [0, width], x running straight from xa to xb. */
static double clamped_integral(double xa, double ya, double xb, double yb, double width) {
    if (xa > xb) {
        /* the same by symmetry: run the edge downwards */
        const double swap = xa;
        xa = xb;
        xb = swap;
    }
    const double height = yb - ya;
    if (xb <= 0.0) {
        return 0.0;
    }
    if (xa >= width) {
        return width * height;
    }
    if (xa >= 0.0 && xb <= width) {
        return 0.5 * (xa + xb) * height;
    }
    /* part of the height with x < 0 counts nothing, with x > width counts the width */
    const double run = xb - xa;
    const double from = xa > 0.0 ? xa : 0.0;
    const double until = xb < width ? xb : width;
    const double middle = height * ((until - from) / run);
    const double beyond = xb > width ? height * ((xb - width) / run) : 0.0;
    return 0.5 * (from + until) * middle + width * beyond;
}

static double edge_share(const edge *e, const box *b) {
    const double ya = e->ya - b->y;
    const double yb = e->yb - b->y;
    if (yb <= 0.0 || ya >= b->height) {
        return 0.0;
    }
    const double xa = e->xa - b->x;
    const double xb = e->xb - b->x;
    const double slope = (xb - xa) / (yb - ya);
    const double low_x = ya < 0.0 ? xa - ya * slope : xa;
    const double high_x = yb > b->height ? xa + (b->height - ya) * slope : xb;
    return e->weight * clamped_integral(low_x, ya < 0.0 ? 0.0 : ya, high_x,
                                        yb > b->height ? b->height : yb, b->width);
}

static double overlap(const box_index *index, const area_index *area, const box *b) {
    onus_sum sum = {0.0, 0.0};
    if (area->n_bands == 1) {
        for (size_t e = 0; e < area->n_edges; e++) {
            onus_sum_add(&sum, edge_share(&index->edges[area->first_edge + e], b));
        }
        return onus_sum_get(&sum);
    }
    const size_t first = band_of(area, b->y);
    const size_t last = band_of(area, b->y + b->height);
    for (size_t band = first; band <= last; band++) {
        const size_t *start = &index->band_starts[area->first_band + band];
        for (size_t k = start[0]; k < start[1]; k++) {
            const edge *e = &index->edges[index->band_edges[k]];
            /* an edge of several bands counts in the first of them that the box reaches */
            const size_t own = band_of(area, e->ya);
            if (band == (own > first ? own : first)) {
                onus_sum_add(&sum, edge_share(e, b));
            }
        }
    }
    return onus_sum_get(&sum);
}

static onus_status overlap_box(const box_index *index, const box *b, size_t row,
                               onus_array *entries) {
    const double max_x = b->x + b->width;
    const double max_y = b->y + b->height;
    const double noise = NOISE_SHARE * b->width * b->height;
    const cell_span span = span_of(index, b->x, b->y, max_x, max_y);
    for (size_t y = span.row; y <= span.last_row; y++) {
        for (size_t x = span.col; x <= span.last_col; x++) {
            const size_t cell = y * index->n_x + x;
            for (size_t k = index->cell_starts[cell]; k < index->cell_starts[cell + 1]; k++) {
                const area_index *area = &index->areas[index->cell_areas[k]];
                if (area->max_x <= b->x || area->min_x >= max_x || area->max_y <= b->y ||
                    area->min_y >= max_y) {
                    continue;
                }
                /* only in the first cell that box and polygon have in common */
                const cell_span own =
                    span_of(index, area->min_x, area->min_y, area->max_x, area->max_y);
                if (x != (own.col > span.col ? own.col : span.col) ||
                    y != (own.row > span.row ? own.row : span.row)) {
                    continue;
                }
                const double value = overlap(index, area, b);
                if (value > noise) {
                    const onus_status status =
                        onus_sparse_add(entries, row, index->cell_areas[k], value);
                    if (status != ONUS_OK) {
                        return status;
                    }
                }
            }
        }
    }
    return ONUS_OK;
}

/* ---- all boxes ---- */

/* Boxes of one size by their centres, or, without a size, rectangles by their corners. */
typedef struct box_list {
    const double *x;
    const double *y;
    const double *high_x; /* NULL: centres */
    const double *high_y;
    double width;
    double height;
} box_list;

static box box_at(const box_list *list, size_t i) {
    if (list->high_x == NULL) {
        return (box){.x = list->x[i] - 0.5 * list->width,
                     .y = list->y[i] - 0.5 * list->height,
                     .width = list->width,
                     .height = list->height};
    }
    return (box){.x = list->x[i],
                 .y = list->y[i],
                 .width = list->high_x[i] - list->x[i],
                 .height = list->high_y[i] - list->y[i]};
}

static onus_status check_boxes(const box_list *list, size_t n, onus_error *err) {
    if (list->high_x == NULL && (!(list->width > 0.0) || !(list->height > 0.0) ||
                                 !isfinite(list->width) || !isfinite(list->height))) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a box needs a positive width and height");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(list->x[i]) || !isfinite(list->y[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the centre of box %zu is not finite", i);
        }
        const box b = box_at(list, i);
        if (!(b.width > 0.0) || !(b.height > 0.0) || !isfinite(b.width) || !isfinite(b.height)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "rectangle %zu has no positive width and height", i);
        }
    }
    return ONUS_OK;
}

/* What blocks of boxes share; blocks[k] is block k's own. */
typedef struct overlap_job {
    const box_index *index;
    const box_list *list;
    size_t n_boxes;
    onus_array *blocks;
} overlap_job;

static onus_status overlap_block(void *shared, size_t k) {
    const overlap_job *job = shared;
    const size_t from = k * BOXES_PER_BLOCK;
    const size_t n_left = job->n_boxes - from;
    const size_t until = n_left < BOXES_PER_BLOCK ? job->n_boxes : from + BOXES_PER_BLOCK;
    job->blocks[k].elem_size = sizeof(onus_sparse_entry);
    onus_status status = ONUS_OK;
    for (size_t i = from; i < until && status == ONUS_OK; i++) {
        const box b = box_at(job->list, i);
        status = overlap_box(job->index, &b, i, &job->blocks[k]);
    }
    return status;
}

static onus_status overlap_list(const onus_polygons *polygons, const box_list *list, size_t n_boxes,
                                const onus_context *context, onus_sparse *out, onus_error *err) {
    onus_status status = ONUS_OK;
    box_index index = {.n_areas = 0};
    onus_array *blocks = NULL;
    const size_t n_blocks = (n_boxes + BOXES_PER_BLOCK - 1) / BOXES_PER_BLOCK;
    ONUS_TRY(check_boxes(list, n_boxes, err));
    ONUS_TRY(onus_polygons_check_finite(polygons, err));
    ONUS_TRY(index_edges(&index, polygons, err));
    ONUS_TRY(index_bands(&index, err));
    ONUS_TRY(index_cells(&index, err));
    blocks = onus_alloc_n(n_blocks, sizeof *blocks);
    if (blocks == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    overlap_job job = {&index, list, n_boxes, blocks};
    status = onus_exec_blocks(overlap_block, &job, n_blocks, "overlaps of boxes", context);
    if (status == ONUS_ERR_INTERRUPTED) {
        status = onus_fail_plain(err, status, "interrupted");
    } else if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
    } else {
        status = onus_sparse_join(blocks, n_blocks, n_boxes, out, err);
    }
out:
    for (size_t k = 0; blocks != NULL && k < n_blocks; k++) {
        onus_array_clear(&blocks[k]);
    }
    onus_free(blocks);
    index_clear(&index);
    return status;
}

onus_status onus_overlap_boxes(const onus_polygons *polygons, const double *centre_x,
                               const double *centre_y, size_t n_boxes, double width, double height,
                               const onus_context *context, onus_sparse *out, onus_error *err) {
    const box_list list = {.x = centre_x, .y = centre_y, .width = width, .height = height};
    return overlap_list(polygons, &list, n_boxes, context, out, err);
}

onus_status onus_overlap_rectangles(const onus_polygons *polygons, const double *low_x,
                                    const double *low_y, const double *high_x, const double *high_y,
                                    size_t n_rectangles, const onus_context *context,
                                    onus_sparse *out, onus_error *err) {
    const box_list list = {.x = low_x, .y = low_y, .high_x = high_x, .high_y = high_y};
    return overlap_list(polygons, &list, n_rectangles, context, out, err);
}
