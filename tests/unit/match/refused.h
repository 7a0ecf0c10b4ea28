/* For tests: a match trial with every allocation refused in turn. */
#ifndef TESTS_UNIT_MATCH_REFUSED_H
#define TESTS_UNIT_MATCH_REFUSED_H

#include "../fault.h"
#include "made.h"

static inline void made_try_refused(made *w) {
    const onus_context context = {.n_threads = 1};
    FAULT_EACH(fault) {
        onus_result_init(&w->r, &w->c, &w->e);
        const onus_status status = onus_match_try(&w->c, &w->e, &context, &w->r, NULL);
        onus_result_clear(&w->r);
        fault_expect(&fault, status);
    }
}

#endif
