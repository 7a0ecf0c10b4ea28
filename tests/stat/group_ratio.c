/* How often the interval of a ratio of two groups' rates, and of their difference, holds the truth
 * (docs/statistics.md, "Two groups").
 *
 * People of a group are compared with one another (false matches, each pair 9 times) or with
 * themselves (misses, 10 times); the second group is larger, or as small. Where they share people a
 * third of the first is in the second too, and errs alike there. New people in every run. Fails
 * where fewer than 93 % hold, by more than three binomial standard errors. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "onus/stats_dyadic.h"
#include "pairs.h"

enum { SIDE_MAX = 60, EACH_PAIR = 9, EACH_PERSON = 10 };

typedef struct design {
    bool misses;
    int32_t n_a;
    int32_t n_b;
    int32_t n_shared;
    double rate_a;
    double rate_b;
    double sd;
    double wolves;
    int n_runs;
} design;

static onus_dyad pairs[2][SIDE_MAX * (SIDE_MAX - 1) / 2];

static void draw_side(const design *d, int side, const double *effect, onus_rng *rng,
                      onus_dyads *out) {
    const int32_t from = side == 0 ? 0 : d->n_a - d->n_shared;
    const int32_t to = from + (side == 0 ? d->n_a : d->n_b);
    const int n = d->misses ? EACH_PERSON : EACH_PAIR;
    *out = (onus_dyads){.n_people = (size_t)(d->n_a + d->n_b - d->n_shared), .pairs = pairs[side]};
    for (int32_t i = from; i < to; i++) {
        for (int32_t j = d->misses ? i : i + 1; j < (d->misses ? i + 1 : to); j++) {
            const double p =
                (side == 0 ? d->rate_a : d->rate_b) * effect[i] * (d->misses ? 1.0 : effect[j]);
            const uint64_t k = draw_errors(rng, n, fmin(p, 1.0));
            pairs[side][out->n_pairs++] = (onus_dyad){i, j, (uint64_t)n, k};
            out->n_comparisons += (uint64_t)n;
            out->n_errors += k;
        }
    }
}

static bool holds(onus_limits limits, double truth) {
    return !(limits.low > truth) && !(limits.high < truth);
}

static bool try_design(const design *d, uint64_t seed) {
    int n_ratio = 0; /* intervals of a ratio that hold it, and how many there are */
    int n_given = 0;
    int n_above = 0;
    int n_gap = 0;
    for (int run = 0; run < d->n_runs; run++) {
        double effect[2 * SIDE_MAX];
        onus_rng rng;
        onus_dyads a;
        onus_dyads b;
        onus_dyadic of_a;
        onus_dyadic of_b;
        onus_dyadic_gap gap;
        onus_rng_init(&rng, seed, ONUS_STREAM_TEST, (uint64_t)run, 0);
        draw_effects(d->n_a + d->n_b - d->n_shared, d->sd, d->wolves, &rng, effect);
        draw_side(d, 0, effect, &rng, &a);
        draw_side(d, 1, effect, &rng, &b);
        if (onus_dyadic_estimate(&a, 0.95, &of_a) != ONUS_OK ||
            onus_dyadic_estimate(&b, 0.95, &of_b) != ONUS_OK ||
            onus_dyadic_difference(&a, &of_a, &b, &of_b, &gap) != ONUS_OK) {
            return false;
        }
        const double truth = d->rate_a / d->rate_b;
        if (!isnan(gap.ratio)) {
            n_given++;
            n_ratio += holds(gap.ratio_limits, truth) ? 1 : 0;
            n_above += gap.ratio_limits.low > truth ? 1 : 0;
        }
        n_gap += holds(gap.limits, d->rate_a - d->rate_b) ? 1 : 0;
    }
    const double ratio = 100.0 * n_ratio / (n_given > 0 ? n_given : 1);
    const double difference = 100.0 * n_gap / d->n_runs;
    const double slack = 300.0 * sqrt(0.93 * 0.07 / d->n_runs);
    const bool kept = ratio >= 93.0 - slack && difference >= 93.0 - slack;
    char what[32];
    (void)snprintf(what, sizeof what, d->wolves > 0.0 ? "wolves x %g" : "sd %g",
                   d->wolves > 0.0 ? d->wolves : d->sd);
    printf("%-7s %2d and %2d people, %2d shared  rates %4.1f and %4.1f %%  %-10s  ratio given %5.1f"
           "  holds %5.1f (above %4.1f)  difference holds %5.1f%s\n",
           d->misses ? "misses" : "matches", (int)d->n_a, (int)d->n_b, (int)d->n_shared,
           100.0 * d->rate_a, 100.0 * d->rate_b, what, 100.0 * n_given / d->n_runs, ratio,
           100.0 * n_above / (n_given > 0 ? n_given : 1), difference, kept ? "" : "  MISSED");
    return kept;
}

int main(void) {
    static const int32_t SIZES[][2] = {{5, 5}, {5, 30}, {8, 32}, {12, 12}, {20, 40}, {60, 60}};
    static const double MISS_RATES[][2] = {{0.02, 0.02}, {0.05, 0.05}, {0.05, 0.01}};
    static const double MATCH_RATES[][2] = {{0.005, 0.005}, {0.02, 0.02}, {0.02, 0.004}};
    const char *mult_text = getenv("ONUS_TEST_MULT");
    const int mult = mult_text != NULL && atoi(mult_text) > 1 ? atoi(mult_text) : 1;
    bool kept = true;
    uint64_t seed = 1;
    for (int misses = 0; misses < 2; misses++) {
        for (size_t s = 0; s < sizeof SIZES / sizeof SIZES[0]; s++) {
            for (size_t r = 0; r < 3; r++) {
                for (int shared = 0; shared < 2; shared++) {
                    design d = {.misses = misses == 1,
                                .n_a = SIZES[s][0],
                                .n_b = SIZES[s][1],
                                .n_shared = shared ? (SIZES[s][0] + 2) / 3 : 0,
                                .rate_a = misses ? MISS_RATES[r][0] : MATCH_RATES[r][0],
                                .rate_b = misses ? MISS_RATES[r][1] : MATCH_RATES[r][1],
                                .n_runs = mult * (SIZES[s][1] > 40 && !misses ? 300 : 1000)};
                    kept = try_design(&d, seed++) && kept;
                    d.wolves = 5.0;
                    kept = try_design(&d, seed++) && kept;
                    d.wolves = 0.0;
                    d.sd = 1.0;
                    kept = try_design(&d, seed++) && kept;
                }
            }
        }
    }
    return kept ? 0 : 1;
}
