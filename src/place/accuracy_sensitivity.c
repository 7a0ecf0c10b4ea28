/* How much of the headline hangs on choices that nobody can defend to the metre: the size of the
 * boxes, the grid that plain methods flag, which types count.
 *
 *   box      the same centres with other sizes: hits and capture as measures of their own (box_m)
 *   any_type a prediction comes true by an outcome of any predicted type
 *   shift    the methods' squares half a side further east, north, both
 *   rotate   turned by an eighth of a turn
 *   rescale  two thirds of their side, one and a half (with shift or rotate)
 *
 * A changed grid leaves the product's own flags as they are: the methods of comparison are run anew
 * on it, and the range of the capture ratio is put beside the headline. Ties have their worst and
 * best beside every figure already. For dated flags with squares of ours; cells that come with the
 * product are what they are, and a warning says so. Called by accuracy.c. Never keeps a run. */
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
    place_set_fraction(&m, num, den, "nothing was flagged, or nothing recorded");
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

/* The methods of comparison on a changed grid; the product's rows are the base's. */
static onus_status run_changed(place_trial *t, const accuracy *base, acc_change change,
                               double *captured) {
    accuracy *v = place_keep(t, onus_alloc(sizeof *v));
    onus_status status = ONUS_OK;
    if (v == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *v = *base;
    v->base = base;
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
    for (size_t b = 0; b < v->n_baselines; b++) {
        captured[b] = v->no_baseline[b] != NULL
                          ? NAN
                          : acc_total(v, &v->slices[0], acc_at_baseline(v, 0, b, ONUS_TIE_ASKED));
    }
out:
    return status;
}

static onus_status add_range(place_trial *t, const accuracy *a, const char *name,
                             const acc_change *changes, size_t n) {
    const double product = acc_total(a, &a->slices[0], acc_at(a, 0, ACC_CAPTURED));
    double low[ACC_BASELINES_MAX] = {0};
    double high[ACC_BASELINES_MAX] = {0};
    onus_status status = ONUS_OK;
    for (size_t b = 0; b < a->n_baselines; b++) { /* the headline is in its range */
        const double theirs = acc_total(a, &a->slices[0], acc_at_baseline(a, 0, b, ONUS_TIE_ASKED));
        const bool known = a->no_baseline[b] == NULL && theirs > 0.0;
        low[b] = known ? product / theirs : INFINITY;
        high[b] = known ? product / theirs : -INFINITY;
    }
    for (size_t k = 0; k < n; k++) {
        double captured[ACC_BASELINES_MAX] = {0};
        ONUS_TRY(run_changed(t, a, changes[k], captured));
        for (size_t b = 0; b < a->n_baselines; b++) {
            const double ratio = captured[b] > 0.0 ? product / captured[b] : NAN;
            low[b] = fmin(low[b], ratio);
            high[b] = fmax(high[b], ratio);
        }
    }
    for (size_t b = 0; b < a->n_baselines; b++) {
        for (int upper = 0; upper < 2; upper++) {
            const double value = upper != 0 ? high[b] : low[b];
            onus_measure m = place_draft_of("place.sensitivity");
            onus_scope_set_text(&m.scope, "of", "capture_ratio");
            onus_scope_set_text(&m.scope, "baseline", onus_baseline_name(a->baselines[b]));
            onus_scope_set_text(&m.scope, "change", name);
            onus_scope_set_text(&m.scope, "bound", upper != 0 ? "high" : "low");
            place_set_number(
                &m, isfinite(value)
                        ? onus_number_of(value)
                        : onus_number_none("the method captured nothing on a changed grid"));
            ONUS_TRY(place_add(t, &m, NULL));
        }
    }
out:
    return status;
}

onus_status acc_sensitivity(place_trial *t, const accuracy *a) {
    static const acc_change SHIFTS[] = {
        {.east = 0.5, .scale = 1.0}, {.north = 0.5, .scale = 1.0}, {0.5, 0.5, 0.0, 1.0}};
    static const acc_change TURNS[] = {{.turn_rad = EIGHTH_RAD, .scale = 1.0}};
    static const acc_change SCALES[] = {{.scale = 2.0 / 3.0}, {.scale = 1.5}};
    const onus_protocol *p = &t->c->protocol;
    onus_status status = ONUS_OK;
    if (t->c->predictions.form == ONUS_FORM_BOXES) {
        ONUS_TRY(other_boxes(t, a));
    }
    if (!p->sensitivity_shift && !p->sensitivity_rotate) {
        return ONUS_OK;
    }
    if (a->by_cells || !(a->cells.side_m > 0.0)) {
        return onus_result_warn(t->result, "grid_is_given",
                                "the cells come with the case, so they were not shifted, turned or "
                                "rescaled: how much hangs on them is not known");
    }
    if (p->sensitivity_shift) {
        ONUS_TRY(add_range(t, a, "shift", SHIFTS, sizeof SHIFTS / sizeof *SHIFTS));
    }
    if (p->sensitivity_rotate) {
        ONUS_TRY(add_range(t, a, "rotate", TURNS, sizeof TURNS / sizeof *TURNS));
    }
    ONUS_TRY(add_range(t, a, "rescale", SCALES, sizeof SCALES / sizeof *SCALES));
out:
    return status;
}
