/* Scores alone: NumPy files mapped where they lie, columns of tables, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "match_case.h"

static const double VALUES[] = {0.25, NAN, -3.5, 1e300};
enum { N_VALUES = 4 };

/* A file of this version and dictionary, padded as numpy does, with n_bytes of VALUES (more:
 * zeros).
 */
static void write_npy_of(const char *name, int major, const char *dictionary, size_t n_bytes) {
    unsigned char bytes[512] = {0x93, 'N', 'U', 'M', 'P', 'Y', (unsigned char)major, 0};
    const size_t start = major == 1 ? 10 : 12;
    const size_t offset = (start + strlen(dictionary) + 1 + 63) / 64 * 64;
    const size_t header = offset - start;
    assert_true(offset + n_bytes <= sizeof bytes);
    bytes[8] = (unsigned char)(header & 0xFF);
    bytes[9] = (unsigned char)(header >> 8);
    memset(bytes + start, ' ', header);
    memcpy(bytes + start, dictionary, strlen(dictionary));
    bytes[offset - 1] = '\n';
    memcpy(bytes + offset, VALUES, n_bytes < sizeof VALUES ? n_bytes : sizeof VALUES);
    write_bytes(name, bytes, offset + n_bytes);
}

#define GOOD "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }"

static void write_npy(const char *name, const char *dictionary) {
    write_npy_of(name, 1, dictionary, sizeof VALUES);
}

static const char TWO_ARRAYS[] = "scores:\n"
                                 "  higher_is: different\n"
                                 "  genuine: {file: g.npy}\n"
                                 "  impostor: {file: i.npy}";

static void check_values(const double *values, size_t n) {
    assert_int_equal(n, N_VALUES);
    for (size_t i = 0; i < n; i++) {
        assert_true(isnan(VALUES[i]) ? isnan(values[i]) : values[i] == VALUES[i]);
    }
}

static void arrays_are_mapped_as_they_lie(void **state) {
    (void)state;
    matched l = {0};
    write_npy("g.npy", GOOD);
    write_npy_of("i.npy", 2, "{\"shape\": (4, 1), 'fortran_order': False, 'descr': '<f8'}",
                 sizeof VALUES);
    match_loads(&l, TWO_ARRAYS);
    const onus_bare_scores *scores = &l.evidence.match.scores;
    check_values(scores->genuine, scores->n_genuine);
    check_values(scores->impostor, scores->n_impostor);
    assert_non_null(scores->genuine_map);
    assert_int_equal(l.c.match.scores.higher_is, ONUS_HIGHER_DIFFERENT);
    const onus_input *input = match_input(&l, "genuine scores");
    assert_int_equal(input->rows, N_VALUES);
    assert_int_equal(input->used, N_VALUES);
    char digest[65];
    assert_int_equal(onus_sha256_file(temp_path("g.npy"), digest, NULL), ONUS_OK);
    assert_string_equal(input->sha256, digest);
    match_clear(&l);
}

static void a_table_without_header_is_a_list_of_scores(void **state) {
    (void)state;
    matched l = {0};
    write_text("g.txt", "0.5\n\n1e-3\nnan\n-2\n");
    write_text("i.csv", "who,score\na,0.25\nb,\nc,0.75\n");
    match_loads(&l, "scores:\n"
                    "  higher_is: same\n"
                    "  genuine: {file: g.txt, header: [score], score: score}\n"
                    "  impostor: {file: i.csv, score: score}");
    const onus_bare_scores *scores = &l.evidence.match.scores;
    assert_int_equal(scores->n_genuine, 4);
    assert_true(scores->genuine[1] == 1e-3 && isnan(scores->genuine[2]));
    assert_int_equal(scores->n_impostor, 3);
    assert_true(isnan(scores->impostor[1]));
    assert_null(scores->genuine_map);
    match_clear(&l);
}

#define EXPECTED                                                                                   \
    "expected float64, little endian, in C order, one-dimensional (numpy.save of a vector)"

static void refuses(const char *what) {
    char text[512];
    matched l = {0};
    (void)snprintf(text, sizeof text, "i.npy: error: %s; " EXPECTED, what);
    match_refuses(&l, TWO_ARRAYS, text);
    match_clear(&l);
}

