/* For tests of match cases: a case file in a string, its tables in the test's folder, and what
 * loading it gave. */
#ifndef ONUS_TEST_MATCH_CASE_H
#define ONUS_TEST_MATCH_CASE_H

#include "../fault.h"

#include "onus/evidence.h"
#include "temp_files.h"

typedef struct matched {
    onus_case c;
    onus_evidence evidence;
    onus_problems problems;
    onus_status status;
} matched;

static inline void match_clear(matched *l) {
    onus_evidence_clear(&l->evidence);
    onus_case_clear(&l->c);
    *l = (matched){0};
}

/* Loads the case whose keys below `kind` are `keys`; tables are sought in data_dir, or NULL for the
 * test's folder. What was loaded before is cleared. */
static inline void match_load_from(matched *l, const char *data_dir, const char *keys) {
    char text[4096];
    match_clear(l);
    const int len = snprintf(text, sizeof text, "onus: 1\ntitle: T\nkind: match\n%s\n", keys);
    assert_true(len > 0 && (size_t)len < sizeof text);
    l->status = onus_case_parse(text, (size_t)len, "case.yaml",
                                data_dir != NULL ? data_dir : temp_dir, &l->c, &l->problems);
    if (l->status == ONUS_OK) {
        l->status = onus_evidence_load(&l->c, NULL, &l->evidence, &l->problems);
    }
    const onus_input *inputs = l->evidence.inputs.items;
    for (size_t i = 0; i < l->evidence.inputs.n_items; i++) {
        assert_true(onus_input_adds_up(&inputs[i]));
    }
}

static inline void match_load(matched *l, const char *keys) {
    match_load_from(l, NULL, keys);
}

/* As match_load, and it must have gone well. */
static inline void match_loads(matched *l, const char *keys) {
    match_load(l, keys);
    if (l->status != ONUS_OK) {
        fail_msg("not loaded: %s",
                 l->problems.n_full > 0 ? l->problems.full[0].text : onus_status_name(l->status));
    }
}

/* As match_load, and it must have been refused with this text (of the only problem). */
static inline void match_refuses(matched *l, const char *keys, const char *text) {
    match_load(l, keys);
    assert_int_equal(l->status, ONUS_ERR_DATA);
    assert_int_equal(l->problems.n_all, 1);
    char buf[ONUS_ERROR_TEXT_MAX + 512];
    (void)onus_error_format(&l->problems.full[0], buf, sizeof buf);
    assert_string_equal(buf, text);
    match_clear(l);
}

/* Loads a good case with each allocation refused in turn. */
static inline void match_survives_refusals(matched *l, const char *keys) {
    match_loads(l, keys);
    FAULT_EACH(fault) {
        onus_evidence evidence = {0};
        onus_problems problems = {0};
        const onus_status status = onus_evidence_load(&l->c, NULL, &evidence, &problems);
        fault_expect(&fault, status);
        onus_evidence_clear(&evidence);
    }
    match_clear(l);
}

static inline const onus_input *match_input(const matched *l, const char *role) {
    const onus_input *inputs = l->evidence.inputs.items;
    for (size_t i = 0; i < l->evidence.inputs.n_items; i++) {
        if (strcmp(inputs[i].role, role) == 0) {
            return &inputs[i];
        }
    }
    fail_msg("no input '%s'", role);
    return NULL;
}

/* Rows excluded under a reason; by_choice as expected. */
static inline uint64_t match_excluded(const matched *l, const char *role, const char *reason,
                                      bool by_choice) {
    const onus_input *input = match_input(l, role);
    for (size_t i = 0; i < input->n_excluded; i++) {
        if (strcmp(input->excluded[i].reason, reason) == 0) {
            assert_int_equal(input->excluded[i].by_choice, by_choice);
            return input->excluded[i].rows;
        }
    }
    return 0;
}

/* Text of the warning of this code, or NULL. */
static inline const char *match_warning(const matched *l, const char *code) {
    const onus_load_warning *warnings = l->evidence.warnings.items;
    for (size_t i = 0; i < l->evidence.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

/* The folder of shared data, or NULL. */
static inline const char *shared_dir(void) {
    const char *dir = getenv("ONUS_SHARED");
    if (dir == NULL || access(dir, R_OK) != 0) {
        print_message("ONUS_SHARED is not there: skipped\n");
        return NULL;
    }
    return dir;
}

#endif
