/* THE WALL. Question 10 (does it feed on its own patrols?) and the half of question 9 that asks
 * what changes if reporting differs, from the simulations' measures.
 *
 * The simulation that speaks is the plain one (not repaired) with the greatest amplification at the
 * last horizon: a council should hear the worst of what the case asked for, and the others stand
 * beside it in the results. Every sentence says that it is a simulation. Called by questions.c.
 * Never names a cell. */
#include <math.h>

#include "feedback_trial.h"
#include "onus/text.h"

typedef struct telling {
    place_trial *t;
    const place_feedback *f;
    onus_text *text;
    onus_array *measures;
    double days; /* the last horizon */
    onus_status status;
} telling;

static const onus_measure *found(telling *w, const fb_scenario *s, const char *id, const char *loop,
                                 const place_group *group) {
    const size_t at = fb_find(w->t, s, id, w->days, loop, group);
    if (at == SIZE_MAX || !place_drafted(w->t, at)->has_value) {
        return NULL;
    }
    if (w->status == ONUS_OK) {
        w->status = onus_array_push(w->measures, &at);
    }
    return place_drafted(w->t, at);
}

static double last_stated(const place_feedback *f) {
    double days = NAN;
    for (size_t h = 0; h < f->plan.n_horizons; h++) {
        days = f->stated[h] ? (double)f->plan.horizon_days[h] : days;
    }
    return days;
}

static double value_of(const telling *w, const fb_scenario *s, const char *id) {
    const size_t at = fb_find(w->t, s, id, w->days, NULL, NULL);
    return at != SIZE_MAX && place_drafted(w->t, at)->has_value ? place_drafted(w->t, at)->value
                                                                : (double)NAN;
}

/* With something to discover, not repaired; reporting as the case says. */
static const fb_scenario *worst(const telling *w) {
    const fb_scenario *best = NULL;
    double most = -INFINITY;
    for (size_t k = 0; k < w->f->n_scenarios; k++) {
        const fb_scenario *s = &w->f->scenarios[k];
        const double value = value_of(w, s, "feedback.amplification");
        const bool plain = !s->repaired && s->discovery > 0.0 && s != best &&
                           (s->reporting == NULL || s->reporting[0] == 'b');
        if (plain && value > most) {
            most = value;
            best = s;
        }
    }
    return best;
}

static const char *policy_in_words(const fb_scenario *s) {
    if (s->model == ONUS_FEEDBACK_LUM_ISAAC) {
        return "the published self-exciting algorithm";
    }
    return s->how.rule == FEEDBACK_TOP ? "patrols go to the cells of highest score"
                                       : "patrols go in proportion to the score";
}

static void tell_setting(telling *w, const fb_scenario *s) {
    if (s->model == ONUS_FEEDBACK_LUM_ISAAC) {
        onus_text_addf(w->text,
                       "Simulated on these records for %.0f days, %zu times (%s, %u cells flagged "
                       "a day, %.4g %% more recorded where it flags): ",
                       w->days, w->f->plan.n_runs, policy_in_words(s),
                       (unsigned)w->t->c->feedback.n_patrols, 100.0 * s->discovery);
        return;
    }
    onus_text_addf(w->text,
                   "Simulated on these records for %.0f days, %zu times (%s by %s, %u a day, %.4g "
                   "incidents recorded per incident and visit): ",
                   w->days, w->f->plan.n_runs, policy_in_words(s),
                   feedback_score_name(s->how.score), (unsigned)w->t->c->feedback.n_patrols,
                   s->discovery);
}

static const char *grade_of(const onus_measure *m) {
    return m->interval.given && !m->interval.weak &&
                   (m->interval.low > 0.0 || !(m->interval.high > 0.0))
               ? "answered"
               : "not shown";
}

static void tell_drift(telling *w, const fb_scenario *s, const onus_measure *more) {
    const onus_measure *closed = found(w, s, "feedback.tv", "closed", NULL);
    const onus_measure *open = found(w, s, "feedback.tv", "open", NULL);
    const bool sure = more->interval.given && !more->interval.weak;
    onus_text_add(w->text, sure && more->interval.low > 0.0 ? "it does. "
                           : sure && !(more->interval.high > 0.0)
                               ? "it does not drift further from the truth by what it finds. "
                           : more->interval.given && more->interval.low > 0.0
                               ? "it does in every run, of which there are too few for a verdict. "
                               : "no drift beyond chance is shown. ");
    if (closed == NULL || open == NULL) {
        return;
    }
    onus_text_addf(
        w->text,
        "%.0f of 100 patrols are not where incidents happen; with what patrols find kept "
        "out of the record it would be %.0f. Feeding back adds %+.1f of 100",
        100.0 * closed->value, 100.0 * open->value, 100.0 * more->value);
    if (more->interval.given) {
        if (more->interval.weak) {
            onus_text_addf(w->text, " (all runs between %+.1f and %+.1f)",
                           100.0 * more->interval.low, 100.0 * more->interval.high);
        } else {
            onus_text_addf(w->text, " (%.4g of 100 runs between %+.1f and %+.1f)",
                           100.0 * more->interval.level, 100.0 * more->interval.low,
                           100.0 * more->interval.high);
        }
    }
    onus_text_add(w->text, ". ");
}

