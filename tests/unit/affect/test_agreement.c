/* Agreement in an affect trial: what is measured, said and refused. Cases are read from files, as a
 * user writes them. */
#include "../evidence/temp_files.h"

#include <math.h>

#include "../fault.h"
#include "../stats/near.h"
#include "onus/affect.h"
#include "onus/claims.h"
#include "onus/text.h"

typedef struct tried {
    onus_case c;
    onus_evidence evidence;
    onus_result result;
} tried;

#define HEAD "onus: 1\ntitle: T\nkind: affect\n"
#define PROTOCOL "protocol: {resample: {replicates: 200}, seed: 1}\n"

static onus_status try_case(tried *t, const char *text) {
    static onus_problems problems;
    problems = (onus_problems){0};
    const onus_context context = {.n_threads = 1};
    *t = (tried){0};
    onus_status status =
        onus_case_parse(text, strlen(text), "case.yaml", temp_dir, &t->c, &problems);
    if (status == ONUS_OK) {
        t->c.protocol.max_excluded_frac = 1.0;
        status = onus_evidence_load(&t->c, &context, &t->evidence, &problems);
    }
    if (status != ONUS_OK) {
        char buf[1200];
        fail_msg("%s", onus_error_format(&problems.full[0], buf, sizeof buf));
    }
    onus_result_init(&t->result, &t->c, &t->evidence);
    return onus_affect_try(&t->c, &t->evidence, &context, &t->result, NULL);
}

static void clear(tried *t) {
    onus_result_clear(&t->result);
    onus_evidence_clear(&t->evidence);
    onus_case_clear(&t->c);
}

/* The measure whose scope holds these keys and no others: pairs of key and text, ended by NULL. */
static const onus_measure *find(const tried *t, const char *id, const char *const *keys) {
    size_t n_keys = 0;
    while (keys[n_keys] != NULL) {
        n_keys += 2;
    }
    for (size_t i = 0; i < onus_result_n_measures(&t->result); i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        bool same = strcmp(m->def->id, id) == 0 && 2 * m->scope.n_items == n_keys;
        for (size_t k = 0; same && k < n_keys; k += 2) {
            same = onus_text_equal(onus_scope_text(&m->scope, keys[k]), keys[k + 1]);
        }
        if (same) {
            return m;
        }
    }
    fail_msg("no measure %s with these keys", id);
    return NULL;
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *warning(const tried *t, const char *code) {
    const onus_warning *w = t->result.warnings.items;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        if (strcmp(w[i].code, code) == 0) {
            return w[i].text;
        }
    }
    return NULL;
}

static const onus_series *series(const tried *t, const char *name) {
    const onus_series *s = t->result.series.items;
    for (size_t i = 0; i < t->result.series.n_items; i++) {
        if (strcmp(s[i].name, name) == 0) {
            return &s[i];
        }
    }
    fail_msg("no series %s", name);
    return NULL;
}

/* ---- three vendors ---- */

static const char *const SEVEN[] = {"neutral", "happy",     "sad",      "angry",
                                    "afraid",  "disgusted", "surprised"};
#define SEVEN_LABELS                                                                               \
    "domain: {labels: [neutral, happy, sad, angry, afraid, disgusted, surprised]}\n"

/* 250 faces of 50 people: on 57 one vendor says something else than "neutral", on 2 all do. */
static void write_vendors(void) {
    FILE *said = fopen(temp_path("vendors.csv"), "w");
    assert_non_null(said);
    (void)fputs("face,person,vendor,label\n", said);
    for (int f = 0; f < 250; f++) {
        for (int v = 0; v < 3; v++) {
            const bool other = f < 57 ? v == f % 3 : f < 59;
            (void)fprintf(said, "f%d,p%d,v%d,%s\n", f, f % 50, v,
                          other ? SEVEN[f < 57 ? 1 + f % 5 : 1] : SEVEN[0]);
        }
    }
    assert_int_equal(fclose(said), 0);
    said = fopen(temp_path("faces.csv"), "w");
    assert_non_null(said);
    (void)fputs("face,person\n", said);
    for (int f = 0; f < 250; f++) {
        (void)fprintf(said, "f%d,p%d\n", f, f % 50);
    }
    assert_int_equal(fclose(said), 0);
}

