/* Whom items show, and in which groups they are.
 *
 * People are what varies: every interval draws them, not rows. An item of nobody known becomes a
 * person of its own (which is warned, because it makes intervals too narrow). Groups of one or two
 * people are withheld whole; intersections of two groupings are groupings of their own.
 *
 * Called by trial.c. Never names a person. */
#include "affect_internal.h"
#include "onus/alloc.h"

static onus_status number_people(affect_trial *t) {
    const onus_items *items = &t->a->items;
    size_t next = items->n_people;
    t->person = affect_alloc(t, t->n_items, sizeof *t->person);
    uint8_t *seen = onus_alloc_n(items->n_people, sizeof *seen);
    if (t->person == NULL || seen == NULL) {
        onus_free(seen);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        const int32_t person = items->person[i];
        t->person[i] = person >= 0 ? person : (int32_t)next++;
        if (person >= 0 && t->said[i] != AFFECT_NOT_ASKED && seen[person] == 0) {
            seen[person] = 1;
            t->n_people++;
        }
    }
    onus_free(seen);
    t->n_person_indices = next;
    t->knows_people = items->n_people > 0;
    return ONUS_OK;
}

/* ---- groupings ---- */

static onus_status new_grouping(affect_trial *t, affect_grouping *g) {
    g->groups = affect_alloc(t, g->n_groups, sizeof *g->groups);
    g->n_people = affect_alloc(t, g->n_groups, sizeof *g->n_people);
    g->show = affect_alloc(t, g->n_groups, sizeof *g->show);
    g->of_person = affect_alloc(t, t->n_person_indices, sizeof *g->of_person);
    if (g->groups == NULL || g->n_people == NULL || g->show == NULL || g->of_person == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < t->n_person_indices; p++) {
        g->of_person[p] = -1;
    }
    return ONUS_OK;
}

static onus_status take_grouping(affect_trial *t, size_t k, affect_grouping *g) {
    const onus_grouping *from = &t->a->items.groupings[k];
    *g = (affect_grouping){.name = from->name, .n_groups = from->n_values};
    const onus_status status = new_grouping(t, g);
    for (size_t v = 0; status == ONUS_OK && v < g->n_groups; v++) {
        g->groups[v] = from->values[v];
    }
    for (size_t p = 0; status == ONUS_OK && p < t->a->items.n_people; p++) {
        g->of_person[p] = t->a->items.group[k][p];
    }
    return status;
}

/* People of each group in the items that the product was asked about. */
static onus_status count_people(affect_trial *t, affect_grouping *g) {
    uint8_t *seen = onus_alloc_n(t->n_person_indices, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        const int32_t group = affect_group_of_item(t, g, i);
        if (group >= 0 && t->said[i] != AFFECT_NOT_ASKED && seen[t->person[i]] == 0) {
            seen[t->person[i]] = 1;
            g->n_people[group]++;
        }
    }
    onus_free(seen);
    return ONUS_OK;
}

/* "Female and Asian", in the order of the first grouping and within it of the second. Groups of one
 * or two people are crossed with nothing: even an empty intersection would tell which other group
 * they are of. Other empty ones stay: that nobody was shown is part of the answer. */
static onus_status cross(affect_trial *t, const affect_grouping *a, const affect_grouping *b,
                         affect_grouping *g) {
    onus_status status = ONUS_OK;
    int32_t *place = onus_alloc_n(a->n_groups * b->n_groups, sizeof *place);
    *g = (affect_grouping){.name = onus_result_text(t->result, "%s and %s", a->name, b->name),
                           .crossed = true,
                           .n_groups = a->n_groups * b->n_groups};
    if (place == NULL || g->name == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(new_grouping(t, g));
    g->n_groups = 0;
    for (size_t v = 0; v < a->n_groups * b->n_groups; v++) {
        const size_t i = v / b->n_groups;
        const size_t k = v % b->n_groups;
        place[v] = -1;
        if (a->n_people[i] < ONUS_GROUP_PEOPLE_MIN || b->n_people[k] < ONUS_GROUP_PEOPLE_MIN) {
            continue;
        }
        const char *name = onus_result_text(t->result, "%s and %s", a->groups[i], b->groups[k]);
        if (name == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        place[v] = (int32_t)g->n_groups;
        g->groups[g->n_groups++] = name;
    }
    for (size_t p = 0; p < t->n_person_indices; p++) {
        if (a->of_person[p] >= 0 && b->of_person[p] >= 0) {
            g->of_person[p] =
                place[(size_t)a->of_person[p] * b->n_groups + (size_t)b->of_person[p]];
        }
    }
out:
    onus_free(place);
    return status;
}

onus_status affect_make_people(affect_trial *t) {
    const size_t n = t->a->items.n_groupings;
    onus_status status = ONUS_OK;
    ONUS_TRY(number_people(t));
    t->groupings = affect_alloc(t, n + n * n, sizeof *t->groupings);
    if (t->groupings == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (; t->n_groupings < n; t->n_groupings++) {
        affect_grouping *g = &t->groupings[t->n_groupings];
        ONUS_TRY(take_grouping(t, t->n_groupings, g));
        ONUS_TRY(count_people(t, g));
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++) {
            affect_grouping *g = &t->groupings[t->n_groupings++];
            ONUS_TRY(cross(t, &t->groupings[a], &t->groupings[b], g));
            ONUS_TRY(count_people(t, g));
        }
    }
    t->hide_people = t->n_people > 0 && t->n_people < t->c->protocol.suppress_below;
    for (size_t k = 0; k < t->n_groupings; k++) {
        affect_grouping *g = &t->groupings[k];
        ONUS_TRY(onus_groups_show(g->n_people, g->n_groups, t->n_people,
                                  t->c->protocol.suppress_below, g->show, &t->hide_people, t->err));
    }
    ONUS_TRY(affect_protect_crossed(t));
out:
    return status;
}
