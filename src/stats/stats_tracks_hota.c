/* HOTA: detection and association, at 19 demands on how well boxes must overlap.
 *
 * First every pair of identities gets a global alignment: the overlaps of the pair, each divided by
 * what its two boxes overlap in all (so that crowded boxes count little), as a Jaccard index over
 * the two identities' boxes. Then each moment is matched once for the greatest sum of alignment
 * times IoU, and the matches that reach alpha are true positives at alpha. What is left is counting
 * matches per pair of identities. As TrackEval computes it; sums are compensated, so that the last
 * digits differ from numpy's.
 */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_tracks_moments.h"

static const double EPS = 2.220446049250313e-16;

typedef struct alignment {
    const onus_overlaps *o;
    double *of_pair;
} alignment;

static double hota_gain(const void *shared, size_t e) {
    const alignment *a = shared;
    return a->of_pair[a->o->pair[e]] * a->o->iou[e];
}

static onus_status align(const onus_overlaps *o, double *of_pair) {
    onus_status status = ONUS_ERR_NOMEM;
    size_t most_true = 0;
    size_t most_output = 0;
    for (size_t m = 0; m < o->n_moments; m++) {
        const size_t n_true = o->truth_start[m + 1] - o->truth_start[m];
        const size_t n_output = o->output_start[m + 1] - o->output_start[m];
        most_true = n_true > most_true ? n_true : most_true;
        most_output = n_output > most_output ? n_output : most_output;
    }
    double *row = onus_alloc_n(most_true, sizeof *row);
    double *col = onus_alloc_n(most_output, sizeof *col);
    onus_sum *sums = onus_alloc_n(o->n_pairs, sizeof *sums);
    if (row == NULL || col == NULL || sums == NULL) {
        goto out;
    }
    for (size_t m = 0; m < o->n_moments; m++) {
        const size_t t0 = o->truth_start[m];
        const size_t p0 = o->output_start[m];
        memset(row, 0, (o->truth_start[m + 1] - t0) * sizeof *row);
        memset(col, 0, (o->output_start[m + 1] - p0) * sizeof *col);
        for (size_t e = o->start[m]; e < o->start[m + 1]; e++) {
            row[o->truth[e] - t0] += o->iou[e];
            col[o->output[e] - p0] += o->iou[e];
        }
        for (size_t e = o->start[m]; e < o->start[m + 1]; e++) {
            const double all = col[o->output[e] - p0] + row[o->truth[e] - t0] - o->iou[e];
            if (all > EPS) {
                onus_sum_add(&sums[o->pair[e]], o->iou[e] / all);
            }
        }
    }
    for (size_t k = 0; k < o->n_pairs; k++) {
        const double together = onus_sum_get(&sums[k]);
        of_pair[k] = together / ((double)o->truth_boxes[o->pair_truth[k]] +
                                 o->output_boxes[o->pair_output[k]] - together);
    }
    status = ONUS_OK;
out:
    onus_free(row);
    onus_free(col);
    onus_free(sums);
    return status;
}

static double at_least_1(double value) {
    return value > 1.0 ? value : 1.0;
}

/* matches: n_pairs * ONUS_HOTA_ALPHAS */
static void associate(const onus_overlaps *o, const uint32_t *matches, int a, onus_hota *out,
                      onus_hota_share *share_of) {
    onus_sum ass = {0};
    onus_sum recall = {0};
    onus_sum precision = {0};
    for (size_t k = 0; k < o->n_pairs; k++) {
        const double n = matches[k * ONUS_HOTA_ALPHAS + (size_t)a];
        if (n == 0.0) {
            continue;
        }
        const double n_true = o->truth_boxes[o->pair_truth[k]];
        const double n_output = o->output_boxes[o->pair_output[k]];
        const double gained = n * (n / at_least_1(n_true + n_output - n));
        onus_sum_add(&ass, gained);
        onus_sum_add(&recall, n * (n / n_true));
        onus_sum_add(&precision, n * (n / n_output));
        if (share_of != NULL) {
            share_of[o->pair_truth[k]].tp[a] += n;
            share_of[o->pair_truth[k]].ass[a] += gained;
        }
    }
    onus_hota_values *at = &out->at[a];
    const double tp = (double)out->tp[a];
    at->assa = onus_sum_get(&ass) / at_least_1(tp);
    at->ass_recall = onus_sum_get(&recall) / at_least_1(tp);
    at->ass_precision = onus_sum_get(&precision) / at_least_1(tp);
    at->det_recall = tp / at_least_1(tp + (double)out->fn[a]);
    at->det_precision = tp / at_least_1(tp + (double)out->fp[a]);
    at->deta = tp / at_least_1(tp + (double)out->fn[a] + (double)out->fp[a]);
    at->hota = sqrt(at->deta * at->assa);
}

