/* A number that may be undefined, and a pair of limits: what every kernel of statistics hands back.
 */
#ifndef ONUS_STATS_NUMBER_H
#define ONUS_STATS_NUMBER_H

#include <math.h>
#include <stddef.h>

/** A number, or NaN with the reason why there is none (static text, fit to be printed). */
typedef struct onus_number {
    double value;
    const char *reason; /* NULL exactly where value is a number */
} onus_number;

/** Lower and upper limit; both NaN where there is no interval. -INFINITY/INFINITY: unbounded. */
typedef struct onus_limits {
    double low;
    double high;
} onus_limits;

static inline onus_number onus_number_of(double value) {
    return (onus_number){.value = value, .reason = NULL};
}

static inline onus_number onus_number_none(const char *reason) {
    return (onus_number){.value = NAN, .reason = reason};
}

static inline onus_limits onus_limits_none(void) {
    return (onus_limits){.low = NAN, .high = NAN};
}

#endif
