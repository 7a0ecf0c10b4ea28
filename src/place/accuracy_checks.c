/* What must be known before anything is scored, each with its numbers.
 *
 *   was a prediction issued before its window began, and records made before it was issued
 * (leakage) records that came to exist after the window they are outcomes of (late), doubles, times
 * heaped at midnight and on the hour, records without a place by type and by month, outside the
 * region, outside every window, of other types; and who makes the records
 *
 * Called by accuracy.c before the windows are scored. Warns and never changes a figure: what to do
 * about it is a decision of whoever reads it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/stats_interval.h"
#include "onus/text.h"

enum { DAY_S = 86400, HOUR_S = 3600, FEW = 20 };
/* Twice the share that an even spread over the day would put there. */
#define HEAPED 2.0

static double percent(double part, double all) {
    return all > 0.0 ? 100.0 * part / all : 0.0;
}

static onus_status add_share(place_trial *t, const char *id, double num, double den,
                             const char *reason) {
    onus_measure m = place_draft_of(id);
    onus_draft_set_fraction(&m, num, den, reason);
    if (m.has_value) {
        const onus_limits limits = onus_wilson(num, den, t->c->protocol.level);
        m.interval = (onus_interval){.given = true,
                                     .level = t->c->protocol.level,
                                     .low = limits.low,
                                     .high = limits.high,
                                     .method = "wilson"};
    }
    return place_add(t, &m, NULL);
}

/* ---- leakage ---- */

/* Predictions that were issued when their answers could be known decide nothing, unless they are as
 * few as the rows that a trial may do without. Strictly after the start: what is issued on the hour
 * it begins has seen nothing of it. */
static onus_status judge_leak(place_trial *t, accuracy *a, size_t n_after, size_t n) {
    if ((double)n_after <= t->c->protocol.max_excluded_frac * (double)n) {
        return ONUS_OK;
    }
    char part[32];
    char all[32];
    (void)onus_format_count((int64_t)n_after, part);
    (void)onus_format_count((int64_t)n, all);
    a->leak = onus_result_text(t->result,
                               "%s of %s %s were issued after their own window had begun, when "
                               "answers could be known",
                               part, all, a->by_cells ? "windows" : "predictions");
    return a->leak == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

static onus_status check_issued(place_trial *t, accuracy *a) {
    const onus_flags *f = &t->evidence->flags;
    const onus_forecast *forecast = &t->evidence->forecast;
    size_t n = 0;
    size_t n_late = 0;
    size_t n_after = 0;
    size_t n_unknown = 0;
    if (a->by_cells && forecast->issued_unix_s != NULL) {
        n = forecast->n_windows;
        for (size_t w = 0; w < n; w++) {
            n_unknown += isnan(forecast->issued_unix_s[w]) ? 1 : 0;
            n_late += forecast->issued_unix_s[w] >= forecast->from_unix_s[w] ? 1 : 0;
            n_after += forecast->issued_unix_s[w] > forecast->from_unix_s[w] ? 1 : 0;
        }
    } else if (!a->by_cells && f->issued_unix_s != NULL) {
        n = f->n_flags;
        for (size_t r = 0; r < n; r++) {
            n_unknown += isnan(f->issued_unix_s[r]) ? 1 : 0;
            n_late += f->issued_unix_s[r] >= f->from_unix_s[r] ? 1 : 0;
            n_after += f->issued_unix_s[r] > f->from_unix_s[r] ? 1 : 0;
        }
    } else {
        return onus_result_warn(t->result, "not_issued",
                                "the predictions do not say when they were issued "
                                "(predictions.issued): that they were made before what they "
                                "predict is taken on trust");
    }
    onus_status status = ONUS_OK;
    ONUS_TRY(add_share(t, "place.issued_late", (double)n_late, (double)(n - n_unknown),
                       "no prediction says when it was issued"));
    ONUS_TRY(judge_leak(t, a, n_after, n));
    if (n_late > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "issued_late",
            "%s of %s %s (%.2f %%) were issued at or after the start of their own window: they "
            "could have seen the answers, and every figure here rests on them too",
            place_count((double)n_late).text, place_count((double)n).text,
            a->by_cells ? "windows" : "predictions", percent((double)n_late, (double)n)));
    }
    if (n_unknown > 0) {
        ONUS_TRY(onus_result_warn(t->result, "not_issued",
                                  "%s of %s %s do not say when they were issued",
                                  place_count((double)n_unknown).text, place_count((double)n).text,
                                  a->by_cells ? "windows" : "predictions"));
    }
