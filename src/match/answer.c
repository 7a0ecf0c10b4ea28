/* Question 11, which waits for the verdicts: does the vendor's number come out of the same data?
 *
 * All of it is what onus/claims.h says of every trial's claims. Called by cmd_try.c after the
 * claims were judged. Judges nothing. */
#include "onus/claims.h"
#include "onus/match.h"
#include "questions_internal.h"

enum { QUESTION = 11 };

onus_status onus_match_answer(onus_result *result, onus_error *err) {
    const onus_claims_telling how = {.question = QUESTION, .ask = match_ask(QUESTION)};
    return onus_claims_answer(result, &how, err);
}
