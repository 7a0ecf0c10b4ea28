/* The loop gain by experiment in a trial: a vendor of known making, run twice. */
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
#include "onus/text.h"

enum { CELLS = 20, WINDOWS = 60, INJECTED = 30 };
static const double DAY_S = 86400.0;

typedef struct bench {
    place_trial trial;
    onus_case asked;
    onus_evidence evidence;
    onus_result result;
    accuracy half;
    onus_frame_window windows[WINDOWS];
    double from[WINDOWS];
    double first[WINDOWS * CELLS];
    double second[WINDOWS * CELLS];
    int32_t event_cell[1];
    int32_t event_window[1];
    double incident_s[INJECTED];
    double incident_count[INJECTED];
    int32_t incident_cell[INJECTED];
    double discovery[2];
} bench;

/* A forecast that adds 0.4 of what was recorded in a cell yesterday and 0.1 of the day before to a
 * map. Incidents are injected in the first n_cells cells, from window 10 to 39. */
static bench *bench_new(size_t n_cells) {
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    uint64_t seed = 5;
    double injected[WINDOWS][CELLS] = {{0}};
    for (size_t k = 0; k < INJECTED; k++) {
        const size_t w = 10 + random_below(&seed, 30);
        b->incident_cell[k] = (int32_t)(k % n_cells);
        b->incident_s[k] = DAY_S * ((double)w + 0.5);
        b->incident_count[k] = 1.0 + (double)(k % 3);
        injected[w][k % n_cells] += b->incident_count[k];
    }
    for (size_t w = 0; w < WINDOWS; w++) {
        b->from[w] = DAY_S * (double)w;
        b->windows[w].from_s = b->from[w];
        b->windows[w].until_s = b->from[w] + DAY_S;
        for (size_t i = 0; i < CELLS; i++) {
            const size_t k = w * CELLS + i;
            b->first[k] = 2.0 * (double)i + (double)random_below(&seed, 7);
            b->second[k] = b->first[k] + (w > 0 ? 0.4 * injected[w - 1][i] : 0.0) +
                           (w > 1 ? 0.1 * injected[w - 2][i] : 0.0);
        }
    }
    b->discovery[0] = 0.5;
    b->discovery[1] = 4.0;
    b->asked.feedback.discovery.items = b->discovery;
    b->asked.feedback.discovery.n = 2;
    b->asked.feedback.injection.given = true;
    b->asked.protocol.level = 0.95;
    b->asked.protocol.n_replicates = 99;
    b->evidence.forecast.n_cells = CELLS;
    b->evidence.forecast.n_windows = WINDOWS;
    b->evidence.forecast.from_unix_s = b->from;
    b->evidence.forecast.rates = b->first;
    b->evidence.injection.forecast = b->evidence.forecast;
    b->evidence.injection.forecast.rates = b->second;
    b->evidence.injection.n_incidents = INJECTED;
    b->evidence.injection.cell = b->incident_cell;
    b->evidence.injection.unix_s = b->incident_s;
    b->evidence.injection.counts = b->incident_count;
    b->half.by_cells = true;
    b->half.cells.n_cells = CELLS;
    b->half.windows = b->windows;
    b->half.n_windows = WINDOWS;
    b->half.window_s = DAY_S;
    b->half.event_cell = b->event_cell;
    b->half.event_window = b->event_window;
    b->trial.c = &b->asked;
    b->trial.evidence = &b->evidence;
    b->trial.result = &b->result;
    b->trial.accuracy = &b->half;
    b->trial.drafts = (onus_array)ONUS_ARRAY_OF(place_draft);
    onus_result_init(&b->result, &b->asked, &b->evidence);
    return b;
}

static void bench_free(bench *b) {
    onus_array_clear(&b->trial.drafts);
    onus_result_clear(&b->result);
    free(b);
}

static const onus_measure *drafted(const bench *b, size_t k, const char *id) {
    const onus_measure *m = place_drafted(&b->trial, k);
    assert_string_equal(m->def->id, id);
    return m;
}

static void expect_answer(bench *b, const char *before, const char *grade, const char *words) {
    onus_text text = {0};
    onus_array measures = ONUS_ARRAY_OF(size_t);
    assert_int_equal(fb_injection_answer(&b->trial, &text, &measures, &before), ONUS_OK);
    assert_string_equal(before, grade);
    assert_non_null(strstr(text.data, words));
    onus_text_clear(&text);
    onus_array_clear(&measures);
}

