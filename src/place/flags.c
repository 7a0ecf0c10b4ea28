/* Where the flags fell: from boxes, polygons or counts to x_i, the flags on area i.
 *
 *   assign: centre    the whole flag falls on the area that holds its centre (edges inside, of
 * several areas the one with the lowest id), compared exactly, in the coordinates as written
 *   assign: overlap   the flag is divided by the share of the box on each area, exact areas in the
 *                     projection; what lies on no area is outside
 *   counted_areas     the counts are x_i
 *
 * Rows that repeat one place (a box flagged on many days) are laid over the areas once. Mass is
 * conserved: sum x_i + outside = all flags; where areas overlap one another a box would count
 * twice, so its parts are scaled to 1 and the boxes concerned are counted.
 *
 * Called by trial.c. Never looks at people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

/* Shares of one box add up to 1 only to rounding; more than this above 1 means that areas overlap.
 */
#define OVERLAP_TOLERANCE 1e-7

typedef struct spot {
    double x;
    double y;
    int32_t row;
} spot;

static int by_place(const void *a, const void *b) {
    const spot *p = a;
    const spot *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    if (p->y != q->y) {
        return p->y < q->y ? -1 : 1;
    }
    return (p->row > q->row) - (p->row < q->row);
}

/* Numbers the distinct places of the flags; *first holds one row of each place. */
static onus_status distinct_places(place_trial *t, const double *x, const double *y,
                                   int32_t **first) {
    const size_t n = t->evidence->flags.n_flags;
    place_flags *f = &t->flags;
    spot *spots = onus_alloc_n(n, sizeof *spots);
    f->place = place_keep(t, onus_alloc_n(n, sizeof *f->place));
    *first = place_keep(t, onus_alloc_n(n, sizeof **first));
    if (spots == NULL || f->place == NULL || *first == NULL) {
        onus_free(spots);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        spots[i] = (spot){.x = x[i], .y = y[i], .row = (int32_t)i};
    }
    qsort(spots, n, sizeof *spots, by_place);
    f->n_places = 0;
    for (size_t k = 0; k < n; k++) {
        if (k == 0 || spots[k].x != spots[k - 1].x || spots[k].y != spots[k - 1].y) {
            (*first)[f->n_places++] = spots[k].row;
        }
        f->place[spots[k].row] = (int32_t)(f->n_places - 1);
    }
    onus_free(spots);
    return ONUS_OK;
}

