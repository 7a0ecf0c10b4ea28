/* Counts for the feedback urn, one 64-bit word each: Poisson increments and binomial decay.
 *
 * The urn asks for the same few distributions a million times: a Poisson count for each mean in its
 * rows, and a Binomial(n, p) with one p and n = what an area holds by now. So their distribution
 * functions are laid out as tables once, a Poisson mean and an n each (n below 1,024, past which
 * one count is worked out by itself, from the mode outwards). A byte of the word finds the count in
 * nineteen cases of twenty:
 *
 *     cdf     0--------T0------------T1---------T2----T3-...   2^64
 *     guide   |  0  | ? |  1  |  1  | ?  |  2  | ?  | ?  |     ?: search the thresholds
 *
 * Always one word, whatever the count: that is what lets two urns with one seed meet the same luck.
 * Tails beyond 2^-70 of the mode, less than a word can tell apart, are left out. Called by
 * stats_urn_draw.c. Never draws by itself. */
#include "stats_urn_internal.h"

#include <math.h>

#include "onus/alloc.h"
#include "onus/sum.h"

static const double tail = 0x1p-70;

/* ---- terms of a distribution, up to a factor: 1 at the mode ---- */
typedef struct family {
    double n;        /* trials; INFINITY: Poisson */
    double ratio_up; /* the mean, or p / (1 - p) */
} family;

/* P(k + 1) / P(k). */
static double step_up(const family *f, double k) {
    return isinf(f->n) ? f->ratio_up / (k + 1) : (f->n - k) / (k + 1) * f->ratio_up;
}

typedef struct span {
    double low;
    double mode;
    double high;
} span;

static span span_of(const family *f, double mode) {
    span s = {.low = mode, .mode = mode, .high = mode};
    double term = 1;
    while (s.low > 0 && (term /= step_up(f, s.low - 1)) > tail) {
        s.low--;
    }
    term = 1;
    while (s.high < f->n && (term *= step_up(f, s.high)) > tail) {
        s.high++;
    }
    return s;
}

static size_t span_size(const span *s) {
    return (size_t)(s->high - s->low) + 1;
}

/* A share of 1 of the 64-bit words. */
static uint64_t word_of(double p) {
    return p >= 1 ? UINT64_MAX : (uint64_t)ldexp(p, 64);
}

static void fill_guide(urn_inverse *inverse) {
    const uint64_t within = UINT64_MAX >> 8; /* what the first byte leaves open */
    uint32_t at = 0;                         /* the count of a cell's lowest word */
    for (unsigned cell = 0; cell < 256; cell++) {
        const uint64_t low = (uint64_t)cell << 56;
        while (at + 1 < inverse->n && inverse->threshold[at] <= low) {
            at++;
        }
        const bool is_last = at + 1 == inverse->n;
        const bool is_settled = is_last || inverse->threshold[at] > (low | within);
        inverse->guide[cell] = is_settled && at < URN_UNSETTLED ? (uint8_t)at : URN_UNSETTLED;
    }
}

/* threshold, term: as many as the span has counts. */
static void fill(urn_inverse *inverse, const family *f, const span *s, uint64_t *threshold,
                 double *term) {
    const size_t n = span_size(s);
    const size_t mode = (size_t)(s->mode - s->low);
    term[mode] = 1;
    for (size_t k = mode; k-- > 0;) {
        term[k] = term[k + 1] / step_up(f, s->low + (double)k);
    }
    for (size_t k = mode; k + 1 < n; k++) {
        term[k + 1] = term[k] * step_up(f, s->low + (double)k);
    }
    const double all = onus_sum_of(term, n);
    onus_sum below = {0};
    for (size_t k = 0; k < n; k++) {
        onus_sum_add(&below, term[k]);
        threshold[k] = word_of(onus_sum_get(&below) / all);
    }
    threshold[n - 1] = UINT64_MAX;
    inverse->threshold = threshold;
    inverse->n = (uint32_t)n;
    inverse->first = (uint32_t)s->low;
    fill_guide(inverse);
}

