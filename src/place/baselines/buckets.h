/* Points in square buckets: who lies within a radius. Private to src/place/baselines. */
#ifndef ONUS_BUCKETS_H
#define ONUS_BUCKETS_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/status.h"

/** Points by bucket; of bucket b: starts[b] .. starts[b + 1] - 1, in the order of their index. */
typedef struct buckets {
    double x0_m;
    double y0_m;
    double side_m;
    size_t n_x;
    size_t n_y;
    size_t *starts;
    int32_t *index;
    double *x_m; /* in bucket order */
    double *y_m;
} buckets;

/**
 * @param[in]  side_m  as wide as the radius that will be asked for; made wider where the points
 *                     would lie in too many buckets for their number
 * @return ONUS_OK; ONUS_ERR_NOMEM
 */
onus_status buckets_make(const double *x_m, const double *y_m, size_t n, double side_m,
                         buckets *out, onus_error *err) ONUS_MUST_USE;
void buckets_clear(buckets *b);

/** Ranges of positions [from, until) in index[], x_m[], y_m[] that hold every point within radius_m
 *  of (x_m, y_m), and others: one range per row of buckets. Walk with buckets_row. */
typedef struct buckets_walk {
    size_t row;
    size_t last_row;
    size_t column;
    size_t last_column;
} buckets_walk;

buckets_walk buckets_around(const buckets *b, double x_m, double y_m, double radius_m);
/** 1: *from, *until hold the next range; 0: no more. */
int buckets_row(const buckets *b, buckets_walk *walk, size_t *from, size_t *until);

#endif
