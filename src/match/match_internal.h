/* What the sources of the match trial share: the trial's own workings between two stages.
 *
 * Everything hangs on one match_trial. Comparisons are sorted once into sets (all, cross camera,
 * same camera); a set lists its rows of one person with himself and of two people apart, with their
 * scores side by side, so that bare scores (which have no rows) are counted by the same code. A
 * rate is always a tally: errors and comparisons, in all and by pair of people, from which every
 * interval is made (match_set_rate). Measures are drafted and handed over at the end, because a
 * small count of people can be withheld only once all of them are known.
 *
 * People are indices here and nowhere else: no text, series or message names one.
 *
 * Scopes (helpers below write them; nobody spells them out):
 *   the threshold in use   no key `threshold`; every protocol.thresholds value: `threshold: t`
 *   pairs                  only where protocol.pairs is given, then for every listed value
 *   group: A               both sides in A; `probe_group`, `reference_group` for cells; `by: sex`
 *                          besides where the case has several groupings
 *   convention             none: acquired comparisons; fta_as_nonmatch, fta_as_match
 *   cells                  where probes and references are the same sightings the orientation of a
 *                          comparison is an accident: a cell holds both, lower group first
 *
 * Series, with stable names and columns (the page draws them):
 * - det (rates_series.c): pairs, threshold, false_matches, impostor, fmr, false_nonmatches,
 *   genuine, fnmr, probit_fmr, probit_fnmr, point ("" or what the point is)
 * - group_matrix (groups.c): by, pairs, threshold, rate, probe_group, reference_group, errors,
 *   comparisons, value, low, high, state ("", "weak" or "withheld")
 * - cmc (searches.c): protocol, ties, rank, num, den, value
 * - trail_hops (trails.c): hops, reached, pure, any_wrong, people, bystanders
 * - trail_mixing (trails.c): people_in_trail, trails
 * - deployment (use.c): figure, unit, value, low, high
 */
#ifndef ONUS_MATCH_INTERNAL_H
#define ONUS_MATCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/context.h"
#include "onus/drafts.h"
#include "onus/error.h"
#include "onus/groups.h"
#include "onus/kept.h"
#include "onus/model.h"
#include "onus/stats_dyadic.h"
#include "onus/stats_number.h"
#include "onus/status.h"
#include "onus/text.h"

/* ---- sets of comparisons ---- */
typedef enum match_pairs {
    MATCH_PAIRS_ALL,
    MATCH_PAIRS_CROSS_CAMERA, /* both cameras known, and not the same */
    MATCH_PAIRS_SAME_CAMERA,  /* both cameras known, and the same */
    MATCH_N_PAIRS
} match_pairs;

/** Which comparisons a rate is over: of one person with himself (misses), of two (false matches).
 */
typedef enum match_kind { MATCH_GENUINE, MATCH_IMPOSTOR, MATCH_N_KINDS } match_kind;

/** What becomes of failures to acquire. */
typedef enum match_fta { MATCH_FTA_LEFT_OUT, MATCH_FTA_AS_NONMATCH, MATCH_FTA_AS_MATCH } match_fta;

/** Comparisons of one kind in one set, in file order, failures to acquire (NaN) included. */
typedef struct match_scores {
    const double *score;
    const size_t *row; /* of evidence.match.comparisons; NULL: bare scores, nobody is known */
    size_t n;          /* attempted */
    size_t n_fta;      /* of these: not acquired */
} match_scores;

typedef struct match_set {
    match_pairs pairs;
    const char
        *name; /* "cross_camera": value of the key `pairs`; NULL: the case asks for no pairs */
    match_scores of[MATCH_N_KINDS];
} match_set;

/** A threshold at which rates are given. */
typedef struct match_point {
    double threshold;
    bool in_use; /* the case's threshold.value: no key `threshold` */
} match_point;

/* ---- people and their groups ---- */
typedef struct match_group {
    const char *by;       /* name of the grouping */
    const char *name;     /* value */
    size_t n_people;      /* 0 where people are not known */
    onus_group_show show; /* a group under ONUS_DYADIC_PEOPLE_MIN is weak */
    bool hide_size;       /* so few that no figure may tell how many */
} match_group;

/* ---- tallies ---- */
/** What a rate counts. */
typedef struct match_slice {
    const match_set *set;
    match_kind kind;
    double threshold;
    match_fta fta;
    bool by_group;
    size_t grouping; /* the three below only with by_group */
    int32_t probe_value;
    int32_t reference_value;
} match_slice;

/** Errors and comparisons, in all and by pair of people (one person with himself where the kind is
 *  genuine). */
typedef struct match_tally {
    uint64_t n_errors;
    uint64_t n_comparisons;
    bool by_pair; /* false: people are not known, dyads are empty */
    onus_dyads dyads;
} match_tally;

