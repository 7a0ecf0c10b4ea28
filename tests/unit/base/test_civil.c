/* Calendar dates and written times, against timegm and strptime. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../random.h"
#include "onus/civil.h"

static void days_agree_with_timegm_and_turn_back(void **state) {
    (void)state;
    uint64_t seed = 31;
    for (int i = 0; i < test_mult(20000); i++) {
        const int64_t days = random_between(&seed, -719162, 2932896); /* years 1 to 9999 */
        int32_t year = 0;
        int month = 0;
        int day = 0;
        onus_civil_from_days(days, &year, &month, &day);
        assert_int_equal(onus_civil_days(year, month, day), days);
        struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
        assert_int_equal(timegm(&tm) / 86400, days); /* exact: midnight is a multiple */
        assert_int_equal(tm.tm_mday, day);
        assert_int_equal((tm.tm_wday + 6) % 7, onus_civil_weekday(days));
    }
    assert_int_equal(onus_civil_days(1970, 1, 1), 0);
    assert_int_equal(onus_civil_days(2000, 3, 1), 11017);
    assert_int_equal(onus_civil_days(1600, 2, 29) + 1, onus_civil_days(1600, 3, 1));
    assert_int_equal(onus_civil_days(0, 3, 1) - onus_civil_days(0, 2, 28), 2); /* year 0 is leap */
    assert_int_equal(onus_civil_days(-1, 12, 31) + 1, onus_civil_days(0, 1, 1));
    int32_t year = 0;
    int month = 0;
    int day = 0;
    onus_civil_from_days(onus_civil_days(-401, 2, 28), &year, &month, &day);
    assert_true(year == -401 && month == 2 && day == 28);
    assert_int_equal(onus_civil_weekday(-1), 2); /* 1969-12-31, a Wednesday */
    assert_int_equal(onus_civil_weekday(-4), 6);
}

static void iso_is(const char *text, const char *want) {
    onus_civil c = {0};
    char got[96] = "refused";
    if (onus_civil_parse_iso(text, strlen(text), &c)) {
        (void)snprintf(got, sizeof got, "%04d-%02d-%02d %02d:%02d:%02d %d %s%d", (int)c.year,
                       (int)c.month, (int)c.day, (int)c.hour, (int)c.minute, (int)c.second,
                       (int)(c.fraction_s * 1000), c.has_offset ? "offset " : "local ",
                       (int)c.offset_s);
    }
    if (strcmp(got, want) != 0) {
        fail_msg("'%s': %s, not %s", text, got, want);
    }
}

static void iso_texts_are_read(void **state) {
    (void)state;
    iso_is("2018-02-25", "2018-02-25 00:00:00 0 local 0");
    iso_is("2018-02-25T06:15", "2018-02-25 06:15:00 0 local 0");
    iso_is("2018-02-25 06:15:30", "2018-02-25 06:15:30 0 local 0");
    iso_is("2018-02-25T06:15:30.5Z", "2018-02-25 06:15:30 500 offset 0");
    iso_is("2018-02-25T06:15:30.000", "2018-02-25 06:15:30 0 local 0");
    iso_is("2018-02-25T06:15Z", "2018-02-25 06:15:00 0 offset 0");
    iso_is("2018-02-25T06:15:30-05:00", "2018-02-25 06:15:30 0 offset -18000");
    iso_is("2018-02-25 06:15:30+0530", "2018-02-25 06:15:30 0 offset 19800");
    iso_is("2018-02-25 06:15:30+00", "2018-02-25 06:15:30 0 offset 0");
    iso_is("2020-02-29", "2020-02-29 00:00:00 0 local 0");
    iso_is("2016-12-31T23:59:60Z", "2016-12-31 23:59:60 0 offset 0");
    const char *const bad[] = {"",
                               "2018",
                               "2018-02",
                               "2018-2-25",
                               "18-02-25",
                               "2018-02-30",
                               "2019-02-29",
                               "1900-02-29",
                               "2018-13-01",
                               "2018-00-01",
                               "2018-01-00",
                               "0000-01-01",
                               "2018-02-25T",
                               "2018-02-25T6:15",
                               "2018-02-25T24:00",
                               "2018-02-25T06:60",
                               "2018-02-25T06:15:61",
                               "2018-02-25T06:15:",
                               "2018-02-25T06:15:30.",
                               "2018-02-25T06:15:30 Z",
                               "2018-02-25T06:15+5",
                               "2018-02-25T06:15+05:",
                               "2018-02-25T06:15+05:60",
                               "2018-02-25T06:15+27",
                               "2018-02-25Z",
                               " 2018-02-25",
                               "2018-02-25 ",
                               "2018-02-25t06:15",
                               "02/25/2018",
                               "20180225"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        iso_is(bad[i], "refused");
    }
}

