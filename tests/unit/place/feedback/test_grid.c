/* The grid loop against the same rules played naively (naive.h), and what must hold of it. */
#include "../../fault.h"
#include "naive.h"

static double *played(const town *t, int n_threads) {
    feedback_grid *grid = NULL;
    assert_int_equal(feedback_grid_open(&t->world, &t->policy, &t->plan, &grid, NULL), ONUS_OK);
    double *out = calloc(t->plan.n_runs * feedback_width(&t->world, &t->plan), sizeof *out);
    const onus_context context = {.n_threads = n_threads};
    assert_int_equal(feedback_grid_run(grid, &context, out, NULL), ONUS_OK);
    feedback_grid_close(grid);
    return out;
}

static void every_policy_is_that_of_the_naive_simulation(void **state) {
    (void)state;
    const feedback_score scores[] = {FEEDBACK_COUNTS, FEEDBACK_KDE, FEEDBACK_NEAR_REPEAT};
    for (size_t s = 0; s < sizeof scores / sizeof scores[0]; s++) {
        for (int variant = 0; variant < 4; variant++) {
            town t;
            town_init(&t);
            t.policy.score = scores[s];
            t.policy.rule = variant < 2 ? FEEDBACK_PROPORTIONAL : FEEDBACK_TOP;
            t.policy.repaired = variant == 1;
            t.policy.ties = variant == 3 ? FEEDBACK_TIES_ID : FEEDBACK_TIES_RANDOM;
            expect_naive(&t);
        }
    }
}

static void a_fitted_score_is_that_of_the_naive_simulation(void **state) {
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        town t;
        town_init(&t);
        t.policy.score = FEEDBACK_SELF_EXCITING;
        t.policy.rule = (feedback_rule)rule;
        t.policy.discovery_frac = 3.0;
        expect_naive(&t);
    }
}

