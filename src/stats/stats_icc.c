/* Intraclass correlations: how much of what varies in numbers lies between the units rated.
 *
 * Shrout & Fleiss (1979) from the mean squares of a units x raters table: B between units, W within
 * them, J between raters, E what is left. The one-way form needs no table: numbers by unit, any
 * number of them. Intervals by F under normal theory. Called by the affect trial for scores of
 * named raters. Never fills a hole in the table: units that some rater left out are counted and
 * left out. */
#include "onus/stats_icc.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

#include "onus/alloc.h"
#include "onus/sum.h"

static const char *const ALL_EQUAL = "all numbers are equal: there was nothing to agree about";
static const char *const FEW_UNITS = "fewer than two units";
static const char *const FEW_WHOLE = "fewer than two units that every rater scored";
static const char *const FEW_RATERS = "fewer than two raters";

static onus_icc_value none(const char *reason) {
    return (onus_icc_value){.value = onus_number_none(reason),
                            .limits = onus_limits_none(),
                            .f = NAN,
                            .df1 = NAN,
                            .df2 = NAN};
}

/* What is called 0 is 0 up to rounding: a mean square below this share of the total is none. */
static const double ROUNDING = 1e-14;

static double upper_f(double level, double df1, double df2) {
    return gsl_cdf_fdist_Pinv(0.5 + 0.5 * level, df1, df2);
}

/* Limits of a statistic F with a true ratio of variances behind it. */
static onus_limits f_limits(double f, double df1, double df2, double level) {
    return (onus_limits){.low = f / upper_f(level, df1, df2), .high = f * upper_f(level, df2, df1)};
}

static double of_one(double f, double k) {
    return isinf(f) ? 1.0 : (f - 1.0) / (f + k - 1.0);
}

/* One form from its F: for a single rating (k ratings behind F) and for their mean. */
static void from_f(double f, double df1, double df2, double k, double level, onus_icc_value *one,
                   onus_icc_value *mean) {
    const onus_limits limits = f_limits(f, df1, df2, level);
    *one = (onus_icc_value){.value = onus_number_of(of_one(f, k)),
                            .limits = {of_one(limits.low, k), of_one(limits.high, k)},
                            .f = f,
                            .df1 = df1,
                            .df2 = df2};
    if (mean == NULL) {
        return;
    }
    *mean = *one;
    if (f > 0.0) {
        mean->value = onus_number_of(1.0 - 1.0 / f);
        mean->limits = (onus_limits){1.0 - 1.0 / limits.low, 1.0 - 1.0 / limits.high};
    } else {
        *mean = none("the units' means are all equal: their reliability has no lower end");
    }
}

/* ---- two ways ---- */

typedef struct squares {
    double n;
    double k;
    double between; /* mean squares */
    double within;
    double raters;
    double rest;
} squares;

static bool all_equal(const double *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (values[i] != values[0]) {
            return false;
        }
    }
    return true;
}

static double mean_of(const double *table, size_t n, size_t stride) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, table[i * stride]);
    }
    return onus_sum_get(&sum) / (double)n;
}

/* Two passes: means, then squares of what is left of them. `row` has room for n means. */
static squares mean_squares(const double *table, size_t n, size_t k, double *row, double *column) {
    onus_sum between = {0};
    onus_sum within = {0};
    onus_sum raters = {0};
    onus_sum rest = {0};
    const double all = mean_of(table, n * k, 1);
    for (size_t u = 0; u < n; u++) {
        row[u] = mean_of(table + u * k, k, 1);
        onus_sum_add(&between, (double)k * (row[u] - all) * (row[u] - all));
    }
    for (size_t j = 0; j < k; j++) {
        column[j] = mean_of(table + j, n, k);
        onus_sum_add(&raters, (double)n * (column[j] - all) * (column[j] - all));
    }
    for (size_t i = 0; i < n * k; i++) {
        const double in_row = table[i] - row[i / k];
        const double left = in_row - column[i % k] + all;
        onus_sum_add(&within, in_row * in_row);
        onus_sum_add(&rest, left * left);
    }
    const double floor_ = ROUNDING * (onus_sum_get(&between) + onus_sum_get(&within));
    const double left = onus_sum_get(&rest) > floor_ ? onus_sum_get(&rest) : 0.0;
    const double units = (double)n;
    const double ways = (double)k;
    return (squares){.n = units,
                     .k = ways,
                     .between = onus_sum_get(&between) / (units - 1.0),
                     .within = onus_sum_get(&within) / (units * (ways - 1.0)),
                     .raters = onus_sum_get(&raters) / (ways - 1.0),
                     .rest = left / ((units - 1.0) * (ways - 1.0))};
}

