/* The area under the curve as an integer fraction: of all pairs of a genuine and an impostor score,
 * how many are in the right order, ties counting half.
 *
 * Every rank matters, so a histogram alone cannot be exact. The smaller class is copied as keys
 * into cells (the upper 16 bits of the key, then as many of the next bits as it takes for about
 * two keys a cell) and sorted within each; every score of the larger class then finds its place
 * by its cell and a short search. Sums are whole numbers by block: the same for any number of
 * threads. Called by stats_roc.c. Never sorts or copies the larger class. */
#include "onus/alloc.h"
#include "onus/exec.h"
#include "stats_roc_internal.h"

enum { KEYS_A_CELL = 2, CELL_BITS_MAX = 20, MANY_KEYS = 64, BATCH = 64 };

/** Cells of one root: keys with the same upper 16 bits. */
typedef struct root_cells {
    uint32_t first; /* cell; one more follows the last of all */
    uint32_t shift; /* of the lower 48 bits */
} root_cells;

typedef struct auc_pass {
    onus_score_block blocks[ONUS_ROC_BLOCKS_MAX];
    uint64_t flip;
    int small; /* the smaller class */
    root_cells *roots;
    uint32_t *start; /* [cell] into keys; one more at the end */
    size_t n_cells;
    uint64_t *keys;
    size_t n_keys;
    uint64_t beaten2[ONUS_ROC_BLOCKS_MAX]; /* pairs with the larger class's score above, twice */
    uint64_t n[ONUS_ROC_BLOCKS_MAX];       /* scores of the larger class */
} auc_pass;

static size_t cell_of(const root_cells *roots, uint64_t key) {
    const root_cells *r = &roots[key >> ONUS_ROOT_SHIFT];
    const uint64_t rest = key & (((uint64_t)1 << ONUS_ROOT_SHIFT) - 1);
    return r->first + (size_t)(rest >> r->shift);
}

/* How many cells each root gets, by how many keys it has. */
static onus_status lay_cells(auc_pass *pass, const double *scores, size_t n) {
    onus_status status = ONUS_OK;
    uint32_t *counts = onus_alloc_n(ONUS_N_ROOTS, sizeof *counts);
    pass->roots = onus_alloc_n(ONUS_N_ROOTS, sizeof *pass->roots);
    if (counts == NULL || pass->roots == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        counts[onus_score_key(scores[i], pass->flip) >> ONUS_ROOT_SHIFT]++;
    }
    counts[ONUS_N_ROOTS - 1] = 0; /* failures */
    for (size_t root = 0; root < ONUS_N_ROOTS; root++) {
        unsigned bits = 0;
        while (bits < CELL_BITS_MAX && (counts[root] >> bits) > KEYS_A_CELL) {
            bits++;
        }
        pass->roots[root] = (root_cells){.first = (uint32_t)pass->n_cells,
                                         .shift = (uint32_t)ONUS_ROOT_SHIFT - bits};
        pass->n_cells += (size_t)1 << bits;
    }
out:
    onus_free(counts);
    return status;
}

static onus_status sort_small(auc_pass *pass, const double *scores, size_t n) {
    onus_status status = ONUS_OK;
    ONUS_TRY(lay_cells(pass, scores, n));
    pass->start = onus_alloc_n(pass->n_cells + 1, sizeof *pass->start);
    pass->keys = onus_alloc_n(n, sizeof *pass->keys);
    if (pass->start == NULL || pass->keys == NULL) {
        return ONUS_ERR_NOMEM;
    }
    /* counts, then ends, then (filled from behind) starts */
    for (size_t i = 0; i < n; i++) {
        const uint64_t key = onus_score_key(scores[i], pass->flip);
        pass->start[cell_of(pass->roots, key)] += key != ONUS_KEY_NAN;
    }
    for (size_t cell = 0; cell < pass->n_cells; cell++) {
        pass->n_keys += pass->start[cell];
        pass->start[cell] = (uint32_t)pass->n_keys;
    }
    pass->start[pass->n_cells] = (uint32_t)pass->n_keys;
    for (size_t i = 0; i < n; i++) {
        const uint64_t key = onus_score_key(scores[i], pass->flip);
        if (key != ONUS_KEY_NAN) {
            pass->keys[--pass->start[cell_of(pass->roots, key)]] = key;
        }
    }
    for (size_t cell = 0; cell < pass->n_cells; cell++) {
        const size_t from = pass->start[cell];
        onus_sort_keys(pass->keys + from, pass->start[cell + 1] - from);
    }
out:
    return status;
}

