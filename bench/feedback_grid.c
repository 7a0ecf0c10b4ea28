/* The grid loop of the feedback simulation, on one thread: what a run, a cell and a day cost.
 *
 *   onus_bench_feedback_grid CELLS DAYS RUNS RULE SCORE LOOPS [DELTA RHO REPAIRED TIMES]
 *
 * The city is made from a rule, so that no file is needed and so that bench/feedback_grid can make
 * the same one: half of the cells have no truth, a few much of it, 11 incidents a day for 661 cells
 * and as many more for more; the record before the first day is one incident a day a cell in turn,
 * by the same weights. Prints CPU seconds (the median of TIMES), the peak of memory, and mean and
 * deviation over runs of what is compared with the peer. Behind the wall: nothing by cell. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "grid.h"

enum { WINDOW = 180, TIMES_MOST = 21 };
static const double PER_DAY_AND_CELL = 11.0 / 661.0;

/* weight 1 / (1 + k) for the k-th cell in a scattered order, 0 for every other cell */
static void make_city(size_t n, double *truth, int32_t *history, double *x_m, double *y_m) {
    const size_t columns = (size_t)ceil(sqrt((double)n));
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        const size_t k = i * 7919 % n;
        truth[i] = k % 2 == 0 ? 1.0 / (10.0 + (double)k * 661.0 / (double)n) : 0.0;
        total += truth[i];
        x_m[i] = 150.0 * (double)(i % columns);
        y_m[i] = 150.0 * (double)(i / columns);
    }
    for (size_t i = 0; i < n; i++) {
        truth[i] *= PER_DAY_AND_CELL * (double)n / total;
        /* as many incidents as are expected, spread evenly over the days */
        for (size_t d = 0; d < WINDOW; d++) {
            const double until = floor(truth[i] * (double)(d + 1) + 0.5);
            history[d * n + i] = (int32_t)(until - floor(truth[i] * (double)d + 0.5));
        }
    }
}

static double mean_of(const double *out, size_t n_runs, size_t width, size_t slot, double *sd) {
    double mean = 0.0;
    double square = 0.0;
    for (size_t r = 0; r < n_runs; r++) {
        mean += out[r * width + slot] / (double)n_runs;
    }
    for (size_t r = 0; r < n_runs; r++) {
        square += (out[r * width + slot] - mean) * (out[r * width + slot] - mean);
    }
    *sd = n_runs > 1 ? sqrt(square / (double)(n_runs - 1)) : 0.0;
    return mean;
}

static feedback_score score_named(const char *name) {
    for (int s = FEEDBACK_COUNTS; s < FEEDBACK_SELF_EXCITING; s++) {
        if (strcmp(name, feedback_score_name((feedback_score)s)) == 0) {
            return (feedback_score)s;
        }
    }
    return FEEDBACK_SELF_EXCITING;
}

int main(int argc, char **argv) {
    if (argc < 7) {
        fprintf(stderr, "usage: CELLS DAYS RUNS RULE SCORE LOOPS [DELTA RHO REPAIRED TIMES]\n");
        return 64;
    }
    const size_t n = strtoul(argv[1], NULL, 10);
    feedback_plan plan = {.n_runs = strtoul(argv[3], NULL, 10), .n_horizons = 1, .seed = 1};
    plan.horizon_days[0] = (uint32_t)strtoul(argv[2], NULL, 10);
    plan.closed_only = strcmp(argv[6], "1") == 0;
    feedback_policy policy = FEEDBACK_POLICY_INIT;
    policy.rule = strcmp(argv[4], "top") == 0 ? FEEDBACK_TOP : FEEDBACK_PROPORTIONAL;
    policy.score = score_named(argv[5]);
    policy.window_days = WINDOW;
    policy.bandwidth_m = 300.0;
    policy.cell_side_m = 150.0;
    policy.discovery_frac = argc > 7 ? strtod(argv[7], NULL) : 0.5;
    policy.reported_frac = argc > 8 ? strtod(argv[8], NULL) : 0.5;
    policy.repaired = argc > 9 && strcmp(argv[9], "1") == 0;
    const int asked = argc > 10 ? atoi(argv[10]) : 1;
    const int times = asked < 1 ? 1 : asked > TIMES_MOST ? TIMES_MOST : asked;
    double *truth = calloc(n, sizeof *truth);
    double *x_m = calloc(n, sizeof *x_m);
    double *y_m = calloc(n, sizeof *y_m);
    int32_t *history = calloc(WINDOW * n, sizeof *history);
    if (truth == NULL || x_m == NULL || y_m == NULL || history == NULL) {
        return 71;
    }
    make_city(n, truth, history, x_m, y_m);
    const feedback_world world = {.n_cells = n,
                                  .truth_per_day = truth,
                                  .x_m = x_m,
                                  .y_m = y_m,
                                  .n_history_days = WINDOW,
                                  .history = history};
    const size_t width = feedback_width(&world, &plan);
    double *out = calloc(plan.n_runs * width, sizeof *out);
    const onus_context one = {.n_threads = 1};
    double cpu_s[TIMES_MOST];
    onus_error err = ONUS_ERROR_INIT;
    for (int k = 0; k < times; k++) {
        feedback_grid *grid = NULL;
        const double start = bench_cpu_s();
        if (out == NULL || feedback_grid_open(&world, &policy, &plan, &grid, &err) != ONUS_OK ||
            feedback_grid_run(grid, &one, out, &err) != ONUS_OK) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        feedback_grid_close(grid);
        cpu_s[k] = bench_cpu_s() - start;
    }
    qsort(cpu_s, (size_t)times, sizeof *cpu_s, bench_by_value);
    printf("cpu_s %.6f\nmemory_kb %.0f\n", cpu_s[times / 2], 1024.0 * bench_peak_mb());
    static const struct {
        const char *name;
        feedback_field field;
    } shown[] = {
        {"tv", FEEDBACK_TV}, {"top", FEEDBACK_CONCENTRATION}, {"ever", FEEDBACK_CELLS_EVER}};
    for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
        double sd = 0.0;
        const double mean = mean_of(out, plan.n_runs, width,
                                    feedback_slot(&world, 0, FEEDBACK_CLOSED, shown[k].field), &sd);
        printf("%s %.17g %.17g\n", shown[k].name, mean, sd);
    }
    free(truth);
    free(x_m);
    free(y_m);
    free(history);
    free(out);
    return 0;
}
