/* Two methods, the same windows: how sure is the difference?
 *
 * Outcomes come in clusters, so that what counts is not the number of outcomes but the number of
 * windows, and windows that follow each other may share a cluster. Diebold and Mariano's statistic
 * is computed as published. The interval that decides takes the variance of the sum at low
 * frequency from a few cosines, whose degrees of freedom are known, so that few weeks widen it as
 * much as they should. The moving-block bootstrap stands beside it: one run of draws over windows
 * serves all methods and budgets, from sums per window. Called by the place trial. Never treats one
 * outcome as a unit that varies alone. */
#include "onus/stats_paired.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/sum.h"
#include "stats_sort.h"

enum { UNITS_MIN = 8 }; /* docs/statistics.md, "Where a verdict is refused" */

/* A standard error below this share of the values it is made from is their rounding. */
static const double SE_ROUNDING = 1e-12;

/* ---- Diebold-Mariano ---- */

/* Sum over t of d_t d_(t - lag), d without its mean. */
static double lagged(const double *d, size_t n, double mean, size_t lag) {
    onus_sum sum = {0};
    for (size_t t = lag; t < n; t++) {
        onus_sum_add(&sum, (d[t] - mean) * (d[t - lag] - mean));
    }
    return onus_sum_get(&sum);
}

/* Variance of the mean. */
static double hac_variance(const double *d, size_t n, double mean, size_t horizon, bool bartlett) {
    onus_sum sum = {0};
    onus_sum_add(&sum, lagged(d, n, mean, 0));
    for (size_t k = 1; k < horizon; k++) {
        const double weight = bartlett ? 1.0 - (double)k / (double)horizon : 1.0;
        onus_sum_add(&sum, 2.0 * weight * lagged(d, n, mean, k));
    }
    return onus_sum_get(&sum) / (double)n / (double)n;
}

onus_dm onus_diebold_mariano(const double *difference, size_t n, size_t horizon, onus_hac hac) {
    onus_dm out = {.mean = NAN,
                   .se = NAN,
                   .statistic = NAN,
                   .df = NAN,
                   .p_value = NAN,
                   .n = n,
                   .horizon = horizon,
                   .bartlett = hac == ONUS_HAC_BARTLETT};
    bool differ = false;
    double largest = 0.0;
    for (size_t t = 0; t < n; t++) {
        if (!isfinite(difference[t])) {
            out.reason = "a difference of scores is not finite";
            return out;
        }
        differ = differ || difference[t] != difference[0];
        largest = fmax(largest, fabs(difference[t]));
    }
    if (n < 2 || horizon < 1 || horizon >= n) {
        out.reason = "too few windows for this horizon";
        return out;
    }
    const double count = (double)n;
    out.mean = onus_sum_of(difference, n) / count;
    out.df = count - 1.0;
    if (!differ) {
        out.reason = "the difference is the same in every window";
        return out;
    }
    double variance = hac_variance(difference, n, out.mean, horizon, out.bartlett);
    if (!out.bartlett && !(variance > 0.0)) {
        out.bartlett = true;
        variance = hac_variance(difference, n, out.mean, horizon, true);
    }
    out.se = sqrt(fmax(0.0, variance));
    if (!(out.se > SE_ROUNDING * largest)) {
        out.reason = "the differences cancel over the horizon: no variance is left";
        return out;
    }
    const double h = (double)horizon;
    const double factor = sqrt((count + 1.0 - 2.0 * h + h * (h - 1.0) / count) / count);
    out.statistic = out.mean / out.se * factor;
    out.p_value = onus_t_p(out.statistic, out.df);
    return out;
}

/* ---- units of time ---- */

