/* Scores of forecast counts: closed forms against sums, and nothing skipped. */
#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "shared.h"

#include <locale.h>
#include <string.h>

#include "onus/stats_score.h"

static double poisson(double mean, double k) {
    int sign = 0;
    return mean == 0 ? k == 0 : exp(k * log(mean) - mean - lgamma_r(k + 1, &sign));
}

/* sum over k of (F(k) - [x <= k])^2, far past the mean. */
static double crps_by_summing(double mean, double x) {
    double sum = 0;
    double cdf = 0;
    const double end = mean + 40 * sqrt(mean) + 60 + x;
    for (double k = 0; k <= end; k++) {
        cdf += poisson(mean, k);
        const double off = cdf - (x <= k ? 1 : 0);
        sum += off * off;
    }
    return sum;
}

static void crps_is_the_sum_of_squared_distances(void **state) {
    (void)state;
    static const double means[] = {1e-6, 1e-3, 0.015, 0.016, 0.1, 0.249, 0.251, 1, 2.5, 17, 90};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        for (double x = 0; x <= 6; x++) {
            assert_near(onus_score_crps(means[i], x), crps_by_summing(means[i], x), 1e-11);
        }
        assert_near(onus_score_crps(means[i], floor(means[i]) + 20),
                    crps_by_summing(means[i], floor(means[i]) + 20), 1e-11);
    }
}

static void crps_of_small_means_keeps_its_digits(void **state) {
    (void)state;
    /* m^2 - m^3 + 5/6 m^4 - ...: the power series in rational numbers */
    for (double m = 1e-9; m < 2e-3; m *= 7) {
        const double want = m * m * (1 - m + 5.0 / 6 * m * m - 7.0 / 12 * m * m * m);
        assert_true(fabs(onus_score_crps(m, 0) / want - 1) < 1e-11);
    }
    assert_true(onus_score_crps(0, 0) == 0 && onus_score_crps(0, 3) == 3);
}

static void crps_ends_at_a_mean_of_800_and_beyond(void **state) {
    (void)state;
    /* open_cp's sum over counts never ends there */
    assert_near(onus_score_crps(800, 800), crps_by_summing(800, 800), 1e-9);
    assert_near(onus_score_crps(800, 700), crps_by_summing(800, 700), 1e-9);
    assert_near(onus_score_crps(800, 0), crps_by_summing(800, 0), 1e-9);
    /* a large mean is normal: sigma (2 phi(0) - 1 / sqrt(pi)) at the centre */
    const double sigma = 1000;
    assert_true(
        fabs(onus_score_crps(1e6, 1e6) / (sigma * (0.79788456080286536 - 0.56418958354775629)) -
             1) < 1e-3);
}

static void nothing_up_to_the_largest_rate_makes_gsl_complain(void **state) {
    (void)state;
    /* its default handler would abort this program */
    for (double mean = 1e-300; mean <= ONUS_RATE_MAX; mean *= 1.7) {
        for (double z = -60; z <= 60; z += 0.43) {
            const double k = fmax(0, floor(mean + z * (sqrt(mean) + 1)));
            const double cdf = onus_poisson_cdf(mean, k);
            assert_true(cdf >= 0 && cdf <= 1);
            assert_true(isfinite(onus_score_crps(mean, k)));
        }
    }
    assert_true(isfinite(onus_score_crps(ONUS_RATE_MAX, 1e12)));
    assert_true(onus_poisson_cdf(0.5, 1e15) == 1);
}

static void log_probabilities_add_up_to_one(void **state) {
    (void)state;
    static const double means[] = {0.3, 5, 14, 17, 80, 800};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        double sum = 0;
        for (double k = 0; k < means[i] + 40 * sqrt(means[i]) + 30; k++) {
            sum += exp(onus_poisson_log_pmf(means[i], k));
            if (fmod(k, 7) == 0) {
                assert_true(fabs(onus_poisson_cdf(means[i], k) - sum) < 1e-12);
            }
        }
        assert_true(fabs(sum - 1) < 1e-13);
    }
    /* P(k) / P(k - 1) = mean / k, across the two formulas and at a large mean */
    assert_near(onus_poisson_log_pmf(13, 16) - onus_poisson_log_pmf(13, 15), log(13.0 / 16), 1e-13);
    assert_true(fabs(onus_poisson_log_pmf(1e6, 1e6) - onus_poisson_log_pmf(1e6, 1e6 - 1)) < 1e-12);
}

