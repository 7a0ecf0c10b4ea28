/* The self-exciting process whose events excite what is near them (Mohler et al. 2011), as a
 * baseline. exciting_sample.c fits it; here it is asked what a window can expect:
 *
 *   mu(cell) area L + sum over events of the last EXCITING_DAYS of
 *                     theta x share of delays that fall into the window x share of distances
 *
 * An event's share over distances is spread over the cells whose middles are within reach, by the
 * area they have there, and adds up to one; where no middle is within reach it stays in its cell.
 *
 * Fitted at the first window that has history and then every REFIT_DAYS, each fit starting from the
 * last; between fits new events excite at once and join the background with the next. Called by
 * self_exciting.c. Never uses an event at or after the window's start. */
#include <math.h>
#include <string.h>

#include "buckets.h"
#include "exciting_sample.h"
#include "onus/alloc.h"
#include "self_exciting_internal.h"

#define DAY_S 86400.0
#define START_THETA 0.3
#define LEAST_THETA 0.05 /* where any fit begins: none comes back from 0 */
#define START_DELAY_DAYS 10.0
#define START_DISTANCE_M 100.0
enum { REFIT_DAYS = 28, STOP_EVERY = 256 };

typedef struct kernel_state {
    const onus_frame *frame;
    const onus_context *context;
    double history_s; /* INFINITY: all */
    size_t low;       /* first event of the history */
    size_t recent;    /* first that still excites */
    size_t high;
    buckets centres;
    exciting_trigger trigger;
    double *ground_per_day;
    bool fitted;
    double fitted_s; /* start of the window of the last fit */
} kernel_state;

static void kernel_close(void *state) {
    kernel_state *s = state;
    if (s != NULL) {
        buckets_clear(&s->centres);
        onus_free(s->ground_per_day);
        onus_free(s);
    }
}

static void start_trigger(exciting_trigger *trigger) {
    double days = 0.0;
    double rings = 0.0;
    trigger->theta = START_THETA;
    for (size_t k = 0; k < EXCITING_DAYS; k++) {
        trigger->by_day[k] = exp(-(double)k / START_DELAY_DAYS);
        days += trigger->by_day[k];
    }
    for (size_t k = 0; k < EXCITING_RINGS; k++) {
        const double z = EXCITING_RING_M * ((double)k + 0.5) / START_DISTANCE_M;
        trigger->by_ring[k] = exp(-0.5 * z * z) * exciting_ring_m2(k);
        rings += trigger->by_ring[k];
    }
    for (size_t k = 0; k < EXCITING_DAYS; k++) {
        trigger->by_day[k] /= days;
    }
    for (size_t k = 0; k < EXCITING_RINGS; k++) {
        trigger->by_ring[k] /= rings;
    }
}

