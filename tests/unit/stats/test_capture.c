/* Capture over area: ranks, ties, the curve and its area, what is refused. */
#include "capture_window.h"

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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_orders_are_what_sorting_every_cell_gives),
        cmocka_unit_test(the_linear_share_is_the_mean_over_all_orders_of_equal_cells),
        cmocka_unit_test(the_asked_rule_lies_between_worst_and_best),
        cmocka_unit_test(the_area_under_the_curve_is_the_integral_of_the_capture),
        cmocka_unit_test(one_score_everywhere_is_chance),
        cmocka_unit_test(what_cannot_be_ranked_is_refused),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
