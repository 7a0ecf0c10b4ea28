/* THE WALL. The world that is simulated, from the evidence of a case.
 *
 *   cells     those of the accuracy half, or the grid's where the case has no dated predictions
 *   truth     observed: mean recorded by cell and day over the period; flat: the same on every
 *             square metre, as many altogether
 *   history   records by cell and day of the window before the period: where the loop starts from
 *   reporting one share everywhere, or by area, laid on cells by the area that they share
 *   groups    the part of each group's people that lives in each cell, by the area that they share
 *
 * Only records of predicted types count where predictions have types. Called by feedback.c. Never
 * hands on a number of one cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_internal.h"
#include "feedback_trial.h"
#include "onus/alloc.h"
#include "onus/civil.h"
#include "onus/sum.h"

enum { DAY_S = 86400 };
/* Counts of the window and of the period, by cell and day, that are held at once. */
static const double COUNTS_MAX = 4e8;

/* The accuracy half's cells and the cell of every record; made here where that half has none. */
static onus_status find_cells(place_trial *t, accuracy **out) {
    onus_status status = ONUS_OK;
    if (t->accuracy != NULL && t->accuracy->cells.n_cells > 0 && t->accuracy->event_cell != NULL) {
        *out = t->accuracy;
        return ONUS_OK;
    }
    accuracy *a = place_keep(t, onus_alloc(sizeof *a));
    if (a == NULL) {
        return ONUS_ERR_NOMEM;
    }
    a->event_x_m = t->evidence->outcomes.x_m;
    a->event_y_m = t->evidence->outcomes.y_m;
    *out = a;
    ONUS_TRY(acc_cells(t, a));
    if (a->missing == NULL) {
        ONUS_TRY(acc_event_cells(t, a));
    }
out:
    return status;
}

/* The local day on which a bound of the period lies, rounded up for its end. */
static int64_t day_of(const char *bound, bool up) {
    onus_civil civil = {0};
    (void)onus_civil_parse_iso(bound, strlen(bound), &civil); /* checked with the case */
    const bool within = civil.hour > 0 || civil.minute > 0 || civil.second > 0;
    return onus_civil_days(civil.year, civil.month, civil.day) + (up && within ? 1 : 0);
}

static bool counts(const accuracy *a, const onus_outcomes *o, size_t record) {
    return a->matched == NULL || o->type == NULL || a->matched[o->type[record]] != 0;
}

static onus_status refuse(place_trial *t, const char *fmt, size_t given, size_t most) {
    const onus_at at = t->c->feedback.at;
    return onus_fail(t->err, ONUS_ERR_DATA, t->c->path, at.line, at.col, fmt, given, most);
}

/* Records by cell and day, whole numbers: a record that stands for a part counts as the nearest. */
static onus_status count_records(place_trial *t, place_feedback *f, const accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const size_t n = a->cells.n_cells;
    const int64_t first = day_of(t->c->period_from, false);
    const size_t n_window = (size_t)llround(t->c->feedback.window_s / DAY_S);
    f->n_period_days = (size_t)(day_of(t->c->period_until, true) - first);
    const double needed = (double)n * (double)(n_window + f->n_period_days);
    if (needed > COUNTS_MAX) {
        return onus_fail_plain(t->err, ONUS_ERR_DATA,
                               "a simulation over %zu cells with a window of %zu days and a period "
                               "of %zu is too large; give a larger grid.cell",
                               n, n_window, f->n_period_days);
    }
    int32_t *history = place_keep(t, onus_alloc_n(n * n_window, sizeof *history));
    int32_t *observed = place_keep(t, onus_alloc_n(n * f->n_period_days, sizeof *observed));
    double *truth = place_doubles(t, n);
    if (history == NULL || observed == NULL || truth == NULL) {
        return ONUS_ERR_NOMEM;
    }
    double n_parts = 0.0;
    for (size_t k = 0; k < o->n_outcomes + o->n_history; k++) {
        const int32_t cell = a->event_cell[k];
        if (cell < 0 || !counts(a, o, k)) {
            continue;
        }
        const int64_t day = o->day[k] - first;
        const double count = o->counts[k];
        const int32_t whole = (int32_t)llround(fmin(count, 1e6));
        if (k < o->n_outcomes && day >= 0 && day < (int64_t)f->n_period_days) {
            truth[cell] += count;
            f->n_records += count;
            observed[(size_t)day * n + (size_t)cell] += whole;
        } else if (k >= o->n_outcomes && day < 0 && day >= -(int64_t)n_window) {
            f->n_history += count;
            history[(size_t)(day + (int64_t)n_window) * n + (size_t)cell] += whole;
        } else {
            continue;
        }
        n_parts += fabs(count - (double)whole) > 0.0 ? 1.0 : 0.0;
    }
    f->observed = observed;
    f->world.history = history;
    f->world.n_history_days = n_window;
    f->world.truth_per_day = truth;
    for (size_t c = 0; c < n; c++) {
        truth[c] = t->c->feedback.truth == ONUS_FEEDBACK_FLAT
                       ? f->n_records * a->cells.area_m2[c] / a->cells.region_m2
                       : truth[c];
        truth[c] /= (double)f->n_period_days;
    }
    return n_parts > 0.0 ? onus_result_warn(t->result, "feedback_rounded",
                                            "%.10g records stand for a number of incidents that is "
                                            "not whole; simulations start from the nearest",
                                            n_parts)
                         : ONUS_OK;
}

