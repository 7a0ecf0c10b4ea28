/* THE WALL. One run of the grid loop, closed and open side by side.
 *
 *                     +-> scores of reports -----------------+-> patrols of the open loop
 *   reports, a day    |                                      |
 *   -----------------+                                      v
 *   (both loops)      scores of discoveries ----------------(+)-> patrols of the closed loop
 *                     ^                                              |
 *                     +---------------- discovered <-----------------+
 *
 * Scores are sums over records (but for self_exciting, which is fitted by each loop for itself), so
 * those of what was reported are shared by both loops and those of what patrols found are kept
 * apart. Common random numbers, all by counter:
 *
 *   reports of a day             by (run, day): they depend on no patrol
 *   patrol k of a day            by (run, day, k): one number says whether it goes after a report
 *                                or after a discovery (never, in the open loop), the other which;
 *                                both loops go to the same place after a report
 *   what a visit comes upon      by (run, cell, day): the count rises with the visits
 *   who wins among equal scores  by (run, cell, day); where very many are equal, by (run, day)
 *
 * Called by grid.c and by tests, which alone ask for patrols by cell. */
#include <math.h>
#include <string.h>

#include "grid_internal.h"
#include "onus/alloc.h"

/* Entities of the stream: cells as they are, then days. One Poisson draw takes far fewer than
 * BLOCKS_A_DAY blocks. */
static const uint32_t REPORTS_OF_DAY = UINT32_C(1) << 30;
static const uint32_t PATROLS_OF_DAY = UINT32_C(1) << 31;
enum { BLOCKS_A_DAY = 256 };

#define REPAIR_LEAST 1e-3       /* a weight is at most 1000 */
#define BY_INVERSION_BELOW 30.0 /* mean: beyond, the generator's own method is faster and exact */

typedef struct loop_run {
    bool closed;
    feedback_tally tally;
    uint32_t *today;   /* cells with a patrol today, each once */
    uint32_t *today_n; /* n_cells: patrols today */
    size_t n_today;
    feedback_scores fitted; /* self_exciting: this loop's own; else none */
    int64_t guess;          /* a score that more than enough cells are thought to reach */
} loop_run;

typedef struct grid_run {
    const feedback_grid *g;
    uint64_t run;
    uint32_t day; /* from 1 */
    feedback_scores reported;
    feedback_scores found;
    feedback_records reports;
    feedback_records finds;
    loop_run loops[FEEDBACK_N_LOOPS];
    size_t n_loops;
    feedback_fit fit;      /* self_exciting */
    double *draws;         /* 2 x patrols */
    feedback_keyed *keyed; /* n_cells */
    double *scratch;       /* n_cells */
    void *blocks;          /* all arrays but the records */
} grid_run;

/* ---- storage ---- */

static size_t rounded(size_t size) {
    return (size + 15) & ~(size_t)15;
}

/* The next array of a block; NULL block: only counts. */
static void *part(char *block, size_t *used, size_t n, size_t size) {
    void *here = block == NULL ? NULL : block + *used;
    *used += rounded(n * size);
    return here;
}

static size_t lay(grid_run *r, char *block) {
    const size_t n = r->g->world.n_cells;
    const size_t n_blocks = feedback_n_blocks(n, r->g->start.shift);
    size_t used = 0;
    r->reported.units = part(block, &used, n, sizeof(int64_t));
    r->found.units = part(block, &used, n, sizeof(int64_t));
    r->reported.block = part(block, &used, n_blocks, sizeof(int64_t));
    r->found.block = part(block, &used, n_blocks, sizeof(int64_t));
    r->scratch = part(block, &used, n, sizeof(double));
    r->keyed = part(block, &used, n, sizeof(feedback_keyed));
    r->draws = part(block, &used, 2 * r->g->policy.patrols, sizeof(double));
    for (size_t l = 0; l < r->n_loops; l++) {
        loop_run *loop = &r->loops[l];
        loop->today = part(block, &used, n, sizeof(uint32_t));
        loop->today_n = part(block, &used, n, sizeof(uint32_t));
        loop->tally.visits = part(block, &used, n, sizeof(uint32_t));
        loop->tally.days_visited = part(block, &used, n, sizeof(uint32_t));
        loop->tally.last_day = part(block, &used, n, sizeof(uint32_t));
        if (r->g->policy.score == FEEDBACK_SELF_EXCITING) {
            loop->fitted.units = part(block, &used, n, sizeof(int64_t));
            loop->fitted.block = part(block, &used, n_blocks, sizeof(int64_t));
            loop->fitted.shift = r->g->start.shift;
        }
    }
    return used;
}

