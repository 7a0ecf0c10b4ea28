/* What a match case loads: who truly is who, and what the product said, as numbers.
 *
 * Ids of people, sightings and tracks become indices at the edge; their texts end there, so that no
 * later stage could name anybody. Groups and cameras keep their names. */
#ifndef ONUS_EVIDENCE_MATCH_H
#define ONUS_EVIDENCE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One way to group people ("sex") and its values, ascending by name. */
typedef struct onus_grouping {
    char *name;
    char **values;
    size_t n_values;
} onus_grouping;

/** Sightings (probes, references): one acquisition of one person each. Those of a sightings table
 * come first, in file order, whether or not a comparison names them; then those that only
 * comparisons name, in order of appearance. */
typedef struct onus_sightings {
    size_t n_sightings;
    int32_t *person; /* index by first appearance, -1: not known */
    int32_t *camera; /* index, -1: not known */
    int32_t **group; /* [grouping][sighting]: index of a value, -1: not known */
    size_t n_people; /* distinct, in any table of the case but tracks */
    char **cameras;  /* ascending by name */
    size_t n_cameras;
    onus_grouping *groupings;
    size_t n_groupings;
    uint64_t n_two_groups; /* people named under more than one value of a grouping */
} onus_sightings;

/** Comparisons, one row each, in file order. Where pairs are named, no pair occurs twice with one
 *  score in one orientation, nor (in one space) mirrored. */
typedef struct onus_comparisons {
    size_t n_comparisons;
    int32_t *probe;     /* index into the sightings */
    int32_t *reference; /* index into the sightings */
    double *score;      /* as written; NaN: failure to acquire */
    uint8_t *same;      /* 1: truly the same person */
    bool knows_people;  /* true: both people of every comparison are known; false: only `same` says
                           who is who, and person may be -1 */
    bool names_pairs;   /* false: some side has no ids, so that each row is a pair of its own; no
                           design, no repeats (all counts below but n_no_truth are 0) */
    bool one_space;     /* probe and reference ids name the same sightings */
    /* what was found on the way */
    uint64_t n_repeated;    /* rows that repeat a pair with the same score: left out, counted */
    uint64_t n_mirrored;    /* the same pair the other way round with the same score: left out */
    uint64_t n_asymmetric;  /* the other way round with another score: both kept */
    uint64_t n_conflicting; /* rows that repeat a pair with another score: both kept */
    uint64_t n_self;        /* a sighting against itself: left out, counted */
    uint64_t n_no_truth;    /* rows whose truth is not known: left out */
    /* The full design between the sightings that occur: every probe with every reference; in one
     * space unordered pairs of two sightings that some row could have held. Rows without truth or
     * score are no gap. */
    size_t n_probes;     /* distinct, of comparisons that were kept */
    size_t n_references; /* one sighting may be both */
    uint64_t n_expected;
    uint64_t n_missing; /* of n_expected: in no row */
    uint64_t *
        *expected;      /* [grouping][value]: cells of the design by the group of their probe; in */
    uint64_t **missing; /* one space by that of each of their two sightings; NULL: no pairs */
} onus_comparisons;

/** Scores alone. Borrowed pages of a mapped .npy file or our own memory: see map. */
typedef struct onus_bare_scores {
    const double *genuine; /* NaN: failure to acquire */
    size_t n_genuine;
    const double *impostor;
    size_t n_impostor;
    void *genuine_map; /* mapping to release, or NULL: genuine is on the heap */
    size_t genuine_map_len;
    void *impostor_map;
    size_t impostor_map_len;
} onus_bare_scores;

/** Answers of list searches, one search a probe whose person is known, probes in order of
 * appearance, whether or not a candidate is left: candidates of probe p are start[p] .. start[p +
 * 1] - 1, by the rank column if there is one, else from best to worst score, ties in file order,
 * failures to acquire last. A search may have no candidate. */
typedef struct onus_searches {
    size_t n_probes;
    int32_t *probe_person; /* index into the people of onus_sightings */
    int32_t *probe_camera; /* -1: not known */
    int32_t **probe_group; /* [grouping][probe], as onus_sightings */
    size_t *start;         /* n_probes + 1 */
    int32_t *entry;        /* candidate: index into the gallery */
    double *score;         /* NaN: failure to acquire */
    int32_t *rank;         /* from 1; or NULL: no rank column */
    /* the gallery, in file order; without a gallery table, the references that occur, in order of
     * appearance */
    size_t n_entries;
    int32_t *entry_person; /* index into the people of onus_sightings */
    int32_t *entry_camera; /* -1: not known */
    int32_t **entry_group;
    bool gallery_given;
    uint64_t n_entry_repeats;     /* gallery rows whose id is there already: left out */
    uint64_t n_not_in_gallery;    /* candidates that the gallery table does not know: left out */
    uint64_t n_candidate_repeats; /* candidates that the search has already: left out */
    uint64_t n_self;              /* candidates that are the probe's own sighting: left out */
    uint64_t n_without_candidate; /* searches that returned nothing */
    uint64_t n_no_truth;          /* rows whose probe or candidate is nobody known: left out */
    uint64_t n_out_of_order;      /* candidates ranked before one with a better score */
    uint64_t n_rank_repeats;      /* candidates with a rank that the search has already: kept */
} onus_searches;

/** Boxes of tracks: truth or output. Sorted by (camera, frame, track). */
typedef struct onus_tracks {
    size_t n_boxes;
    int32_t *camera; /* index into track_cameras, common to truth and output */
    int64_t *frame;
    int32_t *track; /* index: person in the truth, track of the product in the output */
    double *x;      /* NULL: no boxes */
    double *y;
    double *w;
    double *h;
    size_t n_tracks;
    uint64_t n_repeats;  /* boxes whose camera, frame and track are there already: left out */
    uint64_t n_unmarked; /* truth of MOTChallenge that is not to be evaluated: left out */
} onus_tracks;

/** Figures of use in the field, one row each. */
typedef struct onus_field_figures {
    size_t n_rows;
    char **names;  /* what tells them apart */
    char **what;   /* "false alerts / alerts"; NULL: not given */
    double *count; /* NaN: not given */
    double *of;
    double *printed;    /* as a share; NaN: not printed, or no figure */
    double *digit_unit; /* what one step of its last digit is worth */
} onus_field_figures;

typedef struct onus_match_evidence {
    onus_sightings sightings;
    onus_comparisons comparisons;
    onus_bare_scores scores;
    onus_searches searches;
    onus_tracks truth;
    onus_tracks output;
    onus_field_figures field;
    char **track_cameras; /* ascending by name; one without a name where no table tells cameras */
    size_t n_track_cameras;
} onus_match_evidence;

#endif
