/* How wide a kernel is, where the case does not say.
 *
 * Scott's rule (1992; in two dimensions it is Silverman's, 1986), the root of the mean variance of
 * the two coordinates times n^(-1/6), is for one round hill. A city is many small ones: the rule
 * smooths them away, and a weak method of comparison flatters the product. So the past is asked, in
 * the coin that the trial pays in:
 *
 *   history -> its last quarter (by number), in LATER_WINDOWS windows of equal length
 *           -> in each, kernel density of what came before it, at a bandwidth
 *           -> how many of its events lie on the densest ground, as much of it as the product flags
 *
 * at Scott's bandwidth and at ever narrower ones, each 1 / sqrt(2) of the one before, down to a
 * quarter of a cell. The one that captured most is used, the wider of two that captured as much.
 *
 * Everything used is in the history of the window that asks, so strictly before it. Called by
 * kde.c. Never keeps a score. */
#include "kde_rule.h"

#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_capture.h"
#include "onus/sum.h"

#define NARROWER 0.70710678118654752440 /* 1 / sqrt(2) */

/* few events cannot tell bandwidths apart */
enum { CANDIDATES_MAX = 16, LATER_WINDOWS = 12, LEAST_LATER = 50 };

/* The side of a square as large as the mean cell. */
static double mean_side_m(const onus_frame *frame) {
    return sqrt(frame->cells->region_m2 / (double)frame->cells->n_cells);
}

double kde_scott(const kde_past *past) {
    const onus_frame *frame = past->frame;
    const onus_frame_events *events = &frame->events;
    onus_sum n = {0};
    onus_sum x = {0};
    onus_sum y = {0};
    for (size_t e = past->low; e < past->high; e++) {
        onus_sum_add(&n, events->count[e]);
        onus_sum_add(&x, events->count[e] * events->x_m[e]);
        onus_sum_add(&y, events->count[e] * events->y_m[e]);
    }
    const double n_events = onus_sum_get(&n);
    if (!(n_events > 1.0)) {
        return mean_side_m(frame);
    }
    const double mean_x = onus_sum_get(&x) / n_events;
    const double mean_y = onus_sum_get(&y) / n_events;
    onus_sum squares = {0};
    for (size_t e = past->low; e < past->high; e++) {
        const double dx = events->x_m[e] - mean_x;
        const double dy = events->y_m[e] - mean_y;
        onus_sum_add(&squares, events->count[e] * (dx * dx + dy * dy));
    }
    const double spread = sqrt(onus_sum_get(&squares) / (2.0 * (n_events - 1.0)));
    /* a spread of less than a metre is rounding, or one address */
    return spread < 1.0 ? mean_side_m(frame) : spread * pow(n_events, -1.0 / 6.0);
}

/** The history as a trial of its own: its later events are what is to be captured. */
typedef struct replay {
    onus_frame frame;
    onus_frame_window windows[LATER_WINDOWS];
    size_t first_later;
    double area_m2; /* as much ground as the product flags */
    double *score;
    int32_t *cell;
    double *count;
} replay;

static void replay_clear(replay *r) {
    onus_free(r->score);
    onus_free(r->cell);
    onus_free(r->count);
}

static onus_status replay_make(const kde_past *past, size_t middle, double share, replay *out,
                               onus_error *err) {
    const onus_frame_events *events = &past->frame->events;
    const double from_s = events->unix_s[middle];
    const double until_s = past->until_s;
    const size_t n_later = past->high - middle;
    *out = (replay){.frame = *past->frame, .first_later = middle - past->low};
    for (size_t w = 0; w < LATER_WINDOWS; w++) {
        const double length_s = (until_s - from_s) / LATER_WINDOWS;
        out->windows[w].from_s = from_s + length_s * (double)w;
        out->windows[w].until_s =
            w + 1 < LATER_WINDOWS ? from_s + length_s * (double)(w + 1) : until_s;
    }
    out->frame.windows = out->windows;
    out->frame.n_windows = LATER_WINDOWS;
    out->frame.events.n_events = past->high - past->low;
    out->frame.events.cell += past->low;
    out->frame.events.x_m += past->low;
    out->frame.events.y_m += past->low;
    out->frame.events.unix_s += past->low;
    out->frame.events.count += past->low;
    out->area_m2 = share * past->frame->cells->region_m2;
    out->score = onus_alloc_n(past->frame->cells->n_cells, sizeof *out->score);
    out->cell = onus_alloc_n(n_later, sizeof *out->cell);
    out->count = onus_alloc_n(n_later, sizeof *out->count);
    return out->score == NULL || out->cell == NULL || out->count == NULL ? onus_fail_nomem(err)
                                                                         : ONUS_OK;
}

