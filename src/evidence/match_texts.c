/* Texts to numbers and, for cameras and groups, back: the one place through which the names of a
 * match case pass.
 *
 * People, sightings and tracks are numbered in the order in which they are met and their texts are
 * freed with the loading; cameras and groups are put in ascending order when all is read, so that
 * no number depends on which table came first. A table's own pool has already made one text of
 * equal ones: each distinct text is looked up once, whatever the number of rows. Called by the
 * other match_*.c. Never hands a text to anybody else. */
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

onus_status onus_texts_intern(onus_texts *names, const char *text, int32_t *index) {
    uint32_t found = 0;
    names->rows.table = &names->table;
    if (names->table.n_texts >= INT32_MAX) {
        return ONUS_ERR_LIMIT;
    }
    const onus_status status = onus_rows_intern(&names->rows, text, strlen(text), &found);
    *index = (int32_t)found;
    return status;
}

int32_t onus_texts_find(const onus_texts *names, const char *text) {
    const uint32_t found = onus_rows_find(&names->rows, text, strlen(text));
    return found == UINT32_MAX ? -1 : (int32_t)found;
}

onus_status onus_texts_take(onus_texts *names, const onus_table *table, size_t column,
                            int32_t **of_row) {
    enum { UNSEEN = -2 };
    onus_status status = ONUS_OK;
    int32_t *of_text = NULL;
    int32_t *rows = onus_alloc_n(table->n_rows, sizeof *rows);
    *of_row = rows;
    if (rows == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (column >= table->n_columns) {
        for (size_t r = 0; r < table->n_rows; r++) {
            rows[r] = -1;
        }
        return ONUS_OK;
    }
    of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    if (of_text == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t t = 0; t < table->n_texts; t++) {
        of_text[t] = UNSEEN;
    }
    const uint32_t *texts = table->columns[column].texts;
    for (size_t r = 0; r < table->n_rows; r++) {
        int32_t *index = &of_text[texts[r]];
        if (*index == UNSEEN) {
            const char *text = table->pool + table->pool_starts[texts[r]];
            *index = -1;
            if (text[0] != '\0') {
                ONUS_TRY(onus_texts_intern(names, text, index));
            }
        }
        rows[r] = *index;
    }
out:
    onus_free(of_text);
    return status;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

onus_status onus_texts_sort(const onus_texts *names, char ***texts, int32_t **place) {
    const onus_table *table = &names->table;
    const size_t n = table->n_texts;
    onus_status status = ONUS_OK;
    char **sorted = onus_alloc_n(n + 1, sizeof *sorted);
    int32_t *to = onus_alloc_n(n, sizeof *to);
    if (sorted == NULL || to == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = onus_strdup(table->pool + table->pool_starts[i]);
        if (sorted[i] == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
    }
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 0; i < n; i++) {
        to[onus_texts_find(names, sorted[i])] = (int32_t)i;
    }
    *texts = sorted;
    *place = to;
    return ONUS_OK;
out:
    for (size_t i = 0; sorted != NULL && i < n; i++) {
        onus_free(sorted[i]);
    }
    onus_free(sorted);
    onus_free(to);
    return status;
}

void onus_texts_clear(onus_texts *names) {
    onus_table_clear(&names->table);
    onus_rows_clear(&names->rows);
}
