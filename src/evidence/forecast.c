/* Form risk: a rate for every cell of the grid and every window, from a long table (cell, time,
 * rate) or a wide one (a column per window, headed by its date).
 *
 * Windows are the distinct starts in the file, ascending; one that is not in the period is left out
 * by choice. A rate that is not there stays missing and is counted: what it means is for the trial
 * to say. A cell that comes twice in one window is a problem, as is a negative rate. Called by
 * load.c after the grid. Never fills in, smooths or scales a rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static const size_t NOT_ASKED = SIZE_MAX;

typedef struct forecasting {
    onus_loading *loading;
    onus_forecast *out;
    onus_input input;
    onus_table table;
    onus_zone *zone;
} forecasting;

static int by_number(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t find_number(const double *sorted, size_t n, double value) {
    const double *at = bsearch(&value, sorted, n, sizeof *sorted, by_number);
    return at == NULL ? n : (size_t)(at - sorted);
}

static onus_status make_room(forecasting *f, size_t n_windows) {
    onus_forecast *out = f->out;
    out->n_cells = f->loading->out->grid.n_areas;
    out->from_unix_s = onus_alloc_n(n_windows, sizeof *out->from_unix_s);
    out->until_unix_s = onus_alloc_n(n_windows, sizeof *out->until_unix_s);
    out->day = onus_alloc_n(n_windows, sizeof *out->day);
    out->file_order = onus_alloc_n(out->n_cells, sizeof *out->file_order);
    out->rates = n_windows > SIZE_MAX / (out->n_cells + 1)
                     ? NULL
                     : onus_alloc_n(n_windows * out->n_cells, sizeof *out->rates);
    if (out->from_unix_s == NULL || out->until_unix_s == NULL || out->day == NULL ||
        out->file_order == NULL || out->rates == NULL) {
        return ONUS_ERR_NOMEM;
    }
    out->n_windows = n_windows;
    for (size_t i = 0; i < n_windows * out->n_cells; i++) {
        out->rates[i] = (double)NAN;
    }
    for (size_t c = 0; c < out->n_cells; c++) {
        out->file_order[c] = INT32_MAX;
    }
    return ONUS_OK;
}

/* Index of the row's cell, or n_cells where such rows may go. */
static onus_status find_cell(forecasting *f, size_t row, size_t *cell) {
    onus_loading *loading = f->loading;
    const onus_layer *grid = &loading->out->grid;
    const char *id = onus_table_text(&f->table, 0, row);
    *cell = onus_ids_find(grid->ids, loading->cell_order, grid->n_areas, id);
    if (*cell < grid->n_areas) {
        int32_t *order = &f->out->file_order[*cell];
        *order = (int32_t)row < *order ? (int32_t)row : *order;
        return ONUS_OK;
    }
    onus_status status = onus_report_no_cell(
        loading, &f->input, loading->c->predictions.source.invalid, id, f->table.lines[row]);
    if (status == ONUS_OK) {
        f->input.used--;
        status = onus_input_exclude(&f->input, "id in no cell", false, 1);
    }
    return status;
}

static onus_status cell_twice(forecasting *f, size_t row) {
    char quoted[ONUS_QUOTED_MAX];
    const char *id = onus_table_text(&f->table, 0, row);
    onus_problems_add(f->loading->problems, "cell twice", f->input.file, f->table.lines[row], 0,
                      "cell '%s' occurs twice in one window", onus_quoted(id, strlen(id), quoted));
    return ONUS_ERR_DATA;
}

/* ---- long: a row per cell and window ---- */

typedef struct long_asks {
    onus_column_ask asks[5];
    size_t n;
    size_t until;
    size_t issued;
} long_asks;

