/* All memory comes from here: sizes are checked for overflow and tests can make any allocation
 * fail. */
#ifndef ONUS_ALLOC_H
#define ONUS_ALLOC_H

#include <stddef.h>

#include "onus/status.h"

/** Zeroed bytes; NULL if out of memory. size 0 gives a unique pointer that must be freed. */
void *onus_alloc(size_t size) ONUS_MUST_USE;
/** Zeroed array of n * size bytes; NULL on overflow or out of memory. */
void *onus_alloc_n(size_t n, size_t size) ONUS_MUST_USE;
/** Resizes to n * size bytes, new bytes not zeroed; NULL leaves the old block alone. */
void *onus_realloc_n(void *ptr, size_t n, size_t size) ONUS_MUST_USE;
/** Copy of a string; NULL if out of memory or text is NULL. */
char *onus_strdup(const char *text) ONUS_MUST_USE;
/** Copy of the first len bytes, terminated. */
char *onus_strndup(const char *text, size_t len) ONUS_MUST_USE;
/** Frees; NULL is legal. */
void onus_free(void *ptr);

/** For tests only: the allocator to use from now on (NULL fields: malloc's). Not thread-safe. */
typedef struct onus_allocator {
    void *(*realloc)(void *state, void *ptr, size_t size); /* ptr NULL: a new block */
    void (*free)(void *state, void *ptr);
    void *state;
} onus_allocator;
void onus_alloc_set(const onus_allocator *allocator);

#endif
