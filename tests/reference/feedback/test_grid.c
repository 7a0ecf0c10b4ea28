/* The grid loop against an independent simulation of it: 16 configurations on Oakland's 661 cells,
 * 365 days, 100 runs each (means and standard deviations over runs, and for most of them the mean
 * share of patrols of every cell).
 *
 * Both sides are random. A mean of ours over OUR_RUNS may differ from a mean of theirs over 100 by
 * four standard errors of the difference, sqrt(theirs^2 / 100 + ours^2 / OUR_RUNS). A standard
 * deviation likewise, its error taken as sd x sqrt((kurtosis - 1) / 4 n) with our kurtosis.
 *
 * Of up to 661 cells at once, the farthest may be as far off as the farthest of 661 normal values
 * is with the probability of four standard errors for one (Bonferroni): 5.2 standard errors. A mean
 * of 100 skewed values is itself skewed: Cornish and Fisher's first term, (z^2 - 1) skewness / 6
 * sqrt(100), is added to what is allowed. Where a discovery in one run of hundreds sends patrols to
 * a cell for half a year, a mean of 100 is not near normal at all, and our runs may not have seen
 * it happen in this very cell: a cell's skewness is taken to be the largest of the cells whose
 * means are nearest to its own, and where that is beyond SKEW_MOST the cell is not compared alone.
 *
 * All cells are compared at once by the distance between the two sides' mean shares (half the sum
 * of absolute differences). What it is between two such sides by chance is seen by parting OUR_RUNS
 * + 100 of our runs at random into as many: theirs may be four standard deviations above its mean.
 *
 * The reference's by_day has two columns that its README does not explain. The second is the share
 * of the top 20 so far, and compared. The first is not a mean over runs: on day 1 of the flat truth
 * under `top` it is 1 - 23/661 with 20 patrols (and 23 cells that tie for them), the distance of
 * the patrols of all 100 runs together; it is left alone. Skips where the records are absent. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../unit/random.h"
#include "grid_internal.h"

enum { N_CELLS = 661, WINDOW = 180, N_DAYS = 365, THEIR_RUNS = 100, OUR_RUNS = 400 };
enum { ALL_RUNS = OUR_RUNS + THEIR_RUNS, PARTINGS = 100 };
#define ERRORS 4.0
#define ERRORS_OF_MANY 5.2 /* 661 x 2 (1 - Phi(5.2)) = 1.3e-4; 2 (1 - Phi(4)) = 6.3e-5 */
#define SKEW_MOST 2.0
#define PRINTED 1e-9 /* shares are given with ten digits */

typedef struct city {
    double truth[N_CELLS];
    double flat[N_CELLS];
    int32_t history[WINDOW * N_CELLS];
    json_t *reference;
    int history_read;
} city;

static city oakland;

static const char *path_of(const char *name) {
    static char path[1024];
    const char *shared = getenv("ONUS_SHARED");
    if (shared == NULL) {
        return NULL;
    }
    snprintf(path, sizeof path, "%s/expected/feedback/ncell/%s", shared, name);
    return path;
}

static FILE *opened(const char *name) {
    const char *path = path_of(name);
    return path == NULL ? NULL : fopen(path, "r");
}

static void read_values(const char *name, double *values, size_t n) {
    FILE *file = opened(name);
    assert_non_null(file);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(fscanf(file, "%lf%*[,\n]", &values[i]), 1);
    }
    fclose(file);
}

static int read_city(void **state) {
    (void)state;
    FILE *file = opened("ref_ncell.json");
    if (file == NULL) {
        return 0;
    }
    oakland.reference = json_loadf(file, 0, NULL);
    fclose(file);
    assert_non_null(oakland.reference);
    read_values("lambda_true.csv", oakland.truth, N_CELLS);
    double *history = calloc((size_t)WINDOW * N_CELLS, sizeof *history);
    read_values("history_180x661.csv", history, (size_t)WINDOW * N_CELLS);
    double total = 0.0;
    for (size_t i = 0; i < N_CELLS; i++) {
        total += oakland.truth[i];
    }
    for (size_t i = 0; i < N_CELLS; i++) {
        oakland.flat[i] = total / N_CELLS;
    }
    for (size_t i = 0; i < (size_t)WINDOW * N_CELLS; i++) {
        oakland.history[i] = (int32_t)history[i];
    }
    free(history);
    oakland.history_read = 1;
    return 0;
}

