/* Private to the three sources of uncertainty of a ratio. */
#ifndef ONUS_STATS_RATIO_INTERNAL_H
#define ONUS_STATS_RATIO_INTERNAL_H

#include "onus/stats_ratio.h"

typedef struct onus_exposures {
    double loads;  /* sum weight_i x_i */
    double people; /* sum people_i */
    double ref_loads;
    double ref_people;
    onus_number ratio;
} onus_exposures;

onus_exposures onus_ratio_exposures(const onus_ratio_data *data);

/** A ratio without an interval. */
onus_ratio onus_ratio_none(double ratio, const char *reason);

#endif
