#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "near.h"
#include "onus/exec.h"
#include "onus/stats_agreement.h"

enum { PEOPLE = 12, UNITS = 60, LABELS = 3, REPLICATES = 400 };
static const onus_agreement_opts NOMINAL = ONUS_AGREEMENT_OPTS_INIT;

/* Five units a person, some alike, one without a vote; person 3 has none at all. */
typedef struct table {
    double counts[UNITS * LABELS];
    int32_t cluster[UNITS];
    onus_vote_counts votes;
} table;

static void make(table *t, uint64_t id) {
    onus_rng rng;
    onus_rng_init(&rng, 2, ONUS_STREAM_TEST, id, 0);
    memset(t->counts, 0, sizeof t->counts);
    for (size_t u = 0; u < UNITS; u++) {
        t->cluster[u] = (int32_t)(u / 5);
        const uint32_t n = u == 7 || u / 5 == 3 ? 0 : 1 + onus_rng_below(&rng, 5);
        const uint32_t usual = (uint32_t)(u / 5 % LABELS);
        for (uint32_t v = 0; v < n; v++) {
            const uint32_t other = onus_rng_below(&rng, LABELS);
            const bool same = onus_rng_below(&rng, 3) > 0;
            t->counts[u * LABELS + (same ? usual : other)] += 1.0;
        }
    }
    t->votes = (onus_vote_counts){.n_units = UNITS,
                                  .n_labels = LABELS,
                                  .counts = t->counts,
                                  .cluster = t->cluster,
                                  .n_clusters = PEOPLE};
}

static onus_agreement_sums *sums_of(const onus_vote_counts *votes, onus_distance distance) {
    const onus_agreement_opts opts = {.distance = distance};
    onus_agreement_sums *sums = NULL;
    assert_int_equal(onus_agreement_sums_new(votes, &opts, &sums, NULL), ONUS_OK);
    return sums;
}

static void jackknife_is_the_measure_without_each_person(void **state) {
    (void)state;
    table t;
    make(&t, 0);
    for (int d = ONUS_DISTANCE_NOMINAL; d <= ONUS_DISTANCE_ORDINAL; d++) {
        const onus_agreement_opts opts = {.distance = (onus_distance)d};
        onus_agreement all;
        assert_int_equal(onus_agreement_measure(&t.votes, &opts, NULL, &all, NULL), ONUS_OK);
        double without[PEOPLE * ONUS_N_COEFFICIENTS];
        size_t n = 0;
        for (int32_t p = 0; p < PEOPLE; p++) {
            double kept[UNITS * LABELS];
            size_t n_units = 0;
            for (size_t u = 0; u < UNITS; u++) {
                if (t.cluster[u] != p) {
                    memcpy(kept + LABELS * n_units++, t.counts + LABELS * u, LABELS * sizeof *kept);
                }
            }
            const onus_vote_counts others = {
                .n_units = n_units, .n_labels = LABELS, .counts = kept};
            onus_agreement a;
            assert_int_equal(onus_agreement_measure(&others, &opts, NULL, &a, NULL), ONUS_OK);
            for (size_t c = 0; p != 3 && c < ONUS_N_COEFFICIENTS; c++) {
                without[n * ONUS_N_COEFFICIENTS + c] = a.coefficients[c].value.value;
            }
            n += p != 3;
        }
        onus_jackknife got[ONUS_N_COEFFICIENTS];
        onus_agreement_sums *sums = sums_of(&t.votes, (onus_distance)d);
        assert_int_equal(onus_agreement_n_drawn(sums, ONUS_RESAMPLE_CLUSTERS), PEOPLE - 1);
        assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, 0.95, got),
                         ONUS_OK);
        for (size_t c = 0; c < ONUS_N_COEFFICIENTS; c++) {
            const onus_jackknife want = onus_jackknife_make(
                all.coefficients[c].value.value, without + c, ONUS_N_COEFFICIENTS, NULL, n, 0.95);
            assert_near(got[c].se, want.se, 1e-12);
            assert_near(got[c].log_se, want.log_se, 1e-12);
            assert_near(got[c].limits.low, want.limits.low, 1e-12);
            assert_near(got[c].df, PEOPLE - 2, 0);
        }
        onus_agreement_sums_free(sums);
    }
}

