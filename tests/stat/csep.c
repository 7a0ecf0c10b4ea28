/* Size of CSEP's tests where nothing is wrong with the forecast and events come in clusters.
 *
 * 900 cells of uneven rates; parents fall by the forecast, each with Poisson(m - 1) offspring in
 * its cell. The Poisson null takes clusters for a bad forecast; the clustered null must hold its 5
 * %, with m given, and with m learnt from 52 windows before. Prints a table; fails where the
 * clustered null with m given, or the Poisson null without clusters, leaves 3.5-6.5 % (1,000
 * trials: three standard errors are 2 points), or the learnt one leaves 3-8 %. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "onus/exec.h"
#include "onus/stats_csep.h"

enum { CELLS = 900, EVENTS = 500, TRIALS = 600, BEFORE = 52, SIMULATIONS = 199 };

static double rates[CELLS];
static double counts[CELLS];

static void deal(onus_rng *rng, double cluster_size) {
    for (int c = 0; c < CELLS; c++) {
        counts[c] = 0;
        const int64_t n_parents = onus_rng_poisson(rng, rates[c] / cluster_size);
        for (int64_t k = 0; k < n_parents; k++) {
            counts[c] += 1 + (double)onus_rng_poisson(rng, cluster_size - 1);
        }
    }
}

static double learn(onus_rng *rng, double cluster_size) {
    static double sum[CELLS];
    static double squares[CELLS];
    memset(sum, 0, sizeof sum);
    memset(squares, 0, sizeof squares);
    for (int w = 0; w < BEFORE; w++) {
        deal(rng, cluster_size);
        for (int c = 0; c < CELLS; c++) {
            sum[c] += counts[c];
            squares[c] += counts[c] * counts[c];
        }
    }
    return onus_csep_cluster_size(sum, squares, CELLS, BEFORE).value;
}

static bool rejects(onus_csep_test test, double cluster_size, uint64_t seed) {
    const onus_csep_data data = {.n_cells = CELLS, .n_marks = 1, .rates = rates, .counts = counts};
    const onus_csep_options options = {
        .seed = seed, .n_simulations = SIMULATIONS, .cluster_size = cluster_size};
    const onus_context one = {.n_threads = 1};
    onus_csep_result result;
    return onus_csep_simulate(&data, test, &options, &one, &result, NULL, NULL) == ONUS_OK &&
           result.p.value <= 0.05;
}

static double percent(int n) {
    return 100.0 * n / TRIALS;
}

static bool within(double value, double low, double high) {
    return value >= low && value <= high;
}

int main(void) {
    static const double sizes[] = {1, 1.2, 1.5, 2, 3};
    bool good = true;
    double total = 0;
    for (int c = 0; c < CELLS; c++) {
        total += rates[c] = 0.2 + exp(-(double)(c % 30) / 6) * (1 + (double)(c % 7));
    }
    for (int c = 0; c < CELLS; c++) {
        rates[c] *= EVENTS / total;
    }
    printf("S-test, true forecast, rejected at 5 %%, %d trials\n"
           "cluster size   poisson null   clustered, given   clustered, learnt\n",
           TRIALS);
    for (int s = 0; s < 5; s++) {
        int poisson = 0;
        int given = 0;
        int learnt = 0;
        for (uint64_t trial = 0; trial < TRIALS; trial++) {
            onus_rng rng;
            onus_rng_init(&rng, 11, ONUS_STREAM_TEST, trial, (uint32_t)s);
            const double size = learn(&rng, sizes[s]);
            deal(&rng, sizes[s]);
            poisson += rejects(ONUS_CSEP_S, 1, trial);
            given += rejects(ONUS_CSEP_S, sizes[s], trial);
            learnt += rejects(ONUS_CSEP_S, size, trial);
        }
        printf("%12.1f   %12.1f   %16.1f   %17.1f\n", sizes[s], percent(poisson), percent(given),
               percent(learnt));
        good = good && (s > 0 || within(percent(poisson), 3.5, 6.5)) &&
               within(percent(given), 3.5, 6.5) && within(percent(learnt), 3.0, 8.0);
    }
    return good ? 0 : 1;
}
