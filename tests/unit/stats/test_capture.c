/* Capture over area: ranks, ties, the most that could be captured, runs of flags. */
#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "shared.h"

#include <locale.h>
#include <string.h>

#include "onus/stats_capture.h"

enum { MOST = 40 };

/* A random window: few distinct scores, areas of a few sizes, few outcomes. */
typedef struct window {
    size_t n;
    double score[MOST];
    double area[MOST];
    int32_t order[MOST];
    double count[MOST]; /* of every cell */
    int32_t cell[MOST];
    double some[MOST]; /* counts above 0 */
    size_t n_some;
    onus_ranked cells;
    onus_cell_counts counts;
} window;

static void fill_counts(window *w) {
    w->n_some = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (w->count[i] > 0) {
            w->cell[w->n_some] = (int32_t)i;
            w->some[w->n_some++] = w->count[i];
        }
    }
    w->counts = (onus_cell_counts){.n = w->n_some, .cell = w->cell, .count = w->some};
}

static void random_window(window *w, uint64_t *seed, size_t most, bool equal_areas) {
    *w = (window){.n = 1 + (size_t)random_below(seed, most)};
    for (size_t i = 0; i < w->n; i++) {
        w->score[i] = (double)random_between(seed, 0, 3);
        w->area[i] = equal_areas ? 2.0 : 0.5 * (double)random_between(seed, 1, 6);
        w->order[i] = (int32_t)i;
        w->count[i] = random_below(seed, 2) == 0 ? 0.0 : (double)random_between(seed, 0, 4);
    }
    for (size_t i = w->n; i > 1; i--) {
        const size_t j = (size_t)random_below(seed, i);
        const int32_t t = w->order[i - 1];
        w->order[i - 1] = w->order[j];
        w->order[j] = t;
    }
    fill_counts(w);
    w->cells = (onus_ranked){.n_cells = w->n,
                             .score = w->score,
                             .area_m2 = w->area,
                             .by_density = random_below(seed, 2) == 0,
                             .order = w->order};
}

static double key_of(const window *w, size_t i) {
    return w->cells.by_density ? w->score[i] / w->area[i] : w->score[i];
}

/* Who comes first: by score, then by what the variant says. */
static bool comes_before(const window *w, size_t i, size_t j, onus_tie_variant v,
                         onus_capture_unit unit) {
    if (key_of(w, i) != key_of(w, j)) {
        return key_of(w, i) > key_of(w, j);
    }
    const double a = unit == ONUS_CAPTURE_AREA ? w->count[i] * w->area[j] : w->count[i];
    const double b = unit == ONUS_CAPTURE_AREA ? w->count[j] * w->area[i] : w->count[j];
    if (v == ONUS_TIE_WORST && a != b) {
        return a < b;
    }
    if (v == ONUS_TIE_BEST && a != b) {
        return a > b;
    }
    return w->order[i] < w->order[j];
}

/* All cells laid out one by one. */
static double captured_by_sorting(const window *w, onus_capture_unit unit, onus_tie_variant v,
                                  double budget) {
    double captured = 0;
    for (size_t i = 0; i < w->n; i++) {
        double from = 0;
        for (size_t j = 0; j < w->n; j++) {
            if (j != i && comes_before(w, j, i, v, unit)) {
                from += unit == ONUS_CAPTURE_AREA ? w->area[j] : 1;
            }
        }
        const double size = unit == ONUS_CAPTURE_AREA ? w->area[i] : 1;
        captured += w->count[i] * fmin(1, fmax(0, (budget - from) / size));
    }
    return captured;
}

static void strict_orders_are_what_sorting_every_cell_gives(void **state) {
    (void)state;
    uint64_t seed = 31;
    for (int trial = 0; trial < test_mult(300); trial++) {
        window w;
        random_window(&w, &seed, MOST, false);
        onus_capture c;
        assert_int_equal(onus_capture_make(&w.cells, &w.counts, ONUS_TIE_ORDER, &c, NULL), ONUS_OK);
        for (int u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
            const onus_capture_unit unit = (onus_capture_unit)u;
            for (int b = 0; b < 8; b++) {
                const double budget = unit == ONUS_CAPTURE_CELLS
                                          ? (double)random_below(&seed, w.n + 2)
                                          : c.all[u] * (double)random_between(&seed, 0, 64) / 60.0;
                for (int v = 0; v < ONUS_TIE_N_VARIANTS; v++) {
                    const double want = captured_by_sorting(&w, unit, (onus_tie_variant)v, budget);
                    assert_near(onus_captured(&c, unit, (onus_tie_variant)v, budget), want, 1e-12);
                }
            }
        }
        onus_capture_clear(&c);
    }
}

