/* The scores of a forecasting contest, as one report printed them: every figure of the reference.
 *
 * Tries cases/nij2017.yaml, the case that a user would try, and looks each figure of
 * expected/place/nij2017.json up among its measures: rows, teams, the largest difference, and by
 * how much the denominators of each crime and window disagree. A figure that no rule knows fails
 * the test, and so does a gap that the reference does not have. Skips where the records are absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../trial.h"

static const char *case_path;
static trial nij;

static int open_trial(void **state) {
    (void)state;
    onus_problems problems = {0};
    if (!shared_has("data/nij2017/scores.csv")) {
        return 0;
    }
    char *data_dir = shared_path("data");
    const onus_status status = onus_case_read(case_path, data_dir, &nij.c, &problems);
    onus_free(data_dir);
    trial_try(&nij, case_path, status, &problems);
    return 0;
}

static int close_trial(void **state) {
    (void)state;
    trial_clear(&nij);
    return 0;
}

static void skip_without_records(void) {
    if (nij.c.title == NULL) {
        skip();
    }
}

/* "inconsistent_denominator burg 2MO" -> "rows=burg, 2MO" */
static bool scope_of(const char *figure, char *out, size_t size) {
    static const char PREFIX[] = "inconsistent_denominator ";
    char crime[32];
    char window[32];
    if (strncmp(figure, PREFIX, sizeof PREFIX - 1) != 0 ||
        sscanf(figure + sizeof PREFIX - 1, "%31s %31s", crime, window) != 2) {
        return false;
    }
    (void)snprintf(out, size, "rows=%s, %s", crime, window);
    return true;
}

static double found(const char *figure) {
    char scope[80];
    if (strcmp(figure, "rows") == 0) {
        return trial_find(&nij, "place.pai_recomputed", "")->den;
    }
    if (strcmp(figure, "teams") == 0) {
        return trial_find(&nij, "place.published_names", "")->value;
    }
    if (strcmp(figure, "max_abs_difference_pai_recomputed_vs_reported") == 0) {
        return trial_find(&nij, "place.pai_difference", "")->value;
    }
    if (scope_of(figure, scope, sizeof scope)) {
        return trial_find(&nij, "place.denominator_gap", scope)->value;
    }
    fail_msg("no rule for figure '%s'", figure);
    return NAN;
}

static void every_figure_of_the_reference_comes_out(void **state) {
    (void)state;
    skip_without_records();
    json_error_t error;
    char *path = shared_path("expected/place/nij2017.json");
    json_t *root = json_load_file(path, 0, &error);
    onus_free(path);
    assert_non_null(root);
    const json_t *figures = json_object_get(root, "expected");
    size_t n_gaps = 0;
    for (size_t i = 0; i < json_array_size(figures); i++) {
        const json_t *row = json_array_get(figures, i);
        const char *figure = json_string_value(json_object_get(row, "figure"));
        const double value = json_number_value(json_object_get(row, "value"));
        const double tolerance = json_number_value(json_object_get(row, "tolerance"));
        const double got = found(figure);
        if (!(fabs(got - value) <= tolerance)) {
            fail_msg("%s: %.17g, not %.17g", figure, got, value);
        }
        n_gaps += strncmp(figure, "inconsistent", strlen("inconsistent")) == 0 ? 1 : 0;
    }
    assert_true(json_array_size(figures) > 0);
    assert_true(trial_find(&nij, "place.inconsistent_denominators", "")->num == (double)n_gaps);
    json_decref(root);
}

static void all_indices_come_out_again_and_the_claim_on_them_is_judged(void **state) {
    (void)state;
    skip_without_records();
    const onus_measure *again = trial_find(&nij, "place.pai_recomputed", "");
    assert_true(again->num == 140.0 && again->den == 140.0);
    assert_true(trial_find(&nij, "place.pai_difference", "")->value < 6e-11);
    assert_int_equal(nij.result.n_claims, 2);
    assert_int_equal(nij.result.claims[0].verdict, ONUS_VERDICT_SUPPORTED);
    assert_int_equal(nij.result.claims[1].verdict, ONUS_VERDICT_CONTRADICTED);
}

static void the_two_month_denominators_are_flagged_by_table(void **state) {
    (void)state;
    skip_without_records();
    const onus_warning *warnings = nij.result.warnings.items;
    for (size_t i = 0; i < nij.result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, "inconsistent_denominators") == 0) {
            assert_non_null(strstr(warnings[i].text, "burg, 2MO: 176 (small) and 269 (large, "
                                                     "student)"));
            return;
        }
    }
    fail_msg("nothing was flagged");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_of_the_reference_comes_out),
        cmocka_unit_test(all_indices_come_out_again_and_the_claim_on_them_is_judged),
        cmocka_unit_test(the_two_month_denominators_are_flagged_by_table),
    };
    case_path = argc > 1 ? argv[1] : "cases/nij2017.yaml";
    return cmocka_run_group_tests(tests, open_trial, close_trial);
}
