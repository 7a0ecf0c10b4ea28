/* The ratio of exposures: worked cases, closed forms against simulation, and its refusals. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/exec.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/stats_ratio.h"

enum { N = 40 };

typedef struct city {
    double x[N];
    double y[N];
    double flags[N];
    double group[N];
    double ref[N];
    double total[N];
    double group_share[N];
    double ref_share[N];
    double group_margin[N];
    double ref_margin[N];
    double total_margin[N];
} city;

static void build(city *c) {
    onus_rng rng;
    onus_rng_init(&rng, 21, ONUS_STREAM_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        c->x[i] = 5000 * onus_rng_uniform(&rng);
        c->y[i] = 5000 * onus_rng_uniform(&rng);
        c->group[i] = 300 + 2000 * onus_rng_uniform(&rng);
        c->ref[i] = 300 + 2000 * onus_rng_uniform(&rng);
        c->total[i] = c->group[i] + c->ref[i] + 500;
        c->flags[i] = (double)onus_rng_poisson(&rng, 30 * c->group[i] / c->total[i] + 5);
        c->group_share[i] = c->group[i] / c->total[i];
        c->ref_share[i] = c->ref[i] / c->total[i];
        c->group_margin[i] = 20 + 0.1 * c->group[i];
        c->ref_margin[i] = 20 + 0.1 * c->ref[i];
        c->total_margin[i] = 30 + 0.05 * c->total[i];
    }
}

static onus_ratio_data exposure(const city *c) {
    return (onus_ratio_data){.n_areas = N,
                             .flags = c->flags,
                             .weight = c->group,
                             .people = c->group,
                             .ref_weight = c->ref,
                             .ref_people = c->ref};
}

static onus_ratio_data attributed(const city *c) {
    onus_ratio_data data = exposure(c);
    data.weight = c->group_share;
    data.ref_weight = c->ref_share;
    return data;
}

static void value_is_the_definition_in_a_worked_case(void **state) {
    (void)state;
    const double flags[] = {10, 2};
    const double group[] = {30, 10};
    const double ref[] = {10, 30};
    const double group_share[] = {0.75, 0.25};
    const double ref_share[] = {0.25, 0.75};
    onus_ratio_data data = {2, flags, group, group, ref, ref};
    assert_near(onus_ratio_value(&data).value, (320.0 / 40) / (160.0 / 40), 1e-15);
    data.weight = group_share;
    data.ref_weight = ref_share;
    assert_near(onus_ratio_value(&data).value, 8.0 / 4.0, 1e-15);
    data.ref_weight = NULL;
    assert_near(onus_ratio_value(&data).value, 8.0 / 40.0, 1e-15);
}

static void what_is_undefined_has_a_reason(void **state) {
    (void)state;
    const double flags[] = {10, 0};
    const double none[] = {0, 0};
    const double here[] = {5, 0};
    const double there[] = {0, 5};
    onus_ratio_data data = {2, flags, none, none, here, here};
    onus_number got = onus_ratio_value(&data);
    assert_true(isnan(got.value) && got.reason != NULL);
    data = (onus_ratio_data){2, flags, here, here, none, none};
    got = onus_ratio_value(&data);
    assert_true(isnan(got.value) && got.reason != NULL);
    data = (onus_ratio_data){2, flags, here, here, there, there};
    got = onus_ratio_value(&data);
    assert_true(isnan(got.value) && got.reason != NULL);
    data = (onus_ratio_data){2, flags, there, there, here, here};
    assert_true(onus_ratio_value(&data).value == 0.0);
}

static void interval_p_and_detectable_ratio_belong_together(void **state) {
    (void)state;
    const onus_ratio r = {.ratio = 1.27, .log_se = 0.1, .df = 9, .n_units = 10, .trusted = true};
    const onus_limits limits = onus_ratio_interval(&r, 0.95);
    assert_near(onus_ratio_p(&r, limits.low), 0.05, 1e-8);
    assert_near(onus_ratio_p(&r, limits.high), 0.05, 1e-8);
    assert_near(onus_ratio_p(&r, 1.27), 1.0, 1e-12);
    assert_true(onus_ratio_detectable(&r, 0.95, 0.8) > limits.high / 1.27);
    assert_true(isnan(onus_ratio_p(&r, 0)) && isnan(onus_ratio_p(&r, -1)));
    const onus_ratio none = {.ratio = 1.27, .log_se = NAN, .df = NAN};
    assert_true(isnan(onus_ratio_interval(&none, 0.95).low) && isnan(onus_ratio_p(&none, 1)));
}

/* ---- space ---- */

