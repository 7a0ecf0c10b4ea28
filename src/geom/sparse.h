/* Making sparse rows from entries in any order. */
#ifndef ONUS_GEOM_SPARSE_H
#define ONUS_GEOM_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "onus/array.h"
#include "onus/error.h"
#include "onus/geom.h"
#include "onus/status.h"

typedef struct onus_sparse_entry {
    size_t row;
    int32_t column;
    double value;
} onus_sparse_entry;

/** Sorts the entries (an array of onus_sparse_entry, each (row, column) once) and lays them out.
 *  *out is untouched on failure. */
onus_status onus_sparse_from_entries(onus_array *entries, size_t n_rows, onus_sparse *out,
                                     onus_error *err) ONUS_MUST_USE;

#endif
