/* Does the interval of a difference of two capture rates cover what it says?
 *
 * Outcomes fall by a pattern of their own; in each area a share of them is flagged, by another
 * pattern that has nothing to do with who lives where. The truth is 0, and every interval without 0
 * is a false finding. Printed: how often 0 is covered by a percentile bootstrap over blocks, and by
 * Onus. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "city.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/stats_ratio.h"

enum { COLUMNS = 11, SUMS = 4, REPLICATES = 400 };
enum { PERCENTILE, ONUS, WIDTH };

typedef struct design {
    size_t n;
    pattern kind;
    uint64_t id;
} design;

static onus_limits by_bootstrap(const double *x, const double *y, size_t n, const double *a,
                                const double *b, const double *c, const double *d, uint64_t run) {
    double sums[10 * SUMS];
    double totals[REPLICATES * SUMS];
    double gaps[REPLICATES];
    const double *columns[SUMS] = {a, b, c, d};
    const onus_context one = {.n_threads = 1};
    onus_limits limits = onus_limits_none();
    const size_t n_blocks = n / 2 < 10 ? n / 2 : 10;
    int32_t *block = calloc(n, sizeof *block);
    if (block == NULL || onus_blocks_make(x, y, n, n_blocks, block) != ONUS_OK ||
        onus_block_sums(block, n, n_blocks, columns, SUMS, sums) != ONUS_OK ||
        onus_block_bootstrap(sums, n_blocks, SUMS, run, REPLICATES, &one, totals, NULL) !=
            ONUS_OK) {
        abort();
    }
    for (size_t r = 0; r < REPLICATES; r++) {
        const double *t = totals + r * SUMS;
        gaps[r] = t[0] / t[1] - t[2] / t[3];
    }
    if (onus_percentile_interval(gaps, REPLICATES, 0.95, &limits) != ONUS_OK) {
        abort();
    }
    free(block);
    return limits;
}

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    const design *d = shared;
    const size_t n = d->n;
    double *column[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (double *)scratch + (size_t)k * n;
    }
    onus_rng rng;
    onus_rng_init(&rng, 4000 + d->id, ONUS_STREAM_TEST, run, 0);
    city_points(&rng, n, 1, column[0], column[1]);
    for (int k = 2; k < 5; k++) {
        city_pattern(&rng, d->kind, column[0], column[1], n, column[k]);
    }
    double *hits = column[2], *cases = column[3], *weight = column[4], *rest = column[5];
    for (size_t i = 0; i < n; i++) {
        const double flagged = 1 / (1 + exp(1 - 1.5 * hits[i]));
        const double mean = 20 * exp(cases[i]);
        const double hit = (double)onus_rng_poisson(&rng, mean * flagged);
        cases[i] = hit + (double)onus_rng_poisson(&rng, mean * (1 - flagged));
        hits[i] = hit;
        weight[i] = 1 / (1 + exp(2 - 2 * weight[i]));
        rest[i] = 1 - weight[i];
        column[6][i] = weight[i] * hits[i];
        column[7][i] = weight[i] * cases[i];
        column[8][i] = rest[i] * hits[i];
        column[9][i] = rest[i] * cases[i];
    }
    const onus_context one = {.n_threads = 1};
    const onus_gap_data data = {n, hits, cases, weight, rest};
    onus_space *space = NULL;
    onus_gap got;
    if (onus_space_new(column[0], column[1], n, &one, &space, NULL) != ONUS_OK ||
        onus_gap_space(space, &data, &got, NULL) != ONUS_OK) {
        abort();
    }
    onus_space_free(space);
    const onus_limits drawn =
        by_bootstrap(column[0], column[1], n, column[6], column[7], column[8], column[9], run);
    slot[PERCENTILE] = drawn.low <= 0 && drawn.high >= 0;
    slot[ONUS] = onus_se_p(got.gap, got.se, got.df, 0) > 0.05;
}

int main(void) {
    static const design designs[] = {
        {13, {0.15, false}, 0}, {30, {0, false}, 1},     {30, {0.3, true}, 2},
        {60, {0.15, false}, 3}, {150, {0, false}, 4},    {150, {0.15, false}, 5},
        {150, {0.3, true}, 6},  {400, {0.15, false}, 7},
    };
    printf("Coverage of 95 %% intervals of a gap in capture, truth 0, per cent\n");
    printf("areas range pattern       runs | percnt   onus\n");
    for (size_t k = 0; k < sizeof designs / sizeof *designs; k++) {
        const design *d = &designs[k];
        const uint64_t n_runs = stat_runs(d->n < 400 ? 600 : 200);
        double *slots = calloc(n_runs * WIDTH, sizeof *slots);
        onus_replicates job = ONUS_REPLICATES_INIT;
        job.fn = simulate;
        job.shared = d;
        job.n_replicates = n_runs;
        job.width = WIDTH;
        job.scratch_size = COLUMNS * d->n * sizeof(double);
        if (slots == NULL || onus_replicates_run(&job, NULL, slots, NULL) != ONUS_OK) {
            abort();
        }
        uint64_t hits[WIDTH] = {0};
        for (uint64_t r = 0; r < n_runs; r++) {
            for (uint64_t v = 0; v < WIDTH; v++) {
                hits[v] += slots[r * WIDTH + v] > 0;
            }
        }
        free(slots);
        printf("%5zu %5.2f %-11s %6llu | %6.1f %6.1f\n", d->n, d->kind.range,
               d->kind.smooth ? "Matern 3/2" : "exponential", (unsigned long long)n_runs,
               100.0 * (double)hits[PERCENTILE] / (double)n_runs,
               100.0 * (double)hits[ONUS] / (double)n_runs);
        char what[64];
        (void)snprintf(what, sizeof what, "n %zu range %.2f", d->n, d->kind.range);
        stat_expect(what, hits[ONUS], n_runs, 0.93, 1.0);
    }
    return stat_end();
}
