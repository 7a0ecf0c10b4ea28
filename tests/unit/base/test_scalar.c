/* Numbers from text and back, in the C locale and in one that writes a decimal comma. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "onus/scalar.h"

static const double untouched = -987.25;

static void double_is(const char *text, double want) {
    double got = untouched;
    if (!onus_parse_double(text, strlen(text), &got) || got != want ||
        signbit(got) != signbit(want)) {
        fail_msg("'%s' was read as %a, not %a", text, got, want);
    }
}

static void no_double(const char *text) {
    double got = untouched;
    if (onus_parse_double(text, strlen(text), &got) || got != untouched) {
        fail_msg("'%s' was taken for a number", text);
    }
}

static void plain_numbers_are_read(void **state) {
    (void)state;
    double_is("0", 0.0);
    double_is("-0", -0.0);
    double_is("-0.000e5", -0.0);
    double_is("42", 42.0);
    double_is("+42", 42.0);
    double_is("0042", 42.0);
    double_is("-118.2436849", -118.2436849);
    double_is("1e-3", 1e-3);
    double_is("1E+3", 1e3);
    double_is(".5", 0.5);
    double_is("-.5", -0.5);
    double_is("0.1", 0.1);
    double_is("123456789012345678901234567890", 123456789012345678901234567890.0);
    double_is("0.000000000000000000000000000001", 1e-30);
    double_is("1e22", 1e22);
    double_is("1e23", 1e23);
    double_is("9007199254740993", 9007199254740992.0); /* 2^53 + 1: a tie, to even */
    double_is("9007199254740993.0000001", 9007199254740994.0);
    double_is("900719925474099300e-2", 9007199254740992.0);
    double_is("18446744073709551615", 18446744073709551615.0);
}

static void what_is_not_wholly_a_number_is_refused(void **state) {
    (void)state;
    const char *const bad[] = {
        "",       " ",        "42abc", " 42", "42 ",   "nan",
        "NaN",    "inf",      "-inf",  "1e",  "1e+",   "e5",
        ".",      "-",        "+",     "5.",  "1.e3",  "0x10",
        "1,5",    "1.5.",     "1..5",  "--1", "+-1",   "1e5.5",
        "1e 5",   "1_0",      "1f",    "1d3", "١",     "1e400",
        "-1e400", "infinity", "2e308", "1\t", "250km", "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        no_double(bad[i]);
    }
    double got = untouched;
    assert_false(onus_parse_double("1\0002", 3, &got));
    assert_true(onus_parse_double("12345", 2, &got)); /* only len bytes are read */
    assert_true(got == 12.0);
}

static void the_ends_of_the_range_are_rounded_as_they_must(void **state) {
    (void)state;
    double_is("1.7976931348623157e308", 1.7976931348623157e308);
    double_is("1.7976931348623158e308", 1.7976931348623157e308);
    no_double("1.7976931348623159e308");
    double_is("2.2250738585072011e-308", 2.2250738585072011e-308); /* once hung PHP and Java */
    double_is("4.9406564584124654e-324", 0x1p-1074);
    double_is("2.4703282292062327e-324", 0.0);
    double_is("2.4703282292062329e-324", 0x1p-1074);
    double_is("1e-400", 0.0);
    double_is("-1e-99999", -0.0);
    double_is("0e99999", 0.0);
    /* A number may be long, but not endless. */
    char text[1200];
    memset(text, '0', sizeof text);
    memcpy(text, "0.", 2);
    text[1099] = '1';
    double got = untouched;
    assert_true(onus_parse_double(text, 1100, &got));
    assert_true(got == 0.0);
    assert_false(onus_parse_double(text, 1101, &got));
}

/* Texts of every shape that the three roads of the parser see, near ties above all. */
static void number_text(uint64_t *seed, char *buf, size_t size) {
    const uint64_t word = random_u64(seed) >> random_below(seed, 64);
    switch (random_below(seed, 5)) {
    case 0: { /* a point somewhere in up to 20 digits */
        char digits[24];
        const int len = snprintf(digits, sizeof digits, "%" PRIu64, word);
        const int at = (int)random_below(seed, (uint64_t)len);
        (void)onus_format(buf, size, "%.*s.%s", at, digits, digits + at);
        break;
    }
    case 1:
        (void)onus_format(buf, size, "%" PRIu64 "e%d", word, (int)random_between(seed, -45, 45));
        break;
    case 2:
        (void)onus_format(buf, size, "-%" PRIu64 "e%d", word, (int)random_between(seed, -345, 310));
        break;
    case 3: { /* the exact middle between two doubles, or a hair above or below it */
        static const char *const tails[] = {".5", ".4999999999", ".50000000001", ".25", ".75"};
        const uint64_t whole = (word >> 12) | UINT64_C(0x10000000000000); /* 53 bits */
        (void)onus_format(buf, size, "%" PRIu64 "%s", whole, tails[random_below(seed, 5)]);
        break;
    }
    default: {
        const double value = ldexp((double)(word | 1), (int)random_between(seed, -1100, 900));
        (void)onus_format(buf, size, "%.*e", (int)random_between(seed, 0, 25), value);
        break;
    }
    }
}