/* Mean over all orders of at most 5 equals, by visiting every one (Heap's algorithm, recursive). */
static void visit_orders(window *w, size_t n, onus_capture_unit unit, double budget, double *sum,
                         double *count) {
    if (n <= 1) {
        *sum += captured_by_sorting(w, unit, ONUS_TIE_ASKED, budget);
        *count += 1;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        visit_orders(w, n - 1, unit, budget, sum, count);
        const size_t j = n % 2 == 0 ? i : 0;
        const int32_t t = w->order[j];
        w->order[j] = w->order[n - 1];
        w->order[n - 1] = t;
    }
}

static void the_linear_share_is_the_mean_over_all_orders_of_equal_cells(void **state) {
    (void)state;
    uint64_t seed = 32;
    for (int trial = 0; trial < test_mult(30); trial++) {
        window w;
        random_window(&w, &seed, 5, true);
        onus_capture c;
        assert_int_equal(onus_capture_make(&w.cells, &w.counts, ONUS_TIE_EXPECTED, &c, NULL),
                         ONUS_OK);
        for (int u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
            const onus_capture_unit unit = (onus_capture_unit)u;
            const double budget = c.all[u] * (double)random_between(&seed, 0, 20) / 20.0;
            double sum = 0;
            double n = 0;
            visit_orders(&w, w.n, unit, budget, &sum, &n);
            assert_near(onus_captured(&c, unit, ONUS_TIE_ASKED, budget), sum / n, 1e-12);
        }
        onus_capture_clear(&c);
    }
}

static void the_asked_rule_lies_between_worst_and_best(void **state) {
    (void)state;
    uint64_t seed = 33;
    for (int trial = 0; trial < test_mult(300); trial++) {
        window w;
        random_window(&w, &seed, MOST, false);
        for (int rule = ONUS_TIE_EXPECTED; rule <= ONUS_TIE_ORDER; rule++) {
            onus_capture c;
            assert_int_equal(onus_capture_make(&w.cells, &w.counts, (onus_tie_rule)rule, &c, NULL),
                             ONUS_OK);
            for (int u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
                const onus_capture_unit unit = (onus_capture_unit)u;
                const double budget = c.all[u] * (double)random_between(&seed, 0, 20) / 20.0;
                const double asked = onus_captured(&c, unit, ONUS_TIE_ASKED, budget);
                assert_true(onus_captured(&c, unit, ONUS_TIE_WORST, budget) <= asked + 1e-9);
                assert_true(onus_captured(&c, unit, ONUS_TIE_BEST, budget) >= asked - 1e-9);
                assert_true(onus_captured(&c, unit, ONUS_TIE_ASKED, 0) == 0);
                assert_true(onus_captured(&c, unit, ONUS_TIE_ASKED, c.all[u]) == c.n_outcomes);
            }
            onus_capture_clear(&c);
        }
    }
}

static void the_area_under_the_curve_is_the_integral_of_the_capture(void **state) {
    (void)state;
    uint64_t seed = 34;
    for (int trial = 0; trial < test_mult(30); trial++) {
        window w;
        random_window(&w, &seed, MOST, false);
        onus_capture c;
        assert_int_equal(onus_capture_make(&w.cells, &w.counts, ONUS_TIE_EXPECTED, &c, NULL),
                         ONUS_OK);
        const double alpha = (double)random_between(&seed, 1, 10) / 10.0;
        const onus_number auc = onus_capture_auc(&c, ONUS_TIE_ASKED, alpha);
        if (w.n_some == 0) {
            assert_true(isnan(auc.value) && auc.reason != NULL);
        } else {
            enum { STEPS = 20000 };
            double sum = 0;
            for (int s = 0; s < STEPS; s++) {
                const double at = alpha * (s + 0.5) / STEPS;
                sum += onus_captured(&c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, at * c.all[0]);
            }
            assert_near(auc.value, sum * alpha / STEPS / c.n_outcomes, 1e-7);
        }
        onus_capture_clear(&c);
    }
}

