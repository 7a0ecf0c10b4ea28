/* What a comparison table says of each pair: rows that repeat it, its mirror image, pairs that
 * should be there and are in no row.
 *
 * The rows are put in the order of their pairs by two stable counting passes, so that the rows of a
 * pair stand together in file order; nearly every pair has one row and costs nothing more. In one
 * space a pair is unordered. Of rows with one score the first stays; rows with different scores all
 * stay and are counted, because a product that answers the same question in two ways has given two
 * answers. Called by match_comparisons.c. Never looks at who the people are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

/* One row of a pair. */
typedef struct answer {
    double score;
    uint32_t row;
    bool is_turned; /* probe and reference the other way round than in the pair's first row */
} answer;

static int by_score(const void *a, const void *b) {
    const answer *x = a;
    const answer *y = b;
    const int x_none = isnan(x->score);
    const int y_none = isnan(y->score);
    if (x_none != y_none) {
        return y_none - x_none;
    }
    if (x_none == 0 && x->score != y->score) {
        return x->score < y->score ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static int by_row(const void *a, const void *b) {
    const answer *x = a;
    const answer *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static bool equal_scores(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

typedef struct pairs {
    onus_comparisons *c;
    onus_pairs_found *found;
    answer *answers; /* of one pair; grows */
    size_t answers_cap;
    uint32_t *degree; /* pairs of each sighting that are in some row */
} pairs;

static int32_t low(const onus_comparisons *c, size_t r) {
    return c->one_space && c->reference[r] < c->probe[r] ? c->reference[r] : c->probe[r];
}

static int32_t high(const onus_comparisons *c, size_t r) {
    return c->one_space && c->reference[r] < c->probe[r] ? c->probe[r] : c->reference[r];
}

/* Rows in ascending order of (low, high), each pair's in file order. NULL: no memory. */
static uint32_t *order_rows(const onus_comparisons *c, size_t n_sightings) {
    const size_t n = c->n_comparisons;
    uint32_t *a = onus_alloc_n(n, sizeof *a);
    uint32_t *b = onus_alloc_n(n, sizeof *b);
    size_t *start = onus_alloc_n(n_sightings + 1, sizeof *start);
    if (a == NULL || b == NULL || start == NULL) {
        onus_free(a);
        onus_free(b);
        onus_free(start);
        return NULL;
    }
    for (size_t pass = 0; pass < 2; pass++) {
        memset(start, 0, (n_sightings + 1) * sizeof *start);
        for (size_t r = 0; r < n; r++) {
            start[(pass == 0 ? high(c, r) : low(c, r)) + 1]++;
        }
        for (size_t i = 0; i < n_sightings; i++) {
            start[i + 1] += start[i];
        }
        for (size_t i = 0; i < n; i++) {
            const size_t r = pass == 0 ? i : a[i];
            uint32_t *to = pass == 0 ? a : b;
            to[start[pass == 0 ? high(c, r) : low(c, r)]++] = (uint32_t)r;
        }
    }
    onus_free(a);
    onus_free(start);
    return b;
}

/* The rows of one pair that stay: of equal scores the first. Returns how many, in file order. */
static size_t keep_distinct(pairs *p, size_t n) {
    onus_comparisons *c = p->c;
    answer *answers = p->answers;
    size_t n_kept = 0;
    qsort(answers, n, sizeof *answers, by_score);
    for (size_t i = 0; i < n;) {
        const answer first = answers[i];
        bool has_mirror = false;
        size_t k = i + 1;
        for (; k < n && equal_scores(answers[k].score, first.score); k++) {
            p->found->keep[answers[k].row] = 0;
            if (answers[k].is_turned != first.is_turned && !has_mirror) {
                has_mirror = true;
                c->n_mirrored++;
            } else {
                c->n_repeated++;
            }
        }
        answers[n_kept++] = first;
        i = k;
    }
    qsort(answers, n_kept, sizeof *answers, by_row);
    return n_kept;
}

static onus_status settle_pair(pairs *p, const uint32_t *rows, size_t n) {
    onus_comparisons *c = p->c;
    if (n > p->answers_cap) {
        answer *grown = onus_realloc_n(p->answers, 2 * n, sizeof *grown);
        if (grown == NULL) {
            return ONUS_ERR_NOMEM;
        }
        p->answers = grown;
        p->answers_cap = 2 * n;
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t r = rows[i];
        p->answers[i] =
            (answer){.score = c->score[r], .row = r, .is_turned = c->probe[r] != c->probe[rows[0]]};
        if (c->same[r] != c->same[rows[0]] && r < p->found->contradicting) {
            p->found->contradicting = r;
        }
    }
    const size_t n_kept = keep_distinct(p, n);
    bool seen[2] = {false, false};
    for (size_t i = 0; i < n_kept; i++) {
        const bool is_turned = p->answers[i].is_turned;
        c->n_conflicting += seen[is_turned];
        c->n_asymmetric += !seen[is_turned] && seen[!is_turned];
        seen[is_turned] = true;
    }
    return ONUS_OK;
}

/* ---- the design ---- */

static onus_status count_groups(const onus_match_loading *m, onus_comparisons *c,
                                const uint64_t *expected_of, const uint32_t *degree) {
    const size_t n_groupings = m->out->sightings.n_groupings;
    c->expected = onus_alloc_n(n_groupings, sizeof *c->expected);
    c->missing = onus_alloc_n(n_groupings, sizeof *c->missing);
    if (c->expected == NULL || c->missing == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t g = 0; g < n_groupings; g++) {
        const size_t n_values = m->values[g].table.n_texts;
        c->expected[g] = onus_alloc_n(n_values + 1, sizeof *c->expected[g]);
        c->missing[g] = onus_alloc_n(n_values + 1, sizeof *c->missing[g]);
        if (c->expected[g] == NULL || c->missing[g] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < m->sightings.n; i++) {
            const int32_t v = m->sightings.group[g][i];
            if (v >= 0) {
                c->expected[g][v] += expected_of[i];
                c->missing[g][v] += expected_of[i] - degree[i];
            }
        }
    }
    return ONUS_OK;
}

/* With P probes, R references and B that are both: two spaces have P R cells; one space has as many
 * unordered pairs of different sightings as the two could meet in,
 * P R - B (itself) - B (B - 1) / 2 (both ways round). */
static onus_status count_design(const onus_match_loading *m, pairs *p, uint64_t n_pairs) {
    onus_comparisons *c = p->c;
    const size_t n = m->sightings.n;
    onus_status status = ONUS_ERR_NOMEM;
    uint8_t *role = onus_alloc_n(n, sizeof *role); /* 1: a probe; 2: a reference */
    uint64_t *expected_of = onus_alloc_n(n, sizeof *expected_of);
    if (role == NULL || expected_of == NULL) {
        goto out;
    }
    for (size_t r = 0; r < c->n_comparisons; r++) {
        role[c->probe[r]] |= 1;
        role[c->reference[r]] |= 2;
    }
    uint64_t n_both = 0;
    c->n_probes = 0;
    c->n_references = 0;
    for (size_t i = 0; i < n; i++) {
        c->n_probes += (role[i] & 1) != 0;
        c->n_references += (role[i] & 2) != 0;
        n_both += role[i] == 3;
    }
    const uint64_t n_cells = (uint64_t)c->n_probes * c->n_references;
    c->n_expected =
        c->one_space && n_both > 0 ? n_cells - n_both - n_both * (n_both - 1) / 2 : n_cells;
    c->n_missing = c->n_expected - n_pairs;
    for (size_t i = 0; i < n; i++) {
        if (!c->one_space) {
            expected_of[i] = (role[i] & 1) != 0 ? c->n_references : 0;
        } else if (role[i] == 3) {
            expected_of[i] = c->n_probes + c->n_references - n_both - 1;
        } else {
            expected_of[i] = role[i] == 1 ? c->n_references : role[i] == 2 ? c->n_probes : 0;
        }
    }
    status = count_groups(m, c, expected_of, p->degree);
out:
    onus_free(role);
    onus_free(expected_of);
    return status;
}

static void clear_counts(const onus_match_loading *m, onus_comparisons *c) {
    for (size_t g = 0; g < m->out->sightings.n_groupings; g++) {
        if (c->expected != NULL) {
            onus_free(c->expected[g]);
        }
        if (c->missing != NULL) {
            onus_free(c->missing[g]);
        }
    }
    onus_free(c->expected);
    onus_free(c->missing);
    c->expected = NULL;
    c->missing = NULL;
    c->n_repeated = 0;
    c->n_mirrored = 0;
    c->n_asymmetric = 0;
    c->n_conflicting = 0;
    c->n_self = 0;
}

onus_status onus_pairs_settle(const onus_match_loading *m, onus_comparisons *c,
                              onus_pairs_found *found) {
    onus_status status = ONUS_OK;
    const size_t n = c->n_comparisons;
    pairs p = {.c = c, .found = found};
    uint32_t *rows = NULL;
    uint64_t n_pairs = 0;
    memset(found->keep, 1, n);
    found->contradicting = n;
    clear_counts(m, c);
    if (!c->names_pairs) {
        return ONUS_OK;
    }
    if (n > UINT32_MAX) {
        return ONUS_ERR_LIMIT;
    }
    rows = order_rows(c, m->sightings.n);
    p.degree = onus_alloc_n(m->sightings.n, sizeof *p.degree);
    if (rows == NULL || p.degree == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n;) {
        const int32_t a = low(c, rows[i]);
        const int32_t b = high(c, rows[i]);
        size_t end = i + 1;
        while (end < n && low(c, rows[end]) == a && high(c, rows[end]) == b) {
            end++;
        }
        if (c->one_space && a == b) {
            for (size_t k = i; k < end; k++) {
                found->keep[rows[k]] = 0;
            }
            c->n_self += end - i;
        } else {
            n_pairs++;
            p.degree[a]++;
            p.degree[b] += c->one_space;
            if (end - i > 1) {
                ONUS_TRY(settle_pair(&p, rows + i, end - i));
            }
        }
        i = end;
    }
    status = count_design(m, &p, n_pairs);
out:
    onus_free(rows);
    onus_free(p.degree);
    onus_free(p.answers);
    return status;
}
