/* Does the interval of a ratio over space cover what it says?
 *
 * People are drawn once per city (groups in patterns of the same width as the flags), then flags
 * given the people: x_i Poisson with mean 20 exp(spread (rho z_i + sqrt(1 - rho^2) f_i)), z the
 * pattern that made the group's share, f an independent one. The truth is the ratio of the flags'
 * means over these people: what would be found if the same people met the same system again. With
 * rho = 0 the truth of the exposure ratio is exactly 1, and a test at 5 % should reject in 5 % at
 * most. Printed: coverage of a 95 % interval if areas varied alone, of ten blocks alone, and of
 * Onus; and how often Onus' interval holds the ratio of a universe of cities whose people are drawn
 * anew too, which it does not promise. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "city.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/stats_ratio.h"

enum { AREAS_MAX = 2514, COLUMNS = 11 };
enum { ALONE, PERCENTILE, BLOCKS, ONUS, ATTRIBUTED, CITIES, TRUSTED, WIDTH };

typedef struct design {
    size_t n;
    pattern kind;
    double rho;    /* how far flags follow the group */
    double spread; /* sd of the log of a mean count */
    double share;  /* logit of the group's share, and the sd of its pattern is 2 */
    double crowd;
    uint64_t id;
} design;

static double truth(const double *weight, const double *ref, const double *mean, size_t n,
                    double people, double ref_people) {
    double a = 0;
    double b = 0;
    for (size_t i = 0; i < n; i++) {
        a += weight[i] * mean[i];
        b += ref[i] * mean[i];
    }
    return a / people / (b / ref_people);
}

/* The ratio of exposures over all cities of a design: a sum over the distribution of z. */
static double truth_of_cities(const design *d) {
    double sums[4] = {0};
    for (double z = -8; z <= 8; z += 0.01) {
        const double density = exp(-0.5 * z * z);
        const double share = 1 / (1 + exp(-d->share - 2 * z));
        const double mean = exp(d->spread * d->rho * z);
        sums[0] += density * share * mean;
        sums[1] += density * share;
        sums[2] += density * (1 - share) * mean;
        sums[3] += density * (1 - share);
    }
    return sums[0] / sums[1] / (sums[2] / sums[3]);
}

/* Half width on the log scale of blocks alone: t on nine (or fewer) degrees of freedom. */
static double by_blocks(const double *x, const double *y, const double *u, size_t n,
                        double *alone) {
    int32_t block[AREAS_MAX];
    double parts[10];
    const double *columns[] = {u};
    const size_t b = n / 2 < 10 ? n / 2 : 10;
    if (onus_blocks_make(x, y, n, b, block) != ONUS_OK ||
        onus_block_sums(block, n, b, columns, 1, parts) != ONUS_OK) {
        abort();
    }
    double var = 0;
    for (size_t k = 0; k < b; k++) {
        var += parts[k] * parts[k];
    }
    double var_alone = 0;
    for (size_t i = 0; i < n; i++) {
        var_alone += u[i] * u[i];
    }
    *alone = onus_t_quantile(0.975, (double)n - 1) * sqrt(var_alone);
    return onus_t_quantile(0.975, (double)b - 1) * sqrt(var * (double)b / ((double)b - 1));
}

