/* Evidence of affect cases: labels, items, people, references; what is counted, what is refused. */
#include "../fault.h"

#include <math.h>

#include "onus/evidence.h"
#include "onus/text.h"
#include "temp_files.h"

typedef struct affect_case {
    onus_case c;
    onus_evidence evidence;
    onus_problems problems;
    onus_status status;
} affect_case;

#define HEAD "onus: 1\ntitle: T\nkind: affect\n"
#define LABELS "labels: {file: said.csv, item: clip, label: label}\n"
#define ITEMS "items: {file: clips.csv, id: clip, person: actor}\n"
#define PEOPLE "people: {file: actors.csv, id: actor, groups: {sex: sex, age: age}}\n"
#define SELF "self_report: {file: self.csv, item: clip, label: felt}\n"
#define COUNTS "raters: {file: votes.csv, item: clip, counts: {happy: h, sad: s}}\n"
#define LONG "raters: {file: long.csv, item: clip, rater: who, label: vote, stratum: mode}\n"
#define DOMAIN "domain: {labels: [sad, happy, neutral], map: {calm: neutral}}\n"

static int write_files(void **state) {
    const int made = make_temp_dir(state);
    if (made != 0) {
        return made;
    }
    write_text("said.csv", "clip,label\nc3,happy\nc1,sad\nc2,\nc4,calm\n");
    write_text("clips.csv", "clip,actor\nc1,zoe\nc2,abe\nc3,zoe\nc4,kim\n");
    write_text("actors.csv", "actor,sex,age\nkim,f,9\nabe,m,10\nzoe,f,70\nbob,m,3\n");
    write_text("self.csv", "clip,felt\nc1,sad\nc1,sad\nc2,happy\nc2,sad\nc5,neutral\nc3,calm\n");
    write_text("votes.csv", "clip,h,s\nc1,1,2\nc2,0,0\nc9,4,0\n");
    write_text("long.csv", "clip,who,vote,mode\nc1,r2,sad,sound\nc1,r1,happy,sound\n"
                           "c1,r2,happy,sound\nc1,r2,sad,picture\nc2,r1,calm,sound\n");
    return 0;
}

static void load(affect_case *a, const char *text) {
    *a = (affect_case){0};
    if (onus_case_parse(text, strlen(text), "case.yaml", temp_dir, &a->c, &a->problems) !=
        ONUS_OK) {
        char buf[1200];
        fail_msg("%s", onus_error_format(&a->problems.full[0], buf, sizeof buf));
    }
    a->c.protocol.max_excluded_frac = 1.0;
    a->status = onus_evidence_load(&a->c, NULL, &a->evidence, &a->problems);
}

static void loads(affect_case *a, const char *text) {
    load(a, text);
    if (a->status != ONUS_OK) {
        char buf[1200];
        fail_msg("%s", onus_error_format(&a->problems.full[0], buf, sizeof buf));
    }
    const onus_input *inputs = a->evidence.inputs.items;
    for (size_t i = 0; i < a->evidence.inputs.n_items; i++) {
        assert_true(onus_input_adds_up(&inputs[i]));
    }
}

static void done(affect_case *a) {
    onus_evidence_clear(&a->evidence);
    onus_case_clear(&a->c);
}

static const onus_input *input(const affect_case *a, const char *role) {
    const onus_input *inputs = a->evidence.inputs.items;
    for (size_t i = 0; i < a->evidence.inputs.n_items; i++) {
        if (strcmp(inputs[i].role, role) == 0) {
            return &inputs[i];
        }
    }
    fail_msg("no input %s", role);
    return NULL;
}

static void assert_excluded(const affect_case *a, const char *role, const char *reason,
                            uint64_t rows, bool by_choice) {
    const onus_input *in = input(a, role);
    for (size_t k = 0; k < in->n_excluded; k++) {
        if (strcmp(in->excluded[k].reason, reason) == 0) {
            assert_int_equal(in->excluded[k].rows, rows);
            assert_int_equal(in->excluded[k].by_choice, by_choice);
            return;
        }
    }
    fail_msg("no row of %s was let go as '%s'", role, reason);
}

