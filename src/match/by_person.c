/* Intervals over people for counts of searches and of trails.
 *
 * Searches for one person resemble each other, and so do the trails of one person: what varies are
 * people, with all that is theirs. Means are drawn by the cluster bootstrap of src/stats. Shares
 * get the score interval on as many trials as the rows are worth by the jackknife over people,
 * because quantiles of drawn shares end too early where few searches fail; 0 and 1 get the exact
 * bound with people as trials (onus_share_limits, tests/stat/searches.c).
 *
 * Called by searches*.c, tracks*.c and trails*.c.
 */
#include "by_person.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

onus_status match_by_person_make(match_trial *t, size_t n_people, size_t n_ratios,
                                 match_by_person *out) {
    *out = (match_by_person){.n_people = n_people, .n_ratios = n_ratios};
    const size_t width = 2 * n_ratios;
    if (n_people > SIZE_MAX / (width > 0 ? width : 1)) {
        return ONUS_ERR_NOMEM;
    }
    out->sums = match_alloc(t, n_people * width, sizeof *out->sums);
    out->of = match_alloc(t, n_ratios, sizeof *out->of);
    out->num = match_alloc(t, n_ratios, sizeof *out->num);
    out->den = match_alloc(t, n_ratios, sizeof *out->den);
    out->n_with = match_alloc(t, n_ratios, sizeof *out->n_with);
    return out->sums == NULL || out->of == NULL || out->num == NULL || out->den == NULL ||
                   out->n_with == NULL
               ? ONUS_ERR_NOMEM
               : ONUS_OK;
}

void match_by_person_add(match_by_person *b, size_t person, size_t ratio, double num, double den) {
    double *cell = b->sums + (person * b->n_ratios + ratio) * 2;
    cell[0] += num;
    cell[1] += den;
}

static void ratios_of(const void *shared, const double *totals, double *values) {
    const match_by_person *b = shared;
    for (size_t k = 0; k < b->n_ratios; k++) {
        const double den = totals[2 * k + 1];
        values[k] = den > 0.0 ? totals[2 * k] / den : (double)NAN;
    }
}

/* People with nothing in any column are nobody to draw. */
static size_t drop_empty(match_by_person *b) {
    const size_t width = 2 * b->n_ratios;
    size_t n = 0;
    for (size_t p = 0; p < b->n_people; p++) {
        const double *row = b->sums + p * width;
        bool any = false;
        for (size_t k = 0; k < width && !any; k++) {
            any = row[k] != 0.0;
        }
        if (any) {
            memmove(b->sums + n * width, row, width * sizeof *row);
            n++;
        }
    }
    return n;
}

onus_status match_by_person_estimate(match_trial *t, match_by_person *b) {
    b->n_people = drop_empty(b);
    for (size_t k = 0; k < b->n_ratios; k++) {
        onus_sum num = {0};
        onus_sum den = {0};
        for (size_t p = 0; p < b->n_people; p++) {
            const double *cell = b->sums + (p * b->n_ratios + k) * 2;
            onus_sum_add(&num, cell[0]);
            onus_sum_add(&den, cell[1]);
            b->n_with[k] += cell[1] > 0.0 ? 1 : 0;
        }
        b->num[k] = onus_sum_get(&num);
        b->den[k] = onus_sum_get(&den);
    }
    if (b->n_people == 0) {
        return ONUS_OK; /* every den is 0: no ratio has a value */
    }
    const onus_cluster_data data = {
        .sums = b->sums, .n_clusters = b->n_people, .n_sums = 2 * b->n_ratios, .n_strata = 1};
    onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
    opts.level = t->c->protocol.level;
    opts.seed = t->c->protocol.seed;
    opts.n_replicates = t->c->protocol.n_replicates;
    return onus_cluster_estimates(&data, ratios_of, b, b->n_ratios, &opts, t->context, b->of,
                                  t->err);
}

void match_set_drawn(const match_trial *t, onus_measure *m, const onus_cluster_estimate *e) {
    if (!m->has_value) {
        return;
    }
    if (isnan(e->limits.low) || isnan(e->limits.high) || !(e->limits.low < e->limits.high)) {
        m->reason = e->reason != NULL ? e->reason : "people vary too little to be resampled";
        return;
    }
    m->interval = (onus_interval){.given = true,
                                  .level = t->c->protocol.level,
                                  .low = isinf(e->limits.low) ? (double)NAN : e->limits.low,
                                  .high = isinf(e->limits.high) ? (double)NAN : e->limits.high,
                                  .method = "person bootstrap",
                                  .resampled = "person",
                                  .weak = !e->trusted,
                                  .weak_reason = e->trusted ? NULL : "fewer than 10 people"};
}

static void set_share(const match_trial *t, onus_measure *m, const match_by_person *b,
                      size_t ratio) {
    const double level = t->c->protocol.level;
    const onus_cluster_estimate *e = &b->of[ratio];
    const bool is_sure = m->value <= 0.0 || m->value >= 1.0;
    double n_effective;
    const onus_limits limits =
        onus_share_limits(e, b->num[ratio], b->den[ratio], b->n_with[ratio], level, &n_effective);
    if (isnan(limits.low)) {
        m->reason = "a single person: how people vary is not known";
        return;
    }
    const bool trusted = b->n_with[ratio] >= ONUS_CLUSTERS_MIN;
    m->interval = (onus_interval){.given = true,
                                  .level = level,
                                  .low = limits.low,
                                  .high = limits.high,
                                  .method = is_sure ? "exact one-sided bound, people as trials"
                                                    : "score interval, by person",
                                  .resampled = "person",
                                  .n_effective = n_effective,
                                  .people_each = 1,
                                  .weak = !trusted,
                                  .weak_reason = trusted ? NULL : "fewer than 10 people"};
    if (!is_sure && isfinite(e->df) && e->df > 0.0) {
        m->df = e->df;
    }
}

void match_set_by_person(const match_trial *t, onus_measure *m, const match_by_person *b,
                         size_t ratio, bool is_share, const char *none) {
    onus_draft_set_fraction(m, b->num[ratio], b->den[ratio], none);
    if (!m->has_value) {
        return;
    }
    if (is_share) {
        set_share(t, m, b, ratio);
    } else {
        match_set_drawn(t, m, &b->of[ratio]);
    }
}
