/* Agreement against published figures and against irr, irrCAC and psych of R: every value of
 * expected/affect/reference_values.json and r_crosscheck.json that is about agreement, and the
 * votes of CREMA-D and FER+. 1e-12 relative, except where R itself wrote fewer digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/stats_agreement.h"
#include "onus/stats_coders.h"
#include "onus/stats_icc.h"

#include "../../unit/stats/near.h"
#include "../../unit/stats/shared.h"
#include "votes.h"

static const double TOLERANCE = 1e-12;

static const char *const REFERENCE = "expected/affect/reference_values.json";
static const char *const CROSSCHECK = "expected/affect/r_crosscheck.json";
static const char *const PUBLISHED = "expected/affect/published_vs_obtained.json";

static double value_of(const onus_agreement *a, onus_coefficient which) {
    return a->coefficients[which].value.value;
}

static onus_agreement measure(const double *counts, size_t n_units, size_t n_labels,
                              onus_distance distance, const double *values) {
    const onus_vote_counts votes = {
        .n_units = n_units, .n_labels = n_labels, .counts = counts, .values = values};
    const onus_agreement_opts opts = {.distance = distance};
    onus_agreement out;
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &out, NULL), ONUS_OK);
    return out;
}

/* {"R": ..., "ref": ...} of the cross-check. */
static double from_r(const json_t *root, const char *key) {
    const json_t *entry = json_object_get(root, key);
    assert_non_null(entry);
    return json_is_number(entry) ? json_number_value(entry) : json_number(entry, "R");
}

/* What irrCAC printed for alpha's standard error when the cross-check was made: chance agreement
 * sum pi^2 enters with half its derivative, and unequal numbers of votes with the sum of all shares
 * (1) where chance agreement belongs. Later releases of the package have mended it. Kept here, so
 * that its figures are reproduced to the last digit and seen to be off. */
static double irrcac_alpha_se(const double *counts, size_t n_units, size_t q) {
    double all = 0.0;
    double n = 0.0;
    double pi[16] = {0};
    for (size_t pass = 0; pass < 2; pass++) { /* votes of units that have two, then their shares */
        for (size_t u = 0; u < n_units; u++) {
            double votes = 0.0;
            for (size_t c = 0; c < q; c++) {
                votes += counts[u * q + c];
            }
            if (votes >= 2.0 && pass == 0) {
                all += votes;
                n += 1.0;
            }
            for (size_t c = 0; c < q && votes >= 2.0 && pass == 1; c++) {
                pi[c] += counts[u * q + c] / all;
            }
        }
    }
    const double mean = all / n;
    double chance = 0.0;
    double agree = 0.0;
    for (size_t c = 0; c < q; c++) {
        chance += pi[c] * pi[c];
    }
    double *own = calloc(3 * n_units, sizeof *own); /* agreement, chance, votes of each unit */
    assert_non_null(own);
    size_t m = 0;
    for (size_t u = 0; u < n_units; u++) {
        double votes = 0.0;
        double pairs = 0.0;
        double by_chance = 0.0;
        for (size_t c = 0; c < q; c++) {
            const double v = counts[u * q + c];
            votes += v;
            pairs += v * (v - 1.0);
            by_chance += v * pi[c];
        }
        if (votes >= 2.0) {
            own[3 * m] = pairs / (mean * (votes - 1.0));
            own[3 * m + 1] = by_chance / mean;
            own[3 * m + 2] = (votes - mean) / mean;
            agree += own[3 * m] / n;
            m++;
        }
    }
    const double small = 1.0 / all;
    const double alpha = ((1.0 - small) * agree + small - chance) / (1.0 - chance);
    double squares = 0.0;
    for (size_t u = 0; u < m; u++) {
        const double here = (1.0 - small) * (own[3 * u] - agree * own[3 * u + 2]) + small;
        const double expected = own[3 * u + 1] - own[3 * u + 2];
        const double part = (here - chance - (1.0 - alpha) * (expected - chance)) / (1.0 - chance);
        squares += (part - alpha) * (part - alpha);
    }
    free(own);
    return sqrt(squares / (n * (n - 1.0)));
}

