/* Vertex bootstrap: people are drawn again, and their comparisons follow them.
 *
 * Snijders & Borgatti (1999): give every person a weight, every pair the product of two; the rate
 * becomes sum w_i w_j err_ij / sum w_i w_j cnt_ij. Errors are few, so their sum is over the pairs
 * that have some. Comparisons are many, but in a full design cnt_ij is made of products of what
 * each person has (sightings, sightings by camera), and the sum over all pairs collapses to (sum w
 * u)(sum w v) - sum w^2 u v for each product; pairs that the products get wrong are kept one by
 * one. All sums are whole numbers, so that the cheap way and the long one give the same bits. One
 * draw of weights serves all rates, which so stay comparable: a difference between groups is drawn
 * with the people that they share. Called by the match trial. Never says who was drawn. */
#include "onus/stats_dyadic.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"

/* A pair and what it adds, in halves: 2 err_ij, or 2 cnt_ij less what the factors say. */
typedef struct term {
    int32_t i;
    int32_t j;
    int64_t twice;
} term;

typedef struct factor {
    int64_t scale;
    int64_t *u; /* n_people */
    int64_t *v; /* NULL: u again */
} factor;

typedef struct plan_rate {
    term *errors;
    size_t n_errors;
    term *counts;
    size_t n_counts;
    factor *factors;
    size_t n_factors;
} plan_rate;

struct onus_vertex_plan {
    size_t n_people;
    plan_rate *rates;
    size_t n_rates;
};

void onus_vertex_plan_free(onus_vertex_plan *plan) {
    if (plan == NULL) {
        return;
    }
    for (size_t r = 0; plan->rates != NULL && r < plan->n_rates; r++) {
        plan_rate *rate = &plan->rates[r];
        onus_free(rate->errors);
        onus_free(rate->counts);
        for (size_t k = 0; rate->factors != NULL && k < rate->n_factors; k++) {
            onus_free(rate->factors[k].u);
            onus_free(rate->factors[k].v);
        }
        onus_free(rate->factors);
    }
    onus_free(plan->rates);
    onus_free(plan);
}

/* ---- readying a rate ---- */

static onus_status keep_errors(const onus_dyads *dyads, plan_rate *out) {
    size_t n = 0;
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        n += dyads->pairs[d].n_errors > 0;
    }
    out->errors = onus_alloc_n(n, sizeof *out->errors);
    if (out->errors == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        if (pair->n_errors > 0) {
            out->errors[out->n_errors++] =
                (term){.i = pair->i, .j = pair->j, .twice = 2 * (int64_t)pair->n_errors};
        }
    }
    return ONUS_OK;
}

/* Twice the comparisons of i and j that the factors say. */
static int64_t twice_said(const onus_vertex_rate *rate, size_t i, size_t j) {
    int64_t twice = 0;
    for (size_t k = 0; k < rate->n_factors; k++) {
        const onus_dyad_factor *f = &rate->factors[k];
        twice += f->scale * ((int64_t)f->u[i] * f->v[j] + (int64_t)f->u[j] * f->v[i]);
    }
    return twice;
}

/* Pairs that the factors get wrong, up to n_max of them (more: the factors do not pay). Goes over
 * all pairs of people whom a factor knows, once. */
static onus_status residuals(const onus_vertex_rate *rate, size_t n_max, term *out, size_t *n_out) {
    const onus_dyads *dyads = rate->dyads;
    size_t n = 0;
    size_t d = 0;
    for (size_t i = 0; i < dyads->n_people && n <= n_max; i++) {
        for (size_t j = i; j < dyads->n_people; j++) {
            const bool is_next = d < dyads->n_pairs && (size_t)dyads->pairs[d].i == i &&
                                 (size_t)dyads->pairs[d].j == j;
            const int64_t said = i == j ? 0 : twice_said(rate, i, j);
            const int64_t is = is_next ? 2 * (int64_t)dyads->pairs[d].n_comparisons : 0;
            d += is_next;
            if (is == said) {
                continue;
            }
            if (n < n_max) {
                out[n] = (term){.i = (int32_t)i, .j = (int32_t)j, .twice = is - said};
            }
            if (++n > n_max) {
                break;
            }
        }
    }
    *n_out = n;
    return ONUS_OK;
}