/* Percentile interval of the ratio over bootstrap draws of the same ten blocks. */
static onus_limits by_bootstrap(const onus_ratio_data *d, const double *x, const double *y,
                                uint64_t run) {
    enum { SUMS = 4, REPLICATES = 400 };
    int32_t block[AREAS_MAX];
    double load[2][AREAS_MAX];
    double sums[10 * SUMS];
    double totals[REPLICATES * SUMS];
    const size_t b = d->n_areas / 2 < 10 ? d->n_areas / 2 : 10;
    for (size_t i = 0; i < d->n_areas; i++) {
        load[0][i] = d->weight[i] * d->flags[i];
        load[1][i] = d->ref_weight[i] * d->flags[i];
    }
    const double *columns[SUMS] = {load[0], d->people, load[1], d->ref_people};
    const onus_context one = {.n_threads = 1};
    onus_limits limits;
    if (onus_blocks_make(x, y, d->n_areas, b, block) != ONUS_OK ||
        onus_block_sums(block, d->n_areas, b, columns, SUMS, sums) != ONUS_OK ||
        onus_block_bootstrap(sums, b, SUMS, run, REPLICATES, &one, totals, NULL) != ONUS_OK) {
        abort();
    }
    for (size_t r = 0; r < REPLICATES; r++) {
        const double *t = totals + r * SUMS;
        totals[r] = t[0] / t[1] / (t[2] / t[3]); /* never writes ahead of what is read */
    }
    if (onus_percentile_interval(totals, REPLICATES, 0.95, &limits) != ONUS_OK) {
        abort();
    }
    return limits;
}

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    const design *d = shared;
    const size_t n = d->n;
    double *column[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (double *)scratch + (size_t)k * n;
    }
    double *x = column[0], *y = column[1], *z = column[2], *f = column[3], *group = column[4],
           *ref = column[5], *flags = column[6], *mean = column[7], *share = column[8],
           *ref_share = column[9], *u = column[10];
    onus_rng rng;
    onus_rng_init(&rng, 1000 + d->id, ONUS_STREAM_TEST, run, 0);
    city_points(&rng, n, d->crowd, x, y);
    city_pattern(&rng, d->kind, x, y, n, z);
    city_pattern(&rng, d->kind, x, y, n, f);
    double people[2] = {0};
    double loads[2] = {0};
    for (size_t i = 0; i < n; i++) {
        const double all = 1000 * exp(0.5 * onus_rng_normal(&rng));
        share[i] = 1 / (1 + exp(-d->share - 2 * z[i]));
        ref_share[i] = 1 - share[i];
        group[i] = all * share[i];
        ref[i] = all - group[i];
        const double own = sqrt(1 - d->rho * d->rho);
        flags[i] =
            (double)onus_rng_poisson(&rng, 20 * exp(d->spread * (d->rho * z[i] + own * f[i])));
        mean[i] = exp(d->spread * d->rho * z[i]); /* times a constant that cancels */
        people[0] += group[i];
        people[1] += ref[i];
        loads[0] += group[i] * flags[i];
        loads[1] += ref[i] * flags[i];
    }
    const onus_context one = {.n_threads = 1};
    onus_space *space = NULL;
    onus_ratio got[2];
    const onus_ratio_data data[2] = {{n, flags, group, group, ref, ref},
                                     {n, flags, share, group, ref_share, ref}};
    if (onus_space_new(x, y, n, &one, &space, NULL) != ONUS_OK ||
        onus_ratios_space(space, data, 2, got, NULL) != ONUS_OK) {
        abort();
    }
    onus_space_free(space);
    for (int k = 0; k < WIDTH; k++) {
        slot[k] = 0;
    }
    if (!(got[0].log_se > 0)) {
        slot[ALONE] = slot[PERCENTILE] = slot[BLOCKS] = slot[ONUS] = slot[ATTRIBUTED] =
            slot[CITIES] = 1; /* nothing claimed */
        return;
    }
    for (size_t i = 0; i < n; i++) {
        u[i] = group[i] * flags[i] / loads[0] - group[i] / people[0] -
               (ref[i] * flags[i] / loads[1] - ref[i] / people[1]);
    }
    double alone = 0;
    const double blocks = by_blocks(x, y, u, n, &alone);
    const onus_limits drawn = by_bootstrap(&data[0], x, y, run);
    const double t = truth(group, ref, mean, n, people[0], people[1]);
    const double off = fabs(log(got[0].ratio / t));
    slot[ALONE] = off <= alone;
    slot[BLOCKS] = off <= blocks;
    slot[PERCENTILE] = drawn.low <= t && t <= drawn.high;
    slot[ONUS] = onus_ratio_p(&got[0], t) > 0.05;
    slot[ATTRIBUTED] =
        onus_ratio_p(&got[1], truth(share, ref_share, mean, n, people[0], people[1])) > 0.05;
    slot[CITIES] = onus_ratio_p(&got[0], truth_of_cities(d)) > 0.05;
    slot[TRUSTED] = got[0].trusted;
}

