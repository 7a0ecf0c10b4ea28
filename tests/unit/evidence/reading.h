/* For tests of tables: a text or a file read with given columns, and what came of it. */
#ifndef ONUS_TEST_READING_H
#define ONUS_TEST_READING_H

#include "../fault.h"

#include "evidence_internal.h"
#include "temp_files.h"

static const onus_time_ref new_york = {.column = "t", .zone = "America/New_York"};
static const onus_time_ref us_dates = {
    .column = "t", .format = "%m/%d/%Y %H:%M", .zone = "America/New_York"};
static const onus_time_ref no_zone = {.column = "t"};

static const onus_column_ask lon_lat[] = {
    {.name = "lon", .type = ONUS_COLUMN_LON, .missing_reason = "no coordinates"},
    {.name = "lat", .type = ONUS_COLUMN_LAT, .missing_reason = "no coordinates"}};

typedef struct reading {
    onus_table table;
    onus_input input;
    onus_problems problems;
    onus_status status;
} reading;

static inline reading *read_source(const onus_source *source, const onus_column_ask *asks,
                                   size_t n_asks) {
    reading *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->input.role = "outcomes";
    r->status =
        onus_table_read(source, temp_dir, asks, n_asks, NULL, &r->table, &r->input, &r->problems);
    if (r->status == ONUS_OK) {
        assert_int_equal(r->problems.n_all, 0);
        assert_true(onus_input_adds_up(&r->input));
        assert_int_equal(r->input.used, r->table.n_rows);
    } else {
        assert_int_equal(r->table.n_rows, 0);
        assert_null(r->table.columns);
    }
    return r;
}

static inline reading *read_text(const char *name, const char *text, const onus_column_ask *asks,
                                 size_t n_asks) {
    write_text(name, text);
    const onus_source source = {.file = (char *)(uintptr_t)name};
    return read_source(&source, asks, n_asks);
}

static inline void done(reading *r) {
    onus_table_clear(&r->table);
    onus_input_clear(&r->input);
    free(r);
}

static inline void assert_problem(const reading *r, size_t k, const char *expected) {
    char text[1200];
    assert_true(k < r->problems.n_full);
    assert_string_equal(onus_error_format(&r->problems.full[k], text, sizeof text), expected);
}

#endif
