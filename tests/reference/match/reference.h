/* For tests: expected/match of the shared folder: JSON, small tables of numbers, near enough. */
#ifndef ONUS_TEST_MATCH_REFERENCE_H
#define ONUS_TEST_MATCH_REFERENCE_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/text.h"

static inline char *reference_path(const char *name) {
    const char *dir = getenv("ONUS_SHARED");
    char *folder = onus_path_join(dir != NULL ? dir : "../shared", "expected/match");
    char *path = onus_path_join(folder, name);
    onus_free(folder);
    return path;
}

/* NULL where the shared folder is absent: skip. */
static inline json_t *reference_json(const char *name) {
    char *path = reference_path(name);
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    onus_free(path);
    return root;
}

static inline FILE *reference_open(const char *name) {
    char *path = reference_path(name);
    FILE *file = fopen(path, "rb");
    onus_free(path);
    return file;
}

static inline double reference_number(const json_t *of, const char *key) {
    const json_t *value = json_object_get(of, key);
    if (!json_is_number(value)) {
        fail_msg("no number '%s' in the reference", key);
    }
    return json_number_value(value);
}

/* A number, or NaN for null. */
static inline double reference_maybe(const json_t *of, const char *key) {
    return json_is_null(json_object_get(of, key)) ? NAN : reference_number(of, key);
}

/* Absolute, and relative above 1. */
#define assert_reference(what, got, want, tolerance)                                               \
    do {                                                                                           \
        const double got_ = (got);                                                                 \
        const double want_ = (want);                                                               \
        if (!((isnan(got_) && isnan(want_)) ||                                                     \
              fabs(got_ - want_) <= (tolerance)*fmax(1.0, fabs(want_)))) {                         \
            fail_msg("%s: %.17g, not %.17g", what, got_, want_);                                   \
        }                                                                                          \
    } while (0)

#endif
