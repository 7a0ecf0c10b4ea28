/* Do the scores beside the labels mean what they say, and does the label stay.
 *
 * A score is held against each reference: against votes with their shares (soft) and with the
 * commonest vote (hard). Calibration is of the score of the label that was given; where the product
 * abstained there is none. Called by trial.c; re-tests and versions are in scores_flips.c. Never
 * turns a score into a label. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_labels_scores.h"
#include "scores_internal.h"
#include "validity_internal.h"

enum { N_BINS = 15 }; /* as Guo et al. (2017), so that figures can be compared */

static const double SUM_OFF = 1e-6; /* scores of one row, printed with few digits */

static const char NOT_SHARES[] = "a score is not between 0 and 1: it is no share of certainty";
static const char NO_SCORES[] = "no item that is compared has a score for every label";
static const char BIASED[] =
    "binned errors are above 0 for a product without fault, and more so in draws: the interval "
    "carries no verdict alone";

/* ---- scores of an item ---- */

static const double *scores_of(const affect_trial *t, int32_t item) {
    return &t->a->said.scores[(size_t)t->said_row[item] * t->n_labels];
}

static bool is_complete(const double *scores, size_t q) {
    bool complete = true;
    for (size_t l = 0; l < q; l++) {
        complete = complete && !isnan(scores[l]);
    }
    return complete;
}

/* Counts rows that are no shares, and complete ones that do not sum to 1. */
static void check_scores(const affect_trial *t, size_t *n_odd, size_t *n_off) {
    *n_odd = 0;
    *n_off = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        if (t->said_row[i] < 0) {
            continue;
        }
        const double *scores = scores_of(t, (int32_t)i);
        double sum = 0.0;
        bool odd = false;
        for (size_t l = 0; l < t->n_labels; l++) {
            odd = odd || scores[l] < 0.0 || scores[l] > 1.0;
            sum += scores[l];
        }
        *n_odd += odd;
        *n_off += fabs(sum - 1.0) > SUM_OFF; /* NaN: not complete, not counted */
    }
}

/* ---- one reference, soft or hard ---- */

typedef struct face { /* what scores are held against */
    const affect_reference *reference;
    bool plurality;
} face;

static onus_measure begin(const face *f, const char *id) {
    onus_measure m = affect_draft_of(id);
    affect_scope_against(&m, f->reference);
    if (f->plurality) {
        onus_scope_set_text(&m.scope, "raters", "plurality");
    }
    return m;
}

static void mean_of(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[0] = totals[1] > 0.0 ? totals[0] / totals[1] : NAN;
}

/* People with nothing to draw are left out: their rows move up. Returns how many are left. */
static size_t drop_empty(double *sums, size_t n_people, size_t n_sums, size_t count) {
    size_t n = 0;
    for (size_t p = 0; p < n_people; p++) {
        if (sums[p * n_sums + count] > 0.0) {
            memmove(&sums[n * n_sums], &sums[p * n_sums], n_sums * sizeof *sums);
            n++;
        }
    }
    return n;
}

static onus_status add_brier(affect_trial *t, const face *f, const affect_view *view) {
    onus_status status = ONUS_OK;
    onus_measure m = begin(f, "affect.brier");
    double *sums = onus_alloc_n(2 * view->data.n_people, sizeof *sums);
    double total[2] = {0.0, 0.0};
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < view->data.n_items; i++) {
        const double *scores = scores_of(t, view->item[i]);
        if (is_complete(scores, t->n_labels)) {
            double *of = &sums[2 * (size_t)view->person[i]];
            of[0] += onus_brier_multi(scores, &view->truth[i * t->n_labels], t->n_labels);
            of[1] += 1.0;
        }
    }
    const size_t n = drop_empty(sums, view->data.n_people, 2, 1);
    for (size_t p = 0; p < n; p++) {
        total[0] += sums[2 * p];
        total[1] += sums[2 * p + 1];
    }
    onus_draft_set_fraction(&m, total[0], total[1], NO_SCORES);
    if (n > 0) {
        onus_cluster_estimate e;
        onus_cluster_opts opts = affect_cluster_opts(t, false);
        opts.range = (onus_limits){.low = 0.0, .high = 2.0};
        const onus_cluster_data data = {.sums = sums, .n_clusters = n, .n_sums = 2};
        ONUS_TRY(onus_cluster_estimates(&data, mean_of, NULL, 1, &opts, t->context, &e, t->err));
        affect_set_estimate(t, &m, &e);
    }
    ONUS_TRY(affect_add(t, &m, NULL));
out:
    onus_free(sums);
    return status;
}

/* ---- calibration ---- */

