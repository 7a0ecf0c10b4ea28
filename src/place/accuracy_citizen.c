/* What remains without the records that officers make where they are sent.
 *
 * A product that sends patrols to a place finds there what patrols find. So the trial is run anew
 * on the records that the public made (outcomes.source): only these are outcomes, and only these
 * are known to the methods of comparison. Hits, their chance, captures, ratios and gains of that
 * run stand beside the others with records: citizen in their scope. The product's predictions stay
 * as they are, whatever records they were made from.
 *
 * Called by accuracy.c. Never keeps the run. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"

/* Officer-made records among those that are scored or that methods learn from. */
static double n_by_officers(const accuracy *a) {
    const onus_frame_events *e = &a->slices[0].frame.events;
    double n = 0.0;
    for (size_t i = 0; i < e->n_events && e->by_officer != NULL; i++) {
        n += e->by_officer[i] != 0 ? e->count[i] : 0.0;
    }
    return n;
}

onus_status acc_citizen(place_trial *t, accuracy *base) {
    onus_status status = ONUS_OK;
    if (!(n_by_officers(base) > 0.0)) {
        return ONUS_OK;
    }
    accuracy *v = place_keep(t, onus_alloc(sizeof *v));
    if (v == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *v = *base;
    v->base = base;
    v->citizen_only = true;
    v->slices = NULL;
    v->n_slices = 0;
    memset(&v->account, 0, sizeof v->account);
    memset((void *)v->no_baseline, 0, sizeof v->no_baseline);
    base->citizen = v;
    ONUS_TRY(acc_events(t, v));
    ONUS_TRY(acc_run(t, v));
    for (size_t l = 0; l < v->n_levels; l++) {
        ONUS_TRY(acc_headlines(t, v, &v->slices[0], l));
    }
out:
    return status;
}
