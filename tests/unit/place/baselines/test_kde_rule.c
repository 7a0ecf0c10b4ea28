/* The bandwidth that the past asks for: against trying every one by hand, and what it must not see.
 */
#include "frame_made.h"

#include "kde_rule.h"

#define SHARE 0.02

enum { LATER = 12, CANDIDATES = 16 };

/* Six hot spots of 120 m each, and a third of the events anywhere. */
static void hot_spots(made *m, uint64_t seed, size_t n) {
    *m = (made){.seed = seed};
    made_cells(m, 30, 24, 150.0);
    made_windows(m, 6, 90);
    made_room(m, n);
    for (size_t tries = 0; m->frame.events.n_events < n; tries++) {
        const double day = 100.0 * (double)m->frame.events.n_events / (double)n;
        double x = 1000.0 + 4500.0 * made_uniform(m);
        double y = -500.0 + 3600.0 * made_uniform(m);
        if (tries % 3 != 0) {
            const double spot = (double)(tries % 6);
            x = 1000.0 + 400.0 + 700.0 * spot + 120.0 * made_normal(m);
            y = -500.0 + 400.0 + 350.0 * spot + 120.0 * made_normal(m);
        }
        (void)made_event(m, x, y, 3600.0 * floor(24.0 * day), 1.0);
    }
}

static double score_now(const made *m, const onus_baseline_opts *opts, onus_kde_rule *rule) {
    double *score = calloc(m->cells.n_cells, sizeof *score);
    void *s = NULL;
    assert_int_equal(onus_baseline_kde.open(ONUS_BASELINE_KDE, &m->frame, opts, NULL, &s, NULL),
                     ONUS_OK);
    assert_int_equal(onus_baseline_kde.score(s, 0, score, NULL), ONUS_OK);
    const double bandwidth_m = kde_bandwidth_m(s, rule);
    onus_baseline_kde.close(s);
    free(score);
    return bandwidth_m;
}

static const double *ranked_score;
static const double *ranked_area;

static int by_density(const void *a, const void *b) {
    const size_t p = *(const size_t *)a;
    const size_t q = *(const size_t *)b;
    const double x = ranked_score[p] / ranked_area[p];
    const double y = ranked_score[q] / ranked_area[q];
    return (x < y) - (x > y);
}

/* What the densest ground of a share holds of the events of [from, until): the last cell in part.
 */
static double captured(const made *m, const double *score, double from_s, double until_s) {
    const size_t n = m->cells.n_cells;
    size_t *order = calloc(n, sizeof *order);
    for (size_t c = 0; c < n; c++) {
        order[c] = c;
    }
    ranked_score = score;
    ranked_area = m->area_m2;
    qsort(order, n, sizeof *order, by_density);
    double left = SHARE * m->cells.region_m2;
    double sum = 0.0;
    for (size_t k = 0; k < n && left > 0.0; k++) {
        const size_t c = order[k];
        const double part = fmin(left / m->area_m2[c], 1.0);
        left -= m->area_m2[c];
        for (size_t e = 0; e < m->frame.events.n_events; e++) {
            sum += (size_t)m->cell[e] == c && m->unix_s[e] >= from_s && m->unix_s[e] < until_s
                       ? part
                       : 0.0;
        }
    }
    free(order);
    return sum;
}

/* The rule by hand: fixed bandwidths, frames cut by hand, captures counted event by event. */
static double best_by_hand(made *m) {
    const double start_s = m->windows[0].from_s;
    size_t n = 0;
    while (n < m->frame.events.n_events && m->unix_s[n] < start_s) {
        n++;
    }
    size_t middle = n / 4 * 3;
    while (m->unix_s[middle - 1] == m->unix_s[middle]) {
        middle--;
    }
    const kde_past past = {.frame = &m->frame, .high = n, .until_s = start_s};
    double bandwidth_m = kde_scott(&past);
    double best = 0.0;
    double most = -1.0;
    onus_frame_window windows[LATER];
    onus_frame kept = m->frame;
    const double length_s = (start_s - m->unix_s[middle]) / LATER;
    for (int w = 0; w < LATER; w++) {
        windows[w].from_s = m->unix_s[middle] + length_s * w;
        windows[w].until_s = w + 1 < LATER ? m->unix_s[middle] + length_s * (w + 1) : start_s;
    }
    for (int k = 0; k < CANDIDATES &&
                    bandwidth_m >= 0.25 * sqrt(m->cells.region_m2 / (double)m->cells.n_cells);
         k++) {
        const onus_baseline_opts opts = {.bandwidth_m = bandwidth_m, .edge_corrected = true};
        m->frame.windows = windows;
        m->frame.n_windows = LATER;
        double *all = made_scores(&onus_baseline_kde, m, &opts);
        double sum = 0.0;
        for (size_t w = 0; w < LATER; w++) {
            sum += captured(m, all + w * m->cells.n_cells, windows[w].from_s, windows[w].until_s);
        }
        free(all);
        if (sum > most + 1e-9) {
            most = sum;
            best = bandwidth_m;
        }
        bandwidth_m *= sqrt(0.5);
    }
    m->frame = kept;
    return best;
}

static void the_past_chooses_what_trying_by_hand_chooses(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        made m;
        hot_spots(&m, seed, 700);
        onus_kde_rule rule = ONUS_KDE_CASE;
        const onus_baseline_opts opts = {.share = SHARE, .edge_corrected = true};
        const double chosen = score_now(&m, &opts, &rule);
        assert_int_equal(rule, ONUS_KDE_PAST);
        assert_true(fabs(chosen / best_by_hand(&m) - 1.0) < 1e-9);
        made_clear(&m);
    }
}

