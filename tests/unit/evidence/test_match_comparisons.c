/* Comparison tables: truth, repeats, mirror images, gaps of the design. */
#include "match_case.h"

#include <math.h>

static matched l;

#define INLINE                                                                                     \
    "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p, person: a, camera: pc, " \
    "groups: {sex: pg}}, reference: {id: r, person: b, camera: rc, groups: {sex: rg}}}"
#define LABELLED                                                                                   \
    "comparisons: {file: c.csv, score: s, higher_is: same, same: {column: label, yes: '1'}}"

static void an_empty_score_is_a_failure_to_acquire(void **state) {
    (void)state;
    write_text("c.csv", "label,s\n1,0.5\n1,\n-1,nan\n-1,NaN\n1,NA\n-1,-nan\n-1,0.25\n");
    match_loads(&l, LABELLED);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    static const uint8_t same[] = {1, 1, 0, 0, 1, 0, 0};
    assert_int_equal(c->n_comparisons, 7);
    assert_memory_equal(c->same, same, sizeof same);
    assert_true(c->score[0] == 0.5 && c->score[6] == 0.25);
    for (size_t i = 1; i < 6; i++) {
        assert_true(isnan(c->score[i]));
    }
    assert_false(c->knows_people);
    assert_false(c->names_pairs);
    assert_int_equal(match_input(&l, "comparisons")->used, 7);
    match_clear(&l);
}

static void a_symmetric_table_counts_each_pair_once(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,f,0.9\n"
                        "2,1,x,x,1,0,f,f,0.9\n"
                        "1,3,x,y,0,0,f,m,0.1\n"
                        "3,1,y,x,0,0,m,f,0.1\n"
                        "2,3,x,y,1,0,f,m,0.2\n"
                        "3,2,y,x,0,1,m,f,0.3\n"
                        "1,1,x,x,0,0,f,f,1\n"
                        "2,3,x,y,1,0,f,m,0.2\n");
    match_loads(&l, INLINE);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    assert_true(c->one_space);
    assert_int_equal(c->n_mirrored, 2);
    assert_int_equal(c->n_asymmetric, 1);
    assert_int_equal(c->n_repeated, 1);
    assert_int_equal(c->n_self, 1);
    assert_int_equal(c->n_conflicting, 0);
    assert_int_equal(c->n_comparisons, 4);
    assert_int_equal(c->n_expected, 3);
    assert_int_equal(c->n_missing, 0);
    static const double scores[] = {0.9, 0.1, 0.2, 0.3};
    assert_memory_equal(c->score, scores, sizeof scores);
    assert_int_equal(
        match_excluded(&l, "comparisons", "mirror image of a comparison with the same score", true),
        2);
    match_clear(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_score_is_a_failure_to_acquire),
        cmocka_unit_test(a_symmetric_table_counts_each_pair_once),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