/* Keys of one cell below a key, and at or below it: their sum. */
static uint64_t place_in_cell(const uint64_t *keys, size_t n, uint64_t key) {
    uint64_t below = 0;
    uint64_t up_to = 0;
    if (n > MANY_KEYS) {
        return onus_keys_below(keys, n, key) + onus_keys_up_to(keys, n, key);
    }
    for (size_t k = 0; k < n; k++) { /* without branches: faster than a search */
        below += keys[k] < key;
        up_to += keys[k] <= key;
    }
    return below + up_to;
}

/* Cells and keys lie all over a memory that no cache holds: they are asked for a batch ahead. */
static onus_status rank_block(void *shared, size_t b) {
    auc_pass *pass = shared;
    const onus_score_block *block = &pass->blocks[b];
    uint64_t beaten2 = 0;
    uint64_t n_scores = 0;
    uint64_t keys[BATCH];
    const uint32_t *starts[BATCH];
    if (block->class_of == pass->small) {
        return ONUS_OK;
    }
    for (size_t at = 0; at < block->n; at += BATCH) {
        const size_t n_batch = block->n - at < BATCH ? block->n - at : BATCH;
        size_t n = 0;
        for (size_t i = 0; i < n_batch; i++) {
            keys[n] = onus_score_key(block->scores[at + i], pass->flip);
            n += keys[n] != ONUS_KEY_NAN;
        }
        for (size_t i = 0; i < n; i++) {
            starts[i] = &pass->start[cell_of(pass->roots, keys[i])];
            __builtin_prefetch(starts[i]);
        }
        for (size_t i = 0; i < n; i++) {
            __builtin_prefetch(pass->keys + *starts[i]);
        }
        for (size_t i = 0; i < n; i++) {
            const uint64_t from = starts[i][0];
            beaten2 += 2 * from + place_in_cell(pass->keys + from, starts[i][1] - from, keys[i]);
        }
        n_scores += n;
    }
    pass->beaten2[b] = beaten2;
    pass->n[b] = n_scores;
    return ONUS_OK;
}

onus_status onus_roc_auc(const onus_scores *scores, const onus_context *context, onus_auc *out) {
    onus_status status = ONUS_OK;
    auc_pass pass = {.flip = scores->lower_is_same ? ONUS_KEY_SIGN : 0};
    const bool genuine_is_small = scores->n_genuine <= scores->n_impostor;
    pass.small = genuine_is_small ? ONUS_ROC_GENUINE : ONUS_ROC_IMPOSTOR;
    const size_t n_blocks = onus_score_blocks(scores, pass.blocks);
    ONUS_TRY(sort_small(&pass, genuine_is_small ? scores->genuine : scores->impostor,
                        genuine_is_small ? scores->n_genuine : scores->n_impostor));
    ONUS_TRY(onus_exec_blocks(rank_block, &pass, n_blocks, "scores ranked", context));
    uint64_t beaten2 = 0;
    uint64_t n_large = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        beaten2 += pass.beaten2[b];
        n_large += pass.n[b];
    }
    const uint64_t den2 = 2 * (uint64_t)pass.n_keys * n_large;
    *out = (onus_auc){.num2 = genuine_is_small ? den2 - beaten2 : beaten2, .den2 = den2};
out:
    onus_free(pass.roots);
    onus_free(pass.start);
    onus_free(pass.keys);
    return status;
}
