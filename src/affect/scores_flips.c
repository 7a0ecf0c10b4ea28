/* Does the same item get the same label again: next frame, next session, next version.
 *
 * Neighbouring repeats of an item are held against what the item's own labels would give in any
 * order, and against what labels would give that have nothing to do with the item. An abstention is
 * a label of its own here: to stop answering is a change. Called by scores.c. Never asks which of
 * two labels is right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_labels_scores.h"
#include "scores_internal.h"
#include "validity_internal.h"

typedef struct said_row { /* of one version */
    int32_t item;
    int32_t repeat;
    int32_t label;
} said_row;

static int by_item(const void *a, const void *b) {
    const said_row *x = a;
    const said_row *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->repeat > y->repeat) - (x->repeat < y->repeat);
}

/* Rows of one version (SIZE_MAX: the case has none), by item and repeat. */
static size_t take_rows(const onus_said *said, size_t version, said_row *rows) {
    size_t n = 0;
    for (size_t k = 0; k < said->n_rows; k++) {
        if (version == SIZE_MAX || (size_t)said->version[k] == version) {
            rows[n++] = (said_row){.item = said->item[k],
                                   .repeat = said->repeat != NULL ? said->repeat[k] : 0,
                                   .label = said->label[k]};
        }
    }
    if (n > 0) {
        qsort(rows, n, sizeof *rows, by_item);
    }
    return n;
}

/* ---- intervals ---- */

enum { FLIPS, PAIRS, STATIONARY, ORDERED_FLIPS, ORDERED_PAIRS, ORDERED_STATIONARY, N_SUMS };
enum { RATE, EXPECTED, RATIO, N_VALUES };

static void values_of(const void *shared, const double *totals, double *values) {
    (void)shared;
    values[RATE] = totals[PAIRS] > 0.0 ? totals[FLIPS] / totals[PAIRS] : NAN;
    values[EXPECTED] = totals[PAIRS] > 0.0 ? totals[STATIONARY] / totals[PAIRS] : NAN;
    values[RATIO] =
        totals[ORDERED_STATIONARY] > 0.0 ? totals[ORDERED_FLIPS] / totals[ORDERED_STATIONARY] : NAN;
}

/* sums by person of the trial; those without a pair are left out. */
static onus_status draw(const affect_trial *t, double *sums, double *totals,
                        onus_cluster_estimate *out, bool *is_tiny) {
    size_t n = 0;
    memset(totals, 0, N_SUMS * sizeof *totals);
    for (size_t p = 0; p < t->n_person_indices; p++) {
        const double *row = &sums[p * N_SUMS];
        if (row[PAIRS] > 0.0) {
            for (size_t k = 0; k < N_SUMS; k++) {
                totals[k] += row[k];
            }
            memmove(&sums[n * N_SUMS], row, N_SUMS * sizeof *sums);
            n++;
        }
    }
    *is_tiny = t->knows_people && n > 0 && n < ONUS_GROUP_PEOPLE_MIN;
    if (n == 0) {
        return ONUS_OK;
    }
    const onus_cluster_opts opts = affect_cluster_opts(t, false);
    const onus_cluster_data data = {.sums = sums, .n_clusters = n, .n_sums = N_SUMS};
    return onus_cluster_estimates(&data, values_of, NULL, N_VALUES, &opts, t->context, out, t->err);
}

static void keep_in_range(onus_cluster_estimate *e) {
    if (!isnan(e->limits.low)) {
        e->limits =
            (onus_limits){.low = fmax(0.0, e->limits.low), .high = fmin(1.0, e->limits.high)};
    }
}

/* ---- repeats of the version on trial ---- */

/* Chance that two labels drawn from all rows differ: what flips would be if labels had nothing to
 * do with the item. */
static double unrelated(const said_row *rows, size_t n, size_t q, size_t *counts) {
    memset(counts, 0, (q + 1) * sizeof *counts);
    for (size_t k = 0; k < n; k++) {
        counts[rows[k].label < 0 ? q : (size_t)rows[k].label]++;
    }
    double same = 0.0;
    for (size_t l = 0; l <= q; l++) {
        const double share = (double)counts[l] / (double)n;
        same += share * share;
    }
    return 1.0 - same;
}

static void add_repeats(const affect_trial *t, const said_row *rows, size_t n, int32_t *labels,
                        size_t *counts, double *sums) {
    for (size_t from = 0; from < n;) {
        size_t until = from;
        while (until < n && rows[until].item == rows[from].item) {
            labels[until - from] = rows[until].label;
            until++;
        }
        onus_flips f = {0};
        onus_flips_add(&f, labels, until - from, t->n_labels, counts);
        double *of = &sums[(size_t)t->person[rows[from].item] * N_SUMS];
        of[FLIPS] += f.flips;
        of[PAIRS] += f.pairs;
        of[STATIONARY] += f.stationary;
        of[ORDERED_FLIPS] += f.ordered_flips;
        of[ORDERED_PAIRS] += f.ordered_pairs;
        of[ORDERED_STATIONARY] += f.ordered_stationary;
        from = until;
    }
}

