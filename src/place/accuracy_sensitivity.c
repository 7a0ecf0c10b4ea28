/* How much of the headline hangs on choices that nobody can defend to the metre: the size of the
 * boxes, the grid that plain methods flag, which types count.
 *
 *   box      the same centres with other sizes: hits and capture as measures of their own (box_m)
 *   any_type a prediction comes true by an outcome of any predicted type
 *   shift    the methods' squares half a side further east, north, both
 *   rotate   turned by an eighth of a turn
 *   rescale  two thirds of their side, one and a half (with shift or rotate)
 *
 * Each change is run twice: the product's own flags as they are and the methods of comparison on
 * the changed grid; and both on it, the product's flags as cells of it (flags: regridded,
 * accuracy_regrid.c). The ranges of the capture ratio and of the gain are put beside the headline,
 * which lies in them. Ties have their worst and best beside every figure already. For dated flags
 * with squares of ours; rates of cells that come with the product cannot be moved, and the measure
 * says so. Called by accuracy.c. Never keeps a run. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"

#define EIGHTH_RAD 0.78539816339744830962 /* pi / 4 */

static onus_status add_share(place_trial *t, const char *id, const char *rule, double box_m,
                             double num, double den) {
    onus_measure m = place_draft_of(id);
    if (rule != NULL) {
        onus_scope_set_text(&m.scope, "rule", rule);
    } else {
        onus_scope_set_number(&m.scope, "box_m", box_m);
    }
    onus_draft_set_fraction(&m, num, den, "nothing was flagged, or nothing recorded");
    return place_add(t, &m, NULL);
}

static onus_status other_boxes(place_trial *t, const accuracy *a) {
    const onus_protocol *p = &t->c->protocol;
    const double flags = acc_total(a, &a->slices[0], acc_at(a, 0, ACC_FLAGS));
    const double outcomes = acc_total(a, &a->slices[0], acc_at_common(a, ACC_OUTCOMES));
    onus_status status = ONUS_OK;
    double hits = 0.0;
    double captured = 0.0;
    for (size_t k = 0; k < p->sensitivity_box_m.n; k++) {
        const double side = p->sensitivity_box_m.items[k];
        ONUS_TRY(acc_hits_if(t, a, side, side, false, &hits, &captured));
        ONUS_TRY(add_share(t, "place.hit_rate", NULL, side, hits, flags));
        ONUS_TRY(add_share(t, "place.capture_rate", NULL, side, captured, outcomes));
    }
    if (a->n_slices > 1) {
        ONUS_TRY(acc_hits_if(t, a, t->c->predictions.width_m, t->c->predictions.height_m, true,
                             &hits, &captured));
        ONUS_TRY(add_share(t, "place.hit_rate", "any_type", 0.0, hits, flags));
    }
out:
    return status;
}

/* ---- changed grids ---- */

/** What one run captured: the product, the methods (NaN: not fitted), of how many outcomes. */
typedef struct outcome {
    double product;
    double theirs[ACC_BASELINES_MAX];
    double outcomes;
} outcome;

static outcome outcome_of(const accuracy *a) {
    const acc_slice *all = &a->slices[0];
    outcome out = {.product = acc_total(a, all, acc_at(a, 0, ACC_CAPTURED)),
                   .outcomes = acc_total(a, all, acc_at_common(a, ACC_OUTCOMES))};
    for (size_t b = 0; b < a->n_baselines; b++) {
        out.theirs[b] = a->no_baseline[b] != NULL
                            ? NAN
                            : acc_total(a, all, acc_at_baseline(a, 0, b, ONUS_TIE_ASKED));
    }
    return out;
}

