/* How an example becomes a folder; private to src/example. */
#ifndef ONUS_EXAMPLE_FOLDER_H
#define ONUS_EXAMPLE_FOLDER_H

#include <stddef.h>

#include "onus/error.h"
#include "onus/status.h"
#include "onus/text.h"

typedef struct example_file {
    const char *name;
    char *path; /* where it will stand; example_write's own */
    onus_text text;
} example_file;

/** Fills the texts of the files, in their order. @return ONUS_OK or ONUS_ERR_NOMEM */
typedef onus_status (*example_make)(void *state, example_file *files);

/**
 * Makes the folder, lets make() fill the texts, writes them, and clears them in any case.
 * @param[in,out] files  n_files, with their names
 * @return ONUS_OK; ONUS_ERR_CANTCREATE if dir exists or cannot be made; ONUS_ERR_IO; ONUS_ERR_NOMEM
 */
onus_status example_write(const char *dir, example_file *files, size_t n_files, example_make make,
                          void *state, onus_error *err) ONUS_MUST_USE;

#endif
