/* How well recorded tracks keep people apart: identity, association and detection over all cameras
 * at once, and trails: how many people are truly in one.
 *
 * Input is somebody's recorded track table with the truth beside it; nothing here tracks anybody.
 * Everything rests on pairs of a true and an output box of one camera and frame that overlap at
 * all. Identities that never meet cost nothing: no matrix of all against all is ever made. */
#ifndef ONUS_STATS_TRACKS_H
#define ONUS_STATS_TRACKS_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** Boxes, sorted by (camera, frame, track), each at most once. Borrows. Frames of all cameras run
 *  on one clock; identities are the same over all cameras. */
typedef struct onus_boxes {
    size_t n_boxes;
    const int32_t *camera;
    const int64_t *frame;
    const int32_t *track; /* in [0, n_tracks) */
    const double *x;      /* left, top, width, height; one unit for both tables */
    const double *y;
    const double *w;
    const double *h;
    size_t n_tracks;
} onus_boxes;

/** True and output boxes that overlap, moment (camera and frame) by moment. Owned. */
typedef struct onus_overlaps {
    size_t n_moments;     /* that either table names, by camera, then frame */
    size_t *truth_start;  /* n_moments + 1: true boxes of the moment */
    size_t *output_start; /* n_moments + 1 */
    size_t *start;        /* n_moments + 1: overlaps of the moment */
    size_t n_overlaps;
    uint32_t *truth;  /* box */
    uint32_t *output; /* box */
    double *iou;      /* > 0: intersection over union */
    uint32_t *pair;   /* of identities */
    size_t n_pairs;
    uint32_t *pair_truth; /* identity; pairs ascend by it */
    uint32_t *pair_output;
    uint32_t *truth_boxes;  /* boxes of every true identity */
    uint32_t *output_boxes; /* boxes of every output track */
    size_t n_people;        /* true identities */
    size_t n_tracks;        /* output tracks */
} onus_overlaps;

/**
 * @return ONUS_OK; ONUS_ERR_DOMAIN for boxes out of order, a repeated one, a track out of range, a
 *         number that is not finite, or more than 2^31 boxes; ONUS_ERR_NOMEM. *out is empty then.
 * Cost: O(boxes + pairs of boxes within a moment) time, O(boxes + overlaps) memory.
 * IoU as TrackEval computes it (Luiten & Hoffhues 2020), to the last bit.
 */
onus_status onus_overlaps_make(const onus_boxes *truth, const onus_boxes *output,
                               onus_overlaps *out, onus_error *err) ONUS_MUST_USE;
/** Of a zeroed struct: legal. */
void onus_overlaps_clear(onus_overlaps *overlaps);

#define ONUS_TRACKS_MIN_IOU 0.5 /* of Identity and CLEAR (Ristani et al. 2016; Bernardin 2008) */

typedef struct onus_identity {
    uint64_t tp; /* boxes under the best one-to-one assignment of identities */
    uint64_t fp;
    uint64_t fn;
    onus_number f1; /* 2 tp / (true + output boxes) */
    onus_number precision;
    onus_number recall;
} onus_identity;

/**
 * IDF1, IDP, IDR (Ristani et al. 2016): one assignment of true to output identities that leaves the
 * fewest boxes wrong.
 * @param[out] tp_of  n_people: boxes of each true identity that count; NULL: not wanted
 * @return ONUS_OK; ONUS_ERR_NOMEM. Undefined only where both tables are empty.
 * Cost: O(pairs log pairs) for the usual sparse case. Checked against: tests/reference/match/mot.
 */
onus_status onus_identity_measure(const onus_overlaps *overlaps, onus_identity *out,
                                  uint32_t *tp_of) ONUS_MUST_USE;

typedef struct onus_clear {
    uint64_t tp;
    uint64_t fn;
    uint64_t fp;
    uint64_t id_switches;
    uint64_t fragments; /* times that a person was found again */
    uint64_t mostly_tracked;
    uint64_t partly_tracked;
    uint64_t mostly_lost;
    double iou_sum;   /* of the matched boxes */
    onus_number mota; /* 1 - (fn + fp + id switches) / true boxes; no true boxes: undefined */
    onus_number motp; /* mean IoU of matched boxes */
} onus_clear;

/**
 * CLEAR MOT (Bernardin & Stiefelhagen 2008) over one run of moments, camera after camera: an
 * identity that changes between two cameras is an id switch.
 * @param[out] tp_of, switches_of  n_people each, or NULL
 */
