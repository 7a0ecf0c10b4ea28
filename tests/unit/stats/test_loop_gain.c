/* The loop gain of vendors whose insides are known. */
#include "onus/stats_loop_gain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"

enum { CELLS = 30, WINDOWS = 120 };

static double predicted[WINDOWS * CELLS];
static double recorded[WINDOWS * CELLS];
static double with[WINDOWS * CELLS];
static double injected[WINDOWS * CELLS];

static void make_records(uint64_t seed) {
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        recorded[k] = (double)random_below(&seed, 4 + k % CELLS);
    }
}

/* The vendor: a constant of the cell, one of the window, and weights of the last windows. */
static void predict(const double *records, const double *weights, size_t n_lags, double *out) {
    for (size_t w = 0; w < WINDOWS; w++) {
        for (size_t i = 0; i < CELLS; i++) {
            double p = 3.0 * (double)i + sin((double)w);
            for (size_t l = 1; l <= n_lags && l <= w; l++) {
                p += weights[l - 1] * records[(w - l) * CELLS + i];
            }
            out[w * CELLS + i] = p;
        }
    }
}

static onus_loop_gain observed(const onus_loop_gain_opts *opts) {
    onus_loop_gain gain;
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, opts, NULL, &gain, NULL),
        ONUS_OK);
    return gain;
}

static void weights_without_noise_are_found_exactly(void **state) {
    (void)state;
    make_records(3);
    const double weights[] = {0.5, -0.2, 0.4, 0.05};
    predict(recorded, weights, 4, predicted);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = 4;
    opts.discovery = 2.0;
    const onus_loop_gain gain = observed(&opts);
    assert_true(fabs(gain.per_incident.value - 0.75) < 1e-12 && gain.per_incident.reason == NULL);
    assert_true(fabs(gain.gain.value - 1.5) < 1e-12);
    assert_true(fabs(gain.gain_limits.low - 1.5) < 1e-9 &&
                fabs(gain.gain_limits.high - 1.5) < 1e-9);
    assert_int_equal(gain.n_units, WINDOWS - 4);
    double all = 0.0;
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        all += recorded[k];
    }
    assert_true(gain.n_incidents == all && isnan(gain.everywhere));
}

static void a_map_that_never_changes_has_no_gain(void **state) {
    (void)state;
    make_records(4); /* the more cells have, the more is predicted for them: always */
    predict(recorded, NULL, 0, predicted);
    const onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    const onus_loop_gain gain = observed(&opts);
    assert_true(fabs(gain.gain.value) < 1e-12);
}

static void what_cannot_be_told_is_not(void **state) {
    (void)state;
    onus_loop_gain gain;
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    make_records(5);
    predict(recorded, NULL, 0, predicted);
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        recorded[k] = (double)(k % CELLS) + (double)(k / CELLS); /* a cell's and a window's part */
    }
    gain = observed(&opts);
    assert_true(isnan(gain.gain.value) && gain.gain.reason != NULL);
    assert_true(isnan(gain.gain_limits.low));
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, 9, &opts, NULL, &gain, NULL),
        ONUS_ERR_TOO_FEW);
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, 1, WINDOWS, &opts, NULL, &gain, NULL),
        ONUS_ERR_TOO_FEW);
    make_records(5);
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, 20, &opts, NULL, &gain, &err),
        ONUS_OK); /* a value, but too few blocks for an interval */
    assert_true(!isnan(gain.gain.value));
    assert_true(isnan(gain.gain_limits.low));
    opts.n_lags = 0;
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, &opts, NULL, &gain, &err),
        ONUS_ERR_DOMAIN);
    opts.n_lags = 1;
    recorded[7] = NAN;
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, &opts, NULL, &gain, &err),
        ONUS_ERR_DOMAIN);
}

static void inject(size_t n_cells) {
    memset(injected, 0, sizeof injected);
    for (size_t i = 0; i < n_cells; i++) {
        injected[(10 + i) * CELLS + 2 * i] = 1.0 + (double)(i % 3);
    }
    static double more[WINDOWS * CELLS];
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        more[k] = recorded[k] + injected[k];
    }
    const double weights[] = {0.5, 0.25, 0.125};
    predict(recorded, weights, 3, predicted);
    predict(more, weights, 3, with);
}

static void an_injection_gives_what_it_brings_about(void **state) {
    (void)state;
    make_records(6);
    inject(12);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = 3;
    opts.discovery = 2.0;
    onus_loop_gain gain;
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(fabs(gain.per_incident.value - 0.875) < 1e-12);
    assert_true(fabs(gain.gain.value - 1.75) < 1e-12);
    assert_true(fabs(gain.everywhere - 0.875) < 1e-12);
    assert_true(gain.before == 0.0 && gain.n_units == 12 && gain.n_incidents == 24.0);
    /* every cell answers alike: there is nothing that varies */
    assert_true(fabs(gain.gain_limits.low - 1.75) < 1e-12);
    assert_true(fabs(gain.gain_limits.high - 1.75) < 1e-12);
    opts.n_lags = 2; /* what is not waited for is not counted */
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(fabs(gain.per_incident.value - 0.75) < 1e-12);
}

