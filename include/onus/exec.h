/* Randomness by counter and replicates over workers: results never depend on who computed what. */
#ifndef ONUS_EXEC_H
#define ONUS_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"
#include "onus/version.h"

/* ---- streams: append only; a number keeps its meaning for as long as ONUS_RNG_SCHEME (version.h)
 * stays 1 ---- */
typedef enum onus_stream {
    ONUS_STREAM_TEST = 0,
    ONUS_STREAM_BURDEN_SPACE = 1,   /* spatial-block bootstrap of areas */
    ONUS_STREAM_BURDEN_FLAGS = 2,   /* time-block bootstrap of flags */
    ONUS_STREAM_BURDEN_CENSUS = 3,  /* sampling error of census counts */
    ONUS_STREAM_MORAN = 4,          /* permutations for Moran's I */
    ONUS_STREAM_EXAMPLE_CITY = 5,   /* the teaching city */
    ONUS_STREAM_PLACE_PIT = 6,      /* randomised probability integral transforms */
    ONUS_STREAM_PLACE_KNOX = 7,     /* permutations of dates for Knox's test */
    ONUS_STREAM_PLACE_CSEP = 8,     /* simulated catalogues of the consistency tests */
    ONUS_STREAM_FEEDBACK_URN = 9,   /* draws of the feedback urn */
    ONUS_STREAM_FEEDBACK_LUM = 10,  /* what patrols add in the Lum-Isaac loop */
    ONUS_STREAM_FEEDBACK_GRID = 11, /* patrols, finds and reports of the grid loop */
    ONUS_STREAM_PLACE_WINDOWS = 12, /* simulated catalogues window by window */
    ONUS_STREAM_AFFECT_PEOPLE = 13, /* which people a bootstrap over persons draws */
    ONUS_STREAM_MATCH_VERTEX = 14,  /* people drawn again: pairs of people follow */
    ONUS_STREAM_MATCH_HALVES = 15,  /* people parted into halves: thresholds set elsewhere */
    ONUS_STREAM_AGREEMENT = 16,     /* people, units or pairs of votes drawn again */
    /* the made-up products of `onus new match` and `onus new affect` */
    ONUS_STREAM_EXAMPLE_PRODUCT = 20,
    ONUS_STREAM_EXAMPLE_READER = 21,
} onus_stream;

/**
 * A position in the random numbers: Philox4x32-10 (Salmon et al. 2011), key = (seed, stream),
 * counter = (replicate, entity, draw). Plain data, on the caller's stack; copy to fork. One
 * position holds 2^34 words before it repeats.
 */
typedef struct onus_rng {
    uint32_t key[2];
    uint32_t counter[4]; /* replicate lo, hi; entity; block of draws */
    uint32_t words[4];
    int n_left;
} onus_rng;

void onus_rng_init(onus_rng *rng, uint64_t seed, onus_stream stream, uint64_t replicate,
                   uint32_t entity);
uint32_t onus_rng_u32(onus_rng *rng);
/** The next n words, as n calls of onus_rng_u32 would give them, in half the time. */
void onus_rng_fill(onus_rng *rng, uint32_t *words, size_t n);
/** Uniform on [0, 1), 53 bits. */
double onus_rng_uniform(onus_rng *rng);
/** Uniform on {0, ..., n - 1} without bias (Lemire 2019, rejection). n >= 1. */
uint32_t onus_rng_below(onus_rng *rng, uint32_t n);
/** Standard normal (inversion: one uniform, two words, per value). */
double onus_rng_normal(onus_rng *rng);
/** Poisson count with the given mean (inversion below 30, PTRS of Hormann 1993 above). 0 <= mean <=
 * 1e15. */
int64_t onus_rng_poisson(onus_rng *rng, double mean);

/* ---- the replicate engine ---- */
typedef enum onus_backend {
    ONUS_BACKEND_SERIAL,
    ONUS_BACKEND_OPENMP,
    ONUS_BACKEND_RANKS, /* over the context's ranks and in each over its threads; without ranks, or
                           for a job too short to be worth an exchange, as ONUS_BACKEND_OPENMP */
} onus_backend;

/**
 * One replicate. Writes exactly `width` doubles to slot. `shared` is read only; `scratch` is this
 * worker's own, zeroed once when the worker starts. Must depend on nothing but shared and
 * replicate.
 */
typedef void (*onus_replicate_fn)(const void *shared, uint64_t replicate, void *scratch,
                                  double *slot);

typedef struct onus_replicates {
    onus_replicate_fn fn;
    const void *shared;
    uint64_t n_replicates;
    size_t width;        /* doubles per replicate */
    size_t scratch_size; /* bytes per worker */
    onus_backend backend;
    const char *stage;  /* for the progress sink */
    double team_pays_s; /* CPU seconds of work left that are worth waking other threads for */
    /* Simple operations (a few nanoseconds each) of one replicate, roughly, from the sizes of the
     * job; 0: not known. Ranks share a job out only if that saves more than the exchange costs, and
     * must all decide alike, so it may depend on nothing that differs between them (no clock). */
    double steps;
} onus_replicates;

#define ONUS_REPLICATES_INIT                                                                       \
    { .backend = ONUS_BACKEND_RANKS, .stage = "replicates", .team_pays_s = 0.05 }

/**
 * Runs all replicates; out[r * width + k] is value k of replicate r. Same bytes for any backend,
 * number of threads and number of ranks. ERR_INTERRUPTED if the context's stop flag was raised (out
 * is then unspecified), ERR_NOMEM. With ranks in the context every rank must come here, with the
 * same job and from its main thread; a failure of one is the failure of all (onus/ranks.h). A
 * kernel that itself runs replicates has them on its own rank.
 */
onus_status onus_replicates_run(const onus_replicates *job, const onus_context *context,
                                double *out, onus_error *err) ONUS_MUST_USE;

/**
 * Block k of a loop whose results have no fixed size. Reads what blocks share and writes only what
 * is block k's own; must depend on nothing else.
 */
typedef onus_status (*onus_block_fn)(void *shared, size_t block);

/**
 * Runs fn for every block on the threads of this process, by the engine's own rule of when threads
 * pay. Returns the status of the first block (in order of blocks) that failed, the same for any
 * number of threads; ERR_INTERRUPTED if the context's stop flag was raised, ERR_NOMEM. `stage` is
 * for the progress sink. Cost: one double a block besides the blocks.
 */
onus_status onus_exec_blocks(onus_block_fn fn, void *shared, size_t n_blocks, const char *stage,
                             const onus_context *context) ONUS_MUST_USE;

/** Number of threads that a context stands for (at least 1). */
int onus_exec_n_threads(const onus_context *context);

/**
 * Sum of f(0..n-1) in blocks of 4096 joined in block order; same bytes for any number of threads.
 */
typedef double (*onus_term_fn)(const void *shared, size_t i);
double onus_exec_sum(onus_term_fn term, const void *shared, size_t n, const onus_context *context);

#endif
