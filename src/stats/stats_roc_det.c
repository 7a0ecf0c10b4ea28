/* The curve of errors against thresholds (DET, ROC), thinned for a chart.
 *
 * Every distinct score is a point, which a chart of 1e8 scores does not want. Points are kept at
 * even steps along the curve on the probit scale, where a DET chart draws it, and the points that
 * somebody asked for are kept whatever the step. A large set's points are the bounds of the
 * ladder's ranges, which are cut finer where the curve runs far within one range; their counts are
 * exact, only the thresholds are round. Called by stats_roc.c. Never invents a point between two.
 */
#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/stats_interval.h"
#include "stats_roc_internal.h"

enum { SMOOTH_BITS_MAX = 10 };

double onus_probit(onus_share share) {
    return share.den == 0 ? NAN : onus_normal_quantile((double)share.num / (double)share.den);
}

/* Probit of n of all, drawn in by half a score at both ends so that it is finite. */
static double drawn(uint64_t n, uint64_t all) {
    return onus_normal_quantile(((double)n + 0.5) / ((double)all + 1.0));
}

/* How far along the curve, from everything matches to nothing does: the sum of both coordinates. */
static double way(const onus_ladder *ladder, uint64_t n_genuine_below, uint64_t n_impostor_below) {
    const uint64_t n = ladder->n[ONUS_ROC_IMPOSTOR];
    return drawn(n_genuine_below, ladder->n[ONUS_ROC_GENUINE]) - drawn(n - n_impostor_below, n);
}

static double whole_way(const onus_ladder *ladder) {
    return way(ladder, ladder->n[ONUS_ROC_GENUINE], ladder->n[ONUS_ROC_IMPOSTOR]) -
           way(ladder, 0, 0);
}

bool onus_ladder_smooth(onus_ladder *ladder, size_t n_points) {
    const double step = whole_way(ladder) / (double)n_points;
    bool any = false;
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        onus_rungs *r = &ladder->rungs[k];
        if (onus_rungs_known(r)) {
            continue;
        }
        const double run = way(ladder, r->below[0] + r->n[0], r->below[1] + r->n[1]) -
                           way(ladder, r->below[0], r->below[1]);
        if (!(run > step)) {
            continue;
        }
        /* scores are not even within a range: twice as fine as if they were */
        while (r->split_bits < SMOOTH_BITS_MAX && run > step * ldexp(0.5, (int)r->split_bits)) {
            r->split_bits++;
        }
        any = true;
    }
    return any;
}

/* ---- the points there are ---- */

static onus_status push(onus_array *points, const onus_ladder *ladder, uint64_t key,
                        uint64_t n_genuine_below, uint64_t n_impostor_below) {
    const onus_roc_counts point =
        onus_ladder_counts(ladder, key, n_genuine_below, n_impostor_below);
    return onus_array_push(points, &point);
}

/* Every distinct score of an open range. */
static onus_status push_open(onus_array *points, const onus_ladder *ladder, const onus_rungs *r) {
    const size_t n_genuine = r->n[ONUS_ROC_GENUINE];
    const size_t n_impostor = r->n[ONUS_ROC_IMPOSTOR];
    /* of a class without scores there may be no keys to point into */
    const uint64_t *genuine =
        n_genuine > 0 ? ladder->keys[ONUS_ROC_GENUINE] + r->start[ONUS_ROC_GENUINE] : NULL;
    const uint64_t *impostor =
        n_impostor > 0 ? ladder->keys[ONUS_ROC_IMPOSTOR] + r->start[ONUS_ROC_IMPOSTOR] : NULL;
    size_t g = 0;
    size_t i = 0;
    while (g < n_genuine || i < n_impostor) {
        const bool is_genuine = i == n_impostor || (g < n_genuine && genuine[g] < impostor[i]);
        const uint64_t key = is_genuine ? genuine[g] : impostor[i];
        const onus_status status = push(points, ladder, key, r->below[ONUS_ROC_GENUINE] + g,
                                        r->below[ONUS_ROC_IMPOSTOR] + i);
        if (status != ONUS_OK) {
            return status;
        }
        while (g < n_genuine && genuine[g] == key) {
            g++;
        }
        while (i < n_impostor && impostor[i] == key) {
            i++;
        }
    }
    return ONUS_OK;
}

static onus_status all_points(const onus_ladder *ladder, onus_array *points) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < ladder->n_rungs; k++) {
        const onus_rungs *r = &ladder->rungs[k];
        ONUS_TRY(r->open ? push_open(points, ladder, r)
                         : push(points, ladder, r->low, r->below[ONUS_ROC_GENUINE],
                                r->below[ONUS_ROC_IMPOSTOR]));
    }
    ONUS_TRY(push(points, ladder, ONUS_KEY_NAN, ladder->n[ONUS_ROC_GENUINE],
                  ladder->n[ONUS_ROC_IMPOSTOR]));
out:
    return status;
}

/* Along the curve: fewer false matches, more false non-matches. */
static int by_way(const void *a, const void *b) {
    const onus_roc_counts *x = a;
    const onus_roc_counts *y = b;
    if (x->false_match != y->false_match) {
        return x->false_match > y->false_match ? -1 : 1;
    }
    return (x->false_nonmatch > y->false_nonmatch) - (x->false_nonmatch < y->false_nonmatch);
}

/* Two points of the same counts are one: the first stays. */
static void drop_equals(onus_array *points) {
    onus_roc_counts *p = points->items;
    size_t n = 0;
    for (size_t k = 0; k < points->n_items; k++) {
        if (n == 0 || by_way(&p[n - 1], &p[k]) != 0) {
            p[n++] = p[k];
        }
    }
    points->n_items = n;
}

/* Keeps the first point at or past each even step, and both ends. */
static void thin(const onus_ladder *ladder, onus_array *points, size_t n_points) {
    onus_roc_counts *p = points->items;
    const double step = whole_way(ladder) / (double)(n_points - 1);
    const double start = way(ladder, 0, 0);
    size_t n = 0;
    double next = start;
    for (size_t k = 0; k < points->n_items; k++) {
        const double at =
            way(ladder, p[k].false_nonmatch, p[k].n_impostor - p[k].false_match) - start;
        if (k > 0 && k + 1 < points->n_items && at < next) {
            continue;
        }
        next = step * (floor(at / step) + 1.0);
        p[n++] = p[k];
    }
    points->n_items = n;
}

onus_status onus_ladder_det(const onus_ladder *ladder, const onus_roc_counts *must, size_t n_must,
                            size_t n_points, onus_roc_counts **out, size_t *n_out) {
    onus_status status = ONUS_OK;
    onus_array points = ONUS_ARRAY_OF(onus_roc_counts);
    ONUS_TRY(all_points(ladder, &points));
    if (points.n_items > n_points + 1) { /* one is past every score */
        thin(ladder, &points, n_points);
    }
    for (size_t k = 0; k < n_must; k++) {
        ONUS_TRY(onus_array_push(&points, &must[k]));
    }
    qsort(points.items, points.n_items, points.elem_size, by_way);
    drop_equals(&points);
    *out = onus_array_take(&points, n_out);
out:
    onus_array_clear(&points);
    return status;
}
