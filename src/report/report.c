/* The report as a folder: results.json, tables, areas.gpkg, index.html, whole or not at all.
 *
 * One function per output, each given the result and nothing else; files.c looks after the folder.
 * The stop flag is looked at between the outputs, so that Ctrl-C leaves nothing half-written.
 *
 * Called by `onus try`, later by the workbench. Never reads the clock, never writes outside the
 * folder it was given, never stores the command in results.json (it names this run, not the trial).
 */
#include <string.h>

#include "files.h"
#include "onus/alloc.h"
#include "report_internal.h"

static onus_status go_on(const onus_context *context, onus_error *err) {
    if (onus_stopped(context)) {
        return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
    }
    return ONUS_OK;
}

onus_status onus_report_write(const onus_result *result, const onus_report_opts *opts,
                              const onus_context *context, onus_error *err) {
    onus_status status = ONUS_OK;
    char *json = NULL;
    char *tables = NULL;
    onus_text page = {0};
    onus_report_folder folder = {0};

    ONUS_TRY(onus_report_begin(opts->dir, opts->replace, &folder, err));
    ONUS_TRY(onus_report_json(result, &json, err));
    ONUS_TRY(onus_report_file(folder.partial, "results.json", json, strlen(json), err));
    ONUS_TRY(go_on(context, err));
    ONUS_TRY(onus_report_subdir(folder.partial, "tables", &tables, err));
    ONUS_TRY(onus_report_tables(result, tables, err));
    ONUS_TRY(go_on(context, err));
    if (result->areas.layer != NULL) {
        ONUS_TRY(onus_report_gpkg(result, context, folder.partial, err));
    }
    ONUS_TRY(go_on(context, err));
    ONUS_TRY(onus_report_page(result, json, opts->command, &page, err));
    ONUS_TRY(onus_report_file(folder.partial, "index.html", page.data, page.len, err));
    ONUS_TRY(go_on(context, err));
    ONUS_TRY(onus_report_finish(&folder, err));
out:
    onus_report_abandon(&folder);
    onus_text_clear(&page);
    onus_free(tables);
    onus_free(json);
    return status;
}