static void space_swaps_to_the_inverse(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    onus_ratio_data data = exposure(&c);
    onus_ratio up;
    onus_ratio down;
    assert_int_equal(onus_ratio_space(space, &data, &up, NULL), ONUS_OK);
    data.weight = data.people = c.ref;
    data.ref_weight = data.ref_people = c.group;
    assert_int_equal(onus_ratio_space(space, &data, &down, NULL), ONUS_OK);
    assert_near(up.ratio * down.ratio, 1.0, 1e-14);
    assert_near(up.log_se, down.log_se, 1e-10);
    assert_true(up.trusted && up.reason == NULL && up.n_units == 10);
    const onus_limits a = onus_ratio_interval(&up, 0.95);
    const onus_limits b = onus_ratio_interval(&down, 0.95);
    assert_near(a.low * b.high, 1.0, 1e-9);
    onus_space_free(space);
}

static void neither_the_unit_of_flags_nor_of_people_matters(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    onus_ratio_data data = exposure(&c);
    onus_ratio before;
    onus_ratio after;
    assert_int_equal(onus_ratio_space(space, &data, &before, NULL), ONUS_OK);
    for (int i = 0; i < N; i++) {
        c.flags[i] *= 1000;
        c.group[i] *= 7;
    }
    assert_int_equal(onus_ratio_space(space, &data, &after, NULL), ONUS_OK);
    assert_near(before.ratio, after.ratio, 1e-13);
    assert_near(before.log_se, after.log_se, 1e-10);
    onus_space_free(space);
}

/* The interval is never narrower than ten blocks with t(9), nor than independent areas. */
static void the_wider_of_two_stands(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    const onus_ratio_data data = exposure(&c);
    onus_ratio got;
    assert_int_equal(onus_ratio_space(space, &data, &got, NULL), ONUS_OK);
    int32_t block[N];
    double parts[10] = {0};
    double people[2] = {0};
    double loads[2] = {0};
    double mean = 0;
    assert_int_equal(onus_blocks_make(c.x, c.y, N, 10, block), ONUS_OK);
    for (int i = 0; i < N; i++) {
        people[0] += c.group[i];
        people[1] += c.ref[i];
        loads[0] += c.group[i] * c.flags[i];
        loads[1] += c.ref[i] * c.flags[i];
        mean += c.flags[i] / N;
    }
    double d2 = 0;
    double x2 = 0;
    for (int i = 0; i < N; i++) {
        parts[block[i]] += c.group[i] * c.flags[i] / loads[0] - c.group[i] / people[0] -
                           (c.ref[i] * c.flags[i] / loads[1] - c.ref[i] / people[1]);
        const double d = c.group[i] / loads[0] - c.ref[i] / loads[1];
        d2 += d * d;
        x2 += (c.flags[i] - mean) * (c.flags[i] - mean);
    }
    double var = 0;
    for (int b = 0; b < 10; b++) {
        var += parts[b] * parts[b] * 10.0 / 9.0;
    }
    const double half = got.log_se * onus_t_quantile(0.975, got.df);
    const double by_blocks = sqrt(var) * onus_t_quantile(0.975, 9);
    const double by_areas = sqrt(d2 * x2 / (N - 1)) * onus_t_quantile(0.975, N - 2);
    assert_true(half >= by_blocks * (1 - 1e-12) && half >= by_areas * (1 - 1e-12));
    onus_space_free(space);
}

