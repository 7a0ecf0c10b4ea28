/* Question 14, which waits for the verdicts: what the vendor promised, and whether the number comes
 * out.
 *
 * The trial runs before claims are judged, because claims are judged by its measures. cmd_try.c
 * calls onus_place_answer afterwards. Quotes the vendor's words and repeats the verdicts; judges
 * nothing. */
#include <string.h>

#include "onus/alloc.h"
#include "onus/place.h"
#include "onus/text.h"
#include "place_internal.h"

enum { QUESTION = 14 };

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
    const onus_verdict first = result->claims[0].verdict;
    for (size_t k = 1; k < result->n_claims; k++) {
        if (result->claims[k].verdict != first) {
            return "answered";
        }
    }
    return onus_verdict_text(first);
}

static void tell(const onus_claim *claim, onus_text *text) {
    onus_text_addf(text, "\"%s\": %s", claim->ref->say, onus_verdict_text(claim->verdict));
    if (claim->sentence != NULL) {
        onus_text_addf(text, ". %s", claim->sentence);
    } else if (claim->has_value) {
        onus_text_addf(text, " (%s is %.4g).", claim->ref->measure, claim->value);
    } else {
        onus_text_add(text, ".");
    }
    onus_text_add(text, " ");
}

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

onus_status onus_place_answer(onus_result *result, onus_error *err) {
    onus_text text = {0};
    onus_array measures = ONUS_ARRAY_OF(size_t);
    onus_status status = ONUS_OK;
    if (answered(result)) {
        return ONUS_OK;
    }
    ONUS_TRY(tell_published(result, &text, &measures));
    const bool published = text.len > 0;
    if (result->n_claims == 0 && published) {
        onus_text_add(&text, "The case holds no claim in the vendor's own words.");
    } else if (result->n_claims == 0) {
        onus_text_add(&text,
                      "Not testable: the case holds no claim. It takes the vendor's own words, the "
                      "measure they are about, and a bound fixed beforehand (claims).");
    } else {
        size_t n_of[ONUS_VERDICT_NOT_TESTABLE + 1] = {0};
        for (size_t k = 0; k < result->n_claims; k++) {
            n_of[result->claims[k].verdict]++;
        }
        onus_text_addf(&text,
                       "Of %zu claim%s %zu supported, %zu contradicted, %zu not shown, %zu not "
                       "testable. ",
                       result->n_claims,
                       result->n_claims == 1 ? ":" : "s:", n_of[ONUS_VERDICT_SUPPORTED],
                       n_of[ONUS_VERDICT_CONTRADICTED], n_of[ONUS_VERDICT_NOT_SHOWN],
                       n_of[ONUS_VERDICT_NOT_TESTABLE]);
    }
    for (size_t k = 0; k < result->n_claims; k++) {
        const onus_claim *claim = &result->claims[k];
        tell(claim, &text);
        for (size_t m = 0; m < claim->n_measures; m++) {
            ONUS_TRY(onus_array_push(&measures, &claim->measures[m]));
        }
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.data[--text.len] = '\0';
    }
    ONUS_TRY(onus_result_question(result, QUESTION, place_ask(QUESTION),
                                  result->n_claims > 0 ? grade_of(result)
                                  : published          ? "answered"
                                                       : "not testable",
                                  onus_text_take(&text), measures.items, measures.n_items));
out:
    onus_text_clear(&text);
    onus_array_clear(&measures);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
