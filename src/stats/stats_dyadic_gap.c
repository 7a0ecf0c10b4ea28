/* Two rates that share people: is the difference more than the sample's noise?
 *
 * A person who is often taken for others raises both rates, so their errors are not independent. By
 * person, S_i = S_i(a) / M_a - S_i(b) / M_b; by pair, likewise; the variance of the difference is
 * then the dyadic one. The limits are put together from those of each rate (they are skewed, and
 * stay so) with the correlation that the shared people make. Called by the match trial's groups.
 * Never says who is shared. */
#include "onus/stats_dyadic.h"

#include <math.h>

#include "onus/alloc.h"
#include "onus/sum.h"

typedef struct joint {
    onus_sum *a; /* by person */
    onus_sum *b;
    double covariance;
    double variance_a;
    double variance_b;
} joint;

static double deviation(const onus_dyad *pair, double rate, uint64_t n) {
    return ((double)pair->n_errors - rate * (double)pair->n_comparisons) / (double)n;
}

static void add_side(const onus_dyads *dyads, double rate, onus_sum *by_person, onus_sum *squares) {
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        const double w = deviation(pair, rate, dyads->n_comparisons);
        onus_sum_add(&by_person[pair->i], w);
        if (pair->i != pair->j) {
            onus_sum_add(&by_person[pair->j], w);
            onus_sum_add(squares, -w * w);
        }
    }
}

static int order_of(const onus_dyad *a, const onus_dyad *b) {
    return a->i != b->i ? (a->i > b->i) - (a->i < b->i) : (a->j > b->j) - (a->j < b->j);
}

/* Sum over pairs that both have of the product of their deviations: counted by both persons. */
static double shared_pairs(const onus_dyads *a, double rate_a, const onus_dyads *b, double rate_b) {
    onus_sum sum = {0};
    size_t k = 0;
    for (size_t d = 0; d < a->n_pairs; d++) {
        const onus_dyad *pair = &a->pairs[d];
        while (k < b->n_pairs && order_of(&b->pairs[k], pair) < 0) {
            k++;
        }
        if (k < b->n_pairs && order_of(&b->pairs[k], pair) == 0 && pair->i != pair->j) {
            onus_sum_add(&sum, deviation(pair, rate_a, a->n_comparisons) *
                                   deviation(&b->pairs[k], rate_b, b->n_comparisons));
        }
    }
    return onus_sum_get(&sum);
}

static onus_status join(const onus_dyads *a, double rate_a, const onus_dyads *b, double rate_b,
                        joint *out) {
    *out = (joint){.a = onus_alloc_n(a->n_people, sizeof *out->a),
                   .b = onus_alloc_n(a->n_people, sizeof *out->b)};
    if (out->a == NULL || out->b == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_sum variance_a = {0};
    onus_sum variance_b = {0};
    onus_sum covariance = {0};
    add_side(a, rate_a, out->a, &variance_a);
    add_side(b, rate_b, out->b, &variance_b);
    for (size_t i = 0; i < a->n_people; i++) {
        const double s_a = onus_sum_get(&out->a[i]);
        const double s_b = onus_sum_get(&out->b[i]);
        onus_sum_add(&variance_a, s_a * s_a);
        onus_sum_add(&variance_b, s_b * s_b);
        onus_sum_add(&covariance, s_a * s_b);
    }
    out->covariance = onus_sum_get(&covariance) - shared_pairs(a, rate_a, b, rate_b);
    out->variance_a = fmax(0.0, onus_sum_get(&variance_a));
    out->variance_b = fmax(0.0, onus_sum_get(&variance_b));
    return ONUS_OK;
}

/* From the distances of each side's limits to its value, towards one end of the difference. */
static double reach(double first, double second, double correlation) {
    const double product = first == 0.0 || second == 0.0 || correlation == 0.0
                               ? 0.0
                               : 2.0 * correlation * first * second;
    return sqrt(fmax(0.0, first * first + second * second - product));
}

/* People whom both samples lack weigh on both rates alike, so that a ratio does without the room
 * for them that a difference needs (docs/statistics.md, "Two groups"). */
static void set_limits(const onus_dyadic *a, const onus_dyadic *b, onus_dyadic_gap *out) {
    const double r = out->correlation;
    out->limits = (onus_limits){
        .low = out->difference - reach(a->rate - a->limits.low, b->limits.high - b->rate, r),
        .high = out->difference + reach(a->limits.high - a->rate, b->rate - b->limits.low, r),
    };
    if (!(b->rate > 0.0)) {
        return;
    }
    out->ratio = a->rate / b->rate;
    out->ratio_limits = (onus_limits){.low = 0.0, .high = INFINITY};
    if (a->rate > 0.0) {
        /* log of a limit of 0 is -INFINITY: the reach is then infinite, and the limit 0 or none */
        const double up_a = log(a->among_seen.high / a->rate);
        const double down_a = log(a->rate / a->among_seen.low);
        const double up_b = log(b->among_seen.high / b->rate);
        const double down_b = log(b->rate / b->among_seen.low);
        out->ratio_limits.low = isfinite(down_a) ? out->ratio * exp(-reach(down_a, up_b, r)) : 0.0;
        out->ratio_limits.high =
            isfinite(down_b) ? out->ratio * exp(reach(up_a, down_b, r)) : INFINITY;
    } else if (b->among_seen.low > 0.0) {
        out->ratio_limits.high = a->among_seen.high / b->among_seen.low;
    }
}

onus_status onus_dyadic_difference(const onus_dyads *a, const onus_dyadic *of_a,
                                   const onus_dyads *b, const onus_dyadic *of_b,
                                   onus_dyadic_gap *out) {
    joint sums = {0};
    onus_status status = ONUS_OK;
    onus_dyadic_gap gap = {.difference = of_a->rate - of_b->rate,
                           .se = NAN,
                           .limits = onus_limits_none(),
                           .ratio = NAN,
                           .ratio_limits = onus_limits_none()};
    if (a->n_people != b->n_people) {
        return ONUS_ERR_DOMAIN;
    }
    if (!isnan(gap.difference)) {
        ONUS_TRY(join(a, of_a->rate, b, of_b->rate, &sums));
        gap.se = sqrt(fmax(0.0, sums.variance_a + sums.variance_b - 2.0 * sums.covariance));
        const double product = sqrt(sums.variance_a) * sqrt(sums.variance_b);
        if (product > 0.0 && sums.covariance != 0.0) {
            gap.correlation = fmax(-1.0, fmin(1.0, sums.covariance / product));
        }
        set_limits(of_a, of_b, &gap);
    }
    *out = gap;
out:
    onus_free(sums.a);
    onus_free(sums.b);
    return status;
}
