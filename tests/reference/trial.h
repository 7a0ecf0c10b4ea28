/* A shared case tried with the library, and its measures by id and scope: for tests of published
 * figures. Include after cmocka.h. */
#ifndef ONUS_TESTS_TRIAL_H
#define ONUS_TESTS_TRIAL_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/civil.h"
#include "onus/claims.h"
#include "onus/model.h"
#include "onus/place.h"
#include "onus/text.h"

/* Which trial: define it before including this for another kind of case. */
#ifndef TRIAL_TRY
#define TRIAL_TRY onus_place_try
#endif

typedef struct trial {
    onus_case c;
    onus_evidence evidence;
    onus_result result;
} trial;

static inline const char *shared_dir(void) {
    const char *dir = getenv("ONUS_SHARED");
    return dir != NULL ? dir : "../shared";
}

static inline char *shared_path(const char *name) {
    return onus_path_join(shared_dir(), name);
}

static inline bool shared_has(const char *name) {
    char *path = shared_path(name);
    FILE *file = fopen(path, "rb");
    onus_free(path);
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

static inline void trial_fail(const char *name, const onus_problems *problems,
                              const onus_error *err) {
    char line[ONUS_ERROR_PATH_MAX + ONUS_ERROR_TEXT_MAX + 64];
    fail_msg("%s: %s", name,
             onus_error_format(problems->n_full > 0 ? &problems->full[0] : err, line, sizeof line));
}

/* Everything after the case was read. */
static inline void trial_try(trial *t, const char *name, onus_status status,
                             onus_problems *problems) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_context context = {.n_threads = 1};
    if (status == ONUS_OK) {
        status = onus_evidence_load(&t->c, &context, &t->evidence, problems);
    }
    if (status == ONUS_OK) {
        onus_result_init(&t->result, &t->c, &t->evidence);
        status = TRIAL_TRY(&t->c, &t->evidence, &context, &t->result, &err);
    }
    if (status == ONUS_OK) {
        status = onus_claims_judge(&t->result, &err);
    }
    if (status != ONUS_OK) {
        trial_fail(name, problems, &err);
    }
}

/* Tries a case of the shared folder, data under `data`; fails the test with the first problem. */
static inline void trial_run(trial *t, const char *name, const char *data) {
    onus_problems problems = {0};
    char *path = shared_path(name);
    char *data_dir = shared_path(data);
    const onus_status status = onus_case_read(path, data_dir, &t->c, &problems);
    onus_free(path);
    onus_free(data_dir);
    trial_try(t, name, status, &problems);
}

/* The same for a case in memory. */
static inline void trial_run_text(trial *t, const char *text, const char *data) {
    onus_problems problems = {0};
    char *data_dir = shared_path(data);
    const onus_status status =
        onus_case_parse(text, strlen(text), "case", data_dir, &t->c, &problems);
    onus_free(data_dir);
    trial_try(t, "case", status, &problems);
}

static inline void trial_clear(trial *t) {
    onus_result_clear(&t->result);
    onus_evidence_clear(&t->evidence);
    onus_case_clear(&t->c);
}

/* Does the scope say exactly "key=value ..." (sorted by key, numbers as %.10g)? */
static inline bool scope_is(const onus_scope *scope, const char *wanted) {
    char text[512] = "";
    size_t len = 0;
    for (size_t i = 0; i < scope->n_items && len < sizeof text; i++) {
        const char *space = i > 0 ? " " : "";
        len += (size_t)(scope->items[i].text != NULL
                            ? snprintf(text + len, sizeof text - len, "%s%s=%s", space,
                                       scope->items[i].key, scope->items[i].text)
                            : snprintf(text + len, sizeof text - len, "%s%s=%.10g", space,
                                       scope->items[i].key, scope->items[i].number));
    }
    return strcmp(text, wanted) == 0;
}

static inline const onus_measure *trial_find(const trial *t, const char *id, const char *scope) {
    for (size_t i = 0; i < onus_result_n_measures(&t->result); i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        if (strcmp(m->def->id, id) == 0 && scope_is(&m->scope, scope)) {
            return m;
        }
    }
    fail_msg("no measure %s {%s}", id, scope);
    return NULL;
}

#endif
