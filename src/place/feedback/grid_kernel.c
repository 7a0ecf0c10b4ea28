/* THE WALL. Scores that are sums over records, kept up to date as records come, age and go.
 *
 *   counts       a record counts 1 in its own cell for window_days
 *   kde          and is spread over the cells by a Gaussian of the distance between centres, cut
 *                off at KDE_REACH bandwidths, its parts adding up to 1 (no mass leaves the city).
 *                Bandwidth: as asked, or by Scott's rule (1992) over the history's window, once
 *   near_repeat  1 / (1 + d) x 1 / (1 + t) within 400 m and eight weeks: d whole halves of a cell's
 *                width between centres, t whole weeks (Bowers, Johnson and Pease 2004, as the
 *                trial's method of comparison takes them, from the centre of the record's cell)
 *
 * Each is a table of neighbours times a staircase of ages; a record is touched when it enters, on
 * the stairs, and when it leaves. In whole units (grid_internal.h): what leaves is what entered.
 * Called by grid.c and grid_run.c. Never knows who patrols. */
#include <math.h>

#include "buckets.h"
#include "grid_internal.h"
#include "onus/alloc.h"
#include "onus/sum.h"

#define KDE_REACH                                                                                  \
    4.0 /* bandwidths; what lies beyond weighs below exp(-8) = 3.4e-4 of the middle                \
         */
#define NEAR_REACH_M 400.0
enum { NEAR_DAYS = 56, WEEK_DAYS = 7 };

static const size_t PAIRS_MAX = (size_t)1 << 26; /* 0.8 GB */

/* ---- ages ---- */

static onus_status make_ages(const feedback_policy *policy, feedback_kernel *k, onus_error *err) {
    const bool near = policy->score == FEEDBACK_NEAR_REPEAT;
    const size_t window = near && policy->window_days > NEAR_DAYS ? NEAR_DAYS : policy->window_days;
    const size_t n_stairs = near ? window / WEEK_DAYS + 2 : 2;
    k->change_age = onus_alloc_n(n_stairs, sizeof *k->change_age);
    k->before = onus_alloc_n(n_stairs, sizeof *k->before);
    k->after = onus_alloc_n(n_stairs, sizeof *k->after);
    if (k->change_age == NULL || k->before == NULL || k->after == NULL) {
        return onus_fail_nomem(err);
    }
    double level = 0.0;
    for (size_t age = 1; age <= window + 1; age++) {
        const size_t weeks = age / WEEK_DAYS; /* whole ones */
        const double next = age > window ? 0.0 : near ? 1.0 / (1.0 + (double)weeks) : 1.0;
        if (next != level) {
            k->change_age[k->n_changes] = (uint32_t)age;
            k->before[k->n_changes] = level;
            k->after[k->n_changes] = next;
            k->n_changes++;
            level = next;
        }
    }
    return ONUS_OK;
}

/* ---- places ---- */

/* Root of the mean variance of the two coordinates times n^(-1/6); 0 without two records. */
static double scott_bandwidth_m(const feedback_world *w, size_t window_days) {
    const size_t n = w->n_cells;
    const size_t from = w->n_history_days > window_days ? w->n_history_days - window_days : 0;
    onus_sum count = {0};
    onus_sum x = {0};
    onus_sum y = {0};
    for (size_t d = from; d < w->n_history_days; d++) {
        for (size_t i = 0; i < n; i++) {
            const double c = w->history[d * n + i];
            onus_sum_add(&count, c);
            onus_sum_add(&x, c * w->x_m[i]);
            onus_sum_add(&y, c * w->y_m[i]);
        }
    }
    const double all = onus_sum_get(&count);
    if (!(all > 1.0)) {
        return 0.0;
    }
    onus_sum square = {0};
    for (size_t d = from; d < w->n_history_days; d++) {
        for (size_t i = 0; i < n; i++) {
            const double dx = w->x_m[i] - onus_sum_get(&x) / all;
            const double dy = w->y_m[i] - onus_sum_get(&y) / all;
            onus_sum_add(&square, w->history[d * n + i] * (dx * dx + dy * dy));
        }
    }
    return sqrt(0.5 * onus_sum_get(&square) / all) * pow(all, -1.0 / 6.0);
}

/* The side of a square as large as a cell's part of the box around the centres. */
static double side_of_cells_m(const feedback_world *w) {
    double x0 = w->x_m[0];
    double x1 = x0;
    double y0 = w->y_m[0];
    double y1 = y0;
    for (size_t i = 1; i < w->n_cells; i++) {
        x0 = fmin(x0, w->x_m[i]);
        x1 = fmax(x1, w->x_m[i]);
        y0 = fmin(y0, w->y_m[i]);
        y1 = fmax(y1, w->y_m[i]);
    }
    const double side = sqrt(fmax(x1 - x0, 1.0) * fmax(y1 - y0, 1.0) / (double)w->n_cells);
    return fmax(side, 1.0);
}

/* Neighbours within reach_m of each cell: counted (kernel->cell NULL) or filled in. */
static size_t find_neighbours(const feedback_world *w, const buckets *b, double reach_m,
                              feedback_kernel *k) {
    size_t n_pairs = 0;
    for (size_t i = 0; i < w->n_cells; i++) {
        k->starts[i] = n_pairs;
        size_t from = 0;
        size_t until = 0;
        for (buckets_walk walk = buckets_around(b, w->x_m[i], w->y_m[i], reach_m);
             buckets_row(b, &walk, &from, &until) != 0;) {
            for (size_t p = from; p < until; p++) {
                const double dx = b->x_m[p] - w->x_m[i];
                const double dy = b->y_m[p] - w->y_m[i];
                const double square = dx * dx + dy * dy;
                if (square > reach_m * reach_m) {
                    continue;
                }
                if (k->cell != NULL) {
                    k->cell[n_pairs] = (uint32_t)b->index[p];
                    k->share[n_pairs] = square;
                }
                n_pairs++;
            }
        }
        if (k->cell == NULL && n_pairs > PAIRS_MAX) {
            return n_pairs;
        }
    }
    k->starts[w->n_cells] = n_pairs;
    return n_pairs;
}

