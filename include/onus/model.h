/* The three carriers. Whoever has read this file has read the program:
 *
 *   onus_case      what was asked     casefile/  YAML -> struct, checked
 *   onus_evidence  what was loaded    evidence/  tables and layers -> columns, with an account
 *   onus_result    what was found     place/ ... measures, claims, questions, series -> report/
 *
 * Each is plain data, owned by whoever cleared it first; `x_clear` on a zeroed struct is legal. */
#ifndef ONUS_MODEL_H
#define ONUS_MODEL_H

#include "onus/case.h"
#include "onus/evidence.h"
#include "onus/result.h"

#endif
