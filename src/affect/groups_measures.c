/* Measures of a pair of groups: gaps, odds ratio, tests, and what could have been seen.
 *
 * Called by groups.c. Computes nothing but what turns one number into another. */
#include <math.h>

#include "groups_internal.h"
#include "onus/stats_interval.h"

static const double POWER = 0.8;

static onus_measure begin(const affect_pair *pair, bool with_against, const char *id) {
    onus_measure m = affect_draft_of(id);
    onus_scope_set_text(&m.scope, "by", pair->grouping->name);
    onus_scope_set_text(&m.scope, "group", pair->grouping->groups[pair->group]);
    onus_scope_set_text(&m.scope, "reference", pair->grouping->groups[pair->base]);
    if (with_against) {
        affect_scope_against(&m, pair->labels);
    }
    return m;
}

static onus_status add(affect_trial *t, const affect_pair *pair, onus_measure *m) {
    const onus_group_show show = {.state = pair->state, .reason = pair->why_state};
    onus_draft_mark_group(m, &show);
    if (m->withheld) {
        m->has_p = false;
    }
    return affect_add(t, m, NULL);
}

static void set_p(onus_measure *m, double p) {
    m->has_p = m->has_value && !isnan(p);
    m->p_value = m->has_p ? p : 0.0;
}

static onus_status add_gap(affect_trial *t, const affect_pair *pair, bool with_against,
                           const char *id, size_t which) {
    const onus_cluster_estimate *e = &pair->values[which];
    onus_measure m = begin(pair, with_against, id);
    const bool matched = which == ONUS_GROUP_GAP;
    onus_draft_set_number(
        &m, (onus_number){.value = e->value,
                          .reason = matched && pair->refused != NULL ? pair->refused : e->reason});
    affect_set_estimate(t, &m, e);
    set_p(&m, e->se > 0.0 ? onus_se_p(e->value, e->se, e->df, 0.0) : NAN);
    return add(t, pair, &m);
}

/* Odds ratio from limits of its logarithm. */
static onus_status add_odds(affect_trial *t, const affect_pair *pair, bool with_against) {
    const onus_cluster_estimate *e = &pair->values[ONUS_GROUP_LOG_ODDS];
    onus_measure m = begin(pair, with_against, "affect.mantel_haenszel");
    onus_cluster_estimate ratio = *e;
    onus_draft_set_number(&m,
                          (onus_number){.value = pair->mh.odds_ratio, .reason = pair->mh.reason});
    ratio.limits = (onus_limits){.low = exp(e->limits.low), .high = exp(e->limits.high)};
    affect_set_estimate(t, &m, &ratio);
    set_p(&m, e->se > 0.0 ? onus_se_p(e->value, e->se, e->df, 0.0) : NAN);
    onus_status status = add(t, pair, &m);
    if (status != ONUS_OK) {
        return status;
    }
    onus_measure delta = begin(pair, with_against, "affect.ets_delta");
    onus_cluster_estimate scaled = *e; /* falls as the logarithm rises */
    const double per_log = pair->mh.delta / pair->mh.log_odds;
    scaled.limits = (onus_limits){.low = per_log * e->limits.high, .high = per_log * e->limits.low};
    onus_draft_set_number(&delta,
                          (onus_number){.value = pair->mh.delta, .reason = pair->mh.reason});
    if (isfinite(per_log)) {
        affect_set_estimate(t, &delta, &scaled);
    }
    return add(t, pair, &delta);
}

static onus_status add_z(affect_trial *t, const affect_pair *pair, bool with_against,
                         const char *errors, double z, double p) {
    onus_measure m = begin(pair, with_against, "affect.mantel_haenszel_z");
    onus_scope_set_text(&m.scope, "errors", errors);
    onus_draft_set_number(&m, (onus_number){.value = z,
                                            .reason = pair->mh.reason != NULL
                                                          ? pair->mh.reason
                                                          : "how people vary is not known"});
    set_p(&m, p);
    return add(t, pair, &m);
}

static onus_status add_tests(affect_trial *t, const affect_pair *pair, bool with_against) {
    const onus_cluster_estimate *e = &pair->values[ONUS_GROUP_LOG_ODDS];
    const double effect = onus_design_effect(e->se, sqrt(pair->mh.variance));
    const struct {
        const char *name;
        double chi2;
        double df;
    } tests[] = {{"uniform", pair->dif.uniform_chi2, 1.0},
                 {"interaction", pair->dif.interaction_chi2, pair->dif.interaction_df}};
    onus_status status = ONUS_OK;
    ONUS_TRY(add_z(t, pair, with_against, "items", pair->mh.z_naive,
                   onus_t_p(pair->mh.z_naive, INFINITY)));
    ONUS_TRY(add_z(t, pair, with_against, "people", e->se > 0.0 ? e->value / e->se : NAN,
                   e->se > 0.0 ? onus_se_p(e->value, e->se, e->df, 0.0) : NAN));
    for (size_t k = 0; k < 2; k++) {
        onus_measure m = begin(pair, with_against, "affect.dif");
        onus_scope_set_text(&m.scope, "test", tests[k].name);
        onus_draft_set_number(
            &m, (onus_number){.value = isnan(effect) ? NAN : tests[k].chi2 / fmax(1.0, effect),
                              .reason = pair->dif.reason != NULL ? pair->dif.reason
                                        : isnan(effect)          ? "how people vary is not known"
                                                        : "a single label tells: nothing can "
                                                          "differ between labels"});
        set_p(&m, onus_rao_scott_p(tests[k].chi2, tests[k].df, effect, e->df));
        ONUS_TRY(add(t, pair, &m));
    }
out:
    return status;
}

static onus_status add_detectable(affect_trial *t, const affect_pair *pair, bool with_against) {
    const onus_cluster_estimate *e = &pair->values[ONUS_GROUP_GAP];
    onus_measure m = begin(pair, with_against, "affect.detectable_gap");
    onus_draft_set_number(
        &m, (onus_number){.value = onus_detectable_gap(e->se, e->df, t->c->protocol.level, POWER),
                          .reason = pair->refused != NULL ? pair->refused : e->reason});
    return add(t, pair, &m);
}

onus_status affect_pair_measures(affect_trial *t, const affect_pair *pair, bool with_against) {
    onus_status status = ONUS_OK;
    ONUS_TRY(add_gap(t, pair, with_against, "affect.gap", ONUS_GROUP_GAP));
    if (pair->n_people == 0) {
        goto out; /* an intersection that nobody is in: said once */
    }
    ONUS_TRY(add_gap(t, pair, with_against, "affect.gap_crude", ONUS_GROUP_CRUDE));
    ONUS_TRY(add_gap(t, pair, with_against, "affect.gap_mix", ONUS_GROUP_MIX));
    ONUS_TRY(add_odds(t, pair, with_against));
    ONUS_TRY(add_tests(t, pair, with_against));
    ONUS_TRY(add_detectable(t, pair, with_against));
    onus_measure adjusted = begin(pair, with_against, "affect.gap_p_adjusted");
    onus_draft_set_number(&adjusted, (onus_number){.value = pair->p_adjusted,
                                                   .reason = "the gap has no p-value of its own"});
    ONUS_TRY(add(t, pair, &adjusted));
out:
    return status;
}
