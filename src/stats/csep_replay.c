/* The simulation tests from given uniforms, operation for operation as published.
 *
 * pyCSEP 0.7.0 (csep/core/poisson_evaluations.py) puts each uniform u into the first bin whose
 * cumulative share exceeds it, and adds log-likelihoods with numpy, whose sums run in eight lanes
 * over blocks of 128. Scores that are equal on paper may then differ in the last bit, and the
 * published quantile counts `<=` on those bits; so the order of additions here is numpy's. The
 * search starts from a table of hints, which changes its length and not its answer:
 *
 *     share    0----w0---w1--------w2-w3------1     w = cumulative rates / total
 *     hints    |    |    |    |    |    |    |     first bin whose w exceeds the slot's left end
 *
 * Called by the reference tests, and by whoever wants to redo a published run. Draws nothing. */
#include "onus/stats_csep.h"

#include <math.h>

#include "csep_internal.h"
#include "onus/alloc.h"

struct onus_csep_replay {
    csep_bins bins;
    double *share;     /* n: cumulative */
    uint32_t *hints;   /* n */
    double *log_rates; /* n: -INFINITY for rate 0 */
    size_t last;       /* last bin with a rate */
    double expected;   /* taken off every score */
    double observed;
    double *counts; /* n: of the simulation at hand */
    double *terms;  /* n */
    double *penalties;
};

static double log_factorial(double count) {
    static const double factorial[] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800};
    const size_t n_factorials = sizeof factorial / sizeof factorial[0];
    if (count < (double)n_factorials) {
        return log(factorial[(size_t)count]);
    }
    int sign = 0; /* lgamma itself writes a global */
    return lgamma_r(count + 1, &sign);
}

static double score_counts(const onus_csep_replay *r, const double *counts) {
    size_t n = 0;
    for (size_t i = 0; i < r->bins.n; i++) {
        if (counts[i] != 0) {
            r->terms[n] = r->log_rates[i] * counts[i];
            r->penalties[n] = log_factorial(counts[i]);
            n++;
        }
    }
    return csep_pairwise_sum(r->terms, n) - csep_pairwise_sum(r->penalties, n) - r->expected;
}

static size_t bin_of(const onus_csep_replay *r, double u) {
    const size_t n = r->bins.n;
    const size_t slot = (size_t)(u * (double)n);
    size_t i = slot < n ? r->hints[slot] : n - 1;
    while (i > 0 && r->share[i - 1] > u) { /* u * n may have been rounded up into the next slot */
        i--;
    }
    while (i < n && r->share[i] <= u) {
        i++;
    }
    return i < n ? i : r->last;
}

double onus_csep_replay_score(onus_csep_replay *replay, const double *uniforms, size_t n) {
    for (size_t i = 0; i < replay->bins.n; i++) {
        replay->counts[i] = 0;
    }
    for (size_t e = 0; e < n; e++) {
        replay->counts[bin_of(replay, uniforms[e])] += 1;
    }
    return score_counts(replay, replay->counts);
}

double onus_csep_replay_observed(const onus_csep_replay *replay) {
    return replay->observed;
}

double onus_csep_replay_expected(const onus_csep_replay *replay) {
    return replay->expected;
}

static void fill(onus_csep_replay *r, onus_csep_test test) {
    const size_t n = r->bins.n;
    const double n_events = csep_pairwise_sum(r->bins.counts, n);
    const double scale = csep_is_scaled(test) ? n_events / r->bins.total : 1;
    r->expected = csep_is_scaled(test) ? n_events : r->bins.total;
    double running = 0;
    for (size_t i = 0; i < n; i++) {
        running += r->bins.rates[i];
        r->share[i] = running / r->bins.total;
        r->log_rates[i] = log(r->bins.rates[i] * scale);
        r->last = r->bins.rates[i] > 0 ? i : r->last;
    }
    for (size_t slot = 0, i = 0; slot < n; slot++) {
        while (i + 1 < n && r->share[i] <= (double)slot / (double)n) {
            i++;
        }
        r->hints[slot] = (uint32_t)i;
    }
    r->observed = score_counts(r, r->bins.counts);
}

onus_status onus_csep_replay_new(const onus_csep_data *data, onus_csep_test test,
                                 onus_csep_replay **out, onus_error *err) {
    onus_csep_account account;
    onus_status status = onus_csep_check(data, &account, err);
    if (status != ONUS_OK) {
        return status;
    }
    if ((unsigned)test >= ONUS_CSEP_TESTS) {
        return onus_bug(err, "a consistency test that there is not");
    }
    if (account.n_bad_rates > 0 || !(account.n_forecast > 0) || isinf(account.n_forecast)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "%s", account.reason);
    }
    onus_csep_replay *r = onus_alloc(sizeof *r);
    if (r == NULL || csep_bins_of(data, test, &r->bins) != ONUS_OK || r->bins.n >= UINT32_MAX) {
        onus_csep_replay_free(r);
        return onus_fail_nomem(err);
    }
    const size_t n = r->bins.n;
    r->share = onus_alloc_n(n, sizeof *r->share);
    r->hints = onus_alloc_n(n, sizeof *r->hints);
    r->log_rates = onus_alloc_n(n, sizeof *r->log_rates);
    r->counts = onus_alloc_n(n, sizeof *r->counts);
    r->terms = onus_alloc_n(n, sizeof *r->terms);
    r->penalties = onus_alloc_n(n, sizeof *r->penalties);
    if (r->share == NULL || r->hints == NULL || r->log_rates == NULL || r->counts == NULL ||
        r->terms == NULL || r->penalties == NULL) {
        onus_csep_replay_free(r);
        return onus_fail_nomem(err);
    }
    fill(r, test);
    *out = r;
    return ONUS_OK;
}

void onus_csep_replay_free(onus_csep_replay *replay) {
    if (replay == NULL) {
        return;
    }
    csep_bins_clear(&replay->bins);
    onus_free(replay->share);
    onus_free(replay->hints);
    onus_free(replay->log_rates);
    onus_free(replay->counts);
    onus_free(replay->terms);
    onus_free(replay->penalties);
    onus_free(replay);
}
