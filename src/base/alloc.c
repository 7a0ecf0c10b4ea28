/* All memory of Onus comes from here.
 *
 * Sizes of arrays are multiplied with an overflow check, blocks are zeroed, and tests can swap the
 * allocator to let the n-th allocation fail (tests/unit/fault.h). Every room calls these; foreign
 * libraries keep their own allocators, and a block must go back to where it came from. Nothing is
 * counted or cached here: valgrind and the sanitizers see every block as it is. */
#include "onus/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static onus_allocator custom;

void onus_alloc_set(const onus_allocator *allocator) {
    const onus_allocator standard = {0};
    custom = allocator == NULL ? standard : *allocator;
}

static size_t at_least_one(size_t size) {
    return size == 0 ? 1 : size;
}

void *onus_alloc(size_t size) {
    const size_t bytes = at_least_one(size);
    if (custom.realloc == NULL) {
        return calloc(1, bytes);
    }
    void *block = custom.realloc(custom.state, NULL, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

void *onus_alloc_n(size_t n, size_t size) {
    size_t bytes = 0;
    return __builtin_mul_overflow(n, size, &bytes) ? NULL : onus_alloc(bytes);
}

void *onus_realloc_n(void *ptr, size_t n, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        return NULL;
    }
    bytes = at_least_one(bytes);
    return custom.realloc == NULL ? realloc(ptr, bytes) : custom.realloc(custom.state, ptr, bytes);
}

char *onus_strdup(const char *text) {
    return text == NULL ? NULL : onus_strndup(text, strlen(text));
}

char *onus_strndup(const char *text, size_t len) {
    if (text == NULL || len == SIZE_MAX) {
        return NULL;
    }
    char *copy = onus_alloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
    }
    return copy;
}

void onus_free(void *ptr) {
    if (custom.free == NULL) {
        free(ptr);
    } else if (ptr != NULL) {
        custom.free(custom.state, ptr);
    }
}
