/* The feedback urn's plan: what all runs of one urn share.
 *
 * Rows as short lists of who gets what, a table for each distinct Poisson mean, the tables of
 * decay, and where in a draw's random words each part finds its own:
 *
 *     | which area | coin of the repair | counts of the row ... | decay of area 0, 1, ... |
 *
 * with the parts that this urn has no use for left out. The place depends on the urn's shape alone
 * and never on what it holds, so that draw d of run r meets the same luck in any urn of one shape.
 * Made once before the runs of stats_urn_draw.c; read only from then on. */
#include "onus/stats_urn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "stats_urn_internal.h"

enum { CHUNK_WORDS = 256 }; /* of 64 bits: they and the urn stay in the nearest cache */

static const double max_words_32 = 0x1p34; /* of 32 bits, in one run (onus_rng) */

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t gather_means(const double *rows, onus_urn_noise noise, size_t n, double *means) {
    size_t n_means = 0;
    for (size_t k = 0; rows != NULL && noise == ONUS_URN_POISSON && k < n; k++) {
        if (rows[k] > 0) {
            means[n_means++] = rows[k];
        }
    }
    return n_means;
}

/* One table for each distinct mean. */
static onus_status make_tables(const onus_urn *urn, onus_urn_plan *plan) {
    const size_t n_entries = urn->n_areas * urn->n_areas;
    plan->means = onus_alloc_n(2 * n_entries, sizeof *plan->means);
    if (plan->means == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n = gather_means(urn->increments, urn->noise, n_entries, plan->means);
    n += gather_means(urn->rejected, urn->rejected_noise, n_entries, plan->means + n);
    qsort(plan->means, n, sizeof *plan->means, by_value);
    size_t n_distinct = 0;
    for (size_t k = 0; k < n; k++) {
        if (k == 0 || plan->means[k] != plan->means[n_distinct - 1]) {
            plan->means[n_distinct++] = plan->means[k];
        }
    }
    plan->tables = onus_alloc_n(n_distinct, sizeof(urn_inverse *));
    if (plan->tables == NULL) {
        return ONUS_ERR_NOMEM;
    }
    plan->n_tables = n_distinct;
    for (size_t k = 0; k < n_distinct; k++) {
        plan->tables[k] = urn_poisson_new(plan->means[k]);
        if (plan->tables[k] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

static const urn_inverse *table_of(const onus_urn_plan *plan, double mean) {
    const double *at = bsearch(&mean, plan->means, plan->n_tables, sizeof *plan->means, by_value);
    return plan->tables[at - plan->means];
}

/* Rows of one matrix as lists of those who get something; advances *next. Returns the most words
 * that a row's counts ask for. */
static size_t list_rows(onus_urn_plan *plan, const double *matrix, onus_urn_noise noise,
                        urn_gain **next, urn_row *rows) {
    size_t n_counts = 0;
    for (size_t i = 0; i < plan->n_areas; i++) {
        rows[i].first = *next;
        for (size_t j = 0; j < plan->n_areas; j++) {
            const double balls = matrix[i * plan->n_areas + j];
            if (balls > 0) {
                const bool is_count = noise == ONUS_URN_POISSON;
                *(*next)++ = (urn_gain){
                    .count = is_count ? table_of(plan, balls) : NULL, .balls = balls, .area = j};
                rows[i].n++;
            }
        }
        if (noise == ONUS_URN_POISSON && rows[i].n > n_counts) {
            n_counts = rows[i].n;
        }
    }
    return n_counts;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static onus_status make_rows(const onus_urn *urn, onus_urn_plan *plan) {
    const size_t n = urn->n_areas;
    plan->gains = onus_alloc_n(2 * n * n, sizeof *plan->gains);
    plan->accepted = onus_alloc_n(n, sizeof *plan->accepted);
    plan->rejected = onus_alloc_n(n, sizeof *plan->rejected);
    if (plan->gains == NULL || plan->accepted == NULL || plan->rejected == NULL) {
        return ONUS_ERR_NOMEM;
    }
    urn_gain *next = plan->gains;
    const size_t n_accepted = list_rows(plan, urn->increments, urn->noise, &next, plan->accepted);
    const size_t n_rejected =
        urn->repair != ONUS_URN_REPAIR_NONE && urn->rejected != NULL
            ? list_rows(plan, urn->rejected, urn->rejected_noise, &next, plan->rejected)
            : 0;
    plan->at_accepted = urn->repair == ONUS_URN_REPAIR_REJECT ? 2 : 1;
    if (urn->repair == ONUS_URN_REPAIR_WEIGH) {
        plan->at_rejected = plan->at_accepted + n_accepted;
        plan->at_decay = plan->at_rejected + n_rejected;
    } else {
        plan->at_rejected = plan->at_accepted;
        plan->at_decay = plan->at_accepted + larger(n_accepted, n_rejected);
    }
    plan->n_words = plan->at_decay + (urn->decay_frac > 0 ? n : 0);
    plan->n_chunk = plan->n_words < CHUNK_WORDS ? CHUNK_WORDS / plan->n_words : 1;
    return ONUS_OK;
}

static onus_status copy_sizes(const onus_urn *urn, const onus_urn_runs *runs, onus_urn_plan *plan) {
    plan->n_areas = urn->n_areas;
    plan->n_horizons = runs->n_horizons;
    plan->attention = urn->attention;
    plan->repair = urn->repair;
    plan->has_decay = urn->decay_frac > 0;
    plan->min_balls = urn->min_balls;
    plan->seed = runs->seed;
    plan->start = onus_alloc_n(urn->n_areas, sizeof *plan->start);
    plan->horizon = onus_alloc_n(runs->n_horizons, sizeof *plan->horizon);
    if (plan->start == NULL || plan->horizon == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memcpy(plan->start, urn->start_balls, urn->n_areas * sizeof *plan->start);
    memcpy(plan->horizon, runs->horizon_draws, runs->n_horizons * sizeof *plan->horizon);
    return ONUS_OK;
}

static onus_status fill_plan(const onus_urn *urn, const onus_urn_runs *runs, onus_urn_plan *plan) {
    onus_status status = ONUS_OK;
    ONUS_TRY(copy_sizes(urn, runs, plan));
    ONUS_TRY(make_tables(urn, plan));
    ONUS_TRY(make_rows(urn, plan));
    if (plan->has_decay) {
        ONUS_TRY(urn_decay_init(&plan->decay, urn->decay_frac));
    }
out:
    return status;
}

onus_status onus_urn_plan_new(const onus_urn *urn, const onus_urn_runs *runs, onus_urn_plan **out,
                              onus_error *err) {
    *out = NULL;
    onus_status status = ONUS_OK;
    onus_urn_plan *plan = NULL;
    ONUS_TRY(onus_urn_check(urn, err));
    ONUS_TRY(urn_check_horizons(runs->horizon_draws, runs->n_horizons, err));
    plan = onus_alloc(sizeof *plan);
    if (plan == NULL || fill_plan(urn, runs, plan) != ONUS_OK) {
        status = onus_fail_nomem(err);
        goto out;
    }
    const double n_draws = (double)runs->horizon_draws[runs->n_horizons - 1];
    if (n_draws * 2 * (double)plan->n_words > max_words_32) {
        status = onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                 "%.0f draws of this urn, expected %.0f or less: a run has no more "
                                 "random numbers",
                                 n_draws, floor(max_words_32 / 2 / (double)plan->n_words));
        goto out;
    }
    *out = plan;
    plan = NULL;
out:
    onus_urn_plan_free(plan);
    return status;
}

void onus_urn_plan_free(onus_urn_plan *plan) {
    if (plan == NULL) {
        return;
    }
    for (size_t k = 0; plan->tables != NULL && k < plan->n_tables; k++) {
        onus_free(plan->tables[k]);
    }
    onus_free(plan->tables);
    onus_free(plan->means);
    onus_free(plan->start);
    onus_free(plan->horizon);
    onus_free(plan->gains);
    onus_free(plan->accepted);
    onus_free(plan->rejected);
    urn_decay_clear(&plan->decay);
    onus_free(plan);
}

size_t onus_urn_plan_width(const onus_urn_plan *plan) {
    return plan->n_horizons * (plan->n_areas + 1);
}
