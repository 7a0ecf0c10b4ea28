/* Is the label right, against each reference that the case has.
 *
 * One confusion a reference, abstentions its last column; everything is read off it, with intervals
 * over people. Held against onlookers, an item counts with the shares of its votes (the chance to
 * meet one more onlooker), and once more against the commonest vote alone. Called by trial.c. An
 * agreement with onlookers or with an instruction is never called an emotion. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "validity_internal.h"

static const char LEFT_OUT[] = "left_out";

static onus_status estimate(const affect_trial *t, const affect_view *view,
                            onus_cluster_estimate *out) {
    const onus_confusion_shape shape = {.n_labels = t->n_labels};
    const onus_cluster_opts opts = affect_cluster_opts(t, true);
    const onus_cluster_data data = {.sums = view->sums,
                                    .n_clusters = view->data.n_people,
                                    .n_sums = onus_confusion_n_cells(t->n_labels)};
    return onus_cluster_estimates(&data, onus_confusion_values, &shape,
                                  onus_confusion_n_values(t->n_labels), &opts, t->context, out,
                                  t->err);
}

/* ---- one measure each ---- */

typedef struct slice { /* whose measures they are */
    const affect_reference *reference;
    const affect_grouping *grouping; /* NULL: everybody */
    size_t group;
    const onus_group_show *show; /* of the group; NULL: everybody */
    bool plurality;
} slice;

static onus_measure begin(const affect_trial *t, const slice *s, const char *id) {
    onus_measure m = affect_draft_of(id);
    affect_scope_against(&m, s->reference);
    if (s->plurality) {
        onus_scope_set_text(&m.scope, "raters", "plurality");
    }
    if (s->grouping != NULL) {
        affect_scope_group(t, &m, s->grouping, s->group);
    }
    return m;
}

static onus_status add(affect_trial *t, const slice *s, onus_measure *m) {
    if (s->show != NULL) {
        onus_draft_mark_group(m, s->show);
    }
    return affect_add(t, m, NULL);
}

static onus_status add_share(affect_trial *t, const slice *s, onus_measure *m, onus_fraction share,
                             const onus_cluster_estimate *e) {
    onus_draft_set_fraction(m, share.num, share.den, share.reason);
    affect_set_share_estimate(t, m, e);
    return add(t, s, m);
}

static onus_status add_accuracy(affect_trial *t, const slice *s, const double *cells,
                                const onus_cluster_estimate *e) {
    onus_measure all = begin(t, s, "affect.accuracy");
    onus_measure answered = begin(t, s, "affect.accuracy");
    onus_scope_set_text(&answered.scope, "abstentions", LEFT_OUT);
    const onus_status status = add_share(t, s, &all, onus_confusion_accuracy(cells, t->n_labels),
                                         &e[ONUS_CONFUSION_ACCURACY]);
    return status != ONUS_OK
               ? status
               : add_share(t, s, &answered, onus_confusion_accuracy_answered(cells, t->n_labels),
                           &e[ONUS_CONFUSION_ANSWERED]);
}

static onus_status add_balanced(affect_trial *t, const slice *s, const double *cells,
                                const onus_cluster_estimate *e) {
    onus_measure m = begin(t, s, "affect.balanced_accuracy");
    onus_draft_set_number(&m, onus_confusion_balanced(cells, t->n_labels, NULL));
    affect_set_share_estimate(t, &m, &e[ONUS_CONFUSION_BALANCED]);
    return add(t, s, &m);
}

static onus_status add_labels(affect_trial *t, const slice *s, const double *cells,
                              const onus_cluster_estimate *e) {
    static const char *const ids[ONUS_CONFUSION_PER_LABEL] = {"affect.recall", "affect.precision",
                                                              "affect.label_given_not"};
    onus_status status = ONUS_OK;
    for (size_t l = 0; l < t->n_labels; l++) {
        const onus_fraction shares[ONUS_CONFUSION_PER_LABEL] = {
            onus_confusion_recall(cells, t->n_labels, l),
            onus_confusion_precision(cells, t->n_labels, l),
            onus_confusion_given_not(cells, t->n_labels, l)};
        for (size_t k = 0; k < ONUS_CONFUSION_PER_LABEL; k++) {
            onus_measure m = begin(t, s, ids[k]);
            affect_scope_label(t, &m, l);
            ONUS_TRY(add_share(t, s, &m, shares[k],
                               &e[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * l + k]));
        }
    }
out:
    return status;
}

