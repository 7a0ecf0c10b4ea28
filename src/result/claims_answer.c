/* The question of each board that waits for the verdicts: what was promised, and does it come out.
 *
 * A trial runs before claims are judged, because claims are judged by its measures; so its answer
 * to this one question is written afterwards. Called by the answer.c of every trial, which adds
 * what is its own. Quotes the vendor's words and repeats the verdicts; judges nothing. */
#include "onus/claims.h"

static bool is_answered(const onus_result *result, int question) {
    const onus_question *questions = result->questions.items;
    for (size_t q = 0; q < result->questions.n_items; q++) {
        if (questions[q].n == question) {
            return true;
        }
    }
    return false;
}

/* One grade for all claims where they agree, else "answered": the text tells them apart. */
static const char *grade_of(const onus_result *result, bool told_before) {
    if (result->n_claims == 0) {
        return told_before ? "answered" : onus_verdict_text(ONUS_VERDICT_NOT_TESTABLE);
    }
    for (size_t k = 1; k < result->n_claims; k++) {
        if (result->claims[k].verdict != result->claims[0].verdict) {
            return "answered";
        }
    }
    return onus_verdict_text(result->claims[0].verdict);
}

static onus_status tell(const onus_result *result, const onus_claim *claim,
                        const onus_claims_telling *how, onus_text *text, onus_array *measures) {
    onus_status status = ONUS_OK;
    onus_text_addf(text, "\"%s\"", claim->ref->say);
    if (how->about != NULL) {
        onus_text_addf(text, ", measured as %s", how->about(result, claim));
    }
    onus_text_addf(text, ": %s. ", onus_verdict_text(claim->verdict));
    if (claim->sentence != NULL) {
        onus_text_addf(text, "%s ", claim->sentence);
    }
    for (size_t m = 0; m < claim->n_measures; m++) {
        ONUS_TRY(onus_array_push(measures, &claim->measures[m]));
    }
out:
    return status;
}

onus_status onus_claims_answer(onus_result *result, const onus_claims_telling *how,
                               onus_error *err) {
    onus_text text = {0};
    onus_array measures = ONUS_ARRAY_OF(size_t);
    onus_status status = ONUS_OK;
    if (is_answered(result, how->question)) {
        return ONUS_OK;
    }
    if (how->before != NULL) {
        ONUS_TRY(how->before(result, &text, &measures));
    }
    const bool told_before = text.len > 0;
    if (result->n_claims == 0) {
        onus_text_add(&text, told_before
                                 ? "The case holds no claim in the vendor's own words. "
                                 : "Not testable: the case holds no claim. It takes the vendor's "
                                   "own words, the measure they are about, and a bound fixed "
                                   "beforehand (claims). ");
    }
    for (size_t k = 0; k < result->n_claims; k++) {
        ONUS_TRY(tell(result, &result->claims[k], how, &text, &measures));
    }
    if (how->after != NULL) {
        how->after(result, &text);
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.data[--text.len] = '\0';
    }
    ONUS_TRY(onus_result_question(result, how->question, how->ask, grade_of(result, told_before),
                                  onus_text_take(&text), measures.items, measures.n_items));
out:
    onus_text_clear(&text);
    onus_array_clear(&measures);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
