/* Form csep from file to measure: bins, events, what came before, and what is refused. */
#include "../evidence/temp_files.h"

#include <math.h>

#include "onus/model.h"
#include "onus/place.h"
#include "onus/stats_csep.h"
#include "onus/text.h"

typedef struct tried {
    onus_case c;
    onus_evidence evidence;
    onus_result result;
    onus_problems problems;
    onus_status status;
} tried;

static const char forecast[] = "0 1 50 51 0 30 0 10 2 1\n"
                               "1 2 50 51 0 30 0 10 1 1\n"
                               "0 1 51 52 0 30 0 10 4 1\n"
                               "1 2 51 52 0 30 0 10 3 1\n";

static const char case_text[] =
    "onus: 1\ntitle: T\nkind: place\n"
    "outcomes: {file: events.csv, lon: x, lat: y, count: n, time: {column: t, format: "
    "'%Y-%m-%d'}}\n"
    "predictions: {form: csep, file: a.dat, rivals: [{name: B, file: b.dat}]}\n"
    "period: {from: 2020-03-02, until: 2020-03-09}\n"
    "protocol: {csep: {simulations: 500}, seed: 3}\n";

static tried *try_case(const char *text) {
    tried *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->status = onus_case_parse(text, strlen(text), "case.yaml", temp_dir, &t->c, &t->problems);
    if (t->status == ONUS_OK) {
        t->status = onus_evidence_load(&t->c, NULL, &t->evidence, &t->problems);
    }
    if (t->status == ONUS_OK) {
        onus_error err = ONUS_ERROR_INIT;
        onus_result_init(&t->result, &t->c, &t->evidence);
        t->status = onus_place_try(&t->c, &t->evidence, NULL, &t->result, &err);
    }
    return t;
}

static void tried_free(tried *t) {
    onus_result_clear(&t->result);
    onus_evidence_clear(&t->evidence);
    onus_case_clear(&t->c);
    free(t);
}

/* The measure of this id with one scope key (NULL: whichever comes first); a failure if absent. */
static const onus_measure *find(const tried *t, const char *id, const char *key,
                                const char *value) {
    for (size_t i = 0;; i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        if (m == NULL) {
            fail_msg("no %s", id);
        }
        const char *text = key == NULL ? NULL : onus_scope_text(&m->scope, key);
        if (strcmp(m->def->id, id) == 0 &&
            (key == NULL || (text != NULL && strcmp(text, value) == 0))) {
            return m;
        }
    }
}

