/* The loop gain of the product by experiment: its predictions on the records as they are, and on
 * the records with incidents injected (`feedback.injection`).
 *
 * Both runs and the incidents are laid over the accuracy half's cells and windows; what the second
 * run predicts more in an injected cell, in the week after, per incident, was brought about by the
 * injection (onus/stats_loop_gain.h). Whether the two runs agree before the first injection is
 * measured beside it, since without that nothing is caused for certain. Called by feedback.c and
 * answers.c. Never hands on a number of one cell. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "feedback_trial.h"
#include "onus/alloc.h"
#include "onus/stats_loop_gain.h"
#include "onus/text.h"

static const double DAY_S = 86400.0;

typedef struct tables {
    double *without;
    double *with;
    double *injected;
    double n_given;   /* incidents in the period */
    double n_outside; /* in no cell, or in no window */
    double n_late;    /* laid, but with less than the week behind them */
} tables;

/* Two forecasts must be of the same windows. Of boxes a window may rightly have none: only told. */
static const char *compare_windows(const place_trial *t, const tables *s, size_t *n_apart) {
    const accuracy *a = t->accuracy;
    const onus_forecast *one = &t->evidence->forecast;
    const onus_forecast *two = &t->evidence->injection.forecast;
    *n_apart = 0;
    if (a->by_cells) {
        bool same = one->n_windows == two->n_windows;
        for (size_t w = 0; same && w < one->n_windows; w++) {
            same = fabs(one->from_unix_s[w] - two->from_unix_s[w]) < 0.5;
        }
        return same ? NULL : "the two runs of the product are not of the same windows";
    }
    for (size_t w = 0; w < a->n_windows; w++) {
        bool any[2] = {false, false};
        for (size_t k = w * a->cells.n_cells; k < (w + 1) * a->cells.n_cells; k++) {
            any[0] = any[0] || s->without[k] > 0.0;
            any[1] = any[1] || s->with[k] > 0.0;
        }
        *n_apart += any[0] != any[1] ? 1 : 0;
    }
    return NULL;
}

static onus_status lay_incidents(place_trial *t, tables *s, size_t n_lags) {
    onus_status status = ONUS_OK;
    const accuracy *a = t->accuracy;
    const onus_injection *in = &t->evidence->injection;
    int32_t *found = NULL;
    const int32_t *cell = in->cell;
    if (cell == NULL) {
        found = onus_alloc_n(in->n_incidents, sizeof *found);
        if (found == NULL) {
            return onus_fail_nomem(t->err);
        }
        ONUS_TRY(acc_cells_of(t, a, in->x_m, in->y_m, in->n_incidents, found));
        cell = found;
    }
    for (size_t k = 0; k < in->n_incidents; k++) {
        const int64_t w = fb_gain_window(t, in->unix_s[k]);
        s->n_given += in->counts[k];
        if (w < 0 || cell[k] < 0) {
            s->n_outside += in->counts[k];
            continue;
        }
        s->n_late += (size_t)w + n_lags >= a->n_windows ? in->counts[k] : 0.0;
        s->injected[(size_t)w * a->cells.n_cells + (size_t)cell[k]] += in->counts[k];
    }
out:
    onus_free(found);
    return status;
}

static onus_status warn(place_trial *t, const tables *s, const onus_loop_gain *gain,
                        size_t n_apart) {
    onus_status status = ONUS_OK;
    if (s->n_outside > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "injection_outside",
                                  "%s of %s injected incidents lie in no cell or no window that is "
                                  "tried and do not count",
                                  place_count(s->n_outside).text, place_count(s->n_given).text));
    }
    if (s->n_late > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "injection_late",
                                  "%s of %s injected incidents have less than a week of windows "
                                  "behind them: what they bring later is missing from the loop "
                                  "gain",
                                  place_count(s->n_late).text, place_count(s->n_given).text));
    }
    if (n_apart > 0) {
        ONUS_TRY(onus_result_warn(t->result, "injection_windows",
                                  "in %zu of %zu windows only one of the two runs of the product "
                                  "has predictions; they count as none",
                                  n_apart, t->accuracy->n_windows));
    }
    if (gain->before > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "not_repeatable",
                                  "the two runs of the product differ before anything was injected "
                                  "(by %.3g predictions a cell and window): not all of the "
                                  "difference after it is caused by the injection",
                                  gain->before));
    }
