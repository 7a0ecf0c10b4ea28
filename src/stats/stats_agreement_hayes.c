/* The bootstrap that is commonly printed with alpha (Hayes & Krippendorff 2007; Krippendorff 2016):
 * here only so that its intervals can stand beside sound ones.
 *
 * It takes every pair of votes for a draw of its own from the coincidences seen, and keeps the
 * expected disagreement as it was found. Pairs share votes, votes share units, units share people:
 * none of that is in it, so that its interval is about half as wide as it should be, or less.
 *
 *   alpha_r = 1 - (2 / (N De)) sum over units of sum over its n (n - 1) / 2 pairs of d2(draw) / (n
 * - 1)
 *
 * Pairs of units with equally many votes have equal weight, so they are drawn together: a
 * multinomial over (same label | each pair of labels). Called by the affect trial and tests/stat;
 * no verdict ever rests on it. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_agreement_internal.h"

typedef struct hayes_job {
    size_t n_kinds;      /* pairs of different labels */
    const double *share; /* of each among all pairs */
    const double *cost;  /* what one such pair takes off alpha, times n - 1 */
    double same;         /* share of pairs of equal labels */
    size_t n_sizes;
    const double *size;    /* votes a unit */
    const uint64_t *pairs; /* of all units of this size */
    uint64_t seed;
} hayes_job;

static void hayes_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const hayes_job *job = shared;
    onus_coins *coins = scratch;
    onus_coins_init(coins, job->seed, replicate, 2);
    onus_sum off = {0};
    for (size_t s = 0; s < job->n_sizes; s++) {
        uint64_t left = job->pairs[s];
        left -= onus_coins_binomial(coins, left, job->same);
        double rest = 1.0 - job->same;
        for (size_t k = 0; k < job->n_kinds && left > 0; k++) {
            const bool last = k + 1 == job->n_kinds;
            const uint64_t here =
                last ? left : onus_coins_binomial(coins, left, job->share[k] / rest);
            onus_sum_add(&off, (double)here * job->cost[k] / (job->size[s] - 1.0));
            left -= here;
            rest -= job->share[k];
        }
    }
    *slot = 1.0 - onus_sum_get(&off);
}

/* Sizes of units and how many pairs each size has in all, ascending. */
static onus_status size_classes(const onus_vote_counts *votes, double *size, uint64_t *pairs,
                                size_t *n_sizes) {
    *n_sizes = 0;
    for (size_t u = 0; u < votes->n_units; u++) {
        double n = 0.0;
        for (size_t c = 0; c < votes->n_labels; c++) {
            n += votes->counts[u * votes->n_labels + c];
        }
        if (n < 2.0) {
            continue;
        }
        size_t at = *n_sizes;
        while (at > 0 && size[at - 1] >= n) {
            at--;
        }
        if (at == *n_sizes || size[at] != n) {
            memmove(size + at + 1, size + at, (*n_sizes - at) * sizeof *size);
            memmove(pairs + at + 1, pairs + at, (*n_sizes - at) * sizeof *pairs);
            size[at] = n;
            pairs[at] = 0;
            (*n_sizes)++;
        }
        pairs[at] += (uint64_t)(n * (n - 1.0) / 2.0);
    }
    return *n_sizes > 0 ? ONUS_OK : ONUS_ERR_TOO_FEW;
}

onus_status onus_agreement_krippendorff_hayes(const onus_vote_counts *votes,
                                              const onus_agreement_opts *opts, uint64_t seed,
                                              uint64_t n_replicates, const onus_context *context,
                                              double *out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_agreement_sums *sums = NULL;
    const size_t q = votes->n_labels;
    double *coincidences = NULL;
    double *share = NULL;
    double *cost = NULL;
    double *size = NULL;
    uint64_t *pairs = NULL;
    ONUS_TRY(onus_agreement_sums_new(votes, opts, &sums, err));
    coincidences = onus_alloc_n(q * q, sizeof *coincidences);
    share = onus_alloc_n(q * q, sizeof *share);
    cost = onus_alloc_n(q * q, sizeof *cost);
    size = onus_alloc_n(votes->n_units + 1, sizeof *size);
    pairs = onus_alloc_n(votes->n_units + 1, sizeof *pairs);
    if (coincidences == NULL || share == NULL || cost == NULL || size == NULL || pairs == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(onus_agreement_coincidences(votes, coincidences, err));
    hayes_job draw = {.share = share, .cost = cost, .size = size, .pairs = pairs, .seed = seed};
    const double expected = onus_agreement_expected(&sums->recipe, sums->totals);
    if (size_classes(votes, size, pairs, &draw.n_sizes) != ONUS_OK || !(expected > 0.0)) {
        status = onus_fail_plain(err, ONUS_ERR_TOO_FEW, "alpha is not defined for these votes");
        goto out;
    }
    double n = 0.0;
    for (size_t c = 0; c < q; c++) {
        n += sums->totals[c];
    }
    for (size_t c = 0; c < q; c++) {
        const size_t a = sums->recipe.order[c];
        draw.same += coincidences[a * q + a] / n;
        for (size_t k = c + 1; k < q; k++) {
            const size_t b = sums->recipe.order[k];
            share[draw.n_kinds] = 2.0 * coincidences[a * q + b] / n;
            /* 2 d2 / (N De) with De = 2 expected / (N (N - 1)) */
            cost[draw.n_kinds] =
                (n - 1.0) * onus_agreement_d2(&sums->recipe, sums->totals, c, k) / expected;
            draw.n_kinds += share[draw.n_kinds] > 0.0;
        }
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = hayes_once;
    job.shared = &draw;
    job.n_replicates = n_replicates;
    job.width = 1;
    job.scratch_size = sizeof(onus_coins);
    job.stage = "bootstrap of pairs";
    job.steps = n / 2.0;
    ONUS_TRY(onus_replicates_run(&job, context, out, err));
out:
    onus_agreement_sums_free(sums);
    onus_free(coincidences);
    onus_free(share);
    onus_free(cost);
    onus_free(size);
    onus_free(pairs);
    return status;
}
