/* The gridded self-exciting process: EM against the equations written out, and planted numbers. */
#include "frame_made.h"

#include "../../fault.h"
#include "exciting_em.h"
#include "self_exciting_internal.h"

enum { CELLS = 60, ROOM = 40000 };

typedef struct sequences {
    size_t from[CELLS];
    size_t until[CELLS];
    double time[ROOM];
    double count[ROOM];
    double mu[CELLS];
    exciting_events events;
} sequences;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A planted process by its branches: immigrants at rate mu, each event sets off a Poisson number
 * of others (mean theta) after exponential delays. Times of a cell, sorted; returns their number.
 */
static size_t plant_cell(made *m, double mu, double theta, double omega, double until_days,
                         double *time) {
    size_t n = 0;
    for (double t = -log(1.0 - made_uniform(m)) / mu; t < until_days;
         t -= log(1.0 - made_uniform(m)) / mu) {
        time[n++] = t;
    }
    for (size_t i = 0; i < n; i++) {
        double u = made_uniform(m);
        double p = exp(-theta);
        for (int k = 1; u > p && k < 50; k++) { /* one child per step of the inversion */
            const double t = time[i] - log(1.0 - made_uniform(m)) / omega;
            if (t < until_days) {
                time[n++] = t;
            }
            u -= p;
            p *= theta / k;
        }
    }
    qsort(time, n, sizeof *time, by_value);
    return n;
}

static void plant(made *m, sequences *s, double mu, double theta, double omega, double days) {
    size_t n = 0;
    for (size_t c = 0; c < CELLS; c++) {
        s->from[c] = n;
        n += plant_cell(m, mu * (1.0 + (double)(c % 5)), theta, omega, days, s->time + n);
        s->until[c] = n;
        assert_true(n < ROOM / 2);
    }
    for (size_t k = 0; k < n; k++) {
        s->count[k] = 1.0;
    }
    s->events = (exciting_events){CELLS, s->from, s->until, s->time, s->count, 0.0, days};
}

static exciting_rates start(sequences *s) {
    for (size_t c = 0; c < CELLS; c++) {
        s->mu[c] = 0.5 * (double)(s->until[c] - s->from[c]) / s->events.end_days;
    }
    return (exciting_rates){.theta = 0.5, .omega_per_day = 0.05, .mu_per_day = s->mu};
}

/* One step by its definition, over all pairs. */
static double brute_step(const exciting_events *e, exciting_rates *r) {
    double objective = 0.0;
    double all = 0.0;
    double set_off = 0.0;
    double waited = 0.0;
    const double span = e->end_days - e->begin_days;
    for (size_t c = 0; c < e->n_cells; c++) {
        double own = 0.0;
        objective -= span * r->mu_per_day[c];
        for (size_t j = e->from[c]; j < e->until[c]; j++) {
            double rate = r->mu_per_day[c];
            for (size_t i = e->from[c]; i < j; i++) {
                rate += e->count[i] * r->theta * r->omega_per_day *
                        exp(-r->omega_per_day * (e->time_days[j] - e->time_days[i]));
            }
            for (size_t i = e->from[c]; i < j; i++) {
                const double gap = e->time_days[j] - e->time_days[i];
                const double p = e->count[i] * e->count[j] * r->theta * r->omega_per_day *
                                 exp(-r->omega_per_day * gap) / rate;
                set_off += p;
                waited += p * gap;
            }
            own += e->count[j] * r->mu_per_day[c] / rate;
            all += e->count[j];
            objective += e->count[j] * log(rate);
        }
        r->mu_per_day[c] = own / span;
    }
    objective -= all * r->theta;
    r->theta = set_off / all;
    r->omega_per_day = set_off / waited;
    return objective;
}

