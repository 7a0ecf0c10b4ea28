/* What the statistics of a burden trial cost: 30 cities of the sizes of a published investigation
 * (one of 2,514 areas, the rest 13 to 375), made at random, five groups, two definitions, 2,000
 * replicates. Prints CPU seconds per kernel, summed over the cities, on one thread. Not a test.
 *
 *   onus_bench_statistics
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "onus/exec.h"
#include "onus/stats_blocks.h"
#include "onus/stats_disclosure.h"
#include "onus/stats_inequality.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/stats_ratio.h"
#include "onus/stats_spatial.h"

enum { GROUPS = 5, REPLICATES = 2000, AGGREGATES = 60, MOST = 2514 };
enum { MORAN, CORRELATION, RATIOS, BOOTSTRAP, INEQUALITY, DISCLOSURE, N_PARTS };
static const char *const PARTS[N_PARTS] = {"Moran's I, 6 variables, 2,000 permutations",
                                           "correlations with effective n",
                                           "ratios over space",
                                           "bootstrap over blocks, percentile intervals",
                                           "Gini, Theil, Spearman",
                                           "withholding small counts"};
static double cpu_s[N_PARTS];

static const size_t SIZES[30] = {42,   37, 74, 22,  43, 20, 78,  32, 108, 58, 335, 66,  72, 16, 13,
                                 2514, 49, 50, 146, 28, 53, 126, 15, 56,  35, 22,  191, 26, 45, 42};

typedef struct city {
    size_t n;
    double x[MOST];
    double y[MOST];
    double flags[MOST];
    double people[GROUPS][MOST];
    double share[GROUPS][MOST];
    double rank[GROUPS + 1][MOST];
    size_t starts[MOST + 1];
    int32_t columns[8 * MOST];
} city;

/* Areas on a jittered lattice, so that neighbours are simple. */
static void build(city *c, size_t n, uint64_t id) {
    onus_rng rng;
    onus_rng_init(&rng, id, ONUS_STREAM_TEST, 0, 0);
    c->n = n;
    const size_t side = (size_t)ceil(sqrt((double)n));
    size_t n_entries = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t row = i / side;
        const size_t col = i % side;
        c->x[i] = 500.0 * ((double)col + onus_rng_uniform(&rng));
        c->y[i] = 500.0 * ((double)row + onus_rng_uniform(&rng));
        c->flags[i] = (double)onus_rng_poisson(&rng, 20 * exp(onus_rng_normal(&rng)));
        double all = 0;
        for (int g = 0; g < GROUPS; g++) {
            const double people = exp(3.0 + g + onus_rng_normal(&rng));
            c->people[g][i] = floor(onus_rng_below(&rng, 5) == 0 ? 0 : people);
            all += c->people[g][i];
        }
        for (int g = 0; g < GROUPS; g++) {
            c->share[g][i] = all > 0 ? c->people[g][i] / all : 0;
        }
        c->starts[i] = n_entries;
        for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1; r++) {
            for (size_t k = col > 0 ? col - 1 : 0; k <= col + 1 && k < side; k++) {
                const size_t j = r * side + k;
                if (j < n && j != i) {
                    c->columns[n_entries++] = (int32_t)j;
                }
            }
        }
    }
    c->starts[n] = n_entries;
}

static void withhold(const city *c) {
    const size_t n_cells = c->n * GROUPS;
    int64_t *values = calloc(n_cells, sizeof *values);
    size_t *starts = calloc(c->n + AGGREGATES + 1, sizeof *starts);
    int32_t *cells = calloc(n_cells * (1 + AGGREGATES / GROUPS), sizeof *cells);
    uint8_t *out = calloc(n_cells + c->n + AGGREGATES, 1);
    if (values == NULL || starts == NULL || cells == NULL || out == NULL) {
        exit(1);
    }
    size_t n = 0;
    size_t s = 0;
    for (size_t i = 0; i < c->n; i++) {
        for (size_t g = 0; g < GROUPS; g++) {
            values[i * GROUPS + g] = (int64_t)c->people[g][i];
            cells[n++] = (int32_t)(i * GROUPS + g);
        }
        starts[++s] = n;
    }
    for (size_t a = 0; a < AGGREGATES; a++) { /* each group over twelve overlapping sets of areas */
        for (size_t i = 0; i < c->n; i++) {
            if (a / GROUPS == 0 || (i * 7919 + a / GROUPS * 104729) % 10 < a / GROUPS) {
                cells[n++] = (int32_t)(i * GROUPS + a % GROUPS);
            }
        }
        starts[++s] = n;
    }
    const onus_disclosure table = {
        .n_cells = n_cells, .values = values, .n_sums = s, .starts = starts, .cells = cells};
    onus_disclosure_account account;
    bench_ok(onus_disclosure_withhold(&table, 10, false, out, out + n_cells, &account, NULL));
    if (c->n == MOST) {
        printf("withheld in the largest city: %zu small, %zu mates of %zu cells\n", account.n_small,
               account.n_mates, n_cells);
    }
    free(values);
    free(starts);
    free(cells);
    free(out);
}

