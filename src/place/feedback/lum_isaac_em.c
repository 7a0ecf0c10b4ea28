/* EM of the gridded self-exciting algorithm on whole days: see the header for the equations.
 *
 * The double sums over pairs are one pass over the days of a cell, as in baselines/exciting_em.c
 * (Ogata's recursion): with g days since the entry before,
 *
 *   a' = e^(-omega g) (a + count)            so that rate = mu + theta omega a
 *   b' = e^(-omega g) (b + g (a + count))    the same sum times the days waited
 *
 * The published formula divides a pair by a number of its earlier event; that number takes the
 * place of the count in the recursion, once for each event of the day: count - 1 of them are
 * followed by an event of the same day, the last by one of the next entry.
 *
 * What makes a year of refits cheap: gaps are whole days, so that all exponentials are products of
 * one; cells with a single day have no pairs and are done before the first step; no objective is
 * computed, since the published rule to stop does not look at it. exciting_em.c has none of these
 * (its times are any, its fits go by likelihood); a test holds both to the same step.
 *
 * Sums within a cell are plain (terms of one sign), those over cells compensated. Called by
 * lum_isaac.c. Never knows a place. */
#include "lum_isaac_em.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/sum.h"

/* "until any one of": Lum and Isaac's code, tol1, tol2, tol3 */
static const double omega_still = 1e-5;
static const double theta_still = 1e-5;
static const double mu_still = 1e-4;

size_t lum_isaac_em_size(size_t n_cells, size_t n_records, size_t window_days) {
    return (window_days + 1) * sizeof(double) + n_records * sizeof(lum_isaac_entry) +
           n_cells * sizeof(lum_isaac_repeater) + (n_cells + 2) * sizeof(size_t) +
           n_cells * sizeof(int32_t);
}

void lum_isaac_em_lay(lum_isaac_em *em, size_t n_cells, size_t n_records, size_t window_days,
                      void *memory) {
    char *at = memory; /* every part is a multiple of 8 bytes but the last */
    *em = (lum_isaac_em){.n_cells = n_cells, .window_days = window_days};
    em->kept = (double *)(void *)at;
    at += (window_days + 1) * sizeof *em->kept;
    em->entries = (lum_isaac_entry *)(void *)at;
    at += n_records * sizeof *em->entries;
    em->repeaters = (lum_isaac_repeater *)(void *)at;
    at += n_cells * sizeof *em->repeaters;
    em->from = (size_t *)(void *)at;
    at += (n_cells + 2) * sizeof *em->from;
    em->last_day = (int32_t *)(void *)at;
}

/* Powers of e^-omega. Each is a product of two of half its size, so that rounding grows with the
 * power (that of the first factor) and not with the number of products. */
static void fill_kept(lum_isaac_em *em, double omega) {
    double *const kept = em->kept;
    kept[0] = 1.0;
    kept[1] = exp(-omega);
    for (size_t k = 2; k <= em->window_days; k++) {
        kept[k] = kept[k / 2] * kept[k - k / 2];
    }
}

/* Entries by cell, days ascending (a counting sort keeps their order). */
static void sort_by_cell(lum_isaac_em *em, const lum_isaac_record *records, size_t n_records) {
    size_t *const next = em->from + 1; /* becomes the end of each cell: the start of the next */
    memset(em->from, 0, (em->n_cells + 2) * sizeof *em->from);
    for (size_t r = 0; r < n_records; r++) {
        em->from[records[r].cell + 2]++;
    }
    for (size_t n = 0; n < em->n_cells; n++) {
        next[n + 1] += next[n];
        em->last_day[n] = INT32_MIN;
    }
    for (size_t r = 0; r < n_records; r++) {
        const size_t n = records[r].cell;
        const int32_t last = em->last_day[n];
        const size_t gap = last == INT32_MIN ? 0 : (size_t)(records[r].day - last);
        em->entries[next[n]++] = (lum_isaac_entry){
            .count = (double)records[r].count, .gap_days = (double)gap, .gap = gap};
        em->last_day[n] = records[r].day;
    }
}

/* Lists the cells that have two days, and takes the first step of the others, which is their last:
 * all of such a cell is background. Returns the number of the former. */
static size_t find_repeaters(lum_isaac_em *em, onus_sum *mu_change, double *n_events) {
    size_t n_repeaters = 0;
    for (size_t n = 0; n < em->n_cells; n++) {
        const size_t from = em->from[n];
        const size_t until = em->from[n + 1];
        for (size_t j = from; j < until; j++) {
            *n_events += em->entries[j].count; /* whole numbers: exact */
        }
        if (until - from == 1) {
            onus_sum_add(mu_change, fabs(em->entries[from].count / (double)em->window_days - 1.0));
        } else if (until > from) {
            em->repeaters[n_repeaters++] =
                (lum_isaac_repeater){.mu_per_day = 1.0, .from = from, .until = until, .cell = n};
        }
    }
    return n_repeaters;
}