static const char *warning(const affect_case *a, const char *code) {
    const onus_load_warning *warnings = a->evidence.warnings.items;
    for (size_t i = 0; i < a->evidence.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

/* The case is refused with exactly these messages, one a line. */
static void refused(const char *text, const char *expected) {
    affect_case a;
    load(&a, text);
    assert_int_equal(a.status, ONUS_ERR_DATA);
    assert_null(a.evidence.affect.items.person);
    onus_text all = {0};
    for (size_t i = 0; i < a.problems.n_full; i++) {
        char buf[1200];
        onus_text_addf(&all, "%s\n", onus_error_format(&a.problems.full[i], buf, sizeof buf));
    }
    assert_string_equal(all.data, expected);
    onus_text_clear(&all);
    done(&a);
}

static void assert_indices(const int32_t *got, const int32_t *expected, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (got[i] != expected[i]) {
            fail_msg("index %zu is %d, expected %d", i, (int)got[i], (int)expected[i]);
        }
    }
}

/* ---- what is loaded ---- */

static void items_and_people_are_numbered_by_their_ids(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS ITEMS PEOPLE COUNTS DOMAIN);
    const onus_affect_evidence *e = &a.evidence.affect;
    assert_int_equal(e->items.n_items, 5); /* c1 c2 c3 c4, and c9 that only raters saw */
    assert_int_equal(e->items.n_people, 3);
    assert_indices(e->items.person, (const int32_t[]){2, 0, 2, 1, -1}, 5);
    assert_indices(e->said.item, (const int32_t[]){2, 0, 1, 3}, 4); /* file order */
    assert_indices(e->said.label, (const int32_t[]){1, 0, -1, 2}, 4);
    assert_null(e->said.repeat);
    assert_int_equal(e->domain.n_mapped, 1);
    assert_int_equal(e->items.n_groupings, 2);
    assert_string_equal(e->items.groupings[0].name, "sex");
    assert_int_equal(e->items.groupings[0].n_values, 2);
    assert_indices(e->items.group[0], (const int32_t[]){1, 0, 0}, 3);
    assert_string_equal(e->items.groupings[1].values[0],
                        "9"); /* numbers by value, not "10" < "9" */
    assert_indices(e->items.group[1], (const int32_t[]){1, 0, 2}, 3);
    assert_excluded(&a, "people", "shown in no item", 1, true);
    done(&a);
}

static void the_order_of_rows_changes_nothing(void **state) {
    (void)state;
    affect_case a;
    affect_case b;
    loads(&a, HEAD LABELS ITEMS PEOPLE LONG DOMAIN);
    write_text("clips2.csv", "clip,actor\nc4,kim\nc3,zoe\nc2,abe\nc1,zoe\n");
    write_text("long2.csv", "clip,who,vote,mode\nc2,r1,calm,sound\nc1,r2,sad,picture\n"
                            "c1,r1,happy,sound\nc1,r2,sad,sound\nc1,r2,happy,sound\n");
    loads(&b, HEAD LABELS "items: {file: clips2.csv, id: clip, person: actor}\n" PEOPLE
                          "raters: {file: long2.csv, item: clip, rater: who, label: vote, stratum: "
                          "mode}\n" DOMAIN);
    const onus_affect_evidence *x = &a.evidence.affect;
    const onus_affect_evidence *y = &b.evidence.affect;
    assert_indices(x->items.person, y->items.person, x->items.n_items);
    assert_int_equal(x->votes.n_votes, y->votes.n_votes);
    assert_indices(x->votes.vote, y->votes.vote, x->votes.n_votes);
    assert_indices(x->votes.rater, y->votes.rater, x->votes.n_votes);
    assert_memory_equal(x->votes.counts, y->votes.counts, x->votes.n_units * 3 * sizeof(double));
    done(&a);
    done(&b);
}

static void equal_rows_of_an_item_are_one_and_differing_ones_none(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS SELF DOMAIN);
    const onus_item_labels *felt = &a.evidence.affect.self_report;
    assert_true(felt->given);
    assert_indices(felt->label, (const int32_t[]){0, -1, 2, -1, 2}, 5); /* c1 .. c5 */
    assert_int_equal(felt->n_conflicting, 1);
    assert_excluded(&a, "self_report", "rows of one item name different labels", 2, false);
    assert_false(a.evidence.affect.intended.given);
    assert_int_equal(a.evidence.affect.items.n_people, 0); /* no table of items */
    done(&a);
}

