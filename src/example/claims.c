/* The claims of a worked example, written three times from one table: into the case, into the
 * answer for people, into the answer for programs.
 *
 * Called by the words of every example. Judges nothing: the verdicts are those that were planted.
 */
#include "claims.h"

void example_claims_case(const example_claim *claims, size_t n, onus_text *out) {
    onus_text_add(out, "claims:\n");
    for (size_t i = 0; i < n; i++) {
        onus_text_addf(out, "  - say: %s\n    measure: %s\n", claims[i].say, claims[i].measure);
        if (claims[i].scope != NULL) {
            onus_text_addf(out, "    scope: %s\n", claims[i].scope);
        }
        onus_text_addf(out, "    %s\n", claims[i].bound);
    }
}

void example_claims_answer(const example_claim *claims, size_t n, onus_text *out) {
    onus_text_add(out, "\n| claim | verdict | because |\n|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        onus_text_addf(out, "| %s | %s | %s |\n", claims[i].say, claims[i].verdict,
                       claims[i].because);
    }
}

void example_claims_rows(const example_claim *claims, size_t n, const char *indent,
                         onus_text *out) {
    for (size_t i = 0; i < n; i++) {
        onus_text_addf(out,
                       "%s%s{\"say\": \"%s\", \"measure\": \"%s\", \"scope\": %s, %s, "
                       "\"verdict\": \"%s\"}",
                       i == 0 ? "" : ",\n", indent, claims[i].say, claims[i].measure,
                       claims[i].scope_json, claims[i].bound_json, claims[i].verdict);
    }
}

void example_claims_json(const example_claim *claims, size_t n, onus_text *out) {
    onus_text_add(out, " \"verdicts\": [\n");
    example_claims_rows(claims, n, "  ", out);
    onus_text_add(out, "\n ]");
}
