/* Recorded outcomes on cells and windows, one frame per predicted type.
 *
 *   record -> in which cell?   none: outside the region, counted, scored nowhere
 *          -> in which window? half-open; before the first: history, which only methods of
 *                              comparison look at; in none: counted
 *          -> of which predicted types? outcomes.types, else equal names; none: counted
 *
 * Methods of comparison get frames of their own where records say when they came to exist: each
 * record stands there at that time, so that no method knows what nobody could have known.
 *
 * A record that stands for two predicted types is an outcome of both; what is added up over types
 * then counts pairs, and a warning says how many. Every record of the period is in exactly one
 * place of the account. Called by accuracy.c after the windows. Never drops a record unsaid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"

enum { DAY_S = 86400 };

static size_t n_records(const place_trial *t) {
    return t->evidence->outcomes.n_outcomes + t->evidence->outcomes.n_history;
}

/* ---- where ---- */

/* The square of a point inside the region. A point on the region's eastern or northern edge has no
 * square to its east or north: it belongs to the one it borders. */
static int32_t square_of(const onus_frame_cells *cells, double x, double y) {
    const double column = floor((x - cells->x0_m) / cells->side_m);
    const double row = floor((y - cells->y0_m) / cells->side_m);
    for (int back = 0; back < 4; back++) {
        const double c = column - (back & 1);
        const double r = row - (back >> 1);
        const bool on_edge = (back & 1) == 0 || x == cells->x0_m + column * cells->side_m;
        const bool on_top = (back >> 1) == 0 || y == cells->y0_m + row * cells->side_m;
        if (on_edge && on_top && c >= 0.0 && r >= 0.0 && c < (double)cells->n_columns &&
            r < (double)cells->n_rows) {
            const int32_t at = cells->at[(size_t)r * cells->n_columns + (size_t)c];
            if (at >= 0) {
                return at;
            }
        }
    }
    return -1;
}

onus_status acc_cells_of(place_trial *t, const accuracy *a, const double *x_m, const double *y_m,
                         size_t n, int32_t *cell) {
    const bool squares = a->cells.side_m > 0.0;
    const onus_status status =
        onus_locate(squares ? &a->region : &a->cell_polygons, squares ? NULL : a->cells.id_rank,
                    PLACE_LATTICE_M, x_m, y_m, n, t->context, cell, t->err);
    for (size_t i = 0; i < n && status == ONUS_OK && squares; i++) {
        if (cell[i] >= 0) {
            cell[i] = square_of(&a->cells, x_m[i], y_m[i]);
        }
    }
    return status;
}