out:
    return status;
}

static onus_status measure(place_trial *t, size_t n_lags, onus_loop_gain *gain,
                           const char **reason) {
    onus_status status = ONUS_OK;
    const accuracy *a = t->accuracy;
    const onus_evidence *e = t->evidence;
    size_t n_apart = 0;
    tables s = {.without = onus_alloc_n(a->n_windows, a->cells.n_cells * sizeof(double)),
                .with = onus_alloc_n(a->n_windows, a->cells.n_cells * sizeof(double)),
                .injected = onus_alloc_n(a->n_windows, a->cells.n_cells * sizeof(double))};
    if (s.without == NULL || s.with == NULL || s.injected == NULL) {
        status = onus_fail_nomem(t->err);
        goto out;
    }
    ONUS_TRY(fb_gain_lay(t, &e->flags, &e->forecast, s.without, reason));
    ONUS_TRY(fb_gain_lay(t, &e->injection.flags, &e->injection.forecast, s.with, reason));
    *reason = *reason != NULL ? *reason : compare_windows(t, &s, &n_apart);
    if (*reason != NULL) {
        goto out;
    }
    ONUS_TRY(lay_incidents(t, &s, n_lags));
    onus_loop_gain_opts opts = ONUS_LOOP_GAIN_OPTS_INIT;
    opts.n_lags = n_lags;
    opts.level = t->c->protocol.level;
    opts.n_replicates = t->c->protocol.n_replicates;
    opts.seed = t->c->protocol.seed;
    ONUS_TRY(onus_loop_gain_injected(s.without, s.with, s.injected, a->cells.n_cells, a->n_windows,
                                     &opts, t->context, gain, t->err));
    ONUS_TRY(warn(t, &s, gain, n_apart));
out:
    onus_free(s.without);
    onus_free(s.with);
    onus_free(s.injected);
    return status;
}

static onus_measure draft(const place_trial *t, size_t n_lags, double discovery) {
    const double window_s = t->accuracy != NULL ? t->accuracy->window_s : DAY_S;
    onus_measure m = place_draft_of("feedback.loop_gain");
    onus_scope_set_text(&m.scope, "policy", "product");
    onus_scope_set_text(&m.scope, "form", "injection");
    onus_scope_set_number(&m.scope, "discovery", discovery);
    onus_scope_set_number(&m.scope, "horizon_days", (double)n_lags * window_s / DAY_S);
    return m;
}

static onus_status add(place_trial *t, const onus_loop_gain *gain, size_t n_lags,
                       double discovery) {
    onus_status status = ONUS_OK;
    onus_measure m = draft(t, n_lags, discovery);
    fb_gain_value(t, gain, discovery, "injected cells, Student's t",
                  "fewer than 8 cells with an injection: no interval", &m);
    ONUS_TRY(place_add(t, &m, NULL));
    onus_measure all = draft(t, n_lags, discovery);
    onus_scope_set_text(&all.scope, "cells", "all");
    onus_draft_set_number(&all, m.has_value ? onus_number_of(discovery * gain->everywhere)
                                            : gain->per_incident);
    if (all.has_value) {
        all.reason = "no interval: cells without an injection are no sample";
    }
    ONUS_TRY(place_add(t, &all, NULL));
out:
    return status;
}