static void weigh_gaussian(const feedback_world *w, double bandwidth_m, feedback_kernel *k) {
    for (size_t i = 0; i < w->n_cells; i++) {
        double *share = k->share + k->starts[i];
        const size_t n = k->starts[i + 1] - k->starts[i];
        for (size_t p = 0; p < n; p++) {
            share[p] = exp(-0.5 * share[p] / (bandwidth_m * bandwidth_m));
        }
        const double all = onus_sum_of(share, n);
        for (size_t p = 0; p < n; p++) {
            share[p] /= all;
        }
    }
}

static onus_status make_places(const feedback_world *w, const feedback_policy *policy,
                               feedback_kernel *k, onus_error *err) {
    onus_status status = ONUS_OK;
    buckets b = {0};
    if (w->x_m == NULL || w->y_m == NULL) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "score %s needs the places of the cells",
                               feedback_score_name(policy->score));
    }
    const bool is_kde = policy->score == FEEDBACK_KDE;
    const double side_m = policy->cell_side_m > 0.0 ? policy->cell_side_m : side_of_cells_m(w);
    double bandwidth_m = policy->bandwidth_m;
    if (is_kde && !(bandwidth_m > 0.0)) {
        bandwidth_m = scott_bandwidth_m(w, policy->window_days);
        bandwidth_m = bandwidth_m > 0.0 ? bandwidth_m : side_m;
    }
    const double reach_m = is_kde ? KDE_REACH * bandwidth_m : NEAR_REACH_M;
    ONUS_TRY(buckets_make(w->x_m, w->y_m, w->n_cells, reach_m, &b, err));
    k->starts = onus_alloc_n(w->n_cells + 1, sizeof *k->starts);
    if (k->starts == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    const size_t n_pairs = find_neighbours(w, &b, reach_m, k);
    if (n_pairs > PAIRS_MAX) {
        status = onus_fail_plain(err, ONUS_ERR_LIMIT,
                                 "score %s reaches %.0f m, more than %zu pairs of cells; use a "
                                 "smaller bandwidth",
                                 feedback_score_name(policy->score), reach_m, PAIRS_MAX);
        goto out;
    }
    k->cell = onus_alloc_n(n_pairs, sizeof *k->cell);
    k->share = onus_alloc_n(n_pairs, sizeof *k->share);
    if (k->cell == NULL || k->share == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    (void)find_neighbours(w, &b, reach_m, k);
    if (is_kde) {
        weigh_gaussian(w, bandwidth_m, k);
    } else {
        for (size_t p = 0; p < n_pairs; p++) {
            k->share[p] = 1.0 / (1.0 + floor(sqrt(k->share[p]) / (0.5 * side_m)));
        }
    }
    for (size_t i = 0; i < w->n_cells; i++) {
        k->most =
            fmax(k->most, onus_sum_of(k->share + k->starts[i], k->starts[i + 1] - k->starts[i]));
    }
out:
    buckets_clear(&b);
    return status;
}

onus_status feedback_kernel_make(const feedback_world *world, const feedback_policy *policy,
                                 feedback_kernel *out, onus_error *err) {
    onus_status status = ONUS_OK;
    feedback_kernel k = {.most = 1.0};
    ONUS_TRY(make_ages(policy, &k, err));
    if (policy->score == FEEDBACK_KDE || policy->score == FEEDBACK_NEAR_REPEAT) {
        ONUS_TRY(make_places(world, policy, &k, err));
    }
    *out = k;
    k = (feedback_kernel){0};
out:
    feedback_kernel_clear(&k);
    return status;
}

void feedback_kernel_clear(feedback_kernel *kernel) {
    onus_free(kernel->starts);
    onus_free(kernel->cell);
    onus_free(kernel->share);
    onus_free(kernel->change_age);
    onus_free(kernel->before);
    onus_free(kernel->after);
    *kernel = (feedback_kernel){0};
}

static inline int64_t units_of(double incidents) {
    return (int64_t)(incidents * FEEDBACK_UNITS + 0.5);
}

void feedback_kernel_move(const feedback_kernel *kernel, uint32_t cell, double weight,
                          double before, double after, feedback_scores *scores) {
    if (kernel->starts == NULL) {
        feedback_scores_add(scores, cell, units_of(weight * after) - units_of(weight * before));
        return;
    }
    for (size_t p = kernel->starts[cell]; p < kernel->starts[cell + 1]; p++) {
        const double part = weight * kernel->share[p];
        feedback_scores_add(scores, kernel->cell[p],
                            units_of(part * after) - units_of(part * before));
    }
}

unsigned feedback_block_shift(size_t n_cells) {
    unsigned shift = 0;
    while (((size_t)1 << (2 * shift)) < n_cells) {
        shift++;
    }
    return shift;
}

size_t feedback_scores_at(const feedback_scores *scores, double u) {
    int64_t left = (int64_t)(u * (double)scores->total);
    left = left < scores->total ? left : scores->total - 1;
    size_t b = 0;
    while (left >= scores->block[b]) {
        left -= scores->block[b++];
    }
    size_t i = b << scores->shift;
    while (left >= scores->units[i]) {
        left -= scores->units[i++];
    }
    return i;
}
