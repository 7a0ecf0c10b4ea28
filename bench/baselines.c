/* What the methods of comparison cost: kernel density of one window, and EM of the gridded
 * self-exciting process. Made-up points only; never a test.
 *
 *   onus_bench_baselines kde POINTS SIDE BANDWIDTH OUT   pairs of doubles in [0, SIDE), a square
 *                                                        of SIDE x SIDE cells of 1 m; writes two
 *                                                        densities: corrected at the edge, and not
 *   onus_bench_baselines em                              100,000 events, 20 steps
 *
 * Prints one line of JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "baselines_internal.h"
#include "bench.h"
#include "exciting_em.h"
#include "onus/exec.h"

enum { RUNS = 21, EM_EVENTS = 100000, EM_CELLS = 10000, EM_STEPS = 20 };

typedef struct ground {
    onus_frame frame;
    onus_frame_cells cells;
    onus_frame_window window;
    const double *xy;
    size_t n_points;
    int32_t *cell;
    double *x;
    double *y;
    double *zero;
    double *one;
} ground;

static void lay_cells(ground *g, size_t side) {
    const size_t n = side * side;
    int32_t *column = bench_room(n, sizeof *column);
    int32_t *row = bench_room(n, sizeof *row);
    int32_t *at = bench_room(n, sizeof *at);
    double *x = bench_room(n, sizeof *x);
    double *y = bench_room(n, sizeof *y);
    double *area = bench_room(n, sizeof *area);
    for (size_t c = 0; c < n; c++) {
        column[c] = (int32_t)(c % side);
        row[c] = (int32_t)(c / side);
        at[c] = (int32_t)c;
        x[c] = (double)column[c] + 0.5;
        y[c] = (double)row[c] + 0.5;
        area[c] = 1.0;
    }
    g->cells = (onus_frame_cells){.n_cells = n,
                                  .x_m = x,
                                  .y_m = y,
                                  .area_m2 = area,
                                  .region_m2 = (double)n,
                                  .side_m = 1.0,
                                  .n_columns = side,
                                  .n_rows = side,
                                  .column = column,
                                  .row = row,
                                  .at = at};
    g->window = (onus_frame_window){.from_s = 1.0, .until_s = 2.0};
    g->cell = bench_room(g->n_points, sizeof *g->cell);
    g->x = bench_room(g->n_points, sizeof *g->x);
    g->y = bench_room(g->n_points, sizeof *g->y);
    g->zero = bench_room(g->n_points, sizeof *g->zero);
    g->one = bench_room(g->n_points, sizeof *g->one);
    for (size_t e = 0; e < g->n_points; e++) {
        g->one[e] = 1.0;
    }
}

/* From points to densities: cells looked up, grid laid, edge weighed, smoothed. */
static void density(ground *g, const onus_baseline_opts *opts, double *score) {
    for (size_t e = 0; e < g->n_points; e++) {
        g->x[e] = g->xy[2 * e];
        g->y[e] = g->xy[2 * e + 1];
        g->cell[e] = g->cells.at[(size_t)g->y[e] * g->cells.n_columns + (size_t)g->x[e]];
    }
    g->frame = (onus_frame){.cells = &g->cells,
                            .windows = &g->window,
                            .n_windows = 1,
                            .n_units = 1,
                            .events = {.n_events = g->n_points,
                                       .cell = g->cell,
                                       .x_m = g->x,
                                       .y_m = g->y,
                                       .unix_s = g->zero,
                                       .count = g->one}};
    void *state = NULL;
    bench_must(onus_baseline_kde.open(ONUS_BASELINE_KDE, &g->frame, opts, NULL, &state, NULL) ==
                   ONUS_OK,
               "open");
    bench_must(onus_baseline_kde.score(state, 0, score, NULL) == ONUS_OK, "score");
    onus_baseline_kde.close(state);
}

