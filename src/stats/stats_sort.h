/* Private to stats: sorted copies, ties by index. */
#ifndef ONUS_STATS_SORT_H
#define ONUS_STATS_SORT_H

#include <stddef.h>

#include "onus/status.h"

typedef struct onus_sorted {
    double value;
    size_t index;
} onus_sorted;

/** (value, index) in ascending order, ties by index. *out is the caller's to free, NULL on failure.
 *  ERR_DOMAIN if a value is NaN; ERR_NOMEM. */
onus_status onus_sort_pairs(const double *values, size_t n, onus_sorted **out) ONUS_MUST_USE;
/** Values alone. Otherwise the same. */
onus_status onus_sort_values(const double *values, size_t n, double **out) ONUS_MUST_USE;

#endif
