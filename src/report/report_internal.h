/* What the sources of src/report share and nobody else needs. */
#ifndef ONUS_REPORT_INTERNAL_H
#define ONUS_REPORT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/report.h"
#include "onus/result.h"
#include "onus/status.h"
#include "onus/text.h"

/* ---- facts.c: one answer to "what is printed here" for JSON, tables and page ---- */
/** Why a measure has no value: its own reason, or that it is withheld; NULL if it has one. */
const char *onus_report_reason(const onus_measure *measure);
/** Warnings of the evidence, then of the trial, exact repeats left out. *out: n pointers into the
 *  result, owned by the caller. */
typedef struct onus_report_warning {
    const char *code;
    const char *text;
} onus_report_warning;
onus_status onus_report_warnings(const onus_result *result, onus_report_warning **out,
                                 size_t *n) ONUS_MUST_USE;
/** Series in the order of their names; an array of n indices owned by the caller. NULL: no memory.
 */
size_t *onus_report_series_order(const onus_result *result) ONUS_MUST_USE;
/** The definitions of the measures that occur, sorted by id; owned by the caller. */
onus_status onus_report_definitions(const onus_result *result, const onus_measure_def ***out,
                                    size_t *n) ONUS_MUST_USE;
/** A library that the numbers depend on, and its version; sorted by name, closed by a NULL name. */
typedef struct onus_report_library {
    const char *name;
    char version[32];
} onus_report_library;
enum { ONUS_REPORT_LIBRARIES_MAX = 16 };
void onus_report_libraries(onus_report_library out[ONUS_REPORT_LIBRARIES_MAX]);
const char *onus_report_kind(onus_kind kind);

/* ---- one source per output ---- */
/** Every table of the report into dir, which exists. */
onus_status onus_report_tables(const onus_result *result, const char *dir,
                               onus_error *err) ONUS_MUST_USE;
/** areas.gpkg, layer `areas`, WGS 84, into dir. The result has areas. */
onus_status onus_report_gpkg(const onus_result *result, const onus_context *context,
                             const char *dir, onus_error *err) ONUS_MUST_USE;
/** The page: template, results.json (`json`), the map, the text that needs no script. */
onus_status onus_report_page(const onus_result *result, const char *json, const char *command,
                             onus_text *out, onus_error *err) ONUS_MUST_USE;

/* ---- body.c, body_feedback.c, body_series.c and map.c: parts of the page ---- */
/** What was simulated, as tables for readers without a script; nothing where nothing was. */
void onus_report_feedback(const onus_result *result, onus_text *out);
/** The series of a match or affect trial as tables for readers without a script. */
void onus_report_series(const onus_result *result, onus_text *out);
onus_status onus_report_body(const onus_result *result, const char *command, onus_text *out,
                             onus_error *err) ONUS_MUST_USE;
onus_status onus_report_map(const onus_result *result, onus_text *out,
                            onus_error *err) ONUS_MUST_USE;

/* ---- rings.c ---- */
/** Which rings of an area are shells (-1) and which are holes (the index of their shell), both
 *  counted within the area. n_rings values. ERR_NOMEM. */
onus_status onus_report_ring_parents(const onus_layer *layer, size_t area,
                                     int32_t *parents) ONUS_MUST_USE;
/** Signed area of a ring in square degrees: positive if it runs anticlockwise. */
double onus_report_ring_area(const onus_layer *layer, size_t ring);

#endif
