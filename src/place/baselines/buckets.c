/* Points in square buckets.
 *
 * A counting sort by bucket, row by row, so that the buckets that a circle touches in one row lie
 * side by side and are one range. Coordinates are copied in that order: a search reads memory
 * forwards. Called by near_repeat.c and self_exciting_kernel.c. Never computes a weight. */
#include "buckets.h"

#include <math.h>

#include "onus/alloc.h"

/* No more buckets than this many per point: empty ones cost memory. */
enum { BUCKETS_PER_POINT = 4, BUCKETS_AT_LEAST = 64 };

static size_t slot(double at, double from, double side, size_t n) {
    const double k = floor((at - from) / side);
    if (!(k > 0.0)) {
        return 0;
    }
    return k < (double)n ? (size_t)k : n - 1;
}

onus_status buckets_make(const double *x_m, const double *y_m, size_t n, double side_m,
                         buckets *out, onus_error *err) {
    onus_status status = ONUS_OK;
    buckets b = {.side_m = side_m, .n_x = 1, .n_y = 1};
    size_t *at = NULL;
    double high_x = n > 0 ? x_m[0] : 0.0;
    double high_y = n > 0 ? y_m[0] : 0.0;
    b.x0_m = high_x;
    b.y0_m = high_y;
    for (size_t i = 0; i < n; i++) {
        b.x0_m = fmin(b.x0_m, x_m[i]);
        b.y0_m = fmin(b.y0_m, y_m[i]);
        high_x = fmax(high_x, x_m[i]);
        high_y = fmax(high_y, y_m[i]);
    }
    const double most = (double)(BUCKETS_PER_POINT * n + BUCKETS_AT_LEAST);
    while ((floor((high_x - b.x0_m) / b.side_m) + 1.0) *
               (floor((high_y - b.y0_m) / b.side_m) + 1.0) >
           most) {
        b.side_m *= 2.0;
    }
    b.n_x = (size_t)floor((high_x - b.x0_m) / b.side_m) + 1;
    b.n_y = (size_t)floor((high_y - b.y0_m) / b.side_m) + 1;
    b.starts = onus_alloc_n(b.n_x * b.n_y + 1, sizeof *b.starts);
    b.index = onus_alloc_n(n, sizeof *b.index);
    b.x_m = onus_alloc_n(n, sizeof *b.x_m);
    b.y_m = onus_alloc_n(n, sizeof *b.y_m);
    at = onus_alloc_n(n, sizeof *at);
    if (b.starts == NULL || b.index == NULL || b.x_m == NULL || b.y_m == NULL || at == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        at[i] =
            slot(y_m[i], b.y0_m, b.side_m, b.n_y) * b.n_x + slot(x_m[i], b.x0_m, b.side_m, b.n_x);
        b.starts[at[i] + 1]++;
    }
    for (size_t k = 0; k < b.n_x * b.n_y; k++) {
        b.starts[k + 1] += b.starts[k];
    }
    for (size_t i = n; i-- > 0;) { /* backwards: starts[k + 1] comes down to where k begins */
        const size_t to = --b.starts[at[i] + 1];
        b.index[to] = (int32_t)i;
        b.x_m[to] = x_m[i];
        b.y_m[to] = y_m[i];
    }
    for (size_t k = 0; k < b.n_x * b.n_y; k++) {
        b.starts[k] = b.starts[k + 1];
    }
    b.starts[b.n_x * b.n_y] = n;
    *out = b;
    b = (buckets){0};
out:
    onus_free(at);
    buckets_clear(&b);
    return status;
}

void buckets_clear(buckets *b) {
    onus_free(b->starts);
    onus_free(b->index);
    onus_free(b->x_m);
    onus_free(b->y_m);
    *b = (buckets){0};
}

buckets_walk buckets_around(const buckets *b, double x_m, double y_m, double radius_m) {
    return (buckets_walk){
        .row = slot(y_m - radius_m, b->y0_m, b->side_m, b->n_y),
        .last_row = slot(y_m + radius_m, b->y0_m, b->side_m, b->n_y),
        .column = slot(x_m - radius_m, b->x0_m, b->side_m, b->n_x),
        .last_column = slot(x_m + radius_m, b->x0_m, b->side_m, b->n_x),
    };
}

int buckets_row(const buckets *b, buckets_walk *walk, size_t *from, size_t *until) {
    if (walk->row > walk->last_row) {
        return 0;
    }
    *from = b->starts[walk->row * b->n_x + walk->column];
    *until = b->starts[walk->row * b->n_x + walk->last_column + 1];
    walk->row++;
    return 1;
}
