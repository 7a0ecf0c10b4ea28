/* The product's flags: boxes, drawn polygons, or how often a place was flagged.
 *
 * One row per flag, as given; where it falls is for the trial to work out (src/geom). For drawn
 * polygons the attributes come through the same checks as any table, and the shapes are then read
 * for exactly the features that passed. The forms `risk` and `csep` carry no flags of their own
 * (forecast.c). Called by load.c after the areas. Never merges rows and never drops a flag that
 * lies outside. */
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

static const size_t NOT_ASKED = SIZE_MAX;

typedef struct flag_asks {
    onus_column_ask asks[8];
    size_t n;
    size_t point;
    size_t area;
    size_t count;
    size_t from;
    size_t until;
    size_t issued;
    size_t type;
} flag_asks;

static size_t ask(flag_asks *a, const char *name, onus_column_type type, const char *missing_reason,
                  const onus_time_ref *time) {
    if (name == NULL) {
        return NOT_ASKED;
    }
    a->asks[a->n] = (onus_column_ask){.name = name,
                                      .type = type,
                                      .may_be_missing = missing_reason == NULL,
                                      .missing_reason = missing_reason,
                                      .time = time};
    return a->n++;
}

static flag_asks asks_of(const onus_predictions_ref *ref) {
    flag_asks a = {.point = NOT_ASKED, .area = NOT_ASKED};
    if (ref->form == ONUS_FORM_BOXES || ref->form == ONUS_FORM_COUNTED_BOXES) {
        a.point = a.n;
        onus_ask_point(&ref->point, a.asks, &a.n);
    } else if (ref->form == ONUS_FORM_COUNTED_AREAS) {
        a.area = ask(&a, ref->area, ONUS_COLUMN_ID, "no area", NULL);
    }
    a.count = ask(&a, ref->count, ONUS_COLUMN_COUNT, "no count", NULL);
    a.from = ask(&a, ref->from.column, ONUS_COLUMN_TIME, "no time", &ref->from);
    a.until = ask(&a, ref->until.column, ONUS_COLUMN_TIME, "no end time", &ref->until);
    a.issued = ask(&a, ref->issued.column, ONUS_COLUMN_TIME, NULL, &ref->issued);
    a.type = ask(&a, ref->type, ONUS_COLUMN_TEXT, NULL, NULL);
    return a;
}

static onus_status take_areas(onus_loading *loading, const onus_table *table, size_t k,
                              const onus_input *input, onus_flags *flags) {
    onus_status result = ONUS_OK;
    const onus_layer *areas = &loading->out->areas;
    flags->area = onus_alloc_n(table->n_rows, sizeof *flags->area);
    if (flags->area == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *id = onus_table_text(table, k, i);
        const size_t a = onus_ids_find(areas->ids, loading->id_order, areas->n_areas, id);
        flags->area[i] = a < areas->n_areas ? (int32_t)a : -1;
        if (a == areas->n_areas &&
            onus_report_stranger(loading, input, loading->c->predictions.source.invalid, id,
                                 table->lines[i]) != ONUS_OK) {
            result = ONUS_ERR_DATA;
        }
    }
    return result;
}

static onus_status take_counts(onus_column *column, size_t n, double **counts) {
    if (column != NULL) {
        *counts = column->numbers;
        column->numbers = NULL;
        return ONUS_OK;
    }
    *counts = onus_alloc_n(n, sizeof **counts);
    if (*counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        (*counts)[i] = 1;
    }
    return ONUS_OK;
}

onus_status onus_take_types(const onus_table *table, size_t k, uint32_t **type, char ***types,
                            size_t *n_types) {
    const size_t n_pool = table->n_texts;
    uint32_t *seen = onus_alloc_n(n_pool, sizeof *seen); /* type + 1 of each pooled text */
    *types = onus_alloc_n(n_pool, sizeof **types);
    *type = onus_alloc_n(table->n_rows, sizeof **type);
    if (seen == NULL || *types == NULL || *type == NULL) {
        onus_free(seen);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const uint32_t text = table->columns[k].texts[i];
        if (seen[text] == 0) {
            char *copy = onus_strdup(table->pool + table->pool_starts[text]);
            if (copy == NULL) {
                onus_free(seen);
                return ONUS_ERR_NOMEM;
            }
            (*types)[(*n_types)++] = copy;
            seen[text] = (uint32_t)*n_types;
        }
        (*type)[i] = seen[text] - 1;
    }
    onus_free(seen);
    return ONUS_OK;
}

