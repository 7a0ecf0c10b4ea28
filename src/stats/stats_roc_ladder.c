/* The ladder: how many scores of each class lie in which range of keys, refined where asked.
 *
 * A score becomes an unsigned integer in the same order (its bits, sign made monotone). The first
 * pass counts by the upper 16 bits. Whoever seeks an answer marks the ranges in which it lies; a
 * refining pass then either collects the scores of a marked range (few are left: they are sorted,
 * the range is open) or counts it by its next bits (many are left). So 1e8 scores are read three to
 * six times and never copied, and every count is exact whatever the distribution: a range of one
 * single key needs no further look. Sets up to ONUS_ROC_SMALL are opened whole at once.
 *
 * Counts are integers added over blocks that depend on the sizes alone: the same for any number of
 * threads. Called by stats_roc.c. Never keeps more than counters and the keys of open ranges. */
#include <stdlib.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/exec.h"
#include "stats_roc_internal.h"

enum {
    TARGET_BITS = 12, /* by which a range that holds an answer is cut, if it cannot be opened */
    N_COUNTERS_MAX = 1 << 17
};
static const size_t BLOCK_MIN = (size_t)1 << 20;
static const size_t BLOCKS_EACH = 24; /* of a class */
static const uint32_t COLLECT = UINT32_MAX;

/* ---- keys ---- */

