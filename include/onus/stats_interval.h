/* Intervals and p-values: binomial, normal and Student, percentile bootstrap, correlations, Holm.
 */
#ifndef ONUS_STATS_INTERVAL_H
#define ONUS_STATS_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

#include "onus/stats_number.h"
#include "onus/status.h"

/* `level` is the two-sided level of confidence, 0 < level < 1, everywhere; outside it every
 * function answers NaN. */

/** Standard normal quantile and distribution function; NaN outside the domain. Never abort. */
double onus_normal_quantile(double p);
double onus_normal_cdf(double z);
/** Student's t; df > 0, INFINITY is the normal. */
double onus_t_quantile(double p, double df);
/** Two-sided tail P(|T| >= |t|). */
double onus_t_p(double t, double df);

/** Wilson's score interval for k of n (Wilson 1927). None if n = 0 or k outside [0, n]. */
onus_limits onus_wilson(double k, double n, double level);

/**
 * Clopper & Pearson's exact interval (1934): beta quantiles B((1-level)/2; k, n-k+1) and
 * B((1+level)/2; k+1, n-k). None as onus_wilson. Relative error below 1e-12.
 */
onus_limits onus_clopper_pearson(double k, double n, double level);
/** Upper limit alone at one-sided confidence `level`: B(level; k+1, n-k); 1 if k = n. NaN as
 *  onus_wilson. */
double onus_clopper_pearson_upper(double k, double n, double level);
/** Jeffreys' interval: beta quantiles of (k + 1/2, n - k + 1/2) (Brown, Cai & DasGupta 2001), 0
 *  below at k = 0 and 1 above at k = n. None as onus_wilson. */
onus_limits onus_jeffreys(double k, double n, double level);
/** Agresti & Coull's interval (1998) as they printed it: it may reach below 0 or above 1. */
onus_limits onus_agresti_coull(double k, double n, double level);
/** Rule of three (Hanley & Lippman-Hand 1983): 0 errors in n independent trials bound the rate by
 *  3/n with 95 % confidence; exactly: onus_zero_bound. NaN unless n > 0; at most 1. */
double onus_rule_of_three(double n);
/** Quantile of the beta distribution (a, b > 0, finite): x with I_x(a, b) = p. NaN outside. */
double onus_beta_quantile(double p, double a, double b);

/**
 * Percentile interval of bootstrap replicates (Efron 1979): the quantiles of type 7 at
 * (1 - level)/2 and (1 + level)/2.
 *
 * A replicate that is NaN (the statistic was undefined in it) counts as -INFINITY for the lower
 * limit and as +INFINITY for the upper one: the interval can only widen. None if n = 0 or all are
 * NaN.
 * @return ONUS_OK or ONUS_ERR_NOMEM. O(n log n).
 */
onus_status onus_percentile_interval(const double *replicates, size_t n, double level,
                                     onus_limits *out) ONUS_MUST_USE;

/**
 * Two-sided p of the hypothesis "the true value is bound", by inverting the percentile interval:
 * 2 min(1 + #{T_r <= bound}, 1 + #{T_r >= bound}) / (1 + n), at most 1. Integer counts; NaN
 * replicates count on both sides. NaN if n = 0 or bound is NaN.
 */
double onus_bootstrap_p(const double *replicates, size_t n, double bound);

/** (1 + n_as_extreme) / (1 + n_replicates): a p by simulation is never 0 (Phipson & Smyth 2010). */
double onus_simulation_p(uint64_t n_as_extreme, uint64_t n_replicates);

/** value -+ t(level, df) se; df INFINITY: normal. None if se is NaN or negative. */
onus_limits onus_se_interval(double value, double se, double df, double level);
/** exp(log_value -+ t(level, df) log_se), for ratios. */
onus_limits onus_log_interval(double log_value, double log_se, double df, double level);
/** Two-sided p that the true value is bound. se = 0: 1 if value == bound, else 0. NaN if se is NaN.
 */
double onus_se_p(double value, double se, double df, double bound);

/**
 * Fisher's z interval for a correlation with n_effective independent pairs: tanh(atanh(r) -+
 * z / sqrt(n_effective - 3)) (Fisher 1921). None if n_effective <= 3 or |r| > 1; |r| = 1: [r, r].
 */
onus_limits onus_fisher_interval(double r, double n_effective, double level);

/**
 * Holm's step-down adjusted p-values (Holm 1979): adjusted_(i) = max over j <= i of
 * min(1, (m - j + 1) p_(j)). Equal p-values get equal adjusted values.
 *
 * NaN stands for a claim that cannot be tested. It stays in the family (m counts it, so what is
 * found about the others never depends on which claims happened to be testable) and comes back as
 * NaN.
 * @param[in]  p         n values in [0, 1] or NaN
 * @param[out] adjusted  n values; may be p itself
 * @return ONUS_OK; ONUS_ERR_DOMAIN if a p is outside [0, 1]; ONUS_ERR_NOMEM
 */
onus_status onus_holm(const double *p, size_t n, double *adjusted) ONUS_MUST_USE;

/**
 * Smallest detectable difference: by how much the truth would have to differ from the bound for a
 * two-sided test at 1 - level to show it with the given power (0.8), (z_{(1+level)/2} + z_power)
 * times the standard error that the interval implies (its half width over z_{(1+level)/2}). NaN if
 * the limits are not finite.
 */
double onus_detectable_difference(onus_limits limits, double level, double power);
/**
 * The same for a ratio, on the log scale: the factor f > 1 such that bound * f or bound / f would
 * be shown. NaN if a limit is not positive and finite.
 */
double onus_detectable_ratio(onus_limits limits, double level, double power);

/**
 * E-value (VanderWeele & Ding 2017): how strongly an unmeasured cause would have to be tied to both
 * sides, as a risk ratio, to explain the ratio away: RR + sqrt(RR (RR - 1)), of 1/RR where RR < 1.
 * 1 for RR = 1. NaN if RR is not positive and finite.
 */
double onus_evalue(double ratio);
/** E-value of the limit nearer to 1; 1 if the interval holds 1 (ibid.). NaN if a limit is not >= 0.
 */
double onus_evalue_limits(onus_limits limits);

#endif
