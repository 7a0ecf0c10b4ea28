/* Calendar dates and written times.
 *
 * Day numbers follow Hinnant's algorithm ("chrono-compatible low-level date algorithms"): the year
 * is taken to begin in March, so that the leap day is the last one and the months have a linear
 * rule; eras of 400 years make it exact for every year. The two parsers are ours because strptime
 * depends on the locale, skips what it likes and accepts year 18. Called by the case parser
 * (period) and, for every row, by the table readers. Nothing here knows a time zone; that is
 * zone.c. */
#include "onus/civil.h"

#include <math.h>
#include <string.h>

enum { DAYS_PER_ERA = 146097, DAYS_TO_UNIX_EPOCH = 719468 };

int64_t onus_civil_days(int32_t year, int month, int day) {
    const int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_UNIX_EPOCH;
}

void onus_civil_from_days(int64_t days, int32_t *year, int *month, int *day) {
    const int64_t shifted = days + DAYS_TO_UNIX_EPOCH;
    const int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    const int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int32_t)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

int onus_civil_weekday(int64_t days) {
    /* 1970-01-01 was a Thursday. */
    const int64_t rest = (days + 3) % 7;
    return (int)(rest < 0 ? rest + 7 : rest);
}

static int days_in_month(int32_t year, int month) {
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* What is left of the text. */
typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_char(cursor *in, char c) {
    if (in->at == in->end || *in->at != c) {
        return false;
    }
    in->at++;
    return true;
}

/* Between n_min and n_max digits, as many as there are, with a value in [low, high]. */
static bool take_number(cursor *in, int n_min, int n_max, int low, int high, int *out) {
    int value = 0;
    int n = 0;
    while (n < n_max && in->at < in->end && is_digit(*in->at)) {
        value = value * 10 + (*in->at - '0');
        in->at++;
        n++;
    }
    *out = value;
    return n >= n_min && value >= low && value <= high;
}

static bool take_fraction(cursor *in, double *out) {
    double value = 0;
    double scale = 1;
    int n = 0;
    while (n < 9 && in->at < in->end && is_digit(*in->at)) {
        value = value * 10 + (*in->at - '0');
        scale *= 10;
        in->at++;
        n++;
    }
    *out = value / scale;
    return n > 0;
}

/* "Z", "+hh", "+hhmm" or "+hh:mm". */
static bool take_offset(cursor *in, onus_civil *out) {
    out->has_offset = true;
    if (take_char(in, 'Z') || take_char(in, 'z')) {
        out->offset_s = 0;
        return true;
    }
    const bool is_west = in->at < in->end && *in->at == '-';
    if (!take_char(in, '+') && !take_char(in, '-')) {
        return false;
    }
    int hours = 0;
    int minutes = 0;
    if (!take_number(in, 2, 2, 0, 26, &hours)) {
        return false;
    }
    const bool has_colon = take_char(in, ':');
    const bool has_minutes = has_colon || (in->at < in->end && is_digit(*in->at));
    if (has_minutes && !take_number(in, 2, 2, 0, 59, &minutes)) {
        return false;
    }
    const int32_t offset_s = hours * 3600 + minutes * 60;
    out->offset_s = is_west ? -offset_s : offset_s;
    return true;
}

/* The fields as ints, before they are known to make a date. */
typedef struct fields {
    int year;
    int month;
    int day;
    int hour;
    int hour12; /* 0: not given */
    bool is_pm;
    int minute;
    int second;
    onus_civil rest; /* offset and fraction */
} fields;

static bool finish(const fields *in, onus_civil *out) {
    if (in->year < 1 || in->month < 1 || in->day < 1 ||
        in->day > days_in_month(in->year, in->month)) {
        return false;
    }
    const int hour = in->hour12 > 0 ? in->hour12 % 12 + (in->is_pm ? 12 : 0) : in->hour;
    *out = in->rest;
    out->year = in->year;
    out->month = (int8_t)in->month;
    out->day = (int8_t)in->day;
    out->hour = (int8_t)hour;
    out->minute = (int8_t)in->minute;
    out->second = (int8_t)in->second;
    return true;
}

static bool take_iso_date(cursor *in, fields *out) {
    return take_number(in, 4, 4, 1, 9999, &out->year) && take_char(in, '-') &&
           take_number(in, 2, 2, 1, 12, &out->month) && take_char(in, '-') &&
           take_number(in, 2, 2, 1, 31, &out->day);
}

static bool take_clock(cursor *in, fields *out) {
    return take_number(in, 2, 2, 0, 23, &out->hour) && take_char(in, ':') &&
           take_number(in, 2, 2, 0, 59, &out->minute);
}

bool onus_civil_parse_iso(const char *text, size_t len, onus_civil *out) {
    cursor in = {text, text + len};
    fields found = {0};
    if (!take_iso_date(&in, &found)) {
        return false;
    }
    if (in.at == in.end) {
        return finish(&found, out);
    }
    if ((!take_char(&in, 'T') && !take_char(&in, ' ')) || !take_clock(&in, &found)) {
        return false;
    }
    if (take_char(&in, ':')) {
        if (!take_number(&in, 2, 2, 0, 60, &found.second)) {
            return false;
        }
        if (take_char(&in, '.') && !take_fraction(&in, &found.rest.fraction_s)) {
            return false;
        }
    }
    if (in.at < in.end && !take_offset(&in, &found.rest)) {
        return false;
    }
    return in.at == in.end && finish(&found, out);
}

static bool equals_fold(const char *text, const char *lower, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != lower[i]) {
            return false;
        }
    }
    return true;
}