out:
    return status;
}

static onus_status check_recorded(place_trial *t, const accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    double n = 0.0;
    double n_late = 0.0;
    double n_before = 0.0;
    double n_unknown = 0.0;
    onus_status status = ONUS_OK;
    if (o->recorded_unix_s == NULL) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < o->n_outcomes; i++) {
        const int32_t w = a->event_window[i];
        if (w < 0) {
            continue;
        }
        n += o->counts[i];
        n_unknown += isnan(o->recorded_unix_s[i]) ? o->counts[i] : 0.0;
        n_late += o->recorded_unix_s[i] >= a->windows[w].until_s ? o->counts[i] : 0.0;
        n_before += o->recorded_unix_s[i] < o->unix_s[i] ? o->counts[i] : 0.0;
    }
    ONUS_TRY(add_share(t, "place.recorded_late", n_late, n - n_unknown,
                       "no record says when it came to exist"));
    if (n_late > 0.0) {
        ONUS_TRY(onus_result_warn(
            t->result, "recorded_late",
            "%.10g of %.10g records (%.1f %%) came to exist after the window in which they "
            "happened: methods of comparison see a record only from when it exists",
            n_late, n, percent(n_late, n)));
    }
    if (n_before > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "recorded_early",
                                  "%.10g of %.10g records came to exist before what they record",
                                  n_before, n));
    }
    if (n_unknown > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "recorded_unknown",
                                  "%.10g of %.10g records do not say when they came to exist",
                                  n_unknown, n));
    }
out:
    return status;
}

/* ---- doubles ---- */

typedef struct record {
    double unix_s;
    double x;
    double y;
    uint32_t type;
} record;

static int by_all(const void *a, const void *b) {
    const record *p = a;
    const record *q = b;
    if (p->unix_s != q->unix_s) {
        return p->unix_s < q->unix_s ? -1 : 1;
    }
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    if (p->y != q->y) {
        return p->y < q->y ? -1 : 1;
    }
    return (p->type > q->type) - (p->type < q->type);
}

static onus_status check_doubles(place_trial *t, const accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const size_t n = o->n_outcomes;
    record *records = onus_alloc_n(n, sizeof *records);
    if (records == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        records[i] = (record){.unix_s = o->unix_s[i],
                              .x = o->x_m != NULL ? o->x_m[i] : (double)a->event_cell[i],
                              .y = o->y_m != NULL ? o->y_m[i] : 0.0,
                              .type = o->type != NULL ? o->type[i] : 0};
    }
    qsort(records, n, sizeof *records, by_all);
    size_t n_again = 0;
    for (size_t i = 1; i < n; i++) {
        n_again += by_all(&records[i - 1], &records[i]) == 0 ? 1 : 0;
    }
    onus_free(records);
    return n_again == 0
               ? ONUS_OK
               : onus_result_warn(t->result, "doubles",
                                  "%s of %s records repeat another's time, place and "
                                  "type; they may be one event each or the same one, and "
                                  "count as given",
                                  place_count((double)n_again).text, place_count((double)n).text);
}

/* ---- times ---- */

