/* What every benchmark program needs: the clock, the peak, memory, and an end when something fails.
 * Programs of bench/ alone include it; nothing that is installed does. */
#ifndef ONUS_BENCH_H
#define ONUS_BENCH_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "onus/status.h"

static inline void bench_must(bool good, const char *what) {
    if (!good) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

static inline void bench_ok(onus_status status) {
    bench_must(status == ONUS_OK, onus_status_text(status));
}

/** CPU seconds of this process: these machines are shared, a clock on the wall says little. */
static inline double bench_cpu_s(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Of this program alone: ru_maxrss would remember who started it. */
static inline double bench_peak_mb(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double kb = NAN;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtod(line + 6, NULL);
        }
    }
    bench_must(file != NULL && fclose(file) == 0, "/proc/self/status");
    return kb / 1024.0;
}

static inline int bench_by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Sorts the n values; the middle one. */
static inline double bench_median(double *values, size_t n) {
    qsort(values, n, sizeof *values, bench_by_value);
    return values[n / 2];
}

/** Zeroed; the program ends without it. */
static inline void *bench_room(size_t n, size_t size) {
    void *block = calloc(n, size);
    bench_must(block != NULL, "out of memory");
    return block;
}

#endif