/* English month names, short or in full; in full where both would do. */
static bool take_month_name(cursor *in, int *month) {
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    const size_t n_left = (size_t)(in->end - in->at);
    for (int i = 0; i < 12; i++) {
        const size_t name_len = strlen(names[i]);
        if (n_left >= 3 && equals_fold(in->at, names[i], 3)) {
            const bool in_full = n_left >= name_len && equals_fold(in->at, names[i], name_len);
            in->at += in_full ? name_len : 3;
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_am_pm(cursor *in, bool *is_pm) {
    if (in->end - in->at < 2) {
        return false;
    }
    *is_pm = equals_fold(in->at, "pm", 2);
    if (!*is_pm && !equals_fold(in->at, "am", 2)) {
        return false;
    }
    in->at += 2;
    return true;
}

static bool take_two_digit_year(cursor *in, int *year) {
    if (!take_number(in, 2, 2, 0, 99, year)) {
        return false;
    }
    *year += *year >= 69 ? 1900 : 2000; /* POSIX strptime */
    return true;
}

static bool take_specifier(cursor *in, char specifier, fields *out) {
    switch (specifier) {
    case 'Y':
        return take_number(in, 4, 4, 1, 9999, &out->year);
    case 'y':
        return take_two_digit_year(in, &out->year);
    case 'm':
        return take_number(in, 1, 2, 1, 12, &out->month);
    case 'b':
        return take_month_name(in, &out->month);
    case 'd':
        return take_number(in, 1, 2, 1, 31, &out->day);
    case 'H':
        return take_number(in, 1, 2, 0, 23, &out->hour);
    case 'I':
        return take_number(in, 1, 2, 1, 12, &out->hour12);
    case 'M':
        return take_number(in, 1, 2, 0, 59, &out->minute);
    case 'S':
        return take_number(in, 1, 2, 0, 60, &out->second);
    case 'f':
        return take_fraction(in, &out->rest.fraction_s);
    case 'p':
        return take_am_pm(in, &out->is_pm);
    case 'z':
        return take_offset(in, &out->rest);
    case 'T':
        return take_clock(in, out) && take_char(in, ':') &&
               take_number(in, 2, 2, 0, 60, &out->second);
    case 'D':
        return take_number(in, 1, 2, 1, 12, &out->month) && take_char(in, '/') &&
               take_number(in, 1, 2, 1, 31, &out->day) && take_char(in, '/') &&
               take_two_digit_year(in, &out->year);
    case 'F':
        return take_iso_date(in, out);
    case '%':
        return take_char(in, '%');
    default:
        return false;
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool onus_civil_parse(const char *text, size_t len, const char *format, onus_civil *out) {
    cursor in = {text, text + len};
    fields found = {0};
    for (const char *f = format; *f != '\0'; f++) {
        if (*f == '%' && f[1] != '\0') {
            f++;
            if (!take_specifier(&in, *f, &found)) {
                return false;
            }
        } else if (is_blank(*f)) {
            /* "Feb  5": blanks of the format stand for one or more in the text. */
            if (in.at == in.end || !is_blank(*in.at)) {
                return false;
            }
            while (in.at < in.end && is_blank(*in.at)) {
                in.at++;
            }
            while (is_blank(f[1])) {
                f++;
            }
        } else if (!take_char(&in, *f)) {
            return false;
        }
    }
    return in.at == in.end && finish(&found, out);
}

static bool has_specifier(const char *format, char wanted) {
    for (const char *f = strchr(format, '%'); f != NULL && f[1] != '\0'; f = strchr(f + 2, '%')) {
        if (f[1] == wanted) {
            return true;
        }
    }
    return false;
}

const char *onus_civil_format_check(const char *format) {
    const char *unmatched_12h = NULL;
    const bool has_hour12 = has_specifier(format, 'I');
    const bool has_am_pm = has_specifier(format, 'p');
    for (const char *f = strchr(format, '%'); f != NULL; f = strchr(f + 2, '%')) {
        if (f[1] == '\0' || strchr("YymbdHIMSfpzTDF%", f[1]) == NULL) {
            return f;
        }
        /* "08:00 PM" read by %H would be taken for the morning; a bare %I cannot tell. */
        if (has_hour12 != has_am_pm && (f[1] == 'I' || f[1] == 'p') && unmatched_12h == NULL) {
            unmatched_12h = f;
        }
    }
    return unmatched_12h;
}

double onus_zone_add_s(const onus_zone *zone, double unix_s, double span_s) {
    static const int64_t DAY_S = 86400;
    if (zone == NULL || fmod(span_s, (double)DAY_S) != 0.0) {
        return unix_s + span_s;
    }
    const int64_t local_s = onus_zone_local_s(zone, unix_s) + (int64_t)span_s;
    const int64_t day = local_s / DAY_S - (local_s % DAY_S < 0 ? 1 : 0);
    const int64_t rest = local_s - day * DAY_S;
    int month = 0;
    int of_month = 0;
    onus_civil civil = {.hour = (int8_t)(rest / 3600),
                        .minute = (int8_t)(rest / 60 % 60),
                        .second = (int8_t)(rest % 60),
                        .fraction_s = unix_s - floor(unix_s)};
    onus_civil_from_days(day, &civil.year, &month, &of_month);
    civil.month = (int8_t)month;
    civil.day = (int8_t)of_month;
    double later = 0;
    (void)onus_zone_to_unix(zone, &civil, &later);
    return later;
}
