/* Tables of labels against labels, with a column for abstentions; and the ladder of baselines that
 * an accuracy has to climb. Nothing here knows what a label means. */
#ifndef ONUS_STATS_CONFUSION_H
#define ONUS_STATS_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/* A confusion of q declared labels is q * (q + 1) cells: cells[truth * (q + 1) + said]; the last
 * column holds abstentions. Cells are counts, or sums of shares where the reference is the votes of
 * several raters (an item of 8 votes weighs 1, its truth is 5/8 one label and 3/8 another). */
static inline size_t onus_confusion_n_cells(size_t n_labels) {
    return n_labels * (n_labels + 1);
}

/** Labels said of items, and what they are held against. */
typedef struct onus_labelled {
    size_t n_items;
    size_t n_labels;
    const int32_t *said;   /* n_items in [0, n_labels), or -1: abstained */
    const double *truth;   /* n_items * n_labels weights >= 0 that sum to 1; all 0: the item has no
                              reference and is not compared */
    const int32_t *person; /* n_items in [0, n_people), or NULL: nobody known, one person each */
    size_t n_people;
} onus_labelled;

/**
 * Confusions by person: what the person-cluster intervals are made from.
 * @param[out] sums  n_people * q (q + 1); without persons n_items * q (q + 1)
 * @return ONUS_OK; ONUS_ERR_DOMAIN (a label or person out of range, a weight that is not finite or
 *         negative). O(n_items n_labels).
 */
onus_status onus_confusion_sums(const onus_labelled *d, double *sums,
                                onus_error *err) ONUS_MUST_USE;
/** Cells added up over persons (Neumaier). */
void onus_confusion_total(const double *sums, size_t n_people, size_t n_labels, double *cells);

/** A share with what it is made of. value NaN: den is 0, see reason. */
typedef struct onus_fraction {
    double num;
    double den;
    double value;
    const char *reason;
} onus_fraction;
onus_fraction onus_fraction_of(double num, double den, const char *reason_if_none);

/** Right / all, abstentions among all. */
onus_fraction onus_confusion_accuracy(const double *cells, size_t n_labels);
/** Right / answered: abstaining on what is hard raises it, so it never stands alone. */
onus_fraction onus_confusion_accuracy_answered(const double *cells, size_t n_labels);
/** Abstained / all. */
onus_fraction onus_confusion_abstained(const double *cells, size_t n_labels);
/** p(said l | truth l), abstentions in the denominator. */
onus_fraction onus_confusion_recall(const double *cells, size_t n_labels, size_t label);
onus_fraction onus_confusion_recall_answered(const double *cells, size_t n_labels, size_t label);
/** p(truth l | said l). */
onus_fraction onus_confusion_precision(const double *cells, size_t n_labels, size_t label);
/** p(said l | truth not l): how often the label is given where it is not so. */
onus_fraction onus_confusion_given_not(const double *cells, size_t n_labels, size_t label);
/** Mean of the recalls of the labels that occur in the reference; n_used says how many do. */
onus_number onus_confusion_balanced(const double *cells, size_t n_labels, size_t *n_used);
/** The share of the reference's commonest label, *label (may be NULL): what saying it always gets
 *  right. */
onus_fraction onus_confusion_commonest(const double *cells, size_t n_labels, size_t *label);

/** (value - baseline) / (1 - baseline). Undefined: a baseline of 1, or either undefined. */
onus_number onus_skill(double value, double baseline);

/** All of the above as one vector, for onus_cluster_estimates (shared: onus_confusion_shape). */
enum {
    ONUS_CONFUSION_ACCURACY,
    ONUS_CONFUSION_ANSWERED,
    ONUS_CONFUSION_ABSTAINED,
    ONUS_CONFUSION_BALANCED,
    ONUS_CONFUSION_COMMONEST,
    ONUS_CONFUSION_SKILL,   /* over the commonest label */
    ONUS_CONFUSION_BY_LABEL /* then recall, precision and given_not of label 0, of label 1, ... */
};
enum { ONUS_CONFUSION_PER_LABEL = 3 };
typedef struct onus_confusion_shape {
    size_t n_labels;
} onus_confusion_shape;
static inline size_t onus_confusion_n_values(size_t n_labels) {
    return ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * n_labels;
}
void onus_confusion_values(const void *shared, const double *cells, double *values);

/**
 * Interval of one cell's share of its row: Dirichlet(1/2, ..., 1/2) before, so Beta(k + 1/2,
 * n - k + (n_columns - 1)/2) after; equal tails. k = 0 begins at 0, k = n ends at 1 (Brown, Cai &
 * DasGupta 2001). Rows taken for independent: only as good as that. None if n = 0.
 */
onus_limits onus_dirichlet_limits(double k, double n, size_t n_columns, double level);

/* ---- the ladder ---- */

/** Accuracy of the product's own labels dealt out anew within each person. */
typedef struct onus_chance {
    double value;       /* exact expectation over all permutations; NaN: no item is compared */
    double sd;          /* exact standard deviation over them */
    double observed;    /* accuracy of the labels as given */
    double statistic;   /* (observed - value) / sd */
    double p_value;     /* one-sided: this good or better by chance; normal, with the correction for
                           whole numbers where weights are whole */
    size_t n_items;     /* compared */
    size_t n_people;    /* with at least one compared item */
    size_t n_movable;   /* items of people among whose items labels can change places */
    const char *reason; /* why there is no value or no p */
} onus_chance;

/**
 * Exact moments of a permutation within persons: with c_ij the weight of label said_j in the truth
 * of item i, E = sum c_ij / n and Var = sum d_ij^2 / (n - 1), d doubly centred (Hoeffding 1951),
 * added over persons. Abstentions change places like labels and are never right. Without persons
 * all items are one person's.
 * @return ONUS_OK; ONUS_ERR_DOMAIN; ONUS_ERR_NOMEM. O(n_items n_labels).
 */
onus_status onus_labels_chance(const onus_labelled *d, onus_chance *out,
                               onus_error *err) ONUS_MUST_USE;

/** How well raters meet one another on one unit (votes by label). NaN: fewer than two votes. */
typedef struct onus_ceiling {
    double mode; /* share of the commonest label among all votes: it counts each voter's own vote,
                    so that nobody could reach it who did not vote */
    double loo;  /* a rater's vote against the plurality of the others, ties split evenly: what the
                    best guess from onlookers gets right about one more onlooker */
    double pair; /* two raters drawn without replacement agree: one human against one human */
    double n_units; /* with two votes or more (1 or 0 for a single unit) */
} onus_ceiling;
/** @param[in] votes  n_labels whole counts. O(n_labels). */
onus_ceiling onus_unit_ceiling(const double *votes, size_t n_labels);
/** Means over units with two votes or more, each unit counting once. */
onus_ceiling onus_votes_ceiling(const double *votes, size_t n_units, size_t n_labels);
/** Weight of each label as the plurality of the votes: 1, or 1 / k each for k that tie; all 0
 *  without votes. *n_tied (may be NULL): k. */
void onus_plurality(const double *votes, size_t n_labels, double *weights, size_t *n_tied);

#endif
