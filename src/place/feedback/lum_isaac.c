/* THE WALL. The published self-exciting algorithm, refitted every day to what it led to.
 *
 * A run is a walk over days: fit the window before the day (lum_isaac_em.c), flag the cells of
 * highest rate, draw what patrols add there, append the day to the record. The record is one list
 * by day, of which a window is a slice. Walks with nothing added are all the same, so the open loop
 * is walked once, before the runs, and of its cells each run only draws what was found.
 *
 * Called by the place trial. Never hands on a cell: flagged cells live in this file's memory, and
 * lum_isaac_rates (its own header) is for tests. */
#include "lum_isaac.h"

#include <math.h>
#include <string.h>

#include "lum_isaac_rates.h"
#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/sum.h"

/* Day 0 is the first of the first window; the first simulated day is day opts.window_days. */
typedef struct model {
    const feedback_world *world;
    const int32_t *observed;
    const feedback_plan *plan; /* NULL: rates only */
    const onus_context *context;
    lum_isaac_opts opts;
    size_t n_days; /* simulated */
    double truth_total;
    lum_isaac_record *records; /* n_records observed, by day */
    size_t n_records;
    size_t *day_starts;      /* window_days + n_days + 1 */
    size_t n_window_records; /* most that a window can hold */
    /* the open loop: what is the same for every run */
    uint32_t *open_cells; /* n_days x opts.flagged */
    size_t *open_n_cells; /* n_days */
    double *open_values;  /* one slot, closed values unset */
} model;

/* A worker's own memory. */
typedef struct walker {
    lum_isaac_em em;
    lum_isaac_record *records; /* observed and added, by day */
    size_t *day_starts;
    double *rate;    /* n_cells */
    double *share;   /* n_cells */
    uint32_t *extra; /* n_cells: added on the day; all 0 between days */
    uint32_t *cells; /* opts.flagged: of the day */
    feedback_tally tally;
} walker;

/* ---- memory ---- */

static void *take(char *memory, size_t *at, size_t n, size_t size) {
    void *part = memory == NULL ? NULL : memory + *at;
    *at += (n * size + 7) / 8 * 8;
    return part;
}

/* Parts `memory` (NULL: only measures) and returns the bytes that are needed. */
static size_t lay_walker(const model *m, char *memory, walker *w) {
    const size_t n = m->world->n_cells;
    const size_t n_all_days = m->opts.window_days + m->n_days;
    const size_t n_records = m->n_records + m->n_days * m->opts.flagged;
    size_t at = 0;
    *w = (walker){0};
    w->records = take(memory, &at, n_records, sizeof *w->records);
    w->day_starts = take(memory, &at, n_all_days + 1, sizeof *w->day_starts);
    w->rate = take(memory, &at, n, sizeof *w->rate);
    w->share = take(memory, &at, n, sizeof *w->share);
    w->extra = take(memory, &at, n, sizeof *w->extra);
    w->cells = take(memory, &at, m->opts.flagged, sizeof *w->cells);
    w->tally.visits = take(memory, &at, n, sizeof *w->tally.visits);
    w->tally.days_visited = take(memory, &at, n, sizeof *w->tally.days_visited);
    w->tally.last_day = take(memory, &at, n, sizeof *w->tally.last_day);
    char *em = take(memory, &at, 1, lum_isaac_em_size(n, m->n_window_records, m->opts.window_days));
    if (em != NULL) {
        lum_isaac_em_lay(&w->em, n, m->n_window_records, m->opts.window_days, em);
    }
    return at;
}

/* ---- the record as a list ---- */

/* Counts of day `day` by cell: of the history's last window_days days, then of the observed. */
static const int32_t *day_counts(const model *m, size_t day) {
    const size_t n = m->world->n_cells;
    const size_t skipped = m->world->n_history_days - m->opts.window_days;
    return day < m->opts.window_days ? m->world->history + (skipped + day) * n
                                     : m->observed + (day - m->opts.window_days) * n;
}

