/* The reference's own ten runs, drawn again: numpy.random.seed(1) .. seed(10), one binomial count
 * for each flagged cell in the order of its rate. Every mean and every standard deviation comes
 * out, for both formulas and both discovery rates, without a standard error to hide behind.
 *
 * The days are lived through here with plain tables, since ours draw from other numbers;
 * lum_isaac_run is held to such tables by its unit test. Skips where the records are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../csep/mt19937.h"
#include "../trial.h"
#include "lum_isaac_em.h"
#include "oakland.h"

enum { SEEDS = 10, FLAGGED = 20, EDGE = 30, MOST_RECORDS = OAKLAND_HISTORY * OAKLAND_CELLS };

static oakland_world oakland;

typedef enum figure {
    CELLS_EVER,
    CELLS_ALWAYS,
    TURNOVER,
    ADDED,
    SHARE_FIRST,
    SHARE_LAST,
    RATE_FLAGGED,
    RATE_OTHER,
    N_FIGURES
} figure;

static const char *const names[N_FIGURES] = {"cells_ever",
                                             "cells_always",
                                             "turnover",
                                             "added",
                                             "rate_share_targeted_first30",
                                             "rate_share_targeted_last30",
                                             "mean_rate_targeted_last30",
                                             "mean_rate_untargeted_last30"};

/* The cells of highest rate, best first; equal rates: highest id first. */
static void rank_cells(const double *rate, size_t *flagged) {
    bool taken[OAKLAND_CELLS] = {false};
    for (size_t k = 0; k < FLAGGED; k++) {
        size_t best = OAKLAND_CELLS;
        for (size_t c = OAKLAND_CELLS; c-- > 0;) {
            if (!taken[c] && (best == OAKLAND_CELLS || rate[c] > rate[best])) {
                best = c;
            }
        }
        taken[best] = true;
        flagged[k] = best;
    }
}

typedef struct run_state {
    int32_t record[(OAKLAND_HISTORY + OAKLAND_DAYS) * OAKLAND_CELLS];
    lum_isaac_record window[MOST_RECORDS];
    double rate[OAKLAND_CELLS];
    size_t days_flagged[OAKLAND_CELLS];
    size_t last_day[OAKLAND_CELLS]; /* day + 1 */
} run_state;

static size_t list_window(run_state *s, size_t day) {
    size_t n = 0;
    for (size_t past = day - OAKLAND_HISTORY; past < day; past++) {
        for (uint32_t c = 0; c < OAKLAND_CELLS; c++) {
            const int32_t count = s->record[past * OAKLAND_CELLS + c];
            if (count > 0) {
                s->window[n++] = (lum_isaac_record){(int32_t)past, c, (uint32_t)count};
            }
        }
    }
    return n;
}

static void add_edges(const run_state *s, const size_t *flagged, size_t simulated, double *found) {
    double in_flagged = 0.0;
    double in_all = 0.0;
    for (size_t k = 0; k < FLAGGED; k++) {
        in_flagged += s->rate[flagged[k]];
    }
    for (size_t c = 0; c < OAKLAND_CELLS; c++) {
        in_all += s->rate[c];
    }
    if (simulated < EDGE) {
        found[SHARE_FIRST] += in_flagged / in_all / EDGE;
    }
    if (simulated + EDGE >= OAKLAND_DAYS) {
        found[SHARE_LAST] += in_flagged / in_all / EDGE;
        found[RATE_FLAGGED] += in_flagged / FLAGGED / EDGE;
        found[RATE_OTHER] += (in_all - in_flagged) / (OAKLAND_CELLS - FLAGGED) / EDGE;
    }
}

static void live(lum_isaac_em *em, run_state *s, lum_isaac_formula formula, double discovery_frac,
                 uint32_t seed, double *found) {
    mt19937 mt;
    mt_seed(&mt, seed);
    memset(s, 0, sizeof *s);
    memcpy(s->record, oakland.counts, sizeof s->record);
    for (size_t simulated = 0; simulated < OAKLAND_DAYS; simulated++) {
        const size_t day = OAKLAND_HISTORY + simulated;
        const size_t n = list_window(s, day);
        size_t flagged[FLAGGED];
        (void)lum_isaac_em_fit(em, s->window, n, (int32_t)day, formula, s->rate);
        rank_cells(s->rate, flagged);
        for (size_t k = 0; k < FLAGGED; k++) {
            const size_t c = flagged[k];
            int32_t *count = &s->record[day * OAKLAND_CELLS + c];
            const unsigned added = mt_binomial(&mt, (unsigned)*count + 1, discovery_frac);
            *count += (int32_t)added;
            found[ADDED] += added;
            found[CELLS_EVER] += s->days_flagged[c] == 0;
            s->days_flagged[c]++;
            found[CELLS_ALWAYS] += s->days_flagged[c] == OAKLAND_DAYS;
            found[TURNOVER] +=
                simulated > 0 && s->last_day[c] != simulated ? 1.0 / (OAKLAND_DAYS - 1) : 0.0;
            s->last_day[c] = simulated + 1;
        }
        add_edges(s, flagged, simulated, found);
    }
}

