/* A folder that appears whole or not at all. The report is written into `<dir>.partial-<pid>`
 * beside its place and renamed at the end; whatever goes wrong before that, the partial folder is
 * removed. An older report is replaced only if it is one: a folder with our results.json that holds
 * nothing we did not write. The exchange is a single rename, so a reader sees the old report or the
 * new one.
 *
 * Called by report.c. Never follows a symbolic link when it removes, never removes anything but its
 * own partial folder and a report that it has recognised. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "onus/alloc.h"
#include "onus/report.h"
#include "onus/scalar.h"
#include "onus/text.h"

onus_status onus_report_file(const char *dir, const char *name, const char *bytes, size_t len,
                             onus_error *err) {
    char *path = onus_path_join(dir, name);
    if (path == NULL) {
        return onus_fail_nomem(err);
    }
    onus_status status = ONUS_OK;
    FILE *file = fopen(path, "wbx");
    if (file == NULL) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0, "cannot create the file: %s",
                           onus_errno_text(errno));
        goto out;
    }
    const bool written = fwrite(bytes, 1, len, file) == len;
    const int write_errno = errno;
    const bool closed = fclose(file) == 0;
    if (!written || !closed) {
        status = onus_fail(err, ONUS_ERR_IO, path, 0, 0, "cannot write the file: %s",
                           onus_errno_text(written ? errno : write_errno));
    }
out:
    onus_free(path);
    return status;
}

onus_status onus_report_subdir(const char *dir, const char *name, char **out, onus_error *err) {
    char *path = onus_path_join(dir, name);
    if (path == NULL) {
        return onus_fail_nomem(err);
    }
    if (mkdir(path, 0777) != 0) {
        const onus_status status = onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0,
                                             "cannot make the folder: %s", onus_errno_text(errno));
        onus_free(path);
        return status;
    }
    *out = path;
    return ONUS_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw) {
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

void onus_report_remove(const char *path) {
    const int n_open_folders = 8;
    (void)nftw(path, remove_entry, n_open_folders, FTW_DEPTH | FTW_PHYS);
}

/* ---- is it a report of ours? ---- */

static bool is_csv_folder(const char *path) {
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return false;
    }
    bool good = true;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        good = good && (entry->d_name[0] == '.'
                            ? strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
                            : onus_text_ends(entry->d_name, ".csv"));
    }
    (void)closedir(dir);
    return good;
}

/* Every results.json that onus writes has this line, and its `onus` part before it. */
static bool has_our_results(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    bool found = false;
    char *line = NULL;
    size_t cap = 0;
    while (!found && getline(&line, &cap, file) > 0) {
        found = onus_text_starts(line, "\"schema\":\"onus.results/");
    }
    free(line); /* getline's own */
    (void)fclose(file);
    return found;
}

/* Empty folders may be replaced as well: there is nothing in them to lose. */
static onus_status check_replaceable(const char *path, onus_error *err) {
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0,
                         "exists and is not a folder that can be read: %s", onus_errno_text(errno));
    }
    onus_status status = ONUS_OK;
    bool empty = true;
    bool ours = false;
    for (const struct dirent *entry = readdir(dir); entry != NULL && status == ONUS_OK;
         entry = readdir(dir)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
            continue;
        }
        empty = false;
        char *inner = onus_path_join(path, name);
        if (inner == NULL) {
            status = onus_fail_nomem(err);
            break;
        }
        bool known = strcmp(name, "index.html") == 0 || strcmp(name, "areas.gpkg") == 0;
        if (strcmp(name, "results.json") == 0) {
            ours = has_our_results(inner);
            known = ours;
        } else if (strcmp(name, "tables") == 0) {
            known = is_csv_folder(inner);
        }
        if (!known) {
            status = onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0,
                               "is not replaced, even with --force: it holds '%s', which is not "
                               "part of a report of onus",
                               name);
        }
        onus_free(inner);
    }
    (void)closedir(dir);
    if (status == ONUS_OK && !ours && !empty) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0,
                           "is not replaced, even with --force: it has no results.json of onus");
    }
    return status;
}

/* ---- begin, finish ---- */

static char *without_end_slashes(const char *dir) {
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    return onus_strndup(dir, len);
}

