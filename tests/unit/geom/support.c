/* See support.h. Nothing here is part of Onus: it makes shapes and finds files for tests. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double dice_uniform(dice *d) {
    return (double)(random_u64(&d->state) >> 11) * 0x1p-53;
}

int dice_below(dice *d, int n) {
    return (int)random_below(&d->state, (uint64_t)n);
}

static void *room(void *items, size_t *cap, size_t need, size_t size) {
    if (need <= *cap) {
        return items;
    }
    *cap = 2 * need + 16;
    void *bigger = realloc(items, *cap * size);
    if (bigger == NULL) {
        abort();
    }
    return bigger;
}

void shapes_clear(shapes *s) {
    free(s->area_rings);
    free(s->ring_points);
    free(s->x);
    free(s->y);
    memset(s, 0, sizeof *s);
}

void shapes_point(shapes *s, double x, double y) {
    size_t cap = s->caps[2];
    s->x = room(s->x, &cap, s->n_points + 1, sizeof *s->x);
    s->y = room(s->y, &s->caps[2], s->n_points + 1, sizeof *s->y);
    s->x[s->n_points] = x;
    s->y[s->n_points] = y;
    s->n_points++;
}

void shapes_end_ring(shapes *s) {
    s->ring_points = room(s->ring_points, &s->caps[1], s->n_rings + 2, sizeof *s->ring_points);
    s->ring_points[0] = 0;
    s->ring_points[++s->n_rings] = s->n_points;
}

void shapes_end_area(shapes *s) {
    s->area_rings = room(s->area_rings, &s->caps[0], s->n_areas + 2, sizeof *s->area_rings);
    s->area_rings[0] = 0;
    s->area_rings[++s->n_areas] = s->n_rings;
}

onus_polygons shapes_view(const shapes *s) {
    return (onus_polygons){.n_areas = s->n_areas,
                           .area_rings = s->area_rings,
                           .ring_points = s->ring_points,
                           .x = s->x,
                           .y = s->y};
}

void shapes_rectangle(shapes *s, double x0, double y0, double x1, double y1, bool clockwise) {
    shapes_point(s, x0, y0);
    shapes_point(s, clockwise ? x0 : x1, clockwise ? y1 : y0);
    shapes_point(s, x1, y1);
    shapes_point(s, clockwise ? x1 : x0, clockwise ? y0 : y1);
    shapes_point(s, x0, y0);
    shapes_end_ring(s);
}

void shapes_star(shapes *s, dice *d, double x, double y, double inner, double outer, int n,
                 double step) {
    const double turn = (dice_below(d, 2) == 0 ? 6.283185307179586 : -6.283185307179586) / n;
    for (int i = 0; i < n; i++) {
        const double r = inner + (outer - inner) * dice_uniform(d);
        const double a = turn * (i + 0.9 * dice_uniform(d));
        double px = x + r * cos(a);
        double py = y + r * sin(a);
        if (dice_below(d, 4) == 0 && step > 0.0) {
            px = rint(px / step) * step;
        }
        if (dice_below(d, 4) == 0 && step > 0.0) {
            py = rint(py / step) * step;
        }
        shapes_point(s, px, py);
    }
    shapes_end_ring(s);
}

char *shared_path(const char *name) {
    const char *dir = getenv("ONUS_SHARED");
    char *path = NULL;
    if (dir == NULL || dir[0] == '\0') {
        dir = ONUS_SHARED_DEFAULT;
    }
    if (asprintf(&path, "%s/%s", dir, name) < 0) {
        abort();
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("# skipped: no shared data (%s); set ONUS_SHARED\n", name);
        free(path);
        return NULL;
    }
    (void)fclose(file);
    return path;
}
