/* The second run of the product, on records with incidents injected, and what was injected.
 *
 * The second run is read as the first: the same columns, zone and form from another file, through
 * the same loaders, so that nothing but the file can make the two differ. Incidents outside the
 * period are let go by choice, as records are. Called by load.c, last, since a second run has no
 * say in the projection. Never mixes the injected incidents with the records. */
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static onus_status load_second_run(onus_loading *loading) {
    const onus_case *c = loading->c;
    onus_injection *out = &loading->out->injection;
    onus_case second = *c; /* borrows everything */
    second.predictions.source.file = c->feedback.injection.predictions;
    second.predictions.source.at = c->feedback.injection.at;
    loading->c = &second;
    const onus_status status = second.predictions.form == ONUS_FORM_RISK
                                   ? onus_read_forecast(loading, "second run", &out->forecast)
                                   : onus_read_flags(loading, "second run", &out->flags);
    loading->c = c;
    return status;
}

static onus_status take_places(onus_loading *loading, onus_table *table, onus_input *input) {
    onus_injection *out = &loading->out->injection;
    onus_points_in points = {0};
    const onus_status status =
        onus_take_points(loading, &loading->c->feedback.injection.point, table, 0, input, &points);
    out->x_m = points.x_m;
    out->y_m = points.y_m;
    points.x_m = NULL;
    points.y_m = NULL;
    onus_points_in_clear(&points);
    return status;
}

static onus_status take_counts(onus_table *table, size_t k, bool given, onus_injection *out) {
    if (given) {
        out->counts = table->columns[k].numbers;
        table->columns[k].numbers = NULL;
        return ONUS_OK;
    }
    out->counts = onus_alloc_n(table->n_rows, sizeof *out->counts);
    if (out->counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        out->counts[i] = 1;
    }
    return ONUS_OK;
}

static onus_status load_incidents(onus_loading *loading) {
    onus_status status = ONUS_OK;
    const onus_injection_ref *ref = &loading->c->feedback.injection;
    onus_injection *out = &loading->out->injection;
    onus_table table = {0};
    onus_input input = {.role = "injected"};
    onus_column_ask asks[4];
    size_t n = 0;
    if (ref->cell != NULL) {
        asks[n++] = (onus_column_ask){
            .name = ref->cell, .type = ONUS_COLUMN_ID, .missing_reason = "no cell"};
    } else {
        onus_ask_point(&ref->point, asks, &n);
    }
    const size_t time = n;
    asks[n++] = (onus_column_ask){.name = ref->time.column,
                                  .type = ONUS_COLUMN_TIME,
                                  .missing_reason = "no time",
                                  .time = &ref->time};
    const size_t count = n;
    if (ref->count != NULL) {
        asks[n++] = (onus_column_ask){
            .name = ref->count, .type = ONUS_COLUMN_COUNT, .missing_reason = "no count"};
    }
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, n, loading->context, &table,
                             &input, loading->problems));
    ONUS_TRY(onus_take_period(loading, &ref->time, &table, time, &input));
    ONUS_TRY(ref->cell != NULL
                 ? onus_take_cells(loading, &table, ref->source.invalid, &input, &out->cell)
                 : take_places(loading, &table, &input));
    ONUS_TRY(onus_warn_times(loading, &input, &ref->time, &table.columns[time]));
    ONUS_TRY(take_counts(&table, count, ref->count != NULL, out));
    out->n_incidents = table.n_rows;
    out->unix_s = table.columns[time].numbers;
    table.columns[time].numbers = NULL;
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

onus_status onus_load_injection(onus_loading *loading) {
    const onus_injection_ref *ref = &loading->c->feedback.injection;
    if (!ref->given) {
        return ONUS_OK;
    }
    const onus_status second = load_second_run(loading);
    if (second != ONUS_OK && second != ONUS_ERR_DATA && second != ONUS_ERR_NOINPUT) {
        return second;
    }
    if (ref->cell != NULL && loading->cell_order == NULL) {
        return second; /* a grid that failed is told there */
    }
    const onus_status incidents = load_incidents(loading);
    return second != ONUS_OK && (incidents == ONUS_OK || incidents == ONUS_ERR_DATA ||
                                 incidents == ONUS_ERR_NOINPUT)
               ? second
               : incidents;
}

void onus_injection_clear(onus_injection *injection) {
    onus_flags_clear(&injection->flags);
    onus_forecast_clear(&injection->forecast);
    onus_free(injection->cell);
    onus_free(injection->x_m);
    onus_free(injection->y_m);
    onus_free(injection->unix_s);
    onus_free(injection->counts);
    *injection = (onus_injection){0};
}
