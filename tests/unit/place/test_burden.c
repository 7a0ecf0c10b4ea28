/* Exposure, attributed load and ratios: by hand on four areas, and identities that hold for any
 * town. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/exec.h"
#include "town.h"

/*      area     0    1    2    3
 *      people 100  200   50    0
 *      g0      20  150   10    0
 *      g1      80   50   40    0
 *      flags   10    4    1    3        three flags fall where nobody lives */
static town *four_areas(void) {
    static const double TOTAL[] = {100, 200, 50, 0};
    static const double G0[] = {20, 150, 10, 0};
    static const double FLAGS[] = {10, 4, 1, 3};
    town *t = town_new(2, 2, 2);
    for (size_t i = 0; i < 4; i++) {
        t->total[i] = TOTAL[i];
        t->people[0][i] = G0[i];
        t->people[1][i] = TOTAL[i] - G0[i];
        town_flag_area(t, i, FLAGS[i]);
    }
    return t;
}

#define E0 ((20.0 * 10 + 150.0 * 4 + 10.0 * 1) / 180.0)
#define E1 ((80.0 * 10 + 50.0 * 4 + 40.0 * 1) / 170.0)
#define B0 ((10.0 * 0.2 + 4.0 * 0.75 + 1.0 * 0.2) / 180.0)
#define B1 ((10.0 * 0.8 + 4.0 * 0.25 + 1.0 * 0.8) / 170.0)

static void both_definitions_by_hand(void **state) {
    (void)state;
    town *t = four_areas();
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(town_value(t, "burden.exposure", "group=g0"), E0));
    assert_true(town_near(town_value(t, "burden.exposure", "group=g1"), E1));
    assert_true(town_near(town_value(t, "burden.attributed", "group=g0"), B0));
    assert_true(town_near(town_value(t, "burden.attributed", "group=g1"), B1));
    assert_true(town_near(
        town_value(t, "burden.ratio", "definition=exposure group=g1 reference=g0 source=space"),
        E1 / E0));
    assert_true(town_near(
        town_value(t, "burden.ratio", "definition=attributed group=g0 reference=g1 source=census"),
        B0 / B1));
    const onus_measure *m = town_find(t, "burden.exposure", "group=g0");
    assert_true(town_near(m->num, 810.0) && town_near(m->den, 180.0));
    assert_true(town_value(t, "burden.areas_without_people", "") == 1.0);
    assert_true(town_value(t, "burden.flags_on_people", "") == 15.0);
    town_free(t);
}

static void with_two_groups_the_rest_is_the_other_group(void **state) {
    (void)state;
    town *t = four_areas();
    assert_int_equal(town_try(t), ONUS_OK);
    static const char *const DEFINITIONS[] = {"exposure", "attributed"};
    for (size_t d = 0; d < 2; d++) {
        char rest[128];
        char other[128];
        snprintf(rest, sizeof rest, "definition=%s group=g0 reference=rest source=space",
                 DEFINITIONS[d]);
        snprintf(other, sizeof other, "definition=%s group=g0 reference=g1 source=space",
                 DEFINITIONS[d]);
        assert_true(
            town_near(town_value(t, "burden.ratio", rest), town_value(t, "burden.ratio", other)));
    }
    town_free(t);
}

static void the_three_sources_share_one_value_and_say_what_is_missing(void **state) {
    (void)state;
    town *t = four_areas();
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *flags =
        town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=flags");
    const onus_measure *census =
        town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=census");
    assert_true(flags->value == census->value);
    assert_false(flags->interval.given);
    assert_non_null(strstr(flags->reason, "no times"));
    assert_false(census->interval.given);
    assert_non_null(strstr(census->reason, "margins"));
    town_free(t);
}

static uint32_t below(onus_rng *rng, uint32_t n) {
    return onus_rng_below(rng, n);
}

/* People in three groups that make up the total, flags of any number, some areas empty. */
static town *any_town(uint64_t seed) {
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 0, 0);
    town *t = town_new(4 + below(&rng, 6), 3 + below(&rng, 6), 3);
    for (size_t i = 0; i < t->n_areas; i++) {
        for (size_t g = 0; g < 3; g++) {
            t->people[g][i] = below(&rng, 5) == 0 ? 0.0 : (double)below(&rng, 400);
            t->total[i] += t->people[g][i];
        }
        t->benchmark[i] = t->total[i];
        town_flag_area(t, i, below(&rng, 3) == 0 ? 0.0 : (double)below(&rng, 50));
    }
    return t;
}

