/* The one converter between coordinate systems (everything planar behind it is in metres).
 *
 * Two steps, each a PROJ pipeline: from the source's CRS to WGS 84 degrees, and from there to the
 * local equal-area projection of the areas layer. The first falls away where the source is WGS 84
 * already, and the second is built from its own text, so that a case in degrees never opens PROJ's
 * database. Axes are always x then y, longitude then latitude (PROJ's "normalised for
 * visualisation"). PROJ's network access is switched off whatever its configuration says. Called by
 * layer.c, flags.c and outcomes.c. Never decides what a CRS is: a source that names none is refused
 * before it comes here. */
#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

struct onus_geo {
    PJ_CONTEXT *context;
    PJ *to_degrees; /* NULL: the source is WGS 84 */
    PJ *to_metres;
};

/* What PROJ would say on stderr adds nothing to "no coordinate system that is known". */
static void ignore_log(void *state, int level, const char *text) {
    (void)state;
    (void)level;
    (void)text;
}

static onus_status unknown_crs(const char *crs, onus_error *err) {
    char quoted[ONUS_QUOTED_MAX];
    return onus_fail(err, ONUS_ERR_DATA, NULL, 0, 0, "'%s' is no coordinate system that is known",
                     onus_quoted(crs, strlen(crs), quoted));
}

static onus_status open_between(onus_geo *geo, const char *from, const char *to, PJ **out,
                                onus_error *err) {
    PJ *plain = proj_create_crs_to_crs(geo->context, from, to, NULL);
    if (plain == NULL) {
        return unknown_crs(onus_crs_is_wgs84(from) ? to : from, err);
    }
    *out = proj_normalize_for_visualization(geo->context, plain);
    (void)proj_destroy(plain);
    return *out != NULL ? ONUS_OK : unknown_crs(onus_crs_is_wgs84(from) ? to : from, err);
}

onus_status onus_geo_open(const char *crs, const char *projection, onus_geo **out,
                          onus_error *err) {
    onus_status status = ONUS_OK;
    onus_geo *geo = onus_alloc(sizeof *geo);
    if (geo == NULL) {
        return onus_fail_nomem(err);
    }
    geo->context = proj_context_create();
    if (geo->context == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    proj_log_func(geo->context, NULL, ignore_log);
    (void)proj_context_set_enable_network(geo->context, 0);
    if (!onus_crs_is_wgs84(crs)) {
        ONUS_TRY(open_between(geo, crs, "EPSG:4326", &geo->to_degrees, err));
    }
    if (projection == NULL) {
        /* degrees are all that is wanted */
    } else if (onus_text_starts(projection, "+proj=")) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step %s",
                       projection);
        geo->to_metres = proj_create(geo->context, text);
        if (geo->to_metres == NULL) {
            status = unknown_crs(projection, err);
            goto out;
        }
    } else {
        ONUS_TRY(open_between(geo, "EPSG:4326", projection, &geo->to_metres, err));
    }
    *out = geo;
    geo = NULL;
out:
    onus_geo_close(geo);
    return status;
}

/* In place; what PROJ cannot convert becomes NaN in both coordinates. */
static void convert(PJ *pj, double *x, double *y, size_t n) {
    (void)proj_errno_reset(pj);
    (void)proj_trans_generic(pj, PJ_FWD, x, sizeof *x, n, y, sizeof *y, n, NULL, 0, 0, NULL, 0, 0);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            x[i] = (double)NAN;
            y[i] = (double)NAN;
        }
    }
}

onus_status onus_geo_degrees(onus_geo *geo, const double *x, const double *y, size_t n,
                             double *lon_deg, double *lat_deg, onus_error *err) {
    if (geo == NULL) {
        return onus_bug(err, "a converter that was not opened");
    }
    if (n > 0) {
        memmove(lon_deg, x, n * sizeof *x);
        memmove(lat_deg, y, n * sizeof *y);
    }
    if (geo->to_degrees != NULL) {
        convert(geo->to_degrees, lon_deg, lat_deg, n);
    }
    return ONUS_OK;
}

onus_status onus_geo_project(onus_geo *geo, const double *x, const double *y, size_t n, double *x_m,
                             double *y_m, onus_error *err) {
    const onus_status status = onus_geo_degrees(geo, x, y, n, x_m, y_m, err);
    if (status != ONUS_OK) {
        return status;
    }
    if (geo->to_metres == NULL) {
        return onus_bug(err, "a converter without a projection");
    }
    convert(geo->to_metres, x_m, y_m, n);
    return ONUS_OK;
}

void onus_geo_close(onus_geo *geo) {
    if (geo == NULL) {
        return;
    }
    (void)proj_destroy(geo->to_degrees);
    (void)proj_destroy(geo->to_metres);
    if (geo->context != NULL) {
        (void)proj_context_destroy(geo->context);
    }
    onus_free(geo);
}

/* Four decimals, 11 m: enough for a centre, and short to read. No printf of floats: its decimal
 * point depends on the process's locale. */
static void add_degrees(onus_text *text, double value) {
    const long long units = llround(value * 1e4);
    const long long size = units < 0 ? -units : units;
    onus_text_addf(text, "%s%lld.%04lld", units < 0 ? "-" : "", size / 10000, size % 10000);
}

char *onus_geo_local_projection(double lon_deg, double lat_deg) {
    onus_text text = {0};
    onus_text_add(&text, "+proj=laea +lat_0=");
    add_degrees(&text, lat_deg);
    onus_text_add(&text, " +lon_0=");
    add_degrees(&text, lon_deg);
    onus_text_add(&text, " +datum=WGS84 +units=m +no_defs");
    return onus_text_take(&text);
}