static void counts_become_units_and_rows_of_one_item_add_up(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS COUNTS DOMAIN);
    const onus_votes *v = &a.evidence.affect.votes;
    assert_int_equal(v->n_units, 2);
    assert_false(v->named_raters);
    assert_indices(v->item, (const int32_t[]){0, 4}, 2);
    assert_true(v->counts[0] == 2.0 && v->counts[1] == 1.0 && v->counts[2] == 0.0);
    assert_int_equal(v->n_strata, 1);
    assert_string_equal(v->strata[0], "");
    assert_excluded(&a, "raters", "no votes", 1, false);
    assert_null(warning(&a, "votes_added"));
    done(&a);
    write_text("twice.csv", "clip,h,s\nc1,1,2\nc1,3,0\n");
    loads(&a, HEAD LABELS
          "raters: {file: twice.csv, item: clip, counts: {happy: h, calm: s}}\n" DOMAIN);
    assert_int_equal(a.evidence.affect.votes.n_units, 1);
    assert_true(a.evidence.affect.votes.counts[1] == 4.0);
    assert_true(a.evidence.affect.votes.counts[2] == 2.0);
    assert_string_equal(warning(&a, "votes_added"),
                        "twice.csv: 2 rows hold the votes of 1 items; rows of one item were added "
                        "up");
    done(&a);
}

static void single_votes_keep_each_raters_first(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS LONG DOMAIN);
    const onus_votes *v = &a.evidence.affect.votes;
    assert_true(v->named_raters);
    assert_int_equal(v->n_raters, 2);
    assert_int_equal(v->n_repeats, 1);
    assert_excluded(&a, "raters", "a rater's further vote on one item", 1, false);
    assert_string_equal(v->strata[0], "picture");
    assert_int_equal(v->n_units, 3); /* (picture, c1), (sound, c1), (sound, c2) */
    assert_indices(v->stratum, (const int32_t[]){0, 1, 1}, 3);
    assert_indices(v->item, (const int32_t[]){0, 0, 1}, 3);
    assert_int_equal(v->n_votes, 4);
    assert_indices(v->unit, (const int32_t[]){0, 1, 1, 2}, 4);
    assert_indices(v->rater, (const int32_t[]){1, 0, 1, 0}, 4);
    assert_indices(v->vote, (const int32_t[]){0, 1, 0, 2}, 4); /* r2's first: sad */
    done(&a);
}

static void anonymous_votes_stay_anonymous(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS "raters: {file: long.csv, item: clip, label: vote}\n" DOMAIN);
    const onus_votes *v = &a.evidence.affect.votes;
    assert_false(v->named_raters);
    assert_int_equal(v->n_votes, 0);
    assert_null(v->rater);
    assert_int_equal(v->n_units, 2);
    assert_true(v->counts[0] == 2.0 && v->counts[1] == 2.0); /* nobody to be counted once */
    done(&a);
}

static void scores_repeats_and_versions_are_read(void **state) {
    (void)state;
    affect_case a;
    write_text("frames.csv",
               "clip,label,t,v,h,calm,n\nc1,sad,10,v10,0.2,0.1,0.4\nc1,happy,9,v2,,0,1\n"
               "c1,sad,10,v10,0.2,0.1,0.4\n");
    loads(&a, HEAD "labels: {file: frames.csv, item: clip, label: label, repeat: t, version: v, "
                   "scores: {happy: h, calm: calm, neutral: n}}\n" COUNTS DOMAIN
                   "protocol: {retest: t}\n");
    const onus_said *said = &a.evidence.affect.said;
    assert_int_equal(said->n_rows, 2);
    assert_excluded(&a, "labels", "repeats an earlier row", 1, true);
    assert_int_equal(said->n_repeats, 2);
    assert_indices(said->repeat, (const int32_t[]){1, 0}, 2);  /* 9 before 10 */
    assert_indices(said->version, (const int32_t[]){1, 0}, 2); /* v2 before v10 */
    assert_string_equal(said->versions[1], "v10");
    assert_true(said->retest);
    assert_true(isnan(said->scores[0])); /* sad has no column */
    assert_true(said->scores[1] == 0.2);
    assert_true(fabs(said->scores[2] - 0.5) < 1e-15); /* calm counts as neutral */
    assert_true(isnan(said->scores[4]));
    assert_true(said->scores[5] == 1.0);
    done(&a);
}