static void one_score_everywhere_is_chance(void **state) {
    (void)state;
    const double score[] = {3, 3, 3, 3, 3};
    const double area[] = {1, 2, 3, 4, 5};
    const int32_t cell[] = {1, 3};
    const double count[] = {2, 5};
    const onus_ranked cells = {.n_cells = 5, .score = score, .area_m2 = area};
    const onus_cell_counts counts = {.n = 2, .cell = cell, .count = count};
    onus_capture c;
    assert_int_equal(onus_capture_make(&cells, &counts, ONUS_TIE_EXPECTED, &c, NULL), ONUS_OK);
    assert_near(onus_captured(&c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, 3), 7 * 3 / 15.0, 1e-15);
    assert_near(onus_capture_auc(&c, ONUS_TIE_ASKED, 0.3).value, onus_capture_auc_random(0.3),
                1e-15);
    assert_true(onus_capture_auc_random(1) == 0.5);
    onus_capture_clear(&c);
}

/* ---- references ---- */

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

/* ---- what a budget flags ---- */

static void whole_flags_are_the_first_that_fit(void **state) {
    (void)state;
    uint64_t seed = 35;
    for (int trial = 0; trial < test_mult(300); trial++) {
        window w;
        random_window(&w, &seed, MOST, false);
        for (int u = 0; u < ONUS_CAPTURE_N_UNITS; u++) {
            const onus_capture_unit unit = (onus_capture_unit)u;
            const double budget = 0.5 * (double)random_between(&seed, 0, 60);
            int32_t got[MOST];
            size_t n = 0;
            assert_int_equal(onus_flag_whole(&w.cells, unit, budget, got, &n, NULL), ONUS_OK);
            /* by ranks counted one against the other */
            size_t at_rank[MOST];
            for (size_t i = 0; i < w.n; i++) {
                size_t rank = 0;
                for (size_t j = 0; j < w.n; j++) {
                    rank += comes_before(&w, j, i, ONUS_TIE_ASKED, unit);
                }
                at_rank[rank] = i;
            }
            double used = 0;
            size_t k = 0;
            for (size_t r = 0; r < w.n; r++) {
                const double size = unit == ONUS_CAPTURE_AREA ? w.area[at_rank[r]] : 1;
                if (used + size <= budget) {
                    used += size;
                    assert_true(k < n && (size_t)got[k] == at_rank[r]);
                    k++;
                }
            }
            assert_int_equal(k, n);
        }
    }
}

static void expected_flags_fill_the_budget(void **state) {
    (void)state;
    uint64_t seed = 36;
    for (int trial = 0; trial < test_mult(300); trial++) {
        window w;
        random_window(&w, &seed, MOST, false);
        double all = 0;
        double score = 0;
        for (size_t i = 0; i < w.n; i++) {
            all += w.area[i];
            score += w.score[i];
        }
        const double budget = 0.5 * (double)random_between(&seed, 0, 60);
        onus_flagged area;
        onus_flagged cells;
        assert_int_equal(onus_flagged_expected(&w.cells, ONUS_CAPTURE_AREA, budget, &area, NULL),
                         ONUS_OK);
        assert_int_equal(onus_flagged_expected(&w.cells, ONUS_CAPTURE_CELLS, budget, &cells, NULL),
                         ONUS_OK);
        assert_near(area.area_m2, fmin(budget, all), 1e-12);
        assert_near(cells.n_cells, fmin(budget, (double)w.n), 1e-12);
        if (budget >= all) {
            assert_near(area.score, score, 1e-12);
            assert_near(area.n_cells, (double)w.n, 1e-12);
        }
        /* the share of the score: a forecast that comes true to the letter has an RRI of 1 */
        memcpy(w.count, w.score, sizeof w.count);
        fill_counts(&w);
        onus_capture c;
        assert_int_equal(onus_capture_make(&w.cells, &w.counts, ONUS_TIE_EXPECTED, &c, NULL),
                         ONUS_OK);
        if (!w.cells.by_density) { /* equal scores then mean equal counts, whatever the area */
            assert_near(cells.score, onus_captured(&c, ONUS_CAPTURE_CELLS, ONUS_TIE_ASKED, budget),
                        1e-9);
        }
        onus_capture_clear(&c);
    }
}

/* ---- the most that could be captured ---- */

