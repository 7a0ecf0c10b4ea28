/* The replicate engine: one door, backends behind it in a table.
 *
 * A job is a pure function of (shared, replicate); the engine only decides who computes which. Sums
 * over many terms go through the same door, as one replicate per block of fixed size, joined in
 * block order, so that they too are the same bytes for any number of threads (measured: OpenMP's
 * own reduction gave six sums for six thread counts). Called by the bootstraps and permutations of
 * stats, and by the point-in-polygon kernels of geom. */
#include "engine_internal.h"

#include <assert.h>
#include <sched.h>

#include "onus/sum.h"

enum {
    THREADS_MAX = 1024,
    SUM_BLOCK = 4096, /* part of the result: another size joins the terms in another order */
    SUM_BATCH = 256,  /* blocks held at once; no part of the result */
};

/* In the order of onus_backend. */
static const onus_engine_run_fn backends[] = {
    [ONUS_BACKEND_SERIAL] = onus_engine_run_serial,
    [ONUS_BACKEND_OPENMP] = onus_engine_run_openmp,
    [ONUS_BACKEND_RANKS] = onus_engine_run_ranks,
};

int onus_exec_n_threads(const onus_context *context) {
    int n = context == NULL ? 0 : context->n_threads;
    if (n <= 0) {
        cpu_set_t allowed;
        n = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    }
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
}

onus_status onus_replicates_run(const onus_replicates *job, const onus_context *context,
                                double *out, onus_error *err) {
    if ((unsigned)job->backend >= sizeof backends / sizeof backends[0] || job->fn == NULL) {
        return onus_bug(err, "a replicate job without a kernel or with an unknown backend");
    }
    /* A run is sized by the caller's allocation of out; a product past SIZE_MAX was never made. */
    size_t n_values = 0;
    if (__builtin_mul_overflow(job->n_replicates, job->width, &n_values)) {
        return onus_bug(err, "a replicate job larger than memory can be");
    }
    const onus_status status =
        backends[job->backend](job, (onus_engine_range){0, job->n_replicates}, context, out);
    if (status == ONUS_ERR_NOMEM) {
        return onus_fail_nomem(err);
    }
    if (status == ONUS_ERR_INTERRUPTED) {
        return onus_fail_plain(err, status, "interrupted during %s", job->stage);
    }
    if (status == ONUS_ERR_BUG) {
        return onus_bug(err, "the ranks of a run are not at the same step");
    }
    if (status != ONUS_OK) { /* what another rank met elsewhere; it says so itself */
        return onus_fail_plain(err, status, "%s", onus_status_text(status));
    }
    return ONUS_OK;
}

typedef struct sum_job {
    onus_term_fn term;
    const void *shared;
    size_t first_block;
    size_t n;
} sum_job;

/* Kernel: the total and the carry of one block. */
static void sum_block(const void *shared, uint64_t block, void *scratch, double *slot) {
    (void)scratch;
    const sum_job *job = shared;
    const size_t from = (job->first_block + (size_t)block) * SUM_BLOCK;
    const size_t until = job->n - from < SUM_BLOCK ? job->n : from + SUM_BLOCK;
    onus_sum sum = {0};
    for (size_t i = from; i < until; i++) {
        onus_sum_add(&sum, job->term(job->shared, i));
    }
    slot[0] = sum.total;
    slot[1] = sum.carry;
}

double onus_exec_sum(onus_term_fn term, const void *shared, size_t n, const onus_context *context) {
    /* A sum has no way to say "interrupted" and is short: the stop flag is left to its caller.
     * Nor does it pay for an exchange: every rank adds it up for itself. */
    const onus_context quiet = {.n_threads = onus_exec_n_threads(context)};
    const size_t n_blocks = n / SUM_BLOCK + (n % SUM_BLOCK == 0 ? 0 : 1);
    double partials[2 * SUM_BATCH] = {0};
    onus_sum sum = {0};
    for (size_t first = 0; first < n_blocks; first += SUM_BATCH) {
        const size_t n_batch = n_blocks - first < SUM_BATCH ? n_blocks - first : SUM_BATCH;
        const sum_job batch = {term, shared, first, n};
        onus_replicates job = ONUS_REPLICATES_INIT;
        job.fn = sum_block;
        job.shared = &batch;
        job.n_replicates = n_batch;
        job.width = 2;
        if (onus_replicates_run(&job, &quiet, partials, NULL) != ONUS_OK) {
            /* No memory for a worker: the same blocks, here. */
            for (size_t b = 0; b < n_batch; b++) {
                sum_block(&batch, b, NULL, partials + 2 * b);
            }
        }
        for (size_t b = 0; b < n_batch; b++) {
            onus_sum_add(&sum, partials[2 * b]);
            onus_sum_add(&sum, partials[2 * b + 1]);
        }
    }
    return onus_sum_get(&sum);
}
