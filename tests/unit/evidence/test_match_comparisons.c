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

/* ---- what is refused ---- */

static void a_score_that_is_no_number_is_an_error_of_the_file(void **state) {
    (void)state;
    write_text("c.csv", "label,s\n1,0.5\n-1,high\n");
    match_refuses(&l, LABELLED,
                  "c.csv:3: error: column 's' is 'high', not a score (a number; empty, NaN or NA "
                  "where none could be made)");
    static const char *const none[] = {"inf", "-inf", "1e999", "n/a", "nan(1)", "0,5", " 1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "label;s\n1;%s\n-1;0\n", none[i]);
        write_text("c.csv", text);
        match_load(&l, LABELLED);
        assert_int_equal(l.status, ONUS_ERR_DATA);
        assert_int_equal(l.problems.n_all, 1);
        assert_string_equal(l.problems.kinds[0].kind, "not a score");
    }
    match_clear(&l);
}

static void a_label_that_never_says_yes_is_refused(void **state) {
    (void)state;
    write_text("c.csv", "label,s\n1.0,0.5\n0.0,0.25\n");
    match_refuses(&l, LABELLED,
                  "c.csv: error: no row has column 'label' equal to '1' (comparisons.same.yes); it "
                  "holds '1.0', '0.0'");
    write_text("c.csv", "label,s\n0,0.5\n0,0.25\n"); /* strangers alone are a table */
    match_loads(&l, LABELLED);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 2);
    write_text("c.csv", "label,s\n1,0.5\n0,0.25\n-1,0.5\n");
    match_loads(&l, LABELLED);
    assert_string_equal(match_warning(&l, "several_words_for_no"),
                        "c.csv: column 'label' holds more than two words ('0', '-1' beside '1'); "
                        "all but '1' are read as two people");
    match_clear(&l);
}

static void a_sighting_of_two_people_is_refused(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,f,0.9\n"
                        "1,3,y,y,0,0,f,m,0.1\n");
    match_refuses(
        &l, INLINE,
        "c.csv:3: error: column 'a' is 'y', but an earlier row says otherwise of the same "
        "id (it first occurs in line 2)");
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,f,0.9\n"
                        "1,3,x,y,1,0,f,m,0.1\n"
                        "4,3,x,y,1,0,f,f,0.1\n");
    match_load(&l, INLINE);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 2); /* its camera, another's group */
    assert_int_equal(l.problems.full[0].line, 3);
    assert_int_equal(l.problems.full[1].line, 4);
    match_clear(&l);
}

static void rows_that_contradict_can_be_let_go(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,f,0.9\n"
                        "1,3,y,y,0,0,f,m,0.1\n"
                        "1,4,x,y,,,,,0.1\n");
    match_loads(&l, "protocol: {max_excluded: 50 %}\n"
                    "comparisons: {file: c.csv, invalid: exclude, score: s, higher_is: same, "
                    "probe: {id: p, person: a, camera: pc}, reference: {id: r, person: b}}");
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 2);
    assert_int_equal(
        match_excluded(&l, "comparisons", "contradicts an earlier row of the same id", false), 1);
    match_clear(&l);
}

static void a_label_must_agree_with_the_people(void **state) {
    (void)state;
    static const char keys[] =
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: {person: a}, reference: "
        "{person: b}, same: {column: label, yes: 'yes'}}";
    write_text("c.csv", "a,b,label,s\nx,x,yes,0.9\nx,y,no,0.1\nx,y,yes,0.8\nz,z,,0.7\n");
    match_refuses(&l, keys,
                  "c.csv:4: error: column 'label' is 'yes', but by their columns the two are two "
                  "people");
    write_text("c.csv", "a,b,label,s\nx,x,yes,0.9\nx,y,no,0.1\nz,z,,0.7\n");
    match_loads(&l, keys);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 3);
    assert_true(l.evidence.match.comparisons.knows_people);
    assert_int_equal(l.evidence.match.comparisons.same[2], 1);
    match_clear(&l);
}

