/* Shifts of the day: what is a stretch, what is not, and who holds which minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "onus/case.h"

static bool read_two(const char *first, const char *second, int32_t *of_minute, size_t *bad,
                     const char **why) {
    char *texts[2] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second};
    onus_mapping shifts[2] = {{.name = NULL, .values = {.items = &texts[0], .n = 1}},
                              {.name = NULL, .values = {.items = &texts[1], .n = 1}}};
    return onus_case_shifts(shifts, second == NULL ? 1 : 2, of_minute, bad, why);
}

static void a_day_is_parted_half_open_and_over_midnight(void **state) {
    (void)state;
    int32_t of_minute[ONUS_MINUTES_A_DAY];
    size_t bad = 0;
    const char *why = NULL;
    assert_true(read_two("06:30-18:00", "22:00-06:30", of_minute, &bad, &why));
    assert_int_equal(of_minute[6 * 60 + 29], 1);
    assert_int_equal(of_minute[6 * 60 + 30], 0);
    assert_int_equal(of_minute[18 * 60 - 1], 0);
    assert_int_equal(of_minute[18 * 60], -1);
    assert_int_equal(of_minute[22 * 60], 1);
    assert_int_equal(of_minute[0], 1);
    assert_true(read_two("00:00-24:00", NULL, of_minute, &bad, &why));
    assert_int_equal(of_minute[0], 0);
    assert_int_equal(of_minute[ONUS_MINUTES_A_DAY - 1], 0);
    assert_true(read_two("23:00-24:00", "00:00-01:00", of_minute, &bad, &why));
    assert_int_equal(of_minute[ONUS_MINUTES_A_DAY - 1], 0);
    assert_int_equal(of_minute[0], 1);
    assert_int_equal(of_minute[60], -1);
}

static void what_is_no_stretch_is_refused(void **state) {
    (void)state;
    static const char *const BAD[] = {"",
                                      "6:00-18:00",
                                      "06:00",
                                      "06:00-18:0",
                                      "06:60-07:00",
                                      "24:00-02:00",
                                      "06:00-25:00",
                                      "06:00-06:00",
                                      "06:00-18:00x",
                                      "06:00_18:00",
                                      "aa:bb-cc:dd",
                                      "06:00-"};
    int32_t of_minute[ONUS_MINUTES_A_DAY];
    for (size_t k = 0; k < sizeof BAD / sizeof *BAD; k++) {
        size_t bad = 9;
        const char *why = NULL;
        if (read_two("01:00-02:00", BAD[k], of_minute, &bad, &why)) {
            fail_msg("'%s' is taken", BAD[k]);
        }
        assert_int_equal(bad, 1);
        assert_non_null(strstr(why, "no stretch"));
    }
}

static void no_minute_is_in_two_shifts(void **state) {
    (void)state;
    int32_t of_minute[ONUS_MINUTES_A_DAY];
    size_t bad = 9;
    const char *why = NULL;
    assert_false(read_two("06:00-18:00", "17:59-23:00", of_minute, &bad, &why));
    assert_int_equal(bad, 1);
    assert_non_null(strstr(why, "another"));
    assert_true(read_two("06:00-18:00", "18:00-23:00", of_minute, &bad, &why));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_parted_half_open_and_over_midnight),
        cmocka_unit_test(what_is_no_stretch_is_refused),
        cmocka_unit_test(no_minute_is_in_two_shifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
