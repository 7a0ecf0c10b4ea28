/* Results: who owns the texts, what is refused, and in which order things stand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "onus/result.h"

static const onus_measure_def def = {.id = "test.m", .title = "M", .unit = "ratio"};

static void scope_keys_are_sorted_and_replaced(void **state) {
    (void)state;
    onus_scope scope = {0};
    onus_scope_set_text(&scope, "group", "A");
    onus_scope_set_number(&scope, "decile", 3);
    onus_scope_set_text(&scope, "universe", "residents");
    onus_scope_set_text(&scope, "group", "B");
    assert_int_equal(scope.n_items, 3);
    assert_string_equal(scope.items[0].key, "decile");
    assert_string_equal(scope.items[1].key, "group");
    assert_string_equal(scope.items[2].key, "universe");
    assert_string_equal(onus_scope_text(&scope, "group"), "B");
    assert_null(onus_scope_text(&scope, "decile")); /* a number */
    assert_null(onus_scope_text(&scope, "source"));
}

static void a_measure_outlives_the_texts_it_was_made_from(void **state) {
    (void)state;
    onus_result result;
    onus_result_init(&result, NULL, NULL);
    char name[] = "Group A";
    onus_measure m = {.def = &def, .has_value = true, .value = 1};
    onus_scope_set_text(&m.scope, "group", name);
    size_t index = 99;
    assert_int_equal(onus_result_add(&result, &m, &index), ONUS_OK);
    memset(name, 'x', sizeof name - 1);
    assert_int_equal(index, 0);
    assert_int_equal(onus_result_n_measures(&result), 1);
    assert_string_equal(onus_scope_text(&onus_result_measure(&result, 0)->scope, "group"),
                        "Group A");
    assert_null(onus_result_measure(&result, 1));
    onus_result_clear(&result);
    onus_result_clear(&result);
}

static void a_measure_that_would_be_an_unexplained_gap_is_a_bug(void **state) {
    (void)state;
    onus_result result;
    onus_result_init(&result, NULL, NULL);
    const onus_measure good = {.def = &def, .has_value = true, .value = 1};
    assert_int_equal(onus_result_add(&result, &good, NULL), ONUS_OK);
    onus_measure m = good;
    m.value = NAN;
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m = good;
    m.has_value = false; /* and no reason */
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m.reason = "nobody lives there";
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_OK);
    m = good;
    m.def = NULL;
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m = good;
    m.has_p = true;
    m.p_value = 1.5;
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m = good;
    m.interval = (onus_interval){.given = true, .level = 0.95, .low = 2, .high = 1, .method = "x"};
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m.interval.high = INFINITY; /* unbounded is NaN */
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m.interval.high = NAN;
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_OK);
    m.interval.weak = true; /* and no reason */
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    m = good;
    m.scale = ONUS_SCALE_LOG; /* and no standard error */
    assert_int_equal(onus_result_add(&result, &m, NULL), ONUS_ERR_BUG);
    assert_int_equal(onus_result_n_measures(&result), 3);
    onus_result_clear(&result);
}

static void questions_stand_in_the_order_of_their_numbers(void **state) {
    (void)state;
    onus_result result;
    onus_result_init(&result, NULL, NULL);
    const int numbers[] = {14, 6, 15, 7, 6};
    for (size_t i = 0; i < 5; i++) {
        const size_t index = i;
        assert_int_equal(onus_result_question(&result, numbers[i], "?", "answered",
                                              onus_strdup("because"), &index, 1),
                         ONUS_OK);
    }
    const onus_question *q = result.questions.items;
    assert_int_equal(result.questions.n_items, 5);
    for (size_t i = 1; i < 5; i++) {
        assert_true(q[i - 1].n <= q[i].n);
    }
    assert_int_equal(q[0].measures[0], 1); /* equal numbers keep their order */
    assert_int_equal(q[1].measures[0], 4);
    /* an answer that could not be made is no memory, not a crash */
    assert_int_equal(onus_result_question(&result, 1, "?", "answered", NULL, NULL, 0),
                     ONUS_ERR_NOMEM);
    onus_result_clear(&result);
}

static void a_series_holds_numbers_texts_and_nothing(void **state) {
    (void)state;
    onus_result result;
    onus_result_init(&result, NULL, NULL);
    const char *columns[] = {"area", "flags"};
    onus_series *series = onus_result_series(&result, "lorenz", columns, 2);
    assert_non_null(series);
    columns[0] = "changed"; /* the list is copied */
    assert_string_equal(series->columns[0], "area");
    assert_int_equal(onus_series_text(series, "a"), ONUS_OK);
    assert_int_equal(onus_series_number(series, 2.5), ONUS_OK);
    assert_int_equal(onus_series_number(series, NAN), ONUS_OK);
    assert_int_equal(onus_series_null(series), ONUS_OK);
    assert_int_equal(onus_series_number(series, INFINITY), ONUS_ERR_BUG);
    const onus_cell *cells = series->cells.items;
    assert_int_equal(series->cells.n_items, 4);
    assert_string_equal(cells[0].text, "a");
    assert_true(cells[1].number == 2.5);
    assert_int_equal(cells[2].type, ONUS_CELL_NULL);
    assert_int_equal(cells[3].type, ONUS_CELL_NULL);
    onus_result_clear(&result);
}

static onus_status fill(onus_result *result) {
    onus_status status = ONUS_OK;
    static const char *columns[] = {"a"};
    const size_t index = 0;
    onus_measure m = {.def = &def, .has_value = true, .value = 1};
    onus_scope_set_text(&m.scope, "group", "A");
    onus_scope_set_text(&m.scope, "universe", "residents");
    ONUS_TRY(onus_result_add(result, &m, NULL));
    m.reason = onus_result_text(result, "%s %d", "reason", 1);
    if (m.reason == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_result_warn(result, "code", "text %d", 1));
    ONUS_TRY(onus_result_question(result, 1, "?", "answered", onus_strdup("x"), &index, 1));
    onus_series *series = onus_result_series(result, "s", columns, 1);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_series_text(series, "cell"));
    result->areas.n_areas = 3;
    onus_area_column *column = onus_result_area_column(result, "flags", "Flags", "flags");
    if (column == NULL) {
        return ONUS_ERR_NOMEM;
    }
    assert_int_equal(column->known[2], ONUS_UNDEFINED);
out:
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_result result;
        onus_result_init(&result, NULL, NULL);
        fault_expect(&fault, fill(&result));
        onus_result_clear(&result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scope_keys_are_sorted_and_replaced),
        cmocka_unit_test(a_measure_outlives_the_texts_it_was_made_from),
        cmocka_unit_test(a_measure_that_would_be_an_unexplained_gap_is_a_bug),
        cmocka_unit_test(questions_stand_in_the_order_of_their_numbers),
        cmocka_unit_test(a_series_holds_numbers_texts_and_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