static onus_status check_heaping(place_trial *t) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const char *name = t->c->outcomes.time.zone;
    onus_zone *zone = NULL;
    onus_status status = ONUS_OK;
    size_t n_midnight = 0;
    size_t n_hour = 0;
    const size_t n = o->n_outcomes;
    if (name != NULL) {
        ONUS_TRY(onus_zone_open(name, &zone, t->err));
    }
    for (size_t i = 0; i < n; i++) {
        const int64_t local_s =
            zone != NULL ? onus_zone_local_s(zone, o->unix_s[i]) : (int64_t)floor(o->unix_s[i]);
        const int64_t of_day = ((local_s % DAY_S) + DAY_S) % DAY_S;
        n_midnight += of_day == 0 ? 1 : 0;
        n_hour += of_day % HOUR_S == 0 ? 1 : 0;
    }
    if (n >= FEW && n_midnight == n) {
        if (t->c->protocol.window_s < DAY_S) {
            ONUS_TRY(onus_result_warn(t->result, "no_time_of_day",
                                      "all %s records are dated at midnight: windows shorter than "
                                      "a day cannot be told apart",
                                      place_count((double)n).text));
        }
    } else if (n >= FEW && (double)n_midnight * DAY_S / 60.0 > HEAPED * 60.0 * (double)n) {
        ONUS_TRY(onus_result_warn(
            t->result, "heaped_midnight",
            "%s of %s records (%.1f %%) are dated exactly at midnight, where an even day would "
            "put 0.07 %%: for those the hour is not known",
            place_count((double)n_midnight).text, place_count((double)n).text,
            percent((double)n_midnight, (double)n)));
    }
    if (n >= FEW && n_midnight < n &&
        (double)(n_hour - n_midnight) * 60.0 > HEAPED * 2.5 * (double)n) {
        ONUS_TRY(onus_result_warn(
            t->result, "heaped_hour",
            "%s of %s records (%.1f %%) are dated exactly on the hour, where even hours would "
            "put 1.7 %%: times are rounded, and a record near the edge of a window may be in the "
            "wrong one",
            place_count((double)n_hour).text, place_count((double)n).text,
            percent((double)n_hour, (double)n)));
    }
out:
    onus_zone_close(zone);
    return status;
}

/* ---- places ---- */

typedef struct worst {
    double share;
    size_t n;
    size_t of;
    size_t which;
} worst;

static void take_worst(worst *w, size_t which, size_t missing, size_t all) {
    if (all >= FEW && (double)missing / (double)all > w->share) {
        *w = (worst){
            .share = (double)missing / (double)all, .n = missing, .of = all, .which = which};
    }
}

static int32_t month_of(int32_t day) {
    int32_t year = 0;
    int month = 0;
    int of_month = 0;
    onus_civil_from_days(day, &year, &month, &of_month);
    return year * 12 + month - 1;
}

static onus_status worst_type(const onus_outcomes *o, worst *out) {
    size_t *all = onus_alloc_n(o->n_types + 1, sizeof *all);
    size_t *missing = onus_alloc_n(o->n_types + 1, sizeof *missing);
    if (all == NULL || missing == NULL) {
        onus_free(all);
        onus_free(missing);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < o->n_outcomes && o->type != NULL; i++) {
        all[o->type[i]]++;
    }
    for (size_t i = 0; i < o->n_missing && o->missing_type != NULL; i++) {
        all[o->missing_type[i]]++;
        missing[o->missing_type[i]]++;
    }
    for (size_t k = 0; k < o->n_types; k++) {
        take_worst(out, k, missing[k], all[k]);
    }
    onus_free(all);
    onus_free(missing);
    return ONUS_OK;
}

static onus_status worst_month(const onus_outcomes *o, worst *out) {
    int32_t first = INT32_MAX;
    int32_t last = INT32_MIN;
    if (o->missing_day == NULL || o->n_outcomes == 0) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < o->n_outcomes; i++) {
        first = month_of(o->day[i]) < first ? month_of(o->day[i]) : first;
        last = month_of(o->day[i]) > last ? month_of(o->day[i]) : last;
    }
    const size_t n = (size_t)(last - first) + 1;
    size_t *all = onus_alloc_n(n, sizeof *all);
    size_t *missing = onus_alloc_n(n, sizeof *missing);
    if (all == NULL || missing == NULL) {
        onus_free(all);
        onus_free(missing);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < o->n_outcomes; i++) {
        all[month_of(o->day[i]) - first]++;
    }
    for (size_t i = 0; i < o->n_missing; i++) {
        const int32_t m = month_of(o->missing_day[i]);
        if (m >= first && m <= last) {
            all[m - first]++;
            missing[m - first]++;
        }
    }
    for (size_t k = 0; k < n; k++) {
        take_worst(out, (size_t)first + k, missing[k], all[k]);
    }
    onus_free(all);
    onus_free(missing);
    return ONUS_OK;
}

