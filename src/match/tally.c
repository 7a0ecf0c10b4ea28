/* Errors and comparisons by pair of people, from which every rate and its interval is made.
 *
 * The idea: comparisons are not independent, because they share people; what a rate is worth
 * follows from its errors pair by pair. Every row learns its pair once (two counting sorts), and a
 * tally at any threshold is then one pass over the rows of a set.
 *
 * Called by rates, groups, use and tricks. The statistics themselves are in src/stats. */
#include <math.h>

#include "match_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

/* The lower or the higher person of a row; -1: somebody is not known. */
static int32_t person_of(const match_trial *t, size_t row, bool higher) {
    const onus_comparisons *c = &t->m->comparisons;
    const int32_t a = t->m->sightings.person[c->probe[row]];
    const int32_t b = t->m->sightings.person[c->reference[row]];
    return a < 0 || b < 0 ? -1 : (a > b) == higher ? a : b;
}

/* Rows in order of one person of theirs, otherwise as they stood (a counting sort). */
static onus_status sort_by(const match_trial *t, bool higher, const size_t *rows, size_t n_rows,
                           size_t *sorted) {
    size_t *at = onus_alloc_n(t->n_people + 1, sizeof *at);
    if (at == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_rows; k++) {
        at[person_of(t, rows[k], higher) + 1]++;
    }
    for (size_t p = 0; p < t->n_people; p++) {
        at[p + 1] += at[p];
    }
    for (size_t k = 0; k < n_rows; k++) {
        sorted[at[person_of(t, rows[k], higher)]++] = rows[k];
    }
    onus_free(at);
    return ONUS_OK;
}

/* Rows sorted by pair: every first row of a pair gives it its number. */
static onus_status number_pairs(match_trial *t, const size_t *rows, size_t n_rows) {
    onus_array a_of = ONUS_ARRAY_OF(int32_t);
    onus_array b_of = ONUS_ARRAY_OF(int32_t);
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < n_rows; k++) {
        const int32_t a = person_of(t, rows[k], false);
        const int32_t b = person_of(t, rows[k], true);
        if (k == 0 || a != person_of(t, rows[k - 1], false) ||
            b != person_of(t, rows[k - 1], true)) {
            ONUS_TRY(onus_array_push(&a_of, &a));
            ONUS_TRY(onus_array_push(&b_of, &b));
        }
        t->pair_of_row[rows[k]] = (uint32_t)(a_of.n_items - 1);
    }
    t->pair_a = match_keep(t, onus_array_take(&a_of, &t->n_person_pairs));
    t->pair_b = match_keep(t, onus_array_take(&b_of, &t->n_person_pairs));
    if (n_rows > 0 && (t->pair_a == NULL || t->pair_b == NULL)) {
        status = ONUS_ERR_NOMEM;
    }
out:
    onus_array_clear(&a_of);
    onus_array_clear(&b_of);
    return status;
}

onus_status match_make_pairs(match_trial *t) {
    onus_status status = ONUS_OK;
    const size_t n = t->m->comparisons.n_comparisons;
    size_t n_rows = 0;
    size_t *rows = NULL;
    size_t *sorted = NULL;
    t->n_people = t->m->sightings.n_people;
    if (n == 0 || !t->knows_people) {
        return ONUS_OK;
    }
    t->pair_of_row = match_alloc(t, n, sizeof *t->pair_of_row);
    rows = onus_alloc_n(n, sizeof *rows);
    sorted = onus_alloc_n(n, sizeof *sorted);
    if (t->pair_of_row == NULL || rows == NULL || sorted == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        t->pair_of_row[i] = UINT32_MAX;
        if (person_of(t, i, false) >= 0) {
            rows[n_rows++] = i;
        }
    }
    ONUS_TRY(sort_by(t, true, rows, n_rows, sorted));
    ONUS_TRY(sort_by(t, false, sorted, n_rows, rows));
    ONUS_TRY(number_pairs(t, rows, n_rows));
out:
    onus_free(rows);
    onus_free(sorted);
    return status;
}

/* ---- one tally ---- */

static bool is_in_slice(const match_trial *t, const match_slice *slice, size_t row) {
    if (!slice->by_group) {
        return true;
    }
    const onus_comparisons *c = &t->m->comparisons;
    const int32_t *group = t->m->sightings.group[slice->grouping];
    const int32_t probe = group[c->probe[row]];
    const int32_t reference = group[c->reference[row]];
    return (probe == slice->probe_value && reference == slice->reference_value) ||
           (c->one_space && probe == slice->reference_value && reference == slice->probe_value);
}

