/* Question 11, which waits for the verdicts: does the vendor's number come out of the same data?
 *
 * The trial runs before claims are judged, because claims are judged by its measures. cmd_try.c
 * calls onus_match_answer afterwards. Quotes the vendor's words and repeats the verdicts; judges
 * nothing. */
#include "onus/match.h"

#include "onus/alloc.h"
#include "questions_internal.h"

enum { QUESTION = 11 };

static bool answered(const onus_result *result) {
    const onus_question *questions = result->questions.items;
    for (size_t q = 0; q < result->questions.n_items; q++) {
        if (questions[q].n == QUESTION) {
            return true;
        }
    }
    return false;
}

/* One grade for all claims where they agree, else "answered": the text tells them apart. */
static const char *grade_of(const onus_result *result) {
    for (size_t k = 1; k < result->n_claims; k++) {
        if (result->claims[k].verdict != result->claims[0].verdict) {
            return MATCH_ANSWERED;
        }
    }
    return onus_verdict_text(result->claims[0].verdict);
}

static onus_status tell(const onus_result *result, onus_text *text, onus_array *measures) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < result->n_claims; k++) {
        const onus_claim *claim = &result->claims[k];
        onus_text_addf(text, "%s\"%s\": %s. %s", k == 0 ? "" : " ", claim->ref->say,
                       onus_verdict_text(claim->verdict),
                       claim->sentence != NULL ? claim->sentence : "");
        for (size_t m = 0; m < claim->n_measures; m++) {
            ONUS_TRY(onus_array_push(measures, &claim->measures[m]));
        }
    }
out:
    return status;
}

onus_status onus_match_answer(onus_result *result, onus_error *err) {
    onus_text text = {0};
    onus_array measures = ONUS_ARRAY_OF(size_t);
    onus_status status = ONUS_OK;
    if (answered(result)) {
        return ONUS_OK;
    }
    if (result->n_claims == 0) {
        onus_text_add(&text,
                      "Not testable: the case holds no claim. It takes the vendor's own words, the "
                      "measure they are about, and a bound fixed beforehand (claims).");
    }
    ONUS_TRY(tell(result, &text, &measures));
    ONUS_TRY(onus_result_question(result, QUESTION, match_ask(QUESTION),
                                  result->n_claims > 0 ? grade_of(result) : MATCH_NOT_TESTABLE,
                                  onus_text_take(&text), measures.items, measures.n_items));
out:
    onus_text_clear(&text);
    onus_array_clear(&measures);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
