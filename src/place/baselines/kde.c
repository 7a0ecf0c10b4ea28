/* Kernel density: how close a place is to what was recorded before.
 *
 *   events of the history -> a grid of counts -> Gaussian -> divided by the mass of the Gaussian
 *   that lies inside the region -> times the area of the cell
 *
 * Two grids. On a square lattice with a bandwidth of up to LATTICE_BANDWIDTHS sides, the grid is
 * the lattice itself, events stand in the middle of their cell, and the result is exact but for
 * what the filter cuts off (KDE_CUT_BANDWIDTHS). Otherwise it is a finer grid of nodes, NODES_PER_
 * BANDWIDTH to a bandwidth; an event is shared out over the sixteen nodes around it by cubic
 * interpolation and the smooth surface is read off likewise, each to within 2e-5 of the kernel's
 * height (a cubic errs by 9/384 h^4 f'''', and the Gaussian's f'''' is at most 3 / bandwidth^4).
 *
 * A cell of known shape with nodes inside gets their mean times its area, any other the value at
 * its centroid times its area. What lies inside the region is known from the shapes, or from the
 * areas of the cells where they are small beside the bandwidth; where neither is so, there is no
 * correction at the edge.
 *
 * Bandwidth: as the case says, or by a rule of kde_rule.c over the events of the history: the one
 * that would have captured most of their later part, which then stays; or Scott's, set at the first
 * window with events and again whenever twice as many have been recorded, which also serves as long
 * as there are too few events for the other. One bandwidth holds for all places of a window.
 * Correction at the edge: Diggle (1985), the uniform one: by the mass at the place that is asked
 * about, not at the event.
 *
 * From window to window events are added and taken away. Amounts are kept as multiples of QUANTUM,
 * sums of which are exact, so that what was added and taken away leaves nothing behind. Called by
 * baseline.c. Never uses an event at or after the window's start. */
#include <math.h>
#include <string.h>

#include "baselines_internal.h"
#include "kde_grid.h"
#include "kde_rule.h"
#include "onus/alloc.h"
#include "onus/geom.h"
#include "onus/sum.h"

#define LATTICE_BANDWIDTHS 8.0
#define NODES_PER_BANDWIDTH 8.0
#define QUANTUM 0x1p-24 /* of an event: sums up to 2^29 events are exact */
#define MARGIN 3.0      /* nodes around the outermost place, so that cubics stay inside */
#define LOCATE_LATTICE_M 1e-6

static const double NODES_MOST = 4194304.0; /* 32 MB a grid */

typedef struct kde_state {
    const onus_frame *frame;
    const onus_context *context;
    onus_baseline_opts opts;
    size_t next_window; /* windows before it are behind us */
    size_t low;         /* events low .. high - 1 are in the grid */
    size_t high;
    size_t n_ruled; /* events recorded when the rule was last applied; 0: never */
    double bandwidth_m;
    onus_kde_rule rule; /* by which it was set */
    /* the grid */
    bool on_lattice;
    double x0_m; /* of node 0, 0 */
    double y0_m;
    double step_m;
    size_t n_x;
    size_t n_y;
    kde_taps taps;
    double *counts;
    double *smooth;
    double *scratch;
    double *inside;      /* mass of the kernel inside the region, by node; NULL: no correction */
    int32_t *node_cell;  /* cell of each node or -1; NULL where shapes are not used */
    int32_t *cell_nodes; /* nodes in each cell */
} kde_state;

static void clear_grid(kde_state *s) {
    kde_taps_clear(&s->taps);
    onus_free(s->counts);
    onus_free(s->smooth);
    onus_free(s->scratch);
    onus_free(s->inside);
    onus_free(s->node_cell);
    onus_free(s->cell_nodes);
    s->counts = s->smooth = s->scratch = s->inside = NULL;
    s->node_cell = s->cell_nodes = NULL;
}

