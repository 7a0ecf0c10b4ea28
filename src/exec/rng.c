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

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* ---- many words at once ---- */
#ifdef __SSE2__
/* Four blocks side by side in registers, one to a lane; a word is the same whichever way it comes.
 * Neither compiler gets there from plain loops: they stop at the 32 x 32 -> 64 bit product. */
enum { LANES = 4, N_SETS = 2 }; /* two sets of four: one is multiplied while the other waits */

typedef struct four_blocks {
    __m128i word[4];
} four_blocks;

/* High and low halves of the four products of x and m. */
static inline __m128i multiply(__m128i x, __m128i m, __m128i *low) {
    const __m128i low_half = _mm_set1_epi64x(0xffffffff);
    const __m128i even = _mm_mul_epu32(x, m);
    const __m128i odd = _mm_mul_epu32(_mm_srli_epi64(x, 32), m);
    *low = _mm_or_si128(_mm_and_si128(even, low_half), _mm_slli_epi64(odd, 32));
    return _mm_or_si128(_mm_srli_epi64(even, 32), _mm_andnot_si128(low_half, odd));
}

static inline __m128i of_word(uint32_t word) {
    return _mm_set1_epi32((int)word);
}

static inline void one_round(four_blocks *c, uint32_t key0, uint32_t key1) {
    __m128i low0;
    __m128i low1;
    const __m128i high0 = multiply(c->word[0], of_word(PHILOX_M4x32_0), &low0);
    const __m128i high1 = multiply(c->word[2], of_word(PHILOX_M4x32_1), &low1);
    c->word[0] = _mm_xor_si128(_mm_xor_si128(high1, c->word[1]), of_word(key0));
    c->word[2] = _mm_xor_si128(_mm_xor_si128(high0, c->word[3]), of_word(key1));
    c->word[1] = low1;
    c->word[3] = low0;
}

/* Lanes back into blocks: 16 words in a row. */
static inline void store(const four_blocks *c, uint32_t *words) {
    const __m128i a = _mm_unpacklo_epi32(c->word[0], c->word[1]);
    const __m128i b = _mm_unpacklo_epi32(c->word[2], c->word[3]);
    const __m128i d = _mm_unpackhi_epi32(c->word[0], c->word[1]);
    const __m128i e = _mm_unpackhi_epi32(c->word[2], c->word[3]);
    __m128i *out = (__m128i *)(void *)words;
    _mm_storeu_si128(out, _mm_unpacklo_epi64(a, b));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi64(a, b));
    _mm_storeu_si128(out + 2, _mm_unpacklo_epi64(d, e));
    _mm_storeu_si128(out + 3, _mm_unpackhi_epi64(d, e));
}

/* As many whole sets of blocks as n words hold; returns the words made. */
static size_t fill_sets(onus_rng *rng, uint32_t *words, size_t n) {
    const size_t n_step = (size_t)4 * LANES * N_SETS;
    size_t i = 0;
    for (; n - i >= n_step; i += n_step) {
        four_blocks set[N_SETS];
        for (uint32_t s = 0; s < N_SETS; s++) {
            for (int w = 0; w < 4; w++) {
                set[s].word[w] = of_word(rng->counter[w]);
            }
            set[s].word[3] =
                _mm_add_epi32(of_word(rng->counter[3] + s * LANES), _mm_setr_epi32(0, 1, 2, 3));
        }
        uint32_t key0 = rng->key[0];
        uint32_t key1 = rng->key[1];
        for (int round = 0; round < PHILOX4x32_DEFAULT_ROUNDS; round++) {
            for (int s = 0; s < N_SETS; s++) {
                one_round(&set[s], key0, key1);
            }
            key0 += PHILOX_W32_0;
            key1 += PHILOX_W32_1;
        }
        for (size_t s = 0; s < N_SETS; s++) {
            store(&set[s], words + i + s * 4 * LANES);
        }
        rng->counter[3] += LANES * N_SETS;
    }
    return i;
}
#else
static size_t fill_sets(onus_rng *rng, uint32_t *words, size_t n) {
    (void)rng;
    (void)words;
    (void)n;
    return 0;
}
#endif

void onus_rng_fill(onus_rng *rng, uint32_t *words, size_t n) {
    size_t i = 0;
    while (i < n && rng->n_left > 0) {
        words[i++] = onus_rng_u32(rng);
    }
    i += fill_sets(rng, words + i, n - i);
    for (; n - i >= 4; i += 4) {
        next_block(rng);
        memcpy(words + i, rng->words, sizeof rng->words);
        rng->n_left = 0;
    }
    while (i < n) {
        words[i++] = onus_rng_u32(rng);
    }
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
