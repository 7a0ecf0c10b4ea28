/* THE WALL. From runs of the models over cells to the measures `feedback.*`.
 *
 * Every figure comes for the closed loop, for the open loop, and as closed minus open run by run
 * (feedback.amplification), which is the only one of the three that says what feeding back does.
 * Called by feedback.c. Never gives a figure of one cell. */
#include <math.h>

#include "feedback_trial.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

typedef struct writing {
    place_trial *t;
    const place_feedback *f;
    const fb_scenario *s;
    size_t horizon;
    double *values; /* n_runs */
    double *scratch;
} writing;

static const char *const LOOPS[] = {[FEEDBACK_CLOSED] = "closed", [FEEDBACK_OPEN] = "open"};

static onus_measure start(const writing *w, const char *id, int loop, const place_group *group) {
    onus_measure m = place_draft_of(id);
    fb_scope(w->s, (double)w->f->plan.horizon_days[w->horizon], &m);
    if (loop < FEEDBACK_N_LOOPS) {
        onus_scope_set_text(&m.scope, "loop", LOOPS[loop]);
    }
    if (group != NULL) {
        place_scope_group(&m, group);
    }
    return m;
}

static const char *why_undefined(size_t field) {
    switch (field) {
    case FEEDBACK_TURNOVER:
        return "turnover takes two days";
    case FEEDBACK_CONCENTRATION:
    case FEEDBACK_TV:
        return "no patrol was sent in any run";
    default:
        return "no patrol is sent where the group lives without feeding back, so nothing can be "
               "said "
               "of what that adds";
    }
}

/* One measure of one loop, or of the difference of both. */
static onus_status add(const writing *w, const char *id, int loop, size_t field,
                       const place_group *group) {
    onus_measure m = start(w, id, loop, group);
    fb_summary summary;
    fb_runs(w->f, w->s, w->horizon, loop, field, w->values);
    fb_summarise(w->values, w->f->plan.n_runs, w->t->c->protocol.level, w->scratch, &summary);
    const onus_status status =
        fb_set(w->t, &m, &summary, fb_is_fixed(w->s, loop, field), why_undefined(field));
    return status == ONUS_OK ? place_add(w->t, &m, NULL) : status;
}

static onus_status add_runaway(const writing *w) {
    onus_measure m = start(w, "feedback.runaway_share", FEEDBACK_N_LOOPS, NULL);
    const double bound = w->t->c->feedback.bound_frac;
    fb_runs(w->f, w->s, w->horizon, FEEDBACK_N_LOOPS, FEEDBACK_CONCENTRATION, w->values);
    double n = 0.0;
    double away = 0.0;
    for (size_t r = 0; r < w->f->plan.n_runs; r++) {
        n += isnan(w->values[r]) ? 0.0 : 1.0;
        away += w->values[r] > bound ? 1.0 : 0.0;
    }
    onus_scope_set_number(&m.scope, "bound", bound);
    onus_draft_set_fraction(&m, away, n, "no patrol was sent in any run");
    if (m.has_value) {
        const double level = w->t->c->protocol.level;
        const onus_limits limits = onus_wilson(away, n, level);
        m.interval = (onus_interval){.given = true,
                                     .level = level,
                                     .low = limits.low,
                                     .high = limits.high,
                                     .method = "wilson"};
    }
    return place_add(w->t, &m, NULL);
}

/* What the truth itself would give, to hold both loops against. */
static onus_status add_truth(const writing *w) {
    onus_measure m = start(w, "feedback.concentration", FEEDBACK_N_LOOPS, NULL);
    onus_scope_set_text(&m.scope, "loop", "truth");
    onus_draft_set_number(&m, onus_number_of(w->f->truth_top));
    return place_add(w->t, &m, NULL);
}

static onus_status add_groups(const writing *w) {
    onus_status status = ONUS_OK;
    for (size_t g = 0; g < w->f->world.n_groups; g++) {
        const size_t field = FEEDBACK_N_FIELDS + g;
        const place_group *group = w->f->groups[g];
        ONUS_TRY(add(w, "feedback.amplification", FEEDBACK_N_LOOPS, field, group));
        ONUS_TRY(add(w, "feedback.load", FEEDBACK_CLOSED, field, group));
        ONUS_TRY(add(w, "feedback.load", FEEDBACK_OPEN, field, group));
    }
out:
    return status;
}

