/* What a backend of the replicate engine is: one function over a range of replicates. A new backend
 * is one more source with such a function and one more row in engine.c; kernels and callers stay as
 * they are. */
#ifndef ONUS_ENGINE_INTERNAL_H
#define ONUS_ENGINE_INTERNAL_H

#include "onus/exec.h"

/** Replicates first .. first + n - 1 of a job. */
typedef struct onus_engine_range {
    uint64_t first;
    uint64_t n;
} onus_engine_range;

/** Runs every replicate of the range; out is the slot of its first. ERR_NOMEM, ERR_INTERRUPTED. */
typedef onus_status (*onus_engine_run_fn)(const onus_replicates *job, onus_engine_range range,
                                          const onus_context *context, double *out);

onus_status onus_engine_run_serial(const onus_replicates *job, onus_engine_range range,
                                   const onus_context *context, double *out) ONUS_MUST_USE;
onus_status onus_engine_run_openmp(const onus_replicates *job, onus_engine_range range,
                                   const onus_context *context, double *out) ONUS_MUST_USE;
onus_status onus_engine_run_ranks(const onus_replicates *job, onus_engine_range range,
                                  const onus_context *context, double *out) ONUS_MUST_USE;

/** Replicates between two calls of the progress sink: about two hundred calls a run. */
static inline uint64_t onus_engine_progress_step(uint64_t n_replicates) {
    return n_replicates / 200 + 1;
}

#endif
