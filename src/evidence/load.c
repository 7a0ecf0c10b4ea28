/* onus_evidence_load: everything that a case names, in the order of the case.
 *
 *   areas, region, grid, districts -> people -> outcomes, patrols -> predictions        each with
 * its account (rows = used + excluded)
 *
 * A part that fails leaves its problems behind and the next one is still read, so that a user sees
 * all that is wrong at once. This file holds what the parts share: points into the projection of
 * the areas, the settling of an account. Called by the command line for `try` and
 * `check`. Never drops a row without a reason, and never drops flags or outcomes that lie outside
 * every area: counting those is the trial's business. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

onus_status onus_warn(onus_array *warnings, const char *code, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)onus_vformat(text, sizeof text, fmt, args);
    va_end(args);
    onus_load_warning warning = {.code = code, .text = onus_strdup(text)};
    if (warning.text == NULL || onus_array_push(warnings, &warning) != ONUS_OK) {
        onus_free(warning.text);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

/* ---- points ---- */

void onus_points_in_clear(onus_points_in *points) {
    onus_free(points->source_x);
    onus_free(points->source_y);
    onus_free(points->lon_deg);
    onus_free(points->lat_deg);
    onus_free(points->x_m);
    onus_free(points->y_m);
    *points = (onus_points_in){0};
}

void onus_ask_point(const onus_point_ref *ref, onus_column_ask *asks, size_t *n) {
    const bool degrees = ref->lon != NULL;
    asks[*n] = (onus_column_ask){.name = degrees ? ref->lon : ref->x,
                                 .type = degrees ? ONUS_COLUMN_LON : ONUS_COLUMN_NUMBER,
                                 .missing_reason = "no coordinates"};
    asks[*n + 1] = (onus_column_ask){.name = degrees ? ref->lat : ref->y,
                                     .type = degrees ? ONUS_COLUMN_LAT : ONUS_COLUMN_NUMBER,
                                     .missing_reason = "no coordinates"};
    *n += 2;
}

typedef struct bounds {
    double west;
    double east;
    double south;
    double north;
} bounds;

static bounds bounds_of(const double *lon, const double *lat, size_t n) {
    bounds b = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        b.west = fmin(b.west, lon[i]);
        b.east = fmax(b.east, lon[i]);
        b.south = fmin(b.south, lat[i]);
        b.north = fmax(b.north, lat[i]);
    }
    return b;
}

static bool inside(const bounds *b, double lon, double lat) {
    return lon >= b->west && lon <= b->east && lat >= b->south && lat <= b->north;
}

/* Points all outside the areas, most of them inside when the two numbers change places. */
static onus_status check_against_areas(onus_loading *loading, const char *name,
                                       const onus_points_in *points, size_t n) {
    const onus_layer *areas = &loading->out->areas;
    if (areas->n_points == 0 || n == 0) {
        return ONUS_OK;
    }
    const bounds b = bounds_of(areas->lon_deg, areas->lat_deg, areas->n_points);
    size_t n_inside = 0;
    size_t n_swapped = 0;
    for (size_t i = 0; i < n; i++) {
        n_inside += inside(&b, points->lon_deg[i], points->lat_deg[i]);
        n_swapped += inside(&b, points->lat_deg[i], points->lon_deg[i]);
    }
    if (n_inside > 0) {
        return ONUS_OK;
    }
    if (2 * n_swapped > n) {
        onus_problems_add(loading->problems, "longitude and latitude swapped", name, 0, 0,
                          "longitude and latitude look swapped, here or in the areas: none of %zu "
                          "points lies within the bounds of the areas, %zu do with the two "
                          "exchanged",
                          n, n_swapped);
        return ONUS_ERR_DATA;
    }
    return onus_warn(&loading->out->warnings, "all_outside",
                     "%s: none of %zu points lies within the bounds of the areas", name, n);
}

void onus_table_keep(onus_table *table, const uint8_t *keep) {
    size_t n = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        if (!keep[i]) {
            continue;
        }
        table->lines[n] = table->lines[i];
        for (size_t k = 0; k < table->n_columns; k++) {
            onus_column *column = &table->columns[k];
            if (column->numbers != NULL) {
                column->numbers[n] = column->numbers[i];
            }
            if (column->texts != NULL) {
                column->texts[n] = column->texts[i];
            }
            if (column->local_day != NULL) {
                column->local_day[n] = column->local_day[i];
            }
        }
        n++;
    }
    table->n_rows = n;
}

