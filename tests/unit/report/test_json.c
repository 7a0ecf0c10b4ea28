/* results.json: read back with jansson, which knows nothing of our writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/json_out.h"
#include "../fault.h"
#include "fixture.h"
#include "onus/alloc.h"
#include "onus/report.h"

static char *written(const fixture *f) {
    char *json = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_report_json(&f->result, &json, &err), ONUS_OK);
    return json;
}

static json_t *loaded(const fixture *f) {
    char *json = written(f);
    json_error_t error;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        fail_msg("line %d: %s", error.line, error.text);
    }
    onus_free(json);
    return root;
}

/* jansson sorts what it writes; if ours has the same keys in the same order, ours is sorted */
static void keys_sorted(json_t *value) {
    size_t index = 0;
    json_t *item = NULL;
    const char *key = NULL;
    const char *last = NULL;
    json_object_foreach(value, key, item) {
        if (last != NULL) {
            assert_true(strcmp(last, key) < 0);
        }
        last = key;
        keys_sorted(item);
    }
    json_array_foreach(value, index, item) {
        keys_sorted(item);
    }
}

static void every_object_has_sorted_keys(void **state) {
    (void)state;
    fixture *f = fixture_new();
    json_t *root = loaded(f);
    keys_sorted(root); /* jansson keeps the order of the file */
    json_decref(root);
    fixture_free(f);
}

static void doubles_come_back_bit_by_bit(void **state) {
    (void)state;
    static const double values[] = {0.1,
                                    1.0 / 3.0,
                                    0.61803398874989484,
                                    1e-300,
                                    1.7e308,
                                    -2.5,
                                    1e22,
                                    9007199254740993.0,
                                    123456,
                                    -0.0,
                                    5e-324,
                                    0.95,
                                    100.0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        onus_text text = {0};
        onus_json json = {.text = &text};
        onus_json_open(&json, '[', false);
        onus_json_number(&json, values[i]);
        onus_json_close(&json, ']');
        json_t *root = json_loads(text.data, 0, NULL);
        assert_non_null(root);
        assert_true(json_number_value(json_array_get(root, 0)) == values[i]);
        json_decref(root);
        onus_text_clear(&text);
    }
}

static void integral_doubles_are_integers(void **state) {
    (void)state;
    onus_text text = {0};
    onus_json json = {.text = &text};
    onus_json_open(&json, '[', false);
    onus_json_number(&json, 41237.0);
    onus_json_number(&json, -3.0);
    onus_json_number(&json, -0.0);
    onus_json_number(&json, 0.5);
    onus_json_number(&json, (double)NAN);
    onus_json_number(&json, (double)INFINITY);
    onus_json_close(&json, ']');
    assert_string_equal(text.data, "[41237,-3,0,0.5,null,null]");
    onus_text_clear(&text);
}

static void rounded_numbers_keep_six_digits(void **state) {
    (void)state;
    static const double values[] = {0.1,        123.456789, 1e-7,     0.00123456789,
                                    98765432.1, -2.0 / 3.0, 999999.5, 7.0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        onus_text text = {0};
        onus_json json = {.text = &text};
        onus_json_open(&json, '[', false);
        onus_json_rounded(&json, values[i]);
        onus_json_close(&json, ']');
        json_t *root = json_loads(text.data, 0, NULL);
        assert_non_null(root);
        const double back = json_number_value(json_array_get(root, 0));
        assert_true(fabs(back - values[i]) <= 0.50001e-5 * fabs(values[i]));
        json_decref(root);
        onus_text_clear(&text);
    }
}

static void texts_are_escaped_and_come_back(void **state) {
    (void)state;
    const char *tricky = "quote \" backslash \\ line\nbreak\ttab \x01 \xe2\x80\x99 </script>";
    onus_text text = {0};
    onus_json json = {.text = &text};
    onus_json_open(&json, '[', false);
    onus_json_text(&json, tricky);
    onus_json_close(&json, ']');
    json_t *root = json_loads(text.data, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_array_get(root, 0)), tricky);
    json_decref(root);
    onus_text_clear(&text);
}

