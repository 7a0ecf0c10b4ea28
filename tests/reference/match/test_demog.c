/* Differentials between groups and errors along chains: expected/match/demog and chain, value by
 * value. Skips where the shared folder is absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/stats_chain.h"
#include "onus/stats_differential.h"
#include "reference.h"

static const double TOLERANCE = 1e-12;

/* 1 - (1 - 1e-6)^50000 in decimal arithmetic of 50 digits. */
static const double FPIR_50000 = 0.04877059928003716000;

/* ---- groups ---- */

static size_t rates_of(const json_t *set, const char *key, double *out) {
    const json_t *rates = json_object_get(set, key);
    for (size_t i = 0; i < json_array_size(rates); i++) {
        const json_t *rate = json_array_get(rates, i);
        out[i] = json_is_null(rate) ? NAN : json_number_value(rate);
    }
    return json_array_size(rates);
}

static void check_differential(const json_t *want, const onus_differential *got) {
    const struct {
        const char *key;
        onus_number number;
    } figures[] = {
        {"max", got->max},
        {"min", got->min},
        {"max_minus_min", got->max_minus_min},
        {"mean", got->mean},
        {"max_over_min", got->max_over_min},
        {"max_over_mean", got->max_over_mean},
        {"geomean", got->geomean},
        {"max_over_geomean", got->max_over_geomean},
        {"log10_sd_pop", got->log10_sd},
        {"gini", got->gini},
        {"gini_corrected", got->gini_corrected},
    };
    const size_t n_figures = sizeof figures / sizeof figures[0];
    if (json_is_null(want)) { /* a rate is not known */
        for (size_t k = 0; k < n_figures; k++) {
            assert_true(isnan(figures[k].number.value) && figures[k].number.reason != NULL);
        }
        return;
    }
    assert_int_equal(json_object_size(want), n_figures + 1); /* and n */
    for (size_t k = 0; k < n_figures; k++) {
        assert_reference(figures[k].key, figures[k].number.value,
                         reference_maybe(want, figures[k].key), TOLERANCE);
    }
}

static size_t check_joint(const json_t *set, const onus_differential *fmr,
                          const onus_differential *fnmr) {
    static const char *const ALPHAS[] = {"0.25", "0.5", "0.75"};
    size_t n = 0;
    for (size_t a = 0; a < 3; a++) {
        const onus_differential_joint got =
            onus_differential_join(fmr, fnmr, strtod(ALPHAS[a], NULL));
        const struct {
            const char *key;
            double value;
        } figures[] = {
            {"GARBE", got.garbe.value}, {"FDR", got.fdr.value}, {"IR", got.inequity.value}};
        for (size_t k = 0; k < 3; k++) {
            char key[32];
            (void)snprintf(key, sizeof key, "%s_%s", figures[k].key, ALPHAS[a]);
            if (json_object_get(set, key) == NULL) {
                assert_true(isnan(figures[k].value)); /* one kind of rate is not known */
            } else {
                assert_reference(key, figures[k].value, reference_maybe(set, key), TOLERANCE);
                n++;
            }
        }
    }
    return n;
}

static void every_differential_of_the_reference_comes_out(void **state) {
    (void)state;
    json_t *root = reference_json("demog/expected.json");
    if (root == NULL) {
        skip();
    }
    const json_t *sets = json_object_get(root, "sets");
    size_t n_joint = 0;
    assert_int_equal(json_array_size(sets), 6);
    for (size_t s = 0; s < json_array_size(sets); s++) {
        const json_t *set = json_array_get(sets, s);
        double rates[16];
        onus_differential fmr;
        onus_differential fnmr;
        assert_int_equal(onus_differential_of(rates, rates_of(set, "FMR", rates), &fmr), ONUS_OK);
        assert_int_equal(onus_differential_of(rates, rates_of(set, "FNMR", rates), &fnmr), ONUS_OK);
        check_differential(json_object_get(set, "fmr"), &fmr);
        check_differential(json_object_get(set, "fnmr"), &fnmr);
        n_joint += check_joint(set, &fmr, &fnmr);
    }
    assert_int_equal(n_joint, 5 * 9);
    json_decref(root);
}

/* ---- chains ---- */

