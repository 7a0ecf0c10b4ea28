/* Question 11, which waits for the verdicts: does the vendor's number come out of the same data?
 *
 * The trial runs before claims are judged, because claims are judged by its measures. cmd_try.c
 * calls onus_match_answer afterwards. Judges nothing. */
#include "onus/match.h"

onus_status onus_match_answer(onus_result *result, onus_error *err) {
    (void)result;
    (void)err;
    return ONUS_OK;
}
