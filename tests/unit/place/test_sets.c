/* Sets of areas, deciles and rank correlation, under both conventions, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/exec.h"
#include "town.h"

/* flags 9 7 5 5 5 2 0 0, ten people an area, of whom g0: 10 0 3 6 9 1 2 4 */
static town *eight_areas(double top) {
    static const double FLAGS[] = {9, 7, 5, 5, 5, 2, 0, 0};
    static const double G0[] = {100, 0, 30, 60, 90, 10, 20, 40};
    town *t = town_new(8, 1, 1);
    t->c.protocol.top_frac = top;
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    for (size_t i = 0; i < 8; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = G0[i];
        town_flag_area(t, i, FLAGS[i]);
    }
    return t;
}

static void tied_areas_share_the_edge_of_a_set(void **state) {
    (void)state;
    town *t = eight_areas(3.0 / 8.0);
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m = town_find(t, "burden.share", "convention=onus group=g0 set=most");
    /* 9, 7 and a third of each of the three fives */
    assert_true(town_near(m->num, 100.0 + 0.0 + (30.0 + 60.0 + 90.0) / 3.0));
    assert_true(town_near(m->den, 300.0));
    m = town_find(t, "burden.share", "convention=onus group=g0 set=least");
    assert_true(town_near(m->num, 10.0 + 20.0 + 40.0) && town_near(m->den, 300.0));
    /* the middle stretch, positions 2.5 to 5.5: 2.5 of the fives, half of the two */
    m = town_find(t, "burden.share", "convention=onus group=g0 set=median");
    assert_true(town_near(m->num, 2.5 / 3.0 * 180.0 + 0.5 * 10.0));
    assert_true(town_near(m->den, 300.0));
    m = town_find(t, "burden.share", "convention=onus group=g0 set=all");
    assert_true(town_near(m->num, 350.0) && town_near(m->den, 800.0));
    town_free(t);
}

static void sets_by_population_hold_that_share_of_the_people(void **state) {
    (void)state;
    town *t = eight_areas(0.3);
    t->total[0] = 300.0; /* 1000 people: 300 on the most flagged area alone */
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m =
        town_find(t, "burden.share", "by=population convention=onus group=g0 set=most");
    assert_true(town_near(m->den, 300.0) && town_near(m->num, 100.0));
    m = town_find(t, "burden.share", "by=population convention=onus group=g0 set=least");
    assert_true(town_near(m->den, 300.0) && town_near(m->num, 70.0));
    town_free(t);
}

static void the_published_sets_break_ties_by_id(void **state) {
    (void)state;
    town *t = eight_areas(3.0 / 8.0); /* w = round(3) = 3, so four areas */
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m =
        town_find(t, "burden.share", "convention=markup-2021 group=g0 set=most");
    assert_true(m->num == 100.0 + 0.0 + 30.0 + 60.0 && m->den == 400.0);
    /* ranks 8..1 down the line; |rank - 4| <= 1: ranks 5, 4, 3 = areas 3, 4, 5 */
    m = town_find(t, "burden.share", "convention=markup-2021 group=g0 set=median");
    assert_true(m->num == 60.0 + 90.0 + 10.0 && m->den == 300.0);
    /* two areas at the minimum, not more than w: ranks 1 .. 4 */
    m = town_find(t, "burden.share", "convention=markup-2021 group=g0 set=least");
    assert_true(m->num == 90.0 + 10.0 + 20.0 + 40.0 && m->den == 400.0);
    town_free(t);
}

static void by_population_ties_go_to_the_most_people_first(void **state) {
    (void)state;
    town *t = eight_areas(2.0 / 8.0); /* w = 2: three areas; the third is one of the fives */
    t->total[4] = 120.0;
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m =
        town_find(t, "burden.share", "convention=markup-2021-by-population group=g0 set=most");
    assert_true(m->num == 100.0 + 0.0 + 90.0 && m->den == 320.0);
    m = town_find(t, "burden.share", "convention=markup-2021 group=g0 set=most");
    assert_true(m->num == 100.0 + 0.0 + 30.0 && m->den == 300.0);
    town_free(t);
}

static void the_middle_counts_neither_above_nor_below(void **state) {
    (void)state;
    town *t = eight_areas(0.05);
    assert_int_equal(town_try(t), ONUS_OK); /* median 5 */
    assert_true(
        town_near(town_value(t, "burden.above_median", "convention=onus group=g0"), 100.0 / 350.0));
    assert_true(
        town_near(town_value(t, "burden.below_median", "convention=onus group=g0"), 70.0 / 350.0));
    town_free(t);
}

static void every_area_is_in_exactly_one_decile(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        onus_rng rng;
        onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 1, 0);
        town *t = town_new(3 + onus_rng_below(&rng, 8), 1 + onus_rng_below(&rng, 8), 1);
        const uint32_t kinds = 1 + onus_rng_below(&rng, 30); /* few kinds: many ties */
        for (size_t i = 0; i < t->n_areas; i++) {
            t->total[i] = 1000.0;
            t->people[0][i] = 100.0 + (double)onus_rng_below(&rng, 800);
            town_flag_area(t, i, (double)onus_rng_below(&rng, kinds));
        }
        assert_int_equal(town_try(t), ONUS_OK);
        double people = 0.0;
        for (int d = 1; d <= 10; d++) {
            char scope[64];
            snprintf(scope, sizeof scope, "decile=%d group=g0", d);
            const onus_measure *m = town_find(t, "burden.composition", scope);
            assert_non_null(m);
            people += m->has_value ? m->den : 0.0;
            assert_true(m->has_value || strstr(m->reason, "no area") != NULL);
        }
        assert_true(people == 1000.0 * (double)t->n_areas);
        town_free(t);
    }
}

