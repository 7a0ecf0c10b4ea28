/* Where recorded outcomes fell, and which of them the flags were on.
 *
 * An outcome lies on the area that holds its point. It is captured if it lies inside a flagged box
 * or polygon (edges inside; in the projection), or on a flagged area for counted areas, and, where
 * both have times, within the flag's [from, until). Where flags have types, type by type: a flag
 * for burglary captures no robbery, and what no flag was for is not asked for. Boxes of one size
 * are found through buckets of that size, so that each outcome looks at four buckets and no more.
 *
 * Called by trial.c, and place_locate by flags.c. Never decides whether a prediction was good:
 * burden asks only whose outcomes the flags were on. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

typedef struct bucket_box {
    int64_t bx;
    int64_t by;
    int32_t row;
} bucket_box;

static int by_bucket(const void *a, const void *b) {
    const bucket_box *p = a;
    const bucket_box *q = b;
    if (p->by != q->by) {
        return p->by < q->by ? -1 : 1;
    }
    if (p->bx != q->bx) {
        return p->bx < q->bx ? -1 : 1;
    }
    return (p->row > q->row) - (p->row < q->row);
}

static size_t first_at(const bucket_box *boxes, size_t n, int64_t bx, int64_t by) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const bool before = boxes[mid].by < by || (boxes[mid].by == by && boxes[mid].bx < bx);
        low = before ? mid + 1 : low;
        high = before ? high : mid;
    }
    return low;
}

/* Is the outcome of the predicted type that is being looked at? Records without types are outcomes
 * of every type. */
static bool is_asked_for(const place_trial *t, size_t outcome) {
    const onus_outcomes *given = &t->evidence->outcomes;
    const place_outcomes *o = &t->outcomes;
    return o->only_type < 0 || o->matched == NULL ||
           o->matched[(size_t)o->only_type * given->n_types + given->type[outcome]] != 0;
}

/* Of the type that is being looked at, both of them, and at the flag's time. */
static bool in_time(const place_trial *t, size_t flag, size_t outcome) {
    const onus_flags *flags = &t->evidence->flags;
    if (t->outcomes.only_type >= 0 &&
        (flags->type[flag] != (uint32_t)t->outcomes.only_type || !is_asked_for(t, outcome))) {
        return false;
    }
    const double when = t->outcomes.in_time ? t->evidence->outcomes.unix_s[outcome] : 0.0;
    return !t->outcomes.in_time ||
           (flags->from_unix_s[flag] <= when && when < flags->until_unix_s[flag]);
}