/* Lagrange's cubic weights of the nodes at -1, 0, 1, 2 for a point at t in [0, 1). */
static void cubic(double t, double weight[4]) {
    weight[0] = -t * (t - 1.0) * (t - 2.0) / 6.0;
    weight[1] = (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0;
    weight[2] = -(t + 1.0) * t * (t - 2.0) / 2.0;
    weight[3] = (t + 1.0) * t * (t - 1.0) / 6.0;
}

/* The sixteen nodes around a place: index of the first, weights along x and y. */
static size_t around(const kde_state *s, double x_m, double y_m, double along_x[4],
                     double along_y[4]) {
    const double x = fmin(fmax((x_m - s->x0_m) / s->step_m, 1.0), (double)s->n_x - 3.0);
    const double y = fmin(fmax((y_m - s->y0_m) / s->step_m, 1.0), (double)s->n_y - 3.0);
    const double i = floor(x);
    const double j = floor(y);
    cubic(x - i, along_x);
    cubic(y - j, along_y);
    return ((size_t)j - 1) * s->n_x + (size_t)i - 1;
}

static double quantised(double amount) {
    return rint(amount / QUANTUM) * QUANTUM;
}

static void put(const kde_state *s, double *grid, double x_m, double y_m, double amount) {
    double along_x[4];
    double along_y[4];
    const size_t first = around(s, x_m, y_m, along_x, along_y);
    for (size_t j = 0; j < 4; j++) {
        for (size_t i = 0; i < 4; i++) {
            grid[first + j * s->n_x + i] += quantised(amount * along_x[i] * along_y[j]);
        }
    }
}

static double look(const kde_state *s, const double *grid, double x_m, double y_m) {
    double along_x[4];
    double along_y[4];
    const size_t first = around(s, x_m, y_m, along_x, along_y);
    double sum = 0.0;
    for (size_t j = 0; j < 4; j++) {
        for (size_t i = 0; i < 4; i++) {
            sum += along_x[i] * along_y[j] * grid[first + j * s->n_x + i];
        }
    }
    return fmax(sum, 0.0);
}

/* sign 1: into the grid; -1: out of it, by the same amounts. */
static void move_event(kde_state *s, size_t e, double sign) {
    const onus_frame_events *events = &s->frame->events;
    if (s->on_lattice) {
        const onus_frame_cells *cells = s->frame->cells;
        const size_t c = (size_t)events->cell[e];
        s->counts[(size_t)cells->row[c] * s->n_x + (size_t)cells->column[c]] +=
            sign * quantised(events->count[e]);
    } else {
        put(s, s->counts, events->x_m[e], events->y_m[e], sign * events->count[e]);
    }
}

/* ---- the grid for a bandwidth ---- */

/* From the cells alone: where an event of tomorrow lies must not move a node of today. */
static void box_of_cells(const onus_frame_cells *cells, double low[2], double high[2]) {
    low[0] = low[1] = INFINITY;
    high[0] = high[1] = -INFINITY;
    const onus_polygons *shapes = cells->polygons;
    const size_t n_rings = shapes == NULL ? 0 : shapes->area_rings[shapes->n_areas];
    const size_t n_points = shapes == NULL ? 0 : shapes->ring_points[n_rings];
    for (size_t k = 0; k < n_points; k++) {
        low[0] = fmin(low[0], shapes->x[k]);
        low[1] = fmin(low[1], shapes->y[k]);
        high[0] = fmax(high[0], shapes->x[k]);
        high[1] = fmax(high[1], shapes->y[k]);
    }
    for (size_t c = 0; c < cells->n_cells; c++) { /* a cell reaches about this far */
        const double reach = sqrt(cells->area_m2[c]);
        low[0] = fmin(low[0], cells->x_m[c] - reach);
        low[1] = fmin(low[1], cells->y_m[c] - reach);
        high[0] = fmax(high[0], cells->x_m[c] + reach);
        high[1] = fmax(high[1], cells->y_m[c] + reach);
    }
}

static double nodes_across(double length_m, double step_m) {
    return ceil(length_m / step_m) + 2.0 * MARGIN + 1.0;
}

/* Nodes for the bandwidth; one that the rule chose is made wider where the grid would be too large,
 * one that the case names is refused. */
static onus_status lay_nodes(kde_state *s, onus_error *err) {
    double low[2];
    double high[2];
    box_of_cells(s->frame->cells, low, high);
    for (;;) {
        s->step_m = s->bandwidth_m / NODES_PER_BANDWIDTH;
        const double n_x = nodes_across(high[0] - low[0], s->step_m);
        const double n_y = nodes_across(high[1] - low[1], s->step_m);
        if (n_x * n_y <= NODES_MOST) {
            s->n_x = (size_t)n_x;
            s->n_y = (size_t)n_y;
            break;
        }
        if (s->opts.bandwidth_m > 0.0) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "kernel density: a bandwidth of %g m is too narrow for a region "
                                   "of %.0f by %.0f km in cells that are no lattice",
                                   s->bandwidth_m, (high[0] - low[0]) / 1e3,
                                   (high[1] - low[1]) / 1e3);
        }
        s->bandwidth_m *= 1.25;
    }
    s->x0_m = low[0] - MARGIN * s->step_m;
    s->y0_m = low[1] - MARGIN * s->step_m;
    return ONUS_OK;
}

