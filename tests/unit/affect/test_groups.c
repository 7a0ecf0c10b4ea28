/* For whom is the label wrong: a planted gap, a planted reversal, and what must be refused. */
#include "made.h"

#include "../stats/near.h"

enum { EASY, HARD };

/* A person with n items of either label, of which the product gets so many right. */
static void add_person(made *w, int32_t p, int n_easy, int right_easy, int n_hard, int right_hard) {
    for (int k = 0; k < n_easy; k++) {
        made_report(w, made_item(w, p, k < right_easy ? EASY : HARD), EASY);
    }
    for (int k = 0; k < n_hard; k++) {
        made_report(w, made_item(w, p, k < right_hard ? HARD : EASY), HARD);
    }
}

/* Women are mostly shown with the easy label, men with the hard one; on either label the product is
 * a tenth worse for women. People differ a little. */
static made *reversal(void) {
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) {
        const int more = p / 2 % 2; /* half the people of each sex: one more of either right */
        made_person(w, p, p % 2, -1);
        if (p % 2 == 0) {
            add_person(w, p, 40, 31 + more, 10, 2 + more); /* .7875 of easy, .25 of hard */
        } else {
            add_person(w, p, 10, 8 + more, 40, 14 + more); /* .85, .3625 */
        }
    }
    return w;
}

static void a_crude_gap_and_a_gap_on_equal_labels_have_opposite_signs(void **state) {
    (void)state;
    made *w = reversal();
    made_try(w);
    static const char SCOPE[] = "against=self_report by=sex group=men reference=women";
    /* as many of both: the first is the reference group */
    assert_near(made_value(w, "affect.gap", SCOPE), (0.0625 + 0.1125) / 2, 1e-12);
    const double crude = (0.85 * 10 + 0.3625 * 40 - 0.7875 * 40 - 0.25 * 10) / 50;
    assert_near(made_value(w, "affect.gap_crude", SCOPE), crude, 1e-12);
    assert_true(crude < -0.2);
    assert_near(made_value(w, "affect.gap_mix", SCOPE), crude - 0.0875, 1e-12);
    /* told once more without naming the reference, which is the board's */
    assert_near(made_value(w, "affect.gap", "by=sex group=men reference=women"), 0.0875, 1e-12);
    assert_true(made_value(w, "affect.mantel_haenszel", SCOPE) > 1);
    assert_true(made_value(w, "affect.ets_delta", SCOPE) < 0);
    const onus_cell *why = made_cell(w, "gaps", 0, "why");
    assert_non_null(strstr(why->text, "but 'anger' is 20 % of the items of men "
                                      "and 80 % of those of women"));
    assert_near(made_cell(w, "gaps", 0, "standardised")->number, 0.0875, 1e-12);
    made_free(w);
}

static void a_group_without_a_label_is_refused_and_named(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) { /* men were only ever recorded with the easy label */
        made_person(w, p, p % 2, -1);
        add_person(w, p, 10, 8 + p % 3, p % 2 == 0 ? 10 : 0, 4);
    }
    made_try(w);
    static const char SCOPE[] = "against=self_report by=sex group=men reference=women";
    const onus_measure *m = made_find(w, "affect.gap", SCOPE);
    assert_false(m->has_value);
    assert_string_equal(m->reason,
                        "the reference never has 'fear' for men: on labels that only one "
                        "of both has there is no comparison");
    assert_true(made_value(w, "affect.gap_crude", SCOPE) > 0.2); /* all of it the mix of labels */
    assert_false(made_find(w, "affect.detectable_gap", SCOPE)->has_value);
    assert_string_equal(made_cell(w, "gaps", 0, "state")->text, "refused");
    assert_true(made_cell(w, "gaps", 0, "standardised")->type == ONUS_CELL_NULL);
    assert_non_null(strstr(made_cell(w, "gaps", 0, "why")->text, "compares different labels"));
    made_free(w);
}

