/* The self-exciting process on cells that PredPol's authors published (Mohler et al. 2015, JASA
 * 110(512), 1399-1411):
 *
 *   rate_n(t) = mu_n + sum over events i of cell n before t of theta omega exp(-omega (t - t_i))
 *
 * with a rate mu_n per cell, and theta and omega shared by all. Fitted by EM (exciting_em.c) to the
 * history before each window and then asked for the count expected in the window from what has
 * happened so far,
 *
 *   mu_n L + theta (1 - exp(-omega L)) sum_i exp(-omega (start - t_i)),   L the window's length,
 *
 * which orders cells as rate_n(start) does when windows are short beside 1 / omega.
 *
 * Fitted at every window, each fit starting from the one before: at most STEPS_FIRST steps for the
 * first, STEPS_NEXT for the others, fewer when a step gains less than GAIN an event. mu_n starts
 * where it was; a cell that had no event then starts from the share that is not set off. What a
 * window is scored with therefore depends on the windows that were asked for before it, and on
 * nothing else.
 *
 * Events are sorted by cell and time once; two cursors per cell move over them. Called by
 * self_exciting.c. Never uses an event at or after the window's start. */
#include <math.h>
#include <stdlib.h>

#include "exciting_em.h"
#include "onus/alloc.h"
#include "self_exciting_internal.h"

#define DAY_S 86400.0
#define GAIN 1e-7        /* of log-likelihood, an event */
#define START_THETA 0.3  /* where the first fit begins */
#define START_OMEGA 0.1  /* per day */
#define LEAST_THETA 0.01 /* where any fit begins: none comes back from 0 */
enum { STEPS_FIRST = 200, STEPS_NEXT = 10 };

typedef struct grid_state {
    const onus_frame *frame;
    const onus_context *context;
    double history_days; /* INFINITY: all */
    double epoch_s;      /* day 0 of the times below */
    size_t *cell_starts; /* n_cells + 1 */
    double *time_days;   /* by cell, ascending, one entry an instant */
    double *count;
    size_t *from; /* entries of the cell that are within the history */
    size_t *until;
    exciting_rates rates;
    bool fitted;
} grid_state;

static void grid_close(void *state) {
    grid_state *s = state;
    if (s != NULL) {
        onus_free(s->cell_starts);
        onus_free(s->time_days);
        onus_free(s->count);
        onus_free(s->from);
        onus_free(s->until);
        onus_free(s->rates.mu_per_day);
        onus_free(s);
    }
}

/* Events by cell; events are sorted by time already, and stay so within a cell. Events of no count
 * are left out, those of one instant joined. */
static void sort_by_cell(grid_state *s) {
    const onus_frame_events *events = &s->frame->events;
    const size_t n_cells = s->frame->cells->n_cells;
    for (size_t e = 0; e < events->n_events; e++) {
        s->cell_starts[events->cell[e] + 1]++;
    }
    for (size_t n = 0; n < n_cells; n++) {
        s->cell_starts[n + 1] += s->cell_starts[n];
        s->from[n] = s->cell_starts[n]; /* where the next entry of the cell goes */
    }
    for (size_t e = 0; e < events->n_events; e++) {
        const size_t n = (size_t)events->cell[e];
        const double time = (events->unix_s[e] - s->epoch_s) / DAY_S;
        if (!(events->count[e] > 0.0)) {
            continue;
        }
        if (s->from[n] > s->cell_starts[n] && s->time_days[s->from[n] - 1] == time) {
            s->count[s->from[n] - 1] += events->count[e];
            continue;
        }
        s->time_days[s->from[n]] = time;
        s->count[s->from[n]] = events->count[e];
        s->from[n]++;
    }
    for (size_t n = 0; n < n_cells; n++) { /* rooms left over by joining are never reached */
        for (size_t k = s->from[n]; k < s->cell_starts[n + 1]; k++) {
            s->time_days[k] = INFINITY;
        }
        s->from[n] = s->until[n] = s->cell_starts[n];
    }
}