onus_status acc_event_cells(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const size_t n = n_records(t);
    a->event_cell = place_keep(t, onus_alloc_n(n, sizeof *a->event_cell));
    if (a->event_cell == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (o->cell != NULL) {
        if (n > 0) {
            memcpy(a->event_cell, o->cell, n * sizeof *o->cell);
        }
        return ONUS_OK;
    }
    return acc_cells_of(t, a, a->event_x_m, a->event_y_m, n, a->event_cell);
}

/* ---- when ---- */

/* Index of the window that holds the instant; -1: before the first; -2: between two or after. */
static int32_t window_at(const accuracy *a, double unix_s) {
    size_t low = 0;
    size_t high = a->n_windows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (a->windows[middle].from_s <= unix_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return -1;
    }
    return unix_s < a->windows[low - 1].until_s ? (int32_t)(low - 1) : -2;
}

/* ---- of which type ---- */

static const onus_mapping *mapping_of(const onus_outcomes_ref *ref, const char *predicted) {
    for (size_t m = 0; m < ref->n_types; m++) {
        if (strcmp(ref->types[m].name, predicted) == 0) {
            return &ref->types[m];
        }
    }
    return NULL;
}

static bool names(const onus_mapping *mapping, const char *recorded) {
    for (size_t v = 0; v < mapping->values.n; v++) {
        if (strcmp(mapping->values.items[v], recorded) == 0) {
            return true;
        }
    }
    return false;
}

bool place_stands_for(const onus_outcomes_ref *ref, const char *predicted, const char *recorded) {
    const onus_mapping *mapping = mapping_of(ref, predicted);
    return mapping != NULL ? names(mapping, recorded) : strcmp(predicted, recorded) == 0;
}

/* matched[slice][recorded type]: slice 0 is everything that any slice counts. */
static onus_status match_types(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const onus_outcomes_ref *ref = &t->c->outcomes;
    const size_t n_types = o->n_types;
    onus_status status = ONUS_OK;
    a->matched = place_keep(t, onus_alloc_n(a->n_slices * (n_types + 1), sizeof *a->matched));
    if (a->matched == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t r = 0; r < n_types; r++) {
        bool any = a->n_slices == 1 && ref->n_types == 0;
        for (size_t m = 0; m < ref->n_types && a->n_slices == 1; m++) {
            any = any || names(&ref->types[m], o->types[r]);
        }
        for (size_t s = 1; s < a->n_slices; s++) {
            const bool is = place_stands_for(ref, a->slices[s].type, o->types[r]);
            a->matched[s * n_types + r] = is ? 1 : 0;
            any = any || is;
        }
        a->matched[r] = any ? 1 : 0;
    }
    for (size_t s = 1; s < a->n_slices; s++) {
        bool any = false;
        for (size_t r = 0; r < n_types; r++) {
            any = any || a->matched[s * n_types + r] != 0;
        }
        if (!any && a->base == NULL) {
            ONUS_TRY(onus_result_warn(t->result, "unmatched_type",
                                      "the product predicts '%s', and no recorded type stands for "
                                      "it (outcomes.types)",
                                      a->slices[s].type));
        }
    }
out:
    return status;
}

static bool counts_in(const accuracy *a, const onus_outcomes *o, size_t slice, size_t i) {
    if (a->citizen_only && o->by_officer[i] != 0) {
        return false;
    }
    if (o->type == NULL) {
        return true; /* records without types are outcomes of every type */
    }
    return a->matched[slice * o->n_types + o->type[i]] != 0;
}

/* ---- frames ---- */

typedef struct timed {
    double unix_s;
    int32_t record;
} timed;

static int by_time(const void *a, const void *b) {
    const timed *x = a;
    const timed *y = b;
    if (x->unix_s != y->unix_s) {
        return x->unix_s < y->unix_s ? -1 : 1;
    }
    return (x->record > y->record) - (x->record < y->record);
}

/** Records in order of time: when it happened, or when the record came to exist. */
typedef struct telling {
    const timed *order;
    size_t n;
    bool as_known;
    const onus_zone *zone;
} telling;

typedef struct columns {
    int32_t *cell;
    double *x_m;
    double *y_m;
    double *unix_s;
    int32_t *day;
    int32_t *window;
    double *count;
    uint8_t *by_officer;
    int32_t *record;
} columns;

static onus_status make_columns(place_trial *t, size_t n, columns *c) {
    c->cell = place_keep(t, onus_alloc_n(n, sizeof *c->cell));
    c->x_m = place_doubles(t, n);
    c->y_m = place_doubles(t, n);
    c->unix_s = place_doubles(t, n);
    c->day = place_keep(t, onus_alloc_n(n, sizeof *c->day));
    c->window = place_keep(t, onus_alloc_n(n, sizeof *c->window));
    c->count = place_doubles(t, n);
    c->by_officer = place_keep(t, onus_alloc_n(n, sizeof *c->by_officer));
    c->record = place_keep(t, onus_alloc_n(n, sizeof *c->record));
    return c->cell == NULL || c->x_m == NULL || c->y_m == NULL || c->unix_s == NULL ||
                   c->day == NULL || c->window == NULL || c->count == NULL ||
                   c->by_officer == NULL || c->record == NULL
               ? ONUS_ERR_NOMEM
               : ONUS_OK;
}

/* When the record of an outcome came to exist; never before the outcome. */
static double known_at(const onus_outcomes *o, size_t record) {
    const double recorded = o->recorded_unix_s != NULL ? o->recorded_unix_s[record] : NAN;
    return recorded > o->unix_s[record] ? recorded : o->unix_s[record];
}

static int32_t day_at(const onus_zone *zone, double unix_s) {
    const int64_t local_s = zone != NULL ? onus_zone_local_s(zone, unix_s) : (int64_t)floor(unix_s);
    return (int32_t)(local_s / DAY_S - (local_s % DAY_S < 0 ? 1 : 0));
}

static void add_event(const place_trial *t, const accuracy *a, const columns *c, size_t at,
                      size_t record, const telling *how) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const int32_t cell = a->event_cell[record];
    c->cell[at] = cell;
    c->x_m[at] = a->event_x_m != NULL ? a->event_x_m[record] : a->cells.x_m[cell];
    c->y_m[at] = a->event_y_m != NULL ? a->event_y_m[record] : a->cells.y_m[cell];
    c->unix_s[at] = how->as_known ? known_at(o, record) : o->unix_s[record];
    c->day[at] = how->as_known ? day_at(how->zone, c->unix_s[at]) : o->day[record];
    c->window[at] = a->event_window[record] >= 0 ? a->event_window[record] : -1;
    c->count[at] = o->counts[record];
    c->by_officer[at] = o->by_officer != NULL ? o->by_officer[record] : 0;
    c->record[at] = (int32_t)record;
}

