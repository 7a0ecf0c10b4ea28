/* The link between ranks over MPI: the one source that knows of it.
 *
 * It is built as a module of its own, once for each MPI library (onus-openmpi.so, onus-mpich.so),
 * that the command loads when mpirun has started it: so a plain onus needs no MPI, starts no
 * slower, and one onus serves both libraries (docs/decisions/008). Replicates are divided and
 * meetings judged in engine_ranks.c and ranks.c; here words are carried, and nothing else. Kernels
 * never see a communicator.
 *
 * Only the waiting for others is tested for (Iallreduce, so that the caller can nap between the
 * tests); the exchanges that follow a meeting block, for then everybody is there. They spin while
 * they do, which is quickest where every rank has a processor. Where ranks outnumber the processors
 * of a machine a spinning rank keeps off the one it waits for, so there these are tested for as
 * well. An error of MPI's own ends the run with its message: that is MPI's default, and there is
 * nothing to save. */
#include "onus/ranks.h"

#include <limits.h>
#include <mpi.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "onus/alloc.h"
#include "onus/version.h"

/* 1 GiB of doubles: well under the INT_MAX that a count may be, and under what counts of bytes
 * inside the libraries bear. */
static const size_t PIECE = (size_t)1 << 27;

/* One process, one world. */
static struct {
    MPI_Comm world; /* a copy, so that nothing else can cross our messages */
    MPI_Request meeting;
    int *counts; /* n_ranks each */
    int *starts;
    int n_ranks;
    bool is_crowded; /* somewhere ranks share a processor; the same on all of them */
} mpi;

static void begin_min(void *state, int64_t *values, int n_values) {
    (void)state;
    MPI_Iallreduce(MPI_IN_PLACE, values, n_values, MPI_INT64_T, MPI_MIN, mpi.world, &mpi.meeting);
}

static bool is_done(void *state) {
    (void)state;
    int done = 0;
    MPI_Test(&mpi.meeting, &done, MPI_STATUS_IGNORE);
    return done != 0;
}

static void gather(void *state, const void *mine, size_t size, void *all) {
    (void)state;
    MPI_Allgather(mine, (int)size, MPI_BYTE, all, (int)size, MPI_BYTE, mpi.world);
}

static void nap_until_done(MPI_Request *request) {
    const struct timespec length = {.tv_nsec = 50000};
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    while (done == 0) {
        (void)nanosleep(&length, NULL);
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
    }
}

/* Too much for counts and starts that are ints: rank by rank, in pieces. */
static void join_in_pieces(double *out, const uint64_t *first, size_t width, size_t piece) {
    for (int r = 0; r < mpi.n_ranks; r++) {
        const size_t until = (size_t)first[r + 1] * width;
        // NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): each request is tested until done
        for (size_t at = (size_t)first[r] * width; at < until; at += piece) {
            const size_t n = until - at < piece ? until - at : piece;
            if (mpi.is_crowded) {
                MPI_Request request = MPI_REQUEST_NULL;
                MPI_Ibcast(out + at, (int)n, MPI_DOUBLE, r, mpi.world, &request);
                nap_until_done(&request);
            } else {
                MPI_Bcast(out + at, (int)n, MPI_DOUBLE, r, mpi.world);
            }
        }
    }
}

static void join(void *state, double *out, const uint64_t *first, size_t width, size_t piece) {
    (void)state;
    if ((size_t)first[mpi.n_ranks] * width > piece) {
        join_in_pieces(out, first, width, piece);
        return;
    }
    for (int r = 0; r < mpi.n_ranks; r++) {
        mpi.starts[r] = (int)((size_t)first[r] * width);
        mpi.counts[r] = (int)((size_t)(first[r + 1] - first[r]) * width);
    }
    if (mpi.is_crowded) {
        MPI_Request request = MPI_REQUEST_NULL;
        // NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): tested until it is done
        MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, out, mpi.counts, mpi.starts, MPI_DOUBLE,
                        mpi.world, &request);
        nap_until_done(&request);
    } else {
        MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, out, mpi.counts, mpi.starts, MPI_DOUBLE,
                       mpi.world);
    }
}

