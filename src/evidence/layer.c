/* Polygons in: areas, study regions, flags that are drawn. Read through GDAL, checked, mended where
 * they are not valid, and projected once to metres.
 *
 *   feature -> where -> id -> rings (shape.c) -> valid? (valid.c) -> source_x, source_y
 *   all     -> degrees? swapped? -> lon, lat (geo.c) -> local equal-area projection -> x_m, y_m
 *
 * The projection is Lambert's azimuthal equal-area, centred on the layer, so that shares of area
 * mean what they say; vertices are projected one by one (edges of census areas are short against
 * the earth). Features are numbered from 1 in file order in every message. Called by load.c and
 * flags.c. Never guesses a coordinate system: a layer that names none is refused, with the key that
 * names it. */
#include <math.h>
#include <string.h>

#include "gdal_internal.h"
#include "layer_internal.h"
#include "onus/alloc.h"
#include "shape_internal.h"

enum { LOOK_EVERY = 256, NAMED_MAX = 5 };
static const size_t NO_COLUMN = SIZE_MAX;

void onus_layer_clear(onus_layer *layer) {
    for (size_t i = 0; layer->ids != NULL && i < layer->n_areas; i++) {
        onus_free(layer->ids[i]);
    }
    onus_free(layer->ids);
    onus_free(layer->area_rings);
    onus_free(layer->ring_points);
    onus_free(layer->source_x);
    onus_free(layer->source_y);
    onus_free(layer->lon_deg);
    onus_free(layer->lat_deg);
    onus_free(layer->x_m);
    onus_free(layer->y_m);
    onus_free(layer->source_crs);
    onus_free(layer->projection);
    *layer = (onus_layer){0};
}

typedef struct reading {
    const onus_source *source;
    const onus_layer_opts *opts;
    onus_input *input;
    onus_array *warnings;
    onus_problems *problems;
    size_t n_problems;
    onus_gdal gdal;
    size_t *where_columns;
    size_t id_column;
    onus_gdal_text keep;
    onus_mender *mender;
    onus_shape shape;
    onus_array ids;     /* char * */
    onus_array records; /* int64_t: feature number of each area */
    onus_array rings;   /* size_t: first ring of each area */
    onus_array points;  /* size_t: first point of each ring */
    onus_array x;
    onus_array y;
    onus_text repaired; /* the first ids, for the warning */
    size_t n_repaired;
    uint64_t n_not_selected;
} reading;

static onus_status refuse(reading *r, const char *kind, int64_t record, const char *id,
                          const char *what) {
    if (r->source->invalid == ONUS_INVALID_STOP) {
        char quoted[ONUS_QUOTED_MAX];
        r->n_problems++;
        onus_problems_add(r->problems, kind, r->source->file, 0, 0, "feature %lld%s%s%s %s",
                          (long long)record, id != NULL ? " ('" : "",
                          id != NULL ? onus_quoted(id, strlen(id), quoted) : "",
                          id != NULL ? "')" : "", what);
    }
    return onus_input_exclude(r->input, kind, false, 1);
}

/* ---- columns ---- */