static bool has_problem(const tried *t, const char *kind) {
    for (size_t k = 0; k < t->problems.n_kinds; k++) {
        if (strcmp(t->problems.kinds[k].kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_warning(const tried *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t k = 0; k < t->result.warnings.n_items; k++) {
        if (strcmp(warnings[k].code, code) == 0) {
            return true;
        }
    }
    return false;
}

/* Totals inside by week before: 4, 20, 1, 9; one more a day before the first whole week. */
static void write_events(void) {
    write_text("events.csv", "x,y,n,t\n"
                             "0.5,50.5,3,2020-03-02\n" /* in the period: 3 + 2 + 1 = 6 inside */
                             "0.5,51.5,2,2020-03-08\n"
                             "1,51,1,2020-03-05\n"     /* on edges: the cell north-east of them */
                             "2,51.5,4,2020-03-05\n"   /* on the last edge: outside */
                             "0.5,50.5,7,2020-03-09\n" /* the end is not in the period */
                             "0.5,50.5,4,2020-03-01\n" /* weeks before, backwards */
                             "1.5,51.5,15,2020-02-20\n"
                             "0.5,51.5,5,2020-02-17\n"
                             "0.5,51.5,1,2020-02-10\n"
                             "0.5,51.5,9,2020-02-09\n"
                             "5,5,50,2020-02-09\n"
                             "0.5,51.5,8,2020-02-02\n");
    write_text("a.dat", forecast);
    write_text("b.dat", "0 1 50 51 0 30 0 10 1 1\n"
                        "1 2 50 51 0 30 0 10 1 1\n"
                        "1 2 51 52 0 30 0 10 1 1\n" /* in another order */
                        "0 1 51 52 0 30 0 10 1 1\n");
}

static void bins_events_and_nulls_are_those_of_the_files(void **state) {
    (void)state;
    write_events();
    tried *t = try_case(case_text);
    assert_int_equal(t->status, ONUS_OK);
    const double rates[] = {2, 1, 4, 3};
    const double other[] = {1, 1, 1, 1};
    const double counts[] = {3, 0, 2, 1};
    const double totals[] = {4, 20, 1, 9};
    assert_true(find(t, "place.outcomes", NULL, NULL)->num == 6);
    assert_true(find(t, "place.outcomes", NULL, NULL)->den == 10);
    assert_true(has_warning(t, "events_outside"));
    assert_true(has_warning(t, "independent_events"));

    const onus_csep_number poisson = onus_csep_number_test(10, 6, NAN);
    assert_true(find(t, "place.csep_n", "tail", "low")->value == poisson.delta2.value);
    assert_true(find(t, "place.csep_n", "tail", "high")->value == poisson.delta1.value);
    const onus_csep_number spread =
        onus_csep_number_test(10, 6, onus_csep_variance(totals, 4).value);
    const onus_measure *negbin = find(t, "place.csep_n", "null", "negbin");
    assert_true(negbin->value == spread.delta2.value);
    assert_true(negbin->has_p && negbin->p_value == spread.p.value);

    const onus_csep_data data = {4, 1, rates, counts};
    onus_csep_options options = {.seed = 3, .n_simulations = 500, .cluster_size = 1};
    onus_csep_result r;
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL), 0);
    const onus_measure *s = find(t, "place.csep_s", "null", "poisson");
    assert_true(s->value == r.quantile.value && s->num == (double)r.n_at_or_below);
    assert_true(s->den == 500 && s->p_value == r.p.value);
    assert_true(find(t, "place.csep_s_score", NULL, NULL)->value == r.score.value);
    /* by cell and week: 4 | 5 15 | 1 | 9 */
    const double sum[] = {4, 0, 15, 15};
    const double squares[] = {16, 0, 25 + 1 + 81, 225};
    options.cluster_size = onus_csep_cluster_size(sum, squares, 4, 4).value;
    assert_true(options.cluster_size > 1);
    assert_int_equal(onus_csep_simulate(&data, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL), 0);
    assert_true(find(t, "place.csep_s", "null", "clustered")->value == r.quantile.value);

    const onus_csep_t test = onus_csep_t_test(rates, other, counts, 4, 1, 0.95);
    assert_true(find(t, "place.csep_t", "against", "B")->value == test.t.value);
    const onus_measure *gain = find(t, "place.csep_ig", "against", "B");
    assert_true(gain->value == test.gain.value && gain->interval.weak);
    assert_string_equal(gain->interval.weak_reason, ONUS_CSEP_ASSUMES);
    /* six events are few for W, and that is said at the figure and in a warning */
    const onus_measure *ranks = find(t, "place.csep_w", "against", "B");
    assert_true(ranks->has_value);
    assert_non_null(strstr(ranks->reason, "fewer than 10 differences"));
    assert_true(has_warning(t, "few_events"));
    tried_free(t);

    write_text("events.csv", "x,y,n,t\n0.5,50.5,30,2020-03-02\n0.5,51.5,20,2020-03-08\n");
    t = try_case(case_text);
    assert_int_equal(t->status, ONUS_OK);
    assert_null(find(t, "place.csep_w", "against", "B")->reason);
    assert_false(has_warning(t, "few_events"));
    tried_free(t);
}

static void without_records_from_before_the_other_nulls_say_what_is_missing(void **state) {
    (void)state;
    write_events();
    tried *t = try_case("onus: 1\ntitle: T\nkind: place\n"
                        "outcomes: {file: events.csv, lon: x, lat: y}\n"
                        "predictions: {form: csep, file: a.dat}\n"
                        "protocol: {csep: {simulations: 50}}\n");
    assert_int_equal(t->status, ONUS_OK);
    const onus_measure *negbin = find(t, "place.csep_n", "null", "negbin");
    assert_false(negbin->has_value);
    assert_non_null(strstr(negbin->reason, "before the forecast"));
    assert_false(find(t, "place.csep_m", "null", "clustered")->has_value);
    assert_true(find(t, "place.csep_m", "null", "poisson")->has_value);
    tried_free(t);
}

/* The size of clusters may be given, with records from before or without. */
static void the_case_may_give_the_size_of_clusters(void **state) {
    (void)state;
    write_events();
    static const char *const CASES[] = {
        "onus: 1\ntitle: T\nkind: place\noutcomes: {file: events.csv, lon: x, lat: y}\n"
        "predictions: {form: csep, file: a.dat}\n"
        "protocol: {seed: 3, csep: {simulations: 500, cluster_size: 1}}\n",
        "onus: 1\ntitle: T\nkind: place\noutcomes: {file: events.csv, lon: x, lat: y}\n"
        "predictions: {form: csep, file: a.dat}\n"
        "protocol: {seed: 3, csep: {simulations: 500, cluster_size: 2.5}}\n"};
    double p[2];
    for (int k = 0; k < 2; k++) {
        tried *t = try_case(CASES[k]);
        assert_int_equal(t->status, ONUS_OK);
        const onus_measure *clustered = find(t, "place.csep_s", "null", "clustered");
        assert_true(clustered->has_value && clustered->den == 500);
        p[k] = clustered->value;
        if (k == 0) { /* clusters of one are no clusters */
            assert_true(clustered->value == find(t, "place.csep_s", "null", "poisson")->value);
        }
        assert_false(find(t, "place.csep_n", "null", "negbin")->has_value);
        tried_free(t);
    }
    assert_true(p[0] != p[1]);
}

static void rates_that_no_forecast_has_leave_the_tests_undefined(void **state) {
    (void)state;
    write_events();
    write_text("a.dat", "0 1 50 51 0 30 0 10 -2 1\n1 2 50 51 0 30 0 10 1 1\n"
                        "0 1 51 52 0 30 0 10 4 1\n1 2 51 52 0 30 0 10 3 1\n");
    tried *t = try_case(case_text);
    assert_int_equal(t->status, ONUS_OK);
    assert_false(find(t, "place.csep_s", "null", "poisson")->has_value);
    assert_false(find(t, "place.csep_n", "null", "poisson")->has_value);
    assert_non_null(strstr(find(t, "place.csep_l_score", NULL, NULL)->reason, "negative"));
    assert_false(find(t, "place.csep_t", "against", "B")->has_value);
    tried_free(t);
    write_text("a.dat", "0 1 50 51 0 30 0 10 0 1\n1 2 50 51 0 30 0 10 1 1\n"
                        "0 1 51 52 0 30 0 10 4 1\n1 2 51 52 0 30 0 10 3 1\n");
    t = try_case(case_text);
    assert_int_equal(t->status, ONUS_OK);
    assert_non_null(strstr(find(t, "place.csep_s", "null", "poisson")->reason, "rate is 0"));
    assert_true(has_warning(t, "zero_rates"));
    assert_true(find(t, "place.csep_n", "null", "poisson")->has_value);
    tried_free(t);
}

static void files_that_are_no_grid_of_bins_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        const char *kind;
    } CASES[] = {
        {"0 1 50 51 0 30 0 10 2 1\n0.5 2 50 51 0 30 0 10 1 1\n", NULL, "cells that overlap"},
        {"0 1 50 51 0 30 0 10 2 1\n0 1 50.5 52 0 30 0 10 1 1\n", NULL, "cells that overlap"},
        {"0 1 50 51 0 30 0 10 2 1\n1 1 50 51 0 30 0 10 1 1\n", NULL, "empty bin"},
        {"0 1 50 51 0 30 0 10 2 1\n0 1 50 51 0 30 0 10 1 1\n", NULL, "bins that do not match"},
        {"0 1 50 51 0 30\n", NULL, "no forecast"},
        {"0 1 50 51 0 30 0 10 2 1\n0 1 50 51 0 30 0 10 x 1\n", NULL, "not a number"},
        {forecast, "0 1 50 51 0 30 0 10 2 1\n", "bins that do not match"},
        {"0 1 50 51 0 30 0 10 2 1\n", "0 1.5 50 51 0 30 0 10 2 1\n", "bins that do not match"},
    };
    for (size_t k = 0; k < sizeof CASES / sizeof CASES[0]; k++) {
        write_events();
        write_text("a.dat", CASES[k].a);
        write_text("b.dat", CASES[k].b == NULL ? CASES[k].a : CASES[k].b);
        tried *t = try_case(case_text);
        if (t->status != ONUS_ERR_DATA || !has_problem(t, CASES[k].kind)) {
            fail_msg("case %zu was not refused as '%s' (status %d, kind '%s')", k, CASES[k].kind,
                     (int)t->status, t->problems.n_kinds > 0 ? t->problems.kinds[0].kind : "none");
        }
        tried_free(t);
    }
    write_events();
    write_text("events.csv", "x,y,n,t\n0.5,50.5,1.5,2020-03-02\n");
    tried *t = try_case(case_text);
    assert_int_equal(t->status, ONUS_ERR_DATA);
    assert_true(has_problem(t, "no whole number"));
    tried_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_events_and_nulls_are_those_of_the_files),
        cmocka_unit_test(without_records_from_before_the_other_nulls_say_what_is_missing),
        cmocka_unit_test(the_case_may_give_the_size_of_clusters),
        cmocka_unit_test(rates_that_no_forecast_has_leave_the_tests_undefined),
        cmocka_unit_test(files_that_are_no_grid_of_bins_are_refused),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
