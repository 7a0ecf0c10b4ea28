/* Tables: what is read, and for each kind of bad input the message, the line and the status. */
#include "reading.h"

static void columns_are_found_by_name_and_typed(void **state) {
    (void)state;
    static const onus_column_ask asks[] = {
        {.name = "id", .type = ONUS_COLUMN_ID},
        {.name = "n", .type = ONUS_COLUMN_COUNT},
        {.name = "note", .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        {.name = "x", .type = ONUS_COLUMN_NUMBER, .may_be_missing = true}};
    reading *r = read_text("t.csv",
                           "note,x,unread,id,n\n"
                           "\"a \"\"b\"\"\",-1.5,zz,007,3\n"
                           ",,zz,8,0.25\n"
                           "\"a \"\"b\"\"\",1e3,\"z,z\",\"007\",-0\n",
                           asks, 4);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->table.n_rows, 3);
    assert_string_equal(onus_table_text(&r->table, 0, 0), "007");
    assert_string_equal(onus_table_text(&r->table, 0, 1), "8");
    assert_string_equal(onus_table_text(&r->table, 2, 0), "a \"b\"");
    assert_string_equal(onus_table_text(&r->table, 2, 1), "");
    assert_int_equal(r->table.columns[0].texts[0], r->table.columns[0].texts[2]);
    assert_int_equal(r->table.columns[2].texts[0], r->table.columns[2].texts[2]);
    assert_true(r->table.columns[1].numbers[1] == 0.25);
    assert_false(__builtin_signbit(r->table.columns[1].numbers[2]));
    assert_true(r->table.columns[3].numbers[2] == 1000);
    assert_true(__builtin_isnan(r->table.columns[3].numbers[1]));
    assert_int_equal(r->table.lines[2], 4);
    assert_int_equal(r->input.rows, 3);
    assert_int_equal(strlen(r->input.sha256), 64);
    done(r);
}

static void a_file_without_a_header_row_takes_the_names_of_the_case(void **state) {
    (void)state;
    char *names[] = {"x", "y", "lat", "lon"};
    write_text("h.csv", "1,2,40.5,-74\n1,2,40.6,-74.1\n");
    const onus_source source = {.file = "h.csv", .header = {.items = names, .n = 4}};
    reading *r = read_source(&source, lon_lat, 2);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->table.n_rows, 2);
    assert_true(r->table.columns[1].numbers[1] == 40.6);
    assert_int_equal(r->table.lines[0], 1);
    done(r);
}