static onus_status kernel_open(onus_baseline_kind kind, const onus_frame *frame,
                               const onus_baseline_opts *opts, const onus_context *context,
                               void **state, onus_error *err) {
    (void)kind;
    onus_status status = ONUS_OK;
    const onus_frame_cells *cells = frame->cells;
    kernel_state *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    s->frame = frame;
    s->context = context;
    s->history_s = opts->history_s > 0.0 ? opts->history_s : INFINITY;
    start_trigger(&s->trigger);
    s->ground_per_day = onus_alloc_n(cells->n_cells, sizeof *s->ground_per_day);
    if (s->ground_per_day == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(
        buckets_make(cells->x_m, cells->y_m, cells->n_cells, EXCITING_REACH_M, &s->centres, err));
    *state = s;
    s = NULL;
out:
    kernel_close(s);
    return status;
}

/* Share of delays below so many days. */
static double delays_below(const exciting_trigger *trigger, double days) {
    double sum = 0.0;
    for (size_t k = 0; k < EXCITING_DAYS && (double)k < days; k++) {
        sum += trigger->by_day[k] * fmin(days - (double)k, 1.0);
    }
    return sum;
}

/* Density of event e's offspring at cells within reach; add NULL: their mass, which is returned. */
static double lay_offspring(const kernel_state *s, const double *density, size_t e, double amount,
                            double *add) {
    const onus_frame_cells *cells = s->frame->cells;
    const buckets *b = &s->centres;
    const double x_m = s->frame->events.x_m[e];
    const double y_m = s->frame->events.y_m[e];
    double mass = 0.0;
    size_t from = 0;
    size_t until = 0;
    for (buckets_walk walk = buckets_around(b, x_m, y_m, EXCITING_REACH_M);
         buckets_row(b, &walk, &from, &until) != 0;) {
        for (size_t k = from; k < until; k++) {
            const double dx = b->x_m[k] - x_m;
            const double dy = b->y_m[k] - y_m;
            const double square = dx * dx + dy * dy;
            if (square < EXCITING_REACH_M * EXCITING_REACH_M) {
                const size_t ring = (size_t)(sqrt(square) / EXCITING_RING_M);
                const int32_t c = b->index[k];
                const double here =
                    density[ring < EXCITING_RINGS ? ring : EXCITING_RINGS - 1] * cells->area_m2[c];
                mass += here;
                if (add != NULL) {
                    add[c] += amount * here;
                }
            }
        }
    }
    return mass;
}

static onus_status kernel_score(void *state, size_t w, double *score_by_cell, onus_error *err) {
    onus_status status = ONUS_OK;
    kernel_state *s = state;
    const onus_frame_window *window = &s->frame->windows[w];
    const onus_frame_cells *cells = s->frame->cells;
    const onus_frame_events *events = &s->frame->events;
    const double start_s = window->from_s;
    const double length_days = (window->until_s - start_s) / DAY_S;
    while (s->high < events->n_events && events->unix_s[s->high] < start_s) {
        s->high++;
    }
    while (s->low < s->high && events->unix_s[s->low] < start_s - s->history_s) {
        s->low++;
    }
    s->recent = s->recent > s->low ? s->recent : s->low;
    while (s->recent < s->high && events->unix_s[s->recent] <= start_s - EXCITING_DAYS * DAY_S) {
        s->recent++;
    }
    if (s->low == s->high) { /* nothing recorded within the history */
        memset(score_by_cell, 0, cells->n_cells * sizeof *score_by_cell);
        return ONUS_OK;
    }
    if (!s->fitted || start_s - s->fitted_s >= REFIT_DAYS * DAY_S) {
        s->trigger.theta = fmax(s->trigger.theta, LEAST_THETA);
        ONUS_TRY(exciting_fit(s->frame, &s->centres, s->low, s->high, start_s, s->context,
                              &s->trigger, s->ground_per_day, err));
        s->fitted = true;
        s->fitted_s = start_s;
    }
    double density[EXCITING_RINGS];
    for (size_t k = 0; k < EXCITING_RINGS; k++) {
        density[k] = s->trigger.by_ring[k] / exciting_ring_m2(k);
    }
    for (size_t c = 0; c < cells->n_cells; c++) {
        score_by_cell[c] = s->ground_per_day[c] * cells->area_m2[c] * length_days;
    }
    for (size_t e = s->recent; e < s->high; e++) {
        if ((e - s->recent) % STOP_EVERY == 0 && onus_stopped(s->context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        const double age_days = (start_s - events->unix_s[e]) / DAY_S;
        const double amount = events->count[e] * s->trigger.theta *
                              (delays_below(&s->trigger, age_days + length_days) -
                               delays_below(&s->trigger, age_days));
        const double mass = lay_offspring(s, density, e, 0.0, NULL);
        if (mass > 0.0) {
            (void)lay_offspring(s, density, e, amount / mass, score_by_cell);
        } else {
            score_by_cell[events->cell[e]] += amount;
        }
    }
out:
    return status;
}

void self_exciting_kernel_fitted(const void *state, double *theta, double *delay_days,
                                 double *distance_m) {
    const kernel_state *s = state;
    *theta = s->trigger.theta;
    *delay_days = *distance_m = 0.0;
    for (size_t k = 0; k < EXCITING_DAYS; k++) {
        *delay_days += s->trigger.by_day[k] * ((double)k + 0.5);
    }
    for (size_t k = 0; k < EXCITING_RINGS; k++) {
        *distance_m += s->trigger.by_ring[k] * EXCITING_RING_M * ((double)k + 0.5);
    }
}

const onus_baseline_methods self_exciting_kernel = {kernel_open, kernel_score, kernel_close};
