/* Disclosure control against brute force: enumerate every table that fits what is published. */
#include "../fault.h"
#include "../random.h"

#include <string.h>

#include "onus/stats_disclosure.h"

enum { CELLS_MAX = 12, SUMS_MAX = 10, ENTRIES_MAX = CELLS_MAX * SUMS_MAX };

typedef struct small_table {
    onus_disclosure table;
    int64_t values[CELLS_MAX];
    size_t starts[SUMS_MAX + 1];
    int32_t cells[ENTRIES_MAX];
} small_table;

static void random_table(uint64_t *seed, small_table *t, int64_t highest) {
    const size_t n_cells = 1 + (size_t)random_below(seed, CELLS_MAX);
    const size_t n_sums = (size_t)random_below(seed, SUMS_MAX + 1);
    size_t n = 0;
    for (size_t c = 0; c < n_cells; c++) {
        t->values[c] = random_between(seed, 0, highest);
    }
    const uint64_t density = 2 + random_below(seed, 4);
    t->starts[0] = 0;
    for (size_t s = 0; s < n_sums; s++) {
        for (size_t c = 0; c < n_cells; c++) {
            if (random_below(seed, density) == 0) {
                t->cells[n++] = (int32_t)c;
            }
        }
        t->starts[s + 1] = n;
    }
    t->table = (onus_disclosure){.n_cells = n_cells,
                                 .values = t->values,
                                 .n_sums = n_sums,
                                 .starts = t->starts,
                                 .cells = t->cells};
}

/* Rank of rows (real elimination with partial pivoting; entries are small whole numbers). */
static size_t rank_of(double m[][CELLS_MAX], size_t n_rows, size_t n_columns) {
    size_t rank = 0;
    for (size_t c = 0; c < n_columns && rank < n_rows; c++) {
        size_t best = rank;
        for (size_t r = rank; r < n_rows; r++) {
            best = (m[r][c] < 0 ? -m[r][c] : m[r][c]) > (m[best][c] < 0 ? -m[best][c] : m[best][c])
                       ? r
                       : best;
        }
        if ((m[best][c] < 0 ? -m[best][c] : m[best][c]) < 1e-9) {
            continue;
        }
        for (size_t k = 0; k < n_columns; k++) {
            const double kept = m[rank][k];
            m[rank][k] = m[best][k];
            m[best][k] = kept;
        }
        for (size_t r = rank + 1; r < n_rows; r++) {
            const double factor = m[r][c] / m[rank][c];
            for (size_t k = 0; k < n_columns; k++) {
                m[r][k] -= factor * m[rank][k];
            }
        }
        rank++;
    }
    return rank;
}

/* Is `form` (0/1 over cells) a combination of the published cells and sums? By ranks. */
static bool determined(const small_table *t, const uint8_t *cells, const uint8_t *sums,
                       const double *form) {
    double m[CELLS_MAX + SUMS_MAX + 1][CELLS_MAX] = {{0}};
    double again[CELLS_MAX + SUMS_MAX + 1][CELLS_MAX];
    size_t n = 0;
    for (size_t c = 0; c < t->table.n_cells; c++) {
        if (!cells[c]) {
            m[n++][c] = 1;
        }
    }
    for (size_t s = 0; s < t->table.n_sums; s++) {
        if (!sums[s]) {
            for (size_t e = t->starts[s]; e < t->starts[s + 1]; e++) {
                m[n][t->cells[e]] = 1;
            }
            n++;
        }
    }
    memcpy(again, m, sizeof m);
    memcpy(again[n], form, sizeof again[n]);
    return rank_of(m, n, CELLS_MAX) == rank_of(again, n + 1, CELLS_MAX);
}

static bool cell_determined(const small_table *t, const uint8_t *cells, const uint8_t *sums,
                            size_t c) {
    double form[CELLS_MAX] = {0};
    form[c] = 1;
    return determined(t, cells, sums, form);
}

static bool sum_determined(const small_table *t, const uint8_t *cells, const uint8_t *sums,
                           size_t s) {
    double form[CELLS_MAX] = {0};
    for (size_t e = t->starts[s]; e < t->starts[s + 1]; e++) {
        form[t->cells[e]] = 1;
    }
    return determined(t, cells, sums, form);
}