/* Rows: cells; columns: areas; values: share of the cell on the area. */
static onus_status lay_areas(place_trial *t, const accuracy *a, onus_sparse *on) {
    const onus_frame_cells *c = &a->cells;
    return c->side_m > 0.0 ? onus_overlap_boxes(&t->metres, c->x_m, c->y_m, c->n_cells, c->side_m,
                                                c->side_m, t->context, on, t->err)
                           : onus_overlap_polygons(&t->metres, c->polygons, t->context, on, t->err);
}

static double cell_m2(const accuracy *a, size_t c) {
    return a->cells.side_m > 0.0 ? a->cells.side_m * a->cells.side_m : a->cells.area_m2[c];
}

/* Groups of whom a load can be told: those that are known, and not too few to be spoken of. */
static onus_status lay_groups(place_trial *t, place_feedback *f, const accuracy *a,
                              const onus_sparse *on) {
    const size_t n = a->cells.n_cells;
    f->groups = place_keep(t, onus_alloc_n(t->n_groups, sizeof *f->groups));
    double *weight = place_doubles(t, t->n_groups * n);
    if (f->groups == NULL || weight == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t g = 0; g < t->n_groups; g++) {
        const place_group *group = &t->groups[g];
        if (group->undefined != NULL || !(group->people_sum > 0.0) ||
            group->people_sum < (double)t->c->protocol.suppress_below) {
            continue;
        }
        double *row = weight + f->world.n_groups * n;
        for (size_t c = 0; c < n; c++) {
            for (size_t k = on->starts[c]; k < on->starts[c + 1]; k++) {
                const size_t i = (size_t)on->columns[k];
                if (t->area_m2[i] > 0.0) {
                    row[c] += group->people[i] * on->values[k] * cell_m2(a, c) / t->area_m2[i];
                }
            }
        }
        /* cells of a layer may overlap one another: nobody lives in two of them */
        const double all = fmax(onus_sum_of(row, n), group->people_sum);
        for (size_t c = 0; c < n; c++) {
            row[c] /= all;
        }
        f->groups[f->world.n_groups++] = group;
    }
    f->world.group_weight = weight;
    return ONUS_OK;
}

/* Where an area's share is not known, or a cell lies in none, the mean of the others stands. */
static onus_status lay_reporting(place_trial *t, place_feedback *f, const onus_sparse *on) {
    const double *by_area = t->evidence->people.reported_frac;
    const size_t n = f->world.n_cells;
    double *reported = place_doubles(t, n);
    double *equal = place_doubles(t, n);
    uint8_t *known = onus_alloc_n(n, sizeof *known);
    if (reported == NULL || equal == NULL || known == NULL) {
        onus_free(known);
        return ONUS_ERR_NOMEM;
    }
    onus_sum happened = {0};
    onus_sum told = {0};
    onus_sum plain = {0};
    size_t n_known = 0;
    f->reported_low = INFINITY;
    f->reported_high = -INFINITY;
    for (size_t c = 0; c < n; c++) {
        double share = 0.0;
        double sum = 0.0;
        for (size_t k = on->starts[c]; k < on->starts[c + 1]; k++) {
            const double rate = by_area[on->columns[k]];
            if (isfinite(rate)) {
                share += on->values[k];
                sum += on->values[k] * rate;
                f->reported_low = fmin(f->reported_low, rate);
                f->reported_high = fmax(f->reported_high, rate);
            }
        }
        known[c] = share > 0.0 ? 1 : 0;
        if (known[c] != 0) {
            reported[c] = sum / share;
            n_known++;
            onus_sum_add(&plain, reported[c]);
            onus_sum_add(&happened, f->world.truth_per_day[c]);
            onus_sum_add(&told, f->world.truth_per_day[c] * reported[c]);
        }
    }
    /* the mean over incidents, so that as many are reported altogether */
    const double mean = onus_sum_get(&happened) > 0.0
                            ? onus_sum_get(&told) / onus_sum_get(&happened)
                        : n_known > 0 ? onus_sum_get(&plain) / (double)n_known
                                      : NAN;
    for (size_t c = 0; c < n; c++) {
        reported[c] = known[c] != 0 ? reported[c] : mean;
        equal[c] = mean;
    }
    onus_free(known);
    if (n_known == 0) {
        f->missing = "no cell lies in an area whose share reported is known "
                     "(feedback.reported.column)";
        return ONUS_OK;
    }
    f->world.reported_frac = reported;
    f->reported_equal = equal;
    return n_known == n
               ? ONUS_OK
               : onus_result_warn(t->result, "feedback_reporting_unknown",
                                  "%zu of %zu cells lie in no area whose share reported is "
                                  "known: there the mean of the others was taken",
                                  n - n_known, n);
}

