/* CSEP's S-test: 27,000 cells, 10,000 simulations, 1e3 / 1e4 / 1e5 events, on one thread.
 *
 * pyCSEP 0.7.0 took 2.76 / 16.1 / 154.6 CPU s for the same sizes on another machine (its figures
 * come with the shared references): the ratio says what to expect and not what was measured side by
 * side. The forecast is made from a fixed rule, smooth with a few hot spots, so that no file is
 * needed; events are dealt by it, so that the score is an ordinary one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "onus/exec.h"
#include "onus/stats_csep.h"

enum { COLUMNS = 180, ROWS = 150, CELLS = COLUMNS * ROWS, SIMULATIONS = 10000 };

static void make_rates(double *rates, double n_events) {
    static const double spots[][3] = {{40, 50, 9}, {120, 30, 14}, {90, 110, 6}, {150, 120, 20}};
    double total = 0;
    for (int i = 0; i < CELLS; i++) {
        const double x = i % COLUMNS;
        const double y = i / COLUMNS; // NOLINT(bugprone-integer-division): the row
        rates[i] = 0.1;
        for (int s = 0; s < 4; s++) {
            rates[i] += exp(-(pow(x - spots[s][0], 2) + pow(y - spots[s][1], 2)) /
                            (2 * spots[s][2] * spots[s][2]));
        }
        total += rates[i];
    }
    for (int i = 0; i < CELLS; i++) {
        rates[i] *= n_events / total;
    }
}

static int run(double n_events, double published_cpu_s) {
    static double rates[CELLS];
    static double counts[CELLS];
    const onus_csep_data data = {.n_cells = CELLS, .n_marks = 1, .rates = rates, .counts = counts};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = SIMULATIONS;
    const onus_context one = {.n_threads = 1};
    onus_csep_result result;
    make_rates(rates, n_events);
    onus_rng rng;
    onus_rng_init(&rng, 1, ONUS_STREAM_TEST, 0, 0);
    for (int i = 0; i < CELLS; i++) {
        counts[i] = (double)onus_rng_poisson(&rng, rates[i]);
    }
    const double start = bench_cpu_s();
    if (onus_csep_simulate(&data, ONUS_CSEP_S, &options, &one, &result, NULL, NULL) != ONUS_OK) {
        return 1;
    }
    const double cpu_s = bench_cpu_s() - start;
    printf("S-test, %d cells, %6.0f events, %d simulations %8.3f CPU s; pyCSEP 0.7.0 on another "
           "machine %6.2f, %.0f times\n",
           CELLS, result.account.n_events, SIMULATIONS, cpu_s, published_cpu_s,
           published_cpu_s / cpu_s);
    return 0;
}

int main(void) {
    return run(1e3, 2.76) || run(1e4, 16.1) || run(1e5, 154.6);
}
