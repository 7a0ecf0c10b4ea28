/* How the rows of the case schema are read, checked and stored; private to src/casefile. */
#ifndef ONUS_CASEFILE_SCHEMA_H
#define ONUS_CASEFILE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "node.h"
#include "onus/case.h"

typedef enum onus_what {
    ONUS_WHAT_BLOCK,  /* further keys, rows "<path>.x" */
    ONUS_WHAT_BLOCKS, /* a list of blocks, rows "<path>[].x" */
    ONUS_WHAT_TEXT,   /* not empty */
    ONUS_WHAT_CHOICE, /* one of `choices`, stored as an int, or as text with `as_text` */
    ONUS_WHAT_WHOLE,
    ONUS_WHAT_NUMBER,
    ONUS_WHAT_SHARE,  /* 0.05 or "5 %" */
    ONUS_WHAT_LENGTH, /* with unit, metres */
    ONUS_WHAT_SPAN,   /* with unit, seconds */
    ONUS_WHAT_BOOL,
    ONUS_WHAT_TIME,   /* ISO 8601 date or time, kept as text */
    ONUS_WHAT_ZONE,   /* IANA name */
    ONUS_WHAT_FORMAT, /* strptime subset */
    ONUS_WHAT_DELIMITER,
    ONUS_WHAT_FLAGS,    /* any of `choices`, stored as bools */
    ONUS_WHAT_MAP,      /* name: text */
    ONUS_WHAT_MAP_LIST, /* name: text or list of texts */
    ONUS_WHAT_MATRIX,   /* square list of lists of numbers, stored row by row */
    ONUS_WHAT_GROUPS,   /* name: column, stored as onus_group_ref */
    ONUS_WHAT_MARGINS,  /* column: column, joined to the groups afterwards */
    ONUS_WHAT_SCOPE     /* key: text or number, stored as onus_scope_item */
} onus_what;

/* Which of the storage's three possible bases an offset starts from is decided by the path: the
 * last
 * "[]" in it names the list whose element is the base; without one it is the onus_case. */
struct onus_case_rule {
    onus_what what;
    bool is_list;  /* of such values; one alone counts as a list of one */
    bool or_block; /* a block of keys may stand here instead */
    bool as_text;
    const char *choices; /* "boxes, polygons" */
    int first;           /* number of the first choice */
    bool has_low;
    bool has_high;
    bool low_open; /* low itself is refused */
    bool high_open;
    double low;
    double high;
    bool is_stored;
    size_t offset; /* of the value; of a list's items, with the count right behind */
    size_t size;   /* of the value, or of one element */
    size_t also;   /* a second field that takes the same value, or 0 */
    size_t at;     /* offset of an onus_at to fill (of a list of blocks: in each element), or 0 */
    size_t has;    /* offset of a bool that says the key was given, or 0 */
    size_t count;  /* offset of the number of elements, or 0 */
};

/** What reading needs to know everywhere. */
typedef struct onus_reader {
    onus_case *c;
    onus_problems *problems;
    const char *file;
    const char *kind; /* NULL: not known, so any */
} onus_reader;

/** The row for a path in a case of this kind (NULL text: any kind); NULL if there is none. */
const onus_case_key *onus_schema_find(const char *path, const char *kind);
/** true if the row belongs to this kind of case; kind NULL: any. */
bool onus_schema_is_for(const onus_case_key *key, const char *kind);
/** If `path` is directly below `block` ("" for the top), its last part; else NULL. */
const char *onus_schema_child(const char *path, const char *block);
/** Index of a word in "a, b, c", or -1. */
int onus_schema_choice(const char *choices, const char *word);
/** Copies choice i (0-based) to buf; false past the end. */
bool onus_schema_choice_at(const char *choices, int i, char *buf, size_t size);

/** One value, or a list of them, checked and stored: everything but blocks (value.c). Problems go
 * to the reader; the status is ONUS_ERR_NOMEM or OK. */
onus_status onus_value_read(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                            void *base) ONUS_MUST_USE;
/** Appends one value to the list that the row names. */
onus_status onus_value_append(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                              void *base) ONUS_MUST_USE;
/** Stores the row's default. */
onus_status onus_value_default(const onus_reader *r, const onus_case_key *key,
                               void *base) ONUS_MUST_USE;
/** Keeps a checked text without a field. */
onus_status onus_value_extra(const onus_reader *r, const char *path,
                             const onus_node *node) ONUS_MUST_USE;
/** Names a value of the wrong shape ("'areas' is text, not a block of keys"). */
void onus_value_misshapen(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                          const char *wanted);

/** The whole tree into the case, by the schema (read.c). */
onus_status onus_schema_read(const onus_reader *r, const onus_node *root) ONUS_MUST_USE;
/** What no single row can say: keys that need or exclude each other (check.c). */
onus_status onus_case_check(const onus_reader *r, const onus_node *root) ONUS_MUST_USE;
/** lon and lat, or x, y and crs; `instead` names what may stand for a position, or is NULL
 *  (check.c). */
void onus_case_check_point(const onus_reader *r, const onus_node *block, const char *path,
                           const char *instead);
/** The same for the block `feedback` of a place case (check_feedback.c). */
void onus_case_check_feedback(const onus_reader *r, const onus_node *root);
/** The same for affect cases (check_affect.c). */
void onus_case_check_affect(const onus_reader *r, const onus_node *root);
/** The same for a match case (check_match.c). */
void onus_case_check_match(const onus_reader *r, const onus_node *root);

#endif
