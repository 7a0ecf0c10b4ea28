/* Blocks that live as long as whatever keeps them, so that stages borrow freely. */
#ifndef ONUS_KEPT_H
#define ONUS_KEPT_H

#include "onus/array.h"
#include "onus/status.h"

/** An empty store: an array of pointers. */
#define ONUS_KEPT_INIT ONUS_ARRAY_OF(void *)

/** Takes ownership of a block of onus_alloc and hands it on; frees it and returns NULL where there
 *  is no memory to remember it. NULL stays NULL, so that an allocation may be the argument. */
void *onus_keep(onus_array *kept, void *block) ONUS_MUST_USE;
/** Frees every block, and the store. */
void onus_kept_clear(onus_array *kept);

#endif
