/* For whom is the label wrong: each group against the largest one of its grouping.
 *
 * Labels are matched first: what is compared is how often the product is right about the same
 * label, and the crude gap stands beside. Intersections of two groupings are compared in the same
 * way. A pair where one side lacks a label is refused, a group of one or two people is withheld;
 * and of all the pairs that are compared the p-values are adjusted, since the worst of twenty
 * groups looks bad by chance. Called by trial.c. Never says why a group differs. */
#include <math.h>
#include <string.h>

#include "groups_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

/* ---- one pair ---- */

/* Sums of everybody in one of the two groups: right and all by label, in the half of their side. */
static size_t take_people(const affect_trial *t, const affect_view *view, const affect_pair *pair,
                          double *sums, int32_t *side) {
    const size_t q = t->n_labels;
    size_t n = 0;
    for (size_t p = 0; p < view->data.n_people; p++) {
        const int32_t group = pair->grouping->of_person[view->people[p]];
        if (group != (int32_t)pair->group && group != (int32_t)pair->base) {
            continue;
        }
        const double *cells = &view->sums[p * onus_confusion_n_cells(q)];
        const size_t which = group == (int32_t)pair->group ? 0 : 1;
        double *of = &sums[n * onus_group_n_sums(q)];
        memset(of, 0, onus_group_n_sums(q) * sizeof *of);
        for (size_t l = 0; l < q; l++) {
            const onus_fraction recall = onus_confusion_recall(cells, q, l);
            of[2 * (which * q + l)] = recall.num;
            of[2 * (which * q + l) + 1] = recall.den;
        }
        side[n++] = (int32_t)which;
    }
    return n;
}

static const char *refusal(affect_trial *t, const affect_pair *pair) {
    int which = 0;
    const int32_t label = onus_group_missing(pair->cells, t->n_labels, &which);
    if (label < 0) {
        return NULL;
    }
    return onus_result_text(t->result,
                            "the reference never has '%s' for %s: on labels that only one of both "
                            "has there is no comparison",
                            t->labels[label],
                            pair->grouping->groups[which == 0 ? pair->group : pair->base]);
}

static onus_status compare(affect_trial *t, const affect_view *view, double *sums, int32_t *side,
                           affect_pair *pair) {
    const size_t q = t->n_labels;
    const size_t n_sums = onus_group_n_sums(q);
    onus_status status = ONUS_OK;
    const size_t n = take_people(t, view, pair, sums, side);
    pair->cells = affect_alloc(t, 2 * q, sizeof *pair->cells);
    if (pair->cells == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < n; p++) {
        pair->n_people += side[p] == 0;
        for (size_t k = 0; k < 2 * q; k++) {
            pair->cells[k].right += sums[p * n_sums + 2 * k];
            pair->cells[k].all += sums[p * n_sums + 2 * k + 1];
        }
    }
    for (size_t k = 0; k < ONUS_GROUP_N_VALUES; k++) {
        pair->values[k] = (onus_cluster_estimate){.value = NAN,
                                                  .se = NAN,
                                                  .df = NAN,
                                                  .limits = onus_limits_none(),
                                                  .reason = "nobody of this group is compared"};
    }
    onus_mantel_haenszel_of(pair->cells, q, &pair->mh);
    onus_dif_of(pair->cells, q, &pair->dif);
    if (pair->n_people == 0) {
        pair->refused = pair->values[0].reason;
        return ONUS_OK;
    }
    pair->refused = refusal(t, pair);
    const onus_group_shape shape = {.n_labels = q};
    const onus_cluster_opts opts = affect_cluster_opts(t, false);
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = n, .n_sums = n_sums, .stratum = side, .n_strata = 2};
    ONUS_TRY(onus_cluster_estimates(&data, onus_group_values, &shape, ONUS_GROUP_N_VALUES, &opts,
                                    t->context, pair->values, t->err));
    const onus_cluster_estimate *gap = &pair->values[ONUS_GROUP_GAP];
    pair->p_gap = gap->se > 0.0 ? onus_se_p(gap->value, gap->se, gap->df, 0.0) : NAN;
out:
    return status;
}

/* ---- all pairs of one reference ---- */

static size_t largest(const affect_view *view, const affect_grouping *g,
                      const onus_group_show *show, size_t *n_people) {
    memset(n_people, 0, g->n_groups * sizeof *n_people);
    for (size_t p = 0; p < view->data.n_people; p++) {
        const int32_t group = g->of_person[view->people[p]];
        if (group >= 0) {
            n_people[group]++;
        }
    }
    size_t best = g->n_groups;
    for (size_t v = 0; v < g->n_groups; v++) {
        const bool may = n_people[v] > 0 && show[v].state != ONUS_GROUP_WITHHELD;
        best = may && (best == g->n_groups || n_people[v] > n_people[best]) ? v : best;
    }
    return best;
}

