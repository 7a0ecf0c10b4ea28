/* The premise that such products rest on: where something happened, does more happen soon?
 *
 * Knox's test on the recorded outcomes of the period, for places within one, two and four cells and
 * times within a week and two (half-open bands). It says something about the records, not about the
 * product: near repeats may be there and the product miss them. Takes outcomes with places of their
 * own. Called by accuracy.c. Never names a place. */
#include <math.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"
#include "onus/stats_knox.h"

enum { N_SPACE = 3, N_DAYS = 2, N_PERMUTATIONS = 999 };

static onus_status add(place_trial *t, double space_m, int32_t days, const onus_knox_cell *cell,
                       const char *why) {
    onus_measure m = place_draft_of("place.near_repeat");
    onus_scope_set_number(&m.scope, "space", space_m);
    onus_scope_set_number(&m.scope, "time", days);
    if (why != NULL) {
        onus_draft_set_number(&m, onus_number_none(why));
        return place_add(t, &m, NULL);
    }
    onus_draft_set_fraction(&m, (double)cell->observed, cell->expected, "no pair is expected");
    if (m.has_value && isfinite(cell->p_value)) {
        m.has_p = true;
        m.p_value = cell->p_value;
    }
    return place_add(t, &m, NULL);
}

onus_status acc_premise(place_trial *t, const accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const double side = a->cells.side_m > 0.0 ? a->cells.side_m
                                              : sqrt(a->cells.region_m2 / (double)a->cells.n_cells);
    const double space_m[N_SPACE] = {side, 2.0 * side, 4.0 * side};
    static const int32_t DAYS[N_DAYS] = {7, 14};
    onus_knox_cell table[(N_SPACE + 1) * (N_DAYS + 1)];
    onus_status status = ONUS_OK;
    const char *why = NULL;
    if (o->x_m == NULL) {
        why = "the outcomes are counts by cell and have no places of their own";
    } else {
        onus_error err = ONUS_ERROR_INIT;
        double *x = onus_alloc_n(o->n_outcomes, sizeof *x);
        double *y = onus_alloc_n(o->n_outcomes, sizeof *y);
        int32_t *day = onus_alloc_n(o->n_outcomes, sizeof *day);
        size_t n = 0;
        for (size_t i = 0; x != NULL && y != NULL && day != NULL && i < o->n_outcomes; i++) {
            const bool counts = o->type == NULL || a->matched[o->type[i]] != 0;
            if (a->event_cell[i] >= 0 && a->event_window[i] >= 0 && counts) {
                x[n] = o->x_m[i];
                y[n] = o->y_m[i];
                day[n++] = o->day[i];
            }
        }
        const onus_knox_opts opts = {.space_m = space_m,
                                     .n_space = N_SPACE,
                                     .days = DAYS,
                                     .n_days = N_DAYS,
                                     .n_permutations = N_PERMUTATIONS,
                                     .seed = t->c->protocol.seed};
        status = x == NULL || y == NULL || day == NULL
                     ? ONUS_ERR_NOMEM
                     : onus_knox(x, y, day, n, &opts, t->context, table, &err);
        onus_free(x);
        onus_free(y);
        onus_free(day);
        if (status == ONUS_ERR_TOO_FEW || status == ONUS_ERR_LIMIT || status == ONUS_ERR_DOMAIN) {
            why = status == ONUS_ERR_TOO_FEW ? "fewer than two outcomes"
                  : status == ONUS_ERR_LIMIT ? "too many pairs of outcomes are near each other"
                                             : "the outcomes span too many days";
            status = ONUS_OK;
        }
    }
    for (size_t s = 0; s < N_SPACE && status == ONUS_OK; s++) {
        for (size_t d = 0; d < N_DAYS && status == ONUS_OK; d++) {
            status = add(t, space_m[s], DAYS[d], &table[s * (N_DAYS + 1) + d], why);
        }
    }
    return status;
}
