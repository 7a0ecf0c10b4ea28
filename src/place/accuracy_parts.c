/* Parts of what was recorded: a district, a shift of the day, ground that patrols were on.
 *
 *   record -> district    that its place lies in (districts: a layer); none: outside them all
 *          -> shift       that its local time of day lies in (protocol.shifts), half-open
 *          -> visited     in a flag that was visited in its time, or in a cell and window with a
 * visit
 *
 * Windows are ranked once; what of a part was captured is read off the same ranking, so a part
 * costs next to nothing and every part is of one and the same trial. Only sums over windows leave.
 * What a method of comparison captured in a district is given for large districts alone (THE WALL):
 * a layer of districts as small as cells would ask where it flags.
 *
 * Called by accuracy.c between the events and the run. Never looks at a score. */
#include "accuracy_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"

enum { DAY_S = 86400, MINUTE_S = 60 };

size_t acc_at_part(const accuracy *a, size_t part, size_t level, size_t method) {
    const size_t each = 1 + a->n_levels * (1 + a->n_baselines);
    return acc_at_score(a, 1 + a->n_baselines, (onus_score)0) + part * each + 1 +
           level * (1 + a->n_baselines) + method;
}

size_t acc_at_part_outcomes(const accuracy *a, size_t part) {
    return acc_at_part(a, part, 0, 0) - 1;
}

static size_t n_records(const place_trial *t) {
    return t->evidence->outcomes.n_outcomes + t->evidence->outcomes.n_history;
}

/* ---- names and columns ---- */

onus_status acc_parts_name(place_trial *t, accuracy *a) {
    const onus_layer *districts = &t->evidence->districts;
    const onus_protocol *p = &t->c->protocol;
    const bool visited = t->evidence->patrols.from_unix_s != NULL;
    const size_t n = districts->n_areas + p->n_shifts + (visited ? 1 : 0);
    a->parts = place_keep(t, onus_alloc_n(n + 1, sizeof *a->parts));
    if (a->parts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t d = 0; d < districts->n_areas; d++) {
        a->parts[a->n_parts++] = (acc_part){.kind = ACC_PART_DISTRICT, .name = districts->ids[d]};
    }
    for (size_t s = 0; s < p->n_shifts; s++) {
        a->parts[a->n_parts++] = (acc_part){.kind = ACC_PART_SHIFT, .name = p->shifts[s].name};
    }
    if (visited) {
        a->parts[a->n_parts++] = (acc_part){.kind = ACC_PART_VISITED, .name = "visited"};
    }
    a->n_columns = acc_at_part_outcomes(a, a->n_parts);
    return ONUS_OK;
}

static size_t first_of(const accuracy *a, acc_part_kind kind) {
    size_t k = 0;
    while (k < a->n_parts && a->parts[k].kind != kind) {
        k++;
    }
    return k;
}

static int32_t *new_column(place_trial *t, accuracy *a, acc_part_kind kind) {
    const size_t n = n_records(t);
    int32_t *column = place_keep(t, onus_alloc_n(n + 1, sizeof *column));
    for (size_t i = 0; column != NULL && i < n; i++) {
        column[i] = -1;
    }
    a->part_of[kind] = column;
    return column;
}

/* ---- districts ---- */

static onus_polygons districts_of(const place_trial *t) {
    const onus_layer *l = &t->evidence->districts;
    return (onus_polygons){.n_areas = l->n_areas,
                           .area_rings = l->area_rings,
                           .ring_points = l->ring_points,
                           .x = l->x_m,
                           .y = l->y_m};
}

static onus_status find_districts(place_trial *t, accuracy *a) {
    const onus_outcomes *o = &t->evidence->outcomes;
    const onus_polygons shapes = districts_of(t);
    const size_t n = n_records(t);
    const size_t first = first_of(a, ACC_PART_DISTRICT);
    int32_t *column = new_column(t, a, ACC_PART_DISTRICT);
    int32_t *of_cell = onus_alloc_n(a->cells.n_cells, sizeof *of_cell);
    onus_status status = ONUS_OK;
    if (column == NULL || of_cell == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_locate(&shapes, NULL, PLACE_LATTICE_M, a->cells.x_m, a->cells.y_m,
                         a->cells.n_cells, t->context, of_cell, t->err));
    for (size_t c = 0; c < a->cells.n_cells; c++) {
        if (of_cell[c] >= 0) {
            a->parts[first + (size_t)of_cell[c]].n_cells++;
        }
    }
    if (o->x_m != NULL) {
        ONUS_TRY(onus_locate(&shapes, NULL, PLACE_LATTICE_M, o->x_m, o->y_m, n, t->context, column,
                             t->err));
    } else {
        for (size_t i = 0; i < n; i++) { /* only cells were recorded: their middles */
            column[i] = a->event_cell[i] >= 0 ? of_cell[a->event_cell[i]] : -1;
        }
    }
    for (size_t i = 0; i < n; i++) {
        column[i] = column[i] >= 0 ? column[i] + (int32_t)first : -1;
    }
out:
    onus_free(of_cell);
    return status;
}

