/* Making sparse rows from entries that come row by row. */
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

/** Adds an entry to an array of onus_sparse_entry. Rows come in ascending order, the columns of one
 *  row in any; a (row, column) that is there already has the value added to it. */
onus_status onus_sparse_add(onus_array *entries, size_t row, int32_t column,
                            double value) ONUS_MUST_USE;

/** Lays out the entries of n_blocks arrays, one after the other. *out is untouched on failure. */
onus_status onus_sparse_join(const onus_array *blocks, size_t n_blocks, size_t n_rows,
                             onus_sparse *out, onus_error *err) ONUS_MUST_USE;

#endif
