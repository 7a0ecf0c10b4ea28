/* Text to number and back, free of any locale.
 *
 * The grammar of a number is ours and strict; the digits are turned into a double exactly. Up to 19
 * significant digits fit a 64-bit word w. If w has at most 53 bits and the power of ten is at most
 * 22, one multiplication or division of two exact doubles is correctly rounded (Clinger 1990). Up
 * to powers of 19 the quotient or product is formed in 128 bits with a sticky bit for the rest and
 * rounded once. Everything else goes to the C library with its fixed "C" locale. The table scanner
 * calls onus_parse_double for every field of every row, which is why the first two roads exist.
 *
 * A point needs a digit after it and none before: ".5" is what Stata and SPSS write, "5." is more
 * likely a cut-off number or the end of a sentence. */
#include "onus/scalar.h"

#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

__extension__ typedef unsigned __int128
    wide; /* gcc and clang both have it on every 64-bit target */

enum {
    NUMBER_TEXT_MAX = 1100, /* the longest exact expansion of a double has 1,075 digits */
    EXPONENT_CAP = 100000,  /* larger exponents overflow or vanish whatever the digits are */
    WORD_DIGITS = 19,
};

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t word_powers[] = {UINT64_C(1),
                                       UINT64_C(10),
                                       UINT64_C(100),
                                       UINT64_C(1000),
                                       UINT64_C(10000),
                                       UINT64_C(100000),
                                       UINT64_C(1000000),
                                       UINT64_C(10000000),
                                       UINT64_C(100000000),
                                       UINT64_C(1000000000),
                                       UINT64_C(10000000000),
                                       UINT64_C(100000000000),
                                       UINT64_C(1000000000000),
                                       UINT64_C(10000000000000),
                                       UINT64_C(100000000000000),
                                       UINT64_C(1000000000000000),
                                       UINT64_C(10000000000000000),
                                       UINT64_C(100000000000000000),
                                       UINT64_C(1000000000000000000),
                                       UINT64_C(10000000000000000000)};

static locale_t c_locale;
static once_flag c_locale_once = ONCE_FLAG_INIT;