/* Scott's rule makes a weak opponent of a city with many hot spots; the past does not. */
static void on_hot_spots_the_past_is_narrower_than_scott_and_captures_more(void **state) {
    (void)state;
    made m;
    hot_spots(&m, 11, 1500);
    double found[2] = {0.0, 0.0};
    double wide[2] = {0.0, 0.0};
    for (int scott = 0; scott < 2; scott++) {
        const onus_baseline_opts opts = {.share = SHARE,
                                         .edge_corrected = true,
                                         .rule = scott == 1 ? ONUS_KDE_SCOTT : ONUS_KDE_PAST};
        onus_kde_rule rule = ONUS_KDE_CASE;
        wide[scott] = score_now(&m, &opts, &rule);
        assert_int_equal(rule, scott == 1 ? ONUS_KDE_SCOTT : ONUS_KDE_PAST);
        double *all = made_scores(&onus_baseline_kde, &m, &opts);
        for (size_t w = 0; w < m.frame.n_windows; w++) {
            found[scott] +=
                captured(&m, all + w * m.cells.n_cells, m.windows[w].from_s, m.windows[w].until_s);
        }
        free(all);
    }
    assert_true(wide[0] < 0.5 * wide[1]);
    assert_true(found[0] > 1.2 * found[1]);
    made_clear(&m);
}

static void what_comes_after_the_first_window_moves_nothing(void **state) {
    (void)state;
    made m;
    hot_spots(&m, 5, 700);
    const onus_baseline_opts opts = {.share = SHARE, .history_s = 60 * MADE_DAY_S};
    made_expect_no_leak(&onus_baseline_kde, &m, &opts);
    onus_kde_rule rule = ONUS_KDE_CASE;
    void *s = NULL;
    double *score = calloc(m.cells.n_cells, sizeof *score);
    assert_int_equal(onus_baseline_kde.open(ONUS_BASELINE_KDE, &m.frame, &opts, NULL, &s, NULL),
                     ONUS_OK);
    assert_true(isnan(kde_bandwidth_m(s, &rule))); /* nothing is chosen before a window is */
    assert_int_equal(onus_baseline_kde.score(s, 0, score, NULL), ONUS_OK);
    const double first = kde_bandwidth_m(s, &rule);
    assert_int_equal(onus_baseline_kde.score(s, 5, score, NULL), ONUS_OK);
    assert_true(kde_bandwidth_m(s, &rule) == first); /* and it stays */
    onus_baseline_kde.close(s);
    free(score);
    made_clear(&m);
}

static void too_little_to_go_by_is_left_to_scott(void **state) {
    (void)state;
    made m;
    onus_kde_rule rule = ONUS_KDE_CASE;
    hot_spots(&m, 3, 150); /* 135 before the first window: too few later ones */
    const onus_baseline_opts shared = {.share = SHARE};
    (void)score_now(&m, &shared, &rule);
    assert_int_equal(rule, ONUS_KDE_SCOTT);
    made_clear(&m);
    hot_spots(&m, 3, 1200);
    const onus_baseline_opts unknown = {.edge_corrected = true}; /* nothing is flagged */
    (void)score_now(&m, &unknown, &rule);
    assert_int_equal(rule, ONUS_KDE_SCOTT);
    const onus_baseline_opts named = {.share = SHARE, .bandwidth_m = 222.0};
    assert_true(score_now(&m, &named, &rule) == 222.0);
    assert_int_equal(rule, ONUS_KDE_CASE);
    for (size_t e = 0; e < m.frame.events.n_events; e++) { /* one day: nothing comes later */
        m.unix_s[e] = 80 * MADE_DAY_S;
    }
    (void)score_now(&m, &shared, &rule);
    assert_int_equal(rule, ONUS_KDE_SCOTT);
    made_clear(&m);
}

/* Off the lattice a narrow grid of nodes may be too large: the past then stops at what can be had.
 */
static void what_cannot_be_had_is_not_chosen(void **state) {
    (void)state;
    made m;
    hot_spots(&m, 8, 600);
    for (size_t c = 0; c < m.cells.n_cells; c++) { /* a region so wide that few nodes fit */
        m.x_m[c] *= 40.0;
        m.y_m[c] *= 40.0;
    }
    for (size_t e = 0; e < m.frame.events.n_events; e++) {
        m.event_x[e] *= 40.0;
        m.event_y[e] *= 40.0;
    }
    made_forget_lattice(&m, false);
    const onus_baseline_opts opts = {.share = SHARE};
    onus_kde_rule rule = ONUS_KDE_CASE;
    const double chosen = score_now(&m, &opts, &rule);
    assert_int_equal(rule, ONUS_KDE_PAST);
    assert_true(chosen > 500.0); /* 2048 x 2048 nodes on 180 by 144 km, eight to a bandwidth */
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_past_chooses_what_trying_by_hand_chooses),
        cmocka_unit_test(on_hot_spots_the_past_is_narrower_than_scott_and_captures_more),
        cmocka_unit_test(what_comes_after_the_first_window_moves_nothing),
        cmocka_unit_test(too_little_to_go_by_is_left_to_scott),
        cmocka_unit_test(what_cannot_be_had_is_not_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
