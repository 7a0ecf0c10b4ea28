/* The OpenMP backend: replicates over the threads of this process.
 *
 * Each replicate writes to its own slot and draws from its own counter, so that the schedule (which
 * is dynamic: replicates differ in cost) leaves no trace in the output. Nothing is reduced here;
 * callers join the slots in their order. A worker without scratch memory ends the run with
 * ERR_NOMEM, a raised stop flag with ERR_INTERRUPTED; the other workers then skip what is left.
 * Called by engine.c only. */
#include "engine_internal.h"

#include <stdatomic.h>

#include "onus/alloc.h"

/* Tells the sink, in increasing order and from one thread at a time. */
static void report(const onus_replicates *job, const onus_context *context, uint64_t done,
                   uint64_t *reported) {
#pragma omp critical(onus_engine_progress)
    if (done > *reported) {
        *reported = done;
        onus_progress(context, job->stage, done, job->n_replicates);
    }
}

onus_status onus_engine_run_openmp(const onus_replicates *job, const onus_context *context,
                                   double *out) {
    const int n_threads = onus_exec_n_threads(context);
    const uint64_t n = job->n_replicates;
    const uint64_t step = onus_engine_progress_step(n);
    /* Small enough that no thread waits long for the last chunk, large enough for cheap kernels. */
    // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): it is read by the pragma below
    const uint64_t chunk = n / ((uint64_t)n_threads * 32) + 1;
    atomic_int failure = ONUS_OK;
    atomic_uint_fast64_t n_done = 0;
    uint64_t reported = 0;
#pragma omp parallel num_threads(n_threads) default(none)                                          \
    shared(job, context, out, n, step, chunk, failure, n_done, reported)
    {
        void *scratch = onus_alloc(job->scratch_size);
        if (scratch == NULL) {
            atomic_store(&failure, ONUS_ERR_NOMEM);
        }
#pragma omp for schedule(dynamic, chunk)
        for (uint64_t r = 0; r < n; r++) {
            if (scratch == NULL ||
                atomic_load_explicit(&failure, memory_order_relaxed) != ONUS_OK) {
                continue;
            }
            if (onus_stopped(context)) {
                atomic_store(&failure, ONUS_ERR_INTERRUPTED);
                continue;
            }
            job->fn(job->shared, r, scratch, out + r * job->width);
            const uint64_t done = atomic_fetch_add(&n_done, 1) + 1;
            if (done % step == 0 || done == n) {
                report(job, context, done, &reported);
            }
        }
        onus_free(scratch);
    }
    return (onus_status)atomic_load(&failure);
}
