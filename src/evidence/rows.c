/* Rows into typed columns, whatever source they come from: the scanner (table.c) or GDAL (gdal.c).
 *
 * A source names its columns once (onus_rows_columns) and then hands over the wanted cells of one
 * row at a time. Here the row is selected (`where`), each cell is checked against the type that was
 * asked for, and the row is kept whole or counted under the first reason that speaks against it.
 * Checking at this one edge is what lets everything behind it trust its numbers. Problems carry the
 * line, the column, the value and what would have been right; the caller's onus_problems caps how
 * many are kept.
 *
 * Latitudes that are none, in pairs that would be places with the two numbers exchanged, are held
 * back until the end: if most pairs are like that, the file has one problem and not a thousand. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

enum { WHERE_SEEN_MAX = 64, QUOTED_SHOWN = 60, ROWS_FIRST = 256 };

const char *onus_quoted(const char *text, size_t len, char buf[ONUS_QUOTED_MAX]) {
    size_t n = 0;
    size_t i = 0;
    while (i < len && n < QUOTED_SHOWN) {
        const unsigned char c = (unsigned char)text[i++];
        buf[n++] = (char)(c < 0x20 || c == 0x7F ? '?' : c);
    }
    if (i < len) {
        while (n > 0 && ((unsigned char)text[i] & 0xC0) == 0x80) { /* not inside a character */
            i--;
            n--;
        }
        memcpy(buf + n, "...", 3);
        n += 3;
    }
    buf[n] = '\0';
    if (onus_utf8_check(buf, n) != n) {
        for (size_t k = 0; k < n; k++) {
            buf[k] = (char)((unsigned char)buf[k] > 0x7F ? '?' : buf[k]);
        }
    }
    return buf;
}

const char *onus_did_you_mean(const char *word, const char *const *names, size_t n_names, char *buf,
                              size_t size) {
    const char *near = onus_text_nearest(word, names, n_names);
    if (near == NULL) {
        buf[0] = '\0';
    } else {
        char quoted[ONUS_QUOTED_MAX];
        (void)snprintf(buf, size, "; did you mean '%s'?", onus_quoted(near, strlen(near), quoted));
    }
    return buf;
}

static size_t n_wanted(const onus_rows *rows) {
    return rows->n_asks + rows->source->n_where;
}

/* ---- beginning ---- */

static onus_status open_zones(onus_rows *rows) {
    onus_status result = ONUS_OK;
    for (size_t i = 0; i < rows->n_asks; i++) {
        const onus_column_ask *ask = &rows->asks[i];
        if (ask->type != ONUS_COLUMN_TIME || ask->time == NULL) {
            continue;
        }
        const char *bad =
            ask->time->format == NULL ? NULL : onus_civil_format_check(ask->time->format);
        if (bad != NULL) {
            onus_problems_add(rows->problems, "time format", rows->source->file, 0, 0,
                              "the time format '%s' of column '%s' uses '%s', which is not known",
                              ask->time->format, ask->name, bad);
            result = ONUS_ERR_DATA;
        }
        if (ask->time->zone == NULL) {
            continue;
        }
        onus_error err = ONUS_ERROR_INIT;
        const onus_status status = onus_zone_open(ask->time->zone, &rows->zones[i], &err);
        if (status == ONUS_ERR_NOMEM) {
            return status;
        }
        if (status != ONUS_OK) {
            onus_problems_add_error(rows->problems, "time zone", &err);
            result = ONUS_ERR_DATA;
        }
    }
    return result;
}

onus_status onus_rows_begin(onus_rows *rows, const onus_source *source, const onus_column_ask *asks,
                            size_t n_asks, onus_table *table, onus_input *input,
                            onus_problems *problems) {
    *rows = (onus_rows){.source = source,
                        .asks = asks,
                        .n_asks = n_asks,
                        .table = table,
                        .input = input,
                        .problems = problems,
                        .ask_lon = n_asks,
                        .ask_lat = n_asks,
                        .where_seen = ONUS_ARRAY_OF(char *)};
    rows->places = onus_alloc_n(n_wanted(rows), sizeof *rows->places);
    rows->cells = onus_alloc_n(n_wanted(rows), sizeof *rows->cells);
    rows->zones = onus_alloc_n(n_asks, sizeof *rows->zones);
    rows->parsed = onus_alloc_n(n_asks, sizeof *rows->parsed);
    rows->parsed_day = onus_alloc_n(n_asks, sizeof *rows->parsed_day);
    rows->swapped = onus_alloc_n(ONUS_PROBLEMS_FULL, sizeof *rows->swapped);
    table->columns = onus_alloc_n(n_asks, sizeof *table->columns);
    if (rows->places == NULL || rows->cells == NULL || rows->zones == NULL ||
        rows->parsed == NULL || rows->parsed_day == NULL || rows->swapped == NULL ||
        table->columns == NULL) {
        return ONUS_ERR_NOMEM;
    }
    table->n_columns = n_asks;
    for (size_t i = 0; i < n_asks; i++) {
        table->columns[i].type = asks[i].type;
        if (asks[i].type == ONUS_COLUMN_LON) {
            rows->ask_lon = i;
        }
        if (asks[i].type == ONUS_COLUMN_LAT) {
            rows->ask_lat = i;
        }
    }
    if (rows->ask_lon == n_asks || rows->ask_lat == n_asks) {
        rows->ask_lon = n_asks;
        rows->ask_lat = n_asks;
    }
    return open_zones(rows);
}