static void the_planted_gain_is_caused_and_measured(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    assert_int_equal(b->trial.drafts.n_items, 5);
    for (size_t k = 0; k < 2; k++) {
        const double planted = 0.5 * b->discovery[k];
        const onus_measure *m = drafted(b, 2 * k, "feedback.loop_gain");
        assert_string_equal(onus_scope_text(&m->scope, "form"), "injection");
        assert_true(m->has_value && fabs(m->value - planted) < 1e-9);
        assert_true(m->interval.given && fabs(m->interval.low - planted) < 1e-6 &&
                    fabs(m->interval.high - planted) < 1e-6);
        const onus_measure *all = drafted(b, 2 * k + 1, "feedback.loop_gain");
        assert_string_equal(onus_scope_text(&all->scope, "cells"), "all");
        assert_true(all->has_value && fabs(all->value - planted) < 1e-9);
        assert_true(!all->interval.given && all->reason != NULL);
    }
    const onus_measure *before = drafted(b, 4, "feedback.before_injection");
    assert_true(before->has_value && before->value == 0.0);
    assert_int_equal(b->result.warnings.n_items, 0);
    expect_answer(b, "not testable", "answered", "above 1, it runs away");
    expect_answer(b, "not shown", "not shown", "above 1, it runs away");
    bench_free(b);
}

static void a_gain_below_one_does_not_run_away(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    b->discovery[1] = 1.0;
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    expect_answer(b, "not testable", "answered", "below 1, it does not run away");
    bench_free(b);
}

static void few_injected_cells_have_no_interval_and_no_verdict(void **state) {
    (void)state;
    bench *b = bench_new(7);
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    const onus_measure *m = drafted(b, 2, "feedback.loop_gain");
    assert_true(m->has_value && !m->interval.given && m->reason != NULL);
    expect_answer(b, "not testable", "not shown", "whether that is above 1 is not shown");
    bench_free(b);
}

static void incidents_out_of_reach_are_told(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    b->incident_cell[0] = -1;
    b->incident_s[1] = DAY_S * 1000.0;
    b->incident_s[2] = DAY_S * (WINDOWS - 1);
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    assert_int_equal(b->result.warnings.n_items, 2); /* outside; late */
    bench_free(b);
}

static void a_product_that_does_not_repeat_itself_is_told(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    b->second[3] += 0.5;
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    const onus_measure *before = drafted(b, 4, "feedback.before_injection");
    assert_true(before->has_value && before->value > 0.0);
    assert_int_equal(b->result.warnings.n_items, 1);
    expect_answer(b, "not testable", "answered", "differ before anything was injected");
    bench_free(b);
}

static void expect_none(bench *b) {
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    assert_int_equal(b->trial.drafts.n_items, 5);
    for (size_t k = 0; k < 5; k++) {
        const onus_measure *m = place_drafted(&b->trial, k);
        assert_true(!m->has_value && m->reason != NULL && !m->interval.given);
    }
    expect_answer(b, "not testable", "not testable", "cannot be said");
    bench_free(b);
}

static void what_cannot_be_measured_says_why(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    b->trial.accuracy = NULL; /* no windows, no cells */
    expect_none(b);
    b = bench_new(CELLS);
    b->second[70] = NAN; /* a rate that the second run does not have */
    expect_none(b);
    b = bench_new(CELLS);
    b->evidence.injection.forecast.n_windows = WINDOWS - 1; /* a shorter second run */
    expect_none(b);
    b = bench_new(CELLS);
    b->evidence.injection.n_incidents = 0;
    expect_none(b);
}

static void without_an_injection_nothing_is_said(void **state) {
    (void)state;
    bench *b = bench_new(CELLS);
    b->asked.feedback.injection.given = false;
    assert_int_equal(fb_injection(&b->trial), ONUS_OK);
    assert_int_equal(b->trial.drafts.n_items, 0);
    bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planted_gain_is_caused_and_measured),
        cmocka_unit_test(a_gain_below_one_does_not_run_away),
        cmocka_unit_test(few_injected_cells_have_no_interval_and_no_verdict),
        cmocka_unit_test(incidents_out_of_reach_are_told),
        cmocka_unit_test(a_product_that_does_not_repeat_itself_is_told),
        cmocka_unit_test(what_cannot_be_measured_says_why),
        cmocka_unit_test(without_an_injection_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
