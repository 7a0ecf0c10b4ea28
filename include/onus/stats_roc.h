/* Scores of comparisons against thresholds: exact counts of false matches and false non-matches,
 * rates with failures to acquire, equal error rates, the area under the curve, DET points.
 *
 * A comparison matches iff score >= t (<= t where a lower score means the same person). A score
 * that is NaN is a failure to acquire (FTA): it is never dropped in silence and never a score. */
#ifndef ONUS_STATS_ROC_H
#define ONUS_STATS_ROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** Scores by what is true: both sides one person (genuine), or two (impostor). Borrowed. */
typedef struct onus_scores {
    const double *genuine; /* NaN: failure to acquire */
    size_t n_genuine;      /* at most ONUS_SCORES_MAX, failures included */
    const double *impostor;
    size_t n_impostor;
    bool lower_is_same; /* a lower score means the same person */
} onus_scores;

/** Scores of a class: twice the product of two classes still fits 64 bits. */
#define ONUS_SCORES_MAX ((size_t)1 << 31)

/** What happened at one threshold. */
typedef struct onus_roc_counts {
    double threshold;   /* INFINITY (-INFINITY where lower is same): beyond every score, no match */
    uint64_t n_genuine; /* acquired */
    uint64_t n_impostor; /* acquired */
    uint64_t fta_genuine;
    uint64_t fta_impostor;
    uint64_t false_nonmatch; /* of n_genuine */
    uint64_t false_match;    /* of n_impostor */
} onus_roc_counts;

typedef enum onus_fta_convention {
    ONUS_FTA_ACQUIRED,    /* only comparisons that took place: FMR, FNMR */
    ONUS_FTA_AS_NONMATCH, /* of all attempted, failures do not match: FMR(1 - FTA), FNMR(1 - FTA) +
                             FTA, as FAR and FRR of ISO/IEC 19795-1 */
    ONUS_FTA_AS_MATCH,    /* of all attempted, failures let through */
    ONUS_FTA_N_CONVENTIONS
} onus_fta_convention;

/** num of den; den 0: no rate. */
typedef struct onus_share {
    uint64_t num;
    uint64_t den;
} onus_share;

onus_share onus_roc_fmr(const onus_roc_counts *counts, onus_fta_convention convention);
onus_share onus_roc_fnmr(const onus_roc_counts *counts, onus_fta_convention convention);
/** Failures of all attempted comparisons: of one class or of both. */
onus_share onus_roc_fta(const onus_roc_counts *counts);
/** num/den; undefined with a reason if den is 0. */
onus_number onus_share_value(onus_share share);

/** Where the two error rates are equal, or nearly: with finitely many scores they seldom are. */
typedef enum onus_eer_convention {
    ONUS_EER_CROSSING,     /* of the last threshold with FMR > FNMR and the first with FMR <= FNMR,
                              the one with the smaller sum; mean of its two rates (FVC2000) */
    ONUS_EER_NEAREST,      /* at the threshold with the least |FMR - FNMR| (the highest of equals),
                              the mean of the two */
    ONUS_EER_INTERPOLATED, /* where the line between the two points of the crossing has FMR = FNMR
                            */
    ONUS_EER_N_CONVENTIONS
} onus_eer_convention;

typedef struct onus_eer {
    onus_number rate;
    onus_roc_counts at; /* the threshold: a score that occurs, or beyond all. Interpolated: the
                           first with FMR <= FNMR */
    double low;         /* the two rates there, the smaller first; interpolated: rate twice */
    double high;
} onus_eer;

/** AUC = P(genuine beats impostor) + P(tie)/2, as an integer fraction num2 / den2 = 2 num / 2 den.
 */
typedef struct onus_auc {
    uint64_t num2;
    uint64_t den2; /* 2 * genuine * impostor; 0: undefined */
} onus_auc;

/** FNMR at the lowest threshold whose FMR is at most a bound, and what ties leave open. */
typedef struct onus_fnmr_at {
    double fmr_at_most;
    onus_roc_counts at; /* threshold: the lowest score that occurs (or beyond all) that keeps it */
    onus_number pessimistic; /* FNMR at `at`: scores equal to the one that breaks the bound do not
                                match */
    onus_number expected;    /* equal scores in random order, until the bound is used up */
    onus_number optimistic;  /* equal scores, genuine ones first */
} onus_fnmr_at;

/** What to compute: all of it in the same few passes over the scores. */
typedef struct onus_roc_ask {
    const double *thresholds; /* finite */
    size_t n_thresholds;
    const double *fmr_at; /* in [0, 1] */
    size_t n_fmr_at;
    bool eer;
    bool auc;
    size_t n_det; /* points of the curve wanted, 0: none; at least 2 */
} onus_roc_ask;

/** Everything asked. Owned: onus_roc_clear. */
typedef struct onus_roc {
    onus_roc_counts totals;               /* n and FTA; threshold NaN, errors 0 */
    onus_roc_counts *at;                  /* ask->n_thresholds, in their order */
    onus_fnmr_at *fnmr_at;                /* ask->n_fmr_at, in their order */
    onus_eer eer[ONUS_EER_N_CONVENTIONS]; /* reason set if a class is empty, or not asked for */
    onus_auc auc;
    onus_roc_counts *det; /* from every score matches to none does: no two points alike */
    size_t n_det;
} onus_roc;

/**
 * Computes what is asked without sorting or copying the scores.
 *
 * Large classes are counted into buckets of an order-preserving integer key of the score, finer
 * where more scores lie; only buckets that hold an answer are refined further, and once few scores
 * are left in them these are sorted. Sets of up to ONUS_ROC_SMALL scores are sorted at once. AUC
 * needs every rank and is taken with a sorted copy of the smaller class.
 *
 * Det: the points asked for and those of the equal error rate among them; the others spread evenly
 * over the curve on the probit scale. A set with no more distinct scores than ask->n_det comes
 * out whole. In large sets the other points' thresholds are bounds of buckets.
 *
 * @param[out] out  to be cleared; empty but clearable on failure
 * @return ONUS_OK; ONUS_ERR_DOMAIN (a threshold that is not finite, an FMR outside [0, 1]);
 *         ONUS_ERR_LIMIT (more than ONUS_SCORES_MAX); ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 *
 * Undefined (reason): rates of an empty class; EER and AUC if either class has no score. Counts are
 * exact. Same answer for any number of threads.
 * Cost: O(n) time, three to six passes; memory O(buckets), AUC: 8 bytes per score of the smaller
 * class besides.
 * Source: ISO/IEC 19795-1:2021; Maio et al. (2002) for the crossing; Mann & Whitney (1947).
 * Checked against: tests/reference/match.
 */
onus_status onus_roc_make(const onus_scores *scores, const onus_roc_ask *ask,
                          const onus_context *context, onus_roc *out) ONUS_MUST_USE;
void onus_roc_clear(onus_roc *roc);

#define ONUS_ROC_SMALL ((size_t)1 << 17)

/** Normal deviate of a rate, the scale of DET charts; -INFINITY at 0, INFINITY at 1. */
double onus_probit(onus_share share);

#endif
