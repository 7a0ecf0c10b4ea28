/* Ranks: the processes of one run that mpirun started. All of them run the whole program; only the
 * replicates are divided between them (onus/exec.h), and joined again so that every rank goes on
 * with the same values. Here is what holds them together: they meet, at the same steps in the same
 * order, and at every meeting learn whether one of them has failed. So a failure anywhere ends the
 * run everywhere, told once, and nobody waits for one who will not come. */
#ifndef ONUS_RANKS_H
#define ONUS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"

typedef struct onus_ranks onus_ranks;

/**
 * What carries the words between ranks: the MPI module, or the threads of a test. Every function is
 * called by all ranks in the same order (abort excepted), from one thread.
 */
typedef struct onus_ranks_link {
    void *state;
    int rank; /* 0 .. n_ranks - 1 */
    int n_ranks;
    int n_sharing; /* ranks on this machine that may use the very same processors, this one too */
    size_t piece;  /* doubles in one message at most; a message's length is an int */
    uint32_t patience_ms; /* how long a rank that has failed waits for the others to hear it */
    /** Starts replacing each value by its minimum over all ranks; is_done says when it has. */
    void (*begin_min)(void *state, int64_t *values, int n_values);
    bool (*is_done)(void *state);
    /** Rank r has out[first[r] * width .. first[r + 1] * width) right; afterwards all is right. */
    void (*join)(void *state, double *out, const uint64_t *first, size_t width, size_t piece);
    /** all[r * size ..] = what rank r has in mine; size at most 1 MiB. */
    void (*gather)(void *state, const void *mine, size_t size, void *all);
    /** The last call, at an orderly end. */
    void (*leave)(void *state);
    /** The last call, where others may still compute: ends them too, with this exit code. */
    void (*abort)(void *state, int exit_code);
} onus_ranks_link;

/** What a module exports under the name onus_ranks_mpi. */
typedef struct onus_ranks_module {
    const char *onus_version; /* it must be of the same build */
    /** The library's own words for its version, one line of at most size - 1 bytes. Before start,
     *  too. */
    void (*describe)(char *text, size_t size);
    /** Joins the other ranks. Once in a process. ERR_LIMIT, ERR_NOMEM. */
    onus_status (*start)(onus_ranks_link *link, onus_error *err);
} onus_ranks_module;

/**
 * Loads a module.
 *
 * @param[in]  global  its library's symbols serve what it loads itself (Open MPI's parts need
 * that); at most one module of a process may
 * @param[out] module  lives as long as the process
 * @return ONUS_OK; ERR_LIMIT if it cannot be loaded (its MPI is not installed here) or is of
 * another version of onus
 */
onus_status onus_ranks_load(const char *path, bool global, const onus_ranks_module **module,
                            onus_error *err) ONUS_MUST_USE;

/** The ranks at the end of a link; free with onus_ranks_free. ERR_NOMEM. */
onus_status onus_ranks_new(const onus_ranks_link *link, onus_ranks **out,
                           onus_error *err) ONUS_MUST_USE;

/**
 * Leaves the others: in good order if all agreed on the end, or if the run's failure is known to
 * all; else ends them (MPI_Abort). NULL is legal.
 */
void onus_ranks_free(onus_ranks *ranks);

/** This process's number; 0 for NULL. */
int onus_ranks_rank(const onus_ranks *ranks);
/** At least 1; 1 for NULL. */
int onus_ranks_n(const onus_ranks *ranks);
/** Threads that are this rank's share of the processors it may use; for NULL all of them. */
int onus_ranks_n_threads(const onus_ranks *ranks);
/** How often ranks met so far, and bytes of joined replicates; NULL: zeros. */
void onus_ranks_tally(const onus_ranks *ranks, uint64_t *n_meetings, uint64_t *n_bytes);

/** Something that must be the same for all ranks. */
typedef struct onus_ranks_word {
    const char *name; /* borrowed; for the message: "case file" */
    char digest[65];
} onus_ranks_word;

/**
 * Compares words with those of the other ranks. For NULL nothing is done.
 *
 * @param[in] words   n_words of them, at most 1,000; all ranks have as many, else ERR_BUG
 * @param[in] status  what a difference is, say ERR_DATA
 * @param[in] advice  the end of the message after a difference was named
 * @return ONUS_OK on every rank, or on every rank the failure of one; then the run is over
 */
onus_status onus_ranks_agree(onus_ranks *ranks, const onus_context *context,
                             const onus_ranks_word *words, size_t n_words, onus_status status,
                             const char *advice, onus_error *err) ONUS_MUST_USE;

/**
 * Tells the other ranks that this one has failed, unless the run is over already. Waits for them,
 * but not for long: one that is still computing learns it from its end.
 *
 * @param[in,out] status  this rank's failure, not OK; afterwards the failure of the run
 * @return true if this is the rank that is to say its message (the lowest one that has failed
 *         itself). true for NULL.
 */
bool onus_ranks_fail(onus_ranks *ranks, const onus_context *context,
                     onus_status *status) ONUS_MUST_USE;

#endif
