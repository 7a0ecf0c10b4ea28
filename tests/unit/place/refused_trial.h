/* A case whose trial, answers and verdicts run again and again, each time with another allocation
 * refused. Include after cmocka.h. */
#ifndef ONUS_TESTS_REFUSED_TRIAL_H
#define ONUS_TESTS_REFUSED_TRIAL_H

#include "../fault.h"
#include "../random.h"
#include "made_trial.h"
#include "onus/claims.h"

enum { ALL_OF_THE_FIRST = 32, ROUNDS = 100 };

static inline onus_status try_all(trial *t) {
    static const onus_context one = {.n_threads = 1};
    onus_result_init(&t->result, &t->c, &t->evidence);
    onus_status status = onus_place_try(&t->c, &t->evidence, &one, &t->result, NULL);
    if (status == ONUS_OK) {
        status = onus_place_answer(&t->result, NULL);
    }
    if (status == ONUS_OK) {
        status = onus_claims_judge(&t->result, NULL);
    }
    return status;
}

/* Tries a case with memory refused; `measure` must be there when it is not, so that no stage is
 * missing by mistake. */
static inline void survives(const char *text, const char *measure) {
    trial t;
    onus_problems problems = {0};
    memset(&t, 0, sizeof t);
    onus_status status = onus_case_parse(text, strlen(text), "case", temp_dir, &t.c, &problems);
    if (status == ONUS_OK) {
        status = onus_evidence_load(&t.c, NULL, &t.evidence, &problems);
    }
    if (status != ONUS_OK) {
        fail_msg("%s", problems.full[0].text);
    }
    size_t n_found = 0;
    FAULT_SPREAD(fault, ALL_OF_THE_FIRST, (size_t)test_mult(ROUNDS)) {
        status = try_all(&t);
        for (size_t i = 0; status == ONUS_OK && i < onus_result_n_measures(&t.result); i++) {
            n_found += strcmp(onus_result_measure(&t.result, i)->def->id, measure) == 0;
        }
        onus_result_clear(&t.result);
        fault_expect(&fault, status);
    }
    assert_true(n_found > 0);
    trial_clear(&t);
}

#endif
