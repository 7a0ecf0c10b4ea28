/* What the two sources of the fixture share. */
#ifndef ONUS_TEST_REPORT_FIXTURE_INTERNAL_H
#define ONUS_TEST_REPORT_FIXTURE_INTERNAL_H

#include "fixture.h"

/** Aborts unless good. */
void fixture_must(int good);
/** A measure of the fixture's own catalogue, with a value. */
onus_measure fixture_measure(const char *id, double value);
/** Its index in the result. */
size_t fixture_add(fixture *f, const onus_measure *m);

/** fixture_accuracy.c: measures and series. */
void fixture_add_accuracy(fixture *f);

#endif