static onus_status check_size(place_trial *t, const place_feedback *f) {
    const onus_feedback_ref *ref = &t->c->feedback;
    if (ref->rules[ONUS_FEEDBACK_TOP] && ref->n_patrols > f->world.n_cells) {
        return refuse(t, "'feedback.patrols' is %zu, but there are %zu cells to patrol",
                      ref->n_patrols, f->world.n_cells);
    }
    if (ref->models[ONUS_FEEDBACK_LUM_ISAAC] && ref->n_days > f->n_period_days) {
        return refuse(t,
                      "'feedback.days' is %zu, but model 'lum_isaac' adds to the records of the "
                      "period, which has %zu days",
                      ref->n_days, f->n_period_days);
    }
    return ONUS_OK;
}

static onus_status plan(place_trial *t, place_feedback *f) {
    const onus_feedback_ref *ref = &t->c->feedback;
    uint64_t days[FEEDBACK_HORIZONS_MAX];
    f->plan = (feedback_plan){.n_runs = ref->n_runs, .seed = t->c->protocol.seed};
    const uint64_t last = ref->n_days > 0 ? ref->n_days : f->n_period_days;
    for (size_t h = 0; h < ref->horizon_days.n; h++) {
        if (ref->horizon_days.items[h] > (double)last) {
            return refuse(t,
                          "'feedback.horizons' has %zu, but %zu days are simulated (feedback.days, "
                          "else the period)",
                          (size_t)ref->horizon_days.items[h], (size_t)last);
        }
    }
    fb_horizons(ref, ref->n_runs, last, days, f->stated, &f->plan.n_horizons);
    for (size_t h = 0; h < f->plan.n_horizons; h++) {
        f->plan.horizon_days[h] = (uint32_t)days[h];
    }
    return ONUS_OK;
}

onus_status fb_world(place_trial *t, place_feedback *f) {
    const onus_outcomes *o = &t->evidence->outcomes;
    onus_status status = ONUS_OK;
    accuracy *a = NULL;
    onus_sparse on = {0};
    double *scratch = NULL;
    if (o->n_outcomes == 0 || o->day == NULL) {
        f->missing = "there are no recorded outcomes with times in the period";
        return ONUS_OK;
    }
    ONUS_TRY(find_cells(t, &a));
    f->missing = a->missing;
    if (f->missing != NULL) {
        goto out;
    }
    const size_t n = a->cells.n_cells;
    f->world.n_cells = n;
    f->world.x_m = a->cells.x_m;
    f->world.y_m = a->cells.y_m;
    uint32_t *rank = place_keep(t, onus_alloc_n(n, sizeof *rank));
    scratch = onus_alloc_n(n, sizeof *scratch);
    if (rank == NULL || scratch == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t c = 0; c < n; c++) {
        rank[c] = (uint32_t)a->cells.id_rank[c];
    }
    f->world.rank_by_id = rank;
    ONUS_TRY(count_records(t, f, a));
    ONUS_TRY(check_size(t, f));
    ONUS_TRY(plan(t, f));
    f->truth_total = onus_sum_of(f->world.truth_per_day, n);
    f->truth_top = feedback_top_share(f->world.truth_per_day, n, t->c->feedback.n_patrols, scratch);
    if (!(f->truth_total > 0.0)) {
        f->missing = "no recorded outcome of the period lies in a cell";
        goto out;
    }
    if (!(f->n_history > 0.0)) {
        ONUS_TRY(onus_result_warn(t->result, "feedback_no_history",
                                  "no record lies in the %zu days before the period: simulations "
                                  "start from an empty record",
                                  f->world.n_history_days));
    }
    if (t->n > 0 && (t->n_groups > 0 || t->evidence->people.reported_frac != NULL)) {
        ONUS_TRY(lay_areas(t, a, &on));
        ONUS_TRY(lay_groups(t, f, a, &on));
        if (t->evidence->people.reported_frac != NULL) {
            ONUS_TRY(lay_reporting(t, f, &on));
        }
    }
    ONUS_TRY(feedback_world_check(&f->world, t->err));
    ONUS_TRY(feedback_plan_check(&f->plan, t->err));
out:
    onus_sparse_clear(&on);
    onus_free(scratch);
    return status;
}
