/* Intervals over people: against formulas, against draws made by hand, and their corner cases. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_cluster.h"
#include "onus/stats_interval.h"

static const onus_context SERIAL = {.n_threads = 1};

/* right / all of two columns */
static void ratio(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[0] = totals[1] > 0 ? totals[0] / totals[1] : NAN;
}

/* mean of the first stratum less mean of the second: columns sum, n, sum, n */
static void difference(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[0] = totals[0] / totals[1] - totals[2] / totals[3];
}

static onus_cluster_estimate estimate(const onus_cluster_data *data, onus_cluster_fn fn,
                                      const onus_cluster_opts *opts) {
    onus_cluster_estimate out;
    assert_int_equal(onus_cluster_estimates(data, fn, NULL, 1, opts, &SERIAL, &out, NULL), ONUS_OK);
    return out;
}

static void jackknife_of_a_mean_is_its_textbook_error(void **state) {
    (void)state;
    const double sums[] = {1, 1, 4, 1, 2, 1, 8, 1, 5, 1};
    const onus_cluster_data data = {.sums = sums, .n_clusters = 5, .n_sums = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    const onus_cluster_estimate e = estimate(&data, ratio, &opts);
    /* mean 4, squares 9 + 0 + 4 + 16 + 1 = 30: sqrt(30 / 4 / 5) */
    assert_near(e.value, 4, 1e-15);
    assert_near(e.se, sqrt(1.5), 1e-14);
    assert_near(e.df, 4, 1e-14);
    const onus_limits t = onus_se_interval(4, sqrt(1.5), 4, 0.95);
    assert_near(e.jackknife.low, t.low, 1e-12);
    assert_near(e.jackknife.high, t.high, 1e-12);
    assert_false(e.trusted);
    assert_string_equal(e.reason, "fewer than 10 people");
}

static void groups_drawn_apart_have_the_error_and_freedom_of_welch(void **state) {
    (void)state;
    const double a[] = {3, 5, 4, 8};
    const double b[] = {1, 9, 2, 2, 7, 3};
    double sums[10 * 4] = {0};
    int32_t stratum[10];
    for (size_t i = 0; i < 10; i++) {
        const size_t side = i < 4 ? 0 : 1;
        stratum[i] = (int32_t)side;
        sums[i * 4 + 2 * side] = side == 0 ? a[i] : b[i - 4];
        sums[i * 4 + 2 * side + 1] = 1;
    }
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = 10, .n_sums = 4, .stratum = stratum, .n_strata = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.n_replicates = 200;
    const onus_cluster_estimate e = estimate(&data, difference, &opts);
    /* variances 14/3 and 10.4 */
    const double va = 14.0 / 3 / 4;
    const double vb = 10.4 / 6;
    assert_near(e.value, 1, 1e-14);
    assert_near(e.se, sqrt(va + vb), 1e-13);
    assert_near(e.df, (va + vb) * (va + vb) / (va * va / 3 + vb * vb / 5), 1e-12);
}

static void replicates_are_what_their_times_say(void **state) {
    (void)state;
    enum { N = 12, DRAWS = 25 };
    double sums[N * 2];
    int32_t stratum[N];
    uint32_t times[N];
    uint64_t seed = 5;
    for (size_t i = 0; i < N; i++) {
        sums[2 * i] = (double)random_below(&seed, 10);
        sums[2 * i + 1] = (double)(10 + random_below(&seed, 5));
        stratum[i] = (int32_t)(i % 3 == 0);
    }
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = N, .n_sums = 2, .stratum = stratum, .n_strata = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.n_replicates = DRAWS;
    opts.seed = 99;
    const onus_cluster_estimate e = estimate(&data, ratio, &opts);
    double drawn[DRAWS];
    for (uint64_t r = 0; r < DRAWS; r++) {
        double total[2] = {0};
        uint32_t in_first = 0;
        assert_int_equal(onus_cluster_times(99, r, stratum, N, 2, times), ONUS_OK);
        for (size_t i = 0; i < N; i++) {
            total[0] += times[i] * sums[2 * i];
            total[1] += times[i] * sums[2 * i + 1];
            in_first += stratum[i] == 1 ? times[i] : 0;
        }
        assert_int_equal(in_first, 4); /* group sizes stay */
        drawn[r] = total[0] / total[1];
    }
    onus_limits plain;
    assert_int_equal(onus_percentile_interval(drawn, DRAWS, 0.95, &plain), ONUS_OK);
    assert_near(e.percentile.low, plain.low, 1e-14);
    assert_near(e.percentile.high, plain.high, 1e-14);
}

static void limits_are_the_percentiles_stretched_for_few_people(void **state) {
    (void)state;
    enum { N = 16 };
    double sums[N * 2];
    uint64_t seed = 11;
    for (size_t i = 0; i < N; i++) {
        sums[2 * i] = (double)random_below(&seed, 10);
        sums[2 * i + 1] = 10;
    }
    const onus_cluster_data data = {.sums = sums, .n_clusters = N, .n_sums = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    const onus_cluster_estimate e = estimate(&data, ratio, &opts);
    const double stretch =
        sqrt(16.0 / 15) * onus_t_quantile(0.975, 15) / onus_normal_quantile(0.975);
    assert_near(e.value - e.limits.low, stretch * (e.value - e.percentile.low), 1e-12);
    assert_near(e.limits.high - e.value, stretch * (e.percentile.high - e.value), 1e-12);
    assert_true(e.trusted && e.reason == NULL);
    opts.range = (onus_limits){e.value - 0.01, e.value + 0.02};
    const onus_cluster_estimate cut = estimate(&data, ratio, &opts);
    assert_true(cut.limits.low == opts.range.low && cut.limits.high == opts.range.high);
}

static void a_share_next_to_1_is_no_surer_than_wilson_lets_it_be(void **state) {
    (void)state;
    double sums[20 * 2];
    for (size_t i = 0; i < 20; i++) { /* two misses in 400, of two people */
        sums[2 * i] = i < 2 ? 19 : 20;
        sums[2 * i + 1] = 20;
    }
    const onus_cluster_data data = {.sums = sums, .n_clusters = 20, .n_sums = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.range = (onus_limits){0, 1};
    const onus_cluster_estimate e = estimate(&data, ratio, &opts);
    const onus_limits share = onus_cluster_share_limits(&e, 0.95);
    const double n = 0.995 * 0.005 / (e.se * e.se);
    assert_near(share.low, onus_wilson(0.995 * n, n, 0.95).low, 1e-12);
    assert_true(share.low < e.limits.low && share.high == fmax(e.limits.high, share.high));
    onus_cluster_estimate alike = e;
    alike.se = 0;
    assert_near(onus_cluster_share_limits(&alike, 0.95).low, onus_wilson(19.9, 20, 0.95).low,
                1e-12);
    alike.value = NAN;
    assert_true(onus_cluster_share_limits(&alike, 0.95).low == e.limits.low);
}

static void an_empty_cell_stays_empty_when_a_person_is_left_out(void **state) {
    (void)state;
    /* 0.1 + 0.2 + 0.3 less its parts is not 0 in doubles: the only user of column 1 is left out */
    const double sums[] = {0.1, 0.1, 0.2, 0, 0.3, 0};
    const onus_cluster_data data = {.sums = sums, .n_clusters = 3, .n_sums = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    const onus_cluster_estimate e = estimate(&data, ratio, &opts);
    assert_true(isnan(e.se)); /* undefined without the first: no jackknife, and no false number */
    assert_true(isinf(e.limits.high));
}

static void what_cannot_vary_is_said_and_has_no_interval(void **state) {
    (void)state;
    const double sums[] = {2, 4, 3, 6, 1, 2};
    onus_cluster_data data = {.sums = sums, .n_clusters = 3, .n_sums = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    onus_cluster_estimate e = estimate(&data, ratio, &opts);
    assert_true(isnan(e.limits.low) && e.se == 0);
    assert_string_equal(e.reason, "the same for every person: there is no spread to resample");
    data.n_clusters = 1;
    e = estimate(&data, ratio, &opts);
    assert_true(e.value == 0.5 && isnan(e.limits.low));
    assert_non_null(strstr(e.reason, "a single person"));
    const int32_t stratum[] = {0, 0, 1};
    data = (onus_cluster_data){
        .sums = sums, .n_clusters = 3, .n_sums = 2, .stratum = stratum, .n_strata = 2};
    e = estimate(&data, ratio, &opts);
    assert_non_null(strstr(e.reason, "a single person in a group"));
}

static void bad_input_is_refused(void **state) {
    (void)state;
    double sums[] = {1, 2, NAN, 4};
    onus_cluster_estimate e;
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    onus_cluster_data data = {.sums = sums, .n_clusters = 2, .n_sums = 2};
    assert_int_equal(onus_cluster_estimates(&data, ratio, NULL, 1, &opts, &SERIAL, &e, NULL),
                     ONUS_ERR_DOMAIN);
    data.n_clusters = 0;
    assert_int_equal(onus_cluster_estimates(&data, ratio, NULL, 1, &opts, &SERIAL, &e, NULL),
                     ONUS_ERR_TOO_FEW);
    data.n_clusters = 1;
    opts.level = 1;
    assert_int_equal(onus_cluster_estimates(&data, ratio, NULL, 1, &opts, &SERIAL, &e, NULL),
                     ONUS_ERR_DOMAIN);
    opts.level = 0.95;
    const int32_t stratum[] = {2};
    data.stratum = stratum;
    data.n_strata = 2;
    assert_int_equal(onus_cluster_estimates(&data, ratio, NULL, 1, &opts, &SERIAL, &e, NULL),
                     ONUS_ERR_DOMAIN);
}

static void a_value_copied_to_every_row_of_a_cluster_is_found(void **state) {
    (void)state;
    const double values[] = {0.1, 0.1, 0.7, 0.7, 0.7, 0.2, 9};
    const int32_t cluster[] = {0, 0, 1, 1, 1, 2, -1};
    double varies[] = {0.1, 0.1, 0.7, 0.6, 0.7, 0.2, 9};
    onus_constancy c;
    assert_int_equal(onus_constant_within(values, cluster, 7, 4, &c), ONUS_OK);
    assert_true(c.copied && c.n_rows == 6 && c.n_clusters == 3 && c.n_repeated == 2);
    assert_int_equal(onus_constant_within(varies, cluster, 7, 4, &c), ONUS_OK);
    assert_true(!c.copied && c.n_constant == 1);
    assert_int_equal(onus_constant_within(values, cluster, 7, 2, &c), ONUS_ERR_DOMAIN);
    assert_near(onus_design_effect(0.3, 0.1), 9, 1e-14);
    assert_true(isnan(onus_design_effect(0.3, 0)));
}

static void running_out_of_memory_is_said(void **state) {
    (void)state;
    const double sums[] = {1, 2, 1, 4, 3, 5, 0, 2};
    const int32_t stratum[] = {0, 1, 0, 1};
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = 4, .n_sums = 2, .stratum = stratum, .n_strata = 2};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.n_replicates = 20;
    FAULT_EACH(fault) {
        onus_cluster_estimate e;
        fault_expect(&fault,
                     onus_cluster_estimates(&data, ratio, NULL, 1, &opts, &SERIAL, &e, NULL));
    }
    FAULT_EACH(times_fault) {
        uint32_t times[4];
        fault_expect(&times_fault, onus_cluster_times(1, 0, stratum, 4, 2, times));
    }
    FAULT_EACH(constant_fault) {
        onus_constancy c;
        fault_expect(&constant_fault, onus_constant_within(sums, stratum, 4, 2, &c));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_of_a_mean_is_its_textbook_error),
        cmocka_unit_test(groups_drawn_apart_have_the_error_and_freedom_of_welch),
        cmocka_unit_test(replicates_are_what_their_times_say),
        cmocka_unit_test(limits_are_the_percentiles_stretched_for_few_people),
        cmocka_unit_test(a_share_next_to_1_is_no_surer_than_wilson_lets_it_be),
        cmocka_unit_test(an_empty_cell_stays_empty_when_a_person_is_left_out),
        cmocka_unit_test(what_cannot_vary_is_said_and_has_no_interval),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(a_value_copied_to_every_row_of_a_cluster_is_found),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
