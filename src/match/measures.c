/* The match trial's measures, one row each: `onus explain`, the page and docs/measures.md are made
 * from them. Each family has its own file of rows.
 *
 * Called by onus_match_measures and, by id, by the sources that compute them. Never computes
 * anything. */
#include "onus/match.h"

#include <string.h>

#include "match_internal.h"

static const onus_measure_def MEASURES[] = {
#include "measures_scores.inc"

#include "measures_groups.inc"

#include "measures_searches.inc"

#include "measures_tracks.inc"

#include "measures_tricks.inc"

#include "measures_use.inc"
};

enum { N_MEASURES = sizeof MEASURES / sizeof MEASURES[0] };

const onus_measure_def *onus_match_measures(size_t *n_measures) {
    *n_measures = N_MEASURES;
    return MEASURES;
}

const onus_measure_def *match_measure(const char *id) {
    for (size_t i = 0; i < N_MEASURES; i++) {
        if (strcmp(MEASURES[i].id, id) == 0) {
            return &MEASURES[i];
        }
    }
    return NULL; /* onus_result_add refuses a measure without a definition */
}
