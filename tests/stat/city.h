/* For the simulations: cities of random areas, patterns over them of a given width, and a judge
 * that allows for chance and for nothing else. */
#ifndef ONUS_STAT_CITY_H
#define ONUS_STAT_CITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/exec.h"

/** A pattern: standard normal at every point, correlation falling with distance. */
typedef struct pattern {
    double range; /* in units of the city's side; 0: every area for itself */
    bool smooth;  /* Matern 3/2; else exponential */
} pattern;

/** n points in the unit square; crowd > 1 moves them towards one corner. */
void city_points(onus_rng *rng, size_t n, double crowd, double *x, double *y);

/** Values of a fresh pattern at the points: a sum of 128 random waves whose wave numbers follow the
 *  pattern's spectrum (Rahimi & Recht 2007; Matern's spectrum is a bivariate t). */
void city_pattern(onus_rng *rng, pattern kind, const double *x, const double *y, size_t n,
                  double *values);

/** Number of simulations, times ONUS_TEST_MULT. */
uint64_t stat_runs(uint64_t n);

/**
 * Checks a share against what is claimed of it, [low, high]. Fails where it lies outside by more
 * than three binomial standard errors at the claim's limit. Prints a line only on failure.
 */
void stat_expect(const char *what, uint64_t n_hits, uint64_t n_runs, double low, double high);

/** Exit code of the program: 1 if any stat_expect failed. Prints the count. */
int stat_end(void);

#endif
