/* How sure agreement is: votes are summed once, by person and by distinct unit, and every replicate
 * of a bootstrap and every value of a jackknife is made of those sums.
 *
 * A person's units stand or fall together: the same face, the same camera, often the same
 * onlookers. So people are drawn, and units only where somebody asks for the comparison. Expected
 * disagreement is worked out anew in each replicate. Replicates add plainly, in a fixed order: what
 * that rounds away (1e-13) is nothing beside what a replicate varies by; the estimate itself is
 * compensated.
 *
 * Called by the affect trial and tests/stat. Never touches single votes after the sums are made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "stats_agreement_internal.h"

/* ---- making the sums ---- */

static onus_status sum_clusters(const onus_vote_counts *votes, onus_agreement_sums *s) {
    const size_t n_sums = s->recipe.n_sums;
    const size_t n_clusters = votes->cluster == NULL ? votes->n_units : votes->n_clusters;
    onus_status status = ONUS_ERR_NOMEM;
    size_t n_cells = 0;
    onus_sum *sums = NULL;
    onus_sum *totals = onus_alloc_n(n_sums, sizeof *totals);
    double *unit = onus_alloc_n(n_sums, sizeof *unit);
    if (!__builtin_mul_overflow(n_clusters, n_sums, &n_cells)) {
        sums = onus_alloc_n(n_cells, sizeof *sums);
        s->clusters = onus_alloc_n(n_cells, sizeof *s->clusters);
    }
    if (totals == NULL || unit == NULL || sums == NULL || s->clusters == NULL) {
        goto out;
    }
    for (size_t u = 0; u < votes->n_units; u++) {
        const size_t c = votes->cluster == NULL ? u : (size_t)votes->cluster[u];
        onus_agreement_unit_sums(&s->recipe, votes->counts + u * votes->n_labels, unit);
        for (size_t k = 0; k < n_sums; k++) {
            onus_sum_add(&sums[c * n_sums + k], unit[k]);
            onus_sum_add(&totals[k], unit[k]);
        }
    }
    const size_t rated = onus_agreement_pa_column(&s->recipe) + 2;
    for (size_t c = 0; c < n_clusters; c++) {
        if (onus_sum_get(&sums[c * n_sums + rated]) == 0.0) {
            continue; /* nobody voted on any unit of this person */
        }
        for (size_t k = 0; k < n_sums; k++) {
            s->clusters[s->n_clusters * n_sums + k] = onus_sum_get(&sums[c * n_sums + k]);
        }
        s->n_clusters++;
    }
    for (size_t k = 0; k < n_sums; k++) {
        s->totals[k] = onus_sum_get(&totals[k]);
    }
    status = ONUS_OK;
out:
    onus_free(sums);
    onus_free(totals);
    onus_free(unit);
    return status;
}

typedef struct row_key {
    const double *votes;
    size_t n_labels;
} row_key;

/* Counts are whole and not negative, so rows are equal exactly where their bytes are (-0.0 is no
 * count: the checks let it pass as 0, and two rows that differ only in it stay apart, which costs a
 * row and changes nothing). */
static int compare_rows(const void *left, const void *right) {
    const row_key *a = left;
    const row_key *b = right;
    return memcmp(a->votes, b->votes, a->n_labels * sizeof *a->votes);
}

static onus_status sum_rows(const onus_vote_counts *votes, onus_agreement_sums *s) {
    const size_t q = votes->n_labels;
    const size_t n_sums = s->recipe.n_sums;
    onus_status status = ONUS_ERR_NOMEM;
    row_key *keys = onus_alloc_n(votes->n_units, sizeof *keys);
    s->row_times = onus_alloc_n(votes->n_units, sizeof *s->row_times);
    if (keys == NULL || s->row_times == NULL) {
        goto out;
    }
    size_t n = 0;
    for (size_t u = 0; u < votes->n_units; u++) {
        const double *row = votes->counts + u * q;
        bool rated = false;
        for (size_t c = 0; c < q && !rated; c++) {
            rated = row[c] > 0.0;
        }
        if (rated) {
            keys[n++] = (row_key){row, q};
        }
    }
    if (n > 0) {
        qsort(keys, n, sizeof *keys, compare_rows);
    }
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_rows == 0 || compare_rows(&keys[n_rows - 1], &keys[i]) != 0) {
            keys[n_rows++] = keys[i];
        }
        s->row_times[n_rows - 1]++;
    }
    s->rows = onus_alloc_n(n_rows * n_sums, sizeof *s->rows);
    if (s->rows == NULL) {
        goto out;
    }
    for (size_t k = 0; k < n_rows; k++) {
        onus_agreement_unit_sums(&s->recipe, keys[k].votes, s->rows + k * n_sums);
    }
    s->n_rows = n_rows;
    s->n_units = n;
    status = ONUS_OK;
