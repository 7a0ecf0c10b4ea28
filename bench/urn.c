/* The feedback urn on one thread: one kind of urn, some draws, some runs. For bench/urn, which runs
 * a peer beside it and prints tables.
 *
 *   onus_bench_urn KIND AREAS DRAWS RUNS
 *
 * prints {"cpu_s": median of 21, "peak_mb": ..., "mean": ..., "sd": ...}, the last two of the first
 * area's share over runs.
 *
 * Two areas are Oakland's of Ensign et al. (2018); more are made by a fixed rule. Every timed batch
 * makes its plan (tables) anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "onus/stats_urn.h"

enum { TIMES = 21, MOST_AREAS = 64 };

/* What is asked for by name: incidents, noise, decay, repair. */
typedef struct kind {
    const char *name;
    double reported; /* as a share of what a patrol discovers */
    onus_urn_noise noise;
    double decay_frac;
    onus_urn_repair repair;
} kind;

static const kind kinds[] = {
    {"fixed", 0, ONUS_URN_FIXED, 0, ONUS_URN_REPAIR_NONE},
    {"poisson", 0, ONUS_URN_POISSON, 0, ONUS_URN_REPAIR_NONE},
    {"decay", 0, ONUS_URN_POISSON, 0.01, ONUS_URN_REPAIR_NONE},
    {"repaired", 0, ONUS_URN_POISSON, 0.01, ONUS_URN_REPAIR_REJECT},
    {"mixed", 1, ONUS_URN_POISSON, 0.01, ONUS_URN_REPAIR_REJECT},
};

static double balls[MOST_AREAS] = {609, 379};
static double discovered[MOST_AREAS] = {3.68511, 2.816466};
static double reported[MOST_AREAS];
static double increments[MOST_AREAS * MOST_AREAS];
static double rejected[MOST_AREAS * MOST_AREAS];

static onus_urn urn_of(const kind *of, size_t n_areas) {
    for (size_t i = 0; i < n_areas; i++) {
        if (n_areas > 2) {
            balls[i] = 100;
            discovered[i] = 3 + (double)i / (double)n_areas;
        }
        reported[i] = of->reported * discovered[i];
    }
    onus_urn_mix(discovered, reported, n_areas, increments, rejected);
    onus_urn urn = ONUS_URN_INIT;
    urn.n_areas = n_areas;
    urn.start_balls = balls;
    urn.increments = increments;
    urn.rejected = rejected;
    urn.noise = urn.rejected_noise = of->noise;
    urn.decay_frac = of->decay_frac;
    urn.repair = of->repair;
    return urn;
}

/* CPU seconds of one batch. */
static double batch(const onus_urn *urn, uint64_t n_draws, uint64_t n_runs, double *out) {
    const onus_context one = {.n_threads = 1};
    const onus_urn_runs runs = {.seed = 1, .n_horizons = 1, .horizon_draws = &n_draws};
    onus_urn_plan *plan = NULL;
    onus_error err = ONUS_ERROR_INIT;
    const double start = bench_cpu_s();
    if (onus_urn_plan_new(urn, &runs, &plan, &err) != ONUS_OK ||
        onus_urn_simulate(plan, n_runs, &one, out, &err) != ONUS_OK) {
        fprintf(stderr, "onus_bench_urn: error: %s\n", err.text);
        exit(1);
    }
    onus_urn_plan_free(plan);
    return bench_cpu_s() - start;
}

int main(int argc, char **argv) {
    const kind *of = NULL;
    for (size_t k = 0; argc == 5 && k < sizeof kinds / sizeof *kinds; k++) {
        of = strcmp(argv[1], kinds[k].name) == 0 ? &kinds[k] : of;
    }
    const size_t n_areas = of == NULL ? 0 : strtoul(argv[2], NULL, 10);
    if (n_areas < 2 || n_areas > MOST_AREAS) {
        fprintf(stderr, "usage: onus_bench_urn fixed|poisson|decay|repaired|mixed AREAS DRAWS "
                        "RUNS\n");
        return 64;
    }
    const uint64_t n_draws = strtoull(argv[3], NULL, 10);
    const uint64_t n_runs = strtoull(argv[4], NULL, 10);
    double *out = calloc(n_runs * (n_areas + 1), sizeof *out);
    if (out == NULL) {
        return 71;
    }
    const onus_urn urn = urn_of(of, n_areas);
    double cpu_s[TIMES];
    for (int k = 0; k < TIMES; k++) {
        cpu_s[k] = batch(&urn, n_draws, n_runs, out);
    }
    qsort(cpu_s, TIMES, sizeof *cpu_s, bench_by_value);
    const onus_urn_column column = {.runs = out, .n_runs = n_runs, .width = n_areas + 1, .k = 0};
    onus_urn_summary shares;
    if (onus_urn_summarise(&column, 0.99, NULL, 0, &shares, NULL) != ONUS_OK) {
        return 1;
    }
    printf("{\"cpu_s\": %.6g, \"peak_mb\": %.1f, \"mean\": %.17g, \"sd\": %.17g}\n",
           cpu_s[TIMES / 2], bench_peak_mb(), shares.mean, shares.sd);
    free(out);
    return 0;
}
