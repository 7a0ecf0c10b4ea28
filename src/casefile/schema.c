/* The schema of case files: one table, one row per key.
 *
 * Everything that is known about a key stands in its row: its type in words, default, range, doc
 * and where its value goes. The reader (read.c), `onus explain`, the JSON Schema (json_schema.c)
 * and the docs are made from these rows, so they cannot disagree. The rows are written by kind of
 * case in schema_*.inc and form one array here; one path may have a row for each kind.
 *
 * Called by the rest of src/casefile and by `onus explain`. Never reads a case. */
#include "schema.h"

#include <string.h>

#include "schema_rows.h"

static const onus_case_key rows[] = {
#include "schema_affect.inc"
#include "schema_common.inc"
#include "schema_match.inc"
#include "schema_place.inc"
};

const onus_case_key *onus_case_keys(size_t *n_keys) {
    *n_keys = sizeof rows / sizeof rows[0];
    return rows;
}

bool onus_schema_is_for(const onus_case_key *key, const char *kind) {
    /* no kind's name is part of another's */
    return kind == NULL || strstr(key->kinds, kind) != NULL;
}

const onus_case_key *onus_schema_find(const char *path, const char *kind) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].path, path) == 0 && onus_schema_is_for(&rows[i], kind)) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *onus_schema_child(const char *path, const char *block) {
    const size_t len = strlen(block);
    if (len > 0) {
        if (strncmp(path, block, len) != 0 || path[len] != '.') {
            return NULL;
        }
        path += len + 1;
    }
    return strpbrk(path, ".[") == NULL ? path : NULL;
}

bool onus_schema_choice_at(const char *choices, int i, char *buf, size_t size) {
    for (; i > 0; i--) {
        choices = strstr(choices, ", ");
        if (choices == NULL) {
            return false;
        }
        choices += 2;
    }
    const char *end = strstr(choices, ", ");
    const size_t len = end == NULL ? strlen(choices) : (size_t)(end - choices);
    if (len >= size) {
        return false;
    }
    memcpy(buf, choices, len);
    buf[len] = '\0';
    return true;
}

int onus_schema_choice(const char *choices, const char *word) {
    char choice[64];
    for (int i = 0; onus_schema_choice_at(choices, i, choice, sizeof choice); i++) {
        if (strcmp(choice, word) == 0) {
            return i;
        }
    }
    return -1;
}
