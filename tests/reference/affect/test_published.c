/* DynEmo, FER+ and empathic accuracy: what was published, from the tables that were.
 *
 * DynEmo is the built-in lesson: people themselves against onlookers, a product, and a product that
 * says "happiness" of everybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "labels.h"

#include "onus/stats_cluster.h"
#include "onus/stats_coders.h"
#include "onus/stats_confusion.h"
#include "onus/stats_interval.h"
#include "onus/stats_labels_groups.h"

/* ---- DynEmo ---- */

enum { Q = 6, HAPPINESS = 3 };

static const char *const LABELS[Q] = {"anger",     "disgust", "fear",
                                      "happiness", "sadness", "surprise"};

static size_t label_of(const char *name) {
    for (size_t l = 0; l < Q; l++) {
        if (strcmp(LABELS[l], name) == 0) {
            return l;
        }
    }
    fail_msg("no label '%s'", name);
    return 0;
}

/* The first source of the pair in rows; nobody abstains. false: the table is absent. */
static bool take_dynemo(const char *pair, double *cells) {
    labels_table t = labels_read("data/affect/dynemo_confusions.csv");
    const bool there = t.n_rows > 0;
    memset(cells, 0, Q * (Q + 1) * sizeof *cells);
    if (there) {
        const size_t first = labels_column(&t, "col_label");
        const size_t second = labels_column(&t, "row_label");
        const size_t n = labels_column(&t, "n");
        for (size_t row = 0; row < t.n_rows; row++) {
            if (strcmp(labels_at(&t, row, 0), pair) == 0) {
                const size_t truth = label_of(labels_at(&t, row, first));
                const size_t said = label_of(labels_at(&t, row, second));
                cells[truth * (Q + 1) + said] += labels_number(&t, row, n);
            }
        }
    }
    labels_free(&t);
    return there;
}

static void square(const double *cells, double *table) {
    for (size_t k = 0; k < Q * Q; k++) {
        table[k] = cells[k / Q * (Q + 1) + k % Q];
    }
}

static void every_figure_of_dynemo_comes_out(void **state) {
    (void)state;
    static const char *const pairs[] = {"sr-hr", "sr-ar", "hr-ar"};
    json_t *root = shared_json("expected/affect/published_vs_obtained.json");
    double cells[Q * (Q + 1)];
    if (root == NULL || !take_dynemo(pairs[0], cells)) {
        json_decref(root);
        skip();
    }
    for (size_t k = 0; k < 3; k++) {
        const json_t *want = json_object_get(json_object_get(root, "dynemo"), pairs[k]);
        const json_t *rows = json_object_get(want, "matrix_rows_truth");
        const json_t *limits = json_object_get(want, "clopper_pearson");
        double table[Q * Q];
        onus_coders coders;
        assert_true(take_dynemo(pairs[k], cells));
        square(cells, table);
        for (size_t truth = 0; truth < Q; truth++) {
            for (size_t said = 0; said < Q; said++) {
                assert_true(table[truth * Q + said] ==
                            json_number_value(json_array_get(json_array_get(rows, truth), said)));
            }
        }
        const onus_fraction accuracy = onus_confusion_accuracy(cells, Q);
        assert_true(accuracy.den == json_number(want, "n"));
        assert_near(accuracy.value, json_number(want, "accuracy"), 1e-15);
        assert_near(onus_confusion_balanced(cells, Q, NULL).value,
                    json_number(want, "balanced_accuracy"), 1e-12);
        assert_near(onus_confusion_commonest(cells, Q, NULL).value,
                    json_number(want, "majority_baseline"), 1e-12);
        assert_int_equal(onus_coders_measure(table, Q, NULL, &coders, NULL), ONUS_OK);
        assert_near(coders.cohen.value, json_number(want, "kappa"), 1e-12);
        assert_near(sqrt(coders.cohen_var), json_number(want, "kappa_se"), 1e-12);
        assert_near(coders.mcc.value, json_number(want, "mcc"), 1e-12);
        const onus_limits exact = onus_clopper_pearson(accuracy.num, accuracy.den, 0.95);
        assert_near(exact.low, json_number_value(json_array_get(limits, 0)), 1e-11);
        assert_near(exact.high, json_number_value(json_array_get(limits, 1)), 1e-11);
    }
    json_decref(root);
}

static double rounded(double value) {
    return round(100 * value) / 100;
}

