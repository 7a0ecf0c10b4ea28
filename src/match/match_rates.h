/* Private to rates*.c. */
#ifndef ONUS_MATCH_RATES_H
#define ONUS_MATCH_RATES_H

#include "match_internal.h"
#include "onus/stats_roc.h"

/* of one curve, besides the points that the case names */
enum { MATCH_DET_POINTS = 200 };

/** Adds one set's curve to the series `det`. */
onus_status match_rates_series(match_trial *t, const match_set *set, const onus_roc *roc,
                               size_t n_fmr_at) ONUS_MUST_USE;

#endif
