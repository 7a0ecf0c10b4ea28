/* Recorded outcomes, as points or by cell: where, when, how many, of which type, when the record
 * came to exist, and whether police activity itself made it.
 *
 * Which records an officer made is told by the case (`source: {officer: [...]}` names values of the
 * type column), never guessed. Records outside every area stay in: the trial counts them. Records
 * from before the period are kept behind the others where methods of comparison look back. CSEP
 * catalogues are read by csep.c. Called by load.c. */
#include <math.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static const size_t NOT_ASKED = SIZE_MAX;

typedef struct outcome_asks {
    onus_column_ask asks[8];
    size_t n;
    size_t time;
    size_t recorded;
    size_t count;
    size_t type;
} outcome_asks;

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

/* The types of the rows that are left, by the numbers that all rows got. */
static onus_status renumber_types(const onus_table *table, size_t k, onus_outcomes *outcomes) {
    uint32_t *number = onus_alloc_n(table->n_texts, sizeof *number);
    if (number == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t t = 0; t < table->n_texts; t++) {
        for (size_t i = 0; i < outcomes->n_types; i++) {
            if (strcmp(table->pool + table->pool_starts[t], outcomes->types[i]) == 0) {
                number[t] = (uint32_t)i;
            }
        }
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        outcomes->type[i] = number[table->columns[k].texts[i]];
    }
    onus_free(number);
    return ONUS_OK;
}

static onus_status take_numbers(onus_loading *loading, onus_table *table, const outcome_asks *a,
                                const onus_input *input, onus_outcomes *outcomes) {
    const onus_outcomes_ref *ref = &loading->c->outcomes;
    if (a->count != NOT_ASKED) {
        outcomes->counts = table->columns[a->count].numbers;
        table->columns[a->count].numbers = NULL;
    } else {
        outcomes->counts = onus_alloc_n(table->n_rows, sizeof *outcomes->counts);
        if (outcomes->counts == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            outcomes->counts[i] = 1;
        }
    }
    if (a->recorded != NOT_ASKED) {
        onus_column *column = &table->columns[a->recorded];
        const onus_status status = onus_warn_times(loading, input, &ref->recorded, column);
        outcomes->recorded_unix_s = column->numbers;
        column->numbers = NULL;
        if (status != ONUS_OK) {
            return status;
        }
    }
    if (a->time == NOT_ASKED) {
        return ONUS_OK;
    }
    onus_column *column = &table->columns[a->time];
    const onus_status status = onus_warn_times(loading, input, &ref->time, column);
    outcomes->unix_s = column->numbers;
    outcomes->day = column->local_day;
    column->numbers = NULL;
    column->local_day = NULL;
    return status;
}

/* Records without a place leave the table; of those in the period, type and day are kept, because
 * what is missing is seldom missing at random. */
static onus_status part_with_missing(onus_loading *loading, onus_table *table,
                                     const outcome_asks *a, onus_input *input,
                                     onus_outcomes *outcomes) {
    onus_status status = ONUS_OK;
    const double *x = table->columns[0].numbers;
    const double *y = table->columns[1].numbers;
    double from = 0;
    double until = 0;
    uint8_t *keep = onus_alloc_n(table->n_rows, sizeof *keep);
    size_t n = 0;
    if (keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_period_bounds(loading, loading->c->outcomes.time.zone, &from, &until));
    for (size_t i = 0; i < table->n_rows; i++) {
        keep[i] = (uint8_t)(isnan(x[i]) || isnan(y[i]) ? 0 : 1);
        n += keep[i] == 0;
    }
    if (a->type != NOT_ASKED) {
        outcomes->missing_type = onus_alloc_n(n, sizeof *outcomes->missing_type);
    }
    if (a->time != NOT_ASKED) {
        outcomes->missing_day = onus_alloc_n(n, sizeof *outcomes->missing_day);
    }
    if ((a->type != NOT_ASKED && outcomes->missing_type == NULL) ||
        (a->time != NOT_ASKED && outcomes->missing_day == NULL)) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        if (keep[i] != 0 || (a->time != NOT_ASKED && table->columns[a->time].numbers[i] < from)) {
            continue;
        }
        if (a->type != NOT_ASKED) {
            outcomes->missing_type[outcomes->n_missing] = outcomes->type[i];
        }
        if (a->time != NOT_ASKED) {
            outcomes->missing_day[outcomes->n_missing] = table->columns[a->time].local_day[i];
        }
        outcomes->n_missing++;
    }
    ONUS_TRY(onus_let_go(table, keep, input, "no coordinates", false));
out:
    onus_free(keep);
    return status;
}

onus_status onus_take_cells(onus_loading *loading, onus_table *table, onus_invalid invalid,
                            onus_input *input, int32_t **cell_of) {
    onus_status status = ONUS_OK;
    onus_status result = ONUS_OK;
    const onus_layer *grid = &loading->out->grid;
    uint8_t *keep = onus_alloc_n(table->n_rows, sizeof *keep);
    int32_t *cells = onus_alloc_n(table->n_rows, sizeof *cells);
    size_t n = 0;
    *cell_of = cells;
    if (keep == NULL || cells == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *id = onus_table_text(table, 0, i);
        const size_t cell = onus_ids_find(grid->ids, loading->cell_order, grid->n_areas, id);
        keep[i] = cell < grid->n_areas;
        cells[n] = (int32_t)cell;
        n += keep[i];
        if (keep[i] == 0 &&
            onus_report_no_cell(loading, input, invalid, id, table->lines[i]) != ONUS_OK) {
            result = ONUS_ERR_DATA;
        }
    }
    ONUS_TRY(onus_let_go(table, keep, input, "id in no cell", false));
    status = result;
out:
    onus_free(keep);
    return status;
}

