/* The statistic that verdicts on burden rest on, a ratio of two exposures, and its three sources of
 * uncertainty: where people live (space), when flags fell (time), what the census did not count. */
#ifndef ONUS_STATS_RATIO_H
#define ONUS_STATS_RATIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/**
 * What one ratio is made of, area by area (all borrowed, all finite and >= 0):
 *
 *           sum weight_i x_i / sum people_i              exposure:   weight = people = P_gi
 *   T  =  -----------------------------------            attributed: weight = P_gi / P_i (0 if P_i
 * = 0) sum ref_weight_i x_i / sum ref_people_i                    people = P_gi
 *
 * ref_weight == NULL (then ref_people too): T is the upper part alone, an exposure.
 */
typedef struct onus_ratio_data {
    size_t n_areas;
    const double *flags; /* x_i */
    const double *weight;
    const double *people;
    const double *ref_weight;
    const double *ref_people;
} onus_ratio_data;

/** A ratio with what is needed to judge it, on the log scale. Plain data. */
typedef struct onus_ratio {
    double ratio;   /* NaN with a reason: nobody in the group, no flags on the reference ... */
    double log_se;  /* NaN where there is no interval (reason) */
    double df;      /* of Student's t; INFINITY: normal */
    size_t n_units; /* blocks of areas or of time that varied; 0 for the census */
    bool trusted; /* false: too little to trust the interval; a verdict must be refused (reason) */
    const char *reason;
} onus_ratio;

/** T alone. 0 is a value; undefined without people, or where the reference's exposure is 0. O(n).
 */
onus_number onus_ratio_value(const onus_ratio_data *data);

/** Interval of the ratio at any level; none where log_se is NaN. */
onus_limits onus_ratio_interval(const onus_ratio *ratio, double level);
/** Two-sided p of "the true ratio is `bound`" (bound > 0); NaN where there is no interval. */
double onus_ratio_p(const onus_ratio *ratio, double bound);
/** Factor from a bound that would have been shown with the given power (0.8) at the level. */
double onus_ratio_detectable(const onus_ratio *ratio, double level, double power);

/**
 * Where the areas lie, prepared once for all ratios of a city. Opaque; the context (may be NULL) is
 * borrowed and must live as long.
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a centroid is not finite; ONUS_ERR_NOMEM
 */
typedef struct onus_space onus_space;
onus_status onus_space_new(const double *x_m, const double *y_m, size_t n_areas,
                           const onus_context *context, onus_space **out,
                           onus_error *err) ONUS_MUST_USE;
void onus_space_free(onus_space *space);

/**
 * Uncertainty from where people and flags happen to lie: neighbouring areas vary together, so what
 * counts is the number of blocks of areas, never the number of areas or flags. docs/statistics.md
 * has the simulated coverage by number of areas and range of autocorrelation, and the reason for
 * the form of the interval.
 *
 * Untrusted (reason "too few blocks to trust ..."): fewer than 10 areas; and every exposure alone
 * (ref_weight NULL), because the level of a whole city is one draw of a pattern as wide as the
 * city. n_units is the number of blocks. Cost: O(n_areas^2 / 2); for several ratios at once use
 * onus_ratios_space, which visits every pair of areas once for all of them.
 */
onus_status onus_ratio_space(const onus_space *space, const onus_ratio_data *data, onus_ratio *out,
                             onus_error *err) ONUS_MUST_USE;
/** n_ratios at once; the same numbers. Ratios that share an array of flags share its work too. */
onus_status onus_ratios_space(const onus_space *space, const onus_ratio_data *data, size_t n_ratios,
                              onus_ratio *out, onus_error *err) ONUS_MUST_USE;

/**
 * The difference of two shares of cases that were hit (outcomes that were flagged), the cases
 * counted by who lives where they fell: gap = sum weight_i hits_i / sum weight_i cases_i - sum
 * ref_weight_i hits_i / sum ref_weight_i cases_i
 */
typedef struct onus_gap_data {
    size_t n_areas;
    const double *hits;   /* 0 <= hits_i <= cases_i */
    const double *cases;  /* >= 0 */
    const double *weight; /* P_gi / P_i */
    const double *ref_weight;
} onus_gap_data;

/** A difference with what is needed to judge it: onus_se_interval(gap, se, df, level), onus_se_p.
 */
typedef struct onus_gap {
    double gap; /* NaN with a reason */
    double se;  /* NaN where there is no interval (reason) */
    double df;
    size_t n_units; /* blocks of areas */
    bool trusted;
    const char *reason;
} onus_gap;

/** Uncertainty of a gap over space, by the same two intervals as a ratio (the wider stands), with
 *  hits_i - h cases_i, h the common share, in the place of flags. Untrusted: fewer than 10 areas.
 */
onus_status onus_gap_space(const onus_space *space, const onus_gap_data *data, onus_gap *out,
                           onus_error *err) ONUS_MUST_USE;

/**
 * Uncertainty from when flags fell: people are fixed, flags vary from one time unit to the next.
 *
 * @param[in] sums      n_units of sum_i weight_i x_it, in order of time, empty units included as 0
 * @param[in] ref_sums  n_units of sum_i ref_weight_i x_it; NULL for an exposure
 * @param[in] ratio     T as onus_ratio_value gave it
 * The variance of the circular moving-block bootstrap in closed form (what infinitely many
 * replicates would give), blocks of l = onus_time_block_len(n_units) units, times n / (n - l), with
 * Student's t on n / l - 1 degrees of freedom. n_units of the result is n / l rounded down.
 * Untrusted below 8 units. No interval: n_units < 2; no flags on a side; the ratio is the same in
 * every unit.
 */
onus_status onus_ratio_time(const double *sums, const double *ref_sums, size_t n_units,
                            double ratio, onus_ratio *out) ONUS_MUST_USE;

/** Margins of error (half widths at 90 %, as the census prints them) beside onus_ratio_data; each
 *  array may be NULL (not given: no error from there). Margins are taken as independent. */
typedef struct onus_ratio_margins {
    const double *people;     /* of P_gi */
    const double *ref_people; /* of P_ri */
    const double *total;      /* P_i, needed with total_margin (attributed only) */
    const double *total_margin;
    bool attributed;
    bool ref_is_rest; /* the reference is everyone else, P_i - P_gi: ref_people is then not read,
                         and an error in P_gi moves both sides (total_margin, where given, serves
                         both definitions) */
} onus_ratio_margins;

/** A 90 % margin of error over this is a standard error (U.S. Census Bureau 2020, ch. 7). */
#define ONUS_MARGIN_Z 1.645

/**
 * Uncertainty from the census's own sampling, in closed form by the delta method:
 *   exposure    Var log E_g = sum ((x_i - E_g) / (P_g E_g))^2 s_gi^2
 *   attributed  Var log B_g = sum ((x_i / P_i - B_g) / (P_g B_g))^2 s_gi^2, and for the total
 *               of an area, which both sides share, sum (x_i / P_i^2 (P_gi / (P_g B_g) -
 *               P_ri / (P_r B_r)))^2 s_i^2
 *   everyone else as the reference: the slopes of both sides by P_gi, and by P_i, are added before
 *               they are squared; taking them as independent would be too narrow by up to a root of
 * 2 s = margin / 1.645. NaN margins count as not given for that area. No interval (reason) if no
 * margin is given or an exposure is 0. O(n).
 */
onus_status onus_ratio_census(const onus_ratio_data *data, const onus_ratio_margins *margins,
                              onus_ratio *out) ONUS_MUST_USE;

#endif
