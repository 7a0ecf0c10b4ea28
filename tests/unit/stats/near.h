/* For tests of statistics: comparison with a stated relative tolerance. */
#ifndef ONUS_TEST_NEAR_H
#define ONUS_TEST_NEAR_H

#include <math.h>

#define assert_near(got, want, tolerance)                                                          \
    do {                                                                                           \
        const double got_ = (got);                                                                 \
        const double want_ = (want);                                                               \
        if (!(fabs(got_ - want_) <= (tolerance)*fmax(1.0, fabs(want_)))) {                         \
            fail_msg("%s is %.17g, not %.17g", #got, got_, want_);                                 \
        }                                                                                          \
    } while (0)

#endif