static void run_kde(const char *points, size_t side, double bandwidth, const char *out) {
    ground g = {0};
    FILE *in = fopen(points, "rb");
    bench_must(in != NULL && fseek(in, 0, SEEK_END) == 0, points);
    g.n_points = (size_t)ftell(in) / (2 * sizeof(double));
    rewind(in);
    double *xy = bench_room(2 * g.n_points, sizeof *xy);
    bench_must(fread(xy, 2 * sizeof *xy, g.n_points, in) == g.n_points && fclose(in) == 0, points);
    g.xy = xy;
    lay_cells(&g, side);
    double *corrected = bench_room(g.cells.n_cells, sizeof *corrected);
    double *plain = bench_room(g.cells.n_cells, sizeof *plain);
    double took[2][RUNS];
    for (int edge = 0; edge < 2; edge++) {
        const onus_baseline_opts opts = {.bandwidth_m = bandwidth, .edge_corrected = edge == 1};
        for (int run = 0; run < RUNS; run++) {
            const double start = bench_cpu_s();
            density(&g, &opts, edge == 1 ? corrected : plain);
            took[edge][run] = bench_cpu_s() - start;
        }
        qsort(took[edge], RUNS, sizeof(double), bench_by_value);
    }
    FILE *file = fopen(out, "wb");
    bench_must(file != NULL &&
                   fwrite(corrected, sizeof *corrected, g.cells.n_cells, file) == g.cells.n_cells &&
                   fwrite(plain, sizeof *plain, g.cells.n_cells, file) == g.cells.n_cells &&
                   fclose(file) == 0,
               out);
    printf("{\"cpu_s\": %.6f, \"cpu_plain_s\": %.6f}\n", took[1][RUNS / 2], took[0][RUNS / 2]);
}

/* A planted process: theta 0.4, 1 / omega 5 days, two years. Immigrants are exponential gaps; each
 * event sets off one other with probability theta. */
static void run_em(void) {
    static double time[2 * EM_EVENTS];
    static double count[2 * EM_EVENTS];
    static size_t from[EM_CELLS];
    static size_t until[EM_CELLS];
    static double mu[EM_CELLS];
    const double days = 730.0;
    const double theta = 0.4;
    const double per_cell = (1.0 - theta) * EM_EVENTS / EM_CELLS;
    onus_rng rng;
    onus_rng_init(&rng, 1, ONUS_STREAM_TEST, 0, 0);
    size_t n = 0;
    for (size_t c = 0; c < EM_CELLS; c++) {
        from[c] = n;
        const int64_t n_new = onus_rng_poisson(&rng, per_cell * 2.0 * onus_rng_uniform(&rng));
        for (int64_t k = 0; k < n_new; k++) {
            double t = days * onus_rng_uniform(&rng);
            do {
                bench_must(n < 2 * EM_EVENTS, "too many events");
                count[n] = 1.0;
                time[n++] = t;
                t -= 5.0 * log(1.0 - onus_rng_uniform(&rng));
            } while (onus_rng_uniform(&rng) < theta && t < days);
        }
        until[c] = n;
        qsort(time + from[c], n - from[c], sizeof *time, bench_by_value);
    }
    const exciting_events events = {EM_CELLS, from, until, time, count, 0.0, days};
    double took[RUNS];
    exciting_rates rates = {0};
    for (int run = 0; run < RUNS; run++) {
        rates = (exciting_rates){.theta = 0.3, .omega_per_day = 0.1, .mu_per_day = mu};
        for (size_t c = 0; c < EM_CELLS; c++) {
            mu[c] = 0.7 * (double)(until[c] - from[c]) / days;
        }
        const double start = bench_cpu_s();
        for (int step = 0; step < EM_STEPS; step++) {
            (void)exciting_em_step(&events, &rates);
        }
        took[run] = bench_cpu_s() - start;
    }
    qsort(took, RUNS, sizeof *took, bench_by_value);
    printf("{\"cpu_s\": %.6f, \"n_events\": %zu, \"theta\": %.4f, \"delay_days\": %.4f}\n",
           took[RUNS / 2], n, rates.theta, 1.0 / rates.omega_per_day);
}

int main(int argc, char **argv) {
    if (argc == 6 && strcmp(argv[1], "kde") == 0) {
        run_kde(argv[2], (size_t)strtoul(argv[3], NULL, 10), strtod(argv[4], NULL), argv[5]);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "em") == 0) {
        run_em();
        return 0;
    }
    (void)fprintf(stderr, "usage: onus_bench_baselines kde POINTS SIDE BANDWIDTH OUT | em\n");
    return 64;
}
