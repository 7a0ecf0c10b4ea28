/* Does the interval of a ratio over time cover what it says?
 *
 * People are fixed; the flags of one week on one side are Poisson around a mean that follows the
 * week before (autocorrelation phi of its logarithm). Printed: coverage of a 95 % interval if weeks
 * varied alone, with blocks of n^(1/3) weeks and the normal distribution, and of Onus. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "city.h"
#include "onus/stats_interval.h"
#include "onus/stats_ratio.h"

enum { WEEKS_MAX = 365 };
enum { ALONE, CUBE_ROOT, ONUS, WIDTH };

typedef struct design {
    size_t n;
    double phi;
    uint64_t id;
} design;

/* Standard error of the sum of u from circular blocks of len. */
static double block_se(const double *u, size_t n, size_t len) {
    double squares = 0;
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t j = 0; j < len; j++) {
            sum += u[(k + j) % n];
        }
        squares += sum * sum;
    }
    return sqrt(squares / (double)len);
}

static void simulate(const void *shared, uint64_t run, void *scratch, double *slot) {
    (void)scratch;
    const design *d = shared;
    double s[WEEKS_MAX];
    double r[WEEKS_MAX];
    double u[WEEKS_MAX];
    double all[2] = {0};
    onus_rng rng;
    onus_rng_init(&rng, 3000 + d->id, ONUS_STREAM_TEST, run, 0);
    double z = onus_rng_normal(&rng);
    double w = onus_rng_normal(&rng);
    const double own = sqrt(1 - d->phi * d->phi);
    for (size_t t = 0; t < d->n; t++) {
        s[t] = (double)onus_rng_poisson(&rng, 30 * exp(0.4 * z + 0.3 * w));
        r[t] = (double)onus_rng_poisson(&rng, 60 * exp(0.3 * w));
        all[0] += s[t];
        all[1] += r[t];
        z = d->phi * z + own * onus_rng_normal(&rng);
        w = d->phi * w + own * onus_rng_normal(&rng);
    }
    const double truth = 0.5 * exp(0.08); /* E exp(0.4 z) */
    for (size_t t = 0; t < d->n; t++) {
        u[t] = s[t] / all[0] - r[t] / all[1];
    }
    const double off = fabs(log(all[0] / all[1] / truth));
    onus_ratio got;
    if (onus_ratio_time(s, r, d->n, all[0] / all[1], &got) != ONUS_OK) {
        abort();
    }
    size_t len = 1;
    while (len * len * len < d->n) {
        len++;
    }
    slot[ALONE] = off <= onus_t_quantile(0.975, (double)d->n - 1) * block_se(u, d->n, 1);
    slot[CUBE_ROOT] = off <= onus_normal_quantile(0.975) * block_se(u, d->n, len);
    slot[ONUS] = onus_ratio_p(&got, truth) > 0.05;
}

int main(void) {
    static const size_t sizes[] = {8, 13, 26, 52, 104, 365};
    static const double phis[] = {0, 0.3, 0.6, 0.8};
    printf("Coverage of 95 %% intervals of a ratio over time, per cent\n");
    printf("weeks  phi   runs |  alone cube root  onus\n");
    for (size_t i = 0; i < 6; i++) {
        for (size_t p = 0; p < 4; p++) {
            const design d = {sizes[i], phis[p], 4 * i + p};
            const uint64_t n_runs = stat_runs(2000);
            double *slots = calloc(n_runs * WIDTH, sizeof *slots);
            onus_replicates job = ONUS_REPLICATES_INIT;
            job.fn = simulate;
            job.shared = &d;
            job.n_replicates = n_runs;
            job.width = WIDTH;
            if (slots == NULL || onus_replicates_run(&job, NULL, slots, NULL) != ONUS_OK) {
                abort();
            }
            uint64_t hits[WIDTH] = {0};
            for (uint64_t r = 0; r < n_runs; r++) {
                for (uint64_t k = 0; k < WIDTH; k++) {
                    hits[k] += slots[r * WIDTH + k] > 0;
                }
            }
            free(slots);
            const double n = (double)n_runs / 100;
            printf("%5zu %4.1f %6llu | %6.1f %9.1f %5.1f\n", d.n, d.phi, (unsigned long long)n_runs,
                   (double)hits[ALONE] / n, (double)hits[CUBE_ROOT] / n, (double)hits[ONUS] / n);
            char what[64];
            (void)snprintf(what, sizeof what, "n %zu phi %.1f", d.n, d.phi);
            /* the promise: 90 % up to an autocorrelation of 0.6 from one week to the next */
            stat_expect(what, hits[ONUS], n_runs, d.phi <= 0.6 ? 0.90 : 0.80, 1.0);
        }
    }
    return stat_end();
}
