/* The simulation tests of a forecast by windows: bins are cells x windows, of which there may be
 * hundreds of millions, so that only one window's are ever at hand.
 *
 * CL draws as many events as were recorded over all bins. A bin is drawn in two steps that together
 * are one: its window by the windows' totals, then, when the window comes by, its cell. With
 * clusters the last one is cut at the number recorded, as in csep_simulate.c. All but the last are
 * exchangeable: which of them fall into a window does not depend on their sizes, so the first ones
 * may go to the first window, the next ones to the next. What is kept of a simulation is where each
 * window's clusters begin.
 *
 *     clusters  0 1 2 3 4 5 6 7 .. K-2 | K-1        windows of 0..K-2 are counted, not listed;
 *     windows   |  w0 | w1  | w2 ...   | any        cluster i has size s(i), from its own counter
 *
 * L draws the number in each window, and windows are independent. Scores are fixed-point integers
 * small enough that doubles hold them exactly, so any order of events gives the same score. Called
 * by the place trial. Never holds cells x windows. */
#include <math.h>
#include <string.h>

#include "csep_internal.h"
#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_csep.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

enum {
    BATCH = 32,            /* simulations of one slot; no part of any result */
    FACTORIALS_MAX = 1024, /* log factorials that are looked up */
    BITS_MAX = 40,         /* of a fraction */
    EXACT_BITS = 52,       /* whole numbers below 2^52 are doubles, and so are their sums of two */
    STARTS_MAX = 1 << 24,  /* 64 MB of cluster numbers at a time */
    PARTS_BIT = 27         /* counters below: 2^27 windows or clusters */
};

enum { PART_SPLIT, PART_CELLS, PART_SIZE };

static const double cluster_size_max = 1e6;

typedef struct plan {
    const onus_csep_windows *data;
    uint64_t seed;
    bool conditional;
    double cluster_size;
    csep_counts offspring; /* one table, where clusters are small */
    uint64_t n_events;     /* recorded */
    double total;          /* of the rates */
    double *totals;        /* by window */
    csep_alias *windows;   /* those with a total above 0 */
    uint32_t *window_of;   /* by place in that table */
    size_t n_open;         /* windows in it */
    int bits;
    int64_t *factorials;
    /* a chunk of simulations */
    uint64_t first;
    size_t n_chunk;
    uint32_t *starts;    /* n_chunk x (n_windows + 1) */
    uint32_t *last;      /* n_chunk: window of the last cluster */
    uint32_t *last_size; /* and what is left of it */
    /* the window at hand */
    size_t window;
    size_t n; /* cells with a rate */
    double *rates;
    int64_t *log_rates;
    csep_alias *cells;
} plan;

static int64_t to_fixed(const plan *p, double x) {
    return (int64_t)llround(ldexp(x, p->bits));
}

static int64_t log_factorial(const plan *p, uint64_t k) {
    if (k <= FACTORIALS_MAX) {
        return p->factorials[k];
    }
    int sign = 0;
    return to_fixed(p, lgamma_r((double)k + 1, &sign));
}

/* Entity: | test 1 bit | clustered 1 bit | part 3 bits | index 27 bits |. */
static onus_rng stream_of(const plan *p, uint64_t simulation, uint32_t part, uint64_t index) {
    onus_rng rng;
    const uint32_t kind = (p->conditional ? 2U : 0U) | (p->cluster_size > 1 ? 1U : 0U);
    onus_rng_init(&rng, p->seed, ONUS_STREAM_PLACE_WINDOWS, simulation,
                  kind << 30 | part << PARTS_BIT | (uint32_t)(index & ((1U << PARTS_BIT) - 1)));
    return rng;
}

static uint64_t draw_size(const plan *p, onus_rng *rng) {
    if (p->cluster_size <= 1) {
        return 1;
    }
    if (p->offspring.n == 0) {
        return 1 + (uint64_t)onus_rng_poisson(rng, p->cluster_size - 1);
    }
    return 1 + csep_count_at(p->offspring.cdf, p->offspring.starts[1], csep_word64(rng), 0);
}

