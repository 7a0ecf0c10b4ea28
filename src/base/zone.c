/* IANA time zones: from the clock on the wall to instants and back.
 *
 * The C library's own functions take the zone from the environment, which a library must not touch.
 * So a zone is loaded once (zone_name.c, zone_tzif.c) into a sorted table of changes (instant,
 * offset from then on), and conversion is a search in it. Immutable once open, so threads may share
 * it. Called by the readers of tables with times. Never guesses: a time that the clock showed twice
 * or never is reported as such. Leap seconds are not counted, as in POSIX. */
#include "zone_internal.h"

#include <assert.h>
#include <math.h>

#include "onus/alloc.h"

static const int64_t cycle_s = INT64_C(146097) * ONUS_ZONE_DAY_S; /* 400 Gregorian years */

void onus_zone_close(onus_zone *zone) {
    if (zone != NULL) {
        onus_free(zone->changes);
        onus_free(zone);
    }
}

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
    const int64_t written_s =
        onus_civil_days(civil->year, civil->month, civil->day) * ONUS_ZONE_DAY_S +
        (int64_t)civil->hour * 3600 + (int64_t)civil->minute * 60 + civil->second;
    if (civil->has_offset) {
        *unix_s = (double)(written_s - civil->offset_s) + civil->fraction_s;
        return ONUS_LOCAL_ONCE;
    }
    /* Two days of slack, so that every change that matters below lies before repeats_from_s. */
    const int64_t cycles_s = whole_cycles_s(zone, written_s + 2 * (int64_t)ONUS_ZONE_DAY_S);
    const int64_t local_s = written_s - cycles_s;

    /* The instant lies between these two whatever the offset. Every stretch of constant offset
     * that begins before `last` and ends after `first` may show this wall-clock time:
     *
     *      first          change i-1        change i        last
     *        |----------------|--------o--------|------------|
     *                           offset_before(i) */
    const int64_t first = local_s - ONUS_ZONE_OFFSET_MAX_S;
    const int64_t last = local_s + ONUS_ZONE_OFFSET_MAX_S;
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