uint32_t urn_inverse_search(const urn_inverse *inverse, uint64_t word) {
    uint32_t low = 0; /* the answer lies in [low, high] */
    uint32_t high = inverse->n - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (word < inverse->threshold[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return inverse->first + low;
}

/* ---- Poisson ---- */
urn_inverse *urn_poisson_new(double mean) {
    const family f = {.n = INFINITY, .ratio_up = mean};
    const span s = span_of(&f, floor(mean));
    const size_t n = span_size(&s);
    urn_inverse *inverse = onus_alloc(sizeof *inverse + n * sizeof(uint64_t));
    double *term = onus_alloc_n(n, sizeof *term);
    if (inverse != NULL && term != NULL) {
        fill(inverse, &f, &s, (uint64_t *)(inverse + 1), term);
    } else {
        onus_free(inverse);
        inverse = NULL;
    }
    onus_free(term);
    return inverse;
}

/* ---- decay ---- */
enum { MAX_ROWS = 1024, MAX_ROW_MEAN = 32 };

onus_status urn_decay_init(urn_decay *out, double p) {
    *out = (urn_decay){.p = p};
    onus_status status = ONUS_ERR_NOMEM;
    const size_t n_rows = (size_t)fmin(MAX_ROWS, 1 + MAX_ROW_MEAN / p);
    double *term = NULL;
    span *spans = onus_alloc_n(n_rows, sizeof *spans);
    urn_inverse *row = onus_alloc_n(n_rows, sizeof *row);
    uint64_t *threshold = NULL;
    if (spans == NULL || row == NULL) {
        goto out;
    }
    size_t n_all = 0;
    for (size_t n = 0; n < n_rows; n++) {
        const family f = {.n = (double)n, .ratio_up = p / (1 - p)};
        spans[n] = span_of(&f, fmin((double)n, floor((double)(n + 1) * p)));
        n_all += span_size(&spans[n]);
    }
    threshold = onus_alloc_n(n_all, sizeof *threshold);
    term = onus_alloc_n(n_rows, sizeof *term); /* a row has at most n + 1 counts */
    if (threshold == NULL || term == NULL) {
        goto out;
    }
    size_t at = 0;
    for (size_t n = 0; n < n_rows; n++) {
        const family f = {.n = (double)n, .ratio_up = p / (1 - p)};
        fill(&row[n], &f, &spans[n], threshold + at, term);
        at += span_size(&spans[n]);
    }
    out->row = row;
    out->threshold = threshold;
    out->n_rows = n_rows;
    row = NULL;
    threshold = NULL;
    status = ONUS_OK;
out:
    onus_free(spans);
    onus_free(row);
    onus_free(threshold);
    onus_free(term);
    return status;
}

void urn_decay_clear(urn_decay *decay) {
    onus_free(decay->row);
    onus_free(decay->threshold);
    *decay = (urn_decay){0};
}

/* log n! - log(sqrt(2 pi n) (n/e)^n), n >= 16: Stirling's series, to 1e-14. */
static double stirling_error(double n) {
    const double square = 1 / (n * n);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) / n;
}

/* x log(x / mean) + mean - x for x near the mean (Loader 2000, "Fast and accurate computation of
 * binomial probabilities": no difference of large numbers, as lgamma would have). */
static double deviance(double x, double mean) {
    const double off = (x - mean) / mean;
    return mean * ((1 + off) * log1p(off) - off);
}

/* Binomial(n, p), n p >= 16, p <= 1/2: outwards from the mode, one count on each side in turn. */
static double count_from_mode(double n, double p, double left) {
    const double q = 1 - p;
    const double mode = floor((n + 1) * p);
    const double rest = n - mode;
    double up = exp(stirling_error(n) - stirling_error(mode) - stirling_error(rest) -
                    deviance(mode, n * p) - deviance(rest, n * q)) *
                sqrt(n / (2 * M_PI * mode * rest));
    double down = up;
    double high = mode;
    double low = mode;
    left -= up;
    while (left >= 0 && (up > 0 || down > 0)) {
        if (up > 0) {
            up *= high < n ? (n - high) / (high + 1) * (p / q) : 0;
            high++;
            left -= up;
            if (left < 0) {
                return high;
            }
        }
        if (down > 0) {
            down *= low > 0 ? low / (n - low + 1) * (q / p) : 0;
            low--;
            left -= down;
            if (left < 0) {
                return low;
            }
        }
    }
    return mode; /* what rounding left over, under 1e-13 */
}

/* n p < 32: upwards from 0. */
static double count_from_zero(double n, double p, double left) {
    double term = exp(n * log1p(-p));
    double k = 0;
    while (left >= term && (term > 0x1p-60 || k < n * p)) {
        left -= term;
        k++;
        term *= (n - k + 1) / k * (p / (1 - p));
    }
    return k;
}

double urn_decay_search(const urn_decay *decay, double n, uint64_t word) {
    const double whole = floor(n);
    const double u = (double)(word >> 11) * 0x1p-53;
    const bool is_more_than_half = decay->p > 0.5;
    const double p = is_more_than_half ? 1 - decay->p : decay->p;
    const double k =
        whole * p < MAX_ROW_MEAN ? count_from_zero(whole, p, u) : count_from_mode(whole, p, u);
    return is_more_than_half ? whole - k : k;
}