onus_status onus_windows_group(const double *sums, size_t n_windows, size_t n_sums,
                               const int32_t *unit, size_t n_units, double *out) {
    for (size_t w = 0; w < n_windows; w++) {
        if (unit[w] < 0 || (size_t)unit[w] >= n_units || (w > 0 && unit[w] < unit[w - 1])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    memset(out, 0, n_units * n_sums * sizeof *out);
    for (size_t from = 0; from < n_windows;) {
        size_t until = from;
        while (until < n_windows && unit[until] == unit[from]) {
            until++;
        }
        for (size_t k = 0; k < n_sums; k++) {
            onus_sum sum = {0};
            for (size_t w = from; w < until; w++) {
                onus_sum_add(&sum, sums[w * n_sums + k]);
            }
            out[(size_t)unit[from] * n_sums + k] = onus_sum_get(&sum);
        }
        from = until;
    }
    return ONUS_OK;
}

size_t onus_n_waves(size_t n) {
    /* the least b with (b / 0.4)^3 >= n^2, in whole numbers: 125 b^3 >= 8 n^2 */
    const double square = 8.0 * (double)n * (double)n;
    size_t b = 1;
    while (125.0 * (double)b * (double)b * (double)b < square) {
        b++;
    }
    return b < n ? b : n > 1 ? n - 1 : 1;
}

double onus_waves_se(const double *values, size_t n, size_t n_waves) {
    static const double PI = 3.14159265358979323846;
    const size_t waves = n_waves == 0 ? onus_n_waves(n) : n_waves;
    if (n < 2 || waves >= n) {
        return NAN;
    }
    const double mean = onus_sum_of(values, n) / (double)n;
    onus_sum squares = {0};
    for (size_t j = 1; j <= waves; j++) {
        onus_sum wave = {0};
        for (size_t t = 0; t < n; t++) {
            const double at = PI * (double)j * ((double)t + 0.5) / (double)n;
            onus_sum_add(&wave, cos(at) * (values[t] - mean));
        }
        const double w = onus_sum_get(&wave);
        onus_sum_add(&squares, 2.0 * w * w); /* sqrt(2 / n) each, times n for the sum */
    }
    return sqrt(onus_sum_get(&squares) / (double)waves);
}

/* ---- totals compared ---- */

typedef struct comparison {
    const double *sums;
    size_t n;
    size_t n_columns;
    const double *replicates; /* n_replicates * n_columns, or NULL */
    const onus_paired_opts *opts;
    size_t block_len;
    double stretch;  /* of replicates, away from the estimate */
    double *scratch; /* the larger of n and n_replicates */
} comparison;

static double column_total(const comparison *c, size_t column) {
    onus_sum sum = {0};
    for (size_t t = 0; t < c->n; t++) {
        onus_sum_add(&sum, c->sums[t * c->n_columns + column]);
    }
    return onus_sum_get(&sum);
}

static void compare_difference(const comparison *c, onus_pair pair, onus_paired *out) {
    for (size_t t = 0; t < c->n; t++) {
        const double *row = c->sums + t * c->n_columns;
        c->scratch[t] = row[pair.product] - row[pair.baseline];
    }
    const double se = onus_waves_se(c->scratch, c->n, 0);
    if (!(se > SE_ROUNDING * (out->product + out->baseline))) {
        out->reason = "the difference is the same in every unit of time";
        return;
    }
    out->difference_se = se;
    out->difference_limits = onus_se_interval(out->difference, se, out->df, c->opts->level);
    out->detectable_difference =
        onus_detectable_difference(out->difference_limits, c->opts->level, c->opts->power);
}

static void compare_ratio(const comparison *c, onus_pair pair, onus_paired *out) {
    if (!(out->baseline > 0.0)) {
        out->ratio_reason = "the method it is compared with captured nothing";
        return;
    }
    out->ratio = out->product / out->baseline;
    if (!(out->product > 0.0)) {
        out->ratio_reason = "a ratio of 0 has no interval: nothing was captured";
        return;
    }
    for (size_t t = 0; t < c->n; t++) {
        const double *row = c->sums + t * c->n_columns;
        c->scratch[t] = row[pair.product] / out->product - row[pair.baseline] / out->baseline;
    }
    const double se = onus_waves_se(c->scratch, c->n, 0);
    if (!(se > SE_ROUNDING)) {
        out->ratio_reason = "the ratio is the same in every unit of time";
        return;
    }
    out->log_se = se;
    out->ratio_limits = onus_log_interval(log(out->ratio), se, out->df, c->opts->level);
    out->detectable_ratio =
        onus_detectable_ratio(out->ratio_limits, c->opts->level, c->opts->power);
}

/* How far from the estimate the replicates are, up to the level: the distances in scratch. An
 * undefined replicate is infinitely far. */
static onus_status bootstrap_reach(const comparison *c, double *reach) {
    const size_t n = (size_t)c->opts->n_replicates;
    double *sorted = NULL;
    for (size_t r = 0; r < n; r++) {
        c->scratch[r] = isnan(c->scratch[r]) ? INFINITY : fabs(c->scratch[r]);
    }
    const onus_status status = onus_sort_values(c->scratch, n, &sorted);
    if (status == ONUS_OK) {
        *reach = c->stretch * onus_quantile_sorted(sorted, n, c->opts->level);
    }
    onus_free(sorted);
    return status;
}

/* As far to either side. Percentiles of the replicates would put the long tail of a skewed sum on
 * the wrong side of the estimate: 1 to 2 points of coverage where single days are the units. */
static onus_status bootstrap_limits(const comparison *c, onus_pair pair, onus_paired *out) {
    onus_status status = ONUS_OK;
    const size_t n = (size_t)c->opts->n_replicates;
    double reach = NAN;
    for (size_t r = 0; r < n; r++) {
        const double *row = c->replicates + r * c->n_columns;
        c->scratch[r] = row[pair.product] - row[pair.baseline] - out->difference;
    }
    ONUS_TRY(bootstrap_reach(c, &reach));
    out->difference_bootstrap = (onus_limits){out->difference - reach, out->difference + reach};
    if (!(out->ratio > 0.0)) {
        goto out;
    }
    for (size_t r = 0; r < n; r++) {
        const double *row = c->replicates + r * c->n_columns;
        c->scratch[r] = log(row[pair.product] / row[pair.baseline]) - log(out->ratio);
    }
    ONUS_TRY(bootstrap_reach(c, &reach));
    out->ratio_bootstrap = (onus_limits){out->ratio * exp(-reach), out->ratio * exp(reach)};
out:
    return status;
}

static onus_status compare(const comparison *c, onus_pair pair, onus_paired *out) {
    *out = (onus_paired){.ratio = NAN,
                         .ratio_limits = onus_limits_none(),
                         .difference_limits = onus_limits_none(),
                         .log_se = NAN,
                         .difference_se = NAN,
                         .df = NAN,
                         .ratio_bootstrap = onus_limits_none(),
                         .difference_bootstrap = onus_limits_none(),
                         .detectable_ratio = NAN,
                         .detectable_difference = NAN,
                         .n_units = c->n,
                         .block_len = c->block_len};
    out->product = column_total(c, pair.product);
    out->baseline = column_total(c, pair.baseline);
    out->difference = out->product - out->baseline;
    if (c->n < 2) {
        out->reason = "a single unit of time";
        out->ratio_reason = out->reason;
        out->ratio = out->baseline > 0.0 ? out->product / out->baseline : NAN;
        return ONUS_OK;
    }
    out->df = (double)onus_n_waves(c->n);
    compare_difference(c, pair, out);
    compare_ratio(c, pair, out);
    out->trusted = c->n >= UNITS_MIN;
    if (!out->trusted) {
        out->reason = "too few units to trust: fewer than 8 units of time";
    }
    return c->replicates == NULL ? ONUS_OK : bootstrap_limits(c, pair, out);
}

/* 1.25 n^(1/3) rounded up, in whole numbers. n^(1/3) itself, the textbook's order, fell just short
 * of 93 % where clusters run on (tests/stat/paired.c). */
static size_t block_length(size_t n) {
    size_t len = 1;
    while (64 * len * len * len < 125 * n) {
        len++;
    }
    return len;
}

onus_status onus_paired_compare(const double *sums, size_t n_units, size_t n_columns,
                                const onus_pair *pairs, size_t n_pairs,
                                const onus_paired_opts *opts, const onus_context *context,
                                onus_paired *out, onus_error *err) {
    if (!(opts->level > 0.0 && opts->level < 1.0) || !(opts->power > 0.0 && opts->power < 1.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a level or a power is not between 0 and 1");
    }
    for (size_t i = 0; i < n_units * n_columns; i++) {
        if (!(sums[i] >= 0.0) || !isfinite(sums[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "what is compared is negative or not a number");
        }
    }
    for (size_t k = 0; k < n_pairs; k++) {
        if (pairs[k].product >= n_columns || pairs[k].baseline >= n_columns) {
            return onus_bug(err, "a pair names a column that is not there");
        }
    }
    onus_status status = ONUS_OK;
    comparison c = {.sums = sums, .n = n_units, .n_columns = n_columns, .opts = opts};
    double *replicates = NULL;
    const size_t n_replicates = n_units < 2 ? 0 : (size_t)opts->n_replicates;
    c.scratch = onus_alloc_n(n_units > n_replicates ? n_units : n_replicates, sizeof *c.scratch);
    if (c.scratch == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    if (n_units >= 2) {
        c.block_len = opts->block_len > 0 ? opts->block_len : block_length(n_units);
        c.block_len = c.block_len <= n_units / 2 ? c.block_len : n_units / 2;
    }
    if (n_replicates > 0) {
        size_t n_values = 0;
        if (!__builtin_mul_overflow(n_replicates, n_columns, &n_values)) {
            replicates = onus_alloc_n(n_values, sizeof *replicates);
        }
        if (replicates == NULL) {
            status = onus_fail_nomem(err);
            goto out;
        }
        const double n = (double)n_units;
        const double len = (double)c.block_len;
        c.stretch = sqrt(n / (n - len)) * onus_t_quantile(0.5 + 0.5 * opts->level, n / len - 1.0) /
                    onus_normal_quantile(0.5 + 0.5 * opts->level);
        ONUS_TRY(onus_time_bootstrap(sums, n_units, n_columns, c.block_len, opts->seed,
                                     n_replicates, context, replicates, err));
        c.replicates = replicates;
    }
    for (size_t k = 0; k < n_pairs; k++) {
        status = compare(&c, pairs[k], &out[k]);
        if (status != ONUS_OK) {
            status = onus_fail_nomem(err);
            goto out;
        }
    }
out:
    onus_free(replicates);
    onus_free(c.scratch);
    return status;
}

double onus_paired_ratio_p(const onus_paired *paired, double bound) {
    if (!(bound > 0.0)) {
        return NAN;
    }
    return onus_se_p(log(paired->ratio), paired->log_se, paired->df, log(bound));
}

double onus_paired_difference_p(const onus_paired *paired, double bound) {
    return onus_se_p(paired->difference, paired->difference_se, paired->df, bound);
}
