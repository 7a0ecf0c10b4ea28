/* The affect trial's measures, one row each: `onus explain`, the page and docs/measures.md are made
 * from them.
 *
 * Called by onus_affect_measures and, by id, by the sources that compute them. Never computes
 * anything. */
#include "onus/affect.h"

static const onus_measure_def MEASURES[] = {
    {.id = "affect.people",
     .title = "People in the evidence",
     .unit = "people",
     .definition = "Distinct people shown in the items that the product labelled.",
     .interval = "none: a count of what was given",
     .scope_keys = "(group)",
     .reference = "none"},
};

const onus_measure_def *onus_affect_measures(size_t *n_measures) {
    *n_measures = sizeof MEASURES / sizeof MEASURES[0];
    return MEASURES;
}