static void check_hop(const json_t *row) {
    const double n = reference_number(row, "n");
    const double fmr = reference_number(row, "FMR");
    const double fnmr = reference_number(row, "FNMR");
    const double q = reference_number(row, "q");
    const onus_hop got = onus_hop_of(n, fmr, fnmr, q);
    /* The reference wrote 1 - (1 - f)^n out in doubles, where 1 - f keeps f to 2^-54 only: after
     * 50,000 factors that is 1.4e-12. The formula as written gives its figure; ours has the digits.
     */
    assert_reference("FPIR as written", 1.0 - pow(1.0 - fmr, n), reference_number(row, "FPIR"),
                     TOLERANCE);
    assert_reference("FPIR", got.fpir.value, reference_number(row, "FPIR"),
                     TOLERANCE + n * 0x1p-54);
    if (n == 50000.0 && fmr == 1e-6) {
        assert_reference("FPIR to 17 digits", got.fpir.value, FPIR_50000, 1e-16);
    }
    assert_reference("wrong", got.wrong.value, reference_number(row, "exp_wrong_per_hop_linkall"),
                     TOLERANCE);
    assert_reference("right", got.right.value, reference_number(row, "exp_true_per_hop"),
                     TOLERANCE);
    assert_reference("precision", got.precision.value, reference_number(row, "precision_linkall"),
                     TOLERANCE);
    assert_reference("branching", got.branching.value, reference_number(row, "branching_number"),
                     TOLERANCE);
    assert_reference("fmr for 1", got.fmr_for_one.value,
                     reference_number(row, "fmr_for_branching_1"), TOLERANCE);
    const char *k;
    json_t *want;
    json_object_foreach(json_object_get(row, "exp_wrong_people_after_k"), k, want) {
        assert_reference("wrong people",
                         onus_hop_wrong_after(n, fmr, fnmr, q, (uint32_t)atoi(k)).value,
                         json_number_value(want), TOLERANCE);
    }
}

static void check_chain(const json_t *row) {
    const onus_chain got = onus_chain_after(reference_number(row, "c"), reference_number(row, "w"),
                                            (uint32_t)reference_number(row, "k"));
    assert_reference("reach", got.reach.value, reference_number(row, "p_reach_k"), TOLERANCE);
    assert_reference("pure", got.pure.value, reference_number(row, "p_pure_trail"), TOLERANCE);
    assert_reference("on target", got.on_target.value,
                     reference_number(row, "p_on_target_given_reach"), TOLERANCE);
    assert_reference("purity", got.purity.value, reference_number(row, "exp_purity_given_reach"),
                     TOLERANCE);
    assert_reference("bystanders", got.bystanders.value,
                     reference_number(row, "exp_bystanders_given_reach"), TOLERANCE);
    assert_reference("any wrong", got.any_wrong.value,
                     reference_number(row, "p_any_wrong_given_reach"), TOLERANCE);
}

/* The reference also simulates: 5 runs of the clusters, whose share of merged people scatters about
 * the formula by up to 2.6 points among 1,000 people. */
static void check_merging(const json_t *row) {
    const double n = reference_number(row, "P");
    const double s = reference_number(row, "sightings_each");
    const double fmr = reference_number(row, "FMR");
    assert_reference("critical FMR", onus_merge_critical(n, s).value,
                     reference_number(row, "critical_FMR"), TOLERANCE);
    assert_reference("FMR", onus_merge_critical(n, s).value * reference_number(row, "mult"), fmr,
                     TOLERANCE);
    const double share = onus_merge_share(n, s, fmr).value;
    /* as FPIR above: written out in doubles the formula gives the reference, and loses P s^2 2^-54
     */
    assert_reference("merged as written", 1.0 - exp(-n * (1.0 - pow(1.0 - fmr, s * s))),
                     reference_number(row, "predicted_merged"), TOLERANCE);
    assert_reference("merged", share, reference_number(row, "predicted_merged"),
                     TOLERANCE + n * s * s * 0x1p-54);
    assert_reference("merged, simulated", share,
                     reference_number(row, "share_of_people_merged_with_someone_else"),
                     n > 5000 ? 0.005 : 0.03);
}

static void check_ppv(const json_t *row) {
    const double prevalence = reference_number(row, "prevalence");
    const double tpir = reference_number(row, "TPIR");
    const double fpir = reference_number(row, "FPIR");
    assert_reference("PPV", onus_ppv(prevalence, tpir, fpir).value, reference_number(row, "PPV"),
                     TOLERANCE);
    assert_reference("false per true", onus_false_per_true(prevalence, tpir, fpir).value,
                     reference_number(row, "false_alerts_per_true"), TOLERANCE);
}

static size_t check_all(const json_t *root, const char *key, void (*check)(const json_t *)) {
    const json_t *rows = json_object_get(root, key);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        check(json_array_get(rows, i));
    }
    return json_array_size(rows);
}

static void every_chain_of_the_reference_comes_out(void **state) {
    (void)state;
    json_t *root = reference_json("chain/expected.json");
    if (root == NULL) {
        skip();
    }
    assert_int_equal(check_all(root, "markov", check_chain), 36);
    assert_int_equal(check_all(root, "open_set_hop", check_hop), 6);
    assert_int_equal(check_all(root, "percolation", check_merging), 24);
    assert_int_equal(check_all(root, "ppv", check_ppv), 20);
    assert_int_equal(json_object_size(root), 4);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_differential_of_the_reference_comes_out),
        cmocka_unit_test(every_chain_of_the_reference_comes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
