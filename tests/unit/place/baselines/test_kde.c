/* Kernel density against sums over all pairs of cell and event, on both grids. */
#include "frame_made.h"

#include "../../fault.h"
#include "buckets.h"
#include "kde_grid.h"

/* What the lattice promises beyond rounding: the Gaussian is cut where it is below 6.7e-10 of its
 * height. Scores are compared in units of the greatest. */
#define CUT 1e-9
/* Cubic interpolation on both sides, in x and y: 4 x 1.8e-5 of the kernel's height. */
#define CUBIC 1e-4

static const double BANDWIDTH_M = 310.0;

/* Events within [from - history, from), each in the middle of its lattice cell or where it was. */
static void brute(const made *m, const onus_baseline_opts *opts, size_t w, double h, bool centred,
                  double *score) {
    const onus_frame_cells *c = &m->cells;
    const double until = m->windows[w].from_s;
    for (size_t i = 0; i < c->n_cells; i++) {
        const double x = centred ? c->x0_m + c->side_m * (m->column[i] + 0.5) : c->x_m[i];
        const double y = centred ? c->y0_m + c->side_m * (m->row[i] + 0.5) : c->y_m[i];
        double sum = 0.0;
        double inside = 0.0;
        for (size_t e = 0; e < m->frame.events.n_events; e++) {
            const bool old = opts->history_s > 0.0 && m->unix_s[e] < until - opts->history_s;
            if (!(m->unix_s[e] < until) || old) {
                continue;
            }
            const size_t at = (size_t)m->cell[e];
            const double ex = centred ? c->x0_m + c->side_m * (m->column[at] + 0.5) : m->event_x[e];
            const double ey = centred ? c->y0_m + c->side_m * (m->row[at] + 0.5) : m->event_y[e];
            sum += m->count[e] * exp(-((x - ex) * (x - ex) + (y - ey) * (y - ey)) / (2.0 * h * h));
        }
        for (size_t k = 0; opts->edge_corrected && k < c->n_cells; k++) {
            const double kx = centred ? c->x0_m + c->side_m * (m->column[k] + 0.5) : c->x_m[k];
            const double ky = centred ? c->y0_m + c->side_m * (m->row[k] + 0.5) : c->y_m[k];
            inside +=
                c->area_m2[k] * exp(-((x - kx) * (x - kx) + (y - ky) * (y - ky)) / (2.0 * h * h));
        }
        score[i] = sum * c->area_m2[i] / (opts->edge_corrected ? inside : 1.0);
    }
}

/* Largest difference after both are scaled to a greatest value of one: a factor is free. */
static double distance(const double *a, const double *b, size_t n) {
    double top_a = 0.0;
    double top_b = 0.0;
    double far = 0.0;
    for (size_t i = 0; i < n; i++) {
        top_a = fmax(top_a, a[i]);
        top_b = fmax(top_b, b[i]);
    }
    assert_true(top_a > 0.0 && top_b > 0.0);
    for (size_t i = 0; i < n; i++) {
        far = fmax(far, fabs(a[i] / top_a - b[i] / top_b));
    }
    return far;
}

static void compare(made *m, const onus_baseline_opts *opts, double h, bool centred,
                    double tolerance) {
    const size_t n = m->cells.n_cells;
    double *all = made_scores(&onus_baseline_kde, m, opts);
    double *expected = calloc(n, sizeof *expected);
    for (size_t w = 0; w < m->frame.n_windows; w += 5) {
        brute(m, opts, w, h, centred, expected);
        const double far = distance(all + w * n, expected, n);
        if (!(far < tolerance)) {
            fail_msg("window %zu differs by %g of the greatest score", w, far);
        }
    }
    free(all);
    free(expected);
}

static void town(made *m, size_t n_events) {
    *m = (made){.seed = 7};
    made_cells(m, 30, 24, 150.0);
    made_windows(m, 11, 90);
    made_events(m, n_events, 60.0, 105.0);
}

