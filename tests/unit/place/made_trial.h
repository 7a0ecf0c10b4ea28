/* A made-up town as files in a folder of their own, and the trial of a case over them. Include
 * after cmocka.h. */
#ifndef ONUS_TESTS_MADE_TRIAL_H
#define ONUS_TESTS_MADE_TRIAL_H

#include "../../reference/trial.h"
#include "../evidence/temp_files.h"

static inline FILE *file_for(const char *name) {
    FILE *file = fopen(temp_path(name), "wb");
    assert_non_null(file);
    return file;
}

/* A town of 0.04 degrees square: about 4.4 km by 4.4 km at the equator. */
static const char TOWN[] =
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{},"
    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0.04,0],[0.04,0.04],[0,0.04],"
    "[0,0]]]}}]}";

static inline onus_status try_in(trial *t, const char *text, onus_error *err) {
    onus_problems problems = {0};
    const onus_context context = {.n_threads = 1};
    memset(t, 0, sizeof *t);
    onus_status status = onus_case_parse(text, strlen(text), "case", temp_dir, &t->c, &problems);
    if (status == ONUS_OK) {
        status = onus_evidence_load(&t->c, &context, &t->evidence, &problems);
    }
    if (status != ONUS_OK) {
        trial_fail("case", &problems, err);
    }
    onus_result_init(&t->result, &t->c, &t->evidence);
    return onus_place_try(&t->c, &t->evidence, &context, &t->result, err);
}

static inline void try_text(trial *t, const char *text) {
    onus_error err = ONUS_ERROR_INIT;
    if (try_in(t, text, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
}

static inline uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static inline double uniform(uint32_t *state) {
    return next_random(state) / 16777216.0;
}

static inline bool has_warning(const trial *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

#endif
