/* From rows by window to measures: counts, hits, capture, area, indices, scores, calibration, and
 * how steady the flags are.
 *
 * Called by accuracy.c after the windows were scored; comparisons with other methods stand in
 * accuracy_compare.c. Never looks at a cell: everything comes from sums over windows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accuracy_compare.h"
#include "accuracy_internal.h"
#include "onus/stats_interval.h"

static const char *const TIES[ONUS_TIE_N_VARIANTS] = {
    [ONUS_TIE_ASKED] = NULL, [ONUS_TIE_WORST] = "worst", [ONUS_TIE_BEST] = "best"};

static onus_status add_count(place_trial *t, const acc_slice *slice, const char *id, double n,
                             double of) {
    onus_measure m = place_draft_of(id);
    if (slice != NULL && slice->type != NULL) {
        onus_scope_set_text(&m.scope, "type", slice->type);
    }
    onus_draft_set_number(&m, onus_number_of(n));
    if (!isnan(of)) {
        m.has_fraction = true;
        m.num = n;
        m.den = of;
    }
    return place_add(t, &m, NULL);
}

/* ---- how often a flag came true ---- */

static onus_status add_hits(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level,
                            const acc_paired *pairs) {
    const double hits = acc_total(a, slice, acc_at(a, level, ACC_HITS));
    const double flags = acc_total(a, slice, acc_at(a, level, ACC_FLAGS));
    const double chance = acc_total(a, slice, acc_at(a, level, ACC_CHANCE));
    onus_status status = ONUS_OK;
    onus_measure rate = place_draft_of("place.hit_rate");
    onus_measure by_chance = place_draft_of("place.hit_rate_chance");
    onus_measure lift = place_draft_of("place.hit_lift");
    acc_scope(a, &rate, slice, level);
    acc_scope(a, &by_chance, slice, level);
    acc_scope(a, &lift, slice, level);
    onus_draft_set_fraction(&rate, hits, flags, "nothing was flagged");
    acc_set_share_interval(t, a, &rate, &pairs->hits);
    ONUS_TRY(place_add(t, &rate, NULL));
    onus_draft_set_fraction(&by_chance, chance, flags, "nothing was flagged");
    ONUS_TRY(place_add(t, &by_chance, NULL));
    onus_draft_set_fraction(&lift, hits, chance,
                            flags > 0.0 ? "no outcome could have been hit by chance"
                                        : "nothing was flagged");
    acc_set_ratio_interval(t, a, &lift, &pairs->lift, 1.0);
    ONUS_TRY(place_add(t, &lift, NULL));
out:
    return status;
}

/* ---- how much of what happened was flagged ---- */

static onus_status add_capture(place_trial *t, const accuracy *a, const acc_slice *slice,
                               size_t level, const acc_paired *pairs) {
    const double outcomes = acc_total(a, slice, acc_at_common(a, ACC_OUTCOMES));
    const double area_s = acc_total(a, slice, acc_at(a, level, ACC_AREA_S));
    const double all_s = acc_total(a, slice, acc_at_common(a, ACC_ALL_S));
    static const acc_column COLUMNS[ONUS_TIE_N_VARIANTS] = {
        [ONUS_TIE_ASKED] = ACC_CAPTURED, [ONUS_TIE_WORST] = ACC_WORST, [ONUS_TIE_BEST] = ACC_BEST};
    onus_status status = ONUS_OK;
    for (int v = 0; v < (a->by_cells ? ONUS_TIE_N_VARIANTS : 1); v++) {
        const double captured = acc_total(a, slice, acc_at(a, level, COLUMNS[v]));
        onus_measure m = place_draft_of("place.capture_rate");
        acc_scope(a, &m, slice, level);
        if (TIES[v] != NULL) {
            onus_scope_set_text(&m.scope, "ties", TIES[v]);
        }
        onus_draft_set_fraction(&m, captured, outcomes, "no outcomes were recorded");
        if (v == ONUS_TIE_ASKED) {
            acc_set_ratio_interval(t, a, &m, &pairs->capture, 1.0);
        }
        ONUS_TRY(place_add(t, &m, NULL));
    }
    /* A budget counted in cells is counted in cells, and by their true area beside. */
    const bool in_cells = a->levels[level].kind == ACC_TOP;
    const double flags = acc_total(a, slice, acc_at(a, level, ACC_FLAGS));
    const double captured = acc_total(a, slice, acc_at(a, level, ACC_CAPTURED));
    for (int true_area = in_cells ? 0 : 1; true_area < 2; true_area++) {
        const double part = true_area != 0 ? fmin(area_s, all_s) : flags;
        const double whole = true_area != 0 ? all_s : (double)(a->n_windows * a->cells.n_cells);
        onus_measure share = place_draft_of("place.area_share");
        onus_measure pai = place_draft_of("place.pai");
        acc_scope(a, &share, slice, level);
        acc_scope(a, &pai, slice, level);
        if (in_cells && true_area != 0) {
            onus_scope_set_text(&share.scope, "area", "true");
            onus_scope_set_text(&pai.scope, "area", "true");
        }
        onus_draft_set_fraction(&share, part, whole, "no window");
        ONUS_TRY(place_add(t, &share, NULL));
        onus_draft_set_number(&pai, onus_pai(captured, outcomes, part, whole));
        if (pai.has_value) {
            acc_set_ratio_interval(t, a, &pai, &pairs->capture, part / whole);
        }
        ONUS_TRY(place_add(t, &pai, NULL));
    }
out:
    return status;
}

