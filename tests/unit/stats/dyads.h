/* For tests: random tables of pairs, and everything about them by going over all pairs of rows. */
#ifndef ONUS_TEST_DYADS_H
#define ONUS_TEST_DYADS_H

#include <stdint.h>
#include <string.h>

#include "../random.h"
#include "onus/stats_dyadic.h"

enum { DYADS_PEOPLE_MAX = 12, DYADS_PAIRS_MAX = 78 };

typedef struct dyads_made {
    onus_dyad pairs[DYADS_PAIRS_MAX];
    onus_dyads dyads;
} dyads_made;

/* Every pair (with_self: and everybody with himself) in so many per cent of cases. */
static inline void dyads_make(uint64_t *seed, int32_t n_people, int percent, int with_self,
                              dyads_made *out) {
    memset(out, 0, sizeof *out);
    out->dyads.n_people = (size_t)n_people;
    out->dyads.pairs = out->pairs;
    for (int32_t i = 0; i < n_people; i++) {
        for (int32_t j = with_self ? i : i + 1; j < n_people; j++) {
            if ((int)random_below(seed, 100) >= percent) {
                continue;
            }
            onus_dyad *pair = &out->pairs[out->dyads.n_pairs++];
            const uint64_t n = 1 + random_below(seed, 9);
            const uint64_t k = random_below(seed, (uint32_t)n + 1);
            *pair = (onus_dyad){.i = i, .j = j, .n_comparisons = n, .n_errors = k};
            out->dyads.n_comparisons += n;
            out->dyads.n_errors += k;
        }
    }
}

#endif
