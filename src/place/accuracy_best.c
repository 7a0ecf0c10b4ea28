/* The most that boxes like the product's could have captured: what PEI* divides by.
 *
 * Boxes lie anywhere, so whole cells of the same area are no fair yardstick: boxes can do better
 * than every choice of cells. Here n* is of as many boxes of the same size, at any positions, in
 * the same time: flags with the same start and end are one group, the same box twice counts once.
 * Bounds are added up over groups; where stretches of groups overlap, an outcome could be counted
 * in each, so that nothing is known but what was captured and what happened. Drawn polygons are
 * bounded from above by boxes that hold each of them, from below by what they captured.
 *
 * Called by accuracy_boxes.c. Never hands out a position. */
#include <math.h>
#include <stdlib.h>

#include "accuracy_boxes.h"
#include "onus/alloc.h"

typedef struct group {
    size_t first; /* rows of the slice */
    size_t end;
    double from_s;
    double until_s;
} group;

typedef struct yardstick {
    acc_boxing *b;
    double *x; /* outcomes of a group's time */
    double *y;
    double *count;
} yardstick;

static bool scored(const onus_frame_events *e, size_t i) {
    return e->window[i] >= 0 && e->count[i] > 0.0;
}

static group next_group(const acc_boxing *b, size_t first) {
    const onus_flags *f = &b->t->evidence->flags;
    group g = {.first = first,
               .end = first + 1,
               .from_s = f->from_unix_s[b->rows[first]],
               .until_s = f->until_unix_s[b->rows[first]]};
    while (g.end < b->n_rows && f->from_unix_s[b->rows[g.end]] == g.from_s &&
           f->until_unix_s[b->rows[g.end]] == g.until_s) {
        g.end++;
    }
    return g;
}

typedef struct centre {
    double x;
    double y;
} centre;

