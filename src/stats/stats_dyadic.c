/* One rate over comparisons of few people: its variance, its effective size, its interval.
 *
 * A comparison of i and j hangs together with every other one of i or of j. Summed by pair,
 * W_ij = err_ij - rate cnt_ij, and by person, S_i = sum_j W_ij, the sum over all pairs of
 * comparisons that share somebody is sum S_i^2 - sum_{i<j} W_ij^2: no pair of rows is ever formed.
 * Called by the match trial. Never says anything about one person: what goes out are counts and
 * limits of the whole slice (the jackknife's rates feed a standard error only). */
#include "onus/stats_dyadic.h"

#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

enum {
    ERROR_PEOPLE_MIN = 5, /* with fewer the errors seen do not say how people differ */
    /* Of so many a tenth of the people, who may err often, are missing altogether with a chance of
     * 0.9^n < 2.5 %; with fewer an upper limit has to allow for whom it did not see. */
    SEEN_PEOPLE_MIN = 36,
};

/* Steps after which the search for disjoint pairs settles for what it has (a second or two). */
static const uint64_t MATCHING_STEPS = UINT64_C(400000000);

/* ---- sums by person ---- */

typedef struct by_person {
    onus_sum *deviation; /* S_i */
    uint64_t *n_comparisons;
    uint64_t *n_errors;
    double pair_squares; /* sum over i < j of W_ij^2 */
} by_person;

static void by_person_clear(by_person *p) {
    onus_free(p->deviation);
    onus_free(p->n_comparisons);
    onus_free(p->n_errors);
}

static onus_status check_pairs(const onus_dyads *dyads) {
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        if (pair->i < 0 || pair->j < pair->i || (size_t)pair->j >= dyads->n_people ||
            pair->n_errors > pair->n_comparisons) {
            return ONUS_ERR_DOMAIN;
        }
    }
    return ONUS_OK;
}

static onus_status sum_by_person(const onus_dyads *dyads, double rate, by_person *out) {
    *out = (by_person){0};
    const onus_status status = check_pairs(dyads);
    if (status != ONUS_OK) {
        return status;
    }
    out->deviation = onus_alloc_n(dyads->n_people, sizeof *out->deviation);
    out->n_comparisons = onus_alloc_n(dyads->n_people, sizeof *out->n_comparisons);
    out->n_errors = onus_alloc_n(dyads->n_people, sizeof *out->n_errors);
    if (out->deviation == NULL || out->n_comparisons == NULL || out->n_errors == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_sum squares = {0};
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        const double w = (double)pair->n_errors - rate * (double)pair->n_comparisons;
        const size_t ends[2] = {(size_t)pair->i, (size_t)pair->j};
        const size_t n_ends = pair->i == pair->j ? 1 : 2;
        for (size_t e = 0; e < n_ends; e++) {
            onus_sum_add(&out->deviation[ends[e]], w);
            out->n_comparisons[ends[e]] += pair->n_comparisons;
            out->n_errors[ends[e]] += pair->n_errors;
        }
        if (n_ends == 2) {
            onus_sum_add(&squares, w * w);
        }
    }
    out->pair_squares = onus_sum_get(&squares);
    return ONUS_OK;
}

static double rate_of(const onus_dyads *dyads) {
    return dyads->n_comparisons == 0 ? NAN : (double)dyads->n_errors / (double)dyads->n_comparisons;
}

static double variance_of(const by_person *sums, const onus_dyads *dyads) {
    if (dyads->n_comparisons == 0) {
        return NAN;
    }
    onus_sum total = {0};
    for (size_t i = 0; i < dyads->n_people; i++) {
        const double s = onus_sum_get(&sums->deviation[i]);
        onus_sum_add(&total, s * s);
    }
    onus_sum_add(&total, -sums->pair_squares);
    const double n = (double)dyads->n_comparisons;
    return fmax(0.0, onus_sum_get(&total)) / n / n;
}

onus_status onus_dyadic_variance(const onus_dyads *dyads, double *variance, size_t *n_people) {
    by_person sums;
    onus_status status = ONUS_OK;
    ONUS_TRY(sum_by_person(dyads, dyads->n_comparisons == 0 ? 0.0 : rate_of(dyads), &sums));
    *variance = variance_of(&sums, dyads);
    if (n_people != NULL) {
        *n_people = 0;
        for (size_t i = 0; i < dyads->n_people; i++) {
            *n_people += sums.n_comparisons[i] > 0;
        }
    }
out:
    by_person_clear(&sums);
    return status;
}

/* ---- the interval ---- */

