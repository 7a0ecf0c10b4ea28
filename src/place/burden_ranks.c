/* Do flags go where the group lives: rank correlation over areas, and how many areas it is worth.
 *
 * Neighbouring areas resemble one another in both, so n areas are not n observations: with smooth
 * independent fields a naive test at 5 % rejects in 40 to 77 % of trials. Convention onus therefore
 * takes p and interval from the effective number of areas (Clifford & Richardson). Convention
 * markup-2021 reproduces the published number, whose ties were broken by file order before ranking;
 * it gets neither p nor interval.
 *
 * Called by trial.c. Areas where nobody lives have no share and are left out of both. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/stats_spatial.h"
#include "place_internal.h"

/* Packs values of the areas with people, ranks them, and spreads the ranks again (NaN elsewhere).
 */
static onus_status ranks_where_people(place_trial *t, const place_group *g, const double *values,
                                      double *ranks) {
    double *packed = onus_alloc_n(2 * t->n, sizeof *packed);
    if (packed == NULL) {
        return ONUS_ERR_NOMEM;
    }
    double *packed_ranks = packed + t->n;
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (g->total[i] > 0.0) {
            packed[n++] = values[i];
        }
    }
    const onus_status status = onus_rank_mid(packed, n, packed_ranks);
    n = 0;
    for (size_t i = 0; i < t->n && status == ONUS_OK; i++) {
        ranks[i] = g->total[i] > 0.0 ? packed_ranks[n++] : NAN;
    }
    onus_free(packed);
    return status;
}

static onus_status add_onus(place_trial *t, const place_group *g, const onus_area_correlation *c) {
    onus_measure m = place_draft_of("burden.rank_correlation");
    place_scope_group(&m, g);
    place_scope_convention(t, &m, "onus");
    onus_draft_set_number(&m, g->undefined != NULL ? onus_number_none(g->undefined)
                              : isnan(c->r)        ? onus_number_none(c->reason)
                                                   : onus_number_of(c->r));
    const bool has_n = m.has_value && c->n_effective > 3.0;
    if (has_n && !isnan(c->limits.low) && !isnan(c->limits.high)) {
        m.interval = (onus_interval){.given = true,
                                     .level = t->c->protocol.level,
                                     .low = c->limits.low,
                                     .high = c->limits.high,
                                     .method = "Fisher z with the effective number of areas"};
        m.scale = fabs(c->r) < 1.0 ? ONUS_SCALE_FISHER_Z : ONUS_SCALE_NONE;
        m.se = m.scale == ONUS_SCALE_NONE ? 0.0 : 1.0 / sqrt(c->n_effective - 3.0);
    } else if (m.has_value) {
        m.reason = c->reason != NULL ? c->reason : "no interval";
    }
    m.has_p = has_n && c->p_value >= 0.0 && c->p_value <= 1.0;
    m.p_value = m.has_p ? c->p_value : 0.0;
    onus_status status = place_add(t, &m, NULL);
    if (status != ONUS_OK) {
        return status;
    }
    onus_measure n_eff = place_draft_of("burden.effective_n");
    place_scope_group(&n_eff, g);
    onus_draft_set_number(&n_eff, has_n
                                      ? onus_number_of(c->n_effective)
                                      : onus_number_none(c->reason != NULL ? c->reason : m.reason));
    return place_add(t, &n_eff, NULL);
}

static onus_status try_onus(place_trial *t, size_t first, size_t end) {
    const size_t n_groups = end - first;
    double *flags = onus_alloc_n(t->n, sizeof *flags);
    double *shares = onus_alloc_n(n_groups * t->n, sizeof *shares);
    const double **columns = onus_alloc_n(n_groups, sizeof *columns);
    onus_area_correlation *found = onus_alloc_n(n_groups, sizeof *found);
    onus_status status = ONUS_ERR_NOMEM;
    if (flags == NULL || shares == NULL || columns == NULL || found == NULL) {
        goto out;
    }
    ONUS_TRY(ranks_where_people(t, &t->groups[first], t->flags.by_area, flags));
    for (size_t k = 0; k < n_groups; k++) {
        double *column = shares + k * t->n;
        ONUS_TRY(ranks_where_people(t, &t->groups[first + k], t->groups[first + k].within, column));
        columns[k] = column;
    }
    ONUS_TRY(onus_area_correlations(t->centre_x, t->centre_y, t->n, flags, columns, n_groups,
                                    t->c->protocol.level, t->context, found, t->err));
    for (size_t k = 0; k < n_groups; k++) {
        ONUS_TRY(add_onus(t, &t->groups[first + k], &found[k]));
    }
out:
    onus_free(flags);
    onus_free(shares);
    onus_free((void *)columns);
    onus_free(found);
    return status;
}