static void a_sighting_that_the_table_has_not_is_refused_once(void **state) {
    (void)state;
    static const char keys[] =
        "sightings: {file: s.csv, id: id, person: who}\n"
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: p, reference: r}";
    write_text("s.csv", "id,who\n1,x\n2,x\n3,y\n");
    write_text("c.csv", "p,r,s\n1,2,0.9\n1,9,0.1\n2,9,0.2\n");
    match_refuses(&l, keys, "c.csv:3: error: column 'r' is '9', which is no sighting of 's.csv'");
    write_text("c.csv", "p,r,s\n1,2,0.9\n1,3,0.1\n2,3,0.2\n");
    match_loads(&l, keys);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 3);
    assert_true(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_expected, 3);
    match_clear(&l);
}

static void rows_of_unknown_people_are_left_out_and_counted(void **state) {
    (void)state;
    static const char keys[] =
        "protocol: {max_excluded: 50 %}\nsightings: {file: s.csv, id: id, person: who}\n"
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: p, reference: r}";
    write_text("s.csv", "id,who\n1,x\n2,x\n3,\n4,y\n");
    write_text("c.csv", "p,r,s\n1,2,0.9\n1,4,0.1\n1,3,0.1\n2,3,0.2\n2,4,0.1\n");
    match_loads(&l, keys);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    assert_int_equal(c->n_comparisons, 3);
    assert_int_equal(c->n_no_truth, 2);
    assert_int_equal(c->n_expected, 3); /* among 1, 2 and 4: nobody's sighting is not in it */
    assert_int_equal(match_excluded(&l, "comparisons", "no known truth", false), 2);
    match_load(&l, keys + strlen("protocol: {max_excluded: 50 %}\n"));
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_string_equal(l.problems.kinds[0].kind, "too many rows excluded");
    match_clear(&l);
}

static void a_group_called_any_is_refused(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n1,2,x,x,0,1,any,f,0.9\n");
    match_refuses(&l, INLINE,
                  "case.yaml: error: a group of 'sex' is called 'any' in the data; in a claim's "
                  "scope that word stands for every group in turn");
}

/* ---- one space or two ---- */

static void ids_that_number_people_on_both_sides_are_two_lists(void **state) {
    (void)state;
    /* each person has one probe and one reference, both named by the person */
    write_text("c.csv", "p,r,s\n1,1,0.9\n1,2,0.2\n2,1,0.2\n2,2,0.8\n");
    static const char keys[] =
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p, person: p}, "
        "reference: {id: r, person: r}%s}";
    char text[512];
    (void)snprintf(text, sizeof text, keys, "");
    match_loads(&l, text);
    assert_false(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 4);
    assert_int_equal(l.evidence.match.sightings.n_sightings, 4);
    assert_int_equal(l.evidence.match.sightings.n_people, 2);
    (void)snprintf(text, sizeof text, keys, ", ids: shared");
    match_loads(&l, text);
    assert_true(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 1);
    assert_int_equal(l.evidence.match.comparisons.n_self, 2);
    assert_int_equal(l.evidence.match.comparisons.n_mirrored, 1);
    match_clear(&l);
}

static void ids_that_contradict_each_other_are_two_lists(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,1,x,z,0,1,f,f,0.1\n"
                        "1,2,x,x,0,1,f,f,0.9\n"
                        "2,1,y,z,0,1,f,f,0.9\n");
    match_loads(&l, INLINE);
    assert_false(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 3);
    assert_int_equal(l.evidence.match.comparisons.n_expected, 4);
    assert_int_equal(l.evidence.match.comparisons.n_missing, 1);
    match_clear(&l);
}

static void labels_of_a_pair_and_its_mirror_image_tell_two_lists(void **state) {
    (void)state;
    static const char keys[] =
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p}, reference: {id: r}, "
        "same: {column: label, yes: '1'}}";
    write_text("c.csv", "p,r,label,s\n1,2,1,0.9\n2,1,0,0.9\n");
    match_loads(&l, keys);
    assert_false(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 2);
    assert_int_equal(l.evidence.match.sightings.n_sightings, 4);
    write_text("c.csv", "p,r,label,s\n1,2,1,0.9\n2,1,1,0.9\n1,3,0,0.1\n");
    match_loads(&l, keys);
    assert_true(l.evidence.match.comparisons.one_space);
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 2);
    write_text("c.csv", "p,r,label,s\n1,2,1,0.9\n1,2,0,0.9\n");
    match_refuses(&l, keys,
                  "c.csv:3: error: column 'label' is '0', but an earlier row of the same pair says "
                  "otherwise");
}

