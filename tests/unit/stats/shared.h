/* For tests: references and records outside the tree, under ONUS_SHARED (default ../shared). A test
 * whose reference is absent says so and is skipped. */
#ifndef ONUS_TEST_SHARED_H
#define ONUS_TEST_SHARED_H

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

/* NULL where the file is absent. */
static inline FILE *shared_open(const char *name) {
    const char *dir = getenv("ONUS_SHARED");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", dir == NULL ? "../shared" : dir, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("skipped: %s is not in the shared folder\n", name);
    }
    return file;
}

/* The caller's to decref; NULL where the file is absent, a failure where it is no JSON. */
static inline json_t *shared_json(const char *name) {
    FILE *file = shared_open(name);
    if (file == NULL) {
        return NULL;
    }
    json_t *root = json_loadf(file, 0, NULL);
    (void)fclose(file);
    assert_non_null(root);
    return root;
}

static inline double json_number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

/* Numbers of an array; fails where there are more than room. */
static inline size_t json_numbers(const json_t *object, const char *key, double *out, size_t room) {
    const json_t *array = json_object_get(object, key);
    const size_t n = json_array_size(array);
    assert_true(json_is_array(array) && n <= room);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(array, i));
    }
    return n;
}

#endif