static void parsing_agrees_with_the_c_library(void **state) {
    (void)state;
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    uint64_t seed = 11;
    for (int i = 0; i < test_mult(150000); i++) {
        char text[128];
        number_text(&seed, text, sizeof text);
        const double want = strtod_l(text, NULL, c_locale);
        double got = untouched;
        const bool ok = onus_parse_double(text, strlen(text), &got);
        if (ok != isfinite(want) || (ok && got != want)) {
            fail_msg("'%s': %a, the C library reads %a", text, got, want);
        }
    }
}

static double random_double(uint64_t *seed) {
    for (;;) {
        const uint64_t bits = random_u64(seed);
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            return value;
        }
    }
}

static void every_double_survives_the_round_trip(void **state) {
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < test_mult(50000); i++) {
        const double value = i % 2 == 0 ? random_double(&seed)
                                        : (double)random_between(&seed, -99999999, 99999999) / 1e5;
        char buf[ONUS_DOUBLE_TEXT_MAX];
        const size_t len = onus_format_double(value, buf);
        assert_int_equal(len, strlen(buf));
        assert_true(len < ONUS_DOUBLE_TEXT_MAX);
        assert_null(strchr(buf, ','));
        double got = untouched;
        assert_true(onus_parse_double(buf, len, &got));
        assert_memory_equal(&got, &value, sizeof got);
    }
}

static void what_json_cannot_say_is_null(void **state) {
    (void)state;
    char buf[ONUS_DOUBLE_TEXT_MAX];
    assert_int_equal(onus_format_double(NAN, buf), 4);
    assert_string_equal(buf, "null");
    assert_int_equal(onus_format_double(-INFINITY, buf), 4);
    assert_string_equal(buf, "null");
    assert_int_equal(onus_format_double(0.1, buf), 19);
    assert_string_equal(buf, "0.10000000000000001");
    (void)onus_format_double(-1.7976931348623157e308, buf);
    assert_string_equal(buf, "-1.7976931348623157e+308");
}

static void integers_are_read_to_their_limits(void **state) {
    (void)state;
    int64_t got = 77;
    const char *const bad[] = {"",
                               "-",
                               "+",
                               "1.0",
                               " 1",
                               "1 ",
                               "0x1",
                               "1e3",
                               "9223372036854775808",
                               "-9223372036854775809",
                               "99999999999999999999999",
                               "--1",
                               "1,000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(onus_parse_int64(bad[i], strlen(bad[i]), &got));
        assert_true(got == 77);
    }
    assert_true(onus_parse_int64("9223372036854775807", 19, &got));
    assert_true(got == INT64_MAX);
    assert_true(onus_parse_int64("-9223372036854775808", 20, &got));
    assert_true(got == INT64_MIN);
    assert_true(onus_parse_int64("+007", 4, &got));
    assert_true(got == 7);
    uint64_t seed = 13;
    for (int i = 0; i < 5000; i++) {
        const int64_t value = (int64_t)(random_u64(&seed) >> random_below(&seed, 64));
        char buf[32];
        const int len = snprintf(buf, sizeof buf, "%" PRId64, value);
        assert_true(onus_parse_int64(buf, (size_t)len, &got));
        assert_true(got == value);
    }
}

static void only_the_listed_words_are_truth_values(void **state) {
    (void)state;
    bool got = false;
    assert_true(onus_parse_bool("true", 4, &got) && got);
    assert_true(onus_parse_bool("no", 2, &got) && !got);
    assert_true(onus_parse_bool("yes", 3, &got) && got);
    assert_true(onus_parse_bool("false", 5, &got) && !got);
    const char *const bad[] = {"", "True", "YES", "1", "0", "on", "off", "y", "truex", "tru"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(onus_parse_bool(bad[i], strlen(bad[i]), &got));
    }
}

typedef bool (*unit_parser)(const char *text, size_t len, double *out);

static void unit_is(unit_parser parse, const char *text, double want) {
    double got = untouched;
    if (!parse(text, strlen(text), &got) || got != want) {
        fail_msg("'%s' was read as %a, not %a", text, got, want);
    }
}

static void no_unit(unit_parser parse, const char *text) {
    double got = untouched;
    if (parse(text, strlen(text), &got) || got != untouched) {
        fail_msg("'%s' was taken", text);
    }
}

static void lengths_need_their_unit(void **state) {
    (void)state;
    unit_is(onus_parse_length_m, "150 m", 150.0);
    unit_is(onus_parse_length_m, "150m", 150.0);
    unit_is(onus_parse_length_m, "500 ft", 152.4);
    unit_is(onus_parse_length_m, "0.1 km", 100.0);
    unit_is(onus_parse_length_m, "0.25 mi", 402.336);
    const char *const bad[] = {"150",   "150  m", "m",     " m",     "150 M", "150 cm", "150 miles",
                               "-  5m", "1e400m", "nan m", "150 m ", "m150",  ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        no_unit(onus_parse_length_m, bad[i]);
    }
}