/* The events of one type; of everything where there are several types, every pair of both. */
static onus_status make_frame(place_trial *t, accuracy *a, const telling *how, size_t s,
                              onus_frame *out) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const bool pairs = s == 0 && a->n_slices > 1;
    columns c;
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            const onus_status status = make_columns(t, n, &c);
            if (status != ONUS_OK) {
                return status;
            }
            n = 0;
        }
        for (size_t k = 0; k < how->n; k++) {
            const size_t record = (size_t)how->order[k].record;
            for (size_t q = pairs ? 1 : s; q < (pairs ? a->n_slices : s + 1); q++) {
                if (counts_in(a, o, q, record)) {
                    if (pass == 1) {
                        add_event(t, a, &c, n, record, how);
                    }
                    n++;
                }
            }
        }
    }
    *out = (onus_frame){.cells = &a->cells,
                        .windows = a->windows,
                        .n_windows = a->n_windows,
                        .n_units = a->n_units,
                        .events = {.n_events = n,
                                   .cell = c.cell,
                                   .x_m = c.x_m,
                                   .y_m = c.y_m,
                                   .unix_s = c.unix_s,
                                   .day = c.day,
                                   .window = c.window,
                                   .count = c.count,
                                   .by_officer = o->by_officer != NULL ? c.by_officer : NULL,
                                   .record = c.record}};
    return ONUS_OK;
}

static void tell_account(const place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    acc_account *account = &a->account;
    for (size_t i = 0; i < n_records(t); i++) {
        const double count = o->counts[i];
        const bool outside = a->event_cell[i] < 0;
        if (i >= o->n_outcomes || a->event_window[i] == -1) {
            *(outside ? &account->n_history_outside : &account->n_history) += count;
            continue;
        }
        account->n_all += count;
        if (outside) {
            account->n_outside += count;
        } else if (a->event_window[i] < 0) {
            account->n_no_window += count;
        } else if (!counts_in(a, o, 0, i)) {
            account->n_other_type += count;
        } else {
            size_t n_types = a->n_slices == 1 ? 1 : 0;
            for (size_t s = 1; s < a->n_slices; s++) {
                n_types += counts_in(a, o, s, i) ? 1 : 0;
            }
            account->n_scored += count;
            account->n_pairs += count * (double)n_types;
            a->n_typed_twice += n_types > 1 ? 1 : 0;
        }
    }
}

