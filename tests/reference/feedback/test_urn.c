/* The published configurations of the urn, run again: each `cmd` of the shared files is read as an
 * urn, simulated, and compared with the summary of the published code's 1,000 runs of it.
 *
 * - Means at each draw, and of the balls at the end: within 4 standard errors of both Monte Carlo
 *   errors.
 *
 *   Without noise, decay and repair also against the exact law alone.
 *
 * - Variances: the same, with the standard error from the fourth moment. Where that is beyond 4,
 *   since a thousand runs of a very skewed share have no normal variance: by resampling a thousand
 *   from 40,000 runs of ours, at the same level.
 *
 * - Shares of runs above 0.99 and below 0.01: within 4 standard errors.
 *
 * - Quantiles of the last draw: a Kolmogorov-Smirnov distance that the nine quantiles prove at
 *   least, its p-value Holm-adjusted over all configurations, alpha 0.01.
 *
 * How the published code (algofairness/runaway-feedback-loops-src) means its options, which names
 * alone do not say. Each is proved here by agreement, and most by disagreement of the next best
 * reading:
 *
 * - exponential_decay p: each whole ball is forgotten with probability p after a draw; an area
 *   keeps at least one ball.
 *
 * - linear_surprise: repair by a coin; a rejected draw adds nothing.
 *
 * - partial_surprise A B: repair by a coin; a rejected draw adds A and B balls, without noise.
 *
 * - weighted_surprise A B w_d w_r: the same, and an accepted draw adds the drawn area's own
 *   incidents and the other's reports over w_r, without noise even under `poisson`.
 *
 * The shared files hold 51 configurations. One of them the published code could not run either (it
 * divides by w_r = 0): it is counted apart. Skips where the records are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../../unit/random.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/stats_urn.h"
#include "onus/sum.h"
#include "urn_inputs.h"

enum {
    MAX_HORIZONS = 16,
    N_RUNS = 4000,
    MANY_RUNS = 40000,
    MAX_CONFIGURATIONS = 128,
    N_RESAMPLES = 100000,
};

static const double most_errors = 4;
static const double alpha = 0.01;
static const double p_of_most_errors = 6.3e-5; /* two-sided, of 4 standard errors */

/* ---- a command line as an urn ---- */
typedef struct configuration {
    char name[64];
    double balls[2];
    double rows[4];
    double rejected[4];
    onus_urn urn;
} configuration;

static double next_number(char **at) {
    const char *token = strtok_r(NULL, " ", at);
    char *end = NULL;
    const double value = token == NULL ? NAN : strtod(token, &end);
    if (token == NULL || *end != '\0') {
        fail_msg("'%s' where a number is expected", token == NULL ? "" : token);
    }
    return value;
}

static void reject_with(configuration *c, double a, double b) {
    c->rejected[0] = c->rejected[2] = a;
    c->rejected[1] = c->rejected[3] = b;
    c->urn.rejected = c->rejected;
    c->urn.repair = ONUS_URN_REPAIR_REJECT;
}

static void weigh_surprise(configuration *c, char **at) {
    const double reported_a = next_number(at);
    const double reported_b = next_number(at);
    const double w_discovered = next_number(at);
    const double w_reported = next_number(at);
    assert_true(fabs(w_discovered + w_reported - 1) < 1e-12);
    /* (d_A + r_A, r_B / w_r) and (r_A / w_r, d_B + r_B): the diagonal stands as it was given */
    c->rows[1] = reported_b / w_reported;
    c->rows[2] = reported_a / w_reported;
    c->urn.noise = ONUS_URN_FIXED;
    reject_with(c, reported_a, reported_b);
}

static bool read_option(configuration *c, const char *option, char **at) {
    static const struct {
        const char *option;
        size_t offset;
    } numbers[] = {
        {"--a", offsetof(configuration, rows)},
        {"--b", offsetof(configuration, rows) + sizeof(double)},
        {"--c", offsetof(configuration, rows) + 2 * sizeof(double)},
        {"--d", offsetof(configuration, rows) + 3 * sizeof(double)},
        {"--nr", offsetof(configuration, balls)},
        {"--nb", offsetof(configuration, balls) + sizeof(double)},
        {"--exponential_decay", offsetof(configuration, urn) + offsetof(onus_urn, decay_frac)},
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        if (strcmp(option, numbers[k].option) == 0) {
            const double value = next_number(at);
            memcpy((char *)c + numbers[k].offset, &value, sizeof value);
            return true;
        }
    }
    if (strcmp(option, "--poisson") == 0) {
        c->urn.noise = ONUS_URN_POISSON;
    } else if (strcmp(option, "--linear_surprise") == 0) {
        c->urn.repair = ONUS_URN_REPAIR_REJECT;
    } else if (strcmp(option, "--partial_surprise") == 0) {
        const double a = next_number(at);
        const double b = next_number(at);
        reject_with(c, a, b);
    } else if (strcmp(option, "--weighted_surprise") == 0) {
        weigh_surprise(c, at);
    } else if (strcmp(option, "--lambdaa") == 0 || strcmp(option, "--lambdab") == 0) {
        next_number(at); /* for a line in the plot */
    } else if (strcmp(option, "--ndraws") == 0 || strcmp(option, "--nruns") == 0) {
        assert_true(next_number(at) == 1000); /* what the summaries say as well */
    } else if (strcmp(option, "--command") == 0 || strcmp(option, "--output") == 0) {
        strtok_r(NULL, " ", at);
    } else {
        return false;
    }
    return true;
}