/* Leaves out pairs that the slice does not compare. */
static onus_status compact(const match_trial *t, const uint64_t *errors,
                           const uint64_t *comparisons, onus_dyads *out) {
    size_t n = 0;
    for (size_t p = 0; p < t->n_person_pairs; p++) {
        n += comparisons[p] > 0 ? 1 : 0;
    }
    out->n_people = t->n_people;
    out->pairs = onus_alloc_n(n, sizeof *out->pairs);
    if (out->pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < t->n_person_pairs; p++) {
        if (comparisons[p] > 0) {
            out->pairs[out->n_pairs++] = (onus_dyad){.i = t->pair_a[p],
                                                     .j = t->pair_b[p],
                                                     .n_comparisons = comparisons[p],
                                                     .n_errors = errors[p]};
            out->n_comparisons += comparisons[p];
            out->n_errors += errors[p];
        }
    }
    return ONUS_OK;
}

onus_status match_tally_fill(const match_trial *t, const match_slice *slice, match_tally *out) {
    const match_scores *of = &slice->set->of[slice->kind];
    const bool by_pair = t->pair_of_row != NULL;
    uint64_t *errors = NULL;
    uint64_t *comparisons = NULL;
    onus_status status = ONUS_OK;
    *out = (match_tally){0};
    if (by_pair) {
        errors = onus_alloc_n(t->n_person_pairs + 1, sizeof *errors);
        comparisons = onus_alloc_n(t->n_person_pairs + 1, sizeof *comparisons);
        if (errors == NULL || comparisons == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
    }
    for (size_t i = 0; i < of->n; i++) {
        if ((slice->fta == MATCH_FTA_LEFT_OUT && isnan(of->score[i])) ||
            (slice->by_group && !is_in_slice(t, slice, of->row[i]))) {
            continue;
        }
        const bool error =
            match_is_error(t, slice->kind, of->score[i], slice->threshold, slice->fta);
        out->n_comparisons++;
        out->n_errors += error ? 1 : 0;
        const uint32_t pair = by_pair ? t->pair_of_row[of->row[i]] : UINT32_MAX;
        if (pair != UINT32_MAX) {
            errors[pair] += error ? 1 : 0;
            comparisons[pair]++;
        }
    }
    if (by_pair) {
        out->by_pair = true;
        ONUS_TRY(compact(t, errors, comparisons, &out->dyads));
    }
out:
    onus_free(errors);
    onus_free(comparisons);
    return status;
}

void match_tally_clear(match_tally *tally) {
    onus_free(tally->dyads.pairs);
    *tally = (match_tally){0};
}

/* Nobody knows who was compared, or not of all rows: an interval that must not decide. */
static void set_naive(onus_measure *m, const match_tally *tally, double level) {
    const onus_limits limits =
        onus_wilson((double)tally->n_errors, (double)tally->n_comparisons, level);
    m->interval = (onus_interval){.given = true,
                                  .level = level,
                                  .low = limits.low,
                                  .high = limits.high,
                                  .method = "wilson",
                                  .weak = true,
                                  .weak_reason = "comparisons share people, who are not known"};
}

void match_set_interval(onus_measure *m, const onus_dyadic *rate, double level, int people_each) {
    const bool is_sure = rate->n_errors == 0 || rate->n_errors == rate->n_comparisons;
    m->interval = (onus_interval){.given = true,
                                  .level = level,
                                  .low = rate->limits.low,
                                  .high = rate->limits.high,
                                  .method = rate->method,
                                  .resampled = "person",
                                  .weak = rate->weak,
                                  .weak_reason = rate->weak_reason,
                                  .people_each = people_each};
    if (is_sure) {
        m->interval.n_effective = (double)rate->n_disjoint;
    } else if (!rate->widened) { /* else p follows from the limits themselves */
        m->interval.n_effective = rate->n_effective;
        m->interval.logit_variance = rate->logit_variance;
        m->df = rate->df;
    }
}

onus_status match_set_rate(match_trial *t, onus_measure *m, const match_tally *tally,
                           const char *none) {
    const double level = t->c->protocol.level;
    onus_draft_set_fraction(m, (double)tally->n_errors, (double)tally->n_comparisons, none);
    if (!m->has_value) {
        return ONUS_OK;
    }
    if (!tally->by_pair || tally->dyads.n_comparisons != tally->n_comparisons) {
        set_naive(m, tally, level);
        return ONUS_OK;
    }
    onus_dyadic rate;
    const onus_status status = onus_dyadic_estimate(&tally->dyads, level, &rate);
    if (status == ONUS_OK) {
        const onus_dyad *first = &tally->dyads.pairs[0];
        match_set_interval(m, &rate, level, first->i == first->j ? 1 : 2);
    }
    return status;
}
