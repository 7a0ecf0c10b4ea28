/* The match trial's measures, one row each: `onus explain`, the page and docs/measures.md are made
 * from them.
 *
 * Called by onus_match_measures and, by id, by the sources that compute them. Never computes
 * anything. */
#include "onus/match.h"

static const onus_measure_def MEASURES[] = {
    {.id = "match.people",
     .title = "People in the evidence",
     .unit = "people",
     .definition = "Distinct people among the sightings that were compared.",
     .interval = "none: a count of what was given",
     .scope_keys = "(group)",
     .reference = "none"},
};

const onus_measure_def *onus_match_measures(size_t *n_measures) {
    *n_measures = sizeof MEASURES / sizeof MEASURES[0];
    return MEASURES;
}
