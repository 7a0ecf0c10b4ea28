/* THE WALL. The grid loop: what all runs share, and the runs through the replicate engine.
 *
 * Everything that does not depend on a draw is done here once: the alias table of reports, the
 * chance that a visit finds nothing, the table of neighbours, and the scores that the recorded
 * history gives on the first day. grid_run.c plays one run. Called by the trial's feedback half.
 * Never hands on a number of one cell. */
#include <math.h>

#include "grid_internal.h"
#include "onus/alloc.h"
#include "onus/sum.h"

static onus_status check_policy(const feedback_world *world, const feedback_policy *policy,
                                onus_error *err) {
    if (policy->patrols == 0 || policy->window_days == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a policy sends at least one patrol a day and looks back on at "
                               "least one day");
    }
    if (!(policy->discovery_frac >= 0.0 && isfinite(policy->discovery_frac)) ||
        !(policy->reported_frac >= 0.0 && isfinite(policy->reported_frac))) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "discovery and reporting rates are numbers from 0");
    }
    if (policy->score == FEEDBACK_SELF_EXCITING && policy->repaired &&
        policy->rule == FEEDBACK_PROPORTIONAL) {
        return onus_fail_plain(
            err, ONUS_ERR_DOMAIN,
            "the self-exciting score fits whole incidents; a repair makes parts");
    }
    if (policy->rule == FEEDBACK_TOP && policy->patrols > world->n_cells) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "more patrols a day than there are cells: %zu of %zu",
                               policy->patrols, world->n_cells);
    }
    if (policy->window_days > UINT32_MAX / 2 || policy->patrols > UINT32_MAX / 2) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "a window or a number of patrols that long");
    }
    return ONUS_OK;
}

static onus_status prepare_cells(feedback_grid *g, onus_error *err) {
    onus_status status = ONUS_OK;
    const feedback_world *w = &g->world;
    const size_t n = w->n_cells;
    double *reported = onus_alloc_n(n, sizeof *reported);
    g->undiscovered = onus_alloc_n(n, sizeof *g->undiscovered);
    g->rank_key = onus_alloc_n(n, sizeof *g->rank_key);
    if (reported == NULL || g->undiscovered == NULL || g->rank_key == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const double rho = w->reported_frac != NULL ? w->reported_frac[i] : g->policy.reported_frac;
        reported[i] = rho * w->truth_per_day[i];
        g->undiscovered[i] = exp(-g->policy.discovery_frac * w->truth_per_day[i]);
        g->rank_key[i] = w->rank_by_id != NULL ? w->rank_by_id[i] : i;
    }
    g->truth_total = onus_sum_of(w->truth_per_day, n);
    g->reported_per_day = onus_sum_of(reported, n);
    if (g->reported_per_day > 0.0) {
        ONUS_TRY(feedback_alias_make(reported, n, &g->reported, err));
    }
out:
    onus_free(reported);
    return status;
}

/* The history as a run finds it on day 1: its last day is a day old. */
static onus_status prepare_history(feedback_grid *g, onus_error *err) {
    const feedback_world *w = &g->world;
    const size_t n = w->n_cells;
    const size_t window = g->policy.window_days;
    const size_t n_days = w->n_history_days < window ? w->n_history_days : window;
    g->start.units = onus_alloc_n(n, sizeof *g->start.units);
    g->start.shift = feedback_block_shift(n);
    g->start.block = onus_alloc_n(feedback_n_blocks(n, g->start.shift), sizeof *g->start.block);
    if (g->start.units == NULL || g->start.block == NULL ||
        feedback_records_open(&g->history, window, 1 - (int64_t)n_days, false) != ONUS_OK) {
        return onus_fail_nomem(err);
    }
    for (size_t d = 0; d < n_days; d++) {
        const int32_t *count = w->history + (w->n_history_days - n_days + d) * n;
        const uint32_t age = (uint32_t)(n_days - d);
        double level = 0.0;
        for (size_t c = 0; c < g->kernel.n_changes && g->kernel.change_age[c] <= age; c++) {
            level = g->kernel.after[c];
        }
        for (size_t i = 0; i < n; i++) {
            for (int32_t k = 0; k < count[i]; k++) {
                if (!feedback_records_add(&g->history, (uint32_t)i, 1.0)) {
                    return onus_fail_nomem(err);
                }
                feedback_kernel_move(&g->kernel, (uint32_t)i, 1.0, 0.0, level, &g->start);
            }
        }
        feedback_records_next(&g->history);
    }
    const double expected = g->reported_per_day * (double)window;
    if (fmax(expected, (double)g->history.n) * g->kernel.most > 0.5 * FEEDBACK_WEIGHT_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT,
                               "more records in a window than can be simulated");
    }
    return ONUS_OK;
}

onus_status feedback_grid_open(const feedback_world *world, const feedback_policy *policy,
                               const feedback_plan *plan, feedback_grid **grid, onus_error *err) {
    onus_status status = ONUS_OK;
    feedback_grid *g = NULL;
    ONUS_TRY(feedback_world_check(world, err));
    ONUS_TRY(feedback_plan_check(plan, err));
    ONUS_TRY(check_policy(world, policy, err));
    g = onus_alloc(sizeof *g);
    if (g == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    g->world = *world;
    g->policy = *policy;
    g->plan = *plan;
    g->n_top = plan->n_top > 0 ? plan->n_top : policy->patrols;
    ONUS_TRY(prepare_cells(g, err));
    ONUS_TRY(feedback_kernel_make(world, policy, &g->kernel, err));
    ONUS_TRY(prepare_history(g, err));
    *grid = g;
    g = NULL;
out:
    feedback_grid_close(g);
    return status;
}

void feedback_grid_close(feedback_grid *grid) {
    if (grid == NULL) {
        return;
    }
    feedback_alias_clear(&grid->reported);
    onus_free(grid->undiscovered);
    onus_free(grid->rank_key);
    feedback_kernel_clear(&grid->kernel);
    onus_free(grid->start.units);
    onus_free(grid->start.block);
    feedback_records_clear(&grid->history);
    onus_free(grid);
}

/* A kernel has no other way to say that it failed, on this machine or on another rank: no run
 * records a negative number of incidents. */
static size_t failure_slot(const feedback_grid *g) {
    return feedback_slot(&g->world, 0, FEEDBACK_CLOSED, FEEDBACK_RECORDED);
}

static void run_one(const void *shared, uint64_t run, void *scratch, double *slot) {
    (void)scratch;
    const feedback_grid *grid = shared;
    const onus_status status = feedback_grid_replicate(grid, run, NULL, slot);
    if (status != ONUS_OK) {
        slot[failure_slot(grid)] = -(double)status;
    }
}

onus_status feedback_grid_run(const feedback_grid *grid, const onus_context *context, double *out,
                              onus_error *err) {
    onus_status status = ONUS_OK;
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = run_one;
    job.shared = grid;
    job.n_replicates = grid->plan.n_runs;
    job.width = feedback_width(&grid->world, &grid->plan);
    job.stage = "simulated runs";
    ONUS_TRY(onus_replicates_run(&job, context, out, err));
    for (size_t r = 0; r < grid->plan.n_runs; r++) {
        const double mark = out[r * job.width + failure_slot(grid)];
        if (mark == -(double)ONUS_ERR_NOMEM) {
            status = onus_fail_nomem(err);
            goto out;
        }
        if (mark < 0.0) {
            status =
                onus_fail_plain(err, ONUS_ERR_LIMIT,
                                "a simulated window holds more discoveries than can be counted");
            goto out;
        }
    }
out:
    return status;
}