static long_asks asks_of(const onus_predictions_ref *ref) {
    long_asks a = {.until = NOT_ASKED, .issued = NOT_ASKED};
    a.asks[a.n++] =
        (onus_column_ask){.name = ref->cell, .type = ONUS_COLUMN_ID, .missing_reason = "no cell"};
    a.asks[a.n++] = (onus_column_ask){.name = ref->from.column,
                                      .type = ONUS_COLUMN_TIME,
                                      .missing_reason = "no time",
                                      .time = &ref->from};
    a.asks[a.n++] =
        (onus_column_ask){.name = ref->rate, .type = ONUS_COLUMN_COUNT, .may_be_missing = true};
    if (ref->until.column != NULL) {
        a.until = a.n;
        a.asks[a.n++] = (onus_column_ask){.name = ref->until.column,
                                          .type = ONUS_COLUMN_TIME,
                                          .missing_reason = "no end time",
                                          .time = &ref->until};
    }
    if (ref->issued.column != NULL) {
        a.issued = a.n;
        a.asks[a.n++] = (onus_column_ask){.name = ref->issued.column,
                                          .type = ONUS_COLUMN_TIME,
                                          .may_be_missing = true,
                                          .time = &ref->issued};
    }
    return a;
}

static double end_of(const forecasting *f, double from) {
    const onus_case *c = f->loading->c;
    return c->predictions.lasts_s > 0 ? from + c->predictions.lasts_s
                                      : onus_zone_add_s(f->zone, from, c->protocol.window_s);
}

static onus_status fill_long(forecasting *f, const long_asks *a) {
    onus_status status = ONUS_OK;
    onus_status result = ONUS_OK;
    onus_forecast *out = f->out;
    const onus_table *table = &f->table;
    uint8_t *seen = onus_alloc_n(out->n_windows * out->n_cells, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t cell = 0;
        const onus_status found = find_cell(f, i, &cell);
        if (found != ONUS_OK && found != ONUS_ERR_DATA) {
            status = found;
            goto out;
        }
        result = found != ONUS_OK ? found : result;
        if (cell == out->n_cells) {
            continue;
        }
        const size_t w =
            find_number(out->from_unix_s, out->n_windows, table->columns[1].numbers[i]);
        uint8_t *mark = &seen[w * out->n_cells + cell];
        if (*mark != 0) {
            result = cell_twice(f, i);
        }
        *mark = 1;
        out->rates[w * out->n_cells + cell] = table->columns[2].numbers[i];
        out->day[w] = table->columns[1].local_day[i];
        if (a->until != NOT_ASKED) {
            const double until = table->columns[a->until].numbers[i];
            if (out->until_unix_s[w] > 0 && out->until_unix_s[w] != until) {
                onus_problems_add(f->loading->problems, "window with two ends", f->input.file,
                                  table->lines[i], 0,
                                  "two rows of one window end at different times");
                result = ONUS_ERR_DATA;
            }
            out->until_unix_s[w] = until;
        }
        if (a->issued != NOT_ASKED) {
            const double issued = table->columns[a->issued].numbers[i];
            double *latest = &out->issued_unix_s[w];
            *latest = isnan(*latest) || issued > *latest ? issued : *latest;
        }
    }
    status = result;
out:
    onus_free(seen);
    return status;
}

static onus_status check_ends(const forecasting *f) {
    const onus_forecast *out = f->out;
    size_t n_backwards = 0;
    for (size_t w = 0; w < out->n_windows; w++) {
        n_backwards += out->until_unix_s[w] <= out->from_unix_s[w] ||
                       (w > 0 && out->from_unix_s[w] < out->until_unix_s[w - 1]);
    }
    if (n_backwards > 0) {
        onus_problems_add(f->loading->problems, "windows overlap", f->input.file, 0, 0,
                          "%zu of %zu windows end before they begin, or begin before the one "
                          "before has ended",
                          n_backwards, out->n_windows);
        return ONUS_ERR_DATA;
    }
    return ONUS_OK;
}

