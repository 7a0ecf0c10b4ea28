/* Intervals where people vary, not rows.
 *
 * What a statistic needs is added up once for every person; a replicate then draws persons (how
 * often each), adds up their sums and computes the statistic anew. A resample of n persons varies
 * less than n fresh persons would, by (n - 1) / n, and percentiles treat the spread as known: at 20
 * persons both together cost 3 points of coverage. So the distances of the replicates from the
 * estimate are stretched by sqrt(n / (n - 1)) t / z. The jackknife over the same persons says how
 * large the parts of the variance are where several groups are drawn apart, and stands beside as a
 * check. Called by every measure of the affect trial. Never draws a row. */
#include "onus/stats_cluster.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/sum.h"
#include "stats_sort.h"

/* A variance below this share of the squared value is rounding. */
static const double VARIANCE_ROUNDING = 1e-24;

/* ---- drawing ---- */

typedef struct plan {
    const onus_cluster_data *data;
    onus_cluster_fn fn;
    const void *shared;
    size_t n_values;
    uint64_t seed;
    const size_t *starts;   /* n_strata + 1, into members */
    const int32_t *members; /* persons, stratum by stratum */
} plan;

/* One word of Philox a draw: whom the k-th draw of a stratum hits. */
static void draw_times(uint64_t seed, uint64_t replicate, const size_t *starts,
                       const int32_t *members, size_t n_strata, uint32_t *times) {
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_AFFECT_PEOPLE, replicate, 0);
    for (size_t s = 0; s < n_strata; s++) {
        const size_t n = starts[s + 1] - starts[s];
        for (size_t k = 0; k < n; k++) {
            times[members[starts[s] + onus_rng_below(&rng, (uint32_t)n)]]++;
        }
    }
}

/* totals[k] += weight row[k], what rounding takes collected in carry[k]: the exact error of each
 * addition (Knuth), the same as Neumaier's but without a branch, so that columns go side by side.
 */
static void add_row(double *restrict totals, double *restrict carry, const double *restrict row,
                    double weight, size_t n) {
    for (size_t k = 0; k < n; k++) {
        const double value = weight * row[k];
        const double next = totals[k] + value;
        const double part = next - totals[k];
        carry[k] += (totals[k] - (next - part)) + (value - part);
        totals[k] = next;
    }
}

static void draw_once(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const plan *p = shared;
    const size_t n_sums = p->data->n_sums;
    double *totals = scratch;
    double *carry = totals + n_sums;
    uint32_t *times = (void *)(carry + n_sums);
    memset(totals, 0, 2 * n_sums * sizeof *totals);
    memset(times, 0, p->data->n_clusters * sizeof *times);
    draw_times(p->seed, replicate, p->starts, p->members, p->data->n_strata, times);
    for (size_t i = 0; i < p->data->n_clusters; i++) {
        if (times[i] > 0) {
            add_row(totals, carry, p->data->sums + i * n_sums, (double)times[i], n_sums);
        }
    }
    for (size_t k = 0; k < n_sums; k++) {
        totals[k] += carry[k];
    }
    p->fn(p->shared, totals, slot);
}

/* Persons stratum by stratum, in their order. starts: n_strata + 1 zeros. */
static void sort_members(const int32_t *stratum, size_t n, size_t n_strata, size_t *starts,
                         int32_t *members) {
    for (size_t i = 0; i < n; i++) {
        starts[(stratum == NULL ? 0 : (size_t)stratum[i]) + 1]++;
    }
    for (size_t s = 0; s < n_strata; s++) {
        starts[s + 1] += starts[s];
    }
    for (size_t i = n; i-- > 0;) { /* each start is the end of what is placed, moved down */
        const size_t s = stratum == NULL ? 0 : (size_t)stratum[i];
        members[--starts[s + 1]] = (int32_t)i;
    }
    /* starts[s + 1] is now where stratum s begins: move all one back */
    for (size_t s = 0; s < n_strata; s++) {
        starts[s] = starts[s + 1];
    }
    starts[n_strata] = n;
}