/* ---- Krippendorff (2011), the 4 observers x 12 units example ---- */

static const double ONE_TO_FIVE[] = {1, 2, 3, 4, 5};

static void read_2011(const json_t *root, double *counts) {
    const json_t *ratings =
        json_object_get(json_object_get(root, "krippendorff2011"), "ratings_observer_by_unit");
    assert_int_equal(json_array_size(ratings), 4);
    for (size_t o = 0; o < 4; o++) {
        const json_t *row = json_array_get(ratings, o);
        assert_int_equal(json_array_size(row), 12);
        for (size_t u = 0; u < 12; u++) {
            const json_t *rating = json_array_get(row, u);
            if (!json_is_null(rating)) {
                counts[u * 5 + (size_t)json_integer_value(rating) - 1] += 1.0;
            }
        }
    }
}

static void alpha_of_the_published_example_on_four_scales(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    static const char *const SCALES[] = {"nominal", "ordinal", "interval", "ratio"};
    double counts[60] = {0};
    read_2011(root, counts);
    const json_t *want = json_object_get(root, "krippendorff2011");
    for (int s = 0; s < 4; s++) {
        const onus_agreement a = measure(counts, 12, 5, (onus_distance)s, ONE_TO_FIVE);
        const double alpha = value_of(&a, ONUS_COEFFICIENT_ALPHA);
        char key[32];
        (void)snprintf(key, sizeof key, "irr kripp %s", SCALES[s]);
        assert_near(alpha, json_number(want, SCALES[s]), TOLERANCE);
        assert_near(alpha, from_r(r, key), TOLERANCE);
        assert_true(fabs(alpha - json_number(json_object_get(want, "published"), SCALES[s])) <
                    0.0005);
    }
    json_decref(root);
    json_decref(r);
}

static void gwets_family_and_its_errors_with_missing_votes(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    double counts[60] = {0};
    read_2011(root, counts);
    const json_t *want = json_object_get(root, "krippendorff2011");
    const json_t *se = json_object_get(r, "irrCAC_se_K2011");
    const onus_agreement a = measure(counts, 12, 5, ONUS_DISTANCE_NOMINAL, NULL);
    assert_near(value_of(&a, ONUS_COEFFICIENT_PERCENT), json_number(want, "pa"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_AC1), json_number(want, "ac"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_FLEISS), json_number(want, "fleiss"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_PABAK), json_number(want, "bp"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_AC1), from_r(r, "irrCAC ac1"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_FLEISS), from_r(r, "irrCAC fleiss"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_PABAK), from_r(r, "irrCAC bp"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), from_r(r, "irrCAC alpha"), TOLERANCE);
    assert_near(a.coefficients[ONUS_COEFFICIENT_AC1].unit_se, json_number(se, "ac1"), TOLERANCE);
    assert_near(a.coefficients[ONUS_COEFFICIENT_FLEISS].unit_se, json_number(se, "fleiss"),
                TOLERANCE);
    assert_near(a.coefficients[ONUS_COEFFICIENT_PABAK].unit_se, json_number(se, "bp"), TOLERANCE);
    assert_near(irrcac_alpha_se(counts, 12, 5), json_number(se, "alpha"), TOLERANCE);
    json_decref(root);
    json_decref(r);
}

