/* What the loaders of an affect case share with one another and with nobody else. */
#ifndef ONUS_EVIDENCE_AFFECT_LOADING_H
#define ONUS_EVIDENCE_AFFECT_LOADING_H

#include "evidence_internal.h"

enum { ONUS_AFFECT_NO_LABEL = -1, ONUS_AFFECT_UNKNOWN_LABEL = -2, ONUS_AFFECT_NO_COLUMN = -1 };

/** One table of the case: read first, understood once all tables are there. */
typedef struct affect_table {
    const onus_source *source; /* of the case */
    onus_table table;          /* n_columns 0: not given */
    onus_input input;
    uint8_t *keep; /* rows that are used so far; NULL: not given */
    /* columns of the table, ONUS_AFFECT_NO_COLUMN: not asked for */
    int item;
    int label;
    int person;
    int repeat;
    int version;
    int rater;
    int stratum;
    int first; /* of scores, counts or groups, in the order of the case */
} affect_table;

enum {
    ONUS_AFFECT_LABELS,
    ONUS_AFFECT_ITEMS,
    ONUS_AFFECT_PEOPLE,
    ONUS_AFFECT_SELF_REPORT,
    ONUS_AFFECT_RATERS,
    ONUS_AFFECT_INTENDED,
    ONUS_AFFECT_N_TABLES
};

typedef struct affect_loading {
    onus_loading *loading;
    const onus_affect_ref *ref;
    onus_affect_evidence *out;
    affect_table tables[ONUS_AFFECT_N_TABLES];
    onus_names items;
    onus_names people;
} affect_loading;

static inline bool affect_given(const affect_table *t) {
    return t->table.n_columns > 0;
}

/* affect_load.c */
/** Lets row i go under a reason; nothing where it is gone already. */
onus_status affect_let_go(affect_table *t, size_t i, const char *reason,
                          bool by_choice) ONUS_MUST_USE;
/** The same, for a row that is wrong: a problem of this kind, unless the case excludes such rows.
 *  Problems make the loading fail at its end. */
onus_status affect_refuse(affect_loading *a, affect_table *t, size_t i, const char *kind,
                          const char *fmt, ...) ONUS_PRINTF(5, 6) ONUS_MUST_USE;

/* affect_domain.c */
/** The declared labels, or those that occur. */
onus_status affect_make_domain(affect_loading *a) ONUS_MUST_USE;
/** Index of a label of the case or of a table, mapped; ONUS_AFFECT_UNKNOWN_LABEL: the domain does
 *  not hold it. */
int32_t affect_label_of(const affect_loading *a, const char *label);
/** The labels of a table's label column, row by row (ONUS_AFFECT_NO_LABEL: empty, or the row is
 *  gone). Labels that the domain does not hold are refused, each label once. *of_row is the
 * caller's, also on failure. */
onus_status affect_take_labels(affect_loading *a, affect_table *t, int32_t **of_row) ONUS_MUST_USE;

/* affect_items.c */
onus_status affect_take_items(affect_loading *a) ONUS_MUST_USE;
onus_status affect_take_people(affect_loading *a) ONUS_MUST_USE;

/* affect_said.c */
onus_status affect_take_said(affect_loading *a) ONUS_MUST_USE;

/* affect_references.c */
onus_status affect_take_item_labels(affect_loading *a, affect_table *t,
                                    onus_item_labels *out) ONUS_MUST_USE;
onus_status affect_take_votes(affect_loading *a) ONUS_MUST_USE;

#endif
