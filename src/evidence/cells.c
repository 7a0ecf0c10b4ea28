/* One cell into one checked value: number, count, longitude, latitude, time.
 *
 * This is the edge that STYLE 7.1 speaks of: what passes here is finite, in range and whole
 * ("42abc", "nan" and " 42" do not pass), and everything behind it trusts that. Local times that a
 * clock change makes ambiguous or impossible are counted on the column. Called by rows.c for each
 * wanted cell. Never decides what happens to the row. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "evidence_internal.h"
#include "onus/scalar.h"

static const int64_t DAY_S = 86400;

static const char *const kinds[] = {
    [ONUS_COLUMN_TEXT] = "unreadable text",
    [ONUS_COLUMN_ID] = "unreadable id",
    [ONUS_COLUMN_NUMBER] = "not a number",
    [ONUS_COLUMN_COUNT] = "not a count",
    [ONUS_COLUMN_LON] = "longitude out of range",
    [ONUS_COLUMN_LAT] = "latitude out of range",
    [ONUS_COLUMN_TIME] = "not a time",
    [ONUS_COLUMN_SCORE] = "not a score",
};

static void expected_form(const onus_column_ask *ask, char *buf, size_t size) {
    const char *form = "a number";
    switch (ask->type) {
    case ONUS_COLUMN_COUNT:
        form = "a count (0 or more)";
        break;
    case ONUS_COLUMN_LON:
        form = "a longitude in degrees (-180 to 180)";
        break;
    case ONUS_COLUMN_LAT:
        form = "a latitude in degrees (-90 to 90)";
        break;
    case ONUS_COLUMN_TIME:
        if (ask->time != NULL && ask->time->format != NULL) {
            char quoted[ONUS_QUOTED_MAX];
            (void)snprintf(buf, size, "a time of the form '%s'",
                           onus_quoted(ask->time->format, strlen(ask->time->format), quoted));
            return;
        }
        form = "a time (ISO 8601, such as 2018-02-25 06:15)";
        break;
    case ONUS_COLUMN_SCORE:
        form = "a score (a number; empty, NaN or NA where none could be made)";
        break;
    case ONUS_COLUMN_TEXT:
    case ONUS_COLUMN_ID:
        form = "text";
        break;
    case ONUS_COLUMN_NUMBER:
        break;
    }
    (void)snprintf(buf, size, "%s", form);
}

static bool in_range(onus_column_type type, double value) {
    switch (type) {
    case ONUS_COLUMN_COUNT:
        return value >= 0;
    case ONUS_COLUMN_LON:
        return value >= -180 && value <= 180;
    case ONUS_COLUMN_LAT:
        return value >= -90 && value <= 90;
    case ONUS_COLUMN_TEXT:
    case ONUS_COLUMN_ID:
    case ONUS_COLUMN_NUMBER:
    case ONUS_COLUMN_TIME:
    case ONUS_COLUMN_SCORE:
        break;
    }
    return true;
}

/* How programs write that there is no number: C and C++ "nan" and "-nan", Python "nan", pandas and
 * JavaScript "NaN", R "NA" and "NaN". Never "inf", which is a score gone wrong. */
static bool says_nan(const char *text, size_t len) {
    static const char *const words[] = {"nan", "-nan", "na"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0) {
            return true;
        }
    }
    return false;
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static bool parse_time(onus_rows *rows, size_t i, const onus_cell_in *cell) {
    const onus_time_ref *ref = rows->asks[i].time;
    onus_civil civil = {0};
    const bool own_format = ref != NULL && ref->format != NULL && cell->kind == ONUS_CELL_TEXTUAL;
    if (cell->kind == ONUS_CELL_NUMERIC ||
        !(own_format ? onus_civil_parse(cell->text, cell->len, ref->format, &civil)
                     : onus_civil_parse_iso(cell->text, cell->len, &civil))) {
        return false;
    }
    onus_column *column = &rows->table->columns[i];
    const int64_t civil_day = onus_civil_days(civil.year, civil.month, civil.day);
    const double civil_s =
        (double)(civil_day * DAY_S + civil.hour * 3600 + civil.minute * 60 + civil.second) +
        civil.fraction_s;
    int64_t day = civil_day;
    double unix_s = civil_s;
    if (civil.has_offset) {
        unix_s = civil_s - civil.offset_s;
        if (rows->zones[i] != NULL) {
            day = floor_div(onus_zone_local_s(rows->zones[i], unix_s), DAY_S);
        }
    } else if (rows->zones[i] != NULL) {
        switch (onus_zone_to_unix(rows->zones[i], &civil, &unix_s)) {
        case ONUS_LOCAL_TWICE:
            column->n_twice++;
            break;
        case ONUS_LOCAL_NEVER:
            column->n_never++;
            break;
        case ONUS_LOCAL_ONCE:
            break;
        }
    } else {
        column->n_assumed_utc++;
    }
    rows->parsed[i] = unix_s;
    rows->parsed_day[i] = (int32_t)day;
    return true;
}

onus_cell_state onus_cell_parse(onus_rows *rows, size_t i) {
    const onus_column_ask *ask = &rows->asks[i];
    const onus_cell_in *cell = &rows->cells[i];
    if (cell->kind == ONUS_CELL_MISSING || (cell->kind == ONUS_CELL_TEXTUAL && cell->len == 0)) {
        rows->parsed[i] = (double)NAN;
        rows->parsed_day[i] = INT32_MIN;
        return ONUS_CELL_ABSENT;
    }
    if (ask->type == ONUS_COLUMN_TEXT || ask->type == ONUS_COLUMN_ID) {
        return ONUS_CELL_GOOD;
    }
    if (ask->type == ONUS_COLUMN_TIME) {
        return parse_time(rows, i, cell) ? ONUS_CELL_GOOD : ONUS_CELL_BAD;
    }
    double value = cell->number;
    if (ask->type == ONUS_COLUMN_SCORE &&
        (cell->kind == ONUS_CELL_NUMERIC ? isnan(value) : says_nan(cell->text, cell->len))) {
        rows->parsed[i] = (double)NAN;
        return ONUS_CELL_ABSENT;
    }
    if (cell->kind != ONUS_CELL_NUMERIC && !onus_parse_double(cell->text, cell->len, &value)) {
        rows->parsed[i] = (double)NAN;
        return ONUS_CELL_BAD;
    }
    rows->parsed[i] = value + 0.0; /* no negative zero */
    return isfinite(value) && in_range(ask->type, value) ? ONUS_CELL_GOOD : ONUS_CELL_BAD;
}

void onus_cell_problem(const onus_rows *rows, size_t i, int64_t line, onus_error *err) {
    const onus_cell_in *cell = &rows->cells[i];
    char value[ONUS_QUOTED_MAX];
    char form[ONUS_QUOTED_MAX + 32];
    expected_form(&rows->asks[i], form, sizeof form);
    err->status =
        onus_fail(err, ONUS_ERR_DATA, rows->source->file, line, 0, "column '%s' is '%s', not %s",
                  rows->asks[i].name, onus_quoted(cell->text, cell->len, value), form);
}

const char *onus_cell_kind_of_problem(onus_column_type type) {
    return kinds[type];
}