onus_status onus_let_go(onus_table *table, const uint8_t *keep, onus_input *input,
                        const char *reason, bool by_choice) {
    const size_t before = table->n_rows;
    onus_table_keep(table, keep);
    const uint64_t gone = before - table->n_rows;
    input->used -= gone;
    return onus_input_exclude(input, reason, by_choice, gone);
}

static onus_status choose_projection(onus_loading *loading, const onus_points_in *points,
                                     size_t n) {
    if (loading->projection != NULL) {
        return ONUS_OK;
    }
    if (loading->out->areas.projection != NULL) {
        loading->projection = onus_strdup(loading->out->areas.projection);
    } else {
        const bounds b = bounds_of(points->lon_deg, points->lat_deg, n);
        loading->projection =
            onus_geo_local_projection((b.west + b.east) / 2, (b.south + b.north) / 2);
    }
    return loading->projection != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
}

onus_status onus_take_points(onus_loading *loading, const onus_point_ref *ref, onus_table *table,
                             size_t k, onus_input *input, onus_points_in *points) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    onus_geo *geo = NULL;
    uint8_t *keep = NULL;
    const char *crs = ref->lon != NULL ? NULL : ref->crs;
    onus_column *columns = table->columns;
    size_t n = table->n_rows;
    *points = (onus_points_in){0};
    points->lon_deg = onus_alloc_n(n, sizeof(double));
    points->lat_deg = onus_alloc_n(n, sizeof(double));
    points->x_m = onus_alloc_n(n, sizeof(double));
    points->y_m = onus_alloc_n(n, sizeof(double));
    keep = onus_alloc_n(n, sizeof *keep);
    if (points->lon_deg == NULL || points->lat_deg == NULL || points->x_m == NULL ||
        points->y_m == NULL || keep == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_geo_open(crs, NULL, &geo, &err));
    ONUS_TRY(onus_geo_degrees(geo, columns[k].numbers, columns[k + 1].numbers, n, points->lon_deg,
                              points->lat_deg, &err));
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        keep[i] = (uint8_t)(isnan(points->lon_deg[i]) ? 0 : 1);
        points->lon_deg[n_kept] = points->lon_deg[i];
        points->lat_deg[n_kept] = points->lat_deg[i];
        n_kept += keep[i];
    }
    ONUS_TRY(onus_let_go(table, keep, input, "coordinates outside their system", false));
    n = n_kept;
    ONUS_TRY(check_against_areas(loading, input->file, points, n));
    ONUS_TRY(choose_projection(loading, points, n));
    onus_geo_close(geo);
    geo = NULL;
    ONUS_TRY(onus_geo_open(NULL, loading->projection, &geo, &err));
    ONUS_TRY(
        onus_geo_project(geo, points->lon_deg, points->lat_deg, n, points->x_m, points->y_m, &err));
    points->source_x = columns[k].numbers;
    points->source_y = columns[k + 1].numbers;
    columns[k].numbers = NULL;
    columns[k + 1].numbers = NULL;
out:
    if (err.status != ONUS_OK && err.status != ONUS_ERR_NOMEM) {
        if (err.path[0] == '\0') {
            (void)snprintf(err.path, sizeof err.path, "%s", input->file);
        }
        onus_problems_add_error(loading->problems, "coordinate system", &err);
    }
    onus_geo_close(geo);
    onus_free(keep);
    if (status != ONUS_OK) {
        onus_points_in_clear(points);
    }
    return status;
}

/* ---- times ---- */

onus_status onus_warn_times(onus_loading *loading, const onus_input *input,
                            const onus_time_ref *ref, const onus_column *column) {
    onus_status status = ONUS_OK;
    onus_array *warnings = &loading->out->warnings;
    if (column->n_twice + column->n_never > 0) {
        ONUS_TRY(onus_warn(warnings, "clock_change",
                           "%s: in column '%s', %llu local times occur twice and %llu never in %s "
                           "(clock change); the earlier instant was taken",
                           input->file, ref->column, (unsigned long long)column->n_twice,
                           (unsigned long long)column->n_never,
                           ref->zone != NULL ? ref->zone : "UTC"));
    }
    if (column->n_assumed_utc > 0) {
        ONUS_TRY(onus_warn(warnings, "no_zone",
                           "%s: %llu times of column '%s' name no zone, nor does the case; they "
                           "were read as UTC",
                           input->file, (unsigned long long)column->n_assumed_utc, ref->column));
    }
out:
    return status;
}

