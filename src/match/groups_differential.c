/* Max over min, Gini, GARBE, FDR and their like over groups, with what drawing other people makes
 * of them.
 *
 * The idea: such a figure is one number made of many noisy rates, and the largest of noisy rates
 * over the smallest exceeds 1 even where all groups are alike. So the rates of all groups are drawn
 * again together (vertex bootstrap: shared people stay shared). For the two that follow from
 * largest and smallest alone (max over min, max minus min) the interval also holds what the groups'
 * own limits allow, each at a level that lets all of them hold at once; only these carry a verdict.
 *
 * Called by groups.c. Groups that are withheld are left out. */
#include <math.h>

#include "groups_internal.h"
#include "onus/alloc.h"
#include "onus/stats_differential.h"
#include "onus/stats_interval.h"

static const double ALPHA = 0.5; /* GARBE, FDR, inequity ratio: both kinds of error weigh alike */

enum {
    MAX_MIN,
    MAX_MINUS_MIN,
    MAX_GEOMEAN,
    MAX_MEAN,
    GINI,
    N_SINGLE,
    GARBE = N_SINGLE,
    FDR,
    INEQUITY,
    N_FIGURES
};
static const char *const IDS[N_FIGURES] = {
    "match.max_min", "match.max_minus_min", "match.max_geomean", "match.max_mean",
    "match.gini",    "match.garbe",         "match.fdr",         "match.inequity"};

/* Groups that take part, and the rates of a draw: [kind][group]. */
typedef struct panel {
    const group_bench *bench;
    size_t *groups;
    size_t n;
    bool weak;
    double *rates; /* MATCH_N_KINDS x n */
} panel;

static onus_number single(const onus_differential *d, int figure) {
    switch (figure) {
    case MAX_MIN:
        return d->max_over_min;
    case MAX_MINUS_MIN:
        return d->max_minus_min;
    case MAX_GEOMEAN:
        return d->max_over_geomean;
    case MAX_MEAN:
        return d->max_over_mean;
    default:
        return d->gini_corrected;
    }
}

/* Figures of one set of rates: [kind] x single, then the joint ones (of the kind genuine, 0). */
enum { N_OUT = MATCH_N_KINDS * N_SINGLE + N_FIGURES - N_SINGLE };

static onus_status figures_of(const double *rates, size_t n, onus_number *out) {
    onus_differential d[MATCH_N_KINDS];
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < MATCH_N_KINDS; k++) {
        ONUS_TRY(onus_differential_of(rates + k * n, n, &d[k]));
        for (int f = 0; f < N_SINGLE; f++) {
            out[k * N_SINGLE + (size_t)f] = single(&d[k], f);
        }
    }
    const onus_differential_joint joint =
        onus_differential_join(&d[MATCH_IMPOSTOR], &d[MATCH_GENUINE], ALPHA);
    onus_number *last = out + MATCH_N_KINDS * N_SINGLE;
    last[GARBE - N_SINGLE] = joint.garbe;
    last[FDR - N_SINGLE] = joint.fdr;
    last[INEQUITY - N_SINGLE] = joint.inequity;
out:
    return status;
}

/* ---- who takes part ---- */

static onus_status panel_of(const match_trial *t, const group_bench *bench, panel *out) {
    *out = (panel){.bench = bench,
                   .groups = onus_alloc_n(bench->n_groups, sizeof *out->groups),
                   .rates = onus_alloc_n(bench->n_groups, MATCH_N_KINDS * sizeof *out->rates)};
    if (out->groups == NULL || out->rates == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t g = 0; g < bench->n_groups; g++) {
        const match_group *group = match_group_of(t, bench->grouping, g);
        const uint64_t n = bench->of[MATCH_GENUINE][g].tally.n_comparisons +
                           bench->of[MATCH_IMPOSTOR][g].tally.n_comparisons;
        if (group->show.state != ONUS_GROUP_WITHHELD && n > 0) {
            out->groups[out->n++] = g;
            out->weak = out->weak || group->show.state == ONUS_GROUP_WEAK;
        }
    }
    for (size_t k = 0; k < MATCH_N_KINDS; k++) {
        for (size_t i = 0; i < out->n; i++) {
            const match_tally *tally = &bench->of[k][out->groups[i]].tally;
            out->rates[k * out->n + i] =
                tally->n_comparisons > 0 ? (double)tally->n_errors / (double)tally->n_comparisons
                                         : NAN;
        }
    }
    return ONUS_OK;
}

