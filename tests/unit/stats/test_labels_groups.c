/* Group against group: published odds ratios, a regression fitted elsewhere, and the reversal that
 * a crude gap falls for. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_labels_groups.h"

static void mantel_haenszel_is_that_of_r(void **state) {
    (void)state;
    /* R 4.2 mantelhaen.test: common odds ratio and X-squared with continuity correction */
    const onus_group_cell cells[] = {{80, 100}, {50, 100}, {20, 100},
                                     {60, 100}, {30, 100}, {10, 100}};
    onus_mantel_haenszel mh;
    onus_mantel_haenszel_of(cells, 3, &mh);
    assert_near(mh.odds_ratio, 2.4285714285714284, 1e-15);
    assert_near(mh.chi2, 20.68393939393939, 1e-14);
    assert_near(mh.variance, 0.0373448202810536, 1e-14);
    assert_near(mh.delta, -2.0851625082521212, 1e-14);
    assert_int_equal(mh.n_strata, 3);
    /* the other way round: the reciprocal, and the same variance */
    const onus_group_cell swapped[] = {cells[3], cells[4], cells[5], cells[0], cells[1], cells[2]};
    onus_mantel_haenszel back;
    onus_mantel_haenszel_of(swapped, 3, &back);
    assert_near(back.odds_ratio * mh.odds_ratio, 1, 1e-14);
    assert_near(back.variance, mh.variance, 1e-14);
}

static void a_label_that_only_one_group_has_tells_nothing(void **state) {
    (void)state;
    const onus_group_cell cells[] = {{8, 10}, {5, 10}, {6, 10}, {0, 0}};
    const onus_group_cell alone[] = {{8, 10}, {6, 10}};
    onus_mantel_haenszel both;
    onus_mantel_haenszel one;
    onus_mantel_haenszel_of(cells, 2, &both);
    onus_mantel_haenszel_of(alone, 1, &one);
    assert_true(both.odds_ratio == one.odds_ratio && both.n_strata == 1);
    const onus_group_cell apart[] = {{8, 10}, {0, 0}, {0, 0}, {4, 10}};
    onus_mantel_haenszel_of(apart, 2, &both);
    assert_true(isnan(both.odds_ratio) && both.reason != NULL);
    const onus_group_cell perfect[] = {{10, 10}, {5, 10}};
    onus_mantel_haenszel_of(perfect, 1, &both);
    assert_true(isnan(both.odds_ratio) && both.chi2 > 0);
    assert_non_null(strstr(both.reason, "0 or infinite"));
}

static void regression_is_the_maximum_found_elsewhere(void **state) {
    (void)state;
    /* Newton on all coefficients at once, NumPy: likelihoods without group, with it, and with its
     * interactions */
    const onus_group_cell cells[] = {{80, 100}, {50, 90},  {22, 110},
                                     {60, 100}, {30, 120}, {15, 80}};
    onus_dif dif;
    onus_dif_of(cells, 3, &dif);
    assert_near(dif.uniform, 0.9060410849193958, 1e-11);
    assert_near(dif.uniform_se, 0.19084551416804352, 1e-11);
    assert_near(dif.uniform_chi2, 23.486456567199866, 1e-11);
    assert_near(dif.interaction_chi2, 6.711146216804423, 1e-10);
    assert_near(dif.interaction_p, 0.03488936903335699, 1e-9);
    assert_true(dif.interaction_df == 2 && !dif.separated && dif.n_separated == 0);
}

static void one_label_has_its_own_log_odds_ratio(void **state) {
    (void)state;
    uint64_t seed = 17;
    for (int round = 0; round < 200; round++) {
        const double a = (double)random_between(&seed, 1, 400);
        const double b = (double)random_between(&seed, 1, 400);
        const double c = (double)random_between(&seed, 1, 400);
        const double d = (double)random_between(&seed, 1, 400);
        const onus_group_cell cells[] = {{a, a + b}, {c, c + d}};
        onus_dif dif;
        onus_dif_of(cells, 1, &dif);
        assert_near(dif.uniform, log(a * d / b / c), 1e-10);
        assert_near(dif.uniform_se, sqrt(1 / a + 1 / b + 1 / c + 1 / d), 1e-9);
        assert_true(isnan(dif.interaction_chi2) && dif.interaction_df == 0);
    }
}

static void separation_is_said_and_never_a_number(void **state) {
    (void)state;
    onus_dif dif;
    /* group always right on one label, reference always wrong on the other: no finite maximum */
    const onus_group_cell apart[] = {{10, 10}, {4, 10}, {5, 10}, {0, 10}};
    onus_dif_of(apart, 2, &dif);
    assert_true(dif.separated && isnan(dif.uniform));
    assert_non_null(strstr(dif.reason, "no finite maximum"));
    /* always right on one label only: the common coefficient is finite, that label's own is not */
    const onus_group_cell part[] = {{10, 10}, {4, 10}, {5, 10}, {6, 10}};
    onus_dif_of(part, 2, &dif);
    assert_true(!dif.separated && isfinite(dif.uniform) && dif.n_separated == 1);
    assert_true(dif.interaction_chi2 > 3.84);
    /* right everywhere on both sides: nothing to compare */
    const onus_group_cell all[] = {{10, 10}, {10, 10}};
    onus_dif_of(all, 1, &dif);
    assert_true(!dif.separated && isnan(dif.uniform) && dif.reason != NULL);
}

