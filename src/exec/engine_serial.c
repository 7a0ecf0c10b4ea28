/* The serial backend: replicates in their order on the calling thread.
 *
 * It is the reference that every other backend must match to the byte, and what runs under one
 * thread. Called by engine.c and engine_openmp.c. The worker's scratch is zeroed once, not per
 * replicate: a kernel that carried anything from one replicate to the next through it would break
 * the promise of exec.h here as well as there, and the tests would see it as a difference between
 * backends. */
#include "engine_internal.h"

#include "onus/alloc.h"

onus_status onus_engine_run_serial(const onus_replicates *job, onus_engine_range range,
                                   const onus_context *context, double *out) {
    void *scratch = onus_alloc(job->scratch_size);
    if (scratch == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_status status = ONUS_OK;
    const uint64_t step = onus_engine_progress_step(range.n);
    for (uint64_t r = 0; r < range.n; r++) {
        if (onus_stopped(context)) {
            status = ONUS_ERR_INTERRUPTED;
            break;
        }
        job->fn(job->shared, range.first + r, scratch, out + r * job->width);
        if ((r + 1) % step == 0 || r + 1 == range.n) {
            onus_progress(context, job->stage, r + 1, range.n);
        }
    }
    onus_free(scratch);
    return status;
}