static onus_status add_design_effect(affect_trial *t, const slice *s, const affect_found *found) {
    onus_measure m = begin(t, s, "affect.design_effect");
    const onus_cluster_estimate *accuracy = &found->estimates[ONUS_CONFUSION_ACCURACY];
    const double effect = onus_design_effect(accuracy->se, found->items_se);
    const char *why = !t->knows_people           ? "the case does not say whom the items show"
                      : accuracy->reason != NULL ? accuracy->reason
                                                 : "every item was got right, or none";
    onus_draft_set_number(&m, t->knows_people && isfinite(effect) ? onus_number_of(effect)
                                                                  : onus_number_none(why));
    return add(t, s, &m);
}

/* ---- one reference ---- */

/* Standard error of an accuracy if every item were another person's. */
static double items_se(const affect_view *view, double accuracy) {
    const onus_labelled *d = &view->data;
    onus_sum squares = {0};
    for (size_t i = 0; i < d->n_items; i++) {
        const double got = d->said[i] < 0 ? 0.0 : d->truth[i * d->n_labels + (size_t)d->said[i]];
        onus_sum_add(&squares, (got - accuracy) * (got - accuracy));
    }
    const double n = (double)d->n_items;
    return n > 1.0 ? sqrt(onus_sum_get(&squares) / n / (n - 1.0)) : NAN;
}

static onus_status keep_found(affect_trial *t, const affect_reference *r, const affect_view *view,
                              affect_found *out) {
    const size_t n_cells = onus_confusion_n_cells(t->n_labels);
    *out = (affect_found){
        .reference = r, .n_items = view->data.n_items, .n_people = view->data.n_people};
    out->cells = affect_alloc(t, n_cells, sizeof *out->cells);
    out->estimates = affect_alloc(t, onus_confusion_n_values(t->n_labels), sizeof *out->estimates);
    if (out->cells == NULL || out->estimates == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_cells; k++) {
        out->cells[k] = view->cells[k];
    }
    out->items_se = items_se(view, onus_confusion_accuracy(view->cells, t->n_labels).value);
    return estimate(t, view, out->estimates);
}

static void keep_worst(const affect_trial *t, const slice *s, const affect_view *view,
                       const onus_cluster_estimate *e, onus_cluster_estimate *worst) {
    const size_t n_cells = onus_confusion_n_cells(t->n_labels);
    const bool may = !s->grouping->crossed && s->show->state != ONUS_GROUP_WITHHELD;
    for (size_t l = 0; l < t->n_labels && may; l++) {
        size_t n_people = 0; /* with this label: a recall over one or two would be of persons */
        for (size_t p = 0; p < view->data.n_people; p++) {
            n_people += onus_confusion_recall(&view->sums[p * n_cells], t->n_labels, l).den > 0.0;
        }
        const onus_cluster_estimate *recall =
            &e[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * l];
        if (n_people >= ONUS_GROUP_PEOPLE_MIN && !isnan(recall->value) &&
            !(worst[l].value <= recall->value)) {
            worst[l] = *recall;
        }
    }
}

static onus_status try_group(affect_trial *t, const slice *s, const double *truth,
                             onus_cluster_estimate *scratch, onus_cluster_estimate *worst) {
    affect_view view = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(affect_view_make(t, truth, s->grouping, s->group, &view));
    if (view.data.n_items > 0) {
        ONUS_TRY(estimate(t, &view, scratch));
        ONUS_TRY(add_accuracy(t, s, view.cells, scratch));
        if (s->grouping == NULL || !s->grouping->crossed) {
            ONUS_TRY(add_balanced(t, s, view.cells, scratch));
        }
        if (s->grouping != NULL) {
            keep_worst(t, s, &view, scratch, worst);
        }
    } else if (s->grouping != NULL) {
        onus_measure m = begin(t, s, "affect.accuracy");
        onus_draft_set_number(&m, onus_number_none("no item of this group is compared"));
        ONUS_TRY(add(t, s, &m));
    }
out:
    affect_view_clear(&view);
    return status;
}

