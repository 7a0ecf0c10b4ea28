/* The most that k boxes of one size, laid anywhere, could have captured: bounds.
 *
 * Placing k boxes so that they cover the most points is hard in k, so two bounds are computed:
 *
 *   above  m(e) = the most that one box holding outcome e can hold, exactly, by sweeping boxes
 * whose west edge lies on an outcome and whose south edge lies on another (any other box can be
 *          pushed there and holds no less). In a choice of k boxes each captured outcome e weighs
 *          count(e) / m(e), a box's outcomes together at most 1, all together at most k. So the
 *          most is a relaxed knapsack: outcomes by falling m(e) until k is full, rounded down
 *   below  boxes one by one, each where it adds the most (Nemhauser, Wolsey & Fisher 1978)
 *
 * Where outcomes lie apart, or in clumps that a box holds, the two meet. Called by the place trial.
 * Hands out sums and never a position. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_capture.h"
#include "onus/sum.h"

/* Outcomes on both edges of a box are in it: their distance may exceed its side by rounding. */
#define EDGE_M 1e-6

typedef struct spot {
    double x;
    double y;
    double count;
    double most; /* m(e) */
    bool caught; /* by a box that has been laid */
} spot;

typedef struct placing {
    spot *spots; /* by x */
    size_t n;
    size_t *strip; /* of spots within a box's width, by y */
    double *held;  /* by position in the strip: what the box with its south edge there holds */
    size_t *queue;
    double width;
    double height;
} placing;

