/* Philox words: known answers, and independence of who draws when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "onus/exec.h"

/* The vectors "philox4x32 10" of kat_vectors in the Random123 distribution. */
static void words_are_the_published_known_answers(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4];
        uint32_t key[2];
        uint32_t words[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t v = 0; v < 3; v++) {
        onus_rng rng = {0};
        memcpy(rng.counter, vectors[v].counter, sizeof rng.counter);
        memcpy(rng.key, vectors[v].key, sizeof rng.key);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(onus_rng_u32(&rng), vectors[v].words[i]);
        }
    }
}

static void a_position_lays_out_key_and_counter_as_documented(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 20181218, ONUS_STREAM_MORAN, UINT64_C(0x1234567890), 77);
    assert_int_equal(rng.key[0], 20181218);
    assert_int_equal(rng.key[1], ONUS_STREAM_MORAN);
    assert_int_equal(rng.counter[0], 0x34567890);
    assert_int_equal(rng.counter[1], 0x12);
    assert_int_equal(rng.counter[2], 77);
    assert_int_equal(rng.counter[3], 0);
    (void)onus_rng_u32(&rng);
    assert_int_equal(rng.counter[3], 1);
}

static int compare_u64(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

static void neighbouring_positions_share_no_words(void **state) {
    (void)state;
    /* Seeds (also above 2^32), streams, replicates and entities side by side: 64 bits of each
     * position, all different. */
    enum { N = 6 * 6 * 6 * 6 };
    static uint64_t seen[N];
    size_t n = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        for (int stream = 0; stream < 6; stream++) {
            for (uint64_t replicate = 0; replicate < 6; replicate++) {
                for (uint32_t entity = 0; entity < 6; entity++) {
                    onus_rng rng;
                    onus_rng_init(&rng, seed % 2 == 0 ? seed : seed << 32, (onus_stream)stream,
                                  replicate, entity);
                    const uint64_t high = onus_rng_u32(&rng);
                    seen[n++] = high << 32 | onus_rng_u32(&rng);
                }
            }
        }
    }
    qsort(seen, n, sizeof seen[0], compare_u64);
    for (size_t i = 1; i < n; i++) {
        assert_true(seen[i] != seen[i - 1]);
    }
}

static void draws_do_not_depend_on_the_order_of_drawing(void **state) {
    (void)state;
    double forth[50][20];
    double back[50][20];
    for (uint64_t r = 0; r < 50; r++) {
        onus_rng rng;
        onus_rng_init(&rng, 5, ONUS_STREAM_TEST, r, 0);
        for (size_t k = 0; k < 20; k++) {
            forth[r][k] = onus_rng_uniform(&rng);
        }
    }
    /* Backwards, two positions in turns, and forked halfway. */
    for (uint64_t r = 50; r-- > 0;) {
        onus_rng rng;
        onus_rng other;
        onus_rng_init(&rng, 5, ONUS_STREAM_TEST, r, 0);
        onus_rng_init(&other, 5, ONUS_STREAM_TEST, r, 1);
        for (size_t k = 0; k < 10; k++) {
            back[r][k] = onus_rng_uniform(&rng);
            (void)onus_rng_normal(&other);
        }
        onus_rng fork = rng;
        (void)onus_rng_uniform(&rng);
        for (size_t k = 10; k < 20; k++) {
            back[r][k] = onus_rng_uniform(&fork);
        }
    }
    assert_memory_equal(forth, back, sizeof forth);
}

/* One-sample Kolmogorov-Smirnov statistic of sorted values under U(0, 1), times sqrt(n). */
static double ks_uniform(double *values, size_t n, int (*compare)(const void *, const void *)) {
    qsort(values, n, sizeof values[0], compare);
    double d = 0;
    for (size_t i = 0; i < n; i++) {
        d = fmax(d,
                 fmax((double)(i + 1) / (double)n - values[i], values[i] - (double)i / (double)n));
    }
    return d * sqrt((double)n);
}

