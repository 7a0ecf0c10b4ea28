/* One error, and all problems of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wchar.h>

#include "onus/error.h"
#include "onus/text.h"

static void an_error_formats_with_the_parts_it_has(void **state) {
    (void)state;
    char buf[256];
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_fail(&err, ONUS_ERR_DATA, "case.yaml", 7, 3, "unknown key '%s'", "x"),
                     ONUS_ERR_DATA);
    assert_string_equal(onus_error_format(&err, buf, sizeof buf),
                        "case.yaml:7:3: error: unknown key 'x'");
    assert_int_equal(onus_fail(&err, ONUS_ERR_DATA, "a.csv", 9, 0, "bad"), ONUS_ERR_DATA);
    assert_string_equal(onus_error_format(&err, buf, sizeof buf), "a.csv:9: error: bad");
    assert_int_equal(onus_fail(&err, ONUS_ERR_IO, "a.csv", 0, 0, "bad"), ONUS_ERR_IO);
    assert_string_equal(onus_error_format(&err, buf, sizeof buf), "a.csv: error: bad");
    assert_int_equal(onus_fail_plain(&err, ONUS_ERR_USAGE, "bad"), ONUS_ERR_USAGE);
    assert_string_equal(onus_error_format(&err, buf, sizeof buf), "error: bad");
    err = (onus_error){.status = ONUS_ERR_IO};
    assert_string_equal(onus_error_format(&err, buf, sizeof buf),
                        "error: reading or writing failed");
    err = (onus_error){.status = ONUS_ERR_IO, .line = 4};
    assert_string_equal(onus_error_format(&err, buf, sizeof buf),
                        "line 4: error: reading or writing failed");
}

static void a_caller_who_wants_only_the_status_passes_null(void **state) {
    (void)state;
    assert_int_equal(onus_fail(NULL, ONUS_ERR_DATA, "p", 1, 1, "x"), ONUS_ERR_DATA);
    assert_int_equal(onus_fail_plain(NULL, ONUS_ERR_IO, "x"), ONUS_ERR_IO);
    assert_int_equal(onus_fail_nomem(NULL), ONUS_ERR_NOMEM);
    assert_int_equal(onus_bug(NULL, "x"), ONUS_ERR_BUG);
}

static void long_texts_are_cut_between_characters(void **state) {
    (void)state;
    char text[ONUS_ERROR_TEXT_MAX + 64];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        size_t at = shift;
        while (at + 3 < sizeof text) {
            memcpy(text + at, "\xE2\x82\xAC", 3); /* the euro sign */
            at += 3;
        }
        text[at] = '\0';
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_fail(&err, ONUS_ERR_DATA, text, 1, 1, "%s", text), ONUS_ERR_DATA);
        assert_int_equal(onus_utf8_check(err.text, strlen(err.text)), strlen(err.text));
        assert_int_equal(onus_utf8_check(err.path, strlen(err.path)), strlen(err.path));
        assert_in_range(strlen(err.text), sizeof err.text - 4, sizeof err.text - 1);
        for (size_t size = 1; size < 40; size++) {
            char buf[40];
            onus_error_format(&err, buf, size);
            assert_true(strlen(buf) < size);
            assert_int_equal(onus_utf8_check(buf, strlen(buf)), strlen(buf));
        }
    }
}

static void an_error_may_be_wrapped_in_itself(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_fail(&err, ONUS_ERR_DATA, "inner.csv", 3, 0, "inner"), ONUS_ERR_DATA);
    assert_int_equal(onus_fail(&err, ONUS_ERR_DATA, err.path, 3, 0, "outer: %s", err.text),
                     ONUS_ERR_DATA);
    assert_string_equal(err.text, "outer: inner");
    assert_string_equal(err.path, "inner.csv");
}

static void a_bug_names_its_place_without_the_build_folder(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_bug_at(&err, "../../home/someone/src/base/x.c", 12, "odd"), ONUS_ERR_BUG);
    assert_string_equal(err.text, "bug in onus: odd (base/x.c:12); please report it");
    assert_int_equal(onus_bug_at(&err, "x.c", 1, "odd"), ONUS_ERR_BUG);
    assert_non_null(strstr(err.text, "(x.c:1)"));
    assert_int_equal(onus_fail_nomem(&err), ONUS_ERR_NOMEM);
    assert_string_equal(err.text, "out of memory");
}

