/* What a product's labels are held against: what people reported, what they were told to show, what
 * onlookers said.
 *
 * Of self-reports and instructions several equal rows of one item are one; where they differ the
 * item has none, counted, because choosing would be deciding the case. Votes become counts by
 * (stratum, item); where raters are named their single votes are kept as well, each rater's first
 * one. Called by affect_load.c. Never makes a rater of an anonymous vote. */
#include <math.h>
#include <stdlib.h>

#include "affect_loading.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

/* ---- one label an item ---- */

onus_status affect_take_item_labels(affect_loading *a, affect_table *t, onus_item_labels *out) {
    enum { NONE = -1, DIFFER = -2 };
    const size_t n_items = a->out->items.n_items;
    onus_status status = ONUS_OK;
    int32_t *item_of = NULL;
    int32_t *label_of = NULL;
    if (!affect_given(t)) {
        return ONUS_OK;
    }
    out->given = true;
    out->label = onus_alloc_n(n_items, sizeof *out->label);
    if (out->label == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_items; i++) {
        out->label[i] = NONE;
    }
    ONUS_TRY(onus_names_index(&a->items, &t->table, (size_t)t->item, &item_of));
    ONUS_TRY(affect_take_labels(a, t, &label_of));
    for (size_t i = 0; i < t->table.n_rows; i++) {
        int32_t *label = &out->label[item_of[i]];
        if (t->keep[i] != 0) {
            *label = *label == NONE || *label == label_of[i] ? label_of[i] : DIFFER;
        }
    }
    for (size_t i = 0; i < t->table.n_rows; i++) {
        int32_t *label = &out->label[item_of[i]];
        if (t->keep[i] != 0 && *label == DIFFER) {
            ONUS_TRY(affect_let_go(t, i, "rows of one item name different labels", false));
        }
    }
    for (size_t i = 0; i < n_items; i++) {
        out->n_conflicting += out->label[i] == DIFFER;
        out->label[i] = out->label[i] == DIFFER ? NONE : out->label[i];
    }
out:
    onus_free(item_of);
    onus_free(label_of);
    return status;
}

/* ---- votes ---- */

typedef struct vote_row {
    uint64_t unit; /* stratum * n_items + item */
    int32_t rater; /* -1: anonymous */
    int32_t row;
} vote_row;

static int by_unit(const void *a, const void *b) {
    const vote_row *x = a;
    const vote_row *y = b;
    if (x->unit != y->unit) {
        return x->unit < y->unit ? -1 : 1;
    }
    if (x->rater != y->rater) {
        return x->rater < y->rater ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static size_t n_units_of(const vote_row *rows, size_t n) {
    size_t n_units = 0;
    for (size_t k = 0; k < n; k++) {
        n_units += k == 0 || rows[k].unit != rows[k - 1].unit;
    }
    return n_units;
}

/* Rows that are used, by unit (and rater). */
static vote_row *sorted_rows(const affect_table *t, const int32_t *item, const int32_t *stratum,
                             const int32_t *rater, size_t n_items, size_t *n) {
    vote_row *rows = onus_alloc_n(t->table.n_rows, sizeof *rows);
    *n = 0;
    for (size_t i = 0; rows != NULL && i < t->table.n_rows; i++) {
        if (t->keep[i] != 0) {
            const uint64_t of = stratum == NULL ? 0 : (uint64_t)stratum[i];
            rows[(*n)++] = (vote_row){.unit = of * n_items + (uint64_t)item[i],
                                      .rater = rater == NULL ? -1 : rater[i],
                                      .row = (int32_t)i};
        }
    }
    if (*n > 0) {
        qsort(rows, *n, sizeof *rows, by_unit);
    }
    return rows;
}

static onus_status make_units(onus_votes *votes, const vote_row *rows, size_t n, size_t n_items,
                              size_t q) {
    const size_t n_units = n_units_of(rows, n);
    votes->item = onus_alloc_n(n_units, sizeof *votes->item);
    votes->stratum = onus_alloc_n(n_units, sizeof *votes->stratum);
    votes->counts = onus_alloc_n(n_units * q, sizeof *votes->counts);
    if (votes->item == NULL || votes->stratum == NULL || votes->counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n; k++) {
        if (k == 0 || rows[k].unit != rows[k - 1].unit) {
            votes->item[votes->n_units] = (int32_t)(rows[k].unit % n_items);
            votes->stratum[votes->n_units] = (int32_t)(rows[k].unit / n_items);
            votes->n_units++;
        }
    }
    return ONUS_OK;
}

/* Whole numbers, and at least one vote in the row. */
static onus_status check_counts(affect_loading *a, affect_table *t) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < t->table.n_rows; i++) {
        bool any = false;
        for (size_t k = 0; k < a->ref->raters.n_counts; k++) {
            const double votes = t->table.columns[(size_t)t->first + k].numbers[i];
            any = any || votes > 0.0;
            if (votes < floor(votes) || votes > floor(votes)) {
                char text[ONUS_DOUBLE_TEXT_MAX];
                (void)onus_format(text, sizeof text, "%.6g", votes);
                ONUS_TRY(affect_refuse(a, t, i, "not a whole number of votes",
                                       "column '%s' is '%s', not a whole number of votes",
                                       a->ref->raters.counts[k].values.items[0], text));
            }
        }
        if (!any) {
            ONUS_TRY(affect_let_go(t, i, "no votes", false));
        }
    }
out:
    return status;
}