static onus_status list_records(model *m, onus_error *err) {
    const size_t n = m->world->n_cells;
    const size_t window = m->opts.window_days;
    const size_t n_all_days = window + m->n_days;
    size_t n_records = 0;
    for (size_t day = 0; day < n_all_days; day++) {
        const int32_t *counts = day_counts(m, day);
        for (size_t c = 0; c < n; c++) {
            if (counts[c] < 0) {
                return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a recorded count is negative");
            }
            n_records += counts[c] > 0;
        }
    }
    m->records = onus_alloc_n(n_records, sizeof *m->records);
    m->day_starts = onus_alloc_n(n_all_days + 1, sizeof *m->day_starts);
    if (m->records == NULL || m->day_starts == NULL) {
        return onus_fail_nomem(err);
    }
    m->n_records = n_records;
    size_t at = 0;
    size_t most = 0;
    for (size_t day = 0; day < n_all_days; day++) {
        const int32_t *counts = day_counts(m, day);
        for (size_t c = 0; c < n; c++) {
            if (counts[c] > 0) {
                m->records[at++] = (lum_isaac_record){
                    .day = (int32_t)day, .cell = (uint32_t)c, .count = (uint32_t)counts[c]};
            }
        }
        m->day_starts[day + 1] = at;
        if (day + 1 >= window) {
            const size_t in_window = at - m->day_starts[day + 1 - window];
            most = in_window > most ? in_window : most;
        }
    }
    const size_t n_adding = window < m->n_days ? window : m->n_days;
    m->n_window_records = most + n_adding * m->opts.flagged;
    return ONUS_OK;
}

/* Appends a day to the walker's record: what was observed, and what w->extra adds to it. */
static void append_day(const model *m, walker *w, size_t day, size_t n_flagged) {
    size_t at = w->day_starts[day];
    for (size_t r = m->day_starts[day]; r < m->day_starts[day + 1]; r++) {
        lum_isaac_record record = m->records[r];
        record.count += w->extra[record.cell];
        w->extra[record.cell] = 0;
        w->records[at++] = record;
        w->tally.recorded += day < m->opts.window_days ? 0.0 : (double)record.count;
    }
    for (size_t k = 0; k < n_flagged; k++) {
        const uint32_t cell = w->cells[k];
        if (w->extra[cell] > 0) { /* nothing was observed there */
            w->records[at++] =
                (lum_isaac_record){.day = (int32_t)day, .cell = cell, .count = w->extra[cell]};
            w->tally.recorded += (double)w->extra[cell];
            w->extra[cell] = 0;
        }
    }
    w->day_starts[day + 1] = at;
}

/* ---- a day ---- */

static bool goes_first(const model *m, const double *rate, uint32_t a, uint32_t b) {
    if (rate[a] != rate[b]) {
        return rate[a] > rate[b];
    }
    const uint32_t *rank = m->world->rank_by_id;
    const bool lower = rank == NULL ? a < b : rank[a] < rank[b];
    return lower != m->opts.highest_id_first;
}

/* The cells of highest rate, best first; returns their number. Cells without a rate are none. */
static size_t flag_cells(const model *m, walker *w) {
    size_t n_flagged = 0;
    for (uint32_t c = 0; c < m->world->n_cells; c++) {
        if (!(w->rate[c] > 0.0)) {
            continue;
        }
        if (n_flagged == m->opts.flagged) {
            if (!goes_first(m, w->rate, c, w->cells[n_flagged - 1])) {
                continue;
            }
        } else {
            n_flagged++;
        }
        size_t k = n_flagged - 1;
        for (; k > 0 && goes_first(m, w->rate, c, w->cells[k - 1]); k--) {
            w->cells[k] = w->cells[k - 1];
        }
        w->cells[k] = c;
    }
    return n_flagged;
}

/* Binomial(count + 1, p): one uniform an incident, the same for the same run, day and cell. */
static uint32_t draw_added(const model *m, uint64_t run, size_t day, uint32_t cell) {
    const uint32_t count = (uint32_t)day_counts(m, day)[cell];
    const size_t simulated = day - m->opts.window_days;
    onus_rng rng;
    onus_rng_init(&rng, m->plan->seed, ONUS_STREAM_FEEDBACK_LUM, run,
                  (uint32_t)(simulated * m->world->n_cells + cell));
    uint32_t added = 0;
    for (uint32_t i = 0; i <= count; i++) {
        added += onus_rng_uniform(&rng) < m->opts.discovery_frac;
    }
    return added;
}

