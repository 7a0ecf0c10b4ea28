/* A made affect case in memory: items of people in groups, what the product said, what it is held
 * against. Labels are numbers from 0; -1 is none. */
#ifndef TESTS_UNIT_AFFECT_MADE_H
#define TESTS_UNIT_AFFECT_MADE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"
#include "onus/affect.h"

enum { MADE_ITEMS = 4000, MADE_PEOPLE = 400, MADE_LABELS = 4, MADE_ROWS = 8000 };

typedef struct made {
    onus_case c;
    onus_evidence e;
    onus_result r;
    bool tried;
    int32_t person[MADE_ITEMS];
    int32_t groups[2][MADE_PEOPLE];
    int32_t *group[2];
    onus_grouping groupings[2];
    int32_t said_item[MADE_ROWS];
    int32_t said_label[MADE_ROWS];
    int32_t said_repeat[MADE_ROWS];
    int32_t said_version[MADE_ROWS];
    double scores[MADE_ROWS * MADE_LABELS];
    int32_t self_report[MADE_ITEMS];
    int32_t intended[MADE_ITEMS];
    int32_t vote_item[MADE_ITEMS];
    int32_t vote_stratum[MADE_ITEMS];
    double votes[MADE_ITEMS * MADE_LABELS];
} made;

static char *made_labels[MADE_LABELS] = {(char *)(uintptr_t) "anger", (char *)(uintptr_t) "fear",
                                         (char *)(uintptr_t) "joy", (char *)(uintptr_t) "neutral"};
static double made_values[MADE_LABELS] = {0, 1, 2, 3};
static char *made_strata[] = {(char *)(uintptr_t) ""};
static char *made_sexes[] = {(char *)(uintptr_t) "women", (char *)(uintptr_t) "men"};
static char *made_ages[] = {(char *)(uintptr_t) "old", (char *)(uintptr_t) "young",
                            (char *)(uintptr_t) "not said"};

static inline made *made_new(size_t n_labels) {
    made *w = calloc(1, sizeof *w);
    assert_non_null(w);
    onus_affect_evidence *a = &w->e.affect;
    w->c.kind = ONUS_KIND_AFFECT;
    w->c.title = (char *)(uintptr_t) "made";
    w->c.protocol.level = 0.95;
    w->c.protocol.n_replicates = 200;
    w->c.protocol.seed = 7;
    w->c.protocol.suppress_below = 10;
    w->c.affect.domain.given = true;
    a->domain = (onus_domain){
        .n_labels = n_labels, .labels = made_labels, .values = made_values, .declared = true};
    a->items.person = w->person;
    a->said.item = w->said_item;
    a->said.label = w->said_label;
    a->self_report.label = w->self_report;
    a->intended.label = w->intended;
    a->votes.item = w->vote_item;
    a->votes.stratum = w->vote_stratum;
    a->votes.counts = w->votes;
    a->votes.strata = made_strata;
    a->votes.n_strata = 1;
    return w;
}

/* One more item of a person (-1: not known), with one row of the product's. */
static inline size_t made_item(made *w, int32_t person, int32_t said) {
    onus_affect_evidence *a = &w->e.affect;
    const size_t i = a->items.n_items++;
    const size_t row = a->said.n_rows++;
    assert_true(i < MADE_ITEMS && row < MADE_ROWS && person < MADE_PEOPLE);
    w->person[i] = person;
    if (person >= 0 && (size_t)person >= a->items.n_people) {
        a->items.n_people = (size_t)person + 1;
    }
    w->said_item[row] = (int32_t)i;
    w->said_label[row] = said;
    w->self_report[i] = -1;
    w->intended[i] = -1;
    return i;
}

static inline void made_report(made *w, size_t item, int32_t label) {
    w->e.affect.self_report.given = true;
    w->self_report[item] = label;
}

static inline void made_intend(made *w, size_t item, int32_t label) {
    w->e.affect.intended.given = true;
    w->intended[item] = label;
}

/* Votes for labels 0, 1 ...; units must come in order of items. */
static inline void made_votes(made *w, size_t item, const double *counts) {
    onus_votes *v = &w->e.affect.votes;
    const size_t q = w->e.affect.domain.n_labels;
    const size_t u = v->n_units++;
    v->given = true;
    w->vote_item[u] = (int32_t)item;
    memcpy(&w->votes[u * q], counts, q * sizeof *counts);
}

