/* Limits of a share over people, where quantiles of replicates fail: few errors.
 *
 * With four misses among 197 searches a drawn total is a handful of integers, and the lower
 * quantile reaches 0 or stops short of it by luck. The score interval does not: it needs only how
 * many independent trials the rows are worth, which the jackknife over people says.
 *
 * Called by the match trial for shares of searches and of trails.
 */
#include <math.h>

#include "onus/stats_cluster.h"
#include "onus/stats_interval.h"

onus_limits onus_share_limits(const onus_cluster_estimate *e, double k, double n, size_t n_people,
                              double level, double *n_effective) {
    *n_effective = 0.0;
    if (!(n > 0.0) || n_people < 2 || !(level > 0.0 && level < 1.0)) {
        return onus_limits_none();
    }
    const double share = k / n;
    if (k <= 0.0 || k >= n) {
        *n_effective = (double)n_people;
        const double margin = 1.0 - pow(1.0 - level, 1.0 / (double)n_people);
        return k <= 0.0 ? (onus_limits){0.0, margin} : (onus_limits){1.0 - margin, 1.0};
    }
    const double rows_variance = share * (1.0 - share) / n;
    const double variance =
        isfinite(e->se) && e->se * e->se > rows_variance ? e->se * e->se : rows_variance;
    const double df = isfinite(e->df) && e->df > 0.0 ? e->df : (double)n_people - 1.0;
    *n_effective = share * (1.0 - share) / variance;
    /* Wilson's formula takes a normal quantile: the level at which it is Student's */
    const double quantile = onus_t_quantile(0.5 + 0.5 * level, df);
    const double level_of_t = 2.0 * onus_normal_cdf(quantile) - 1.0;
    return onus_wilson(share * *n_effective, *n_effective, level_of_t);
}