static onus_status count_votes(affect_loading *a, affect_table *t, const vote_row *rows, size_t n) {
    onus_votes *votes = &a->out->votes;
    const size_t q = a->out->domain.n_labels;
    size_t unit = 0;
    for (size_t k = 0; k < n; k++) {
        unit += k > 0 && rows[k].unit != rows[k - 1].unit;
        for (size_t j = 0; j < a->ref->raters.n_counts; j++) {
            const int32_t label = affect_label_of(a, a->ref->raters.counts[j].name);
            if (label >= 0) { /* check_affect.c has named the others */
                votes->counts[unit * q + (size_t)label] +=
                    t->table.columns[(size_t)t->first + j].numbers[rows[k].row];
            }
        }
    }
    if (n > votes->n_units) {
        return onus_warn(&a->loading->out->warnings, "votes_added",
                         "%s: %zu rows hold the votes of %zu items%s; rows of one item were added "
                         "up",
                         t->input.file, n, votes->n_units,
                         a->ref->raters.stratum != NULL ? " by stratum" : "");
    }
    return ONUS_OK;
}

/* A rater's further votes on one unit, each a row that is let go; *n shrinks. */
static onus_status leave_second_votes_out(affect_table *t, onus_votes *votes, vote_row *rows,
                                          size_t *n) {
    size_t n_kept = 0;
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < *n; k++) {
        if (n_kept > 0 && rows[k].rater >= 0 && rows[k].unit == rows[n_kept - 1].unit &&
            rows[k].rater == rows[n_kept - 1].rater) {
            ONUS_TRY(
                affect_let_go(t, (size_t)rows[k].row, "a rater's further vote on one item", false));
            votes->n_repeats++;
        } else {
            rows[n_kept++] = rows[k];
        }
    }
    *n = n_kept;
out:
    return status;
}

static onus_status take_single_votes(affect_loading *a, const vote_row *rows, size_t n,
                                     const int32_t *label_of, size_t n_raters) {
    onus_votes *votes = &a->out->votes;
    const size_t q = a->out->domain.n_labels;
    votes->named_raters = n_raters > 0;
    votes->n_raters = n_raters;
    if (votes->named_raters) {
        votes->unit = onus_alloc_n(n, sizeof *votes->unit);
        votes->rater = onus_alloc_n(n, sizeof *votes->rater);
        votes->vote = onus_alloc_n(n, sizeof *votes->vote);
        if (votes->unit == NULL || votes->rater == NULL || votes->vote == NULL) {
            return ONUS_ERR_NOMEM;
        }
        votes->n_votes = n;
    }
    size_t unit = 0;
    for (size_t k = 0; k < n; k++) {
        unit += k > 0 && rows[k].unit != rows[k - 1].unit;
        const int32_t label = label_of[rows[k].row];
        votes->counts[unit * q + (size_t)label] += 1.0;
        if (votes->named_raters) {
            votes->unit[k] = (int32_t)unit;
            votes->rater[k] = rows[k].rater;
            votes->vote[k] = label;
        }
    }
    return ONUS_OK;
}

static onus_status take_strata(affect_table *t, onus_votes *votes, int32_t **of_row) {
    onus_names names = {0};
    onus_status status = ONUS_OK;
    if (t->stratum == ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_add(&names, ""));
    } else {
        ONUS_TRY(onus_names_add_column(&names, &t->table, (size_t)t->stratum));
    }
    ONUS_TRY(onus_names_settle(&names, ONUS_NAMES_READ));
    ONUS_TRY(onus_names_copy(&names, &votes->strata, &votes->n_strata));
    if (t->stratum != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_index(&names, &t->table, (size_t)t->stratum, of_row));
    }
out:
    onus_names_clear(&names);
    return status;
}

onus_status affect_take_votes(affect_loading *a) {
    affect_table *t = &a->tables[ONUS_AFFECT_RATERS];
    onus_votes *votes = &a->out->votes;
    const size_t n_items = a->out->items.n_items;
    const size_t q = a->out->domain.n_labels;
    onus_names raters = {0};
    int32_t *item_of = NULL;
    int32_t *stratum_of = NULL;
    int32_t *rater_of = NULL;
    int32_t *label_of = NULL;
    vote_row *rows = NULL;
    size_t n = 0;
    onus_status status = ONUS_OK;
    if (!affect_given(t)) {
        return ONUS_OK;
    }
    votes->given = true;
    ONUS_TRY(onus_names_index(&a->items, &t->table, (size_t)t->item, &item_of));
    ONUS_TRY(take_strata(t, votes, &stratum_of));
    if (t->rater != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_add_column(&raters, &t->table, (size_t)t->rater));
        ONUS_TRY(onus_names_settle(&raters, ONUS_NAMES_BYTES));
        ONUS_TRY(onus_names_index(&raters, &t->table, (size_t)t->rater, &rater_of));
    }
    if (t->label != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(affect_take_labels(a, t, &label_of));
    } else {
        ONUS_TRY(check_counts(a, t));
    }
    rows = sorted_rows(t, item_of, stratum_of, rater_of, n_items, &n);
    if (rows == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(leave_second_votes_out(t, votes, rows, &n));
    ONUS_TRY(make_units(votes, rows, n, n_items, q));
    ONUS_TRY(label_of != NULL ? take_single_votes(a, rows, n, label_of, raters.n)
                              : count_votes(a, t, rows, n));
out:
    onus_names_clear(&raters);
    onus_free(item_of);
    onus_free(stratum_of);
    onus_free(rater_of);
    onus_free(label_of);
    onus_free(rows);
    return status;
}
