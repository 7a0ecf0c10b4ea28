/* The published tests of a forecast as a whole, for a forecast of rates by windows: bins are cells
 * x windows, all windows together.
 *
 *   N     all that was forecast against all that was recorded
 *   S     by cell, added up over windows, the forecast scaled to the number recorded
 *   CL, L over cells x windows, one window at hand at a time (onus_csep_simulate_windows)
 *
 * As for form csep each stands beside what it assumes, and beside nulls that learned from the
 * records before the first window how events scatter. Called by accuracy_totals.c. Decides no
 * verdict. */
#include <math.h>

#include "accuracy_csep.h"
#include "onus/alloc.h"
#include "onus/sum.h"

/* Events drawn in one test at most, so that a long record stays affordable; never fewer simulations
 * than these. */
#define DRAWS_MAX 5e7
enum { SIMULATIONS_MIN = 999 };

typedef struct stepping {
    const onus_forecast *forecast;
    const accuracy *a;
    const onus_frame *frame;
    int32_t *cell; /* of the window at hand */
    double *count;
} stepping;

static onus_status window_at(void *state, size_t w, onus_csep_window *out) {
    stepping *s = state;
    const onus_frame_events *e = &s->frame->events;
    const onus_frame_window *window = &s->a->windows[w];
    const size_t first = onus_frame_first_at(s->frame, window->from_s);
    const size_t end = onus_frame_first_at(s->frame, window->until_s);
    *out = (onus_csep_window){
        .rates = s->forecast->rates + w * s->a->cells.n_cells, .cell = s->cell, .count = s->count};
    return onus_cell_counts_gather(e->cell + first, e->count + first, end - first, s->cell,
                                   s->count, &out->n);
}

static onus_status add_space(place_trial *t, const accuracy *a, stepping *s,
                             const acc_before *before) {
    const size_t n = a->cells.n_cells;
    double *rates = onus_alloc_n(n, sizeof *rates);
    double *counts = onus_alloc_n(n, sizeof *counts);
    onus_status status = rates == NULL || counts == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t w = 0; w < a->n_windows && status == ONUS_OK; w++) {
        onus_csep_window window = {0};
        ONUS_TRY(window_at(s, w, &window));
        for (size_t c = 0; c < n; c++) {
            rates[c] += window.rates[c]; /* a rate that is missing leaves none */
        }
        for (size_t k = 0; k < window.n; k++) {
            counts[window.cell[k]] += window.count[k];
        }
    }
    ONUS_TRY(status);
    const onus_csep_data data = {.n_cells = n, .n_marks = 1, .rates = rates, .counts = counts};
    ONUS_TRY(acc_csep_consistency(t, &data, ONUS_CSEP_S, before));
out:
    onus_free(rates);
    onus_free(counts);
    return status;
}

static onus_status add_windowed(place_trial *t, const onus_csep_windows *data, onus_csep_test test,
                                double n_events, const acc_before *before) {
    onus_csep_result poisson = {0};
    onus_csep_result clustered = {.quantile = onus_number_none(before->cluster_size.reason)};
    onus_csep_options options = acc_csep_options(t, 1);
    onus_status status = ONUS_OK;
    const double affordable = fmax(SIMULATIONS_MIN, floor(DRAWS_MAX / fmax(n_events, 1.0)));
    if (affordable < options.n_simulations) {
        options.n_simulations = (uint32_t)affordable;
    }
    ONUS_TRY(onus_csep_simulate_windows(data, test, &options, t->context, &poisson, t->err));
    if (before->cluster_size.reason == NULL) {
        options.cluster_size = before->cluster_size.value;
        ONUS_TRY(onus_csep_simulate_windows(data, test, &options, t->context, &clustered, t->err));
    }
    ONUS_TRY(acc_csep_add(t, test, "poisson", &poisson));
    ONUS_TRY(acc_csep_add(t, test, "clustered", &clustered));
    ONUS_TRY(acc_csep_add_score(t, test, poisson.score));
out:
    return status;
}

onus_status acc_csep_windows(place_trial *t, accuracy *a, const double *totals,
                             const acc_history *history) {
    const size_t n_all = a->slices[0].frame.events.n_events;
    stepping s = {.forecast = &t->evidence->forecast,
                  .a = a,
                  .frame = &a->slices[0].frame,
                  .cell = onus_alloc_n(n_all, sizeof *s.cell),
                  .count = onus_alloc_n(n_all, sizeof *s.count)};
    const double n_forecast = onus_sum_of(totals, a->n_windows);
    const double n_events = acc_total(a, &a->slices[0], acc_at_common(a, ACC_OUTCOMES));
    const acc_before before = {.n_windows = history->n_windows,
                               .variance =
                                   history->dispersion.reason == NULL
                                       ? onus_number_of(history->dispersion.value * n_forecast)
                                       : history->dispersion,
                               .cluster_size = acc_csep_clusters(t, history->cluster_size)};
    const onus_csep_windows data = {
        .n_cells = a->cells.n_cells, .n_windows = a->n_windows, .window = window_at, .state = &s};
    onus_status status = s.cell == NULL || s.count == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    ONUS_TRY(acc_csep_number(t, n_forecast, n_events, &before));
    ONUS_TRY(add_space(t, a, &s, &before));
    ONUS_TRY(add_windowed(t, &data, ONUS_CSEP_CL, n_events, &before));
    ONUS_TRY(add_windowed(t, &data, ONUS_CSEP_L, n_events, &before));
    ONUS_TRY(onus_result_warn(t->result, "independent_events",
                              "the tests place.csep_* assume independent events; crimes come in "
                              "clusters, and a forecast that is right then fails them: they stand "
                              "beside and decide nothing"));
out:
    onus_free(s.cell);
    onus_free(s.count);
    return status;
}
