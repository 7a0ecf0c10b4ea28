#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "near.h"
#include "onus/exec.h"
#include "onus/stats_agreement.h"

static const onus_agreement_opts NOMINAL = ONUS_AGREEMENT_OPTS_INIT;

static onus_agreement measure_as(const double *counts, size_t n_units, size_t n_labels,
                                 const double *values, onus_distance distance) {
    const onus_vote_counts votes = {
        .n_units = n_units, .n_labels = n_labels, .counts = counts, .values = values};
    const onus_agreement_opts opts = {.distance = distance};
    onus_agreement out;
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &out, NULL), ONUS_OK);
    return out;
}

static onus_agreement measure(const double *counts, size_t n_units, size_t n_labels) {
    return measure_as(counts, n_units, n_labels, NULL, ONUS_DISTANCE_NOMINAL);
}

static double value_of(onus_agreement a, onus_coefficient which) {
    return a.coefficients[which].value.value;
}

/* ---- values ---- */

/* Alpha pair by pair from its definition: mean distance within units over mean distance of all
 * pairable votes. */
static double alpha_by_pairs(const double *counts, size_t n_units, size_t q, const double *values) {
    double votes[400];
    double observed = 0.0;
    double n_all = 0.0;
    size_t n = 0;
    for (size_t u = 0; u < n_units; u++) {
        const size_t from = n;
        for (size_t c = 0; c < q; c++) {
            for (double k = 0; k < counts[u * q + c]; k++) {
                votes[n++] = values[c];
            }
        }
        if (n - from < 2) {
            n = from;
            continue;
        }
        for (size_t i = from; i < n; i++) {
            for (size_t j = from; j < n; j++) {
                observed += (votes[i] - votes[j]) * (votes[i] - votes[j]) / (double)(n - from - 1);
            }
        }
    }
    double expected = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            expected += (votes[i] - votes[j]) * (votes[i] - votes[j]);
        }
    }
    n_all = (double)n;
    return 1.0 - observed / n_all / (expected / (n_all * (n_all - 1.0)));
}

static void alpha_is_what_all_pairs_of_votes_say(void **state) {
    (void)state;
    static const double VALUES[] = {3.0, -1.0, 10.0, 2.0};
    onus_rng rng;
    for (uint64_t r = 0; r < 20; r++) {
        onus_rng_init(&rng, 1, ONUS_STREAM_TEST, r, 0);
        double counts[80];
        for (size_t i = 0; i < 80; i++) {
            counts[i] = (double)onus_rng_below(&rng, 1 + (uint32_t)(i % 4));
        }
        const onus_agreement a = measure_as(counts, 20, 4, VALUES, ONUS_DISTANCE_INTERVAL);
        assert_near(value_of(a, ONUS_COEFFICIENT_ALPHA), alpha_by_pairs(counts, 20, 4, VALUES),
                    1e-12);
    }
}

static void ten_comes_after_two_in_ordinal_votes(void **state) {
    (void)state;
    /* the same votes, labels declared in the order of their texts and of their numbers */
    static const double AS_TEXT[] = {1, 10, 2};
    static const double AS_NUMBER[] = {1, 2, 10};
    static const double BY_TEXT[] = {3, 0, 1, 0, 4, 0, 1, 0, 3, 0, 2, 2};
    static const double BY_NUMBER[] = {3, 1, 0, 0, 0, 4, 1, 3, 0, 0, 2, 2};
    for (int d = ONUS_DISTANCE_ORDINAL; d <= ONUS_DISTANCE_RATIO; d++) {
        const onus_agreement a = measure_as(BY_TEXT, 4, 3, AS_TEXT, (onus_distance)d);
        const onus_agreement b = measure_as(BY_NUMBER, 4, 3, AS_NUMBER, (onus_distance)d);
        assert_near(value_of(a, ONUS_COEFFICIENT_ALPHA), value_of(b, ONUS_COEFFICIENT_ALPHA),
                    1e-15);
    }
    /* and it is not the order of the texts that would come out */
    const onus_agreement text = measure_as(BY_TEXT, 4, 3, NULL, ONUS_DISTANCE_ORDINAL);
    const onus_agreement number = measure_as(BY_TEXT, 4, 3, AS_TEXT, ONUS_DISTANCE_ORDINAL);
    assert_true(fabs(value_of(text, ONUS_COEFFICIENT_ALPHA) -
                     value_of(number, ONUS_COEFFICIENT_ALPHA)) > 0.05);
}

