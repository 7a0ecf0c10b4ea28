/* Tables and layers through GDAL/OGR: GeoJSON, GeoPackage, Shapefile, FlatGeobuf, spreadsheets, and
 * PostGIS connections.
 *
 * GDAL is opened with the one driver that the file's ending names. That is a wall, not a speed-up
 * (registering all drivers costs 3 ms, one 0.3 ms): a .geojson can then not be taken for a virtual
 * data source that names other files or servers. Files must exist on this machine; what GDAL would
 * say on stderr is caught and becomes the text of our error. Values come out as text (numbers of
 * floating columns as numbers) and go through the same checks as those of a CSV file (rows.c);
 * lines are counted by record. Called by table.c and layer.c. Never writes, never goes to the
 * network except where the case itself names a database. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "evidence_internal.h"
#include "gdal_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

enum { LOOK_EVERY = 1024, INSTANT_MAX = 48 };

static const struct {
    const char *ending;
    const char *driver;
} drivers[] = {
    {".geojson", "GeoJSON"},
    {".json", "GeoJSON"},
    {".gpkg", "GPKG"},
    {".shp", "ESRI Shapefile"},
    {".dbf", "ESRI Shapefile"},
    {".fgb", "FlatGeobuf"},
    {".xlsx", "XLSX"},
    {".xlsm", "XLSX"},
    {".xls", "XLS"},
    {".ods", "ODS"},
    {".kml", "KML"},
    {".gml", "GML"},
    {".sqlite", "SQLite"},
    {".geojsonl", "GeoJSONSeq"},
    {".topojson", "TopoJSON"},
};

bool onus_is_database(const char *file) {
    return onus_text_starts(file, "PG:") || onus_text_starts(file, "postgresql://");
}

char *onus_source_path(const char *data_dir, const char *file) {
    return onus_is_database(file) ? onus_strdup(file) : onus_path_join(data_dir, file);
}

/* "PG:dbname=x password=y" and "postgresql://user:y@host/x": y becomes "***". Where a password
 * might hide in another way, what follows is cut off. */
char *onus_source_name(const char *file) {
    if (!onus_is_database(file)) {
        return onus_strdup(file);
    }
    onus_text name = {0};
    const char *secret = strstr(file, "password");
    const char *scheme = strstr(file, "://");
    const char *at = scheme != NULL ? strchr(scheme + 3, '@') : NULL;
    const char *colon = scheme != NULL ? strchr(scheme + 3, ':') : NULL;
    if (at != NULL && colon != NULL && colon < at) {
        onus_text_add_len(&name, file, (size_t)(colon + 1 - file));
        onus_text_add(&name, "***");
        secret = strstr(at, "password");
        onus_text_add_len(&name, at, secret != NULL ? (size_t)(secret - at) : strlen(at));
    } else {
        onus_text_add_len(&name, file, secret != NULL ? (size_t)(secret - file) : strlen(file));
    }
    if (secret != NULL) {
        const char *end = strpbrk(secret, " &");
        const bool plain = strpbrk(secret, "'\\") == NULL; /* a quoted one may hold blanks */
        onus_text_add(&name, "password=***");
        onus_text_add(&name, end != NULL && plain ? end : "");
    }
    return onus_text_take(&name);
}

static const char *driver_of(const char *file) {
    if (onus_is_database(file)) {
        return "PostgreSQL";
    }
    const char *dot = strrchr(onus_path_base(file), '.');
    for (size_t i = 0; dot != NULL && i < sizeof drivers / sizeof drivers[0]; i++) {
        if (onus_text_equal_fold(dot, drivers[i].ending)) {
            return drivers[i].driver;
        }
    }
    return NULL;
}

bool onus_gdal_wants(const char *file) {
    return driver_of(file) != NULL;
}

/* ---- what GDAL says ---- */

