/* Blocks of areas and of time: compact, equal, and drawn as promised. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_blocks.h"

static void blocks_are_equal_and_every_area_is_in_one(void **state) {
    (void)state;
    uint64_t seed = 13;
    for (int trial = 0; trial < test_mult(200); trial++) {
        enum { MOST = 60 };
        double x[MOST];
        double y[MOST];
        int32_t block[MOST];
        int32_t again[MOST];
        size_t sizes[MOST] = {0};
        const size_t n = 1 + (size_t)random_below(&seed, MOST);
        const size_t n_blocks = 1 + (size_t)random_below(&seed, n);
        for (size_t i = 0; i < n; i++) { /* many ties */
            x[i] = (double)random_between(&seed, 0, 5);
            y[i] = (double)random_between(&seed, 0, 5);
        }
        assert_int_equal(onus_blocks_make(x, y, n, n_blocks, block), ONUS_OK);
        assert_int_equal(onus_blocks_make(x, y, n, n_blocks, again), ONUS_OK);
        assert_memory_equal(block, again, n * sizeof *block);
        for (size_t i = 0; i < n; i++) {
            assert_true(block[i] >= 0 && (size_t)block[i] < n_blocks);
            sizes[block[i]]++;
        }
        const double fair = (double)n / (double)n_blocks;
        for (size_t b = 0; b < n_blocks; b++) {
            assert_true(sizes[b] >= 1);
            assert_true(fabs((double)sizes[b] - fair) < 3.0);
        }
    }
}

static void blocks_are_compact(void **state) {
    (void)state;
    /* 16 blocks of a 40 x 40 lattice: 10 x 10 squares */
    static double x[1600];
    static double y[1600];
    static int32_t block[1600];
    for (int i = 0; i < 1600; i++) {
        x[i] = i % 40;
        y[i] = i / 40;
    }
    assert_int_equal(onus_blocks_make(x, y, 1600, 16, block), ONUS_OK);
    for (int b = 0; b < 16; b++) {
        double low[2] = {99, 99};
        double high[2] = {-1, -1};
        for (int i = 0; i < 1600; i++) {
            if (block[i] == b) {
                low[0] = fmin(low[0], x[i]);
                high[0] = fmax(high[0], x[i]);
                low[1] = fmin(low[1], y[i]);
                high[1] = fmax(high[1], y[i]);
            }
        }
        assert_true(high[0] - low[0] == 9 && high[1] - low[1] == 9);
    }
}

static void impossible_blocks_are_refused(void **state) {
    (void)state;
    double x[] = {1, 2, NAN};
    int32_t block[3];
    assert_int_equal(onus_blocks_make(x, x, 2, 3, block), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_blocks_make(x, x, 2, 0, block), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_blocks_make(x, x, 3, 2, block), ONUS_ERR_DOMAIN);
}

static void block_sums_add_up_to_the_whole(void **state) {
    (void)state;
    const double a[] = {1e16, 1, -1e16, 4, 5};
    const double b[] = {1, 2, 3, 4, 5};
    const double *columns[] = {a, b};
    const int32_t block[] = {0, 0, 0, 2, 2};
    double sums[6];
    assert_int_equal(onus_block_sums(block, 5, 3, columns, 2, sums), ONUS_OK);
    assert_true(sums[0] == 1 && sums[1] == 6 && sums[2] == 0 && sums[3] == 0 && sums[4] == 9 &&
                sums[5] == 9);
    const int32_t bad[] = {0, 0, 3, 0, 0};
    assert_int_equal(onus_block_sums(bad, 5, 3, columns, 2, sums), ONUS_ERR_DOMAIN);
}

enum { UNITS = 12, R = 500 };

static void fill(double *sums) {
    uint64_t seed = 14;
    for (size_t i = 0; i < 2 * UNITS; i++) {
        sums[i] = (double)random_between(&seed, 0, 1000);
    }
}

static void totals_are_the_sums_times_how_often_each_unit_was_drawn(void **state) {
    (void)state;
    double sums[2 * UNITS];
    static double space[2 * R];
    static double time[2 * R];
    fill(sums);
    assert_int_equal(onus_block_bootstrap(sums, UNITS, 2, 77, R, NULL, space, NULL), ONUS_OK);
    assert_int_equal(onus_time_bootstrap(sums, UNITS, 2, 5, 77, R, NULL, time, NULL), ONUS_OK);
    for (size_t r = 0; r < R; r++) {
        for (int kind = 0; kind < 2; kind++) {
            uint32_t times[UNITS];
            if (kind == 0) {
                onus_block_times(77, r, UNITS, times);
            } else {
                onus_time_times(77, r, UNITS, 5, times);
            }
            double a = 0;
            double b = 0;
            uint32_t n = 0;
            for (size_t u = 0; u < UNITS; u++) {
                a += times[u] * sums[2 * u];
                b += times[u] * sums[2 * u + 1];
                n += times[u];
            }
            const double *got = (kind == 0 ? space : time) + 2 * r;
            assert_int_equal(n, UNITS);
            assert_true(got[0] == a && got[1] == b); /* whole numbers: exact */
        }
    }
}