static void run_clear(grid_run *r) {
    feedback_records_clear(&r->reports);
    feedback_records_clear(&r->finds);
    feedback_fit_clear(&r->fit);
    onus_free(r->blocks);
}

static onus_status run_init(grid_run *r, const feedback_grid *g, uint64_t run) {
    *r = (grid_run){.g = g, .run = run, .n_loops = g->plan.closed_only ? 1 : FEEDBACK_N_LOOPS};
    r->loops[FEEDBACK_CLOSED].closed = true;
    r->blocks = onus_alloc(lay(r, NULL));
    if (r->blocks == NULL || feedback_records_copy(&g->history, &r->reports) != ONUS_OK ||
        feedback_records_open(&r->finds, g->policy.window_days, 1, true) != ONUS_OK) {
        return ONUS_ERR_NOMEM;
    }
    if (g->policy.score == FEEDBACK_SELF_EXCITING &&
        feedback_fit_open(&r->fit, g->world.n_cells, g->policy.window_days) != ONUS_OK) {
        return ONUS_ERR_NOMEM;
    }
    (void)lay(r, r->blocks);
    memcpy(r->reported.units, g->start.units, g->world.n_cells * sizeof *g->start.units);
    memcpy(r->reported.block, g->start.block,
           feedback_n_blocks(g->world.n_cells, g->start.shift) * sizeof *g->start.block);
    r->reported.total = g->start.total;
    r->reported.shift = r->found.shift = g->start.shift;
    return ONUS_OK;
}

/* ---- where patrols go ---- */

static onus_rng rng_of(const grid_run *r, uint32_t entity, uint32_t block) {
    onus_rng rng;
    onus_rng_init(&rng, r->g->plan.seed, ONUS_STREAM_FEEDBACK_GRID, r->run, entity);
    rng.counter[3] = block;
    return rng;
}

/* A cell's luck of the day: first whether a visit comes upon anything, then among equals. */
static onus_rng rng_of_cell(const grid_run *r, size_t cell) {
    return rng_of(r, (uint32_t)cell, r->day * BLOCKS_A_DAY);
}

static void send(const grid_run *r, loop_run *loop, size_t cell) {
    feedback_tally_visit(&loop->tally, r->day, cell);
    if (loop->today_n[cell]++ == 0) {
        loop->today[loop->n_today++] = (uint32_t)cell;
    }
}

static inline int64_t score_of(const grid_run *r, const loop_run *loop, size_t cell) {
    if (loop->fitted.units != NULL) {
        return loop->fitted.units[cell];
    }
    return r->reported.units[cell] + (loop->closed ? r->found.units[cell] : 0);
}

static int64_t total_of(const grid_run *r, const loop_run *loop) {
    const int64_t floors = (int64_t)r->g->world.n_cells * FEEDBACK_FLOOR_UNITS;
    if (loop->fitted.units != NULL) {
        return loop->fitted.total + floors;
    }
    return r->reported.total + (loop->closed ? r->found.total : 0) + floors;
}

/* Cells that score at least `least`, the highest with the smallest key. */
static size_t gather(grid_run *r, const loop_run *loop, int64_t least) {
    const size_t n = r->g->world.n_cells;
    size_t n_found = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t score = score_of(r, loop, i);
        if (score >= least) {
            r->keyed[n_found++] = (feedback_keyed){(uint64_t)(INT64_MAX - score), (uint32_t)i};
        }
    }
    return n_found;
}

