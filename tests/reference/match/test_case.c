/* Two whole cases: every figure that the references give for their tables comes out of the trial.
 *
 * design/cases/match-reference.yaml (19,306 comparisons of 197 sightings of 40 people on six
 * cameras) against scores/expected.json and boot/expected.json; design/cases/match-tracks.yaml
 * (eight cameras) against mot/mtmc40_expected.json. Counts exactly, rates to 1e-15, intervals and
 * variances to 1e-12 relative, TrackEval's floats to 1e-12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/match.h"

#define TRIAL_TRY onus_match_try
#include "../trial.h"
#include "reference.h"

static const double RATE = 1e-15;
static const double FLOAT = 1e-12;

enum { SCOPE_MAX = 200 };

/* The scope "KEYS pairs=P threshold=T" as trial_find wants it: sorted, so that keys before "pairs"
 * (convention, group) stand in `before`, those between in `between`. */
static const onus_measure *find(const trial *t, const char *id, const char *before,
                                const char *pairs, const char *between, double threshold) {
    char scope[SCOPE_MAX];
    const int len = snprintf(scope, sizeof scope, "%spairs=%s%s", before, pairs, between);
    if (!isnan(threshold)) {
        (void)snprintf(scope + len, sizeof scope - (size_t)len, " threshold=%.10g", threshold);
    }
    return trial_find(t, id, scope);
}

static void check_share(const onus_measure *m, const char *what, double num, double den) {
    if (!m->has_fraction || m->num != num || m->den != den) {
        fail_msg("%s: %.17g of %.17g, not %.17g of %.17g", what, m->num, m->den, num, den);
    }
}

static void check_rate(const onus_measure *m, const char *what, double want) {
    assert_true(m->has_value);
    assert_reference(what, m->value, want, RATE);
}

/* A block over all people at one threshold, acquired and under both conventions. */
static void check_at(const trial *t, const json_t *block, const json_t *at, const char *pairs,
                     double threshold) {
    const double n_genuine = reference_number(block, "n_genuine");
    const double n_impostor = reference_number(block, "n_impostor");
    const onus_measure *fmr = find(t, "match.fmr", "", pairs, "", threshold);
    const onus_measure *fnmr = find(t, "match.fnmr", "", pairs, "", threshold);
    check_share(fmr, "FMR", reference_number(at, "false_match"), n_impostor);
    check_share(fnmr, "FNMR", reference_number(at, "false_nonmatch"), n_genuine);
    check_rate(fmr, "FMR", reference_number(at, "FMR"));
    check_rate(fnmr, "FNMR", reference_number(at, "FNMR"));
    check_rate(find(t, "match.fnmr", "convention=fta_as_nonmatch ", pairs, "", threshold),
               "FNMR, failures as misses", reference_number(at, "FNMR_fta_as_nonmatch"));
    check_rate(find(t, "match.fmr", "convention=fta_as_nonmatch ", pairs, "", threshold),
               "FMR, failures as no matches", reference_number(at, "FMR_fta_as_nonmatch"));
    check_rate(find(t, "match.fmr", "convention=fta_as_match ", pairs, "", threshold),
               "FMR, failures as matches", reference_number(at, "FMR_fta_as_match"));
}

static void check_set(const trial *t, const json_t *block, const char *pairs) {
    const double n_genuine = reference_number(block, "n_genuine");
    const double n_impostor = reference_number(block, "n_impostor");
    assert_true(find(t, "match.genuine", "", pairs, "", NAN)->value == n_genuine);
    assert_true(find(t, "match.impostor", "", pairs, "", NAN)->value == n_impostor);
    check_share(find(t, "match.fta", "", pairs, "", NAN), "FTA",
                reference_number(block, "fta_genuine") + reference_number(block, "fta_impostor"),
                reference_number(block, "n_genuine_attempted") +
                    reference_number(block, "n_impostor_attempted"));
    size_t i;
    json_t *at;
    size_t n_checked = 0;
    json_array_foreach(json_object_get(block, "at_threshold"), i, at) {
        const double threshold = reference_number(at, "t");
        for (size_t k = 0; k < t->c.protocol.thresholds.n; k++) {
            if (t->c.protocol.thresholds.items[k] == threshold) {
                check_at(t, block, at, pairs, threshold);
                n_checked++;
            }
        }
        if (threshold == t->c.match.threshold) { /* in use: without the key */
            check_at(t, block, at, pairs, NAN);
            n_checked++;
        }
    }
    assert_true(n_checked == t->c.protocol.thresholds.n + 1);
    const onus_measure *auc = find(t, "match.auc", "", pairs, "", NAN);
    check_rate(auc, "AUC",
               reference_number(block, "auc_num2") / reference_number(block, "auc_den2"));
    check_rate(find(t, "match.eer", "convention=interpolated ", pairs, "", NAN), "EER interpolated",
               reference_number(block, "eer_interp"));
    check_rate(find(t, "match.eer", "convention=nearest ", pairs, "", NAN), "EER nearest",
               reference_number(json_object_get(block, "eer_bob"), "eer"));
    json_array_foreach(json_object_get(block, "fnmr_at_fmr"), i, at) {
        const double target = reference_number(at, "target");
        for (size_t k = 0; k < t->c.protocol.fmr_at.n; k++) {
            if (t->c.protocol.fmr_at.items[k] == target) {
                char scope[SCOPE_MAX];
                (void)snprintf(scope, sizeof scope, "fmr=%.10g pairs=%s", target, pairs);
                check_rate(trial_find(t, "match.fnmr_at", scope), "FNMR at FMR",
                           reference_number(at, "FNMR"));
            }
        }
    }
}

