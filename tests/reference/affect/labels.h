/* Tables of labels for the reference tests: plain commas, a head line, no quotes, empty fields. */
#ifndef ONUS_TEST_LABELS_H
#define ONUS_TEST_LABELS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../unit/stats/near.h"
#include "../../unit/stats/shared.h"

typedef struct labels_table {
    char *text;
    char **fields; /* [row * n_columns + column]; row 0 is the head */
    size_t n_rows; /* without the head */
    size_t n_columns;
} labels_table;

static inline void labels_free(labels_table *t) {
    free(t->text);
    free((void *)t->fields);
    *t = (labels_table){0};
}

/* Empty where the file is absent. */
static inline labels_table labels_read(const char *name) {
    labels_table t = {0};
    FILE *file = shared_open(name);
    if (file == NULL) {
        return t;
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const long size = ftell(file);
    rewind(file);
    assert_true(size > 0);
    t.text = calloc((size_t)size + 1, 1);
    assert_non_null(t.text);
    assert_int_equal(fread(t.text, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    size_t n_lines = 0;
    t.n_columns = 1;
    for (const char *c = t.text; *c != '\0'; c++) {
        t.n_columns += *c == ',' && n_lines == 0;
        n_lines += *c == '\n';
    }
    t.fields = calloc((n_lines + 1) * t.n_columns, sizeof *t.fields);
    assert_non_null(t.fields);
    size_t row = 0;
    char *rest = t.text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        line[strcspn(line, "\r")] = '\0';
        if (*line == '\0') {
            continue;
        }
        for (size_t c = 0; c < t.n_columns; c++) {
            t.fields[row * t.n_columns + c] = strsep(&line, ",");
            assert_non_null(t.fields[row * t.n_columns + c]);
        }
        row++;
    }
    t.n_rows = row - 1;
    return t;
}

static inline size_t labels_column(const labels_table *t, const char *name) {
    for (size_t c = 0; c < t->n_columns; c++) {
        if (strcmp(t->fields[c], name) == 0) {
            return c;
        }
    }
    fail_msg("no column '%s'", name);
    return 0;
}

static inline const char *labels_at(const labels_table *t, size_t row, size_t column) {
    return t->fields[(row + 1) * t->n_columns + column];
}

static inline double labels_number(const labels_table *t, size_t row, size_t column) {
    return strtod(labels_at(t, row, column), NULL);
}

/* Place of a one-letter label in "ADFHNS"; -1: empty. */
static inline int32_t labels_letter(const char *text) {
    static const char LETTERS[] = "ADFHNS";
    const char *at = *text == '\0' ? NULL : strchr(LETTERS, *text);
    return at == NULL ? -1 : (int32_t)(at - LETTERS);
}

#endif
