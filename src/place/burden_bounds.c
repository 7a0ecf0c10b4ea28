/* Bounds on who lives inside the flagged ground, when only area counts of people are known.
 *
 * A box covers part of an area, and nobody's table says who lives in that part. If people (not
 * groups) are spread evenly over the land, a part c of the area holds c P_i people, and of the
 * group at least max(0, P_gi - (1 - c) P_i) and at most min(P_gi, c P_i) of them (Duncan & Davis
 * 1953). Boxes can overlap one another, so c itself is only known between
 *
 *      max( largest box, sum of boxes - sum of overlaps of pairs )   (Bonferroni)
 *      min( 1, sum of boxes )
 *
 * and each bound takes the side of c that keeps it a bound.
 *
 * Called by trial.c. Boxes only: polygons have no common size that makes pairs cheap. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

typedef struct box {
    double x;
    double y;
    int32_t place;
} box;

static int by_y(const void *a, const void *b) {
    const box *p = a;
    const box *q = b;
    if (p->y != q->y) {
        return p->y < q->y ? -1 : 1;
    }
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->place > q->place) - (p->place < q->place);
}

/* Takes from low_m2 of every area that both boxes touch what the two can have in common there. */
static void take_pair(const onus_sparse *on, size_t p, size_t q, double common, double *low_m2) {
    size_t k = on->starts[p];
    size_t l = on->starts[q];
    while (k < on->starts[p + 1] && l < on->starts[q + 1]) {
        if (on->columns[k] == on->columns[l]) {
            low_m2[on->columns[k]] -= fmin(common, fmin(on->values[k], on->values[l]));
            k++;
            l++;
        } else if (on->columns[k] < on->columns[l]) {
            k++;
        } else {
            l++;
        }
    }
}

static onus_status take_pairs(place_trial *t, const onus_sparse *on, double width, double height,
                              double *low_m2) {
    const place_flags *f = &t->flags;
    box *boxes = onus_alloc_n(f->n_places, sizeof *boxes);
    if (boxes == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n = 0;
    for (size_t p = 0; p < f->n_places; p++) {
        if (isfinite(f->place_x_m[p]) && isfinite(f->place_y_m[p])) {
            boxes[n++] = (box){.x = f->place_x_m[p], .y = f->place_y_m[p], .place = (int32_t)p};
        }
    }
    qsort(boxes, n, sizeof *boxes, by_y);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n && boxes[b].y - boxes[a].y < height; b++) {
            const double wide = width - fabs(boxes[b].x - boxes[a].x);
            if (wide > 0.0) {
                take_pair(on, (size_t)boxes[a].place, (size_t)boxes[b].place,
                          wide * (height - (boxes[b].y - boxes[a].y)), low_m2);
            }
        }
    }
    onus_free(boxes);
    return ONUS_OK;
}

static onus_status add_bound(place_trial *t, const place_group *g, const char *bound,
                             double people) {
    onus_measure m = place_draft_of("burden.flagged_ground");
    place_scope_group(&m, g);
    onus_scope_set_text(&m.scope, "bound", bound);
    onus_draft_set_number(&m, g->undefined != NULL ? onus_number_none(g->undefined)
                                                   : onus_number_of(people / g->people_sum));
    m.has_fraction = m.has_value;
    m.num = people;
    m.den = g->people_sum;
    if (m.has_value) {
        m.reason = "no interval: a bound";
    }
    size_t index = 0;
    onus_status status = place_add(t, &m, &index);
    if (status == ONUS_OK && people > 0.0 && people < (double)t->c->protocol.suppress_below) {
        place_draft *drafts = t->drafts.items;
        status = place_withhold(t, &drafts[index], true);
    }
    return status;
}

onus_status burden_bounds(place_trial *t) {
    const double width = t->c->predictions.width_m;
    const double height = t->c->predictions.height_m;
    const place_flags *f = &t->flags;
    if (f->place_x_m == NULL || !(width > 0.0) || !(height > 0.0)) {
        return ONUS_OK;
    }
    onus_sparse on = {0};
    double *low = onus_alloc_n(t->n, sizeof *low);
    double *high = onus_alloc_n(t->n, sizeof *high);
    double *largest = onus_alloc_n(t->n, sizeof *largest);
    onus_status status = ONUS_ERR_NOMEM;
    if (low == NULL || high == NULL || largest == NULL) {
        goto out;
    }
    ONUS_TRY(onus_overlap_boxes(&t->metres, f->place_x_m, f->place_y_m, f->n_places, width, height,
                                t->context, &on, t->err));
    for (size_t p = 0; p < on.n_rows; p++) {
        for (size_t k = on.starts[p]; k < on.starts[p + 1]; k++) {
            const int32_t i = on.columns[k];
            high[i] += on.values[k];
            largest[i] = fmax(largest[i], on.values[k]);
        }
    }
    memcpy(low, high, t->n * sizeof *low);
    ONUS_TRY(take_pairs(t, &on, width, height, low));
    for (size_t i = 0; i < t->n; i++) {
        const double land = t->area_m2[i];
        low[i] = land > 0.0 ? fmin(fmax(low[i], largest[i]) / land, 1.0) : 0.0;
        high[i] = land > 0.0 ? fmin(high[i] / land, 1.0) : 0.0;
    }
    for (size_t k = 0; k < t->n_groups; k++) {
        const place_group *g = &t->groups[k];
        onus_sum least = {0};
        onus_sum most = {0};
        for (size_t i = 0; i < t->n; i++) {
            onus_sum_add(&least, fmax(0.0, g->people[i] - (1.0 - low[i]) * g->total[i]));
            onus_sum_add(&most, fmin(g->people[i], high[i] * g->total[i]));
        }
        ONUS_TRY(add_bound(t, g, "low", onus_sum_get(&least)));
        ONUS_TRY(add_bound(t, g, "high", onus_sum_get(&most)));
    }
out:
    onus_sparse_clear(&on);
    onus_free(low);
    onus_free(high);
    onus_free(largest);
    return status;
}