static void fleiss_1971_and_its_errors(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    const json_t *want = json_object_get(root, "fleiss1971");
    const json_t *rows = json_object_get(want, "counts");
    double counts[150];
    assert_int_equal(json_array_size(rows), 30);
    for (size_t u = 0; u < 30; u++) {
        for (size_t c = 0; c < 5; c++) {
            counts[u * 5 + c] = json_number_value(json_array_get(json_array_get(rows, u), c));
        }
    }
    const onus_agreement a = measure(counts, 30, 5, ONUS_DISTANCE_NOMINAL, NULL);
    assert_near(value_of(&a, ONUS_COEFFICIENT_FLEISS), json_number(want, "kappa"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_FLEISS), from_r(r, "irrCAC fleiss71"), TOLERANCE);
    assert_true(fabs(value_of(&a, ONUS_COEFFICIENT_FLEISS) - json_number(want, "published_kappa")) <
                0.005);
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), json_number(want, "alpha"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_PERCENT), json_number(want, "gwet_pa"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_AC1), json_number(want, "gwet_ac"), TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_PABAK), json_number(want, "gwet_bp"), TOLERANCE);
    static const struct {
        const char *key;
        onus_coefficient which;
    } ERRORS[] = {{"fleiss", ONUS_COEFFICIENT_FLEISS},
                  {"ac1", ONUS_COEFFICIENT_AC1},
                  {"bp", ONUS_COEFFICIENT_PABAK}};
    const json_t *se = json_object_get(r, "irrCAC_se_fleiss1971");
    for (size_t i = 0; i < 3; i++) {
        assert_near(a.coefficients[ERRORS[i].which].unit_se, json_number(se, ERRORS[i].key),
                    TOLERANCE);
    }
    assert_near(irrcac_alpha_se(counts, 30, 5), json_number(se, "alpha"), TOLERANCE);
    /* With equally many votes each, alpha is Fleiss' kappa moved by 1 / N: one error for both. */
    assert_near(a.coefficients[ONUS_COEFFICIENT_ALPHA].unit_se, json_number(se, "fleiss"),
                TOLERANCE);
    json_decref(root);
    json_decref(r);
}

/* ---- two coders ---- */

static onus_coders coders_of(const json_t *table, size_t q, const double *weights) {
    double counts[25];
    assert_int_equal(json_array_size(table), q);
    for (size_t i = 0; i < q * q; i++) {
        counts[i] = json_number_value(json_array_get(json_array_get(table, i / q), i % q));
    }
    onus_coders out;
    assert_int_equal(onus_coders_measure(counts, q, weights, &out, NULL), ONUS_OK);
    return out;
}

static void paradoxes_of_prevalence_and_bias(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    static const char *const NAMES[] = {"prevalence", "bias_T2", "bias_T3"};
    for (size_t i = 0; i < 3; i++) {
        char key[48];
        (void)snprintf(key, sizeof key, "paradox_%s", NAMES[i]);
        const json_t *want = json_object_get(root, key);
        const onus_coders got = coders_of(json_object_get(want, "table"), 2, NULL);
        assert_near(got.percent, json_number(want, "po"), TOLERANCE);
        assert_near(got.cohen.value, json_number(want, "kappa"), TOLERANCE);
        assert_near(got.cohen_var, json_number(want, "kappa_var_FCE1969"), TOLERANCE);
        assert_near(got.scott.value, json_number(want, "scott"), TOLERANCE);
        assert_near(got.pabak.value, json_number(want, "pabak"), TOLERANCE);
        assert_near(got.ac1.value, json_number(want, "ac1"), TOLERANCE);
        assert_near(got.mcc.value, json_number(want, "mcc"), TOLERANCE);
        (void)snprintf(key, sizeof key, "irrCAC kappa2 %s", NAMES[i]);
        assert_near(got.cohen.value, from_r(r, key), TOLERANCE);
        (void)snprintf(key, sizeof key, "AC1 %s", NAMES[i]);
        assert_near(got.ac1.value, from_r(r, key), TOLERANCE);
        (void)snprintf(key, sizeof key, "scott %s", NAMES[i]);
        assert_near(got.scott.value, from_r(r, key), TOLERANCE);
        (void)snprintf(key, sizeof key, "bp %s", NAMES[i]);
        assert_near(got.pabak.value, from_r(r, key), TOLERANCE);
    }
    json_decref(root);
    json_decref(r);
}

