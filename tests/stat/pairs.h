/* For simulations: people who differ in how often they err, and their errors. */
#ifndef ONUS_TEST_PAIRS_H
#define ONUS_TEST_PAIRS_H

#include <math.h>
#include <stdint.h>

#include "onus/exec.h"
#include "onus/stats_interval.h"

static const double Z_MAX = 3.0; /* effects are cut off here, so that few chances exceed 1 */

/* Effects with mean 1: lognormal, or (wolves > 0) a tenth of people err so many times as often. */
static inline void draw_effects(int32_t n_people, double sd, double wolves, onus_rng *rng,
                                double *effect) {
    const double inside = onus_normal_cdf(Z_MAX) - onus_normal_cdf(-Z_MAX);
    const double mean =
        exp(0.5 * sd * sd) * (onus_normal_cdf(Z_MAX - sd) - onus_normal_cdf(-Z_MAX - sd)) / inside;
    for (int32_t i = 0; i < n_people; i++) {
        if (wolves > 0.0) {
            const double wolf = onus_rng_uniform(rng) < 0.1 ? wolves : 1.0;
            effect[i] = wolf / (0.9 + 0.1 * wolves);
        } else {
            double z = onus_rng_normal(rng);
            while (fabs(z) > Z_MAX) {
                z = onus_rng_normal(rng);
            }
            effect[i] = exp(sd * z) / mean;
        }
    }
}

/* Binomial by inversion: few trials, mostly 0. */
static inline uint64_t draw_errors(onus_rng *rng, int n, double p) {
    double u = onus_rng_uniform(rng);
    double chance = 1.0;
    for (int k = 0; k < n; k++) {
        chance *= 1.0 - p;
    }
    uint64_t k = 0;
    while (u >= chance && k < (uint64_t)n) {
        u -= chance;
        chance *= (double)(n - (int)k) / ((double)k + 1.0) * p / (1.0 - p);
        k++;
    }
    return k;
}

#endif
