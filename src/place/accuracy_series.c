/* What the charts of the accuracy half draw.
 *
 *   capture_curve   share of area -> share of outcomes captured: vendor, methods, chance
 *   capture_by_time by unit of time: outcomes, captured by the product, difference to each method
 *   hit_rate        hits of flags beside chance, by type and level
 *   reliability     steps of the recalibrated forecast
 *   pit             share of windows in each tenth of the forecast of their total
 *
 * Sums over the whole region only: no series names a place. Called by accuracy.c last. Never shows
 * where a method of comparison would have flagged. */
#include <math.h>

#include "accuracy_internal.h"

#define START(t, name, columns)                                                                    \
    onus_result_series((t)->result, (name), (const char **)(columns),                              \
                       sizeof(columns) / sizeof *(columns))

double acc_curve_share(size_t k) {
    const double even = (double)k / (ACC_N_CURVE - 1);
    return even * even;
}

static const char *method_name(const accuracy *a, size_t method) {
    return method == 0 ? "vendor" : onus_baseline_name(a->baselines[method - 1]);
}

static onus_status curve(place_trial *t, const accuracy *a) {
    static const char *const COLUMNS[] = {"area_share", "captured", "baseline"};
    const acc_slice *all = &a->slices[0];
    const double outcomes = acc_total(a, all, acc_at_common(a, ACC_OUTCOMES));
    onus_series *series = START(t, "capture_curve", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t m = 0; m <= a->n_baselines + 1 && status == ONUS_OK; m++) {
        const bool chance = m > a->n_baselines;
        if (!chance && m > 0 && a->no_baseline[m - 1] != NULL) {
            continue;
        }
        if (m == 0 && !a->by_cells) { /* flags of their own: one point and no curve */
            const double share = acc_total(a, all, acc_at(a, 0, ACC_AREA_S)) /
                                 acc_total(a, all, acc_at_common(a, ACC_ALL_S));
            ONUS_TRY(onus_series_number(series, share));
            ONUS_TRY(onus_series_number(
                series,
                outcomes > 0.0 ? acc_total(a, all, acc_at(a, 0, ACC_CAPTURED)) / outcomes : NAN));
            ONUS_TRY(onus_series_text(series, method_name(a, 0)));
            continue;
        }
        for (size_t k = 0; k < ACC_N_CURVE; k++) {
            const double share = acc_curve_share(k);
            const double captured =
                chance ? share
                       : (outcomes > 0.0 ? all->curve[m * ACC_N_CURVE + k] / outcomes : NAN);
            ONUS_TRY(onus_series_number(series, share));
            ONUS_TRY(onus_series_number(series, captured));
            ONUS_TRY(onus_series_text(series, chance ? "chance" : method_name(a, m)));
        }
    }
out:
    return status;
}

