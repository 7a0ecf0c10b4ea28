/* Plain counting: nothing at all (uniform), the window before, a moving count, everything so far.
 *
 * Two cursors run over the events, which are sorted by time: `in` adds what has happened before the
 * window begins, `out` takes away what has become too old. Counts are sums of whole numbers, which
 * doubles add and subtract exactly, so that a moving count is the same as counting anew. An event
 * at the very start of a window is not history.
 *
 * A history in days goes by the calendar: the days before the one on which the window begins, and
 * for a window that begins within a day what has happened of that day. Called through baseline.c.
 * Never looks at an event at or after the window's start. */
#include <math.h>

#include "baselines_internal.h"
#include "onus/alloc.h"

typedef struct counting {
    onus_baseline_kind kind;
    const onus_frame *frame;
    double history_s;
    int32_t history_days;
    size_t in;
    size_t out;
    double *count;
} counting;

static onus_status open_counts(onus_baseline_kind kind, const onus_frame *frame,
                               const onus_baseline_opts *opts, const onus_context *context,
                               void **state, onus_error *err) {
    (void)context;
    counting *c = onus_alloc(sizeof *c);
    double *count = onus_alloc_n(frame->cells->n_cells, sizeof *count);
    if (c == NULL || count == NULL) {
        onus_free(c);
        onus_free(count);
        return onus_fail_nomem(err);
    }
    *c = (counting){.kind = kind,
                    .frame = frame,
                    .history_s = opts->history_s,
                    .history_days = opts->history_days,
                    .count = count};
    *state = c;
    return ONUS_OK;
}

/* Is event e too old for a window that begins so? */
static bool too_old(const counting *c, size_t w, size_t e) {
    const onus_frame_events *events = &c->frame->events;
    const onus_frame_window *window = &c->frame->windows[w];
    switch (c->kind) {
    case ONUS_BASELINE_PREVIOUS_WINDOW: /* before the first window: a stretch of its length */
        return events->unix_s[e] <
               (w > 0 ? c->frame->windows[w - 1].from_s : 2.0 * window->from_s - window->until_s);
    case ONUS_BASELINE_MOVING_COUNT:
        return c->history_days > 0  ? events->day[e] < window->day - c->history_days
               : c->history_s > 0.0 ? events->unix_s[e] < window->from_s - c->history_s
                                    : false;
    default:
        return false;
    }
}

static onus_status score_counts(void *state, size_t w, double *score_by_cell, onus_error *err) {
    (void)err;
    counting *c = state;
    const onus_frame_cells *cells = c->frame->cells;
    const onus_frame_events *events = &c->frame->events;
    const onus_frame_window *window = &c->frame->windows[w];
    if (c->kind == ONUS_BASELINE_UNIFORM) {
        for (size_t i = 0; i < cells->n_cells; i++) {
            score_by_cell[i] = cells->by_density ? cells->area_m2[i] : 1.0;
        }
        return ONUS_OK;
    }
    for (; c->in < events->n_events && events->unix_s[c->in] < window->from_s; c->in++) {
        c->count[events->cell[c->in]] += events->count[c->in];
    }
    for (; c->out < c->in && too_old(c, w, c->out); c->out++) {
        c->count[events->cell[c->out]] -= events->count[c->out];
    }
    for (size_t i = 0; i < cells->n_cells; i++) {
        score_by_cell[i] = c->count[i];
    }
    return ONUS_OK;
}

static void close_counts(void *state) {
    counting *c = state;
    onus_free(c->count);
    onus_free(c);
}

const onus_baseline_methods onus_baseline_counts = {
    .open = open_counts, .score = score_counts, .close = close_counts};