/* Ranks of the flags with ties in order of id: what the published code made of its file order, in
 * which of m tied areas the first took the highest of their m ranks. */
static onus_status published_flag_ranks(place_trial *t, double *ranks) {
    double *mid = onus_alloc_n(t->n, sizeof *mid);
    size_t *n_tied = onus_alloc_n(2 * t->n + 1, sizeof *n_tied);
    size_t *n_seen = onus_alloc_n(2 * t->n + 1, sizeof *n_seen);
    onus_status status = ONUS_ERR_NOMEM;
    if (mid == NULL || n_tied == NULL || n_seen == NULL) {
        goto out;
    }
    ONUS_TRY(onus_rank_mid(t->flags.by_area, t->n, mid));
    for (size_t i = 0; i < t->n; i++) {
        n_tied[(size_t)(2.0 *
                        mid[i])]++; /* mid-ranks are multiples of 0.5: twice one names its tie */
    }
    for (size_t k = 0; k < t->n; k++) {
        const size_t i = (size_t)t->by_id[k];
        const size_t tie = (size_t)(2.0 * mid[i]);
        const double highest = mid[i] + 0.5 * ((double)n_tied[tie] - 1.0);
        ranks[i] = highest - (double)n_seen[tie]++;
    }
out:
    onus_free(mid);
    onus_free(n_tied);
    onus_free(n_seen);
    return status;
}

static onus_status add_published(place_trial *t, const place_group *g) {
    double *flags = onus_alloc_n(4 * t->n, sizeof *flags);
    if (flags == NULL) {
        return ONUS_ERR_NOMEM;
    }
    double *shares = flags + t->n;
    double *a = flags + 2 * t->n;
    double *b = flags + 3 * t->n;
    onus_status status = ONUS_OK;
    ONUS_TRY(published_flag_ranks(t, flags));
    ONUS_TRY(ranks_where_people(t, g, g->within, shares));
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (g->total[i] > 0.0) {
            a[n] = flags[i];
            b[n++] = shares[i];
        }
    }
    onus_number r = {0};
    ONUS_TRY(onus_spearman(a, b, n, &r));
    onus_measure m = place_draft_of("burden.rank_correlation");
    place_scope_group(&m, g);
    place_scope_convention(t, &m, "markup-2021");
    onus_draft_set_number(&m, r);
    if (m.has_value) {
        m.reason = "no interval: ties broken by order of id are an order that the data do not have";
    }
    ONUS_TRY(place_add(t, &m, NULL));
out:
    onus_free(flags);
    return status;
}

onus_status burden_ranks(place_trial *t) {
    onus_status status = ONUS_OK;
    for (size_t first = 0; first < t->n_groups;) {
        /* groups known in the same areas share one computation */
        size_t end = first + 1;
        while (end < t->n_groups &&
               t->groups[end].universe_index == t->groups[first].universe_index &&
               memcmp(t->groups[end].total, t->groups[first].total, t->n * sizeof(double)) == 0) {
            end++;
        }
        if (place_asked(t, ONUS_CONVENTION_ONUS)) {
            ONUS_TRY(try_onus(t, first, end));
        }
        first = end;
    }
    if (place_asked(t, ONUS_CONVENTION_MARKUP_2021)) {
        for (size_t k = 0; k < t->n_groups; k++) {
            ONUS_TRY(add_published(t, &t->groups[k]));
        }
    }
out:
    return status;
}