/* ---- the account ---- */

static bool too_many_excluded(const onus_loading *loading, const onus_input *input) {
    uint64_t chosen = 0;
    uint64_t lost = 0;
    onus_text why = {0};
    for (size_t i = 0; i < input->n_excluded; i++) {
        const onus_exclusion *e = &input->excluded[i];
        if (e->by_choice) {
            chosen += e->rows;
            continue;
        }
        onus_text_addf(&why, "%s%llu %s", lost > 0 ? ", " : "", (unsigned long long)e->rows,
                       e->reason);
        lost += e->rows;
    }
    const double limit = loading->c->protocol.max_excluded_frac;
    const uint64_t rows = input->rows - chosen;
    const bool too_many = lost > 0 && ((double)lost > limit * (double)rows || lost == rows);
    if (too_many) {
        onus_problems_add(
            loading->problems, "too many rows excluded", input->file, 0, 0,
            "%llu of %llu rows could not be used (%s): %.3g %%, more than the %.3g %% "
            "that protocol.max_excluded allows",
            (unsigned long long)lost, (unsigned long long)rows, why.data != NULL ? why.data : "",
            100 * (double)lost / (double)rows, 100 * limit);
    }
    onus_text_clear(&why);
    return too_many;
}

/* A Shapefile is several files and the account's digest is of the .shp: the others are named
 * beside. */
static onus_status name_companions(onus_loading *loading, const onus_input *input) {
    static const char *const endings[] = {".cpg", ".dbf", ".prj", ".shx"};
    onus_status status = ONUS_OK;
    onus_text list = {0};
    char *stem = NULL;
    if (!onus_text_ends(input->file, ".shp")) {
        return ONUS_OK;
    }
    char *path = onus_path_join(loading->c->data_dir, input->file);
    if (path != NULL) {
        stem = onus_strndup(path, strlen(path) - strlen(".shp"));
    }
    if (stem == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char digest[65];
        onus_text companion = {0};
        onus_text_addf(&companion, "%s%s", stem, endings[i]);
        const onus_status read = companion.data == NULL
                                     ? ONUS_ERR_NOMEM
                                     : onus_sha256_file(companion.data, digest, NULL);
        onus_text_clear(&companion);
        if (read == ONUS_ERR_NOMEM) {
            status = read;
            goto out;
        }
        if (read == ONUS_OK) {
            onus_text_addf(&list, "%s%s %s", list.len == 0 ? "" : ", ", endings[i], digest);
        }
    }
    ONUS_TRY(onus_warn(&loading->out->warnings, "companion_files",
                       "%s: the digest of this input is of the .shp; read with it (SHA-256): %s",
                       input->file, list.data != NULL ? list.data : "nothing"));
out:
    onus_text_clear(&list);
    onus_free(path);
    onus_free(stem);
    return status;
}

onus_status onus_settle_input(onus_loading *loading, onus_input *input, onus_status status) {
    if (status == ONUS_OK && !onus_input_adds_up(input)) {
        onus_error err = ONUS_ERROR_INIT;
        status = onus_bug(&err, "rows are not used + excluded");
        onus_problems_add_error(loading->problems, "bug", &err);
    }
    if (status == ONUS_OK && too_many_excluded(loading, input)) {
        status = ONUS_ERR_DATA;
    }
    if (status == ONUS_OK) {
        status = name_companions(loading, input);
    }
    if (status == ONUS_OK) {
        status = onus_array_push(&loading->out->inputs, input);
    }
    if (status != ONUS_OK) {
        onus_input_clear(input);
    }
    return status;
}

/* ---- the parts ---- */

