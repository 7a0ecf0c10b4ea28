/* Published score lists (bob.measure, pyeer) and what those two tools say of them: what is defined
 * alike comes out again; where a tool takes another point, the test says which and why Onus does
 * not.
 *
 *  - the figures are of lists without NaN; with NaN left in, a threshold may become NaN, for which
 *    bob answers a rate of 1. Onus counts NaN as failures to acquire.
 *  - bob's equal error rate is at the threshold nearest to equality, half way between two scores.
 *  - pyeer's is the crossing of the step functions; its FMR10 ... FMR1000 are at the threshold
 * whose FMR is NEAREST to the bound, so that the bound may be broken; Onus keeps it.
 *  - bob's threshold for an FMR is an impostor's score: genuine scores below it, down to the
 *    impostor that breaks the bound, are missed for nothing. Onus takes the lowest that keeps it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/match.h"

#define TRIAL_TRY onus_match_try
#include "../trial.h"
#include "onus/stats_roc.h"

static const double RATE = 1e-15;
/* AUC of the peers is a sum of some thousand products */
static const double AREA = 1e-14;

typedef struct list {
    double *items;
    size_t n;
} list;

/* Scores of a file with one column, or of a label in a file with two. */
static list read_scores(const char *name, int label) {
    list out = {.items = malloc(20000 * sizeof(double))};
    char *path = shared_path(name);
    FILE *file = fopen(path, "r");
    char line[128];
    onus_free(path);
    assert_non_null(file);
    assert_non_null(out.items);
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = line;
        if (label != 0 && strtol(line, &rest, 10) != label) {
            continue;
        }
        char *end = NULL;
        const double score = strtod(rest, &end);
        assert_true(end != rest && out.n < 20000);
        out.items[out.n++] = score;
    }
    (void)fclose(file);
    return out;
}

typedef struct pair {
    list genuine;
    list impostor;
} pair;

/* "bob/dev-1.txt": labels 1 and -1; "pyeer/exp1": two files. */
static pair read_pair(const char *key) {
    char name[128];
    if (strncmp(key, "bob/", 4) == 0) {
        (void)snprintf(name, sizeof name, "data/match/%s", key);
        return (pair){read_scores(name, 1), read_scores(name, -1)};
    }
    pair p;
    (void)snprintf(name, sizeof name, "data/match/%s_true.txt", key);
    p.genuine = read_scores(name, 0);
    (void)snprintf(name, sizeof name, "data/match/%s_false.txt", key);
    p.impostor = read_scores(name, 0);
    return p;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void near(const char *what, double got, double wanted, double tolerance) {
    if (!(fabs(got - wanted) <= tolerance)) {
        fail_msg("%s: %.17g, not %.17g", what, got, wanted);
    }
}

static double fmr(const onus_roc_counts *at) {
    return onus_share_value(onus_roc_fmr(at, ONUS_FTA_ACQUIRED)).value;
}

static double fnmr(const onus_roc_counts *at) {
    return onus_share_value(onus_roc_fnmr(at, ONUS_FTA_ACQUIRED)).value;
}

/* The point that pyeer takes: the first whose FMR is nearest to the bound, among scores. */
static const onus_roc_counts *nearest_to(const onus_roc *roc, double bound) {
    const onus_roc_counts *best = &roc->det[0];
    for (size_t k = 1; k + 1 < roc->n_det; k++) { /* the last is past every score */
        if (fabs(fmr(&roc->det[k]) - bound) < fabs(fmr(best) - bound)) {
            best = &roc->det[k];
        }
    }
    return best;
}

static size_t check_pyeer(const json_t *peer, const onus_roc *roc) {
    static const struct {
        const char *name;
        double bound;
    } points[] = {
        {"fmr10", 0.1}, {"fmr20", 0.05}, {"fmr100", 0.01}, {"fmr1000", 0.001}, {"fmr0", 0}};
    const onus_eer *crossing = &roc->eer[ONUS_EER_CROSSING];
    size_t n_broken = 0;
    near("pyeer eer", crossing->rate.value, number(peer, "eer"), RATE);
    near("pyeer low", crossing->low, number(peer, "low"), RATE);
    near("pyeer high", crossing->high, number(peer, "high"), RATE);
    assert_true(crossing->at.threshold == number(peer, "thr"));
    near("pyeer auc", (double)roc->auc.num2 / (double)roc->auc.den2, number(peer, "auc"), AREA);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const onus_roc_counts *at = nearest_to(roc, points[i].bound);
        near(points[i].name, fnmr(at), number(peer, points[i].name), RATE);
        n_broken += fmr(at) > points[i].bound ? 1 : 0;
    }
    return n_broken;
}

