/* Load beside recorded outcomes: what they explain of it, and whose outcomes the flags were not on.
 *
 * Expected flags put the same total where the outcomes were recorded; excess compares the exposure
 * with what those would give (indirect standardisation). It is a ratio of sums,
 *
 *      (sum P_gi x_i / sum P_gi o_i) / (sum x_i / sum o_i),
 *
 * so the spatial blocks of burden_uncertainty serve it as they serve a ratio of exposures. The
 * capture gap is a difference of two rates and is resampled by blocks of areas.
 *
 * Called by trial.c; nothing happens without outcomes. Never calls recorded outcomes crimes. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "place_internal.h"

/* Blocks of areas for the capture gap: enough to vary, large enough to hold neighbours together. */
enum { GAP_BLOCKS_MAX = 25, GAP_BLOCKS_MIN = 10, AREAS_PER_BLOCK = 4, N_GAP_SUMS = 4 };

typedef struct excess {
    const place_group *group;
    const char *records;
    const char *reporting; /* "column", or NULL: as recorded */
    const double *outcomes;
    onus_ratio_data data;
    onus_number ratio;
    onus_ratio space;
} excess;

static onus_status plan_excess(place_trial *t, onus_array *plans, const place_group *g,
                               const char *records, const char *reporting, const double *outcomes,
                               const double *ones) {
    double *by_outcome = place_doubles(t, t->n);
    if (by_outcome == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        by_outcome[i] = g->people[i] * outcomes[i];
    }
    excess plan = {.group = g,
                   .records = records,
                   .reporting = reporting,
                   .outcomes = outcomes,
                   .data = {.n_areas = t->n,
                            .flags = t->flags.by_area,
                            .weight = g->people,
                            .people = by_outcome,
                            .ref_weight = ones,
                            .ref_people = outcomes}};
    plan.ratio = g->undefined != NULL ? onus_number_none(g->undefined)
                 : onus_sum_of(by_outcome, t->n) > 0.0
                     ? onus_ratio_value(&plan.data)
                     : onus_number_none("no outcome is recorded where the group lives");
    return onus_array_push(plans, &plan);
}

/* The spatial uncertainty of all of them in one visit of the pairs of areas. */
static onus_status judge_excess(place_trial *t, excess *plans, size_t n_plans) {
    onus_ratio_data *data = onus_alloc_n(n_plans, sizeof *data);
    onus_ratio *space = onus_alloc_n(n_plans, sizeof *space);
    size_t n = 0;
    onus_status status = ONUS_ERR_NOMEM;
    if (data == NULL || space == NULL) {
        goto out;
    }
    for (size_t k = 0; k < n_plans; k++) {
        if (!isnan(plans[k].ratio.value)) {
            data[n++] = plans[k].data;
        }
    }
    ONUS_TRY(onus_ratios_space(t->space, data, n, space, t->err));
    n = 0;
    for (size_t k = 0; k < n_plans; k++) {
        if (!isnan(plans[k].ratio.value)) {
            plans[k].space = space[n++];
        }
    }
out:
    onus_free(data);
    onus_free(space);
    return status;
}

static onus_status add_excess(place_trial *t, const excess *plan) {
    const place_group *g = plan->group;
    onus_measure m = place_draft_of("burden.excess");
    place_scope_group(&m, g);
    onus_scope_set_text(&m.scope, "records", plan->records);
    if (plan->reporting != NULL) {
        onus_scope_set_text(&m.scope, "reporting", plan->reporting);
    }
    if (isnan(plan->ratio.value)) {
        onus_draft_set_number(&m, plan->ratio);
        return place_add(t, &m, NULL);
    }
    onus_draft_set_number(&m, onus_number_of(plan->ratio.value - 1.0));
    m.has_fraction = true;
    m.den = onus_sum_of(plan->data.people, t->n) / g->people_sum *
            onus_sum_of(t->flags.by_area, t->n) / onus_sum_of(plan->outcomes, t->n);
    m.num = onus_sum_dot(g->people, t->flags.by_area, t->n) / g->people_sum - m.den;
    place_set_ratio_interval(t, &m, &plan->space, PLACE_SPACE);
    if (m.interval.given) {
        m.interval.low -= 1.0;
        m.interval.high -= 1.0;
        /* a claim's bound lives on ratio - 1: a p on the log scale would be of another bound */
        m.scale = ONUS_SCALE_NONE;
        m.se = 0.0;
        m.df = 0.0;
    }
    return place_add(t, &m, NULL);
}

