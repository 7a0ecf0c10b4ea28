/* A report appears whole or not at all, and never over something that is not a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/report/files.h"
#include "../fault.h"
#include "fixture.h"
#include "onus/alloc.h"
#include "onus/report.h"
#include "onus/text.h"

/* ---- a folder of our own for each test ---- */

static char base[64];

static int make_base(void **state) {
    (void)state;
    (void)snprintf(base, sizeof base, "test_files.XXXXXX");
    return mkdtemp(base) == NULL ? -1 : 0;
}

static int remove_base(void **state) {
    (void)state;
    onus_report_remove(base);
    return access(base, F_OK) == 0 ? -1 : 0;
}

static void in_base(char *out, size_t size, const char *name) {
    (void)snprintf(out, size, "%s/%s", base, name);
}

static size_t n_entries(const char *path) {
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t n = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(dir);
    return n;
}

static void put(const char *dir, const char *name, const char *text) {
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static onus_status write_report(const char *dir, bool replace, const onus_context *context,
                                onus_error *err) {
    fixture *f = fixture_new();
    const onus_report_opts opts = {.dir = dir, .replace = replace, .command = "onus try town.yaml"};
    const onus_status status = onus_report_write(&f->result, &opts, context, err);
    fixture_free(f);
    return status;
}

static void expect_whole(const char *dir) {
    static const char *const names[] = {"index.html", "results.json", "areas.gpkg",
                                        "tables/measures.csv", "tables/series_lorenz.csv"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        assert_true(info.st_size > 0);
    }
    assert_int_equal(n_entries(dir), 4);
}

/* ---- facts ---- */

static void report_is_whole_and_alone(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "report/");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_OK);
    expect_whole(dir);
    assert_int_equal(n_entries(base), 1); /* no partial folder, no journal */
}

static void existing_folder_is_refused_without_force(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "report");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_OK);
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "--force"));
    assert_int_equal(n_entries(base), 1);
    expect_whole(dir);
}

static void older_report_is_replaced_with_force(void **state) {
    (void)state;
    char dir[256];
    char old[300];
    in_base(dir, sizeof dir, "report");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_OK);
    (void)snprintf(old, sizeof old, "%s/tables/series_of_an_older_version.csv", dir);
    char tables[256];
    in_base(tables, sizeof tables, "report/tables");
    put(tables, "series_of_an_older_version.csv", "a\n");
    assert_int_equal(write_report(dir, true, NULL, &err), ONUS_OK);
    expect_whole(dir);
    assert_int_not_equal(access(old, F_OK), 0);
    assert_int_equal(n_entries(base), 1);
}

static void other_folders_are_never_replaced(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "thesis");
    assert_int_equal(mkdir(dir, 0777), 0);
    put(dir, "chapter1.txt", "ten years of work\n");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, true, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "chapter1.txt"));
    assert_int_equal(n_entries(dir), 1);
    assert_int_equal(n_entries(base), 1);
}

static void reports_with_notes_beside_are_never_replaced(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "report");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_OK);
    put(dir, "my-notes.md", "do not lose\n");
    assert_int_equal(write_report(dir, true, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "my-notes.md"));
    assert_int_equal(n_entries(dir), 5);
}

static void results_of_other_programs_are_never_replaced(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "report");
    assert_int_equal(mkdir(dir, 0777), 0);
    put(dir, "results.json", "{\"schema\": \"something else\"}\n");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, true, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_int_equal(n_entries(dir), 1);
}

static void file_in_the_way_is_never_replaced(void **state) {
    (void)state;
    char path[600];
    in_base(path, sizeof path, "report");
    put(base, "report", "a file\n");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(path, true, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_int_equal(access(path, F_OK), 0);
}

static void link_to_a_folder_is_not_followed(void **state) {
    (void)state;
    char real[256];
    char link[256];
    in_base(real, sizeof real, "real");
    in_base(link, sizeof link, "report");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(real, false, NULL, &err), ONUS_OK);
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(write_report(link, true, NULL, &err), ONUS_ERR_CANTCREATE);
    expect_whole(real);
}

static void missing_parent_is_told(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "no/such/report");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, NULL, &err), ONUS_ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(n_entries(base), 0);
}

static void stop_leaves_nothing(void **state) {
    (void)state;
    char dir[256];
    in_base(dir, sizeof dir, "report");
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.stop = &stop};
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(write_report(dir, false, &context, &err), ONUS_ERR_INTERRUPTED);
    assert_int_equal(n_entries(base), 0);
}

/* A limit on the size of files stands for a full disk: every output must notice it, whichever is
 * the first that does not fit. */
static void full_disk_is_noticed_and_leaves_nothing(void **state) {
    (void)state;
    static const rlim_t limits[] = {100, 5000, 30000, 200000, 1100000};
    char dir[256];
    in_base(dir, sizeof dir, "report");
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const struct rlimit small = {limits[i], before.rlim_max};
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const onus_status status = write_report(dir, false, NULL, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, ONUS_ERR_IO);
        assert_true(strlen(err.text) > 0);
        assert_int_equal(n_entries(base), 0);
    }
    (void)signal(SIGXFSZ, handler);
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    fixture *f = fixture_new();
    f->result.areas.layer = NULL; /* GDAL's memory is its own; the rest is ours */
    f->result.areas.n_areas = 0;
    char dir[256];
    in_base(dir, sizeof dir, "report");
    const onus_report_opts opts = {.dir = dir, .command = "onus try town.yaml"};
    FAULT_EACH(fault) {
        onus_error err = ONUS_ERROR_INIT;
        const onus_status status = onus_report_write(&f->result, &opts, NULL, &err);
        fault_expect(&fault, status);
        if (status == ONUS_OK) {
            onus_report_remove(dir);
        }
        assert_int_equal(n_entries(base), 0);
    }
    fixture_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(report_is_whole_and_alone, make_base, remove_base),
        cmocka_unit_test_setup_teardown(existing_folder_is_refused_without_force, make_base,
                                        remove_base),
        cmocka_unit_test_setup_teardown(older_report_is_replaced_with_force, make_base,
                                        remove_base),
        cmocka_unit_test_setup_teardown(other_folders_are_never_replaced, make_base, remove_base),
        cmocka_unit_test_setup_teardown(reports_with_notes_beside_are_never_replaced, make_base,
                                        remove_base),
        cmocka_unit_test_setup_teardown(results_of_other_programs_are_never_replaced, make_base,
                                        remove_base),
        cmocka_unit_test_setup_teardown(file_in_the_way_is_never_replaced, make_base, remove_base),
        cmocka_unit_test_setup_teardown(link_to_a_folder_is_not_followed, make_base, remove_base),
        cmocka_unit_test_setup_teardown(missing_parent_is_told, make_base, remove_base),
        cmocka_unit_test_setup_teardown(stop_leaves_nothing, make_base, remove_base),
        cmocka_unit_test_setup_teardown(full_disk_is_noticed_and_leaves_nothing, make_base,
                                        remove_base),
        cmocka_unit_test_setup_teardown(refused_memory_leaves_nothing, make_base, remove_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