static void clear(void) {
    onus_free(mpi.counts);
    onus_free(mpi.starts);
    mpi.counts = NULL;
    mpi.starts = NULL;
}

static void leave(void *state) {
    (void)state;
    clear();
    MPI_Comm_free(&mpi.world);
    MPI_Finalize();
}

static void abort_all(void *state, int exit_code) {
    (void)state;
    MPI_Abort(MPI_COMM_WORLD, exit_code);
}

/* Ranks of this machine with the same set of processors as this one. mpirun binds each rank to its
 * own, or leaves all of them the whole machine. */
static int count_sharing(void) {
    MPI_Comm machine = MPI_COMM_NULL;
    int n_here = 1;
    MPI_Comm_split_type(mpi.world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &n_here);
    cpu_set_t own;
    CPU_ZERO(&own);
    const bool is_known = sched_getaffinity(0, sizeof own, &own) == 0;
    cpu_set_t *all = onus_alloc_n((size_t)n_here, sizeof *all);
    int n = n_here; /* where it cannot be found out: as if all shared */
    /* Everybody must have room, or nobody sends. */
    int fits = all != NULL && is_known;
    MPI_Allreduce(MPI_IN_PLACE, &fits, 1, MPI_INT, MPI_MIN, machine);
    if (fits != 0) {
        MPI_Allgather(&own, (int)sizeof own, MPI_BYTE, all, (int)sizeof own, MPI_BYTE, machine);
        n = 0;
        for (int r = 0; all != NULL && r < n_here; r++) {
            n += CPU_EQUAL(&all[r], &own) ? 1 : 0;
        }
    }
    onus_free(all);
    MPI_Comm_free(&machine);
    return n < 1 ? 1 : n;
}

static int n_processors(void) {
    cpu_set_t own;
    return sched_getaffinity(0, sizeof own, &own) == 0 ? CPU_COUNT(&own) : 1;
}

static void describe(char *text, size_t size) {
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int len = 0;
    MPI_Get_library_version(version, &len);
    /* "Open MPI v4.1.4, package: ..." and "MPICH Version:      4.0.2\nMPICH Release date: ..." */
    version[strcspn(version, ",\n")] = '\0';
    size_t n = 0;
    for (const char *c = version; *c != '\0' && n + 1 < size; c++) {
        const bool is_space = *c == ' ' || *c == '\t';
        if (!(is_space && n > 0 && text[n - 1] == ' ')) {
            text[n++] = is_space ? ' ' : *c;
        }
    }
    text[n] = '\0';
}

static onus_status start(onus_ranks_link *link, onus_error *err) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi.world);
    int rank = 0;
    MPI_Comm_rank(mpi.world, &rank);
    MPI_Comm_size(mpi.world, &mpi.n_ranks);
    mpi.counts = onus_alloc_n((size_t)mpi.n_ranks, sizeof *mpi.counts);
    mpi.starts = onus_alloc_n((size_t)mpi.n_ranks, sizeof *mpi.starts);
    int fits = mpi.counts != NULL && mpi.starts != NULL;
    const int n_sharing = count_sharing();
    int crowded = n_sharing > n_processors() ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &crowded, 1, MPI_INT, MPI_MAX, mpi.world);
    mpi.is_crowded = crowded != 0;
    MPI_Allreduce(MPI_IN_PLACE, &fits, 1, MPI_INT, MPI_MIN, mpi.world);
    if (fits == 0) {
        leave(NULL);
        return onus_fail_nomem(err);
    }
    if (provided < MPI_THREAD_FUNNELED) {
        leave(NULL);
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "this MPI cannot run beside threads");
    }
    *link = (onus_ranks_link){
        .rank = rank,
        .n_ranks = mpi.n_ranks,
        .n_sharing = n_sharing,
        .piece = PIECE,
        .patience_ms = 10000,
        .begin_min = begin_min,
        .is_done = is_done,
        .join = join,
        .gather = gather,
        .leave = leave,
        .abort = abort_all,
    };
    return ONUS_OK;
}

extern const onus_ranks_module onus_ranks_mpi;
const onus_ranks_module onus_ranks_mpi = {
    .onus_version = ONUS_VERSION,
    .describe = describe,
    .start = start,
};
