/* An affect trial as a whole: what is on trial, who is counted, what is withheld, what is asked. */
#include "written.h"

#define VOTES "raters: {file: votes.csv, item: clip, rater: who, label: vote}\n"

/* ---- what is on trial ---- */

static void abstentions_are_in_every_denominator(void **state) {
    (void)state;
    made m;
    write_text("said.csv", "clip,said\nc1,calm\nc2,\nc3,sad\nc4,\n");
    write_text("felt.csv", "clip,felt\nc1,calm\nc2,calm\nc3,happy\nc4,sad\n");
    made_run(&m, HEAD LABELS SELF DOMAIN QUICK "}\n");
    assert_fraction(&m, "affect.abstained", "", 2, 4);
    assert_fraction(&m, "affect.accuracy", "against=self_report", 1, 4);
    assert_fraction(&m, "affect.accuracy", "abstentions=left_out against=self_report", 1, 2);
    assert_says(made_warning(&m, "abstentions"), "2 of 4 items");
    assert_says(made_warning(&m, "abstentions"), "from 25.0 % to 50.0 %");
    assert_says(made_question(&m, 10)->answer, "2 of 4 items");
    made_clear(&m);
}

static void the_first_repeat_of_the_last_version_is_held_against_the_references(void **state) {
    (void)state;
    made m;
    write_text("said.csv", "clip,said,v,take\nc1,sad,v2,1\nc1,calm,v10,2\nc1,happy,v10,1\n"
                           "c2,sad,v2,1\nc2,calm,v10,1\n");
    write_text("felt.csv", "clip,felt\nc1,happy\nc2,sad\n");
    made_run(
        &m, HEAD
        "labels: {file: said.csv, item: clip, label: said, version: v, repeat: take}\n" SELF DOMAIN
            QUICK ", retest: take}\n");
    assert_fraction(&m, "affect.accuracy", "against=self_report", 1, 2); /* c1 happy, c2 calm */
    assert_says(made_warning(&m, "versions"), "2 versions of the product; 'v10' is on trial");
    assert_says(made_warning(&m, "repeats"), "5 rows are of 2 items");
    made_clear(&m);
}

static void items_that_cannot_be_compared_are_counted(void **state) {
    (void)state;
    made m;
    write_text("said.csv", "clip,said\nc1,calm\nc2,sad\nc3,sad\n");
    write_text("felt.csv", "clip,felt\nc1,calm\nc2,calm\nc2,sad\nc9,sad\n");
    made_run(&m, HEAD LABELS SELF DOMAIN QUICK "}\n");
    assert_value(&m, "affect.items", "", 3);
    assert_fraction(&m, "affect.accuracy", "against=self_report", 1, 1);
    assert_says(made_warning(&m, "without_reference"), "2 of 3 items cannot be held against");
    assert_says(made_warning(&m, "conflicting_labels"), "1 items have rows that differ");
    made_clear(&m);
}

/* ---- people ---- */

static void write_groups(const size_t n_of[2][3]) {
    onus_text clips = {0};
    onus_text people = {0};
    onus_text said = {0};
    onus_text_add(&clips, "clip,actor\n");
    onus_text_add(&people, "actor,sex,race\n");
    onus_text_add(&said, "clip,said\n");
    size_t n = 0;
    for (size_t s = 0; s < 2; s++) {
        for (size_t r = 0; r < 3; r++) {
            for (size_t k = 0; k < n_of[s][r]; k++, n++) {
                onus_text_addf(&people, "p%03zu,%c,%c\n", n, "FM"[s], "ABC"[r]);
                for (size_t c = 0; c < 3; c++) {
                    onus_text_addf(&clips, "p%03zu-%zu,p%03zu\n", n, c, n);
                    onus_text_addf(&said, "p%03zu-%zu,%s\n", n, c, LABEL[c]);
                }
            }
        }
    }
    write_text("clips.csv", clips.data);
    write_text("actors.csv", people.data);
    write_text("said.csv", said.data);
    write_text("felt.csv", said.data);
    onus_text_clear(&clips);
    onus_text_clear(&people);
    onus_text_clear(&said);
}

#define GROUPED                                                                                    \
    HEAD LABELS ITEMS "people: {file: actors.csv, id: actor, groups: {sex: sex, race: race}}\n"    \
                      "self_report: {file: felt.csv, item: clip, label: said}\n" DOMAIN QUICK      \
                      "}\n"

