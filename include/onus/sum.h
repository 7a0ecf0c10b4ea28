/* Compensated sums (Neumaier 1974): the joined value does not depend on who added, only on the
 * order. */
#ifndef ONUS_SUM_H
#define ONUS_SUM_H

#include <stddef.h>

typedef struct onus_sum {
    double total;
    double carry;
} onus_sum;

static inline void onus_sum_add(onus_sum *sum, double value) {
    const double next = sum->total + value;
    const double big = __builtin_fabs(sum->total) >= __builtin_fabs(value) ? sum->total : value;
    const double small = big == sum->total ? value : sum->total;
    sum->carry += (big - next) + small;
    sum->total = next;
}

static inline double onus_sum_get(const onus_sum *sum) {
    return sum->total + sum->carry;
}

/** Sum of n values in their order. O(n). */
double onus_sum_of(const double *values, size_t n);
/** Sum of products in their order. O(n). */
double onus_sum_dot(const double *a, const double *b, size_t n);

#endif