/* The first layer's projection is that of everything in the case. */
static onus_status load_layer(onus_loading *loading, const onus_source *source,
                              const onus_layer_opts *asked, const char *role, onus_layer *layer) {
    onus_evidence *out = loading->out;
    onus_input input = {.role = role};
    onus_layer_opts opts = *asked;
    opts.projection = loading->projection;
    onus_status status = onus_layer_read(source, loading->c->data_dir, &opts, loading->context,
                                         layer, &input, &out->warnings, loading->problems);
    status = onus_settle_input(loading, &input, status);
    if (status == ONUS_OK && loading->projection == NULL) {
        loading->projection = onus_strdup(layer->projection);
        status = loading->projection != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
    }
    return status;
}

static onus_status load_areas(onus_loading *loading) {
    const onus_areas_ref *ref = &loading->c->areas;
    onus_layer *areas = &loading->out->areas;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    const onus_layer_opts opts = {.id = ref->id, .crs = ref->crs};
    const onus_status status = load_layer(loading, &ref->source, &opts, "areas", areas);
    if (status == ONUS_OK) {
        loading->id_order = onus_ids_order(areas->ids, areas->n_areas);
        return loading->id_order != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
    }
    return status;
}

static onus_status load_region(onus_loading *loading) {
    const onus_areas_ref *ref = &loading->c->region;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    const onus_layer_opts opts = {.id = ref->id, .crs = ref->crs};
    return load_layer(loading, &ref->source, &opts, "region", &loading->out->region);
}

static onus_status load_districts(onus_loading *loading) {
    const onus_areas_ref *ref = &loading->c->districts;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    const onus_layer_opts opts = {.id = ref->id, .crs = ref->crs};
    return load_layer(loading, &ref->source, &opts, "districts", &loading->out->districts);
}

/* Cells as a layer. Squares of a given side are made by the trial, over the region. */
static onus_status load_grid(onus_loading *loading) {
    const onus_grid_ref *ref = &loading->c->grid;
    onus_layer *grid = &loading->out->grid;
    const bool named = ref->crs != NULL && strcmp(ref->crs, "auto") != 0;
    if (ref->source.file == NULL) {
        return ONUS_OK; /* squares are laid by the trial; the case reader refuses a CRS for them */
    }
    const onus_layer_opts opts = {.id = ref->id, .crs = named ? ref->crs : NULL};
    const onus_status status = load_layer(loading, &ref->source, &opts, "grid", grid);
    if (status == ONUS_OK) {
        loading->cell_order = onus_ids_order(grid->ids, grid->n_areas);
        return loading->cell_order != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
    }
    return status;
}

onus_status onus_report_no_cell(onus_loading *loading, const onus_input *input,
                                onus_invalid invalid, const char *id, int64_t line) {
    char quoted[ONUS_QUOTED_MAX];
    if (invalid != ONUS_INVALID_STOP) {
        return ONUS_OK;
    }
    onus_problems_add(loading->problems, "id in no cell", input->file, line, 0,
                      "id '%s' is in no cell of the grid", onus_quoted(id, strlen(id), quoted));
    return ONUS_ERR_DATA;
}

bool onus_goes_on(onus_status status) {
    return status == ONUS_OK || status == ONUS_ERR_DATA || status == ONUS_ERR_NOINPUT;
}

onus_status onus_evidence_load(const onus_case *c, const onus_context *context, onus_evidence *out,
                               onus_problems *problems) {
    typedef onus_status (*loader)(onus_loading *);
    static const loader parts[] = {
        load_areas,         load_region,        load_grid,           load_districts,
        onus_load_people,   onus_load_outcomes, onus_load_patrols,   onus_load_flags,
        onus_load_forecast, onus_load_csep,     onus_load_published, onus_load_injection,
        onus_load_match,    onus_load_scores,   onus_load_field,     onus_load_affect};
    *out = (onus_evidence){.inputs = ONUS_ARRAY_OF(onus_input),
                           .warnings = ONUS_ARRAY_OF(onus_load_warning)};
    onus_loading loading = {.c = c, .context = context, .out = out, .problems = problems};
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && onus_goes_on(status); i++) {
        const onus_status part = parts[i](&loading);
        if (part != ONUS_OK && (status == ONUS_OK || !onus_goes_on(part))) {
            status = part;
        }
    }
    if (onus_goes_on(status) && problems->n_all > 0) {
        status = onus_problems_status(problems);
    }
    onus_free(loading.id_order);
    onus_free(loading.cell_order);
    out->projection = loading.projection;
    if (status != ONUS_OK) {
        onus_evidence_clear(out);
    }
    return status;
}
