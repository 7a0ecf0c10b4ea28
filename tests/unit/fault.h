/* For tests: makes every allocation of a call fail in turn, and watches that none is left behind.
 *
 *     FAULT_EACH(fault) {
 *         onus_status status = onus_thing_new(&thing, &err);
 *         fault_expect(&fault, status);          // OK, or out of memory where one was refused
 *         onus_thing_free(thing);
 *         thing = NULL;
 *     }
 *
 * Round n refuses the n-th allocation; the rounds end with the first in which none was refused.
 * Where a call makes thousands, FAULT_SPREAD(fault, n_first, n_rounds) refuses each of the first
 * n_first, and of the others one in so many that there are about n_rounds in all: a round before
 * the first, without refusal, counts them. A round that ends with more or fewer live blocks than it
 * began with fails the test. Only what goes through onus_alloc is seen, and only on one thread: set
 * n_threads = 1 in the context. */
#ifndef ONUS_TEST_FAULT_H
#define ONUS_TEST_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "onus/alloc.h"
#include "onus/status.h"

typedef struct fault_rounds {
    size_t round;    /* which allocation is refused; 0 before the first */
    size_t n_seen;   /* allocations of this round */
    long n_live;     /* blocks allocated minus blocks freed in this round */
    bool refused;    /* this round's failure has happened */
    size_t n_first;  /* these in turn, then ... */
    size_t n_rounds; /* ... so many in all; 0: every allocation, and nothing to count */
    size_t stride;
    bool is_counting;
} fault_rounds;

static inline void *fault_realloc(void *state, void *ptr, size_t size) {
    fault_rounds *f = state;
    f->n_seen++;
    if (f->n_seen == f->round) {
        f->refused = true;
        return NULL;
    }
    void *block = realloc(ptr, size);
    if (ptr == NULL && block != NULL) {
        f->n_live++;
    }
    return block;
}

static inline void fault_free(void *state, void *ptr) {
    fault_rounds *f = state;
    f->n_live--;
    free(ptr);
}

/* Ends the round before (checks it) and begins the next; false once a round ran without refusal. */
static inline bool fault_next(fault_rounds *f) {
    const bool is_new = f->round == 0 && !f->is_counting;
    if (!is_new) {
        onus_alloc_set(NULL);
        if (f->n_live != 0) {
            fail_msg("with allocation %zu refused, %ld blocks are left", f->round, f->n_live);
        }
        if (!f->is_counting && !f->refused) {
            return false;
        }
    }
    if (f->is_counting) {
        const size_t n_others = f->n_seen > f->n_first ? f->n_seen - f->n_first : 0;
        const size_t n_left = f->n_rounds > f->n_first ? f->n_rounds - f->n_first : 1;
        f->stride = n_others / n_left + 1;
    }
    f->is_counting = is_new && f->n_rounds > 0;
    f->round += f->is_counting ? 0 : f->round < f->n_first || f->n_rounds == 0 ? 1 : f->stride;
    f->n_seen = 0;
    f->refused = false;
    onus_alloc_set(&(onus_allocator){.realloc = fault_realloc, .free = fault_free, .state = f});
    return true;
}

/* A refusal may be survived (a block that was only to shrink); success without one is a must. */
static inline void fault_expect(const fault_rounds *f, onus_status status) {
    if (status != ONUS_OK && !(f->refused && status == ONUS_ERR_NOMEM)) {
        onus_alloc_set(NULL);
        fail_msg("with allocation %zu %s, the status is %s", f->round,
                 f->refused ? "refused" : "granted", onus_status_name(status));
    }
}

#define FAULT_EACH(name) for (fault_rounds name = {0}; fault_next(&name);)
#define FAULT_SPREAD(name, first, rounds)                                                          \
    for (fault_rounds name = {.n_first = (first), .n_rounds = (rounds)}; fault_next(&name);)

#endif
