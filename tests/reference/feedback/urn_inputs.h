/* For the urn's reference tests: the shared JSON files, and numbers out of them. */
#ifndef ONUS_TEST_URN_INPUTS_H
#define ONUS_TEST_URN_INPUTS_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Skips the test where the file is absent. */
static inline json_t *read_reference(const char *name) {
    const char *shared = getenv("ONUS_SHARED");
    char path[1024];
    snprintf(path, sizeof path, "%s/expected/feedback/%s", shared == NULL ? "../shared" : shared,
             name);
    json_t *root = json_load_file(path, 0, NULL);
    if (root == NULL) {
        print_message("# skipped: no %s\n", path);
        skip();
    }
    return root;
}

static inline double number(json_t *of, const char *key) {
    json_t *value = json_object_get(of, key);
    if (!json_is_number(value)) {
        fail_msg("no number '%s'", key);
    }
    return json_number_value(value);
}

#endif
