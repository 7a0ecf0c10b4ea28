/* For the reference test only: the generator behind numpy.random.seed, so that published runs can
 * be drawn again. Matsumoto and Nishimura (1998), init_genrand of 2002, 53-bit doubles; Poisson
 * counts as numpy's RandomState draws them (by products below mean 10, PTRS of Hormann 1993 above),
 * binomial counts likewise (inversion: for n p <= 30 and p <= 0.5).
 */
#ifndef ONUS_TEST_MT19937_H
#define ONUS_TEST_MT19937_H

#include <math.h>
#include <stdint.h>

enum { MT_N = 624, MT_M = 397 };

typedef struct mt19937 {
    uint32_t state[MT_N];
    int at;
} mt19937;

static inline void mt_seed(mt19937 *mt, uint32_t seed) {
    mt->state[0] = seed;
    for (uint32_t i = 1; i < MT_N; i++) {
        const uint32_t before = mt->state[i - 1];
        mt->state[i] = UINT32_C(1812433253) * (before ^ (before >> 30)) + i;
    }
    mt->at = MT_N;
}

static inline uint32_t mt_u32(mt19937 *mt) {
    if (mt->at == MT_N) {
        for (int i = 0; i < MT_N; i++) {
            const uint32_t y =
                (mt->state[i] & 0x80000000U) | (mt->state[(i + 1) % MT_N] & 0x7fffffffU);
            mt->state[i] = mt->state[(i + MT_M) % MT_N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfU : 0);
        }
        mt->at = 0;
    }
    uint32_t y = mt->state[mt->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

static inline double mt_uniform(mt19937 *mt) {
    const uint32_t a = mt_u32(mt) >> 5;
    const uint32_t b = mt_u32(mt) >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
}

static inline double mt_poisson(mt19937 *mt, double mean) {
    if (mean < 10) {
        const double stop = exp(-mean);
        double product = 1;
        for (double k = 0;; k++) {
            product *= mt_uniform(mt);
            if (product <= stop) {
                return k;
            }
        }
    }
    const double b = 0.931 + 2.53 * sqrt(mean);
    const double a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    const double v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = mt_uniform(mt) - 0.5;
        const double v = mt_uniform(mt);
        const double us = 0.5 - fabs(u);
        const double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r) {
            return k;
        }
        if (k < 0 || (us < 0.013 && v > us)) {
            continue;
        }
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <=
            -mean + k * log(mean) - lgamma(k + 1)) {
            return k;
        }
    }
}

static inline unsigned mt_binomial(mt19937 *mt, unsigned n, double p) {
    const double q = 1.0 - p;
    const double none = exp(n * log(q));
    const double bound = fmin(n, floor(n * p + 10.0 * sqrt(n * p * q + 1.0)));
    double u = mt_uniform(mt);
    double term = none;
    unsigned k = 0;
    while (u > term) {
        k++;
        if (k > bound) {
            k = 0;
            term = none;
            u = mt_uniform(mt);
        } else {
            u -= term;
            term = (n - k + 1) * p * term / (k * q);
        }
    }
    return k;
}

#endif
