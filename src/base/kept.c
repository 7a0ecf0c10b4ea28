/* Blocks that live as long as whatever keeps them.
 *
 * The workings of a trial are made stage by stage and die together; each stage hands its blocks
 * here and frees nothing. Called by the trials. */
#include "onus/kept.h"

#include "onus/alloc.h"

void *onus_keep(onus_array *kept, void *block) {
    if (block != NULL && onus_array_push(kept, &block) != ONUS_OK) {
        onus_free(block);
        return NULL;
    }
    return block;
}

void onus_kept_clear(onus_array *kept) {
    void **blocks = kept->items;
    for (size_t k = 0; k < kept->n_items; k++) {
        onus_free(blocks[k]);
    }
    onus_array_clear(kept);
}