static onus_status take_times(onus_loading *loading, onus_table *table, const flag_asks *a,
                              const onus_input *input, onus_flags *flags) {
    onus_status status = ONUS_OK;
    const onus_predictions_ref *ref = &loading->c->predictions;
    if (a->from == NOT_ASKED) {
        return ONUS_OK;
    }
    onus_column *from = &table->columns[a->from];
    ONUS_TRY(onus_warn_times(loading, input, &ref->from, from));
    if (a->issued != NOT_ASKED) {
        size_t n_late = 0;
        for (size_t i = 0; i < table->n_rows; i++) {
            n_late += table->columns[a->issued].numbers[i] > from->numbers[i];
        }
        if (n_late > 0) {
            ONUS_TRY(onus_warn(&loading->out->warnings, "issued_late",
                               "%s: %zu of %zu flags were issued after the time they are for",
                               input->file, n_late, table->n_rows));
        }
        flags->issued_unix_s = table->columns[a->issued].numbers;
        table->columns[a->issued].numbers = NULL;
    }
    if (a->until != NOT_ASKED) {
        flags->until_unix_s = table->columns[a->until].numbers;
        table->columns[a->until].numbers = NULL;
    } else if (ref->lasts_s > 0) {
        flags->until_unix_s = onus_alloc_n(table->n_rows, sizeof(double));
        if (flags->until_unix_s == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            flags->until_unix_s[i] = from->numbers[i] + ref->lasts_s;
        }
    }
    size_t n_backwards = 0;
    for (size_t i = 0; flags->until_unix_s != NULL && i < table->n_rows; i++) {
        if (flags->until_unix_s[i] <= from->numbers[i]) {
            n_backwards++;
            onus_problems_add(loading->problems, "ends before it begins", input->file,
                              table->lines[i], 0, "the flag ends before it begins");
        }
    }
    if (n_backwards > 0) {
        status = ONUS_ERR_DATA;
        goto out;
    }
    flags->from_unix_s = from->numbers;
    flags->day = from->local_day;
    from->numbers = NULL;
    from->local_day = NULL;
out:
    return status;
}

/* Shapes of the features whose attributes passed; those whose shape is unusable (and may be let go)
 * leave the table too. A layer read without an id column names its areas by feature number. */