/* One file, one message. */
static void each_bad_value_has_its_message(void **state) {
    (void)state;
    static const struct {
        onus_column_ask ask;
        const char *text;
        const char *message;
    } cases[] = {
        {{.name = "v", .type = ONUS_COLUMN_LON},
         "v,w\n10,1\n181.2,1\n",
         "t.csv:3: error: column 'v' is '181.2', not a longitude in degrees (-180 to 180)"},
        {{.name = "v", .type = ONUS_COLUMN_LAT},
         "v,w\n-90.01,1\n",
         "t.csv:2: error: column 'v' is '-90.01', not a latitude in degrees (-90 to 90)"},
        {{.name = "v", .type = ONUS_COLUMN_LON},
         "v,w\n180,1\n-180,1\n-180.01,1\n",
         "t.csv:4: error: column 'v' is '-180.01', not a longitude in degrees (-180 to 180)"},
        {{.name = "v", .type = ONUS_COLUMN_LAT},
         "v,w\n90,1\n-90,1\n90.01,1\n",
         "t.csv:4: error: column 'v' is '90.01', not a latitude in degrees (-90 to 90)"},
        {{.name = "v", .type = ONUS_COLUMN_COUNT},
         "v,w\n0,1\n-3,1\n",
         "t.csv:3: error: column 'v' is '-3', not a count (0 or more)"},
        {{.name = "v", .type = ONUS_COLUMN_COUNT},
         "v,w\nnan,1\n",
         "t.csv:2: error: column 'v' is 'nan', not a count (0 or more)"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\ninf,1\n",
         "t.csv:2: error: column 'v' is 'inf', not a number"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n42abc,1\n",
         "t.csv:2: error: column 'v' is '42abc', not a number"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n 42,1\n",
         "t.csv:2: error: column 'v' is ' 42', not a number"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n\"1\n2\",1\n",
         "t.csv:2: error: column 'v' is '1?2', not a number"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n,1\n",
         "t.csv:2: error: column 'v' is empty"},
        {{.name = "v", .type = ONUS_COLUMN_ID},
         "v,w\na,1\n,1\n",
         "t.csv:3: error: column 'v' is empty"},
        {{.name = "v", .type = ONUS_COLUMN_TIME, .time = &new_york},
         "v,w\n2018-02-30,1\n",
         "t.csv:2: error: column 'v' is '2018-02-30', not a time (ISO 8601, such as 2018-02-25 "
         "06:15)"},
        {{.name = "v", .type = ONUS_COLUMN_TIME, .time = &us_dates},
         "v,w\n2018-02-25,1\n",
         "t.csv:2: error: column 'v' is '2018-02-25', not a time of the form '%m/%d/%Y %H:%M'"},
        {{.name = "vv", .type = ONUS_COLUMN_NUMBER},
         "v,w\n1,1\n",
         "t.csv:1: error: no column 'vv'; did you mean 'v'?"},
        {{.name = "population", .type = ONUS_COLUMN_NUMBER},
         "v,w\n1,1\n",
         "t.csv:1: error: no column 'population'; it has 'v', 'w'"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w,v\n1,1,2\n",
         "t.csv:1: error: column 'v' occurs twice (fields 1 and 3)"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n1,1\n2\n",
         "t.csv:3: error: the row has 1 field, the header has 2"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n\"1\n\",1,5\n",
         "t.csv:2: error: the row has 3 fields, the header has 2"},
        {{.name = "w", .type = ONUS_COLUMN_NUMBER},
         "v,w\nx,1\nab\xE9,1\n",
         "t.csv:3:3: error: byte 0xE9 (offset 10) is not UTF-8; is the file in another encoding?"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n1,\"x\"y\n",
         "t.csv:2:6: error: text between a closing quote and the next delimiter (a quote inside a "
         "field is written twice)"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "v,w\n1,1\n2,\"x\n3,3\n",
         "t.csv:3: error: a quote that opens on this line is never closed"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER}, "", "t.csv: error: is empty"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER}, "\xEF\xBB\xBF", "t.csv: error: is empty"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER}, "\n\r\n", "t.csv: error: is empty"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER}, "v,w\n", "t.csv: error: has no rows"},
        {{.name = "v", .type = ONUS_COLUMN_NUMBER},
         "\xFF\xFEv",
         "t.csv:1:1: error: is UTF-16 text; save it as UTF-8 and try again"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading *r = read_text("t.csv", cases[i].text, &cases[i].ask, 1);
        assert_int_equal(r->status, ONUS_ERR_DATA);
        assert_int_equal(r->problems.n_all, 1);
        assert_problem(r, 0, cases[i].message);
        assert_int_equal(onus_problems_status(&r->problems), ONUS_ERR_DATA);
        done(r);
    }
}

static void a_nul_byte_is_no_text(void **state) {
    (void)state;
    write_bytes("n.csv", "v,w\n1,a\0b\n", 10);
    const onus_source source = {.file = "n.csv"};
    const onus_column_ask ask = {.name = "v", .type = ONUS_COLUMN_NUMBER};
    reading *r = read_source(&source, &ask, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0, "n.csv:2:4: error: a NUL byte (offset 7) is no text");
    done(r);
}

static void texts_that_begin_alike_stay_apart(void **state) {
    (void)state;
    static char long_text[1200];
    memset(long_text, 'a', sizeof long_text - 1);
    onus_text text = {0};
    onus_text_add(&text, "v,w\n");
    for (int round = 0; round < 2; round++) {
        for (size_t n = sizeof long_text - 1; n > 0; n--) {
            onus_text_add_len(&text, long_text, n);
            onus_text_add(&text, ",1\n");
        }
    }
    const onus_column_ask ask = {.name = "v", .type = ONUS_COLUMN_TEXT};
    reading *r = read_text("t.csv", text.data, &ask, 1);
    onus_text_clear(&text);
    const size_t n = sizeof long_text - 1;
    assert_int_equal(r->table.n_rows, 2 * n);
    assert_int_equal(r->table.n_texts, n);
    for (size_t i = 0; i < 2 * n; i++) {
        assert_int_equal(r->table.columns[0].texts[i], i % n);
        assert_int_equal(strlen(onus_table_text(&r->table, 0, i)), n - i % n);
    }
    done(r);
}

static void all_problems_of_a_file_are_reported(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "lon,lat\n");
    for (int i = 0; i < 30; i++) {
        onus_text_add(&text, i % 2 == 0 ? "200,10\n" : "x,y\n");
    }
    reading *r = read_text("t.csv", text.data, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_int_equal(r->problems.n_all, 45);
    assert_int_equal(r->problems.n_full, ONUS_PROBLEMS_FULL);
    assert_problem(r, 1,
                   "t.csv:3: error: column 'lon' is 'x', not a longitude in degrees (-180 to 180)");
    assert_problem(r, 2,
                   "t.csv:3: error: column 'lat' is 'y', not a latitude in degrees (-90 to 90)");
    onus_text_clear(&text);
    done(r);
}