static void units_of_nobody_known_are_drawn_as_people(void **state) {
    (void)state;
    table t;
    make(&t, 1);
    t.votes.cluster = NULL;
    onus_agreement_sums *sums = sums_of(&t.votes, ONUS_DISTANCE_NOMINAL);
    onus_jackknife by_person[ONUS_N_COEFFICIENTS];
    onus_jackknife by_unit[ONUS_N_COEFFICIENTS];
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, 0.9, by_person),
                     ONUS_OK);
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_UNITS, 0.9, by_unit), ONUS_OK);
    for (int c = 0; c < ONUS_N_COEFFICIENTS; c++) {
        assert_near(by_person[c].se, by_unit[c].se, 1e-12);
        assert_near(by_person[c].limits.high, by_unit[c].limits.high, 1e-12);
    }
    onus_agreement_sums_free(sums);
}

static void limits_where_one_person_alone_disagrees_end_at_one(void **state) {
    (void)state;
    static const double COUNTS[] = {2, 0, 0, 2, 2, 0, 0, 2, 1, 1};
    const onus_vote_counts votes = {.n_units = 5, .n_labels = 2, .counts = COUNTS};
    onus_agreement_sums *sums = sums_of(&votes, ONUS_DISTANCE_NOMINAL);
    onus_jackknife j[ONUS_N_COEFFICIENTS];
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, 0.95, j), ONUS_OK);
    assert_false(j[ONUS_COEFFICIENT_PERCENT].is_log);
    assert_near(j[ONUS_COEFFICIENT_PERCENT].limits.high, 1.0, 0);
    onus_agreement_sums_free(sums);
    const onus_vote_counts agreed = {.n_units = 4, .n_labels = 2, .counts = COUNTS};
    sums = sums_of(&agreed, ONUS_DISTANCE_NOMINAL);
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, 0.95, j), ONUS_OK);
    assert_true(isnan(j[ONUS_COEFFICIENT_PERCENT].limits.low)); /* nothing varies */
    onus_agreement_sums_free(sums);
}

/* ---- draws ---- */

/* Agreement of drawn units is a share of hits: with n units of which k agree, Binomial(n, k / n) /
 * n. The chi-square of 20,000 replicates against it stays below its 99.99 % point. */
static void counts_of_drawn_units_are_multinomial(void **state) {
    (void)state;
    enum { RUNS = 20000 };
    static const struct {
        size_t n;
        size_t k;
        double most; /* chi-square with n degrees of freedom, 99.99 % */
    } CASES[] = {{3, 1, 21.1}, {7, 5, 29.9}, {12, 3, 39.1}};
    double *out = malloc(sizeof *out * RUNS * ONUS_N_COEFFICIENTS);
    assert_non_null(out);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const size_t n = CASES[i].n;
        double counts[24];
        for (size_t u = 0; u < n; u++) {
            counts[2 * u] = u < CASES[i].k ? 2.0 : 1.0;
            counts[2 * u + 1] = u < CASES[i].k ? 0.0 : 1.0;
        }
        const onus_vote_counts votes = {.n_units = n, .n_labels = 2, .counts = counts};
        onus_agreement_sums *sums = sums_of(&votes, ONUS_DISTANCE_NOMINAL);
        for (int by = ONUS_RESAMPLE_CLUSTERS; by <= ONUS_RESAMPLE_UNITS; by++) {
            assert_int_equal(
                onus_agreement_bootstrap(sums, (onus_resample)by, 3, RUNS, NULL, out, NULL),
                ONUS_OK);
            double seen[13] = {0};
            for (size_t r = 0; r < RUNS; r++) {
                const double share = out[r * ONUS_N_COEFFICIENTS + ONUS_COEFFICIENT_PERCENT];
                seen[(size_t)lround(share * (double)n)] += 1.0;
            }
            const double p = (double)CASES[i].k / (double)n;
            double chi2 = 0.0;
            double chance = pow(1.0 - p, (double)n);
            for (size_t h = 0; h <= n; h++) {
                const double expected = chance * RUNS;
                chi2 += expected > 1.0 ? (seen[h] - expected) * (seen[h] - expected) / expected : 0;
                chance *= (double)(n - h) / (double)(h + 1) * p / (1.0 - p);
            }
            assert_true(chi2 < CASES[i].most);
        }
        onus_agreement_sums_free(sums);
    }
    free(out);
}

