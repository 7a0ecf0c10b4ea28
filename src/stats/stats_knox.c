/* Knox's test: pairs of events, by distance and by time between them, against shuffled dates.
 *
 * Shuffling dates over places changes neither how far apart events lie nor how many pairs lie how
 * many days apart; so the pairs within the largest band of space are found once, on a grid, and the
 * table's open bands follow from its margins. Per shuffle what is left is to subtract two dates per
 * near pair. That is done for 32 shuffles at once: the 32 dates of an event lie side by side, one
 * cache line, so the compiler's vectors do 8 pairs an instruction and nothing is gathered. All
 * counts are whole numbers. Called by the place trial. Never makes the matrix of all pairs. */
#include "onus/stats_knox.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_interval.h"

enum {
    LANES = 32,         /* shuffles at once */
    GRID_SIDE = 1024,   /* at most so many columns and rows: cells get wider than a band instead */
    DAYS_MAX = 32766,   /* dates are kept in 16 bits */
    FLUSH_PAIRS = 32767 /* a 16-bit count cannot overflow sooner */
};
static const uint64_t PAIRS_CAP = UINT64_C(1) << 27;

/* Near pairs: band b of event i is next[starts[b * n + i] .. starts[b * n + i + 1]), places in the
 * order of the grid. */
typedef struct near_pairs {
    size_t n;
    size_t n_bands; /* of space, without the open one */
    size_t *starts; /* n_bands * n + 1 */
    uint32_t *next;
    double *x; /* in the order of the grid */
    double *y;
    int16_t *day;
    size_t *cell_starts;
    size_t n_columns;
    size_t n_rows;
} near_pairs;

static void pairs_clear(near_pairs *p) {
    onus_free(p->starts);
    onus_free(p->next);
    onus_free(p->x);
    onus_free(p->y);
    onus_free(p->day);
    onus_free(p->cell_starts);
    *p = (near_pairs){0};
}

size_t onus_knox_n_cells(const onus_knox_opts *opts) {
    return (opts->n_space + 1 + (opts->same_place ? 1 : 0)) * (opts->n_days + 1);
}

static onus_status check(const double *x_m, const double *y_m, const int32_t *day, size_t n,
                         const onus_knox_opts *opts, int32_t *first_day, onus_error *err) {
    if (n < 2 || n > UINT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_TOO_FEW, "near repeats need at least two events");
    }
    if (opts->n_space == 0 || opts->n_days == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "near repeats need a band of space and of time");
    }
    for (size_t b = 0; b < opts->n_space; b++) {
        const double e = opts->space_m[b];
        if (!(e > (b == 0 ? 0.0 : opts->space_m[b - 1])) || !isfinite(e)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "bands of space are not ascending");
        }
    }
    for (size_t b = 0; b < opts->n_days; b++) {
        if (opts->days[b] <= (b == 0 ? 0 : opts->days[b - 1])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "bands of time are not ascending");
        }
    }
    int32_t low = day[0];
    int32_t high = day[0];
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x_m[i]) || !isfinite(y_m[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "an event has no place");
        }
        low = day[i] < low ? day[i] : low;
        high = day[i] > high ? day[i] : high;
    }
    if ((int64_t)high - low > DAYS_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "dates span more than %d days", DAYS_MAX);
    }
    *first_day = low;
    return ONUS_OK;
}

/* ---- near pairs ---- */

/* One axis of the grid: cells at least `side` wide. */
typedef struct axis {
    double low;
    double width;
    size_t n;
} axis;

static axis axis_of(const double *values, size_t n, double side) {
    double low = values[0];
    double high = values[0];
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    /* a hair wider, so that rounding cannot put two near events two cells apart */
    const double width = fmax(side * (1.0 + 1e-9), (high - low) / GRID_SIDE);
    return (axis){.low = low, .width = width, .n = (size_t)((high - low) / width) + 1};
}

static size_t along(const axis *a, double value) {
    return (size_t)((value - a->low) / a->width);
}