static void check_bob(const json_t *block, const onus_roc *roc) {
    const json_t *peer = json_object_get(block, "bob");
    const onus_eer *nearest = &roc->eer[ONUS_EER_NEAREST];
    near("bob far", fmr(&nearest->at), number(peer, "far"), RATE);
    near("bob frr", fnmr(&nearest->at), number(peer, "frr"), RATE);
    /* half way between the score before and ours: the same counts */
    assert_true(number(peer, "eer_thr") <= nearest->at.threshold);
}

/* The figures of the peer at its own threshold, and ours beside them. */
static size_t check_bob_fmr(json_t *rows, const onus_scores *scores, size_t *n_better) {
    const char *key = NULL;
    json_t *row = NULL;
    size_t n = 0;
    json_object_foreach(rows, key, row) {
        const double threshold = number(row, "thr");
        const double bound = atof(key);
        const onus_roc_ask ask = {
            .thresholds = &threshold, .n_thresholds = 1, .fmr_at = &bound, .n_fmr_at = 1};
        onus_roc roc;
        assert_int_equal(onus_roc_make(scores, &ask, NULL, &roc), ONUS_OK);
        near("bob FMR", fmr(&roc.at[0]), number(row, "FMR"), RATE);
        near("bob FNMR", fnmr(&roc.at[0]), number(row, "FNMR"), RATE);
        assert_int_equal(roc.fnmr_at[0].at.false_match, roc.at[0].false_match);
        assert_true(roc.fnmr_at[0].at.threshold <= threshold || roc.fnmr_at[0].at.false_match == 0);
        assert_true(roc.fnmr_at[0].at.false_nonmatch <= roc.at[0].false_nonmatch);
        *n_better += roc.fnmr_at[0].at.false_nonmatch < roc.at[0].false_nonmatch ? 1 : 0;
        onus_roc_clear(&roc);
        n++;
    }
    return n;
}

static json_t *load(void) {
    if (!shared_has("expected/match/openset/expected_public_data.json")) {
        skip();
    }
    json_error_t error;
    char *path = shared_path("expected/match/openset/expected_public_data.json");
    json_t *root = json_load_file(path, 0, &error);
    onus_free(path);
    assert_non_null(root);
    return root;
}

static void figures_of_two_tools_on_five_published_lists(void **state) {
    (void)state;
    static const char *const keys[] = {"bob/dev-1.txt", "bob/dev-2.txt", "bob/test-1.txt",
                                       "pyeer/exp1", "pyeer/exp2"};
    json_t *root = load();
    size_t n_broken = 0;
    size_t n_better = 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *block = json_object_get(root, keys[i]);
        pair p = read_pair(keys[i]);
        const onus_scores scores = {.genuine = p.genuine.items,
                                    .n_genuine = p.genuine.n,
                                    .impostor = p.impostor.items,
                                    .n_impostor = p.impostor.n};
        onus_roc roc;
        assert_int_equal(onus_roc_make(&scores,
                                       &(onus_roc_ask){.eer = true, .auc = true, .n_det = 1000000},
                                       NULL, &roc),
                         ONUS_OK);
        assert_true((double)roc.totals.n_genuine == number(block, "ng"));
        assert_true((double)roc.totals.n_impostor == number(block, "ni"));
        near("auc", (double)roc.auc.num2 / (double)roc.auc.den2, number(block, "auc"), AREA);
        check_bob(block, &roc);
        n_broken += check_pyeer(json_object_get(block, "pyeer"), &roc);
        assert_int_equal(
            check_bob_fmr(json_object_get(block, "bob_far_threshold"), &scores, &n_better), 4);
        onus_roc_clear(&roc);
        free(p.genuine.items);
        free(p.impostor.items);
    }
    /* the differences that the head of this file names are there */
    assert_true(n_broken > 0);
    assert_true(n_better > 0);
    json_decref(root);
}

