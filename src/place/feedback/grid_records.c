/* THE WALL. The record of one run: who was recorded where, by day.
 *
 *   cell[]  ...|  let go  | day t - W | ... | day t - 1 | today ->
 *                           ^ day_from[(t - W) mod (W + 1)]
 *
 * Only ever written at its end; what no score looks back on any more is overwritten once it is half
 * of what is kept, so that memory is that of a window, however long a run is. Called by grid.c and
 * grid_run.c. */
#include <string.h>

#include "grid_internal.h"
#include "onus/alloc.h"

static size_t slot_of(const feedback_records *records, int64_t day) {
    const int64_t n = (int64_t)records->n_days_kept + 1;
    const int64_t rest = day % n;
    return (size_t)(rest < 0 ? rest + n : rest);
}

onus_status feedback_records_open(feedback_records *records, size_t days, int64_t first_day,
                                  bool weighted) {
    *records = (feedback_records){.n_days_kept = days, .today = first_day};
    records->cap = 256;
    records->cell = onus_alloc_n(records->cap, sizeof *records->cell);
    records->weight = weighted ? onus_alloc_n(records->cap, sizeof *records->weight) : NULL;
    records->day_from = onus_alloc_n(days + 1, sizeof *records->day_from);
    if (records->cell == NULL || (weighted && records->weight == NULL) ||
        records->day_from == NULL) {
        feedback_records_clear(records);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

onus_status feedback_records_copy(const feedback_records *records, feedback_records *out) {
    *out = *records;
    out->cell = onus_alloc_n(records->cap, sizeof *out->cell);
    out->weight = records->weight == NULL ? NULL : onus_alloc_n(records->cap, sizeof *out->weight);
    out->day_from = onus_alloc_n(records->n_days_kept + 1, sizeof *out->day_from);
    if (out->cell == NULL || (records->weight != NULL && out->weight == NULL) ||
        out->day_from == NULL) {
        feedback_records_clear(out);
        return ONUS_ERR_NOMEM;
    }
    memcpy(out->cell, records->cell, records->n * sizeof *out->cell);
    if (records->weight != NULL) {
        memcpy(out->weight, records->weight, records->n * sizeof *out->weight);
    }
    memcpy(out->day_from, records->day_from, (records->n_days_kept + 1) * sizeof *out->day_from);
    return ONUS_OK;
}

void feedback_records_clear(feedback_records *records) {
    onus_free(records->cell);
    onus_free(records->weight);
    onus_free(records->day_from);
    *records = (feedback_records){0};
}

/* Lets go of what is older than the window, if that is at least half; else grows. */
static bool make_room(feedback_records *records) {
    const size_t n_slots = records->n_days_kept + 1;
    const size_t oldest = records->day_from[slot_of(records, records->today + 1)];
    if (oldest >= records->cap / 2) {
        records->n -= oldest;
        memmove(records->cell, records->cell + oldest, records->n * sizeof *records->cell);
        if (records->weight != NULL) {
            memmove(records->weight, records->weight + oldest,
                    records->n * sizeof *records->weight);
        }
        for (size_t i = 0; i < n_slots; i++) {
            records->day_from[i] -= oldest;
        }
        return true;
    }
    const size_t cap = 2 * records->cap;
    uint32_t *cell = onus_realloc_n(records->cell, cap, sizeof *cell);
    if (cell == NULL) {
        return false;
    }
    records->cell = cell;
    if (records->weight != NULL) {
        double *weight = onus_realloc_n(records->weight, cap, sizeof *weight);
        if (weight == NULL) {
            return false;
        }
        records->weight = weight;
    }
    records->cap = cap;
    return true;
}

bool feedback_records_add(feedback_records *records, uint32_t cell, double weight) {
    if (records->n == records->cap && !make_room(records)) {
        return false;
    }
    records->cell[records->n] = cell;
    if (records->weight != NULL) {
        records->weight[records->n] = weight;
    }
    records->n++;
    return true;
}

void feedback_records_of(const feedback_records *records, int64_t day, size_t *from,
                         size_t *until) {
    *from = *until = 0;
    if (day > records->today || day < records->today - (int64_t)records->n_days_kept) {
        return;
    }
    *from = records->day_from[slot_of(records, day)];
    *until = day == records->today ? records->n : records->day_from[slot_of(records, day + 1)];
}

void feedback_records_next(feedback_records *records) {
    records->today++;
    records->day_from[slot_of(records, records->today)] = records->n;
}
