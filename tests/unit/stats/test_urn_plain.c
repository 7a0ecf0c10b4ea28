/* The feedback urn against a plain simulation: every draw as the header words it, with counts by
 * adding up terms, from the generator's own words one after the other. Random urns of two to four
 * areas with every kind of noise, repair and decay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../random.h"
#include "onus/exec.h"
#include "urn.h"

enum { MAX_AREAS = 4 };

static const onus_context one_thread = {.n_threads = 1};

/* ---- the simulation against a plain one ---- */
static uint64_t next_word(onus_rng *rng) {
    const uint64_t high = onus_rng_u32(rng);
    return high << 32 | onus_rng_u32(rng);
}

static double next_uniform(onus_rng *rng) {
    return (double)(next_word(rng) >> 11) * 0x1p-53;
}

/* Smallest k whose distribution function passes the word, by adding terms up from 0. */
static double plain_poisson(double mean, uint64_t word) {
    const long double u = (long double)word * 0x1p-64L;
    long double term = expl(-(long double)mean);
    long double below = term;
    double k = 0;
    while (u >= below && k < 10 * mean + 100) {
        k++;
        term *= (long double)mean / (long double)k;
        below += term;
    }
    return k;
}

static double plain_binomial(double n, double p, uint64_t word) {
    const long double u = (long double)word * 0x1p-64L;
    long double term = powl(1 - (long double)p, (long double)n);
    long double below = term;
    double k = 0;
    while (u >= below && k < n) {
        term *= (long double)((n - k) / (k + 1)) * (long double)p / (1 - (long double)p);
        k++;
        below += term;
    }
    return k;
}

static double gain_of(double mean, onus_urn_noise noise, onus_rng *rng) {
    if (mean == 0 || noise == ONUS_URN_FIXED) {
        return mean;
    }
    const uint64_t word = next_word(rng);
    return plain_poisson(mean, word);
}

static size_t n_counts(const double *rows, onus_urn_noise noise, size_t n, size_t only) {
    size_t most = 0;
    for (size_t i = 0; rows != NULL && noise == ONUS_URN_POISSON && i < n; i++) {
        size_t in_row = 0;
        for (size_t j = 0; j < n; j++) {
            in_row += rows[i * n + j] > 0;
        }
        most = (only == n || only == i) && in_row > most ? in_row : most;
    }
    return most;
}

static void skip_words(onus_rng *rng, size_t n) {
    for (size_t k = 0; k < n; k++) {
        next_word(rng);
    }
}

/* One draw as the header words it, from the generator's own words one after the other. */
static void plain_draw(const onus_urn *urn, onus_rng *rng, double *balls) {
    const size_t n = urn->n_areas;
    const double *by = urn->attention == ONUS_URN_OPEN ? urn->start_balls : balls;
    double all = 0;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        all += by[i];
        least = fmin(least, by[i]);
    }
    double ball = next_uniform(rng) * all;
    size_t i = 0;
    for (double below = by[0]; i + 1 < n && ball >= below; below += by[++i]) {
    }
    bool is_kept = true;
    double weight = 1;
    if (urn->repair == ONUS_URN_REPAIR_REJECT) {
        is_kept = next_uniform(rng) * by[i] < least;
    } else if (urn->repair == ONUS_URN_REPAIR_WEIGH) {
        weight = least / by[i];
    }
    const size_t n_accepted = n_counts(urn->increments, urn->noise, n, n);
    const bool is_weighed = urn->repair == ONUS_URN_REPAIR_WEIGH;
    const bool may_reject = urn->repair != ONUS_URN_REPAIR_NONE && urn->rejected != NULL;
    const size_t n_rejected = may_reject ? n_counts(urn->rejected, urn->rejected_noise, n, n) : 0;
    const size_t n_words = is_weighed                ? n_accepted + n_rejected
                           : n_accepted > n_rejected ? n_accepted
                                                     : n_rejected;
    size_t used = 0;
    if (is_kept) {
        for (size_t j = 0; j < n; j++) {
            balls[j] += weight * gain_of(urn->increments[i * n + j], urn->noise, rng);
        }
        used = n_counts(urn->increments, urn->noise, n, i);
    }
    if (may_reject && (!is_kept || is_weighed)) {
        skip_words(rng, is_weighed ? n_accepted - used : 0);
        used = is_weighed ? n_accepted : 0;
        for (size_t j = 0; j < n; j++) {
            balls[j] += (is_weighed ? 1 - weight : 1) *
                        gain_of(urn->rejected[i * n + j], urn->rejected_noise, rng);
        }
        used += n_counts(urn->rejected, urn->rejected_noise, n, i);
    }
    skip_words(rng, n_words - used);
    for (size_t j = 0; urn->decay_frac > 0 && j < n; j++) {
        const uint64_t word = next_word(rng);
        balls[j] =
            fmax(balls[j] - plain_binomial(floor(balls[j]), urn->decay_frac, word), urn->min_balls);
    }
}

