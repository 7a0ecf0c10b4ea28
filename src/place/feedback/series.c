/* THE WALL. What the charts of the feedback section draw: sums over the whole city only.
 *
 *   feedback_fan     how far patrols part from the truth, day by day: spread of the runs
 *   feedback_groups  patrols a day where a member of a group lives: closed, open, and if patrols
 *                    went where things happen
 *   feedback_cells   cells ever and always patrolled, by loop
 *   feedback_urn     share of attention by area of the urn, draw by draw
 *
 * Called by feedback.c last. Never names a cell. */
#include <math.h>

#include "feedback_trial.h"
#include "onus/alloc.h"

#define START(t, name, columns)                                                                    \
    onus_result_series((t)->result, (name), (const char **)(columns),                              \
                       sizeof(columns) / sizeof *(columns))

/* The columns that say which simulation a row belongs to. */
#define WHICH "model", "policy", "discovery", "reporting", "formula", "repair"

static const char *const LOOPS[] = {[FEEDBACK_CLOSED] = "closed", [FEEDBACK_OPEN] = "open"};

typedef struct drawing {
    place_trial *t;
    const place_feedback *f;
    onus_series *series;
    double *values;
    double *scratch;
} drawing;

static onus_status text_or_null(onus_series *series, const char *text) {
    return text != NULL ? onus_series_text(series, text) : onus_series_null(series);
}

static onus_status put_which(onus_series *series, const fb_scenario *s) {
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_series_text(series, fb_model_name(s->model)));
    ONUS_TRY(onus_series_text(series, s->policy));
    ONUS_TRY(onus_series_number(series, s->discovery));
    ONUS_TRY(text_or_null(series, s->reporting));
    ONUS_TRY(text_or_null(series, s->formula));
    ONUS_TRY(onus_series_text(series, s->repaired ? "yes" : "no"));
out:
    return status;
}

static onus_status put_numbers(onus_series *series, const double *numbers, size_t n) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < n && status == ONUS_OK; i++) {
        status = onus_series_number(series, numbers[i]);
    }
    return status;
}

static fb_summary summarise(const drawing *d, const fb_scenario *s, size_t h, int loop,
                            size_t field) {
    fb_summary summary;
    fb_runs(d->f, s, h, loop, field, d->values);
    fb_summarise(d->values, d->f->plan.n_runs, d->t->c->protocol.level, d->scratch, &summary);
    return summary;
}

static onus_status fan(drawing *d) {
    static const char *const COLUMNS[] = {WHICH, "figure", "loop", "day", "mean",
                                          "q05", "q25",    "q50",  "q75", "q95"};
    static const struct {
        const char *name;
        feedback_field field;
    } FIGURES[] = {{"tv", FEEDBACK_TV}, {"concentration", FEEDBACK_CONCENTRATION}};
    onus_status status = ONUS_OK;
    d->series = START(d->t, "feedback_fan", COLUMNS);
    if (d->series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < d->f->n_scenarios; k++) {
        const fb_scenario *s = &d->f->scenarios[k];
        for (size_t i = 0; i < sizeof FIGURES / sizeof *FIGURES; i++) {
            for (int loop = 0; loop < FEEDBACK_N_LOOPS; loop++) {
                for (size_t h = 0; h < d->f->plan.n_horizons; h++) {
                    const fb_summary x = summarise(d, s, h, loop, FIGURES[i].field);
                    ONUS_TRY(put_which(d->series, s));
                    ONUS_TRY(onus_series_text(d->series, FIGURES[i].name));
                    ONUS_TRY(onus_series_text(d->series, LOOPS[loop]));
                    ONUS_TRY(onus_series_number(d->series, (double)d->f->plan.horizon_days[h]));
                    ONUS_TRY(onus_series_number(d->series, x.mean));
                    ONUS_TRY(put_numbers(d->series, x.quantile, 5));
                }
            }
        }
    }
out:
    return status;
}

static onus_status groups(drawing *d) {
    static const char *const COLUMNS[] = {WHICH,  "horizon_days", "universe",   "group", "closed",
                                          "open", "truth",        "difference", "low",   "high"};
    const place_feedback *f = d->f;
    const size_t n = f->world.n_cells;
    onus_status status = ONUS_OK;
    double *share = onus_alloc_n(n, sizeof *share);
    double *truth = onus_alloc_n(f->world.n_groups, sizeof *truth);
    d->series = START(d->t, "feedback_groups", COLUMNS);
    if (d->series == NULL || share == NULL || truth == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t c = 0; c < n; c++) {
        share[c] = f->world.truth_per_day[c] / f->truth_total;
    }
    feedback_group_loads(&f->world, share, (double)d->t->c->feedback.n_patrols, truth);
    for (size_t k = 0; k < f->n_scenarios; k++) {
        const fb_scenario *s = &f->scenarios[k];
        for (size_t h = 0; h < f->plan.n_horizons; h++) {
            for (size_t g = 0; g < f->world.n_groups && f->stated[h]; g++) {
                const size_t field = FEEDBACK_N_FIELDS + g;
                const fb_summary more = summarise(d, s, h, FEEDBACK_N_LOOPS, field);
                const double numbers[] = {summarise(d, s, h, FEEDBACK_CLOSED, field).mean,
                                          summarise(d, s, h, FEEDBACK_OPEN, field).mean,
                                          truth[g],
                                          more.mean,
                                          more.low,
                                          more.high};
                ONUS_TRY(put_which(d->series, s));
                ONUS_TRY(onus_series_number(d->series, (double)f->plan.horizon_days[h]));
                ONUS_TRY(onus_series_text(d->series, f->groups[g]->universe));
                ONUS_TRY(onus_series_text(d->series, f->groups[g]->name));
                ONUS_TRY(put_numbers(d->series, numbers, sizeof numbers / sizeof *numbers));
            }
        }
    }
out:
    onus_free(share);
    onus_free(truth);
    return status;
}