static onus_status load_long(forecasting *f) {
    onus_status status = ONUS_OK;
    onus_loading *loading = f->loading;
    const onus_predictions_ref *ref = &loading->c->predictions;
    const long_asks a = asks_of(ref);
    double *starts = NULL;
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, a.asks, a.n, loading->context,
                             &f->table, &f->input, loading->problems));
    ONUS_TRY(onus_take_period(loading, &ref->from, &f->table, 1, &f->input));
    ONUS_TRY(onus_warn_times(loading, &f->input, &ref->from, &f->table.columns[1]));
    const size_t n = f->table.n_rows;
    starts = onus_alloc_n(n, sizeof *starts);
    if (starts == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    if (n > 0) {
        memcpy(starts, f->table.columns[1].numbers, n * sizeof *starts);
        qsort(starts, n, sizeof *starts, by_number);
    }
    size_t n_windows = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || starts[i] != starts[i - 1]) {
            starts[n_windows++] = starts[i];
        }
    }
    ONUS_TRY(make_room(f, n_windows));
    for (size_t w = 0; w < n_windows; w++) {
        f->out->from_unix_s[w] = starts[w];
        f->out->until_unix_s[w] = a.until != NOT_ASKED ? 0 : end_of(f, starts[w]);
    }
    if (a.issued != NOT_ASKED) {
        f->out->issued_unix_s = onus_alloc_n(n_windows, sizeof *f->out->issued_unix_s);
        if (f->out->issued_unix_s == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        for (size_t w = 0; w < n_windows; w++) {
            f->out->issued_unix_s[w] = (double)NAN;
        }
    }
    ONUS_TRY(fill_long(f, &a));
    ONUS_TRY(check_ends(f));
out:
    onus_free(starts);
    return status;
}

/* ---- wide: a column per window ---- */

typedef struct wide_column {
    double from;
    int32_t day;
    char *name;
} wide_column;

static int by_start(const void *a, const void *b) {
    const wide_column *x = a;
    const wide_column *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* The columns whose header is a date in the period, ascending. */
static onus_status dated_columns(forecasting *f, char **names, size_t n_names, onus_array *dated) {
    onus_status status = ONUS_OK;
    onus_loading *loading = f->loading;
    const onus_case *c = loading->c;
    const char *zone_name = c->outcomes.time.zone;
    double from = 0;
    double until = 0;
    ONUS_TRY(onus_period_bounds(loading, zone_name, &from, &until));
    for (size_t i = 0; i < n_names; i++) {
        onus_civil civil = {0};
        if (strcmp(names[i], c->predictions.cell) == 0 ||
            !onus_civil_parse_iso(names[i], strlen(names[i]), &civil)) {
            continue;
        }
        wide_column column = {.name = names[i]};
        const int64_t day = onus_civil_days(civil.year, civil.month, civil.day);
        column.day = (int32_t)day;
        column.from = (double)(day * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second);
        if (f->zone != NULL) {
            (void)onus_zone_to_unix(f->zone, &civil, &column.from);
        }
        if (column.from >= from && column.from < until) {
            ONUS_TRY(onus_array_push(dated, &column));
        } else {
            f->out->n_outside++;
        }
    }
    if (dated->n_items == 0) {
        onus_problems_add(loading->problems, "no windows", c->predictions.source.file, 0, 0,
                          "no column is headed by a date in the period (ISO 8601)");
        status = ONUS_ERR_DATA;
        goto out;
    }
    qsort(dated->items, dated->n_items, sizeof(wide_column), by_start);
    if (f->out->n_outside > 0) {
        ONUS_TRY(onus_warn(&loading->out->warnings, "windows_outside",
                           "%s: %llu windows outside the period were left out",
                           c->predictions.source.file, (unsigned long long)f->out->n_outside));
    }
out:
    return status;
}

static onus_status fill_wide(forecasting *f) {
    onus_status status = ONUS_OK;
    onus_status result = ONUS_OK;
    onus_forecast *out = f->out;
    uint8_t *seen = onus_alloc_n(out->n_cells, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < f->table.n_rows; i++) {
        size_t cell = 0;
        const onus_status found = find_cell(f, i, &cell);
        if (found != ONUS_OK && found != ONUS_ERR_DATA) {
            status = found;
            goto out;
        }
        result = found != ONUS_OK ? found : result;
        if (cell == out->n_cells) {
            continue;
        }
        if (seen[cell] != 0) {
            result = cell_twice(f, i);
        }
        seen[cell] = 1;
        for (size_t w = 0; w < out->n_windows; w++) {
            out->rates[w * out->n_cells + cell] = f->table.columns[w + 1].numbers[i];
        }
    }
    status = result;
out:
    onus_free(seen);
    return status;
}

static onus_status load_wide(forecasting *f) {
    onus_status status = ONUS_OK;
    onus_loading *loading = f->loading;
    const onus_predictions_ref *ref = &loading->c->predictions;
    char **names = NULL;
    size_t n_names = 0;
    onus_column_ask *asks = NULL;
    onus_array dated = ONUS_ARRAY_OF(wide_column);
    ONUS_TRY(
        onus_table_names(&ref->source, loading->c->data_dir, &names, &n_names, loading->problems));
    ONUS_TRY(dated_columns(f, names, n_names, &dated));
    const wide_column *columns = dated.items;
    asks = onus_alloc_n(dated.n_items + 1, sizeof *asks);
    if (asks == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    asks[0] =
        (onus_column_ask){.name = ref->cell, .type = ONUS_COLUMN_ID, .missing_reason = "no cell"};
    for (size_t w = 0; w < dated.n_items; w++) {
        asks[w + 1] = (onus_column_ask){
            .name = columns[w].name, .type = ONUS_COLUMN_COUNT, .may_be_missing = true};
    }
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, dated.n_items + 1,
                             loading->context, &f->table, &f->input, loading->problems));
    ONUS_TRY(make_room(f, dated.n_items));
    for (size_t w = 0; w < dated.n_items; w++) {
        f->out->from_unix_s[w] = columns[w].from;
        f->out->until_unix_s[w] = end_of(f, columns[w].from);
        f->out->day[w] = columns[w].day;
    }
    ONUS_TRY(fill_wide(f));
    ONUS_TRY(check_ends(f));
out:
    for (size_t i = 0; i < n_names; i++) {
        onus_free(names[i]);
    }
    onus_free(names);
    onus_free(asks);
    onus_array_clear(&dated);
    return status;
}

