/* A growing array of elements of one size.
 *
 * Capacity grows by half, so that n pushes cost O(n) copies and at most a third of the block lies
 * idle. Readers call it wherever a size is not known beforehand. Elements are plain bytes here:
 * what they own is the caller's business, and clear() frees only the block. */
#include "onus/array.h"

#include <assert.h>
#include <string.h>

#include "onus/alloc.h"

onus_status onus_array_reserve(onus_array *array, size_t n_more) {
    assert(array->elem_size > 0);
    size_t wanted = 0;
    if (__builtin_add_overflow(array->n_items, n_more, &wanted)) {
        return ONUS_ERR_NOMEM;
    }
    if (wanted <= array->items_cap) {
        return ONUS_OK;
    }
    size_t cap = 0;
    if (__builtin_add_overflow(array->items_cap, array->items_cap / 2 + 8, &cap) || cap < wanted) {
        cap = wanted;
    }
    void *items = onus_realloc_n(array->items, cap, array->elem_size);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    array->items = items;
    array->items_cap = cap;
    return ONUS_OK;
}

static void *end_of(const onus_array *array) {
    return (char *)array->items + array->n_items * array->elem_size;
}

onus_status onus_array_push(onus_array *array, const void *elem) {
    const onus_status status = onus_array_reserve(array, 1);
    if (status != ONUS_OK) {
        return status;
    }
    memcpy(end_of(array), elem, array->elem_size);
    array->n_items++;
    return ONUS_OK;
}

void *onus_array_grow(onus_array *array) {
    if (onus_array_reserve(array, 1) != ONUS_OK) {
        return NULL;
    }
    void *elem = end_of(array);
    memset(elem, 0, array->elem_size);
    array->n_items++;
    return elem;
}

void *onus_array_take(onus_array *array, size_t *n_items) {
    void *items = array->items;
    const size_t n = array->n_items;
    if (n == 0) {
        onus_free(items);
        items = NULL;
    } else {
        /* Shrinking is a courtesy: where it fails the larger block serves as well. */
        void *shrunk = onus_realloc_n(items, n, array->elem_size);
        items = shrunk == NULL ? items : shrunk;
    }
    if (n_items != NULL) {
        *n_items = n;
    }
    *array = (onus_array){.elem_size = array->elem_size};
    return items;
}

void onus_array_clear(onus_array *array) {
    onus_free(array->items);
    *array = (onus_array){.elem_size = array->elem_size};
}
