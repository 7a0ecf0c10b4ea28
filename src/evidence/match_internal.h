/* What the loaders of a match case share; private to src/evidence/match_*.c.
 *
 * Names end here: while the tables are read, people, cameras, groups and sightings are texts with
 * numbers; what goes on is the numbers, and the texts of cameras and groups alone. */
#ifndef ONUS_EVIDENCE_MATCH_INTERNAL_H
#define ONUS_EVIDENCE_MATCH_INTERNAL_H

#include "evidence_internal.h"

/* ---- match_texts.c ---- */
/** Distinct texts, numbered from 0 in the order in which they came. Zeroed: empty. */
typedef struct onus_texts {
    onus_table table; /* the pool, as of any table */
    onus_rows rows;   /* its index */
} onus_texts;

/** Number of a text, new or not. */
onus_status onus_texts_intern(onus_texts *names, const char *text, int32_t *index) ONUS_MUST_USE;
/** Number of a text, or -1. */
int32_t onus_texts_find(const onus_texts *names, const char *text);
/** Numbers of a text column, row by row; an empty text is -1. column n_columns: all are -1. */
onus_status onus_texts_take(onus_texts *names, const onus_table *table, size_t column,
                            int32_t **of_row) ONUS_MUST_USE;
/** The texts in ascending order, and where each number went. Both the caller's; the array has at
 *  least one place. */
onus_status onus_texts_sort(const onus_texts *names, char ***texts, int32_t **place) ONUS_MUST_USE;
void onus_texts_clear(onus_texts *names);

/* ---- match_load.c ---- */
/** Who and where: n of a kind, index -1 where not known. */
typedef struct onus_who {
    size_t n;
    int32_t *person;
    int32_t *camera;
    int32_t **group; /* [grouping] */
} onus_who;

/** Which sightings the ids of one side of the comparisons named, for searches that name them too.
 */
typedef struct onus_known {
    onus_texts ids;
    int32_t *sighting; /* by number of the id */
} onus_known;

/** The state that the loaders pass on. Cameras and groups are numbered by first appearance until
 *  everything is read. */
typedef struct onus_match_loading {
    onus_loading *loading;
    onus_match_evidence *out;
    onus_who sightings; /* becomes out->sightings */
    onus_texts people;
    onus_texts cameras;
    onus_texts *values;      /* [grouping] */
    onus_texts sighting_ids; /* of the sightings table; number = index of the sighting */
    onus_known probes;       /* of comparisons with columns of their own */
    onus_known references;
    bool sightings_failed; /* the problem was named; what needs them is not read */
    bool comparisons_failed;
} onus_match_loading;

/** The groupings of the case (out->sightings.groupings), and their index in that list. */
size_t onus_match_grouping(const onus_match_loading *m, const char *name);
/** n of -1 in every array. */
onus_status onus_who_make(const onus_match_loading *m, size_t n, onus_who *who) ONUS_MUST_USE;
/** Grows every array to n, -1 in the new places. */
onus_status onus_who_grow(const onus_match_loading *m, size_t n, onus_who *who) ONUS_MUST_USE;
void onus_who_clear(const onus_match_loading *m, onus_who *who);

/** Columns that say who and where, of one table. n_columns: not asked for. */
typedef struct onus_who_asks {
    const char *person_column; /* or NULL */
    const char *camera_column;
    const onus_mapping *groups;
    size_t n_groups;
    size_t first; /* ask of the first of them; they follow one another */
} onus_who_asks;

/** Adds the asks; *n grows. */
void onus_who_ask(onus_who_asks *who, onus_column_ask *asks, size_t *n);
/** Who the things are that rows name: of_row[row] says which of n; rows of one thing complete each
 *  other, and where one contradicts an earlier one it is a problem, or keep[row] becomes 0 where
 *  the case lets such rows go. *who is made; ERR_DATA if there were problems. */
onus_status onus_who_read(onus_match_loading *m, const onus_who_asks *asks, const onus_table *table,
                          const onus_source *source, const int32_t *of_row, size_t n, uint8_t *keep,
                          onus_who *who) ONUS_MUST_USE;
/** Numbers what column `column` names by first appearance: of_row, and the text of each in the
 *  table's pool. Both the caller's, also on failure. */
onus_status onus_things_of(const onus_table *table, size_t column, int32_t **of_row,
                           uint32_t **text, size_t *n) ONUS_MUST_USE;
#define ONUS_CONTRADICTS "contradicts an earlier row of the same id"
/** The account of a table of n things, of which n_rows were read: rows that contradict (keep[row]
 * is 0), rows that repeat (by choice: nothing is lost with them). */
onus_status onus_account_repeats(onus_input *input, const uint8_t *keep, size_t n_rows, size_t n,
                                 const char *reason, uint64_t *n_repeats) ONUS_MUST_USE;

