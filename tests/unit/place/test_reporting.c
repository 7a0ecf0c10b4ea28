/* Gaps by type, and excess where not everybody reports alike: by hand, and against every corner of
 * the range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "town.h"

static void two_groups(town *t, size_t area, double g0, double g1) {
    t->total[area] = g0 + g1;
    t->people[0][area] = g0;
    t->people[1][area] = g1;
}

/* Which array of the town holds what is set after wiring: types, rates. */
static onus_status try_with(town *t, void (*add)(town *)) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_context context = {.n_threads = 1};
    town_wire(t);
    add(t);
    onus_result_clear(&t->result);
    onus_result_init(&t->result, &t->c, &t->evidence);
    return onus_place_try(&t->c, &t->evidence, &context, &t->result, &err);
}

/* ---- types ---- */

static char burglary[] = "burglary";
static char robbery[] = "robbery";
static char home[] = "HOME";
static char other[] = "OTHER";
static char *predicted[] = {burglary, robbery};
static char *recorded[] = {home, robbery, other};
static uint32_t flag_type[] = {0, 1};
static uint32_t outcome_type[] = {0, 1, 1, 0, 2};
static char *stands_for[] = {home};
static onus_mapping mapping = {.name = burglary, .values = {.items = stands_for, .n = 1}};

static void add_types(town *t) {
    t->evidence.flags.type = flag_type;
    t->evidence.flags.types = predicted;
    t->evidence.flags.n_types = 2;
    t->evidence.outcomes.type = outcome_type;
    t->evidence.outcomes.types = recorded;
    t->evidence.outcomes.n_types = 3;
    t->c.outcomes.types = &mapping;
    t->c.outcomes.n_types = 1;
}

static void a_flag_for_burglary_captures_no_robbery(void **state) {
    (void)state;
    town *t = town_new(2, 1, 2);
    two_groups(t, 0, 80.0, 20.0);
    two_groups(t, 1, 20.0, 80.0);
    town_flag_area(t, 0, 1.0); /* for burglary */
    town_flag_area(t, 1, 1.0); /* for robbery */
    town_outcome_area(t, 0);   /* HOME: captured as burglary */
    town_outcome_area(t, 0);   /* robbery on ground for burglary: missed */
    town_outcome_area(t, 1);   /* robbery: captured */
    town_outcome_area(t, 1);   /* HOME on ground for robbery: missed */
    town_outcome_area(t, 0);   /* of a type that nobody predicts: not asked for */
    assert_int_equal(try_with(t, add_types), ONUS_OK);
    assert_true(fabs(town_value(t, "burden.capture_gap", "group=g0")) < 1e-12);
    /* burglary: area 0 captured, area 1 missed; g0 0.8 of 1, g1 0.2 of 1; robbery the other way */
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0 type=burglary"), 0.6));
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0 type=robbery"), -0.6));
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g1 type=robbery"), 0.6));
    town_free(t);
}

/* Without types any flag serves, and everything is asked for. */
static void no_change(town *t) {
    (void)t;
}