/* A block of one group, or of two: cells of strangers. */
static void check_cell(const trial *t, const json_t *block, char probe, char reference) {
    char before[32] = "";
    char between[64];
    const bool within = probe == reference;
    (void)snprintf(between, sizeof between, " probe_group=%c reference_group=%c", probe, reference);
    if (within) {
        (void)snprintf(before, sizeof before, "group=%c ", probe);
    }
    size_t i;
    json_t *at;
    json_array_foreach(json_object_get(block, "at_threshold"), i, at) {
        const double threshold = reference_number(at, "t");
        for (size_t k = 0; k < t->c.protocol.thresholds.n; k++) {
            if (t->c.protocol.thresholds.items[k] != threshold) {
                continue;
            }
            check_share(find(t, "match.fmr", "", "cross_camera", between, threshold), between,
                        reference_number(at, "false_match"), reference_number(block, "n_impostor"));
            if (within) {
                check_share(find(t, "match.fmr", before, "cross_camera", "", threshold), before,
                            reference_number(at, "false_match"),
                            reference_number(block, "n_impostor"));
                check_share(find(t, "match.fnmr", before, "cross_camera", "", threshold), before,
                            reference_number(at, "false_nonmatch"),
                            reference_number(block, "n_genuine"));
            }
        }
    }
}

static void every_block_of_the_reference_scores_comes_out(void **state) {
    (void)state;
    json_t *expected = reference_json("scores/expected.json");
    if (expected == NULL) {
        skip();
    }
    trial t = {0};
    trial_run(&t, "design/cases/match-reference.yaml", "expected");
    size_t i;
    size_t n_blocks = 0;
    json_t *block;
    json_array_foreach(json_object_get(expected, "blocks"), i, block) {
        const char *name = json_string_value(json_object_get(block, "name"));
        char probe;
        char reference;
        if (strcmp(name, "all") == 0) {
            check_set(&t, block, "all");
        } else if (strcmp(name, "cross_camera_only") == 0) {
            check_set(&t, block, "cross_camera");
        } else if (strcmp(name, "same_camera_only") == 0) {
            check_set(&t, block, "same_camera");
        } else if (sscanf(name, "cross_camera_%cx%c", &probe, &reference) == 2) {
            check_cell(&t, block, probe, reference);
        } else {
            fail_msg("a block that is not known: %s", name);
        }
        n_blocks++;
    }
    assert_int_equal(n_blocks, 9);
    assert_true(trial_find(&t, "match.people", "")->value == 40.0);
    trial_clear(&t);
    json_decref(expected);
}

static void what_the_comparisons_are_worth_comes_out(void **state) {
    (void)state;
    json_t *expected = reference_json("boot/expected.json");
    if (expected == NULL) {
        skip();
    }
    trial t = {0};
    trial_run(&t, "design/cases/match-reference.yaml", "expected");
    size_t i;
    json_t *at;
    json_array_foreach(json_object_get(expected, "results"), i, at) {
        const double threshold = reference_number(at, "t");
        const onus_measure *m = find(&t, "match.fmr", "", "cross_camera", "", threshold);
        check_share(m, "FMR", reference_number(at, "false_match"), reference_number(at, "M"));
        assert_reference("n effective", m->interval.n_effective, reference_number(at, "neff"),
                         FLOAT);
        assert_true(m->interval.low > 0.0 && m->interval.low < m->value);
        assert_true(m->interval.high > m->value);
        assert_string_equal(m->interval.resampled, "person");
    }
    trial_clear(&t);
    json_decref(expected);
}

/* "below 2 % for everyone": the worst is group C, of eight people, and they are enough to refute
 * it. */
