/* Places of the true mates in a full score matrix.
 *
 * A search needs the number of other entries above each of its mates, nothing else. So a probe's
 * mates are sorted (there are few), and one pass over its row finds for every entry by branchless
 * binary search how many mates' scores it reaches: a histogram, from which the counts follow. The
 * row itself is never sorted, ranked or copied.
 *
 * The pass looks at every entry, mates and removed ones too; their few contributions are taken off
 * again. NaN reaches no score, so failures fall out by themselves and are counted apart.
 *
 * Called by the match trial for searches and for complete designs of comparisons. It measures what
 * somebody else's product returned; it finds nobody.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "stats_retrieval_internal.h"

enum { N_BLOCK_PROBES = 64, N_LANES = 4 };

/* ---- who is whose mate ---- */

void mate_index_clear(mate_index *index) {
    onus_free(index->start);
    onus_free(index->entry);
    *index = (mate_index){0};
}

static bool persons_fit(const int32_t *person, size_t n, size_t n_people) {
    for (size_t i = 0; i < n; i++) {
        if (person[i] < -1 || (person[i] >= 0 && (size_t)person[i] >= n_people)) {
            return false;
        }
    }
    return true;
}

onus_status mate_index_make(const onus_retrieval_set *set, mate_index *out, onus_error *err) {
    *out = (mate_index){0};
    if (set->n_entries > INT32_MAX || set->n_people > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more than 2^31 - 1 entries on a list");
    }
    if (!persons_fit(set->probe_person, set->n_probes, set->n_people) ||
        !persons_fit(set->entry_person, set->n_entries, set->n_people)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a person is out of range");
    }
    out->start = onus_alloc_n(set->n_people + 1, sizeof *out->start);
    out->entry = onus_alloc_n(set->n_entries, sizeof *out->entry);
    if (out->start == NULL || out->entry == NULL) {
        mate_index_clear(out);
        return ONUS_ERR_NOMEM;
    }
    for (size_t e = 0; e < set->n_entries; e++) {
        if (set->entry_person[e] >= 0) {
            out->start[set->entry_person[e] + 1]++;
        }
    }
    for (size_t p = 0; p < set->n_people; p++) {
        out->start[p + 1] += out->start[p];
    }
    /* filled from the back, so that start[p] slides down to where person p begins */
    size_t *end = out->start + 1;
    for (size_t e = set->n_entries; e-- > 0;) {
        if (set->entry_person[e] >= 0) {
            out->entry[--end[set->entry_person[e]]] = (uint32_t)e;
        }
    }
    memmove(out->start, end, set->n_people * sizeof *out->start);
    size_t n_known = 0;
    for (size_t e = 0; e < set->n_entries; e++) {
        n_known += set->entry_person[e] >= 0;
    }
    out->start[set->n_people] = n_known;
    for (size_t p = 0; p < set->n_people; p++) {
        const size_t n = out->start[p + 1] - out->start[p];
        out->most = n > out->most ? n : out->most;
    }
    return ONUS_OK;
}

entry_role retrieval_role(const onus_retrieval_set *set, size_t probe, size_t entry) {
    if (set->probe_entry != NULL && set->probe_entry[probe] == (int32_t)entry) {
        return ENTRY_SELF;
    }
    const int32_t person = set->probe_person[probe];
    if (person < 0 || set->entry_person[entry] != person) {
        return ENTRY_OTHER;
    }
    if (set->protocol == ONUS_GALLERY_OTHER_CAMERA && set->probe_camera != NULL &&
        set->entry_camera != NULL && set->probe_camera[probe] >= 0 &&
        set->probe_camera[probe] == set->entry_camera[entry]) {
        return ENTRY_REMOVED;
    }
    return ENTRY_MATE;
}

void retrieval_begin(const onus_retrieval_set *set, const mate_index *index, size_t probe,
                     onus_retrieval *out) {
    *out = (onus_retrieval){.best_mate = NAN, .best_other = NAN};
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        out->ap[k] = NAN;
        out->inp[k] = NAN;
    }
    const int32_t person = set->probe_person[probe];
    if (person >= 0) {
        for (size_t i = index->start[person]; i < index->start[person + 1]; i++) {
            const entry_role role = retrieval_role(set, probe, index->entry[i]);
            out->n_mates += role == ENTRY_MATE;
            out->n_removed += role == ENTRY_REMOVED;
        }
    }
    const bool has_self = set->probe_entry != NULL && set->probe_entry[probe] >= 0;
    out->n_entries = (uint32_t)set->n_entries - out->n_removed - (has_self ? 1 : 0);
    out->n_listed = out->n_entries;
}