static void all_missing_columns_are_reported_at_once(void **state) {
    (void)state;
    reading *r = read_text("t.csv", "longitude;lat.\n1;2\n", lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_int_equal(r->problems.n_all, 2);
    assert_problem(r, 1, "t.csv:1: error: no column 'lat'; did you mean 'lat.'?");
    done(r);
}

static void swapped_longitudes_and_latitudes_are_one_problem(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "lat,lon\n");
    for (int i = 0; i < 100; i++) {
        onus_text_addf(&text, "-118.%02d,34.%02d\n", i, i);
    }
    reading *r = read_text("t.csv", text.data, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_int_equal(r->problems.n_all, 1);
    assert_problem(r, 0,
                   "t.csv:2: error: longitude and latitude look swapped: in 100 of 100 rows column "
                   "'lat' holds no latitude, and the pair is a place only with the two exchanged");
    onus_text_clear(&text);
    done(r);
}

static void a_few_swapped_pairs_among_many_are_problems_of_their_rows(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "lat,lon\n");
    for (int i = 0; i < 60; i++) {
        onus_text_add(&text, i < 25 ? "-118,34\n" : "34,-118\n");
    }
    reading *r = read_text("t.csv", text.data, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_int_equal(r->problems.n_all, 25);
    assert_problem(
        r, 19, "t.csv:21: error: column 'lat' is '-118', not a latitude in degrees (-90 to 90)");
    onus_text_clear(&text);
    done(r);
}

static void rows_let_go_are_counted_under_their_reason(void **state) {
    (void)state;
    write_text("t.csv", "kind,lon,lat\n"
                        "A,1,2\n"
                        "B,1,2\n"
                        "A,,2\n"
                        "A,1,\n"
                        "A,999,2\n"
                        "A,1\n"
                        "A,1,\xFF\n"
                        "C,x,y\n"
                        "A,3,4\n");
    char *values[] = {"A", "B"};
    onus_where where = {.column = "kind", .values = {.items = values, .n = 2}};
    const onus_source source = {
        .file = "t.csv", .where = &where, .n_where = 1, .invalid = ONUS_INVALID_EXCLUDE};
    reading *r = read_source(&source, lon_lat, 2);
    assert_int_equal(r->status, ONUS_OK);
    assert_int_equal(r->input.rows, 9);
    assert_int_equal(r->input.used, 3);
    static const struct {
        const char *reason;
        uint64_t rows;
        bool by_choice;
    } expected[] = {{"no coordinates", 2, false},
                    {"longitude out of range", 1, false},
                    {"wrong number of fields", 1, false},
                    {"not UTF-8", 1, false},
                    {"not selected (where)", 1, true}};
    assert_int_equal(r->input.n_excluded, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(r->input.excluded[i].reason, expected[i].reason);
        assert_int_equal(r->input.excluded[i].rows, expected[i].rows);
        assert_int_equal(r->input.excluded[i].by_choice, expected[i].by_choice);
    }
    done(r);
}

static void a_selection_of_nothing_is_a_problem_with_a_suggestion(void **state) {
    (void)state;
    write_text("t.csv", "department,lon,lat\nmerced,1,2\nmodesto,1,2\nmodesto,1,2\nla,1,2\n");
    char *values[] = {"modestoo"};
    onus_where where = {.column = "department", .values = {.items = values, .n = 1}};
    onus_source source = {.file = "t.csv", .where = &where, .n_where = 1};
    reading *r = read_source(&source, lon_lat, 2);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(r, 0,
                   "t.csv: error: no row has column 'department' equal to 'modestoo'; did you mean "
                   "'modesto'?");
    done(r);
    where.column = "departement";
    r = read_source(&source, lon_lat, 2);
    assert_problem(r, 0, "t.csv:1: error: no column 'departement'; did you mean 'department'?");
    done(r);
}

static void times_are_instants_and_local_days(void **state) {
    (void)state;
    const onus_column_ask ask = {.name = "t", .type = ONUS_COLUMN_TIME, .time = &new_york};
    reading *r = read_text("t.csv",
                           "t,k\n"
                           "2018-02-25 23:30,winter\n"
                           "2018-07-01T00:00:00.5,summer\n"
                           "2018-07-01T02:00:00Z,offset\n"
                           "2018-11-04 01:30,twice\n"
                           "2018-03-11 02:30,never\n"
                           "2018-01-01,day\n",
                           &ask, 1);
    assert_int_equal(r->status, ONUS_OK);
    const onus_column *t = &r->table.columns[0];
    assert_true(t->numbers[0] == 1519619400.0);
    assert_true(t->numbers[1] == 1530417600.5);
    assert_true(t->numbers[2] == 1530410400.0);
    assert_true(t->numbers[5] == 1514782800.0);
    assert_int_equal(t->local_day[0], 17587); /* 2018-02-25, though it is the 26th in UTC */
    assert_int_equal(t->local_day[2], 17712); /* 2018-06-30 in New York */
    assert_int_equal(t->local_day[5], 17532);
    assert_int_equal(t->n_twice, 1);
    assert_int_equal(t->n_never, 1);
    assert_int_equal(t->n_assumed_utc, 0);
    done(r);
    const onus_column_ask plain = {.name = "t", .type = ONUS_COLUMN_TIME, .time = &no_zone};
    r = read_text("t.csv", "t,k\n1970-01-02,a\n1970-01-02T00:00+01:00,b\n", &plain, 1);
    assert_int_equal(r->status, ONUS_OK);
    assert_true(r->table.columns[0].numbers[0] == 86400);
    assert_true(r->table.columns[0].numbers[1] == 82800);
    assert_int_equal(r->table.columns[0].local_day[1], 1); /* as it was written */
    assert_int_equal(r->table.columns[0].n_assumed_utc, 1);
    done(r);
    const onus_column_ask us = {.name = "t", .type = ONUS_COLUMN_TIME, .time = &us_dates};
    r = read_text("t.csv", "t,k\n02/25/2018 23:30,a\n", &us, 1);
    assert_int_equal(r->status, ONUS_OK);
    assert_true(r->table.columns[0].numbers[0] == 1519619400.0);
    done(r);
}

static void an_unknown_zone_or_format_is_a_problem(void **state) {
    (void)state;
    const onus_time_ref zone = {.column = "t", .zone = "America/New_Yrok"};
    const onus_time_ref format = {.column = "t", .format = "%Q"};
    onus_column_ask ask = {.name = "t", .type = ONUS_COLUMN_TIME, .time = &zone};
    reading *r = read_text("t.csv", "t,k\n2018-01-01,a\n", &ask, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_non_null(strstr(r->problems.full[0].text, "America/New_Yrok"));
    done(r);
    ask.time = &format;
    r = read_text("t.csv", "t,k\n2018-01-01,a\n", &ask, 1);
    assert_int_equal(r->status, ONUS_ERR_DATA);
    assert_problem(
        r, 0, "t.csv: error: the time format '%Q' of column 't' uses '%Q', which is not known");
    done(r);
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    write_text("t.csv",
               "lon,lat,kind,t\n1,2,\"a\"\"b\",2018-01-01\n,2,c,2018-01-02\n3,4,d,2018-01-03\n");
    static const char text[] = "lon,lat,kind,t\n1,2,\"a\"\"b\",2018-01-01\n,2,c,2018-01-02\n";
    write_gzip("t.csv.gz", text, sizeof text - 1);
    static const onus_column_ask asks[] = {
        {.name = "lon", .type = ONUS_COLUMN_LON, .missing_reason = "no coordinates"},
        {.name = "lat", .type = ONUS_COLUMN_LAT, .missing_reason = "no coordinates"},
        {.name = "kind", .type = ONUS_COLUMN_TEXT},
        {.name = "t", .type = ONUS_COLUMN_TIME, .time = &new_york}};
    char *values[] = {"a\"b", "c"};
    onus_where where = {.column = "kind", .values = {.items = values, .n = 2}};
    static onus_problems problems;
    for (int gz = 0; gz <= 1; gz++) {
        const onus_source source = {
            .file = gz ? "t.csv.gz" : "t.csv", .where = &where, .n_where = 1};
        FAULT_EACH(fault) {
            onus_table table;
            onus_input input = {.role = "outcomes"};
            problems = (onus_problems){0};
            const onus_status status =
                onus_table_read(&source, temp_dir, asks, 4, NULL, &table, &input, &problems);
            fault_expect(&fault, status);
            onus_table_clear(&table);
            onus_input_clear(&input);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name_and_typed),
        cmocka_unit_test(a_file_without_a_header_row_takes_the_names_of_the_case),
        cmocka_unit_test(each_bad_value_has_its_message),
        cmocka_unit_test(a_nul_byte_is_no_text),
        cmocka_unit_test(texts_that_begin_alike_stay_apart),
        cmocka_unit_test(all_problems_of_a_file_are_reported),
        cmocka_unit_test(all_missing_columns_are_reported_at_once),
        cmocka_unit_test(swapped_longitudes_and_latitudes_are_one_problem),
        cmocka_unit_test(a_few_swapped_pairs_among_many_are_problems_of_their_rows),
        cmocka_unit_test(rows_let_go_are_counted_under_their_reason),
        cmocka_unit_test(a_selection_of_nothing_is_a_problem_with_a_suggestion),
        cmocka_unit_test(times_are_instants_and_local_days),
        cmocka_unit_test(an_unknown_zone_or_format_is_a_problem),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("table", tests, make_temp_dir, remove_temp_dir);
}
