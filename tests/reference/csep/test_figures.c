/* Every figure of the CSEP reference runs (pyCSEP 0.7.0) that the shared inputs can give, looked up
 * key by key:
 *
 *   deterministic (N, T, W, I1, log-likelihoods, Brier)   to 1e-9
 *   *_uniforms   every simulated score from the saved uniforms to 1e-9, quantiles exactly
 *   *_seedS      the same from numpy's generator, which is built again here (mt19937.h)
 *
 * Each key must be known to exactly one rule. The sets of 10,000 and 100,000 events were shared
 * without their events: there what needs no event positions is checked (N, critical values, the
 * simulated distributions, M), and the rest is counted apart. Prints "N of M". Reads the records
 * from ONUS_SHARED and skips where they are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inputs.h"
#include "mt19937.h"
#include "onus/stats_csep.h"
#include "onus/sum.h"

static size_t n_figures; /* looked at */
static size_t n_agreed;  /* of these */
static size_t n_without; /* cannot be had: their events were not shared */

static void agree(const char *what, double got, double want) {
    n_figures++;
    if (close_to(got, want)) {
        n_agreed++;
    } else {
        print_error("%s: %.17g, published %.17g\n", what, got, want);
    }
}

static void agree_exactly(const char *what, double got, double want) {
    n_figures++;
    if (got == want) {
        n_agreed++;
    } else {
        print_error("%s: %.17g, published %.17g (exactly)\n", what, got, want);
    }
}

