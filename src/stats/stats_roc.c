/* Scores against thresholds: what is asked, from as few passes over the scores as it takes.
 *
 * Rates are counts over counts under three conventions for failures to acquire. All questions are
 * put to one ladder of buckets (stats_roc_ladder.c); those that it cannot answer yet mark where
 * they look, the ladder is refined there, and they are put again. Each round cuts a marked range
 * or opens it, so the rounds end. Called by the match trial and its benchmark. Never decides which
 * threshold is right. */
#include <math.h>

#include "onus/alloc.h"
#include "stats_roc_internal.h"

/* For the curve alone the scores are read at most this often again. */
enum { SMOOTH_ROUNDS = 2 };

onus_number onus_share_value(onus_share share) {
    return share.den == 0 ? onus_number_none("no comparison has a score")
                          : onus_number_of((double)share.num / (double)share.den);
}

onus_share onus_roc_fmr(const onus_roc_counts *counts, onus_fta_convention convention) {
    const uint64_t all = counts->n_impostor + counts->fta_impostor;
    switch (convention) {
    case ONUS_FTA_AS_NONMATCH:
        return (onus_share){counts->false_match, all};
    case ONUS_FTA_AS_MATCH:
        return (onus_share){counts->false_match + counts->fta_impostor, all};
    default:
        return (onus_share){counts->false_match, counts->n_impostor};
    }
}

onus_share onus_roc_fnmr(const onus_roc_counts *counts, onus_fta_convention convention) {
    const uint64_t all = counts->n_genuine + counts->fta_genuine;
    switch (convention) {
    case ONUS_FTA_AS_NONMATCH:
        return (onus_share){counts->false_nonmatch + counts->fta_genuine, all};
    case ONUS_FTA_AS_MATCH:
        return (onus_share){counts->false_nonmatch, all};
    default:
        return (onus_share){counts->false_nonmatch, counts->n_genuine};
    }
}

onus_share onus_roc_fta(const onus_roc_counts *counts) {
    const uint64_t failed = counts->fta_genuine + counts->fta_impostor;
    return (onus_share){failed, failed + counts->n_genuine + counts->n_impostor};
}

static onus_status check(const onus_scores *scores, const onus_roc_ask *ask) {
    if (scores->n_genuine > ONUS_SCORES_MAX || scores->n_impostor > ONUS_SCORES_MAX) {
        return ONUS_ERR_LIMIT;
    }
    for (size_t i = 0; i < ask->n_thresholds; i++) {
        if (!isfinite(ask->thresholds[i])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    for (size_t i = 0; i < ask->n_fmr_at; i++) {
        if (!(ask->fmr_at[i] >= 0.0 && ask->fmr_at[i] <= 1.0)) {
            return ONUS_ERR_DOMAIN;
        }
    }
    return ONUS_OK;
}

/* Puts every question; what cannot be answered yet has marked its place. */
static void put_all(onus_ladder *ladder, const onus_roc_ask *ask, onus_roc *out) {
    for (size_t i = 0; i < ask->n_thresholds; i++) {
        (void)onus_ladder_at(ladder, ask->thresholds[i], &out->at[i]);
    }
    for (size_t i = 0; i < ask->n_fmr_at; i++) {
        (void)onus_ladder_fnmr_at(ladder, ask->fmr_at[i], &out->fnmr_at[i]);
    }
    if (ask->eer) {
        (void)onus_ladder_eer(ladder, out->eer);
    }
}

static onus_status curve(const onus_ladder *ladder, const onus_roc_ask *ask, onus_roc *out) {
    onus_status status = ONUS_OK;
    const size_t n_eer = ask->eer ? ONUS_EER_N_CONVENTIONS : 0;
    size_t n = 0;
    onus_roc_counts *must = onus_alloc_n(ask->n_thresholds + ask->n_fmr_at + n_eer, sizeof *must);
    if (must == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < ask->n_thresholds; i++) {
        must[n++] = out->at[i];
    }
    for (size_t i = 0; i < ask->n_fmr_at; i++) {
        must[n++] = out->fnmr_at[i].at;
    }
    for (size_t i = 0; i < n_eer; i++) {
        must[n++] = out->eer[i].at;
    }
    status = onus_ladder_det(ladder, must, n, ask->n_det, &out->det, &out->n_det);
    onus_free(must);
    return status;
}

onus_status onus_roc_make(const onus_scores *scores, const onus_roc_ask *ask,
                          const onus_context *context, onus_roc *out) {
    *out = (onus_roc){0};
    onus_status status = check(scores, ask);
    onus_ladder ladder = {0};
    if (status != ONUS_OK) {
        return status;
    }
    for (size_t k = 0; k < ONUS_EER_N_CONVENTIONS; k++) {
        out->eer[k] =
            (onus_eer){.rate = onus_number_none("not asked for"), .low = NAN, .high = NAN};
    }
    out->at = onus_alloc_n(ask->n_thresholds, sizeof *out->at);
    out->fnmr_at = onus_alloc_n(ask->n_fmr_at, sizeof *out->fnmr_at);
    if (out->at == NULL || out->fnmr_at == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_ladder_init(&ladder, scores, context));
    out->totals = onus_ladder_counts(&ladder, 0, 0, ladder.n[ONUS_ROC_IMPOSTOR]);
    out->totals.threshold = NAN;
    const bool has_curve = ask->n_det >= 2 && ladder.n[0] > 0 && ladder.n[1] > 0;
    bool any = true;
    for (int round = 0; any; round++) {
        put_all(&ladder, ask, out);
        if (has_curve && round < SMOOTH_ROUNDS) {
            (void)onus_ladder_smooth(&ladder, ask->n_det);
        }
        ONUS_TRY(onus_ladder_refine(&ladder, &any));
    }
    if (has_curve) {
        ONUS_TRY(curve(&ladder, ask, out));
    }
    if (ask->auc) {
        ONUS_TRY(onus_roc_auc(scores, context, &out->auc));
    }
out:
    onus_ladder_clear(&ladder);
    if (status != ONUS_OK) {
        onus_roc_clear(out);
    }
    return status;
}

void onus_roc_clear(onus_roc *roc) {
    onus_free(roc->at);
    onus_free(roc->fnmr_at);
    onus_free(roc->det);
    *roc = (onus_roc){0};
}