static bool shows(const made *m, const char *by, const char *group) {
    char scope[128];
    (void)snprintf(scope, sizeof scope, "by=%s group=%s", by, group);
    return made_shows(m, "affect.items", scope);
}

/* Two in "F and C": F less "F and A" less "F and B" would be they, and so would C less "M and C".
 */
static void intersections_give_no_two_people_back(void **state) {
    (void)state;
    made m;
    write_groups((const size_t[2][3]){{5, 4, 2}, {6, 2, 5}});
    made_run(&m, GROUPED);
    const char *x = "sex and race";
    assert_false(shows(&m, x, "F and C"));
    assert_false(shows(&m, x, "M and B"));
    assert_false(shows(&m, "sex", "F") && shows(&m, x, "F and A") && shows(&m, x, "F and B"));
    assert_false(shows(&m, "sex", "M") && shows(&m, x, "M and A") && shows(&m, x, "M and C"));
    assert_false(shows(&m, "race", "C") && shows(&m, x, "M and C"));
    assert_false(shows(&m, "race", "B") && shows(&m, x, "F and B"));
    assert_true(shows(&m, "sex", "F")); /* intersections go first */
    assert_true(shows(&m, "race", "A"));
    made_clear(&m);
}

static void large_intersections_are_all_shown(void **state) {
    (void)state;
    made m;
    write_groups((const size_t[2][3]){{5, 4, 3}, {6, 12, 5}});
    made_run(&m, GROUPED);
    static const char *const names[] = {"F and A", "F and B", "F and C",
                                        "M and A", "M and B", "M and C"};
    for (size_t k = 0; k < 6; k++) {
        assert_true(shows(&m, "sex and race", names[k]));
    }
    assert_value(&m, "affect.items", "by=sex and race group=M and B", 36);
    assert_value(&m, "affect.people", "", 35);
    assert_value(&m, "affect.people", "by=sex group=M", 23);
    assert_null(made_find(&m, "affect.people", "by=sex and race group=M and B"));
    made_clear(&m);
}

static void one_person_is_crossed_with_nothing(void **state) {
    (void)state;
    made m;
    write_groups((const size_t[2][3]){{8, 7, 1}, {9, 8, 0}});
    made_run(&m, GROUPED);
    assert_false(shows(&m, "race", "C"));
    assert_null(made_find(&m, "affect.items", "by=sex and race group=F and C"));
    assert_null(made_find(&m, "affect.items", "by=sex and race group=M and C"));
    made_clear(&m);
}

static void without_people_each_item_is_a_person_and_it_is_said(void **state) {
    (void)state;
    made m;
    write_people(20, 4);
    made_run(&m, HEAD LABELS SELF DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "people_unknown"), "80 items");
    assert_false(made_shows(&m, "affect.people", ""));
    assert_string_equal(made_question(&m, 12)->grade, "not testable");
    made_clear(&m);
    write_people(4, 4);
    made_run(&m, HEAD LABELS ITEMS SELF DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "few_people"), "fewer than 10 people");
    assert_true(made_find(&m, "affect.people", "")->withheld);
    made_clear(&m);
}

static void few_raters_are_not_counted(void **state) {
    (void)state;
    made m;
    write_people(12, 4);
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK "}\n");
    assert_true(made_find(&m, "affect.raters", "")->withheld);
    made_clear(&m);
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK ", suppress_below: 2}\n");
    assert_value(&m, "affect.raters", "", 2);
    made_clear(&m);
    made_run(&m, HEAD LABELS ITEMS
             "raters: {file: votes.csv, item: clip, label: vote}\n" DOMAIN QUICK "}\n");
    assert_says(made_find(&m, "affect.raters", "")->reason, "name no rater");
    assert_says(made_warning(&m, "anonymous_votes"), "96 votes");
    made_clear(&m);
}

/* ---- questions and claims ---- */

