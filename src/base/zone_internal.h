/* What the four sources of a time zone share: zone_name.c finds its file, zone_tzif.c decodes the
 * bytes (the part that takes bytes from outside, for its fuzz harness), zone_rule.c reads the rule
 * in the file's footer, zone.c converts. */
#ifndef ONUS_ZONE_INTERNAL_H
#define ONUS_ZONE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/civil.h"

enum {
    ONUS_ZONE_OFFSET_MAX_S = 26 * 3600, /* RFC 8536 section 3.2 allows -25 h to +26 h */
    ONUS_ZONE_DAY_S = 86400,
};

/** From this instant on the clock is offset_s ahead of UTC. */
typedef struct onus_zone_change {
    int64_t unix_s;
    int32_t offset_s;
} onus_zone_change;

struct onus_zone {
    onus_zone_change *changes; /* increasing; neighbours differ in offset */
    size_t n_changes;
    int32_t first_offset_s; /* before the first change */
    int64_t repeats_from_s; /* from here on as 400 years before; INT64_MAX: constant */
};

typedef struct onus_zone_rule_day {
    char form; /* 'M' month.week.day, 'J' 1..365 without leap day, '0' 0..365 with it */
    int month;
    int week;
    int day;
    int32_t time_s; /* local, may be negative or above a day (RFC 8536 section 3.3.1) */
} onus_zone_rule_day;

typedef struct onus_zone_rule {
    int32_t standard_s;
    int32_t summer_s;
    bool has_summer;
    onus_zone_rule_day start;
    onus_zone_rule_day end;
} onus_zone_rule;

bool onus_zone_is_offset(int32_t offset_s);

/** A rule as in POSIX's TZ variable, the whole text; false: it is none. */
bool onus_zone_rule_parse(const char *text, onus_zone_rule *out) ONUS_MUST_USE;

/** Local seconds since 1970 at which the clock changes in a year, on the clock before the change.
 */
int64_t onus_zone_rule_local_s(const onus_zone_rule_day *day, int32_t year);

/** A zone from the bytes of a TZif file; `name` is for messages. *out untouched on failure. */
onus_status onus_zone_decode(const unsigned char *bytes, size_t len, const char *name,
                             onus_zone **out, onus_error *err) ONUS_MUST_USE;

#endif