/* s(i): a cluster's size follows from its number alone. */
static uint64_t size_of(const plan *p, uint64_t simulation, uint64_t cluster) {
    if (p->cluster_size <= 1) {
        return 1;
    }
    onus_rng rng = stream_of(p, simulation, PART_SIZE, cluster);
    return draw_size(p, &rng);
}

/* ---- which windows ---- */

static void split(const plan *p, size_t k) {
    const uint64_t simulation = p->first + k;
    const size_t n_windows = p->data->n_windows;
    uint32_t *starts = p->starts + k * (n_windows + 1);
    onus_rng rng = stream_of(p, simulation, PART_SPLIT, 0);
    uint64_t n = 0;
    uint32_t cluster = 0;
    memset(starts, 0, (n_windows + 1) * sizeof *starts);
    for (;; cluster++) {
        const uint64_t size = size_of(p, simulation, cluster);
        const uint32_t window = p->window_of[csep_alias_draw(p->windows, p->n_open, &rng)];
        if (size >= p->n_events - n) {
            p->last[k] = window;
            p->last_size[k] = (uint32_t)(p->n_events - n);
            break;
        }
        n += size;
        starts[window + 1]++;
    }
    for (size_t w = 0; w < n_windows; w++) {
        starts[w + 1] += starts[w];
    }
}

static onus_status split_block(void *shared, size_t block) {
    const plan *p = shared;
    const size_t end = (block + 1) * BATCH < p->n_chunk ? (block + 1) * BATCH : p->n_chunk;
    for (size_t k = block * BATCH; k < end; k++) {
        split(p, k);
    }
    return ONUS_OK;
}

/* ---- one window of one simulation ---- */

typedef struct tally {
    uint32_t *counts;  /* by cell; 0 before and after */
    uint32_t *touched; /* cells with events */
    size_t n_touched;
    uint64_t n;
    int64_t score;
} tally;

static void add_cluster(const plan *p, tally *t, onus_rng *rng, uint64_t size) {
    const size_t cell = csep_alias_draw(p->cells, p->n, rng);
    const uint64_t count = t->counts[cell];
    if (count == 0) {
        t->touched[t->n_touched++] = (uint32_t)cell;
    }
    t->n += size;
    t->score += (int64_t)size * p->log_rates[cell] -
                (log_factorial(p, count + size) - log_factorial(p, count));
    t->counts[cell] = (uint32_t)(count + size);
}

static void fill_window(const plan *p, tally *t, uint64_t simulation, size_t k) {
    onus_rng rng = stream_of(p, simulation, PART_CELLS, p->window);
    if (!p->conditional) {
        const int64_t n = onus_rng_poisson(&rng, p->totals[p->window] / p->cluster_size);
        for (int64_t c = 0; c < n; c++) {
            const uint64_t size = draw_size(p, &rng);
            add_cluster(p, t, &rng, size);
        }
        return;
    }
    const uint32_t *starts = p->starts + k * (p->data->n_windows + 1);
    for (uint32_t c = starts[p->window]; c < starts[p->window + 1]; c++) {
        add_cluster(p, t, &rng, size_of(p, simulation, c));
    }
    if (p->last[k] == p->window) {
        add_cluster(p, t, &rng, p->last_size[k]);
    }
}

/* Slot of a simulation: its score and its number of events. */
static void run_batch(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const plan *p = shared;
    tally t = {.counts = scratch, .touched = (uint32_t *)scratch + p->n};
    for (size_t q = 0; q < BATCH; q++) {
        const size_t k = (size_t)replicate * BATCH + q;
        t.n = 0;
        t.score = 0;
        t.n_touched = 0;
        if (k < p->n_chunk) {
            fill_window(p, &t, p->first + k, k);
        }
        for (size_t c = 0; c < t.n_touched; c++) {
            t.counts[t.touched[c]] = 0;
        }
        slot[2 * q] = (double)t.score;
        slot[2 * q + 1] = (double)t.n;
    }
}

/* ---- windows by and by ---- */

