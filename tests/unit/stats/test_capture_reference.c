/* Capture and hit rates against references: ptools by hand, unequal areas, ties, open_cp. */
#include "capture_window.h"
#include "shared.h"

#include <locale.h>
#include <string.h>

static void check_ptools(const json_t *example, const char *name, onus_tie_variant v) {
    double obs[8];
    double pred[8];
    double want[4][8];
    const size_t n = json_numbers(example, "obs", obs, 8);
    assert_int_equal(json_numbers(example, "pred", pred, 8), n);
    const json_t *rule = json_object_get(example, name);
    assert_int_equal(json_numbers(rule, "cum", want[0], 8), n);
    assert_int_equal(json_numbers(rule, "PAI", want[1], 8), n);
    assert_int_equal(json_numbers(rule, "PEIstar", want[2], 8), n);
    assert_int_equal(json_numbers(rule, "RRI", want[3], 8), n);
    window w = {.n = n};
    memcpy(w.count, obs, sizeof obs);
    fill_counts(&w);
    const onus_ranked cells = {.n_cells = n, .score = pred};
    onus_capture c;
    assert_int_equal(onus_capture_make(&cells, &w.counts, ONUS_TIE_ORDER, &c, NULL), ONUS_OK);
    for (size_t k = 1; k <= n; k++) {
        const double got = onus_captured(&c, ONUS_CAPTURE_CELLS, v, (double)k);
        assert_near(got, want[0][k - 1], 1e-12);
        assert_near(onus_pai(got, c.n_outcomes, (double)k, (double)n).value, want[1][k - 1], 1e-12);
        onus_best best;
        assert_int_equal(onus_capture_best(&w.counts, NULL, n, (double)k, 0, &best, NULL), ONUS_OK);
        assert_true(best.exact);
        assert_near(onus_pei(got, &best).low, want[2][k - 1], 1e-12);
        onus_flagged flagged;
        assert_int_equal(
            onus_flagged_expected(&cells, ONUS_CAPTURE_CELLS, (double)k, &flagged, NULL), ONUS_OK);
        assert_near(onus_rri(flagged.score, got).value, want[3][k - 1], 1e-12);
    }
    onus_capture_clear(&c);
}

static void check_unequal(const json_t *example) {
    double area[8];
    double forecast[8];
    window w = {0};
    w.n = json_numbers(example, "area", area, 8);
    assert_int_equal(json_numbers(example, "count", w.count, 8), w.n);
    assert_int_equal(json_numbers(example, "forecast", forecast, 8), w.n);
    fill_counts(&w);
    const double budget = json_number(example, "budget");
    const onus_ranked cells = {
        .n_cells = w.n, .score = forecast, .area_m2 = area, .by_density = true};
    int32_t flagged[8];
    double want[8];
    size_t n_flagged = 0;
    assert_int_equal(onus_flag_whole(&cells, ONUS_CAPTURE_AREA, budget, flagged, &n_flagged, NULL),
                     ONUS_OK);
    assert_int_equal(json_numbers(example, "selected_by_forecast_density_greedy", want, 8),
                     n_flagged);
    double n = 0;
    double a = 0;
    double n_all = 0;
    double area_all = 0;
    for (size_t i = 0; i < n_flagged; i++) {
        assert_int_equal(flagged[i], (int32_t)want[i]);
        n += w.count[flagged[i]];
        a += area[flagged[i]];
    }
    for (size_t i = 0; i < w.n; i++) {
        n_all += w.count[i];
        area_all += area[i];
    }
    assert_true(n == json_number(example, "n") && a == json_number(example, "a"));
    assert_near(onus_pai(n, n_all, a, area_all).value, json_number(example, "PAI"), 1e-12);
    onus_best best;
    assert_int_equal(onus_capture_best(&w.counts, area, w.n, a, 0, &best, NULL), ONUS_OK);
    assert_true(best.exact && best.low == json_number(example, "n_star_exact_knapsack"));
    assert_true(best.greedy == json_number(example, "n_star_greedy"));
    /* the bound is taken at the budget with its tolerance of 1e-9 */
    assert_near(best.relaxed, json_number(example, "n_star_LP_upper"), 1e-8);
    assert_near(onus_pei(n, &best).low, json_number(example, "PEIstar_exact"), 1e-12);
    assert_near(n / best.greedy, json_number(example, "PEIstar_with_greedy_oracle"), 1e-12);
    assert_near(n / best.relaxed, json_number(example, "PEIstar_lower_bound(LP)"), 1e-8);
}

static void check_tied_curve(const json_t *example) {
    double forecast[64];
    double at[64];
    double rate[64];
    static double counts[64];
    const size_t n = json_numbers(example, "forecast", forecast, 64);
    assert_int_equal(json_numbers(example, "counts", counts, 64), n);
    const size_t n_points = json_numbers(example, "area_frac_at_tie_groups", at, 64);
    assert_int_equal(json_numbers(example, "hit_rate_at_tie_groups", rate, 64), n_points);
    int32_t cell[64];
    double some[64];
    size_t n_some = 0;
    for (size_t i = 0; i < n; i++) {
        cell[i] = (int32_t)i;
    }
    assert_int_equal(onus_cell_counts_gather(cell, counts, n, cell, some, &n_some), ONUS_OK);
    const onus_cell_counts of = {.n = n_some, .cell = cell, .count = some};
    const onus_ranked cells = {.n_cells = n, .score = forecast};
    onus_capture c;
    assert_int_equal(onus_capture_make(&cells, &of, ONUS_TIE_EXPECTED, &c, NULL), ONUS_OK);
    for (size_t i = 0; i < n_points; i++) {
        const double got =
            onus_captured(&c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, at[i] * (double)n) / c.n_outcomes;
        assert_near(got, rate[i], 1e-12);
    }
    assert_near(onus_capture_auc(&c, ONUS_TIE_ASKED, 0.2).value,
                json_number(example, "partial_auc_0.2"), 1e-12);
    assert_near(onus_capture_auc_random(0.2), json_number(example, "partial_auc_0.2_random"),
                1e-12);
    assert_near(onus_capture_auc(&c, ONUS_TIE_ASKED, 1).value, json_number(example, "full_auc"),
                1e-12);
    assert_near(onus_captured(&c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, 0.1 * (double)n) /
                    c.n_outcomes,
                json_number(example, "hit_rate_at_10pct_interpolated"), 1e-12);
    onus_capture_clear(&c);
}