static onus_status find_columns(reading *r, onus_error *err) {
    onus_status status = ONUS_OK;
    const char **names = NULL;
    size_t n_names = 0;
    onus_table table = {0};
    onus_rows rows = {0};
    onus_column_ask ask = {.name = r->opts->id, .type = ONUS_COLUMN_ID};
    const size_t n_asks = r->opts->id != NULL ? 1 : 0;
    ONUS_TRY(onus_gdal_names(r->source, &r->gdal, &names, &n_names, err));
    if (n_names == 0 && OGR_L_GetFeatureCount(r->gdal.layer, TRUE) == 0) {
        /* GeoJSON without features has no columns either; the first is the one to tell */
        onus_problems_add(r->problems, "empty layer", r->source->file, 0, 0,
                          "is an empty layer: it has no features");
        status = ONUS_ERR_DATA;
        goto out;
    }
    ONUS_TRY(onus_rows_begin(&rows, r->source, &ask, n_asks, &table, r->input, r->problems));
    ONUS_TRY(onus_rows_columns(&rows, names, n_names, 0));
    r->where_columns = onus_alloc_n(r->source->n_where, sizeof *r->where_columns);
    if (r->where_columns == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    r->id_column = n_asks == 1 ? rows.places[0] : NO_COLUMN;
    for (size_t w = 0; w < r->source->n_where; w++) {
        r->where_columns[w] = rows.places[n_asks + w];
    }
out:
    onus_rows_clear(&rows);
    onus_table_clear(&table);
    onus_free(names);
    return status;
}

/* ---- features ---- */

static bool is_selected(reading *r, OGRFeatureH feature) {
    for (size_t w = 0; w < r->source->n_where; w++) {
        const onus_where *where = &r->source->where[w];
        onus_cell_in cell;
        onus_gdal_cell(feature, r->where_columns[w], &r->keep, &cell);
        bool found = false;
        for (size_t v = 0; v < where->values.n && !found; v++) {
            found = strcmp(where->values.items[v], cell.text) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static onus_status append_shape(reading *r, char **id, int64_t record) {
    onus_status status = ONUS_OK;
    const size_t first_ring = r->points.n_items;
    for (size_t k = 0; k < r->shape.n_rings; k++) {
        const onus_ring *ring = &r->shape.rings[k];
        const size_t start = r->x.n_items;
        ONUS_TRY(onus_array_push(&r->points, &start));
        ONUS_TRY(onus_array_reserve(&r->x, ring->n));
        ONUS_TRY(onus_array_reserve(&r->y, ring->n));
        memcpy((double *)r->x.items + start, (const double *)r->shape.x.items + ring->start,
               ring->n * sizeof(double));
        memcpy((double *)r->y.items + start, (const double *)r->shape.y.items + ring->start,
               ring->n * sizeof(double));
        r->x.n_items += ring->n;
        r->y.n_items += ring->n;
    }
    ONUS_TRY(onus_array_push(&r->rings, &first_ring));
    ONUS_TRY(onus_array_push(&r->records, &record));
    ONUS_TRY(onus_array_push(&r->ids, id));
    *id = NULL;
    r->input->used++;
out:
    return status;
}

static onus_status take_feature(reading *r, OGRFeatureH feature, int64_t record) {
    onus_status status = ONUS_OK;
    char *id = NULL;
    onus_shape_fault fault = {0};
    r->input->rows++;
    if (!is_selected(r, feature)) {
        r->n_not_selected++;
        return ONUS_OK;
    }
    if (r->id_column != NO_COLUMN) {
        onus_cell_in cell;
        onus_gdal_cell(feature, r->id_column, &r->keep, &cell);
        if (cell.kind == ONUS_CELL_MISSING) {
            onus_text what = {0};
            onus_text_addf(&what, "has no id (column '%s' is empty)", r->opts->id);
            status = refuse(r, "no id", record, NULL, what.data != NULL ? what.data : "has no id");
            onus_text_clear(&what);
            return status;
        }
        if (onus_utf8_check(cell.text, cell.len) < cell.len) {
            return refuse(r, "not UTF-8", record, NULL, "has an id that is not UTF-8");
        }
        id = onus_strndup(cell.text, cell.len);
    } else {
        onus_text text = {0};
        onus_text_addf(&text, "%lld", (long long)record);
        id = onus_text_take(&text);
    }
    if (id == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_shape_of(OGR_F_GetGeometryRef(feature), &r->shape, &fault));
    if (fault.what != NULL) {
        const bool none = strcmp(fault.what, "has no geometry") == 0;
        status = refuse(r, none ? "no geometry" : "not a usable polygon", record, id, fault.what);
        goto out;
    }
    onus_mended mended = ONUS_MENDED_WAS_VALID;
    const char *why = "";
    ONUS_TRY(onus_mend(r->mender, &r->shape, &mended, &why));
    if (mended == ONUS_MENDED_BEYOND_REPAIR) {
        onus_text what = {0};
        onus_text_addf(&what, "is not a valid polygon and cannot be repaired: %s", why);
        status = refuse(r, "polygon beyond repair", record, id,
                        what.data != NULL ? what.data : "is not a valid polygon");
        onus_text_clear(&what);
        goto out;
    }
    if (mended == ONUS_MENDED_REPAIRED || fault.n_unclosed > 0) {
        if (r->n_repaired < NAMED_MAX) {
            char quoted[ONUS_QUOTED_MAX];
            onus_text_addf(&r->repaired, "%s'%s' (%s)", r->n_repaired == 0 ? "" : ", ",
                           onus_quoted(id, strlen(id), quoted),
                           mended == ONUS_MENDED_REPAIRED ? why : "ring not closed");
        }
        r->n_repaired++;
    }
    ONUS_TRY(append_shape(r, &id, record));
out:
    onus_free(id);
    return status;
}

static onus_status read_features(reading *r, const onus_context *context) {
    onus_status status = ONUS_OK;
    OGRFeatureH feature = NULL;
    size_t next = 0;
    for (int64_t record = 1; (feature = OGR_L_GetNextFeature(r->gdal.layer)) != NULL; record++) {
        bool wanted = r->opts->records == NULL;
        if (!wanted && next < r->opts->n_records && r->opts->records[next] == record) {
            wanted = true;
            next++;
        }
        if (wanted) {
            ONUS_TRY(take_feature(r, feature, record));
        }
        OGR_F_Destroy(feature);
        feature = NULL;
        if (record % LOOK_EVERY == 0 && onus_stopped(context)) {
            status = ONUS_ERR_INTERRUPTED;
            goto out;
        }
    }
    ONUS_TRY(onus_input_exclude(r->input, "not selected (where)", true, r->n_not_selected));
out:
    if (feature != NULL) {
        OGR_F_Destroy(feature);
    }
    return status;
}

/* ---- the layer as a whole ---- */

static onus_status check_ids(reading *r) {
    const size_t n = r->ids.n_items;
    if (r->id_column == NO_COLUMN || n == 0) {
        return ONUS_OK;
    }
    char *const *ids = r->ids.items;
    size_t *order = onus_ids_order(ids, n);
    if (order == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const int64_t *records = r->records.items;
    for (size_t i = 1; i < n; i++) {
        const char *id = ids[order[i]];
        if (strcmp(ids[order[i - 1]], id) == 0) {
            char quoted[ONUS_QUOTED_MAX];
            r->n_problems++;
            onus_problems_add(r->problems, "id twice", r->source->file, 0, 0,
                              "id '%s' occurs twice (features %lld and %lld)",
                              onus_quoted(id, strlen(id), quoted), (long long)records[order[i - 1]],
                              (long long)records[order[i]]);
        }
    }
    onus_free(order);
    return ONUS_OK;
}

/* Degrees must be degrees. One problem for the layer: if one point is wrong, most are. */
static void check_degrees(reading *r, const onus_layer *layer) {
    size_t n_bad = 0;
    size_t n_swapped = 0;
    size_t first = 0;
    for (size_t i = 0; i < layer->n_points; i++) {
        const double x = layer->source_x[i];
        const double y = layer->source_y[i];
        if (fabs(x) <= 180 && fabs(y) <= 90) {
            continue;
        }
        first = n_bad == 0 ? i : first;
        n_bad++;
        n_swapped += fabs(x) <= 90 && fabs(y) <= 180;
    }
    if (n_bad == 0) {
        return;
    }
    r->n_problems++;
    if (2 * n_swapped > layer->n_points) {
        onus_problems_add(r->problems, "longitude and latitude swapped", r->source->file, 0, 0,
                          "longitude and latitude look swapped: %zu of %zu points are places only "
                          "with the two exchanged (the first is %.6g, %.6g)",
                          n_swapped, layer->n_points, layer->source_x[first],
                          layer->source_y[first]);
        return;
    }
    onus_problems_add(r->problems, "coordinates are not degrees", r->source->file, 0, 0,
                      "%zu of %zu points are no longitude and latitude in degrees (the first is "
                      "%.10g, %.10g); if the layer is in another system, name it in the case with "
                      "`crs:`",
                      n_bad, layer->n_points, layer->source_x[first], layer->source_y[first]);
}

/* A ring that jumps across the antimeridian is taken for one around the world: refused. */
static void check_antimeridian(reading *r, const onus_layer *layer) {
    for (size_t a = 0; a < layer->n_areas; a++) {
        for (size_t k = layer->area_rings[a]; k < layer->area_rings[a + 1]; k++) {
            double low = INFINITY;
            double high = -INFINITY;
            for (size_t i = layer->ring_points[k]; i < layer->ring_points[k + 1]; i++) {
                low = fmin(low, layer->lon_deg[i]);
                high = fmax(high, layer->lon_deg[i]);
            }
            if (high - low > 180) {
                char quoted[ONUS_QUOTED_MAX];
                r->n_problems++;
                onus_problems_add(r->problems, "polygon across the antimeridian", r->source->file,
                                  0, 0,
                                  "'%s' spans more than 180 degrees of longitude; cut it at the "
                                  "antimeridian (RFC 7946, 3.1.9)",
                                  onus_quoted(layer->ids[a], strlen(layer->ids[a]), quoted));
                break;
            }
        }
    }
}

static char *centre_projection(const onus_layer *layer) {
    double low[2] = {INFINITY, INFINITY}; /* longitudes as they are, and counted from 0 to 360 */
    double high[2] = {-INFINITY, -INFINITY};
    double south = INFINITY;
    double north = -INFINITY;
    for (size_t i = 0; i < layer->n_points; i++) {
        const double lon = layer->lon_deg[i];
        const double east = lon < 0 ? lon + 360 : lon;
        low[0] = fmin(low[0], lon);
        high[0] = fmax(high[0], lon);
        low[1] = fmin(low[1], east);
        high[1] = fmax(high[1], east);
        south = fmin(south, layer->lat_deg[i]);
        north = fmax(north, layer->lat_deg[i]);
    }
    /* areas on both sides of the antimeridian lie close together when counted the other way */
    const int way = high[0] - low[0] > 180 && high[1] - low[1] < high[0] - low[0] ? 1 : 0;
    const double lon = (low[way] + high[way]) / 2;
    return onus_geo_local_projection(lon > 180 ? lon - 360 : lon, (south + north) / 2);
}

static onus_status project(reading *r, const char *crs, onus_layer *layer, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_geo *geo = NULL;
    const size_t n = layer->n_points;
    layer->lon_deg = onus_alloc_n(n, sizeof *layer->lon_deg);
    layer->lat_deg = onus_alloc_n(n, sizeof *layer->lat_deg);
    layer->x_m = onus_alloc_n(n, sizeof *layer->x_m);
    layer->y_m = onus_alloc_n(n, sizeof *layer->y_m);
    if (layer->lon_deg == NULL || layer->lat_deg == NULL || layer->x_m == NULL ||
        layer->y_m == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_geo_open(crs, NULL, &geo, err));
    ONUS_TRY(onus_geo_degrees(geo, layer->source_x, layer->source_y, n, layer->lon_deg,
                              layer->lat_deg, err));
    onus_geo_close(geo);
    geo = NULL;
    check_antimeridian(r, layer);
    layer->projection =
        r->opts->projection != NULL ? onus_strdup(r->opts->projection) : centre_projection(layer);
    if (layer->projection == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_geo_open(NULL, layer->projection, &geo, err));
    ONUS_TRY(onus_geo_project(geo, layer->lon_deg, layer->lat_deg, n, layer->x_m, layer->y_m, err));
    for (size_t i = 0; i < n; i++) {
        if (isnan(layer->x_m[i])) {
            status = onus_fail(err, ONUS_ERR_DATA, r->source->file, 0, 0,
                               "the point %.10g, %.10g cannot be projected from %s",
                               layer->source_x[i], layer->source_y[i], layer->source_crs);
            goto out;
        }
    }
out:
    onus_geo_close(geo);
    if (status == ONUS_ERR_DATA && err->path[0] == '\0') {
        (void)strncpy(err->path, r->source->file, sizeof err->path - 1);
    }
    return status;
}

/* Hands the gathered arrays over to the layer. */
static onus_status assemble(reading *r, onus_layer *layer) {
    const size_t n_rings = r->points.n_items;
    const size_t n_points = r->x.n_items;
    size_t n = 0;
    if (onus_array_push(&r->rings, &n_rings) != ONUS_OK ||
        onus_array_push(&r->points, &n_points) != ONUS_OK) {
        return ONUS_ERR_NOMEM;
    }
    layer->n_rings = n_rings;
    layer->n_points = n_points;
    layer->ids = onus_array_take(&r->ids, &layer->n_areas);
    layer->area_rings = onus_array_take(&r->rings, &n);
    layer->ring_points = onus_array_take(&r->points, &n);
    layer->source_x = onus_array_take(&r->x, &n);
    layer->source_y = onus_array_take(&r->y, &n);
    layer->n_repaired = r->n_repaired;
    return ONUS_OK;
}

static onus_status finish_layer(reading *r, const char *crs, onus_layer *layer, onus_error *err) {
    onus_status status = ONUS_OK;
    if (r->ids.n_items == 0 && r->n_problems == 0) {
        r->n_problems++;
        onus_problems_add(r->problems, "empty layer", r->source->file, 0, 0,
                          r->input->rows == 0 ? "is an empty layer: it has no features"
                                              : "no feature could be used");
    }
    ONUS_TRY(check_ids(r));
    ONUS_TRY(assemble(r, layer));
    if (layer->source_is_degrees) {
        check_degrees(r, layer);
    }
    if (r->n_problems > 0) {
        status = ONUS_ERR_DATA;
        goto out;
    }
    ONUS_TRY(project(r, crs, layer, err));
    if (r->n_problems > 0) {
        status = ONUS_ERR_DATA;
        goto out;
    }
    if (r->n_repaired > 0 && r->warnings != NULL) {
        ONUS_TRY(onus_warn(r->warnings, "repaired",
                           "%s: %zu of %zu polygons were not valid and were repaired: %s%s",
                           r->source->file, r->n_repaired, layer->n_areas,
                           r->repaired.data != NULL ? r->repaired.data : "",
                           r->n_repaired > NAMED_MAX ? ", ..." : ""));
    }
out:
    return status;
}

onus_status onus_layer_read(const onus_source *source, const char *data_dir,
                            const onus_layer_opts *opts, const onus_context *context,
                            onus_layer *layer, onus_input *input, onus_array *warnings,
                            onus_problems *problems) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    char *crs = NULL;
    const char *role = input->role;
    *layer = (onus_layer){0};
    *input = (onus_input){.role = role};
    reading r = {.opts = opts,
                 .input = input,
                 .warnings = warnings,
                 .problems = problems,
                 .shape = ONUS_SHAPE_INIT,
                 .ids = ONUS_ARRAY_OF(char *),
                 .records = ONUS_ARRAY_OF(int64_t),
                 .rings = ONUS_ARRAY_OF(size_t),
                 .points = ONUS_ARRAY_OF(size_t),
                 .x = ONUS_ARRAY_OF(double),
                 .y = ONUS_ARRAY_OF(double)};
    char *path = onus_source_path(data_dir, source->file);
    input->file = onus_source_name(source->file);
    onus_source shown = *source;
    shown.file = input->file;
    r.mender = onus_mender_new();
    if (path == NULL || input->file == NULL || r.mender == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    r.source = &shown;
    ONUS_TRY(onus_gdal_open(&shown, path, &r.gdal, &err));
    ONUS_TRY(find_columns(&r, &err));
    ONUS_TRY(onus_layer_crs(&shown, opts->crs, r.gdal.layer, layer, &crs, &err));
    ONUS_TRY(read_features(&r, context));
    ONUS_TRY(onus_gdal_finish(&shown, &r.gdal, &err));
    ONUS_TRY(finish_layer(&r, crs, layer, &err));
    ONUS_TRY(onus_gdal_digest(&shown, path, input->sha256, &err));
out:
    if (status != ONUS_OK && status != ONUS_ERR_NOMEM && err.status != ONUS_OK) {
        onus_problems_add_error(problems, status == ONUS_ERR_NOINPUT ? "missing input" : "layer",
                                &err);
    }
    char **ids = r.ids.items;
    for (size_t i = 0; i < r.ids.n_items; i++) {
        onus_free(ids[i]);
    }
    onus_array_clear(&r.ids);
    onus_array_clear(&r.records);
    onus_array_clear(&r.rings);
    onus_array_clear(&r.points);
    onus_array_clear(&r.x);
    onus_array_clear(&r.y);
    onus_shape_clear(&r.shape);
    onus_text_clear(&r.repaired);
    onus_mender_free(r.mender);
    onus_free(r.where_columns);
    onus_gdal_close(&r.gdal);
    onus_free(crs);
    onus_free(path);
    if (status != ONUS_OK) {
        onus_layer_clear(layer);
    }
    return status;
}