static void read_configuration(json_t *of, const char *group, configuration *c) {
    *c = (configuration){.urn = ONUS_URN_INIT};
    snprintf(c->name, sizeof c->name, "%s %d", group, (int)number(of, "i"));
    c->urn.n_areas = 2;
    c->urn.start_balls = c->balls;
    c->urn.increments = c->rows;
    char *words = strdup(json_string_value(json_object_get(of, "cmd")));
    assert_non_null(words);
    char *at = NULL;
    assert_string_equal(strtok_r(words, " ", &at), "src/main.py");
    for (const char *option = NULL; (option = strtok_r(NULL, " ", &at)) != NULL;) {
        if (!read_option(c, option, &at)) {
            fail_msg("%s: the option '%s' is not known", c->name, option);
        }
    }
    free(words);
}

/* ---- our runs of it ---- */
typedef struct runs {
    uint64_t horizon[MAX_HORIZONS];
    size_t n_horizons;
    size_t n;
    double *out; /* n x 3 n_horizons */
} runs;

static runs simulate(const onus_urn *urn, json_t *mean_at, uint64_t seed, size_t n) {
    runs made = {.n = n};
    const char *draw = NULL;
    json_t *value = NULL;
    json_object_foreach(mean_at, draw, value) {
        assert_true(made.n_horizons < MAX_HORIZONS);
        made.horizon[made.n_horizons++] = strtoull(draw, NULL, 10);
    }
    const onus_urn_runs asked = {
        .seed = seed, .n_horizons = made.n_horizons, .horizon_draws = made.horizon};
    onus_urn_plan *plan = NULL;
    onus_error err = ONUS_ERROR_INIT;
    if (onus_urn_plan_new(urn, &asked, &plan, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    const onus_context one = {.n_threads = 1};
    made.out = calloc(n * onus_urn_plan_width(plan), sizeof *made.out);
    assert_non_null(made.out);
    assert_int_equal(onus_urn_simulate(plan, n, &one, made.out, NULL), ONUS_OK);
    onus_urn_plan_free(plan);
    return made;
}

typedef struct moments {
    double mean;
    double variance; /* divisor n */
    double fourth;
} moments;

static moments moments_of(const runs *made, size_t k) {
    const size_t width = 3 * made->n_horizons;
    moments m = {0};
    onus_sum sum[3];
    memset(sum, 0, sizeof sum);
    for (size_t r = 0; r < N_RUNS; r++) {
        onus_sum_add(&sum[0], made->out[r * width + k]);
    }
    m.mean = onus_sum_get(&sum[0]) / N_RUNS;
    for (size_t r = 0; r < N_RUNS; r++) {
        const double off = made->out[r * width + k] - m.mean;
        onus_sum_add(&sum[1], off * off);
        onus_sum_add(&sum[2], off * off * off * off);
    }
    m.variance = onus_sum_get(&sum[1]) / N_RUNS;
    m.fourth = onus_sum_get(&sum[2]) / N_RUNS;
    return m;
}

/* ---- comparisons ---- */
typedef struct tally {
    size_t n;
    size_t n_beyond;
    size_t n_resampled;
    double largest; /* in standard errors, of those not resampled */
} tally;

static double errors_between(double got, double want, double se) {
    /* rounding of the reference's own sums, where nothing is random */
    const double off = fmax(fabs(got - want) - 1e-12 * fmax(1, fabs(want)), 0);
    return off == 0 ? 0 : off / se;
}

static void compare(tally *t, const char *name, const char *what, double got, double want,
                    double se) {
    const double errors = errors_between(got, want, se);
    t->n++;
    t->largest = fmax(t->largest, errors);
    if (!(errors <= most_errors)) {
        t->n_beyond++;
        print_error("%s, %s: ours %.8g, published %.8g, %.2f standard errors\n", name, what, got,
                    want, errors);
    }
}

/* Value k of our runs beside a published mean and variance (divisor n) of n_reference runs. */
typedef struct pairing {
    const onus_urn *urn;
    json_t *mean_at;
    const runs *made;
    size_t k;
    const char *name;
    const char *what;
    double mean;
    double variance;
    double n_reference;
} pairing;

/* How often a thousand of many runs of ours have a variance as far out as theirs: two-sided. */
static double variance_p(const pairing *pair) {
    const runs many = simulate(pair->urn, pair->mean_at, 7, MANY_RUNS);
    const size_t width = 3 * many.n_horizons;
    uint64_t state = 1;
    size_t n_above = 0;
    size_t n_below = 0;
    for (size_t b = 0; b < N_RESAMPLES; b++) {
        double sum = 0;
        double squares = 0;
        for (size_t r = 0; r < (size_t)pair->n_reference; r++) {
            const size_t drawn = random_below(&state, MANY_RUNS);
            const double off = many.out[drawn * width + pair->k] - pair->mean;
            sum += off;
            squares += off * off;
        }
        const double mean = sum / pair->n_reference;
        const double variance = squares / pair->n_reference - mean * mean;
        n_above += variance >= pair->variance;
        n_below += variance <= pair->variance;
    }
    free(many.out);
    const double p = 2 * (double)(1 + (n_above < n_below ? n_above : n_below)) / (1 + N_RESAMPLES);
    return fmin(p, 1);
}

static void compare_variances(tally *t, const pairing *pair, const moments *m, double halves) {
    const double se = sqrt(fmax(m->fourth - m->variance * m->variance, 0) * halves);
    const double errors = errors_between(m->variance, pair->variance, se);
    t->n++;
    if (errors <= most_errors) {
        t->largest = fmax(t->largest, errors);
        return;
    }
    const double p = variance_p(pair);
    t->n_resampled++;
    print_message("# %s, %s: variance %.3g, published %.3g, kurtosis %.0f: p %.2g by resampling\n",
                  pair->name, pair->what, m->variance, pair->variance,
                  m->fourth / m->variance / m->variance, p);
    if (!(p >= p_of_most_errors)) {
        t->n_beyond++;
        print_error("%s, %s: variance %.8g, published %.8g\n", pair->name, pair->what, m->variance,
                    pair->variance);
    }
}

static void compare_moments(tally *means, tally *variances, const pairing *pair) {
    const moments m = moments_of(pair->made, pair->k);
    const double halves = 1 / pair->n_reference + 1.0 / (double)pair->made->n;
    compare(means, pair->name, pair->what, m.mean, pair->mean,
            sqrt(pair->variance / pair->n_reference + m.variance / (double)pair->made->n));
    compare_variances(variances, pair, &m, halves);
}

static double count_beyond(const runs *made, size_t k, double bound, bool is_above) {
    const size_t width = 3 * made->n_horizons;
    double n = 0;
    for (size_t r = 0; r < N_RUNS; r++) {
        const double share = made->out[r * width + k];
        n += is_above ? share > bound : share < bound;
    }
    return n;
}

static void compare_share_of_runs(tally *t, const char *name, const char *what, double n_ours,
                                  double want, double n_reference) {
    const double pooled = (n_ours + want * n_reference) / (N_RUNS + n_reference);
    const double se = sqrt(pooled * (1 - pooled) * (1 / n_reference + 1.0 / N_RUNS));
    compare(t, name, what, n_ours / N_RUNS, want, se);
}

/* Kolmogorov's distribution: P(D > d) for two samples of this effective size (asymptotic; for
 * shares that take few values the true p is larger). */
static double kolmogorov_p(double d, double n_effective) {
    const double x = d * sqrt(n_effective);
    if (x < 0.2) {
        return 1; /* to 1e-12 */
    }
    double p = 0;
    for (int k = 1; k <= 100; k++) {
        p += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * x * x);
    }
    return fmin(fmax(p, 0), 1);
}

/* The published runs are known by nine quantiles of type 7. Between order statistics k and k + 1,
 * k = floor(1 + (n - 1) p), lies q: so F(q) >= k / n and F(q-) <= k / n for them, and the distance
 * of the two empirical distributions is at least what is found here. */
static double proved_distance(const runs *made, json_t *quantiles, double n_reference) {
    const size_t k_last = 3 * (made->n_horizons - 1);
    double distance = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(quantiles, key, value) {
        const double p = strtod(key, NULL);
        const double theirs = floor(1 + (n_reference - 1) * p + 1e-9) / n_reference;
        const double q = json_number_value(value);
        /* a share may be off by its last bit from the published code's */
        const double at_or_below = 1 - count_beyond(made, k_last, q * (1 + 1e-12), true) / N_RUNS;
        const double below = count_beyond(made, k_last, q * (1 - 1e-12), false) / N_RUNS;
        distance = fmax(distance, fmax(theirs - at_or_below, below - theirs));
    }
    return distance;
}

static double quantiles_p(const runs *made, json_t *of) {
    const double n = number(of, "nruns");
    return kolmogorov_p(proved_distance(made, json_object_get(of, "final_q"), n),
                        n * N_RUNS / (n + N_RUNS));
}

/* ---- all of them ---- */
typedef struct account {
    size_t n_all;
    size_t n_not_run; /* by the published code */
    size_t n_compared;
    tally means;
    tally exact_means;
    tally variances;
    tally runaways;
    double p[MAX_CONFIGURATIONS];
    char name[MAX_CONFIGURATIONS][64];
} account;

/* What the published code could not run is no urn: it asks for an infinite number of balls. */
static void check_not_run(configuration *c, json_t *of, account *all) {
    assert_string_equal(json_string_value(json_object_get(of, "failed")), "float division by zero");
    assert_true(isinf(c->rows[1]) != 0);
    assert_int_equal(onus_urn_check(&c->urn, NULL), ONUS_ERR_DOMAIN);
    print_message("# %s: not run by the published code (division by zero), refused here\n",
                  c->name);
    all->n_not_run++;
}

/* Where there is an exact law their last mean is held to it, free of our own Monte Carlo error. */
static void check_exactly(const configuration *c, json_t *of, account *all) {
    onus_urn_law law;
    if (onus_urn_law_new(&c->urn, (uint64_t)number(of, "ndraws"), &law, NULL) != ONUS_OK) {
        return;
    }
    compare(&all->exact_means, c->name, "exact mean", onus_urn_law_mean(&law),
            number(of, "final_mean"), onus_urn_law_sd(&law) / sqrt(number(of, "nruns")));
    onus_urn_law_clear(&law);
}

static void check_runs(const configuration *c, json_t *of, account *all) {
    json_t *mean_at = json_object_get(of, "mean_at");
    json_t *sd_at = json_object_get(of, "sd_at");
    const runs made = simulate(&c->urn, mean_at, 20180218 + all->n_compared, N_RUNS);
    const double n = number(of, "nruns");
    pairing pair = {
        .urn = &c->urn, .mean_at = mean_at, .made = &made, .name = c->name, .n_reference = n};
    for (size_t h = 0; h < made.n_horizons; h++) {
        char draw[32];
        snprintf(draw, sizeof draw, "%d", (int)made.horizon[h]);
        pair.k = 3 * h;
        pair.what = draw;
        pair.mean = number(mean_at, draw);
        pair.variance = pow(number(sd_at, draw), 2);
        compare_moments(&all->means, &all->variances, &pair);
    }
    const size_t last = 3 * (made.n_horizons - 1);
    assert_int_equal(made.horizon[made.n_horizons - 1], (uint64_t)number(of, "ndraws"));
    const double biased = (n - 1) / n; /* what follows has divisor n - 1 */
    pair.k = last;
    pair.what = "final";
    pair.mean = number(of, "final_mean");
    pair.variance = pow(number(of, "final_sd"), 2) * biased;
    compare_moments(&all->means, &all->variances, &pair);
    pair.k = last + 2;
    pair.what = "balls";
    pair.mean = number(of, "total_balls_mean");
    pair.variance = pow(number(of, "total_balls_sd"), 2) * biased;
    compare_moments(&all->means, &all->variances, &pair);
    compare_share_of_runs(&all->runaways, c->name, "above 0.99",
                          count_beyond(&made, last, 0.99, true), number(of, "frac_gt_0p99"), n);
    compare_share_of_runs(&all->runaways, c->name, "below 0.01",
                          count_beyond(&made, last, 0.01, false), number(of, "frac_lt_0p01"), n);
    check_exactly(c, of, all);
    assert_true(all->n_compared < MAX_CONFIGURATIONS);
    all->p[all->n_compared] = quantiles_p(&made, of);
    memcpy(all->name[all->n_compared], c->name, sizeof c->name);
    all->n_compared++;
    free(made.out);
}

static void report(const char *what, const tally *t) {
    print_message("# %s: %zu of %zu agree, %zu of them by resampling; the farthest of the others "
                  "is off by %.2f standard errors\n",
                  what, t->n - t->n_beyond, t->n, t->n_resampled, t->largest);
}

static void published_configurations_come_out_again(void **state) {
    (void)state;
    static account all;
    for (int group = 0; group < 2; group++) {
        json_t *root =
            read_reference(group == 0 ? "urn/oakland-examples.json" : "urn/paper-examples.json");
        size_t i = 0;
        json_t *of = NULL;
        json_array_foreach(root, i, of) {
            configuration c;
            read_configuration(of, group == 0 ? "oakland" : "paper", &c);
            all.n_all++;
            if (json_object_get(of, "failed") != NULL) {
                check_not_run(&c, of, &all);
            } else {
                check_runs(&c, of, &all);
            }
        }
        json_decref(root);
    }
    double adjusted[MAX_CONFIGURATIONS];
    assert_int_equal(onus_holm(all.p, all.n_compared, adjusted), ONUS_OK);
    size_t n_rejected = 0;
    double smallest = 1;
    for (size_t k = 0; k < all.n_compared; k++) {
        smallest = fmin(smallest, all.p[k]);
        if (adjusted[k] < alpha) {
            n_rejected++;
            print_error("%s, quantiles: p %.2g, adjusted %.2g\n", all.name[k], all.p[k],
                        adjusted[k]);
        }
    }
    print_message("# %zu configurations, %zu compared, %zu not run by the published code\n",
                  all.n_all, all.n_compared, all.n_not_run);
    report("means", &all.means);
    report("last means beside the exact law's", &all.exact_means);
    report("variances", &all.variances);
    report("shares of runs that ran away", &all.runaways);
    print_message("# quantiles: %zu of %zu not rejected (Holm, alpha 0.01), smallest raw p %.3g\n",
                  all.n_compared - n_rejected, all.n_compared, smallest);
    assert_int_equal(all.n_all, 51);
    assert_int_equal(all.n_compared, 50);
    assert_int_equal(all.n_not_run, 1);
    assert_int_equal(all.exact_means.n, 6);
    assert_int_equal(all.exact_means.n_beyond + all.means.n_beyond + all.variances.n_beyond +
                         all.runaways.n_beyond,
                     0);
    assert_int_equal(n_rejected, 0);
}

/* ---- the same comparisons do reject ---- */
static json_t *configuration_of(json_t *root, int i, configuration *c) {
    json_t *of = json_array_get(root, (size_t)i);
    read_configuration(of, "paper", c);
    return of;
}

static double mean_errors(const onus_urn *urn, json_t *of) {
    const runs made = simulate(urn, json_object_get(of, "mean_at"), 1, N_RUNS);
    const size_t last = 3 * (made.n_horizons - 1);
    const moments m = moments_of(&made, last + 2);
    const double sd = number(of, "total_balls_sd");
    const double se = sqrt(sd * sd * (1 / number(of, "nruns") + 1.0 / N_RUNS));
    free(made.out);
    return fabs(m.mean - number(of, "total_balls_mean")) / se;
}

static double p_of(const onus_urn *urn, json_t *of) {
    const runs made = simulate(urn, json_object_get(of, "mean_at"), 1, N_RUNS);
    const double p = quantiles_p(&made, of);
    free(made.out);
    return p;
}

static void neighbouring_models_are_told_apart(void **state) {
    (void)state;
    json_t *root = read_reference("urn/paper-examples.json");
    configuration c;
    const double strictest = alpha / 50; /* what Holm asks of the first of fifty */

    json_t *of = configuration_of(root, 0, &c);
    assert_true(p_of(&c.urn, of) > strictest);
    c.urn.decay_frac = 0.011; /* a tenth more forgetting */
    assert_true(mean_errors(&c.urn, of) > most_errors);
    of = configuration_of(root, 2, &c);
    c.urn.min_balls = 1e-3; /* an area may be forgotten altogether */
    assert_true(p_of(&c.urn, of) < strictest);

    of = configuration_of(root, 1, &c);
    c.urn.repair = ONUS_URN_REPAIR_NONE;
    assert_true(p_of(&c.urn, of) < strictest);

    of = configuration_of(root, 16, &c); /* weighted surprise heeds --poisson after all */
    c.urn.noise = ONUS_URN_POISSON;
    assert_true(p_of(&c.urn, of) < strictest);
    of = configuration_of(root, 16, &c); /* a rejected draw adds nothing */
    c.urn.rejected = NULL;
    assert_true(mean_errors(&c.urn, of) > most_errors);

    of = configuration_of(root, 26, &c);
    c.urn.rejected = NULL;
    assert_true(mean_errors(&c.urn, of) > most_errors);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_configurations_come_out_again),
        cmocka_unit_test(neighbouring_models_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
