/* Near repeats: what happened a short while ago, a short way off, comes again.
 *
 * The prospective hotspot map of Bowers, Johnson and Pease (2004, British Journal of Criminology
 * 44, 641-658): a cell is worth the sum, over events within 400 m and two months, of
 *
 *   1 / (1 + d)  x  1 / (1 + t)     d  whole halves of a cell's width between event and centre
 *                                   t  whole weeks since the event
 *
 * The paper gives the distance in half widths of a cell of its own grid; here it is half the side
 * of a cell of the trial's lattice, or of a square as large as the mean cell. Two months are
 * MONTHS_WEEKS whole weeks, as others who rebuilt the method take them. A shorter history shortens
 * them.
 *
 * Events enter and leave as windows go by, each visiting the cells around it, found in buckets as
 * wide as the reach. The value belongs to a place; times the area of the cell it is a count up to a
 * factor. Called by baseline.c. Never uses an event at or after the window's start. */
#include <math.h>
#include <string.h>

#include "baselines_internal.h"
#include "buckets.h"
#include "onus/alloc.h"

#define REACH_M 400.0
#define WEEK_S 604800.0
enum { MONTHS_WEEKS = 8, STOP_EVERY = 1024 };

typedef struct near_state {
    const onus_frame *frame;
    const onus_context *context;
    double half_m;    /* half the side of a cell */
    double history_s; /* how far back */
    size_t low;       /* events low .. high - 1 are near enough in time */
    size_t high;
    buckets centres;
    int32_t *cell_at; /* of each bucket position, so that scores are written as found */
    double *by_steps; /* 1 / (1 + d), d = 0 .. n_steps - 1 */
    size_t n_steps;
} near_state;

static void near_close(void *state) {
    near_state *s = state;
    if (s != NULL) {
        buckets_clear(&s->centres);
        onus_free(s->by_steps);
        onus_free(s);
    }
}

static onus_status near_open(onus_baseline_kind kind, const onus_frame *frame,
                             const onus_baseline_opts *opts, const onus_context *context,
                             void **state, onus_error *err) {
    (void)kind;
    onus_status status = ONUS_OK;
    const onus_frame_cells *cells = frame->cells;
    near_state *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    s->frame = frame;
    s->context = context;
    s->half_m = 0.5 * (cells->side_m > 0.0 ? cells->side_m
                                           : sqrt(cells->region_m2 / (double)cells->n_cells));
    s->history_s = MONTHS_WEEKS * WEEK_S;
    if (opts->history_s > 0.0 && opts->history_s < s->history_s) {
        s->history_s = opts->history_s;
    }
    s->n_steps = (size_t)fmin(floor(REACH_M / s->half_m), 1e6) + 1;
    s->by_steps = onus_alloc_n(s->n_steps, sizeof *s->by_steps);
    if (s->by_steps == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t d = 0; d < s->n_steps; d++) {
        s->by_steps[d] = 1.0 / (1.0 + (double)d);
    }
    ONUS_TRY(buckets_make(cells->x_m, cells->y_m, cells->n_cells, REACH_M, &s->centres, err));
    *state = s;
    s = NULL;
out:
    near_close(s);
    return status;
}

static void spread(const near_state *s, size_t e, double weight, double *score) {
    const onus_frame_events *events = &s->frame->events;
    const buckets *b = &s->centres;
    const double x_m = events->x_m[e];
    const double y_m = events->y_m[e];
    size_t from = 0;
    size_t until = 0;
    for (buckets_walk walk = buckets_around(b, x_m, y_m, REACH_M);
         buckets_row(b, &walk, &from, &until) != 0;) {
        for (size_t k = from; k < until; k++) {
            const double dx = b->x_m[k] - x_m;
            const double dy = b->y_m[k] - y_m;
            const double square = dx * dx + dy * dy;
            if (square <= REACH_M * REACH_M) {
                const size_t steps = (size_t)(sqrt(square) / s->half_m);
                score[b->index[k]] +=
                    weight * s->by_steps[steps < s->n_steps ? steps : s->n_steps - 1];
            }
        }
    }
}

static onus_status near_score(void *state, size_t w, double *score_by_cell, onus_error *err) {
    near_state *s = state;
    const onus_frame_events *events = &s->frame->events;
    const onus_frame_cells *cells = s->frame->cells;
    const double start_s = s->frame->windows[w].from_s;
    memset(score_by_cell, 0, cells->n_cells * sizeof *score_by_cell);
    while (s->high < events->n_events && events->unix_s[s->high] < start_s) {
        s->high++;
    }
    while (s->low < s->high && events->unix_s[s->low] < start_s - s->history_s) {
        s->low++;
    }
    for (size_t e = s->low; e < s->high; e++) {
        if ((e - s->low) % STOP_EVERY == 0 && onus_stopped(s->context)) {
            return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
        }
        const double weeks = floor((start_s - events->unix_s[e]) / WEEK_S);
        spread(s, e, events->count[e] / (1.0 + weeks), score_by_cell);
    }
    const double mean_area = cells->region_m2 / (double)cells->n_cells;
    for (size_t c = 0; cells->by_density && c < cells->n_cells; c++) {
        score_by_cell[c] *= cells->area_m2[c] / mean_area;
    }
    return ONUS_OK;
}

const onus_baseline_methods onus_baseline_near_repeat = {near_open, near_score, near_close};
