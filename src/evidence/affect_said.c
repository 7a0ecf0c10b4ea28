/* What the product said: label (or abstention), scores, repeats, versions, row by row.
 *
 * An item has one row for each repeat of each version. A row that says the same again is left out;
 * one that says something else without a column that tells the two apart is a problem: which of
 * both was on trial could only be guessed. Called by affect_load.c. Never picks a label from
 * scores. */
#include <math.h>
#include <stdlib.h>

#include "affect_loading.h"
#include "onus/alloc.h"

typedef struct said_key {
    int32_t item;
    int32_t version;
    int32_t repeat;
    int32_t row;
} said_key;

static int by_key(const void *a, const void *b) {
    const said_key *x = a;
    const said_key *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    if (x->version != y->version) {
        return x->version < y->version ? -1 : 1;
    }
    if (x->repeat != y->repeat) {
        return x->repeat < y->repeat ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

/* The table's rows as columns of indices, before any is let go. */
typedef struct said_rows {
    int32_t *item;
    int32_t *label;
    int32_t *repeat;
    int32_t *version;
    double *scores;
} said_rows;

static void clear_rows(said_rows *rows) {
    onus_free(rows->item);
    onus_free(rows->label);
    onus_free(rows->repeat);
    onus_free(rows->version);
    onus_free(rows->scores);
}

/* Values of a column that tells rows apart, as indices; names are settled, the caller's to clear.
 */
static onus_status take_kinds(const affect_table *t, int column, onus_names *names,
                              int32_t **of_row) {
    onus_status status = ONUS_OK;
    if (column == ONUS_AFFECT_NO_COLUMN) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_names_add_column(names, &t->table, (size_t)column));
    ONUS_TRY(onus_names_settle(names, ONUS_NAMES_READ));
    ONUS_TRY(onus_names_index(names, &t->table, (size_t)column, of_row));
out:
    return status;
}

static onus_status take_repeats(const affect_table *t, said_rows *rows, onus_said *said) {
    onus_names names = {0};
    const onus_status status = take_kinds(t, t->repeat, &names, &rows->repeat);
    said->n_repeats = names.n;
    onus_names_clear(&names);
    return status;
}

static onus_status take_versions(const affect_table *t, said_rows *rows, onus_said *said) {
    onus_names names = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(take_kinds(t, t->version, &names, &rows->version));
    if (t->version != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_copy(&names, &said->versions, &said->n_versions));
    }
out:
    onus_names_clear(&names);
    return status;
}

static onus_status take_scores(const affect_loading *a, const affect_table *t, double **scores) {
    const size_t q = a->out->domain.n_labels;
    const size_t n_scores = a->ref->labels.n_scores;
    const size_t n = t->table.n_rows;
    if (n_scores == 0) {
        return ONUS_OK;
    }
    uint8_t *begun = onus_alloc_n(q, sizeof *begun);
    *scores = onus_alloc_n(n * q, sizeof **scores);
    if (*scores == NULL || begun == NULL) {
        onus_free(begun);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n * q; i++) {
        (*scores)[i] = NAN;
    }
    for (size_t k = 0; k < n_scores; k++) {
        /* check_affect.c saw that a declared domain holds it; without one it is a label */
        const int32_t label = affect_label_of(a, a->ref->labels.scores[k].name);
        const double *numbers = t->table.columns[(size_t)t->first + k].numbers;
        for (size_t i = 0; label >= 0 && i < n; i++) {
            double *score = &(*scores)[i * q + (size_t)label];
            *score = begun[label] != 0 ? *score + numbers[i] : numbers[i];
        }
        if (label >= 0) {
            begun[label] = 1;
        }
    }
    onus_free(begun);
    return ONUS_OK;
}

static bool same_scores(const said_rows *rows, size_t q, size_t i, size_t k) {
    for (size_t c = 0; rows->scores != NULL && c < q; c++) {
        const double x = rows->scores[i * q + c];
        const double y = rows->scores[k * q + c];
        if (!(isnan(x) && isnan(y)) && (x < y || x > y || isnan(x) || isnan(y))) {
            return false;
        }
    }
    return true;
}

/* Of rows with one item, version and repeat the first is kept. */
static onus_status leave_repeats_out(affect_loading *a, affect_table *t, const said_rows *rows) {
    const size_t n = t->table.n_rows;
    onus_status status = ONUS_OK;
    said_key *keys = onus_alloc_n(n, sizeof *keys);
    size_t n_keys = 0;
    if (keys == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (t->keep[i] != 0) {
            keys[n_keys++] = (said_key){.item = rows->item[i],
                                        .version = rows->version != NULL ? rows->version[i] : 0,
                                        .repeat = rows->repeat != NULL ? rows->repeat[i] : 0,
                                        .row = (int32_t)i};
        }
    }
    if (n_keys > 0) {
        qsort(keys, n_keys, sizeof *keys, by_key);
    }
    size_t first = 0;
    for (size_t k = 1; k < n_keys; k++) {
        const size_t row = (size_t)keys[k].row;
        const size_t before = (size_t)keys[first].row;
        if (keys[k].item != keys[first].item || keys[k].version != keys[first].version ||
            keys[k].repeat != keys[first].repeat) {
            first = k;
        } else if (rows->label[row] == rows->label[before] &&
                   same_scores(rows, a->out->domain.n_labels, row, before)) {
            ONUS_TRY(affect_let_go(t, row, "repeats an earlier row", true));
        } else {
            ONUS_TRY(affect_refuse(a, t, row, "item with two answers",
                                   "the product said something else of this item on line %lld; "
                                   "name the column that tells the rows apart in labels.repeat or "
                                   "labels.version",
                                   (long long)t->table.lines[before]));
        }
    }
out:
    onus_free(keys);
    return status;
}

/* Moves the used rows to the front, in their order; how many they are. */
static size_t keep_rows(const affect_table *t, said_rows *rows, size_t q) {
    size_t n = 0;
    for (size_t i = 0; i < t->table.n_rows; i++) {
        if (t->keep[i] == 0) {
            continue;
        }
        rows->item[n] = rows->item[i];
        rows->label[n] = rows->label[i];
        if (rows->repeat != NULL) {
            rows->repeat[n] = rows->repeat[i];
        }
        if (rows->version != NULL) {
            rows->version[n] = rows->version[i];
        }
        for (size_t c = 0; rows->scores != NULL && c < q; c++) {
            rows->scores[n * q + c] = rows->scores[i * q + c];
        }
        n++;
    }
    return n;
}

onus_status affect_take_said(affect_loading *a) {
    affect_table *t = &a->tables[ONUS_AFFECT_LABELS];
    onus_said *said = &a->out->said;
    said_rows rows = {0};
    onus_status status = ONUS_OK;
    if (!affect_given(t)) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_names_index(&a->items, &t->table, (size_t)t->item, &rows.item));
    ONUS_TRY(affect_take_labels(a, t, &rows.label));
    ONUS_TRY(take_repeats(t, &rows, said));
    ONUS_TRY(take_versions(t, &rows, said));
    ONUS_TRY(take_scores(a, t, &rows.scores));
    ONUS_TRY(leave_repeats_out(a, t, &rows));
    said->n_rows = keep_rows(t, &rows, a->out->domain.n_labels);
    said->item = rows.item;
    said->label = rows.label;
    said->repeat = rows.repeat;
    said->version = rows.version;
    said->scores = rows.scores;
    said->retest = rows.repeat != NULL && a->loading->c->protocol.retest != NULL;
    rows = (said_rows){0};
out:
    clear_rows(&rows);
    return status;
}
