/* For tests: an example whose memory runs out leaves no folder. */
#ifndef ONUS_TEST_REFUSED_H
#define ONUS_TEST_REFUSED_H

#include "../fault.h"
#include "teaching.h"

typedef onus_status (*make_fn)(const char *dir, uint64_t seed, onus_error *err);

/* An example takes up to 0.1 s, so about n_rounds of its allocations are refused, spread over all.
 */
static inline void refuse_and_expect_no_folder(make_fn make, size_t n_rounds) {
    FAULT_SPREAD(fault, 1, n_rounds) {
        teaching t;
        onus_error err = ONUS_ERROR_INIT;
        assert_true(teaching_begin(&t));
        const onus_status status = make(t.dir, 1, &err);
        fault_expect(&fault, status);
        const bool is_there = access(t.dir, F_OK) == 0;
        teaching_end(&t);
        if (is_there != (status == ONUS_OK)) {
            onus_alloc_set(NULL);
            fail_msg("with allocation %zu refused, a folder is %s", fault.round,
                     is_there ? "left" : "missing");
        }
    }
}

#endif
