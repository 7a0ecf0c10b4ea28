/* The windows that are scored.
 *
 * A forecast of rates brings its own. For boxes and polygons the time from the first flag (or the
 * start of the period) on is cut into stretches of protocol.window, whole days by the calendar, so
 * that a day on which nothing was flagged is a window too. A window that begins on a day after the
 * last record there is, is refused: nothing was recorded there that could be asked about, and what
 * is not yet recorded is not asked about at all. Called by accuracy.c after the cells. Never looks
 * at where anything happened. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"

enum { DAY_S = 86400, DAYS_PER_WEEK = 7, WINDOWS_MAX = 1000000 };

static int32_t local_day(const onus_zone *zone, double unix_s) {
    const int64_t local_s = zone != NULL ? onus_zone_local_s(zone, unix_s) : (int64_t)floor(unix_s);
    return (int32_t)(local_s / DAY_S - (local_s % DAY_S < 0 ? 1 : 0));
}

static onus_status open_zone(const place_trial *t, onus_zone **zone) {
    const onus_case *c = t->c;
    const char *name =
        c->predictions.from.zone != NULL ? c->predictions.from.zone : c->outcomes.time.zone;
    return name == NULL ? ONUS_OK : onus_zone_open(name, zone, t->err);
}

static onus_status of_forecast(place_trial *t, accuracy *a) {
    const onus_forecast *f = &t->evidence->forecast;
    a->windows = place_keep(t, onus_alloc_n(f->n_windows, sizeof *a->windows));
    if (a->windows == NULL) {
        return ONUS_ERR_NOMEM;
    }
    a->n_windows = f->n_windows;
    for (size_t w = 0; w < f->n_windows; w++) {
        a->windows[w] = (onus_frame_window){
            .from_s = f->from_unix_s[w], .until_s = f->until_unix_s[w], .day = f->day[w]};
    }
    return ONUS_OK;
}

/* Midnight of the day on which the first flag begins, or the start of the period. */
static onus_status span_of_flags(const place_trial *t, const onus_zone *zone, double *from,
                                 double *until) {
    const onus_flags *f = &t->evidence->flags;
    const onus_case *c = t->c;
    onus_civil civil = {0};
    double first = INFINITY;
    *until = -INFINITY;
    for (size_t r = 0; r < f->n_flags; r++) {
        first = fmin(first, f->from_unix_s[r]);
        *until = fmax(*until, f->until_unix_s[r]);
    }
    if (c->has_period && c->period_from != NULL &&
        onus_civil_parse_iso(c->period_from, strlen(c->period_from), &civil)) {
        *from = (double)(onus_civil_days(civil.year, civil.month, civil.day) * DAY_S +
                         civil.hour * 3600 + civil.minute * 60 + civil.second) -
                (civil.has_offset ? civil.offset_s : 0);
    } else {
        const int32_t day = local_day(zone, first);
        int month = 0;
        int of_month = 0;
        onus_civil_from_days(day, &civil.year, &month, &of_month);
        civil.month = (int8_t)month;
        civil.day = (int8_t)of_month;
        *from = (double)day * DAY_S;
    }
    if (zone != NULL && !civil.has_offset) {
        (void)onus_zone_to_unix(zone, &civil, from);
    }
    if (c->has_period && c->period_until != NULL &&
        onus_civil_parse_iso(c->period_until, strlen(c->period_until), &civil)) {
        *until = (double)(onus_civil_days(civil.year, civil.month, civil.day) * DAY_S +
                          civil.hour * 3600 + civil.minute * 60 + civil.second) -
                 (civil.has_offset ? civil.offset_s : 0);
        if (zone != NULL && !civil.has_offset) {
            (void)onus_zone_to_unix(zone, &civil, until);
        }
    }
    return ONUS_OK;
}

static onus_status of_flags(place_trial *t, accuracy *a, const onus_zone *zone) {
    onus_status status = ONUS_OK;
    onus_array windows = ONUS_ARRAY_OF(onus_frame_window);
    double from = 0;
    double until = 0;
    ONUS_TRY(span_of_flags(t, zone, &from, &until));
    while (from < until) {
        const double next = onus_zone_add_s(zone, from, a->window_s);
        const onus_frame_window window = {
            .from_s = from, .until_s = fmin(next, until), .day = local_day(zone, from)};
        if (windows.n_items >= WINDOWS_MAX || !(next > from)) {
            status = onus_fail_plain(t->err, ONUS_ERR_DATA,
                                     "the predictions span more than %d windows of protocol.window",
                                     (int)WINDOWS_MAX);
            goto out;
        }
        ONUS_TRY(onus_array_push(&windows, &window));
        from = next;
    }
    a->windows = place_keep(t, onus_array_take(&windows, &a->n_windows));
out:
    onus_array_clear(&windows);
    return status;
}

/* What is resampled: days or weeks, or the windows themselves where they are as long. */
static void number_units(const place_trial *t, accuracy *a) {
    const bool day = t->c->protocol.unit == ONUS_UNIT_DAY;
    const int32_t length = day ? 1 : DAYS_PER_WEEK;
    const bool whole = a->window_s >= (double)length * DAY_S;
    a->unit = whole ? "window" : day ? "day" : "week";
    for (size_t w = 0; w < a->n_windows; w++) {
        a->windows[w].unit = whole ? (int32_t)w : (a->windows[w].day - a->windows[0].day) / length;
    }
    a->n_units = a->n_windows > 0 ? (size_t)a->windows[a->n_windows - 1].unit + 1 : 0;
}

static onus_status refuse_the_future(const place_trial *t, const accuracy *a) {
    const int32_t last = t->evidence->outcomes.last_day;
    size_t n = 0;
    for (size_t w = 0; w < a->n_windows; w++) {
        n += a->windows[w].day > last;
    }
    if (n == 0) {
        return ONUS_OK;
    }
    int32_t year = 0;
    int month = 0;
    int day = 0;
    onus_civil_from_days(last, &year, &month, &day);
    return onus_fail(t->err, ONUS_ERR_DATA, t->c->outcomes.source.file, 0, 0,
                     "%s of %s windows begin after the last recorded outcome (%04d-%02d-%02d); "
                     "what is not recorded yet is not tried: end the period there",
                     place_count((double)n).text, place_count((double)a->n_windows).text, (int)year,
                     month, day);
}

size_t acc_window_behind(const accuracy *a, double unix_s) {
    size_t low = 0;
    size_t high = a->n_windows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (a->windows[middle].until_s <= unix_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

onus_status acc_windows(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    onus_zone *zone = NULL;
    a->window_s = t->c->protocol.window_s;
    ONUS_TRY(open_zone(t, &zone));
    ONUS_TRY(a->by_cells ? of_forecast(t, a) : of_flags(t, a, zone));
    if (a->n_windows == 0) {
        a->missing = "no window of the predictions lies in the period";
        goto out;
    }
    if (a->by_cells) {
        a->window_s = a->windows[0].until_s - a->windows[0].from_s;
    }
    ONUS_TRY(refuse_the_future(t, a));
    number_units(t, a);
out:
    onus_zone_close(zone);
    return status;
}