static void vendors_who_say_neutral_agree_and_the_sentence_says_how(void **state) {
    (void)state;
    write_vendors();
    write_text("felt.csv", "face,felt\nf0,neutral\nf1,sad\n");
    tried t;
    assert_int_equal(
        try_case(&t, HEAD
                 "labels: {file: vendors.csv, item: face, label: label, version: vendor}\n"
                 "items: {file: faces.csv, id: face, person: person}\n"
                 "self_report: {file: felt.csv, item: face, label: felt}\n" SEVEN_LABELS PROTOCOL),
        ONUS_OK);
    const char *const *between = KEYS("between", "versions");
    const onus_measure *alpha = find(&t, "affect.alpha", between);
    assert_true(fabs(find(&t, "affect.percent_agreement", between)->value - 0.848) < 0.0005);
    assert_true(fabs(alpha->value - 0.048) < 0.0005);
    assert_true(fabs(find(&t, "affect.ac1", between)->value - 0.844) < 0.0005);
    assert_true(find(&t, "affect.pabak", between)->value > 0.8);
    const double neutral =
        find(&t, "affect.prevalence", KEYS("between", "versions", "label", "neutral"))->value;
    assert_near(neutral, (191.0 * 3.0 + 57.0 * 2.0) / 750.0, 1e-12);
    assert_string_equal(alpha->interval.resampled, "person");
    assert_false(alpha->interval.weak);
    const char *text = warning(&t, "agreement_paradox");
    assert_non_null(text);
    assert_non_null(strstr(text, "84.8 %"));
    assert_non_null(strstr(text, "alpha is 0.048 while AC1 is 0.844"));
    assert_non_null(strstr(text, "'neutral'"));
    assert_int_equal(series(&t, "prevalence")->cells.n_items, 7 * 4);
    clear(&t);
}

/* ---- onlookers ---- */

static void write_onlookers(void) {
    FILE *named = fopen(temp_path("named.csv"), "w");
    FILE *counts = fopen(temp_path("counts.csv"), "w");
    FILE *said = fopen(temp_path("said.csv"), "w");
    assert_true(named != NULL && counts != NULL && said != NULL);
    (void)fputs("clip,who,vote\n", named);
    (void)fputs("clip,one,two,ten\n", counts);
    (void)fputs("clip,label\n", said);
    static const char *const LABELS[] = {"1", "2", "10"};
    for (int i = 0; i < 60; i++) {
        const int a = i % 3;
        const int b = i % 7 == 0 && a < 2 ? a + 1 : a; /* onlookers err by one step */
        (void)fprintf(named, "c%d,ann,%s\nc%d,bob,%s\n", i, LABELS[a], i, LABELS[b]);
        (void)fprintf(counts, "c%d,%d,%d,%d\n", i, (a == 0) + (b == 0), (a == 1) + (b == 1),
                      (a == 2) + (b == 2));
        (void)fprintf(said, "c%d,%s\n", i, i % 9 == 0 ? "" : LABELS[i % 5 == 0 ? 0 : a]);
    }
    assert_int_equal(fclose(named) + fclose(counts) + fclose(said), 0);
}

#define SAID "labels: {file: said.csv, item: clip, label: label}\n"
#define ITEMS "items: {file: said.csv, id: clip}\n"
#define COUNTED                                                                                    \
    "raters: {file: counts.csv, item: clip, counts: {\"1\": one, \"2\": two, \"10\": ten}}\n"
#define NAMED "raters: {file: named.csv, item: clip, rater: who, label: vote}\n"
#define AS_NUMBERS "domain: {labels: [\"1\", \"2\", \"10\"], scale: interval}\n"
#define AS_ORDER "domain: {labels: [\"1\", \"2\", \"10\"], scale: ordinal}\n"