static void format_is(const char *format, const char *text, const char *want) {
    onus_civil c = {0};
    char got[96] = "refused";
    assert_null(onus_civil_format_check(format));
    if (onus_civil_parse(text, strlen(text), format, &c)) {
        (void)snprintf(got, sizeof got, "%04d-%02d-%02d %02d:%02d:%02d %d %s%d", (int)c.year,
                       (int)c.month, (int)c.day, (int)c.hour, (int)c.minute, (int)c.second,
                       (int)(c.fraction_s * 1000), c.has_offset ? "offset " : "local ",
                       (int)c.offset_s);
    }
    if (strcmp(got, want) != 0) {
        fail_msg("'%s' by '%s': %s, not %s", text, format, got, want);
    }
}

static void formats_are_followed(void **state) {
    (void)state;
    format_is("%m/%d/%Y %I:%M:%S %p", "02/25/2018 12:15:30 AM", "2018-02-25 00:15:30 0 local 0");
    format_is("%m/%d/%Y %I:%M:%S %p", "2/5/2018 12:15:30 pm", "2018-02-05 12:15:30 0 local 0");
    format_is("%m/%d/%Y %I:%M %p", "02/25/2018 1:05 PM", "2018-02-25 13:05:00 0 local 0");
    format_is("%d %b %Y", "5 Feb 2018", "2018-02-05 00:00:00 0 local 0");
    format_is("%b %d, %Y", "September   9, 2018", "2018-09-09 00:00:00 0 local 0");
    format_is("%b %d, %Y", "MAY 9, 2018", "2018-05-09 00:00:00 0 local 0");
    format_is("%F %T", "2018-02-25 06:15:30", "2018-02-25 06:15:30 0 local 0");
    format_is("%D %H:%M", "02/25/68 6:15", "2068-02-25 06:15:00 0 local 0");
    format_is("%y%m%d", "690131", "1969-01-31 00:00:00 0 local 0");
    format_is("%Y%m%dT%H%M%S%z", "20180225T061530-0500", "2018-02-25 06:15:30 0 offset -18000");
    format_is("%F %T.%f", "2018-02-25 06:15:30.250", "2018-02-25 06:15:30 250 local 0");
    format_is("100%% %F", "100% 2018-02-25", "2018-02-25 00:00:00 0 local 0");
    format_is("%m/%d/%Y", "02/25/18", "refused"); /* strptime would say: in the year 18 */
    format_is("%m/%d/%Y", "02/25/2018 ", "refused");
    format_is("%m/%d/%Y", "25/02/2018", "refused");
    format_is("%m/%d/%Y", "02/30/2018", "refused");
    format_is("%m/%d/%Y %H:%M", "02/25/2018 24:00", "refused");
    format_is("%m/%d/%Y %I:%M %p", "02/25/2018 13:05 PM", "refused");
    format_is("%m/%d/%Y %I:%M %p", "02/25/2018 0:05 PM", "refused");
    format_is("%m/%d/%Y %I:%M %p", "02/25/2018 1:05", "refused");
    format_is("%d %b %Y", "5 Fev 2018", "refused");
    format_is("%d %b %Y", "5Feb 2018", "refused");
    format_is("%F %I:%M %p", "2018-02-25 1:05 ", "refused");
    format_is("%F %I:%M %p", "2018-02-25 1:05 xm", "refused");
    format_is("%y%m%d", "6x0131", "refused");
    format_is("%F  %H:%M", "2018-02-25 6:15", "2018-02-25 06:15:00 0 local 0");
    format_is("%F,%H:%M", "2018-02-25 6:15", "refused");
    format_is("%H:%M", "06:15", "refused"); /* a time without a day is no instant */
    format_is("%Y", "2018", "refused");
    format_is("", "", "refused");
}

