/* The trial's rates: counts of the scores, scopes, failures to acquire, bare scores, the curve. */
#include <locale.h>

#include "../fault.h"
#include "made.h"

/* The measure whose scope reads "key=value ..." (sorted by key). */
static const onus_measure *measure(const made *w, const char *id, const char *scope) {
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        char text[256] = "";
        for (size_t k = 0; k < m->scope.n_items; k++) {
            char item[64];
            (void)snprintf(item, sizeof item,
                           m->scope.items[k].text != NULL ? "%s%s=%s" : "%s%s=", k > 0 ? " " : "",
                           m->scope.items[k].key, m->scope.items[k].text);
            (void)strcat(text, item);
            if (m->scope.items[k].text == NULL) {
                (void)snprintf(item, sizeof item, "%g", m->scope.items[k].number);
                (void)strcat(text, item);
            }
        }
        if (strcmp(m->def->id, id) == 0 && strcmp(text, scope) == 0) {
            return m;
        }
    }
    fail_msg("no %s {%s}", id, scope);
    return NULL;
}

static void is_share(const made *w, const char *id, const char *scope, double num, double den) {
    const onus_measure *m = measure(w, id, scope);
    if (!m->has_fraction || m->num != num || m->den != den) {
        fail_msg("%s {%s}: %g of %g, not %g of %g", id, scope, m->num, m->den, num, den);
    }
    assert_true(den == 0 || m->value == num / den || m->value == num);
}

/* Every tenth comparison fails; the others are spread over [0, 1) and [0.5, 1.5). */
static double some_fail(const made_pair *pair, uint64_t *random) {
    const double u = made_uniform(random);
    const bool fails = made_uniform(random) < 0.1;
    return fails ? (double)NAN : (pair->person_a == pair->person_b ? 0.5 : 0.0) + u;
}

typedef struct counted {
    double n[2], failed[2], misses, matches;
} counted;

static counted count(const made *w, double threshold, int which) { /* 0: all, 1: cross, 2: same */
    counted k = {0};
    const onus_comparisons *c = &w->e.match.comparisons;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        const bool one_camera = w->camera[c->probe[i]] == w->camera[c->reference[i]];
        if (which != 0 && (which == 2) != one_camera) {
            continue;
        }
        const int kind = c->same[i] ? 0 : 1;
        k.n[kind]++;
        k.failed[kind] += isnan(c->score[i]) ? 1 : 0;
        k.misses += kind == 0 && c->score[i] < threshold ? 1 : 0;
        k.matches += kind == 1 && c->score[i] >= threshold ? 1 : 0;
    }
    return k;
}

static made *spread_case(void) {
    made *w = made_new();
    made_people(w, 30, 4, 2, 0);
    made_all_pairs(w, some_fail, 5);
    made_use(w, 0.75);
    w->thresholds[0] = 0.9;
    w->c.protocol.thresholds.items = w->thresholds;
    w->c.protocol.thresholds.n = 1;
    return w;
}

static void rates_are_counts_over_counts_for_every_set_threshold_and_convention(void **state) {
    (void)state;
    static const char *const names[] = {"all", "cross_camera", "same_camera"};
    static const char *const points[] = {"", " threshold=0.9"};
    made *w = spread_case();
    for (int p = 0; p < 3; p++) {
        w->pairs[p] = made_text(names[p]);
    }
    w->c.protocol.pairs.items = w->pairs;
    w->c.protocol.pairs.n = 3;
    made_try(w);
    for (int which = 0; which < 3; which++) {
        char scope[128];
        for (int p = 0; p < 2; p++) {
            const counted k = count(w, p == 0 ? 0.75 : 0.9, which);
            const double genuine = k.n[0] - k.failed[0];
            const double impostor = k.n[1] - k.failed[1];
            assert_true(k.failed[0] > 0 && k.failed[1] > 0 && k.misses > 0 && k.matches > 0);
            (void)snprintf(scope, sizeof scope, "pairs=%s%s", names[which], points[p]);
            is_share(w, "match.fmr", scope, k.matches, impostor);
            is_share(w, "match.fnmr", scope, k.misses, genuine);
            (void)snprintf(scope, sizeof scope, "convention=fta_as_nonmatch pairs=%s%s",
                           names[which], points[p]);
            is_share(w, "match.fmr", scope, k.matches, k.n[1]);
            is_share(w, "match.fnmr", scope, k.misses + k.failed[0], k.n[0]);
            (void)snprintf(scope, sizeof scope, "convention=fta_as_match pairs=%s%s", names[which],
                           points[p]);
            is_share(w, "match.fmr", scope, k.matches + k.failed[1], k.n[1]);
            is_share(w, "match.fnmr", scope, k.misses, k.n[0]);
            (void)snprintf(scope, sizeof scope, "pairs=%s", names[which]);
            is_share(w, "match.genuine", scope, genuine, k.n[0]);
            is_share(w, "match.impostor", scope, impostor, k.n[1]);
            is_share(w, "match.fta", scope, k.failed[0] + k.failed[1], k.n[0] + k.n[1]);
            (void)snprintf(scope, sizeof scope, "comparisons=genuine pairs=%s", names[which]);
            is_share(w, "match.fta", scope, k.failed[0], k.n[0]);
        }
    }
    made_free(w);
}