static void many_at_once_are_the_same_as_one_by_one(void **state) {
    (void)state;
    static city c;
    build(&c);
    const onus_context seven = {.n_threads = 7};
    onus_space *space = NULL;
    onus_space *threaded = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    assert_int_equal(onus_space_new(c.x, c.y, N, &seven, &threaded, NULL), ONUS_OK);
    onus_ratio_data data[4] = {exposure(&c), attributed(&c), exposure(&c), exposure(&c)};
    double nobody[N] = {0};
    data[2].weight = data[2].people = nobody;
    data[3].ref_weight = data[3].ref_people = NULL;
    onus_ratio all[4];
    assert_int_equal(onus_ratios_space(threaded, data, 4, all, NULL), ONUS_OK);
    for (int k = 0; k < 4; k++) {
        onus_ratio one;
        assert_int_equal(onus_ratio_space(space, &data[k], &one, NULL), ONUS_OK);
        assert_true(one.ratio == all[k].ratio || (isnan(one.ratio) && isnan(all[k].ratio)));
        assert_true(one.log_se == all[k].log_se || (isnan(one.log_se) && isnan(all[k].log_se)));
        assert_true(one.trusted == all[k].trusted && one.n_units == all[k].n_units);
    }
    assert_true(all[0].trusted && all[1].trusted);
    assert_true(isnan(all[2].ratio) && all[2].reason != NULL && !all[2].trusted);
    assert_true(all[3].log_se > 0 && !all[3].trusted && all[3].reason != NULL);
    onus_space_free(space);
    onus_space_free(threaded);
}

static void too_few_areas_are_not_trusted(void **state) {
    (void)state;
    static city c;
    build(&c);
    for (size_t n = 0; n <= 12; n++) {
        onus_space *space = NULL;
        assert_int_equal(onus_space_new(c.x, c.y, n, NULL, &space, NULL), ONUS_OK);
        onus_ratio_data data = exposure(&c);
        data.n_areas = n;
        onus_ratio got;
        assert_int_equal(onus_ratio_space(space, &data, &got, NULL), ONUS_OK);
        assert_true(got.trusted == (n >= 10));
        assert_true((got.reason == NULL) == (n >= 10));
        assert_true((got.log_se > 0) == (n >= 4));
        onus_space_free(space);
    }
    onus_space *space = NULL;
    c.x[3] = NAN;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_ERR_DOMAIN);
    assert_null(space);
    onus_space_free(NULL);
}

static void flags_that_are_the_same_everywhere_have_no_interval(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    for (int i = 0; i < N; i++) {
        c.flags[i] = 3;
    }
    const onus_ratio_data data = exposure(&c);
    onus_ratio got;
    assert_int_equal(onus_ratio_space(space, &data, &got, NULL), ONUS_OK);
    assert_near(got.ratio, 1.0, 1e-14);
    assert_true(isnan(got.log_se) && got.reason != NULL && !got.trusted);
    onus_space_free(space);
}

/* ---- gaps ---- */

static void gap_is_the_difference_of_shares_and_swaps_sign(void **state) {
    (void)state;
    static city c;
    double hits[N];
    build(&c);
    for (int i = 0; i < N; i++) {
        hits[i] = floor(c.flags[i] * (0.2 + 0.6 * c.x[i] / 5000));
    }
    double sums[4] = {0};
    for (int i = 0; i < N; i++) {
        sums[0] += c.group_share[i] * hits[i];
        sums[1] += c.group_share[i] * c.flags[i];
        sums[2] += c.ref_share[i] * hits[i];
        sums[3] += c.ref_share[i] * c.flags[i];
    }
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    onus_gap_data data = {N, hits, c.flags, c.group_share, c.ref_share};
    onus_gap up;
    onus_gap down;
    assert_int_equal(onus_gap_space(space, &data, &up, NULL), ONUS_OK);
    assert_near(up.gap, sums[0] / sums[1] - sums[2] / sums[3], 1e-14);
    assert_true(up.trusted && up.reason == NULL && up.se > 0 && up.n_units == 10);
    data.weight = c.ref_share;
    data.ref_weight = c.group_share;
    assert_int_equal(onus_gap_space(space, &data, &down, NULL), ONUS_OK);
    assert_near(down.gap, -up.gap, 1e-14);
    assert_near(down.se, up.se, 1e-10);
    FAULT_EACH(fault) {
        const onus_context one = {.n_threads = 1};
        onus_space *mine = NULL;
        onus_status status = onus_space_new(c.x, c.y, N, &one, &mine, NULL);
        if (status == ONUS_OK) {
            status = onus_gap_space(mine, &data, &down, NULL);
        }
        fault_expect(&fault, status);
        onus_space_free(mine);
    }
    onus_space_free(space);
}