static void CPL_STDCALL catch_error(CPLErr level, CPLErrorNum number, const char *text) {
    (void)number;
    onus_gdal_said *said = CPLGetErrorHandlerUserData();
    if (level >= CE_Failure && said != NULL && said->text[0] == '\0') {
        (void)snprintf(said->text, sizeof said->text, "%s", text);
        for (char *c = said->text; *c != '\0'; c++) {
            *c = *c == '\n' || *c == '\r' ? ' ' : *c;
        }
    }
}

void onus_gdal_listen(onus_gdal_said *said) {
    said->text[0] = '\0';
    CPLPushErrorHandlerEx(catch_error, said);
}

void onus_gdal_leave(void) {
    CPLPopErrorHandler();
    CPLErrorReset();
}

/* ---- opening ---- */

/* Whether the first row is the header is for the case to say, not for GDAL to guess. */
static const char *const header_options[] = {"OGR_XLSX_HEADERS", "OGR_XLS_HEADERS",
                                             "OGR_ODS_HEADERS"};

static bool is_spreadsheet(const char *driver) {
    return strcmp(driver, "XLSX") == 0 || strcmp(driver, "XLS") == 0 || strcmp(driver, "ODS") == 0;
}

static onus_status check_file(const onus_source *source, const char *path, onus_error *err) {
    struct stat info;
    if (stat(path, &info) != 0) {
        const bool elsewhere = strcmp(path, source->file) != 0;
        return onus_fail(err, ONUS_ERR_NOINPUT, source->file, 0, 0, "cannot be opened: %s%s%s%s",
                         strerrordesc_np(errno), elsewhere ? " (looked for '" : "",
                         elsewhere ? path : "", elsewhere ? "')" : "");
    }
    if (S_ISDIR(info.st_mode)) {
        return onus_fail(err, ONUS_ERR_NOINPUT, source->file, 0, 0, "is a folder, not a file");
    }
    if (info.st_size == 0) {
        return onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0, "is empty");
    }
    return ONUS_OK;
}

static onus_status choose_layer(const onus_source *source, onus_gdal *gdal, onus_error *err) {
    const int n = GDALDatasetGetLayerCount(gdal->dataset);
    if (source->layer != NULL) {
        gdal->layer = GDALDatasetGetLayerByName(gdal->dataset, source->layer);
    } else if (n == 1) {
        gdal->layer = GDALDatasetGetLayer(gdal->dataset, 0);
    }
    if (gdal->layer != NULL) {
        return ONUS_OK;
    }
    if (n == 0) {
        return onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0, "has no layers");
    }
    onus_text list = {0};
    for (int i = 0; i < n && list.len < 200; i++) {
        char quoted[ONUS_QUOTED_MAX];
        const char *name = OGR_L_GetName(GDALDatasetGetLayer(gdal->dataset, i));
        onus_text_addf(&list, "%s'%s'", i == 0 ? "" : ", ",
                       onus_quoted(name, strlen(name), quoted));
    }
    const char *all = list.data != NULL ? list.data : "";
    const onus_status status =
        source->layer != NULL ? onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                                          "no layer '%s'; it has %s", source->layer, all)
                              : onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                                          "has %d layers; name one with `layer:` (%s)", n, all);
    onus_text_clear(&list);
    return status;
}

