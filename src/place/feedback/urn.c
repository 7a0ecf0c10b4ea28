/* THE WALL. The urn of a case: a handful of areas, one patrol a draw (stats_urn.h).
 *
 * Simulated plain and repaired by rejection; in the open loop patrols are drawn by the starting
 * balls for ever, so that its attention is known without a run. Where the law of two areas is known
 * exactly it stands beside. The urn's areas are those that the
 * case lists with their rates (at most a dozen, which the case file's check sees to): a share of
 * attention by district in a textbook model, from numbers the case already gives, and no plan.
 * Called by feedback.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "feedback_trial.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

static const char *const LOOPS[] = {[FEEDBACK_CLOSED] = "closed", [FEEDBACK_OPEN] = "open"};

/* The exact law costs the square of its draws. */
enum { EXACT_DRAWS_MAX = 20000 };

/* ---- the model from the case ---- */

static onus_status set_up(place_trial *t, place_feedback *f) {
    const onus_urn_ref *ref = &t->c->feedback.urn;
    fb_urn *u = &f->urn;
    const size_t n = ref->rates.n;
    u->n_areas = n;
    u->names = place_keep(t, onus_alloc_n(n, sizeof *u->names));
    u->truth = place_doubles(t, n);
    u->start = place_doubles(t, n);
    u->open = place_doubles(t, n);
    u->increments = place_doubles(t, n * n);
    u->rejected = place_doubles(t, n * n);
    if (u->names == NULL || u->truth == NULL || u->start == NULL || u->open == NULL ||
        u->increments == NULL || u->rejected == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_sum all = {0};
    for (size_t i = 0; i < n; i++) {
        const double reported = ref->reported.n > 0 ? ref->reported.items[i] : 0.0;
        u->names[i] =
            ref->names.n > 0 ? ref->names.items[i] : onus_result_text(t->result, "area %zu", i + 1);
        u->start[i] = ref->start.n > 0 ? ref->start.items[i] : 1.0;
        u->truth[i] = ref->rates.items[i] + reported;
        onus_sum_add(&all, u->truth[i]);
        for (size_t j = 0; j < n && ref->matrix.n > 0; j++) {
            u->increments[i * n + j] = ref->matrix.items[i * n + j];
        }
        if (u->names[i] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    const double balls = onus_sum_of(u->start, n);
    for (size_t i = 0; i < n; i++) {
        u->truth[i] /= onus_sum_get(&all);
        u->open[i] = u->start[i] / balls;
    }
    if (ref->matrix.n == 0) {
        double *none = place_doubles(t, n);
        if (none == NULL) {
            return ONUS_ERR_NOMEM;
        }
        onus_urn_mix(ref->rates.items, ref->reported.n > 0 ? ref->reported.items : none, n,
                     u->increments, u->rejected);
    }
    const onus_urn_noise noise =
        ref->increments == ONUS_INCREMENTS_POISSON ? ONUS_URN_POISSON : ONUS_URN_FIXED;
    u->urn = (onus_urn)ONUS_URN_INIT;
    u->urn.n_areas = n;
    u->urn.start_balls = u->start;
    u->urn.increments = u->increments;
    u->urn.rejected = u->rejected;
    u->urn.noise = noise;
    u->urn.rejected_noise = noise;
    u->urn.attention = ONUS_URN_CLOSED;
    u->urn.repair = ONUS_URN_REPAIR_NONE;
    u->urn.decay_frac = ref->decay_frac;
    fb_horizons(&t->c->feedback, t->c->feedback.n_runs, ref->n_draws, u->draws, u->stated,
                &u->n_horizons);
    while (u->n_horizons > 0 && u->draws[u->n_horizons - 1] > ref->n_draws) {
        u->n_horizons--; /* horizons of the other models may lie past its last draw */
    }
    return ONUS_OK;
}

static bool can_be_repaired(const fb_urn *u) {
    for (size_t i = 0; i < u->n_areas; i++) {
        if (!(u->start[i] > 0.0)) {
            return false;
        }
    }
    return true;
}

static onus_status run(place_trial *t, fb_urn *u, bool repaired) {
    onus_status status = ONUS_OK;
    onus_urn_plan *plan = NULL;
    onus_urn urn = u->urn;
    urn.repair = repaired ? ONUS_URN_REPAIR_REJECT : ONUS_URN_REPAIR_NONE;
    const onus_urn_runs runs = {
        .seed = t->c->protocol.seed, .n_horizons = u->n_horizons, .horizon_draws = u->draws};
    ONUS_TRY(onus_urn_check(&urn, t->err));
    ONUS_TRY(onus_urn_plan_new(&urn, &runs, &plan, t->err));
    double *out = place_doubles(t, onus_urn_plan_width(plan) * t->c->feedback.n_runs);
    if (out == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    u->out[repaired ? 1 : 0] = out;
    u->n_simulations++;
    ONUS_TRY(onus_urn_simulate(plan, t->c->feedback.n_runs, t->context, out, t->err));
out:
    onus_urn_plan_free(plan);
    return status;
}

onus_status fb_urn_run(place_trial *t, place_feedback *f) {
    onus_status status = ONUS_OK;
    fb_urn *u = &f->urn;
    ONUS_TRY(set_up(t, f));
    const int n_kinds = t->c->feedback.repair && can_be_repaired(u) ? 2 : 1;
    for (int repaired = 0; repaired < n_kinds; repaired++) {
        ONUS_TRY(run(t, u, repaired != 0));
    }
out:
    return status;
}

/* ---- its measures ---- */

typedef struct writing {
    place_trial *t;
    const fb_urn *u;
    bool repaired;
    size_t horizon;
    double *values;
    double *scratch;
} writing;

/* Shares of attention in a run at the horizon. */
static const double *shares(const writing *w, feedback_loop loop, size_t run_index) {
    const size_t width = w->u->n_horizons * (w->u->n_areas + 1);
    return loop == FEEDBACK_OPEN ? w->u->open
                                 : w->u->out[w->repaired ? 1 : 0] + run_index * width +
                                       w->horizon * (w->u->n_areas + 1);
}

static double tv(const writing *w, feedback_loop loop, size_t run_index) {
    const double *share = shares(w, loop, run_index);
    double sum = 0.0;
    for (size_t i = 0; i < w->u->n_areas; i++) {
        sum += fabs(share[i] - w->u->truth[i]);
    }
    return 0.5 * sum;
}

static double most(const writing *w, feedback_loop loop, size_t run_index) {
    const double *share = shares(w, loop, run_index);
    double high = share[0];
    for (size_t i = 1; i < w->u->n_areas; i++) {
        high = fmax(high, share[i]);
    }
    return high;
}

static onus_measure start(const writing *w, const char *id) {
    const fb_scenario s = {.model = ONUS_FEEDBACK_URN,
                           .policy = "urn",
                           .discovery = (double)NAN,
                           .repaired = w->repaired};
    onus_measure m = place_draft_of(id);
    fb_scope(&s, (double)w->u->draws[w->horizon], &m);
    return m;
}

static onus_status finish(const writing *w, onus_measure *m, bool fixed) {
    fb_summary summary;
    fb_summarise(w->values, w->t->c->feedback.n_runs, w->t->c->protocol.level, w->scratch,
                 &summary);
    const onus_status status = fb_set(w->t, m, &summary, fixed, "undefined in every run");
    return status == ONUS_OK ? place_add(w->t, m, NULL) : status;
}

static onus_status add(const writing *w, const char *id,
                       double (*of)(const writing *, feedback_loop, size_t)) {
    onus_status status = ONUS_OK;
    for (int loop = 0; loop < FEEDBACK_N_LOOPS && status == ONUS_OK; loop++) {
        onus_measure m = start(w, id);
        onus_scope_set_text(&m.scope, "loop", LOOPS[loop]);
        for (size_t r = 0; r < w->t->c->feedback.n_runs; r++) {
            w->values[r] = of(w, (feedback_loop)loop, r);
        }
        status = finish(w, &m, loop == FEEDBACK_OPEN);
    }
    return status;
}

static onus_status add_amplification(const writing *w) {
    onus_measure m = start(w, "feedback.amplification");
    for (size_t r = 0; r < w->t->c->feedback.n_runs; r++) {
        w->values[r] = tv(w, FEEDBACK_CLOSED, r) - tv(w, FEEDBACK_OPEN, r);
    }
    return finish(w, &m, false);
}

static onus_status add_runaway(const writing *w) {
    onus_measure m = start(w, "feedback.runaway_share");
    const double bound = w->t->c->feedback.bound_frac;
    const size_t n = w->t->c->feedback.n_runs;
    double away = 0.0;
    for (size_t r = 0; r < n; r++) {
        away += most(w, FEEDBACK_CLOSED, r) - most(w, FEEDBACK_OPEN, r) > bound ? 1.0 : 0.0;
    }
    const onus_limits limits = onus_wilson(away, (double)n, w->t->c->protocol.level);
    onus_scope_set_number(&m.scope, "bound", bound);
    onus_draft_set_fraction(&m, away, (double)n, NULL);
    m.interval = (onus_interval){.given = true,
                                 .level = w->t->c->protocol.level,
                                 .low = limits.low,
                                 .high = limits.high,
                                 .method = "wilson"};
    return place_add(w->t, &m, NULL);
}

static onus_status add_shares(const writing *w) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < w->u->n_areas; i++) {
        for (int loop = 0; loop < FEEDBACK_N_LOOPS; loop++) {
            onus_measure m = start(w, "feedback.share");
            onus_scope_set_text(&m.scope, "area", w->u->names[i]);
            onus_scope_set_text(&m.scope, "loop", LOOPS[loop]);
            for (size_t r = 0; r < w->t->c->feedback.n_runs; r++) {
                w->values[r] = shares(w, (feedback_loop)loop, r)[i];
            }
            ONUS_TRY(finish(w, &m, loop == FEEDBACK_OPEN));
        }
        onus_measure m = start(w, "feedback.share");
        onus_scope_set_text(&m.scope, "area", w->u->names[i]);
        onus_scope_set_text(&m.scope, "loop", "truth");
        onus_draft_set_number(&m, onus_number_of(w->u->truth[i]));
        ONUS_TRY(place_add(w->t, &m, NULL));
    }
out:
    return status;
}

/* The law of the first of two areas, where it is known: no simulation stands behind it. */
static onus_status add_exact(const writing *w) {
    onus_status status = ONUS_OK;
    onus_urn_law law = {0};
    const uint64_t draws = w->u->draws[w->horizon];
    if (w->u->n_areas != 2 || w->u->urn.noise != ONUS_URN_FIXED || w->repaired ||
        w->u->urn.decay_frac > 0.0 || draws > EXACT_DRAWS_MAX) {
        return ONUS_OK;
    }
    const double level = w->t->c->protocol.level;
    onus_measure m = start(w, "feedback.share");
    onus_scope_set_text(&m.scope, "area", w->u->names[0]);
    onus_scope_set_text(&m.scope, "loop", "closed");
    onus_scope_set_text(&m.scope, "law", "exact");
    ONUS_TRY(onus_urn_law_new(&w->u->urn, draws, &law, w->t->err));
    onus_draft_set_number(&m, onus_number_of(onus_urn_law_mean(&law)));
    m.interval = (onus_interval){.given = true,
                                 .level = level,
                                 .low = onus_urn_law_quantile(&law, (1.0 - level) / 2.0),
                                 .high = onus_urn_law_quantile(&law, (1.0 + level) / 2.0),
                                 .method = "quantiles of the exact law"};
    ONUS_TRY(place_add(w->t, &m, NULL));
out:
    onus_urn_law_clear(&law);
    return status;
}

/* Of the area with the highest rate over the next. */
static onus_status add_doubling(place_trial *t, const fb_urn *u) {
    const onus_urn_ref *ref = &t->c->feedback.urn;
    onus_measure m = place_draft_of("feedback.doubling_days");
    double first = -INFINITY;
    double second = -INFINITY;
    for (size_t i = 0; i < u->n_areas; i++) {
        const double rate = ref->rates.items[i];
        second = rate > first ? first : fmax(second, rate);
        first = fmax(first, rate);
    }
    onus_scope_set_text(&m.scope, "model", "urn");
    onus_scope_set_text(&m.scope, "policy", "urn");
    onus_draft_set_number(
        &m, !(ref->decay_frac > 0.0)
                ? onus_number_none("without decay (feedback.urn.decay) odds double ever "
                                   "more slowly: there is no one time")
            : !(first > second)
                ? onus_number_none("the two highest rates are equal: neither area gains")
                : onus_urn_doubling_days(first, second, ref->decay_frac));
    return place_add(t, &m, NULL);
}

onus_status fb_urn_measures(place_trial *t, place_feedback *f) {
    onus_status status = ONUS_OK;
    const fb_urn *u = &f->urn;
    writing w = {.t = t, .u = u};
    w.values = onus_alloc_n(t->c->feedback.n_runs, sizeof *w.values);
    w.scratch = onus_alloc_n(t->c->feedback.n_runs, sizeof *w.scratch);
    if (w.values == NULL || w.scratch == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (int repaired = 0; repaired < 2 && u->out[repaired] != NULL; repaired++) {
        w.repaired = repaired != 0;
        for (w.horizon = 0; w.horizon < u->n_horizons; w.horizon++) {
            if (!u->stated[w.horizon]) {
                continue;
            }
            ONUS_TRY(add_amplification(&w));
            ONUS_TRY(add(&w, "feedback.concentration", most));
            ONUS_TRY(add(&w, "feedback.tv", tv));
            ONUS_TRY(add_runaway(&w));
            ONUS_TRY(add_shares(&w));
            ONUS_TRY(add_exact(&w));
        }
    }
    ONUS_TRY(add_doubling(t, u));
out:
    onus_free(w.values);
    onus_free(w.scratch);
    return status;
}