static onus_status try_excess(place_trial *t) {
    const place_outcomes *o = &t->outcomes;
    onus_array plans = ONUS_ARRAY_OF(excess);
    const char *records = o->by_area_citizen != NULL ? "without_officer" : "all";
    const double *reported = NULL;
    double *ones = onus_alloc_n(t->n, sizeof *ones);
    onus_status status = ones == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t i = 0; ones != NULL && i < t->n; i++) {
        ones[i] = 1.0;
    }
    if (status == ONUS_OK) {
        ONUS_TRY(burden_as_committed(t, &reported));
    }
    for (size_t k = 0; k < t->n_groups && status == ONUS_OK; k++) {
        ONUS_TRY(plan_excess(t, &plans, &t->groups[k], "all", NULL, o->by_area, ones));
        if (o->by_area_citizen != NULL) {
            ONUS_TRY(plan_excess(t, &plans, &t->groups[k], "without_officer", NULL,
                                 o->by_area_citizen, ones));
        }
        if (reported != NULL) {
            ONUS_TRY(plan_excess(t, &plans, &t->groups[k], records, "column", reported, ones));
        }
    }
    if (status == ONUS_OK) {
        excess *all = plans.items;
        ONUS_TRY(judge_excess(t, all, plans.n_items));
        for (size_t k = 0; k < plans.n_items; k++) {
            ONUS_TRY(add_excess(t, &all[k]));
        }
    }
out:
    onus_array_clear(&plans);
    onus_free(ones);
    return status;
}

static double gap_of(const double *sums) {
    return sums[0] / sums[1] - sums[2] / sums[3];
}

/* Too few blocks with a captured, or with a missed, outcome: what is in one block then decides. */
static bool few_blocks(const double *sums, size_t n_blocks) {
    size_t n_captured = 0;
    size_t n_missed = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        const double *of_block = sums + b * N_GAP_SUMS;
        const double captured = of_block[0] + of_block[2];
        n_captured += captured > 0.0 ? 1 : 0;
        n_missed += of_block[1] + of_block[3] > captured ? 1 : 0;
    }
    return n_captured < GAP_BLOCKS_MIN || n_missed < GAP_BLOCKS_MIN;
}

