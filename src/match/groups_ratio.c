/* For whom is it worse, and is that more than the sample's noise?
 *
 * Each group against all other groups together, within-group pairs against within-group pairs:
 * ratio and difference of the rates, with limits that know which people both sides share, and the
 * ratio that this sample could have told from 1. Called by groups.c. A group that is withheld is on
 * no side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "groups_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

static const double POWER = 0.8;

/* As in stats_dyadic.c: with fewer a limit is that of disjoint pairs. */
enum { FEW_IN_ERROR = 5 };

/* ---- all groups but one ---- */

static int by_pair(const void *pa, const void *pb) {
    const onus_dyad *a = pa;
    const onus_dyad *b = pb;
    return a->i != b->i ? (a->i > b->i) - (a->i < b->i) : (a->j > b->j) - (a->j < b->j);
}

static bool takes_part(const match_trial *t, const group_bench *bench, match_kind kind, size_t g) {
    return bench->of[kind][g].is_estimated &&
           match_group_of(t, bench->grouping, g)->show.state != ONUS_GROUP_WITHHELD;
}

/* A pair can be in two groups where a person's sightings name two: then its counts add up. */
static onus_status pool_others(const match_trial *t, const group_bench *bench, match_kind kind,
                               size_t but, onus_dyads *out) {
    size_t n = 0;
    for (size_t g = 0; g < bench->n_groups; g++) {
        n += g != but && takes_part(t, bench, kind, g) ? bench->of[kind][g].tally.dyads.n_pairs : 0;
    }
    *out = (onus_dyads){.n_people = t->n_people, .pairs = onus_alloc_n(n, sizeof *out->pairs)};
    if (out->pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n_taken = 0;
    for (size_t g = 0; g < bench->n_groups; g++) {
        const onus_dyads *from = &bench->of[kind][g].tally.dyads;
        if (g == but || !takes_part(t, bench, kind, g)) {
            continue;
        }
        memcpy(out->pairs + n_taken, from->pairs, from->n_pairs * sizeof *from->pairs);
        n_taken += from->n_pairs;
        out->n_comparisons += from->n_comparisons;
        out->n_errors += from->n_errors;
    }
    if (n_taken > 0) {
        qsort(out->pairs, n_taken, sizeof *out->pairs, by_pair);
    }
    for (size_t d = 0; d < n_taken; d++) {
        onus_dyad *last = out->n_pairs > 0 ? &out->pairs[out->n_pairs - 1] : NULL;
        if (last != NULL && by_pair(last, &out->pairs[d]) == 0) {
            last->n_comparisons += out->pairs[d].n_comparisons;
            last->n_errors += out->pairs[d].n_errors;
        } else {
            out->pairs[out->n_pairs++] = out->pairs[d];
        }
    }
    return ONUS_OK;
}

/* ---- the measures ---- */

static onus_measure draft(const match_trial *t, const char *id, const group_bench *bench,
                          match_kind kind, size_t g) {
    onus_measure m = match_draft_of(id);
    match_scope_set(&m, bench->set);
    match_scope_point(&m, bench->point);
    match_scope_group(t, &m, bench->grouping, g);
    onus_scope_set_text(&m.scope, "rate", match_rate_name(kind));
    return m;
}

static onus_status add(match_trial *t, const group_bench *bench, size_t g, onus_measure *m,
                       onus_limits limits, bool weak) {
    if (m->has_value && !(isnan(limits.low) && isnan(limits.high))) {
        m->interval = (onus_interval){.given = true,
                                      .level = t->c->protocol.level,
                                      .low = limits.low,
                                      .high = isinf(limits.high) ? NAN : limits.high,
                                      .method = "limits of both rates, people shared",
                                      .resampled = "person",
                                      .weak = weak,
                                      .weak_reason = weak ? "one side has too few people" : NULL};
    }
    match_mark_group(match_group_of(t, bench->grouping, g), m);
    return match_add(t, m, NULL);
}

/* A limit from pairs that share nobody gives the number of people back: of so few it stays open. */
static void hide_size(const onus_dyadic *side, double *of_ratio, double *of_gap) {
    const size_t n_in_error = side->n_people_in_error;
    const bool sure = side->n_errors == 0 || side->n_errors == side->n_comparisons;
    *of_gap = sure || side->widened ? NAN : *of_gap;
    *of_ratio = sure || (side->widened &&
                         (n_in_error < FEW_IN_ERROR || side->rate > 0.5 /* then few succeeded */))
                    ? NAN
                    : *of_ratio;
}

static onus_status add_gap(match_trial *t, const group_bench *bench, match_kind kind, size_t g,
                           const onus_dyadic *others, onus_dyadic_gap *gap) {
    if (match_group_of(t, bench->grouping, g)->hide_size) {
        hide_size(&bench->of[kind][g].estimate, &gap->ratio_limits.high, &gap->limits.high);
    }
    if (others->n_people < t->c->protocol.suppress_below) {
        hide_size(others, &gap->ratio_limits.low, &gap->limits.low);
    }
    const bool weak = bench->of[kind][g].estimate.weak || others->weak;
    onus_status status = ONUS_OK;
    onus_measure ratio = draft(t, "match.group_ratio", bench, kind, g);
    onus_draft_set_number(&ratio, isnan(gap->ratio)
                                      ? onus_number_none("nobody of the other groups met an error")
                                      : onus_number_of(gap->ratio));
    ONUS_TRY(add(t, bench, g, &ratio, gap->ratio_limits, weak));
    onus_measure difference = draft(t, "match.group_gap", bench, kind, g);
    onus_draft_set_number(&difference, onus_number_of(gap->difference));
    ONUS_TRY(add(t, bench, g, &difference, gap->limits, weak));
    onus_measure detectable = draft(t, "match.detectable_ratio", bench, kind, g);
    const double factor = onus_detectable_ratio(gap->ratio_limits, t->c->protocol.level, POWER);
    onus_draft_set_number(&detectable,
                          isfinite(factor)
                              ? onus_number_of(factor)
                              : onus_number_none("too few errors to say what could be told apart"));
    ONUS_TRY(add(t, bench, g, &detectable, onus_limits_none(), false));
out:
    return status;
}

onus_status match_groups_ratios(match_trial *t, const group_bench *bench) {
    onus_status status = ONUS_OK;
    onus_dyads pooled = {0};
    for (int k = MATCH_N_KINDS - 1; k >= 0; k--) {
        const match_kind kind = (match_kind)k;
        for (size_t g = 0; g < bench->n_groups; g++) {
            const group_rate *own = &bench->of[kind][g];
            onus_dyadic others;
            onus_dyadic_gap gap;
            if (!takes_part(t, bench, kind, g)) {
                continue;
            }
            onus_free(pooled.pairs);
            ONUS_TRY(pool_others(t, bench, kind, g, &pooled));
            if (pooled.n_comparisons == 0) {
                continue; /* no other group to compare with */
            }
            ONUS_TRY(onus_dyadic_estimate(&pooled, t->c->protocol.level, &others));
            ONUS_TRY(
                onus_dyadic_difference(&own->tally.dyads, &own->estimate, &pooled, &others, &gap));
            ONUS_TRY(add_gap(t, bench, kind, g, &others, &gap));
        }
    }
out:
    onus_free(pooled.pairs);
    return status;
}
