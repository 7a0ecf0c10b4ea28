/* Affect cases: what is stored, and what is refused in which words. */
#include "case_text.h"

#define AFFECT_HEAD "onus: 1\ntitle: T\nkind: affect\nlabels: {file: p, item: i, label: l}\n"
#define RATERS "raters: {file: r, item: i, label: v}\n"

static const char full[] =
    "onus: 1\n"
    "title: T\n"
    "kind: affect\n"
    "labels: {file: p.csv, item: i, label: l, scores: {happy: ph, sad: ps}, version: v, where: {s: "
    "[a, b]}}\n"
    "items: {file: c.csv, id: i, person: a, delimiter: tab}\n"
    "people: {file: a.csv, id: a, groups: {sex: s, race: r}}\n"
    "self_report: {file: f.csv, item: i, label: felt}\n"
    "intended: {file: c.csv, item: i, label: told, invalid: exclude}\n"
    "raters: {file: v.csv, item: i, stratum: m, counts: {happy: h, calm: c, sad: s}}\n"
    "domain: {labels: [happy, sad, neutral], map: {calm: neutral}, scale: ordinal}\n"
    "setting: {expression: acted, choice: forced, raters_blind: no, place: a studio}\n"
    "protocol: {retest: session, seed: 7}\n";

static void every_key_of_an_affect_case_has_its_place(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(full, &c, &problems), ONUS_OK);
    const onus_affect_ref *a = &c.affect;
    assert_string_equal(a->labels.source.file, "p.csv");
    assert_int_equal(a->labels.source.n_where, 1);
    assert_int_equal(a->labels.source.where[0].values.n, 2);
    assert_int_equal(a->labels.n_scores, 2);
    assert_string_equal(a->labels.scores[1].name, "sad");
    assert_int_equal(a->labels.scores[1].values.n, 1);
    assert_string_equal(a->labels.scores[1].values.items[0], "ps");
    assert_null(a->labels.repeat);
    assert_string_equal(a->labels.version, "v");
    assert_int_equal(a->items.source.delimiter, '\t');
    assert_string_equal(a->items.person, "a");
    assert_int_equal(a->people.n_groups, 2);
    assert_string_equal(a->people.groups[1].name, "race");
    assert_null(c.people.source.file); /* that of place cases */
    assert_string_equal(a->self_report.label, "felt");
    assert_int_equal(a->intended.source.invalid, ONUS_INVALID_EXCLUDE);
    assert_int_equal(a->raters.n_counts, 3);
    assert_null(a->raters.label);
    assert_true(a->domain.given);
    assert_int_equal(a->domain.labels.n, 3);
    assert_string_equal(a->domain.map[0].values.items[0], "neutral");
    assert_int_equal(a->domain.scale, ONUS_LABELS_ORDINAL);
    assert_int_equal(a->setting.expression, ONUS_EXPRESSION_ACTED);
    assert_int_equal(a->setting.choice, ONUS_CHOICE_FORCED);
    assert_true(a->setting.says_blind);
    assert_false(a->setting.raters_blind);
    assert_string_equal(a->setting.place, "a studio");
    assert_string_equal(c.protocol.retest, "session");
    onus_case_clear(&c);
}

static void what_a_case_does_not_say_stays_unsaid(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(AFFECT_HEAD RATERS, &c, &problems), ONUS_OK);
    assert_false(c.affect.domain.given);
    assert_int_equal(c.affect.domain.scale, ONUS_LABELS_NOMINAL);
    assert_int_equal(c.affect.setting.expression, ONUS_EXPRESSION_UNSAID);
    assert_int_equal(c.affect.setting.choice, ONUS_CHOICE_UNSAID);
    assert_false(c.affect.setting.says_blind);
    onus_case_clear(&c);
}

static void labels_that_the_domain_does_not_hold_get_a_map_proposed(void **state) {
    (void)state;
    refused(AFFECT_HEAD "raters: {file: r, item: i, counts: {Happy: h, calm: c}}\n"
                        "domain: {labels: [happy, neutral]}\n",
            "5:37: error: 'raters.counts' has label 'Happy', which 'domain.labels' does not hold; "
            "add it there, or say what it counts as, for example 'domain: {map: {Happy: happy}}'\n"
            "5:47: error: 'raters.counts' has label 'calm', which 'domain.labels' does not hold; "
            "add it there, or say what it counts as, for example 'domain: {map: {calm: happy}}'\n");
    refused(AFFECT_HEAD RATERS "domain: {labels: [a, b], map: {a: b, c: bb}}\n",
            "6:32: error: 'domain.map' maps 'a', which 'domain.labels' holds; take it out of one\n"
            "6:41: error: 'domain.map' maps 'c' to 'bb', which 'domain.labels' does not hold; did "
            "you mean 'b'?\n");
}

