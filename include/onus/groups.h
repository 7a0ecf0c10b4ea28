/* What may be shown of groups of people: rates over them, and how many they are. */
#ifndef ONUS_GROUPS_H
#define ONUS_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/status.h"

/** A rate over fewer people speaks of each of them. */
enum { ONUS_GROUP_PEOPLE_MIN = 3 };

typedef enum onus_group_state {
    ONUS_GROUP_SHOWN,
    ONUS_GROUP_WEAK,    /* so few people that intervals carry no verdict alone */
    ONUS_GROUP_WITHHELD /* of one or two people, or it would give such a group back: nothing shown
                         */
} onus_group_state;

typedef struct onus_group_show {
    onus_group_state state;
    const char *reason; /* static; of weak and withheld ones */
    bool hide_count;    /* how many people they are is withheld: a small count, or one that would
                           give a small one back */
} onus_group_show;

/**
 * Decides for the groups of one grouping; a person is in one of them or in none.
 *
 * @param[in]  n_people     n_groups counts
 * @param[in]  n_everybody  at least their sum; how many are in none is never printed
 * @param[in]  below        protocol.suppress_below
 * @param[out] show         n_groups; caller's
 * @param[out] hide_everybody  the number of everybody is withheld too; set, never cleared: several
 *                             groupings of the same people share it
 * @return ONUS_OK; ONUS_ERR_NOMEM; ONUS_ERR_DOMAIN if the counts exceed n_everybody
 */
onus_status onus_groups_show(const size_t *n_people, size_t n_groups, size_t n_everybody,
                             uint32_t below, onus_group_show *show, bool *hide_everybody,
                             onus_error *err) ONUS_MUST_USE;

#endif
