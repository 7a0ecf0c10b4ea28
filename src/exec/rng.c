/* Random words by counter: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11, 2011).
 *
 * A word is a pure function of (seed, stream, replicate, entity, number of the draw), so that no
 * result can depend on which worker drew first. The cipher is Random123's own; here are only the
 * layout of key and counter and the plain uniforms. Called by every resampling kernel; the shapes
 * (normal, Poisson) are in distributions.c. Not for secrets: anyone with the seed can redraw.
 *
 *   key     = | seed, low half | stream + k * seed, high half |
 *   counter = | replicate low | replicate high | entity | block of four words |
 *
 * k is odd, so that for one stream every 64-bit seed has a key of its own; for seeds below 2^32
 * the key is simply (seed, stream), and streams, being few, never meet those of a nearby seed. */
#include "onus/exec.h"

#include <assert.h>
#include <string.h>

#include <Random123/philox.h>

static const uint32_t golden_ratio = UINT32_C(0x9E3779B9); /* 2^32 / phi, odd */

void onus_rng_init(onus_rng *rng, uint64_t seed, onus_stream stream, uint64_t replicate,
                   uint32_t entity) {
    *rng = (onus_rng){
        .key = {(uint32_t)seed, (uint32_t)stream + golden_ratio * (uint32_t)(seed >> 32)},
        .counter = {(uint32_t)replicate, (uint32_t)(replicate >> 32), entity, 0},
    };
}

static void next_block(onus_rng *rng) {
    philox4x32_ctr_t counter;
    philox4x32_key_t key;
    memcpy(counter.v, rng->counter, sizeof rng->counter);
    memcpy(key.v, rng->key, sizeof rng->key);
    const philox4x32_ctr_t words = philox4x32(counter, key);
    memcpy(rng->words, words.v, sizeof rng->words);
    rng->counter[3]++;
    rng->n_left = 4;
}

uint32_t onus_rng_u32(onus_rng *rng) {
    if (rng->n_left == 0) {
        next_block(rng);
    }
    const uint32_t word = rng->words[4 - rng->n_left];
    rng->n_left--;
    return word;
}

double onus_rng_uniform(onus_rng *rng) {
    const uint64_t high = onus_rng_u32(rng) >> 5; /* 27 bits */
    const uint64_t low = onus_rng_u32(rng) >> 6;  /* 26 bits */
    return (double)(high << 26 | low) * 0x1p-53;
}

/* Lemire, "Fast random integer generation in an interval" (2019), algorithm 5: the high half of
 * word * n is the draw; low halves under 2^32 mod n are drawn again, for they would come too often.
 */
uint32_t onus_rng_below(onus_rng *rng, uint32_t n) {
    assert(n >= 1);
    uint64_t product = (uint64_t)onus_rng_u32(rng) * n;
    if ((uint32_t)product < n) {
        const uint32_t threshold = (0U - n) % n;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)onus_rng_u32(rng) * n;
        }
    }
    return (uint32_t)(product >> 32);
}
