/* Do onlookers agree, beyond what chance would do? Krippendorff's alpha, Gwet's family, and how
 * sure.
 *
 * Input is counts of votes by unit and label: nobody's name. What needs to know who said what
 * (Cohen, ICC of two ways) is in stats_coders.h and stats_icc.h and cannot be fed from here. */
#ifndef ONUS_STATS_AGREEMENT_H
#define ONUS_STATS_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** How far two labels are apart, for alpha. */
typedef enum onus_distance {
    ONUS_DISTANCE_NOMINAL,  /* 0 if equal, else 1 */
    ONUS_DISTANCE_ORDINAL,  /* by how many votes lie between, in the order of values */
    ONUS_DISTANCE_INTERVAL, /* (v_c - v_k)^2 */
    ONUS_DISTANCE_RATIO     /* ((v_c - v_k) / (v_c + v_k))^2, 0/0 = 0 */
} onus_distance;

/** Votes of onlookers. Which onlooker cast which vote is not known here and not needed. */
typedef struct onus_vote_counts {
    size_t n_units;
    size_t n_labels; /* DECLARED labels, whether they occur or not: AC1 and PABAK change with it */
    const double *counts; /* [unit * n_labels + label]: whole numbers >= 0 */
    const double *values; /* n_labels numbers; NULL: 0, 1, 2 ... Equal values are a mistake */
    const int32_t
        *cluster; /* of each unit (the person shown): 0 .. n_clusters - 1; NULL: each its own */
    size_t n_clusters;
} onus_vote_counts;

typedef struct onus_agreement_opts {
    onus_distance distance; /* of alpha */
    const double *weights; /* n_labels^2, symmetric, 1 on the diagonal, 0 .. 1: AC2, weighted Fleiss
                              and weighted PABAK; NULL: only equal labels agree (AC1) */
} onus_agreement_opts;

#define ONUS_AGREEMENT_OPTS_INIT                                                                   \
    { .distance = ONUS_DISTANCE_NOMINAL, .weights = NULL }

typedef enum onus_coefficient {
    ONUS_COEFFICIENT_PERCENT, /* pa: two votes drawn from a unit agree */
    ONUS_COEFFICIENT_ALPHA,   /* Krippendorff */
    ONUS_COEFFICIENT_FLEISS,  /* Fleiss 1971; unequal n after Gwet 2014 */
    ONUS_COEFFICIENT_AC1,     /* Gwet 2008; AC2 with weights */
    ONUS_COEFFICIENT_PABAK,   /* Brennan & Prediger: chance is 1/q */
    ONUS_N_COEFFICIENTS
} onus_coefficient;

/** NaN with a reason in `value.reason` where there is none; the others then are NaN too. */
typedef struct onus_agreement_value {
    onus_number value;
    double expected; /* agreement by chance that was taken out; 0 for PERCENT; of alpha: 1 - De */
    double unit_se;  /* Gwet's linearisation, units independent; NaN where irrCAC has none (alpha
                        with another distance than nominal; fewer than two units) */
} onus_agreement_value;

typedef struct onus_agreement {
    onus_agreement_value coefficients[ONUS_N_COEFFICIENTS];
    size_t n_rated;    /* units with at least one vote */
    size_t n_pairable; /* units with at least two */
    double n_votes;    /* in all units */
    size_t n_labels_used;
} onus_agreement;

/**
 * All coefficients of a table of votes.
 *
 * o_ck = sum_u V_uc (V_uk - [c = k]) / (n_u - 1) over n_u >= 2; n_c = sum_k o_ck; N = sum n_c;
 * alpha = 1 - (N - 1) sum o_ck d2 / sum n_c n_k d2. pa = mean over n_u >= 2 of sum V (V - 1) /
 * (n_u (n_u - 1)); pi_c = mean over n_u >= 1 of V_uc / n_u; (pa - pe) / (1 - pe) with pe = sum pi^2
 * (Fleiss), sum pi (1 - pi) / (q - 1) (AC1), 1 / q (PABAK).
 *
 * @param[out] prevalence  n_labels values, pi_c; caller's buffer, may be NULL; NaN without a vote
 * @return ONUS_OK; ONUS_ERR_DOMAIN for a count that is negative, broken or not finite, a value that
 *         is not finite or stands twice, a ratio scale with a negative value, weights that are not
 *         what they should be, a cluster outside its range, no label at all; ONUS_ERR_NOMEM
 *
 * Undefined with a reason: all, where no unit has two votes; alpha, Fleiss where only one label was
 * ever used (never 1); AC1, PABAK where only one label is declared.
 * Cost: O(n_units n_labels^2) time, O(n_labels^2) memory.
 * Source: Krippendorff (2011) "Computing Krippendorff's alpha-reliability"; Gwet (2014) Handbook of
 * inter-rater reliability, 4th ed., ch. 5. Checked against: tests/reference/affect (irr, irrCAC).
 */
onus_status onus_agreement_measure(const onus_vote_counts *votes, const onus_agreement_opts *opts,
                                   double *prevalence, onus_agreement *out,
                                   onus_error *err) ONUS_MUST_USE;