/* Who is in which group; the second grouping is there once a person has an age. */
static inline void made_person(made *w, int32_t person, int32_t sex, int32_t age) {
    onus_items *items = &w->e.affect.items;
    w->groups[0][person] = sex;
    w->groups[1][person] = age;
    w->group[0] = w->groups[0];
    w->group[1] = w->groups[1];
    w->groupings[0] =
        (onus_grouping){.name = (char *)(uintptr_t) "sex", .n_values = 2, .values = made_sexes};
    w->groupings[1] =
        (onus_grouping){.name = (char *)(uintptr_t) "age", .n_values = 3, .values = made_ages};
    items->group = w->group;
    items->groupings = w->groupings;
    items->n_groupings = age >= 0 || items->n_groupings == 2 ? 2 : 1;
}

static inline onus_status made_run(made *w, int n_threads, onus_error *err) {
    const onus_context context = {.n_threads = n_threads};
    if (w->tried) {
        onus_result_clear(&w->r);
    }
    w->tried = true;
    onus_result_init(&w->r, &w->c, &w->e);
    return onus_affect_try(&w->c, &w->e, &context, &w->r, err);
}

static inline void made_try(made *w) {
    onus_error err = ONUS_ERROR_INIT;
    if (made_run(w, 1, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void made_free(made *w) {
    if (w->tried) {
        onus_result_clear(&w->r);
    }
    free(w);
}

/* The measure with exactly this scope, "key=value key=value" sorted by key. */
static inline const onus_measure *made_look(const made *w, const char *id, const char *scope) {
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        char text[256] = "";
        for (size_t k = 0; k < m->scope.n_items; k++) {
            const size_t len = strlen(text);
            (void)snprintf(text + len, sizeof text - len, "%s%s=%s", k > 0 ? " " : "",
                           m->scope.items[k].key, m->scope.items[k].text);
        }
        if (strcmp(m->def->id, id) == 0 && strcmp(text, scope) == 0) {
            return m;
        }
    }
    return NULL;
}

static inline const onus_measure *made_find(const made *w, const char *id, const char *scope) {
    const onus_measure *m = made_look(w, id, scope);
    if (m == NULL) {
        fail_msg("no measure %s {%s}", id, scope);
    }
    return m;
}

static inline double made_value(const made *w, const char *id, const char *scope) {
    const onus_measure *m = made_find(w, id, scope);
    if (!m->has_value || m->withheld) {
        fail_msg("%s {%s}: %s", id, scope, m->reason);
    }
    return m->value;
}

static inline const onus_warning *made_warning(const made *w, const char *code) {
    const onus_warning *warnings = w->r.warnings.items;
    for (size_t i = 0; i < w->r.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return &warnings[i];
        }
    }
    return NULL;
}

/* Row `row` of a series in column `column`; NULL: no such cell. */
static inline const onus_cell *made_cell(const made *w, const char *name, size_t row,
                                         const char *column) {
    const onus_series *all = w->r.series.items;
    for (size_t s = 0; s < w->r.series.n_items; s++) {
        for (size_t c = 0; strcmp(all[s].name, name) == 0 && c < all[s].n_columns; c++) {
            const size_t at = row * all[s].n_columns + c;
            if (strcmp(all[s].columns[c], column) == 0 && at < all[s].cells.n_items) {
                return &((const onus_cell *)all[s].cells.items)[at];
            }
        }
    }
    return NULL;
}

/* Every allocation that the trial makes is refused in turn, the later ones by and by. */
static inline void made_survives(made *w, const char *measure) {
    const onus_context context = {.n_threads = 1};
    size_t n_found = 0;
    FAULT_SPREAD(fault, 32, (size_t)test_mult(100)) {
        onus_result_init(&w->r, &w->c, &w->e);
        const onus_status status = onus_affect_try(&w->c, &w->e, &context, &w->r, NULL);
        for (size_t i = 0; status == ONUS_OK && i < onus_result_n_measures(&w->r); i++) {
            n_found += strcmp(onus_result_measure(&w->r, i)->def->id, measure) == 0;
        }
        onus_result_clear(&w->r);
        fault_expect(&fault, status);
    }
    assert_true(n_found > 0);
}

#endif
