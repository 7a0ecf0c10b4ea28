/* Does the test of a correlation over areas reject as often as it says where there is nothing?
 *
 * Flags and a group's share are independent patterns over one city; every rejection is false. A
 * test that counts areas as independent rejects 40 to 77 % of the time at nominal 5 % where
 * patterns are smooth; Clifford, Richardson & Hemon's effective sample size should bring that back
 * to 5 to 7.5 %. Spearman's correlation, as the trial uses it. Printed: false rejections at 5 %,
 * per cent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "city.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/stats_spatial.h"

enum { COLUMNS = 6 };
enum { NAIVE, ONUS, FISHER, EFFECTIVE, WIDTH };

typedef struct design {
    size_t n;
    pattern kind;
    double crowd;
    uint64_t id;
} design;

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    const design *d = shared;
    const size_t n = d->n;
    double *x = scratch;
    double *y = x + n;
    double *z = x + 2 * n;
    double *f = x + 3 * n;
    double *rank_z = x + 4 * n;
    double *rank_f = x + 5 * n;
    onus_rng rng;
    onus_rng_init(&rng, 2000 + d->id, ONUS_STREAM_TEST, run, 0);
    city_points(&rng, n, d->crowd, x, y);
    city_pattern(&rng, d->kind, x, y, n, z);
    city_pattern(&rng, d->kind, x, y, n, f);
    for (size_t i = 0; i < n; i++) {
        f[i] = (double)onus_rng_poisson(&rng, 5 * exp(f[i])); /* with ties and zeros */
    }
    const onus_context one = {.n_threads = 1};
    const double *b[] = {rank_f};
    onus_area_correlation got;
    if (onus_rank_mid(z, n, rank_z) != ONUS_OK || onus_rank_mid(f, n, rank_f) != ONUS_OK ||
        onus_area_correlations(x, y, n, rank_z, b, 1, 0.95, &one, &got, NULL) != ONUS_OK) {
        abort();
    }
    const double df = (double)n - 2;
    slot[NAIVE] = onus_t_p(got.r * sqrt(df / (1 - got.r * got.r)), df) <= 0.05;
    slot[ONUS] = got.p_value <= 0.05; /* without a p nothing is rejected */
    slot[FISHER] = got.limits.low > 0 || got.limits.high < 0;
    slot[EFFECTIVE] = got.n_effective;
}

int main(void) {
    static const design designs[] = {
        {30, {0, false}, 1, 0},     {30, {0.15, true}, 1, 1},   {30, {0.3, true}, 1, 2},
        {60, {0, false}, 1, 3},     {60, {0.15, true}, 1, 4},   {60, {0.3, true}, 1, 5},
        {150, {0, false}, 1, 6},    {150, {0.05, false}, 1, 7}, {150, {0.15, true}, 1, 8},
        {150, {0.3, true}, 1, 9},   {150, {0.6, true}, 1, 10},  {150, {0.15, true}, 2.5, 11},
        {400, {0.15, true}, 1, 12}, {400, {0.3, true}, 1, 13},
    };
    printf("False rejections of a correlation over areas at 5 %%, per cent\n");
    printf("areas range pattern     crowd   runs | naive  onus fisher | effective n\n");
    for (size_t k = 0; k < sizeof designs / sizeof *designs; k++) {
        const design *d = &designs[k];
        const uint64_t n_runs = stat_runs(d->n < 400 ? 800 : 300);
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
        double effective = 0;
        for (uint64_t r = 0; r < n_runs; r++) {
            for (uint64_t v = 0; v < EFFECTIVE; v++) {
                hits[v] += slots[r * WIDTH + v] > 0;
            }
            effective += slots[r * WIDTH + EFFECTIVE] / (double)n_runs;
        }
        free(slots);
        const double n = (double)n_runs / 100;
        printf("%5zu %5.2f %-11s %5.1f %6llu | %5.1f %5.1f %6.1f | %.0f\n", d->n, d->kind.range,
               d->kind.smooth ? "Matern 3/2" : "exponential", d->crowd, (unsigned long long)n_runs,
               (double)hits[NAIVE] / n, (double)hits[ONUS] / n, (double)hits[FISHER] / n,
               effective);
        char what[96];
        (void)snprintf(what, sizeof what, "onus, n %zu range %.2f", d->n, d->kind.range);
        stat_expect(what, hits[ONUS], n_runs, 0.0, 0.075);
        if (d->kind.range ==
            0) { /* where nothing is alike the naive test is right, and so is ours */
            stat_expect("naive without a pattern", hits[NAIVE], n_runs, 0.05, 0.05);
            stat_expect("onus without a pattern", hits[ONUS], n_runs, 0.04, 0.06);
        } else if (d->kind.smooth && d->n >= 150) {
            stat_expect("naive with a smooth pattern", hits[NAIVE], n_runs, 0.35, 1.0);
        }
    }
    return stat_end();
}