/* What the interval of a rate is made of. */
typedef struct spread {
    double rate;
    double n;   /* comparisons */
    double tau; /* variance of the logit that people add; 0: none */
    double t;   /* quantile */
} spread;

/* Whether `truth` is within t standard errors of the rate, the standard error taken at the truth: a
 * comparison adds truth (1 - truth) / n, and people, whose effects multiply odds, add
 * tau (truth (1 - truth))^2. With tau = 0 this is Wilson's interval. */
static bool is_within(const spread *s, double truth) {
    const double each = truth * (1.0 - truth);
    const double gap = truth - s->rate;
    return gap * gap < s->t * s->t * (each / s->n + s->tau * each * each);
}

/* The one limit between the rate, which is within, and `outside` (0 or 1), which is not: beyond the
 * rate gap / each grows and each / n + tau each^2 over each^2 falls until truth = 1/2; from there
 * on gap^2 / each grows and 1 / n + tau each falls, so that the sign changes once. */
static double limit_towards(const spread *s, double outside) {
    double inside = s->rate;
    for (;;) {
        const double middle = 0.5 * (inside + outside);
        if (middle == inside || middle == outside) {
            return middle;
        }
        if (is_within(s, middle)) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
}

static onus_limits score_limits(const onus_dyadic *of, double t) {
    const spread s = {
        .rate = of->rate, .n = (double)of->n_comparisons, .tau = of->logit_variance, .t = t};
    return (onus_limits){.low = limit_towards(&s, 0.0), .high = limit_towards(&s, 1.0)};
}

double onus_zero_bound(double n, double level) {
    return n > 0.0 && level > 0.0 && level < 1.0 ? -expm1(log1p(-level) / n) : NAN;
}

double onus_zero_needed(double bound, double level) {
    return bound > 0.0 && bound < 1.0 && level > 0.0 && level < 1.0
               ? ceil(log1p(-level) / log1p(-bound))
               : NAN;
}

/* Degrees of freedom of the variance: as many as people carry it, (sum S^2)^2 / sum S^4 (Kish's
 * count of the squares), at most all but one. One wolf who causes most of it leaves 1. */
static double df_of(const by_person *sums, size_t n_people_all, size_t n_people) {
    onus_sum squares = {0};
    onus_sum fourths = {0};
    for (size_t i = 0; i < n_people_all; i++) {
        const double s = onus_sum_get(&sums->deviation[i]);
        onus_sum_add(&squares, s * s);
        onus_sum_add(&fourths, s * s * s * s);
    }
    const double all = onus_sum_get(&squares);
    const double most = n_people > 1 ? (double)n_people - 1.0 : 1.0;
    return all > 0.0 ? fmax(1.0, fmin(most, all * all / onus_sum_get(&fourths))) : 1.0;
}

static void bound_without_errors(onus_dyadic *out, double level) {
    const bool none = out->n_errors == 0;
    const double all = onus_zero_bound((double)out->n_comparisons, level);
    const double disjoint = onus_zero_bound((double)out->n_disjoint, level);
    out->by_comparisons = none ? (onus_limits){.low = 0.0, .high = all}
                               : (onus_limits){.low = 1.0 - all, .high = 1.0};
    out->by_disjoint = none ? (onus_limits){.low = 0.0, .high = disjoint}
                            : (onus_limits){.low = 1.0 - disjoint, .high = 1.0};
    out->limits = out->by_disjoint;
    out->among_seen = out->by_disjoint;
    out->method = "exact one-sided, disjoint pairs of people";
}

/* Errors of two people multiply what each of them brings, so that a few people whom the sample
 * lacks weigh most there; with himself each weighs once, and the limits hold without
 * (docs/statistics.md has both). */
static bool may_lack_people(const onus_dyadic *of, const onus_dyads *dyads) {
    bool of_two = false;
    for (size_t d = 0; d < dyads->n_pairs && !of_two; d++) {
        of_two = dyads->pairs[d].i != dyads->pairs[d].j;
    }
    return of_two && of->n_people < SEEN_PEOPLE_MIN;
}

/* So few people in errors (or in successes) say nothing about how people differ, and so few people
 * nothing about those who are not among them: the limit on their side is then at least as wide as
 * if nobody had been seen in one. */
static void widen_if_few(onus_dyadic *out, bool lacks_people, size_t n_in_success, double level) {
    const double free_of_doubt = onus_zero_bound((double)out->n_disjoint, level);
    out->among_seen = out->limits;
    if (out->n_people_in_error < ERROR_PEOPLE_MIN) {
        out->among_seen.high = fmax(out->limits.high, free_of_doubt);
    }
    if (n_in_success < ERROR_PEOPLE_MIN) {
        out->among_seen.low = fmin(out->limits.low, 1.0 - free_of_doubt);
    }
    if ((lacks_people || out->n_people_in_error < ERROR_PEOPLE_MIN) &&
        free_of_doubt > out->limits.high) {
        out->limits.high = free_of_doubt;
        out->widened = true;
        out->method = "score on pairs of people; upper limit exact, disjoint pairs of people";
    }
    if ((lacks_people || n_in_success < ERROR_PEOPLE_MIN) &&
        1.0 - free_of_doubt < out->limits.low) {
        out->limits.low = 1.0 - free_of_doubt;
        out->widened = true;
        out->method = "score on pairs of people; lower limit exact, disjoint pairs of people";
    }
}

onus_status onus_dyadic_estimate(const onus_dyads *dyads, double level, onus_dyadic *out) {
    if (!(level > 0.0 && level < 1.0)) {
        return ONUS_ERR_DOMAIN;
    }
    onus_status status = ONUS_OK;
    onus_dyadic found = {
        .rate = rate_of(dyads),
        .n_errors = dyads->n_errors,
        .n_comparisons = dyads->n_comparisons,
        .n_pairs = dyads->n_pairs,
        .n_effective = NAN,
        .df = NAN,
        .wilson = onus_limits_none(),
        .naive = onus_wilson((double)dyads->n_errors, (double)dyads->n_comparisons, level),
        .limits = onus_limits_none(),
        .among_seen = onus_limits_none(),
        .by_comparisons = onus_limits_none(),
        .by_disjoint = onus_limits_none(),
    };
    by_person sums;
    ONUS_TRY(sum_by_person(dyads, dyads->n_comparisons == 0 ? 0.0 : found.rate, &sums));
    size_t n_in_success = 0;
    for (size_t i = 0; i < dyads->n_people; i++) {
        found.n_people += sums.n_comparisons[i] > 0;
        found.n_people_in_error += sums.n_errors[i] > 0;
        n_in_success += sums.n_comparisons[i] > sums.n_errors[i];
    }
    ONUS_TRY(onus_dyads_disjoint(dyads, MATCHING_STEPS, &found.n_disjoint, NULL));
    found.variance = variance_of(&sums, dyads);
    if (found.n_comparisons > 0) {
        const double n = (double)found.n_comparisons;
        const double each = found.rate * (1.0 - found.rate);
        if (found.n_errors == 0 || found.n_errors == found.n_comparisons) {
            found.variance = 0.0;
            bound_without_errors(&found, level);
        } else {
            found.n_effective = found.variance > 0.0 ? fmin(n, each / found.variance) : n;
            found.df = df_of(&sums, dyads->n_people, found.n_people);
            found.wilson = onus_wilson(found.rate * found.n_effective, found.n_effective, level);
            found.logit_variance = fmax(0.0, found.variance - each / n) / (each * each);
            found.limits = score_limits(&found, onus_t_quantile(0.5 + 0.5 * level, found.df));
            found.method = "score on pairs of people, Student's t";
            widen_if_few(&found, may_lack_people(&found, dyads), n_in_success, level);
        }
    }
    if (found.n_people < ONUS_DYADIC_PEOPLE_MIN) {
        found.weak = true;
        found.weak_reason = "fewer than 5 people: fewer than the interval was ever tried on";
    }
    *out = found;
out:
    by_person_clear(&sums);
    return status;
}

/* ---- leaving out one person ---- */

onus_status onus_dyadic_jackknife(const onus_dyads *dyads, double *rates) {
    by_person sums;
    onus_status status = ONUS_OK;
    ONUS_TRY(sum_by_person(dyads, 0.0, &sums));
    for (size_t i = 0; i < dyads->n_people; i++) {
        const uint64_t n_left = dyads->n_comparisons - sums.n_comparisons[i];
        rates[i] = sums.n_comparisons[i] == 0 || n_left == 0
                       ? NAN
                       : (double)(dyads->n_errors - sums.n_errors[i]) / (double)n_left;
    }
out:
    by_person_clear(&sums);
    return status;
}

double onus_jackknife_se(const double *rates, size_t n) {
    onus_sum total = {0};
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(rates[i])) {
            onus_sum_add(&total, rates[i]);
            n_known++;
        }
    }
    if (n_known < 2) {
        return NAN;
    }
    const double mean = onus_sum_get(&total) / (double)n_known;
    onus_sum squares = {0};
    for (size_t i = 0; i < n; i++) {
        if (!isnan(rates[i])) {
            onus_sum_add(&squares, (rates[i] - mean) * (rates[i] - mean));
        }
    }
    return sqrt(((double)n_known - 1.0) / (double)n_known * onus_sum_get(&squares));
}