/* Blocks with the sums of captured and all outcomes, of the group and of everyone else. */
static onus_status gap_interval(place_trial *t, const double *const *columns, onus_measure *m) {
    const size_t wanted = t->n / AREAS_PER_BLOCK;
    const size_t n_blocks = wanted > GAP_BLOCKS_MAX ? GAP_BLOCKS_MAX : wanted;
    const uint64_t n_replicates = t->c->protocol.n_replicates;
    if (wanted < GAP_BLOCKS_MIN) {
        m->reason = "no interval: too few areas to form ten blocks of neighbours";
        return ONUS_OK;
    }
    int32_t *block = onus_alloc_n(t->n, sizeof *block);
    double *sums = onus_alloc_n(n_blocks * N_GAP_SUMS, sizeof *sums);
    double *drawn = onus_alloc_n(n_replicates * N_GAP_SUMS, sizeof *drawn);
    double *gaps = onus_alloc_n(n_replicates, sizeof *gaps);
    onus_limits limits = onus_limits_none();
    onus_status status = ONUS_ERR_NOMEM;
    if (block == NULL || sums == NULL || drawn == NULL || gaps == NULL) {
        goto out;
    }
    ONUS_TRY(onus_blocks_make(t->centre_x, t->centre_y, t->n, n_blocks, block));
    ONUS_TRY(onus_block_sums(block, t->n, n_blocks, columns, N_GAP_SUMS, sums));
    ONUS_TRY(onus_block_bootstrap(sums, n_blocks, N_GAP_SUMS, t->c->protocol.seed, n_replicates,
                                  t->context, drawn, t->err));
    for (uint64_t r = 0; r < n_replicates; r++) {
        gaps[r] = gap_of(drawn + r * N_GAP_SUMS);
    }
    ONUS_TRY(onus_percentile_interval(gaps, n_replicates, t->c->protocol.level, &limits));
    if (isfinite(limits.low) && isfinite(limits.high)) {
        const bool weak = few_blocks(sums, n_blocks);
        m->interval = (onus_interval){
            .given = true,
            .level = t->c->protocol.level,
            .low = limits.low,
            .high = limits.high,
            .method = "spatial-block bootstrap",
            .resampled = "area block",
            .weak = weak,
            .weak_reason = weak ? "captured, or missed, outcomes lie in fewer than ten blocks of "
                                  "areas: too few to see how they vary"
                                : NULL};
    } else {
        m->reason = "no interval: some resampled blocks hold no outcomes of one side";
    }
out:
    onus_free(block);
    onus_free(sums);
    onus_free(drawn);
    onus_free(gaps);
    return status;
}

/* type n_types: of all predicted types together. */
static onus_status add_gap(place_trial *t, size_t k, size_t type) {
    const place_outcomes *o = &t->outcomes;
    const double *recorded = type < o->n_types ? o->asked_for_of[type] : o->asked_for;
    const double *captured = type < o->n_types ? o->captured_of[type] : o->captured;
    const place_group *g = &t->groups[k];
    const place_group *rest = &t->rests[k];
    double *work = onus_alloc_n(N_GAP_SUMS * t->n, sizeof *work);
    if (work == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const double *columns[N_GAP_SUMS];
    double sums[N_GAP_SUMS];
    for (size_t s = 0; s < N_GAP_SUMS; s++) {
        double *column = work + s * t->n;
        const double *within = s < 2 ? g->within : rest->within;
        const double *outcomes = s % 2 == 0 ? captured : recorded;
        for (size_t i = 0; i < t->n; i++) {
            column[i] = within[i] * outcomes[i];
        }
        columns[s] = column;
        sums[s] = onus_sum_of(column, t->n);
    }
    onus_measure m = place_draft_of("burden.capture_gap");
    place_scope_group(&m, g);
    if (type < o->n_types) {
        onus_scope_set_text(&m.scope, "type", o->types[type]);
    }
    const char *undefined = g->undefined != NULL ? g->undefined : rest->undefined;
    if (undefined == NULL && !(sums[1] > 0.0 && sums[3] > 0.0)) {
        undefined = "no outcome is recorded where the group, or where everyone else, lives";
    }
    onus_status status = ONUS_OK;
    if (undefined != NULL) {
        onus_draft_set_number(&m, onus_number_none(undefined));
    } else {
        onus_draft_set_number(&m, onus_number_of(gap_of(sums)));
        m.has_fraction = true;
        m.num = m.value * sums[1];
        m.den = sums[1];
        ONUS_TRY(gap_interval(t, columns, &m));
    }
    ONUS_TRY(place_add(t, &m, NULL));
out:
    onus_free(work);
    return status;
}

onus_status burden_outcomes(place_trial *t) {
    onus_status status = ONUS_OK;
    if (!t->outcomes.given) {
        return ONUS_OK;
    }
    ONUS_TRY(try_excess(t));
    ONUS_TRY(burden_reporting(t));
    const size_t n_types = t->outcomes.n_types;
    for (size_t k = 0; t->outcomes.captured != NULL && k < t->n_groups; k++) {
        ONUS_TRY(add_gap(t, k, n_types));
        for (size_t type = 0; type < n_types && n_types > 1; type++) {
            ONUS_TRY(add_gap(t, k, type));
        }
    }
out:
    return status;
}