static void lattice_agrees_with_all_pairs(void **state) {
    (void)state;
    made m;
    town(&m, 900);
    onus_baseline_opts opts = {.bandwidth_m = BANDWIDTH_M, .history_s = 14 * MADE_DAY_S};
    compare(&m, &opts, BANDWIDTH_M, true, CUT);
    opts.edge_corrected = true;
    compare(&m, &opts, BANDWIDTH_M, true, CUT);
    opts.history_s = 0.0;
    compare(&m, &opts, BANDWIDTH_M, true, CUT);
    made_clear(&m);
}

static void nodes_agree_with_all_pairs(void **state) {
    (void)state;
    made m;
    town(&m, 900);
    made_forget_lattice(&m, false);
    onus_baseline_opts opts = {.bandwidth_m = BANDWIDTH_M, .history_s = 14 * MADE_DAY_S};
    compare(&m, &opts, BANDWIDTH_M, false, CUBIC);
    opts.edge_corrected = true;
    compare(&m, &opts, BANDWIDTH_M, false, CUBIC);
    made_clear(&m);
}

static void wide_bandwidth_on_a_lattice_uses_nodes_and_agrees(void **state) {
    (void)state;
    made m;
    town(&m, 900);
    const onus_baseline_opts opts = {.bandwidth_m = 1500.0, .edge_corrected = true};
    for (size_t c = 0; c < m.cells.n_cells; c++) { /* so that middle and centroid are one */
        m.x_m[c] = m.cells.x0_m + 150.0 * (m.column[c] + 0.5);
    }
    compare(&m, &opts, 1500.0, false, CUBIC);
    made_clear(&m);
}

/* The mean of the kernel over a cell, by nodes inside its shape: against a fine sum. */
static void shapes_are_averaged_over_their_ground(void **state) {
    (void)state;
    made m = {.seed = 3};
    made_cells(&m, 9, 6, 600.0);
    made_windows(&m, 1, 90);
    made_events(&m, 400, 60.0, 95.0);
    const onus_baseline_opts opts = {.bandwidth_m = 250.0, .edge_corrected = true};
    const size_t n = m.cells.n_cells;
    double *expected = calloc(n, sizeof *expected);
    enum { FINE = 24 };
    const double h = 250.0;
    const size_t n_fine = n * FINE * FINE;
    double *fx = calloc(n_fine, sizeof *fx);
    double *fy = calloc(n_fine, sizeof *fy);
    for (size_t k = 0; k < n_fine; k++) { /* a fine lattice inside every shape */
        const size_t c = k / (FINE * FINE);
        const double wide = m.corner_x[5 * c + 1] - m.corner_x[5 * c];
        fx[k] = m.corner_x[5 * c] + wide * ((double)(k % FINE) + 0.5) / FINE;
        fy[k] = m.corner_y[5 * c] + 600.0 * ((double)(k / FINE % FINE) + 0.5) / FINE;
    }
    for (size_t c = 0; c < n; c++) {
        for (size_t k = c * FINE * FINE; k < (c + 1) * FINE * FINE; k += 7) {
            double sum = 0.0;
            double inside = 0.0;
            for (size_t e = 0; e < m.frame.events.n_events; e++) {
                const double dx = fx[k] - m.event_x[e];
                const double dy = fy[k] - m.event_y[e];
                sum += m.unix_s[e] < m.windows[0].from_s ? exp(-(dx * dx + dy * dy) / (2.0 * h * h))
                                                         : 0.0;
            }
            for (size_t q = 0; q < n_fine; q += 5) {
                const double dx = fx[k] - fx[q];
                const double dy = fy[k] - fy[q];
                const size_t of = q / (FINE * FINE);
                if (dx * dx + dy * dy < 25.0 * h * h) {
                    inside += m.area_m2[of] * exp(-(dx * dx + dy * dy) / (2.0 * h * h));
                }
            }
            expected[c] += sum / inside * m.area_m2[c];
        }
    }
    made_forget_lattice(&m, true);
    double *got = made_scores(&onus_baseline_kde, &m, &opts);
    assert_true(distance(got, expected, n) < 0.03); /* both are sums over some hundred places */
    free(got);
    free(expected);
    free(fx);
    free(fy);
    made_clear(&m);
}

