/* A small town in memory for the tests of the place trial: a grid of square areas, people by group,
 * flags, outcomes; tried without files. Areas are numbered row by row from the south-west corner
 * and their ids sort in that order ("a000", "a001", ...). */
#ifndef ONUS_TEST_TOWN_H
#define ONUS_TEST_TOWN_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/model.h"
#include "onus/place.h"

enum {
    TOWN_AREAS = 128,
    TOWN_GROUPS = 4,
    TOWN_FLAGS = 512,
    TOWN_OUTCOMES = 256,
    TOWN_DAY_S = 86400
};

#define TOWN_SIDE_M 100.0

typedef struct town {
    size_t n_areas;
    size_t n_groups;
    /* fill these, then town_try */
    double total[TOWN_AREAS];
    double people[TOWN_GROUPS][TOWN_AREAS];
    double margin[TOWN_GROUPS][TOWN_AREAS]; /* used if has_margins */
    double total_margin[TOWN_AREAS];
    double benchmark[TOWN_AREAS];
    bool has_margins;
    bool has_benchmark;
    size_t n_flags;
    double flag_x[TOWN_FLAGS];
    double flag_y[TOWN_FLAGS];
    double flag_count[TOWN_FLAGS];
    int32_t flag_area[TOWN_FLAGS];
    int32_t flag_day[TOWN_FLAGS];
    bool has_times;
    size_t n_outcomes;
    double outcome_x[TOWN_OUTCOMES];
    double outcome_y[TOWN_OUTCOMES];
    double outcome_s[TOWN_OUTCOMES];
    uint8_t outcome_officer[TOWN_OUTCOMES];
    bool outcomes_have_times;
    bool outcomes_have_source;
    int n_threads;

    onus_case c;
    onus_evidence evidence;
    onus_result result;

    /* storage behind the structs above */
    char id_text[TOWN_AREAS][8];
    char *ids[TOWN_AREAS];
    size_t area_rings[TOWN_AREAS + 1];
    size_t ring_points[TOWN_AREAS + 1];
    double x[5 * TOWN_AREAS];
    double y[5 * TOWN_AREAS];
    onus_group_ref group_refs[TOWN_GROUPS];
    char group_names[TOWN_GROUPS][16];
    char universe_name[16];
    onus_universe_ref universe_ref;
    onus_universe universe;
    onus_benchmark one_benchmark;
    double *groups[TOWN_GROUPS];
    double *margins[TOWN_GROUPS];
    uint8_t has_row[TOWN_AREAS];
    double from_s[TOWN_FLAGS];
    double until_s[TOWN_FLAGS];
} town;

/* A grid of n_x by n_y areas with n_groups groups "g0", "g1", ...; nobody lives there yet. */
static inline town *town_new(size_t n_x, size_t n_y, size_t n_groups) {
    town *t = calloc(1, sizeof *t);
    if (t == NULL) {
        abort();
    }
    t->n_areas = n_x * n_y;
    t->n_groups = n_groups;
    for (size_t i = 0; i < t->n_areas; i++) {
        static const double CORNER_X[] = {0, 1, 1, 0, 0};
        static const double CORNER_Y[] = {0, 0, 1, 1, 0};
        snprintf(t->id_text[i], sizeof t->id_text[i], "a%03u", (unsigned)i);
        t->ids[i] = t->id_text[i];
        t->area_rings[i + 1] = i + 1;
        t->ring_points[i + 1] = 5 * (i + 1);
        for (size_t k = 0; k < 5; k++) {
            t->x[5 * i + k] = TOWN_SIDE_M * ((double)(i % n_x) + CORNER_X[k]);
            t->y[5 * i + k] = TOWN_SIDE_M * ((double)(i / n_x) + CORNER_Y[k]);
        }
        t->has_row[i] = 1;
    }
    for (size_t g = 0; g < n_groups; g++) {
        snprintf(t->group_names[g], sizeof t->group_names[g], "g%u", (unsigned)g);
        t->group_refs[g] = (onus_group_ref){.name = t->group_names[g]};
        t->groups[g] = t->people[g];
        t->margins[g] = t->margin[g];
    }
    snprintf(t->universe_name, sizeof t->universe_name, "residents");
    t->c.kind = ONUS_KIND_PLACE;
    t->c.predictions.form = ONUS_FORM_COUNTED_BOXES;
    t->c.predictions.assign = ONUS_ASSIGN_CENTRE;
    t->c.predictions.width_m = 50.0;
    t->c.predictions.height_m = 50.0;
    t->c.protocol.conventions[ONUS_CONVENTION_ONUS] = true;
    t->c.protocol.unit = ONUS_UNIT_WEEK;
    t->c.protocol.n_replicates = 200;
    t->c.protocol.level = 0.95;
    t->c.protocol.top_frac = 0.05;
    t->c.protocol.seed = 1;
    t->n_threads = 1;
    return t;
}

static inline void town_flag(town *t, double x, double y, double count) {
    t->flag_x[t->n_flags] = x;
    t->flag_y[t->n_flags] = y;
    t->flag_count[t->n_flags++] = count;
}

/* A flag in the middle of an area. */
static inline void town_flag_area(town *t, size_t area, double count) {
    t->flag_area[t->n_flags] = (int32_t)area;
    town_flag(t, t->x[5 * area] + 0.5 * TOWN_SIDE_M, t->y[5 * area] + 0.5 * TOWN_SIDE_M, count);
}