static void run_city(city *c, const onus_context *one) {
    double t = bench_cpu_s();
    const double *values[GROUPS + 1] = {c->flags};
    const double *ranks[GROUPS];
    for (int g = 0; g < GROUPS; g++) {
        values[g + 1] = c->share[g];
    }
    const onus_neighbours neighbours = {c->n, c->starts, c->columns};
    onus_moran moran[GROUPS + 1];
    bench_ok(onus_moran_test(&neighbours, values, GROUPS + 1, 1, REPLICATES, one, moran, NULL));
    cpu_s[MORAN] += bench_cpu_s() - t;

    t = bench_cpu_s();
    onus_area_correlation r[GROUPS];
    bench_ok(onus_rank_mid(c->flags, c->n, c->rank[GROUPS]));
    for (int g = 0; g < GROUPS; g++) {
        bench_ok(onus_rank_mid(c->share[g], c->n, c->rank[g]));
        ranks[g] = c->rank[g];
    }
    bench_ok(onus_area_correlations(c->x, c->y, c->n, c->rank[GROUPS], ranks, GROUPS, 0.95, one, r,
                                    NULL));
    cpu_s[CORRELATION] += bench_cpu_s() - t;

    t = bench_cpu_s();
    onus_space *space = NULL;
    onus_ratio ratios[2 * GROUPS];
    onus_ratio_data data[2 * GROUPS];
    for (int g = 0; g < GROUPS; g++) {
        data[g] = (onus_ratio_data){c->n,         c->flags,     c->people[g],
                                    c->people[g], c->people[0], c->people[0]};
        data[GROUPS + g] =
            (onus_ratio_data){c->n, c->flags, c->share[g], c->people[g], c->share[0], c->people[0]};
    }
    bench_ok(onus_space_new(c->x, c->y, c->n, one, &space, NULL));
    bench_ok(onus_ratios_space(space, data, 2 * GROUPS, ratios, NULL));
    onus_space_free(space);
    cpu_s[RATIOS] += bench_cpu_s() - t;

    t = bench_cpu_s();
    enum { BLOCKS = 10, SUMS = 4 * GROUPS };
    static int32_t block[MOST];
    static double sums[BLOCKS * SUMS];
    static double totals[REPLICATES * SUMS];
    const double *columns[SUMS];
    for (int k = 0; k < SUMS; k++) {
        columns[k] = k % 2 == 0 ? c->people[k % GROUPS] : c->share[k % GROUPS];
    }
    const size_t n_blocks = c->n / 2 < BLOCKS ? c->n / 2 : BLOCKS;
    bench_ok(onus_blocks_make(c->x, c->y, c->n, n_blocks, block));
    bench_ok(onus_block_sums(block, c->n, n_blocks, columns, SUMS, sums));
    bench_ok(onus_block_bootstrap(sums, n_blocks, SUMS, 1, REPLICATES, one, totals, NULL));
    for (int k = 0; k < 2 * GROUPS; k++) {
        onus_limits limits;
        bench_ok(onus_percentile_interval(totals + k * REPLICATES, REPLICATES, 0.95, &limits));
    }
    cpu_s[BOOTSTRAP] += bench_cpu_s() - t;

    t = bench_cpu_s();
    onus_number number;
    for (int g = 0; g < GROUPS; g++) {
        bench_ok(onus_gini(c->flags, c->people[g], c->n, &number));
        number = onus_theil(c->flags, c->people[g], c->n);
        bench_ok(onus_spearman(c->flags, c->share[g], c->n, &number));
    }
    cpu_s[INEQUALITY] += bench_cpu_s() - t;

    t = bench_cpu_s();
    withhold(c);
    cpu_s[DISCLOSURE] += bench_cpu_s() - t;
}

int main(void) {
    static city c;
    const onus_context one = {.n_threads = 1};
    for (size_t k = 0; k < 30; k++) {
        build(&c, SIZES[k], k);
        run_city(&c, &one);
    }
    double all = 0;
    for (int p = 0; p < N_PARTS; p++) {
        printf("%-46s %7.3f CPU s\n", PARTS[p], cpu_s[p]);
        all += cpu_s[p];
    }
    printf("%-46s %7.3f CPU s\n", "all", all);
    return 0;
}
