/* The backend over ranks: each rank computes its own range of replicates, then all have all.
 *
 *   replicates   0 1 2 3 | 4 5 6 | 7 8 9        10 over 3 ranks: the first get one more
 *                rank 0    rank 1  rank 2
 *
 * Within a rank the range runs over its threads. Replicates are pure functions of their number, so
 * neither the number of ranks nor the cut leaves a trace in the output. A rank that failed in its
 * range says so where the ranks meet, before anything is sent, and all end with its failure.
 *
 * An exchange costs some tens of microseconds and the time to send the slots; short jobs are
 * computed by every rank for itself. That choice must be the same on all ranks: it rests on the
 * sizes of the job and on constants, never on a clock. Called by engine.c only. */
#include "engine_internal.h"
#include "ranks_internal.h"

#include <math.h>

/* What ranks.h calls short. Rough, and no part of any result; docs/scale.md has them measured. */
static const double MEETING_S = 50e-6; /* a meeting and an exchange, for each doubling of ranks */
static const double BYTE_S = 1e-9;     /* 1 GB/s: a common network, slower than shared memory */
static const double STEP_S = 2e-9;     /* a simple operation of a kernel */

/* Does sharing the job out save more than it costs? Where the work is not known: yes. */
static bool pays(const onus_replicates *job, uint64_t n, int n_ranks) {
    if (!(job->steps > 0)) {
        return true;
    }
    const double saved_s = STEP_S * job->steps * (double)n * (1.0 - 1.0 / (double)n_ranks);
    const double cost_s = MEETING_S * ceil(log2((double)n_ranks)) +
                          BYTE_S * sizeof(double) * (double)n * (double)job->width;
    return saved_s > cost_s;
}

/* Ranges that differ by one replicate at most; empty ones where ranks outnumber replicates. */
static void divide(uint64_t n, int n_ranks, uint64_t *first) {
    const uint64_t each = n / (uint64_t)n_ranks;
    const uint64_t left = n % (uint64_t)n_ranks;
    for (int r = 0; r <= n_ranks; r++) {
        const uint64_t rank = (uint64_t)r;
        first[r] = rank * each + (rank < left ? rank : left);
    }
}

/* On this rank alone, and with it whatever the kernel itself runs. */
static onus_status run_here(onus_ranks *ranks, const onus_replicates *job, onus_engine_range range,
                            const onus_context *context, double *out) {
    ranks->is_computing = true;
    const onus_status status = onus_engine_run_openmp(job, range, context, out);
    ranks->is_computing = false;
    return status;
}

onus_status onus_engine_run_ranks(const onus_replicates *job, onus_engine_range range,
                                  const onus_context *context, double *out) {
    onus_ranks *ranks = context == NULL ? NULL : context->ranks;
    const int n_ranks = onus_ranks_n(ranks);
    if (ranks == NULL || n_ranks == 1 || ranks->is_computing) {
        return onus_engine_run_openmp(job, range, context, out);
    }
    if (ranks->is_over) {
        return ranks->failure;
    }
    if (!pays(job, range.n, n_ranks)) {
        return run_here(ranks, job, range, context, out);
    }
    divide(range.n, n_ranks, ranks->first);
    const uint64_t mine = ranks->first[ranks->link.rank];
    const onus_engine_range own = {range.first + mine, ranks->first[ranks->link.rank + 1] - mine};
    onus_status status =
        own.n == 0 ? ONUS_OK : run_here(ranks, job, own, context, out + mine * job->width);
    status = onus_ranks_meet(ranks, context, ONUS_RANKS_REPLICATES, range.n, job->width, status);
    if (status == ONUS_OK && job->width > 0) {
        ranks->link.join(ranks->link.state, out, ranks->first, job->width, ranks->link.piece);
        ranks->n_bytes += range.n * job->width * sizeof(double);
    }
    return status;
}