static void the_small_reference_comes_out_whole(void **state) {
    (void)state;
    json_t *root = shared_json("expected/place/pai_small.json");
    if (root == NULL) {
        skip();
    }
    const json_t *ptools = json_object_get(root, "ptools_example");
    check_ptools(ptools, "tie_worst(ptools documents this)", ONUS_TIE_WORST);
    check_ptools(ptools, "tie_best", ONUS_TIE_BEST);
    check_ptools(ptools, "tie_natural_order", ONUS_TIE_ASKED);
    const double pred[] = {8, 4, 4, 2, 1, 0};
    const int32_t cell[] = {0, 1, 2, 3, 4};
    const double obs[] = {6, 7, 3, 2, 1};
    const onus_ranked cells = {.n_cells = 6, .score = pred};
    const onus_cell_counts counts = {.n = 5, .cell = cell, .count = obs};
    const json_t *expected = json_object_get(ptools, "k=2 expected over random ties");
    onus_capture c;
    assert_int_equal(onus_capture_make(&cells, &counts, ONUS_TIE_EXPECTED, &c, NULL), ONUS_OK);
    const double n = onus_captured(&c, ONUS_CAPTURE_CELLS, ONUS_TIE_ASKED, 2);
    assert_near(n, json_number(expected, "n"), 1e-12);
    assert_near(onus_pai(n, 19, 2, 6).value, json_number(expected, "PAI"), 1e-12);
    onus_capture_clear(&c);
    check_unequal(json_object_get(root, "unequal_area"));
    check_tied_curve(json_object_get(root, "tied_curve"));
    /* the constants of the NIJ challenge: PAI is at most A / a */
    const json_t *nij = json_object_get(root, "nij_constants");
    const double area = json_number(nij, "portland_area_sqmi");
    assert_near(json_number(nij, "portland_area_sqft_used_by_Flaxman_et_al") /
                    json_number(nij, "sqft_per_sqmi"),
                area, 1e-12);
    const json_t *upper = json_object_get(nij, "PAI_upper_bound_A_over_a");
    assert_near(onus_pai(10, 10, 0.25, area).value, json_number(upper, "0.25"), 1e-12);
    assert_near(onus_pai(10, 10, 0.75, area).value, json_number(upper, "0.75"), 1e-12);
    const json_t *budget = json_object_get(nij, "cells_in_budget");
    const double square_feet = json_number(nij, "sqft_per_sqmi");
    assert_near(0.25 * square_feet / 360000, json_number(budget, "min(0.25sqmi,360000)"), 1e-12);
    assert_near(0.75 * square_feet / 62500, json_number(budget, "max(0.75sqmi,62500)"), 1e-12);
    json_decref(root);
}

/* open_cp's hit rates are shares at a number of whole cells; where its ties do not decide (they
 * take the last cells), the definition is the same. */
static void hit_rates_agree_with_open_cp(void **state) {
    (void)state;
    enum { WIDE = 12, HIGH = 10 };
    json_t *root = shared_json("expected/place/opencp.json");
    FILE *matrix = shared_open("expected/place/opencp_inputs/small_matrix.csv");
    FILE *events = shared_open("expected/place/opencp_inputs/small_events.csv");
    if (root == NULL || matrix == NULL || events == NULL) {
        skip();
    }
    double risk[WIDE * HIGH];
    for (size_t i = 0; i < WIDE * HIGH; i++) {
        assert_int_equal(fscanf(matrix, "%lf,", &risk[i]), 1);
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
    const onus_ranked cells = {.n_cells = WIDE * HIGH, .score = risk};
    const onus_cell_counts counts = {.n = n_cells, .cell = cell, .count = count};
    onus_capture c;
    assert_int_equal(onus_capture_make(&cells, &counts, ONUS_TIE_EXPECTED, &c, NULL), ONUS_OK);
    const json_t *hits = json_object_get(json_object_get(root, "unmasked"), "hit_counts");
    const char *per_cent = NULL;
    const json_t *pair = NULL;
    json_object_foreach((json_t *)(uintptr_t)hits, per_cent, pair) {
        const double k = floor(strtod(per_cent, NULL) / 100 * WIDE * HIGH);
        assert_near(onus_captured(&c, ONUS_CAPTURE_CELLS, ONUS_TIE_ASKED, k),
                    json_number_value(json_array_get(pair, 0)), 1e-12);
    }
    onus_capture_clear(&c);
    json_decref(root);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the readers of the reference files use scanf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_small_reference_comes_out_whole),
        cmocka_unit_test(hit_rates_agree_with_open_cp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