static void correction_at_the_edge_makes_even_events_even(void **state) {
    (void)state;
    made m = {.seed = 1};
    made_cells(&m, 40, 40, 100.0);
    made_windows(&m, 1, 90);
    made_room(&m, m.cells.n_cells);
    for (size_t c = 0; c < m.cells.n_cells; c++) { /* as many events as there is ground */
        assert_true(made_event(&m, m.x_m[c], m.y_m[c], 0.0, m.area_m2[c] / 1e4));
    }
    onus_baseline_opts opts = {.bandwidth_m = 300.0, .edge_corrected = true};
    double *even = made_scores(&onus_baseline_kde, &m, &opts);
    opts.edge_corrected = false;
    double *sagging = made_scores(&onus_baseline_kde, &m, &opts);
    double low = INFINITY;
    double high = 0.0;
    for (size_t c = 0; c < m.cells.n_cells; c++) {
        const double density = even[c] / m.area_m2[c];
        low = fmin(low, density);
        high = fmax(high, density);
    }
    assert_true(high / low < 1.0 + 1e-6);
    assert_true(sagging[0] / m.area_m2[0] < 0.4 * sagging[20 * 40 + 20] / m.area_m2[20 * 40 + 20]);
    free(even);
    free(sagging);
    made_clear(&m);
}

static void a_narrow_kernel_is_a_count(void **state) {
    (void)state;
    made m;
    town(&m, 600);
    const onus_baseline_opts opts = {.bandwidth_m = 1.0};
    double *all = made_scores(&onus_baseline_kde, &m, &opts);
    double *count = calloc(m.cells.n_cells, sizeof *count);
    for (size_t e = 0; e < m.frame.events.n_events; e++) {
        count[m.cell[e]] += m.unix_s[e] < m.windows[10].from_s ? 1.0 : 0.0;
    }
    for (size_t c = 0; c < m.cells.n_cells; c++) {
        const double expected = count[c] * m.area_m2[c] / 22500.0;
        assert_true(fabs(all[10 * m.cells.n_cells + c] - expected) < 1e-9);
    }
    free(count);
    free(all);
    made_clear(&m);
}

static void the_rule_is_scotts_over_the_history(void **state) {
    (void)state;
    made m;
    town(&m, 900);
    const onus_baseline_opts ruled = {.history_s = 14 * MADE_DAY_S, .edge_corrected = true};
    m.frame.n_windows = 1; /* the rule is applied at the first window, and not again soon */
    double n = 0.0;
    double x = 0.0;
    double y = 0.0;
    double xx = 0.0;
    for (size_t e = 0; e < m.frame.events.n_events; e++) {
        if (m.unix_s[e] < m.windows[0].from_s &&
            m.unix_s[e] >= m.windows[0].from_s - ruled.history_s) {
            n += 1.0;
            x += m.event_x[e];
            y += m.event_y[e];
            xx += m.event_x[e] * m.event_x[e] + m.event_y[e] * m.event_y[e];
        }
    }
    const double spread = sqrt((xx - (x * x + y * y) / n) / (2.0 * (n - 1.0)));
    onus_baseline_opts named = ruled;
    named.bandwidth_m = spread * pow(n, -1.0 / 6.0);
    double *a = made_scores(&onus_baseline_kde, &m, &ruled);
    double *b = made_scores(&onus_baseline_kde, &m, &named);
    assert_true(distance(a, b, m.cells.n_cells) < 1e-9);
    free(a);
    free(b);
    made_clear(&m);
}

static void no_history_scores_nothing(void **state) {
    (void)state;
    made m = {.seed = 5};
    made_cells(&m, 6, 6, 150.0);
    made_windows(&m, 4, 90);
    made_events(&m, 20, 92.0, 93.5);
    const onus_baseline_opts opts = {.edge_corrected = true};
    double *all = made_scores(&onus_baseline_kde, &m, &opts);
    for (size_t c = 0; c < m.cells.n_cells; c++) {
        assert_true(all[c] == 0.0);
    }
    double later = 0.0;
    for (size_t c = 0; c < m.cells.n_cells; c++) {
        later += all[3 * m.cells.n_cells + c];
    }
    assert_true(later > 0.0);
    free(all);
    made_clear(&m);
}

