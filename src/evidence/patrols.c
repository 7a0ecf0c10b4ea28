/* Where patrols were, and when: one row per visit.
 *
 * Accuracy asks whether flagged places were visited and whether the product looks better where they
 * were. Visits outside the period are let go by choice. Called by load.c. Never reads who
 * patrolled. */
#include "evidence_internal.h"
#include "onus/alloc.h"

onus_status onus_load_patrols(onus_loading *loading) {
    const onus_patrols_ref *ref = &loading->c->patrols;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_patrols *patrols = &loading->out->patrols;
    onus_table table = {0};
    onus_points_in points = {0};
    onus_input input = {.role = "patrols"};
    onus_column_ask asks[4];
    size_t n = 0;
    onus_ask_point(&ref->point, asks, &n);
    const size_t from = n;
    asks[n++] = (onus_column_ask){.name = ref->from.column,
                                  .type = ONUS_COLUMN_TIME,
                                  .missing_reason = "no time",
                                  .time = &ref->from};
    if (ref->until.column != NULL) {
        asks[n++] = (onus_column_ask){.name = ref->until.column,
                                      .type = ONUS_COLUMN_TIME,
                                      .may_be_missing = true,
                                      .time = &ref->until};
    }
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, n, loading->context, &table,
                             &input, loading->problems));
    ONUS_TRY(onus_take_period(loading, &ref->from, &table, from, &input));
    ONUS_TRY(onus_take_points(loading, &ref->point, &table, 0, &input, &points));
    ONUS_TRY(onus_warn_times(loading, &input, &ref->from, &table.columns[from]));
    patrols->n_visits = table.n_rows;
    patrols->x_m = points.x_m;
    patrols->y_m = points.y_m;
    points.x_m = NULL;
    points.y_m = NULL;
    patrols->from_unix_s = table.columns[from].numbers;
    table.columns[from].numbers = NULL;
    if (ref->until.column != NULL) {
        patrols->until_unix_s = table.columns[from + 1].numbers;
        table.columns[from + 1].numbers = NULL;
    }
out:
    status = onus_settle_input(loading, &input, status);
    onus_points_in_clear(&points);
    onus_table_clear(&table);
    return status;
}

void onus_patrols_clear(onus_patrols *patrols) {
    onus_free(patrols->x_m);
    onus_free(patrols->y_m);
    onus_free(patrols->from_unix_s);
    onus_free(patrols->until_unix_s);
    *patrols = (onus_patrols){0};
}
