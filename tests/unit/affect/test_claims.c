/* Claims about labels of emotions: which measure decides, and in which words. */
#include "written.h"

#define VOTES "raters: {file: votes.csv, item: clip, rater: who, label: vote}\n"
#define PEOPLE "people: {file: actors.csv, id: actor, groups: {home: home}}\n"

static void write_homes(size_t n) {
    onus_text text = {0};
    onus_text_add(&text, "actor,home\n");
    for (size_t p = 0; p < n; p++) {
        onus_text_addf(&text, "p%03zu,%s\n", p, p % 2 == 0 ? "north" : "south");
    }
    write_text("actors.csv", text.data);
    onus_text_clear(&text);
}

static void with_claim(made *m, const char *claim) {
    onus_text text = {0};
    onus_text_addf(&text, "%s%s%s%s%s%s%s%s}\nclaims:\n  - {say: s, %s}\n", HEAD, LABELS, ITEMS,
                   PEOPLE, SELF, VOTES, DOMAIN, QUICK, claim);
    made_run(m, text.data);
    onus_text_clear(&text);
}

static void a_claim_says_what_its_label_is_held_against(void **state) {
    (void)state;
    made m;
    with_claim(&m, "measure: affect.accuracy, scope: {against: self_report}, at_least: 0.99");
    assert_int_equal(m.result.claims[0].verdict, ONUS_VERDICT_CONTRADICTED);
    assert_says(m.result.claims[0].sentence,
                "Held against what people themselves reported, the product is right about ");
    assert_says(m.result.claims[0].sentence, " of 144 items (");
    made_clear(&m);
    with_claim(&m, "measure: affect.accuracy, scope: {against: raters}, at_least: 0.99");
    assert_says(m.result.claims[0].sentence, "Held against onlookers' votes, the product is right");
    made_clear(&m);
    with_claim(&m, "measure: affect.accuracy, scope: {against: intended}, at_least: 0.5");
    assert_int_equal(m.result.claims[0].verdict, ONUS_VERDICT_NOT_TESTABLE);
    assert_says(m.result.claims[0].sentence,
                "there is no against 'intended' in the results; there is self_report, raters");
    made_clear(&m);
}

static void any_group_is_judged_by_the_worst(void **state) {
    (void)state;
    made m;
    with_claim(&m, "measure: affect.accuracy, scope: {against: self_report, group: any}, at_least: "
                   "0.99");
    assert_says(m.result.claims[0].sentence, "Worst of 2 comparisons: Held against");
    assert_says(m.result.claims[0].sentence, " of 72 items of ");
    made_clear(&m);
}

static void labels_gains_and_gaps_have_words(void **state) {
    (void)state;
    made m;
    with_claim(&m, "measure: affect.recall, scope: {against: self_report, label: sad}, at_least: "
                   "0.9");
    assert_says(m.result.claims[0].sentence, "the product says 'sad' of ");
    assert_says(m.result.claims[0].sentence, " of 48 items that are (");
    made_clear(&m);
    with_claim(&m, "measure: affect.precision, scope: {against: self_report, label: calm}, "
                   "at_least: 0.9");
    assert_says(m.result.claims[0].sentence, "what it calls 'calm' is so for ");
    made_clear(&m);
    with_claim(&m, "measure: affect.gain, scope: {against: self_report, baseline: commonest}, "
                   "at_least: 0.1");
    assert_int_equal(m.result.claims[0].verdict, ONUS_VERDICT_SUPPORTED);
    assert_says(m.result.claims[0].sentence,
                "points more often than always saying the commonest label is");
    made_clear(&m);
    with_claim(&m, "measure: affect.gap, scope: {against: self_report}, at_least: -0.5");
    assert_says(m.result.claims[0].sentence, "and on the same labels, the product is right about ");
    made_clear(&m);
    with_claim(&m, "measure: affect.gap, at_least: -0.5");
    assert_says(m.result.claims[0].sentence, "On the same labels, the product is right about ");
    assert_says(made_question(&m, 1)->answer, "measured as a felt state");
    made_clear(&m);
}

static int write_all(void **state) {
    const int refused = make_temp_dir(state);
    if (refused == 0) {
        write_people(24, 6);
        write_homes(24);
    }
    return refused;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_says_what_its_label_is_held_against),
        cmocka_unit_test(any_group_is_judged_by_the_worst),
        cmocka_unit_test(labels_gains_and_gaps_have_words),
    };
    return cmocka_run_group_tests(tests, write_all, remove_temp_dir);
}
