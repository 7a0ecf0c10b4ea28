/* Calibration: isotonic regression by its definition, the exact split of the Brier score, PIT, KS.
 */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/exec.h"
#include "onus/stats_calibration.h"
#include "onus/stats_score.h"

enum { MOST = 60 };

typedef struct sample {
    size_t n;
    double p[MOST];
    uint8_t y[MOST];
} sample;

static sample random_sample(uint64_t *seed) {
    sample s = {.n = 1 + (size_t)random_below(seed, MOST)};
    const uint64_t levels = 1 + random_below(seed, 20);
    for (size_t i = 0; i < s.n; i++) {
        s.p[i] = (double)random_below(seed, levels + 1) / (double)levels; /* ties */
        s.y[i] = random_below(seed, 20) < (uint64_t)(20 * s.p[i] * s.p[i]) + 1;
    }
    return s;
}

/* Mean outcome of the forecasts in [low, high]. */
static double mean_between(const sample *s, double low, double high) {
    double sum = 0;
    double n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] >= low && s->p[i] <= high) {
            sum += s->y[i];
            n++;
        }
    }
    return sum / n;
}

/* Isotonic regression at p by the max-min formula (Barlow et al. 1972). */
static double isotonic(const sample *s, double p) {
    double most = -1;
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] > p) {
            continue;
        }
        double least = 2;
        for (size_t j = 0; j < s->n; j++) {
            if (s->p[j] >= p) {
                least = fmin(least, mean_between(s, s->p[i], s->p[j]));
            }
        }
        most = fmax(most, least);
    }
    return most;
}

static double at_step(const onus_corp *corp, double p) {
    for (size_t k = 0; k < corp->n_steps; k++) {
        if (p >= corp->steps[k].low && p <= corp->steps[k].high) {
            return corp->steps[k].share;
        }
    }
    return NAN;
}

static void pooling_gives_the_isotonic_regression(void **state) {
    (void)state;
    uint64_t seed = 51;
    for (int trial = 0; trial < test_mult(100); trial++) {
        const sample s = random_sample(&seed);
        onus_corp corp;
        assert_int_equal(onus_corp_of(s.p, s.y, s.n, &corp, NULL), ONUS_OK);
        double score = 0;
        double left = 0;
        double events = 0;
        for (size_t i = 0; i < s.n; i++) {
            const double want = isotonic(&s, s.p[i]);
            assert_near(at_step(&corp, s.p[i]), want, 1e-14);
            score += (s.p[i] - s.y[i]) * (s.p[i] - s.y[i]);
            left += (want - s.y[i]) * (want - s.y[i]);
            events += s.y[i];
        }
        const double n = (double)s.n;
        const double rate = events / n;
        assert_near(corp.score, score / n, 1e-14);
        assert_near(corp.unc, rate * (1 - rate), 1e-14);
        assert_near(corp.mcb, (score - left) / n, 1e-13);
        assert_near(corp.dsc, rate * (1 - rate) - left / n, 1e-13);
        assert_near(corp.mcb - corp.dsc + corp.unc, corp.score, 1e-15);
        assert_true(corp.mcb >= -1e-15 && corp.dsc >= -1e-15);
        double total = 0;
        for (size_t k = 0; k < corp.n_steps; k++) {
            const onus_corp_step *step = &corp.steps[k];
            total += step->n;
            assert_true(step->low <= step->mean * (1 + 1e-15) &&
                        step->mean <= step->high * (1 + 1e-15));
            assert_true(k == 0 || (step->low > corp.steps[k - 1].high &&
                                   step->share > corp.steps[k - 1].share));
        }
        assert_true(total == n);
        onus_corp_clear(&corp);
    }
}

static void the_stream_gives_what_the_arrays_give(void **state) {
    (void)state;
    uint64_t seed = 52;
    for (int trial = 0; trial < test_mult(100); trial++) {
        const sample s = random_sample(&seed);
        double events[MOST];
        size_t n_events = 0;
        for (size_t i = s.n; i-- > 0;) {
            if (s.y[i] == 1) {
                events[n_events++] = s.p[i];
            }
        }
        onus_corp whole;
        onus_corp parts;
        onus_corp_stream *stream = NULL;
        assert_int_equal(onus_corp_of(s.p, s.y, s.n, &whole, NULL), ONUS_OK);
        assert_int_equal(onus_corp_open(events, n_events, &stream, NULL), ONUS_OK);
        for (size_t from = 0; from < s.n;) {
            const size_t n = 1 + (size_t)random_below(&seed, s.n - from);
            assert_int_equal(onus_corp_add(stream, s.p + from, n, NULL), ONUS_OK);
            from += n;
        }
        assert_int_equal(onus_corp_finish(stream, &parts, NULL), ONUS_OK);
        assert_int_equal(whole.n_steps, parts.n_steps);
        assert_true(whole.score == parts.score && whole.mcb == parts.mcb);
        assert_memory_equal(whole.steps, parts.steps, whole.n_steps * sizeof *whole.steps);
        onus_corp_close(stream);
        onus_corp_clear(&whole);
        onus_corp_clear(&parts);
    }
}