static void recoverable_is_what_real_ranks_say(void **state) {
    (void)state;
    uint64_t seed = 7;
    size_t n_yes = 0;
    size_t n_no = 0;
    for (int trial = 0; trial < test_mult(3000); trial++) {
        small_table t;
        random_table(&seed, &t, 20);
        uint8_t cells[CELLS_MAX];
        uint8_t sums[SUMS_MAX];
        uint8_t got[CELLS_MAX];
        uint8_t got_sums[SUMS_MAX];
        for (size_t c = 0; c < t.table.n_cells; c++) {
            cells[c] = random_below(&seed, 3) > 0;
        }
        for (size_t s = 0; s < t.table.n_sums; s++) {
            sums[s] = random_below(&seed, 4) == 0;
        }
        assert_int_equal(onus_disclosure_recoverable(&t.table, cells, sums, got, got_sums, NULL),
                         ONUS_OK);
        for (size_t c = 0; c < t.table.n_cells; c++) {
            assert_int_equal(got[c], cells[c] && cell_determined(&t, cells, sums, c));
            n_yes += got[c];
            n_no += cells[c] && !got[c];
        }
        for (size_t s = 0; s < t.table.n_sums; s++) {
            assert_int_equal(got_sums[s], sums[s] && sum_determined(&t, cells, sums, s));
        }
    }
    assert_true(n_yes > 1000 && n_no > 1000);
}

/* Two rows and two columns of a table with margins: the case that subtraction alone does not see.
 */
static void a_square_of_four_is_safe_and_three_of_it_are_not(void **state) {
    (void)state;
    const int64_t values[] = {3, 20, 20, 20};
    const size_t starts[] = {0, 2, 4, 6, 8};
    const int32_t cells[] = {0, 1, 2, 3, 0, 2, 1, 3};
    const onus_disclosure table = {
        .n_cells = 4, .values = values, .n_sums = 4, .starts = starts, .cells = cells};
    uint8_t got[4];
    assert_int_equal(
        onus_disclosure_recoverable(&table, (uint8_t[]){1, 1, 1, 1}, NULL, got, NULL, NULL),
        ONUS_OK);
    assert_int_equal(got[0] + got[1] + got[2] + got[3], 0);
    assert_int_equal(
        onus_disclosure_recoverable(&table, (uint8_t[]){1, 1, 1, 0}, NULL, got, NULL, NULL),
        ONUS_OK);
    assert_int_equal(got[0] + got[1] + got[2], 3);
    uint8_t out[4];
    uint8_t sums[4];
    onus_disclosure_account account;
    assert_int_equal(onus_disclosure_withhold(&table, 10, true, out, sums, &account, NULL),
                     ONUS_OK);
    assert_int_equal(account.n_small, 1);
    assert_int_equal(account.n_mates, 3);
    assert_int_equal(account.n_pinned, 0);
    assert_int_equal(out[0], ONUS_WITHHELD_SMALL);
}

static void a_sum_of_one_cell_pins_it(void **state) {
    (void)state;
    const int64_t values[] = {4, 0, 30};
    const size_t starts[] = {0, 3};
    const int32_t all[] = {0, 1, 2};
    onus_disclosure table = {
        .n_cells = 3, .values = values, .n_sums = 1, .starts = starts, .cells = all};
    uint8_t cells[3];
    uint8_t sums[2];
    onus_disclosure_account account;
    assert_int_equal(onus_disclosure_withhold(&table, 10, true, cells, sums, &account, NULL),
                     ONUS_OK);
    assert_true(cells[0] == ONUS_WITHHELD_SMALL && cells[1] == ONUS_WITHHELD_NOT &&
                cells[2] == ONUS_WITHHELD_MATE);
    /* 34 in all and 30 in all but the small one: no cell can hide 34 - 30 */
    const size_t two[] = {0, 3, 4};
    const int32_t nested[] = {0, 1, 2, 2};
    table.n_sums = 2;
    table.starts = two;
    table.cells = nested;
    assert_int_equal(onus_disclosure_withhold(&table, 10, true, cells, sums, &account, NULL),
                     ONUS_OK);
    assert_int_equal(cells[0], ONUS_WITHHELD_PINNED);
    assert_int_equal(account.n_pinned, 1);
    assert_int_equal(onus_disclosure_withhold(&table, 10, false, cells, sums, &account, NULL),
                     ONUS_OK);
    assert_int_equal(account.n_pinned, 0);
    assert_true(sums[0] == ONUS_WITHHELD_MATE || sums[1] == ONUS_WITHHELD_MATE);
}

