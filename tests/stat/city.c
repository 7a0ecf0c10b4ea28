/* Cities and patterns for the simulations. A pattern is a sum of waves of random direction, length
 * and phase, so that it costs the same per area for any number of areas. Called by the programs of
 * this folder. Never used outside the tests. */
#include "city.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WAVES = 128 };
static const double TWO_PI = 6.283185307179586;
static const double STANDARD_ERRORS = 3.0;

static int n_failed;
static int n_checked;

void city_points(onus_rng *rng, size_t n, double crowd, double *x, double *y) {
    for (size_t i = 0; i < n; i++) {
        x[i] = 10000.0 * pow(onus_rng_uniform(rng), crowd);
        y[i] = 10000.0 * pow(onus_rng_uniform(rng), crowd);
    }
}

void city_pattern(onus_rng *rng, pattern kind, const double *x, const double *y, size_t n,
                  double *values) {
    if (kind.range == 0.0) {
        for (size_t i = 0; i < n; i++) {
            values[i] = onus_rng_normal(rng);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = 0.0;
    }
    const int df = kind.smooth ? 3 : 1;
    for (int w = 0; w < WAVES; w++) {
        double chi2 = 0.0;
        for (int k = 0; k < df; k++) {
            const double z = onus_rng_normal(rng);
            chi2 += z * z;
        }
        const double scale = 1.0 / (10000.0 * kind.range * sqrt(chi2 / df));
        const double wx = scale * onus_rng_normal(rng);
        const double wy = scale * onus_rng_normal(rng);
        const double phase = TWO_PI * onus_rng_uniform(rng);
        for (size_t i = 0; i < n; i++) {
            values[i] += cos(wx * x[i] + wy * y[i] + phase);
        }
    }
    for (size_t i = 0; i < n; i++) {
        values[i] *= sqrt(2.0 / WAVES);
    }
}

uint64_t stat_runs(uint64_t n) {
    const char *mult = getenv("ONUS_TEST_MULT");
    const long factor = mult == NULL ? 1 : strtol(mult, NULL, 10);
    return n * (uint64_t)(factor < 1 ? 1 : factor);
}

void stat_expect(const char *what, uint64_t n_hits, uint64_t n_runs, double low, double high) {
    const double n = (double)n_runs;
    const double share = (double)n_hits / n;
    n_checked++;
    if (share < low - STANDARD_ERRORS * sqrt(low * (1.0 - low) / n) ||
        share > high + STANDARD_ERRORS * sqrt(high * (1.0 - high) / n)) {
        n_failed++;
        printf("FAILED: %s: %.1f %% of %llu, claimed %.1f to %.1f %%\n", what, 100.0 * share,
               (unsigned long long)n_runs, 100.0 * low, 100.0 * high);
    }
}

int stat_end(void) {
    printf("%d checked, %d failed\n", n_checked, n_failed);
    return n_failed > 0;
}