static onus_status take_places(onus_loading *loading, onus_table *table, onus_input *input,
                               onus_outcomes *outcomes) {
    onus_points_in points = {0};
    const onus_status status =
        onus_take_points(loading, &loading->c->outcomes.point, table, 0, input, &points);
    outcomes->source_x = points.source_x;
    outcomes->source_y = points.source_y;
    outcomes->x_m = points.x_m;
    outcomes->y_m = points.y_m;
    points.source_x = NULL;
    points.source_y = NULL;
    points.x_m = NULL;
    points.y_m = NULL;
    onus_points_in_clear(&points);
    return status;
}

static size_t ask(outcome_asks *a, const onus_column_ask *one) {
    if (one->name == NULL) {
        return NOT_ASKED;
    }
    a->asks[a->n] = *one;
    return a->n++;
}

static outcome_asks asks_of(const onus_outcomes_ref *ref, bool by_cell) {
    outcome_asks a = {0};
    if (by_cell) {
        (void)ask(&a, &(onus_column_ask){
                          .name = ref->cell, .type = ONUS_COLUMN_ID, .missing_reason = "no cell"});
    } else {
        onus_ask_point(&ref->point, a.asks, &a.n);
        a.asks[0].may_be_missing = true;
        a.asks[1].may_be_missing = true;
    }
    a.time = ask(&a, &(onus_column_ask){.name = ref->time.column,
                                        .type = ONUS_COLUMN_TIME,
                                        .missing_reason = "no time",
                                        .time = &ref->time});
    a.recorded = ask(&a, &(onus_column_ask){.name = ref->recorded.column,
                                            .type = ONUS_COLUMN_TIME,
                                            .may_be_missing = true,
                                            .time = &ref->recorded});
    a.count =
        ask(&a, &(onus_column_ask){
                    .name = ref->count, .type = ONUS_COLUMN_COUNT, .missing_reason = "no count"});
    a.type = ask(&a, &(onus_column_ask){
                         .name = ref->type, .type = ONUS_COLUMN_TEXT, .may_be_missing = true});
    return a;
}

/* Methods of comparison look back before the period, and simulations start from there; without them
 * nobody does. */
static bool wants_history(const onus_case *c) {
    const onus_form form = c->predictions.form;
    return c->has_feedback ||
           (c->protocol.baselines.n > 0 &&
            (form == ONUS_FORM_BOXES || form == ONUS_FORM_POLYGONS || form == ONUS_FORM_RISK));
}

onus_status onus_load_outcomes(onus_loading *loading) {
    const onus_case *c = loading->c;
    const onus_outcomes_ref *ref = &c->outcomes;
    const bool by_cell = ref->point.lon == NULL && ref->point.x == NULL;
    if (ref->source.file == NULL || c->predictions.form == ONUS_FORM_CSEP) {
        return ONUS_OK; /* of form csep: csep.c */
    }
    if (by_cell && loading->cell_order == NULL) {
        return c->grid.source.file != NULL
                   ? ONUS_OK /* the grid failed, which is told there */
                   : onus_warn(&loading->out->warnings, "not_read",
                               "outcomes were not read: they name cells, and no grid is given");
    }
    onus_status status = ONUS_OK;
    onus_outcomes *outcomes = &loading->out->outcomes;
    onus_table table = {0};
    onus_input input = {.role = "outcomes"};
    const outcome_asks a = asks_of(ref, by_cell);
    const bool history = a.time != NOT_ASKED && wants_history(c);
    ONUS_TRY(onus_table_read(&ref->source, c->data_dir, a.asks, a.n, loading->context, &table,
                             &input, loading->problems));
    outcomes->last_day = INT32_MIN;
    for (size_t i = 0; a.time != NOT_ASKED && i < table.n_rows; i++) {
        const int32_t day = table.columns[a.time].local_day[i];
        outcomes->last_day = day > outcomes->last_day ? day : outcomes->last_day;
    }
    if (a.time != NOT_ASKED) {
        ONUS_TRY(history ? onus_take_history(loading, &ref->time, &table, a.time, &input)
                         : onus_take_period(loading, &ref->time, &table, a.time, &input));
    }
    if (a.type != NOT_ASKED) { /* before any is parted with: also those without a place */
        ONUS_TRY(
            onus_take_types(&table, a.type, &outcomes->type, &outcomes->types, &outcomes->n_types));
    }
    if (by_cell) {
        ONUS_TRY(onus_take_cells(loading, &table, loading->c->outcomes.source.invalid, &input,
                                 &outcomes->cell));
    } else {
        ONUS_TRY(part_with_missing(loading, &table, &a, &input, outcomes));
        ONUS_TRY(take_places(loading, &table, &input, outcomes));
    }
    if (a.type != NOT_ASKED) { /* once more, in the rows that are left: the same names */
        ONUS_TRY(renumber_types(&table, a.type, outcomes));
    }
    if (history) {
        ONUS_TRY(
            onus_count_history(loading, &ref->time, &table, a.time, &input, &outcomes->n_history));
    }
    outcomes->n_outcomes = table.n_rows - outcomes->n_history;
    ONUS_TRY(take_numbers(loading, &table, &a, &input, outcomes));
    ONUS_TRY(mark_officers(loading, &table, a.type, &input, outcomes));
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

void onus_outcomes_clear(onus_outcomes *outcomes) {
    for (size_t i = 0; i < outcomes->n_types; i++) {
        onus_free(outcomes->types[i]);
    }
    onus_free(outcomes->types);
    onus_free(outcomes->type);
    onus_free(outcomes->missing_type);
    onus_free(outcomes->missing_day);
    onus_free(outcomes->recorded_unix_s);
    onus_free(outcomes->cell);
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