/* glibc answers this request with a static object: it cannot fail and is never freed. */
static void make_c_locale(void) {
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t get_c_locale(void) {
    call_once(&c_locale_once, make_c_locale);
    return c_locale;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A number taken apart: word * 10^exponent10, exact unless more than 19 digits were seen. */
typedef struct decimal {
    uint64_t word;
    int n_digits; /* significant digits seen, leading zeros not counted */
    int exponent10;
    bool is_negative;
} decimal;

static void add_digit(decimal *number, char c) {
    if (number->n_digits < WORD_DIGITS) {
        number->word = number->word * 10 + (uint64_t)(c - '0');
    }
    if (number->word != 0) {
        number->n_digits++;
    }
}

/* Whole-text scan of [+-] digits [. digits] [e [+-] digits]. */
static bool scan_decimal(const char *text, size_t len, decimal *number) {
    size_t i = 0;
    if (i < len && (text[i] == '-' || text[i] == '+')) {
        number->is_negative = text[i] == '-';
        i++;
    }
    const size_t whole_start = i;
    while (i < len && is_digit(text[i])) {
        add_digit(number, text[i]);
        i++;
    }
    bool has_digits = i > whole_start;
    if (i < len && text[i] == '.') {
        i++;
        const size_t fraction_start = i;
        while (i < len && is_digit(text[i])) {
            add_digit(number, text[i]);
            i++;
        }
        if (i == fraction_start) {
            return false;
        }
        has_digits = true;
        number->exponent10 = -(int)(i - fraction_start);
    }
    if (!has_digits) {
        return false;
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        int sign = 1;
        if (i < len && (text[i] == '-' || text[i] == '+')) {
            sign = text[i] == '-' ? -1 : 1;
            i++;
        }
        const size_t exponent_start = i;
        int exponent = 0;
        while (i < len && is_digit(text[i])) {
            exponent = exponent < EXPONENT_CAP ? exponent * 10 + (text[i] - '0') : EXPONENT_CAP;
            i++;
        }
        if (i == exponent_start) {
            return false;
        }
        number->exponent10 += sign * exponent;
    }
    return i == len;
}

/* word * 10^exponent10, correctly rounded, for |exponent10| <= 19; false where 128 bits are too
 * few. */
static bool round_wide(uint64_t word, int exponent10, double *out) {
    if (exponent10 >= 0) {
        *out = (double)((wide)word * word_powers[exponent10]);
        return true;
    }
    /* Quotient with 64 bits after the point; the sticky bit stands for a remainder of any size and
     * sits below the last kept bit as long as the quotient has more than 54 bits. */
    const uint64_t divisor = word_powers[-exponent10];
    const wide dividend = (wide)word << 64;
    wide quotient = dividend / divisor;
    if (quotient >> 55 == 0) {
        return false;
    }
    quotient |= quotient * divisor == dividend ? 0U : 1U;
    *out = (double)quotient * 0x1p-64;
    return true;
}

static bool slow_double(const char *text, size_t len, double *out) {
    char copy[NUMBER_TEXT_MAX + 1];
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *end = NULL;
    const double value = strtod_l(copy, &end, get_c_locale());
    if (end != copy + len || !isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

bool onus_parse_double(const char *text, size_t len, double *out) {
    decimal number = {0};
    if (len > NUMBER_TEXT_MAX || !scan_decimal(text, len, &number)) {
        return false;
    }
    double value = 0;
    if (number.word == 0 && number.n_digits == 0) {
        *out = number.is_negative ? -0.0 : 0.0;
        return true;
    }
    if (number.n_digits > WORD_DIGITS) {
        return slow_double(text, len, out);
    }
    const int exponent10 = number.exponent10;
    if (number.word <= (UINT64_C(1) << 53) && exponent10 >= -22 && exponent10 <= 22) {
        const double word = (double)number.word;
        value = exponent10 < 0 ? word / exact_powers[-exponent10] : word * exact_powers[exponent10];
    } else if (exponent10 < -WORD_DIGITS || exponent10 > WORD_DIGITS ||
               !round_wide(number.word, exponent10, &value)) {
        return slow_double(text, len, out);
    }
    *out = number.is_negative ? -value : value;
    return true;
}

bool onus_parse_int64(const char *text, size_t len, int64_t *out) {
    size_t i = 0;
    bool is_negative = false;
    if (len > 0 && (text[0] == '-' || text[0] == '+')) {
        is_negative = text[0] == '-';
        i = 1;
    }
    if (i == len) {
        return false;
    }
    int64_t value = 0;
    for (; i < len; i++) {
        if (!is_digit(text[i])) {
            return false;
        }
        /* Collected on the negative side, which reaches one further. */
        if (__builtin_mul_overflow(value, INT64_C(10), &value) ||
            __builtin_sub_overflow(value, (int64_t)(text[i] - '0'), &value)) {
            return false;
        }
    }
    if (!is_negative) {
        if (value == INT64_MIN) {
            return false;
        }
        value = -value;
    }
    *out = value;
    return true;
}

static bool equals(const char *text, size_t len, const char *word) {
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

bool onus_parse_bool(const char *text, size_t len, bool *out) {
    if (equals(text, len, "true") || equals(text, len, "yes")) {
        *out = true;
        return true;
    }
    if (equals(text, len, "false") || equals(text, len, "no")) {
        *out = false;
        return true;
    }
    return false;
}

typedef struct unit {
    const char *name;
    double factor;
} unit;

/* A number, at most one blank, one of the units. */
static bool parse_with_unit(const char *text, size_t len, const unit *units, size_t n_units,
                            double *out) {
    for (size_t i = 0; i < n_units; i++) {
        const size_t unit_len = strlen(units[i].name);
        if (len <= unit_len || memcmp(text + (len - unit_len), units[i].name, unit_len) != 0) {
            continue;
        }
        size_t number_len = len - unit_len;
        if (text[number_len - 1] == ' ') {
            number_len--;
        }
        double value = 0;
        if (!onus_parse_double(text, number_len, &value)) {
            continue; /* "5 km" also ends in "m" */
        }
        value *= units[i].factor;
        if (!isfinite(value)) {
            return false;
        }
        *out = value;
        return true;
    }
    return false;
}

bool onus_parse_length_m(const char *text, size_t len, double *out_m) {
    /* The foot and the mile are the international ones of 1959, exact by definition. */
    static const unit units[] = {{"km", 1000.0}, {"ft", 0.3048}, {"mi", 1609.344}, {"m", 1.0}};
    return parse_with_unit(text, len, units, sizeof units / sizeof units[0], out_m);
}

bool onus_parse_share(const char *text, size_t len, double *out_frac) {
    double value = 0;
    if (len > 0 && text[len - 1] == '%') {
        size_t number_len = len - 1;
        if (number_len > 0 && text[number_len - 1] == ' ') {
            number_len--;
        }
        if (!onus_parse_double(text, number_len, &value)) {
            return false;
        }
        *out_frac =
            value / 100; /* divided, not multiplied by 0.01: 5 % is the same double as 0.05 */
        return true;
    }
    return onus_parse_double(text, len, out_frac);
}

bool onus_parse_span_s(const char *text, size_t len, double *out_s) {
    static const unit units[] = {
        {"min", 60.0}, {"s", 1.0}, {"h", 3600.0}, {"d", 86400.0}, {"w", 604800.0}};
    return parse_with_unit(text, len, units, sizeof units / sizeof units[0], out_s);
}

int onus_vformat(char *buf, size_t size, const char *fmt, va_list args) {
    /* glibc has no vsnprintf_l; uselocale changes this thread alone, and only for this one call. */
    const locale_t before = uselocale(get_c_locale());
    const int len = vsnprintf(buf, size, fmt, args);
    (void)uselocale(before);
    return len;
}

int onus_format(char *buf, size_t size, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const int len = onus_vformat(buf, size, fmt, args);
    va_end(args);
    return len;
}

const char *onus_errno_text(int number) {
    return strerror_l(number, get_c_locale());
}

size_t onus_format_double(double value, char *buf) {
    if (!isfinite(value)) {
        memcpy(buf, "null", sizeof "null");
        return sizeof "null" - 1;
    }
    const int len = onus_format(buf, ONUS_DOUBLE_TEXT_MAX, "%.17g", value);
    assert(len > 0 && len < ONUS_DOUBLE_TEXT_MAX);
    return (size_t)len;
}

size_t onus_format_count(int64_t value, char *buf) {
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%" PRId64, value);
    assert(len > 0 && len < (int)sizeof digits);
    const size_t n = (size_t)len;
    const size_t first = digits[0] == '-' ? 1 : 0;
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > first && (n - i) % 3 == 0) {
            buf[to++] = ',';
        }
        buf[to++] = digits[i];
    }
    buf[to] = '\0';
    return to;
}
