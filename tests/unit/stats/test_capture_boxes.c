/* The most that boxes laid anywhere could capture: bounds against trying every choice. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"
#include "onus/stats_capture.h"

enum { N_MAX = 12 };

typedef struct scene {
    size_t n;
    double x[N_MAX];
    double y[N_MAX];
    double count[N_MAX];
} scene;

static double held(const scene *s, uint32_t which) {
    double sum = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        sum += (which >> i & 1) != 0 ? s->count[i] : 0.0;
    }
    return sum;
}

/* The most that k more boxes add to what is held; boxes begin at an outcome's x and another's y. */
static double try_all(const scene *s, double w, double h, int k, uint32_t which) {
    double best = held(s, which);
    for (size_t i = 0; i < s->n && k > 0; i++) {
        for (size_t j = 0; j < s->n; j++) {
            uint32_t with = which;
            for (size_t e = 0; e < s->n; e++) {
                const bool in = s->x[e] >= s->x[i] && s->x[e] <= s->x[i] + w &&
                                s->y[e] >= s->y[j] && s->y[e] <= s->y[j] + h;
                with |= in ? (uint32_t)1 << e : 0;
            }
            best = fmax(best, with == which ? best : try_all(s, w, h, k - 1, with));
        }
    }
    return best;
}

static onus_limits bounds_of(const scene *s, double w, double h, double k) {
    const onus_points_counted points = {.n = s->n, .x = s->x, .y = s->y, .count = s->count};
    onus_limits out = {0};
    assert_int_equal(onus_boxes_best(&points, w, h, k, &out, NULL), ONUS_OK);
    return out;
}

static void bounds_hold_the_most_and_meet_for_one_box(void **state) {
    (void)state;
    uint64_t dice = 17;
    size_t n_exact = 0;
    size_t n_tried = 0;
    for (int round = 0; round < 200 * test_mult(1); round++) {
        scene s = {.n = (size_t)(random_below(&dice, N_MAX - 2))};
        const double span = round % 3 == 0 ? 3.0 : 12.0; /* crowded, or apart */
        for (size_t i = 0; i < s.n; i++) {
            /* on a lattice, so that edges meet and places repeat */
            s.x[i] = floor(span * ((double)(random_u64(&dice) >> 11) * 0x1p-53));
            s.y[i] = floor(span * ((double)(random_u64(&dice) >> 11) * 0x1p-53)) * 0.5;
            s.count[i] = (double)(1 + random_below(&dice, 3));
        }
        for (int k = 0; k <= 3; k++) {
            const double most = try_all(&s, 2.0, 1.0, k, 0);
            const onus_limits got = bounds_of(&s, 2.0, 1.0, k);
            assert_true(got.low <= most && most <= got.high);
            if (k <= 1) {
                assert_true(got.low == most && got.high == most);
            }
            n_exact += got.low == got.high ? 1 : 0;
            n_tried++;
        }
    }
    assert_true((double)n_exact > 0.8 * (double)n_tried); /* mostly there is nothing to bound */
}

static void edges_are_inside_and_places_count_together(void **state) {
    (void)state;
    const scene s = {.n = 4, .x = {0, 400, 0, 401}, .y = {0, 400, 0, 0}, .count = {1, 2, 3, 1}};
    const onus_limits one = bounds_of(&s, 400, 400, 1);
    assert_true(one.low == 6 && one.high == 6);
    const onus_limits two = bounds_of(&s, 400, 400, 2);
    assert_true(two.low == 7 && two.high == 7);
    const onus_limits none = bounds_of(&s, 400, 400, 0);
    assert_true(none.low == 0 && none.high == 0);
}

static void what_is_no_box_or_outcome_is_refused(void **state) {
    (void)state;
    scene s = {.n = 1, .count = {1}};
    onus_points_counted points = {.n = 1, .x = s.x, .y = s.y, .count = s.count};
    onus_limits out = {0};
    assert_int_equal(onus_boxes_best(&points, 0, 1, 1, &out, NULL), ONUS_ERR_DOMAIN);
    assert_int_equal(onus_boxes_best(&points, 1, 1, 0.5, &out, NULL), ONUS_ERR_DOMAIN);
    s.count[0] = 0.5;
    assert_int_equal(onus_boxes_best(&points, 1, 1, 1, &out, NULL), ONUS_ERR_DOMAIN);
    s.count[0] = 1;
    s.x[0] = NAN;
    assert_int_equal(onus_boxes_best(&points, 1, 1, 1, &out, NULL), ONUS_ERR_DOMAIN);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    const scene s = {.n = 3, .x = {0, 1, 5}, .y = {0, 1, 5}, .count = {1, 2, 3}};
    const onus_points_counted points = {.n = 3, .x = s.x, .y = s.y, .count = s.count};
    FAULT_EACH(fault) {
        onus_limits out = {0};
        fault_expect(&fault, onus_boxes_best(&points, 1, 1, 2, &out, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_hold_the_most_and_meet_for_one_box),
        cmocka_unit_test(edges_are_inside_and_places_count_together),
        cmocka_unit_test(what_is_no_box_or_outcome_is_refused),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("capture_boxes", tests, NULL, NULL);
}
