/* What a budget flags, the most that could have been captured, and runs of flags. */
#include "capture_window.h"

#include <string.h>

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_flags_are_the_first_that_fit),
        cmocka_unit_test(expected_flags_fill_the_budget),
        cmocka_unit_test(the_best_choice_is_the_best_of_all_choices),
        cmocka_unit_test(branches_find_what_counts_find),
        cmocka_unit_test(pei_is_a_range_where_the_best_is_not_known),
        cmocka_unit_test(runs_are_counted_cell_by_cell),
        cmocka_unit_test(no_flags_have_no_runs),
        cmocka_unit_test(events_gather_into_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