static double most_by_trying_all(const window *w, double budget) {
    double best = 0;
    for (uint32_t set = 0; set < UINT32_C(1) << w->n_some; set++) {
        double area = 0;
        double count = 0;
        for (size_t i = 0; i < w->n_some; i++) {
            if ((set >> i & 1) != 0) {
                area += w->area[w->cell[i]];
                count += w->some[i];
            }
        }
        best = area <= budget && count > best ? count : best;
    }
    return best;
}

static void the_best_choice_is_the_best_of_all_choices(void **state) {
    (void)state;
    uint64_t seed = 37;
    size_t n_hard = 0;
    size_t n_bounds = 0;
    for (int trial = 0; trial < test_mult(400); trial++) {
        window w = {.n = 1 + (size_t)random_below(&seed, 12)};
        double all = 0;
        for (size_t i = 0; i < w.n; i++) {
            w.area[i] = 0.25 * (double)random_between(&seed, 1, 40);
            w.count[i] = (double)random_between(&seed, 0, 30);
            all += w.area[i];
        }
        fill_counts(&w);
        const double budget = all * (double)random_between(&seed, 0, 24) / 20.0;
        const double want = most_by_trying_all(&w, budget);
        onus_best best;
        assert_int_equal(onus_capture_best(&w.counts, w.area, w.n, budget, 0, &best, NULL),
                         ONUS_OK);
        assert_true(best.exact && best.reason == NULL);
        assert_true(best.low == want && best.high == want);
        assert_true(best.greedy <= want && best.relaxed * (1 + 1e-8) >= want);
        n_hard += best.greedy < want;
        /* too few steps for counts: branches, and then bounds, hold the truth between them */
        for (uint64_t cap = 1; cap <= 64; cap *= 4) {
            assert_int_equal(onus_capture_best(&w.counts, w.area, w.n, budget, cap, &best, NULL),
                             ONUS_OK);
            assert_true(best.low <= want && want <= best.high);
            assert_true(best.exact == (best.reason == NULL));
            assert_true(best.exact == (best.low == best.high));
            n_bounds += !best.exact;
        }
    }
    assert_true(n_hard > 10 && n_bounds > 10); /* the trials were worth it */
}

static void branches_find_what_counts_find(void **state) {
    (void)state;
    /* counts so large that dynamic programming over them does not pay */
    uint64_t seed = 38;
    for (int trial = 0; trial < test_mult(100); trial++) {
        window w = {.n = 12};
        double all = 0;
        for (size_t i = 0; i < w.n; i++) {
            w.area[i] = (double)random_between(&seed, 50, 150);
            w.count[i] = (double)random_between(&seed, 500000, 1500000);
            all += w.area[i];
        }
        fill_counts(&w);
        const double want = most_by_trying_all(&w, all / 3);
        onus_best best;
        assert_int_equal(onus_capture_best(&w.counts, w.area, w.n, all / 3, 100000, &best, NULL),
                         ONUS_OK);
        assert_true(best.exact && best.low == want);
    }
}

static void pei_is_a_range_where_the_best_is_not_known(void **state) {
    (void)state;
    const onus_best best = {.low = 8, .high = 10};
    const onus_limits pei = onus_pei(4, &best);
    assert_true(pei.low == 0.4 && pei.high == 0.5);
    const onus_best none = {.exact = true};
    assert_true(isnan(onus_pei(0, &none).low));
    assert_true(isnan(onus_pai(0, 0, 1, 2).value) && isnan(onus_pai(1, 2, 0, 2).value));
    assert_true(isnan(onus_pai(3, 2, 1, 2).value) && isnan(onus_pai(1, 2, 3, 2).value));
    assert_true(isnan(onus_rri(3, 0).value) && isnan(onus_rri(-1, 1).value));
}

/* ---- runs ---- */

