/* The four criteria that Barrett et al. (2019) ask of an expression before it may stand for an
 * emotion, label by label.
 *
 *   reliability       p(said l | felt l): how often the label is given when it is so
 *   specificity       p(felt l | said l): how often it is so when the label is given
 *   generalisability  the lowest reliability among the groups of people that are shown
 *   validity          reliability and specificity against what people themselves reported: the
 * lower
 *
 * Grades are theirs: 70 % or more strong, 40 to 69 moderate, 20 to 39 weak, less unsupported. They
 * are graded by the lower limit over people, since a share that a dozen people happened to reach is
 * no support; the grade of the bare value stands beside it. Without self-reports nothing is said
 * about what was felt: the first two are then about onlookers or instructions, and validity is not
 * testable. Called by validity.c. */
#include <math.h>

#include "validity_internal.h"

static const char CAPPED[] =
    "nobody was asked what they felt: it can at most agree with onlookers or with instructions";

static const char *grade_of(double share) {
    return isnan(share)    ? "not testable"
           : share >= 0.70 ? "strong"
           : share >= 0.40 ? "moderate"
           : share >= 0.20 ? "weak"
                           : "unsupported";
}

typedef struct graded {
    double value;
    double low;
    double high;
    const char *why;
} graded;

static graded graded_of(const affect_trial *t, const onus_cluster_estimate *e, const char *why) {
    const onus_limits limits = affect_share_limits(t, e);
    return (graded){.value = e->value,
                    .low = isfinite(limits.low) ? limits.low : NAN,
                    .high = isfinite(limits.high) ? limits.high : NAN,
                    .why = isnan(e->value)         ? why
                           : !isfinite(limits.low) ? e->reason
                                                   : NULL};
}

static graded lower_of(graded a, graded b) {
    return isnan(a.value) || a.value < b.value ? a : b;
}

static onus_status add_row(affect_trial *t, onus_series *series, const affect_found *found,
                           size_t label, const char *criterion, graded g) {
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_series_text(series, found->reference->name));
    ONUS_TRY(found->reference->stratum != NULL ? onus_series_text(series, found->reference->stratum)
                                               : onus_series_null(series));
    ONUS_TRY(onus_series_text(series, t->labels[label]));
    ONUS_TRY(onus_series_text(series, criterion));
    ONUS_TRY(onus_series_number(series, g.value));
    ONUS_TRY(onus_series_number(series, g.low));
    ONUS_TRY(onus_series_number(series, g.high));
    ONUS_TRY(onus_series_text(series, grade_of(g.low)));
    ONUS_TRY(onus_series_text(series, grade_of(g.value)));
    ONUS_TRY(g.why != NULL ? onus_series_text(series, g.why) : onus_series_null(series));
out:
    return status;
}

onus_status affect_criteria(affect_trial *t, const affect_found *found, size_t n_found) {
    static const char *columns[] = {"against", "stratum", "label", "criterion",      "value",
                                    "low",     "high",    "grade", "grade_of_value", "why"};
    const char *no_group = t->n_groupings == 0 ? "the case names no groups of people"
                                               : "no group that may be shown has this label";
    onus_status status = ONUS_OK;
    const size_t n_columns = sizeof columns / sizeof *columns;
    onus_series *series = onus_result_series(t->result, "criteria", columns, n_columns);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_found; f++) {
        const bool felt = found[f].reference->against == AFFECT_SELF_REPORT;
        for (size_t l = 0; l < t->n_labels; l++) {
            const onus_cluster_estimate *e =
                &found[f].estimates[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * l];
            const graded reliability = graded_of(t, &e[0], "the reference never has this label");
            const graded specificity = graded_of(t, &e[1], "the product never gave this label");
            const graded general = graded_of(t, &found[f].worst[l], no_group);
            ONUS_TRY(add_row(t, series, &found[f], l, "reliability", reliability));
            ONUS_TRY(add_row(t, series, &found[f], l, "specificity", specificity));
            ONUS_TRY(add_row(t, series, &found[f], l, "generalisability", general));
            ONUS_TRY(add_row(t, series, &found[f], l, "validity",
                             felt ? lower_of(reliability, specificity)
                                  : (graded){NAN, NAN, NAN, CAPPED}));
        }
    }
out:
    return status;
}
