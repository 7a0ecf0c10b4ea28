/* Figures as the texts of worked examples write them. Private to src/example. */
#ifndef ONUS_EXAMPLE_WORDS_H
#define ONUS_EXAMPLE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "onus/text.h"

/** So that it can be read back to the last bit. */
void example_put_number(onus_text *out, double value);
/** For people: as many digits as were planted. */
void example_put_share(onus_text *out, double share);
/** "1,234" */
void example_put_count(onus_text *out, size_t n);
/** An object of answer.json. exact: counted, not drawn; the report must say just this. */
void example_put_planted(onus_text *out, const char *measure, const char *scope, double value,
                         bool exact);

#endif