/* Sends a patrol to `wanted` of the n_tied cells at keyed. */
static void send_tied(grid_run *r, loop_run *loop, feedback_keyed *tied, size_t n_tied,
                      size_t wanted) {
    const feedback_policy *policy = &r->g->policy;
    if (n_tied > wanted && policy->ties == FEEDBACK_TIES_RANDOM && n_tied > 2 * policy->patrols) {
        /* in the order of the cells, whatever order they were found in */
        const uint64_t key = tied[0].key;
        n_tied = 0;
        for (size_t i = 0; i < r->g->world.n_cells; i++) {
            if ((uint64_t)(INT64_MAX - score_of(r, loop, i)) == key) {
                tied[n_tied++] = (feedback_keyed){key, (uint32_t)i};
            }
        }
        onus_rng rng = rng_of(r, PATROLS_OF_DAY | r->day, 0);
        for (size_t k = 0; k < wanted; k++) {
            const size_t other = k + onus_rng_below(&rng, (uint32_t)(n_tied - k));
            const feedback_keyed drawn = tied[other];
            tied[other] = tied[k];
            tied[k] = drawn;
        }
    } else if (n_tied > wanted) {
        for (size_t k = 0; k < n_tied; k++) {
            if (policy->ties == FEEDBACK_TIES_ID) {
                tied[k].key = r->g->rank_key[tied[k].cell];
                continue;
            }
            onus_rng rng = rng_of_cell(r, tied[k].cell);
            (void)onus_rng_uniform(&rng);
            const uint64_t high = onus_rng_u32(&rng);
            tied[k].key = high << 32 | onus_rng_u32(&rng);
        }
        feedback_bring_smallest(tied, n_tied, wanted);
    }
    for (size_t k = 0; k < wanted; k++) {
        send(r, loop, tied[k].cell);
    }
}

static void send_top(grid_run *r, loop_run *loop) {
    const size_t patrols = r->g->policy.patrols;
    size_t n = gather(r, loop, loop->guess);
    if (n < patrols) {
        n = gather(r, loop, INT64_MIN);
        const size_t ample = 2 * patrols < n ? 2 * patrols : n;
        feedback_bring_smallest(r->keyed, n, ample);
        loop->guess = INT64_MAX;
        for (size_t k = 0; k < ample; k++) {
            const int64_t score = INT64_MAX - (int64_t)r->keyed[k].key;
            loop->guess = score < loop->guess ? score : loop->guess;
        }
    }
    feedback_bring_smallest(r->keyed, n, patrols);
    uint64_t last = 0;
    for (size_t k = 0; k < patrols; k++) {
        last = r->keyed[k].key > last ? r->keyed[k].key : last;
    }
    if (n > 4 * patrols) {
        loop->guess = INT64_MAX - (int64_t)last;
    }
    size_t n_sure = 0;
    size_t n_tied = 0;
    for (size_t k = 0; k < n; k++) {
        const feedback_keyed here = r->keyed[k];
        if (here.key < last) {
            send(r, loop, here.cell);
            n_sure++;
        } else if (here.key == last) {
            r->keyed[n_tied++] = here; /* never beyond k */
        }
    }
    send_tied(r, loop, r->keyed, n_tied, patrols - n_sure);
}

static void send_proportional(grid_run *r, loop_run *loop) {
    const size_t n = r->g->world.n_cells;
    const double total = (double)total_of(r, loop);
    const bool is_fitted = loop->fitted.units != NULL;
    const feedback_scores *first = is_fitted ? &loop->fitted : &r->reported;
    const double reported = (double)first->total;
    const double found = loop->closed && !is_fitted ? (double)r->found.total : 0.0;
    for (size_t k = 0; k < r->g->policy.patrols; k++) {
        const double what = r->draws[2 * k] * total;
        const double which = r->draws[2 * k + 1];
        if (what < reported) {
            send(r, loop, feedback_scores_at(first, which));
        } else if (what < reported + found) {
            send(r, loop, feedback_scores_at(&r->found, which));
        } else { /* the floor that every cell has */
            const size_t cell = (size_t)(which * (double)n);
            send(r, loop, cell < n ? cell : n - 1);
        }
    }
}