static onus_status over_time(place_trial *t, const accuracy *a) {
    static const char *const COLUMNS[] = {"unit",     "day",      "budget",   "top",
                                          "baseline", "outcomes", "captured", "difference"};
    onus_series *series = START(t, "capture_by_time", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    const acc_slice *all = &a->slices[0];
    for (size_t l = 0; l < a->n_levels && status == ONUS_OK; l++) {
        const acc_level *level = &a->levels[l];
        for (size_t b = 0; b < a->n_baselines; b++) {
            if (a->no_baseline[b] != NULL) {
                continue;
            }
            for (size_t w = 0; w < a->n_windows;) {
                const int32_t unit = a->windows[w].unit;
                const int32_t day = a->windows[w].day;
                double sums[3] = {0.0, 0.0, 0.0};
                for (; w < a->n_windows && a->windows[w].unit == unit; w++) {
                    const double *row = &all->rows[w * a->n_columns];
                    sums[0] += row[acc_at_common(a, ACC_OUTCOMES)];
                    sums[1] += row[acc_at(a, l, ACC_CAPTURED)];
                    sums[2] += row[acc_at_baseline(a, l, b, ONUS_TIE_ASKED)];
                }
                ONUS_TRY(onus_series_number(series, (double)unit + 1.0));
                ONUS_TRY(onus_series_number(series, (double)day));
                ONUS_TRY(level->kind == ACC_BUDGET ? onus_series_number(series, level->number)
                                                   : onus_series_null(series));
                ONUS_TRY(level->kind == ACC_TOP ? onus_series_number(series, level->number)
                                                : onus_series_null(series));
                ONUS_TRY(onus_series_text(series, method_name(a, b + 1)));
                ONUS_TRY(onus_series_number(series, sums[0]));
                ONUS_TRY(onus_series_number(series, sums[1]));
                ONUS_TRY(onus_series_number(series, sums[1] - sums[2]));
            }
        }
    }
out:
    return status;
}

static onus_status hits(place_trial *t, const accuracy *a) {
    static const char *const COLUMNS[] = {"type", "budget", "top", "hits", "flags", "by_chance"};
    onus_series *series = START(t, "hit_rate", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t s = 0; s < a->n_slices && status == ONUS_OK; s++) {
        for (size_t l = 0; l < a->n_levels; l++) {
            const acc_slice *slice = &a->slices[s];
            const acc_level *level = &a->levels[l];
            ONUS_TRY(slice->type != NULL ? onus_series_text(series, slice->type)
                                         : onus_series_null(series));
            ONUS_TRY(level->kind == ACC_BUDGET ? onus_series_number(series, level->number)
                                               : onus_series_null(series));
            ONUS_TRY(level->kind == ACC_TOP ? onus_series_number(series, level->number)
                                            : onus_series_null(series));
            ONUS_TRY(onus_series_number(series, acc_total(a, slice, acc_at(a, l, ACC_HITS))));
            ONUS_TRY(onus_series_number(series, acc_total(a, slice, acc_at(a, l, ACC_FLAGS))));
            ONUS_TRY(onus_series_number(series, acc_total(a, slice, acc_at(a, l, ACC_CHANCE))));
        }
    }
out:
    return status;
}

static onus_status reliability(place_trial *t, const accuracy *a) {
    static const char *const COLUMNS[] = {"low", "high", "forecast", "share", "n", "events"};
    const onus_corp *corp = &a->slices[0].corp;
    onus_series *series = START(t, "reliability", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = 0; k < corp->n_steps && status == ONUS_OK; k++) {
        const onus_corp_step *step = &corp->steps[k];
        const double cells[] = {step->low,   step->high, step->mean,
                                step->share, step->n,    step->n_events};
        for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
            ONUS_TRY(onus_series_number(series, cells[i]));
        }
    }
out:
    return status;
}

static onus_status pit(place_trial *t, const accuracy *a) {
    static const char *const COLUMNS[] = {"null", "low", "high", "share"};
    static const char *const NULLS[ACC_N_NULLS] = {"poisson", "negbin"};
    onus_series *series = START(t, "pit", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (int null = 0; null < ACC_N_NULLS && status == ONUS_OK; null++) {
        for (int b = 0; b < ACC_N_PIT; b++) {
            const double share = a->slices[0].pit[null][b];
            if (isnan(share)) {
                continue; /* the measure says why */
            }
            ONUS_TRY(onus_series_text(series, NULLS[null]));
            ONUS_TRY(onus_series_number(series, (double)b / ACC_N_PIT));
            ONUS_TRY(onus_series_number(series, (double)(b + 1) / ACC_N_PIT));
            ONUS_TRY(onus_series_number(series, share));
        }
    }
out:
    return status;
}

onus_status acc_series(place_trial *t, const accuracy *a) {
    onus_status status = ONUS_OK;
    ONUS_TRY(curve(t, a));
    ONUS_TRY(over_time(t, a));
    ONUS_TRY(hits(t, a));
    if (a->by_cells) {
        ONUS_TRY(reliability(t, a));
        ONUS_TRY(pit(t, a));
    }
out:
    return status;
}