static void the_bootstrap_spreads_as_the_jackknife_says(void **state) {
    (void)state;
    enum { RUNS = 4000 };
    table t;
    make(&t, 2);
    onus_agreement_sums *sums = sums_of(&t.votes, ONUS_DISTANCE_ORDINAL);
    double *out = malloc(sizeof *out * RUNS * ONUS_N_COEFFICIENTS);
    assert_non_null(out);
    for (int by = ONUS_RESAMPLE_CLUSTERS; by <= ONUS_RESAMPLE_UNITS; by++) {
        onus_jackknife j[ONUS_N_COEFFICIENTS];
        assert_int_equal(onus_agreement_jackknife(sums, (onus_resample)by, 0.95, j), ONUS_OK);
        assert_int_equal(
            onus_agreement_bootstrap(sums, (onus_resample)by, 4, RUNS, NULL, out, NULL), ONUS_OK);
        for (size_t c = 0; c < ONUS_N_COEFFICIENTS; c++) {
            double mean = 0.0;
            double square = 0.0;
            for (size_t r = 0; r < RUNS; r++) {
                mean += out[r * ONUS_N_COEFFICIENTS + c] / RUNS;
            }
            for (size_t r = 0; r < RUNS; r++) {
                const double off = out[r * ONUS_N_COEFFICIENTS + c] - mean;
                square += off * off / RUNS;
            }
            const double ratio = sqrt(square) / j[c].se;
            assert_true(ratio > 0.8 && ratio < 1.1);
        }
    }
    free(out);
    onus_agreement_sums_free(sums);
}

static void same_bytes_for_any_number_of_threads(void **state) {
    (void)state;
    table t;
    make(&t, 3);
    onus_agreement_sums *sums = sums_of(&t.votes, ONUS_DISTANCE_NOMINAL);
    static double first[REPLICATES * ONUS_N_COEFFICIENTS];
    static double again[REPLICATES * ONUS_N_COEFFICIENTS];
    static const int THREADS[] = {1, 2, 7};
    for (int by = ONUS_RESAMPLE_CLUSTERS; by <= ONUS_RESAMPLE_UNITS; by++) {
        for (size_t i = 0; i < 3; i++) {
            onus_context context = {.n_threads = THREADS[i]};
            assert_int_equal(onus_agreement_bootstrap(sums, (onus_resample)by, 5, REPLICATES,
                                                      &context, i == 0 ? first : again, NULL),
                             ONUS_OK);
            assert_true(i == 0 || memcmp(first, again, sizeof first) == 0);
        }
    }
    onus_agreement_sums_free(sums);
    assert_int_equal(
        onus_agreement_krippendorff_hayes(&t.votes, &NOMINAL, 5, REPLICATES, NULL, first, NULL),
        ONUS_OK);
    onus_context context = {.n_threads = 3};
    assert_int_equal(
        onus_agreement_krippendorff_hayes(&t.votes, &NOMINAL, 5, REPLICATES, &context, again, NULL),
        ONUS_OK);
    assert_memory_equal(first, again, REPLICATES * sizeof *first);
}