static void tell_cells(telling *w, const fb_scenario *s) {
    const onus_measure *ever = found(w, s, "feedback.cells_ever", "closed", NULL);
    const onus_measure *ever_open = found(w, s, "feedback.cells_ever", "open", NULL);
    const onus_measure *always = found(w, s, "feedback.cells_always", "closed", NULL);
    const onus_measure *always_open = found(w, s, "feedback.cells_always", "open", NULL);
    const onus_measure *away = found(w, s, "feedback.runaway_share", NULL, NULL);
    if (ever != NULL && ever_open != NULL && always != NULL && always_open != NULL) {
        onus_text_addf(w->text,
                       "%.4g of %zu cells ever see a patrol (%.4g without feeding back), %.4g see "
                       "one on every day (%.4g). ",
                       ever->value, w->f->world.n_cells, ever_open->value, always->value,
                       always_open->value);
    }
    if (away != NULL) {
        onus_text_addf(
            w->text, "%.0f of %.0f runs concentrate their patrols by more than %.4g points more. ",
            away->num, away->den, 100.0 * w->t->c->feedback.bound_frac);
    }
}

static void tell_groups(telling *w, const fb_scenario *s) {
    const onus_measure *most = NULL;
    const place_group *group = NULL;
    for (size_t g = 0; g < w->f->world.n_groups; g++) {
        const onus_measure *m = found(w, s, "feedback.amplification", NULL, w->f->groups[g]);
        if (m != NULL && (most == NULL || m->value > most->value)) {
            most = m;
            group = w->f->groups[g];
        }
    }
    if (group == NULL) {
        onus_text_add(w->text, "Who gains and who loses cannot be said: the case does not say who "
                               "lives in the cells (areas, people). ");
        return;
    }
    if (!(most->value > 0.0)) {
        onus_text_add(w->text, "No group given gains patrols by it. ");
        return;
    }
    onus_text_addf(
        w->text, "Of the groups given it brings most to %s: %+.1f %% patrols where a member lives",
        group->name, 100.0 * most->value);
    if (most->interval.given) {
        onus_text_addf(w->text, " (%+.1f to %+.1f)", 100.0 * most->interval.low,
                       100.0 * most->interval.high);
    }
    onus_text_add(w->text, ". ");
}

static void tell_repair(telling *w, const fb_scenario *s) {
    for (size_t k = 0; k < w->f->n_scenarios; k++) {
        const fb_scenario *r = &w->f->scenarios[k];
        if (r->repaired && r->how.score == s->how.score && r->how.rule == s->how.rule &&
            r->reporting == s->reporting && !(r->discovery < s->discovery) &&
            !(r->discovery > s->discovery) && r->model == s->model) {
            const onus_measure *m = found(w, r, "feedback.amplification", NULL, NULL);
            if (m != NULL) {
                onus_text_addf(w->text,
                               "If finds counted the less the likelier the visit was (repair), "
                               "feeding back would add %+.1f of 100. ",
                               100.0 * m->value);
            }
            return;
        }
    }
}

/* The urn alone: two or more districts in a textbook model. */
static const char *tell_urn(telling *w) {
    const fb_urn *u = &w->f->urn;
    const fb_scenario s = {.model = ONUS_FEEDBACK_URN, .policy = "urn", .discovery = (double)NAN};
    for (size_t h = 0; h < u->n_horizons; h++) {
        w->days = u->stated[h] ? (double)u->draws[h] : w->days;
    }
    const onus_measure *more = found(w, &s, "feedback.amplification", NULL, NULL);
    const onus_measure *closed = found(w, &s, "feedback.tv", "closed", NULL);
    const onus_measure *open = found(w, &s, "feedback.tv", "open", NULL);
    if (more == NULL || closed == NULL || open == NULL) {
        return "not testable";
    }
    onus_text_addf(w->text,
                   "In an urn of %zu areas, after %.0f patrolled days, attention lies %.1f of 100 "
                   "away from where incidents happen; %.1f if it stayed where it began "
                   "(difference %+.1f",
                   u->n_areas, w->days, 100.0 * closed->value, 100.0 * open->value,
                   100.0 * more->value);
    if (more->interval.given) {
        onus_text_addf(w->text, "; %.4g of 100 runs between %+.1f and %+.1f",
                       100.0 * more->interval.level, 100.0 * more->interval.low,
                       100.0 * more->interval.high);
    }
    onus_text_add(w->text, "). ");
    return grade_of(more);
}

