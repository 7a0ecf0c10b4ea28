/* Near repeats: every pair by brute force, the reference, and shuffles. */
#include "../fault.h"
#include "../random.h"
#include "near.h"
#include "shared.h"

#include <string.h>

#include "onus/stats_knox.h"

enum { MOST = 80, CELLS_MOST = 64 };

typedef struct events {
    size_t n;
    double x[MOST];
    double y[MOST];
    int32_t day[MOST];
} events;

static events random_events(uint64_t *seed, int32_t side, int32_t days) {
    events e = {.n = 2 + (size_t)random_below(seed, MOST - 1)};
    for (size_t i = 0; i < e.n; i++) { /* a lattice: same places, distances right on the edges */
        e.x[i] = 1e5 + 100.0 * (double)random_between(seed, 0, side);
        e.y[i] = 1e5 + 100.0 * (double)random_between(seed, 0, side);
        e.day[i] = 17000 + (int32_t)random_between(seed, 0, days);
    }
    return e;
}

/* The table of all pairs, by the words of the header. */
static void count_all(const events *e, const onus_knox_opts *o, uint64_t *table) {
    memset(table, 0, CELLS_MOST * sizeof *table);
    for (size_t i = 0; i < e->n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double dx = fabs(e->x[i] - e->x[j]);
            const double dy = fabs(e->y[i] - e->y[j]);
            const double d = o->metric == ONUS_KNOX_MANHATTAN ? dx + dy : hypot(dx, dy);
            const int32_t apart = abs(e->day[i] - e->day[j]);
            size_t b = 0;
            if (!(o->same_place && d == 0)) {
                b = o->same_place ? 1 : 0;
                for (size_t k = 0; k < o->n_space; k++) {
                    b += d >= o->space_m[k];
                }
            }
            size_t t = 0;
            for (size_t k = 0; k < o->n_days; k++) {
                t += apart >= o->days[k];
            }
            table[b * (o->n_days + 1) + t]++;
        }
    }
}

static void every_pair_is_in_its_cell(void **state) {
    (void)state;
    uint64_t seed = 71;
    const double space[] = {100, 200, 500};
    const int32_t days[] = {1, 3, 7};
    for (int trial = 0; trial < test_mult(200); trial++) {
        const events e = random_events(&seed, trial % 2 == 0 ? 6 : 40, 20);
        const onus_knox_opts opts = {.space_m = space,
                                     .n_space = 1 + (size_t)random_below(&seed, 3),
                                     .same_place = random_below(&seed, 2) == 0,
                                     .days = days,
                                     .n_days = 1 + (size_t)random_below(&seed, 3),
                                     .metric = random_below(&seed, 2) == 0 ? ONUS_KNOX_EUCLIDEAN
                                                                           : ONUS_KNOX_MANHATTAN};
        uint64_t want[CELLS_MOST];
        onus_knox_cell got[CELLS_MOST];
        count_all(&e, &opts, want);
        assert_int_equal(onus_knox(e.x, e.y, e.day, e.n, &opts, NULL, got, NULL), ONUS_OK);
        double expected = 0;
        for (size_t c = 0; c < onus_knox_n_cells(&opts); c++) {
            assert_int_equal(got[c].observed, want[c]);
            assert_true(isnan(got[c].p_value) && isnan(got[c].simulated));
            expected += got[c].expected;
        }
        assert_near(expected, (double)(e.n * (e.n - 1) / 2), 1e-12);
    }
}

static void shuffles_average_to_what_is_expected(void **state) {
    (void)state;
    uint64_t seed = 72;
    const double space[] = {150, 400};
    const int32_t days[] = {1, 4};
    const onus_knox_opts opts = {.space_m = space,
                                 .n_space = 2,
                                 .same_place = true,
                                 .days = days,
                                 .n_days = 2,
                                 .n_permutations = 4000,
                                 .seed = 3};
    const events e = random_events(&seed, 8, 12);
    onus_knox_cell got[CELLS_MOST];
    assert_int_equal(onus_knox(e.x, e.y, e.day, e.n, &opts, NULL, got, NULL), ONUS_OK);
    for (size_t c = 0; c < onus_knox_n_cells(&opts); c++) {
        /* the spread of a count is below twice the root of its mean here; six standard errors */
        assert_true(fabs(got[c].simulated - got[c].expected) <=
                    12 * sqrt((got[c].expected + 1) / 4000));
        assert_true(got[c].p_value >= 1.0 / 4001 && got[c].p_value <= 1);
        assert_near(got[c].ratio * got[c].expected, (double)got[c].observed, 1e-12);
    }
}

