/* Groups, what comparisons are worth, the use that is meant, figures of the field: against plain
 * sums. */
#include "made.h"

#include "../stats/near.h"

#include "onus/stats_chain.h"

/* Strangers of one group are alike: 8 % of their comparisons match, 1 % of others; 10 % of pairs of
 * one person do not; every 40th comparison fails. */
static double alike(const made_pair *pair, uint64_t *random) {
    const double u = made_uniform(random);
    if (u < 0.025) {
        return NAN;
    }
    const double v = made_uniform(random);
    if (pair->person_a == pair->person_b) {
        return v < 0.1 ? 0.0 : 1.0;
    }
    const double chance = pair->group_a == pair->group_b && pair->group_a == 1 ? 0.08 : 0.01;
    return v < chance ? 1.0 : 0.0;
}

static double never(const made_pair *pair, uint64_t *random) {
    (void)random;
    return pair->person_a == pair->person_b ? 1.0 : 0.0;
}

static made *case_of(made_score score) {
    made *w = made_new();
    made_people(w, 60, 4, 2, 3);
    made_all_pairs(w, score, 5);
    made_use(w, 0.5);
    return w;
}

static const onus_measure *of(const made *w, const char *id, size_t n,
                              const char *const keys[][2]) {
    const onus_measure *m = made_measure(w, id, n, keys);
    if (m == NULL) {
        fail_msg("no %s", id);
    }
    return m;
}

static void cells_add_up_to_the_whole(void **state) {
    (void)state;
    made *w = case_of(alike);
    static const char *const names[] = {"A", "B", "C"};
    double num = 0;
    double den = 0;
    made_try(w);
    for (size_t a = 0; a < 3; a++) {
        for (size_t b = a; b < 3; b++) {
            const char *const keys[][2] = {{"probe_group", names[a]},
                                           {"reference_group", names[b]}};
            const onus_measure *m = of(w, "match.fmr", 2, keys);
            num += m->num;
            den += m->den;
        }
        const char *const group[][2] = {{"group", names[a]}};
        const char *const cell[][2] = {{"probe_group", names[a]}, {"reference_group", names[a]}};
        assert_true(of(w, "match.fmr", 1, group)->num == of(w, "match.fmr", 2, cell)->num);
    }
    const onus_measure *all = of(w, "match.fmr", 0, NULL);
    assert_true(all->num == num && all->den == den);
    made_free(w);
}

static void the_group_that_is_worse_off_is_told_from_the_others(void **state) {
    (void)state;
    made *w = case_of(alike);
    made_try(w);
    const char *const b[][2] = {{"group", "B"}, {"rate", "fmr"}};
    const char *const c[][2] = {{"group", "C"}, {"rate", "fnmr"}};
    const onus_measure *worse = of(w, "match.group_ratio", 2, b);
    assert_true(worse->interval.low > 3.0 && worse->value > 5.0 && !worse->interval.weak);
    assert_true(of(w, "match.group_gap", 2, b)->interval.low > 0.0);
    const onus_measure *alike_misses = of(w, "match.group_ratio", 2, c);
    assert_true(alike_misses->interval.low < 1.0 && alike_misses->interval.high > 1.0);
    assert_true(of(w, "match.detectable_ratio", 2, c)->value > 1.0);
    const char *const by[][2] = {{"by", "group"}, {"rate", "fmr"}};
    const onus_measure *ratio = of(w, "match.max_min", 2, by);
    assert_true(ratio->interval.low > 1.0 && ratio->interval.high > ratio->value);
    assert_false(ratio->interval.weak);
    assert_true(of(w, "match.gini", 2, by)->interval.weak); /* noise alone has one */
    const char *const joint[][2] = {{"by", "group"}};
    assert_true(of(w, "match.garbe", 1, joint)->has_value);
    assert_true(of(w, "match.fdr", 1, joint)->value < 1.0);
    assert_true(of(w, "match.inequity", 1, joint)->value > 1.0);
    made_free(w);
}

static void failures_are_counted_within_groups(void **state) {
    (void)state;
    made *w = case_of(alike);
    made_try(w);
    const char *const a[][2] = {{"group", "A"}};
    const char *const as_match[][2] = {{"convention", "fta_as_match"}, {"group", "A"}};
    const onus_measure *fta = of(w, "match.fta", 1, a);
    const onus_measure *genuine = of(w, "match.genuine", 1, a);
    const onus_measure *impostor = of(w, "match.impostor", 1, a);
    assert_true(fta->den - fta->num == genuine->value + impostor->value);
    const onus_measure *fmr = of(w, "match.fmr", 1, a);
    assert_true(fmr->den == impostor->value);
    const onus_measure *worst = of(w, "match.fmr", 2, as_match);
    assert_true(worst->num - fmr->num == worst->den - fmr->den);
    made_free(w);
}