static int64_t *copied(const uint32_t *from, size_t n) {
    int64_t *to = onus_alloc_n(n, sizeof *to);
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[i] = from[i];
    }
    return to;
}

static onus_status keep_factors(const onus_vertex_rate *rate, plan_rate *out) {
    out->factors = onus_alloc_n(rate->n_factors, sizeof *out->factors);
    if (out->factors == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < rate->n_factors; k++) {
        const onus_dyad_factor *from = &rate->factors[k];
        factor *to = &out->factors[out->n_factors++];
        const bool one = memcmp(from->u, from->v, rate->dyads->n_people * sizeof *from->u) == 0;
        *to = (factor){.scale = from->scale, .u = copied(from->u, rate->dyads->n_people)};
        if (!one) {
            to->v = copied(from->v, rate->dyads->n_people);
        }
        if (to->u == NULL || (!one && to->v == NULL)) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

static onus_status keep_counts(const onus_vertex_rate *rate, plan_rate *out) {
    const onus_dyads *dyads = rate->dyads;
    onus_status status = ONUS_OK;
    /* all pairs of people are gone over once: too dear where the table is sparse */
    const bool is_dense =
        dyads->n_people > 0 && dyads->n_pairs / dyads->n_people >= dyads->n_people / 64;
    out->counts = onus_alloc_n(dyads->n_pairs, sizeof *out->counts);
    if (out->counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (rate->n_factors > 0 && is_dense) {
        const size_t in_factors = rate->n_factors * dyads->n_people;
        const size_t n_max = dyads->n_pairs > in_factors ? dyads->n_pairs - in_factors : 0;
        ONUS_TRY(residuals(rate, n_max, out->counts, &out->n_counts));
        if (out->n_counts <= n_max && n_max > 0) {
            ONUS_TRY(keep_factors(rate, out));
            return ONUS_OK;
        }
    }
    out->n_counts = 0;
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        out->counts[out->n_counts++] =
            (term){.i = pair->i, .j = pair->j, .twice = 2 * (int64_t)pair->n_comparisons};
    }
out:
    return status;
}

onus_status onus_vertex_plan_new(const onus_vertex_rate *rates, size_t n_rates,
                                 onus_vertex_plan **out) {
    *out = NULL;
    onus_status status = ONUS_OK;
    onus_vertex_plan *plan = onus_alloc(sizeof *plan);
    if (plan == NULL) {
        return ONUS_ERR_NOMEM;
    }
    plan->n_people = n_rates > 0 ? rates[0].dyads->n_people : 0;
    plan->n_rates = n_rates;
    plan->rates = onus_alloc_n(n_rates, sizeof *plan->rates);
    if (plan->rates == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t r = 0; r < n_rates; r++) {
        const onus_dyads *dyads = rates[r].dyads;
        if (dyads->n_people != plan->n_people || dyads->n_people > INT32_MAX) {
            status = ONUS_ERR_DOMAIN;
            goto out;
        }
        ONUS_TRY(keep_errors(dyads, &plan->rates[r]));
        ONUS_TRY(keep_counts(&rates[r], &plan->rates[r]));
    }
    *out = plan;
    plan = NULL;
out:
    onus_vertex_plan_free(plan);
    return status;
}

size_t onus_vertex_plan_n_terms(const onus_vertex_plan *plan) {
    size_t n = 0;
    for (size_t r = 0; r < plan->n_rates; r++) {
        const plan_rate *rate = &plan->rates[r];
        n += rate->n_errors + rate->n_counts + rate->n_factors * plan->n_people;
    }
    return n;
}

/* ---- one replicate ---- */

/* Pairs come by i, so that a person who was not drawn costs one look. */
static int64_t sum_terms(const term *terms, size_t n, const uint32_t *w) {
    int64_t sum = 0;
    size_t k = 0;
    while (k < n) {
        const int32_t i = terms[k].i;
        const int64_t w_i = w[i];
        int64_t row = 0;
        for (; k < n && terms[k].i == i; k++) {
            /* one person with himself is drawn as often as he is, not squared */
            row += terms[k].j == i ? terms[k].twice : terms[k].twice * (int64_t)w[terms[k].j];
        }
        sum += w_i * row;
    }
    return sum;
}

/* Twice the sum over i < j of w_i w_j (u_i v_j + u_j v_i) / 2: (sum w u)(sum w v) - sum w^2 u v. */
static int64_t sum_factor(const factor *f, size_t n_people, const uint32_t *w) {
    const int64_t *v = f->v != NULL ? f->v : f->u;
    int64_t left = 0;
    int64_t right = 0;
    int64_t own = 0;
    for (size_t i = 0; i < n_people; i++) {
        const int64_t wu = (int64_t)w[i] * f->u[i];
        const int64_t wv = (int64_t)w[i] * v[i];
        left += wu;
        right += wv;
        own += wu * wv;
    }
    return f->scale * (left * right - own);
}

static void weigh(const onus_vertex_plan *plan, const uint32_t *w, double *slot) {
    for (size_t r = 0; r < plan->n_rates; r++) {
        const plan_rate *rate = &plan->rates[r];
        int64_t twice = sum_terms(rate->counts, rate->n_counts, w);
        for (size_t k = 0; k < rate->n_factors; k++) {
            twice += sum_factor(&rate->factors[k], plan->n_people, w);
        }
        slot[r] =
            twice > 0 ? (double)sum_terms(rate->errors, rate->n_errors, w) / (double)twice : NAN;
    }
}

onus_status onus_vertex_given(const onus_vertex_plan *plan, const uint32_t *weights,
                              size_t n_replicates, double *out) {
    for (size_t r = 0; r < n_replicates; r++) {
        weigh(plan, weights + r * plan->n_people, out + r * plan->n_rates);
    }
    return ONUS_OK;
}

typedef struct draw_job {
    const onus_vertex_plan *plan;
    onus_vertex_weights kind;
    uint64_t seed;
} draw_job;

static void draw_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const draw_job *job = shared;
    const size_t n = job->plan->n_people;
    uint32_t *w = scratch;
    onus_rng rng;
    onus_rng_init(&rng, job->seed, ONUS_STREAM_MATCH_VERTEX, replicate, (uint32_t)job->kind);
    if (job->kind == ONUS_VERTEX_DOUBLE_OR_NOTHING) {
        for (size_t i = 0; i < n; i++) {
            w[i] = 2 * (onus_rng_u32(&rng) >> 31);
        }
    } else {
        memset(w, 0, n * sizeof *w);
        for (size_t i = 0; i < n; i++) {
            w[onus_rng_below(&rng, (uint32_t)n)]++;
        }
    }
    weigh(job->plan, w, slot);
}

onus_status onus_vertex_bootstrap(const onus_vertex_plan *plan, onus_vertex_weights kind,
                                  uint64_t seed, size_t n_replicates, const onus_context *context,
                                  double *out, onus_error *err) {
    if (plan->n_rates == 0 || plan->n_people == 0) {
        return onus_fail_plain(err, ONUS_ERR_TOO_FEW, "there is nobody to draw");
    }
    const draw_job draw = {.plan = plan, .kind = kind, .seed = seed};
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw_once;
    job.shared = &draw;
    job.n_replicates = n_replicates;
    job.width = plan->n_rates;
    job.scratch_size = plan->n_people * sizeof(uint32_t);
    job.stage = "drawing people";
    job.steps = (double)onus_vertex_plan_n_terms(plan) + 4.0 * (double)plan->n_people;
    return onus_replicates_run(&job, context, out, err);
}