onus_status fb_injection(place_trial *t) {
    onus_status status = ONUS_OK;
    onus_loop_gain gain = {.per_incident_limits = onus_limits_none()};
    const char *reason = fb_gain_why_not(t);
    size_t n_lags = 7;
    if (!t->c->feedback.injection.given) {
        return ONUS_OK;
    }
    if (reason == NULL) {
        n_lags = fb_gain_lags(t);
        ONUS_TRY(measure(t, n_lags, &gain, &reason));
    }
    if (reason != NULL) {
        gain.per_incident = onus_number_none(reason);
    }
    const onus_doubles *discovery = &t->c->feedback.discovery;
    for (size_t k = 0; k < discovery->n; k++) {
        if (discovery->items[k] > 0.0) {
            ONUS_TRY(add(t, &gain, n_lags, discovery->items[k]));
        }
    }
    onus_measure before = place_draft_of("feedback.before_injection");
    onus_scope_set_text(&before.scope, "policy", "product");
    onus_draft_set_number(&before,
                          gain.n_units > 0 ? onus_number_of(gain.before) : gain.per_incident);
    ONUS_TRY(place_add(t, &before, NULL));
out:
    return status;
}

/* ---- question 10 ---- */

/* Of the scope; 0: it has none. */
static double discovery_of(const onus_measure *m) {
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (strcmp(m->scope.items[i].key, "discovery") == 0 && m->scope.items[i].text == NULL) {
            return m->scope.items[i].number;
        }
    }
    return 0.0;
}

/* The injection's measure at the greatest discovery, or of the runs before; SIZE_MAX: none. */
static size_t find(const place_trial *t, const char *id, bool by_discovery) {
    size_t best = SIZE_MAX;
    double most = 0.0;
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = place_drafted(t, i);
        const char *form = onus_scope_text(&m->scope, "form");
        if (m->def != place_measure(id) ||
            (by_discovery &&
             (form == NULL || form[0] != 'i' || onus_scope_text(&m->scope, "cells") != NULL))) {
            continue;
        }
        if (!by_discovery || discovery_of(m) > most) {
            most = discovery_of(m);
            best = i;
        }
    }
    return best;
}

onus_status fb_injection_answer(place_trial *t, onus_text *text, onus_array *measures,
                                const char **grade) {
    onus_status status = ONUS_OK;
    if (!t->c->feedback.injection.given) {
        return ONUS_OK;
    }
    const size_t at = find(t, "feedback.loop_gain", true);
    const size_t before_at = find(t, "feedback.before_injection", false);
    if (at == SIZE_MAX || !place_drafted(t, at)->has_value) {
        onus_text_addf(text, " What the injected incidents brought about cannot be said: %s.",
                       at != SIZE_MAX && place_drafted(t, at)->reason != NULL
                           ? place_drafted(t, at)->reason
                           : "no discovery above 0 is assumed");
        return ONUS_OK;
    }
    const onus_measure *m = place_drafted(t, at);
    const double discovery = discovery_of(m);
    ONUS_TRY(onus_array_push(measures, &at));
    onus_text_addf(text,
                   " By experiment: one incident injected into the product's records brought %.2f "
                   "more predictions of its cell; at %.4g incidents recorded per prediction "
                   "(assumed) each record begets %.2f more",
                   m->value / discovery, discovery, m->value);
    if (m->interval.given) {
        onus_text_addf(text, " (%.4g %% interval %.2f to %.2f)", 100.0 * m->interval.level,
                       m->interval.low, m->interval.high);
    }
    const bool sure = m->interval.given && (m->interval.low > 1.0 || m->interval.high < 1.0);
    onus_text_add(text, !sure                   ? "; whether that is above 1 is not shown."
                        : m->interval.low > 1.0 ? ": above 1, it runs away."
                                                : ": below 1, it does not run away.");
    if (before_at != SIZE_MAX && place_drafted(t, before_at)->has_value &&
        place_drafted(t, before_at)->value > 0.0) {
        ONUS_TRY(onus_array_push(measures, &before_at));
        onus_text_add(text, " The two runs differ before anything was injected, so that not all of "
                            "it is caused.");
    }
    if (strcmp(*grade, "not testable") == 0) { /* by simulation */
        *grade = sure ? "answered" : "not shown";
    }
out:
    return status;
}
