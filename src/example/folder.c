/* A worked example as a folder: whole or absent.
 *
 * The idea: the folder is made before the work that fills it, so that one that is there is refused
 * at once; texts are made in memory and written file by file. A failure takes back the folder and
 * what was written.
 *
 * Called by the examples of every kind. Never overwrites anything. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "example_folder.h"
#include "onus/alloc.h"

static onus_status write_file(const char *path, const onus_text *text, onus_error *err) {
    FILE *file = fopen(path, "wbxe");
    if (file == NULL) {
        return onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0, "cannot be created: %s",
                         strerrordesc_np(errno));
    }
    const size_t n = fwrite(text->data, 1, text->len, file);
    int number = n == text->len ? 0 : errno;
    if (fclose(file) != 0 && number == 0) {
        number = errno;
    }
    if (number != 0) {
        return onus_fail(err, ONUS_ERR_IO, path, 0, 0, "cannot be written: %s",
                         strerrordesc_np(number));
    }
    return ONUS_OK;
}

static void take_back(const char *dir, const example_file *files, size_t n) {
    for (size_t i = 0; i < n; i++) {
        (void)unlink(files[i].path);
    }
    (void)rmdir(dir);
}

/* The folder before the work that fills it: one that is there is refused at once. */
static onus_status make_folder(const char *dir, onus_error *err) {
    if (mkdir(dir, 0777) != 0) {
        return errno == EEXIST ? onus_fail(err, ONUS_ERR_CANTCREATE, dir, 0, 0,
                                           "is there already; name a folder that is not")
                               : onus_fail(err, ONUS_ERR_CANTCREATE, dir, 0, 0,
                                           "cannot be created: %s", strerrordesc_np(errno));
    }
    return ONUS_OK;
}

onus_status example_write(const char *dir, example_file *files, size_t n_files, example_make make,
                          void *state, onus_error *err) {
    onus_status status = ONUS_OK;
    bool has_folder = false;
    size_t n_begun = 0;
    /* All that removing needs is there before anything is written. */
    for (size_t i = 0; i < n_files; i++) {
        files[i].path = onus_path_join(dir, files[i].name);
        if (files[i].path == NULL) {
            status = onus_fail_nomem(err);
            goto out;
        }
    }
    ONUS_TRY(make_folder(dir, err));
    has_folder = true;
    status = make(state, files);
    for (size_t i = 0; i < n_files; i++) {
        if (files[i].text.failed) {
            status = ONUS_ERR_NOMEM;
        }
    }
    if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (; n_begun < n_files && status == ONUS_OK; n_begun++) {
        status = write_file(files[n_begun].path, &files[n_begun].text, err);
    }
out:
    if (status != ONUS_OK && has_folder) {
        take_back(dir, files, n_begun);
    }
    for (size_t i = 0; i < n_files; i++) {
        onus_text_clear(&files[i].text);
        onus_free(files[i].path);
    }
    return status;
}