static void weighted_kappa_and_ac2(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    const json_t *want = json_object_get(root, "weighted_kappa");
    const json_t *table = json_object_get(want, "table");
    double linear[25];
    double quadratic[25];
    onus_agreement_weights_linear(ONE_TO_FIVE, 5, linear);
    onus_agreement_weights_quadratic(ONE_TO_FIVE, 5, quadratic);
    assert_near(coders_of(table, 5, NULL).cohen.value, json_number(want, "unweighted"), TOLERANCE);
    assert_near(coders_of(table, 5, NULL).cohen.value, from_r(r, "psych kappa"), TOLERANCE);
    const onus_coders l = coders_of(table, 5, linear);
    const onus_coders q = coders_of(table, 5, quadratic);
    assert_near(l.cohen.value, json_number(want, "linear"), TOLERANCE);
    assert_near(l.cohen.value, from_r(r, "irrCAC lin"), TOLERANCE);
    assert_near(q.cohen.value, json_number(want, "quadratic"), TOLERANCE);
    assert_near(q.cohen.value, from_r(r, "psych wkappa quad"), TOLERANCE);
    assert_near(l.ac1.value, from_r(r, "irrCAC_AC2_linear"), TOLERANCE);
    assert_near(q.ac1.value, from_r(r, "irrCAC_AC2_quadratic"), TOLERANCE);
    /* the same from counts: two votes a unit */
    double counts[600 * 5] = {0};
    size_t n = 0;
    for (size_t i = 0; i < 25; i++) {
        const json_int_t times =
            json_integer_value(json_array_get(json_array_get(table, i / 5), i % 5));
        for (json_int_t k = 0; k < times; k++, n++) {
            counts[n * 5 + i / 5] += 1.0;
            counts[n * 5 + i % 5] += 1.0;
        }
    }
    const onus_vote_counts votes = {.n_units = n, .n_labels = 5, .counts = counts};
    const onus_agreement_opts opts = {.weights = quadratic};
    onus_agreement a;
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &a, NULL), ONUS_OK);
    assert_near(value_of(&a, ONUS_COEFFICIENT_AC1), from_r(r, "irrCAC_AC2_quadratic"), TOLERANCE);
    json_decref(root);
    json_decref(r);
}

static void dynemo_confusions_give_their_published_kappas(void **state) {
    (void)state;
    json_t *root = shared_json(PUBLISHED);
    if (root == NULL) {
        skip();
    }
    static const char *const PAIRS[] = {"sr-hr", "sr-ar", "hr-ar"};
    for (size_t p = 0; p < 3; p++) {
        const json_t *want = json_object_get(json_object_get(root, "dynemo"), PAIRS[p]);
        const json_t *table = json_object_get(want, "matrix_rows_truth");
        double counts[36];
        for (size_t i = 0; i < 36; i++) {
            counts[i] = json_number_value(json_array_get(json_array_get(table, i / 6), i % 6));
        }
        onus_coders got;
        assert_int_equal(onus_coders_measure(counts, 6, NULL, &got, NULL), ONUS_OK);
        assert_near(got.n, json_number(want, "n"), 0);
        assert_near(got.percent, json_number(want, "accuracy"), TOLERANCE);
        assert_near(got.cohen.value, json_number(want, "kappa"), TOLERANCE);
        assert_near(sqrt(got.cohen_var), json_number(want, "kappa_se"), TOLERANCE);
        assert_near(got.scott.value, json_number(want, "scott"), TOLERANCE);
        assert_near(got.ac1.value, json_number(want, "ac1"), TOLERANCE);
        assert_near(got.pabak.value, json_number(want, "pabak"), TOLERANCE);
        assert_near(got.mcc.value, json_number(want, "mcc"), TOLERANCE);
        const double published = json_number(json_object_get(want, "published"), "kappa");
        assert_true(fabs(got.cohen.value - published) < 0.005);
    }
    json_decref(root);
}

/* ---- intraclass correlations ---- */

