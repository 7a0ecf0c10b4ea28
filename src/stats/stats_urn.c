/* The feedback urn (Ensign et al. 2018): what is a fit urn, and rows from what is discovered and
 * reported.
 *
 * The simulation is in stats_urn_draw.c, the exact law of two areas and its limits in
 * stats_urn_law.c, the expected course in stats_urn_course.c. Called by the place trial's feedback
 * half and by its tests. Never knows a place: an area is a number of balls. */
#include "onus/stats_urn.h"

#include <inttypes.h>
#include <math.h>

#include "stats_urn_internal.h"

static onus_status check_matrix(const char *name, const double *rows, size_t n_areas,
                                onus_error *err) {
    for (size_t k = 0; k < n_areas * n_areas; k++) {
        if (!(rows[k] >= 0 && rows[k] <= ONUS_URN_MAX_INCREMENT)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "%s of area %zu to area %zu is '%g', expected 0 to %g", name,
                                   k / n_areas, k % n_areas, rows[k], ONUS_URN_MAX_INCREMENT);
        }
    }
    return ONUS_OK;
}

static onus_status check_balls(const onus_urn *urn, onus_error *err) {
    double total = 0;
    for (size_t i = 0; i < urn->n_areas; i++) {
        const double balls = urn->start_balls[i];
        if (!(balls >= 0 && isfinite(balls))) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "area %zu starts with '%g' balls, expected a number >= 0", i,
                                   balls);
        }
        if (urn->repair != ONUS_URN_REPAIR_NONE && balls == 0) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "area %zu starts with no balls, so that a repair has nothing to "
                                   "weigh the others against",
                                   i);
        }
        if (urn->decay_frac > 0 && balls > ONUS_URN_MAX_DECAYING) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "area %zu starts with '%g' balls, too many to forget one by one",
                                   i, balls);
        }
        total += balls; /* only asked whether it is positive and finite */
    }
    if (!(total > 0 && isfinite(total))) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the urn starts with '%g' balls in all",
                               total);
    }
    return ONUS_OK;
}

onus_status onus_urn_check(const onus_urn *urn, onus_error *err) {
    if (urn->n_areas < 2) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "an urn of %zu areas, expected 2 or more",
                               urn->n_areas);
    }
    if (!(urn->decay_frac >= 0 && urn->decay_frac < 1)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "decay is '%g' a draw, expected at least 0 and less than 1",
                               urn->decay_frac);
    }
    if (urn->decay_frac > 0 && !(urn->min_balls > 0 && isfinite(urn->min_balls))) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "decay leaves an area '%g' balls, expected more than 0: an urn must "
                               "not run empty",
                               urn->min_balls);
    }
    onus_status status = check_balls(urn, err);
    if (status == ONUS_OK) {
        status = check_matrix("the increment", urn->increments, urn->n_areas, err);
    }
    if (status == ONUS_OK && urn->rejected != NULL) {
        status = check_matrix("the increment of a rejected draw", urn->rejected, urn->n_areas, err);
    }
    return status;
}

onus_status urn_check_horizons(const uint64_t *horizon_draws, size_t n_horizons, onus_error *err) {
    if (n_horizons == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "an urn without a horizon");
    }
    uint64_t before = 0;
    for (size_t h = 0; h < n_horizons; h++) {
        if (horizon_draws[h] <= before) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "horizon %zu is %" PRIu64 " draws, expected more than %" PRIu64,
                                   h, horizon_draws[h], before);
        }
        before = horizon_draws[h];
    }
    return ONUS_OK;
}

void onus_urn_mix(const double *discovered_per_draw, const double *reported_per_draw,
                  size_t n_areas, double *increments, double *rejected) {
    for (size_t i = 0; i < n_areas; i++) {
        for (size_t j = 0; j < n_areas; j++) {
            increments[i * n_areas + j] =
                (i == j ? discovered_per_draw[j] : 0) + reported_per_draw[j];
            if (rejected != NULL) {
                rejected[i * n_areas + j] = reported_per_draw[j];
            }
        }
    }
}