static void gap_without_cases_or_without_variation_has_a_reason(void **state) {
    (void)state;
    static city c;
    const double none[N] = {0};
    build(&c);
    onus_space *space = NULL;
    assert_int_equal(onus_space_new(c.x, c.y, N, NULL, &space, NULL), ONUS_OK);
    onus_gap_data data = {N, none, none, c.group_share, c.ref_share};
    onus_gap got;
    assert_int_equal(onus_gap_space(space, &data, &got, NULL), ONUS_OK);
    assert_true(isnan(got.gap) && got.reason != NULL && !got.trusted);
    data.cases = c.flags; /* nothing was hit anywhere */
    assert_int_equal(onus_gap_space(space, &data, &got, NULL), ONUS_OK);
    assert_true(got.gap == 0 && isnan(got.se) && got.reason != NULL && !got.trusted);
    onus_space_free(space);
    assert_int_equal(onus_space_new(c.x, c.y, 8, NULL, &space, NULL), ONUS_OK);
    data = (onus_gap_data){8, c.group_share, c.group, c.group_share, c.ref_share};
    assert_int_equal(onus_gap_space(space, &data, &got, NULL), ONUS_OK);
    assert_true(got.se > 0 && !got.trusted && got.reason != NULL);
    onus_space_free(space);
}

/* ---- time ---- */

/* The closed form is where the bootstrap of stats_blocks.c goes with many replicates. */
static void time_is_the_limit_of_the_moving_block_bootstrap(void **state) {
    (void)state;
    enum { WEEKS = 48, R = 20000 }; /* 48 is a whole number of blocks of 8 */
    double s[WEEKS];
    double r[WEEKS];
    double u[WEEKS];
    double all[2] = {0};
    onus_rng rng;
    onus_rng_init(&rng, 22, ONUS_STREAM_TEST, 0, 0);
    for (int t = 0; t < WEEKS; t++) {
        s[t] = (double)onus_rng_poisson(&rng, 100 + 40 * sin(t / 5.0));
        r[t] = (double)onus_rng_poisson(&rng, 200);
        all[0] += s[t];
        all[1] += r[t];
    }
    for (int t = 0; t < WEEKS; t++) {
        u[t] = s[t] / all[0] - r[t] / all[1];
    }
    onus_ratio got;
    assert_int_equal(onus_ratio_time(s, r, WEEKS, 0.5, &got), ONUS_OK);
    const size_t len = onus_time_block_len(WEEKS);
    assert_int_equal(len, 8);
    assert_true(got.trusted && got.n_units == 6 && got.df == 5.0);
    static double totals[R];
    assert_int_equal(onus_time_bootstrap(u, WEEKS, 1, len, 5, R, NULL, totals, NULL), ONUS_OK);
    double var = 0;
    for (int k = 0; k < R; k++) {
        var += totals[k] * totals[k] / R;
    }
    const double closed = got.log_se * got.log_se * (WEEKS - 8.0) / WEEKS;
    assert_true(fabs(var / closed - 1) < 4 * sqrt(2.0 / R)); /* four standard errors */
}

static void time_refuses_what_it_cannot_know(void **state) {
    (void)state;
    const double s[] = {5, 7, 6, 5, 9, 4, 6, 8, 5};
    const double r[] = {9, 8, 9, 7, 9, 9, 8, 6, 9};
    const double none[9] = {0};
    onus_ratio got;
    assert_int_equal(onus_ratio_time(s, r, 9, 0.7, &got), ONUS_OK);
    assert_true(got.trusted && got.log_se > 0);
    assert_int_equal(onus_ratio_time(s, r, 7, 0.7, &got), ONUS_OK);
    assert_true(!got.trusted && got.log_se > 0 && got.reason != NULL);
    assert_int_equal(onus_ratio_time(s, NULL, 9, 0.7, &got), ONUS_OK);
    assert_true(got.trusted && got.log_se > 0);
    assert_int_equal(onus_ratio_time(s, r, 1, 0.7, &got), ONUS_OK);
    assert_true(isnan(got.log_se) && got.reason != NULL);
    assert_int_equal(onus_ratio_time(s, s, 9, 1, &got), ONUS_OK);
    assert_true(isnan(got.log_se) && got.reason != NULL);
    assert_int_equal(onus_ratio_time(none, r, 9, 0, &got), ONUS_OK);
    assert_true(isnan(got.log_se) && got.reason != NULL);
    assert_int_equal(onus_ratio_time(s, r, 9, NAN, &got), ONUS_OK);
    assert_true(isnan(got.ratio) && got.reason != NULL);
}