static void six_forms_of_shrout_and_fleiss(void **state) {
    (void)state;
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    if (root == NULL || r == NULL) {
        skip();
    }
    const json_t *want = json_object_get(root, "shrout_fleiss1979");
    const json_t *x = json_object_get(want, "x");
    onus_named_score scores[24];
    int32_t unit[24];
    double plain[24];
    for (size_t i = 0; i < 24; i++) {
        plain[i] = json_number_value(json_array_get(json_array_get(x, i / 4), i % 4));
        unit[i] = (int32_t)(i / 4);
        scores[i] = (onus_named_score){(int32_t)(i / 4), (int32_t)(i % 4), plain[i]};
    }
    onus_icc icc;
    assert_int_equal(onus_icc_two_way(scores, 24, 6, 4, 0.95, &icc, NULL), ONUS_OK);
    static const char *const KEYS[ONUS_N_ICC] = {"ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"};
    const json_t *r_limits = json_object_get(r, "psych_ICC_CI");
    for (size_t f = 0; f < ONUS_N_ICC; f++) {
        char key[16];
        (void)snprintf(key, sizeof key, "psych ICC %zu", f + 1);
        const onus_icc_value *got = &icc.forms[f];
        assert_near(got->value.value, json_number(want, KEYS[f]), TOLERANCE);
        assert_near(got->value.value, from_r(r, key), TOLERANCE);
        assert_true(fabs(got->value.value -
                         json_number(json_object_get(want, "published"), KEYS[f])) < 0.006);
        assert_near(got->f, json_number_value(json_array_get(json_object_get(r_limits, "F"), f)),
                    TOLERANCE);
        assert_near(got->limits.low,
                    json_number_value(json_array_get(json_object_get(r_limits, "lower"), f)), 1e-9);
        assert_near(got->limits.high,
                    json_number_value(json_array_get(json_object_get(r_limits, "upper"), f)), 1e-9);
    }
    assert_near(icc.cronbach.value, json_number(want, "cronbach"), TOLERANCE);
    assert_near(icc.cronbach.value, from_r(r, "psych alpha"), TOLERANCE);
    onus_icc_value one;
    assert_int_equal(onus_icc_one_way(unit, plain, 24, 6, 0.95, &one, NULL), ONUS_OK);
    assert_near(one.value.value, json_number(want, "icc1_unbalanced_form"), TOLERANCE);
    json_decref(root);
    json_decref(r);
}

/* ---- 22,326 clips and 35,887 pictures ---- */

static void check_family(const onus_agreement *a, const json_t *want, const char *prefix) {
    static const struct {
        const char *key;
        onus_coefficient which;
    } KEYS[] = {{"pa", ONUS_COEFFICIENT_PERCENT},
                {"ac", ONUS_COEFFICIENT_AC1},
                {"fleiss", ONUS_COEFFICIENT_FLEISS},
                {"bp", ONUS_COEFFICIENT_PABAK}};
    for (size_t i = 0; i < 4; i++) {
        char key[24];
        (void)snprintf(key, sizeof key, "%s%s", prefix, KEYS[i].key);
        assert_near(value_of(a, KEYS[i].which), json_number(want, key), TOLERANCE);
    }
}

/* Ours agrees with the jackknife of units to 0.2 %; the one that irrCAC printed is 0.9 to 2.1 %
 * off. */
