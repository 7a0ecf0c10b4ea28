/* What a year of the refitted self-exciting algorithm costs, without feedback and with. Never a
 * test.
 *
 *   onus_bench_lum_isaac rates COUNTS CELLS HISTORY DAYS FORMULA OUT   rates by cell and day (OUT),
 *                                                                     nothing added
 *   onus_bench_lum_isaac runs COUNTS CELLS HISTORY DAYS FORMULA P RUNS FLAGGED
 *                                                                     RUNS runs, chance P
 *
 * COUNTS: (HISTORY + DAYS) x CELLS little-endian int32, oldest day first. FORMULA: corrected or
 * published. Prints one line of JSON; the median of 5 for rates, once for runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "lum_isaac_rates.h"

enum { REPEATS = 5 };

typedef struct city {
    feedback_world world;
    int32_t *counts;
    const int32_t *observed;
    double *truth;
    size_t n_days;
} city;

static void read_city(city *c, char **argv) {
    const size_t n_cells = strtoul(argv[1], NULL, 10);
    const size_t n_history = strtoul(argv[2], NULL, 10);
    c->n_days = strtoul(argv[3], NULL, 10);
    const size_t n = (n_history + c->n_days) * n_cells;
    c->counts = bench_room(n, sizeof *c->counts);
    c->truth = bench_room(n_cells, sizeof *c->truth);
    FILE *in = fopen(argv[0], "rb");
    bench_must(in != NULL && fread(c->counts, sizeof *c->counts, n, in) == n && fclose(in) == 0,
               argv[0]);
    c->observed = c->counts + n_history * n_cells;
    for (size_t i = 0; i < c->n_days * n_cells; i++) {
        c->truth[i % n_cells] += (double)c->observed[i] / (double)c->n_days;
    }
    c->world = (feedback_world){.n_cells = n_cells,
                                .truth_per_day = c->truth,
                                .n_history_days = n_history,
                                .history = c->counts};
}

static lum_isaac_opts opts_of(const city *c, const char *formula) {
    lum_isaac_opts opts = LUM_ISAAC_OPTS_INIT;
    opts.formula = strcmp(formula, "corrected") == 0 ? LUM_ISAAC_CORRECTED : LUM_ISAAC_PUBLISHED;
    opts.window_days = c->world.n_history_days;
    return opts;
}

static void time_rates(const city *c, const lum_isaac_opts *opts, const char *out) {
    const size_t n = c->n_days * c->world.n_cells;
    double *rate = bench_room(n, sizeof *rate);
    double took[REPEATS];
    size_t n_steps = 0;
    for (int k = 0; k < REPEATS; k++) {
        const double start = bench_cpu_s();
        bench_must(lum_isaac_rates(&c->world, c->observed, c->n_days, opts, rate, &n_steps, NULL) ==
                       ONUS_OK,
                   "rates");
        took[k] = bench_cpu_s() - start;
    }
    qsort(took, REPEATS, sizeof *took, bench_by_value);
    FILE *file = fopen(out, "wb");
    bench_must(file != NULL && fwrite(rate, sizeof *rate, n, file) == n && fclose(file) == 0, out);
    printf("{\"cpu_s\": %.6f, \"n_steps\": %zu, \"peak_mb\": %.1f}\n", took[REPEATS / 2], n_steps,
           bench_peak_mb());
}

static void time_runs(const city *c, lum_isaac_opts *opts, const char *chance, size_t n_runs) {
    const onus_context context = {.n_threads = 1};
    const feedback_plan plan = {
        .n_runs = n_runs, .n_horizons = 1, .horizon_days = {(uint32_t)c->n_days}, .seed = 1};
    const size_t width = lum_isaac_width(&c->world, &plan);
    double *out = bench_room(n_runs * width, sizeof *out);
    opts->discovery_frac = strtod(chance, NULL);
    const double start = bench_cpu_s();
    bench_must(lum_isaac_run(&c->world, c->observed, opts, &plan, &context, out, NULL) == ONUS_OK,
               "run");
    const double took = bench_cpu_s() - start;
    double added = 0.0;
    for (size_t r = 0; r < n_runs; r++) {
        added += out[r * width + feedback_slot(&c->world, 0, FEEDBACK_CLOSED, FEEDBACK_ADDED)] /
                 (double)n_runs;
    }
    printf("{\"cpu_s\": %.6f, \"added\": %.1f, \"peak_mb\": %.1f}\n", took, added, bench_peak_mb());
}

int main(int argc, char **argv) {
    city c = {0};
    if (argc == 8 && strcmp(argv[1], "rates") == 0) {
        read_city(&c, argv + 2);
        const lum_isaac_opts opts = opts_of(&c, argv[6]);
        time_rates(&c, &opts, argv[7]);
        return 0;
    }
    if (argc == 10 && strcmp(argv[1], "runs") == 0) {
        read_city(&c, argv + 2);
        lum_isaac_opts opts = opts_of(&c, argv[6]);
        opts.flagged = strtoul(argv[9], NULL, 10);
        time_runs(&c, &opts, argv[7], strtoul(argv[8], NULL, 10));
        return 0;
    }
    (void)fprintf(
        stderr,
        "usage: onus_bench_lum_isaac rates COUNTS CELLS HISTORY DAYS FORMULA OUT\n"
        "       onus_bench_lum_isaac runs COUNTS CELLS HISTORY DAYS FORMULA P RUNS FLAGGED\n");
    return 64;
}
