/* Was it used, and does it only look good where it was used?
 *
 * A flag was patrolled if a visit lies inside its box or shape (edges inside) and overlaps its
 * [from, until); its minutes are those of all such visits, cut to the flag's time. Patrols change
 * what gets recorded, so hits are told apart by it, and bounds say what the hit rate would be
 * if a patrol had added or removed a share (patrols.delta) of the hits of patrolled flags; those of
 * captures stand in accuracy_bounds.c. For dated flags only: a
 * forecast of rates sends nobody anywhere. Called by accuracy.c after the windows were scored.
 * Never looks at who patrolled. */
#include <math.h>
#include <stdlib.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

enum { SECONDS_PER_MINUTE = 60 };

typedef struct visit {
    double from_s;
    double until_s;
    double x;
    double y;
} visit;

typedef struct tally {
    double n[2]; /* flags without and with a patrol */
    double hits[2];
    double minutes;
} tally;

static int by_start(const void *a, const void *b) {
    const visit *p = a;
    const visit *q = b;
    if (p->from_s != q->from_s) {
        return p->from_s < q->from_s ? -1 : 1;
    }
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

static onus_status sort_visits(const onus_patrols *patrols, visit **out, double *longest_s) {
    visit *visits = onus_alloc_n(patrols->n_visits, sizeof *visits);
    if (visits == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *longest_s = 0.0;
    for (size_t i = 0; i < patrols->n_visits; i++) {
        const double from = patrols->from_unix_s[i];
        const double until = patrols->until_unix_s != NULL ? patrols->until_unix_s[i] : NAN;
        visits[i] = (visit){.from_s = from,
                            .until_s = until > from ? until : from, /* a visit without an end */
                            .x = patrols->x_m[i],
                            .y = patrols->y_m[i]};
        *longest_s = fmax(*longest_s, visits[i].until_s - from);
    }
    qsort(visits, patrols->n_visits, sizeof *visits, by_start);
    *out = visits;
    return ONUS_OK;
}

static size_t first_from(const visit *visits, size_t n, double from_s) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (visits[middle].from_s < from_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool holds(const place_trial *t, size_t flag, double x, double y) {
    const onus_flags *f = &t->evidence->flags;
    const onus_predictions_ref *ask = &t->c->predictions;
    if (ask->form == ONUS_FORM_POLYGONS) {
        return place_polygon_holds(&f->shapes, flag, x, y);
    }
    return fabs(x - f->x_m[flag]) <= 0.5 * ask->width_m &&
           fabs(y - f->y_m[flag]) <= 0.5 * ask->height_m;
}

/* Did a visit reach the flag, and for how long? A visit without an end reaches it for no minutes.
 */
static bool reached(const place_trial *t, const visit *visits, size_t n, double longest_s,
                    size_t flag, double *minutes) {
    const onus_flags *f = &t->evidence->flags;
    const double from = f->from_unix_s[flag];
    const double until = f->until_unix_s[flag];
    bool any = false;
    for (size_t i = first_from(visits, n, from - longest_s); i < n && visits[i].from_s < until;
         i++) {
        if (visits[i].until_s < from || !holds(t, flag, visits[i].x, visits[i].y)) {
            continue;
        }
        any = true;
        *minutes += fmax(fmin(visits[i].until_s, until) - fmax(visits[i].from_s, from), 0.0) /
                    SECONDS_PER_MINUTE;
    }
    return any;
}

static onus_measure begin(const char *id, const acc_slice *slice) {
    onus_measure m = place_draft_of(id);
    if (slice->type != NULL) {
        onus_scope_set_text(&m.scope, "type", slice->type);
    }
    return m;
}

static onus_status add_slice(place_trial *t, const acc_slice *slice, const tally *k) {
    const double n = k->n[0] + k->n[1];
    const double level = t->c->protocol.level;
    onus_status status = ONUS_OK;
    onus_measure share = begin("place.patrolled", slice);
    onus_measure minutes = begin("place.patrol_minutes", slice);
    onus_draft_set_fraction(&share, k->n[1], n, "nothing was flagged");
    ONUS_TRY(place_add(t, &share, NULL));
    onus_draft_set_fraction(&minutes, k->minutes, n, "nothing was flagged");
    ONUS_TRY(place_add(t, &minutes, NULL));
    for (int with = 0; with < 2; with++) {
        onus_measure m = begin("place.hit_rate", slice);
        onus_scope_set_text(&m.scope, "patrolled", with != 0 ? "yes" : "no");
        onus_draft_set_fraction(&m, k->hits[with], k->n[with],
                                with != 0 ? "no flag was patrolled" : "every flag was patrolled");
        if (m.has_value) {
            const onus_limits limits = onus_wilson(m.num, m.den, level);
            m.interval = (onus_interval){.given = true,
                                         .level = level,
                                         .low = limits.low,
                                         .high = limits.high,
                                         .method = "wilson"};
        }
        ONUS_TRY(place_add(t, &m, NULL));
    }
    for (size_t d = 0; d < 2 * t->c->patrols.delta.n; d++) {
        const double delta = t->c->patrols.delta.items[d / 2];
        const double sign = d % 2 == 0 ? -1.0 : 1.0;
        onus_measure m = begin("place.hit_rate_bound", slice);
        onus_scope_set_text(&m.scope, "bound", sign < 0.0 ? "low" : "high");
        onus_scope_set_number(&m.scope, "delta", delta);
        onus_draft_set_fraction(&m, k->hits[0] + k->hits[1] * (1.0 + sign * delta), n,
                                "nothing was flagged");
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

/* Records inside a flag of any type that was visited in its time. */
onus_status acc_mark_visited(place_trial *t, const accuracy *a, int32_t *column, int32_t part) {
    const onus_patrols *patrols = &t->evidence->patrols;
    const onus_flags *f = &t->evidence->flags;
    const onus_frame *frame = &a->slices[0].frame;
    const onus_frame_events *e = &frame->events;
    visit *visits = NULL;
    double longest_s = 0.0;
    onus_status status = ONUS_OK;
    ONUS_TRY(sort_visits(patrols, &visits, &longest_s));
    for (size_t r = 0; r < f->n_flags; r++) {
        double minutes = 0.0;
        if (!reached(t, visits, patrols->n_visits, longest_s, r, &minutes)) {
            continue;
        }
        for (size_t i = onus_frame_first_at(frame, f->from_unix_s[r]);
             i < e->n_events && e->unix_s[i] < f->until_unix_s[r]; i++) {
            if (holds(t, r, e->x_m[i], e->y_m[i])) {
                column[e->record[i]] = part;
            }
        }
    }
out:
    onus_free(visits);
    return status;
}

onus_status acc_patrols(place_trial *t, const accuracy *a) {
    const onus_patrols *patrols = &t->evidence->patrols;
    const onus_flags *f = &t->evidence->flags;
    visit *visits = NULL;
    tally *tallies = NULL;
    double longest_s = 0.0;
    onus_status status = ONUS_OK;
    if (patrols->from_unix_s == NULL) {
        return ONUS_OK;
    }
    if (a->by_cells) {
        return onus_result_warn(t->result, "patrols_of_cells",
                                "a forecast of rates names no place to be visited before a budget "
                                "is set, so patrols serve only to say which records come from "
                                "visited cells (place.capture_ratio_bound)");
    }
    tallies = onus_alloc_n(a->n_slices, sizeof *tallies);
    if (tallies == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(sort_visits(patrols, &visits, &longest_s));
    for (size_t r = 0; r < f->n_flags; r++) {
        double minutes = 0.0;
        const bool with = reached(t, visits, patrols->n_visits, longest_s, r, &minutes);
        for (size_t s = 0; s < a->n_slices; s++) {
            if (s == 0 || f->type[r] == (uint32_t)a->slices[s].flag_type) {
                tallies[s].n[with] += 1.0;
                tallies[s].hits[with] += a->flag_hit[r];
                tallies[s].minutes += minutes;
            }
        }
    }
    for (size_t s = 0; s < a->n_slices; s++) {
        ONUS_TRY(add_slice(t, &a->slices[s], &tallies[s]));
    }
out:
    onus_free(visits);
    onus_free(tallies);
    return status;
}
