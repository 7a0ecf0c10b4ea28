/* Which coordinate system a layer is in: the one the case names, else the layer's own.
 *
 * A layer that names none is refused with the key that would name it: guessing degrees where there
 * are feet puts every flag in the sea. What the case writes is read by PROJ, not by GDAL, which
 * would also follow files and addresses. The answer is what PROJ is to open ("EPSG:4326", or WKT
 * where there is no code) and a name for the report. Called by layer.c. Never converts a
 * coordinate: that is geo.c. */
#include <proj.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "gdal_internal.h"
#include "layer_internal.h"
#include "onus/alloc.h"

static void ignore_log(void *state, int level, const char *text) {
    (void)state;
    (void)level;
    (void)text;
}

bool onus_crs_is_wgs84(const char *crs) {
    return crs == NULL || onus_text_equal_fold(crs, "EPSG:4326") ||
           onus_text_equal_fold(crs, "OGC:CRS84") || onus_text_equal_fold(crs, "WGS84") ||
           onus_text_equal_fold(crs, "WGS 84");
}

onus_status onus_crs_describe(const char *crs, bool *is_degrees, char **name, onus_error *err) {
    onus_status status = ONUS_OK;
    PJ_CONTEXT *context = proj_context_create();
    PJ *pj = NULL;
    PJ *base = NULL;
    onus_text text = {0};
    if (context == NULL) {
        return onus_fail_nomem(err);
    }
    proj_log_func(context, NULL, ignore_log);
    (void)proj_context_set_enable_network(context, 0);
    pj = proj_create(context, crs);
    if (pj == NULL || !proj_is_crs(pj)) {
        char quoted[ONUS_QUOTED_MAX];
        status =
            onus_fail(err, ONUS_ERR_DATA, NULL, 0, 0, "'%s' is no coordinate system that is known",
                      onus_quoted(crs, strlen(crs), quoted));
        goto out;
    }
    PJ_TYPE type = proj_get_type(pj);
    if (type == PJ_TYPE_BOUND_CRS) {
        base = proj_get_source_crs(context, pj);
        type = base != NULL ? proj_get_type(base) : type;
    }
    *is_degrees = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
    const char *authority = proj_get_id_auth_name(pj, 0);
    const char *code = proj_get_id_code(pj, 0);
    if (authority != NULL && code != NULL) {
        onus_text_addf(&text, "%s:%s", authority, code);
    } else {
        onus_text_add(&text, crs);
    }
    *name = onus_text_take(&text);
    status = *name != NULL ? ONUS_OK : onus_fail_nomem(err);
out:
    (void)proj_destroy(base);
    (void)proj_destroy(pj);
    (void)proj_context_destroy(context);
    return status;
}

/* The CRS that the case names. PROJ reads it, not GDAL, which would also follow files and
 * addresses. */
static onus_status named_crs(const onus_source *source, const char *wanted, onus_layer *layer,
                             char **crs, onus_error *err) {
    onus_status status =
        onus_crs_describe(wanted, &layer->source_is_degrees, &layer->source_crs, err);
    if (status == ONUS_ERR_DATA) {
        onus_error why = *err;
        status = onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0, "crs: %s", why.text);
    }
    if (status == ONUS_OK) {
        *crs = onus_strdup(onus_crs_is_wgs84(layer->source_crs) ? "EPSG:4326" : wanted);
        status = *crs != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
    }
    return status;
}

onus_status onus_layer_crs(const onus_source *source, const char *wanted, void *ogr_layer,
                           onus_layer *layer, char **crs, onus_error *err) {
    if (wanted != NULL) {
        return named_crs(source, wanted, layer, crs, err);
    }
    onus_status status = ONUS_OK;
    char *wkt = NULL;
    onus_text text = {0};
    OGRSpatialReferenceH srs = OGR_L_GetSpatialRef(ogr_layer);
    const char *name = srs != NULL ? OSRGetName(srs) : NULL;
    if (srs == NULL || OSRIsLocal(srs) || (name != NULL && onus_text_starts(name, "Undefined"))) {
        status = onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                           "names no coordinate reference system; name it in the case, for example "
                           "`crs: EPSG:4326` for longitude and latitude");
        goto out;
    }
    layer->source_is_degrees = OSRIsGeographic(srs) != 0;
    const char *authority = OSRGetAuthorityName(srs, NULL);
    const char *code = OSRGetAuthorityCode(srs, NULL);
    if (authority != NULL && code != NULL) {
        onus_text_addf(&text, "%s:%s", authority, code);
    } else {
        onus_text_add(&text, name != NULL ? name : "unnamed");
    }
    layer->source_crs = onus_text_take(&text);
    if (layer->source_crs == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    if (onus_crs_is_wgs84(layer->source_crs)) {
        *crs = onus_strdup("EPSG:4326");
    } else {
        const char *const options[] = {"FORMAT=WKT2_2019", NULL};
        if (OSRExportToWktEx(srs, &wkt, options) != OGRERR_NONE || wkt == NULL) {
            status = onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0,
                               "its coordinate reference system cannot be understood; name it in "
                               "the case with `crs:`");
            goto out;
        }
        *crs = onus_strdup(wkt);
    }
    status = *crs != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
out:
    CPLFree(wkt);
    return status;
}