static void what_a_format_may_not_say_is_pointed_at(void **state) {
    (void)state;
    assert_null(onus_civil_format_check("%Y-%m-%d"));
    assert_string_equal(onus_civil_format_check("%Y-%j"), "%j");
    assert_string_equal(onus_civil_format_check("%Y-%"), "%");
    assert_string_equal(onus_civil_format_check("%F %I:%M"), "%I:%M");
    assert_string_equal(onus_civil_format_check("%F %H:%M %p"), "%p");
    assert_null(onus_civil_format_check("%%I"));
    assert_string_equal(onus_civil_format_check("%%%I"), "%I");
    assert_null(onus_civil_format_check("%F %I %p"));
}

static void formats_agree_with_strptime(void **state) {
    (void)state;
    static const char *const formats[] = {
        "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d %b %Y %H:%M", "%D %T", "%F",
        "%b %d, %Y",         "%y%m%d %H%M"};
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    uint64_t seed = 32;
    for (int i = 0; i < test_mult(10000); i++) {
        const char *format = formats[random_below(&seed, sizeof formats / sizeof formats[0])];
        const time_t instant = random_between(&seed, 0, 3124223999); /* 1970 to 2068 */
        struct tm tm = {0};
        (void)gmtime_r(&instant, &tm);
        char text[64];
        const size_t len = strftime_l(text, sizeof text, format, &tm, c_locale);
        struct tm want = {0};
        assert_non_null(strptime_l(text, format, &want, c_locale));
        onus_civil got = {0};
        if (!onus_civil_parse(text, len, format, &got)) {
            fail_msg("'%s' is refused by '%s'", text, format);
        }
        assert_int_equal(got.year, want.tm_year + 1900);
        assert_int_equal(got.month, want.tm_mon + 1);
        assert_int_equal(got.day, want.tm_mday);
        assert_int_equal(got.hour, want.tm_hour);
        assert_int_equal(got.minute, want.tm_min);
        assert_int_equal(got.second, want.tm_sec);
    }
}

static void month_names_are_english_under_any_locale(void **state) {
    (void)state;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        print_message("no locale de_DE.UTF-8 here: skipped\n");
        skip();
    }
    onus_civil c = {0};
    const bool english = onus_civil_parse("5 Oct 2018", 10, "%d %b %Y", &c);
    const bool german = onus_civil_parse("5 Okt 2018", 10, "%d %b %Y", &c);
    (void)setlocale(LC_ALL, "C");
    assert_true(english);
    assert_false(german);
}

/* A format is checked before it is used; one that slips through reads nothing. */
static void a_specifier_that_is_none_reads_nothing(void **state) {
    (void)state;
    onus_civil c = {0};
    assert_string_equal(onus_civil_format_check("%q"), "%q");
    assert_false(onus_civil_parse("x", 1, "%q", &c));
}

static void whole_days_later_go_by_the_calendar(void **state) {
    (void)state;
    static const double DAY = 86400;
    onus_zone *zone = NULL;
    assert_int_equal(onus_zone_open("America/New_York", &zone, NULL), ONUS_OK);
    const double saturday = 1520658000.5; /* 2018-03-10 00:00:00.5; the clock jumps on Sunday */
    assert_true(onus_zone_add_s(zone, saturday, DAY) == saturday + DAY);
    assert_true(onus_zone_add_s(zone, saturday, 2 * DAY) == saturday + 47 * 3600);
    assert_true(onus_zone_add_s(zone, saturday + 47 * 3600, -2 * DAY) == saturday);
    assert_true(onus_zone_add_s(zone, saturday, 36 * 3600) == saturday + 36 * 3600);
    assert_true(onus_zone_add_s(zone, -0.25, DAY) == DAY - 0.25); /* 1969-12-31 19:00 there */
    assert_true(onus_zone_add_s(zone, -5 * DAY, DAY) == -4 * DAY);
    assert_true(onus_zone_add_s(NULL, saturday, 2 * DAY) == saturday + 2 * DAY);
    onus_zone_close(zone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_agree_with_timegm_and_turn_back),
        cmocka_unit_test(iso_texts_are_read),
        cmocka_unit_test(formats_are_followed),
        cmocka_unit_test(what_a_format_may_not_say_is_pointed_at),
        cmocka_unit_test(formats_agree_with_strptime),
        cmocka_unit_test(month_names_are_english_under_any_locale),
        cmocka_unit_test(a_specifier_that_is_none_reads_nothing),
        cmocka_unit_test(whole_days_later_go_by_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
