/* The product against each method of comparison: the same windows, the same area.
 *
 * What varies is the week (or the day): windows of one week resemble one another, and crimes come
 * in clusters. So rows are first added up by unit of time, and both sides are compared unit by
 * unit: a week in which everybody fares well says nothing about who is better. The ratio and the
 * difference get their intervals from there (stats_paired), as do shares. Diebold and Mariano's
 * test on the same units stands beside.
 *
 * Called by accuracy_measures.c. Never names what a method flagged: only how much it captured. */
#include "accuracy_compare.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"

static const char METHOD[] = "cosines over units of time, Student";

void acc_paired_clear(acc_paired *pairs) {
    onus_free(pairs->against);
    onus_free(pairs->theirs);
    *pairs = (acc_paired){0};
}

/* ---- columns by unit of time ---- */

double *acc_by_unit(const accuracy *a, const acc_slice *slice, const size_t *columns,
                    size_t n_columns) {
    double *out = onus_alloc_n(a->n_units * n_columns, sizeof *out);
    onus_sum *sums = onus_alloc_n(n_columns, sizeof *sums);
    if (out == NULL || sums == NULL) {
        onus_free(out);
        onus_free(sums);
        return NULL;
    }
    for (size_t w = 0; w < a->n_windows;) {
        const int32_t unit = a->windows[w].unit;
        for (size_t k = 0; k < n_columns; k++) {
            sums[k] = (onus_sum){0};
        }
        for (; w < a->n_windows && a->windows[w].unit == unit; w++) {
            for (size_t k = 0; k < n_columns; k++) {
                onus_sum_add(&sums[k], slice->rows[w * a->n_columns + columns[k]]);
            }
        }
        for (size_t k = 0; k < n_columns; k++) {
            out[(size_t)unit * n_columns + k] = onus_sum_get(&sums[k]);
        }
    }
    onus_free(sums);
    return out;
}

onus_status acc_pair_up(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level,
                        acc_paired *out) {
    enum { HITS, FLAGS, CHANCE, OUTCOMES, PRODUCT, FIRST, PAIRS_FIRST = 3 };
    size_t columns[FIRST + ACC_BASELINES_MAX] = {
        acc_at(a, level, ACC_HITS), acc_at(a, level, ACC_FLAGS), acc_at(a, level, ACC_CHANCE),
        acc_at_common(a, ACC_OUTCOMES), acc_at(a, level, ACC_CAPTURED)};
    onus_pair pairs[PAIRS_FIRST + 2 * ACC_BASELINES_MAX] = {
        {HITS, FLAGS}, {HITS, CHANCE}, {PRODUCT, OUTCOMES}};
    onus_paired results[PAIRS_FIRST + 2 * ACC_BASELINES_MAX];
    const size_t n = a->n_baselines;
    for (size_t b = 0; b < n; b++) {
        columns[FIRST + b] = acc_at_baseline(a, level, b, ONUS_TIE_ASKED);
        pairs[PAIRS_FIRST + b] = (onus_pair){.product = PRODUCT, .baseline = FIRST + b};
        pairs[PAIRS_FIRST + n + b] = (onus_pair){.product = FIRST + b, .baseline = OUTCOMES};
    }
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.seed = t->c->protocol.seed;
    opts.n_replicates = 0; /* the interval that decides is closed */
    opts.level = t->c->protocol.level;
    onus_status status = ONUS_OK;
    double *sums = acc_by_unit(a, slice, columns, FIRST + n);
    *out = (acc_paired){.against = onus_alloc_n(n, sizeof *out->against),
                        .theirs = onus_alloc_n(n, sizeof *out->theirs)};
    if (sums == NULL || out->against == NULL || out->theirs == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_paired_compare(sums, a->n_units, FIRST + n, pairs, PAIRS_FIRST + 2 * n, &opts,
                                 t->context, results, t->err));
    out->hits = results[0];
    out->lift = results[1];
    out->capture = results[2];
    for (size_t b = 0; b < n; b++) {
        out->against[b] = results[PAIRS_FIRST + b];
        out->theirs[b] = results[PAIRS_FIRST + n + b];
    }
out:
    onus_free(sums);
    return status;
}

/* ---- intervals ---- */

static void set_weak(const char *leak, onus_measure *m, const onus_paired *paired) {
    m->interval.weak = !paired->trusted || leak != NULL;
    m->interval.weak_reason = leak != NULL             ? leak
                              : paired->trusted        ? NULL
                              : paired->reason != NULL ? paired->reason
                                                       : "too few units of time";
}

