/* Groups of one or two people that several groupings together would give back.
 *
 * Each grouping protects its own small groups (onus_groups_show). Intersections add further sums
 * over the same people: Female, less Female and Asian, less Female and Caucasian, may leave one
 * person. So all that is shown is looked at together: cells are the people who share every
 * grouping, sums are everybody and each group that is shown. Where a cell or a withheld group of
 * one or two people comes out of them exactly, one more group is withheld: the smallest that mends
 * it alone, intersections first, else the smallest, and again.
 *
 * Called by people.c. Looks at exact linear recovery only, as src/stats/stats_disclosure.c does. */
#include <string.h>

#include "affect_internal.h"
#include "onus/alloc.h"
#include "onus/stats_disclosure.h"

typedef struct crossed {
    size_t n_cells;
    int64_t *values;    /* people of each cell */
    int32_t *of_person; /* cell of each person who is counted, -1 */
    size_t n_sums;      /* everybody, then the groups of all groupings */
    size_t *starts;
    int32_t *cells;
    uint8_t *withheld; /* of each sum */
    int64_t *sum_people;
    affect_grouping **grouping; /* of each sum; NULL: everybody */
    size_t *group;
    uint8_t *all_withheld; /* cells: none is printed */
    uint8_t *cell_found;
    uint8_t *sum_found;
} crossed;

static void clear(crossed *x) {
    onus_free(x->values);
    onus_free(x->of_person);
    onus_free(x->starts);
    onus_free(x->cells);
    onus_free(x->withheld);
    onus_free(x->sum_people);
    onus_free((void *)x->grouping);
    onus_free(x->group);
    onus_free(x->all_withheld);
    onus_free(x->cell_found);
    onus_free(x->sum_found);
}

static bool same_cell(const affect_trial *t, size_t p, size_t other) {
    for (size_t k = 0; k < t->a->items.n_groupings; k++) {
        if (t->groupings[k].of_person[p] != t->groupings[k].of_person[other]) {
            return false;
        }
    }
    return true;
}

/* Cells in the order of their first person. There are few groups, so few cells. */
static onus_status make_cells(const affect_trial *t, crossed *x) {
    const size_t n = t->a->items.n_people;
    size_t *first = onus_alloc_n(n, sizeof *first);
    uint8_t *counted = onus_alloc_n(n, sizeof *counted);
    x->values = onus_alloc_n(n, sizeof *x->values);
    x->of_person = onus_alloc_n(n, sizeof *x->of_person);
    if (first == NULL || counted == NULL || x->values == NULL || x->of_person == NULL) {
        onus_free(first);
        onus_free(counted);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        if (t->said[i] != AFFECT_NOT_ASKED && (size_t)t->person[i] < n) {
            counted[t->person[i]] = 1;
        }
    }
    for (size_t p = 0; p < n; p++) {
        size_t cell = 0;
        x->of_person[p] = -1;
        if (counted[p] == 0) {
            continue;
        }
        while (cell < x->n_cells && !same_cell(t, p, first[cell])) {
            cell++;
        }
        if (cell == x->n_cells) {
            first[x->n_cells++] = p;
        }
        x->of_person[p] = (int32_t)cell;
        x->values[cell]++;
    }
    onus_free(first);
    onus_free(counted);
    return ONUS_OK;
}

/* Sum s over the people whom a group holds (grouping NULL: everybody). */
static void add_sum(const affect_trial *t, crossed *x, affect_grouping *g, size_t group) {
    const size_t s = x->n_sums++;
    size_t end = x->starts[s];
    memset(x->cell_found, 0, x->n_cells);
    for (size_t p = 0; p < t->a->items.n_people; p++) {
        const int32_t cell = x->of_person[p];
        if (cell >= 0 && (g == NULL || g->of_person[p] == (int32_t)group) &&
            x->cell_found[cell] == 0) {
            x->cell_found[cell] = 1; /* only to add each once */
            x->cells[end++] = cell;
            x->sum_people[s] += x->values[cell];
        }
    }
    x->starts[s + 1] = end;
    x->grouping[s] = g;
    x->group[s] = group;
    x->withheld[s] = g != NULL && g->show[group].state == ONUS_GROUP_WITHHELD;
}

