/* Drawn polygons: the ground they cover in their time, and how many would have come true anywhere.
 *
 *   ground  polygons that hold at once are merged, so that what lies under two counts once; the
 *           same polygons on end (a map that holds for weeks) are merged once
 *   chance  as for boxes: the same shape with its centre (of area) anywhere in the region, every
 *           place alike. It hits an outcome if and only if its centre lies in the shape turned
 *           about and laid on the outcome, so the chance is exactly the share of the region under
 *           the union of such shapes around the outcomes of its time
 *
 *          |\                     /|    A triangle hits the outcome where its centre lies in the
 *          | \   .  outcome      / |    same triangle turned by half a turn about the outcome.
 *          |__\                 /__|
 *
 * Areas are GEOS's, to rounding. Shapes that are alike up to a move share one union where they hold
 * at the same time. Called by accuracy_boxes.c. Never looks at a method of comparison. */
#include <math.h>
#include <string.h>

#include "accuracy_boxes.h"
#include "onus/alloc.h"

/* Copies whose unions are worked out together: bounds memory, changes no figure. */
enum { COPIES_MAX = 200000 };

static onus_polygons shapes_of(const acc_boxing *b) {
    const onus_layer *shapes = &b->t->evidence->flags.shapes;
    return (onus_polygons){.n_areas = shapes->n_areas,
                           .area_rings = shapes->area_rings,
                           .ring_points = shapes->ring_points,
                           .x = shapes->x_m,
                           .y = shapes->y_m};
}

/* ---- flagged ground ---- */

onus_status acc_shapes_lay(acc_boxing *b, size_t window, double seconds, const int32_t *flags,
                           size_t n) {
    onus_status status = ONUS_OK;
    if (n == 0) {
        return ONUS_OK;
    }
    if (n != b->n_last || memcmp(b->last, flags, n * sizeof *flags) != 0) {
        for (size_t k = 0; k < n; k++) {
            const onus_polygon_copy copy = {.polygon = (size_t)flags[k], .row = b->n_grounds};
            ONUS_TRY(onus_array_push(&b->copies, &copy));
        }
        memcpy(b->last, flags, n * sizeof *flags);
        b->n_last = n;
        b->n_grounds++;
    }
    const acc_piece one = {.row = window, .seconds = seconds, .ground = b->n_grounds - 1};
    ONUS_TRY(onus_array_push(&b->pieces, &one));
out:
    return status;
}

onus_status acc_shapes_measure(acc_boxing *b, double *area_s) {
    const onus_polygons shapes = shapes_of(b);
    const acc_piece *pieces = b->pieces.items;
    double *area = onus_alloc_n(b->n_grounds, sizeof *area);
    onus_status status = area == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    ONUS_TRY(onus_union_areas(&b->a->region, &shapes, b->copies.items, b->copies.n_items,
                              b->n_grounds, b->t->context, area, b->t->err));
    for (size_t k = 0; k < b->pieces.n_items; k++) {
        area_s[pieces[k].row] += area[pieces[k].ground] * pieces[k].seconds;
    }
out:
    onus_free(area);
    return status;
}

/* ---- chance ---- */

/* Are two flags one shape, moved? To the lattice on which coordinates are compared. */
static bool alike(const onus_polygons *p, size_t a, size_t b) {
    const size_t n_rings = p->area_rings[a + 1] - p->area_rings[a];
    if (n_rings != p->area_rings[b + 1] - p->area_rings[b]) {
        return false;
    }
    for (size_t r = 0; r < n_rings; r++) {
        const size_t ring_a = p->area_rings[a] + r;
        const size_t ring_b = p->area_rings[b] + r;
        const size_t n = p->ring_points[ring_a + 1] - p->ring_points[ring_a];
        if (n != p->ring_points[ring_b + 1] - p->ring_points[ring_b]) {
            return false;
        }
    }
    const size_t first_a = p->ring_points[p->area_rings[a]];
    const size_t first_b = p->ring_points[p->area_rings[b]];
    const size_t n = p->ring_points[p->area_rings[a + 1]] - first_a;
    for (size_t i = 0; i < n; i++) {
        const double dx = (p->x[first_a + i] - p->x[first_a]) - (p->x[first_b + i] - p->x[first_b]);
        const double dy = (p->y[first_a + i] - p->y[first_a]) - (p->y[first_b + i] - p->y[first_b]);
        if (!(fabs(dx) <= PLACE_LATTICE_M) || !(fabs(dy) <= PLACE_LATTICE_M)) {
            return false;
        }
    }
    return true;
}