/* ---- one row ---- */

typedef struct matrix_job {
    const onus_retrieval_set *set;
    const double *scores;
    const mate_index *index;
    size_t most_mates; /* of any person */
    onus_retrieval *out;
} matrix_job;

/* Distinct scores of the mates of one probe, ascending, as better-is-greater; padded with NaN to
 * one less than a power of two. */
typedef struct mate_scores {
    double *value; /* value[-1] is NaN */
    uint32_t *n_of;
    size_t n;
    size_t top_step; /* half of that power of two */
} mate_scores;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many mates' scores this one reaches. */
static inline size_t n_reached(const double *value, size_t top_step, double score) {
    size_t n = 0;
    for (size_t step = top_step; step > 0; step >>= 1) {
        n += value[n + step - 1] <= score ? step : 0;
    }
    return n;
}

static inline size_t bin_of(const double *value, size_t top_step, double score) {
    const size_t n = n_reached(value, top_step, score);
    return 2 * n + (value[(ptrdiff_t)n - 1] == score ? 1 : 0);
}

static void gather_mates(const matrix_job *job, size_t probe, const double *row, double sign,
                         mate_scores *mates, onus_retrieval *search) {
    const onus_retrieval_set *set = job->set;
    const int32_t person = set->probe_person[probe];
    size_t n = 0;
    for (size_t i = job->index->start[person]; i < job->index->start[person + 1]; i++) {
        const uint32_t e = job->index->entry[i];
        if (retrieval_role(set, probe, e) != ENTRY_MATE) {
            continue;
        }
        if (isnan(row[e])) {
            search->n_failed_mates++;
        } else {
            mates->value[n++] = sign * row[e];
        }
    }
    qsort(mates->value, n, sizeof *mates->value, by_value);
    mates->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (mates->n == 0 || mates->value[i] != mates->value[mates->n - 1]) {
            mates->value[mates->n] = mates->value[i];
            mates->n_of[mates->n++] = 0;
        }
        mates->n_of[mates->n - 1]++;
    }
    mates->top_step = 1;
    while (2 * mates->top_step - 1 < mates->n) {
        mates->top_step *= 2;
    }
    for (size_t i = mates->n; i < 2 * mates->top_step - 1; i++) {
        mates->value[i] = (double)NAN;
    }
}

/* Histogram of the row over the mates' scores, in lanes so that equal neighbours do not wait for
 * each other; joined into lane 0. */
static void count_row(const double *row, size_t n, double sign, const mate_scores *mates,
                      uint32_t *bins, size_t n_bins) {
    memset(bins, 0, N_LANES * n_bins * sizeof *bins);
    const double *value = mates->value;
    const size_t top = mates->top_step;
    size_t e = 0;
    for (; e + N_LANES <= n; e += N_LANES) {
        for (size_t lane = 0; lane < N_LANES; lane++) {
            bins[lane * n_bins + bin_of(value, top, sign * row[e + lane])]++;
        }
    }
    for (; e < n; e++) {
        bins[bin_of(value, top, sign * row[e])]++;
    }
    for (size_t lane = 1; lane < N_LANES; lane++) {
        for (size_t b = 0; b < n_bins; b++) {
            bins[b] += bins[lane * n_bins + b];
        }
    }
}

/* The entries of the probe's person, and the probe itself, are none of the others. */
static void take_own_off(const matrix_job *job, size_t probe, const double *row, double sign,
                         const mate_scores *mates, uint32_t *bins) {
    const onus_retrieval_set *set = job->set;
    const int32_t person = set->probe_person[probe];
    for (size_t i = job->index->start[person]; i < job->index->start[person + 1]; i++) {
        bins[bin_of(mates->value, mates->top_step, sign * row[job->index->entry[i]])]--;
    }
    const int32_t self = set->probe_entry == NULL ? -1 : set->probe_entry[probe];
    if (self >= 0 && set->entry_person[self] != person) {
        bins[bin_of(mates->value, mates->top_step, sign * row[self])]--;
    }
}