/* Its mean is alpha, on every scale, and its spread is that of independent pairs. */
static void krippendorff_and_hayes_draw_pairs_about_alpha(void **state) {
    (void)state;
    enum { RUNS = 3000 };
    table t;
    make(&t, 4);
    static double out[RUNS];
    for (int d = ONUS_DISTANCE_NOMINAL; d <= ONUS_DISTANCE_INTERVAL; d++) {
        const onus_agreement_opts opts = {.distance = (onus_distance)d};
        onus_agreement a;
        assert_int_equal(onus_agreement_measure(&t.votes, &opts, NULL, &a, NULL), ONUS_OK);
        assert_int_equal(
            onus_agreement_krippendorff_hayes(&t.votes, &opts, 6, RUNS, NULL, out, NULL), ONUS_OK);
        double mean = 0.0;
        double square = 0.0;
        for (size_t r = 0; r < RUNS; r++) {
            mean += out[r] / RUNS;
        }
        for (size_t r = 0; r < RUNS; r++) {
            square += (out[r] - mean) * (out[r] - mean) / RUNS;
        }
        const double alpha = a.coefficients[ONUS_COEFFICIENT_ALPHA].value.value;
        assert_true(fabs(mean - alpha) < 4.0 * sqrt(square / RUNS));
        assert_true(square > 0.0);
    }
}

static void nothing_to_draw_is_refused(void **state) {
    (void)state;
    static const double NOTHING[] = {0, 0, 0, 0};
    static const double SAME[] = {2, 0, 2, 0};
    double out[ONUS_N_COEFFICIENTS * 4];
    onus_vote_counts votes = {.n_units = 2, .n_labels = 2, .counts = NOTHING};
    onus_agreement_sums *sums = sums_of(&votes, ONUS_DISTANCE_NOMINAL);
    assert_int_equal(onus_agreement_bootstrap(sums, ONUS_RESAMPLE_UNITS, 1, 4, NULL, out, NULL),
                     ONUS_ERR_TOO_FEW);
    onus_jackknife j[ONUS_N_COEFFICIENTS];
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_UNITS, 0.95, j), ONUS_OK);
    assert_true(isnan(j[ONUS_COEFFICIENT_ALPHA].se));
    onus_agreement_sums_free(sums);
    onus_agreement_sums_free(NULL);
    votes.counts = SAME;
    assert_int_equal(onus_agreement_krippendorff_hayes(&votes, &NOMINAL, 1, 4, NULL, out, NULL),
                     ONUS_ERR_TOO_FEW);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    table t;
    make(&t, 5);
    double out[ONUS_N_COEFFICIENTS * 8];
    onus_context one = {.n_threads = 1};
    FAULT_EACH(fault) {
        onus_agreement a;
        onus_agreement_sums *sums = NULL;
        onus_jackknife j[ONUS_N_COEFFICIENTS];
        onus_status status = onus_agreement_measure(&t.votes, &NOMINAL, NULL, &a, NULL);
        if (status == ONUS_OK) {
            status = onus_agreement_sums_new(&t.votes, &NOMINAL, &sums, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_agreement_bootstrap(sums, ONUS_RESAMPLE_UNITS, 1, 8, &one, out, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, 0.95, j);
        }
        if (status == ONUS_OK) {
            status = onus_agreement_krippendorff_hayes(&t.votes, &NOMINAL, 1, 8, &one, out, NULL);
        }
        onus_agreement_sums_free(sums);
        fault_expect(&fault, status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_is_the_measure_without_each_person),
        cmocka_unit_test(units_of_nobody_known_are_drawn_as_people),
        cmocka_unit_test(limits_where_one_person_alone_disagrees_end_at_one),
        cmocka_unit_test(counts_of_drawn_units_are_multinomial),
        cmocka_unit_test(the_bootstrap_spreads_as_the_jackknife_says),
        cmocka_unit_test(same_bytes_for_any_number_of_threads),
        cmocka_unit_test(krippendorff_and_hayes_draw_pairs_about_alpha),
        cmocka_unit_test(nothing_to_draw_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
