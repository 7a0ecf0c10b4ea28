/* What the sources of the board's answers share. */
#ifndef ONUS_MATCH_QUESTIONS_INTERNAL_H
#define ONUS_MATCH_QUESTIONS_INTERNAL_H

#include "tricks_internal.h"

#define MATCH_NOT_TESTABLE "not testable"
#define MATCH_ANSWERED "answered"

/** The words of question n. */
const char *match_ask(int n);

/** An answer in the making. A zeroed one needs measures = ONUS_ARRAY_OF(size_t). */
typedef struct match_answer {
    onus_text text;
    onus_array measures; /* size_t */
    onus_status status;
} match_answer;

/** Which draft of a measure a sentence is about: over all, at the threshold in use, acquired
 *  comparisons, unless told otherwise. */
typedef struct match_want {
    const char *id;
    const char *key; /* a further key with this text or this number; NULL: none */
    const char *text;
    double number; /* looked at where text is NULL; NaN: any */
} match_want;

match_answer match_answer_begin(void);
/** Has the trial warned of this? */
bool match_warned(const match_trial *t, const char *code);
/** Shown draft; NULL: there is none. Slices by group, other conventions and other thresholds do not
 *  count; of several sets of comparisons the main one does. *index may be NULL. */
const onus_measure *match_pick(const match_trial *t, match_want want, size_t *index);
/** The same, and the answer refers to it. */
const onus_measure *match_use_measure(const match_trial *t, match_answer *a, match_want want);
void match_refer(match_answer *a, size_t index);
/** "109 of 191 searches (57.1 %; 40 % to 70 % with 95 % confidence)"; of: "searches" or NULL. */
void match_put_rate(match_answer *a, const onus_measure *m, const char *of);
/** "; 0.9 % to 2.4 % with 95 % confidence", or nothing; percent or plain. */
void match_put_interval(match_answer *a, const onus_measure *m, bool percent);
/** "20,000", "3.2" */
void match_put_figure(match_answer *a, double value);
/** Hands the answer to the result and takes its storage. */
onus_status match_give(match_trial *t, int n, const char *grade, match_answer *a) ONUS_MUST_USE;

/* questions_errors.c: 1, 2, 3, 4 and 9; questions_use.c: 5, 6, 7, 8, 10 and 12 */
onus_status match_questions_errors(match_trial *t) ONUS_MUST_USE;
onus_status match_questions_use(match_trial *t) ONUS_MUST_USE;

#endif