static void text_that_is_not_utf8_is_noticed(void **state) {
    (void)state;
    onus_text text = {0};
    onus_json json = {.text = &text};
    onus_json_open(&json, '[', false);
    onus_json_text(&json, "\xff");
    assert_true(json.bad_text);
    onus_text_clear(&text);
}

static void keys_out_of_order_are_noticed(void **state) {
    (void)state;
    onus_text text = {0};
    onus_json json = {.text = &text};
    onus_json_open(&json, '{', false);
    onus_json_key_count(&json, "b", 1);
    onus_json_key_count(&json, "a", 2);
    assert_true(json.disorder);
    onus_text_clear(&text);
}

static void withheld_measures_print_no_number(void **state) {
    (void)state;
    fixture *f = fixture_new();
    json_t *root = loaded(f);
    size_t index = 0;
    size_t n_withheld = 0;
    json_t *measure = NULL;
    json_array_foreach(json_object_get(root, "measures"), index, measure) {
        if (json_is_true(json_object_get(measure, "withheld"))) {
            n_withheld++;
            assert_true(json_is_null(json_object_get(measure, "value")));
            assert_true(json_is_null(json_object_get(measure, "num")));
            assert_true(json_is_null(json_object_get(measure, "den")));
            assert_true(json_is_null(json_object_get(measure, "interval")));
            assert_true(json_is_string(json_object_get(measure, "reason")));
        }
    }
    assert_int_equal(n_withheld, 1);
    json_decref(root);
    fixture_free(f);
}

static void machine_paths_are_nowhere(void **state) {
    (void)state;
    fixture *f = fixture_new();
    char *json = written(f);
    assert_null(strstr(json, "/nowhere"));
    assert_non_null(strstr(json, "\"file\":\"town.yaml\""));
    onus_free(json);
    fixture_free(f);
}

static void same_result_gives_the_same_bytes(void **state) {
    (void)state;
    fixture *f = fixture_new();
    fixture *g = fixture_new();
    char *a = written(f);
    char *b = written(g);
    assert_string_equal(a, b);
    onus_free(a);
    onus_free(b);
    fixture_free(f);
    fixture_free(g);
}

static void questions_and_series_are_in_order(void **state) {
    (void)state;
    fixture *f = fixture_new();
    json_t *root = loaded(f);
    json_t *questions = json_object_get(root, "questions");
    assert_int_equal(json_array_size(questions), 15);
    for (size_t i = 0; i < 15; i++) {
        assert_int_equal(json_integer_value(json_object_get(json_array_get(questions, i), "n")),
                         (json_int_t)i + 1);
    }
    json_decref(root);
    fixture_free(f);
}

static void equal_warnings_are_told_once(void **state) {
    (void)state;
    fixture *f = fixture_new();
    json_t *root = loaded(f);
    assert_int_equal(json_array_size(json_object_get(root, "warnings")), 2);
    json_decref(root);
    fixture_free(f);
}

static void refused_memory_is_reported(void **state) {
    (void)state;
    fixture *f = fixture_new();
    FAULT_EACH(fault) {
        char *json = NULL;
        onus_error err = ONUS_ERROR_INIT;
        fault_expect(&fault, onus_report_json(&f->result, &json, &err));
        onus_free(json);
    }
    fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_has_sorted_keys),
        cmocka_unit_test(doubles_come_back_bit_by_bit),
        cmocka_unit_test(integral_doubles_are_integers),
        cmocka_unit_test(rounded_numbers_keep_six_digits),
        cmocka_unit_test(texts_are_escaped_and_come_back),
        cmocka_unit_test(text_that_is_not_utf8_is_noticed),
        cmocka_unit_test(keys_out_of_order_are_noticed),
        cmocka_unit_test(withheld_measures_print_no_number),
        cmocka_unit_test(machine_paths_are_nowhere),
        cmocka_unit_test(same_result_gives_the_same_bytes),
        cmocka_unit_test(questions_and_series_are_in_order),
        cmocka_unit_test(equal_warnings_are_told_once),
        cmocka_unit_test(refused_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