static void average(onus_hota *out) {
    onus_sum sums[8] = {{0}};
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        const onus_hota_values *v = &out->at[a];
        const double values[8] = {v->hota,       v->deta,          v->assa,       v->loca,
                                  v->det_recall, v->det_precision, v->ass_recall, v->ass_precision};
        for (int i = 0; i < 8; i++) {
            onus_sum_add(&sums[i], values[i]);
        }
    }
    double mean[8];
    for (int i = 0; i < 8; i++) {
        mean[i] = onus_sum_get(&sums[i]) / ONUS_HOTA_ALPHAS;
    }
    out->mean = (onus_hota_values){.hota = mean[0],
                                   .deta = mean[1],
                                   .assa = mean[2],
                                   .loca = mean[3],
                                   .det_recall = mean[4],
                                   .det_precision = mean[5],
                                   .ass_recall = mean[6],
                                   .ass_precision = mean[7]};
}

static void set_undefined(onus_hota *out) {
    const double nan = (double)NAN;
    const onus_hota_values none = {nan, nan, nan, nan, nan, nan, nan, nan};
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        out->at[a] = none;
    }
    out->mean = none;
    out->reason = "there are no boxes";
}

onus_status onus_hota_measure(const onus_overlaps *o, onus_hota *out, onus_hota_share *share_of) {
    onus_status status;
    moment_room room = {0};
    const size_t n_true = o->truth_start[o->n_moments];
    const size_t n_output = o->output_start[o->n_moments];
    const size_t n_cells = o->n_pairs * ONUS_HOTA_ALPHAS;
    alignment aligned = {.o = o, .of_pair = onus_alloc_n(o->n_pairs, sizeof(double))};
    uint32_t *matches = onus_alloc_n(n_cells, sizeof *matches);
    if (aligned.of_pair == NULL || matches == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(moment_room_make(o, &room));
    ONUS_TRY(align(o, aligned.of_pair));
    *out = (onus_hota){0};
    if (share_of != NULL) {
        memset(share_of, 0, o->n_people * sizeof *share_of);
    }
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        out->alpha[a] = 0.05 + a * 0.05;
    }
    onus_sum iou[ONUS_HOTA_ALPHAS] = {{0}};
    for (size_t m = 0; m < o->n_moments; m++) {
        moment_match(o, m, hota_gain, &aligned, &room);
        for (size_t i = 0; i < room.n_matched; i++) {
            const size_t e = room.matched[i];
            uint32_t *of_pair = matches + (size_t)o->pair[e] * ONUS_HOTA_ALPHAS;
            for (int a = 0; a < ONUS_HOTA_ALPHAS && o->iou[e] >= out->alpha[a] - EPS; a++) {
                of_pair[a]++;
                out->tp[a]++;
                onus_sum_add(&iou[a], o->iou[e]);
            }
        }
    }
    if (n_true == 0 && n_output == 0) {
        set_undefined(out);
        goto out;
    }
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        out->fn[a] = n_true - out->tp[a];
        out->fp[a] = n_output - out->tp[a];
        associate(o, matches, a, out, share_of);
        /* 1 where nothing reaches alpha, as TrackEval has it */
        out->at[a].loca = out->tp[a] == 0 ? 1.0 : onus_sum_get(&iou[a]) / (double)out->tp[a];
    }
    average(out);
out:
    moment_room_clear(&room);
    onus_free(aligned.of_pair);
    onus_free(matches);
    return status;
}
