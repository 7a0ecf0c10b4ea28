/* The town: its areas, who lives in them, and who borders whom.
 *
 * Sums over people must match sums over groups, so an area whose group or total is not known counts
 * as empty in both (and is counted as such): a share whose upper and lower part cover different
 * ground would be no share. "Everyone else" of a group is the universe's total less the group.
 *
 * Called by trial.c first. Never looks at flags. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

/* A group may exceed its total by rounding in the source, not by more than this share of the total.
 */
#define EXCESS_TOLERANCE 1e-9

static double *zero_where_unknown(place_trial *t, const double *values, const double *other) {
    double *out = place_doubles(t, t->n);
    for (size_t i = 0; out != NULL && i < t->n; i++) {
        out[i] = isnan(values[i]) || isnan(other[i]) ? 0.0 : values[i];
    }
    return out;
}

static onus_status finish_group(place_trial *t, place_group *g) {
    double *within = place_doubles(t, t->n);
    if (within == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        within[i] = g->total[i] > 0.0 ? g->people[i] / g->total[i] : 0.0;
    }
    g->within = within;
    g->people_sum = onus_sum_of(g->people, t->n);
    g->total_sum = onus_sum_of(g->total, t->n);
    if (g->undefined == NULL && !(g->people_sum > 0.0)) {
        g->undefined = "nobody of the group lives in the areas";
    }
    return ONUS_OK;
}

/* Margin of a difference: root of the sum of squares (U.S. Census Bureau 2020, ch. 8). */
static double *difference_margin(place_trial *t, const double *a, const double *b) {
    double *out = place_doubles(t, t->n);
    for (size_t i = 0; out != NULL && i < t->n; i++) {
        out[i] = hypot(a[i], b[i]);
    }
    return out;
}

static onus_status make_rest(place_trial *t, const place_group *g, place_group *rest) {
    double *people = place_doubles(t, t->n);
    if (people == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *rest = *g;
    rest->name = "rest";
    rest->undefined = NULL;
    for (size_t i = 0; i < t->n; i++) {
        const double more = g->people[i] - g->total[i];
        if (more > EXCESS_TOLERANCE * g->total[i]) {
            rest->undefined = "in some areas the group outnumbers the universe's total, so that "
                              "everyone else cannot be counted";
        }
        people[i] = more < 0.0 ? -more : 0.0;
    }
    rest->people = people;
    if (g->people_margin != NULL && g->total_margin != NULL) {
        rest->people_margin = difference_margin(t, g->people_margin, g->total_margin);
        if (rest->people_margin == NULL) {
            return ONUS_ERR_NOMEM;
        }
    } else {
        rest->people_margin = NULL;
    }
    return finish_group(t, rest);
}

static onus_status make_groups(place_trial *t) {
    const onus_people *people = &t->evidence->people;
    for (size_t u = 0; u < people->n_universes; u++) {
        t->n_groups += people->universes[u].ref->n_groups;
    }
    t->groups = place_keep(t, onus_alloc_n(t->n_groups, sizeof *t->groups));
    t->rests = place_keep(t, onus_alloc_n(t->n_groups, sizeof *t->rests));
    if (t->groups == NULL || t->rests == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t k = 0;
    for (size_t u = 0; u < people->n_universes; u++) {
        const onus_universe *universe = &people->universes[u];
        for (size_t g = 0; g < universe->ref->n_groups; g++, k++) {
            place_group *group = &t->groups[k];
            group->universe = universe->ref->name;
            group->universe_index = u;
            group->name = universe->ref->groups[g].name;
            group->member = g;
            group->n_areas = t->n;
            group->people = zero_where_unknown(t, universe->groups[g], universe->total);
            group->total = zero_where_unknown(t, universe->total, universe->groups[g]);
            group->people_margin = universe->margins != NULL ? universe->margins[g] : NULL;
            group->total_margin = universe->total_margin;
            if (group->people == NULL || group->total == NULL) {
                return ONUS_ERR_NOMEM;
            }
            onus_status status = finish_group(t, group);
            if (status == ONUS_OK) {
                status = make_rest(t, group, &t->rests[k]);
            }
            if (status != ONUS_OK) {
                return status;
            }
            for (size_t i = 0; i < t->n; i++) {
                t->n_group_excess +=
                    group->people[i] > group->total[i] * (1.0 + EXCESS_TOLERANCE) ? 1 : 0;
            }
        }
    }
    return ONUS_OK;
}

typedef struct named_area {
    const char *id;
    int32_t area;
} named_area;

static int by_id(const void *a, const void *b) {
    const named_area *x = a;
    const named_area *y = b;
    const int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->area > y->area) - (x->area < y->area);
}

static onus_status order_by_id(place_trial *t) {
    const onus_layer *areas = &t->evidence->areas;
    named_area *named = onus_alloc_n(t->n, sizeof *named);
    t->by_id = place_keep(t, onus_alloc_n(t->n, sizeof *t->by_id));
    t->id_rank = place_keep(t, onus_alloc_n(t->n, sizeof *t->id_rank));
    if (named == NULL || t->by_id == NULL || t->id_rank == NULL) {
        onus_free(named);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        named[i] = (named_area){.id = areas->ids[i], .area = (int32_t)i};
    }
    qsort(named, t->n, sizeof *named, by_id);
    for (size_t k = 0; k < t->n; k++) {
        t->by_id[k] = named[k].area;
        t->id_rank[named[k].area] = (int32_t)k;
    }
    onus_free(named);
    return ONUS_OK;
}

/* Neighbours are found where coordinates are those of the file: shared corners then agree exactly,
 * which after a projection they do only to rounding. */
static onus_status find_neighbours(place_trial *t) {
    const onus_layer *areas = &t->evidence->areas;
    onus_polygons source = t->metres;
    source.x = areas->source_x;
    source.y = areas->source_y;
    const double lattice = areas->source_is_degrees ? PLACE_LATTICE_DEG : PLACE_LATTICE_M;
    return onus_contiguity(&source, lattice, t->context, &t->queen, t->err);
}

onus_status place_town(place_trial *t) {
    const onus_layer *areas = &t->evidence->areas;
    onus_status status = ONUS_OK;
    t->n = areas->n_areas;
    t->metres = (onus_polygons){.n_areas = areas->n_areas,
                                .area_rings = areas->area_rings,
                                .ring_points = areas->ring_points,
                                .x = areas->x_m,
                                .y = areas->y_m};
    t->area_m2 = place_doubles(t, t->n);
    t->centre_x = place_doubles(t, t->n);
    t->centre_y = place_doubles(t, t->n);
    if (t->area_m2 == NULL || t->centre_x == NULL || t->centre_y == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_polygons_area(&t->metres, t->area_m2, t->centre_x, t->centre_y);
    ONUS_TRY(order_by_id(t));
    ONUS_TRY(make_groups(t));
    ONUS_TRY(find_neighbours(t));
    ONUS_TRY(onus_space_new(t->centre_x, t->centre_y, t->n, t->context, &t->space, t->err));
out:
    return status;
}
