/* The published audit of one department: every figure that the shared tables can give.
 *
 * The predictions themselves are in no stored copy. What is there: the reports with the audit's own
 * join to the predictions, the patrols, predictions by type and by block group. From these 120 of
 * the 124 reference values are made anew: counts, hit rates and their intervals (Wilson, rounded as
 * published), recall, patrols, and who lives in the flagged block groups (by the burden half of a
 * trial). Not made: the four about hits of boxes laid at random, which take the predictions. Skips
 * where the records are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../trial.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"

enum { N_TYPES = 4, MAX_GROUPS = 64 };

static const struct {
    const char *types; /* as in predictions_summary.csv */
    const char *any_of[2];
} TYPES[N_TYPES] = {{"BURGLARY_RES;BURGLARY_NONRES", {"BURGLARY_RES", "BURGLARY_NONRES"}},
                    {"ROBBERY;AGG_ASSAULT", {"ROBBERY", "AGG_ASSAULT"}},
                    {"MVT", {"MVT", "MVT"}},
                    {"GUN", {"GUN", "GUN"}}};
enum { BURGLARY, ROBBERY, THEFT, GUN };

typedef struct audit {
    double n_total;
    double n_used;
    double n_predictable;
    double n_predictable_inside;
    double n_matching;
    double n_counted_correct;
    double n_inside;
    double reports[N_TYPES];
    double single_hits[N_TYPES]; /* hits of reports under predictions of one type */
    double predictions[N_TYPES];
    double without[N_TYPES];
    double with[N_TYPES];
    double hits[N_TYPES]; /* published; NaN: not */
    double n_patrols;
    double n_patrols_used;
    double mean_minutes;
    double flags_2021;
    double spearman;
} audit;

static audit got;
static trial burden;
static trial bounds;

static void read_table(const char *file, const onus_column_ask *asks, size_t n, onus_table *table) {
    onus_problems problems = {0};
    onus_error err = ONUS_ERROR_INIT;
    onus_input input = {.role = "test"};
    const onus_source source = {.file = (char *)(uintptr_t)file};
    char *dir = shared_path("data/plainfield");
    if (onus_table_read(&source, dir, asks, n, NULL, table, &input, &problems) != ONUS_OK) {
        trial_fail(file, &problems, &err);
    }
    onus_input_clear(&input);
    onus_free(dir);
}

/* Is `item` one of the items of a list "A;B;C"? */
static bool lists(const char *list, const char *item) {
    const size_t len = strlen(item);
    for (const char *at = strstr(list, item); at != NULL; at = strstr(at + 1, item)) {
        if ((at == list || at[-1] == ';') && (at[len] == '\0' || at[len] == ';')) {
            return true;
        }
    }
    return false;
}

static bool lists_type(const char *list, size_t type) {
    return lists(list, TYPES[type].any_of[0]) || lists(list, TYPES[type].any_of[1]);
}

