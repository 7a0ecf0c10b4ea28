/* Moran's I and correlations over areas against brute force. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/exec.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/stats_spatial.h"

enum { SIDE = 9, N = SIDE * SIDE };

typedef struct lattice {
    onus_neighbours neighbours;
    size_t starts[N + 1];
    int32_t columns[8 * N];
    double x[N];
    double y[N];
    double smooth[N]; /* a slope with noise */
    double noise[N];
    double flat[N];
} lattice;

/* Queen neighbours on a square lattice; areas in `alone` lose theirs. */
static void build(lattice *l, const bool *alone) {
    onus_rng rng;
    onus_rng_init(&rng, 11, ONUS_STREAM_TEST, 0, 0);
    size_t n = 0;
    for (int i = 0; i < N; i++) {
        const int row = i / SIDE;
        const int col = i % SIDE;
        l->x[i] = 100.0 * col;
        l->y[i] = 100.0 * row;
        l->noise[i] = onus_rng_normal(&rng);
        l->smooth[i] = row + 0.3 * l->noise[i];
        l->flat[i] = 4;
        l->starts[i] = n;
        for (int j = 0; j < N; j++) {
            if (j != i && abs(j / SIDE - row) <= 1 && abs(j % SIDE - col) <= 1 &&
                !(alone != NULL && (alone[i] || alone[j]))) {
                l->columns[n++] = j;
            }
        }
    }
    l->starts[N] = n;
    l->neighbours = (onus_neighbours){.n_areas = N, .starts = l->starts, .columns = l->columns};
}

/* n / S0 * sum_ij w_ij z_i z_j / sum z^2 with a dense matrix, over areas that have a neighbour. */
static double moran_by_matrix(const lattice *l, const double *values) {
    double n = 0;
    double mean = 0;
    for (int i = 0; i < N; i++) {
        if (l->starts[i + 1] > l->starts[i]) {
            n++;
            mean += values[i];
        }
    }
    mean /= n;
    double above = 0;
    double below = 0;
    for (int i = 0; i < N; i++) {
        const double degree = (double)(l->starts[i + 1] - l->starts[i]);
        if (degree == 0) {
            continue;
        }
        below += (values[i] - mean) * (values[i] - mean);
        for (size_t k = l->starts[i]; k < l->starts[i + 1]; k++) {
            above += (values[i] - mean) * (values[l->columns[k]] - mean) / degree;
        }
    }
    return above / below;
}

static void moran_is_the_matrix_formula_and_tells_slope_from_noise(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *values[] = {l.smooth, l.noise, l.flat};
    onus_moran got[3];
    assert_int_equal(onus_moran_test(&l.neighbours, values, 3, 1, 999, NULL, got, NULL), ONUS_OK);
    assert_near(got[0].value, moran_by_matrix(&l, l.smooth), 1e-12);
    assert_near(got[1].value, moran_by_matrix(&l, l.noise), 1e-12);
    assert_true(got[0].p_value == 0.001 && got[1].p_value > 0.05);
    assert_near(got[0].expected, -1.0 / (N - 1), 1e-15);
    assert_true(isnan(got[2].value) && got[2].reason != NULL && got[0].reason == NULL);
    assert_true(got[0].n_used == N && got[0].n_islands == 0);
}

static void permutations_have_the_analytical_expectation(void **state) {
    (void)state;
    /* mean over permutations of I = -1 / (n - 1): recovered from p of a shifted question is not
     * possible from outside, so permute by hand with the same kernel: n_permutations = 0 */
    static lattice l;
    build(&l, NULL);
    const double *values[] = {l.smooth};
    double sum = 0;
    enum { R = 2000 };
    uint64_t seed = 12;
    for (int r = 0; r < R; r++) {
        for (size_t i = N - 1; i > 0; i--) {
            const size_t k = (size_t)random_below(&seed, i + 1);
            const double kept = l.smooth[i];
            l.smooth[i] = l.smooth[k];
            l.smooth[k] = kept;
        }
        onus_moran got;
        const onus_context one = {.n_threads = 1};
        assert_int_equal(onus_moran_test(&l.neighbours, values, 1, 1, 0, &one, &got, NULL),
                         ONUS_OK);
        assert_true(isnan(got.p_value));
        sum += got.value;
    }
    /* sd of I here is about 0.055; four standard errors of the mean */
    assert_true(fabs(sum / R + 1.0 / (N - 1)) < 4 * 0.055 / sqrt(R));
}