static void check_alpha_error(const onus_agreement *a, const votes_table *v, double irrcac) {
    const onus_vote_counts votes = {
        .n_units = v->n_units, .n_labels = v->n_labels, .counts = v->counts};
    const onus_agreement_opts opts = ONUS_AGREEMENT_OPTS_INIT;
    onus_agreement_sums *sums = NULL;
    onus_jackknife jackknife[ONUS_N_COEFFICIENTS];
    assert_int_equal(onus_agreement_sums_new(&votes, &opts, &sums, NULL), ONUS_OK);
    assert_int_equal(onus_agreement_jackknife(sums, ONUS_RESAMPLE_UNITS, 0.95, jackknife), ONUS_OK);
    onus_agreement_sums_free(sums);
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        assert_true(fabs(a->coefficients[k].unit_se / jackknife[k].se - 1.0) < 0.002);
    }
    print_message("alpha's error: jackknife %.6g, here %.6g, irrCAC %.6g\n",
                  jackknife[ONUS_COEFFICIENT_ALPHA].se,
                  a->coefficients[ONUS_COEFFICIENT_ALPHA].unit_se, irrcac);
    assert_true(fabs(irrcac / jackknife[ONUS_COEFFICIENT_ALPHA].se - 1.0) > 0.005);
}

static void check_against_r(const onus_agreement *a, const votes_table *v, const json_t *r,
                            const char *name) {
    static const struct {
        const char *key;
        onus_coefficient which;
    } KEYS[] = {{"alpha", ONUS_COEFFICIENT_ALPHA},
                {"ac1", ONUS_COEFFICIENT_AC1},
                {"fleiss", ONUS_COEFFICIENT_FLEISS}};
    char key[48];
    (void)snprintf(key, sizeof key, "crema_irrCAC_se_%s", name);
    const json_t *se = json_object_get(r, key);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(key, sizeof key, "crema %s %s", KEYS[i].key, name);
        assert_near(value_of(a, KEYS[i].which), from_r(r, key), TOLERANCE);
        if (KEYS[i].which != ONUS_COEFFICIENT_ALPHA) {
            assert_near(a->coefficients[KEYS[i].which].unit_se, json_number(se, KEYS[i].key),
                        TOLERANCE);
        }
    }
    assert_near(irrcac_alpha_se(v->counts, v->n_units, 6), json_number(se, "alpha"), TOLERANCE);
    check_alpha_error(a, v, json_number(se, "alpha"));
}

static void crema_d_by_modality_and_pooled(void **state) {
    (void)state;
    FILE *file = shared_open("data/affect/crema_d_votes.csv");
    json_t *root = shared_json(REFERENCE);
    json_t *r = shared_json(CROSSCHECK);
    json_t *published = shared_json(PUBLISHED);
    if (file == NULL || root == NULL || r == NULL || published == NULL) {
        skip();
    }
    votes_table all = votes_read(file, 6, 6, 2, 1, ",", true);
    (void)fclose(file);
    assert_int_equal(all.n_units, 22326);
    assert_int_equal(all.n_people, 91);
    assert_int_equal(all.n_strata, 3);
    const json_t *crema = json_object_get(published, "crema_d");
    for (size_t s = 0; s < 3; s++) {
        votes_table v = votes_stratum(&all, (int32_t)s);
        const onus_agreement a = measure(v.counts, v.n_units, 6, ONUS_DISTANCE_NOMINAL, NULL);
        char key[32];
        (void)snprintf(key, sizeof key, "crema_%s", all.strata[s]);
        const json_t *want = json_object_get(root, key);
        assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), json_number(want, "alpha"), TOLERANCE);
        check_family(&a, want, "");
        const json_t *also = json_object_get(crema, all.strata[s]);
        assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), json_number(also, "alpha_nominal"),
                    TOLERANCE);
        check_family(&a, also, "gwet_");
        assert_near(a.n_votes, json_number(also, "responses"), 0);
        check_against_r(&a, &v, r, all.strata[s]);
        votes_free(&v);
    }
    const onus_agreement a = measure(all.counts, all.n_units, 6, ONUS_DISTANCE_NOMINAL, NULL);
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA),
                json_number(json_object_get(root, "crema_ALL"), "alpha"), TOLERANCE);
    check_family(&a, json_object_get(root, "crema_ALL"), "");
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), json_number(crema, "alpha_all_units_pooled"),
                TOLERANCE);
    check_family(&a, json_object_get(crema, "gwet_all_units"), "");
    check_against_r(&a, &all, r, "ALL");
    assert_near(a.n_votes, 212000, 0);
    votes_free(&all);
    json_decref(root);
    json_decref(r);
    json_decref(published);
}