out:
    onus_free(keys);
    return status;
}

onus_status onus_agreement_sums_new(const onus_vote_counts *votes, const onus_agreement_opts *opts,
                                    onus_agreement_sums **out, onus_error *err) {
    onus_status status = ONUS_OK;
    *out = NULL;
    onus_agreement_sums *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    ONUS_TRY(onus_agreement_recipe_make(votes, opts, &s->recipe, err));
    s->totals = onus_alloc_n(s->recipe.n_sums, sizeof *s->totals);
    status = s->totals == NULL ? ONUS_ERR_NOMEM : sum_clusters(votes, s);
    if (status == ONUS_OK) {
        status = sum_rows(votes, s);
    }
    if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
        goto out;
    }
    *out = s;
    s = NULL;
out:
    onus_agreement_sums_free(s);
    return status;
}

void onus_agreement_sums_free(onus_agreement_sums *sums) {
    if (sums == NULL) {
        return;
    }
    onus_agreement_recipe_clear(&sums->recipe);
    onus_free(sums->totals);
    onus_free(sums->clusters);
    onus_free(sums->rows);
    onus_free(sums->row_times);
    onus_free(sums);
}

size_t onus_agreement_n_drawn(const onus_agreement_sums *sums, onus_resample resample) {
    return resample == ONUS_RESAMPLE_UNITS ? sums->n_units : sums->n_clusters;
}

/* ---- bootstrap ---- */

typedef struct draw_job {
    const onus_agreement_recipe *recipe;
    const onus_draw_plan *plan;
    const double *rows; /* n_rows * n_sums */
    uint64_t seed;
    uint32_t entity; /* people and units have draws of their own */
} draw_job;

/* Scratch: coins | totals | counts. */
static void draw_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const draw_job *job = shared;
    const size_t n_sums = job->recipe->n_sums;
    onus_coins *coins = scratch;
    double *restrict totals = (void *)(coins + 1);
    uint32_t *counts = (void *)(totals + n_sums);
    onus_coins_init(coins, job->seed, replicate, job->entity);
    onus_draw_plan_draw(job->plan, coins, counts);
    memset(totals, 0, n_sums * sizeof *totals);
    for (size_t k = 0; k < job->plan->n_rows; k++) {
        if (counts[k] == 0) {
            continue;
        }
        const double times = (double)counts[k];
        const double *restrict row = job->rows + k * n_sums;
        for (size_t j = 0; j < n_sums; j++) {
            totals[j] += times * row[j];
        }
    }
    onus_agreement_of_sums(job->recipe, totals, slot);
}

onus_status onus_agreement_bootstrap(const onus_agreement_sums *sums, onus_resample resample,
                                     uint64_t seed, uint64_t n_replicates,
                                     const onus_context *context, double *out, onus_error *err) {
    const bool by_unit = resample == ONUS_RESAMPLE_UNITS;
    const size_t n_rows = by_unit ? sums->n_rows : sums->n_clusters;
    if (n_rows == 0) {
        return onus_fail_plain(err, ONUS_ERR_TOO_FEW, "there is no vote to draw");
    }
    onus_draw_plan plan = {0};
    if (onus_draw_plan_make(by_unit ? sums->row_times : NULL, n_rows, &plan) != ONUS_OK) {
        return onus_fail_nomem(err);
    }
    const draw_job draw = {.recipe = &sums->recipe,
                           .plan = &plan,
                           .rows = by_unit ? sums->rows : sums->clusters,
                           .seed = seed,
                           .entity = by_unit ? 1 : 0};
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw_once;
    job.shared = &draw;
    job.n_replicates = n_replicates;
    job.width = ONUS_N_COEFFICIENTS;
    job.scratch_size =
        sizeof(onus_coins) + sums->recipe.n_sums * sizeof(double) + n_rows * sizeof(uint32_t);
    job.stage = by_unit ? "bootstrap of units" : "bootstrap of people";
    job.steps = (double)n_rows * (double)(sums->recipe.n_sums + 8);
    const onus_status status = onus_replicates_run(&job, context, out, err);
    onus_draw_plan_clear(&plan);
    return status;
}