static void time_blocks_are_runs_of_consecutive_units(void **state) {
    (void)state;
    for (uint64_t r = 0; r < 200; r++) {
        uint32_t times[20];
        onus_time_times(3, r, 20, 10, times);
        /* two runs of ten on a circle of twenty: the number of changes around it is at most 4 */
        int changes = 0;
        for (int u = 0; u < 20; u++) {
            changes += times[u] != times[(u + 1) % 20];
        }
        assert_true(changes <= 4);
    }
}

static void mean_and_variance_of_totals_are_those_of_the_scheme(void **state) {
    (void)state;
    double sums[2 * UNITS];
    static double got[2 * 20000];
    fill(sums);
    double mean = 0;
    double squares = 0;
    for (size_t u = 0; u < UNITS; u++) {
        mean += sums[2 * u] / UNITS;
    }
    for (size_t u = 0; u < UNITS; u++) {
        squares += (sums[2 * u] - mean) * (sums[2 * u] - mean);
    }
    assert_int_equal(onus_block_bootstrap(sums, UNITS, 2, 5, 20000, NULL, got, NULL), ONUS_OK);
    double total = 0;
    double var = 0;
    for (size_t r = 0; r < 20000; r++) {
        total += got[2 * r] / 20000;
        var += (got[2 * r] - UNITS * mean) * (got[2 * r] - UNITS * mean) / 20000;
    }
    /* four standard errors of a mean and of a variance over 20,000 replicates */
    assert_true(fabs(total - UNITS * mean) < 4 * sqrt(squares / 20000));
    assert_true(fabs(var / squares - 1) < 4 * sqrt(2.0 / 20000));
}

static void block_length_grows_with_the_cube_root(void **state) {
    (void)state;
    const size_t n[] = {0, 1, 2, 3, 8, 20, 27, 52, 104, 365};
    const size_t want[] = {1, 1, 1, 1, 4, 6, 6, 8, 10, 16};
    for (int k = 0; k < 10; k++) {
        assert_int_equal(onus_time_block_len(n[k]), want[k]);
    }
}

static void bytes_are_equal_for_any_number_of_threads_and_seeds_differ(void **state) {
    (void)state;
    double sums[2 * UNITS];
    static double a[2 * R];
    static double b[2 * R];
    fill(sums);
    const onus_context one = {.n_threads = 1};
    const onus_context seven = {.n_threads = 7};
    assert_int_equal(onus_block_bootstrap(sums, UNITS, 2, 1, R, &one, a, NULL), ONUS_OK);
    assert_int_equal(onus_block_bootstrap(sums, UNITS, 2, 1, R, &seven, b, NULL), ONUS_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(onus_block_bootstrap(sums, UNITS, 2, 2, R, &one, b, NULL), ONUS_OK);
    assert_true(memcmp(a, b, sizeof a) != 0);
    assert_int_equal(onus_block_bootstrap(sums, 0, 2, 2, R, &one, b, NULL), ONUS_ERR_TOO_FEW);
    assert_int_equal(onus_time_bootstrap(sums, 3, 2, 0, 2, R, &one, b, NULL), ONUS_ERR_DOMAIN);
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    double sums[2 * UNITS];
    static double got[2 * R];
    int32_t block[UNITS];
    const double *columns[] = {sums};
    const onus_context one = {.n_threads = 1};
    fill(sums);
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_blocks_make(sums, sums + UNITS, UNITS, 5, block));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_block_sums(block, UNITS, 5, columns, 1, got));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_block_bootstrap(sums, UNITS, 2, 1, 9, &one, got, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_equal_and_every_area_is_in_one),
        cmocka_unit_test(blocks_are_compact),
        cmocka_unit_test(impossible_blocks_are_refused),
        cmocka_unit_test(block_sums_add_up_to_the_whole),
        cmocka_unit_test(totals_are_the_sums_times_how_often_each_unit_was_drawn),
        cmocka_unit_test(time_blocks_are_runs_of_consecutive_units),
        cmocka_unit_test(mean_and_variance_of_totals_are_those_of_the_scheme),
        cmocka_unit_test(block_length_grows_with_the_cube_root),
        cmocka_unit_test(bytes_are_equal_for_any_number_of_threads_and_seeds_differ),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
