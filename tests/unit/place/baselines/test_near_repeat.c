/* Near repeats against the published sum, written out. */
#include "frame_made.h"

#include "../../fault.h"

static void town(made *m, size_t n_events) {
    *m = (made){.seed = 11};
    made_cells(m, 24, 20, 110.0);
    made_windows(m, 12, 90);
    made_events(m, n_events, 10.0, 105.0);
}

static void brute(const made *m, size_t w, double history_s, double half_m, double *score) {
    const double start = m->windows[w].from_s;
    for (size_t c = 0; c < m->cells.n_cells; c++) {
        score[c] = 0.0;
        for (size_t e = 0; e < m->frame.events.n_events; e++) {
            const double age = start - m->unix_s[e];
            const double d = hypot(m->x_m[c] - m->event_x[e], m->y_m[c] - m->event_y[e]);
            if (age > 0.0 && age <= history_s && d <= 400.0) {
                score[c] += m->count[e] / (1.0 + floor(d / half_m)) /
                            (1.0 + floor(age / (7.0 * MADE_DAY_S)));
            }
        }
        score[c] *= m->area_m2[c] * (double)m->cells.n_cells / m->cells.region_m2;
    }
}

static void compare(made *m, double asked_s, double history_s, double half_m) {
    const size_t n = m->cells.n_cells;
    const onus_baseline_opts opts = {.history_s = asked_s};
    double *all = made_scores(&onus_baseline_near_repeat, m, &opts);
    double *expected = calloc(n, sizeof *expected);
    double sum = 0.0;
    for (size_t w = 0; w < m->frame.n_windows; w++) {
        brute(m, w, history_s, half_m, expected);
        for (size_t c = 0; c < n; c++) {
            assert_true(fabs(all[w * n + c] - expected[c]) <= 1e-12 * (1.0 + expected[c]));
            sum += expected[c];
        }
    }
    assert_true(sum > 0.0);
    free(all);
    free(expected);
}

static void scores_are_the_published_sum(void **state) {
    (void)state;
    made m;
    town(&m, 800);
    compare(&m, 0.0, 56 * MADE_DAY_S, 55.0);
    compare(&m, 365 * MADE_DAY_S, 56 * MADE_DAY_S, 55.0);
    compare(&m, 10 * MADE_DAY_S, 10 * MADE_DAY_S, 55.0);
    made_forget_lattice(&m, false);
    compare(&m, 0.0, 56 * MADE_DAY_S, 0.5 * sqrt(m.cells.region_m2 / (double)m.cells.n_cells));
    made_clear(&m);
}

static void an_event_at_the_start_is_not_used(void **state) {
    (void)state;
    made m;
    town(&m, 600);
    const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    made_expect_no_leak(&onus_baseline_near_repeat, &m, &opts);
    made_clear(&m);
}

static void recent_and_near_weigh_more(void **state) {
    (void)state;
    made m = {.seed = 1};
    made_cells(&m, 20, 3, 100.0);
    made_windows(&m, 3, 90);
    made_room(&m, 1);
    assert_true(made_event(&m, m.x_m[5], m.y_m[5], 89.5 * MADE_DAY_S, 1.0));
    m.windows[2].from_s = 97.0 * MADE_DAY_S;
    const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    const size_t n = m.cells.n_cells;
    double *all = made_scores(&onus_baseline_near_repeat, &m, &opts);
    assert_true(all[5] > all[6] && all[6] > all[7] && all[7] > 0.0);
    assert_true(all[10] == 0.0);                              /* 500 m */
    assert_true(all[5] == all[n + 5]);                        /* the same week */
    assert_true(fabs(all[2 * n + 5] - all[5] / 2.0) < 1e-12); /* the week after */
    free(all);
    made_clear(&m);
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    made m;
    town(&m, 300);
    double *score = calloc(m.cells.n_cells, sizeof *score);
    volatile sig_atomic_t stop = 0;
    const onus_context context = {.stop = &stop, .n_threads = 1};
    const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    const onus_baseline_methods *methods = &onus_baseline_near_repeat;
    FAULT_EACH(fault) {
        void *s = NULL;
        onus_status status =
            methods->open(ONUS_BASELINE_NEAR_REPEAT, &m.frame, &opts, &context, &s, NULL);
        if (status == ONUS_OK) {
            status = methods->score(s, 0, score, NULL);
        }
        fault_expect(&fault, status);
        methods->close(s);
    }
    void *s = NULL;
    assert_int_equal(methods->open(ONUS_BASELINE_NEAR_REPEAT, &m.frame, &opts, &context, &s, NULL),
                     ONUS_OK);
    stop = 1;
    assert_int_equal(methods->score(s, 0, score, NULL), ONUS_ERR_INTERRUPTED);
    methods->close(s);
    free(score);
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_published_sum),
        cmocka_unit_test(an_event_at_the_start_is_not_used),
        cmocka_unit_test(recent_and_near_weigh_more),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