static void after_withholding_no_small_count_can_be_worked_out(void **state) {
    (void)state;
    uint64_t seed = 8;
    size_t n_mates = 0;
    for (int trial = 0; trial < test_mult(3000); trial++) {
        small_table t;
        random_table(&seed, &t, 40);
        uint8_t hidden[CELLS_MAX] = {0};
        for (size_t c = 0; c < t.table.n_cells && trial % 2 == 1; c++) {
            hidden[c] = random_below(&seed, 5) == 0;
        }
        t.table.hidden = trial % 2 == 1 ? hidden : NULL;
        const bool keep = random_below(&seed, 2) == 0;
        uint8_t cells[CELLS_MAX];
        uint8_t sums[SUMS_MAX];
        uint8_t unknown[CELLS_MAX];
        onus_disclosure_account account;
        assert_int_equal(onus_disclosure_withhold(&t.table, 10, keep, cells, sums, &account, NULL),
                         ONUS_OK);
        assert_true(keep || account.n_pinned == 0);
        n_mates += account.n_mates;
        for (size_t c = 0; c < t.table.n_cells; c++) {
            unknown[c] = cells[c] || hidden[c];
            const bool small = t.values[c] > 0 && t.values[c] < 10;
            assert_int_equal(small,
                             cells[c] == ONUS_WITHHELD_SMALL || cells[c] == ONUS_WITHHELD_PINNED);
            assert_true(cells[c] != ONUS_WITHHELD_MATE || t.values[c] >= 10);
        }
        for (size_t c = 0; c < t.table.n_cells; c++) {
            if (cells[c] == ONUS_WITHHELD_SMALL) {
                assert_false(cell_determined(&t, unknown, sums, c));
            } else if (cells[c] == ONUS_WITHHELD_PINNED) {
                assert_true(cell_determined(&t, unknown, sums, c));
            }
        }
        for (size_t s = 0; s < t.table.n_sums; s++) {
            int64_t total = 0;
            int64_t rest = 0;
            for (size_t e = t.starts[s]; e < t.starts[s + 1]; e++) {
                total += t.values[t.cells[e]];
                rest += unknown[t.cells[e]] ? t.values[t.cells[e]] : 0;
            }
            if (total > 0 && total < 10) {
                assert_true(sums[s] == ONUS_WITHHELD_SMALL || sums[s] == ONUS_WITHHELD_PINNED);
            }
            if (sums[s] == ONUS_WITHHELD_SMALL) {
                assert_false(sum_determined(&t, unknown, sums, s));
            }
            if (!sums[s]) {
                assert_true(rest == 0 || rest >= 10);
            }
            assert_true(!keep || sums[s] != ONUS_WITHHELD_MATE);
        }
    }
    assert_true(n_mates > 1000);
}

static void a_threshold_of_0_or_1_withholds_nothing(void **state) {
    (void)state;
    uint64_t seed = 9;
    small_table t;
    random_table(&seed, &t, 3);
    uint8_t cells[CELLS_MAX];
    uint8_t sums[SUMS_MAX];
    onus_disclosure_account account;
    for (uint32_t threshold = 0; threshold < 2; threshold++) {
        assert_int_equal(
            onus_disclosure_withhold(&t.table, threshold, false, cells, sums, &account, NULL),
            ONUS_OK);
        assert_int_equal(account.n_small + account.n_mates, 0);
    }
}

static void a_cell_out_of_range_and_a_negative_count_are_refused(void **state) {
    (void)state;
    const int64_t values[] = {5, -1};
    const size_t starts[] = {0, 1};
    const int32_t bad[] = {2};
    const int32_t good[] = {1};
    uint8_t cells[2] = {1, 1};
    uint8_t sums[1];
    onus_disclosure_account account;
    onus_disclosure table = {
        .n_cells = 2, .values = values, .n_sums = 1, .starts = starts, .cells = bad};
    assert_int_equal(onus_disclosure_recoverable(&table, cells, NULL, cells, NULL, NULL),
                     ONUS_ERR_DOMAIN);
    assert_int_equal(onus_disclosure_withhold(&table, 10, false, cells, sums, &account, NULL),
                     ONUS_ERR_DOMAIN);
    table.cells = good;
    assert_int_equal(onus_disclosure_withhold(&table, 10, false, cells, sums, &account, NULL),
                     ONUS_ERR_DOMAIN);
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t seed = 10;
    small_table t;
    do {
        random_table(&seed, &t, 20);
    } while (t.table.n_cells < 8 || t.table.n_sums < 6);
    uint8_t cells[CELLS_MAX];
    uint8_t sums[SUMS_MAX];
    onus_disclosure_account account;
    FAULT_EACH(fault) {
        fault_expect(&fault,
                     onus_disclosure_withhold(&t.table, 10, false, cells, sums, &account, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recoverable_is_what_real_ranks_say),
        cmocka_unit_test(a_square_of_four_is_safe_and_three_of_it_are_not),
        cmocka_unit_test(a_sum_of_one_cell_pins_it),
        cmocka_unit_test(after_withholding_no_small_count_can_be_worked_out),
        cmocka_unit_test(a_threshold_of_0_or_1_withholds_nothing),
        cmocka_unit_test(a_cell_out_of_range_and_a_negative_count_are_refused),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