static void deviance_is_twice_the_gap_to_the_saturated_model(void **state) {
    (void)state;
    uint64_t seed = 41;
    for (int trial = 0; trial < test_mult(500); trial++) {
        const double count = (double)random_between(&seed, 0, 40);
        const double rate = 0.05 * (double)random_between(&seed, 1, 900);
        const double best = count == 0 ? 0 : onus_poisson_log_pmf(count, count);
        assert_true(fabs(onus_score_deviance(rate, count) -
                         2 * (best - onus_poisson_log_pmf(rate, count))) < 1e-10);
    }
    assert_true(onus_score_deviance(7, 7) == 0);
    assert_near(onus_score_deviance(1e5, 1e5 + 1) * 1e5, 1, 1e-5);
}

/* ---- sums ---- */

static void windows_add_up_to_the_mean_over_cells(void **state) {
    (void)state;
    uint64_t seed = 42;
    enum { CELLS = 50, WINDOWS = 20 };
    static double (*const scores[])(double, double) = {onus_score_log, onus_score_deviance,
                                                       onus_score_brier, onus_score_crps};
    onus_scores all = {0};
    double sums[ONUS_SCORE_N] = {0};
    double of_windows[ONUS_SCORE_N] = {0};
    for (size_t t = 0; t < WINDOWS; t++) {
        double rate[CELLS];
        int32_t cell[CELLS];
        double count[CELLS];
        size_t n = 0;
        for (int32_t c = 0; c < CELLS; c++) {
            rate[c] = 0.01 * (double)random_between(&seed, 1, 300);
            const double k = random_below(&seed, 4) == 0 ? (double)random_between(&seed, 0, 3) : 0;
            if (k > 0) {
                cell[n] = c;
                count[n++] = k;
            }
            for (size_t s = 0; s < ONUS_SCORE_N; s++) {
                sums[s] += scores[s](rate[c], k);
            }
        }
        double window[ONUS_SCORE_N];
        const onus_cell_counts counts = {.n = n, .cell = cell, .count = count};
        assert_int_equal(onus_scores_add(&all, rate, CELLS, &counts, window, NULL), ONUS_OK);
        for (size_t s = 0; s < ONUS_SCORE_N; s++) {
            of_windows[s] += window[s] / WINDOWS;
        }
    }
    for (int s = 0; s < ONUS_SCORE_N; s++) {
        const onus_number mean = onus_scores_mean(&all, (onus_score)s);
        assert_null(mean.reason);
        assert_near(mean.value, sums[s] / (CELLS * WINDOWS), 1e-12);
        assert_near(of_windows[s], sums[s] / (CELLS * WINDOWS), 1e-12);
    }
}

static void the_truth_scores_best(void **state) {
    (void)state;
    /* in expectation, summed exactly over counts: each score is proper */
    for (double truth = 0.2; truth < 4; truth += 0.7) {
        double at_truth[ONUS_SCORE_N] = {0};
        for (double off = -0.1; off <= 0.11; off += 0.1) {
            double mean[ONUS_SCORE_N] = {0};
            for (double k = 0; k < 60; k++) {
                const double p = poisson(truth, k);
                mean[0] += p * onus_score_log(truth + off, k);
                mean[1] += p * onus_score_deviance(truth + off, k);
                mean[2] += p * onus_score_brier(truth + off, k);
                mean[3] += p * onus_score_crps(truth + off, k);
            }
            if (fabs(off) < 1e-9) {
                memcpy(at_truth, mean, sizeof mean);
            }
        }
        for (double off = -0.1; off <= 0.11; off += 0.2) {
            double mean[ONUS_SCORE_N] = {0};
            for (double k = 0; k < 60; k++) {
                const double p = poisson(truth, k);
                mean[0] += p * onus_score_log(truth + off, k);
                mean[1] += p * onus_score_deviance(truth + off, k);
                mean[2] += p * onus_score_brier(truth + off, k);
                mean[3] += p * onus_score_crps(truth + off, k);
            }
            for (size_t s = 0; s < ONUS_SCORE_N; s++) {
                assert_true(mean[s] > at_truth[s]);
            }
        }
    }
}

