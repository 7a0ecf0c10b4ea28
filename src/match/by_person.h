/* Private to the trial: shares and means of counts that belong to people, and intervals over them.
 */
#ifndef ONUS_MATCH_BY_PERSON_H
#define ONUS_MATCH_BY_PERSON_H

#include "match_internal.h"
#include "onus/stats_cluster.h"

/**
 * Ratios of two sums over people (num / den), to be resampled by person. Row p holds num and den of
 * every ratio: sums[p * 2 * n_ratios + 2 * k], + 1. People without any row may stay in: they are
 * taken off before drawing. Owned by the trial.
 */
typedef struct match_by_person {
    size_t n_people;
    size_t n_ratios;
    double *sums;
    onus_cluster_estimate *of; /* n_ratios, by match_estimate */
    double *num;               /* totals */
    double *den;
    size_t *n_with; /* people whose den is not 0 */
} match_by_person;

onus_status match_by_person_make(match_trial *t, size_t n_people, size_t n_ratios,
                                 match_by_person *out) ONUS_MUST_USE;
void match_by_person_add(match_by_person *b, size_t person, size_t ratio, double num, double den);
/** Draws people; all ratios from the same draws. */
onus_status match_by_person_estimate(match_trial *t, match_by_person *b) ONUS_MUST_USE;

/** Value, num and den of a ratio, and its interval: of a share of counts by onus_share_limits, of a
 *  mean by the bootstrap. none: why there is no value where den is 0. */
void match_set_by_person(const match_trial *t, onus_measure *m, const match_by_person *b,
                         size_t ratio, bool is_share, const char *none);
/** The interval alone, of a value that is computed from resampled sums. */
void match_set_drawn(const match_trial *t, onus_measure *m, const onus_cluster_estimate *e);

#endif
