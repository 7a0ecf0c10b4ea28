/* The tests of the Collaboratory for the Study of Earthquake Predictability (CSEP), as pyCSEP 0.7.0
 * computes them: does a forecast of rates agree with what was recorded, and which of two forecasts
 * does better? Beside each published figure stands what an honest reader needs with it: p-values
 * that are never 0, both tails, and nulls in which events come in clusters.
 *
 * All of these tests, except under the clustered and negative-binomial nulls, take events to be
 * independent (ONUS_CSEP_ASSUMES). Where one event brings others they reject forecasts that are
 * right: they stand beside a verdict and never decide one. */
#ifndef ONUS_STATS_CSEP_H
#define ONUS_STATS_CSEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** The flag that goes with every figure of the published tests. */
#define ONUS_CSEP_ASSUMES "assumes independent events"

/* ---- what is tested ---- */
/**
 * Rates and recorded counts over cells x marks, cell-major (the mark runs fastest). A mark is what
 * else is forecast of an event: its magnitude, its type, its shift. Borrowed.
 *
 * Invariant: n_cells, n_marks >= 1; counts are whole, >= 0 and below 2^53 in all. Rates are taken
 * as they come: one that is negative or not finite leaves every test undefined, with the reason.
 */
typedef struct onus_csep_data {
    size_t n_cells;
    size_t n_marks;
    const double *rates;  /* expected counts */
    const double *counts; /* recorded */
} onus_csep_data;

/** What the data hold, and why no likelihood can be had of them (NULL: it can). */
typedef struct onus_csep_account {
    double n_forecast;     /* sum of rates; NaN with bad rates */
    double n_events;       /* sum of counts */
    uint64_t n_bad_rates;  /* negative or not finite */
    uint64_t n_zero_rates; /* bins in which nothing is said to be possible */
    uint64_t n_impossible; /* events in such bins */
    const char *reason;    /* static */
} onus_csep_account;

/** ERR_DOMAIN if counts are not whole or a size is 0; else the account. O(bins). */
onus_status onus_csep_check(const onus_csep_data *data, onus_csep_account *out,
                            onus_error *err) ONUS_MUST_USE;

/** Where events fell; what fell outside is counted, and is in no test. */
typedef struct onus_csep_binned {
    uint64_t n_inside;
    uint64_t n_outside_cells; /* cell < 0 or past the last: outside the region */
    uint64_t n_outside_marks; /* inside the region, with a mark that no bin has */
} onus_csep_binned;

/**
 * Counts events by cell and mark.
 * @param[in]  mark    n_events bins, or NULL: all 0
 * @param[in]  weight  n_events whole counts, or NULL: all 1
 * @param[out] counts  n_cells * n_marks, overwritten
 */
onus_status onus_csep_bin(const int32_t *cell, const int32_t *mark, const double *weight,
                          size_t n_events, size_t n_cells, size_t n_marks, double *counts,
                          onus_csep_binned *out, onus_error *err) ONUS_MUST_USE;

/* ---- N: how many ---- */
typedef struct onus_csep_number {
    onus_number delta1; /* P(X >= recorded): small, the forecast said too few */
    onus_number delta2; /* P(X <= recorded): small, it said too many */
    onus_number p;      /* two-sided: 2 min(delta1, delta2), at most 1 */
} onus_csep_number;

/**
 * Number test (Zechar et al. 2010, eq. 6-7), and with a variance its negative binomial form (Werner
 * et al. 2010): mean and variance as given, the variance from records before the forecast.
 *
 * @param[in] n_forecast  expected number; must be positive and finite
 * @param[in] n_events    recorded inside the region, whole, at most 1e12
 * @param[in] variance    NaN: Poisson; else above n_forecast
 * Undefined outside these, with the reason. delta1 + delta2 = 1 + P(X = recorded).
 * Cost: O(sqrt(variance) + variance / n_forecast) terms.
 */
onus_csep_number onus_csep_number_test(double n_forecast, double n_events, double variance);

/** Sample variance of n window totals (two-pass), for the negative binomial test. None if n < 2. */
onus_number onus_csep_variance(const double *totals, size_t n);

/**
 * Mean cluster size from counts by cell and window before the trial. Where a parent has a Poisson
 * number of offspring in its own cell, mean cluster size m makes variance / mean of a cell's counts
 * D = m + 1 - 1/m (compound Poisson: E[X^2] / E[X]); D is pooled over cells as the sum of variances
 * over windows by the sum of means, so that cells may differ in rate.
 *
 * @param[in] sum      n_cells sums of counts over windows
 * @param[in] squares  n_cells sums of squared counts
 * @return m >= 1 (1 where D <= 1); none with fewer than two windows or no events. Rates that drift
 *         over the windows raise it: the null is then wider, which favours the forecast.
 */