static void panel_clear(panel *p) {
    onus_free(p->groups);
    onus_free(p->rates);
}

/* ---- drawing ---- */

/* n_replicates x N_OUT figures; NaN where a draw leaves one undefined. */
static onus_status draw(match_trial *t, const panel *p, double **out) {
    const size_t n_rates = MATCH_N_KINDS * p->n;
    const size_t n_draws = t->c->protocol.n_replicates;
    onus_vertex_plan *plan = NULL;
    onus_status status = ONUS_ERR_NOMEM;
    onus_vertex_rate *rates = onus_alloc_n(n_rates, sizeof *rates);
    match_design *designs = onus_alloc_n(p->n, sizeof *designs);
    double *drawn = onus_alloc_n(n_draws, n_rates * sizeof *drawn);
    double *figures = onus_alloc_n(n_draws, N_OUT * sizeof *figures);
    if (rates == NULL || designs == NULL || drawn == NULL || figures == NULL) {
        goto out;
    }
    for (size_t i = 0; i < p->n; i++) {
        const size_t g = p->groups[i];
        ONUS_TRY(match_design_of(t, p->bench->set, p->bench->grouping, (int32_t)g, &designs[i]));
        rates[MATCH_GENUINE * p->n + i].dyads = &p->bench->of[MATCH_GENUINE][g].tally.dyads;
        rates[MATCH_IMPOSTOR * p->n + i] =
            (onus_vertex_rate){.dyads = &p->bench->of[MATCH_IMPOSTOR][g].tally.dyads,
                               .factors = designs[i].factors,
                               .n_factors = designs[i].n_factors};
    }
    ONUS_TRY(onus_vertex_plan_new(rates, n_rates, &plan));
    ONUS_TRY(onus_vertex_bootstrap(plan, ONUS_VERTEX_MULTINOMIAL, t->c->protocol.seed, n_draws,
                                   t->context, drawn, t->err));
    for (size_t r = 0; r < n_draws; r++) {
        onus_number of[N_OUT];
        ONUS_TRY(figures_of(drawn + r * n_rates, p->n, of));
        for (size_t f = 0; f < N_OUT; f++) {
            figures[f * n_draws + r] = of[f].value;
        }
    }
    *out = figures;
    figures = NULL;
out:
    for (size_t i = 0; designs != NULL && i < p->n; i++) {
        match_design_clear(&designs[i]);
    }
    onus_vertex_plan_free(plan);
    onus_free(rates);
    onus_free(designs);
    onus_free(drawn);
    onus_free(figures);
    return status;
}

/* ---- what the groups' own limits allow ---- */

/* Of the groups' limits: the largest and the smallest of either end. */
typedef struct extremes {
    onus_limits most;
    onus_limits least;
} extremes;

static void widen(extremes *e, onus_limits limits) {
    e->most.low = fmax(e->most.low, limits.low);
    e->most.high = fmax(e->most.high, limits.high);
    e->least.low = fmin(e->least.low, limits.low);
    e->least.high = fmin(e->least.high, limits.high);
}

/* As of two groups (onus_dyadic_difference): people whom small samples lack weigh on both rates
 * alike, so that a ratio does without the room for them and a difference does not. */
static onus_status box(const match_trial *t, const panel *p, size_t kind, onus_limits *ratio,
                       onus_limits *difference) {
    const double level = 1.0 - (1.0 - t->c->protocol.level) / (double)p->n;
    extremes seen = {{0.0, 0.0}, {1.0, 1.0}};
    extremes all = seen;
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < p->n; i++) {
        onus_dyadic of;
        ONUS_TRY(onus_dyadic_estimate(&p->bench->of[kind][p->groups[i]].tally.dyads, level, &of));
        const bool by_disjoint = of.widened || of.n_errors == 0 || of.n_errors == of.n_comparisons;
        if (by_disjoint && match_group_of(t, p->bench->grouping, p->groups[i])->hide_size) {
            const bool inside = of.rate > 0.0 && of.rate < 1.0;
            /* a limit would tell how many they are */
            of.among_seen = (onus_limits){inside ? of.among_seen.low : 0.0, 1.0};
            of.limits = (onus_limits){inside ? of.limits.low : 0.0, 1.0};
        }
        widen(&seen, of.among_seen);
        widen(&all, of.limits);
    }
    *difference = (onus_limits){.low = fmax(0.0, all.most.low - all.least.high),
                                .high = all.most.high - all.least.low};
    *ratio = (onus_limits){
        .low = seen.least.high > 0.0 ? fmax(1.0, seen.most.low / seen.least.high) : 1.0,
        .high = seen.least.low > 0.0 ? seen.most.high / seen.least.low : INFINITY};
