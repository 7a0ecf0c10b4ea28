/* The published algorithm on Oakland's records, against counting: every published value.
 *
 * The shared case (oakland.yaml) is tried with the library and every `expected` row is looked up
 * among the measures. What is published counts every cell of the grid alike, as our figures at a
 * number of cells do; 177 of the 661 are cut off by the city's border, so that by true area the
 * index is lower by a seventh, which is tested too. Skips where the records are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../trial.h"

static trial oakland;

static double value_of(const char *figure) {
    char scope[96];
    int top = 0;
    const char *digits = strstr(figure, "top");
    if (digits != NULL) {
        top = atoi(digits + strlen("top"));
    }
    snprintf(scope, sizeof scope, "top=%d", top);
    if (strcmp(figure, "days") == 0) {
        return trial_find(&oakland, "place.windows", "")->value;
    }
    if (strcmp(figure, "bins") == 0) {
        return trial_find(&oakland, "place.cells", "")->value;
    }
    if (strcmp(figure, "incidents") == 0) {
        return trial_find(&oakland, "place.outcomes", "")->value;
    }
    if (onus_text_starts(figure, "incidents_captured_")) {
        return trial_find(&oakland, "place.capture_rate", scope)->num;
    }
    if (onus_text_starts(figure, "capture_rate_")) {
        return trial_find(&oakland, "place.capture_rate", scope)->value;
    }
    if (onus_text_starts(figure, "pai_")) {
        return trial_find(&oakland, "place.pai", scope)->value;
    }
    if (onus_text_starts(figure, "box_hit_rate_")) {
        return trial_find(&oakland, "place.hit_rate", scope)->value;
    }
    if (onus_text_starts(figure, "bins_ever_targeted_")) {
        return trial_find(&oakland, "place.ever_flagged", scope)->value;
    }
    if (onus_text_starts(figure, "bins_targeted_every_day_")) {
        return trial_find(&oakland, "place.always_flagged", scope)->value;
    }
    if (onus_text_starts(figure, "baseline180_incidents_captured_")) {
        snprintf(scope, sizeof scope, "baseline=moving_count top=%d", top);
        return trial_find(&oakland, "place.baseline_capture", scope)->num;
    }
    fail_msg("a figure that no rule knows: %s", figure);
    return NAN;
}

static void every_published_value_comes_out(void **state) {
    (void)state;
    char *path = shared_path("expected/place/oakland.json");
    json_t *root = json_load_file(path, 0, NULL);
    onus_free(path);
    assert_non_null(root);
    const json_t *rows = json_object_get(root, "expected");
    size_t n = 0;
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, i, row) {
        const char *figure = json_string_value(json_object_get(row, "figure"));
        const double value = json_number_value(json_object_get(row, "value"));
        const double tolerance = json_number_value(json_object_get(row, "tolerance"));
        const double ours = value_of(figure);
        if (!(fabs(ours - value) <= tolerance)) {
            fail_msg("%s: %.17g, published %.17g", figure, ours, value);
        }
        n++;
    }
    assert_int_equal(n, 31);
    print_message("# %zu of %zu published values\n", n, json_array_size(rows));
    json_decref(root);
}

static void twenty_cells_are_more_of_the_city_than_of_its_cells(void **state) {
    (void)state;
    const onus_measure *cells = trial_find(&oakland, "place.area_share", "top=20");
    const onus_measure *area = trial_find(&oakland, "place.area_share", "area=true top=20");
    const onus_measure *pai = trial_find(&oakland, "place.pai", "area=true top=20");
    assert_true(fabs(cells->value - 20.0 / 661.0) < 1e-12);
    assert_true(area->value / cells->value > 1.10 && area->value / cells->value < 1.17);
    assert_true(fabs(pai->value - 721.0 / 2323.0 / area->value) < 1e-9);
}

static void beating_a_plain_count_by_a_tenth_is_not_supported(void **state) {
    (void)state;
    assert_int_equal(oakland.result.n_claims, 1);
    const onus_claim *claim = &oakland.result.claims[0];
    assert_true(claim->verdict == ONUS_VERDICT_CONTRADICTED ||
                claim->verdict == ONUS_VERDICT_NOT_SHOWN);
    assert_true(claim->interval.given && claim->interval.low < claim->value &&
                claim->value < claim->interval.high);
    assert_true(claim->num == 721 && claim->den == 718);
}

int main(void) {
    if (!shared_has("expected/place/oakland.json") || !shared_has("design/cases/oakland.yaml")) {
        print_message("# skipped: no shared records (ONUS_SHARED)\n");
        return 0;
    }
    trial_run(&oakland, "design/cases/oakland.yaml", "data");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_value_comes_out),
        cmocka_unit_test(twenty_cells_are_more_of_the_city_than_of_its_cells),
        cmocka_unit_test(beating_a_plain_count_by_a_tenth_is_not_supported),
    };
    const int failed = cmocka_run_group_tests_name("oakland", tests, NULL, NULL);
    trial_clear(&oakland);
    return failed;
}