static void rows_find_a_gap_where_people_differ_by_chance(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 24; p++) { /* people differ a lot, the sexes hardly */
        made_person(w, p, p % 2, -1);
        const int right = (p / 2 % 4) * 20 + (p % 2) * 8;
        add_person(w, p, 80, right, 80, right);
    }
    made_try(w);
    static const char PAIR[] = "against=self_report by=sex errors=%s group=men reference=women";
    char scope[128];
    (void)snprintf(scope, sizeof scope, PAIR, "items");
    const onus_measure *items = made_find(w, "affect.mantel_haenszel_z", scope);
    (void)snprintf(scope, sizeof scope, PAIR, "people");
    const onus_measure *people = made_find(w, "affect.mantel_haenszel_z", scope);
    assert_true(fabs(items->value) > 5 && items->p_value < 1e-6);
    assert_true(fabs(people->value) < 2 && people->p_value > 0.05);
    const onus_measure *dif = made_find(
        w, "affect.dif", "against=self_report by=sex group=men reference=women test=uniform");
    assert_true(dif->p_value > 0.05);
    const onus_measure *gap =
        made_find(w, "affect.gap", "against=self_report by=sex group=men reference=women");
    assert_true(gap->interval.low < 0 && gap->interval.high > 0);
    assert_true(made_value(w, "affect.detectable_gap",
                           "against=self_report by=sex group=men reference=women") > 0.2);
    made_free(w);
}

static void a_difference_on_one_label_only_is_an_interaction(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) { /* on either label apart, over both alike */
        const int more = p / 2 % 2;
        made_person(w, p, p % 2, -1);
        add_person(w, p, 10, (p % 2 == 0 ? 8 : 5) + more, 10, (p % 2 == 0 ? 5 : 8) + more);
    }
    made_try(w);
    static const char PAIR[] = "against=self_report by=sex group=men reference=women test=%s";
    char scope[128];
    (void)snprintf(scope, sizeof scope, PAIR, "uniform");
    assert_true(made_find(w, "affect.dif", scope)->p_value > 0.9);
    (void)snprintf(scope, sizeof scope, PAIR, "interaction");
    assert_true(made_find(w, "affect.dif", scope)->p_value < 0.001);
    assert_near(made_value(w, "affect.gap", "by=sex group=men reference=women"), 0, 1e-12);
    made_free(w);
}

static void people_who_do_not_differ_give_no_interval(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 40; p++) {
        made_person(w, p, p % 2, -1);
        add_person(w, p, 10, p % 2 == 0 ? 8 : 5, 10, 5);
    }
    made_try(w);
    const onus_measure *gap =
        made_find(w, "affect.gap", "against=self_report by=sex group=men reference=women");
    assert_true(gap->has_value && !gap->interval.given);
    assert_non_null(strstr(gap->reason, "the same for every person"));
    made_free(w);
}

static void intersections_are_compared_and_p_values_adjusted(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 80; p++) { /* old women alone fare badly: neither margin shows how */
        const int32_t sex = p % 2;
        const int32_t age = p / 2 % 2;
        made_person(w, p, sex, age);
        const int right = sex == 0 && age == 0 ? 3 : 8;
        add_person(w, p, 10, right + p / 4 % 2, 10, right);
    }
    made_try(w);
    const onus_measure *worst = made_find(
        w, "affect.gap",
        "against=self_report by=sex and age group=women and young reference=women and old");
    assert_near(worst->value, 0.5, 1e-12);
    assert_near(made_value(w, "affect.gap", "against=self_report by=sex group=men reference=women"),
                0.25, 1e-12);
    assert_near(made_value(w, "affect.gap_widest", "against=self_report by=sex and age"), 0.5,
                1e-12);
    const onus_measure *adjusted = made_find(
        w, "affect.gap_p_adjusted",
        "against=self_report by=sex and age group=women and young reference=women and old");
    assert_true(adjusted->value >= worst->p_value);
    /* nobody's age is "not said": the group is told, with no number */
    const onus_measure *nobody =
        made_find(w, "affect.gap", "against=self_report by=age group=not said reference=old");
    assert_false(nobody->has_value);
    assert_string_equal(nobody->reason, "nobody of this group is compared");
    made_free(w);
}

