/* From a result to files: results.json, tables, areas.gpkg, one page that opens offline. */
#ifndef ONUS_REPORT_H
#define ONUS_REPORT_H

#include <stdbool.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/result.h"
#include "onus/status.h"

typedef struct onus_report_opts {
    const char *dir;     /* the report's folder */
    bool replace;        /* --force: an older report may be replaced */
    const char *command; /* the exact command, printed in the page (not in results.json) */
} onus_report_opts;

/** results.json as text (sorted keys, UTF-8, %.17g); free with onus_free. */
onus_status onus_report_json(const onus_result *result, char **out, onus_error *err) ONUS_MUST_USE;

/**
 * Writes the whole report into a folder beside `dir` and renames it at the end, so that a failed or
 * interrupted run leaves nothing behind.
 * @return ONUS_OK; ONUS_ERR_CANTCREATE if dir exists and may not be replaced, or cannot be made;
 *         ONUS_ERR_IO (disk full); ONUS_ERR_INTERRUPTED; ONUS_ERR_NOMEM
 */
onus_status onus_report_write(const onus_result *result, const onus_report_opts *opts,
                              const onus_context *context, onus_error *err) ONUS_MUST_USE;

/** Whether onus_report_write could begin: said before the work and not after it. Makes nothing.
 *  @return ONUS_OK; ONUS_ERR_CANTCREATE; ONUS_ERR_NOMEM */
onus_status onus_report_check(const onus_report_opts *opts, onus_error *err) ONUS_MUST_USE;

/** Removes what this process has half-written for `dir`, if anything: for a process that must leave
 *  in the middle of onus_report_write. */
void onus_report_discard(const char *dir);

#endif
