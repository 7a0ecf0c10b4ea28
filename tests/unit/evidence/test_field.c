/* Figures of use in the field: how they are printed, and what is refused. */
#include "match_case.h"

#include <math.h>

static matched l;

#define FIELD "field: {file: f.csv, name: id, what: what, count: n, of: of, printed: as}\n"
#define BARE "field: {file: f.csv, name: id, count: n, of: of}\n"
#define HEADER "id,what,n,of,as\n"

static void counts_that_are_none_are_refused(void **state) {
    (void)state;
    write_text("f.csv", HEADER "a,alerts,-1,208,\n");
    match_load(&l, FIELD);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.full[0].line, 2);
    write_text("f.csv", HEADER "a,alerts,10,many,\n");
    match_load(&l, FIELD);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.full[0].line, 2);
    match_clear(&l);
}

static void a_table_without_its_columns_or_rows_is_refused(void **state) {
    (void)state;
    write_text("f.csv", "id,what,n,as\na,alerts,10,\n");
    match_load(&l, FIELD);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 1);
    assert_non_null(strstr(l.problems.full[0].text, "'of'"));
    write_text("f.csv", "");
    match_load(&l, FIELD);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 1);
    match_clear(&l);
}

/* As a share, with what a step of the last digit is worth; no figure where it is none. Words may
 * follow the sign. */
static void printed_figures_are_shares_with_their_last_digit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
        double unit;
    } rows[] = {{"0.48%", 0.0048, 0.0001},     {"81 %", 0.81, 0.01},
                {"0.25", 0.25, 0.01},          {"1 in 6000", 1.0 / 6000.0, 1000.0 / 36e6},
                {"1 in 8", 0.125, 1.0 / 64.0}, {"150%", 1.5, 0.01},
                {"1 in 0.5", NAN, NAN},        {"about 5%", NAN, NAN},
                {"5% of them", 0.05, 0.01},    {"", NAN, NAN}};
    enum { N = sizeof rows / sizeof rows[0] };
    char text[1024] = HEADER;
    for (size_t i = 0; i < N; i++) {
        char row[64];
        (void)snprintf(row, sizeof row, "r%zu,alerts,%zu,200,%s\n", i, i, rows[i].text);
        strcat(text, row);
    }
    write_text("f.csv", text);
    match_loads(&l, FIELD);
    const onus_field_figures *f = &l.evidence.match.field;
    assert_int_equal(f->n_rows, N);
    for (size_t i = 0; i < N; i++) {
        const bool same = isnan(rows[i].value) ? isnan(f->printed[i]) && isnan(f->digit_unit[i])
                                               : fabs(f->printed[i] - rows[i].value) < 1e-15 &&
                                                     fabs(f->digit_unit[i] - rows[i].unit) < 1e-15;
        if (!same) {
            fail_msg("'%s' is read as %g, to %g", rows[i].text, f->printed[i], f->digit_unit[i]);
        }
        assert_true(f->count[i] == (double)i && f->of[i] == 200.0);
        assert_string_equal(f->what[i], "alerts");
    }
    match_clear(&l);
}

static void counts_may_be_missing_and_columns_left_out(void **state) {
    (void)state;
    write_text("f.csv", HEADER "a,alerts,,208,4.8%\nb,faces,10,,\n");
    match_loads(&l, BARE);
    const onus_field_figures *f = &l.evidence.match.field;
    assert_int_equal(f->n_rows, 2);
    assert_true(isnan(f->count[0]) && f->of[0] == 208.0 && f->count[1] == 10.0 && isnan(f->of[1]));
    assert_true(f->what == NULL && isnan(f->printed[0]));
    assert_string_equal(f->names[1], "b");
    match_clear(&l);
}

static void every_refused_allocation_is_survived(void **state) {
    (void)state;
    write_text("f.csv", HEADER "a,alerts,10,208,4.8%\nb,faces,10,314745,1 in 6000\n");
    match_survives_refusals(&l, FIELD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_that_are_none_are_refused),
        cmocka_unit_test(a_table_without_its_columns_or_rows_is_refused),
        cmocka_unit_test(printed_figures_are_shares_with_their_last_digit),
        cmocka_unit_test(counts_may_be_missing_and_columns_left_out),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
