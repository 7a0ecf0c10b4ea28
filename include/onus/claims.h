/* Claims become verdicts: one rule for every trial. */
#ifndef ONUS_CLAIMS_H
#define ONUS_CLAIMS_H

#include "onus/error.h"
#include "onus/result.h"
#include "onus/status.h"

/**
 * Judges every claim of the case against the measures of the result.
 *
 * A claim is decided by the measures with its id whose scope holds every key the claim names (a key
 * with the value `any` stands for each value in turn, the worst decides). Several intervals for one
 * value (scope key `source`) must agree: supported or contradicted only if each of them is. Holm's
 * step-down over all claims of the case; the verdict printed is the adjusted one.
 *
 * @param[in,out] result  with its measures; claims are filled in the order of the case
 */
onus_status onus_claims_judge(onus_result *result, onus_error *err) ONUS_MUST_USE;

#endif
