/* Tricks that an affect trial must see by itself, each with its numbers. */
#include "written.h"

static void a_constant_that_beats_the_product_is_named(void **state) {
    (void)state;
    made m;
    write_text("felt.csv", "clip,felt\nc1,happy\nc2,happy\nc3,happy\nc4,sad\nc5,calm\n");
    write_text("said.csv", "clip,said\nc1,sad\nc2,happy\nc3,calm\nc4,sad\nc5,happy\n");
    made_run(&m, HEAD LABELS SELF DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "base_rate"), "always saying 'happy' is right about 3 of 5 items");
    assert_says(made_warning(&m, "base_rate"), "the product about 2 of 5 items");
    made_clear(&m);
    write_text("said.csv", "clip,said\nc1,happy\nc2,happy\nc3,happy\nc4,sad\nc5,happy\n");
    made_run(&m, HEAD LABELS SELF DOMAIN QUICK "}\n");
    assert_null(made_warning(&m, "base_rate"));
    made_clear(&m);
}

static void labels_that_do_not_meet_are_named(void **state) {
    (void)state;
    made m;
    write_text("felt.csv", "clip,felt\nc1,happy\nc2,sad\nc3,sad\n");
    write_text("said.csv", "clip,said\nc1,happy\nc2,calm\nc3,calm\n");
    made_run(&m, HEAD LABELS SELF "domain: {labels: [calm, happy, sad, bored]}\n" QUICK "}\n");
    assert_says(made_warning(&m, "label_never_said"), "never says 'sad', though 2 items have it");
    assert_says(made_warning(&m, "label_without_reference"), "says 'calm' of 2 items");
    assert_says(made_warning(&m, "unused_labels"), "of 4 declared labels 1 were used by nobody");
    made_clear(&m);
    made_run(&m, HEAD LABELS SELF "domain: {labels: [happy, sad], map: {calm: sad}}\n" QUICK "}\n");
    assert_null(made_warning(&m, "label_never_said"));
    assert_says(made_warning(&m, "labels_mapped"), "2 rows had a label");
    assert_says(made_warning(&m, "labels_mapped"), "'calm' counts as 'sad'");
    made_clear(&m);
}

/* Votes in columns "1", "2", "3", filled from the first on: no people. */
static void slots_filled_from_the_left_are_no_raters(void **state) {
    (void)state;
    made m;
    write_text("said.csv", "clip,said\nc1,calm\nc2,sad\nc3,sad\n");
    write_text("slots.csv", "clip,who,vote\nc1,1,calm\nc1,2,calm\nc1,3,sad\nc2,1,sad\nc2,2,sad\n"
                            "c3,1,sad\n");
#define SLOTS "raters: {file: slots.csv, item: clip, rater: who, label: vote}\n"
    made_run(&m, HEAD LABELS SLOTS DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "slots"), "numbered slots");
    made_clear(&m);
    write_text("slots.csv", "clip,who,vote\nc1,1,calm\nc1,2,calm\nc1,3,sad\nc2,1,sad\nc2,2,sad\n"
                            "c3,3,sad\n");
    made_run(&m, HEAD LABELS SLOTS DOMAIN QUICK "}\n");
    assert_null(made_warning(&m, "slots"));
    made_clear(&m);
}

static void a_product_made_of_the_votes_is_found_out(void **state) {
    (void)state;
    made m;
    write_people(12, 3); /* every third clip and before: what was felt, as both raters say or one */
#define VOTES "raters: {file: felt.csv, item: clip, label: felt}\n"
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "copies_raters"), "on every one of 36 items");
    made_clear(&m);
    write_people(12, 4);
    made_run(&m, HEAD LABELS ITEMS VOTES DOMAIN QUICK "}\n");
    assert_null(made_warning(&m, "copies_raters"));
    made_clear(&m);
}

static void how_the_evidence_came_about_is_warned_of(void **state) {
    (void)state;
    made m;
    write_people(12, 4);
    made_run(&m, HEAD LABELS ITEMS SELF VOTES DOMAIN
             "setting: {expression: acted, choice: forced, raters_blind: no}\n" QUICK "}\n");
    assert_says(made_warning(&m, "acted"), "were acted");
    assert_says(made_warning(&m, "forced_choice"), "one of 3 labels");
    assert_non_null(made_warning(&m, "raters_not_blind"));
    assert_null(made_warning(&m, "no_self_report"));
    made_clear(&m);
}

static void rows_that_are_few_people_are_warned_of(void **state) {
    (void)state;
    made m;
    onus_text said = {0};
    onus_text felt = {0};
    onus_text clips = {0};
    onus_text_add(&said, "clip,said\n");
    onus_text_add(&felt, "clip,felt\n");
    onus_text_add(&clips, "clip,actor\n");
    for (size_t p = 0; p < 20; p++) { /* half of the people are read always, half never */
        for (size_t k = 0; k < 10; k++) {
            onus_text_addf(&clips, "%zu-%zu,%zu\n", p, k, p);
            onus_text_addf(&felt, "%zu-%zu,%s\n", p, k, LABEL[k % 3]);
            onus_text_addf(&said, "%zu-%zu,%s\n", p, k, LABEL[p % 2 == 0 ? k % 3 : (k + 1) % 3]);
        }
    }
    write_text("said.csv", said.data);
    write_text("felt.csv", felt.data);
    write_text("clips.csv", clips.data);
    onus_text_clear(&said);
    onus_text_clear(&felt);
    onus_text_clear(&clips);
    made_run(&m, HEAD LABELS ITEMS SELF DOMAIN QUICK "}\n");
    assert_says(made_warning(&m, "clustered"), "200 are worth about 19");
    assert_null(made_warning(&m, "constant_within_person"));
    made_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_that_beats_the_product_is_named),
        cmocka_unit_test(labels_that_do_not_meet_are_named),
        cmocka_unit_test(slots_filled_from_the_left_are_no_raters),
        cmocka_unit_test(a_product_made_of_the_votes_is_found_out),
        cmocka_unit_test(how_the_evidence_came_about_is_warned_of),
        cmocka_unit_test(rows_that_are_few_people_are_warned_of),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
