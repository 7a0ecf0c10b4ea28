/* Our side of bench/capture: the same files as the peers, one line of JSON, and what came out.
 *
 *   onus_bench_capture knox X Y DAY EDGE_M EDGE_DAYS PERMUTATIONS
 *   onus_bench_capture rank SCORES N_CELLS AREA EVENT_CELL EVENT_WINDOW REPLICATES OUT
 *
 * Files are raw and little-endian: doubles, but DAY, EVENT_CELL and EVENT_WINDOW int32. SCORES
 * holds two methods after each other, each window by window. OUT gets what each method captured in
 * each window at each budget. CPU of one thread, from arrays to result, reading excluded. Not a
 * test. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "onus/scalar.h"
#include "onus/stats_capture.h"
#include "onus/stats_knox.h"
#include "onus/stats_paired.h"

enum { N_BUDGETS = 5 };
static const double BUDGETS[N_BUDGETS] = {0.005, 0.01, 0.02, 0.05, 0.1}; /* as in bench/capture */

static void die(const char *what) {
    (void)fprintf(stderr, "onus_bench_capture: %s\n", what);
    exit(1);
}

static void *need(void *ptr) {
    if (ptr == NULL) {
        die("out of memory");
    }
    return ptr;
}

static void *read_file(const char *path, size_t size, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        die("an input cannot be read");
    }
    const size_t bytes = (size_t)ftell(file);
    rewind(file);
    void *data = need(malloc(bytes + 1));
    if (fread(data, 1, bytes, file) != bytes) {
        die("an input cannot be read");
    }
    (void)fclose(file);
    *n = bytes / size;
    return data;
}

static int64_t whole(const char *text) {
    int64_t value = 0;
    if (!onus_parse_int64(text, strlen(text), &value)) {
        die("not a whole number");
    }
    return value;
}

static int knox(char **arg) {
    size_t n = 0;
    double *x = read_file(arg[0], sizeof *x, &n);
    double *y = read_file(arg[1], sizeof *y, &n);
    int32_t *day = read_file(arg[2], sizeof *day, &n);
    const double edge = (double)whole(arg[3]);
    const int32_t days = (int32_t)whole(arg[4]);
    const onus_knox_opts opts = {.space_m = &edge,
                                 .n_space = 1,
                                 .days = &days,
                                 .n_days = 1,
                                 .n_permutations = (uint64_t)whole(arg[5]),
                                 .seed = 1};
    const onus_context serial = {.n_threads = 1};
    onus_knox_cell out[4];
    const double start = bench_cpu_s();
    bench_ok(onus_knox(x, y, day, n, &opts, &serial, out, NULL));
    (void)printf("{\"cpu_s\": %.9f, \"table\": [%llu, %llu, %llu, %llu], \"expected\": %.17g, "
                 "\"p\": %.17g}\n",
                 bench_cpu_s() - start, (unsigned long long)out[0].observed,
                 (unsigned long long)out[1].observed, (unsigned long long)out[2].observed,
                 (unsigned long long)out[3].observed, out[0].expected, out[0].p_value);
    free(x);
    free(y);
    free(day);
    return 0;
}

static int rank(char **arg) {
    size_t n_scores = 0;
    size_t n_events = 0;
    size_t n_cells = (size_t)whole(arg[1]);
    double *score = read_file(arg[0], sizeof *score, &n_scores);
    double *area = read_file(arg[2], sizeof *area, &n_cells);
    int32_t *cell = read_file(arg[3], sizeof *cell, &n_events);
    int32_t *window = read_file(arg[4], sizeof *window, &n_events);
    const size_t n_windows = n_scores / n_cells / 2;
    const size_t width = (size_t)2 * N_BUDGETS;
    double *captured = need(calloc(n_windows * width, sizeof *captured));
    int32_t *some = need(calloc(n_events, sizeof *some));
    double *count = need(calloc(n_events, sizeof *count));
    const onus_context serial = {.n_threads = 1};
    double start = bench_cpu_s();
    for (size_t w = 0, from = 0; w < n_windows; w++) {
        size_t until = from;
        while (until < n_events && (size_t)window[until] == w) {
            until++;
        }
        size_t n = 0;
        bench_ok(onus_cell_counts_gather(cell + from, NULL, until - from, some, count, &n));
        from = until;
        const onus_cell_counts counts = {.n = n, .cell = some, .count = count};
        for (size_t m = 0; m < 2; m++) {
            const onus_ranked cells = {.n_cells = n_cells,
                                       .score = score + (m * n_windows + w) * n_cells,
                                       .area_m2 = area};
            onus_capture c;
            bench_ok(onus_capture_make(&cells, &counts, ONUS_TIE_EXPECTED, &c, NULL));
            for (size_t b = 0; b < N_BUDGETS; b++) {
                captured[w * width + m * N_BUDGETS + b] = onus_captured(
                    &c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, BUDGETS[b] * c.all[ONUS_CAPTURE_AREA]);
            }
            onus_capture_clear(&c);
        }
    }
    const double ranked = bench_cpu_s() - start;
    onus_pair pairs[N_BUDGETS];
    onus_paired out[N_BUDGETS];
    for (size_t b = 0; b < N_BUDGETS; b++) {
        pairs[b] = (onus_pair){b, N_BUDGETS + b};
    }
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = (uint64_t)whole(arg[5]);
    opts.seed = 1;
    start = bench_cpu_s();
    bench_ok(onus_paired_compare(captured, n_windows, width, pairs, N_BUDGETS, &opts, &serial, out,
                                 NULL));
    (void)printf("{\"rank_cpu_s\": %.9f, \"bootstrap_cpu_s\": %.9f, \"low\": %.17g, \"high\": "
                 "%.17g, \"block_len\": %zu}\n",
                 ranked, bench_cpu_s() - start, out[1].ratio_bootstrap.low,
                 out[1].ratio_bootstrap.high, out[1].block_len);
    FILE *file = fopen(arg[6], "wb");
    if (file == NULL ||
        fwrite(captured, sizeof *captured, n_windows * width, file) != n_windows * width ||
        fclose(file) != 0) {
        die("a result cannot be written");
    }
    free(score);
    free(area);
    free(cell);
    free(window);
    free(captured);
    free(some);
    free(count);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 8 && strcmp(argv[1], "knox") == 0) {
        return knox(argv + 2);
    }
    if (argc == 9 && strcmp(argv[1], "rank") == 0) {
        return rank(argv + 2);
    }
    die("usage: onus_bench_capture knox|rank ...; see the head of bench/capture.c");
}
