/* What the page draws of groups: gaps crude and on equal labels, with the sentence why they differ.
 *
 * Called by groups.c. A pair that is withheld keeps its names and the reason alone. */
#include <math.h>

#include "groups_internal.h"
#include "onus/text.h"

/* Crude and standardised gap closer than this (half a point) are told as alike. */
static const double ALIKE = 0.005;

typedef struct shares { /* of one label in the reference's labels of both sides */
    double group;
    double base;
} shares;

static shares shares_of(const affect_pair *pair, size_t q, size_t label) {
    double all[2] = {0.0, 0.0};
    for (size_t l = 0; l < q; l++) {
        all[0] += pair->cells[l].all;
        all[1] += pair->cells[q + l].all;
    }
    return (shares){.group = pair->cells[label].all / all[0],
                    .base = pair->cells[q + label].all / all[1]};
}

/* Why the crude gap is not the gap on equal labels, or what is missing. */
static const char *why_of(affect_trial *t, const affect_pair *pair) {
    const size_t q = t->n_labels;
    const double crude = pair->values[ONUS_GROUP_CRUDE].value;
    const double gap = pair->values[ONUS_GROUP_GAP].value;
    size_t most = 0;
    if (pair->state == ONUS_GROUP_WITHHELD) {
        return pair->why_state;
    }
    if (pair->n_people == 0 || isnan(crude)) {
        return pair->refused;
    }
    for (size_t l = 1; l < q; l++) {
        const shares now = shares_of(pair, q, l);
        const shares best = shares_of(pair, q, most);
        most = fabs(now.group - now.base) > fabs(best.group - best.base) ? l : most;
    }
    const shares differ = shares_of(pair, q, most);
    const char *group = pair->grouping->groups[pair->group];
    const char *base = pair->grouping->groups[pair->base];
    if (isnan(gap)) {
        return onus_result_text(
            t->result,
            "%s; the crude gap of %.1f points compares different labels: '%s' is "
            "%.0f %% of the items of %s and %.0f %% of those of %s",
            pair->refused, 100.0 * crude, t->labels[most], 100.0 * differ.group, group,
            100.0 * differ.base, base);
    }
    if (fabs(crude - gap) < ALIKE) {
        return "crude and on equal labels nearly alike: both groups are shown with nearly the same "
               "labels, or the product is right about all labels nearly as often";
    }
    return onus_result_text(
        t->result,
        "as it is the gap reads %+.1f points, but '%s' is %.0f %% of the items of %s and %.0f %% "
        "of "
        "those of %s: that mix alone makes %+.1f points, and on equal labels the gap is %+.1f",
        100.0 * crude, t->labels[most], 100.0 * differ.group, group, 100.0 * differ.base, base,
        100.0 * (crude - gap), 100.0 * gap);
}

static const char *state_of(const affect_pair *pair) {
    return pair->state == ONUS_GROUP_WITHHELD ? "withheld"
           : pair->refused != NULL            ? "refused"
           : pair->state == ONUS_GROUP_WEAK   ? "weak"
                                              : "";
}

static onus_status names(onus_series *series, const affect_pair *pair) {
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_series_text(series, pair->labels->name));
    ONUS_TRY(pair->labels->stratum != NULL ? onus_series_text(series, pair->labels->stratum)
                                           : onus_series_null(series));
    ONUS_TRY(onus_series_text(series, pair->grouping->name));
    ONUS_TRY(onus_series_text(series, pair->grouping->groups[pair->group]));
    ONUS_TRY(onus_series_text(series, pair->grouping->groups[pair->base]));
out:
    return status;
}

static onus_status numbers(onus_series *series, const double *values, size_t n, bool withheld) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < n; k++) {
        ONUS_TRY(onus_series_number(series, withheld || !isfinite(values[k]) ? NAN : values[k]));
    }
out:
    return status;
}

static onus_status gaps(affect_trial *t, const affect_pair *pairs, size_t n_pairs) {
    static const char *columns[] = {"against",      "stratum", "by",          "group", "reference",
                                    "standardised", "low",     "high",        "crude", "crude_low",
                                    "crude_high",   "n_group", "n_reference", "state", "why"};
    onus_status status = ONUS_OK;
    onus_series *series =
        onus_result_series(t->result, "gaps", columns, sizeof columns / sizeof *columns);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_pairs; k++) {
        const affect_pair *pair = &pairs[k];
        const onus_cluster_estimate *gap = &pair->values[ONUS_GROUP_GAP];
        const onus_cluster_estimate *crude = &pair->values[ONUS_GROUP_CRUDE];
        double n[2] = {0.0, 0.0}; /* items */
        for (size_t l = 0; l < t->n_labels; l++) {
            n[0] += pair->cells[l].all;
            n[1] += pair->cells[t->n_labels + l].all;
        }
        const double values[] = {gap->value,   gap->limits.low,   gap->limits.high,
                                 crude->value, crude->limits.low, crude->limits.high,
                                 round(n[0]),  round(n[1])};
        const char *why = why_of(t, pair);
        ONUS_TRY(names(series, pair));
        ONUS_TRY(numbers(series, values, sizeof values / sizeof *values,
                         pair->state == ONUS_GROUP_WITHHELD));
        ONUS_TRY(onus_series_text(series, state_of(pair)));
        ONUS_TRY(why != NULL ? onus_series_text(series, why) : onus_series_null(series));
    }
out:
    return status;
}

static onus_status tests(affect_trial *t, const affect_pair *pairs, size_t n_pairs) {
    static const char *columns[] = {"against",    "stratum", "by",         "group",   "reference",
                                    "odds_ratio", "low",     "high",       "z_items", "z_people",
                                    "labels",     "p_gap",   "p_adjusted", "state"};
    onus_status status = ONUS_OK;
    onus_series *series =
        onus_result_series(t->result, "gap_tests", columns, sizeof columns / sizeof *columns);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_pairs; k++) {
        const affect_pair *pair = &pairs[k];
        const onus_cluster_estimate *log_odds = &pair->values[ONUS_GROUP_LOG_ODDS];
        const double values[] = {pair->mh.odds_ratio,
                                 exp(log_odds->limits.low),
                                 exp(log_odds->limits.high),
                                 pair->mh.z_naive,
                                 log_odds->value / log_odds->se,
                                 (double)pair->mh.n_strata,
                                 pair->p_gap,
                                 pair->p_adjusted};
        ONUS_TRY(names(series, pair));
        ONUS_TRY(numbers(series, values, sizeof values / sizeof *values,
                         pair->state == ONUS_GROUP_WITHHELD));
        ONUS_TRY(onus_series_text(series, state_of(pair)));
    }
out:
    return status;
}

onus_status affect_pair_series(affect_trial *t, const affect_pair *pairs, size_t n_pairs) {
    const onus_status status = gaps(t, pairs, n_pairs);
    return status != ONUS_OK ? status : tests(t, pairs, n_pairs);
}
