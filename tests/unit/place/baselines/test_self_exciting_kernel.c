/* The kernel form of the self-exciting process: planted numbers, and what a score adds up to. */
#include "frame_made.h"

#include "exciting_sample.h"
#include "self_exciting_internal.h"

typedef struct planted {
    double t_days;
    double x;
    double y;
} planted;

static int by_time(const void *a, const void *b) {
    const double x = ((const planted *)a)->t_days;
    const double y = ((const planted *)b)->t_days;
    return (x > y) - (x < y);
}

/* Immigrants: half spread evenly, half around three places; each event sets off, with probability
 * theta, one other after an exponential delay at a Gaussian distance. */
static void plant(made *m, size_t n_immigrants, double days, double theta, double delay_days,
                  double spread_m) {
    const double wide = m->cells.side_m * (double)m->cells.n_columns;
    const double high = m->cells.side_m * (double)m->cells.n_rows;
    planted *all = calloc(8 * n_immigrants, sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < n_immigrants; i++) {
        all[n].t_days = days * made_uniform(m); /* one draw a statement: their order is fixed */
        all[n].x = wide * made_uniform(m);
        all[n].y = high * made_uniform(m);
        if (i % 2 == 0) {
            const double place = (double)(i / 2 % 3);
            all[n].x = wide * (0.2 + 0.2 * place) + 500.0 * made_normal(m);
            all[n].y = high * (0.3 + 0.1 * place) + 500.0 * made_normal(m);
        }
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        const double t = all[i].t_days - delay_days * log(1.0 - made_uniform(m));
        if (made_uniform(m) < theta && t < days) {
            all[n].t_days = t;
            all[n].x = all[i].x + spread_m * made_normal(m);
            all[n].y = all[i].y + spread_m * made_normal(m);
            n++;
        }
        assert_true(n < 8 * n_immigrants);
    }
    qsort(all, n, sizeof *all, by_time);
    made_room(m, n);
    for (size_t i = 0; i < n; i++) {
        (void)made_event(m, m->cells.x0_m + all[i].x, m->cells.y0_m + all[i].y,
                         all[i].t_days * MADE_DAY_S, 1.0);
    }
    free(all);
}

static void planted_numbers_come_back(void **state) {
    (void)state;
    const double theta[] = {0.5, 0.2};
    for (int k = 0; k < 2; k++) {
        made m = {.seed = 3 + (uint64_t)k};
        made_cells(&m, 60, 50, 150.0);
        made_windows(&m, 1, 400);
        plant(&m, 2500, 400.0, theta[k], 4.0, 60.0);
        double *score = calloc(m.cells.n_cells, sizeof *score);
        void *s = NULL;
        const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
        assert_int_equal(
            self_exciting_kernel.open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts, NULL, &s, NULL),
            ONUS_OK);
        assert_int_equal(self_exciting_kernel.score(s, 0, score, NULL), ONUS_OK);
        double found = 0.0;
        double delay = 0.0;
        double distance = 0.0;
        self_exciting_kernel_fitted(s, &found, &delay, &distance);
        if (fabs(found - theta[k]) > 0.08) {
            fail_msg("theta %g for %g", found, theta[k]);
        }
        assert_true(delay > 3.0 && delay < 8.0);          /* 4.0 planted; smoothing adds some */
        assert_true(distance > 55.0 && distance < 120.0); /* 75.2 planted, the mean of Rayleigh's */
        self_exciting_kernel.close(s);
        free(score);
        made_clear(&m);
    }
}

/* Without anything planted, theta is small: background in clumps must not be taken for excitement.
 */
static void clumps_without_excitement_are_background(void **state) {
    (void)state;
    made m = {.seed = 9};
    made_cells(&m, 60, 50, 150.0);
    made_windows(&m, 1, 400);
    plant(&m, 4000, 400.0, 0.0, 4.0, 60.0);
    double *score = calloc(m.cells.n_cells, sizeof *score);
    void *s = NULL;
    const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    assert_int_equal(
        self_exciting_kernel.open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts, NULL, &s, NULL),
        ONUS_OK);
    assert_int_equal(self_exciting_kernel.score(s, 0, score, NULL), ONUS_OK);
    double theta = 0.0;
    double delay = 0.0;
    double distance = 0.0;
    self_exciting_kernel_fitted(s, &theta, &delay, &distance);
    if (theta > 0.1) {
        fail_msg("theta %g", theta);
    }
    self_exciting_kernel.close(s);
    free(score);
    made_clear(&m);
}

