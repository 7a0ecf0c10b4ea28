/* The accuracy half of a place trial: its table of contents.
 *
 *   cells -> windows -> recorded outcomes on both -> checks -> districts, shifts, visited ground
 *   -> where dated flags fell
 *   -> every window scored, the product and the methods of comparison -> measures, intervals
 *
 * One call per stage. Nothing happens where the case has no dated predictions or no dated outcomes;
 * questions then say what is missing. Called by trial.c before the measures are handed over. Never
 * keeps a score of a method of comparison beyond its window. */
#include <string.h>

#include "accuracy_internal.h"
#include "onus/alloc.h"

size_t acc_at(const accuracy *a, size_t level, acc_column column) {
    return ACC_N_COMMON + level * (ACC_N_COLUMNS + ONUS_TIE_N_VARIANTS * a->n_baselines) +
           (size_t)column;
}

size_t acc_at_common(const accuracy *a, acc_common column) {
    (void)a;
    return (size_t)column;
}

size_t acc_at_baseline(const accuracy *a, size_t level, size_t baseline, onus_tie_variant variant) {
    return acc_at(a, level, ACC_N_COLUMNS) + ONUS_TIE_N_VARIANTS * baseline + (size_t)variant;
}

size_t acc_at_score(const accuracy *a, size_t method, onus_score score) {
    return acc_at(a, a->n_levels, (acc_column)0) + method * ONUS_SCORE_N + (size_t)score;
}

double acc_total(const accuracy *a, const acc_slice *slice, size_t column) {
    onus_sum sum = {0};
    for (size_t w = 0; w < a->n_windows; w++) {
        onus_sum_add(&sum, slice->rows[w * a->n_columns + column]);
    }
    return onus_sum_get(&sum);
}

void acc_scope(const accuracy *a, onus_measure *m, const acc_slice *slice, size_t level) {
    if (slice != NULL && slice->type != NULL) {
        onus_scope_set_text(&m->scope, "type", slice->type);
    }
    if (a->citizen_only) {
        onus_scope_set_text(&m->scope, "records", "citizen");
    }
    if (level < a->n_levels && a->levels[level].kind == ACC_BUDGET) {
        onus_scope_set_number(&m->scope, "budget", a->levels[level].number);
    } else if (level < a->n_levels && a->levels[level].kind == ACC_TOP) {
        onus_scope_set_number(&m->scope, "top", a->levels[level].number);
    }
}

/* Why the case cannot be scored; NULL: it can. */
static const char *what_is_missing(const place_trial *t) {
    const onus_evidence *e = t->evidence;
    switch (t->c->predictions.form) {
    case ONUS_FORM_NONE:
        return "no predictions are given";
    case ONUS_FORM_CSEP:
        return "a forecast without windows is tested as a whole (place.csep_*)";
    case ONUS_FORM_COUNTED_BOXES:
    case ONUS_FORM_COUNTED_AREAS:
        return "the predictions say how often a place was flagged and not when, so nothing can be "
               "held against what happened";
    case ONUS_FORM_RISK:
        if (e->forecast.n_windows == 0) {
            return "the forecast has no windows";
        }
        break;
    case ONUS_FORM_BOXES:
    case ONUS_FORM_POLYGONS:
        if (e->flags.from_unix_s == NULL || e->flags.until_unix_s == NULL) {
            return "the predictions do not say from when until when they hold";
        }
        if (e->flags.n_flags == 0) {
            return "there are no predictions";
        }
        break;
    }
    if (t->c->outcomes.source.file == NULL || e->outcomes.n_outcomes == 0) {
        return "no recorded outcomes are given (outcomes)";
    }
    if (e->outcomes.unix_s == NULL) {
        return "the recorded outcomes have no times (outcomes.time)";
    }
    return NULL;
}

