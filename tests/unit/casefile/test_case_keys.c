/* The table of keys: whole, the committed schema made from it, and the cases of this project. */
#include "case_text.h"

static void every_row_of_the_schema_is_whole(void **state) {
    (void)state;
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        const size_t doc_len = strlen(keys[i].doc);
        if (doc_len < 5 || keys[i].doc[doc_len - 1] != '.' || keys[i].type[0] == '\0' ||
            (keys[i].required && keys[i].dfault != NULL) || keys[i].rule == NULL) {
            fail_msg("row '%s' is not whole", keys[i].path);
        }
        for (size_t j = 0; j < i; j++) { /* one row for a path and kind */
            static const char *const kinds[] = {"place", "match", "affect"};
            for (size_t k = 0; k < 3 && strcmp(keys[i].path, keys[j].path) == 0; k++) {
                if (strstr(keys[i].kinds, kinds[k]) != NULL &&
                    strstr(keys[j].kinds, kinds[k]) != NULL) {
                    fail_msg("'%s' has two rows for %s", keys[i].path, kinds[k]);
                }
            }
        }
        char parent[128];
        (void)snprintf(parent, sizeof parent, "%s", keys[i].path);
        char *dot = strrchr(parent, '.');
        if (dot == NULL) {
            continue;
        }
        *dot = '\0';
        if (dot - parent > 2 && strcmp(dot - 2, "[]") == 0) {
            dot[-2] = '\0';
        }
        bool found = false;
        for (size_t j = 0; j < n_keys && !found; j++) {
            found = strcmp(keys[j].path, parent) == 0;
        }
        if (!found) {
            fail_msg("'%s' stands in no block", keys[i].path);
        }
    }
}

static char *read_all(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    onus_text text = {0};
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        onus_text_add_len(&text, chunk, n);
    }
    (void)fclose(file);
    return onus_text_take(&text);
}

static void the_committed_json_schema_is_the_one_the_table_makes(void **state) {
    (void)state;
    const char *source = getenv("ONUS_SOURCE");
    if (source == NULL) {
        print_message("ONUS_SOURCE is not set: the committed schema is not compared\n");
        skip();
    }
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/schemas/case.schema.json", source);
    char *committed = read_all(path);
    char *made = onus_case_json_schema();
    assert_non_null(committed);
    assert_non_null(made);
    const bool same = strcmp(committed, made) == 0;
    onus_free(committed);
    onus_free(made);
    if (!same) {
        fail_msg("schemas/case.schema.json is out of date: onus explain --schema > it");
    }
}

static void all_worked_cases_read_without_a_problem(void **state) {
    (void)state;
    static const char *const names[] = {"merrow-by-overlap", "predpol"};
    const char *source = getenv("ONUS_SOURCE");
    if (source == NULL) {
        print_message("ONUS_SOURCE is not set: the worked cases are not read\n");
        skip();
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/cases/%s.yaml", source, names[i]);
        onus_case c;
        onus_problems problems = {0};
        if (onus_case_read(path, "elsewhere", &c, &problems) != ONUS_OK) {
            fail_msg("%s: %s", path, problems.full[0].text);
        }
        assert_string_equal(c.data_dir, "elsewhere");
        onus_case_clear(&c);
    }
}

static const char *shared(void) {
    const char *dir = getenv("ONUS_SHARED");
    return dir == NULL ? "../shared" : dir;
}

static void all_shared_cases_read_without_a_problem(void **state) {
    (void)state;
    static const char *const names[] = {"affect-cremad",  "csep-grid27k", "match-reference",
                                        "match-tracks",   "oakland",      "oakland-feedback",
                                        "predpol-modesto"};
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/design/cases/%s.yaml", shared(), names[i]);
        onus_case c;
        onus_problems problems = {0};
        const onus_status status = onus_case_read(path, NULL, &c, &problems);
        if (status == ONUS_ERR_NOINPUT) {
            continue;
        }
        if (status != ONUS_OK) {
            fail_msg("%s: %s", path, problems.full[0].text);
        }
        n_read++;
        onus_case_clear(&c);
    }
    if (n_read == 0) {
        print_message("the shared folder is absent: its cases are not read\n");
        skip();
    }
    assert_int_equal(n_read, 7);
}

static void the_examples_of_the_case_contract_read_without_a_problem(void **state) {
    (void)state;
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/design/CASE.md", shared());
    char *text = read_all(path);
    if (text == NULL) {
        print_message("the shared folder is absent: its examples are not read\n");
        skip();
    }
    size_t n = 0;
    for (const char *at = strstr(text, "```yaml\n"); at != NULL; at = strstr(at, "```yaml\n")) {
        at += strlen("```yaml\n");
        const char *end = strstr(at, "```");
        assert_non_null(end);
        onus_case c;
        onus_problems problems = {0};
        const onus_status status =
            onus_case_parse(at, (size_t)(end - at), "CASE.md", NULL, &c, &problems);
        if (status != ONUS_OK) {
            fail_msg("example %zu, line %lld: %s", n + 1, (long long)problems.full[0].line,
                     problems.full[0].text);
        }
        onus_case_clear(&c);
        at = end + 3;
        n++;
    }
    onus_free(text);
    assert_int_equal(n, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_schema_is_whole),
        cmocka_unit_test(the_committed_json_schema_is_the_one_the_table_makes),
        cmocka_unit_test(all_worked_cases_read_without_a_problem),
        cmocka_unit_test(all_shared_cases_read_without_a_problem),
        cmocka_unit_test(the_examples_of_the_case_contract_read_without_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
