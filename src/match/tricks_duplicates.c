/* One entry under two names: entries whose scores agree everywhere.
 *
 * An entry that stands twice in a list, or a probe that is itself in the gallery, makes a test easy
 * or counts one success twice. Two entries are called twins if they were compared with the same
 * others and got the same score each time. The idea: every entry's column of (other, score) gets a
 * hash that does not depend on its order (a sum of mixed words); equal hashes are only candidates,
 * and the columns themselves decide. Two that were also compared with one another differ in just
 * that row, which is taken out of both. A column is looked at only if it is long enough that equal
 * ones cannot be chance: short columns of coarse scores agree by themselves.
 *
 * Rows that repeat or mirror another one are told where they are read (src/evidence/match_*.c).
 *
 * Called by tricks.c. Counts twins and never says who they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "tricks_internal.h"

/* Twins by chance that are accepted in a whole table. */
static const double CHANCE_MAX = 0.01;

typedef struct cell {
    int32_t entry;
    int32_t other;
    double score;
} cell;

typedef struct column {
    uint64_t hash;
    int32_t entry;
} column;

typedef struct columns {
    size_t n_entries;
    cell *cells; /* by (entry, other, score) */
    size_t n_cells;
    size_t *start;    /* n_entries + 1 */
    size_t *n_scores; /* of each entry: cells with a score */
    uint64_t *hash;
    uint8_t *twin;
    bool one_space; /* `other` is an entry as well: two may have been compared with one another */
    double log_tie; /* -ln of the chance that two scores are equal */
} columns;

static uint64_t bits_of(double score) {
    uint64_t bits = 0;
    if (isnan(score)) {
        return UINT64_MAX; /* all failures to acquire alike */
    }
    const double plain = score == 0.0 ? 0.0 : score; /* one zero */
    memcpy(&bits, &plain, sizeof bits);
    return bits;
}

/* Steele, Lea & Flood (2014): splitmix64's finaliser. */
static uint64_t mix(uint64_t z) {
    z += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint64_t hash_of(int32_t other, double score) {
    return mix(mix((uint64_t)(uint32_t)other) ^ bits_of(score));
}

static int compare_cells(const void *a, const void *b) {
    const cell *x = a;
    const cell *y = b;
    if (x->entry != y->entry) {
        return x->entry < y->entry ? -1 : 1;
    }
    if (x->other != y->other) {
        return x->other < y->other ? -1 : 1;
    }
    const uint64_t p = bits_of(x->score);
    const uint64_t q = bits_of(y->score);
    return p < q ? -1 : p > q ? 1 : 0;
}

static int compare_columns(const void *a, const void *b) {
    const column *x = a;
    const column *y = b;
    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }
    return x->entry < y->entry ? -1 : x->entry > y->entry ? 1 : 0;
}