static void try_design(const design *d, uint64_t n_runs) {
    double *slots = calloc(n_runs * WIDTH, sizeof *slots);
    if (slots == NULL) {
        abort();
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = simulate;
    job.shared = d;
    job.n_replicates = n_runs;
    job.width = WIDTH;
    job.scratch_size = COLUMNS * d->n * sizeof(double);
    if (onus_replicates_run(&job, NULL, slots, NULL) != ONUS_OK) {
        abort();
    }
    uint64_t hits[WIDTH] = {0};
    for (uint64_t r = 0; r < n_runs; r++) {
        for (int k = 0; k < WIDTH; k++) {
            hits[k] += slots[r * WIDTH + (uint64_t)k] > 0;
        }
    }
    free(slots);
    const double n = (double)n_runs / 100;
    printf("%5zu %5.2f %-11s %4.1f %5.1f %6.1f %5.1f %6llu | %6.1f %6.1f %6.1f %6.1f %6.1f %6.1f\n",
           d->n, d->kind.range, d->kind.smooth ? "Matern 3/2" : "exponential", d->rho, d->spread,
           d->share, d->crowd, (unsigned long long)n_runs, (double)hits[ALONE] / n,
           (double)hits[PERCENTILE] / n, (double)hits[BLOCKS] / n, (double)hits[ONUS] / n,
           (double)hits[ATTRIBUTED] / n, (double)hits[CITIES] / n);
    char what[128];
    (void)snprintf(what, sizeof what, "n %zu range %.2f rho %.1f spread %.1f share %.1f", d->n,
                   d->kind.range, d->rho, d->spread, d->share);
    if (hits[TRUSTED] > 0) { /* the promise: at least 90 %; exactly 1 is not rejected beyond 5 % */
        stat_expect(what, hits[ONUS], n_runs, d->rho == 0 ? 0.95 : 0.90, 1.0);
        stat_expect(what, hits[ATTRIBUTED], n_runs, 0.90, 1.0);
    }
}

int main(void) {
    printf("Coverage of 95 %% intervals of a ratio of exposures, per cent\n");
    printf("areas range pattern      rho spread share crowd   runs |  alone percnt blocks   onus "
           "attrib "
           "cities\n");
    static const size_t sizes[] = {13, 30, 60, 150, 400};
    static const pattern kinds[] = {
        {0, false}, {0.05, false}, {0.15, false}, {0.3, false}, {0.3, true}};
    uint64_t id = 0;
    for (int r = 0; r < 2; r++) {
        for (size_t s = 0; s < 5; s++) {
            for (size_t k = 0; k < 5; k++) {
                const design d = {sizes[s], kinds[k], r == 0 ? 0 : 0.6, 1, -2, 1, id++};
                try_design(&d, stat_runs(sizes[s] < 400 ? 600 : 200));
            }
        }
    }
    const design more[] = {
        {2514, {0.05, false}, 0, 1, -2, 1, 100},    {2514, {0.3, true}, 0, 1, -2, 1, 101},
        {2514, {0.05, false}, 0.6, 1, -2, 1, 102},  {60, {0.6, true}, 0, 1, -2, 1, 103},
        {60, {0.6, true}, 0.6, 1, -2, 1, 104},      {150, {0.15, false}, 0, 1, -2, 2.5, 105},
        {150, {0.15, false}, 0.6, 1, -2, 2.5, 106}, {30, {0.15, false}, 0, 2, -2, 1, 107},
        {150, {0.15, false}, 0, 2, -2, 1, 108},     {30, {0.15, false}, 0, 1, -5, 1, 109},
        {150, {0.15, false}, 0, 1, -5, 1, 110},     {13, {0.15, false}, 0, 2, -5, 1, 111},
        {10, {0.3, true}, 0.6, 1, -2, 1, 112},      {10, {0.15, false}, 0, 2, -4, 1, 113},
        {150, {0.15, false}, 0.6, 2, -2, 1, 114},   {30, {0.15, false}, 0.6, 2, -4, 1, 115},
    };
    for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
        try_design(&more[k], stat_runs(more[k].n > 1000 ? 60 : 600));
    }
    return stat_end();
}