static onus_status run_changed(place_trial *t, const accuracy *base, acc_change change,
                               acc_product product, outcome *out) {
    accuracy *v = place_keep(t, onus_alloc(sizeof *v));
    onus_status status = ONUS_OK;
    if (v == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *v = *base;
    v->base = base;
    v->citizen = NULL;
    v->product = product;
    v->change = change;
    v->cells = (onus_frame_cells){0};
    v->slices = NULL;
    v->n_slices = 0;
    memset(&v->account, 0, sizeof v->account);
    memset((void *)v->no_baseline, 0, sizeof v->no_baseline);
    ONUS_TRY(acc_cells(t, v));
    ONUS_TRY(acc_events(t, v));
    v->tie_order = place_keep(t, onus_alloc_n(v->cells.n_cells, sizeof *v->tie_order));
    if (v->tie_order == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    memcpy(v->tie_order, v->cells.id_rank, v->cells.n_cells * sizeof *v->tie_order);
    ONUS_TRY(acc_run(t, v));
    *out = outcome_of(v);
out:
    return status;
}

/** What a range is of. */
typedef enum range_of { OF_RATIO, OF_RATIO_REGRIDDED, OF_GAIN_REGRIDDED, N_RANGES } range_of;

typedef struct range {
    double low[N_RANGES][ACC_BASELINES_MAX];
    double high[N_RANGES][ACC_BASELINES_MAX];
} range;

static void widen(range *r, range_of of, size_t b, double value) {
    r->low[of][b] = fmin(r->low[of][b], value); /* NaN leaves it */
    r->high[of][b] = fmax(r->high[of][b], value);
}

static double ratio_in(const outcome *o, size_t b) {
    return o->theirs[b] > 0.0 ? o->product / o->theirs[b] : NAN;
}

static double gain_in(const outcome *o, size_t b) {
    return o->outcomes > 0.0 ? (o->product - o->theirs[b]) / o->outcomes : NAN;
}

static onus_status add_limits(place_trial *t, const accuracy *a, const char *change, const range *r,
                              const char *none) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < N_RANGES * a->n_baselines * 2; k++) {
        const size_t b = k / 2 % a->n_baselines;
        const size_t of = k / 2 / a->n_baselines;
        const double value = r == NULL ? NAN : k % 2 != 0 ? r->high[of][b] : r->low[of][b];
        onus_measure m = place_draft_of("place.sensitivity");
        onus_scope_set_text(&m.scope, "of",
                            of == OF_GAIN_REGRIDDED ? "capture_gain" : "capture_ratio");
        if (of != OF_RATIO) {
            onus_scope_set_text(&m.scope, "flags", "regridded");
        }
        onus_scope_set_text(&m.scope, "baseline", onus_baseline_name(a->baselines[b]));
        onus_scope_set_text(&m.scope, "change", change);
        onus_scope_set_text(&m.scope, "bound", k % 2 != 0 ? "high" : "low");
        onus_draft_set_number(
            &m, isfinite(value) ? onus_number_of(value)
                : none != NULL  ? onus_number_none(none)
                                : onus_number_none("the method captured nothing on a changed grid, "
                                                    "or could not be fitted"));
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_range(place_trial *t, const accuracy *a, const char *name,
                             const acc_change *changes, size_t n) {
    range r = {0};
    outcome o = outcome_of(a);
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < N_RANGES * a->n_baselines; k++) { /* the headline is in its range */
        const size_t b = k % a->n_baselines;
        const size_t of = k / a->n_baselines;
        r.low[of][b] = r.high[of][b] = of == OF_GAIN_REGRIDDED ? gain_in(&o, b) : ratio_in(&o, b);
    }
    for (size_t k = 0; k < n; k++) {
        ONUS_TRY(run_changed(t, a, changes[k], ACC_PRODUCT_KEPT, &o));
        for (size_t b = 0; b < a->n_baselines; b++) {
            widen(&r, OF_RATIO, b, ratio_in(&o, b));
        }
        ONUS_TRY(run_changed(t, a, changes[k], ACC_PRODUCT_REGRIDDED, &o));
        for (size_t b = 0; b < a->n_baselines; b++) {
            widen(&r, OF_RATIO_REGRIDDED, b, ratio_in(&o, b));
            widen(&r, OF_GAIN_REGRIDDED, b, gain_in(&o, b));
        }
    }
    status = add_limits(t, a, name, &r, NULL);
out:
    return status;
}

onus_status acc_sensitivity(place_trial *t, const accuracy *a) {
    static const acc_change SHIFTS[] = {
        {.east = 0.5, .scale = 1.0}, {.north = 0.5, .scale = 1.0}, {0.5, 0.5, 0.0, 1.0}};
    static const acc_change TURNS[] = {{.turn_rad = EIGHTH_RAD, .scale = 1.0}};
    static const acc_change SCALES[] = {{.scale = 2.0 / 3.0}, {.scale = 1.5}};
    static const char *const CHANGES[] = {"shift", "rotate", "rescale"};
    const onus_protocol *p = &t->c->protocol;
    onus_status status = ONUS_OK;
    if (t->c->predictions.form == ONUS_FORM_BOXES) {
        ONUS_TRY(other_boxes(t, a));
    }
    if (!p->sensitivity_shift && !p->sensitivity_rotate) {
        return ONUS_OK;
    }
    if (a->by_cells || !(a->cells.side_m > 0.0)) {
        const char *why = a->by_cells
                              ? "the product's rates are of cells that it brought: they cannot be "
                                "moved, so how much hangs on them is not known"
                              : "the cells come with the case, so they were not moved: how much "
                                "hangs on them is not known";
        ONUS_TRY(onus_result_warn(t->result, "grid_is_given", "%s", why));
        for (size_t k = 0; k < 3; k++) {
            const bool asked = k == 0   ? p->sensitivity_shift
                               : k == 1 ? p->sensitivity_rotate
                                        : true;
            if (asked) {
                ONUS_TRY(add_limits(t, a, CHANGES[k], NULL, why));
            }
        }
        goto out;
    }
    if (p->sensitivity_shift) {
        ONUS_TRY(add_range(t, a, CHANGES[0], SHIFTS, sizeof SHIFTS / sizeof *SHIFTS));
    }
    if (p->sensitivity_rotate) {
        ONUS_TRY(add_range(t, a, CHANGES[1], TURNS, sizeof TURNS / sizeof *TURNS));
    }
    ONUS_TRY(add_range(t, a, CHANGES[2], SCALES, sizeof SCALES / sizeof *SCALES));
out:
    return status;
}
