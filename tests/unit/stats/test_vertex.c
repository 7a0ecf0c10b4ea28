/* The vertex bootstrap: cheap sums against long ones, and the same draws for any threads. */
#include "../fault.h"
#include "dyads.h"
#include "near.h"

#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"

enum { P = 12, N_CAMERAS = 3 };

/* Every sighting of one person against every one of another, once, not at the same camera. */
typedef struct design {
    uint32_t all[P];
    uint32_t at[N_CAMERAS][P];
    onus_dyad_factor factors[1 + N_CAMERAS];
    dyads_made made;
} design;

static void make_design(uint64_t *seed, design *d) {
    memset(d, 0, sizeof *d);
    for (size_t i = 0; i < P; i++) {
        for (size_t c = 0; c < N_CAMERAS; c++) {
            d->at[c][i] = (uint32_t)random_below(seed, 4);
            d->all[i] += d->at[c][i];
        }
    }
    d->factors[0] = (onus_dyad_factor){.scale = 1, .u = d->all, .v = d->all};
    for (size_t c = 0; c < N_CAMERAS; c++) {
        d->factors[1 + c] = (onus_dyad_factor){.scale = -1, .u = d->at[c], .v = d->at[c]};
    }
    d->made.dyads = (onus_dyads){.n_people = P, .pairs = d->made.pairs};
    for (int32_t i = 0; i < P; i++) {
        for (int32_t j = i + 1; j < P; j++) {
            uint64_t n = (uint64_t)d->all[i] * d->all[j];
            for (size_t c = 0; c < N_CAMERAS; c++) {
                n -= (uint64_t)d->at[c][i] * d->at[c][j];
            }
            if (n > 0) {
                onus_dyad *pair = &d->made.pairs[d->made.dyads.n_pairs++];
                *pair = (onus_dyad){i, j, n, random_below(seed, 20) == 0 ? 1 : 0};
                d->made.dyads.n_comparisons += n;
                d->made.dyads.n_errors += pair->n_errors;
            }
        }
    }
}

static double rate_the_long_way(const onus_dyads *d, const uint32_t *w) {
    double errors = 0;
    double n = 0;
    for (size_t k = 0; k < d->n_pairs; k++) {
        const onus_dyad *pair = &d->pairs[k];
        const double weight = pair->i == pair->j ? w[pair->i] : (double)w[pair->i] * w[pair->j];
        errors += weight * (double)pair->n_errors;
        n += weight * (double)pair->n_comparisons;
    }
    return n > 0 ? errors / n : NAN;
}

static onus_vertex_plan *plan_of(const onus_vertex_rate *rates, size_t n) {
    onus_vertex_plan *plan = NULL;
    assert_int_equal(onus_vertex_plan_new(rates, n, &plan), ONUS_OK);
    return plan;
}

static void given_weights_make_the_rates_of_the_definition(void **state) {
    (void)state;
    uint64_t seed = 21;
    for (int trial = 0; trial < test_mult(60); trial++) {
        dyads_made made;
        dyads_make(&seed, P, 50, trial % 2, &made);
        const onus_vertex_rate rate = {.dyads = &made.dyads};
        onus_vertex_plan *plan = plan_of(&rate, 1);
        uint32_t w[P];
        for (size_t i = 0; i < P; i++) {
            w[i] = (uint32_t)random_below(&seed, 3);
        }
        double got = 0;
        assert_int_equal(onus_vertex_given(plan, w, 1, &got), ONUS_OK);
        const double want = rate_the_long_way(&made.dyads, w);
        assert_true(got == want || (isnan(got) && isnan(want)));
        onus_vertex_plan_free(plan);
    }
}

static void factors_change_the_cost_and_not_a_bit_of_the_result(void **state) {
    (void)state;
    uint64_t seed = 22;
    for (int trial = 0; trial < test_mult(40); trial++) {
        design d;
        make_design(&seed, &d);
        if (trial % 2 == 1 && d.made.dyads.n_pairs > 3) {
            d.made.pairs[2].n_comparisons += 2; /* a pair that the design does not foresee */
            d.made.dyads.n_comparisons += 2;
        }
        const onus_vertex_rate with = {&d.made.dyads, d.factors, 1 + N_CAMERAS};
        const onus_vertex_rate without = {.dyads = &d.made.dyads};
        onus_vertex_plan *cheap = plan_of(&with, 1);
        onus_vertex_plan *plain = plan_of(&without, 1);
        assert_true(onus_vertex_plan_n_terms(cheap) <= onus_vertex_plan_n_terms(plain));
        uint32_t w[20 * P];
        double a[20];
        double b[20];
        for (size_t i = 0; i < 20 * P; i++) {
            w[i] = (uint32_t)random_below(&seed, 4);
        }
        assert_int_equal(onus_vertex_given(cheap, w, 20, a), ONUS_OK);
        assert_int_equal(onus_vertex_given(plain, w, 20, b), ONUS_OK);
        assert_memory_equal(a, b, sizeof a);
        onus_vertex_plan_free(cheap);
        onus_vertex_plan_free(plain);
    }
}

