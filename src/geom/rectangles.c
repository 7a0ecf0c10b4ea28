/* The union of axis-parallel rectangles as disjoint ones, so that ground that is covered twice is
 * measured once.
 *
 *      +-----+            +-----+        clusters of rectangles that overlap are found by a sweep
 * from |  +--+--+         +-----+--+     west to east; the plane is cut into strips at every south
 * and
 *      +--+--+  |   ->    +--------+     north edge of a cluster, and in each strip the rectangles
 * that
 *         +-----+            +-----+     span it are merged from west to east
 *
 * Called by the accuracy trial for flagged ground and for the places from which a box would hit.
 * Exact: every edge of the result is an edge of the input. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/geom.h"

static int by_west(const void *a, const void *b) {
    const onus_rectangle *p = a;
    const onus_rectangle *q = b;
    if (p->low_x != q->low_x) {
        return p->low_x < q->low_x ? -1 : 1;
    }
    if (p->low_y != q->low_y) {
        return p->low_y < q->low_y ? -1 : 1;
    }
    return (p->high_x > q->high_x) - (p->high_x < q->high_x);
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t root_of(size_t *parent, size_t i) {
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* Which rectangles overlap, as sets: sorted from west to east, each is held against those that have
 * not ended. */
static void cluster(const onus_rectangle *list, size_t n, size_t *active, size_t *parent) {
    size_t n_active = 0;
    for (size_t i = 0; i < n; i++) {
        size_t kept = 0;
        parent[i] = i;
        for (size_t k = 0; k < n_active; k++) {
            const onus_rectangle *other = &list[active[k]];
            if (other->high_x <= list[i].low_x) {
                continue;
            }
            active[kept++] = active[k];
            if (other->low_y < list[i].high_y && list[i].low_y < other->high_y) {
                const size_t a = root_of(parent, active[k]);
                const size_t b = root_of(parent, i);
                parent[a > b ? a : b] = a > b ? b : a;
            }
        }
        n_active = kept;
        active[n_active++] = i;
    }
}

/* Strips of one cluster: members ascending from west to east. */
static onus_status cut(const onus_rectangle *list, const size_t *member, size_t n, double *edge,
                       onus_array *out) {
    for (size_t k = 0; k < n; k++) {
        edge[2 * k] = list[member[k]].low_y;
        edge[2 * k + 1] = list[member[k]].high_y;
    }
    qsort(edge, 2 * n, sizeof *edge, by_value);
    for (size_t e = 0; e + 1 < 2 * n; e++) {
        onus_rectangle piece = {.low_y = edge[e], .high_y = edge[e + 1]};
        bool open = false;
        if (!(edge[e] < edge[e + 1])) {
            continue;
        }
        onus_status status = ONUS_OK;
        for (size_t k = 0; k < n && status == ONUS_OK; k++) {
            const onus_rectangle *r = &list[member[k]];
            if (!(r->low_y <= edge[e] && edge[e + 1] <= r->high_y)) {
                continue;
            }
            if (open && r->low_x > piece.high_x) {
                status = onus_array_push(out, &piece);
                open = false;
            }
            piece.low_x = open ? piece.low_x : r->low_x;
            piece.high_x = open ? fmax(piece.high_x, r->high_x) : r->high_x;
            open = true;
        }
        if (open && status == ONUS_OK) {
            status = onus_array_push(out, &piece);
        }
        if (status != ONUS_OK) {
            return status;
        }
    }
    return ONUS_OK;
}

onus_status onus_rectangles_union(const onus_rectangle *rectangles, size_t n, onus_array *out) {
    onus_rectangle *list = onus_alloc_n(n, sizeof *list);
    size_t *active = onus_alloc_n(n + 1, sizeof *active);
    size_t *parent = onus_alloc_n(n, sizeof *parent);
    size_t *next = onus_alloc_n(n + 1, sizeof *next); /* members of a cluster, chained */
    double *edge = onus_alloc_n(2 * n, sizeof *edge);
    onus_status status = ONUS_ERR_NOMEM;
    if (list == NULL || active == NULL || parent == NULL || next == NULL || edge == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const onus_rectangle *r = &rectangles[i];
        if (!(r->low_x < r->high_x) || !(r->low_y < r->high_y) || !isfinite(r->low_x) ||
            !isfinite(r->low_y) || !isfinite(r->high_x) || !isfinite(r->high_y)) {
            status = ONUS_ERR_DOMAIN;
            goto out;
        }
        list[i] = *r;
    }
    if (n > 1) {
        qsort(list, n, sizeof *list, by_west);
    }
    cluster(list, n, active, parent);
    /* members by root, ascending: count, then place */
    for (size_t i = 0; i < n; i++) {
        parent[i] = root_of(parent, i);
        next[parent[i] + 1]++;
    }
    for (size_t i = 0; i < n; i++) {
        next[i + 1] += next[i];
    }
    for (size_t i = 0; i < n; i++) {
        active[next[parent[i]]++] = i;
    }
    for (size_t i = 0, start = 0; i < n; i++) { /* next[i] is now where cluster i ends */
        const size_t n_members = next[i] - start;
        if (n_members == 1) {
            ONUS_TRY(onus_array_push(out, &list[active[start]]));
        } else if (n_members > 1) {
            ONUS_TRY(cut(list, &active[start], n_members, edge, out));
        }
        start = next[i];
    }
    status = ONUS_OK;
out:
    onus_free(list);
    onus_free(active);
    onus_free(parent);
    onus_free(next);
    onus_free(edge);
    return status;
}
