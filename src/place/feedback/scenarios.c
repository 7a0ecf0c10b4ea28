/* THE WALL. Every simulation that a case asks for, one after another.
 *
 *   grid       rules x scores x discovery, as reported everywhere alike or by area (and then also
 *              with the mean everywhere: what differs is the reporting alone), and once more
 *              repaired where a repair can do anything
 *   lum_isaac  discovery x formula (corrected, and as published)
 *
 * Each is closed and open loop on the same random numbers. Called by feedback.c once there is a
 * world. Never keeps more of a run than its summary. */
#include <math.h>

#include "feedback_trial.h"
#include "grid.h"
#include "onus/alloc.h"

/* Numbers that all runs of one scenario leave, at most. */
static const double NUMBERS_MAX = 2e8;

static const char *policy_name(feedback_rule rule, feedback_score score) {
    static const char *const names[2][4] = {
        {"top_counts", "top_kde", "top_near_repeat", "top_self_exciting"},
        {"proportional_counts", "proportional_kde", "proportional_near_repeat",
         "proportional_self_exciting"}};
    return names[rule == FEEDBACK_PROPORTIONAL ? 1 : 0][score];
}

static onus_status push(place_trial *t, place_feedback *f, onus_array *list, fb_scenario s) {
    s.width = s.model == ONUS_FEEDBACK_LUM_ISAAC ? lum_isaac_width(&f->world, &f->plan)
                                                 : feedback_width(&f->world, &f->plan);
    if ((double)s.width * (double)f->plan.n_runs > NUMBERS_MAX) {
        return onus_fail(t->err, ONUS_ERR_DATA, t->c->path, t->c->feedback.at.line,
                         t->c->feedback.at.col,
                         "'feedback.runs' is %zu, and each leaves %zu numbers: too many to keep",
                         f->plan.n_runs, s.width);
    }
    return onus_array_push(list, &s);
}

/* One policy at one discovery rate, under every kind of reporting, plain and repaired. */
static onus_status push_grid(place_trial *t, place_feedback *f, onus_array *list,
                             feedback_policy how) {
    onus_status status = ONUS_OK;
    const bool differs = f->reported_equal != NULL;
    const bool repairable = t->c->feedback.repair && how.rule == FEEDBACK_PROPORTIONAL &&
                            how.score != FEEDBACK_SELF_EXCITING && how.discovery_frac > 0.0;
    for (int r = 0; r < (differs ? 2 : 1); r++) {
        for (int repaired = 0; repaired < (repairable ? 2 : 1); repaired++) {
            fb_scenario s = {.model = ONUS_FEEDBACK_GRID,
                             .policy = policy_name(how.rule, how.score),
                             .reporting = !differs ? NULL
                                          : r == 0 ? "by_area"
                                                   : "equal",
                             .discovery = how.discovery_frac,
                             .repaired = repaired != 0,
                             .how = how,
                             .reported = r == 0 ? f->world.reported_frac : f->reported_equal};
            s.how.repaired = s.repaired;
            ONUS_TRY(push(t, f, list, s));
        }
    }
out:
    return status;
}