onus_status onus_gdal_open(const onus_source *source, const char *path, onus_gdal *gdal,
                           onus_error *err) {
    onus_status status = ONUS_OK;
    *gdal = (onus_gdal){0};
    const char *driver = driver_of(source->file);
    if (driver == NULL) {
        return onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                         "is no layer that is known by its ending (.geojson, .gpkg, .shp, .fgb)");
    }
    const bool database = onus_is_database(source->file);
    if (!database) {
        ONUS_TRY(check_file(source, path, err));
    }
    onus_gdal_listen(&gdal->said);
    gdal->listening = true;
    GDALAllRegister();
    gdal->is_spreadsheet = is_spreadsheet(driver);
    if (gdal->is_spreadsheet) {
        const char *headers = source->header.n > 0 ? "DISABLE" : "FORCE";
        for (size_t i = 0; i < sizeof header_options / sizeof header_options[0]; i++) {
            CPLSetThreadLocalConfigOption(header_options[i], headers);
        }
    }
    const char *const allowed[] = {driver, NULL};
    gdal->dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, allowed, NULL, NULL);
    if (gdal->dataset == NULL) {
        status =
            onus_fail(err, database ? ONUS_ERR_NOINPUT : ONUS_ERR_DATA,
                      database ? "the database" : source->file, 0, 0, "cannot be read as %s%s%s",
                      driver, gdal->said.text[0] != '\0' ? ": " : "", gdal->said.text);
        goto out;
    }
    ONUS_TRY(choose_layer(source, gdal, err));
    OGR_L_ResetReading(gdal->layer);
out:
    return status;
}

onus_status onus_gdal_finish(const onus_source *source, const onus_gdal *gdal, onus_error *err) {
    if (gdal->said.text[0] != '\0') {
        return onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0, "cannot be read to its end: %s",
                         gdal->said.text);
    }
    return ONUS_OK;
}

onus_status onus_gdal_digest(const onus_source *source, const char *path, char out[65],
                             onus_error *err) {
    if (onus_is_database(source->file)) {
        out[0] = '\0';
        return ONUS_OK;
    }
    return onus_sha256_file(path, out, err);
}

void onus_gdal_close(onus_gdal *gdal) {
    if (gdal->dataset != NULL) {
        (void)GDALClose(gdal->dataset);
    }
    if (gdal->listening) {
        onus_gdal_leave();
    }
    *gdal = (onus_gdal){0};
}

/* ---- columns ---- */

onus_status onus_gdal_names(const onus_source *source, const onus_gdal *gdal, const char ***names,
                            size_t *n_names, onus_error *err) {
    OGRFeatureDefnH defn = OGR_L_GetLayerDefn(gdal->layer);
    const size_t n = (size_t)OGR_FD_GetFieldCount(defn);
    if (source->header.n > 0 && source->header.n != n) {
        return onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                         "has %zu columns, the case's `header` names %zu", n, source->header.n);
    }
    *names = onus_alloc_n(n, sizeof **names);
    if (*names == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        (*names)[i] = source->header.n > 0 ? source->header.items[i]
                                           : OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, (int)i));
    }
    *n_names = n;
    return ONUS_OK;
}

static void instant_text(OGRFeatureH feature, int field, char buf[INSTANT_MAX]) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    float second = 0;
    int zone = 0;
    (void)OGR_F_GetFieldAsDateTimeEx(feature, field, &year, &month, &day, &hour, &minute, &second,
                                     &zone);
    const int ms = (int)lrintf(second * 1000.0F);
    char offset[16] = "";
    if (zone >= 2) { /* quarters of an hour around 100 = UTC; 0 unknown, 1 local */
        const int quarters = zone - 100;
        const int minutes = 15 * (quarters < 0 ? -quarters : quarters);
        (void)snprintf(offset, sizeof offset, "%c%02d:%02d", quarters < 0 ? '-' : '+', minutes / 60,
                       minutes % 60);
    }
    (void)snprintf(buf, INSTANT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03d%s", year, month, day, hour,
                   minute, ms / 1000, ms % 1000, offset);
}