static void a_failure_to_acquire_repeated_is_one(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,f,\n"
                        "2,1,x,x,1,0,f,f,nan\n"
                        "1,2,x,x,0,1,f,f,0.5\n"
                        "1,2,x,x,0,1,f,f,0.5\n"
                        "2,1,x,x,1,0,f,f,0.5\n"
                        "1,2,x,x,0,1,f,f,0.75\n"
                        "2,1,x,x,1,0,f,f,0.25\n");
    match_loads(&l, INLINE);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    assert_int_equal(c->n_comparisons, 4); /* none, 0.5, 0.75 and, turned, 0.25 */
    assert_int_equal(c->n_mirrored, 2);
    assert_int_equal(c->n_repeated, 1);
    assert_int_equal(c->n_conflicting, 2);
    assert_int_equal(c->n_asymmetric, 1);
    match_clear(&l);
}

/* ---- the design ---- */

static void gaps_of_the_design_are_counted_by_group(void **state) {
    (void)state;
    /* probes 1 2 3 (f f m) against references 7 8 (f m): 3's are missing */
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,7,x,x,0,1,f,f,0.9\n"
                        "1,8,x,y,0,1,f,m,0.1\n"
                        "2,7,w,x,0,1,f,f,0.2\n"
                        "2,8,w,y,0,1,f,m,0.2\n"
                        "3,8,y,y,0,1,m,m,\n");
    match_loads(&l, INLINE);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    assert_int_equal(c->n_probes, 3);
    assert_int_equal(c->n_references, 2);
    assert_int_equal(c->n_expected, 6);
    assert_int_equal(c->n_missing, 1);
    assert_int_equal(c->expected[0][0], 4);
    assert_int_equal(c->missing[0][0], 0);
    assert_int_equal(c->expected[0][1], 2);
    assert_int_equal(c->missing[0][1], 1);
    /* half the matrix of 1 f, 2 m, 3 m, with 2-3 missing: groups are counted at both ends */
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "3,1,y,x,0,0,m,f,0.1\n"
                        "1,2,x,x,0,1,f,m,0.9\n");
    match_loads(&l, INLINE);
    c = &l.evidence.match.comparisons;
    assert_true(c->one_space);
    assert_int_equal(c->n_expected, 3);
    assert_int_equal(c->n_missing, 1);
    assert_int_equal(c->expected[0][0], 2);
    assert_int_equal(c->missing[0][0], 0);
    assert_int_equal(c->expected[0][1], 4);
    assert_int_equal(c->missing[0][1], 2);
    match_clear(&l);
}

/* Any table over one sightings table: the counted design is the one that is listed cell by cell. */
static void the_design_is_that_of_a_plain_count(void **state) {
    (void)state;
    enum { N = 12, ROUNDS = 60 };
    uint64_t random = 20180225;
    write_text("s.csv", "id,who\n0,a\n1,a\n2,b\n3,b\n4,c\n5,c\n6,d\n7,d\n8,e\n9,e\n10,f\n11,f\n");
    for (size_t round = 0; round < ROUNDS; round++) {
        bool is_row[N][N] = {{false}};
        bool is_probe[N] = {false};
        bool is_reference[N] = {false};
        char text[4096] = "p,r,s\n";
        size_t len = strlen(text);
        const uint64_t n_rows = 1 + round;
        for (uint64_t k = 0; k < n_rows; k++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const size_t i = (size_t)(random >> 40) % (3 + round % (N - 2));
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const size_t j = (size_t)(random >> 40) % N;
            is_row[i][j] = true;
            is_probe[i] = true;
            is_reference[j] = true;
            len += (size_t)snprintf(text + len, sizeof text - len, "%zu,%zu,0.5\n", i, j);
        }
        write_text("c.csv", text);
        match_loads(&l, "sightings: {file: s.csv, id: id, person: who}\ncomparisons: {file: c.csv, "
                        "score: s, higher_is: same, probe: p, reference: r}");
        uint64_t n_expected = 0;
        uint64_t n_missing = 0;
        for (size_t i = 0; i < N; i++) {
            for (size_t j = i + 1; j < N; j++) {
                const bool expected =
                    (is_probe[i] && is_reference[j]) || (is_probe[j] && is_reference[i]);
                n_expected += expected;
                n_missing += expected && !is_row[i][j] && !is_row[j][i];
            }
        }
        const onus_comparisons *c = &l.evidence.match.comparisons;
        assert_int_equal(c->n_expected, n_expected);
        assert_int_equal(c->n_missing, n_missing);
        assert_int_equal(c->n_comparisons, n_expected - n_missing); /* one score: each pair once */
    }
    match_clear(&l);
}

