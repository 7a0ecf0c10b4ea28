/* Question 14, which waits for the verdicts: what the vendor promised, and whether the number comes
 * out.
 *
 * Adds printed indices and a tally to what onus/claims.h says of every trial's claims. Called by
 * cmd_try.c after the claims were judged. Judges nothing. */
#include <string.h>

#include "onus/claims.h"
#include "onus/place.h"
#include "place_internal.h"

enum { QUESTION = 14 };

static const onus_measure *measure_of(const onus_result *result, const char *id, size_t *at) {
    for (*at = 0; *at < onus_result_n_measures(result); (*at)++) {
        const onus_measure *m = onus_result_measure(result, *at);
        if (strcmp(m->def->id, id) == 0) {
            return m->has_value ? m : NULL;
        }
    }
    return NULL;
}

/* Printed indices need no claim to be made again. */
static onus_status tell_published(const onus_result *result, onus_text *text,
                                  onus_array *measures) {
    onus_status status = ONUS_OK;
    size_t at = 0;
    const onus_measure *again = measure_of(result, "place.pai_recomputed", &at);
    if (again == NULL) {
        return ONUS_OK;
    }
    onus_text_addf(text,
                   "Of %.0f printed accuracy indices %.0f come out of the counts and areas printed "
                   "beside them",
                   again->den, again->num);
    ONUS_TRY(onus_array_push(measures, &at));
    const onus_measure *off = measure_of(result, "place.pai_difference", &at);
    if (off != NULL) {
        onus_text_addf(text, " (largest difference %.2g)", off->value);
        ONUS_TRY(onus_array_push(measures, &at));
    }
    onus_text_add(text, ". ");
    const onus_measure *sets = measure_of(result, "place.inconsistent_denominators", &at);
    if (sets != NULL) {
        onus_text_addf(text,
                       "In %.0f of %.0f sets of rows that should count the same outcomes the "
                       "numbers of outcomes differ%s. ",
                       sets->num, sets->den,
                       sets->num > 0.0 ? ", so that their indices cannot be ranked together" : "");
        ONUS_TRY(onus_array_push(measures, &at));
    }
out:
    return status;
}

static void tell_tally(const onus_result *result, onus_text *text) {
    size_t n_of[ONUS_VERDICT_NOT_TESTABLE + 1] = {0};
    for (size_t k = 0; k < result->n_claims; k++) {
        n_of[result->claims[k].verdict]++;
    }
    onus_text_addf(
        text, "Of %zu claim%s %zu supported, %zu contradicted, %zu not shown, %zu not testable. ",
        result->n_claims, result->n_claims == 1 ? ":" : "s:", n_of[ONUS_VERDICT_SUPPORTED],
        n_of[ONUS_VERDICT_CONTRADICTED], n_of[ONUS_VERDICT_NOT_SHOWN],
        n_of[ONUS_VERDICT_NOT_TESTABLE]);
}

static onus_status tell_before(const onus_result *result, onus_text *text, onus_array *measures) {
    onus_status status = ONUS_OK;
    ONUS_TRY(tell_published(result, text, measures));
    if (result->n_claims > 0) {
        tell_tally(result, text);
    }
out:
    return status;
}

onus_status onus_place_answer(onus_result *result, onus_error *err) {
    const onus_claims_telling how = {
        .question = QUESTION, .ask = place_ask(QUESTION), .before = tell_before};
    return onus_claims_answer(result, &how, err);
}