void acc_set_ratio_interval(const place_trial *t, const accuracy *a, onus_measure *m,
                            const onus_paired *paired, double divisor) {
    const onus_limits limits = paired->ratio_limits;
    if (!m->has_value) {
        return;
    }
    if (isnan(limits.low) || isnan(limits.high)) {
        m->reason = paired->ratio_reason != NULL ? paired->ratio_reason
                    : paired->reason != NULL     ? paired->reason
                                                 : "no interval";
        return;
    }
    m->interval.given = true;
    m->interval.level = t->c->protocol.level;
    m->interval.low = isinf(limits.low) ? NAN : limits.low / divisor;
    m->interval.high = isinf(limits.high) ? NAN : limits.high / divisor;
    m->interval.method = METHOD;
    m->interval.resampled = a->unit;
    set_weak(a->leak, m, paired);
    if (paired->log_se > 0.0 && isfinite(paired->log_se)) {
        m->scale = ONUS_SCALE_LOG;
        m->se = paired->log_se;
        m->df = isfinite(paired->df) ? paired->df : 0.0;
    }
}

void acc_set_share_interval(const place_trial *t, const accuracy *a, onus_measure *m,
                            const onus_paired *paired) {
    if (!m->has_value) {
        return;
    }
    const double level = t->c->protocol.level;
    const onus_limits wilson = onus_wilson(m->num, m->den, level);
    const onus_limits units = paired->ratio_limits;
    if (isnan(wilson.low) || (isfinite(units.low) && isfinite(units.high) &&
                              units.high - units.low > wilson.high - wilson.low)) {
        acc_set_ratio_interval(t, a, m, paired, 1.0);
        return;
    }
    m->interval = (onus_interval){
        .given = true, .level = level, .low = wilson.low, .high = wilson.high, .method = "wilson"};
    set_weak(a->leak, m, paired);
}

static void set_difference_interval(const place_trial *t, const accuracy *a, onus_measure *m,
                                    const onus_paired *paired, double divisor) {
    const onus_limits limits = paired->difference_limits;
    if (!m->has_value) {
        return;
    }
    if (!isfinite(limits.low) || !isfinite(limits.high)) {
        m->reason = paired->reason != NULL ? paired->reason : "no interval";
        return;
    }
    m->interval.given = true;
    m->interval.level = t->c->protocol.level;
    m->interval.low = limits.low / divisor;
    m->interval.high = limits.high / divisor;
    m->interval.method = METHOD;
    m->interval.resampled = a->unit;
    set_weak(a->leak, m, paired);
    if (paired->difference_se > 0.0 && isfinite(paired->difference_se)) {
        m->scale = ONUS_SCALE_LINEAR;
        m->se = paired->difference_se / divisor;
        m->df = isfinite(paired->df) ? paired->df : 0.0;
    }
}

/* ---- against each method ---- */

static onus_measure begin(const accuracy *a, const char *id, const acc_slice *slice, size_t level,
                          size_t b) {
    onus_measure m = place_draft_of(id);
    acc_scope(a, &m, slice, level);
    onus_scope_set_text(&m.scope, "baseline", onus_baseline_name(a->baselines[b]));
    return m;
}