typedef struct edge_sums {
    onus_sum field[LUM_ISAAC_N_FIELDS];
    size_t n_edge_days;
} edge_sums;

static void add_edge_day(const model *m, const walker *w, size_t simulated, size_t n_flagged,
                         edge_sums *edges) {
    const size_t n_cells = m->world->n_cells;
    const bool first = simulated < edges->n_edge_days;
    const bool last = simulated + edges->n_edge_days >= m->n_days;
    if (!first && !last) {
        return;
    }
    onus_sum flagged = {0};
    for (size_t k = 0; k < n_flagged; k++) {
        onus_sum_add(&flagged, w->rate[w->cells[k]]);
    }
    const double in_flagged = onus_sum_get(&flagged);
    const double in_all = onus_sum_of(w->rate, n_cells);
    if (first) {
        onus_sum_add(&edges->field[LUM_ISAAC_RATE_SHARE_FIRST], in_flagged / in_all);
    }
    if (last) { /* 0 / 0: NaN, and so is the mean */
        onus_sum_add(&edges->field[LUM_ISAAC_RATE_SHARE_LAST], in_flagged / in_all);
        onus_sum_add(&edges->field[LUM_ISAAC_RATE_FLAGGED_LAST], in_flagged / (double)n_flagged);
        onus_sum_add(&edges->field[LUM_ISAAC_RATE_OTHER_LAST],
                     (in_all - in_flagged) / (double)(n_cells - n_flagged));
    }
}

static void look(const model *m, walker *w, size_t n_flagged, double *values) {
    feedback_summarise(m->world, &w->tally, m->plan->n_top > 0 ? m->plan->n_top : m->opts.flagged,
                       m->truth_total, w->share, values);
    memset(w->share, 0, m->world->n_cells * sizeof *w->share);
    for (size_t k = 0; k < n_flagged; k++) {
        w->share[w->cells[k]] = 1.0;
    }
    values[FEEDBACK_TV_DAY] = feedback_tv_of(m->world, w->share, (double)n_flagged, m->truth_total);
}

/* ---- a run ---- */

static void begin_walk(const model *m, walker *w) {
    const size_t n = m->world->n_cells;
    feedback_tally *tally = &w->tally;
    memset(tally->visits, 0, n * sizeof *tally->visits);
    memset(tally->days_visited, 0, n * sizeof *tally->days_visited);
    memset(tally->last_day, 0, n * sizeof *tally->last_day);
    *tally = (feedback_tally){
        .visits = tally->visits, .days_visited = tally->days_visited, .last_day = tally->last_day};
    memset(w->extra, 0, n * sizeof *w->extra);
    w->day_starts[0] = 0;
    for (size_t day = 0; day < m->opts.window_days; day++) {
        append_day(m, w, day, 0);
    }
}

/* Fits the window before `day` and flags; returns the number of cells in w->cells. */
static size_t begin_day(const model *m, walker *w, size_t day, size_t *n_steps) {
    const size_t from = w->day_starts[day - m->opts.window_days];
    const size_t until = w->day_starts[day];
    const lum_isaac_fit fit = lum_isaac_em_fit(&w->em, w->records + from, until - from,
                                               (int32_t)day, m->opts.formula, w->rate);
    *n_steps += fit.n_steps;
    return flag_cells(m, w);
}

/* Walks all days. closed: what run `run` adds joins the record; else nothing is added, and the
 * cells of each day are kept in m. values: the slot of a run, of which the loop's part is filled.
 */