/* Events sorted by cell (counting sort, equals in their own order). */
static onus_status lay_out(near_pairs *p, const double *x_m, const double *y_m, const int32_t *day,
                           int32_t first_day, double side) {
    const size_t n = p->n;
    const axis columns = axis_of(x_m, n, side);
    const axis rows = axis_of(y_m, n, side);
    p->n_columns = columns.n;
    p->n_rows = rows.n;
    p->x = onus_alloc_n(n, sizeof *p->x);
    p->y = onus_alloc_n(n, sizeof *p->y);
    p->day = onus_alloc_n(n, sizeof *p->day);
    const size_t n_cells = columns.n * rows.n;
    p->cell_starts = onus_alloc_n(n_cells + 2, sizeof *p->cell_starts);
    if (p->x == NULL || p->y == NULL || p->day == NULL || p->cell_starts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    /* counted two places ahead, so that filling leaves the starts where they belong */
    for (size_t i = 0; i < n; i++) {
        p->cell_starts[along(&rows, y_m[i]) * columns.n + along(&columns, x_m[i]) + 2]++;
    }
    for (size_t c = 2; c < n_cells + 2; c++) {
        p->cell_starts[c] += p->cell_starts[c - 1];
    }
    for (size_t i = 0; i < n; i++) {
        const size_t cell = along(&rows, y_m[i]) * columns.n + along(&columns, x_m[i]);
        const size_t at = p->cell_starts[cell + 1]++;
        p->x[at] = x_m[i];
        p->y[at] = y_m[i];
        p->day[at] = (int16_t)(day[i] - first_day);
    }
    return ONUS_OK;
}

/* Band of space of a pair; the number of bands if it is beyond all of them. */
static size_t band_of(double dx, double dy, const onus_knox_opts *opts) {
    const double d =
        opts->metric == ONUS_KNOX_MANHATTAN ? fabs(dx) + fabs(dy) : sqrt(dx * dx + dy * dy);
    const size_t same = opts->same_place ? 1 : 0;
    if (same == 1 && d == 0.0) {
        return 0;
    }
    size_t b = 0;
    while (b < opts->n_space && d >= opts->space_m[b]) {
        b++;
    }
    return b + same;
}

/* Pairs of event i with later events of cells [from, until). Counts them, or writes them down. */
static void visit(near_pairs *p, const onus_knox_opts *opts, size_t i, size_t from, size_t until,
                  size_t *at, bool write) {
    for (size_t j = from; j < until; j++) {
        const size_t b = band_of(p->x[j] - p->x[i], p->y[j] - p->y[i], opts);
        if (b < p->n_bands) {
            if (write) {
                p->next[at[b * p->n + i]] = (uint32_t)j;
            }
            at[b * p->n + i]++;
        }
    }
}

/* Every near pair once: the rest of the event's own cell and the cell to its right, then the three
 * cells of the next row. at: n_bands * n, moved on by each pair. */
static onus_status visit_all(near_pairs *p, const onus_knox_opts *opts, const onus_context *context,
                             size_t *at, bool write) {
    for (size_t row = 0; row < p->n_rows; row++) {
        if (onus_stopped(context)) {
            return ONUS_ERR_INTERRUPTED;
        }
        for (size_t col = 0; col < p->n_columns; col++) {
            const size_t cell = row * p->n_columns + col;
            const size_t right = col + 1 < p->n_columns ? cell + 1 : cell;
            const size_t next_row = cell + p->n_columns;
            for (size_t i = p->cell_starts[cell]; i < p->cell_starts[cell + 1]; i++) {
                visit(p, opts, i, i + 1, p->cell_starts[right + 1], at, write);
                if (row + 1 < p->n_rows) {
                    visit(p, opts, i, p->cell_starts[next_row - (col > 0 ? 1 : 0)],
                          p->cell_starts[next_row + (right - cell) + 1], at, write);
                }
            }
        }
    }
    return ONUS_OK;
}

static onus_status pairs_make(near_pairs *p, const double *x_m, const double *y_m,
                              const int32_t *day, int32_t first_day, const onus_knox_opts *opts,
                              const onus_context *context, onus_error *err) {
    onus_status status = ONUS_OK;
    const uint64_t cap = opts->pairs_cap == 0 ? PAIRS_CAP : opts->pairs_cap;
    size_t *at = NULL;
    ONUS_TRY(lay_out(p, x_m, y_m, day, first_day, opts->space_m[opts->n_space - 1]));
    const size_t n_rows = p->n_bands * p->n;
    p->starts = onus_alloc_n(n_rows + 1, sizeof *p->starts);
    at = onus_alloc_n(n_rows, sizeof *at);
    if (p->starts == NULL || at == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(visit_all(p, opts, context, at, false));
    for (size_t r = 0; r < n_rows; r++) {
        p->starts[r + 1] = p->starts[r] + at[r];
        at[r] = p->starts[r];
    }
    if (p->starts[n_rows] > cap) {
        status = onus_fail_plain(err, ONUS_ERR_LIMIT,
                                 "%zu pairs of events lie within the largest band; at most %llu "
                                 "are compared: try one type, or a shorter time",
                                 p->starts[n_rows], (unsigned long long)cap);
        goto out;
    }
    p->next = onus_alloc_n(p->starts[n_rows], sizeof *p->next);
    if (p->next == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(visit_all(p, opts, context, at, true));
out:
    onus_free(at);
    return status;
}

/* ---- shuffles ---- */

typedef struct shuffle_job {
    const near_pairs *pairs;
    const int16_t *edges; /* n_days */
    size_t n_days;
    uint64_t seed;
    uint64_t first_batch;
    bool in_order; /* the dates as they were, in every lane */
} shuffle_job;

/* Dates of shuffle `replicate`, into its lane (Fisher & Yates). */
static void shuffle(const shuffle_job *job, uint64_t replicate, int16_t *day, int16_t *lane) {
    const size_t n = job->pairs->n;
    memcpy(day, job->pairs->day, n * sizeof *day);
    if (!job->in_order) {
        onus_rng rng;
        onus_rng_init(&rng, job->seed, ONUS_STREAM_PLACE_KNOX, replicate, 0);
        for (size_t i = n - 1; i > 0; i--) {
            const size_t j = onus_rng_below(&rng, (uint32_t)i + 1);
            const int16_t t = day[i];
            day[i] = day[j];
            day[j] = t;
        }
    }
    for (size_t i = 0; i < n; i++) {
        lane[i * LANES] = day[i];
    }
}

/* counts[k * LANES + l] += pairs fewer than edges[k] days apart in lane l. */
static void count_row(const int16_t *mine, const int16_t *all, const uint32_t *next, size_t n_next,
                      const int16_t *edges, size_t n_days, int16_t *counts) {
    for (size_t p = 0; p < n_next; p++) {
        const int16_t *other = all + (size_t)next[p] * LANES;
        int16_t apart[LANES];
        for (size_t l = 0; l < LANES; l++) {
            const int16_t d = (int16_t)(mine[l] - other[l]);
            apart[l] = (int16_t)(d < 0 ? -d : d);
        }
        for (size_t k = 0; k < n_days; k++) {
            int16_t *count = counts + k * LANES;
            const int16_t edge = edges[k];
            for (size_t l = 0; l < LANES; l++) {
                count[l] = (int16_t)(count[l] + (apart[l] < edge ? 1 : 0));
            }
        }
    }
}

static void flush(int16_t *counts, size_t n, double *into) {
    for (size_t i = 0; i < n; i++) {
        into[i] += (double)counts[i];
        counts[i] = 0;
    }
}

static size_t scratch_size(const near_pairs *pairs, size_t n_days) {
    return (pairs->n * (LANES + 1) + n_days * LANES) * sizeof(int16_t);
}

/* One batch of LANES shuffles: slot[(b * n_days + k) * LANES + l]. */
static void count_batch(const void *shared, uint64_t batch, void *scratch, double *slot) {
    const shuffle_job *job = shared;
    const near_pairs *p = job->pairs;
    int16_t *lanes = scratch;
    int16_t *counts = lanes + p->n * LANES;
    int16_t *day = counts + job->n_days * LANES;
    const size_t width = job->n_days * LANES;
    for (size_t l = 0; l < LANES; l++) {
        shuffle(job, (job->first_batch + batch) * LANES + l, day, lanes + l);
    }
    memset(counts, 0, width * sizeof *counts);
    memset(slot, 0, p->n_bands * width * sizeof *slot);
    for (size_t b = 0; b < p->n_bands; b++) {
        size_t n_counted = 0;
        for (size_t i = 0; i < p->n; i++) {
            const size_t end = p->starts[b * p->n + i + 1];
            for (size_t at = p->starts[b * p->n + i]; at < end;) {
                const size_t room = FLUSH_PAIRS - n_counted;
                const size_t n = end - at < room ? end - at : room;
                count_row(lanes + i * LANES, lanes, p->next + at, n, job->edges, job->n_days,
                          counts);
                at += n;
                n_counted += n;
                if (n_counted == FLUSH_PAIRS) {
                    flush(counts, width, slot + b * width);
                    n_counted = 0;
                }
            }
        }
        flush(counts, width, slot + b * width);
    }
}

/* ---- the table ---- */

static int by_day(const void *left, const void *right) {
    return *(const int16_t *)left - *(const int16_t *)right;
}

/* Margins of the table that no shuffle changes. */
typedef struct margins {
    uint64_t n_pairs;
    size_t n_space; /* bands, the open one included */
    size_t n_time;
    uint64_t *space;
    uint64_t *time;
} margins;

static onus_status margins_make(const near_pairs *p, const int16_t *edges, size_t n_days,
                                margins *m) {
    m->n_pairs = (uint64_t)p->n * (p->n - 1) / 2;
    m->n_space = p->n_bands + 1;
    m->n_time = n_days + 1;
    int16_t *sorted = onus_alloc_n(p->n, sizeof *sorted);
    m->space = onus_alloc_n(m->n_space, sizeof *m->space);
    m->time = onus_alloc_n(m->n_time, sizeof *m->time);
    if (sorted == NULL || m->space == NULL || m->time == NULL) {
        onus_free(sorted);
        return ONUS_ERR_NOMEM;
    }
    m->space[p->n_bands] = m->n_pairs;
    for (size_t b = 0; b < p->n_bands; b++) {
        m->space[b] = p->starts[(b + 1) * p->n] - p->starts[b * p->n];
        m->space[p->n_bands] -= m->space[b];
    }
    memcpy(sorted, p->day, p->n * sizeof *sorted);
    qsort(sorted, p->n, sizeof *sorted, by_day);
    uint64_t nearer = 0;
    for (size_t k = 0; k < n_days; k++) {
        uint64_t within = 0; /* pairs fewer than edges[k] days apart */
        for (size_t i = 0, first = 0; i < p->n; i++) {
            while (sorted[i] - sorted[first] >= edges[k]) {
                first++;
            }
            within += i - first;
        }
        m->time[k] = within - nearer;
        nearer = within;
    }
    m->time[n_days] = m->n_pairs - nearer;
    onus_free(sorted);
    return ONUS_OK;
}

/* The whole table of one lane from the counts below the edges. */
static void fill_table(const margins *m, const double *slot, size_t lane, uint64_t *table) {
    const size_t n_days = m->n_time - 1;
    uint64_t *open = table + (m->n_space - 1) * m->n_time;
    memcpy(open, m->time, m->n_time * sizeof *open);
    for (size_t b = 0; b + 1 < m->n_space; b++) {
        uint64_t nearer = 0;
        uint64_t *row = table + b * m->n_time;
        for (size_t k = 0; k < n_days; k++) {
            const uint64_t within = (uint64_t)slot[(b * n_days + k) * LANES + lane];
            row[k] = within - nearer;
            nearer = within;
        }
        row[n_days] = m->space[b] - nearer;
        for (size_t k = 0; k < m->n_time; k++) {
            open[k] -= row[k];
        }
    }
}

/* What is added up over shuffles, cell by cell. */
typedef struct tally {
    uint64_t observed;
    uint64_t sum;
    uint64_t n_as_many;
} tally;

static void write_table(const margins *m, const tally *tallies, uint64_t n_permutations,
                        onus_knox_cell *out) {
    for (size_t b = 0; b < m->n_space; b++) {
        for (size_t k = 0; k < m->n_time; k++) {
            const size_t c = b * m->n_time + k;
            const tally *t = &tallies[c];
            const double expected = (double)m->space[b] * ((double)m->time[k] / (double)m->n_pairs);
            out[c] = (onus_knox_cell){
                .observed = t->observed,
                .expected = expected,
                .ratio = expected > 0.0 ? (double)t->observed / expected : NAN,
                .p_value =
                    n_permutations > 0 ? onus_simulation_p(t->n_as_many, n_permutations) : NAN,
                .simulated = n_permutations > 0 ? (double)t->sum / (double)n_permutations : NAN,
            };
        }
    }
}

/* Shuffles in rounds of a bounded number of batches, so that memory does not grow with their
 * number. */
static onus_status permute(const shuffle_job *shuffles, const margins *m, uint64_t n_permutations,
                           const onus_context *context, tally *tallies, onus_error *err) {
    enum { ROUND = 64 };
    onus_status status = ONUS_OK;
    const size_t width = shuffles->pairs->n_bands * shuffles->n_days * LANES;
    const size_t n_cells = m->n_space * m->n_time;
    double *slots = onus_alloc_n(ROUND, width * sizeof *slots);
    uint64_t *table = onus_alloc_n(n_cells, sizeof *table);
    if (slots == NULL || table == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = count_batch;
    job.width = width;
    job.scratch_size = scratch_size(shuffles->pairs, shuffles->n_days);
    job.stage = "near repeats";
    const near_pairs *pairs = shuffles->pairs;
    job.steps =
        LANES * (10.0 * (double)pairs->n + (double)pairs->starts[pairs->n_bands * pairs->n] *
                                               (double)shuffles->n_days / 4.0); /* vectors */

    shuffle_job as_was = *shuffles;
    as_was.in_order = true;
    job.shared = &as_was;
    job.n_replicates = 1;
    ONUS_TRY(onus_replicates_run(&job, context, slots, err));
    fill_table(m, slots, 0, table);
    for (size_t c = 0; c < n_cells; c++) {
        tallies[c] = (tally){.observed = table[c]};
    }

    const uint64_t n_batches = n_permutations / LANES + (n_permutations % LANES == 0 ? 0 : 1);
    for (uint64_t first = 0; first < n_batches; first += ROUND) {
        shuffle_job round = *shuffles;
        round.first_batch = first;
        job.shared = &round;
        job.n_replicates = n_batches - first < ROUND ? n_batches - first : ROUND;
        ONUS_TRY(onus_replicates_run(&job, context, slots, err));
        for (uint64_t i = 0; i < job.n_replicates * LANES; i++) {
            if (first * LANES + i >= n_permutations) {
                break;
            }
            fill_table(m, slots + (size_t)(i / LANES) * width, (size_t)(i % LANES), table);
            for (size_t c = 0; c < n_cells; c++) {
                tallies[c].sum += table[c];
                tallies[c].n_as_many += table[c] >= tallies[c].observed;
            }
        }
    }
out:
    onus_free(slots);
    onus_free(table);
    return status;
}

onus_status onus_knox(const double *x_m, const double *y_m, const int32_t *day, size_t n_events,
                      const onus_knox_opts *opts, const onus_context *context, onus_knox_cell *out,
                      onus_error *err) {
    int32_t first_day = 0;
    onus_status status = check(x_m, y_m, day, n_events, opts, &first_day, err);
    if (status != ONUS_OK) {
        return status;
    }
    near_pairs pairs = {.n = n_events, .n_bands = opts->n_space + (opts->same_place ? 1 : 0)};
    margins m = {0};
    tally *tallies = onus_alloc_n(onus_knox_n_cells(opts), sizeof *tallies);
    int16_t *edges = onus_alloc_n(opts->n_days, sizeof *edges);
    if (tallies == NULL || edges == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t k = 0; k < opts->n_days; k++) { /* no two dates are DAYS_MAX + 1 apart */
        edges[k] = (int16_t)(opts->days[k] > DAYS_MAX ? DAYS_MAX + 1 : opts->days[k]);
    }
    ONUS_TRY(pairs_make(&pairs, x_m, y_m, day, first_day, opts, context, err));
    ONUS_TRY(margins_make(&pairs, edges, opts->n_days, &m));
    const shuffle_job shuffles = {
        .pairs = &pairs, .edges = edges, .n_days = opts->n_days, .seed = opts->seed};
    ONUS_TRY(permute(&shuffles, &m, opts->n_permutations, context, tallies, err));
    write_table(&m, tallies, opts->n_permutations, out);
out:
    pairs_clear(&pairs);
    onus_free(m.space);
    onus_free(m.time);
    onus_free(tallies);
    onus_free(edges);
    if (status == ONUS_ERR_NOMEM) {
        return onus_fail_nomem(err);
    }
    if (status == ONUS_ERR_INTERRUPTED) {
        return onus_fail_plain(err, status, "interrupted during near repeats");
    }
    return status;
}