static void p_is_the_share_of_all_orders_of_the_dates(void **state) {
    (void)state;
    /* three events, two at one place; dates 0, 0, 9: of the three pairs that can be the near one in
     * space, one is near in time: p = (1 + n / 3) / (1 + n) */
    const double x[] = {0, 0, 1000};
    const double y[] = {0, 0, 0};
    const int32_t day[] = {0, 0, 9};
    const double space[] = {10};
    const int32_t days[] = {1};
    const onus_knox_opts opts = {
        .space_m = space, .n_space = 1, .days = days, .n_days = 1, .n_permutations = 30000};
    onus_knox_cell got[4];
    assert_int_equal(onus_knox(x, y, day, 3, &opts, NULL, got, NULL), ONUS_OK);
    assert_int_equal(got[0].observed, 1);
    assert_near(got[0].expected, 1.0 / 3, 1e-15);
    assert_near(got[0].ratio, 3, 1e-14);
    assert_true(fabs(got[0].p_value - 1.0 / 3) < 5 * sqrt(2.0 / 9 / 30000));
    assert_true(got[1].p_value == 1); /* 0 observed: as many always */
}

static void planted_near_repeats_are_found_and_chance_is_not(void **state) {
    (void)state;
    enum { N = 600 };
    static double x[N];
    static double y[N];
    static int32_t day[N];
    uint64_t seed = 73;
    const double space[] = {200};
    const int32_t days[] = {7};
    const onus_knox_opts opts = {
        .space_m = space, .n_space = 1, .days = days, .n_days = 1, .n_permutations = 199};
    for (int planted = 0; planted <= 1; planted++) {
        for (size_t i = 0; i < N; i++) {
            const bool repeats = planted == 1 && i % 4 == 3;
            x[i] = repeats ? x[i - 1] + 20 : (double)random_between(&seed, 0, 10000);
            y[i] = repeats ? y[i - 1] : (double)random_between(&seed, 0, 10000);
            day[i] = repeats ? day[i - 1] + 2 : (int32_t)random_between(&seed, 0, 365);
        }
        onus_knox_cell got[4];
        assert_int_equal(onus_knox(x, y, day, N, &opts, NULL, got, NULL), ONUS_OK);
        assert_true(planted == 1 ? got[0].p_value == 0.005 && got[0].ratio > 2
                                 : got[0].p_value > 0.01);
    }
}

static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    uint64_t seed = 74;
    const double space[] = {150, 400};
    const int32_t days[] = {1, 4};
    const onus_knox_opts opts = {.space_m = space,
                                 .n_space = 2,
                                 .days = days,
                                 .n_days = 2,
                                 .n_permutations = 77, /* no multiple of what is done at once */
                                 .seed = 3};
    const events e = random_events(&seed, 8, 12);
    onus_knox_cell first[9];
    for (int threads = 1; threads <= 7; threads += 3) {
        const onus_context context = {.n_threads = threads};
        onus_knox_cell got[9];
        assert_int_equal(onus_knox(e.x, e.y, e.day, e.n, &opts, &context, got, NULL), ONUS_OK);
        if (threads == 1) {
            memcpy(first, got, sizeof got);
        }
        assert_memory_equal(first, got, sizeof got);
    }
}

