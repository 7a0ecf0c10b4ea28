/* Claims become verdicts: one rule for every trial. */
#ifndef ONUS_CLAIMS_H
#define ONUS_CLAIMS_H

#include "onus/array.h"
#include "onus/error.h"
#include "onus/result.h"
#include "onus/status.h"
#include "onus/text.h"

/**
 * Judges every claim of the case against the measures of the result.
 *
 * A claim is decided by the measures with its id whose scope holds every key the claim names (a key
 * with the value `any` stands for each value in turn). Keys that it leaves out: `source` and
 * `definition` must agree, `convention` is Onus's own, any other means the overall value where
 * there is one, else every value.
 *
 *   supported     the whole interval lies on the claim's side of the bound
 *   contradicted  the whole interval lies on the other side
 *   not shown     the interval contains the bound, sources or definitions disagree, a source is
 *                 missing or an interval is weak; the smallest detectable difference is named
 *   not testable  no measure matches, or it has no value or no interval; what is missing is named
 *
 * Of several comparisons the worst decides: contradicted, not shown, not testable, supported
 * (docs/decisions/006-the-worst-decides.md). Holm's step-down over all claims of the case; the
 * verdict printed is the adjusted one, the raw one stands beside it.
 *
 * @param[in,out] result  with its measures; claims are filled in the order of the case, once
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_BUG if claims were judged before
 */
onus_status onus_claims_judge(onus_result *result, onus_error *err) ONUS_MUST_USE;

/** How a trial answers its question about the vendor's words. Parts that are NULL say nothing; each
 *  ends its sentences with a space. */
typedef struct onus_claims_telling {
    int question;
    const char *ask; /* static */
    /** What stands before the claims; measures (size_t) are those it quotes. Where it says
     *  something although the case holds no claim, the question is answered by that. */
    onus_status (*before)(const onus_result *result, onus_text *text, onus_array *measures);
    /** What a claim is measured as: static words behind the vendor's. */
    const char *(*about)(const onus_result *result, const onus_claim *claim);
    void (*after)(const onus_result *result, onus_text *text);
} onus_claims_telling;

/**
 * Answers that question: each claim in the vendor's words with its verdict, its sentence and the
 * measures that decided. The grade is the verdict that all claims share, else "answered": the text
 * tells them apart. Judges nothing. Does nothing where the question is answered already.
 *
 * @param[in,out] result  after onus_claims_judge
 * @return ONUS_OK; ONUS_ERR_NOMEM; what `before` returns
 */
onus_status onus_claims_answer(onus_result *result, const onus_claims_telling *how,
                               onus_error *err) ONUS_MUST_USE;

#endif