static void read_reports(void) {
    const onus_column_ask asks[] = {
        {.name = "can_be_predicted", .type = ONUS_COLUMN_NUMBER},
        {.name = "in_analysis", .type = ONUS_COLUMN_NUMBER},
        {.name = "report_types", .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        {.name = "prediction_types", .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        {.name = "has_preds", .type = ONUS_COLUMN_NUMBER, .may_be_missing = true},
        {.name = "num_preds", .type = ONUS_COLUMN_NUMBER, .may_be_missing = true},
        {.name = "geoid", .type = ONUS_COLUMN_TEXT, .may_be_missing = true}};
    onus_table t = {0};
    read_table("incidents.csv", asks, 7, &t);
    for (size_t i = 0; i < t.n_rows; i++) {
        const bool used = t.columns[1].numbers[i] == 1.0;
        const bool predictable = t.columns[0].numbers[i] == 1.0 && used;
        const bool inside = t.columns[4].numbers[i] == 1.0 && used;
        const char *report = onus_table_text(&t, 2, i);
        const char *predicted = onus_table_text(&t, 3, i);
        bool matches = false;
        size_t n_predicted = 0;
        got.n_total += 1.0;
        got.n_used += used ? 1.0 : 0.0;
        got.n_inside += inside ? 1.0 : 0.0;
        got.n_predictable += predictable ? 1.0 : 0.0;
        got.n_predictable_inside += predictable && inside ? 1.0 : 0.0;
        for (size_t k = 0; k < N_TYPES && used; k++) {
            got.reports[k] += lists_type(report, k) ? 1.0 : 0.0;
            matches = matches || (lists_type(report, k) && lists_type(predicted, k));
            n_predicted += lists_type(predicted, k) ? 1 : 0;
        }
        for (size_t k = 0; k < N_TYPES && inside && n_predicted == 1; k++) {
            got.single_hits[k] +=
                lists_type(report, k) && lists_type(predicted, k) ? t.columns[5].numbers[i] : 0.0;
        }
        got.n_matching += matches && inside ? 1.0 : 0.0;
        got.n_counted_correct += matches && inside ? t.columns[5].numbers[i] : 0.0;
    }
    onus_table_clear(&t);
}

static void read_predictions(void) {
    const onus_column_ask asks[] = {
        {.name = "prediction_types", .type = ONUS_COLUMN_TEXT},
        {.name = "predictions_all", .type = ONUS_COLUMN_NUMBER},
        {.name = "predictions_with_dosage", .type = ONUS_COLUMN_NUMBER},
        {.name = "predictions_without_dosage", .type = ONUS_COLUMN_NUMBER},
        {.name = "hits_published", .type = ONUS_COLUMN_NUMBER, .may_be_missing = true}};
    onus_table t = {0};
    read_table("predictions_summary.csv", asks, 5, &t);
    assert_int_equal(t.n_rows, N_TYPES);
    for (size_t i = 0; i < t.n_rows; i++) {
        for (size_t k = 0; k < N_TYPES; k++) {
            if (strcmp(onus_table_text(&t, 0, i), TYPES[k].types) == 0) {
                got.predictions[k] = t.columns[1].numbers[i];
                got.with[k] = t.columns[2].numbers[i];
                got.without[k] = t.columns[3].numbers[i];
                got.hits[k] = t.columns[4].numbers[i];
            }
        }
    }
    onus_table_clear(&t);
}

static void read_patrols(void) {
    const onus_time_ref started = {.column = (char *)(uintptr_t) "started"};
    const onus_time_ref ended = {.column = (char *)(uintptr_t) "ended"};
    const onus_column_ask asks[] = {
        {.name = "started", .type = ONUS_COLUMN_TIME, .time = &started},
        {.name = "ended", .type = ONUS_COLUMN_TIME, .may_be_missing = true, .time = &ended},
        {.name = "in_analysis", .type = ONUS_COLUMN_NUMBER}};
    onus_table t = {0};
    double n = 0.0;
    read_table("dosage.csv", asks, 3, &t);
    for (size_t i = 0; i < t.n_rows; i++) {
        const double seconds = t.columns[1].numbers[i] - t.columns[0].numbers[i];
        got.n_patrols += 1.0;
        got.n_patrols_used += t.columns[2].numbers[i];
        if (!isnan(seconds)) {
            got.mean_minutes += seconds / 60.0;
            n += 1.0;
        }
    }
    got.mean_minutes /= n;
    onus_table_clear(&t);
}

static void read_block_groups(void) {
    const onus_column_ask asks[] = {{.name = "geoid", .type = ONUS_COLUMN_ID},
                                    {.name = "pred_count_2018", .type = ONUS_COLUMN_NUMBER}};
    const onus_column_ask report_asks[] = {
        {.name = "geoid", .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        {.name = "in_analysis", .type = ONUS_COLUMN_NUMBER},
        {.name = "can_be_predicted", .type = ONUS_COLUMN_NUMBER}};
    onus_table groups = {0};
    onus_table reports = {0};
    double flags[MAX_GROUPS];
    double counts[MAX_GROUPS] = {0.0};
    read_table("block_groups.csv", asks, 2, &groups);
    read_table("incidents.csv", report_asks, 3, &reports);
    assert_true(groups.n_rows <= MAX_GROUPS);
    for (size_t g = 0; g < groups.n_rows; g++) {
        flags[g] = groups.columns[1].numbers[g];
        got.flags_2021 += flags[g];
        for (size_t i = 0; i < reports.n_rows; i++) {
            const bool counts_here =
                reports.columns[1].numbers[i] == 1.0 && reports.columns[2].numbers[i] == 1.0;
            const bool same =
                strcmp(onus_table_text(&reports, 0, i), onus_table_text(&groups, 0, g)) == 0;
            counts[g] += counts_here && same ? 1.0 : 0.0;
        }
    }
    onus_number r = {0};
    assert_int_equal(onus_spearman(flags, counts, groups.n_rows, &r), ONUS_OK);
    got.spearman = r.value;
    onus_table_clear(&groups);
    onus_table_clear(&reports);
}

static const char CASE_HEAD[] =
    "onus: 1\ntitle: Plainfield\nkind: place\n"
    "areas: {file: block_groups.geojson, id: geoid}\n"
    "predictions: {form: counted_areas, file: block_groups.csv, area: geoid, count: "
    "pred_count_2018}\n"
    "protocol: {conventions: [onus, markup-2021], top: 5 %, suppress_below: 1, seed: 1, resample: "
    "{unit: area, replicates: 10}}\n"
    "people:\n  file: block_groups.csv\n  id: geoid\n  universes:\n";
static const char CASE_PEOPLE[] =
    "    - {name: residents, total: pop_total, groups: {White: pop_white, Latino: pop_latino, "
    "African American: pop_black, Asian: pop_asian}}\n"
    "    - {name: households, total: hh_total, groups: {Less than 45k: hh_lt45k}}\n";
static const char CASE_BOUNDS[] =
    "    - {name: residents, total: pop_total_lb, groups: {White: pop_white_lb, Black: "
    "pop_black_lb, Asian: pop_asian_lb}}\n"
    "    - {name: households, total: hh_total_lb, groups: {Less than 45k: hh_lt45k_lb, $75k - "
    "100k: hh_75_100k_lb, $200k and above: hh_gt200k_lb}}\n";

static void try_burden(trial *t, const char *people) {
    onus_text text = {0};
    onus_text_add(&text, CASE_HEAD);
    onus_text_add(&text, people);
    assert_non_null(text.data);
    trial_run_text(t, text.data, "data/plainfield");
    onus_text_clear(&text);
}

static double ratio(double a, double b) {
    return a / b;
}

/* Wilson's interval, to four digits as published. */
static double limit(double k, double n, bool high) {
    const onus_limits limits = onus_wilson(k, n, 0.95);
    return nearbyint((high ? limits.high : limits.low) * 1e4) / 1e4;
}

static const onus_measure *of_group(const trial *t, const char *id, const char *group,
                                    const char *key, const char *text, double number,
                                    const char *convention) {
    for (size_t i = 0; i < onus_result_n_measures(&t->result); i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        const char *is = onus_scope_text(&m->scope, "group");
        const char *by = onus_scope_text(&m->scope, "convention");
        bool same = key == NULL;
        for (size_t k = 0; k < m->scope.n_items && !same; k++) {
            same = strcmp(m->scope.items[k].key, key) == 0 &&
                   (text != NULL ? m->scope.items[k].text != NULL &&
                                       strcmp(m->scope.items[k].text, text) == 0
                                 : m->scope.items[k].number == number);
        }
        if (strcmp(m->def->id, id) == 0 && is != NULL && strcmp(is, group) == 0 && same &&
            (by == NULL || strcmp(by, convention) == 0)) {
            return m;
        }
    }
    return NULL;
}

static double share_of(const char *figure, const char *group) {
    static const char *const SETS[][2] = {
        {"_most", "most"}, {"_median", "median"}, {"_least", "least"}, {"_total", "all"}};
    for (size_t s = 0; s < 4; s++) {
        if (onus_text_ends(figure, SETS[s][0])) {
            const onus_measure *m =
                of_group(&bounds, "burden.share", group, "set", SETS[s][1], 0.0, "markup-2021");
            return m == NULL || !m->has_value ? NAN : 100.0 * m->value;
        }
    }
    return NAN;
}

/* The value of a figure as made anew; NaN: not made here. */
static double value_of(const char *figure, const char *group) {
    const double all =
        got.predictions[0] + got.predictions[1] + got.predictions[2] + got.predictions[3];
    const double without = got.without[0] + got.without[1] + got.without[2] + got.without[3];
    const double strict =
        got.hits[BURGLARY] + got.hits[ROBBERY] + got.single_hits[THEFT] + got.single_hits[GUN];
    const struct {
        const char *figure;
        double value;
    } PLAIN[] = {
        {"incidents_total", got.n_total},
        {"incidents_in_analysis", got.n_used},
        {"incidents_of_predicted_types", got.n_predictable},
        {"incidents_of_predicted_types_inside_any_prediction", got.n_predictable_inside},
        {"incidents_with_type_matching_prediction", got.n_matching},
        {"predictions_counted_as_correct", got.n_counted_correct},
        {"predictions_in_window", all},
        {"predictions_without_patrol", without},
        {"predictions_with_patrol", got.with[0] + got.with[1] + got.with[2] + got.with[3]},
        {"predictions_per_day",
         all / (double)(onus_civil_days(2018, 12, 19) - onus_civil_days(2018, 2, 25))},
        {"reports_robbery_or_aggravated_assault", got.reports[ROBBERY]},
        {"reports_burglary", got.reports[BURGLARY]},
        {"reports_motor_vehicle_theft", got.reports[THEFT]},
        {"reports_gun", got.reports[GUN]},
        {"hit_rate_robbery_aggassault", ratio(got.hits[ROBBERY], got.without[ROBBERY])},
        {"hit_rate_robbery_aggassault_incl_patrolled",
         ratio(got.hits[ROBBERY], got.predictions[ROBBERY])},
        {"hit_rate_burglary", ratio(got.hits[BURGLARY], got.without[BURGLARY])},
        {"hit_rate_burglary_incl_patrolled", ratio(got.hits[BURGLARY], got.predictions[BURGLARY])},
        {"hit_rate_all", ratio(got.n_counted_correct, without)},
        {"share_robbery_and_burglary_predictions",
         ratio(got.predictions[BURGLARY] + got.predictions[ROBBERY], all)},
        {"strict_type_matched_hits", strict},
        {"strict_hit_rate", ratio(strict, without)},
        {"interval95_low_robbery_aggassault",
         limit(got.hits[ROBBERY], got.without[ROBBERY], false)},
        {"interval95_high_robbery_aggassault",
         limit(got.hits[ROBBERY], got.without[ROBBERY], true)},
        {"interval95_low_robbery_aggassault_incl_patrolled",
         limit(got.hits[ROBBERY], got.predictions[ROBBERY], false)},
        {"interval95_high_robbery_aggassault_incl_patrolled",
         limit(got.hits[ROBBERY], got.predictions[ROBBERY], true)},
        {"interval95_low_burglary", limit(got.hits[BURGLARY], got.without[BURGLARY], false)},
        {"interval95_high_burglary", limit(got.hits[BURGLARY], got.without[BURGLARY], true)},
        {"interval95_low_burglary_incl_patrolled",
         limit(got.hits[BURGLARY], got.predictions[BURGLARY], false)},
        {"interval95_high_burglary_incl_patrolled",
         limit(got.hits[BURGLARY], got.predictions[BURGLARY], true)},
        {"interval95_low_all", limit(got.n_counted_correct, without, false)},
        {"interval95_high_all", limit(got.n_counted_correct, without, true)},
        {"recall_any_prediction", ratio(got.n_predictable_inside, got.n_predictable)},
        {"recall_type_matched", ratio(got.n_matching, got.n_predictable)},
        {"reports_of_any_kind_inside_a_prediction", got.n_inside},
        {"patrol_records", got.n_patrols},
        {"patrol_records_in_window", got.n_patrols_used},
        {"patrol_mean_minutes", got.mean_minutes},
        {"predictions_2021_analysis", got.flags_2021},
        {"spearman_predictions_vs_reports_by_block_group", got.spearman},
    };
    for (size_t k = 0; k < sizeof PLAIN / sizeof PLAIN[0]; k++) {
        if (strcmp(PLAIN[k].figure, figure) == 0) {
            return PLAIN[k].value;
        }
    }
    if (onus_text_starts(figure, "lower_bound_share_pct_")) {
        return share_of(figure, group);
    }
    if (strcmp(figure, "population_most_targeted") == 0) {
        const onus_measure *m =
            of_group(&burden, "burden.share", "White", "set", "most", 0.0, "markup-2021");
        return m == NULL ? NAN : m->den;
    }
    if (strcmp(figure, "spearman_midranks_2018") == 0) {
        const onus_measure *m =
            of_group(&burden, "burden.rank_correlation", group, NULL, NULL, 0.0, "onus");
        return m == NULL ? NAN : m->value;
    }
    if (onus_text_starts(figure, "decile_share_2018 ")) {
        const int from = atoi(figure + strlen("decile_share_2018 "));
        const onus_measure *m = of_group(&burden, "burden.composition", group, "decile", NULL,
                                         from / 10 + 1, "markup-2021");
        return m == NULL || !m->has_value ? NAN : m->value;
    }
    return NAN;
}

static void every_figure_that_the_tables_can_give(void **state) {
    (void)state;
    char *path = shared_path("expected/place/plainfield.json");
    json_t *root = json_load_file(path, 0, NULL);
    onus_free(path);
    assert_non_null(root);
    const json_t *rows = json_object_get(root, "expected");
    size_t n = 0;
    size_t n_wrong = 0;
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, i, row) {
        const char *figure = json_string_value(json_object_get(row, "figure"));
        const char *group = json_string_value(json_object_get(row, "group"));
        const double value = json_number_value(json_object_get(row, "value"));
        const double tolerance = json_number_value(json_object_get(row, "tolerance"));
        if (onus_text_starts(figure, "expected_hits_uniform_random_") ||
            onus_text_starts(figure, "lift_over_uniform_")) {
            continue; /* take the predictions themselves */
        }
        const double ours = value_of(figure, group != NULL ? group : "");
        if (!(fabs(ours - value) <= tolerance)) {
            print_message("# %s %s: %.17g, reference %.17g\n", figure, group != NULL ? group : "",
                          ours, value);
            n_wrong++;
        }
        n++;
    }
    print_message("# %zu of %zu reference values made anew\n", n - n_wrong, json_array_size(rows));
    json_decref(root);
    assert_int_equal(n, 120);
    assert_int_equal(n_wrong, 0);
}

int main(void) {
    if (!shared_has("expected/place/plainfield.json") ||
        !shared_has("data/plainfield/incidents.csv")) {
        print_message("# skipped: no shared records (ONUS_SHARED)\n");
        return 0;
    }
    read_reports();
    read_predictions();
    read_patrols();
    read_block_groups();
    try_burden(&burden, CASE_PEOPLE);
    try_burden(&bounds, CASE_BOUNDS);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_that_the_tables_can_give),
    };
    const int failed = cmocka_run_group_tests_name("plainfield", tests, NULL, NULL);
    trial_clear(&burden);
    trial_clear(&bounds);
    return failed;
}