/* ---- the census ---- */

enum { SPREAD_RUNS = 8000 };

/* Draws every census count anew around its estimate, and looks at the spread of the log ratio. */
static double spread_by_simulation(const city *c, bool is_attributed, bool with_total) {
    enum { R = SPREAD_RUNS };
    double sum = 0;
    double squares = 0;
    const double z = 1.645 * 50; /* margins a fiftieth, where the delta method is exact enough */
    for (int r = 0; r < R; r++) {
        onus_rng rng;
        onus_rng_init(&rng, 23, ONUS_STREAM_TEST, (uint64_t)r, 0);
        double loads[2] = {0};
        double people[2] = {0};
        for (int i = 0; i < N; i++) {
            const double g = c->group[i] + c->group_margin[i] / z * onus_rng_normal(&rng);
            const double f = c->ref[i] + c->ref_margin[i] / z * onus_rng_normal(&rng);
            const double e = onus_rng_normal(&rng);
            const double t = c->total[i] + (with_total ? c->total_margin[i] / z * e : 0.0);
            const double met = is_attributed ? c->flags[i] / t : c->flags[i];
            loads[0] += g * met;
            loads[1] += f * met;
            people[0] += g;
            people[1] += f;
        }
        const double value = log(loads[0] / people[0] / (loads[1] / people[1]));
        sum += value;
        squares += value * value;
    }
    return 50 * sqrt(squares / R - (sum / R) * (sum / R));
}

static void census_error_is_what_simulation_finds(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_ratio_margins margins = {.people = c.group_margin, .ref_people = c.ref_margin};
    onus_ratio got;
    /* four standard errors of a standard deviation over so many replicates */
    const double tolerance = 4 / sqrt(2.0 * SPREAD_RUNS);
    onus_ratio_data data = exposure(&c);
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_true(got.trusted && got.df == INFINITY && got.n_units == 0);
    assert_near(got.log_se / spread_by_simulation(&c, false, false), 1.0, tolerance);
    data = attributed(&c);
    margins.attributed = true;
    margins.total = c.total;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    const double without = got.log_se;
    assert_near(without / spread_by_simulation(&c, true, false), 1.0, tolerance);
    margins.total_margin = c.total_margin;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_true(got.log_se > without);
    assert_near(got.log_se / spread_by_simulation(&c, true, true), 1.0, tolerance);
}

/* Everyone else is total less group: draws both counts, and everyone else follows. */
static double spread_of_rest(const city *c, bool is_attributed) {
    double sum = 0;
    double squares = 0;
    const double z = 1.645 * 50;
    for (int r = 0; r < SPREAD_RUNS; r++) {
        onus_rng rng;
        onus_rng_init(&rng, 24, ONUS_STREAM_TEST, (uint64_t)r, 0);
        double loads[2] = {0};
        double people[2] = {0};
        for (int i = 0; i < N; i++) {
            const double g = c->group[i] + c->group_margin[i] / z * onus_rng_normal(&rng);
            const double t = c->total[i] + c->total_margin[i] / z * onus_rng_normal(&rng);
            const double met = is_attributed ? c->flags[i] / t : c->flags[i];
            loads[0] += g * met;
            loads[1] += (t - g) * met;
            people[0] += g;
            people[1] += t - g;
        }
        const double value = log(loads[0] / people[0] / (loads[1] / people[1]));
        sum += value;
        squares += value * value;
    }
    const double n = SPREAD_RUNS;
    return 50 * sqrt(squares / n - (sum / n) * (sum / n));
}