static onus_status grid_open(onus_baseline_kind kind, const onus_frame *frame,
                             const onus_baseline_opts *opts, const onus_context *context,
                             void **state, onus_error *err) {
    (void)kind;
    onus_status status = ONUS_OK;
    const size_t n_cells = frame->cells->n_cells;
    const size_t n_events = frame->events.n_events;
    grid_state *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    s->frame = frame;
    s->context = context;
    s->history_days = opts->history_s > 0.0 ? opts->history_s / DAY_S : INFINITY;
    s->epoch_s = n_events > 0 ? frame->events.unix_s[0] : 0.0;
    s->rates.theta = START_THETA;
    s->rates.omega_per_day = START_OMEGA;
    s->cell_starts = onus_alloc_n(n_cells + 1, sizeof *s->cell_starts);
    s->time_days = onus_alloc_n(n_events, sizeof *s->time_days);
    s->count = onus_alloc_n(n_events, sizeof *s->count);
    s->from = onus_alloc_n(n_cells, sizeof *s->from);
    s->until = onus_alloc_n(n_cells, sizeof *s->until);
    s->rates.mu_per_day = onus_alloc_n(n_cells, sizeof *s->rates.mu_per_day);
    if (s->cell_starts == NULL || s->time_days == NULL || s->count == NULL || s->from == NULL ||
        s->until == NULL || s->rates.mu_per_day == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    sort_by_cell(s);
    *state = s;
    s = NULL;
out:
    grid_close(s);
    return status;
}

/* Moves every cell's cursors; returns the number of entries within the history. */
static size_t advance(grid_state *s, double begin_days, double start_days, double span_days) {
    size_t n_entries = 0;
    for (size_t n = 0; n < s->frame->cells->n_cells; n++) {
        const size_t end = s->cell_starts[n + 1];
        size_t from = s->from[n];
        size_t until = s->until[n];
        while (until < end && s->time_days[until] < start_days) {
            until++;
        }
        while (from < until && s->time_days[from] < begin_days) {
            from++;
        }
        s->from[n] = from;
        s->until[n] = until;
        n_entries += until - from;
        if (until == from) {
            s->rates.mu_per_day[n] = 0.0; /* nothing recorded within the history */
        } else if (!(s->rates.mu_per_day[n] > 0.0)) {
            double count = 0.0;
            for (size_t k = from; k < until; k++) {
                count += s->count[k];
            }
            s->rates.mu_per_day[n] = fmax(1.0 - s->rates.theta, 0.01) * count / span_days;
        }
    }
    return n_entries;
}

static onus_status fit(grid_state *s, double begin_days, double start_days, double n_events,
                       onus_error *err) {
    const exciting_events events = {.n_cells = s->frame->cells->n_cells,
                                    .from = s->from,
                                    .until = s->until,
                                    .time_days = s->time_days,
                                    .count = s->count,
                                    .begin_days = begin_days,
                                    .end_days = start_days};
    const int most = s->fitted ? STEPS_NEXT : STEPS_FIRST;
    double before = -INFINITY;
    s->rates.theta = fmax(s->rates.theta, LEAST_THETA);
    for (int step = 0; step < most; step++) {
        if (onus_stopped(s->context)) {
            return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
        }
        const double objective = exciting_em_step(&events, &s->rates);
        if (objective - before < GAIN * n_events) {
            break;
        }
        before = objective;
    }
    s->fitted = true;
    return ONUS_OK;
}

static onus_status grid_score(void *state, size_t w, double *score_by_cell, onus_error *err) {
    grid_state *s = state;
    const onus_frame_window *window = &s->frame->windows[w];
    const size_t n_cells = s->frame->cells->n_cells;
    /* in the numbers that events are compared by: rounding may put an event of the last instant at
     * the start, and so out, but never one of the start before it */
    const double start_days = (window->from_s - s->epoch_s) / DAY_S;
    const double begin_days = fmax(start_days - s->history_days, 0.0);
    const double length_days = (window->until_s - window->from_s) / DAY_S;
    const double span_days = start_days - begin_days;
    const size_t n_entries = span_days > 0.0 ? advance(s, begin_days, start_days, span_days) : 0;
    if (n_entries > 0) {
        const onus_status status = fit(s, begin_days, start_days, (double)n_entries, err);
        if (status != ONUS_OK) {
            return status;
        }
    }
    const double omega = s->rates.omega_per_day;
    const double set_off = -s->rates.theta * expm1(-omega * length_days);
    for (size_t n = 0; n < n_cells; n++) {
        double a = 0.0;
        for (size_t k = s->from[n]; k < s->until[n]; k++) {
            const double next = k + 1 < s->until[n] ? s->time_days[k + 1] : start_days;
            a = (a + s->count[k]) * exp(-omega * (next - s->time_days[k]));
        }
        score_by_cell[n] = s->rates.mu_per_day[n] * length_days + set_off * a;
    }
    return ONUS_OK;
}

void self_exciting_grid_fitted(const void *state, double *theta, double *omega_per_day) {
    const grid_state *s = state;
    *theta = s->rates.theta;
    *omega_per_day = s->rates.omega_per_day;
}

const onus_baseline_methods self_exciting_grid = {grid_open, grid_score, grid_close};