/* Later events on the densest ground, over all windows, at one bandwidth. */
static onus_status captured_by(replay *r, const onus_baseline_opts *opts,
                               const onus_context *context, double *out, onus_error *err) {
    const onus_frame_cells *cells = r->frame.cells;
    const onus_frame_events *events = &r->frame.events;
    const onus_ranked ranked = {.n_cells = cells->n_cells,
                                .score = r->score,
                                .area_m2 = cells->area_m2,
                                .by_density = cells->by_density};
    onus_capture capture = {0};
    onus_sum sum = {0};
    void *state = NULL;
    size_t next = r->first_later;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_baseline_kde.open(ONUS_BASELINE_KDE, &r->frame, opts, context, &state, err));
    for (size_t w = 0; w < LATER_WINDOWS; w++) {
        const size_t first = next;
        while (next < events->n_events && events->unix_s[next] < r->windows[w].until_s) {
            next++;
        }
        size_t n = 0;
        ONUS_TRY(onus_cell_counts_gather(events->cell + first, events->count + first, next - first,
                                         r->cell, r->count, &n));
        const onus_cell_counts counts = {.n = n, .cell = r->cell, .count = r->count};
        ONUS_TRY(onus_baseline_kde.score(state, w, r->score, err));
        ONUS_TRY(onus_capture_make(&ranked, &counts, ONUS_TIE_EXPECTED, &capture, err));
        onus_sum_add(&sum, onus_captured(&capture, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, r->area_m2));
        onus_capture_clear(&capture);
    }
    *out = onus_sum_get(&sum);
out:
    onus_capture_clear(&capture);
    if (state != NULL) {
        onus_baseline_kde.close(state);
    }
    return status;
}

/* Tries them all; *best stays 0 where none could be had on these cells. */
static onus_status try_all(replay *r, double widest_m, bool edge_corrected,
                           const onus_context *context, double *best_m, onus_error *err) {
    const double least_m = 0.25 * mean_side_m(&r->frame);
    onus_baseline_opts opts = {.bandwidth_m = widest_m, .edge_corrected = edge_corrected};
    double most = -1.0;
    for (int k = 0; k < CANDIDATES_MAX; k++) {
        double captured = 0.0;
        onus_error why = ONUS_ERROR_INIT;
        const onus_status status = captured_by(r, &opts, context, &captured, &why);
        if (status == ONUS_ERR_DOMAIN) { /* too narrow for a region as large as this */
            break;
        }
        if (status != ONUS_OK) {
            if (err != NULL) {
                *err = why;
            }
            return status;
        }
        if (captured > most) {
            most = captured;
            *best_m = opts.bandwidth_m;
        }
        opts.bandwidth_m *= NARROWER;
        if (opts.bandwidth_m < least_m) {
            break;
        }
    }
    return ONUS_OK;
}

onus_status kde_rule_apply(const kde_past *past, const onus_baseline_opts *opts,
                           const onus_context *context, double *bandwidth_m, onus_kde_rule *used,
                           onus_error *err) {
    const onus_frame_events *events = &past->frame->events;
    const double scott_m = kde_scott(past);
    *bandwidth_m = scott_m;
    *used = ONUS_KDE_SCOTT;
    /* events of one instant stay together */
    size_t middle = past->low + (past->high - past->low) / 4 * 3;
    while (middle > past->low && events->unix_s[middle - 1] == events->unix_s[middle]) {
        middle--;
    }
    if (opts->rule != ONUS_KDE_PAST || !(opts->share > 0.0) || past->high - middle < LEAST_LATER ||
        middle - past->low < LEAST_LATER) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    double best_m = 0.0;
    replay r = {0};
    ONUS_TRY(replay_make(past, middle, fmin(opts->share, 1.0), &r, err));
    ONUS_TRY(try_all(&r, scott_m, opts->edge_corrected, context, &best_m, err));
    if (best_m > 0.0) {
        *bandwidth_m = best_m;
        *used = ONUS_KDE_PAST;
    }
out:
    replay_clear(&r);
    return status;
}