static void attributed_load_gives_back_every_flag_on_people(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        town *t = any_town(seed);
        assert_int_equal(town_try(t), ONUS_OK);
        double sum = 0.0;
        for (size_t g = 0; g < 3; g++) {
            char scope[32];
            snprintf(scope, sizeof scope, "group=g%u", (unsigned)g);
            sum += town_find(t, "burden.attributed", scope)->num;
        }
        assert_true(town_near(sum, town_value(t, "burden.flags_on_people", "")));
        town_free(t);
    }
}

static void the_ratio_does_not_know_how_many_flags_there_are(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        town *t = any_town(seed);
        static const char SCOPE[] = "definition=exposure group=g0 reference=g2 source=space";
        assert_int_equal(town_try(t), ONUS_OK);
        const onus_measure before = *town_find(t, "burden.ratio", SCOPE);
        const double exposure = town_value(t, "burden.exposure", "group=g0");
        for (size_t r = 0; r < t->n_flags; r++) {
            t->flag_count[r] *= 2.0;
        }
        assert_int_equal(town_try(t), ONUS_OK);
        const onus_measure *after = town_find(t, "burden.ratio", SCOPE);
        assert_true(town_near(after->value, before.value));
        assert_true(town_near(after->interval.low, before.interval.low));
        assert_true(town_near(town_value(t, "burden.exposure", "group=g0"), 2.0 * exposure));
        town_free(t);
    }
}

static void groups_keep_their_figures_when_their_order_changes(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        town *t = any_town(seed);
        assert_int_equal(town_try(t), ONUS_OK);
        const double g0 = town_value(t, "burden.exposure", "group=g0");
        const double share = town_value(t, "burden.share", "group=g0 set=most");
        const double ratio = town_value(t, "burden.ratio",
                                        "definition=attributed group=g0 reference=g1 source=space");
        for (size_t i = 0; i < t->n_areas; i++) {
            const double swap = t->people[0][i];
            t->people[0][i] = t->people[1][i];
            t->people[1][i] = swap;
        }
        assert_int_equal(town_try(t), ONUS_OK);
        assert_true(town_value(t, "burden.exposure", "group=g1") == g0);
        assert_true(town_value(t, "burden.share", "group=g1 set=most") == share);
        assert_true(
            town_near(town_value(t, "burden.ratio",
                                 "definition=attributed group=g1 reference=g0 source=space"),
                      ratio));
        town_free(t);
    }
}

static void residents_as_a_yardstick_change_nothing(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        town *t = any_town(seed);
        t->has_benchmark = true;
        assert_int_equal(town_try(t), ONUS_OK);
        assert_true(town_near(town_value(t, "burden.exposure", "benchmark=calls group=g1"),
                              town_value(t, "burden.exposure", "group=g1")));
        assert_true(town_near(town_value(t, "burden.attributed", "benchmark=calls group=g1"),
                              town_value(t, "burden.attributed", "group=g1")));
        town_free(t);
    }
}

static void flags_proportional_to_people_weigh_on_no_group_more(void **state) {
    (void)state;
    town *t = any_town(3);
    for (size_t r = 0; r < t->n_flags; r++) {
        t->flag_count[r] = t->total[r] / 7.0;
    }
    assert_int_equal(town_try(t), ONUS_OK);
    assert_true(town_near(
        town_value(t, "burden.ratio", "definition=attributed group=g0 reference=g2 source=space"),
        1.0));
    /* the square root in the E-value turns rounding of 1e-16 into 1e-8 */
    assert_true(
        fabs(town_value(t, "burden.evalue", "definition=attributed group=g0 reference=rest") -
             1.0) < 1e-6);
    town_free(t);
}

static void a_group_of_nobody_has_no_value_and_a_reason(void **state) {
    (void)state;
    town *t = four_areas();
    for (size_t i = 0; i < 4; i++) {
        t->people[1][i] = 0.0;
    }
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m = town_find(t, "burden.exposure", "group=g1");
    assert_false(m->has_value);
    assert_non_null(strstr(m->reason, "nobody"));
    m = town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=flags");
    assert_false(m->has_value);
    town_free(t);
}

