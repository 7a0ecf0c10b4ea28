/* For tests: makes a teaching city in a folder of its own, tries it within the process, and reads
 * what was planted. */
#ifndef ONUS_TEST_TEACHING_H
#define ONUS_TEST_TEACHING_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "onus/claims.h"
#include "onus/example.h"
#include "onus/model.h"
#include "onus/place.h"

enum { TEACHING_FILES = 16 };
static const char *const TEACHING_NAMES[TEACHING_FILES] = {
    "areas.geojson",    "residents.csv",      "predictions.csv",   "incidents.csv",
    "case.yaml",        "README.md",          "ANSWER.md",         "answer.json",
    "breakins.csv",     "vendor_even.csv",    "case_even.yaml",    "vendor_better.csv",
    "case_better.yaml", "vendor_leaking.csv", "case_leaking.yaml", "case_feedback.yaml"};

typedef struct teaching {
    char root[64]; /* a folder of our own */
    char dir[80];  /* the city's */
    onus_case c;
    onus_evidence evidence;
    onus_result result;
    json_t *answer;
    bool is_tried;
} teaching;

static inline void teaching_path(const teaching *t, const char *name, char path[256]) {
    (void)snprintf(path, 256, "%s/%s", t->dir, name);
}

/* The folder, without a city in it. */
static inline bool teaching_begin(teaching *t) {
    memset(t, 0, sizeof *t);
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(t->root, sizeof t->root, "%.40s/onus-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(t->root) == NULL) {
        return false;
    }
    (void)snprintf(t->dir, sizeof t->dir, "%.63s/city", t->root);
    return true;
}

/* Reads the answers and one case of a city that is there; *err says what went wrong. */
static inline onus_status teaching_read(teaching *t, const char *name, onus_error *err) {
    onus_problems problems = {0};
    char path[256];
    teaching_path(t, "answer.json", path);
    t->answer = json_load_file(path, 0, NULL);
    teaching_path(t, name, path);
    onus_status status = onus_case_read(path, NULL, &t->c, &problems);
    if (status == ONUS_OK) {
        status = onus_evidence_load(&t->c, NULL, &t->evidence, &problems);
    }
    if (status != ONUS_OK) {
        *err = problems.full[0];
    }
    return status;
}

/* Tries what was read. */
static inline onus_status teaching_judge(teaching *t, onus_error *err) {
    onus_result_init(&t->result, &t->c, &t->evidence);
    t->is_tried = true;
    const onus_status status = onus_place_try(&t->c, &t->evidence, NULL, &t->result, err);
    return status == ONUS_OK ? onus_claims_judge(&t->result, err) : status;
}

/* Makes the city of a seed and tries one of its cases. */
static inline onus_status teaching_try_case(teaching *t, uint64_t seed, const char *name,
                                            onus_error *err) {
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_example_place(t->dir, seed, err));
    ONUS_TRY(teaching_read(t, name, err));
    ONUS_TRY(teaching_judge(t, err));
out:
    return status;
}

static inline onus_status teaching_try(teaching *t, uint64_t seed, onus_error *err) {
    return teaching_try_case(t, seed, "case.yaml", err);
}

/* Gives back what was read and found; the city stays. */
static inline void teaching_clear(teaching *t) {
    if (t->is_tried) {
        onus_result_clear(&t->result);
        t->is_tried = false;
    }
    onus_evidence_clear(&t->evidence);
    onus_case_clear(&t->c);
    json_decref(t->answer);
    t->answer = NULL;
}

/* The example goes, too, whatever its kind. */
static inline void teaching_end(teaching *t) {
    teaching_clear(t);
    DIR *dir = opendir(t->dir);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", t->dir, entry->d_name);
        (void)unlink(path); /* "." and ".." stay */
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(t->dir);
    (void)rmdir(t->root);
}

/* Is this the measure that a planted value is about, whatever its source? */
static inline bool teaching_is_about(const onus_measure *m, json_t *planted) {
    if (strcmp(m->def->id, json_string_value(json_object_get(planted, "measure"))) != 0) {
        return false;
    }
    json_t *scope = json_object_get(planted, "scope");
    size_t n_same = 0;
    const char *key;
    json_t *value;
    json_object_foreach(scope, key, value) {
        const char *text = onus_scope_text(&m->scope, key);
        n_same += text != NULL && strcmp(text, json_string_value(value)) == 0;
    }
    return n_same == json_object_size(scope) && m->scope.n_items == n_same + 1;
}

/* What this source's interval aims at. */
static inline double teaching_aim(const onus_measure *m, json_t *planted) {
    const bool census = strcmp(onus_scope_text(&m->scope, "source"), "census") == 0;
    return json_number_value(json_object_get(planted, census ? "drawn" : "value"));
}

#endif
