/* Private to the track kernels: the overlaps of one moment as a graph to assign. */
#ifndef ONUS_STATS_TRACKS_MOMENTS_H
#define ONUS_STATS_TRACKS_MOMENTS_H

#include "onus/stats_tracks.h"
#include "stats_assign.h"

/** Gain of overlap e within its moment; not above 0: not to be matched. */
typedef double (*overlap_gain_fn)(const void *shared, size_t overlap);

/** Room for the largest moment. */
typedef struct moment_room {
    onus_assigner assigner;
    size_t *start;
    uint32_t *col;
    double *gain;
    size_t *overlap; /* of each edge */
    uint32_t *col_of;
    size_t *matched; /* out: overlaps that are matched in this moment, by true box */
    size_t n_matched;
} moment_room;

onus_status moment_room_make(const onus_overlaps *o, moment_room *out) ONUS_MUST_USE;
void moment_room_clear(moment_room *room);

/** The best matching of the boxes of moment m, in room->matched. */
void moment_match(const onus_overlaps *o, size_t m, overlap_gain_fn gain, const void *shared,
                  moment_room *room);

#endif
