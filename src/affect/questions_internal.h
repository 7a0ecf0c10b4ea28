/* What questions.c and questions_more.c share: an answer on its way. */
#ifndef ONUS_AFFECT_QUESTIONS_INTERNAL_H
#define ONUS_AFFECT_QUESTIONS_INTERNAL_H

#include "affect_internal.h"

#define AFFECT_ANSWERED "answered"
#define AFFECT_NOT_TESTABLE "not testable"

typedef struct affect_saying {
    onus_text text;
    onus_array measures; /* size_t: drafts that the answer rests on */
    onus_status status;
} affect_saying;

static inline affect_saying affect_new_saying(void) {
    return (affect_saying){.measures = ONUS_ARRAY_OF(size_t)};
}

/** The words of question n (questions.c). */
const char *affect_ask(int n);
/** Names a draft as one that the answer rests on. */
void affect_refer(affect_saying *s, size_t index);
/** Hands the answer to the result; takes its storage. */
onus_status affect_give(affect_trial *t, int n, const char *grade, affect_saying *s) ONUS_MUST_USE;
/** "Not testable: ..." */
onus_status affect_cannot(affect_trial *t, int n, const char *missing) ONUS_MUST_USE;
/** As affect_look; refers to it where it is shown. */
const onus_measure *affect_cite(affect_trial *t, affect_saying *s, const char *id,
                                const affect_reference *reference, const char *key,
                                const char *value);
/** The self-reports, or NULL. */
const affect_reference *affect_felt(const affect_trial *t);

/* questions_more.c: 7 to 12 */
onus_status affect_question_7(affect_trial *t) ONUS_MUST_USE;
onus_status affect_question_8(affect_trial *t) ONUS_MUST_USE;
onus_status affect_question_9(affect_trial *t) ONUS_MUST_USE;
onus_status affect_question_10(affect_trial *t) ONUS_MUST_USE;
onus_status affect_question_11(affect_trial *t) ONUS_MUST_USE;
onus_status affect_question_12(affect_trial *t) ONUS_MUST_USE;

#endif
