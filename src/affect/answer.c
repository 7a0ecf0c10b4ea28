/* Question 1, which waits for the verdicts: what exactly is claimed.
 *
 * A claim is about what its measure is held against: what people felt, what onlookers would say, or
 * what actors were told to show. Each has its verdict, by name; there is no verdict over all. A
 * vendor's sentence about feelings that is measured against anything else is said to be capped.
 *
 * The trial runs before claims are judged, because claims are judged by its measures. cmd_try.c
 * calls onus_affect_answer afterwards. Judges nothing. */
#include "onus/affect.h"

#include <string.h>

#include "questions_internal.h"

enum { QUESTION = 1 };

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
            return AFFECT_ANSWERED;
        }
    }
    return onus_verdict_text(result->claims[0].verdict);
}

/* What the claim is held against: as its scope says, else the main reference. */
static const char *about(const onus_result *result, const onus_claim *claim) {
    const onus_affect_evidence *a = &result->evidence->affect;
    const char *against = a->self_report.given ? "self_report"
                          : a->votes.given     ? "raters"
                                               : "intended";
    for (size_t i = 0; i < claim->ref->n_scope; i++) {
        if (strcmp(claim->ref->scope[i].key, "against") == 0) {
            against = claim->ref->scope[i].text;
        }
    }
    return strcmp(against, "self_report") == 0 ? "a felt state, as people reported it"
           : strcmp(against, "raters") == 0    ? "what onlookers would say"
           : strcmp(against, "intended") == 0  ? "an expression, as actors were told to show it"
                                               : "several of these";
}

static void tell(const onus_result *result, const onus_claim *claim, onus_text *text) {
    onus_text_addf(text, "\"%s\", measured as %s: %s. ", claim->ref->say, about(result, claim),
                   onus_verdict_text(claim->verdict));
    if (claim->sentence != NULL) {
        onus_text_addf(text, "%s ", claim->sentence);
    }
}

onus_status onus_affect_answer(onus_result *result, onus_error *err) {
    onus_text text = {0};
    onus_array measures = ONUS_ARRAY_OF(size_t);
    onus_status status = ONUS_OK;
    if (answered(result)) {
        return ONUS_OK;
    }
    if (result->n_claims == 0) {
        onus_text_add(&text,
                      "Not testable: the case holds no claim. It takes the vendor's own words, the "
                      "measure they are about, and a bound fixed beforehand (claims). ");
    }
    for (size_t k = 0; k < result->n_claims; k++) {
        const onus_claim *claim = &result->claims[k];
        tell(result, claim, &text);
        for (size_t m = 0; m < claim->n_measures; m++) {
            ONUS_TRY(onus_array_push(&measures, &claim->measures[m]));
        }
    }
    if (!result->evidence->affect.self_report.given) {
        onus_text_add(&text, "Nobody was asked what they felt, so no claim about feelings can be "
                             "more than agreement with onlookers or with instructions.");
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.data[--text.len] = '\0';
    }
    ONUS_TRY(onus_result_question(result, QUESTION, affect_ask(QUESTION),
                                  result->n_claims > 0 ? grade_of(result) : AFFECT_NOT_TESTABLE,
                                  onus_text_take(&text), measures.items, measures.n_items));
out:
    onus_text_clear(&text);
    onus_array_clear(&measures);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
