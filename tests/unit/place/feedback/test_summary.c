/* What leaves a simulated run, against the definitions written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "feedback_internal.h"

enum { N_CELLS = 60, N_DAYS = 40, PATROLS = 9, N_TOP = 5, N_GROUPS = 2 };

static int falling(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x < y) - (x > y);
}

typedef struct tallied {
    uint32_t visits[N_CELLS];
    uint32_t days_visited[N_CELLS];
    uint32_t last_day[N_CELLS];
    feedback_tally tally;
} tallied;

static void tallied_init(tallied *t) {
    memset(t, 0, sizeof *t);
    t->tally.visits = t->visits;
    t->tally.days_visited = t->days_visited;
    t->tally.last_day = t->last_day;
}

static void a_tally_and_its_summary_are_the_definitions(void **state) {
    (void)state;
    uint64_t seed = 7;
    double truth[N_CELLS];
    double weight[N_GROUPS * N_CELLS];
    double truth_total = 0.0;
    for (size_t i = 0; i < N_CELLS; i++) {
        truth[i] = (double)random_below(&seed, 100);
        truth_total += truth[i];
        weight[i] = 1.0 / N_CELLS;
        weight[N_CELLS + i] = i == 3 ? 1.0 : 0.0;
    }
    const feedback_world world = {
        .n_cells = N_CELLS, .truth_per_day = truth, .n_groups = N_GROUPS, .group_weight = weight};
    assert_int_equal(feedback_world_check(&world, NULL), ONUS_OK);
    tallied t;
    tallied_init(&t);
    unsigned by_day[N_DAYS][N_CELLS] = {{0}};
    for (uint32_t day = 1; day <= N_DAYS; day++) {
        for (size_t k = 0; k < PATROLS; k++) {
            /* cell 3 every day, cell 59 never, the rest by chance */
            const size_t cell = k == 0 ? 3 : (size_t)random_below(&seed, N_CELLS - 1);
            by_day[day - 1][cell]++;
            feedback_tally_visit(&t.tally, day, cell);
        }
        t.tally.n_days = day;
    }
    double values[FEEDBACK_N_FIELDS + N_GROUPS];
    double scratch[N_CELLS];
    feedback_summarise(&world, &t.tally, N_TOP, truth_total, scratch, values);
    double all[N_CELLS] = {0};
    double entered = 0.0;
    size_t ever = 0;
    size_t always = 0;
    double tv = 0.0;
    for (size_t i = 0; i < N_CELLS; i++) {
        bool every_day = true;
        for (size_t d = 0; d < N_DAYS; d++) {
            all[i] += by_day[d][i];
            every_day = every_day && by_day[d][i] > 0;
            entered += d > 0 && by_day[d][i] > 0 && by_day[d - 1][i] == 0;
        }
        ever += all[i] > 0.0;
        always += every_day;
        tv += 0.5 * fabs(all[i] / (PATROLS * N_DAYS) - truth[i] / truth_total);
    }
    assert_true(fabs(values[FEEDBACK_TV] - tv) < 1e-14);
    assert_true(isnan(values[FEEDBACK_TV_DAY]));
    assert_true(values[FEEDBACK_CELLS_EVER] == (double)ever && ever < N_CELLS);
    assert_true(values[FEEDBACK_CELLS_ALWAYS] == (double)always && always >= 1);
    assert_true(values[FEEDBACK_TURNOVER] == entered / (N_DAYS - 1));
    assert_true(fabs(values[FEEDBACK_N_FIELDS] - (double)PATROLS / N_CELLS) < 1e-14);
    assert_true(values[FEEDBACK_N_FIELDS + 1] == all[3] / N_DAYS);
    qsort(all, N_CELLS, sizeof *all, falling);
    double top = 0.0;
    for (size_t i = 0; i < N_TOP; i++) {
        top += all[i];
    }
    assert_true(values[FEEDBACK_CONCENTRATION] == top / (PATROLS * N_DAYS));
}

static void the_top_share_is_that_of_a_sort(void **state) {
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < test_mult(2000); trial++) {
        double values[50];
        double sorted[50];
        double scratch[50];
        const size_t n = 1 + (size_t)random_below(&seed, 50);
        const size_t m = (size_t)random_below(&seed, n + 3);
        const uint64_t kinds = 1 + random_below(&seed, 20); /* few kinds: many ties */
        double all = 0.0;
        for (size_t i = 0; i < n; i++) {
            values[i] = sorted[i] = (double)random_below(&seed, kinds);
            all += values[i];
        }
        qsort(sorted, n, sizeof *sorted, falling);
        double top = 0.0;
        for (size_t i = 0; i < n && i < m; i++) {
            top += sorted[i];
        }
        const double share = feedback_top_share(values, n, m, scratch);
        assert_true(all > 0.0 ? share == top / all : isnan(share));
    }
}