static void walk(const model *m, walker *w, bool closed, uint64_t run, double *values) {
    const feedback_loop loop = closed ? FEEDBACK_CLOSED : FEEDBACK_OPEN;
    edge_sums edges = {.n_edge_days =
                           m->n_days < LUM_ISAAC_EDGE_DAYS ? m->n_days : LUM_ISAAC_EDGE_DAYS};
    size_t horizon = 0;
    size_t n_steps = 0;
    begin_walk(m, w);
    for (size_t simulated = 0; simulated < m->n_days; simulated++) {
        if (onus_stopped(m->context)) {
            return; /* lum_isaac_run says so; the slot is not read */
        }
        const size_t day = m->opts.window_days + simulated;
        const size_t n_flagged = begin_day(m, w, day, &n_steps);
        w->tally.n_days++;
        for (size_t k = 0; k < n_flagged; k++) {
            const uint32_t cell = w->cells[k];
            feedback_tally_visit(&w->tally, w->tally.n_days, cell);
            if (closed) {
                w->extra[cell] = draw_added(m, run, day, cell);
                w->tally.added += (double)w->extra[cell];
            }
        }
        if (!closed) {
            memcpy(m->open_cells + simulated * m->opts.flagged, w->cells,
                   n_flagged * sizeof *w->cells);
            m->open_n_cells[simulated] = n_flagged;
        }
        add_edge_day(m, w, simulated, n_flagged, &edges);
        append_day(m, w, day, n_flagged);
        if (simulated + 1 == m->plan->horizon_days[horizon]) {
            look(m, w, n_flagged, values + feedback_slot(m->world, horizon, loop, 0));
            horizon++;
        }
    }
    for (size_t f = 0; f < LUM_ISAAC_N_FIELDS; f++) {
        values[lum_isaac_slot(m->world, m->plan, loop, (lum_isaac_field)f)] =
            onus_sum_get(&edges.field[f]) / (double)edges.n_edge_days;
    }
}

/* What run `run` finds where the open loop went. */
static void find_in_open_loop(const model *m, uint64_t run, double *values) {
    double added = 0.0;
    size_t horizon = 0;
    for (size_t simulated = 0; simulated < m->n_days; simulated++) {
        const uint32_t *cells = m->open_cells + simulated * m->opts.flagged;
        for (size_t k = 0; k < m->open_n_cells[simulated]; k++) {
            added += (double)draw_added(m, run, m->opts.window_days + simulated, cells[k]);
        }
        if (simulated + 1 == m->plan->horizon_days[horizon]) {
            values[feedback_slot(m->world, horizon, FEEDBACK_OPEN, FEEDBACK_ADDED)] = added;
            horizon++;
        }
    }
}

/* With nothing to add, the closed loop is the open one. */
static void copy_open_to_closed(const model *m, double *values) {
    for (size_t h = 0; h < m->plan->n_horizons; h++) {
        memcpy(values + feedback_slot(m->world, h, FEEDBACK_CLOSED, 0),
               values + feedback_slot(m->world, h, FEEDBACK_OPEN, 0),
               feedback_n_values(m->world) * sizeof *values);
    }
    memcpy(values + lum_isaac_slot(m->world, m->plan, FEEDBACK_CLOSED, 0),
           values + lum_isaac_slot(m->world, m->plan, FEEDBACK_OPEN, 0),
           LUM_ISAAC_N_FIELDS * sizeof *values);
}

static void run_once(const void *shared, uint64_t run, void *scratch, double *slot) {
    const model *m = shared;
    memcpy(slot, m->open_values, lum_isaac_width(m->world, m->plan) * sizeof *slot);
    if (m->opts.discovery_frac > 0.0) {
        walker w;
        (void)lay_walker(m, scratch, &w);
        find_in_open_loop(m, run, slot);
        walk(m, &w, true, run, slot);
    } else {
        copy_open_to_closed(m, slot);
    }
}

/* ---- before the runs ---- */

static onus_status check_opts(const model *m, onus_error *err) {
    const lum_isaac_opts *opts = &m->opts;
    if (opts->flagged == 0 || opts->flagged > m->world->n_cells) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "%zu cells flagged a day; expected 1 to %zu, the number of cells",
                               opts->flagged, m->world->n_cells);
    }
    if (opts->window_days == 0 || opts->window_days > m->world->n_history_days) {
        return onus_fail_plain(
            err, ONUS_ERR_DOMAIN,
            "a window of %zu days; expected 1 to %zu, the days recorded before the first simulated",
            opts->window_days, m->world->n_history_days);
    }
    if (!(opts->discovery_frac >= 0.0 && opts->discovery_frac <= 1.0)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "discovery is a chance; expected 0 to 1");
    }
    /* days are int32; a day and a cell make one counter of 32 bits */
    if (m->n_days > INT32_MAX - opts->window_days ||
        m->n_days > (size_t)UINT32_MAX / m->world->n_cells) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more simulated days times cells than 2^32");
    }
    return ONUS_OK;
}