static onus_status take_window(plan *p, size_t w, onus_csep_window *window) {
    const onus_status status = p->data->window(p->data->state, w, window);
    p->window = w;
    p->n = 0;
    onus_free(p->cells);
    p->cells = NULL;
    if (status != ONUS_OK) {
        return status;
    }
    for (size_t c = 0; c < p->data->n_cells; c++) {
        if (window->rates[c] > 0) {
            p->rates[p->n] = window->rates[c];
            p->log_rates[p->n++] = to_fixed(p, log(window->rates[c]));
        }
    }
    p->cells = p->n == 0 ? NULL : csep_alias_new(p->rates, p->n);
    return p->n > 0 && p->cells == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

/* Adds one window to the scores of the chunk. */
static onus_status run_window(plan *p, const onus_context *context, double *slots, double *scores,
                              double *events, onus_error *err) {
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = run_batch;
    job.shared = p;
    job.n_replicates = (p->n_chunk + BATCH - 1) / BATCH;
    job.width = 2 * BATCH;
    job.scratch_size = 2 * p->n * sizeof(uint32_t);
    job.stage = "consistency test";
    const onus_status status = onus_replicates_run(&job, context, slots, err);
    for (size_t k = 0; k < p->n_chunk && status == ONUS_OK; k++) {
        scores[k] += slots[2 * k];
        events[k] += slots[2 * k + 1];
    }
    return status;
}

/* ---- the account ---- */

typedef struct account {
    onus_csep_account sums;
    double least; /* rate above 0 */
    double most;
    double score;
} account;

static onus_status take_account(plan *p, account *out) {
    onus_status status = ONUS_OK;
    onus_sum forecast = {0};
    onus_sum events = {0};
    onus_sum score = {0};
    *out = (account){.least = INFINITY, .most = 0};
    for (size_t w = 0; w < p->data->n_windows; w++) {
        onus_csep_window window = {0};
        onus_sum total = {0};
        ONUS_TRY(p->data->window(p->data->state, w, &window));
        for (size_t c = 0; c < p->data->n_cells; c++) {
            const double rate = window.rates[c];
            if (!(rate >= 0) || !isfinite(rate)) {
                out->sums.n_bad_rates++;
                continue;
            }
            out->sums.n_zero_rates += rate == 0;
            onus_sum_add(&total, rate);
            out->least = rate > 0 ? fmin(out->least, rate) : out->least;
            out->most = fmax(out->most, rate);
        }
        for (size_t k = 0; k < window.n; k++) {
            const double rate = window.rates[window.cell[k]];
            int sign = 0;
            onus_sum_add(&events, window.count[k]);
            if (rate == 0) {
                out->sums.n_impossible += (uint64_t)window.count[k];
            } else {
                onus_sum_add(&score,
                             window.count[k] * log(rate) - lgamma_r(window.count[k] + 1, &sign));
            }
        }
        p->totals[w] = onus_sum_get(&total);
        onus_sum_add(&forecast, p->totals[w]);
    }
    out->sums.n_forecast = out->sums.n_bad_rates > 0 ? (double)NAN : onus_sum_get(&forecast);
    out->sums.n_events = onus_sum_get(&events);
    out->score = onus_sum_get(&score) - out->sums.n_forecast;
    out->sums.reason = out->sums.n_bad_rates > 0 ? "a rate is negative or not a number"
                       : !(out->most > 0)        ? "no rate is above 0"
                       : out->sums.n_impossible > 0
                           ? "events were recorded where the forecast's rate is 0"
                           : NULL;
out:
    return status;
}

static int fraction_bits(const plan *p, const account *a) {
    const double log_max = fmax(fabs(log(a->least)), fabs(log(a->most)));
    const double most = p->conditional ? (double)p->n_events
                                       : fmax((double)p->n_events, p->total) +
                                             60 * p->cluster_size * (sqrt(p->total) + 20);
    int sign = 0;
    const double bound = most * (log_max + 1) + 2 * lgamma_r(most + 2, &sign) + 64;
    const int bits = EXACT_BITS - 1 - (int)ceil(log2(bound));
    return bits > BITS_MAX ? BITS_MAX : bits;
}

static onus_status make_tables(plan *p, const account *a) {
    const double offspring = p->cluster_size - 1;
    p->bits = fraction_bits(p, a);
    p->factorials = onus_alloc_n(FACTORIALS_MAX + 1, sizeof *p->factorials);
    p->window_of = onus_alloc_n(p->data->n_windows, sizeof *p->window_of);
    p->rates = onus_alloc_n(p->data->n_cells + p->data->n_windows, sizeof *p->rates);
    p->log_rates = onus_alloc_n(p->data->n_cells, sizeof *p->log_rates);
    if (p->factorials == NULL || p->window_of == NULL || p->rates == NULL || p->log_rates == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k <= FACTORIALS_MAX; k++) {
        int sign = 0;
        p->factorials[k] = to_fixed(p, lgamma_r((double)k + 1, &sign));
    }
    for (size_t w = 0; w < p->data->n_windows; w++) {
        if (p->totals[w] > 0) {
            p->rates[p->n_open] = p->totals[w];
            p->window_of[p->n_open++] = (uint32_t)w;
        }
    }
    p->windows = csep_alias_new(p->rates, p->n_open);
    if (p->windows == NULL) {
        return ONUS_ERR_NOMEM;
    }
    return offspring > 0 && offspring <= CSEP_COUNT_MEAN_MAX
               ? csep_counts_new(&offspring, 1, &p->offspring)
               : ONUS_OK;
}

/* ---- the test ---- */

static void leave_undefined(onus_csep_result *result, const char *reason) {
    result->score = onus_number_none(reason);
    result->quantile = onus_number_none(reason);
    result->p_low = onus_number_none(reason);
    result->p_high = onus_number_none(reason);
    result->p = onus_number_none(reason);
}

static void count_chunk(const plan *p, double observed, const double *scores, const double *events,
                        onus_csep_result *result) {
    for (size_t k = 0; k < p->n_chunk; k++) {
        /* every event and its share of a factorial was rounded to half a unit, on either side */
        const double tie = events[k] + (double)p->n_events;
        const double over = scores[k] - observed;
        result->n_at_or_below += over <= tie;
        result->n_at_or_above += over >= -tie;
    }
}

/* What was recorded, on the same path as what is drawn. */
static onus_status observed_of(const plan *p, double *observed) {
    int64_t sum = 0;
    for (size_t w = 0; w < p->data->n_windows; w++) {
        onus_csep_window window = {0};
        const onus_status status = p->data->window(p->data->state, w, &window);
        if (status != ONUS_OK) {
            return status;
        }
        for (size_t k = 0; k < window.n; k++) {
            sum += (int64_t)window.count[k] * to_fixed(p, log(window.rates[window.cell[k]])) -
                   log_factorial(p, (uint64_t)window.count[k]);
        }
    }
    *observed = (double)sum;
    return ONUS_OK;
}

static onus_status run_chunks(plan *p, uint64_t n_simulations, const onus_context *context,
                              onus_csep_result *result, onus_error *err) {
    const size_t n_windows = p->data->n_windows;
    const uint64_t fit = p->conditional ? STARTS_MAX / (n_windows + 1) + 1 : n_simulations;
    const size_t cap = (size_t)(fit < n_simulations ? fit : n_simulations);
    const size_t n_slots = (cap + BATCH - 1) / BATCH * BATCH;
    double *slots = onus_alloc_n(n_slots, 2 * sizeof *slots);
    double *scores = onus_alloc_n(cap, sizeof *scores);
    double *events = onus_alloc_n(cap, sizeof *events);
    double observed = 0;
    onus_status status = ONUS_ERR_NOMEM;
    p->starts = p->conditional ? onus_alloc_n(cap * (n_windows + 1), sizeof *p->starts) : NULL;
    p->last = onus_alloc_n(cap, sizeof *p->last);
    p->last_size = onus_alloc_n(cap, sizeof *p->last_size);
    if (slots == NULL || scores == NULL || events == NULL || p->last == NULL ||
        p->last_size == NULL || (p->conditional && p->starts == NULL)) {
        goto out;
    }
    ONUS_TRY(observed_of(p, &observed));
    for (p->first = 0; p->first < n_simulations; p->first += p->n_chunk) {
        const uint64_t left = n_simulations - p->first;
        p->n_chunk = left < cap ? (size_t)left : cap;
        memset(scores, 0, cap * sizeof *scores);
        memset(events, 0, cap * sizeof *events);
        if (p->conditional) {
            ONUS_TRY(onus_exec_blocks(split_block, p, (p->n_chunk + BATCH - 1) / BATCH,
                                      "consistency test", context));
        }
        for (size_t w = 0; w < n_windows; w++) {
            onus_csep_window window = {0};
            ONUS_TRY(take_window(p, w, &window));
            if (p->n > 0) {
                ONUS_TRY(run_window(p, context, slots, scores, events, err));
            }
        }
        count_chunk(p, observed, scores, events, result);
    }
    status = ONUS_OK;
out:
    onus_free(slots);
    onus_free(scores);
    onus_free(events);
    return status;
}

static void plan_clear(plan *p) {
    onus_free(p->totals);
    onus_free(p->windows);
    onus_free(p->window_of);
    onus_free(p->factorials);
    onus_free(p->starts);
    onus_free(p->last);
    onus_free(p->last_size);
    onus_free(p->rates);
    onus_free(p->log_rates);
    onus_free(p->cells);
    csep_counts_clear(&p->offspring);
}

onus_status onus_csep_simulate_windows(const onus_csep_windows *data, onus_csep_test test,
                                       const onus_csep_options *options,
                                       const onus_context *context, onus_csep_result *result,
                                       onus_error *err) {
    onus_status status = ONUS_OK;
    account sums;
    onus_csep_result made = {.n_simulations = options->n_simulations};
    plan p = {.data = data,
              .seed = options->seed,
              .conditional = test == ONUS_CSEP_CL,
              .cluster_size = options->cluster_size};
    if ((test != ONUS_CSEP_CL && test != ONUS_CSEP_L) || options->n_simulations == 0 ||
        data->n_cells == 0 || data->n_windows == 0 || data->n_windows >= 1U << PARTS_BIT ||
        !(options->cluster_size >= 1 && options->cluster_size <= cluster_size_max)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a test by windows is CL or L, with bins, simulations and a mean "
                               "cluster size from 1 to 1,000,000");
    }
    p.totals = onus_alloc_n(data->n_windows, sizeof *p.totals);
    if (p.totals == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(take_account(&p, &sums));
    made.account = sums.sums;
    if (made.account.reason == NULL && made.account.n_events == 0 && p.conditional) {
        made.account.reason = "no events were recorded";
    }
    if (made.account.reason != NULL) {
        leave_undefined(&made, made.account.reason);
        *result = made;
        goto out;
    }
    if (sums.sums.n_events >= 1U << PARTS_BIT || sums.sums.n_forecast >= 1U << PARTS_BIT) {
        status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "more events than can be simulated");
        goto out;
    }
    p.n_events = (uint64_t)sums.sums.n_events;
    p.total = sums.sums.n_forecast;
    made.score = onus_number_of(sums.score);
    ONUS_TRY(make_tables(&p, &sums));
    ONUS_TRY(run_chunks(&p, options->n_simulations, context, &made, err));
    const double n = (double)made.n_simulations;
    const double p_low = onus_simulation_p(made.n_at_or_below, made.n_simulations);
    const double p_high = onus_simulation_p(made.n_at_or_above, made.n_simulations);
    made.quantile = onus_number_of((double)made.n_at_or_below / n);
    made.p_low = onus_number_of(p_low);
    made.p_high = onus_number_of(p_high);
    made.p = onus_number_of(fmin(1.0, 2 * fmin(p_low, p_high)));
    *result = made;
out:
    if (status == ONUS_ERR_NOMEM) {
        status = onus_fail_nomem(err);
    }
    plan_clear(&p);
    return status;
}
