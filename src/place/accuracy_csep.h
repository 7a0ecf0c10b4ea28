/* What the sources of the CSEP tests share: form csep, and forecasts of rates by windows. */
#ifndef ONUS_PLACE_ACCURACY_CSEP_H
#define ONUS_PLACE_ACCURACY_CSEP_H

#include "accuracy_internal.h"
#include "onus/stats_csep.h"

/** How events scattered before a forecast. */
typedef struct acc_before {
    size_t n_windows;
    onus_number variance;     /* of the windows' totals; of a forecast by windows: of its total */
    onus_number cluster_size; /* mean, at least 1 */
} acc_before;

/** accuracy_csep_before.c: in windows as long as the period of form csep. */
onus_status acc_csep_before(place_trial *t, acc_before *out) ONUS_MUST_USE;

/** What windows as long as those of the trial held, backwards from the first. */
typedef struct acc_history {
    size_t n_windows;
    onus_number dispersion;   /* variance of their totals by the mean */
    onus_number cluster_size; /* mean, at least 1 */
} acc_history;

/** accuracy_totals.c: a forecast of rates by windows, all windows together.
 *  @param[in] totals  forecast totals by window */
onus_status acc_csep_windows(place_trial *t, accuracy *a, const double *totals,
                             const acc_history *history) ONUS_MUST_USE;

/** Number test: two tails, two nulls. */
onus_status acc_csep_number(place_trial *t, double n_forecast, double n_events,
                            const acc_before *before) ONUS_MUST_USE;
/** A test by simulation: its quantile under two nulls, and its score. */
onus_status acc_csep_consistency(place_trial *t, const onus_csep_data *data, onus_csep_test test,
                                 const acc_before *before) ONUS_MUST_USE;
/** Seed and number of simulations as the case asks. */
/** Mean size of clusters: as the case says (protocol.csep.cluster_size), else as learnt. */
onus_number acc_csep_clusters(const place_trial *t, onus_number learnt);
onus_csep_options acc_csep_options(const place_trial *t, double cluster_size);
onus_status acc_csep_add(place_trial *t, onus_csep_test test, const char *null,
                         const onus_csep_result *result) ONUS_MUST_USE;
onus_status acc_csep_add_score(place_trial *t, onus_csep_test test,
                               onus_number score) ONUS_MUST_USE;

#endif
