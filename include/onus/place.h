/* The place trial: who carries the flags; later, whether they came true. */
#ifndef ONUS_PLACE_H
#define ONUS_PLACE_H

#include <stddef.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/model.h"
#include "onus/status.h"

/** The trial's measure table (id, definition, unit, reference): `onus explain`, docs/measures.md.
 */
const onus_measure_def *onus_place_measures(size_t *n_measures);

/**
 * Tries a place case: measures, questions, series, the table of areas. Claims are judged afterwards
 * (onus_claims_judge).
 * @param[out] result  initialised with onus_result_init; clearable on failure
 */
onus_status onus_place_try(const onus_case *c, const onus_evidence *evidence,
                           const onus_context *context, onus_result *result,
                           onus_error *err) ONUS_MUST_USE;

/**
 * Answers question 14 (what did the vendor promise, and does the number come out?) from the judged
 * claims: call it once, after onus_claims_judge.
 * @param[in,out] result  of onus_place_try, with its claims
 */
onus_status onus_place_answer(onus_result *result, onus_error *err) ONUS_MUST_USE;

#endif