static onus_status open_zone(forecasting *f) {
    const onus_case *c = f->loading->c;
    const char *name =
        c->predictions.from.zone != NULL ? c->predictions.from.zone : c->outcomes.time.zone;
    onus_error err = ONUS_ERROR_INIT;
    if (name == NULL) {
        return ONUS_OK;
    }
    const onus_status status = onus_zone_open(name, &f->zone, &err);
    if (status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        onus_problems_add_error(f->loading->problems, "time zone", &err);
    }
    return status;
}

onus_status onus_read_forecast(onus_loading *loading, const char *role, onus_forecast *forecast) {
    const onus_predictions_ref *ref = &loading->c->predictions;
    if (ref->form != ONUS_FORM_RISK || ref->source.file == NULL || loading->cell_order == NULL) {
        return ONUS_OK; /* a grid that failed is told there */
    }
    onus_status status = ONUS_OK;
    forecasting f = {.loading = loading, .out = forecast, .input = {.role = role}};
    ONUS_TRY(open_zone(&f));
    ONUS_TRY(ref->wide != NULL ? load_wide(&f) : load_long(&f));
    for (size_t i = 0; i < f.out->n_windows * f.out->n_cells; i++) {
        f.out->n_missing += isnan(f.out->rates[i]) ? 1 : 0;
    }
    if (f.out->n_missing > 0) {
        ONUS_TRY(onus_warn(&loading->out->warnings, "missing_rates",
                           "%s: %llu of %zu rates (cell by window) are missing", f.input.file,
                           (unsigned long long)f.out->n_missing,
                           f.out->n_windows * f.out->n_cells));
    }
out:
    status = onus_settle_input(loading, &f.input, status);
    onus_zone_close(f.zone);
    onus_table_clear(&f.table);
    return status;
}

onus_status onus_load_forecast(onus_loading *loading) {
    return onus_read_forecast(loading, "predictions", &loading->out->forecast);
}

void onus_forecast_clear(onus_forecast *forecast) {
    onus_free(forecast->from_unix_s);
    onus_free(forecast->until_unix_s);
    onus_free(forecast->day);
    onus_free(forecast->issued_unix_s);
    onus_free(forecast->rates);
    onus_free(forecast->file_order);
    *forecast = (onus_forecast){0};
}