static void more_pairs_than_a_count_of_16_bits_holds_are_counted(void **state) {
    (void)state;
    enum { N = 400 }; /* 79,800 pairs in one band */
    static double zero[N];
    static int32_t day[N];
    for (int32_t i = 0; i < N; i++) {
        day[i] = i % 5;
    }
    const double space[] = {1};
    const int32_t days[] = {1};
    const onus_knox_opts opts = {
        .space_m = space, .n_space = 1, .days = days, .n_days = 1, .n_permutations = 3};
    onus_knox_cell got[4];
    assert_int_equal(onus_knox(zero, zero, day, N, &opts, NULL, got, NULL), ONUS_OK);
    assert_int_equal(got[0].observed, 5 * 80 * 79 / 2);
    assert_int_equal(got[1].observed, N * (N - 1) / 2 - 5 * 80 * 79 / 2);
    assert_true(got[0].p_value == 1 && got[0].simulated == (double)got[0].observed);
    assert_true(isnan(got[2].ratio)); /* nobody is further apart */
}

/* ---- reference ---- */

static size_t read_arson(double *x, double *y, int32_t *day, size_t room) {
    FILE *file = shared_open("data/incidents/chicago_arson_xy_2016.csv");
    if (file == NULL) {
        return 0;
    }
    static const int before[] = {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335}; /* 2016 */
    size_t n = 0;
    int month = 0;
    int of_month = 0;
    while (n < room && fscanf(file, "%lf,%lf,2016-%d-%d", &x[n], &y[n], &month, &of_month) == 4) {
        assert_true(month >= 1 && month <= 12);
        day[n++] = before[month - 1] + of_month;
    }
    (void)fclose(file);
    return n;
}

static void the_near_repeat_calculator_counts_the_same_pairs(void **state) {
    (void)state;
    enum { N = 522 };
    static double x[N + 1];
    static double y[N + 1];
    static int32_t day[N + 1];
    json_t *root = shared_json("expected/place/knox_arson.json");
    if (root == NULL || read_arson(x, y, day, N + 1) == 0) {
        skip();
    }
    const double space[] = {200, 400, 600};
    const int32_t days[] = {1, 2, 3}; /* it writes "0-1", "2", "3" for 0, 1 and 2 days apart */
    onus_knox_opts opts = {.space_m = space,
                           .n_space = 3,
                           .same_place = true,
                           .days = days,
                           .n_days = 3,
                           .metric = ONUS_KNOX_MANHATTAN, /* what its counts turn out to be */
                           .n_permutations = 9999,
                           .seed = 1};
    double exact[20];
    onus_knox_cell got[20];
    assert_int_equal(onus_knox(x, y, day, N, &opts, NULL, got, NULL), ONUS_OK);
    for (size_t c = 0; c < 20; c++) {
        exact[c] = (double)got[c].observed;
    }
    /* it keeps coordinates in single precision, 3 cm apart at best: 399.96 m become 400 */
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)(float)x[i];
        y[i] = (double)(float)y[i];
    }
    assert_int_equal(onus_knox(x, y, day, N, &opts, NULL, got, NULL), ONUS_OK);
    size_t n_moved = 0;
    for (size_t b = 0; b < 5; b++) {
        for (size_t k = 0; k < 4; k++) {
            const onus_knox_cell *cell = &got[b * 4 + k];
            const double observed = json_number_value(
                json_array_get(json_array_get(json_object_get(root, "observed"), b), k));
            const double ratio = json_number_value(json_array_get(
                json_array_get(json_object_get(root, "observed_over_mean_expected"), b), k));
            const double p =
                json_number_value(json_array_get(json_array_get(json_object_get(root, "p"), b), k));
            assert_true((double)cell->observed == observed);
            n_moved += exact[b * 4 + k] != observed;
            /* its ratio rests on the mean of 99 shuffles: within 4.5 standard errors, the spread of
             * a count being near the root of its mean (and 0.0005 for what it rounds off) */
            if (observed > 0) {
                const double its_mean = observed / ratio;
                assert_true(fabs(its_mean - cell->expected) <=
                            4.5 * sqrt(cell->expected / 99) + 0.0005 * its_mean / ratio);
            } else {
                assert_true(ratio == 0 && cell->ratio == 0);
            }
            assert_true(fabs(cell->simulated - cell->expected) <=
                        4.5 * sqrt(cell->expected / 9999));
            assert_true(fabs(cell->p_value - p) <= 4.5 * sqrt(p * (1.01 - p) / 99) + 0.01);
        }
    }
    assert_int_equal(n_moved, 2); /* one pair, out of one cell and into another */
    json_decref(root);
}

