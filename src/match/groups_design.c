/* Comparisons of a full table as products of what each person has.
 *
 * Where every sighting was compared with every other, persons i and j met s_i s_j times, s being
 * sightings; pairs at one camera are the same products by camera. The vertex bootstrap then needs
 * no list of pairs. Whether the table really is such a design is not assumed: the plan checks every
 * pair, and keeps pair by pair what the products get wrong. Called by groups_noise.c and
 * groups_differential.c. Counts sightings only. */
#include <math.h>

#include "groups_internal.h"
#include "onus/alloc.h"

enum { CAMERAS_MAX = 64 }; /* more products than that cost more than they save */

/* Sightings that occur in acquired comparisons of the set, as probes (1) and references (2). */
static onus_status mark_sightings(const match_trial *t, const match_set *set, uint8_t **out) {
    uint8_t *seen = onus_alloc_n(t->m->sightings.n_sightings, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const onus_comparisons *c = &t->m->comparisons;
    for (int k = 0; k < MATCH_N_KINDS; k++) {
        const match_scores *of = &set->of[k];
        for (size_t i = 0; i < of->n; i++) {
            if (!isnan(of->score[i])) {
                seen[c->probe[of->row[i]]] |= 1;
                seen[c->reference[of->row[i]]] |= 2;
            }
        }
    }
    *out = seen;
    return ONUS_OK;
}

static bool is_of(const match_trial *t, size_t sighting, size_t grouping, int32_t value) {
    const onus_sightings *s = &t->m->sightings;
    return s->person[sighting] >= 0 && (value < 0 || s->group[grouping][sighting] == value);
}

/* Adds the sightings of one camera (-1: all) to u, and those that are references to v. */
static void count_sightings(const match_trial *t, const uint8_t *seen, size_t grouping,
                            int32_t value, int32_t camera, uint32_t *u, uint32_t *v) {
    const onus_sightings *s = &t->m->sightings;
    const bool one_space = t->m->comparisons.one_space;
    for (size_t i = 0; i < s->n_sightings; i++) {
        if (seen[i] == 0 || !is_of(t, i, grouping, value) ||
            (camera >= 0 && s->camera[i] != camera)) {
            continue;
        }
        if (one_space) {
            u[s->person[i]]++;
        } else {
            u[s->person[i]] += seen[i] & 1;
            v[s->person[i]] += (seen[i] & 2) != 0;
        }
    }
}

onus_status match_design_of(const match_trial *t, const match_set *set, size_t grouping,
                            int32_t value, match_design *out) {
    const onus_sightings *s = &t->m->sightings;
    const bool one_space = t->m->comparisons.one_space;
    const size_t n_cameras = set->pairs == MATCH_PAIRS_ALL ? 0 : s->n_cameras;
    const size_t n_all = set->pairs == MATCH_PAIRS_SAME_CAMERA ? 0 : 1;
    onus_status status = ONUS_OK;
    uint8_t *seen = NULL;
    *out = (match_design){0};
    if (n_cameras > CAMERAS_MAX) {
        return ONUS_OK;
    }
    const size_t n_each = t->n_people * (one_space ? 1 : 2);
    out->factors = onus_alloc_n(n_all + n_cameras, sizeof *out->factors);
    out->counts = onus_alloc_n(n_all + n_cameras, n_each * sizeof *out->counts);
    if (out->factors == NULL || out->counts == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(mark_sightings(t, set, &seen));
    for (size_t k = 0; k < n_all + n_cameras; k++) {
        uint32_t *u = out->counts + k * n_each;
        uint32_t *v = one_space ? u : u + t->n_people;
        const bool is_all = k < n_all;
        count_sightings(t, seen, grouping, value, is_all ? -1 : (int32_t)(k - n_all), u, v);
        const int64_t sign = is_all || n_all == 0 ? 1 : -1;
        out->factors[out->n_factors++] =
            (onus_dyad_factor){.scale = one_space ? sign : 2 * sign, .u = u, .v = v};
    }
out:
    onus_free(seen);
    if (status != ONUS_OK) {
        match_design_clear(out);
    }
    return status;
}

void match_design_clear(match_design *design) {
    onus_free(design->factors);
    onus_free(design->counts);
    *design = (match_design){0};
}
