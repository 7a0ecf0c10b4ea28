/* Does it hold in each district and each shift?
 *
 * For each part of the records: how many of its outcomes the product captured, and how many times
 * as many as each method of comparison did, on the flags that both laid over the whole region and
 * day. Small parts have wide intervals, and among many parts some differ by chance: the p values of
 * one method over all parts of a kind are adjusted together (Holm 1979), and only what survives is
 * counted as shown.
 *
 * THE WALL: by district a method of comparison shows only where it is large (LEAST_CELLS cells),
 * and then as a sum over the whole period. Called by accuracy.c after the run. */
#include <math.h>

#include "accuracy_compare.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

enum { LEAST_CELLS = 100, N_COLUMNS = 3 };

static const char *const KEYS[] = {[ACC_PART_DISTRICT] = "district", [ACC_PART_SHIFT] = "shift"};

/* Why nothing may be said of what a method captured in a part; NULL: it may. */
static const char *why_not(const place_trial *t, const accuracy *a, size_t p) {
    const double outcomes = acc_total(a, &a->slices[0], acc_at_part_outcomes(a, p));
    if (a->parts[p].kind == ACC_PART_DISTRICT && a->parts[p].n_cells < LEAST_CELLS) {
        return "the district holds fewer than 100 cells: what a method captured there would come "
               "near to saying where it flags";
    }
    return outcomes < fmax((double)t->c->protocol.suppress_below, 1.0)
               ? "too few outcomes were recorded (protocol.suppress_below)"
               : NULL;
}

static onus_measure begin(const accuracy *a, const char *id, size_t p) {
    onus_measure m = place_draft_of(id);
    acc_scope(a, &m, &a->slices[0], 0);
    onus_scope_set_text(&m.scope, KEYS[a->parts[p].kind], a->parts[p].name);
    return m;
}

static onus_status compare(place_trial *t, const accuracy *a, size_t p, size_t b,
                           onus_paired *out) {
    const size_t columns[N_COLUMNS] = {acc_at_part(a, p, 0, 0), acc_at_part(a, p, 0, 1 + b),
                                       acc_at_part_outcomes(a, p)};
    const onus_pair pairs[] = {{.product = 0, .baseline = 1}, {.product = 0, .baseline = 2}};
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 0; /* the interval that decides is closed */
    opts.level = t->c->protocol.level;
    double *sums = acc_by_unit(a, &a->slices[0], columns, N_COLUMNS);
    if (sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const onus_status status =
        onus_paired_compare(sums, a->n_units, N_COLUMNS, pairs, 2, &opts, t->context, out, t->err);
    onus_free(sums);
    return status;
}

/* What the product captured of each part. */
static onus_status add_captures(place_trial *t, const accuracy *a, acc_part_kind kind) {
    onus_status status = ONUS_OK;
    for (size_t p = 0; p < a->n_parts; p++) {
        if (a->parts[p].kind != kind) {
            continue;
        }
        const double outcomes = acc_total(a, &a->slices[0], acc_at_part_outcomes(a, p));
        onus_measure m = begin(a, "place.capture_rate", p);
        if (outcomes > 0.0 && outcomes < (double)t->c->protocol.suppress_below) {
            onus_draft_set_number(&m, onus_number_none("too few outcomes were recorded "
                                                       "(protocol.suppress_below)"));
        } else {
            onus_draft_set_fraction(&m, acc_total(a, &a->slices[0], acc_at_part(a, p, 0, 0)),
                                    outcomes, "no outcomes were recorded");
        }
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

/* One method over all parts of a kind: one family. */
static onus_status add_family(place_trial *t, const accuracy *a, acc_part_kind kind, size_t b) {
    onus_measure *family = onus_alloc_n(a->n_parts, sizeof *family);
    double *ps = onus_alloc_n(a->n_parts, sizeof *ps);
    size_t *with_p = onus_alloc_n(a->n_parts, sizeof *with_p);
    size_t n = 0;
    size_t n_p = 0;
    onus_status status = ONUS_OK;
    if (family == NULL || ps == NULL || with_p == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t p = 0; p < a->n_parts; p++) {
        const char *why = why_not(t, a, p);
        onus_paired paired[2];
        if (a->parts[p].kind != kind) {
            continue;
        }
        onus_measure m = begin(a, "place.capture_ratio", p);
        onus_scope_set_text(&m.scope, "baseline", onus_baseline_name(a->baselines[b]));
        if (why != NULL) {
            onus_draft_set_number(&m, onus_number_none(why));
        } else {
            ONUS_TRY(compare(t, a, p, b, paired));
            onus_draft_set_fraction(&m, paired[0].product, paired[0].baseline,
                                    "the method of comparison captured nothing");
            acc_set_ratio_interval(t, a, &m, &paired[0], 1.0);
            const double p_value = onus_paired_ratio_p(&paired[0], 1.0);
            if (m.has_value && m.interval.given && !m.interval.weak && isfinite(p_value)) {
                with_p[n_p] = n;
                ps[n_p++] = p_value;
            }
        }
        family[n++] = m;
    }
    if (n_p > 0) {
        ONUS_TRY(onus_holm(ps, n_p, ps));
    }
    for (size_t k = 0; k < n_p; k++) {
        family[with_p[k]].has_p = true;
        family[with_p[k]].p_value = ps[k];
    }
    for (size_t k = 0; k < n; k++) {
        ONUS_TRY(place_add(t, &family[k], NULL));
    }
out:
    onus_free(family);
    onus_free(ps);
    onus_free(with_p);
    return status;
}

onus_status acc_parts_measures(place_trial *t, const accuracy *a) {
    onus_status status = ONUS_OK;
    for (int kind = 0; kind < ACC_PART_VISITED; kind++) {
        if (a->part_of[kind] == NULL) {
            continue;
        }
        ONUS_TRY(add_captures(t, a, (acc_part_kind)kind));
        for (size_t b = 0; b < a->n_baselines; b++) {
            if (a->no_baseline[b] == NULL) {
                ONUS_TRY(add_family(t, a, (acc_part_kind)kind, b));
            }
        }
    }
out:
    return status;
}
