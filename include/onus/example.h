/* Worked examples with a planted answer: what `onus new` writes, and what tests recover. */
#ifndef ONUS_EXAMPLE_H
#define ONUS_EXAMPLE_H

#include <stdint.h>

#include "onus/error.h"
#include "onus/status.h"

/**
 * Writes the teaching city: a synthetic town in the open Atlantic, its census, a year of recorded
 * incidents and a vendor's dated boxes, which were drawn so that the exposure of Bremmer residents
 * over that of Aldish residents is a planted value.
 *
 * And the break-ins of that year, with the dated boxes of three vendors: one no better than
 * counting, one truly better, one that saw the answers.
 *
 * Files: case.yaml, README.md, ANSWER.md, answer.json, areas.geojson, residents.csv, incidents.csv,
 * predictions.csv; breakins.csv, and vendor_NAME.csv with case_NAME.yaml for even, better and
 * leaking. All are made in memory first; a failure removes the folder and what was written.
 *
 * @param[in] dir   a folder that is not there yet
 * @param[in] seed  the same seed gives the same bytes (same machine and libm)
 * @return ONUS_OK; ONUS_ERR_CANTCREATE if dir exists or cannot be made; ONUS_ERR_IO; ONUS_ERR_NOMEM
 */
onus_status onus_example_place(const char *dir, uint64_t seed, onus_error *err) ONUS_MUST_USE;

/**
 * Writes a made-up camera-matching product: scores of every pair of 400 sightings of 100 people on
 * five cameras, searches of a list, trails of 40 walkers. Planted: false matches ten times as
 * frequent within one group, misses rare on one camera and frequent across cameras, a list with
 * copies, trails that change people.
 *
 * Files: case.yaml, README.md, ANSWER.md, answer.json, sightings.csv, comparisons.csv, gallery.csv,
 * candidates.csv, walks.csv, trails.csv. Otherwise as onus_example_place.
 */
onus_status onus_example_match(const char *dir, uint64_t seed, onus_error *err) ONUS_MUST_USE;

/**
 * Writes a made-up product that labels emotions: 3,000 clips of 150 people, what they reported,
 * what five onlookers said. Planted: a base-rate trick, a group gap, and a Simpson reversal that
 * hides it.
 *
 * Files: case.yaml, README.md, ANSWER.md, answer.json, people.csv, clips.csv, labels.csv, felt.csv,
 * votes.csv. Otherwise as onus_example_place.
 */
onus_status onus_example_affect(const char *dir, uint64_t seed, onus_error *err) ONUS_MUST_USE;

#endif