onus_status onus_clear_measure(const onus_overlaps *overlaps, onus_clear *out, uint32_t *tp_of,
                               uint32_t *switches_of) ONUS_MUST_USE;

enum { ONUS_HOTA_ALPHAS = 19 }; /* 0.05, 0.10 ... 0.95 */

typedef struct onus_hota_values {
    double hota; /* sqrt(deta * assa) */
    double deta;
    double assa;
    double loca;
    double det_recall;
    double det_precision;
    double ass_recall;
    double ass_precision;
} onus_hota_values;

typedef struct onus_hota {
    double alpha[ONUS_HOTA_ALPHAS];
    uint64_t tp[ONUS_HOTA_ALPHAS];
    uint64_t fn[ONUS_HOTA_ALPHAS];
    uint64_t fp[ONUS_HOTA_ALPHAS];
    onus_hota_values at[ONUS_HOTA_ALPHAS];
    onus_hota_values mean; /* over the 19 alphas */
    const char *reason;    /* why there is none (both tables empty, all NaN then); NULL */
} onus_hota;

/** What HOTA sums over one true identity, for resampling people. */
typedef struct onus_hota_share {
    double tp[ONUS_HOTA_ALPHAS];
    double ass[ONUS_HOTA_ALPHAS]; /* sum over matched boxes of their association */
} onus_hota_share;

/**
 * HOTA (Luiten et al. 2021, IJCV 129:548-578), as TrackEval computes it: one assignment a moment by
 * global alignment times IoU, then thresholds.
 * @param[out] share_of  n_people, or NULL
 */
onus_status onus_hota_measure(const onus_overlaps *overlaps, onus_hota *out,
                              onus_hota_share *share_of) ONUS_MUST_USE;

/* ---- trails ---- */
/** One output track: a trail that somebody would follow. */
typedef struct onus_trail {
    uint32_t n_boxes;
    uint32_t n_shown;  /* boxes that show anybody */
    uint32_t n_main;   /* boxes that show the person whom most of them show */
    uint32_t n_people; /* people truly in it */
    int32_t main;      /* that person's index, for resampling only; -1: nobody */
} onus_trail;

/** A sighting: one passage of one person before one camera (a run of true boxes, in the order of
 *  frames), as far as the trail shows it. A trail is a row of sightings, by the first frame of
 * each.
 */
typedef struct onus_visit {
    int32_t person;    /* for resampling only */
    uint32_t n_boxes;  /* of the trail's sightings up to and with this one */
    uint32_t n_main;   /* of these the person whom most of them show */
    uint32_t n_people; /* in the sightings up to and with this one */
} onus_visit;

/** From one sighting of a trail to the next. */
typedef struct onus_hops {
    uint64_t n_hops;    /* sightings after which the trail, or the person in truth, goes on */
    uint64_t n_correct; /* the trail's next sighting is of the same person */
    uint64_t n_wrong;   /* it is of somebody else */
    uint64_t n_lost;    /* the person goes on, the trail ends */
} onus_hops;

typedef struct onus_trails {
    size_t n_trails; /* output tracks with a box */
    onus_trail *trail;
    size_t *visit_start; /* n_trails + 1 */
    onus_visit *visit;
    onus_hops hops;
    onus_hops *hops_of; /* n_people: hops that start at sightings of this person */
    size_t n_people;
    uint32_t most_hops;    /* of any trail */
    uint64_t n_seen_twice; /* true boxes whose person is in another camera at the same frame: where
                              cameras share a view, a hop means little */
} onus_trails;

/**
 * Who is truly in every trail: a box shows the person whose true box overlaps it most, at an IoU of
 * at least 0.5 (ties: the lowest index); below that it shows nobody.
 *
 * @return ONUS_OK; ONUS_ERR_NOMEM. *out is empty then.
 * Cost: O(boxes log boxes) time, O(boxes + people) memory.
 */
onus_status onus_trails_make(const onus_overlaps *overlaps, const onus_boxes *truth,
                             const onus_boxes *output, onus_trails *out) ONUS_MUST_USE;
void onus_trails_clear(onus_trails *trails);

/** Output boxes by the person whom they overlap most, at any overlap: how false positives are laid
 *  on people when people are resampled.
 *  @param[out] boxes_of  n_people
 *  @param[out] n_nobody  boxes that overlap nobody
 *  @return ONUS_OK; ONUS_ERR_NOMEM */
onus_status onus_boxes_by_person(const onus_overlaps *overlaps, const onus_boxes *truth,
                                 const onus_boxes *output, uint32_t *boxes_of,
                                 uint64_t *n_nobody) ONUS_MUST_USE;

#endif