onus_status onus_cluster_times(uint64_t seed, uint64_t replicate, const int32_t *stratum,
                               size_t n_clusters, size_t n_strata, uint32_t *times) {
    onus_status status = ONUS_OK;
    size_t *starts = onus_alloc_n(n_strata + 1, sizeof *starts);
    int32_t *members = onus_alloc_n(n_clusters, sizeof *members);
    if (starts == NULL || members == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    sort_members(stratum, n_clusters, n_strata, starts, members);
    memset(times, 0, n_clusters * sizeof *times);
    draw_times(seed, replicate, starts, members, n_strata, times);
out:
    onus_free(starts);
    onus_free(members);
    return status;
}

/* ---- the jackknife ---- */

/* Values without each person in turn: out[person * n_values + k]. Sums of those before plus those
 * after, never a total less one part, so that an empty cell stays exactly 0. */
static onus_status leave_one_out(const plan *p, double *out) {
    const onus_cluster_data *d = p->data;
    onus_status status = ONUS_OK;
    double *after = onus_alloc_n((d->n_clusters + 1) * d->n_sums, sizeof *after);
    double *totals = onus_alloc_n(d->n_sums, sizeof *totals);
    onus_sum *sums = onus_alloc_n(d->n_sums, sizeof *sums);
    if (after == NULL || totals == NULL || sums == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = d->n_clusters; i-- > 0;) {
        for (size_t k = 0; k < d->n_sums; k++) {
            onus_sum_add(&sums[k], d->sums[i * d->n_sums + k]);
            after[i * d->n_sums + k] = onus_sum_get(&sums[k]);
        }
    }
    memset(sums, 0, d->n_sums * sizeof *sums);
    for (size_t i = 0; i < d->n_clusters; i++) {
        for (size_t k = 0; k < d->n_sums; k++) {
            totals[k] = onus_sum_get(&sums[k]) + after[(i + 1) * d->n_sums + k];
            onus_sum_add(&sums[k], d->sums[i * d->n_sums + k]);
        }
        p->fn(p->shared, totals, out + i * p->n_values);
    }
out:
    onus_free(after);
    onus_free(totals);
    onus_free(sums);
    return status;
}

typedef struct spread {
    double variance; /* of the statistic */
    double shrunk;   /* what a bootstrap would find of it */
    double df;
} spread;

static spread jackknife(const plan *p, const double *without, size_t value) {
    spread out = {0};
    double df_den = 0.0;
    for (size_t s = 0; s < p->data->n_strata; s++) {
        const size_t from = p->starts[s];
        const size_t n = p->starts[s + 1] - from;
        if (n < 2) {
            continue; /* nobody, or one person: the caller refuses the latter */
        }
        onus_sum sum = {0};
        for (size_t k = 0; k < n; k++) {
            onus_sum_add(&sum, without[(size_t)p->members[from + k] * p->n_values + value]);
        }
        const double count = (double)n;
        const double mean = onus_sum_get(&sum) / count;
        onus_sum squares = {0};
        for (size_t k = 0; k < n; k++) {
            const double off = without[(size_t)p->members[from + k] * p->n_values + value] - mean;
            onus_sum_add(&squares, off * off);
        }
        const double part = onus_sum_get(&squares) * (count - 1.0) / count;
        out.variance += part;
        out.shrunk += part * (count - 1.0) / count;
        df_den += part * part / (count - 1.0);
    }
    out.df = df_den > 0.0 ? out.variance * out.variance / df_den : NAN;
    return out;
}

/* ---- limits ---- */

static onus_limits within(onus_limits limits, onus_limits range) {
    return (onus_limits){.low = limits.low < range.low ? range.low : limits.low,
                         .high = limits.high > range.high ? range.high : limits.high};
}

static onus_status limits_of(const plan *p, const onus_cluster_opts *opts, const double *replicates,
                             double *column, size_t value, spread spread_of,
                             onus_cluster_estimate *out) {
    const size_t n = (size_t)opts->n_replicates;
    const double quantile = onus_t_quantile(0.5 + 0.5 * opts->level, out->df);
    if (isfinite(out->se)) {
        out->jackknife =
            within(onus_se_interval(out->value, out->se, out->df, opts->level), opts->range);
    }
    if (n == 0) {
        out->limits = out->jackknife;
        return ONUS_OK;
    }
    for (size_t r = 0; r < n; r++) {
        column[r] = replicates[r * p->n_values + value];
    }
    onus_limits plain = onus_limits_none();
    const onus_status status = onus_percentile_interval(column, n, opts->level, &plain);
    if (status != ONUS_OK || isnan(plain.low)) {
        return status;
    }
    out->percentile = plain;
    const double stretch = sqrt(spread_of.variance / spread_of.shrunk) * quantile /
                           onus_normal_quantile(0.5 + 0.5 * opts->level);
    /* a limit on the wrong side of the estimate (a biased statistic) is not drawn further in */
    const double down = fmax(0.0, out->value - plain.low);
    const double up = fmax(0.0, plain.high - out->value);
    out->limits =
        within((onus_limits){.low = out->value - stretch * down, .high = out->value + stretch * up},
               opts->range);
    return ONUS_OK;
}

static onus_status estimate(const plan *p, const onus_cluster_opts *opts, const double *without,
                            const double *replicates, double *column, size_t value, size_t least,
                            onus_cluster_estimate *out) {
    if (isnan(out->value)) {
        out->reason = "undefined for all people together";
        return ONUS_OK;
    }
    if (least < 2) {
        out->reason = p->data->n_clusters < 2 ? "a single person: how people vary is not known"
                                              : "a single person in a group: how people of that "
                                                "group vary is not known";
        return ONUS_OK;
    }
    spread found = jackknife(p, without, value);
    if (isnan(found.variance)) { /* undefined without somebody: the bootstrap shows it */
        found = (spread){
            .variance = (double)least, .shrunk = (double)least - 1.0, .df = (double)least - 1.0};
        out->df = found.df;
    } else if (!(found.variance > VARIANCE_ROUNDING * fmax(1.0, out->value * out->value))) {
        out->se = 0.0;
        out->reason = "the same for every person: there is no spread to resample";
        return ONUS_OK;
    } else {
        out->se = sqrt(found.variance);
        out->df = found.df;
    }
    out->trusted = least >= ONUS_CLUSTERS_MIN;
    out->reason = out->trusted ? NULL : "fewer than 10 people";
    return limits_of(p, opts, replicates, column, value, found, out);
}

/* ---- all together ---- */

static onus_status check(const onus_cluster_data *d, const onus_cluster_opts *opts,
                         onus_error *err) {
    if (!(opts->level > 0.0 && opts->level < 1.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a level is not between 0 and 1");
    }
    if (d->n_clusters == 0 || d->n_clusters > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_TOO_FEW, "there is nobody to draw");
    }
    for (size_t i = 0; i < d->n_clusters * d->n_sums; i++) {
        if (!isfinite(d->sums[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a sum of a person is not a number");
        }
    }
    for (size_t i = 0; d->stratum != NULL && i < d->n_clusters; i++) {
        if (d->stratum[i] < 0 || (size_t)d->stratum[i] >= d->n_strata) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a stratum is out of range");
        }
    }
    return ONUS_OK;
}

static onus_status draw_all(const plan *p, const onus_cluster_opts *opts,
                            const onus_context *context, double *replicates, onus_error *err) {
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw_once;
    job.shared = p;
    job.n_replicates = opts->n_replicates;
    job.width = p->n_values;
    job.scratch_size =
        2 * p->data->n_sums * sizeof(double) + p->data->n_clusters * sizeof(uint32_t);
    job.stage = "people";
    job.steps = (double)p->data->n_clusters * (8.0 + 2.0 * (double)p->data->n_sums);
    return onus_replicates_run(&job, context, replicates, err);
}

onus_status onus_cluster_estimates(const onus_cluster_data *data, onus_cluster_fn fn,
                                   const void *shared, size_t n_values,
                                   const onus_cluster_opts *opts, const onus_context *context,
                                   onus_cluster_estimate *out, onus_error *err) {
    onus_status status = check(data, opts, err);
    if (status != ONUS_OK) {
        return status;
    }
    onus_cluster_data d = *data;
    d.n_strata = d.stratum == NULL ? 1 : d.n_strata;
    const size_t n = d.n_clusters;
    size_t n_drawn = 0;
    const bool fits = !__builtin_mul_overflow((size_t)opts->n_replicates, n_values, &n_drawn);
    size_t *starts = onus_alloc_n(d.n_strata + 1, sizeof *starts);
    int32_t *members = onus_alloc_n(n, sizeof *members);
    double *values = onus_alloc_n((n + 1) * n_values, sizeof *values);
    double *totals = onus_alloc_n(d.n_sums, sizeof *totals);
    double *column = onus_alloc_n((size_t)opts->n_replicates, sizeof *column);
    double *replicates = fits ? onus_alloc_n(n_drawn, sizeof *replicates) : NULL;
    if (starts == NULL || members == NULL || values == NULL || totals == NULL || column == NULL ||
        replicates == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    sort_members(d.stratum, n, d.n_strata, starts, members);
    const plan p = {.data = &d,
                    .fn = fn,
                    .shared = shared,
                    .n_values = n_values,
                    .seed = opts->seed,
                    .starts = starts,
                    .members = members};
    size_t least = n;
    for (size_t s = 0; s < d.n_strata; s++) {
        const size_t size = starts[s + 1] - starts[s];
        least = size > 0 && size < least ? size : least;
    }
    for (size_t k = 0; k < d.n_sums; k++) {
        onus_sum sum = {0};
        for (size_t i = 0; i < n; i++) {
            onus_sum_add(&sum, d.sums[i * d.n_sums + k]);
        }
        totals[k] = onus_sum_get(&sum);
    }
    double *all = values + n * n_values;
    fn(shared, totals, all);
    if (least >= 2) {
        status = leave_one_out(&p, values);
        if (status != ONUS_OK) {
            status = onus_fail_nomem(err);
            goto out;
        }
        ONUS_TRY(draw_all(&p, opts, context, replicates, err));
    }
    for (size_t k = 0; k < n_values; k++) {
        out[k] = (onus_cluster_estimate){.value = all[k],
                                         .se = NAN,
                                         .df = NAN,
                                         .limits = onus_limits_none(),
                                         .percentile = onus_limits_none(),
                                         .jackknife = onus_limits_none(),
                                         .n_clusters = n};
        status = estimate(&p, opts, values, replicates, column, k, least, &out[k]);
        if (status != ONUS_OK) {
            status = onus_fail_nomem(err);
            goto out;
        }
    }
out:
    onus_free(starts);
    onus_free(members);
    onus_free(values);
    onus_free(totals);
    onus_free(column);
    onus_free(replicates);
    return status;
}

onus_limits onus_cluster_share_limits(const onus_cluster_estimate *e, double level) {
    if (isnan(e->value) || e->n_clusters < 2 || isnan(e->se)) {
        return e->limits;
    }
    const double people = (double)e->n_clusters;
    if (!(e->se > 0.0)) {
        return onus_wilson(fmin(people, e->value * people), people, level);
    }
    const double n = e->value * (1.0 - e->value) / (e->se * e->se);
    const onus_limits wilson = onus_wilson(fmin(n, e->value * n), n, level);
    if (isnan(wilson.low) || isnan(e->limits.low)) {
        return e->limits;
    }
    return (onus_limits){.low = fmin(wilson.low, e->limits.low),
                         .high = fmax(wilson.high, e->limits.high)};
}

double onus_design_effect(double se, double se_rows) {
    return se_rows > 0.0 ? se / se_rows * (se / se_rows) : NAN;
}

onus_status onus_constant_within(const double *values, const int32_t *cluster, size_t n_rows,
                                 size_t n_clusters, onus_constancy *out) {
    enum { SEEN = 1, AGAIN = 2, VARIES = 4 };
    *out = (onus_constancy){0};
    double *first = onus_alloc_n(n_clusters, sizeof *first);
    uint8_t *state = onus_alloc_n(n_clusters, sizeof *state);
    onus_status status = ONUS_OK;
    if (first == NULL || state == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n_rows; i++) {
        if (cluster[i] < 0) {
            continue;
        }
        const size_t c = (size_t)cluster[i];
        if (c >= n_clusters) {
            status = ONUS_ERR_DOMAIN;
            goto out;
        }
        out->n_rows++;
        if (state[c] == 0) {
            first[c] = values[i];
            state[c] = SEEN;
        } else {
            state[c] |= AGAIN | (values[i] == first[c] ? 0 : VARIES);
        }
    }
    for (size_t c = 0; c < n_clusters; c++) {
        out->n_clusters += state[c] != 0;
        out->n_repeated += (state[c] & AGAIN) != 0;
        out->n_constant += (state[c] & AGAIN) != 0 && (state[c] & VARIES) == 0;
    }
    out->copied = out->n_repeated > 0 && out->n_constant == out->n_repeated;
out:
    onus_free(first);
    onus_free(state);
    return status;
}
