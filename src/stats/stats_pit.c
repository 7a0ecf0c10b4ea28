/* Are counts spread as their forecasts say? Probability integral transforms and Kolmogorov-Smirnov.
 *
 * A count is a lump: its transform is spread evenly over the lump, by a random number (tests need
 * values) or in expectation (histograms do not). The distribution of the largest distance from the
 * diagonal is exact for few windows: Durbin's matrix raised to the power n, as Marsaglia, Tsang and
 * Wang (Journal of Statistical Software 8(18), 2003) do it. Called by the place trial. Never takes
 * windows for independent without its caller saying so. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_calibration.h"
#include "onus/stats_score.h"
#include "stats_sort.h"

static bool is_lump(double low, double high) {
    return low >= 0.0 && low <= high && high <= 1.0;
}

onus_status onus_pit_random(const double *low, const double *high, size_t n, uint64_t seed,
                            double *out) {
    if (n > UINT32_MAX) {
        return ONUS_ERR_DOMAIN;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_lump(low[i], high[i])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    for (size_t i = 0; i < n; i++) {
        onus_rng rng;
        onus_rng_init(&rng, seed, ONUS_STREAM_PLACE_PIT, 0, (uint32_t)i);
        out[i] = fmin(high[i], low[i] + onus_rng_uniform(&rng) * (high[i] - low[i]));
    }
    return ONUS_OK;
}

/* Share of a lump below u. */
static double below(double low, double high, double u) {
    if (u >= high) {
        return 1.0;
    }
    return u <= low ? 0.0 : (u - low) / (high - low);
}

onus_status onus_pit_histogram(const double *low, const double *high, size_t n, size_t n_bins,
                               double *out) {
    if (n == 0 || n_bins == 0) {
        return ONUS_ERR_TOO_FEW;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_lump(low[i], high[i])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    for (size_t b = 0; b < n_bins; b++) {
        /* an end point of a bin belongs to the bin above it, 1 to the last */
        const double from = (double)b / (double)n_bins;
        const double until = (double)(b + 1) / (double)n_bins;
        onus_sum sum = {0};
        for (size_t i = 0; i < n; i++) {
            if (low[i] == high[i]) { /* no lump at all: a point */
                const bool last = b + 1 == n_bins;
                const bool inside = low[i] >= from && (low[i] < until || (last && low[i] <= 1.0));
                onus_sum_add(&sum, inside ? 1.0 : 0.0);
            } else {
                onus_sum_add(&sum, below(low[i], high[i], until) - below(low[i], high[i], from));
            }
        }
        out[b] = onus_sum_get(&sum) / (double)n;
    }
    return ONUS_OK;
}

onus_status onus_pit_poisson(const double *rate, const double *count, size_t n, double *low,
                             double *high) {
    for (size_t i = 0; i < n; i++) {
        const double k = count[i];
        if (!(rate[i] >= 0.0 && rate[i] <= ONUS_RATE_MAX) || !(k >= 0.0) || !isfinite(k) ||
            floor(k) != k) {
            return ONUS_ERR_DOMAIN;
        }
    }
    for (size_t i = 0; i < n; i++) {
        high[i] = onus_poisson_cdf(rate[i], count[i]);
        low[i] = fmin(high[i], onus_poisson_cdf(rate[i], count[i] - 1.0));
    }
    return ONUS_OK;
}

/* ---- Kolmogorov-Smirnov ---- */

static const double BIG = 1e140; /* powers are kept below it, the exponent counted apart */

/* out = a b, m x m. */
static void multiply(const double *a, const double *b, double *out, size_t m) {
    memset(out, 0, m * m * sizeof *out);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < m; k++) {
            const double x = a[i * m + k];
            for (size_t j = 0; j < m; j++) {
                out[i * m + j] += x * b[k * m + j];
            }
        }
    }
}

static void copy_of_product(const double *a, const double *b, double *scratch, double *into,
                            size_t m, int *exponent) {
    multiply(a, b, scratch, m);
    if (scratch[(m / 2) * m + m / 2] > BIG) {
        for (size_t i = 0; i < m * m; i++) {
            scratch[i] /= BIG;
        }
        *exponent += 140;
    }
    memcpy(into, scratch, m * m * sizeof *into);
}

