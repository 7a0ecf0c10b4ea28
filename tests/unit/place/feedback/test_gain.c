/* The loop gain of a product in a trial: predictions of known making, laid over cells and windows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "accuracy_internal.h"
#include "feedback_trial.h"

enum { CELLS = 20, WINDOWS = 150, RECORDS = 4000 };
static const double DAY_S = 86400.0;

typedef struct bench {
    place_trial trial;
    onus_case asked;
    onus_evidence evidence;
    accuracy half;
    onus_frame_window windows[WINDOWS];
    double from[WINDOWS];
    double rates[WINDOWS * CELLS];
    double count_of[RECORDS];
    int32_t cell_of[RECORDS];
    int32_t window_of[RECORDS];
    double discovery[3];
} bench;

/* A forecast that adds 0.4 of yesterday's records and 0.1 of those two days before to a map. */
static bench *bench_new(void) {
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    uint64_t seed = 12;
    double recorded[WINDOWS][CELLS] = {{0}};
    for (size_t k = 0; k < RECORDS; k++) {
        b->cell_of[k] = (int32_t)random_below(&seed, CELLS + 1) - 1; /* -1: outside */
        b->window_of[k] = (int32_t)random_below(&seed, WINDOWS);
        b->count_of[k] = 1.0 + (double)random_below(&seed, 2);
        if (b->cell_of[k] >= 0) {
            recorded[b->window_of[k]][b->cell_of[k]] += b->count_of[k];
        }
    }
    for (size_t w = 0; w < WINDOWS; w++) {
        b->from[w] = DAY_S * (double)w;
        b->windows[w].from_s = b->from[w];
        b->windows[w].until_s = b->from[w] + DAY_S;
        for (size_t i = 0; i < CELLS; i++) {
            b->rates[w * CELLS + i] = 2.0 * (double)i + (double)(w % 7) +
                                      (w > 0 ? 0.4 * recorded[w - 1][i] : 0.0) +
                                      (w > 1 ? 0.1 * recorded[w - 2][i] : 0.0);
        }
    }
    b->discovery[1] = 0.5;
    b->discovery[2] = 4.0;
    b->asked.feedback.discovery.items = b->discovery;
    b->asked.feedback.discovery.n = 3;
    b->asked.protocol.level = 0.95;
    b->asked.protocol.n_replicates = 99;
    b->evidence.forecast.n_cells = CELLS;
    b->evidence.forecast.n_windows = WINDOWS;
    b->evidence.forecast.from_unix_s = b->from;
    b->evidence.forecast.rates = b->rates;
    b->evidence.outcomes.n_outcomes = RECORDS;
    b->evidence.outcomes.counts = b->count_of;
    b->half.by_cells = true;
    b->half.cells.n_cells = CELLS;
    b->half.windows = b->windows;
    b->half.n_windows = WINDOWS;
    b->half.window_s = DAY_S;
    b->half.event_cell = b->cell_of;
    b->half.event_window = b->window_of;
    b->trial.c = &b->asked;
    b->trial.evidence = &b->evidence;
    b->trial.accuracy = &b->half;
    b->trial.drafts = (onus_array)ONUS_ARRAY_OF(place_draft);
    return b;
}

static void bench_free(bench *b) {
    onus_array_clear(&b->trial.drafts);
    free(b);
}

static void the_planted_gain_is_measured_for_every_discovery(void **state) {
    (void)state;
    bench *b = bench_new();
    assert_int_equal(fb_gain(&b->trial), ONUS_OK);
    assert_int_equal(b->trial.drafts.n_items, 2); /* none where nothing is discovered */
    for (size_t k = 0; k < 2; k++) {
        const onus_measure *m = place_drafted(&b->trial, k);
        assert_string_equal(m->def->id, "feedback.loop_gain");
        assert_string_equal(onus_scope_text(&m->scope, "policy"), "product");
        const double planted = 0.5 * b->discovery[k + 1];
        assert_true(m->has_value && fabs(m->value - planted) < 1e-9);
        assert_true(m->interval.given && fabs(m->interval.low - planted) < 1e-6 &&
                    fabs(m->interval.high - planted) < 1e-6);
        assert_null(m->reason);
    }
    bench_free(b);
}

static void expect_none(bench *b) {
    assert_int_equal(fb_gain(&b->trial), ONUS_OK);
    assert_int_equal(b->trial.drafts.n_items, 2);
    const onus_measure *m = place_drafted(&b->trial, 0);
    assert_true(!m->has_value && m->reason != NULL && !m->interval.given);
    bench_free(b);
}

static void what_cannot_be_measured_says_why(void **state) {
    (void)state;
    bench *b = bench_new();
    b->trial.accuracy = NULL; /* no dated predictions */
    expect_none(b);
    b = bench_new();
    b->rates[70] = NAN; /* a rate that the forecast does not have */
    expect_none(b);
    b = bench_new();
    b->half.n_windows = 12; /* a week and too few windows more */
    for (size_t k = 0; k < RECORDS; k++) {
        b->window_of[k] = b->window_of[k] < 12 ? b->window_of[k] : -1;
    }
    expect_none(b);
    b = bench_new();
    b->half.by_cells = false; /* drawn shapes: no places */
    expect_none(b);
}

static void few_blocks_have_a_value_and_no_interval(void **state) {
    (void)state;
    bench *b = bench_new();
    b->half.n_windows = 40;
    for (size_t k = 0; k < RECORDS; k++) {
        b->window_of[k] = b->window_of[k] < 40 ? b->window_of[k] : -1;
    }
    assert_int_equal(fb_gain(&b->trial), ONUS_OK);
    const onus_measure *m = place_drafted(&b->trial, 0);
    assert_true(m->has_value && fabs(m->value - 0.25) < 1e-9);
    assert_true(!m->interval.given && m->reason != NULL);
    bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planted_gain_is_measured_for_every_discovery),
        cmocka_unit_test(what_cannot_be_measured_says_why),
        cmocka_unit_test(few_blocks_have_a_value_and_no_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
