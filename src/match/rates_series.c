/* The curve of errors against thresholds as rows (series `det`), with what each point is.
 *
 * `point` says what the case or a definition put there: in_use (the threshold in use), asked
 * (protocol.thresholds), eer, fnmr_at; empty for points of the curve alone. Rates of 0 and 1 have
 * no place on the probit scale: null. Called by rates.c. Never holds a score of one comparison that
 * a chart would not need: curves are thinned to MATCH_DET_POINTS. */
#include <math.h>
#include <string.h>

#include "match_rates.h"

static bool is_at(const onus_roc_counts *a, const onus_roc_counts *b) {
    return a->false_match == b->false_match && a->false_nonmatch == b->false_nonmatch;
}

static const char *point_of(const match_trial *t, const onus_roc *roc, size_t n_fmr_at,
                            const onus_roc_counts *at) {
    for (size_t p = 0; p < t->n_points; p++) { /* the one in use first */
        if (is_at(&roc->at[p], at)) {
            return t->points[p].in_use ? "in_use" : "asked";
        }
    }
    if (is_at(&roc->eer[ONUS_EER_CROSSING].at, at)) {
        return "eer";
    }
    for (size_t i = 0; i < n_fmr_at; i++) {
        if (is_at(&roc->fnmr_at[i].at, at)) {
            return "fnmr_at";
        }
    }
    return "";
}

/* The series, begun by the first set. */
static onus_series *series_of(match_trial *t) {
    static const char *COLUMNS[] = {"pairs",      "threshold",        "false_matches", "impostor",
                                    "fmr",        "false_nonmatches", "genuine",       "fnmr",
                                    "probit_fmr", "probit_fnmr",      "point"};
    onus_series *all = t->result->series.items;
    for (size_t i = 0; i < t->result->series.n_items; i++) {
        if (strcmp(all[i].name, "det") == 0) {
            return &all[i];
        }
    }
    return onus_result_series(t->result, "det", COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
}

static onus_status put_number(onus_series *series, double value) {
    return onus_series_number(series, isfinite(value) ? value : (double)NAN);
}

static onus_status put_row(onus_series *series, const match_set *set, const onus_roc_counts *at,
                           const char *point) {
    onus_status status = ONUS_OK;
    const onus_share fmr = onus_roc_fmr(at, ONUS_FTA_ACQUIRED);
    const onus_share fnmr = onus_roc_fnmr(at, ONUS_FTA_ACQUIRED);
    ONUS_TRY(onus_series_text(series, set->name != NULL ? set->name : "all"));
    ONUS_TRY(put_number(series, at->threshold));
    ONUS_TRY(put_number(series, (double)fmr.num));
    ONUS_TRY(put_number(series, (double)fmr.den));
    ONUS_TRY(put_number(series, onus_share_value(fmr).value));
    ONUS_TRY(put_number(series, (double)fnmr.num));
    ONUS_TRY(put_number(series, (double)fnmr.den));
    ONUS_TRY(put_number(series, onus_share_value(fnmr).value));
    ONUS_TRY(put_number(series, onus_probit(fmr)));
    ONUS_TRY(put_number(series, onus_probit(fnmr)));
    ONUS_TRY(onus_series_text(series, point));
out:
    return status;
}

onus_status match_rates_series(match_trial *t, const match_set *set, const onus_roc *roc,
                               size_t n_fmr_at) {
    onus_status status = ONUS_OK;
    if (roc->n_det == 0) {
        return ONUS_OK;
    }
    onus_series *series = series_of(t);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < roc->n_det; k++) {
        ONUS_TRY(put_row(series, set, &roc->det[k], point_of(t, roc, n_fmr_at, &roc->det[k])));
    }
out:
    return status;
}
