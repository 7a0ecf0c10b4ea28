/* The tables, read back by libcsv, which knows nothing of our writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/csv_out.h"
#include "../../../src/report/files.h"
#include "../../../src/report/report_internal.h"
#include "fixture.h"

enum { MOST_CELLS = 8192 };

typedef struct cells {
    char *text[MOST_CELLS];
    size_t n;
    size_t n_rows;
    size_t n_columns; /* of the first row; every other must have as many */
    size_t row_start;
} cells;

static void one_field(void *bytes, size_t len, void *state) {
    cells *c = state;
    assert_true(c->n < MOST_CELLS);
    c->text[c->n] = malloc(len + 1);
    assert_non_null(c->text[c->n]);
    if (len > 0) {
        memcpy(c->text[c->n], bytes, len);
    }
    c->text[c->n][len] = '\0';
    c->n++;
}

static void one_row(int terminator, void *state) {
    (void)terminator;
    cells *c = state;
    const size_t n = c->n - c->row_start;
    if (c->n_rows == 0) {
        c->n_columns = n;
    }
    assert_int_equal(n, c->n_columns);
    c->n_rows++;
    c->row_start = c->n;
}

static cells *parsed(const char *text, size_t len) {
    cells *c = calloc(1, sizeof *c);
    assert_non_null(c);
    struct csv_parser parser;
    assert_int_equal(csv_init(&parser, CSV_STRICT), 0);
    assert_int_equal(csv_parse(&parser, text, len, one_field, one_row, c), len);
    assert_int_equal(csv_fini(&parser, one_field, one_row, c), 0);
    csv_free(&parser);
    return c;
}

static void drop(cells *c) {
    for (size_t i = 0; i < c->n; i++) {
        free(c->text[i]);
    }
    free(c);
}

static char base[64];

static cells *table(const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", base, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[200000];
    const size_t len = fread(bytes, 1, sizeof bytes, file);
    assert_true(len < sizeof bytes);
    assert_int_equal(fclose(file), 0);
    return parsed(bytes, len);
}

static const char *at(const cells *c, size_t row, const char *column) {
    for (size_t k = 0; k < c->n_columns; k++) {
        if (strcmp(c->text[k], column) == 0) {
            return c->text[row * c->n_columns + k];
        }
    }
    fail_msg("there is no column '%s'", column);
    return NULL;
}

static int write_tables(void **state) {
    (void)state;
    (void)snprintf(base, sizeof base, "test_tables.XXXXXX");
    if (mkdtemp(base) == NULL) {
        return -1;
    }
    fixture *f = fixture_new();
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_report_tables(&f->result, base, &err);
    fixture_free(f);
    return status == ONUS_OK ? 0 : -1;
}

static int remove_tables(void **state) {
    (void)state;
    onus_report_remove(base);
    return 0;
}

/* ---- facts ---- */

static void fields_that_need_quotes_come_back(void **state) {
    (void)state;
    static const char *const fields[] = {
        "plain", "with, comma", "with \"quotes\"", "\"", "line\nbreak", "", "cr\rhere", "\"\"x"};
    enum { N = sizeof fields / sizeof fields[0] };
    onus_csv csv = {0};
    for (size_t i = 0; i < N; i++) {
        onus_csv_text(&csv, fields[i]);
    }
    onus_csv_end_row(&csv);
    cells *c = parsed(csv.text.data, csv.text.len);
    assert_int_equal(c->n, N);
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(c->text[i], fields[i]);
    }
    drop(c);
    onus_text_clear(&csv.text);
}

