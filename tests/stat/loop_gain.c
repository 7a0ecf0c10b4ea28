/* Does the interval of the observed loop gain hold the gain that was planted?
 *
 * A vendor is simulated whose predictions of a cell are a constant of the cell, one of the window,
 * three weights of the cell's last three windows of records, and noise that lasts (AR(1) in every
 * cell); records are Poisson: of the truth alone (nobody acts on predictions), and of the truth and
 * `discovery` incidents a prediction (the loop is closed, with the gain that is planted). Printed:
 * the mean estimate, and how often the interval at 95 % holds the planted value. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "onus/exec.h"
#include "onus/stats_loop_gain.h"

enum { CELLS = 40, LAGS = 3, WINDOWS_MOST = 300, SEED = 20 };

typedef struct design {
    const char *name;
    size_t n_windows;
    double per_incident; /* planted */
    double discovery;    /* that the records know of; the gain is the product */
    double lasting;      /* autocorrelation of the noise */
} design;

static double predicted[WINDOWS_MOST * CELLS];
static double recorded[WINDOWS_MOST * CELLS];

static void simulate(const design *d, uint64_t run) {
    static const double weights[LAGS] = {0.5, 0.3, 0.2};
    onus_rng rng;
    onus_rng_init(&rng, SEED, ONUS_STREAM_TEST, run, 0);
    double noise[CELLS] = {0};
    double cell[CELLS];
    double truth[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        truth[i] = exp(0.8 * onus_rng_normal(&rng));
        cell[i] = truth[i]; /* hot cells are predicted, whatever is recorded */
    }
    for (size_t w = 0; w < d->n_windows; w++) {
        const double window = onus_rng_normal(&rng);
        for (size_t i = 0; i < CELLS; i++) {
            double p = 5.0 + cell[i] + window;
            for (size_t l = 0; l < LAGS; l++) {
                p += d->per_incident * weights[l] *
                     (w > l ? recorded[(w - 1 - l) * CELLS + i] : truth[i]);
            }
            noise[i] = d->lasting * noise[i] + onus_rng_normal(&rng);
            p += noise[i];
            predicted[w * CELLS + i] = p;
            const double mean = truth[i] + d->discovery * fmax(p, 0.0);
            recorded[w * CELLS + i] = (double)onus_rng_poisson(&rng, mean);
        }
    }
}

int main(void) {
    static const design designs[] = {
        {"nobody acts, 300 windows", 300, 0.6, 0.0, 0.5},
        {"nobody acts, 120 windows", 120, 0.6, 0.0, 0.5},
        {"a map that never changes", 120, 0.0, 0.0, 0.5},
        {"closed loop, gain 0.6, 300 windows", 300, 1.2, 0.5, 0.0},
    };
    const char *mult = getenv("ONUS_TEST_MULT");
    const int n_runs = 200 * (mult == NULL || atoi(mult) < 1 ? 1 : atoi(mult));
    int n_wrong = 0;
    for (size_t k = 0; k < sizeof designs / sizeof designs[0]; k++) {
        const design *d = &designs[k];
        onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
        opts.n_lags = LAGS;
        opts.discovery = d->discovery > 0.0 ? d->discovery : 1.0;
        opts.n_replicates = 199;
        const onus_context one = {.n_threads = 1};
        const double planted = d->per_incident * opts.discovery;
        double mean = 0.0;
        double square = 0.0;
        int n_held = 0;
        for (int run = 0; run < n_runs; run++) {
            onus_loop_gain gain;
            simulate(d, 1000 * k + (uint64_t)run);
            if (onus_loop_gain_observed(predicted, recorded, CELLS, d->n_windows, &opts, &one,
                                        &gain, NULL) != ONUS_OK) {
                return 1;
            }
            mean += gain.gain.value / n_runs;
            square += gain.gain.value * gain.gain.value / n_runs;
            n_held += gain.gain_limits.low <= planted && planted <= gain.gain_limits.high;
        }
        const double sd = sqrt(square - mean * mean);
        const double held = (double)n_held / n_runs;
        printf("%-36s planted %.3f mean %.4f (sd %.4f) held by %d of %d intervals (%.1f %%)\n",
               d->name, planted, mean, sd, n_held, n_runs, 100.0 * held);
        /* four standard errors below 95 %, and the stated bias of the order of lags / windows */
        const double least = 0.95 - 4.0 * sqrt(0.95 * 0.05 / n_runs);
        const double bias = planted * LAGS / (double)d->n_windows;
        n_wrong += held < least || fabs(mean - planted) > bias + 4.0 * sd / sqrt(n_runs);
    }
    return n_wrong > 0;
}
