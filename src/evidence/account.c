/* The account of an input: every row that was read is either used or excluded under a reason, and
 * the two add up. Called wherever a row is let go: rows.c, people.c, flags.c, outcomes.c. Reasons
 * keep the order in which they first occurred, which is the order of the file. Never forgives a
 * difference: onus_evidence_load treats one as our bug. */
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

onus_status onus_input_exclude(onus_input *input, const char *reason, bool by_choice,
                               uint64_t rows) {
    if (rows == 0) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < input->n_excluded; i++) {
        onus_exclusion *known = &input->excluded[i];
        if (known->by_choice == by_choice && strcmp(known->reason, reason) == 0) {
            known->rows += rows;
            return ONUS_OK;
        }
    }
    char *copy = onus_strdup(reason);
    onus_exclusion *more =
        copy == NULL ? NULL : onus_realloc_n(input->excluded, input->n_excluded + 1, sizeof *more);
    if (more == NULL) {
        onus_free(copy);
        return ONUS_ERR_NOMEM;
    }
    input->excluded = more;
    input->excluded[input->n_excluded] =
        (onus_exclusion){.reason = copy, .rows = rows, .by_choice = by_choice};
    input->n_excluded++;
    return ONUS_OK;
}

bool onus_input_adds_up(const onus_input *input) {
    uint64_t sum = input->used;
    for (size_t i = 0; i < input->n_excluded; i++) {
        sum += input->excluded[i].rows;
    }
    return sum == input->rows;
}

void onus_input_clear(onus_input *input) {
    for (size_t i = 0; i < input->n_excluded; i++) {
        onus_free(input->excluded[i].reason);
    }
    onus_free(input->excluded);
    onus_free(input->file);
    *input = (onus_input){0};
}

void onus_evidence_clear(onus_evidence *evidence) {
    onus_input *inputs = evidence->inputs.items;
    for (size_t i = 0; i < evidence->inputs.n_items; i++) {
        onus_input_clear(&inputs[i]);
    }
    onus_array_clear(&evidence->inputs);
    onus_load_warning *warnings = evidence->warnings.items;
    for (size_t i = 0; i < evidence->warnings.n_items; i++) {
        onus_free(warnings[i].text);
    }
    onus_array_clear(&evidence->warnings);
    onus_layer_clear(&evidence->areas);
    onus_people_clear(&evidence->people);
    onus_layer_clear(&evidence->region);
    onus_layer_clear(&evidence->grid);
    onus_layer_clear(&evidence->districts);
    onus_flags_clear(&evidence->flags);
    onus_forecast_clear(&evidence->forecast);
    onus_csep_clear(&evidence->csep);
    onus_outcomes_clear(&evidence->outcomes);
    onus_patrols_clear(&evidence->patrols);
    onus_published_clear(&evidence->published);
    onus_injection_clear(&evidence->injection);
    onus_affect_clear(&evidence->affect);
    onus_match_evidence_clear(&evidence->match);
    onus_free(evidence->projection);
    evidence->projection = NULL;
}
