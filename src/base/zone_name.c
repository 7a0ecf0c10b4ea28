/* Time zones by their IANA names: the name is checked, its file found and read.
 *
 * Names come from a case file, so they are checked before any file is opened; a misspelt one is
 * answered with the nearest that the system knows. Called by the readers of tables with times.
 * Never opens anything outside the system's folder of zones. */
#include "zone_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/text.h"

static const char zone_dir[] = "/usr/share/zoneinfo";

enum {
    ZONE_FILE_MAX = 1 << 20, /* the largest file of tzdata has under 4 kB */
    ZONE_NAME_MAX = 64,      /* the longest name of tzdata has 32 bytes */
};

static onus_status read_zone_file(const char *name, unsigned char **bytes, size_t *len,
                                  onus_error *err) {
    onus_status status = ONUS_OK;
    unsigned char *found = NULL;
    FILE *file = NULL;
    char *path = onus_path_join(zone_dir, name);
    if (path == NULL) {
        return onus_fail_nomem(err);
    }
    file = fopen(path, "rbe");
    if (file == NULL) {
        status = ONUS_ERR_NOINPUT; /* the caller words it: a misspelt name, or no data at all */
        goto out;
    }
    found = onus_alloc(ZONE_FILE_MAX);
    if (found == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    *len = fread(found, 1, ZONE_FILE_MAX, file);
    if (ferror(file) != 0) {
        status = ONUS_ERR_NOINPUT; /* a folder such as "America" opens, but cannot be read */
        goto out;
    }
    *bytes = found;
    found = NULL;
out:
    onus_free(found);
    onus_free(path);
    if (file != NULL) {
        (void)fclose(file);
    }
    return status;
}

/* Letters, digits and _ + - in parts joined by single slashes: nothing that climbs out of the
 * folder. */
static bool is_zone_name(const char *name) {
    const size_t len = strnlen(name, ZONE_NAME_MAX + 1);
    if (len == 0 || len > ZONE_NAME_MAX || name[0] == '/' || name[len - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const char c = name[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!is_letter && !is_other && !(c == '/' && name[i - 1] != '/')) {
            return false;
        }
    }
    return true;
}

typedef struct suggestion {
    const char *wanted;
    size_t distance;
    char name[ZONE_NAME_MAX + 1];
} suggestion;

/* Walks the folder of zones for the nearest name; of equals the first in the alphabet. */
static void look_for_name(const char *prefix, int depth, suggestion *best) {
    char *path = onus_path_join(zone_dir, prefix);
    DIR *dir = path == NULL ? NULL : opendir(path);
    onus_free(path);
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char name[ZONE_NAME_MAX + 1];
        const int len = snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : "/",
                                 entry->d_name);
        if (len < 0 || len > ZONE_NAME_MAX || !is_zone_name(name) || strcmp(name, "posix") == 0 ||
            strcmp(name, "right") == 0 || name[0] < 'A' || name[0] > 'Z') {
            continue; /* real zones begin with a capital; the rest are tables and copies */
        }
        if (entry->d_type == DT_DIR && depth < 3) {
            look_for_name(name, depth + 1, best);
            continue;
        }
        const size_t distance = onus_text_distance(best->wanted, name, best->distance);
        if (distance < best->distance ||
            (distance == best->distance &&
             (best->name[0] == '\0' || strcmp(name, best->name) < 0))) {
            best->distance = distance;
            memcpy(best->name, name, sizeof name);
        }
    }
    (void)closedir(dir);
}

static onus_status no_such_zone(const char *name, onus_error *err) {
    DIR *dir = opendir(zone_dir);
    if (dir == NULL) {
        return onus_fail_plain(err, ONUS_ERR_NOINPUT,
                               "time zone '%s' cannot be looked up: '%s': %s; install tzdata", name,
                               zone_dir, onus_errno_text(errno));
    }
    (void)closedir(dir);
    suggestion best = {.wanted = name, .distance = 3};
    if (strnlen(name, ZONE_NAME_MAX + 1) <= ZONE_NAME_MAX) {
        look_for_name("", 0, &best);
    }
    if (best.name[0] == '\0') {
        return onus_fail_plain(err, ONUS_ERR_DATA,
                               "unknown time zone '%.*s'; expected an IANA name such as "
                               "'America/New_York'",
                               ZONE_NAME_MAX, name);
    }
    return onus_fail_plain(err, ONUS_ERR_DATA, "unknown time zone '%s'; did you mean '%s'?", name,
                           best.name);
}

/* UTC needs no file, and must work without tzdata. */
static onus_status open_utc(onus_zone **out, onus_error *err) {
    onus_zone *zone = onus_alloc(sizeof *zone);
    if (zone == NULL) {
        return onus_fail_nomem(err);
    }
    zone->repeats_from_s = INT64_MAX;
    *out = zone;
    return ONUS_OK;
}

onus_status onus_zone_open(const char *name, onus_zone **out, onus_error *err) {
    unsigned char *bytes = NULL;
    size_t len = 0;
    if (strcmp(name, "UTC") == 0) {
        return open_utc(out, err);
    }
    onus_status status =
        is_zone_name(name) ? read_zone_file(name, &bytes, &len, err) : ONUS_ERR_NOINPUT;
    if (status == ONUS_OK) {
        status = onus_zone_decode(bytes, len, name, out, err);
    } else if (status == ONUS_ERR_NOINPUT) {
        status = no_such_zone(name, err);
    }
    onus_free(bytes);
    return status;
}
