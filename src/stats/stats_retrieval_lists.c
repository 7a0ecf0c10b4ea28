/* Places of the true mates in recorded candidate lists.
 *
 * A list may be cut short: what it does not show lies somewhere after what it shows, and is
 * treated as one block without an order, after the last candidate. The candidates are put in order
 * by the product's own rank where it gives one (that is what the officer saw), else by score, and
 * read block by block. Failures to acquire are the last of all.
 */
#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"
#include "stats_retrieval_internal.h"

typedef struct candidate {
    double key; /* ascending: best first */
    double score;
    bool is_mate;
} candidate;

typedef struct list_room {
    candidate *candidates;
    rank_block *blocks;
    size_t *seen_by; /* entry -> probe + 1 that has shown it */
} list_room;

static int by_key(const void *a, const void *b) {
    const candidate *x = a;
    const candidate *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* The scored candidates of a probe, unsorted; counts what is listed. */
static size_t gather(const onus_retrieval_set *set, const onus_retrieval_lists *lists, size_t probe,
                     list_room *room, onus_retrieval *search, uint32_t *n_listed_mates) {
    size_t n = 0;
    search->n_listed = 0;
    for (size_t i = lists->start[probe]; i < lists->start[probe + 1]; i++) {
        const size_t entry = (size_t)lists->entry[i];
        const entry_role role = retrieval_role(set, probe, entry);
        if (room->seen_by[entry] == probe + 1 || role == ENTRY_SELF || role == ENTRY_REMOVED) {
            continue;
        }
        room->seen_by[entry] = probe + 1;
        search->n_listed++;
        *n_listed_mates += role == ENTRY_MATE;
        const double score = lists->score[i];
        if (isnan(score)) {
            search->n_failed++;
            search->n_failed_mates += role == ENTRY_MATE;
            continue;
        }
        const double by_score = set->higher_is_same ? -score : score;
        room->candidates[n++] =
            (candidate){.key = lists->rank != NULL ? (double)lists->rank[i] : by_score,
                        .score = score,
                        .is_mate = role == ENTRY_MATE};
    }
    return n;
}

static double better(double a, double b, bool higher_is_same) {
    if (isnan(a)) {
        return b;
    }
    return (higher_is_same ? b > a : b < a) ? b : a;
}

static void read_list(const onus_retrieval_set *set, const onus_retrieval_lists *lists,
                      size_t probe, list_room *room, onus_retrieval *search) {
    uint32_t n_listed_mates = 0;
    const size_t n = gather(set, lists, probe, room, search, &n_listed_mates);
    candidate *list = room->candidates;
    qsort(list, n, sizeof *list, by_key);
    size_t n_blocks = 0;
    uint32_t n_others = 0; /* so far */
    for (size_t i = 0, next; i < n; i = next) {
        rank_block block = {.n_before = n_others};
        double best = (double)NAN;
        for (next = i; next < n && list[next].key == list[i].key; next++) {
            block.n_mates += list[next].is_mate;
            block.n_others += !list[next].is_mate;
            if (list[next].is_mate) {
                best = better(best, list[next].score, set->higher_is_same);
            } else if (search->n_mates == 0) {
                search->best_other =
                    better(search->best_other, list[next].score, set->higher_is_same);
            }
        }
        n_others += block.n_others;
        if (block.n_mates > 0) {
            if (n_blocks == 0) {
                search->best_mate = best;
            }
            room->blocks[n_blocks++] = block;
        }
    }
    const uint32_t n_unlisted_mates = search->n_mates - n_listed_mates;
    if (n_unlisted_mates > 0) {
        room->blocks[n_blocks++] =
            (rank_block){.n_before = n_others,
                         .n_others = search->n_entries - search->n_listed - n_unlisted_mates,
                         .n_mates = n_unlisted_mates};
    }
    if (search->n_mates > 0) {
        retrieval_finish(room->blocks, n_blocks, search);
    }
}

static onus_status check_lists(const onus_retrieval_set *set, const onus_retrieval_lists *lists,
                               size_t *longest, onus_error *err) {
    *longest = 0;
    for (size_t p = 0; p < set->n_probes; p++) {
        if (lists->start[p + 1] < lists->start[p]) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "lists that run backwards");
        }
        const size_t n = lists->start[p + 1] - lists->start[p];
        *longest = n > *longest ? n : *longest;
        for (size_t i = lists->start[p]; i < lists->start[p + 1]; i++) {
            if (lists->entry[i] < 0 || (size_t)lists->entry[i] >= set->n_entries) {
                return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a candidate is not in the gallery");
            }
        }
    }
    return ONUS_OK;
}

onus_status onus_retrieval_recorded(const onus_retrieval_set *set,
                                    const onus_retrieval_lists *lists, onus_retrieval *out,
                                    onus_error *err) {
    onus_status status;
    mate_index index = {0};
    list_room room = {0};
    size_t longest;
    ONUS_TRY(check_lists(set, lists, &longest, err));
    ONUS_TRY(mate_index_make(set, &index, err));
    room.candidates = onus_alloc_n(longest, sizeof *room.candidates);
    room.blocks = onus_alloc_n(longest + 1, sizeof *room.blocks);
    room.seen_by = onus_alloc_n(set->n_entries, sizeof *room.seen_by);
    if (room.candidates == NULL || room.blocks == NULL || room.seen_by == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t p = 0; p < set->n_probes; p++) {
        retrieval_begin(set, &index, p, &out[p]);
        read_list(set, lists, p, &room, &out[p]);
    }
out:
    mate_index_clear(&index);
    onus_free(room.candidates);
    onus_free(room.blocks);
    onus_free(room.seen_by);
    return status;
}