static void domains_that_cannot_be_are_refused(void **state) {
    (void)state;
    refused(AFFECT_HEAD RATERS "domain: {labels: [a, b, a]}\n",
            "6:25: error: 'domain.labels' has 'a' twice\n");
    refused(AFFECT_HEAD RATERS "domain: {labels: a}\n",
            "6:18: error: 'domain.labels' has 1 label; a product that can say only one thing says "
            "nothing\n");
    refused(AFFECT_HEAD RATERS "domain: {map: {a: b}}\n",
            "6:9: error: missing key 'domain.labels'; expected list of texts\n");
}

static void numbers_on_a_scale_stand_in_their_order(void **state) {
    (void)state;
    refused(AFFECT_HEAD RATERS "domain: {labels: [1, 10, 2], scale: ordinal}\n",
            "6:26: error: 'domain.labels' is a scale of numbers, but '2' comes after '10'; give "
            "them in their order\n");
    accepted(AFFECT_HEAD RATERS "domain: {labels: [1, 2, 10], scale: ordinal}\n");
    accepted(AFFECT_HEAD RATERS "domain: {labels: [10, 2, 1], scale: ordinal}\n");
    accepted(AFFECT_HEAD RATERS "domain: {labels: [low, 10, 2], scale: ordinal}\n");
    accepted(AFFECT_HEAD RATERS "domain: {labels: [1, 10, 2], scale: nominal}\n");
    refused(AFFECT_HEAD RATERS "domain: {labels: [1, high], scale: interval}\n",
            "6:22: error: label 'high' is no number, but 'domain.scale' is interval; use ordinal "
            "for words in an order\n");
    refused(AFFECT_HEAD RATERS "domain: {labels: [-1, 0], scale: ratio}\n",
            "6:19: error: label '-1' is below 0, which no ratio scale has; use interval\n");
    accepted(AFFECT_HEAD RATERS "domain: {labels: [-1, 0], scale: interval}\n");
}

static void keys_that_need_or_exclude_each_other_are_named(void **state) {
    (void)state;
    refused(AFFECT_HEAD "raters: {file: r, item: i}\n",
            "5:9: error: 'raters' needs either 'label' (one row per vote) or 'counts' (one row per "
            "item)\n");
    refused(AFFECT_HEAD "raters: {file: r, item: i, rater: w, counts: {a: a, b: b}}\n",
            "5:35: error: 'raters.rater' goes with 'label' (one row per vote); counts name "
            "nobody\n");
    refused(AFFECT_HEAD RATERS "people: {file: a, id: a, groups: {sex: s}}\n",
            "6:9: error: 'people' needs 'items: {file, id, person}', which says whom each item "
            "shows\n");
    refused(
        "onus: 1\ntitle: T\nkind: affect\nlabels: {file: p, item: i, label: l, repeat: a, "
        "version: a}\n" RATERS "protocol: {retest: b}\n",
        "4:58: error: 'labels.version' and 'labels.repeat' are the same column; a row cannot be "
        "a re-test and another version at once\n"
        "6:20: error: 'protocol.retest' is 'b' and 'labels.repeat' is 'a'; both name the column "
        "that tells rows of one item apart\n");
    refused(AFFECT_HEAD RATERS "setting: {expression: feigned, choice: yes}\n",
            "6:23: error: 'setting.expression' is 'feigned', not one of acted, spontaneous\n"
            "6:40: error: 'setting.choice' is 'yes', not one of forced, free\n");
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_case c;
        onus_problems problems;
        fault_expect(&fault, parse(full, &c, &problems));
        onus_case_clear(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_an_affect_case_has_its_place),
        cmocka_unit_test(what_a_case_does_not_say_stays_unsaid),
        cmocka_unit_test(labels_that_the_domain_does_not_hold_get_a_map_proposed),
        cmocka_unit_test(domains_that_cannot_be_are_refused),
        cmocka_unit_test(numbers_on_a_scale_stand_in_their_order),
        cmocka_unit_test(keys_that_need_or_exclude_each_other_are_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