static void recursion_agrees_with_all_pairs(void **state) {
    (void)state;
    static sequences s;
    made m = {.seed = 17};
    plant(&m, &s, 0.02, 0.4, 0.3, 300.0);
    for (size_t k = 0; k < s.until[CELLS - 1]; k++) {
        s.count[k] = (double)(1 + k % 3); /* joint counts */
    }
    s.until[7] = s.from[7]; /* a cell without events */
    exciting_rates fast = start(&s);
    double mu[CELLS];
    memcpy(mu, s.mu, sizeof mu);
    exciting_rates slow = fast;
    slow.mu_per_day = mu;
    for (int step = 0; step < 5; step++) {
        const double a = exciting_em_step(&s.events, &fast);
        const double b = brute_step(&s.events, &slow);
        assert_true(fabs(a - b) < 1e-10 * fabs(b));
        assert_true(fabs(fast.theta - slow.theta) < 1e-12);
        assert_true(fabs(fast.omega_per_day / slow.omega_per_day - 1.0) < 1e-11);
        for (size_t c = 0; c < CELLS; c++) {
            assert_true(fabs(fast.mu_per_day[c] - mu[c]) < 1e-13);
        }
    }
    assert_true(fast.mu_per_day[7] == 0.0);
}

static void likelihood_never_falls(void **state) {
    (void)state;
    static sequences s;
    for (uint64_t seed = 1; seed <= (uint64_t)test_mult(8); seed++) {
        made m = {.seed = seed};
        plant(&m, &s, 0.01 * (double)seed, 0.1 * (double)(seed % 9), 0.02 * (double)(seed * seed),
              120.0);
        exciting_rates rates = start(&s);
        double before = -INFINITY;
        for (int step = 0; step < 60; step++) {
            const double now = exciting_em_step(&s.events, &rates);
            if (!(now >= before - 1e-11 * fabs(now))) { /* rounding of the sum itself */
                fail_msg("seed %d step %d: %.15g after %.15g", (int)seed, step, now, before);
            }
            before = now;
        }
        assert_true(rates.theta >= 0.0 && rates.theta <= 1.0);
    }
}

/* 60 cells, 1000 days, some 13,000 events: theta and omega come back within a tenth (their standard
 * errors are near 0.01 and 4 %). */
static void planted_numbers_come_back(void **state) {
    (void)state;
    static sequences s;
    const double planted[][2] = {{0.5, 0.5}, {0.3, 2.0}, {0.6, 0.15}};
    for (size_t k = 0; k < 3; k++) {
        made m = {.seed = 100 + k};
        plant(&m, &s, 0.03, planted[k][0], planted[k][1], 1000.0);
        exciting_rates rates = start(&s);
        for (int step = 0; step < 200; step++) {
            (void)exciting_em_step(&s.events, &rates);
        }
        assert_true(fabs(rates.theta - planted[k][0]) < 0.06);
        assert_true(fabs(rates.omega_per_day / planted[k][1] - 1.0) < 0.15);
        double mu = 0.0;
        for (size_t c = 0; c < CELLS; c++) {
            mu += rates.mu_per_day[c];
        }
        assert_true(fabs(mu / (0.03 * 3.0 * CELLS) - 1.0) < 0.15);
    }
}

/* ---- as a baseline ---- */

static void town(made *m, size_t n_events) {
    *m = (made){.seed = 13};
    made_cells(m, 14, 10, 150.0);
    made_windows(m, 12, 90);
    made_events(m, n_events, 20.0, 105.0);
}

/* What a fit to the same history by all pairs expects of the window. */
static void scores_are_what_the_model_expects(void **state) {
    (void)state;
    made m;
    town(&m, 700);
    const onus_baseline_opts opts = {.history_s = 60 * MADE_DAY_S};
    const size_t n = m.cells.n_cells;
    double *score = calloc(n, sizeof *score);
    void *s = NULL;
    assert_int_equal(
        self_exciting_grid.open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts, NULL, &s, NULL),
        ONUS_OK);
    for (size_t w = 0; w < m.frame.n_windows; w++) {
        assert_int_equal(self_exciting_grid.score(s, w, score, NULL), ONUS_OK);
        double theta = 0.0;
        double omega = 0.0;
        self_exciting_grid_fitted(s, &theta, &omega);
        const double from = m.windows[w].from_s;
        double all = 0.0;
        double in_history = 0.0;
        double worst = 0.0;
        for (size_t c = 0; c < n; c++) {
            double rise = 0.0;
            double own = 0.0;
            for (size_t e = 0; e < m.frame.events.n_events; e++) {
                if ((size_t)m.cell[e] == c && m.unix_s[e] < from &&
                    m.unix_s[e] >= from - opts.history_s) {
                    const double age = (from - m.unix_s[e]) / MADE_DAY_S;
                    rise += theta * (exp(-omega * age) - exp(-omega * (age + 1.0)));
                    own += 1.0;
                }
            }
            const double mu = score[c] - rise; /* what is left is the background of one day */
            worst = fmin(worst, mu);
            assert_true(mu <= own / 60.0 + 1e-9);
            all += mu;
            in_history += own;
        }
        assert_true(worst > -1e-12);
        /* background and set off make up all: theta is the share that is set off */
        assert_true(fabs(all - (1.0 - theta) * in_history / 60.0) < 1e-9);
    }
    self_exciting_grid.close(s);
    free(score);
    made_clear(&m);
}