typedef struct match_trial {
    const onus_case *c;
    const onus_evidence *evidence;
    const onus_match_evidence *m; /* evidence->match */
    const onus_context *context;
    onus_result *result;
    onus_error *err;
    match_set sets[MATCH_N_PAIRS];
    size_t n_sets;         /* 0: no scores */
    const match_set *main; /* whose rates the board's questions quote: cross_camera if asked for */
    match_point *points;   /* the threshold in use first */
    size_t n_points;
    bool has_in_use;   /* points[0] is the threshold in use */
    bool knows_people; /* of comparisons */
    /* pairs of people that were compared */
    size_t n_people;        /* indices of people run from 0 to n_people - 1 */
    size_t n_counted;       /* people who were compared; without comparisons, all */
    const uint8_t *counted; /* by person */
    size_t n_person_pairs;
    int32_t *pair_a; /* n_person_pairs, a <= b, ascending by (a, b) */
    int32_t *pair_b;
    uint32_t *pair_of_row; /* by row of the comparisons; UINT32_MAX: somebody is not known */
    /* groups: those of grouping g are groups[group_start[g]] .. groups[group_start[g + 1] - 1] */
    match_group *groups;
    size_t *group_start;
    size_t n_groupings;
    int32_t **person_group; /* [grouping][person]: value, -1: not known or more than one */
    onus_array drafts;      /* onus_measure */
    onus_array kept;        /* void * */
} match_trial;

/* ---- draft.c: measures before they are handed over (more in onus/drafts.h) ---- */
void *match_keep(match_trial *t, void *ptr) ONUS_MUST_USE; /* takes ownership, NULL stays NULL */
/** n * size bytes, zeroed, the trial's; NULL: no memory. */
void *match_alloc(match_trial *t, size_t n, size_t size) ONUS_MUST_USE;
const onus_measure_def *match_measure(const char *id); /* measures.c */
onus_measure match_draft_of(const char *id);
onus_status match_add(match_trial *t, const onus_measure *m, size_t *index) ONUS_MUST_USE;
/** Borrowed until the next match_add. */
const onus_measure *match_drafted(const match_trial *t, size_t index);

void match_scope_set(onus_measure *m, const match_set *set);       /* pairs */
void match_scope_point(onus_measure *m, const match_point *point); /* threshold */
void match_scope_fta(onus_measure *m, match_fta fta);              /* convention */
/** group, and `by` where there are several groupings. */
void match_scope_group(const match_trial *t, onus_measure *m, size_t grouping, size_t value);
void match_scope_cell(const match_trial *t, onus_measure *m, size_t grouping, size_t probe_value,
                      size_t reference_value);
const match_group *match_group_of(const match_trial *t, size_t grouping, size_t value);
/** What a group's size does to a measure over it: withholds it, or makes its interval weak. Call it
 *  last. */
void match_mark_group(const match_group *group, onus_measure *m);

/* ---- sets.c ---- */
onus_status match_make_sets(match_trial *t) ONUS_MUST_USE;
/** A match at this threshold, the way the case's scores run. score is a number. */
bool match_is_match(const match_trial *t, double score, double threshold);
bool match_is_error(const match_trial *t, match_kind kind, double score, double threshold,
                    match_fta fta);

/* ---- people.c: who is in which group, and what may be shown of it; match.people ---- */
onus_status match_make_people(match_trial *t) ONUS_MUST_USE;

/* ---- tally.c ---- */
onus_status match_make_pairs(match_trial *t) ONUS_MUST_USE;
/** Counts a slice. O(rows of the set). out is cleared by match_tally_clear, also after a failure.
 */
onus_status match_tally_fill(const match_trial *t, const match_slice *slice,
                             match_tally *out) ONUS_MUST_USE;
void match_tally_clear(match_tally *tally);
/**
 * Value, num, den and interval of a rate from its tally, for every family alike: the score interval
 * over pairs of people (onus_dyadic_estimate), the exact bound by disjoint pairs where nothing
 * erred, weak Wilson on comparisons where people are not known.
 */
onus_status match_set_rate(match_trial *t, onus_measure *m, const match_tally *tally,
                           const char *none) ONUS_MUST_USE;
/** The interval of such a rate, where it is known already. people_each: 2 of false matches, 1 of
 *  misses. */
void match_set_interval(onus_measure *m, const onus_dyadic *rate, double level, int people_each);

/* ---- the families, one call each in trial.c ---- */
onus_status match_rates(match_trial *t) ONUS_MUST_USE;    /* rates*.c: match.genuine, impostor, fta,
                                                             fmr, fnmr, eer, auc, fnmr_at; det */
onus_status match_groups(match_trial *t) ONUS_MUST_USE;   /* groups*.c */
onus_status match_searches(match_trial *t) ONUS_MUST_USE; /* searches*.c */
onus_status match_tracks(match_trial *t) ONUS_MUST_USE;   /* tracks.c, trails.c */
onus_status match_use(match_trial *t) ONUS_MUST_USE;    /* use*.c: hops, merging, PPV, deployment */
onus_status match_field(match_trial *t) ONUS_MUST_USE;  /* field.c: figures of use in the field */
onus_status match_tricks(match_trial *t) ONUS_MUST_USE; /* tricks*.c: warnings */
onus_status match_questions(match_trial *t) ONUS_MUST_USE; /* questions.c */

#endif
