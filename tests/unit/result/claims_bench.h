/* A case with claims and a result to judge, for the tests of verdicts and of their words. */
#ifndef TESTS_UNIT_RESULT_CLAIMS_BENCH_H
#define TESTS_UNIT_RESULT_CLAIMS_BENCH_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fault.h"
#include "../random.h"
#include "onus/claims.h"
#include "onus/stats_interval.h"

static const onus_measure_def ratio_def = {
    .id = "burden.ratio", .title = "The group's load over another group's", .unit = "ratio"};
static const onus_measure_def share_def = {
    .id = "burden.share", .title = "Who lives in the flagged areas", .unit = "share"};
static const onus_measure_def rate_def = {
    .id = "place.hit_rate", .title = "Hit rate", .unit = "share"};

enum { CLAIMS_MAX = 8, SCOPE_MAX = 6 };

/* A case with claims, written as a test would say it; texts are borrowed. */
typedef struct bench {
    onus_case c;
    onus_claim_ref claims[CLAIMS_MAX];
    onus_scope_item scopes[CLAIMS_MAX][SCOPE_MAX];
    onus_result result;
} bench;

static inline void bench_init(bench *b) {
    memset(b, 0, sizeof *b);
    b->c.protocol.level = 0.95;
    b->c.claims = b->claims;
    onus_result_init(&b->result, &b->c, NULL);
}

static inline onus_claim_ref *claim(bench *b, const char *measure) {
    onus_claim_ref *ref = &b->claims[b->c.n_claims];
    ref->measure = (char *)(uintptr_t)measure;
    ref->say = (char *)(uintptr_t) "said";
    ref->scope = b->scopes[b->c.n_claims++];
    return ref;
}

static inline void at_most(onus_claim_ref *ref, double bound) {
    ref->has_at_most = true;
    ref->at_most = bound;
}

static inline void at_least(onus_claim_ref *ref, double bound) {
    ref->has_at_least = true;
    ref->at_least = bound;
}

static inline void scope(onus_claim_ref *ref, const char *key, const char *text) {
    ref->scope[ref->n_scope++] =
        (onus_scope_item){.key = (char *)(uintptr_t)key, .text = (char *)(uintptr_t)text};
}

static inline onus_measure plain(double value, double low, double high) {
    return (onus_measure){
        .def = &ratio_def,
        .has_value = true,
        .value = value,
        .interval = {.given = true, .level = 0.95, .low = low, .high = high, .method = "made up"}};
}

static inline void add(bench *b, const onus_measure *m) {
    assert_int_equal(onus_result_add(&b->result, m, NULL), ONUS_OK);
}

static inline void add_keyed(bench *b, onus_measure m, const char *key, const char *text) {
    onus_scope_set_text(&m.scope, key, text);
    add(b, &m);
}

static inline const onus_claim *judged(bench *b) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_claims_judge(&b->result, &err);
    if (status != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(b->result.n_claims, b->c.n_claims);
    for (size_t i = 0; i < b->result.n_claims; i++) {
        assert_true(strlen(b->result.claims[i].sentence) > 0);
        assert_true(strlen(b->result.claims[i].why) > 0);
    }
    return b->result.claims;
}

#endif