/* .43 [.35, .52] and .30 [.22, .38]: which interval was it? */
static void published_limits_are_clopper_and_pearson(void **state) {
    (void)state;
    static const struct {
        const char *pair;
        double right;
        double all;
        double value;
        onus_limits limits;
        double kappa;
    } published[] = {{"sr-hr", 62, 144, 0.43, {0.35, 0.52}, 0.19},
                     {"sr-ar", 43, 145, 0.30, {0.22, 0.38}, 0.07}};
    double cells[Q * (Q + 1)];
    double table[Q * Q];
    onus_coders coders;
    size_t n_exact = 0;
    size_t n_wilson = 0;
    size_t n_jeffreys = 0;
    size_t n_wald = 0;
    if (!take_dynemo("sr-hr", cells)) {
        skip();
    }
    for (size_t k = 0; k < 2; k++) {
        assert_true(take_dynemo(published[k].pair, cells));
        const onus_fraction got = onus_confusion_accuracy(cells, Q);
        assert_true(got.num == published[k].right && got.den == published[k].all);
        assert_true(rounded(got.value) == published[k].value);
        const double se = sqrt(got.value * (1 - got.value) / got.den);
        const onus_limits kinds[] = {
            onus_clopper_pearson(got.num, got.den, 0.95), onus_wilson(got.num, got.den, 0.95),
            onus_jeffreys(got.num, got.den, 0.95), onus_se_interval(got.value, se, INFINITY, 0.95)};
        size_t *counts[] = {&n_exact, &n_wilson, &n_jeffreys, &n_wald};
        for (size_t m = 0; m < 4; m++) {
            *counts[m] += rounded(kinds[m].low) == published[k].limits.low &&
                          rounded(kinds[m].high) == published[k].limits.high;
        }
        square(cells, table);
        assert_int_equal(onus_coders_measure(table, Q, NULL, &coders, NULL), ONUS_OK);
        assert_true(rounded(coders.cohen.value) == published[k].kappa);
    }
    assert_int_equal(n_exact, 2); /* both studies' limits, and of no other method */
    assert_true(n_wilson < 2 && n_jeffreys < 2 && n_wald < 2);
}

/* 72 of 145 reported happiness: saying so always beats a product that looks, 43 of 145. */
static void always_happy_beats_the_product(void **state) {
    (void)state;
    double cells[Q * (Q + 1)];
    double always[Q * (Q + 1)] = {0};
    size_t label = 0;
    if (!take_dynemo("sr-ar", cells)) {
        skip();
    }
    const onus_fraction product = onus_confusion_accuracy(cells, Q);
    const onus_fraction commonest = onus_confusion_commonest(cells, Q, &label);
    assert_int_equal(label, HAPPINESS);
    assert_true(commonest.num == 72 && commonest.den == 145 && rounded(commonest.value) == 0.5);
    assert_true(product.num == 43);
    assert_true(onus_skill(product.value, commonest.value).value < -0.39);
    for (size_t truth = 0; truth < Q; truth++) {
        always[truth * (Q + 1) + HAPPINESS] = onus_confusion_recall(cells, Q, truth).den;
    }
    assert_true(onus_confusion_accuracy(always, Q).num == 72);
    assert_near(onus_confusion_balanced(always, Q, NULL).value, 1.0 / Q, 1e-15);
    /* an interval that takes the 145 for independent excludes half */
    assert_true(onus_clopper_pearson(product.num, product.den, 0.95).high < commonest.value);
}

/* ---- FER+ ---- */

/* How clear the votes on the 35,887 pictures are. */
static void assert_pluralities(const json_t *want, const double *votes, size_t n_units) {
    enum { ALL = 10 };
    double unique = 0;
    double more_than_half = 0;
    double unanimous = 0;
    for (size_t u = 0; u < n_units; u++) {
        double weights[ALL];
        size_t n_tied = 0;
        onus_plurality(&votes[u * ALL], ALL, weights, &n_tied);
        const onus_ceiling unit = onus_unit_ceiling(&votes[u * ALL], ALL);
        unique += n_tied == 1;
        more_than_half += unit.mode > 0.5;
        unanimous += unit.mode == 1;
    }
    assert_near(unique / (double)n_units, json_number(want, "unique_plurality"), 1e-12);
    assert_near(more_than_half / (double)n_units, json_number(want, "majority_gt_half"), 1e-12);
    assert_near(unanimous / (double)n_units, json_number(want, "unanimous"), 1e-12);
}

static void ceilings_of_ferplus_come_out(void **state) {
    (void)state;
    json_t *root = shared_json("expected/affect/published_vs_obtained.json");
    labels_table t = labels_read("data/affect/ferplus_counts.csv");
    if (root == NULL || t.n_rows == 0) {
        json_decref(root);
        labels_free(&t);
        skip();
    }
    const json_t *want = json_object_get(root, "ferplus");
    const size_t first = labels_column(&t, "neutral");
    static const struct {
        const char *key;
        size_t n_labels;
    } kinds[] = {{"ceiling_10cols", 10}, {"ceiling_8", 8}};
    for (size_t k = 0; k < 2; k++) {
        const size_t q = kinds[k].n_labels;
        double *votes = calloc(t.n_rows * q, sizeof *votes);
        assert_non_null(votes);
        for (size_t i = 0; i < t.n_rows; i++) {
            for (size_t l = 0; l < q; l++) {
                votes[i * q + l] = labels_number(&t, i, first + l);
            }
        }
        if (q == 10) {
            assert_pluralities(want, votes, t.n_rows);
        }
        const onus_ceiling got = onus_votes_ceiling(votes, t.n_rows, q);
        const json_t *ceiling = json_object_get(want, kinds[k].key);
        assert_near(got.mode, json_number(ceiling, "mode"), 1e-12);
        assert_near(got.loo, json_number(ceiling, "loo"), 1e-12);
        assert_near(got.pair, json_number(ceiling, "pair"), 1e-12);
        free(votes);
    }
    json_decref(root);
    labels_free(&t);
}