static void reporting_by_area_and_ranks_are_heeded(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.world.reported_frac = t.rho;
    t.world.rank_by_id = t.rank;
    expect_naive(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.ties = FEEDBACK_TIES_ID;
    expect_naive(&t);
}

static void who_is_reported_twice_as_often_is_patrolled_twice_as_often(void **state) {
    (void)state;
    town t;
    town_init(&t);
    for (size_t i = 0; i < N; i++) { /* the same truth everywhere, nobody finds anything */
        t.truth[i] = 0.5;
        t.rho[i] = i < 30 ? 0.8 : 0.4;
        t.weight[i] = i < 30 ? 1.0 / 30 : 0.0;
        t.weight[N + i] = i < 30 ? 0.0 : 1.0 / (N - 30);
    }
    t.world.reported_frac = t.rho;
    t.world.n_history_days = 0;
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    t.policy.discovery_frac = 0.0;
    t.plan.n_runs = 200;
    t.plan.horizon_days[1] = 400;
    double *out = played(&t, 1);
    double load[2] = {0};
    double square = 0.0;
    for (size_t r = 0; r < t.plan.n_runs; r++) {
        const double *of_group = out + r * feedback_width(&t.world, &t.plan) +
                                 feedback_slot(&t.world, 1, FEEDBACK_CLOSED, FEEDBACK_N_FIELDS);
        load[0] += of_group[0] / (double)t.plan.n_runs;
        load[1] += of_group[1] / (double)t.plan.n_runs;
        square += of_group[0] * of_group[0] / (double)t.plan.n_runs;
    }
    const double error = sqrt((square - load[0] * load[0]) / (double)t.plan.n_runs);
    /* shares of reports: 24 of 37.2; but for the first day, which has no record */
    const double expected =
        PATROLS / 30.0 * (24.0 / 37.2 + (30.0 / N - 24.0 / 37.2) / t.plan.horizon_days[1]);
    assert_true(fabs(load[0] - expected) < 4.0 * error && error < 0.01 * expected);
    assert_true(fabs(load[0] / load[1] - 2.0) < 0.02);
    free(out);
}

static void an_empty_record_is_patrolled_evenly(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.world.n_history_days = 0;
    t.policy.reported_frac = 0.0;
    t.policy.rule = FEEDBACK_TOP; /* most days are ties of nearly all cells */
    memset(t.history, 0, sizeof t.history);
    t.world.n_history_days = HISTORY;
    expect_naive(&t);
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    expect_naive(&t);
}

static void without_discovery_both_loops_are_one(void **state) {
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        town t;
        town_init(&t);
        t.policy.rule = (feedback_rule)rule;
        t.policy.discovery_frac = 0.0;
        t.plan.n_runs = 20;
        double *out = played(&t, 1);
        const size_t n_values = feedback_n_values(&t.world);
        for (size_t r = 0; r < t.plan.n_runs; r++) {
            for (size_t h = 0; h < t.plan.n_horizons; h++) {
                const double *slot = out + r * feedback_width(&t.world, &t.plan);
                assert_memory_equal(slot + feedback_slot(&t.world, h, FEEDBACK_CLOSED, 0),
                                    slot + feedback_slot(&t.world, h, FEEDBACK_OPEN, 0),
                                    n_values * sizeof *slot);
            }
        }
        free(out);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.plan.n_runs = 200;
    t.policy.repaired = true;
    const size_t size = t.plan.n_runs * feedback_width(&t.world, &t.plan) * sizeof(double);
    double *one = played(&t, 1);
    for (int n = 2; n <= 7; n += 5) {
        double *more = played(&t, n);
        assert_memory_equal(one, more, size);
        free(more);
    }
    free(one);
}

static void a_patrol_for_every_cell_goes_everywhere(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.patrols = N;
    double *out = played(&t, 1);
    const double *last = out + feedback_slot(&t.world, 1, FEEDBACK_CLOSED, 0);
    assert_true(last[FEEDBACK_CELLS_EVER] == N && last[FEEDBACK_CELLS_ALWAYS] == N);
    assert_true(last[FEEDBACK_TURNOVER] == 0.0 && last[FEEDBACK_CONCENTRATION] == 1.0);
    assert_true(fabs(last[FEEDBACK_N_FIELDS] - 1.0) < 1e-12); /* one patrol a day for everybody */
    free(out);
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    t.policy.patrols = 3 * N;
    free(played(&t, 1));
}

static void without_any_truth_there_is_no_distance_from_it(void **state) {
    (void)state;
    town t;
    town_init(&t);
    memset(t.truth, 0, sizeof t.truth);
    double *out = played(&t, 1);
    for (int l = 0; l < FEEDBACK_N_LOOPS; l++) {
        const double *last = out + feedback_slot(&t.world, 1, (feedback_loop)l, 0);
        assert_true(isnan(last[FEEDBACK_TV]) && isnan(last[FEEDBACK_TV_DAY]));
        assert_true(last[FEEDBACK_ADDED] == 0.0 && last[FEEDBACK_RECORDED] == 0.0);
    }
    free(out);
}

static void a_repair_has_nothing_to_divide_by_under_top(void **state) {
    (void)state;
    town t;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    double *without = played(&t, 1);
    t.policy.repaired = true;
    double *with = played(&t, 1);
    assert_memory_equal(without, with,
                        t.plan.n_runs * feedback_width(&t.world, &t.plan) * sizeof *with);
    free(without);
    free(with);
}

static void the_open_loop_is_left_out_when_asked(void **state) {
    (void)state;
    town t;
    town_init(&t);
    double *both = played(&t, 1);
    t.plan.closed_only = true;
    double *closed = played(&t, 1);
    const size_t n_values = feedback_n_values(&t.world);
    assert_memory_equal(both, closed, n_values * sizeof *both);
    assert_true(isnan(closed[feedback_slot(&t.world, 0, FEEDBACK_OPEN, FEEDBACK_TV)]));
    free(both);
    free(closed);
}

static void an_alias_table_is_its_weights(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int trial = 0; trial < test_mult(300); trial++) {
        double weight[40];
        double got[40] = {0};
        const size_t n = 1 + (size_t)random_below(&seed, 40);
        double all = 0.0;
        for (size_t i = 0; i < n; i++) {
            weight[i] = random_below(&seed, 3) == 0 ? 0.0 : (double)random_below(&seed, 1000);
            all += weight[i];
        }
        if (all == 0.0) {
            continue;
        }
        feedback_alias alias = {0};
        assert_int_equal(feedback_alias_make(weight, n, &alias, NULL), ONUS_OK);
        for (size_t i = 0; i < n; i++) {
            got[i] += alias.kept_frac[i] / (double)n;
            got[alias.other[i]] += (1.0 - alias.kept_frac[i]) / (double)n;
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(got[i] - weight[i] / all) < 1e-13);
        }
        feedback_alias_clear(&alias);
    }
}