static void random_urn(uint64_t *state, onus_urn *urn, double *balls, double *rows,
                       double *rejected) {
    const size_t n = 2 + random_below(state, MAX_AREAS - 1);
    *urn = urn_of(n, balls, rows);
    for (size_t i = 0; i < n; i++) {
        balls[i] = (double)(1 + random_below(state, 150)) + (double)random_below(state, 2) * 0.5;
    }
    for (size_t k = 0; k < n * n; k++) {
        rows[k] = random_below(state, 2) == 0 ? 0 : (double)(1 + random_below(state, 90)) / 10;
        rejected[k] = random_below(state, 3) == 0 ? 0 : (double)(1 + random_below(state, 30)) / 10;
    }
    urn->noise = random_below(state, 3) == 0 ? ONUS_URN_FIXED : ONUS_URN_POISSON;
    urn->rejected_noise = random_below(state, 2) == 0 ? ONUS_URN_FIXED : ONUS_URN_POISSON;
    urn->repair = (onus_urn_repair)random_below(state, 3);
    urn->rejected = random_below(state, 2) == 0 ? rejected : NULL;
    urn->attention = (onus_urn_attention)random_below(state, 2);
    static const double decays[] = {0, 0.01, 0.02, 0.05};
    urn->decay_frac = decays[random_below(state, 4)];
    urn->min_balls = random_below(state, 2) == 0 ? 1 : 0.25;
}

static void runs_are_those_of_a_plain_simulation(void **state) {
    (void)state;
    uint64_t random = 1;
    static const uint64_t horizon[] = {1, 7, 40};
    enum { RUNS = 7, HORIZONS = 3 };
    const int n_urns = test_mult(100);
    for (int trial = 0; trial < n_urns; trial++) {
        double balls[MAX_AREAS];
        double rows[MAX_AREAS * MAX_AREAS];
        double rejected[MAX_AREAS * MAX_AREAS];
        onus_urn urn;
        random_urn(&random, &urn, balls, rows, rejected);
        const size_t n = urn.n_areas;
        double *out = simulate(&urn, horizon, HORIZONS, RUNS, &one_thread);
        for (uint64_t r = 0; r < RUNS; r++) {
            onus_rng rng;
            onus_rng_init(&rng, 11, ONUS_STREAM_FEEDBACK_URN, r, 0);
            double now[MAX_AREAS];
            memcpy(now, balls, n * sizeof *now);
            uint64_t draw = 0;
            for (size_t h = 0; h < HORIZONS; h++) {
                for (; draw < horizon[h]; draw++) {
                    plain_draw(&urn, &rng, now);
                }
                const double *got = out + (r * HORIZONS + h) * (n + 1);
                double all = 0;
                for (size_t i = 0; i < n; i++) {
                    all += now[i];
                }
                assert_true(fabs(got[n] - all) <= 1e-9 * all);
                for (size_t i = 0; i < n; i++) {
                    assert_true(fabs(got[i] - now[i] / all) <= 1e-9);
                }
            }
        }
        free(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_those_of_a_plain_simulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