static void without_an_error_disjoint_pairs_decide(void **state) {
    (void)state;
    made *w = case_of(never);
    made_try(w);
    const char *const by_rows[][2] = {{"counted", "comparisons"}};
    const char *const by_pairs[][2] = {{"counted", "disjoint_pairs"}};
    const onus_measure *fmr = of(w, "match.fmr", 0, NULL);
    assert_true(fmr->value == 0.0 && of(w, "match.disjoint_pairs", 0, NULL)->value == 30.0);
    assert_near(fmr->interval.high, 1.0 - pow(0.05, 1.0 / 30.0), 1e-14);
    assert_true(of(w, "match.zero_bound", 1, by_pairs)->value == fmr->interval.high);
    assert_true(of(w, "match.zero_bound", 1, by_rows)->value < 2e-4);
    assert_false(of(w, "match.n_effective", 0, NULL)->has_value);
    const char *const by[][2] = {{"by", "group"}, {"rate", "fmr"}};
    const onus_measure *ratio = of(w, "match.max_min", 2, by);
    assert_true(!ratio->has_value && ratio->reason != NULL);
    made_free(w);
}

static void use_follows_from_the_rates_and_their_limits(void **state) {
    (void)state;
    made *w = case_of(alike);
    onus_deployment_ref *d = &w->c.match.deployment;
    *d = (onus_deployment_ref){.given = true,
                               .searches_per_day = 1000,
                               .n_on_list = 20,
                               .prevalence_frac = 0.01,
                               .n_hops = 3,
                               .n_people = 51,
                               .sightings_each = 2};
    made_try(w);
    const onus_measure *fmr = of(w, "match.fmr", 0, NULL);
    const onus_measure *fnmr = of(w, "match.fnmr", 0, NULL);
    const char *const from[][2] = {{"from", "comparisons"}};
    const double fpir = onus_fpir_of(fmr->value, 20).value;
    const onus_measure *ppv = of(w, "match.ppv", 1, from);
    assert_near(ppv->value, onus_ppv(0.01, 1.0 - fnmr->value, fpir).value, 1e-15);
    /* most alerts are right where fewest strangers match and fewest are missed */
    const double best = onus_fpir_of(fmr->interval.low, 20).value;
    assert_near(ppv->interval.high, onus_ppv(0.01, 1.0 - fnmr->interval.low, best).value, 1e-15);
    assert_near(of(w, "match.false_alerts_per_day", 1, from)->value, 990.0 * fpir, 1e-10);
    assert_near(of(w, "match.missed_per_day", 1, from)->value, 10.0 * fnmr->value, 1e-12);
    const onus_measure *branching = of(w, "match.branching", 0, NULL);
    assert_near(branching->value, 1.0 - fnmr->value + 50.0 * fmr->value, 1e-14);
    assert_true(branching->interval.low < branching->value &&
                branching->value < branching->interval.high);
    const onus_measure *merged = of(w, "match.merged_share", 0, NULL);
    assert_near(merged->value, onus_merge_share(51, 2, fmr->value).value, 1e-15);
    const char *const alert[][2] = {{"from", "comparisons"}, {"per", "alert"}};
    assert_near(of(w, "match.error_in_use", 2, alert)->value, 1.0 - ppv->value, 1e-15);
    assert_true(of(w, "match.fpir_bound", 0, NULL)->value >= fpir);
    made_free(w);
}

static void a_use_without_sizes_says_which_is_missing(void **state) {
    (void)state;
    made *w = case_of(alike);
    w->c.match.deployment.given = true;
    made_try(w);
    const onus_measure *merged = of(w, "match.merged_share", 0, NULL);
    assert_false(merged->has_value);
    assert_string_equal(merged->reason, "deployment.people or sightings_each is not given");
    const char *const from[][2] = {{"from", "comparisons"}};
    assert_string_equal(of(w, "match.ppv", 1, from)->reason,
                        "deployment.people_on_list is not given");
    made_free(w);
}

static void printed_figures_are_held_against_their_counts(void **state) {
    (void)state;
    made *w = made_new();
    char *names[] = {made_text("one"), made_text("two"), made_text("three"), made_text("four")};
    double count[] = {10, 5, NAN, 9};
    double all[] = {2077, 10, NAN, 3};
    double printed[] = {0.0048, 0.6, 0.1, 0.3};
    double unit[] = {0.0001, 0.01, 0.01, 0.01};
    w->c.match.comparisons.source.file = NULL;
    w->c.match.field.source.file = made_text("field.csv");
    w->e.match.field = (onus_field_figures){.n_rows = 4,
                                            .names = names,
                                            .count = count,
                                            .of = all,
                                            .printed = printed,
                                            .digit_unit = unit};
    made_try(w);
    const char *const one[][2] = {{"figure", "one"}};
    const char *const four[][2] = {{"figure", "four"}};
    assert_true(of(w, "match.field_share", 1, one)->num == 10.0);
    assert_string_equal(of(w, "match.field_share", 1, four)->reason,
                        "more were counted than there are");
    const onus_measure *again = of(w, "match.field_recomputed", 0, NULL);
    assert_true(again->num == 1.0 && again->den == 2.0);
    assert_non_null(strstr(made_warning(w, "field_not_recomputed"), "1 of 2 printed figures"));
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_add_up_to_the_whole),
        cmocka_unit_test(the_group_that_is_worse_off_is_told_from_the_others),
        cmocka_unit_test(failures_are_counted_within_groups),
        cmocka_unit_test(without_an_error_disjoint_pairs_decide),
        cmocka_unit_test(use_follows_from_the_rates_and_their_limits),
        cmocka_unit_test(a_use_without_sizes_says_which_is_missing),
        cmocka_unit_test(printed_figures_are_held_against_their_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
