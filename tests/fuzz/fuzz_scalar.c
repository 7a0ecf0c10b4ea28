/* Any bytes as a number, a length, a share, a span, a date, a format or a word. What is accepted
 * must agree with the C library, survive the way back, and lie in the range that the header
 * promises. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/civil.h"
#include "onus/scalar.h"
#include "onus/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact) {
    if (!fact) {
        abort();
    }
}

static void check_civil(const onus_civil *c) {
    int32_t year = 0;
    int month = 0;
    int day = 0;
    onus_civil_from_days(onus_civil_days(c->year, c->month, c->day), &year, &month, &day);
    must(year == c->year && month == c->month && day == c->day && year >= 1 && year <= 9999);
    must(c->hour >= 0 && c->hour <= 23 && c->minute >= 0 && c->minute <= 59);
    must(c->second >= 0 && c->second <= 60 && c->fraction_s >= 0 && c->fraction_s < 1);
    must(abs(c->offset_s) <= 27 * 3600 && (c->has_offset || c->offset_s == 0));
}

static void check_numbers(const char *text, size_t len) {
    double value = 0;
    if (onus_parse_double(text, len, &value)) {
        char *copy = onus_strndup(text, len);
        must(copy != NULL && strlen(copy) == len && value == strtod(copy, NULL));
        onus_free(copy);
        char buf[ONUS_DOUBLE_TEXT_MAX];
        double back = 0;
        must(onus_parse_double(buf, onus_format_double(value, buf), &back));
        must(memcmp(&back, &value, sizeof back) == 0);
    }
    int64_t whole = 0;
    if (onus_parse_int64(text, len, &whole)) {
        char buf[32];
        must(onus_format_count(whole, buf) < sizeof buf);
        must(len > 1100 || (onus_parse_double(text, len, &value) && value == (double)whole));
    }
    bool flag = false;
    must(!onus_parse_bool(text, len, &flag) || len <= 5);
    must(!onus_parse_length_m(text, len, &value) || isfinite(value));
    must(!onus_parse_share(text, len, &value) || isfinite(value));
    must(!onus_parse_span_s(text, len, &value) || isfinite(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    check_numbers(text, size);
    const size_t good = onus_utf8_check(text, size);
    must(good <= size && onus_utf8_check(text, good) == good);
    onus_civil civil = {0};
    if (onus_civil_parse_iso(text, size, &civil)) {
        check_civil(&civil);
    }
    /* A format, a line end, and a text for it. */
    const char *end = size == 0 ? NULL : memchr(text, '\n', size);
    if (end == NULL) {
        return 0;
    }
    char *format = onus_strndup(text, (size_t)(end - text));
    const char *rest = end + 1;
    const size_t n_rest = size - (size_t)(rest - text);
    must(format != NULL);
    const char *offending = onus_civil_format_check(format);
    must(offending == NULL || *offending == '%');
    if (onus_civil_parse(rest, n_rest, format, &civil)) {
        check_civil(&civil);
    }
    char *other = onus_strndup(rest, n_rest);
    must(other != NULL);
    const size_t distance = onus_text_distance(format, other, 3);
    must(distance <= 4 && distance == onus_text_distance(other, format, 3));
    must((distance == 0) == onus_text_equal_fold(format, other));
    onus_free(other);
    onus_free(format);
    return 0;
}