static onus_status make_sums(affect_trial *t, crossed *x) {
    size_t n = 1;
    for (size_t k = 0; k < t->n_groupings; k++) {
        n += t->groupings[k].n_groups;
    }
    x->starts = onus_alloc_n(n + 1, sizeof *x->starts);
    x->cells = onus_alloc_n(n * (x->n_cells + 1), sizeof *x->cells);
    x->withheld = onus_alloc_n(n, sizeof *x->withheld);
    x->sum_people = onus_alloc_n(n, sizeof *x->sum_people);
    x->grouping = onus_alloc_n(n, sizeof *x->grouping);
    x->group = onus_alloc_n(n, sizeof *x->group);
    x->sum_found = onus_alloc_n(n, sizeof *x->sum_found);
    x->all_withheld = onus_alloc_n(x->n_cells + 1, sizeof *x->all_withheld);
    x->cell_found = onus_alloc_n(x->n_cells + 1, sizeof *x->cell_found);
    if (x->starts == NULL || x->cells == NULL || x->withheld == NULL || x->sum_people == NULL ||
        x->grouping == NULL || x->group == NULL || x->sum_found == NULL ||
        x->all_withheld == NULL || x->cell_found == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(x->all_withheld, 1, x->n_cells + 1);
    add_sum(t, x, NULL, 0);
    for (size_t k = 0; k < t->n_groupings; k++) {
        for (size_t v = 0; v < t->groupings[k].n_groups; v++) {
            add_sum(t, x, &t->groupings[k], v);
        }
    }
    return ONUS_OK;
}

static bool tiny(int64_t people) {
    return people > 0 && people < ONUS_GROUP_PEOPLE_MIN;
}

/* Does what is shown give a cell or a group of one or two people? */
static onus_status gives_back(affect_trial *t, crossed *x, bool *given) {
    const onus_disclosure table = {.n_cells = x->n_cells,
                                   .values = x->values,
                                   .n_sums = x->n_sums,
                                   .starts = x->starts,
                                   .cells = x->cells};
    const onus_status status = onus_disclosure_recoverable(&table, x->all_withheld, x->withheld,
                                                           x->cell_found, x->sum_found, t->err);
    *given = false;
    for (size_t c = 0; status == ONUS_OK && c < x->n_cells; c++) {
        *given = *given || (x->cell_found[c] != 0 && tiny(x->values[c]));
    }
    for (size_t s = 0; status == ONUS_OK && s < x->n_sums; s++) {
        *given = *given || (x->withheld[s] != 0 && x->sum_found[s] != 0 && tiny(x->sum_people[s]));
    }
    return status;
}

static bool comes_before(const crossed *x, size_t s, size_t other) {
    const bool crossed_s = x->grouping[s]->crossed;
    const bool crossed_other = x->grouping[other]->crossed;
    return crossed_s != crossed_other ? crossed_s : x->sum_people[s] < x->sum_people[other];
}

/* The next shown group after `after` (n_sums: the first), intersections first, then by size. */
static size_t next_shown(const crossed *x, size_t after) {
    size_t next = x->n_sums;
    for (size_t s = 1; s < x->n_sums; s++) {
        const bool later = after == x->n_sums || comes_before(x, after, s) ||
                           (!comes_before(x, s, after) && s > after);
        if (x->withheld[s] == 0 && x->sum_people[s] > 0 && later &&
            (next == x->n_sums || comes_before(x, s, next))) {
            next = s;
        }
    }
    return next;
}

static void withhold(crossed *x, size_t s) {
    x->withheld[s] = 1;
    x->grouping[s]->show[x->group[s]].state = ONUS_GROUP_WITHHELD;
    x->grouping[s]->show[x->group[s]].reason =
        "would give back a group of one or two people by subtraction";
}

onus_status affect_protect_crossed(affect_trial *t) {
    crossed x = {0};
    bool given = false;
    onus_status status = ONUS_OK;
    if (t->a->items.n_groupings < 2) {
        return ONUS_OK;
    }
    ONUS_TRY(make_cells(t, &x));
    ONUS_TRY(make_sums(t, &x));
    ONUS_TRY(gives_back(t, &x, &given));
    while (given) {
        const size_t smallest = next_shown(&x, x.n_sums);
        size_t s = smallest;
        for (; s < x.n_sums && given; s = given ? next_shown(&x, s) : s) {
            x.withheld[s] = 1;
            ONUS_TRY(gives_back(t, &x, &given));
            x.withheld[s] = 0;
        }
        if (smallest == x.n_sums) {
            break; /* everybody is all that is shown */
        }
        withhold(&x, given ? smallest : s);
        ONUS_TRY(gives_back(t, &x, &given));
    }
out:
    clear(&x);
    return status;
}
