/* Out of memory anywhere in a match trial: an error, nothing leaked; a raised flag ends it. */
#include "../fault.h"
#include "made.h"

static double rounded(const made_pair *pair, uint64_t *random) {
    const double score =
        (pair->person_a == pair->person_b ? 0.7 : 0.3) + 0.15 * made_normal(random);
    return made_uniform(random) < 0.05 ? NAN : round(20.0 * score) / 20.0;
}

/* Small, but with every stage that comparisons reach: groups, cameras, claims, warnings. */
static made *whole_case(void) {
    made *w = made_new();
    made_people(w, 8, 2, 2, 2);
    made_all_pairs(w, rounded, 1);
    made_use(w, 0.5);
    w->c.protocol.n_replicates = 5;
    w->c.protocol.suppress_below = 3;
    w->c.match.deployment.given = true;
    w->c.match.deployment.n_people = 1000;
    w->c.match.deployment.sightings_each = 3;
    w->c.match.deployment.n_on_list = 500;
    w->c.match.deployment.prevalence_frac = 0.01;
    w->c.match.deployment.searches_per_day = 100;
    w->c.match.deployment.n_hops = 2;
    w->pairs[0] = made_text("all");
    w->pairs[1] = made_text("cross_camera");
    w->c.protocol.pairs = (onus_strings){.items = w->pairs, .n = 2};
    static double counts[] = {10.0, 300.0};
    static double of[] = {208.0, 200.0};
    static double printed[] = {0.9, NAN};
    static double units[] = {0.1, NAN};
    static char *names[] = {(char *)(uintptr_t) "wrong", (char *)(uintptr_t) "more than all"};
    w->c.match.field.source.file = made_text("field.csv");
    w->e.match.field = (onus_field_figures){.n_rows = 2,
                                            .names = names,
                                            .count = counts,
                                            .of = of,
                                            .printed = printed,
                                            .digit_unit = units};
    made_claim(w, "match.fmr", 0.01);
    return w;
}

static void every_refused_allocation_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    made *w = whole_case();
    const onus_context context = {.n_threads = 1};
    FAULT_SPREAD(fault, 100, 400) {
        onus_result_init(&w->r, &w->c, &w->e);
        onus_status status = onus_match_try(&w->c, &w->e, &context, &w->r, NULL);
        if (status == ONUS_OK) {
            status = onus_claims_judge(&w->r, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_match_answer(&w->r, NULL);
        }
        onus_result_clear(&w->r);
        fault_expect(&fault, status);
    }
    made_free(w);
}

static void a_raised_stop_flag_ends_the_trial(void **state) {
    (void)state;
    made *w = whole_case();
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.n_threads = 1, .stop = &stop};
    onus_result_init(&w->r, &w->c, &w->e);
    w->tried = true;
    assert_int_equal(onus_match_try(&w->c, &w->e, &context, &w->r, NULL), ONUS_ERR_INTERRUPTED);
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_an_error_and_leaks_nothing),
        cmocka_unit_test(a_raised_stop_flag_ends_the_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