static onus_status cells(drawing *d) {
    static const char *const COLUMNS[] = {WHICH,        "horizon_days", "loop",      "cells",
                                          "ever",       "ever_low",     "ever_high", "always",
                                          "always_low", "always_high",  "turnover"};
    const place_feedback *f = d->f;
    onus_status status = ONUS_OK;
    d->series = START(d->t, "feedback_cells", COLUMNS);
    if (d->series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < f->n_scenarios; k++) {
        const fb_scenario *s = &f->scenarios[k];
        for (size_t h = 0; h < f->plan.n_horizons; h++) {
            for (int loop = 0; loop < FEEDBACK_N_LOOPS && f->stated[h]; loop++) {
                const fb_summary ever = summarise(d, s, h, loop, FEEDBACK_CELLS_EVER);
                const fb_summary always = summarise(d, s, h, loop, FEEDBACK_CELLS_ALWAYS);
                const double numbers[] = {(double)f->world.n_cells,
                                          ever.mean,
                                          ever.low,
                                          ever.high,
                                          always.mean,
                                          always.low,
                                          always.high,
                                          summarise(d, s, h, loop, FEEDBACK_TURNOVER).mean};
                ONUS_TRY(put_which(d->series, s));
                ONUS_TRY(onus_series_number(d->series, (double)f->plan.horizon_days[h]));
                ONUS_TRY(onus_series_text(d->series, LOOPS[loop]));
                ONUS_TRY(put_numbers(d->series, numbers, sizeof numbers / sizeof *numbers));
            }
        }
    }
out:
    return status;
}

static onus_status urn(drawing *d) {
    static const char *const COLUMNS[] = {"area", "repair", "loop", "draw", "mean", "q05",
                                          "q25",  "q50",    "q75",  "q95",  "truth"};
    const fb_urn *u = &d->f->urn;
    const size_t width = u->n_horizons * (u->n_areas + 1);
    onus_status status = ONUS_OK;
    d->series = START(d->t, "feedback_urn", COLUMNS);
    if (d->series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (int k = 0; k < 3; k++) { /* closed, closed and repaired, open */
        const double *out = k < 2 ? u->out[k] : NULL;
        for (size_t i = 0; i < u->n_areas && (out != NULL || k == 2); i++) {
            for (size_t h = 0; h < u->n_horizons; h++) {
                const size_t n_runs = d->t->c->feedback.n_runs;
                fb_summary x;
                for (size_t r = 0; r < n_runs; r++) {
                    d->values[r] =
                        out != NULL ? out[r * width + h * (u->n_areas + 1) + i] : u->open[i];
                }
                fb_summarise(d->values, n_runs, d->t->c->protocol.level, d->scratch, &x);
                ONUS_TRY(onus_series_text(d->series, u->names[i]));
                ONUS_TRY(onus_series_text(d->series, k == 1 ? "yes" : "no"));
                ONUS_TRY(
                    onus_series_text(d->series, LOOPS[k == 2 ? FEEDBACK_OPEN : FEEDBACK_CLOSED]));
                ONUS_TRY(onus_series_number(d->series, (double)u->draws[h]));
                ONUS_TRY(onus_series_number(d->series, x.mean));
                ONUS_TRY(put_numbers(d->series, x.quantile, 5));
                ONUS_TRY(onus_series_number(d->series, u->truth[i]));
            }
        }
    }
out:
    return status;
}

onus_status fb_series(place_trial *t, place_feedback *f) {
    onus_status status = ONUS_OK;
    drawing d = {.t = t, .f = f};
    d.values = onus_alloc_n(t->c->feedback.n_runs, sizeof *d.values);
    d.scratch = onus_alloc_n(t->c->feedback.n_runs, sizeof *d.scratch);
    if (d.values == NULL || d.scratch == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    if (f->n_scenarios > 0) {
        ONUS_TRY(fan(&d));
        ONUS_TRY(cells(&d));
        ONUS_TRY(groups(&d));
    }
    if (f->urn.n_areas > 0) {
        ONUS_TRY(urn(&d));
    }
out:
    onus_free(d.values);
    onus_free(d.scratch);
    return status;
}