static void without_types_any_flag_serves(void **state) {
    (void)state;
    town *t = town_new(2, 1, 2);
    two_groups(t, 0, 80.0, 20.0);
    two_groups(t, 1, 20.0, 80.0);
    town_flag_area(t, 0, 1.0);
    town_outcome_area(t, 0);
    town_outcome_area(t, 1);
    assert_int_equal(try_with(t, no_change), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.capture_gap", "group=g0"), 0.6));
    assert_null(town_find(t, "burden.capture_gap", "group=g0 type=burglary"));
    town_free(t);
}

/* ---- reporting ---- */

enum { N_AREAS = 6 };

static double rates[N_AREAS] = {0.5, 0.25, 1.0, 0.4, 0.8, 0.5};

static void add_rates(town *t) {
    t->evidence.people.reported_frac = rates;
}

static void add_range(town *t) {
    t->c.outcomes.reporting_low_frac = 0.3;
    t->c.outcomes.reporting_high_frac = 0.75;
}

static town *six_areas(void) {
    static const double G0[] = {90, 10, 55, 70, 5, 40};
    static const int OUTCOMES[] = {2, 5, 0, 3, 1, 4};
    static const double FLAGS[] = {7, 3, 2, 9, 0, 1};
    town *t = town_new(3, 2, 2);
    for (size_t i = 0; i < N_AREAS; i++) {
        two_groups(t, i, G0[i], 100.0 - G0[i]);
        town_flag_area(t, i, FLAGS[i]);
        for (int k = 0; k < OUTCOMES[i]; k++) {
            town_outcome_area(t, i);
        }
    }
    return t;
}

/* The excess of group g if area i's outcomes stood for outcomes / rate[i]. */
static double excess_at(const town *t, size_t g, const double *rate) {
    double load[2] = {0.0, 0.0};
    double expected[2] = {0.0, 0.0};
    double outcomes[N_AREAS] = {0.0};
    for (size_t k = 0; k < t->n_outcomes; k++) {
        const size_t column = (size_t)(t->outcome_x[k] / TOWN_SIDE_M);
        const size_t row = (size_t)(t->outcome_y[k] / TOWN_SIDE_M);
        outcomes[3 * row + column] += 1.0;
    }
    for (size_t i = 0; i < N_AREAS; i++) {
        load[0] += t->people[g][i] * t->flag_count[i];
        load[1] += t->flag_count[i];
        expected[0] += t->people[g][i] * outcomes[i] / rate[i];
        expected[1] += outcomes[i] / rate[i];
    }
    return load[0] / load[1] / (expected[0] / expected[1]) - 1.0;
}

static void rates_by_area_scale_the_outcomes(void **state) {
    (void)state;
    town *t = six_areas();
    assert_int_equal(try_with(t, add_rates), ONUS_OK);
    for (size_t g = 0; g < 2; g++) {
        const char *scope = g == 0 ? "group=g0 records=all reporting=column"
                                   : "group=g1 records=all reporting=column";
        const onus_measure *m = town_find(t, "burden.excess", scope);
        assert_true(fabs(m->value - excess_at(t, g, rates)) < 1e-12);
        assert_false(town_near(
            m->value, town_value(t, "burden.excess",
                                 g == 0 ? "group=g0 records=all" : "group=g1 records=all")));
    }
    town_free(t);
}

static void a_rate_that_is_missing_is_said(void **state) {
    (void)state;
    town *t = six_areas();
    const double kept = rates[1];
    rates[1] = (double)NAN;
    assert_int_equal(try_with(t, add_rates), ONUS_OK);
    assert_null(town_find(t, "burden.excess", "group=g0 records=all reporting=column"));
    const onus_warning *warnings = t->result.warnings.items;
    bool said = false;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        said = said || strcmp(warnings[i].code, "no_reporting_rate") == 0;
    }
    assert_true(said);
    rates[1] = kept;
    town_free(t);
}

/* A ratio of two linear sums is extreme at a corner: all 64 are tried. */
static void bounds_are_those_of_every_corner(void **state) {
    (void)state;
    town *t = six_areas();
    assert_int_equal(try_with(t, add_range), ONUS_OK);
    for (size_t g = 0; g < 2; g++) {
        double low = INFINITY;
        double high = -INFINITY;
        for (unsigned corner = 0; corner < 64; corner++) {
            double rate[N_AREAS];
            for (unsigned i = 0; i < N_AREAS; i++) {
                rate[i] = (corner >> i & 1U) != 0 ? 0.75 : 0.3;
            }
            const double value = excess_at(t, g, rate);
            low = fmin(low, value);
            high = fmax(high, value);
        }
        char scope[96];
        (void)snprintf(scope, sizeof scope, "bound=low group=g%zu records=all reporting=range", g);
        assert_true(fabs(town_value(t, "burden.excess", scope) - low) < 1e-12);
        (void)snprintf(scope, sizeof scope, "bound=high group=g%zu records=all reporting=range", g);
        assert_true(fabs(town_value(t, "burden.excess", scope) - high) < 1e-12);
    }
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_for_burglary_captures_no_robbery),
        cmocka_unit_test(without_types_any_flag_serves),
        cmocka_unit_test(rates_by_area_scale_the_outcomes),
        cmocka_unit_test(a_rate_that_is_missing_is_said),
        cmocka_unit_test(bounds_are_those_of_every_corner),
    };
    return cmocka_run_group_tests_name("reporting", tests, NULL, NULL);
}
