/* What the texts of every worked example write: figures, and what was planted, for programs.
 *
 * Called by the words of every example. Decides nothing. */
#include "words.h"

#include "onus/scalar.h"

void example_put_number(onus_text *out, double value) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    onus_text_add_len(out, text, onus_format_double(value, text));
}

void example_put_share(onus_text *out, double share) {
    char text[32];
    (void)onus_format(text, sizeof text, "%.4g", share);
    onus_text_add(out, text);
}

void example_put_count(onus_text *out, size_t n) {
    char text[32];
    onus_text_add_len(out, text, onus_format_count((int64_t)n, text));
}

void example_put_planted(onus_text *out, const char *measure, const char *scope, double value,
                         bool exact) {
    onus_text_addf(out,
                   "  {\"measure\": \"%s\", \"scope\": %s, \"exact\": %s, \"value\": ", measure,
                   scope, exact ? "true" : "false");
    example_put_number(out, value);
    onus_text_add(out, "}");
}
