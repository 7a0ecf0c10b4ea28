/* Errors and comparisons by pair of people, from which every rate and its interval is made.
 *
 * The idea: comparisons are not independent, because they share people; what a rate is worth
 * follows from its errors pair by pair. Every row learns its pair once (rows of one person in a
 * run, a mark per other person: no sort, no hash), and a tally is then one pass over the rows of a
 * set.
 *
 * Called by rates, groups, use and tricks. The statistics themselves are in src/stats. */
#include <math.h>

#include "match_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

enum { NO_PAIR = -1 };

/* Rows by their lower person: start[a] .. start[a + 1] - 1. Rows without people come to nobody. */
static onus_status by_person(const match_trial *t, size_t *start, size_t *rows) {
    const onus_comparisons *c = &t->m->comparisons;
    const int32_t *person = t->m->sightings.person;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        const int32_t a = person[c->probe[i]];
        const int32_t b = person[c->reference[i]];
        if (a >= 0 && b >= 0) {
            start[(a < b ? a : b) + 1]++;
        }
    }
    for (size_t p = 0; p < t->n_people; p++) {
        start[p + 1] += start[p];
    }
    size_t *at = onus_alloc_n(t->n_people + 1, sizeof *at);
    if (at == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < c->n_comparisons; i++) {
        const int32_t a = person[c->probe[i]];
        const int32_t b = person[c->reference[i]];
        if (a >= 0 && b >= 0) {
            const int32_t lower = a < b ? a : b;
            rows[start[lower] + at[lower]++] = i;
        }
    }
    onus_free(at);
    return ONUS_OK;
}

static onus_status number_pairs(match_trial *t, const size_t *start, const size_t *rows,
                                int32_t *seen, uint32_t *number) {
    const onus_comparisons *c = &t->m->comparisons;
    const int32_t *person = t->m->sightings.person;
    onus_array a_of = ONUS_ARRAY_OF(int32_t);
    onus_array b_of = ONUS_ARRAY_OF(int32_t);
    onus_status status = ONUS_OK;
    for (size_t p = 0; p < t->n_people; p++) {
        for (size_t k = start[p]; k < start[p + 1]; k++) {
            const int32_t a = (int32_t)p;
            const int32_t probe = person[c->probe[rows[k]]];
            const int32_t b = probe != a ? probe : person[c->reference[rows[k]]];
            if (seen[b] != a) {
                seen[b] = a;
                number[b] = (uint32_t)a_of.n_items;
                ONUS_TRY(onus_array_push(&a_of, &a));
                ONUS_TRY(onus_array_push(&b_of, &b));
            }
            t->pair_of_row[rows[k]] = number[b];
        }
    }
    t->pair_a = match_keep(t, onus_array_take(&a_of, &t->n_person_pairs));
    t->pair_b = match_keep(t, onus_array_take(&b_of, &t->n_person_pairs));
    if (t->n_person_pairs > 0 && (t->pair_a == NULL || t->pair_b == NULL)) {
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
    size_t *start = NULL;
    size_t *rows = NULL;
    int32_t *seen = NULL;
    uint32_t *number = NULL;
    t->n_people = t->m->sightings.n_people;
    if (n == 0 || !t->knows_people) {
        return ONUS_OK;
    }
    t->pair_of_row = match_alloc(t, n, sizeof *t->pair_of_row);
    start = onus_alloc_n(t->n_people + 1, sizeof *start);
    rows = onus_alloc_n(n, sizeof *rows);
    seen = onus_alloc_n(t->n_people + 1, sizeof *seen);
    number = onus_alloc_n(t->n_people + 1, sizeof *number);
    if (t->pair_of_row == NULL || start == NULL || rows == NULL || seen == NULL || number == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        t->pair_of_row[i] = UINT32_MAX;
    }
    for (size_t p = 0; p < t->n_people; p++) {
        seen[p] = NO_PAIR;
    }
    ONUS_TRY(by_person(t, start, rows));
    ONUS_TRY(number_pairs(t, start, rows, seen, number));
out:
    onus_free(start);
    onus_free(rows);
    onus_free(seen);
    onus_free(number);
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
static onus_status compact(const match_trial *t, const double *errors, const double *comparisons,
                           match_tally *out) {
    for (size_t p = 0; p < t->n_person_pairs; p++) {
        out->n_pairs += comparisons[p] > 0.0 ? 1 : 0;
    }
    out->person_a = onus_alloc_n(out->n_pairs, sizeof *out->person_a);
    out->person_b = onus_alloc_n(out->n_pairs, sizeof *out->person_b);
    out->errors = onus_alloc_n(out->n_pairs, sizeof *out->errors);
    out->comparisons = onus_alloc_n(out->n_pairs, sizeof *out->comparisons);
    if (out->n_pairs > 0 && (out->person_a == NULL || out->person_b == NULL ||
                             out->errors == NULL || out->comparisons == NULL)) {
        return ONUS_ERR_NOMEM;
    }
    size_t at = 0;
    for (size_t p = 0; p < t->n_person_pairs; p++) {
        if (comparisons[p] > 0.0) {
            out->person_a[at] = t->pair_a[p];
            out->person_b[at] = t->pair_b[p];
            out->errors[at] = errors[p];
            out->comparisons[at++] = comparisons[p];
        }
    }
    return ONUS_OK;
}

onus_status match_tally_fill(const match_trial *t, const match_slice *slice, match_tally *out) {
    const match_scores *of = &slice->set->of[slice->kind];
    const bool by_pair = t->pair_of_row != NULL;
    double *errors = NULL;
    double *comparisons = NULL;
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
            errors[pair] += error ? 1.0 : 0.0;
            comparisons[pair] += 1.0;
        }
    }
    if (by_pair) {
        ONUS_TRY(compact(t, errors, comparisons, out));
    }
out:
    onus_free(errors);
    onus_free(comparisons);
    return status;
}

void match_tally_clear(match_tally *tally) {
    onus_free(tally->person_a);
    onus_free(tally->person_b);
    onus_free(tally->errors);
    onus_free(tally->comparisons);
    *tally = (match_tally){0};
}

onus_status match_set_rate(match_trial *t, onus_measure *m, const match_tally *tally,
                           const char *none) {
    const double level = t->c->protocol.level;
    const onus_limits limits =
        onus_wilson((double)tally->n_errors, (double)tally->n_comparisons, level);
    match_set_fraction(m, (double)tally->n_errors, (double)tally->n_comparisons, none);
    if (m->has_value) {
        m->interval = (onus_interval){.given = true,
                                      .level = level,
                                      .low = limits.low,
                                      .high = limits.high,
                                      .method = "wilson",
                                      .weak = true,
                                      .weak_reason = "comparisons share people, who are not known"};
    }
    return ONUS_OK;
}
