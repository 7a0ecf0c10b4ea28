/* Ranks and what is made of them.
 *
 * Everything here sorts (value, index) pairs, ties by index, so that the order never depends on the
 * sorting routine. Mid-ranks give tied areas the rank they share; a published figure that let the
 * order of the input file break its ties is reproduced elsewhere, by its own convention, never
 * here. Called by the trials for correlations, deciles and medians, and by stats_interval.c. Never
 * drops a NaN in silence: it is an error or an undefined result with that reason. */
#include "onus/stats_rank.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_sort.h"

onus_status onus_rank_mid(const double *values, size_t n, double *ranks) {
    onus_status status = ONUS_OK;
    onus_sorted *order = NULL;
    ONUS_TRY(onus_sort_pairs(values, n, &order));
    for (size_t i = 0; i < n;) {
        size_t j = i + 1;
        while (j < n && order[j].value == order[i].value) {
            j++;
        }
        /* ranks i + 1 .. j share their mean */
        const double rank = 0.5 * (double)(i + 1 + j);
        for (size_t k = i; k < j; k++) {
            ranks[order[k].index] = rank;
        }
        i = j;
    }
out:
    onus_free(order);
    return status;
}

double onus_quantile_sorted(const double *sorted, size_t n, double p) {
    if (n == 0 || !(p >= 0.0 && p <= 1.0)) {
        return NAN;
    }
    const double place = (double)(n - 1) * p;
    const double below = floor(place);
    const size_t i = (size_t)below;
    if (i + 1 >= n) {
        return sorted[n - 1];
    }
    const double frac = place - below;
    if (frac == 0.0 || sorted[i] == sorted[i + 1]) {
        return sorted[i]; /* also keeps infinite neighbours from giving NaN */
    }
    return sorted[i] + frac * (sorted[i + 1] - sorted[i]);
}

onus_status onus_quantiles(const double *values, size_t n, const double *p, size_t n_p,
                           double *out) {
    onus_status status = ONUS_OK;
    double *sorted = NULL;
    ONUS_TRY(onus_sort_values(values, n, &sorted));
    for (size_t k = 0; k < n_p; k++) {
        out[k] = onus_quantile_sorted(sorted, n, p[k]);
    }
out:
    onus_free(sorted);
    return status;
}

onus_status onus_median(const double *values, size_t n, double *out) {
    const double half = 0.5;
    return onus_quantiles(values, n, &half, 1, out);
}

onus_status onus_quantile_weighted(const double *values, const double *weights, size_t n, double p,
                                   onus_number *out) {
    onus_status status = ONUS_OK;
    onus_sorted *order = NULL;
    onus_sum all = {0};
    for (size_t i = 0; i < n; i++) {
        if (!(weights[i] >= 0.0) || !isfinite(weights[i])) {
            return ONUS_ERR_DOMAIN;
        }
        onus_sum_add(&all, weights[i]);
    }
    if (!(p >= 0.0 && p <= 1.0)) {
        return ONUS_ERR_DOMAIN;
    }
    ONUS_TRY(onus_sort_pairs(values, n, &order));
    *out = onus_number_none("no weight");
    const double target = p * onus_sum_get(&all);
    onus_sum reached = {0};
    size_t i = 0;
    while (i < n) {
        const double value = order[i].value;
        double weight = 0.0;
        for (; i < n && order[i].value == value; i++) {
            weight += weights[order[i].index];
        }
        if (weight == 0.0) {
            continue;
        }
        onus_sum_add(&reached, weight);
        *out = onus_number_of(value);
        const double now = onus_sum_get(&reached);
        if (now > target) {
            break;
        }
        if (now == target) {
            for (; i < n && weights[order[i].index] == 0.0; i++) {
            }
            if (i < n) {
                *out = onus_number_of(0.5 * (value + order[i].value));
            }
            break;
        }
    }
out:
    onus_free(order);
    return status;
}

onus_number onus_pearson(const double *a, const double *b, size_t n) {
    if (n < 3) {
        return onus_number_none("fewer than 3 areas to correlate");
    }
    bool a_varies = false;
    bool b_varies = false;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i])) {
            return onus_number_none("a value to correlate is missing");
        }
        a_varies = a_varies || a[i] != a[0];
        b_varies = b_varies || b[i] != b[0];
    }
    if (!a_varies || !b_varies) {
        return onus_number_none("one of the two is the same everywhere");
    }
    const double mean_a = onus_sum_of(a, n) / (double)n;
    const double mean_b = onus_sum_of(b, n) / (double)n;
    onus_sum aa = {0};
    onus_sum bb = {0};
    onus_sum ab = {0};
    for (size_t i = 0; i < n; i++) {
        const double da = a[i] - mean_a;
        const double db = b[i] - mean_b;
        onus_sum_add(&aa, da * da);
        onus_sum_add(&bb, db * db);
        onus_sum_add(&ab, da * db);
    }
    /* one root where the product neither under- nor overflows: r(a, a) is then exactly 1 */
    const double product = onus_sum_get(&aa) * onus_sum_get(&bb);
    const double scale =
        isnormal(product) ? sqrt(product) : sqrt(onus_sum_get(&aa)) * sqrt(onus_sum_get(&bb));
    if (!(scale > 0.0) || !isfinite(scale)) {
        return onus_number_none("one of the two is the same everywhere");
    }
    const double r = onus_sum_get(&ab) / scale;
    return onus_number_of(fmax(-1.0, fmin(1.0, r)));
}

onus_status onus_spearman(const double *a, const double *b, size_t n, onus_number *out) {
    onus_status status = ONUS_OK;
    double *ranks = NULL;
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i]) || isnan(b[i])) {
            *out = onus_number_none("a value to correlate is missing");
            return ONUS_OK;
        }
    }
    ranks = onus_alloc_n(n, 2 * sizeof *ranks);
    if (ranks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_rank_mid(a, n, ranks));
    ONUS_TRY(onus_rank_mid(b, n, ranks + n));
    *out = onus_pearson(ranks, ranks + n, n);
out:
    onus_free(ranks);
    return status;
}