static onus_status find_column(onus_rows *rows, const char *wanted, const char *const *names,
                               size_t n_names, int64_t line, size_t *place) {
    size_t found = n_names;
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(names[i], wanted) != 0) {
            continue;
        }
        if (found < n_names) {
            onus_problems_add(rows->problems, "column twice", rows->source->file, line, 0,
                              "column '%s' occurs twice (fields %zu and %zu)", wanted, found + 1,
                              i + 1);
            return ONUS_ERR_DATA;
        }
        found = i;
    }
    *place = found;
    if (found < n_names) {
        return ONUS_OK;
    }
    char hint[256];
    (void)onus_did_you_mean(wanted, names, n_names, hint, sizeof hint);
    onus_text list = {0};
    if (hint[0] == '\0') {
        for (size_t i = 0; i < n_names && list.len < 200; i++) {
            char quoted[ONUS_QUOTED_MAX];
            onus_text_addf(&list, "%s'%s'", i == 0 ? "; it has " : ", ",
                           onus_quoted(names[i], strlen(names[i]), quoted));
            if (list.len >= 200 && i + 1 < n_names) {
                onus_text_add(&list, ", ...");
            }
        }
    }
    onus_problems_add(rows->problems, "missing column", rows->source->file, line, 0,
                      "no column '%s'%s%s", wanted, hint, list.data != NULL ? list.data : "");
    onus_text_clear(&list);
    return ONUS_ERR_DATA;
}

onus_status onus_rows_columns(onus_rows *rows, const char *const *names, size_t n_names,
                              int64_t line) {
    onus_status result = ONUS_OK;
    for (size_t i = 0; i < n_wanted(rows); i++) {
        const char *wanted =
            i < rows->n_asks ? rows->asks[i].name : rows->source->where[i - rows->n_asks].column;
        bool again = false; /* one column may be asked for twice, its absence is reported once */
        for (size_t k = 0; k < i; k++) {
            const char *before = k < rows->n_asks ? rows->asks[k].name
                                                  : rows->source->where[k - rows->n_asks].column;
            if (strcmp(before, wanted) == 0) {
                rows->places[i] = rows->places[k];
                again = true;
                break;
            }
        }
        if (!again &&
            find_column(rows, wanted, names, n_names, line, &rows->places[i]) != ONUS_OK) {
            result = ONUS_ERR_DATA;
        }
    }
    return result;
}

/* ---- keeping ---- */

static onus_status reserve_row(onus_rows *rows) {
    onus_table *table = rows->table;
    if (table->n_rows < rows->rows_cap) {
        return ONUS_OK;
    }
    const size_t cap = rows->rows_cap == 0 ? ROWS_FIRST : 2 * rows->rows_cap;
    int64_t *lines = onus_realloc_n(table->lines, cap, sizeof *lines);
    if (lines == NULL) {
        return ONUS_ERR_NOMEM;
    }
    table->lines = lines;
    for (size_t i = 0; i < table->n_columns; i++) {
        onus_column *column = &table->columns[i];
        if (column->type == ONUS_COLUMN_TEXT || column->type == ONUS_COLUMN_ID) {
            uint32_t *texts = onus_realloc_n(column->texts, cap, sizeof *texts);
            if (texts == NULL) {
                return ONUS_ERR_NOMEM;
            }
            column->texts = texts;
            continue;
        }
        double *numbers = onus_realloc_n(column->numbers, cap, sizeof *numbers);
        if (numbers == NULL) {
            return ONUS_ERR_NOMEM;
        }
        column->numbers = numbers;
        if (column->type == ONUS_COLUMN_TIME) {
            int32_t *days = onus_realloc_n(column->local_day, cap, sizeof *days);
            if (days == NULL) {
                return ONUS_ERR_NOMEM;
            }
            column->local_day = days;
        }
    }
    rows->rows_cap = cap;
    return ONUS_OK;
}