static void votes_in_slots_are_the_same_votes(void **state) {
    (void)state;
    FILE *file = shared_open("expected/affect/crema_slots_units_by_12.csv");
    FILE *counted = shared_open("expected/affect/crema_counts_actor.txt");
    if (file == NULL || counted == NULL) {
        skip();
    }
    votes_table v = votes_read(counted, 1, 6, 0, -1, " ", false);
    (void)fclose(counted);
    assert_int_equal(v.n_units, 22326);
    double *slots = calloc(v.n_units * 6, sizeof *slots);
    assert_non_null(slots);
    char line[128];
    size_t u = 0;
    for (; fgets(line, sizeof line, file) != NULL; u++) {
        assert_true(u < v.n_units);
        for (const char *at = line; *at != '\0'; at++) {
            if (*at >= '1' && *at <= '6') {
                slots[u * 6 + (size_t)(*at - '1')] += 1.0;
            }
        }
    }
    (void)fclose(file);
    assert_int_equal(u, v.n_units);
    for (size_t i = 0; i < v.n_units * 6; i++) {
        if (slots[i] != v.counts[i]) {
            fail_msg("unit %zu differs between slots and counts", i / 6);
        }
    }
    free(slots);
    votes_free(&v);
}

static void ferplus_with_ten_columns_and_with_eight_emotions(void **state) {
    (void)state;
    FILE *file = shared_open("data/affect/ferplus_counts.csv");
    json_t *root = shared_json(REFERENCE);
    json_t *published = shared_json(PUBLISHED);
    if (file == NULL || root == NULL || published == NULL) {
        skip();
    }
    votes_table v = votes_read(file, 2, 10, -1, -1, ",", true);
    (void)fclose(file);
    const json_t *ferplus = json_object_get(published, "ferplus");
    const onus_agreement a = measure(v.counts, v.n_units, 10, ONUS_DISTANCE_NOMINAL, NULL);
    assert_int_equal(v.n_units, json_integer_value(json_object_get(ferplus, "images")));
    assert_near(a.n_votes, json_number(ferplus, "votes"), 0);
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA), json_number(ferplus, "alpha_10cols"),
                TOLERANCE);
    assert_near(value_of(&a, ONUS_COEFFICIENT_ALPHA),
                json_number(json_object_get(root, "ferplus_10"), "alpha"), TOLERANCE);
    check_family(&a, json_object_get(root, "ferplus_10"), "");
    check_family(&a, json_object_get(ferplus, "gwet_10cols"), "");
    for (size_t u = 0; u < v.n_units; u++) {
        memmove(v.counts + u * 8, v.counts + u * 10, 8 * sizeof *v.counts);
    }
    const onus_agreement eight = measure(v.counts, v.n_units, 8, ONUS_DISTANCE_NOMINAL, NULL);
    assert_near(value_of(&eight, ONUS_COEFFICIENT_ALPHA), json_number(ferplus, "alpha_8emotions"),
                TOLERANCE);
    votes_free(&v);
    json_decref(root);
    json_decref(published);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alpha_of_the_published_example_on_four_scales),
        cmocka_unit_test(gwets_family_and_its_errors_with_missing_votes),
        cmocka_unit_test(fleiss_1971_and_its_errors),
        cmocka_unit_test(paradoxes_of_prevalence_and_bias),
        cmocka_unit_test(weighted_kappa_and_ac2),
        cmocka_unit_test(dynemo_confusions_give_their_published_kappas),
        cmocka_unit_test(six_forms_of_shrout_and_fleiss),
        cmocka_unit_test(crema_d_by_modality_and_pooled),
        cmocka_unit_test(votes_in_slots_are_the_same_votes),
        cmocka_unit_test(ferplus_with_ten_columns_and_with_eight_emotions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
