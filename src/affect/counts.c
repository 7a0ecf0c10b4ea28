/* What the evidence holds: items, people, raters, and how often the product abstained, for whom.
 *
 * Counts of people (raters are people too) are withheld where they are small, and so is what would
 * give a small one back. Called by trial.c. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_cluster.h"
#include "validity_internal.h"

static const char ANONYMOUS[] =
    "the votes name no rater: how many people cast them is not known, and anonymous votes put into "
    "numbered slots are no raters";
static const char FEW[] = "withheld: a small number of people, or one that would give one back";

/* ---- items and people ---- */

static onus_status add_items(affect_trial *t, const affect_grouping *g, size_t group) {
    onus_measure m = affect_draft_of("affect.items");
    size_t n = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        n += t->said[i] != AFFECT_NOT_ASKED &&
             (g == NULL || affect_group_of_item(t, g, i) == (int32_t)group);
    }
    onus_draft_set_number(&m, onus_number_of((double)n));
    if (g != NULL) {
        affect_scope_group(t, &m, g, group);
        onus_draft_mark_group(&m, &g->show[group]);
    }
    return affect_add(t, &m, NULL);
}

static onus_status add_people(affect_trial *t, const affect_grouping *g, size_t group) {
    onus_measure m = affect_draft_of("affect.people");
    if (!t->knows_people) {
        onus_draft_set_number(&m, onus_number_none("the case does not say whom the items show "
                                                   "(items.person)"));
        return affect_add(t, &m, NULL);
    }
    onus_draft_set_number(&m,
                          onus_number_of((double)(g != NULL ? g->n_people[group] : t->n_people)));
    m.withheld = g != NULL ? g->show[group].hide_count : t->hide_people;
    if (g != NULL) {
        affect_scope_group(t, &m, g, group);
    }
    m.reason = m.withheld ? FEW : m.reason;
    return affect_add(t, &m, NULL);
}

/* ---- abstentions ---- */

/* Per person: abstained, all. */
static void share_of(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[0] = totals[1] > 0.0 ? totals[0] / totals[1] : NAN;
}

/* Sums of the people who are in it; how many they are. */
static size_t sum_abstained(const affect_trial *t, const affect_grouping *g, size_t group,
                            double *sums) {
    size_t n = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        if (t->said[i] != AFFECT_NOT_ASKED &&
            (g == NULL || affect_group_of_item(t, g, i) == (int32_t)group)) {
            double *of = &sums[2 * (size_t)t->person[i]];
            of[0] += t->said[i] == AFFECT_ABSTAINED;
            of[1] += 1.0;
        }
    }
    for (size_t p = 0; p < t->n_person_indices; p++) {
        if (sums[2 * p + 1] > 0.0) {
            sums[2 * n] = sums[2 * p];
            sums[2 * n + 1] = sums[2 * p + 1];
            n++;
        }
    }
    return n;
}

static onus_status add_abstained(affect_trial *t, const affect_grouping *g, size_t group) {
    onus_status status = ONUS_OK;
    onus_measure m = affect_draft_of("affect.abstained");
    onus_cluster_estimate estimate;
    const onus_cluster_opts opts = affect_cluster_opts(t, true);
    double abstained = 0.0;
    double all = 0.0;
    double *sums = onus_alloc_n(2 * t->n_person_indices, sizeof *sums);
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = sum_abstained(t, g, group, sums), .n_sums = 2};
    for (size_t p = 0; p < data.n_clusters; p++) { /* whole numbers */
        abstained += sums[2 * p];
        all += sums[2 * p + 1];
    }
    onus_draft_set_fraction(&m, abstained, all, "no item of this group");
    if (data.n_clusters > 0) {
        ONUS_TRY(
            onus_cluster_estimates(&data, share_of, NULL, 1, &opts, t->context, &estimate, t->err));
        affect_set_share_estimate(t, &m, &estimate);
    }
    if (g != NULL) {
        affect_scope_group(t, &m, g, group);
        onus_draft_mark_group(&m, &g->show[group]);
    }
    ONUS_TRY(affect_add(t, &m, NULL));
out:
    onus_free(sums);
    return status;
}

/* ---- onlookers ---- */

static onus_status add_stratum_items(affect_trial *t, size_t stratum) {
    const onus_votes *votes = &t->a->votes;
    onus_measure m = affect_draft_of("affect.items");
    size_t n = 0;
    for (size_t u = 0; u < votes->n_units; u++) {
        n += (size_t)votes->stratum[u] == stratum && t->said[votes->item[u]] != AFFECT_NOT_ASKED;
    }
    onus_draft_set_number(&m, onus_number_of((double)n));
    affect_scope_stratum(t, &m, stratum);
    return affect_add(t, &m, NULL);
}

/* Raters who voted in a stratum (SIZE_MAX: in any). */
static onus_status count_raters(const affect_trial *t, size_t stratum, size_t *n) {
    const onus_votes *votes = &t->a->votes;
    uint8_t *seen = onus_alloc_n(votes->n_raters, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *n = 0;
    for (size_t v = 0; v < votes->n_votes; v++) {
        const bool here = stratum == SIZE_MAX || (size_t)votes->stratum[votes->unit[v]] == stratum;
        if (here && seen[votes->rater[v]] == 0) {
            seen[votes->rater[v]] = 1;
            (*n)++;
        }
    }
    onus_free(seen);
    return ONUS_OK;
}

static onus_status add_raters(affect_trial *t, size_t stratum) {
    onus_measure m = affect_draft_of("affect.raters");
    size_t n = 0;
    if (t->a->votes.named_raters) {
        const onus_status status = count_raters(t, stratum, &n);
        if (status != ONUS_OK) {
            return status;
        }
        onus_draft_set_number(&m, onus_number_of((double)n));
        m.withheld = n < t->c->protocol.suppress_below;
        m.reason = m.withheld ? FEW : NULL;
    } else {
        onus_draft_set_number(&m, onus_number_none(ANONYMOUS));
    }
    if (stratum != SIZE_MAX) {
        affect_scope_stratum(t, &m, stratum);
    }
    return affect_add(t, &m, NULL);
}

onus_status affect_counts(affect_trial *t) {
    const onus_votes *votes = &t->a->votes;
    onus_status status = ONUS_OK;
    ONUS_TRY(add_items(t, NULL, 0));
    ONUS_TRY(add_people(t, NULL, 0));
    ONUS_TRY(add_abstained(t, NULL, 0));
    for (size_t k = 0; k < t->n_groupings; k++) {
        const affect_grouping *g = &t->groupings[k];
        for (size_t v = 0; v < g->n_groups; v++) {
            ONUS_TRY(add_items(t, g, v));
            ONUS_TRY(add_abstained(t, g, v));
            if (!g->crossed) { /* how many are in an intersection is not printed */
                ONUS_TRY(add_people(t, g, v));
            }
        }
    }
    if (votes->given) {
        ONUS_TRY(add_raters(t, SIZE_MAX));
        for (size_t s = 0; votes->n_strata > 1 && s < votes->n_strata; s++) {
            ONUS_TRY(add_stratum_items(t, s));
            ONUS_TRY(votes->named_raters ? add_raters(t, s) : ONUS_OK);
        }
    }
out:
    return status;
}