onus_number onus_csep_cluster_size(const double *sum, const double *squares, size_t n_cells,
                                   size_t n_windows);

/* ---- S, CL, L, M: where, and of what kind ---- */
typedef enum onus_csep_test {
    ONUS_CSEP_S,  /* cells, forecast scaled to the number recorded, as many events drawn */
    ONUS_CSEP_CL, /* all bins, as many events drawn as recorded, forecast not scaled */
    ONUS_CSEP_L,  /* all bins, the number of events drawn too */
    ONUS_CSEP_M,  /* marks, forecast scaled, as many events drawn */
    ONUS_CSEP_TESTS
} onus_csep_test;

/** Static: "s", "cl", "l", "m". */
const char *onus_csep_test_name(onus_csep_test test);

typedef struct onus_csep_options {
    uint64_t seed;
    uint32_t n_simulations; /* >= 1 */
    double cluster_size;    /* 1: the Poisson null; above: events come in clusters of this mean */
} onus_csep_options;

#define ONUS_CSEP_OPTIONS_INIT                                                                     \
    { .seed = 1, .n_simulations = 10000, .cluster_size = 1 }

typedef struct onus_csep_result {
    onus_number score;    /* joint log-likelihood of what was recorded (natural log) */
    onus_number quantile; /* as published: simulations at or below the score / all; may be 0 */
    uint64_t n_simulations;
    uint64_t n_at_or_below;
    uint64_t n_at_or_above;
    onus_number p_low;         /* (1 + at or below) / (1 + all): never 0 */
    onus_number p_high;        /* (1 + at or above) / (1 + all) */
    onus_number p;             /* two-sided: 2 min, at most 1 */
    onus_csep_account account; /* of the bins of this test */
} onus_csep_result;

/**
 * Consistency test by simulation.
 *
 * The draws are exact: as many events as asked for, each in a bin with the forecast's probability
 * (to the 2^-53 of a rate's own rounding). Which of two equivalent ways draws them follows from the
 * sizes alone (csep_simulate.c). Log-likelihoods are added up in fixed point, so that the order of
 * events never breaks a tie: a simulation whose score differs from the recorded one by less than
 * the rounding of its terms counts as equal, in both tails.
 *
 * Clusters: a parent falls by the forecast's rates, with Poisson(cluster_size - 1) offspring in its
 * own bin; the last cluster is cut at the number recorded (S, CL, M).
 *
 * @param[out] result     defined or undefined with reasons; untouched on error
 * @param[out] simulated  n_simulations scores in the order of simulation, or NULL
 * @return ONUS_OK; ONUS_ERR_DOMAIN for data or options outside their domain; ONUS_ERR_NOMEM;
 *         ONUS_ERR_INTERRUPTED
 *
 * Undefined: bad rates; no rate above 0; events where the rate is 0; no events (S, CL, M).
 * Same bytes for any number of threads. Cost: O(n_simulations * min(events, bins + sqrt(events))).
 * Checked against: tests/reference/csep.
 */
onus_status onus_csep_simulate(const onus_csep_data *data, onus_csep_test test,
                               const onus_csep_options *options, const onus_context *context,
                               onus_csep_result *result, double *simulated,
                               onus_error *err) ONUS_MUST_USE;

/** One window of a forecast by windows: what its bins are, and where events were recorded. */
typedef struct onus_csep_window {
    const double *rates; /* n_cells */
    size_t n;            /* cells with events */
    const int32_t *cell; /* each once, in [0, n_cells) */
    const double *count; /* whole, above 0 */
} onus_csep_window;

/** Hands out window w; good until the next call. Called several times for every window. */
typedef onus_status (*onus_csep_window_fn)(void *state, size_t w, onus_csep_window *out);

typedef struct onus_csep_windows {
    size_t n_cells;
    size_t n_windows;
    onus_csep_window_fn window;
    void *state;
} onus_csep_windows;

/**
 * Tests CL and L over the bins cells x windows, all windows together, with one window's bins at
 * hand at a time. As onus_csep_simulate otherwise (clusters lie in one cell and window), but drawn
 * from other counters: figures agree within Monte Carlo error, not to the bit.
 *
 * @return as onus_csep_simulate; ERR_DOMAIN for another test
 * Cost: O(n_simulations * events + passes * cells * windows) time, one pass for every 64 MB of
 * n_simulations * n_windows * 4 bytes; O(cells + 64 MB) memory.
 */
onus_status onus_csep_simulate_windows(const onus_csep_windows *data, onus_csep_test test,
                                       const onus_csep_options *options,
                                       const onus_context *context, onus_csep_result *result,
                                       onus_error *err) ONUS_MUST_USE;

