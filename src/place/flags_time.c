/* When the flags fell: flags by day and area, and by the unit of time that is resampled.
 *
 * Flags of one week resemble one another, so what varies is the week (or the day, if the case
 * asks), and the series must hold the empty ones too. Days run from the first to the last day of
 * the period if the case names one, else of the flags. Kept sparse: most areas are not flagged on
 * most days.
 *
 * Called by trial.c after flags.c; nothing happens without times. Never looks at people. */
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/civil.h"
#include "onus/sum.h"
#include "place_internal.h"

enum { DAYS_PER_WEEK = 7 };

/* Sums rows of the flags into buckets x areas, columns ascending. bucket[r] < n_buckets. */
static onus_status gather(place_trial *t, const int32_t *bucket, size_t n_buckets,
                          onus_sparse *out) {
    const onus_flags *given = &t->evidence->flags;
    const place_flags *f = &t->flags;
    const size_t n_flags = given->n_flags;
    size_t *starts = onus_alloc_n(n_buckets + 1, sizeof *starts);
    int32_t *rows = onus_alloc_n(n_flags, sizeof *rows);
    onus_sum *sums = onus_alloc_n(t->n, sizeof *sums);
    uint8_t *touched = onus_alloc_n(t->n, sizeof *touched);
    onus_array columns = ONUS_ARRAY_OF(int32_t);
    onus_array values = ONUS_ARRAY_OF(double);
    onus_status status = ONUS_ERR_NOMEM;
    out->n_rows = n_buckets;
    out->starts = onus_alloc_n(n_buckets + 1, sizeof *out->starts);
    if (starts == NULL || rows == NULL || sums == NULL || touched == NULL || out->starts == NULL) {
        goto out;
    }
    for (size_t r = 0; r < n_flags; r++) {
        starts[bucket[r] + 1]++;
    }
    for (size_t b = 0; b < n_buckets; b++) {
        starts[b + 1] += starts[b];
    }
    for (size_t r = 0; r < n_flags; r++) {
        rows[starts[bucket[r]]++] = (int32_t)r;
    }
    /* starts[b] is now where bucket b ends */
    for (size_t b = 0; b < n_buckets; b++) {
        int32_t low = (int32_t)t->n;
        int32_t high = -1;
        for (size_t q = b == 0 ? 0 : starts[b - 1]; q < starts[b]; q++) {
            const size_t p = (size_t)f->place[rows[q]];
            for (size_t k = f->on.starts[p]; k < f->on.starts[p + 1]; k++) {
                const int32_t i = f->on.columns[k];
                onus_sum_add(&sums[i], given->counts[rows[q]] * f->on.values[k]);
                touched[i] = 1;
                low = i < low ? i : low;
                high = i > high ? i : high;
            }
        }
        for (int32_t i = low; i <= high; i++) {
            if (touched[i] == 0) {
                continue;
            }
            const double value = onus_sum_get(&sums[i]);
            ONUS_TRY(onus_array_push(&columns, &i));
            ONUS_TRY(onus_array_push(&values, &value));
            sums[i] = (onus_sum){0};
            touched[i] = 0;
        }
        out->starts[b + 1] = columns.n_items;
    }
    size_t n_taken = 0;
    out->columns = onus_array_take(&columns, &n_taken);
    out->values = onus_array_take(&values, &n_taken);
    status = ONUS_OK;
out:
    onus_array_clear(&columns);
    onus_array_clear(&values);
    onus_free(starts);
    onus_free(rows);
    onus_free(sums);
    onus_free(touched);
    return status;
}

/* Widens [first, last] to the period of the case, whose end is exclusive. */
static void widen_to_period(const onus_case *c, int64_t *first, int64_t *last) {
    onus_civil civil = {0};
    if (!c->has_period) {
        return;
    }
    if (c->period_from != NULL &&
        onus_civil_parse_iso(c->period_from, strlen(c->period_from), &civil)) {
        const int64_t day = onus_civil_days(civil.year, civil.month, civil.day);
        *first = day < *first ? day : *first;
    }
    if (c->period_until != NULL &&
        onus_civil_parse_iso(c->period_until, strlen(c->period_until), &civil)) {
        const bool midnight = civil.hour == 0 && civil.minute == 0 && civil.second == 0;
        const int64_t day =
            onus_civil_days(civil.year, civil.month, civil.day) - (midnight ? 1 : 0);
        *last = day > *last ? day : *last;
    }
}

onus_status place_flags_in_time(place_trial *t) {
    const onus_flags *given = &t->evidence->flags;
    place_flags *f = &t->flags;
    f->unit = t->c->protocol.unit == ONUS_UNIT_DAY ? "day" : "week";
    if (f->missing != NULL || given->day == NULL || given->n_flags == 0) {
        return ONUS_OK;
    }
    int64_t first = given->day[0];
    int64_t last = given->day[0];
    for (size_t r = 1; r < given->n_flags; r++) {
        first = given->day[r] < first ? given->day[r] : first;
        last = given->day[r] > last ? given->day[r] : last;
    }
    widen_to_period(t->c, &first, &last);
    const size_t length = t->c->protocol.unit == ONUS_UNIT_DAY ? 1 : DAYS_PER_WEEK;
    int32_t *bucket = onus_alloc_n(given->n_flags, sizeof *bucket);
    onus_status status = ONUS_ERR_NOMEM;
    if (bucket == NULL) {
        goto out;
    }
    f->first_day = (int32_t)first;
    f->n_days = (size_t)(last - first) + 1;
    f->n_units = (f->n_days + length - 1) / length;
    for (size_t r = 0; r < given->n_flags; r++) {
        bucket[r] = given->day[r] - f->first_day;
    }
    ONUS_TRY(gather(t, bucket, f->n_days, &f->by_day));
    for (size_t r = 0; r < given->n_flags; r++) {
        bucket[r] /= (int32_t)length;
    }
    ONUS_TRY(gather(t, bucket, f->n_units, &f->by_unit));
out:
    onus_free(bucket);
    return status;
}
