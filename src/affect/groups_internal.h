/* What groups.c computes of a pair of groups and groups_measures.c says of it. */
#ifndef ONUS_AFFECT_GROUPS_INTERNAL_H
#define ONUS_AFFECT_GROUPS_INTERNAL_H

#include "onus/stats_labels_groups.h"
#include "validity_internal.h"

/** One group against the reference group of its grouping, on one reference of labels. */
typedef struct affect_pair {
    const affect_reference *labels;
    const affect_grouping *grouping;
    size_t group;
    size_t base;            /* the reference group */
    onus_group_state state; /* the graver of both groups */
    const char *why_state;  /* of weak and withheld ones */
    size_t n_people;        /* of the group; 0: nobody of it is compared */
    onus_group_cell *cells; /* 2 * n_labels */
    onus_cluster_estimate values[ONUS_GROUP_N_VALUES];
    onus_mantel_haenszel mh;
    onus_dif dif;
    const char *refused; /* why there is no standardised gap */
    double p_gap;        /* of no gap, people vary; NaN: none */
    double p_adjusted;   /* Benjamini & Hochberg over the pairs of this reference */
} affect_pair;

/** Appends the pair's measures; with_against: the key `against` is written. */
onus_status affect_pair_measures(affect_trial *t, const affect_pair *pair,
                                 bool with_against) ONUS_MUST_USE; /* groups_measures.c */
onus_status affect_pair_series(affect_trial *t, const affect_pair *pairs,
                               size_t n_pairs) ONUS_MUST_USE; /* groups_series.c */

#endif