/* One area (or none) per row, as a sparse pattern with value 1. */
static onus_status from_index(place_trial *t, const int32_t *area, size_t n_rows) {
    onus_sparse *on = &t->flags.on;
    on->n_rows = n_rows;
    on->starts = onus_alloc_n(n_rows + 1, sizeof *on->starts);
    on->columns = onus_alloc_n(n_rows, sizeof *on->columns);
    on->values = onus_alloc_n(n_rows, sizeof *on->values);
    if (on->starts == NULL || on->columns == NULL || on->values == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n_entries = 0;
    for (size_t r = 0; r < n_rows; r++) {
        on->starts[r] = n_entries;
        if (area[r] >= 0) {
            on->columns[n_entries] = area[r];
            on->values[n_entries] = 1.0;
            n_entries++;
        }
    }
    on->starts[n_rows] = n_entries;
    return ONUS_OK;
}

onus_status place_locate(place_trial *t, const double *source_x, const double *source_y,
                         const double *x_m, const double *y_m, size_t n, bool in_degrees,
                         int32_t *area) {
    const onus_layer *areas = &t->evidence->areas;
    onus_polygons polygons = t->metres;
    const bool as_written = in_degrees && areas->source_is_degrees;
    if (as_written) {
        polygons.x = areas->source_x;
        polygons.y = areas->source_y;
    }
    return onus_locate(&polygons, t->id_rank, as_written ? PLACE_LATTICE_DEG : PLACE_LATTICE_M,
                       as_written ? source_x : x_m, as_written ? source_y : y_m, n, t->context,
                       area, t->err);
}

static onus_status by_centre(place_trial *t, const int32_t *first) {
    const onus_flags *given = &t->evidence->flags;
    place_flags *f = &t->flags;
    const size_t n = f->n_places;
    double *source_x = onus_alloc_n(n, sizeof *source_x);
    double *source_y = onus_alloc_n(n, sizeof *source_y);
    int32_t *area = onus_alloc_n(n, sizeof *area);
    onus_status status = ONUS_ERR_NOMEM;
    if (source_x == NULL || source_y == NULL || area == NULL) {
        goto out;
    }
    for (size_t p = 0; p < n; p++) {
        source_x[p] = given->source_x[first[p]];
        source_y[p] = given->source_y[first[p]];
    }
    ONUS_TRY(place_locate(t, source_x, source_y, f->place_x_m, f->place_y_m, n,
                          t->c->predictions.point.lon != NULL, area));
    ONUS_TRY(from_index(t, area, n));
out:
    onus_free(source_x);
    onus_free(source_y);
    onus_free(area);
    return status;
}

/* Areas of intersection become shares of the box, at most 1 in all. */
static void areas_to_shares(place_trial *t, const double *box_m2, double one_box_m2) {
    onus_sparse *on = &t->flags.on;
    for (size_t p = 0; p < on->n_rows; p++) {
        const double whole = box_m2 != NULL ? box_m2[p] : one_box_m2;
        onus_sum sum = {0};
        for (size_t k = on->starts[p]; k < on->starts[p + 1]; k++) {
            on->values[k] = whole > 0.0 ? on->values[k] / whole : 0.0;
            onus_sum_add(&sum, on->values[k]);
        }
        const double all = onus_sum_get(&sum);
        if (all > 1.0) {
            t->flags.n_parted += all > 1.0 + OVERLAP_TOLERANCE ? 1 : 0;
            for (size_t k = on->starts[p]; k < on->starts[p + 1]; k++) {
                on->values[k] /= all;
            }
        }
    }
}

static onus_status boxes_fall(place_trial *t) {
    const onus_flags *given = &t->evidence->flags;
    const onus_predictions_ref *ask = &t->c->predictions;
    place_flags *f = &t->flags;
    int32_t *first = NULL;
    onus_status status = distinct_places(t, given->source_x, given->source_y, &first);
    if (status != ONUS_OK) {
        return status;
    }
    f->place_x_m = place_doubles(t, f->n_places);
    f->place_y_m = place_doubles(t, f->n_places);
    if (f->place_x_m == NULL || f->place_y_m == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < f->n_places; p++) {
        f->place_x_m[p] = given->x_m[first[p]];
        f->place_y_m[p] = given->y_m[first[p]];
    }
    if (ask->assign == ONUS_ASSIGN_CENTRE) {
        return by_centre(t, first);
    }
    if (!(ask->width_m > 0.0) || !(ask->height_m > 0.0)) {
        f->missing = "the size of the boxes (predictions.size) is not given, so their overlap with "
                     "areas cannot be computed";
        return ONUS_OK;
    }
    status = onus_overlap_boxes(&t->metres, f->place_x_m, f->place_y_m, f->n_places, ask->width_m,
                                ask->height_m, t->context, &f->on, t->err);
    if (status == ONUS_OK) {
        areas_to_shares(t, NULL, ask->width_m * ask->height_m);
    }
    return status;
}

static onus_status polygons_fall(place_trial *t) {
    const onus_layer *shapes = &t->evidence->flags.shapes;
    place_flags *f = &t->flags;
    const size_t n = shapes->n_areas;
    const onus_polygons flagged = {.n_areas = n,
                                   .area_rings = shapes->area_rings,
                                   .ring_points = shapes->ring_points,
                                   .x = shapes->x_m,
                                   .y = shapes->y_m};
    double *area_m2 = onus_alloc_n(n, sizeof *area_m2);
    double *x = onus_alloc_n(n, sizeof *x);
    double *y = onus_alloc_n(n, sizeof *y);
    int32_t *area = onus_alloc_n(n, sizeof *area);
    onus_status status = ONUS_ERR_NOMEM;
    f->n_places = n;
    f->place = place_keep(t, onus_alloc_n(n, sizeof *f->place));
    if (area_m2 == NULL || x == NULL || y == NULL || area == NULL || f->place == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        f->place[i] = (int32_t)i;
    }
    onus_polygons_area(&flagged, area_m2, x, y);
    if (t->c->predictions.assign == ONUS_ASSIGN_CENTRE) {
        ONUS_TRY(place_locate(t, NULL, NULL, x, y, n, false, area));
        ONUS_TRY(from_index(t, area, n));
    } else {
        ONUS_TRY(onus_overlap_polygons(&t->metres, &flagged, t->context, &f->on, t->err));
        areas_to_shares(t, area_m2, 0.0);
    }
    status = ONUS_OK;
out:
    onus_free(area_m2);
    onus_free(x);
    onus_free(y);
    onus_free(area);
    return status;
}

static onus_status counted_areas_fall(place_trial *t) {
    const onus_flags *given = &t->evidence->flags;
    place_flags *f = &t->flags;
    f->n_places = given->n_flags;
    f->place = place_keep(t, onus_alloc_n(given->n_flags, sizeof *f->place));
    if (f->place == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < given->n_flags; i++) {
        f->place[i] = (int32_t)i;
    }
    return from_index(t, given->area, given->n_flags);
}

/* x_i and what fell outside, in the order of the rows. */
static onus_status add_up(place_trial *t) {
    const onus_flags *given = &t->evidence->flags;
    place_flags *f = &t->flags;
    onus_sum *sums = onus_alloc_n(t->n, sizeof *sums);
    f->by_area = place_doubles(t, t->n);
    if (sums == NULL || f->by_area == NULL) {
        onus_free(sums);
        return ONUS_ERR_NOMEM;
    }
    onus_sum total = {0};
    onus_sum outside = {0};
    for (size_t r = 0; r < given->n_flags; r++) {
        const size_t p = (size_t)f->place[r];
        const double count = given->counts[r];
        double left = 1.0;
        for (size_t k = f->on.starts[p]; k < f->on.starts[p + 1]; k++) {
            onus_sum_add(&sums[f->on.columns[k]], count * f->on.values[k]);
            left -= f->on.values[k];
        }
        onus_sum_add(&total, count);
        /* a remainder of rounding is no ground outside */
        onus_sum_add(&outside, fabs(left) <= OVERLAP_TOLERANCE ? 0.0 : count * left);
    }
    f->total = onus_sum_get(&total);
    f->outside = onus_sum_get(&outside);
    for (size_t i = 0; i < t->n; i++) {
        f->by_area[i] = onus_sum_get(&sums[i]);
        f->most = f->by_area[i] > f->most ? f->by_area[i] : f->most;
        f->n_unflagged += f->by_area[i] > 0.0 ? 0 : 1;
    }
    onus_free(sums);
    return ONUS_OK;
}

onus_status place_flags_fall(place_trial *t) {
    place_flags *f = &t->flags;
    onus_status status = ONUS_OK;
    if (t->n == 0) {
        f->missing = "no areas are given";
        return ONUS_OK;
    }
    switch (t->c->predictions.form) {
    case ONUS_FORM_BOXES:
    case ONUS_FORM_COUNTED_BOXES:
        ONUS_TRY(boxes_fall(t));
        break;
    case ONUS_FORM_POLYGONS:
        ONUS_TRY(polygons_fall(t));
        break;
    case ONUS_FORM_COUNTED_AREAS:
        ONUS_TRY(counted_areas_fall(t));
        break;
    case ONUS_FORM_RISK:
    case ONUS_FORM_CSEP:
        f->missing =
            "a forecast of rates names no flagged ground before a budget is set, and scoring such "
            "forecasts is not part of this version";
        break;
    case ONUS_FORM_NONE:
        f->missing = "no predictions are given";
        break;
    }
    if (f->missing == NULL) {
        ONUS_TRY(add_up(t));
    }
out:
    return status;
}
