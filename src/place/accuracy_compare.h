/* Pairs of columns over units of time, and the intervals that come of them. */
#ifndef ONUS_PLACE_ACCURACY_COMPARE_H
#define ONUS_PLACE_ACCURACY_COMPARE_H

#include "accuracy_internal.h"

/** One level of one slice, resampled once. */
typedef struct acc_paired {
    onus_paired hits;     /* hits of flags */
    onus_paired lift;     /* hits of hits by chance */
    onus_paired capture;  /* captured of outcomes */
    onus_paired *against; /* [baseline]: product against it */
    onus_paired *theirs;  /* [baseline]: what it captured of outcomes */
} acc_paired;

/** Sums of the chosen columns by unit of time, n_units * n_columns, unit by unit; freed by the
 *  caller. NULL: no memory. */
double *acc_by_unit(const accuracy *a, const acc_slice *slice, const size_t *columns,
                    size_t n_columns) ONUS_MUST_USE;

onus_status acc_pair_up(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level,
                        acc_paired *out) ONUS_MUST_USE;
void acc_paired_clear(acc_paired *pairs);

/** Interval of value = ratio of totals / divisor. */
void acc_set_ratio_interval(const place_trial *t, const accuracy *a, onus_measure *m,
                            const onus_paired *paired, double divisor);
/** Interval of a share num of den: Wilson's, or that by units of time where it is wider. */
void acc_set_share_interval(const place_trial *t, const accuracy *a, onus_measure *m,
                            const onus_paired *paired);

onus_status acc_compare(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level,
                        const acc_paired *pairs) ONUS_MUST_USE;
onus_status acc_compare_scores(place_trial *t, const accuracy *a,
                               const acc_slice *slice) ONUS_MUST_USE;

#endif