static void without_a_domain_the_labels_that_occur_make_one(void **state) {
    (void)state;
    affect_case a;
    loads(&a, HEAD LABELS COUNTS);
    const onus_domain *d = &a.evidence.affect.domain;
    assert_false(d->declared);
    assert_int_equal(d->n_labels, 3);
    assert_string_equal(d->labels[0], "calm");
    assert_string_equal(warning(&a, "domain_of_data"),
                        "no domain of labels is declared: it was made of the 3 that occur (calm, "
                        "happy, sad); a label that nobody used is missing from it, and every "
                        "correction for chance depends on how many there are");
    done(&a);
    write_text("numbers.csv", "clip,label\nc1,10\nc2,2\nc3,1\n");
    loads(&a, HEAD "labels: {file: numbers.csv, item: clip, label: label}\n"
                   "intended: {file: numbers.csv, item: clip, label: label}\n");
    assert_string_equal(a.evidence.affect.domain.labels[1], "2");
    assert_string_equal(a.evidence.affect.domain.labels[2], "10");
    done(&a);
}

static void values_of_labels_follow_the_scale(void **state) {
    (void)state;
    affect_case a;
    write_text("numbers.csv", "clip,label\nc1,10\nc2,2.5\nc3,1\n");
#define NUMBERS                                                                                    \
    "labels: {file: numbers.csv, item: clip, label: label}\n"                                      \
    "intended: {file: numbers.csv, item: clip, label: label}\n"
    loads(&a, HEAD NUMBERS "domain: {labels: [1, 2.5, 10], scale: interval}\n");
    assert_true(a.evidence.affect.domain.values[1] == 2.5);
    assert_true(a.evidence.affect.domain.values[2] == 10.0);
    done(&a);
    loads(&a, HEAD NUMBERS "domain: {labels: [1, 2.5, 10], scale: ordinal}\n");
    assert_true(a.evidence.affect.domain.values[2] == 2.0);
    done(&a);
}

/* ---- what is refused ---- */

static void a_label_outside_the_domain_names_its_row_and_proposes_the_map(void **state) {
    (void)state;
    refused(
        HEAD LABELS SELF "domain: {labels: [sad, happy, Calm]}\n",
        "said.csv:5: error: column 'label' is 'calm', which the domain does not hold; add it to "
        "domain.labels, or say what it counts as: 'domain: {map: {calm: Calm}}'\n"
        "self.csv:6: error: column 'felt' is 'neutral', which the domain does not hold; add it "
        "to domain.labels, or say what it counts as: 'domain: {map: {neutral: one of its "
        "labels}}'\n"
        "self.csv:7: error: column 'felt' is 'calm', which the domain does not hold; add it to "
        "domain.labels, or say what it counts as: 'domain: {map: {calm: Calm}}'\n");
    affect_case a;
    loads(&a, HEAD "labels: {file: said.csv, item: clip, label: label, invalid: exclude}\n" COUNTS
                   "domain: {labels: [sad, happy]}\n");
    assert_excluded(&a, "labels", "label that the domain does not hold", 1, false);
    assert_int_equal(a.evidence.affect.said.n_rows, 3);
    done(&a);
}

static void two_answers_for_one_item_ask_for_the_column_between_them(void **state) {
    (void)state;
    write_text("two.csv", "clip,label\nc1,sad\nc2,sad\nc1,happy\n");
    refused(HEAD "labels: {file: two.csv, item: clip, label: label}\n" COUNTS DOMAIN,
            "two.csv:4: error: the product said something else of this item on line 2; name the "
            "column that tells the rows apart in labels.repeat or labels.version\n");
}

