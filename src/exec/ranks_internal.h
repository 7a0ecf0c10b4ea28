/* Where ranks meet: for the backend that divides replicates (engine_ranks.c) and for what compares
 * and fails (ranks.c). */
#ifndef ONUS_RANKS_INTERNAL_H
#define ONUS_RANKS_INTERNAL_H

#include "onus/ranks.h"

enum { ONUS_RANKS_N_SAID = 9 }; /* numbers of a meeting */

struct onus_ranks {
    onus_ranks_link link;
    uint64_t *first;                 /* n_ranks + 1: where each rank's replicates begin */
    uint64_t n_meetings;             /* that this rank began; the others must be at the same one */
    uint64_t n_bytes;                /* of replicates that were joined */
    onus_status failure;             /* of the run, once it is over */
    int speaker;                     /* the rank that says so */
    int64_t said[ONUS_RANKS_N_SAID]; /* here, for the link may hold it past a wait given up */
    bool is_over;                    /* no more meetings */
    bool must_abort;                 /* the others were not there to hear it */
    bool is_computing;               /* a kernel runs; what it runs itself stays here */
};

typedef enum onus_ranks_step {
    ONUS_RANKS_REPLICATES,
    ONUS_RANKS_AGREE,
    ONUS_RANKS_FAIL
} onus_ranks_step;

/**
 * All ranks say what they are about to do and whether they are well.
 *
 * @param[in] a, b  two numbers that must be the same for all at this step
 * @param[in] own   this rank's state: OK, or its failure
 * @return ONUS_OK if all are well and at the same step; else the failure of the run, which is over
 */
onus_status onus_ranks_meet(onus_ranks *ranks, const onus_context *context, onus_ranks_step step,
                            uint64_t a, uint64_t b, onus_status own) ONUS_MUST_USE;

#endif