static void expect_runs(lum_isaac_formula formula, const char *file, const char *key,
                        double discovery_frac) {
    static run_state s;
    static double found[SEEDS][N_FIGURES];
    lum_isaac_em em;
    void *memory = malloc(lum_isaac_em_size(OAKLAND_CELLS, MOST_RECORDS, OAKLAND_HISTORY));
    assert_non_null(memory);
    lum_isaac_em_lay(&em, OAKLAND_CELLS, MOST_RECORDS, OAKLAND_HISTORY, memory);
    memset(found, 0, sizeof found);
    for (size_t k = 0; k < SEEDS; k++) {
        live(&em, &s, formula, discovery_frac, (uint32_t)k + 1, found[k]);
    }
    free(memory);
    char *path = shared_path(file);
    json_t *root = json_load_file(path, 0, NULL);
    onus_free(path);
    const json_t *wanted = json_object_get(root, key);
    double worst = 0.0;
    for (size_t f = 0; f < N_FIGURES; f++) {
        double mean = 0.0;
        double squares = 0.0;
        for (size_t k = 0; k < SEEDS; k++) {
            mean += found[k][f] / SEEDS;
        }
        for (size_t k = 0; k < SEEDS; k++) {
            squares += (found[k][f] - mean) * (found[k][f] - mean);
        }
        const double sd = sqrt(squares / (SEEDS - 1));
        const double their_mean =
            json_number_value(json_array_get(json_object_get(wanted, names[f]), 0));
        const double their_sd =
            json_number_value(json_array_get(json_object_get(wanted, names[f]), 1));
        /* a deviation is a difference of like numbers: as exact as those are */
        if (!(fabs(mean - their_mean) <= 1e-9 * their_mean &&
              fabs(sd - their_sd) <= 1e-9 * (their_sd + their_mean))) {
            fail_msg("%s %s: %.17g +- %.17g, reference %.17g +- %.17g", key, names[f], mean, sd,
                     their_mean, their_sd);
        }
        worst = fmax(worst, fabs(mean / their_mean - 1.0));
    }
    print_message("# %s %s: means of %d runs within %.1g\n",
                  formula == LUM_ISAAC_PUBLISHED ? "published" : "corrected", key, SEEDS, worst);
    json_decref(root);
}

static void a_fifth_more_gives_the_reference_runs(void **state) {
    (void)state;
    expect_runs(LUM_ISAAC_CORRECTED, "expected/feedback/ref_feedback_corrected.json", "pct0.2",
                0.2);
    expect_runs(LUM_ISAAC_PUBLISHED, "expected/feedback/ref_feedback_published_formula.json",
                "pct0.2", 0.2);
}

static void a_half_more_gives_the_reference_runs(void **state) {
    (void)state;
    expect_runs(LUM_ISAAC_CORRECTED, "expected/feedback/ref_feedback_corrected.json", "pct0.5",
                0.5);
    expect_runs(LUM_ISAAC_PUBLISHED, "expected/feedback/ref_feedback_published_formula.json",
                "pct0.5", 0.5);
}

int main(void) {
    char *path = shared_path("data/oakland/incidents_by_bin.csv");
    const bool present = shared_has("expected/feedback/ref_feedback_corrected.json") &&
                         shared_has("data/oakland/incidents_by_bin.csv");
    const bool good = present && oakland_read(path, &oakland);
    onus_free(path);
    if (!present) {
        print_message("# skipped: no shared records (ONUS_SHARED)\n");
        return 0;
    }
    if (!good) {
        print_error("the shared incidents cannot be read\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fifth_more_gives_the_reference_runs),
        cmocka_unit_test(a_half_more_gives_the_reference_runs),
    };
    return cmocka_run_group_tests_name("lum_isaac_seeds", tests, NULL, NULL);
}