static void a_gap_by_label_and_a_crude_gap_can_have_opposite_signs(void **state) {
    (void)state;
    /* group: mostly the easy label; reference: mostly the hard one; on both labels the product is
     * 5 points worse for the group */
    const onus_group_cell cells[] = {{85 * 9, 900}, {3 * 10 + 5, 100}, {90, 100}, {4 * 90, 900}};
    double totals[8];
    double values[ONUS_GROUP_N_VALUES];
    memcpy(totals, cells, sizeof totals);
    onus_group_values(&(onus_group_shape){2}, totals, values);
    assert_near(values[ONUS_GROUP_GAP], -0.05, 1e-14);
    assert_near(values[ONUS_GROUP_CRUDE], 0.8 - 0.45, 1e-14);
    assert_near(values[ONUS_GROUP_MIX], 0.4, 1e-14);
    assert_true(values[ONUS_GROUP_LOG_ODDS] < 0);
}

static void a_gap_is_refused_where_a_group_lacks_a_label(void **state) {
    (void)state;
    int side = -1;
    const onus_group_cell cells[] = {{9, 10}, {0, 0}, {0, 0}, {8, 10}, {5, 10}, {0, 0}};
    double values[ONUS_GROUP_N_VALUES];
    assert_int_equal(onus_group_missing(cells, 3, &side), 1);
    assert_int_equal(side, 0);
    onus_group_values(&(onus_group_shape){3}, (const double *)(const void *)cells, values);
    assert_true(isnan(values[ONUS_GROUP_GAP]) && isfinite(values[ONUS_GROUP_CRUDE]));
    const onus_group_cell both[] = {{9, 10}, {0, 0}, {8, 10}, {0, 0}}; /* nobody has the second */
    assert_int_equal(onus_group_missing(both, 2, &side), -1);
    onus_group_values(&(onus_group_shape){2}, (const double *)(const void *)both, values);
    assert_near(values[ONUS_GROUP_GAP], 0.1, 1e-14);
}

static void false_discoveries_are_those_of_r(void **state) {
    (void)state;
    /* R: p.adjust(c(.01, .02, .03, .04, .05, .9), "BH"), and what is not testable left out */
    const double p[] = {0.04, NAN, 0.01, 0.9, 0.02, 0.05, 0.03};
    const double want[] = {0.06, NAN, 0.06, 0.9, 0.06, 0.06, 0.06};
    double got[7];
    assert_int_equal(onus_benjamini_hochberg(p, 7, got), ONUS_OK);
    for (size_t i = 0; i < 7; i++) {
        assert_true(isnan(want[i]) ? isnan(got[i]) : fabs(got[i] - want[i]) < 1e-15);
    }
    const double few[] = {0.001, 0.2, 0.04};
    assert_int_equal(onus_benjamini_hochberg(few, 3, got), ONUS_OK);
    assert_near(got[0], 0.003, 1e-15);
    assert_near(got[1], 0.2, 1e-15);
    assert_near(got[2], 0.06, 1e-15);
    assert_int_equal(onus_benjamini_hochberg((const double[]){1.5}, 1, got), ONUS_ERR_DOMAIN);
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_benjamini_hochberg(p, 7, got));
    }
}

static void a_design_effect_takes_significance_away(void **state) {
    (void)state;
    /* R: pf(4, 1, 19, lower.tail = FALSE), pf(6 / 3 / 2, 2, 40, ...) */
    assert_near(onus_rao_scott_p(4, 1, 1, 19), 0.060002036386098336, 1e-12);
    assert_near(onus_rao_scott_p(6, 2, 3, 40), 0.37688948287300084, 1e-12);
    assert_true(onus_rao_scott_p(4, 1, 0.5, 19) == onus_rao_scott_p(4, 1, 1, 19));
    assert_true(isnan(onus_rao_scott_p(NAN, 1, 1, 19)) && isnan(onus_rao_scott_p(4, 1, 1, 0)));
}

static void a_detectable_gap_grows_as_people_get_few(void **state) {
    (void)state;
    assert_near(onus_detectable_gap(0.05, INFINITY, 0.95, 0.8), 0.05 * 2.801585218, 1e-8);
    assert_true(onus_detectable_gap(0.05, 5, 0.95, 0.8) > 0.16);
    assert_true(isnan(onus_detectable_gap(0, 5, 0.95, 0.8)));
    assert_true(isnan(onus_detectable_gap(0.1, 5, 1, 0.8)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mantel_haenszel_is_that_of_r),
        cmocka_unit_test(a_label_that_only_one_group_has_tells_nothing),
        cmocka_unit_test(regression_is_the_maximum_found_elsewhere),
        cmocka_unit_test(one_label_has_its_own_log_odds_ratio),
        cmocka_unit_test(separation_is_said_and_never_a_number),
        cmocka_unit_test(a_gap_by_label_and_a_crude_gap_can_have_opposite_signs),
        cmocka_unit_test(a_gap_is_refused_where_a_group_lacks_a_label),
        cmocka_unit_test(false_discoveries_are_those_of_r),
        cmocka_unit_test(a_design_effect_takes_significance_away),
        cmocka_unit_test(a_detectable_gap_grows_as_people_get_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