/* ---- shifts ---- */

static onus_status find_shifts(place_trial *t, accuracy *a) {
    const onus_protocol *p = &t->c->protocol;
    const onus_outcomes *o = &t->evidence->outcomes;
    const size_t first = first_of(a, ACC_PART_SHIFT);
    int32_t of_minute[ONUS_MINUTES_A_DAY];
    size_t bad = 0;
    const char *why = NULL;
    onus_zone *zone = NULL;
    onus_status status = ONUS_OK;
    int32_t *column = new_column(t, a, ACC_PART_SHIFT);
    if (column == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (!onus_case_shifts(p->shifts, p->n_shifts, of_minute, &bad, &why)) {
        return onus_bug(t->err, "shifts that the case file's check let pass");
    }
    if (t->c->outcomes.time.zone != NULL) {
        ONUS_TRY(onus_zone_open(t->c->outcomes.time.zone, &zone, t->err));
    }
    for (size_t i = 0; i < n_records(t); i++) {
        if (!isfinite(o->unix_s[i])) {
            continue;
        }
        const int64_t local_s =
            zone != NULL ? onus_zone_local_s(zone, o->unix_s[i]) : (int64_t)floor(o->unix_s[i]);
        const int64_t of_day = (local_s % DAY_S + DAY_S) % DAY_S;
        const int32_t shift = of_minute[of_day / MINUTE_S];
        column[i] = shift >= 0 ? shift + (int32_t)first : -1;
    }
out:
    onus_zone_close(zone);
    return status;
}

/* ---- visited ground ---- */

static int by_key(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Every (window, cell) with a visit, ascending. */
static onus_status visited_cells(place_trial *t, const accuracy *a, onus_array *keys) {
    const onus_patrols *v = &t->evidence->patrols;
    int32_t *cell = onus_alloc_n(v->n_visits, sizeof *cell);
    onus_status status = cell == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    ONUS_TRY(status);
    ONUS_TRY(acc_cells_of(t, a, v->x_m, v->y_m, v->n_visits, cell));
    for (size_t i = 0; i < v->n_visits; i++) {
        const double from_s = v->from_unix_s[i];
        const double until_s = v->until_unix_s != NULL ? v->until_unix_s[i] : NAN;
        for (size_t w = acc_window_behind(a, from_s);
             cell[i] >= 0 && w < a->n_windows &&
             (a->windows[w].from_s <= from_s || a->windows[w].from_s < until_s);
             w++) {
            const uint64_t key = (uint64_t)w * a->cells.n_cells + (uint64_t)cell[i];
            ONUS_TRY(onus_array_push(keys, &key));
        }
    }
    if (keys->n_items > 0) {
        qsort(keys->items, keys->n_items, sizeof(uint64_t), by_key);
    }
out:
    onus_free(cell);
    return status;
}

static onus_status find_visited(place_trial *t, accuracy *a) {
    const int32_t part = (int32_t)first_of(a, ACC_PART_VISITED);
    onus_array keys = ONUS_ARRAY_OF(uint64_t);
    onus_status status = ONUS_OK;
    int32_t *column = new_column(t, a, ACC_PART_VISITED);
    if (column == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(visited_cells(t, a, &keys));
    for (size_t i = 0; i < n_records(t) && keys.n_items > 0; i++) {
        if (a->event_cell[i] >= 0 && a->event_window[i] >= 0) {
            const uint64_t key =
                (uint64_t)a->event_window[i] * a->cells.n_cells + (uint64_t)a->event_cell[i];
            const void *at = bsearch(&key, keys.items, keys.n_items, sizeof key, by_key);
            column[i] = at != NULL ? part : -1;
        }
    }
    if (!a->by_cells) {
        ONUS_TRY(acc_mark_visited(t, a, column, part));
    }
out:
    onus_array_clear(&keys);
    return status;
}

onus_status acc_parts(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    if (t->evidence->districts.n_areas > 0) {
        ONUS_TRY(find_districts(t, a));
    }
    if (t->c->protocol.n_shifts > 0) {
        ONUS_TRY(find_shifts(t, a));
    }
    if (t->evidence->patrols.from_unix_s != NULL) {
        ONUS_TRY(find_visited(t, a));
    }
out:
    return status;
}
