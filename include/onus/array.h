/* A growing array of elements of one size. A zeroed struct (plus elem_size) is empty and legal. */
#ifndef ONUS_ARRAY_H
#define ONUS_ARRAY_H

#include <stddef.h>

#include "onus/status.h"

typedef struct onus_array {
    void *items;
    size_t n_items;
    size_t items_cap;
    size_t elem_size;
} onus_array;

#define ONUS_ARRAY_OF(type)                                                                        \
    { .items = NULL, .n_items = 0, .items_cap = 0, .elem_size = sizeof(type) }

/** Room for n_more further elements. ERR_NOMEM leaves the array as it was. */
onus_status onus_array_reserve(onus_array *array, size_t n_more) ONUS_MUST_USE;
/** Appends a copy of *elem. ERR_NOMEM leaves the array as it was. */
onus_status onus_array_push(onus_array *array, const void *elem) ONUS_MUST_USE;
/** Appends a zeroed element and hands it out; NULL if out of memory. */
void *onus_array_grow(onus_array *array) ONUS_MUST_USE;
/** Gives the storage away (shrunk; NULL if empty) and leaves the array empty. */
void *onus_array_take(onus_array *array, size_t *n_items);
void onus_array_clear(onus_array *array);

#endif