static void the_claim_for_everyone_is_judged_by_the_worst_group(void **state) {
    (void)state;
    if (!shared_has("design/cases/match-reference.yaml")) {
        skip();
    }
    trial t = {0};
    trial_run(&t, "design/cases/match-reference.yaml", "expected");
    assert_int_equal(t.result.n_claims, 1);
    const onus_claim *c = &t.result.claims[0];
    assert_true(c->num == 36.0 && c->den == 345.0);
    assert_int_equal(c->verdict, ONUS_VERDICT_CONTRADICTED);
    assert_non_null(strstr(c->sentence, "Worst of 3 comparisons: in 36 of 345 comparisons of two "
                                        "different people, both of group C, at two cameras"));
    assert_non_null(strstr(c->why, "the worst decides: 1 contradicted, 2 not shown"));
    trial_clear(&t);
}

static const char *warning(const trial *t, const char *code) {
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t i = 0; i < t->result.warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return warnings[i].text;
        }
    }
    fail_msg("no warning %s", code);
    return NULL;
}

static void assert_says(const trial *t, const char *code, const char *part) {
    if (strstr(warning(t, code), part) == NULL) {
        fail_msg("%s does not say \"%s\": %s", code, part, warning(t, code));
    }
}

/* Pooled 1.46 %, within one group 10.4 %: the finding that the notes of the method name. */
static void tricks_of_the_reference_set_are_seen(void **state) {
    (void)state;
    if (!shared_has("design/cases/match-reference.yaml")) {
        skip();
    }
    trial t = {0};
    trial_run(&t, "design/cases/match-reference.yaml", "expected");
    assert_says(&t, "impostors_not_matched", "1.46 % (220 of 15,095)");
    assert_says(&t, "impostors_not_matched", "between two people of C they are 10.4 % (36 of 345)");
    assert_says(&t, "same_camera", "16 of 407");
    assert_says(&t, "ties", "share 749 scores");
    assert_says(&t, "too_few_people", "that takes 298 people, and there are 40 people");
    assert_says(&t, "few_independent", "15,095 comparisons of 40 people are worth about 1,172");
    assert_says(&t, "favourable_denominator", "109 of 191 searches");
    assert_says(&t, "small_list", "25.5 times as many");
    trial_clear(&t);
}

/* ---- tracks ---- */

static void every_figure_of_the_reference_tracks_comes_out(void **state) {
    (void)state;
    json_t *expected = reference_json("mot/mtmc40_expected.json");
    if (expected == NULL) {
        skip();
    }
    trial t = {0};
    trial_run(&t, "design/cases/match-tracks.yaml", "expected");
    const json_t *clear = json_object_get(expected, "CLEAR");
    const json_t *identity = json_object_get(expected, "Identity");
    const json_t *trail = json_object_get(expected, "trail");
    assert_reference("MOTA", trial_find(&t, "match.mota", "")->value,
                     reference_number(clear, "MOTA"), FLOAT);
    assert_true(trial_find(&t, "match.id_switches", "")->value == reference_number(clear, "IDSW"));
    const onus_measure *idf1 = trial_find(&t, "match.idf1", "");
    assert_reference("IDF1", idf1->value, reference_number(identity, "IDF1"), FLOAT);
    static const char *const names[][2] = {
        {"match.hota", "HOTA"}, {"match.deta", "DetA"}, {"match.assa", "AssA"}};
    for (size_t k = 0; k < 3; k++) {
        const json_t *curve = json_object_get(json_object_get(expected, "HOTA"), names[k][1]);
        double sum = 0.0;
        for (size_t i = 0; i < json_array_size(curve); i++) {
            sum += json_number_value(json_array_get(curve, i));
        }
        assert_reference(names[k][1], trial_find(&t, names[k][0], "")->value,
                         sum / (double)json_array_size(curve), FLOAT);
    }
    check_share(trial_find(&t, "match.mixed_trails", ""), "mixed trails",
                reference_number(trail, "trails_with_2plus_persons"),
                reference_number(trail, "trails"));
    assert_reference("people per trail", trial_find(&t, "match.people_per_trail", "")->value,
                     reference_number(trail, "mean_persons_per_trail"), FLOAT);
    assert_says(&t, "mota_over_mixed_trails", "MOTA is 0.91, and 9 of 75 trails mix people");
    trial_clear(&t);
    json_decref(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_of_the_reference_scores_comes_out),
        cmocka_unit_test(what_the_comparisons_are_worth_comes_out),
        cmocka_unit_test(the_claim_for_everyone_is_judged_by_the_worst_group),
        cmocka_unit_test(tricks_of_the_reference_set_are_seen),
        cmocka_unit_test(every_figure_of_the_reference_tracks_comes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
