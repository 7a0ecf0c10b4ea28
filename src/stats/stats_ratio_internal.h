/* Private to the three sources of uncertainty of a ratio. */
#ifndef ONUS_STATS_RATIO_INTERNAL_H
#define ONUS_STATS_RATIO_INTERNAL_H

#include "onus/stats_ratio.h"
#include "stats_autocov.h"

typedef struct onus_exposures {
    double loads;  /* sum weight_i x_i */
    double people; /* sum people_i */
    double ref_loads;
    double ref_people;
    onus_number ratio;
} onus_exposures;

onus_exposures onus_ratio_exposures(const onus_ratio_data *data);

/** A ratio without an interval. */
onus_ratio onus_ratio_none(double ratio, const char *reason);

/* ---- space ---- */
enum {
    ONUS_SPACE_BLOCKS_MAX = 10,
    ONUS_SPACE_BLOCKS_MIN = 5, /* fewer: docs/statistics.md, "Where a verdict is refused" */
};

struct onus_space {
    double *x;
    double *y;
    int32_t *block;
    size_t n_areas;
    size_t n_blocks;
    const onus_context *context; /* borrowed */
};

typedef struct onus_space_spread {
    double se;
    double df;
    const char *reason; /* why it is not to be trusted, or NULL */
} onus_space_spread;

/** Variance of sum u_i from blocks: u_i add up to 0. ERR_NOMEM. n_blocks >= 2. */
onus_status onus_space_block_variance(const onus_space *space, const double *u,
                                      double *variance) ONUS_MUST_USE;

/** The wider of the interval from autocovariances of columns at[0] and at[1] and that from blocks.
 */
void onus_space_widest(const onus_space *space, const onus_autocov *autocov, const size_t at[2],
                       double block_variance, onus_space_spread *out);

#endif