/* ---- edges ---- */

static void bands_that_are_none_are_refused(void **state) {
    (void)state;
    const double x[] = {0, 1};
    const int32_t day[] = {0, 5};
    const int32_t far[] = {0, 40000};
    const double space[] = {10, 20};
    const double back[] = {20, 10};
    const double zero[] = {0, 10};
    const int32_t days[] = {1, 7};
    const int32_t days_back[] = {7, 7};
    const double nowhere[] = {0, NAN};
    onus_knox_cell out[16];
    onus_error err = ONUS_ERROR_INIT;
    const onus_knox_opts good = {.space_m = space, .n_space = 2, .days = days, .n_days = 2};
    assert_int_equal(onus_knox_n_cells(&good), 9);
    assert_int_equal(onus_knox(x, x, day, 2, &good, NULL, out, &err), ONUS_OK);
    assert_int_equal(onus_knox(x, x, day, 1, &good, NULL, out, &err), ONUS_ERR_TOO_FEW);
    assert_int_equal(onus_knox(nowhere, x, day, 2, &good, NULL, out, &err), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_knox(x, x, far, 2, &good, NULL, out, &err), ONUS_ERR_DOMAIN);
    onus_knox_opts bad = good;
    bad.space_m = back;
    assert_int_equal(onus_knox(x, x, day, 2, &bad, NULL, out, &err), ONUS_ERR_DOMAIN);
    bad.space_m = zero;
    assert_int_equal(onus_knox(x, x, day, 2, &bad, NULL, out, &err), ONUS_ERR_DOMAIN);
    bad = good;
    bad.days = days_back;
    assert_int_equal(onus_knox(x, x, day, 2, &bad, NULL, out, &err), ONUS_ERR_DOMAIN);
    bad = good;
    bad.n_days = 0;
    assert_int_equal(onus_knox(x, x, day, 2, &bad, NULL, out, &err), ONUS_ERR_DOMAIN);
    bad = good;
    bad.n_space = 0;
    assert_int_equal(onus_knox(x, x, day, 2, &bad, NULL, out, &err), ONUS_ERR_DOMAIN);
    static double same[10];
    static const int32_t days_of[10];
    bad = good;
    bad.pairs_cap = 44;
    assert_int_equal(onus_knox(same, same, days_of, 10, &bad, NULL, out, &err), ONUS_ERR_LIMIT);
    bad.pairs_cap = 45;
    assert_int_equal(onus_knox(same, same, days_of, 10, &bad, NULL, out, &err), ONUS_OK);
}

static void a_raised_flag_stops_it(void **state) {
    (void)state;
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop};
    const double x[] = {0, 1};
    const int32_t day[] = {0, 5};
    const double space[] = {10};
    const int32_t days[] = {1};
    const onus_knox_opts opts = {.space_m = space, .n_space = 1, .days = days, .n_days = 1};
    onus_knox_cell out[4];
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_knox(x, x, day, 2, &opts, &context, out, &err), ONUS_ERR_INTERRUPTED);
}

static void every_refused_allocation_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t seed = 75;
    const events e = random_events(&seed, 8, 12);
    const double space[] = {150};
    const int32_t days[] = {1};
    const onus_knox_opts opts = {
        .space_m = space, .n_space = 1, .days = days, .n_days = 1, .n_permutations = 5};
    const onus_context context = {.n_threads = 1};
    FAULT_EACH(fault) {
        onus_knox_cell out[4];
        onus_error err = ONUS_ERROR_INIT;
        fault_expect(&fault, onus_knox(e.x, e.y, e.day, e.n, &opts, &context, out, &err));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_in_its_cell),
        cmocka_unit_test(shuffles_average_to_what_is_expected),
        cmocka_unit_test(p_is_the_share_of_all_orders_of_the_dates),
        cmocka_unit_test(planted_near_repeats_are_found_and_chance_is_not),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(more_pairs_than_a_count_of_16_bits_holds_are_counted),
        cmocka_unit_test(the_near_repeat_calculator_counts_the_same_pairs),
        cmocka_unit_test(bands_that_are_none_are_refused),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(every_refused_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