static void other_arrays_are_refused_with_what_was_expected(void **state) {
    (void)state;
    write_npy("g.npy", GOOD);
    write_npy("i.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (8,), }");
    refuses("holds values of type '<f4' (float32, in which different scores become equal)");
    write_npy("i.npy", "{'descr': '>f8', 'fortran_order': False, 'shape': (4,), }");
    refuses("holds values of type '>f8'");
    write_npy("i.npy", "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }");
    refuses("holds values of type '|O'");
    write_npy("i.npy", "{'descr': '<f8', 'fortran_order': True, 'shape': (4,), }");
    refuses("is in Fortran order");
    write_npy("i.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }");
    refuses("has more than one dimension");
    write_npy("i.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }");
    refuses("says 5 values, and holds 32 bytes of them");
    write_npy_of("i.npy", 1, GOOD, sizeof VALUES + 8);
    refuses("says 4 values, and holds 40 bytes of them");
    write_npy_of("i.npy", 3, GOOD, sizeof VALUES);
    refuses("is a NumPy file of version 3.0, not 1.0 or 2.0");
}

static void broken_headers_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), } x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-4,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4",
        "{'descr': '<f8', 'shape': (4,), }",
        "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (4,), }",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
        "{'descr': '<f8' 'fortran_order': False, 'shape': (4,), }",
        "()",
        "",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), 'more': 1}"};
    write_npy("g.npy", GOOD);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_npy("i.npy", bad[i]);
        refuses("has a NumPy header that cannot be read");
    }
    write_bytes("i.npy", "\x93NUMPY\1\0\xff\xff{'descr'", 18);
    refuses("is truncated: its NumPy header does not end");
    write_text("i.npy", "0.5\n0.25\n0.125\n");
    refuses("is named .npy but is not a NumPy file");
    write_bytes("i.npy", "", 0);
    refuses("is packed, empty or no plain file, and cannot be mapped");
}

static void infinite_scores_and_empty_arrays_are_refused(void **state) {
    (void)state;
    matched l = {0};
    write_npy("g.npy", GOOD);
    write_npy_of("i.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", 0);
    match_refuses(&l, TWO_ARRAYS, "i.npy: error: has no rows");
    unsigned char bytes[128 + 16] = {0};
    write_npy_of("i.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16);
    FILE *file = fopen(temp_path("i.npy"), "rb");
    assert_non_null(file);
    const size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    const double infinite = -INFINITY;
    memcpy(bytes + len - 8, &infinite, 8);
    write_bytes("i.npy", bytes, len);
    match_refuses(&l, TWO_ARRAYS,
                  "i.npy: error: value 2 (counted from 1) is infinite; expected a number, or NaN "
                  "for a failure to acquire");
    match_clear(&l);
}

static void keys_that_mean_nothing_are_refused(void **state) {
    (void)state;
    matched l = {0};
    write_npy("g.npy", GOOD);
    match_refuses(&l,
                  "scores:\n"
                  "  higher_is: same\n"
                  "  genuine: {file: g.npy, score: x}\n"
                  "  impostor: {file: g.npy}",
                  "case.yaml:6:33: error: 'scores.genuine.score' means nothing for a .npy file, "
                  "which holds scores and nothing else");
    match_refuses(&l,
                  "scores:\n"
                  "  higher_is: same\n"
                  "  genuine: {file: g.csv}\n"
                  "  impostor: {file: g.npy}",
                  "case.yaml:6:12: error: missing key 'scores.genuine.score'; expected column "
                  "name");
    match_clear(&l);
}

static void a_missing_file_is_named(void **state) {
    (void)state;
    matched l = {0};
    write_npy("g.npy", GOOD);
    match_load(&l, "scores:\n"
                   "  higher_is: same\n"
                   "  genuine: {file: none.npy}\n"
                   "  impostor: {file: g.npy}");
    assert_int_equal(l.status, ONUS_ERR_NOINPUT);
    match_clear(&l);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    matched l = {0};
    write_npy("g.npy", GOOD);
    write_text("i.csv", "score\n0.5\n0.25\n");
    FAULT_SPREAD(fault, 10, 60) {
        match_load(&l, "scores:\n"
                       "  higher_is: same\n"
                       "  genuine: {file: g.npy}\n"
                       "  impostor: {file: i.csv, score: score}");
        fault_expect(&fault, l.status);
        match_clear(&l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_mapped_as_they_lie),
        cmocka_unit_test(a_table_without_header_is_a_list_of_scores),
        cmocka_unit_test(other_arrays_are_refused_with_what_was_expected),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(infinite_scores_and_empty_arrays_are_refused),
        cmocka_unit_test(keys_that_mean_nothing_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