static void runs_are_counted_cell_by_cell(void **state) {
    (void)state;
    uint64_t seed = 39;
    enum { CELLS = 9, WINDOWS = 20 };
    for (int trial = 0; trial < test_mult(100); trial++) {
        bool on[WINDOWS][CELLS] = {0};
        onus_flag_runs runs;
        assert_int_equal(onus_flag_runs_init(&runs, CELLS), ONUS_OK);
        double n_flags = 0;
        double n_runs = 0;
        for (size_t t = 0; t < WINDOWS; t++) {
            int32_t cell[2 * CELLS];
            size_t n = 0;
            for (int32_t c = 0; c < CELLS; c++) {
                on[t][c] = c == 0 || (c != 1 && random_below(&seed, 3) > 0);
                for (int twice = 0; on[t][c] && twice <= (c == 2); twice++) {
                    cell[n++] = c;
                }
                n_flags += on[t][c];
                n_runs += on[t][c] && (t == 0 || !on[t - 1][c]);
            }
            assert_int_equal(onus_flag_runs_add(&runs, cell, n), ONUS_OK);
        }
        assert_near(onus_flag_runs_mean(&runs).value, n_flags / n_runs, 1e-15);
        size_t ever = 0;
        size_t always = 0;
        for (size_t c = 0; c < CELLS; c++) {
            size_t n = 0;
            for (size_t t = 0; t < WINDOWS; t++) {
                n += on[t][c];
            }
            assert_true(runs.times[c] == (double)n);
            ever += n > 0;
            always += n == WINDOWS;
        }
        assert_int_equal(onus_flag_runs_ever(&runs), ever);
        assert_int_equal(onus_flag_runs_always(&runs), always);
        onus_number gini;
        assert_int_equal(onus_flag_runs_gini(&runs, &gini), ONUS_OK);
        assert_true(gini.value > 0 && gini.value < 1);
        const int32_t beyond = CELLS;
        assert_int_equal(onus_flag_runs_add(&runs, &beyond, 1), ONUS_ERR_DOMAIN);
        assert_int_equal(runs.n_windows, WINDOWS);
        onus_flag_runs_clear(&runs);
    }
}

static void no_flags_have_no_runs(void **state) {
    (void)state;
    onus_flag_runs runs;
    assert_int_equal(onus_flag_runs_init(&runs, 3), ONUS_OK);
    assert_true(isnan(onus_flag_runs_mean(&runs).value));
    assert_int_equal(onus_flag_runs_always(&runs), 0);
    onus_number gini;
    assert_int_equal(onus_flag_runs_gini(&runs, &gini), ONUS_OK);
    assert_non_null(gini.reason);
    onus_flag_runs_clear(&runs);
}

/* ---- edges ---- */

static void events_gather_into_counts(void **state) {
    (void)state;
    const int32_t cell[] = {4, 2, 4, 9, 2};
    const double count[] = {1, 0, 2, 3, 0};
    int32_t out[5];
    double n[5];
    size_t n_out = 0;
    assert_int_equal(onus_cell_counts_gather(cell, count, 5, out, n, &n_out), ONUS_OK);
    assert_int_equal(n_out, 2);
    assert_true(out[0] == 4 && n[0] == 3 && out[1] == 9 && n[1] == 3);
    assert_int_equal(onus_cell_counts_gather(cell, NULL, 5, out, n, &n_out), ONUS_OK);
    assert_true(n_out == 3 && out[0] == 2 && n[0] == 2);
    assert_int_equal(onus_cell_counts_gather(NULL, NULL, 0, out, n, &n_out), ONUS_OK);
    assert_int_equal(n_out, 0);
    const double half[] = {0.5};
    assert_int_equal(onus_cell_counts_gather(cell, half, 1, out, n, &n_out), ONUS_ERR_DOMAIN);
    const int32_t nowhere[] = {-1};
    assert_int_equal(onus_cell_counts_gather(nowhere, NULL, 1, out, n, &n_out), ONUS_ERR_DOMAIN);
}

