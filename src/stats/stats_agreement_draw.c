/* Draws with replacement among units that are often alike, by counts: exact and cheap.
 *
 * Drawing N of N units one by one costs N random numbers a replicate. But many units have the same
 * votes, and only how often each distinct row comes matters: a multinomial with whole weights. It
 * is drawn from the top of a tree down: of n draws that fall in a block, how many fall in its right
 * half is Binomial(n, 1/2), which is the number of ones among n random bits - 64 coins a word. A
 * row of weight m is cut into pieces of sizes 2^k (its binary digits); pieces stand in descending
 * order of size, so that each lies at a multiple of its size and is one node of the tree:
 *
 *   weights 5, 2, 1 -> pieces 4a 2b 1a 1c:  [a a a a | b b | a c]
 *
 * N itself is cut into its binary digits; only those few splits are uneven, and are drawn by
 * comparing n random numbers with p bit by bit. Nothing is approximated.
 *
 * Called by the bootstraps of stats_agreement_sums.c. Never sees votes. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "stats_agreement_internal.h"

/* ---- coins ---- */

void onus_coins_init(onus_coins *coins, uint64_t seed, uint64_t replicate, uint32_t entity) {
    onus_rng_init(&coins->rng, seed, ONUS_STREAM_AGREEMENT, replicate, entity);
    coins->n_used = ONUS_COIN_WORDS;
    coins->pool = 0;
    coins->n_pool = 0;
}

static inline uint64_t next_bits(onus_coins *coins) {
    if (coins->n_used == ONUS_COIN_WORDS) {
        onus_rng_fill(&coins->rng, coins->words, ONUS_COIN_WORDS);
        coins->n_used = 0;
    }
    const uint64_t low = coins->words[coins->n_used];
    const uint64_t high = coins->words[coins->n_used + 1];
    coins->n_used += 2;
    return high << 32 | low;
}

/* The number of ones in a word, in the registers of any machine (Wilkes, Wheeler & Gill 1957). */
static inline uint64_t ones(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return x * UINT64_C(0x0101010101010101) >> 56;
}

uint64_t onus_coins_heads(onus_coins *coins, uint64_t n) {
    uint64_t heads = 0;
    for (; n >= 64; n -= 64) {
        heads += ones(next_bits(coins));
    }
    const unsigned few = (unsigned)n;
    if (few == 0) {
        return heads;
    }
    if (coins->n_pool < few) {
        coins->pool = next_bits(coins); /* what was left is too little: thrown away */
        coins->n_pool = 64;
    }
    heads += ones(coins->pool & ((UINT64_C(1) << few) - 1));
    coins->pool >>= few;
    coins->n_pool -= few;
    return heads;
}

uint64_t onus_coins_binomial(onus_coins *coins, uint64_t n, double p) {
    if (p >= 1.0) {
        return n;
    }
    uint64_t below = 0;
    while (n > 0 && p > 0.0) {
        p *= 2.0;
        const uint64_t heads = onus_coins_heads(coins, n);
        if (p >= 1.0) { /* this bit of p is 1: numbers with a 0 are below it */
            p -= 1.0;
            below += n - heads;
            n = heads;
        } else {
            n -= heads;
        }
    }
    return below;
}

/* ---- the tree ---- */

onus_status onus_draw_plan_make(const uint32_t *times, size_t n_rows, onus_draw_plan *out) {
    size_t n = 0;
    for (size_t k = 0; k < n_rows; k++) {
        n += times == NULL ? 1 : times[k];
    }
    onus_draw_plan plan = {.n_positions = n, .n_rows = n_rows};
    plan.row_at = onus_alloc_n(n, sizeof *plan.row_at);
    plan.size_log2 = onus_alloc_n(n, sizeof *plan.size_log2);
    if (plan.row_at == NULL || plan.size_log2 == NULL) {
        onus_draw_plan_clear(&plan);
        return ONUS_ERR_NOMEM;
    }
    size_t at = 0;
    for (int bit = 31; bit >= 0; bit--) {
        for (size_t k = 0; k < n_rows; k++) {
            if (((times == NULL ? 1U : times[k]) >> bit & 1U) == 0) {
                continue;
            }
            plan.row_at[at] = (int32_t)k;
            plan.size_log2[at] = (uint8_t)bit;
            at += (size_t)1 << bit;
        }
    }
    *out = plan;
    return ONUS_OK;
}

void onus_draw_plan_clear(onus_draw_plan *plan) {
    onus_free(plan->row_at);
    onus_free(plan->size_log2);
    *plan = (onus_draw_plan){0};
}

/* n draws fall among the 2^log2 positions from `from`. */
static void split(const onus_draw_plan *plan, onus_coins *coins, size_t from, unsigned log2,
                  uint64_t n, uint32_t *counts) {
    while (n > 0) {
        if (plan->size_log2[from] >= log2) {
            counts[plan->row_at[from]] += (uint32_t)n;
            return;
        }
        log2--;
        const uint64_t right = onus_coins_heads(coins, n);
        split(plan, coins, from + ((size_t)1 << log2), log2, right, counts);
        n -= right;
    }
}

void onus_draw_plan_draw(const onus_draw_plan *plan, onus_coins *coins, uint32_t *counts) {
    memset(counts, 0, plan->n_rows * sizeof *counts);
    size_t from = 0;
    uint64_t n = plan->n_positions;
    for (unsigned log2 = 31; log2 <= 31 && n > 0; log2--) {
        if ((plan->n_positions >> log2 & 1U) == 0) {
            continue;
        }
        const double rest = (double)(plan->n_positions - from);
        const uint64_t here = onus_coins_binomial(coins, n, ldexp(1.0, (int)log2) / rest);
        split(plan, coins, from, log2, here, counts);
        from += (size_t)1 << log2;
        n -= here;
    }
}