typedef struct moments {
    double mean;
    double sd;
    double skew;
    double kurtosis;
} moments;

static moments moments_of(const double *values, size_t n) {
    moments m = {0};
    for (size_t i = 0; i < n; i++) {
        m.mean += values[i] / (double)n;
    }
    double two = 0.0;
    double three = 0.0;
    double four = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double d = values[i] - m.mean;
        two += d * d / (double)n;
        three += d * d * d / (double)n;
        four += d * d * d * d / (double)n;
    }
    m.sd = sqrt(two * (double)n / (double)(n - 1));
    m.skew = two > 0.0 ? three / (two * sqrt(two)) : 0.0;
    m.kurtosis = two > 0.0 ? four / (two * two) : 0.0;
    return m;
}

/* How many standard errors two means are apart, each of n values of this spread. */
static double apart(double ours, double our_sd, double n_ours, double theirs, double their_sd,
                    double n_theirs) {
    const double error = sqrt(our_sd * our_sd / n_ours + their_sd * their_sd / n_theirs);
    /* what is the same in every run may differ by rounding */
    return fabs(ours - theirs) < 1e-12 ? 0.0 : error > 0.0 ? fabs(ours - theirs) / error : INFINITY;
}

/* Standard errors between two standard deviations. */
static double spread_apart(const moments *ours, double their_sd) {
    const double unit = sqrt(fmax(ours->kurtosis - 1.0, 0.1) / 4.0);
    return apart(ours->sd, ours->sd * unit, OUR_RUNS, their_sd, their_sd * unit, THEIR_RUNS);
}