static void nameless_votes_are_refused_where_a_coder_must_be_known(void **state) {
    (void)state;
    write_onlookers();
    tried t;
    assert_int_equal(try_case(&t, HEAD SAID ITEMS COUNTED AS_NUMBERS PROTOCOL), ONUS_OK);
    static const char *const IDS[] = {"affect.cohen", "affect.scott", "affect.mcc"};
    for (size_t i = 0; i < 3; i++) {
        const onus_measure *m = find(&t, IDS[i], KEYS("between", "raters"));
        assert_false(m->has_value);
        assert_non_null(strstr(m->reason, "name no rater"));
        assert_non_null(strstr(m->reason, "slots"));
    }
    static const char *const FORMS[] = {"2", "3", "1k", "2k", "3k"};
    for (size_t f = 0; f < 5; f++) {
        const onus_measure *m = find(&t, "affect.icc", KEYS("between", "raters", "form", FORMS[f]));
        assert_false(m->has_value);
        assert_non_null(strstr(m->reason, "name no rater"));
    }
    assert_true(find(&t, "affect.icc", KEYS("between", "raters", "form", "1"))->has_value);
    clear(&t);
}

static void two_named_raters_have_cohen_and_all_six_forms(void **state) {
    (void)state;
    write_onlookers();
    tried named;
    tried counted;
    assert_int_equal(try_case(&named, HEAD SAID ITEMS NAMED AS_NUMBERS PROTOCOL), ONUS_OK);
    assert_int_equal(try_case(&counted, HEAD SAID ITEMS COUNTED AS_NUMBERS PROTOCOL), ONUS_OK);
    const onus_measure *kappa = find(&named, "affect.cohen", KEYS("between", "raters"));
    assert_true(kappa->has_value && kappa->value > 0.7 && kappa->value < 0.9);
    for (int f = 0; f < 6; f++) {
        static const char *const FORMS[] = {"1", "2", "3", "1k", "2k", "3k"};
        const onus_measure *m =
            find(&named, "affect.icc", KEYS("between", "raters", "form", FORMS[f]));
        assert_true(m->has_value && m->interval.weak);
    }
    /* the same votes with and without names agree alike */
    const char *const *scale = KEYS("between", "raters", "scale", "interval");
    assert_near(find(&named, "affect.alpha", scale)->value,
                find(&counted, "affect.alpha", scale)->value, 1e-15);
    assert_near(find(&named, "affect.icc", KEYS("between", "raters", "form", "1"))->value,
                find(&counted, "affect.icc", KEYS("between", "raters", "form", "1"))->value, 1e-12);
    clear(&named);
    clear(&counted);
}

static void scales_stand_beside_nominal_and_ten_is_after_two(void **state) {
    (void)state;
    write_onlookers();
    tried order;
    tried numbers;
    assert_int_equal(try_case(&order, HEAD SAID ITEMS COUNTED AS_ORDER PROTOCOL), ONUS_OK);
    assert_int_equal(try_case(&numbers, HEAD SAID ITEMS COUNTED AS_NUMBERS PROTOCOL), ONUS_OK);
    const double nominal =
        find(&order, "affect.alpha", KEYS("between", "raters", "scale", "nominal"))->value;
    const double ordinal =
        find(&order, "affect.alpha", KEYS("between", "raters", "scale", "ordinal"))->value;
    const double interval =
        find(&numbers, "affect.alpha", KEYS("between", "raters", "scale", "interval"))->value;
    assert_near(
        nominal,
        find(&numbers, "affect.alpha", KEYS("between", "raters", "scale", "nominal"))->value,
        1e-15);
    assert_true(fabs(ordinal - nominal) > 1e-3 && fabs(interval - ordinal) > 1e-3);
    clear(&order);
    clear(&numbers);
}

static void items_of_nobody_known_carry_no_verdict(void **state) {
    (void)state;
    write_onlookers();
    tried t;
    assert_int_equal(try_case(&t, HEAD SAID ITEMS COUNTED AS_ORDER PROTOCOL), ONUS_OK);
    const onus_measure *m = find(&t, "affect.alpha", KEYS("between", "raters", "scale", "ordinal"));
    assert_true(m->interval.given && m->interval.weak);
    assert_string_equal(m->interval.resampled, "item");
    clear(&t);
}