onus_status place_feedback_answer(place_trial *t, onus_text *text, onus_array *measures,
                                  const char **grade) {
    const place_feedback *f = t->feedback;
    *grade = "not testable";
    if (f == NULL) {
        onus_text_add(
            text, "Not testable: the case asks for no simulation of patrols that follow what is "
                  "predicted (feedback), which takes recorded outcomes with times and a grid.");
        return ONUS_OK;
    }
    telling w = {.t = t, .f = f, .text = text, .measures = measures, .days = last_stated(f)};
    const fb_scenario *s = worst(&w);
    const onus_measure *more =
        s != NULL ? found(&w, s, "feedback.amplification", NULL, NULL) : NULL;
    if (more != NULL) {
        *grade = grade_of(more);
        tell_setting(&w, s);
        tell_drift(&w, s, more);
        tell_cells(&w, s);
        tell_groups(&w, s);
        tell_repair(&w, s);
    } else if (f->urn.n_areas > 0) {
        *grade = tell_urn(&w);
    } else {
        onus_text_addf(text, "Not testable: %s. ",
                       f->missing != NULL   ? f->missing
                       : f->n_scenarios > 0 ? "nothing is discovered in any simulation asked for "
                                              "(feedback.discovery)"
                                            : "no simulation could be run");
    }
    onus_text_add(text,
                  "This is what the model does, not what was observed: whether patrols follow "
                  "the flags, and what they find, the case does not show.");
    return w.status != ONUS_OK ? w.status : fb_injection_answer(t, text, measures, grade);
}

onus_status place_feedback_reporting(place_trial *t, onus_text *text, onus_array *measures,
                                     bool *told) {
    const place_feedback *f = t->feedback;
    *told = false;
    if (f == NULL || f->reported_equal == NULL) {
        return ONUS_OK;
    }
    telling w = {.t = t, .f = f, .text = text, .measures = measures, .days = last_stated(f)};
    const fb_scenario *differs = worst(&w);
    const fb_scenario *equal = NULL;
    for (size_t k = 0; k < f->n_scenarios && equal == NULL; k++) {
        const fb_scenario *s = &f->scenarios[k];
        if (differs == NULL && s->reporting != NULL && s->reporting[0] == 'b' && !s->repaired) {
            differs = s; /* nothing is discovered: reporting alone */
        }
        /* listed right behind its twin */
        if (differs != NULL && s > differs && s->reporting != NULL && s->reporting[0] == 'e' &&
            !s->repaired) {
            equal = s;
        }
    }
    if (differs == NULL || equal == NULL) {
        return ONUS_OK;
    }
    const onus_measure *by_area = found(&w, differs, "feedback.tv", "closed", NULL);
    const onus_measure *alike = found(&w, equal, "feedback.tv", "closed", NULL);
    if (by_area == NULL || alike == NULL) {
        return w.status;
    }
    *told = true;
    onus_text_addf(
        text,
        "If %.4g to %.4g %% of incidents are reported, as the case says by area, %.0f of "
        "100 simulated patrols are not where incidents happen after %.0f days; %.0f if "
        "the same number were reported everywhere alike",
        100.0 * f->reported_low, 100.0 * f->reported_high, 100.0 * by_area->value, w.days,
        100.0 * alike->value);
    const place_group *group = NULL;
    double most = 0.0;
    for (size_t g = 0; g < f->world.n_groups; g++) {
        const onus_measure *a = found(&w, differs, "feedback.load", "closed", f->groups[g]);
        const onus_measure *b = found(&w, equal, "feedback.load", "closed", f->groups[g]);
        const double change =
            a != NULL && b != NULL && b->value > 0.0 ? a->value / b->value - 1.0 : 0.0;
        if (fabs(change) > fabs(most)) {
            most = change;
            group = f->groups[g];
        }
    }
    if (group != NULL) {
        onus_text_addf(text, ". The load of %s changes most: %+.1f %% patrols where a member lives",
                       group->name, 100.0 * most);
    }
    onus_text_add(text, ". ");
    return w.status;
}