static onus_status check_missing(place_trial *t) {
    const onus_outcomes *o = &t->evidence->outcomes;
    worst type = {0};
    worst month = {0};
    onus_text text = {0};
    onus_status status = ONUS_OK;
    if (o->n_missing == 0) {
        return ONUS_OK;
    }
    ONUS_TRY(worst_type(o, &type));
    ONUS_TRY(worst_month(o, &month));
    const size_t all = o->n_outcomes + o->n_missing;
    onus_text_addf(&text, "%s of %s records (%.1f %%) have no coordinates and are scored nowhere",
                   place_count((double)o->n_missing).text, place_count((double)all).text,
                   percent((double)o->n_missing, (double)all));
    if (type.share > 0.0) {
        onus_text_addf(&text, "; of type '%s' %s of %s (%.1f %%)", o->types[type.which],
                       place_count((double)type.n).text, place_count((double)type.of).text,
                       100.0 * type.share);
    }
    if (month.share > 0.0) {
        onus_text_addf(&text, "; in %04zu-%02zu %s of %s (%.1f %%)", month.which / 12,
                       month.which % 12 + 1, place_count((double)month.n).text,
                       place_count((double)month.of).text, 100.0 * month.share);
    }
    status = text.data == NULL || text.failed
                 ? ONUS_ERR_NOMEM
                 : onus_result_warn(t->result, "no_coordinates", "%s", text.data);
out:
    onus_text_clear(&text);
    return status;
}

static onus_status check_account(place_trial *t, const accuracy *a) {
    const acc_account *c = &a->account;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_result_warn(
        t->result, "outcomes_account",
        "of %s records in the period with a place and a time, %s were scored, %s lie outside the "
        "region, %s in no window, %s are of types that are not predicted; methods of comparison "
        "also look back on %s from before",
        place_count(c->n_all).text, place_count(c->n_scored).text, place_count(c->n_outside).text,
        place_count(c->n_no_window).text, place_count(c->n_other_type).text,
        place_count(c->n_history).text));
    if (a->n_typed_twice > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "types_overlap",
            "%s records stand for more than one predicted type; figures over all types count "
            "every pair of type and record (%s pairs of %s records)",
            place_count((double)a->n_typed_twice).text, place_count(c->n_pairs).text,
            place_count(c->n_scored).text));
    }
    if (t->evidence->outcomes.type == NULL && a->n_slices > 1) {
        ONUS_TRY(onus_result_warn(t->result, "no_types",
                                  "the predictions name types and the records do not "
                                  "(outcomes.type): any record counts for every type, which "
                                  "flatters the product"));
    }
out:
    return status;
}

/* Cells that the border cuts off: a budget counted in cells then is no budget of area. */
static onus_status check_cells(place_trial *t, const accuracy *a) {
    const onus_frame_cells *cells = &a->cells;
    double most = 0.0;
    size_t n_small = 0;
    if (!cells->by_density || t->c->protocol.top_cells.n == 0 || !a->by_cells) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < cells->n_cells; i++) {
        most = fmax(most, cells->area_m2[i]);
    }
    for (size_t i = 0; i < cells->n_cells; i++) {
        n_small += cells->area_m2[i] < 0.99 * most ? 1 : 0;
    }
    return onus_result_warn(
        t->result, "unequal_cells",
        "%s of %s cells are smaller than the largest, all together %.1f %% of the area that as "
        "many whole ones would have: figures at a number of cells (top) count every cell alike, "
        "and "
        "by true area beside (scope area: true)",
        place_count((double)n_small).text, place_count((double)cells->n_cells).text,
        percent(cells->region_m2, most * (double)cells->n_cells));
}

onus_status acc_checks(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    ONUS_TRY(check_issued(t, a));
    ONUS_TRY(check_recorded(t, a));
    ONUS_TRY(check_doubles(t, a));
    ONUS_TRY(check_heaping(t));
    ONUS_TRY(check_missing(t));
    ONUS_TRY(check_account(t, a));
    ONUS_TRY(check_cells(t, a));
out:
    return status;
}
