/* What the comparisons of a set are worth: n_effective, disjoint pairs, bounds where nobody erred,
 * and the vertex bootstrap beside the interval.
 *
 * The idea: a table of a million comparisons reads like a million trials. These measures say beside
 * every rate how many it is worth (docs/statistics.md), so that a board can ask for people, not for
 * comparisons. Called by groups.c for every set and threshold. Counts people only as people.c shows
 * them: a number of disjoint pairs is a number of people, and withheld where it is small. */
#include <math.h>

#include "groups_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

static onus_measure draft(const char *id, const match_set *set, const match_point *point,
                          match_kind kind) {
    onus_measure m = match_draft_of(id);
    match_scope_set(&m, set);
    match_scope_point(&m, point);
    if (kind ==
        MATCH_GENUINE) { /* misses by the key; false matches are the board's first question */
        onus_scope_set_text(&m.scope, "rate", "fnmr");
    }
    return m;
}

static onus_status add_worth(match_trial *t, const match_set *set, const match_point *point,
                             match_kind kind, const onus_dyadic *rate) {
    onus_measure m = draft("match.n_effective", set, point, kind);
    onus_draft_set_number(&m,
                          isnan(rate->n_effective)
                              ? onus_number_none("no comparison erred, or all did: what they are "
                                                 "worth cannot be told from them")
                              : onus_number_of(rate->n_effective));
    return match_add(t, &m, NULL);
}

static onus_status add_disjoint(match_trial *t, const match_set *set, const match_point *point,
                                match_kind kind, const onus_dyadic *rate) {
    const uint32_t below = t->c->protocol.suppress_below;
    const size_t n_people = rate->n_disjoint * (kind == MATCH_IMPOSTOR ? 2 : 1);
    onus_measure m = draft("match.disjoint_pairs", set, point, kind);
    onus_draft_set_number(&m, onus_number_of((double)rate->n_disjoint));
    if (n_people < below || t->n_people < below) {
        m.withheld = true;
        m.reason = "a small number of people";
    }
    return match_add(t, &m, NULL);
}

/* Rule of three: by comparisons, as vendors do, and by pairs that share nobody. */
static onus_status add_bounds(match_trial *t, const match_set *set, const match_point *point,
                              match_kind kind, const onus_dyadic *rate) {
    const struct {
        const char *counted;
        double bound;
    } ways[] = {{"comparisons", rate->by_comparisons.high},
                {"disjoint_pairs", rate->by_disjoint.high}};
    onus_status status = ONUS_OK;
    for (size_t w = 0; w < 2 && rate->n_errors == 0; w++) {
        onus_measure m = draft("match.zero_bound", set, point, kind);
        onus_scope_set_text(&m.scope, "counted", ways[w].counted);
        onus_draft_set_number(&m, onus_number_of(ways[w].bound));
        /* gives the number of people back */
        m.withheld = w == 1 && t->n_people < t->c->protocol.suppress_below;
        m.reason = m.withheld ? "a small number of people" : m.reason;
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status draw(match_trial *t, const match_set *set, const onus_dyads *dyads,
                        match_kind kind, onus_limits *out) {
    match_design design = {0};
    onus_vertex_plan *plan = NULL;
    double *drawn = NULL;
    onus_status status = ONUS_OK;
    const size_t n = t->c->protocol.n_replicates;
    if (kind == MATCH_IMPOSTOR) {
        ONUS_TRY(match_design_of(t, set, 0, -1, &design));
    }
    const onus_vertex_rate rate = {
        .dyads = dyads, .factors = design.factors, .n_factors = design.n_factors};
    ONUS_TRY(onus_vertex_plan_new(&rate, 1, &plan));
    drawn = onus_alloc_n(n, sizeof *drawn);
    if (drawn == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_vertex_bootstrap(plan, ONUS_VERTEX_MULTINOMIAL, t->c->protocol.seed, n,
                                   t->context, drawn, t->err));
    ONUS_TRY(onus_percentile_interval(drawn, n, t->c->protocol.level, out));
out:
    onus_free(drawn);
    onus_vertex_plan_free(plan);
    match_design_clear(&design);
    return status;
}

/* Percentiles cover less than they say where few err (docs/statistics.md), so they decide nothing.
 */
static onus_status add_drawn(match_trial *t, const match_set *set, const match_point *point,
                             match_kind kind, const match_tally *tally, const onus_dyadic *rate) {
    onus_measure m =
        match_draft_of(kind == MATCH_IMPOSTOR ? "match.fmr_drawn" : "match.fnmr_drawn");
    onus_limits limits = onus_limits_none();
    onus_status status = ONUS_OK;
    match_scope_set(&m, set);
    match_scope_point(&m, point);
    onus_draft_set_fraction(&m, (double)tally->n_errors, (double)tally->n_comparisons, NULL);
    if (rate->n_errors > 0 && rate->n_errors < rate->n_comparisons) {
        ONUS_TRY(draw(t, set, &tally->dyads, kind, &limits));
    }
    if (isfinite(limits.low) && isfinite(limits.high)) {
        m.interval = (onus_interval){.given = true,
                                     .level = t->c->protocol.level,
                                     .low = limits.low,
                                     .high = limits.high,
                                     .method = "vertex bootstrap",
                                     .resampled = "person",
                                     .weak = true,
                                     .weak_reason = "percentiles cover too little where few err"};
    } else {
        m.reason = "no comparison erred, or all did: nothing varies from draw to draw";
    }
    ONUS_TRY(match_add(t, &m, NULL));
out:
    return status;
}

onus_status match_groups_worth(match_trial *t, const match_set *set, const match_point *point) {
    onus_status status = ONUS_OK;
    match_tally tally = {0};
    for (int k = MATCH_N_KINDS - 1; k >= 0; k--) {
        const match_slice slice = {
            .set = set, .kind = (match_kind)k, .threshold = point->threshold};
        onus_dyadic rate;
        match_tally_clear(&tally);
        ONUS_TRY(match_tally_fill(t, &slice, &tally));
        if (!tally.by_pair || tally.n_comparisons == 0 ||
            tally.dyads.n_comparisons != tally.n_comparisons) {
            continue; /* who was compared is not known, or nobody was */
        }
        ONUS_TRY(onus_dyadic_estimate(&tally.dyads, t->c->protocol.level, &rate));
        ONUS_TRY(add_worth(t, set, point, (match_kind)k, &rate));
        ONUS_TRY(add_disjoint(t, set, point, (match_kind)k, &rate));
        ONUS_TRY(add_bounds(t, set, point, (match_kind)k, &rate));
        ONUS_TRY(add_drawn(t, set, point, (match_kind)k, &tally, &rate));
    }
out:
    match_tally_clear(&tally);
    return status;
}