/* ---- numbers, names ---- */

static void names_are_in_order_and_people_by_appearance(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "9,8,zoe,adam,yard,alley,m,f,0.1\n"
                        "9,7,zoe,zoe,yard,gate,m,,0.2\n");
    match_loads(&l, INLINE);
    const onus_sightings *s = &l.evidence.match.sightings;
    const onus_comparisons *c = &l.evidence.match.comparisons;
    assert_int_equal(s->n_sightings, 3);
    assert_int_equal(s->n_cameras, 3);
    assert_string_equal(s->cameras[0], "alley");
    assert_string_equal(s->cameras[2], "yard");
    assert_int_equal(s->camera[c->probe[0]], 2);
    assert_int_equal(s->camera[c->reference[0]], 0);
    assert_int_equal(s->person[c->probe[0]], 0);
    assert_int_equal(s->person[c->reference[0]], 1);
    assert_int_equal(s->n_groupings, 1);
    assert_string_equal(s->groupings[0].values[0], "f");
    assert_int_equal(s->group[0][c->probe[0]], 1);
    assert_int_equal(s->group[0][c->reference[0]], 0);
    assert_int_equal(s->group[0][c->reference[1]], -1);
    match_clear(&l);
}

static void a_person_in_two_groups_is_counted(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,rc,pg,rg,s\n"
                        "1,2,x,x,0,1,f,m,0.1\n"
                        "1,3,x,y,0,1,f,m,0.2\n");
    match_loads(&l, INLINE);
    assert_int_equal(l.evidence.match.sightings.n_two_groups, 1);
    assert_string_equal(match_warning(&l, "person_in_two_groups"),
                        "1 of 2 people are named under more than one group of the same kind; their "
                        "rows count for the group that the row names");
    match_clear(&l);
}

static void sightings_that_repeat_complete_each_other(void **state) {
    (void)state;
    write_text("s.csv", "id,who,cam,sex\n1,x,,f\n2,x,c1,\n1,x,c0,f\n3,y,c1,m\n");
    write_text("c.csv", "p,r,s\n3,1,0.1\n1,2,0.9\n");
    match_loads(&l,
                "sightings: {file: s.csv, id: id, person: who, camera: cam, groups: {sex: sex}}\n"
                "comparisons: {file: c.csv, score: s, higher_is: same, probe: p, reference: r}");
    const onus_sightings *s = &l.evidence.match.sightings;
    assert_int_equal(s->n_sightings, 3);
    assert_string_equal(s->cameras[s->camera[0]], "c0");
    assert_int_equal(match_excluded(&l, "sightings", "repeats a sighting", true), 1);
    assert_int_equal(l.evidence.match.comparisons.probe[0], 2); /* the third id of the table */
    write_text("s.csv", "id,who,cam,sex\n1,x,c0,f\n1,y,c0,f\n");
    match_load(&l, "sightings: {file: s.csv, id: id, person: who}\n"
                   "comparisons: {file: c.csv, score: s, higher_is: same, probe: p, reference: r}");
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 1); /* and none about the ids that it would have had */
    assert_int_equal(l.problems.full[0].line, 3);
    match_clear(&l);
}

/* ---- truth by a list of mates ---- */