static int by_key(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void onus_sort_keys(uint64_t *keys, size_t n) {
    enum { FEW = 24 };
    if (n > FEW) {
        qsort(keys, n, sizeof *keys, by_key);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const uint64_t key = keys[i];
        size_t k = i;
        for (; k > 0 && keys[k - 1] > key; k--) {
            keys[k] = keys[k - 1];
        }
        keys[k] = key;
    }
}

size_t onus_keys_below(const uint64_t *keys, size_t n, uint64_t key) {
    size_t low = 0;
    while (n > 0) {
        const size_t half = n / 2;
        const bool is_below = keys[low + half] < key;
        low = is_below ? low + half + 1 : low;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

size_t onus_keys_up_to(const uint64_t *keys, size_t n, uint64_t key) {
    return key == UINT64_MAX ? n : onus_keys_below(keys, n, key + 1);
}

/* ---- blocks ---- */

static size_t cut(const double *scores, size_t n, int class_of, onus_score_block *blocks) {
    size_t size = n / BLOCKS_EACH + 1;
    size = size < BLOCK_MIN ? BLOCK_MIN : size;
    size_t n_blocks = 0;
    for (size_t at = 0; at < n; at += size) {
        blocks[n_blocks++] = (onus_score_block){
            .scores = scores + at, .n = n - at < size ? n - at : size, .class_of = class_of};
    }
    return n_blocks;
}

size_t onus_score_blocks(const onus_scores *scores, onus_score_block blocks[ONUS_ROC_BLOCKS_MAX]) {
    const size_t n = cut(scores->genuine, scores->n_genuine, ONUS_ROC_GENUINE, blocks);
    return n + cut(scores->impostor, scores->n_impostor, ONUS_ROC_IMPOSTOR, blocks + n);
}

/* ---- a set small enough to be sorted ---- */

static onus_status open_whole(onus_ladder *ladder) {
    const double *scores[] = {ladder->scores->genuine, ladder->scores->impostor};
    const size_t n_scores[] = {ladder->scores->n_genuine, ladder->scores->n_impostor};
    ladder->rungs = onus_alloc_n(1, sizeof *ladder->rungs);
    if (ladder->rungs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
        ladder->keys[c] = onus_alloc_n(n_scores[c], sizeof *ladder->keys[c]);
        if (ladder->keys[c] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        size_t n = 0;
        for (size_t i = 0; i < n_scores[c]; i++) {
            const uint64_t key = onus_score_key(scores[c][i], ladder->flip);
            ladder->keys[c][n] = key;
            n += key != ONUS_KEY_NAN;
        }
        onus_sort_keys(ladder->keys[c], n);
        ladder->n_keys[c] = n;
        ladder->n[c] = n;
        ladder->n_fta[c] = n_scores[c] - n;
    }
    *ladder->rungs = (onus_rungs){
        .low = 0, .high = ONUS_KEY_NAN - 1, .n = {ladder->n[0], ladder->n[1]}, .open = true};
    ladder->n_rungs = ladder->n[0] + ladder->n[1] > 0 ? 1 : 0;
    return ONUS_OK;
}

/* ---- the first pass ---- */

typedef struct root_pass {
    onus_score_block blocks[ONUS_ROC_BLOCKS_MAX];
    uint64_t flip;
    uint32_t *counters; /* [block][root]; fits: a block has fewer than 2^32 scores */
} root_pass;

static onus_status count_roots(void *shared, size_t b) {
    const root_pass *pass = shared;
    const onus_score_block *block = &pass->blocks[b];
    uint32_t *counters = pass->counters + b * ONUS_N_ROOTS;
    const uint64_t flip = pass->flip;
    for (size_t i = 0; i < block->n; i++) {
        counters[onus_score_key(block->scores[i], flip) >> ONUS_ROOT_SHIFT]++;
    }
    return ONUS_OK;
}

static void sum_below(onus_ladder *ladder) {
    uint64_t below[ONUS_ROC_N_CLASSES] = {0};
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
            ladder->rungs[k].below[c] = below[c];
            below[c] += ladder->rungs[k].n[c];
        }
    }
}

static onus_status count_first(onus_ladder *ladder) {
    onus_status status = ONUS_OK;
    onus_array rungs = ONUS_ARRAY_OF(onus_rungs);
    root_pass pass = {.flip = ladder->flip};
    const size_t n_blocks = onus_score_blocks(ladder->scores, pass.blocks);
    pass.counters = onus_alloc_n(n_blocks * ONUS_N_ROOTS, sizeof *pass.counters);
    if (pass.counters == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_exec_blocks(count_roots, &pass, n_blocks, "scores counted", ladder->context));
    for (size_t root = 0; root < ONUS_N_ROOTS; root++) {
        const uint64_t low = (uint64_t)root << ONUS_ROOT_SHIFT;
        onus_rungs r = {.low = low, .high = low + (((uint64_t)1 << ONUS_ROOT_SHIFT) - 1)};
        for (size_t b = 0; b < n_blocks; b++) {
            r.n[pass.blocks[b].class_of] += pass.counters[b * ONUS_N_ROOTS + root];
        }
        if (root + 1 == ONUS_N_ROOTS) { /* no number has such a key: these are the failures */
            ladder->n_fta[0] = r.n[0];
            ladder->n_fta[1] = r.n[1];
        } else if (r.n[0] + r.n[1] > 0) {
            ladder->n[0] += r.n[0];
            ladder->n[1] += r.n[1];
            ONUS_TRY(onus_array_push(&rungs, &r));
        }
    }
    ladder->rungs = onus_array_take(&rungs, &ladder->n_rungs);
    sum_below(ladder);
out:
    onus_array_clear(&rungs);
    onus_free(pass.counters);
    return status;
}

onus_status onus_ladder_init(onus_ladder *ladder, const onus_scores *scores,
                             const onus_context *context) {
    *ladder = (onus_ladder){
        .scores = scores, .context = context, .flip = scores->lower_is_same ? ONUS_KEY_SIGN : 0};
    return scores->n_genuine + scores->n_impostor <= ONUS_ROC_SMALL ? open_whole(ladder)
                                                                    : count_first(ladder);
}

void onus_ladder_clear(onus_ladder *ladder) {
    onus_free(ladder->rungs);
    onus_free(ladder->keys[0]);
    onus_free(ladder->keys[1]);
    *ladder = (onus_ladder){0};
}

/* ---- refining ---- */

typedef struct part {
    uint64_t low;
    uint64_t span;  /* high - low */
    uint32_t first; /* counter, or COLLECT */
    unsigned shift;
    unsigned bits;
    size_t rungs; /* which */
} part;

typedef struct refine_pass {
    onus_score_block blocks[ONUS_ROC_BLOCKS_MAX];
    size_t n_blocks;
    uint64_t flip;
    part *parts; /* ascending */
    size_t n_parts;
    uint32_t *root_first; /* [root]: its first part; one more at the end */
    size_t n_counters;
    uint32_t *counters;                        /* [block][counter] */
    onus_array collected[ONUS_ROC_BLOCKS_MAX]; /* uint64_t */
} refine_pass;

static onus_status refine_block(void *shared, size_t b) {
    refine_pass *pass = shared;
    const onus_score_block *block = &pass->blocks[b];
    uint32_t *counters = pass->counters + b * pass->n_counters;
    const uint32_t *root_first = pass->root_first;
    const part *parts = pass->parts;
    const uint64_t flip = pass->flip;
    for (size_t i = 0; i < block->n; i++) {
        const uint64_t key = onus_score_key(block->scores[i], flip);
        const size_t root = (size_t)(key >> ONUS_ROOT_SHIFT);
        size_t low = root_first[root];
        size_t n = root_first[root + 1] - low;
        if (n == 0) {
            continue;
        }
        while (n > 1) { /* the last part that begins at or before the key */
            const size_t half = n / 2;
            const bool is_there = parts[low + half].low <= key;
            low = is_there ? low + half : low;
            n = is_there ? n - half : half;
        }
        const uint64_t at = key - parts[low].low;
        if (at > parts[low].span) { /* also where the key is below: the difference wraps */
            continue;
        }
        if (parts[low].first != COLLECT) {
            counters[parts[low].first + (uint32_t)(at >> parts[low].shift)]++;
        } else if (onus_array_push(&pass->collected[b], &key) != ONUS_OK) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

static unsigned width_bits(const onus_rungs *r) {
    unsigned bits = 0;
    for (uint64_t span = r->high - r->low; span > 0; span >>= 1) {
        bits++;
    }
    return bits;
}

/* Which ranges, and how each is cut. */
static onus_status plan_parts(const onus_ladder *ladder, refine_pass *pass) {
    size_t n_wanted = 0;
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        const onus_rungs *r = &ladder->rungs[k];
        n_wanted += r->wanted ? 1 : 0;
        pass->n_parts += r->wanted || r->split_bits > 0 ? 1 : 0;
    }
    pass->parts = onus_alloc_n(pass->n_parts, sizeof *pass->parts);
    pass->root_first = onus_alloc_n(ONUS_N_ROOTS + 1, sizeof *pass->root_first);
    if (pass->parts == NULL || pass->root_first == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const uint64_t few = ONUS_ROC_SMALL / (n_wanted + 1) + 1;
    size_t n = 0;
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        const onus_rungs *r = &ladder->rungs[k];
        if (!r->wanted && r->split_bits == 0) {
            continue;
        }
        const unsigned width = width_bits(r);
        unsigned bits = r->split_bits;
        bits = r->wanted && bits < TARGET_BITS ? TARGET_BITS : bits;
        const bool collects = r->wanted && r->n[0] + r->n[1] <= few;
        pass->parts[n++] = (part){.low = r->low,
                                  .span = r->high - r->low,
                                  .first = collects ? COLLECT : 0,
                                  .shift = width,
                                  .bits = bits < width ? bits : width,
                                  .rungs = k};
    }
    /* all counters of a pass within their room: fewer bits for all, but at least one */
    unsigned most = ONUS_ROOT_BITS;
    for (;; most--) {
        size_t n_counters = 0;
        for (size_t p = 0; p < n; p++) {
            const unsigned bits = pass->parts[p].bits < most ? pass->parts[p].bits : most;
            n_counters += pass->parts[p].first == COLLECT ? 0 : (size_t)1 << bits;
        }
        if (n_counters <= N_COUNTERS_MAX || most == 1) {
            break;
        }
    }
    for (size_t p = 0; p < n; p++) {
        part *it = &pass->parts[p];
        it->bits = it->bits < most ? it->bits : most;
        if (it->first != COLLECT) {
            it->shift -= it->bits;
            it->first = (uint32_t)pass->n_counters;
            pass->n_counters += (size_t)1 << it->bits;
        }
    }
    size_t p = 0;
    for (size_t root = 0; root <= ONUS_N_ROOTS; root++) {
        while (p < n && (pass->parts[p].low >> ONUS_ROOT_SHIFT) < root) {
            p++;
        }
        pass->root_first[root] = (uint32_t)p;
    }
    return ONUS_OK;
}

/* The keys of one class that the blocks collected, ascending, behind those that are there. */
static onus_status take_collected(onus_ladder *ladder, refine_pass *pass, int c, size_t *from) {
    size_t n = 0;
    for (size_t b = 0; b < pass->n_blocks; b++) {
        n += pass->blocks[b].class_of == c ? pass->collected[b].n_items : 0;
    }
    *from = ladder->n_keys[c];
    if (n == 0) {
        return ONUS_OK;
    }
    uint64_t *keys = onus_realloc_n(ladder->keys[c], *from + n, sizeof *keys);
    if (keys == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ladder->keys[c] = keys;
    for (size_t b = 0; b < pass->n_blocks; b++) {
        const onus_array *some = &pass->collected[b];
        if (pass->blocks[b].class_of == c && some->n_items > 0) {
            memcpy(keys + ladder->n_keys[c], some->items, some->n_items * sizeof *keys);
            ladder->n_keys[c] += some->n_items;
        }
    }
    onus_sort_keys(keys + *from, n);
    return ONUS_OK;
}

static onus_status push_cut(const refine_pass *pass, const part *p, onus_array *rungs) {
    for (size_t k = 0; k < (size_t)1 << p->bits; k++) {
        onus_rungs r = {.low = p->low + ((uint64_t)k << p->shift)};
        r.high = r.low + (((uint64_t)1 << p->shift) - 1);
        for (size_t b = 0; b < pass->n_blocks; b++) {
            r.n[pass->blocks[b].class_of] += pass->counters[b * pass->n_counters + p->first + k];
        }
        if (r.n[0] + r.n[1] > 0 && onus_array_push(rungs, &r) != ONUS_OK) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

/* Puts what a pass found in the place of the ranges that were cut or opened. */
static onus_status take_parts(onus_ladder *ladder, refine_pass *pass) {
    onus_status status = ONUS_OK;
    onus_array rungs = ONUS_ARRAY_OF(onus_rungs);
    size_t from[ONUS_ROC_N_CLASSES] = {0};
    size_t p = 0;
    for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
        ONUS_TRY(take_collected(ladder, pass, c, &from[c]));
    }
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        onus_rungs r = ladder->rungs[k];
        const bool is_part = p < pass->n_parts && pass->parts[p].rungs == k;
        if (is_part && pass->parts[p].first != COLLECT) {
            ONUS_TRY(push_cut(pass, &pass->parts[p++], &rungs));
            continue;
        }
        if (is_part) {
            r.open = true;
            for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
                const size_t n = ladder->n_keys[c] - from[c];
                r.start[c] = n == 0
                                 ? from[c]
                                 : from[c] + onus_keys_below(ladder->keys[c] + from[c], n, r.low);
            }
            p++;
        }
        r.wanted = false;
        r.split_bits = 0;
        ONUS_TRY(onus_array_push(&rungs, &r));
    }
    onus_free(ladder->rungs);
    ladder->rungs = onus_array_take(&rungs, &ladder->n_rungs);
    sum_below(ladder);
out:
    onus_array_clear(&rungs);
    return status;
}

onus_status onus_ladder_refine(onus_ladder *ladder, bool *any) {
    onus_status status = ONUS_OK;
    refine_pass pass = {.flip = ladder->flip};
    for (size_t b = 0; b < ONUS_ROC_BLOCKS_MAX; b++) {
        pass.collected[b] = (onus_array)ONUS_ARRAY_OF(uint64_t);
    }
    ONUS_TRY(plan_parts(ladder, &pass));
    *any = pass.n_parts > 0;
    if (!*any) {
        goto out;
    }
    pass.n_blocks = onus_score_blocks(ladder->scores, pass.blocks);
    pass.counters = onus_alloc_n(pass.n_blocks * pass.n_counters, sizeof *pass.counters);
    if (pass.counters == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(
        onus_exec_blocks(refine_block, &pass, pass.n_blocks, "scores refined", ladder->context));
    ONUS_TRY(take_parts(ladder, &pass));
out:
    for (size_t b = 0; b < ONUS_ROC_BLOCKS_MAX; b++) {
        onus_array_clear(&pass.collected[b]);
    }
    onus_free(pass.counters);
    onus_free(pass.parts);
    onus_free(pass.root_first);
    return status;
}

/* ---- looking things up ---- */

size_t onus_ladder_find(const onus_ladder *ladder, uint64_t key) {
    size_t low = 0;
    size_t n = ladder->n_rungs;
    while (n > 0) {
        const size_t half = n / 2;
        const bool is_below = ladder->rungs[low + half].high < key;
        low = is_below ? low + half + 1 : low;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

uint64_t onus_rungs_below(const onus_ladder *ladder, const onus_rungs *r, int class_of,
                          uint64_t key) {
    if (key <= r->low) {
        return r->below[class_of];
    }
    if (key > r->high || r->n[class_of] == 0) { /* of none there may be no keys to point into */
        return r->below[class_of] + r->n[class_of];
    }
    return r->below[class_of] +
           onus_keys_below(ladder->keys[class_of] + r->start[class_of], r->n[class_of], key);
}
