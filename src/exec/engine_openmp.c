/* The OpenMP backend: replicates over the threads of this process.
 *
 * Each replicate writes to its own slot and draws from its own counter, so that the schedule (which
 * is dynamic: replicates differ in cost) leaves no trace in the output. Nothing is reduced here;
 * callers join the slots in their order. A worker without scratch memory ends the run with
 * ERR_NOMEM, a raised stop flag with ERR_INTERRUPTED; the other workers then skip what is left.
 *
 * Waking threads costs more than a short job (they also spin after it, waiting for the next: on a
 * busy machine that was two to seven times the work itself). So the calling thread starts alone,
 * and the team is called only if what is left would take longer than job->team_pays_s. Who computed
 * what leaves no trace, so neither does the clock. Called by engine.c and, for the part of one
 * rank, by engine_ranks.c. */
#include "engine_internal.h"

#include <stdatomic.h>
#include <time.h>

#include "onus/alloc.h"

/* Tells the sink, in increasing order and from one thread at a time. */
static void report(const onus_replicates *job, uint64_t n, const onus_context *context,
                   uint64_t done, uint64_t *reported) {
#pragma omp critical(onus_engine_progress)
    if (done > *reported) {
        *reported = done;
        onus_progress(context, job->stage, done, n);
    }
}

static const double LOOK_AFTER_S = 0.002; /* long enough to be measured */

static double thread_seconds(void) {
    struct timespec now = {0};
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0
               ? (double)now.tv_sec + 1e-9 * (double)now.tv_nsec
               : 0.0;
}

/* Replicates on the calling thread until none is left or the rest is worth a team; *n_done of them.
 */
static onus_status start_alone(const onus_replicates *job, onus_engine_range range,
                               const onus_context *context, double *out, uint64_t *n_done) {
    void *scratch = onus_alloc(job->scratch_size);
    if (scratch == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const uint64_t step = onus_engine_progress_step(range.n);
    const double begin_s = thread_seconds();
    onus_status status = ONUS_OK;
    uint64_t r = 0;
    while (r < range.n) {
        if (onus_stopped(context)) {
            status = ONUS_ERR_INTERRUPTED;
            break;
        }
        job->fn(job->shared, range.first + r, scratch, out + r * job->width);
        r++;
        if (r % step == 0 || r == range.n) {
            onus_progress(context, job->stage, r, range.n);
        }
        if ((r & (r - 1)) != 0) {
            continue; /* the clock is read after 1, 2, 4, 8, ... replicates: a cheap kernel costs
                         less */
        }
        const double spent_s = thread_seconds() - begin_s;
        if (spent_s >= LOOK_AFTER_S &&
            spent_s / (double)r * (double)(range.n - r) > job->team_pays_s) {
            break;
        }
    }
    onus_free(scratch);
    *n_done = r;
    return status;
}

onus_status onus_engine_run_openmp(const onus_replicates *job, onus_engine_range range,
                                   const onus_context *context, double *out) {
    const int n_threads = onus_exec_n_threads(context);
    const uint64_t n = range.n;
    if (n_threads == 1) {
        return onus_engine_run_serial(job, range, context, out);
    }
    uint64_t first = 0;
    const onus_status alone =
        job->team_pays_s > 0 ? start_alone(job, range, context, out, &first) : ONUS_OK;
    if (alone != ONUS_OK || first == n) {
        return alone;
    }
    const uint64_t step = onus_engine_progress_step(n);
    /* Small enough that no thread waits long for the last chunk, large enough for cheap kernels. */
    // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): it is read by the pragma below
    const uint64_t chunk = (n - first) / ((uint64_t)n_threads * 32) + 1;
    atomic_int failure = ONUS_OK;
    atomic_uint_fast64_t n_done = first;
    uint64_t reported = first;
#pragma omp parallel num_threads(n_threads) default(none)                                          \
    shared(job, range, context, out, n, first, step, chunk, failure, n_done, reported)
    {
        void *scratch = onus_alloc(job->scratch_size);
        if (scratch == NULL) {
            atomic_store(&failure, ONUS_ERR_NOMEM);
        }
#pragma omp for schedule(dynamic, chunk)
        for (uint64_t r = first; r < n; r++) {
            if (scratch == NULL ||
                atomic_load_explicit(&failure, memory_order_relaxed) != ONUS_OK) {
                continue;
            }
            if (onus_stopped(context)) {
                atomic_store(&failure, ONUS_ERR_INTERRUPTED);
                continue;
            }
            job->fn(job->shared, range.first + r, scratch, out + r * job->width);
            const uint64_t done = atomic_fetch_add(&n_done, 1) + 1;
            if (done % step == 0 || done == n) {
                report(job, n, context, done, &reported);
            }
        }
        onus_free(scratch);
    }
    return (onus_status)atomic_load(&failure);
}