/* Of the algorithm alone, and of the whole run: how much of all that it expects lies where it sends
 * patrols, as the run begins and as it ends. */
static onus_status add_rate_shares(const writing *w) {
    static const struct {
        const char *part;
        lum_isaac_field field;
    } PARTS[] = {{"first30", LUM_ISAAC_RATE_SHARE_FIRST}, {"last30", LUM_ISAAC_RATE_SHARE_LAST}};
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < sizeof PARTS / sizeof *PARTS; k++) {
        for (int loop = 0; loop < FEEDBACK_N_LOOPS; loop++) {
            const size_t slot =
                lum_isaac_slot(&w->f->world, &w->f->plan, (feedback_loop)loop, PARTS[k].field);
            onus_measure m = start(w, "feedback.rate_share", loop, NULL);
            fb_summary summary;
            onus_scope_set_text(&m.scope, "part", PARTS[k].part);
            for (size_t r = 0; r < w->f->plan.n_runs; r++) {
                w->values[r] = w->s->out[r * w->s->width + slot];
            }
            fb_summarise(w->values, w->f->plan.n_runs, w->t->c->protocol.level, w->scratch,
                         &summary);
            ONUS_TRY(fb_set(w->t, &m, &summary, fb_is_fixed(w->s, loop, FEEDBACK_TV),
                            "on a day of these no cell has a record to go by"));
            ONUS_TRY(place_add(w->t, &m, NULL));
        }
    }
out:
    return status;
}

static onus_status at_horizon(const writing *w) {
    static const struct {
        const char *id;
        feedback_field field;
    } FIGURES[] = {{"feedback.concentration", FEEDBACK_CONCENTRATION},
                   {"feedback.tv", FEEDBACK_TV},
                   {"feedback.cells_ever", FEEDBACK_CELLS_EVER},
                   {"feedback.cells_always", FEEDBACK_CELLS_ALWAYS},
                   {"feedback.turnover", FEEDBACK_TURNOVER},
                   {"feedback.discovered", FEEDBACK_ADDED}};
    onus_status status = ONUS_OK;
    ONUS_TRY(add(w, "feedback.amplification", FEEDBACK_N_LOOPS, FEEDBACK_TV, NULL));
    for (size_t k = 0; k < sizeof FIGURES / sizeof *FIGURES; k++) {
        ONUS_TRY(add(w, FIGURES[k].id, FEEDBACK_CLOSED, FIGURES[k].field, NULL));
        ONUS_TRY(add(w, FIGURES[k].id, FEEDBACK_OPEN, FIGURES[k].field, NULL));
    }
    ONUS_TRY(add_truth(w));
    ONUS_TRY(add_runaway(w));
    ONUS_TRY(add_groups(w));
out:
    return status;
}

onus_status fb_measures(place_trial *t, place_feedback *f) {
    onus_status status = ONUS_OK;
    writing w = {.t = t, .f = f};
    w.values = onus_alloc_n(f->plan.n_runs, sizeof *w.values);
    w.scratch = onus_alloc_n(f->plan.n_runs, sizeof *w.scratch);
    if (w.values == NULL || w.scratch == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t k = 0; k < f->n_scenarios; k++) {
        w.s = &f->scenarios[k];
        for (w.horizon = 0; w.horizon < f->plan.n_horizons; w.horizon++) {
            if (f->stated[w.horizon]) {
                ONUS_TRY(at_horizon(&w));
            }
        }
        w.horizon = f->plan.n_horizons - 1; /* where the run ends */
        if (w.s->model == ONUS_FEEDBACK_LUM_ISAAC) {
            ONUS_TRY(add_rate_shares(&w));
        }
    }
    ONUS_TRY(onus_result_warn(
        t->result, "simulated",
        "figures under feedback.* come from a simulation on these records: they say what follows "
        "if patrols obey the policy and discovery is as assumed, not what a police force did"));
out:
    onus_free(w.values);
    onus_free(w.scratch);
    return status;
}