static void zeroing_a_cell_that_has_events_makes_no_score_better(void **state) {
    (void)state;
    /* pyCSEP's binary scores reward it */
    double rate[] = {0.1, 0.2, 0.3};
    const int32_t cell[] = {1};
    const double count[] = {2};
    const onus_cell_counts counts = {.n = 1, .cell = cell, .count = count};
    double before[ONUS_SCORE_N];
    double after[ONUS_SCORE_N];
    onus_scores scores = {0};
    assert_int_equal(onus_scores_add(&scores, rate, 3, &counts, before, NULL), ONUS_OK);
    rate[1] = 0;
    onus_scores zeroed = {0};
    assert_int_equal(onus_scores_add(&zeroed, rate, 3, &counts, after, NULL), ONUS_OK);
    for (size_t s = 0; s < ONUS_SCORE_N; s++) {
        assert_true(after[s] > before[s]);
    }
    assert_int_equal(zeroed.n_impossible, 1);
    assert_true(isinf(after[ONUS_SCORE_LOG]) && isinf(after[ONUS_SCORE_DEVIANCE]));
    assert_non_null(onus_scores_mean(&zeroed, ONUS_SCORE_LOG).reason);
    assert_non_null(onus_scores_mean(&zeroed, ONUS_SCORE_DEVIANCE).reason);
    assert_null(onus_scores_mean(&zeroed, ONUS_SCORE_BRIER).reason);
    assert_null(onus_scores_mean(&zeroed, ONUS_SCORE_CRPS).reason);
    /* a later window without fault does not mend it */
    rate[1] = 0.2;
    assert_int_equal(onus_scores_add(&zeroed, rate, 3, &counts, NULL, NULL), ONUS_OK);
    assert_true(isnan(onus_scores_mean(&zeroed, ONUS_SCORE_LOG).value));
}

static void one_rate_that_is_no_rate_leaves_every_mean_undefined(void **state) {
    (void)state;
    static const double bad[] = {-1e-300, NAN, INFINITY, -INFINITY, 2 * ONUS_RATE_MAX};
    const onus_cell_counts none = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const double rate[] = {0.1, bad[i], 0.3};
        onus_scores scores = {0};
        double window[ONUS_SCORE_N];
        assert_int_equal(onus_scores_add(&scores, rate, 3, &none, window, NULL), ONUS_OK);
        assert_int_equal(scores.n_bad, 1);
        for (int s = 0; s < ONUS_SCORE_N; s++) {
            assert_true(isnan(window[s]));
            const onus_number mean = onus_scores_mean(&scores, (onus_score)s);
            assert_true(isnan(mean.value) && mean.reason != NULL);
        }
        assert_true(isnan(onus_score_log(bad[i], 0)) && isnan(onus_score_crps(bad[i], 0)));
        assert_true(isnan(onus_score_brier(bad[i], 0)) && isnan(onus_score_deviance(bad[i], 0)));
        assert_true(isnan(onus_poisson_cdf(bad[i], 0)));
    }
    assert_true(isnan(onus_score_log(1, 0.5)) && isnan(onus_score_crps(1, -1)));
}