static void a_forecast_that_comes_true_as_often_as_it_says_is_not_miscalibrated(void **state) {
    (void)state;
    const double p[] = {0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1, 0};
    const uint8_t y[] = {0, 1, 0, 0, 1, 0, 1, 0};
    onus_corp corp;
    assert_int_equal(onus_corp_of(p, y, 8, &corp, NULL), ONUS_OK);
    assert_near(corp.mcb, 0, 1e-16);
    assert_int_equal(corp.n_steps, 4);
    onus_corp_clear(&corp);
    /* the same forecast everywhere cannot discriminate */
    const double flat[] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
    assert_int_equal(onus_corp_of(flat, y, 8, &corp, NULL), ONUS_OK);
    assert_near(corp.dsc, 0, 1e-16);
    assert_near(corp.mcb, (0.375 - 0.3) * (0.375 - 0.3), 1e-15);
    onus_corp_clear(&corp);
}

static void what_is_no_probability_is_refused(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    onus_corp corp;
    onus_corp_stream *stream = NULL;
    const double good[] = {0.5, 0.5};
    const uint8_t y[] = {1, 0};
    const uint8_t two[] = {1, 2};
    assert_int_equal(onus_corp_of(NULL, NULL, 0, &corp, &err), ONUS_OK);
    assert_true(isnan(corp.mcb) && corp.reason != NULL);
    assert_int_equal(onus_corp_of(good, two, 2, &corp, &err), ONUS_ERR_DOMAIN);
    static const double bad[] = {-0.1, 1.1, NAN};
    for (size_t i = 0; i < 3; i++) {
        const double p[] = {0.5, bad[i]};
        assert_int_equal(onus_corp_of(p, y, 2, &corp, &err), ONUS_ERR_DOMAIN);
        assert_int_equal(onus_corp_open(bad + i, 1, &stream, &err), ONUS_ERR_DOMAIN);
        assert_null(stream);
        assert_int_equal(onus_corp_open(good, 1, &stream, &err), ONUS_OK);
        assert_int_equal(onus_corp_add(stream, p, 2, &err), ONUS_ERR_DOMAIN);
        assert_int_equal(onus_corp_add(stream, good, 2, &err), ONUS_ERR_DOMAIN); /* stays spoilt */
        assert_int_equal(onus_corp_finish(stream, &corp, &err), ONUS_ERR_DOMAIN);
        onus_corp_close(stream);
    }
    /* an event whose forecast never came by */
    assert_int_equal(onus_corp_open(good, 2, &stream, &err), ONUS_OK);
    assert_int_equal(onus_corp_add(stream, good, 1, &err), ONUS_OK);
    assert_int_equal(onus_corp_finish(stream, &corp, &err), ONUS_ERR_DOMAIN);
    onus_corp_close(stream);
    onus_corp_close(NULL);
}

/* ---- PIT ---- */

static void pit_of_poisson_counts_is_uniform(void **state) {
    (void)state;
    enum { N = 2000 };
    static double rate[N];
    static double count[N];
    static double low[N];
    static double high[N];
    static double u[N];
    for (size_t i = 0; i < N; i++) {
        onus_rng rng;
        onus_rng_init(&rng, 53, ONUS_STREAM_TEST, i, 0);
        rate[i] = 0.1 + (double)(i % 50) * 0.2;
        count[i] = (double)onus_rng_poisson(&rng, rate[i]);
    }
    assert_int_equal(onus_pit_poisson(rate, count, N, low, high), ONUS_OK);
    assert_int_equal(onus_pit_random(low, high, N, 7, u), ONUS_OK);
    onus_ks ks;
    assert_int_equal(onus_ks_uniform(u, N, &ks), ONUS_OK);
    assert_true(ks.p_value > 0.01);
    double share[10];
    double sum = 0;
    assert_int_equal(onus_pit_histogram(low, high, N, 10, share), ONUS_OK);
    for (size_t b = 0; b < 10; b++) {
        sum += share[b];
        assert_true(fabs(share[b] - 0.1) < 0.02);
    }
    assert_near(sum, 1, 1e-13);
    /* a rate half as high as the truth is seen */
    for (size_t i = 0; i < N; i++) {
        rate[i] /= 2;
    }
    assert_int_equal(onus_pit_poisson(rate, count, N, low, high), ONUS_OK);
    assert_int_equal(onus_pit_random(low, high, N, 7, u), ONUS_OK);
    assert_int_equal(onus_ks_uniform(u, N, &ks), ONUS_OK);
    assert_true(ks.p_value < 1e-6);
}