static double number(const json_t *row, const char *key) {
    const json_t *value = json_object_get(row, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

typedef struct runs {
    double *out;    /* OUR_RUNS x width, one horizon a published day */
    double *shares; /* ALL_RUNS x N_CELLS: of all patrols of a run */
    size_t width;
    size_t n_horizons;
} runs;

static void play(const feedback_world *world, const feedback_policy *policy,
                 const feedback_plan *plan, runs *r) {
    feedback_grid *grid = NULL;
    assert_int_equal(feedback_grid_open(world, policy, plan, &grid, NULL), ONUS_OK);
    r->width = feedback_width(world, plan);
    r->n_horizons = plan->n_horizons;
    r->out = calloc(plan->n_runs * r->width, sizeof *r->out);
    r->shares = calloc((size_t)N_CELLS * ALL_RUNS, sizeof *r->shares);
    uint32_t visits[FEEDBACK_N_LOOPS * N_CELLS];
    for (size_t run = 0; run < plan->n_runs; run++) {
        assert_int_equal(feedback_grid_replicate(grid, run, visits, r->out + run * r->width),
                         ONUS_OK);
        for (size_t i = 0; i < N_CELLS; i++) {
            r->shares[run * N_CELLS + i] = visits[i] / (double)(policy->patrols * N_DAYS);
        }
    }
    feedback_grid_close(grid);
}

static void runs_clear(runs *r) {
    free(r->out);
    free(r->shares);
}

static moments field(const runs *r, const feedback_world *world, size_t horizon,
                     feedback_field which) {
    double values[OUR_RUNS];
    for (size_t run = 0; run < OUR_RUNS; run++) {
        values[run] =
            r->out[run * r->width + feedback_slot(world, horizon, FEEDBACK_CLOSED, which)];
    }
    return moments_of(values, OUR_RUNS);
}

static int n_wrong;

static void say(const char *name, const char *what, double ours, double theirs, double errors,
                double allowed) {
    print_message("%-40s %-22s ours %.6g theirs %.6g: %.2f standard errors%s\n", name, what, ours,
                  theirs, errors, errors <= allowed ? "" : "  TOO FAR");
    n_wrong += !(errors <= allowed);
}

typedef struct ranked {
    double mean;
    size_t cell;
} ranked;

static int falling(const void *a, const void *b) {
    const ranked *x = a;
    const ranked *y = b;
    return x->mean < y->mean   ? 1
           : x->mean > y->mean ? -1
                               : (x->cell > y->cell) - (x->cell < y->cell);
}

static void compare_cells(const char *name, const runs *r, const double *theirs) {
    enum { NEAREST = 10 }; /* on either side */
    ranked by_mean[N_CELLS];
    moments of_cell[N_CELLS];
    for (size_t i = 0; i < N_CELLS; i++) {
        double values[OUR_RUNS];
        for (size_t run = 0; run < OUR_RUNS; run++) {
            values[run] = r->shares[run * N_CELLS + i];
        }
        of_cell[i] = moments_of(values, OUR_RUNS);
        by_mean[i] = (ranked){of_cell[i].mean, i};
    }
    qsort(by_mean, N_CELLS, sizeof *by_mean, falling);
    double worst = 0.0;
    size_t n_compared = 0;
    for (size_t k = 0; k < N_CELLS; k++) {
        const size_t i = by_mean[k].cell;
        const moments *m = &of_cell[i];
        if (m->sd < PRINTED && fabs(m->mean - theirs[i]) < PRINTED) {
            n_compared++; /* the same in every run */
            continue;
        }
        double skew = 0.0;
        for (size_t j = k < NEAREST ? 0 : k - NEAREST; j <= k + NEAREST && j < N_CELLS; j++) {
            skew = fmax(skew, fabs(of_cell[by_mean[j].cell].skew));
        }
        if (m->sd < PRINTED || skew > SKEW_MOST) {
            continue;
        }
        n_compared++;
        const double allowance =
            (ERRORS_OF_MANY * ERRORS_OF_MANY - 1.0) * skew / (6.0 * sqrt(THEIR_RUNS));
        worst =
            fmax(worst, apart(m->mean, m->sd, OUR_RUNS, theirs[i], m->sd, THEIR_RUNS) - allowance);
    }
    char what[64];
    snprintf(what, sizeof what, "%zu cells one by one", n_compared);
    say(name, what, NAN, NAN, worst, ERRORS_OF_MANY);
}

/* Half the sum of |mean of the first OUR_RUNS in `order` - other|; other NULL: mean of the rest. */
static double distance(const runs *r, const size_t *order, const double *other) {
    double ours[N_CELLS] = {0};
    double rest[N_CELLS] = {0};
    for (size_t k = 0; k < ALL_RUNS; k++) {
        const double *share = r->shares + order[k] * N_CELLS;
        double *sum = k < OUR_RUNS ? ours : rest;
        for (size_t i = 0; i < N_CELLS; i++) {
            sum[i] += share[i];
        }
    }
    double all = 0.0;
    for (size_t i = 0; i < N_CELLS; i++) {
        all += 0.5 * fabs(ours[i] / OUR_RUNS - (other != NULL ? other[i] : rest[i] / THEIR_RUNS));
    }
    return all;
}

static void compare_all(const char *name, const runs *r, const double *theirs) {
    size_t order[ALL_RUNS];
    for (size_t k = 0; k < ALL_RUNS; k++) {
        order[k] = k;
    }
    const double observed = distance(r, order, theirs);
    double by_chance[PARTINGS];
    uint64_t seed = 1;
    for (size_t b = 0; b < PARTINGS; b++) {
        for (size_t k = ALL_RUNS - 1; k > 0; k--) {
            const size_t other = (size_t)random_below(&seed, k + 1);
            const size_t kept = order[k];
            order[k] = order[other];
            order[other] = kept;
        }
        by_chance[b] = distance(r, order, NULL);
    }
    const moments m = moments_of(by_chance, PARTINGS);
    say(name, "all cells, distance", observed, m.mean, fmax(observed - m.mean, 0.0) / m.sd, ERRORS);
}

static void compare_shares(const char *name, const runs *r) {
    char file_name[128];
    snprintf(file_name, sizeof file_name, "share_%s.csv", name);
    FILE *file = opened(file_name);
    if (file == NULL) {
        return; /* published for most of them */
    }
    fclose(file);
    double theirs[N_CELLS];
    read_values(file_name, theirs, N_CELLS);
    compare_cells(name, r, theirs);
    compare_all(name, r, theirs);
}

static void sixteen_configurations_are_theirs(void **state) {
    (void)state;
    if (oakland.reference == NULL) {
        print_message("skipped: no expected/feedback/ncell in ONUS_SHARED\n");
        skip();
    }
    assert_int_equal(json_array_size(oakland.reference), 16);
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(oakland.reference, index, row) {
        const char *truth = json_string_value(json_object_get(row, "truth"));
        const char *rule = json_string_value(json_object_get(row, "policy"));
        const bool is_flat = strcmp(truth, "flat_truth") == 0;
        feedback_policy policy = FEEDBACK_POLICY_INIT;
        policy.rule = strcmp(rule, "top") == 0 ? FEEDBACK_TOP : FEEDBACK_PROPORTIONAL;
        policy.repaired = json_is_true(json_object_get(row, "ht"));
        policy.discovery_frac = number(row, "delta");
        policy.reported_frac = number(row, "rho");
        policy.patrols = (size_t)number(row, "K");
        policy.window_days = (size_t)number(row, "W");
        assert_true(policy.window_days == WINDOW && number(row, "days") == N_DAYS);
        assert_true(number(row, "runs") == THEIR_RUNS);
        const feedback_world world = {.n_cells = N_CELLS,
                                      .truth_per_day = is_flat ? oakland.flat : oakland.truth,
                                      .n_history_days = WINDOW,
                                      .history = oakland.history};
        feedback_plan plan = {.n_runs = ALL_RUNS, .seed = 1 + index, .closed_only = true};
        const json_t *by_day = json_object_get(row, "by_day");
        plan.n_horizons = json_array_size(by_day);
        for (size_t h = 0; h < plan.n_horizons; h++) {
            plan.horizon_days[h] =
                (uint32_t)json_integer_value(json_array_get(json_array_get(by_day, h), 0));
        }
        char name[64];
        snprintf(name, sizeof name, "%s_%s_d%g_r%g_ht%d", truth, rule, policy.discovery_frac,
                 policy.reported_frac, policy.repaired);
        runs r = {0};
        play(&world, &policy, &plan, &r);
        const size_t last = plan.n_horizons - 1;
        const moments tv = field(&r, &world, last, FEEDBACK_TV);
        const moments top = field(&r, &world, last, FEEDBACK_CONCENTRATION);
        const moments ever = field(&r, &world, last, FEEDBACK_CELLS_EVER);
        say(name, "tv", tv.mean, number(row, "tv_mean"),
            apart(tv.mean, tv.sd, OUR_RUNS, number(row, "tv_mean"), number(row, "tv_sd"),
                  THEIR_RUNS),
            ERRORS);
        say(name, "tv, sd", tv.sd, number(row, "tv_sd"), spread_apart(&tv, number(row, "tv_sd")),
            ERRORS);
        say(name, "top20", top.mean, number(row, "top20_share_mean"),
            apart(top.mean, top.sd, OUR_RUNS, number(row, "top20_share_mean"),
                  number(row, "top20_share_sd"), THEIR_RUNS),
            ERRORS);
        say(name, "top20, sd", top.sd, number(row, "top20_share_sd"),
            spread_apart(&top, number(row, "top20_share_sd")), ERRORS);
        say(name, "cells ever", ever.mean, number(row, "cells_ever_mean"),
            apart(ever.mean, ever.sd, OUR_RUNS, number(row, "cells_ever_mean"), ever.sd,
                  THEIR_RUNS),
            ERRORS);
        for (size_t h = 0; h < plan.n_horizons; h++) {
            const moments so_far = field(&r, &world, h, FEEDBACK_CONCENTRATION);
            const double their_top =
                json_number_value(json_array_get(json_array_get(by_day, h), 2));
            char what[64];
            snprintf(what, sizeof what, "day %u, top20", plan.horizon_days[h]);
            say(name, what, so_far.mean, their_top,
                apart(so_far.mean, so_far.sd, OUR_RUNS, their_top, so_far.sd, THEIR_RUNS), ERRORS);
        }
        const double truth_top =
            feedback_top_share(world.truth_per_day, N_CELLS, policy.patrols, (double[N_CELLS]){0});
        assert_true(fabs(truth_top - number(row, "true_top20")) < 1e-12);
        compare_shares(name, &r);
        runs_clear(&r);
    }
    json_decref(oakland.reference);
    assert_int_equal(n_wrong, 0);
}

/* ---- what docs/feedback.md says of Oakland ---- */

typedef struct said {
    feedback_rule rule;
    double delta;
    double rho;
    bool repaired;
    bool
        by_area; /* flat truth; the first half of the cells reports 0.8, the other 0.4; no record */
    double closed[4]; /* tv, top 20, cells ever, load of the first half */
    double open[4];
    double runaway;
} said;

static void what_the_docs_say_is_what_comes_out(void **state) {
    (void)state;
    if (oakland.history_read == 0) {
        print_message("skipped: no expected/feedback/ncell in ONUS_SHARED\n");
        skip();
    }
    static const said rows[] = {
        {FEEDBACK_PROPORTIONAL,
         0.5,
         0.5,
         false,
         false,
         {0.184, 0.388, 247.9, 0.0371},
         {0.174, 0.339, 248.5, 0.0361},
         0.0},
        {FEEDBACK_PROPORTIONAL,
         0.5,
         0.5,
         true,
         false,
         {0.247, 0.400, 245.6, 0.0363},
         {0.174, 0.339, 248.5, 0.0361},
         0.01},
        {FEEDBACK_TOP,
         0.5,
         0.5,
         false,
         false,
         {0.582, 0.851, 40.9, 0.0366},
         {0.508, 0.744, 54.1, 0.0375},
         0.58},
        {FEEDBACK_TOP,
         0.2,
         1.0,
         false,
         false,
         {0.549, 0.822, 43.5, 0.0374},
         {0.528, 0.791, 46.5, 0.0376},
         0.0},
        {FEEDBACK_PROPORTIONAL,
         0.5,
         1.0,
         false,
         true,
         {0.380, 0.127, 543.7, 0.0405},
         {0.376, 0.123, 544.2, 0.0405},
         0.0},
        {FEEDBACK_TOP,
         0.5,
         1.0,
         false,
         true,
         {0.799, 0.478, 231.3, 0.0516},
         {0.769, 0.425, 256.4, 0.0516},
         0.015},
    };
    enum { RUNS = 200, FIRST_HALF = N_CELLS / 2 };
    static double rho[N_CELLS];
    static double half[N_CELLS];
    for (size_t i = 0; i < N_CELLS; i++) {
        rho[i] = i < FIRST_HALF ? 0.8 : 0.4;
        half[i] = i < FIRST_HALF ? 1.0 / FIRST_HALF : 0.0;
    }
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const said *row = &rows[k];
        feedback_world world = {.n_cells = N_CELLS,
                                .truth_per_day = row->by_area ? oakland.flat : oakland.truth,
                                .reported_frac = row->by_area ? rho : NULL,
                                .n_history_days = row->by_area ? 0 : WINDOW,
                                .history = oakland.history,
                                .n_groups = 1,
                                .group_weight = half};
        feedback_policy policy = FEEDBACK_POLICY_INIT;
        policy.rule = row->rule;
        policy.discovery_frac = row->delta;
        policy.reported_frac = row->rho;
        policy.repaired = row->repaired;
        const feedback_plan plan = {
            .n_runs = RUNS, .n_horizons = 1, .horizon_days = {N_DAYS}, .seed = 4};
        feedback_grid *grid = NULL;
        assert_int_equal(feedback_grid_open(&world, &policy, &plan, &grid, NULL), ONUS_OK);
        const size_t width = feedback_width(&world, &plan);
        double *out = calloc(RUNS * width, sizeof *out);
        assert_int_equal(feedback_grid_run(grid, NULL, out, NULL), ONUS_OK);
        feedback_grid_close(grid);
        static const size_t fields[] = {FEEDBACK_TV, FEEDBACK_CONCENTRATION, FEEDBACK_CELLS_EVER,
                                        FEEDBACK_N_FIELDS};
        static const double last_digit[] = {1e-3, 1e-3, 0.1, 1e-4};
        for (size_t f = 0; f < 4; f++) {
            for (int loop = 0; loop < FEEDBACK_N_LOOPS; loop++) {
                double mean = 0.0;
                for (size_t r = 0; r < RUNS; r++) {
                    mean +=
                        out[r * width + feedback_slot(&world, 0, (feedback_loop)loop, fields[f])] /
                        RUNS;
                }
                const double told = loop == FEEDBACK_CLOSED ? row->closed[f] : row->open[f];
                if (!(fabs(mean - told) <= 0.51 * last_digit[f])) {
                    fail_msg("row %zu, figure %zu, loop %d: %.6g, said to be %.6g", k, f, loop,
                             mean, told);
                }
            }
        }
        assert_true(fabs(feedback_runaway_share(&world, &plan, out, 0, 0.1, NULL) - row->runaway) <
                    1e-9);
        free(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_configurations_are_theirs),
        cmocka_unit_test(what_the_docs_say_is_what_comes_out),
    };
    return cmocka_run_group_tests(tests, read_city, NULL);
}