static void an_event_at_the_start_is_not_used(void **state) {
    (void)state;
    made m;
    town(&m, 400);
    onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    made_expect_no_leak(&onus_baseline_self_exciting, &m, &opts);
    opts.history_s = 30 * MADE_DAY_S;
    made_expect_no_leak(&onus_baseline_self_exciting, &m, &opts);
    made_clear(&m);
}

static void a_warm_start_ends_where_a_cold_one_does(void **state) {
    (void)state;
    made m;
    town(&m, 3000);
    const onus_baseline_opts opts = {.history_s = 60 * MADE_DAY_S};
    const size_t n = m.cells.n_cells;
    const size_t last = m.frame.n_windows - 1;
    double *warm = made_scores(&onus_baseline_self_exciting, &m, &opts);
    double *cold = calloc(n, sizeof *cold);
    void *s = NULL;
    assert_int_equal(onus_baseline_self_exciting.open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts,
                                                      NULL, &s, NULL),
                     ONUS_OK);
    assert_int_equal(onus_baseline_self_exciting.score(s, last, cold, NULL), ONUS_OK);
    onus_baseline_self_exciting.close(s);
    double far = 0.0;
    double all = 0.0;
    for (size_t c = 0; c < n; c++) {
        far += fabs(cold[c] - warm[last * n + c]);
        all += cold[c];
    }
    assert_true(far < 0.02 * all);
    free(cold);
    free(warm);
    made_clear(&m);
}

static void no_history_scores_nothing_and_days_of_silence_are_legal(void **state) {
    (void)state;
    made m = {.seed = 5};
    made_cells(&m, 6, 6, 150.0);
    made_windows(&m, 40, 90);
    made_events(&m, 30, 92.0, 93.5);
    const onus_baseline_opts opts = {.history_s = 10 * MADE_DAY_S};
    const size_t n = m.cells.n_cells;
    double *all = made_scores(&onus_baseline_self_exciting, &m, &opts);
    for (size_t c = 0; c < n; c++) {
        assert_true(all[c] == 0.0 && all[39 * n + c] == 0.0); /* before, and long after */
    }
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
    const onus_baseline_methods *methods = &onus_baseline_self_exciting;
    for (int form = 0; form < 2; form++) {
        const onus_baseline_opts opts = {.form = form == 0 ? ONUS_SELF_EXCITING_GRID
                                                           : ONUS_SELF_EXCITING_KERNEL};
        FAULT_EACH(fault) {
            void *s = NULL;
            onus_status status =
                methods->open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts, &context, &s, NULL);
            if (status == ONUS_OK) {
                status = methods->score(s, 0, score, NULL);
            }
            fault_expect(&fault, status);
            methods->close(s);
        }
        void *s = NULL;
        assert_int_equal(
            methods->open(ONUS_BASELINE_SELF_EXCITING, &m.frame, &opts, &context, &s, NULL),
            ONUS_OK);
        stop = 1;
        assert_int_equal(methods->score(s, 0, score, NULL), ONUS_ERR_INTERRUPTED);
        stop = 0;
        methods->close(s);
    }
    free(score);
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recursion_agrees_with_all_pairs),
        cmocka_unit_test(likelihood_never_falls),
        cmocka_unit_test(planted_numbers_come_back),
        cmocka_unit_test(scores_are_what_the_model_expects),
        cmocka_unit_test(an_event_at_the_start_is_not_used),
        cmocka_unit_test(a_warm_start_ends_where_a_cold_one_does),
        cmocka_unit_test(no_history_scores_nothing_and_days_of_silence_are_legal),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