static onus_status list_grid(place_trial *t, place_feedback *f, onus_array *list) {
    static const feedback_rule RULES[] = {
        [ONUS_FEEDBACK_TOP] = FEEDBACK_TOP, [ONUS_FEEDBACK_PROPORTIONAL] = FEEDBACK_PROPORTIONAL};
    static const feedback_score SCORES[] = {[ONUS_FEEDBACK_COUNTS] = FEEDBACK_COUNTS,
                                            [ONUS_FEEDBACK_KDE] = FEEDBACK_KDE,
                                            [ONUS_FEEDBACK_NEAR_REPEAT] = FEEDBACK_NEAR_REPEAT,
                                            [ONUS_FEEDBACK_SELF_EXCITING] = FEEDBACK_SELF_EXCITING};
    const onus_feedback_ref *ref = &t->c->feedback;
    onus_status status = ONUS_OK;
    for (size_t rule = 0; rule < ONUS_FEEDBACK_N_RULES; rule++) {
        for (size_t score = 0; score < ONUS_FEEDBACK_N_SCORES; score++) {
            for (size_t d = 0; d < ref->discovery.n && ref->rules[rule] && ref->scores[score];
                 d++) {
                feedback_policy how = FEEDBACK_POLICY_INIT;
                how.rule = RULES[rule];
                how.score = SCORES[score];
                how.ties = t->c->protocol.ties == ONUS_TIES_EXPECTED ? FEEDBACK_TIES_RANDOM
                                                                     : FEEDBACK_TIES_ID;
                how.patrols = ref->n_patrols;
                how.discovery_frac = ref->discovery.items[d];
                how.reported_frac = ref->reported_frac;
                how.window_days = f->world.n_history_days;
                how.cell_side_m = t->c->grid.cell_m;
                ONUS_TRY(push_grid(t, f, list, how));
            }
        }
    }
out:
    return status;
}

static onus_status list_lum_isaac(place_trial *t, place_feedback *f, onus_array *list) {
    static const struct {
        const char *name;
        lum_isaac_formula formula;
    } FORMULAS[] = {{"corrected", LUM_ISAAC_CORRECTED}, {"published", LUM_ISAAC_PUBLISHED}};
    const onus_feedback_ref *ref = &t->c->feedback;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < ref->discovery.n; d++) {
        for (size_t k = 0; k < 2; k++) {
            fb_scenario s = {.model = ONUS_FEEDBACK_LUM_ISAAC,
                             .policy = policy_name(FEEDBACK_TOP, FEEDBACK_SELF_EXCITING),
                             .formula = FORMULAS[k].name,
                             .discovery = ref->discovery.items[d],
                             .opts = LUM_ISAAC_OPTS_INIT};
            s.opts.formula = FORMULAS[k].formula;
            s.opts.flagged = ref->n_patrols;
            s.opts.window_days = f->world.n_history_days;
            s.opts.discovery_frac = s.discovery;
            ONUS_TRY(push(t, f, list, s));
        }
    }
out:
    return status;
}

static onus_status run_grid(place_trial *t, const place_feedback *f, fb_scenario *s) {
    onus_status status = ONUS_OK;
    feedback_grid *grid = NULL;
    feedback_world world = f->world;
    world.reported_frac = s->reported;
    ONUS_TRY(feedback_grid_open(&world, &s->how, &f->plan, &grid, t->err));
    ONUS_TRY(feedback_grid_run(grid, t->context, s->out, t->err));
out:
    feedback_grid_close(grid);
    return status;
}

onus_status fb_scenarios(place_trial *t, place_feedback *f) {
    onus_array list = ONUS_ARRAY_OF(fb_scenario);
    onus_status status = ONUS_OK;
    if (t->c->feedback.models[ONUS_FEEDBACK_GRID]) {
        ONUS_TRY(list_grid(t, f, &list));
    }
    if (t->c->feedback.models[ONUS_FEEDBACK_LUM_ISAAC]) {
        ONUS_TRY(list_lum_isaac(t, f, &list));
    }
    f->scenarios = place_keep(t, onus_array_take(&list, &f->n_scenarios));
    if (f->scenarios == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t k = 0; k < f->n_scenarios; k++) {
        fb_scenario *s = &f->scenarios[k];
        s->out = place_doubles(t, s->width * f->plan.n_runs);
        if (s->out == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        ONUS_TRY(s->model == ONUS_FEEDBACK_GRID
                     ? run_grid(t, f, s)
                     : lum_isaac_run(&f->world, f->observed, &s->opts, &f->plan, t->context, s->out,
                                     t->err));
    }
out:
    onus_array_clear(&list);
    return status;
}
