/* Reading tables of votes for the reference tests: plain commas, a head line, no quotes. */
#ifndef ONUS_TEST_VOTES_H
#define ONUS_TEST_VOTES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct votes_table {
    size_t n_units;
    size_t n_labels;
    double *counts;
    int32_t *person;
    size_t n_people;
    int32_t *stratum; /* in order of appearance */
    char strata[4][16];
    size_t n_strata;
} votes_table;

static inline void votes_free(votes_table *v) {
    free(v->counts);
    free(v->person);
    free(v->stratum);
    *v = (votes_table){0};
}

/* Index of a text among those seen, added if new. */
static inline int32_t votes_code(char (*seen)[16], size_t *n_seen, size_t room, const char *text) {
    for (size_t i = 0; i < *n_seen; i++) {
        if (strcmp(seen[i], text) == 0) {
            return (int32_t)i;
        }
    }
    assert_true(*n_seen < room && strlen(text) < 16);
    (void)strcpy(seen[*n_seen], text);
    return (int32_t)(*n_seen)++;
}

/* Columns from `first` on are counts of n_labels labels; person and stratum are columns, or -1. */
static inline votes_table votes_read(FILE *file, int first, size_t n_labels, int person,
                                     int stratum, const char *separator, bool has_head) {
    enum { ROOM = 40000, PEOPLE = 100 };
    static char people[PEOPLE][16];
    votes_table v = {.n_labels = n_labels};
    v.counts = calloc(ROOM * n_labels, sizeof *v.counts);
    v.person = calloc(ROOM, sizeof *v.person);
    v.stratum = calloc(ROOM, sizeof *v.stratum);
    assert_true(v.counts != NULL && v.person != NULL && v.stratum != NULL);
    char line[512];
    if (has_head) {
        assert_non_null(fgets(line, sizeof line, file));
    }
    while (fgets(line, sizeof line, file) != NULL) {
        assert_true(v.n_units < ROOM);
        line[strcspn(line, "\r\n")] = '\0';
        char *rest = NULL;
        int column = 0;
        for (char *field = strtok_r(line, separator, &rest); field != NULL;
             field = strtok_r(NULL, separator, &rest), column++) {
            if (column == person) {
                v.person[v.n_units] = votes_code(people, &v.n_people, PEOPLE, field);
            } else if (column == stratum) {
                v.stratum[v.n_units] = votes_code(v.strata, &v.n_strata, 4, field);
            } else if (column >= first && column < first + (int)n_labels) {
                v.counts[v.n_units * n_labels + (size_t)(column - first)] = strtod(field, NULL);
            }
        }
        v.n_units++;
    }
    return v;
}

/* The units of one stratum alone. */
static inline votes_table votes_stratum(const votes_table *all, int32_t stratum) {
    votes_table v = {.n_labels = all->n_labels, .n_people = all->n_people};
    v.counts = calloc(all->n_units * all->n_labels, sizeof *v.counts);
    v.person = calloc(all->n_units, sizeof *v.person);
    assert_true(v.counts != NULL && v.person != NULL);
    for (size_t u = 0; u < all->n_units; u++) {
        if (all->stratum[u] == stratum) {
            memcpy(v.counts + v.n_units * v.n_labels, all->counts + u * v.n_labels,
                   v.n_labels * sizeof *v.counts);
            v.person[v.n_units++] = all->person[u];
        }
    }
    return v;
}

#endif