static void an_abstention_counts_against_the_product(void **state) {
    (void)state;
    write_onlookers();
    write_text("told.csv", "clip,told\nc0,1\nc1,2\nc2,10\nc3,1\nc4,2\nc5,10\nc9,1\nc18,1\n");
    tried t;
    assert_int_equal(try_case(&t, HEAD SAID ITEMS COUNTED AS_ORDER
                              "intended: {file: told.csv, item: clip, label: told}\n" PROTOCOL),
                     ONUS_OK);
    const onus_measure *all = find(&t, "affect.cohen", KEYS("against", "intended"));
    const onus_measure *answered =
        find(&t, "affect.cohen", KEYS("abstentions", "left_out", "against", "intended"));
    /* of eight, three without an answer; of the five answered, all but one right */
    assert_true(all->value < answered->value - 0.1);
    (void)find(&t, "affect.mcc", KEYS("against", "raters"));
    (void)find(&t, "affect.mcc", KEYS("against", "raters", "raters", "plurality"));
    clear(&t);
}

static void one_label_everywhere_has_no_alpha_but_a_reason(void **state) {
    (void)state;
    write_text("said.csv", "clip,label\nc1,1\nc2,1\n");
    write_text("counts.csv", "clip,one,two,ten\nc1,3,0,0\nc2,4,0,0\n");
    tried t;
    assert_int_equal(
        try_case(&t, HEAD SAID ITEMS COUNTED "domain: {labels: [\"1\", \"2\", \"10\"]}\n" PROTOCOL),
        ONUS_OK);
    const onus_measure *m = find(&t, "affect.alpha", KEYS("between", "raters"));
    assert_false(m->has_value || m->interval.given);
    assert_non_null(strstr(m->reason, "same label"));
    assert_near(find(&t, "affect.ac1", KEYS("between", "raters"))->value, 1.0, 0);
    assert_null(warning(&t, "agreement_paradox"));
    clear(&t);
}

static void no_onlooker_and_one_version_ask_for_nothing(void **state) {
    (void)state;
    write_text("said.csv", "clip,label\nc1,1\nc2,2\n");
    tried t;
    assert_int_equal(try_case(&t, HEAD SAID ITEMS
                              "self_report: {file: said.csv, item: clip, label: label}\n"
                              "domain: {labels: [\"1\", \"2\"]}\n" PROTOCOL),
                     ONUS_OK);
    for (size_t i = 0; i < onus_result_n_measures(&t.result); i++) {
        assert_null(onus_scope_text(&onus_result_measure(&t.result, i)->scope, "between"));
    }
    clear(&t);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    write_onlookers();
    static onus_problems problems;
    static const char TEXT[] = HEAD SAID ITEMS NAMED AS_NUMBERS PROTOCOL;
    const onus_context context = {.n_threads = 1};
    onus_case c = {0};
    onus_evidence evidence = {0};
    assert_int_equal(onus_case_parse(TEXT, strlen(TEXT), "case.yaml", temp_dir, &c, &problems),
                     ONUS_OK);
    c.protocol.max_excluded_frac = 1.0;
    c.protocol.n_replicates = 4;
    assert_int_equal(onus_evidence_load(&c, &context, &evidence, &problems), ONUS_OK);
    FAULT_SPREAD(fault, 40, 120) {
        onus_result result;
        onus_result_init(&result, &c, &evidence);
        fault_expect(&fault, onus_affect_try(&c, &evidence, &context, &result, NULL));
        onus_result_clear(&result);
    }
    onus_evidence_clear(&evidence);
    onus_case_clear(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendors_who_say_neutral_agree_and_the_sentence_says_how),
        cmocka_unit_test(nameless_votes_are_refused_where_a_coder_must_be_known),
        cmocka_unit_test(two_named_raters_have_cohen_and_all_six_forms),
        cmocka_unit_test(scales_stand_beside_nominal_and_ten_is_after_two),
        cmocka_unit_test(items_of_nobody_known_carry_no_verdict),
        cmocka_unit_test(an_abstention_counts_against_the_product),
        cmocka_unit_test(one_label_everywhere_has_no_alpha_but_a_reason),
        cmocka_unit_test(no_onlooker_and_one_version_ask_for_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
