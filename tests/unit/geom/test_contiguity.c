/* onus_contiguity against all pairs of edges, and on figures whose neighbours are plain to see. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "onus/geom.h"
#include "support.h"

static int side(const double *a, const double *b, const double *p) {
    const double cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
    return (cross > 0.0) - (cross < 0.0);
}

static bool between(const double *a, const double *b, const double *p) {
    return side(a, b, p) == 0 && fmin(a[0], b[0]) <= p[0] && p[0] <= fmax(a[0], b[0]) &&
           fmin(a[1], b[1]) <= p[1] && p[1] <= fmax(a[1], b[1]);
}

static bool meet(const double *a, const double *b, const double *c, const double *d) {
    return between(a, b, c) || between(a, b, d) || between(c, d, a) || between(c, d, b) ||
           (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0);
}

/* All edges against all edges; coordinates are small integers, so doubles are exact. */
static bool slow_neighbours(const onus_polygons *p, size_t a, size_t b) {
    for (size_t i = p->ring_points[p->area_rings[a]]; i < p->ring_points[p->area_rings[a + 1]];
         i += 2) {
        for (size_t j = p->ring_points[p->area_rings[b]]; j < p->ring_points[p->area_rings[b + 1]];
             j += 2) {
            const double e[4][2] = {{p->x[i], p->y[i]},
                                    {p->x[i + 1], p->y[i + 1]},
                                    {p->x[j], p->y[j]},
                                    {p->x[j + 1], p->y[j + 1]}};
            if (meet(e[0], e[1], e[2], e[3])) {
                return true;
            }
        }
    }
    return false;
}

/* Every edge as a pair of points, for the slow version. */
static void split_edges(const shapes *from, shapes *out) {
    for (size_t a = 0; a < from->n_areas; a++) {
        for (size_t r = from->area_rings[a]; r < from->area_rings[a + 1]; r++) {
            const size_t start = from->ring_points[r];
            const size_t n = from->ring_points[r + 1] - start;
            for (size_t i = 0; i < n; i++) {
                const size_t j = start + (i + 1) % n;
                shapes_point(out, from->x[start + i], from->y[start + i]);
                shapes_point(out, from->x[j], from->y[j]);
            }
            shapes_end_ring(out);
        }
        shapes_end_area(out);
    }
}

static bool in_row(const onus_sparse *s, size_t row, size_t column) {
    for (size_t k = s->starts[row]; k < s->starts[row + 1]; k++) {
        if (s->columns[k] == (int32_t)column) {
            return true;
        }
    }
    return false;
}

static void check_shape_of_pattern(const onus_sparse *s) {
    assert_null(s->values);
    for (size_t r = 0; r < s->n_rows; r++) {
        for (size_t k = s->starts[r]; k < s->starts[r + 1]; k++) {
            assert_int_not_equal(s->columns[k], (int32_t)r);
            assert_true(k == s->starts[r] || s->columns[k - 1] < s->columns[k]);
            assert_true(in_row(s, (size_t)s->columns[k], r));
        }
    }
}

static void agrees_with_all_pairs_of_edges(void **state) {
    (void)state;
    for (int k = 0; k < test_mult(150); k++) {
        dice d = {(uint64_t)k};
        shapes s = {.n_areas = 0};
        const int span = 8 << k % 6;
        const int n_areas = 2 + k % 14;
        const double lattice = 1.0 / (1 << k % 7);
        for (int a = 0; a < n_areas; a++) {
            const int x = dice_below(&d, span);
            const int y = dice_below(&d, span);
            const int n = dice_below(&d, 9);
            const int wide = 1 + dice_below(&d, 6);
            for (int i = 0; i < n; i++) {
                shapes_point(&s, x + dice_below(&d, wide), y + dice_below(&d, wide));
            }
            if (n > 0) {
                shapes_end_ring(&s);
            }
            shapes_end_area(&s);
        }
        if (s.n_rings == 0) {
            shapes_clear(&s);
            continue;
        }
        shapes slow = {.n_areas = 0};
        split_edges(&s, &slow);
        const onus_polygons p = shapes_view(&s);
        const onus_polygons q = shapes_view(&slow);
        onus_sparse got = {.n_rows = 0};
        assert_int_equal(onus_contiguity(&p, lattice, NULL, &got, NULL), ONUS_OK);
        assert_int_equal(got.n_rows, p.n_areas);
        check_shape_of_pattern(&got);
        for (size_t a = 0; a < p.n_areas; a++) {
            for (size_t b = 0; b < p.n_areas; b++) {
                if (a != b) {
                    assert_int_equal(in_row(&got, a, b), slow_neighbours(&q, a, b));
                }
            }
        }
        onus_sparse_clear(&got);
        shapes_clear(&s);
        shapes_clear(&slow);
    }
}