/**
 * The same tests replayed from given uniforms, operation for operation as pyCSEP 0.7.0 does them
 * with numpy: cumulative rates, searchsorted(side = "right"), pairwise sums. Two count patterns of
 * the same likelihood may then differ in the last bit, and the published quantile with it.
 */
typedef struct onus_csep_replay onus_csep_replay;
/** ERR_DOMAIN for counts that are not whole or rates that are negative, not finite or all 0. */
onus_status onus_csep_replay_new(const onus_csep_data *data, onus_csep_test test,
                                 onus_csep_replay **out, onus_error *err) ONUS_MUST_USE;
/** Score of what was recorded; -INFINITY with an event where the rate is 0, as published. */
double onus_csep_replay_observed(const onus_csep_replay *replay);
/** The number that the published test draws, or for L the mean of the number. */
double onus_csep_replay_expected(const onus_csep_replay *replay);
/** Score of one simulation: n uniforms on [0, 1), one an event. Not for two threads at once. O(n +
 *  bins). A uniform at or above the last cumulative rate (rounding; numpy stops there with an
 *  error) goes to the last bin with a rate. */
double onus_csep_replay_score(onus_csep_replay *replay, const double *uniforms, size_t n);
void onus_csep_replay_free(onus_csep_replay *replay);

/* ---- scores ---- */
/** Poisson joint log-likelihood of n bins, sum of count log(rate) - log count! - rate, every rate
 *  multiplied by `factor`. None with bad rates or events where the rate is 0. */
onus_number onus_csep_log_likelihood(const double *rates, const double *counts, size_t n,
                                     double factor);
/** Binary joint log-likelihood: log(1 - exp(-rate)) where there are events, -rate elsewhere. As
 *  published it hides a cell of rate 0 with events, which makes zeroing a cell pay; here that is
 *  undefined. */
onus_number onus_csep_binary_log_likelihood(const double *rates, const double *counts, size_t n,
                                            double factor);
/** Brier score as pyCSEP orients it: -2 mean (1 - exp(-rate) - [count > 0])^2, higher is better. */
onus_number onus_csep_brier(const double *rates, const double *counts, size_t n);
/**
 * Kagan's I1 (2009): mean over events of log2 of the forecast's density at the event by the
 * density of the same number spread evenly, in bits. As published cells of rate 0 are left out,
 * events and all; here an event in one leaves it undefined.
 * @param[in] area  n areas > 0, any one unit
 */
onus_number onus_csep_information(const double *rates, const double *counts, const double *area,
                                  size_t n);

/* ---- T, W: which of two ---- */
typedef struct onus_csep_t {
    onus_number gain; /* information gain per event of the first over the second */
    onus_number t;
    double t_critical;
    onus_limits interval; /* of the gain */
    double df;            /* n_events - 1 */
    onus_number p;        /* two-sided */
} onus_csep_t;

/**
 * Paired T-test (Rhoades et al. 2011, eq. 17-18).
 *
 * @param[in] a, b     n rates of either forecast, over the same bins
 * @param[in] counts   n recorded counts
 * @param[in] factor   both forecasts' rates are multiplied by it (pyCSEP's `scale`: 1 / 365.25)
 * @param[in] level    of the interval, e.g. 0.95
 * Undefined: bad rates, an event where either rate is 0, fewer than two events; t and the interval
 * also where the gain is the same for all events.
 *
 * Repeating every event five times leaves the gain as it was and multiplies t by 2.28: t counts
 * events, not what they tell.
 */
onus_csep_t onus_csep_t_test(const double *a, const double *b, const double *counts, size_t n,
                             double factor, double level);

typedef struct onus_csep_w {
    onus_number z; /* of the smaller rank sum, so never above 0, whichever forecast is better */
    onus_number p; /* two-sided, normal approximation */
    int direction; /* 1: the first forecast's ranks weigh more; -1: the second's; 0: equal */
    uint64_t n_used;
    uint64_t n_zero; /* differences of exactly 0, left out as published */
    bool n_is_small; /* fewer than 10: the normal approximation is poor */
} onus_csep_w;

/**
 * W-test: Wilcoxon's signed ranks of log(a) - log(b) at the events about (N_a - N_b) / n, ties by
 * midranks with the variance corrected, no continuity correction (as pyCSEP).
 * @return ONUS_OK or ONUS_ERR_NOMEM. Undefined as the T-test, and with no difference other than 0.
 */
onus_status onus_csep_w_test(const double *a, const double *b, const double *counts, size_t n,
                             onus_csep_w *out) ONUS_MUST_USE;

#endif