static onus_status add_repeat_measures(affect_trial *t, const double *totals,
                                       onus_cluster_estimate *e, double by_chance, bool is_tiny) {
    static const char NONE[] = "no item has two repeats";
    onus_status status = ONUS_OK;
    onus_measure rate = affect_draft_of("affect.flip_rate");
    onus_measure stationary = affect_draft_of("affect.flip_rate");
    onus_measure unrelated_to = affect_draft_of("affect.flip_rate");
    onus_measure ratio = affect_draft_of("affect.flip_ratio");
    onus_scope_set_text(&stationary.scope, "expected", "any_order");
    onus_scope_set_text(&unrelated_to.scope, "expected", "any_item");
    onus_draft_set_fraction(&rate, totals[FLIPS], totals[PAIRS], NONE);
    onus_draft_set_fraction(&stationary, totals[STATIONARY], totals[PAIRS], NONE);
    onus_draft_set_number(&unrelated_to,
                          totals[PAIRS] > 0.0 ? onus_number_of(by_chance) : onus_number_none(NONE));
    onus_draft_set_number(
        &ratio, totals[ORDERED_STATIONARY] > 0.0
                    ? onus_number_of(totals[ORDERED_FLIPS] / totals[ORDERED_STATIONARY])
                : totals[ORDERED_PAIRS] > 0.0
                    ? onus_number_none("no item with three repeats or more ever changed its label")
                    : onus_number_none("no item has three repeats: two cannot tell in what order "
                                       "labels change"));
    if (totals[PAIRS] > 0.0) {
        keep_in_range(&e[RATE]);
        keep_in_range(&e[EXPECTED]);
        affect_set_share_estimate(t, &rate, &e[RATE]);
        affect_set_share_estimate(t, &stationary, &e[EXPECTED]);
        affect_set_estimate(t, &ratio, &e[RATIO]);
    }
    onus_measure *const all[] = {&rate, &stationary, &unrelated_to, &ratio};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        if (is_tiny) {
            affect_withhold_tiny(all[k]);
        }
        ONUS_TRY(affect_add(t, all[k], NULL));
    }
out:
    return status;
}

/* ---- from version to version ---- */

/* First repeats of both versions, item by item. */
static void add_versions(const affect_trial *t, const said_row *old, size_t n_old,
                         const said_row *new, size_t n_new, double *sums) {
    size_t k = 0;
    for (size_t j = 0; j < n_old; j++) {
        if (j > 0 && old[j].item == old[j - 1].item) {
            continue;
        }
        while (k < n_new && new[k].item < old[j].item) {
            k++;
        }
        if (k < n_new && new[k].item == old[j].item) {
            double *of = &sums[(size_t)t->person[old[j].item] * N_SUMS];
            of[PAIRS] += 1.0;
            of[FLIPS] += new[k].label != old[j].label ? 1.0 : 0.0;
        }
    }
}

static onus_status compare_versions(affect_trial *t, size_t version, said_row *old, said_row *new,
                                    double *sums) {
    const onus_said *said = &t->a->said;
    onus_cluster_estimate e[N_VALUES] = {{.value = NAN}};
    double totals[N_SUMS] = {0};
    onus_measure m = affect_draft_of("affect.flip_rate");
    memset(sums, 0, t->n_person_indices * N_SUMS * sizeof *sums);
    const size_t n_old = take_rows(said, version, old);
    const size_t n_new = take_rows(said, version + 1, new);
    add_versions(t, old, n_old, new, n_new, sums);
    bool is_tiny = false;
    const onus_status status = draw(t, sums, totals, e, &is_tiny);
    if (status != ONUS_OK) {
        return status;
    }
    onus_scope_set_text(&m.scope, "from", said->versions[version]);
    onus_scope_set_text(&m.scope, "to", said->versions[version + 1]);
    onus_draft_set_fraction(&m, totals[FLIPS], totals[PAIRS],
                            "no item was labelled by both versions");
    if (totals[PAIRS] > 0.0) {
        keep_in_range(&e[RATE]);
        affect_set_share_estimate(t, &m, &e[RATE]);
    }
    if (is_tiny) {
        affect_withhold_tiny(&m);
    }
    return affect_add(t, &m, NULL);
}

onus_status affect_flips(affect_trial *t) {
    const onus_said *said = &t->a->said;
    const size_t last = said->n_versions > 0 ? said->n_versions - 1 : SIZE_MAX;
    onus_status status = ONUS_ERR_NOMEM;
    onus_cluster_estimate e[N_VALUES] = {{.value = NAN}};
    double totals[N_SUMS] = {0};
    said_row *rows = onus_alloc_n(said->n_rows, sizeof *rows);
    said_row *others = onus_alloc_n(said->n_rows, sizeof *others);
    int32_t *labels = onus_alloc_n(said->n_rows, sizeof *labels);
    size_t *counts = onus_alloc_n(t->n_labels + 1, sizeof *counts);
    double *sums = onus_alloc_n(t->n_person_indices * N_SUMS, sizeof *sums);
    if (rows == NULL || others == NULL || labels == NULL || counts == NULL || sums == NULL) {
        goto out;
    }
    status = ONUS_OK;
    if (said->repeat != NULL) {
        const size_t n = take_rows(said, last, rows);
        add_repeats(t, rows, n, labels, counts, sums);
        bool is_tiny = false;
        ONUS_TRY(draw(t, sums, totals, e, &is_tiny));
        ONUS_TRY(add_repeat_measures(
            t, totals, e, n > 0 ? unrelated(rows, n, t->n_labels, counts) : NAN, is_tiny));
    }
    for (size_t v = 0; v + 1 < said->n_versions; v++) {
        ONUS_TRY(compare_versions(t, v, rows, others, sums));
    }
out:
    onus_free(rows);
    onus_free(others);
    onus_free(labels);
    onus_free(counts);
    onus_free(sums);
    return status;
}
