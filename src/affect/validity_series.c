/* What the page draws of validity: the ladder, the confusion, recall and precision by label.
 *
 * Called by validity.c once everything is computed. Computes limits of single cells and nothing
 * else. */
#include <math.h>

#include "onus/stats_interval.h"
#include "validity_internal.h"

/* Last columns of a row first fail, then say so once: cells are pushed one by one. */
typedef struct row {
    onus_series *series;
    onus_status status;
} row;

static void number(row *r, double value) {
    if (r->status == ONUS_OK) {
        r->status = onus_series_number(r->series, isfinite(value) ? value : NAN);
    }
}

static void text(row *r, const char *value) {
    if (r->status == ONUS_OK) {
        r->status =
            value != NULL ? onus_series_text(r->series, value) : onus_series_null(r->series);
    }
}

static void limits(row *r, onus_limits value) {
    number(r, value.low);
    number(r, value.high);
}

static const char *stratum_of(const affect_found *found, const affect_ladder *ladder) {
    return ladder->stratum != NULL ? ladder->stratum : found->reference->stratum;
}

/* ---- ladder ---- */

static void ladder_row(row *r, const affect_found *found, const char *stratum, const char *rung,
                       double value, onus_limits value_limits, double num, double den,
                       const char *reason) {
    text(r, found->reference->name);
    text(r, stratum);
    text(r, rung);
    number(r, value);
    limits(r, value_limits);
    number(r, num);
    number(r, den);
    text(r, reason);
}

static onus_status ladders(affect_trial *t, const affect_found *found, size_t n_found) {
    static const char *columns[] = {"against", "stratum", "rung", "value", "low",
                                    "high",    "num",     "den",  "reason"};
    row r = {.series = onus_result_series(t->result, "ladder", columns,
                                          sizeof columns / sizeof *columns)};
    if (r.series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_found; f++) {
        for (size_t k = 0; k < found[f].n_ladders; k++) {
            const affect_ladder *ladder = &found[f].ladders[k];
            const char *stratum = stratum_of(&found[f], ladder);
            for (size_t s = 0; s < AFFECT_N_RUNGS; s++) {
                const affect_step *step = &ladder->steps[s];
                ladder_row(&r, &found[f], stratum, affect_rung_name((enum affect_rung)s),
                           step->value.value,
                           s == AFFECT_RUNG_CHANCE ? step->value.limits
                                                   : affect_share_limits(t, &step->value),
                           step->num, step->den, step->reason);
            }
            const onus_fraction right = onus_confusion_accuracy(found[f].cells, t->n_labels);
            ladder_row(&r, &found[f], stratum, "product", right.value,
                       affect_share_limits(t, &found[f].estimates[ONUS_CONFUSION_ACCURACY]),
                       right.num, right.den, right.reason);
        }
    }
    return r.status;
}

/* ---- confusion ---- */

static void cell_row(row *r, const affect_trial *t, const affect_found *found, size_t reference,
                     size_t said, double all) {
    const size_t q = t->n_labels;
    const double n = found->cells[reference * (q + 1) + said];
    text(r, found->reference->name);
    text(r, found->reference->stratum);
    text(r, t->labels[reference]);
    text(r, said < q ? t->labels[said] : "abstained");
    number(r, n);
    number(r, all > 0.0 ? n / all : NAN);
    limits(r, onus_dirichlet_limits(fmin(n, all), all, q + 1, t->c->protocol.level));
}

static onus_status confusions(affect_trial *t, const affect_found *found, size_t n_found) {
    static const char *columns[] = {"against", "stratum", "reference", "said",
                                    "n",       "share",   "low",       "high"};
    const size_t q = t->n_labels;
    row r = {.series = onus_result_series(t->result, "confusion", columns,
                                          sizeof columns / sizeof *columns)};
    if (r.series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_found; f++) {
        for (size_t reference = 0; reference < q; reference++) {
            const double all = onus_confusion_recall(found[f].cells, q, reference).den;
            for (size_t said = 0; said <= q; said++) {
                cell_row(&r, t, &found[f], reference, said, all);
            }
        }
    }
    return r.status;
}

/* ---- recall and precision ---- */

static onus_status recalls(affect_trial *t, const affect_found *found, size_t n_found) {
    static const char *columns[] = {"against",       "stratum",        "label", "recall",
                                    "low",           "high",           "n",     "precision",
                                    "precision_low", "precision_high", "n_said"};
    const size_t q = t->n_labels;
    row r = {.series = onus_result_series(t->result, "recall", columns,
                                          sizeof columns / sizeof *columns)};
    if (r.series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_found; f++) {
        for (size_t l = 0; l < q; l++) {
            const onus_cluster_estimate *e =
                &found[f].estimates[ONUS_CONFUSION_BY_LABEL + ONUS_CONFUSION_PER_LABEL * l];
            text(&r, found[f].reference->name);
            text(&r, found[f].reference->stratum);
            text(&r, t->labels[l]);
            number(&r, e[0].value);
            limits(&r, affect_share_limits(t, &e[0]));
            number(&r, onus_confusion_recall(found[f].cells, q, l).den);
            number(&r, e[1].value);
            limits(&r, affect_share_limits(t, &e[1]));
            number(&r, onus_confusion_precision(found[f].cells, q, l).den);
        }
    }
    return r.status;
}

/* ---- other ways to an interval of the accuracy ---- */

static onus_status intervals(affect_trial *t, const affect_found *found, size_t n_found) {
    static const char *columns[] = {"against", "stratum", "way", "low", "high"};
    row r = {.series = onus_result_series(t->result, "intervals", columns,
                                          sizeof columns / sizeof *columns)};
    if (r.series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t f = 0; f < n_found; f++) {
        const onus_cluster_estimate *e = &found[f].estimates[ONUS_CONFUSION_ACCURACY];
        const struct {
            const char *way;
            onus_limits limits;
        } ways[] = {
            {"people, stretched (decides)", affect_share_limits(t, e)},
            {"people, plain percentile", e->percentile},
            {"people, jackknife", e->jackknife},
            {"items, as if each were another person's",
             onus_se_interval(e->value, found[f].items_se, INFINITY, t->c->protocol.level)}};
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
            text(&r, found[f].reference->name);
            text(&r, found[f].reference->stratum);
            text(&r, ways[k].way);
            limits(&r, ways[k].limits);
        }
    }
    return r.status;
}

onus_status affect_validity_series(affect_trial *t, const affect_found *found, size_t n_found) {
    onus_status status = ONUS_OK;
    ONUS_TRY(ladders(t, found, n_found));
    ONUS_TRY(confusions(t, found, n_found));
    ONUS_TRY(recalls(t, found, n_found));
    ONUS_TRY(intervals(t, found, n_found));
out:
    return status;
}
