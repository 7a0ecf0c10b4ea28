/* Gaps of a design in which probes and references are parts of one table of sightings. */
#include "made.h"

/* Each person has a probe and a reference; every probe meets every reference, but for one mate. */
static void probes_and_references_of_one_table_are_held_against_their_own_design(void **state) {
    (void)state;
    enum { N = 20 };
    static const char *const genuine[][2] = {{"comparisons", "genuine"}};
    static const char *const impostor[][2] = {{"comparisons", "impostor"}};
    uint64_t random = 1;
    made *w = made_new();
    made_people(w, N, 2, 2, 0);
    w->e.match.comparisons.one_space = true;
    for (int32_t a = 0; a < N; a++) {
        for (int32_t b = 0; b < N; b++) {
            if (a != 3 || b != 3) {
                made_row(w, 2 * a, 2 * b + 1, made_uniform(&random) + (a == b ? 1.0 : 0.0));
            }
        }
    }
    made_use(w, 0.9);
    made_try(w);
    const onus_measure *m = made_measure(w, "match.missing", 1, genuine);
    assert_non_null(m);
    assert_true(m->num == 1.0 && m->den == N);
    m = made_measure(w, "match.missing", 1, impostor);
    assert_non_null(m);
    assert_true(m->num == 0.0 && m->den == (double)(N * (N - 1)));
    made_free(w);
}

/* Every sighting with every other, both ways round with another score, but for a pair of strangers
 * and a mate that are in no row. */
static void a_pair_both_ways_round_fills_one_cell(void **state) {
    (void)state;
    enum { N = 12 };
    static const char *const genuine[][2] = {{"comparisons", "genuine"}};
    static const char *const impostor[][2] = {{"comparisons", "impostor"}};
    uint64_t random = 1;
    made *w = made_new();
    made_people(w, N, 2, 0, 0);
    w->e.match.comparisons.one_space = true;
    for (int32_t a = 0; a < 2 * N; a++) {
        for (int32_t b = 0; b < 2 * N; b++) {
            const int32_t low = a < b ? a : b;
            const int32_t high = a < b ? b : a;
            if (a != b && !(low == 4 && high == 5) && !(low == 1 && high == 7)) {
                made_row(w, a, b, made_uniform(&random) + (a / 2 == b / 2 ? 1.0 : 0.0));
                w->e.match.comparisons.n_asymmetric += a > b ? 1 : 0;
            }
        }
    }
    made_use(w, 0.9);
    made_try(w);
    const onus_measure *m = made_measure(w, "match.missing", 1, genuine);
    assert_non_null(m);
    assert_true(m->num == 1.0 && m->den == N);
    m = made_measure(w, "match.missing", 1, impostor);
    assert_non_null(m);
    assert_true(m->num == 1.0 && m->den == (double)(N * (2 * N - 1) - N));
    assert_non_null(strstr(made_warning(w, "missing_comparisons"), "2 of 276 comparisons"));
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_and_references_of_one_table_are_held_against_their_own_design),
        cmocka_unit_test(a_pair_both_ways_round_fills_one_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
