/* Recorded outcomes as points: where, when, how many, and whether police activity itself made the
 * record.
 *
 * Burden needs them as a yardstick: what outcomes explain of the exposure, and what was missed
 * where. Which records an officer made is told by the case (`source: {officer: [...]}` names values
 * of the type column), never guessed. Records outside every area stay in: the trial counts them.
 * Outcomes by cell (for predictions of form `risk`) and CSEP catalogues are read by the accuracy
 * trial, not here; a warning says so. Called by load.c. */
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static const size_t NOT_ASKED = SIZE_MAX;

static const onus_mapping *find_mapping(const onus_outcomes_ref *ref, const char *name) {
    for (size_t i = 0; i < ref->n_made_by; i++) {
        if (strcmp(ref->made_by[i].name, name) == 0) {
            return &ref->made_by[i];
        }
    }
    return NULL;
}

/* Marks the records whose type `source: {officer: ...}` names; a name that no record has is said.
 */
static onus_status mark_officers(onus_loading *loading, const onus_table *table, size_t k,
                                 const onus_input *input, onus_outcomes *outcomes) {
    onus_status status = ONUS_OK;
    const onus_outcomes_ref *ref = &loading->c->outcomes;
    const onus_mapping *officer = find_mapping(ref, "officer");
    uint8_t *is_officer = NULL;
    if (officer == NULL || k == NOT_ASKED) {
        return ONUS_OK;
    }
    is_officer = onus_alloc_n(table->n_texts, sizeof *is_officer);
    outcomes->by_officer = onus_alloc_n(table->n_rows, sizeof *outcomes->by_officer);
    if (is_officer == NULL || outcomes->by_officer == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t v = 0; v < officer->values.n; v++) {
        bool found = false;
        for (size_t t = 0; t < table->n_texts; t++) {
            if (strcmp(table->pool + table->pool_starts[t], officer->values.items[v]) == 0) {
                is_officer[t] = 1;
                found = true;
            }
        }
        if (!found) {
            ONUS_TRY(onus_warn(&loading->out->warnings, "unused_value",
                               "%s: source.officer names '%s', which no record has in column '%s'",
                               input->file, officer->values.items[v], ref->type));
        }
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        outcomes->by_officer[i] = is_officer[table->columns[k].texts[i]];
    }
out:
    onus_free(is_officer);
    return status;
}

static onus_status take_numbers(onus_loading *loading, onus_table *table, size_t time, size_t count,
                                const onus_input *input, onus_outcomes *outcomes) {
    const onus_outcomes_ref *ref = &loading->c->outcomes;
    if (count != NOT_ASKED) {
        outcomes->counts = table->columns[count].numbers;
        table->columns[count].numbers = NULL;
    } else {
        outcomes->counts = onus_alloc_n(table->n_rows, sizeof *outcomes->counts);
        if (outcomes->counts == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            outcomes->counts[i] = 1;
        }
    }
    if (time == NOT_ASKED) {
        return ONUS_OK;
    }
    onus_column *column = &table->columns[time];
    const onus_status status = onus_warn_times(loading, input, &ref->time, column);
    outcomes->unix_s = column->numbers;
    outcomes->day = column->local_day;
    column->numbers = NULL;
    column->local_day = NULL;
    return status;
}

onus_status onus_load_outcomes(onus_loading *loading) {
    const onus_case *c = loading->c;
    const onus_outcomes_ref *ref = &c->outcomes;
    const onus_form form = c->predictions.form;
    const bool has_point = ref->point.lon != NULL || ref->point.x != NULL;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    if (!has_point || form == ONUS_FORM_CSEP || form == ONUS_FORM_RISK) {
        return onus_warn(&loading->out->warnings, "not_read", "outcomes were not read: %s",
                         has_point ? "accuracy is not tried yet"
                                   : "they name cells, and only points can be laid over areas");
    }
    onus_status status = ONUS_OK;
    onus_outcomes *outcomes = &loading->out->outcomes;
    onus_table table = {0};
    onus_points_in points = {0};
    onus_input input = {.role = "outcomes"};
    onus_column_ask asks[5];
    size_t n = 0;
    size_t time = NOT_ASKED;
    size_t count = NOT_ASKED;
    size_t type = NOT_ASKED;
    onus_ask_point(&ref->point, asks, &n);
    if (ref->time.column != NULL) {
        time = n;
        asks[n++] = (onus_column_ask){.name = ref->time.column,
                                      .type = ONUS_COLUMN_TIME,
                                      .missing_reason = "no time",
                                      .time = &ref->time};
    }
    if (ref->count != NULL) {
        count = n;
        asks[n++] = (onus_column_ask){
            .name = ref->count, .type = ONUS_COLUMN_COUNT, .missing_reason = "no count"};
    }
    if (ref->type != NULL) {
        type = n;
        asks[n++] =
            (onus_column_ask){.name = ref->type, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    ONUS_TRY(onus_table_read(&ref->source, c->data_dir, asks, n, loading->context, &table, &input,
                             loading->problems));
    if (time != NOT_ASKED) {
        ONUS_TRY(onus_take_period(loading, &ref->time, &table, time, &input));
    }
    ONUS_TRY(onus_take_points(loading, &ref->point, &table, 0, &input, &points));
    outcomes->n_outcomes = table.n_rows;
    outcomes->source_x = points.source_x;
    outcomes->source_y = points.source_y;
    outcomes->x_m = points.x_m;
    outcomes->y_m = points.y_m;
    points.source_x = NULL;
    points.source_y = NULL;
    points.x_m = NULL;
    points.y_m = NULL;
    ONUS_TRY(take_numbers(loading, &table, time, count, &input, outcomes));
    ONUS_TRY(mark_officers(loading, &table, type, &input, outcomes));
out:
    status = onus_settle_input(loading, &input, status);
    onus_points_in_clear(&points);
    onus_table_clear(&table);
    return status;
}

void onus_outcomes_clear(onus_outcomes *outcomes) {
    onus_free(outcomes->source_x);
    onus_free(outcomes->source_y);
    onus_free(outcomes->x_m);
    onus_free(outcomes->y_m);
    onus_free(outcomes->counts);
    onus_free(outcomes->unix_s);
    onus_free(outcomes->day);
    onus_free(outcomes->by_officer);
    *outcomes = (onus_outcomes){0};
}