static void margins_give_a_census_interval(void **state) {
    (void)state;
    town *t = any_town(5);
    t->has_margins = true;
    for (size_t i = 0; i < t->n_areas; i++) {
        t->total_margin[i] = 30.0;
        for (size_t g = 0; g < 3; g++) {
            t->margin[g][i] = 20.0;
        }
    }
    assert_int_equal(town_try(t), ONUS_OK);
    const onus_measure *m =
        town_find(t, "burden.ratio", "definition=exposure group=g0 reference=g1 source=census");
    assert_true(m->interval.given && m->interval.low < m->value && m->value < m->interval.high);
    assert_null(m->interval.resampled);
    /* by hand: Var log E_g = sum ((x - E)/(P E))^2 s^2, independent sides */
    double var = 0.0;
    for (size_t g = 0; g < 2; g++) {
        const double p = town_find(t, "burden.exposure", g == 0 ? "group=g0" : "group=g1")->den;
        const double e = town_value(t, "burden.exposure", g == 0 ? "group=g0" : "group=g1");
        for (size_t i = 0; i < t->n_areas; i++) {
            const double slope = (t->flag_count[i] - e) / (p * e);
            var += slope * slope * (20.0 / 1.645) * (20.0 / 1.645);
        }
    }
    assert_true(fabs(m->se - sqrt(var)) < 1e-9);
    m = town_find(t, "burden.share", "group=g0 set=all");
    assert_true(m->interval.given && m->interval.low < m->value && m->value < m->interval.high);
    town_free(t);
}

static void dissimilarity_isolation_and_gini_by_hand(void **state) {
    (void)state;
    town *t = four_areas();
    assert_int_equal(town_try(t), ONUS_OK);
    const double d = 0.5 * (fabs(20.0 / 180 - 80.0 / 170) + fabs(150.0 / 180 - 50.0 / 170) +
                            fabs(10.0 / 180 - 40.0 / 170));
    assert_true(town_near(town_value(t, "burden.dissimilarity", "group=g0"), d));
    assert_true(town_near(town_value(t, "burden.isolation", "group=g0"),
                          (20 * 0.2 + 150 * 0.75 + 10 * 0.2) / 180.0));
    /* flags 1, 3, 4, 10: sum |differences| over pairs 2+3+9+1+7+6 = 28, twice, / (2 n^2 mean) */
    assert_true(town_near(town_value(t, "burden.gini", ""), 2.0 * 28.0 / (2.0 * 16.0 * 4.5)));
    /* all areas have the same land */
    assert_true(town_near(town_value(t, "burden.delta", ""),
                          0.5 * (fabs(10 / 18.0 - 0.25) + fabs(4 / 18.0 - 0.25) +
                                 fabs(1 / 18.0 - 0.25) + fabs(3 / 18.0 - 0.25))));
    /* segregation Gini of two groups is the same for both */
    assert_true(town_near(town_value(t, "burden.gini", "group=g0"),
                          town_value(t, "burden.gini", "group=g1")));
    assert_true(town_near(town_value(t, "burden.theil", "group=g0"),
                          town_value(t, "burden.theil", "group=g1")));
    town_free(t);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    town *one = any_town(9);
    town *seven = any_town(9);
    seven->n_threads = 7;
    assert_int_equal(town_try(one), ONUS_OK);
    assert_int_equal(town_try(seven), ONUS_OK);
    assert_int_equal(onus_result_n_measures(&one->result), onus_result_n_measures(&seven->result));
    for (size_t k = 0; k < onus_result_n_measures(&one->result); k++) {
        const onus_measure *a = onus_result_measure(&one->result, k);
        const onus_measure *b = onus_result_measure(&seven->result, k);
        assert_memory_equal(&a->value, &b->value, sizeof a->value);
        assert_memory_equal(&a->interval.low, &b->interval.low, sizeof a->value);
        assert_memory_equal(&a->interval.high, &b->interval.high, sizeof a->value);
        assert_memory_equal(&a->p_value, &b->p_value, sizeof a->value);
    }
    town_free(one);
    town_free(seven);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_definitions_by_hand),
        cmocka_unit_test(with_two_groups_the_rest_is_the_other_group),
        cmocka_unit_test(the_three_sources_share_one_value_and_say_what_is_missing),
        cmocka_unit_test(attributed_load_gives_back_every_flag_on_people),
        cmocka_unit_test(the_ratio_does_not_know_how_many_flags_there_are),
        cmocka_unit_test(groups_keep_their_figures_when_their_order_changes),
        cmocka_unit_test(residents_as_a_yardstick_change_nothing),
        cmocka_unit_test(flags_proportional_to_people_weigh_on_no_group_more),
        cmocka_unit_test(a_group_of_nobody_has_no_value_and_a_reason),
        cmocka_unit_test(margins_give_a_census_interval),
        cmocka_unit_test(dissimilarity_isolation_and_gini_by_hand),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests_name("burden", tests, NULL, NULL);
}