static onus_status name_slices(place_trial *t, accuracy *a) {
    const onus_flags *flags = &t->evidence->flags;
    const size_t n_types = !a->by_cells && flags->type != NULL ? flags->n_types : 0;
    a->n_slices = 1 + n_types;
    a->slices = place_keep(t, onus_alloc_n(a->n_slices, sizeof *a->slices));
    if (a->slices == NULL) {
        a->n_slices = 0;
        return ONUS_ERR_NOMEM;
    }
    a->slices[0].flag_type = -1;
    for (size_t k = 0; k < n_types; k++) {
        a->slices[k + 1].type = flags->types[k];
        a->slices[k + 1].flag_type = (int32_t)k;
    }
    return ONUS_OK;
}

/* Where the records lie; a second run may have turned the ground under them. */
static onus_status place_records(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const double angle = a->change.turn_rad;
    const size_t n = n_records(t);
    a->event_x_m = o->x_m;
    a->event_y_m = o->y_m;
    if (o->x_m == NULL || angle == 0.0) {
        return ONUS_OK;
    }
    double *x = place_doubles(t, n);
    double *y = place_doubles(t, n);
    if (x == NULL || y == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = cos(angle) * o->x_m[i] - sin(angle) * o->y_m[i];
        y[i] = sin(angle) * o->x_m[i] + cos(angle) * o->y_m[i];
    }
    a->event_x_m = x;
    a->event_y_m = y;
    return ONUS_OK;
}

onus_status acc_events(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const size_t n = n_records(t);
    timed *order = onus_alloc_n(n, sizeof *order);
    size_t n_order = 0;
    onus_zone *zone = NULL;
    onus_status status = ONUS_ERR_NOMEM;
    a->event_window = place_keep(t, onus_alloc_n(n, sizeof *a->event_window));
    if (order == NULL || a->event_window == NULL) {
        goto out;
    }
    ONUS_TRY(place_records(t, a));
    ONUS_TRY(name_slices(t, a));
    ONUS_TRY(match_types(t, a));
    ONUS_TRY(acc_event_cells(t, a));
    for (size_t i = 0; i < n; i++) {
        a->event_window[i] = window_at(a, o->unix_s[i]);
        if (o->counts[i] != floor(o->counts[i])) {
            status = onus_fail(t->err, ONUS_ERR_DATA, t->c->outcomes.source.file, 0, 0,
                               "a count of %.10g is no number of outcomes: it takes whole numbers",
                               o->counts[i]);
            goto out;
        }
        if (a->event_cell[i] >= 0 && counts_in(a, o, 0, i)) {
            order[n_order++] = (timed){.unix_s = o->unix_s[i], .record = (int32_t)i};
        }
    }
    qsort(order, n_order, sizeof *order, by_time);
    const telling happened = {.order = order, .n = n_order};
    for (size_t s = 0; s < a->n_slices; s++) {
        ONUS_TRY(make_frame(t, a, &happened, s, &a->slices[s].frame));
        a->slices[s].known = a->slices[s].frame;
    }
    tell_account(t, a);
    if (o->recorded_unix_s == NULL) {
        status = ONUS_OK;
        goto out;
    }
    if (t->c->outcomes.time.zone != NULL) {
        ONUS_TRY(onus_zone_open(t->c->outcomes.time.zone, &zone, t->err));
    }
    for (size_t k = 0; k < n_order; k++) {
        order[k].unix_s = known_at(o, (size_t)order[k].record);
    }
    qsort(order, n_order, sizeof *order, by_time);
    const telling known = {.order = order, .n = n_order, .as_known = true, .zone = zone};
    for (size_t s = 0; s < a->n_slices; s++) {
        ONUS_TRY(make_frame(t, a, &known, s, &a->slices[s].known));
    }
    status = ONUS_OK;
out:
    onus_zone_close(zone);
    onus_free(order);
    return status;
}