static double of_mean(double one, double k) {
    return k * one / (1.0 + (k - 1.0) * one);
}

/* Absolute agreement of two ways: its interval by Satterthwaite's degrees of freedom (Shrout &
 * Fleiss 1979, p. 424; McGraw & Wong 1996). */
static void agreement_form(const squares *s, double level, onus_icc_value *one,
                           onus_icc_value *mean) {
    const double n = s->n;
    const double k = s->k;
    const double room = s->between + (k - 1.0) * s->rest + k * (s->raters - s->rest) / n;
    const double icc = (s->between - s->rest) / room;
    const double fj = s->raters / s->rest;
    const double a = n * (1.0 + (k - 1.0) * icc) - k * icc;
    const double top = (k - 1.0) * (n - 1.0) * (k * icc * fj + a) * (k * icc * fj + a);
    const double v = top / ((n - 1.0) * k * k * icc * icc * fj * fj + a * a);
    *one = (onus_icc_value){.value = onus_number_of(icc),
                            .limits = onus_limits_none(),
                            .f = s->between / s->rest,
                            .df1 = n - 1.0,
                            .df2 = (n - 1.0) * (k - 1.0)};
    if (isfinite(v) && v > 0.0) {
        const double f_low = upper_f(level, n - 1.0, v);
        const double f_high = upper_f(level, v, n - 1.0);
        const double others = k * s->raters + (k * n - k - n) * s->rest;
        one->limits =
            (onus_limits){n * (s->between - f_low * s->rest) / (f_low * others + n * s->between),
                          n * (f_high * s->between - s->rest) / (others + n * f_high * s->between)};
    }
    *mean = *one;
    mean->value = onus_number_of(of_mean(icc, k));
    if (!isnan(one->limits.low)) {
        mean->limits = (onus_limits){of_mean(one->limits.low, k), of_mean(one->limits.high, k)};
    }
}

static void all_forms(const squares *s, double level, onus_icc *out) {
    const double n = s->n;
    const double k = s->k;
    from_f(s->within > 0.0 ? s->between / s->within : INFINITY, n - 1.0, n * (k - 1.0), k, level,
           &out->forms[ONUS_ICC_1], &out->forms[ONUS_ICC_1K]);
    from_f(s->rest > 0.0 ? s->between / s->rest : INFINITY, n - 1.0, (n - 1.0) * (k - 1.0), k,
           level, &out->forms[ONUS_ICC_3], &out->forms[ONUS_ICC_3K]);
    agreement_form(s, level, &out->forms[ONUS_ICC_2], &out->forms[ONUS_ICC_2K]);
    /* k / (k - 1) (1 - sum of the raters' variances / variance of the sums) is (B - E) / B */
    out->cronbach = out->forms[ONUS_ICC_3K].value;
}

/* Where each unit's row stands among those that have a score of every rater; -1: left out. */
static onus_status find_whole(const onus_named_score *scores, size_t n_scores, size_t n_units,
                              size_t n_raters, int64_t *row, size_t *n_whole, onus_error *err) {
    for (size_t i = 0; i < n_scores; i++) {
        const onus_named_score *s = &scores[i];
        if (s->unit < 0 || (size_t)s->unit >= n_units || s->rater < 0 ||
            (size_t)s->rater >= n_raters || !isfinite(s->score)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a score is not a number, or of no known unit or rater");
        }
        row[s->unit]++; /* for now: how many scores */
    }
    *n_whole = 0;
    for (size_t u = 0; u < n_units; u++) {
        if (row[u] > (int64_t)n_raters) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a rater scored the same unit twice");
        }
        row[u] = row[u] == (int64_t)n_raters && n_raters > 0 ? (int64_t)(*n_whole)++ : -1;
    }
    return ONUS_OK;
}