static onus_status add_their_capture(place_trial *t, const accuracy *a, const acc_slice *slice,
                                     size_t level, size_t b, const onus_paired *paired) {
    static const char *const TIES[ONUS_TIE_N_VARIANTS] = {NULL, "worst", "best"};
    const double outcomes = acc_total(a, slice, acc_at_common(a, ACC_OUTCOMES));
    onus_status status = ONUS_OK;
    for (int v = 0; v < ONUS_TIE_N_VARIANTS; v++) {
        onus_measure m = begin(a, "place.baseline_capture", slice, level, b);
        if (TIES[v] != NULL) {
            onus_scope_set_text(&m.scope, "ties", TIES[v]);
        }
        if (a->no_baseline[b] != NULL) {
            onus_draft_set_number(&m, onus_number_none(a->no_baseline[b]));
        } else {
            onus_draft_set_fraction(
                &m, acc_total(a, slice, acc_at_baseline(a, level, b, (onus_tie_variant)v)),
                outcomes, "no outcomes were recorded");
            if (v == ONUS_TIE_ASKED) {
                acc_set_ratio_interval(t, a, &m, paired, 1.0);
                if (m.interval.given) {
                    set_weak(NULL, &m, paired); /* a leak is the product's, not theirs */
                }
            }
        }
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_difference(place_trial *t, const accuracy *a, const acc_slice *slice,
                                  size_t level, size_t b, const onus_paired *paired) {
    const double outcomes = acc_total(a, slice, acc_at_common(a, ACC_OUTCOMES));
    const char *none = a->no_baseline[b];
    onus_measure ratio = begin(a, "place.capture_ratio", slice, level, b);
    onus_measure gain = begin(a, "place.capture_gain", slice, level, b);
    onus_measure least = begin(a, "place.detectable_gain", slice, level, b);
    onus_status status = ONUS_OK;
    if (none == NULL && !(outcomes > 0.0)) {
        none = "no outcomes were recorded";
    }
    if (none != NULL) {
        onus_draft_set_number(&ratio, onus_number_none(none));
        onus_draft_set_number(&gain, onus_number_none(none));
        onus_draft_set_number(&least, onus_number_none(none));
    } else {
        onus_draft_set_fraction(&ratio, paired->product, paired->baseline,
                                "the method of comparison captured nothing");
        acc_set_ratio_interval(t, a, &ratio, paired, 1.0);
        onus_draft_set_fraction(&gain, paired->difference, outcomes, NULL);
        set_difference_interval(t, a, &gain, paired, outcomes);
        onus_draft_set_number(&least, isfinite(paired->detectable_difference)
                                          ? onus_number_of(paired->detectable_difference / outcomes)
                                          : onus_number_none(paired->reason != NULL
                                                                 ? paired->reason
                                                                 : "too few units of time"));
    }
    ONUS_TRY(place_add(t, &ratio, NULL));
    ONUS_TRY(place_add(t, &gain, NULL));
    ONUS_TRY(place_add(t, &least, NULL));
out:
    return status;
}

/* ---- Diebold and Mariano ---- */

/* Autocovariances that count: Newey & West (1994), their rule for Bartlett weights, plus lag 0. */
static size_t horizon_of(size_t n_units) {
    return 1 + (size_t)floor(4.0 * pow((double)n_units / 100.0, 2.0 / 9.0));
}

/* Positive where the product is better. sign: 1 where more is better, -1 where less is. */
static onus_status add_dm(place_trial *t, const accuracy *a, const acc_slice *slice,
                          onus_measure *m, size_t product, size_t other, double sign) {
    const size_t columns[] = {product, other};
    double *sums = acc_by_unit(a, slice, columns, 2);
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t u = 0; u < a->n_units; u++) {
        sums[u] = sign * (sums[2 * u] - sums[2 * u + 1]);
    }
    const onus_dm dm =
        onus_diebold_mariano(sums, a->n_units, horizon_of(a->n_units), ONUS_HAC_BARTLETT);
    onus_free(sums);
    onus_draft_set_number(m, dm.reason != NULL ? onus_number_none(dm.reason)
                                               : onus_number_of(dm.statistic));
    if (m->has_value) {
        m->has_p = true;
        m->p_value = dm.p_value;
    }
    return place_add(t, m, NULL);
}

onus_status acc_compare(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level,
                        const acc_paired *pairs) {
    onus_status status = ONUS_OK;
    for (size_t b = 0; b < a->n_baselines; b++) {
        ONUS_TRY(add_their_capture(t, a, slice, level, b, &pairs->theirs[b]));
        ONUS_TRY(add_difference(t, a, slice, level, b, &pairs->against[b]));
        onus_measure m = begin(a, "place.dm", slice, level, b);
        onus_scope_set_text(&m.scope, "score", "captured");
        if (a->no_baseline[b] != NULL) {
            onus_draft_set_number(&m, onus_number_none(a->no_baseline[b]));
            ONUS_TRY(place_add(t, &m, NULL));
        } else {
            ONUS_TRY(add_dm(t, a, slice, &m, acc_at(a, level, ACC_CAPTURED),
                            acc_at_baseline(a, level, b, ONUS_TIE_ASKED), 1.0));
        }
    }
out:
    return status;
}

onus_status acc_compare_scores(place_trial *t, const accuracy *a, const acc_slice *slice) {
    onus_status status = ONUS_OK;
    for (size_t b = 0; b < a->n_baselines; b++) {
        for (int s = 0; s < ONUS_SCORE_N; s++) {
            onus_measure m = begin(a, "place.dm", slice, a->n_levels, b);
            onus_scope_set_text(&m.scope, "score", onus_score_name((onus_score)s));
            if (a->no_baseline[b] != NULL) {
                onus_draft_set_number(&m, onus_number_none(a->no_baseline[b]));
                ONUS_TRY(place_add(t, &m, NULL));
            } else {
                ONUS_TRY(add_dm(t, a, slice, &m, acc_at_score(a, 0, (onus_score)s),
                                acc_at_score(a, 1 + b, (onus_score)s), -1.0));
            }
        }
    }
out:
    return status;
}
