/* THE WALL. From patrols by cell to what may leave: numbers of a whole city over a whole horizon.
 *
 * Every model of this folder tallies its patrols in a feedback_tally and comes here at a horizon.
 * Sums over cells are compensated: a share is the same number however many cells there are. Called
 * by the grid loop and the Lum-Isaac loop; the trial reads what is written here and nothing finer.
 * Never writes a number of one cell. */
#include <math.h>

#include "feedback_internal.h"
#include "onus/sum.h"

const char *feedback_rule_name(feedback_rule rule) {
    return rule == FEEDBACK_TOP ? "top" : "proportional";
}

const char *feedback_score_name(feedback_score score) {
    static const char *const names[] = {
        [FEEDBACK_COUNTS] = "counts",
        [FEEDBACK_KDE] = "kde",
        [FEEDBACK_NEAR_REPEAT] = "near_repeat",
        [FEEDBACK_SELF_EXCITING] = "self_exciting",
    };
    return names[score];
}

static bool all_at_least_zero(const double *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] >= 0.0 && isfinite(values[i]))) {
            return false;
        }
    }
    return true;
}

onus_status feedback_world_check(const feedback_world *world, onus_error *err) {
    const size_t n = world->n_cells;
    if (n == 0 || n >= UINT32_C(1) << 30) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a simulated world has between one and 2^30 cells");
    }
    if (!all_at_least_zero(world->truth_per_day, n)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a true rate is negative or not a number; expected 0 or more");
    }
    if (world->reported_frac != NULL && !all_at_least_zero(world->reported_frac, n)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a reporting rate is negative or not a number; expected 0 or more");
    }
    for (size_t i = 0; i < n * world->n_history_days; i++) {
        if (world->history[i] < 0) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a recorded count is negative");
        }
    }
    for (size_t g = 0; g < world->n_groups; g++) {
        const double *weight = world->group_weight + g * n;
        if (!all_at_least_zero(weight, n) || onus_sum_of(weight, n) > 1.0 + 1e-9) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "the parts of a group's people add up to more than all of them");
        }
    }
    return ONUS_OK;
}

onus_status feedback_plan_check(const feedback_plan *plan, onus_error *err) {
    if (plan->n_horizons == 0 || plan->n_horizons > FEEDBACK_HORIZONS_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "between 1 and %d horizons are looked at",
                               FEEDBACK_HORIZONS_MAX);
    }
    for (size_t h = 0; h < plan->n_horizons; h++) {
        if (plan->horizon_days[h] <= (h == 0 ? 0 : plan->horizon_days[h - 1])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "horizons are whole days from 1, in ascending order");
        }
    }
    if (plan->horizon_days[plan->n_horizons - 1] > FEEDBACK_DAYS_MAX) {
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "at most %d days are simulated",
                               FEEDBACK_DAYS_MAX);
    }
    return ONUS_OK;
}

/* Moves the m highest of n values to the front, in any order. Three parts at each step: counts have
 * long runs of equal values. */
static void bring_highest(double *v, size_t n, size_t m) {
    size_t low = 0;
    size_t high = n; /* the boundary at m lies within low .. high */
    while (high - low > 1) {
        const double a = v[low];
        const double b = v[low + (high - low) / 2];
        const double c = v[high - 1];
        const double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
        size_t above = low;  /* low .. above - 1: higher than the pivot */
        size_t below = high; /* below .. high - 1: lower */
        for (size_t i = low; i < below;) {
            const double value = v[i];
            if (value > pivot) {
                v[i++] = v[above];
                v[above++] = value;
            } else if (value < pivot) {
                v[i] = v[--below];
                v[below] = value;
            } else {
                i++;
            }
        }
        if (m <= above) {
            high = above;
        } else if (m >= below) {
            low = below;
        } else {
            return; /* it falls among equal values */
        }
    }
}

double feedback_top_share(const double *values, size_t n, size_t n_top, double *scratch) {
    const size_t m = n_top < n ? n_top : n;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = values[i];
    }
    bring_highest(scratch, n, m);
    const double all = onus_sum_of(values, n);
    return all > 0.0 ? onus_sum_of(scratch, m) / all : NAN;
}

void feedback_group_loads(const feedback_world *world, const double *share, double patrols,
                          double *load) {
    for (size_t g = 0; g < world->n_groups; g++) {
        load[g] =
            patrols * onus_sum_dot(share, world->group_weight + g * world->n_cells, world->n_cells);
    }
}

double feedback_tv_of(const feedback_world *world, const double *weight, double total,
                      double truth_total) {
    if (!(total > 0.0 && truth_total > 0.0)) {
        return NAN;
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < world->n_cells; i++) {
        onus_sum_add(&sum, fabs(weight[i] / total - world->truth_per_day[i] / truth_total));
    }
    return 0.5 * onus_sum_get(&sum);
}

void feedback_summarise(const feedback_world *world, const feedback_tally *tally, size_t n_top,
                        double truth_total, double *scratch, double *values) {
    const size_t n = world->n_cells;
    const double n_patrols = (double)tally->n_patrols;
    const double n_days = (double)tally->n_days;
    size_t n_always = 0;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = (double)tally->visits[i];
        n_always += tally->days_visited[i] == tally->n_days && tally->n_days > 0;
    }
    values[FEEDBACK_TV] = feedback_tv_of(world, scratch, n_patrols, truth_total);
    values[FEEDBACK_TV_DAY] = NAN;
    values[FEEDBACK_CELLS_EVER] = (double)tally->n_ever;
    values[FEEDBACK_CELLS_ALWAYS] = (double)n_always;
    values[FEEDBACK_TURNOVER] =
        tally->n_days > 1 ? (double)tally->n_entered / (n_days - 1.0) : (double)NAN;
    values[FEEDBACK_RECORDED] = tally->recorded;
    values[FEEDBACK_ADDED] = tally->added;
    double *load = values + FEEDBACK_N_FIELDS;
    feedback_group_loads(world, scratch, 1.0, load);
    for (size_t g = 0; g < world->n_groups; g++) {
        load[g] = tally->n_days > 0 ? load[g] / n_days : (double)NAN;
    }
    /* whole numbers below 2^53: plain sums are exact, and the highest may be brought in place */
    const size_t m = n_top < n ? n_top : n;
    bring_highest(scratch, n, m);
    double top = 0.0;
    for (size_t i = 0; i < m; i++) {
        top += scratch[i];
    }
    values[FEEDBACK_CONCENTRATION] = tally->n_patrols > 0 ? top / n_patrols : (double)NAN;
}

double feedback_runaway_share(const feedback_world *world, const feedback_plan *plan,
                              const double *out, size_t horizon, double bound, size_t *n_counted) {
    const size_t width = feedback_width(world, plan);
    const size_t closed = feedback_slot(world, horizon, FEEDBACK_CLOSED, FEEDBACK_CONCENTRATION);
    const size_t open = feedback_slot(world, horizon, FEEDBACK_OPEN, FEEDBACK_CONCENTRATION);
    size_t n_runs = 0;
    size_t n_away = 0;
    for (size_t r = 0; r < plan->n_runs; r++) {
        const double more = out[r * width + closed] - out[r * width + open];
        if (!isnan(more)) {
            n_runs++;
            n_away += more > bound;
        }
    }
    if (n_counted != NULL) {
        *n_counted = n_runs;
    }
    return n_runs > 0 ? (double)n_away / (double)n_runs : (double)NAN;
}