static int by_place(const void *a, const void *b) {
    const centre *p = a;
    const centre *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

static onus_status count_distinct(const acc_boxing *b, const group *g, double *n) {
    const onus_flags *f = &b->t->evidence->flags;
    const size_t n_rows = g->end - g->first;
    centre *list = onus_alloc_n(n_rows, sizeof *list);
    if (list == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < n_rows; k++) {
        const int32_t flag = b->rows[g->first + k];
        list[k] = (centre){f->x_m[flag], f->y_m[flag]};
    }
    qsort(list, n_rows, sizeof *list, by_place);
    *n = 0.0;
    for (size_t k = 0; k < n_rows; k++) {
        *n += k == 0 || by_place(&list[k], &list[k - 1]) != 0 ? 1.0 : 0.0;
    }
    onus_free(list);
    return ONUS_OK;
}

/* Size of a box that holds every flag of the group, and how many there are. */
static onus_status size_of(const acc_boxing *b, const group *g, double *width, double *height,
                           double *n) {
    const onus_layer *shapes = &b->t->evidence->flags.shapes;
    *width = b->t->c->predictions.width_m;
    *height = b->t->c->predictions.height_m;
    if (b->t->c->predictions.form == ONUS_FORM_BOXES) {
        return count_distinct(b, g, n);
    }
    *n = (double)(g->end - g->first);
    for (size_t k = g->first; k < g->end; k++) {
        const size_t flag = (size_t)b->rows[k];
        double low_x = INFINITY;
        double low_y = INFINITY;
        double high_x = -INFINITY;
        double high_y = -INFINITY;
        for (size_t i = shapes->ring_points[shapes->area_rings[flag]];
             i < shapes->ring_points[shapes->area_rings[flag + 1]]; i++) {
            low_x = fmin(low_x, shapes->x_m[i]);
            high_x = fmax(high_x, shapes->x_m[i]);
            low_y = fmin(low_y, shapes->y_m[i]);
            high_y = fmax(high_y, shapes->y_m[i]);
        }
        *width = fmax(*width, high_x - low_x);
        *height = fmax(*height, high_y - low_y);
    }
    return ONUS_OK;
}

static double captured_in(const acc_boxing *b, double from_s, double until_s) {
    const onus_frame *frame = &b->slice->frame;
    const onus_frame_events *e = &frame->events;
    double sum = 0.0;
    for (size_t i = onus_frame_first_at(frame, from_s); i < e->n_events && e->unix_s[i] < until_s;
         i++) {
        sum += b->caught[i] != 0 ? e->count[i] : 0.0;
    }
    return sum;
}

static onus_status best_of(yardstick *y, const group *g, onus_limits *out) {
    acc_boxing *b = y->b;
    const onus_frame *frame = &b->slice->frame;
    const onus_frame_events *e = &frame->events;
    const double captured = captured_in(b, g->from_s, g->until_s);
    double width = 0.0;
    double height = 0.0;
    double n = 0.0;
    onus_status status = ONUS_OK;
    onus_points_counted points = {.x = y->x, .y = y->y, .count = y->count};
    for (size_t i = onus_frame_first_at(frame, g->from_s);
         i < e->n_events && e->unix_s[i] < g->until_s; i++) {
        if (scored(e, i)) {
            y->x[points.n] = e->x_m[i];
            y->y[points.n] = e->y_m[i];
            y->count[points.n++] = e->count[i];
        }
    }
    ONUS_TRY(size_of(b, g, &width, &height, &n));
    if (!(width > 0.0) || !(height > 0.0)) { /* shapes without area capture nothing */
        *out = (onus_limits){captured, captured};
        goto out;
    }
    ONUS_TRY(onus_boxes_best(&points, width, height, n, out, b->t->err));
    if (b->t->c->predictions.form != ONUS_FORM_BOXES) {
        out->low = 0.0; /* no shape of theirs was laid */
    }
    out->low = fmin(fmax(out->low, captured), out->high);
out:
    return status;
}

/* Groups whose stretches overlap, from `first` on: one yardstick for them all. */
static onus_status best_of_chain(yardstick *y, size_t first, size_t *end, onus_limits *out) {
    acc_boxing *b = y->b;
    onus_status status = ONUS_OK;
    group g = next_group(b, first);
    const double from_s = g.from_s;
    double until_s = g.until_s;
    double happened = 0.0;
    ONUS_TRY(best_of(y, &g, out));
    *end = g.end;
    bool several = false;
    while (*end < b->n_rows) {
        g = next_group(b, *end);
        if (g.from_s >= until_s) {
            break;
        }
        onus_limits more = {0};
        ONUS_TRY(best_of(y, &g, &more));
        out->high += more.high;
        until_s = fmax(until_s, g.until_s);
        *end = g.end;
        several = true;
    }
    if (several) {
        const onus_frame *frame = &b->slice->frame;
        const onus_frame_events *e = &frame->events;
        for (size_t i = onus_frame_first_at(frame, from_s);
             i < e->n_events && e->unix_s[i] < until_s; i++) {
            happened += scored(e, i) ? e->count[i] : 0.0;
        }
        out->low = captured_in(b, from_s, until_s);
        out->high = fmin(out->high, happened);
    }
out:
    return status;
}

onus_status acc_boxes_best(acc_boxing *b) {
    const accuracy *a = b->a;
    const onus_flags *f = &b->t->evidence->flags;
    const size_t n_events = b->slice->frame.events.n_events;
    yardstick y = {.b = b,
                   .x = onus_alloc_n(n_events, sizeof *y.x),
                   .y = onus_alloc_n(n_events, sizeof *y.y),
                   .count = onus_alloc_n(n_events, sizeof *y.count)};
    onus_status status = ONUS_ERR_NOMEM;
    if (y.x == NULL || y.y == NULL || y.count == NULL) {
        goto out;
    }
    for (size_t k = 0; k < b->n_rows;) {
        size_t end = k;
        onus_limits best = {0};
        ONUS_TRY(best_of_chain(&y, k, &end, &best));
        const size_t w = acc_window_at(a, f->from_unix_s[b->rows[k]]);
        if (w < a->n_windows) {
            double *row = &b->slice->rows[w * a->n_columns];
            row[acc_at(a, 0, ACC_MOST_LOW)] += best.low;
            row[acc_at(a, 0, ACC_MOST_HIGH)] += best.high;
        }
        if (onus_stopped(b->t->context)) {
            status = ONUS_ERR_INTERRUPTED;
            goto out;
        }
        k = end;
    }
    for (size_t w = 0; w < a->n_windows; w++) {
        double *row = &b->slice->rows[w * a->n_columns];
        row[acc_at(a, 0, ACC_WHOLE)] = row[acc_at(a, 0, ACC_CAPTURED)];
    }
    status = ONUS_OK;
out:
    onus_free(y.x);
    onus_free(y.y);
    onus_free(y.count);
    return status;
}
