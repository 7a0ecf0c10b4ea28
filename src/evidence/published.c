/* Indices that somebody printed, with the counts they were made from: one row per index.
 *
 * Beside its value the printed index keeps what its last digit is worth ("82.02": 0.01), because a
 * figure made again can agree with it only so far. Rows that agree in all columns of published.by
 * are one set: they should count the same outcomes. Called by load.c. Never says whose row is
 * which: of names only their number is kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

enum { N_NUMBERS = 5, N_TEXTS_MAX = 3 };

/* "82.0151" -> 1e-4, "1.50e2" -> 1, "49" -> 1. The text is known to be a number. */
double onus_digit_unit_of(const char *text) {
    int exponent = 0;
    bool behind = false;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '.') {
            behind = true;
        } else if (*p == 'e' || *p == 'E') {
            int64_t power = 0;
            const char *digits = p[1] == '+' ? p + 2 : p + 1;
            if (onus_parse_int64(digits, strlen(digits), &power) && power > -400 && power < 400) {
                exponent += (int)power;
            }
            break;
        } else if (behind && *p >= '0' && *p <= '9') {
            exponent--;
        }
    }
    return pow(10.0, exponent);
}

typedef struct named_row {
    char *name;
    size_t row;
} named_row;

static int by_name(const void *a, const void *b) {
    const named_row *x = a;
    const named_row *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Sets in ascending order of their names, each the texts of its columns joined by ", ". */
static onus_status take_sets(const onus_table *table, size_t first, size_t n_by,
                             onus_published *out) {
    const size_t n = table->n_rows;
    onus_status status = ONUS_ERR_NOMEM;
    named_row *rows = onus_alloc_n(n, sizeof *rows);
    out->set = onus_alloc_n(n, sizeof *out->set);
    out->sets = onus_alloc_n(n, sizeof *out->sets);
    if (rows == NULL || out->set == NULL || out->sets == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        onus_text name = {0};
        for (size_t k = 0; k < n_by; k++) {
            onus_text_addf(&name, "%s%s", k == 0 ? "" : ", ", onus_table_text(table, first + k, i));
        }
        rows[i] = (named_row){.name = onus_text_take(&name), .row = i};
        if (rows[i].name == NULL) {
            goto out;
        }
    }
    if (n > 0) {
        qsort(rows, n, sizeof *rows, by_name);
    }
    for (size_t i = 0; i < n; i++) {
        if (out->n_sets == 0 || strcmp(rows[i].name, out->sets[out->n_sets - 1]) != 0) {
            out->sets[out->n_sets++] = rows[i].name;
            rows[i].name = NULL;
        }
        out->set[rows[i].row] = (uint32_t)(out->n_sets - 1);
    }
    status = ONUS_OK;
out:
    for (size_t i = 0; rows != NULL && i < n; i++) {
        onus_free(rows[i].name);
    }
    onus_free(rows);
    return status;
}

static double *take_numbers(onus_table *table, size_t k) {
    double *numbers = table->columns[k].numbers;
    table->columns[k].numbers = NULL;
    return numbers;
}

static size_t count_names(const uint32_t *of, size_t n_rows, char **names, size_t n) {
    size_t n_named = n;
    for (size_t i = 0; i < n_rows; i++) {
        if (names[of[i]][0] == '\0') { /* a row without a name is nobody's */
            n_named = n - 1;
        }
    }
    return n_named;
}

static onus_status take_names(const onus_table *table, size_t k, onus_published *out) {
    uint32_t *of = NULL;
    char **names = NULL;
    size_t n = 0;
    const onus_status status = onus_take_types(table, k, &of, &names, &n);
    if (status == ONUS_OK) {
        out->n_names = count_names(of, table->n_rows, names, n);
    }
    for (size_t i = 0; names != NULL && i < n; i++) {
        onus_free(names[i]);
    }
    onus_free(names);
    onus_free(of);
    return status;
}

onus_status onus_load_published(onus_loading *loading) {
    const onus_published_ref *ref = &loading->c->published;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_published *out = &loading->out->published;
    onus_table table = {0};
    onus_input input = {.role = "published"};
    const char *const names[N_NUMBERS] = {ref->captured, ref->outcomes, ref->area, ref->of_area,
                                          ref->pai};
    static const char *const MISSING[N_NUMBERS] = {"no captured outcomes", "no outcomes",
                                                   "no flagged area", "no whole area",
                                                   "no printed index"};
    size_t n = 0;
    onus_column_ask *asks = onus_alloc_n(N_NUMBERS + N_TEXTS_MAX + ref->by.n, sizeof *asks);
    if (asks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (; n < N_NUMBERS; n++) {
        asks[n] = (onus_column_ask){
            .name = names[n], .type = ONUS_COLUMN_COUNT, .missing_reason = MISSING[n]};
    }
    const size_t printed = n;
    asks[n++] =
        (onus_column_ask){.name = ref->pai, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    const size_t who = n;
    if (ref->who != NULL) {
        asks[n++] =
            (onus_column_ask){.name = ref->who, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    const size_t which = n;
    if (ref->table != NULL) {
        asks[n++] =
            (onus_column_ask){.name = ref->table, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    const size_t by = n;
    for (size_t k = 0; k < ref->by.n; k++) {
        asks[n++] = (onus_column_ask){
            .name = ref->by.items[k], .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, n, loading->context, &table,
                             &input, loading->problems));
    out->n_rows = table.n_rows;
    out->digit_unit = onus_alloc_n(table.n_rows, sizeof *out->digit_unit);
    if (out->digit_unit == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table.n_rows; i++) {
        out->digit_unit[i] = onus_digit_unit_of(onus_table_text(&table, printed, i));
    }
    if (ref->who != NULL) {
        ONUS_TRY(take_names(&table, who, out));
    }
    if (ref->table != NULL) {
        ONUS_TRY(onus_take_types(&table, which, &out->table, &out->tables, &out->n_tables));
    }
    if (ref->by.n > 0) {
        ONUS_TRY(take_sets(&table, by, ref->by.n, out));
    }
    out->captured = take_numbers(&table, 0);
    out->outcomes = take_numbers(&table, 1);
    out->area = take_numbers(&table, 2);
    out->of_area = take_numbers(&table, 3);
    out->pai = take_numbers(&table, 4);
out:
    status = onus_settle_input(loading, &input, status);
    onus_free(asks);
    onus_table_clear(&table);
    return status;
}

void onus_published_clear(onus_published *published) {
    for (size_t i = 0; published->sets != NULL && i < published->n_sets; i++) {
        onus_free(published->sets[i]);
    }
    for (size_t i = 0; published->tables != NULL && i < published->n_tables; i++) {
        onus_free(published->tables[i]);
    }
    onus_free(published->captured);
    onus_free(published->outcomes);
    onus_free(published->area);
    onus_free(published->of_area);
    onus_free(published->pai);
    onus_free(published->digit_unit);
    onus_free(published->set);
    onus_free(published->sets);
    onus_free(published->table);
    onus_free(published->tables);
    *published = (onus_published){0};
}