static void intervals_know_who_was_compared(void **state) {
    (void)state;
    made *w = spread_case();
    made_try(w);
    const onus_interval known = measure(w, "match.fmr", "")->interval;
    assert_true(known.given && !known.weak);
    assert_string_equal(known.resampled, "person");
    assert_true(measure(w, "match.fta", "")->interval.given);
    /* of 7,000 comparisons none can show one in a million */
    w->fmr_at[0] = 1e-6;
    w->fmr_at[1] = 0.1;
    onus_result_clear(&w->r);
    w->c.protocol.fmr_at.items = w->fmr_at;
    w->c.protocol.fmr_at.n = 2;
    made_try(w);
    assert_true(measure(w, "match.fnmr_at", "fmr=1e-06")->interval.weak);
    assert_false(measure(w, "match.fnmr_at", "fmr=0.1")->interval.weak);
    assert_true(measure(w, "match.fnmr_at", "fmr=0.1 ties=best")->value <=
                measure(w, "match.fnmr_at", "fmr=0.1")->value);
    made_free(w);
}

static const double GENUINE[] = {0.2, 0.4, 0.4, 0.9, NAN};
static const double IMPOSTOR[] = {0.4, 0.5, 0.95, 0.99, 0.7, 0.8};

/* Distances: one person's are small. */
static made *bare_case(void) {
    made *w = made_new();
    w->c.match.comparisons.source.file = NULL;
    w->c.match.scores.higher_is = ONUS_HIGHER_DIFFERENT;
    w->e.match.scores = (onus_bare_scores){
        .genuine = GENUINE, .n_genuine = 5, .impostor = IMPOSTOR, .n_impostor = 6};
    made_use(w, 0.5);
    return w;
}

static void bare_distances_are_counted_and_their_intervals_are_weak(void **state) {
    (void)state;
    made *w = bare_case();
    w->fmr_at[0] = 0.2;
    w->c.protocol.fmr_at.items = w->fmr_at;
    w->c.protocol.fmr_at.n = 1;
    made_try(w);
    is_share(w, "match.fmr", "", 2, 6);
    is_share(w, "match.fnmr", "", 1, 4);
    is_share(w, "match.fnmr", "convention=fta_as_nonmatch", 2, 5);
    is_share(w, "match.fta", "", 1, 11);
    is_share(w, "match.fta", "comparisons=impostor", 0, 6);
    /* pairs: 6 + 5.5 + 5.5 + 2 of 24 */
    is_share(w, "match.auc", "", 19, 24);
    is_share(w, "match.fnmr_at", "fmr=0.2", 1, 4);
    assert_true(measure(w, "match.threshold_at", "fmr=0.2")->value == 0.4);
    assert_true(measure(w, "match.fmr", "")->interval.weak);
    assert_non_null(measure(w, "match.fmr", "")->interval.weak_reason);
    const onus_series *det = NULL;
    for (size_t i = 0; i < w->r.series.n_items; i++) {
        const onus_series *s = &((const onus_series *)w->r.series.items)[i];
        det = strcmp(s->name, "det") == 0 ? s : det;
    }
    assert_non_null(det);
    assert_string_equal(det->columns[1], "threshold");
    /* eight distinct scores, and past them all; 0.5 is one of them */
    assert_int_equal(det->cells.n_items, 9 * det->n_columns);
    made_free(w);
}

static void a_class_without_scores_has_no_rate_but_a_reason(void **state) {
    (void)state;
    made *w = bare_case();
    w->e.match.scores.n_genuine = 0;
    made_try(w);
    static const char *const undefined[][2] = {{"match.fnmr", ""},
                                               {"match.eer", "convention=crossing"},
                                               {"match.auc", ""},
                                               {"match.fnmr_at", "fmr=0.01"},
                                               {"match.fta", "comparisons=genuine"}};
    for (size_t i = 0; i < sizeof undefined / sizeof undefined[0]; i++) {
        const onus_measure *m = measure(w, undefined[i][0], undefined[i][1]);
        assert_false(m->has_value);
        assert_non_null(m->reason);
    }
    is_share(w, "match.fmr", "", 2, 6);
    made_free(w);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    FAULT_SPREAD(fault, 60, 160) {
        made *w = bare_case(); /* not through onus_alloc */
        onus_error err = ONUS_ERROR_INIT;
        fault_expect(&fault, made_try_status(w, &err));
        made_free(w);
    }
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* scopes are written with printf here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_counts_over_counts_for_every_set_threshold_and_convention),
        cmocka_unit_test(intervals_know_who_was_compared),
        cmocka_unit_test(bare_distances_are_counted_and_their_intervals_are_weak),
        cmocka_unit_test(a_class_without_scores_has_no_rate_but_a_reason),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
