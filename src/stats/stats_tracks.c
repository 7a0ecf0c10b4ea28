/* Which true and output boxes overlap, and the best one-to-one assignment of identities.
 *
 * Both tables are walked together, moment by moment (camera and frame). Every pair of boxes of a
 * moment that overlaps becomes one record; the pairs of identities are numbered by one counting
 * sort. From here on nothing looks at boxes that do not meet: 16,000 people against 30,330 tracks
 * are a few ten thousand pairs and not half a thousand million.
 *
 * The intersection over union follows TrackEval operation by operation, so that boxes on the edge
 * of a threshold fall on the same side. Called by the match trial; it tracks nobody.
 */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_tracks.h"
#include "stats_assign.h"

/* ---- overlaps ---- */

void onus_overlaps_clear(onus_overlaps *o) {
    onus_free(o->truth_start);
    onus_free(o->output_start);
    onus_free(o->start);
    onus_free(o->truth);
    onus_free(o->output);
    onus_free(o->iou);
    onus_free(o->pair);
    onus_free(o->pair_truth);
    onus_free(o->pair_output);
    onus_free(o->truth_boxes);
    onus_free(o->output_boxes);
    *o = (onus_overlaps){0};
}

static int moment_order(const onus_boxes *a, size_t i, const onus_boxes *b, size_t j) {
    if (a->camera[i] != b->camera[j]) {
        return a->camera[i] < b->camera[j] ? -1 : 1;
    }
    return a->frame[i] < b->frame[j] ? -1 : a->frame[i] > b->frame[j];
}