out:
    return status;
}

/* ---- the measures ---- */

static void set_interval(const match_trial *t, const panel *p, onus_measure *m, onus_limits limits,
                         bool carries) {
    if (isinf(limits.low) && isinf(limits.high)) {
        return;
    }
    m->interval = (onus_interval){
        .given = true,
        .level = t->c->protocol.level,
        .low = isinf(limits.low) ? NAN : limits.low,
        .high = isinf(limits.high) ? NAN : limits.high,
        .method =
            carries ? "vertex bootstrap, and the groups' limits together" : "vertex bootstrap",
        .resampled = "person",
        .weak = p->weak || !carries,
        .weak_reason = p->weak ? "a group of too few people takes part"
                       : carries
                           ? NULL
                           : "noise alone sets groups apart: the ratios of single groups decide"};
}

static onus_status add(match_trial *t, const panel *p, size_t at, int figure, const char *rate,
                       onus_number value, const double *drawn, const onus_limits *allowed) {
    const size_t n_draws = t->c->protocol.n_replicates;
    onus_measure m = match_draft_of(IDS[figure]);
    onus_status status = ONUS_OK;
    match_scope_set(&m, p->bench->set);
    match_scope_point(&m, p->bench->point);
    onus_scope_set_text(&m.scope, "by", match_group_of(t, p->bench->grouping, 0)->by);
    if (rate != NULL) {
        onus_scope_set_text(&m.scope, "rate", rate);
    }
    onus_draft_set_number(&m, value);
    if (m.has_value && drawn != NULL) {
        onus_limits limits;
        ONUS_TRY(
            onus_percentile_interval(drawn + at * n_draws, n_draws, t->c->protocol.level, &limits));
        if (allowed != NULL) {
            limits.low = fmin(limits.low, allowed->low);
            limits.high = fmax(limits.high, allowed->high);
        }
        if (!isnan(limits.low)) {
            set_interval(t, p, &m, limits, allowed != NULL);
        }
    }
    ONUS_TRY(match_add(t, &m, NULL));
out:
    return status;
}

static onus_status add_all(match_trial *t, const panel *p, const double *drawn) {
    onus_number value[N_OUT];
    onus_status status = ONUS_OK;
    ONUS_TRY(figures_of(p->rates, p->n, value));
    for (size_t k = 0; k < MATCH_N_KINDS; k++) {
        onus_limits allowed[2];
        if (drawn != NULL) {
            ONUS_TRY(box(t, p, k, &allowed[MAX_MIN], &allowed[MAX_MINUS_MIN]));
        }
        for (int f = 0; f < N_SINGLE; f++) {
            const size_t at = k * N_SINGLE + (size_t)f;
            ONUS_TRY(add(t, p, at, f, match_rate_name((match_kind)k), value[at], drawn,
                         f <= MAX_MINUS_MIN && drawn != NULL ? &allowed[f] : NULL));
        }
    }
    for (int f = N_SINGLE; f < N_FIGURES; f++) {
        const size_t at = MATCH_N_KINDS * N_SINGLE + (size_t)(f - N_SINGLE);
        ONUS_TRY(add(t, p, at, f, NULL, value[at], drawn, NULL));
    }
out:
    return status;
}

onus_status match_groups_differentials(match_trial *t, const group_bench *bench) {
    panel p = {0};
    double *drawn = NULL;
    onus_status status = ONUS_OK;
    ONUS_TRY(panel_of(t, bench, &p));
    bool by_people = p.n >= 2 && t->c->protocol.n_replicates > 0;
    for (size_t i = 0; i < p.n; i++) {
        for (size_t k = 0; k < MATCH_N_KINDS; k++) {
            by_people = by_people && bench->of[k][p.groups[i]].is_estimated;
        }
    }
    if (by_people) {
        ONUS_TRY(draw(t, &p, &drawn));
    }
    ONUS_TRY(add_all(t, &p, drawn));
out:
    onus_free(drawn);
    panel_clear(&p);
    return status;
}