/* What was added and expired leaves no trace: a history that has moved on is one that began so. */
static void expired_events_leave_nothing_behind(void **state) {
    (void)state;
    made m;
    town(&m, 900);
    for (size_t e = 0; e < 900; e++) {
        m.count[e] = 0.1 * (double)(1 + e % 7);
    }
    for (int shapes = 0; shapes < 2; shapes++) {
        const onus_baseline_opts opts = {.bandwidth_m = 200.0, .history_s = 3 * MADE_DAY_S};
        double *walked = made_scores(&onus_baseline_kde, &m, &opts);
        made fresh = m;
        fresh.windows += 10;
        fresh.frame.windows += 10;
        fresh.frame.n_windows = 1;
        double *anew = made_scores(&onus_baseline_kde, &fresh, &opts);
        assert_memory_equal(anew, walked + 10 * m.cells.n_cells, m.cells.n_cells * sizeof *anew);
        free(walked);
        free(anew);
        made_forget_lattice(&m, false);
    }
    made_clear(&m);
}

static void an_event_at_the_start_is_not_used(void **state) {
    (void)state;
    made m;
    town(&m, 600);
    const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    made_expect_no_leak(&onus_baseline_kde, &m, &opts);
    made_forget_lattice(&m, true);
    made_expect_no_leak(&onus_baseline_kde, &m, &opts);
    made_clear(&m);
}

static void too_fine_a_bandwidth_off_the_lattice_is_refused(void **state) {
    (void)state;
    made m;
    town(&m, 100);
    made_forget_lattice(&m, false);
    const onus_baseline_opts opts = {.bandwidth_m = 0.01};
    void *s = NULL;
    onus_error err = ONUS_ERROR_INIT;
    double *score = calloc(m.cells.n_cells, sizeof *score);
    assert_int_equal(onus_baseline_kde.open(ONUS_BASELINE_KDE, &m.frame, &opts, NULL, &s, &err),
                     ONUS_OK);
    assert_int_equal(onus_baseline_kde.score(s, 0, score, &err), ONUS_ERR_DOMAIN);
    assert_non_null(strstr(err.text, "too narrow"));
    onus_baseline_kde.close(s);
    free(score);
    made_clear(&m);
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    made m;
    town(&m, 200);
    double *score = calloc(m.cells.n_cells, sizeof *score);
    volatile sig_atomic_t stop = 0;
    const onus_context context = {.stop = &stop, .n_threads = 1};
    for (int shapes = 0; shapes < 2; shapes++) {
        const onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
        FAULT_EACH(fault) {
            void *s = NULL;
            onus_status status =
                onus_baseline_kde.open(ONUS_BASELINE_KDE, &m.frame, &opts, &context, &s, NULL);
            if (status == ONUS_OK) {
                status = onus_baseline_kde.score(s, 0, score, NULL);
            }
            fault_expect(&fault, status);
            onus_baseline_kde.close(s);
        }
        void *s = NULL;
        assert_int_equal(
            onus_baseline_kde.open(ONUS_BASELINE_KDE, &m.frame, &opts, &context, &s, NULL),
            ONUS_OK);
        stop = 1;
        assert_int_equal(onus_baseline_kde.score(s, 0, score, NULL), ONUS_ERR_INTERRUPTED);
        stop = 0;
        onus_baseline_kde.close(s);
        made_forget_lattice(&m, true);
    }
    free(score);
    made_clear(&m);
}

static void filter_weights_add_up_to_one(void **state) {
    (void)state;
    for (double h = 0.05; h < 40.0; h *= 1.7) {
        kde_taps taps = {0};
        assert_int_equal(kde_taps_make(h, 1000, &taps, NULL), ONUS_OK);
        double sum = taps.weight[0];
        for (size_t k = 1; k <= taps.radius; k++) {
            sum += 2.0 * taps.weight[k];
        }
        assert_true(fabs(sum - 1.0) < 1e-14);
        kde_taps_clear(&taps);
    }
}