/* P(D_n < d), by Durbin's matrix; names as in the paper. *p in [0, 1]. */
static onus_status kolmogorov_exact(size_t n, double d, double *p) {
    const double square = d * d * (double)n;
    if (n > 20 &&
        square > 7.24) { /* the paper's shortcut: p below 1e-6, right to 7 digits of 1 - p */
        const double root = sqrt((double)n);
        *p = 1.0 - 2.0 * exp(-(2.000071 + 0.331 / root + 1.409 / (double)n) * square);
        return ONUS_OK;
    }
    const size_t k = (size_t)((double)n * d) + 1;
    const size_t m = 2 * k - 1;
    const double h = (double)k - (double)n * d;
    double *matrices = onus_alloc_n(3 * m * m, sizeof *matrices);
    if (matrices == NULL) {
        return ONUS_ERR_NOMEM;
    }
    double *H = matrices;
    double *V = H + m * m;
    double *scratch = V + m * m;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m; j++) {
            H[i * m + j] = j > i + 1 ? 0.0 : 1.0;
        }
    }
    for (size_t i = 0; i < m; i++) {
        H[i * m] -= pow(h, (double)(i + 1));
        H[(m - 1) * m + i] -= pow(h, (double)(m - i));
    }
    H[(m - 1) * m] += 2.0 * h - 1.0 > 0.0 ? pow(2.0 * h - 1.0, (double)m) : 0.0;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m && j <= i + 1; j++) {
            for (size_t g = 1; g <= i + 1 - j; g++) {
                H[i * m + j] /= (double)g;
            }
        }
    }
    int exponent = 0;   /* of V */
    int exponent_h = 0; /* of H */
    for (size_t i = 0; i < m; i++) {
        V[i * m + i] = 1.0;
    }
    for (size_t left = n; left > 0; left /= 2) {
        if (left % 2 == 1) {
            exponent += exponent_h;
            copy_of_product(V, H, scratch, V, m, &exponent);
        }
        if (left > 1) {
            exponent_h *= 2;
            copy_of_product(H, H, scratch, H, m, &exponent_h);
        }
    }
    double s = V[(k - 1) * m + k - 1];
    onus_free(matrices);
    for (size_t i = 1; i <= n; i++) {
        s = s * (double)i / (double)n;
        if (s < 1e-140) {
            s *= 1e140;
            exponent -= 140;
        }
    }
    *p = fmin(1.0, fmax(0.0, s * pow(10.0, exponent)));
    return ONUS_OK;
}

/* P(sqrt(n) D_n >= t) in the limit (Kolmogorov 1933); two series, each where it ends soon. */
static double kolmogorov_tail(double t) {
    static const double PI = 3.14159265358979323846;
    if (t <= 0.0) {
        return 1.0;
    }
    double sum = 0.0;
    if (t < 1.0) {
        for (int k = 1; k <= 9; k += 2) {
            sum += exp(-(double)(k * k) * PI * PI / (8.0 * t * t));
        }
        return 1.0 - sqrt(2.0 * PI) / t * sum;
    }
    for (int k = 1; k <= 7; k++) {
        sum += (k % 2 == 1 ? 1.0 : -1.0) * exp(-2.0 * k * k * t * t);
    }
    return fmin(1.0, 2.0 * sum);
}

onus_status onus_ks_uniform(const double *values, size_t n, onus_ks *out) {
    *out = (onus_ks){.statistic = NAN, .p_value = NAN, .reason = "no values"};
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] >= 0.0 && values[i] <= 1.0)) {
            return ONUS_ERR_DOMAIN;
        }
    }
    if (n == 0) {
        return ONUS_OK;
    }
    double *sorted = NULL;
    onus_status status = onus_sort_values(values, n, &sorted);
    if (status != ONUS_OK) {
        return status;
    }
    double d = 0.0;
    const double count = (double)n;
    for (size_t i = 0; i < n; i++) {
        d = fmax(d, fmax((double)(i + 1) / count - sorted[i], sorted[i] - (double)i / count));
    }
    onus_free(sorted);
    double p = NAN;
    if (n <= ONUS_KS_EXACT) {
        status = kolmogorov_exact(n, d, &p);
        if (status != ONUS_OK) {
            return status;
        }
        p = 1.0 - p;
    } else {
        const double root = sqrt(count);
        p = kolmogorov_tail(root * d + 1.0 / (6.0 * root) + (root * d - 1.0) / (4.0 * count));
    }
    *out = (onus_ks){.statistic = d, .p_value = p, .n = n};
    return ONUS_OK;
}
