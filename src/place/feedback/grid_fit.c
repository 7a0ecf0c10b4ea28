/* THE WALL. The self-exciting score of the grid loop: the gridded process of Mohler et al. (2015),
 * fitted anew every day to what a loop has in its record, by the corrected formula
 * (lum_isaac_em.h).
 *
 * A fit is no sum over records, so each loop has its own. Rates are taken over into whole units
 * like every other score. Called by grid_run.c. */
#include <string.h>

#include "grid_internal.h"
#include "onus/alloc.h"

void feedback_fit_clear(feedback_fit *fit) {
    onus_free(fit->memory);
    onus_free(fit->records);
    onus_free(fit->rate_per_day);
    onus_free(fit->at);
    *fit = (feedback_fit){0};
}

onus_status feedback_fit_open(feedback_fit *fit, size_t n_cells, size_t window_days) {
    *fit = (feedback_fit){.n_cells = n_cells, .window_days = window_days};
    fit->rate_per_day = onus_alloc_n(n_cells, sizeof *fit->rate_per_day);
    fit->at = onus_alloc_n(n_cells, sizeof *fit->at);
    if (fit->rate_per_day == NULL || fit->at == NULL) {
        feedback_fit_clear(fit);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

static onus_status make_room(feedback_fit *fit, size_t n_records) {
    if (n_records <= fit->cap) {
        return ONUS_OK;
    }
    const size_t cap = n_records + n_records / 2 + 64;
    void *memory = onus_alloc(lum_isaac_em_size(fit->n_cells, cap, fit->window_days));
    lum_isaac_record *records = onus_alloc_n(cap, sizeof *records);
    if (memory == NULL || records == NULL) {
        onus_free(memory);
        onus_free(records);
        return ONUS_ERR_NOMEM;
    }
    onus_free(fit->memory);
    onus_free(fit->records);
    fit->memory = memory;
    fit->records = records;
    fit->cap = cap;
    lum_isaac_em_lay(&fit->em, fit->n_cells, cap, fit->window_days, memory);
    return ONUS_OK;
}

/* Adds a day's records; those of one cell are one with their joint count. */
static size_t gather_day(feedback_fit *fit, const feedback_records *records, int64_t day,
                         size_t day_began, size_t n) {
    size_t from = 0;
    size_t until = 0;
    feedback_records_of(records, day, &from, &until);
    for (size_t k = from; k < until; k++) {
        const uint32_t cell = records->cell[k];
        const uint32_t count = records->weight == NULL ? 1 : (uint32_t)records->weight[k];
        const size_t at = fit->at[cell];
        if (at >= day_began && at < n && fit->records[at].cell == cell) {
            fit->records[at].count += count;
            continue;
        }
        fit->at[cell] = n;
        fit->records[n++] = (lum_isaac_record){.day = (int32_t)day, .cell = cell, .count = count};
    }
    return n;
}

onus_status feedback_fit_day(feedback_fit *fit, const feedback_records *reports,
                             const feedback_records *finds, feedback_scores *scores) {
    onus_status status = ONUS_OK;
    const int64_t today = reports->today;
    ONUS_TRY(make_room(fit, reports->n + (finds != NULL ? finds->n : 0)));
    size_t n = 0;
    for (int64_t day = today - (int64_t)fit->window_days; day < today; day++) {
        const size_t day_began = n;
        n = gather_day(fit, reports, day, day_began, n);
        if (finds != NULL) {
            n = gather_day(fit, finds, day, day_began, n);
        }
    }
    (void)lum_isaac_em_fit(&fit->em, fit->records, n, (int32_t)today, LUM_ISAAC_CORRECTED,
                           fit->rate_per_day);
    memset(scores->units, 0, fit->n_cells * sizeof *scores->units);
    memset(scores->block, 0,
           feedback_n_blocks(fit->n_cells, scores->shift) * sizeof *scores->block);
    scores->total = 0;
    for (size_t i = 0; i < fit->n_cells; i++) {
        feedback_scores_add(scores, (uint32_t)i,
                            (int64_t)(fit->rate_per_day[i] * FEEDBACK_UNITS + 0.5));
    }
out:
    return status;
}