/* The folder that only this process writes, beside the report's place. */
static char *partial_of(const char *place) {
    onus_text partial = {0};
    onus_text_addf(&partial, "%s.partial-%ld", place, (long)getpid());
    return onus_text_take(&partial);
}

static onus_status check_place(const char *place, bool replace, bool *replaces, onus_error *err) {
    struct stat info;
    *replaces = false;
    if (lstat(place, &info) != 0) {
        return ONUS_OK;
    }
    if (!replace) {
        return onus_fail(err, ONUS_ERR_CANTCREATE, place, 0, 0,
                         "exists; choose another folder with -o, or replace an older report "
                         "with --force");
    }
    if (!S_ISDIR(info.st_mode)) {
        return onus_fail(err, ONUS_ERR_CANTCREATE, place, 0, 0,
                         "is not replaced, even with --force: it is not a folder");
    }
    *replaces = true;
    return check_replaceable(place, err);
}

onus_status onus_report_check(const onus_report_opts *opts, onus_error *err) {
    onus_status status = ONUS_OK;
    bool replaces = false;
    char *parent = NULL;
    char *inside =
        NULL; /* "parent/.": a parent that is no folder is told from one without rights */
    char *place = without_end_slashes(opts->dir);
    if (place == NULL || (parent = onus_path_dir(place)) == NULL ||
        (inside = onus_path_join(parent, ".")) == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(check_place(place, opts->replace, &replaces, err));
    if (access(inside, W_OK | X_OK) != 0) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, place, 0, 0, "cannot make the folder: %s",
                           onus_errno_text(errno));
    }
out:
    onus_free(inside);
    onus_free(parent);
    onus_free(place);
    return status;
}

void onus_report_discard(const char *dir) {
    char *place = without_end_slashes(dir);
    char *partial = place != NULL ? partial_of(place) : NULL;
    if (partial != NULL) {
        onus_report_remove(partial);
    }
    onus_free(partial);
    onus_free(place);
}

onus_status onus_report_begin(const char *dir, bool replace, onus_report_folder *out,
                              onus_error *err) {
    memset(out, 0, sizeof *out);
    onus_status status = ONUS_OK;
    char *partial = NULL;
    out->dir = without_end_slashes(dir);
    if (out->dir == NULL || (partial = partial_of(out->dir)) == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(check_place(out->dir, replace, &out->replaces, err));
    if (mkdir(partial, 0777) != 0) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, partial, 0, 0, "cannot make the folder: %s",
                           onus_errno_text(errno));
        goto out;
    }
    out->partial = partial;
    partial = NULL;
out:
    onus_free(partial);
    if (status != ONUS_OK) {
        onus_report_abandon(out);
    }
    return status;
}

/* A rename that fails rather than overwrites; file systems without that flag get a plain one. */
static int rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
}

static int exchange(const char *partial, const char *dir) {
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, dir, RENAME_EXCHANGE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    /* no exchange on this file system: out of the way, in, and back if that fails */
    onus_text aside = {0};
    onus_text_addf(&aside, "%s.partial-%ld-old", dir, (long)getpid());
    char *old = onus_text_take(&aside);
    if (old == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int failed = rename(dir, old);
    if (failed == 0) {
        failed = rename(partial, dir);
        if (failed == 0) {
            failed = rename(old, partial);
        } else {
            const int kept = errno;
            (void)rename(old, dir);
            errno = kept;
        }
    }
    onus_free(old);
    return failed;
}

onus_status onus_report_finish(onus_report_folder *folder, onus_error *err) {
    onus_status status = ONUS_OK;
    const int failed = folder->replaces ? exchange(folder->partial, folder->dir)
                                        : rename_new(folder->partial, folder->dir);
    if (failed != 0) {
        status = onus_fail(err, ONUS_ERR_CANTCREATE, folder->dir, 0, 0,
                           "cannot put the report in its place: %s", onus_errno_text(errno));
    } else if (!folder->replaces) {
        onus_free(folder->partial);
        folder->partial = NULL; /* it is the report now */
    }
    onus_report_abandon(folder); /* the partial folder, or the older report that took its place */
    return status;
}

void onus_report_abandon(onus_report_folder *folder) {
    if (folder->partial != NULL) {
        onus_report_remove(folder->partial);
    }
    onus_free(folder->partial);
    onus_free(folder->dir);
    memset(folder, 0, sizeof *folder);
}
