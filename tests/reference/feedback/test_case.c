/* The shared case of Oakland tried as a user would (oakland-feedback.yaml): the published counts
 * come out as measures. Without feedback they are exact; with it the ten runs' means lie within
 * four standard errors of the reference's ten (both sides' runs vary: sd sqrt(2 / 10)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../trial.h"

static trial oakland;

static const struct {
    const char *figure;
    const char *id;
    const char *part; /* of the run: a scope key; "": the whole */
    double exact;     /* how far from the reference where nothing is drawn */
} FIGURES[] = {{"cells_ever", "feedback.cells_ever", "", 1e-12},
               {"cells_always", "feedback.cells_always", "", 1e-12},
               {"turnover", "feedback.turnover", "", 1e-12},
               {"rate_share_targeted_first30", "feedback.rate_share", " part=first30", 1e-9},
               {"rate_share_targeted_last30", "feedback.rate_share", " part=last30", 1e-9},
               {"added", "feedback.discovered", "", 0.0}};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES, N_WITHOUT = N_FIGURES - 1 };

static double ours(size_t figure, const char *formula, const char *discovery) {
    char scope[256];
    (void)snprintf(scope, sizeof scope,
                   "discovery=%s formula=%s horizon_days=368 loop=closed model=lum_isaac%s "
                   "policy=top_self_exciting",
                   discovery, formula, FIGURES[figure].part);
    return trial_find(&oakland, FIGURES[figure].id, scope)->value;
}

static void compare(const char *formula, const char *file) {
    char *path = shared_path(file);
    json_t *root = json_load_file(path, 0, NULL);
    onus_free(path);
    assert_non_null(root);
    const json_t *none = json_object_get(root, "none");
    for (size_t k = 0; k < N_WITHOUT; k++) {
        const double wanted = json_number_value(json_object_get(none, FIGURES[k].figure));
        const double value = ours(k, formula, "0");
        print_message("# %s, none: %s %.15g, reference %.15g\n", formula, FIGURES[k].figure, value,
                      wanted);
        assert_true(fabs(value - wanted) <= FIGURES[k].exact);
    }
    static const char *const rates[] = {"0.2", "0.5"};
    for (size_t r = 0; r < 2; r++) {
        char key[32];
        (void)snprintf(key, sizeof key, "pct%s", rates[r]);
        for (size_t k = 0; k < N_FIGURES; k++) {
            const json_t *pair = json_object_get(json_object_get(root, key), FIGURES[k].figure);
            const double mean = json_number_value(json_array_get(pair, 0));
            const double sd = json_number_value(json_array_get(pair, 1));
            const double value = ours(k, formula, rates[r]);
            print_message("# %s, p = %s: %s %.4g, reference %.4g (sd %.3g)\n", formula, rates[r],
                          FIGURES[k].figure, value, mean, sd);
            if (!(fabs(value - mean) <= 4.0 * sd * sqrt(2.0 / 10.0))) {
                fail_msg("%s, p = %s: %s is %.6g, reference %.6g", formula, rates[r],
                         FIGURES[k].figure, value, mean);
            }
        }
    }
    json_decref(root);
}

static void the_published_formula_gives_the_published_counts(void **state) {
    (void)state;
    compare("published", "expected/feedback/ref_feedback_published_formula.json");
}

static void so_does_the_corrected_one(void **state) {
    (void)state;
    compare("corrected", "expected/feedback/ref_feedback_corrected.json");
}

static void ten_runs_carry_no_verdict_and_say_so(void **state) {
    (void)state;
    const onus_measure *m =
        trial_find(&oakland, "feedback.amplification",
                   "discovery=0.2 formula=corrected horizon_days=368 model=lum_isaac "
                   "policy=top_self_exciting");
    assert_true(m->interval.given && m->interval.weak && m->value > 0.0);
    assert_non_null(strstr(m->interval.weak_reason, "it takes 39"));
}

static int try_oakland(void **state) {
    (void)state;
    if (!shared_has("design/cases/oakland-feedback.yaml")) {
        print_message("the shared records of Oakland are absent: skipped\n");
        exit(77);
    }
    trial_run(&oakland, "design/cases/oakland-feedback.yaml", "data");
    return 0;
}

static int leave(void **state) {
    (void)state;
    trial_clear(&oakland);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_formula_gives_the_published_counts),
        cmocka_unit_test(so_does_the_corrected_one),
        cmocka_unit_test(ten_runs_carry_no_verdict_and_say_so),
    };
    return cmocka_run_group_tests_name("feedback_case", tests, try_oakland, leave);
}