static onus_status add_indices(place_trial *t, const accuracy *a, const acc_slice *slice,
                               size_t level) {
    const double whole = acc_total(a, slice, acc_at(a, level, ACC_WHOLE));
    const double low = acc_total(a, slice, acc_at(a, level, ACC_MOST_LOW));
    const double high = acc_total(a, slice, acc_at(a, level, ACC_MOST_HIGH));
    const bool exact = low == high;
    onus_status status = ONUS_OK;
    for (int bound = 0; bound < (exact ? 1 : 2); bound++) {
        onus_measure m = place_draft_of("place.pei_star");
        acc_scope(a, &m, slice, level);
        if (!exact) {
            onus_scope_set_text(&m.scope, "bound", bound == 0 ? "low" : "high");
        }
        onus_draft_set_fraction(&m, whole, bound == 0 ? high : low,
                                "nothing could have been captured by this much area");
        ONUS_TRY(place_add(t, &m, NULL));
    }
    if (a->by_cells) {
        onus_measure rri = place_draft_of("place.rri");
        acc_scope(a, &rri, slice, level);
        onus_draft_set_fraction(&rri, acc_total(a, slice, acc_at(a, level, ACC_PREDICTED)),
                                acc_total(a, slice, acc_at(a, level, ACC_CAPTURED)),
                                "nothing was captured");
        ONUS_TRY(place_add(t, &rri, NULL));
    }
out:
    return status;
}

/* ---- where the flags stay ---- */