static void counts_that_are_none_add_nothing(void **state) {
    (void)state;
    const double rate[] = {0.1, 0.2};
    const int32_t cell[] = {2};
    const double count[] = {1};
    const onus_cell_counts beyond = {.n = 1, .cell = cell, .count = count};
    const onus_cell_counts none = {0};
    onus_error err = ONUS_ERROR_INIT;
    onus_scores scores = {0};
    assert_int_equal(onus_scores_add(&scores, rate, 2, &beyond, NULL, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_scores_add(&scores, rate, 0, &none, NULL, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(scores.n_windows, 0);
    assert_non_null(onus_scores_mean(&scores, ONUS_SCORE_BRIER).reason);
    assert_string_equal(onus_score_name(ONUS_SCORE_CRPS), "crps");
    assert_string_equal(onus_score_name(ONUS_SCORE_N), "unknown");
}

/* ---- reference ---- */

static void open_cp_agrees_where_the_definition_is_shared(void **state) {
    (void)state;
    enum { WIDE = 12, CELLS = 120 };
    json_t *root = shared_json("expected/place/opencp.json");
    FILE *matrix = shared_open("expected/place/opencp_inputs/small_matrix.csv");
    FILE *events = shared_open("expected/place/opencp_inputs/small_events.csv");
    if (root == NULL || matrix == NULL || events == NULL) {
        skip();
    }
    const json_t *single = json_object_get(root, "poisson_crps");
    const char *key = NULL;
    const json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)single, key, value) {
        double mean = 0;
        double count = 0;
        assert_int_equal(sscanf(key, "%lf:%lf", &mean, &count), 2);
        assert_near(onus_score_crps(mean, count), json_number_value(value), 1e-12);
    }
    double rate[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        assert_int_equal(fscanf(matrix, "%lf,", &rate[i]), 1);
        rate[i] *= 200;
    }
    int32_t cell[256];
    double count[256];
    size_t n = 0;
    char line[256];
    assert_non_null(fgets(line, sizeof line, events));
    while (fgets(line, sizeof line, events) != NULL) {
        int column = 0;
        int row = 0;
        assert_int_equal(sscanf(line, "%*d,%*f,%*f,%d,%d", &column, &row), 2);
        cell[n++] = row * WIDE + column;
    }
    (void)fclose(matrix);
    (void)fclose(events);
    assert_int_equal(n, 200);
    size_t n_cells = 0;
    assert_int_equal(onus_cell_counts_gather(cell, NULL, n, cell, count, &n_cells), ONUS_OK);
    const onus_cell_counts counts = {.n = n_cells, .cell = cell, .count = count};
    onus_scores scores = {0};
    assert_int_equal(onus_scores_add(&scores, rate, CELLS, &counts, NULL, NULL), ONUS_OK);
    const json_t *unmasked = json_object_get(root, "unmasked");
    assert_near(onus_scores_mean(&scores, ONUS_SCORE_CRPS).value * CELLS,
                json_number(unmasked, "poisson_crps"), 1e-12);
    /* one event lies where the forecast is zero: open_cp puts 1e-9 there, we say so */
    assert_int_equal(scores.n_impossible, 1);
    assert_non_null(onus_scores_mean(&scores, ONUS_SCORE_LOG).reason);
    double likelihood = 0;
    for (size_t i = 0; i < n_cells; i++) {
        likelihood += count[i] * log(fmax(1e-9, rate[cell[i]] / 200)) / 200;
    }
    assert_near(likelihood, json_number(unmasked, "likelihood"), 1e-9);
    json_decref(root);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the readers of the reference files use scanf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crps_is_the_sum_of_squared_distances),
        cmocka_unit_test(crps_of_small_means_keeps_its_digits),
        cmocka_unit_test(crps_ends_at_a_mean_of_800_and_beyond),
        cmocka_unit_test(nothing_up_to_the_largest_rate_makes_gsl_complain),
        cmocka_unit_test(log_probabilities_add_up_to_one),
        cmocka_unit_test(deviance_is_twice_the_gap_to_the_saturated_model),
        cmocka_unit_test(windows_add_up_to_the_mean_over_cells),
        cmocka_unit_test(the_truth_scores_best),
        cmocka_unit_test(zeroing_a_cell_that_has_events_makes_no_score_better),
        cmocka_unit_test(one_rate_that_is_no_rate_leaves_every_mean_undefined),
        cmocka_unit_test(counts_that_are_none_add_nothing),
        cmocka_unit_test(open_cp_agrees_where_the_definition_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
