/* Sparse rows: freeing them, and making them from entries in any order.
 *
 * Kernels find the columns of a row in the order in which their index yields them; the builder
 * sorts all entries by row and column, so that what callers see never depends on an index.
 * Called by boxes.c and overlap.c (contiguity.c lays its symmetric pattern out itself).
 */
#include "sparse.h"

#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"

void onus_sparse_clear(onus_sparse *sparse) {
    if (sparse == NULL) {
        return;
    }
    onus_free(sparse->starts);
    onus_free(sparse->columns);
    onus_free(sparse->values);
    memset(sparse, 0, sizeof *sparse);
}

static int by_row_and_column(const void *left, const void *right) {
    const onus_sparse_entry *a = left;
    const onus_sparse_entry *b = right;
    if (a->row != b->row) {
        return a->row < b->row ? -1 : 1;
    }
    return (a->column > b->column) - (a->column < b->column);
}

onus_status onus_sparse_from_entries(onus_array *entries, size_t n_rows, onus_sparse *out,
                                     onus_error *err) {
    onus_sparse made = {.n_rows = n_rows};
    onus_sparse_entry *items = entries->items;
    const size_t n = entries->n_items;
    made.starts = onus_alloc_n(n_rows + 1, sizeof *made.starts);
    made.columns = onus_alloc_n(n, sizeof *made.columns);
    made.values = onus_alloc_n(n, sizeof *made.values);
    if (made.starts == NULL || made.columns == NULL || made.values == NULL) {
        onus_sparse_clear(&made);
        return onus_fail_nomem(err);
    }
    if (n > 0) {
        qsort(items, n, sizeof *items, by_row_and_column);
    }
    for (size_t i = 0; i < n; i++) {
        made.starts[items[i].row + 1]++;
        made.columns[i] = items[i].column;
        made.values[i] = items[i].value;
    }
    for (size_t r = 0; r < n_rows; r++) {
        made.starts[r + 1] += made.starts[r];
    }
    *out = made;
    return ONUS_OK;
}