/* A fixed number of flags: what one cell is given is taken from another. */
static void flag_most(const double *records, double *out) {
    for (size_t w = 0; w < WINDOWS; w++) {
        size_t best = 0;
        for (size_t i = 0; i < CELLS; i++) {
            out[w * CELLS + i] = 0.0;
            if (w > 0 && records[(w - 1) * CELLS + i] > records[(w - 1) * CELLS + best]) {
                best = i;
            }
        }
        out[w * CELLS + best] = 1.0;
    }
}

static void a_fixed_number_of_flags_is_only_moved(void **state) {
    (void)state;
    make_records(8);
    memset(injected, 0, sizeof injected);
    static double more[WINDOWS * CELLS];
    for (size_t i = 0; i < 10; i++) {
        injected[(5 * i + 3) * CELLS + i] = 100.0;
    }
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        more[k] = recorded[k] + injected[k];
    }
    flag_most(recorded, predicted);
    flag_most(more, with);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    onus_loop_gain gain;
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(gain.per_incident.value > 0.0 && gain.per_incident.value <= 0.01);
    assert_true(fabs(gain.everywhere) < 1e-12);
    with[0] += 0.6; /* a product that differs before anything was injected says so */
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(fabs(gain.before - 0.6 / (4.0 * CELLS)) < 1e-15);
}

static void few_injections_have_no_interval_and_none_no_gain(void **state) {
    (void)state;
    make_records(6);
    inject(7);
    const onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    onus_loop_gain gain;
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(fabs(gain.per_incident.value - 0.5) < 1e-12 && isnan(gain.gain_limits.low));
    inject(0);
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_OK);
    assert_true(isnan(gain.gain.value) && gain.gain.reason != NULL);
    injected[5] = -1.0;
    assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts, NULL,
                                             &gain, NULL),
                     ONUS_ERR_DOMAIN);
}

static void noise(double *values) {
    uint64_t seed = 77;
    for (size_t k = 0; k < (size_t)WINDOWS * CELLS; k++) {
        values[k] += 0.01 * (double)random_below(&seed, 100);
    }
}

static void threads_leave_no_trace(void **state) {
    (void)state;
    make_records(6);
    inject(12);
    noise(predicted);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = 3;
    onus_loop_gain one[2];
    for (int n = 1; n <= 7; n += 3) {
        const onus_context context = {.n_threads = n};
        onus_loop_gain more[2];
        memset(more, 0, sizeof more);
        assert_int_equal(onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, &opts,
                                                 &context, &more[0], NULL),
                         ONUS_OK);
        assert_int_equal(onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS, &opts,
                                                 &context, &more[1], NULL),
                         ONUS_OK);
        for (int k = 0; n > 1 && k < 2; k++) {
            assert_true(one[k].gain.value == more[k].gain.value);
            assert_true(one[k].gain_limits.low == more[k].gain_limits.low);
            assert_true(one[k].gain_limits.high == more[k].gain_limits.high);
            assert_true(more[k].gain_limits.low < more[k].gain_limits.high);
        }
        if (n == 1) {
            memcpy(one, more, sizeof one);
        }
    }
}

static void allocations_may_fail_and_stop_is_heard(void **state) {
    (void)state;
    make_records(6);
    inject(12);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = 3;
    opts.n_replicates = 20;
    onus_loop_gain gain;
    const onus_context context = {.n_threads = 1};
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, &opts,
                                                     &context, &gain, NULL));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_loop_gain_injected(predicted, with, injected, CELLS, WINDOWS,
                                                     &opts, &context, &gain, NULL));
    }
    volatile sig_atomic_t stop = 1;
    const onus_context stopped = {.n_threads = 1, .stop = &stop};
    assert_int_equal(
        onus_loop_gain_observed(predicted, recorded, CELLS, WINDOWS, &opts, &stopped, &gain, NULL),
        ONUS_ERR_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_without_noise_are_found_exactly),
        cmocka_unit_test(a_map_that_never_changes_has_no_gain),
        cmocka_unit_test(what_cannot_be_told_is_not),
        cmocka_unit_test(an_injection_gives_what_it_brings_about),
        cmocka_unit_test(a_fixed_number_of_flags_is_only_moved),
        cmocka_unit_test(few_injections_have_no_interval_and_none_no_gain),
        cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(allocations_may_fail_and_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