static void a_chessboard_has_eight_neighbours(void **state) {
    (void)state;
    enum { N = 30 };
    shapes s = {.n_areas = 0};
    for (int row = 0; row < N; row++) {
        for (int col = 0; col < N; col++) {
            shapes_rectangle(&s, 0.1 * col, 0.1 * row, 0.1 * (col + 1), 0.1 * (row + 1), false);
            shapes_end_area(&s);
        }
    }
    const onus_polygons p = shapes_view(&s);
    onus_sparse got = {.n_rows = 0};
    assert_int_equal(onus_contiguity(&p, 1e-6, NULL, &got, NULL), ONUS_OK);
    check_shape_of_pattern(&got);
    for (size_t row = 0; row < N; row++) {
        for (size_t col = 0; col < N; col++) {
            const size_t at = row * N + col;
            const size_t n_x = (col > 0 && col + 1 < N) ? 3 : 2;
            const size_t n_y = (row > 0 && row + 1 < N) ? 3 : 2;
            assert_int_equal(got.starts[at + 1] - got.starts[at], n_x * n_y - 1);
        }
    }
    onus_sparse_clear(&got);
    shapes_clear(&s);
}

static void a_vertex_on_a_longer_edge_makes_neighbours(void **state) {
    (void)state;
    shapes s = {.n_areas = 0};
    shapes_rectangle(&s, 0, 0, 1000, 10, false); /* 0: one long side on top, no vertices between */
    shapes_end_area(&s);
    for (int k = 0; k < 3; k++) { /* 1, 2, 3 stand on it, apart from each other */
        shapes_rectangle(&s, 100 + 200 * k, 10, 200 + 200 * k, 20, false);
        shapes_end_area(&s);
    }
    shapes_rectangle(&s, 900, 10.001, 950, 20, false); /* 4: a gap of a thousand steps */
    shapes_end_area(&s);
    shapes_point(&s, 800, 10); /* 5: one corner on the long side */
    shapes_point(&s, 810, 20);
    shapes_point(&s, 790, 20);
    shapes_end_ring(&s);
    shapes_end_area(&s);
    const onus_polygons p = shapes_view(&s);
    onus_sparse got = {.n_rows = 0};
    assert_int_equal(onus_contiguity(&p, 1e-6, NULL, &got, NULL), ONUS_OK);
    const int32_t row[] = {1, 2, 3, 5};
    assert_int_equal(got.starts[1], 4);
    assert_memory_equal(got.columns, row, sizeof row);
    assert_int_equal(got.starts[5], got.starts[4]); /* area 4 has an empty row */
    assert_int_equal(got.starts[6], 8);
    onus_sparse_clear(&got);
    /* on a coarse lattice the gap closes */
    assert_int_equal(onus_contiguity(&p, 0.01, NULL, &got, NULL), ONUS_OK);
    assert_true(in_row(&got, 4, 0));
    onus_sparse_clear(&got);
    shapes_clear(&s);
}

static void order_of_areas_only_renames_them(void **state) {
    (void)state;
    enum { N = 40 };
    dice d = {5};
    double box[N][4];
    for (int a = 0; a < N; a++) {
        box[a][0] = dice_below(&d, 50);
        box[a][1] = dice_below(&d, 50);
        box[a][2] = box[a][0] + 1 + dice_below(&d, 8);
        box[a][3] = box[a][1] + 1 + dice_below(&d, 8);
    }
    onus_sparse got[2] = {{.n_rows = 0}, {.n_rows = 0}};
    for (int k = 0; k < 2; k++) {
        shapes s = {.n_areas = 0};
        for (int a = 0; a < N; a++) {
            const double *b = box[k == 0 ? a : N - 1 - a];
            shapes_rectangle(&s, b[0], b[1], b[2], b[3], k == 1);
            shapes_end_area(&s);
        }
        const onus_polygons p = shapes_view(&s);
        assert_int_equal(onus_contiguity(&p, 0.5, NULL, &got[k], NULL), ONUS_OK);
        shapes_clear(&s);
    }
    for (size_t a = 0; a < N; a++) {
        for (size_t b = 0; b < N; b++) {
            assert_int_equal(in_row(&got[0], a, b), in_row(&got[1], N - 1 - a, N - 1 - b));
        }
    }
    onus_sparse_clear(&got[0]);
    onus_sparse_clear(&got[1]);
}

static void no_areas_give_no_rows(void **state) {
    (void)state;
    const size_t none = 0;
    const onus_polygons p = {.n_areas = 0, .area_rings = &none, .ring_points = &none};
    onus_sparse got = {.n_rows = 7};
    assert_int_equal(onus_contiguity(&p, 1.0, NULL, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_rows, 0);
    assert_int_equal(got.starts[0], 0);
    onus_sparse_clear(&got);
    onus_sparse_clear(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_all_pairs_of_edges),
        cmocka_unit_test(a_chessboard_has_eight_neighbours),
        cmocka_unit_test(a_vertex_on_a_longer_edge_makes_neighbours),
        cmocka_unit_test(order_of_areas_only_renames_them),
        cmocka_unit_test(no_areas_give_no_rows),
    };
    return cmocka_run_group_tests_name("contiguity", tests, NULL, NULL);
}