static onus_status add_runs(place_trial *t, const accuracy *a, const acc_slice *slice,
                            size_t level) {
    const onus_flag_runs *runs = &slice->runs[level];
    onus_status status = ONUS_OK;
    onus_number gini = {0};
    ONUS_TRY(onus_flag_runs_gini(runs, &gini));
    const struct {
        const char *id;
        onus_number value;
        bool of_cells;
    } rows[] = {
        {"place.ever_flagged", onus_number_of((double)onus_flag_runs_ever(runs)), true},
        {"place.always_flagged", onus_number_of((double)onus_flag_runs_always(runs)), true},
        {"place.concentration", gini, false},
        {"place.repeat_windows", onus_flag_runs_mean(runs), false},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        onus_measure m = place_draft_of(rows[k].id);
        acc_scope(a, &m, slice, level);
        onus_draft_set_number(&m, rows[k].value);
        if (rows[k].of_cells) {
            m.has_fraction = true;
            m.num = rows[k].value.value;
            m.den = (double)a->cells.n_cells;
        }
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

/* ---- forecasts of rates ---- */

static const char *const SCORE_IDS[ONUS_SCORE_N] = {[ONUS_SCORE_LOG] = "place.log_score",
                                                    [ONUS_SCORE_DEVIANCE] =
                                                        "place.poisson_deviance",
                                                    [ONUS_SCORE_BRIER] = "place.brier",
                                                    [ONUS_SCORE_CRPS] = "place.crps"};

static onus_status add_scores(place_trial *t, const accuracy *a, const acc_slice *slice) {
    onus_status status = ONUS_OK;
    for (size_t method = 0; method <= a->n_baselines; method++) {
        for (int s = 0; s < ONUS_SCORE_N; s++) {
            onus_measure m = place_draft_of(SCORE_IDS[s]);
            if (method > 0) {
                onus_scope_set_text(&m.scope, "baseline",
                                    onus_baseline_name(a->baselines[method - 1]));
            }
            onus_draft_set_number(&m,
                                  method > 0 && a->no_baseline[method - 1] != NULL
                                      ? onus_number_none(a->no_baseline[method - 1])
                                      : onus_scores_mean(&slice->scores[method], (onus_score)s));
            ONUS_TRY(place_add(t, &m, NULL));
        }
    }
out:
    return status;
}

static onus_status add_calibration(place_trial *t, const acc_slice *slice) {
    const bool bad = slice->scores[0].n_bad > 0;
    const char *why = bad ? "a rate is missing: calibration is of all cells and windows or of none"
                          : slice->corp.reason;
    const struct {
        const char *id;
        double value;
    } rows[] = {{"place.mcb", slice->corp.mcb},
                {"place.dsc", slice->corp.dsc},
                {"place.unc", slice->corp.unc}};
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        onus_measure m = place_draft_of(rows[k].id);
        onus_draft_set_number(&m,
                              why != NULL ? onus_number_none(why) : onus_number_of(rows[k].value));
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_auc(place_trial *t, const accuracy *a, const acc_slice *slice) {
    const double outcomes = acc_total(a, slice, acc_at_common(a, ACC_OUTCOMES));
    onus_status status = ONUS_OK;
    for (size_t method = 0; method <= a->n_baselines; method++) {
        for (size_t k = 0; k < a->n_alphas; k++) {
            onus_measure m = place_draft_of("place.capture_auc");
            onus_scope_set_number(&m.scope, "alpha", a->alphas[k]);
            if (method > 0) {
                onus_scope_set_text(&m.scope, "baseline",
                                    onus_baseline_name(a->baselines[method - 1]));
            }
            const double sum = slice->auc[method * a->n_alphas + k];
            onus_draft_set_number(&m, method > 0 && a->no_baseline[method - 1] != NULL
                                          ? onus_number_none(a->no_baseline[method - 1])
                                      : outcomes > 0.0
                                          ? onus_number_of(sum / outcomes)
                                          : onus_number_none("no outcomes were recorded"));
            ONUS_TRY(place_add(t, &m, NULL));
        }
    }
out:
    return status;
}

/* ---- quarter by quarter ---- */

static void name_quarter(int32_t day, char *out, size_t size) {
    int32_t year = 0;
    int month = 0;
    int of_month = 0;
    onus_civil_from_days(day, &year, &month, &of_month);
    (void)snprintf(out, size, "%04d-Q%d", (int)year, (month - 1) / 3 + 1);
}

/* Capture, and the ratio to each method, at the first level: no intervals, slices are small. */
static onus_status add_quarters(place_trial *t, const accuracy *a) {
    const acc_slice *all = &a->slices[0];
    onus_status status = ONUS_OK;
    for (size_t w = 0; w < a->n_windows;) {
        char name[32];
        char next[32];
        double outcomes = 0.0;
        double captured = 0.0;
        double theirs[ACC_BASELINES_MAX] = {0.0};
        name_quarter(a->windows[w].day, name, sizeof name);
        for (; w < a->n_windows; w++) {
            const double *row = &all->rows[w * a->n_columns];
            name_quarter(a->windows[w].day, next, sizeof next);
            if (strcmp(name, next) != 0) {
                break;
            }
            outcomes += row[acc_at_common(a, ACC_OUTCOMES)];
            captured += row[acc_at(a, 0, ACC_CAPTURED)];
            for (size_t b = 0; b < a->n_baselines; b++) {
                theirs[b] += row[acc_at_baseline(a, 0, b, ONUS_TIE_ASKED)];
            }
        }
        const char *period = onus_result_text(t->result, "%s", name);
        if (period == NULL) {
            return ONUS_ERR_NOMEM;
        }
        onus_measure m = place_draft_of("place.capture_rate");
        acc_scope(a, &m, all, 0);
        onus_scope_set_text(&m.scope, "period", period);
        onus_draft_set_fraction(&m, captured, outcomes, "no outcomes were recorded");
        ONUS_TRY(place_add(t, &m, NULL));
        for (size_t b = 0; b < a->n_baselines; b++) {
            if (a->no_baseline[b] != NULL) {
                continue;
            }
            onus_measure ratio = place_draft_of("place.capture_ratio");
            acc_scope(a, &ratio, all, 0);
            onus_scope_set_text(&ratio.scope, "period", period);
            onus_scope_set_text(&ratio.scope, "baseline", onus_baseline_name(a->baselines[b]));
            onus_draft_set_fraction(&ratio, captured, theirs[b],
                                    "the method of comparison captured nothing");
            ONUS_TRY(place_add(t, &ratio, NULL));
        }
    }
out:
    return status;
}

/* ---- how the methods of comparison were fitted ---- */

static onus_status add_bandwidths(place_trial *t, const accuracy *a) {
    static const char *const RULES[] = {
        [ONUS_KDE_PAST] = "past", [ONUS_KDE_SCOTT] = "scott", [ONUS_KDE_CASE] = "case"};
    onus_status status = ONUS_OK;
    for (size_t s = 0; s < a->n_slices; s++) {
        const acc_slice *slice = &a->slices[s];
        if (slice->kde_bandwidth_m > 0.0) {
            onus_measure m = place_draft_of("place.kde_bandwidth");
            acc_scope(a, &m, slice, a->n_levels);
            onus_scope_set_text(&m.scope, "rule", RULES[slice->kde_rule]);
            onus_draft_set_number(&m, onus_number_of(slice->kde_bandwidth_m));
            ONUS_TRY(place_add(t, &m, NULL));
        }
    }
out:
    return status;
}

/* ---- all of it ---- */

static onus_status add_totals(place_trial *t, const accuracy *a) {
    const onus_evidence *e = t->evidence;
    onus_status status = ONUS_OK;
    ONUS_TRY(add_count(t, NULL, "place.windows", (double)a->n_windows, NAN));
    ONUS_TRY(add_count(t, NULL, "place.cells", (double)a->cells.n_cells, NAN));
    if (a->by_cells) {
        const double rates = (double)(e->forecast.n_windows * e->forecast.n_cells);
        ONUS_TRY(
            add_count(t, NULL, "place.predictions", rates - (double)e->forecast.n_missing, rates));
    } else {
        for (size_t s = 0; s < a->n_slices; s++) {
            ONUS_TRY(add_count(t, &a->slices[s], "place.predictions",
                               acc_total(a, &a->slices[s], acc_at(a, 0, ACC_FLAGS)),
                               (double)e->flags.n_flags));
        }
    }
    ONUS_TRY(add_count(t, NULL, "place.outcomes", a->account.n_scored, a->account.n_all));
    for (size_t s = 1; s < a->n_slices; s++) {
        ONUS_TRY(add_count(t, &a->slices[s], "place.outcomes",
                           acc_total(a, &a->slices[s], acc_at_common(a, ACC_OUTCOMES)),
                           a->account.n_all));
    }
out:
    return status;
}

onus_status acc_headlines(place_trial *t, const accuracy *a, const acc_slice *slice, size_t level) {
    onus_status status = ONUS_OK;
    acc_paired pairs = {0};
    ONUS_TRY(acc_pair_up(t, a, slice, level, &pairs));
    ONUS_TRY(add_hits(t, a, slice, level, &pairs));
    ONUS_TRY(add_capture(t, a, slice, level, &pairs));
    ONUS_TRY(acc_compare(t, a, slice, level, &pairs));
out:
    acc_paired_clear(&pairs);
    return status;
}

onus_status acc_measures(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    acc_paired pairs = {0};
    ONUS_TRY(add_totals(t, a));
    for (size_t s = 0; s < a->n_slices; s++) {
        const acc_slice *slice = &a->slices[s];
        for (size_t l = 0; l < a->n_levels; l++) {
            acc_paired_clear(&pairs);
            ONUS_TRY(acc_pair_up(t, a, slice, l, &pairs));
            ONUS_TRY(add_hits(t, a, slice, l, &pairs));
            ONUS_TRY(add_capture(t, a, slice, l, &pairs));
            ONUS_TRY(add_indices(t, a, slice, l));
            if (slice->runs != NULL) {
                ONUS_TRY(add_runs(t, a, slice, l));
            }
            ONUS_TRY(acc_compare(t, a, slice, l, &pairs));
        }
    }
    ONUS_TRY(add_bandwidths(t, a));
    ONUS_TRY(add_quarters(t, a));
    if (a->by_cells) {
        ONUS_TRY(add_auc(t, a, &a->slices[0]));
        ONUS_TRY(add_scores(t, a, &a->slices[0]));
        ONUS_TRY(add_calibration(t, &a->slices[0]));
        ONUS_TRY(acc_compare_scores(t, a, &a->slices[0]));
    }
out:
    acc_paired_clear(&pairs);
    return status;
}
