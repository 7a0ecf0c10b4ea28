/* Do the intervals of shares over searches hold what they say, where people differ?
 *
 * Each person is searched for one to eight times and has a chance of his own of being missed (the
 * logit of it is normal). Printed: how often 95 % intervals hold the true share, with 20, 40 and
 * 100 people, rare and common misses, people alike and people unlike: Wilson on the rows, the
 * percentile interval of the person bootstrap, the stretched one, and what Onus prints of shares:
 * the score interval on the trials that the rows are worth, and where nobody or everybody was
 * missed, the exact bound with people as trials. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city.h"
#include "onus/stats_cluster.h"
#include "onus/stats_interval.h"

enum { PEOPLE_MAX = 100, MOST_SEARCHES = 8, REPLICATES = 400 };
enum { ROWS, PERCENTILE, STRETCHED, ONUS, N_WAYS };

typedef struct design {
    size_t n_people;
    double middle; /* logit of the middle person's chance */
    double spread;
    double truth;
    uint64_t id;
} design;

static double expit(double x) {
    return 1 / (1 + exp(-x));
}

static double true_share(const design *d) {
    enum { POINTS = 4000 };
    double sum = 0;
    for (int k = 0; k < POINTS; k++) {
        sum += expit(d->middle + d->spread * onus_normal_quantile((k + 0.5) / POINTS));
    }
    return sum / POINTS;
}

static void share_of(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[0] = totals[0] / totals[1];
}

static double holds(onus_limits limits, double truth) {
    return limits.low <= truth && truth <= limits.high;
}

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    const design *d = shared;
    double *sums = scratch;
    const onus_context serial = {.n_threads = 1};
    double k = 0;
    double n = 0;
    onus_rng rng;
    onus_rng_init(&rng, 8100 + d->id, ONUS_STREAM_TEST, run, 0);
    for (size_t p = 0; p < d->n_people; p++) {
        const double chance = expit(d->middle + d->spread * onus_rng_normal(&rng));
        const uint32_t searches = 1 + onus_rng_below(&rng, MOST_SEARCHES);
        double missed = 0;
        for (uint32_t i = 0; i < searches; i++) {
            missed += onus_rng_uniform(&rng) < chance;
        }
        sums[2 * p] = missed;
        sums[2 * p + 1] = searches;
        k += missed;
        n += searches;
    }
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.seed = run;
    opts.n_replicates = REPLICATES;
    opts.range = (onus_limits){0, 1};
    const onus_cluster_data data = {.sums = sums, .n_clusters = d->n_people, .n_sums = 2};
    onus_cluster_estimate e;
    if (onus_cluster_estimates(&data, share_of, NULL, 1, &opts, &serial, &e, NULL) != ONUS_OK) {
        abort();
    }
    slot[ROWS] = holds(onus_wilson(k, n, 0.95), d->truth);
    slot[PERCENTILE] = holds(e.percentile, d->truth);
    slot[STRETCHED] = holds(e.limits, d->truth);
    double n_effective;
    slot[ONUS] = holds(onus_share_limits(&e, k, n, d->n_people, 0.95, &n_effective), d->truth);
}

int main(void) {
    static const size_t people[] = {20, 40, 100};
    static const double middles[] = {-4, -2.2, 0};
    static const double spreads[] = {0, 1.5};
    const uint64_t runs = stat_runs(600);
    uint64_t id = 0;
    printf("%-7s %-7s %-7s %8s %11s %10s %6s\n", "people", "share", "spread", "rows", "percentile",
           "stretched", "Onus");
    for (size_t s = 0; s < 2; s++) {
        for (size_t m = 0; m < 3; m++) {
            for (size_t p = 0; p < 3; p++) {
                design d = {people[p], middles[m], spreads[s], 0, id++};
                d.truth = true_share(&d);
                double *slots = calloc(runs * N_WAYS, sizeof *slots);
                double *scratch = calloc(2 * PEOPLE_MAX, sizeof *scratch);
                double sum[N_WAYS] = {0};
                for (uint64_t r = 0; r < runs; r++) {
                    simulate(&d, r, scratch, slots);
                    for (int w = 0; w < N_WAYS; w++) {
                        sum[w] += 100 * slots[w] / (double)runs;
                    }
                }
                printf("%-7zu %-7.3f %-7.1f %8.1f %11.1f %10.1f %6.1f\n", d.n_people, d.truth,
                       d.spread, sum[ROWS], sum[PERCENTILE], sum[STRETCHED], sum[ONUS]);
                stat_expect("share of searches", (uint64_t)llround(sum[ONUS] / 100 * (double)runs),
                            runs, 0.93, 1.0);
                free(slots);
                free(scratch);
            }
        }
    }
    return stat_end();
}