typedef struct answers { /* items with a label and its score */
    double *confidence;
    double *right;
    int32_t *person;
    size_t n;
} answers;

static void take_answers(const affect_trial *t, const affect_view *view, answers *out) {
    for (size_t i = 0; i < view->data.n_items; i++) {
        if (view->said[i] < 0) {
            continue;
        }
        const double score = scores_of(t, view->item[i])[view->said[i]];
        if (!isnan(score)) {
            out->confidence[out->n] = score;
            out->right[out->n] = view->truth[i * t->n_labels + (size_t)view->said[i]];
            out->person[out->n++] = view->person[i];
        }
    }
}

enum { BIN_N, BIN_CONFIDENCE, BIN_RIGHT, PER_BIN };
enum { ECE, DEBIASED, N_ERRORS };

/* The errors from sums by bin, bins as they were. */
static void errors_of(const void *shared, const double *totals, double *values) {
    const size_t n_bins = *(const size_t *)shared;
    double n = 0.0;
    double off = 0.0;
    double n_square = 0.0;
    double square = 0.0;
    for (size_t b = 0; b < n_bins; b++) {
        const double *bin = &totals[b * PER_BIN];
        if (!(bin[BIN_N] > 0.0)) {
            continue;
        }
        const double right = bin[BIN_RIGHT] / bin[BIN_N];
        const double distance = right - bin[BIN_CONFIDENCE] / bin[BIN_N];
        n += bin[BIN_N];
        off += bin[BIN_N] * fabs(distance);
        if (bin[BIN_N] >= 2.0) {
            n_square += bin[BIN_N];
            square +=
                bin[BIN_N] * (distance * distance - right * (1.0 - right) / (bin[BIN_N] - 1.0));
        }
    }
    values[ECE] = n > 0.0 ? off / n : NAN;
    values[DEBIASED] = n_square > 0.0 ? sqrt(fmax(0.0, square / n_square)) : NAN;
}

static onus_status draw_errors(affect_trial *t, const answers *a, const onus_reliability *r,
                               size_t n_people, onus_cluster_estimate *out) {
    const size_t n_sums = r->n_bins * PER_BIN;
    onus_status status = ONUS_OK;
    double *sums = onus_alloc_n(n_people * (n_sums + 1), sizeof *sums);
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < a->n; i++) {
        size_t b = 0;
        while (b + 1 < r->n_bins && a->confidence[i] > r->bins[b].high) {
            b++;
        }
        double *row = &sums[(size_t)a->person[i] * (n_sums + 1)];
        row[b * PER_BIN + BIN_N] += 1.0;
        row[b * PER_BIN + BIN_CONFIDENCE] += a->confidence[i];
        row[b * PER_BIN + BIN_RIGHT] += a->right[i];
        row[n_sums] += 1.0;
    }
    const size_t n = drop_empty(sums, n_people, n_sums + 1, n_sums);
    const onus_cluster_opts opts = affect_cluster_opts(t, true);
    const onus_cluster_data data = {.sums = sums, .n_clusters = n, .n_sums = n_sums + 1};
    ONUS_TRY(onus_cluster_estimates(&data, errors_of, &r->n_bins, N_ERRORS, &opts, t->context, out,
                                    t->err));
out:
    onus_free(sums);
    return status;
}

static onus_status add_error(affect_trial *t, const face *f, const char *binning, onus_number value,
                             double n, const onus_cluster_estimate *e) {
    onus_measure m = begin(f, "affect.ece");
    onus_scope_set_text(&m.scope, "binning", binning);
    onus_draft_set_number(&m, value);
    if (n > 0.0) {
        affect_set_estimate(t, &m, e);
    }
    if (m.interval.given && !m.interval.weak) {
        m.interval.weak = true;
        m.interval.weak_reason = BIASED;
    }
    return affect_add(t, &m, NULL);
}

static onus_status add_bins(onus_series *series, const face *f, const onus_reliability *r,
                            const char *binning) {
    onus_status status = ONUS_OK;
    for (size_t b = 0; b < r->n_bins; b++) {
        const onus_reliability_bin *bin = &r->bins[b];
        const double values[] = {bin->low, bin->high, bin->confidence, bin->right, bin->n};
        ONUS_TRY(onus_series_text(series, f->reference->name));
        ONUS_TRY(f->reference->stratum != NULL ? onus_series_text(series, f->reference->stratum)
                                               : onus_series_null(series));
        ONUS_TRY(onus_series_text(series, f->plurality ? "plurality" : "every"));
        ONUS_TRY(onus_series_text(series, binning));
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            ONUS_TRY(onus_series_number(series, values[k]));
        }
    }
