/* Normal and Poisson draws against their closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "onus/exec.h"

static int compare_double(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* The open uniform that a normal is made of: 52 bits of two words, in the middle of its cell. */
static double open_uniform(onus_rng *rng) {
    const uint64_t high = onus_rng_u32(rng) >> 6;
    const uint64_t low = onus_rng_u32(rng) >> 6;
    return ((double)(high << 26 | low) + 0.5) * 0x1p-52;
}

static void a_normal_is_the_quantile_of_its_uniform(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 1, ONUS_STREAM_TEST, 0, 0);
    for (int i = 0; i < 20000; i++) {
        onus_rng copy = rng;
        const double z = onus_rng_normal(&rng);
        const double p = open_uniform(&copy);
        assert_memory_equal(&rng.counter, &copy.counter, sizeof rng.counter); /* one uniform */
        assert_int_equal(rng.n_left, copy.n_left);
        /* In the nearer tail, where neither side cancels. Relative error of the tail per error of
         * z is about |z|. */
        const double tail = z < 0 ? p : 1 - p;
        const double back = 0.5 * erfc(fabs(z) / sqrt(2.0));
        assert_true(fabs(back / tail - 1) < 4e-15 * (1 + z * z));
    }
}

/* Words that give the smallest, the largest and the middle uniforms, put in by hand. */
static double normal_of_words(uint32_t a, uint32_t b) {
    onus_rng rng = {.words = {0, 0, a, b}, .n_left = 2};
    return onus_rng_normal(&rng);
}

static void normals_reach_into_both_tails(void **state) {
    (void)state;
    const double low = normal_of_words(0, 0); /* p = 2^-53 */
    const double high = normal_of_words(UINT32_MAX, UINT32_MAX);
    assert_true(high == -low);
    assert_true(fabs(low + 8.2095361516013874) < 1e-14); /* Phi^-1(2^-53) */
    const double just_above = normal_of_words(0x80000000, 0);
    const double just_below = normal_of_words(0x7FFFFFFF, UINT32_MAX);
    assert_true(just_above > 0 && just_below == -just_above);
    /* Each seam of the three rationals: no jump larger than the step of p explains. */
    const double seams[] = {0.075, 0.925, exp(-25.0), 1 - exp(-25.0)};
    for (size_t i = 0; i < 4; i++) {
        const uint64_t k = (uint64_t)(seams[i] * 0x1p52);
        double last = -INFINITY;
        for (uint64_t j = k - 5; j < k + 5; j++) {
            const double z = normal_of_words((uint32_t)(j >> 26) << 6, (uint32_t)(j << 6));
            assert_true(z >= last);
            const double back = 0.5 * erfc(-z / sqrt(2.0));
            assert_true(fabs(back - ((double)j + 0.5) * 0x1p-52) < 1e-15);
            last = z;
        }
    }
}

static void normals_pass_kolmogorov_smirnov(void **state) {
    (void)state;
    enum { N = 20000 };
    static double values[N];
    double sum = 0;
    double sum2 = 0;
    for (size_t i = 0; i < N; i++) {
        onus_rng rng;
        onus_rng_init(&rng, 2, ONUS_STREAM_TEST, i, 3);
        values[i] = onus_rng_normal(&rng);
        sum += values[i];
        sum2 += values[i] * values[i];
    }
    assert_true(fabs(sum / N) < 4 / sqrt(N));
    assert_true(fabs(sum2 / N - 1) < 4 * sqrt(2.0 / N));
    qsort(values, N, sizeof values[0], compare_double);
    double d = 0;
    for (size_t i = 0; i < N; i++) {
        const double f = 0.5 * erfc(-values[i] / sqrt(2.0));
        d = fmax(d, fmax((double)(i + 1) / N - f, f - (double)i / N));
    }
    assert_true(d * sqrt(N) < 1.95);
}

static double poisson_pmf(double mean, double k) {
    return exp(k * log(mean) - mean - lgamma(k + 1));
}

/* Chi-square over bins of at least 50 expected counts, against the closed form. */
static void poisson_fits(double mean, uint64_t seed) {
    enum { N = 20000, BINS_MAX = 4000 };
    static double counts[BINS_MAX];
    for (size_t i = 0; i < BINS_MAX; i++) {
        counts[i] = 0;
    }
    const double reach = 12 * sqrt(mean) + 20;
    const double first = floor(fmax(0, mean - reach));
    double sum = 0;
    double sum2 = 0;
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        const double k = (double)onus_rng_poisson(&rng, mean);
        assert_true(k >= first && k < first + BINS_MAX);
        counts[(size_t)(k - first)]++;
        sum += k - mean;
        sum2 += (k - mean) * (k - mean);
    }
    assert_true(fabs(sum / N) < 4 * sqrt(mean / N));
    assert_true(fabs(sum2 / N - mean) < 4 * sqrt((mean + 2 * mean * mean) / N));
    double chi2 = 0;
    double df = -1;
    double seen = 0;
    double expected = 0;
    double left_seen = N;
    double left_expected = N;
    for (size_t i = 0; i < BINS_MAX; i++) {
        seen += counts[i];
        expected += N * poisson_pmf(mean, first + (double)i);
        if (expected >= 50 && left_expected - expected >= 50) {
            chi2 += (seen - expected) * (seen - expected) / expected;
            left_seen -= seen;
            left_expected -= expected;
            seen = 0;
            expected = 0;
            df++;
        }
    }
    chi2 += (left_seen - left_expected) * (left_seen - left_expected) / left_expected;
    df++;
    if (df > 0 && chi2 > df + 4 * sqrt(2 * df) + 8) {
        fail_msg("mean %g: chi-square %g on %g degrees", mean, chi2, df);
    }
}

static void poisson_counts_fit_their_distribution(void **state) {
    (void)state;
    const double means[] = {0.01, 0.5, 3, 12.5, 29.9, 30, 31, 100, 1234.5, 20000};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        poisson_fits(means[i], 100 + i);
    }
}

static void poisson_at_the_ends_of_its_domain(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 3, ONUS_STREAM_TEST, 0, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(onus_rng_poisson(&rng, 0), 0);
        assert_int_equal(onus_rng_poisson(&rng, 1e-300), 0);
        const double k = (double)onus_rng_poisson(&rng, 1e15);
        assert_true(fabs(k - 1e15) < 8 * sqrt(1e15));
    }
}

static void the_last_uniform_gives_no_absurd_count(void **state) {
    (void)state;
    /* The largest uniform, 1 - 2^-53: what rounding leaves of the sum of terms must not carry on.
     */
    for (double mean = 0.5; mean < 30; mean += 0.5) {
        onus_rng rng = {.words = {0, 0, UINT32_MAX, UINT32_MAX}, .n_left = 2};
        const int64_t k = onus_rng_poisson(&rng, mean);
        double tail = 0;
        for (int j = 0; j < 100; j++) {
            tail += poisson_pmf(mean, (double)k + j);
        }
        assert_true(tail > 0x1p-62 && tail < 0x1p-48);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normal_is_the_quantile_of_its_uniform),
        cmocka_unit_test(normals_reach_into_both_tails),
        cmocka_unit_test(normals_pass_kolmogorov_smirnov),
        cmocka_unit_test(poisson_counts_fit_their_distribution),
        cmocka_unit_test(poisson_at_the_ends_of_its_domain),
        cmocka_unit_test(the_last_uniform_gives_no_absurd_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