static void problems_past_the_cap_are_counted_by_kind(void **state) {
    (void)state;
    static onus_problems problems;
    for (int i = 0; i < 1000; i++) {
        onus_problems_add(&problems, i % 4 == 0 ? "odd rows" : "even rows", "a.csv", i + 1, 0,
                          "row %d", i);
    }
    assert_int_equal(problems.n_all, 1000);
    assert_int_equal(problems.n_full, ONUS_PROBLEMS_FULL);
    assert_string_equal(problems.full[19].text, "row 19");
    assert_int_equal(problems.n_kinds, 2);
    assert_int_equal(problems.kinds[0].n, 250);
    assert_int_equal(problems.kinds[1].n, 750);
    assert_int_equal(onus_problems_status(&problems), ONUS_ERR_DATA);
}

static void counts_add_up_with_more_kinds_than_room(void **state) {
    (void)state;
    static onus_problems problems;
    static char names[ONUS_PROBLEM_KINDS * 2][32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < ONUS_PROBLEM_KINDS * 2; i++) {
            (void)snprintf(names[i], sizeof names[i], "kind %d", i);
            onus_problems_add(&problems, names[i], NULL, 0, 0, "x");
        }
    }
    size_t n = 0;
    for (size_t i = 0; i < problems.n_kinds; i++) {
        n += problems.kinds[i].n;
    }
    assert_int_equal(n, problems.n_all);
    assert_int_equal(problems.n_kinds, ONUS_PROBLEM_KINDS);
    assert_string_equal(problems.kinds[ONUS_PROBLEM_KINDS - 1].kind, "other problems");
}

static onus_status status_of(const onus_status *statuses, size_t n) {
    static onus_problems problems;
    problems = (onus_problems){0};
    for (size_t i = 0; i < n; i++) {
        const onus_error err = {.status = statuses[i], .text = "x"};
        onus_problems_add_error(&problems, "k", &err);
    }
    return onus_problems_status(&problems);
}

static void the_status_of_problems_is_that_of_the_gravest(void **state) {
    (void)state;
    assert_int_equal(status_of(NULL, 0), ONUS_OK);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_NOINPUT, ONUS_ERR_NOINPUT}, 2),
                     ONUS_ERR_NOINPUT);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_NOINPUT, ONUS_ERR_DATA}, 2), ONUS_ERR_DATA);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_DOMAIN}, 1), ONUS_ERR_DATA);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_DATA, ONUS_ERR_IO, ONUS_ERR_NOINPUT}, 3),
                     ONUS_ERR_IO);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_NOMEM, ONUS_ERR_IO}, 2), ONUS_ERR_NOMEM);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_INTERRUPTED, ONUS_ERR_NOMEM}, 2),
                     ONUS_ERR_INTERRUPTED);
    assert_int_equal(status_of((onus_status[]){ONUS_ERR_BUG, ONUS_ERR_NOMEM}, 2), ONUS_ERR_BUG);
    assert_int_equal(status_of((onus_status[]){ONUS_OK}, 1), ONUS_ERR_BUG);
    /* Also where the gravest comes after the twenty that are kept. */
    onus_status many[40];
    for (size_t i = 0; i < 40; i++) {
        many[i] = i == 35 ? ONUS_ERR_DATA : ONUS_ERR_NOINPUT;
    }
    assert_int_equal(status_of(many, 40), ONUS_ERR_DATA);
}

/* "%lc" of what is no character is an error of printf: then the message is the format itself. */
static void a_message_that_cannot_be_made_says_its_format(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_fail_plain(&err, ONUS_ERR_DATA, "it is %lc", (wint_t)0x7FFFFFF0),
                     ONUS_ERR_DATA);
    assert_string_equal(err.text, "it is %lc");
    char none = 'x';
    assert_ptr_equal(onus_error_format(&err, &none, 0), &none);
    assert_int_equal(none, 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_formats_with_the_parts_it_has),
        cmocka_unit_test(a_caller_who_wants_only_the_status_passes_null),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(an_error_may_be_wrapped_in_itself),
        cmocka_unit_test(a_bug_names_its_place_without_the_build_folder),
        cmocka_unit_test(problems_past_the_cap_are_counted_by_kind),
        cmocka_unit_test(counts_add_up_with_more_kinds_than_room),
        cmocka_unit_test(the_status_of_problems_is_that_of_the_gravest),
        cmocka_unit_test(a_message_that_cannot_be_made_says_its_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
