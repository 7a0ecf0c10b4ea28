/* GDAL as gdal.c hands it to layer.c: an open layer and its fields. */
#ifndef ONUS_EVIDENCE_GDAL_INTERNAL_H
#define ONUS_EVIDENCE_GDAL_INTERNAL_H

#include <gdal.h>
#include <ogr_api.h>

#include "evidence_internal.h"

/** The first failure that GDAL reported while we listened. */
typedef struct onus_gdal_said {
    char text[300];
} onus_gdal_said;

void onus_gdal_listen(onus_gdal_said *said);
void onus_gdal_leave(void);

/** Zeroed is closed. Must not move while open: GDAL holds the address of `said`. */
typedef struct onus_gdal {
    GDALDatasetH dataset;
    OGRLayerH layer;
    onus_gdal_said said;
    bool listening;
    bool is_spreadsheet;
} onus_gdal;

/** Room for the text of a cell that GDAL gives as a number or a date. */
typedef struct onus_gdal_text {
    char text[48];
} onus_gdal_text;

onus_status onus_gdal_open(const onus_source *source, const char *path, onus_gdal *gdal,
                           onus_error *err) ONUS_MUST_USE;
/** ERR_DATA if reading ended because of a failure. */
onus_status onus_gdal_finish(const onus_source *source, const onus_gdal *gdal,
                             onus_error *err) ONUS_MUST_USE;
/** SHA-256 of the file; "" for a database. */
onus_status onus_gdal_digest(const onus_source *source, const char *path, char out[65],
                             onus_error *err) ONUS_MUST_USE;
void onus_gdal_close(onus_gdal *gdal);
/** Field names (those of the case's `header`, if it has one); the array is the caller's to free,
 * the names are not. */
onus_status onus_gdal_names(const onus_source *source, const onus_gdal *gdal, const char ***names,
                            size_t *n_names, onus_error *err) ONUS_MUST_USE;
/** One field; its text lives as long as the feature and *keep. */
void onus_gdal_cell(OGRFeatureH feature, size_t field, onus_gdal_text *keep, onus_cell_in *cell);

#endif
