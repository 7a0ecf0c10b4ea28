/* Loops over blocks whose results have no fixed size: lists, rows, labels of points.
 *
 * A block is a replicate of the engine's threads whose slot is its status; what it found it keeps
 * in memory of its own, which the caller joins in block order. So kernels see no thread, and the
 * rule of when a team pays is the engine's. Results stay in this process, so this never goes to a
 * backend that spreads replicates over several. Called by the kernels of geom. */
#include "engine_internal.h"
#include "onus/alloc.h"

typedef struct block_job {
    onus_block_fn fn;
    void *shared;
} block_job;

static void run_block(const void *shared, uint64_t block, void *scratch, double *slot) {
    (void)scratch;
    const block_job *job = shared;
    slot[0] = (double)job->fn(job->shared, (size_t)block);
}

onus_status onus_exec_blocks(onus_block_fn fn, void *shared, size_t n_blocks, const char *stage,
                             const onus_context *context) {
    const block_job block = {fn, shared};
    double *statuses = onus_alloc_n(n_blocks, sizeof *statuses);
    if (statuses == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = run_block;
    job.shared = &block;
    job.n_replicates = n_blocks;
    job.width = 1;
    job.stage = stage;
    onus_status status =
        onus_engine_run_openmp(&job, (onus_engine_range){0, n_blocks}, context, statuses);
    for (size_t k = 0; k < n_blocks && status == ONUS_OK; k++) {
        status = (onus_status)statuses[k];
    }
    onus_free(statuses);
    return status;
}
