/* For tests: makes every allocation of a call fail in turn, and watches that none is left behind.
 *
 *     FAULT_EACH(fault) {
 *         onus_status status = onus_thing_new(&thing, &err);
 *         fault_expect(&fault, status);          // OK, or out of memory where one was refused
 *         onus_thing_free(thing);
 *         thing = NULL;
 *     }
 *
 * Round n refuses the n-th allocation; the rounds end with the first in which none was refused. A
 * round that ends with more or fewer live blocks than it began with fails the test. Only what goes
 * through onus_alloc is seen, and only on one thread: set n_threads = 1 in the context. */
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
    size_t round;  /* 0 before the first */
    size_t n_seen; /* allocations of this round */
    long n_live;   /* blocks allocated minus blocks freed in this round */
    bool refused;  /* this round's failure has happened */
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
    if (f->round > 0) {
        onus_alloc_set(NULL);
        if (f->n_live != 0) {
            fail_msg("with allocation %zu refused, %ld blocks are left", f->round, f->n_live);
        }
        if (!f->refused) {
            return false;
        }
    }
    f->round++;
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

#endif
