/* Randomness by counter and replicates over workers: results never depend on who computed what. */
#ifndef ONUS_EXEC_H
#define ONUS_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/status.h"
#include "onus/version.h"

/* ---- streams: append only; a number keeps its meaning for as long as ONUS_RNG_SCHEME (version.h)
 * stays 1 ---- */
typedef enum onus_stream {
    ONUS_STREAM_TEST = 0,
    ONUS_STREAM_BURDEN_SPACE = 1,     /* spatial-block bootstrap of areas */
    ONUS_STREAM_BURDEN_FLAGS = 2,     /* time-block bootstrap of flags */
    ONUS_STREAM_BURDEN_CENSUS = 3,    /* sampling error of census counts */
    ONUS_STREAM_MORAN = 4,            /* permutations for Moran's I */
    ONUS_STREAM_EXAMPLE_CITY = 5,     /* the teaching city */
    ONUS_STREAM_PLACE_PIT = 6,        /* randomised probability integral transforms */
    ONUS_STREAM_PLACE_KNOX = 7,       /* permutations of dates for Knox's test */
    ONUS_STREAM_PLACE_CSEP = 8,       /* simulated catalogues of the consistency tests */
    ONUS_STREAM_FEEDBACK_URN = 9,     /* draws of the feedback urn */
    ONUS_STREAM_FEEDBACK_LUM = 10,    /* what patrols add in the Lum-Isaac loop */
    ONUS_STREAM_FEEDBACK_GRID = 11,   /* patrols, finds and reports of the grid loop */
    ONUS_STREAM_PLACE_WINDOWS = 12,   /* simulated catalogues window by window */
    ONUS_STREAM_AFFECT_PEOPLE = 13,   /* which people a bootstrap over persons draws */
    ONUS_STREAM_MATCH_VERTEX = 14,    /* people drawn again: pairs of people follow */
    ONUS_STREAM_MATCH_HALVES = 15,    /* people parted into halves: thresholds set elsewhere */
    ONUS_STREAM_EXAMPLE_PRODUCT = 20, /* the made-up camera product of `onus new match` */
