/* The made-up products of `onus new match` and `onus new affect`: the trial finds what was planted
 * in each, the same seed gives the same bytes, and a folder is whole or absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/affect.h"
#include "onus/alloc.h"
#include "onus/match.h"
#include "onus/text.h"
#include "refused.h"

static teaching product;
static teaching reader;

static int try_example(teaching *t, make_fn make) {
    onus_error err = ONUS_ERROR_INIT;
    onus_status status = ONUS_OK;
    if (!teaching_begin(t)) {
        return -1;
    }
    ONUS_TRY(make(t->dir, 1, &err));
    ONUS_TRY(teaching_read(t, "case.yaml", &err));
    t->c.protocol.n_replicates = 500; /* enough for what is planted here */
    onus_result_init(&t->result, &t->c, &t->evidence);
    t->is_tried = true;
    ONUS_TRY(t->c.kind == ONUS_KIND_MATCH
                 ? onus_match_try(&t->c, &t->evidence, NULL, &t->result, &err)
                 : onus_affect_try(&t->c, &t->evidence, NULL, &t->result, &err));
    ONUS_TRY(onus_claims_judge(&t->result, &err));
out:
    if (status != ONUS_OK) {
        (void)fprintf(stderr, "%s:%d: %s\n", err.path, (int)err.line, err.text);
    }
    return status == ONUS_OK ? 0 : -1;
}

static int try_both(void **state) {
    (void)state;
    return try_example(&product, onus_example_match) | try_example(&reader, onus_example_affect);
}

static int leave_both(void **state) {
    (void)state;
    teaching_end(&product);
    teaching_end(&reader);
    return 0;
}

/* Has the measure just this scope? */
static bool has_scope(const onus_measure *m, json_t *scope) {
    const char *key;
    json_t *value;
    size_t n = 0;
    json_object_foreach(scope, key, value) {
        n += onus_text_equal(onus_scope_text(&m->scope, key), json_string_value(value));
    }
    return n == json_object_size(scope) && m->scope.n_items == n;
}

static const onus_measure *find(const teaching *t, json_t *planted) {
    const char *id = json_string_value(json_object_get(planted, "measure"));
    for (size_t i = 0; i < onus_result_n_measures(&t->result); i++) {
        const onus_measure *m = onus_result_measure(&t->result, i);
        if (strcmp(m->def->id, id) == 0 && has_scope(m, json_object_get(planted, "scope"))) {
            return m;
        }
    }
    fail_msg("no measure %s of that scope", id);
    return NULL;
}

static void is_found(const teaching *t) {
    json_t *all = json_object_get(t->answer, "planted");
    size_t i;
    json_t *planted;
    assert_true(json_array_size(all) > 0);
    json_array_foreach(all, i, planted) {
        const onus_measure *m = find(t, planted);
        const double value = json_number_value(json_object_get(planted, "value"));
        assert_true(m->has_value);
        if (json_is_true(json_object_get(planted, "exact"))) {
            assert_true(m->value == value);
        } else if (m->interval.low > value || m->interval.high < value) {
            fail_msg("%s: %g is outside %g to %g", m->def->id, value, m->interval.low,
                     m->interval.high);
        }
    }
}

static void what_was_planted_in_the_camera_product_is_found(void **state) {
    (void)state;
    is_found(&product);
}

static void what_was_planted_in_the_label_product_is_found(void **state) {
    (void)state;
    is_found(&reader);
}

static void comes_out_as_designed(const teaching *t) {
    json_t *verdicts = json_object_get(t->answer, "verdicts");
    assert_int_equal(json_array_size(verdicts), t->result.n_claims);
    for (size_t k = 0; k < t->result.n_claims; k++) {
        json_t *claim = json_array_get(verdicts, k);
        assert_string_equal(json_string_value(json_object_get(claim, "say")),
                            t->result.claims[k].ref->say);
        assert_string_equal(json_string_value(json_object_get(claim, "verdict")),
                            onus_verdict_text(t->result.claims[k].verdict));
    }
}

static void every_claim_comes_out_as_designed(void **state) {
    (void)state;
    comes_out_as_designed(&product);
    comes_out_as_designed(&reader);
}

static bool warns(const teaching *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void is_warned_of(const teaching *t) {
    json_t *codes = json_object_get(t->answer, "warnings");
    size_t i;
    json_t *code;
    assert_true(json_array_size(codes) > 0);
    json_array_foreach(codes, i, code) {
        if (!warns(t, json_string_value(code))) {
            fail_msg("no warning '%s'", json_string_value(code));
        }
    }
}

static void each_planted_trick_is_warned_of(void **state) {
    (void)state;
    is_warned_of(&product);
    is_warned_of(&reader);
}

/* Better for them as it is, worse on equal labels, and neither by chance. */
static void the_reversal_is_seen(void **state) {
    (void)state;
    json_t *planted = json_object_get(reader.answer, "planted");
    const onus_measure *gap = find(&reader, json_array_get(planted, 2));
    const onus_measure *crude = find(&reader, json_array_get(planted, 3));
    assert_string_equal(gap->def->id, "affect.gap");
    assert_string_equal(crude->def->id, "affect.gap_crude");
    assert_true(gap->interval.high < 0.0);
    assert_true(crude->interval.low > 0.0);
}

/* ---- folders ---- */

static char *slurp(const char *dir, const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = calloc(1, (size_t)4 << 20);
    assert_non_null(bytes);
    (void)fread(bytes, 1, ((size_t)4 << 20) - 1, file);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static void another_seed_draws_other_scores_of_the_same_design(void **state) {
    (void)state;
    teaching same;
    teaching other;
    onus_error err = ONUS_ERROR_INIT;
    assert_true(teaching_begin(&same) && teaching_begin(&other));
    assert_int_equal(onus_example_affect(same.dir, 1, &err), ONUS_OK);
    assert_int_equal(onus_example_affect(other.dir, 2, &err), ONUS_OK);
    char *first = slurp(reader.dir, "labels.csv");
    char *again = slurp(same.dir, "labels.csv");
    char *second = slurp(other.dir, "labels.csv");
    assert_string_equal(first, again);
    assert_string_not_equal(first, second);
    free(first);
    free(again);
    free(second);
    teaching_end(&same);
    teaching_end(&other);
}

static void a_folder_that_is_there_is_refused(void **state) {
    (void)state;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_example_match(product.dir, 1, &err), ONUS_ERR_CANTCREATE);
    assert_int_equal(onus_example_affect(reader.dir, 1, &err), ONUS_ERR_CANTCREATE);
}

static void without_memory_no_folder_is_left(void **state) {
    (void)state;
    refuse_and_expect_no_folder(onus_example_match, 12);
    refuse_and_expect_no_folder(onus_example_affect, 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_planted_in_the_camera_product_is_found),
        cmocka_unit_test(what_was_planted_in_the_label_product_is_found),
        cmocka_unit_test(every_claim_comes_out_as_designed),
        cmocka_unit_test(each_planted_trick_is_warned_of),
        cmocka_unit_test(the_reversal_is_seen),
        cmocka_unit_test(another_seed_draws_other_scores_of_the_same_design),
        cmocka_unit_test(a_folder_that_is_there_is_refused),
        cmocka_unit_test(without_memory_no_folder_is_left),
    };
    return cmocka_run_group_tests(tests, try_both, leave_both);
}
