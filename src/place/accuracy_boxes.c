/* Dated flags with a place of their own: which came true, what they captured, how much ground and
 * time they took, and how many would have come true anywhere.
 *
 *   hit, captured  a matching outcome inside the box (edges inside) or polygon and [from, until)
 *   area-time      flags of one type are laid over each other, stretch by stretch of time; ground
 *                  under two flags at once counts once, ground outside the region not at all
 *   chance         the same box with its centre anywhere in the region, every place alike, hits if
 *                  the centre comes within half a box of an outcome of its time: exactly the share
 * of the region under the union of boxes laid around those outcomes
 *
 *          . outcome       +---+     A box hits the outcome if and only if its centre lies in the
 *                          | . |     box around the outcome: the same picture, seen from the
 *                          +---+     other side.
 *
 * Areas are exact: unions become disjoint rectangles, and those are cut to the region. Drawn
 * polygons go the same way with the unions of accuracy_shapes.c. Called by accuracy_run.c. Never
 * looks at a method of comparison. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_boxes.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"

static bool is_box(const acc_boxing *b) {
    return b->t->c->predictions.form == ONUS_FORM_BOXES;
}

static const onus_flags *flags_of(const acc_boxing *b) {
    return &b->t->evidence->flags;
}

/* ---- flags of a slice, in order of time ---- */

