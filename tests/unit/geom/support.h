/* What the geometry tests share: random numbers, polygons that grow, shared data, layers read with
 * OGR. */
#ifndef ONUS_TEST_GEOM_SUPPORT_H
#define ONUS_TEST_GEOM_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../random.h"
#include "onus/geom.h"

typedef struct dice {
    uint64_t state;
} dice;
double dice_uniform(dice *d);
int dice_below(dice *d, int n);

/* Polygons in the making. */
typedef struct shapes {
    size_t n_areas;
    size_t n_rings;
    size_t n_points;
    size_t *area_rings;
    size_t *ring_points;
    double *x;
    double *y;
    size_t caps[3];
} shapes;
void shapes_clear(shapes *s);
void shapes_point(shapes *s, double x, double y);
void shapes_end_ring(shapes *s);
void shapes_end_area(shapes *s);
onus_polygons shapes_view(const shapes *s);
/** A closed rectangle as one ring; runs clockwise if `clockwise`. */
void shapes_rectangle(shapes *s, double x0, double y0, double x1, double y1, bool clockwise);

/** A ring around (x, y) with n corners between the radii `inner` and `outer`; never crosses itself;
 *  runs either way. Every fourth coordinate is rounded to a multiple of `step` (0: none is). */
void shapes_star(shapes *s, dice *d, double x, double y, double inner, double outer, int n,
                 double step);

/** dir/name under the shared folder (ONUS_SHARED, else the default of the build); the caller frees.
 *  NULL, with a message, if there is no such file. */
char *shared_path(const char *name);

/** Fails unless |got - want| <= tolerance (cmocka's own comparison is in single precision). */
#define assert_near(got, want, tolerance)                                                          \
    do {                                                                                           \
        const double near_got = (got);                                                             \
        const double near_want = (want);                                                           \
        if (!(__builtin_fabs(near_got - near_want) <= (tolerance))) {                              \
            print_error("%.17g is not %.17g within %g\n", near_got, near_want,                     \
                        (double)(tolerance));                                                      \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

#endif
