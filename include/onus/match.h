/* The match trial: linking one person over cameras. */
#ifndef ONUS_MATCH_H
#define ONUS_MATCH_H

#include <stddef.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/model.h"
#include "onus/status.h"

/** The trial's measure table (id, definition, unit, reference): `onus explain`, docs/measures.md.
 */
const onus_measure_def *onus_match_measures(size_t *n_measures);

/**
 * Tries a match case: measures, series, warnings, and the questions that do not wait for verdicts.
 * Claims are judged afterwards (onus_claims_judge).
 * @param[out] result  initialised with onus_result_init; clearable on failure
 */
onus_status onus_match_try(const onus_case *c, const onus_evidence *evidence,
                           const onus_context *context, onus_result *result,
                           onus_error *err) ONUS_MUST_USE;

/**
 * Answers the questions that wait for the verdicts: call it once, after onus_claims_judge.
 * @param[in,out] result  of onus_match_try, with its claims
 */
onus_status onus_match_answer(onus_result *result, onus_error *err) ONUS_MUST_USE;

#endif