static onus_status send_patrols(grid_run *r) {
    onus_status status = ONUS_OK;
    const feedback_policy *policy = &r->g->policy;
    if (policy->rule == FEEDBACK_PROPORTIONAL) {
        onus_rng rng = rng_of(r, PATROLS_OF_DAY | r->day, 0);
        for (size_t k = 0; k < 2 * policy->patrols; k++) {
            r->draws[k] = onus_rng_uniform(&rng);
        }
    }
    for (size_t l = 0; l < r->n_loops; l++) {
        loop_run *loop = &r->loops[l];
        for (size_t k = 0; k < loop->n_today; k++) {
            loop->today_n[loop->today[k]] = 0;
        }
        loop->n_today = 0;
        if (policy->score == FEEDBACK_SELF_EXCITING) {
            ONUS_TRY(feedback_fit_day(&r->fit, &r->reports, loop->closed ? &r->finds : NULL,
                                      &loop->fitted));
        }
        if (policy->rule == FEEDBACK_PROPORTIONAL) {
            send_proportional(r, loop);
        } else {
            send_top(r, loop);
        }
        loop->tally.n_days = r->day;
    }
out:
    return status;
}

/* ---- what is recorded ---- */

static int64_t poisson_of(onus_rng *rng, double mean, double none) {
    if (mean >= BY_INVERSION_BELOW) {
        return onus_rng_poisson(rng, mean);
    }
    const double u = onus_rng_uniform(rng);
    double chance = none;
    double below = none;
    int64_t count = 0;
    while (u >= below && chance > 0.0) {
        count++;
        chance *= mean / (double)count;
        below += chance;
    }
    return count;
}

