/* The plain counts: areas, flags, and what fell where nobody lives.
 *
 * Every later figure is a part of these, so they come first and are never rounded, estimated or
 * withheld (they count areas and flags, not people).
 *
 * Called by trial.c. */
#include <math.h>
#include <string.h>

#include "onus/sum.h"
#include "place_internal.h"

static onus_status count(place_trial *t, const char *id, double value) {
    onus_measure m = place_draft_of(id);
    onus_draft_set_number(&m, onus_number_of(value));
    return place_add(t, &m, NULL);
}

static onus_status part(place_trial *t, const char *id, const char *universe, double value,
                        double of) {
    onus_measure m = place_draft_of(id);
    if (universe != NULL) {
        onus_scope_set_text(&m.scope, "universe", universe);
    }
    onus_draft_set_number(&m, onus_number_of(value));
    m.has_fraction = true;
    m.num = value;
    m.den = of;
    return place_add(t, &m, NULL);
}

static onus_status count_universe(place_trial *t, const onus_universe *universe) {
    size_t n_empty = 0;
    onus_sum on_people = {0};
    for (size_t i = 0; i < t->n; i++) {
        if (universe->total[i] > 0.0) {
            onus_sum_add(&on_people, t->flags.missing == NULL ? t->flags.by_area[i] : 0.0);
        } else {
            n_empty++;
        }
    }
    onus_status status =
        part(t, "burden.areas_without_people", universe->ref->name, (double)n_empty, (double)t->n);
    if (status == ONUS_OK && t->flags.missing == NULL) {
        status = part(t, "burden.flags_on_people", universe->ref->name, onus_sum_get(&on_people),
                      t->flags.total);
    }
    return status;
}

onus_status burden_counts(place_trial *t) {
    const place_flags *f = &t->flags;
    onus_status status = ONUS_OK;
    ONUS_TRY(count(t, "burden.areas", (double)t->n));
    if (f->missing == NULL) {
        ONUS_TRY(part(t, "burden.areas_unflagged", NULL, (double)f->n_unflagged, (double)t->n));
        ONUS_TRY(count(t, "burden.flags", f->total));
        ONUS_TRY(part(t, "burden.flags_outside", NULL, f->outside, f->total));
        ONUS_TRY(count(t, "burden.flags_most", f->most));
    }
    for (size_t u = 0; u < t->evidence->people.n_universes; u++) {
        ONUS_TRY(count_universe(t, &t->evidence->people.universes[u]));
    }
out:
    return status;
}