static void labels_nobody_used_change_ac1_and_pabak_only(void **state) {
    (void)state;
    static const double TWO[] = {5, 0, 4, 1, 0, 5, 5, 0};
    static const double FOUR[] = {5, 0, 0, 0, 4, 1, 0, 0, 0, 5, 0, 0, 5, 0, 0, 0};
    const onus_agreement two = measure(TWO, 4, 2);
    const onus_agreement four = measure(FOUR, 4, 4);
    assert_near(value_of(two, ONUS_COEFFICIENT_ALPHA), value_of(four, ONUS_COEFFICIENT_ALPHA), 0);
    assert_near(value_of(two, ONUS_COEFFICIENT_FLEISS), value_of(four, ONUS_COEFFICIENT_FLEISS), 0);
    assert_true(value_of(four, ONUS_COEFFICIENT_AC1) > value_of(two, ONUS_COEFFICIENT_AC1) + 0.05);
    assert_true(value_of(four, ONUS_COEFFICIENT_PABAK) > value_of(two, ONUS_COEFFICIENT_PABAK));
    assert_int_equal(four.n_labels_used, 2);
}

static void one_label_everywhere_is_undefined_and_says_so(void **state) {
    (void)state;
    static const double COUNTS[] = {5, 0, 3, 0, 2, 0};
    const onus_agreement a = measure(COUNTS, 3, 2);
    static const onus_coefficient NONE[] = {ONUS_COEFFICIENT_ALPHA, ONUS_COEFFICIENT_FLEISS};
    for (size_t i = 0; i < 2; i++) {
        assert_true(isnan(value_of(a, NONE[i])));
        assert_non_null(strstr(a.coefficients[NONE[i]].value.reason, "same label"));
    }
    assert_near(value_of(a, ONUS_COEFFICIENT_PERCENT), 1.0, 0);
    assert_near(value_of(a, ONUS_COEFFICIENT_AC1), 1.0, 0);
    const onus_agreement one = measure(COUNTS, 3, 1);
    assert_non_null(strstr(one.coefficients[ONUS_COEFFICIENT_AC1].value.reason, "declared"));
}

static void units_with_one_vote_tell_prevalence_but_not_agreement(void **state) {
    (void)state;
    static const double COUNTS[] = {2, 0, 1, 1, 0, 1, 0, 1, 0, 0};
    const onus_vote_counts votes = {.n_units = 5, .n_labels = 2, .counts = COUNTS};
    onus_agreement a;
    double prevalence[2];
    assert_int_equal(onus_agreement_measure(&votes, &NOMINAL, prevalence, &a, NULL), ONUS_OK);
    assert_int_equal(a.n_rated, 4);
    assert_int_equal(a.n_pairable, 2);
    assert_near(a.n_votes, 6.0, 0);
    assert_near(prevalence[0], 1.5 / 4.0, 1e-15);
    assert_near(value_of(a, ONUS_COEFFICIENT_PERCENT), 0.5, 1e-15);
    const onus_vote_counts lone = {.n_units = 1, .n_labels = 2, .counts = COUNTS + 4};
    assert_int_equal(onus_agreement_measure(&lone, &NOMINAL, prevalence, &a, NULL), ONUS_OK);
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        assert_non_null(strstr(a.coefficients[k].value.reason, "two votes"));
    }
    const onus_vote_counts none = {.n_labels = 2};
    assert_int_equal(onus_agreement_measure(&none, &NOMINAL, prevalence, &a, NULL), ONUS_OK);
    assert_true(isnan(prevalence[0]) && a.n_rated == 0);
}

/* Three vendors on 250 faces, seven labels: nearly always "neutral", so there is hardly anything to
 * agree about. On 57 faces one of them says something else, on 2 all three do. */
static void three_vendors_on_neutral_faces_agree_and_do_not(void **state) {
    (void)state;
    enum { FACES = 250, LONE = 57, TOGETHER = 2 };
    double counts[FACES * 7] = {0};
    for (size_t u = 0; u < FACES; u++) {
        if (u < LONE) {
            counts[u * 7] = 2.0;
            counts[u * 7 + 1 + u % 5] = 1.0;
        } else {
            counts[u * 7 + (u < LONE + TOGETHER ? 1 : 0)] = 3.0;
        }
    }
    const onus_agreement a = measure(counts, FACES, 7);
    assert_true(fabs(value_of(a, ONUS_COEFFICIENT_PERCENT) - 0.848) < 0.0005);
    assert_true(fabs(value_of(a, ONUS_COEFFICIENT_ALPHA) - 0.048) < 0.0005);
    assert_true(fabs(value_of(a, ONUS_COEFFICIENT_AC1) - 0.844) < 0.0005);
}