static void an_empty_decile_is_null_and_the_published_zero_is_told(void **state) {
    (void)state;
    town *t = eight_areas(0.05);
    for (size_t r = 0; r < t->n_flags; r++) {
        t->flag_count[r] = 4.0; /* all alike: every cut point is 4 */
    }
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m =
        town_find(t, "burden.composition", "convention=markup-2021 decile=5 group=g0");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "printed 0"));
    /* onus: equal to the first cut point, so all in decile 1 */
    m = town_find(t, "burden.composition", "convention=onus decile=1 group=g0");
    assert_true(m->has_value && m->den == 800.0);
    m = town_find(t, "burden.composition", "convention=onus decile=2 group=g0");
    assert_false(m->has_value);
    assert_false(m->withheld);
    town_free(t);
}

static void an_area_on_a_cut_point_is_in_no_published_decile(void **state) {
    (void)state;
    town *t = town_new(11, 1, 1); /* 11 areas with 0..10 flags: every cut point is a value */
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    for (size_t i = 0; i < 11; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = 50.0;
        town_flag_area(t, i, (double)i);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    for (int d = 2; d <= 9; d++) {
        char scope[64];
        snprintf(scope, sizeof scope, "convention=markup-2021 decile=%d group=g0", d);
        assert_false(town_find(t, "burden.composition", scope)->has_value);
        snprintf(scope, sizeof scope, "convention=onus decile=%d group=g0", d);
        assert_true(town_find(t, "burden.composition", scope)->den == 100.0);
    }
    /* onus: decile 1 holds 0 and the cut point 1 */
    assert_true(town_find(t, "burden.composition", "convention=onus decile=1 group=g0")->den ==
                200.0);
    town_free(t);
}

static void mid_ranks_and_ranks_by_id_are_two_numbers(void **state) {
    (void)state;
    /* flags 0 0 0 1 2, shares falling within the tie: by id the tie order is invented */
    static const double G0[] = {10, 20, 30, 25, 40};
    static const double FLAGS[] = {0, 0, 0, 1, 2};
    town *t = town_new(5, 1, 1);
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    for (size_t i = 0; i < 5; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = G0[i];
        town_flag_area(t, i, FLAGS[i]);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    /* mid-ranks 2 2 2 4 5 against 1 2 4 3 5: covariance 6, variances 8 and 10 */
    assert_true(town_near(town_value(t, "burden.rank_correlation", "convention=onus group=g0"),
                          6.0 / sqrt(80.0)));
    /* first of the tie ranks highest: 3 2 1 4 5 against 1 2 4 3 5: 1 - 6 * 14 / 120 */
    assert_true(
        town_near(town_value(t, "burden.rank_correlation", "convention=markup-2021 group=g0"),
                  1.0 - 6.0 * (4 + 0 + 9 + 1 + 0) / 120.0));
    town_free(t);
}

static void with_one_convention_the_key_is_left_out(void **state) {
    (void)state;
    town *t = eight_areas(0.05);
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = false;
    assert_int_equal(town_try(t), ONUS_OK);
    assert_non_null(town_find(t, "burden.share", "group=g0 set=most"));
    assert_null(town_find(t, "burden.share", "convention=onus group=g0 set=most"));
    town_free(t);
}

static void ceil_does_not_see_the_dust_of_a_product(void **state) {
    (void)state;
    town *t = town_new(10, 10, 1);
    t->c.protocol.top_frac = 0.07; /* 0.07 * 100 is 7.000000000000001: seven areas are meant */
    assert_true(0.07 * 100.0 > 7.0);
    for (size_t i = 0; i < t->n_areas; i++) {
        t->total[i] = 10.0;
        t->people[0][i] = 10.0;
        town_flag_area(t, i, (double)i);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_find(t, "burden.share", "group=g0 set=most")->den == 70.0);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tied_areas_share_the_edge_of_a_set),
        cmocka_unit_test(sets_by_population_hold_that_share_of_the_people),
        cmocka_unit_test(the_published_sets_break_ties_by_id),
        cmocka_unit_test(by_population_ties_go_to_the_most_people_first),
        cmocka_unit_test(the_middle_counts_neither_above_nor_below),
        cmocka_unit_test(every_area_is_in_exactly_one_decile),
        cmocka_unit_test(an_empty_decile_is_null_and_the_published_zero_is_told),
        cmocka_unit_test(an_area_on_a_cut_point_is_in_no_published_decile),
        cmocka_unit_test(mid_ranks_and_ranks_by_id_are_two_numbers),
        cmocka_unit_test(with_one_convention_the_key_is_left_out),
        cmocka_unit_test(ceil_does_not_see_the_dust_of_a_product),
    };
    return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
