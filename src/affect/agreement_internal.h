/* Private to the agreement family of the affect trial: panels of votes, and how sure they are. */
#ifndef ONUS_AFFECT_AGREEMENT_INTERNAL_H
#define ONUS_AFFECT_AGREEMENT_INTERNAL_H

#include "affect_internal.h"
#include "onus/stats_agreement.h"

/** Everything about one table of votes on one scale. */
typedef struct agreement_panel {
    const char *between; /* "raters", "versions" */
    const char *stratum; /* NULL: all votes */
    const char *scale;   /* "nominal" ... where the declared scale is not nominal; else NULL */
    onus_vote_counts votes;
    onus_agreement_opts opts;
    onus_agreement found;
    double *prevalence; /* n_labels */
    bool sure;          /* the rest is filled: somebody voted */
    size_t n_drawn;     /* people with a vote */
    onus_jackknife people[ONUS_N_COEFFICIENTS];
    onus_jackknife units[ONUS_N_COEFFICIENTS];
    onus_limits people_drawn[ONUS_N_COEFFICIENTS]; /* percentiles of the bootstrap */
    onus_limits units_drawn[ONUS_N_COEFFICIENTS];
    onus_limits hayes; /* alpha's, for comparison */
} agreement_panel;

/** Fewer people than this carry no verdict (docs/statistics.md). */
enum { AGREEMENT_PEOPLE_MIN = 10 };

/** The panel in numbers; the caller set between to opts. */
onus_status agreement_measure_panel(affect_trial *t, agreement_panel *panel) ONUS_MUST_USE;

/** The jackknife's limits as a measure's interval, weak where people are few or not known. */
void agreement_put_limits(const affect_trial *t, onus_measure *m, const onus_jackknife *jackknife,
                          size_t n_drawn);

/** agreement_words.c: the sentence where coefficients part, as a warning. */
onus_status agreement_say_paradox(affect_trial *t, const agreement_panel *panel) ONUS_MUST_USE;

/** agreement_coders.c: the product against each reference (Cohen, Scott, R_K), and two named coders
 * or versions. */
onus_status agreement_of_coders(affect_trial *t) ONUS_MUST_USE;
/** agreement_icc.c: numbers of raters; nothing unless the scale has numbers. */
onus_status agreement_of_scores(affect_trial *t) ONUS_MUST_USE;

#endif
