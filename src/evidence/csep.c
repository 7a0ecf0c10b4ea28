/* Form csep: a CSEP1 ASCII forecast, its rivals, and the events in its bins.
 *
 *   lon_low lon_high lat_low lat_high depth_low depth_high mark_low mark_high rate [mask]
 *
 * One row is one bin: a cell by its first four numbers, a mark by its seventh and eighth; depths
 * are not looked at. Cells keep the order in which the file first names them, marks ascend. A bin
 * with mask 0 is no bin. Rates pass as they are, negative ones too: a test over them is then
 * undefined, which is for the trial to say. With times and a period, events outside it are in no
 * test, and those before it tell how events cluster. Events belong to the half-open bin that holds
 * them; those in none are counted. Called by load.c. Never fills in a bin. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

enum {
    N_COLUMNS = 10,
    N_WITHOUT_MASK = 9,
    WEST = 0,
    EAST,
    SOUTH,
    NORTH,
    MARK_LOW = 6,
    MARK_HIGH,
    RATE,
    MASK
};

static const char *const NAMES[N_COLUMNS] = {"lon_low",   "lon_high",   "lat_low",  "lat_high",
                                             "depth_low", "depth_high", "mark_low", "mark_high",
                                             "rate",      "mask"};

typedef struct bin {
    double west;
    double south;
    double mark_low;
    size_t row;
} bin;

/* ---- the file ---- */

static size_t n_fields(onus_loading *loading, const onus_source *source) {
    char **names = NULL;
    size_t n = 0;
    if (onus_table_names(source, loading->c->data_dir, &names, &n, loading->problems) != ONUS_OK) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        onus_free(names[i]);
    }
    onus_free(names);
    return n;
}

static onus_status read_bins(onus_loading *loading, const char *file, onus_table *table,
                             onus_input *input) {
    char *names[N_COLUMNS];
    onus_column_ask asks[N_COLUMNS];
    onus_status status = ONUS_OK;
    uint8_t *keep = NULL;
    onus_source source = loading->c->predictions.source;
    source.file = (char *)(uintptr_t)file;
    if (source.delimiter == 0) {
        source.delimiter = '\t';
        source.delimiter = n_fields(loading, &source) >= N_WITHOUT_MASK ? '\t' : ' ';
    }
    const size_t n = n_fields(loading, &source);
    if (n == 0) {
        return onus_problems_status(loading->problems);
    }
    if (n != N_COLUMNS && n != N_WITHOUT_MASK) {
        onus_problems_add(loading->problems, "no forecast", file, 1, 0,
                          "a row of a CSEP1 forecast has %d or %d fields, this one has %zu",
                          N_WITHOUT_MASK, N_COLUMNS, n);
        return ONUS_ERR_DATA;
    }
    for (size_t i = 0; i < n; i++) {
        names[i] = (char *)(uintptr_t)NAMES[i];
        asks[i] = (onus_column_ask){.name = NAMES[i], .type = ONUS_COLUMN_NUMBER};
    }
    source.header = (onus_strings){.items = names, .n = n};
    ONUS_TRY(onus_table_read(&source, loading->c->data_dir, asks, n, loading->context, table, input,
                             loading->problems));
    if (n == N_COLUMNS) {
        keep = onus_alloc_n(table->n_rows, sizeof *keep);
        if (keep == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            keep[i] = table->columns[MASK].numbers[i] != 0.0;
        }
        ONUS_TRY(onus_let_go(table, keep, input, "masked", true));
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const onus_column *c = table->columns;
        if (!(c[WEST].numbers[i] < c[EAST].numbers[i]) ||
            !(c[SOUTH].numbers[i] < c[NORTH].numbers[i]) ||
            !(c[MARK_LOW].numbers[i] < c[MARK_HIGH].numbers[i])) {
            onus_problems_add(loading->problems, "empty bin", input->file, table->lines[i], 0,
                              "a bin ends where it begins, or before");
            status = ONUS_ERR_DATA;
        }
    }
out:
    onus_free(keep);
    return status;
}

/* ---- cells and marks ---- */

static int by_cell(const void *a, const void *b) {
    const bin *p = a;
    const bin *q = b;
    if (p->south != q->south) {
        return p->south < q->south ? -1 : 1;
    }
    if (p->west != q->west) {
        return p->west < q->west ? -1 : 1;
    }
    return (p->row > q->row) - (p->row < q->row);
}

