/* For the reference tests of searches and tracks: shared JSON and comma-separated numbers. */
#ifndef ONUS_TEST_MATCH_INPUTS_H
#define ONUS_TEST_MATCH_INPUTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static inline void shared_file(const char *name, char *path, size_t size) {
    const char *shared = getenv("ONUS_SHARED");
    (void)snprintf(path, size, "%s/%s", shared == NULL ? "../shared" : shared, name);
}

/* Skips the test where the file is absent. */
static inline json_t *shared_json(const char *name) {
    char path[1024];
    shared_file(name, path, sizeof path);
    json_t *root = json_load_file(path, 0, NULL);
    if (root == NULL) {
        print_message("# skipped: no %s\n", path);
        skip();
    }
    return root;
}

/* All numbers of a file, row by row; the caller frees. Skips where the file is absent. */
static inline double *shared_numbers(const char *name, size_t n_header, size_t n_columns,
                                     size_t *n_rows) {
    char path[1024];
    shared_file(name, path, sizeof path);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("# skipped: no %s\n", path);
        skip();
    }
    static char line[1 << 16];
    double *out = NULL;
    size_t n = 0;
    size_t cap = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (n_header > 0) {
            n_header--;
            continue;
        }
        char *at = line;
        for (size_t k = 0; k < n_columns; k++) {
            if (n == cap) {
                cap = 2 * cap + 1024;
                out = realloc(out, cap * sizeof *out);
                assert_non_null(out);
            }
            char *end;
            out[n++] = strtod(at, &end);
            assert_ptr_not_equal(end, at);
            at = end + (*end == ',');
        }
    }
    assert_int_equal(fclose(file), 0);
    *n_rows = n / n_columns;
    return out;
}

static inline json_t *in(json_t *of, const char *key) {
    json_t *value = json_object_get(of, key);
    if (value == NULL) {
        fail_msg("no '%s' in the reference", key);
    }
    return value;
}

static inline double number(json_t *of, const char *key) {
    json_t *value = in(of, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static inline double element(json_t *of, const char *key, size_t index) {
    json_t *value = json_array_get(in(of, key), index);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

#define assert_within(got, want, tolerance)                                                        \
    do {                                                                                           \
        const double got_ = (got);                                                                 \
        const double want_ = (want);                                                               \
        if (!(got_ - want_ <= (tolerance) && want_ - got_ <= (tolerance))) {                       \
            fail_msg("%s is %.17g, not %.17g", #got, got_, want_);                                 \
        }                                                                                          \
    } while (0)

#endif
