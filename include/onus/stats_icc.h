/* Agreement of numbers: the six intraclass correlations of Shrout & Fleiss, one-way with unequal
 * numbers, Cronbach's alpha.
 *
 * Forms 2 and 3 take out each rater's own level, so they need to know whose each number is. They
 * ask for a complete table with a column per rater; numbers without a name fit only
 * onus_icc_one_way. */
#ifndef ONUS_STATS_ICC_H
#define ONUS_STATS_ICC_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

typedef enum onus_icc_form {
    ONUS_ICC_1,  /* one-way random, one rating */
    ONUS_ICC_2,  /* two-way random, absolute agreement, one rater */
    ONUS_ICC_3,  /* two-way mixed, consistency, one rater */
    ONUS_ICC_1K, /* the same for the mean of k */
    ONUS_ICC_2K,
    ONUS_ICC_3K,
    ONUS_N_ICC
} onus_icc_form;

typedef struct onus_icc_value {
    onus_number value;
    onus_limits limits; /* by F, normal theory (Shrout & Fleiss 1979; McGraw & Wong 1996) */
    double f;           /* statistic of "no differences between units" */
    double df1;
    double df2;
} onus_icc_value;

/** One number by a rater who is known. */
typedef struct onus_named_score {
    int32_t unit;
    int32_t rater;
    double score;
} onus_named_score;

typedef struct onus_icc {
    onus_icc_value forms[ONUS_N_ICC];
    onus_number cronbach; /* of the raters as parts of a scale; equals ICC(3, k) */
    size_t n_units;       /* that every rater scored; others are left out */
    size_t n_left_out;    /* units that some rater did not score */
    size_t n_raters;
} onus_icc;

/**
 * All six forms from numbers whose raters are known. Units that a rater left out are left out.
 *
 * @param[in] scores  n_scores, in any order; one per (unit, rater)
 * @return ONUS_OK; ONUS_ERR_DOMAIN if an index is out of range, a score is not finite or a pair
 *         stands twice in a unit that every rater scored; ONUS_ERR_NOMEM
 *
 * Undefined with a reason: fewer than two raters, or units that every rater scored; all equal.
 *
 * Source: Shrout & Fleiss (1979) Psychol. Bull. 86, 420.
 */
onus_status onus_icc_two_way(const onus_named_score *scores, size_t n_scores, size_t n_units,
                             size_t n_raters, double level, onus_icc *out,
                             onus_error *err) ONUS_MUST_USE;

/**
 * ICC(1) with any number of ratings a unit: (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (N - sum n_i^2
 * / N) / (k - 1) over units with at least one rating. No rater is known; none is asked for.
 *
 * @param[in] unit    of each score, 0 .. n_units - 1
 * @param[out] out    value, limits (Searle 1971 with n0), f and its degrees of freedom
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM
 * Source: Donner (1986) Int. Stat. Rev. 54, 67.
 */
onus_status onus_icc_one_way(const int32_t *unit, const double *scores, size_t n_scores,
                             size_t n_units, double level, onus_icc_value *out,
                             onus_error *err) ONUS_MUST_USE;

#endif