/* Which cell holds each node. */
static onus_status find_nodes(kde_state *s, onus_error *err) {
    onus_status status = ONUS_OK;
    const onus_frame_cells *cells = s->frame->cells;
    const size_t n_nodes = s->n_x * s->n_y;
    s->node_cell = onus_alloc_n(n_nodes, sizeof *s->node_cell);
    s->cell_nodes = onus_alloc_n(cells->n_cells, sizeof *s->cell_nodes);
    double *all_x = onus_alloc_n(n_nodes, sizeof *all_x);
    double *all_y = onus_alloc_n(n_nodes, sizeof *all_y);
    if (s->node_cell == NULL || s->cell_nodes == NULL || all_x == NULL || all_y == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t k = 0; k < n_nodes; k++) {
        const size_t row = k / s->n_x;
        all_x[k] = s->x0_m + s->step_m * (double)(k - row * s->n_x);
        all_y[k] = s->y0_m + s->step_m * (double)row;
    }
    ONUS_TRY(onus_locate(cells->polygons, NULL, LOCATE_LATTICE_M, all_x, all_y, n_nodes, s->context,
                         s->node_cell, err));
    for (size_t k = 0; k < n_nodes; k++) {
        if (s->node_cell[k] >= 0) {
            s->cell_nodes[s->node_cell[k]]++;
        }
    }
out:
    onus_free(all_x);
    onus_free(all_y);
    return status;
}

/* Mass of the kernel inside the region, at every node: the smoothed share of ground that a node
 * stands for and that belongs to the region. */
static onus_status weigh_region(kde_state *s, onus_error *err) {
    const onus_frame_cells *cells = s->frame->cells;
    const size_t n_nodes = s->n_x * s->n_y;
    const double per_node = 1.0 / (s->step_m * s->step_m);
    const double mean_area = cells->region_m2 / (double)cells->n_cells;
    if (!s->opts.edge_corrected ||
        (!s->on_lattice && s->node_cell == NULL && mean_area > s->bandwidth_m * s->bandwidth_m)) {
        return ONUS_OK;
    }
    s->inside = onus_alloc_n(n_nodes, sizeof *s->inside);
    if (s->inside == NULL) {
        return onus_fail_nomem(err);
    }
    if (s->node_cell != NULL) {
        for (size_t k = 0; k < n_nodes; k++) {
            s->inside[k] = s->node_cell[k] >= 0 ? 1.0 : 0.0;
        }
    } else {
        for (size_t c = 0; c < cells->n_cells; c++) {
            const double ground = cells->area_m2[c] * per_node;
            if (s->on_lattice) {
                s->inside[(size_t)cells->row[c] * s->n_x + (size_t)cells->column[c]] += ground;
            } else {
                put(s, s->inside, cells->x_m[c], cells->y_m[c], ground);
            }
        }
    }
    return kde_smooth(&s->taps, s->inside, s->n_x, s->n_y, s->context, s->scratch, s->inside, err);
}

