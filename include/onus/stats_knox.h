/* Knox's test for near repeats: are events that are close in space close in time more often than if
 * times had nothing to do with places? */
#ifndef ONUS_STATS_KNOX_H
#define ONUS_STATS_KNOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef enum onus_knox_metric { ONUS_KNOX_EUCLIDEAN, ONUS_KNOX_MANHATTAN } onus_knox_metric;

typedef struct onus_knox_opts {
    const double *space_m; /* upper edges of the bands, ascending, > 0; not part of the band */
    size_t n_space;        /* >= 1 */
    bool same_place;       /* distance 0 is a band of its own, the first */
    const int32_t *days;   /* upper edges, ascending, > 0; {1}: the same day */
    size_t n_days;
    onus_knox_metric metric;
    uint64_t n_permutations; /* 0: counts and expectations alone */
    uint64_t seed;
    uint64_t pairs_cap; /* 0: 2^27 (half a gigabyte) */
} onus_knox_opts;

/** One band of space by one band of time. */
typedef struct onus_knox_cell {
    uint64_t observed;
    double expected;  /* exact mean over all permutations: pairs in space * pairs in time / pairs */
    double ratio;     /* observed / expected; NaN if nothing is expected */
    double p_value;   /* (1 + #{permutations with at least as many}) / (1 + n); NaN without any */
    double simulated; /* mean over the permutations, beside `expected`; NaN without any */
} onus_knox_cell;

/** Cells of the table: bands of space, same_place and the open one included, by bands of time. */
size_t onus_knox_n_cells(const onus_knox_opts *opts);

/**
 * Bands are half-open, as cells are: with edges e the first band of space is [0, e[0]), then
 * [e[b-1], e[b]), and the last is everything from the last edge on; the same in time, with whole
 * days between dates. `same_place` puts a band of its own before them, distance exactly 0. Every
 * pair of events is in exactly one cell: out[(band of space) * (n_days + 1) + band of time],
 * onus_knox_n_cells(opts) of them.
 *
 * @param[in]  x_m, y_m  n_events, finite, projected
 * @param[in]  day       n_events calendar days
 * @return ONUS_OK; ONUS_ERR_TOO_FEW (n_events < 2; nothing is written); ONUS_ERR_DOMAIN (bands not
 * ascending, days that span more than 32,766); ONUS_ERR_LIMIT (more than pairs_cap pairs within the
 * largest band); ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 *
 * Pairs within the largest band are listed once, by a grid; a permutation of the dates only bins
 * the times of these pairs anew, and the bands beyond follow from the margins, which permutations
 * do not change. Cost: O(pairs in the largest band) per permutation, 32 at once; memory
 * 4 bytes a pair and 64 bytes an event and thread. Stream:
 * ONUS_STREAM_PLACE_KNOX. Integer counts: same bytes for any number of threads. Source: Knox
 * (1964); Monte Carlo as in Ratcliffe & Rengert (2008).
 */
onus_status onus_knox(const double *x_m, const double *y_m, const int32_t *day, size_t n_events,
                      const onus_knox_opts *opts, const onus_context *context, onus_knox_cell *out,
                      onus_error *err) ONUS_MUST_USE;

#endif