/* ---- selecting and taking ---- */

/* true if the row's latitude is none, but the pair is a place with its numbers exchanged. */
static bool looks_swapped(const onus_rows *rows) {
    if (rows->ask_lat == rows->n_asks) {
        return false;
    }
    const double lon = rows->parsed[rows->ask_lon];
    const double lat = rows->parsed[rows->ask_lat];
    return fabs(lat) > 90 && fabs(lat) <= 180 && fabs(lon) <= 90;
}

static bool is_selected(onus_rows *rows) {
    for (size_t w = 0; w < rows->source->n_where; w++) {
        const onus_where *where = &rows->source->where[w];
        const onus_cell_in *cell = &rows->cells[rows->n_asks + w];
        const size_t len = cell->kind == ONUS_CELL_MISSING ? 0 : cell->len;
        bool found = false;
        for (size_t v = 0; v < where->values.n && !found; v++) {
            found = strlen(where->values.items[v]) == len &&
                    memcmp(where->values.items[v], len == 0 ? "" : cell->text, len) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Keeps a few distinct values of the first `where` column as long as no row was selected. */
static onus_status note_value(onus_rows *rows) {
    const onus_cell_in *cell = &rows->cells[rows->n_asks];
    if (rows->table->n_rows > 0 || rows->where_seen.n_items >= WHERE_SEEN_MAX ||
        cell->kind == ONUS_CELL_MISSING || cell->len > ONUS_QUOTED_MAX) {
        return ONUS_OK;
    }
    char **seen = rows->where_seen.items;
    for (size_t i = rows->where_seen.n_items; i > 0; i--) {
        if (strlen(seen[i - 1]) == cell->len && memcmp(seen[i - 1], cell->text, cell->len) == 0) {
            return ONUS_OK;
        }
    }
    char *copy = onus_strndup(cell->text, cell->len);
    if (copy == NULL || onus_array_push(&rows->where_seen, &copy) != ONUS_OK) {
        onus_free(copy);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

static onus_status keep_row(onus_rows *rows, int64_t line) {
    onus_status status = ONUS_OK;
    onus_table *table = rows->table;
    ONUS_TRY(reserve_row(rows));
    const size_t row = table->n_rows;
    for (size_t i = 0; i < rows->n_asks; i++) {
        onus_column *column = &table->columns[i];
        const onus_cell_in *cell = &rows->cells[i];
        if (column->texts != NULL) {
            const bool absent = cell->kind == ONUS_CELL_MISSING;
            ONUS_TRY(onus_rows_intern(rows, absent ? "" : cell->text, absent ? 0 : cell->len,
                                      &column->texts[row]));
            continue;
        }
        column->numbers[row] = rows->parsed[i];
        if (column->local_day != NULL) {
            column->local_day[row] = rows->parsed_day[i];
        }
    }
    table->lines[row] = line;
    table->n_rows++;
    rows->input->used++;
out:
    return status;
}

onus_status onus_rows_take(onus_rows *rows, int64_t line) {
    rows->input->rows++;
    if (!is_selected(rows)) {
        rows->n_not_selected++;
        return note_value(rows);
    }
    const bool stop = rows->source->invalid == ONUS_INVALID_STOP;
    const char *reason = NULL;
    bool is_bad = false;
    for (size_t i = 0; i < rows->n_asks; i++) {
        const onus_column_ask *ask = &rows->asks[i];
        switch (onus_cell_parse(rows, i)) {
        case ONUS_CELL_GOOD:
            break;
        case ONUS_CELL_ABSENT:
            if (ask->may_be_missing) {
                break;
            }
            if (ask->missing_reason != NULL) {
                reason = reason == NULL ? ask->missing_reason : reason;
                break;
            }
            is_bad = true;
            reason = "empty field";
            if (stop) {
                onus_problems_add(rows->problems, "empty field", rows->source->file, line, 0,
                                  "column '%s' is empty", ask->name);
            }
            break;
        case ONUS_CELL_BAD:
            is_bad = true;
            reason = onus_cell_kind_of_problem(ask->type);
            if (!stop) {
                break;
            }
            onus_error err = ONUS_ERROR_INIT;
            onus_cell_problem(rows, i, line, &err);
            if (i == rows->ask_lat && rows->ask_lon < i && looks_swapped(rows)) {
                if (rows->n_swapped_full < ONUS_PROBLEMS_FULL) {
                    rows->swapped[rows->n_swapped_full++] = err;
                }
                rows->n_swapped++;
            } else {
                onus_problems_add_error(rows->problems, onus_cell_kind_of_problem(ask->type), &err);
            }
            break;
        }
    }
    rows->n_pairs++;
    if (reason != NULL) {
        rows->n_problem_rows += is_bad && stop;
        return onus_input_exclude(rows->input, reason, false, 1);
    }
    return keep_row(rows, line);
}

onus_status onus_rows_refuse(onus_rows *rows, const char *kind, int64_t line, int64_t col,
                             const char *fmt, ...) {
    rows->input->rows++;
    if (rows->source->invalid == ONUS_INVALID_STOP) {
        char text[ONUS_ERROR_TEXT_MAX];
        va_list args;
        va_start(args, fmt);
        (void)onus_vformat(text, sizeof text, fmt, args);
        va_end(args);
        onus_problems_add(rows->problems, kind, rows->source->file, line, col, "%s", text);
        rows->n_problem_rows++;
    }
    return onus_input_exclude(rows->input, kind, false, 1);
}

/* ---- the end ---- */

static void settle_swapped(onus_rows *rows) {
    if (rows->n_swapped == 0) {
        return;
    }
    if (2 * rows->n_swapped > rows->n_pairs) {
        onus_problems_add(rows->problems, "longitude and latitude swapped", rows->source->file,
                          rows->swapped[0].line, 0,
                          "longitude and latitude look swapped: in %llu of %llu rows column '%s' "
                          "holds no latitude, and the pair is a place only with the two exchanged",
                          (unsigned long long)rows->n_swapped, (unsigned long long)rows->n_pairs,
                          rows->asks[rows->ask_lat].name);
        return;
    }
    for (uint64_t i = 0; i < rows->n_swapped; i++) {
        /* past the last one kept, `problems` is full too and only counts */
        const size_t k = i < rows->n_swapped_full ? (size_t)i : rows->n_swapped_full - 1;
        onus_problems_add_error(rows->problems, onus_cell_kind_of_problem(ONUS_COLUMN_LAT),
                                &rows->swapped[k]);
    }
}

static void nothing_selected(onus_rows *rows) {
    const onus_where *where = &rows->source->where[0];
    onus_text wanted = {0};
    for (size_t v = 0; v < where->values.n && v < 5; v++) {
        char quoted[ONUS_QUOTED_MAX];
        onus_text_addf(&wanted, "%s'%s'", v == 0 ? "" : " or ",
                       onus_quoted(where->values.items[v], strlen(where->values.items[v]), quoted));
    }
    char hint[256] = "";
    if (rows->source->n_where == 1 && where->values.n == 1) {
        (void)onus_did_you_mean(where->values.items[0], (const char *const *)rows->where_seen.items,
                                rows->where_seen.n_items, hint, sizeof hint);
    }
    onus_problems_add(rows->problems, "no row selected", rows->source->file, 0, 0,
                      "no row has column '%s' equal to %s%s%s", where->column,
                      wanted.data != NULL ? wanted.data : "one of the values",
                      rows->source->n_where > 1 ? " and the other columns as `where` asks" : "",
                      hint);
    onus_text_clear(&wanted);
}

onus_status onus_rows_end(onus_rows *rows) {
    onus_status status = ONUS_OK;
    onus_input *input = rows->input;
    ONUS_TRY(onus_input_exclude(input, "not selected (where)", true, rows->n_not_selected));
    settle_swapped(rows);
    if (rows->n_problem_rows > 0) {
        return ONUS_ERR_DATA;
    }
    if (input->rows == 0) {
        onus_problems_add(rows->problems, "no rows", rows->source->file, 0, 0, "has no rows");
        return ONUS_ERR_DATA;
    }
    if (rows->n_not_selected == input->rows) {
        nothing_selected(rows);
        return ONUS_ERR_DATA;
    }
out:
    return status;
}

void onus_rows_clear(onus_rows *rows) {
    for (size_t i = 0; rows->zones != NULL && i < rows->n_asks; i++) {
        onus_zone_close(rows->zones[i]);
    }
    char **seen = rows->where_seen.items;
    for (size_t i = 0; i < rows->where_seen.n_items; i++) {
        onus_free(seen[i]);
    }
    onus_array_clear(&rows->where_seen);
    onus_free(rows->places);
    onus_free(rows->cells);
    onus_free(rows->zones);
    onus_free(rows->parsed);
    onus_free(rows->parsed_day);
    onus_free(rows->swapped);
    onus_free(rows->slots);
    *rows = (onus_rows){0};
}