static void census_error_against_everyone_else_moves_both_sides(void **state) {
    (void)state;
    static city c;
    build(&c);
    for (int i = 0; i < N; i++) {
        c.ref[i] = c.total[i] - c.group[i];
        c.ref_share[i] = 1 - c.group_share[i];
    }
    onus_ratio_margins margins = {.people = c.group_margin,
                                  .total = c.total,
                                  .total_margin = c.total_margin,
                                  .ref_is_rest = true};
    onus_ratio got;
    const double tolerance = 4 / sqrt(2.0 * SPREAD_RUNS);
    onus_ratio_data data = exposure(&c);
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_near(got.log_se / spread_of_rest(&c, false), 1.0, tolerance);
    data = attributed(&c);
    margins.attributed = true;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_near(got.log_se / spread_of_rest(&c, true), 1.0, tolerance);
}

static void census_exposure_alone_is_the_formula_of_the_notes(void **state) {
    (void)state;
    static city c;
    build(&c);
    onus_ratio_data data = exposure(&c);
    data.ref_weight = data.ref_people = NULL;
    const double e = onus_ratio_value(&data).value;
    double people = 0;
    double var = 0;
    for (int i = 0; i < N; i++) {
        people += c.group[i];
    }
    for (int i = 0; i < N; i++) {
        const double slope = (c.flags[i] - e) / people;
        var += slope * slope * (c.group_margin[i] / 1.645) * (c.group_margin[i] / 1.645);
    }
    const onus_ratio_margins margins = {.people = c.group_margin};
    onus_ratio got;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_near(got.log_se, sqrt(var) / e, 1e-12);
}

static void census_without_margins_has_no_interval(void **state) {
    (void)state;
    static city c;
    build(&c);
    const onus_ratio_data data = exposure(&c);
    onus_ratio_margins margins = {0};
    onus_ratio got;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_true(isnan(got.log_se) && got.reason != NULL && got.ratio > 0);
    margins.attributed = true;
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_ERR_DOMAIN);
    double holes[N];
    memcpy(holes, c.group_margin, sizeof holes);
    holes[0] = NAN;
    margins = (onus_ratio_margins){.people = holes};
    assert_int_equal(onus_ratio_census(&data, &margins, &got), ONUS_OK);
    assert_true(got.log_se > 0);
}

static void refused_memory_leaves_nothing_behind(void **state) {
    (void)state;
    static city c;
    build(&c);
    const onus_context one = {.n_threads = 1};
    onus_ratio_data data[2] = {exposure(&c), attributed(&c)};
    FAULT_EACH(fault) {
        onus_space *space = NULL;
        onus_ratio got[2];
        onus_status status = onus_space_new(c.x, c.y, N, &one, &space, NULL);
        if (status == ONUS_OK) {
            status = onus_ratios_space(space, data, 2, got, NULL);
        }
        fault_expect(&fault, status);
        onus_space_free(space);
    }
    FAULT_EACH(fault) {
        onus_ratio got;
        fault_expect(&fault, onus_ratio_time(c.group, c.ref, N, 1, &got));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_is_the_definition_in_a_worked_case),
        cmocka_unit_test(what_is_undefined_has_a_reason),
        cmocka_unit_test(interval_p_and_detectable_ratio_belong_together),
        cmocka_unit_test(space_swaps_to_the_inverse),
        cmocka_unit_test(neither_the_unit_of_flags_nor_of_people_matters),
        cmocka_unit_test(the_wider_of_two_stands),
        cmocka_unit_test(many_at_once_are_the_same_as_one_by_one),
        cmocka_unit_test(too_few_areas_are_not_trusted),
        cmocka_unit_test(flags_that_are_the_same_everywhere_have_no_interval),
        cmocka_unit_test(gap_is_the_difference_of_shares_and_swaps_sign),
        cmocka_unit_test(gap_without_cases_or_without_variation_has_a_reason),
        cmocka_unit_test(time_is_the_limit_of_the_moving_block_bootstrap),
        cmocka_unit_test(time_refuses_what_it_cannot_know),
        cmocka_unit_test(census_error_is_what_simulation_finds),
        cmocka_unit_test(census_error_against_everyone_else_moves_both_sides),
        cmocka_unit_test(census_exposure_alone_is_the_formula_of_the_notes),
        cmocka_unit_test(census_without_margins_has_no_interval),
        cmocka_unit_test(refused_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