/* ---- match_sides.c ---- */
/** One side of the comparisons: its sightings by first appearance, and which row names which. */
typedef struct onus_side {
    const onus_match_side_ref *ref;
    bool named;    /* has ids */
    bool by_table; /* the sightings table says who they are */
    bool knows_person;
    size_t id_ask;
    onus_who_asks asks;
    size_t n; /* sightings of this side */
    int32_t *of_row;
    uint32_t *id_text;       /* [n] index into the pool of the table; NULL without ids */
    int32_t *in_table;       /* [n] index into the sightings table, or NULL */
    uint64_t n_unknown_rows; /* rows whose id that table has not */
    onus_who who;
    int32_t *place; /* [n] index into onus_sightings, -1: in no row that is kept */
} onus_side;

/** What is asked of the table for a side. */
void onus_side_ask(const onus_match_loading *m, const onus_match_side_ref *ref, onus_side *side,
                   onus_column_ask *asks, size_t *n);
/** Reads a side; keep[row] becomes 0 for rows that contradict earlier ones, or name a sighting that
 *  is not there, where the case lets such rows go. ERR_DATA with problems. */
onus_status onus_side_read(onus_match_loading *m, const onus_table *table, onus_side *side,
                           uint8_t *keep) ONUS_MUST_USE;
/** For each probe the reference of the same id, or -1 ([probe->n]; the caller's). */
onus_status onus_sides_twins(const onus_side *probe, const onus_side *reference, size_t n_texts,
                             int32_t **twin) ONUS_MUST_USE;
/** Do twins name one sighting, as far as columns and truth tell? */
bool onus_sides_agree(const onus_match_loading *m, const onus_side *probe,
                      const onus_side *reference, const int32_t *twin, const uint8_t *same,
                      size_t n_rows);
/** Gives the sightings of every row their index, appending to m->sightings those that no table
 *  named. twin NULL: probes and references are separate. */
onus_status onus_sides_number(onus_match_loading *m, onus_side *probe, onus_side *reference,
                              const int32_t *twin, size_t n_rows) ONUS_MUST_USE;
void onus_side_clear(const onus_match_loading *m, onus_side *side);

/* ---- match_mates.c ---- */
/** Truth from a list of mates: label[row] 1 where the row's pair is on it, else 0. either_way: a
 *  pair and its mirror image are one. ERR_DATA with problems. */
onus_status onus_mates_label(onus_match_loading *m, const onus_table *table, const onus_side *probe,
                             const onus_side *reference, bool either_way,
                             uint8_t *label) ONUS_MUST_USE;

/* ---- match_pairs.c ---- */
/** What the rows say of each pair: repeats, mirror images, gaps of the design. */
typedef struct onus_pairs_found {
    uint8_t *keep;        /* [n_comparisons] 0: left out; the caller's */
    size_t contradicting; /* a row whose `same` is not that of an earlier row of its pair; or
                             n_comparisons */
} onus_pairs_found;

/** Fills the counts of out->comparisons (probe, reference, score, same and one_space are there) and
 *  found->keep. O(rows + sightings), but n log n in the repeats of one pair. */
onus_status onus_pairs_settle(const onus_match_loading *m, onus_comparisons *c,
                              onus_pairs_found *found) ONUS_MUST_USE;

/* ---- match_gallery.c ---- */
/** The list that was searched. */
typedef struct onus_list {
    onus_texts ids;    /* number = index of the entry */
    int32_t *sighting; /* [entry] the sighting of the same id, or -1 */
    size_t cap;
    onus_who who;
} onus_list;

/** The sighting that an id names: in the sightings table, else on that side of the comparisons; or
 *  -1. */
int32_t onus_sighting_of(const onus_match_loading *m, const onus_known *known, const char *id);
/** What no column said of thing i, from its sighting (-1: none). */
void onus_who_complete(const onus_match_loading *m, onus_who *who, size_t i, int32_t sighting);
/** The gallery table, if the case has one. */
onus_status onus_load_gallery(onus_match_loading *m, onus_list *list) ONUS_MUST_USE;
/** The entry of this id, added if it is new: who->n grows, but not its arrays. */
onus_status onus_list_add(const onus_match_loading *m, onus_list *list, const char *id,
                          int32_t *entry) ONUS_MUST_USE;
void onus_list_clear(const onus_match_loading *m, onus_list *list);

/* ---- the tables, in this order ---- */
onus_status onus_load_sightings(onus_match_loading *m) ONUS_MUST_USE;
onus_status onus_load_comparisons(onus_match_loading *m) ONUS_MUST_USE;
onus_status onus_load_searches(onus_match_loading *m) ONUS_MUST_USE;
onus_status onus_load_tracks(onus_match_loading *m) ONUS_MUST_USE;

#endif