static onus_status compare_grouping(affect_trial *t, const affect_reference *r,
                                    const affect_view *view, const affect_grouping *g,
                                    onus_array *pairs) {
    onus_status status = ONUS_ERR_NOMEM;
    const size_t n = view->data.n_people;
    double *sums = onus_alloc_n(n * onus_group_n_sums(t->n_labels), sizeof *sums);
    int32_t *side = onus_alloc_n(n, sizeof *side);
    size_t *n_people = onus_alloc_n(g->n_groups, sizeof *n_people);
    onus_group_show *show = onus_alloc_n(g->n_groups, sizeof *show);
    if (sums == NULL || side == NULL || n_people == NULL || show == NULL) {
        goto out;
    }
    ONUS_TRY(affect_view_show(t, view, g, show));
    const size_t base = largest(view, g, show, n_people);
    for (size_t v = 0; v < g->n_groups && base < g->n_groups; v++) {
        if (v == base) {
            continue;
        }
        const onus_group_show *graver = show[v].state >= show[base].state ? &show[v] : &show[base];
        affect_pair pair = {.labels = r,
                            .grouping = g,
                            .group = v,
                            .base = base,
                            .state = graver->state,
                            .why_state = graver->reason,
                            .p_gap = NAN,
                            .p_adjusted = NAN};
        ONUS_TRY(compare(t, view, sums, side, &pair));
        ONUS_TRY(onus_array_push(pairs, &pair));
    }
    status = ONUS_OK;
out:
    onus_free(sums);
    onus_free(side);
    onus_free(n_people);
    onus_free(show);
    return status;
}

/* The family: all pairs of one reference that may be shown. */
static onus_status adjust(affect_pair *pairs, size_t n) {
    double *p = onus_alloc_n(n, sizeof *p);
    if (p == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n; k++) {
        p[k] = pairs[k].state == ONUS_GROUP_WITHHELD ? NAN : pairs[k].p_gap;
    }
    const onus_status status = onus_benjamini_hochberg(p, n, p);
    for (size_t k = 0; status == ONUS_OK && k < n; k++) {
        pairs[k].p_adjusted = p[k];
    }
    onus_free(p);
    return status;
}

/* The widest distance between two groups of a grouping that are shown, the reference group's gap
 * being 0. */
static onus_status add_widest(affect_trial *t, const affect_pair *pairs, size_t n,
                              const affect_grouping *g, const affect_reference *r) {
    onus_measure m = affect_draft_of("affect.gap_widest");
    double low = 0.0;
    double high = 0.0;
    size_t n_pairs = 0;
    for (size_t k = 0; k < n; k++) {
        const double gap = pairs[k].values[ONUS_GROUP_GAP].value;
        if (pairs[k].grouping == g && pairs[k].state != ONUS_GROUP_WITHHELD && !isnan(gap)) {
            low = fmin(low, gap);
            high = fmax(high, gap);
            n_pairs++;
        }
    }
    affect_scope_against(&m, r);
    onus_scope_set_text(&m.scope, "by", g->name);
    onus_draft_set_number(
        &m, n_pairs > 0 ? onus_number_of(high - low)
                        : onus_number_none("no two groups can be compared on all labels"));
    if (m.has_value) {
        m.reason = "no interval: the widest of several gaps was picked after looking";
    }
    return affect_add(t, &m, NULL);
}

static onus_status compare_reference(affect_trial *t, const affect_reference *r,
                                     onus_array *pairs) {
    affect_view view = {0};
    onus_status status = ONUS_OK;
    const size_t first = pairs->n_items;
    ONUS_TRY(affect_view_make(t, r->truth, NULL, 0, &view));
    for (size_t k = 0; k < t->n_groupings && !affect_view_is_tiny(t, &view); k++) {
        ONUS_TRY(compare_grouping(t, r, &view, &t->groupings[k], pairs));
    }
    const size_t n = pairs->n_items - first;
    if (n == 0) { /* no groups: there may be no pair at all, and nothing to point into */
        goto out;
    }
    affect_pair *of_reference = (affect_pair *)pairs->items + first;
    ONUS_TRY(adjust(of_reference, n));
    for (size_t k = 0; k < n; k++) {
        if (r == t->main) { /* the one that the board is told of, also without naming it */
            ONUS_TRY(affect_pair_measures(t, &of_reference[k], false));
        }
        ONUS_TRY(affect_pair_measures(t, &of_reference[k], true));
    }
    for (size_t k = 0; k < t->n_groupings; k++) {
        ONUS_TRY(add_widest(t, of_reference, n, &t->groupings[k], r));
    }
out:
    affect_view_clear(&view);
    return status;
}

onus_status affect_groups(affect_trial *t) {
    onus_status status = ONUS_OK;
    onus_array pairs = ONUS_ARRAY_OF(affect_pair);
    for (size_t k = 0; k < t->n_references; k++) {
        if (t->references[k].n_compared > 0) {
            ONUS_TRY(compare_reference(t, &t->references[k], &pairs));
        }
    }
    ONUS_TRY(affect_pair_series(t, pairs.items, pairs.n_items));
out:
    onus_array_clear(&pairs);
    return status;
}
