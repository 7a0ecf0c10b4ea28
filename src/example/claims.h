/* The claims of a worked example: the case, the answer and the tests are made from one table of
 * them. Private to src/example. */
#ifndef ONUS_EXAMPLE_CLAIMS_H
#define ONUS_EXAMPLE_CLAIMS_H

#include <stddef.h>

#include "onus/text.h"

typedef struct example_claim {
    const char *say;
    const char *measure;
    const char *scope;      /* as in the case: {group: any}; NULL: none */
    const char *scope_json; /* the same as JSON */
    const char *bound;      /* at_most: 1 % */
    const char *bound_json; /* "at_most": 0.01 */
    const char *verdict;
    const char *because;
} example_claim;

/** The block `claims:` of the case. */
void example_claims_case(const example_claim *claims, size_t n, onus_text *out);
/** A table: claim, verdict, because. */
void example_claims_answer(const example_claim *claims, size_t n, onus_text *out);
/** Objects with a claim and its verdict each, for an array of JSON. */
void example_claims_rows(const example_claim *claims, size_t n, const char *indent, onus_text *out);
/** "verdicts": [...] */
void example_claims_json(const example_claim *claims, size_t n, onus_text *out);

#endif
