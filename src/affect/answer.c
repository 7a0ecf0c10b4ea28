/* Question 1, which waits for the verdicts: what exactly is claimed.
 *
 * A claim is about what its measure is held against: what people felt, what onlookers would say, or
 * what actors were told to show. Each has its verdict, by name; there is no verdict over all. A
 * vendor's sentence about feelings that is measured against anything else is said to be capped.
 *
 * Adds to what onus/claims.h says of every trial's claims. Called by cmd_try.c after the claims
 * were judged. Judges nothing. */
#include "onus/affect.h"

#include <string.h>

#include "onus/claims.h"
#include "questions_internal.h"

enum { QUESTION = 1 };

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

static void say_what_was_not_asked(const onus_result *result, onus_text *text) {
    if (!result->evidence->affect.self_report.given) {
        onus_text_add(text, "Nobody was asked what they felt, so no claim about feelings can be "
                            "more than agreement with onlookers or with instructions. ");
    }
}

onus_status onus_affect_answer(onus_result *result, onus_error *err) {
    const onus_claims_telling how = {.question = QUESTION,
                                     .ask = affect_ask(QUESTION),
                                     .about = about,
                                     .after = say_what_was_not_asked};
    return onus_claims_answer(result, &how, err);
}
