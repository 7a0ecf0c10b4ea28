/* Private to the retrieval kernels: mates by blocks of equal score, and who is whose mate. */
#ifndef ONUS_STATS_RETRIEVAL_INTERNAL_H
#define ONUS_STATS_RETRIEVAL_INTERNAL_H

#include "onus/stats_retrieval.h"

/** Entries of one score that a mate has. */
typedef struct rank_block {
    uint32_t n_before; /* others with a better score */
    uint32_t n_others; /* of this score */
    uint32_t n_mates;  /* >= 1 */
} rank_block;

/** Fills the places and the means of a search whose counts of entries are set. Blocks from best to
 *  worst; mates that failed are in none of them. */
void retrieval_finish(const rank_block *blocks, size_t n_blocks, onus_retrieval *search);

/** Entries by person, ascending within each. */
typedef struct mate_index {
    size_t *start; /* n_people + 1 */
    uint32_t *entry;
    size_t most; /* entries of any person */
} mate_index;

/** ERR_DOMAIN for a person out of range or too many entries; ERR_NOMEM. Cleared on failure. */
onus_status mate_index_make(const onus_retrieval_set *set, mate_index *out, onus_error *err);
void mate_index_clear(mate_index *index);

/** What an entry is to a probe. */
typedef enum entry_role { ENTRY_OTHER, ENTRY_MATE, ENTRY_REMOVED, ENTRY_SELF } entry_role;
entry_role retrieval_role(const onus_retrieval_set *set, size_t probe, size_t entry);

/** Counts entries, mates and removed ones of a probe; the rest is zero or NaN. */
void retrieval_begin(const onus_retrieval_set *set, const mate_index *index, size_t probe,
                     onus_retrieval *out);

#endif