/**
 * Coincidences o_ck of the table (Krippendorff): n_labels^2, symmetric, label by label as declared.
 * @return as onus_agreement_measure
 */
onus_status onus_agreement_coincidences(const onus_vote_counts *votes, double *coincidences,
                                        onus_error *err) ONUS_MUST_USE;

/** Weights of AC2: 1 - |v_c - v_k| / range ("linear") or 1 - ((v_c - v_k) / range)^2. n^2 values.
 * All 1 where all values are equal. */
void onus_agreement_weights_linear(const double *values, size_t n_labels, double *weights);
void onus_agreement_weights_quadratic(const double *values, size_t n_labels, double *weights);

/* ---- how sure: from sums per person, so that a replicate does not touch the votes ---- */

typedef enum onus_resample {
    ONUS_RESAMPLE_CLUSTERS, /* people: units of one person stay together (the default everywhere) */
    ONUS_RESAMPLE_UNITS     /* units as if independent: too sure wherever a person has several */
} onus_resample;

/** What alpha, Fleiss, AC1, PABAK and pa are made of, summed by cluster and by distinct unit. */
typedef struct onus_agreement_sums onus_agreement_sums;

/**
 * @param[out] out  free with onus_agreement_sums_free; borrows nothing; NULL on failure
 * @return as onus_agreement_measure
 * Cost: O(n_units n_labels^2 + n_units log n_units).
 */
onus_status onus_agreement_sums_new(const onus_vote_counts *votes, const onus_agreement_opts *opts,
                                    onus_agreement_sums **out, onus_error *err) ONUS_MUST_USE;
void onus_agreement_sums_free(onus_agreement_sums *sums);
/** Clusters (or units) with at least one vote: only they are drawn. */
size_t onus_agreement_n_drawn(const onus_agreement_sums *sums, onus_resample resample);

/**
 * Bootstrap: replicate r draws as many people (or units) with replacement as there are, and every
 * coefficient is worked out anew, with what chance would do in that replicate.
 *
 * Units are drawn by distinct row of votes: counts of a multinomial, split in a tree by exact
 * binomial draws made of random bits. Stream ONUS_STREAM_AGREEMENT.
 *
 * @param[out] out  n_replicates * ONUS_N_COEFFICIENTS; NaN where a coefficient is undefined in it
 * @return ONUS_OK; ONUS_ERR_TOO_FEW if nothing can be drawn; ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 * Same bytes for any number of threads and ranks.
 */
onus_status onus_agreement_bootstrap(const onus_agreement_sums *sums, onus_resample resample,
                                     uint64_t seed, uint64_t n_replicates,
                                     const onus_context *context, double *out,
                                     onus_error *err) ONUS_MUST_USE;

/** Delete-one jackknife of a coefficient that ends at 1. */
typedef struct onus_jackknife {
    double se;          /* of the coefficient itself */
    double bias;        /* (n - 1) (mean of the others - estimate) */
    double log_se;      /* of log(1 - coefficient): disagreement against what chance leaves of it */
    double df;          /* n - 1 */
    onus_limits limits; /* what decides: 1 - (1 - estimate) exp(+- t(df) log_se). Where a
                           coefficient is 1 without one of the clusters the log has no end, and the
                           limits are `plain` up to 1 with is_log false */
    onus_limits plain;  /* estimate -+ t(df) se */
    bool is_log;
} onus_jackknife;

/**
 * From the values without each row. NaN throughout with fewer than two draws, or where a value is
 * undefined; no limits where nothing varies.
 * @param[in] without  the coefficient without one draw of row k, at without[k * stride], n_rows of
 *                     them
 * @param[in] times    how many draws are like row k (units); NULL: one (people)
 */
onus_jackknife onus_jackknife_make(double estimate, const double *without, size_t stride,
                                   const uint32_t *times, size_t n_rows, double level);

/**
 * Simulated coverage of `limits` by people at 95 %: 92 to 97 with 20 or 60 people over all designs
 * tried, where percentiles of the bootstrap reach 88 to 95 (docs/statistics.md,
 * tests/stat/agreement.c).
 * @param[out] out  ONUS_N_COEFFICIENTS
 * Cost: O(n_drawn n_labels^2). @return ONUS_OK or ONUS_ERR_NOMEM
 */
onus_status onus_agreement_jackknife(const onus_agreement_sums *sums, onus_resample resample,
                                     double level, onus_jackknife *out) ONUS_MUST_USE;

/**
 * The bootstrap of Hayes & Krippendorff (2007), only for comparison: draws observed disagreements
 * as if pairs of votes were independent and keeps the expected one. On votes that cluster by person
 * it covers about half of what it says (tests/stat/agreement.c). Nominal to ratio alpha.
 * @param[out] out  n_replicates values of alpha
 */
onus_status onus_agreement_krippendorff_hayes(const onus_vote_counts *votes,
                                              const onus_agreement_opts *opts, uint64_t seed,
                                              uint64_t n_replicates, const onus_context *context,
                                              double *out, onus_error *err) ONUS_MUST_USE;

#endif
