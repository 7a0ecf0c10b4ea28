/* Statuses, and the version beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/status.h"
#include "onus/version.h"

static void names_and_texts_follow_the_list(void **state) {
    (void)state;
    assert_string_equal(onus_status_name(ONUS_OK), "OK");
    assert_string_equal(onus_status_name(ONUS_ERR_DATA), "ERR_DATA");
    assert_string_equal(onus_status_name(ONUS_ERR_INTERRUPTED), "ERR_INTERRUPTED");
    assert_string_equal(onus_status_text(ONUS_ERR_NOMEM), "out of memory");
}

static void exit_codes_are_those_of_sysexits(void **state) {
    (void)state;
    assert_int_equal(onus_status_exit_code(ONUS_OK), 0);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_USAGE), 64);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_DATA), 65);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_NOINPUT), 66);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_BUG), 70);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_NOMEM), 71);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_CANTCREATE), 73);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_IO), 74);
    assert_int_equal(onus_status_exit_code(ONUS_ERR_INTERRUPTED), 130);
}

static void a_status_outside_the_list_is_a_bug(void **state) {
    (void)state;
    const onus_status beyond = ONUS_N_STATUS;
    assert_string_equal(onus_status_name(beyond), "unknown");
    assert_string_equal(onus_status_text(beyond), "unknown status");
    assert_int_equal(onus_status_exit_code(beyond), 70);
}

static void the_version_is_that_of_the_build(void **state) {
    (void)state;
    assert_string_equal(onus_version(), ONUS_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts_follow_the_list),
        cmocka_unit_test(exit_codes_are_those_of_sysexits),
        cmocka_unit_test(a_status_outside_the_list_is_a_bug),
        cmocka_unit_test(the_version_is_that_of_the_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
