/* Sorted copies for the other kernels of this folder.
 *
 * The comparison falls back to the index, so the order is total and does not depend on whether the
 * C library's qsort is stable. Called by stats_rank.c, stats_inequality.c, stats_interval.c and
 * stats_blocks.c. Never changes the caller's array. */
#include "stats_sort.h"

#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"

static int compare_pairs(const void *left, const void *right) {
    const onus_sorted *a = left;
    const onus_sorted *b = right;
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static int compare_values(const void *left, const void *right) {
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

onus_status onus_sort_pairs(const double *values, size_t n, onus_sorted **out) {
    *out = NULL;
    onus_sorted *pairs = onus_alloc_n(n, sizeof *pairs);
    if (pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            onus_free(pairs);
            return ONUS_ERR_DOMAIN;
        }
        pairs[i] = (onus_sorted){.value = values[i], .index = i};
    }
    if (n > 1) {
        qsort(pairs, n, sizeof *pairs, compare_pairs);
    }
    *out = pairs;
    return ONUS_OK;
}

onus_status onus_sort_values(const double *values, size_t n, double **out) {
    *out = NULL;
    double *sorted = onus_alloc_n(n, sizeof *sorted);
    if (sorted == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            onus_free(sorted);
            return ONUS_ERR_DOMAIN;
        }
        sorted[i] = values[i];
    }
    if (n > 1) {
        qsort(sorted, n, sizeof *sorted, compare_values);
    }
    *out = sorted;
    return ONUS_OK;
}
