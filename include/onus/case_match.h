/* What a match case asks: comparison scores, searches or tracks with ground truth, and the use that
 * is meant. Every string is owned by the case. */
#ifndef ONUS_CASE_MATCH_H
#define ONUS_CASE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/case_common.h"

typedef enum onus_higher_is { ONUS_HIGHER_SAME, ONUS_HIGHER_DIFFERENT } onus_higher_is;
typedef enum onus_track_format { ONUS_TRACKS_COLUMNS, ONUS_TRACKS_MOT } onus_track_format;

/** Do equal ids of probe and reference name one sighting? */
typedef enum onus_match_ids { ONUS_IDS_AUTO, ONUS_IDS_SHARED, ONUS_IDS_SEPARATE } onus_match_ids;

/** One side of a comparison. Of a column alone only `id` is set, and the sightings say the rest.
 *  Without an id each row has a sighting of its own. */
typedef struct onus_match_side_ref {
    char *id;             /* or NULL */
    char *person;         /* or NULL */
    char *camera;         /* or NULL */
    onus_mapping *groups; /* name -> one column */
    size_t n_groups;
    onus_at at;
} onus_match_side_ref;

/** One row per comparison. source.file == NULL: not given. */
typedef struct onus_comparisons_ref {
    onus_source source;
    char *score;
    onus_higher_is higher_is;
    onus_match_side_ref probe;
    onus_match_side_ref reference;
    onus_match_ids ids;
    char *same_column; /* ground truth where no person columns exist, or NULL */
    char *same_yes;
    onus_source mates; /* a list of the pairs that are one person; file NULL: not given */
    char *mates_probe;
    char *mates_reference;
} onus_comparisons_ref;

/** Scores without anything else: one file of comparisons of one person with himself, one of two. */
typedef struct onus_scores_ref {
    onus_source genuine; /* a table, or a .npy file of float64 */
    onus_source impostor;
    char *genuine_score; /* column; NULL for .npy */
    char *impostor_score;
    onus_higher_is higher_is;
} onus_scores_ref;

typedef struct onus_sightings_ref {
    onus_source source;
    char *id;
    char *person;
    char *camera;
    char *time; /* kept as text: order within a camera is not used */
    onus_mapping *groups;
    size_t n_groups;
} onus_sightings_ref;

typedef struct onus_searches_ref {
    onus_source source;
    char *probe;
    char *reference;
    char *score;
    char *rank;         /* or NULL */
    char *probe_person; /* or NULL: the sightings say who a probe is */
    char *probe_camera;
    onus_higher_is higher_is;
} onus_searches_ref;

typedef struct onus_gallery_ref {
    onus_source source;
    char *id;
    char *person;
    char *camera;         /* or NULL */
    onus_mapping *groups; /* name -> one column */
    size_t n_groups;
} onus_gallery_ref;

typedef struct onus_track_ref {
    onus_source source;
    onus_track_format format;
    char *camera; /* NULL: one camera */
    char *frame;
    char *person;
    char *box_x; /* all four, or none: then nothing can be matched by overlap */
    char *box_y;
    char *box_w;
    char *box_h;
} onus_track_ref;

/** Figures of use in the field, as somebody printed them. source.file == NULL: not given. */
typedef struct onus_field_ref {
    onus_source source;
    char *name;    /* column that tells the figures apart */
    char *what;    /* column that says what was counted over what, or NULL */
    char *count;   /* "false alerts" */
    char *of;      /* "alerts", "faces seen" */
    char *printed; /* column with the figure as printed, or NULL */
} onus_field_ref;

/** The use that is meant. NaN or 0: not given. */
typedef struct onus_deployment_ref {
    bool given;
    onus_at at;
    double searches_per_day; /* NaN: not given */
    uint64_t n_on_list;      /* people; 0: not given */
    double prevalence_frac;  /* NaN: not given */
    uint32_t n_hops;         /* 0: not given */
    uint64_t n_people;       /* in view of the cameras; 0: not given */
    double sightings_each;   /* NaN: not given */
} onus_deployment_ref;

typedef struct onus_match_ref {
    onus_comparisons_ref comparisons;
    onus_scores_ref scores;
    onus_sightings_ref sightings;
    onus_searches_ref searches;
    onus_gallery_ref gallery;
    onus_track_ref truth;
    onus_track_ref output;
    bool has_threshold;
    double threshold;
    char *threshold_from; /* "vendor", or NULL */
    onus_deployment_ref deployment;
    onus_field_ref field;
} onus_match_ref;

#endif