static void nothing_gives_no_number(void **state) {
    (void)state;
    const double truth[N_CELLS] = {0};
    const feedback_world world = {.n_cells = N_CELLS, .truth_per_day = truth};
    tallied t;
    tallied_init(&t);
    double values[FEEDBACK_N_FIELDS];
    double scratch[N_CELLS];
    feedback_summarise(&world, &t.tally, N_TOP, 0.0, scratch, values);
    assert_true(isnan(values[FEEDBACK_TV]) && isnan(values[FEEDBACK_CONCENTRATION]));
    assert_true(isnan(values[FEEDBACK_TURNOVER]) && values[FEEDBACK_CELLS_ALWAYS] == 0.0);
}

static void runs_beyond_the_bound_run_away(void **state) {
    (void)state;
    const feedback_world world = {.n_cells = 1};
    const feedback_plan plan = {.n_runs = 5, .n_horizons = 2, .horizon_days = {10, 20}};
    const double more[] = {0.3, 0.1, 0.05, -0.4, NAN};
    double *out = calloc(plan.n_runs * feedback_width(&world, &plan), sizeof *out);
    assert_non_null(out);
    for (size_t r = 0; r < plan.n_runs; r++) {
        double *slot = out + r * feedback_width(&world, &plan);
        slot[feedback_slot(&world, 1, FEEDBACK_CLOSED, FEEDBACK_CONCENTRATION)] = 0.5 + more[r];
        slot[feedback_slot(&world, 1, FEEDBACK_OPEN, FEEDBACK_CONCENTRATION)] = 0.5;
    }
    size_t n = 0;
    assert_true(feedback_runaway_share(&world, &plan, out, 1, 0.07, &n) == 2.0 / 4.0);
    assert_int_equal(n, 4);
    assert_true(feedback_runaway_share(&world, &plan, out, 0, 0.07, NULL) == 0.0);
    free(out);
}

static void what_is_no_world_is_refused(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    const double truth[2] = {1.0, 2.0};
    const double negative[2] = {1.0, -2.0};
    const double endless[2] = {1.0, INFINITY};
    const int32_t history[2] = {0, -1};
    const double weight[2] = {0.9, 0.2};
    feedback_world world = {0};
    assert_int_equal(feedback_world_check(&world, &err), ONUS_ERR_DOMAIN);
    world = (feedback_world){.n_cells = 2, .truth_per_day = truth};
    assert_int_equal(feedback_world_check(&world, &err), ONUS_OK);
    world.reported_frac = endless;
    assert_int_equal(feedback_world_check(&world, &err), ONUS_ERR_DOMAIN);
    world = (feedback_world){.n_cells = 2, .truth_per_day = negative};
    assert_int_equal(feedback_world_check(&world, &err), ONUS_ERR_DOMAIN);
    world = (feedback_world){
        .n_cells = 2, .truth_per_day = truth, .n_history_days = 1, .history = history};
    assert_int_equal(feedback_world_check(&world, &err), ONUS_ERR_DOMAIN);
    world = (feedback_world){
        .n_cells = 2, .truth_per_day = truth, .n_groups = 1, .group_weight = weight};
    assert_int_equal(feedback_world_check(&world, &err), ONUS_ERR_DOMAIN);
    feedback_plan plan = {.n_runs = 1};
    assert_int_equal(feedback_plan_check(&plan, &err), ONUS_ERR_DOMAIN);
    plan = (feedback_plan){.n_runs = 1, .n_horizons = 2, .horizon_days = {5, 5}};
    assert_int_equal(feedback_plan_check(&plan, &err), ONUS_ERR_DOMAIN);
    plan.horizon_days[1] = 6;
    assert_int_equal(feedback_plan_check(&plan, &err), ONUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tally_and_its_summary_are_the_definitions),
        cmocka_unit_test(the_top_share_is_that_of_a_sort),
        cmocka_unit_test(nothing_gives_no_number),
        cmocka_unit_test(runs_beyond_the_bound_run_away),
        cmocka_unit_test(what_is_no_world_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
