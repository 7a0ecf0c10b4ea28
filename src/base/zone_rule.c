/* The rule in the footer of a TZif file: when the clock changes in years past the last one listed.
 *
 * The footer is written as in POSIX's TZ variable, with the longer times of RFC 8536 section 3.3.1:
 *
 *     EST5EDT,M3.2.0,M11.1.0      name, hours west, name of summer time, its first and last day
 *
 * It comes from a file, so every number has its bound and the whole text must parse. Called by
 * zone_tzif.c, which writes the rule out. Never guesses at dates that are not there: POSIX leaves
 * their meaning open. */
#include "zone_internal.h"

static bool skip_name(const char **at) {
    const char *p = *at;
    size_t n = 0;
    if (*p == '<') {
        for (p++; *p != '\0' && *p != '>'; p++) {
            n++;
        }
        if (*p != '>') {
            return false;
        }
        p++;
    } else {
        while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z')) {
            p++;
            n++;
        }
    }
    *at = p;
    return n >= 3;
}

static bool read_int(const char **at, int high, int *out) {
    const char *p = *at;
    int value = 0;
    while (*p >= '0' && *p <= '9' && value <= high) {
        value = value * 10 + (*p - '0');
        p++;
    }
    if (p == *at || value > high) {
        return false;
    }
    *at = p;
    *out = value;
    return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool read_hms(const char **at, int32_t *out) {
    int sign = 1;
    if (**at == '-' || **at == '+') {
        sign = **at == '-' ? -1 : 1;
        (*at)++;
    }
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    if (!read_int(at, 167, &hours)) {
        return false;
    }
    if (**at == ':') {
        (*at)++;
        if (!read_int(at, 59, &minutes)) {
            return false;
        }
        if (**at == ':') {
            (*at)++;
            if (!read_int(at, 59, &seconds)) {
                return false;
            }
        }
    }
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_rule_day(const char **at, onus_zone_rule_day *out) {
    *out = (onus_zone_rule_day){.form = '0', .time_s = 2 * 3600};
    if (**at == 'M') {
        out->form = 'M';
        (*at)++;
        if (!read_int(at, 12, &out->month) || *(*at)++ != '.' || !read_int(at, 5, &out->week) ||
            *(*at)++ != '.' || !read_int(at, 6, &out->day) || out->month < 1 || out->week < 1) {
            return false;
        }
    } else {
        if (**at == 'J') {
            out->form = 'J';
            (*at)++;
        }
        if (!read_int(at, 365, &out->day) || (out->form == 'J' && out->day < 1)) {
            return false;
        }
    }
    if (**at == '/') {
        (*at)++;
        return read_hms(at, &out->time_s);
    }
    return true;
}

bool onus_zone_is_offset(int32_t offset_s) {
    return offset_s >= -ONUS_ZONE_OFFSET_MAX_S && offset_s <= ONUS_ZONE_OFFSET_MAX_S;
}

bool onus_zone_rule_parse(const char *text, onus_zone_rule *out) {
    const char *at = text;
    int32_t west_s = 0;
    *out = (onus_zone_rule){0};
    if (!skip_name(&at) || !read_hms(&at, &west_s)) {
        return false;
    }
    out->standard_s = -west_s; /* POSIX counts west of Greenwich */
    if (*at == '\0') {
        return onus_zone_is_offset(out->standard_s);
    }
    out->has_summer = true;
    out->summer_s = out->standard_s + 3600;
    if (!skip_name(&at)) {
        return false;
    }
    if (*at != ',') {
        if (!read_hms(&at, &west_s)) {
            return false;
        }
        out->summer_s = -west_s;
    }
    /* A footer without dates does not occur; POSIX leaves their meaning open. */
    if (*at++ != ',' || !read_rule_day(&at, &out->start) || *at++ != ',' ||
        !read_rule_day(&at, &out->end)) {
        return false;
    }
    return *at == '\0' && onus_zone_is_offset(out->standard_s) &&
           onus_zone_is_offset(out->summer_s);
}

int64_t onus_zone_rule_local_s(const onus_zone_rule_day *day, int32_t year) {
    int64_t days = 0;
    if (day->form == 'M') {
        const int64_t first = onus_civil_days(year, day->month, 1);
        const int first_weekday = (onus_civil_weekday(first) + 1) % 7; /* 0 = Sunday */
        days = first + (day->day - first_weekday + 7) % 7 + (int64_t)(day->week - 1) * 7;
        const int64_t next_month = day->month == 12 ? onus_civil_days(year + 1, 1, 1)
                                                    : onus_civil_days(year, day->month + 1, 1);
        while (days >= next_month) {
            days -= 7; /* week 5 means the last one */
        }
    } else {
        const int64_t new_year = onus_civil_days(year, 1, 1);
        const bool is_leap = onus_civil_days(year, 3, 1) - new_year == 60;
        days = new_year + day->day;
        if (day->form == 'J') {
            days += is_leap && day->day >= 60 ? 0 : -1;
        }
    }
    return days * ONUS_ZONE_DAY_S + day->time_s;
}
