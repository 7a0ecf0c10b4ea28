/* Numbers in an order that says nothing; private to src/example. */
#ifndef ONUS_EXAMPLE_SHUFFLE_H
#define ONUS_EXAMPLE_SHUFFLE_H

#include "onus/exec.h"

/** numbers: 1 to n, each once, in an order drawn from rng (Fisher and Yates). */
void example_shuffle(onus_rng *rng, int *numbers, int n);

#endif