/* The shape turned about and laid around every outcome of the flag's time. */
static onus_status lay_around(acc_boxing *b, size_t flag, double centre_x, double centre_y,
                              size_t row) {
    const onus_flags *f = &b->t->evidence->flags;
    const onus_frame *frame = &b->slice->frame;
    const onus_frame_events *e = &frame->events;
    onus_status status = ONUS_OK;
    for (size_t i = onus_frame_first_at(frame, f->from_unix_s[flag]);
         i < e->n_events && e->unix_s[i] < f->until_unix_s[flag]; i++) {
        const onus_polygon_copy copy = {.polygon = flag,
                                        .row = row,
                                        .x = e->x_m[i] + centre_x,
                                        .y = e->y_m[i] + centre_y,
                                        .turned = true};
        if (e->window[i] >= 0 && e->count[i] > 0.0 && isfinite(centre_x)) {
            ONUS_TRY(onus_array_push(&b->copies, &copy));
        }
    }
out:
    return status;
}

/* Unions of what has been laid for the rows before `end`; rows count from b->n_grounds. */
static onus_status settle(acc_boxing *b, const onus_polygons *shapes, double *area, size_t end) {
    const size_t first = b->n_grounds;
    onus_polygon_copy *copies = b->copies.items;
    for (size_t k = 0; k < b->copies.n_items; k++) {
        copies[k].row -= first;
    }
    const onus_status status =
        onus_union_areas(&b->a->region, shapes, copies, b->copies.n_items, end - first,
                         b->t->context, area + first, b->t->err);
    b->copies.n_items = 0;
    b->n_grounds = end;
    return status;
}

onus_status acc_shapes_chance(acc_boxing *b) {
    const onus_flags *f = &b->t->evidence->flags;
    const onus_polygons shapes = shapes_of(b);
    double *centre_x = onus_alloc_n(shapes.n_areas, sizeof *centre_x);
    double *centre_y = onus_alloc_n(shapes.n_areas, sizeof *centre_y);
    size_t *made = onus_alloc_n(b->n_rows, sizeof *made); /* the row whose union serves this one */
    double *area = onus_alloc_n(b->n_rows, sizeof *area); /* by row that was made */
    onus_status status = ONUS_ERR_NOMEM;
    size_t n_made = 0;
    size_t group = 0; /* first row of those with the same time */
    if (centre_x == NULL || centre_y == NULL || made == NULL || area == NULL) {
        goto out;
    }
    onus_polygons_area(&shapes, NULL, centre_x, centre_y);
    b->copies.n_items = 0;
    b->n_grounds = 0;
    for (size_t k = 0; k < b->n_rows; k++) {
        const size_t flag = (size_t)b->rows[k];
        if (f->from_unix_s[flag] != f->from_unix_s[b->rows[group]] ||
            f->until_unix_s[flag] != f->until_unix_s[b->rows[group]]) {
            group = k;
        }
        made[k] = SIZE_MAX;
        for (size_t j = group; j < k && made[k] == SIZE_MAX; j++) {
            made[k] = alike(&shapes, flag, (size_t)b->rows[j]) ? made[j] : SIZE_MAX;
        }
        if (made[k] == SIZE_MAX) {
            made[k] = n_made++;
            ONUS_TRY(lay_around(b, flag, centre_x[flag], centre_y[flag], made[k]));
        }
        if (b->copies.n_items >= COPIES_MAX) {
            ONUS_TRY(settle(b, &shapes, area, n_made));
        }
    }
    ONUS_TRY(settle(b, &shapes, area, n_made));
    for (size_t k = 0; k < b->n_rows; k++) {
        b->chance[k] = fmin(area[made[k]] / b->a->cells.region_m2, 1.0);
    }
    status = ONUS_OK;
out:
    onus_free(centre_x);
    onus_free(centre_y);
    onus_free(made);
    onus_free(area);
    return status;
}