static onus_status take_shapes(onus_loading *loading, onus_table *table, onus_input *input,
                               onus_flags *flags) {
    onus_status status = ONUS_OK;
    const onus_predictions_ref *ref = &loading->c->predictions;
    onus_input shape_input = {.role = "predictions"};
    uint8_t *keep = NULL;
    const onus_source source = {
        .file = ref->source.file, .layer = ref->source.layer, .invalid = ref->source.invalid};
    const onus_layer_opts opts = {.crs = ref->point.crs,
                                  .projection = loading->projection,
                                  .records = table->lines,
                                  .n_records = table->n_rows};
    ONUS_TRY(onus_layer_read(&source, loading->c->data_dir, &opts, loading->context, &flags->shapes,
                             &shape_input, &loading->out->warnings, loading->problems));
    if (loading->projection == NULL) {
        loading->projection = onus_strdup(flags->shapes.projection);
        if (loading->projection == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
    }
    for (size_t i = 0; i < shape_input.n_excluded; i++) {
        const onus_exclusion *gone = &shape_input.excluded[i];
        input->used -= gone->rows;
        ONUS_TRY(onus_input_exclude(input, gone->reason, gone->by_choice, gone->rows));
    }
    keep = onus_alloc_n(table->n_rows, sizeof *keep);
    if (keep == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    size_t next = 0;
    for (size_t i = 0; i < table->n_rows && next < flags->shapes.n_areas; i++) {
        const char *id = flags->shapes.ids[next];
        int64_t feature = 0;
        keep[i] = onus_parse_int64(id, strlen(id), &feature) && feature == table->lines[i];
        next += keep[i];
    }
    onus_table_keep(table, keep);
out:
    onus_free(keep);
    onus_input_clear(&shape_input);
    return status;
}

static onus_status take_places(onus_loading *loading, onus_table *table, const flag_asks *a,
                               onus_input *input, onus_flags *flags) {
    const onus_predictions_ref *ref = &loading->c->predictions;
    if (ref->form == ONUS_FORM_POLYGONS) {
        return take_shapes(loading, table, input, flags);
    }
    if (ref->form == ONUS_FORM_COUNTED_AREAS) {
        onus_status status = take_areas(loading, table, a->area, input, flags);
        if (status != ONUS_OK) {
            return status;
        }
        uint8_t *keep = onus_alloc_n(table->n_rows, sizeof *keep);
        if (keep == NULL) {
            return ONUS_ERR_NOMEM;
        }
        size_t n = 0;
        for (size_t i = 0; i < table->n_rows; i++) {
            keep[i] = flags->area[i] >= 0;
            flags->area[n] = flags->area[i];
            n += keep[i];
        }
        const uint64_t gone = table->n_rows - n;
        onus_table_keep(table, keep);
        onus_free(keep);
        input->used -= gone;
        return onus_input_exclude(input, "id in no area", false, gone);
    }
    onus_points_in points = {0};
    const onus_status status =
        onus_take_points(loading, &ref->point, table, a->point, input, &points);
    if (status == ONUS_OK) {
        flags->source_x = points.source_x;
        flags->source_y = points.source_y;
        flags->lon_deg = points.lon_deg;
        flags->lat_deg = points.lat_deg;
        flags->x_m = points.x_m;
        flags->y_m = points.y_m;
    }
    return status;
}

onus_status onus_read_flags(onus_loading *loading, const char *role, onus_flags *flags) {
    const onus_predictions_ref *ref = &loading->c->predictions;
    if (ref->source.file == NULL || ref->form == ONUS_FORM_NONE) {
        return ONUS_OK;
    }
    if (ref->form == ONUS_FORM_RISK || ref->form == ONUS_FORM_CSEP) {
        return ONUS_OK; /* no flags of their own: forecast.c, csep.c */
    }
    if (ref->form == ONUS_FORM_COUNTED_AREAS && loading->c->areas.source.file == NULL) {
        onus_problems_add(loading->problems, "no areas", loading->c->path, ref->source.at.line,
                          ref->source.at.col,
                          "predictions of form counted_areas need `areas` to count them in");
        return ONUS_ERR_DATA;
    }
    if (ref->form == ONUS_FORM_COUNTED_AREAS && loading->id_order == NULL) {
        return ONUS_OK; /* the areas failed, which is told there */
    }
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = role};
    const flag_asks a = asks_of(ref);
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, a.asks, a.n, loading->context,
                             &table, &input, loading->problems));
    if (a.from != NOT_ASKED) {
        ONUS_TRY(onus_take_period(loading, &ref->from, &table, a.from, &input));
    }
    ONUS_TRY(take_places(loading, &table, &a, &input, flags));
    flags->n_flags = table.n_rows;
    ONUS_TRY(take_counts(a.count != NOT_ASKED ? &table.columns[a.count] : NULL, table.n_rows,
                         &flags->counts));
    ONUS_TRY(take_times(loading, &table, &a, &input, flags));
    if (a.type != NOT_ASKED) {
        ONUS_TRY(onus_take_types(&table, a.type, &flags->type, &flags->types, &flags->n_types));
    }
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

onus_status onus_load_flags(onus_loading *loading) {
    return onus_read_flags(loading, "predictions", &loading->out->flags);
}

void onus_flags_clear(onus_flags *flags) {
    for (size_t i = 0; i < flags->n_types; i++) {
        onus_free(flags->types[i]);
    }
    onus_free(flags->types);
    onus_free(flags->lon_deg);
    onus_free(flags->lat_deg);
    onus_free(flags->source_x);
    onus_free(flags->source_y);
    onus_free(flags->x_m);
    onus_free(flags->y_m);
    onus_free(flags->counts);
    onus_free(flags->area);
    onus_free(flags->day);
    onus_free(flags->from_unix_s);
    onus_free(flags->until_unix_s);
    onus_free(flags->issued_unix_s);
    onus_free(flags->type);
    onus_layer_clear(&flags->shapes);
    *flags = (onus_flags){0};
}