#define MATES                                                                                      \
    "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p}, reference: {id: r}, "   \
    "mates: {file: m.csv, probe: a, reference: b}%s}"

static void pairs_on_the_list_of_mates_are_one_person(void **state) {
    (void)state;
    char keys[512];
    write_text("c.csv", "p,r,s\n1,7,0.9\n1,8,0.1\n2,7,0.2\n2,8,0.8\n");
    write_text("m.csv", "a,b\n2,8\n1,7\n1,7\n2,9\n3,7\n");
    (void)snprintf(keys, sizeof keys, MATES, "");
    match_loads(&l, keys);
    static const uint8_t same[] = {1, 0, 0, 1};
    assert_memory_equal(l.evidence.match.comparisons.same, same, sizeof same);
    assert_false(l.evidence.match.comparisons.knows_people);
    assert_int_equal(match_input(&l, "mates")->used, 2);
    assert_int_equal(match_excluded(&l, "mates", "repeats a pair", true), 1);
    assert_int_equal(match_excluded(&l, "mates", "in no comparison", true), 2);
    assert_string_equal(match_warning(&l, "mates_not_compared"),
                        "m.csv: 2 of 5 pairs of one person are in no comparison; were they "
                        "failures, they are not counted as such");
    match_survives_refusals(&l, keys);
    /* in one space a pair on the list is one however it is turned */
    write_text("c.csv", "p,r,s\n1,2,0.9\n2,1,0.8\n1,3,0.1\n3,2,0.2\n");
    write_text("m.csv", "a,b\n2,1\n");
    (void)snprintf(keys, sizeof keys, MATES, ", ids: shared");
    match_loads(&l, keys);
    static const uint8_t turned[] = {1, 1, 0, 0};
    assert_memory_equal(l.evidence.match.comparisons.same, turned, sizeof turned);
    match_survives_refusals(&l, keys);
}

/* ---- memory ---- */

static void every_refused_allocation_is_survived(void **state) {
    (void)state;
    write_text("s.csv", "id,who,cam\n7,y,c0\n8,x,c1\n7,y,c0\n");
    write_text("c.csv", "p,r,a,pc,pg,label,s\n"
                        "1,7,x,c1,f,0,0.9\n"
                        "2,7,y,c1,m,1,0.9\n"
                        "2,7,y,c1,m,1,0.9\n"
                        "1,8,x,c1,f,1,\n");
    const char *keys =
        "sightings: {file: s.csv, id: id, person: who, camera: cam}\n"
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p, person: a, camera: "
        "pc, groups: {sex: pg}}, reference: r, same: {column: label, yes: '1'}}";
    match_survives_refusals(&l, keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_that_is_no_number_is_an_error_of_the_file),
        cmocka_unit_test(a_label_that_never_says_yes_is_refused),
        cmocka_unit_test(a_sighting_of_two_people_is_refused),
        cmocka_unit_test(rows_that_contradict_can_be_let_go),
        cmocka_unit_test(a_label_must_agree_with_the_people),
        cmocka_unit_test(a_sighting_that_the_table_has_not_is_refused_once),
        cmocka_unit_test(rows_of_unknown_people_are_left_out_and_counted),
        cmocka_unit_test(a_group_called_any_is_refused),
        cmocka_unit_test(an_empty_score_is_a_failure_to_acquire),
        cmocka_unit_test(a_symmetric_table_counts_each_pair_once),
        cmocka_unit_test(ids_that_number_people_on_both_sides_are_two_lists),
        cmocka_unit_test(ids_that_contradict_each_other_are_two_lists),
        cmocka_unit_test(labels_of_a_pair_and_its_mirror_image_tell_two_lists),
        cmocka_unit_test(a_failure_to_acquire_repeated_is_one),
        cmocka_unit_test(gaps_of_the_design_are_counted_by_group),
        cmocka_unit_test(the_design_is_that_of_a_plain_count),
        cmocka_unit_test(names_are_in_order_and_people_by_appearance),
        cmocka_unit_test(a_person_in_two_groups_is_counted),
        cmocka_unit_test(sightings_that_repeat_complete_each_other),
        cmocka_unit_test(pairs_on_the_list_of_mates_are_one_person),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}
