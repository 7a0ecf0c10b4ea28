/* A made match case: people on cameras, compared with one another by a rule that a test gives. */
#ifndef TESTS_UNIT_MATCH_MADE_H
#define TESTS_UNIT_MATCH_MADE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "onus/claims.h"
#include "onus/match.h"

enum { MADE_SIGHTINGS = 400, MADE_ROWS = 80000, MADE_CLAIMS = 4, MADE_BOXES = 4000 };

typedef struct made {
    onus_case c;
    onus_evidence e;
    onus_result r;
    onus_claim_ref claims[MADE_CLAIMS];
    onus_scope_item scopes[MADE_CLAIMS][3];
    int32_t person[MADE_SIGHTINGS];
    int32_t camera[MADE_SIGHTINGS];
    int32_t group[MADE_SIGHTINGS];
    int32_t *groups[1];
    onus_grouping grouping;
    char *values[4];
    char *pairs[3];
    double thresholds[4];
    double fmr_at[4];
    int32_t probe[MADE_ROWS];
    int32_t reference[MADE_ROWS];
    double score[MADE_ROWS];
    uint8_t same[MADE_ROWS];
    bool tried;
} made;

/* Chance of two people, as a test sees them. */
typedef struct made_pair {
    int32_t person_a, person_b, camera_a, camera_b, group_a, group_b;
    int32_t a, b; /* sightings */
} made_pair;
typedef double (*made_score)(const made_pair *pair, uint64_t *random);

static inline char *made_text(const char *text) {
    return (char *)(uintptr_t)text;
}

static inline double made_uniform(uint64_t *random) {
    return (double)(random_u64(random) >> 11) * 0x1p-53;
}

/* About normal, mean 0, deviation 1. */
static inline double made_normal(uint64_t *random) {
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        sum += made_uniform(random);
    }
    return sum;
}

static inline made *made_new(void) {
    made *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->c.kind = ONUS_KIND_MATCH;
    w->c.title = made_text("made");
    w->c.protocol.level = 0.95;
    w->c.protocol.n_replicates = 200;
    w->c.protocol.seed = 7;
    w->c.protocol.suppress_below = 10;
    w->c.claims = w->claims;
    w->c.match.comparisons.source.file = made_text("comparisons.csv");
    w->c.match.deployment.searches_per_day = NAN;
    w->c.match.deployment.prevalence_frac = NAN;
    w->c.match.deployment.sightings_each = NAN;
    return w;
}

static inline void made_use(made *w, double threshold) {
    w->c.match.has_threshold = true;
    w->c.match.threshold = threshold;
    w->c.match.threshold_from = made_text("vendor");
}

/* Sighting k of person p is at camera k % n_cameras; person p is in group p % n_groups. */
static inline void made_people(made *w, int n_people, int each, int n_cameras, int n_groups) {
    static char *names[] = {(char *)(uintptr_t) "A", (char *)(uintptr_t) "B",
                            (char *)(uintptr_t) "C", (char *)(uintptr_t) "D"};
    onus_sightings *s = &w->e.match.sightings;
    assert_true(n_people * each <= MADE_SIGHTINGS && n_groups <= 4);
    for (int p = 0; p < n_people; p++) {
        for (int k = 0; k < each; k++) {
            const size_t i = s->n_sightings++;
            w->person[i] = p;
            w->camera[i] = n_cameras > 0 ? k % n_cameras : -1;
            w->group[i] = n_groups > 0 ? p % n_groups : -1;
        }
    }
    s->person = w->person;
    s->camera = w->camera;
    s->n_people = (size_t)n_people;
    s->n_cameras = (size_t)n_cameras;
    if (n_groups > 0) {
        memcpy(w->values, names, sizeof w->values);
        w->groups[0] = w->group;
        w->grouping = (onus_grouping){
            .name = made_text("group"), .values = w->values, .n_values = (size_t)n_groups};
        s->group = w->groups;
        s->groupings = &w->grouping;
        s->n_groupings = 1;
    }
}

static inline void made_row(made *w, int32_t a, int32_t b, double score) {
    onus_comparisons *c = &w->e.match.comparisons;
    assert_true(c->n_comparisons < MADE_ROWS);
    const size_t i = c->n_comparisons++;
    w->probe[i] = a;
    w->reference[i] = b;
    w->score[i] = score;
    w->same[i] = w->person[a] == w->person[b];
    c->probe = w->probe;
    c->reference = w->reference;
    c->score = w->score;
    c->same = w->same;
    c->knows_people = true;
}

/* Every sighting with every other, once. NaN: not acquired; INFINITY: not in the table. */
static inline void made_all_pairs(made *w, made_score score, uint64_t seed) {
    const size_t n = w->e.match.sightings.n_sightings;
    uint64_t random = seed;
    w->e.match.comparisons.one_space = true;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++) {
            const made_pair pair = {w->person[a], w->person[b], w->camera[a], w->camera[b],
                                    w->group[a],  w->group[b],  (int32_t)a,   (int32_t)b};
            const double s = score(&pair, &random);
            if (!isinf(s)) {
                made_row(w, (int32_t)a, (int32_t)b, s);
            }
        }
    }
}

static inline onus_claim_ref *made_claim(made *w, const char *measure, double at_most) {
    onus_claim_ref *ref = &w->claims[w->c.n_claims];
    ref->say = made_text("said");
    ref->measure = made_text(measure);
    ref->scope = w->scopes[w->c.n_claims++];
    ref->has_at_most = true;
    ref->at_most = at_most;
    return ref;
}

static inline onus_status made_try_status(made *w, onus_error *err) {
    onus_result_init(&w->r, &w->c, &w->e);
    w->tried = true;
    return onus_match_try(&w->c, &w->e, NULL, &w->r, err);
}

static inline void made_try(made *w) {
    onus_error err = ONUS_ERROR_INIT;
    if (made_try_status(w, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void made_free(made *w) {
    if (w->tried) {
        onus_result_clear(&w->r);
    }
    free(w);
}

/* The text of a warning; NULL: silent. */
static inline const char *made_warning(const made *w, const char *code) {
    const onus_warning *warnings = w->r.warnings.items;
    for (size_t i = 0; i < w->r.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

/* The measure with this id and exactly these keys ("group", "A", "threshold", NULL as number: not
 * asked here). */
static inline const onus_measure *made_measure(const made *w, const char *id, size_t n_keys,
                                               const char *const keys[][2]) {
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        bool found = strcmp(m->def->id, id) == 0 && m->scope.n_items == n_keys;
        for (size_t k = 0; k < n_keys && found; k++) {
            const char *text = onus_scope_text(&m->scope, keys[k][0]);
            found = text != NULL && strcmp(text, keys[k][1]) == 0;
        }
        if (found) {
            return m;
        }
    }
    return NULL;
}

#endif
