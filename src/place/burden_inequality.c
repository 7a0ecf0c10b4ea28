/* How unequally flags are spread, how apart the groups live, and how alike neighbours are.
 *
 * Without a group a measure is about the flags over areas; with one it is about where the group
 * lives (the measures of segregation), except carried_gini, which is about the load within the
 * group. None of these has an interval: the areas are all there are, and an index of a whole is no
 * sample of it.
 *
 * Called by trial.c; kernels in stats/. Never mixes universes. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_inequality.h"
#include "onus/stats_spatial.h"
#include "onus/sum.h"
#include "place_internal.h"

enum { N_PERMUTATIONS = 999 };

#define WHOLE "no interval: every area is counted, none was drawn"

static onus_status add(place_trial *t, const char *id, const place_group *g, onus_number value) {
    onus_measure m = place_draft_of(id);
    if (g != NULL) {
        place_scope_group(&m, g);
        value = g->undefined != NULL ? onus_number_none(g->undefined) : value;
    }
    onus_draft_set_number(&m, value);
    if (m.has_value) {
        m.reason = WHOLE;
    }
    return place_add(t, &m, NULL);
}

/* Gini index of segregation: the Gini index of the shares, mean p, scaled by its greatest value 1 -
 * p. */
static onus_status segregation_gini(const place_group *g, size_t n, onus_number *out) {
    const double p = g->total_sum > 0.0 ? g->people_sum / g->total_sum : NAN;
    if (!(p > 0.0 && p < 1.0)) {
        *out = onus_number_none("the group is everyone or no one");
        return ONUS_OK;
    }
    const onus_status status = onus_gini(g->within, g->total, n, out);
    if (status == ONUS_OK && !isnan(out->value)) {
        out->value /= 1.0 - p;
    }
    return status;
}

static double entropy(double p) {
    return p > 0.0 && p < 1.0 ? -p * log(p) - (1.0 - p) * log1p(-p) : 0.0;
}

/* Theil's information index H (Theil & Finizza 1971; Massey & Denton 1988 eq. 3). */
static onus_number information_index(const place_group *g, size_t n) {
    const double whole = g->total_sum > 0.0 ? entropy(g->people_sum / g->total_sum) : 0.0;
    if (!(whole > 0.0)) {
        return onus_number_none("the group is everyone or no one");
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, g->total[i] * (whole - entropy(g->within[i])));
    }
    return onus_number_of(onus_sum_get(&sum) / (whole * g->total_sum));
}

static onus_status try_group(place_trial *t, size_t k) {
    const place_group *g = &t->groups[k];
    const place_group *rest = &t->rests[k];
    onus_number value = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(segregation_gini(g, t->n, &value));
    ONUS_TRY(add(t, "burden.gini", g,
                 rest->undefined != NULL ? onus_number_none(rest->undefined) : value));
    ONUS_TRY(onus_gini(t->flags.by_area, g->people, t->n, &value));
    ONUS_TRY(add(t, "burden.carried_gini", g, value));
    ONUS_TRY(add(t, "burden.theil", g,
                 rest->undefined != NULL ? onus_number_none(rest->undefined)
                                         : information_index(g, t->n)));
    ONUS_TRY(add(t, "burden.delta", g, onus_dissimilarity(g->people, t->area_m2, t->n)));
    ONUS_TRY(add(t, "burden.dissimilarity", g,
                 rest->undefined != NULL ? onus_number_none(rest->undefined)
                                         : onus_dissimilarity(g->people, rest->people, t->n)));
    ONUS_TRY(add(t, "burden.isolation", g, onus_isolation(g->people, g->total, t->n)));
out:
    return status;
}

static onus_status add_moran(place_trial *t, const place_group *g, const onus_moran *found) {
    onus_measure m = place_draft_of("burden.moran");
    if (g != NULL) {
        place_scope_group(&m, g);
    }
    onus_draft_set_number(&m, isnan(found->value) ? onus_number_none(found->reason)
                                                  : onus_number_of(found->value));
    m.has_p = m.has_value && found->p_value >= 0.0 && found->p_value <= 1.0;
    m.p_value = m.has_p ? found->p_value : 0.0;
    if (m.has_value) {
        m.reason = "no interval: tested by permutation of the areas";
    }
    return place_add(t, &m, NULL);
}

/* Flags over all areas; each group's share over the areas with people. Groups of one universe share
 * their areas and so their permutations. */
static onus_status try_moran(place_trial *t) {
    const onus_neighbours queen = {
        .n_areas = t->n, .starts = t->queen.starts, .columns = t->queen.columns};
    double *shares = onus_alloc_n(t->n_groups * t->n, sizeof *shares);
    const double **columns = onus_alloc_n(t->n_groups + 1, sizeof *columns);
    onus_moran *found = onus_alloc_n(t->n_groups + 1, sizeof *found);
    onus_status status = ONUS_ERR_NOMEM;
    if (shares == NULL || columns == NULL || found == NULL) {
        goto out;
    }
    columns[0] = t->flags.by_area;
    ONUS_TRY(onus_moran_test(&queen, columns, 1, t->c->protocol.seed, N_PERMUTATIONS, t->context,
                             found, t->err));
    t->moran_flags = found[0].value;
    ONUS_TRY(add_moran(t, NULL, &found[0]));
    for (size_t k = 0; k < t->n_groups; k++) {
        double *column = shares + k * t->n;
        for (size_t i = 0; i < t->n; i++) {
            column[i] = t->groups[k].total[i] > 0.0 ? t->groups[k].within[i] : NAN;
        }
        columns[k] = column;
    }
    for (size_t first = 0; first < t->n_groups;) {
        size_t end = first + 1;
        while (end < t->n_groups &&
               memcmp(t->groups[end].total, t->groups[first].total, t->n * sizeof(double)) == 0) {
            end++;
        }
        ONUS_TRY(onus_moran_test(&queen, columns + first, end - first, t->c->protocol.seed,
                                 N_PERMUTATIONS, t->context, found, t->err));
        for (size_t k = first; k < end; k++) {
            ONUS_TRY(add_moran(t, &t->groups[k], &found[k - first]));
        }
        first = end;
    }
    status = ONUS_OK;
out:
    onus_free(shares);
    onus_free((void *)columns);
    onus_free(found);
    return status;
}

onus_status burden_inequality(place_trial *t) {
    onus_number value = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_gini(t->flags.by_area, NULL, t->n, &value));
    ONUS_TRY(add(t, "burden.gini", NULL, value));
    ONUS_TRY(add(t, "burden.theil", NULL, onus_theil(t->flags.by_area, NULL, t->n)));
    ONUS_TRY(add(t, "burden.delta", NULL, onus_dissimilarity(t->flags.by_area, t->area_m2, t->n)));
    for (size_t k = 0; k < t->n_groups; k++) {
        ONUS_TRY(try_group(t, k));
    }
    ONUS_TRY(try_moran(t));
out:
    return status;
}
