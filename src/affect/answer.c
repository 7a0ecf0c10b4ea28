/* Question 1, which waits for the verdicts: what exactly is claimed.
 *
 * The trial runs before claims are judged, because claims are judged by its measures. cmd_try.c
 * calls onus_affect_answer afterwards. Judges nothing. */
#include "onus/affect.h"

onus_status onus_affect_answer(onus_result *result, onus_error *err) {
    (void)result;
    (void)err;
    return ONUS_OK;
}
