/* Is a product as often right for one group as for another, on the same labels? */
#ifndef ONUS_STATS_LABELS_GROUPS_H
#define ONUS_STATS_LABELS_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_cluster.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** What a comparison of two groups rests on: by label of the reference, how many items, and how
 *  many of them the product got right. right and all may be sums of shares. */
typedef struct onus_group_cell {
    double right;
    double all;
} onus_group_cell;

/** cells[side * n_labels + label]; side 0 the group, side 1 the reference group. As totals for
 *  onus_cluster_fn the same, as doubles: right, all, right, all ... */
typedef struct onus_group_shape {
    size_t n_labels;
} onus_group_shape;
static inline size_t onus_group_n_sums(size_t n_labels) {
    return 4 * n_labels;
}

enum {                      /* values of onus_group_values */
       ONUS_GROUP_GAP,      /* mean over labels of recall differences, each label counting alike */
       ONUS_GROUP_CRUDE,    /* difference of accuracies as they are */
       ONUS_GROUP_LOG_ODDS, /* ln of the Mantel-Haenszel odds ratio */
       ONUS_GROUP_MIX,      /* crude - gap: what the mix of labels does */
       ONUS_GROUP_N_VALUES
};
/** gap is NaN if a label that one side has is missing from the other: never a mean over what
 *  happens to be there. shared: onus_group_shape. */
void onus_group_values(const void *shared, const double *totals, double *values);

/** Which label keeps the groups from being compared: in [0, n_labels), or -1. side: 0 or 1 of the
 *  one that lacks it. Labels that neither has are not missing. */
int32_t onus_group_missing(const onus_group_cell *cells, size_t n_labels, int *side);

typedef struct onus_mantel_haenszel {
    double odds_ratio; /* of being right, group over reference */
    double log_odds;
    double variance; /* of log_odds (Robins, Breslow & Greenland 1986), items independent */
    double delta;    /* ETS: -2.35 log_odds */
    double chi2;     /* with the correction of 1/2 */
    double chi2_p;
    double z_naive;     /* log_odds / sqrt(variance) */
    size_t n_strata;    /* labels with items of both groups and both right and wrong */
    const char *reason; /* why there is none */
} onus_mantel_haenszel;
/** Mantel & Haenszel (1959). Undefined: no stratum tells, or the ratio is 0 or infinite. */
void onus_mantel_haenszel_of(const onus_group_cell *cells, size_t n_labels,
                             onus_mantel_haenszel *out);

/** Logistic regression of being right on the label and the group (Swaminathan & Rogers 1990). */
typedef struct onus_dif {
    double uniform;      /* group's log odds ratio, the same for every label; NaN: see reason */
    double uniform_se;   /* items independent */
    double uniform_chi2; /* likelihood ratio, 1 df */
    double uniform_p;
    double interaction_chi2; /* likelihood ratio of "differs by label", interaction_df */
    double interaction_df;
    double interaction_p;
    size_t n_separated; /* labels where one side is always right or always wrong: their own odds
                           ratio is infinite or 0, the likelihood ratio still stands */
    bool separated;     /* uniform: no finite maximum */
    const char *reason;
} onus_dif;
/** Newton on the group's coefficient, label by label profiled out. ERR never: reasons. */
void onus_dif_of(const onus_group_cell *cells, size_t n_labels, onus_dif *out);

/**
 * p of a likelihood ratio whose items come from people: chi2 / effect over its df as an F with
 * df_people below (first-order correction of Rao & Scott 1984). effect: a design effect; below 1 it
 * counts as 1. NaN if an argument is not positive.
 */
double onus_rao_scott_p(double chi2, double df, double effect, double df_people);

/**
 * Benjamini & Hochberg (1995): adjusted p, over the family of those that are not NaN.
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. adjusted may be p.
 */
onus_status onus_benjamini_hochberg(const double *p, size_t n, double *adjusted) ONUS_MUST_USE;

/** Smallest gap shown with the given power by a test at 1 - level: (t(level) + t(power)) se. */
double onus_detectable_gap(double se, double df, double level, double power);

#endif
