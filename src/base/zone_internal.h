/* The part of zone.c that takes bytes from outside, for its fuzz harness. */
#ifndef ONUS_ZONE_INTERNAL_H
#define ONUS_ZONE_INTERNAL_H

#include "onus/civil.h"

/** A zone from the bytes of a TZif file; `name` is for messages. *out untouched on failure. */
onus_status onus_zone_decode(const unsigned char *bytes, size_t len, const char *name,
                             onus_zone **out, onus_error *err) ONUS_MUST_USE;

#endif
