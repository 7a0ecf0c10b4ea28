/* A folder that appears whole or not at all: begin, write files into `partial`, finish or abandon.
 */
#ifndef ONUS_REPORT_FILES_H
#define ONUS_REPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "onus/error.h"
#include "onus/status.h"

typedef struct onus_report_folder {
    char *dir;     /* where the report will stand */
    char *partial; /* where it is written */
    bool replaces; /* an older report stands at dir */
} onus_report_folder;

/** Makes the partial folder. ERR_CANTCREATE if dir exists and may not be replaced (only an older
 *  report of ours, or an empty folder, may) or the folder cannot be made. *out is empty then. */
onus_status onus_report_begin(const char *dir, bool replace, onus_report_folder *out,
                              onus_error *err) ONUS_MUST_USE;
/** Renames the partial folder to dir. Clears *folder in every case; on failure nothing is left. */
onus_status onus_report_finish(onus_report_folder *folder, onus_error *err) ONUS_MUST_USE;
/** Removes the partial folder. Legal on a zeroed struct. */
void onus_report_abandon(onus_report_folder *folder);

/** Writes len bytes as dir/name, which must be new; every write and the close are checked. */
onus_status onus_report_file(const char *dir, const char *name, const char *bytes, size_t len,
                             onus_error *err) ONUS_MUST_USE;
/** Makes dir/name and gives its path away. */
onus_status onus_report_subdir(const char *dir, const char *name, char **out,
                               onus_error *err) ONUS_MUST_USE;
/** Removes a file or folder with all that is in it; links are not followed. */
void onus_report_remove(const char *path);

#endif