/* ---- odds ratios ---- */

static void the_odds_ratio_of_the_reference_comes_out(void **state) {
    (void)state;
    json_t *root = shared_json("expected/affect/reference_values.json");
    json_t *by_r = shared_json("expected/affect/r_crosscheck.json");
    if (root == NULL || by_r == NULL) {
        json_decref(root);
        json_decref(by_r);
        skip();
    }
    const json_t *want = json_object_get(root, "mantel_haenszel");
    const json_t *tables = json_object_get(want, "tables");
    onus_group_cell cells[6];
    onus_mantel_haenszel mh;
    assert_int_equal(json_array_size(tables), 3);
    for (size_t l = 0; l < 3; l++) {
        for (size_t side = 0; side < 2; side++) {
            const json_t *row = json_array_get(json_array_get(tables, l), side);
            const double right = json_number_value(json_array_get(row, 0));
            const double wrong = json_number_value(json_array_get(row, 1));
            cells[side * 3 + l] = (onus_group_cell){.right = right, .all = right + wrong};
        }
    }
    onus_mantel_haenszel_of(cells, 3, &mh);
    assert_near(mh.odds_ratio, json_number(want, "OR"), 1e-12);
    assert_near(mh.delta, json_number(want, "delta"), 1e-12);
    assert_near(mh.chi2, json_number(want, "chi2"), 1e-12);
    assert_near(mh.variance, json_number(want, "var_lnOR"), 1e-12);
    assert_near(mh.odds_ratio, json_number(json_object_get(by_r, "R MH OR"), "R"), 1e-12);
    assert_near(mh.chi2, json_number(json_object_get(by_r, "R MH chi2"), "R"), 1e-12);
    json_decref(root);
    json_decref(by_r);
}

/* ---- empathic accuracy ---- */

/* Number of a text among those met in a column so far. */
static int32_t code_of(const labels_table *t, size_t row, size_t column) {
    for (size_t before = 0; before < row; before++) {
        if (strcmp(labels_at(t, before, column), labels_at(t, row, column)) == 0) {
            return (int32_t)before;
        }
    }
    return (int32_t)row;
}

static void a_correlation_copied_to_all_perceivers_is_181_values(void **state) {
    (void)state;
    labels_table t = labels_read("data/affect/empathic_accuracy.csv");
    json_t *root = shared_json("expected/affect/published_vs_obtained.json");
    if (t.n_rows == 0 || root == NULL) {
        labels_free(&t);
        json_decref(root);
        skip();
    }
    const json_t *want = json_object_get(root, "empathic_accuracy");
    double *values = calloc(t.n_rows, sizeof *values);
    int32_t *video = calloc(t.n_rows, sizeof *video);
    int32_t *target = calloc(t.n_rows, sizeof *target);
    assert_true(values != NULL && video != NULL && target != NULL);
    double mean = 0;
    for (size_t i = 0; i < t.n_rows; i++) {
        values[i] = labels_number(&t, i, labels_column(&t, "accuracy_r"));
        video[i] = code_of(&t, i, labels_column(&t, "video"));
        target[i] = code_of(&t, i, labels_column(&t, "target"));
        mean += values[i] / (double)t.n_rows;
    }
    onus_constancy by_video;
    onus_constancy by_target;
    assert_int_equal(onus_constant_within(values, video, t.n_rows, t.n_rows, &by_video), ONUS_OK);
    assert_int_equal(onus_constant_within(values, target, t.n_rows, t.n_rows, &by_target), ONUS_OK);
    assert_true((double)by_video.n_rows == json_number(want, "rows"));
    assert_near(mean, json_number(want, "mean_r"), 1e-12);
    assert_int_equal(by_video.n_clusters, 181);
    assert_true(by_video.copied);
    assert_true((double)by_target.n_clusters == json_number(want, "targets"));
    assert_false(by_target.copied); /* people differ between their own videos */
    free(values);
    free(video);
    free(target);
    labels_free(&t);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_of_dynemo_comes_out),
        cmocka_unit_test(published_limits_are_clopper_and_pearson),
        cmocka_unit_test(always_happy_beats_the_product),
        cmocka_unit_test(ceilings_of_ferplus_come_out),
        cmocka_unit_test(the_odds_ratio_of_the_reference_comes_out),
        cmocka_unit_test(a_correlation_copied_to_all_perceivers_is_181_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
