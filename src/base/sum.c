/* Compensated sums over arrays.
 *
 * Neumaier's variant of Kahan's sum (ZAMM 54, 1974, algorithm IV) keeps the lost low-order part of
 * every addition in a second number, also where a term is larger than the running total. The
 * kernels of stats call these for more than sixteen terms; sums over many threads are joined in
 * block order by src/exec. Requires strict IEEE arithmetic: never build with -ffast-math. */
#include "onus/sum.h"

double onus_sum_of(const double *values, size_t n) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, values[i]);
    }
    return onus_sum_get(&sum);
}

double onus_sum_dot(const double *a, const double *b, size_t n) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, a[i] * b[i]);
    }
    return onus_sum_get(&sum);
}
