/* Any bytes as a case file: no crash, no leak, and a verdict that agrees with the list of problems.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "onus/case.h"
#include "onus/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    onus_case c;
    static onus_problems problems;
    problems = (onus_problems){0};
    const onus_status status =
        onus_case_parse((const char *)data, size, "case.yaml", NULL, &c, &problems);
    if ((status == ONUS_OK) != (problems.n_all == 0)) {
        abort();
    }
    for (size_t i = 0; i < problems.n_full; i++) {
        const onus_error *err = &problems.full[i];
        if (err->text[0] == '\0' || err->line < 0 || err->col < 0 ||
            onus_utf8_check(err->text, strlen(err->text)) != strlen(err->text)) {
            abort();
        }
    }
    onus_case_clear(&c);
    return 0;
}