void onus_gdal_cell(OGRFeatureH feature, size_t field, onus_gdal_text *keep, onus_cell_in *cell) {
    const int k = (int)field;
    *cell = (onus_cell_in){.kind = ONUS_CELL_MISSING, .text = ""};
    if (!OGR_F_IsFieldSetAndNotNull(feature, k)) {
        return;
    }
    switch (OGR_Fld_GetType(OGR_F_GetFieldDefnRef(feature, k))) {
    case OFTReal:
        cell->kind = ONUS_CELL_NUMERIC;
        cell->number = OGR_F_GetFieldAsDouble(feature, k);
        if (isfinite(cell->number)) {
            cell->len = onus_format_double(cell->number, keep->text);
        } else {
            (void)snprintf(keep->text, sizeof keep->text, "%s",
                           isnan(cell->number) ? "nan"
                           : cell->number > 0  ? "inf"
                                               : "-inf");
            cell->len = strlen(keep->text);
        }
        cell->text = keep->text;
        return;
    case OFTDate:
    case OFTDateTime:
        cell->kind = ONUS_CELL_INSTANT;
        instant_text(feature, k, keep->text);
        cell->text = keep->text;
        cell->len = strlen(keep->text);
        return;
    case OFTString:
        cell->text = OGR_F_GetFieldAsString(feature, k);
        break;
    case OFTInteger:
    case OFTInteger64:
        (void)snprintf(keep->text, sizeof keep->text, "%lld",
                       (long long)OGR_F_GetFieldAsInteger64(feature, k));
        cell->text = keep->text;
        break;
    default: /* lists, times of day: GDAL's text of them is good until its next conversion only */
        (void)snprintf(keep->text, sizeof keep->text, "%s", OGR_F_GetFieldAsString(feature, k));
        cell->text = keep->text;
        break;
    }
    cell->len = strlen(cell->text);
    cell->kind = cell->len == 0 ? ONUS_CELL_MISSING : ONUS_CELL_TEXTUAL;
}

static onus_status take_feature(onus_rows *rows, OGRFeatureH feature, onus_gdal_text *keep,
                                int64_t record) {
    const size_t n_cells = rows->n_asks + rows->source->n_where;
    for (size_t i = 0; i < n_cells; i++) {
        onus_gdal_cell(feature, rows->places[i], &keep[i], &rows->cells[i]);
        onus_cell_in *cell = &rows->cells[i];
        if (cell->kind == ONUS_CELL_TEXTUAL && onus_utf8_check(cell->text, cell->len) < cell->len) {
            return onus_rows_refuse(rows, "not UTF-8", record, 0,
                                    "field %zu is not UTF-8; is the file in another encoding?",
                                    rows->places[i] + 1);
        }
    }
    return onus_rows_take(rows, record);
}

onus_status onus_gdal_table(const onus_source *source, const char *path,
                            const onus_context *context, onus_rows *rows, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_gdal gdal = {0};
    const char **names = NULL;
    size_t n_names = 0;
    OGRFeatureH feature = NULL;
    onus_gdal_text *keep = onus_alloc_n(rows->n_asks + source->n_where, sizeof *keep);
    if (keep == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_gdal_open(source, path, &gdal, err));
    ONUS_TRY(onus_gdal_names(source, &gdal, &names, &n_names, err));
    ONUS_TRY(onus_rows_columns(rows, names, n_names, 0));
    for (int64_t record = 1; (feature = OGR_L_GetNextFeature(gdal.layer)) != NULL; record++) {
        /* a spreadsheet's features are numbered by its rows, which is what its reader can look up
         */
        const int64_t line = gdal.is_spreadsheet ? (int64_t)OGR_F_GetFID(feature) : record;
        ONUS_TRY(take_feature(rows, feature, keep, line));
        OGR_F_Destroy(feature);
        feature = NULL;
        if (record % LOOK_EVERY == 0 && onus_stopped(context)) {
            status = ONUS_ERR_INTERRUPTED;
            goto out;
        }
    }
    ONUS_TRY(onus_gdal_finish(source, &gdal, err));
    ONUS_TRY(onus_gdal_digest(source, path, rows->input->sha256, err));
out:
    if (feature != NULL) {
        OGR_F_Destroy(feature);
    }
    onus_free(names);
    onus_free(keep);
    onus_gdal_close(&gdal);
    return status;
}
