/* What an affect case loads: labels as indices into the declared domain, items, people, votes.
 *
 * Ids of people, items and raters become indices at the edge; their texts end there, so that no
 * later stage could name anybody. */
#ifndef ONUS_EVIDENCE_AFFECT_H
#define ONUS_EVIDENCE_AFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/evidence_match.h" /* onus_grouping */

/** The declared labels, and what each is worth on an interval or ratio scale. */
typedef struct onus_domain {
    size_t n_labels;
    char **labels;
    double *values;    /* interval and ratio: the label as a number; else its place, from 0 */
    bool declared;     /* false: made of the labels that occur, with a warning */
    uint64_t n_mapped; /* rows whose label was mapped to another one */
} onus_domain;

/** Items (clips, pictures, texts) that any table names; items and people ascend by their ids, so no
 *  figure depends on the order of rows. */
typedef struct onus_items {
    size_t n_items;
    int32_t *person; /* index, -1: not known */
    size_t n_people;
    int32_t **group;          /* [grouping][person]: index of a value, -1: not known */
    onus_grouping *groupings; /* in the order of the case; values: numbers by value, else texts */
    size_t n_groupings;
} onus_items;

/** What the product said, one row each, in file order. */
typedef struct onus_said {
    size_t n_rows;
    int32_t *item;
    int32_t *label;  /* index into the domain, -1: it abstained */
    int32_t *repeat; /* index: numbers by value, else texts, "s2" before "s10"; NULL: no repeats */
    size_t n_repeats;
    bool retest;      /* repeats are re-tests (protocol.retest), no adjacent frames */
    int32_t *version; /* index into versions, in the same order; NULL: one version */
    char **versions;
    size_t n_versions;
    double
        *scores; /* [row * n_labels + label], NaN: none; NULL: no scores. A label without a column
                    of its own has NaN everywhere, one with several (mapped) has their sum */
} onus_said;

/** One label an item. */
typedef struct onus_item_labels {
    bool given;
    int32_t *label;         /* n_items: index into the domain, -1: none; NULL unless given */
    uint64_t n_conflicting; /* items with two rows that differ: label -1, counted */
} onus_item_labels;

/** Votes of onlookers by stratum: units are the (stratum, item) pairs with at least one vote. Of
 *  several rows with counts for one unit the votes are added up (and a warning says so). */
typedef struct onus_votes {
    bool given;
    size_t n_units;
    int32_t *item;    /* of each unit; units ascend by (stratum, item) */
    int32_t *stratum; /* of each unit */
    double *counts;   /* [unit * n_labels + label] */
    char **strata;    /* ascending by name; one nameless stratum without a stratum column */
    size_t n_strata;
    /* long form with raters' names: the single votes, ascending by (unit, rater); else n_votes 0 */
    bool named_raters;
    size_t n_votes;
    int32_t *unit;
    int32_t *rater; /* index */
    int32_t *vote;  /* label */
    size_t n_raters;
    uint64_t n_repeats; /* votes of one rater on one unit after the first: left out, counted */
} onus_votes;

typedef struct onus_affect_evidence {
    onus_domain domain;
    onus_items items;
    onus_said said;
    onus_item_labels self_report;
    onus_item_labels intended;
    onus_votes votes;
} onus_affect_evidence;

#endif