static int compare_scores(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* ---- how much an equal score says ---- */

static onus_status tie_chance(columns *c) {
    double *scores = onus_alloc_n(c->n_cells, sizeof *scores);
    size_t n = 0;
    double sum = 0.0;
    if (scores == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < c->n_cells; k++) {
        if (!isnan(c->cells[k].score)) {
            scores[n++] = c->cells[k].score;
        }
    }
    qsort(scores, n, sizeof *scores, compare_scores);
    for (size_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && scores[i] == scores[i - 1] ? run + 1 : 1;
        sum += 2.0 * (double)run - 1.0; /* adds up to the squares of the runs */
    }
    c->log_tie = n > 0 ? -log(sum / (double)n / (double)n) : 0.0;
    onus_free(scores);
    return ONUS_OK;
}

/* Would so many equal scores of two entries be chance in none of a hundred tables? */
static bool says_enough(const columns *c, size_t n_scores) {
    const double pairs = 0.5 * (double)c->n_entries * (double)c->n_entries;
    return (double)n_scores * c->log_tie > log(pairs / CHANCE_MAX);
}

/* ---- are two columns the same? ---- */

static bool same_but(const columns *c, int32_t a, int32_t b) {
    size_t i = c->start[a];
    size_t j = c->start[b];
    size_t n_scores = 0;
    for (;;) {
        while (c->one_space && i < c->start[a + 1] && c->cells[i].other == b) {
            i++;
        }
        while (c->one_space && j < c->start[b + 1] && c->cells[j].other == a) {
            j++;
        }
        if (i == c->start[a + 1] || j == c->start[b + 1]) {
            break;
        }
        if (c->cells[i].other != c->cells[j].other ||
            bits_of(c->cells[i].score) != bits_of(c->cells[j].score)) {
            return false;
        }
        n_scores += isnan(c->cells[i].score) ? 0 : 1;
        i++;
        j++;
    }
    return i == c->start[a + 1] && j == c->start[b + 1] && says_enough(c, n_scores);
}

static void mark(columns *c, int32_t a, int32_t b) {
    if (!(c->twin[a] && c->twin[b]) && same_but(c, a, b)) {
        c->twin[a] = 1;
        c->twin[b] = 1;
    }
}

/* Entries that were never compared with one another: equal hashes stand together. */
static onus_status mark_apart(columns *c) {
    column *sorted = onus_alloc_n(c->n_entries, sizeof *sorted);
    if (sorted == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t e = 0; e < c->n_entries; e++) {
        sorted[e] = (column){.hash = c->hash[e], .entry = (int32_t)e};
    }
    qsort(sorted, c->n_entries, sizeof *sorted, compare_columns);
    for (size_t k = 1; k < c->n_entries; k++) {
        if (sorted[k].hash == sorted[k - 1].hash && says_enough(c, c->n_scores[sorted[k].entry])) {
            mark(c, sorted[k - 1].entry, sorted[k].entry);
        }
    }
    onus_free(sorted);
    return ONUS_OK;
}

/* Entries that were: each hash less the row that they share. */
static void mark_compared(columns *c) {
    for (size_t k = 0; k < c->n_cells; k++) {
        const cell *x = &c->cells[k];
        if (x->other < 0 || (size_t)x->other >= c->n_entries || x->entry >= x->other ||
            !says_enough(c, c->n_scores[x->entry])) {
            continue;
        }
        if (c->hash[x->entry] - hash_of(x->other, x->score) ==
            c->hash[x->other] - hash_of(x->entry, x->score)) {
            mark(c, x->entry, x->other);
        }
    }
}

static onus_status find_twins(columns *c) {
    onus_status status = ONUS_OK;
    c->start = onus_alloc_n(c->n_entries + 1, sizeof *c->start);
    c->n_scores = onus_alloc_n(c->n_entries + 1, sizeof *c->n_scores);
    c->hash = onus_alloc_n(c->n_entries + 1, sizeof *c->hash);
    c->twin = onus_alloc_n(c->n_entries + 1, sizeof *c->twin);
    if (c->start == NULL || c->n_scores == NULL || c->hash == NULL || c->twin == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(tie_chance(c));
    qsort(c->cells, c->n_cells, sizeof *c->cells, compare_cells);
    for (size_t k = 0; k < c->n_cells; k++) {
        const cell *x = &c->cells[k];
        c->start[x->entry + 1]++;
        c->n_scores[x->entry] += isnan(x->score) ? 0 : 1;
        c->hash[x->entry] += hash_of(x->other, x->score);
    }
    for (size_t e = 0; e < c->n_entries; e++) {
        c->start[e + 1] += c->start[e];
    }
    ONUS_TRY(mark_apart(c));
    if (c->one_space) {
        mark_compared(c);
    }
out:
    return status;
}

static void clear(columns *c) {
    onus_free(c->cells);
    onus_free(c->start);
    onus_free(c->n_scores);
    onus_free(c->hash);
    onus_free(c->twin);
}

/* ---- what the evidence holds ---- */

/* Every sighting with those it was compared with; where probes and references are other sightings,
 * the references only (a list holds references). */
static onus_status read_comparisons(const match_trial *t, columns *c) {
    const onus_comparisons *from = &t->m->comparisons;
    c->one_space = from->one_space;
    c->n_entries = t->m->sightings.n_sightings;
    c->cells = onus_alloc_n(2 * from->n_comparisons, sizeof *c->cells);
    if (c->cells == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < from->n_comparisons; i++) {
        c->cells[c->n_cells++] =
            (cell){.entry = from->reference[i], .other = from->probe[i], .score = from->score[i]};
        if (from->one_space) {
            c->cells[c->n_cells++] = (cell){
                .entry = from->probe[i], .other = from->reference[i], .score = from->score[i]};
        }
    }
    return ONUS_OK;
}

static onus_status read_searches(const match_trial *t, columns *c) {
    const onus_searches *from = &t->m->searches;
    c->n_entries = from->n_entries;
    c->cells = onus_alloc_n(from->start[from->n_probes], sizeof *c->cells);
    if (c->cells == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < from->n_probes; p++) {
        for (size_t k = from->start[p]; k < from->start[p + 1]; k++) {
            c->cells[c->n_cells++] =
                (cell){.entry = from->entry[k], .other = (int32_t)p, .score = from->score[k]};
        }
    }
    return ONUS_OK;
}

static onus_status tell(match_trial *t, const columns *c, const char *source, const char *what) {
    onus_measure m = match_draft_of("match.duplicates");
    uint64_t n_twins = 0;
    uint64_t n_entries = 0;
    onus_status status = ONUS_OK;
    for (size_t e = 0; e < c->n_entries; e++) {
        n_twins += c->twin[e];
        n_entries += c->start[e + 1] > c->start[e] ? 1 : 0;
    }
    onus_scope_set_text(&m.scope, "source", source);
    onus_draft_set_fraction(&m, (double)n_twins, (double)n_entries, "nothing was compared");
    ONUS_TRY(match_add(t, &m, NULL));
    if (n_twins > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "duplicates",
            "%s of %s %s got exactly the same scores as another one, wherever both were compared "
            "with the same: the same picture under two names makes a test easier than the street, "
            "and one success counts twice",
            match_count(n_twins).text, match_count(n_entries).text, what));
    }
out:
    return status;
}

onus_status match_trick_duplicates(match_trial *t) {
    onus_status status = ONUS_OK;
    columns c = {0};
    columns s = {0};
    if (t->m->comparisons.n_comparisons > 0) {
        ONUS_TRY(read_comparisons(t, &c));
        ONUS_TRY(find_twins(&c));
        ONUS_TRY(tell(t, &c, "comparisons", "sightings"));
    }
    if (t->m->searches.n_probes > 0) {
        ONUS_TRY(read_searches(t, &s));
        ONUS_TRY(find_twins(&s));
        ONUS_TRY(tell(t, &s, "searches", "entries of the list"));
    }
out:
    clear(&c);
    clear(&s);
    return status;
}
