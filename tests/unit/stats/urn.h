/* For the tests of the feedback urn: an urn in one line, and its runs. */
#ifndef ONUS_TEST_URN_H
#define ONUS_TEST_URN_H

#include <stdlib.h>

#include "onus/stats_urn.h"

static inline onus_urn urn_of(size_t n_areas, const double *balls, const double *rows) {
    onus_urn urn = ONUS_URN_INIT;
    urn.n_areas = n_areas;
    urn.start_balls = balls;
    urn.increments = rows;
    return urn;
}

/* n_runs x width, to be freed. */
static inline double *simulate(const onus_urn *urn, const uint64_t *horizon, size_t n_horizons,
                               uint64_t n_runs, const onus_context *context) {
    const onus_urn_runs runs = {.seed = 11, .n_horizons = n_horizons, .horizon_draws = horizon};
    onus_urn_plan *plan = NULL;
    onus_error err = ONUS_ERROR_INIT;
    if (onus_urn_plan_new(urn, &runs, &plan, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    double *out = calloc(n_runs * onus_urn_plan_width(plan) + 1, sizeof *out);
    assert_non_null(out);
    assert_int_equal(onus_urn_simulate(plan, n_runs, context, out, NULL), ONUS_OK);
    onus_urn_plan_free(plan);
    return out;
}

#endif
