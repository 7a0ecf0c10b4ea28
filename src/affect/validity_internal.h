/* What validity*.c, scores*.c and groups*.c share: the items that one reference speaks of, person
 * by person, and how an estimate over people is set into a measure. */
#ifndef ONUS_AFFECT_VALIDITY_INTERNAL_H
#define ONUS_AFFECT_VALIDITY_INTERNAL_H

#include "affect_internal.h"
#include "onus/stats_cluster.h"
#include "onus/stats_confusion.h"

/** Items with a reference that the product was asked about, of everybody or of one group. People
 *  are numbered anew: only those with such an item are there to be drawn. */
typedef struct affect_view {
    onus_labelled data; /* borrows what follows */
    int32_t *item;      /* data.n_items: index in the trial */
    int32_t *said;
    double *truth;
    int32_t *person;
    int32_t *people; /* data.n_people: index in the trial */
    double *sums;    /* data.n_people * onus_confusion_n_cells */
    double *cells;
} affect_view;

/**
 * @param[in]  truth  of affect_reference: its truth or plurality
 * @param[in]  g      NULL: everybody
 * @param[out] out    affect_view_clear; empty on failure
 */
onus_status affect_view_make(const affect_trial *t, const double *truth, const affect_grouping *g,
                             size_t group, affect_view *out) ONUS_MUST_USE;
void affect_view_clear(affect_view *view);
/** Does everything said of this view speak of one or two persons? */
bool affect_view_is_tiny(const affect_trial *t, const affect_view *view);
/** Withholds a draft whose view is tiny. */
void affect_withhold_tiny(onus_measure *m);

/**
 * What may be shown of the groups of one grouping where only the people of this view count: a group
 * of many may have one or two with a reference.
 * @param[in]  view  of everybody
 * @param[out] show  g->n_groups
 */
onus_status affect_view_show(const affect_trial *t, const affect_view *view,
                             const affect_grouping *g, onus_group_show *show) ONUS_MUST_USE;

/** The case's level, seed and number of draws; shares end at 0 and 1. */
onus_cluster_opts affect_cluster_opts(const affect_trial *t, bool is_share);
/** The interval of a draft whose value is set; or why there is none. */
void affect_set_estimate(const affect_trial *t, onus_measure *m, const onus_cluster_estimate *e);
/** The same for a share; where nobody differs, Wilson's interval as if each person were one row. */
void affect_set_share_estimate(const affect_trial *t, onus_measure *m,
                               const onus_cluster_estimate *e);

/** Limits of a share's estimate, Wilson's where nobody differs: what the two functions above set.
 */
onus_limits affect_share_limits(const affect_trial *t, const onus_cluster_estimate *e);

/* ---- validity.c to validity_ladder.c and validity_series.c ---- */
enum affect_rung {
    AFFECT_RUNG_CHANCE,
    AFFECT_RUNG_COMMONEST,
    AFFECT_RUNG_ONE_HUMAN,
    AFFECT_RUNG_CEILING,
    AFFECT_N_RUNGS
};
const char *affect_rung_name(enum affect_rung rung);

/** A rung of the ladder, against one reference (and the humans of one stratum). */
typedef struct affect_step {
    onus_cluster_estimate value;
    onus_cluster_estimate gain;  /* the product's accuracy less this, on the same items */
    onus_cluster_estimate skill; /* gain / (1 - this) */
    double num;
    double den;
    double product; /* right answers on the same items */
    size_t measure; /* index of the draft of its value */
    const char *reason;
} affect_step;

typedef struct affect_ladder {
    const char *stratum; /* of the humans, where there are several; else NULL */
    affect_step steps[AFFECT_N_RUNGS];
} affect_ladder;

typedef struct affect_found {
    const affect_reference *reference;
    size_t n_items;
    size_t n_people;
    double items_se; /* of the accuracy if every item were another person's */
    double *cells;
    onus_cluster_estimate *estimates; /* onus_confusion_n_values */
    affect_ladder *ladders; /* one; against self-reports and instructions one for each stratum */
    size_t n_ladders;
    onus_cluster_estimate *worst; /* n_labels: recall in the group that may be shown and meets it
                                     least often; value NaN: no group has the label */
} affect_found;

onus_status affect_climb(affect_trial *t, const affect_view *view,
                         affect_found *found) ONUS_MUST_USE; /* validity_ladder.c */
onus_status affect_validity_series(affect_trial *t, const affect_found *found,
                                   size_t n_found) ONUS_MUST_USE; /* validity_series.c */
onus_status affect_criteria(affect_trial *t, const affect_found *found,
                            size_t n_found) ONUS_MUST_USE; /* validity_criteria.c */

#endif