static inline void town_outcome(town *t, double x, double y) {
    t->outcome_x[t->n_outcomes] = x;
    t->outcome_y[t->n_outcomes++] = y;
}

static inline void town_outcome_area(town *t, size_t area) {
    town_outcome(t, t->x[5 * area] + 0.5 * TOWN_SIDE_M, t->y[5 * area] + 0.5 * TOWN_SIDE_M);
}

static inline void town_wire(town *t) {
    onus_layer *areas = &t->evidence.areas;
    *areas = (onus_layer){.n_areas = t->n_areas,
                          .ids = t->ids,
                          .n_rings = t->n_areas,
                          .area_rings = t->area_rings,
                          .ring_points = t->ring_points,
                          .n_points = 5 * t->n_areas,
                          .source_x = t->x,
                          .source_y = t->y,
                          .x_m = t->x,
                          .y_m = t->y};
    t->universe_ref = (onus_universe_ref){
        .name = t->universe_name, .groups = t->group_refs, .n_groups = t->n_groups};
    t->universe = (onus_universe){.ref = &t->universe_ref,
                                  .total = t->total,
                                  .groups = t->groups,
                                  .total_margin = t->has_margins ? t->total_margin : NULL,
                                  .margins = t->has_margins ? t->margins : NULL};
    t->one_benchmark = (onus_benchmark){.name = "calls", .values = t->benchmark};
    t->evidence.people = (onus_people){.universes = &t->universe,
                                       .n_universes = t->n_groups > 0 ? 1 : 0,
                                       .benchmarks = &t->one_benchmark,
                                       .n_benchmarks = t->has_benchmark ? 1 : 0,
                                       .has_row = t->has_row};
    t->evidence.flags = (onus_flags){.n_flags = t->n_flags, .counts = t->flag_count};
    if (t->c.predictions.form == ONUS_FORM_COUNTED_AREAS) {
        t->evidence.flags.area = t->flag_area;
    } else {
        t->evidence.flags.source_x = t->flag_x;
        t->evidence.flags.source_y = t->flag_y;
        t->evidence.flags.x_m = t->flag_x;
        t->evidence.flags.y_m = t->flag_y;
    }
    if (t->has_times) {
        for (size_t r = 0; r < t->n_flags; r++) {
            t->from_s[r] = (double)t->flag_day[r] * TOWN_DAY_S;
            t->until_s[r] = t->from_s[r] + 0.5 * TOWN_DAY_S;
        }
        t->evidence.flags.day = t->flag_day;
        t->evidence.flags.from_unix_s = t->from_s;
        t->evidence.flags.until_unix_s = t->until_s;
    }
    if (t->n_outcomes > 0) {
        t->c.outcomes.source.file = t->id_text[0]; /* anything but NULL: outcomes are given */
        t->evidence.outcomes =
            (onus_outcomes){.n_outcomes = t->n_outcomes,
                            .source_x = t->outcome_x,
                            .source_y = t->outcome_y,
                            .x_m = t->outcome_x,
                            .y_m = t->outcome_y,
                            .unix_s = t->outcomes_have_times ? t->outcome_s : NULL,
                            .by_officer = t->outcomes_have_source ? t->outcome_officer : NULL};
    }
}

/* Tries the town; may be called again after changes. */
static inline onus_status town_try(town *t) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_context context = {.n_threads = t->n_threads};
    town_wire(t);
    onus_result_clear(&t->result);
    onus_result_init(&t->result, &t->c, &t->evidence);
    const onus_status status = onus_place_try(&t->c, &t->evidence, &context, &t->result, &err);
    if (status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        fprintf(stderr, "%s: %s\n", onus_status_name(status), err.text);
    }
    return status;
}

static inline void town_free(town *t) {
    onus_result_clear(&t->result);
    free(t);
}

/* The measure with this id and exactly these texts ("key=value key=value"); decile=3 for numbers.
 * NULL if there is none or more than one. */
static inline const onus_measure *town_find(const town *t, const char *id, const char *scope) {
    const onus_measure *found = NULL;
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const onus_measure *m = onus_result_measure(&t->result, k);
        char text[512] = "";
        size_t len = 0;
        if (strcmp(m->def->id, id) != 0) {
            continue;
        }
        for (size_t i = 0; i < m->scope.n_items; i++) {
            const char *gap = i == 0 ? "" : " ";
            if (strcmp(m->scope.items[i].key, "universe") == 0) {
                continue; /* there is one only */
            }
            gap = len == 0 ? "" : " ";
            len += (size_t)(m->scope.items[i].text != NULL
                                ? snprintf(text + len, sizeof text - len, "%s%s=%s", gap,
                                           m->scope.items[i].key, m->scope.items[i].text)
                                : snprintf(text + len, sizeof text - len, "%s%s=%g", gap,
                                           m->scope.items[i].key, m->scope.items[i].number));
        }
        if (strcmp(text, scope) == 0) {
            if (found != NULL) {
                return NULL;
            }
            found = m;
        }
    }
    return found;
}

/* Value of that measure; NaN where it has none, and where there is no such measure. */
static inline double town_value(const town *t, const char *id, const char *scope) {
    const onus_measure *m = town_find(t, id, scope);
    return m != NULL && m->has_value ? m->value : NAN;
}

static inline bool town_near(double a, double b) {
    return fabs(a - b) <= 1e-12 * fmax(1.0, fmax(fabs(a), fabs(b)));
}

#endif