static void contradictions_about_people_are_named_by_line_and_not_by_name(void **state) {
    (void)state;
    write_text("clips2.csv", "clip,actor\nc1,zoe\nc2,abe\nc1,zoe\nc1,kim\n");
    write_text("actors2.csv", "actor,sex,age\nzoe,f,9\nzoe,f,9\nabe,m,1\nzoe,m,9\n");
    refused(HEAD LABELS
            "items: {file: clips2.csv, id: clip, person: actor}\n"
            "people: {file: actors2.csv, id: actor, groups: {sex: sex}}\n" COUNTS DOMAIN,
            "clips2.csv:5: error: this row and line 2 are of one item, but show two people\n"
            "actors2.csv:5: error: this row and line 2 are of one person, but name different "
            "groups\n");
}

static void half_a_vote_is_no_vote(void **state) {
    (void)state;
    write_text("half.csv", "clip,h,s\nc1,1,2\nc2,0.5,1\nc3,-1,0\n");
    refused(HEAD LABELS "raters: {file: half.csv, item: clip, counts: {happy: h, sad: s}}\n" DOMAIN,
            "half.csv:4: error: column 'h' is '-1', not a count (0 or more)\n");
    write_text("half.csv", "clip,h,s\nc1,1,2\nc2,0.5,1\n");
    refused(HEAD LABELS "raters: {file: half.csv, item: clip, counts: {happy: h, sad: s}}\n" DOMAIN,
            "half.csv:3: error: column 'h' is '0.5', not a whole number of votes\n");
}

static void problems_of_all_tables_are_reported_at_once(void **state) {
    (void)state;
    refused(HEAD "labels: {file: said.csv, item: klip, label: label}\n"
                 "self_report: {file: self.csv, item: clip, label: fell}\n" COUNTS,
            "said.csv:1: error: no column 'klip'; did you mean 'clip'?\n"
            "self.csv:1: error: no column 'fell'; did you mean 'felt'?\n");
}

static void items_of_nobody_and_people_without_a_row_are_warned_of(void **state) {
    (void)state;
    affect_case a;
    write_text("some.csv", "clip,actor\nc1,zoe\nc2,\nc3,eve\n");
    loads(&a,
          HEAD LABELS "items: {file: some.csv, id: clip, person: actor}\n" PEOPLE COUNTS DOMAIN);
    assert_string_equal(warning(&a, "nobody_shown"),
                        "some.csv: 1 of 3 items name no person; nothing can be said of their "
                        "groups, and each counts as a person of its own");
    assert_string_equal(warning(&a, "people_without_groups"),
                        "actors.csv: some people shown have no row here; they are in no group");
    done(&a);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char text[] =
        HEAD "labels: {file: frames.csv, item: clip, label: label, repeat: t, version: v, "
             "scores: {happy: h, neutral: n}}\n" ITEMS PEOPLE SELF LONG DOMAIN;
    affect_case a;
    loads(&a, text);
    FAULT_SPREAD(fault, 40, 160) {
        onus_evidence evidence = {0};
        onus_problems problems = {0};
        fault_expect(&fault, onus_evidence_load(&a.c, NULL, &evidence, &problems));
        onus_evidence_clear(&evidence);
    }
    done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_and_people_are_numbered_by_their_ids),
        cmocka_unit_test(the_order_of_rows_changes_nothing),
        cmocka_unit_test(equal_rows_of_an_item_are_one_and_differing_ones_none),
        cmocka_unit_test(counts_become_units_and_rows_of_one_item_add_up),
        cmocka_unit_test(single_votes_keep_each_raters_first),
        cmocka_unit_test(anonymous_votes_stay_anonymous),
        cmocka_unit_test(scores_repeats_and_versions_are_read),
        cmocka_unit_test(without_a_domain_the_labels_that_occur_make_one),
        cmocka_unit_test(values_of_labels_follow_the_scale),
        cmocka_unit_test(a_label_outside_the_domain_names_its_row_and_proposes_the_map),
        cmocka_unit_test(two_answers_for_one_item_ask_for_the_column_between_them),
        cmocka_unit_test(contradictions_about_people_are_named_by_line_and_not_by_name),
        cmocka_unit_test(half_a_vote_is_no_vote),
        cmocka_unit_test(problems_of_all_tables_are_reported_at_once),
        cmocka_unit_test(items_of_nobody_and_people_without_a_row_are_warned_of),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, write_files, remove_temp_dir);
}
