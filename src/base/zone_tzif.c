/* A time zone from the bytes of a TZif file (RFC 8536), read by us.
 *
 * The block of 64-bit times is taken where there is one. The rule in the file's footer goes on past
 * the last change; it is written out for 400 years, after which the Gregorian calendar, weekdays
 * included, repeats. Called by zone_name.c and by the fuzz harness. Never trusts a count or an
 * index in the file; leap seconds are refused, as POSIX does not count them. */
#include "zone_internal.h"

#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"

enum { RULE_FIRST_YEAR = 1800 }; /* standard time is younger */

static const int64_t last_possible_s = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */

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
    onus_zone_change *const items = changes->items;
    size_t n = changes->n_items;
    if (n > 0 && items[n - 1].unix_s == unix_s) {
        changes->n_items = --n; /* two rules at one instant: the later one stands */
    }
    const int32_t before_s = n == 0 ? first_offset_s : items[n - 1].offset_s;
    if (before_s == offset_s) {
        return ONUS_OK;
    }
    const onus_zone_change added = {unix_s, offset_s};
    return onus_array_push(changes, &added);
}

static onus_status write_out_rule(const onus_zone_rule *found, onus_array *changes, onus_zone *zone,
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
    const int64_t last_listed_day = last_listed_s / ONUS_ZONE_DAY_S - 1;
    if (last_listed_day > onus_civil_days(RULE_FIRST_YEAR, 1, 1)) {
        onus_civil_from_days(last_listed_day, &first_year, &month, &day);
    }
    int64_t last_s = last_listed_s;
    for (int32_t year = first_year; year <= first_year + 402; year++) {
        const onus_zone_change start = {
            onus_zone_rule_local_s(&found->start, year) - found->standard_s, found->summer_s};
        const onus_zone_change end = {onus_zone_rule_local_s(&found->end, year) - found->summer_s,
                                      found->standard_s};
        const onus_zone_change *const ordered[] = {start.unix_s < end.unix_s ? &start : &end,
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
    zone->repeats_from_s = onus_civil_days(first_year + 402, 1, 1) * ONUS_ZONE_DAY_S;
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
    onus_array changes = ONUS_ARRAY_OF(onus_zone_change);
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
    if (!onus_zone_is_offset(zone->first_offset_s)) {
        status = bad_file(err, name, "is damaged");
        goto out;
    }
    int64_t last_s = INT64_MIN;
    for (size_t i = 0; i < header.n_changes; i++) {
        const unsigned char *const time = times + i * time_size;
        const int64_t unix_s = time_size == 8 ? get_i64(time) : get_i32(time);
        const int32_t offset_s =
            type_of[i] < header.n_types ? get_i32(types + (size_t)type_of[i] * 6) : INT32_MAX;
        if (!onus_zone_is_offset(offset_s) || unix_s > last_possible_s ||
            (i > 0 && unix_s <= last_s)) {
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
        onus_zone_rule found = {0};
        status = onus_zone_rule_parse(footer, &found)
                     ? write_out_rule(&found, &changes, zone, last_s)
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