static onus_status fill(const onus_named_score *scores, size_t n_scores, size_t n_raters,
                        const int64_t *row, size_t n_whole, double *table, onus_error *err) {
    for (size_t i = 0; i < n_whole * n_raters; i++) {
        table[i] = NAN;
    }
    for (size_t i = 0; i < n_scores; i++) {
        if (row[scores[i].unit] < 0) {
            continue;
        }
        double *cell = &table[(size_t)row[scores[i].unit] * n_raters + (size_t)scores[i].rater];
        if (!isnan(*cell)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a rater scored the same unit twice");
        }
        *cell = scores[i].score;
    }
    return ONUS_OK;
}

onus_status onus_icc_two_way(const onus_named_score *scores, size_t n_scores, size_t n_units,
                             size_t n_raters, double level, onus_icc *out, onus_error *err) {
    onus_status status = ONUS_OK;
    double *table = NULL;
    double *means = NULL;
    size_t n = 0;
    int64_t *row = onus_alloc_n(n_units, sizeof *row);
    if (row == NULL) {
        return onus_fail_nomem(err);
    }
    ONUS_TRY(find_whole(scores, n_scores, n_units, n_raters, row, &n, err));
    table = onus_alloc_n(n * n_raters, sizeof *table); /* no more than n_scores */
    means = onus_alloc_n(n + n_raters, sizeof *means);
    if (table == NULL || means == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(fill(scores, n_scores, n_raters, row, n, table, err));
    *out = (onus_icc){.n_units = n, .n_left_out = n_units - n, .n_raters = n_raters};
    const char *why = n_raters < 2                     ? FEW_RATERS
                      : n < 2                          ? FEW_WHOLE
                      : all_equal(table, n * n_raters) ? ALL_EQUAL
                                                       : NULL;
    if (why != NULL) {
        for (int f = 0; f < ONUS_N_ICC; f++) {
            out->forms[f] = none(why);
        }
        out->cronbach = onus_number_none(why);
        goto out;
    }
    const squares s = mean_squares(table, n, n_raters, means, means + n);
    all_forms(&s, level, out);
out:
    onus_free(table);
    onus_free(means);
    onus_free(row);
    return status;
}

/* ---- one way ---- */

typedef struct group {
    double n;
    onus_sum sum;
} group;

static void one_way(const int32_t *unit, const double *scores, size_t n_scores, group *groups,
                    size_t n_units, double level, onus_icc_value *out) {
    double k = 0.0;
    double sum_squares = 0.0; /* of group sizes: whole numbers */
    for (size_t u = 0; u < n_units; u++) {
        k += groups[u].n > 0.0;
        sum_squares += groups[u].n * groups[u].n;
    }
    const double n = (double)n_scores;
    if (k < 2.0 || n <= k || all_equal(scores, n_scores)) {
        *out = none(k < 2.0 ? FEW_UNITS : n <= k ? "no unit has two numbers" : ALL_EQUAL);
        return;
    }
    const double all = mean_of(scores, n_scores, 1);
    onus_sum between = {0};
    onus_sum within = {0};
    for (size_t u = 0; u < n_units; u++) {
        const double off =
            groups[u].n > 0.0 ? onus_sum_get(&groups[u].sum) / groups[u].n - all : 0.0;
        onus_sum_add(&between, groups[u].n * off * off);
    }
    for (size_t i = 0; i < n_scores; i++) {
        const group *g = &groups[unit[i]];
        const double off = scores[i] - onus_sum_get(&g->sum) / g->n;
        onus_sum_add(&within, off * off);
    }
    const double msb = onus_sum_get(&between) / (k - 1.0);
    const double left = onus_sum_get(&within);
    const bool none_left = left <= ROUNDING * onus_sum_get(&between);
    const double size = (n - sum_squares / n) / (k - 1.0);
    from_f(none_left ? INFINITY : msb / (left / (n - k)), k - 1.0, n - k, size, level, out, NULL);
}

onus_status onus_icc_one_way(const int32_t *unit, const double *scores, size_t n_scores,
                             size_t n_units, double level, onus_icc_value *out, onus_error *err) {
    group *groups = onus_alloc_n(n_units, sizeof *groups);
    if (groups == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t i = 0; i < n_scores; i++) {
        if (unit[i] < 0 || (size_t)unit[i] >= n_units || !isfinite(scores[i])) {
            onus_free(groups);
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a score is not a number, or of no known unit");
        }
        groups[unit[i]].n += 1.0;
        onus_sum_add(&groups[unit[i]].sum, scores[i]);
    }
    one_way(unit, scores, n_scores, groups, n_units, level, out);
    onus_free(groups);
    return ONUS_OK;
}