static void the_histogram_is_the_mean_of_many_random_ones(void **state) {
    (void)state;
    const double low[] = {0, 0.15, 0.5, 1};
    const double high[] = {0.2, 0.35, 0.5, 1};
    double want[4] = {0};
    double got[4];
    enum { DRAWS = 20000 };
    for (uint64_t s = 0; s < DRAWS; s++) {
        double u[4];
        assert_int_equal(onus_pit_random(low, high, 4, s, u), ONUS_OK);
        for (size_t i = 0; i < 4; i++) {
            assert_true(u[i] >= low[i] && u[i] <= high[i]);
            want[u[i] >= 1 ? 3 : (size_t)(4 * u[i])] += 0.25 / DRAWS;
        }
    }
    assert_int_equal(onus_pit_histogram(low, high, 4, 4, got), ONUS_OK);
    for (size_t b = 0; b < 4; b++) {
        assert_true(fabs(got[b] - want[b]) < 0.004);
    }
}

static void lumps_that_are_none_are_refused(void **state) {
    (void)state;
    const double low[] = {0.5};
    const double high[] = {0.4};
    const double rate[] = {-1};
    const double count[] = {1};
    const double half[] = {0.5};
    double out[2];
    double more[2];
    assert_int_equal(onus_pit_random(low, high, 1, 1, out), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_pit_histogram(low, high, 1, 2, out), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_pit_histogram(low, low, 0, 2, out), ONUS_ERR_TOO_FEW);
    assert_int_equal(onus_pit_poisson(rate, count, 1, out, more), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_pit_poisson(count, half, 1, out, more), ONUS_ERR_DOMAIN);
    onus_ks ks;
    assert_int_equal(onus_ks_uniform(rate, 1, &ks), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_ks_uniform(rate, 0, &ks), ONUS_OK);
    assert_non_null(ks.reason);
}

/* ---- KS ---- */

static double p_of(size_t n, double d) {
    /* i / n - d at every place, moved up to 0: the upper distance is d wherever it is positive */
    static double values[1200];
    for (size_t i = 0; i < n; i++) {
        values[i] = fmax(0, (double)(i + 1) / (double)n - d);
    }
    onus_ks ks;
    assert_int_equal(onus_ks_uniform(values, n, &ks), ONUS_OK);
    assert_near(ks.statistic, d, 1e-12);
    return ks.p_value;
}

static void few_values_follow_the_formulas_on_paper(void **state) {
    (void)state;
    for (double d = 0.55; d < 1; d += 0.1) { /* P(D_1 < d) = 2 d - 1 */
        assert_near(p_of(1, d), 2 - 2 * d, 1e-14);
    }
    for (double d = 0.55; d < 1; d += 0.1) { /* P(D_2 >= d) = 2 (1 - d)^2 for d >= 1/2 */
        assert_near(p_of(2, d), 2 * (1 - d) * (1 - d), 1e-14);
    }
}

static void more_values_follow_the_exact_distribution(void **state) {
    (void)state;
    /* up to 200 by Durbin's matrix in 60 digits; SciPy 1.10 agrees to 2e-7 at (200, 0.08), where it
     * approximates; beyond 200 by SciPy's kstwo.sf(d, n) */
    assert_near(p_of(10, 0.274), 0.3715203845434957, 1e-12);
    assert_near(p_of(100, 0.1), 0.25269275700639013, 1e-12);
    assert_near(p_of(200, 0.08), 0.14639631657428627, 1e-12);
    assert_true(fabs(p_of(200, 0.2) - 1.7317874617308366e-07) < 1e-7); /* the shortcut: 7 digits */
    assert_true(fabs(p_of(250, 0.06) - 0.3164237517245062) < 5e-4);
    assert_true(fabs(p_of(365, 0.05) - 0.31072011700282454) < 5e-4);
    assert_true(fabs(p_of(365, 0.09) - 0.005056601110858556) < 5e-4);
    assert_true(fabs(p_of(1000, 0.03) - 0.3226902143914636) < 5e-4);
    for (double t = 0.3; t < 2.2; t += 0.1) { /* no step where the exact form ends */
        assert_true(fabs(p_of(200, t / sqrt(200)) - p_of(201, t / sqrt(201))) < 2e-3);
    }
}

static void every_refused_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t seed = 54;
    const sample s = random_sample(&seed);
    FAULT_EACH(fault) {
        onus_corp corp;
        fault_expect(&fault, onus_corp_of(s.p, s.y, s.n, &corp, NULL));
        onus_corp_clear(&corp);
    }
    FAULT_EACH(fault) {
        onus_ks ks;
        fault_expect(&fault, onus_ks_uniform(s.p, s.n, &ks));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pooling_gives_the_isotonic_regression),
        cmocka_unit_test(the_stream_gives_what_the_arrays_give),
        cmocka_unit_test(a_forecast_that_comes_true_as_often_as_it_says_is_not_miscalibrated),
        cmocka_unit_test(what_is_no_probability_is_refused),
        cmocka_unit_test(pit_of_poisson_counts_is_uniform),
        cmocka_unit_test(the_histogram_is_the_mean_of_many_random_ones),
        cmocka_unit_test(lumps_that_are_none_are_refused),
        cmocka_unit_test(few_values_follow_the_formulas_on_paper),
        cmocka_unit_test(more_values_follow_the_exact_distribution),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
