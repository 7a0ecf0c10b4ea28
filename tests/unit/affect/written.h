/* For tests of affect trials: a case and its tables as a user writes them, tried whole; and what
 * came of it. */
#ifndef ONUS_TEST_AFFECT_WRITTEN_H
#define ONUS_TEST_AFFECT_WRITTEN_H

#include "../evidence/temp_files.h"
#include "../fault.h"

#include "onus/affect.h"
#include "onus/claims.h"
#include "onus/text.h"

typedef struct made {
    onus_case c;
    onus_evidence evidence;
    onus_result result;
} made;

#define HEAD "onus: 1\ntitle: T\nkind: affect\n"
#define LABELS "labels: {file: said.csv, item: clip, label: said}\n"
#define ITEMS "items: {file: clips.csv, id: clip, person: actor}\n"
#define SELF "self_report: {file: felt.csv, item: clip, label: felt}\n"
#define DOMAIN "domain: {labels: [calm, happy, sad]}\n"
#define QUICK "protocol: {resample: {unit: person, replicates: 60}, max_excluded: 1, seed: 3"

static const char *const LABEL[] = {"calm", "happy", "sad"};

static inline void made_clear(made *m) {
    onus_result_clear(&m->result);
    onus_evidence_clear(&m->evidence);
    onus_case_clear(&m->c);
}

static inline onus_status made_try(made *m) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_context context = {.n_threads = 1};
    onus_result_init(&m->result, &m->c, &m->evidence);
    onus_status status = onus_affect_try(&m->c, &m->evidence, &context, &m->result, &err);
    if (status == ONUS_OK) {
        status = onus_claims_judge(&m->result, &err);
    }
    if (status == ONUS_OK) {
        status = onus_affect_answer(&m->result, &err);
    }
    if (status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        fail_msg("the trial ends with %s: %s", onus_status_name(status), err.text);
    }
    return status;
}

static inline void made_load(made *m, const char *text) {
    onus_problems problems = {0};
    *m = (made){0};
    onus_status status =
        onus_case_parse(text, strlen(text), "case.yaml", temp_dir, &m->c, &problems);
    if (status == ONUS_OK) {
        status = onus_evidence_load(&m->c, NULL, &m->evidence, &problems);
    }
    if (status != ONUS_OK) {
        char line[1200];
        fail_msg("%s", onus_error_format(&problems.full[0], line, sizeof line));
    }
}

static inline void made_run(made *m, const char *text) {
    made_load(m, text);
    assert_int_equal(made_try(m), ONUS_OK);
}

/* The measure with this id whose scope reads "key=text key=text", keys sorted; NULL: none. */
static inline const onus_measure *made_find(const made *m, const char *id, const char *scope) {
    for (size_t i = 0; i < onus_result_n_measures(&m->result); i++) {
        const onus_measure *measure = onus_result_measure(&m->result, i);
        char text[512] = "";
        size_t len = 0;
        for (size_t k = 0; k < measure->scope.n_items && len < sizeof text; k++) {
            const char *value = measure->scope.items[k].text;
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s=%s", k > 0 ? " " : "",
                                    measure->scope.items[k].key, value != NULL ? value : "#");
        }
        if (strcmp(measure->def->id, id) == 0 && strcmp(text, scope) == 0) {
            return measure;
        }
    }
    return NULL;
}

static inline void assert_value(const made *m, const char *id, const char *scope, double value) {
    const onus_measure *found = made_find(m, id, scope);
    if (found == NULL || !found->has_value || found->value < value - 1e-12 ||
        found->value > value + 1e-12) {
        fail_msg("%s {%s} is %.17g, expected %.17g", id, scope,
                 found == NULL || !found->has_value ? -99.0 : found->value, value);
    }
}

static inline void assert_fraction(const made *m, const char *id, const char *scope, double num,
                                   double den) {
    const onus_measure *found = made_find(m, id, scope);
    assert_non_null(found);
    assert_true(found->has_fraction);
    assert_true(found->num >= num - 1e-9 && found->num <= num + 1e-9);
    assert_true(found->den >= den - 1e-9 && found->den <= den + 1e-9);
}

static inline bool made_shows(const made *m, const char *id, const char *scope) {
    const onus_measure *found = made_find(m, id, scope);
    return found != NULL && found->has_value && !found->withheld;
}

static inline const char *made_warning(const made *m, const char *code) {
    const onus_warning *warnings = m->result.warnings.items;
    for (size_t i = 0; i < m->result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    return NULL;
}

static inline const onus_question *made_question(const made *m, int n) {
    const onus_question *questions = m->result.questions.items;
    for (size_t i = 0; i < m->result.questions.n_items; i++) {
        if (questions[i].n == n) {
            return &questions[i];
        }
    }
    fail_msg("question %d is not answered", n);
    return NULL;
}

static inline void assert_says(const char *text, const char *part) {
    if (text == NULL || strstr(text, part) == NULL) {
        fail_msg("'%s' does not say '%s'", text != NULL ? text : "(nothing)", part);
    }
}

/* n_people with n_clips each: felt (person + clip) mod 3, said the same but for every fourth clip,
 * which is calm; two raters a clip, the second wrong on odd people. */
static inline void write_people(size_t n_people, size_t n_clips) {
    onus_text said = {0};
    onus_text felt = {0};
    onus_text clips = {0};
    onus_text votes = {0};
    onus_text_add(&said, "clip,said\n");
    onus_text_add(&felt, "clip,felt\n");
    onus_text_add(&clips, "clip,actor\n");
    onus_text_add(&votes, "clip,who,vote\n");
    for (size_t p = 0; p < n_people; p++) {
        for (size_t k = 0; k < n_clips; k++) {
            const size_t truth = (p + k) % 3;
            onus_text_addf(&said, "c%03zu-%zu,%s\n", p, k, LABEL[k % 4 == 3 ? 0 : truth]);
            onus_text_addf(&felt, "c%03zu-%zu,%s\n", p, k, LABEL[truth]);
            onus_text_addf(&clips, "c%03zu-%zu,p%03zu\n", p, k, p);
            onus_text_addf(&votes, "c%03zu-%zu,r1,%s\nc%03zu-%zu,r2,%s\n", p, k, LABEL[truth], p, k,
                           LABEL[p % 2 == 1 ? (truth + 1) % 3 : truth]);
        }
    }
    write_text("said.csv", said.data);
    write_text("felt.csv", felt.data);
    write_text("clips.csv", clips.data);
    write_text("votes.csv", votes.data);
    onus_text_clear(&said);
    onus_text_clear(&felt);
    onus_text_clear(&clips);
    onus_text_clear(&votes);
}

#endif