typedef struct pair_sums {
    double set_off;    /* sum of p_ij / (theta omega) */
    double waited;     /* the same, times the days between */
    double background; /* sum over the events after the first day of 1 / rate */
} pair_sums;

/* One cell. `published` is a constant where this is called: half of the loop falls away. */
static inline pair_sums sum_cell(const lum_isaac_entry *entry, const lum_isaac_entry *end,
                                 const double *kept_after, double mu, double jump, bool published) {
    pair_sums sums = {0};
    double a = 0.0;
    double b = 0.0;
    double weighted_a = 0.0; /* published: a and b with 1 / denominator in place of each event */
    double weighted_b = 0.0;
    double count_before = entry->count;
    double inverse_before = 1.0 / mu; /* the rate on the first day has no event to come from */
    for (entry++; entry < end; entry++) {
        const double kept = kept_after[entry->gap];
        const double gap = entry->gap_days;
        const double weight = a + count_before;
        b = kept * (b + gap * weight);
        a = kept * weight;
        const double inverse = 1.0 / (mu + jump * a);
        const double share = entry->count * inverse;
        if (published) {
            const double w = weighted_a + (count_before - 1.0) * inverse_before + inverse;
            weighted_b = kept * (weighted_b + gap * w);
            weighted_a = kept * w;
            sums.set_off += entry->count * weighted_a;
            sums.waited += entry->count * weighted_b;
        } else {
            sums.set_off += share * a;
            sums.waited += share * b;
        }
        sums.background += share;
        count_before = entry->count;
        inverse_before = inverse;
    }
    return sums;
}

typedef struct step_sums {
    onus_sum set_off;
    onus_sum waited;
    onus_sum mu_change;
} step_sums;

static inline void sum_cells(lum_isaac_em *em, size_t n_repeaters, double jump, bool published,
                             step_sums *all) {
    for (size_t k = 0; k < n_repeaters; k++) {
        lum_isaac_repeater *cell = &em->repeaters[k];
        const double mu = cell->mu_per_day;
        const pair_sums sums = sum_cell(em->entries + cell->from, em->entries + cell->until,
                                        em->kept, mu, jump, published);
        onus_sum_add(&all->set_off, sums.set_off);
        onus_sum_add(&all->waited, sums.waited);
        cell->mu_per_day =
            (em->entries[cell->from].count + mu * sums.background) / (double)em->window_days;
        onus_sum_add(&all->mu_change, fabs(cell->mu_per_day - mu));
    }
}

static void give_rates(lum_isaac_em *em, size_t n_repeaters, int32_t day, double jump,
                       double *rate_per_day) {
    const lum_isaac_repeater *repeater = em->repeaters;
    const lum_isaac_repeater *const end = repeater + n_repeaters;
    for (size_t n = 0; n < em->n_cells; n++) {
        const size_t from = em->from[n];
        const size_t until = em->from[n + 1];
        if (until == from) {
            rate_per_day[n] = 0.0;
            continue;
        }
        double mu = em->entries[from].count / (double)em->window_days;
        if (repeater < end && repeater->cell == n) {
            mu = repeater->mu_per_day;
            repeater++;
        }
        double a = 0.0;
        for (size_t j = from; j + 1 < until; j++) {
            a = em->kept[em->entries[j + 1].gap] * (a + em->entries[j].count);
        }
        a = em->kept[day - em->last_day[n]] * (a + em->entries[until - 1].count);
        rate_per_day[n] = mu + jump * a;
    }
}

lum_isaac_fit lum_isaac_em_fit(lum_isaac_em *em, const lum_isaac_record *records, size_t n_records,
                               int32_t day, lum_isaac_formula formula, double *rate_per_day) {
    lum_isaac_fit fit = {.theta = 1.0, .omega_per_day = 1.0};
    double n_events = 0.0;
    step_sums sums = {0};
    sort_by_cell(em, records, n_records);
    const size_t n_repeaters = find_repeaters(em, &sums.mu_change, &n_events);
    bool moving = n_records > 0;
    while (moving) {
        const double jump = fit.theta * fit.omega_per_day;
        fill_kept(em, fit.omega_per_day);
        if (formula == LUM_ISAAC_PUBLISHED) {
            sum_cells(em, n_repeaters, jump, true, &sums);
        } else {
            sum_cells(em, n_repeaters, jump, false, &sums);
        }
        const double set_off = onus_sum_get(&sums.set_off);
        const double waited = onus_sum_get(&sums.waited);
        const double theta = jump * set_off / n_events;
        const double omega = waited > 0.0 ? set_off / waited : fit.omega_per_day;
        moving = fabs(omega - fit.omega_per_day) > omega_still &&
                 fabs(theta - fit.theta) > theta_still && onus_sum_get(&sums.mu_change) > mu_still;
        fit.theta = theta;
        fit.omega_per_day = omega;
        fit.n_steps++;
        sums = (step_sums){0};
    }
    fill_kept(em, fit.omega_per_day);
    give_rates(em, n_repeaters, day, fit.theta * fit.omega_per_day, rate_per_day);
    return fit;
}