static void what_cannot_be_simulated_is_refused(void **state) {
    (void)state;
    town t;
    feedback_grid *grid = NULL;
    onus_error err = ONUS_ERROR_INIT;
    town_init(&t);
    t.policy.rule = FEEDBACK_TOP;
    t.policy.patrols = N + 1;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.discovery_frac = -0.1;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.score = FEEDBACK_KDE;
    t.world.x_m = NULL;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.score = FEEDBACK_SELF_EXCITING; /* fits whole incidents */
    t.policy.rule = FEEDBACK_PROPORTIONAL;
    t.policy.repaired = true;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.policy.window_days = 0;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err),
                     ONUS_ERR_DOMAIN);
    town_init(&t);
    t.truth[3] = 1e9; /* more than a window can hold */
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err), ONUS_ERR_LIMIT);
    assert_null(grid);
    town_init(&t); /* and what only a run finds out */
    t.policy.reported_frac = 0.0;
    t.policy.discovery_frac = 1e9;
    assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, &err), ONUS_OK);
    double *out = calloc(t.plan.n_runs * feedback_width(&t.world, &t.plan), sizeof *out);
    assert_int_equal(feedback_grid_run(grid, NULL, out, &err), ONUS_ERR_LIMIT);
    free(out);
    feedback_grid_close(grid);
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    for (int score = 0; score <= FEEDBACK_SELF_EXCITING; score++) {
        town t;
        town_init(&t);
        t.policy.score = (feedback_score)score;
        t.policy.discovery_frac = 40.0; /* more records than the first room for them */
        double *out = calloc(t.plan.n_runs * feedback_width(&t.world, &t.plan), sizeof *out);
        FAULT_EACH(fault) {
            const onus_context context = {.n_threads = 1};
            feedback_grid *grid = NULL;
            onus_status status = feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, NULL);
            if (status == ONUS_OK) {
                status = feedback_grid_run(grid, &context, out, NULL);
            }
            fault_expect(&fault, status);
            feedback_grid_close(grid);
        }
        volatile sig_atomic_t stop = 1;
        const onus_context stopped = {.n_threads = 1, .stop = &stop};
        feedback_grid *grid = NULL;
        assert_int_equal(feedback_grid_open(&t.world, &t.policy, &t.plan, &grid, NULL), ONUS_OK);
        assert_int_equal(feedback_grid_run(grid, &stopped, out, NULL), ONUS_ERR_INTERRUPTED);
        feedback_grid_close(grid);
        free(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_is_that_of_the_naive_simulation),
        cmocka_unit_test(a_fitted_score_is_that_of_the_naive_simulation),
        cmocka_unit_test(reporting_by_area_and_ranks_are_heeded),
        cmocka_unit_test(who_is_reported_twice_as_often_is_patrolled_twice_as_often),
        cmocka_unit_test(an_empty_record_is_patrolled_evenly),
        cmocka_unit_test(without_discovery_both_loops_are_one),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(a_patrol_for_every_cell_goes_everywhere),
        cmocka_unit_test(without_any_truth_there_is_no_distance_from_it),
        cmocka_unit_test(a_repair_has_nothing_to_divide_by_under_top),
        cmocka_unit_test(the_open_loop_is_left_out_when_asked),
        cmocka_unit_test(an_alias_table_is_its_weights),
        cmocka_unit_test(what_cannot_be_simulated_is_refused),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