static void measures_have_a_column_for_each_scope_key(void **state) {
    (void)state;
    cells *c = table("measures.csv");
    assert_int_equal(c->n_rows, 1 + 94);
    size_t n_withheld = 0;
    for (size_t row = 1; row < c->n_rows; row++) {
        (void)at(c, row, "universe");
        (void)at(c, row, "decile");
        (void)at(c, row, "convention");
        const bool withheld = strcmp(at(c, row, "withheld"), "yes") == 0;
        if (withheld) {
            n_withheld++;
            assert_string_equal(at(c, row, "group"), "Samoan, \"Tongan\"");
            assert_string_equal(at(c, row, "value"), "");
            assert_string_equal(at(c, row, "num"), "");
            assert_string_equal(at(c, row, "den"), "");
        }
        if (strcmp(at(c, row, "value"), "") == 0) {
            assert_true(strlen(at(c, row, "reason")) > 0);
        }
        if (strcmp(at(c, row, "id"), "burden.gini") == 0) {
            assert_string_equal(at(c, row, "value"), "0.61803398874989479");
        }
    }
    assert_int_equal(n_withheld, 1);
    drop(c);
}

static void withheld_and_undefined_areas_are_told_apart(void **state) {
    (void)state;
    cells *c = table("areas.csv");
    size_t n_few = 0;
    assert_int_equal(c->n_rows, 1 + 108);
    for (size_t row = 1; row < c->n_rows; row++) {
        const size_t i = row - 1;
        const bool withheld = i % 23 == 4;
        const bool empty = i == 30;
        assert_true((strcmp(at(c, row, "residents_latino"), "") == 0) == withheld);
        assert_true((strcmp(at(c, row, "flags_per_resident"), "") == 0) == empty);
        const bool few = strcmp(at(c, row, "outcomes"), "") == 0;
        n_few += few;
        assert_string_equal(at(c, row, "withheld"), withheld && few
                                                        ? "residents_latino;share_latino;outcomes"
                                                    : withheld ? "residents_latino;share_latino"
                                                    : few      ? "outcomes"
                                                               : "");
        assert_string_equal(at(c, row, "undefined"),
                            empty ? "flags_per_resident;share_latino" : "");
    }
    assert_int_equal(n_few, 10);
    drop(c);
}

static void account_adds_up(void **state) {
    (void)state;
    cells *c = table("evidence.csv");
    long people = 0;
    for (size_t row = 1; row < c->n_rows; row++) {
        if (strcmp(at(c, row, "role"), "people") == 0) {
            people += strtol(at(c, row, "rows"), NULL, 10);
        }
    }
    assert_int_equal(people, 2514);
    drop(c);
}

static void every_claim_and_question_has_a_row(void **state) {
    (void)state;
    cells *c = table("claims.csv");
    assert_int_equal(c->n_rows, 1 + 4);
    assert_string_equal(at(c, 2, "verdict"), "not shown");
    assert_string_equal(at(c, 2, "verdict_raw"), "contradicted");
    assert_string_equal(at(c, 3, "say"), "</script><script>alert(1)</script><!-- & 'more'");
    assert_string_equal(at(c, 1, "scope"), "universe=residents; group=Latino");
    drop(c);
    c = table("questions.csv");
    assert_int_equal(c->n_rows, 1 + 15);
    drop(c);
}

static void series_keep_text_numbers_and_gaps(void **state) {
    (void)state;
    cells *c = table("series_a_tricky_one.csv");
    assert_int_equal(c->n_rows, 3);
    assert_string_equal(at(c, 1, "label"), "comma, \"quote\"\nline");
    assert_string_equal(at(c, 1, "value"), "0.10000000000000001");
    assert_string_equal(at(c, 2, "label"), "");
    drop(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_that_need_quotes_come_back),
        cmocka_unit_test(measures_have_a_column_for_each_scope_key),
        cmocka_unit_test(withheld_and_undefined_areas_are_told_apart),
        cmocka_unit_test(account_adds_up),
        cmocka_unit_test(every_claim_and_question_has_a_row),
        cmocka_unit_test(series_keep_text_numbers_and_gaps),
    };
    return cmocka_run_group_tests(tests, write_tables, remove_tables);
}