static void islands_and_missing_values_are_left_out_and_counted(void **state) {
    (void)state;
    static lattice l;
    static lattice cut;
    bool alone[N] = {false};
    alone[40] = alone[0] = true;
    build(&cut, alone);
    const double *values[] = {cut.smooth};
    onus_moran got;
    assert_int_equal(onus_moran_test(&cut.neighbours, values, 1, 1, 99, NULL, &got, NULL), ONUS_OK);
    assert_true(got.n_used == N - 2 && got.n_islands == 2);
    assert_near(got.value, moran_by_matrix(&cut, cut.smooth), 1e-12);
    /* a missing value takes the area out of its neighbours' rows too: the same as cutting it off */
    build(&l, NULL);
    l.smooth[40] = l.smooth[0] = NAN;
    values[0] = l.smooth;
    onus_moran holes;
    assert_int_equal(onus_moran_test(&l.neighbours, values, 1, 1, 99, NULL, &holes, NULL), ONUS_OK);
    assert_true(holes.n_used == N - 2 && holes.n_islands == 0);
    assert_near(holes.value, got.value, 1e-12);
    assert_true(holes.p_value == got.p_value);
    for (int i = 2; i < N; i++) {
        l.smooth[i] = NAN;
    }
    assert_int_equal(onus_moran_test(&l.neighbours, values, 1, 1, 99, NULL, &holes, NULL), ONUS_OK);
    assert_true(isnan(holes.value) && holes.reason != NULL && holes.n_islands == 1);
}

static void a_neighbour_that_does_not_exist_is_refused(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *values[] = {l.smooth};
    l.columns[5] = N;
    onus_moran got;
    assert_int_equal(onus_moran_test(&l.neighbours, values, 1, 1, 9, NULL, &got, NULL),
                     ONUS_ERR_DOMAIN);
}

/* n_effective by the definition, with every pair looked at and the same classes. */
static double effective_by_pairs(const lattice *l, const double *a, const double *b, double d_max) {
    double mean_a = 0;
    double mean_b = 0;
    for (int i = 0; i < N; i++) {
        mean_a += a[i] / N;
        mean_b += b[i] / N;
    }
    double n_pairs[30] = {0};
    double aa[30] = {0};
    double bb[30] = {0};
    double var_a = 0;
    double var_b = 0;
    for (int i = 0; i < N; i++) {
        var_a += (a[i] - mean_a) * (a[i] - mean_a) / N;
        var_b += (b[i] - mean_b) * (b[i] - mean_b) / N;
        for (int j = 0; j < N; j++) {
            if (i != j) {
                const double d = hypot(l->x[i] - l->x[j], l->y[i] - l->y[j]);
                int c = (int)(30.0 * sqrt(d / d_max));
                c = c > 29 ? 29 : c;
                n_pairs[c]++;
                aa[c] += (a[i] - mean_a) * (a[j] - mean_a);
                bb[c] += (b[i] - mean_b) * (b[j] - mean_b);
            }
        }
    }
    double sum = N * var_a * var_b;
    for (int c = 0; c < 30; c++) {
        sum += n_pairs[c] > 0 ? aa[c] / n_pairs[c] * bb[c] : 0;
    }
    const double n = 1 + N * (double)N * var_a * var_b / sum;
    return sum > 0 && n < N ? n : N;
}

static void effective_size_is_the_definition_by_pairs(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    double tilted[N];
    for (int i = 0; i < N; i++) {
        l.x[i] += 7.0 * l.noise[i]; /* no pair sits on the edge of a class */
        tilted[i] = i % SIDE + 2.0 * (i / SIDE) + l.noise[(i + 17) % N];
    }
    const double *b[] = {tilted, l.noise, l.flat};
    onus_area_correlation got[3];
    assert_int_equal(onus_area_correlations(l.x, l.y, N, l.smooth, b, 3, 0.95, NULL, got, NULL),
                     ONUS_OK);
    double d_max = 0; /* here the longest diagonal lies in one of the directions looked at */
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            d_max = fmax(d_max, hypot(l.x[i] - l.x[j], l.y[i] - l.y[j]));
        }
    }
    assert_near(got[0].n_effective, effective_by_pairs(&l, l.smooth, tilted, d_max), 0.02);
    assert_near(got[1].n_effective, effective_by_pairs(&l, l.smooth, l.noise, d_max), 0.02);
    assert_near(got[0].r, onus_pearson(l.smooth, tilted, N).value, 1e-12);
    assert_true(got[0].n_effective < 15 && got[1].n_effective > 30);
    assert_near(got[0].p_value, onus_t_p(got[0].t, got[0].n_effective - 2), 1e-12);
    assert_true(got[0].limits.low < got[0].r && got[0].r < got[0].limits.high);
    assert_true(isnan(got[2].r) && got[2].reason != NULL && got[2].n == N);
}

