/* The items that one reference speaks of, and intervals over the people whom they show.
 *
 * Called by validity*.c, scores*.c and groups*.c. Computes no measure of its own. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "validity_internal.h"

static const char METHOD[] = "bootstrap of people, stretched";
static const char NOBODY[] =
    "the case does not say whom the items show (items.person): items are taken for people";

static bool has_reference(const double *truth, size_t n_labels) {
    double sum = 0.0;
    for (size_t l = 0; l < n_labels; l++) {
        sum += truth[l];
    }
    return sum > 0.0;
}

static bool is_in(const affect_trial *t, const double *truth, const affect_grouping *g,
                  size_t group, size_t item) {
    return t->said[item] != AFFECT_NOT_ASKED &&
           has_reference(&truth[item * t->n_labels], t->n_labels) &&
           (g == NULL || affect_group_of_item(t, g, item) == (int32_t)group);
}

void affect_view_clear(affect_view *view) {
    onus_free(view->item);
    onus_free(view->said);
    onus_free(view->truth);
    onus_free(view->person);
    onus_free(view->people);
    onus_free(view->sums);
    onus_free(view->cells);
    *view = (affect_view){0};
}

onus_status affect_view_make(const affect_trial *t, const double *truth, const affect_grouping *g,
                             size_t group, affect_view *out) {
    const size_t q = t->n_labels;
    const size_t n_cells = onus_confusion_n_cells(q);
    onus_status status = ONUS_ERR_NOMEM;
    *out = (affect_view){0};
    size_t n = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        n += is_in(t, truth, g, group, i);
    }
    int32_t *number = onus_alloc_n(t->n_person_indices, sizeof *number); /* from 1; 0: not seen */
    out->item = onus_alloc_n(n, sizeof *out->item);
    out->said = onus_alloc_n(n, sizeof *out->said);
    out->person = onus_alloc_n(n, sizeof *out->person);
    out->truth = onus_alloc_n(n * q, sizeof *out->truth);
    out->cells = onus_alloc_n(n_cells, sizeof *out->cells);
    if (number == NULL || out->item == NULL || out->said == NULL || out->person == NULL ||
        out->truth == NULL || out->cells == NULL) {
        goto out;
    }
    size_t n_people = 0;
    size_t k = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        if (!is_in(t, truth, g, group, i)) {
            continue;
        }
        int32_t *of = &number[t->person[i]];
        *of = *of > 0 ? *of : (int32_t)++n_people;
        out->item[k] = (int32_t)i;
        out->said[k] = t->said[i];
        out->person[k] = *of - 1;
        for (size_t l = 0; l < q; l++) {
            out->truth[k * q + l] = truth[i * q + l];
        }
        k++;
    }
    out->data = (onus_labelled){.n_items = n,
                                .n_labels = q,
                                .said = out->said,
                                .truth = out->truth,
                                .person = out->person,
                                .n_people = n_people};
    out->sums = onus_alloc_n(n_people * n_cells, sizeof *out->sums);
    out->people = onus_alloc_n(n_people, sizeof *out->people);
    if (out->sums == NULL || out->people == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        out->people[out->person[i]] = t->person[out->item[i]];
    }
    status = onus_confusion_sums(&out->data, out->sums, t->err);
    if (status == ONUS_OK) {
        onus_confusion_total(out->sums, n_people, q, out->cells);
    }
out:
    onus_free(number);
    if (status != ONUS_OK) {
        affect_view_clear(out);
    }
    return status;
}

bool affect_view_is_tiny(const affect_trial *t, const affect_view *view) {
    return t->knows_people && view->data.n_people > 0 &&
           view->data.n_people < ONUS_GROUP_PEOPLE_MIN;
}

void affect_withhold_tiny(onus_measure *m) {
    static const onus_group_show tiny = {
        .state = ONUS_GROUP_WITHHELD,
        .reason = "one or two people are compared: a rate over them would speak of persons"};
    onus_draft_mark_group(m, &tiny);
}

/* Intersections of a reference that not all people have: people_crossed.c looked at all people.
 * Where one of them holds one or two, all are withheld, since the single groupings would give it
 * back. */
static bool gives_back(const affect_grouping *g, const size_t *n_people) {
    bool is_part = false;
    bool has_tiny = false;
    for (size_t v = 0; v < g->n_groups; v++) {
        is_part = is_part || n_people[v] != g->n_people[v];
        has_tiny = has_tiny || (n_people[v] > 0 && n_people[v] < ONUS_GROUP_PEOPLE_MIN);
    }
    return is_part && has_tiny;
}

onus_status affect_view_show(const affect_trial *t, const affect_view *view,
                             const affect_grouping *g, onus_group_show *show) {
    bool hide_everybody = false;
    size_t *n_people = onus_alloc_n(g->n_groups, sizeof *n_people);
    if (n_people == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < view->data.n_people; p++) {
        const int32_t group = g->of_person[view->people[p]];
        if (group >= 0) {
            n_people[group]++;
        }
    }
    const onus_status status =
        onus_groups_show(n_people, g->n_groups, view->data.n_people, t->c->protocol.suppress_below,
                         show, &hide_everybody, t->err);
    const bool give_back = g->crossed && gives_back(g, n_people);
    onus_free(n_people);
    for (size_t v = 0; status == ONUS_OK && v < g->n_groups; v++) {
        if (give_back) {
            show[v].state = ONUS_GROUP_WITHHELD;
            show[v].reason = "with this reference some intersection is of one or two people, whom "
                             "the others would give back by subtraction";
        }
        if (g->show[v].state > show[v].state) { /* the graver of both */
            show[v] = g->show[v];
        }
    }
    return status;
}

/* ---- estimates into measures ---- */

onus_cluster_opts affect_cluster_opts(const affect_trial *t, bool is_share) {
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.level = t->c->protocol.level;
    opts.seed = t->c->protocol.seed;
    opts.n_replicates = t->c->protocol.n_replicates;
    if (is_share) {
        opts.range = (onus_limits){.low = 0.0, .high = 1.0};
    }
    return opts;
}

void affect_set_estimate(const affect_trial *t, onus_measure *m, const onus_cluster_estimate *e) {
    if (!m->has_value) {
        return;
    }
    onus_draft_set_limits(m, e->limits, t->c->protocol.level, METHOD,
                          t->knows_people ? "person" : "item");
    if (!m->interval.given) {
        m->reason = e->reason != NULL ? e->reason : "no interval";
        return;
    }
    m->interval.weak = !e->trusted || !t->knows_people;
    m->interval.weak_reason = !m->interval.weak   ? NULL
                              : !t->knows_people  ? NOBODY
                              : e->reason != NULL ? e->reason
                                                  : "few people";
}

/* Nobody differs from anybody: the jackknife finds no spread. */
static bool is_alike(const onus_cluster_estimate *e) {
    return isnan(e->limits.low) && !isnan(e->value) && e->se <= 0.0;
}

onus_limits affect_share_limits(const affect_trial *t, const onus_cluster_estimate *e) {
    return onus_cluster_share_limits(e, t->c->protocol.level);
}

void affect_set_share_estimate(const affect_trial *t, onus_measure *m,
                               const onus_cluster_estimate *e) {
    onus_cluster_estimate filled = *e;
    filled.limits = affect_share_limits(t, e);
    filled.trusted = e->trusted || (is_alike(e) && e->n_clusters >= ONUS_CLUSTERS_MIN);
    affect_set_estimate(t, m, &filled);
    if (is_alike(e) && m->interval.given) {
        m->interval.method = "wilson on people, who do not differ";
        m->interval.resampled = NULL;
    }
}
