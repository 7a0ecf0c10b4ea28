/* Civil time: calendar dates, ISO 8601 and strptime-like formats, IANA zones from the system's TZif
 * files (read by us: the C library's own functions depend on the environment). Proleptic Gregorian.
 */
#ifndef ONUS_CIVIL_H
#define ONUS_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/status.h"

/** A wall-clock time as it was written down. */
typedef struct onus_civil {
    int32_t year;
    int8_t month;  /* 1..12 */
    int8_t day;    /* 1..31 */
    int8_t hour;   /* 0..23 */
    int8_t minute; /* 0..59 */
    int8_t second; /* 0..60 */
    bool has_offset;
    int32_t offset_s; /* east of UTC, where the text named one ("Z", "-05:00") */
    double fraction_s;
} onus_civil;

/** Days since 1970-01-01 (Hinnant's algorithm). Cannot fail for a valid date. */
int64_t onus_civil_days(int32_t year, int month, int day);
void onus_civil_from_days(int64_t days, int32_t *year, int *month, int *day);
/** 0 = Monday ... 6 = Sunday. */
int onus_civil_weekday(int64_t days);

/** "2018-02-25", "2018-02-25T06:15[:30[.5]][Z|+hh:mm]", a blank instead of T. Whole text or false.
 */
bool onus_civil_parse_iso(const char *text, size_t len, onus_civil *out);
/** strptime subset: %Y %m %d %H %M %S %y %b %p %I %z %T %D %F %% and literals. Whole text or false.
 */
bool onus_civil_parse(const char *text, size_t len, const char *format, onus_civil *out);
/** NULL if the format uses only what onus_civil_parse knows; else where the offending specifier
 *  stands in it. %I without %p, and %p without %I, offend: half of the hours would be guessed. */
const char *onus_civil_format_check(const char *format);

typedef struct onus_zone onus_zone; /* a loaded zone; opaque: it hides a TZif file */

/** Loads an IANA zone ("America/New_York", "UTC"). ERR_DATA with a suggestion if there is none,
 *  ERR_NOINPUT if the system has no zone data at all. *out is untouched on failure. */
onus_status onus_zone_open(const char *name, onus_zone **out, onus_error *err) ONUS_MUST_USE;
void onus_zone_close(onus_zone *zone);

typedef enum onus_local_kind {
    ONUS_LOCAL_ONCE,
    ONUS_LOCAL_TWICE,
    ONUS_LOCAL_NEVER
} onus_local_kind;

/** Seconds since 1970-01-01T00:00Z of a local time. TWICE gives the earlier instant, NEVER the
 *  instant at which the clock jumped; both are for the caller to count, not to believe. */
onus_local_kind onus_zone_to_unix(const onus_zone *zone, const onus_civil *civil, double *unix_s);
/** Local wall-clock seconds since 1970-01-01 for an instant (for calendar days and weeks). */
int64_t onus_zone_local_s(const onus_zone *zone, double unix_s);
/** The instant span_s later. A span of whole days goes by the calendar (midnight to midnight, also
 *  where a clock change makes the day 23 or 25 hours long); any other by the clock. zone NULL: UTC.
 */
double onus_zone_add_s(const onus_zone *zone, double unix_s, double span_s);

#endif
