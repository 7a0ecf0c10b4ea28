/* Items and the people they show: whom, and of which groups.
 *
 * A row that says the same again is left out; one that says something else of the same item or
 * person is a problem, named by its line and the line it contradicts, never by the id. Called by
 * affect_load.c. Never hands on who anybody is. */
#include <string.h>

#include "affect_loading.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

static const char SAID_BEFORE[] = "repeats an earlier row";

static int32_t *new_indices(size_t n) {
    int32_t *indices = onus_alloc_n(n, sizeof *indices);
    for (size_t i = 0; indices != NULL && i < n; i++) {
        indices[i] = -1;
    }
    return indices;
}

/* ---- items ---- */

static onus_status take_item_rows(affect_loading *a, affect_table *t, const int32_t *item_of,
                                  const int32_t *person_of) {
    onus_items *items = &a->out->items;
    onus_status status = ONUS_OK;
    size_t n_nobody = 0;
    int32_t *first = new_indices(items->n_items); /* row that names the item first */
    if (first == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->table.n_rows; i++) {
        const int32_t item = item_of[i];
        const int32_t person = person_of == NULL ? -1 : person_of[i];
        if (first[item] < 0) {
            first[item] = (int32_t)i;
            items->person[item] = person;
            n_nobody += person < 0;
        } else if (items->person[item] == person) {
            ONUS_TRY(affect_let_go(t, i, SAID_BEFORE, true));
        } else {
            ONUS_TRY(affect_refuse(a, t, i, "item with two people",
                                   "this row and line %lld are of one item, but show two people",
                                   (long long)t->table.lines[first[item]]));
        }
    }
    if (person_of != NULL && n_nobody > 0) {
        ONUS_TRY(onus_warn(&a->loading->out->warnings, "nobody_shown",
                           "%s: %zu of %zu items name no person; nothing can be said of their "
                           "groups, and each counts as a person of its own",
                           t->input.file, n_nobody, t->table.n_rows));
    }
out:
    onus_free(first);
    return status;
}

onus_status affect_take_items(affect_loading *a) {
    onus_items *items = &a->out->items;
    affect_table *t = &a->tables[ONUS_AFFECT_ITEMS];
    onus_status status = ONUS_OK;
    int32_t *item_of = NULL;
    int32_t *person_of = NULL;
    items->n_items = a->items.n;
    items->n_people = a->people.n;
    items->person = new_indices(items->n_items);
    if (items->person == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (!affect_given(t)) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_names_index(&a->items, &t->table, (size_t)t->item, &item_of));
    if (t->person != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_index(&a->people, &t->table, (size_t)t->person, &person_of));
    }
    ONUS_TRY(take_item_rows(a, t, item_of, person_of));
out:
    onus_free(item_of);
    onus_free(person_of);
    return status;
}

/* ---- people and their groups ---- */

static onus_status take_grouping(affect_loading *a, affect_table *t, size_t g,
                                 const int32_t *row_of) {
    onus_items *items = &a->out->items;
    const size_t column = (size_t)t->first + g;
    onus_grouping *grouping = &items->groupings[g];
    onus_names names = {0};
    int32_t *value_of = NULL;
    onus_status status = ONUS_OK;
    grouping->name = onus_strdup(a->ref->people.groups[g].name);
    items->group[g] = new_indices(items->n_people);
    if (grouping->name == NULL || items->group[g] == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    /* only what people shown are: a value of somebody whom no item shows is no group here */
    for (size_t p = 0; p < items->n_people; p++) {
        const char *value =
            row_of[p] < 0 ? "" : onus_table_text(&t->table, column, (size_t)row_of[p]);
        if (value[0] != '\0') {
            ONUS_TRY(onus_names_add(&names, value));
        }
    }
    ONUS_TRY(onus_names_settle(&names, ONUS_NAMES_READ));
    ONUS_TRY(onus_names_copy(&names, &grouping->values, &grouping->n_values));
    ONUS_TRY(onus_names_index(&names, &t->table, column, &value_of));
    for (size_t p = 0; p < items->n_people; p++) {
        items->group[g][p] = row_of[p] < 0 ? -1 : value_of[row_of[p]];
    }
out:
    onus_free(value_of);
    onus_names_clear(&names);
    return status;
}

static bool same_groups(const affect_loading *a, const affect_table *t, size_t i, size_t k) {
    for (size_t g = 0; g < a->ref->people.n_groups; g++) {
        const uint32_t *texts = t->table.columns[(size_t)t->first + g].texts;
        if (texts[i] != texts[k]) {
            return false;
        }
    }
    return true;
}

static onus_status take_people_rows(affect_loading *a, affect_table *t, int32_t *row_of) {
    onus_status status = ONUS_OK;
    int32_t *person_of = NULL;
    ONUS_TRY(onus_names_index(&a->people, &t->table, (size_t)t->person, &person_of));
    for (size_t i = 0; i < t->table.n_rows; i++) {
        const int32_t person = person_of[i];
        if (person < 0) {
            ONUS_TRY(affect_let_go(t, i, "shown in no item", true));
        } else if (row_of[person] < 0) {
            row_of[person] = (int32_t)i;
        } else if (same_groups(a, t, i, (size_t)row_of[person])) {
            ONUS_TRY(affect_let_go(t, i, SAID_BEFORE, true));
        } else {
            ONUS_TRY(affect_refuse(a, t, i, "person with two groups",
                                   "this row and line %lld are of one person, but name different "
                                   "groups",
                                   (long long)t->table.lines[row_of[person]]));
        }
    }
out:
    onus_free(person_of);
    return status;
}

onus_status affect_take_people(affect_loading *a) {
    onus_items *items = &a->out->items;
    affect_table *t = &a->tables[ONUS_AFFECT_PEOPLE];
    const size_t n_groups = a->ref->people.n_groups;
    onus_status status = ONUS_OK;
    if (!affect_given(t)) {
        return ONUS_OK;
    }
    int32_t *row_of = new_indices(items->n_people);
    items->groupings = onus_alloc_n(n_groups, sizeof *items->groupings);
    items->group = onus_alloc_n(n_groups, sizeof *items->group);
    if (row_of == NULL || items->groupings == NULL || items->group == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    items->n_groupings = n_groups;
    ONUS_TRY(take_people_rows(a, t, row_of));
    for (size_t g = 0; g < n_groups; g++) {
        ONUS_TRY(take_grouping(a, t, g, row_of));
    }
    size_t n_without = 0;
    for (size_t p = 0; p < items->n_people; p++) {
        n_without += row_of[p] < 0;
    }
    if (n_without > 0) { /* a small number of people is not told */
        const bool few = n_without < a->loading->c->protocol.suppress_below;
        char count[32];
        (void)onus_format_count((int64_t)n_without, count);
        ONUS_TRY(onus_warn(&a->loading->out->warnings, "people_without_groups",
                           "%s: %s people shown have no row here; they are in no group",
                           t->input.file, few ? "some" : count));
    }
out:
    onus_free(row_of);
    return status;
}