static onus_status capture_by_boxes(place_trial *t, uint8_t *captured) {
    const onus_flags *flags = &t->evidence->flags;
    const onus_outcomes *outcomes = &t->evidence->outcomes;
    const double width = t->c->predictions.width_m;
    const double height = t->c->predictions.height_m;
    bucket_box *boxes = onus_alloc_n(flags->n_flags, sizeof *boxes);
    if (boxes == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n = 0;
    for (size_t r = 0; r < flags->n_flags; r++) {
        if (isfinite(flags->x_m[r]) && isfinite(flags->y_m[r]) && flags->counts[r] > 0.0) {
            boxes[n++] = (bucket_box){.bx = (int64_t)floor(flags->x_m[r] / width),
                                      .by = (int64_t)floor(flags->y_m[r] / height),
                                      .row = (int32_t)r};
        }
    }
    qsort(boxes, n, sizeof *boxes, by_bucket);
    for (size_t o = 0; o < outcomes->n_outcomes; o++) {
        const double x = outcomes->x_m[o];
        const double y = outcomes->y_m[o];
        if (!isfinite(x) || !isfinite(y)) {
            continue;
        }
        /* a centre within half a side lies in this bucket or the nearer neighbour; look at all nine
         */
        const int64_t bx = (int64_t)floor(x / width);
        const int64_t by = (int64_t)floor(y / height);
        for (int64_t dy = -1; dy <= 1 && captured[o] == 0; dy++) {
            size_t k = first_at(boxes, n, bx - 1, by + dy);
            for (; k < n && boxes[k].by == by + dy && boxes[k].bx <= bx + 1; k++) {
                const size_t r = (size_t)boxes[k].row;
                if (fabs(flags->x_m[r] - x) <= 0.5 * width &&
                    fabs(flags->y_m[r] - y) <= 0.5 * height && in_time(t, r, o)) {
                    captured[o] = 1;
                    break;
                }
            }
        }
    }
    onus_free(boxes);
    return ONUS_OK;
}

/* Even-odd rule over all rings of one polygon. */
bool place_polygon_holds(const onus_layer *shapes, size_t polygon, double x, double y) {
    bool odd = false;
    for (size_t r = shapes->area_rings[polygon]; r < shapes->area_rings[polygon + 1]; r++) {
        for (size_t k = shapes->ring_points[r]; k + 1 < shapes->ring_points[r + 1]; k++) {
            const double ax = shapes->x_m[k];
            const double ay = shapes->y_m[k];
            const double bx = shapes->x_m[k + 1];
            const double by = shapes->y_m[k + 1];
            if ((ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)) {
                odd = !odd;
            }
        }
    }
    return odd;
}

static void capture_by_polygons(place_trial *t, uint8_t *captured) {
    const onus_layer *shapes = &t->evidence->flags.shapes;
    const onus_outcomes *outcomes = &t->evidence->outcomes;
    for (size_t p = 0; p < shapes->n_areas && !onus_stopped(t->context); p++) {
        double low_x = INFINITY;
        double high_x = -INFINITY;
        double low_y = INFINITY;
        double high_y = -INFINITY;
        for (size_t k = shapes->ring_points[shapes->area_rings[p]];
             k < shapes->ring_points[shapes->area_rings[p + 1]]; k++) {
            low_x = fmin(low_x, shapes->x_m[k]);
            high_x = fmax(high_x, shapes->x_m[k]);
            low_y = fmin(low_y, shapes->y_m[k]);
            high_y = fmax(high_y, shapes->y_m[k]);
        }
        for (size_t o = 0; o < outcomes->n_outcomes; o++) {
            const double x = outcomes->x_m[o];
            const double y = outcomes->y_m[o];
            if (captured[o] == 0 && x >= low_x && x <= high_x && y >= low_y && y <= high_y &&
                in_time(t, p, o) && place_polygon_holds(shapes, p, x, y)) {
                captured[o] = 1;
            }
        }
    }
}

static onus_status capture_by_areas(place_trial *t, const int32_t *area, uint8_t *captured) {
    const onus_flags *flags = &t->evidence->flags;
    for (size_t o = 0; o < t->evidence->outcomes.n_outcomes; o++) {
        if (!t->outcomes.in_time && t->outcomes.only_type < 0) {
            captured[o] = area[o] >= 0 && t->flags.by_area[area[o]] > 0.0 ? 1 : 0;
            continue;
        }
        for (size_t r = 0; r < flags->n_flags && captured[o] == 0; r++) {
            captured[o] = flags->area[r] == area[o] && area[o] >= 0 && flags->counts[r] > 0.0 &&
                                  in_time(t, r, o)
                              ? 1
                              : 0;
        }
        if (onus_stopped(t->context)) {
            return ONUS_ERR_INTERRUPTED;
        }
    }
    return ONUS_OK;
}

static bool has_capture(const place_trial *t) {
    const onus_form form = t->c->predictions.form;
    const bool boxes = form == ONUS_FORM_BOXES || form == ONUS_FORM_COUNTED_BOXES;
    return t->flags.missing == NULL &&
           (!boxes || (t->c->predictions.width_m > 0.0 && t->c->predictions.height_m > 0.0));
}

static onus_status capture(place_trial *t, const int32_t *area, uint8_t *captured) {
    const onus_flags *flags = &t->evidence->flags;
    t->outcomes.in_time = t->evidence->outcomes.unix_s != NULL && flags->from_unix_s != NULL &&
                          flags->until_unix_s != NULL;
    if (flags->shapes.n_areas > 0) {
        capture_by_polygons(t, captured);
        return onus_stopped(t->context) ? ONUS_ERR_INTERRUPTED : ONUS_OK;
    }
    return flags->area != NULL ? capture_by_areas(t, area, captured)
                               : capture_by_boxes(t, captured);
}

/* Rooms by predicted type, and which recorded types stand for each. */
static onus_status make_types(place_trial *t) {
    const onus_flags *flags = &t->evidence->flags;
    const onus_outcomes *given = &t->evidence->outcomes;
    place_outcomes *o = &t->outcomes;
    o->only_type = -1;
    o->n_types = flags->type != NULL ? flags->n_types : 0;
    o->types = flags->types;
    o->asked_for_of = place_keep(t, onus_alloc_n(o->n_types, sizeof *o->asked_for_of));
    o->captured_of = place_keep(t, onus_alloc_n(o->n_types, sizeof *o->captured_of));
    uint8_t *matched =
        place_keep(t, onus_alloc_n(o->n_types * given->n_types + 1, sizeof *matched));
    if (o->asked_for_of == NULL || o->captured_of == NULL || matched == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < o->n_types; k++) {
        o->asked_for_of[k] = place_doubles(t, t->n);
        o->captured_of[k] = place_doubles(t, t->n);
        if (o->asked_for_of[k] == NULL || o->captured_of[k] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t r = 0; r < given->n_types; r++) {
            matched[k * given->n_types + r] =
                place_stands_for(&t->c->outcomes, flags->types[k], given->types[r]) ? 1 : 0;
        }
    }
    o->matched = given->type != NULL ? matched : NULL;
    return ONUS_OK;
}

/* Captured and asked for: of all flags at once, or type by type and both together. */
static onus_status lay_flags(place_trial *t, const int32_t *area, uint8_t *asked_for,
                             uint8_t *captured) {
    const onus_outcomes *given = &t->evidence->outcomes;
    place_outcomes *o = &t->outcomes;
    const size_t n = given->n_outcomes;
    onus_status status = ONUS_OK;
    uint8_t *of_type = onus_alloc_n(n, sizeof *of_type);
    if (of_type == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(make_types(t));
    if (o->n_types == 0) {
        memset(asked_for, 1, n);
        ONUS_TRY(capture(t, area, captured));
    }
    for (size_t k = 0; k < o->n_types; k++) {
        o->only_type = (int32_t)k;
        memset(of_type, 0, n);
        ONUS_TRY(capture(t, area, of_type));
        for (size_t i = 0; i < n; i++) {
            const double count = given->counts != NULL ? given->counts[i] : 1.0;
            if (!is_asked_for(t, i)) {
                continue;
            }
            asked_for[i] = 1;
            captured[i] |= of_type[i];
            if (area[i] >= 0) {
                o->asked_for_of[k][area[i]] += count;
                o->captured_of[k][area[i]] += of_type[i] != 0 ? count : 0.0;
            }
        }
    }
out:
    o->only_type = -1;
    onus_free(of_type);
    return status;
}

onus_status place_outcomes_fall(place_trial *t) {
    const onus_outcomes *given = &t->evidence->outcomes;
    place_outcomes *o = &t->outcomes;
    const size_t n = given->n_outcomes;
    if (t->c->outcomes.source.file == NULL || n == 0 || given->x_m == NULL || t->n == 0) {
        return ONUS_OK;
    }
    int32_t *area = onus_alloc_n(n, sizeof *area);
    uint8_t *captured = onus_alloc_n(n, sizeof *captured);
    uint8_t *asked_for = onus_alloc_n(n, sizeof *asked_for);
    onus_status status = ONUS_ERR_NOMEM;
    o->by_area = place_doubles(t, t->n);
    if (area == NULL || captured == NULL || asked_for == NULL || o->by_area == NULL) {
        goto out;
    }
    if (given->by_officer != NULL) {
        o->by_area_citizen = place_doubles(t, t->n);
        if (o->by_area_citizen == NULL) {
            goto out;
        }
    }
    ONUS_TRY(place_locate(t, given->source_x, given->source_y, given->x_m, given->y_m, n,
                          t->c->outcomes.point.lon != NULL, area));
    if (has_capture(t)) {
        o->captured = place_doubles(t, t->n);
        o->asked_for = place_doubles(t, t->n);
        if (o->captured == NULL || o->asked_for == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        ONUS_TRY(lay_flags(t, area, asked_for, captured));
    }
    onus_sum total = {0};
    onus_sum outside = {0};
    onus_sum asked = {0};
    onus_sum caught = {0};
    assert(o->by_area_citizen == NULL || given->by_officer != NULL);
    for (size_t k = 0; k < n; k++) {
        const double count = given->counts != NULL ? given->counts[k] : 1.0;
        onus_sum_add(&total, count);
        if (area[k] < 0) {
            onus_sum_add(&outside, count);
            continue;
        }
        o->by_area[area[k]] += count;
        if (o->by_area_citizen != NULL && given->by_officer[k] == 0) {
            o->by_area_citizen[area[k]] += count;
        }
        if (o->captured != NULL && asked_for[k] != 0) {
            o->asked_for[area[k]] += count;
            onus_sum_add(&asked, count);
        }
        if (o->captured != NULL && captured[k] != 0) {
            o->captured[area[k]] += count;
            onus_sum_add(&caught, count);
        }
    }
    o->total = onus_sum_get(&total);
    o->outside = onus_sum_get(&outside);
    o->n_asked_for = onus_sum_get(&asked);
    o->n_captured = onus_sum_get(&caught);
    o->given = o->total - o->outside > 0.0;
    status = ONUS_OK;
out:
    onus_free(area);
    onus_free(asked_for);
    onus_free(captured);
    return status;
}
