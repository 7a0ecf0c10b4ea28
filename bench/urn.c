/* The feedback urn: 1,000 runs of 1,000 draws on one thread, the configuration of Oakland with
 * Poisson counts and decay of which the published code takes 14 CPU s, and how the cost grows.
 *
 *   onus_bench_urn                         a table
 *   onus_bench_urn --json DRAWS RUNS       {"cpu_s": median, "means": [...], "sds": [...]} for
 *                                          bench/urn, which runs a peer beside it
 *
 * The plan (tables) is made anew in every timed run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "onus/stats_urn.h"

enum { TIMES = 21 };

static const double oakland_balls[] = {609, 379};
static const double oakland_rates[] = {3.68511, 2.816466};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* CPU seconds of one batch of runs; out: their slots (two areas, one horizon). */
static double batch(const onus_urn *urn, uint64_t n_draws, uint64_t n_runs, double *out) {
    const onus_context one = {.n_threads = 1};
    const onus_urn_runs runs = {.seed = 1, .n_horizons = 1, .horizon_draws = &n_draws};
    onus_urn_plan *plan = NULL;
    onus_error err = ONUS_ERROR_INIT;
    const double start = now_s();
    if (onus_urn_plan_new(urn, &runs, &plan, &err) != ONUS_OK ||
        onus_urn_simulate(plan, n_runs, &one, out, &err) != ONUS_OK) {
        fprintf(stderr, "onus_bench_urn: error: %s\n", err.text);
        exit(1);
    }
    onus_urn_plan_free(plan);
    return now_s() - start;
}

/* Median of TIMES batches; leaves the runs of the last in out. */
static double median_cpu_s(const onus_urn *urn, uint64_t n_draws, uint64_t n_runs, double *out) {
    double cpu_s[TIMES];
    for (int k = 0; k < TIMES; k++) {
        cpu_s[k] = batch(urn, n_draws, n_runs, out);
    }
    qsort(cpu_s, TIMES, sizeof *cpu_s, ascending);
    return cpu_s[TIMES / 2];
}

static onus_urn oakland(const double *rows) {
    onus_urn urn = ONUS_URN_INIT;
    urn.n_areas = 2;
    urn.start_balls = oakland_balls;
    urn.increments = rows;
    urn.noise = ONUS_URN_POISSON;
    urn.decay_frac = 0.01;
    return urn;
}

static onus_urn_summary shares(const double *out, uint64_t n_runs) {
    const onus_urn_column column = {.runs = out, .n_runs = n_runs, .width = 3, .k = 0};
    onus_urn_summary summary = {0};
    if (onus_urn_summarise(&column, 0.99, NULL, 0, &summary, NULL) != ONUS_OK) {
        exit(1);
    }
    return summary;
}

static void print_line(const char *what, const onus_urn *urn, uint64_t n_draws, uint64_t n_runs,
                       double published_cpu_s, double *out) {
    const double cpu_s = median_cpu_s(urn, n_draws, n_runs, out);
    printf("%-42s %6.1f ms  %5.1f ns a draw  mean share %.4f", what, cpu_s * 1e3,
           cpu_s * 1e9 / (double)n_draws / (double)n_runs, shares(out, n_runs).mean);
    if (published_cpu_s > 0) {
        printf("  published code, another machine: %.2f s, %.0f times", published_cpu_s,
               published_cpu_s / cpu_s);
    }
    printf("\n");
}

static void print_table(double *out) {
    double rows[4];
    double mixed[4];
    double reported_only[4];
    const double nothing[2] = {0, 0};
    onus_urn_mix(oakland_rates, nothing, 2, rows, NULL);
    onus_urn_mix(oakland_rates, oakland_rates, 2, mixed, reported_only);
    onus_urn urn = oakland(rows);
    printf("1,000 draws x 1,000 runs, median of %d, one thread:\n", TIMES);
    print_line("discovered, Poisson, decay", &urn, 1000, 1000, 14.42, out);
    urn.repair = ONUS_URN_REPAIR_REJECT;
    print_line("the same, repaired", &urn, 1000, 1000, 13.85, out);
    urn.increments = mixed;
    urn.rejected = reported_only;
    print_line("mixed, Poisson, decay, repaired", &urn, 1000, 1000, 0, out);
    urn = oakland(rows);
    urn.decay_frac = 0;
    print_line("discovered, Poisson", &urn, 1000, 1000, 9.45, out);
    urn.noise = ONUS_URN_FIXED;
    print_line("discovered", &urn, 1000, 1000, 0.24, out);

    printf("cost by draws and runs, discovered, Poisson, decay:\n");
    static const uint64_t sizes[][2] = {{250, 1000},  {500, 1000},  {1000, 1000}, {2000, 1000},
                                        {4000, 1000}, {1000, 250},  {1000, 500},  {1000, 2000},
                                        {1000, 4000}, {16000, 1000}};
    urn = oakland(rows);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint64_t n_draws = sizes[k][0];
        const uint64_t n_runs = sizes[k][1];
        const double cpu_s = median_cpu_s(&urn, n_draws, n_runs, out);
        printf("  %6.0f draws x %5.0f runs  %7.1f ms  %5.1f ns a draw\n", (double)n_draws,
               (double)n_runs, cpu_s * 1e3, cpu_s * 1e9 / (double)n_draws / (double)n_runs);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory of the process %.1f MB\n", (double)usage.ru_maxrss / 1024);
}

int main(int argc, char **argv) {
    const bool is_json = argc == 4 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !is_json) {
        fprintf(stderr, "usage: onus_bench_urn [--json DRAWS RUNS]\n");
        return 64;
    }
    const uint64_t n_draws = is_json ? strtoull(argv[2], NULL, 10) : 0;
    const uint64_t n_runs = is_json ? strtoull(argv[3], NULL, 10) : 4000;
    double *out = calloc(n_runs * 3, sizeof *out);
    if (out == NULL) {
        return 71;
    }
    if (is_json) {
        double rows[4];
        const double nothing[2] = {0, 0};
        onus_urn_mix(oakland_rates, nothing, 2, rows, NULL);
        const onus_urn urn = oakland(rows);
        const double cpu_s = median_cpu_s(&urn, n_draws, n_runs, out);
        const onus_urn_summary of = shares(out, n_runs);
        printf("{\"cpu_s\": %.6g, \"mean\": %.17g, \"sd\": %.17g}\n", cpu_s, of.mean, of.sd);
    } else {
        print_table(out);
    }
    free(out);
    return 0;
}
