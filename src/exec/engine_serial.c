/* The serial backend: replicates in their order on the calling thread.
 *
 * It is the reference that every other backend must match to the byte, and what runs under one
 * thread. Called by engine.c only. The worker's scratch is zeroed once, not per replicate: a kernel
 * that carried anything from one replicate to the next through it would break the promise of exec.h
 * here as well as there, and the tests would see it as a difference between backends. */
#include "engine_internal.h"

#include "onus/alloc.h"

onus_status onus_engine_run_serial(const onus_replicates *job, const onus_context *context,
                                   double *out) {
    void *scratch = onus_alloc(job->scratch_size);
    if (scratch == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_status status = ONUS_OK;
    const uint64_t step = onus_engine_progress_step(job->n_replicates);
    for (uint64_t r = 0; r < job->n_replicates; r++) {
        if (onus_stopped(context)) {
            status = ONUS_ERR_INTERRUPTED;
            break;
        }
        job->fn(job->shared, r, scratch, out + r * job->width);
        if ((r + 1) % step == 0 || r + 1 == job->n_replicates) {
            onus_progress(context, job->stage, r + 1, job->n_replicates);
        }
    }
    onus_free(scratch);
    return status;
}
