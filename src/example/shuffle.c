/* Numbers in an order that says nothing: names of people and sightings must not tell who they are
 * by their order. Called by the examples that name people. */
#include "shuffle.h"

void example_shuffle(onus_rng *rng, int *numbers, int n) {
    for (int i = 0; i < n; i++) {
        numbers[i] = i + 1;
    }
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)onus_rng_below(rng, (uint32_t)i + 1);
        const int kept = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = kept;
    }
}
