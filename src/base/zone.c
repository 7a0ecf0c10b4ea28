/* IANA time zones from the system's TZif files (RFC 8536), read by us.
 *
 * The C library's own functions take the zone from the environment, which a library must not touch.
 * A zone is loaded once into a sorted table of changes (instant, offset from then on). The rule in
 * the file's footer goes on past the last change; it is written out for 400 years, after which the
 * Gregorian calendar, weekdays included, repeats. Names of zones are checked before any file is
 * opened: they come from a case file. Called by the readers of tables with times. Immutable once
 * open, so threads may share it. Leap seconds are not counted, as in POSIX. */
#include "zone_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/scalar.h"
#include "onus/text.h"

static const char zone_dir[] = "/usr/share/zoneinfo";

enum {
    ZONE_FILE_MAX = 1 << 20,  /* the largest file of tzdata has under 4 kB */
    ZONE_NAME_MAX = 64,       /* the longest name of tzdata has 32 bytes */
    RULE_FIRST_YEAR = 1800,   /* standard time is younger */
    OFFSET_MAX_S = 26 * 3600, /* RFC 8536 section 3.2 allows -25 h to +26 h */
    DAY_S = 86400,
};

static const int64_t last_possible_s = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */
static const int64_t cycle_s = INT64_C(146097) * DAY_S;       /* 400 Gregorian years */

/* From this instant on the clock is offset_s ahead of UTC. */
typedef struct change {
    int64_t unix_s;
    int32_t offset_s;
} change;

struct onus_zone {
    change *changes; /* increasing; neighbours differ in offset */
    size_t n_changes;
    int32_t first_offset_s; /* before the first change */
    int64_t repeats_from_s; /* from here on as 400 years before; INT64_MAX: constant */
};

/* ---- the footer: a rule as in POSIX's TZ variable ---- */

typedef struct rule_day {
    char form; /* 'M' month.week.day, 'J' 1..365 without leap day, '0' 0..365 with it */
    int month;
    int week;
    int day;
    int32_t time_s; /* local, may be negative or above a day (RFC 8536 section 3.3.1) */
} rule_day;

typedef struct rule {
    int32_t standard_s;
    int32_t summer_s;
    bool has_summer;
    rule_day start;
    rule_day end;
} rule;

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

