/* Flags with times: the series holds its empty weeks, runs of days, and an interval that comes from
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/exec.h"
#include "town.h"

static void flag_on(town *t, size_t area, int32_t day) {
    t->flag_day[t->n_flags] = day;
    town_flag_area(t, area, 1.0);
}

/* area 0: days 0 1 2, 4, 8 9; area 1: day 5 twice; area 2: never */
static town *three_areas(void) {
    static const int32_t DAYS[] = {0, 1, 2, 4, 8, 9};
    town *t = town_new(3, 1, 1);
    t->has_times = true;
    for (size_t i = 0; i < 3; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = 20.0 + 10.0 * (double)i;
    }
    for (size_t k = 0; k < 6; k++) {
        flag_on(t, 0, 17000 + DAYS[k]);
    }
    flag_on(t, 1, 17005);
    flag_on(t, 1, 17005);
    return t;
}

static void runs_of_days_by_hand(void **state) {
    (void)state;
    town *t = three_areas();
    assert_int_equal(town_try(t), ONUS_OK);
    /* longest 3, 1, 0; mean run 2, 1, 0 */
    assert_true(town_near(town_value(t, "burden.days_in_a_row", "statistic=longest"), 4.0 / 3.0));
    assert_true(town_near(town_value(t, "burden.days_in_a_row", "statistic=mean"), 1.0));
    assert_true(town_near(town_value(t, "burden.days_in_a_row", "group=g0 statistic=longest"),
                          (20.0 * 3 + 30.0 * 1) / 90.0));
    town_free(t);
}

static const onus_series *series_named(const town *t, const char *name) {
    const onus_series *series = t->result.series.items;
    for (size_t k = 0; k < t->result.series.n_items; k++) {
        if (strcmp(series[k].name, name) == 0) {
            return &series[k];
        }
    }
    return NULL;
}

static void the_weekly_series_keeps_its_empty_weeks(void **state) {
    (void)state;
    town *t = three_areas();
    flag_on(t, 2, 17030); /* week 5 of 0..; weeks 3 and 4 are empty */
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_series *series = series_named(t, "flags_by_week");
    const onus_cell *cells = series->cells.items;
    static const double WEEKS[] = {6, 2, 0, 0, 1};
    assert_int_equal(series->cells.n_items, 5 * series->n_columns);
    for (size_t w = 0; w < 5; w++) {
        assert_true(cells[w * series->n_columns + 3].number == WEEKS[w]);
    }
    town_free(t);
}

static void the_period_of_the_case_widens_the_series(void **state) {
    (void)state;
    town *t = three_areas();
    char from[] = "2016-07-11";  /* day 16993 */
    char until[] = "2016-08-08"; /* day 17021, exclusive: 28 days */
    t->c.has_period = true;
    t->c.period_from = from;
    t->c.period_until = until;
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_series *series = series_named(t, "flags_by_week");
    assert_int_equal(series->cells.n_items, 4 * series->n_columns);
    const onus_cell *cells = series->cells.items;
    assert_true(cells[3].number == 0.0);                     /* the week before */
    assert_true(cells[series->n_columns + 3].number == 6.0); /* days 17000 .. 17006 */
    town_free(t);
}

static void weeks_give_the_ratio_an_interval_and_it_narrows_with_more_of_them(void **state) {
    (void)state;
    double width[2] = {0};
    for (size_t pass = 0; pass < 2; pass++) {
        onus_rng rng;
        onus_rng_init(&rng, 4, ONUS_STREAM_TEST, 2, 0);
        town *t = town_new(5, 5, 2);
        t->has_times = true;
        for (size_t i = 0; i < 25; i++) {
            t->people[0][i] = 50.0 + 10.0 * (double)(i % 5);
            t->people[1][i] = 100.0;
            t->total[i] = t->people[0][i] + t->people[1][i];
        }
        const size_t n_weeks = pass == 0 ? 30 : 120;
        for (size_t w = 0; w < n_weeks; w++) {
            for (size_t k = 0; k < 4; k++) {
                flag_on(t, onus_rng_below(&rng, 25), (int32_t)(7 * w + onus_rng_below(&rng, 7)));
            }
        }
        assert_int_equal(town_try(t), ONUS_OK);
        const onus_measure *m =
            town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=flags");
        assert_true(m->interval.given);
        assert_string_equal(m->interval.resampled, "week");
        assert_true(m->interval.low < m->value && m->value < m->interval.high);
        width[pass] = log(m->interval.high / m->interval.low);
        t->c.protocol.unit = ONUS_UNIT_DAY;
        assert_int_equal(town_try(t), ONUS_OK);
        m = town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=flags");
        assert_string_equal(m->interval.resampled, "day");
        town_free(t);
    }
    assert_true(width[1] < 0.75 * width[0]);
}

static void weekly_sums_add_up_to_all_flags(void **state) {
    (void)state;
    onus_rng rng;
    onus_rng_init(&rng, 5, ONUS_STREAM_TEST, 3, 0);
    town *t = town_new(4, 4, 1);
    t->has_times = true;
    t->c.predictions.assign = ONUS_ASSIGN_OVERLAP;
    for (size_t i = 0; i < 16; i++) {
        t->total[i] = 200.0;
        t->people[0][i] = 100.0;
    }
    for (size_t k = 0; k < 200; k++) {
        t->flag_day[t->n_flags] = (int32_t)onus_rng_below(&rng, 100);
        const double x_m = 400.0 * onus_rng_uniform(&rng); /* one draw a statement */
        const double y_m = 400.0 * onus_rng_uniform(&rng);
        town_flag(t, x_m, y_m, 1.0);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_series *series = series_named(t, "flags_by_week");
    const onus_cell *cells = series->cells.items;
    double sum = 0.0;
    for (size_t k = 3; k < series->cells.n_items; k += series->n_columns) {
        sum += cells[k].number;
    }
    assert_true(fabs(sum - (town_value(t, "burden.flags", "") -
                            town_value(t, "burden.flags_outside", ""))) < 1e-9);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_days_by_hand),
        cmocka_unit_test(the_weekly_series_keeps_its_empty_weeks),
        cmocka_unit_test(the_period_of_the_case_widens_the_series),
        cmocka_unit_test(weeks_give_the_ratio_an_interval_and_it_narrows_with_more_of_them),
        cmocka_unit_test(weekly_sums_add_up_to_all_flags),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