out:
    return status;
}

static onus_status add_calibration(affect_trial *t, const face *f, const affect_view *view,
                                   onus_series *series) {
    static const struct {
        onus_binning binning;
        const char *name;
    } kinds[] = {{ONUS_BINS_EQUAL_WIDTH, "equal_width"}, {ONUS_BINS_EQUAL_MASS, "equal_mass"}};
    onus_status status = ONUS_ERR_NOMEM;
    onus_reliability r = {0};
    const size_t n = view->data.n_items;
    answers a = {.confidence = onus_alloc_n(n, sizeof(double)),
                 .right = onus_alloc_n(n, sizeof(double)),
                 .person = onus_alloc_n(n, sizeof(int32_t))};
    if (a.confidence == NULL || a.right == NULL || a.person == NULL) {
        goto out;
    }
    take_answers(t, view, &a);
    for (size_t k = 0; k < 2; k++) {
        onus_cluster_estimate e[N_ERRORS];
        ONUS_TRY(onus_reliability_of(a.confidence, a.right, a.n, kinds[k].binning, N_BINS, &r));
        if (a.n > 0) {
            ONUS_TRY(draw_errors(t, &a, &r, view->data.n_people, e));
        }
        ONUS_TRY(add_error(t, f, kinds[k].name, (onus_number){.value = r.ece, .reason = r.reason},
                           r.n, &e[ECE]));
        if (kinds[k].binning == ONUS_BINS_EQUAL_MASS) {
            const char *why = r.reason != NULL ? r.reason : "no bin holds two items";
            ONUS_TRY(add_error(t, f, "debiased", (onus_number){.value = r.debiased, .reason = why},
                               r.n, &e[DEBIASED]));
        }
        ONUS_TRY(add_bins(series, f, &r, kinds[k].name));
        onus_reliability_clear(&r);
    }
out:
    onus_reliability_clear(&r);
    onus_free(a.confidence);
    onus_free(a.right);
    onus_free(a.person);
    return status;
}

/* ---- all references ---- */

/* Scores that are no shares, or nobody but one or two people. */
static onus_status refuse(affect_trial *t, const face *f, bool is_tiny) {
    onus_measure brier = begin(f, "affect.brier");
    onus_measure ece = begin(f, "affect.ece");
    onus_draft_set_number(&brier, onus_number_none(NOT_SHARES));
    onus_draft_set_number(&ece, onus_number_none(NOT_SHARES));
    if (is_tiny) {
        affect_withhold_tiny(&brier);
        affect_withhold_tiny(&ece);
    }
    const onus_status status = affect_add(t, &brier, NULL);
    return status != ONUS_OK ? status : affect_add(t, &ece, NULL);
}

static onus_status try_face(affect_trial *t, const face *f, bool are_shares, onus_series *series) {
    affect_view view = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(affect_view_make(t, f->plurality ? f->reference->plurality : f->reference->truth, NULL,
                              0, &view));
    const bool is_tiny = affect_view_is_tiny(t, &view);
    if (!are_shares || is_tiny) {
        ONUS_TRY(refuse(t, f, is_tiny));
        goto out;
    }
    ONUS_TRY(add_brier(t, f, &view));
    ONUS_TRY(add_calibration(t, f, &view, series));
out:
    affect_view_clear(&view);
    return status;
}

static onus_status try_scores(affect_trial *t) {
    static const char *columns[] = {"against", "stratum",    "votes", "binning", "from",
                                    "to",      "confidence", "right", "n"};
    onus_status status = ONUS_OK;
    size_t n_odd = 0;
    size_t n_off = 0;
    check_scores(t, &n_odd, &n_off);
    if (n_off > 0) {
        ONUS_TRY(onus_result_warn(t->result, "scores_not_of_one",
                                  "the scores of %zu of %zu items do not sum to 1 over the labels: "
                                  "they are taken as they are",
                                  n_off, t->n_asked));
    }
    onus_series *series =
        onus_result_series(t->result, "reliability", columns, sizeof columns / sizeof *columns);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        for (int plurality = 0; plurality < (r->plurality != NULL ? 2 : 1); plurality++) {
            const face f = {.reference = r, .plurality = plurality == 1};
            if (r->n_compared > 0) {
                ONUS_TRY(try_face(t, &f, n_odd == 0, series));
            }
        }
    }
out:
    return status;
}

onus_status affect_scores(affect_trial *t) {
    onus_status status = ONUS_OK;
    if (t->a->said.scores != NULL) {
        ONUS_TRY(try_scores(t));
    }
    ONUS_TRY(affect_flips(t));
out:
    return status;
}