static onus_status discover(grid_run *r, loop_run *loop) {
    const feedback_grid *g = r->g;
    const feedback_policy *policy = &g->policy;
    const double total = (double)total_of(r, loop);
    const bool repaired = policy->repaired && policy->rule == FEEDBACK_PROPORTIONAL;
    double held = (double)r->found.total / FEEDBACK_UNITS;
    for (size_t k = 0; k < loop->n_today; k++) {
        const uint32_t cell = loop->today[k];
        const uint32_t visits = loop->today_n[cell];
        double none = g->undiscovered[cell];
        for (uint32_t v = 1; v < visits; v++) {
            none *= g->undiscovered[cell];
        }
        onus_rng rng = rng_of_cell(r, cell);
        const double mean = policy->discovery_frac * g->world.truth_per_day[cell] * visits;
        const int64_t n = poisson_of(&rng, mean, none);
        if (n == 0) {
            continue;
        }
        loop->tally.added += (double)n;
        if (!loop->closed) {
            continue;
        }
        loop->tally.recorded += (double)n;
        double weight = (double)n;
        if (repaired) {
            const double share = (double)(score_of(r, loop, cell) + FEEDBACK_FLOOR_UNITS) / total;
            weight /= fmax((double)policy->patrols * share, REPAIR_LEAST);
        }
        held += weight * g->kernel.most;
        if (held > FEEDBACK_WEIGHT_MAX) {
            return ONUS_ERR_LIMIT;
        }
        if (!feedback_records_add(&r->finds, cell, weight)) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

static onus_status report(grid_run *r) {
    const feedback_grid *g = r->g;
    if (g->reported.n == 0) {
        return ONUS_OK;
    }
    onus_rng rng = rng_of(r, REPORTS_OF_DAY | r->day, 0);
    const int64_t n = onus_rng_poisson(&rng, g->reported_per_day);
    for (int64_t k = 0; k < n; k++) {
        const double u = onus_rng_uniform(&rng);
        if (!feedback_records_add(&r->reports, (uint32_t)feedback_alias_at(&g->reported, u), 1.0)) {
            return ONUS_ERR_NOMEM;
        }
    }
    for (size_t l = 0; l < r->n_loops; l++) {
        r->loops[l].tally.recorded += (double)n;
    }
    return ONUS_OK;
}

/* The day ends: everything is a day older. */
static void age(const feedback_kernel *kernel, feedback_records *records, feedback_scores *scores) {
    for (size_t c = 0; c < kernel->n_changes; c++) {
        size_t from = 0;
        size_t until = 0;
        feedback_records_of(records, records->today + 1 - (int64_t)kernel->change_age[c], &from,
                            &until);
        for (size_t k = from; k < until; k++) {
            const double weight = records->weight == NULL ? 1.0 : records->weight[k];
            feedback_kernel_move(kernel, records->cell[k], weight, kernel->before[c],
                                 kernel->after[c], scores);
        }
    }
    feedback_records_next(records);
}

/* ---- what is kept ---- */

static double tv_of_day(grid_run *r, const loop_run *loop) {
    const size_t n = r->g->world.n_cells;
    double total = 0.0;
    if (r->g->policy.rule == FEEDBACK_TOP) {
        for (size_t i = 0; i < n; i++) {
            r->scratch[i] = loop->today_n[i];
        }
        total = (double)r->g->policy.patrols;
    } else {
        for (size_t i = 0; i < n; i++) {
            r->scratch[i] = (double)(score_of(r, loop, i) + FEEDBACK_FLOOR_UNITS);
        }
        total = (double)total_of(r, loop);
    }
    return feedback_tv_of(&r->g->world, r->scratch, total, r->g->truth_total);
}

static void look(grid_run *r, size_t horizon, const double *tv_day, double *slot) {
    const feedback_grid *g = r->g;
    const size_t n_values = feedback_n_values(&g->world);
    for (size_t l = 0; l < FEEDBACK_N_LOOPS; l++) {
        double *values = slot + feedback_slot(&g->world, horizon, (feedback_loop)l, 0);
        if (l < r->n_loops) {
            feedback_summarise(&g->world, &r->loops[l].tally, g->n_top, g->truth_total, r->scratch,
                               values);
            values[FEEDBACK_TV_DAY] = tv_day[l];
        } else {
            for (size_t v = 0; v < n_values; v++) {
                values[v] = NAN;
            }
        }
    }
}

onus_status feedback_grid_replicate(const feedback_grid *grid, uint64_t run, uint32_t *visits,
                                    double *slot) {
    onus_status status = ONUS_OK;
    const feedback_plan *plan = &grid->plan;
    const size_t n = grid->world.n_cells;
    size_t h = 0;
    grid_run r;
    ONUS_TRY(run_init(&r, grid, run));
    for (r.day = 1; h < plan->n_horizons; r.day++) {
        const bool is_horizon = r.day == plan->horizon_days[h];
        double tv_day[FEEDBACK_N_LOOPS] = {0};
        ONUS_TRY(send_patrols(&r));
        for (size_t l = 0; l < r.n_loops; l++) {
            if (is_horizon) {
                tv_day[l] = tv_of_day(&r, &r.loops[l]);
            }
            if (grid->policy.discovery_frac > 0.0) {
                ONUS_TRY(discover(&r, &r.loops[l]));
            }
        }
        ONUS_TRY(report(&r));
        age(&grid->kernel, &r.reports, &r.reported);
        age(&grid->kernel, &r.finds, &r.found);
        if (is_horizon) {
            look(&r, h++, tv_day, slot);
        }
    }
    for (size_t l = 0; visits != NULL && l < r.n_loops; l++) {
        memcpy(visits + l * n, r.loops[l].tally.visits, n * sizeof *visits);
    }
out:
    run_clear(&r);
    return status;
}