static int by_x(const void *a, const void *b) {
    const spot *p = a;
    const spot *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

static int by_y(const void *left, const void *right, void *state) {
    const spot *spots = state;
    const size_t a = *(const size_t *)left;
    const size_t b = *(const size_t *)right;
    if (spots[a].y != spots[b].y) {
        return spots[a].y < spots[b].y ? -1 : 1;
    }
    return (a > b) - (a < b);
}

/* Outcomes at one place are one spot. */
static size_t join_equal(spot *spots, size_t n) {
    size_t n_kept = 0;
    qsort(spots, n, sizeof *spots, by_x);
    for (size_t i = 0; i < n; i++) {
        if (n_kept > 0 && spots[n_kept - 1].x == spots[i].x && spots[n_kept - 1].y == spots[i].y) {
            spots[n_kept - 1].count += spots[i].count;
        } else {
            spots[n_kept++] = spots[i];
        }
    }
    return n_kept;
}

/* Spots that a box with its west edge on spot i can hold, by y; those caught already are left out.
 */
static size_t take_strip(const placing *p, size_t i) {
    size_t n = 0;
    for (size_t j = i; j < p->n && p->spots[j].x <= p->spots[i].x + p->width + EDGE_M; j++) {
        if (!p->spots[j].caught) {
            p->strip[n++] = j;
        }
    }
    /* spots of equal x stand by y: those south of i belong to the strip as well */
    for (size_t j = i; j-- > 0 && p->spots[j].x == p->spots[i].x;) {
        if (!p->spots[j].caught) {
            p->strip[n++] = j;
        }
    }
    qsort_r(p->strip, n, sizeof *p->strip, by_y, p->spots);
    return n;
}

/* First position of the strip that a box with its south edge at position `from` does not hold. */
static size_t end_of(const placing *p, size_t n, size_t from, size_t end) {
    const double north = p->spots[p->strip[from]].y + p->height + EDGE_M;
    while (end < n && p->spots[p->strip[end]].y <= north) {
        end++;
    }
    return end;
}

/* Holdings of the boxes with their south edges at each position, and for every spot the most of
 * those that hold it (a sliding maximum: they are the boxes from the first that reaches it to the
 * one that begins at it). */
static void raise_most(placing *p, size_t n) {
    double sum = 0.0; /* whole numbers: exact */
    size_t end = 0;
    for (size_t a = 0; a < n; a++) {
        for (const size_t stop = end_of(p, n, a, end); end < stop; end++) {
            sum += p->spots[p->strip[end]].count;
        }
        p->held[a] = sum;
        sum -= p->spots[p->strip[a]].count;
    }
    size_t head = 0;
    size_t tail = 0;
    for (size_t at = 0; at < n; at++) {
        spot *s = &p->spots[p->strip[at]];
        while (tail > head && p->held[p->queue[tail - 1]] <= p->held[at]) {
            tail--;
        }
        p->queue[tail++] = at;
        while (p->spots[p->strip[p->queue[head]]].y + p->height + EDGE_M < s->y) {
            head++;
        }
        s->most = fmax(s->most, p->held[p->queue[head]]);
    }
}

static int by_most(const void *a, const void *b) {
    const double x = ((const spot *)a)->most;
    const double y = ((const spot *)b)->most;
    return (x < y) - (x > y);
}

static onus_status bound_above(placing *p, double n_boxes, double *most) {
    for (size_t i = 0; i < p->n; i++) {
        raise_most(p, take_strip(p, i));
    }
    spot *sorted = onus_alloc_n(p->n, sizeof *sorted);
    if (sorted == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (p->n > 0) {
        memcpy(sorted, p->spots, p->n * sizeof *sorted);
        qsort(sorted, p->n, sizeof *sorted, by_most);
    }
    onus_sum used = {0};
    onus_sum held = {0};
    for (size_t i = 0; i < p->n; i++) {
        const double left = n_boxes - onus_sum_get(&used);
        const double share = sorted[i].count / sorted[i].most;
        if (share >= left) {
            onus_sum_add(&held, left * sorted[i].most);
            break;
        }
        onus_sum_add(&used, share);
        onus_sum_add(&held, sorted[i].count);
    }
    onus_free(sorted);
    const double bound = onus_sum_get(&held);
    *most = floor(bound + ONUS_AREA_ROUNDING * fmax(1.0, bound));
    return ONUS_OK;
}

/* Lays the box that adds the most; what it adds. */
static double lay_one(placing *p) {
    double best = 0.0;
    size_t best_west = 0;
    size_t best_south = 0; /* spots */
    for (size_t i = 0; i < p->n; i++) {
        if (p->spots[i].caught) {
            continue;
        }
        const size_t n = take_strip(p, i);
        double sum = 0.0;
        size_t end = 0;
        for (size_t a = 0; a < n; a++) {
            for (const size_t stop = end_of(p, n, a, end); end < stop; end++) {
                sum += p->spots[p->strip[end]].count;
            }
            if (sum > best) {
                best = sum;
                best_west = i;
                best_south = p->strip[a];
            }
            sum -= p->spots[p->strip[a]].count;
        }
    }
    if (best > 0.0) {
        const double south = p->spots[best_south].y;
        const size_t n = take_strip(p, best_west);
        for (size_t a = 0; a < n; a++) {
            spot *s = &p->spots[p->strip[a]];
            s->caught = s->y >= south && s->y <= south + p->height + EDGE_M;
        }
    }
    return best;
}

onus_status onus_boxes_best(const onus_points_counted *points, double width, double height,
                            double n_boxes, onus_limits *out, onus_error *err) {
    placing p = {.width = width, .height = height};
    onus_status status = ONUS_OK;
    double total = 0.0;
    onus_limits made = {0};
    if (!(width > 0.0) || !(height > 0.0) || !isfinite(width) || !isfinite(height) ||
        !(n_boxes >= 0.0) || floor(n_boxes) != n_boxes) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "boxes without a size or a number");
    }
    p.spots = onus_alloc_n(points->n, sizeof *p.spots);
    p.strip = onus_alloc_n(points->n, sizeof *p.strip);
    p.held = onus_alloc_n(points->n, sizeof *p.held);
    p.queue = onus_alloc_n(points->n, sizeof *p.queue);
    if (p.spots == NULL || p.strip == NULL || p.held == NULL || p.queue == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t i = 0; i < points->n; i++) {
        const double count = points->count[i];
        if (!isfinite(points->x[i]) || !isfinite(points->y[i]) || !(count > 0.0) ||
            floor(count) != count) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                     "an outcome without a place or a whole "
                                     "count above 0");
            goto out;
        }
        p.spots[i] = (spot){.x = points->x[i], .y = points->y[i], .count = count};
        total += count;
    }
    p.n = points->n == 0 ? 0 : join_equal(p.spots, points->n);
    ONUS_TRY(bound_above(&p, n_boxes, &made.high));
    made.high = fmin(made.high, total);
    for (double k = 0; k < n_boxes && made.low < made.high; k++) {
        const double more = lay_one(&p);
        if (more == 0.0) {
            break;
        }
        made.low += more;
    }
    *out = made;
out:
    onus_free(p.spots);
    onus_free(p.strip);
    onus_free(p.held);
    onus_free(p.queue);
    return status;
}