/* ---- jackknife ---- */

/* Below this a standard error of a coefficient, whose size is 1, is rounding of its sums. */
static const double SE_ROUNDING = 1e-12;

/* Mean of f over the draws, then the spread about it, times (n - 1): the jackknife's variance. */
static double jackknife_se(const double *without, size_t stride, const uint32_t *times,
                           size_t n_rows, double n, bool of_log, double *mean) {
    onus_sum sum = {0};
    onus_sum squares = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < n_rows; k++) {
            const double value = of_log ? log(1.0 - without[k * stride]) : without[k * stride];
            const double weight = times == NULL ? 1.0 : (double)times[k];
            if (pass == 0) {
                onus_sum_add(&sum, weight * value / n);
            } else {
                onus_sum_add(&squares, weight * (value - *mean) * (value - *mean));
            }
        }
        *mean = onus_sum_get(&sum);
    }
    return sqrt((n - 1.0) / n * onus_sum_get(&squares));
}

onus_jackknife onus_jackknife_make(double estimate, const double *without, size_t stride,
                                   const uint32_t *times, size_t n_rows, double level) {
    onus_jackknife out = {.se = NAN,
                          .bias = NAN,
                          .log_se = NAN,
                          .df = NAN,
                          .limits = onus_limits_none(),
                          .plain = onus_limits_none()};
    double n = 0.0;
    bool has_log = estimate < 1.0;
    bool defined = !isnan(estimate);
    for (size_t k = 0; k < n_rows; k++) {
        n += times == NULL ? 1.0 : (double)times[k];
        has_log = has_log && without[k * stride] < 1.0;
        defined = defined && !isnan(without[k * stride]);
    }
    out.df = n - 1.0;
    if (n < 2.0 || !defined) {
        return out;
    }
    double mean = NAN;
    out.se = jackknife_se(without, stride, times, n_rows, n, false, &mean);
    out.bias = (n - 1.0) * (mean - estimate);
    if (!(out.se > SE_ROUNDING)) {
        return out; /* nothing varies: there is no telling how much it might have */
    }
    out.plain = onus_se_interval(estimate, out.se, out.df, level);
    out.limits = (onus_limits){out.plain.low, fmin(1.0, out.plain.high)};
    if (has_log) {
        out.log_se = jackknife_se(without, stride, times, n_rows, n, true, &mean);
        const double reach = exp(onus_t_quantile(0.5 + 0.5 * level, out.df) * out.log_se);
        out.limits = (onus_limits){1.0 - (1.0 - estimate) * reach, 1.0 - (1.0 - estimate) / reach};
        out.is_log = true;
    }
    return out;
}

onus_status onus_agreement_jackknife(const onus_agreement_sums *sums, onus_resample resample,
                                     double level, onus_jackknife *out) {
    const bool by_unit = resample == ONUS_RESAMPLE_UNITS;
    const size_t n_rows = by_unit ? sums->n_rows : sums->n_clusters;
    const size_t n_sums = sums->recipe.n_sums;
    const double *rows = by_unit ? sums->rows : sums->clusters;
    double estimate[ONUS_N_COEFFICIENTS];
    double *others = onus_alloc_n(n_sums, sizeof *others);
    double *without = onus_alloc_n(n_rows * ONUS_N_COEFFICIENTS, sizeof *without);
    if (others == NULL || without == NULL) {
        onus_free(others);
        onus_free(without);
        return ONUS_ERR_NOMEM;
    }
    onus_agreement_of_sums(&sums->recipe, sums->totals, estimate);
    for (size_t k = 0; k < n_rows; k++) {
        for (size_t j = 0; j < n_sums; j++) {
            others[j] = sums->totals[j] - rows[k * n_sums + j];
        }
        onus_agreement_of_sums(&sums->recipe, others, without + k * ONUS_N_COEFFICIENTS);
    }
    for (int c = 0; c < ONUS_N_COEFFICIENTS; c++) {
        out[c] = onus_jackknife_make(estimate[c], without + c, ONUS_N_COEFFICIENTS,
                                     by_unit ? sums->row_times : NULL, n_rows, level);
    }
    onus_free(others);
    onus_free(without);
    return ONUS_OK;
}