static void clear(model *m) {
    onus_free(m->records);
    onus_free(m->day_starts);
    onus_free(m->open_cells);
    onus_free(m->open_n_cells);
    onus_free(m->open_values);
}

static onus_status prepare(model *m, onus_error *err) {
    onus_status status = ONUS_OK;
    ONUS_TRY(feedback_world_check(m->world, err));
    ONUS_TRY(check_opts(m, err));
    ONUS_TRY(list_records(m, err));
    m->truth_total = onus_sum_of(m->world->truth_per_day, m->world->n_cells);
out:
    return status;
}

static onus_status walk_open_loop(model *m, onus_error *err) {
    onus_status status = ONUS_OK;
    walker w;
    char *memory = onus_alloc(lay_walker(m, NULL, &w));
    m->open_cells = onus_alloc_n(m->n_days * m->opts.flagged, sizeof *m->open_cells);
    m->open_n_cells = onus_alloc_n(m->n_days, sizeof *m->open_n_cells);
    m->open_values = onus_alloc_n(lum_isaac_width(m->world, m->plan), sizeof *m->open_values);
    if (memory == NULL || m->open_cells == NULL || m->open_n_cells == NULL ||
        m->open_values == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    (void)lay_walker(m, memory, &w);
    walk(m, &w, false, 0, m->open_values);
    if (onus_stopped(m->context)) {
        status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
    }
out:
    onus_free(memory);
    return status;
}

onus_status lum_isaac_run(const feedback_world *world, const int32_t *observed,
                          const lum_isaac_opts *opts, const feedback_plan *plan,
                          const onus_context *context, double *out, onus_error *err) {
    onus_status status = ONUS_OK;
    model m = {
        .world = world, .observed = observed, .plan = plan, .context = context, .opts = *opts};
    onus_replicates job = ONUS_REPLICATES_INIT;
    ONUS_TRY(feedback_plan_check(plan, err));
    m.n_days = plan->horizon_days[plan->n_horizons - 1];
    ONUS_TRY(prepare(&m, err));
    ONUS_TRY(walk_open_loop(&m, err));
    walker w;
    job.fn = run_once;
    job.shared = &m;
    job.n_replicates = plan->n_runs;
    job.width = lum_isaac_width(world, plan);
    job.scratch_size = lay_walker(&m, NULL, &w);
    job.stage = "feedback";
    ONUS_TRY(onus_replicates_run(&job, context, out, err));
    if (onus_stopped(context)) { /* the last run may have been cut short */
        status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
    }
out:
    clear(&m);
    return status;
}

onus_status lum_isaac_rates(const feedback_world *world, const int32_t *observed, size_t n_days,
                            const lum_isaac_opts *opts, double *rate_per_day, size_t *n_steps,
                            onus_error *err) {
    onus_status status = ONUS_OK;
    model m = {.world = world, .observed = observed, .opts = *opts, .n_days = n_days};
    char *memory = NULL;
    walker w;
    size_t n_all_steps = 0;
    ONUS_TRY(prepare(&m, err));
    memory = onus_alloc(lay_walker(&m, NULL, &w));
    if (memory == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    (void)lay_walker(&m, memory, &w);
    begin_walk(&m, &w);
    for (size_t simulated = 0; simulated < n_days; simulated++) {
        const size_t day = opts->window_days + simulated;
        const size_t n_flagged = begin_day(&m, &w, day, &n_all_steps);
        append_day(&m, &w, day, n_flagged);
        memcpy(rate_per_day + simulated * world->n_cells, w.rate,
               world->n_cells * sizeof *rate_per_day);
    }
    if (n_steps != NULL) {
        *n_steps = n_all_steps;
    }
out:
    onus_free(memory);
    clear(&m);
    return status;
}
