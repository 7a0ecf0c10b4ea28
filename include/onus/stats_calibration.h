/* Do probabilities mean what they say? CORP reliability with its exact decomposition; PIT of counts
 * and the Kolmogorov-Smirnov test. */
#ifndef ONUS_STATS_CALIBRATION_H
#define ONUS_STATS_CALIBRATION_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"
#include "onus/sum.h"

/** One step of the recalibrated curve: forecasts from low to high came true with `share`. */
typedef struct onus_corp_step {
    double low;
    double high;
    double mean; /* mean forecast of the step */
    double share;
    double n;
    double n_events;
} onus_corp_step;

/**
 * CORP (Dimitriadis, Gneiting & Jordan 2021): the forecasts are recalibrated by isotonic regression
 * (pool adjacent violators), and S = mcb - dsc + unc splits the Brier score S = mean (p - y)^2:
 * mcb = S - S(recalibrated), dsc = S(constant) - S(recalibrated), unc = S(constant).
 */
typedef struct onus_corp {
    double score; /* S */
    double mcb;
    double dsc;
    double unc;
    size_t n_steps;
    onus_corp_step *steps; /* n_steps, ascending; owned: onus_corp_clear */
    const char *reason;    /* why there is none (n = 0); then all four are NaN */
} onus_corp;
void onus_corp_clear(onus_corp *corp);

/**
 * From plain arrays.
 * @param[in]  probability  n in [0, 1]
 * @param[in]  outcome      n, 0 or 1
 * @return ONUS_OK (n = 0: see reason); ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. O(n log n).
 */
onus_status onus_corp_of(const double *probability, const uint8_t *outcome, size_t n,
                         onus_corp *out, onus_error *err) ONUS_MUST_USE;

/**
 * The same without ever holding all forecasts: the curve can only rise where an event is, so that
 * forecasts without an event need only be counted between the events' own forecasts. Two passes:
 * the forecasts of events first, then all forecasts (those of events among them), window by window.
 */
typedef struct onus_corp_stream onus_corp_stream;
/** @param[in] probability  the forecasts of the n_events events, in any order */
onus_status onus_corp_open(const double *probability, size_t n_events, onus_corp_stream **out,
                           onus_error *err) ONUS_MUST_USE;
/** All forecasts of the next window. ERR_DOMAIN: not in [0, 1]; then the stream is spoilt and every
 *  later call fails as well. O(n log n_events). */
onus_status onus_corp_add(onus_corp_stream *stream, const double *probability, size_t n,
                          onus_error *err) ONUS_MUST_USE;
/** ERR_DOMAIN if an event's forecast did not come by among all forecasts, or the stream is spoilt.
 */
onus_status onus_corp_finish(const onus_corp_stream *stream, onus_corp *out,
                             onus_error *err) ONUS_MUST_USE;
void onus_corp_close(onus_corp_stream *stream);

/**
 * Probability integral transform of a count: low = P(X < k), high = P(X <= k); the randomised value
 * is low + v (high - low), v uniform by Philox (ONUS_STREAM_PLACE_PIT, replicate 0, entity =
 * index).
 * @param[out] out  n values in [0, 1]
 * ERR_DOMAIN: not 0 <= low <= high <= 1.
 */
onus_status onus_pit_random(const double *low, const double *high, size_t n, uint64_t seed,
                            double *out) ONUS_MUST_USE;
/** The non-randomised form (Czado, Gneiting & Held 2009): expected share of the values in each of
 *  n_bins equal bins of [0, 1]; out sums to 1. ERR_TOO_FEW: n = 0. */
onus_status onus_pit_histogram(const double *low, const double *high, size_t n, size_t n_bins,
                               double *out) ONUS_MUST_USE;
/** low and high for Poisson counts. ERR_DOMAIN: a rate not finite and >= 0, a count not whole. */
onus_status onus_pit_poisson(const double *rate, const double *count, size_t n, double *low,
                             double *high) ONUS_MUST_USE;

typedef struct onus_ks {
    double statistic; /* D, two-sided, against the uniform distribution */
    double p_value;
    size_t n;
    const char *reason; /* n = 0 */
} onus_ks;
/** Kolmogorov-Smirnov. p is exact up to n = ONUS_KS_EXACT (Marsaglia, Tsang & Wang 2003), beyond it
 *  Kolmogorov's limit at D + 1 / (6 n) + (D - 1 / sqrt n) / (4 n) (Vrbik 2018; off by less than
 *  0.0005 there). Assumes independent values. ERR_DOMAIN: a value outside [0, 1]. */
#define ONUS_KS_EXACT 200
onus_status onus_ks_uniform(const double *values, size_t n, onus_ks *out) ONUS_MUST_USE;

#endif