static onus_status check_boxes(const onus_boxes *boxes, const char *which, onus_error *err) {
    if (boxes->n_boxes > INT32_MAX || boxes->n_tracks > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more than 2^31 - 1 boxes of %s", which);
    }
    for (size_t i = 0; i < boxes->n_boxes; i++) {
        if (boxes->track[i] < 0 || (size_t)boxes->track[i] >= boxes->n_tracks) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a track of %s is out of range", which);
        }
        if (!isfinite(boxes->x[i]) || !isfinite(boxes->y[i]) || !isfinite(boxes->w[i]) ||
            !isfinite(boxes->h[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a box of %s is not finite", which);
        }
        const int order = i == 0 ? -1 : moment_order(boxes, i - 1, boxes, i);
        if (order > 0 || (order == 0 && boxes->track[i - 1] >= boxes->track[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "boxes of %s are not in order or repeat",
                                   which);
        }
    }
    return ONUS_OK;
}

static size_t moment_end(const onus_boxes *boxes, size_t from) {
    size_t i = from + 1;
    while (i < boxes->n_boxes && moment_order(boxes, from, boxes, i) == 0) {
        i++;
    }
    return i;
}

/* The next moment of either table: [t, t_end) and [p, p_end), one of which may be empty. */
static void next_moment(const onus_boxes *truth, const onus_boxes *output, size_t t, size_t p,
                        size_t *t_end, size_t *p_end) {
    const bool has_truth = t < truth->n_boxes;
    const bool has_output = p < output->n_boxes;
    const int order = !has_truth ? 1 : !has_output ? -1 : moment_order(truth, t, output, p);
    *t_end = order <= 0 ? moment_end(truth, t) : t;
    *p_end = order >= 0 ? moment_end(output, p) : p;
}

static onus_status make_moments(const onus_boxes *truth, const onus_boxes *output,
                                onus_overlaps *out) {
    size_t n = 0;
    size_t t_end;
    size_t p_end;
    for (size_t t = 0, p = 0; t < truth->n_boxes || p < output->n_boxes; t = t_end, p = p_end) {
        next_moment(truth, output, t, p, &t_end, &p_end);
        n++;
    }
    out->n_moments = n;
    out->truth_start = onus_alloc_n(n + 1, sizeof *out->truth_start);
    out->output_start = onus_alloc_n(n + 1, sizeof *out->output_start);
    out->start = onus_alloc_n(n + 1, sizeof *out->start);
    if (out->truth_start == NULL || out->output_start == NULL || out->start == NULL) {
        return ONUS_ERR_NOMEM;
    }
    n = 0;
    for (size_t t = 0, p = 0; t < truth->n_boxes || p < output->n_boxes; t = t_end, p = p_end) {
        next_moment(truth, output, t, p, &t_end, &p_end);
        n++;
        out->truth_start[n] = t_end;
        out->output_start[n] = p_end;
    }
    return ONUS_OK;
}

/* As trackeval/datasets/_base_dataset.py computes it: corners first, areas from the corners. */
static double box_iou(const onus_boxes *a, size_t i, const onus_boxes *b, size_t j) {
    const double eps = 2.220446049250313e-16; /* of numpy's float */
    const double ax1 = a->x[i] + a->w[i];
    const double ay1 = a->y[i] + a->h[i];
    const double bx1 = b->x[j] + b->w[j];
    const double by1 = b->y[j] + b->h[j];
    const double w = (ax1 < bx1 ? ax1 : bx1) - (a->x[i] > b->x[j] ? a->x[i] : b->x[j]);
    const double h = (ay1 < by1 ? ay1 : by1) - (a->y[i] > b->y[j] ? a->y[i] : b->y[j]);
    if (!(w > 0.0) || !(h > 0.0)) {
        return 0.0;
    }
    const double area_a = (ax1 - a->x[i]) * (ay1 - a->y[i]);
    const double area_b = (bx1 - b->x[j]) * (by1 - b->y[j]);
    const double both = w * h;
    const double either = area_a + area_b - both;
    return area_a <= eps || area_b <= eps || either <= eps ? 0.0 : both / either;
}

static onus_status grow(onus_overlaps *out, size_t *cap) {
    const size_t wanted = *cap + *cap / 2 + 1024;
    uint32_t *truth = onus_realloc_n(out->truth, wanted, sizeof *truth);
    out->truth = truth != NULL ? truth : out->truth;
    uint32_t *other = onus_realloc_n(out->output, wanted, sizeof *other);
    out->output = other != NULL ? other : out->output;
    double *iou = onus_realloc_n(out->iou, wanted, sizeof *iou);
    out->iou = iou != NULL ? iou : out->iou;
    if (truth == NULL || other == NULL || iou == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *cap = wanted;
    return ONUS_OK;
}

static onus_status find_overlaps(const onus_boxes *truth, const onus_boxes *output,
                                 onus_overlaps *out) {
    onus_status status = ONUS_OK;
    size_t cap = 0;
    for (size_t m = 0; m < out->n_moments; m++) {
        for (size_t t = out->truth_start[m]; t < out->truth_start[m + 1]; t++) {
            for (size_t p = out->output_start[m]; p < out->output_start[m + 1]; p++) {
                const double iou = box_iou(truth, t, output, p);
                if (!(iou > 0.0)) {
                    continue;
                }
                if (out->n_overlaps == cap) {
                    ONUS_TRY(grow(out, &cap));
                }
                out->truth[out->n_overlaps] = (uint32_t)t;
                out->output[out->n_overlaps] = (uint32_t)p;
                out->iou[out->n_overlaps++] = iou;
            }
        }
        out->start[m + 1] = out->n_overlaps;
    }
out:
    return status;
}

/* Numbers the pairs of identities: overlaps by true identity (counting sort), then each output
 * track once. */
static onus_status number_pairs(const onus_boxes *truth, const onus_boxes *output,
                                onus_overlaps *out) {
    onus_status status = ONUS_ERR_NOMEM;
    const size_t n = out->n_overlaps;
    size_t *start = onus_alloc_n(truth->n_tracks + 1, sizeof *start);
    uint32_t *by_truth = onus_alloc_n(n, sizeof *by_truth);
    uint32_t *seen_by = onus_alloc_n(output->n_tracks, sizeof *seen_by);
    uint32_t *pair_of = onus_alloc_n(output->n_tracks, sizeof *pair_of);
    out->pair = onus_alloc_n(n, sizeof *out->pair);
    out->pair_truth = onus_alloc_n(n, sizeof *out->pair_truth);
    out->pair_output = onus_alloc_n(n, sizeof *out->pair_output);
    if (start == NULL || by_truth == NULL || seen_by == NULL || pair_of == NULL ||
        out->pair == NULL || out->pair_truth == NULL || out->pair_output == NULL) {
        goto out;
    }
    for (size_t e = 0; e < n; e++) {
        start[truth->track[out->truth[e]]]++;
    }
    size_t before = 0;
    for (size_t t = 0; t <= truth->n_tracks; t++) {
        const size_t here = start[t];
        start[t] = before;
        before += here;
    }
    for (size_t e = 0; e < n; e++) {
        by_truth[start[truth->track[out->truth[e]]]++] = (uint32_t)e;
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t e = by_truth[i];
        const uint32_t t = (uint32_t)truth->track[out->truth[e]];
        const uint32_t p = (uint32_t)output->track[out->output[e]];
        if (seen_by[p] != t + 1) {
            seen_by[p] = t + 1;
            pair_of[p] = (uint32_t)out->n_pairs;
            out->pair_truth[out->n_pairs] = t;
            out->pair_output[out->n_pairs++] = p;
        }
        out->pair[e] = pair_of[p];
    }
    status = ONUS_OK;
out:
    onus_free(start);
    onus_free(by_truth);
    onus_free(seen_by);
    onus_free(pair_of);
    return status;
}

static onus_status count_boxes(const onus_boxes *boxes, uint32_t **out) {
    *out = onus_alloc_n(boxes->n_tracks, sizeof **out);
    if (*out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < boxes->n_boxes; i++) {
        (*out)[boxes->track[i]]++;
    }
    return ONUS_OK;
}

onus_status onus_overlaps_make(const onus_boxes *truth, const onus_boxes *output,
                               onus_overlaps *out, onus_error *err) {
    *out = (onus_overlaps){.n_people = truth->n_tracks, .n_tracks = output->n_tracks};
    onus_status status;
    ONUS_TRY(check_boxes(truth, "the truth", err));
    ONUS_TRY(check_boxes(output, "the output", err));
    ONUS_TRY(make_moments(truth, output, out));
    ONUS_TRY(find_overlaps(truth, output, out));
    ONUS_TRY(number_pairs(truth, output, out));
    ONUS_TRY(count_boxes(truth, &out->truth_boxes));
    ONUS_TRY(count_boxes(output, &out->output_boxes));
out:
    if (status != ONUS_OK) {
        onus_overlaps_clear(out);
    }
    return status;
}

/* ---- identity ---- */

static onus_number share(double part, double whole, const char *reason) {
    return whole > 0.0 ? onus_number_of(part / whole) : onus_number_none(reason);
}

static uint64_t sum_of(const uint32_t *values, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

onus_status onus_identity_measure(const onus_overlaps *o, onus_identity *out, uint32_t *tp_of) {
    onus_status status;
    onus_assigner room = {0};
    double *together = onus_alloc_n(o->n_pairs, sizeof *together);
    size_t *start = onus_alloc_n(o->n_people + 1, sizeof *start);
    uint32_t *col = onus_alloc_n(o->n_pairs, sizeof *col);
    uint32_t *col_of = onus_alloc_n(o->n_people, sizeof *col_of);
    if (together == NULL || start == NULL || col == NULL || col_of == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_assigner_make(o->n_people, o->n_tracks, &room));
    for (size_t e = 0; e < o->n_overlaps; e++) {
        together[o->pair[e]] += o->iou[e] >= ONUS_TRACKS_MIN_IOU ? 1.0 : 0.0;
    }
    size_t n = 0; /* pairs that are together at all, packed in place */
    for (size_t k = 0; k < o->n_pairs; k++) {
        if (together[k] > 0.0) {
            together[n] = together[k];
            col[n++] = o->pair_output[k];
            start[o->pair_truth[k] + 1] = n;
        }
    }
    for (size_t t = 0; t < o->n_people; t++) {
        if (start[t + 1] < start[t]) {
            start[t + 1] = start[t]; /* an identity that is with nobody */
        }
    }
    const onus_gains gains = {
        .n_rows = o->n_people, .n_cols = o->n_tracks, .start = start, .col = col, .gain = together};
    onus_assign(&room, &gains, col_of);
    *out = (onus_identity){0};
    for (size_t t = 0; t < o->n_people; t++) {
        uint32_t tp = 0;
        for (size_t e = start[t]; e < start[t + 1]; e++) {
            tp = col[e] == col_of[t] ? (uint32_t)together[e] : tp;
        }
        if (tp_of != NULL) {
            tp_of[t] = tp;
        }
        out->tp += tp;
    }
    const uint64_t n_true = sum_of(o->truth_boxes, o->n_people);
    const uint64_t n_output = sum_of(o->output_boxes, o->n_tracks);
    out->fn = n_true - out->tp;
    out->fp = n_output - out->tp;
    out->f1 = share(2.0 * (double)out->tp, (double)(n_true + n_output), "there are no boxes");
    out->precision = share((double)out->tp, (double)n_output, "the output has no boxes");
    out->recall = share((double)out->tp, (double)n_true, "the truth has no boxes");
out:
    onus_assigner_clear(&room);
    onus_free(together);
    onus_free(start);
    onus_free(col);
    onus_free(col_of);
    return status;
}