static int by_number(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct index_of_cells {
    bin *bins; /* one per cell, by south, then west; row: the cell */
    size_t n;
} index_of_cells;

static size_t find_cell(const index_of_cells *cells, double west, double south) {
    size_t low = 0;
    size_t high = cells->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bin *m = &cells->bins[middle];
        if (m->south < south || (m->south == south && m->west < west)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < cells->n && cells->bins[low].south == south && cells->bins[low].west == west
               ? cells->bins[low].row
               : SIZE_MAX;
}

/* The last of n ascending numbers that is at most `value`; SIZE_MAX: none. */
static size_t last_at_most(const double *numbers, size_t n, double value) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (numbers[middle] <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? SIZE_MAX : low - 1;
}

static onus_status make_marks(const onus_table *table, onus_csep_grid *grid) {
    const size_t n = table->n_rows;
    assert(table->columns != NULL); /* a table that was read has the columns that were asked for */
    grid->mark_low = onus_alloc_n(n, sizeof *grid->mark_low);
    grid->mark_high = onus_alloc_n(n, sizeof *grid->mark_high);
    if (grid->mark_low == NULL || grid->mark_high == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memcpy(grid->mark_low, table->columns[MARK_LOW].numbers, n * sizeof(double));
    qsort(grid->mark_low, n, sizeof(double), by_number);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || grid->mark_low[i] != grid->mark_low[i - 1]) {
            grid->mark_low[grid->n_marks++] = grid->mark_low[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        const size_t m =
            last_at_most(grid->mark_low, grid->n_marks, table->columns[MARK_LOW].numbers[i]);
        grid->mark_high[m] = table->columns[MARK_HIGH].numbers[i];
    }
    return ONUS_OK;
}

/* Distinct cells in the order of their first row. */
static onus_status make_cells(const onus_table *table, onus_csep_grid *grid,
                              index_of_cells *cells) {
    const size_t n = table->n_rows;
    bin *bins = onus_alloc_n(n, sizeof *bins);
    size_t *first = onus_alloc_n(n + 1, sizeof *first); /* by row: 1 + cell, if it is a first row */
    onus_status status = ONUS_ERR_NOMEM;
    grid->west = onus_alloc_n(n, sizeof *grid->west);
    grid->east = onus_alloc_n(n, sizeof *grid->east);
    grid->south = onus_alloc_n(n, sizeof *grid->south);
    grid->north = onus_alloc_n(n, sizeof *grid->north);
    if (bins == NULL || first == NULL || grid->west == NULL || grid->east == NULL ||
        grid->south == NULL || grid->north == NULL) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        bins[i] = (bin){.west = table->columns[WEST].numbers[i],
                        .south = table->columns[SOUTH].numbers[i],
                        .row = i};
    }
    qsort(bins, n, sizeof *bins, by_cell);
    size_t n_cells = 0;
    for (size_t i = 0; i < n; i++) { /* the first of equals has the lowest row */
        if (i == 0 || bins[i].west != bins[i - 1].west || bins[i].south != bins[i - 1].south) {
            first[bins[i].row] = 1;
            bins[n_cells++] = bins[i];
        }
    }
    for (size_t i = 0, cell = 0; i < n; i++) {
        first[i] = first[i] != 0 ? ++cell : 0;
    }
    for (size_t k = 0; k < n_cells; k++) {
        const size_t row = bins[k].row;
        const size_t cell = first[row] - 1;
        grid->west[cell] = bins[k].west;
        grid->south[cell] = bins[k].south;
        grid->east[cell] = table->columns[EAST].numbers[row];
        grid->north[cell] = table->columns[NORTH].numbers[row];
        bins[k].row = cell;
    }
    grid->n_cells = n_cells;
    *cells = (index_of_cells){.bins = bins, .n = n_cells};
    bins = NULL;
    status = ONUS_OK;
out:
    onus_free(bins);
    onus_free(first);
    return status;
}

/* Bounds are written with as many digits as their writer liked. */
static const double edge_deg = 1e-9;

/* Cells in rows of one height, none over another: else an event would have two places. */
static onus_status check_cells(onus_loading *loading, const char *file, const onus_csep_grid *grid,
                               const index_of_cells *cells) {
    for (size_t k = 1; k < cells->n; k++) {
        const size_t a = cells->bins[k - 1].row;
        const size_t b = cells->bins[k].row;
        const bool same_row = grid->south[a] == grid->south[b];
        if (same_row ? grid->north[a] != grid->north[b] || grid->west[b] < grid->east[a] - edge_deg
                     : grid->south[b] < grid->north[a] - edge_deg) {
            onus_problems_add(
                loading->problems, "cells that overlap", file, 0, 0,
                "cells overlap or are not in rows of one height, first at west %.10g, "
                "south %.10g",
                grid->west[b], grid->south[b]);
            return ONUS_ERR_DATA;
        }
    }
    for (size_t m = 1; m < grid->n_marks; m++) {
        if (grid->mark_low[m] < grid->mark_high[m - 1] - edge_deg) {
            onus_problems_add(loading->problems, "marks that overlap", file, 0, 0,
                              "marks overlap, first at %.10g", grid->mark_low[m]);
            return ONUS_ERR_DATA;
        }
    }
    return ONUS_OK;
}

/* The cell and mark of a row, to the last digit of all its bounds. */
static bool is_bin(const onus_csep_grid *grid, const onus_column *c, size_t i, size_t cell,
                   size_t mark) {
    return cell != SIZE_MAX && mark != SIZE_MAX && grid->east[cell] == c[EAST].numbers[i] &&
           grid->north[cell] == c[NORTH].numbers[i] &&
           grid->mark_low[mark] == c[MARK_LOW].numbers[i] &&
           grid->mark_high[mark] == c[MARK_HIGH].numbers[i];
}

/* Every bin once, no other: what a test adds up must be the same for all forecasts. */
static onus_status take_rates(onus_loading *loading, const onus_table *table,
                              const onus_input *input, const index_of_cells *cells,
                              onus_csep_grid *grid, double **out) {
    const size_t n_bins = grid->n_cells * grid->n_marks;
    double *rates = onus_alloc_n(n_bins, sizeof *rates);
    uint8_t *seen = onus_alloc_n(n_bins, sizeof *seen);
    onus_status status = rates == NULL || seen == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    size_t n_seen = 0;
    for (size_t i = 0; i < table->n_rows && status != ONUS_ERR_NOMEM; i++) {
        const double low = table->columns[MARK_LOW].numbers[i];
        const size_t cell =
            find_cell(cells, table->columns[WEST].numbers[i], table->columns[SOUTH].numbers[i]);
        const size_t mark = last_at_most(grid->mark_low, grid->n_marks, low);
        if (!is_bin(grid, table->columns, i, cell, mark) ||
            seen[cell * grid->n_marks + mark] != 0) {
            onus_problems_add(loading->problems, "bins that do not match", input->file,
                              table->lines[i], 0,
                              "a bin that the first forecast does not have, or a second time");
            status = ONUS_ERR_DATA;
            continue;
        }
        seen[cell * grid->n_marks + mark] = 1;
        rates[cell * grid->n_marks + mark] = table->columns[RATE].numbers[i];
        n_seen++;
    }
    if (status == ONUS_OK && n_seen != n_bins) {
        onus_problems_add(loading->problems, "bins that do not match", input->file, 0, 0,
                          "%zu of %zu bins (%zu cells by %zu marks) are missing", n_bins - n_seen,
                          n_bins, grid->n_cells, grid->n_marks);
        status = ONUS_ERR_DATA;
    }
    onus_free(seen);
    *out = rates;
    return status;
}

static onus_status load_one(onus_loading *loading, const char *file, const char *role,
                            index_of_cells *cells, size_t k) {
    onus_csep_grid *grid = &loading->out->csep;
    onus_table table = {0};
    onus_input input = {.role = role};
    onus_status status = ONUS_OK;
    ONUS_TRY(read_bins(loading, file, &table, &input));
    if (k == 0) {
        ONUS_TRY(make_marks(&table, grid));
        ONUS_TRY(make_cells(&table, grid, cells));
        ONUS_TRY(check_cells(loading, input.file, grid, cells));
    }
    ONUS_TRY(take_rates(loading, &table, &input, cells, grid, &grid->rates[k]));
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

/* ---- events ---- */

/* Cells lie side by side in rows of equal south: the row is found, then the place in it. */
static size_t cell_at(const onus_csep_grid *grid, const index_of_cells *cells, double x, double y) {
    size_t low = 0;
    size_t high = cells->n;
    while (low < high) { /* the first cell whose south is above y */
        const size_t middle = low + (high - low) / 2;
        if (cells->bins[middle].south <= y) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const double south = low > 0 ? cells->bins[low - 1].south : NAN;
    size_t from = 0;
    for (size_t until = low; from < until;) { /* the first cell of that row */
        const size_t middle = from + (until - from) / 2;
        if (cells->bins[middle].south < south) {
            from = middle + 1;
        } else {
            until = middle;
        }
    }
    for (size_t until = low; from < until;) { /* behind the last one that begins at or before x */
        const size_t middle = from + (until - from) / 2;
        if (cells->bins[middle].west <= x) {
            from = middle + 1;
        } else {
            until = middle;
        }
    }
    if (low == 0 || from == 0) {
        return SIZE_MAX;
    }
    const size_t cell = cells->bins[from - 1].row;
    return grid->west[cell] <= x && x < grid->east[cell] && grid->south[cell] <= y &&
                   y < grid->north[cell]
               ? cell
               : SIZE_MAX;
}

enum { NOT_ASKED = -1 };

/* Columns of the events' table behind the two of the point. */
typedef struct event_columns {
    int time;
    int mark;
    int count;
} event_columns;

static size_t ask_events(const onus_outcomes_ref *ref, onus_column_ask *asks, event_columns *at) {
    size_t n = 0;
    *at = (event_columns){NOT_ASKED, NOT_ASKED, NOT_ASKED};
    onus_ask_point(&ref->point, asks, &n);
    if (ref->time.column != NULL) {
        at->time = (int)n;
        asks[n++] = (onus_column_ask){.name = ref->time.column,
                                      .type = ONUS_COLUMN_TIME,
                                      .missing_reason = "no time",
                                      .time = &ref->time};
    }
    if (ref->mark != NULL) {
        at->mark = (int)n;
        asks[n++] = (onus_column_ask){
            .name = ref->mark, .type = ONUS_COLUMN_NUMBER, .missing_reason = "no mark"};
    }
    if (ref->count != NULL) {
        at->count = (int)n;
        asks[n++] = (onus_column_ask){
            .name = ref->count, .type = ONUS_COLUMN_COUNT, .missing_reason = "no count"};
    }
    return n;
}

/* Where one event fell; SIZE_MAX: in no cell, or in a cell and in none of its marks. */
typedef struct event_bin {
    size_t cell;
    size_t mark;
    double count;
} event_bin;

static event_bin bin_of(const onus_csep_grid *grid, const index_of_cells *cells,
                        const onus_table *table, const event_columns *at, size_t i) {
    const onus_column *c = table->columns;
    const double value = at->mark != NOT_ASKED ? c[at->mark].numbers[i] : grid->mark_low[0];
    const size_t mark = last_at_most(grid->mark_low, grid->n_marks, value);
    return (event_bin){.cell = cell_at(grid, cells, c[0].numbers[i], c[1].numbers[i]),
                       .mark = mark != SIZE_MAX && value < grid->mark_high[mark] ? mark : SIZE_MAX,
                       .count = at->count != NOT_ASKED ? c[at->count].numbers[i] : 1.0};
}

/* The table's rows: those of the period, then those from before it. */
static onus_status take_events(const index_of_cells *cells, const onus_table *table,
                               const event_columns *at, onus_csep_grid *grid) {
    const size_t n_before = table->n_rows - grid->n_rows;
    grid->before_cell = onus_alloc_n(n_before, sizeof *grid->before_cell);
    grid->before_unix_s = onus_alloc_n(n_before, sizeof *grid->before_unix_s);
    grid->before_count = onus_alloc_n(n_before, sizeof *grid->before_count);
    if (grid->before_cell == NULL || grid->before_unix_s == NULL || grid->before_count == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const event_bin fell = bin_of(grid, cells, table, at, i);
        if (i >= grid->n_rows) {
            const size_t k = grid->n_before++;
            const bool inside = fell.cell != SIZE_MAX && fell.mark != SIZE_MAX;
            grid->before_cell[k] = inside ? (int32_t)fell.cell : -1;
            grid->before_unix_s[k] = table->columns[at->time].numbers[i];
            grid->before_count[k] = fell.count;
            continue;
        }
        grid->n_events += (uint64_t)fell.count;
        if (fell.cell == SIZE_MAX) {
            grid->n_outside_cells += (uint64_t)fell.count;
        } else if (fell.mark == SIZE_MAX) {
            grid->n_outside_marks += (uint64_t)fell.count;
        } else {
            grid->counts[fell.cell * grid->n_marks + fell.mark] += fell.count;
        }
    }
    return ONUS_OK;
}

/* A test counts events: half an event is none. */
static onus_status check_counts(onus_loading *loading, const onus_table *table,
                                const event_columns *at, const onus_input *input) {
    for (size_t i = 0; at->count != NOT_ASKED && i < table->n_rows; i++) {
        const double count = table->columns[at->count].numbers[i];
        if (count != floor(count) || count > 1e9) {
            onus_problems_add(loading->problems, "no whole number", input->file, table->lines[i], 0,
                              "%.17g is no number of events", count);
            return ONUS_ERR_DATA;
        }
    }
    return ONUS_OK;
}

static onus_status load_events(onus_loading *loading, const index_of_cells *cells) {
    const onus_outcomes_ref *ref = &loading->c->outcomes;
    onus_csep_grid *grid = &loading->out->csep;
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = "outcomes"};
    onus_column_ask asks[5];
    event_columns at;
    size_t n_history = 0;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    grid->counts = onus_alloc_n(grid->n_cells * grid->n_marks, sizeof *grid->counts);
    if (grid->counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (ref->mark == NULL && grid->n_marks > 1) {
        onus_problems_add(loading->problems, "no mark", loading->c->path, ref->source.at.line,
                          ref->source.at.col,
                          "the forecast has %zu marks; outcomes.mark says which column holds an "
                          "event's",
                          grid->n_marks);
        return ONUS_ERR_DATA;
    }
    const size_t n = ask_events(ref, asks, &at);
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, n, loading->context, &table,
                             &input, loading->problems));
    ONUS_TRY(check_counts(loading, &table, &at, &input));
    if (at.time != NOT_ASKED) {
        ONUS_TRY(onus_take_history(loading, &ref->time, &table, (size_t)at.time, &input));
        ONUS_TRY(
            onus_count_history(loading, &ref->time, &table, (size_t)at.time, &input, &n_history));
        ONUS_TRY(onus_warn_times(loading, &input, &ref->time, &table.columns[at.time]));
        ONUS_TRY(
            onus_period_bounds(loading, ref->time.zone, &grid->from_unix_s, &grid->until_unix_s));
    } else if (loading->c->has_period) {
        ONUS_TRY(onus_warn(&loading->out->warnings, "period_not_used",
                           "%s: the period was not used: the events have no times (outcomes.time)",
                           input.file));
    }
    grid->n_rows = table.n_rows - n_history;
    ONUS_TRY(take_events(cells, &table, &at, grid));
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

onus_status onus_load_csep(onus_loading *loading) {
    const onus_predictions_ref *ref = &loading->c->predictions;
    onus_csep_grid *grid = &loading->out->csep;
    index_of_cells cells = {0};
    onus_status status = ONUS_OK;
    if (ref->form != ONUS_FORM_CSEP || ref->source.file == NULL) {
        return ONUS_OK;
    }
    grid->rates = onus_alloc_n(1 + ref->n_rivals, sizeof *grid->rates);
    if (grid->rates == NULL) {
        return ONUS_ERR_NOMEM;
    }
    grid->n_forecasts = 1 + ref->n_rivals;
    ONUS_TRY(load_one(loading, ref->source.file, "predictions", &cells, 0));
    for (size_t k = 0; k < ref->n_rivals; k++) {
        ONUS_TRY(load_one(loading, ref->rivals[k].file, "rival", &cells, k + 1));
    }
    ONUS_TRY(load_events(loading, &cells));
out:
    onus_free(cells.bins);
    return status;
}

void onus_csep_clear(onus_csep_grid *grid) {
    for (size_t k = 0; grid->rates != NULL && k < grid->n_forecasts; k++) {
        onus_free(grid->rates[k]);
    }
    onus_free(grid->rates);
    onus_free(grid->west);
    onus_free(grid->east);
    onus_free(grid->south);
    onus_free(grid->north);
    onus_free(grid->mark_low);
    onus_free(grid->mark_high);
    onus_free(grid->counts);
    onus_free(grid->before_cell);
    onus_free(grid->before_unix_s);
    onus_free(grid->before_count);
    *grid = (onus_csep_grid){0};
}
