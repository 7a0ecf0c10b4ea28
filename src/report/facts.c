/* What is printed, decided once: the reason of a missing value, the list of warnings, the order of
 * the series, the definitions that occur, the libraries. JSON, tables and page ask here, so they
 * cannot tell different stories.
 *
 * Called by json.c, tables.c and page.c. Never computes a figure. */
#include <gdal.h>
#include <geos_c.h>
#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include <zlib.h>
#include <zstd.h>

#include "onus/alloc.h"
#include "report_internal.h"

const char *onus_report_reason(const onus_measure *measure) {
    if (measure->reason != NULL) {
        return measure->reason;
    }
    if (measure->withheld) {
        return "withheld: a small count could be read from it";
    }
    return measure->has_value ? NULL : "not defined for this evidence";
}

onus_status onus_report_warnings(const onus_result *result, onus_report_warning **out, size_t *n) {
    const size_t n_loaded = result->evidence == NULL ? 0 : result->evidence->warnings.n_items;
    const size_t n_tried = result->warnings.n_items;
    onus_report_warning *list = onus_alloc_n(n_loaded + n_tried, sizeof *list);
    if (list == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n_list = 0;
    for (size_t i = 0; i < n_loaded + n_tried; i++) {
        onus_report_warning next;
        if (i < n_loaded) {
            const onus_load_warning *w = result->evidence->warnings.items;
            next = (onus_report_warning){w[i].code, w[i].text};
        } else {
            const onus_warning *w = result->warnings.items;
            next = (onus_report_warning){w[i - n_loaded].code, w[i - n_loaded].text};
        }
        bool seen = false;
        for (size_t j = 0; j < n_list && !seen; j++) {
            seen = onus_text_equal(list[j].code, next.code) &&
                   onus_text_equal(list[j].text, next.text);
        }
        if (!seen) {
            list[n_list++] = next;
        }
    }
    *out = list;
    *n = n_list;
    return ONUS_OK;
}

size_t *onus_report_series_order(const onus_result *result) {
    const onus_series *series = result->series.items;
    const size_t n = result->series.n_items;
    size_t *order = onus_alloc_n(n, sizeof *order);
    if (order == NULL) {
        return NULL;
    }
    /* insertion: a trial has a handful of series */
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        while (at > 0 && strcmp(series[order[at - 1]].name, series[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return order;
}

onus_status onus_report_definitions(const onus_result *result, const onus_measure_def ***out,
                                    size_t *n) {
    const size_t n_measures = onus_result_n_measures(result);
    const onus_measure_def **list = NULL;
    size_t n_list = 0;
    onus_array defs = ONUS_ARRAY_OF(const onus_measure_def *);
    for (size_t i = 0; i < n_measures; i++) {
        const onus_measure_def *def = onus_result_measure(result, i)->def;
        list = defs.items;
        size_t at = 0;
        while (at < defs.n_items && strcmp(list[at]->id, def->id) < 0) {
            at++;
        }
        if (at < defs.n_items && strcmp(list[at]->id, def->id) == 0) {
            continue;
        }
        if (onus_array_push(&defs, &def) != ONUS_OK) {
            onus_array_clear(&defs);
            return ONUS_ERR_NOMEM;
        }
        list = defs.items;
        memmove(&list[at + 1], &list[at], (defs.n_items - 1 - at) * sizeof *list);
        list[at] = def;
    }
    *out = onus_array_take(&defs, &n_list);
    *n = n_list;
    return ONUS_OK;
}

void onus_report_libraries(onus_report_library out[ONUS_REPORT_LIBRARIES_MAX]) {
    int yaml_major = 0;
    int yaml_minor = 0;
    int yaml_patch = 0;
    yaml_get_version(&yaml_major, &yaml_minor, &yaml_patch);
    char yaml_version[32];
    (void)snprintf(yaml_version, sizeof yaml_version, "%d.%d.%d", yaml_major, yaml_minor,
                   yaml_patch);
    const struct {
        const char *name;
        const char *version;
    } all[] = {
        {"gdal", GDALVersionInfo("RELEASE_NAME")},
        {"geos", GEOSversion()},
        {"glibc", gnu_get_libc_version()},
        {"gsl", gsl_version},
        {"proj", proj_info().version},
        {"yaml", yaml_version},
        {"zlib", zlibVersion()},
        {"zstd", ZSTD_versionString()},
    };
    const size_t n = sizeof all / sizeof all[0];
    memset(out, 0, ONUS_REPORT_LIBRARIES_MAX * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i].name = all[i].name;
        (void)snprintf(out[i].version, sizeof out[i].version, "%s", all[i].version);
    }
}

const char *onus_report_kind(onus_kind kind) {
    switch (kind) {
    case ONUS_KIND_PLACE:
        return "place";
    case ONUS_KIND_MATCH:
        return "match";
    case ONUS_KIND_AFFECT:
        return "affect";
    }
    return "unknown";
}