static onus_status lay_grid(kde_state *s, onus_error *err) {
    onus_status status = ONUS_OK;
    const onus_frame_cells *cells = s->frame->cells;
    clear_grid(s);
    s->on_lattice = cells->side_m > 0.0 && s->bandwidth_m <= LATTICE_BANDWIDTHS * cells->side_m;
    if (s->on_lattice) {
        s->step_m = cells->side_m;
        s->n_x = cells->n_columns;
        s->n_y = cells->n_rows;
    } else {
        ONUS_TRY(lay_nodes(s, err));
    }
    const size_t longest = s->n_x > s->n_y ? s->n_x : s->n_y;
    ONUS_TRY(kde_taps_make(s->bandwidth_m / s->step_m, longest, &s->taps, err));
    s->counts = onus_alloc_n(s->n_x * s->n_y, sizeof *s->counts);
    s->smooth = onus_alloc_n(s->n_x * s->n_y, sizeof *s->smooth);
    s->scratch = onus_alloc_n(kde_scratch_size(s->n_x, s->n_y, s->taps.radius), sizeof *s->scratch);
    if (s->counts == NULL || s->smooth == NULL || s->scratch == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    if (!s->on_lattice && cells->side_m <= 0.0 && cells->polygons != NULL) {
        ONUS_TRY(find_nodes(s, err));
    }
    ONUS_TRY(weigh_region(s, err));
out:
    return status;
}

/* ---- window by window ---- */

/* Moves the history to what lies before window w. */
static onus_status advance(kde_state *s, size_t w, onus_error *err) {
    const onus_frame_events *events = &s->frame->events;
    const double until_s = s->frame->windows[w].from_s;
    const double from_s = s->opts.history_s > 0.0 ? until_s - s->opts.history_s : -INFINITY;
    while (s->high < events->n_events && events->unix_s[s->high] < until_s) {
        if (s->counts != NULL) {
            move_event(s, s->high, 1.0);
        }
        s->high++;
    }
    while (s->low < s->high && events->unix_s[s->low] < from_s) {
        if (s->counts != NULL) {
            move_event(s, s->low, -1.0);
        }
        s->low++;
    }
    const bool fixed = s->rule != ONUS_KDE_SCOTT;
    if (s->low == s->high || (fixed && s->counts != NULL) ||
        (!fixed && s->n_ruled > 0 && s->high < 2 * s->n_ruled)) {
        return ONUS_OK;
    }
    if (!(s->opts.bandwidth_m > 0.0)) {
        const kde_past past = {
            .frame = s->frame, .low = s->low, .high = s->high, .until_s = until_s};
        const onus_status chosen =
            kde_rule_apply(&past, &s->opts, s->context, &s->bandwidth_m, &s->rule, err);
        if (chosen != ONUS_OK) {
            return chosen;
        }
    }
    const onus_status status = lay_grid(s, err);
    if (status != ONUS_OK) {
        return status;
    }
    s->n_ruled = s->high;
    for (size_t e = s->low; e < s->high; e++) {
        move_event(s, e, 1.0);
    }
    return ONUS_OK;
}

/* The mean over the nodes in a cell, for cells that have any. */
static void sum_nodes(const kde_state *s, double *score) {
    const size_t n_cells = s->frame->cells->n_cells;
    memset(score, 0, n_cells * sizeof *score);
    for (size_t k = 0; k < s->n_x * s->n_y; k++) {
        const int32_t c = s->node_cell[k];
        if (c >= 0) {
            const double inside = s->inside == NULL ? 1.0 : s->inside[k];
            score[c] += fmax(s->smooth[k], 0.0) / inside;
        }
    }
}

static void read_cells(const kde_state *s, double *score) {
    const onus_frame_cells *cells = s->frame->cells;
    const double per_node = 1.0 / (s->step_m * s->step_m);
    const double mean_area = cells->region_m2 / (double)cells->n_cells;
    if (s->node_cell != NULL) {
        sum_nodes(s, score);
    }
    for (size_t c = 0; c < cells->n_cells; c++) {
        /* in steps of the grid; scores that are ranked as they are must not be told apart by areas
         * that differ by next to nothing */
        const double ground = (cells->by_density ? cells->area_m2[c] : mean_area) * per_node;
        if (s->on_lattice) {
            const size_t k = (size_t)cells->row[c] * s->n_x + (size_t)cells->column[c];
            score[c] = s->smooth[k] * ground / (s->inside == NULL ? 1.0 : s->inside[k]);
            continue;
        }
        if (s->node_cell != NULL && s->cell_nodes[c] > 0) {
            score[c] *= ground / (double)s->cell_nodes[c];
            continue;
        }
        /* A cell too small for the nodes may lie where none of them is inside: at least its own
         * ground is. */
        const double own = fmin(1.0, ground * s->taps.weight[0] * s->taps.weight[0]);
        const double inside =
            s->inside == NULL ? 1.0 : fmax(look(s, s->inside, cells->x_m[c], cells->y_m[c]), own);
        score[c] = look(s, s->smooth, cells->x_m[c], cells->y_m[c]) * ground / inside;
    }
}

static onus_status kde_open(onus_baseline_kind kind, const onus_frame *frame,
                            const onus_baseline_opts *opts, const onus_context *context,
                            void **state, onus_error *err) {
    (void)kind;
    kde_state *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    s->frame = frame;
    s->context = context;
    s->opts = *opts;
    s->bandwidth_m = opts->bandwidth_m;
    s->rule = opts->bandwidth_m > 0.0 ? ONUS_KDE_CASE : ONUS_KDE_SCOTT;
    *state = s;
    return ONUS_OK;
}

static onus_status kde_score(void *state, size_t w, double *score_by_cell, onus_error *err) {
    onus_status status = ONUS_OK;
    kde_state *s = state;
    /* windows that nobody asked about are walked too: when the rule is applied must not depend on
     * who asks */
    for (; s->next_window <= w; s->next_window++) {
        ONUS_TRY(advance(s, s->next_window, err));
    }
    if (s->low == s->high) {
        memset(score_by_cell, 0, s->frame->cells->n_cells * sizeof *score_by_cell);
        return ONUS_OK;
    }
    ONUS_TRY(
        kde_smooth(&s->taps, s->counts, s->n_x, s->n_y, s->context, s->scratch, s->smooth, err));
    read_cells(s, score_by_cell);
out:
    return status;
}

double kde_bandwidth_m(const void *state, onus_kde_rule *rule) {
    const kde_state *s = state;
    *rule = s->rule;
    return s->counts != NULL ? s->bandwidth_m : NAN;
}

static void kde_close(void *state) {
    kde_state *s = state;
    if (s != NULL) {
        clear_grid(s);
        onus_free(s);
    }
}

const onus_baseline_methods onus_baseline_kde = {kde_open, kde_score, kde_close};