/* ---- simulated distributions ---- */

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* numpy.percentile, linear. */
static double percentile(const double *sorted, size_t n, double percent) {
    const double at = percent / 100 * (double)(n - 1);
    const size_t low = (size_t)at;
    const size_t high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

static void check_distribution(const char *what, json_t *of_sim, const double *scores, size_t n) {
    assert_int_equal(json_integer_value(json_object_get(of_sim, "n")), n);
    json_t *first = json_object_get(of_sim, "first5");
    for (size_t k = 0; k < json_array_size(first); k++) {
        agree(what, scores[k], json_number_value(json_array_get(first, k)));
    }
    double *sorted = calloc(n, sizeof *sorted);
    assert_non_null(sorted);
    memcpy(sorted, scores, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    const double mean = onus_sum_of(scores, n) / (double)n;
    onus_sum squares = {0};
    for (size_t k = 0; k < n; k++) {
        onus_sum_add(&squares, (scores[k] - mean) * (scores[k] - mean));
    }
    agree(what, mean, json_number_value(json_object_get(of_sim, "mean")));
    agree(what, sqrt(onus_sum_get(&squares) / (double)(n - 1)),
          json_number_value(json_object_get(of_sim, "sd")));
    agree(what, percentile(sorted, n, 2.5), json_number_value(json_object_get(of_sim, "q025")));
    agree(what, percentile(sorted, n, 50), json_number_value(json_object_get(of_sim, "q50")));
    agree(what, percentile(sorted, n, 97.5), json_number_value(json_object_get(of_sim, "q975")));
    free(sorted);
}

static void check_observed(const char *what, json_t *figure, double observed, const double *scores,
                           size_t n) {
    size_t below = 0;
    for (size_t k = 0; k < n; k++) {
        below += scores[k] <= observed;
    }
    agree(what, observed, json_number_value(json_object_get(figure, "observed")));
    agree_exactly(what, (double)below / (double)n,
                  json_number_value(json_object_get(figure, "quantile")));
}

/* The published run's draws: one call for uniforms per simulation; for L a Poisson number first. */
static void replay_seed(onus_csep_replay *replay, onus_csep_test test, size_t n_events,
                        uint32_t seed, double *scores, size_t n) {
    mt19937 mt;
    mt_seed(&mt, seed);
    double *uniforms = NULL;
    for (size_t s = 0; s < n; s++) {
        size_t draws = n_events;
        if (test == ONUS_CSEP_L) {
            draws = (size_t)mt_poisson(&mt, onus_csep_replay_expected(replay));
        }
        double *grown = realloc(uniforms, (draws + 1) * sizeof *uniforms);
        assert_non_null(grown);
        uniforms = grown;
        for (size_t e = 0; e < draws; e++) {
            uniforms[e] = mt_uniform(&mt);
        }
        scores[s] = onus_csep_replay_score(replay, uniforms, draws);
    }
    free(uniforms);
}

static void replay_saved(const set *s, onus_csep_replay *replay, const char *stem, double *scores,
                         size_t n) {
    char name[128];
    snprintf(name, sizeof name,
             strcmp(s->name, "tiny") == 0 ? "inputs/%s_uniforms_%zux%zu.f64"
                                          : "inputs/%s_1000_uniforms_%zux%zu.f64",
             s->name, n, s->n_events);
    double *uniforms = read_doubles(name, n * s->n_events);
    snprintf(name, sizeof name, "results/%s_%zu_%s_simll.csv", s->name, s->n_events, stem);
    double *published = read_column(name, n, 0, false);
    for (size_t k = 0; k < n; k++) {
        scores[k] = onus_csep_replay_score(replay, uniforms + k * s->n_events, s->n_events);
        agree(name, scores[k], published[k]);
    }
    free(uniforms);
    free(published);
}

/* "CL_A_seed42_1000", "S_T_uniforms". */
static bool rule_simulation(const set *s, const char *key, json_t *figure) {
    static const char *const names[] = {"S_", "CL_", "L_", "M_"};
    int test = 0;
    while (test < ONUS_CSEP_TESTS && strncmp(key, names[test], strlen(names[test])) != 0) {
        test++;
    }
    json_t *of_sim = json_object_get(figure, "sim");
    if (test == ONUS_CSEP_TESTS || of_sim == NULL) {
        return false;
    }
    const char letter = key[strlen(names[test])];
    const char *rest = key + strlen(names[test]) + 1;
    const double *rates = s->rates[strchr(forecasts, letter) - forecasts];
    const size_t n = (size_t)json_integer_value(json_object_get(of_sim, "n"));
    /* positions are not known: as many events anywhere, for what depends on their number alone */
    double *counts = calloc(s->n_bins, sizeof *counts);
    double *scores = calloc(n, sizeof *scores);
    assert_true(counts != NULL && scores != NULL);
    counts[0] = (double)s->n_events;
    const onus_csep_data data = {.n_cells = s->n_cells,
                                 .n_marks = s->n_marks,
                                 .rates = rates,
                                 .counts = s->has_events ? s->counts : counts};
    onus_csep_replay *replay = NULL;
    assert_int_equal(onus_csep_replay_new(&data, (onus_csep_test)test, &replay, NULL), ONUS_OK);
    if (strcmp(rest, "_uniforms") == 0) {
        char stem[16];
        snprintf(stem, sizeof stem, "%s%c", names[test], letter);
        replay_saved(s, replay, stem, scores, n);
    } else {
        replay_seed(replay, (onus_csep_test)test, s->n_events,
                    (uint32_t)atoi(rest + strlen("_seed")), scores, n);
    }
    check_distribution(key, of_sim, scores, n);
    if (s->has_events || (test == ONUS_CSEP_M && s->n_marks == 1)) {
        check_observed(key, figure, onus_csep_replay_observed(replay), scores, n);
    } else {
        n_without += 2;
    }
    onus_csep_replay_free(replay);
    free(counts);
    free(scores);
    return true;
}

/* ---- the binary tests: as many different bins as are active, drawn one after the other ---- */

typedef struct binary {
    const double *rates;
    size_t n;
    double factor;
    bool brier;
} binary;

static double binary_score(const binary *b, const double *hit) {
    return b->brier ? onus_csep_brier(b->rates, hit, b->n).value
                    : onus_csep_binary_log_likelihood(b->rates, hit, b->n, b->factor).value;
}

/* As published, in the order of its additions: ties at <= hang on the last bit. */
static double binary_score_published(const binary *b, const double *hit) {
    double sum = 0;
    for (size_t i = 0; i < b->n; i++) {
        const double rate = b->rates[i] * b->factor;
        sum += hit[i] > 0 ? log(1 - exp(-rate)) : -rate;
    }
    return sum;
}

static void draw_different(const binary *b, const double *share, size_t n_active, mt19937 *mt,
                           double *hit) {
    memset(hit, 0, b->n * sizeof *hit);
    for (size_t k = 0; k < n_active;) {
        const double u = mt_uniform(mt);
        size_t i = 0;
        while (b->brier ? share[i] <= u : share[i] < u) {
            i++;
        }
        if (hit[i] == 0) {
            hit[i] = 1;
            k++;
        }
    }
}

/* "binary_S_A_seed42", "binary_CL_A_seed42", "brier_A_seed42". */
static bool rule_binary(const set *s, const char *key, json_t *figure) {
    const bool spatial = strcmp(key, "binary_S_A_seed42") == 0;
    const bool brier = strcmp(key, "brier_A_seed42") == 0;
    if (!spatial && !brier && strcmp(key, "binary_CL_A_seed42") != 0) {
        return false;
    }
    binary b = {.rates = spatial ? s->cell_rates[0] : s->rates[0],
                .n = spatial ? s->n_cells : s->n_bins,
                .factor = 1,
                .brier = brier};
    const double *counts = spatial ? s->cell_counts : s->counts;
    size_t n_active = 0;
    double total = 0;
    for (size_t i = 0; i < b.n; i++) {
        n_active += counts[i] > 0;
        total += b.rates[i];
    }
    double *share = calloc(b.n, sizeof *share);
    double *hit = calloc(b.n, sizeof *hit);
    double scores[1000];
    double published[1000];
    assert_true(share != NULL && hit != NULL);
    double running = 0;
    for (size_t i = 0; i < b.n; i++) {
        running += b.rates[i];
        share[i] = running / total;
    }
    mt19937 mt;
    mt_seed(&mt, 42);
    for (size_t k = 0; k < 1000; k++) {
        draw_different(&b, share, n_active, &mt, hit);
        scores[k] = binary_score(&b, hit);
        published[k] = brier ? scores[k] : binary_score_published(&b, hit);
    }
    check_distribution(key, json_object_get(figure, "sim"), scores, 1000);
    agree(key, binary_score(&b, counts), json_number_value(json_object_get(figure, "observed")));
    check_observed(key, figure,
                   brier ? binary_score(&b, counts) : binary_score_published(&b, counts), published,
                   1000);
    free(share);
    free(hit);
    return true;
}

/* ---- what needs no simulation ---- */

static double total_of(const set *s, int f) {
    return onus_sum_of(s->rates[f], s->n_bins);
}

/* "N_A", "NBD_N_A_var37.29". */
static bool rule_number(const set *s, const char *key, json_t *figure) {
    const bool negative_binomial = strncmp(key, "NBD_N_", 6) == 0;
    if (!negative_binomial && (strncmp(key, "N_", 2) != 0 || strlen(key) != 3)) {
        return false;
    }
    const char letter = key[negative_binomial ? 6 : 2];
    const double variance = negative_binomial ? strtod(strstr(key, "var") + 3, NULL) : NAN;
    const onus_csep_number got = onus_csep_number_test(
        total_of(s, (int)(strchr(forecasts, letter) - forecasts)), (double)s->n_events, variance);
    json_t *quantile = json_object_get(figure, "quantile");
    agree(key, (double)s->n_events, json_number_value(json_object_get(figure, "observed")));
    agree(key, got.delta1.value, json_number_value(json_array_get(quantile, 0)));
    agree(key, got.delta2.value, json_number_value(json_array_get(quantile, 1)));
    return true;
}

/* "kagan_I1_bits_A" and four log-likelihoods and scores. */
static bool rule_score(const set *s, const char *key, json_t *figure) {
    static const char *const stems[] = {"poisson_spatial_ll_sum_", "binary_spatial_ll_sum_",
                                        "kagan_I1_bits_", "binary_joint_ll_", "brier_pycsep_"};
    size_t k = 0;
    while (k < 5 && strncmp(key, stems[k], strlen(stems[k])) != 0) {
        k++;
    }
    if (k == 5) {
        return false;
    }
    if (!s->has_events) {
        n_without++;
        return true;
    }
    const int f = (int)(strchr(forecasts, key[strlen(stems[k])]) - forecasts);
    const double scale = (double)s->n_events / total_of(s, f);
    const onus_number got[] = {
        onus_csep_log_likelihood(s->cell_rates[f], s->cell_counts, s->n_cells, scale),
        onus_csep_binary_log_likelihood(s->cell_rates[f], s->cell_counts, s->n_cells, scale),
        onus_csep_information(s->cell_rates[f], s->cell_counts, s->area, s->n_cells),
        onus_csep_binary_log_likelihood(s->rates[f], s->counts, s->n_bins, 1),
        onus_csep_brier(s->rates[f], s->counts, s->n_bins)};
    agree(key, got[k].value, json_number_value(figure));
    return true;
}

static const double one_day = 1.0 / 365; /* of the forecasts' year */

/* "T_A_vs_B", "T_scaled1day_A_vs_B", "W_A_vs_B". */
static bool rule_comparison(const set *s, const char *key, json_t *figure) {
    const char *vs = strstr(key, "_vs_");
    if (vs == NULL) {
        return false;
    }
    const double *a = s->rates[strchr(forecasts, vs[-1]) - forecasts];
    const double *b = s->rates[strchr(forecasts, vs[4]) - forecasts];
    json_t *t_critical = json_object_get(figure, "t_crit");
    if (!s->has_events) {
        n_without += json_object_size(figure) - (t_critical != NULL);
        if (t_critical != NULL) { /* depends on the number alone: any events will do */
            double *anywhere = calloc(s->n_bins, sizeof *anywhere);
            assert_non_null(anywhere);
            anywhere[0] = (double)s->n_events;
            agree(key, onus_csep_t_test(a, b, anywhere, s->n_bins, 1, 0.95).t_critical,
                  json_number_value(t_critical));
            free(anywhere);
        }
        return true;
    }
    if (key[0] == 'W') {
        onus_csep_w w;
        assert_int_equal(onus_csep_w_test(a, b, s->counts, s->n_bins, &w), ONUS_OK);
        agree(key, w.z.value, json_number_value(json_object_get(figure, "z")));
        agree(key, w.p.value, json_number_value(json_object_get(figure, "p")));
        agree_exactly(key, w.n_is_small,
                      (double)json_array_size(json_object_get(figure, "warnings")));
        return true;
    }
    const bool scaled = strncmp(key, "T_scaled1day_", 13) == 0;
    const onus_csep_t t = onus_csep_t_test(a, b, s->counts, s->n_bins, scaled ? one_day : 1, 0.95);
    agree(key, t.gain.value, json_number_value(json_object_get(figure, "information_gain")));
    agree(key, t.t.value, json_number_value(json_object_get(figure, "t")));
    if (!scaled) {
        agree(key, t.interval.low, json_number_value(json_object_get(figure, "ig_lower")));
        agree(key, t.interval.high, json_number_value(json_object_get(figure, "ig_upper")));
        agree(key, t.t_critical, json_number_value(t_critical));
    }
    return true;
}

/* Counts of the input itself; and a crash of the published program, which is not a figure. */
static bool rule_input(const set *s, const char *key, json_t *figure) {
    if (strcmp(key, "n_events") == 0) {
        agree_exactly(key, (double)s->n_events, json_number_value(figure));
        return true;
    }
    if (strcmp(key, "forecast_multiplier") == 0 || strcmp(key, "binary_T_error") == 0) {
        return true;
    }
    const bool cells = strcmp(key, "active_cells") == 0;
    const bool most = strcmp(key, "max_in_bin") == 0;
    if (!cells && !most && strcmp(key, "active_bins") != 0) {
        return false;
    }
    if (!s->has_events) {
        n_without++;
        return true;
    }
    double active = 0;
    double largest = 0;
    for (size_t i = 0; i < (cells ? s->n_cells : s->n_bins); i++) {
        const double count = cells ? s->cell_counts[i] : s->counts[i];
        active += count > 0;
        largest = fmax(largest, count);
    }
    agree_exactly(key, most ? largest : active, json_number_value(figure));
    return true;
}

static void check_events(const char *name, json_t *of_set, const char *events, json_t *figures) {
    set s = {.name = name};
    load_set(&s, of_set, events, figures);
    const char *key = NULL;
    json_t *figure = NULL;
    json_object_foreach(figures, key, figure) {
        const int n_rules = rule_simulation(&s, key, figure) + rule_binary(&s, key, figure) +
                            rule_number(&s, key, figure) + rule_score(&s, key, figure) +
                            rule_comparison(&s, key, figure) + rule_input(&s, key, figure);
        if (n_rules != 1) {
            fail_msg("%d rules know %s of %s %s", n_rules, key, name, events);
        }
    }
    clear_set(&s);
}

static void every_published_figure_comes_out_again(void **state) {
    (void)state;
    if (!find_folder()) {
        print_message("# skipped: no reference runs of CSEP below ONUS_SHARED\n");
        skip();
    }
    json_t *root = read_json("results/expected.json");
    const char *name = NULL;
    json_t *of_set = NULL;
    json_object_foreach(json_object_get(root, "sets"), name, of_set) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach(of_set, key, value) {
            if (strncmp(key, "events_", 7) == 0) {
                check_events(name, of_set, key, value);
            }
        }
    }
    json_decref(root);
    print_message("# %zu of %zu figures agree; %zu more need events that were not shared\n",
                  n_agreed, n_figures, n_without);
    assert_int_equal(n_agreed, n_figures);
    assert_true(n_figures > 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_figure_comes_out_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