static int by_start(const void *left, const void *right, void *state) {
    const onus_flags *f = state;
    const int32_t a = *(const int32_t *)left;
    const int32_t b = *(const int32_t *)right;
    if (f->from_unix_s[a] != f->from_unix_s[b]) {
        return f->from_unix_s[a] < f->from_unix_s[b] ? -1 : 1;
    }
    if (f->until_unix_s[a] != f->until_unix_s[b]) {
        return f->until_unix_s[a] < f->until_unix_s[b] ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static onus_status take_rows(acc_boxing *b) {
    const onus_flags *f = flags_of(b);
    b->rows = onus_alloc_n(f->n_flags, sizeof *b->rows);
    b->hit = onus_alloc_n(f->n_flags, sizeof *b->hit);
    b->chance = onus_alloc_n(f->n_flags, sizeof *b->chance);
    b->last = onus_alloc_n(f->n_flags, sizeof *b->last);
    b->caught = onus_alloc_n(b->slice->frame.events.n_events, sizeof *b->caught);
    if (b->rows == NULL || b->hit == NULL || b->chance == NULL || b->caught == NULL ||
        b->last == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t r = 0; r < f->n_flags; r++) {
        if (b->slice->flag_type < 0 || f->type[r] == (uint32_t)b->slice->flag_type) {
            b->rows[b->n_rows++] = (int32_t)r;
        }
    }
    qsort_r(b->rows, b->n_rows, sizeof *b->rows, by_start, (void *)(uintptr_t)f);
    return ONUS_OK;
}

size_t acc_window_at(const accuracy *a, double unix_s) {
    const size_t w = acc_window_behind(a, unix_s);
    return w < a->n_windows && a->windows[w].from_s <= unix_s ? w : a->n_windows;
}

/* ---- what came true ---- */

typedef struct bounds {
    double low_x;
    double high_x;
    double low_y;
    double high_y;
} bounds;

static bounds bounds_of(const acc_boxing *b, size_t flag) {
    const onus_flags *f = flags_of(b);
    const onus_predictions_ref *ask = &b->t->c->predictions;
    if (is_box(b)) {
        return (bounds){.low_x = f->x_m[flag] - 0.5 * ask->width_m,
                        .high_x = f->x_m[flag] + 0.5 * ask->width_m,
                        .low_y = f->y_m[flag] - 0.5 * ask->height_m,
                        .high_y = f->y_m[flag] + 0.5 * ask->height_m};
    }
    bounds out = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    const onus_layer *shapes = &f->shapes;
    for (size_t k = shapes->ring_points[shapes->area_rings[flag]];
         k < shapes->ring_points[shapes->area_rings[flag + 1]]; k++) {
        out.low_x = fmin(out.low_x, shapes->x_m[k]);
        out.high_x = fmax(out.high_x, shapes->x_m[k]);
        out.low_y = fmin(out.low_y, shapes->y_m[k]);
        out.high_y = fmax(out.high_y, shapes->y_m[k]);
    }
    return out;
}

static bool holds(const acc_boxing *b, size_t flag, const bounds *box, double x, double y) {
    if (x < box->low_x || x > box->high_x || y < box->low_y || y > box->high_y) {
        return false;
    }
    return is_box(b) || place_polygon_holds(&flags_of(b)->shapes, flag, x, y);
}

static onus_status look_for_hits(acc_boxing *b) {
    const onus_flags *f = flags_of(b);
    const onus_frame *frame = &b->slice->frame;
    const onus_frame_events *e = &frame->events;
    for (size_t k = 0; k < b->n_rows; k++) {
        const size_t flag = (size_t)b->rows[k];
        const bounds box = bounds_of(b, flag);
        for (size_t i = onus_frame_first_at(frame, f->from_unix_s[flag]);
             i < e->n_events && e->unix_s[i] < f->until_unix_s[flag]; i++) {
            if (e->window[i] >= 0 && e->count[i] > 0.0 &&
                holds(b, flag, &box, e->x_m[i], e->y_m[i])) {
                b->hit[k] = 1;
                b->caught[i] = 1;
            }
        }
        if (onus_stopped(b->t->context)) {
            return ONUS_ERR_INTERRUPTED;
        }
    }
    return ONUS_OK;
}

/* ---- flagged ground ---- */

static onus_status add_union(acc_boxing *b, const onus_rectangle *list, size_t n, size_t row,
                             double seconds) {
    const size_t before = b->rects.n_items;
    onus_status status = onus_rectangles_union(list, n, &b->rects);
    const acc_piece one = {.row = row, .seconds = seconds};
    for (size_t k = before; k < b->rects.n_items && status == ONUS_OK; k++) {
        status = onus_array_push(&b->pieces, &one);
    }
    return status;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What laying a window takes, window by window. */
typedef struct laying {
    int32_t *active; /* flags that hold at some time of the window */
    size_t n_active;
    int32_t *together; /* those that hold in one stretch of it */
    double *moment;
    onus_rectangle *list;
} laying;

static onus_status lay_stretch(acc_boxing *b, laying *l, size_t w, double from_s, double until_s) {
    const onus_flags *f = flags_of(b);
    size_t n = 0;
    for (size_t k = 0; k < l->n_active; k++) {
        if (f->from_unix_s[l->active[k]] <= from_s && f->until_unix_s[l->active[k]] >= until_s) {
            l->together[n++] = l->active[k];
        }
    }
    if (!is_box(b)) {
        return acc_shapes_lay(b, w, until_s - from_s, l->together, n);
    }
    for (size_t k = 0; k < n; k++) {
        const bounds box = bounds_of(b, (size_t)l->together[k]);
        l->list[k] = (onus_rectangle){box.low_x, box.low_y, box.high_x, box.high_y};
    }
    return add_union(b, l->list, n, w, until_s - from_s);
}

/* One window: between two moments at which a flag begins or ends, the same flags hold. */
static onus_status lay_window(acc_boxing *b, laying *l, size_t w) {
    const onus_flags *f = flags_of(b);
    const onus_frame_window *window = &b->a->windows[w];
    double *moment = l->moment;
    onus_status status = ONUS_OK;
    size_t n = 0;
    moment[n++] = window->from_s;
    moment[n++] = window->until_s;
    for (size_t k = 0; k < l->n_active; k++) {
        const int32_t flag = l->active[k];
        moment[n++] = fmin(fmax(f->from_unix_s[flag], window->from_s), window->until_s);
        moment[n++] = fmin(fmax(f->until_unix_s[flag], window->from_s), window->until_s);
    }
    qsort(moment, n, sizeof *moment, by_value);
    for (size_t m = 0; m + 1 < n; m++) {
        if (moment[m] < moment[m + 1]) {
            ONUS_TRY(lay_stretch(b, l, w, moment[m], moment[m + 1]));
        }
    }
out:
    return status;
}

static onus_status lay_flags(acc_boxing *b) {
    const onus_flags *f = flags_of(b);
    laying l = {.active = onus_alloc_n(b->n_rows + 1, sizeof *l.active),
                .together = onus_alloc_n(b->n_rows + 1, sizeof *l.together),
                .moment = onus_alloc_n(2 * b->n_rows + 2, sizeof *l.moment),
                .list = onus_alloc_n(b->n_rows + 1, sizeof *l.list)};
    onus_status status = ONUS_ERR_NOMEM;
    size_t next = 0;
    if (l.active == NULL || l.together == NULL || l.moment == NULL || l.list == NULL) {
        goto out;
    }
    for (size_t w = 0; w < b->a->n_windows; w++) {
        const onus_frame_window *window = &b->a->windows[w];
        size_t kept = 0;
        for (size_t k = 0; k < l.n_active; k++) {
            if (f->until_unix_s[l.active[k]] > window->from_s) {
                l.active[kept++] = l.active[k];
            }
        }
        l.n_active = kept;
        for (; next < b->n_rows && f->from_unix_s[b->rows[next]] < window->until_s; next++) {
            if (f->until_unix_s[b->rows[next]] > window->from_s) {
                l.active[l.n_active++] = b->rows[next];
            }
        }
        ONUS_TRY(lay_window(b, &l, w));
    }
    status = ONUS_OK;
out:
    onus_free(l.active);
    onus_free(l.together);
    onus_free(l.moment);
    onus_free(l.list);
    return status;
}

/* ---- areas inside the region ---- */

/* Adds up area inside the region times seconds by row. Region polygons that overlap one another do
 * not make a rectangle larger than it is. */
static onus_status measure(acc_boxing *b, double *by_row) {
    const onus_rectangle *rects = b->rects.items;
    const acc_piece *pieces = b->pieces.items;
    const size_t n = b->rects.n_items;
    double *corners = onus_alloc_n(4 * n, sizeof *corners);
    onus_sparse on = {0};
    onus_status status = ONUS_OK;
    if (corners == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n; k++) {
        corners[k] = rects[k].low_x;
        corners[n + k] = rects[k].low_y;
        corners[2 * n + k] = rects[k].high_x;
        corners[3 * n + k] = rects[k].high_y;
    }
    ONUS_TRY(onus_overlap_rectangles(&b->a->region, corners, corners + n, corners + 2 * n,
                                     corners + 3 * n, n, b->t->context, &on, b->t->err));
    for (size_t k = 0; k < n; k++) {
        onus_sum inside = {0};
        for (size_t q = on.starts[k]; q < on.starts[k + 1]; q++) {
            onus_sum_add(&inside, on.values[q]);
        }
        const double whole =
            (rects[k].high_x - rects[k].low_x) * (rects[k].high_y - rects[k].low_y);
        by_row[pieces[k].row] += fmin(onus_sum_get(&inside), whole) * pieces[k].seconds;
    }
out:
    onus_free(corners);
    onus_sparse_clear(&on);
    return status;
}

static onus_status measure_flags(acc_boxing *b) {
    const accuracy *a = b->a;
    double *area_s = onus_alloc_n(a->n_windows, sizeof *area_s);
    onus_status status = area_s == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    ONUS_TRY(lay_flags(b));
    ONUS_TRY(is_box(b) ? measure(b, area_s) : acc_shapes_measure(b, area_s));
    for (size_t w = 0; w < a->n_windows; w++) {
        b->slice->rows[w * a->n_columns + acc_at(a, 0, ACC_AREA_S)] = area_s[w];
    }
out:
    onus_free(area_s);
    return status;
}

/* ---- chance ---- */

/* Flags with the same start and end have the same chance: rows are sorted so that they stand
 * together. */
static onus_status by_chance(acc_boxing *b) {
    const accuracy *a = b->a;
    const onus_flags *f = flags_of(b);
    const onus_frame *frame = &b->slice->frame;
    const onus_frame_events *e = &frame->events;
    const double width = b->t->c->predictions.width_m;
    const double height = b->t->c->predictions.height_m;
    onus_array around = ONUS_ARRAY_OF(onus_rectangle);
    double *area_m2 = onus_alloc_n(b->n_rows + 1, sizeof *area_m2);
    onus_status status = area_m2 == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    size_t group = 0;
    ONUS_TRY(status);
    b->rects.n_items = 0;
    b->pieces.n_items = 0;
    for (size_t k = 0; k < b->n_rows; k++) {
        const double from = f->from_unix_s[b->rows[k]];
        const double until = f->until_unix_s[b->rows[k]];
        if (k > 0 && from == f->from_unix_s[b->rows[k - 1]] &&
            until == f->until_unix_s[b->rows[k - 1]]) {
            continue;
        }
        group = k;
        around.n_items = 0;
        for (size_t i = onus_frame_first_at(frame, from); i < e->n_events && e->unix_s[i] < until;
             i++) {
            const onus_rectangle box = {.low_x = e->x_m[i] - 0.5 * width,
                                        .high_x = e->x_m[i] + 0.5 * width,
                                        .low_y = e->y_m[i] - 0.5 * height,
                                        .high_y = e->y_m[i] + 0.5 * height};
            if (e->window[i] >= 0 && e->count[i] > 0.0) {
                ONUS_TRY(onus_array_push(&around, &box));
            }
        }
        ONUS_TRY(add_union(b, around.items, around.n_items, group, 1.0));
    }
    ONUS_TRY(measure(b, area_m2));
    for (size_t k = 0; k < b->n_rows; k++) {
        const bool same = k > 0 && f->from_unix_s[b->rows[k]] == f->from_unix_s[b->rows[k - 1]] &&
                          f->until_unix_s[b->rows[k]] == f->until_unix_s[b->rows[k - 1]];
        b->chance[k] = same ? b->chance[k - 1] : fmin(area_m2[k] / a->cells.region_m2, 1.0);
    }
out:
    onus_array_clear(&around);
    onus_free(area_m2);
    return status;
}

/* ---- rows by window ---- */

static void add_up(acc_boxing *b) {
    const accuracy *a = b->a;
    const onus_flags *f = flags_of(b);
    const onus_frame_events *e = &b->slice->frame.events;
    for (size_t k = 0; k < b->n_rows; k++) {
        const size_t w = acc_window_at(a, f->from_unix_s[b->rows[k]]);
        if (w == a->n_windows) {
            continue; /* windows run from the first flag to the last: none is left out */
        }
        double *row = &b->slice->rows[w * a->n_columns];
        row[acc_at(a, 0, ACC_FLAGS)] += 1.0;
        row[acc_at(a, 0, ACC_HITS)] += b->hit[k];
        row[acc_at(a, 0, ACC_CHANCE)] += b->chance[k];
        if (a->flag_hit != NULL) {
            a->flag_hit[b->rows[k]] = b->hit[k];
        }
    }
    for (size_t i = 0; i < e->n_events; i++) {
        if (b->caught[i] != 0) {
            double *row = &b->slice->rows[(size_t)e->window[i] * a->n_columns];
            row[acc_at(a, 0, ACC_CAPTURED)] += e->count[i];
            row[acc_at(a, 0, ACC_WORST)] += e->count[i];
            row[acc_at(a, 0, ACC_BEST)] += e->count[i];
            for (int kind = 0; kind < ACC_PART_N_KINDS; kind++) {
                const int32_t part = a->part_of[kind] != NULL ? a->part_of[kind][e->record[i]] : -1;
                if (part >= 0) {
                    row[acc_at_part(a, (size_t)part, 0, 0)] += e->count[i];
                }
            }
        }
    }
}

/* ---- other sizes, other types ---- */

onus_status acc_hits_if(place_trial *t, const accuracy *a, double width_m, double height_m,
                        bool any_type, double *hits, double *captured) {
    const onus_flags *f = &t->evidence->flags;
    const size_t first = a->n_slices == 1 ? 0 : 1;
    onus_status status = ONUS_OK;
    uint8_t *caught = NULL;
    *hits = 0.0;
    *captured = 0.0;
    for (size_t s = first; s < a->n_slices; s++) {
        const onus_frame *frame = &a->slices[any_type ? 0 : s].frame;
        const onus_frame_events *e = &frame->events;
        onus_free(caught);
        caught = onus_alloc_n(e->n_events, sizeof *caught);
        if (caught == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t r = 0; r < f->n_flags; r++) {
            bool hit = false;
            if (a->slices[s].flag_type >= 0 && f->type[r] != (uint32_t)a->slices[s].flag_type) {
                continue;
            }
            for (size_t i = onus_frame_first_at(frame, f->from_unix_s[r]);
                 i < e->n_events && e->unix_s[i] < f->until_unix_s[r]; i++) {
                if (e->window[i] >= 0 && e->count[i] > 0.0 &&
                    fabs(e->x_m[i] - f->x_m[r]) <= 0.5 * width_m &&
                    fabs(e->y_m[i] - f->y_m[r]) <= 0.5 * height_m) {
                    hit = true;
                    caught[i] = 1;
                }
            }
            *hits += hit ? 1.0 : 0.0;
        }
        for (size_t i = 0; i < e->n_events; i++) {
            *captured += caught[i] != 0 ? e->count[i] : 0.0;
        }
        if (onus_stopped(t->context)) {
            status = ONUS_ERR_INTERRUPTED;
            goto out;
        }
    }
out:
    onus_free(caught);
    return status;
}

static onus_status one_slice(place_trial *t, accuracy *a, acc_slice *slice) {
    acc_boxing b = {.t = t,
                    .a = a,
                    .slice = slice,
                    .rects = ONUS_ARRAY_OF(onus_rectangle),
                    .pieces = ONUS_ARRAY_OF(acc_piece),
                    .copies = ONUS_ARRAY_OF(onus_polygon_copy)};
    onus_status status = ONUS_OK;
    ONUS_TRY(take_rows(&b));
    ONUS_TRY(look_for_hits(&b));
    ONUS_TRY(measure_flags(&b));
    ONUS_TRY(is_box(&b) ? by_chance(&b) : acc_shapes_chance(&b));
    add_up(&b);
    ONUS_TRY(acc_boxes_best(&b));
out:
    onus_array_clear(&b.rects);
    onus_array_clear(&b.pieces);
    onus_array_clear(&b.copies);
    onus_free(b.last);
    onus_free(b.rows);
    onus_free(b.hit);
    onus_free(b.chance);
    onus_free(b.caught);
    return status;
}

onus_status acc_boxes(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    a->flag_hit = place_keep(t, onus_alloc_n(t->evidence->flags.n_flags, sizeof *a->flag_hit));
    if (a->flag_hit == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t s = a->n_slices == 1 ? 0 : 1; s < a->n_slices; s++) {
        ONUS_TRY(one_slice(t, a, &a->slices[s]));
    }
out:
    return status;
}
