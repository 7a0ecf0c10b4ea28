/* How sure a rate over comparisons is when every person takes part in many of them.
 *
 * Comparisons of the same two people are not independent, and neither are comparisons that share
 * one person: a million comparisons of 500 people say little more than 500 people can. Everything
 * here therefore starts from sums by pair of people (dyads), of which only those that occur are
 * kept. */
#ifndef ONUS_STATS_DYADIC_H
#define ONUS_STATS_DYADIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/exec.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/* ---- comparisons, summed by pair of people ---- */

/** Comparisons of two people (i < j), or of one with himself (i == j). */
typedef struct onus_dyad {
    int32_t i;
    int32_t j;
    uint64_t n_comparisons; /* at least 1 */
    uint64_t n_errors;      /* at most n_comparisons */
} onus_dyad;

/** Ascending by (i, j), each pair once. */
typedef struct onus_dyads {
    size_t n_people; /* indices are below this; not all need occur */
    onus_dyad *pairs;
    size_t n_pairs;
    uint64_t n_comparisons;
    uint64_t n_errors;
} onus_dyads;

/* ---- one rate and how sure it is ---- */

/** Fewest people whose interval carries a verdict: the fewest at which its coverage was simulated
 * (tests/stat/dyadic.c, docs/statistics.md). Nothing to do with how many people may be counted in
 * public (protocol.suppress_below). */
enum { ONUS_DYADIC_PEOPLE_MIN = 5 };

/**
 * Variance of the rate when comparisons that share a person may depend on one another:
 * W_ij = err_ij - rate cnt_ij, S_i = sum_j W_ij (a pair i == i once),
 * Var = (sum_i S_i^2 - sum_{i<j} W_ij^2) / M^2, at least 0. NaN without comparisons. O(n_pairs).
 * Source: Aronow, Samii & Assenova (2015), eq. 4; Fafchamps & Gubert (2007). With i == j alone it
 * is the variance of a ratio over clusters (persons).
 * @param[out] n_people  people who occur, or NULL
 */
onus_status onus_dyadic_variance(const onus_dyads *dyads, double *variance,
                                 size_t *n_people) ONUS_MUST_USE;

/**
 * Most pairs of which no two share a person (a maximum matching), and people who occur with
 * themselves (i == i) each for himself: so many comparisons are independent however much a person's
 * comparisons resemble one another. All pairs of P people: floor(P / 2); p probes all compared with
 * g other references: min(p, g).
 * @param[out] n_disjoint
 * @param[out] is_maximum  false: the search was cut short (work_max steps); n_disjoint is still a
 *                         number of disjoint pairs, and a bound from it is only wider. May be NULL
 * @return ONUS_OK; ONUS_ERR_NOMEM
 * Cost: O(n_pairs) where a greedy choice meets an upper bound (complete and bipartite designs);
 * else Edmonds' blossoms, O(n_people n_pairs) in practice.
 */
onus_status onus_dyads_disjoint(const onus_dyads *dyads, uint64_t work_max, size_t *n_disjoint,
                                bool *is_maximum) ONUS_MUST_USE;

/** What a rate over dependent comparisons is worth. */
typedef struct onus_dyadic {
    double rate; /* NaN without comparisons */
    uint64_t n_errors;
    uint64_t n_comparisons;
    size_t n_people;          /* who occur */
    size_t n_pairs;           /* of people who occur */
    size_t n_people_in_error; /* who take part in at least one error */
    size_t n_disjoint;        /* onus_dyads_disjoint */
    double variance;          /* onus_dyadic_variance; 0 where all or no comparisons are errors */
    double n_effective;     /* rate (1 - rate) / variance, at most n_comparisons; NaN where 0 / 0 */
    double logit_variance;  /* tau below; 0: none beyond that of comparisons */
    bool widened;           /* a limit is that of disjoint pairs, because few erred or were seen */
    double df;              /* of Student's t in `limits` */
    onus_limits wilson;     /* on n_effective; none where that is NaN */
    onus_limits naive;      /* Wilson on n_comparisons, as if they were independent */
    onus_limits limits;     /* what carries a verdict: see onus_dyadic_estimate */
    onus_limits among_seen; /* `limits` without room for people whom a small sample lacks: what two
                               groups are told apart by */
    const char *method;     /* static: how `limits` was made */
    bool weak;              /* fewer than ONUS_DYADIC_PEOPLE_MIN people: no verdict */
    const char *weak_reason;    /* static; NULL unless weak */
    onus_limits by_comparisons; /* no errors: one-sided exact bound as if all were independent */
    onus_limits by_disjoint;    /* no errors: the same on n_disjoint */
} onus_dyadic;

/**
 * The rate with everything that is known about how sure it is.
 *
 * `limits` are the rates that lie within t standard errors of the one found, the standard error
 * taken at each of them: p (1 - p) / M for comparisons, were they independent, and
 * tau (p (1 - p))^2 for people, whose effects multiply odds; tau from what `variance` has beyond
 * p (1 - p) / M. Without such an excess this is Wilson's interval. t has as many degrees of freedom
 * as people carry the variance, (sum S_i^2)^2 / sum S_i^4. docs/statistics.md has its coverage, and
 * that of Wilson on n_effective.
 *
 * Where no comparison is an error (or all are) the variance is 0 and says nothing: there `limits`
 * is the exact one-sided bound on the disjoint pairs, which holds however the comparisons of one
 * person hang together. Where fewer than 5 people take part in errors, or fewer than 36 people in
 * comparisons of two, the limit on that side is at least as wide.
 * @return ONUS_OK, out->rate NaN without comparisons; ONUS_ERR_DOMAIN for a level outside (0, 1);
 *         ONUS_ERR_NOMEM
 */