static onus_status set_levels(place_trial *t, accuracy *a) {
    static const double DEFAULT_BUDGETS[] = {0.01, 0.05};
    const onus_protocol *p = &t->c->protocol;
    size_t n = a->by_cells ? p->budget_frac.n + p->top_cells.n : 1;
    const bool by_default = n == 0;
    n = by_default ? sizeof DEFAULT_BUDGETS / sizeof *DEFAULT_BUDGETS : n;
    a->levels = place_keep(t, onus_alloc_n(n, sizeof *a->levels));
    if (a->levels == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (!a->by_cells) {
        a->levels[a->n_levels++] = (acc_level){.kind = ACC_FLAGGED};
        return p->budget_frac.n + p->top_cells.n == 0
                   ? ONUS_OK
                   : onus_result_warn(t->result, "budget_not_used",
                                      "the product's own flags set how much is flagged: "
                                      "protocol.budget and top_cells are for forecasts of rates");
    }
    if (by_default) {
        for (size_t k = 0; k < n; k++) {
            a->levels[a->n_levels++] =
                (acc_level){.kind = ACC_BUDGET, .number = DEFAULT_BUDGETS[k]};
        }
        return onus_result_warn(t->result, "no_budget",
                                "the case fixes no budget: 1 %% and 5 %% of the area were taken");
    }
    for (size_t k = 0; k < p->budget_frac.n; k++) {
        a->levels[a->n_levels++] =
            (acc_level){.kind = ACC_BUDGET, .number = p->budget_frac.items[k]};
    }
    for (size_t k = 0; k < p->top_cells.n; k++) {
        a->levels[a->n_levels++] = (acc_level){.kind = ACC_TOP, .number = p->top_cells.items[k]};
    }
    return ONUS_OK;
}

static onus_status set_methods(place_trial *t, accuracy *a) {
    const onus_protocol *p = &t->c->protocol;
    const onus_forecast *f = &t->evidence->forecast;
    for (size_t k = 0; k < p->baselines.n; k++) {
        const onus_baseline_kind kind = onus_baseline_find(p->baselines.items[k]);
        bool again = kind == ONUS_BASELINE_N;
        for (size_t q = 0; q < a->n_baselines; q++) {
            again = again || a->baselines[q] == kind;
        }
        if (!again) {
            a->baselines[a->n_baselines++] = kind;
        }
    }
    for (size_t k = 0; k < p->budget_frac.n && a->by_cells && a->n_alphas < ACC_ALPHAS_MAX - 1;
         k++) {
        a->alphas[a->n_alphas++] = p->budget_frac.items[k];
    }
    if (a->by_cells && (a->n_alphas == 0 || a->alphas[a->n_alphas - 1] < 1.0)) {
        a->alphas[a->n_alphas++] = 1.0;
    }
    a->tie_rule = p->ties == ONUS_TIES_EXPECTED ? ONUS_TIE_EXPECTED : ONUS_TIE_ORDER;
    a->tie_order = place_keep(t, onus_alloc_n(a->cells.n_cells, sizeof *a->tie_order));
    if (a->tie_order == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memcpy(a->tie_order, a->cells.id_rank, a->cells.n_cells * sizeof *a->tie_order);
    if (p->ties == ONUS_TIES_FILE_ORDER && a->by_cells) {
        /* cells that the file does not name come last, in the order of the grid */
        int32_t n_absent = 0;
        for (size_t c = 0; c < a->cells.n_cells; c++) {
            a->tie_order[c] = f->file_order[c] < INT32_MAX
                                  ? f->file_order[c]
                                  : INT32_MAX - (int32_t)a->cells.n_cells + n_absent++;
        }
    }
    return acc_parts_name(t, a);
}

onus_status place_accuracy(place_trial *t) {
    accuracy *a = place_keep(t, onus_alloc(sizeof *a));
    onus_status status = ONUS_OK;
    if (a == NULL) {
        return ONUS_ERR_NOMEM;
    }
    t->accuracy = a;
    a->missing = what_is_missing(t);
    if (a->missing != NULL) {
        return acc_csep(t);
    }
    a->by_cells = t->c->predictions.form == ONUS_FORM_RISK;
    ONUS_TRY(acc_cells(t, a));
    if (a->missing == NULL) {
        ONUS_TRY(acc_windows(t, a));
    }
    if (a->missing != NULL) {
        goto out;
    }
    ONUS_TRY(set_levels(t, a));
    ONUS_TRY(set_methods(t, a));
    ONUS_TRY(acc_events(t, a));
    ONUS_TRY(acc_checks(t, a));
    ONUS_TRY(acc_parts(t, a));
    ONUS_TRY(acc_run(t, a));
    ONUS_TRY(acc_measures(t, a));
    ONUS_TRY(acc_citizen(t, a));
    ONUS_TRY(acc_totals(t, a));
    ONUS_TRY(acc_sensitivity(t, a));
    ONUS_TRY(acc_parts_measures(t, a));
    ONUS_TRY(acc_patrols(t, a));
    ONUS_TRY(acc_bounds(t, a));
    ONUS_TRY(acc_premise(t, a));
    ONUS_TRY(acc_series(t, a));
out:
    return status;
}

static void clear_slices(accuracy *a) {
    for (size_t s = 0; a != NULL && s < a->n_slices; s++) {
        acc_slice *slice = &a->slices[s];
        for (size_t l = 0; slice->runs != NULL && l < a->n_levels; l++) {
            onus_flag_runs_clear(&slice->runs[l]);
        }
        onus_corp_clear(&slice->corp);
    }
}

void place_accuracy_clear(place_trial *t) {
    clear_slices(t->accuracy);
    clear_slices(t->accuracy != NULL ? t->accuracy->citizen : NULL);
}