static onus_status try_groups(affect_trial *t, const affect_reference *r,
                              const affect_view *everybody, affect_found *found) {
    onus_status status = ONUS_OK;
    onus_cluster_estimate *scratch =
        onus_alloc_n(onus_confusion_n_values(t->n_labels), sizeof *scratch);
    found->worst = affect_alloc(t, t->n_labels, sizeof *found->worst);
    if (scratch == NULL || found->worst == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t l = 0; l < t->n_labels; l++) {
        found->worst[l].value = NAN;
    }
    if (r->plurality != NULL) {
        const slice s = {.reference = r, .plurality = true};
        ONUS_TRY(try_group(t, &s, r->plurality, scratch, found->worst));
    }
    for (size_t k = 0; k < t->n_groupings; k++) {
        const affect_grouping *g = &t->groupings[k];
        onus_group_show *show = affect_alloc(t, g->n_groups, sizeof *show);
        if (show == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        ONUS_TRY(affect_view_show(t, everybody, g, show));
        for (size_t v = 0; v < g->n_groups; v++) {
            const slice s = {.reference = r, .grouping = g, .group = v, .show = &show[v]};
            ONUS_TRY(try_group(t, &s, r->truth, scratch, found->worst));
        }
    }
out:
    onus_free(scratch);
    return status;
}

/* *is_found: everything was; else one or two people, of whom nothing is said. */
static onus_status try_reference(affect_trial *t, const affect_reference *r, affect_found *found,
                                 bool *is_found) {
    const slice everybody = {.reference = r};
    affect_view view = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(affect_view_make(t, r->truth, NULL, 0, &view));
    *is_found = !affect_view_is_tiny(t, &view);
    if (!*is_found) {
        onus_measure m = begin(t, &everybody, "affect.accuracy");
        affect_withhold_tiny(&m);
        ONUS_TRY(affect_add(t, &m, NULL));
        goto out;
    }
    ONUS_TRY(keep_found(t, r, &view, found));
    ONUS_TRY(add_accuracy(t, &everybody, found->cells, found->estimates));
    ONUS_TRY(add_balanced(t, &everybody, found->cells, found->estimates));
    ONUS_TRY(add_labels(t, &everybody, found->cells, found->estimates));
    ONUS_TRY(add_design_effect(t, &everybody, found));
    ONUS_TRY(affect_climb(t, &view, found));
    ONUS_TRY(try_groups(t, r, &view, found));
out:
    affect_view_clear(&view);
    return status;
}

/* ---- values copied to all rows of a person ---- */

static onus_status warn_if_copied(affect_trial *t, const double *values, const int32_t *person,
                                  size_t n, const char *what) {
    onus_constancy c;
    const onus_status status = onus_constant_within(values, person, n, t->n_person_indices, &c);
    if (status != ONUS_OK || !c.copied) {
        return status;
    }
    return onus_result_warn(t->result, "constant_within_person",
                            "%s the same in all items of each person who has more than one: "
                            "%zu items hold %zu values, no more than there are people",
                            what, c.n_rows, c.n_clusters);
}

static onus_status warn_copied(affect_trial *t) {
    onus_status status = ONUS_OK;
    double *values = onus_alloc_n(t->n_items, sizeof *values);
    int32_t *person = onus_alloc_n(t->n_items, sizeof *person);
    if (values == NULL || person == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        person[i] = t->said[i] == AFFECT_NOT_ASKED ? -1 : t->person[i];
        values[i] = (double)t->said[i];
    }
    ONUS_TRY(warn_if_copied(t, values, person, t->n_items, "the product's label is"));
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        if (r->against == AFFECT_RATERS) {
            continue;
        }
        const onus_item_labels *labels =
            r->against == AFFECT_SELF_REPORT ? &t->a->self_report : &t->a->intended;
        for (size_t i = 0; i < t->n_items; i++) {
            person[i] = labels->label[i] < 0 ? -1 : t->person[i];
            values[i] = (double)labels->label[i];
        }
        ONUS_TRY(warn_if_copied(t, values, person, t->n_items,
                                r->against == AFFECT_SELF_REPORT ? "the self-report is"
                                                                 : "the instruction is"));
    }
out:
    onus_free(values);
    onus_free(person);
    return status;
}

onus_status affect_validity(affect_trial *t) {
    onus_status status = ONUS_OK;
    size_t n_found = 0;
    affect_found *found = affect_alloc(t, t->n_references, sizeof *found);
    if (found == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_references; k++) {
        if (t->references[k].n_compared > 0) {
            bool is_found = false;
            ONUS_TRY(try_reference(t, &t->references[k], &found[n_found], &is_found));
            n_found += is_found;
        }
    }
    ONUS_TRY(affect_validity_series(t, found, n_found));
    ONUS_TRY(affect_criteria(t, found, n_found));
    ONUS_TRY(warn_copied(t));
out:
    return status;
}
