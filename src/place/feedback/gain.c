/* The loop gain of the product itself, from its own dated predictions and the records: how many
 * predictions one more recorded incident brings to its cell, times how many incidents a prediction
 * gets recorded (`feedback.discovery`, as assumed by the case).
 *
 * What the product predicted, and not what a simulated policy would send: this is evidence, laid
 * over the accuracy half's cells and windows and regressed on what was recorded there before
 * (onus/stats_loop_gain.h). An association: without incidents injected into the vendor's input
 * (injection.c) it is no proof of cause, and the measure says so. Called by feedback.c. Never hands
 * on a number of one cell. */
#include <math.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "feedback_trial.h"
#include "onus/alloc.h"
#include "onus/stats_loop_gain.h"

static const double DAY_S = 86400.0;
static const double LOOK_BACK_DAYS = 7.0; /* what a product may look back on, at the least */
static const double TABLE_MOST = 2e7;     /* cells times windows that are held: 160 MB, twice */

int64_t fb_gain_window(const place_trial *t, double unix_s) {
    const accuracy *a = t->accuracy;
    const size_t w = acc_window_behind(a, unix_s);
    return w < a->n_windows && a->windows[w].from_s <= unix_s ? (int64_t)w : -1;
}

static onus_status lay_flags(place_trial *t, const accuracy *a, const onus_flags *flags,
                             double *predicted) {
    onus_status status = ONUS_OK;
    const size_t n = a->cells.n_cells;
    int32_t *cell = onus_alloc_n(flags->n_flags, sizeof *cell);
    if (cell == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(acc_cells_of(t, a, flags->x_m, flags->y_m, flags->n_flags, cell));
    for (size_t k = 0; k < flags->n_flags; k++) {
        const int64_t w = fb_gain_window(t, flags->from_unix_s[k]);
        if (w >= 0 && cell[k] >= 0) {
            predicted[(size_t)w * n + (size_t)cell[k]] += flags->counts[k];
        }
    }
out:
    onus_free(cell);
    return status;
}

/* false: a rate is missing. */
static bool lay_rates(const place_trial *t, const accuracy *a, const onus_forecast *forecast,
                      double *predicted) {
    const size_t n = a->cells.n_cells;
    for (size_t v = 0; v < forecast->n_windows; v++) {
        const int64_t w = fb_gain_window(t, forecast->from_unix_s[v]);
        for (size_t c = 0; w >= 0 && c < n; c++) {
            const double rate = forecast->rates[v * n + c];
            if (isnan(rate)) {
                return false;
            }
            predicted[(size_t)w * n + c] = rate;
        }
    }
    return true;
}

onus_status fb_gain_lay(place_trial *t, const onus_flags *flags, const onus_forecast *forecast,
                        double *predicted, const char **reason) {
    if (!t->accuracy->by_cells) {
        return lay_flags(t, t->accuracy, flags, predicted);
    }
    if (!lay_rates(t, t->accuracy, forecast, predicted)) {
        *reason = "the forecast has no rate for some cell and window";
    }
    return ONUS_OK;
}

static void lay_records(const place_trial *t, const accuracy *a, double *recorded) {
    const onus_outcomes *o = &t->evidence->outcomes;
    for (size_t k = 0; k < o->n_outcomes; k++) {
        const bool counts = a->matched == NULL || o->type == NULL || a->matched[o->type[k]] != 0;
        if (counts && a->event_cell[k] >= 0 && a->event_window[k] >= 0) {
            recorded[(size_t)a->event_window[k] * a->cells.n_cells + (size_t)a->event_cell[k]] +=
                o->counts[k];
        }
    }
}

const char *fb_gain_why_not(const place_trial *t) {
    const accuracy *a = t->accuracy;
    const onus_flags *flags = &t->evidence->flags;
    if (a == NULL || a->missing != NULL || a->event_cell == NULL || a->event_window == NULL ||
        a->n_windows == 0) {
        return "the predictions have no dates, or nothing is recorded to hold them against";
    }
    if (!a->by_cells && (flags->x_m == NULL || flags->from_unix_s == NULL)) {
        return "the predictions are not dated places or rates by cell";
    }
    if ((double)a->n_windows * (double)a->cells.n_cells > TABLE_MOST) {
        return "too many cells and windows; give a larger grid.cell";
    }
    return NULL;
}

size_t fb_gain_lags(const place_trial *t) {
    const double n = round(LOOK_BACK_DAYS * DAY_S / t->accuracy->window_s);
    return (size_t)fmin(fmax(1.0, n), 64.0);
}

void fb_gain_value(const place_trial *t, const onus_loop_gain *gain, double discovery,
                   const char *method, const char *too_few, onus_measure *m) {
    onus_number value = gain->per_incident;
    value.value *= discovery;
    onus_draft_set_number(m, value);
    if (m->has_value && !isnan(gain->per_incident_limits.low)) {
        m->interval = (onus_interval){.given = true,
                                      .level = t->c->protocol.level,
                                      .low = discovery * gain->per_incident_limits.low,
                                      .high = discovery * gain->per_incident_limits.high,
                                      .method = method};
    } else if (m->has_value) {
        m->reason = too_few;
    }
}

static onus_status add_gain(place_trial *t, const onus_loop_gain *gain, double discovery,
                            double horizon_days) {
    onus_measure m = place_draft_of("feedback.loop_gain");
    onus_scope_set_text(&m.scope, "policy", "product");
    onus_scope_set_text(&m.scope, "form", "observed");
    onus_scope_set_number(&m.scope, "discovery", discovery);
    onus_scope_set_number(&m.scope, "horizon_days", horizon_days);
    fb_gain_value(t, gain, discovery, "blocks of windows, Student's t",
                  "too few blocks of windows for an interval", &m);
    return place_add(t, &m, NULL);
}

static onus_status measure(place_trial *t, size_t n_lags, onus_loop_gain *gain,
                           const char **reason) {
    onus_status status = ONUS_OK;
    const accuracy *a = t->accuracy;
    double *predicted = onus_alloc_n(a->n_windows, a->cells.n_cells * sizeof *predicted);
    double *recorded = onus_alloc_n(a->n_windows, a->cells.n_cells * sizeof *recorded);
    if (predicted == NULL || recorded == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(fb_gain_lay(t, &t->evidence->flags, &t->evidence->forecast, predicted, reason));
    if (*reason != NULL) {
        goto out;
    }
    lay_records(t, a, recorded);
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = n_lags;
    opts.level = t->c->protocol.level;
    opts.n_replicates = t->c->protocol.n_replicates;
    opts.seed = t->c->protocol.seed;
    status = onus_loop_gain_observed(predicted, recorded, a->cells.n_cells, a->n_windows, &opts,
                                     t->context, gain, t->err);
    if (status == ONUS_ERR_TOO_FEW) {
        *reason = "too few windows to follow records up over a week";
        status = ONUS_OK;
    }
out:
    onus_free(predicted);
    onus_free(recorded);
    return status;
}

onus_status fb_gain(place_trial *t) {
    onus_status status = ONUS_OK;
    onus_loop_gain gain = {.per_incident_limits = onus_limits_none()};
    const char *reason = fb_gain_why_not(t);
    size_t n_lags = 1;
    double window_s = LOOK_BACK_DAYS * DAY_S;
    if (reason == NULL) {
        window_s = t->accuracy->window_s;
        n_lags = fb_gain_lags(t);
        ONUS_TRY(measure(t, n_lags, &gain, &reason));
    }
    if (reason != NULL) {
        gain.per_incident = onus_number_none(reason);
    }
    const onus_doubles *discovery = &t->c->feedback.discovery;
    for (size_t k = 0; k < discovery->n; k++) {
        if (discovery->items[k] > 0.0) {
            ONUS_TRY(add_gain(t, &gain, discovery->items[k], (double)n_lags * window_s / DAY_S));
        }
    }
out:
    return status;
}
