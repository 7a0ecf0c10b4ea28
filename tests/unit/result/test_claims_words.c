/* What a verdict says to its reader: who, how much, of how many. */
#include "claims_bench.h"

static void sentences_say_who_how_much_and_of_how_many(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    onus_claim_ref *ref = claim(&b, "burden.ratio");
    scope(ref, "group", "Latino");
    at_most(ref, 1.25);
    ref = claim(&b, "burden.share");
    scope(ref, "set", "most");
    at_most(ref, 0.05);
    onus_measure m = plain(1.43, 1.30, 1.57);
    onus_scope_set_text(&m.scope, "universe", "residents");
    onus_scope_set_text(&m.scope, "group", "Latino");
    onus_scope_set_text(&m.scope, "reference", "White");
    onus_scope_set_text(&m.scope, "definition", "exposure");
    add(&b, &m);
    static const char *const groups[] = {"Latino", "White"};
    for (size_t i = 0; i < 2; i++) {
        onus_measure n = {.def = &share_def,
                          .has_value = true,
                          .value = i == 0 ? 0.25 : 0.5,
                          .has_fraction = true,
                          .num = i == 0 ? 12345 : 24690,
                          .den = 49380};
        onus_scope_set_text(&n.scope, "universe", "residents");
        onus_scope_set_text(&n.scope, "group", groups[i]);
        onus_scope_set_text(&n.scope, "set", "all");
        add(&b, &n);
        onus_scope_set_text(&n.scope, "set", "most");
        n.num /= 10;
        n.den /= 10;
        add(&b, &n);
    }
    const onus_claim *c = judged(&b);
    assert_string_equal(
        c[0].sentence,
        "Latino residents (12,345 of 49,380) live with 1.43 times as many flags as White residents "
        "(24,690 of 49,380); with 95 % confidence, 1.30 to 1.57. That contradicts the claim of at "
        "most 1.25.");
    assert_int_equal(c[1].verdict, ONUS_VERDICT_NOT_TESTABLE); /* shares without intervals */
    assert_string_equal(c[1].sentence,
                        "Worst of 2 comparisons: Of 4,938 residents in the most flagged "
                        "areas, 2,469 (50 %) are White. Whether it is at most 5 % cannot be tested "
                        "with this evidence: no interval is computed for it.");
    onus_result_clear(&b.result);
}

/* What feeding back adds, to all and to a group; a policy without words keeps its scope. */
static void feedback_is_said_in_plain_words(void **state) {
    (void)state;
    static const onus_measure_def def = {
        .id = "feedback.amplification", .title = "What feeding back adds", .unit = "share"};
    static const struct {
        const char *policy;
        const char *group;
        double value;
        const char *sentence;
    } cases[] = {
        {"top_counts", NULL, 0.05,
         "After 182 simulated days with patrols to the highest counts, 0.50 found per incident and "
         "visit: feeding back what patrols find moves 5 % of all patrols away from where incidents "
         "happen; "},
        {"proportional_kde", NULL, -0.05,
         "After 182 simulated days with patrols in proportion to the density of records, 0.50 "
         "found "
         "per incident and visit: feeding back what patrols find moves 5 % of all patrols to where "
         "incidents happen; "},
        {"top_counts", "Latino", -0.05,
         "After 182 simulated days with patrols to the highest counts, 0.50 found per incident and "
         "visit: feeding back what patrols find brings 5 % fewer patrols to where Latino live; "},
        {"top_secret", NULL, 0.05,
         "What feeding back adds (discovery 0.50, horizon_days 182, model grid, policy "
         "top_secret): "
         "5 %; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b;
        bench_init(&b);
        at_most(claim(&b, "feedback.amplification"), 0.01);
        onus_measure m = plain(cases[i].value, cases[i].value - 0.01, cases[i].value + 0.01);
        m.def = &def;
        onus_scope_set_text(&m.scope, "model", "grid");
        onus_scope_set_text(&m.scope, "policy", cases[i].policy);
        onus_scope_set_number(&m.scope, "horizon_days", 182);
        onus_scope_set_number(&m.scope, "discovery", 0.5);
        if (cases[i].group != NULL) {
            onus_scope_set_text(&m.scope, "group", cases[i].group);
        }
        add(&b, &m);
        const char *said = judged(&b)->sentence;
        if (strncmp(said, cases[i].sentence, strlen(cases[i].sentence)) != 0) {
            fail_msg("'%s' is not '%s'", said, cases[i].sentence);
        }
        onus_result_clear(&b.result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_say_who_how_much_and_of_how_many),
        cmocka_unit_test(feedback_is_said_in_plain_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
