/* How wide a kernel is, where the case does not say. Private to src/place/baselines. */
#ifndef ONUS_KDE_RULE_H
#define ONUS_KDE_RULE_H

#include "baselines_internal.h"

/** Events low .. high - 1 of a frame: the history of a window, all of it strictly before. */
typedef struct kde_past {
    const onus_frame *frame;
    size_t low;
    size_t high;
    double until_s; /* start of the window that asks */
} kde_past;

/** Scott's rule; the side of a mean cell where there is no spread. */
double kde_scott(const kde_past *past);

/**
 * @param[in]  opts  its rule, the share of the ground that is flagged, the correction at the edge
 * @param[out] used  the rule asked for, or Scott's where there are too few events for it
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Cost: at most 16 grids laid and smoothed twelve times each.
 */
onus_status kde_rule_apply(const kde_past *past, const onus_baseline_opts *opts,
                           const onus_context *context, double *bandwidth_m, onus_kde_rule *used,
                           onus_error *err) ONUS_MUST_USE;

/** kde.c: the bandwidth of the last window scored, NaN: none yet. */
double kde_bandwidth_m(const void *state, onus_kde_rule *rule);

#endif