static void areas_with_a_missing_value_are_left_out(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *b[] = {l.noise};
    onus_area_correlation all;
    onus_area_correlation few;
    /* taking out the last areas by hand and by NaN is the same thing */
    assert_int_equal(
        onus_area_correlations(l.x, l.y, N - 3, l.smooth, b, 1, 0.95, NULL, &few, NULL), ONUS_OK);
    l.smooth[N - 1] = NAN;
    l.noise[N - 2] = l.noise[N - 3] = NAN;
    assert_int_equal(onus_area_correlations(l.x, l.y, N, l.smooth, b, 1, 0.95, NULL, &all, NULL),
                     ONUS_OK);
    assert_true(all.n == N - 3 && all.r == few.r && all.n_effective == few.n_effective);
    assert_int_equal(onus_area_correlations(l.x, l.y, 4, l.smooth, b, 1, 0.95, NULL, &all, NULL),
                     ONUS_OK);
    assert_true(isnan(all.r) && all.reason != NULL);
    l.x[1] = NAN;
    assert_int_equal(onus_area_correlations(l.x, l.y, N, l.smooth, b, 1, 0.95, NULL, &all, NULL),
                     ONUS_ERR_DOMAIN);
}

static void the_unit_of_length_and_areas_in_one_place_do_no_harm(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *b[] = {l.noise};
    onus_area_correlation metres;
    onus_area_correlation doubled;
    assert_int_equal(onus_area_correlations(l.x, l.y, N, l.smooth, b, 1, 0.95, NULL, &metres, NULL),
                     ONUS_OK);
    for (int i = 0; i < N; i++) {
        l.x[i] *= 2;
        l.y[i] *= 2;
    }
    assert_int_equal(
        onus_area_correlations(l.x, l.y, N, l.smooth, b, 1, 0.95, NULL, &doubled, NULL), ONUS_OK);
    assert_true(metres.n_effective == doubled.n_effective); /* a power of two: exact */
    memset(l.x, 0, sizeof l.x);
    memset(l.y, 0, sizeof l.y);
    assert_int_equal(
        onus_area_correlations(l.x, l.y, N, l.smooth, b, 1, 0.95, NULL, &doubled, NULL), ONUS_OK);
    assert_true(doubled.n_effective <= N);
}

static void bytes_are_equal_for_any_number_of_threads(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *values[] = {l.smooth, l.noise};
    onus_moran moran[3][2];
    onus_area_correlation r[3][2];
    memset(moran, 0, sizeof moran);
    memset(r, 0, sizeof r);
    const int n_threads[] = {1, 2, 7};
    for (int t = 0; t < 3; t++) {
        const onus_context context = {.n_threads = n_threads[t]};
        assert_int_equal(
            onus_moran_test(&l.neighbours, values, 2, 5, 199, &context, moran[t], NULL), ONUS_OK);
        assert_int_equal(
            onus_area_correlations(l.x, l.y, N, l.smooth, values, 2, 0.95, &context, r[t], NULL),
            ONUS_OK);
        assert_memory_equal(moran[t], moran[0], sizeof moran[0]);
        assert_memory_equal(r[t], r[0], sizeof r[0]);
    }
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    static lattice l;
    build(&l, NULL);
    const double *values[] = {l.smooth, l.noise};
    const onus_context one = {.n_threads = 1};
    onus_moran moran[2];
    onus_area_correlation r[2];
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_moran_test(&l.neighbours, values, 2, 5, 9, &one, moran, NULL));
    }
    FAULT_EACH(fault) {
        fault_expect(&fault,
                     onus_area_correlations(l.x, l.y, N, l.smooth, values, 2, 0.95, &one, r, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moran_is_the_matrix_formula_and_tells_slope_from_noise),
        cmocka_unit_test(permutations_have_the_analytical_expectation),
        cmocka_unit_test(islands_and_missing_values_are_left_out_and_counted),
        cmocka_unit_test(a_neighbour_that_does_not_exist_is_refused),
        cmocka_unit_test(effective_size_is_the_definition_by_pairs),
        cmocka_unit_test(areas_with_a_missing_value_are_left_out),
        cmocka_unit_test(the_unit_of_length_and_areas_in_one_place_do_no_harm),
        cmocka_unit_test(bytes_are_equal_for_any_number_of_threads),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
