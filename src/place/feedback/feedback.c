/* THE WALL. Does it feed itself? The trial's table of contents for the simulations that a case asks
 * for (`feedback:`).
 *
 *   world from the records -> scenarios, closed and open loop on the same luck -> urn
 *   -> measures -> loop gain of the product -> series; questions 9 and 10 are answered later, from
 * the measures
 *
 * One call per stage. Called by trial.c after the accuracy half, whose cells it shares. Never hands
 * on a number of one cell, and never runs ahead of the records: what is simulated is the period
 * that the case tries. */
#include "feedback_trial.h"
#include "onus/alloc.h"

onus_status place_feedback_try(place_trial *t) {
    onus_status status = ONUS_OK;
    if (!t->c->has_feedback) {
        return ONUS_OK;
    }
    place_feedback *f = place_keep(t, onus_alloc(sizeof *f));
    if (f == NULL) {
        return ONUS_ERR_NOMEM;
    }
    t->feedback = f;
    const bool *models = t->c->feedback.models;
    if (models[ONUS_FEEDBACK_GRID] || models[ONUS_FEEDBACK_LUM_ISAAC]) {
        ONUS_TRY(fb_world(t, f));
        if (f->missing == NULL) {
            ONUS_TRY(fb_scenarios(t, f));
            ONUS_TRY(fb_measures(t, f));
        }
    }
    if (models[ONUS_FEEDBACK_URN]) {
        ONUS_TRY(fb_urn_run(t, f));
        ONUS_TRY(fb_urn_measures(t, f));
    }
    ONUS_TRY(fb_gain(t));
    ONUS_TRY(fb_injection(t));
    ONUS_TRY(fb_series(t, f));
    t->result->n_simulations = f->n_scenarios + f->urn.n_simulations;
out:
    return status;
}
