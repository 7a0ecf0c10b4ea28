/* For tests: reproducible random words (splitmix64, Steele, Lea and Flood 2014), apart from the
 * project's own generator so that a fault there cannot hide itself. ONUS_TEST_MULT multiplies the
 * number of trials (nightly runs). */
#ifndef ONUS_TEST_RANDOM_H
#define ONUS_TEST_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

static inline uint64_t random_u64(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Uniform on 0 .. n - 1; the bias is below n / 2^64. */
static inline uint64_t random_below(uint64_t *state, uint64_t n) {
    return random_u64(state) % n;
}

static inline int64_t random_between(uint64_t *state, int64_t low, int64_t high) {
    return low + (int64_t)random_below(state, (uint64_t)(high - low) + 1);
}

static inline int test_mult(int n) {
    const char *mult = getenv("ONUS_TEST_MULT");
    const int factor = mult == NULL ? 1 : atoi(mult);
    return n * (factor < 1 ? 1 : factor);
}

#endif