/* Widths that are no multiple of the strip, in place, against a plain double loop. */
static void smoothing_agrees_with_a_plain_loop(void **state) {
    (void)state;
    made m = {.seed = 21};
    for (int trial = 0; trial < test_mult(20); trial++) {
        const size_t n_x = 1 + (size_t)random_below(&m.seed, 37);
        const size_t n_y = 1 + (size_t)random_below(&m.seed, 37);
        kde_taps taps = {0};
        assert_int_equal(kde_taps_make(0.3 + 3.0 * made_uniform(&m), 50, &taps, NULL), ONUS_OK);
        double *in = calloc(n_x * n_y, sizeof *in);
        double *out = calloc(n_x * n_y, sizeof *out);
        double *scratch = calloc(kde_scratch_size(n_x, n_y, taps.radius), sizeof *scratch);
        for (size_t k = 0; k < n_x * n_y; k++) {
            in[k] = random_below(&m.seed, 3) == 0 ? made_uniform(&m) : 0.0;
        }
        memcpy(out, in, n_x * n_y * sizeof *out);
        assert_int_equal(kde_smooth(&taps, out, n_x, n_y, NULL, scratch, out, NULL), ONUS_OK);
        for (size_t k = 0; k < n_x * n_y; k++) {
            double sum = 0.0;
            for (size_t q = 0; q < n_x * n_y; q++) {
                const size_t dx = k % n_x > q % n_x ? k % n_x - q % n_x : q % n_x - k % n_x;
                const size_t dy = k / n_x > q / n_x ? k / n_x - q / n_x : q / n_x - k / n_x;
                if (dx <= taps.radius && dy <= taps.radius) {
                    sum += in[q] * taps.weight[dx] * taps.weight[dy];
                }
            }
            assert_true(fabs(sum - out[k]) < 1e-14);
        }
        kde_taps_clear(&taps);
        free(in);
        free(out);
        free(scratch);
    }
}

static void buckets_hold_every_near_point_once(void **state) {
    (void)state;
    made m = {.seed = 33};
    for (int trial = 0; trial < test_mult(50); trial++) {
        const size_t n = (size_t)random_below(&m.seed, 60);
        double x[60];
        double y[60];
        int seen[60];
        const double wide = pow(10.0, 6.0 * made_uniform(&m));
        for (size_t i = 0; i < n; i++) {
            x[i] = wide * made_uniform(&m);
            y[i] = 3.0 * made_uniform(&m);
        }
        buckets b = {0};
        assert_int_equal(buckets_make(x, y, n, 0.5, &b, NULL), ONUS_OK);
        const double px = wide * made_uniform(&m);
        const double radius = made_uniform(&m) * wide / 3.0;
        memset(seen, 0, sizeof seen);
        size_t from = 0;
        size_t until = 0;
        for (buckets_walk walk = buckets_around(&b, px, 1.0, radius);
             buckets_row(&b, &walk, &from, &until) != 0;) {
            for (size_t k = from; k < until; k++) {
                seen[b.index[k]]++;
                assert_true(b.x_m[k] == x[b.index[k]] && b.y_m[k] == y[b.index[k]]);
            }
        }
        for (size_t i = 0; i < n; i++) {
            assert_true(seen[i] <= 1);
            assert_true(seen[i] == 1 || hypot(x[i] - px, y[i] - 1.0) > radius);
        }
        buckets_clear(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lattice_agrees_with_all_pairs),
        cmocka_unit_test(nodes_agree_with_all_pairs),
        cmocka_unit_test(wide_bandwidth_on_a_lattice_uses_nodes_and_agrees),
        cmocka_unit_test(shapes_are_averaged_over_their_ground),
        cmocka_unit_test(correction_at_the_edge_makes_even_events_even),
        cmocka_unit_test(a_narrow_kernel_is_a_count),
        cmocka_unit_test(the_rule_is_scotts_over_the_history),
        cmocka_unit_test(no_history_scores_nothing),
        cmocka_unit_test(expired_events_leave_nothing_behind),
        cmocka_unit_test(an_event_at_the_start_is_not_used),
        cmocka_unit_test(too_fine_a_bandwidth_off_the_lattice_is_refused),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
        cmocka_unit_test(filter_weights_add_up_to_one),
        cmocka_unit_test(smoothing_agrees_with_a_plain_loop),
        cmocka_unit_test(buckets_hold_every_near_point_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