static void probes_against_references_are_one_factor(void **state) {
    (void)state;
    enum { N = 40 };
    uint32_t probes[N] = {0};
    uint32_t references[N];
    onus_dyad pairs[N * N / 2];
    onus_dyads d = {.n_people = N, .pairs = pairs};
    for (uint32_t i = 0; i < N; i++) {
        probes[i] = i % 3;
        references[i] = 1 + i % 2;
    }
    for (int32_t i = 0; i < N; i++) {
        for (int32_t j = i + 1; j < N; j++) {
            const uint64_t n =
                (uint64_t)probes[i] * references[j] + (uint64_t)probes[j] * references[i];
            if (n > 0) {
                pairs[d.n_pairs++] = (onus_dyad){i, j, n, j == i + 1 ? 1 : 0};
                d.n_comparisons += n;
            }
        }
    }
    const onus_dyad_factor factor = {.scale = 2, .u = probes, .v = references};
    const onus_vertex_rate rate = {&d, &factor, 1};
    onus_vertex_plan *plan = plan_of(&rate, 1);
    assert_true(onus_vertex_plan_n_terms(plan) < 100); /* errors and one factor, not 700 pairs */
    uint32_t w[N];
    for (uint32_t i = 0; i < N; i++) {
        w[i] = (i * 7) % 4;
    }
    double got = 0;
    assert_int_equal(onus_vertex_given(plan, w, 1, &got), ONUS_OK);
    assert_true(got == rate_the_long_way(&d, w));
    onus_vertex_plan_free(plan);
}

static void draws_are_the_same_for_any_threads_and_mean_what_they_should(void **state) {
    (void)state;
    enum { R = 4000 };
    uint64_t seed = 23;
    design d;
    make_design(&seed, &d);
    const onus_vertex_rate rate = {&d.made.dyads, d.factors, 1 + N_CAMERAS};
    onus_vertex_plan *plan = plan_of(&rate, 1);
    double *one = malloc(R * sizeof *one);
    double *three = malloc(R * sizeof *three);
    for (int kind = 0; kind < 2; kind++) {
        const onus_context single = {.n_threads = 1};
        const onus_context several = {.n_threads = 3};
        assert_int_equal(
            onus_vertex_bootstrap(plan, (onus_vertex_weights)kind, 7, R, &single, one, NULL),
            ONUS_OK);
        assert_int_equal(
            onus_vertex_bootstrap(plan, (onus_vertex_weights)kind, 7, R, &several, three, NULL),
            ONUS_OK);
        assert_memory_equal(one, three, R * sizeof *one);
        double sum = 0;
        for (size_t r = 0; r < R; r++) {
            sum += isnan(one[r]) ? 0.0 : one[r];
        }
        const double truth = (double)d.made.dyads.n_errors / (double)d.made.dyads.n_comparisons;
        assert_near(sum / R, truth, 0.2 * truth);
    }
    free(one);
    free(three);
    onus_vertex_plan_free(plan);
}

static void rates_of_other_people_and_nobody_are_refused(void **state) {
    (void)state;
    const onus_dyads five = {.n_people = 5};
    const onus_dyads six = {.n_people = 6};
    const onus_vertex_rate rates[] = {{.dyads = &five}, {.dyads = &six}};
    onus_vertex_plan *plan = NULL;
    assert_int_equal(onus_vertex_plan_new(rates, 2, &plan), ONUS_ERR_DOMAIN);
    assert_null(plan);
    plan = plan_of(NULL, 0);
    const onus_context context = {.n_threads = 1};
    double out = 0;
    assert_int_equal(
        onus_vertex_bootstrap(plan, ONUS_VERTEX_MULTINOMIAL, 1, 1, &context, &out, NULL),
        ONUS_ERR_TOO_FEW);
    onus_vertex_plan_free(plan);
    onus_vertex_plan_free(NULL);
}

static void every_allocation_may_be_refused(void **state) {
    (void)state;
    uint64_t seed = 24;
    design d;
    make_design(&seed, &d);
    const onus_vertex_rate rates[] = {{&d.made.dyads, d.factors, 1 + N_CAMERAS},
                                      {.dyads = &d.made.dyads}};
    FAULT_EACH(fault) {
        onus_vertex_plan *plan = NULL;
        fault_expect(&fault, onus_vertex_plan_new(rates, 2, &plan));
        onus_vertex_plan_free(plan);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_weights_make_the_rates_of_the_definition),
        cmocka_unit_test(factors_change_the_cost_and_not_a_bit_of_the_result),
        cmocka_unit_test(probes_against_references_are_one_factor),
        cmocka_unit_test(draws_are_the_same_for_any_threads_and_mean_what_they_should),
        cmocka_unit_test(rates_of_other_people_and_nobody_are_refused),
        cmocka_unit_test(every_allocation_may_be_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
