/* What the sources of the group family share: the tallies of every group at one set and threshold.
 */
#ifndef ONUS_MATCH_GROUPS_INTERNAL_H
#define ONUS_MATCH_GROUPS_INTERNAL_H

#include "match_internal.h"

/** One kind of rate within one group (both sides in it), failures to acquire left out. */
typedef struct group_rate {
    match_tally tally;
    onus_dyadic estimate; /* only where is_estimated */
    bool is_estimated;    /* people are known, and there are comparisons */
} group_rate;

/** Everything of one grouping in one set at one threshold. */
typedef struct group_bench {
    const match_set *set;
    const match_point *point;
    size_t grouping;
    size_t n_groups;
    group_rate *of[MATCH_N_KINDS]; /* [kind][group] */
} group_bench;

/** "fmr" or "fnmr". */
const char *match_rate_name(match_kind kind);

/** groups_noise.c: what comparisons are worth; both bounds where nobody erred; vertex bootstrap. */
onus_status match_groups_worth(match_trial *t, const match_set *set,
                               const match_point *point) ONUS_MUST_USE;
/** groups_ratio.c: each group against all others, and what could have been told apart. */
onus_status match_groups_ratios(match_trial *t, const group_bench *bench) ONUS_MUST_USE;
/** groups_differential.c: max over min and the like, drawn again by people. */
onus_status match_groups_differentials(match_trial *t, const group_bench *bench) ONUS_MUST_USE;

/** groups_design.c: comparisons of a set as products of what each person has, for the vertex
 * bootstrap.
 */
typedef struct match_design {
    onus_dyad_factor *factors;
    size_t n_factors;
    uint32_t *counts; /* what the factors point into */
} match_design;
/** value: within this group of the grouping; -1: everybody. Where the table is no full design the
 * factors do not fit, and the plan drops them. */
onus_status match_design_of(const match_trial *t, const match_set *set, size_t grouping,
                            int32_t value, match_design *out) ONUS_MUST_USE;
void match_design_clear(match_design *design);

#endif