static bool read_rule_day(const char **at, rule_day *out) {
    *out = (rule_day){.form = '0', .time_s = 2 * 3600};
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

static bool is_offset(int32_t offset_s) {
    return offset_s >= -OFFSET_MAX_S && offset_s <= OFFSET_MAX_S;
}

static bool parse_rule(const char *text, rule *out) {
    const char *at = text;
    int32_t west_s = 0;
    *out = (rule){0};
    if (!skip_name(&at) || !read_hms(&at, &west_s)) {
        return false;
    }
    out->standard_s = -west_s; /* POSIX counts west of Greenwich */
    if (*at == '\0') {
        return is_offset(out->standard_s);
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
    return *at == '\0' && is_offset(out->standard_s) && is_offset(out->summer_s);
}

/* Local seconds since 1970 at which the clock changes in a year, on the clock before the change. */
static int64_t rule_local_s(const rule_day *day, int32_t year) {
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
    return days * DAY_S + day->time_s;
}

/* ---- the file ---- */

static uint32_t get_be32(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

static int32_t get_i32(const unsigned char *at) {
    return (int32_t)get_be32(at);
}

static int64_t get_i64(const unsigned char *at) {
    return (int64_t)((uint64_t)get_be32(at) << 32 | get_be32(at + 4));
}

typedef struct tzif_header {
    char version;
    size_t n_utc_flags;
    size_t n_standard_flags;
    size_t n_leaps;
    size_t n_changes;
    size_t n_types;
    size_t n_name_bytes;
} tzif_header;

enum { TZIF_HEADER_LEN = 44 };

static bool read_header(const unsigned char *bytes, size_t len, tzif_header *out) {
    if (len < TZIF_HEADER_LEN || memcmp(bytes, "TZif", 4) != 0) {
        return false;
    }
    out->version = (char)bytes[4];
    out->n_utc_flags = get_be32(bytes + 20);
    out->n_standard_flags = get_be32(bytes + 24);
    out->n_leaps = get_be32(bytes + 28);
    out->n_changes = get_be32(bytes + 32);
    out->n_types = get_be32(bytes + 36);
    out->n_name_bytes = get_be32(bytes + 40);
    return true;
}

/* Counts are 32-bit words, so the products fit a size_t of 64 bits. */
static size_t body_len(const tzif_header *header, size_t time_size) {
    return header->n_changes * (time_size + 1) + header->n_types * 6 + header->n_name_bytes +
           header->n_leaps * (time_size + 4) + header->n_standard_flags + header->n_utc_flags;
}

/* Keeps the table free of changes that change nothing (a new name, a flag). */
static onus_status add_change(onus_array *changes, int32_t first_offset_s, int64_t unix_s,
                              int32_t offset_s) {
    change *const items = changes->items;
    size_t n = changes->n_items;
    if (n > 0 && items[n - 1].unix_s == unix_s) {
        changes->n_items = --n; /* two rules at one instant: the later one stands */
    }
    const int32_t before_s = n == 0 ? first_offset_s : items[n - 1].offset_s;
    if (before_s == offset_s) {
        return ONUS_OK;
    }
    const change added = {unix_s, offset_s};
    return onus_array_push(changes, &added);
}

static onus_status write_out_rule(const rule *found, onus_array *changes, onus_zone *zone,
                                  int64_t last_listed_s) {
    onus_status status = ONUS_OK;
    if (!found->has_summer) {
        return last_listed_s == INT64_MIN
                   ? ONUS_OK
                   : add_change(changes, zone->first_offset_s, last_listed_s, found->standard_s);
    }
    int32_t first_year = RULE_FIRST_YEAR;
    int month = 0;
    int day = 0;
    const int64_t last_listed_day = last_listed_s / DAY_S - 1;
    if (last_listed_day > onus_civil_days(RULE_FIRST_YEAR, 1, 1)) {
        onus_civil_from_days(last_listed_day, &first_year, &month, &day);
    }
    int64_t last_s = last_listed_s;
    for (int32_t year = first_year; year <= first_year + 402; year++) {
        const change start = {rule_local_s(&found->start, year) - found->standard_s,
                              found->summer_s};
        const change end = {rule_local_s(&found->end, year) - found->summer_s, found->standard_s};
        const change *const ordered[] = {start.unix_s < end.unix_s ? &start : &end,
                                         start.unix_s < end.unix_s ? &end : &start};
        for (size_t i = 0; i < 2; i++) {
            if (ordered[i]->unix_s <= last_listed_s) {
                continue;
            }
            if (ordered[i]->unix_s < last_s) {
                return ONUS_ERR_DATA; /* the years overlap: no clock can follow that */
            }
            last_s = ordered[i]->unix_s;
            ONUS_TRY(add_change(changes, zone->first_offset_s, last_s, ordered[i]->offset_s));
        }
    }
    zone->repeats_from_s = onus_civil_days(first_year + 402, 1, 1) * DAY_S;
out:
    return status;
}

static onus_status bad_file(onus_error *err, const char *name, const char *why) {
    return onus_fail_plain(err, ONUS_ERR_DATA, "the system's data for time zone '%s' %s", name,
                           why);
}

/* The 64-bit block where there is one (version 2 and later), the first block otherwise. */
static onus_status decode(const unsigned char *bytes, size_t len, const char *name, onus_zone *zone,
                          onus_error *err) {
    onus_status status = ONUS_OK;
    onus_array changes = ONUS_ARRAY_OF(change);
    char footer[128] = "";
    size_t time_size = 4;
    tzif_header header = {0};
    const unsigned char *at = bytes;
    size_t n_left = len;
    if (!read_header(at, n_left, &header)) {
        status = bad_file(err, name, "is not a TZif file");
        goto out;
    }
    if (header.version >= '2') {
        const size_t skip = TZIF_HEADER_LEN + body_len(&header, 4);
        if (skip > n_left || !read_header(at + skip, n_left - skip, &header)) {
            status = bad_file(err, name, "is cut short");
            goto out;
        }
        at += skip;
        n_left -= skip;
        time_size = 8;
    }
    const size_t body = body_len(&header, time_size);
    if (n_left - TZIF_HEADER_LEN < body || header.n_types == 0) {
        status = bad_file(err, name, "is cut short");
        goto out;
    }
    if (header.n_leaps > 0) {
        status = bad_file(err, name, "counts leap seconds; use the zone without 'right/'");
        goto out;
    }
    const unsigned char *const times = at + TZIF_HEADER_LEN;
    const unsigned char *const type_of = times + header.n_changes * time_size;
    const unsigned char *const types = type_of + header.n_changes;
    zone->first_offset_s = get_i32(types); /* RFC 8536: type 0 stands before the first change */
    zone->repeats_from_s = INT64_MAX;
    if (!is_offset(zone->first_offset_s)) {
        status = bad_file(err, name, "is damaged");
        goto out;
    }
    int64_t last_s = INT64_MIN;
    for (size_t i = 0; i < header.n_changes; i++) {
        const unsigned char *const time = times + i * time_size;
        const int64_t unix_s = time_size == 8 ? get_i64(time) : get_i32(time);
        const int32_t offset_s =
            type_of[i] < header.n_types ? get_i32(types + (size_t)type_of[i] * 6) : INT32_MAX;
        if (!is_offset(offset_s) || unix_s > last_possible_s || (i > 0 && unix_s <= last_s)) {
            status = bad_file(err, name, "is damaged");
            goto out;
        }
        last_s = unix_s;
        ONUS_TRY(add_change(&changes, zone->first_offset_s, unix_s, offset_s));
    }
    const unsigned char *const tail = at + TZIF_HEADER_LEN + body;
    const size_t n_tail = n_left - TZIF_HEADER_LEN - body;
    if (time_size == 8 && n_tail > 2 && n_tail < sizeof footer && tail[0] == '\n' &&
        tail[n_tail - 1] == '\n') {
        memcpy(footer, tail + 1, n_tail - 2);
        rule found = {0};
        status = parse_rule(footer, &found) ? write_out_rule(&found, &changes, zone, last_s)
                                            : ONUS_ERR_DATA;
        if (status == ONUS_ERR_DATA) {
            status = bad_file(err, name, "ends in a rule that cannot be read");
        }
        if (status != ONUS_OK) {
            goto out;
        }
    }
    zone->changes = onus_array_take(&changes, &zone->n_changes);
out:
    onus_array_clear(&changes);
    if (status == ONUS_ERR_NOMEM) {
        return onus_fail_nomem(err);
    }
    return status;
}

static onus_status read_zone_file(const char *name, unsigned char **bytes, size_t *len,
                                  onus_error *err) {
    onus_status status = ONUS_OK;
    unsigned char *found = NULL;
    FILE *file = NULL;
    char *path = onus_path_join(zone_dir, name);
    if (path == NULL) {
        return onus_fail_nomem(err);
    }
    file = fopen(path, "rbe");
    if (file == NULL) {
        status = ONUS_ERR_NOINPUT; /* the caller words it: a misspelt name, or no data at all */
        goto out;
    }
    found = onus_alloc(ZONE_FILE_MAX);
    if (found == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    *len = fread(found, 1, ZONE_FILE_MAX, file);
    if (ferror(file) != 0) {
        status = ONUS_ERR_NOINPUT; /* a folder such as "America" opens, but cannot be read */
        goto out;
    }
    *bytes = found;
    found = NULL;
out:
    onus_free(found);
    onus_free(path);
    if (file != NULL) {
        (void)fclose(file);
    }
    return status;
}

/* ---- names ---- */

/* Letters, digits and _ + - in parts joined by single slashes: nothing that climbs out of the
 * folder. */
static bool is_zone_name(const char *name) {
    const size_t len = strnlen(name, ZONE_NAME_MAX + 1);
    if (len == 0 || len > ZONE_NAME_MAX || name[0] == '/' || name[len - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const char c = name[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!is_letter && !is_other && !(c == '/' && name[i - 1] != '/')) {
            return false;
        }
    }
    return true;
}

typedef struct suggestion {
    const char *wanted;
    size_t distance;
    char name[ZONE_NAME_MAX + 1];
} suggestion;

/* Walks the folder of zones for the nearest name; of equals the first in the alphabet. */
static void look_for_name(const char *prefix, int depth, suggestion *best) {
    char *path = onus_path_join(zone_dir, prefix);
    DIR *dir = path == NULL ? NULL : opendir(path);
    onus_free(path);
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char name[ZONE_NAME_MAX + 1];
        const int len = snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : "/",
                                 entry->d_name);
        if (len < 0 || len > ZONE_NAME_MAX || !is_zone_name(name) || strcmp(name, "posix") == 0 ||
            strcmp(name, "right") == 0 || name[0] < 'A' || name[0] > 'Z') {
            continue; /* real zones begin with a capital; the rest are tables and copies */
        }
        if (entry->d_type == DT_DIR && depth < 3) {
            look_for_name(name, depth + 1, best);
            continue;
        }
        const size_t distance = onus_text_distance(best->wanted, name, best->distance);
        if (distance < best->distance ||
            (distance == best->distance &&
             (best->name[0] == '\0' || strcmp(name, best->name) < 0))) {
            best->distance = distance;
            memcpy(best->name, name, sizeof name);
        }
    }
    (void)closedir(dir);
}

static onus_status no_such_zone(const char *name, onus_error *err) {
    DIR *dir = opendir(zone_dir);
    if (dir == NULL) {
        return onus_fail_plain(err, ONUS_ERR_NOINPUT,
                               "time zone '%s' cannot be looked up: '%s': %s; install tzdata", name,
                               zone_dir, onus_errno_text(errno));
    }
    (void)closedir(dir);
    suggestion best = {.wanted = name, .distance = 3};
    if (strnlen(name, ZONE_NAME_MAX + 1) <= ZONE_NAME_MAX) {
        look_for_name("", 0, &best);
    }
    if (best.name[0] == '\0') {
        return onus_fail_plain(err, ONUS_ERR_DATA,
                               "unknown time zone '%.*s'; expected an IANA name such as "
                               "'America/New_York'",
                               ZONE_NAME_MAX, name);
    }
    return onus_fail_plain(err, ONUS_ERR_DATA, "unknown time zone '%s'; did you mean '%s'?", name,
                           best.name);
}

onus_status onus_zone_decode(const unsigned char *bytes, size_t len, const char *name,
                             onus_zone **out, onus_error *err) {
    onus_zone *zone = onus_alloc(sizeof *zone);
    if (zone == NULL) {
        return onus_fail_nomem(err);
    }
    const onus_status status = decode(bytes, len, name, zone, err);
    if (status == ONUS_OK) {
        *out = zone;
    } else {
        onus_zone_close(zone);
    }
    return status;
}

/* UTC needs no file, and must work without tzdata. */
static onus_status open_utc(onus_zone **out, onus_error *err) {
    onus_zone *zone = onus_alloc(sizeof *zone);
    if (zone == NULL) {
        return onus_fail_nomem(err);
    }
    zone->repeats_from_s = INT64_MAX;
    *out = zone;
    return ONUS_OK;
}

onus_status onus_zone_open(const char *name, onus_zone **out, onus_error *err) {
    unsigned char *bytes = NULL;
    size_t len = 0;
    if (strcmp(name, "UTC") == 0) {
        return open_utc(out, err);
    }
    onus_status status =
        is_zone_name(name) ? read_zone_file(name, &bytes, &len, err) : ONUS_ERR_NOINPUT;
    if (status == ONUS_OK) {
        status = onus_zone_decode(bytes, len, name, out, err);
    } else if (status == ONUS_ERR_NOINPUT) {
        status = no_such_zone(name, err);
    }
    onus_free(bytes);
    return status;
}

void onus_zone_close(onus_zone *zone) {
    if (zone != NULL) {
        onus_free(zone->changes);
        onus_free(zone);
    }
}

/* ---- conversion ---- */

/* Number of changes at or before an instant. */
static size_t n_changes_until(const onus_zone *zone, int64_t unix_s) {
    size_t low = 0;
    size_t high = zone->n_changes;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].unix_s <= unix_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t offset_before(const onus_zone *zone, size_t i) {
    return i == 0 ? zone->first_offset_s : zone->changes[i - 1].offset_s;
}

/* Seconds to take off so that the instant falls into the part of the rule that is written out. */
static int64_t whole_cycles_s(const onus_zone *zone, int64_t unix_s) {
    if (unix_s < zone->repeats_from_s) {
        return 0;
    }
    return ((unix_s - zone->repeats_from_s) / cycle_s + 1) * cycle_s;
}

onus_local_kind onus_zone_to_unix(const onus_zone *zone, const onus_civil *civil, double *unix_s) {
    const int64_t written_s = onus_civil_days(civil->year, civil->month, civil->day) * DAY_S +
                              (int64_t)civil->hour * 3600 + (int64_t)civil->minute * 60 +
                              civil->second;
    if (civil->has_offset) {
        *unix_s = (double)(written_s - civil->offset_s) + civil->fraction_s;
        return ONUS_LOCAL_ONCE;
    }
    /* Two days of slack, so that every change that matters below lies before repeats_from_s. */
    const int64_t cycles_s = whole_cycles_s(zone, written_s + 2 * (int64_t)DAY_S);
    const int64_t local_s = written_s - cycles_s;

    /* The instant lies between these two whatever the offset. Every stretch of constant offset
     * that begins before `last` and ends after `first` may show this wall-clock time:
     *
     *      first          change i-1        change i        last
     *        |----------------|--------o--------|------------|
     *                           offset_before(i) */
    const int64_t first = local_s - OFFSET_MAX_S;
    const int64_t last = local_s + OFFSET_MAX_S;
    size_t n_found = 0;
    int64_t earliest_s = 0;
    int64_t jump_s = 0;
    for (size_t i = n_changes_until(zone, first);; i++) {
        const int64_t from_s = i == 0 ? INT64_MIN : zone->changes[i - 1].unix_s;
        const int64_t until_s = i == zone->n_changes ? INT64_MAX : zone->changes[i].unix_s;
        const int64_t instant_s = local_s - offset_before(zone, i);
        if (instant_s >= from_s && instant_s < until_s) {
            earliest_s = n_found == 0 ? instant_s : earliest_s;
            n_found++;
        } else if (instant_s >= until_s && local_s - offset_before(zone, i + 1) < until_s) {
            jump_s = until_s; /* the clock went from before this time to past it */
        }
        if (until_s > last) {
            break;
        }
    }
    const int64_t answer_s = n_found > 0 ? earliest_s : jump_s;
    *unix_s = (double)(answer_s + cycles_s) + (n_found > 0 ? civil->fraction_s : 0);
    return n_found == 1 ? ONUS_LOCAL_ONCE : n_found > 1 ? ONUS_LOCAL_TWICE : ONUS_LOCAL_NEVER;
}

int64_t onus_zone_local_s(const onus_zone *zone, double unix_s) {
    assert(fabs(unix_s) < 1e15);
    const int64_t whole_s = (int64_t)floor(unix_s);
    const int64_t shown_s = whole_s - whole_cycles_s(zone, whole_s);
    return whole_s + offset_before(zone, n_changes_until(zone, shown_s));
}