/* Every kernel is scaled to lie on cells, so that scores add up to what is expected of the window:
 * about as much as a day brought so far. */
static void scores_add_up_to_a_day(void **state) {
    (void)state;
    for (int shapes = 0; shapes < 2; shapes++) {
        made m = {.seed = 5};
        made_cells(&m, 40, 30, 200.0);
        made_windows(&m, 30, 200);
        plant(&m, 3000, 260.0, 0.4, 5.0, 80.0);
        if (shapes == 1) {
            made_forget_lattice(&m, true);
        }
        const onus_baseline_opts opts = {.form = ONUS_SELF_EXCITING_KERNEL,
                                         .history_s = 150 * MADE_DAY_S};
        double *all = made_scores(&onus_baseline_self_exciting, &m, &opts);
        double expected = 0.0;
        double came = 0.0;
        for (size_t k = 0; k < 30 * m.cells.n_cells; k++) {
            expected += all[k];
        }
        for (size_t e = 0; e < m.frame.events.n_events; e++) {
            came += m.unix_s[e] >= m.windows[0].from_s && m.unix_s[e] < m.windows[29].until_s;
        }
        assert_true(fabs(expected / came - 1.0) < 0.15);
        free(all);
        made_clear(&m);
    }
}

static void an_event_raises_its_neighbourhood_and_fades(void **state) {
    (void)state;
    made m = {.seed = 5};
    made_cells(&m, 40, 30, 100.0);
    made_windows(&m, 12, 200);
    plant(&m, 2500, 199.0, 0.5, 5.0, 80.0);
    const size_t n = m.cells.n_cells;
    const onus_baseline_opts opts = {.form = ONUS_SELF_EXCITING_KERNEL};
    double *before = made_scores(&onus_baseline_self_exciting, &m, &opts);
    const size_t c = 10 * 40 + 12;
    const size_t e = m.frame.events.n_events; /* one more, after the fit of the first window */
    m.frame.events.n_events++;
    m.cell[e] = (int32_t)c;
    m.event_x[e] = m.x_m[c];
    m.event_y[e] = m.y_m[c];
    m.unix_s[e] = m.windows[1].from_s - 1.0;
    m.count[e] = 1.0;
    double *after = made_scores(&onus_baseline_self_exciting, &m, &opts);
    assert_memory_equal(before, after, n * sizeof *before);
    double last = INFINITY;
    for (size_t w = 1; w < 12; w++) {
        const double rise = after[w * n + c] - before[w * n + c];
        assert_true(rise > 0.0 && rise < last);
        assert_true(after[w * n + c + 1] - before[w * n + c + 1] < rise);
        assert_true(after[w * n + c + 6] == before[w * n + c + 6]); /* 600 m */
        last = rise;
    }
    free(before);
    free(after);
    made_clear(&m);
}

static void an_event_at_the_start_is_not_used(void **state) {
    (void)state;
    made m = {.seed = 13};
    made_cells(&m, 14, 10, 150.0);
    made_windows(&m, 33, 90); /* longer than the stretch between fits */
    made_events(&m, 500, 20.0, 125.0);
    const onus_baseline_opts opts = {.form = ONUS_SELF_EXCITING_KERNEL,
                                     .history_s = 60 * MADE_DAY_S};
    made_expect_no_leak(&onus_baseline_self_exciting, &m, &opts);
    made_clear(&m);
}

static void one_address_at_one_instant_is_legal(void **state) {
    (void)state;
    made m = {.seed = 2};
    made_cells(&m, 5, 4, 150.0);
    made_windows(&m, 3, 90);
    made_room(&m, 50);
    for (int k = 0; k < 50; k++) {
        assert_true(made_event(&m, m.x_m[7], m.y_m[7], 88.0 * MADE_DAY_S, 1.0));
    }
    const onus_baseline_opts opts = {.form = ONUS_SELF_EXCITING_KERNEL};
    double *all = made_scores(&onus_baseline_self_exciting, &m, &opts);
    for (size_t c = 0; c < m.cells.n_cells; c++) {
        assert_true(all[7] >= all[c]);
    }
    assert_true(all[7] > 0.0);
    free(all);
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_numbers_come_back),
        cmocka_unit_test(clumps_without_excitement_are_background),
        cmocka_unit_test(scores_add_up_to_a_day),
        cmocka_unit_test(an_event_raises_its_neighbourhood_and_fades),
        cmocka_unit_test(an_event_at_the_start_is_not_used),
        cmocka_unit_test(one_address_at_one_instant_is_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
