/* Each allocation of each kernel fails in turn: ERR_NOMEM, nothing leaked, outputs untouched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "onus/geom.h"
#include "support.h"

enum { N_POINTS = 50, N_X = 12, N_Y = 9 };

typedef struct figures {
    onus_polygons areas;
    onus_polygons flags;
    double x[N_POINTS];
    double y[N_POINTS];
    double mass[32];
} figures;

typedef onus_status (*kernel_fn)(const figures *f, onus_error *err, bool *touched);

static onus_status call_locate(const figures *f, onus_error *err, bool *touched) {
    int32_t area[N_POINTS];
    *touched = false; /* the buffer is the caller's; nothing to hand over */
    return onus_locate(&f->areas, NULL, 1e-6, f->x, f->y, N_POINTS, NULL, area, err);
}

static onus_status finish(onus_status status, onus_sparse *out, bool *touched) {
    *touched = out->starts != NULL || out->columns != NULL || out->values != NULL;
    onus_sparse_clear(out);
    return status;
}

static onus_status call_boxes(const figures *f, onus_error *err, bool *touched) {
    onus_sparse out = {.n_rows = 0};
    const onus_status status =
        onus_overlap_boxes(&f->areas, f->x, f->y, N_POINTS, 2.0, 3.0, NULL, &out, err);
    return finish(status, &out, touched);
}

static onus_status call_polygons(const figures *f, onus_error *err, bool *touched) {
    onus_sparse out = {.n_rows = 0};
    const onus_status status = onus_overlap_polygons(&f->areas, &f->flags, NULL, &out, err);
    return finish(status, &out, touched);
}

static onus_status call_contiguity(const figures *f, onus_error *err, bool *touched) {
    onus_sparse out = {.n_rows = 0};
    const onus_status status = onus_contiguity(&f->areas, 1e-6, NULL, &out, err);
    return finish(status, &out, touched);
}

static onus_status call_areal(const figures *f, onus_error *err, bool *touched) {
    const onus_grid grid = {0.0, 0.0, 2.0, N_X, N_Y};
    double out[N_X * N_Y];
    double outside = -1.0;
    out[0] = -1.0;
    const onus_status status =
        onus_areal_weight(&f->areas, f->mass, &grid, NULL, out, &outside, err);
    *touched = out[0] != -1.0 || outside != -1.0;
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    const kernel_fn kernels[] = {call_locate, call_boxes, call_polygons, call_contiguity,
                                 call_areal};
    dice d = {21};
    shapes sets[2] = {{.n_areas = 0}, {.n_areas = 0}};
    for (int k = 0; k < 24; k++) {
        const double x = 20.0 * dice_uniform(&d);
        const double y = 20.0 * dice_uniform(&d);
        shapes_star(&sets[k % 2], &d, x, y, 3.0, 6.0, k == 6 ? 200 : 11, 0.0);
        shapes_star(&sets[k % 2], &d, x, y, 1.0, 2.0, 7, 0.0);
        shapes_end_area(&sets[k % 2]);
    }
    figures f = {.areas = shapes_view(&sets[0]), .flags = shapes_view(&sets[1])};
    for (int i = 0; i < N_POINTS; i++) {
        f.x[i] = 24.0 * dice_uniform(&d);
        f.y[i] = 24.0 * dice_uniform(&d);
    }
    for (int i = 0; i < 32; i++) {
        f.mass[i] = 1.0 + i;
    }
    for (size_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++) {
        size_t n_rounds = 0;
        FAULT_EACH(fault) {
            onus_error err = ONUS_ERROR_INIT;
            bool touched = false;
            const onus_status status = kernels[k](&f, &err, &touched);
            fault_expect(&fault, status);
            assert_int_equal(err.status, status);
            assert_int_equal(touched, status == ONUS_OK && kernels[k] != call_locate);
            n_rounds++;
        }
        assert_true(n_rounds > 3);
    }
    shapes_clear(&sets[0]);
    shapes_clear(&sets[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("geom_faults", tests, NULL, NULL);
}