static void place_mates(const mate_scores *mates, const uint32_t *bins, rank_block *blocks,
                        double sign, onus_retrieval *search) {
    uint32_t n_before = 0;
    for (size_t b = 0; b < mates->n; b++) {
        const size_t i = mates->n - 1 - b; /* ascending index of the b-th best */
        n_before += bins[2 * (i + 1)];
        blocks[b] = (rank_block){
            .n_before = n_before, .n_others = bins[2 * (i + 1) + 1], .n_mates = mates->n_of[i]};
        n_before += bins[2 * (i + 1) + 1];
    }
    if (mates->n > 0) {
        search->best_mate = sign * mates->value[mates->n - 1];
    }
    retrieval_finish(blocks, mates->n, search);
}

static double best_other(const onus_retrieval_set *set, size_t probe, const double *row,
                         double sign) {
    double best = (double)NAN;
    for (size_t e = 0; e < set->n_entries; e++) {
        const double score = sign * row[e];
        /* the role is asked only where the score would count: rarely */
        if ((score > best || isnan(best)) && !isnan(score) &&
            retrieval_role(set, probe, e) == ENTRY_OTHER) {
            best = score;
        }
    }
    return sign * best;
}

static uint32_t n_failures(const onus_retrieval_set *set, const mate_index *index, size_t probe,
                           const double *row) {
    uint32_t n = 0;
    for (size_t e = 0; e < set->n_entries; e++) {
        n += row[e] != row[e];
    }
    if (n == 0) {
        return 0;
    }
    const int32_t person = set->probe_person[probe];
    for (size_t i = person < 0 ? 0 : index->start[person];
         person >= 0 && i < index->start[person + 1]; i++) {
        const uint32_t e = index->entry[i];
        n -= isnan(row[e]) && retrieval_role(set, probe, e) != ENTRY_MATE;
    }
    const int32_t self = set->probe_entry == NULL ? -1 : set->probe_entry[probe];
    n -= self >= 0 && isnan(row[self]) && (person < 0 || set->entry_person[self] != person);
    return n;
}

static onus_status search_block(void *shared, size_t block) {
    const matrix_job *job = shared;
    const onus_retrieval_set *set = job->set;
    const double sign = set->higher_is_same ? 1.0 : -1.0;
    onus_status status = ONUS_ERR_NOMEM;
    /* padding at most doubles the mates; one more in front for value[-1] */
    double *values = onus_alloc_n(2 * job->most_mates + 2, sizeof *values);
    uint32_t *n_of = onus_alloc_n(job->most_mates + 1, sizeof *n_of);
    uint32_t *bins = onus_alloc_n(N_LANES * (2 * job->most_mates + 2), sizeof *bins);
    rank_block *blocks = onus_alloc_n(job->most_mates + 1, sizeof *blocks);
    if (values == NULL || n_of == NULL || bins == NULL || blocks == NULL) {
        goto out;
    }
    values[0] = (double)NAN;
    mate_scores mates = {.value = values + 1, .n_of = n_of};
    const size_t from = block * N_BLOCK_PROBES;
    const size_t until =
        from + N_BLOCK_PROBES < set->n_probes ? from + N_BLOCK_PROBES : set->n_probes;
    for (size_t p = from; p < until; p++) {
        const double *row = job->scores + p * set->n_entries;
        onus_retrieval *search = &job->out[p];
        retrieval_begin(set, job->index, p, search);
        search->n_failed = n_failures(set, job->index, p, row);
        if (search->n_mates == 0) {
            search->best_other = best_other(set, p, row, sign);
            continue;
        }
        gather_mates(job, p, row, sign, &mates, search);
        if (mates.n > 0) {
            count_row(row, set->n_entries, sign, &mates, bins, 2 * mates.n + 2);
            take_own_off(job, p, row, sign, &mates, bins);
        }
        place_mates(&mates, bins, blocks, sign, search);
    }
    status = ONUS_OK;
out:
    onus_free(values);
    onus_free(n_of);
    onus_free(bins);
    onus_free(blocks);
    return status;
}

onus_status onus_retrieval_matrix(const onus_retrieval_set *set, const double *scores,
                                  const onus_context *context, onus_retrieval *out,
                                  onus_error *err) {
    onus_status status;
    mate_index index;
    ONUS_TRY(mate_index_make(set, &index, err));
    matrix_job job = {
        .set = set, .scores = scores, .index = &index, .most_mates = index.most, .out = out};
    const size_t n_blocks = (set->n_probes + N_BLOCK_PROBES - 1) / N_BLOCK_PROBES;
    ONUS_TRY(onus_exec_blocks(search_block, &job, n_blocks, "searches", context));
out:
    mate_index_clear(&index);
    return status;
}
