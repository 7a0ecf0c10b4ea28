/* The kernel form of the self-exciting process, fitted: which part of what was recorded is
 * background, and how long and how far an event excites. Private to src/place/baselines. */
#ifndef ONUS_EXCITING_SAMPLE_H
#define ONUS_EXCITING_SAMPLE_H

#include <stddef.h>

#include "buckets.h"
#include "frame_internal.h"
#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

/* How long and how far an event excites: bins of one day and of 25 m. */
enum { EXCITING_DAYS = 60, EXCITING_RINGS = 20 };
#define EXCITING_RING_M 25.0
#define EXCITING_REACH_M (EXCITING_RINGS * EXCITING_RING_M)

/** theta x by_day[k] events in day k after an event, theta x by_ring[k] in ring k around it; both
 *  add up to one where anything excites. */
typedef struct exciting_trigger {
    double theta;
    double by_day[EXCITING_DAYS];
    double by_ring[EXCITING_RINGS];
} exciting_trigger;

/** Square metres of ring k. */
double exciting_ring_m2(size_t ring);

/**
 * Fits the process to events low .. high - 1 of the frame (ascending in time), or to as many of the
 * latest of them as memory is meant to hold.
 *
 * @param[in]     centres        the cells' centroids
 * @param[in]     until_s        end of the time that is fitted to, after every event
 * @param[in,out] trigger        where to start from; the fit
 * @param[out]    ground_per_day background by cell: events a day and square metre
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 */
onus_status exciting_fit(const onus_frame *frame, const buckets *centres, size_t low, size_t high,
                         double until_s, const onus_context *context, exciting_trigger *trigger,
                         double *ground_per_day, onus_error *err) ONUS_MUST_USE;

#endif