static void failures_to_acquire_are_counted_in_the_published_lists(void **state) {
    (void)state;
    static const char *const names[] = {"dev-1.txt", "dev-2.txt", "test-1.txt"};
    json_t *root = load();
    const json_t *counts = json_object_get(root, "bob/FTA_genuine_impostor");
    for (size_t i = 0; i < 3; i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "bob/%s", names[i]);
        pair p = read_pair(key);
        const onus_scores scores = {.genuine = p.genuine.items,
                                    .n_genuine = p.genuine.n,
                                    .impostor = p.impostor.items,
                                    .n_impostor = p.impostor.n};
        onus_roc roc;
        assert_int_equal(onus_roc_make(&scores, &(onus_roc_ask){.eer = true}, NULL, &roc), ONUS_OK);
        const json_t *fta = json_object_get(counts, names[i]);
        assert_int_equal(roc.totals.fta_genuine, json_integer_value(json_array_get(fta, 0)));
        assert_int_equal(roc.totals.fta_impostor, json_integer_value(json_array_get(fta, 1)));
        assert_true(roc.eer[ONUS_EER_CROSSING].rate.value < 0.1); /* not 1 */
        onus_roc_clear(&roc);
        free(p.genuine.items);
        free(p.impostor.items);
    }
    json_decref(root);
}

/* The same figures as a user gets them, from the files as they are. */
static void check_trial(const char *keys, const json_t *block, double fta) {
    char text[1024];
    trial t = {0};
    (void)snprintf(text, sizeof text,
                   "onus: 1\ntitle: T\nkind: match\n%s\nthreshold: {value: %.17g}\n", keys,
                   number(json_object_get(block, "bob"), "eer_thr"));
    trial_run_text(&t, text, "data/match");
    const json_t *peer = json_object_get(block, "pyeer");
    const json_t *bob = json_object_get(block, "bob");
    near("eer", trial_find(&t, "match.eer", "convention=crossing")->value, number(peer, "eer"),
         RATE);
    near("auc", trial_find(&t, "match.auc", "")->value, number(block, "auc"), AREA);
    near("fmr", trial_find(&t, "match.fmr", "")->value, number(bob, "far"), RATE);
    near("fnmr", trial_find(&t, "match.fnmr", "")->value, number(bob, "frr"), RATE);
    assert_true(trial_find(&t, "match.genuine", "")->value == number(block, "ng"));
    assert_true(trial_find(&t, "match.impostor", "")->value == number(block, "ni"));
    assert_true(trial_find(&t, "match.fta", "")->num == fta);
    assert_true(trial_find(&t, "match.fmr", "")->interval.weak); /* nobody knows who was compared */
    trial_clear(&t);
}

static void the_files_as_they_are_give_the_same_figures_in_a_trial(void **state) {
    (void)state;
    json_t *root = load();
    check_trial("scores:\n"
                "  higher_is: same\n"
                "  genuine: {file: pyeer/exp2_true.txt, header: [score], score: score}\n"
                "  impostor: {file: pyeer/exp2_false.txt, header: [score], score: score}",
                json_object_get(root, "pyeer/exp2"), 0.0);
    check_trial("comparisons:\n"
                "  file: bob/dev-1.txt\n"
                "  delimiter: space\n"
                "  header: [label, score]\n"
                "  score: score\n"
                "  higher_is: same\n"
                "  same: {column: label, yes: \"1\"}",
                json_object_get(root, "bob/dev-1.txt"), 28.0 + 26.0);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_two_tools_on_five_published_lists),
        cmocka_unit_test(failures_to_acquire_are_counted_in_the_published_lists),
        cmocka_unit_test(the_files_as_they_are_give_the_same_figures_in_a_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