onus_status onus_dyadic_estimate(const onus_dyads *dyads, double level,
                                 onus_dyadic *out) ONUS_MUST_USE;

/** Rate without person i, for each person who occurs (NaN for others and where nothing is left).
 *  @param[out] rates  n_people values */
onus_status onus_dyadic_jackknife(const onus_dyads *dyads, double *rates) ONUS_MUST_USE;
/** Standard error from such rates: sqrt((P - 1) / P sum (rate_i - mean)^2). NaN if P < 2. */
double onus_jackknife_se(const double *rates, size_t n);

/** Rate of a less rate of b, which may share people. */
typedef struct onus_dyadic_gap {
    double difference;  /* NaN where a side has no comparisons */
    double se;          /* of sum_j (W_ij(a) / M_a - W_ij(b) / M_b), dyadic as above */
    double correlation; /* of the two rates, by the people they share; 0 without any */
    onus_limits limits; /* from the limits of each side (Zou & Donner 2008) and the correlation */
    double ratio;       /* NaN where the rate of b is 0 */
    onus_limits ratio_limits; /* the same on the log scale; 0 and INFINITY where a limit is 0 */
} onus_dyadic_gap;

/**
 * Whether two groups differ by more than the sample's noise: the limits hold 0 (of the ratio 1) or
 * do not. Both estimates must be of these dyads, at the same level.
 * @return ONUS_OK; ONUS_ERR_DOMAIN for other numbers of people; ONUS_ERR_NOMEM. O(n_pairs).
 */
onus_status onus_dyadic_difference(const onus_dyads *a, const onus_dyadic *of_a,
                                   const onus_dyads *b, const onus_dyadic *of_b,
                                   onus_dyadic_gap *out) ONUS_MUST_USE;

/* ---- what so many people can show ---- */

/** Exact one-sided upper bound after no errors in n: 1 - (1 - level)^(1 / n) ("rule of three": 3 /
 * n at 95 %). NaN if n == 0. */
double onus_zero_bound(double n, double level);
/** Independent comparisons without an error that are needed to show a rate below bound. NaN unless
 *  0 < bound < 1. */
double onus_zero_needed(double bound, double level);

/* ---- vertex bootstrap: people are drawn, pairs follow ---- */

/**
 * A part of the counts that is known in closed form:
 * sum_k scale_k (u_ki v_kj + u_kj v_ki) / 2 comparisons of i and j, i != j. A full table of s_i
 * sightings each, every pair of sightings once: scale 1, u = v = s; less the pairs at one camera:
 * scale -1, u = v = s at that camera. Probes against references: scale 2, u = probes, v =
 * references.
 */
typedef struct onus_dyad_factor {
    int64_t scale;
    const uint32_t *u; /* n_people */
    const uint32_t *v; /* n_people */
} onus_dyad_factor;

/** One rate to be drawn again; borrowed for the life of the plan. */
typedef struct onus_vertex_rate {
    const onus_dyads *dyads;
    const onus_dyad_factor *factors; /* or NULL: what cannot be said by them is kept pair by pair */
    size_t n_factors;
} onus_vertex_rate;

typedef enum onus_vertex_weights {
    ONUS_VERTEX_MULTINOMIAL,       /* P people out of P, with replacement */
    ONUS_VERTEX_DOUBLE_OR_NOTHING, /* 0 or 2, each by a coin (Owen & Eckles 2012) */
} onus_vertex_weights;

typedef struct onus_vertex_plan onus_vertex_plan;

/**
 * Readies the bootstrap of several rates of the same people: errors pair by pair; comparisons by
 * the factors where the pairs that they get wrong are fewer than the pairs, else pair by pair. So
 * the cost of a replicate follows the errors, not the comparisons, in a full design.
 * @return ONUS_OK; ONUS_ERR_DOMAIN if the rates have other numbers of people; ONUS_ERR_NOMEM
 */
onus_status onus_vertex_plan_new(const onus_vertex_rate *rates, size_t n_rates,
                                 onus_vertex_plan **out) ONUS_MUST_USE;
void onus_vertex_plan_free(onus_vertex_plan *plan);
/** Numbers that a replicate multiplies, over all rates: what its cost follows. */
size_t onus_vertex_plan_n_terms(const onus_vertex_plan *plan);

/**
 * Rates under given weights: out[r * n_rates + k] = sum w_i w_j err_ij / sum w_i w_j cnt_ij over i
 * < j, and sum w_i err_ii / sum w_i cnt_ii where i == j (both added where a rate has both). Whole
 * numbers until the division. NaN where no comparison is left.
 * @param[in] weights  n_replicates x n_people
 */
onus_status onus_vertex_given(const onus_vertex_plan *plan, const uint32_t *weights,
                              size_t n_replicates, double *out) ONUS_MUST_USE;

/** The same under drawn weights (stream ONUS_STREAM_MATCH_VERTEX); same bytes for any threads and
 *  ranks. */
onus_status onus_vertex_bootstrap(const onus_vertex_plan *plan, onus_vertex_weights kind,
                                  uint64_t seed, size_t n_replicates, const onus_context *context,
                                  double *out, onus_error *err) ONUS_MUST_USE;

#endif
