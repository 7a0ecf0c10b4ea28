/* Ids of areas in order, for joins: found by bisection, so that no result depends on a hash. Called
 * by layer.c (ids that occur twice), people.c and flags.c (rows to areas). Ids are texts, compared
 * byte by byte: "060990001001" and "60990001001" are two ids. */
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static int by_id(const void *a, const void *b, void *state) {
    char *const *ids = state;
    const size_t i = *(const size_t *)a;
    const size_t k = *(const size_t *)b;
    const int order = strcmp(ids[i], ids[k]);
    return order != 0 ? order : (i > k) - (i < k);
}

size_t *onus_ids_order(char *const *ids, size_t n) {
    size_t *order = onus_alloc_n(n, sizeof *order);
    for (size_t i = 0; order != NULL && i < n; i++) {
        order[i] = i;
    }
    if (order != NULL) {
        qsort_r(order, n, sizeof *order, by_id, (void *)(uintptr_t)ids);
    }
    return order;
}

size_t onus_ids_find(char *const *ids, const size_t *order, size_t n, const char *id) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int sign = strcmp(ids[order[middle]], id);
        if (sign == 0) {
            return order[middle];
        }
        if (sign < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return n;
}
