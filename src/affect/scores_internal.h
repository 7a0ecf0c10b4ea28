/* Between scores.c and scores_flips.c. */
#ifndef ONUS_AFFECT_SCORES_INTERNAL_H
#define ONUS_AFFECT_SCORES_INTERNAL_H

#include "affect_internal.h"

/** affect.flip_rate and affect.flip_ratio, where the product was asked again. */
onus_status affect_flips(affect_trial *t) ONUS_MUST_USE;

#endif
