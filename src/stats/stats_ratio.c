/* The ratio of two exposures: its value, its interval, and what the census's margins do to it.
 *
 * Everything is on the log scale, where a ratio and its inverse are treated alike: a standard
 * error, degrees of freedom, and Student's t. The three sources of uncertainty (space, time,
 * census) fill in the same struct, so that the judge of claims asks each the same question. Space
 * is in stats_ratio_space.c, time in stats_ratio_time.c. Called by the place trial. Never mixes the
 * sources: a verdict needs each to agree. */
#include "onus/stats_ratio.h"

#include <math.h>

#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "stats_ratio_internal.h"

onus_exposures onus_ratio_exposures(const onus_ratio_data *data) {
    const size_t n = data->n_areas;
    onus_exposures e = {.loads = onus_sum_dot(data->weight, data->flags, n),
                        .people = onus_sum_of(data->people, n),
                        .ref_loads = NAN,
                        .ref_people = NAN};
    if (!(e.people > 0.0)) {
        e.ratio = onus_number_none("nobody in the group");
        return e;
    }
    if (data->ref_weight == NULL) {
        e.ratio = onus_number_of(e.loads / e.people);
        return e;
    }
    e.ref_loads = onus_sum_dot(data->ref_weight, data->flags, n);
    e.ref_people = onus_sum_of(data->ref_people, n);
    if (!(e.ref_people > 0.0)) {
        e.ratio = onus_number_none("nobody in the reference group");
    } else if (!(e.ref_loads > 0.0)) {
        e.ratio = onus_number_none("no flags where the reference group lives");
    } else {
        e.ratio = onus_number_of(e.loads / e.people / (e.ref_loads / e.ref_people));
    }
    return e;
}

onus_ratio onus_ratio_none(double ratio, const char *reason) {
    return (onus_ratio){
        .ratio = ratio, .log_se = NAN, .df = NAN, .n_units = 0, .trusted = false, .reason = reason};
}

onus_number onus_ratio_value(const onus_ratio_data *data) {
    return onus_ratio_exposures(data).ratio;
}

onus_limits onus_ratio_interval(const onus_ratio *ratio, double level) {
    if (!(ratio->ratio > 0.0)) {
        return onus_limits_none();
    }
    return onus_log_interval(log(ratio->ratio), ratio->log_se, ratio->df, level);
}

double onus_ratio_p(const onus_ratio *ratio, double bound) {
    if (!(ratio->ratio > 0.0) || !(bound > 0.0)) {
        return NAN;
    }
    return onus_se_p(log(ratio->ratio), ratio->log_se, ratio->df, log(bound));
}

double onus_ratio_detectable(const onus_ratio *ratio, double level, double power) {
    return onus_detectable_ratio(onus_ratio_interval(ratio, level), level, power);
}

/* ---- the census ---- */

static double se_at(const double *margins, size_t i) {
    return margins == NULL || isnan(margins[i]) ? 0.0 : margins[i] / ONUS_MARGIN_Z;
}

/* sum of squares of d log E / d P_i times the standard error of P_i, for one side of the ratio.
 * With the attributed definition the weight of a resident is x_i / P_i, not x_i. */
static double side_variance(const onus_ratio_data *data, const double *total, const double *margins,
                            double loads, double people) {
    onus_sum sum = {0};
    for (size_t i = 0; i < data->n_areas; i++) {
        const double se = se_at(margins, i);
        if (se > 0.0) {
            double met = data->flags[i];
            if (total != NULL) {
                met = total[i] > 0.0 ? met / total[i] : 0.0;
            }
            /* E = loads / people, so (met - E) / (people E) = met / loads - 1 / people */
            const double slope = met / loads - 1.0 / people;
            onus_sum_add(&sum, slope * slope * se * se);
        }
    }
    return onus_sum_get(&sum);
}

/* Through the total of an area, which both sides of an attributed ratio divide by. */
static double total_variance(const onus_ratio_data *data, const onus_ratio_margins *margins,
                             const onus_exposures *e) {
    onus_sum sum = {0};
    for (size_t i = 0; i < data->n_areas; i++) {
        const double se = se_at(margins->total_margin, i);
        if (se > 0.0 && margins->total[i] > 0.0) {
            double share = data->weight[i] / e->loads;
            if (data->ref_weight != NULL) {
                share -= data->ref_weight[i] / e->ref_loads;
            }
            const double slope = data->flags[i] / margins->total[i] * share;
            onus_sum_add(&sum, slope * slope * se * se);
        }
    }
    return onus_sum_get(&sum);
}

/* With everyone else as the reference both sides hang on the same two counts of an area: P_gi,
 * which one side gains and the other loses, and P_i. */
static double rest_variance(const onus_ratio_data *data, const onus_ratio_margins *margins,
                            const onus_exposures *e) {
    onus_sum sum = {0};
    for (size_t i = 0; i < data->n_areas; i++) {
        const double group_se = se_at(margins->people, i);
        const double total_se = se_at(margins->total_margin, i);
        double met = data->flags[i];
        double by_share = 0.0; /* an error in P_i changes the share of each resident in the flags */
        if (margins->attributed) {
            if (!(margins->total[i] > 0.0)) {
                continue;
            }
            met /= margins->total[i];
            by_share = met * data->weight[i] * (1.0 / e->loads + 1.0 / e->ref_loads);
        }
        const double group_slope = met / e->loads - 1.0 / e->people;
        const double rest_slope = met / e->ref_loads - 1.0 / e->ref_people;
        const double by_group = (group_slope + rest_slope) * group_se;
        const double by_total = margins->attributed ? (1.0 / e->ref_people - by_share) * total_se
                                                    : rest_slope * total_se;
        onus_sum_add(&sum, by_group * by_group + by_total * by_total);
    }
    return onus_sum_get(&sum);
}

/* Reference and group counted apart. */
static double apart_variance(const onus_ratio_data *data, const onus_ratio_margins *margins,
                             const onus_exposures *e) {
    const double *total = margins->attributed ? margins->total : NULL;
    double variance = side_variance(data, total, margins->people, e->loads, e->people);
    if (data->ref_weight != NULL) {
        variance += side_variance(data, total, margins->ref_people, e->ref_loads, e->ref_people);
    }
    return margins->attributed ? variance + total_variance(data, margins, e) : variance;
}

onus_status onus_ratio_census(const onus_ratio_data *data, const onus_ratio_margins *margins,
                              onus_ratio *out) {
    if (margins->attributed && margins->total == NULL) {
        return ONUS_ERR_DOMAIN;
    }
    const onus_exposures e = onus_ratio_exposures(data);
    if (e.ratio.reason != NULL) {
        *out = onus_ratio_none(NAN, e.ratio.reason);
        return ONUS_OK;
    }
    if (margins->people == NULL && margins->ref_people == NULL && margins->total_margin == NULL) {
        *out = onus_ratio_none(e.ratio.value, "no margins of error are given");
        return ONUS_OK;
    }
    if (!(e.loads > 0.0)) {
        *out = onus_ratio_none(e.ratio.value, "no flags where the group lives");
        return ONUS_OK;
    }
    const bool rest = margins->ref_is_rest && data->ref_weight != NULL;
    const double variance =
        rest ? rest_variance(data, margins, &e) : apart_variance(data, margins, &e);
    *out = (onus_ratio){.ratio = e.ratio.value,
                        .log_se = sqrt(variance),
                        .df = INFINITY,
                        .n_units = 0,
                        .trusted = true,
                        .reason = NULL};
    return ONUS_OK;
}
