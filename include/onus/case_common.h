/* What every kind of case is written with: texts, numbers, tables, named lists. Every string is
 * owned by the case. */
#ifndef ONUS_CASE_COMMON_H
#define ONUS_CASE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where in the case file something stands; line 0: not given. */
typedef struct onus_at {
    int64_t line;
    int64_t col;
} onus_at;

typedef struct onus_strings {
    char **items;
    size_t n;
} onus_strings;

typedef struct onus_doubles {
    double *items;
    size_t n;
} onus_doubles;

/** Keep a row only if `column` holds one of `values`. */
typedef struct onus_where {
    char *column;
    onus_strings values;
} onus_where;

typedef enum onus_invalid { ONUS_INVALID_STOP, ONUS_INVALID_EXCLUDE } onus_invalid;

/** What every table and layer has in common. file == NULL: this part of the case is absent. */
typedef struct onus_source {
    char *file; /* as written in the case */
    char *layer;
    onus_where *where;
    size_t n_where;
    char delimiter;       /* 0: from the file's ending and first line */
    onus_strings header;  /* n > 0: the file has no header row */
    onus_invalid invalid; /* what an unreadable value does: stop the trial, or exclude its row */
    onus_at at;
} onus_source;

/** A named list of values ("burglary": [BURGLARY_RES, BURGLARY_NONRES]). */
typedef struct onus_mapping {
    char *name;
    onus_strings values;
} onus_mapping;

#endif
