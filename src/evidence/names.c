/* Ids that become indices: the distinct texts of some columns, in an order that does not depend on
 * the order of the rows.
 *
 * People, items and raters are named in several tables. All columns that name them are added, then
 * the list is settled (sorted, each once), then every table's texts are looked up: one bisection
 * for each distinct text and not for each row. The names are borrowed from the tables and end with
 * them. Called by affect_*.c. Never hands out a name itself. */
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "v2" before "v10": runs of digits compare as the numbers that they spell. */
static int compare_natural(const char *a, const char *b) {
    const char *p = a;
    const char *q = b;
    while (*p != '\0' && *q != '\0') {
        if (!is_digit(*p) || !is_digit(*q)) {
            if (*p != *q) {
                return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
            }
            p++;
            q++;
            continue;
        }
        p += strspn(p, "0");
        q += strspn(q, "0");
        const size_t n_p = strspn(p, "0123456789");
        const size_t n_q = strspn(q, "0123456789");
        if (n_p != n_q) {
            return n_p < n_q ? -1 : 1;
        }
        const int order = strncmp(p, q, n_p);
        if (order != 0) {
            return order;
        }
        p += n_p;
        q += n_q;
    }
    const int order = (*p != '\0') - (*q != '\0');
    return order != 0 ? order : strcmp(a, b); /* "01" and "1" are two names */
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_nature(const void *a, const void *b) {
    return compare_natural(*(const char *const *)a, *(const char *const *)b);
}

static int by_value(const void *a, const void *b) {
    const char *x = *(const char *const *)a;
    const char *y = *(const char *const *)b;
    double value_x = 0.0;
    double value_y = 0.0;
    (void)onus_parse_double(x, strlen(x), &value_x);
    (void)onus_parse_double(y, strlen(y), &value_y);
    const int order = (value_x > value_y) - (value_x < value_y);
    return order != 0 ? order : strcmp(x, y);
}

static bool all_numbers(const onus_names *names) {
    for (size_t i = 0; i < names->n; i++) {
        double value = 0.0;
        if (!onus_parse_double(names->items[i], strlen(names->items[i]), &value)) {
            return false;
        }
    }
    return true;
}

onus_status onus_names_add(onus_names *names, const char *name) {
    if (names->n == names->cap) {
        const size_t cap = names->cap == 0 ? 64 : 2 * names->cap;
        const char **items = onus_realloc_n(names->items, cap, sizeof *items);
        if (items == NULL) {
            return ONUS_ERR_NOMEM;
        }
        names->items = items;
        names->cap = cap;
    }
    names->items[names->n++] = name;
    return ONUS_OK;
}

onus_status onus_names_add_column(onus_names *names, const onus_table *table, size_t column) {
    onus_status status = ONUS_OK;
    uint8_t *seen = onus_alloc_n(table->n_texts, sizeof *seen);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const uint32_t text = table->columns[column].texts[i];
        const char *name = table->pool + table->pool_starts[text];
        if (seen[text] == 0 && name[0] != '\0') {
            ONUS_TRY(onus_names_add(names, name));
        }
        seen[text] = 1;
    }
out:
    onus_free(seen);
    return status;
}

onus_status onus_names_settle(onus_names *names, onus_names_order order) {
    names->order = order == ONUS_NAMES_BYTES ? by_bytes : all_numbers(names) ? by_value : by_nature;
    if (names->n > 0) {
        qsort(names->items, names->n, sizeof *names->items, names->order);
    }
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        if (n == 0 || strcmp(names->items[i], names->items[n - 1]) != 0) {
            names->items[n++] = names->items[i];
        }
    }
    names->n = n;
    return n > INT32_MAX ? ONUS_ERR_LIMIT : ONUS_OK;
}

int32_t onus_names_find(const onus_names *names, const char *name) {
    const char *const *found =
        names->n == 0 ? NULL
                      : bsearch(&name, names->items, names->n, sizeof *names->items, names->order);
    return found == NULL ? -1 : (int32_t)(found - names->items);
}

onus_status onus_names_index(const onus_names *names, const onus_table *table, size_t column,
                             int32_t **of_row) {
    enum { UNKNOWN = -2 };
    int32_t *of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    *of_row = onus_alloc_n(table->n_rows, sizeof **of_row);
    if (of_text == NULL || *of_row == NULL) {
        onus_free(of_text);
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < table->n_texts; k++) {
        of_text[k] = UNKNOWN;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const uint32_t text = table->columns[column].texts[i];
        if (of_text[text] == UNKNOWN) {
            of_text[text] = onus_names_find(names, table->pool + table->pool_starts[text]);
        }
        (*of_row)[i] = of_text[text];
    }
    onus_free(of_text);
    return ONUS_OK;
}

onus_status onus_names_copy(const onus_names *names, char ***copies, size_t *n) {
    *n = 0;
    *copies = onus_alloc_n(names->n, sizeof **copies);
    if (*copies == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < names->n; i++) {
        (*copies)[i] = onus_strdup(names->items[i]);
        if ((*copies)[i] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        (*n)++;
    }
    return ONUS_OK;
}

void onus_names_clear(onus_names *names) {
    onus_free(names->items);
    *names = (onus_names){0};
}
