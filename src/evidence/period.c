/* The period that a case tries: which rows lie in it, and which came before.
 *
 * Half-open: a row at the first moment is in, one at the end is out. Bounds without an offset of
 * their own are local to the zone of the times they are held against. Records from before the
 * period are history: methods of comparison look back on them, nothing else does, and the account
 * says so. Called by the loaders of outcomes, flags, forecasts and patrols. Never looks at what a
 * row says besides its time. */
#include <math.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static onus_status period_bound(onus_loading *loading, const char *text, const onus_zone *zone,
                                double *unix_s) {
    onus_civil civil = {0};
    if (!onus_civil_parse_iso(text, strlen(text), &civil)) {
        onus_problems_add(loading->problems, "period", loading->c->path, 0, 0,
                          "period bound '%s' is not a date or time (ISO 8601)", text);
        return ONUS_ERR_DATA;
    }
    if (zone != NULL && !civil.has_offset) {
        (void)onus_zone_to_unix(zone, &civil, unix_s);
        return ONUS_OK;
    }
    *unix_s = (double)(onus_civil_days(civil.year, civil.month, civil.day) * 86400 +
                       civil.hour * 3600 + civil.minute * 60 + civil.second) +
              civil.fraction_s - (civil.has_offset ? civil.offset_s : 0);
    return ONUS_OK;
}

onus_status onus_period_bounds(onus_loading *loading, const char *zone_name, double *from,
                               double *until) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    onus_zone *zone = NULL;
    const onus_case *c = loading->c;
    *from = -INFINITY;
    *until = INFINITY;
    if (!c->has_period) {
        return ONUS_OK;
    }
    if (zone_name != NULL) {
        ONUS_TRY(onus_zone_open(zone_name, &zone, &err));
    }
    if (c->period_from != NULL) {
        ONUS_TRY(period_bound(loading, c->period_from, zone, from));
    }
    if (c->period_until != NULL) {
        ONUS_TRY(period_bound(loading, c->period_until, zone, until));
    }
out:
    if (err.status != ONUS_OK && err.status != ONUS_ERR_NOMEM) {
        onus_problems_add_error(loading->problems, "time zone", &err);
    }
    onus_zone_close(zone);
    return status;
}

static onus_status nothing_left(onus_loading *loading, const onus_input *input) {
    const onus_case *c = loading->c;
    onus_problems_add(loading->problems, "nothing in the period", input->file, 0, 0,
                      "no row lies in the period from %s until %s",
                      c->period_from != NULL ? c->period_from : "the beginning",
                      c->period_until != NULL ? c->period_until : "the end");
    return ONUS_ERR_DATA;
}

/* The rows whose bit is set first, the others behind, each in their order. */
static onus_status part(onus_table *table, const uint8_t *first) {
    const size_t n = table->n_rows;
    size_t *order = onus_alloc_n(n, sizeof *order);
    double *old = onus_alloc_n(n, sizeof *old); /* wide enough for every kind of column */
    onus_status status = ONUS_ERR_NOMEM;
    size_t at = 0;
    if (order == NULL || old == NULL) {
        goto out;
    }
    for (int pass = 1; pass >= 0; pass--) {
        for (size_t i = 0; i < n; i++) {
            if (first[i] == pass) {
                order[at++] = i;
            }
        }
    }
    for (size_t k = 0; k < table->n_columns; k++) {
        onus_column *column = &table->columns[k];
        if (column->numbers != NULL) {
            memcpy(old, column->numbers, n * sizeof *column->numbers);
            for (size_t i = 0; i < n; i++) {
                column->numbers[i] = old[order[i]];
            }
        }
        if (column->texts != NULL) {
            uint32_t *texts = (uint32_t *)(void *)old;
            memcpy(texts, column->texts, n * sizeof *texts);
            for (size_t i = 0; i < n; i++) {
                column->texts[i] = texts[order[i]];
            }
        }
        if (column->local_day != NULL) {
            int32_t *days = (int32_t *)(void *)old;
            memcpy(days, column->local_day, n * sizeof *days);
            for (size_t i = 0; i < n; i++) {
                column->local_day[i] = days[order[i]];
            }
        }
    }
    int64_t *lines = (int64_t *)(void *)old;
    memcpy(lines, table->lines, n * sizeof *lines);
    for (size_t i = 0; i < n; i++) {
        table->lines[i] = lines[order[i]];
    }
    status = ONUS_OK;
out:
    onus_free(order);
    onus_free(old);
    return status;
}

/* Rows outside the period are let go; those from before it too, unless they are wanted as history,
 * in which case they end up behind the rest. */
static onus_status take(onus_loading *loading, const onus_time_ref *ref, onus_table *table,
                        size_t k, onus_input *input, bool with_history) {
    onus_status status = ONUS_OK;
    uint8_t *keep = NULL;
    double from = 0;
    double until = 0;
    if (!loading->c->has_period) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_period_bounds(loading, ref->zone, &from, &until));
    keep = onus_alloc_n(table->n_rows, sizeof *keep);
    if (keep == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const double time = table->columns[k].numbers[i];
        keep[i] = time < until && (with_history || time >= from);
    }
    ONUS_TRY(onus_let_go(table, keep, input, "outside period", true));
    if (!with_history) {
        status = table->n_rows == 0 && input->rows > 0 ? nothing_left(loading, input) : ONUS_OK;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        keep[i] = table->columns[k].numbers[i] >= from;
    }
    ONUS_TRY(part(table, keep));
out:
    onus_free(keep);
    return status;
}

onus_status onus_take_period(onus_loading *loading, const onus_time_ref *ref, onus_table *table,
                             size_t k, onus_input *input) {
    return take(loading, ref, table, k, input, false);
}

onus_status onus_take_history(onus_loading *loading, const onus_time_ref *ref, onus_table *table,
                              size_t k, onus_input *input) {
    return take(loading, ref, table, k, input, true);
}

onus_status onus_count_history(onus_loading *loading, const onus_time_ref *ref,
                               const onus_table *table, size_t k, onus_input *input,
                               size_t *n_history) {
    onus_status status = ONUS_OK;
    double from = 0;
    double until = 0;
    *n_history = 0;
    ONUS_TRY(onus_period_bounds(loading, ref->zone, &from, &until));
    for (size_t i = 0; i < table->n_rows; i++) {
        *n_history += table->columns[k].numbers[i] < from;
    }
    input->used -= *n_history;
    ONUS_TRY(
        onus_input_exclude(input, "before the period (history for comparison)", true, *n_history));
    if (*n_history == table->n_rows && input->rows > 0) {
        status = nothing_left(loading, input);
    }
out:
    return status;
}
