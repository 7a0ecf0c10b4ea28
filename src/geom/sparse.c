/* Sparse rows: freeing them, and making them from entries that come row by row.
 *
 * Kernels find the columns of a row in the order in which their index yields them. An entry is put
 * in its place among those of its row when it is added (rows are short), so that what callers see
 * never depends on an index, and blocks of rows can be made by several threads and joined in order.
 * Called by boxes.c and overlap.c; contiguity.c lays its symmetric pattern out itself.
 */
#include "sparse.h"

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

onus_status onus_sparse_add(onus_array *entries, size_t row, int32_t column, double value) {
    const onus_sparse_entry entry = {.row = row, .column = column, .value = value};
    onus_sparse_entry *items = entries->items;
    size_t at = entries->n_items;
    while (at > 0 && items[at - 1].row == row && items[at - 1].column >= column) {
        at--;
    }
    if (at < entries->n_items && items[at].column == column) {
        items[at].value += value;
        return ONUS_OK;
    }
    const onus_status status = onus_array_push(entries, &entry);
    if (status != ONUS_OK) {
        return status;
    }
    items = entries->items;
    memmove(&items[at + 1], &items[at], (entries->n_items - 1 - at) * sizeof *items);
    items[at] = entry;
    return ONUS_OK;
}

onus_status onus_sparse_join(const onus_array *blocks, size_t n_blocks, size_t n_rows,
                             onus_sparse *out, onus_error *err) {
    onus_sparse made = {.n_rows = n_rows};
    size_t n = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        n += blocks[b].n_items;
    }
    made.starts = onus_alloc_n(n_rows + 1, sizeof *made.starts);
    made.columns = onus_alloc_n(n, sizeof *made.columns);
    made.values = onus_alloc_n(n, sizeof *made.values);
    if (made.starts == NULL || made.columns == NULL || made.values == NULL) {
        onus_sparse_clear(&made);
        return onus_fail_nomem(err);
    }
    size_t at = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        const onus_sparse_entry *items = blocks[b].items;
        for (size_t i = 0; i < blocks[b].n_items; i++) {
            made.starts[items[i].row + 1]++;
            made.columns[at] = items[i].column;
            made.values[at++] = items[i].value;
        }
    }
    for (size_t r = 0; r < n_rows; r++) {
        made.starts[r + 1] += made.starts[r];
    }
    *out = made;
    return ONUS_OK;
}