static int compare_double(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* Any number of words from any position: the same as one by one, and so is what follows. */
static void words_in_bulk_are_the_words_one_by_one(void **state) {
    (void)state;
    enum { MOST = 150 };
    for (size_t before = 0; before < 9; before++) {
        for (size_t n = 0; n <= MOST; n++) {
            onus_rng bulk;
            onus_rng_init(&bulk, UINT64_C(0x123456789abcdef), ONUS_STREAM_TEST,
                          UINT64_C(0xfedcba987) + n, 77);
            bulk.counter[3] = UINT32_MAX - 5; /* blocks are counted past 2^32 alike */
            onus_rng single = bulk;
            for (size_t k = 0; k < before; k++) {
                assert_int_equal(onus_rng_u32(&bulk), onus_rng_u32(&single));
            }
            uint32_t words[MOST + 1];
            words[n] = 4711;
            onus_rng_fill(&bulk, words, n);
            for (size_t k = 0; k < n; k++) {
                assert_int_equal(words[k], onus_rng_u32(&single));
            }
            assert_int_equal(words[n], 4711);
            for (int k = 0; k < 6; k++) {
                assert_int_equal(onus_rng_u32(&bulk), onus_rng_u32(&single));
            }
        }
    }
}

static void uniforms_are_uniform(void **state) {
    (void)state;
    enum { N = 20000 };
    static double values[N];
    onus_rng rng;
    onus_rng_init(&rng, 7, ONUS_STREAM_TEST, 0, 0);
    for (size_t i = 0; i < N; i++) {
        values[i] = onus_rng_uniform(&rng);
        assert_true(values[i] >= 0 && values[i] < 1);
    }
    assert_true(ks_uniform(values, N, compare_double) < 1.95); /* alpha 0.001 */
    /* The same across positions, as bootstraps use them: the first draw of each. */
    for (size_t i = 0; i < N; i++) {
        onus_rng_init(&rng, 7, ONUS_STREAM_TEST, i, 0);
        values[i] = onus_rng_uniform(&rng);
    }
    assert_true(ks_uniform(values, N, compare_double) < 1.95);
    for (size_t i = 0; i < N; i++) {
        onus_rng_init(&rng, i, ONUS_STREAM_TEST, 0, (uint32_t)i % 3);
        values[i] = onus_rng_uniform(&rng);
    }
    assert_true(ks_uniform(values, N, compare_double) < 1.95);
}

static void a_uniform_is_53_bits_of_two_words(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 8, ONUS_STREAM_TEST, 0, 0);
    onus_rng words = rng;
    const double u = onus_rng_uniform(&rng);
    const uint64_t high = onus_rng_u32(&words) >> 5;
    const uint64_t low = onus_rng_u32(&words) >> 6;
    assert_true(u * 0x1p53 == (double)(high * 67108864 + low));
}

static void integers_below_n_are_even(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 9, ONUS_STREAM_TEST, 0, 0);
    assert_int_equal(onus_rng_below(&rng, 1), 0);
    const uint32_t sizes[] = {2, 3, 7, 100};
    for (size_t s = 0; s < 4; s++) {
        const uint32_t n = sizes[s];
        double counts[100] = {0};
        const int n_draws = 100000;
        for (int i = 0; i < n_draws; i++) {
            const uint32_t draw = onus_rng_below(&rng, n);
            assert_true(draw < n);
            counts[draw]++;
        }
        double chi2 = 0;
        const double expected = n_draws / (double)n;
        for (uint32_t k = 0; k < n; k++) {
            chi2 += (counts[k] - expected) * (counts[k] - expected) / expected;
        }
        const double df = n - 1.0;
        assert_true(chi2 < df + 4 * sqrt(2 * df) + 8); /* about alpha 1e-4 */
    }
    /* Where 2^32 mod n is large, plain multiplication without rejection would favour two thirds of
     * the values: n = 3 * 2^30 gives every third value twice as often. */
    const uint32_t n = UINT32_C(3) << 30;
    int n_third = 0;
    for (int i = 0; i < 30000; i++) {
        n_third += onus_rng_below(&rng, n) % 3 == 0 ? 1 : 0;
    }
    assert_true(fabs(n_third - 10000.0) < 4 * sqrt(30000 * 2.0 / 9));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_the_published_known_answers),
        cmocka_unit_test(a_position_lays_out_key_and_counter_as_documented),
        cmocka_unit_test(neighbouring_positions_share_no_words),
        cmocka_unit_test(draws_do_not_depend_on_the_order_of_drawing),
        cmocka_unit_test(words_in_bulk_are_the_words_one_by_one),
        cmocka_unit_test(uniforms_are_uniform),
        cmocka_unit_test(a_uniform_is_53_bits_of_two_words),
        cmocka_unit_test(integers_below_n_are_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