static void what_cannot_be_ranked_is_refused(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    onus_capture c;
    onus_best best;
    onus_flagged flagged;
    int32_t whole[2];
    size_t n_whole = 0;
    const int32_t cell[] = {0, 1};
    const double one[] = {1, 1};
    const onus_cell_counts good = {.n = 2, .cell = cell, .count = one};
    const double bad[][2] = {{NAN, 1}, {1, INFINITY}};
    for (size_t i = 0; i < 2; i++) {
        const onus_ranked cells = {.n_cells = 2, .score = bad[i]};
        assert_int_equal(onus_capture_make(&cells, &good, ONUS_TIE_EXPECTED, &c, &err),
                         ONUS_ERR_DOMAIN);
        assert_true(c.n == 0 && c.storage == NULL);
        assert_int_equal(onus_flagged_expected(&cells, ONUS_CAPTURE_CELLS, 1, &flagged, &err),
                         ONUS_ERR_DOMAIN);
        assert_int_equal(onus_flag_whole(&cells, ONUS_CAPTURE_CELLS, 1, whole, &n_whole, &err),
                         ONUS_ERR_DOMAIN);
    }
    const double empty[] = {1, 0};
    const onus_ranked flat = {.n_cells = 2, .score = one, .area_m2 = empty};
    assert_int_equal(onus_capture_make(&flat, &good, ONUS_TIE_EXPECTED, &c, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_capture_best(&good, empty, 2, 1, 0, &best, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_capture_best(&good, NULL, 2, NAN, 0, &best, &err), ONUS_ERR_DOMAIN);
    const onus_ranked fine = {.n_cells = 2, .score = one};
    const int32_t twice[] = {1, 1};
    const int32_t beyond[] = {0, 2};
    const double half[] = {1, 0.5};
    const onus_cell_counts wrong[] = {{.n = 2, .cell = twice, .count = one},
                                      {.n = 2, .cell = beyond, .count = one},
                                      {.n = 2, .cell = cell, .count = half}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(onus_capture_make(&fine, &wrong[i], ONUS_TIE_EXPECTED, &c, &err),
                         ONUS_ERR_DOMAIN);
        assert_int_equal(onus_capture_best(&wrong[i], NULL, 2, 1, 0, &best, &err), ONUS_ERR_DOMAIN);
    }
    const onus_ranked none = {.n_cells = 0};
    const onus_cell_counts nothing = {.n = 0};
    assert_int_equal(onus_capture_make(&none, &nothing, ONUS_TIE_EXPECTED, &c, &err), ONUS_OK);
    assert_true(onus_captured(&c, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, 1) == 0);
    onus_capture_clear(&c);
    assert_int_equal(onus_flagged_expected(&none, ONUS_CAPTURE_AREA, 1, &flagged, &err), ONUS_OK);
    assert_true(flagged.area_m2 == 0);
}

static void every_refused_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t seed = 40;
    window w;
    do {
        random_window(&w, &seed, MOST, false);
    } while (w.n_some < 5);
    FAULT_EACH(fault) {
        onus_error err = ONUS_ERROR_INIT;
        onus_capture c;
        const onus_status status = onus_capture_make(&w.cells, &w.counts, ONUS_TIE_ORDER, &c, &err);
        fault_expect(&fault, status);
        onus_capture_clear(&c);
    }
    for (uint64_t cap = 1; cap <= 100000; cap += 99999) {
        FAULT_EACH(fault) {
            onus_best best;
            fault_expect(&fault, onus_capture_best(&w.counts, w.area, w.n, 6.5, cap, &best, NULL));
        }
    }
    FAULT_EACH(fault) {
        int32_t cell[MOST];
        double count[MOST];
        size_t n = 0;
        onus_flagged flagged;
        fault_expect(&fault, onus_cell_counts_gather(w.cell, NULL, w.n_some, cell, count, &n));
        fault_expect(&fault, onus_flag_whole(&w.cells, ONUS_CAPTURE_CELLS, 3, cell, &n, NULL));
        fault_expect(&fault, onus_flagged_expected(&w.cells, ONUS_CAPTURE_AREA, 3, &flagged, NULL));
    }
    FAULT_EACH(fault) {
        onus_flag_runs runs;
        fault_expect(&fault, onus_flag_runs_init(&runs, 4));
        onus_flag_runs_clear(&runs);
    }
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the readers of the reference files use scanf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_orders_are_what_sorting_every_cell_gives),
        cmocka_unit_test(the_linear_share_is_the_mean_over_all_orders_of_equal_cells),
        cmocka_unit_test(the_asked_rule_lies_between_worst_and_best),
        cmocka_unit_test(the_area_under_the_curve_is_the_integral_of_the_capture),
        cmocka_unit_test(one_score_everywhere_is_chance),
        cmocka_unit_test(the_small_reference_comes_out_whole),
        cmocka_unit_test(hit_rates_agree_with_open_cp),
        cmocka_unit_test(whole_flags_are_the_first_that_fit),
        cmocka_unit_test(expected_flags_fill_the_budget),
        cmocka_unit_test(the_best_choice_is_the_best_of_all_choices),
        cmocka_unit_test(branches_find_what_counts_find),
        cmocka_unit_test(pei_is_a_range_where_the_best_is_not_known),
        cmocka_unit_test(runs_are_counted_cell_by_cell),
        cmocka_unit_test(no_flags_have_no_runs),
        cmocka_unit_test(events_gather_into_counts),
        cmocka_unit_test(what_cannot_be_ranked_is_refused),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
