/* Does the interval of the loop gain by injection hold the gain that was planted?
 *
 * A vendor is simulated whose second run predicts Poisson(0.6) boxes more in an injected cell, per
 * incident, in the window after; 1 to 5 incidents are injected into each of 8, 15 or 40 cells.
 * Printed: the mean estimate, and how often the interval at 95 % holds the planted value: with few
 * skewed units a percent or two less often than it says, which docs/feedback.md prints. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/exec.h"
#include "onus/stats_loop_gain.h"

enum { CELLS = 40, WINDOWS = 6, SEED = 21 };

static const double PLANTED = 0.6;

static double without[WINDOWS * CELLS];
static double with[WINDOWS * CELLS];
static double injected[WINDOWS * CELLS];

static void simulate(size_t n_injected, uint64_t run) {
    onus_rng rng;
    onus_rng_init(&rng, SEED, ONUS_STREAM_TEST, run, 0);
    memset(injected, 0, sizeof injected);
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        without[k] = (double)onus_rng_poisson(&rng, 2.0);
        with[k] = without[k];
    }
    for (size_t i = 0; i < n_injected; i++) {
        const size_t k = (1 + i % 3) * CELLS + i;
        injected[k] = 1.0 + (double)(i % 5);
        with[k + CELLS] += (double)onus_rng_poisson(&rng, PLANTED * injected[k]);
    }
}

int main(void) {
    static const size_t n_injected[] = {8, 15, 40};
    const double least = 0.92;
    const char *mult = getenv("ONUS_TEST_MULT");
    const int n_runs = 2000 * (mult == NULL || atoi(mult) < 1 ? 1 : atoi(mult));
    int n_wrong = 0;
    for (size_t k = 0; k < sizeof n_injected / sizeof n_injected[0]; k++) {
        onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
        const onus_context one = {.n_threads = 1};
        double mean = 0.0;
        double square = 0.0;
        int n_held = 0;
        for (int run = 0; run < n_runs; run++) {
            onus_loop_gain gain;
            simulate(n_injected[k], 100000 * k + (uint64_t)run);
            opts.seed = (uint64_t)run;
            if (onus_loop_gain_injected(without, with, injected, CELLS, WINDOWS, &opts, &one, &gain,
                                        NULL) != ONUS_OK) {
                return 1;
            }
            mean += gain.gain.value / n_runs;
            square += gain.gain.value * gain.gain.value / n_runs;
            n_held += gain.gain_limits.low <= PLANTED && PLANTED <= gain.gain_limits.high;
        }
        const double sd = sqrt(square - mean * mean);
        const double held = (double)n_held / n_runs;
        printf("%2zu injected cells: planted %.3f mean %.4f (sd %.4f) held by %d of %d intervals "
               "(%.1f %%)\n",
               n_injected[k], PLANTED, mean, sd, n_held, n_runs, 100.0 * held);
        n_wrong += held < least || fabs(mean - PLANTED) > 4.0 * sd / sqrt(n_runs);
    }
    return n_wrong > 0;
}