static void without_self_reports_everything_is_capped(void **state) {
    (void)state;
    made m;
    write_people(12, 4);
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK
             "}\n"
             "claims: [{say: it feels with you, measure: affect.accuracy, scope: {against: "
             "self_report}, at_least: 0.5}]\n");
    assert_non_null(made_warning(&m, "no_self_report"));
    assert_string_equal(made_question(&m, 2)->grade, "not testable");
    assert_says(made_question(&m, 2)->answer, "capped");
    assert_string_equal(made_question(&m, 1)->grade, "not testable");
    assert_says(made_question(&m, 1)->answer, "\"it feels with you\"");
    assert_says(made_question(&m, 1)->answer, "a felt state");
    made_clear(&m);
}

static void twelve_questions_are_answered_in_their_order(void **state) {
    (void)state;
    made m;
    write_people(24, 6);
    made_run(&m, HEAD LABELS ITEMS SELF VOTES DOMAIN
             "setting: {expression: spontaneous, choice: free, raters_blind: yes, place: a "
             "train}\n" QUICK "}\n");
    const onus_question *questions = m.result.questions.items;
    assert_int_equal(m.result.questions.n_items, 12);
    for (size_t q = 0; q < 12; q++) {
        assert_int_equal(questions[q].n, q + 1);
        assert_true(questions[q].answer[0] != '\0' && strstr(questions[q].answer, "  ") == NULL);
    }
    assert_says(made_question(&m, 2)->answer, "of 144 items");
    assert_says(made_question(&m, 3)->answer, "blind, says the case");
    assert_string_equal(made_question(&m, 4)->grade, "supported");
    assert_says(made_question(&m, 4)->answer, "One onlooker: 75.0 %, the product is better");
    assert_says(made_question(&m, 4)->answer,
                "Of the first 3 comparisons it is better in 3, worse in 0.");
    assert_says(made_question(&m, 5)->answer, "Where 1 of 100 items were");
    assert_says(made_question(&m, 6)->answer, "of 3 is weak or unsupported");
    assert_says(made_question(&m, 7)->answer, "no item was labelled twice");
    assert_says(made_question(&m, 8)->answer, "labels.scores");
    assert_says(made_question(&m, 9)->answer, "names no groups");
    assert_says(made_question(&m, 11)->answer, "a train");
    assert_says(made_question(&m, 12)->answer, "144 items show 24 people");
    made_clear(&m);
}

static void acted_data_is_said_to_be_acted(void **state) {
    (void)state;
    made m;
    write_people(12, 4);
    made_run(&m, HEAD LABELS ITEMS
             "intended: {file: felt.csv, item: clip, label: felt}\n" DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "acted"), "were told what to show");
    assert_string_equal(made_question(&m, 11)->grade, "contradicted");
    made_clear(&m);
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK "}\n");
    assert_string_equal(made_question(&m, 11)->grade, "not testable");
    made_clear(&m);
}

/* ---- faults ---- */

static void every_allocation_of_a_trial_may_fail(void **state) {
    (void)state;
    made m;
    write_groups((const size_t[2][3]){{5, 4, 2}, {6, 2, 5}});
    made_load(&m, HEAD LABELS ITEMS
              "people: {file: actors.csv, id: actor, groups: {sex: sex, race: race}}\n"
              "self_report: {file: felt.csv, item: clip, label: said}\n"
              "raters: {file: said.csv, item: clip, label: said}\n" DOMAIN
              "protocol: {resample: {unit: person, replicates: 5}}\n"
              "claims: [{say: s, measure: affect.accuracy, scope: {group: any}, at_least: 0.5}]\n");
    FAULT_SPREAD(fault, 30, 120) {
        fault_expect(&fault, made_try(&m));
        onus_result_clear(&m.result);
    }
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abstentions_are_in_every_denominator),
        cmocka_unit_test(the_first_repeat_of_the_last_version_is_held_against_the_references),
        cmocka_unit_test(items_that_cannot_be_compared_are_counted),
        cmocka_unit_test(intersections_give_no_two_people_back),
        cmocka_unit_test(large_intersections_are_all_shown),
        cmocka_unit_test(one_person_is_crossed_with_nothing),
        cmocka_unit_test(without_people_each_item_is_a_person_and_it_is_said),
        cmocka_unit_test(few_raters_are_not_counted),
        cmocka_unit_test(without_self_reports_everything_is_capped),
        cmocka_unit_test(twelve_questions_are_answered_in_their_order),
        cmocka_unit_test(acted_data_is_said_to_be_acted),
        cmocka_unit_test(every_allocation_of_a_trial_may_fail),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
