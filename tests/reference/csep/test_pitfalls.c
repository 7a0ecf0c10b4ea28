/* What the published program (pyCSEP 0.7.0) does at the edges, by its own figures, and what is done
 * here instead: refused with a reason, counted apart, or flagged. Reads the records from
 * ONUS_SHARED and skips where they are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inputs.h"
#include "onus/sum.h"

static void published_pitfalls_are_refused_or_flagged(void **state) {
    (void)state;
    if (!find_folder()) {
        skip();
    }
    json_t *root = read_json("results/peer_pitfalls.json");
    set s = {.name = "tiny", .n_cells = 12, .n_marks = 2, .n_bins = 24, .n_events = 9};
    s.has_events = true;
    s.rates[0] = read_doubles("inputs/tiny_forecast_A.f64", 24);
    s.cell_rates[0] = sum_marks(&s, s.rates[0]);
    s.area = areas_of("tiny", 12);
    count_events(&s);

    /* A cell with events set to rate 0: the published binary score rises from -8.3 to -5.2, for it
     * gives every such bin a log-likelihood of +1, what numpy's mask leaves where the logarithm
     * would be. */
    size_t busiest = 0;
    for (size_t c = 1; c < 12; c++) {
        busiest = s.cell_counts[c] > s.cell_counts[busiest] ? c : busiest;
    }
    double zeroed[24];
    double sum = 0;
    double published = 0;
    for (size_t i = 0; i < 24; i++) {
        zeroed[i] = i / 2 == busiest ? 0 : s.rates[0][i];
        const double missed = s.counts[i] > 0 ? 1 : 0;
        published += zeroed[i] == 0    ? missed
                     : s.counts[i] > 0 ? log(1 - exp(-zeroed[i]))
                                       : -zeroed[i];
    }
    sum = onus_sum_of(zeroed, 24);
    json_t *zeroing = json_object_get(root, "binary_LL_zeroing_the_cell_with_most_events");
    assert_true(close_to(published, json_number_value(json_object_get(zeroing, "Z"))));
    assert_true(close_to(onus_csep_binary_log_likelihood(s.rates[0], s.counts, 24, 1).value,
                         json_number_value(json_object_get(zeroing, "A"))));
    assert_non_null(onus_csep_binary_log_likelihood(zeroed, s.counts, 24, 1).reason);
    double *zeroed_cells = sum_marks(&s, zeroed);
    assert_non_null(onus_csep_information(zeroed_cells, s.cell_counts, s.area, s.n_cells).reason);
    assert_non_null(onus_csep_t_test(zeroed, s.rates[0], s.counts, 24, 1, 0.95).gain.reason);
    const onus_csep_number of_zeroed = onus_csep_number_test(sum, 9, NAN);
    json_t *q = json_object_get(
        json_object_get(json_object_get(root, "zero_rate_cell_with_event"), "N"), "q");
    assert_true(close_to(of_zeroed.delta1.value, json_number_value(json_array_get(q, 0))));
    assert_true(close_to(of_zeroed.delta2.value, json_number_value(json_array_get(q, 1))));

    /* No events at all. */
    const double total = onus_sum_of(s.rates[0], 24);
    const onus_csep_number none = onus_csep_number_test(total, 0, NAN);
    q = json_object_get(json_object_get(root, "no_events_N"), "q");
    assert_true(close_to(none.delta1.value, json_number_value(json_array_get(q, 0))));
    assert_true(close_to(none.delta2.value, json_number_value(json_array_get(q, 1))));
    const double nothing[24] = {0};
    const onus_csep_data empty = {
        .n_cells = 12, .n_marks = 2, .rates = s.rates[0], .counts = nothing};
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.n_simulations = 200;
    onus_csep_result r;
    assert_int_equal(onus_csep_simulate(&empty, ONUS_CSEP_S, &options, NULL, &r, NULL, NULL),
                     ONUS_OK);
    assert_non_null(r.quantile.reason); /* published: 1.0 */
    assert_int_equal(onus_csep_simulate(&empty, ONUS_CSEP_L, &options, NULL, &r, NULL, NULL),
                     ONUS_OK);
    assert_true(close_to(r.score.value, json_number_value(json_object_get(
                                            json_object_get(root, "no_events_L"), "obs"))));

    /* One event outside: published N counts it; here it is counted apart. */
    const onus_csep_number of_ten = onus_csep_number_test(total, 10, NAN);
    q = json_object_get(json_object_get(root, "one_event_outside_region_N"), "q");
    assert_true(close_to(of_ten.delta1.value, json_number_value(json_array_get(q, 0))));
    assert_true(close_to(of_ten.delta2.value, json_number_value(json_array_get(q, 1))));
    const int32_t cells[] = {0, 1, 2, 2, 2, 5, 6, 6, 7, -1};
    double counts[12];
    onus_csep_binned binned;
    assert_int_equal(onus_csep_bin(cells, NULL, NULL, 10, 12, 1, counts, &binned, NULL), ONUS_OK);
    assert_int_equal(binned.n_inside, 9);
    assert_int_equal(binned.n_outside_cells, 1);

    /* The same 20 events five times over: t grows by sqrt(99 / 19), and nothing was learnt. */
    const double once = json_number_value(
        json_object_get(json_object_get(root, "T_20_events_each_repeated_1"), "t"));
    const double five = json_number_value(
        json_object_get(json_object_get(root, "T_20_events_each_repeated_5"), "t"));
    assert_true(close_to(once * sqrt(99.0 / 19), five));
    free(zeroed_cells);
    clear_set(&s);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_pitfalls_are_refused_or_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