static void weights_of_zero_and_one_are_no_weights(void **state) {
    (void)state;
    static const double COUNTS[] = {3, 1, 0, 0, 2, 2, 4, 0, 0, 1, 1, 2};
    static const double VALUES[] = {1, 2, 4};
    double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    double linear[9];
    const onus_vote_counts votes = {
        .n_units = 4, .n_labels = 3, .counts = COUNTS, .values = VALUES};
    onus_agreement_opts opts = {.weights = identity};
    onus_agreement a;
    const onus_agreement plain = measure_as(COUNTS, 4, 3, VALUES, ONUS_DISTANCE_NOMINAL);
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &a, NULL), ONUS_OK);
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        assert_near(value_of(a, (onus_coefficient)k), value_of(plain, (onus_coefficient)k), 1e-15);
        assert_near(a.coefficients[k].unit_se, plain.coefficients[k].unit_se, 1e-15);
    }
    onus_agreement_weights_linear(VALUES, 3, linear);
    assert_near(linear[1], 2.0 / 3.0, 1e-15);
    assert_near(linear[2], 0.0, 1e-15);
    opts.weights = linear;
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &a, NULL), ONUS_OK);
    assert_true(value_of(a, ONUS_COEFFICIENT_PERCENT) > value_of(plain, ONUS_COEFFICIENT_PERCENT));
    identity[1] = 0.5; /* not symmetric */
    opts.weights = identity;
    assert_int_equal(onus_agreement_measure(&votes, &opts, NULL, &a, NULL), ONUS_ERR_DOMAIN);
}

static void coincidences_add_up_to_the_pairable_votes(void **state) {
    (void)state;
    static const double COUNTS[] = {2, 1, 0, 0, 0, 1, 1, 1, 2};
    const onus_vote_counts votes = {.n_units = 3, .n_labels = 3, .counts = COUNTS};
    double o[9];
    assert_int_equal(onus_agreement_coincidences(&votes, o, NULL), ONUS_OK);
    double sum = 0.0;
    for (size_t i = 0; i < 9; i++) {
        assert_near(o[i], o[i % 3 * 3 + i / 3], 1e-15);
        sum += o[i];
    }
    assert_near(sum, 7.0, 1e-14); /* the lone vote of the second unit is none */
}

static void bad_votes_are_refused(void **state) {
    (void)state;
    static const double GOOD[] = {1, 2, 3, 0};
    static const double HALF[] = {1, 2.5, 3, 0};
    static const double NEGATIVE[] = {1, -2, 3, 0};
    static const double BROKEN[] = {1, NAN, 3, 0};
    static const double EQUAL[] = {1, 1};
    static const double BELOW[] = {-1, 1};
    static const int32_t OUTSIDE[] = {0, 2};
    const onus_vote_counts bad[] = {
        {.n_units = 2, .n_labels = 2, .counts = HALF},
        {.n_units = 2, .n_labels = 2, .counts = NEGATIVE},
        {.n_units = 2, .n_labels = 2, .counts = BROKEN},
        {.n_units = 2, .n_labels = 2, .counts = GOOD, .values = EQUAL},
        {.n_units = 2, .n_labels = 2, .counts = GOOD, .values = BELOW},
        {.n_units = 2, .n_labels = 2, .counts = GOOD, .cluster = OUTSIDE, .n_clusters = 2},
        {.n_units = 0, .n_labels = 0}};
    const onus_agreement_opts ratio = {.distance = ONUS_DISTANCE_RATIO};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        onus_agreement a;
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_agreement_measure(&bad[i], &ratio, NULL, &a, &err), ONUS_ERR_DOMAIN);
        assert_true(strlen(err.text) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alpha_is_what_all_pairs_of_votes_say),
        cmocka_unit_test(ten_comes_after_two_in_ordinal_votes),
        cmocka_unit_test(labels_nobody_used_change_ac1_and_pabak_only),
        cmocka_unit_test(one_label_everywhere_is_undefined_and_says_so),
        cmocka_unit_test(units_with_one_vote_tell_prevalence_but_not_agreement),
        cmocka_unit_test(three_vendors_on_neutral_faces_agree_and_do_not),
        cmocka_unit_test(weights_of_zero_and_one_are_no_weights),
        cmocka_unit_test(coincidences_add_up_to_the_pairable_votes),
        cmocka_unit_test(bad_votes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