static void groups_of_two_people_are_withheld_and_of_few_are_weak(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 60; p++) {
        made_person(w, p, p % 2, p < 2 ? 2 : p < 7 ? 1 : 0); /* two not said, five young */
        add_person(w, p, 10, 5 + p % 4, 10, 5 + p % 3);
    }
    made_try(w);
    const onus_measure *two =
        made_find(w, "affect.gap", "against=self_report by=age group=not said reference=old");
    assert_true(two->withheld);
    size_t n_withheld = 0;
    for (size_t row = 0; made_cell(w, "gaps", row, "state") != NULL; row++) {
        const bool hidden = strcmp(made_cell(w, "gaps", row, "state")->text, "withheld") == 0;
        n_withheld += hidden;
        assert_true(!hidden || made_cell(w, "gaps", row, "crude")->type == ONUS_CELL_NULL);
        assert_true(!hidden || made_cell(w, "gaps", row, "n_group")->type == ONUS_CELL_NULL);
    }
    assert_true(n_withheld > 0);
    made_free(w);
    w = made_new(2);
    for (int32_t p = 0; p < 60; p++) {
        made_person(w, p, p < 5 ? 0 : 1, -1);
        add_person(w, p, 10, 5 + p % 4, 10, 5 + p % 3);
    }
    made_try(w);
    const onus_measure *few =
        made_find(w, "affect.gap", "against=self_report by=sex group=women reference=men");
    assert_true(few->interval.given && few->interval.weak);
    assert_string_equal(made_cell(w, "gaps", 0, "state")->text, "weak");
    made_free(w);
}

static void intersections_of_a_reference_that_few_have_are_withheld_together(void **state) {
    (void)state;
    made *w = made_new(2);
    for (int32_t p = 0; p < 80; p++) { /* of the young women only two were asked */
        const int32_t sex = p % 2;
        const int32_t age = p / 2 % 2;
        made_person(w, p, sex, age);
        for (int k = 0; k < 4; k++) {
            const size_t i = made_item(w, p, k % 2);
            if (sex == 1 || age == 0 || p < 8) {
                made_report(w, i, p % 3 == 0 ? 1 : k % 2);
            }
            made_intend(w, i, p % 3 == 0 ? 1 : k % 2);
        }
    }
    made_try(w);
    static const char *const groups[] = {"women and old", "women and young", "men and old",
                                         "men and young"};
    for (size_t g = 0; g < 4; g++) {
        char scope[128];
        (void)snprintf(scope, sizeof scope, "against=self_report by=sex and age group=%s",
                       groups[g]);
        assert_true(made_find(w, "affect.accuracy", scope)->withheld);
        (void)snprintf(scope, sizeof scope, "against=intended by=sex and age group=%s", groups[g]);
        assert_false(made_find(w, "affect.accuracy", scope)->withheld);
    }
    assert_false(made_find(w, "affect.accuracy", "against=self_report by=sex group=men")->withheld);
    made_free(w);
}

static void running_out_of_memory_is_said(void **state) {
    (void)state;
    made *w = reversal();
    w->c.protocol.n_replicates = 10;
    made_survives(w, "affect.gap");
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crude_gap_and_a_gap_on_equal_labels_have_opposite_signs),
        cmocka_unit_test(a_group_without_a_label_is_refused_and_named),
        cmocka_unit_test(rows_find_a_gap_where_people_differ_by_chance),
        cmocka_unit_test(a_difference_on_one_label_only_is_an_interaction),
        cmocka_unit_test(people_who_do_not_differ_give_no_interval),
        cmocka_unit_test(intersections_are_compared_and_p_values_adjusted),
        cmocka_unit_test(groups_of_two_people_are_withheld_and_of_few_are_weak),
        cmocka_unit_test(intersections_of_a_reference_that_few_have_are_withheld_together),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
