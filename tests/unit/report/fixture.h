/* A result made by hand: a town of 108 areas with every kind of entry that a report can hold. */
#ifndef ONUS_TEST_REPORT_FIXTURE_H
#define ONUS_TEST_REPORT_FIXTURE_H

#include "onus/model.h"

typedef struct fixture {
    onus_case c;
    onus_evidence evidence;
    onus_result result;
} fixture;

/** Aborts if out of memory. */
fixture *fixture_new(void);
void fixture_free(fixture *f);

#endif