static void shares_are_fractions_or_per_cent(void **state) {
    (void)state;
    unit_is(onus_parse_share, "0.05", 0.05);
    unit_is(onus_parse_share, "5 %", 0.05);
    unit_is(onus_parse_share, "5%", 0.05);
    unit_is(onus_parse_share, "0.5 %", 0.005);
    unit_is(onus_parse_share, "150%", 1.5);
    const char *const bad[] = {"%", " %", "5 percent", "5  %", "5%%", "% 5", "", "5 % "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        no_unit(onus_parse_share, bad[i]);
    }
    /* Every whole and half per cent is the double that its fraction is. */
    for (int half = 0; half <= 200; half++) {
        char percent[32];
        char fraction[32];
        (void)snprintf(percent, sizeof percent, "%d.%d %%", half / 2, half % 2 * 5);
        (void)snprintf(fraction, sizeof fraction, "%d.%03d", half / 200, half % 200 * 5);
        double a = 0;
        double b = 1;
        assert_true(onus_parse_share(percent, strlen(percent), &a));
        assert_true(onus_parse_share(fraction, strlen(fraction), &b));
        assert_true(a == b);
    }
}

static void spans_need_their_unit(void **state) {
    (void)state;
    unit_is(onus_parse_span_s, "90 s", 90.0);
    unit_is(onus_parse_span_s, "15 min", 900.0);
    unit_is(onus_parse_span_s, "12h", 43200.0);
    unit_is(onus_parse_span_s, "1 d", 86400.0);
    unit_is(onus_parse_span_s, "2 w", 1209600.0);
    const char *const bad[] = {"90", "1 m", "1 day", "d", "1 D", "1  d", "h 1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        no_unit(onus_parse_span_s, bad[i]);
    }
}

static void counts_are_written_with_commas(void **state) {
    (void)state;
    const struct {
        int64_t value;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {999, "999"},
                {1000, "1,000"},
                {10178, "10,178"},
                {-1, "-1"},
                {-999, "-999"},
                {-123456, "-123,456"},
                {1234567, "1,234,567"},
                {INT64_MAX, "9,223,372,036,854,775,807"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buf[32];
        assert_int_equal(onus_format_count(rows[i].value, buf), strlen(rows[i].text));
        assert_string_equal(buf, rows[i].text);
    }
}

static void a_decimal_comma_locale_changes_nothing(void **state) {
    (void)state;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        print_message("no locale de_DE.UTF-8 here: skipped\n");
        skip();
    }
    char comma[32];
    (void)snprintf(comma, sizeof comma, "%.1f", 0.5);
    const bool has_comma = strcmp(comma, "0,5") == 0; /* else the locale is not what it says */
    double a = untouched;
    double b = untouched;
    double c = untouched;
    const bool ok_a = onus_parse_double("0.5", 3, &a);
    const bool ok_b = onus_parse_double("123456789012345678901.5e-30", 27, &b); /* the slow road */
    const bool ok_c = onus_parse_double("0,5", 3, &c) || onus_parse_double("1.000,5", 7, &c);
    char buf[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format_double(1234567.5, buf);
    char after[32];
    (void)snprintf(after, sizeof after, "%.1f", 0.5);
    char formatted[32];
    const int formatted_len = onus_format(formatted, sizeof formatted, "%.2f %s", -1234.5, "x");
    const bool is_english = strcmp(onus_errno_text(ENOENT), "No such file or directory") == 0;
    (void)setlocale(LC_ALL, "C");
    assert_true(has_comma);
    assert_true(ok_a && a == 0.5);
    assert_true(ok_b && b == 123456789012345678901.5e-30);
    assert_false(ok_c);
    assert_string_equal(buf, "1234567.5");
    assert_string_equal(formatted, "-1234.50 x");
    assert_int_equal(formatted_len, 10);
    assert_true(is_english);
    assert_string_equal(after, "0,5"); /* the caller's locale is as it was */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers_are_read),
        cmocka_unit_test(what_is_not_wholly_a_number_is_refused),
        cmocka_unit_test(the_ends_of_the_range_are_rounded_as_they_must),
        cmocka_unit_test(parsing_agrees_with_the_c_library),
        cmocka_unit_test(every_double_survives_the_round_trip),
        cmocka_unit_test(what_json_cannot_say_is_null),
        cmocka_unit_test(integers_are_read_to_their_limits),
        cmocka_unit_test(only_the_listed_words_are_truth_values),
        cmocka_unit_test(lengths_need_their_unit),
        cmocka_unit_test(shares_are_fractions_or_per_cent),
        cmocka_unit_test(spans_need_their_unit),
        cmocka_unit_test(counts_are_written_with_commas),
        cmocka_unit_test(a_decimal_comma_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
