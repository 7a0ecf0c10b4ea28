/* Private to tracks.c and trails.c: true and output boxes, and where they overlap. */
#ifndef ONUS_MATCH_TRACKS_INTERNAL_H
#define ONUS_MATCH_TRACKS_INTERNAL_H

#include "by_person.h"
#include "onus/stats_tracks.h"

typedef struct tracking {
    match_trial *t;
    onus_boxes truth;
    onus_boxes output;
    onus_overlaps overlaps;
} tracking;

/** Measures of trails and their series (trails.c). */
onus_status match_trail_measures(tracking *k) ONUS_MUST_USE;

#endif
