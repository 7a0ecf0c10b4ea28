/* How often Kolmogorov and Smirnov's test of the windows' totals rejects a forecast that is right.
 *
 * Totals of a year of days around a forecast that is known exactly: Poisson, and in clusters (each
 * parent with Poisson offspring, mean size 1.5 or 2, variance by mean 1.83 or 2.5). Printed:
 * rejected at 5 % under the Poisson null; under the negative binomial with the dispersion given;
 * and with the dispersion learnt from 180 days before. A compound Poisson total is no negative
 * binomial, only of its mean and variance: that must cost little. */
#include <math.h>
#include <stdio.h>

#include "city.h"
#include "onus/stats_calibration.h"
#include "onus/stats_csep.h"

enum { DAYS = 365, BEFORE = 180 };

static const double MEAN = 30.0; /* incidents a day, give or take the weekday */

static double deal(onus_rng *rng, double mean, double cluster_size) {
    const int64_t n_parents = onus_rng_poisson(rng, mean / cluster_size);
    double total = 0;
    for (int64_t k = 0; k < n_parents; k++) {
        total += cluster_size > 1 ? 1 + (double)onus_rng_poisson(rng, cluster_size - 1) : 1;
    }
    return total;
}

static bool rejects(const double *forecast, const double *total, double dispersion, uint64_t seed) {
    double low[DAYS];
    double high[DAYS];
    double value[DAYS];
    onus_ks ks;
    for (int d = 0; d < DAYS; d++) {
        const onus_csep_number test = onus_csep_number_test(
            forecast[d], total[d], dispersion > 1 ? dispersion * forecast[d] : (double)NAN);
        high[d] = fmin(test.delta2.value, 1);
        low[d] = fmin(fmax(1 - test.delta1.value, 0), high[d]);
    }
    return onus_pit_random(low, high, DAYS, seed, value) == ONUS_OK &&
           onus_ks_uniform(value, DAYS, &ks) == ONUS_OK && ks.p_value <= 0.05;
}

int main(void) {
    static const double SIZES[] = {1, 1.5, 2};
    const uint64_t n_runs = stat_runs(600);
    printf("KS of windows' totals, true forecast, rejected at 5 %%, %llu trials\n"
           "cluster size   poisson   negbin, given   negbin, learnt\n",
           (unsigned long long)n_runs);
    for (int s = 0; s < 3; s++) {
        /* compound Poisson with sizes 1 + Poisson(m - 1): E[X^2] / E[X] */
        const double given = SIZES[s] + 1 - 1 / SIZES[s];
        uint64_t n_poisson = 0;
        uint64_t n_given = 0;
        uint64_t n_learnt = 0;
        for (uint64_t run = 0; run < n_runs; run++) {
            double forecast[DAYS];
            double total[DAYS];
            double before[BEFORE];
            double sum = 0;
            onus_rng rng;
            onus_rng_init(&rng, 77, ONUS_STREAM_TEST, run, (uint32_t)s);
            for (int d = 0; d < BEFORE; d++) {
                before[d] = deal(&rng, MEAN, SIZES[s]);
                sum += before[d];
            }
            for (int d = 0; d < DAYS; d++) {
                forecast[d] = MEAN * (d % 7 < 5 ? 0.9 : 1.25);
                total[d] = deal(&rng, forecast[d], SIZES[s]);
            }
            const double learnt = onus_csep_variance(before, BEFORE).value / (sum / BEFORE);
            n_poisson += rejects(forecast, total, 0, run);
            n_given += rejects(forecast, total, given, run);
            n_learnt += rejects(forecast, total, learnt, run);
        }
        printf("%12.1f   %7.1f   %13.1f   %14.1f\n", SIZES[s],
               100.0 * (double)n_poisson / (double)n_runs, 100.0 * (double)n_given / (double)n_runs,
               100.0 * (double)n_learnt / (double)n_runs);
        if (s == 0) {
            stat_expect("poisson totals, poisson null", n_poisson, n_runs, 0.04, 0.06);
        } else {
            stat_expect("clustered totals, poisson null", n_poisson, n_runs, 0.5, 1);
        }
        stat_expect("dispersion given", n_given, n_runs, 0.03, 0.07);
        stat_expect("dispersion learnt", n_learnt, n_runs, 0.03, 0.10);
    }
    return stat_end();
}
